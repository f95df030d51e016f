/* clock.c - see ../clock.h, ../thread.h. POSIX.1-2017 clock_gettime, nanosleep; timespec_get of C11. */
#define _DEFAULT_SOURCE
#include "../clock.h"
#include "../thread.h"
#include <time.h>

enum { SECOND = 1000000000 };

u64 host_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * SECOND + (u64)t.tv_nsec;
}

u64 host_ms(void) { return host_ns() / 1000000; }
u64 host_date(void) { return (u64)time(NULL); }

void host_wait(u64 ns)
{
    nanosleep(&(struct timespec){ .tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND) }, NULL);
}

void thread_wait(pthread_cond_t *changed, pthread_mutex_t *lock, u64 ns)
{
    struct timespec until;
    if (ns == UINT64_MAX) {
        pthread_cond_wait(changed, lock);
        return;
    }
    timespec_get(&until, TIME_UTC);
    u64 end = (u64)until.tv_nsec + ns % SECOND;
    until.tv_sec += (time_t)(ns / SECOND + end / SECOND);
    until.tv_nsec = (long)(end % SECOND);
    pthread_cond_timedwait(changed, lock, &until);
}
