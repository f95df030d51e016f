/* debugger.c - finds commands in their table (commands.inc); help and completion come from it. prompt.c reads the lines. */
#include "parts.h"
#include "../history/history.h"
#include <stdarg.h>
#include <stdio.h>
#ifdef HAVE_READLINE
#include <readline/readline.h>
#endif

const struct command commands[] = {
#define COMMAND(...) { __VA_ARGS__ },
#include "commands.inc"
#undef COMMAND
    { NULL, NULL, NULL, NULL, NULL, false }
};

void refuse(struct debugger *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(d->out, fmt, args);
    va_end(args);
    fputc('\n', d->out);
    d->failed = true;
}

/* A command by its name, or a piece of the name that is long enough. */
static const struct command *command_find(const char *word)
{
    size_t n = strlen(word);
    for (const struct command *c = commands; c->name; c++) {
        if (!strcmp(word, c->name) || !strcmp(word, c->shortest))
            return c;
    }
    for (const struct command *c = commands; c->name; c++) {
        if (!strncmp(word, c->name, n))
            return c;
    }
    return NULL;
}

void do_help(struct debugger *d, int argc, char **argv)
{
    const struct command *only = argc > 1 ? command_find(argv[1]) : NULL;
    if (argc > 1 && !only)
        refuse(d, "no command %s", argv[1]);
    for (const struct command *c = commands; c->name; c++) {
        if (argc > 1 && c != only)
            continue;
        fprintf(d->out, "%-4s %s %s%*s %s\n", c->shortest, c->name, c->arguments,
                (int)(28 - strlen(c->name) - strlen(c->arguments)) > 0 ? (int)(28 - strlen(c->name) - strlen(c->arguments)) : 0,
                "", c->help);
    }
    if (argc == 1)
        fputs("Addresses and values are hexadecimal, counts decimal; 0x.. and 0d.. say which. An empty line repeats.\n", d->out);
}

void do_quit(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    d->leave = d->quit = true;
}

bool debugger_command(struct debugger *d, const char *line)
{
    char copy[sizeof d->last], *argv[WORDS], *rest;
    int argc = 0;
    d->failed = false;
    if (stops_collect(d, line))
        return true;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, " \t\n", &rest); word && argc < WORDS; word = strtok_r(NULL, " \t\n", &rest))
        argv[argc++] = word;
    if (!argc)
        return true;
    const struct command *c = command_find(argv[0]);
    if (c)
        c->obey(d, argc, argv);
    else
        refuse(d, "no command %s; h lists them", argv[0]);
    stops_obey(d);
    fflush(d->out);
    return !d->failed;
}

bool debugger_command_to(struct debugger *d, const char *line, FILE *out)
{
    FILE *own = d->out;
    u32 stops = d->stops;                       /* those of the prompt's own commands */
    d->out = out;
    debugger_command(d, line);
    d->out = own;
    d->stops = stops;
    bool stays = !d->leave;
    d->leave = d->quit = false;
    return stays;
}

/* ---- completion ---- */

#ifdef HAVE_READLINE
static void offer(char ***list, size_t *n, const char *name, const char *text)
{
    if (strncmp(name, text, strlen(text)))
        return;
    *list = xrealloc(*list, (*n + 2) * sizeof **list);
    (*list)[(*n)++] = xstrdup(name);
    (*list)[*n] = NULL;
}

/* readline wants the longest common beginning first, then every match. */
static char **finish_list(char **names, size_t n)
{
    char **all;
    size_t common;
    if (!n)
        return NULL;
    common = strlen(names[0]);
    for (size_t i = 1; i < n; i++) {
        size_t k = 0;
        while (k < common && names[i][k] == names[0][k])
            k++;
        common = k;
    }
    all = xcalloc(n + 2, sizeof *all);
    all[0] = xcalloc(common + 1, 1);
    memcpy(all[0], names[0], common);
    if (n == 1)
        free(names[0]);
    else
        memcpy(all + 1, names, n * sizeof *names);
    free(names);
    return all;
}

enum { OFFERED_MOST = 1000 };

static void offer_symbols(char ***list, size_t *n, const char *text)
{
    const struct debugger *d = (const void *)(rl_readline_name - offsetof(struct debugger, readline_name));
    const struct symbol *s;
    for (size_t k = 0; k < OFFERED_MOST && (s = symbols_beginning(d->symbols, text, k)); k++)
        offer(list, n, s->name, text);
}

/* readline passes no pointer of ours, but keeps one: the program's name. Commands first, then the symbols that an argument may name. */
static char **complete(const char *text, int start, int end)
{
    char **names = NULL;
    size_t n = 0;
    (void)end;
    rl_attempted_completion_over = 1;
    if (start) {
        char first[TEXT];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(rl_line_buffer, " "), rl_line_buffer);
        const struct command *c = command_find(first);
        if (!c)
            return NULL;
        if (strstr(c->arguments, "ADDRESS") || strstr(c->arguments, "EXPRESSION") || strstr(c->arguments, "SYMBOL"))
            offer_symbols(&names, &n, text);
        if (!c->takes_command)
            return finish_list(names, n);
    }
    for (const struct command *c = commands; c->name; c++)
        offer(&names, &n, c->name, text);
    return finish_list(names, n);
}

void completion_begin(struct debugger *d)
{
    rl_attempted_completion_function = complete;
    snprintf(d->readline_name, sizeof d->readline_name, "vitrine");
    rl_readline_name = d->readline_name;
}
#else
void completion_begin(struct debugger *d) { (void)d; }
#endif

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
    d->memory_next = d->code_next = UINT64_MAX;
    events_attach(d);
    d->irqs = irq_watch_new(m);
    irq_watch_symbols(d->irqs, d->symbols);
    trace_attach(d);
    irq_watch_beside(d->irqs, d->control);
    return d;
}

void debugger_keep_history(struct debugger *d, struct pc *pc, u64 budget) { d->history = history_new(d->control, pc, budget); }

void debugger_free(struct debugger *d)
{
    if (!d)
        return;
    history_free(d->history);
    events_detach(d);
    trace_detach(d);
    free(d->point_commands);
    irq_watch_free(d->irqs);
    prompt_end(d);
    scripts_drop(d);
    free(d->on_stop);
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

void debugger_set_later(struct debugger *d, bool later) { d->later = later; }
bool debugger_script_failed(const struct debugger *d) { return d->script_failed; }
