/* snapshot.c - see snapshot.h. Numbers are eight bytes; names are a length, at most NAME_MAX_BYTES, and text. */
#include "snapshot.h"
#include <stdarg.h>

enum { NAME_MAX_BYTES = 64, CAPACITY_FIRST = 4096 };

/* As large as all of guest memory: that the host has none is no reason to end the program. */
static bool grow(struct writer *w, size_t n)
{
    size_t most = w->capacity * 2 > w->n + n ? w->capacity * 2 : w->n + n;
    most = most > CAPACITY_FIRST ? most : CAPACITY_FIRST;
    u8 *bytes = realloc(w->bytes, most);
    if (bytes) {
        w->bytes = bytes;
        w->capacity = most;
        return true;
    }
    free(w->bytes);
    *w = (struct writer) { .failed = true };
    return false;
}

void write_bytes(struct writer *w, const void *data, size_t n)
{
    if (w->failed || (n > w->capacity - w->n && !grow(w, n)))
        return;
    memcpy(w->bytes + w->n, data, n);
    w->n += n;
}

void write_number(struct writer *w, u64 v)
{
    u8 bytes[8];
    put64(bytes, v);
    write_bytes(w, bytes, sizeof bytes);
}

void write_name(struct writer *w, const char *name)
{
    size_t n = strlen(name);
    assert(n <= NAME_MAX_BYTES);
    write_number(w, n);
    write_bytes(w, name, n);
}

void write_text(struct writer *w, const char *text)
{
    write_number(w, strlen(text));
    write_bytes(w, text, strlen(text));
}

void write_fields(struct writer *w, const struct field *f, const void *obj)
{
    size_t n = fields_bytes(f);
    u8 *bytes = xcalloc(1, n ? n : 1);
    fields_save(f, obj, bytes);
    write_number(w, n);
    write_bytes(w, bytes, n);
    free(bytes);
}

void read_refuse(struct reader *r, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (read_well(r))
        vsnprintf(r->wrong, sizeof r->wrong, fmt, args);
    va_end(args);
}

/* Where the next n bytes are; NULL if they are not there. */
static const u8 *next(struct reader *r, size_t n)
{
    const u8 *at = r->bytes + r->at;
    if (n > r->n - r->at)
        read_refuse(r, "it ends at byte %zu, where %zu more are expected", r->n, n);
    if (!read_well(r))
        return NULL;
    r->at += n;
    return at;
}

void read_bytes(struct reader *r, void *to, size_t n)
{
    const u8 *from = next(r, n);
    if (from)
        memcpy(to, from, n);
    else
        memset(to, 0, n);
}

u64 read_number(struct reader *r)
{
    const u8 *from = next(r, 8);
    return from ? get64(from) : 0;
}

u64 read_at_most(struct reader *r, u64 most, const char *what)
{
    u64 v = read_number(r);
    if (v <= most)
        return v;
    read_refuse(r, "%s: expected at most %llu, not %llu", what, (unsigned long long)most, (unsigned long long)v);
    return 0;
}

void read_name(struct reader *r, const char *name)
{
    size_t n = (size_t)read_at_most(r, NAME_MAX_BYTES, name);
    const u8 *from = next(r, n);
    if (from && (n != strlen(name) || memcmp(from, name, n)))
        read_refuse(r, "expected the part \"%s\", not \"%.*s\"", name, (int)n, (const char *)from);
}

void read_any_name(struct reader *r, char *name, size_t size, const char *what)
{
    size_t n = (size_t)read_at_most(r, size - 1, what);
    const u8 *from = next(r, n);
    *name = 0;
    if (!from)
        return;
    memcpy(name, from, n);
    name[n] = 0;
}

char *read_text(struct reader *r, size_t most, const char *what)
{
    size_t n = (size_t)read_at_most(r, most, what);
    const u8 *from = next(r, n);
    if (from && memchr(from, 0, n))
        read_refuse(r, "%s: expected a text without zeros in it", what);
    if (!read_well(r))
        return NULL;
    char *text = xcalloc(1, n + 1);
    memcpy(text, from, n);
    return text;
}

void read_fields(struct reader *r, const struct field *f, void *obj, const char *of)
{
    u64 n = read_number(r);
    if (n != fields_bytes(f))
        read_refuse(r, "%s: expected %zu bytes of state, not %llu", of, fields_bytes(f), (unsigned long long)n);
    const u8 *from = next(r, (size_t)n);
    if (from)
        fields_load(f, obj, from);
}
