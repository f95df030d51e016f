/* string_fast.c - FAST's handlers of string instructions that go upward through plain memory: LODS, STOS and MOVS of one element; with REP
 * a few elements, as memcpy and memset have them for what is short, within a page and copied by their hosts' words. Everything else is
 * string.c's, which begins anew: until here all is known, nothing has been changed.
 * Follows: SDM Vol. 2, the instructions' pages, "REP". */
#include "string_fast.h"
#include "integer.h"
#include "../engine/plain.h"

enum { SHORT = 64 };            /* bytes that are not worth a call */

PLAIN_INLINE u64 index_mask(const struct op *o, bool flat) { return flat ? 0xffffffff : mask_bytes(op_address_bytes(o)); }
PLAIN_INLINE void advance(struct cpu *cpu, int reg, u64 mask, u64 by)
{
    u64 v = cpu->s.gpr[reg] + by;
    cpu->s.gpr[reg] = mask == 0xffff ? (cpu->s.gpr[reg] & ~mask) | (v & mask) : (u32)v;
}

PLAIN_INLINE u64 element(const u8 *at, int size) { return size == 1 ? *at : size == 2 ? get16(at) : get32(at); }
PLAIN_INLINE void put_element(u8 *at, u64 v, int size)
{
    if (size == 1)
        *at = (u8)v;
    else if (size == 2)
        put16(at, (u16)v);
    else
        put32(at, (u32)v);
}

/* What both of them need: where ESI and EDI lead, n bytes each. */
PLAIN_INLINE u8 *source(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, u64 mask, u64 n, bool flat)
{
    u64 at = cpu->s.gpr[ESI] & mask;
    return unlikely(at + n - 1 > mask) ? NULL : plain_at(cpu, tlb, op_seg(o), at, n, false, flat);
}
PLAIN_INLINE u8 *target(struct cpu *cpu, const struct tlb_entry *tlb, u64 mask, u64 n, bool flat)
{
    u64 at = cpu->s.gpr[EDI] & mask;
    return unlikely(at + n - 1 > mask) ? NULL : plain_at(cpu, tlb, ES, at, n, true, flat);
}

/* ---- one element ---- */

PLAIN_INLINE bool lods(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, int size, bool flat)
{
    u64 mask = index_mask(o, flat);
    const u8 *from;

    if (unlikely(cpu->s.eflags & FLAG_DF) || !(from = source(cpu, o, tlb, mask, (u64)size, flat)))
        return false;
    if (size == 1)
        set_reg8(cpu, EAX, *from);
    else if (size == 2)
        set_reg16(cpu, EAX, get16(from));
    else
        set_reg32(cpu, EAX, get32(from));
    advance(cpu, ESI, mask, (u64)size);
    return true;
}

PLAIN_INLINE bool stos(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, int size, bool flat)
{
    u64 mask = index_mask(o, flat);
    u8 *to;

    if (unlikely(cpu->s.eflags & FLAG_DF) || !(to = target(cpu, tlb, mask, (u64)size, flat)))
        return false;
    put_element(to, cpu->s.gpr[EAX], size);
    advance(cpu, EDI, mask, (u64)size);
    return true;
}

PLAIN_INLINE bool movs(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, int size, bool flat)
{
    u64 mask = index_mask(o, flat);
    const u8 *from;
    u8 *to;

    if (unlikely(cpu->s.eflags & FLAG_DF) || !(from = source(cpu, o, tlb, mask, (u64)size, flat))
        || !(to = target(cpu, tlb, mask, (u64)size, flat)))
        return false;
    put_element(to, element(from, size), size);
    advance(cpu, ESI, mask, (u64)size);
    advance(cpu, EDI, mask, (u64)size);
    return true;
}

/* ---- a few ---- */

/* How many bytes the count in (E)CX is; SHORT + 1: too many, or more than the budget has. */
PLAIN_INLINE u64 short_count(const struct cpu *cpu, const struct op *o, i64 budget, u64 mask, int size)
{
    u64 count = cpu->s.gpr[ECX] & mask;
    bool can = !(cpu->s.eflags & FLAG_DF) && !cpu->timing && count <= SHORT / (u64)size && (i64)count + o->through <= budget + 1;
    return likely(can) ? count * (u64)size : SHORT + 1;
}

