/* error.c - errors as values. */
#include "kit.h"
#include <stdarg.h>
#include <stdio.h>

bool error_say(struct vitrine_error *error, enum vitrine_code code, const char *where, const char *fmt, ...)
{
    va_list args;
    if (!error)
        return false;
    error->code = code;
    snprintf(error->where, sizeof error->where, "%s", where);
    va_start(args, fmt);
    vsnprintf(error->text, sizeof error->text, fmt, args);
    va_end(args);
    return false;
}
