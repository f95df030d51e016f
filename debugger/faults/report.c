/* report.c - one exception, and a chain of them, as a reader follows it. See fault.h.
 * Follows: Intel SDM Vol. 3A "Error Code", "Interrupt 8 - Double Fault Exception (#DF)". */
#include "fault.h"
#include "../core/disasm.h"
#include "../core/explain.h"
#include "../core/names.h"

static void title_print(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    bool named = f->vector < 32 && *exception_mnemonic(f->vector);
    fprintf(v->out, "vector %d, %s%s%s", f->vector, named ? exception_mnemonic(f->vector) : "", named ? ", " : "", vector_title(f->vector));
    if (f->has_error && cpu_get(v->cpu, "cr0") & CR0_PE) {
        fputs(", error code ", v->out);
        error_code_print(f->vector, f->error, v->out);
    } else if (f->has_error && f->error & 2) {      /* real mode pushes none, but it tells which vector was asked for */
        fprintf(v->out, " on the way to vector %d", f->error >> 3 & 0xff);
    }
    fprintf(v->out, "\n    why: %s\n", f->why ? f->why : "not recorded");
}

static void cr2_print(const struct fault_view *v)
{
    fprintf(v->out, "    CR2 %08x", (u32)v->f->cr2);
    name_print(v->symbols, v->cpu, (u32)v->f->cr2, " ", "", v->out);
    fprintf(v->out, ": the address that was accessed; CR3 %08x\n", (u32)v->f->cr3);
}

/* Where it happened: said again only if it is not where the one before happened. */
static bool same_place(const struct fault_record *f, const struct fault_record *before)
{
    return before && f->cs == before->cs && f->rip == before->rip && f->esp == before->esp && f->insns == before->insns;
}

static void place_tell(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    struct disasm_names names = { v->symbols, names_physical(v->cpu), f->cs_base };
    char text[200];
    fprintf(v->out, "    CS:EIP %04x:%08x", f->cs, (u32)f->rip);
    place_print(v->symbols, v->cpu, (u32)(f->cs_base + f->rip), " ", v->out);
    fprintf(v->out, ", CPL %d, SS:ESP %04x:%08x", f->cpl, f->ss, (u32)f->esp);
    name_print(v->symbols, v->cpu, (u32)(f->ss_base + f->esp), " ", "", v->out);
    fprintf(v->out, ", after %llu instructions\n", (unsigned long long)f->insns);
    if (!f->length) {
        fputs("    the instruction could not be read\n", v->out);
        return;
    }
    int n = disasm_named(f->bytes, f->length, f->rip, f->bits, &names, text, sizeof text);
    fputs(f->event && strncmp(f->event, "INT", 3) ? "    the next instruction" : "    instruction", v->out);
    for (int i = 0; i < (n ? n : f->length); i++)
        fprintf(v->out, " %02x", f->bytes[i]);
    fprintf(v->out, ": %s\n", text);
}

void fault_print(const struct fault_view *v)
{
    bool same = same_place(v->f, v->before);
    title_print(v);
    if (v->f->vector == EXC_DF)                 /* its event is the one that failed, told above */
        return;
    fault_event_print(v);
    if (v->f->vector == EXC_PF)
        cr2_print(v);
    fault_met_print(v);
    if (!same)
        place_tell(v);
    fault_popped_print(v);
    fault_likely_print(v);
}

static const char *link_title(u32 i, u32 n, const struct fault_record *f, bool down, bool earlier)
{
    if (f->vector == EXC_DF)
        return "The processor gave up on that and raised a double fault instead";
    if (i == 0)
        return earlier ? "At last" : "First";
    return i + 1 == n && down ? "Delivering that failed too, so the processor shut down" : "While that was delivered";
}

static bool same_fault(const struct fault_record *a, const struct fault_record *b)
{
    return a->insns == b->insns && a->rip == b->rip && a->esp == b->esp && a->vector == b->vector;
}

static bool is_told(const struct fault_record *f, const struct fault_record *const *told, u32 n)
{
    for (u32 k = 0; k < n; k++)
        if (same_fault(f, told[k]))
            return true;
    return false;
}

/* The first exceptions that no IRET came back from, but for the `n` that are told behind them; how many these were. */
static u32 roots_print(const struct fault_view *v, const struct fault_record *const *told, u32 n)
{
    struct fault_view one = *v;
    u64 all;
    u32 number = 0;
    one.before = NULL;
    for (int k = 0; (one.f = cpu_fault_root(v->cpu, k, &all)) && !is_told(one.f, told, n); k++) {
        if (!number++)
            fprintf(v->out, "It began earlier: no IRET came back from any of %llu exceptions in a row.\n", (unsigned long long)all);
        fprintf(v->out, "%u. %s: ", number, k ? "Then" : "First");
        fault_print(&one);
        one.before = one.f;
    }
    if (number && all > number + n)
        fprintf(v->out, "(%llu more)\n", (unsigned long long)all - number - n);
    return number;
}

void fault_explain(const struct fault_view *v)
{
    const struct fault_record *chain[FAULT_RECORDS];
    struct fault_view one = *v;
    u32 all, n = cpu_faults(v->cpu, chain, &all), earlier;
    bool down = cpu_activity(v->cpu) == ACTIVITY_SHUTDOWN, delivered = !n;
    if (delivered && (chain[0] = cpu_fault_last(v->cpu)))
        n = 1;
    if (!n) {
        fputs("no exception was raised yet\n", v->out);
        return;
    }
    earlier = roots_print(v, chain, n);
    if (all > n)
        fprintf(v->out, "(the last %u of %u exceptions in a row)\n", n, all);
    one.before = NULL;
    for (u32 i = 0; i < n; i++) {
        one.f = chain[i];
        if (delivered)
            fputs("The last exception, which was delivered: ", v->out);
        else
            fprintf(v->out, "%u. %s: ", earlier + i + 1, link_title(i, n, chain[i], down, earlier));
        fault_print(&one);
        one.before = one.f;
    }
}

void faults_list(const struct fault_view *v)
{
    int vectors = 0;
    for (int k = 0; k < FAULT_VECTORS; k++) {
        u64 count;
        const struct fault_record *f = cpu_fault_first(v->cpu, k, &count);
        if (!f)
            continue;
        vectors++;
        fprintf(v->out, "%02x %-4s %llu time%s, first at %04x:%08x", k, exception_mnemonic(k), (unsigned long long)count,
                count == 1 ? "" : "s", f->cs, (u32)f->rip);
        name_print(v->symbols, v->cpu, (u32)(f->cs_base + f->rip), " ", "", v->out);
        fprintf(v->out, ", insn %llu: %s", (unsigned long long)f->insns, f->why);
        if (k == EXC_PF)
            fprintf(v->out, ", CR2 %08x", (u32)f->cr2);
        fputc('\n', v->out);
    }
    if (!vectors)
        fputs("no exception was raised yet\n", v->out);
}
