/* outlet.c - see outlet.h: what is kept, how long a reader is waited for. How a write is kept from waiting is sink.h's. */
#include "outlet.h"
#include "clock.h"
#include "sink.h"

enum { LOOK_MS = 20, HURRY_MS = 100 };

struct outlet {
    struct sink *sink;
    struct failure failure;
    bool stuck;
    const atomic_bool *hurry;
    u64 patience, dropped;
    size_t head, count;                 /* what is kept, a ring */
    u8 kept[OUTLET_BYTES];
};

struct outlet *outlet_new(struct handle h)
{
    struct outlet *o = xcalloc(1, sizeof *o);
    o->sink = sink_new(h, &o->failure);
    o->patience = OUTLET_PATIENCE_MS;
    return o;
}

void outlet_free(struct outlet *o)
{
    if (o)
        sink_free(o->sink);
    free(o);
}

void outlet_patience(struct outlet *o, u64 ms) { o->patience = ms; }
void outlet_hurry(struct outlet *o, const atomic_bool *hurry) { o->hurry = hurry; }
u64 outlet_dropped(const struct outlet *o) { return o->dropped; }

static bool broken(const struct outlet *o) { return o->failure.kind != FAILURE_NONE; }
const struct failure *outlet_failure(const struct outlet *o) { return broken(o) ? &o->failure : NULL; }

void outlet_clear(struct outlet *o)
{
    o->head = o->count = 0;
    o->stuck = false;
}

static bool hurried(const struct outlet *o) { return o->hurry && atomic_load(o->hurry); }

/* As many of the bytes as go without waiting. */
static size_t put(struct outlet *o, const u8 *bytes, size_t n) { return sink_put(o->sink, bytes, n, &o->failure); }

bool outlet_drain(struct outlet *o)
{
    while (o->count && !broken(o)) {
        size_t to_end = OUTLET_BYTES - o->head, n = o->count < to_end ? o->count : to_end;
        size_t k = put(o, o->kept + o->head, n);
        if (!k)
            return false;
        o->head = (o->head + k) % OUTLET_BYTES;
        o->count -= k;
    }
    if (broken(o)) {
        o->dropped += o->count;
        outlet_clear(o);
    }
    o->stuck = false;
    return true;
}

/* Until there is room for n bytes: all that is kept is taken with n = OUTLET_BYTES. Patience is for each step of the reader; in a
 * hurry for all of them together. */
static bool wait_for_room(struct outlet *o, size_t n, u64 in_hurry_ms)
{
    u64 progress = host_ms(), hurry_since = 0;
    size_t before = o->count;
    while (!outlet_drain(o) && OUTLET_BYTES - o->count < n) {
        u64 now = host_ms();
        bool moved = o->count < before;
        before = o->count;
        if (moved)
            progress = now;
        if (hurried(o) && !hurry_since)
            hurry_since = now;
        if (now - progress >= o->patience || (hurry_since && now - hurry_since >= in_hurry_ms))
            return false;
        if (sink_wait(o->sink, LOOK_MS) && !moved)
            host_wait(1000000);                 /* some hosts call a full terminal writable */
    }
    return true;
}

/* Keep what could not be sent; false where there is no room. */
static bool keep(struct outlet *o, const u8 *bytes, size_t n)
{
    if (OUTLET_BYTES - o->count < n && !o->stuck && !wait_for_room(o, n, 0))
        o->stuck = true;
    if (OUTLET_BYTES - o->count < n || broken(o))
        return false;
    for (size_t k = 0; k < n; k++)
        o->kept[(o->head + o->count++) % OUTLET_BYTES] = bytes[k];
    return true;
}

static bool write_some(struct outlet *o, const u8 *bytes, size_t n)
{
    if (outlet_drain(o)) {
        while (n && !broken(o)) {
            size_t k = put(o, bytes, n);
            if (!k)
                break;
            bytes += k;
            n -= k;
        }
    }
    if (!n || (!broken(o) && keep(o, bytes, n)))
        return true;
    o->dropped += n;
    return false;
}

bool outlet_write(struct outlet *o, const void *bytes, size_t n)
{
    const u8 *from = bytes;
    bool all = true;
    for (size_t at = 0, k; at < n; at += k) {
        k = n - at < OUTLET_BYTES / 2 ? n - at : OUTLET_BYTES / 2;
        all &= write_some(o, from + at, k);
    }
    return all;
}

bool outlet_flush(struct outlet *o)
{
    if (!o->stuck && wait_for_room(o, OUTLET_BYTES, HURRY_MS))
        return true;
    if (outlet_drain(o))
        return true;
    o->dropped += o->count;
    outlet_clear(o);
    o->stuck = true;
    return false;
}
