/* x87_core.c - status, exceptions, pointers and tags of the x87.
 * Follows: Intel SDM Vol. 1 "x87 FPU Execution Environment", "x87 FPU Exception Handling in Software"; the appendix "Guidelines
 * for Writing x87 FPU Exception Handlers" (FERR#, IGNNE#). */
#include "x87.h"
#include "../../cpuid.h"
#include "../../engine/run.h"

/* CR0.NE = 0 and IGNNE# inactive: the processor stops before the instruction until an interrupt comes. That is a halt whose
 * return address is the instruction itself. */
static _Noreturn void freeze(struct cpu *cpu)
{
    cpu_abandon_op(cpu);
    cpu->s.activity = ACTIVITY_HALTED;
    cpu->raised_vector = -1;                            /* cpu_run: nothing to deliver */
    longjmp(cpu->unwind, 1);
}

static void ferr_raise(struct cpu *cpu)
{
    if (cpu->s.ferr)
        return;
    cpu->s.ferr = 1;
    line_set(&cpu->out.ferr, true);
}

void x87_pending(struct cpu *cpu)
{
    if (cpu->s.cr0 & CR0_NE)
        cpu_raise(cpu, EXC_MF, 0, "an unmasked x87 exception is pending", 0);
    ferr_raise(cpu);
    if (!cpu->s.ignne)
        freeze(cpu);
}

/* Vol. 3 "Assertion of the FERR# Pin": the P6 family and the 386's coprocessor drive it upon completion of the instruction that
 * failed; the 486 and Pentium may wait for the next one that waits, and do here. */
void x87_error(struct cpu *cpu)
{
    cpu->s.x87.fsw |= FSW_ES | FSW_B;
    if (!(cpu->s.cr0 & CR0_NE) && (cpu_has(cpu, FEATURE_P6) || !cpu_has(cpu, FEATURE_486)))
        ferr_raise(cpu);
}

void x87_summarise(struct cpu *cpu)
{
    struct x87 *x = &cpu->s.x87;

    x->fsw &= (u16)~(FSW_ES | FSW_B);
    if (x->fsw & ~x->fcw & FSW_EXCEPTIONS) {
        x87_error(cpu);
    } else if (cpu->s.ferr) {
        cpu->s.ferr = 0;
        line_set(&cpu->out.ferr, false);
    }
}

void x87_note(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;

    x->fip = op_eip(cpu, o);
    x->fcs = cpu->s.seg[CS].selector;
    x->fop = (u16)(o->imm & 0x7ff);
}

void x87_note_memory(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;

    x87_note(cpu, o);
    x->fdp = op_ea(cpu, o);
    x->fds = cpu->s.seg[op_seg(o)].selector;
}

void x87_init(struct cpu *cpu)
{
    struct x87 *x = &cpu->s.x87;

    x->fcw = FCW_INIT;
    x->fsw = 0;
    x->empty = 0xff;
    x->fip = x->fdp = 0;
    x->fcs = x->fds = x->fop = 0;
    x87_summarise(cpu);
}

/* Set exception flags. The new status has C1 as in flags. */
static void x87_flag(struct cpu *cpu, u16 flags)
{
    struct x87 *x = &cpu->s.x87;

    x->fsw = (u16)((x->fsw & ~FSW_C1) | flags);
    if (flags & ~x->fcw & FSW_EXCEPTIONS)
        x87_error(cpu);
}

bool x87_underflow(struct cpu *cpu)
{
    x87_flag(cpu, FSW_IE | FSW_SF);
    return cpu->s.x87.fcw & FSW_IE;
}

bool x87_overflow(struct cpu *cpu)
{
    x87_flag(cpu, FSW_IE | FSW_SF | FSW_C1);
    return cpu->s.x87.fcw & FSW_IE;
}

u16 x87_tag_word(const struct x87 *x)
{
    u16 tags = 0;

    for (int n = 0; n < 8; n++) {
        enum f80_class c = f80_classify(x->st[n]);
        u32 tag = x->empty >> n & 1 ? 3 : c == F80_NORMAL ? 0 : c == F80_ZERO ? 1 : 2;
        tags |= (u16)(tag << 2 * n);
    }
    return tags;
}

void x87_set_tag_word(struct x87 *x, u16 tags)
{
    x->empty = 0;
    for (int n = 0; n < 8; n++)
        if ((tags >> 2 * n & 3) == 3)
            x->empty |= (u8)(1u << n);
}
