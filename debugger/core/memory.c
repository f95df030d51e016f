/* memory.c - see memory.h. */
#include "memory.h"

bool memory_peek(struct cpu *cpu, u64 address, bool physical, void *to, size_t n)
{
    return physical ? space_peek(cpu_memory(cpu), address, to, n) : cpu_peek(cpu, (u32)address, to, n);
}

bool memory_poke(struct cpu *cpu, u64 address, bool physical, const void *from, size_t n)
{
    const u8 *bytes = from;
    u8 byte;
    u64 at = address;
    for (size_t k = 0; k < n; k++)
        if (!memory_peek(cpu, address + k, physical, &byte, 1))
            return false;
    for (size_t k = 0; k < n; k++) {
        if (physical)
            at = address + k;
        else if (!cpu_translate_peek(cpu, (u32)(address + k), &at))
            return false;
        space_poke(cpu_memory(cpu), at, bytes + k, 1);
    }
    return true;
}
