/* stack.c - frames that calls and interrupts push, on the current stack or on an inner ring's.
 * Follows: Intel SDM Vol. 3A "Stack Switching", "Task-State Segment"; Vol. 2 "CALL", "INT n".
 * Here: everything is probed before the first byte is written, so that a fault leaves no trace. */
#include "segment.h"
#include "system.h"

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

void frame_probe(struct cpu *cpu, const struct frame *f)
{
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP] & mask, total = (u64)(f->n * f->size);
    if (f->n == 0)
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
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP];
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

void inner_stack_probe(struct cpu *cpu, const struct inner_stack *st, const struct frame *f)
{
    u64 base = raw_base(st->d.raw), page = ~0ull;
    for (int k = 1; k <= f->n; k++) {
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
    u64 base = raw_base(st->d.raw), sp = st->sp;
    for (int k = 0; k < f->n; k++) {
        sp = (sp - (u64)f->size) & st->mask;
        sys_st(cpu, (u32)(base + sp), f->v[k], f->size);
    }
    st->sp = (st->sp & ~st->mask) | sp;
}

void inner_stack_commit(struct cpu *cpu, const struct inner_stack *st, int cpl)
{
    segment_fill(&cpu->s.seg[SS], (u16)((st->selector & ~SELECTOR_RPL) | cpl), st->d.raw);
    stack_set(cpu, st->mask, st->sp);
}
