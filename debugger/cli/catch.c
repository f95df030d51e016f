/* catch.c - `catch`: points that are no addresses. A table of what there is to catch, a function for each that wants words. */
#include "stops.h"

enum { WORD_END = -1 };

/* A value that must be at most `most`. */
static bool number(struct debugger *d, const char *word, int base, u64 most, const char *what, u64 *v)
{
    if (!expression_value(d, word, base, v))
        return false;
    if (*v > most)
        refuse(d, base == 10 ? "%s %llu: they are 0 to %llu" : "%s %llx: they are 0 to %llx", what, (unsigned long long)*v,
               (unsigned long long)most);
    return *v <= most;
}

/* N or FIRST-LAST. */
static bool range(struct debugger *d, char *word, int base, u64 most, const char *what, struct point *p)
{
    char *dash = strchr(word, '-');
    if (dash == word)
        dash = NULL;
    if (dash)
        *dash = 0;
    bool ok = number(d, word, base, most, what, &p->first) && (!dash || number(d, dash + 1, base, most, what, &p->last));
    if (dash)
        *dash = '-';
    if (!dash)
        p->last = p->first;
    if (ok && p->last < p->first)
        refuse(d, "%s: the last lies before the first", word);
    return ok && p->last >= p->first;
}

static bool is(const char *word, const char *name) { return word && !strcmp(word, name); }
static char *word_at(int argc, char **argv, int at) { return at < argc ? argv[at] : NULL; }

/* ---- each takes its words from argv[at] on and returns the place behind them; WORD_END, with a message: they are wrong ---- */

/* "r", "w", "rw" in front of the rest. */
static int directions(int argc, char **argv, int at, struct point *p)
{
    const char *word = word_at(argc, argv, at);
    bool r = is(word, "r"), w = is(word, "w"), both = is(word, "rw") || is(word, "a");
    p->read = p->write = true;
    if (!r && !w && !both)
        return at;
    p->read = !w;
    p->write = !r;
    return at + 1;
}

/* No word, or one that narrows any point. */
static bool narrows(const char *word)
{
    return !word || is(word, "if") || is(word, "cpl") || is(word, "cr3") || is(word, "ignore") || is(word, "once");
}

/* #PF, in any case; -1: no such name. Without its # it may be a number. */
static int vector_named(const char *word)
{
    for (int v = 0; v < 32; v++) {
        const char *name = exception_mnemonic(v);
        size_t k = 0;
        while (name[k] && to_lower(word[k]) == to_lower(name[k]))
            k++;
        if (*name == '#' && !name[k] && !word[k])
            return v;
    }
    return -1;
}

static int catch_exception(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    char *word = word_at(argc, argv, at);
    p->last = 0xff;
    if (!narrows(word) && !is(word, "error")) {
        int named = vector_named(word);
        if (named >= 0)
            p->first = p->last = (u64)named;
        else if (!range(d, word, 16, 0xff, "vectors", p))
            return WORD_END;
        at++;
    }
    if (is(word_at(argc, argv, at), "error")) {
        if (at + 1 >= argc) {
            refuse(d, "error: a value is missing behind it");
            return WORD_END;
        }
        if (!number(d, argv[at + 1], 16, UINT32_MAX, "error codes", &p->value))
            return WORD_END;
        p->has_value = true;
        at += 2;
    }
    return at;
}

static int catch_interrupt(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    char *word = word_at(argc, argv, at);
    p->read = p->write = true;
    p->last = 0xff;
    if (is(word, "external") || is(word, "software")) {
        p->read = word[0] == 'e';
        p->write = !p->read;
        word = word_at(argc, argv, ++at);
    }
    if (narrows(word))
        return at;
    return range(d, word, 16, 0xff, "vectors", p) ? at + 1 : WORD_END;
}

static int catch_irq(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    if (at >= argc) {
        refuse(d, "which? catch irq LINE [rises | falls]");
        return WORD_END;
    }
    if (!range(d, argv[at], 10, 23, "lines", p))
        return WORD_END;
    const char *how = word_at(argc, argv, ++at);
    if (!is(how, "rises") && !is(how, "falls"))
        return at;
    p->has_value = true;
    p->value = is(how, "rises");
    return at + 1;
}

static int catch_port(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    at = directions(argc, argv, at, p);
    if (at >= argc) {
        refuse(d, "which? catch port [r | w] PORT[-LAST] [value V [mask M]]");
        return WORD_END;
    }
    return range(d, argv[at], 16, 0xffff, "ports", p) ? at + 1 : WORD_END;
}

static int catch_msr(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    at = directions(argc, argv, at, p);
    if (at >= argc) {
        refuse(d, "which? catch msr [r | w] MSR [value V [mask M]]");
        return WORD_END;
    }
    return range(d, argv[at], 16, UINT32_MAX, "MSRs", p) ? at + 1 : WORD_END;
}

