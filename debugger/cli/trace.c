/* trace.c - what happens, as it happens: the tracer (../trace/) by commands. Its lines come with the debugger's output. */
#include "parts.h"
#include "../trace/trace.h"

static bool write_out(void *to, const char *text, size_t n)
{
    struct debugger *d = to;
    fwrite(text, 1, n, d->out);
    return true;
}

static void stopped(void *to)
{
    struct debugger *d = to;
    if (d->trace)
        trace_flush(d->trace);
}

/* On the way to another place nobody looks; and what a file has it does not get again. */
static void past_changed(void *to)
{
    struct debugger *d = to;
    enum control_past past = control_past(d->control);
    if (d->trace)
        trace_pause(d->trace, past == PAST_AWAY || (past == PAST_REPEATS && d->trace_elsewhere));
}

void trace_attach(struct debugger *d)
{
    control_on_stop(d->control, stopped, d);
    control_on_past(d->control, past_changed, d);
}

void trace_detach(struct debugger *d)
{
    if (d->trace && !d->own_trace)
        trace_flush(d->trace);
    trace_free(d->own_trace);
}

void debugger_set_trace(struct debugger *d, struct trace *trace, bool here)
{
    d->trace = trace;
    d->trace_elsewhere = !here;
    if (trace && here)
        trace_to(trace, TRACE_TEXT, write_out, d);
}

static struct trace *tracer(struct debugger *d)
{
    if (!d->trace) {
        d->trace = d->own_trace = trace_new(d->m);
        trace_to(d->trace, TRACE_TEXT, write_out, d);
    }
    trace_set_symbols(d->trace, d->symbols);
    return d->trace;
}

static void list(struct debugger *d, struct trace *t)
{
    const struct trace_filter *f = trace_filter(t);
    const char *name, *title;
    for (int k = 0; trace_class(k, &name, &title); k++)
        fprintf(d->out, "%-3s %-12s %s\n", trace_on(t) >> k & 1 ? "on" : "off", name, title);
    if (f->cpl) {
        fputs("only CPL", d->out);
        for (int k = 0; k < 4; k++)
            if (f->cpl >> k & 1)
                fprintf(d->out, " %d", k);
        fputc('\n', d->out);
    }
    if (f->has_range)
        fprintf(d->out, "only code from %08llx to %08llx\n", (unsigned long long)f->first, (unsigned long long)f->last);
    if (*f->symbol)
        fprintf(d->out, "only code of %s\n", f->symbol);
    if (f->has_cr3)
        fprintf(d->out, "only with CR3 %08llx\n", (unsigned long long)f->cr3);
    if (f->count)
        fprintf(d->out, "%llu events at most\n", (unsigned long long)f->count);
    fprintf(d->out, "%llu lines so far\n", (unsigned long long)trace_lines(t));
}

/* Words joined as the option has them; a last "off" puts a minus before each class. */
static void obey(struct debugger *d, char **words, int n)
{
    char text[512] = "", message[512];
    struct trace_spec spec;
    bool off = n > 1 && !strcmp(words[n - 1], "off"), on = n > 1 && !strcmp(words[n - 1], "on");
    for (int k = 0; k < n - (off || on); k++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s", used ? "," : "", words[k]);
    }
    if (!trace_parse(text, &spec, message, sizeof message)) {
        refuse(d, "trace: %s", message);
        return;
    }
    if (off) {
        spec.off |= spec.on;
        spec.on = 0;
    }
    if (*spec.file || spec.has_format)
        refuse(d, "trace: file= and format= are for the option -trace; here lines come to the debugger's output");
    else if (!trace_change(tracer(d), &spec, message, sizeof message))
        refuse(d, "trace: %s", message);
}

void do_trace(struct debugger *d, int argc, char **argv)
{
    if (argc == 1 || (argc == 2 && !strcmp(argv[1], "list")))
        list(d, tracer(d));
    else if (argc == 3 && !strcmp(argv[1], "summary") && (!strcmp(argv[2], "on") || !strcmp(argv[2], "off")))
        trace_count(tracer(d), !strcmp(argv[2], "on"));
    else if (argc == 2 && !strcmp(argv[1], "summary"))
        trace_summary(tracer(d), d->out);
    else
        obey(d, argv + 1, argc - 1);
}

static void one_class(struct debugger *d, int argc, char **argv, const char *class)
{
    char *words[2] = { (char *)(uintptr_t)class, argc == 2 ? argv[1] : NULL };
    if (argc != 2 || (strcmp(argv[1], "on") && strcmp(argv[1], "off")))
        refuse(d, "%s: expected on or off", argv[0]);
    else
        obey(d, words, 2);
}

void do_trace_mem(struct debugger *d, int argc, char **argv) { one_class(d, argc, argv, "memory"); }
void do_trace_reg(struct debugger *d, int argc, char **argv) { one_class(d, argc, argv, "registers"); }

/* By turns on and off, as Bochs has it; `off` ends all. */
void do_show(struct debugger *d, int argc, char **argv)
{
    char message[512];
    struct trace_spec spec;
    struct trace *t = tracer(d);
    if (argc == 1) {
        list(d, t);
        return;
    }
    if (!trace_parse(argv[1], &spec, message, sizeof message) || argc > 2) {
        refuse(d, "show: %s", argc > 2 ? "expected one word" : message);
        return;
    }
    if (spec.on && !(spec.on & ~trace_on(t))) {
        spec.off = spec.on;
        spec.on = 0;
    }
    if (!trace_change(t, &spec, message, sizeof message))
        refuse(d, "show: %s", message);
    else
        list(d, t);
}
