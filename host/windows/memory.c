/* memory.c - see ../memory.h. Microsoft: VirtualAlloc. */
#include "parts.h"
#include "../memory.h"

enum { GUARD = 64 << 10 };

void *pages_reserve(u64 bytes)
{
    if (bytes > SIZE_MAX - 2 * GUARD)
        return NULL;
    u8 *base = VirtualAlloc(NULL, (size_t)bytes + 2 * GUARD, MEM_RESERVE, PAGE_NOACCESS);
    if (!base || VirtualAlloc(base + GUARD, (size_t)bytes, MEM_COMMIT, PAGE_READWRITE))
        return base ? base + GUARD : NULL;
    VirtualFree(base, 0, MEM_RELEASE);
    return NULL;
}

void pages_release(void *pages, u64 bytes)
{
    (void)bytes;
    if (pages)
        VirtualFree((u8 *)pages - GUARD, 0, MEM_RELEASE);
}
