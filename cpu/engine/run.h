/* run.h - what others need of the running engine. run.c */
#pragma once
#include "../core.h"

/* Between instructions: so many ticks pass in which none retires. */
void cpu_spend(struct cpu *cpu, u64 ticks);
/* Put s.rip back to the start of the running instruction (cpu->op), commit the instruction count, set cpu->op = NULL.
 * Does nothing when cpu->op is NULL. Called by cpu_raise. */
void cpu_abandon_op(struct cpu *cpu);
