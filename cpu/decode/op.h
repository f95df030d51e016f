/* op.h - one decoded instruction (struct op), and the row of the opcode table that it was decoded from (struct row). */
#pragma once
#include "../core.h"
#include "../cpuid.h"

/* Operand codes as in SDM Vol. 2, Appendix A, "Codes for Addressing Method" and "Codes for Operand Type". */
enum operand {
    __,
    Eb, Ew, Ed, Ev, Ey,             /* ModRM r/m: byte, word, doubleword, by operand size, (doubleword; 64 with REX.W) */
    Gb, Gw, Gd, Gv, Gy,             /* ModRM reg */
    Rd, Rv, Rw,                     /* ModRM r/m, register only */
    M, Mb, Mw, Md, Mq, Mp, Ms, Ma, Mt, /* ModRM r/m, memory only; Mp far pointer, Ms descriptor table, Ma BOUND pair, Mt 80-bit */
    RdMw, RvMw,                     /* register by size, or word in memory (SLDT, SMSW, STR, MOV r/m,Sw) */
    Sw, Cd, Dd,                     /* ModRM reg: segment, control, debug register */
    Pd, Pq, Qd, Qq, Nq,             /* MMX: reg; r/m register or memory; r/m register only */
    Ib, Ibs, Iw, Iz, Iv,            /* immediate; Ibs sign-extended byte; Iz 16 or 32; Iv 16, 32 (64) */
    Jb, Jz, Ap,                     /* relative; far pointer in the instruction */
    Ob, Ov,                         /* offset in the instruction */
    Xb, Xv, Xz, Yb, Yv, Yz,         /* string source DS:(E)SI, destination ES:(E)DI */
    Fv,                             /* flags register */
    AL, CL, AX, DX, eAX, rAX, One,  /* fixed; rAX by operand size; eAX 16 or 32 */
    Zb, Zv, Zz,                     /* register in the opcode's low three bits */
    rES, rCS, rSS, rDS, rFS, rGS,
    ST0, STi,
};

static inline bool is_modrm(int code)      { return code >= Eb && code <= Nq; }
static inline bool only_register(int code) { return code == Rd || code == Rv || code == Rw || code == Nq; }
static inline bool only_memory(int code)   { return code >= M && code <= Mt; }

/* What the decoder and the tracer need to know of a row beyond its operands. */
enum attribute {
    A_END    = 1 << 0,      /* ends the block; the body may change rip, mode or mappings */
    A_LOCK   = 1 << 1,      /* LOCK is legal with a memory destination */
    A_CPL0   = 1 << 2,      /* #GP(0) unless CPL is 0 (in V86 mode CPL is 3) */
    A_PM     = 1 << 3,      /* #UD in real and virtual-8086 mode */
    A_FPU    = 1 << 4,      /* x87: #NM if CR0.EM or CR0.TS */
    A_MMX    = 1 << 5,      /* #UD if CR0.EM, #NM if CR0.TS */
    A_REP    = 1 << 6,      /* string instruction: REP applies */
    A_REPCC  = 1 << 7,      /* REPE/REPNE: ZF matters */
    A_IO     = 1 << 8,      /* touches ports */
    A_BRANCH = 1 << 9,      /* near control flow */
    A_PRIV   = 1 << 10,     /* privileged, for the tracer (A_CPL0 implies it) */
    A_SENS   = 1 << 11,     /* sensitive and not privileged (Popek and Goldberg): SGDT, POPF, ... */
    A_O64    = 1 << 12,     /* 64-bit operand size by default in 64-bit mode */
    A_I64    = 1 << 13,     /* invalid in 64-bit mode */
    A_BYTE   = 1 << 14,     /* operand size is a byte whatever the prefixes */
    A_STACK  = 1 << 15,     /* implicit stack access */
    A_FWAIT  = 1 << 16,     /* #NM if CR0.MP and CR0.TS */
    A_RMW    = 1 << 17,
    A_NOVM   = 1 << 18,     /* #UD in virtual-8086 mode only */
    A_KEEPS  = 1 << 19,     /* with a count of zero the flags in `writes` and `undefined` stay what they were */
    A_NP     = 1 << 20,     /* #UD after 66, F2 or F3: the SDM's "NP" */
    A_PAUSE  = 1 << 21,     /* after F3 a hint that the program waits: the SDM's "PAUSE" */
};

