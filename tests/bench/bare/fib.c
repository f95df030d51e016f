/* fib.c - recursive calls. */
#include "bare.h"

static __attribute__((noinline)) u32 fib(u32 n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

u32 kernel(u32 scale)
{
    u32 sum = 0;
    for (u32 i = 0; i < scale; i++)
        sum += fib(24 + (sum & 1));
    return sum;
}
