/* failure.c - see ../failure.h. errno of POSIX.1-2017. */
#include "../failure.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static enum failure_kind kind_of(int number)
{
    switch (number) {
    case 0:         return FAILURE_NONE;
    case ENOENT:    return FAILURE_ABSENT;
    case EACCES:
    case EPERM:
    case EROFS:     return FAILURE_DENIED;
    case EBUSY:     return FAILURE_BUSY;
    case ENOSPC:
    case EDQUOT:    return FAILURE_FULL;
    case EINVAL:    return FAILURE_POINTLESS;
    case ETIMEDOUT: return FAILURE_LATE;
    default:        return FAILURE_OTHER;
    }
}

bool failure_last(struct failure *why)
{
    int number = errno;
    return failure_say(why, kind_of(number), "%s", number ? strerror(number) : "the host took not all of it");
}

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
