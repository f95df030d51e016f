/* log.c - see log.h. What was said before is a list of (site, key) in the order in which they came, found through a hash index.
 * Its size is bounded, and so is the share of one site: a guest that reads all 65,536 ports fills no more than that. */
#include "log.h"
#include "../host/outlet.h"
#include <stdarg.h>
#include <stdio.h>

enum { SAID = 3072, INDEX = 4096, SITE_KEYS = 64, QUIET_KEYS = 4, TEXT = 512, KEPT_TEXT = 160, CLASSES_MAX = 40 };
enum { NOT_SAID = 0 };                          /* in the index: else a place in the list, plus 1 */

struct said {
    const char *site;
    u64 key;
    struct fold fold;
    u16 keys;                                   /* a site's own entry: its different keys */
    const char *class;
    char *text;                                 /* for the count at the end; NULL where nothing was printed */
};

struct class {                                  /* a word for -log */
    const char *name;
    char *title;
    bool on;
};

struct log {
    struct class class[CLASSES_MAX + 1];        /* the last has no name */
    int selected;                               /* how many of them */
    u32 said_count;
    struct said said[SAID];
    u16 index[INDEX];
    void (*out)(void *to, const char *text);
    void *to;
    void (*place)(void *to, char *text, size_t size);
    void *place_to;
    struct outlet *outlet;                      /* the host's handle; NULL: none was given */
    const atomic_bool *hurry;
    void (*tap)(void *to, const char *class, const char *text);
    void *tap_to;
    u64 lost, lost_told;                        /* lines that nobody took */
    bool muted;
    struct cycle cycle;                         /* of the traces */
};


void log_free(struct log *log)
{
    for (u32 k = 0; log && k < log->said_count; k++)
        free(log->said[k].text);
    for (int k = 0; log && k < CLASSES_MAX; k++)
        free(log->class[k].title);
    if (log)
        outlet_free(log->outlet);
    free(log);
}

void log_class_add(struct log *log, const char *name, const char *title)
{
    struct class *c = log->class;
    while (c->name && strcmp(c->name, name))
        c++;
    assert(c < log->class + CLASSES_MAX);       /* the last has no name */
    c->name = name;
    if (c->title && strstr(c->title, title))
        return;
    size_t had = c->title ? strlen(c->title) : 0, size = had + strlen(title) + 3;
    c->title = xrealloc(c->title, size);
    snprintf(c->title + had, size - had, "%s%s", had ? ", " : "", title);
}

const char *log_class_name(const struct log *log, int k) { return k >= 0 && k < CLASSES_MAX ? log->class[k].name : NULL; }
const char *log_class_title(const struct log *log, int k) { return k >= 0 && k < CLASSES_MAX ? log->class[k].title : NULL; }

static bool is_word(const char *word, size_t n, const char *name) { return strlen(name) == n && !memcmp(word, name, n); }

/* False: there is no such class. */
static bool turn(struct log *log, const char *word, size_t n, bool on)
{
    bool all = is_word(word, n, "all"), found = all;
    for (struct class *c = log->class; c->name; c++)
        if (all || is_word(word, n, c->name)) {
            log->selected += on - c->on;
            c->on = on;
            found = true;
        }
    return found;
}

bool log_select(struct log *log, const char *list, char *bad, size_t size)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        bool off = *list == '-';
        if (is_word(list, n, "none")) {
            turn(log, "all", 3, false);
        } else if (!turn(log, list + off, n - off, !off)) {
            snprintf(bad, size, "%.*s", (int)n, list);
            return false;
        }
        list += n + (list[n] == ',');
    }
    return true;
}

void log_redirect(struct log *log, void (*out)(void *to, const char *text), void *to)
{
    log->out = out;
    log->to = to;
}

static bool selected(const struct log *log, const char *class)
{
    const struct class *c = log->class;
    if (!log->selected || log->muted)
        return false;
    while (c->name && strcmp(c->name, class))
        c++;
    return c->on;
}

static bool folds(const char *class) { return !strcmp(class, "guest") || !strcmp(class, "unimp"); }

/* Is it a trace that somebody hears? */
static bool tapped(const struct log *log, const char *class)
{
    return log->tap && !folds(class) && strcmp(class, "io") && strcmp(class, "int");
}

static noinline bool heard(const struct log *log, const char *class) { return selected(log, class) || tapped(log, class); }

bool log_on(const struct log *log, const char *class) { return unlikely(log->selected || log->tap) && heard(log, class); }

void log_tap(struct log *log, void (*told)(void *to, const char *class, const char *text), void *to)
{
    log->tap = told;
    log->tap_to = to;
}

void log_place(struct log *log, void (*place)(void *to, char *text, size_t size), void *to)
{
    log->place = place;
    log->place_to = to;
}

/* ---- to the host's ---- */

void log_to(struct log *log, struct handle out)
{
    outlet_free(log->outlet);
    log->outlet = outlet_new(out);
    outlet_hurry(log->outlet, log->hurry);
}

void log_hurry(struct log *log, const atomic_bool *hurry)
{
    log->hurry = hurry;
    if (log->outlet)
        outlet_hurry(log->outlet, hurry);
}

void log_drain(struct log *log)
{
    if (log->outlet)
        outlet_drain(log->outlet);
}

u64 log_lost(const struct log *log) { return log->lost; }

