/* session.h - one run of the machine: pacing, expectations, the ends of a run and what is left behind. */
#pragma once
#include "gui.h"
#include "options.h"
#include "setup.h"

/* Exit codes of the program; EXIT_OPTIONS is in options.h, die() uses EXIT_HOST. */
enum {
    EXIT_GOOD = 0, EXIT_HOST = 4, EXIT_DEAD_END = 6, EXIT_TIMEOUT = 8, EXIT_MAX_INSNS = 10, EXIT_UNMET = 12
};

struct session;

/* A machine from the options. `host_clock`: the host's clock paces it. */
struct session *session_new(const struct options *o, struct setup *setup, struct gui_link *link, bool host_clock);
/* Run to the end, in this thread; then screendump and hashes. The exit code. Tells the link when it is done. */
int session_run(struct session *s);
/* End the run soon. May be called from a signal handler or another thread. */
void session_stop(struct session *s);
/* -timeout: the host's time is over, and the run ends soon, however slow the guest is. May be called likewise. */
void session_time_over(struct session *s);
void session_free(struct session *s);
