/* session_end.c - how a run ended: the exit code, and what is left behind. */
#include "session_parts.h"
#include "../../host/outlet.h"
#include "../../host/output.h"
#include "../../host/signals.h"
#include "../png.h"
#include "report.h"
#include "../../iodev/session/steps.h"
#include <stdio.h>

int session_exit_code(struct session *s, enum vitrine_reason stop)
{
    const char *pending = steps_pending(s->steps), *waits = pending ? ", still waiting for " : "";
    char where[192] = "";
    bool wish = stop == VITRINE_TIME || stop == VITRINE_STOPPED || stop == VITRINE_BREAKPOINT;
    int end = wish ? atomic_load(&s->end) : END_NOT;
    if (end > 0) {
        fprintf(stderr, "vitrine: ended by %s%s%s\n", signals_name(end), waits, pending ? pending : "");
        return EXIT_SIGNAL;
    }
    session_place(s, where, sizeof where);
    if (end == END_TIMEOUT) {
        fprintf(stderr, "vitrine: -timeout: the time is over%s%s%s\n", where, waits, pending ? pending : "");
        return EXIT_TIMEOUT;
    }
    if (s->script_failed || s->left)
        return s->left ? EXIT_LEFT : EXIT_SCRIPT;
    if (stop == VITRINE_INSTRUCTIONS) {
        if (!s->debugged || pending)            /* the debugger said so */
            fprintf(stderr, "vitrine: -max-insns: reached%s%s%s\n", where, waits, pending ? pending : "");
        return EXIT_MAX_INSNS;
    }
    if (stop == VITRINE_TRIPLE_FAULT)
        return EXIT_DEAD_END;
    if (pending) {
        fprintf(stderr, "vitrine: the run ended before %s was met\n", pending);
        return EXIT_UNMET;
    }
    if (steps_succeeded(s->steps))
        return EXIT_GOOD;
    if (stop == VITRINE_DEBUG_EXIT)
        return (int)(vitrine_exit_code(s->v) & 0xff);
    return stop == VITRINE_HALTED ? EXIT_DEAD_END : EXIT_GOOD;
}

/* False if the picture could not be written. */
static bool leave_picture(struct session *s)
{
    struct vitrine_frame f;
    char error[256];
    bool ok;
    if (!s->setup->screendump)
        return true;
    vitrine_frame(s->v, &f);
    ok = picture_write(s->setup->screendump, &f, error, sizeof error);
    s->setup->screendump = NULL;
    if (!ok)
        fprintf(stderr, "vitrine: -screendump: %s\n", error);
    return ok;
}

static void leave_hashes(struct session *s)
{
    char hash[33], text[200] = "";
    size_t n = 0;
    if (s->o->screenhash) {
        vitrine_screen_hash(s->v, hash);
        n += (size_t)snprintf(text, sizeof text, "screen hash %s\n", hash);
    }
    if (s->o->statehash) {
        vitrine_hash(s->v, hash);
        n += (size_t)snprintf(text + n, sizeof text - n, "state hash %s after %llu instructions\n", hash,
                              (unsigned long long)vitrine_instructions(s->v));
    }
    if (!n)
        return;
    outlet_hurry(s->out, &s->hurry);
    if (!outlet_write(s->out, text, n) || !outlet_flush(s->out))
        fprintf(stderr, "vitrine: -%s: nobody reads standard output\n", s->o->statehash ? "statehash" : "screenhash");
}

static const char *why_ended(struct session *s, enum vitrine_reason stop)
{
    if (stop != VITRINE_TIME && stop != VITRINE_STOPPED && stop != VITRINE_BREAKPOINT)
        return stop == VITRINE_INSTRUCTIONS ? "-max-insns" : vitrine_reason_text(stop);
    int end = atomic_load(&s->end);
    return end > 0 ? signals_name(end) : end == END_TIMEOUT ? "-timeout" : steps_succeeded(s->steps) ? "steps done"
         : vitrine_now(s->v) >= s->o->stop_at ? "-stop-at" : "closed";
}

/* -report. False if it could not be written. */
static bool report(struct session *s, enum vitrine_reason stop, int code)
{
    char media[40], error[256], hash[33];
    struct vitrine_frame f;
    if (!s->setup->report)
        return true;
    vitrine_media(s->v, media, sizeof media);
    vitrine_frame(s->v, &f);
    vitrine_screen_hash(s->v, hash);
    size_t n = vitrine_screen_text(s->v, NULL, 0);
    char *text = xcalloc(n + 1, 1);
    vitrine_screen_text(s->v, text, n + 1);
    struct report r = {
        .ended = why_ended(s, stop), .exit_code = code, .pending = steps_pending(s->steps), .media = media,
        .virtual_ns = vitrine_now(s->v), .insns = vitrine_instructions(s->v), .triple_faults = s->triple_faults.fold.count,
        .work_most = machine_work_most(s->m), .width = f.width, .height = f.height, .hash = hash,
        .text = n ? text : NULL,
    };
    bool ok = report_write(s->setup->report, &r, error, sizeof error);
    s->setup->report = NULL;
    free(text);
    if (ok)
        return true;
    fprintf(stderr, "vitrine: -report: %s\n", error);
    return false;
}

/* -state. False if it could not be written. */
static bool leave_state(struct session *s)
{
    char error[256] = "no memory for it";
    struct output *out = s->setup->state;
    size_t n;
    if (!out)
        return true;
    s->setup->state = NULL;
    char *text = vitrine_state_text(s->v, &n);
    if (text)
        fwrite(text, 1, n, output_file(out));
    else
        output_drop(out);
    vitrine_release(text);
    if (text && output_commit(out, error, sizeof error))
        return true;
    fprintf(stderr, "vitrine: -state: %s\n", error);
    return false;
}

/* -savevm or -record: what `write` writes goes to *to, if it was begun. False if it could not be written. */
static bool leave_file(struct session *s, const char *option, struct output **to,
                       bool (*write)(struct vitrine *v, FILE *to, struct vitrine_error *error))
{
    struct vitrine_error error;
    struct output *out = *to;
    if (!out)
        return true;
    *to = NULL;
    bool ok = write(s->v, output_file(out), &error);
    if (!ok)
        output_drop(out);
    if (ok && output_commit(out, error.text, sizeof error.text))
        return true;
    fprintf(stderr, "vitrine: %s: %s\n", option, error.text);
    return false;
}

int session_leave_behind(struct session *s, enum vitrine_reason stop, int code)
{
    fflush(stdout);
    vitrine_flush(s->v);
    bool ok = leave_picture(s);
    leave_hashes(s);
    ok &= leave_state(s);
    ok &= leave_file(s, "-savevm", &s->setup->savevm, vitrine_write_state);
    ok &= leave_file(s, "-record", &s->setup->record, vitrine_write_recording);
    ok &= report(s, stop, code);
    return ok ? code : EXIT_HOST;
}
