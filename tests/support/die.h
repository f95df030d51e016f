/* die.h - the end of a test program that cannot go on. */
#pragma once
#include "../../host/base.h"
#include <stdarg.h>
#include <stdio.h>

/* Print "TEXT" on standard error and end with exit code 4. */
_Noreturn static inline void die(const char *fmt, ...) printf_like(1, 2);
static inline void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(4);
}
