/* task.c - task switches, and the I/O permission bitmap, which lives in the TSS too.
 * Follows: Intel SDM Vol. 3A "Task Management" ("Task Switching", table "Exception Conditions Checked During a Task Switch"),
 * Vol. 1 "I/O Permission Bit Map".
 * Here: 16- and 32-bit TSSs in all four combinations, by JMP, CALL, IRET, and interrupts. */
#include "debug_registers.h"
#include "segment.h"
#include "system.h"
#include "../engine/run.h"

/* Offsets in the TSS. */
enum { T16_LINK = 0, T16_IP = 14, T16_LDT = 42, T16_SIZE = 44 };
enum { T32_LINK = 0, T32_CR3 = 28, T32_EIP = 32, T32_LDT = 96, T32_TRAP = 100, T32_IOMAP = 102, T32_SIZE = 104 };

struct context {                /* the dynamic part of a TSS, and what it adds for the new task */
    u32 eip, eflags, gpr[8], cr3;
    u16 seg[SEGMENTS], ldt;
    bool wide, trap;
};

static u32 tss_size(bool wide) { return wide ? T32_SIZE : T16_SIZE; }

static struct context context_now(const struct cpu *cpu)
{
    struct context c = { .eip = (u32)cpu->s.rip, .eflags = cpu_eflags(cpu) };
    for (int k = 0; k < 8; k++)
        c.gpr[k] = reg32(cpu, k);
    for (int k = 0; k < SEGMENTS; k++)
        c.seg[k] = cpu->s.seg[k].selector;
    return c;
}

/* CR3 and the LDT selector are not written: they are static fields. */
static void context_save(struct cpu *cpu, u32 base, bool wide, const struct context *c)
{
    u32 at = base + (wide ? T32_EIP : T16_IP);
    int size = wide ? 4 : 2;
    sys_st(cpu, at, c->eip & mask_bytes(size), size);
    sys_st(cpu, at + (u32)size, c->eflags & mask_bytes(size), size);
    for (u32 k = 0; k < 8; k++)
        sys_st(cpu, at + (u32)size * (2 + k), c->gpr[k] & mask_bytes(size), size);
    for (u32 k = 0; k < (wide ? 6u : 4u); k++)
        sys_st(cpu, at + (u32)size * (10 + k), c->seg[k], 2);
}

static struct context context_read(struct cpu *cpu, u32 base, bool wide)
{
    struct context c = { .wide = wide };
    u32 at = base + (wide ? T32_EIP : T16_IP);
    int size = wide ? 4 : 2;
    c.eip = (u32)sys_ld(cpu, at, size);
    c.eflags = (u32)sys_ld(cpu, at + (u32)size, size);
    for (u32 k = 0; k < 8; k++)
        c.gpr[k] = (u32)sys_ld(cpu, at + (u32)size * (2 + k), size) | (wide ? 0 : 0xffff0000u);
    for (u32 k = 0; k < (wide ? 6u : 4u); k++)
        c.seg[k] = (u16)sys_ld(cpu, at + (u32)size * (10 + k), 2);
    c.ldt = (u16)sys_ld(cpu, base + (wide ? T32_LDT : T16_LDT), 2);
    if (wide) {
        c.cr3 = (u32)sys_ld(cpu, base + T32_CR3, 4);
        c.trap = sys_ld(cpu, base + T32_TRAP, 2) & 1;
    }
    return c;
}

static void set_busy(struct cpu *cpu, u64 at, bool busy)
{
    u8 access = (u8)sys_ld(cpu, (u32)(at + 5), 1);
    sys_st(cpu, (u32)(at + 5), busy ? access | TYPE_BUSY : access & ~TYPE_BUSY, 1);
}

/* The LDT's descriptor; errors belong to the new task. False: it is there but not present, which is looked at later. */
static bool load_ldt(struct cpu *cpu, u16 selector)
{
    struct descriptor d;
    segment_fill_null(&cpu->s.ldtr, selector);
    if (selector_null(selector))
        return true;
    if (selector & SELECTOR_TI)
        raise_selector(cpu, EXC_TS, selector, "LDT selector of the new task is not in the GDT", 0);
    descriptor_need(cpu, selector, EXC_TS, &d);
    if (!raw_system(d.raw) || raw_type(d.raw) != TYPE_LDT)
        raise_selector(cpu, EXC_TS, selector, "LDT selector of the new task leads to no LDT", d.raw);
    if (!raw_present(d.raw))
        return false;
    segment_fill(&cpu->s.ldtr, selector, d.raw);
    return true;
}

static void need_ldt_present(struct cpu *cpu, u16 selector, bool present)
{
    if (!present)
        raise_selector(cpu, EXC_TS, selector, "LDT of the new task is not present", 0);
}

/* CS and SS, checked in the order of the table, which is that of the P6: what the code segment's DPL says, the stack segment
 * but for its RPL, the LDT's presence, then whether CS is a code segment at all. */
