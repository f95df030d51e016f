/* back.c - the debugger's commands that go back in time, and what is kept for that. */
#include "stops.h"
#include "../history/history.h"
#include "../prompt/prompt.h"

enum { WRITE_BYTES = 4 };               /* where no length is given */

static bool kept(struct debugger *d)
{
    if (!d->history)
        refuse(d, "no past is kept: start with -debug or -gdb, and without -history 0");
    return d->history;
}

/* Where the present is, seen from here. */
static void ahead_print(struct debugger *d)
{
    struct history_view v = history_view(d->history);
    if (v.past)
        fprintf(d->out, "in the past: %llu instructions, %llu.%06llu ms ahead are known\n",
                (unsigned long long)(v.end.insns - machine_insns(d->m)), (unsigned long long)((v.end.ns - machine_now(d->m)) / 1000000),
                (unsigned long long)((v.end.ns - machine_now(d->m)) % 1000000));
}

/* Why what is kept begins no earlier, if there is a reason; then the line ends. */
static void beginning_print(const struct debugger *d, FILE *out)
{
    const char *changed = history_view(d->history).changed;
    if (changed)
        fprintf(out, ", since another program changed %s", changed);
    fputc('\n', out);
}

static void went(struct debugger *d, enum back end)
{
    if (end == BACK_LOST)
        refuse(d, "%s", back_text(end));
    else if (end == BACK_ASKED)
        fprintf(d->out, "%s\n", back_text(end));
    else if (end != BACK_THERE) {
        fprintf(d->out, "%s", back_text(end));
        beginning_print(d, d->out);
    }
    ahead_print(d);
    where_print(d);
}

void do_step_back(struct debugger *d, int argc, char **argv)
{
    u64 n = 1;
    if (kept(d) && (argc < 2 || expression_count(d, argv[1], &n)))
        went(d, history_back(d->history, n));
}

void do_continue_back(struct debugger *d, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (!kept(d))
        return;
    enum back end = history_back_to_stop(d->history);
    if (end == BACK_THERE)
        stops_print(d);
    went(d, end);
}

/* So far back, or (with @) to that moment: nanoseconds, or a number with us, ms or s. */
static bool moment(struct debugger *d, const char *text, u64 *ns)
{
    static const struct { const char *name; u64 ns; } units[] = {
        { "", 1 }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }
    };
    const char *digits = text + (*text == '@');
    char *end;
    double value = strtod(digits, &end);
    const char *unit = end + strspn(end, " ");
    u64 now = machine_now(d->m), one = 0;
    for (size_t k = 0; k < ARRAY_LEN(units); k++)
        one = strcmp(unit, units[k].name) ? one : units[k].ns;
    value *= (double)one;
    if (end == digits || !one || !(value >= 0 && value < (double)INT64_MAX)) {
        refuse(d, "rewind %s: expected a time to go back, such as 5ms, 100us or 2.5s, or @TIME since power-on", text);
        return false;
    }
    u64 span = (u64)value;
    if (*text == '@' && span > now) {
        refuse(d, "rewind %s: expected a time before now, which is %llu ns", text, (unsigned long long)now);
        return false;
    }
    *ns = *text == '@' ? span : span < now ? now - span : 0;
    return true;
}

void do_rewind(struct debugger *d, int argc, char **argv)
{
    u64 ns;
    char text[sizeof d->last];
    words_join(argc, argv, 1, text, sizeof text);
    if (argc < 2)
        refuse(d, "how far? rewind TIME, such as: rewind 5ms");
    else if (kept(d) && moment(d, text, &ns))
        went(d, history_back_to_time(d->history, ns));
}

/* Who did it, where, from what to what. */
static void write_print(struct debugger *d, u64 linear, u64 n, const struct point_hit *hit)
{
    int digits = 2 * (int)hit->size;
    fprintf(d->out, "%08x", (u32)linear);
    place_print(d->symbols, d->cpu, linear, " ", d->out);
    if (n <= 8)
        fprintf(d->out, ": %0*llx -> %0*llx", digits, (unsigned long long)hit->old, digits, (unsigned long long)hit->now);
    fprintf(d->out, " by %s at %04x:%08x", hit->by, hit->cs, (u32)hit->eip);
    place_print(d->symbols, d->cpu, hit->linear, " ", d->out);
    fprintf(d->out, ", instruction %llu\n", (unsigned long long)hit->insns);
}

void do_last_write(struct debugger *d, int argc, char **argv)
{
    u64 linear, physical, n = 0;
    struct location where;
    struct point_hit hit;
    if (argc < 2) {
        refuse(d, "to what? last-write ADDRESS [BYTES]");
        return;
    }
    if (!kept(d) || !expression_place(d, argv[1], &where, &n))
        return;
    n = n ? n : WRITE_BYTES;
    if (argc > 2 && !expression_count(d, argv[2], &n))
        return;
    linear = where.at;
    if (where.physical) {
        refuse(d, "%s: a linear address or SEGMENT:OFFSET is wanted here", argv[1]);
        return;
    }
    if (!n || n > PAGE_SIZE - (linear & PAGE_MASK)) {
        refuse(d, "last-write: expected 1 byte to the end of the page, %llu, not %llu",
               PAGE_SIZE - (unsigned long long)(linear & PAGE_MASK), (unsigned long long)n);
        return;
    }
    if (!cpu_translate_peek(d->cpu, linear, &physical)) {
        refuse(d, "last-write: %08x is not mapped now", (u32)linear);
        return;
    }
    enum back end = history_last_write(d->history, physical, n, &hit);
    if (end == BACK_THERE)
        write_print(d, linear, n, &hit);
    went(d, end);
}

