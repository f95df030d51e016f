/* replay.c - a recorded run once more. Its things are on the machine's tape, which gives them; here it is compared, at each mark and at the
 * end. */
#include "media.h"
#include "recording_parts.h"
#include "../image/image.h"

struct replay {
    struct machine *m;
    struct notices say;
    struct mark *mark, end;
    size_t marks, next;                 /* the next one that it comes to; `marks`: the end */
    struct machine_place seen;          /* where it was as it should be, last */
    enum replay_state state;
};

/* ---- as it goes ---- */

static void expect(struct replay *r)
{
    const struct mark *next = r->next < r->marks ? &r->mark[r->next] : &r->end;
    machine_keep_place(r->m, r, r->state == REPLAY_GOES_ON ? &next->at : NULL);
}

/* From here on the run is its own. */
static void over(struct replay *r, enum replay_state state)
{
    struct tape *t = machine_tape(r->m);
    r->state = state;
    t->sealed = false;
    tape_cut(t, t->next);
    expect(r);
}

static enum keep_look leave(struct replay *r, const char *why)
{
    struct machine_place here = machine_place_now(r->m);
    over(r, REPLAY_LEFT);
    notice(&r->say, "-replay: the run leaves the recording between instruction %llu (%llu ns) and %llu (%llu ns): %s",
           (unsigned long long)r->seen.insns, (unsigned long long)r->seen.ns, (unsigned long long)here.insns,
           (unsigned long long)here.ns, why);
    return LOOK_STOP;
}

/* At the next mark's place, behind what entered before it. */
static enum keep_look compare(struct replay *r, const struct mark *want)
{
    bool last = want == &r->end;
    struct mark is = mark_here(r->m, last);
    if (is.at.insns != want->at.insns)
        return leave(r, "there were other instructions on the way");
    if (memcmp(&is.hash, &want->hash, sizeof is.hash))
        return leave(r, last ? "it ends in another state" : "processors and devices are others than they were");
    r->seen = is.at;
    r->next++;
    if (last) {
        notice(&r->say, "-replay: the recording ends here, at instruction %llu, in the state that it had", (unsigned long long)is.at.insns);
        over(r, REPLAY_ENDED);
        return LOOK_STOP;
    }
    expect(r);
    return LOOK_AGAIN;                          /* the next one may be here */
}

/* Somebody went back: the marks ahead are the next ones again. */
static void step_back(struct replay *r, const struct machine_place *here)
{
    while (r->next && place_compare(&r->mark[r->next - 1].at, here) > 0)
        r->next--;
}

static enum keep_look look(void *to)
{
    struct replay *r = to;
    const struct tape *t = machine_tape(r->m);
    if (r->state != REPLAY_GOES_ON || machine_repeats(r->m))
        return LOOK_ON;
    struct machine_place here = machine_place_now(r->m);
    step_back(r, &here);
    const struct mark *want = r->next < r->marks ? &r->mark[r->next] : &r->end;
    int order = place_compare(&want->at, &here);
    expect(r);
    if (tape_missed(t, &here))
        return leave(r, "what enters next did so at a place that it does not come by");
    if (order < 0)
        return leave(r, "it does not come by a place where the recording was");
    const struct taped *next = tape_next(t);
    if (order > 0 || (t->next < want->entered && next && !place_compare(&next->at, &here)))
        return LOOK_ON;
    return t->next == want->entered ? compare(r, want) : leave(r, "more or less had entered there");
}

static void input(void *to, const struct input_event *e) { (void)to, (void)e; }

/* ---- its beginning ---- */

static void read_events(struct replay *r, struct image_host *host, struct outputs *outputs, struct reader *in)
{
    struct tape *t = machine_tape(r->m);
    u64 count = read_number(in);
    struct taped taped;
    for (u64 k = 0; k < count && read_well(in); k++) {
        event_read(in, &taped);
        if (read_well(in) && taped.e.kind == INPUT_MEDIUM)
            taped.e.image = medium_read(taped.e.drive, host, outputs, in);
        const struct machine_place *last = k ? &t->taped[t->end - 1 - t->gone].at : &r->seen;
        if (place_compare(&taped.at, last) < 0)
            read_refuse(in, "what enters is not in its order");
        if (read_well(in))
            tape_note(t, &taped.at, taped.look, &taped.e);
        if (taped.e.kind == INPUT_MEDIUM)
            image_close(taped.e.image);         /* it rests until it enters */
    }
}

static void read_marks(struct replay *r, struct reader *in)
{
    size_t room = 0;
    u64 count = read_number(in);
    struct mark mark;
    while (r->marks < count && read_well(in)) {
        mark_read(in, &mark);
        if (r->marks == room) {
            room = room ? 2 * room : 64;
            r->mark = xrealloc(r->mark, room * sizeof *r->mark);
        }
        if (read_well(in))
            r->mark[r->marks++] = mark;
    }
    mark_read(in, &r->end);
}

static void check_beginning(struct replay *r, struct pc *pc, struct reader *in)
{
    struct writer over = { 0 };
    struct mark start, here = mark_here(r->m, true);
    media_check(pc, in);
    over_write(pc, &over);
    for (size_t k = 0; k < over.n; k += 8)
        if (read_number(in) != get64(over.bytes + k))
            read_refuse(in, "something else was written over the media before it begins (-loadvm)");
    free(over.bytes);
    mark_read(in, &start);
    if (place_compare(&start.at, &here.at) || memcmp(&start.hash, &here.hash, sizeof here.hash))
        read_refuse(in, "the machine is in another state where it begins (-loadvm, -rtc, -mips, -speed)");
    r->seen = here.at;
}

struct replay *replay_new(struct pc *pc, struct image_host *host, struct outputs *outputs, struct reader *in)
{
    static const struct machine_keeper keeper = { look, input, NULL };
    struct replay *r = xcalloc(1, sizeof *r);
    r->m = pc_machine(pc);
    r->say = host->say;
    struct tape *t = machine_tape(r->m);
    u64 first = t->next;
    check_beginning(r, pc, in);
    if (read_well(in))
        read_events(r, host, outputs, in);
    read_marks(r, in);
    t->next = first;
    t->whole = t->sealed = true;
    machine_add_keeper(r->m, &keeper, r);
    if (!read_well(in)) {
        over(r, REPLAY_LEFT);
        replay_free(r);
        return NULL;
    }
    expect(r);
    return r;
}

enum replay_state replay_end(struct replay *r, bool by_itself)
{
    if (r->state != REPLAY_GOES_ON)
        return r->state;
    struct mark is = mark_here(r->m, true);
    if (!memcmp(&is.hash, &r->end.hash, sizeof is.hash) && !place_compare(&is.at, &r->end.at))
        over(r, REPLAY_ENDED);
    else if (by_itself)
        leave(r, "it ends there, and the recording goes on");
    else
        notice(&r->say, "-replay: ended at instruction %llu, and the recording goes on to %llu", (unsigned long long)is.at.insns,
               (unsigned long long)r->end.at.insns);
    return r->state;
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    if (r->state == REPLAY_GOES_ON)
        over(r, REPLAY_LEFT);
    machine_remove_keeper(r->m, r);
    free(r->mark);
    free(r);
}
