/* events.c - what is told of by observers that cost nothing where nothing happens: interrupts, exceptions, ports, registers in memory. */
#include "parts.h"
#include "../core/explain.h"
#include "../../cpu/descriptor.h"
#include "../../host/text.h"

static bool is_exception(const char *kind) { return !strcmp(kind, "fault") || !strcmp(kind, "trap"); }
static bool is_software(const char *kind) { return !strncmp(kind, "INT", 3); }

/* Where a vector leads to, by the table as it is now: a linear address, or none. */
static bool handler_of(struct trace_cpu *c, int vector, char *text, size_t size, u64 *linear)
{
    u64 raw, code;
    char name[96];
    if (!cpu_gate(c->cpu, vector, &raw))
        return false;
    if (!(cpu_get(c->cpu, "cr0") & CR0_PE)) {
        u32 segment = (u32)raw >> 16, offset = (u16)raw;
        *linear = (segment << 4) + offset;
        snprintf(text, size, "%04x:%04x %s", segment, offset, address_text(c, *linear, name, sizeof name));
        return true;
    }
    struct descriptor_fields f = descriptor_decode(raw);
    if (!descriptor_is_gate(f.kind))
        return false;
    if (f.kind == DESCRIPTOR_TASK_GATE) {
        snprintf(text, size, "task %04x", f.selector);
        *linear = 0;
        return true;
    }
    if (!cpu_descriptor(c->cpu, f.selector, &code))
        return false;
    *linear = (u32)(raw_base(code) + f.offset);
    snprintf(text, size, "%04x:%08x %s, %s", f.selector, (u32)f.offset, address_text(c, *linear, name, sizeof name), f.title);
    return true;
}

/* On a timeline an interrupt or exception is a slice, up to its IRET. */
static void slice_begins(struct event *e)
{
    struct trace_cpu *c = e->c;
    if (c->t->format != TRACE_PERFETTO || c->slice_count == SLICES)
        return;
    e->phase = "B";
    e->track = (int)TRACE_INTERRUPTS + 1;
    c->slices[c->slice_count++] = (int)e->class;
}

void slice_ends(struct trace_cpu *c, const struct cpu_place *at)
{
    struct event e;
    if (!c->slice_count)
        return;
    event_start(&e, c, (enum trace_class)c->slices[--c->slice_count], at);
    e.phase = "E";
    e.track = (int)TRACE_INTERRUPTS + 1;
    event_name(&e, "iret");
    event_end(&e);
}

static void exception_told(struct trace_cpu *c, int vector, bool has_error, u32 error, const char *kind)
{
    struct event e;
    char to[200] = "nowhere";
    u64 linear = 0;
    if (!event_begin(&e, c, TRACE_EXCEPTIONS))
        return;
    handler_of(c, vector, to, sizeof to, &linear);
    slice_begins(&e);
    event_name(&e, "%s", exception_mnemonic(vector));
    event_text(&e, "%s %s", exception_mnemonic(vector), kind);
    event_number(&e, "vector", (u64)vector);
    event_string(&e, "kind", kind);
    if (has_error) {
        struct text *words = text_new();
        if (words)
            error_code_print(vector, error, text_file(words));
        char *all = words ? text_take(words, NULL) : NULL;
        event_text(&e, ", error %s", all ? all : "");
        free(all);
        event_number(&e, "error", error);
    }
    if (vector == EXC_PF) {
        event_text(&e, ", CR2 %08x", (u32)cpu_get(c->cpu, "cr2"));
        event_number(&e, "cr2", cpu_get(c->cpu, "cr2"));
    }
    event_text(&e, " -> %s", to);
    event_number(&e, "handler", linear);
    event_end(&e);
}

static void vector_told(struct trace_cpu *c, int vector, const char *kind)
{
    struct event e;
    char to[200] = "nowhere";
    u64 linear = 0;
    if (!event_begin(&e, c, is_software(kind) ? TRACE_SOFTINT : TRACE_INTERRUPTS))
        return;
    handler_of(c, vector, to, sizeof to, &linear);
    slice_begins(&e);
    event_name(&e, "%s %02x", kind, (unsigned)vector);
    event_text(&e, "%s %02x -> %s", kind, (unsigned)vector, to);
    event_number(&e, "vector", (u64)vector);
    event_string(&e, "kind", kind);
    event_number(&e, "handler", linear);
    event_end(&e);
}

