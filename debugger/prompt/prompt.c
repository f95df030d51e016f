/* prompt.c - the loop that asks for lines and obeys them, and what stops the machine from outside. Where lines come from: line.c. */
#include "prompt_parts.h"
#include "../../host/clock.h"

/* ---- Ctrl-C ---- */

enum { ONE_MS = 100 /* signals so near are one */, AGAIN_MS = 2000 };
static const u64 LOOK_NS = 10000000;    /* between two looks whether another debugger has let go */

void debugger_interrupt(struct debugger *d)
{
    u64 now = host_ms(), since = now - d->interrupted_at;
    u32 run = control_runs(d->control);
    if (!control_running(d->control)) {
        atomic_store(&d->forget, true);
        return;
    }
    if (d->again && d->interrupted_run == run && since >= ONE_MS && since < AGAIN_MS)
        d->again(d->again_to);
    d->interrupted_at = now;
    d->interrupted_run = run;
    control_interrupt(d->control);
}

/* ---- the guest asks for it ---- */

static void magic(void *to, struct cpu *cpu)
{
    struct debugger *d = to;
    d->asked_by_guest = "xchg bx, bx";
    cpu_break(cpu);
}

static enum point_verdict magic_port(void *to, const struct point_hit *hit)
{
    ((struct debugger *)to)->asked_by_guest = "it wrote to its port for that";
    (void)hit;
    return POINT_YES;
}

void debugger_set_magic(struct debugger *d, bool instruction, u32 port, u32 value)
{
    struct cpu *cpu;
    for (int k = 0; instruction && (cpu = machine_cpu_at(d->m, k)); k++)
        cpu_on_magic(cpu, magic, d);
    if (port)
        points_add(control_points(d->control), &(struct point) {
            .kind = POINT_PORT, .owner = POINT_INTERNAL, .first = port, .last = port, .write = true, .has_value = value,
            .value = value, .cpl = -1, .name = "-debug-magic", .condition = magic_port, .condition_to = d });
}

/* ---- the loop ---- */

/* While a person thinks, another debugger may have the machine. What ended the run meanwhile is seen with the next line. */
static char *line_typed(struct debugger *d)
{
    control_give(d->control);
    char *line = line_read(d);
    for (bool said = false; !control_try(d->control, "the prompt"); host_wait(LOOK_NS)) {
        const char *who = control_running(d->control) && !said ? control_claimed(d->control) : NULL;
        if (!who)
            continue;
        fprintf(d->out, "%s lets the machine run: this waits until it stops (Ctrl-C stops it)\n", who);
        fflush(d->out);
        said = true;
    }
    d->quit |= control_ended(d->control);
    d->leave |= d->quit || control_over(control_stop(d->control));
    return line;
}

static void obey_typed(struct debugger *d)
{
    char *line = line_typed(d), typed[sizeof d->last];
    if (d->leave) {
        free(line);
        return;
    }
    if (!line) {
        d->leave = d->quit = true;
        return;
    }
    if (strlen(line) >= sizeof d->last) {
        refuse(d, "a command has at most %zu characters", sizeof d->last - 1);
    } else {
        if (line[strspn(line, " \t")])
            snprintf(d->last, sizeof d->last, "%s", line);
        snprintf(typed, sizeof typed, "%s", d->last);   /* a command may change what an empty line repeats */
        debugger_commands(d, typed);
    }
    free(line);
}

/* After a stop that nobody asked for. Who goes on where nothing can would go on for ever, unless a person sits there and sees it; a
 * person goes on behind a limit. */
static void stop_came(struct debugger *d)
{
    enum machine_stop stop = control_stop(d->control);
    bool limit = limit_reached(d), end = limit || stop == STOP_TRIPLE_FAULT || stop == STOP_HALTED_FOREVER || stop == STOP_TIMEOUT;
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

/* One command from wherever the next comes from. */
static void obey_next(struct debugger *d)
{
    u32 stops = d->stops;
    if (scripts_obey(d))
        ;
    else if (d->later && !control_runs(d->control) && !d->script_failed)
        do_continue(d, 0, NULL);
    else if (d->scripted && !debugger_attended(d) && !d->line)
        d->leave = d->quit = true;
    else
        obey_typed(d);
    if (d->stops != stops && !d->leave)
        stop_came(d);
}

enum machine_stop debugger_run(struct debugger *d, bool *quit)
{
    line_begin(d);
    control_take(d->control, "the prompt");
    if (!d->later) {
        if (machine_insns(d->m))                /* entered on the way */
            fputs("stopped\n", d->out);
        where_print(d);
    }
    while (!d->leave)
        obey_next(d);
    control_give(d->control);
    line_end(d);
    *quit = d->quit;
    d->leave = d->quit = false;
    bool step = control_stop(d->control) == STOP_MAX_INSNS && !limit_reached(d) && machine_insns(d->m) != d->dead_end;
    return step ? STOP_BREAK : control_stop(d->control);
}
