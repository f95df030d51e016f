/* flags.h - lazy arithmetic flags: the result and the carries are kept, a flag is computed when asked.
 *   lf_result  the result, sign-extended from the operand size to 64 bits
 *   lf_aux     bit 31 the carry out of the top bit (CF), bit 30 the carry into it (so OF = bit 31 ^ bit 30),
 *              bit 3 the carry out of bit 3 (AF), bits 8-15 a difference for PF, bit 16 a difference for SF.
 * The last two are nonzero only after flags were loaded as a word (POPF, SAHF), whose SF, ZF and PF no result could have. */
#pragma once
#include "cpu.h"

enum { LF_CF = 31, LF_PO = 30, LF_PARITY = 8, LF_SIGN = 16 };

static inline bool flag_c(const struct cpu *cpu) { return cpu->lf_aux >> 31; }
static inline bool flag_o(const struct cpu *cpu) { return (cpu->lf_aux ^ cpu->lf_aux << 1) >> 31; }
static inline bool flag_a(const struct cpu *cpu) { return cpu->lf_aux >> 3 & 1; }
static inline bool flag_z(const struct cpu *cpu) { return cpu->lf_result == 0; }
static inline bool flag_s(const struct cpu *cpu) { return (cpu->lf_result >> 63 ^ cpu->lf_aux >> LF_SIGN) & 1; }
static inline bool flag_p(const struct cpu *cpu)
{
    u32 x = (u32)(cpu->lf_result ^ cpu->lf_aux >> LF_PARITY) & 0xff;
    x ^= x >> 4;                /* a parity table of 16 entries in one constant */
    return 0x9669u >> (x & 15) & 1;
}

/* Carry vectors: bit n is the carry (borrow) out of bit n. */
static inline u64 carries_add(u64 a, u64 b, u64 r) { return (a & b) | ((a | b) & ~r); }
static inline u64 carries_sub(u64 a, u64 b, u64 r) { return (~a & b) | ((~a | b) & r); }

static inline u32 aux_of(int bits, u64 carries)
{
    return ((u32)carries & 8) | (u32)(carries >> (bits - 2)) << 30;
}
/* From CF and OF alone; AF clear. */
static inline u32 aux_co(bool c, bool o) { return (u32)c << 31 | (u32)(c ^ o) << 30; }

static inline void flags_load(struct cpu *cpu, u32 eflags)
{
    bool z = eflags & FLAG_ZF, p = eflags & FLAG_PF, c = eflags & FLAG_CF, o = eflags & FLAG_OF;
    cpu->lf_result = !z;        /* 0 has even parity, 1 odd */
    cpu->lf_aux = aux_co(c, o) | (eflags & FLAG_AF ? 8u : 0) | (eflags & FLAG_SF ? 1u << LF_SIGN : 0)
                | (p != z ? 1u << LF_PARITY : 0);
}
static inline u32 flags_arith(const struct cpu *cpu)
{
    return (flag_c(cpu) ? FLAG_CF : 0u) | (flag_p(cpu) ? FLAG_PF : 0u) | (flag_a(cpu) ? FLAG_AF : 0u)
         | (flag_z(cpu) ? FLAG_ZF : 0u) | (flag_s(cpu) ? FLAG_SF : 0u) | (flag_o(cpu) ? FLAG_OF : 0u);
}
static inline void flag_set_c(struct cpu *cpu, bool c)
{
    bool o = flag_o(cpu);
    cpu->lf_aux = (cpu->lf_aux & 0x3fffffff) | aux_co(c, o);
}

/* Condition cc of Jcc, SETcc, CMOVcc: SDM Vol. 1, Appendix B. */
static inline bool flag_condition(const struct cpu *cpu, int cc)
{
    bool v;
    switch (cc >> 1) {
    case 0: v = flag_o(cpu); break;
    case 1: v = flag_c(cpu); break;
    case 2: v = flag_z(cpu); break;
    case 3: v = flag_c(cpu) || flag_z(cpu); break;
    case 4: v = flag_s(cpu); break;
    case 5: v = flag_p(cpu); break;
    case 6: v = flag_s(cpu) != flag_o(cpu); break;
    default: v = flag_z(cpu) || flag_s(cpu) != flag_o(cpu); break;
    }
    return v != (cc & 1);
}
