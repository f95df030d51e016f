/* notice.c - see notice.h. */
#include "notice.h"
#include <stdarg.h>
#include <stdio.h>

void notice(const struct notices *n, const char *fmt, ...)
{
    char text[2048];
    va_list args;
    if (!n || !n->say)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    n->say(n->to, text);
}
