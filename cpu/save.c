/* save.c - the processor written down and read back: the parts that cpu_part() names, what counts beside them, and the backing TLB,
 * whose entries, stale ones too, a program can tell from what its tables say now (SDM Vol. 3A "Caching Translation Information").
 * Caches are not here: a processor that was loaded finds its blocks, links and first-level TLB anew. */
#include "../memory/snapshot.h"
#include "pins.h"
#include "engine/run.h"
#include "mmu/paging.h"

static const struct field beside[] = {
    FIELD(struct cpu, insns),
    FIELD(struct cpu, spent),
    FIELD(struct cpu, dr6_pending),
    FIELD(struct cpu, pin_levels),
    FIELD(struct cpu, pin_waits),
    FIELD_END
};

void cpu_save(struct cpu *cpu, struct writer *w)
{
    struct cpu_part part;
    cpu_sync(cpu);
    for (int k = 0; cpu_part(cpu, k, &part); k++) {
        write_name(w, part.name);
        write_fields(w, part.fields, part.state);
    }
    write_fields(w, beside, cpu);
    backing_save(cpu->backing, w);
}

void cpu_load(struct cpu *cpu, struct reader *r)
{
    struct cpu_part part;
    for (int k = 0; cpu_part(cpu, k, &part); k++) {
        read_name(r, part.name);
        read_fields(r, part.fields, part.state, part.name);
    }
    read_fields(r, beside, cpu, "cpu");
    backing_load(cpu->backing, r);
    faults_forget(cpu);
    if (cpu->trail)
        cpu->trail->count = 0;                  /* it led elsewhere */
    observers_loaded(cpu);
    cpu_recompute(cpu);
    cpu->looked = cpu_ticks(cpu);
}