static int catch_cr(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    if (at >= argc) {
        refuse(d, "which? catch cr 0, 2, 3 or 4");
        return WORD_END;
    }
    const char *n = argv[at];
    if (strlen(n) != 1 || !strchr("0234", *n)) {
        refuse(d, "cr %s: control registers are 0, 2, 3 and 4", n);
        return WORD_END;
    }
    p->first = p->last = (u64)(*n - '0');
    return at + 1;
}

static int catch_cr3(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    (void)d, (void)argc, (void)argv;
    p->first = p->last = 3;
    p->changes = true;
    return at;
}

static int catch_if(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    const char *to = word_at(argc, argv, at);
    (void)d;
    if (!is(to, "0") && !is(to, "1"))
        return at;
    p->has_value = true;
    p->value = is(to, "1");
    return at + 1;
}

static int catch_mode(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    static const char *const names[] = { [CPU_MODE_REAL] = "real", [CPU_MODE_PROTECTED] = "protected", [CPU_MODE_V86] = "v86",
                                         [CPU_MODE_SMM] = "smm" };
    (void)d;
    p->changes = true;
    for (size_t k = 0; k < ARRAY_LEN(names) && at < argc; k++)
        if (!strcmp(argv[at], names[k])) {
            p->has_value = true;
            p->value = k;
            return at + 1;
        }
    return at;
}

static int catch_task(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    char *word = word_at(argc, argv, at);
    p->last = 0xffff;
    if (narrows(word))
        return at;
    return range(d, word, 16, 0xffff, "selectors", p) ? at + 1 : WORD_END;
}

static int catch_plain(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    (void)d, (void)argc, (void)argv, (void)p;
    return at;
}

static int catch_count(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    bool more = at < argc && argv[at][0] == '+';
    u64 n, now = machine_insns(d->m);
    if (at >= argc) {
        refuse(d, "how many? catch count N, since power-on, or +N from now on");
        return WORD_END;
    }
    if (!expression_count(d, argv[at] + more, &n))
        return WORD_END;
    p->first = p->last = more ? now + n : n;
    if (p->first > now)
        return at + 1;
    refuse(d, "count %llu: %llu instructions have passed already", (unsigned long long)p->first, (unsigned long long)now);
    return WORD_END;
}

/* A word, or several in quotes, which are gone already. */
static int catch_text(struct debugger *d, int argc, char **argv, int at, struct point *p)
{
    p->text = word_at(argc, argv, at);
    if (p->text && *p->text)
        return at + 1;
    refuse(d, "what? catch text \"TEXT\"");
    return WORD_END;
}

/* ---- the command ---- */

static const struct caught {
    const char *word;
    enum point_kind kind;
    int (*words)(struct debugger *d, int argc, char **argv, int at, struct point *p);
} list[] = {
    { "exception", POINT_EXCEPTION, catch_exception }, { "interrupt", POINT_INTERRUPT, catch_interrupt }, { "irq", POINT_IRQ, catch_irq },
    { "port", POINT_PORT, catch_port }, { "msr", POINT_MSR, catch_msr }, { "cr", POINT_CR, catch_cr }, { "cr3", POINT_CR, catch_cr3 },
    { "if", POINT_IF, catch_if }, { "mode", POINT_MODE, catch_mode }, { "task", POINT_TASK, catch_task }, { "smi", POINT_SMI, catch_plain },
    { "nmi", POINT_NMI, catch_plain }, { "text", POINT_TEXT, catch_text }, { "count", POINT_COUNT, catch_count },
};

static void say_kinds(struct debugger *d, const char *word)
{
    char all[160];
    size_t used = 0;
    for (size_t k = 0; k < ARRAY_LEN(list) && used < sizeof all; k++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", k ? ", " : "", list[k].word);
    refuse(d, "%s%scan be caught: %s", word ? word : "", word ? " cannot; these " : "what? these ", all);
}

void do_catch(struct debugger *d, int argc, char **argv)
{
    const struct caught *c = NULL;
    struct narrowing space;
    for (size_t k = 0; k < ARRAY_LEN(list) && argc > 1; k++)
        if (!strcmp(argv[1], list[k].word))
            c = &list[k];
    if (!c) {
        say_kinds(d, word_at(argc, argv, 1));
        return;
    }
    struct point p = { .kind = c->kind, .cpl = -1 };
    int at = c->words(d, argc, argv, 2, &p);
    if (at != WORD_END && stops_narrow(d, argc, argv, at, &p, &space))
        stops_add(d, &p);
}

/* Bochs's: on and off. */
void do_modebp(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (struct point *p = NULL; (p = points_next(stops_points(d), POINT_USER, p)); )
        if (p->kind == POINT_MODE) {
            fprintf(d->out, "mode %u is removed\n", p->number);
            points_remove(stops_points(d), p);
            return;
        }
    stops_add(d, &(struct point) { .kind = POINT_MODE, .cpl = -1, .changes = true });
}
