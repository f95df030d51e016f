/* rep.c - REP string instructions: long and short copies, fills, a scan and a comparison. */
#include "bare.h"

enum { SIZE = 65536, SHORT = 24, SHORTS = 2000 };

static void copy_words(void *to, const void *from, u32 n)
{
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void fill_words(void *to, u32 v, u32 n)
{
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(v) : "memory");
}

static u32 scan(const void *from, u8 v, u32 n)
{
    __asm__ volatile("repne scasb" : "+D"(from), "+c"(n) : "a"(v) : "memory", "cc");
    return n;
}

static u32 compare(const void *a, const void *b, u32 n)
{
    __asm__ volatile("repe cmpsb" : "+S"(a), "+D"(b), "+c"(n) : : "memory", "cc");
    return n;
}

u32 kernel(u32 scale)
{
    u8 *a = (u8 *)HEAP, *b = a + SIZE + 64;
    u32 sum = 0;
    for (u32 n = 0; n < scale; n++) {
        fill_words(a, n * 0x01010101, SIZE / 4);
        a[SIZE - 1] = 0xff;
        copy_words(b, a, SIZE / 4);
        sum += scan(a, 0xff, SIZE) + compare(a, b, SIZE);
        for (u32 i = 0; i < SHORTS; i++)
            memcpy(b + i * SHORT, a + i, SHORT);
        sum = sum * 7 + b[SIZE - 8];
    }
    return sum;
}
