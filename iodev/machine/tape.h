/* tape.h - what enters a machine from outside, in its order, each with its place: noted as it comes, and given again in a run that is
 * repeated. Whoever keeps the machine's past (debugger/history) and who records or replays a run (iodev/saved) have it in common. */
#pragma once
#include "input.h"

/* A place between two instructions. Virtual time alone does not tell it where a tick takes less than a nanosecond, nor ticks alone
 * while the processor is halted. */
struct machine_place { u64 insns, ticks, ns; };
/* < 0, 0, > 0: a comes before b, is the same, or behind. */
int place_compare(const struct machine_place *a, const struct machine_place *b);

/* What entered, before which look of the machine's (keep.h): what came together enters together. */
struct taped {
    struct machine_place at;
    u64 look;
    struct input_event e;
};

/* Media are kept (image_keep) until they are forgotten here. Things are counted from the first that ever entered. Starts as {0}. */
struct tape {
    struct taped *taped;        /* those from number `gone` on */
    u64 gone, end, next;        /* forgotten; noted; `end`, or what enters next in a run that is repeated */
    size_t room;
    bool whole;                 /* somebody wants all of it: none is forgotten */
    bool sealed;                /* nothing else enters: a recording */
    bool records;               /* a recording is made of it */
    bool goes_back;             /* somebody may wind it back: media are kept behind their entry, too */
};

/* Something enters now; what was to come next is no more. */
void tape_note(struct tape *t, const struct machine_place *at, u64 look, const struct input_event *e);
/* What enters next; NULL: nothing that is known. */
const struct taped *tape_next(const struct tape *t);
/* It is at this place: then `next` goes on behind it. `first` (NULL: none) is what entered just before: does it come together with that? */
const struct taped *tape_take(struct tape *t, const struct machine_place *here, const struct taped *first);
/* What was noted or taken last has entered: unless the tape goes back, a medium is not kept any more. */
void tape_entered(struct tape *t);
/* It should have entered before this place. */
bool tape_missed(const struct tape *t, const struct machine_place *here);
/* Nothing is known of what comes behind the first n; of a sealed one it is. */
void tape_cut(struct tape *t, u64 n);
/* The first n will not be asked for again. */
void tape_forget(struct tape *t, u64 n);
void tape_free(struct tape *t);