/* What was lost is told where it is missing. */
static void send(struct log *log, const char *text, size_t n)
{
    char gap[96];
    u64 missing = log->lost - log->lost_told;
    if (!log->outlet)
        return;
    if (missing && outlet_drain(log->outlet)) {
        int k = snprintf(gap, sizeof gap, "log: ... %llu lines are missing here: nobody read them\n", (unsigned long long)missing);
        if (outlet_write(log->outlet, gap, (size_t)k))
            log->lost_told = log->lost;
    }
    if (!outlet_write(log->outlet, text, n))
        for (size_t k = 0; k < n; k++)
            log->lost += text[k] == '\n';
}

void log_mute(struct log *log, bool on) { log->muted = on; }

void log_text(struct log *log, const char *text) { send(log, text, strlen(text)); }

static void print(struct log *log, const char *text)
{
    char line[TEXT + 1];
    if (log->out)
        log->out(log->to, text);
    else
        send(log, line, (size_t)snprintf(line, sizeof line, "%s\n", text));
}

static void print_more(struct log *log, const char *class, struct fold *fold, const char *text)
{
    char line[TEXT], number[32];
    u64 more = fold_rest(fold);
    snprintf(line, sizeof line, "%s: ... %s more of these: %.400s", class, with_commas(more, number), text);
    if (more)
        print(log, line);
}

static void print_trace(void *log, const char *line) { print(log, line); }

struct log *log_new(void)
{
    struct log *log = xcalloc(1, sizeof *log);
    log->cycle.print = print_trace;
    log->cycle.to = log;
    log_class_add(log, "guest", "what the guest does against the manual (named: each different one once, then how often)");
    log_class_add(log, "unimp", "what the guest wants and is not there, and what it left half set up (named: each once, then how often)");
    log_class_add(log, "io", "every port and memory-mapped register access");
    return log;
}

/* ---- what was said ---- */

static u64 mix(u64 h) { return (h ^ h >> 29) * 0xbf58476d1ce4e5b9ull; }

/* The entry of a site and key. If there is none: a new one with count 0 if `add` and there is room, else NULL. */
static struct said *find(struct log *log, const char *site, u64 key, bool add)
{
    u64 h = mix(mix((u64)(uintptr_t)site) + key);
    for (u32 k = (u32)(h >> 40) % INDEX;; k = (k + 1) % INDEX) {
        if (log->index[k] != NOT_SAID) {
            struct said *s = &log->said[log->index[k] - 1];
            if (s->site == site && s->key == key)
                return s;
            continue;
        }
        if (!add || log->said_count == SAID)
            return NULL;
        struct said *s = &log->said[log->said_count++];
        log->index[k] = (u16)log->said_count;
        s->site = site;
        s->key = key;
        return s;
    }
}

static u64 text_key(const char *text)
{
    u64 h = 14695981039346656037ull;
    for (; *text; text++)
        h = (h ^ (u8)*text) * 1099511628211ull;
    return h | 1;                               /* never LOG_SITE */
}

/* The first time in full; then the count. */
static void happened(struct log *log, struct said *s, const char *class, const char *text, bool counts)
{
    char line[TEXT], place[192] = "";
    enum fold_how how = fold_more(&s->fold, 1, 1);
    if (how == FOLD_FULL) {
        if (log->place)
            log->place(log->place_to, place, sizeof place);
        snprintf(line, sizeof line, "%s: %.400s%s", class, text, place);
        s->class = class;
        s->text = xcalloc(1, KEPT_TEXT);
        snprintf(s->text, KEPT_TEXT, "%s", text);
        print(log, line);
        return;
    }
    if (how == FOLD_COUNT && counts)
        print_more(log, class, &s->fold, s->text);
}

/* What is known of a key. A site with too many of them: what else comes from it is its own entry. */
static struct said *entry(struct log *log, const char *site, u64 key, u32 most)
{
    struct said *own = find(log, site, LOG_SITE, true), *s;
    if (!own || key == LOG_SITE)
        return own;
    s = find(log, site, key, own->keys < most);
    if (s && !s->fold.count)
        own->keys++;
    return s ? s : own;
}

void log_at(struct log *log, const char *class, const char *site, u64 key, const char *fmt, ...)
{
    char text[TEXT], line[TEXT];
    bool shown = selected(log, class), once = folds(class);
    struct said *s = NULL;
    va_list args;
    if (log->muted || (!shown && !once && !tapped(log, class)))
        return;
    if (!shown && once) {                       /* cheap when it was said before */
        s = entry(log, site, key == LOG_TEXT ? LOG_SITE : key, QUIET_KEYS);
        if (!s || s->fold.count || (key != LOG_TEXT && s->key == LOG_SITE))
            return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (log->tap && (once || tapped(log, class)))
        log->tap(log->tap_to, class, text);
    if (!shown && !once)
        return;
    if (!once) {
        snprintf(line, sizeof line, "%s: %.500s", class, text);
        cycle_line(&log->cycle, line);
        return;
    }
    if (!s)
        s = entry(log, site, key == LOG_TEXT ? text_key(text) : key, SITE_KEYS);
    if (s && s->key == LOG_SITE && shown && !s->fold.count)
        snprintf(text + strlen(text), sizeof text - strlen(text), " (and other values: too many to name)");
    if (s)
        happened(log, s, class, text, shown);
}

void log_totals(struct log *log)
{
    char line[96];
    cycle_end(&log->cycle);
    for (u32 k = 0; k < log->said_count; k++) {
        struct said *s = &log->said[k];
        if (s->fold.told && log_on(log, s->class))
            print_more(log, s->class, &s->fold, s->text);
    }
    if (log->outlet)
        outlet_flush(log->outlet);
    if (log->lost) {
        snprintf(line, sizeof line, "log: %llu lines were lost: nobody read them", (unsigned long long)log->lost);
        log->lost_told = log->lost;
        print(log, line);
    }
}
