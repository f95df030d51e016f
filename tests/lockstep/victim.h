/* victim.h - a 32-bit process on the host's own processor, held by ptrace and run instruction by instruction.
 * The emulated side sees the same memory map. */
#pragma once
#include "../../memory/base.h"
#include <sys/types.h>

enum {
    CODE_AT = 0x100000, CODE_SIZE = 0x2000,     /* readable and executable */
    DATA_AT = 0x200000, DATA_SIZE = 0x3000,     /* readable and writable */
    STACK_AT = 0x300000, STACK_SIZE = 0x1000,
    MEMORY_SIZE = DATA_SIZE + STACK_SIZE,       /* what instructions can change */
    USER_CS = 0x23, USER_DS = 0x2b,             /* as Linux has them */
};

/* What an instruction ended with. */
enum outcome { OUTCOME_STEP, OUTCOME_DE, OUTCOME_UD, OUTCOME_GP /* #GP, #TS, #BR, #OF: Linux tells them apart no further */,
               OUTCOME_PF, OUTCOME_AC, OUTCOME_SS /* #SS, #NP */, OUTCOME_MF, OUTCOME_OTHER };
const char *outcome_name(enum outcome o);

/* The local descriptor table of both sides. */
struct ldt_form {
    u32 base, limit;            /* limit in bytes, in whole pages where it is above 1 MB */
    u8 contents;                /* as modify_ldt(2) has it: 0 data, 1 expand-down data, 2 code, 3 conforming code */
    u8 wide;                    /* D or B */
    u8 restricted;              /* data: read only; code: execute only */
    u8 absent;
};
enum { LDT_COUNT = 16, LDT_DATA = 0, LDT_CODE16 = 6, LDT_CODE32 = 8, LDT_STACK16 = 9, LDT_FLAT_CODE = 13 };
extern const struct ldt_form ldt_forms[LDT_COUNT];
static inline u16 ldt_selector(int n) { return (u16)(n << 3 | 7); }
/* Base of a selector of either table; *wide: its D or B bit. */
u32 selector_base(u16 selector, bool *wide);

struct fpu {                    /* registers from ST(0), as FXSAVE has them */
    struct { u64 significand; u16 se; u16 pad[3]; } st[8];
    u32 fip, fdp;
    u16 fcw, fsw, fop, fcs, fds;
    u8 valid;                   /* FXSAVE's tag byte */
    u8 pad[5];
};

struct side {                   /* state that both sides are compared in */
    u32 gpr[8];                 /* in the processor's order */
    u32 eip, eflags;
    u32 address;                /* OUTCOME_PF: CR2 */
    u16 selector[6];            /* in the processor's order: ES, CS, SS, DS, FS, GS */
    u8 outcome;
    struct fpu fpu;
    u8 memory[MEMORY_SIZE];     /* data, then stack */
};

struct victim {
    pid_t pid;
    int mem;                    /* /proc/PID/mem */
    u8 segments;                /* there is an LDT: ldt_forms */
    u8 fpu_known;               /* fpu is what the process has */
    struct fpu fpu;
};

/* Start it. False with the reason in why (not an x86-64 Linux host, ptrace denied, no 32-bit support). */
bool victim_start(struct victim *v, char *why, size_t size);
void victim_stop(struct victim *v);
void victim_write(struct victim *v, u32 address, const void *from, size_t n);
/* Registers and flags from s; memory is written by victim_write. */
void victim_load(struct victim *v, const struct side *s);
static inline u32 side_linear(const struct side *s) { bool wide; return selector_base(s->selector[1], &wide) + s->eip; }
/* The byte of data or stack at a linear address; NULL elsewhere, or when fewer than n bytes follow. */
static inline u8 *side_memory(struct side *s, u32 at, u32 n)
{
    if (at - DATA_AT < DATA_SIZE && DATA_AT + DATA_SIZE - at >= n)
        return s->memory + (at - DATA_AT);
    return at - STACK_AT < STACK_SIZE && STACK_AT + STACK_SIZE - at >= n ? s->memory + DATA_SIZE + (at - STACK_AT) : NULL;
}

/* One step from the state it is in (a REP iteration is a step); s gets the state after it. */
void victim_step(struct victim *v, struct side *s);
