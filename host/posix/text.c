/* text.c - see ../text.h. POSIX.1-2017 open_memstream; fopencookie(3) of Linux and wasi-libc, funopen(3) of the BSDs. The web's, too. */
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

void text_flush(struct text *t) { fflush(t->file); }

void text_drop(struct text *t)
{
    if (t)
        free(text_take(t, NULL));
}

/* ---- handed on ---- */

struct listener {
    bool (*write)(void *to, const char *bytes, size_t n);
    void *to;
};

static int heard_no_more(void *listener)
{
    free(listener);
    return 0;
}

#if defined __linux__ || defined __wasi__
static ssize_t hand_on(void *listener, const char *bytes, size_t n)
{
    const struct listener *l = listener;
    return l->write(l->to, bytes, n) ? (ssize_t)n : 0;
}

static FILE *open_listener(struct listener *l)
{
    return fopencookie(l, "w", (cookie_io_functions_t){ .write = hand_on, .close = heard_no_more });
}
#else
static int hand_on(void *listener, const char *bytes, int n)
{
    const struct listener *l = listener;
    return l->write(l->to, bytes, (size_t)n) ? n : -1;
}

static FILE *open_listener(struct listener *l) { return funopen(l, NULL, hand_on, NULL, heard_no_more); }
#endif

struct text *text_to(bool (*write)(void *to, const char *bytes, size_t n), void *to)
{
    struct listener *l = xcalloc(1, sizeof *l);
    struct text *t = xcalloc(1, sizeof *t);
    *l = (struct listener){ write, to };
    t->file = open_listener(l);
    if (t->file) {
        setvbuf(t->file, NULL, _IOLBF, BUFSIZ);
        return t;
    }
    free(l);
    free(t);
    return NULL;
}
