/* fault.h - the report of an exception: what was under way, what met, what was popped, the likeliest reason, what came before. */
#pragma once
#include "../../iodev/machine/machine.h"
#include "../../cpu/cpu.h"
#include "../symbols/symbols.h"
#include <stdio.h>

/* What a report is made from. Nothing in it is changed. */
struct fault_view {
    struct cpu *cpu;
    const struct machine *m;            /* for the names of interrupts; NULL: none */
    const struct symbols *symbols;      /* for the names of addresses; NULL: none */
    const struct fault_record *f, *before;      /* before: the one that was told above it, NULL: none */
    FILE *out;
};

/* report.c: all of one exception, from "vector 13, #GP" on. The parts of it, each some lines or none: */
void fault_print(const struct fault_view *v);
/* The chain that ends with the last exception, oldest first; where none is open, the last exception. With what came before. */
void fault_explain(const struct fault_view *v);
/* Every vector that came: how often, and the first of them. */
void faults_list(const struct fault_view *v);

/* branches.c: out of n places (cpu_trail) the last `most` branches, a line each (the same one again and again is one), oldest first; how
 * many there are. */
u32  branches_print(const struct fault_view *v, const struct trail_place *p, u32 n, u32 most);

/* halted.c: what there is to say of a processor that has halted for good. irqs: for the interrupts that wait; NULL: not these. */
struct irq_watch;
void halted_explain(const struct fault_view *v, struct irq_watch *irqs);

/* event.c: the interrupt that was being delivered, through what, and why it was refused. */
void fault_event_print(const struct fault_view *v);
/* Whose interrupt a vector is now: "IRQ 0 (pit)"; nothing where no controller sends it. Returns text. */
const char *fault_irq(const struct machine *m, int vector, char *text, size_t n);

/* met.c: the descriptor, the segment and its limit, the page tables and the TLB. */
void fault_met_print(const struct fault_view *v);

/* popped.c: the words that an IRET or RET popped. */
void fault_popped_print(const struct fault_view *v);
/* An interrupt's frame of `size`-byte words at a place of the stack, counted in bytes from SS:ESP: could these be EIP, CS and EFLAGS? */
bool fault_frame_at(const struct fault_view *v, int at, int size);
bool fault_word_at(const struct fault_view *v, int at, int size, u32 *word);
/* What the instruction is, past its prefixes. *size: of its operand, in bytes. */
enum fault_insn { INSN_OTHER, INSN_IRET, INSN_RET_FAR, INSN_RET };
enum fault_insn fault_insn(const struct fault_record *f, int *size);

/* likely.c: the reason behind it, as far as one can be seen. */
void fault_likely_print(const struct fault_view *v);
