/* debugger.c - the command table, and the loop that reads lines and obeys them.
 * Help and completion come from the table. Ctrl-C is waited for by a thread of its own, which stops the machine, so that
 * no signal handler needs a global to find it. */
#include "parts.h"
#include <signal.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_READLINE
#include <readline/history.h>
#include <readline/readline.h>
#endif

/* clang-format off */
const struct command commands[] = {
    { "continue",    "c",    do_continue,    "",                "run until something stops it (Ctrl-C does)", false },
    { "step",        "s",    do_step,        "[N]",             "run one instruction, or N (a REP iteration counts as one)", false },
    { "next",        "n",    do_next,        "",                "step over a CALL, INT, LOOP or REP", false },
    { "break",       "b",    do_break,       "ADDRESS",         "stop before the instruction there", false },
    { "delete",      "d",    do_delete,      "NUMBER | all",    "remove breakpoints", false },
    { "list",        "l",    do_list,        "",                "list breakpoints", false },
    { "registers",   "r",    do_registers,   "",                "general registers, EIP, EFLAGS", false },
    { "segments",    "sr",   do_segments,    "",                "segment registers with their hidden parts, and table registers", false },
    { "control",     "cr",   do_control,     "",                "control and debug registers, bit by bit", false },
    { "fpu",         "f",    do_fpu,         "",                "x87 registers", false },
    { "memory",      "m",    do_memory,      "[ADDRESS [N]]",   "N bytes at a linear address or SEGMENT:OFFSET", false },
    { "physical",    "pm",   do_physical,    "ADDRESS [N]",     "N bytes of physical memory", false },
    { "disassemble", "u",    do_disassemble, "[ADDRESS [N]]",   "N instructions, from CS:EIP first", false },
    { "stack",       "st",   do_stack,       "[N]",             "N words at SS:ESP", false },
    { "walk",        "w",    do_walk,        "ADDRESS",         "the way of a linear address through the page tables", false },
    { "gdt",         "g",    do_gdt,         "[SELECTOR]",      "the global descriptor table, or one entry of it", false },
    { "ldt",         "ld",   do_ldt,         "[SELECTOR]",      "the local descriptor table", false },
    { "idt",         "i",    do_idt,         "[VECTOR]",        "the interrupt table: gates, or vectors in real mode", false },
    { "tss",         "t",    do_tss,         "",                "the running task's state segment", false },
    { "log",         "lo",   do_log,         "[N]",             "the last N interrupts and exceptions, and how many of each", false },
    { "info",        "in",   do_info,        "[DEVICE]",        "the devices, or one device's state", false },
    { "map",         "ma",   do_map,         "[ports]",         "what lies where in physical memory or I/O space", false },
    { "faults",      "fa",   do_triple,      "",                "the last chain of faults, as after a triple fault", false },
    { "print",       "p",    do_print,       "EXPRESSION",      "its value: numbers, registers, + - * ( ) and [ADDRESS]", false },
    { "change",      "ch",   do_change,      "DRIVE FILE",      "put a floppy or CD into a drive: fda, fdb, cd", false },
    { "eject",       "ej",   do_eject,       "DRIVE",           "take it out", false },
    { "reset",       "re",   do_reset,       "",                "reset the machine", false },
    { "help",        "h",    do_help,        "[COMMAND]",       "this list", true },
    { "quit",        "q",    do_quit,        "",                "end the run", false },
    { NULL, NULL, NULL, NULL, NULL, false }
};
/* clang-format on */

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
        fprintf(d->out, "no command %s\n", argv[1]);
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

void debugger_command(struct debugger *d, const char *line)
{
    char copy[sizeof d->last], *argv[WORDS], *rest;
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, " \t\n", &rest); word && argc < WORDS; word = strtok_r(NULL, " \t\n", &rest))
        argv[argc++] = word;
    if (!argc)
        return;
    const struct command *c = command_find(argv[0]);
    if (c)
        c->obey(d, argc, argv);
    else
        fprintf(d->out, "no command %s; h lists them\n", argv[0]);
    fflush(d->out);
}

