/* signals.c - see ../signals.h. Microsoft: SetConsoleCtrlHandler, "Interprocess Synchronization" (named events). Windows calls its handler
 * in a thread of its own and tells it nothing of ours; so each signal is an event that the handler finds by its name. */
#include "parts.h"
#include "../signals.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

enum { SIGNALS = 3, NAME = 64 };

static const struct { int bit; const char *name; } known[SIGNALS] = {
    { SIGNAL_INTERRUPT, "SIGINT" }, { SIGNAL_TERMINATE, "SIGTERM" }, { SIGNAL_HANGUP, "SIGHUP" },
};

struct signals {
    pthread_t thread;
    HANDLE events[SIGNALS + 1];         /* the last: it is to end */
    int bits[SIGNALS];
    DWORD count;
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

static const char *event_name(int bit, char name[NAME])
{
    snprintf(name, NAME, "Local\\vitrine-%lu-signal-%d", GetCurrentProcessId(), bit);
    return name;
}

/* False: nobody holds it, and Windows ends the program. A console that is closed, and a user who logs off, end it once this returns: so
 * it does not, but for the program's own end. */
static BOOL WINAPI came(DWORD what)
{
    char name[NAME];
    int bit = what == CTRL_C_EVENT ? SIGNAL_INTERRUPT : what == CTRL_BREAK_EVENT ? SIGNAL_TERMINATE : SIGNAL_HANGUP;
    HANDLE event = OpenEventA(EVENT_MODIFY_STATE, FALSE, event_name(bit, name));
    if (!event)
        return FALSE;
    SetEvent(event);
    CloseHandle(event);
    if (bit == SIGNAL_HANGUP)
        Sleep(INFINITE);
    return TRUE;
}

static HANDLE event_of(int bit)
{
    char name[NAME];
    return CreateEventA(NULL, FALSE, FALSE, event_name(bit, name));
}

/* The events stay for as long as the program runs. */
void signals_hold(int set)
{
    for (size_t k = 0; k < ARRAY_LEN(known); k++)
        if (set & known[k].bit && !event_of(known[k].bit))
            return;
    SetConsoleCtrlHandler(came, TRUE);
}

static void *watch(void *to)
{
    struct signals *s = to;
    for (;;) {
        DWORD which = WaitForMultipleObjects(s->count + 1, s->events, FALSE, INFINITE);
        if (which >= s->count)
            return NULL;
        s->came(s->to, s->bits[which]);
    }
}

static void signals_free(struct signals *s)
{
    for (DWORD k = 0; k <= s->count; k++)
        CloseHandle(s->events[k]);
    free(s);
}

struct signals *signals_watch(int set, void (*called)(void *to, int signal), void *to)
{
    struct signals *s = xcalloc(1, sizeof *s);
    s->came = called;
    s->to = to;
    for (size_t k = 0; k < ARRAY_LEN(known); k++)
        if (set & known[k].bit) {
            s->bits[s->count] = known[k].bit;
            s->events[s->count++] = event_of(known[k].bit);
        }
    s->events[s->count] = CreateEventA(NULL, TRUE, FALSE, NULL);
    if (!pthread_create(&s->thread, NULL, watch, s))
        return s;
    signals_free(s);
    return NULL;
}

void signals_unwatch(struct signals *s)
{
    if (!s)
        return;
    SetEvent(s->events[s->count]);
    pthread_join(s->thread, NULL);
    signals_free(s);
}

/* ---- the worst ---- */

void signals_before_death(void (*end)(int number))
{
    static const int numbers[] = { SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGTERM };
    for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
        signal(numbers[k], end ? end : SIG_DFL);
}

void signals_die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

/* Not by way of the libraries, which would wait for what other threads hold. */
void signals_end_now(int code)
{
    for (;;)
        TerminateProcess(GetCurrentProcess(), (UINT)code);
}
