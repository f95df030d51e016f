/* op.h - one decoded instruction (struct op), and the row of the opcode table that it was decoded from (struct row). */
#pragma once
#include "../core.h"
#include "../cpuid.h"
#include "attribute.h"
#include "operand.h"

static inline bool cpu_has(const struct cpu *cpu, enum feature f) { return feature_in(&cpu->features, f); }

/* Mandatory prefix. F2 and F3 go before 66, which may then still be the operand size's. */
enum prefix { PREFIX_ANY, PREFIX_NP /* #UD after 66, F2 and F3: the SDM's "NP" */, PREFIX_66, PREFIX_F3, PREFIX_F2 };
/* VEX and EVEX: whether the encoding has one, what W and L must be. */
enum vex { VEX_NONE, VEX_VEX, VEX_EVEX };
enum vex_w { W_ANY, W_0, W_1 };
enum vex_l { L_ANY, L_128, L_256, L_512 };
/* Basic exit reasons: SDM Vol. 3C, Appendix C "VMX Basic Exit Reasons". */
enum intercept {
    INTERCEPT_NONE, INTERCEPT_TASK_SWITCH = 9, INTERCEPT_CPUID = 10, INTERCEPT_HLT = 12, INTERCEPT_INVD = 13, INTERCEPT_INVLPG = 14,
    INTERCEPT_RDPMC = 15, INTERCEPT_RDTSC = 16, INTERCEPT_RSM = 17, INTERCEPT_CR = 28, INTERCEPT_DR = 29, INTERCEPT_IO = 30,
    INTERCEPT_RDMSR = 31, INTERCEPT_WRMSR = 32, INTERCEPT_PAUSE = 40, INTERCEPT_GDTR_IDTR = 46, INTERCEPT_LDTR_TR = 47,
    INTERCEPT_WBINVD = 54,
};

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
    u16 operand[4];             /* enum operand: a kind and a size each */
    u32 attr;                   /* A_* */
    u16 feature;                /* enum feature, 0 none */
    u16 body;                   /* enum body: a hot body, compiled for every size and form; 0: use fn */
    u16 reads, writes, undefined; /* arithmetic flags (FLAG_* below bit 12; FLAG_DF too) */
    u8 by;                      /* enum group_by */
    u8 prefix;                  /* enum prefix */
    u8 vex, w, l;               /* enum vex, vex_w, vex_l */
    u8 exceptions;              /* enum exception_class */
    u8 intercept;               /* enum intercept: what a hypervisor can have trapped */
    insn_fn *fn;                /* everything else: one C function */
    const struct row *group;
    const char *operation;      /* what it does, for people, in the SDM's notation: "DEST := DEST + SRC". NULL: as others of this
                                 * mnemonic, which debugger/explain/operations.c lists */
};

/* One decoded instruction. Register fields are places for hot bodies (below), register numbers for fn rows (dst = ModRM reg or opcode
 * register, src = ModRM r/m when it is a register). */
struct op {
    void (*fn)(void);           /* cast to the instance's handler type: engine.h */
    const struct row *row;
    union { u64 imm; const struct op *target; };    /* immediate, zero- or sign-extended as the row says; far pointer: offset
                                                     * in the low 32 bits, selector above; ENTER: size | level << 16 */
    i32 disp;                   /* address displacement, or a direct branch's */
    u8 dst, src, base, index;   /* base and index are places always: of `zero` when absent */
    u16 pc;                     /* offset of the instruction in its page */
    u16 slow;                   /* index into the SLOW instance's handlers */
    u8 through;                 /* instructions of the block up to this one, which is counted */
    u8 len;                     /* bytes */
    u8 how;                     /* segment, address size: the accessors below */
    u8 what;                    /* scale, prefixes, operand size */
};

/* A register's place: 8-byte words from the beginning of struct cpu, of which an op reaches 2 KiB; where the operand is a byte, its number
 * among the bytes of gpr[] (AH to BH are the second bytes of the first four registers). */
