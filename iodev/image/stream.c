/* stream.c - see stream.h. Here: what a destination's name means, and what becomes of bytes that nobody reads; the lines themselves are
 * host/channel.h's. */
#include "stream.h"
#include "../../memory/log.h"
#include "../../host/channel.h"
#include "../../host/outlet.h"
#include "../../host/output.h"
#include <stdio.h>

enum { NAME = 256, PORT = 64 };

struct stream {
    const char *kind;
    char where[NAME + PORT];    /* of a socket */
    const struct notices *say;
    struct channel *channel;    /* NULL: `none` */
    struct outlet *outlet;      /* of what it writes to; NULL: nobody is there */
    const atomic_bool *hurry;
    u64 dropped_before;         /* by outlets that are gone */
    struct fold dropped;        /* bytes that nobody read */
    bool mid_line;              /* the last byte that was written ended no line */
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

/* Bytes go to whom the channel has now. */
static void open_outlet(struct stream *s)
{
    s->outlet = outlet_new(channel_out(s->channel));
    outlet_hurry(s->outlet, s->hurry);
}

/* With a channel that became the stream's, NULL for `none`. */
static struct stream *stream_new(const char *kind, struct channel *channel)
{
    struct stream *s = xcalloc(1, sizeof *s);
    s->kind = kind;
    s->channel = channel;
    if (channel && handle_there(channel_out(channel)))
        open_outlet(s);
    return s;
}

static void close_outlet(struct stream *s)
{
    if (!s->outlet)                             /* none, or an error closed it */
        return;
    s->dropped_before += outlet_dropped(s->outlet);
    outlet_free(s->outlet);
    s->outlet = NULL;
}

static void hang_up(struct stream *s)
{
    close_outlet(s);
    channel_hang_up(s->channel);
}

static struct stream *open_file(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    struct handle out = output_stream(o, use, path, error, n);
    return handle_there(out) ? stream_new("file", channel_to(out)) : NULL;
}

static struct stream *open_pty(const struct notices *say, char *error, size_t n)
{
    char name[NAME];
    struct failure why;
    struct channel *c = channel_pty(name, sizeof name, &why);
    if (!c) {
        snprintf(error, n, "cannot make a pseudo-terminal: %s", why.text);
        return NULL;
    }
    notice(say, "serial line at %s", name);
    return stream_new("pty", c);
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

/* A number must be a port; anything else is a service's name, which the host knows or not. 0: a server lets the host choose. */
static bool is_port(const char *text, bool server)
{
    size_t digits = strspn(text, "0123456789");
    long port = digits && digits < 6 ? strtol(text, NULL, 10) : 65536;
    return *text && (text[digits] || (port <= 65535 && (port || server)));
}

/* HOST:PORT, the host perhaps in brackets (IPv6). Without a host it is this one alone, for a server, too. */
static struct stream *open_tcp(const struct notices *say, char *name, char *error, size_t n)
{
    bool server = take_server(name);
    char *colon = strrchr(name, ':'), *host = name;
    char port[PORT];
    struct failure why;
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
    bool chosen = !strcmp(colon + 1, "0");
    snprintf(port, sizeof port, "%s", colon + 1);
    struct channel *c = channel_tcp(host, port, sizeof port, server, &why);
    if (!c) {
        const char *what = why.kind == FAILURE_ABSENT ? "" : server ? "cannot listen: " : "cannot connect: ";
        snprintf(error, n, "tcp:%s:%s: %s%s", host, port, what, why.text);
        return NULL;
    }
    if (chosen)
        notice(say, "serial line at tcp:%s:%s", host, port);
    struct stream *s = stream_new("socket", c);
    snprintf(s->where, sizeof s->where, "%s:%s", host, port);
    return s;
}

static struct stream *open_unix(struct outputs *o, char *path, char *error, size_t n)
{
    bool server = take_server(path);
    struct channel *c = channel_local(o, path, server, error, n);
    struct stream *s = c ? stream_new("socket", c) : NULL;
    if (s)
        snprintf(s->where, sizeof s->where, "%s", path);
    return s;
}

struct stream *stream_open(const struct notices *say, struct outputs *o, const char *use, const char *dest, char *error, size_t n)
{
    struct stream *s = NULL;
    if (!strcmp(dest, "none")) {
        s = stream_new("none", NULL);
    } else if (!strcmp(dest, "stdio")) {
        s = stream_new("stdio", channel_standard());
    } else if (!strcmp(dest, "pty")) {
        s = open_pty(say, error, n);
    } else if (!strncmp(dest, "file:", 5) && dest[5]) {
        s = open_file(o, use, dest + 5, error, n);
    } else if (!strncmp(dest, "tcp:", 4) || !strncmp(dest, "unix:", 5)) {
        char *copy = xstrdup(dest);
        s = *dest == 't' ? open_tcp(say, copy + 4, error, n) : open_unix(o, copy + 5, error, n);
        free(copy);
    } else {
        unknown(dest, error, n);
    }
    if (s)
        s->say = say;
    return s;
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    stream_flush(s);
    if (s->dropped.count)
        notice(s->say, "serial output to %s: %llu bytes in all were dropped, because nobody read them", s->kind,
               (unsigned long long)s->dropped.count);
    close_outlet(s);
    channel_free(s->channel);
    free(s);
}

void stream_capture(struct stream *s, void (*byte)(void *to, u8 v), void *to)
{
    s->byte = byte;
    s->to = to;
}

struct handle stream_handle(const struct stream *s) { return s->channel ? channel_out(s->channel) : NO_HANDLE; }
bool stream_connected(const struct stream *s) { return s->outlet; }

bool stream_attended(const struct stream *s) { return s->outlet && !channel_unplugged(s->channel); }

void stream_hang_up(struct stream *s)
{
    if (s->channel && channel_is_socket(s->channel))
        hang_up(s);
}

bool stream_wakes(struct stream *s, char *error, size_t n)
{
    struct failure why;
    bool ok = channel_wakes(s->channel, &why);
    if (!ok)
        snprintf(error, n, "cannot make a pipe: %s", why.text);
    return ok;
}

bool stream_wait(struct stream *s) { return channel_wait(s->channel); }
void stream_wake(struct stream *s) { channel_wake(s->channel); }

const char *stream_where(const struct stream *s) { return s->where; }

/* A server without a peer looks for one. */
static void look_for_peer(struct stream *s)
{
    if (s->channel && channel_accept(s->channel))
        open_outlet(s);
}

static void tell_dropped(struct stream *s)
{
    u64 now = s->dropped_before + (s->outlet ? outlet_dropped(s->outlet) : 0);
    enum fold_how how = now > s->dropped.count ? fold_more(&s->dropped, now - s->dropped.count, 1) : FOLD_NOTHING;
    if (how == FOLD_FULL)
        notice(s->say, "serial output to %s finds no reader and is dropped", s->kind);
    else if (how == FOLD_COUNT && fold_rest(&s->dropped))
        notice(s->say, "serial output to %s: %llu bytes were dropped by now", s->kind, (unsigned long long)now);
}

/* What the outlet has met. */
static void look_at_outlet(struct stream *s)
{
    const struct failure *failure = outlet_failure(s->outlet);
    if (failure && channel_is_socket(s->channel)) {
        hang_up(s);
    } else if (failure && channel_is_pty(s->channel)) {
        outlet_free(s->outlet);
        open_outlet(s);
    } else if (failure) {
        notice(s->say, "serial output to %s: %s; it is dropped from here on", s->kind, failure->text);
        hang_up(s);
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
    s->mid_line = buf[n - 1] != '\n';
    bool all = outlet_write(s->outlet, buf, (size_t)n);
    if ((!all || !outlet_drain(s->outlet)) && channel_unplugged(s->channel))
        outlet_clear(s->outlet);
    else if (!all)
        look_at_outlet(s);
}

void stream_poll(struct stream *s)
{
    look_for_peer(s);
    if (s->outlet && !outlet_drain(s->outlet) && channel_unplugged(s->channel))
        outlet_clear(s->outlet);
    if (s->outlet && outlet_failure(s->outlet))
        look_at_outlet(s);
}

void stream_flush(struct stream *s)
{
    stream_poll(s);
    if (s->outlet && !outlet_flush(s->outlet))
        tell_dropped(s);
}

void stream_fresh_line(struct stream *s)
{
    if (!s->outlet || !s->mid_line || strcmp(s->kind, "stdio"))
        return;
    s->mid_line = false;
    outlet_write(s->outlet, "\n", 1);
    stream_flush(s);
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
    int k = s->channel ? channel_read(s->channel, buf, n) : -1;
    if (k >= 0 || !s->channel || !channel_is_socket(s->channel))
        return k;
    hang_up(s);
    return channel_read(s->channel, buf, n);    /* a server goes on */
}
