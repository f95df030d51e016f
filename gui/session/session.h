/* session.h - one run of the machine: pacing, expectations, the ends of a run and what is left behind. */
#pragma once
#include "../gui.h"
#include "../setup/options.h"
#include "../setup/setup.h"

/* Exit codes of the program; EXIT_OPTIONS is in options.h. */
enum {
    EXIT_GOOD = 0, EXIT_HOST = 4, EXIT_DEAD_END = 6, EXIT_TIMEOUT = 8, EXIT_MAX_INSNS = 10, EXIT_UNMET = 12, EXIT_SIGNAL = 14,
    EXIT_SCRIPT = 16, EXIT_LEFT = 18
};
/* Why somebody outside ends a run; a signal is its number. */
enum session_end { END_NOT = 0, END_CLOSED = -1, END_TIMEOUT = -2 };

struct session;

/* A machine from the options. `host_clock`: the host's clock paces it. NULL, with the error: there cannot be one. */
struct session *session_new(const struct options *o, struct setup *setup, struct gui_link *link, bool host_clock,
                            struct vitrine_error *error);
/* Run to the end, in this thread; then screendump and hashes. The exit code. Tells the link when it is done. */
int session_run(struct session *s);
/* End the run soon, however slow the guest is; the first reason counts. May be called from another thread. False: a debugger waits for
 * a command, and nothing will be done. */
bool session_end(struct session *s, int why);
/* Ctrl-C, or -timeout is over; from another thread. True: the debugger takes it, and the run goes on. */
bool session_interrupted(struct session *s);
bool session_timeout(struct session *s);
/* -debug: called, in the thread of session_interrupted, when Ctrl-C comes a second time and the first has not stopped the machine. */
void session_on_interrupted_again(struct session *s, void (*again)(void *to), void *to);
void session_free(struct session *s);
