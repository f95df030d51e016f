/* recorder.c - a run is recorded. All of it is in memory until it ends; marks become rarer as there come to be many. */
#include "media.h"
#include "recording_parts.h"
#include "../image/image.h"

enum { MARK_NS = 50000000, MARKS_MOST = 4096, WHY = 256 };

/* A medium that enters: its number among what does, and its file. */
struct taped_medium {
    u64 number;
    struct writer base;
};

struct recorder {
    struct machine *m;
    struct pc *pc;
    struct writer media;                /* in the drives at the beginning */
    struct mark start, *mark;
    size_t marks;
    u64 every;                          /* virtual time between marks */
    struct taped_medium *medium;
    size_t count;
    char why[WHY];                      /* it cannot be written, for this reason; "": it can */
};

/* ---- as it goes ---- */

/* Somebody went back, and the run went on from there. */
static void drop_marks(struct recorder *r, const struct machine_place *here)
{
    while (r->marks && place_compare(&r->mark[r->marks - 1].at, here) > 0)
        r->marks--;
}

static void thin(struct recorder *r)
{
    for (size_t k = 0; k < r->marks / 2; k++)
        r->mark[k] = r->mark[2 * k + 1];
    r->marks /= 2;
    r->every *= 2;
}

static enum keep_look look(void *to)
{
    struct recorder *r = to;
    if (machine_repeats(r->m))
        return LOOK_ON;
    struct machine_place here = machine_place_now(r->m);
    drop_marks(r, &here);
    if (here.ns - (r->marks ? r->mark[r->marks - 1].at.ns : r->start.at.ns) < r->every)
        return LOOK_ON;
    if (r->marks == MARKS_MOST)
        thin(r);
    r->mark[r->marks++] = mark_here(r->m, false);
    return LOOK_ON;
}

static void input(void *to, const struct input_event *e)
{
    struct recorder *r = to;
    u64 number = machine_tape(r->m)->next;
    while (r->count && r->medium[r->count - 1].number >= number)
        free(r->medium[--r->count].base.bytes);
    if (e->kind != INPUT_MEDIUM)
        return;
    r->medium = xrealloc(r->medium, (r->count + 1) * sizeof *r->medium);
    struct taped_medium *medium = &r->medium[r->count++];
    *medium = (struct taped_medium) { .number = number };
    if (!medium_write(e->image, e->drive, &medium->base, r->why, sizeof r->why))
        *r->why = *r->why ? *r->why : '?';
}

/* ---- the whole ---- */

struct recorder *recorder_new(struct pc *pc, char *why, size_t size)
{
    static const struct machine_keeper keeper = { look, input, NULL };
    struct recorder *r = xcalloc(1, sizeof *r);
    r->pc = pc;
    r->m = pc_machine(pc);
    r->every = MARK_NS;
    r->mark = xcalloc(MARKS_MOST, sizeof *r->mark);
    if (!media_write_bases(pc, &r->media, why, size)) {
        recorder_free(r);
        return NULL;
    }
    over_write(pc, &r->media);
    machine_tape(r->m)->whole = machine_tape(r->m)->records = true;
    machine_add_keeper(r->m, &keeper, r);
    r->start = mark_here(r->m, true);
    return r;
}

static void write_events(struct recorder *r, struct writer *w)
{
    const struct tape *t = machine_tape(r->m);
    size_t medium = 0;
    write_number(w, t->next - r->start.entered);
    for (u64 k = r->start.entered; k < t->next; k++) {
        event_write(w, &t->taped[k - t->gone]);
        while (medium < r->count && r->medium[medium].number < k)
            medium++;
        if (t->taped[k - t->gone].e.kind == INPUT_MEDIUM)
            write_bytes(w, r->medium[medium].base.bytes, r->medium[medium].base.n);
    }
}

bool recorder_write(struct recorder *r, struct writer *w, char *why, size_t size)
{
    struct mark end = mark_here(r->m, true);
    snprintf(why, size, "%s", r->why);
    if (*why)
        return false;
    drop_marks(r, &end.at);
    write_bytes(w, r->media.bytes, r->media.n);
    mark_write(w, &r->start);
    write_events(r, w);
    write_number(w, r->marks);
    for (size_t k = 0; k < r->marks; k++)
        mark_write(w, &r->mark[k]);
    mark_write(w, &end);
    snprintf(why, size, "no memory for the recording");
    return !w->failed;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    machine_remove_keeper(r->m, r);
    while (r->count)
        free(r->medium[--r->count].base.bytes);
    free(r->medium);
    free(r->media.bytes);
    free(r->mark);
    free(r);
}
