/* far.c - far jumps, calls and returns, SYSENTER and SYSEXIT.
 * Follows: Intel SDM Vol. 2 "JMP", "CALL", "RET", "SYSENTER", "SYSEXIT"; Vol. 3A "Privilege Level Checking When Transferring
 * Program Control Between Code Segments".
 * Here: code segments, call gates, task gates and TSSs in every mode. Interrupts are interrupt.c's. */
#include "segment.h"
#include "system.h"

void code_offset_need(struct cpu *cpu, u64 raw, u64 offset)
{
    if (offset > raw_limit(raw)) {
        struct segment there = { 0 };
        segment_fill(&there, 0, raw);
        cpu->about = (struct fault_about) { .what = FAULT_SEGMENT, .access = FAULT_FETCH, .n = CS, .size = 1, .offset = offset,
                                            .segment = there };
        cpu_raise(cpu, EXC_GP, 0, "target is beyond the limit of its code segment", 0);
    }
}

void code_commit(struct cpu *cpu, u16 selector, const struct descriptor *d, int cpl, u32 eip)
{
    segment_fill(&cpu->s.seg[CS], (u16)((selector & ~SELECTOR_RPL) | cpl), d->raw);
    cpu->s.cpl = (u8)cpl;
    cpu->s.rip = eip;
    cpu_ring_changed(cpu);
}

void code_check_real(struct cpu *cpu, u32 eip)
{
    u32 limit = v86_mode(cpu) ? 0xffff : cpu->s.seg[CS].limit;
    if (eip > limit)
        cpu_raise_target(cpu, eip, "target is beyond the limit of the code segment");
}

void code_commit_real(struct cpu *cpu, u16 selector, u32 eip)
{
    if (v86_mode(cpu))
        segment_fill_v86(&cpu->s.seg[CS], selector);
    else
        segment_fill_real(&cpu->s.seg[CS], selector);
    cpu->s.rip = eip;
    cpu_ring_changed(cpu);
}

/* A direct far JMP or CALL to this code segment: type, privilege, presence. */
static void code_direct_need(struct cpu *cpu, u16 selector, struct descriptor *d)
{
    int dpl = raw_dpl(d->raw), cpl = cpu->s.cpl;
    if (raw_conforming(d->raw)) {
        if (dpl > cpl)
            raise_selector(cpu, EXC_GP, selector, "DPL of the conforming code segment is above CPL", d->raw);
    } else if ((selector & SELECTOR_RPL) > cpl || dpl != cpl) {
        raise_selector(cpu, EXC_GP, selector, "DPL of the code segment is not CPL, or RPL is above it", d->raw);
    }
    if (!raw_present(d->raw))
        raise_selector(cpu, EXC_NP, selector, "code segment is not present", d->raw);
}

/* The selector and offset of a call gate: the target descriptor. */
static u16 gate_target_need(struct cpu *cpu, u64 gate, bool call, struct descriptor *d)
{
    u16 selector = gate_selector(gate);
    int dpl;
    if (selector_null(selector))
        raise_null(cpu, EXC_GP, "null code selector in the call gate");
    descriptor_need(cpu, selector, EXC_GP, d);
    dpl = raw_dpl(d->raw);
    if (!raw_code(d->raw))
        raise_selector(cpu, EXC_GP, selector, "call gate leads to what is not a code segment", d->raw);
    if (dpl > cpu->s.cpl || (!call && !raw_conforming(d->raw) && dpl != cpu->s.cpl))
        raise_selector(cpu, EXC_GP, selector, "call gate leads to a code segment of the wrong privilege", d->raw);
    if (!raw_present(d->raw))
        raise_selector(cpu, EXC_NP, selector, "code segment behind the call gate is not present", d->raw);
    return selector;
}

/* CPL and RPL may use the gate or TSS descriptor? */
static void gate_access_need(struct cpu *cpu, u16 selector, u64 raw)
{
    int dpl = raw_dpl(raw);
    if (dpl < cpu->s.cpl || dpl < (selector & SELECTOR_RPL))
        raise_selector(cpu, EXC_GP, selector, "CPL or RPL above the DPL of the gate or TSS", raw);
}

