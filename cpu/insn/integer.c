/* integer.c - decimal adjustment, bit instructions, double shifts, exchanges: SDM Vol. 2, each one's Operation section.
 * Undefined flags have the values that Intel processors are known to give where that is simple, else they stay. */
#include "../mmu/access.h"
#include "../flags.h"
#include "integer.h"

static void set_szp(struct cpu *cpu, u8 result, u32 others)
{
    u32 f = others;
    f |= result ? 0 : FLAG_ZF;
    f |= result & 0x80 ? FLAG_SF : 0;
    f |= __builtin_parity(result) ? 0 : FLAG_PF;
    cpu_set_arith(cpu, f);
}

/* DAA: OF undefined: the signed overflow of the last addition. */
void op_daa(struct cpu *cpu, const struct op *o)
{
    u8 al = reg8(cpu, EAX), r = al;
    bool c = flag_c(cpu), a = flag_a(cpu), carry = false;
    (void)o;
    if ((al & 15) > 9 || a) {
        r = (u8)(r + 6);
        carry = c || al > 0xf9;
        a = true;
    }
    if (al > 0x99 || c) {
        r = (u8)(r + 0x60);
        carry = true;
    }
    set_reg8(cpu, EAX, r);
    set_szp(cpu, r, (carry ? FLAG_CF : 0u) | (a ? FLAG_AF : 0u) | (~al & r & 0x80 ? FLAG_OF : 0u));
}

void op_das(struct cpu *cpu, const struct op *o)
{
    u8 al = reg8(cpu, EAX), r = al;
    bool c = flag_c(cpu), a = flag_a(cpu), carry = false;
    (void)o;
    if ((al & 15) > 9 || a) {
        carry = c || al < 6;
        r = (u8)(r - 6);
        a = true;
    }
    if (al > 0x99 || c) {
        r = (u8)(r - 0x60);
        carry = true;
    }
    set_reg8(cpu, EAX, r);
    set_szp(cpu, r, (carry ? FLAG_CF : 0u) | (a ? FLAG_AF : 0u) | (al & ~r & 0x80 ? FLAG_OF : 0u));
}

/* AAA, AAS: SF, ZF, PF, OF undefined: of AL after the adjustment; OF clear. */
static void ascii_adjust(struct cpu *cpu, int by)
{
    u16 ax = reg16(cpu, EAX);
    bool adjust = (ax & 15) > 9 || flag_a(cpu);
    if (adjust)
        ax = (u16)(ax + by * 0x106);
    ax &= 0xff0f;
    set_reg16(cpu, EAX, ax);
    set_szp(cpu, (u8)ax, adjust ? FLAG_CF | FLAG_AF : 0);
}
void op_aaa(struct cpu *cpu, const struct op *o) { (void)o; ascii_adjust(cpu, 1); }
void op_aas(struct cpu *cpu, const struct op *o) { (void)o; ascii_adjust(cpu, -1); }

void op_aam(struct cpu *cpu, const struct op *o)
{
    u8 al = reg8(cpu, EAX), base = (u8)o->imm;
    if (!base && !cpu_has(cpu, FEATURE_386))
        cpu_set_arith(cpu, FLAG_PF);                            /* captured from an 80286: before it faults */
    if (!base)
        cpu_raise(cpu, EXC_DE, 0, "AAM with base zero", 0);
    set_reg16(cpu, EAX, (u16)(al / base << 8 | al % base));
    set_szp(cpu, (u8)(al % base), 0);
}
/* AAD: CF, OF, AF undefined: those of the addition. */
void op_aad(struct cpu *cpu, const struct op *o)
{
    u8 al = reg8(cpu, EAX), product = (u8)(reg8(cpu, 4) * (u8)o->imm), r = (u8)(al + product);
    set_reg16(cpu, EAX, r);
    set_szp(cpu, r, 0);
}

void op_salc(struct cpu *cpu, const struct op *o) { (void)o; set_reg8(cpu, EAX, flag_c(cpu) ? 0xff : 0); }
void op_lahf(struct cpu *cpu, const struct op *o) { (void)o; set_reg8(cpu, 4, (u8)cpu_eflags(cpu)); }
void op_sahf(struct cpu *cpu, const struct op *o)
{
    (void)o;
    cpu_set_arith(cpu, (reg8(cpu, 4) & ~(u32)FLAG_OF) | (flag_o(cpu) ? FLAG_OF : 0u));
}

void op_xlat(struct cpu *cpu, const struct op *o)
{
    u64 at = (cpu->s.gpr[EBX] + reg8(cpu, EAX)) & mask_bytes(op_address_bytes(o));
    set_reg8(cpu, EAX, ld8(cpu, op_seg(o), at));
}

