/* victim.h - 32-bit code on the host's own processor, run instruction by instruction inside this process.
 * The emulated side sees the same memory map. */
#pragma once
#include "../../host/base.h"

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

struct regs {                   /* the state that both sides are compared in, without memory */
    u32 gpr[8];                 /* in the processor's order */
    u32 eip, eflags;
    u32 address;                /* OUTCOME_PF: CR2 */
    u16 selector[6];            /* in the processor's order: ES, CS, SS, DS, FS, GS */
    u8 outcome;
    struct fpu fpu;
};
static inline u32 regs_linear(const struct regs *s)
{
    bool wide;
    return selector_base(s->selector[1], &wide) + s->eip;
}

struct native;
struct victim {
    struct native *native;
    u8 segments;                /* there is an LDT: ldt_forms */
    u8 long_mode;               /* no 32-bit code here: 64-bit code that does the same (victim_long.c), where there is such */
};

/* Map its memory and catch its signals; one at a time. False with the reason in why (not an x86-64 Linux host, no
 * 32-bit support, something else below 4 GB). */
bool victim_start(struct victim *v, char *why, size_t size);
void victim_stop(struct victim *v);
void victim_write(struct victim *v, u32 address, const void *from, size_t n);
/* Where code, data or stack at an address can be read and written; valid until victim_stop. NULL elsewhere. */
u8 *victim_memory(struct victim *v, u32 address, size_t size);
/* Registers and flags from s, for the next step; memory is written by victim_write. */
void victim_load(struct victim *v, const struct regs *s);
/* Can the instruction be run here? Always, but in long mode. */
bool victim_can(struct victim *v, const struct regs *s, const u8 *code, u32 length);
/* One step from the state that was loaded (a REP iteration is a step); s gets the state after it, TF and RF clear. Several times
 * as fast where the instruction's length is known, not 0. */
void victim_step(struct victim *v, struct regs *s, u32 length);
