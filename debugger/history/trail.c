/* trail.c - by which branches the processor came to where it stands. Nobody notes them while it runs, which would take a sixth of the
 * speed: the last stretch of the run is repeated, and they are noted then. Who looks at the machine sees nothing of it. */
#include "history_parts.h"
#include "../../cpu/cpu.h"

enum { ENOUGH = 2000, ALWAYS = 3000000 };       /* instructions: among so many there are as many branches as anybody wants; of so many it
                                                 * is not asked how long they take */

/* Where it begins: -1 where nothing leads here, or (*ns) it would take longer than that. */
static int start_of(const struct history *h, const struct machine_place *here, u64 most_ns, u64 *ns)
{
    int best = -1;
    for (int k = h->count - 1; k >= 0 && !(k + 1 < h->count && h->snap[k + 1]->edited); k--) {
        const struct snapshot *s = h->snap[k];
        if (place_compare(&s->at, here) >= 0)
            continue;
        u64 insns = here->insns - s->at.insns;
        if (insns > ALWAYS && h->ran - s->ran > most_ns) {
            *ns = best < 0 ? h->ran - s->ran : 0;
            return best;
        }
        best = k;
        if (insns >= ENOUGH)
            return best;
    }
    return best;
}

/* Something was given to it here, and enters when it goes on. */
static bool waits_here(const struct history *h, const struct machine_place *here)
{
    const struct tape *t = h->tape;
    return !h->past && t->next > t->gone && !place_compare(&t->taped[t->next - 1 - t->gone].at, here);
}

enum back history_trail(struct history *h, u64 most_ns, struct trail_place *to, u32 *n, u64 *ns)
{
    struct cpu *cpu = machine_cpu(h->m);
    struct machine_place here = machine_place_now(h->m);
    *n = 0;
    *ns = 0;
    kept_check(h);
    history_changes(h);
    int k = start_of(h, &here, most_ns, ns);
    struct snapshot *was = k < 0 || waits_here(h, &here) ? NULL : snapshot_aside(h);
    if (!was)
        return BACK_NOWHERE;
    struct seek way = seek_place(&here);
    hits_remember(h);
    cpu_keep_trail(cpu, true);
    h->lost = !set_out(h, k, &way, none_stops);
    cpu_pass_breakpoint(cpu, true);
    enum back end = h->lost ? BACK_LOST : go_on(h, NULL);
    *n = cpu_trail(cpu, to);
    cpu_keep_trail(cpu, false);
    return come(h, was, end);
}