/* ---- bits ---- */

/* BT and its kin: a register bit offset reaches beyond the operand in memory. `change`: 0 none, 1 set, 2 reset, 3 complement. */
static void bit_test(struct cpu *cpu, const struct op *o, int change)
{
    int size = op_bytes(o), bits = size * 8;
    bool by_register = o->row->operand[1] == Gv;
    i64 n = by_register ? (size == 2 ? (i64)(i16)reg16(cpu, o->dst) : (i64)(i32)reg32(cpu, o->dst)) : (i64)(o->imm & 0xff);
    u64 bit = 1ull << (n & (bits - 1)), v, offset = 0;
    if (op_is_reg(o)) {
        v = reg_size(cpu, o->src, size);
    } else {
        offset = op_ea(cpu, o);
        if (by_register)
            offset = (offset + (u64)((n >> (size == 2 ? 4 : 5)) * size)) & mask_bytes(op_address_bytes(o));
        v = change ? ld_rmw(cpu, op_seg(o), offset, size) : ld_size(cpu, op_seg(o), offset, size);
    }
    bool was = v & bit;
    v = change == 1 ? v | bit : change == 2 ? v & ~bit : v ^ bit;
    if (change && op_is_reg(o))
        set_reg_size(cpu, o->src, v, size);
    else if (change)
        st_size(cpu, op_seg(o), offset, v, size);
    flag_set_c(cpu, was);
}
void op_bt(struct cpu *cpu, const struct op *o)  { bit_test(cpu, o, 0); }
void op_bts(struct cpu *cpu, const struct op *o) { bit_test(cpu, o, 1); }
void op_btr(struct cpu *cpu, const struct op *o) { bit_test(cpu, o, 2); }
void op_btc(struct cpu *cpu, const struct op *o) { bit_test(cpu, o, 3); }

/* BSF, BSR: a zero source sets ZF and leaves the destination; the other flags are undefined: clear, PF of the result. */
static void bit_scan(struct cpu *cpu, const struct op *o, bool reverse)
{
    int size = op_bytes(o);
    u64 v = rm_read(cpu, o, size);
    u32 flags = cpu_eflags(cpu) & (FLAGS_ARITH & ~(u32)FLAG_ZF);
    if (v)
        set_reg_size(cpu, o->dst, (u64)(reverse ? 63 - __builtin_clzll(v) : __builtin_ctzll(v)), size);
    cpu_set_arith(cpu, flags | (v ? 0u : FLAG_ZF));
}
void op_bsf(struct cpu *cpu, const struct op *o) { bit_scan(cpu, o, false); }
void op_bsr(struct cpu *cpu, const struct op *o) { bit_scan(cpu, o, true); }

/* ---- exchanges ---- */

/* CMPXCHG: the destination is written either way. */
void op_cmpxchg(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 d = rm_read_rmw(cpu, o, size), a = reg_size(cpu, EAX, size);
    if (a == d) {
        rm_write(cpu, o, reg_size(cpu, o->dst, size), size);
    } else {
        if (!op_is_reg(o))
            rm_write(cpu, o, d, size);
        set_reg_size(cpu, EAX, d, size);
    }
    flags_of_difference(cpu, size, a, d);
}

void op_cmpxchg8b(struct cpu *cpu, const struct op *o)
{
    u64 at = op_ea(cpu, o), d = ld_rmw(cpu, op_seg(o), at, 8);
    u64 want = (u64)reg32(cpu, EDX) << 32 | reg32(cpu, EAX);
    u32 flags = cpu_eflags(cpu) & (FLAGS_ARITH & ~(u32)FLAG_ZF);
    bool equal = d == want;
    st64(cpu, op_seg(o), at, equal ? (u64)reg32(cpu, ECX) << 32 | reg32(cpu, EBX) : d);
    if (!equal) {
        set_reg32(cpu, EAX, (u32)d);
        set_reg32(cpu, EDX, (u32)(d >> 32));
    }
    cpu_set_arith(cpu, flags | (equal ? FLAG_ZF : 0u));
}

void op_xadd(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 d = rm_read_rmw(cpu, o, size), s = reg_size(cpu, o->dst, size), r = d + s;
    if (op_is_reg(o)) {
        set_reg_size(cpu, o->dst, d, size);
        set_reg_size(cpu, o->src, r, size);
    } else {
        rm_write(cpu, o, r, size);
        set_reg_size(cpu, o->dst, d, size);
    }
    flags_of_sum(cpu, size, d, s);
}
