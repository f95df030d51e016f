/* events.c - the log of delivered interrupts and exceptions: a ring of the last ones, and counts; and a run in time. */
#include "parts.h"
#include "../core/explain.h"
#include "../drawing/drawing.h"
#include "../faults/fault.h"

enum { SHOW_DEFAULT = 20 };

/* The processor's own exceptions; instructions (INT n and its like); interrupts from outside. By the kind: vectors overlap. */
static int group(const char *kind)
{
    if (!strcmp(kind, "fault") || !strcmp(kind, "trap"))
        return GROUP_EXCEPTION;
    return !strncmp(kind, "INT", 3) ? GROUP_SOFTWARE : GROUP_EXTERNAL;
}

static void note(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct debugger *d = to;
    struct event *e = &d->events[d->event_count++ % EVENTS];
    int g = group(kind);
    *e = (struct event){
        .insns = cpu_insns(cpu), .ns = machine_now(d->m), .rip = cpu_eip(cpu), .linear = linear_here(cpu),
        .cr2 = register_value(cpu, d->cr2), .eax = register_value(cpu, d->eax), .kind = kind, .error = error,
        .cs = cpu_segment(cpu, CS)->selector, .vector = (u8)vector, .has_error = has_error,
    };
    if (!d->vector_count[g][vector & 0xff]++)
        d->first_events[g][vector & 0xff] = *e;
}

static void note_change(void *to, struct cpu *cpu, const struct cpu_change *c)
{
    struct debugger *d = to;
    (void)cpu;
    d->modes[d->mode_count++ % EVENTS] = (struct mode_change) { machine_now(d->m), c->kind == CHANGE_TASK, (u8)c->old, (u8)c->now };
}

void events_attach(struct debugger *d)
{
    d->cr2 = register_find("cr2");
    d->eax = register_find("eax");
    d->events_token = cpu_on_interrupt(d->cpu, note, d);
    d->modes_token = cpu_on_change(d->cpu, 1u << CHANGE_MODE | 1u << CHANGE_TASK, note_change, d);
    control_beside(d->control, d->events, sizeof d->events);        /* the first of each vector stays what it is */
    control_beside(d->control, &d->event_count, sizeof d->event_count);
    control_beside(d->control, d->vector_count, sizeof d->vector_count);
    control_beside(d->control, d->modes, sizeof d->modes);
    control_beside(d->control, &d->mode_count, sizeof d->mode_count);
}

void events_detach(struct debugger *d)
{
    cpu_unobserve(d->cpu, d->events_token);
    cpu_unobserve(d->cpu, d->modes_token);
}

static void event_print(const struct debugger *d, const struct event *e, FILE *out)
{
    fprintf(out, "%12llu  %04x:%08x  %02x %-10s", (unsigned long long)e->insns, e->cs, (u32)e->rip, e->vector, e->kind);
    if (group(e->kind) == GROUP_EXCEPTION && *exception_mnemonic(e->vector))
        fprintf(out, " %s", exception_mnemonic(e->vector));
    if (e->has_error) {
        fputs(" error ", out);
        error_code_print(e->vector, e->error, out);
    }
    if (e->has_error && e->vector == EXC_PF)
        fprintf(out, " CR2 %08x", (u32)e->cr2);
    fprintf(out, "  EAX %08x", (u32)e->eax);
    name_print(d->symbols, d->cpu, e->linear, "  ", "", out);
    fputc('\n', out);
}

void events_print(struct debugger *d, u64 n)
{
    u64 kept = d->event_count < EVENTS ? d->event_count : EVENTS;
    if (n > kept)
        n = kept;
    for (u64 i = d->event_count - n; i < d->event_count; i++)
        event_print(d, &d->events[i % EVENTS], d->out);
}

static void firsts_print(struct debugger *d)
{
    for (int g = 0; g < GROUPS; g++)
        for (int v = 0; v < 256; v++)
            if (d->vector_count[g][v])
                event_print(d, &d->first_events[g][v], d->out);
}

