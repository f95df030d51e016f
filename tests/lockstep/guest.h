/* guest.h - our side of the lock-step test: a CPU in 32-bit protected mode at CPL 3, with the victim's memory map. */
#pragma once
#include "victim.h"
#include "../../cpu/access.h"

struct guest {
    struct cpu *cpu;
    struct space *memory, *ports;
    struct ram *ram;
    struct log *log;
    struct cpu_state start;         /* registers besides the general ones */
    int vector;                     /* first exception delivered; -1: none */
};

void guest_open(struct guest *g);
void guest_close(struct guest *g);
void guest_write(struct guest *g, u32 address, const void *from, size_t n);
/* Registers, flags and memory from s. */
void guest_load(struct guest *g, const struct side *s, enum cpu_engine engine);
/* Run one instruction (one iteration with REP) and say how it ended. */
void guest_step(struct guest *g, struct side *s);
/* Run whole blocks up to the HLT that fills the code, which user mode may not execute: its #GP there means the end, and
 * counts as OUTCOME_STEP. */
void guest_run(struct guest *g, struct side *s);
