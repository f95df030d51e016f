/* reconcile.h - what processors may do differently, and what the lock-step test cannot show them. */
#pragma once
#include "lockstep.h"

/* Both sides after one instruction: what may differ becomes ours, in the host's registers and memory. */
void reconcile(struct lockstep *l, const struct step *s, const struct regs *before, struct regs *host,
               const struct regs *ours);
/* What may differ, and why; lockstep's excused[] counts how often it did. */
int allowance_count(void);
const char *allowance_why(int n);

/* The flags that are undefined after the instruction, given those before it; false if it would use one of these. */
bool taint(const struct step *s, u16 now, u16 *then);
/* Must not run here: what neither side can be given, or what is not the same on both. */
bool is_trouble(struct lockstep *l, const struct step *s);
/* Can the host be given these selectors? */
bool selectors_settable(const struct regs *s);
/* Loading SS holds off the trap of single-stepping: the host runs the next instruction, too. */
bool loads_ss(const struct op *o);

/* The linear address `more` bytes above the stack pointer; that of a decoded instruction's memory operand. */
u32 stack_linear(const struct regs *s, u32 more);
u32 operand_linear(struct lockstep *l, const struct op *o, const struct regs *now);
/* PUSH or POP (`name`) of a segment register. */
bool is_segment_stack(const struct row *row, const char *name);
