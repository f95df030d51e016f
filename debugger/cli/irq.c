/* irq.c - the debugger's command that answers why an interrupt does not come: core/irq.h. */
#include "parts.h"

void do_irq(struct debugger *d, int argc, char **argv)
{
    u64 n;
    if (argc < 2)
        irq_print(d->irqs, d->out);
    else if (!expression_value(d, argv[1], 10, &n))
        return;
    else if (n >= IRQ_LINES)
        refuse(d, "IRQ %llu: there are 0 to %d", (unsigned long long)n, IRQ_LINES - 1);
    else
        irq_print_line(d->irqs, (int)n, d->out);
}
