/* clock.h - the host's time. What the guest sees of it is chosen elsewhere: nothing below the session asks for it. */
#pragma once
#include "base.h"

/* Nanoseconds, or milliseconds, since some moment: never back, whatever is done to the date. */
u64 host_ns(void);
u64 host_ms(void);
/* The date: seconds since 1970-01-01 00:00:00 UTC. */
u64 host_date(void);
/* Let at least so many nanoseconds pass, but for what a signal cuts off. */
void host_wait(u64 ns);
