/* flags.h - lazy arithmetic flags: the result and the carries are kept, a flag is computed when asked.
 *   lf_result  the result, sign-extended from the operand size to 64 bits
 *   lf_aux     bit 32 the carry out of the top bit (CF), bit 31 the carry into it (so OF = bit 32 ^ bit 31), bit 4 the carry into
 *              bit 4 (AF); the others are whatever was left over, so that a 32-bit operation stores its carries as they are
 *              bit 0: lf_odd counts. No carry ever goes into bit 0 of a sum; where CF comes in, it is cleared
 *   lf_odd     bit 0 PF, bit 1 SF differs from the result's: only after flags were loaded as a word (POPF, SAHF, FCOMI), with a
 *              combination that no result could have; left over where bit 0 of lf_aux is clear */
#pragma once
#include "core.h"

enum { LF_ODD_P = 1, LF_ODD_S = 2, LF_ODD_COUNTS = 1 /* in lf_aux */ };
#define LF_CARRIES (3ull << 31)

static inline bool flag_c(const struct cpu *cpu) { return cpu->lf_aux >> 32 & 1; }
static inline bool flag_o(const struct cpu *cpu) { return (cpu->lf_aux ^ cpu->lf_aux << 1) >> 32 & 1; }
static inline bool flag_a(const struct cpu *cpu) { return cpu->lf_aux >> 4 & 1; }
static inline bool flag_z(const struct cpu *cpu) { return cpu->lf_result == 0; }
static inline bool flag_s(const struct cpu *cpu) { return (cpu->lf_result >> 63 ^ (cpu->lf_odd >> 1 & cpu->lf_aux)) & 1; }
/* SF is not OF. */
static inline bool flag_l(const struct cpu *cpu)
{
    u64 x = cpu->lf_aux;
    x = (x & cpu->lf_odd >> 1) << 32 ^ x ^ x << 1;
    return (x << 31 ^ cpu->lf_result) >> 63;
}
static inline bool flag_p(const struct cpu *cpu)
{
    u32 x = (u32)cpu->lf_result & 0xff;
    x = x ^ x >> 4 ^ (cpu->lf_odd & cpu->lf_aux & LF_ODD_P);  /* a parity table of 16 entries in one constant */
    return 0x9669u >> (x & 15) & 1;
}

/* Bit n is the carry (or borrow) into bit n of a sum or difference of zero-extended operands, computed in a wider word. */
static inline u64 carries(u64 a, u64 b, u64 wide) { return a ^ b ^ wide; }

/* lf_aux from the carries (or borrows) into each bit of a sum of `bits` (8, 16, 32) bits, the one out of its top bit above them. */
static inline u64 aux_of(int bits, u64 carries_in)
{
    return bits == 32 ? carries_in : carries_in << (32 - bits) | (carries_in & FLAG_AF);
}
/* lf_aux of r = a + b + c, and of r = a - b - c, in `bits` (8 to 64) bits; a, b and r are zero-extended. Where there is room above
 * the operands, the carry out is a bit of a wider sum; 64 bits have none. */
static inline u64 aux_sum(int bits, u64 a, u64 b, u64 c, u64 r)
{
    if (bits < 64)
        return aux_of(bits, a ^ b ^ (a + b + c));
    u64 into = a ^ b ^ r, out = (a & b) | ((a | b) & ~r);
    return out >> 63 << 32 | into >> 63 << 31 | (into & FLAG_AF);
}
static inline u64 aux_difference(int bits, u64 a, u64 b, u64 c, u64 r)
{
    if (bits < 64)
        return aux_of(bits, a ^ b ^ (a - b - c));
    u64 into = a ^ b ^ r, out = (~a & b) | ((~a | b) & r);
    return out >> 63 << 32 | into >> 63 << 31 | (into & FLAG_AF);
}
/* From CF and OF alone; AF clear. */
static inline u64 aux_co(bool c, bool o) { return (u64)c << 32 | (u64)(c ^ o) << 31; }

static inline void flags_set(struct cpu *cpu, u64 result, u64 aux)
{
    cpu->lf_result = result;
    cpu->lf_aux = aux;
}

/* As flags_set, of a + b and a - b in `size` (1, 2, 4, 8) bytes, for bodies that are not compiled by size. */
static inline u64 sign_extended(u64 v, int size) { return (u64)((i64)(v << (64 - 8 * size)) >> (64 - 8 * size)); }
static inline void flags_of_sum(struct cpu *cpu, int size, u64 a, u64 b)
{
    flags_set(cpu, sign_extended(a + b, size), aux_sum(8 * size, a, b, 0, a + b));
}
static inline void flags_of_difference(struct cpu *cpu, int size, u64 a, u64 b)
{
    flags_set(cpu, sign_extended(a - b, size), aux_difference(8 * size, a, b, 0, a - b));
}

static inline void flags_load(struct cpu *cpu, u32 eflags)
{
    bool z = eflags & FLAG_ZF, p = eflags & FLAG_PF, c = eflags & FLAG_CF, o = eflags & FLAG_OF;
    cpu->lf_result = !z;        /* 0 has even parity, 1 odd; neither a sign */
    cpu->lf_aux = aux_co(c, o) | (eflags & FLAG_AF) | LF_ODD_COUNTS;
    cpu->lf_odd = (u8)((p != z ? LF_ODD_P : 0) | (eflags & FLAG_SF ? LF_ODD_S : 0));
}
static inline u32 flags_arith(const struct cpu *cpu)
{
    return (flag_c(cpu) ? FLAG_CF : 0u) | (flag_p(cpu) ? FLAG_PF : 0u) | (flag_a(cpu) ? FLAG_AF : 0u)
         | (flag_z(cpu) ? FLAG_ZF : 0u) | (flag_s(cpu) ? FLAG_SF : 0u) | (flag_o(cpu) ? FLAG_OF : 0u);
}
static inline void flag_set_c(struct cpu *cpu, bool c)
{
    bool o = flag_o(cpu);
    cpu->lf_aux = (cpu->lf_aux & ~LF_CARRIES) | aux_co(c, o);
}
