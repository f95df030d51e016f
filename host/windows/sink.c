/* sink.c - see ../sink.h, outlet_unblock in ../outlet.h. Microsoft: WriteFile, send, CancelSynchronousIo. Nobody can be asked whether a
 * pipe or a console takes bytes (one in which text is being marked takes none): a thread of the sink's own waits for it. */
#include "parts.h"
#include "../outlet.h"
#include "../sink.h"
#include <process.h>

enum { ON_ITS_WAY = 16384, END_MS = 1000, CANCEL_MS = 10, CANCELS = 50 };

enum how { HOW_NONE, HOW_PLAIN /* a file: it does not block */, HOW_SOCKET, HOW_THREAD };

struct sink {
    HANDLE h;
    enum how how;
    HANDLE thread, work, idle;          /* events: there are bytes, or the end; the bytes are written */
    bool ending;
    DWORD error;                        /* why they were not */
    size_t count;
    u8 bytes[ON_ITS_WAY];
};

static unsigned __stdcall write_on(void *to)
{
    struct sink *s = to;
    for (;;) {
        WaitForSingleObject(s->work, INFINITE);
        if (s->ending)
            return 0;
        for (size_t at = 0; at < s->count && !s->error; ) {
            DWORD done = 0;
            if (!WriteFile(s->h, s->bytes + at, (DWORD)(s->count - at), &done, NULL))
                s->error = GetLastError();
            at += done;
        }
        SetEvent(s->idle);
    }
}

static bool begin_thread(struct sink *s)
{
    s->work = CreateEventA(NULL, FALSE, FALSE, NULL);
    s->idle = CreateEventA(NULL, TRUE, TRUE, NULL);
    s->thread = (HANDLE)_beginthreadex(NULL, 0, write_on, s, 0, NULL);
    return s->thread;
}

struct sink *sink_new(struct handle h, struct failure *why)
{
    struct sink *s = xcalloc(1, sizeof *s);
    HANDLE own = s->h = windows_handle(h);
    DWORD type;
    why->kind = FAILURE_NONE;
    SetLastError(ERROR_SUCCESS);
    type = handle_there(h) ? GetFileType(own) : FILE_TYPE_UNKNOWN;
    if (type == FILE_TYPE_UNKNOWN)
        windows_failure(why, GetLastError() ? GetLastError() : ERROR_INVALID_HANDLE);
    else if (windows_is_socket(own))
        s->how = HOW_SOCKET;
    else if (type != FILE_TYPE_PIPE && !windows_is_console(own))
        s->how = HOW_PLAIN;
    else if (begin_thread(s))
        s->how = HOW_THREAD;
    else
        failure_say(why, FAILURE_OTHER, "there can be no thread that writes to it");
    return s;
}

/* Nobody may take what is on its way. A thread that cannot be called back keeps what it has. */
static bool end_thread(struct sink *s)
{
    WaitForSingleObject(s->idle, END_MS);
    s->ending = true;
    SetEvent(s->work);
    for (int k = 0; k < CANCELS; k++) {
        if (WaitForSingleObject(s->thread, CANCEL_MS) == WAIT_OBJECT_0) {
            CloseHandle(s->thread);
            return true;
        }
        CancelSynchronousIo(s->thread);
    }
    return false;
}

void sink_free(struct sink *s)
{
    if (s && s->how == HOW_THREAD) {
        if (!end_thread(s))
            return;
        CloseHandle(s->work);
        CloseHandle(s->idle);
    }
    free(s);
}

bool sink_wait(struct sink *s, int ms)
{
    WSAPOLLFD p = { .fd = (SOCKET)s->h, .events = POLLWRNORM };
    if (s->how == HOW_SOCKET)
        return WSAPoll(&p, 1, ms) > 0;
    return s->how != HOW_THREAD || WaitForSingleObject(s->idle, (DWORD)ms) == WAIT_OBJECT_0;
}

static size_t put_plain(struct sink *s, const void *bytes, size_t n, struct failure *why)
{
    DWORD done = 0;
    if (!WriteFile(s->h, bytes, n < 1u << 30 ? (DWORD)n : 1u << 30, &done, NULL))
        windows_failure_last(why);
    return done;
}

static size_t put_socket(struct sink *s, const void *bytes, size_t n, struct failure *why)
{
    int k = send((SOCKET)s->h, bytes, n < 1u << 30 ? (int)n : 1 << 30, 0);
    if (k < 0 && WSAGetLastError() != WSAEWOULDBLOCK)
        windows_failure(why, (DWORD)WSAGetLastError());
    return k > 0 ? (size_t)k : 0;
}

size_t sink_put(struct sink *s, const void *bytes, size_t n, struct failure *why)
{
    why->kind = FAILURE_NONE;
    if (s->how == HOW_PLAIN)
        return put_plain(s, bytes, n, why);
    if (s->how == HOW_SOCKET)
        return put_socket(s, bytes, n, why);
    if (s->how == HOW_NONE || WaitForSingleObject(s->idle, 0) != WAIT_OBJECT_0)
        return 0;
    if (s->error) {
        windows_failure(why, s->error);
        return 0;
    }
    s->count = n < ON_ITS_WAY ? n : ON_ITS_WAY;
    memcpy(s->bytes, bytes, s->count);
    ResetEvent(s->idle);
    SetEvent(s->work);
    return s->count;
}

/* There is nothing like it: who writes to the C library's standard error waits for its reader. */
void outlet_unblock(struct handle h) { (void)h; }
