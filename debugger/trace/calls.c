/* calls.c - calls, interrupts and returns as a tree. A guest has a stack for each of its threads: where a return leads to no call of the
 * running one, it may be that of another, or the first of a new one. */
#include "parts.h"
#include <stdio.h>

enum { INDENT_MOST = 32 };

static struct calls *running(struct trace_cpu *c) { return &c->stack[c->running]; }

static bool is_timeline(const struct trace_cpu *c) { return c->t->format == TRACE_PERFETTO; }

static bool tell(struct trace_cpu *c, const struct cpu_place *at, const char *phase, int depth, const char *what, const char *name)
{
    struct event e;
    if (is_timeline(c) && *phase == 'E')
        event_start(&e, c, TRACE_CALLS, at);
    else if (!event_begin_at(&e, c, TRACE_CALLS, at))
        return false;
    e.phase = phase;
    e.track = CALLS_TRACK + c->running;
    event_name(&e, "%s", name);
    event_text(&e, "%*s%s%s", 2 * (depth < INDENT_MOST ? depth : INDENT_MOST), "", what, name);
    event_string(&e, "what", name);
    event_number(&e, "depth", (u64)depth);
    event_number(&e, "stack", (u64)c->running);
    event_end(&e);
    return true;
}

static void enter(struct trace_cpu *c, const struct call *call)
{
    struct calls *s = running(c);
    if (s->depth == CALL_DEPTH) {               /* the outermost is forgotten */
        memmove(s->call, s->call + 1, (CALL_DEPTH - 1) * sizeof *s->call);
        s->depth--;
    }
    s->call[s->depth++] = *call;
}

/* The innermost call of a stack that goes on there; -1: none. An interrupt's handler may have moved what it returns to, not the stack. */
static int find(const struct calls *s, u64 back, u32 sp, bool interrupt)
{
    for (int k = s->depth - 1; k >= 0; k--)
        if (s->call[k].interrupt == interrupt && (s->call[k].back == back || (interrupt && s->call[k].sp == sp)))
            return k;
    return -1;
}

/* Another thread's stack whose innermost call goes on there; -1: none. */
static int other_stack(const struct trace_cpu *c, u64 back, u32 sp, bool interrupt)
{
    for (int k = 0; k < CALL_STACKS; k++) {
        const struct calls *s = &c->stack[k];
        if (k != c->running && s->depth && find(s, back, sp, interrupt) == s->depth - 1)
            return k;
    }
    return -1;
}

/* One that is empty, or else the one that ran longest ago. */
static int fresh_stack(struct trace_cpu *c)
{
    int oldest = c->running ? 0 : 1;
    for (int k = 0; k < CALL_STACKS; k++)
        if (k != c->running && (!c->stack[k].depth || c->stack[k].used < c->stack[oldest].used))
            oldest = k;
    c->stack[oldest] = (struct calls) { .depth = 0 };
    return oldest;
}

static void switch_to(struct trace_cpu *c, int stack)
{
    c->stack[c->running].used = ++c->switches;
    c->running = stack;
}

/* The innermost call is over. */
static void end(struct trace_cpu *c, const struct cpu_place *at, const char *what, const char *name)
{
    struct calls *s = running(c);
    s->depth--;
    if (!is_timeline(c) || s->call[s->depth].told)
        tell(c, at, "E", s->depth, what, name);
}

static void leave(struct trace_cpu *c, const struct cpu_place *from, const struct cpu_place *now, u32 sp, bool interrupt)
{
    char name[96];
    int k = find(running(c), now->linear, sp, interrupt);
    if (k < 0 && interrupt)                     /* it ends a task that was called */
        k = find(running(c), now->linear, sp, false);
    int other = k < 0 ? other_stack(c, now->linear, sp, interrupt) : -1;
    address_text(c, now->linear, name, sizeof name);
    if (k < 0 && other < 0) {
        if (running(c)->depth)
            switch_to(c, fresh_stack(c));
        tell(c, from, "i", 0, interrupt ? "iret, to no interrupt on record: " : "return, to no call on record: ", name);
        return;
    }
    if (k < 0) {
        switch_to(c, other);
        k = running(c)->depth - 1;
    }
    while (is_timeline(c) && running(c)->depth > k + 1)         /* those that were left without a return */
        end(c, from, "", "");
    running(c)->depth = k + 1;
    end(c, from, interrupt ? "<- iret to " : "<- ", name);
}

void call_told(struct trace_cpu *c, const struct cpu_place *from, const struct seen *s, const struct cpu_place *now, u32 sp)
{
    char name[96];
    bool told;
    u32 sp_now = (u32)register_value(c->cpu, c->t->gpr[ESP]);
    switch (s->flow) {
    case INSN_CALL: case INSN_CALL_FAR: case INSN_SYSENTER:
        address_text(c, now->linear, name, sizeof name);
        told = tell(c, from, "B", running(c)->depth, "-> ", name);
        enter(c, &(struct call) { (u32)(from->linear + s->length), sp, false, told });
        break;
    case INSN_RETURN: case INSN_RETURN_FAR: case INSN_SYSEXIT:
        leave(c, from, now, sp_now, false);
        break;
    case INSN_IRET:
        leave(c, from, now, sp_now, true);
        break;
    default:
        break;
    }
}

void call_interrupt(struct trace_cpu *c, u64 back, int vector, const char *kind)
{
    char name[64];
    struct cpu_place at;
    const char *exception = !strcmp(kind, "fault") || !strcmp(kind, "trap") ? exception_mnemonic(vector) : "";
    cpu_place(c->cpu, &at);
    snprintf(name, sizeof name, "%s%s%02x %s", exception, *exception ? " " : "", (unsigned)vector, kind);
    bool told = tell(c, &at, "B", running(c)->depth, "=> ", name);
    enter(c, &(struct call) { back, (u32)register_value(c->cpu, c->t->gpr[ESP]), true, told });
}
