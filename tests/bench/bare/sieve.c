/* sieve.c - the sieve of Eratosthenes over a million bytes. */
#include "bare.h"

enum { SIZE = 1 << 20 };

u32 kernel(u32 scale)
{
    u8 *composite = (u8 *)HEAP;
    u32 sum = 0;
    for (u32 n = 0; n < scale; n++) {
        u32 count = 0;
        memset(composite, 0, SIZE);
        for (u32 i = 2; i < SIZE; i++) {
            if (composite[i])
                continue;
            count++;
            for (u32 j = i * 2; j < SIZE; j += i)
                composite[j] = 1;
        }
        sum = sum * 3 + count;
    }
    return sum;
}
