/* irq.h - why does the interrupt not come? Each interrupt from its source to the processor, in words.
 * Who watches keeps what the chips do not: since when, and by which instruction, a line is masked or in service, when it was delivered,
 * and what cleared EFLAGS.IF. All of it is the host's: the guest's run is the same. */
#pragma once
#include "../../iodev/machine/machine.h"
#include <stdio.h>

struct irq_watch;
struct symbols;

/* Watch from now on; there is one watcher in a machine. */
struct irq_watch *irq_watch_new(struct machine *m);
void irq_watch_free(struct irq_watch *w);
/* Places are named by these, too. They stay the caller's. */
void irq_watch_symbols(struct irq_watch *w, const struct symbols *symbols);

/* What it keeps goes back with the machine. */
struct control;
void irq_watch_beside(struct irq_watch *w, struct control *c);

enum { IRQ_LINES = 16 };
/* The processor's side, both 8259As, the APICs where the guest uses them, and every line with the sentence that answers. */
void irq_print(struct irq_watch *w, FILE *out);
/* One line, 0 to 15, with all of its moments. */
void irq_print_line(struct irq_watch *w, int n, FILE *out);
/* The processor's side and the lines that ask, masked ones too: what a processor that has halted for good does not get. */
void irq_print_waiting(struct irq_watch *w, FILE *out);
/* Of these, the lines alone. */
void irq_print_lines(struct irq_watch *w, FILE *out);
