/* handle.c - see ../handle.h. Microsoft: GetStdHandle, GetFileType, getsockopt,
 * GetConsoleScreenBufferInfo. */
#include "parts.h"
#include "../sink.h"
#include <fcntl.h>
#include <io.h>
#include <stdio.h>

enum { TELL_MS = 50 };

static const DWORD standards[] = {
    [STANDARD_INPUT] = STD_INPUT_HANDLE, [STANDARD_OUTPUT] = STD_OUTPUT_HANDLE, [STANDARD_ERROR] = STD_ERROR_HANDLE,
};

struct handle handle_standard(enum standard which)
{
    HANDLE h = GetStdHandle(standards[which]);
    return h ? windows_to(h) : NO_HANDLE;
}

/* What is written is the same on every host: lines end as they do in C. */
bool handles_open_standard(struct failure *why)
{
    for (size_t k = 0; k < ARRAY_LEN(standards); k++) {
        if (handle_there(handle_standard((enum standard)k)))
            continue;
        HANDLE h = windows_open("NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0);
        if (h == INVALID_HANDLE_VALUE || !SetStdHandle(standards[k], h))
            return windows_failure_last(why);
    }
    _setmode(1, _O_BINARY);
    _setmode(2, _O_BINARY);
    return true;
}

bool windows_is_console(HANDLE h)
{
    DWORD mode;
    return GetConsoleMode(h, &mode);
}

bool windows_is_socket(HANDLE h)
{
    int type, size = sizeof type;
    return GetFileType(h) == FILE_TYPE_PIPE && !getsockopt((SOCKET)h, SOL_SOCKET, SO_TYPE, (char *)&type, &size);
}

bool handle_is_terminal(struct handle h) { return handle_there(h) && windows_is_console(windows_handle(h)); }

bool handle_terminal_size(struct handle h, int *lines, int *columns)
{
    CONSOLE_SCREEN_BUFFER_INFO screen;
    if (!handle_there(h) || !GetConsoleScreenBufferInfo(windows_handle(h), &screen))
        return false;
    *lines = screen.srWindow.Bottom - screen.srWindow.Top + 1;
    *columns = screen.srWindow.Right - screen.srWindow.Left + 1;
    return true;
}

void handle_tell(struct handle h, const char *text)
{
    struct failure why;
    if (!*text || !handle_there(h))
        return;
    struct sink *s = sink_new(h, &why);
    if (sink_put(s, text, strlen(text), &why))
        sink_wait(s, TELL_MS);
    sink_free(s);
}

void handle_close(struct handle h)
{
    if (!handle_there(h))
        return;
    for (size_t k = 0; k < ARRAY_LEN(standards); k++)
        if (handle_standard((enum standard)k).id == h.id)
            return;
    if (windows_is_socket(windows_handle(h)))
        closesocket((SOCKET)h.id);
    else
        CloseHandle(windows_handle(h));
}
