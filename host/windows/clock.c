/* clock.c - see ../clock.h, ../thread.h. Microsoft: QueryPerformanceCounter, CreateWaitableTimerEx, timeBeginPeriod; POSIX' conditions as
 * winpthreads has them. Windows' timers go by a tick of 15.6 ms unless somebody asks for finer ones, which costs power: they are asked for
 * while somebody waits for a short time. */
#include "parts.h"
#include "../clock.h"
#include "../thread.h"
#include <timeapi.h>
#include <time.h>

enum { SECOND = 1000000000, SHORT_NS = 100000000, UNIT_NS = 100, FINE_MS = 1 };
#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION           /* Windows 10, 1803 */
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

u64 host_ns(void)
{
    LARGE_INTEGER now, rate;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&rate);
    u64 t = (u64)now.QuadPart, f = (u64)rate.QuadPart;
    return t / f * SECOND + t % f * SECOND / f;
}

u64 host_ms(void) { return host_ns() / 1000000; }
u64 host_date(void) { return (u64)time(NULL); }

static HANDLE new_timer(DWORD flags) { return CreateWaitableTimerExW(NULL, NULL, flags, TIMER_MODIFY_STATE | SYNCHRONIZE); }

/* A timer may come a little early. */
void host_wait(u64 ns)
{
    u64 end = host_ns() + ns, now;
    HANDLE timer = new_timer(CREATE_WAITABLE_TIMER_HIGH_RESOLUTION);
    bool fine = !timer && ns < SHORT_NS;
    if (!timer)
        timer = new_timer(0);
    if (fine)
        timeBeginPeriod(FINE_MS);
    while ((now = host_ns()) < end) {
        LARGE_INTEGER from_now = { .QuadPart = -(LONGLONG)((end - now + UNIT_NS - 1) / UNIT_NS) };
        if (!timer || !SetWaitableTimer(timer, &from_now, 0, NULL, NULL, FALSE))
            Sleep((DWORD)((end - now) / 1000000 + 1));
        else
            WaitForSingleObject(timer, INFINITE);
    }
    if (fine)
        timeEndPeriod(FINE_MS);
    if (timer)
        CloseHandle(timer);
}

void thread_wait(pthread_cond_t *changed, pthread_mutex_t *lock, u64 until)
{
    struct timespec end;
    u64 now = host_ns(), ns = until > now ? until - now : 0;
    if (until == UINT64_MAX) {
        pthread_cond_wait(changed, lock);
        return;
    }
    bool fine = ns < SHORT_NS;
    if (fine)
        timeBeginPeriod(FINE_MS);
    clock_gettime(CLOCK_REALTIME, &end);
    ns += (u64)end.tv_nsec;
    end.tv_sec += (time_t)(ns / SECOND);
    end.tv_nsec = (long)(ns % SECOND);
    pthread_cond_timedwait(changed, lock, &end);
    if (fine)
        timeEndPeriod(FINE_MS);
}
