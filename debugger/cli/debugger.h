/* debugger.h - the command line that stops the machine and looks inside. */
#pragma once
#include "../../iodev/machine/machine.h"
#include <stdio.h>

struct debugger;
struct symbols;
struct outputs;
struct pc;

/* Attach to a machine. */
struct debugger *debugger_new(struct machine *m);
void debugger_free(struct debugger *d);

/* Let `run` run the machine in place of machine_run (a display wants to be drawn meanwhile). */
void debugger_set_run(struct debugger *d, enum machine_stop (*run)(void *to), void *to);
/* How `change` and `eject` (file NULL) reach a drive: the function says in message what happens, or what was expected. */
void debugger_set_media(struct debugger *d, bool (*change)(void *to, const char *drive, const char *file, char *message, size_t n),
                        void *to);
/* What a person at the machine sees and does, for `screen`, `key`, `savevm` and `loadvm`. screen: as vitrine_screen_text(); type: as
 * vitrine_type(), false with a message; save, load: as vitrine_save_file() and _load_file(), likewise. NULL: there is none. */
struct debugger_desk {
    size_t (*screen)(void *to, char *text, size_t n);
    bool (*type)(void *to, const char *text, char *error, size_t n);
    void *to;
    bool (*save)(void *to, const char *file, char *error, size_t n);
    bool (*load)(void *to, const char *file, char *error, size_t n);
};
void debugger_set_desk(struct debugger *d, const struct debugger_desk *desk);
/* The files that the run uses, upon which nothing that is written may fall. They outlive the debugger. */
void debugger_set_outputs(struct debugger *d, struct outputs *outputs);
/* The symbols to begin with; `symbols load` adds to them. They outlive the debugger. */
void debugger_set_symbols(struct debugger *d, struct symbols *symbols);
/* What -trace began, which `trace` goes on with; `here`: its lines come to the debugger's output. NULL: it has one of its own. Both
 * outlive the debugger. */
struct trace;
void debugger_set_trace(struct debugger *d, struct trace *trace, bool here);
/* Called, in the thread of debugger_interrupt (../prompt/prompt.h), when Ctrl-C comes a second time within two seconds and the first has
 * not stopped the machine. NULL: nothing is. */
void debugger_on_interrupted_again(struct debugger *d, void (*again)(void *to), void *to);
void debugger_set_limit(struct debugger *d, u64 insns);
/* The machine as it has it under control: shared with other debuggers, each in its turn. */
struct control *debugger_control(struct debugger *d);

/* Keep the machine's past and its board's media's, in so many bytes of memory, for the commands that go back in time
 * (history/history.h); 0: nothing is kept. */
void debugger_keep_history(struct debugger *d, struct pc *pc, u64 budget);

/* Why no programs are run for `COMMAND | PROGRAM`, in words; NULL: they are. */
void debugger_set_no_programs(struct debugger *d, const char *why);
/* Behind the commands that came along let it run, unless they did, before anybody is asked. */
void debugger_set_later(struct debugger *d, bool later);
/* Did a command fail that came so? */
bool debugger_script_failed(const struct debugger *d);

/* Obey one command line. False: it was refused, or could not be done; d->out has the reason. */
bool debugger_command(struct debugger *d, const char *line);
/* Several with ; between them, up to one that fails. */
bool debugger_commands(struct debugger *d, const char *line);
/* The same with what they say going to `out`. False: the line ends the session, as `quit` does, or the end of the run. */
bool debugger_command_to(struct debugger *d, const char *line, FILE *out);

/* For who must not wait in a command: from now on `continue` only begins, and debugger_go_on() lets the machine run in parts by the
 * function of debugger_set_run, as long as that comes back with STOP_DEADLINE. */
void debugger_go_in_parts(struct debugger *d);
/* Has one begun that is not over? */
bool debugger_goes(const struct debugger *d);
/* True: there is more to run. False: something stopped it; `out` was told what, and where, and what is done at such a stop is done. */
bool debugger_go_on(struct debugger *d, FILE *out);
