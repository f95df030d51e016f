/* stream.c - see stream.h. POSIX.1-2017 terminals, pseudo-terminals and sockets; the one file of the serial back end
 * that includes system headers.
 * Not yet: Windows' consoles and pipes. */
#define _GNU_SOURCE
#include "stream.h"
#include "../../memory/log.h"
#include "../../host/outlet.h"
#include "../../host/output.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

enum { NAME = 256 };

struct stream {
    const char *kind;
    int in, out;                /* -1: none now */
    int listener;               /* -1: not a server */
    bool socket, pty, ended;    /* ended: no input will come any more */
    struct outlet *outlet;      /* of `out` */
    const atomic_bool *hurry;
    u64 dropped_before;         /* by outlets that are gone */
    struct fold dropped;        /* bytes that nobody read */
    bool raw;                   /* the terminal's settings are to be put back */
    struct termios saved;
    char *remove;               /* a socket's name of ours, and which file that is */
    u64 device, inode;
    void (*byte)(void *to, u8 v);
    void *to;
};

struct form { const char *word, *text; };
static const struct form forms[] = {
    { "stdio", "stdio" }, { "file", "file:PATH" }, { "pty", "pty" }, { "tcp", "tcp:HOST:PORT[,server]" },
    { "unix", "unix:PATH[,server]" }, { "none", "none" },
};

/* Letters to change, insert or drop to make one word the other (Levenshtein), for short words. */
static int distance(const char *a, size_t n, const char *b)
{
    int row[16], m = (int)strlen(b);
    for (int k = 0; k <= m; k++)
        row[k] = k;
    for (size_t j = 0; j < n; j++) {
        int diagonal = row[0];
        row[0] = (int)j + 1;
        for (int k = 1; k <= m; k++) {
            int change = diagonal + (a[j] != b[k - 1]), drop = row[k] + 1, insert = row[k - 1] + 1;
            diagonal = row[k];
            row[k] = change < drop ? change : drop;
            if (insert < row[k])
                row[k] = insert;
        }
    }
    return row[m];
}

static void unknown(const char *dest, char *error, size_t size)
{
    size_t n = strcspn(dest, ":"), at;
    const struct form *best = NULL;
    int least = 3;
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        int d = n < 12 ? distance(dest, n, forms[k].word) : 99;
        if (d < least) {
            least = d;
            best = &forms[k];
        }
    }
    at = (size_t)snprintf(error, size, "no destination '%s'%s%s%s; there are", dest, best ? ", did you mean " : "",
                          best ? best->text : "", best ? "?" : "");
    for (size_t k = 0; k < ARRAY_LEN(forms) && at < size; k++)
        at += (size_t)snprintf(error + at, size - at, "%s %s", k ? "," : "", forms[k].text);
}

static struct stream *stream_new(const char *kind)
{
    struct stream *s = xcalloc(1, sizeof *s);
    s->kind = kind;
    s->in = s->out = s->listener = -1;
    return s;
}

static void open_outlet(struct stream *s, int fd)
{
    s->out = fd;
    s->outlet = outlet_new(fd);
    outlet_hurry(s->outlet, s->hurry);
}

static void close_outlet(struct stream *s)
{
    if (!s->outlet)                             /* none, or an error closed it */
        return;
    s->dropped_before += outlet_dropped(s->outlet);
    outlet_free(s->outlet);
    if (s->out > STDERR_FILENO)
        close(s->out);
    s->outlet = NULL;
    s->out = -1;
}

/* fd becomes both directions of the stream. */
static void use(struct stream *s, int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    s->in = fd;
    open_outlet(s, fd);
}

static struct stream *open_stdio(void)
{
    struct stream *s = stream_new("stdio");
    s->in = STDIN_FILENO;
    open_outlet(s, STDOUT_FILENO);
    if (isatty(s->in) && !tcgetattr(s->in, &s->saved)) {
        struct termios t = s->saved;
        t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);        /* ISIG stays: Ctrl-C ends the program */
        t.c_iflag &= ~(tcflag_t)ICRNL;                  /* Enter is a carriage return, as on a serial line */
        t.c_cc[VMIN] = 1;
        t.c_cc[VTIME] = 0;
        s->raw = !tcsetattr(s->in, TCSANOW, &t);
    }
    return s;
}

static struct stream *open_file(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    int fd = output_stream(o, use, path, error, n);
    if (fd < 0)
        return NULL;
    struct stream *s = stream_new("file");
    open_outlet(s, fd);
    s->ended = true;
    return s;
}

