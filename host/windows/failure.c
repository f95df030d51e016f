/* failure.c - see ../failure.h. What the C library says (its errno), and what Windows says (GetLastError). */
#include "parts.h"
#include <errno.h>
#include <stdio.h>

static enum failure_kind kind_of_windows(DWORD number)
{
    switch (number) {
    case ERROR_SUCCESS:             return FAILURE_NONE;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_NETPATH:         return FAILURE_ABSENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
    case ERROR_PRIVILEGE_NOT_HELD:  return FAILURE_DENIED;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:      return FAILURE_BUSY;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:    return FAILURE_FULL;
    case ERROR_INVALID_FUNCTION:
    case ERROR_NOT_SUPPORTED:       return FAILURE_POINTLESS;
    case ERROR_TIMEOUT:
    case WAIT_TIMEOUT:
    case WSAETIMEDOUT:              return FAILURE_LATE;
    default:                        return FAILURE_OTHER;
    }
}

/* Windows' words end with a full stop and a new line. */
static void words_of(DWORD number, char *text, size_t n)
{
    wchar_t wide[256];
    const DWORD how = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    DWORD length = FormatMessageW(how, NULL, number, 0, wide, ARRAY_LEN(wide), NULL);
    while (length && (wide[length - 1] == '.' || wide[length - 1] <= ' '))
        length--;
    int k = length ? WideCharToMultiByte(CP_UTF8, 0, wide, (int)length, text, (int)n - 1, NULL, NULL) : 0;
    text[k > 0 ? k : 0] = 0;
    if (k <= 0)
        snprintf(text, n, "Windows' error %lu", number);
}

bool windows_failure(struct failure *why, DWORD number)
{
    char text[sizeof why->text];
    words_of(number, text, sizeof text);
    return failure_say(why, kind_of_windows(number), "%s", text);
}

bool windows_failure_last(struct failure *why) { return windows_failure(why, GetLastError()); }

static enum failure_kind kind_of(int number)
{
    switch (number) {
    case 0:         return FAILURE_NONE;
    case ENOENT:    return FAILURE_ABSENT;
    case EACCES:
    case EPERM:     return FAILURE_DENIED;
    case ENOSPC:    return FAILURE_FULL;
    default:        return FAILURE_OTHER;
    }
}

bool failure_last(struct failure *why)
{
    int number = errno;
    return failure_say(why, kind_of(number), "%s", number ? strerror(number) : "the host took not all of it");
}
