/* msr.c - model-specific registers.
 * Follows: Intel SDM Vol. 4 "MSRs in the P6 Family Processors", "MSRs in Pentium Processors"; Vol. 3A "Memory Type Range
 * Registers", "Page Attribute Table", "Machine-Check Architecture"; Vol. 3B "Performance Monitoring".
 * Here: what P6 systems touch. The performance counters count instructions retired (C0H) and clocks (79H).
 * Not yet: other performance events, last-branch records, branch trace; DEBUGCTL keeps its bits and does nothing. */
#include "system.h"

enum {
    MSR_P5_MC_ADDR = 0x00, MSR_P5_MC_TYPE = 0x01, MSR_TSC = 0x10, MSR_P5_CESR = 0x11, MSR_P5_CTR0 = 0x12, MSR_P5_CTR1 = 0x13,
    MSR_PLATFORM_ID = 0x17, MSR_EBL_CR_POWERON = 0x2a, MSR_BIOS_UPDT_TRIG = 0x79, MSR_BIOS_SIGN = 0x8b,
    MSR_PERFCTR0 = 0xc1, MSR_PERFCTR1 = 0xc2, MSR_MTRRCAP = 0xfe, MSR_SYSENTER_CS = 0x174, MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176, MSR_MCG_CAP = 0x179, MSR_MCG_STATUS = 0x17a, MSR_EVNTSEL0 = 0x186, MSR_EVNTSEL1 = 0x187,
    MSR_DEBUGCTL = 0x1d9, MSR_LASTBRANCH_FROM = 0x1db, MSR_LASTINT_TO = 0x1de, MSR_MTRR_PHYS = 0x200, MSR_MTRR_64K = 0x250,
    MSR_MTRR_16K = 0x258, MSR_MTRR_4K = 0x268, MSR_PAT = 0x277, MSR_MTRR_DEF = 0x2ff, MSR_MC0_CTL = 0x400
};
static const u32 msr_efer = 0xc0000080;
static const u64 physical_36 = (1ull << 36) - 1;
static const u64 count_40 = (1ull << 40) - 1;

enum { MTRR_CAP = MTRR_PAIRS | 0x100 /* fixed ranges */ | 0x400 /* write combining */ };
enum { EVENT_CLOCKS = 0x79, EVENT_INSNS = 0xc0, SELECT_USER = 1 << 16, SELECT_OS = 1 << 17, SELECT_ENABLE = 1 << 22 };

u64 cpu_tsc(const struct cpu *cpu)
{
    return (cpu->w.time ? cpu->w.time(cpu->w.clock) : cpu_insns(cpu)) + cpu->s.tsc_offset;
}

/* Memory types; 7 (UC-) in the PAT only. */
static bool type_ok(u64 type, bool pat)
{
    return type == 0 || type == 1 || (type >= 4 && type <= 6) || (pat && type == 7);
}

static bool types_ok(u64 v, bool pat)
{
    for (int k = 0; k < 64; k += 8)
        if (!type_ok(v >> k & 0xff, pat))
            return false;
    return true;
}

/* Index of a fixed-range MTRR's state, -1 if it is none. */
static int fixed_index(u32 msr)
{
    if (msr == MSR_MTRR_64K)
        return 0;
    if (msr == MSR_MTRR_16K || msr == MSR_MTRR_16K + 1)
        return (int)(msr - MSR_MTRR_16K) + 1;
    if (msr >= MSR_MTRR_4K && msr < MSR_MTRR_4K + 8)
        return (int)(msr - MSR_MTRR_4K) + 3;
    return -1;
}

/* While a counter runs, perf_count holds its value minus the source's. */
static u64 perf_source(const struct cpu *cpu, int n)
{
    u64 select = cpu->s.perf_select[n];
    if (!(cpu->s.perf_select[0] & SELECT_ENABLE) || !(select & (SELECT_USER | SELECT_OS)))
        return 0;
    switch (select & 0xff) {
    case EVENT_INSNS:  return cpu_insns(cpu);
    case EVENT_CLOCKS: return cpu_tsc(cpu) - cpu->s.tsc_offset;
    default:           return 0;
    }
}

static u64 perf_read(const struct cpu *cpu, int n) { return (cpu->s.perf_count[n] + perf_source(cpu, n)) & count_40; }

static void perf_set(struct cpu *cpu, int n, u64 v) { cpu->s.perf_count[n] = (v - perf_source(cpu, n)) & count_40; }

static void perf_select(struct cpu *cpu, int n, u64 v)
{
    u64 now[2] = { perf_read(cpu, 0), perf_read(cpu, 1) };      /* EVNTSEL0 enables both */
    cpu->s.perf_select[n] = v;
    perf_set(cpu, 0, now[0]);
    perf_set(cpu, 1, now[1]);
}

