/* travel.c - the ways back: each loads a snapshot and lets the machine repeat its run from there, to a place. */
#include "history_parts.h"
#include "../../cpu/cpu.h"

enum { DELIVERIES_MOST = 8 };           /* one behind another, without an instruction between them */

const char *back_text(enum back end)
{
    static const char *const texts[] = {
        [BACK_THERE] = "there", [BACK_BEGINNING] = "here is the beginning of what is kept",
        [BACK_NOWHERE] = "nothing like that is in what is kept", [BACK_ASKED] = "stopped on the way back",
        [BACK_LOST] = "the run did not repeat itself, which is a fault of this program; what was kept of it is forgotten",
    };
    return texts[end];
}

/* ---- ways ---- */

struct seek seek_place(const struct machine_place *at) { return (struct seek) { .place = true, .at = *at }; }

/* ---- points on the way: what stops nothing, what stops, what is only noted ---- */

bool none_stops(void *to, const struct point_hit *hit)
{
    (void)to, (void)hit;
    return false;
}

static bool users_stop(void *to, const struct point_hit *hit)
{
    (void)to;
    return hit->point->owner != POINT_INTERNAL;
}

static bool writes_are_noted(void *to, const struct point_hit *hit)
{
    struct history *h = to;
    if (hit->point == h->watched) {
        h->hit = *hit;
        h->any_hit = true;
    }
    return false;
}

bool set_out(struct history *h, int k, const struct seek *to, bool (*stops)(void *to, const struct point_hit *hit))
{
    if (!h->past) {
        h->end = machine_place_now(h->m);
        h->end_entered = h->tape->next;
    }
    for (int j = h->count - 1; j > k; j--)      /* what was changed there was not the run's doing: it ends before that */
        if (h->snap[j]->edited) {
            h->end = h->snap[j]->at;
            h->end_entered = h->snap[j]->entered;
        }
    h->past = h->seeks = true;
    history_repeat(h, true);
    bool loaded = snapshot_load(h, k);
    tape_cut(h->tape, h->end_entered);
    h->there = h->ended = h->lost = false;
    h->searches = stops != none_stops;
    h->target_place = to->place;
    h->target = to->at;
    h->target_insns = to->insns;
    h->target_ns = to->ns;
    h->target_ticks = to->ticks;
    points_begin(control_points(h->control));   /* what was told of was so elsewhere */
    points_judge(control_points(h->control), stops, h);
    machine_limit_insns(h->m, to->insns ? to->insns : UINT64_MAX);
    history_expect(h);
    return loaded;
}

enum back go_on(struct history *h, bool *stopped)
{
    struct points *points = control_points(h->control);
    struct machine_place before = { 0 }, here;
    for (int idle = 0; idle < 4; ) {
        u64 count = stopped ? points_count_next(points, machine_insns(h->m)) : UINT64_MAX;
        if (stopped)
            machine_limit_insns(h->m, count);
        enum machine_stop stop = machine_run(h->m, h->target_ns ? h->target_ns : UINT64_MAX);
        here = machine_place_now(h->m);
        cpu_sync(machine_cpu(h->m));
        bool settled = points_settle(points), counted = machine_insns(h->m) == count && points_count_reached(points, count);
        if (stopped)
            *stopped = stop == STOP_BREAK || settled || counted;
        if (h->there)
            return BACK_THERE;
        if (h->lost || h->ended)
            return h->lost ? BACK_LOST : BACK_BEGINNING;
        if (stop == STOP_ASKED)
            return BACK_ASKED;
        if (stopped && *stopped)
            return BACK_NOWHERE;
        cpu_pass_breakpoint(machine_cpu(h->m), true);
        idle = place_compare(&here, &before) ? 0 : idle + 1;
        before = here;
    }
    return BACK_LOST;
}

void hits_remember(struct history *h)
{
    const struct points *points = control_points(h->control);
    h->came_count = points_hits(points);
    h->came = xrealloc(h->came, ((size_t)h->came_count + 1) * sizeof *h->came);
    for (int k = 0; k < h->came_count; k++)
        h->came[k] = *points_hit(points, k);
}

