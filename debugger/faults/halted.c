/* halted.c - a processor that has halted for good: the interrupts that wait, what the TLB has that the tables do not, the exceptions that
 * nobody came back from. */
#include "fault.h"
#include "../core/explain.h"
#include "../core/irq.h"

void halted_explain(const struct fault_view *v, struct irq_watch *irqs)
{
    u64 open;
    if (irqs)
        irq_print_waiting(irqs, v->out);
    tlb_print_stale(v->cpu, v->out);
    if (cpu_fault_root(v->cpu, 0, &open))
        fault_explain(v);
}
