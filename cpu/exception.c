/* exception.c - raising exceptions, and what becomes of one that comes while another is delivered.
 * Follows: Intel SDM Vol. 3A "Exception Classifications", "Error Code", "Interrupt 8 - Double Fault Exception".
 * Here: raise, double and triple faults. What is kept of them is fault.c's, delivery itself is interrupt.c's. */
#include "mmu/access.h"
#include "decode/op.h"
#include "system/interrupt.h"
#include "engine/run.h"

/* Does this vector push an error code? SDM Vol. 3A "Error Code". */
static bool vector_has_error(int vector)
{
    return vector == EXC_DF || (vector >= EXC_TS && vector <= EXC_PF) || vector == EXC_AC;
}

const char *exception_mnemonic(int vector)
{
    static const char *const names[] = { "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS", "#NP", "#SS", "#GP",
                                         "#PF", "", "#MF", "#AC", "#MC" };
    return vector >= 0 && vector < (int)ARRAY_LEN(names) ? names[vector] : "";
}

/* Faults while an external event or another exception is delivered say so in their error code: "EXT". */
static bool external_event(const struct cpu *cpu)
{
    switch (cpu->s.delivering) {
    case DELIVER_EXTERNAL: case DELIVER_NMI: case DELIVER_FAULT: case DELIVER_TRAP: case DELIVER_ICEBP:
        return true;
    default:
        return false;
    }
}

_Noreturn void cpu_raise(struct cpu *cpu, int vector, u32 error, const char *why, u64 detail)
{
    bool has_error = vector_has_error(vector);
    u8 behind = vector == EXC_DE && cpu->op && !cpu_has(cpu, FEATURE_286) ? cpu->op->len : 0;
    if (vector >= EXC_TS && vector <= EXC_GP && external_event(cpu))
        error |= 1;
    cpu_abandon_op(cpu);
    if (behind)                                                 /* the 8086's divide error points behind the instruction */
        cpu->s.rip = (cpu->s.rip + behind) & 0xffff;
    fault_note(cpu, vector, has_error, error, why, detail);
    cpu->raised_vector = vector;
    cpu->raised_error = has_error || vector == EXC_DB ? error : 0;     /* #DB: 1 is general detect */
    longjmp(cpu->unwind, 1);
}

_Noreturn void cpu_raise_ud(struct cpu *cpu, const char *why) { cpu_raise(cpu, EXC_UD, 0, why, 0); }
_Noreturn void cpu_raise_gp(struct cpu *cpu, u32 error, const char *why) { cpu_raise(cpu, EXC_GP, error, why, 0); }
_Noreturn void cpu_raise_target(struct cpu *cpu, u64 eip, const char *why)
{
    segment_about(cpu, CS, eip, 1, FAULT_FETCH);
    cpu_raise(cpu, EXC_GP, 0, why, 0);
}

void segment_about(struct cpu *cpu, int seg, u64 offset, u32 size, enum fault_access access)
{
    cpu->about = (struct fault_about) { .what = FAULT_SEGMENT, .access = (u8)access, .n = (u8)seg, .selector = cpu->s.seg[seg].selector,
                                        .size = size, .offset = offset, .segment = cpu->s.seg[seg] };
}

static bool contributory(int vector)
{
    return vector == EXC_DE || (vector >= EXC_TS && vector <= EXC_GP);
}

/* What the exception `second` becomes while s.delivering is under way: itself, EXC_DF, or -1 (shutdown). */
static int combine(const struct cpu *cpu, int second)
{
    int first = cpu->s.delivering_vector;
    if (cpu->s.delivering != DELIVER_FAULT && cpu->s.delivering != DELIVER_TRAP)
        return second;                                          /* interrupts are benign */
    if (first == EXC_DF)
        return contributory(second) || second == EXC_PF ? -1 : second;
    if (first == EXC_PF)
        return contributory(second) || second == EXC_PF ? EXC_DF : second;
    return contributory(first) && contributory(second) ? EXC_DF : second;
}

static void shut_down(struct cpu *cpu)
{
    cpu->s.delivering = DELIVER_NONE;
    cpu->s.delivering_vector = 0;
    cpu->s.activity = ACTIVITY_SHUTDOWN;
    cpu->faults.shutdown_why = NULL;
    if (log_on(cpu->w.log, "int"))
        log_event(cpu->w.log, "int", "shutdown at %04x:%08x", cpu->s.seg[CS].selector, (u32)cpu->s.rip);
}

void exception_deliver_raised(struct cpu *cpu)
{
    int vector = combine(cpu, cpu->raised_vector);
    enum deliver_kind kind = DELIVER_FAULT;
    u32 error = cpu->raised_error;
    if (vector < 0) {
        shut_down(cpu);
        return;
    }
    if (vector == EXC_DF && cpu->raised_vector != EXC_DF) {
        error = 0;
        fault_note(cpu, EXC_DF, true, 0, "exception while another one was delivered", 0);
    }
    if (vector == EXC_DB && !error)                             /* of #DB, only general detect has RF set in its image */
        kind = DELIVER_TRAP;
    cpu_deliver(cpu, vector, kind, vector_has_error(vector), error);
}
