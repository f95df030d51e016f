/* machine_input.c - the one queue through which everything a person does enters the guest, stamped in virtual time.
 * Here: order within a stream (keys, mouse, each serial port) is kept; a stream whose device is full waits without
 * holding up the others. */
#include "machine_parts.h"

enum { RETRY_NS = 1000000 };

/* The retry has nothing to do: that the timer fired brings machine_run to input_deliver. */
static void input_retry(void *dev) { (void)dev; }

void input_init(struct machine *m) { timer_init(m, &m->input_retry, "machine.input", input_retry, m); }

void machine_input(struct machine *m, const struct input_event *e)
{
    if (e->kind == INPUT_TICK_COST) {           /* no device waits for it */
        clock_set_cost(m, e->cost);
        return;
    }
    if (m->inputs == INPUT_MAX) {
        log_event(m->log, LOG_INPUT, "the guest takes no input; event dropped");
        return;
    }
    m->input[m->inputs] = *e;
    m->input[m->inputs++].when = machine_now(m);
}

void machine_input_sink(struct machine *m, bool (*sink)(void *dev, const struct input_event *e), void *dev)
{
    assert(m->sinks < SINKS_MAX);
    m->sink[m->sinks++] = (struct machine_sink) { sink, dev };
}

static bool offer(struct machine *m, const struct input_event *e)
{
    for (int k = 0; k < m->sinks; k++)
        if (m->sink[k].take(m->sink[k].dev, e))
            return true;
    return false;
}

static u32 stream_bit(const struct input_event *e)
{
    switch (e->kind) {
    case INPUT_KEY:    return 1;
    case INPUT_SERIAL: return 4u << (e->port & 15);
    default:           return 2;
    }
}

void input_deliver(struct machine *m)
{
    u32 blocked = 0;
    int kept = 0;
    if (!m->inputs || m->input_retry.when != TIMER_OFF)
        return;
    for (int k = 0; k < m->inputs; k++) {
        struct input_event e = m->input[k];
        u32 bit = stream_bit(&e);
        if ((blocked & bit) || !offer(m, &e)) {
            blocked |= bit;
            m->input[kept++] = e;
        }
    }
    m->inputs = kept;
    if (kept)
        timer_set(&m->input_retry, machine_now(m) + RETRY_NS);
}