/* ---- reading lines ---- */

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

/* readline passes no pointer of ours, so what only the machine knows (its devices) is not offered. */
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
        if (!c || !c->takes_command)
            return NULL;
    }
    for (const struct command *c = commands; c->name; c++)
        offer(&names, &n, c->name, text);
    return finish_list(names, n);
}
#endif

/* A line without its newline, to be freed; NULL at the end. */
static char *line_read(const char *prompt)
{
#ifdef HAVE_READLINE
    if (isatty(STDIN_FILENO)) {
        char *line = readline(prompt);
        if (line && *line)
            add_history(line);
        return line;
    }
#endif
    char buffer[256];
    fputs(prompt, stdout);
    fflush(stdout);
    if (!fgets(buffer, sizeof buffer, stdin))
        return NULL;
    buffer[strcspn(buffer, "\n")] = 0;
    return xstrdup(buffer);
}

/* ---- Ctrl-C ---- */

enum { ONE_MS = 100 /* signals so near are one */, AGAIN_MS = 2000 };

static u64 now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

static void *interrupter(void *to)
{
    struct debugger *d = to;
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    u64 before = 0;
    u32 run = 0;
    while (!sigwait(&set, &sig) && !atomic_load(&d->ending)) {
        u64 now = now_ms();
        if (!atomic_load(&d->running))
            continue;
        if (d->again && run == atomic_load(&d->runs) && now - before >= ONE_MS && now - before < AGAIN_MS)
            d->again(d->again_to);
        before = now;
        run = atomic_load(&d->runs);
        machine_break(d->m);
    }
    return NULL;
}

static void interrupter_start(struct debugger *d)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    d->has_interrupter = !pthread_create(&d->interrupter, NULL, interrupter, d);
}

/* ---- life ---- */

static enum machine_stop run_machine(void *to)
{
    return machine_run(to, UINT64_MAX);
}

struct debugger *debugger_new(struct machine *m)
{
    struct debugger *d = xcalloc(1, sizeof *d);
    d->m = m;
    d->cpu = machine_cpu(m);
    d->out = stdout;
    d->run = run_machine;
    d->run_to = m;
    d->limit = UINT64_MAX;
    d->next_number = 1;
    d->memory_next = d->code_next = UINT64_MAX;
    atomic_init(&d->running, false);
    atomic_init(&d->ending, false);
    events_attach(d);
    return d;
}

void debugger_free(struct debugger *d)
{
    if (!d)
        return;
    events_detach(d);
    for (int i = 0; i < d->breakpoint_count; i++)
        cpu_breakpoint_remove(d->cpu, d->breakpoints[i].linear);
    if (d->has_interrupter) {
        atomic_store(&d->ending, true);
        pthread_kill(d->interrupter, SIGINT);
        pthread_join(d->interrupter, NULL);
    }
    free(d);
}

void debugger_set_run(struct debugger *d, enum machine_stop (*run)(void *to), void *to)
{
    d->run = run;
    d->run_to = to;
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

void debugger_set_limit(struct debugger *d, u64 insns)
{
    d->limit = insns;
}

enum machine_stop debugger_run(struct debugger *d, bool *quit)
{
    if (!d->has_interrupter)
        interrupter_start(d);
#ifdef HAVE_READLINE
    rl_attempted_completion_function = complete;
#endif
    where_print(d);
    while (!d->leave) {
        char *line = line_read("vitrine> ");
        if (!line) {
            d->quit = true;
            break;
        }
        if (line[strspn(line, " \t")])
            snprintf(d->last, sizeof d->last, "%s", line);
        debugger_command(d, d->last);
        free(line);
    }
    *quit = d->quit;
    d->leave = d->quit = false;
    return *quit ? STOP_BREAK : d->stop;
}
