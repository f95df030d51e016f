/* machine_keep.c - see keep.h. Here: places, and what bounds a stretch of the processor so that the keeper sees the one that it waits
 * for. */
#include "keep.h"
#include "machine_parts.h"

struct machine_place machine_place_now(const struct machine *m)
{
    return (struct machine_place) { machine_insns(m), machine_ticks(m), machine_now(m) };
}

int place_compare(const struct machine_place *a, const struct machine_place *b)
{
    if (a->ticks != b->ticks)
        return a->ticks < b->ticks ? -1 : 1;
    return a->ns < b->ns ? -1 : a->ns > b->ns;
}

void machine_set_keeper(struct machine *m, const struct machine_keeper *keeper, void *to)
{
    m->keeper = keeper;
    m->keeper_to = to;
    machine_keep_place(m, NULL);
    machine_set_repeats(m, false);
}

void machine_keep_place(struct machine *m, const struct machine_place *at)
{
    m->keep_ticks = at ? at->ticks : UINT64_MAX;
    m->keep_ns = at ? at->ns : UINT64_MAX;
}

bool machine_repeats(const struct machine *m) { return m->repeats; }

void machine_set_repeats(struct machine *m, bool on)
{
    m->repeats = on;
    log_mute(m->log, on);
}

struct ram *machine_ram(const struct machine *m, int k) { return k >= 0 && k < m->rams ? m->ram[k] : NULL; }

void machine_keep_pages(struct machine *m)
{
    for (int k = 0; k < m->rams; k++)
        ram_keep_pages(m->ram[k]);
    for (int k = 0; k < m->cpu_count; k++)
        cpu_drop_tags(m->cpus[k]);
}

u64 keep_ticks_left(const struct machine *m)
{
    u64 ticks = machine_ticks(m);
    return m->keep_ticks > ticks ? m->keep_ticks - ticks : UINT64_MAX;
}

u64 keep_until(const struct machine *m, u64 until)
{
    return machine_ticks(m) >= m->keep_ticks && m->keep_ns < until ? m->keep_ns : until;
}