/* It is where it was to go. */
static void settle(struct history *h, enum back end)
{
    struct points *points = control_points(h->control);
    struct machine_place here = machine_place_now(h->m);
    h->seeks = h->searches = false;
    points_judge(points, NULL, NULL);
    points_begin(points);
    for (int k = 0; k < h->came_count && end == BACK_THERE; k++)
        points_came(points, &h->came[k]);
    h->came_count = 0;
    cpu_pass_breakpoint(machine_cpu(h->m), false);
    machine_limit_insns(h->m, control_limit(h->control));
    if (h->past && !place_compare(&here, &h->end) && h->tape->next == h->end_entered)
        history_cut(h);                         /* the present again */
    history_expect(h);
}

enum back arrive(struct history *h, enum back end)
{
    settle(h, end);
    control_moved(h->control);
    return end;
}

enum back come(struct history *h, struct snapshot *was, enum back end)
{
    settle(h, end);
    cpu_sync(machine_cpu(h->m));
    if (!snapshot_put(h, was, end == BACK_THERE))
        end = BACK_LOST;
    if (end == BACK_THERE)
        history_stands(h);
    else
        control_moved(h->control);
    return end;
}

enum back go_to(struct history *h, const struct seek *to, int from)
{
    if (!set_out(h, from, to, none_stops))
        return arrive(h, (h->lost = true, BACK_LOST));
    cpu_pass_breakpoint(machine_cpu(h->m), true);
    return arrive(h, go_on(h, NULL));
}

/* To the first place with so many instructions. */
static enum back go_to_insns(struct history *h, u64 insns)
{
    int k = h->count - 1;
    if (insns <= h->snap[0]->at.insns)
        return go_to(h, &(struct seek) { .place = true, .at = h->snap[0]->at }, 0);
    while (k > 0 && h->snap[k]->at.insns >= insns)
        k--;
    return go_to(h, &(struct seek) { .insns = insns }, k);
}

static bool stands_at(const struct history *h, const struct point_hit *hit)
{
    const struct cpu *cpu = machine_cpu(h->m);
    return cpu_eip(cpu) == hit->eip && cpu_segment(cpu, CS)->selector == hit->cs;
}

/* A handler's first instruction has the count that was there before its delivery; what bus masters did between two instructions has
 * been done where the second begins. */
enum back go_to_hit(struct history *h, const struct point_hit *hit)
{
    const char *by = hit->by ? hit->by : "";
    bool master = hit->between && !strcmp(by, "a bus master");
    enum back end = go_to_insns(h, hit->insns - (master && hit->insns));
    if (end != BACK_THERE || master || stands_at(h, hit) || !strcmp(by, "delivery"))
        return end;
    for (int k = 0; k < DELIVERIES_MOST && end == BACK_THERE && machine_insns(h->m) == hit->insns && !stands_at(h, hit); k++) {
        struct machine_place here = machine_place_now(h->m);
        end = go_to(h, &(struct seek) { .ticks = here.ticks + 1 }, snapshot_before(h, &here));
    }
    return end == BACK_THERE && !stands_at(h, hit) ? go_to_insns(h, hit->insns) : end;
}

/* Where snap[k] is, the first, or what was changed there. */
static enum back to_beginning(struct history *h, int k)
{
    struct seek to = seek_place(&h->snap[k]->at);
    enum back end = go_to(h, &to, k);
    return end == BACK_THERE ? BACK_BEGINNING : end;
}

/* The last stop with so many instructions, before `here`; NULL: there was none. */
static const struct machine_place *stop_at(const struct history *h, u64 insns, const struct machine_place *here)
{
    const struct machine_place *best = NULL;
    for (u64 k = 0; k < STOPS_KEPT && k < h->stop_count; k++) {
        const struct machine_place *p = &h->stops[k];
        if (p->insns == insns && place_compare(p, here) < 0 && place_compare(p, &h->snap[0]->at) >= 0 &&
            (!best || place_compare(p, best) > 0))
            best = p;
    }
    return best;
}

enum back history_back(struct history *h, u64 insns)
{
    struct machine_place here = machine_place_now(h->m);
    const struct machine_place *stop;
    kept_check(h);
    if (insns > here.insns || here.insns - insns < h->snap[0]->at.insns)
        return to_beginning(h, 0);
    u64 want = here.insns - insns;
    stop = stop_at(h, want, &here);
    if (stop) {
        struct seek to = seek_place(stop);
        return go_to(h, &to, snapshot_before(h, &to.at));
    }
    if (want <= h->snap[0]->at.insns)
        return to_beginning(h, 0);
    return go_to_insns(h, want);
}

enum back history_back_to_time(struct history *h, u64 ns)
{
    kept_check(h);
    if (ns <= h->snap[0]->at.ns)
        return to_beginning(h, 0);
    int k = h->count - 1;
    while (k > 0 && h->snap[k]->at.ns >= ns)
        k--;
    return go_to(h, &(struct seek) { .ns = ns }, k);
}