/* Task gates and TSSs, the same for JMP and CALL. */
static void far_task(struct cpu *cpu, u16 selector, struct descriptor *d, enum task_switch_by by)
{
    gate_access_need(cpu, selector, d->raw);
    if (raw_type(d->raw) == TYPE_TASK_GATE) {
        if (!raw_present(d->raw))
            raise_selector(cpu, EXC_NP, selector, "task gate is not present", d->raw);
        task_switch_checked(cpu, gate_selector(d->raw), by);
        return;
    }
    if (selector & SELECTOR_TI)
        raise_selector(cpu, EXC_GP, selector, "TSS descriptor in the LDT", d->raw);
    if (raw_type(d->raw) & TYPE_BUSY)
        raise_selector(cpu, EXC_GP, selector, "TSS is busy", d->raw);
    if (!raw_present(d->raw))
        raise_selector(cpu, EXC_NP, selector, "TSS is not present", d->raw);
    task_switch(cpu, selector, d, by);
}

static void call_same(struct cpu *cpu, u16 selector, struct descriptor *d, u32 offset, int size)
{
    struct frame f;
    u64 mask = stack_mask(cpu), sp;
    frame_begin(&f, size);
    frame_add(&f, cpu->s.seg[CS].selector);
    frame_add(&f, cpu->s.rip);
    frame_probe(cpu, &f);
    code_offset_need(cpu, d->raw, offset);
    descriptor_set_accessed(cpu, d);
    sp = frame_write(cpu, &f);
    stack_set(cpu, mask, sp);
    code_commit(cpu, selector, d, cpu->s.cpl, offset);
}

/* "MORE-PRIVILEGE": through a call gate to an inner ring. */
static void call_inner(struct cpu *cpu, u64 gate, u16 selector, struct descriptor *d)
{
    int size = raw_type(gate) & TYPE_32BIT ? 4 : 2, count = (int)(gate >> 32 & 31), cpl = raw_dpl(d->raw);
    struct frame f;
    struct inner_stack st;
    inner_stack_load(cpu, &st, cpl);
    frame_begin(&f, size);
    frame_add(&f, cpu->s.seg[SS].selector);
    frame_add(&f, cpu->s.gpr[ESP]);
    for (int k = count - 1; k >= 0; k--)
        frame_add(&f, stack_peek(cpu, (u32)(k * size), size));
    frame_add(&f, cpu->s.seg[CS].selector);
    frame_add(&f, cpu->s.rip);
    inner_stack_probe(cpu, &st, &f);
    code_offset_need(cpu, d->raw, gate_offset(gate));
    descriptor_set_accessed(cpu, d);
    inner_stack_write(cpu, &st, &f);
    inner_stack_commit(cpu, &st, cpl);
    code_commit(cpu, selector, d, cpl, gate_offset(gate));
}

static void far_gate(struct cpu *cpu, u16 selector, u64 gate, bool call)
{
    struct descriptor d;
    u16 target;
    gate_access_need(cpu, selector, gate);
    if (!raw_present(gate))
        raise_selector(cpu, EXC_NP, selector, "call gate is not present", gate);
    target = gate_target_need(cpu, gate, call, &d);
    if (!call) {
        code_offset_need(cpu, d.raw, gate_offset(gate));
        descriptor_set_accessed(cpu, &d);
        code_commit(cpu, target, &d, cpu->s.cpl, gate_offset(gate));
    } else if (!raw_conforming(d.raw) && raw_dpl(d.raw) < cpu->s.cpl) {
        call_inner(cpu, gate, target, &d);
    } else {
        call_same(cpu, target, &d, gate_offset(gate), raw_type(gate) & TYPE_32BIT ? 4 : 2);
    }
}

