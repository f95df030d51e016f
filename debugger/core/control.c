/* control.c - see control.h. */
#include "control.h"
#include "../../cpu/cpu.h"
#include "../../cpu/descriptor.h"
#include <pthread.h>
#include <stdatomic.h>

struct listeners {
    struct listener {
        void (*told)(void *to);
        void *to;
    } *list;
    int count;
};

struct control {
    struct machine *m;
    struct cpu *cpu;
    enum machine_stop (*run)(void *to);
    void *run_to;
    u64 limit;
    enum machine_stop stop;
    struct points *points;
    struct listeners before, after, moved, on_past;
    enum control_past past;
    struct { void *bytes; size_t n; } *beside;
    int besides;
    struct history *history;
    pthread_mutex_t taken;
    const char *taken_by;               /* under it */
    _Atomic(const char *) claimed_by;
    bool refused;
    atomic_bool running, ended;
    atomic_uint runs;
};

static enum machine_stop run_machine(void *to) { return machine_run(to, UINT64_MAX); }

struct control *control_new(struct machine *m)
{
    struct control *c = xcalloc(1, sizeof *c);
    c->m = m;
    c->cpu = machine_cpu(m);
    c->points = points_new(m);
    c->run = run_machine;
    c->run_to = m;
    c->limit = UINT64_MAX;
    c->stop = STOP_BREAK;
    if (pthread_mutex_init(&c->taken, NULL))
        vitrine_out_of_memory(sizeof c->taken);
    atomic_init(&c->claimed_by, NULL);
    atomic_init(&c->running, false);
    atomic_init(&c->ended, false);
    atomic_init(&c->runs, 0);
    return c;
}

void control_free(struct control *c)
{
    if (!c)
        return;
    points_free(c->points);
    pthread_mutex_destroy(&c->taken);
    free(c->before.list);
    free(c->after.list);
    free(c->moved.list);
    free(c->on_past.list);
    free(c->beside);
    free(c);
}

struct machine *control_machine(const struct control *c) { return c->m; }
struct points *control_points(const struct control *c) { return c->points; }

void control_set_run(struct control *c, enum machine_stop (*run)(void *to), void *to)
{
    c->run = run;
    c->run_to = to;
}

void control_set_limit(struct control *c, u64 insns) { c->limit = insns; }
u64 control_limit(const struct control *c) { return c->limit; }

/* Up to the limit, and by the way to each count of instructions at which a point asks. */
static enum machine_stop run_by_counts(struct control *c, u64 limit)
{
    for (;;) {
        u64 count = points_count_next(c->points, machine_insns(c->m));
        machine_limit_insns(c->m, count < limit ? count : limit);
        enum machine_stop stop = c->run(c->run_to);
        if (stop != STOP_MAX_INSNS)
            return stop;
        cpu_sync(c->cpu);
        if (points_count_reached(c->points, machine_insns(c->m)))
            return STOP_BREAK;
        if (machine_insns(c->m) >= limit)
            return stop;
    }
}

static void tell(const struct listeners *l)
{
    for (int k = 0; k < l->count; k++)
        l->list[k].told(l->list[k].to);
}

static void add(struct listeners *l, void (*told)(void *to), void *to)
{
    l->list = xrealloc(l->list, (size_t)(l->count + 1) * sizeof *l->list);
    l->list[l->count++] = (struct listener) { told, to };
}

/* Nobody else has claimed it: a run may begin. */
static bool go_begin(struct control *c)
{
    const char *claimed = control_claimed(c);
    c->refused = claimed && claimed != c->taken_by;
    if (c->refused)
        return false;
    tell(&c->before);
    points_begin(c->points);
    cpu_pass_breakpoint(c->cpu, true);
    atomic_fetch_add(&c->runs, 1);
    atomic_store(&c->running, true);
    return true;
}

static enum machine_stop go_end(struct control *c)
{
    atomic_store(&c->running, false);
    cpu_sync(c->cpu);
    if (points_settle(c->points) && c->stop == STOP_MAX_INSNS)
        c->stop = STOP_BREAK;
    cpu_pass_breakpoint(c->cpu, false);
    machine_limit_insns(c->m, c->limit);
    tell(&c->after);
    return c->stop;
}

static enum machine_stop go(struct control *c, u64 limit)
{
    if (!go_begin(c))
        return STOP_ASKED;
    c->stop = run_by_counts(c, limit);
    return go_end(c);
}

