/* prompt.c - the loop that reads lines and obeys them. Ctrl-C is waited for by a thread of its own, which stops the machine. */
#include "parts.h"
#include "../../host/clock.h"
#include "../../host/handle.h"
#include "../../host/signals.h"
#ifdef HAVE_READLINE
#include <readline/history.h>
#include <readline/readline.h>
#endif

/* ---- reading lines ---- */

bool debugger_attended(const struct debugger *d)
{
    (void)d;
    return handle_is_terminal(handle_standard(STANDARD_INPUT));
}

/* A line without its newline, to be freed; NULL at the end. */
static char *line_read(struct debugger *d)
{
#ifdef HAVE_READLINE
    if (debugger_attended(d)) {
        char *line = readline(PROMPT);
        if (line && *line)
            add_history(line);
        return line;
    }
#endif
    char buffer[sizeof d->last];
    fputs(PROMPT, d->out);
    fflush(d->out);
    if (!fgets(buffer, sizeof buffer, stdin))
        return NULL;
    buffer[strcspn(buffer, "\n")] = 0;
    return xstrdup(buffer);
}

/* ---- Ctrl-C ---- */

enum { ONE_MS = 100 /* signals so near are one */, AGAIN_MS = 2000 };

static void interrupted(void *to, int signal)
{
    struct debugger *d = to;
    u64 now = host_ms(), since = now - d->interrupted_at;
    u32 run = control_runs(d->control);
    (void)signal;
    if (!control_running(d->control))
        return;
    if (d->again && d->interrupted_run == run && since >= ONE_MS && since < AGAIN_MS)
        d->again(d->again_to);
    d->interrupted_at = now;
    d->interrupted_run = run;
    control_interrupt(d->control);
}

/* ---- the loop ---- */

/* While a person thinks, another debugger may have the machine. What ended the run meanwhile is seen with the next line. */
static char *line_typed(struct debugger *d)
{
    control_give(d->control);
    char *line = line_read(d);
    if (control_running(d->control) && control_claimed(d->control)) {
        fprintf(d->out, "%s lets the machine run: this waits until it stops (Ctrl-C stops it)\n", control_claimed(d->control));
        fflush(d->out);
    }
    control_take(d->control, "the prompt");
    d->quit |= control_ended(d->control);
    d->leave |= d->quit || control_over(control_stop(d->control));
    return line;
}

static void obey_typed(struct debugger *d)
{
    char *line = line_typed(d);
    if (d->leave) {
        free(line);
        return;
    }
    if (!line) {
        d->leave = d->quit = true;
        return;
    }
    if (line[strspn(line, " \t")])
        snprintf(d->last, sizeof d->last, "%s", line);
    debugger_command(d, d->last);
    free(line);
}

/* -max-insns is reached: a step's own limit is none of that. */
static bool at_limit(const struct debugger *d)
{
    return control_stop(d->control) == STOP_MAX_INSNS && machine_insns(d->m) >= control_limit(d->control);
}

/* After a stop that nobody asked for. Who goes on where nothing can would go on for ever, unless a person sits there and sees it; a
 * person goes on behind a limit. */
static void stop_came(struct debugger *d)
{
    enum machine_stop stop = control_stop(d->control);
    bool limit = at_limit(d), end = limit || stop == STOP_TRIPLE_FAULT || stop == STOP_HALTED_FOREVER;
    u64 insns = machine_insns(d->m);
    if (debugger_attended(d)) {
        d->dead_end = limit ? insns : UINT64_MAX;
        if (limit)
            control_set_limit(d->control, UINT64_MAX);
    } else if (end && insns == d->dead_end) {
        d->leave = d->quit = true;
    } else {
        d->dead_end = end ? insns : UINT64_MAX;
    }
    if (!d->leave)
        scripts_stopped(d);
}

enum machine_stop debugger_run(struct debugger *d, bool *quit)
{
    if (!d->interrupts)
        d->interrupts = signals_watch(SIGNAL_INTERRUPT, interrupted, d);
    completion_begin(d);
    control_take(d->control, "the prompt");
    if (!d->later)
        where_print(d);
    while (!d->leave) {
        u32 stops = d->stops;
        if (!scripts_obey(d)) {
            if (d->later && !control_runs(d->control) && !d->script_failed)
                do_continue(d, 0, NULL);
            else if (d->scripted && !debugger_attended(d))
                d->leave = d->quit = true;
            else
                obey_typed(d);
        }
        if (d->stops != stops && !d->leave)
            stop_came(d);
    }
    control_give(d->control);
    *quit = d->quit;
    d->leave = d->quit = false;
    bool step = control_stop(d->control) == STOP_MAX_INSNS && !at_limit(d) && machine_insns(d->m) != d->dead_end;
    return step ? STOP_BREAK : control_stop(d->control);
}

void prompt_end(struct debugger *d)
{
    signals_unwatch(d->interrupts);     /* its thread asks control */
    d->interrupts = NULL;
}
