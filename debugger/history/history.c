/* history.c - keeps the past of a machine: what enters it, snapshots when they are due, changes from outside. See README.md. */
#include "history_parts.h"
#include "../../cpu/cpu.h"
#include "../../host/clock.h"

enum {
    WAIT_NS = 15000000,                 /* host time of running between snapshots, at least; */
    SHARE = 40, WAIT_MANY_NS = 100000000,       /* so many times as long as one takes, as long as that is a blink; */
    SHARE_LEAST = 21,                   /* or so many times */
    PAGE_NS = 300,                      /* what a page takes that was kept, beside its copy: its next write looks for it */
    TICKS_LEAST = 50000,                /* a machine that does nothing needs none */
    TICKS_LOOK = 20000, LOOKS = 64,     /* the host's clock is asked so often */
    STRETCH_NS = 50000000,              /* between two looks, at most */
};

void history_repeat(struct history *h, bool on)
{
    control_set_past(h->control, !on ? PAST_NOT : h->seeks ? PAST_AWAY : PAST_REPEATS);
    machine_set_repeats(h->m, on);
    kept_repeat(h, on);
}

/* ---- while it runs ---- */

void history_expect(struct history *h)
{
    const struct machine_place *at = h->past ? &h->end : NULL;
    struct machine_place target = h->target_place ? h->target : (struct machine_place) { .ticks = h->target_ticks };
    if (h->seeks && target.ticks && (!at || place_compare(&target, at) < 0))
        at = &target;
    machine_keep_place(h->m, h, at);
}

static bool has_arrived(const struct history *h, const struct machine_place *here)
{
    if (!h->seeks)
        return false;
    if (h->target_place)
        return !place_compare(here, &h->target);
    return here->insns >= h->target_insns && here->ns >= h->target_ns && here->ticks >= h->target_ticks;
}

static enum keep_look look_past(struct history *h)
{
    struct machine_place here = machine_place_now(h->m);
    if (h->asked)
        asked_look(h);
    if (has_arrived(h, &here)) {
        h->there = true;
        return LOOK_STOP;
    }
    const struct taped *next = tape_next(h->tape);
    if (next && h->tape->next < h->end_entered && !place_compare(&next->at, &here))
        return LOOK_ON;                 /* that enters first */
    int left = place_compare(&h->end, &here);
    if (left < 0 || tape_missed(h->tape, &here)) {
        h->lost = true;
        return LOOK_STOP;
    }
    if (!left && h->seeks) {
        h->ended = true;
        return LOOK_STOP;
    }
    if (!left) {                        /* the present */
        h->past = false;
        history_repeat(h, false);
        machine_keep_place(h->m, h, NULL);
    }
    return LOOK_ON;
}

/* How long until the next snapshot, where one takes so long: at most a twentieth of the time goes into them, whatever the guest does. */
static u64 wait_for(u64 cost)
{
    u64 wait = cost * SHARE > WAIT_MANY_NS ? WAIT_MANY_NS : cost * SHARE;
    wait = wait < cost * SHARE_LEAST ? cost * SHARE_LEAST : wait;
    return wait < WAIT_NS ? WAIT_NS : wait;
}

/* So long it ran since it was last looked at: a stretch is short, and who was asleep longer did not run. */
static void count_time(struct history *h, u64 now)
{
    u64 since = h->seen ? now - h->seen : 0;
    h->ran += since < STRETCH_NS ? since : STRETCH_NS;
}

void history_forget(struct history *h)
{
    snapshots_forget(h);
    tape_cut(h->tape, h->tape->next);
    tape_forget(h->tape, h->tape->next);
    free(h->changed);
    h->changed = NULL;
    h->past = h->no_memory = h->lost = false;
    history_repeat(h, false);
    machine_keep_place(h->m, h, NULL);
    snapshot_take(h, false);
    kept_prune(h);
}

/* Is it time for a snapshot? */
static void look_time(struct history *h)
{
    const struct snapshot *top = h->snap[h->count - 1];
    u64 ticks = machine_ticks(h->m), since = ticks - top->at.ticks, now;
    if (ticks - h->checked < TICKS_LOOK && h->looks % LOOKS && h->bytes <= h->budget)
        return;
    h->checked = ticks;
    now = host_ns();
    count_time(h, now);
    h->seen = now;
    if (h->no_memory) {
        history_forget(h);
        return;
    }
    bool over = h->bytes > h->budget, waited = h->ran - top->ran >= h->least_wait || (over && h->count == 1);
    if (since < TICKS_LEAST || !waited) {
        if (over)
            snapshots_thin(h);
        return;
    }
    u64 pages = top->pages;
    snapshot_take(h, false);
    snapshots_thin(h);
    u64 took = host_ns() - now;
    h->least_wait = wait_for(took + h->copying + pages * PAGE_NS);
    h->copying = 0;
    h->seen += took;
}