/* ---- seeking ---- */

/* From snap[k] to `bound`, over every stop, one there included: what stopped it behind an instruction does not stop who begins there.
 * *found: the last of them before `origin`. */
static enum back over_stops(struct history *h, int k, const struct machine_place *bound, const struct machine_place *origin,
                            struct machine_place *found, bool *any)
{
    struct seek to = seek_place(bound);
    enum back end;
    bool stopped;
    if (!set_out(h, k, &to, users_stop))
        return BACK_LOST;
    do {
        points_begin(control_points(h->control));
        end = go_on(h, &stopped);
        struct machine_place here = machine_place_now(h->m);
        if (stopped && place_compare(&here, origin) < 0) {
            *any = true;
            *found = here;
            hits_remember(h);
        }
        cpu_pass_breakpoint(machine_cpu(h->m), true);
    } while (end == BACK_NOWHERE);
    return end;
}

/* The page of memory was not written between snap[k] and the next, nor since if that is the last. */
static bool untouched(const struct history *h, int k, const struct ram *ram, u64 first, u64 last)
{
    const struct snapshot *s = h->snap[k];
    for (size_t i = 0; ram && i < s->pages; i++)
        if (s->page[i].ram == ram && s->page[i].number >= first && s->page[i].number <= last)
            return false;
    return ram;
}

enum back history_back_to_stop(struct history *h)
{
    struct machine_place origin = machine_place_now(h->m), bound = origin, found;
    enum back end = BACK_THERE;
    bool any = false, edited = false;
    int k;
    kept_check(h);
    for (k = snapshot_before(h, &bound) + 1; k > 0 && end == BACK_THERE && !any && !edited; ) {
        struct machine_place start = h->snap[--k]->at;
        if (!place_compare(&start, &bound))
            continue;
        edited = h->snap[k]->edited;            /* the run does not lead here from further back */
        end = over_stops(h, k, &bound, &origin, &found, &any);
        bound = start;
    }
    if (end != BACK_THERE)
        return arrive(h, end);
    if (!any)
        return to_beginning(h, k);
    struct seek to = seek_place(&found);
    return go_to(h, &to, snapshot_before(h, &found));
}

/* Snapshot by snapshot, but for stretches in which nobody wrote to these pages. */
static enum back seek_write(struct history *h, const struct ram *ram, u64 first, u64 last)
{
    struct machine_place bound = machine_place_now(h->m);
    enum back end = BACK_THERE;
    bool edited = false;
    h->any_hit = false;
    for (int k = snapshot_before(h, &bound) + 1; k > 0 && end == BACK_THERE && !h->any_hit && !edited; ) {
        struct machine_place start = h->snap[--k]->at;
        if (!place_compare(&start, &bound))
            continue;
        edited = h->snap[k]->edited;
        if (!untouched(h, k, ram, first, last)) {
            struct seek to = seek_place(&bound);
            end = set_out(h, k, &to, writes_are_noted) ? go_on(h, NULL) : BACK_LOST;
        }
        bound = start;
    }
    return end == BACK_THERE && !h->any_hit ? BACK_NOWHERE : end;
}

enum back history_last_write(struct history *h, u64 physical, u64 n, struct point_hit *hit)
{
    struct machine_place here = machine_place_now(h->m);
    const struct space_page *page = space_page(cpu_memory(machine_cpu(h->m)), physical);
    u64 at = page->ram_offset + (physical & PAGE_MASK);
    kept_check(h);
    h->watched = points_add(control_points(h->control), &(struct point) {
        .kind = POINT_WATCH, .owner = POINT_INTERNAL, .first = physical, .last = physical + n - 1, .physical = true, .write = true,
        .cpl = -1,
    });
    enum back end = seek_write(h, page->ram, at >> PAGE_SHIFT, (at + n - 1) >> PAGE_SHIFT);
    points_remove(control_points(h->control), h->watched);
    *hit = h->hit;
    hit->point = NULL;
    h->any_hit = false;
    if (end == BACK_LOST || end == BACK_ASKED || end == BACK_BEGINNING)
        return arrive(h, end);
    struct seek to = seek_place(&here);
    enum back way = end == BACK_THERE ? go_to_hit(h, hit) : go_to(h, &to, snapshot_before(h, &here));
    return way == BACK_THERE ? end : way;
}
