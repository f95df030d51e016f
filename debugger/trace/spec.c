/* spec.c - what to trace, as a person writes it. */
#include "parts.h"
#include "../symbols/nearest.h"
#include <stdio.h>

/* Words that stand for several classes. */
static const struct { const char *word; u64 classes; } groups[] = {
    { "all", (1ull << TRACE_CLASSES) - 1 },
    { "int", 1ull << TRACE_INTERRUPTS | 1ull << TRACE_SOFTINT | 1ull << TRACE_IRET },
    { "on", 1ull << TRACE_INSN }, { "off", (1ull << TRACE_CLASSES) - 1 }, { "none", (1ull << TRACE_CLASSES) - 1 },
};

struct reading {
    struct trace_spec *spec;
    char *message;
    size_t n;
};

static bool wrong(struct reading *r, const char *expected, const char *word)
{
    snprintf(r->message, r->n, "expected %s, not '%s'", expected, word);
    return false;
}

static bool is_class(const struct class_row *row, const char *word)
{
    bool found = !strcmp(word, row->name);
    for (size_t k = 0; k < ARRAY_LEN(row->words) && row->words[k]; k++)
        found |= !strcmp(word, row->words[k]);
    return found;
}

/* The class that begins so, or the nearest one, for a message. */
static const char *like(const char *word)
{
    const char *best = NULL;
    size_t n = strlen(word);
    int most = (int)n / 3 + 1;
    for (int k = 0; k < TRACE_CLASSES; k++) {
        const char *name = trace_classes[k].name;
        int distance = n > 2 && !strncmp(word, name, n) ? 0 : word_distance(word, name, most);
        if (distance <= most && distance < (int)strlen(name)) {
            most = distance - 1;
            best = name;
        }
    }
    return best;
}

static u64 classes_of(const char *word)
{
    u64 classes = 0;
    for (size_t k = 0; k < ARRAY_LEN(groups); k++)
        if (!strcmp(word, groups[k].word))
            classes |= groups[k].classes;
    for (int k = 0; k < TRACE_CLASSES; k++)
        if (is_class(&trace_classes[k], word))
            classes |= 1ull << k;
    return classes;
}

static bool read_class(struct reading *r, const char *word)
{
    bool off = *word == '-' || !strcmp(word, "off") || !strcmp(word, "none");
    const char *name = word + (*word == '-');
    u64 classes = classes_of(name);
    if (classes) {
        *(off ? &r->spec->off : &r->spec->on) |= classes;
        *(off ? &r->spec->on : &r->spec->off) &= ~classes;
        return true;
    }
    const char *near = like(name);
    size_t used = (size_t)snprintf(r->message, r->n, "no class of events '%s'", name);
    if (near)
        used += (size_t)snprintf(r->message + used, r->n - used, " (did you mean '%s'?)", near);
    used += (size_t)snprintf(r->message + used, r->n - used, "; expected");
    for (int k = 0; k < TRACE_CLASSES && used < r->n; k++)
        used += (size_t)snprintf(r->message + used, r->n - used, "%s %s", k ? "," : "", trace_classes[k].name);
    return false;
}

static bool read_number(const char *text, int base, u64 *v, const char **end)
{
    char *e;
    if (!is_digit(*text) && !(base == 16 && is_letter(*text)))
        return false;
    *v = strtoull(text, &e, base);
    *end = e;
    return e != text && *v != UINT64_MAX;
}

static bool read_cpl(struct reading *r, const char *value)
{
    u8 bits = 0;
    for (const char *at = value; *at; at++) {
        if (*at < '0' || *at > '3')
            return wrong(r, "cpl=, privilege levels such as 3 or 12", value);
        bits |= (u8)(1 << (*at - '0'));
    }
    r->spec->filter.cpl = bits;
    return bits ? true : wrong(r, "cpl=, privilege levels such as 3 or 12", value);
}

static bool read_range(struct reading *r, const char *value)
{
    static const char expected[] = "range=FIRST-LAST, hexadecimal linear addresses, the first not above the last";
    struct trace_filter *f = &r->spec->filter;
    const char *end;
    if (!read_number(value, 16, &f->first, &end) || *end != '-' || !read_number(end + 1, 16, &f->last, &end) || *end || f->first > f->last)
        return wrong(r, expected, value);
    f->has_range = true;
    return true;
}

static bool read_cr3(struct reading *r, const char *value)
{
    const char *end;
    struct trace_filter *f = &r->spec->filter;
    if (!read_number(value, 16, &f->cr3, &end) || *end || f->cr3 > 0xffffffff)
        return wrong(r, "cr3=ADDRESS, the hexadecimal address of page tables", value);
    f->cr3 &= ~0xfffull;
    f->has_cr3 = true;
    return true;
}

static bool read_count(struct reading *r, const char *value)
{
    const char *end;
    if (!read_number(value, 10, &r->spec->filter.count, &end) || *end || !r->spec->filter.count)
        return wrong(r, "count=N, how many events", value);
    return true;
}

static bool read_symbol(struct reading *r, const char *value)
{
    if (!*value || strlen(value) >= sizeof r->spec->filter.symbol)
        return wrong(r, "symbol=NAME, the name of a function", value);
    snprintf(r->spec->filter.symbol, sizeof r->spec->filter.symbol, "%s", value);
    return true;
}

static bool read_file(struct reading *r, const char *value)
{
    if (!*value || strlen(value) >= sizeof r->spec->file)
        return wrong(r, "file=PATH, or - for standard error", value);
    snprintf(r->spec->file, sizeof r->spec->file, "%s", value);
    return true;
}

static bool read_format(struct reading *r, const char *value)
{
    static const char *const names[] = { [TRACE_TEXT] = "text", [TRACE_JSON] = "json", [TRACE_PERFETTO] = "perfetto" };
    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        if (!strcmp(value, names[k])) {
            r->spec->format = (enum trace_format)k;
            r->spec->has_format = true;
            return true;
        }
    return wrong(r, "format=text, json or perfetto", value);
}

static const struct {
    const char *key;
    bool (*read)(struct reading *r, const char *value);
    bool filters;
} keys[] = {
    { "file", read_file, false }, { "format", read_format, false }, { "cpl", read_cpl, true }, { "range", read_range, true },
    { "symbol", read_symbol, true }, { "cr3", read_cr3, true }, { "count", read_count, true },
};

static bool read_word(struct reading *r, const char *word)
{
    const char *equals = strchr(word, '=');
    if (!equals)
        return read_class(r, word);
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (strlen(keys[k].key) == (size_t)(equals - word) && !strncmp(keys[k].key, word, (size_t)(equals - word))) {
            r->spec->has_filter |= keys[k].filters;
            return keys[k].read(r, equals + 1);
        }
    return wrong(r, "file=, format=, cpl=, range=, symbol=, cr3= or count=", word);
}

bool trace_parse(const char *text, struct trace_spec *spec, char *message, size_t n)
{
    char word[300];
    struct trace_spec fresh = { 0 };
    struct reading r = { &fresh, message, n };
    for (const char *at = text; ; ) {
        size_t length = strcspn(at, ", \t");
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        if (length >= sizeof word || (length && !read_word(&r, word)) || (!length && at == text))
            return length ? (length < sizeof word ? false : wrong(&r, "shorter words", word)) : wrong(&r, "classes of events", text);
        if (!at[length])
            break;
        at += length + 1;
    }
    *spec = fresh;
    return true;
}
