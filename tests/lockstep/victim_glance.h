/* victim_glance.h - as much of an instruction as its stepping has to know; all of it errs on the safe side. */
#pragma once
#include "victim.h"

struct glance {
    const u8 *opcode, *end;     /* behind the prefixes; behind the instruction */
    u8 segment;                 /* of a prefix, in the processor's order; SEGMENT_DEFAULT */
    bool rep;                   /* F2 or F3 */
    bool narrow, narrow_address;        /* operands and addresses have 16 bits */
};
enum { SEGMENT_DEFAULT = 6 };

/* The `length` bytes of one instruction, in a code segment whose D is `wide`. */
struct glance glance_at(const u8 *code, u32 length, bool wide);
/* Is it one that loads DS, ES, FS or GS? */
bool glance_loads_segment(const struct glance *g);
/* Must it be stepped by TF? Those are: iterations of REP, far and indirect branches, returns, interrupts and system
 * calls, XBEGIN. If not, *target is where it may go besides `next`, the offset behind it; `next` if nowhere. */
bool glance_needs_trap(const struct glance *g, u32 next, u32 *target);
/* May it read code, as data, with these registers? */
bool glance_reads_code(const struct glance *g, const u32 *gpr, const u16 *selector, u32 at, u32 size);
