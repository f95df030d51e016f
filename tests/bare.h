/* bare.h - a processor, RAM from address 0 on, and nothing else: no device, no interrupt, no time. What tests of the processor
 * alone stand on.
 * Here: ports that nobody answers read all ones. A test gives its own wiring where it wants to see a pin. */
#pragma once
#include "../cpu/core.h"
#include "../cpu/engine/run.h"
#include "../cpu/cpuid.h"

struct bare {
    struct cpu *cpu;
    struct space *memory, *ports;
    struct ram *ram;
};

static inline u64 bare_no_time(void *board)
{
    (void)board;
    return 0;
}

/* A segment descriptor's 8 bytes. limit: its 20 bits; access: bits 8 to 23 of the second word without the limit's. */
static inline u64 bare_descriptor(u32 base, u32 limit, u16 access)
{
    return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 | (u64)(limit >> 16 & 15) << 48
         | (u64)(base >> 24) << 56;
}

/* A processor of that model after power-up. pins: the clock and its functions; NULL for none of them. */
static inline struct bare bare_new(struct log *log, u64 ram_size, const char *model, const struct cpu_wiring *pins)
{
    struct cpu_wiring w = { 0 };
    struct bare b = {
        .memory = space_new("memory", 36, PAGE_SHIFT, log), .ports = space_new("ports", 16, 0, log), .ram = ram_new("ram", ram_size),
    };
    space_add_ram(b.memory, "ram", 0, ram_size, 0, b.ram, 0, true, REGION_READ | REGION_WRITE);
    if (pins)
        w = *pins;
    w.memory = b.memory;
    w.ports = b.ports;
    w.log = log;
    if (!w.time)
        w.time = bare_no_time;
    b.cpu = cpu_new(&w, cpu_model_find(model));
    cpu_set_youth(b.cpu, 0);                    /* what runs once shall run as what runs often does */
    return b;
}

static inline void bare_free(struct bare *b)
{
    cpu_free(b->cpu);
    space_free(b->memory);
    space_free(b->ports);
    ram_free(b->ram);
}
