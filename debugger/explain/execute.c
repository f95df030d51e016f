/* execute.c - the fourth part: the checks, the operation in the manual's words, its numbers, the flags; or what it raises instead. */
#include "parts.h"
#include "calc.h"

static void devices_tell(struct explain *e)
{
    for (int k = 0; k < e->own; k++) {
        const struct trial_access *a = &e->result->access[k];
        const char *who = *a->name ? a->name : "nobody";
        char v[24];
        switch (a->kind) {
        case TRIAL_IN:
            tell_of(e, "device", "port %04llx, %d byte%s: %s would answer, and is not asked", (unsigned long long)a->physical, a->bytes,
                    a->bytes == 1 ? "" : "s", who);
            break;
        case TRIAL_OUT:
            tell_of(e, "device", "port %04llx: %s would be told %s, and is not", (unsigned long long)a->physical, who,
                    hex_of(a->value, a->bytes, v));
            break;
        case TRIAL_APIC_READ: case TRIAL_APIC_WRITE:
            tell_of(e, "device", "MSR %llx is the local APIC's: it is not asked", (unsigned long long)a->physical);
            break;
        case TRIAL_READ: case TRIAL_WRITE:
            if (a->what == TRIAL_DEVICE)
                tell_of(e, "device", "linear %08llx, physical %llx: %s would %s, and is not", (unsigned long long)a->linear,
                        (unsigned long long)a->physical, who, a->kind == TRIAL_READ ? "be asked" : "be told");
            break;
        default: break;
        }
    }
}

static void operation_tell(struct explain *e)
{
    char text[1024];
    if (!operation_text(&e->a, text, sizeof text))
        snprintf(text, sizeof text, "nobody has said it here: the manual's page of %s does", e->a.mnemonic);
    tell_of(e, "operation", "%s", text);
}

/* Did a conditional branch, a loop, go? */
static void branch_tell(struct explain *e)
{
    u64 next = (u32)(e->eip + e->a.length), eip = cpu_eip(e->after);
    bool relative = false;
    for (int k = 0; k < 4; k++)
        relative |= operand_kind(e->a.operand[k].code) == K_J;
    if (relative && !e->result->events && e->a.mnemonic[0] != 'c' && strcmp(e->a.mnemonic, "jmp"))
        tell_of(e, "", eip == next || eip == (next & 0xffff) ? "the condition is false: not taken" : "the condition is true: taken");
}

void execute_tell(struct explain *e)
{
    const struct trial_result *r = e->result;
    bool fault = faults(e);
    fputs("EXECUTE\n", e->out);
    if (e->a.cut) {
        events_tell(e);
        return;
    }
    checks_tell(e);
    if (e->a.mnemonic)
        operation_tell(e);
    if (e->a.mnemonic && !fault) {
        calc_tell(e);
        branch_tell(e);
    }
    devices_tell(e);
    if (trail_is_long(e))
        trail_tell(e, 0, e->own);
    if (e->a.mnemonic && (e->a.writes | e->a.undefined) && !fault)
        flags_tell(e);
    events_tell(e);
    if (r->halted)
        tell_of(e, "then", "the processor is halted");
}
