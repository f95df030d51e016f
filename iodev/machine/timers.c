/* timers.c - the machine's timers: a sorted array of those that are set. A machine has a few dozen, of which a few are
 * set at a time, so that an insertion moves a handful of pointers.
 * Here: order by moment, then by creation, so that runs repeat whatever the host does. */
#include "machine_parts.h"

/* A device that rearms itself in the past must not keep the machine from running instructions. */
enum { FIRED_AT_ONCE_MAX = 256 };

void timer_init(struct machine *m, struct timer *t, const char *name, void (*fire)(void *), void *dev)
{
    *t = (struct timer) { .name = name, .when = TIMER_OFF, .fire = fire, .dev = dev, .machine = m, .order = m->timer_count++ };
    *m->timers_end = t;
    m->timers_end = &t->next;
    if (m->timer_count > m->active_capacity) {
        m->active_capacity = m->timer_count * 2 + 16;
        m->active = xrealloc(m->active, m->active_capacity * sizeof(struct timer *));
    }
}

static bool later(const struct timer *a, const struct timer *b)
{
    return a->when != b->when ? a->when > b->when : a->order > b->order;
}

static void remove_active(struct machine *m, struct timer *t)
{
    u32 k = m->active_count;
    while (m->active[k - 1] != t)
        k--;
    memmove(&m->active[k - 1], &m->active[k], (m->active_count - k) * sizeof(struct timer *));
    m->active_count--;
}

void timer_set(struct timer *t, u64 when)
{
    struct machine *m = t->machine;
    if (t->when == when)
        return;
    if (t->when != TIMER_OFF)
        remove_active(m, t);
    t->when = when;
    if (when == TIMER_OFF)
        return;
    u32 k = m->active_count++;
    for (; k > 0 && later(t, m->active[k - 1]); k--)
        m->active[k] = m->active[k - 1];
    m->active[k] = t;
    if (m->running && k == m->active_count - 1)
        machine_touch(m);              /* its budget was reckoned for a later event */
}

u64 timers_next(const struct machine *m)
{
    return m->active_count ? m->active[m->active_count - 1]->when : TIMER_OFF;
}

void timers_fire(struct machine *m)
{
    u64 now = machine_now(m);
    for (int fired = 0; timers_next(m) <= now && fired < FIRED_AT_ONCE_MAX && m->active_count; fired++) {
        struct timer *t = m->active[--m->active_count];
        t->when = TIMER_OFF;
        machine_work(m, 1);
        m->timers_fired++;
        if (m->on_timer)
            m->on_timer(m->on_timer_to, t);
        t->fire(t->dev);
    }
}

void timers_free(struct machine *m) { free(m->active); }
