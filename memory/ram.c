/* ram.c - see ram.h. */
#include "ram.h"
#include "../host/memory.h"

struct ram *ram_new(const char *name, u64 size)
{
    size = (size + PAGE_MASK) & ~(u64)PAGE_MASK;
    u8 *host = pages_reserve(size);
    if (!host)
        return NULL;
    struct ram *ram = xcalloc(1, sizeof *ram);
    ram->host = host;
    ram->size = size;
    ram->name = name;
    ram->flags = xcalloc(size >> PAGE_SHIFT, 1);
    ram->code = xcalloc(size >> PAGE_SHIFT, sizeof *ram->code);
    return ram;
}

void ram_free(struct ram *ram)
{
    if (!ram)
        return;
    pages_release(ram->host, ram->size);
    free(ram->flags);
    free(ram->code);
    free(ram);
}

void ram_written(struct ram *ram, u64 offset, u64 length)
{
    for (u64 at = offset, end = offset + length; at < end; at = (at | PAGE_MASK) + 1) {
        u64 page = at >> PAGE_SHIFT, stop = (at | PAGE_MASK) + 1;
        u8 flags = ram->flags[page];
        ram->flags[page] &= (u8)~(PAGE_IS_CLEAN | PAGE_IS_KEPT);
        if ((flags & PAGE_IS_KEPT) && ram->kept_written)
            ram->kept_written(ram->keeper, ram, page);
        if ((flags & PAGE_HAS_CODE) && ram->code_written)
            ram->code_written(ram->cpu_side, ram, at, (stop < end ? stop : end) - at);
    }
}

void ram_set_keeper(struct ram *ram, ram_kept_written *written, void *keeper)
{
    ram->kept_written = written;
    ram->keeper = keeper;
    for (u64 page = 0; !written && page < ram->size >> PAGE_SHIFT; page++)
        ram->flags[page] &= (u8)~PAGE_IS_KEPT;
}

/* Eight pages at once: all of memory is gone through for each snapshot. */
void ram_keep_pages(struct ram *ram)
{
    static const u64 eight = PAGE_IS_KEPT * 0x0101010101010101ull;
    u64 pages = ram->size >> PAGE_SHIFT, page = 0;
    for (u8 *flags = ram->flags; page + 8 <= pages; page += 8)
        put64(flags + page, get64(flags + page) | eight);
    for (; page < pages; page++)
        ram->flags[page] |= PAGE_IS_KEPT;
}

void ram_track(struct ram *ram) { ram->tracked = true; }

bool ram_take_dirty(struct ram *ram, u64 offset, u64 length)
{
    bool dirty = false;
    for (u64 page = offset >> PAGE_SHIFT; page <= (offset + length - 1) >> PAGE_SHIFT; page++) {
        dirty |= !(ram->flags[page] & PAGE_IS_CLEAN);
        ram->flags[page] |= PAGE_IS_CLEAN;
    }
    return dirty;
}