static struct stream *open_pty(char *error, size_t n)
{
    char name[NAME];
    struct termios t;
    int fd = posix_openpt(O_RDWR | O_NOCTTY), other;
    if (fd < 0 || grantpt(fd) || unlockpt(fd) || ptsname_r(fd, name, sizeof name)) {
        snprintf(error, n, "cannot make a pseudo-terminal: %s", strerror(errno));
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
    fprintf(stderr, "vitrine: serial line at %s\n", name);
    struct stream *s = stream_new("pty");
    s->pty = true;
    use(s, fd);
    return s;
}

/* Cut ",server" (and QEMU's ",nowait" after it) off a name. */
static bool take_server(char *name)
{
    char *comma = strstr(name, ",server");
    if (!comma || (strcmp(comma, ",server") && strcmp(comma, ",server,nowait")))
        return false;
    *comma = 0;
    return true;
}

static struct stream *socket_stream(int fd, bool server)
{
    struct stream *s = stream_new("socket");
    s->socket = true;
    if (server) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        s->listener = fd;
    } else {
        use(s, fd);
    }
    return s;
}

/* A number must be a port; anything else is a service's name, which the host knows or not. 0: a server lets the host choose. */
static bool is_port(const char *text, bool server)
{
    size_t digits = strspn(text, "0123456789");
    long port = digits && digits < 6 ? strtol(text, NULL, 10) : 65536;
    return *text && (text[digits] || (port <= 65535 && (port || server)));
}

/* Where a server listens whose port the host has chosen. */
static void tell_port(int fd, const char *host)
{
    struct sockaddr_storage a;
    socklen_t size = sizeof a;
    char port[16];
    if (!getsockname(fd, (struct sockaddr *)&a, &size) &&
        !getnameinfo((struct sockaddr *)&a, size, NULL, 0, port, sizeof port, NI_NUMERICSERV))
        fprintf(stderr, "vitrine: serial line at tcp:%s:%s\n", host, port);
}

/* HOST:PORT, the host perhaps in brackets (IPv6). Without a host it is this one alone, for a server, too. */
static struct stream *open_tcp(char *name, char *error, size_t n)
{
    bool server = take_server(name);
    char *colon = strrchr(name, ':'), *host = name;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    int fd = -1, one = 1, why;
    if (!colon || !is_port(colon + 1, server)) {
        snprintf(error, n, "tcp:%s: expected a host and a port from %d to 65535, tcp:HOST:PORT[,server]", name, server ? 0 : 1);
        return NULL;
    }
    *colon = 0;
    if (*host == '[' && colon > host && colon[-1] == ']') {
        host++;
        colon[-1] = 0;
    }
    if (!*host)
        host = server ? "127.0.0.1" : "localhost";      /* who looks for localhost finds it */
    why = getaddrinfo(host, colon + 1, &hints, &found);
    if (why) {
        snprintf(error, n, "tcp:%s:%s: %s", host, colon + 1, gai_strerror(why));
        return NULL;
    }
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (server ? bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 1) : connect(fd, a->ai_addr, a->ai_addrlen)) {
            why = errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd < 0) {
        snprintf(error, n, "tcp:%s:%s: cannot %s: %s", host, colon + 1, server ? "listen" : "connect", strerror(why));
        return NULL;
    }
    if (!strcmp(colon + 1, "0"))
        tell_port(fd, host);
    return socket_stream(fd, server);
}

