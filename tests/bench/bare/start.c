/* start.c - entry of a bare-metal kernel: marks begin and end on port E9, with the time-stamp counter (on Vitrine's virtual
 * clock it counts instructions) and the checksum, and leaves through every exit port there is. */
#include "bare.h"

enum { DEBUG_PORT = 0xe9, EXIT_PORT = 0xf4, BOCHS_SHUTDOWN_PORT = 0x8900, SCALE_AT = 0x7df0 };

void *memcpy(void *to, const void *from, u32 n)
{
    void *t = to;
    __asm__ volatile("rep movsb" : "+D"(t), "+S"(from), "+c"(n) : : "memory");
    return to;
}

void *memset(void *to, int v, u32 n)
{
    void *t = to;
    __asm__ volatile("rep stosb" : "+D"(t), "+c"(n) : "a"(v) : "memory");
    return to;
}

static void print(const char *s)
{
    while (*s)
        out8(DEBUG_PORT, (u8)*s++);
}

static void print_hex(u32 v)
{
    for (int i = 28; i >= 0; i -= 4)
        out8(DEBUG_PORT, (u8)"0123456789abcdef"[v >> i & 15]);
}

static u64 time_stamp(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (u64)high << 32 | low;
}

__attribute__((section(".text.start"))) void start(void)
{
    u32 scale = *(volatile u32 *)SCALE_AT, sum;
    u64 ticks;
    print("@begin\n");
    ticks = time_stamp();
    sum = kernel(scale);
    ticks = time_stamp() - ticks;
    print("@end ");
    print_hex(sum);
    print(" ");
    print_hex((u32)(ticks >> 32));
    print_hex((u32)ticks);
    print("\n");
    out8(EXIT_PORT, 0);
    for (const char *s = "Shutdown"; *s; s++)
        out8(BOCHS_SHUTDOWN_PORT, (u8)*s);
    for (;;)
        __asm__ volatile("cli; hlt");
}
