/* victim.h - a 32-bit process on the host's own processor, held by ptrace and run instruction by instruction.
 * The emulated side sees the same memory map. */
#pragma once
#include "../../memory/base.h"
#include <sys/types.h>

enum {
    CODE_AT = 0x100000, CODE_SIZE = 0x2000,     /* readable and executable */
    DATA_AT = 0x200000, DATA_SIZE = 0x3000,     /* readable and writable; also segment GS: base DATA_AT, limit DATA_SIZE - 1 */
    STACK_AT = 0x300000, STACK_SIZE = 0x1000,
    MEMORY_SIZE = DATA_SIZE + STACK_SIZE,       /* what instructions can change */
    USER_CS = 0x23, USER_DS = 0x2b,             /* as Linux has them */
};

/* What an instruction ended with. */
enum outcome { OUTCOME_STEP, OUTCOME_DE, OUTCOME_UD, OUTCOME_GP /* #GP, #SS, #BR, #OF: Linux tells them apart no further */,
               OUTCOME_PF, OUTCOME_AC, OUTCOME_OTHER };
const char *outcome_name(enum outcome o);

struct side {                   /* state that both sides are compared in */
    u32 gpr[8];                 /* in the processor's order */
    u32 eip, eflags;
    u32 address;                /* OUTCOME_PF: CR2 */
    u8 outcome;
    u8 memory[MEMORY_SIZE];     /* data, then stack */
};

struct victim {
    pid_t pid;
    int mem;                    /* /proc/PID/mem */
    u16 gs, fs;
};

/* Start it. False with the reason in why (not an x86-64 Linux host, ptrace denied, no 32-bit support). */
bool victim_start(struct victim *v, char *why, size_t size);
void victim_stop(struct victim *v);
void victim_write(struct victim *v, u32 address, const void *from, size_t n);
/* Registers and flags from s; memory is written by victim_write. */
void victim_load(struct victim *v, const struct side *s);
/* One step from the state it is in (a REP iteration is a step); s gets the state after it. */
void victim_step(struct victim *v, struct side *s);
