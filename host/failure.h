/* failure.h - what the host refuses, as a value: a kind, by which the caller decides, and the host's words for people. */
#pragma once
#include "base.h"

enum failure_kind {
    FAILURE_NONE,
    FAILURE_ABSENT,             /* there is no such thing */
    FAILURE_DENIED,             /* this may not be done to it: rights, a file system that is read only */
    FAILURE_BUSY,               /* the host itself uses it */
    FAILURE_UNFIT,              /* it is of another kind than what is wanted */
    FAILURE_FULL,               /* no room on the disk, a quota */
    FAILURE_POINTLESS,          /* such a thing knows no such operation: nothing to flush to */
    FAILURE_LATE,               /* it took too long */
    FAILURE_OTHER,
};

struct failure {
    enum failure_kind kind;
    char text[128];             /* "No space left on device"; names no file: the caller knows how the user calls it */
};

/* The failure of the last call of the C library (its errno). `why` may be NULL. Always returns false. */
bool failure_last(struct failure *why);
/* One with words of ours. */
bool failure_say(struct failure *why, enum failure_kind kind, const char *fmt, ...) printf_like(3, 4);
/* The form of functions that name the file: words into `error` (n bytes). Always returns false. */
bool failure_words(char *error, size_t n, const char *fmt, ...) printf_like(3, 4);
