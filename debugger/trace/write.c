/* write.c - lines in each format, and the buffer that they wait in.
 * Follows: RFC 8259 "The JavaScript Object Notation (JSON) Data Interchange Format"; "Trace Event Format" (Google, the document of
 * chrome://tracing and Perfetto): "Duration Events", "Instant Events", "Metadata Events". */
#include "parts.h"
#include <stdarg.h>

void trace_flush(struct trace *t)
{
    size_t n = t->used;
    t->used = 0;
    if (n && t->write && !t->write(t->to, t->out, n)) {
        t->write = NULL;
        t->on = 0;
        trace_subscribe_cpus(t);
    }
}

static void put(struct trace *t, const char *text, size_t n)
{
    if (n > OUT_BYTES - t->used)
        trace_flush(t);
    n = n < OUT_BYTES - t->used ? n : OUT_BYTES - t->used;
    memcpy(t->out + t->used, text, n);
    t->used += n;
}

static void put_text(struct trace *t, const char *text) { put(t, text, strlen(text)); }

/* A decimal number, right-aligned in at least `width` places; how many characters. */
static size_t decimal(char *to, u64 v, size_t width)
{
    char digits[24];
    size_t n = 0, all;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    all = n > width ? n : width;
    memset(to, ' ', all - n);
    for (size_t k = 0; k < n; k++)
        to[all - 1 - k] = digits[k];
    return all;
}

/* ---- place and filter ---- */

static const char *mode_text(const struct trace_cpu *c, const struct cpu_place *at)
{
    if (cpu_in_smm(c->cpu))
        return "smm ";
    if (!(cpu_get(c->cpu, "cr0") & CR0_PE))
        return "real";
    return !cpu_protected(c->cpu) && at->cpl == 3 ? "v86 " : at->bits == 32 ? "pm32" : "pm16";
}

size_t place_text(const struct trace_cpu *c, const struct cpu_place *at, char *text, size_t size)
{
    bool narrow = at->bits == 16 && at->eip <= 0xffff;
    int n = snprintf(text, size, narrow ? "%04x:%04x %s CPL%d" : "%04x:%08x %s CPL%d", at->cs, at->eip, mode_text(c, at), at->cpl);
    return (size_t)n;
}

const char *address_text(const struct trace_cpu *c, u64 linear, char *text, size_t size)
{
    bool physical = !(cpu_get(c->cpu, "cr0") & CR0_PG);
    if (!*symbols_name(c->t->symbols, linear, physical, text, size))
        snprintf(text, size, "%08x", (u32)linear);
    return text;
}

static bool passes(struct trace_cpu *c, const struct cpu_place *at)
{
    struct trace *t = c->t;
    const struct trace_filter *f = &t->filter;
    if (at->linear < t->filter_first || at->linear > t->filter_last || (f->cpl && !(f->cpl >> at->cpl & 1)))
        return false;
    if (f->has_cr3 && (cpu_get(c->cpu, "cr3") & ~0xfffull) != f->cr3)
        return false;
    if (!f->count || t->events < f->count) {
        t->events++;
        return t->write;
    }
    t->on = 0;                                  /* done */
    trace_subscribe_cpus(t);
    return false;
}

/* ---- events ---- */

void event_start(struct event *e, struct trace_cpu *c, enum trace_class class, const struct cpu_place *at)
{
    e->c = c;
    e->class = class;
    e->at = *at;
    e->phase = "i";
    e->track = (int)class + 1;
    e->n = e->arguments = 0;
    e->name[0] = e->text[0] = e->argument[0] = 0;
}

bool event_begin_at(struct event *e, struct trace_cpu *c, enum trace_class class, const struct cpu_place *at)
{
    if (!(c->t->on & class_bit(class)) || !passes(c, at))
        return false;
    event_start(e, c, class, at);
    return true;
}

bool event_begin(struct event *e, struct trace_cpu *c, enum trace_class class)
{
    struct cpu_place at;
    if (!(c->t->on & class_bit(class)))
        return false;
    cpu_place(c->cpu, &at);
    return event_begin_at(e, c, class, &at);
}

static void append(char *text, size_t *n, const char *format, va_list args)
{
    int k = vsnprintf(text + *n, LINE_BYTES - *n, format, args);
    *n = k < 0 ? *n : *n + (size_t)k < LINE_BYTES ? *n + (size_t)k : LINE_BYTES - 1;
}

void event_name(struct event *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(e->name, sizeof e->name, format, args);
    va_end(args);
}

void event_text(struct event *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    append(e->text, &e->n, format, args);
    va_end(args);
}

static void argument(struct event *e, const char *format, ...) printf_like(2, 3);
static void argument(struct event *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    append(e->argument, &e->arguments, format, args);
    va_end(args);
}

/* As the inside of a JSON string: RFC 8259, "Strings". */
static void quoted(const char *from, char *to, size_t size)
{
    size_t n = 0;
    for (; *from && n + 7 < size; from++) {
        u8 c = (u8)*from;
        if (c == '"' || c == '\\')
            to[n++] = '\\';
        if (c < 0x20)
            n += (size_t)snprintf(to + n, 7, "\\u%04x", c);
        else
            to[n++] = *from;
    }
    to[n] = 0;
}

