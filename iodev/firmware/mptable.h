/* mptable.h - the MultiProcessor configuration table, for the firmware to put where kernels look for it. */
#pragma once
#include "../apic/apic_map.h"

enum { MPTABLE_MAX = 512, MPTABLE_FLOATING = 16 };

/* The floating pointer structure and behind it, at MPTABLE_FLOATING, the table. Two things are left to who places them: the
 * address in bytes 4 to 7 of the former (it holds MPTABLE_FLOATING), and the checksum in byte 10. Returns the bytes written. */
size_t mptable_make(u8 to[MPTABLE_MAX], const struct apic_map *map);
