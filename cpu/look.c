/* look.c - what can be seen of the processor from outside, between instructions or from within a device access. */
#include "decode/op.h"
#include "test_registers.h"

bool cpu_under_way(const struct cpu *cpu) { return cpu->op; }

bool cpu_will_reset(const struct cpu *cpu) { return cpu->pin_waits; }

bool cpu_sleeps(const struct cpu *cpu)
{
    const struct cpu_state *s = &cpu->s;
    return s->activity == ACTIVITY_HALTED && !s->nmi_pending && !s->smi_pending && !(s->intr && (s->eflags & FLAG_IF));
}

bool cpu_interruptible(const struct cpu *cpu) { return cpu->s.eflags & FLAG_IF; }
bool cpu_intr_level(const struct cpu *cpu) { return cpu->s.intr; }
bool cpu_in_smm(const struct cpu *cpu) { return cpu->s.smm; }
int cpu_activity(const struct cpu *cpu) { return cpu->s.activity; }

const char *cpu_doing(const struct cpu *cpu, int *vector)
{
    *vector = -1;
    if (cpu->s.delivering) {
        *vector = cpu->s.delivering_vector;
        return "delivery";
    }
    if (cpu->op)
        return cpu->op->row && cpu->op->row->mnemonic ? cpu->op->row->mnemonic : "";
    return cpu->s.smm ? "SMI" : "reset";
}

enum cpu_mode cpu_mode_now(const struct cpu *cpu)
{
    return cpu->s.smm ? CPU_MODE_SMM : !(cpu->s.cr0 & CR0_PE) ? CPU_MODE_REAL : cpu->s.eflags & FLAG_VM ? CPU_MODE_V86 : CPU_MODE_PROTECTED;
}

int cpu_cpl(const struct cpu *cpu) { return cpu->s.cpl; }

bool cpu_protected(const struct cpu *cpu) { return (cpu->s.cr0 & CR0_PE) && !(cpu->s.eflags & FLAG_VM); }

const struct x87 *cpu_x87(const struct cpu *cpu) { return &cpu->s.x87; }

const struct segment *cpu_segment(const struct cpu *cpu, int n)
{
    return n == SEGMENT_TR ? &cpu->s.tr : n == SEGMENT_LDTR ? &cpu->s.ldtr : &cpu->s.seg[n];
}

bool cpu_part(struct cpu *cpu, int k, struct cpu_part *part)
{
    if (k == 0)
        *part = (struct cpu_part) { "cpu", cpu_fields, &cpu->s };
    else if (k == 1 && cpu->test)
        *part = (struct cpu_part) { "cpu test registers", test_fields, cpu->test };
    else
        return false;
    return true;
}
