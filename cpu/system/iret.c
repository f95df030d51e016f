/* iret.c - IRET in every mode.
 * Follows: Intel SDM Vol. 2 "IRET/IRETD"; Vol. 3A "Virtual-8086 Mode", "Handling Multiple NMIs".
 * Here: real mode, V86 with IOPL and VME, same and outer ring, to V86, nested task. */
#include "segment.h"
#include "system.h"

struct popped { u32 eip, flags; u16 cs; };

static struct popped pop_frame(struct cpu *cpu, int size)
{
    u32 v[3];
    stack_peek_some(cpu, v, 3, size);
    return (struct popped) { .eip = v[0], .cs = (u16)v[1], .flags = v[2] };
}

/* Real mode, and V86 with IOPL 3: `keep` are the flags that the image does not change. */
static void iret_real(struct cpu *cpu, int size, u32 keep)
{
    struct popped p = pop_frame(cpu, size);
    u64 mask = stack_mask(cpu);
    code_check_real(cpu, p.eip);
    keep |= size == 2 ? 0xffff0000u : FLAG_VM | FLAG_VIF | FLAG_VIP;
    stack_set(cpu, mask, cpu->s.gpr[ESP] + (u64)size * 3);
    cpu_set_eflags(cpu, (p.flags & ~keep) | (cpu_eflags(cpu) & keep));
    code_commit_real(cpu, p.cs, p.eip);
}

/* With VME and IOPL below 3 the image's IF goes to VIF. */
static void iret_vme(struct cpu *cpu)
{
    struct popped p = pop_frame(cpu, 2);
    u32 old = cpu_eflags(cpu), keep = 0xffff0000u | FLAG_IF | FLAG_IOPL;
    u64 mask = stack_mask(cpu);
    if (((p.flags & FLAG_IF) && (old & FLAG_VIP)) || (p.flags & FLAG_TF))
        cpu_raise_gp(cpu, 0, "IRET in virtual-8086 mode sets TF, or IF with an interrupt pending");
    code_check_real(cpu, p.eip);
    stack_set(cpu, mask, cpu->s.gpr[ESP] + 6);
    old = (p.flags & ~keep) | (old & keep & ~(u32)FLAG_VIF) | (p.flags & FLAG_IF ? FLAG_VIF : 0);
    cpu_set_eflags(cpu, old);
    code_commit_real(cpu, p.cs, p.eip);
}

static void iret_to_v86(struct cpu *cpu, const struct popped *p)
{
    static const u8 order[] = { ES, DS, FS, GS };
    u32 sp = (u32)stack_peek(cpu, 12, 4);
    u16 ss = (u16)stack_peek(cpu, 16, 4), data[4];
    for (u32 k = 0; k < 4; k++)
        data[k] = (u16)stack_peek(cpu, 20 + k * 4, 4);
    if (p->eip > 0xffff)
        cpu_raise_gp(cpu, 0, "IRET to virtual-8086 mode beyond 64 KB");
    cpu_set_eflags(cpu, p->flags | FLAG_VM);
    cpu->s.cpl = 3;
    set_reg32(cpu, ESP, sp);
    segment_fill_v86(&cpu->s.seg[SS], ss);
    for (u32 k = 0; k < 4; k++) {
        segment_fill_v86(&cpu->s.seg[order[k]], data[k]);
        cpu_segment_changed(cpu, order[k]);
    }
    code_commit_real(cpu, p->cs, p->eip);
}

/* Flags that IRET in protected mode changes, by the CPL it runs at. */
static u32 flags_changed(const struct cpu *cpu, int size)
{
    u32 change = FLAGS_ARITH | FLAG_TF | FLAG_DF | FLAG_NT;
    int iopl = (int)(cpu->s.eflags >> 12 & 3);
    if (size == 4)
        change |= FLAG_RF | FLAG_AC | FLAG_ID;
    if (cpu->s.cpl <= iopl)
        change |= FLAG_IF;
    if (cpu->s.cpl == 0)
        change |= FLAG_IOPL | (size == 4 ? FLAG_VIF | FLAG_VIP : 0);
    return change;
}

static void iret_protected(struct cpu *cpu, int size)
{
    struct popped p = pop_frame(cpu, size);
    u64 mask = stack_mask(cpu);
    struct descriptor d;
    u32 change, flags;

    if (size == 4 && (p.flags & FLAG_VM) && cpu->s.cpl == 0) {
        iret_to_v86(cpu, &p);
        return;
    }
    return_code_need(cpu, p.cs, &d);
    change = flags_changed(cpu, size);
    flags = ((u32)cpu->s.eflags & ~change) | (p.flags & change);       /* the arithmetic ones all change */
    if ((p.cs & SELECTOR_RPL) > cpu->s.cpl) {
        u64 sp = stack_peek(cpu, (u32)size * 3, size);
        u16 ss = (u16)stack_peek(cpu, (u32)size * 4, size);
        return_outer(cpu, p.cs, &d, p.eip, ss, sp);
    } else {
        code_offset_need(cpu, d.raw, p.eip);
        descriptor_set_accessed(cpu, &d);
        stack_set(cpu, mask, cpu->s.gpr[ESP] + (u64)size * 3);
        code_commit(cpu, p.cs, &d, cpu->s.cpl, p.eip);
    }
    cpu_set_eflags(cpu, flags);
}

void op_iret(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u32 cpl = cpu->s.cpl;
    u64 from = (u64)cpu->s.seg[CS].selector << 32 | op_eip(cpu, o);
    cpu->s.nmi_masked = 0;                                      /* even when IRET faults */
    if (real_mode(cpu)) {
        iret_real(cpu, size, 0);
    } else if (v86_mode(cpu)) {
        if ((cpu->s.eflags & FLAG_IOPL) == FLAG_IOPL)
            iret_real(cpu, size, FLAG_IOPL);
        else if ((cpu->s.cr4 & CR4_VME) && size == 2)
            iret_vme(cpu);
        else
            cpu_raise_gp(cpu, 0, "IRET in virtual-8086 mode with IOPL below 3");
    } else if (cpu->s.eflags & FLAG_NT) {
        task_return(cpu);
    } else {
        iret_protected(cpu, size);
    }
    if (cpu->faults.open)
        fault_returned(cpu);
    tell_change(cpu, CHANGE_IRET, cpl, from, (u64)cpu->s.seg[CS].selector << 32 | (u32)cpu->s.rip);
}
