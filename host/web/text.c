/* text.c - see ../text.h. wasi-libc's open_memstream and fopencookie, as musl has them. */
#define _GNU_SOURCE
#include "../text.h"

struct text {
    FILE *file;
    char *bytes;
    size_t n;
};

struct text *text_new(void)
{
    struct text *t = xcalloc(1, sizeof *t);
    t->file = open_memstream(&t->bytes, &t->n);
    if (t->file)
        return t;
    free(t);
    return NULL;
}

FILE *text_file(struct text *t) { return t->file; }

char *text_take(struct text *t, size_t *n)
{
    bool failed = fclose(t->file);
    char *bytes = t->bytes;
    if (n)
        *n = t->n;
    free(t);
    if (!failed)
        return bytes;
    free(bytes);
    return NULL;
}

void text_drop(struct text *t)
{
    if (t)
        free(text_take(t, NULL));
}

struct listener {
    bool (*write)(void *to, const char *bytes, size_t n);
    void *to;
};

static ssize_t hand_on(void *listener, const char *bytes, size_t n)
{
    const struct listener *l = listener;
    return l->write(l->to, bytes, n) ? (ssize_t)n : 0;
}

static int heard_no_more(void *listener)
{
    free(listener);
    return 0;
}

FILE *text_to(bool (*write)(void *to, const char *bytes, size_t n), void *to)
{
    struct listener *l = xcalloc(1, sizeof *l);
    *l = (struct listener){ write, to };
    FILE *f = fopencookie(l, "w", (cookie_io_functions_t){ .write = hand_on, .close = heard_no_more });
    if (!f)
        free(l);
    return f;
}
