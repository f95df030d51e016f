/* timing.h - the speed of a processor of its day: what an instruction costs, by class, in ticks. */
#pragma once
#include "../host/base.h"

struct cpu_timing;
struct decoded;
struct op;

/* By name ("8088", "286", "386", "486", "pentium"); NULL if there is none. */
const struct cpu_timing *cpu_timing_find(const char *name);
/* The name that finds it; "" for NULL. */
const char *cpu_timing_name(const struct cpu_timing *t);
/* Ticks in a clock of the processor: 2 where two instructions may pair in one. */
u32 timing_ticks_per_clock(const struct cpu_timing *t);

enum { TIMING_MAX = 1000 };     /* no instruction costs more ticks */
/* Ticks of an instruction, at least 1; of one under REP, of each iteration. */
u32 timing_of(const struct cpu_timing *t, const struct decoded *d);
u32 timing_of_iteration(const struct cpu_timing *t, const struct op *o);
/* Of the delivery of an interrupt or exception. */
u32 timing_of_event(const struct cpu_timing *t);
