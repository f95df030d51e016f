/* stops.c - the debugger's commands about points: breakpoints, watchpoints, and what is done with any point. catch.c has the rest. */
#include "stops.h"

struct points *stops_points(struct debugger *d) { return control_points(d->control); }

bool stops_print(struct debugger *d)
{
    int n = points_hits(stops_points(d));
    bool any = false;
    for (int k = 0; k < n; k++) {
        const struct point_hit *hit = points_hit(stops_points(d), k);
        if (hit->point->owner == POINT_INTERNAL)
            continue;
        any = true;
        point_hit_print(hit, d->symbols, d->out);
    }
    return any;
}

/* ---- what narrows a point ---- */

/* Of the processor that came by, in the function that it is in. */
static enum point_verdict holds(void *to, const struct point_hit *hit)
{
    struct debugger *d = to;
    struct language l = debugger_language(d);
    u64 v, chosen = d->frame;
    l.cpu = hit->cpu;
    d->frame = 0;
    bool ok = language_number(&l, hit->point->condition_text, 16, &v);
    d->frame = chosen;
    d->failed |= !ok;
    return !ok ? POINT_WRONG : v ? POINT_YES : POINT_NO;
}

/* Can it be computed where the point is? Names of C are those of the place, not of where the machine stands. */
static bool condition_fits(struct debugger *d, const struct point *p, const char *text)
{
    return p->kind == POINT_EXECUTE && !p->physical ? expression_check_at(d, text, 16, p->first) : expression_check(d, text, 16);
}

/* An unsigned value behind a word that wants one. */
static bool value_behind(struct debugger *d, int argc, char **argv, int at, int base, u64 *v)
{
    if (at + 1 < argc)
        return expression_value(d, argv[at + 1], base, v);
    refuse(d, "%s: a value is missing behind it", argv[at]);
    return false;
}

static bool narrow_cpl(struct debugger *d, struct point *p, u64 v)
{
    if (v > 3)
        refuse(d, "cpl %llx: privilege levels are 0 to 3", (unsigned long long)v);
    p->cpl = (int)(v & 3);
    return v <= 3;
}

/* One word or two; *at moves behind them. */
static bool narrow(struct debugger *d, int argc, char **argv, int *at, struct point *p)
{
    const char *word = argv[*at];
    u64 v = 0;
    bool ok = true;
    if (!strcmp(word, "once")) {
        p->temporary = true;
        ++*at;
        return true;
    }
    if (!strcmp(word, "ignore")) {
        ok = *at + 1 < argc ? expression_count(d, argv[*at + 1], &p->ignore) : value_behind(d, argc, argv, *at, 10, &v);
    } else if (!strcmp(word, "cpl")) {
        ok = value_behind(d, argc, argv, *at, 16, &v) && narrow_cpl(d, p, v);
    } else if (!strcmp(word, "cr3")) {
        ok = value_behind(d, argc, argv, *at, 16, &p->cr3);
        p->has_cr3 = true;
    } else if (!strcmp(word, "value") && (p->kind == POINT_PORT || p->kind == POINT_MSR || p->kind == POINT_CR || p->kind == POINT_WATCH)) {
        ok = value_behind(d, argc, argv, *at, 16, &p->value);
        p->has_value = true;
    } else if (!strcmp(word, "mask") && p->has_value) {
        ok = value_behind(d, argc, argv, *at, 16, &p->mask);
    } else {
        refuse(d, "%s is not understood; expected: if EXPRESSION, cpl N, cr3 VALUE, ignore COUNT, once", word);
        return false;
    }
    *at += 2;
    return ok;
}

bool stops_narrow(struct debugger *d, int argc, char **argv, int at, struct point *p, struct narrowing *space)
{
    while (at < argc && strcmp(argv[at], "if") != 0)
        if (!narrow(d, argc, argv, &at, p))
            return false;
    if (p->mask && (p->value & ~p->mask)) {
        refuse(d, "value %llx has bits that the mask %llx leaves out", (unsigned long long)p->value, (unsigned long long)p->mask);
        return false;
    }
    if (at == argc)
        return true;
    words_join(argc, argv, at + 1, space->condition, sizeof space->condition);
    if (!*space->condition) {
        refuse(d, "if: an expression is missing behind it");
        return false;
    }
    p->condition_text = space->condition;
    p->condition = holds;
    p->condition_to = d;
    return condition_fits(d, p, space->condition);
}

