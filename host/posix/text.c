/* text.c - see ../text.h. POSIX.1-2017 open_memstream. */
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