static void far_protected(struct cpu *cpu, u16 selector, u32 offset, int size, bool call)
{
    struct descriptor d;
    if (selector_null(selector))
        raise_null(cpu, EXC_GP, "far transfer through a null selector");
    descriptor_need(cpu, selector, EXC_GP, &d);
    if (raw_code(d.raw)) {
        code_direct_need(cpu, selector, &d);
        if (call) {
            call_same(cpu, selector, &d, offset, size);
        } else {
            code_offset_need(cpu, d.raw, offset);
            descriptor_set_accessed(cpu, &d);
            code_commit(cpu, selector, &d, cpu->s.cpl, offset);
        }
        return;
    }
    if (!raw_system(d.raw))
        raise_selector(cpu, EXC_GP, selector, "far transfer to a data segment", d.raw);
    switch (raw_type(d.raw)) {
    case TYPE_CALL_GATE16: case TYPE_CALL_GATE32:
        far_gate(cpu, selector, d.raw, call);
        break;
    case TYPE_TASK_GATE: case TYPE_TSS16: case TYPE_TSS32: case TYPE_TSS16_BUSY: case TYPE_TSS32_BUSY:
        far_task(cpu, selector, &d, call ? TASK_BY_CALL : TASK_BY_JMP);
        break;
    default:
        raise_selector(cpu, EXC_GP, selector, "far transfer to a descriptor that is no code segment, gate or TSS", d.raw);
    }
}

static void far_transfer(struct cpu *cpu, u16 selector, u32 offset, int size, bool call)
{
    if (protected_mode(cpu)) {
        far_protected(cpu, selector, offset, size, call);
        return;
    }
    if (call) {
        struct frame f;
        u64 mask = stack_mask(cpu), sp;
        frame_begin(&f, size);
        frame_add(&f, cpu->s.seg[CS].selector);
        frame_add(&f, cpu->s.rip);
        frame_probe(cpu, &f);
        code_check_real(cpu, offset);
        sp = frame_write(cpu, &f);
        stack_set(cpu, mask, sp);
    } else {
        code_check_real(cpu, offset);
    }
    code_commit_real(cpu, selector, offset);
}

static void far_mem(struct cpu *cpu, const struct op *o, bool call)
{
    int size = op_bytes(o);
    u64 ea = op_ea(cpu, o), mask = mask_bytes(op_address_bytes(o));
    u32 offset = (u32)ld_size(cpu, op_seg(o), ea, size);
    u16 selector = ld16(cpu, op_seg(o), (ea + (u64)size) & mask);
    far_transfer(cpu, selector, offset, size, call);
}

void op_jmp_far_imm(struct cpu *cpu, const struct op *o)
{
    far_transfer(cpu, (u16)(o->imm >> 32), (u32)(o->imm & mask_bytes(op_bytes(o))), op_bytes(o), false);
}

void op_call_far_imm(struct cpu *cpu, const struct op *o)
{
    far_transfer(cpu, (u16)(o->imm >> 32), (u32)(o->imm & mask_bytes(op_bytes(o))), op_bytes(o), true);
}

void op_jmp_far_mem(struct cpu *cpu, const struct op *o) { far_mem(cpu, o, false); }
void op_call_far_mem(struct cpu *cpu, const struct op *o) { far_mem(cpu, o, true); }

void return_code_need(struct cpu *cpu, u16 selector, struct descriptor *d)
{
    int rpl = selector & SELECTOR_RPL, dpl;
    if (selector_null(selector))
        raise_null(cpu, EXC_GP, "return through a null selector");
    descriptor_need(cpu, selector, EXC_GP, d);
    dpl = raw_dpl(d->raw);
    if (!raw_code(d->raw))
        raise_selector(cpu, EXC_GP, selector, "return to what is not a code segment", d->raw);
    if (rpl < cpu->s.cpl)
        raise_selector(cpu, EXC_GP, selector, "return to an inner ring", d->raw);
    if (raw_conforming(d->raw) ? dpl > rpl : dpl != rpl)
        raise_selector(cpu, EXC_GP, selector, "DPL of the code segment returned to does not fit the RPL", d->raw);
    if (!raw_present(d->raw))
        raise_selector(cpu, EXC_NP, selector, "code segment returned to is not present", d->raw);
}

