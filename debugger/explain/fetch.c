/* fetch.c - the first part: which bytes, and where they come from. */
#include "parts.h"
#include "../core/names.h"

static void pending_tell(struct explain *e)
{
    int activity = cpu_activity(e->cpu);
    if (e->wish.elsewhere)
        tell_at(e, INDENT, INDENT + 2, "as if CS:EIP were there; CS:EIP is %04x:%08llx", cpu_segment(e->cpu, CS)->selector,
                (unsigned long long)cpu_eip(e->cpu));
    if (e->wish.bytes)
        tell_at(e, INDENT, INDENT + 2, "bytes as given; memory has not changed");
    if (activity == ACTIVITY_HALTED)
        tell_at(e, INDENT, INDENT + 2, "the processor is halted: this comes after the interrupt that wakes it");
    else if (activity == ACTIVITY_SHUTDOWN)
        tell_at(e, INDENT, INDENT + 2, "the processor is shut down: this would come if it were not");
    else if (cpu_intr_level(e->cpu) && cpu_interruptible(e->cpu))
        tell_at(e, INDENT, INDENT + 2,
                "INTR is asserted and IF=1: an interrupt is taken first, unless it is held off for this instruction");
}

void fetch_tell(struct explain *e)
{
    const struct segment *cs = cpu_segment(e->cpu, CS);
    char bytes[3 * ANATOMY_BYTES + 1] = "";
    int n = e->a.cut ? e->fetched : e->a.length;
    fputs("FETCH\n", e->out);
    pending_tell(e);
    for (int k = 0; k < n; k++)
        add_to(bytes, sizeof bytes, "%s%02x", k ? " " : "", e->a.bytes[k]);
    tell_of(e, "bytes", "%s%s", n ? bytes : "none", e->a.cut ? ", and the next one cannot be fetched" : "");
    tell_of(e, "from", "%04x:%08llx, %d byte%s", cs->selector, (unsigned long long)e->eip, n, n == 1 ? "" : "s");
    address_tell(e, CS, e->eip, (u32)(e->a.cut ? n + 1 : n), HOW_FETCH);
}