static void load_code_and_stack(struct cpu *cpu, u16 cs, u16 ss, u16 ldt, bool ldt_present)
{
    struct descriptor code, stack;
    int rpl = cs & SELECTOR_RPL;
    bool is_code = !selector_null(cs) && descriptor_fetch(cpu, cs, &code) && raw_code(code.raw);
    if (is_code && (raw_conforming(code.raw) ? raw_dpl(code.raw) > rpl : raw_dpl(code.raw) != rpl))
        raise_selector(cpu, EXC_TS, cs, "DPL of the new task's code segment does not fit the selector's RPL", code.raw);
    if (selector_null(ss))
        raise_selector(cpu, EXC_TS, ss, "null stack selector in the new TSS", 0);
    descriptor_need(cpu, ss, EXC_TS, &stack);
    if (!raw_writable(stack.raw))
        raise_selector(cpu, EXC_TS, ss, "SS of the new task is not a writable data segment", stack.raw);
    if (!raw_present(stack.raw))
        raise_selector(cpu, EXC_SS, ss, "stack segment of the new task is not present", stack.raw);
    if (raw_dpl(stack.raw) != rpl)
        raise_selector(cpu, EXC_TS, ss, "DPL of the new task's stack segment is not its privilege level", stack.raw);
    need_ldt_present(cpu, ldt, ldt_present);
    if (!is_code)
        raise_selector(cpu, EXC_TS, cs, "CS of the new task is not a code segment", selector_null(cs) ? 0 : code.raw);
    if (!raw_present(code.raw))
        raise_selector(cpu, EXC_NP, cs, "code segment of the new task is not present", code.raw);
    if ((ss & SELECTOR_RPL) != rpl)
        raise_selector(cpu, EXC_TS, ss, "RPL of the new task's SS is not its privilege level", stack.raw);
    descriptor_set_accessed(cpu, &code);
    segment_fill(&cpu->s.seg[CS], cs, code.raw);
    descriptor_set_accessed(cpu, &stack);
    segment_fill(&cpu->s.seg[SS], ss, stack.raw);
    cpu_ring_changed(cpu);
}

static void load_data(struct cpu *cpu, int seg, u16 selector)
{
    struct descriptor d;
    if (selector_null(selector))
        return;
    descriptor_need(cpu, selector, EXC_TS, &d);
    if (!raw_readable(d.raw))
        raise_selector(cpu, EXC_TS, selector, "data segment of the new task is not data or readable code", d.raw);
    if (!raw_present(d.raw))
        raise_selector(cpu, EXC_NP, selector, "data segment of the new task is not present", d.raw);
    if (!raw_conforming(d.raw) && (raw_dpl(d.raw) < cpu->s.cpl || raw_dpl(d.raw) < (selector & SELECTOR_RPL)))
        raise_selector(cpu, EXC_TS, selector, "CPL or RPL above the DPL of the new task's data segment", d.raw);
    descriptor_set_accessed(cpu, &d);
    segment_fill(&cpu->s.seg[seg], selector, d.raw);
    cpu_segment_changed(cpu, seg);
}

/* Registers without checks: from here on the new context is the one that faults. Segments are unusable until loaded. */
static void context_commit(struct cpu *cpu, const struct context *c)
{
    cpu_abandon_op(cpu);                                        /* the old task's instruction is over */
    cpu->op = NULL;
    cpu->s.rip = c->eip;
    for (int k = 0; k < 8; k++)
        set_reg32(cpu, k, c->gpr[k]);
    for (int k = 0; k < SEGMENTS; k++)
        segment_fill_null(&cpu->s.seg[k], c->seg[k]);
    segment_fill_null(&cpu->s.ldtr, c->ldt);
    cpu->s.cpl = c->eflags & FLAG_VM ? 3 : c->seg[CS] & SELECTOR_RPL;
    cpu_set_eflags(cpu, c->eflags & (c->wide ? ~0u : 0xffffu));
    cpu->s.cr0 |= CR0_TS;
    debug_leave_task(cpu);
    if (c->wide && (cpu->s.cr0 & CR0_PG)) {
        bool ok = !(cpu->s.cr4 & CR4_PAE) || paging_load_pdptes(cpu, c->cr3);
        if (ok) {
            cpu->s.cr3 = c->cr3;
            tlb_flush(cpu, cpu->s.cr4 & CR4_PGE);
        }
        cpu_mode_changed(cpu);
        if (!ok)
            cpu_raise_gp(cpu, 0, "reserved bits set in the new task's page-directory-pointer table");
    }
    cpu_mode_changed(cpu);
}

static void context_load_segments(struct cpu *cpu, const struct context *c)
{
    static const u8 data[] = { DS, ES, FS, GS };
    bool ldt_present = load_ldt(cpu, c->ldt);
    if (v86_mode(cpu)) {
        need_ldt_present(cpu, c->ldt, ldt_present);
        for (int k = 0; k < SEGMENTS; k++)
            segment_fill_v86(&cpu->s.seg[k], c->seg[k]);
        cpu_mode_changed(cpu);
    } else {
        load_code_and_stack(cpu, c->seg[CS], c->seg[SS], c->ldt, ldt_present);
        for (size_t k = 0; k < ARRAY_LEN(data); k++)
            load_data(cpu, data[k], c->seg[data[k]]);
    }
    if (c->eip > cpu->s.seg[CS].limit)
        cpu_raise_target(cpu, c->eip, "EIP of the new task is beyond its code segment's limit");
}