const struct point *stops_add(struct debugger *d, const struct point *like)
{
    const struct point *p = points_add(stops_points(d), like);
    fprintf(d->out, "%s %u %s", point_kind_name(p), p->number, p->kind == POINT_EXECUTE ? "at " : p->kind == POINT_COUNT ? "" : "on ");
    point_what_print(p, d->out);
    if (p->kind == POINT_EXECUTE && !p->physical)
        place_print(d->symbols, d->cpu, p->first, " ", d->out);
    point_filters_print(p, d->out);
    fputc('\n', d->out);
    return p;
}

/* ---- breakpoints ---- */

/* A point at the same place that nothing narrows. */
static const struct point *twin(struct debugger *d, const struct point *like)
{
    for (const struct point *p = NULL; (p = points_next(stops_points(d), POINT_USER, p)); )
        if (p->kind == like->kind && p->first == like->first && p->physical == like->physical && !p->condition && !like->condition
            && p->cpl == like->cpl && !p->has_cr3 && !like->has_cr3 && !like->temporary && !p->temporary)
            return p;
    return NULL;
}

static void add_break(struct debugger *d, int argc, char **argv, struct point *p)
{
    struct narrowing space;
    p->kind = POINT_EXECUTE;
    p->cpl = -1;
    p->last = p->first;
    p->name = argv[1];
    if (!stops_narrow(d, argc, argv, 2, p, &space))
        return;
    const struct point *there = twin(d, p);
    if (there)
        refuse(d, "breakpoint %u is there", there->number);
    else
        stops_add(d, p);
}

/* Symbol, FILE:LINE, SEGMENT:OFFSET, linear, phys:ADDRESS; *ADDRESS as gdb has it. What was inlined has several places. */
static void break_at(struct debugger *d, int argc, char **argv, bool temporary)
{
    const char *text = argv[1] + (*argv[1] == '*');
    struct point p = { .temporary = temporary };
    struct location where;
    u64 at[PLACES_MOST];
    size_t n = 1;
    if (!strncmp(text, "phys:", 5)) {
        if (!expression_location(d, text, &where))
            return;
        at[0] = where.at;
        p.physical = where.physical;
    } else {
        n = code_places(d, text, at, PLACES_MOST);
    }
    for (size_t k = 0; k < n; k++) {
        struct point one = p;
        one.first = p.physical || *argv[1] == '*' ? at[k] : symbols_body(d->symbols, at[k], names_physical(d->cpu));
        add_break(d, argc, argv, &one);
    }
    if (n == PLACES_MOST)
        fprintf(d->out, "%s has %d places or more: the first are taken\n", text, PLACES_MOST);
}

void do_break(struct debugger *d, int argc, char **argv)
{
    char here[24];
    char *with[WORDS + 1] = { argv[0], here };         /* the words that were typed, and one more */
    struct point p = { .cpl = -1 };
    if (argc < 2) {
        do_breakpoints(d, argc, argv);
        return;
    }
    if (!strcmp(argv[1], "if")) {                       /* gdb: where it stands */
        snprintf(here, sizeof here, "%08x", (u32)control_linear(d->control));
        for (int k = 1; k < argc; k++)
            with[k + 1] = argv[k];
        p.first = control_linear(d->control);
        add_break(d, argc + 1, with, &p);
        return;
    }
    break_at(d, argc, argv, false);
}

void do_tbreak(struct debugger *d, int argc, char **argv)
{
    if (argc < 2)
        refuse(d, "where? ADDRESS, such as: tbreak main");
    else
        break_at(d, argc, argv, true);
}

void do_vbreak(struct debugger *d, int argc, char **argv)
{
    struct point p = { .temporary = false };
    if (argc < 2 || !strchr(argv[1], ':'))
        refuse(d, "where? SEGMENT:OFFSET, such as: vb 0008:7c00 or vb cs:eip");
    else if (expression_address(d, argv[1], &p.first))
        add_break(d, argc, argv, &p);
}

