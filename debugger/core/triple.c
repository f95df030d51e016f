/* triple.c - the triple-fault report: a fault, a second one while the first was delivered, and a third while the double
 * fault was, so that the processor shut down.
 * Follows: Intel SDM Vol. 3A "Interrupt 8 - Double Fault Exception (#DF)", "Error Code".
 * Here: what stands around the chain (faults/ tells that); a machine that resets and fails again is counted. */
#include "triple.h"
#include "explain.h"
#include "../faults/fault.h"

/* The chain of exceptions (cpu_faults), each with its instruction, cause and error code; then the registers. Names of
 * addresses come from `symbols`, those of interrupts from the machine; both may be NULL. */
static void triple_fault_report(struct cpu *cpu, const struct machine *m, const struct symbols *symbols, FILE *out)
{
    const struct fault_record *chain[FAULT_RECORDS];
    u32 all, n = cpu_faults(cpu, chain, &all);
    struct fault_view v = { cpu, m, symbols, NULL, NULL, out };
    if (cpu_shutdown_why(cpu)) {
        fprintf(out, "shutdown: %s.\n", cpu_shutdown_why(cpu));
        n = 0;
    } else {
        fputs("triple fault: an exception could not be delivered, nor the double fault that followed.\n", out);
        if (!n)
            fputs("No exception was recorded.\n", out);
    }
    if (n)
        fault_explain(&v);
    fputs("Registers:\n", out);
    registers_print(cpu, out);
    segments_print(cpu, out);
    control_print(cpu, out);
}

/* Where the chain began; a shutdown without one by where the processor stands. */
static struct triple_place place_of(const struct cpu *cpu)
{
    const struct fault_record *chain[FAULT_RECORDS];
    u32 all, n = cpu_faults(cpu, chain, &all);
    if (cpu_shutdown_why(cpu) || !n)
        return (struct triple_place) { cpu_eip(cpu), cpu_segment(cpu, CS)->selector, 0xff };
    return (struct triple_place) { chain[0]->rip, chain[0]->cs, chain[0]->vector };
}

static bool seen_before(struct triple_faults *t, struct triple_place p)
{
    for (int k = 0; k < t->places; k++)
        if (t->place[k].rip == p.rip && t->place[k].cs == p.cs && t->place[k].vector == p.vector)
            return true;
    if (t->places == TRIPLE_PLACES)
        return true;
    t->place[t->places++] = p;
    return false;
}

void triple_fault_tell(struct triple_faults *t, struct cpu *cpu, FILE *out)
{
    enum fold_how how = fold_more(&t->fold, 1, 3);
    if (!seen_before(t, place_of(cpu))) {
        if (t->fold.count > 1)
            fprintf(out, "triple fault number %llu, another one:\n", (unsigned long long)t->fold.count);
        triple_fault_report(cpu, t->machine, t->symbols, out);
        fold_rest(&t->fold);
    } else if (how == FOLD_FULL || (how == FOLD_COUNT && fold_rest(&t->fold))) {
        fprintf(out, "triple fault again: %llu so far, this one as above\n", (unsigned long long)t->fold.count);
    }
}

void triple_fault_total(struct triple_faults *t, FILE *out)
{
    if (fold_rest(&t->fold))
        fprintf(out, "triple faults in all: %llu, of %d kind%s\n", (unsigned long long)t->fold.count, t->places, t->places == 1 ? "" : "s");
}