static enum keep_look look(void *to)
{
    struct history *h = to;
    enum keep_look next = LOOK_ON;
    h->looks++;
    if (h->past)
        next = look_past(h);
    if (next == LOOK_ON && h->count && !h->searches)
        look_time(h);
    return next;
}

/* In its past, too, while it stands there: from here on the run is another. */
static void input(void *to, const struct input_event *e)
{
    struct history *h = to;
    history_cut(h);
    if (e->kind == INPUT_MEDIUM)
        kept_enter(h, e->image);
}

/* ---- while it stands ---- */

void history_cut(struct history *h)
{
    if (!h->past)
        return;
    tape_cut(h->tape, h->tape->next);
    h->past = false;
    history_repeat(h, false);
    machine_keep_place(h->m, h, NULL);
}

/* The state on top is the one that is gone on from. */
void history_changes(struct history *h)
{
    struct machine_place here = machine_place_now(h->m);
    struct snapshot *top = h->snap[h->count - 1];
    struct writer now = { 0 };
    if (place_compare(&top->at, &here))
        return;
    machine_save_hardware(h->m, &now);
    bool same = !now.failed && now.n == top->hardware.n && !memcmp(now.bytes, top->hardware.bytes, now.n) && !top->pages;
    free(now.bytes);
    if (same)
        return;
    history_cut(h);
    snapshot_take(h, true);
}

void history_stands(struct history *h)
{
    struct machine_place here = machine_place_now(h->m);
    u64 now = host_ns();
    history_repeat(h, false);
    count_time(h, now);
    h->seen = 0;
    if (!h->stop_count || place_compare(&h->stops[(h->stop_count - 1) % STOPS_KEPT], &here))
        h->stops[h->stop_count++ % STOPS_KEPT] = here;
    const struct snapshot *top = h->snap[h->count - 1];
    if (!place_compare(&top->at, &here) && !top->pages && top->entered == h->tape->next)
        return;
    snapshot_take(h, false);
    snapshots_thin(h);
}

static void loaded(void *to)
{
    struct history *h = to;
    history_restart(h);
    h->loaded = true;
}

static void going(void *to)
{
    struct history *h = to;
    kept_check(h);
    history_changes(h);
    h->seen = host_ns();
    history_repeat(h, h->past);
    history_expect(h);
}

static void stopped(void *to)
{
    struct history *h = to;
    if (h->lost)
        history_forget(h);
    history_stands(h);
}

/* ---- life ---- */

struct history *history_new(struct control *control, struct pc *pc, u64 budget)
{
    static const struct machine_keeper keeper = { look, input, loaded };
    struct history *h = xcalloc(1, sizeof *h);
    h->control = control;
    h->m = control_machine(control);
    h->pc = pc;
    h->budget = budget;
    h->least_wait = WAIT_NS;
    for (int k = 0; machine_ram(h->m, k); k++)
        ram_set_keeper(machine_ram(h->m, k), snapshot_page, h);
    for (int k = 0; machine_cpu_at(h->m, k); k++) {
        size_t n;
        void *faults = cpu_faults_kept(machine_cpu_at(h->m, k), &n);
        control_beside(control, faults, n);
    }
    h->tape = machine_tape(h->m);
    h->tape->goes_back = true;
    machine_add_keeper(h->m, &keeper, h);
    snapshot_take(h, false);
    h->stops[h->stop_count++] = h->snap[0]->at;
    control_on_go(control, going, h);
    control_on_stop(control, stopped, h);
    control_set_history(control, h);
    return h;
}

void history_restart(struct history *h)
{
    history_forget(h);
    h->stop_count = 0;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    control_set_history(h->control, NULL);
    history_cut(h);
    machine_set_repeats(h->m, false);
    machine_remove_keeper(h->m, h);
    for (int k = 0; machine_ram(h->m, k); k++)
        ram_set_keeper(machine_ram(h->m, k), NULL, NULL);
    snapshots_forget(h);
    pages_free(h);
    kept_free(h);
    h->tape->goes_back = false;
    free(h->came);
    free(h);
}

struct history_view history_view(const struct history *h)
{
    return (struct history_view) {
        .first = h->snap[0]->at, .end = h->past ? h->end : machine_place_now(h->m), .past = h->past,
        .changed = h->changed, .snapshots = h->count, .bytes = h->bytes + kept_bytes(h), .budget = h->budget,
        .entered = (size_t)((h->past ? h->end_entered : h->tape->next) - h->snap[0]->entered),
    };
}
