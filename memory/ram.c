/* ram.c - host memory. The one file with mmap. */
#define _DEFAULT_SOURCE
#include "ram.h"
#include <sys/mman.h>

enum { GUARD = 64 << 10 };

struct ram *ram_new(const char *name, u64 size)
{
    struct ram *ram = xcalloc(1, sizeof *ram);
    size = (size + PAGE_MASK) & ~(u64)PAGE_MASK;
    u8 *base = mmap(NULL, size + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || mprotect(base + GUARD, size, PROT_READ | PROT_WRITE))
        die("cannot reserve %llu MB of host memory for the guest's %s; give the guest less with -m",
            (unsigned long long)size >> 20, name);
    ram->host = base + GUARD;
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
    munmap(ram->host - GUARD, ram->size + 2 * GUARD);
    free(ram->flags);
    free(ram->code);
    free(ram);
}

void ram_written(struct ram *ram, u64 offset, u64 length)
{
    for (u64 at = offset, end = offset + length; at < end; at = (at | PAGE_MASK) + 1) {
        u64 page = at >> PAGE_SHIFT, stop = (at | PAGE_MASK) + 1;
        ram->flags[page] &= (u8)~PAGE_IS_CLEAN;
        if ((ram->flags[page] & PAGE_HAS_CODE) && ram->code_written)
            ram->code_written(ram->cpu_side, ram, at, (stop < end ? stop : end) - at);
    }
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
