/* memory.c - see ../memory.h. POSIX.1-2017 mmap, mprotect; MAP_ANONYMOUS and MAP_NORESERVE as Linux and the BSDs have them. */
#define _DEFAULT_SOURCE
#include "../memory.h"
#include <sys/mman.h>
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

enum { GUARD = 64 << 10, LARGE = 2 << 20 };

void *pages_reserve(u64 bytes)
{
    u64 spare = bytes >= 2 * LARGE ? LARGE : 0;         /* to begin where a large page may */
    if (bytes > SIZE_MAX - 2 * GUARD - LARGE)
        return NULL;
    u8 *base = mmap(NULL, bytes + 2 * GUARD + spare, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    u64 before = spare ? -(uintptr_t)(base + GUARD) & (LARGE - 1) : 0;
    if (before)
        munmap(base, before);
    if (spare - before)
        munmap(base + before + bytes + 2 * GUARD, spare - before);
    u8 *pages = base + before + GUARD;
    if (mprotect(pages, bytes, PROT_READ | PROT_WRITE)) {
        pages_release(pages, bytes);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    /* Guests go through their memory at random: one miss of the host's TLB in so many loads. */
    if (spare)
        madvise(pages, bytes, MADV_HUGEPAGE);
#endif
    return pages;
}

void pages_release(void *pages, u64 bytes)
{
    if (pages)
        munmap((u8 *)pages - GUARD, bytes + 2 * GUARD);
}
