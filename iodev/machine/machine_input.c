/* machine_input.c - the one queue through which everything a person does enters the guest, stamped in virtual time.
 * Here: order within a stream (keys, mouse, each serial port) is kept; a stream whose device is full waits without
 * holding up the others. Nothing is dropped: who has much to feed looks at machine_input_waiting() first. */
#include "../image/image.h"
#include "../../memory/snapshot.h"
#include "keep.h"
#include "machine_parts.h"

enum { RETRY_NS = 1000000, CAPACITY_FIRST = 32 };

/* The retry has nothing to do: that the timer fired brings machine_run to input_deliver. */
static void input_retry(void *dev) { (void)dev; }

void input_init(struct machine *m) { timer_init(m, &m->input_retry, "machine.input", input_retry, m); }

static int stream_of(const struct input_event *e)
{
    switch (e->kind) {
    case INPUT_KEY:    return STREAM_KEYS;
    case INPUT_MEDIUM: case INPUT_RESET: case INPUT_POWER: return STREAM_CASE;
    case INPUT_SERIAL: return STREAM_SERIAL + e->port % (INPUT_STREAMS - STREAM_SERIAL);
    default:           return STREAM_MOUSE;
    }
}

static struct machine_input_event *event_at(const struct machine_input_stream *s, int k)
{
    return &s->event[(s->head + k) % s->capacity];
}

static void grow(struct machine_input_stream *s)
{
    struct machine_input_stream larger = { .count = s->count, .capacity = s->capacity ? 2 * s->capacity : CAPACITY_FIRST };
    larger.event = xcalloc((size_t)larger.capacity, sizeof *larger.event);
    for (int k = 0; k < s->count; k++)
        larger.event[k] = *event_at(s, k);
    free(s->event);
    *s = larger;
}

static struct machine_input_event *append(struct machine *m, struct machine_input_stream *s)
{
    if (s->count == s->capacity)
        grow(s);
    m->inputs++;
    return event_at(s, s->count++);
}

void input_free(struct machine *m)
{
    for (int k = 0; k < m->input[STREAM_CASE].count; k++) {
        const struct input_event *e = &event_at(&m->input[STREAM_CASE], k)->e;
        if (e->kind == INPUT_MEDIUM)
            image_close(e->image);
    }
    for (int k = 0; k < INPUT_STREAMS; k++)
        free(m->input[k].event);
    memset(m->input, 0, sizeof m->input);
    m->inputs = 0;
}

/* Of struct machine_input_event; cost and timing are of events that never wait. */
static const struct field event_fields[] = {
    FIELD_AT(struct machine_input_event, e.when, "when"), FIELD(struct machine_input_event, number),
    FIELD_AT(struct machine_input_event, e.kind, "kind"), FIELD_AT(struct machine_input_event, e.key, "key"),
    FIELD_AT(struct machine_input_event, e.down, "down"), FIELD_AT(struct machine_input_event, e.buttons, "buttons"),
    FIELD_AT(struct machine_input_event, e.dx, "dx"), FIELD_AT(struct machine_input_event, e.dy, "dy"),
    FIELD_AT(struct machine_input_event, e.dz, "dz"), FIELD_AT(struct machine_input_event, e.port, "port"),
    FIELD_AT(struct machine_input_event, e.byte, "byte"), FIELD_END
};

void input_save(const struct machine *m, struct writer *w)
{
    write_number(w, m->input_number);
    for (int k = 0; k < INPUT_STREAMS; k++) {
        const struct machine_input_stream *s = &m->input[k];
        for (int j = 0; j < s->count; j++) {
            if (event_at(s, j)->e.kind == INPUT_MEDIUM)
                continue;
            write_number(w, (u64)k + 1);
            write_fields(w, event_fields, event_at(s, j));
        }
    }
    write_number(w, 0);
}

void input_load(struct machine *m, struct reader *r)
{
    input_free(m);
    m->input_number = read_number(r);
    for (u64 k; (k = read_at_most(r, INPUT_STREAMS, "stream of input")) != 0; ) {
        struct machine_input_event *to = append(m, &m->input[k - 1]);
        *to = (struct machine_input_event) { 0 };
        read_fields(r, event_fields, to, "input");
    }
}

bool machine_medium_waits(const struct machine *m, int k, struct waiting_medium *medium)
{
    const struct machine_input_stream *s = &m->input[STREAM_CASE];
    for (int j = 0; j < s->count; j++) {
        const struct machine_input_event *at = event_at(s, j);
        *medium = (struct waiting_medium) { at->e, at->number };
        if (at->e.kind == INPUT_MEDIUM && !k--)
            return true;
    }
    return false;
}

/* Between those of the case that came before and behind it. */
void machine_medium_wait(struct machine *m, const struct waiting_medium *medium)
{
    struct machine_input_stream *s = &m->input[STREAM_CASE];
    append(m, s);
    int at = s->count - 1;
    for (; at > 0 && event_at(s, at - 1)->number > medium->number; at--)
        *event_at(s, at) = *event_at(s, at - 1);
    *event_at(s, at) = (struct machine_input_event) { medium->e, medium->number };
}

void machine_input(struct machine *m, const struct input_event *e)
{
    if (m->repeats || machine_replays(m)) {     /* what entered then enters now, and nothing else */
        if (e->kind == INPUT_MEDIUM)
            image_close(e->image);
        return;
    }
    keep_input(m, e);
    input_enter(m, e);
}

void input_enter(struct machine *m, const struct input_event *e)
{
    if (e->kind == INPUT_TICK_COST) {           /* no device waits for it */
        clock_set_cost(m, e->cost);
        return;
    }
    if (e->kind == INPUT_SPEED) {               /* the time-stamp counter keeps the clock that it was made for */
        clock_set_cost(m, e->cost);
        for (int k = 0; k < m->cpu_count; k++)
            cpu_set_timing(m->cpus[k], e->timing);
        return;
    }
    struct machine_input_stream *s = &m->input[stream_of(e)];
    struct machine_input_event *last = append(m, s);
    last->e = *e;
    last->e.when = machine_now(m);
    last->number = m->input_number++;
}

int machine_input_waiting(const struct machine *m, const struct input_event *like) { return m->input[stream_of(like)].count; }

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

/* The stream whose first event is the oldest of those that are not blocked; -1 if there is none. */
static int oldest(const struct machine *m, u32 blocked)
{
    int best = -1;
    for (int k = 0; k < INPUT_STREAMS; k++)
        if (m->input[k].count && !(blocked >> k & 1)
            && (best < 0 || event_at(&m->input[k], 0)->number < event_at(&m->input[best], 0)->number))
            best = k;
    return best;
}

void input_deliver(struct machine *m)
{
    u32 blocked = 0;
    if (!m->inputs || m->input_retry.when != TIMER_OFF)
        return;
    for (int k; (k = oldest(m, blocked)) >= 0; ) {
        struct machine_input_stream *s = &m->input[k];
        struct input_event e = event_at(s, 0)->e;
        if (offer(m, &e)) {
            s->head = (s->head + 1) % s->capacity;
            s->count--;
            m->inputs--;
        } else {
            blocked |= 1u << k;
        }
    }
    if (blocked)
        timer_set(&m->input_retry, machine_now(m) + RETRY_NS);
}
