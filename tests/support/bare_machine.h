/* bare_machine.h - a machine of the newest processor and RAM, without a board: for what looks into machines. Include after <setjmp.h>,
 * <stdarg.h>. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../cpu/cpu.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/machine/machine.h"

/* Its RAM, so many bytes from 0 on. */
static inline struct ram *bare_machine(struct machine **m, struct cpu **cpu, u32 bytes)
{
    struct machine_config c = { .ram_size = bytes, .model = cpu_model_find("max") };
    struct ram *ram = ram_new("ram", bytes);
    *m = machine_new(&c);
    *cpu = machine_cpu(*m);
    space_add_ram(machine_memory(*m), "ram", 0, bytes, PRIORITY_RAM, ram, 0, true, REGION_READ | REGION_WRITE);
    machine_add_ram(*m, ram);
    cpu_reset(*cpu);
    return ram;
}

static inline void bare_machine_free(struct machine *m, struct ram *ram)
{
    machine_free(m);
    ram_free(ram);
}

static inline void set_register(struct cpu *cpu, const char *name, u64 v)
{
    char why[160];
    if (!register_set(cpu, register_find(name), v, why, sizeof why))
        fail_msg("%s", why);
}
