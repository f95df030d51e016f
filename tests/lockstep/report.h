/* report.h - what the lock-step test prints. */
#pragma once
#include "reconcile.h"

/* A difference over steps [first, end): the instructions, the state before, and both states after. Counts it; silent
 * while a difference is being shrunk. */
void report(struct lockstep *l, const char *where, int first, int end, const struct regs *host,
            const struct image *host_memory, const struct regs *ours, const struct image *our_memory, u32 flags);
/* Counters, allowances, coverage, and the summary line; how many forms of the opcode table never ran. */
int report_end(struct lockstep *l, int replayed, bool verbose);
/* The same of a file that judged; cases: how many it has, 0: it is a recording. */
void report_file(struct lockstep *l, const char *path, int cases);