static bool mtrr_read(const struct cpu *cpu, u32 msr, u64 *v)
{
    int fixed = fixed_index(msr);
    if (!cpu_has(cpu, FEATURE_MTRR))
        return false;
    if (msr == MSR_MTRRCAP)
        *v = MTRR_CAP;
    else if (msr == MSR_MTRR_DEF)
        *v = cpu->s.mtrr_def_type;
    else if (fixed >= 0)
        *v = cpu->s.mtrr_fixed[fixed];
    else if (msr >= MSR_MTRR_PHYS && msr < MSR_MTRR_PHYS + 2 * MTRR_PAIRS)
        *v = msr & 1 ? cpu->s.mtrr_mask[(msr - MSR_MTRR_PHYS) / 2] : cpu->s.mtrr_base[(msr - MSR_MTRR_PHYS) / 2];
    else
        return false;
    return true;
}

static bool mtrr_write(struct cpu *cpu, u32 msr, u64 v)
{
    int fixed = fixed_index(msr);
    if (!cpu_has(cpu, FEATURE_MTRR))
        return false;
    if (msr == MSR_MTRR_DEF) {
        if ((v & ~0xcffull) || !type_ok(v & 0xff, false))
            return false;
        cpu->s.mtrr_def_type = v;
    } else if (fixed >= 0) {
        if (!types_ok(v, false))
            return false;
        cpu->s.mtrr_fixed[fixed] = v;
    } else if (msr >= MSR_MTRR_PHYS && msr < MSR_MTRR_PHYS + 2 * MTRR_PAIRS) {
        u32 n = (msr - MSR_MTRR_PHYS) / 2;
        if (msr & 1) {
            if (v & ~(physical_36 & ~0x7ffull))
                return false;
            cpu->s.mtrr_mask[n] = v;
        } else {
            if ((v & ~(physical_36 & ~0xf00ull)) || !type_ok(v & 0xff, false))
                return false;
            cpu->s.mtrr_base[n] = v;
        }
    } else {
        return false;
    }
    return true;
}

static bool has_mca(const struct cpu *cpu) { return cpu_has(cpu, FEATURE_MCA); }

/* The index of a machine-check bank register: bank * 4 + register, -1 if it is none. */
static int bank_index(const struct cpu *cpu, u32 msr)
{
    return has_mca(cpu) && msr >= MSR_MC0_CTL && msr < MSR_MC0_CTL + ARRAY_LEN(cpu->s.mc) * 4 ? (int)(msr - MSR_MC0_CTL) : -1;
}

static bool p6_read(struct cpu *cpu, u32 msr, u64 *v)
{
    int bank = bank_index(cpu, msr);
    const struct cpu_state *s = &cpu->s;
    if (mtrr_read(cpu, msr, v))
        return true;
    if (bank >= 0) {
        *v = s->mc[bank / 4][bank & 3];
        return true;
    }
    switch (msr) {
    case MSR_PLATFORM_ID: case MSR_EBL_CR_POWERON: *v = 0; return true;
    case MSR_BIOS_SIGN:    *v = s->bios_sign;      return true;
    case MSR_PERFCTR0: case MSR_PERFCTR1:
        *v = perf_read(cpu, (int)(msr - MSR_PERFCTR0));
        return true;
    case MSR_EVNTSEL0: case MSR_EVNTSEL1:
        *v = s->perf_select[msr - MSR_EVNTSEL0];
        return true;
    case MSR_SYSENTER_CS:  *v = s->sysenter_cs;    return cpu_has(cpu, FEATURE_SEP);
    case MSR_SYSENTER_ESP: *v = s->sysenter_esp;   return cpu_has(cpu, FEATURE_SEP);
    case MSR_SYSENTER_EIP: *v = s->sysenter_eip;   return cpu_has(cpu, FEATURE_SEP);
    case MSR_MCG_CAP:      *v = s->mcg_cap;        return has_mca(cpu);
    case MSR_MCG_STATUS:   *v = s->mcg_status;     return has_mca(cpu);
    case MSR_DEBUGCTL:     *v = s->debugctl;       return true;
    case MSR_PAT:          *v = s->pat;            return cpu_has(cpu, FEATURE_PAT);
    default:
        *v = 0;
        return apic_msr_read(cpu, msr, v) || (msr >= MSR_LASTBRANCH_FROM && msr <= MSR_LASTINT_TO);
    }
}

