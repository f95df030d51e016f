/* pins.h - what the rest of the processor asks of pins.c. */
#pragma once
#include "core.h"

/* What INIT# and RESET left to do: before a run. */
void pins_serve(struct cpu *cpu);
/* The state is another: everything cached is made anew, but for the backing TLB. */
void cpu_recompute(struct cpu *cpu);
/* Which kind of blocks runs, by the engine and by whether anybody is told of each instruction. */
void cpu_choose_kind(struct cpu *cpu);