void return_outer(struct cpu *cpu, u16 selector, struct descriptor *code, u32 eip, u16 ss, u64 sp)
{
    struct descriptor stack;
    int cpl = selector & SELECTOR_RPL;
    stack_segment_need(cpu, ss, cpl, EXC_GP, &stack);
    code_offset_need(cpu, code->raw, eip);
    descriptor_set_accessed(cpu, code);
    segment_fill(&cpu->s.seg[SS], ss, stack.raw);
    stack_set(cpu, raw_access(stack.raw) & SEG_DB ? 0xffffffff : 0xffff, sp);
    code_commit(cpu, selector, code, cpl, eip);
    segments_null_privileged(cpu);
}

void op_ret_far(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u32 drop = (u32)o->imm & 0xffff, two = (u32)size * 2;
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP];
    u32 eip = (u32)stack_peek(cpu, 0, size);
    u16 selector = (u16)stack_peek(cpu, (u32)size, size);
    struct descriptor d;

    if (!protected_mode(cpu)) {
        code_check_real(cpu, eip);
        stack_set(cpu, mask, sp + two + drop);
        code_commit_real(cpu, selector, eip);
        return;
    }
    return_code_need(cpu, selector, &d);
    if ((selector & SELECTOR_RPL) > cpu->s.cpl) {
        u64 outer_sp = stack_peek(cpu, two + drop, size);
        u16 outer_ss = (u16)stack_peek(cpu, two + drop + (u32)size, size);
        return_outer(cpu, selector, &d, eip, outer_ss, outer_sp + drop);
        return;
    }
    code_offset_need(cpu, d.raw, eip);
    descriptor_set_accessed(cpu, &d);
    stack_set(cpu, mask, sp + two + drop);
    code_commit(cpu, selector, &d, cpu->s.cpl, eip);
}

/* Flat segments with fixed attributes: "SYSENTER", "SYSEXIT". */
static void fill_flat(struct segment *seg, u16 selector, bool code, int dpl)
{
    seg->base = 0;
    seg->limit = 0xffffffff;
    seg->selector = selector;
    seg->access = (u16)(SEG_P | SEG_S | SEG_RW | SEG_ACCESSED | SEG_DB | SEG_G | (code ? SEG_CODE : 0) | dpl << 5);
}

void op_sysenter(struct cpu *cpu, const struct op *o)
{
    u16 cs = (u16)(cpu->s.sysenter_cs & ~3u);
    (void)o;
    if (real_mode(cpu))
        cpu_raise_gp(cpu, 0, "SYSENTER in real mode");
    if (selector_null((u16)cpu->s.sysenter_cs))
        cpu_raise_gp(cpu, 0, "SYSENTER with a null SYSENTER_CS_MSR");
    cpu_set_system_flags(cpu, (u32)cpu->s.eflags & ~(u32)(FLAG_VM | FLAG_IF | FLAG_RF));
    fill_flat(&cpu->s.seg[CS], cs, true, 0);
    fill_flat(&cpu->s.seg[SS], (u16)(cs + 8), false, 0);
    set_reg32(cpu, ESP, (u32)cpu->s.sysenter_esp);
    cpu->s.cpl = 0;
    cpu->s.rip = (u32)cpu->s.sysenter_eip;
    cpu_ring_changed(cpu);
}

void op_sysexit(struct cpu *cpu, const struct op *o)
{
    u16 cs = (u16)(cpu->s.sysenter_cs & ~3u);
    (void)o;
    if (real_mode(cpu))
        cpu_raise_gp(cpu, 0, "SYSEXIT in real mode");
    if (selector_null((u16)cpu->s.sysenter_cs))
        cpu_raise_gp(cpu, 0, "SYSEXIT with a null SYSENTER_CS_MSR");
    fill_flat(&cpu->s.seg[CS], (u16)((cs + 16) | 3), true, 3);
    fill_flat(&cpu->s.seg[SS], (u16)((cs + 24) | 3), false, 3);
    set_reg32(cpu, ESP, reg32(cpu, ECX));
    cpu->s.cpl = 3;
    cpu->s.rip = reg32(cpu, EDX);
    cpu_ring_changed(cpu);
}
