/* sink.c - see ../sink.h, outlet_unblock in ../outlet.h. POSIX.1-2017; Linux' /proc/self/fd, by which a pipe or terminal is opened once
 * more, so that O_NONBLOCK is ours alone: it belongs to the open file description, which a shell shares with what it starts. */
#include "../sink.h"
#include "../outlet.h"
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ASKED_BYTES = 512 /* a pipe that can be written takes so many at once: POSIX, PIPE_BUF */ };

/* How a write is kept from blocking. */
enum how { HOW_PLAIN /* a file: it does not */, HOW_NONBLOCK, HOW_SOCKET, HOW_ASK };

struct sink {
    int fd;
    bool own;                           /* opened here */
    enum how how;
    size_t ask_bytes;
};

/* A pipe or terminal that is open for writing, opened once more, with O_NONBLOCK: what others have of it stays as it is. -1 where
 * the host cannot (it needs /proc), or it is another's. */
static int open_again(int fd)
{
    char name[64];
    struct stat st, again;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int other = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (other >= 0 && (fstat(fd, &st) || fstat(other, &again) || st.st_dev != again.st_dev || st.st_ino != again.st_ino)) {
        close(other);
        other = -1;
    }
    return other;
}

struct sink *sink_new(struct handle h, struct failure *why)
{
    struct sink *s = xcalloc(1, sizeof *s);
    struct stat st;
    int fd = (int)h.id, flags = fcntl(fd, F_GETFL), again;
    s->fd = fd;
    why->kind = FAILURE_NONE;
    if (fstat(fd, &st) || flags < 0) {
        failure_last(why);
        return s;
    }
    if (flags & O_NONBLOCK) {
        s->how = HOW_NONBLOCK;
    } else if (S_ISSOCK(st.st_mode)) {
        s->how = HOW_SOCKET;
    } else if (S_ISFIFO(st.st_mode) || isatty(fd)) {
        again = open_again(fd);
        s->how = again < 0 ? HOW_ASK : HOW_NONBLOCK;
        s->ask_bytes = S_ISFIFO(st.st_mode) ? ASKED_BYTES : 1;
        s->own = again >= 0;
        s->fd = s->own ? again : fd;
    }
    return s;
}

void sink_free(struct sink *s)
{
    if (s && s->own)
        close(s->fd);
    free(s);
}

bool sink_wait(struct sink *s, int ms)
{
    struct pollfd p = { .fd = s->fd, .events = POLLOUT };
    return poll(&p, 1, ms) > 0;
}

/* As write(), but a pipe that nobody reads is an error and no signal, whatever the program (a library is in others') does with that. */
static ssize_t write_quietly(int fd, const void *bytes, size_t n)
{
    sigset_t broken, before, waiting;
    int number;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken, &before);
    ssize_t k = write(fd, bytes, n);
    int error = errno;
    if (k < 0 && error == EPIPE && !sigismember(&before, SIGPIPE) && !sigpending(&waiting) && sigismember(&waiting, SIGPIPE))
        sigwait(&broken, &number);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return k;
}

size_t sink_put(struct sink *s, const void *bytes, size_t n, struct failure *why)
{
    ssize_t k;
    why->kind = FAILURE_NONE;
    do {
        if (s->how == HOW_SOCKET)
            k = send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        else if (s->how == HOW_ASK && !sink_wait(s, 0))
            return 0;
        else if (s->how == HOW_PLAIN)           /* breaks no pipe: a guest's serial line comes byte by byte */
            k = write(s->fd, bytes, n);
        else
            k = write_quietly(s->fd, bytes, s->how == HOW_ASK && n > s->ask_bytes ? s->ask_bytes : n);
    } while (k < 0 && errno == EINTR);
    if (k < 0 && errno == ENOTSOCK)             /* a socket's cousin, such as a macOS pipe */
        s->how = HOW_ASK, s->ask_bytes = ASKED_BYTES;
    else if (k < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        failure_last(why);
    return k > 0 ? (size_t)k : 0;
}

void outlet_unblock(struct handle h)
{
    struct stat st;
    int fd = (int)h.id;
    if (fstat(fd, &st) || !(S_ISFIFO(st.st_mode) || isatty(fd)))
        return;
    int again = open_again(fd);
    if (again < 0)
        return;
    dup2(again, fd);
    close(again);
}