void interrupt_told(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct trace_cpu *c = to;
    struct cpu_place at;
    cpu_place(cpu, &at);
    u64 back = at.linear;
    bool fault = !strcmp(kind, "fault");
    if (is_software(kind)) {                    /* the instruction is under way */
        if (c->last.any)
            back = (u32)(at.linear + c->last.seen.length);
    } else {
        insn_settle(c, &at, fault && at.linear == c->last.at.linear, vector);
    }
    c->repeated = NULL;
    if (c->t->counting)
        count_event(c, at.cpl, is_exception(kind), is_software(kind));
    if (is_exception(kind))
        exception_told(c, vector, has_error, error, kind);
    else
        vector_told(c, vector, kind);
    if (c->t->on & class_bit(TRACE_CALLS))
        call_interrupt(c, back, vector, kind);
}

/* The processor that does it, or the first where it is a bus master or nobody's doing. */
static struct trace_cpu *doer(struct trace *t)
{
    for (int k = 0; k < t->cpus; k++)
        if (cpu_under_way(t->cpu[k].cpu))
            return &t->cpu[k];
    return &t->cpu[0];
}

/* ---- devices: what they do by themselves, and what they say ---- */

static bool begin_device(struct event *e, struct trace *t) { return event_begin(e, doer(t), TRACE_DEVICES); }

void irq_told(void *to, struct device *chip, enum irq_event what, int pin, u32 value)
{
    struct event e;
    if (what == IRQ_REGISTERS || !begin_device(&e, to))
        return;
    event_name(&e, "%s pin %d", chip->id, pin);
    if (what == IRQ_LEVEL)
        event_text(&e, "%s: input %d is %s", chip->id, pin, value ? "high" : "low");
    else if (what == IRQ_TAKEN)
        event_text(&e, "%s: input %d is taken, as vector %02x", chip->id, pin, value);
    else
        event_text(&e, "%s: a spurious interrupt, vector %02x", chip->id, value);
    event_string(&e, "device", chip->id);
    event_number(&e, "input", (u64)pin);
    event_number(&e, "value", value);
    event_end(&e);
}

void timer_told(void *to, const struct timer *timer)
{
    struct event e;
    if (!begin_device(&e, to))
        return;
    event_name(&e, "%s", timer->name);
    event_text(&e, "timer %s fires", timer->name);
    event_string(&e, "timer", timer->name);
    event_end(&e);
}

void master_told(void *to, const struct machine_transfer *x)
{
    struct event e;
    if (!begin_device(&e, to))
        return;
    event_name(&e, "dma");
    event_text(&e, "a bus master %s %llu bytes at %08llx", x->write ? "writes" : "reads", (unsigned long long)x->n,
               (unsigned long long)x->address);
    event_number(&e, "address", x->address);
    event_number(&e, "bytes", x->n);
    event_end(&e);
}

void log_told(void *to, const char *class, const char *text)
{
    struct event e;
    if (!begin_device(&e, to))
        return;
    event_name(&e, "%s", class);
    event_text(&e, "%s: %s", class, text);
    event_string(&e, "log", class);
    event_end(&e);
}

void device_told(void *to, const struct space_access *a)
{
    struct trace *t = to;
    struct event e;
    bool port = a->space == machine_ports(t->m);
    int digits = port ? 4 : 8;
    if (!event_begin(&e, doer(t), port ? TRACE_PORTS : TRACE_MMIO))
        return;
    const char *who = a->name ? a->name : "nobody answers";
    event_name(&e, "%s %s", a->write ? port ? "out" : "write" : port ? "in" : "read", who);
    event_text(&e, "%s %0*llx %s %0*llx (%s)%s", a->write ? port ? "out" : "write" : port ? "in " : "read ", digits,
               (unsigned long long)a->address, a->write ? "<-" : "->", 2 * a->size, (unsigned long long)a->value, who,
               cpu_under_way(e.c->cpu) ? "" : ", not by an instruction");
    event_number(&e, port ? "port" : "address", a->address);
    event_number(&e, "value", a->value);
    event_number(&e, "size", (u64)a->size);
    event_string(&e, "by", who);
    event_end(&e);
}
