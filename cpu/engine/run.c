/* run.c - the processor between instructions: interrupts, traps, single steps, blocks one after another.
 * Follows: SDM Vol. 3A "Priority Among Simultaneous Exceptions and Interrupts", "Debug Exceptions". */
#include "engine.h"
#include "../mmu/paging.h"
#include "../cpuid.h"
#include "../system/debug_registers.h"
#include "../system/system.h"
#include "../test_registers.h"
#include "../timing.h"
#include "../pins.h"
#include "run.h"

/* ---- where we are ---- */

u64 cpu_eip(const struct cpu *cpu)
{
    return cpu->op ? op_eip(cpu, cpu->op) : cpu->s.rip;
}

u64 cpu_insns(const struct cpu *cpu)
{
    return cpu->op ? cpu->end_insns - (u64)cpu->budget + (u64)op_before(cpu->op) + cpu->rep_ticks : cpu->insns;
}

u64 cpu_ticks(const struct cpu *cpu) { return cpu_insns(cpu) + cpu->spent; }

void cpu_abandon_op(struct cpu *cpu)
{
    if (!cpu->op)
        return;
    cpu->s.rip = cpu_eip(cpu);
    cpu->insns = cpu_insns(cpu);
    cpu->rep_ticks = 0;
    cpu->op = NULL;
}

void cpu_sync(struct cpu *cpu) { cpu->s.eflags = cpu_eflags(cpu); }

void cpu_touch(struct cpu *cpu) { cpu->touched = cpu->leave = LEAVE_NOW; }

void cpu_cut(struct cpu *cpu, u64 n)
{
    u64 end = cpu_insns(cpu) + n;
    if (end >= cpu->run_end)
        return;
    cpu->run_end = end;
    u64 iterations = cpu->rep_cost > 1 ? (n + cpu->rep_cost - 1) / cpu->rep_cost : n;
    if (cpu->rep_limit > cpu->rep_ticks + iterations)
        cpu->rep_limit = cpu->rep_ticks + iterations;
    cpu->leave |= LEAVE_LOOK;
}

void cpu_spend(struct cpu *cpu, u64 ticks)
{
    u64 left = cpu->run_end > cpu->insns ? cpu->run_end - cpu->insns : 0;
    cpu->spent += ticks;
    cpu->run_end -= left < ticks ? left : ticks;
}

/* ---- bounded work ---- */

void cpu_work(struct cpu *cpu, u64 units)
{
    cpu->work += units;
    if (cpu->work >= LOOK_WORK)
        cpu->leave |= LEAVE_NOW;
}

u64 cpu_work_most(const struct cpu *cpu)
{
    u64 now = cpu->work + (cpu_ticks(cpu) - cpu->looked) / TICKS_A_UNIT;
    return now > cpu->work_most ? now : cpu->work_most;
}

void cpu_looked(struct cpu *cpu)
{
    cpu->work_most = cpu_work_most(cpu);
    cpu->work = 0;
    cpu->looked = cpu_ticks(cpu);
}

/* Between chains. True: somebody outside wants the machine to stand still. */
static bool look(struct cpu *cpu)
{
    cpu_looked(cpu);
    return cpu_wanted(cpu);
}

/* ---- between instructions ---- */

static void run_chain(struct cpu *cpu, const struct op *op, i64 budget)
{
    if (budget > LOOK_TICKS)                    /* the rest is another chain's */
        budget = LOOK_TICKS;
    cpu->end_insns = cpu->insns + (u64)budget;
#ifdef ENGINE_LOOP
    cpu->loop_budget = budget;
    cpu->loop_tlb = cpu->cache.tlb[cpu->s.cpl == 3];
    while (op) {
        engine_count(op);
        op = ((handler *)op->fn)(cpu, op);
    }
#else
    ((handler *)op->fn)(cpu, op, FREE_AT_FIRST cpu->cache.tlb[cpu->s.cpl == 3], budget);
#endif
}

/* Traps that the last instruction earned. May not return (a fault in delivery). */
static void deliver_traps(struct cpu *cpu)
{
    if (debug_trap_due(cpu))
        cpu_deliver(cpu, EXC_DB, DELIVER_TRAP, false, 0);
}

/* SMI# comes before the traps of the last instruction, but after the T bit's: they wait in the state save map. */
static bool smi_first(const struct cpu *cpu)
{
    return cpu->s.smi_pending && !cpu->s.smm && !cpu->s.shadow && !cpu->s.debug_trap;
}

static bool code_breakpoint(struct cpu *cpu)
{
    u32 hits = debug_code_hits(cpu, (u32)(cpu->s.rip + cpu->s.seg[CS].base));
    cpu->s.dr[6] |= hits;
    return hits;
}

/* Interrupts that wait at this boundary; true if one was taken. */
static bool take_interrupt(struct cpu *cpu)
{
    if (cpu->s.smi_pending && !cpu->s.smm) {
        smm_enter(cpu);
        return true;
    }
    if (cpu->s.nmi_pending && !cpu->s.nmi_masked) {
        cpu->s.nmi_pending = 0;
        cpu->s.nmi_masked = 1;
        cpu->s.activity = ACTIVITY_RUN;
        cpu_deliver(cpu, EXC_NMI, DELIVER_NMI, false, 0);
        return true;
    }
    if (cpu->s.intr && (cpu->s.eflags & FLAG_IF) && cpu->s.activity != ACTIVITY_SHUTDOWN) {
        int vector = cpu->out.intack ? cpu->out.intack(cpu->out.intack_dev) : 0;
        cpu->s.activity = ACTIVITY_RUN;
        cpu_deliver(cpu, vector, DELIVER_EXTERNAL, false, 0);
        return true;
    }
    return false;
}