void event_number(struct event *e, const char *key, u64 value)
{
    if (e->c->t->format != TRACE_TEXT)
        argument(e, "%s\"%s\":%llu", e->arguments ? "," : "", key, (unsigned long long)value);
}

void event_string(struct event *e, const char *key, const char *value)
{
    char text[256];
    if (e->c->t->format == TRACE_TEXT)
        return;
    quoted(value, text, sizeof text);
    argument(e, "%s\"%s\":\"%s\"", e->arguments ? "," : "", key, text);
}

static void end_text(struct event *e)
{
    char line[LINE_BYTES + 160];
    size_t n = decimal(line, e->at.insns, 12);
    line[n++] = ' ';
    if (e->c->t->cpus > 1)
        n += (size_t)snprintf(line + n, 16, "cpu%d ", e->c->n);
    n += place_text(e->c, &e->at, line + n, 80);
    n += (size_t)snprintf(line + n, sizeof line - n, " %-10s %s\n", trace_classes[e->class].name, e->text);
    put(e->c->t, line, n < sizeof line ? n : sizeof line - 1);
}

static void end_json(struct event *e)
{
    char line[3 * LINE_BYTES], text[2 * LINE_BYTES];
    char mode[8];
    snprintf(mode, sizeof mode, "%s", mode_text(e->c, &e->at));
    mode[strcspn(mode, " ")] = 0;
    quoted(e->text, text, sizeof text);
    int n = snprintf(line, sizeof line,
                     "{\"insns\":%llu,\"ns\":%llu,\"cpu\":%d,\"cs\":%u,\"eip\":%u,\"linear\":%u,\"mode\":\"%s\",\"cpl\":%d,"
                     "\"class\":\"%s\",\"text\":\"%s\"%s%s}\n",
                     (unsigned long long)e->at.insns, (unsigned long long)machine_now(e->c->t->m), e->c->n, e->at.cs, e->at.eip,
                     (u32)e->at.linear, mode, e->at.cpl, trace_classes[e->class].name, text, e->arguments ? "," : "", e->argument);
    put(e->c->t, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

/* ---- the timeline ---- */

static void track_name(struct trace *t, int track, const char *name)
{
    char line[200];
    snprintf(line, sizeof line, ",\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"args\":{\"name\":\"%s\"}}", track,
             name);
    put_text(t, line);
}

static void begin_timeline(struct trace *t)
{
    t->begun = true;
    put_text(t, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
                "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"args\":{\"name\":\"Vitrine\"}}");
    for (int k = 0; k < TRACE_CLASSES; k++)
        track_name(t, k + 1, trace_classes[k].name);
    for (int k = 0; k < CALL_STACKS; k++) {
        char name[40];
        snprintf(name, sizeof name, "calls, stack %d", k);
        track_name(t, CALLS_TRACK + k, name);
    }
}

static void end_perfetto(struct event *e)
{
    char line[3 * LINE_BYTES], text[2 * LINE_BYTES], name[200];
    u64 now = machine_now(e->c->t->m);
    struct trace *t = e->c->t;
    if (!t->begun)
        begin_timeline(t);
    quoted(e->text, text, sizeof text);
    quoted(*e->name ? e->name : e->text, name, sizeof name);
    int n = snprintf(line, sizeof line,
                     ",\n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"%s\",%s\"ts\":%llu.%03u,\"pid\":1,\"tid\":%d,\"args\":{\"text\":\"%s\","
                     "\"insns\":%llu,\"cs\":%u,\"eip\":%u,\"cpl\":%d%s%s}}",
                     name, trace_classes[e->class].name, e->phase, *e->phase == 'i' ? "\"s\":\"t\"," : "",
                     (unsigned long long)(now / 1000), (unsigned)(now % 1000), e->track, text, (unsigned long long)e->at.insns, e->at.cs,
                     e->at.eip, e->at.cpl, e->arguments ? "," : "", e->argument);
    put(t, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

void event_end(struct event *e)
{
    struct trace *t = e->c->t;
    t->lines++;
    if (t->format == TRACE_TEXT)
        end_text(e);
    else if (t->format == TRACE_JSON)
        end_json(e);
    else
        end_perfetto(e);
}

void insn_line(struct trace_cpu *c, const struct cpu_place *at, struct seen *s)
{
    struct trace *t = c->t;
    struct event e;
    if (!passes(c, at))
        return;
    if (t->format == TRACE_TEXT && t->cpus == 1) {
        if (OUT_BYTES - t->used < sizeof s->line + 24)
            trace_flush(t);
        char *to = t->out + t->used;
        size_t n = decimal(to, at->insns, 12);
        memcpy(to + n, s->line, s->text);
        t->used += n + s->text;
        t->lines++;
        return;
    }
    t->events--;
    if (event_begin_at(&e, c, TRACE_INSN, at)) {
        const char *text = strstr(s->line, " insn ");
        event_text(&e, "%.*s", (int)strcspn(text + 12, "\n"), text + 12);
        event_end(&e);
    }
}

void trace_end(struct trace *t)
{
    t->on = 0;
    trace_subscribe(t);
    if (t->begun)
        put_text(t, "\n]}\n");
    t->begun = false;
    trace_flush(t);
}
