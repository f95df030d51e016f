/* session_debug.c - the run in a debugger's hands: from the start, or from when a key, a signal or the guest asks for it; where the
 * debugger's prompt is; what stops the machine for it that would else end the run. */
#include "session_parts.h"
#include "../../debugger/prompt/prompt.h"
#include "../../debugger/gdb/gdb.h"
#include "../../host/clock.h"
#include "../../host/handle.h"
#include "../../iodev/image/stream.h"
#include "commands.h"
#include <stdio.h>

static const u64 SHORT_NS = 200000000;  /* a run that is over by then leaves the terminal to the prompt */

static const enum machine_stop stops[] = {      /* the same in the words of the machine, which the debugger looks into */
    [VITRINE_TIME] = STOP_DEADLINE, [VITRINE_POWER_OFF] = STOP_POWER_OFF, [VITRINE_DEBUG_EXIT] = STOP_DEBUG_EXIT,
    [VITRINE_TRIPLE_FAULT] = STOP_TRIPLE_FAULT, [VITRINE_RESET] = STOP_RESET, [VITRINE_HALTED] = STOP_HALTED_FOREVER,
    [VITRINE_INSTRUCTIONS] = STOP_MAX_INSNS, [VITRINE_BREAKPOINT] = STOP_BREAK, [VITRINE_STOPPED] = STOP_ASKED,
};

static enum vitrine_reason reason_of(enum machine_stop stop)
{
    size_t k = 0;
    while (k + 1 < ARRAY_LEN(stops) && stops[k] != stop)
        k++;
    return (enum vitrine_reason)k;
}

/* ---- where the prompt is ---- */

bool session_debug_open(struct session *s, struct vitrine_error *error)
{
    char name[512];
    const char *at = s->o->debug_at;
    bool tcp = at && !strncmp(at, "tcp:", 4), pty = at && !strcmp(at, "pty");
    if (!at)
        return true;
    snprintf(name, sizeof name, "%s%s%s%s", tcp ? "tcp:" : at, tcp && !strchr(at + 4, ':') ? ":" : "", tcp ? at + 4 : "",
             pty ? "" : ",server");
    s->prompt = stream_open(&s->says, s->setup->outputs, "-debug", name, error->text, sizeof error->text);
    if (s->prompt)
        return true;
    error->code = VITRINE_WRONG;
    snprintf(error->where, sizeof error->where, "debug");
    return false;
}

static bool here(const struct session *s)
{
    return !s->prompt && handle_is_terminal(handle_standard(STANDARD_INPUT)) && handle_is_terminal(handle_standard(STANDARD_OUTPUT));
}

/* The prompt and the terminal display share a terminal, which is one's or the other's. */
static void take_terminal(struct session *s)
{
    if (s->lent || s->prompt)
        return;
    link_take_terminal(s->link);
    s->lent = true;
}

static void give_terminal(struct session *s)
{
    if (s->lent)
        link_give_terminal(s->link);
    s->lent = false;
}

bool session_debug_asked(struct session *s)
{
    struct debugger *d = atomic_load(&s->debugger);
    bool key = commands_debug(s->commands);
    if (d && !s->gdb && s->lent && host_ns() - s->run_began > SHORT_NS)
        give_terminal(s);
    if (d && !s->gdb && debugger_poll(d))       /* beside gdb the prompt's own thread looks */
        s->enter = true;
    if (!key || s->debugged)
        return s->enter;
    if (!d && s->gdb)
        link_status(s->link, "gdb debugs this machine");
    else if (!d && !here(s))
        link_status(s->link, "the debugger wants a terminal: start Vitrine from one, or with -debug later,tcp:PORT");
    else
        s->enter = true;
    return s->enter;
}

/* ---- limits, signals ---- */

bool session_interrupted(struct session *s)
{
    struct debugger *d = atomic_load(&s->debugger);
    if (d)
        debugger_interrupt(d);
    return d;
}

bool session_timeout(struct session *s)
{
    struct debugger *d = atomic_load(&s->debugger);
    if (!d || (!atomic_load(&s->runs) && !debugger_attended(d)))
        return false;
    atomic_store(&s->time_over, true);
    vitrine_stop(s->v);
    link_nudge(s->link);
    return true;
}

void session_debug_fault(struct session *s)
{
    if (!atomic_load(&s->debugger))
        return;
    s->faulted = true;
    vitrine_stop(s->v);
}

static bool is_gone(void *to)
{
    const struct session *s = to;
    return atomic_load(&s->end) != END_NOT || link_stopped(s->link);
}

