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

void thread_wait(pthread_cond_t *changed, pthread_mutex_t *lock, u64 until)
{
    struct timespec end;
    u64 now = host_ns(), ns = until > now ? until - now : 0;
    if (until == UINT64_MAX) {
        pthread_cond_wait(changed, lock);
        return;
    }
    timespec_get(&end, TIME_UTC);
    ns += (u64)end.tv_nsec;
    end.tv_sec += (time_t)(ns / SECOND);
    end.tv_nsec = (long)(ns % SECOND);
    pthread_cond_timedwait(changed, lock, &end);
}
