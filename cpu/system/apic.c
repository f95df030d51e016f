/* apic.c - the processor's side of its local APIC: IA32_APIC_BASE and the MSRs behind which the APIC sits.
 * Follows: Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)": "Local APIC Status and Location", "Enabling
 * or Disabling the Local APIC", "x2APIC State Transitions", "TSC-Deadline Mode"; Vol. 4 "Architectural MSRs".
 * Here: what WRMSR checks. The APIC itself is a device (struct cpu_apic); a processor that none is attached to keeps
 * IA32_APIC_BASE and has no register behind it. */
#include "system.h"

enum { MSR_APIC_BASE = 0x1b, MSR_TSC_DEADLINE = 0x6e0, MSR_X2APIC = 0x800, MSR_X2APIC_END = 0x8ff };
static const u64 base_address = ((1ull << 36) - 1) & ~0xfffull;

u64 cpu_tsc_clock(const struct cpu *cpu, u64 tsc)
{
    u64 reads = cpu_tsc(cpu), clock = reads - cpu->s.tsc_offset, left = tsc > reads ? tsc - reads : 0;
    return left < UINT64_MAX - clock ? clock + left : UINT64_MAX;
}

void cpu_set_apic(struct cpu *cpu, const struct cpu_apic *apic, void *to)
{
    cpu->apic = apic;
    cpu->apic_to = to;
}

bool apic_enabled(const struct cpu *cpu) { return cpu->s.apic_base & APIC_BASE_EN; }

/* BSP stays what it is, and of bits 9 and 10 a P6 takes no notice. x2APIC mode is entered from xAPIC mode alone, and left for
 * none but "disabled". */
static bool base_write(struct cpu *cpu, u64 v)
{
    u64 mode = APIC_BASE_EN | (cpu_has(cpu, FEATURE_X2APIC) ? APIC_BASE_EXTD : 0), old = cpu->s.apic_base;
    if (v & ~(base_address | mode | APIC_BASE_BSP | (cpu_has(cpu, FEATURE_X2APIC) ? 0 : 0x600)))
        return false;
    v &= base_address | mode;
    if ((v & mode) == APIC_BASE_EXTD)
        return false;
    if ((v & mode) == mode && mode != APIC_BASE_EN && !(old & APIC_BASE_EN))
        return false;
    if ((old & APIC_BASE_EXTD & mode) && (v & mode) == APIC_BASE_EN)
        return false;
    if (!cpu_has(cpu, FEATURE_APIC))
        v &= ~(u64)APIC_BASE_EN;
    cpu->s.apic_base = v | (old & APIC_BASE_BSP);
    if (cpu->apic)
        cpu->apic->base(cpu->apic_to, cpu->s.apic_base);
    return true;
}

static bool is_behind(const struct cpu *cpu, u32 msr)
{
    if (msr == MSR_TSC_DEADLINE)
        return cpu_has(cpu, FEATURE_TSC_DEADLINE);
    return msr >= MSR_X2APIC && msr <= MSR_X2APIC_END && cpu_has(cpu, FEATURE_X2APIC)
        && (cpu->s.apic_base & APIC_BASE_EXTD);
}

bool apic_msr_read(struct cpu *cpu, u32 msr, u64 *v)
{
    if (msr == MSR_APIC_BASE) {
        *v = cpu->s.apic_base;
        return true;
    }
    return is_behind(cpu, msr) && cpu->apic && cpu->apic->read(cpu->apic_to, msr, v);
}

bool apic_msr_write(struct cpu *cpu, u32 msr, u64 v)
{
    if (msr == MSR_APIC_BASE)
        return base_write(cpu, v);
    return is_behind(cpu, msr) && cpu->apic && cpu->apic->write(cpu->apic_to, msr, v);
}