/* VIF and VIP together at the beginning of an instruction, where the processor recognises them: "Class 2 - Maskable Hardware
 * Interrupt Handling in Virtual-8086 Mode Using the Virtual Interrupt Mechanism", "Protected-Mode Virtual Interrupts". */
static void check_virtual_interrupt(struct cpu *cpu)
{
    u32 both = FLAG_VIF | FLAG_VIP;
    if (likely((cpu->s.eflags & both) != both))
        return;
    u32 enabled = cpu->s.eflags & FLAG_VM ? CR4_VME : CR4_PVI;
    if (cpu->s.cpl == 3 && (cpu->s.eflags & FLAG_IOPL) != FLAG_IOPL && (cpu->s.cr4 & enabled))
        cpu_raise_gp(cpu, 0, "virtual interrupt pending (VIP) with virtual interrupts enabled (VIF)");
}

static i64 remaining(const struct cpu *cpu)
{
    u64 left = cpu->run_end - cpu->insns;
    return left > INT64_MAX / 2 ? INT64_MAX / 2 : (i64)left;
}

/* One instruction (or some iterations of a repeated one), with everything looked at. */
static void step(struct cpu *cpu)
{
    bool tf = cpu->s.eflags & FLAG_TF;
    i64 budget = remaining(cpu);
    if (tf || cpu->s.shadow || budget > BLOCK_MAX - 1)
        budget = tf || cpu->s.shadow ? 1 : BLOCK_MAX - 1;
    if (!(cpu->s.eflags & FLAG_RF) && cpu->cache.code_breakpoints && code_breakpoint(cpu)) {
        cpu_deliver(cpu, EXC_DB, DELIVER_TRAP, false, 0);       /* a fault, but the image keeps RF as it is */
        return;
    }
    cpu->s.eflags &= ~(u64)FLAG_RF;
    cpu->s.shadow = 0;
    cpu->step_trap = tf;
    const struct op *op = block_at(cpu, KIND_STEP, NULL);
    run_chain(cpu, op, budget);
}

/* What ended the last stretch, if the caller must know. */
static bool must_return(struct cpu *cpu, enum cpu_exit *why)
{
    cpu->leave = 0;
    if (unlikely(cpu->observers.ask))
        observers_boundary(cpu);
    if (cpu->observers.stop) {
        cpu->observers.stop = false;
        *why = EXIT_BREAK;
        return true;
    }
    if (look(cpu) || cpu->touched) {
        cpu->touched = 0;
        *why = EXIT_TOUCHED;
        return true;
    }
    *why = EXIT_BUDGET;
    return cpu->insns >= cpu->run_end;
}

static enum cpu_exit run_loop(struct cpu *cpu)
{
    enum cpu_exit why;
    for (;;) {
        if (cpu->dr6_pending | cpu->step_trap | cpu->s.debug_trap) {
            if (smi_first(cpu))
                smm_enter(cpu);
            else
                deliver_traps(cpu);
        }
        if (must_return(cpu, &why))
            return why;
        if (!cpu->s.shadow && take_interrupt(cpu))
            continue;
        if (cpu->s.activity == ACTIVITY_HALTED)
            return EXIT_HALTED;
        if (cpu->s.activity == ACTIVITY_SHUTDOWN) {
            line_pulse(&cpu->out.shutdown);
            return EXIT_SHUTDOWN;
        }
        check_virtual_interrupt(cpu);
        if (unlikely(cpu->observers.of_kind[OBSERVE_PLACE]) && observers_place_step(cpu))
            continue;
        bool single = cpu->s.shadow || (cpu->s.eflags & FLAG_TF) || remaining(cpu) < cpu->step_below
                   || cpu->engine == ENGINE_STEP || cpu->cache.code_breakpoints;
        if (!single)
            cpu->s.eflags &= ~(u64)FLAG_RF;                     /* every instruction's start clears it */
        if (single) {
            if (cpu->observers.of_kind[OBSERVE_INSTRUCTION]) {
                cpu_sync(cpu);
                observers_told(cpu, OBSERVE_INSTRUCTION);
                if (cpu->observers.stop)
                    continue;
            }
            step(cpu);
        } else {
            const struct op *op = block_here(cpu);
            run_chain(cpu, op, remaining(cpu));
        }
    }
}

enum cpu_exit cpu_run(struct cpu *cpu, u64 n)
{
    pins_serve(cpu);
    cpu->run_end = cpu->insns + n;
    cpu->op = NULL;
    if (setjmp(cpu->unwind)) {
        cpu->op = NULL;
        cpu->step_trap = 0;
        cpu->dr6_pending = 0;                                   /* data breakpoints are traps: of what was done to its end */
        if (cpu->raised_vector >= 0)                            /* else the x87 froze the processor: a halt */
            exception_deliver_raised(cpu);
    }
    enum cpu_exit why = run_loop(cpu);
    cpu_sync(cpu);
    return why;
}
