/* face_debug.c - see face_debug.h. The debugger is made when it is asked for first; until then nobody looks. */
#include "face_debug.h"
#include "face_parts.h"
#include "../../debugger/core/control.h"
#include "../../host/clock.h"
#include <stdio.h>

enum { COMMAND_MS = 1000 /* of the host: what a command that lets the machine run may take */, MESSAGE = 512 };
static const u64 PIECE_NS = 1000000, HISTORY_MOST = 64 << 20 /* a page has little memory */;

/* ---- what it asks for ---- */

/* A part of `continue`, or all of what another command lets run. */
static enum machine_stop run(void *to)
{
    struct web *w = to;
    enum machine_stop stop;
    u64 end = host_ms() + COMMAND_MS;
    w->faulted = false;
    do
        stop = vitrine_run_to(w->v, w->part ? w->until : vitrine_now(w->v) + PIECE_NS);
    while (stop == STOP_DEADLINE && !w->part && host_ms() < end);
    bool asked = stop == STOP_ASKED || (stop == STOP_DEADLINE && !w->part);
    if (w->faulted)
        machine_break_no_more(vitrine_machine(w->v));   /* it has come back by now, one way or the other */
    return w->faulted && (asked || stop == STOP_DEADLINE) ? STOP_TRIPLE_FAULT : asked ? STOP_ASKED : stop;
}

/* Told for every triple fault, also where the machine then resets; the debugger stops there. */
static void triple_fault(void *to, struct cpu *cpu)
{
    struct web *w = to;
    struct text *text = text_new();
    if (text) {
        triple_fault_tell(&w->triple_faults, cpu, text_file(text));
        char *all = text_take(text, NULL);
        fputs(all ? all : "vitrine: triple fault\n", stderr);
        free(all);
    }
    w->faulted = w->debugger;
    if (w->debugger)
        vitrine_stop(w->v);
}

static void hear_faults(struct web *w)
{
    w->triple_faults.symbols = w->setup.symbols;
    w->triple_faults.machine = vitrine_machine(w->v);
    machine_on_triple_fault(vitrine_machine(w->v), triple_fault, w);
}

static size_t desk_screen(void *to, char *text, size_t n) { return vitrine_screen_text(((struct web *)to)->v, text, n); }

static bool desk_type(void *to, const char *text, char *error, size_t n)
{
    struct vitrine_error why;
    bool ok = vitrine_type(((struct web *)to)->v, text, &why);
    snprintf(error, n, "%s", ok ? "" : why.text);
    return ok;
}

static bool change(void *to, const char *drive, const char *file, char *message, size_t n)
{
    static const struct { const char *name; enum vitrine_drive drive; } drives[] = {
        { "fda", VITRINE_FDA }, { "a", VITRINE_FDA }, { "fdb", VITRINE_FDB }, { "b", VITRINE_FDB }, { "cd", VITRINE_HDC },
        { "cdrom", VITRINE_HDC },
    };
    for (size_t k = 0; k < ARRAY_LEN(drives); k++)
        if (!strcmp(drive, drives[k].name)) {
            const char *wrong = web_insert(to, (int)drives[k].drive, file, true);
            snprintf(message, n, "%s", *wrong ? wrong : file ? "it is in when the machine runs on" : "it is out when the machine runs on");
            return !*wrong;
        }
    snprintf(message, n, "expected fda, fdb or cd, not %s", drive);
    return false;
}

static struct debugger *debugger_of(struct web *w)
{
    struct debugger *d = debugger_new(vitrine_machine(w->v));
    debugger_set_run(d, run, w);
    debugger_set_media(d, change, w);
    debugger_set_desk(d, &(struct debugger_desk){ .screen = desk_screen, .type = desk_type, .to = w });
    debugger_set_outputs(d, w->setup.outputs);
    debugger_set_symbols(d, w->setup.symbols);
    debugger_set_limit(d, w->options.max_insns);
    debugger_keep_history(d, vitrine_pc(w->v), w->options.history < HISTORY_MOST ? w->options.history : HISTORY_MOST);
    debugger_set_no_programs(d, "a page starts none");
    debugger_go_in_parts(d);
    return d;
}

/* ---- it runs, it stops ---- */

/* A stop that the machine does not come back from by itself, in the library's words. */
static int over(enum machine_stop stop) { return stop == STOP_POWER_OFF ? VITRINE_POWER_OFF : VITRINE_DEBUG_EXIT; }

static int go(struct web *w, struct text *text)
{
    w->part = true;
    bool more = debugger_go_on(w->debugger, text_file(text));
    w->part = false;
    w->stopped = !more && !debugger_goes(w->debugger);
    enum machine_stop stop = control_stop(debugger_control(w->debugger));
    return !w->stopped ? VITRINE_TIME : control_over(stop) ? over(stop) : WEB_IN_DEBUGGER;
}

/* Behind what nobody has asked for yet; `more` is freed. */
static void tell_more(struct web *w, char *more)
{
    if (w->told && more && *more) {
        size_t n = strlen(w->told), size = n + strlen(more) + 1;
        w->told = xrealloc(w->told, size);
        memcpy(w->told + n, more, size - n);
    } else if (more && *more) {
        w->told = xstrdup(more);
    }
    free(more);
}

static int go_on(struct web *w, u64 until)
{
    if (w->stopped)
        return WEB_IN_DEBUGGER;
    struct text *text = text_new();
    if (!text)
        return WEB_IN_DEBUGGER;
    w->until = until;
    int reason = go(w, text);
    tell_more(w, text_take(text, NULL));
    return reason;
}

const char *web_told(struct web *w)
{
    char *told = w->told;
    w->told = NULL;
    web_say(w, told ? told : "");
    free(told);
    return w->text;
}

int web_in_debugger(const struct web *w) { return w->stopped; }

const char *web_stop(struct web *w)
{
    struct text *text = text_new();
    if (!text)
        return web_say(w, "there is no memory for the debugger\n");
    if (!w->debugger)
        w->debugger = debugger_of(w);
    if (!w->stopped) {
        vitrine_stop(w->v);
        w->until = vitrine_now(w->v);
        go(w, text);
        machine_break_no_more(vitrine_machine(w->v));
    }
    return web_take(w, text);
}

const char *web_command(struct web *w, const char *line)
{
    if (!w->debugger || !w->stopped)
        return web_stop(w);
    struct text *text = text_new();
    if (!text)
        return web_say(w, "there is no memory for the answer\n");
    bool stays = debugger_command_to(w->debugger, line, text_file(text));
    w->stopped = stays && !debugger_goes(w->debugger);
    return web_take(w, text);
}

/* ---- it comes and goes ---- */

static void moved(struct web *w)
{
    if (w->debugger)
        control_moved(debugger_control(w->debugger));
}

static void close(struct web *w)
{
    debugger_free(w->debugger);
    setup_debugger_close(&w->setup);
    w->setup.symbols = NULL;
}

void web_attach(struct web *w)
{
    static const struct web_desk desk = { go_on, moved, close };
    w->desk = &desk;
    setup_debugger_open(&w->setup, &w->options);
    hear_faults(w);
    if (w->options.debug)
        w->told = xstrdup(web_stop(w));
}