/* ---- when ---- */

/* Names of C mean what they mean where it is asked, in the frame that was chosen there. */
struct asked_text {
    struct debugger *d;
    const char *text;
    struct debug_scope scope;
    struct frame frame;
    bool has_scope, answered;           /* answered: its value could be computed somewhere */
    u64 now;
};

static bool scope_then(void *to, struct debug_scope *scope)
{
    const struct asked_text *a = to;
    *scope = a->scope;
    return a->has_scope;
}

static const char *name_then(void *to, u64 address, char *text, size_t n)
{
    return debugger_name(((struct asked_text *)to)->d, address, text, n);
}

static struct language language_then(struct asked_text *a, struct language_reads *reads, FILE *out)
{
    struct language l = debugger_language(a->d);
    l.scope = scope_then;
    l.name = name_then;
    l.to = a;
    l.out = out;
    l.reads = reads;
    return l;
}

/* What cannot be computed is not true. */
static bool holds_then(void *to, struct language_reads *reads)
{
    struct asked_text *a = to;
    struct language l = language_then(a, reads, NULL);
    u64 v = 0;
    bool ok = language_number(&l, a->text, 16, &v);
    a->answered |= ok;
    return ok && v;
}

static void searched_told(void *to, u64 ns)
{
    const struct asked_text *a = to;
    if (!debugger_attended(a->d))
        return;
    fprintf(a->d->out, "searched back to %llu.%03llu s of %llu.%03llu (Ctrl-C ends it)\n", (unsigned long long)(ns / 1000000000),
            (unsigned long long)(ns / 1000000 % 1000), (unsigned long long)(a->now / 1000000000),
            (unsigned long long)(a->now / 1000000 % 1000));
    fflush(a->d->out);
}

static void became_print(struct debugger *d, const char *text, const struct point_hit *hit)
{
    fprintf(d->out, "%s became true by ", text);
    if (hit->by && !strcmp(hit->by, "delivery"))
        fprintf(d->out, "the delivery of vector %02x", hit->vector);
    else if (hit->by && !strcmp(hit->by, "a bus master"))
        fputs(hit->by, d->out);
    else
        fputs("the instruction", d->out);
    fprintf(d->out, " at %04x:%08x", cpu_segment(d->cpu, CS)->selector, (u32)cpu_eip(d->cpu));
    place_print(d->symbols, d->cpu, control_linear(d->control), " ", d->out);
    fprintf(d->out, ", instruction %llu\n", (unsigned long long)machine_insns(d->m));
}

static void nowhere_print(struct debugger *d, struct asked_text *a)
{
    struct language l = language_then(a, NULL, d->out);
    u64 v = 0;
    if (!a->answered && !language_number(&l, a->text, 16, &v))
        refuse(d, "when %s: that can be computed nowhere in what is kept", a->text);
    else {
        fprintf(d->out, "%s %s", a->text,
                holds_then(a, NULL) ? "has been true in all that is kept" : "did not become true in what is kept");
        beginning_print(d, d->out);
    }
}

void do_when(struct debugger *d, int argc, char **argv)
{
    char text[sizeof d->last];
    struct asked_text a = { .d = d, .text = text, .now = machine_now(d->m) };
    struct language_reads reads = { 0 };
    struct point_hit hit;
    words_join(argc, argv, 1, text, sizeof text);
    if (argc < 2) {
        refuse(d, "when did what become true? when EXPRESSION, such as: when esp < 7000");
        return;
    }
    a.has_scope = frame_scope(d, &a.scope);
    a.frame = d->scope_frame;
    a.scope.state = &a.frame.state;
    struct language l = language_then(&a, &reads, d->out);
    d->failed |= !language_check(&l, text, 16);
    if (d->failed || !kept(d))
        return;
    struct history_question q = { holds_then, searched_told, &a };
    enum back end = history_when(d->history, &q, &hit);
    if (end == BACK_THERE)
        became_print(d, text, &hit);
    if (end == BACK_NOWHERE)
        nowhere_print(d, &a);
    went(d, end == BACK_NOWHERE ? BACK_THERE : end);
}

void do_history(struct debugger *d, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (!kept(d))
        return;
    struct history_view v = history_view(d->history);
    fprintf(d->out, "kept from instruction %llu (%llu.%06llu ms) to %llu (%llu.%06llu ms), with %zu inputs",
            (unsigned long long)v.first.insns, (unsigned long long)(v.first.ns / 1000000), (unsigned long long)(v.first.ns % 1000000),
            (unsigned long long)v.end.insns, (unsigned long long)(v.end.ns / 1000000), (unsigned long long)(v.end.ns % 1000000), v.entered);
    beginning_print(d, d->out);
    fprintf(d->out, "%d snapshots, %llu of %llu MB\n", v.snapshots, (unsigned long long)(v.bytes >> 20),
            (unsigned long long)(v.budget >> 20));
    ahead_print(d);
}
