/* keep.h - for who keeps a machine's past (debugger/history): where it stands, what enters it, and how it goes through that once more.
 * All of it is the host's: the guest's run is the same with a keeper and without. */
#pragma once
#include "machine.h"

/* A place between two instructions. Virtual time alone does not tell it where a tick takes less than a nanosecond, nor ticks alone
 * while the processor is halted. */
struct machine_place { u64 insns, ticks, ns; };
struct machine_place machine_place_now(const struct machine *m);
/* < 0, 0, > 0: a comes before b, is the same, or behind. */
int place_compare(const struct machine_place *a, const struct machine_place *b);

enum keep_look {
    LOOK_ON,                    /* go on */
    LOOK_AGAIN,                 /* something has entered here: it is looked at first */
    LOOK_STOP                   /* the run ends, as machine_break() ends it */
};
struct machine_keeper {
    /* While the machine runs, between two instructions: after each stretch of the processor, and at the place that machine_keep_place
     * named. What was due there has been done, and the state is exact. It may save the machine, and let input enter it. */
    enum keep_look (*look)(void *to);
    /* Before something that did not come from the keeper enters the machine, at machine_place_now. */
    void (*input)(void *to, const struct input_event *e);
};
/* There is one; NULL: none. `keeper` outlives that. */
void machine_set_keeper(struct machine *m, const struct machine_keeper *keeper, void *to);
/* The keeper looks there, if the run comes by. NULL: nowhere. */
void machine_keep_place(struct machine *m, const struct machine_place *at);

/* What runs now has happened before: its outputs are not sent again (serial lines, debug console, the log, triple faults), and nothing
 * enters but by machine_enter. */
void machine_set_repeats(struct machine *m, bool on);
/* What it did then. */
void machine_enter(struct machine *m, const struct input_event *e);

/* The memories that belong to the machine's state, k = 0, 1, ...; NULL past the last. */
struct ram *machine_ram(const struct machine *m, int k);
/* From here on ram.h's keepers are told of each page's first write (ram_keep_pages of all). */
void machine_keep_pages(struct machine *m);

/* What machine_save writes, in three parts, of which memory is the keeper's affair: `course` (clock and waiting input) and `hardware`
 * (processors, devices, timers). To be loaded when memory is as it was. False: r->wrong says what does not fit. */
void machine_save_course(struct machine *m, struct writer *w);
void machine_save_hardware(struct machine *m, struct writer *w);
bool machine_load_kept(struct machine *m, struct reader *course, struct reader *hardware);
