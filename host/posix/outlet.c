/* outlet.c - see outlet.h. POSIX.1-2017; Linux' /proc/self/fd, by which a pipe or terminal is opened once more, so that O_NONBLOCK
 * is ours alone: it belongs to the open file description, which a shell shares with what it starts. */
#include "../outlet.h"
#include "../output.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 20, HURRY_MS = 100, ASKED_BYTES = 512 /* a pipe that can be written takes so many at once: POSIX, PIPE_BUF */ };

/* How a write is kept from blocking. */
enum how { HOW_PLAIN /* a file: it does not */, HOW_NONBLOCK, HOW_SOCKET, HOW_ASK };

struct outlet {
    int fd;
    bool own;                           /* opened here */
    enum how how;
    size_t ask_bytes;
    int error;
    bool stuck;
    const atomic_bool *hurry;
    u64 patience, dropped;
    size_t head, count;                 /* what is kept, a ring */
    u8 kept[OUTLET_BYTES];
};

struct outlet *outlet_new(int fd)
{
    struct outlet *o = xcalloc(1, sizeof *o);
    struct stat st;
    int flags = fcntl(fd, F_GETFL), again;
    o->fd = fd;
    o->patience = OUTLET_PATIENCE_MS;
    if (fstat(fd, &st) || flags < 0) {
        o->error = errno;
        return o;
    }
    if (flags & O_NONBLOCK) {
        o->how = HOW_NONBLOCK;
    } else if (S_ISSOCK(st.st_mode)) {
        o->how = HOW_SOCKET;
    } else if (S_ISFIFO(st.st_mode) || isatty(fd)) {
        again = output_again(fd);
        o->how = again < 0 ? HOW_ASK : HOW_NONBLOCK;
        o->ask_bytes = S_ISFIFO(st.st_mode) ? ASKED_BYTES : 1;
        o->own = again >= 0;
        o->fd = o->own ? again : fd;
    }
    return o;
}

void outlet_free(struct outlet *o)
{
    if (o && o->own)
        close(o->fd);
    free(o);
}

void outlet_patience(struct outlet *o, u64 ms) { o->patience = ms; }
void outlet_hurry(struct outlet *o, const atomic_bool *hurry) { o->hurry = hurry; }
u64 outlet_dropped(const struct outlet *o) { return o->dropped; }
int outlet_error(const struct outlet *o) { return o->error; }

void outlet_clear(struct outlet *o)
{
    o->head = o->count = 0;
    o->stuck = false;
}

static bool hurried(const struct outlet *o) { return o->hurry && atomic_load(o->hurry); }

static bool writable(int fd, int ms)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    return poll(&p, 1, ms) > 0;
}

/* As many of the bytes as go without waiting; -1: none, and `error` may say that none ever will. */
static ssize_t put(struct outlet *o, const u8 *bytes, size_t n)
{
    ssize_t k;
    do {
        if (o->how == HOW_SOCKET)
            k = send(o->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        else if (o->how == HOW_ASK && !writable(o->fd, 0))
            return -1;
        else
            k = write(o->fd, bytes, o->how == HOW_ASK && n > o->ask_bytes ? o->ask_bytes : n);
    } while (k < 0 && errno == EINTR);
    if (k < 0 && errno == ENOTSOCK)             /* a socket's cousin, such as a macOS pipe */
        o->how = HOW_ASK, o->ask_bytes = ASKED_BYTES;
    else if (k < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        o->error = errno;
    return k;
}

bool outlet_drain(struct outlet *o)
{
    while (o->count && !o->error) {
        size_t to_end = OUTLET_BYTES - o->head, n = o->count < to_end ? o->count : to_end;
        ssize_t k = put(o, o->kept + o->head, n);
        if (k <= 0)
            return false;
        o->head = (o->head + (size_t)k) % OUTLET_BYTES;
        o->count -= (size_t)k;
    }
    if (o->error) {
        o->dropped += o->count;
        outlet_clear(o);
    }
    o->stuck = false;
    return true;
}

static u64 now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* Until there is room for n bytes: all that is kept is taken with n = OUTLET_BYTES. Patience is for each step of the reader; in a
 * hurry for all of them together. */
static bool wait_for_room(struct outlet *o, size_t n, u64 in_hurry_ms)
{
    u64 progress = now_ms(), hurry_since = 0;
    size_t before = o->count;
    while (!outlet_drain(o) && OUTLET_BYTES - o->count < n) {
        u64 now = now_ms();
        bool moved = o->count < before;
        before = o->count;
        if (moved)
            progress = now;
        if (hurried(o) && !hurry_since)
            hurry_since = now;
        if (now - progress >= o->patience || (hurry_since && now - hurry_since >= in_hurry_ms))
            return false;
        if (writable(o->fd, LOOK_MS) && !moved)
            poll(NULL, 0, 1);                   /* some hosts call a full terminal writable */
    }
    return true;
}

/* Keep what could not be sent; false where there is no room. */
static bool keep(struct outlet *o, const u8 *bytes, size_t n)
{
    if (OUTLET_BYTES - o->count < n && !o->stuck && !wait_for_room(o, n, 0))
        o->stuck = true;
    if (OUTLET_BYTES - o->count < n || o->error)
        return false;
    for (size_t k = 0; k < n; k++)
        o->kept[(o->head + o->count++) % OUTLET_BYTES] = bytes[k];
    return true;
}

static bool write_some(struct outlet *o, const u8 *bytes, size_t n)
{
    if (outlet_drain(o)) {
        while (n && !o->error) {
            ssize_t k = put(o, bytes, n);
            if (k <= 0)
                break;
            bytes += k;
            n -= (size_t)k;
        }
    }
    if (!n || (!o->error && keep(o, bytes, n)))
        return true;
    o->dropped += n;
    return false;
}

bool outlet_write(struct outlet *o, const void *bytes, size_t n)
{
    const u8 *from = bytes;
    bool all = true;
    for (size_t at = 0, k; at < n; at += k) {
        k = n - at < OUTLET_BYTES / 2 ? n - at : OUTLET_BYTES / 2;
        all &= write_some(o, from + at, k);
    }
    return all;
}

bool outlet_flush(struct outlet *o)
{
    if (!o->stuck && wait_for_room(o, OUTLET_BYTES, HURRY_MS))
        return true;
    if (outlet_drain(o))
        return true;
    o->dropped += o->count;
    outlet_clear(o);
    o->stuck = true;
    return false;
}

void outlet_unblock(int fd)
{
    struct stat st;
    if (fstat(fd, &st) || !(S_ISFIFO(st.st_mode) || isatty(fd)))
        return;
    int again = output_again(fd);
    if (again < 0)
        return;
    dup2(again, fd);
    close(again);
}
