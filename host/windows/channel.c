/* channel.c - see ../channel.h. Microsoft: "Low-Level Console Input Functions", PeekNamedPipe, Winsock 2 (WSAEventSelect). What Windows has
 * not is refused: pseudo-terminals that other programs open, and sockets by a name in the file system, which few programs of it know. */
#include "parts.h"
#include "../channel.h"
#include <ws2tcpip.h>
#include <stdio.h>

enum { KEYS = 64, BACKLOG = 1 };

struct channel {
    HANDLE in, out;                     /* INVALID_HANDLE_VALUE: none now; of a socket both are it */
    SOCKET listener;                    /* INVALID_SOCKET: not a server */
    bool socket, ended;                 /* ended: no input will come any more */
    bool console;                       /* its settings are to be put back */
    DWORD saved;
    wchar_t half;                       /* of a character that takes two of UTF-16 */
    char keys[KEYS];                    /* bytes that were typed and not yet taken */
    int key_count;
    HANDLE wake, arrived;               /* events; NULL: nobody waits */
};

static struct channel *channel_new(void)
{
    struct channel *c = xcalloc(1, sizeof *c);
    c->in = c->out = INVALID_HANDLE_VALUE;
    c->listener = INVALID_SOCKET;
    return c;
}

struct channel *channel_standard(void)
{
    struct channel *c = channel_new();
    c->in = windows_handle(handle_standard(STANDARD_INPUT));
    c->out = windows_handle(handle_standard(STANDARD_OUTPUT));
    c->console = GetConsoleMode(c->in, &c->saved);
    if (c->console)                                     /* Ctrl-C ends the program; arrows are the sequences of a VT100 */
        SetConsoleMode(c->in, (c->saved & ~(DWORD)(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT)) | ENABLE_PROCESSED_INPUT |
                              ENABLE_VIRTUAL_TERMINAL_INPUT);
    return c;
}

struct channel *channel_to(struct handle out)
{
    struct channel *c = channel_new();
    c->out = windows_handle(out);
    c->ended = true;
    return c;
}

struct channel *channel_pty(char *name, size_t n, struct failure *why)
{
    (void)name, (void)n;
    failure_say(why, FAILURE_OTHER, "Windows has none that another program could open; use tcp:HOST:PORT,server");
    return NULL;
}

struct channel *channel_local(struct outputs *o, const char *path, bool server, char *error, size_t n)
{
    (void)o;
    failure_words(error, n, "unix:%s: on Windows sockets have no names of files; use tcp:HOST:PORT%s", path, server ? ",server" : "");
    return NULL;
}

/* ---- sockets ---- */

static bool fail(struct failure *why) { return windows_failure(why, (DWORD)WSAGetLastError()); }

/* Both directions. What is written goes out at once. */
static void use(struct channel *c, SOCKET s)
{
    BOOL one = TRUE;
    u_long on = 1;
    WSAEventSelect(s, NULL, 0);                         /* what it has of its listener */
    ioctlsocket(s, FIONBIO, &on);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
    SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0);
    c->in = c->out = (HANDLE)s;
}

static SOCKET open_socket(const struct addrinfo *a, bool server, struct failure *why)
{
    BOOL one = TRUE;
    SOCKET s = WSASocketW(a->ai_family, a->ai_socktype, a->ai_protocol, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (s == INVALID_SOCKET) {
        fail(why);
        return s;
    }
    if (server)
        setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&one, sizeof one);
    if (server ? bind(s, a->ai_addr, (int)a->ai_addrlen) || listen(s, BACKLOG) : connect(s, a->ai_addr, (int)a->ai_addrlen)) {
        fail(why);
        closesocket(s);
        return INVALID_SOCKET;
    }
    return s;
}

/* The library is asked for again with each channel, and given back as often. */
static SOCKET open_tcp(const char *host, const char *port, bool server, struct failure *why)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    SOCKET s = INVALID_SOCKET;
    if (getaddrinfo(host, port, &hints, &found)) {
        fail(why);
        if (why)
            why->kind = FAILURE_ABSENT;
        return s;
    }
    for (struct addrinfo *a = found; a && s == INVALID_SOCKET; a = a->ai_next)
        s = open_socket(a, server, why);
    freeaddrinfo(found);
    return s;
}

struct channel *channel_tcp(const char *host, char *port, size_t n, bool server, struct failure *why)
{
    WSADATA about;
    struct sockaddr_storage at;
    int size = sizeof at;
    u_long on = 1;
    if (WSAStartup(MAKEWORD(2, 2), &about)) {
        fail(why);
        return NULL;
    }
    SOCKET s = open_tcp(host, port, server, why);
    if (s == INVALID_SOCKET) {
        WSACleanup();
        return NULL;
    }
    if (server && !getsockname(s, (struct sockaddr *)&at, &size))
        getnameinfo((struct sockaddr *)&at, size, NULL, 0, port, (DWORD)n, NI_NUMERICSERV);
    struct channel *c = channel_new();
    c->socket = true;
    if (!server)
        use(c, s);
    else if (!ioctlsocket(c->listener = s, FIONBIO, &on))
        SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0);
    return c;
}

