/* fault.c - see fault.h. Looks alone: what it reads changes neither A bits nor devices. */
#include "core.h"
#include "system/interrupt.h"

static u8 peek_some(struct cpu *cpu, u64 linear, u8 *to, u32 n)
{
    u32 got = 0;
    if (cpu_peek(cpu, linear, to, n))
        return (u8)n;
    while (got < n && cpu_peek(cpu, (u32)(linear + got), to + got, 1))
        got++;
    return (u8)got;
}

/* What lies around the top of the stack: the words that IRET or RET pop, and what was popped before. */
static void stack_note(struct cpu *cpu, struct fault_record *r)
{
    u64 mask = cpu->s.seg[SS].access & SEG_DB ? 0xffffffff : 0xffff, sp = cpu->s.gpr[ESP] & mask;
    u32 below = sp < FAULT_BELOW ? (u32)sp : FAULT_BELOW, above = mask - sp < FAULT_ABOVE - 1 ? (u32)(mask - sp) + 1 : FAULT_ABOVE;
    r->stack_bits = mask == 0xffff ? 16 : 32;
    r->ss_base = cpu->s.seg[SS].base;
    r->above_length = peek_some(cpu, (u32)(r->ss_base + sp), r->above, above);
    while (below && !cpu_peek(cpu, (u32)(r->ss_base + sp - below), r->below + FAULT_BELOW - below, below))
        below = below < 4 ? 0 : below - 4;
    r->below_length = (u8)below;
}

/* What was being delivered, and what the interrupt table has for it. */
static void event_note(struct cpu *cpu, struct fault_record *r)
{
    if (!cpu->s.delivering)
        return;
    r->event = deliver_kind_name((enum deliver_kind)cpu->s.delivering);
    r->event_vector = cpu->s.delivering_vector;
    r->has_gate = cpu_gate(cpu, (int)r->event_vector, &r->gate);
}

static void remember(struct cpu *cpu, const struct fault_record *r)
{
    if (r->vector < FAULT_VECTORS && !cpu->faults.counts[r->vector]++)
        cpu->faults.first[r->vector] = *r;
    if (cpu->faults.open++ < FAULT_ROOTS)
        cpu->faults.root[cpu->faults.open - 1] = *r;
}

void fault_note(struct cpu *cpu, int vector, bool has_error, u32 error, const char *why, u64 detail)
{
    struct fault_record *r = &cpu->faults.ring[cpu->faults.count % FAULT_RECORDS];
    const struct segment *cs = &cpu->s.seg[CS];
    u64 at = (u32)(cs->base + cpu->s.rip);
    memset(r, 0, sizeof *r);
    r->insns = cpu->insns;
    r->rip = cpu->s.rip;
    r->cs_base = cs->base;
    r->cr2 = cpu->s.cr2;
    r->cr3 = cpu->s.cr3;
    r->esp = cpu->s.gpr[ESP];
    r->eflags = cpu->s.eflags;
    r->detail = detail;
    r->address = vector == EXC_PF ? cpu->s.cr2 : at;
    r->why = why;
    r->error = has_error ? error : 0;
    r->cs = cs->selector;
    r->ss = cpu->s.seg[SS].selector;
    r->vector = (u8)vector;
    r->has_error = has_error;
    r->bits = cs->access & SEG_DB ? 32 : 16;
    r->cpl = cpu->s.cpl;
    r->length = peek_some(cpu, at, r->bytes, FAULT_BYTES);
    stack_note(cpu, r);
    event_note(cpu, r);
    r->about = cpu->about;
    cpu->about.what = FAULT_PLAIN;
    cpu->about.size = 0;
    cpu->faults.last = cpu->faults.count % FAULT_RECORDS;
    cpu->faults.any = true;
    remember(cpu, r);
    if (++cpu->faults.count >= 2 * FAULT_RECORDS)                /* the chain is the last 8; keep the count small */
        cpu->faults.count -= FAULT_RECORDS;
}

/* By the place alone, since a task's stack tells: further out, or as high on the stack of the same ring as it was before. */
void fault_returned(struct cpu *cpu)
{
    const struct fault_record *root = &cpu->faults.root[0];
    if (cpu->s.cpl > root->cpl || (cpu->s.cpl == root->cpl && (root->cpl == 3 || (u32)cpu->s.gpr[ESP] >= (u32)root->esp)))
        cpu->faults.open = 0;
}

void faults_forget(struct cpu *cpu)
{
    cpu->faults.count = 0;
    cpu->faults.open = 0;
    cpu->faults.any = false;
    cpu->about.what = FAULT_PLAIN;
    cpu->about.size = 0;
    memset(cpu->faults.counts, 0, sizeof cpu->faults.counts);
    cpu->faults.shutdown_why = NULL;
}

/* ---- looked at ---- */

u32 cpu_faults(const struct cpu *cpu, const struct fault_record *chain[FAULT_RECORDS], u32 *all)
{
    u32 n = cpu->faults.count < FAULT_RECORDS ? cpu->faults.count : FAULT_RECORDS;
    for (u32 k = 0; k < n; k++)
        chain[k] = &cpu->faults.ring[(cpu->faults.count - n + k) % FAULT_RECORDS];
    *all = cpu->faults.count;
    return n;
}

const struct fault_record *cpu_fault_last(const struct cpu *cpu)
{
    return cpu->faults.any ? &cpu->faults.ring[cpu->faults.last] : NULL;
}

const struct fault_record *cpu_fault_first(const struct cpu *cpu, int vector, u64 *count)
{
    *count = vector >= 0 && vector < FAULT_VECTORS ? cpu->faults.counts[vector] : 0;
    return *count ? &cpu->faults.first[vector] : NULL;
}

const struct fault_record *cpu_fault_root(const struct cpu *cpu, int k, u64 *all)
{
    *all = cpu->faults.open;
    return k < FAULT_ROOTS && (u64)k < cpu->faults.open ? &cpu->faults.root[k] : NULL;
}

void *cpu_faults_kept(struct cpu *cpu, size_t *n)
{
    *n = sizeof cpu->faults;
    return &cpu->faults;
}

const char *cpu_shutdown_why(const struct cpu *cpu) { return cpu->faults.shutdown_why; }
