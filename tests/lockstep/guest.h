/* guest.h - our side of the lock-step test: a CPU in 32-bit protected mode at CPL 3, with the victim's memory map.
 * There is one for each engine, so that their decoded blocks and TLBs live on from sequence to sequence. */
#pragma once
#include "host.h"
#include "../bare.h"
#include "../../cpu/mmu/access.h"

struct guest {
    struct bare bare;
    struct log *log;
    struct image image;             /* data and stack, in place */
    struct cpu_state start;         /* registers besides the general ones */
    struct segment known[2][LDT_COUNT]; /* what a segment register holds for the selectors of the GDT, the LDT */
    int vector;                     /* first exception delivered; -1: none */
};

void guest_open(struct guest *g, enum cpu_engine engine);
void guest_close(struct guest *g);
void guest_write(struct guest *g, u32 address, const void *from, u32 n);
/* Does the linear address hold anything, and what? */
bool guest_peek(const struct guest *g, u32 address, void *to, u32 n);
/* Registers and flags; cold: every cache is dropped as well. */
void guest_load(struct guest *g, const struct regs *s, bool cold);
/* Run one instruction (one iteration with REP) and say how it ended. */
void guest_step(struct guest *g, struct regs *s);
/* Run whole blocks up to the HLT that fills the code, which user mode may not execute: its #GP there means the end,
 * and counts as OUTCOME_STEP. */
void guest_run(struct guest *g, struct regs *s);