/* The debugger's `continue`. */
static enum machine_stop run_for_debugger(void *to)
{
    struct session *s = to;
    s->faulted = s->enter = false;
    s->run_began = host_ns();
    link_status(s->link, "");
    atomic_store(&s->runs, true);
    enum vitrine_reason stop = session_run_slices(s);
    atomic_store(&s->runs, false);
    if (!s->prompt)
        vitrine_fresh_line(s->v);
    take_terminal(s);
    link_status(s->link, "in the debugger");
    bool over = stop == VITRINE_TIME || stop == VITRINE_STOPPED;
    if (s->faulted) {
        machine_break_no_more(s->m);            /* it has come back by now, one way or the other */
        if (over)
            return STOP_TRIPLE_FAULT;
    }
    if (!over || !atomic_load(&s->time_over))
        return stops[stop];
    struct debugger *d = atomic_load(&s->debugger);
    if (d && debugger_attended(d))              /* who goes on has no limit any more */
        atomic_store(&s->time_over, false);
    return STOP_TIMEOUT;
}

/* It went back in time. */
static void moved(void *to) { session_show(to); }

/* ---- the run ---- */

/* What the debugger sees and does as a person at the machine. */
static size_t desk_screen(void *to, char *text, size_t n) { return vitrine_screen_text(((struct session *)to)->v, text, n); }

static bool desk_type(void *to, const char *text, char *error, size_t n)
{
    struct vitrine_error why;
    bool ok = vitrine_type(((struct session *)to)->v, text, &why);
    snprintf(error, n, "%s", ok ? "" : why.text);
    return ok;
}

static bool desk_save(void *to, const char *file, char *error, size_t n)
{
    struct vitrine_error why = { .text = "" };
    bool ok = vitrine_save_file(((struct session *)to)->v, file, &why);
    snprintf(error, n, "%s", why.text);
    return ok;
}

static bool desk_load(void *to, const char *file, char *error, size_t n)
{
    struct vitrine_error why = { .text = "" };
    bool ok = vitrine_load_file(((struct session *)to)->v, file, &why);
    snprintf(error, n, "%s", why.text);
    return ok;
}

static void take_scripts(struct session *s, struct debugger *d)
{
    for (u64 k = 0; k < s->o->commands_count; k++) {
        const struct debug_commands *c = &s->o->commands[k];
        debugger_add_commands(d, c->file ? c->text : "-debug-command", c->file ? s->setup->script[k] : c->text);
    }
    debugger_set_on_stop(d, s->o->on_stop);
    debugger_set_later(d, s->o->debug_later);
}

static const char *no_programs(const struct session *s)
{
    return s->o->sandbox == SANDBOX_ON ? "-sandbox on" : s->gdb ? "gdb asks"
         : s->prompt && !strncmp(s->o->debug_at, "tcp:", 4) ? "every user of this host may be at a tcp: prompt" : NULL;
}

static struct debugger *debugger_of(struct session *s)
{
    const struct options *o = s->o;
    struct debugger *d = debugger_new(s->m);
    debugger_set_run(d, run_for_debugger, s);
    control_on_move(debugger_control(d), moved, s);
    debugger_set_media(d, commands_change, s->commands);
    debugger_set_desk(d, &(struct debugger_desk){ desk_screen, desk_type, s, desk_save, desk_load });
    debugger_set_outputs(d, s->setup->outputs);
    debugger_set_symbols(d, s->setup->symbols);
    debugger_set_trace(d, s->trace, !s->trace_out);
    debugger_set_limit(d, o->max_insns);
    debugger_keep_history(d, vitrine_pc(s->v), o->history);
    debugger_on_interrupted_again(d, s->interrupted_again, s->interrupted_again_to);
    debugger_set_no_programs(d, no_programs(s));
    debugger_set_gone(d, is_gone, s);
    if (s->prompt)
        debugger_set_line(d, s->prompt, !strcmp(o->debug_at, "pty"));
    debugger_set_magic(d, o->magic == MAGIC_INSTRUCTION, o->magic == MAGIC_PORT ? o->magic_port : 0, o->magic_value);
    if (o->debug)
        take_scripts(s, d);
    return d;
}

enum vitrine_reason session_debug(struct session *s)
{
    bool quit = false;
    struct debugger *d = s->debugger_kept = debugger_of(s);
    enum machine_stop stop;
    s->enter = false;
    if (s->gdb && !s->o->debug) {
        stop = gdb_run(s->gdb, d, s->o->stopped, &quit);
    } else {
        atomic_store(&s->runs, false);
        atomic_store(&s->debugger, d);
        take_terminal(s);
        link_status(s->link, "in the debugger");
        if (s->gdb)
            gdb_begin_beside(s->gdb, d);
        stop = debugger_run(d, &quit);
        if (s->gdb)
            gdb_end_beside(s->gdb);
        link_status(s->link, "");
        give_terminal(s);
        atomic_store(&s->debugger, NULL);       /* a signal ends the run from here on; it goes when no more can come */
    }
    s->script_failed = debugger_script_failed(d);
    s->debugged = !s->gdb || s->o->debug;
    atomic_store(&s->runs, true);
    int none = END_NOT;
    if (stop == STOP_TIMEOUT)
        atomic_compare_exchange_strong(&s->end, &none, END_TIMEOUT);
    return stop == STOP_TIMEOUT ? VITRINE_TIME : reason_of(stop);
}

void session_debug_free(struct session *s)
{
    debugger_free(s->debugger_kept);
    if (s->prompt)
        stream_close(s->prompt);
}
