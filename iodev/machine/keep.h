/* keep.h - for who keeps a machine's past (debugger/history) or records it (iodev/saved): where it stands, what enters it, and how
 * it goes through that once more. All of it is the host's: the guest's run is the same with a keeper and without. */
#pragma once
#include "machine.h"
#include "tape.h"

struct machine_place machine_place_now(const struct machine *m);

enum keep_look {
    LOOK_ON,                    /* go on */
    LOOK_AGAIN,                 /* something has entered here: it is looked at first */
    LOOK_STOP                   /* the run ends, as machine_break() ends it */
};
struct machine_keeper {
    /* While the machine runs, between two instructions: after each stretch of the processor, and at the place that machine_keep_place
     * named. What was due there has been done, and the state is exact. It may save the machine, and let input enter it. */
    enum keep_look (*look)(void *to);
    /* Before something from outside enters the machine, at machine_place_now. */
    void (*input)(void *to, const struct input_event *e);
    /* The machine was loaded (machine_load), or half loaded: it is not what its run led to. NULL: who keeps it knows. */
    void (*loaded)(void *to);
};
/* Any number, a few; each is known by its `to`. `keeper` outlives that. */
void machine_add_keeper(struct machine *m, const struct machine_keeper *keeper, void *to);
void machine_remove_keeper(struct machine *m, void *to);
/* It looks there, if the run comes by. NULL: nowhere. To be told anew where the tape was wound. */
void machine_keep_place(struct machine *m, void *to, const struct machine_place *at);

/* What enters from now on is noted here; what is ahead on it enters at its place. It belongs to the machine, which makes it when
 * somebody asks first. */
struct tape *machine_tape(struct machine *m);
/* Nothing enters but what is on it: a recording is replayed. */
bool machine_replays(const struct machine *m);
/* All that enters is to be kept: a recording is made. */
bool machine_records(const struct machine *m);

/* What runs now has happened before: its outputs are not sent again (serial lines, debug console, the log, triple faults), and nothing
 * enters but from the tape. */
void machine_set_repeats(struct machine *m, bool on);

/* The memories that belong to the machine's state, k = 0, 1, ...; NULL past the last. */
struct ram *machine_ram(const struct machine *m, int k);
/* From here on ram.h's keepers are told of each page's first write (ram_keep_pages of all). */
void machine_keep_pages(struct machine *m);

/* What machine_save writes, in three parts, of which memory is the keeper's affair: `course` (clock and waiting input) and `hardware`
 * (processors, devices, timers). To be loaded when memory is as it was. False: r->wrong says what does not fit. */
void machine_save_course(struct machine *m, struct writer *w);
void machine_save_hardware(struct machine *m, struct writer *w);
bool machine_load_kept(struct machine *m, struct reader *course, struct reader *hardware);
/* Not in it are media on their way into a drive. The k-th of those that wait (false: there is none); and behind machine_load_kept, waiting
 * again: it is a user of its image (image_use). */
struct waiting_medium { struct input_event e; u64 number; };
bool machine_medium_waits(const struct machine *m, int k, struct waiting_medium *medium);
void machine_medium_wait(struct machine *m, const struct waiting_medium *medium);