/* ---- life ---- */

void channel_free(struct channel *c)
{
    if (!c)
        return;
    if (c->console)
        SetConsoleMode(c->in, c->saved);
    channel_hang_up(c);
    if (c->listener != INVALID_SOCKET)
        closesocket(c->listener);
    if (c->wake)
        CloseHandle(c->wake);
    if (c->arrived)
        CloseHandle(c->arrived);
    if (c->socket)
        WSACleanup();
    free(c);
}

struct handle channel_out(const struct channel *c) { return windows_to(c->out); }
bool channel_is_pty(const struct channel *c) { return (void)c, false; }
bool channel_unplugged(const struct channel *c) { return (void)c, false; }
bool channel_is_socket(const struct channel *c) { return c->socket; }

static bool has_peer(const struct channel *c) { return c->out != INVALID_HANDLE_VALUE; }

bool channel_accept(struct channel *c)
{
    if (c->listener == INVALID_SOCKET || has_peer(c))
        return false;
    SOCKET s = accept(c->listener, NULL, NULL);
    if (s != INVALID_SOCKET)
        use(c, s);
    return s != INVALID_SOCKET;
}

void channel_hang_up(struct channel *c)
{
    handle_close(channel_out(c));
    if (c->in == c->out) {
        c->in = INVALID_HANDLE_VALUE;
        c->ended = c->listener == INVALID_SOCKET;
    }
    c->out = INVALID_HANDLE_VALUE;
}

/* ---- reading ---- */

/* The bytes of a key; 0: it has none (Shift alone), or is the first half of a character. */
static int key_bytes(struct channel *c, const INPUT_RECORD *r, char bytes[8])
{
    wchar_t unit = r->EventType == KEY_EVENT && r->Event.KeyEvent.bKeyDown ? r->Event.KeyEvent.uChar.UnicodeChar : 0;
    wchar_t both[2] = { c->half, unit };
    if (!unit)
        return 0;
    if (IS_HIGH_SURROGATE(unit)) {
        c->half = unit;
        return 0;
    }
    bool pair = c->half && IS_LOW_SURROGATE(unit);
    c->half = 0;
    return WideCharToMultiByte(CP_UTF8, 0, pair ? both : both + 1, pair ? 2 : 1, bytes, 8, NULL, NULL);
}

static int read_console(struct channel *c, u8 *buf, int n)
{
    INPUT_RECORD r;
    DWORD there;
    char bytes[8];
    while (c->key_count < n && PeekConsoleInputW(c->in, &r, 1, &there) && there) {
        int k = key_bytes(c, &r, bytes);
        if (c->key_count + k > KEYS)
            break;
        ReadConsoleInputW(c->in, &r, 1, &there);
        memcpy(c->keys + c->key_count, bytes, (size_t)k);
        c->key_count += k;
    }
    int taken = c->key_count < n ? c->key_count : n;
    memcpy(buf, c->keys, (size_t)taken);
    memmove(c->keys, c->keys + taken, (size_t)(c->key_count -= taken));
    return taken;
}

static int read_socket(struct channel *c, u8 *buf, int n)
{
    if (!has_peer(c))
        return 0;
    int k = recv((SOCKET)c->in, (char *)buf, n, 0);
    return k > 0 ? k : k < 0 && WSAGetLastError() == WSAEWOULDBLOCK ? 0 : -1;
}

int channel_read(struct channel *c, u8 *buf, int n)
{
    DWORD there = (DWORD)n, got = 0;
    if (c->ended)
        return -1;
    if (c->socket)
        return read_socket(c, buf, n);
    if (c->in == INVALID_HANDLE_VALUE)
        return 0;
    if (c->console)
        return read_console(c, buf, n);
    bool ok = GetFileType(c->in) != FILE_TYPE_PIPE || PeekNamedPipe(c->in, NULL, 0, NULL, &there, NULL);
    if (ok && !there)
        return 0;
    if (ok && ReadFile(c->in, buf, there < (DWORD)n ? there : (DWORD)n, &got, NULL) && got)
        return (int)got;
    c->ended = true;
    return -1;
}

/* ---- waiting ---- */

bool channel_wakes(struct channel *c, struct failure *why)
{
    if (!c->socket)
        return failure_say(why, FAILURE_OTHER, "on Windows only a socket can be waited for");
    c->wake = CreateEventA(NULL, FALSE, FALSE, NULL);
    c->arrived = CreateEventA(NULL, TRUE, FALSE, NULL);
    return (c->wake && c->arrived) || windows_failure_last(why);
}

/* WSAEventSelect tells of what is there already, too. */
bool channel_wait(struct channel *c)
{
    HANDLE events[] = { c->arrived, c->wake };
    ResetEvent(c->arrived);
    WSAEventSelect(has_peer(c) ? (SOCKET)c->in : c->listener, c->arrived, FD_READ | FD_ACCEPT | FD_CLOSE);
    return WaitForMultipleObjects(ARRAY_LEN(events), events, FALSE, INFINITE) == WAIT_OBJECT_0;
}

void channel_wake(struct channel *c) { SetEvent(c->wake); }
