/* session_trace.c - -trace: where its lines go, its beginning and end. */
#include "session_parts.h"
#include "../../debugger/trace/trace.h"
#include "../../host/outlet.h"
#include <stdio.h>

enum { LOG_CHUNK = 1 << 14 };

static bool to_file(void *to, const char *text, size_t n)
{
    struct session *s = to;
    outlet_write(s->trace_out, text, n);
    const struct failure *why = outlet_failure(s->trace_out);
    if (!why)
        return true;
    fprintf(stderr, "vitrine: -trace: %s: cannot write: %s; tracing ends\n", s->setup->trace.file, why->text);
    s->trace_failed = true;
    return false;
}

/* By way of the log, whose lines go to the same place. */
static bool to_log(void *to, const char *text, size_t n)
{
    struct session *s = to;
    char chunk[LOG_CHUNK + 1];
    for (size_t k; n; text += k, n -= k) {
        k = n < LOG_CHUNK ? n : LOG_CHUNK;
        memcpy(chunk, text, k);
        chunk[k] = 0;
        log_text(machine_log(s->m), chunk);
    }
    return true;
}

bool session_trace_begin(struct session *s)
{
    char message[200];
    if (!s->o->trace && !s->o->trace_summary)
        return true;
    s->trace = trace_new(s->m);
    trace_set_symbols(s->trace, s->setup->symbols);
    if (handle_there(s->setup->trace_file)) {
        s->trace_out = outlet_new(s->setup->trace_file);
        outlet_hurry(s->trace_out, &s->hurry);
        trace_to(s->trace, s->setup->trace.format, to_file, s);
    } else {
        trace_to(s->trace, s->setup->trace.format, to_log, s);
    }
    trace_count(s->trace, s->o->trace_summary);
    if (trace_change(s->trace, &s->setup->trace, message, sizeof message))
        return true;
    fprintf(stderr, "vitrine: -trace: %s\n", message);
    session_trace_end(s);
    return false;
}

void session_trace_flush(struct session *s)
{
    if (s->trace)
        trace_flush(s->trace);
}

void session_trace_end(struct session *s)
{
    if (!s->trace)
        return;
    trace_end(s->trace);
    if (s->o->trace_summary)
        trace_summary(s->trace, stdout);
    fflush(stdout);
    trace_free(s->trace);
    s->trace = NULL;
    if (s->trace_out && !s->trace_failed) {
        outlet_flush(s->trace_out);
        u64 dropped = outlet_dropped(s->trace_out);
        if (dropped)
            fprintf(stderr, "vitrine: -trace: %llu bytes are missing: nobody read them in time\n", (unsigned long long)dropped);
    }
    outlet_free(s->trace_out);
    s->trace_out = NULL;
}
