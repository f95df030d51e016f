/* control.h - a machine under debuggers: whoever lets it run for a person or for gdb does so here, and learns why it stopped. */
#pragma once
#include "../../iodev/machine/machine.h"
#include "points.h"

struct control;

/* The machine outlives it. */
struct control *control_new(struct machine *m);
void control_free(struct control *c);
struct machine *control_machine(const struct control *c);
/* What it stops on: points_hit says which of them did. */
struct points *control_points(const struct control *c);

/* Let `run` run the machine in place of machine_run (a display wants to be drawn meanwhile). */
void control_set_run(struct control *c, enum machine_stop (*run)(void *to), void *to);
/* -max-insns: the limit that holds but while fewer instructions were asked for. UINT64_MAX at first: none. */
void control_set_limit(struct control *c, u64 insns);
u64 control_limit(const struct control *c);

/* Run until something stops it; a stop before the instruction where it begins is passed once. State is exact afterwards. */
enum machine_stop control_go(struct control *c);
/* That in parts, for who must not wait: as long as the function of control_set_run comes back with STOP_DEADLINE it is true, and the
 * next call goes on with this run; nothing else is asked of the machine's processor in between. False: it is over. */
bool control_go_on(struct control *c);
/* As control_go, but n instructions at most (a REP iteration counts as one): STOP_MAX_INSNS where they are done. One that raises an
 * exception is done where that has been delivered; of more than one, such are not counted. */
enum machine_stop control_step(struct control *c, u64 n);
/* Why it came back the last time. */
enum machine_stop control_stop(const struct control *c);
/* Did that end the run? STOP_DEADLINE: somebody outside ended it. */
bool control_over(enum machine_stop stop);

/* Told after each run, state exact: who keeps something beside the machine brings it up to date. Any number; in their order. */
void control_on_stop(struct control *c, void (*told)(void *to), void *to);

/* Told before each run. */
void control_on_go(struct control *c, void (*told)(void *to), void *to);
/* Somebody moved the machine without a run, to another place of its past: those of control_on_stop are told, and those of
 * control_on_move. */
void control_moved(struct control *c);
void control_on_move(struct control *c, void (*told)(void *to), void *to);

/* These bytes are kept beside the machine and follow from its run (a log of events): who saves the machine for a way back saves them, too.
 * k = 0, 1, ...; false past the last. */
void control_beside(struct control *c, void *bytes, size_t n);
bool control_beside_at(const struct control *c, int k, void **bytes, size_t *n);
/* Who keeps its past (history/history.h); NULL: nobody. */
struct history;
void control_set_history(struct control *c, struct history *h);
struct history *control_history(const struct control *c);
/* What runs now has happened before: those of control_on_past are told when that changes. */
enum control_past {
    PAST_NOT,
    PAST_REPEATS,               /* somebody lets it run through its past */
    PAST_AWAY                   /* on the way to another place, where control_moved() ends it; nobody looks */
};
void control_set_past(struct control *c, enum control_past past);
enum control_past control_past(const struct control *c);
void control_on_past(struct control *c, void (*told)(void *to), void *to);

/* From any thread: is it running, or on the way to another place; in which run (they count from 1); make it stop soon (STOP_ASKED). */
bool control_running(const struct control *c);
u32  control_runs(const struct control *c);
void control_interrupt(struct control *c);
/* Between runs: an interrupt that came too late for the last run stops the next one no more. */
void control_interrupt_no_more(struct control *c);

/* Several debuggers of one machine, each in a thread of its own: what they ask of the machine, and of this, they ask between these two.
 * `who` is a word for the others, and lives on. Waits while another has it. */
void control_take(struct control *c, const char *who);
/* Likewise, where nobody has it; else false, at once. */
bool control_try(struct control *c, const char *who);
void control_give(struct control *c);
/* On, by who has taken it: he alone lets the machine run, until he takes that back; the others may look. */
void control_claim(struct control *c, bool on);
/* From any thread: who has claimed it, NULL: nobody. */
const char *control_claimed(const struct control *c);
/* One of them wants the run to end; the others see to it. */
void control_end(struct control *c);
bool control_ended(const struct control *c);
/* The last run did not come to be, because another had claimed it: it was STOP_ASKED, and nobody was told. */
bool control_refused(const struct control *c);

/* Where the processor stands: the linear address of CS:EIP. */
u64 control_linear(const struct control *c);
