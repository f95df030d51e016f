/* trail.c - where the processor went: the places where blocks began, which every jump leads to. Kept while somebody wants it: the probe
 * (h_trail, engine/chain.c) is in no block otherwise. */
#include "engine/engine.h"

bool cpu_keep_trail(struct cpu *cpu, bool on)
{
    bool was = cpu->trail;
    if (was == on)
        return was;
    if (!on)
        free(cpu->trail);
    cpu->trail = on ? xcalloc(1, sizeof *cpu->trail) : NULL;
    blocks_flush(cpu);
    cpu->leave = LEAVE_NOW;
    return was;
}

u32 cpu_trail(const struct cpu *cpu, struct trail_place to[TRAIL_PLACES])
{
    const struct trail *t = cpu->trail;
    u64 n = !t ? 0 : t->count < TRAIL_PLACES ? t->count : TRAIL_PLACES;
    for (u64 k = 0; k < n; k++)
        to[k] = t->place[(t->count - n + k) % TRAIL_PLACES];
    return (u32)n;
}