static inline bool cpu_has(const struct cpu *cpu, enum feature f) { return feature_in(&cpu->features, f); }

typedef void insn_fn(struct cpu *cpu, const struct op *o);

enum group_by {
    BY_NONE,
    BY_REG,         /* group[8]: ModRM reg field */
    BY_MOD_REG,     /* group[16]: reg for memory forms, 8 + reg for register forms */
    BY_MOD_REG_RM,  /* group[72]: reg for memory forms, 8 + (ModRM & 63) for register forms (x87) */
    BY_PREFIX,      /* group[4]: none, 66, F3, F2 */
};

/* A row says what an encoding is: in a table indexed by opcode byte, or in a group. */
struct row {
    const char *mnemonic;       /* NULL: undefined opcode (#UD), unless group is set */
    u8 operand[3];              /* enum operand */
    u8 by;                      /* enum group_by */
    u8 feature;                 /* enum feature, 0 none */
    u16 body;                   /* enum body: a hot body, compiled for every size and form; 0: use fn */
    u32 attr;                   /* A_* */
    u16 reads, writes, undefined; /* arithmetic flags (FLAG_* below bit 12; FLAG_DF too) */
    insn_fn *fn;                /* everything else: one C function */
    const struct row *group;
};

/* One decoded instruction. Register fields are byte offsets into struct cpu for hot bodies, register numbers for fn rows
 * (dst = ModRM reg or opcode register, src = ModRM r/m when it is a register). */
struct op {
    void (*fn)(void);           /* cast to the instance's handler type: engine.h */
    const struct row *row;
    union { u64 imm; const struct op *target; };    /* immediate, zero- or sign-extended as the row says; far pointer: offset
                                                     * in the low 32 bits, selector above; ENTER: size | level << 16 */
    i32 disp;                   /* address displacement, or a direct branch's */
    u8 dst, src, base, index;   /* base and index: byte offsets, of `zero` when absent */
    u16 pc;                     /* offset of the instruction in its page */
    u16 slow;                   /* index into the SLOW instance's handlers */
    u8 nth;                     /* instructions of the block before this one */
    u8 len;                     /* bytes */
    u8 how;                     /* segment, scale, address size: the accessors below */
    u8 what;                    /* operand size, prefixes */
};

/* how: bits 0-2 segment, 3-4 scale, 5-6 log2 of the address size in bytes, 7 r/m is a register. */
static inline int  op_seg(const struct op *o)     { return o->how & 7; }
static inline int  op_scale(const struct op *o)   { return o->how >> 3 & 3; }
static inline int  op_address_bytes(const struct op *o) { return 1 << (o->how >> 5 & 3); }
static inline bool op_is_reg(const struct op *o)  { return o->how >> 7; }
/* what: bits 0-1 log2 of the operand size in bytes, 2 LOCK, 3 REP/REPE (F3), 4 REPNE (F2), 7 an immediate is a third operand. */
static inline int  op_bytes(const struct op *o)   { return 1 << (o->what & 3); }
static inline bool op_lock(const struct op *o)    { return o->what >> 2 & 1; }
static inline bool op_rep(const struct op *o)     { return o->what >> 3 & 1; }
static inline bool op_repne(const struct op *o)   { return o->what >> 4 & 1; }

/* Address of the memory operand: the offset in op_seg(o), truncated to the address size. */
static inline u64 op_ea(const struct cpu *cpu, const struct op *o)
{
    u64 base, index, a;
    memcpy(&base, (const u8 *)cpu + o->base, 8);
    memcpy(&index, (const u8 *)cpu + o->index, 8);
    a = base + (index << op_scale(o)) + (u64)(i64)o->disp;
    return a & mask_bytes(op_address_bytes(o));
}

extern const struct row rows_1byte[256], rows_0f[256];
