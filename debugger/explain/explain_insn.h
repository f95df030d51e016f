/* explain_insn.h - the instruction at hand as the machine does it: fetch, decode, load, execute, save. explain_insn.c */
#pragma once
#include "../symbols/symbols.h"
#include <stdio.h>

struct cpu;

struct explain_wish {
    bool elsewhere;             /* the instruction at this linear address, as if CS:EIP were there */
    u64 linear;
    const u8 *bytes;            /* these bytes in place of what lies there; NULL: what lies there */
    int n;
};

/* All that the instruction does, in five parts, for a terminal of 80 columns. It runs on a processor of its own (cpu/trial.h): the
 * machine, between runs, is the same before and after, and no device is asked. Names by `symbols`, which may be NULL. */
void explain_insn(struct cpu *cpu, const struct symbols *symbols, const struct explain_wish *wish, FILE *out);
