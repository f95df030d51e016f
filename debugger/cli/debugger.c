/* debugger.c - a debugger's life. commands.c obeys the lines that prompt.c reads. */
#include "parts.h"
#include "../prompt/prompt_parts.h"
#include "../history/history.h"
#include <stdarg.h>
#include <stdio.h>

void refuse(struct debugger *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(d->out, fmt, args);
    va_end(args);
    fputc('\n', d->out);
    d->failed = true;
}

bool debugger_command_to(struct debugger *d, const char *line, FILE *out)
{
    FILE *own = d->out;
    u32 stops = d->stops;                       /* those of the prompt's own commands */
    d->out = out;
    if (strlen(line) < sizeof d->last)
        debugger_commands(d, line);
    else
        refuse(d, "a command has at most %zu characters", sizeof d->last - 1);
    d->out = own;
    d->stops = stops;
    bool stays = !d->leave;
    d->leave = d->quit = false;
    return stays;
}

/* ---- life ---- */

struct debugger *debugger_new(struct machine *m)
{
    struct debugger *d = xcalloc(1, sizeof *d);
    d->m = m;
    d->cpu = machine_cpu(m);
    d->out = stdout;
    d->symbols = d->own_symbols = symbols_new();
    d->sources = sources_new();
    d->control = control_new(m);
    d->dead_end = UINT64_MAX;
    d->memory_next = d->code_next = d->x_next = UINT64_MAX;
    events_attach(d);
    d->irqs = irq_watch_new(m);
    irq_watch_symbols(d->irqs, d->symbols);
    trace_attach(d);
    irq_watch_beside(d->irqs, d->control);
    return d;
}

void debugger_keep_history(struct debugger *d, struct pc *pc, u64 budget)
{
    if (budget)
        d->history = history_new(d->control, pc, budget);
}

void debugger_free(struct debugger *d)
{
    if (!d)
        return;
    history_free(d->history);
    events_detach(d);
    trace_detach(d);
    free(d->point_commands);
    irq_watch_free(d->irqs);
    line_free(d);
    free(d->typed);
    scripts_drop(d);
    free(d->on_stop);
    free(d->rest);
    control_free(d->control);
    symbols_free(d->own_symbols);
    sources_free(d->sources);
    free(d);
}

void debugger_set_run(struct debugger *d, enum machine_stop (*run)(void *to), void *to)
{
    control_set_run(d->control, run, to);
}

void debugger_set_media(struct debugger *d, bool (*change)(void *to, const char *drive, const char *file, char *message, size_t n),
                        void *to)
{
    d->change = change;
    d->change_to = to;
}

void debugger_on_interrupted_again(struct debugger *d, void (*again)(void *to), void *to)
{
    d->again = again;
    d->again_to = to;
}

void debugger_set_desk(struct debugger *d, const struct debugger_desk *desk) { d->desk = *desk; }

void debugger_set_outputs(struct debugger *d, struct outputs *outputs) { d->outputs = outputs; }

void debugger_set_symbols(struct debugger *d, struct symbols *symbols)
{
    d->symbols = symbols;
    irq_watch_symbols(d->irqs, symbols);
}

struct control *debugger_control(struct debugger *d) { return d->control; }

void debugger_set_limit(struct debugger *d, u64 insns)
{
    control_set_limit(d->control, insns);
}

void debugger_set_no_programs(struct debugger *d, const char *why) { d->no_programs = why; }
void debugger_set_later(struct debugger *d, bool later) { d->later = later; }
bool debugger_script_failed(const struct debugger *d) { return d->script_failed; }
