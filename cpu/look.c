/* look.c - what can be seen of the processor from outside, between instructions or from within a device access. */
#include "core.h"
#include "test_registers.h"

bool cpu_under_way(const struct cpu *cpu) { return cpu->op; }

bool cpu_sleeps(const struct cpu *cpu)
{
    const struct cpu_state *s = &cpu->s;
    return s->activity == ACTIVITY_HALTED && !s->nmi_pending && !s->smi_pending && !(s->intr && (s->eflags & FLAG_IF));
}

bool cpu_interruptible(const struct cpu *cpu) { return cpu->s.eflags & FLAG_IF; }
bool cpu_protected(const struct cpu *cpu) { return (cpu->s.cr0 & CR0_PE) && !(cpu->s.eflags & FLAG_VM); }

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
