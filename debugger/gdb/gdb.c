/* gdb.c - see gdb.h. While the machine stands still, the thread that runs it reads what gdb says. While it runs, a watcher waits for gdb in
 * place of that thread, and does no more than to stop the machine: a running machine pays nothing. */
#include "gdb.h"
#include "../history/history.h"
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
    bool stands;                /* nobody lets the machine run but gdb */
    bool beside;                /* the prompt has it, too */
    pthread_t thread;           /* of its own then */
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

/* Behind one who has gone the line takes the next who waits; he is not to be in this one's place (connect_if_there). */
static int receive(void *to, u8 *bytes, int n)
{
    struct gdb *g = to;
    int got = stream_connected(g->line) ? stream_read(g->line, bytes, n) : -1;
    return got > 0 ? got : stream_connected(g->line) ? 0 : -1;
}

static void send_bytes(void *to, const void *bytes, size_t n)
{
    struct gdb *g = to;
    if (stream_connected(g->line))
        stream_write(g->line, bytes, (int)n);
}

static bool command(void *to, const char *line, FILE *out)
{
    struct gdb *g = to;
    return debugger_command_to(g->d, line, out);
}

static enum machine_stop went_back(enum back end, bool *beginning)
{
    *beginning = end == BACK_BEGINNING;
    return end == BACK_ASKED ? STOP_ASKED : STOP_BREAK;
}

static enum machine_stop step_back(void *to, bool *beginning)
{
    struct gdb *g = to;
    return went_back(history_back(control_history(g->control), 1), beginning);
}

static enum machine_stop go_back(void *to, bool *beginning)
{
    struct gdb *g = to;
    return went_back(history_back_to_stop(control_history(g->control)), beginning);
}

/* ---- who is there ---- */

static void connect_if_there(struct gdb *g)
{
    stream_poll(g->line);
    if (g->connected || !stream_connected(g->line))
        return;
    g->connected = true;
    control_claim(g->control, true);
    stub_connect(g->stub);
    notice(g->say, "gdb is connected; the machine stands still");
}

static void disconnect(struct gdb *g, const char *what)
{
    stub_disconnect(g->stub);
    control_claim(g->control, false);
    stream_hang_up(g->line);
    g->connected = false;
    notice(g->say, "gdb %s", what);
}

/* ---- the run ---- */

/* Nobody is there, and the machine runs: until the run ends, or somebody comes, or a stop that an earlier gdb's commands left. */
static bool run_alone(struct gdb *g)
{
    watch(g, true);
    enum machine_stop stop = control_go(g->control);
    watch(g, false);
    connect_if_there(g);
    if (stop == STOP_BREAK && !g->connected)
        notice(g->say, "stopped at a breakpoint of `monitor break`, and waits for gdb");
    g->stands = stop == STOP_BREAK || g->connected;
    return stop == STOP_ASKED || stop == STOP_BREAK;
}

/* gdb has the machine, as far as it has said what it wants. False: the run ends. */
static bool serve(struct gdb *g)
{
    switch (stub_serve(g->stub)) {
    case STUB_STOPPED:
        return true;
    case STUB_DETACHED:
        g->stands = g->beside;
        disconnect(g, g->beside ? "has left; the machine is the prompt's" : "has left; the machine runs on");
        return true;
    case STUB_GONE:
        disconnect(g, "is gone; the machine stands still, and waits for the next");
        return true;
    case STUB_GONE_RUNNING:
        g->stands = g->beside;
        disconnect(g, g->beside ? "is gone; the machine is the prompt's" : "is gone; the machine runs on");
        return true;
    case STUB_KILLED:
        control_end(g->control);
        atomic_store(&g->ended, true);
        return true;
    case STUB_OVER:
        break;
    }
    return false;
}

/* One step of the life with gdb or without. False: the run ends. */
static bool live(struct gdb *g)
{
    bool goes_on = true;
    control_take(g->control, "gdb");
    control_interrupt_no_more(g->control);
    if (!g->connected)
        connect_if_there(g);
    if (g->connected)
        goes_on = serve(g);
    else if (!g->stands)
        goes_on = run_alone(g);
    control_give(g->control);
    return goes_on;
}

static void begin(struct gdb *g, struct debugger *d)
{
    struct stub_ways ways = { receive, send_bytes, watch, command, g };
    g->d = d;
    g->control = debugger_control(d);
    g->stub = stub_new(g->control, &ways);
    if (control_history(g->control))
        stub_set_back(g->stub, &(struct stub_back) { step_back, go_back, g });
    if (pthread_create(&g->watcher, NULL, watch_line, g))
        vitrine_out_of_memory(1);
}

static void end(struct gdb *g)
{
    if (g->connected)
        stream_flush(g->line);
    pthread_mutex_lock(&g->lock);
    g->done = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->watcher, NULL);
    stub_free(g->stub);
    g->stub = NULL;
}

enum machine_stop gdb_run(struct gdb *g, struct debugger *d, bool stopped, bool *quit)
{
    bool goes_on = true;
    begin(g, d);
    g->stands = stopped;
    while (goes_on && !atomic_load(&g->ended)) {
        goes_on = live(g);
        if (goes_on && g->stands && !atomic_load(&g->ended))
            stream_wait(g->line);
    }
    end(g);
    *quit = goes_on;
    return goes_on ? STOP_BREAK : control_stop(g->control);
}

/* ---- beside the prompt ---- */

/* Somebody who comes stops the machine, if the prompt has it running or is about to. */
static void *live_beside(void *to)
{
    struct gdb *g = to;
    while (!atomic_load(&g->ended)) {
        bool came = stream_wait(g->line);
        if (atomic_load(&g->ended))
            break;
        if (came && !g->connected)
            control_interrupt(g->control);
        if (!live(g)) {
            notice(g->say, "gdb: the run has ended; the next line leaves the prompt");
            break;
        }
    }
    if (control_ended(g->control))
        notice(g->say, "gdb: killed; the next line leaves the prompt");
    return NULL;
}

void gdb_begin_beside(struct gdb *g, struct debugger *d)
{
    begin(g, d);
    g->stands = g->beside = true;
    if (pthread_create(&g->thread, NULL, live_beside, g))
        vitrine_out_of_memory(1);
}

void gdb_end_beside(struct gdb *g)
{
    gdb_end(g);
    pthread_join(g->thread, NULL);
    end(g);
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
