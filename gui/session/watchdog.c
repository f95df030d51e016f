/* watchdog.c - see watchdog.h. Two threads: one waits for signals, so that no handler needs a global variable and what it does is
 * ordinary code; one waits for the next moment at which something is due. Neither takes a lock that is held for long, and neither
 * writes where it could block. */
#include "watchdog.h"
#include "session.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    ONE_MS = 100,               /* signals so near are one */
    AGAIN_MS = 2000, FRONT_MS = 5000,
    WAIT_MS = 1000              /* at most in one go: the host's calendar may be set meanwhile */
};

struct watchdog {
    struct session *session;            /* under the lock; NULL: gone */
    struct gui_link *link;
    bool debug;                         /* Ctrl-C is the debugger's */
    struct watchdog_terminal terminal;
    u64 grace;
    pthread_t signals, timer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock; moments in milliseconds, UINT64_MAX: never. */
    u64 timeout;                        /* -timeout */
    u64 force;                          /* the end by force, with this code: */
    int code;
    bool asked;                         /* the end was asked for */
    u64 signal_at;                      /* the last one; 0: none */
    bool done;
};

static u64 now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

static void tell(int fd, const char *text)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    if (*text && poll(&p, 1, 0) > 0 && write(fd, text, strlen(text)) < 0)
        return;                         /* nobody is there to be told */
}

/* What can be done without anybody's help: the terminal is as it was. */
static _Noreturn void end_by_force(struct watchdog *w, int code, const char *why)
{
    char restore[256];
    link_restore(w->link, restore);
    tell(STDOUT_FILENO, restore);
    if (w->terminal.there)
        tcsetattr(STDIN_FILENO, TCSANOW, &w->terminal.settings);
    tell(STDERR_FILENO, why);
    _exit(code);
}

static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* The session is asked to end, and has a while for it. The lock is held. */
static void ask(struct watchdog *w, int why, int code)
{
    if (!w->asked)
        w->code = code;
    w->asked = true;
    w->force = least(w->force, now_ms() + w->grace);
    pthread_cond_signal(&w->changed);
    if (w->session && !session_end(w->session, why))
        end_by_force(w, w->code, why == END_TIMEOUT ? "\nvitrine: -timeout: the time is over\n"
                              : why > 0 ? "\nvitrine: ended by a signal\n" : "");
}

/* ---- time ---- */

static void wait_until(struct watchdog *w, u64 moment)
{
    struct timespec until;
    u64 now = now_ms(), ms = moment > now ? least(moment - now, WAIT_MS) : 0;
    timespec_get(&until, TIME_UTC);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += (time_t)(ms / 1000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (moment == UINT64_MAX)
        pthread_cond_wait(&w->changed, &w->lock);
    else if (ms)
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
}

static void *watch_time(void *to)
{
    struct watchdog *w = to;
    pthread_mutex_lock(&w->lock);
    while (!w->done) {
        wait_until(w, least(w->timeout, w->force));
        if (!w->done && now_ms() >= w->force)
            end_by_force(w, w->code, "vitrine: it did not end by itself in time: ended by force\n");
        if (now_ms() >= w->timeout) {
            w->timeout = UINT64_MAX;
            ask(w, END_TIMEOUT, EXIT_TIMEOUT);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- signals ---- */

static void ending_signals(const struct watchdog *w, sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    if (!w->debug)
        sigaddset(set, SIGINT);
}

static void *watch_signals(void *to)
{
    struct watchdog *w = to;
    sigset_t set;
    int number;
    ending_signals(w, &set);
    for (;;) {
        if (sigwait(&set, &number))
            continue;
        pthread_mutex_lock(&w->lock);
        bool done = w->done;
        u64 now = now_ms(), since = now - w->signal_at;
        if (!done && w->signal_at && since >= ONE_MS && since < AGAIN_MS)
            watchdog_interrupted_again(w);
        if (!done && (!w->signal_at || since >= ONE_MS)) {
            w->signal_at = now;
            ask(w, number, EXIT_SIGNAL);
        }
        pthread_mutex_unlock(&w->lock);
        if (done)
            return NULL;
    }
}

void watchdog_interrupted_again(void *watchdog)
{
    end_by_force(watchdog, EXIT_SIGNAL, "\nvitrine: ended at once by a second signal\n");
}

/* ---- life ---- */

static void closed(void *to)
{
    struct watchdog *w = to;
    pthread_mutex_lock(&w->lock);
    ask(w, END_CLOSED, EXIT_GOOD);
    pthread_mutex_unlock(&w->lock);
}

void watchdog_look_at_terminal(struct watchdog_terminal *t)
{
    t->there = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &t->settings);
}

struct watchdog *watchdog_new(const struct options *o, const struct watchdog_terminal *t, struct session *session,
                              struct gui_link *link)
{
    struct watchdog *w = xcalloc(1, sizeof *w);
    sigset_t set;
    w->session = session;
    w->link = link;
    w->debug = o->debug;
    w->timeout = o->timeout_ms == UINT64_MAX ? UINT64_MAX : now_ms() + o->timeout_ms;
    w->force = UINT64_MAX;
    w->grace = o->grace_ms;
    w->terminal = *t;
    ending_signals(w, &set);
    sigaddset(&set, SIGINT);            /* the debugger's thread waits for it */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);           /* the terminal is restored, be it in the background */
    if (pthread_mutex_init(&w->lock, NULL) || pthread_cond_init(&w->changed, NULL) ||
        pthread_create(&w->timer, NULL, watch_time, w) || pthread_create(&w->signals, NULL, watch_signals, w))
        return NULL;
    link_on_stop(link, closed, w);
    return w;
}

void watchdog_machine_ended(struct watchdog *w, int code)
{
    pthread_mutex_lock(&w->lock);
    w->code = code;
    w->timeout = UINT64_MAX;
    w->force = least(w->force, now_ms() + FRONT_MS);
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

void watchdog_front_ended(struct watchdog *w)
{
    pthread_mutex_lock(&w->lock);
    w->session = NULL;
    if (!w->asked)
        w->force = UINT64_MAX;
    pthread_mutex_unlock(&w->lock);
}

void watchdog_free(struct watchdog *w)
{
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_kill(w->signals, SIGTERM);
    pthread_join(w->timer, NULL);
    pthread_join(w->signals, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
