/* plain.h - for handlers of FAST outside hot/, which are compiled once or twice and not for every form (insn/x87/x87_fast.c,
 * insn/string_fast.c): whether an access is plain, and where it goes then. */
#pragma once
#include "engine.h"

#define PLAIN_INLINE static inline __attribute__((always_inline))

/* The n bytes at an offset in a segment, of one page, in the host's memory; NULL: they are not plainly read or written. flat: the
 * segment is SEG_FLAT, and the offset of 32 bits. */
PLAIN_INLINE u8 *plain_at(struct cpu *cpu, const struct tlb_entry *tlb, int seg, u64 offset, u64 n, bool write, bool flat)
{
    u64 linear = offset;
    if (!flat) {
        if (unlikely((i64)(offset + n - 1) > (write ? cpu->cache.write_top : cpu->cache.read_top)[seg]))
            return NULL;
        linear = (u32)(offset + cpu->s.seg[seg].base);
    }
    const struct tlb_entry *e = &tlb[linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
    if (unlikely((write ? e->write : e->read) != ((linear + n - 1) & ~(u64)PAGE_MASK)))
        return NULL;
    return (u8 *)(uintptr_t)(e->host + linear);
}

/* The offset of the operand in memory. */
PLAIN_INLINE u64 plain_offset(const struct cpu *cpu, const struct op *o, bool flat)
{
    u64 base, index;
    if (!flat)
        return op_ea(cpu, o);
    memcpy(&base, (const u8 *)cpu + (size_t)o->base * 8, 8);
    memcpy(&index, (const u8 *)cpu + (size_t)o->index * 8, 8);
    return (u32)(base + (index << op_scale(o)) + (u64)(i64)o->disp);
}
