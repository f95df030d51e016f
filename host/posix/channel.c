/* channel.c - see ../channel.h. POSIX.1-2017 terminals, pseudo-terminals and sockets. */
#define _GNU_SOURCE
#include "../channel.h"
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

struct channel {
    int in, out;                /* -1: none now */
    int listener;               /* -1: not a server */
    bool socket, pty, ended;    /* ended: no input will come any more */
    bool raw;                   /* the terminal's settings are to be put back */
    struct termios saved;
    int wake[2];                /* a pipe: reading end, writing end; -1: none */
    char *remove;               /* a socket's name of ours, and which file that is */
    u64 device, inode;
};

static struct channel *channel_new(void)
{
    struct channel *c = xcalloc(1, sizeof *c);
    c->in = c->out = c->listener = c->wake[0] = c->wake[1] = -1;
    return c;
}

static void prepare(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* fd becomes both directions. What is written goes out at once, where that is a question. */
static void use(struct channel *c, int fd)
{
    int one = 1;
    prepare(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->in = c->out = fd;
}

struct channel *channel_standard(void)
{
    struct channel *c = channel_new();
    c->in = STDIN_FILENO;
    c->out = STDOUT_FILENO;
    if (isatty(c->in) && !tcgetattr(c->in, &c->saved)) {
        struct termios t = c->saved;
        t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);        /* ISIG stays: Ctrl-C ends the program */
        t.c_iflag &= ~(tcflag_t)ICRNL;                  /* Enter is a carriage return, as on a serial line */
        t.c_cc[VMIN] = 1;
        t.c_cc[VTIME] = 0;
        c->raw = !tcsetattr(c->in, TCSANOW, &t);
    }
    return c;
}

struct channel *channel_to(struct handle out)
{
    struct channel *c = channel_new();
    c->out = (int)out.id;
    c->ended = true;
    return c;
}

struct channel *channel_pty(char *name, size_t n, struct failure *why)
{
    struct termios t;
    int fd = posix_openpt(O_RDWR | O_NOCTTY), other;
    if (fd < 0 || grantpt(fd) || unlockpt(fd) || ptsname_r(fd, name, n)) {
        failure_last(why);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    other = open(name, O_RDWR | O_NOCTTY);      /* its line discipline must not echo or translate */
    if (other >= 0) {
        if (!tcgetattr(other, &t)) {
            cfmakeraw(&t);
            tcsetattr(other, TCSANOW, &t);
        }
        close(other);
    }
    struct channel *c = channel_new();
    c->pty = true;
    use(c, fd);
    return c;
}

static struct channel *of_socket(int fd, bool server)
{
    struct channel *c = channel_new();
    c->socket = true;
    if (server)
        prepare(c->listener = fd);
    else
        use(c, fd);
    return c;
}

static int open_socket(const struct addrinfo *a, bool server, struct failure *why)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol), one = 1;
    if (fd < 0) {
        failure_last(why);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (server ? bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 1) : connect(fd, a->ai_addr, a->ai_addrlen)) {
        failure_last(why);
        close(fd);
        return -1;
    }
    return fd;
}

struct channel *channel_tcp(const char *host, char *port, size_t n, bool server, struct failure *why)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    int fd = -1, unknown = getaddrinfo(host, port, &hints, &found);
    if (unknown) {
        failure_say(why, FAILURE_ABSENT, "%s", gai_strerror(unknown));
        return NULL;
    }
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
        fd = open_socket(a, server, why);
    freeaddrinfo(found);
    if (fd < 0)
        return NULL;
    if (server && !getsockname(fd, (struct sockaddr *)&at, &size))
        getnameinfo((struct sockaddr *)&at, size, NULL, 0, port, (socklen_t)n, NI_NUMERICSERV);
    return of_socket(fd, server);
}

struct channel *channel_local(struct outputs *o, const char *path, bool server, char *error, size_t n)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    struct stat st;
    if (!*path || strlen(path) >= sizeof a.sun_path) {
        failure_words(error, n, "unix:%s: the path is %s", path, *path ? "too long for a socket" : "missing");
        return NULL;
    }
    strcpy(a.sun_path, path);
    if (server && !posix_free_socket(o, path, error, n))
        return NULL;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || (server ? bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1)
                          : connect(fd, (struct sockaddr *)&a, sizeof a))) {
        failure_words(error, n, "unix:%s: cannot %s: %s", path, server ? "listen" : "connect", strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct channel *c = of_socket(fd, server);
    if (server && !lstat(path, &st)) {
        c->remove = xstrdup(path);
        c->device = st.st_dev;
        c->inode = st.st_ino;
    }
    return c;
}

void channel_free(struct channel *c)
{
    if (!c)
        return;
    if (c->raw)
        tcsetattr(c->in, TCSANOW, &c->saved);
    channel_hang_up(c);
    if (c->listener >= 0)
        close(c->listener);
    for (int k = 0; k < 2; k++)
        if (c->wake[k] >= 0)
            close(c->wake[k]);
    if (c->remove)
        posix_remove_socket(c->remove, c->device, c->inode);
    free(c->remove);
    free(c);
}

struct handle channel_out(const struct channel *c) { return (struct handle){ c->out }; }
bool channel_is_pty(const struct channel *c) { return c->pty; }
bool channel_is_socket(const struct channel *c) { return c->socket; }

bool channel_accept(struct channel *c)
{
    if (c->listener < 0 || c->out >= 0)
        return false;
    int fd = accept(c->listener, NULL, NULL);
    if (fd >= 0)
        use(c, fd);
    return fd >= 0;
}

void channel_hang_up(struct channel *c)
{
    handle_close(channel_out(c));
    if (c->in == c->out) {
        c->in = -1;
        c->ended = c->listener < 0;
    }
    c->out = -1;
}

bool channel_unplugged(const struct channel *c)
{
    struct pollfd p = { .fd = c->out, .events = POLLOUT };
    return c->pty && poll(&p, 1, 0) > 0 && (p.revents & POLLHUP);
}

int channel_read(struct channel *c, u8 *buf, int n)
{
    if (c->ended)
        return -1;
    struct pollfd p = { .fd = c->in, .events = POLLIN };
    if (c->in < 0 || poll(&p, 1, 0) <= 0 || !(p.revents & (POLLIN | POLLHUP | POLLERR)))
        return 0;
    ssize_t k = read(c->in, buf, (size_t)n);
    if (k > 0)
        return (int)k;
    if (c->pty || (k < 0 && (errno == EAGAIN || errno == EINTR)))
        return 0;
    if (!c->socket)
        c->ended = true;
    return -1;
}

/* ---- waiting ---- */

bool channel_wakes(struct channel *c, struct failure *why)
{
    if (pipe(c->wake)) {
        failure_last(why);
        c->wake[0] = c->wake[1] = -1;
        return false;
    }
    prepare(c->wake[0]);
    prepare(c->wake[1]);
    return true;
}

bool channel_wait(struct channel *c)
{
    struct pollfd p[2] = { { .fd = c->wake[0], .events = POLLIN }, { .fd = c->out >= 0 ? c->in : c->listener, .events = POLLIN } };
    char taken[64];
    while (poll(p, 2, -1) < 0 && errno == EINTR)
        ;
    if (!(p[0].revents & POLLIN))
        return true;
    while (read(c->wake[0], taken, sizeof taken) > 0)
        ;
    return p[1].revents;
}

/* A full pipe wakes, too. */
void channel_wake(struct channel *c)
{
    ssize_t written = write(c->wake[1], "", 1);
    (void)written;
}
