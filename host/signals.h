/* signals.h - what asks the program to end: Ctrl-C, kill, a terminal that is closed, a crash. */
#pragma once
#include "base.h"

/* One bit each, so that several make a set. */
enum { SIGNAL_INTERRUPT = 1 /* Ctrl-C */, SIGNAL_TERMINATE = 2 /* kill */, SIGNAL_HANGUP = 4 /* the terminal is gone */ };
/* "SIGINT": what people call it. */
const char *signals_name(int signal);

/* Before any other thread is started: none of these ends the program any more; they wait for who watches them. Who writes to somebody who
 * is gone, or gives a terminal back from the background, is told by a failure, not by a signal. */
void signals_hold(int set);

struct signals;
/* From a thread of its own call back for each of these that comes, one after the other. Each belongs to one watcher; it must be held.
 * NULL: there can be no thread. */
struct signals *signals_watch(int set, void (*came)(void *to, int signal), void *to);
/* No more calls from now on; one that is under way is waited for. NULL is fine. */
void signals_unwatch(struct signals *s);

/* Instead of dying of a crash, or of another signal that nobody holds, the program calls `end`, in the middle of whatever it was doing,
 * with a number that means something to signals_die_of() alone, by which it must end. NULL: no more. */
void signals_before_death(void (*end)(int number));
void signals_die_of(int number);
/* End at once, without anybody's help. */
_Noreturn void signals_end_now(int code);
