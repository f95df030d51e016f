/* triple.h - what led to a triple fault, told so that a student can follow it. */
#pragma once
#include "../../iodev/machine/machine.h"
#include "../../cpu/cpu.h"
#include "../symbols/symbols.h"
#include <stdio.h>

/* A run's triple faults: the first from each place (up to 8) is reported in full, the others are counted: the second and third
 * with a line, then each power of ten, the rest at the end. Begins as zeros. */
enum { TRIPLE_PLACES = 8 };
struct triple_faults {
    struct fold fold;
    int places;
    const struct symbols *symbols;      /* for names; NULL: none */
    const struct machine *machine;      /* likewise */
    struct triple_place { u64 rip; u16 cs; u8 vector; } place[TRIPLE_PLACES];
};
void triple_fault_tell(struct triple_faults *t, struct cpu *cpu, FILE *out);
void triple_fault_total(struct triple_faults *t, FILE *out);
