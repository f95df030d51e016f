/* stack.c - frames that calls and interrupts push, on the current stack or on an inner ring's.
 * Follows: Intel SDM Vol. 3A "Stack Switching", "Task-State Segment"; Vol. 2 "CALL", "INT n".
 * Here: everything is probed before the first byte is written, so that a fault leaves no trace. */
#include "../engine/plain.h"
#include "segment.h"
#include "system.h"

/* The n bytes that begin there, where they lie in one page and nothing is to be looked at; NULL: word by word. */
static u8 *plain_stack(struct cpu *cpu, u64 sp, u64 n, bool write)
{
    if (cpu->mode & MODE_AC || sp > cpu->cache.stack_mask || n - 1 > cpu->cache.stack_mask - sp)
        return NULL;
    return plain_at(cpu, cpu->cache.tlb[cpu->s.cpl == 3], SS, sp, n, write, false);
}

static void put_frame(u8 *at, const struct frame *f)
{
    for (int k = f->n - 1; k >= 0; k--, at += f->size)
        f->size == 4 ? put32(at, f->v[k]) : put16(at, (u16)f->v[k]);
}

static u64 frame_bytes(const struct frame *f) { return (u64)(f->n * f->size); }

void stack_set(struct cpu *cpu, u64 mask, u64 v)
{
    if (mask == 0xffff)
        set_reg16(cpu, ESP, (u16)v);
    else
        set_reg32(cpu, ESP, (u32)v);
}

u64 stack_peek(struct cpu *cpu, u32 skip, int size)
{
    return ld_size(cpu, SS, (cpu->s.gpr[ESP] + skip) & stack_mask(cpu), size);
}

void stack_peek_some(struct cpu *cpu, u32 *to, int n, int size)
{
    const u8 *at = plain_stack(cpu, cpu->s.gpr[ESP] & stack_mask(cpu), (u64)(n * size), false);
    for (int k = 0; k < n; k++)
        to[k] = !at ? (u32)stack_peek(cpu, (u32)(k * size), size) : size == 4 ? get32(at + k * 4) : get16(at + k * 2);
}

void frame_probe(struct cpu *cpu, const struct frame *f)
{
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP] & mask, total = frame_bytes(f);
    if (f->n == 0 || plain_stack(cpu, sp - total, total, true))
        return;
    u64 top = cpu->s.seg[SS].base + sp - 1;
    if (sp >= total && top >> PAGE_SHIFT == (top + 1 - total) >> PAGE_SHIFT) {
        probe_write(cpu, SS, sp - (u64)f->size, (u32)f->size);  /* CR2 names what is pushed first */
        probe_write(cpu, SS, sp - total, (u32)total);
        return;
    }
    for (int k = 1; k <= f->n; k++)
        probe_write(cpu, SS, (sp - (u64)(k * f->size)) & mask, (u32)f->size);
}

u64 frame_write(struct cpu *cpu, const struct frame *f)
{
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP], end = (sp - frame_bytes(f)) & mask;
    u8 *at = plain_stack(cpu, end, frame_bytes(f), true);
    if (likely(at)) {
        put_frame(at, f);
        return end;
    }
    for (int k = 0; k < f->n; k++) {
        sp = (sp - (u64)f->size) & mask;
        st_size(cpu, SS, sp, f->v[k], f->size);
    }
    return sp;
}

void inner_stack_load(struct cpu *cpu, struct inner_stack *st, int cpl)
{
    const struct segment *tr = &cpu->s.tr;
    bool wide = tr->access & TYPE_32BIT;
    u32 at = wide ? (u32)cpl * 8 + 4 : (u32)cpl * 4 + 2;
    if (at + (wide ? 5 : 3) > tr->limit)
        raise_selector(cpu, EXC_TS, tr->selector, "inner stack pointer is beyond the limit of the TSS", 0);
    st->sp = sys_ld(cpu, (u32)(tr->base + at), wide ? 4 : 2);
    st->selector = (u16)sys_ld(cpu, (u32)(tr->base + at + (wide ? 4 : 2)), 2);
    stack_segment_need(cpu, st->selector, cpl, EXC_TS, &st->d);
    st->mask = raw_access(st->d.raw) & SEG_DB ? 0xffffffff : 0xffff;
}

static _Noreturn void inner_full(struct cpu *cpu, const struct inner_stack *st, u64 offset, u32 size)
{
    cpu->about.access = FAULT_WRITE;
    cpu->about.offset = offset;
    cpu->about.size = size;
    raise_selector(cpu, EXC_SS, st->selector, "no room on the inner stack", st->d.raw);
}

/* The n bytes of the supervisor's at a linear address, where they lie in one page that is plainly written; else NULL. */
static u8 *plain_inner(struct cpu *cpu, u64 linear, u64 n)
{
    return plain_at(cpu, cpu->cache.tlb[0], 0, (u32)linear, n, true, true);
}

void inner_stack_probe(struct cpu *cpu, const struct inner_stack *st, const struct frame *f)
{
    u64 base = raw_base(st->d.raw), page = ~0ull, total = frame_bytes(f), sp = st->sp & st->mask;
    bool whole = sp >= total && segment_holds(raw_access(st->d.raw), raw_limit(st->d.raw), sp - total, (u32)total);
    if (likely(whole && plain_inner(cpu, base + sp - total, total)))
        return;
    for (int k = 1; !whole && k <= f->n; k++) {
        u64 at = (st->sp - (u64)(k * f->size)) & st->mask;
        if (!segment_holds(raw_access(st->d.raw), raw_limit(st->d.raw), at, (u32)f->size))
            inner_full(cpu, st, at, (u32)f->size);
    }
    for (int k = 1; k <= f->n; k++) {                           /* in the order of the pushes: CR2 */
        u64 at = (u32)(base + ((st->sp - (u64)(k * f->size)) & st->mask));
        if (at >> PAGE_SHIFT != page)
            sys_probe(cpu, at, (u32)f->size, true);
        page = at >> PAGE_SHIFT;
    }
}

void inner_stack_write(struct cpu *cpu, struct inner_stack *st, const struct frame *f)
{
    u64 base = raw_base(st->d.raw), sp = (st->sp - frame_bytes(f)) & st->mask, at = st->sp;
    u8 *plain = (st->sp & st->mask) >= frame_bytes(f) ? plain_inner(cpu, base + sp, frame_bytes(f)) : NULL;
    if (likely(plain))
        put_frame(plain, f);
    for (int k = 0; !plain && k < f->n; k++) {
        at = (at - (u64)f->size) & st->mask;
        sys_st(cpu, (u32)(base + at), f->v[k], f->size);
    }
    st->sp = (st->sp & ~st->mask) | sp;
}

void inner_stack_commit(struct cpu *cpu, const struct inner_stack *st, int cpl)
{
    segment_fill(&cpu->s.seg[SS], (u16)((st->selector & ~SELECTOR_RPL) | cpl), st->d.raw);
    stack_set(cpu, st->mask, st->sp);
}
