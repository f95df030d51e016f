/* memory.c - see ../memory.h. POSIX.1-2017 mmap, mprotect; MAP_ANONYMOUS and MAP_NORESERVE as Linux and the BSDs have them. */
#define _DEFAULT_SOURCE
#include "../memory.h"
#include <sys/mman.h>
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

enum { GUARD = 64 << 10 };

void *pages_reserve(u64 bytes)
{
    if (bytes > SIZE_MAX - 2 * GUARD)
        return NULL;
    u8 *base = mmap(NULL, bytes + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    if (!mprotect(base + GUARD, bytes, PROT_READ | PROT_WRITE))
        return base + GUARD;
    munmap(base, bytes + 2 * GUARD);
    return NULL;
}

void pages_release(void *pages, u64 bytes)
{
    if (pages)
        munmap((u8 *)pages - GUARD, bytes + 2 * GUARD);
}
