/* memory.h - a guest's memory from outside, linear or physical. */
#pragma once
#include "../../cpu/cpu.h"

/* Without side effects; RAM and ROM only. False: some of it is not mapped, or is a device's; what is left then is not told. */
bool memory_peek(struct cpu *cpu, u64 address, bool physical, void *to, size_t n);
/* Change it, ROM too, as nothing in the guest could: all of it, or, with false, nothing. Linear addresses wrap at 4 GB. Between runs. */
bool memory_poke(struct cpu *cpu, u64 address, bool physical, const void *from, size_t n);
