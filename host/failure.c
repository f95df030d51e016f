/* failure.c - see failure.h. */
#include "failure.h"
#include <stdarg.h>
#include <stdio.h>

bool failure_say(struct failure *why, enum failure_kind kind, const char *fmt, ...)
{
    va_list args;
    if (!why)
        return false;
    why->kind = kind;
    va_start(args, fmt);
    vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    return false;
}

bool failure_words(char *error, size_t n, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(error, n, fmt, args);
    va_end(args);
    return false;
}
