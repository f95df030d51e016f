/* failure.c - see ../failure.h. errno of POSIX.1-2017. */
#include "../failure.h"
#include <errno.h>

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
