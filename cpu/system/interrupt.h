/* interrupt.h - delivery of interrupts and exceptions. interrupt.c
 * Follows: Intel SDM Vol. 3A "Interrupt and Exception Handling", "8086 Emulation". */
#pragma once
#include "../core.h"

enum deliver_kind { DELIVER_NONE, DELIVER_EXTERNAL, DELIVER_NMI, DELIVER_FAULT, DELIVER_TRAP, DELIVER_INT_N, DELIVER_INT3,
                    DELIVER_INTO, DELIVER_ICEBP };
/* As an observer is told it: "external", "fault", "INT n", ... */
const char *deliver_kind_name(enum deliver_kind kind);
/* Through IVT, IDT, or V86 rules. state.rip is what is to be pushed. Faults during delivery leave through cpu_raise. */
void cpu_deliver(struct cpu *cpu, int vector, enum deliver_kind kind, bool has_error, u32 error);