void do_lbreak(struct debugger *d, int argc, char **argv)
{
    struct point p = { .temporary = false };
    if (argc < 2)
        refuse(d, "where? a linear ADDRESS, such as: lb 7c00");
    else if (expression_address(d, argv[1], &p.first))
        add_break(d, argc, argv, &p);
}

void do_pbreak(struct debugger *d, int argc, char **argv)
{
    struct point p = { .physical = true };
    struct location at;
    if (argc < 2) {
        refuse(d, "where? a physical ADDRESS, such as: pb 7c00");
    } else if (expression_location(d, argv[1], &at)) {
        p.first = at.at;
        add_break(d, argc, argv, &p);
    }
}

/* ---- memory ---- */

enum { WATCH_BYTES = 4 };               /* where no length is given */

static void add_watch(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    struct location where;
    struct narrowing space;
    u64 length = 0;
    p->kind = POINT_WATCH;
    p->cpl = -1;
    if (at >= argc) {
        refuse(d, "what? ADDRESS [BYTES], such as: watch phys:1000 4");
        return;
    }
    if (!expression_place(d, argv[at], &where, &length))
        return;
    length = length ? length : WATCH_BYTES;
    p->name = argv[at++];
    u8 first = at < argc ? (u8)argv[at][0] : 0;
    if (first >= '0' && first <= '9' && !expression_count(d, argv[at++], &length))
        return;
    if (!length || length > UINT64_MAX - where.at) {
        refuse(d, "%s: so many bytes do not lie there", argv[at - 1]);
        return;
    }
    p->physical = where.physical;
    p->first = where.at;
    p->last = where.at + length - 1;
    if (stops_narrow(d, argc, argv, at, p, &space))
        stops_add(d, p);
}

static bool is_direction(const char *word)
{
    return !strcmp(word, "r") || !strcmp(word, "w") || !strcmp(word, "a") || !strcmp(word, "read") || !strcmp(word, "write");
}

static void list(struct debugger *d, bool watches);

void do_watch(struct debugger *d, int argc, char **argv)
{
    struct point p = { .write = true };
    bool how = argc > 1 && is_direction(argv[1]);
    if (argc < 2) {
        list(d, true);
        return;
    }
    if (argc == 2 && (!strcmp(argv[1], "stop") || !strcmp(argv[1], "continue"))) {
        refuse(d, "watch %s is another debugger's; here: commands NUMBER continue, for a watch that is told of and goes on", argv[1]);
        return;
    }
    if (how) {
        p.read = argv[1][0] != 'w';
        p.write = argv[1][0] != 'r';
    }
    add_watch(d, argc, argv, how ? 2 : 1, &p);
}

void do_rwatch(struct debugger *d, int argc, char **argv) { add_watch(d, argc, argv, 1, &(struct point) { .read = true }); }
void do_awatch(struct debugger *d, int argc, char **argv) { add_watch(d, argc, argv, 1, &(struct point) { .read = true, .write = true }); }

void do_unwatch(struct debugger *d, int argc, char **argv)
{
    struct location where = { 0, false };
    u64 size;
    int gone = 0;
    if (argc > 1 && !expression_place(d, argv[1], &where, &size))
        return;
    for (struct point *p = points_next(stops_points(d), POINT_USER, NULL), *next; p; p = next) {
        next = points_next(stops_points(d), POINT_USER, p);
        if (p->kind == POINT_WATCH && (argc < 2 || (p->first == where.at && p->physical == where.physical))) {
            points_remove(stops_points(d), p);
            gone++;
        }
    }
    if (!gone)
        refuse(d, argc < 2 ? "nothing is watched" : "%s is not watched; blist lists what is", argc < 2 ? "" : argv[1]);
}

/* ---- what is done with a point ---- */

