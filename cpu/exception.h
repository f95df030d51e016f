/* exception.h - raising exceptions, and what becomes of one that comes while another is delivered. exception.c
 * Follows: Intel SDM Vol. 3A "Interrupt and Exception Handling". */
#pragma once
#include "core.h"

/* Leave the running instruction with a fault: state.rip goes back to its start. `why` is a constant sentence for people,
 * `detail` the descriptor or page entry that failed (0 if none). error is pushed for the vectors that have one. */
_Noreturn void cpu_raise(struct cpu *cpu, int vector, u32 error, const char *why, u64 detail);
_Noreturn void cpu_raise_ud(struct cpu *cpu, const char *why);
_Noreturn void cpu_raise_gp(struct cpu *cpu, u32 error, const char *why);
/* #GP(0): EIP is to become what the code segment does not hold. */
_Noreturn void cpu_raise_target(struct cpu *cpu, u64 eip, const char *why);
/* For the report, before cpu_raise: what a segment register is about to refuse. */
void segment_about(struct cpu *cpu, int seg, u64 offset, u32 size, enum fault_access access);

/* cpu_run, after cpu_raise's longjmp: decide between the exception, a double fault and shutdown (s.delivering), then deliver it.
 * May leave through cpu_raise again; on success s.delivering is DELIVER_NONE. */
void exception_deliver_raised(struct cpu *cpu);