void do_log(struct debugger *d, int argc, char **argv)
{
    static const char *const names[GROUPS] = { "", "INT", "external" };
    u64 n = SHOW_DEFAULT;
    int column = 0;
    if (argc > 1 && !strcmp(argv[1], "first")) {
        firsts_print(d);
        return;
    }
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    events_print(d, n);
    for (int g = 0; g < GROUPS; g++)
        for (int v = 0; v < 256; v++) {
            const char *name = g == GROUP_EXCEPTION ? exception_mnemonic(v) : names[g];
            if (d->vector_count[g][v])
                fprintf(d->out, "%02x %s: %-10llu%s", v, *name ? name : "exception", (unsigned long long)d->vector_count[g][v],
                        ++column % 5 ? "" : "\n");
        }
    fprintf(d->out, "%s%llu in all\n", column % 5 ? "\n" : "", (unsigned long long)d->event_count);
}

/* ---- in time ---- */

static const char *const mode_names[] = {
    [CPU_MODE_REAL] = "real", [CPU_MODE_PROTECTED] = "protected", [CPU_MODE_V86] = "virtual-8086", [CPU_MODE_SMM] = "system management"
};

struct drawn {
    struct timeline t;
    struct timeline_span span[EVENTS + 1];
    struct timeline_lane lane[GROUPS * 256 + 1];
    struct timeline_mark mark[2 * EVENTS];
    u16 lane_of[GROUPS][256];           /* plus 1; 0: none yet */
    size_t lanes;
};

static void lane_name(struct debugger *d, int g, int vector, char *text, size_t n)
{
    char irq[30];
    if (g == GROUP_EXCEPTION)
        snprintf(text, n, "%02x %s", vector, exception_mnemonic(vector));
    else if (g == GROUP_SOFTWARE)
        snprintf(text, n, "INT %02x", vector);
    else
        snprintf(text, n, "%02x %s", vector, *fault_irq(d->m, vector, irq, sizeof irq) ? irq : "external");
}

static void take_modes(struct debugger *d, struct drawn *w)
{
    u64 kept = d->mode_count < EVENTS ? d->mode_count : EVENTS;
    u16 tasks = 0;
    size_t spans = 0, marks = w->t.marks;
    for (u64 i = d->mode_count - kept; i < d->mode_count; i++) {
        const struct mode_change *c = &d->modes[i % EVENTS];
        if (c->task && !tasks) {
            snprintf(w->lane[w->lanes].name, sizeof w->lane->name, "task switch");
            tasks = (u16)++w->lanes;
        }
        if (c->task) {
            w->mark[marks++] = (struct timeline_mark) { c->ns, (u16)(tasks - 1) };
            continue;
        }
        if (!spans && d->mode_count <= EVENTS)
            w->span[spans++] = (struct timeline_span) { 0, mode_names[c->old & 3] };
        w->span[spans++] = (struct timeline_span) { c->ns, mode_names[c->now & 3] };
    }
    if (!spans)
        w->span[spans++] = (struct timeline_span) { 0, mode_names[cpu_mode_now(d->cpu)] };
    w->t.spans = spans;
    w->t.marks = marks;
}

static struct drawn *taken(struct debugger *d)
{
    struct drawn *w = xcalloc(1, sizeof *w);
    u64 kept = d->event_count < EVENTS ? d->event_count : EVENTS;
    for (u64 i = d->event_count - kept; i < d->event_count; i++) {
        const struct event *e = &d->events[i % EVENTS];
        u16 *lane = &w->lane_of[group(e->kind)][e->vector];
        if (!*lane) {
            lane_name(d, group(e->kind), e->vector, w->lane[w->lanes].name, sizeof w->lane->name);
            *lane = (u16)++w->lanes;
        }
        w->mark[w->t.marks++] = (struct timeline_mark) { e->ns, (u16)(*lane - 1) };
    }
    if (d->event_count > EVENTS)
        w->t.first = d->events[d->event_count % EVENTS].ns;
    take_modes(d, w);
    w->t.last = machine_now(d->m);
    w->t.span = w->span;
    w->t.lane = w->lane;
    w->t.mark = w->mark;
    w->t.lanes = w->lanes;
    return w;
}

static void draw(void *to, FILE *svg) { timeline_draw(to, svg); }

void do_timeline(struct debugger *d, int argc, char **argv)
{
    struct drawn *w = taken(d);
    if (argc == 1)
        timeline_print(&w->t, d->out);
    else if (argc == 3 && !strcmp(argv[1], "svg"))
        picture_draw(d, argv[2], draw, &w->t);
    else
        refuse(d, "timeline [svg FILE]: not %s", argv[1]);
    free(w);
}
