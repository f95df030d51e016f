/* moo.c - reader of MOO files. A file is a run of chunks: a four-letter tag, a length, a body; chunks nest.
 * Follows: the format description of the SingleStepTests project ("MOO file format").
 * Here: names, bytes, registers, memory and exceptions. Not yet: queue contents and bus cycles, which are skipped. */
#include "moo.h"
#include <stdio.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

enum { CHUNK_HEAD = 8, HEADER_CPU = 8, HEADER_CPU_BYTES = 4, SIZE_LIMIT = 256 << 20 };

struct chunk {
    const u8 *tag, *body;
    u32 size;
};

/* The chunk at *at, which moves past it. False at the end, or where the file is cut off. */
static bool chunk_next(const u8 **at, const u8 *end, struct chunk *c)
{
    if (end - *at < CHUNK_HEAD)
        return false;
    c->tag = *at;
    c->size = get32(*at + 4);
    c->body = *at + CHUNK_HEAD;
    if (c->size > (size_t)(end - c->body))
        return false;
    *at = c->body + c->size;
    return true;
}

static bool chunk_is(const struct chunk *c, const char *tag)
{
    return memcmp(c->tag, tag, 4) == 0;
}

/* Names and byte strings carry a length of their own. */
static u32 chunk_text(const struct chunk *c, void *to, u32 size)
{
    u32 n = c->size < 4 ? 0 : get32(c->body);
    if (c->size >= 4 && n > c->size - 4)
        n = c->size - 4;
    if (n > size)
        n = size;
    memcpy(to, c->body + 4, n);
    return n;
}

static void read_registers(struct moo_state *s, const struct chunk *c)
{
    const u8 *p = c->body + 2, *end = c->body + c->size;
    s->given = c->size >= 2 ? get16(c->body) : 0;
    for (int i = 0; i < MOO_REGISTERS; i++) {
        if (s->given >> i & 1 && end - p >= 2) {
            s->reg[i] = get16(p);
            p += 2;
        }
    }
}

static void read_state(struct moo_state *s, const struct chunk *outer)
{
    const u8 *at = outer->body, *end = outer->body + outer->size;
    struct chunk c;
    while (chunk_next(&at, end, &c)) {
        if (chunk_is(&c, "REGS")) {
            read_registers(s, &c);
        } else if (chunk_is(&c, "RAM ") && c.size >= 4) {
            s->ram_count = get32(c.body);
            s->ram = c.body + 4;
            if (s->ram_count > (c.size - 4) / MOO_RAM_ENTRY)
                s->ram_count = (c.size - 4) / MOO_RAM_ENTRY;
        }
    }
}

static void read_test(struct moo_test *t, const struct chunk *outer)
{
    const u8 *at = outer->body + 4, *end = outer->body + outer->size;
    struct chunk c;
    memset(t, 0, sizeof *t);
    t->index = get32(outer->body);
    while (chunk_next(&at, end, &c)) {
        if (chunk_is(&c, "NAME")) {
            t->name[chunk_text(&c, t->name, MOO_NAME - 1)] = 0;
        } else if (chunk_is(&c, "BYTS")) {
            t->length = chunk_text(&c, t->bytes, MOO_BYTES);
        } else if (chunk_is(&c, "INIT")) {
            read_state(&t->init, &c);
        } else if (chunk_is(&c, "FINA")) {
            read_state(&t->fina, &c);
        } else if (chunk_is(&c, "EXCP") && c.size >= 5) {
            t->has_exception = true;
            t->vector = c.body[0];
            t->flags_address = get32(c.body + 1);
        }
    }
    for (int i = 0; i < MOO_REGISTERS; i++) {
        if (!(t->fina.given >> i & 1))
            t->fina.reg[i] = t->init.reg[i];
    }
}

bool moo_next(struct moo_file *f, struct moo_test *t)
{
    const u8 *at = f->data + f->at;
    struct chunk c;
    while (chunk_next(&at, f->data + f->size, &c)) {
        f->at = (size_t)(at - f->data);
        if (chunk_is(&c, "TEST") && c.size >= 4) {
            read_test(t, &c);
            return true;
        }
    }
    return false;
}

/* With zlib, plain files are read as well as gzipped ones. */
#ifdef HAVE_ZLIB
typedef gzFile input;
static input input_open(const char *path)                       { return gzopen(path, "rb"); }
static int input_read(input in, void *to, size_t n)             { return gzread(in, to, (unsigned)n); }
static void input_close(input in)                               { gzclose(in); }
#else
typedef FILE *input;
static input input_open(const char *path)                       { return fopen(path, "rb"); }
static int input_read(input in, void *to, size_t n)             { return (int)fread(to, 1, n, in); }
static void input_close(input in)                               { fclose(in); }
#endif

bool moo_reads_gzip(void)
{
#ifdef HAVE_ZLIB
    return true;
#else
    return false;
#endif
}

static bool slurp(struct moo_file *f, input in)
{
    size_t room = 1 << 20;
    f->data = xcalloc(1, room);
    for (;;) {
        int n = input_read(in, f->data + f->size, room - f->size);
        if (n <= 0)
            return n == 0;
        f->size += (size_t)n;
        if (f->size == room) {
            if (room >= SIZE_LIMIT)
                return false;
            room *= 2;
            f->data = xrealloc(f->data, room);
        }
    }
}

bool moo_open(struct moo_file *f, const char *path, char *bad, size_t size)
{
    const u8 *at;
    struct chunk c;
    input in = input_open(path);
    memset(f, 0, sizeof *f);
    if (!in) {
        snprintf(bad, size, "cannot open %s", path);
        return false;
    }
    bool ok = slurp(f, in);
    input_close(in);
    at = f->data;
    if (!ok || !chunk_next(&at, f->data + f->size, &c) || !chunk_is(&c, "MOO ")
        || c.size < HEADER_CPU + HEADER_CPU_BYTES) {
        snprintf(bad, size, "%s is not a MOO file", path);
        moo_close(f);
        return false;
    }
    memcpy(f->cpu, c.body + HEADER_CPU, HEADER_CPU_BYTES);
    f->at = (size_t)(at - f->data);
    return true;
}

void moo_close(struct moo_file *f)
{
    free(f->data);
    f->data = NULL;
}