static struct stream *open_unix(struct outputs *o, char *path, char *error, size_t n)
{
    bool server = take_server(path);
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    if (!*path || strlen(path) >= sizeof a.sun_path) {
        snprintf(error, n, "unix:%s: the path is %s", path, *path ? "too long for a socket" : "missing");
        return NULL;
    }
    strcpy(a.sun_path, path);
    if (server && !output_free_socket(o, path, error, n))
        return NULL;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || (server ? bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1)
                          : connect(fd, (struct sockaddr *)&a, sizeof a))) {
        snprintf(error, n, "unix:%s: cannot %s: %s", path, server ? "listen" : "connect", strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct stream *s = socket_stream(fd, server);
    struct stat st;
    if (server && !lstat(path, &st)) {
        s->remove = xstrdup(path);
        s->device = st.st_dev;
        s->inode = st.st_ino;
    }
    return s;
}

struct stream *stream_open(struct outputs *o, const char *use, const char *dest, char *error, size_t n)
{
    struct stream *s = NULL;
    if (!strcmp(dest, "none")) {
        s = stream_new("none");
        s->ended = true;
    } else if (!strcmp(dest, "stdio")) {
        s = open_stdio();
    } else if (!strcmp(dest, "pty")) {
        s = open_pty(error, n);
    } else if (!strncmp(dest, "file:", 5) && dest[5]) {
        s = open_file(o, use, dest + 5, error, n);
    } else if (!strncmp(dest, "tcp:", 4) || !strncmp(dest, "unix:", 5)) {
        char *copy = xstrdup(dest);
        s = *dest == 't' ? open_tcp(copy + 4, error, n) : open_unix(o, copy + 5, error, n);
        free(copy);
    } else {
        unknown(dest, error, n);
    }
    return s;
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    stream_flush(s);
    if (s->dropped.count)
        fprintf(stderr, "vitrine: serial output to %s: %llu bytes in all were dropped, because nobody read them\n", s->kind,
                (unsigned long long)s->dropped.count);
    if (s->raw)
        tcsetattr(s->in, TCSANOW, &s->saved);
    close_outlet(s);
    if (s->listener >= 0)
        close(s->listener);
    if (s->remove)
        output_remove_socket(s->remove, s->device, s->inode);
    free(s->remove);
    free(s);
}

void stream_capture(struct stream *s, void (*byte)(void *to, u8 v), void *to)
{
    s->byte = byte;
    s->to = to;
}

bool stream_connected(const struct stream *s) { return s->out >= 0; }

/* A server without a peer looks for one. */
static void look_for_peer(struct stream *s)
{
    if (s->listener < 0 || s->out >= 0)
        return;
    int fd = accept(s->listener, NULL, NULL);
    if (fd >= 0)
        use(s, fd);
}

static void hang_up(struct stream *s)
{
    close_outlet(s);
    s->in = -1;
    if (s->listener < 0)
        s->ended = true;
}

static void tell_dropped(struct stream *s)
{
    u64 now = s->dropped_before + (s->outlet ? outlet_dropped(s->outlet) : 0);
    enum fold_how how = now > s->dropped.count ? fold_more(&s->dropped, now - s->dropped.count, 1) : FOLD_NOTHING;
    if (how == FOLD_FULL)
        fprintf(stderr, "vitrine: serial output to %s finds no reader and is dropped\n", s->kind);
    else if (how == FOLD_COUNT && fold_rest(&s->dropped))
        fprintf(stderr, "vitrine: serial output to %s: %llu bytes were dropped by now\n", s->kind, (unsigned long long)now);
}

/* A pty that nobody has open is a line that leads nowhere: once the host's buffer is full, the rest is lost. */
static bool unplugged(const struct stream *s)
{
    struct pollfd p = { .fd = s->out, .events = POLLOUT };
    return s->pty && poll(&p, 1, 0) > 0 && (p.revents & POLLHUP);
}

/* What the outlet has met. */
static void look_at_outlet(struct stream *s)
{
    int error = outlet_error(s->outlet), fd = s->out;
    if (error && s->socket) {
        hang_up(s);
    } else if (error && s->pty) {
        outlet_free(s->outlet);
        open_outlet(s, fd);
    } else if (error) {
        fprintf(stderr, "vitrine: serial output to %s: %s; it is dropped from here on\n", s->kind, strerror(error));
        close_outlet(s);
    } else {
        tell_dropped(s);
    }
}

void stream_write(struct stream *s, const u8 *buf, int n)
{
    for (int k = 0; s->byte && k < n; k++)
        s->byte(s->to, buf[k]);
    look_for_peer(s);
    if (!s->outlet || n <= 0)
        return;
    bool all = outlet_write(s->outlet, buf, (size_t)n);
    if ((!all || !outlet_drain(s->outlet)) && unplugged(s))
        outlet_clear(s->outlet);
    else if (!all)
        look_at_outlet(s);
}

void stream_poll(struct stream *s)
{
    look_for_peer(s);
    if (s->outlet && !outlet_drain(s->outlet) && unplugged(s))
        outlet_clear(s->outlet);
    if (s->outlet && outlet_error(s->outlet))
        look_at_outlet(s);
}

void stream_flush(struct stream *s)
{
    stream_poll(s);
    if (s->outlet && !outlet_flush(s->outlet))
        tell_dropped(s);
}

void stream_hurry(struct stream *s, const atomic_bool *hurry)
{
    s->hurry = hurry;
    if (s->outlet)
        outlet_hurry(s->outlet, hurry);
}

int stream_read(struct stream *s, u8 *buf, int n)
{
    look_for_peer(s);
    if (s->ended)
        return -1;
    struct pollfd p = { .fd = s->in, .events = POLLIN };
    if (s->in < 0 || poll(&p, 1, 0) <= 0 || !(p.revents & (POLLIN | POLLHUP | POLLERR)))
        return 0;
    ssize_t k = read(s->in, buf, (size_t)n);
    if (k > 0)
        return (int)k;
    if (s->pty || (k < 0 && (errno == EAGAIN || errno == EINTR)))
        return 0;
    if (s->socket)
        hang_up(s);
    else
        s->ended = true;
    return s->ended ? -1 : 0;
}
