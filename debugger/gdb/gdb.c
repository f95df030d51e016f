/* gdb.c - see gdb.h. While the machine stands still, the thread that runs it reads what gdb says. While it runs, a watcher waits for gdb in
 * place of that thread, and does no more than to stop the machine: a running machine pays nothing. */
#include "gdb.h"
#include "stub.h"
#include "../../host/channel.h"
#include "../../iodev/image/stream.h"
#include <pthread.h>
#include <stdatomic.h>

struct gdb {
    struct stream *line;
    const struct notices *say;
    struct control *control;
    struct debugger *d;
    struct stub *stub;
    bool connected;
    atomic_bool ended;
    /* The watcher. `watches` is set by the machine's thread and cleared by it; `waits` while the watcher is at the line. Under the lock. */
    pthread_t watcher;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool watches, waits, done;
};

/* ---- the watcher ---- */

static void *watch_line(void *to)
{
    struct gdb *g = to;
    pthread_mutex_lock(&g->lock);
    while (!g->done) {
        if (!g->watches) {
            pthread_cond_wait(&g->changed, &g->lock);
            continue;
        }
        g->waits = true;
        pthread_mutex_unlock(&g->lock);
        bool came = stream_wait(g->line);
        pthread_mutex_lock(&g->lock);
        g->waits = false;
        if (came && g->watches) {
            g->watches = false;
            control_interrupt(g->control);
        }
        pthread_cond_broadcast(&g->changed);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* Off: it comes back when the watcher has left the line. */
static void watch(void *to, bool on)
{
    struct gdb *g = to;
    pthread_mutex_lock(&g->lock);
    g->watches = on;
    pthread_cond_broadcast(&g->changed);
    if (!on && g->waits)
        stream_wake(g->line);
    while (!on && g->waits)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
    if (!on)
        control_interrupt_no_more(g->control);
}

/* ---- the stub's ways ---- */

static int receive(void *to, u8 *bytes, int n)
{
    struct gdb *g = to;
    int got = stream_read(g->line, bytes, n);
    return got > 0 ? got : stream_connected(g->line) ? 0 : -1;
}

static void send_bytes(void *to, const void *bytes, size_t n)
{
    struct gdb *g = to;
    stream_write(g->line, bytes, (int)n);
}

static bool command(void *to, const char *line, FILE *out)
{
    struct gdb *g = to;
    return debugger_command_to(g->d, line, out);
}

/* ---- who is there ---- */

static void connect_if_there(struct gdb *g)
{
    stream_poll(g->line);
    if (g->connected || !stream_connected(g->line))
        return;
    g->connected = true;
    stub_connect(g->stub);
    notice(g->say, "gdb is connected; the machine stands still");
}

static void disconnect(struct gdb *g, const char *what)
{
    stub_disconnect(g->stub);
    stream_hang_up(g->line);
    g->connected = false;
    notice(g->say, "%s", what);
}

/* ---- the run ---- */

/* Nobody is there, and the machine runs: until the run ends, or somebody comes, or a stop that an earlier gdb's commands left. */
static bool run_alone(struct gdb *g, bool *stands)
{
    watch(g, true);
    enum machine_stop stop = control_go(g->control);
    watch(g, false);
    connect_if_there(g);
    if (stop == STOP_BREAK && !g->connected)
        notice(g->say, "stopped at a breakpoint of `monitor break`, and waits for gdb");
    *stands = stop == STOP_BREAK || g->connected;
    return stop == STOP_ASKED || stop == STOP_BREAK;
}

/* gdb has the machine. False: the run ends. */
static bool serve(struct gdb *g, bool *stands)
{
    switch (stub_serve(g->stub)) {
    case STUB_STOPPED:
        if (!atomic_load(&g->ended))
            stream_wait(g->line);
        return true;
    case STUB_DETACHED:
        *stands = false;
        disconnect(g, "gdb has left; the machine runs on");
        return true;
    case STUB_GONE:
        disconnect(g, "gdb is gone; the machine stands still, and waits for the next");
        return true;
    case STUB_GONE_RUNNING:
        *stands = false;
        disconnect(g, "gdb is gone; the machine runs on");
        return true;
    case STUB_KILLED:
        atomic_store(&g->ended, true);
        return true;
    case STUB_OVER:
        break;
    }
    return false;
}

enum machine_stop gdb_run(struct gdb *g, struct debugger *d, bool stopped, bool *quit)
{
    bool goes_on = true, stands = stopped;
    struct stub_ways ways = { receive, send_bytes, watch, command, g };
    g->d = d;
    g->control = debugger_control(d);
    g->stub = stub_new(g->control, &ways);
    if (pthread_create(&g->watcher, NULL, watch_line, g))
        vitrine_out_of_memory(1);
    while (goes_on && !atomic_load(&g->ended)) {
        if (g->connected)
            goes_on = serve(g, &stands);
        else if (!stands)
            goes_on = run_alone(g, &stands);
        else {
            stream_wait(g->line);
            connect_if_there(g);
        }
    }
    stream_flush(g->line);
    pthread_mutex_lock(&g->lock);
    g->done = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->watcher, NULL);
    stub_free(g->stub);
    g->stub = NULL;
    *quit = goes_on;
    return goes_on ? STOP_BREAK : control_stop(g->control);
}

void gdb_end(struct gdb *g)
{
    atomic_store(&g->ended, true);
    stream_wake(g->line);
}

/* ---- life ---- */

/* As a stream calls it. NULL: not one of the two kinds. */
static char *line_of(const char *dest)
{
    bool tcp = !strncmp(dest, "tcp:", 4);
    size_t n = strlen(dest) + sizeof ":,server";
    char *line = xcalloc(n, 1);
    if (tcp)
        snprintf(line, n, "tcp:%s%s,server", strchr(dest + 4, ':') ? "" : ":", dest + 4);
    else if (!strncmp(dest, "unix:", 5) && dest[5])
        snprintf(line, n, "%s,server", dest);
    if (*line)
        return line;
    free(line);
    return NULL;
}

struct gdb *gdb_new(const char *dest, struct outputs *o, const struct notices *say, char *error, size_t n)
{
    char *name = line_of(dest);
    if (!name) {
        snprintf(error, n, "no destination '%s'; there are tcp:[HOST:]PORT and unix:PATH", dest);
        return NULL;
    }
    struct stream *line = stream_open(NULL, o, "-gdb", name, error, n);
    free(name);
    if (line && !stream_wakes(line, error, n)) {
        stream_close(line);
        line = NULL;
    }
    if (!line)
        return NULL;
    struct gdb *g = xcalloc(1, sizeof *g);
    g->line = line;
    g->say = say;
    atomic_init(&g->ended, false);
    if (pthread_mutex_init(&g->lock, NULL) || pthread_cond_init(&g->changed, NULL))
        vitrine_out_of_memory(1);
    notice(say, "gdb: target remote %s", stream_where(line));
    return g;
}

void gdb_free(struct gdb *g)
{
    if (!g)
        return;
    stream_close(g->line);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->changed);
    free(g);
}