void task_switch(struct cpu *cpu, u16 selector, struct descriptor *tss, enum task_switch_by by)
{
    struct segment *tr = &cpu->s.tr;
    bool old_wide = tr->access & TYPE_32BIT, wide = raw_type(tss->raw) & TYPE_32BIT;
    bool nested = by == TASK_BY_CALL || by == TASK_BY_INTERRUPT;
    u32 base = raw_base(tss->raw), old_base = (u32)tr->base, old_at = (u32)(cpu->s.gdtr.base + (tr->selector & ~7u));
    struct context old = context_now(cpu), c;
    u16 from = tr->selector;

    if (raw_limit(tss->raw) < tss_size(wide) - 1)
        raise_selector(cpu, EXC_TS, selector, "limit of the new TSS is too small", tss->raw);
    if (tr->limit < tss_size(old_wide) - 1)
        raise_selector(cpu, EXC_TS, tr->selector, "limit of the current TSS is too small", 0);
    /* Page faults while they still belong to the old task. */
    sys_probe(cpu, old_base, tss_size(old_wide), true);
    sys_probe(cpu, base, tss_size(wide), false);
    if (nested)
        sys_probe(cpu, base, 2, true);
    sys_probe(cpu, (u32)(tss->at + 5), 1, true);
    if (!nested)
        sys_probe(cpu, old_at + 5, 1, true);

    if (cpu->s.delivering == DELIVER_FAULT && cpu->s.delivering_vector != EXC_DF)
        old.eflags |= FLAG_RF;
    if (by == TASK_BY_IRET)
        old.eflags &= ~(u32)FLAG_NT;
    if (!nested)
        set_busy(cpu, old_at, false);
    context_save(cpu, old_base, old_wide, &old);
    c = context_read(cpu, base, wide);
    if (nested) {
        sys_st(cpu, base + T32_LINK, tr->selector, 2);
        c.eflags |= FLAG_NT;
    }
    if (by != TASK_BY_IRET)
        set_busy(cpu, tss->at, true);
    segment_fill(tr, selector, tss->raw | (u64)TYPE_BUSY << 40);

    tell_change(cpu, CHANGE_TASK, 0, from, selector);           /* while the instruction that did it is known */
    if (c.wide && (cpu->s.cr0 & CR0_PG))
        tell_change(cpu, CHANGE_CR, 3, cpu->s.cr3, c.cr3);
    context_commit(cpu, &c);
    context_load_segments(cpu, &c);
    if (c.trap)
        cpu->s.debug_trap = 1;
}

void task_switch_checked(struct cpu *cpu, u16 selector, enum task_switch_by by)
{
    int vector = by == TASK_BY_IRET ? EXC_TS : EXC_GP;
    struct descriptor d;
    int busy;
    if (selector_null(selector) || (selector & SELECTOR_TI))
        raise_selector(cpu, vector, selector, "TSS selector is null or not in the GDT", 0);
    descriptor_need(cpu, selector, vector, &d);
    busy = by == TASK_BY_IRET ? TYPE_BUSY : 0;
    if (!raw_system(d.raw) || (raw_type(d.raw) & ~TYPE_32BIT) != (TYPE_TSS16 | busy))
        raise_selector(cpu, vector, selector, busy ? "IRET to what is not a busy TSS" : "not an available TSS", d.raw);
    if (!raw_present(d.raw))
        raise_selector(cpu, EXC_NP, selector, "TSS is not present", d.raw);
    task_switch(cpu, selector, &d, by);
}

void task_return(struct cpu *cpu)
{
    u16 link = (u16)sys_ld(cpu, cpu->s.tr.base, 2);
    task_switch_checked(cpu, link, TASK_BY_IRET);
}

/* The bitmap ends with a byte of ones, so that two bytes can always be read. */
void io_check_bitmap(struct cpu *cpu, u32 port, int size)
{
    const struct segment *tr = &cpu->s.tr;
    u32 map, bits;
    if (!(tr->access & SEG_P) || !(tr->access & TYPE_32BIT) || tr->limit < T32_SIZE - 1)
        cpu_raise_gp(cpu, 0, "I/O without privilege, and the TSS has no permission bitmap");
    map = (u32)sys_ld(cpu, (u32)(tr->base + T32_IOMAP), 2);
    if (map + port / 8 + 1 > tr->limit)
        cpu_raise_gp(cpu, 0, "I/O port is beyond the permission bitmap in the TSS");
    bits = (u32)sys_ld(cpu, (u32)(tr->base + map + port / 8), 2) >> (port & 7);
    if (bits & ((1u << size) - 1))
        cpu_raise_gp(cpu, 0, "I/O port is denied by the permission bitmap");
}
