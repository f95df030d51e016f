/* signals.c - see ../signals.h. POSIX.1-2017 sigwait, by a thread of its own, so that no handler needs a global to find what it is
 * about. */
#define _GNU_SOURCE
#include "../signals.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static const struct { int bit, number; const char *name; } known[] = {
    { SIGNAL_INTERRUPT, SIGINT, "SIGINT" }, { SIGNAL_TERMINATE, SIGTERM, "SIGTERM" }, { SIGNAL_HANGUP, SIGHUP, "SIGHUP" },
};

struct signals {
    pthread_t thread;
    sigset_t set;
    int wakes;                          /* the one by which it is told to end */
    atomic_bool ending;
    void (*came)(void *to, int signal);
    void *to;
};

const char *signals_name(int signal)
{
    for (size_t k = 0; k < ARRAY_LEN(known); k++)
        if (known[k].bit == signal)
            return known[k].name;
    return "a signal";
}

static int fill(int set, sigset_t *numbers)
{
    int last = 0;
    sigemptyset(numbers);
    for (size_t k = 0; k < ARRAY_LEN(known); k++)
        if (set & known[k].bit)
            sigaddset(numbers, last = known[k].number);
    return last;
}

void signals_hold(int set)
{
    sigset_t numbers;
    fill(set, &numbers);
    pthread_sigmask(SIG_BLOCK, &numbers, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
}

static void *watch(void *to)
{
    struct signals *s = to;
    int number;
    for (;;) {
        if (sigwait(&s->set, &number))
            continue;
        if (atomic_load(&s->ending))
            return NULL;
        for (size_t k = 0; k < ARRAY_LEN(known); k++)
            if (known[k].number == number)
                s->came(s->to, known[k].bit);
    }
}

struct signals *signals_watch(int set, void (*came)(void *to, int signal), void *to)
{
    struct signals *s = xcalloc(1, sizeof *s);
    s->wakes = fill(set, &s->set);
    s->came = came;
    s->to = to;
    pthread_sigmask(SIG_BLOCK, &s->set, NULL);
    if (!pthread_create(&s->thread, NULL, watch, s))
        return s;
    free(s);
    return NULL;
}

void signals_unwatch(struct signals *s)
{
    if (!s)
        return;
    atomic_store(&s->ending, true);
    pthread_kill(s->thread, s->wakes);
    pthread_join(s->thread, NULL);
    free(s);
}

/* ---- the worst ---- */

void signals_before_death(void (*end)(int number))
{
    static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGHUP, SIGTERM, SIGQUIT };
    for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
        signal(numbers[k], end ? end : SIG_DFL);
}

void signals_die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

void signals_end_now(int code) { _exit(code); }
