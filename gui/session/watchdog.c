/* watchdog.c - see watchdog.h. Two threads: one waits for signals (host/signals.h), so that what is done then is ordinary code; one waits
 * for the next moment at which something is due. Neither takes a lock that is held for long, and neither
 * writes where it could block. */
#include "watchdog.h"
#include "../../host/clock.h"
#include "../../host/console.h"
#include "../../host/handle.h"
#include "../../host/signals.h"
#include "../../host/thread.h"
#include "session.h"
#include <stdio.h>

enum {
    ONE_MS = 100,               /* signals so near are one */
    AGAIN_MS = 2000, FRONT_MS = 5000,
    WAIT_MS = 1000              /* at most in one go: the host's calendar may be set meanwhile */
};

struct watchdog {
    struct session *session;            /* under the lock; NULL: gone */
    struct gui_link *link;
    const struct console *console;      /* as the program found it; NULL: none */
    u64 grace;
    struct signals *signals;
    pthread_t timer;
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

/* What can be done without anybody's help: the terminal is as it was. */
static _Noreturn void end_by_force(struct watchdog *w, int code, const char *why)
{
    char restore[256];
    link_restore(w->link, restore);
    handle_tell(handle_standard(STANDARD_OUTPUT), restore);
    console_give_back(w->console);
    handle_tell(handle_standard(STANDARD_ERROR), why);
    signals_end_now(code);
}

static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* The session is asked to end, and has a while for it. The lock is held. */
static void ask(struct watchdog *w, int why, int code)
{
    if (!w->asked)
        w->code = code;
    w->asked = true;
    w->force = least(w->force, host_ms() + w->grace);
    pthread_cond_signal(&w->changed);
    if (w->session && !session_end(w->session, why))
        end_by_force(w, w->code, why == END_TIMEOUT ? "\nvitrine: -timeout: the time is over\n"
                              : why > 0 ? "\nvitrine: ended by a signal\n" : "");
}

/* ---- time ---- */

static void wait_until(struct watchdog *w, u64 moment)
{
    u64 now = host_ms(), ms = moment > now ? least(moment - now, WAIT_MS) : 0;
    if (moment == UINT64_MAX)
        thread_wait(&w->changed, &w->lock, UINT64_MAX);
    else if (ms)
        thread_wait(&w->changed, &w->lock, host_ns() + ms * 1000000);
}

static void *watch_time(void *to)
{
    struct watchdog *w = to;
    pthread_mutex_lock(&w->lock);
    while (!w->done) {
        wait_until(w, least(w->timeout, w->force));
        if (!w->done && host_ms() >= w->force)
            end_by_force(w, w->code, "vitrine: it did not end by itself in time: ended by force\n");
        if (host_ms() >= w->timeout) {
            w->timeout = UINT64_MAX;
            if (!w->session || !session_timeout(w->session))
                ask(w, END_TIMEOUT, EXIT_TIMEOUT);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- signals ---- */

static void signal_came(void *to, int number)
{
    struct watchdog *w = to;
    pthread_mutex_lock(&w->lock);
    if (number == SIGNAL_INTERRUPT && !w->done && w->session && session_interrupted(w->session)) {
        pthread_mutex_unlock(&w->lock);
        return;
    }
    u64 now = host_ms(), since = now - w->signal_at;
    if (!w->done && w->signal_at && since >= ONE_MS && since < AGAIN_MS)
        watchdog_interrupted_again(w);
    if (!w->done && (!w->signal_at || since >= ONE_MS)) {
        w->signal_at = now;
        ask(w, number, EXIT_SIGNAL);
    }
    pthread_mutex_unlock(&w->lock);
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

struct watchdog *watchdog_new(const struct options *o, const struct console *console, struct session *session,
                              struct gui_link *link)
{
    struct watchdog *w = xcalloc(1, sizeof *w);
    int ends = SIGNAL_TERMINATE | SIGNAL_HANGUP | SIGNAL_INTERRUPT;
    w->session = session;
    w->link = link;
    w->timeout = o->timeout_ms == UINT64_MAX ? UINT64_MAX : host_ms() + o->timeout_ms;
    w->force = UINT64_MAX;
    w->grace = o->grace_ms;
    w->console = console;
    signals_hold(ends);
    if (pthread_mutex_init(&w->lock, NULL) || pthread_cond_init(&w->changed, NULL) ||
        pthread_create(&w->timer, NULL, watch_time, w) || !(w->signals = signals_watch(ends, signal_came, w)))
        return NULL;
    link_on_stop(link, closed, w);
    return w;
}

void watchdog_machine_ended(struct watchdog *w, int code)
{
    pthread_mutex_lock(&w->lock);
    w->code = code;
    w->timeout = UINT64_MAX;
    w->force = least(w->force, host_ms() + FRONT_MS);
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
    pthread_join(w->timer, NULL);
    signals_unwatch(w->signals);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
