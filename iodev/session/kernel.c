/* kernel.c - a multiboot kernel's own wish where in memory it lies, looked at before the machine is made.
 * Follows: Multiboot Specification 0.6.96 "OS image format", "The address fields of Multiboot header"; System V ABI "Program Header". */
#include "kernel.h"

enum {
    SEARCH = 8192, ADDRESSES = 0x10000, LOWEST = 0x100000,
    ELF_PHOFF = 28, ELF_PHENTSIZE = 42, ELF_PHNUM = 44, ELF_HEADER = 52, PH_PADDR = 12, PH_MEMSZ = 20, PH_BYTES = 32, PT_LOAD = 1
};
static const u32 MAGIC = 0x1badb002;

/* What is below 1 MB when a kernel is loaded. */
static const char *what_is_at(u64 first, u64 last)
{
    static const struct { u32 first, last; const char *what; } places[] = {
        { 0, 0x4ff, "the interrupt vectors and the firmware's variables" },
        { 0x500, 0x9ffff, "the memory that firmware and loader work in" },
        { 0xc0000, 0xdffff, "the adapters' ROMs" }, { 0xa0000, 0xbffff, "the video memory" }, { 0xe0000, 0xfffff, "the firmware" },
    };
    const char *what = NULL;
    for (size_t k = 0; k < ARRAY_LEN(places); k++)
        if (first <= places[k].last && last >= places[k].first)
            what = places[k].what;
    return what;
}

static bool place_fits(const char *path, const char *part, u64 first, u64 bytes, struct vitrine_error *error)
{
    const char *what = bytes ? what_is_at(first, first + bytes - 1) : NULL;
    if (!what)
        return true;
    return error_say(error, VITRINE_WRONG, "kernel", "'%s': %s is to lie at %08llx-%08llx, where %s is; expected 1 MB (%08x) or above",
                     path, part, (unsigned long long)first, (unsigned long long)(first + bytes - 1), what, LOWEST);
}

static bool segments_fit(const char *path, const u8 *data, size_t size, struct vitrine_error *error)
{
    char part[32];
    if (size < ELF_HEADER || memcmp(data, "\177ELF\1", 5) != 0)
        return true;
    u64 at = get32(data + ELF_PHOFF), step = get16(data + ELF_PHENTSIZE);
    for (int k = 0; k < get16(data + ELF_PHNUM) && at + PH_BYTES <= size; k++, at += step) {
        snprintf(part, sizeof part, "segment %d", k);
        if (get32(data + at) == PT_LOAD && !place_fits(path, part, get32(data + at + PH_PADDR), get32(data + at + PH_MEMSZ), error))
            return false;
    }
    return true;
}

/* The header's addresses: itself, load, load end (0: all of the file), end of what is cleared, entry. */
static bool addresses_fit(const char *path, const u8 *header, size_t at, size_t size, struct vitrine_error *error)
{
    u64 load = get32(header + 16), before = get32(header + 12) - load, load_end = get32(header + 20), bss_end = get32(header + 24);
    u64 end = load_end ? load_end : load + size - (before < at ? at - before : 0);
    end = bss_end > end ? bss_end : end;
    return place_fits(path, "what its header loads", load, end > load ? end - load : 0, error);
}

bool kernel_fits(const char *path, const void *data, size_t size, struct vitrine_error *error)
{
    const u8 *bytes = data;
    for (size_t at = 0; at + 12 <= size && at + 12 <= SEARCH; at += 4) {
        const u8 *h = bytes + at;
        if (get32(h) != MAGIC || get32(h) + get32(h + 4) + get32(h + 8) != 0)
            continue;
        if (!(get32(h + 4) & ADDRESSES))
            return segments_fit(path, bytes, size, error);
        return at + 32 > size || addresses_fit(path, h, at, size, error);
    }
    return true;
}
