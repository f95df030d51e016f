/* sysinsn.c - the smaller system instructions.
 * Follows: Intel SDM Vol. 2 "CLI", "STI", "PUSHF", "POPF", "HLT", "INVLPG", "INVD", "WBINVD", "RDTSC", "RDPMC"; Vol. 3A
 * "Protected-Mode Virtual Interrupts", "Interrupt and Exception Handling in Virtual-8086 Mode" (VME).
 * Here: all of these. Descriptor tables are descriptor.c's, control registers control.c's. */
#include "segment.h"
#include "system.h"

u32 eflags_allowed(const struct cpu *cpu)
{
    u32 bits = FLAGS_ARITH | FLAG_1 | FLAG_TF | FLAG_IF | FLAG_DF;
    if (cpu_has(cpu, FEATURE_386))
        bits |= FLAG_IOPL | FLAG_NT | FLAG_RF | FLAG_VM;
    else if (protected_mode(cpu))
        bits |= FLAG_IOPL | FLAG_NT;                            /* a 286 has these two in protected mode only */
    if (cpu_has(cpu, FEATURE_486))
        bits |= FLAG_AC;
    if (cpu_has(cpu, FEATURE_CPUID))
        bits |= FLAG_ID;
    if (cpu_has(cpu, FEATURE_VME))
        bits |= FLAG_VIF | FLAG_VIP;
    return bits;
}

u32 eflags_fixed(const struct cpu *cpu) { return cpu_has(cpu, FEATURE_286) ? FLAG_1 : FLAG_1 | 0xf000; }

static int iopl(const struct cpu *cpu) { return (int)(cpu->s.eflags >> 12 & 3); }

/* Which flag CLI and STI work on: IF, VIF (VME, PVI), or 0: #GP. */
static u32 interrupt_flag(const struct cpu *cpu)
{
    if (real_mode(cpu))
        return FLAG_IF;
    if (v86_mode(cpu))
        return iopl(cpu) == 3 ? FLAG_IF : cpu->s.cr4 & CR4_VME ? FLAG_VIF : 0;
    if (cpu->s.cpl <= iopl(cpu))
        return FLAG_IF;
    return cpu->s.cpl == 3 && (cpu->s.cr4 & CR4_PVI) ? FLAG_VIF : 0;
}

void op_cli(struct cpu *cpu, const struct op *o)
{
    u32 flag = interrupt_flag(cpu);
    (void)o;
    if (!flag)
        cpu_raise_gp(cpu, 0, "CLI without I/O privilege");
    cpu_set_system_flags(cpu, (u32)cpu->s.eflags & ~flag);
}

void op_sti(struct cpu *cpu, const struct op *o)
{
    u32 flag = interrupt_flag(cpu), old = (u32)cpu->s.eflags;
    (void)o;
    if (!flag)
        cpu_raise_gp(cpu, 0, "STI without I/O privilege");
    if (flag == FLAG_VIF && (old & FLAG_VIP))
        cpu_raise_gp(cpu, 0, "STI with a virtual interrupt pending");
    cpu_set_system_flags(cpu, old | flag);
    if (flag == FLAG_IF && !(old & FLAG_IF))
        cpu->s.shadow = SHADOW_STI;
}

static bool v86_restricted(const struct cpu *cpu) { return v86_mode(cpu) && iopl(cpu) < 3; }

void op_pushf(struct cpu *cpu, const struct op *o)
{
    u32 flags = cpu_eflags(cpu) & ~(u32)(FLAG_VM | FLAG_RF);
    if (v86_restricted(cpu)) {
        if (!(cpu->s.cr4 & CR4_VME) || op_bytes(o) != 2)
            cpu_raise_gp(cpu, 0, "PUSHF in virtual-8086 mode with IOPL below 3");
        flags = (flags & ~(u32)FLAG_IF) | FLAG_IOPL | (flags & FLAG_VIF ? FLAG_IF : 0);
    }
    push_size(cpu, flags & mask_bytes(op_bytes(o)), op_bytes(o));
}

void op_popf(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 mask = stack_mask(cpu);
    u32 old = cpu_eflags(cpu), change = FLAGS_ARITH | FLAG_TF | FLAG_DF | FLAG_NT, v;
    bool restricted = v86_restricted(cpu);

    if (restricted && (!(cpu->s.cr4 & CR4_VME) || size != 2))
        cpu_raise_gp(cpu, 0, "POPF in virtual-8086 mode with IOPL below 3");
    v = (u32)stack_peek(cpu, 0, size);
    if (restricted) {
        if (((v & FLAG_IF) && (old & FLAG_VIP)) || (v & FLAG_TF))
            cpu_raise_gp(cpu, 0, "POPF in virtual-8086 mode sets TF, or IF with an interrupt pending");
        old = (old & ~(u32)FLAG_VIF) | (v & FLAG_IF ? FLAG_VIF : 0);
    } else if (cpu->s.cpl <= iopl(cpu)) {
        change |= FLAG_IF;
    }
    if (cpu->s.cpl == 0)
        change |= FLAG_IOPL;
    if (size == 4) {
        change |= FLAG_AC | FLAG_ID;
        old &= ~(u32)FLAG_RF;
    }
    stack_set(cpu, mask, cpu->s.gpr[ESP] + (u64)size);
    cpu_set_eflags(cpu, (old & ~change) | (v & change));
}

void op_hlt(struct cpu *cpu, const struct op *o)
{
    (void)o;
    cpu->s.activity = ACTIVITY_HALTED;
}

void op_invlpg(struct cpu *cpu, const struct op *o)
{
    tlb_flush_page(cpu, (u32)(cpu->s.seg[op_seg(o)].base + op_ea(cpu, o)));
}

/* There are no guest-visible caches to write back or lose. */
void op_invd(struct cpu *cpu, const struct op *o)   { (void)cpu; (void)o; }
void op_wbinvd(struct cpu *cpu, const struct op *o) { (void)cpu; (void)o; }

void op_rdtsc(struct cpu *cpu, const struct op *o)
{
    u64 t;
    (void)o;
    if ((cpu->s.cr4 & CR4_TSD) && cpu->s.cpl)
        cpu_raise_gp(cpu, 0, "RDTSC outside ring 0 with CR4.TSD");
    t = cpu_tsc(cpu);
    set_reg32(cpu, EAX, (u32)t);
    set_reg32(cpu, EDX, (u32)(t >> 32));
}

void op_rdpmc(struct cpu *cpu, const struct op *o)
{
    enum { MSR_PERFCTR0 = 0xc1, MSR_P5_CTR0 = 0x12 };
    u32 n = reg32(cpu, ECX);
    u64 v = 0;
    (void)o;
    if (!(cpu->s.cr4 & CR4_PCE) && cpu->s.cpl)
        cpu_raise_gp(cpu, 0, "RDPMC outside ring 0 without CR4.PCE");
    if (n > 1 || !msr_read(cpu, (cpu_has(cpu, FEATURE_P6) ? MSR_PERFCTR0 : MSR_P5_CTR0) + n, &v))
        cpu_raise_gp(cpu, 0, "RDPMC of a counter that does not exist");
    set_reg32(cpu, EAX, (u32)v);
    set_reg32(cpu, EDX, (u32)(v >> 32) & 0xff);
}
