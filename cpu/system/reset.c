/* reset.c - architected state after RESET and INIT.
 * Follows: Intel SDM Vol. 3A "Processor State Following Power-up, Reset, or INIT".
 * Here: both columns of the table. Pins (INTR, A20M#, IGNNE#) keep their levels. */
#include "../cpuid.h"
#include "debug_registers.h"
#include "segment.h"
#include "system.h"

enum { MCG_BANKS = 5 };
static const u64 apic_base_reset = 0xfee00000 | APIC_BASE_BSP;
static const u64 pat_reset = 0x0007040600070406;

static void segment_reset(struct segment *seg)
{
    seg->base = 0;
    seg->limit = 0xffff;
    seg->selector = 0;
    seg->access = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED;
}

static void system_segment_reset(struct segment *seg, int type)
{
    seg->base = 0;
    seg->limit = 0xffff;
    seg->selector = 0;
    seg->access = (u16)(SEG_P | type);
}

static void table_reset(struct table_register *t)
{
    t->base = 0;
    t->limit = 0xffff;
    t->reserved = 0;
}

/* What RESET and INIT have in common. */
static void init_state(struct cpu *cpu)
{
    struct cpu_state *s = &cpu->s;
    u64 cache = s->cr0 & (CR0_CD | CR0_NW);                     /* INIT leaves these two */
    memset(s->gpr, 0, sizeof s->gpr);
    set_reg32(cpu, EDX, cpu->model->signature);
    for (int k = 0; k < SEGMENTS; k++)
        segment_reset(&s->seg[k]);
    s->seg[CS].selector = cpu_has(cpu, FEATURE_286) ? 0xf000 : 0xffff;
    s->seg[CS].base = cpu_has(cpu, FEATURE_386) ? 0xffff0000 : cpu_has(cpu, FEATURE_286) ? 0xff0000 : 0xffff0;
    system_segment_reset(&s->ldtr, TYPE_LDT);
    system_segment_reset(&s->tr, cpu_has(cpu, FEATURE_386) ? TYPE_TSS32_BUSY : TYPE_TSS16_BUSY);
    table_reset(&s->gdtr);
    table_reset(&s->idtr);
    s->cpl = 0;
    s->rip = cpu_has(cpu, FEATURE_286) ? 0xfff0 : 0;
    s->cr0 = cr0_fix(cpu, cache);
    s->cr2 = s->cr3 = s->cr4 = s->efer = 0;
    memset(s->pdpte, 0, sizeof s->pdpte);
    debug_reset(cpu);
    s->activity = ACTIVITY_RUN;
    s->shadow = s->debug_trap = s->delivering = s->delivering_vector = s->nmi_masked = s->nmi_pending = 0;
    cpu->dr6_pending = cpu->step_trap = 0;
    faults_forget(cpu);
}

/* RESET alone: the MSRs, caches, x87 and SMBASE. */
static void reset_state(struct cpu *cpu)
{
    struct cpu_state *s = &cpu->s;
    u64 now = cpu->w.time ? cpu->w.time(cpu->w.clock) : 0;
    bool smm = s->smm;
    s->cr0 = CR0_CD | CR0_NW;
    s->tsc_offset = 0 - now;
    s->sysenter_cs = s->sysenter_esp = s->sysenter_eip = 0;
    s->apic_base = apic_base_reset | (cpu_has(cpu, FEATURE_APIC) ? APIC_BASE_EN : 0);
    s->pat = pat_reset;
    s->mcg_cap = MCG_BANKS;
    s->mcg_status = s->debugctl = s->misc_enable = s->bios_sign = 0;
    memset(s->mc, 0, sizeof s->mc);
    memset(s->perf_select, 0, sizeof s->perf_select);
    memset(s->perf_count, 0, sizeof s->perf_count);
    s->mtrr_def_type = 0;
    memset(s->mtrr_base, 0, sizeof s->mtrr_base);
    memset(s->mtrr_mask, 0, sizeof s->mtrr_mask);
    memset(s->mtrr_fixed, 0, sizeof s->mtrr_fixed);
    memset(&s->x87, 0, sizeof s->x87);
    s->x87.fcw = 0x40;
    s->x87.empty = 0;                                           /* all tags valid, +0.0: not what FNINIT leaves */
    s->smbase = 0x30000;
    s->smm = s->smi_pending = s->io_undo = s->io_length = 0;
    if (smm)
        line_set(&cpu->out.smiact, false);
    if (s->ferr)                                                /* no exception of the x87 is pending any more */
        line_set(&cpu->out.ferr, false);
    s->ferr = 0;
}

void cpu_init_state(struct cpu *cpu)
{
    init_state(cpu);
    cpu_set_eflags(cpu, FLAG_1);
}

void cpu_reset_state(struct cpu *cpu)
{
    reset_state(cpu);
    cpu_init_state(cpu);
}