struct point *stops_numbered(struct debugger *d, int argc, char **argv)
{
    u64 number = 0;
    if (argc < 2) {
        refuse(d, "which? NUMBER, as blist shows it");
        return NULL;
    }
    if (!expression_count(d, argv[1], &number))
        return NULL;
    struct point *p = number <= UINT32_MAX ? points_find(stops_points(d), POINT_USER, (u32)number) : NULL;
    if (!p)
        refuse(d, "no point has the number %llu; blist lists them", (unsigned long long)number);
    return p;
}

void do_delete(struct debugger *d, int argc, char **argv)
{
    bool all = argc == 2 && (!strcmp(argv[1], "all") || !strcmp(argv[1], "breakpoints"));
    struct point *p[WORDS] = { NULL };
    if (argc < 2) {
        refuse(d, "which? NUMBER ... or all");
        return;
    }
    for (int k = 1; k < argc && !all; k++)              /* one that is none leaves all */
        if (!(p[k] = stops_numbered(d, 2, argv + k - 1)))
            return;
    for (int k = 1; k < argc && !all; k++)
        if (points_find(stops_points(d), POINT_USER, p[k]->number))
            points_remove(stops_points(d), p[k]);
    while (all && (p[0] = points_next(stops_points(d), POINT_USER, NULL)))
        points_remove(stops_points(d), p[0]);
}

static void switch_points(struct debugger *d, int argc, char **argv, bool on)
{
    struct point *p = NULL;
    if (argc > 1) {
        if ((p = stops_numbered(d, argc, argv)))
            points_enable(stops_points(d), p, on);
        return;
    }
    while ((p = points_next(stops_points(d), POINT_USER, p)))
        points_enable(stops_points(d), p, on);
}

void do_enable(struct debugger *d, int argc, char **argv) { switch_points(d, argc, argv, true); }
void do_disable(struct debugger *d, int argc, char **argv) { switch_points(d, argc, argv, false); }

void do_ignore(struct debugger *d, int argc, char **argv)
{
    struct point *p = stops_numbered(d, argc, argv);
    u64 count;
    if (!p)
        return;
    if (argc < 3)
        refuse(d, "how often? ignore NUMBER COUNT");
    else if (expression_count(d, argv[2], &count))
        p->ignore = count;
}

void do_condition(struct debugger *d, int argc, char **argv)
{
    struct point *p = stops_numbered(d, argc, argv);
    struct narrowing space;
    if (!p)
        return;
    words_join(argc, argv, 2, space.condition, sizeof space.condition);
    if (*space.condition && !condition_fits(d, p, space.condition))
        return;
    point_text(&p->condition_text, *space.condition ? space.condition : NULL);
    p->condition = *space.condition ? holds : NULL;
    p->condition_to = d;
}

static void list_one(struct debugger *d, const struct point *p)
{
    if (p->kind == POINT_EXECUTE) {
        fprintf(d->out, "%3u  %08llx  %-20s", p->number, (unsigned long long)p->first, p->name ? p->name : "");
        if (p->physical && strncmp(p->name, "phys:", 5) != 0)
            fputs(" physical,", d->out);
    } else {
        fprintf(d->out, "%3u  %-9s %s%s", p->number, point_kind_name(p), p->name ? p->name : "", p->name ? ": " : "");
        point_what_print(p, d->out);
        point_filters_print(p, d->out);
        fputc(',', d->out);
    }
    fprintf(d->out, " hit %llu times", (unsigned long long)p->hits);
    if (p->kind == POINT_EXECUTE)
        point_filters_print(p, d->out);
    fputc('\n', d->out);
    if (p->commands)
        fprintf(d->out, "%17s%s\n", "", p->commands);
}

static void list(struct debugger *d, bool watches)
{
    bool any = false;
    for (const struct point *p = NULL; (p = points_next(stops_points(d), POINT_USER, p)); ) {
        if (watches && p->kind != POINT_WATCH)
            continue;
        list_one(d, p);
        any = true;
    }
    if (!any)
        fputs(watches ? "nothing is watched\n" : "no breakpoints\n", d->out);
}

void do_breakpoints(struct debugger *d, int argc, char **argv)
{
    (void)argc, (void)argv;
    list(d, false);
}
