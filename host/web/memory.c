/* memory.c - see ../memory.h. A module's memory is one piece without protection: there is nothing to stop a wild access beside these. */
#include "../memory.h"

enum { PAGE = 4096 };

void *pages_reserve(u64 bytes)
{
    void *pages = bytes <= SIZE_MAX ? aligned_alloc(PAGE, (size_t)bytes) : NULL;
    return pages ? memset(pages, 0, (size_t)bytes) : NULL;
}

void pages_release(void *pages, u64 bytes)
{
    (void)bytes;
    free(pages);
}