#define PLACE_OF(member) ((u8)(offsetof(struct cpu, member) / 8))
static inline u8 gpr_place(int n)      { return (u8)(PLACE_OF(s.gpr) + n); }
static inline u8 byte_place(int n)     { return (u8)((n & 3) * 8 + (HOST_BIG_ENDIAN ? 7 - (n >> 2) : n >> 2)); }
_Static_assert(offsetof(struct cpu, zero) % 8 == 0 && offsetof(struct cpu, s) % 8 == 0, "places are whole words");
_Static_assert(offsetof(struct cpu, s.x87) + sizeof(struct x87) <= 256 * 8, "an op reaches every register");
_Static_assert(sizeof(struct op) <= 40, "an op is small");

/* The immediate's low half. */
static inline u32 op_imm32(const struct op *o)
{
    u32 v;
    memcpy(&v, (const u8 *)&o->imm + (HOST_BIG_ENDIAN ? 4 : 0), sizeof v);
    return v;
}

/* how: bits 0-2 segment, 5-6 log2 of the address size in bytes, 7 r/m is a register. */
static inline int  op_seg(const struct op *o)     { return o->how & 7; }
/* The same where the address is known to be of 16 bits, which has no scale, and r/m to be memory. */
static inline u64  op_seg_16(const struct op *o)  { return (u64)o->how - (1 << 5); }
static inline int  op_address_bytes(const struct op *o) { return 1 << (o->how >> 5 & 3); }
static inline bool op_is_reg(const struct op *o)  { return o->how >> 7; }
/* what: bits 0-1 scale, 2 LOCK, 3 REP/REPE (F3), 4 REPNE (F2), 5-6 log2 of the operand size in bytes, 7 an immediate is a third operand. */
enum { WHAT_PREFIXES = 7 << 2, WHAT_SIZE_AT = 5 };
static inline u8   what_of_size(int size_log2)    { return (u8)(size_log2 << WHAT_SIZE_AT); }
static inline int  op_scale(const struct op *o)   { return o->what & 3; }
/* The same, as what shifts 32 bits, which takes the lowest five bits of a count alone: of an op without these prefixes. */
static inline int  op_index_shift(const struct op *o)   { return o->what & 31; }
static inline int  op_size_log2(const struct op *o) { return o->what >> WHAT_SIZE_AT & 3; }
static inline int  op_bytes(const struct op *o)   { return 1 << op_size_log2(o); }
static inline bool op_lock(const struct op *o)    { return o->what >> 2 & 1; }
static inline bool op_rep(const struct op *o)     { return o->what >> 3 & 1; }
static inline bool op_repne(const struct op *o)   { return o->what >> 4 & 1; }

/* Instructions of the block before this one. */
static inline i64  op_before(const struct op *o)  { return o->through - 1; }

/* EIP of an offset in the running page; of the op that stands there, and of what follows it. */
static inline u32 eip_in_page(const struct cpu *cpu, u64 offset) { return (u32)(cpu->page + offset - cpu->s.seg[CS].base); }
static inline u32 op_eip(const struct cpu *cpu, const struct op *o) { return eip_in_page(cpu, o->pc); }
static inline u64 op_linear(const struct cpu *cpu, const struct op *o) { return cpu->page + o->pc; }
static inline u32 op_next_eip(const struct cpu *cpu, const struct op *o)
{
    return (u32)(op_linear(cpu, o) + o->len - cpu->s.seg[CS].base);
}

/* Address of the memory operand: the offset in op_seg(o), truncated to the address size. */
static inline u64 op_ea(const struct cpu *cpu, const struct op *o)
{
    u64 base, index, a;
    memcpy(&base, (const u8 *)cpu + (size_t)o->base * 8, 8);
    memcpy(&index, (const u8 *)cpu + (size_t)o->index * 8, 8);
    a = base + (index << op_scale(o)) + (u64)(i64)o->disp;
    return a & mask_bytes(op_address_bytes(o));
}

extern const struct row rows_1byte[256], rows_0f[256];