enum machine_stop control_go(struct control *c) { return go(c, c->limit); }

bool control_go_on(struct control *c)
{
    if (!control_running(c) && !go_begin(c))
        return false;
    c->stop = run_by_counts(c, c->limit);
    if (c->stop == STOP_DEADLINE)
        return true;
    go_end(c);
    return false;
}

static enum machine_stop step(struct control *c, u64 n)
{
    u64 now = machine_insns(c->m);
    return go(c, now < c->limit && n < c->limit - now ? now + n : c->limit);
}

/* Of one instruction that faults the end is where its exception leads to: the first of the handler would be counted in its place. */
enum machine_stop control_step(struct control *c, u64 n)
{
    if (n != 1)
        return step(c, n);
    struct point *p = points_add(c->points, &(struct point) { .kind = POINT_EXCEPTION, .owner = POINT_INTERNAL, .last = 255, .cpl = -1 });
    enum machine_stop stop = step(c, n);
    int hits = points_hits(c->points);
    bool here = false, others = false;
    for (int k = 0; k < hits; k++)
        *(points_hit(c->points, k)->point == p ? &here : &others) = true;
    points_remove(c->points, p);
    if (here && !others && stop == STOP_BREAK)
        c->stop = stop = STOP_MAX_INSNS;
    return stop;
}

enum machine_stop control_stop(const struct control *c) { return c->stop; }

bool control_over(enum machine_stop stop)
{
    return stop == STOP_POWER_OFF || stop == STOP_DEBUG_EXIT || stop == STOP_DEADLINE;
}

void control_on_stop(struct control *c, void (*told)(void *to), void *to)
{
    add(&c->after, told, to);
}

void control_on_go(struct control *c, void (*told)(void *to), void *to) { add(&c->before, told, to); }

void control_moved(struct control *c)
{
    cpu_sync(c->cpu);
    c->stop = STOP_BREAK;
    tell(&c->after);
    tell(&c->moved);
}

void control_on_move(struct control *c, void (*told)(void *to), void *to) { add(&c->moved, told, to); }

void control_beside(struct control *c, void *bytes, size_t n)
{
    c->beside = xrealloc(c->beside, (size_t)(c->besides + 1) * sizeof *c->beside);
    c->beside[c->besides].bytes = bytes;
    c->beside[c->besides++].n = n;
}

bool control_beside_at(const struct control *c, int k, void **bytes, size_t *n)
{
    if (k >= c->besides)
        return false;
    *bytes = c->beside[k].bytes;
    *n = c->beside[k].n;
    return true;
}

void control_set_history(struct control *c, struct history *h) { c->history = h; }
struct history *control_history(const struct control *c) { return c->history; }

void control_set_past(struct control *c, enum control_past past)
{
    if (past == c->past)
        return;
    if (past == PAST_AWAY)
        atomic_fetch_add(&c->runs, 1);
    if (past == PAST_AWAY || c->past == PAST_AWAY)
        atomic_store(&c->running, past == PAST_AWAY);
    c->past = past;
    tell(&c->on_past);
}

enum control_past control_past(const struct control *c) { return c->past; }
void control_on_past(struct control *c, void (*told)(void *to), void *to) { add(&c->on_past, told, to); }

bool control_running(const struct control *c) { return atomic_load(&c->running); }
u32  control_runs(const struct control *c) { return atomic_load(&c->runs); }
void control_interrupt(struct control *c) { machine_break(c->m); }
void control_interrupt_no_more(struct control *c) { machine_break_no_more(c->m); }

void control_take(struct control *c, const char *who)
{
    pthread_mutex_lock(&c->taken);
    c->taken_by = who;
}

bool control_try(struct control *c, const char *who)
{
    if (pthread_mutex_trylock(&c->taken))
        return false;
    c->taken_by = who;
    return true;
}

void control_give(struct control *c)
{
    c->taken_by = NULL;
    pthread_mutex_unlock(&c->taken);
}

void control_claim(struct control *c, bool on) { atomic_store(&c->claimed_by, on ? c->taken_by : NULL); }
const char *control_claimed(const struct control *c) { return atomic_load(&c->claimed_by); }
void control_end(struct control *c) { atomic_store(&c->ended, true); }
bool control_ended(const struct control *c) { return atomic_load(&c->ended); }
bool control_refused(const struct control *c) { return c->refused; }

u64 control_linear(const struct control *c) { return (u32)(cpu_segment(c->cpu, CS)->base + cpu_eip(c->cpu)); }
