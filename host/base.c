/* base.c - allocation that cannot fail quietly, and the end for host failures. */
#include "base.h"
#include <stdarg.h>
#include <stdio.h>

enum { EXIT_HOST_FAILURE = 4 };

void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("vitrine: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_HOST_FAILURE);
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        die("out of host memory (%zu bytes wanted); give the guest less with -m", count * size);
    return p;
}

void *xrealloc(void *p, size_t size)
{
    p = realloc(p, size ? size : 1);
    if (!p)
        die("out of host memory (%zu bytes wanted); give the guest less with -m", size);
    return p;
}

char *xstrdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(xcalloc(n, 1), s, n);
}
