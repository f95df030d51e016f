/* alone.c - see alone.h. */
#include <setjmp.h>
#include <stdarg.h>
#include "alone.h"

/* Hours may pass in which nothing happens: devices that catch up later do it then. Where timers fire all the time, it ends sooner. */
enum { FIRES_MAX = 100000 };
static const u64 ALONE_NS = 20000000000000ull, SLICE_NS = 10000000;

/* Has too much happened for one case? */
static void tire(struct target *t)
{
    if (fake_timers_fired(t->m) > FIRES_MAX)
        t->time_left = 0;
}

static void advance(struct target *t, u64 ns)
{
    for (u64 step; ns && t->time_left; ns -= step) {
        step = fake_next_timer(t->m) == TIMER_OFF || ns < SLICE_NS ? ns : SLICE_NS;
        fake_advance(t->m, step);
        tire(t);
    }
}

static void input(struct target *t, const struct input_event *e) { act_saw(t, fake_input(t->m, *e)); }

static void reset(struct target *t) { fake_reset(t->m); }

/* fake_in8 waits while a device holds the processor; nobody is at that port. */
static void settle(struct target *t)
{
    fake_in8(t->m, 0xffff);
    tire(t);
}

static void snapshot(struct target *t) { fake_save_and_load(t->m); }

struct alone *alone_new(struct target *t)
{
    struct alone *a = xcalloc(1, sizeof *a);
    t->of = a;
    t->m = fake_new(RIG_RAM);
    t->advance = advance;
    t->time_left = ALONE_NS;
    t->input = input;
    t->snapshot = snapshot;
    t->reset = reset;
    t->settle = settle;
    return a;
}

void alone_free(struct target *t)
{
    fake_free(t->m);
    free(t->of);
}

struct line alone_wire(struct target *t)
{
    struct alone *a = t->of;
    assert(a->wires < ALONE_WIRES);
    return fake_wire(&a->wire[a->wires++], t->m);
}

/* Moments of edges are exact: that a device is late or early shows. */
void alone_look(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u32 code;
    (void)b;
    for (int k = 0; k < a->wires; k++) {
        act_saw(t, a->wire[k].level);
        act_saw(t, (u64)a->wire[k].rises);
        act_saw(t, a->wire[k].rose_at);
        act_saw(t, a->wire[k].fell_at);
    }
    act_saw(t, fake_take_request(t->m, &code));
}
