/* system.h - bodies of the system instructions (rows' fn), and what else the engine calls of them.
 * In an END body state.rip is the next instruction's; the decoder has planted #UD, LOCK, CPL and mode checks. */
#pragma once
#include "../mmu/access.h"
#include "interrupt.h"
#include "../decode/op.h"

/* segment.c */
void op_mov_sreg_rm(struct cpu *cpu, const struct op *o);
void op_mov_rm_sreg(struct cpu *cpu, const struct op *o);
void op_push_sreg(struct cpu *cpu, const struct op *o);
void op_pop_sreg(struct cpu *cpu, const struct op *o);
void op_les(struct cpu *cpu, const struct op *o);
void op_lds(struct cpu *cpu, const struct op *o);
void op_lss(struct cpu *cpu, const struct op *o);
void op_lfs(struct cpu *cpu, const struct op *o);
void op_lgs(struct cpu *cpu, const struct op *o);

/* descriptor.c */
void op_lar(struct cpu *cpu, const struct op *o);
void op_lsl(struct cpu *cpu, const struct op *o);
void op_verr(struct cpu *cpu, const struct op *o);
void op_verw(struct cpu *cpu, const struct op *o);
void op_arpl(struct cpu *cpu, const struct op *o);
void op_lldt(struct cpu *cpu, const struct op *o);
void op_sldt(struct cpu *cpu, const struct op *o);
void op_ltr(struct cpu *cpu, const struct op *o);
void op_str(struct cpu *cpu, const struct op *o);
void op_lgdt(struct cpu *cpu, const struct op *o);
void op_lidt(struct cpu *cpu, const struct op *o);
void op_sgdt(struct cpu *cpu, const struct op *o);
void op_sidt(struct cpu *cpu, const struct op *o);

/* far.c */
void op_jmp_far_imm(struct cpu *cpu, const struct op *o);
void op_jmp_far_mem(struct cpu *cpu, const struct op *o);
void op_call_far_imm(struct cpu *cpu, const struct op *o);
void op_call_far_mem(struct cpu *cpu, const struct op *o);
void op_ret_far(struct cpu *cpu, const struct op *o);      /* CB and CA: imm is the number of bytes to drop */
void op_sysenter(struct cpu *cpu, const struct op *o);
void op_sysexit(struct cpu *cpu, const struct op *o);

/* interrupt.c, iret.c */
void op_iret(struct cpu *cpu, const struct op *o);
void op_int_n(struct cpu *cpu, const struct op *o);        /* imm: the vector */
void op_int3(struct cpu *cpu, const struct op *o);
void op_into(struct cpu *cpu, const struct op *o);
void op_icebp(struct cpu *cpu, const struct op *o);

/* sysinsn.c, control.c, debug_registers.c, msr.c, smm.c */
void op_clts(struct cpu *cpu, const struct op *o);
void op_lmsw(struct cpu *cpu, const struct op *o);
void op_smsw(struct cpu *cpu, const struct op *o);
void op_mov_r_cr(struct cpu *cpu, const struct op *o);     /* 0F 20 */
void op_mov_cr_r(struct cpu *cpu, const struct op *o);     /* 0F 22 */
void op_mov_r_dr(struct cpu *cpu, const struct op *o);     /* 0F 21 */
void op_mov_dr_r(struct cpu *cpu, const struct op *o);     /* 0F 23 */
void op_invlpg(struct cpu *cpu, const struct op *o);
void op_invd(struct cpu *cpu, const struct op *o);
void op_wbinvd(struct cpu *cpu, const struct op *o);
void op_hlt(struct cpu *cpu, const struct op *o);
void op_cli(struct cpu *cpu, const struct op *o);
void op_sti(struct cpu *cpu, const struct op *o);
void op_pushf(struct cpu *cpu, const struct op *o);
void op_popf(struct cpu *cpu, const struct op *o);
void op_rdtsc(struct cpu *cpu, const struct op *o);
void op_rdpmc(struct cpu *cpu, const struct op *o);
void op_rdmsr(struct cpu *cpu, const struct op *o);
void op_wrmsr(struct cpu *cpu, const struct op *o);
/* Enter SMM, called between instructions. smm.c */
void smm_enter(struct cpu *cpu);
void op_rsm(struct cpu *cpu, const struct op *o);

/* May the program use `size` ports from `port` on? #GP(0) if not: IOPL, then the permission bitmap (task.c). */
void io_check_bitmap(struct cpu *cpu, u32 port, int size);
static inline void io_check(struct cpu *cpu, u32 port, int size)
{
    if (likely(real_mode(cpu) || (!v86_mode(cpu) && cpu->s.cpl <= (int)(cpu->s.eflags >> 12 & 3))))
        return;
    io_check_bitmap(cpu, port, size);
}

/* Model-specific registers; false: there is no such register in this model, or a reserved bit is set. msr.c */
bool msr_read(struct cpu *cpu, u32 index, u64 *value);
bool msr_write(struct cpu *cpu, u32 index, u64 value);
/* Those of the local APIC: IA32_APIC_BASE, IA32_TSC_DEADLINE, x2APIC. apic.c */
bool apic_msr_read(struct cpu *cpu, u32 msr, u64 *v);
bool apic_msr_write(struct cpu *cpu, u32 msr, u64 v);
/* IA32_APIC_BASE enables it: CPUID shows the APIC bit. */
bool apic_enabled(const struct cpu *cpu);

/* CR0 that a value becomes (fixed bits), and CR4 bits that this model has. control.c */
u64  cr0_fix(const struct cpu *cpu, u64 v);
u64  cr4_allowed(const struct cpu *cpu);
/* Why CR0 may not be so; NULL: it may. */
const char *cr0_refused(u64 v);
/* Write them as MOV does. NULL, or why not, and nothing has changed: #GP(0). */
const char *cr0_set(struct cpu *cpu, u64 v);
const char *cr3_set(struct cpu *cpu, u64 v);
const char *cr4_set(struct cpu *cpu, u64 v);
/* Of SGDT, SIDT, SLDT, STR, SMSW: #GP(0) where CR4.UMIP keeps them from user code. descriptor.c */
void umip_check(struct cpu *cpu);
/* EFLAGS bits that this model has. sysinsn.c */
u32  eflags_allowed(const struct cpu *cpu);
/* Those that always read as 1. */
u32  eflags_fixed(const struct cpu *cpu);

/* Architected state after RESET and after INIT: SDM Vol. 3A "Processor State Following Power-up, Reset, or INIT". reset.c */
void cpu_reset_state(struct cpu *cpu);
void cpu_init_state(struct cpu *cpu);

/* Switch to the task whose TSS descriptor passed the caller's checks (present, type). "Task Switching". On return the new
 * task's registers are loaded; cpu->op is NULL from the commit point on. task.c */
enum task_switch_by { TASK_BY_JMP, TASK_BY_CALL, TASK_BY_INTERRUPT, TASK_BY_IRET };
struct descriptor;
void task_switch(struct cpu *cpu, u16 selector, struct descriptor *tss, enum task_switch_by by);
/* Checks of the TSS that a gate or far pointer names, then the switch. */
void task_switch_checked(struct cpu *cpu, u16 selector, enum task_switch_by by);
/* IRET with NT set. */
void task_return(struct cpu *cpu);
