/* watchdog.h - the program ends when it must, whatever the guest, a reader or a library does: by signals, by -timeout, by the display. */
#pragma once
#include "../gui.h"
#include "../setup/options.h"

struct console;
struct session;
struct watchdog;

/* Before any other thread is started; NULL: the host starts none, and the program is to end. SIGTERM, SIGHUP and SIGINT are this one's
 * from now on; SIGINT and -timeout are the debugger's where one has the run (session_interrupted, session_timeout). The first asks the
 * session to end (session_end); so does -timeout, and a front end that stops the link. A run that has not ended -grace
 * after that is ended by force, the terminal as `console` has it (NULL: there is none), with the exit code that it would have had:
 * EXIT_SIGNAL, EXIT_TIMEOUT, EXIT_GOOD. A second signal within two seconds does so at once, unless it comes with the first: some
 * programs that send one send it to the process and its group. */
struct watchdog *watchdog_new(const struct options *o, const struct console *console, struct session *session,
                              struct gui_link *link);
/* The machine has ended with this exit code: the front end has a few seconds to come back. */
void watchdog_machine_ended(struct watchdog *w, int code);
/* The front end is back, and the session will be freed: there is no hurry, unless somebody asked for the end. */
void watchdog_front_ended(struct watchdog *w);
/* The last of all but the link. */
void watchdog_free(struct watchdog *w);

/* The debugger's Ctrl-C, which has not stopped the machine, came a second time: the program ends at once. */
void watchdog_interrupted_again(void *watchdog);
