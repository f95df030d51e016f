/* run.h - what others need of the running engine. run.c */
#pragma once
#include "../core.h"

/* Between instructions: so many ticks pass in which none retires. */
void cpu_spend(struct cpu *cpu, u64 ticks);
/* Put s.rip back to the start of the running instruction (cpu->op), commit the instruction count, set cpu->op = NULL.
 * Does nothing when cpu->op is NULL. Called by cpu_raise. */
void cpu_abandon_op(struct cpu *cpu);
/* How often a block of decoded code runs before it is made in full length, with all that makes it fast (build.h). 0: at once. Holds for the
 * blocks to come, of all processors that share them; nothing of it is seen by the guest. For judges, whose code runs once. blocks.c */
void cpu_set_youth(struct cpu *cpu, int runs);
