/* trace.c - a tracer's life: what is observed for which class, where the lines go. See trace.h. */
#include "parts.h"

struct trace *trace_new(struct machine *m)
{
    struct trace *t = xcalloc(1, sizeof *t);
    t->m = m;
    for (struct cpu *cpu; t->cpus < TRACE_CPUS && (cpu = machine_cpu_at(m, t->cpus)); t->cpus++)
        t->cpu[t->cpus] = (struct trace_cpu) { .t = t, .cpu = cpu, .n = t->cpus };
    t->epoch = 1;
    static const char *const names[] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };
    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        t->gpr[k] = register_find(names[k]);
    return t;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    trace_end(t);
    t->counting = false;
    trace_subscribe(t);
    counts_free(t->counts);
    free(t->seen);
    free(t);
}

void trace_set_symbols(struct trace *t, const struct symbols *symbols)
{
    t->symbols = symbols;
    t->epoch++;
}

void trace_to(struct trace *t, enum trace_format format, bool (*write)(void *to, const char *text, size_t n), void *to)
{
    trace_flush(t);
    t->format = format;
    t->write = write;
    t->to = to;
}

static void observe(struct cpu *cpu, bool wanted, int *token, int (*subscribe)(struct trace_cpu *c), struct trace_cpu *c)
{
    if (wanted && !*token) {
        *token = subscribe(c);
    } else if (!wanted && *token) {
        cpu_unobserve(cpu, *token);
        *token = 0;
    }
}

static int on_instruction(struct trace_cpu *c) { return cpu_on_instruction(c->cpu, insn_told, c); }
static int on_interrupt(struct trace_cpu *c)   { return cpu_on_interrupt(c->cpu, interrupt_told, c); }

static int on_access(struct trace_cpu *c)
{
    static const struct cpu_range all = { .first = 0, .last = 0xffffffff };
    return cpu_on_access(c->cpu, &all, true, true, access_told, c);
}

/* Of other kinds of change than before. */
static void observe_changes(struct trace_cpu *c, u32 changes)
{
    if (changes == c->changes)
        return;
    if (c->on_change)
        cpu_unobserve(c->cpu, c->on_change);
    c->on_change = changes ? cpu_on_change(c->cpu, changes, change_told, c) : 0;
    c->changes = changes;
}

/* The classes for which something is to be observed now. */
static u64 now_on(const struct trace *t) { return t->paused ? 0 : t->on; }

static u32 changes(const struct trace *t)
{
    u32 all = 0;
    for (int k = 0; k < TRACE_CLASSES; k++)
        if (now_on(t) >> k & 1)
            all |= trace_classes[k].changes;
    return t->format == TRACE_PERFETTO || (t->on & class_bit(TRACE_IRET)) ? all : all & ~(1u << CHANGE_IRET);
}

static u32 needs(const struct trace *t)
{
    u32 all = t->counting && !t->paused ? NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS : 0;
    for (int k = 0; k < TRACE_CLASSES; k++)
        if (now_on(t) >> k & 1)
            all |= trace_classes[k].needs;
    return all;
}

static void watch_space(struct trace *t, struct space *s, bool wanted, int *token)
{
    if (wanted && !*token) {
        *token = space_watch(s, device_told, t);
    } else if (!wanted && *token) {
        space_unwatch(s, *token);
        *token = 0;
    }
}

static void watch_activity(struct trace *t, bool wanted)
{
    if (wanted == t->active)
        return;
    t->active = wanted;
    machine_watch_timers(t->m, wanted ? timer_told : NULL, t);
    machine_watch_masters(t->m, wanted ? master_told : NULL, t);
    machine_watch_irqs(t->m, wanted ? irq_told : NULL, t);
    log_tap(machine_log(t->m), wanted ? log_told : NULL, t);
}

void trace_subscribe_cpus(struct trace *t)
{
    u32 all = needs(t);
    for (int k = 0; k < t->cpus; k++) {
        struct trace_cpu *c = &t->cpu[k];
        if (!(all & NEEDS_INSTRUCTIONS))
            c->last.any = false;
        observe(c->cpu, all & NEEDS_INSTRUCTIONS, &c->on_instruction, on_instruction, c);
        observe(c->cpu, all & NEEDS_INTERRUPTS, &c->on_interrupt, on_interrupt, c);
        observe(c->cpu, all & NEEDS_ACCESSES, &c->on_access, on_access, c);
        observe_changes(c, changes(t));
    }
    if ((all & NEEDS_INSTRUCTIONS) && !t->seen)
        t->seen = xcalloc(1u << CACHE_BITS, sizeof *t->seen);
}

void trace_subscribe(struct trace *t)
{
    u32 all = needs(t);
    trace_subscribe_cpus(t);
    watch_activity(t, all & NEEDS_ACTIVITY);
    watch_space(t, machine_ports(t->m), now_on(t) & class_bit(TRACE_PORTS), &t->ports);
    watch_space(t, machine_memory(t->m), now_on(t) & class_bit(TRACE_MMIO), &t->devices);
}

/* The symbol's code, within the range. False: there is no such symbol. */
static bool filter_code(struct trace *t, const struct trace_filter *f, u64 *first, u64 *last, char *message, size_t n)
{
    *first = f->has_range ? f->first : 0;
    *last = f->has_range ? f->last : UINT64_MAX;
    if (!*f->symbol)
        return true;
    const struct symbol *s = symbols_find(t->symbols, f->symbol);
    if (!s || s->end <= s->address) {
        const char *near = symbols_nearest(t->symbols, f->symbol);
        snprintf(message, n, "no symbol '%s' with code%s%s%s", f->symbol, near ? " (did you mean '" : "", near ? near : "",
                 near ? "'?)" : "");
        return false;
    }
    *first = s->address > *first ? s->address : *first;
    *last = s->end - 1 < *last ? s->end - 1 : *last;
    return true;
}

bool trace_change(struct trace *t, const struct trace_spec *spec, char *message, size_t n)
{
    if (spec->has_filter) {
        u64 first, last;
        if (!filter_code(t, &spec->filter, &first, &last, message, n))
            return false;
        t->filter = spec->filter;
        t->filter_first = first;
        t->filter_last = last;
        t->events = 0;
    } else if (!t->on) {
        t->filter = (struct trace_filter) { 0 };
        t->filter_last = UINT64_MAX;
        t->filter_first = t->events = 0;
    }
    if (spec->has_format && spec->format != t->format) {
        trace_flush(t);
        t->format = spec->format;
    }
    t->on = (t->on & ~spec->off) | spec->on;
    trace_subscribe(t);
    return true;
}

/* What came of the last instruction is known here, and not where it goes on. */
void trace_pause(struct trace *t, bool on)
{
    struct cpu_place at;
    if (on == t->paused)
        return;
    for (int k = 0; k < t->cpus && on; k++)
        if (t->cpu[k].last.any) {
            cpu_place(t->cpu[k].cpu, &at);
            insn_settle(&t->cpu[k], &at, false, 0);
        }
    t->paused = on;
    trace_subscribe(t);
}

u64 trace_on(const struct trace *t) { return t->on; }
const struct trace_filter *trace_filter(const struct trace *t) { return &t->filter; }
u64 trace_lines(const struct trace *t) { return t->lines; }

void trace_count(struct trace *t, bool on)
{
    if (on && !t->counts)
        t->counts = counts_new();
    t->counting = on;
    trace_subscribe(t);
}