PLAIN_INLINE bool rep_movs(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, i64 budget, int size, bool flat)
{
    u64 mask = index_mask(o, flat), bytes = short_count(cpu, o, budget, mask, size), k = 0;
    const u8 *from;
    u8 *to;

    if (bytes > SHORT)
        return false;
    if (unlikely(!bytes))
        return true;
    if (!(from = source(cpu, o, tlb, mask, bytes, flat)) || !(to = target(cpu, tlb, mask, bytes, flat))
        || unlikely((uintptr_t)to - (uintptr_t)from < bytes))   /* what was written would be read again */
        return false;
    for (; k + 8 <= bytes; k += 8)
        put64(to + k, get64(from + k));
    if (bytes & 4) {
        put32(to + k, get32(from + k));
        k += 4;
    }
    if (size < 4 && (bytes & 2)) {
        put16(to + k, get16(from + k));
        k += 2;
    }
    if (size < 2 && (bytes & 1))
        to[k] = from[k];
    advance(cpu, ESI, mask, bytes);
    advance(cpu, EDI, mask, bytes);
    return true;
}

PLAIN_INLINE bool rep_stos(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, i64 budget, int size, bool flat)
{
    u64 mask = index_mask(o, flat), bytes = short_count(cpu, o, budget, mask, size), v = cpu->s.gpr[EAX], k = 0;
    u8 *to;

    if (bytes > SHORT)
        return false;
    if (unlikely(!bytes))
        return true;
    if (!(to = target(cpu, tlb, mask, bytes, flat)))
        return false;
    v = (v & mask_bytes(size)) * (~0ull / mask_bytes(size));    /* in every place of a word */
    for (; k + 8 <= bytes; k += 8)
        put64(to + k, v);
    if (bytes & 4) {
        put32(to + k, (u32)v);
        k += 4;
    }
    if (size < 4 && (bytes & 2)) {
        put16(to + k, (u16)v);
        k += 2;
    }
    if (size < 2 && (bytes & 1))
        to[k] = (u8)v;
    advance(cpu, EDI, mask, bytes);
    return true;
}

/* ---- handlers ---- */

/* Iterations count as instructions, none as one: chain.c, h_fn_rep. */
#define REP_NEXT(mask) do { \
    u64 count_ = cpu->s.gpr[ECX] & (mask); \
    BUDGET -= count_ ? (i64)count_ - 1 : 0; \
    advance(cpu, ECX, mask, 0 - count_); \
    if (unlikely(BUDGET < BLOCK_MAX)) HAND_TO(leave_next); \
    NEXT; } while (0)
#define ONE(name, size, form, flat) \
    static HANDLER(x_##name##_##size##_##form) { if (unlikely(!name(cpu, o, TLB, size, flat))) HAND_TO(h_fn); NEXT; }
#define REP(name, size, form, flat) \
    static HANDLER(x_##name##_##size##_##form) \
    { \
        if (unlikely(!name(cpu, o, TLB, BUDGET, size, flat))) HAND_TO(h_fn_rep); \
        REP_NEXT(index_mask(o, flat)); \
    }
#define SIZES(X, name) \
    X(name, 1, flat, true) X(name, 2, flat, true) X(name, 4, flat, true) \
    X(name, 1, any, false) X(name, 2, any, false) X(name, 4, any, false)
SIZES(ONE, lods)
SIZES(ONE, stos)
SIZES(ONE, movs)
SIZES(REP, rep_movs)
SIZES(REP, rep_stos)

handler *string_fast(insn_fn *fn, int size_log2, bool rep, bool flat)
{
#define OF(name) { { x_##name##_1_any, x_##name##_2_any, x_##name##_4_any }, { x_##name##_1_flat, x_##name##_2_flat, x_##name##_4_flat } }
    static handler *const one[][2][3] = { OF(lods), OF(stos), OF(movs) }, *const several[][2][3] = { OF(rep_stos), OF(rep_movs) };
#undef OF
    if (fn == op_movs || fn == op_stos)
        return rep ? several[fn == op_movs][flat][size_log2] : one[fn == op_movs ? 2 : 1][flat][size_log2];
    return fn == op_lods && !rep ? one[0][flat][size_log2] : NULL;
}