static bool p6_write(struct cpu *cpu, u32 msr, u64 v)
{
    int bank = bank_index(cpu, msr);
    struct cpu_state *s = &cpu->s;
    if (mtrr_write(cpu, msr, v))
        return true;
    if (bank >= 0) {
        if ((bank & 3) != 0 && v != 0)                          /* status, address, misc: software may only clear them */
            return false;
        s->mc[bank / 4][bank & 3] = v;
        return true;
    }
    switch (msr) {
    case MSR_PLATFORM_ID: case MSR_MCG_CAP:
        return false;                                           /* read-only */
    case MSR_EBL_CR_POWERON:
        return true;
    case MSR_BIOS_UPDT_TRIG: return true;                       /* microcode updates have no effect here */
    case MSR_BIOS_SIGN:      s->bios_sign = v; return true;
    case MSR_PERFCTR0: case MSR_PERFCTR1:                       /* 32 bits are written, sign-extended to 40 */
        perf_set(cpu, (int)(msr - MSR_PERFCTR0), (u64)(i64)(i32)v);
        return true;
    case MSR_EVNTSEL0: case MSR_EVNTSEL1:
        if (v >> 32)
            return false;
        perf_select(cpu, (int)(msr - MSR_EVNTSEL0), v);
        return true;
    case MSR_SYSENTER_CS:  s->sysenter_cs = (u32)v;  return cpu_has(cpu, FEATURE_SEP);
    case MSR_SYSENTER_ESP: s->sysenter_esp = (u32)v; return cpu_has(cpu, FEATURE_SEP);
    case MSR_SYSENTER_EIP: s->sysenter_eip = (u32)v; return cpu_has(cpu, FEATURE_SEP);
    case MSR_MCG_STATUS:
        if (v || !has_mca(cpu))
            return false;
        s->mcg_status = 0;
        return true;
    case MSR_DEBUGCTL:
        if (v & ~0x7full)
            return false;
        if (v & 3)
            log_event(cpu->w.log, "unimp", "last-branch records or branch single-step (DEBUGCTL %x)", (u32)v);
        s->debugctl = v;
        return true;
    case MSR_PAT:
        if (!cpu_has(cpu, FEATURE_PAT) || !types_ok(v, true))
            return false;
        s->pat = v;
        return true;
    default:
        return apic_msr_write(cpu, msr, v);
    }
}

bool msr_read(struct cpu *cpu, u32 msr, u64 *v)
{
    *v = 0;
    if (msr == msr_efer) {
        *v = cpu->s.efer;
        return cpu_has(cpu, FEATURE_NX);
    }
    switch (msr) {
    case MSR_P5_MC_ADDR: case MSR_P5_MC_TYPE:
        return cpu_has(cpu, FEATURE_MCE);
    case MSR_TSC:
        *v = cpu_tsc(cpu);
        return cpu_has(cpu, FEATURE_TSC);
    default:
        break;
    }
    if (cpu_has(cpu, FEATURE_P6))
        return p6_read(cpu, msr, v);
    if (msr == MSR_P5_CESR)
        *v = cpu->s.perf_select[0];
    else if (msr == MSR_P5_CTR0 || msr == MSR_P5_CTR1)
        *v = cpu->s.perf_count[msr - MSR_P5_CTR0];
    else
        return false;
    return true;
}

bool msr_write(struct cpu *cpu, u32 msr, u64 v)
{
    if (msr == msr_efer) {
        if (!cpu_has(cpu, FEATURE_NX) || (v & ~(u64)EFER_NXE))
            return false;
        if (v != cpu->s.efer)
            tlb_flush(cpu, false);
        cpu->s.efer = v;
        return true;
    }
    switch (msr) {
    case MSR_P5_MC_ADDR: case MSR_P5_MC_TYPE:
        return cpu_has(cpu, FEATURE_MCE);
    case MSR_TSC:                                               /* up to the P6 the upper half is cleared */
        if (!cpu_has(cpu, FEATURE_TSC))
            return false;
        cpu->s.tsc_offset += (u32)v - cpu_tsc(cpu);
        if (cpu->apic)
            cpu->apic->tsc(cpu->apic_to);
        return true;
    default:
        break;
    }
    if (cpu_has(cpu, FEATURE_P6))
        return p6_write(cpu, msr, v);
    if (msr == MSR_P5_CESR)
        cpu->s.perf_select[0] = (u32)v;
    else if (msr == MSR_P5_CTR0 || msr == MSR_P5_CTR1)
        cpu->s.perf_count[msr - MSR_P5_CTR0] = v & count_40;
    else
        return false;
    return true;
}

void op_rdmsr(struct cpu *cpu, const struct op *o)
{
    u64 v;
    (void)o;
    if (!msr_read(cpu, reg32(cpu, ECX), &v)) {
        log_event_key(cpu->w.log, "unimp", reg32(cpu, ECX), "RDMSR of %08x, which this processor does not have: #GP", reg32(cpu, ECX));
        cpu_raise_gp(cpu, 0, "RDMSR of a register that does not exist");
    }
    tell_change(cpu, CHANGE_MSR_READ, reg32(cpu, ECX), v, v);
    set_reg32(cpu, EAX, (u32)v);
    set_reg32(cpu, EDX, (u32)(v >> 32));
}

void op_wrmsr(struct cpu *cpu, const struct op *o)
{
    u64 v = (u64)reg32(cpu, EDX) << 32 | reg32(cpu, EAX), old = 0;
    (void)o;
    if ((cpu->observers.changes >> CHANGE_MSR_WRITE & 1) && reg32(cpu, ECX) >> 8 != 8)  /* a local APIC's are not looked at unasked */
        msr_read(cpu, reg32(cpu, ECX), &old);
    if (!msr_write(cpu, reg32(cpu, ECX), v)) {
        log_event_key(cpu->w.log, "unimp", reg32(cpu, ECX), "WRMSR of %016llx to %08x, which this processor does not have or which "
                      "does not take that: #GP", (unsigned long long)v, reg32(cpu, ECX));
        cpu_raise_gp(cpu, 0, "WRMSR to a register that does not exist, or of reserved bits");
    }
    tell_change(cpu, CHANGE_MSR_WRITE, reg32(cpu, ECX), old, v);
}
