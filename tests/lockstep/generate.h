/* generate.h - random instructions for the lock-step test: every integer encoding that user mode may run. */
#pragma once
#include "victim.h"

struct random { u64 s; };
u32 random_u32(struct random *r);
static inline u32 random_below(struct random *r, u32 n) { return random_u32(r) % n; }
/* Numbers that hurt: 0, 1, -1, powers of two and their neighbours, small ones, anything. */
u32 random_value(struct random *r);

struct insn {
    u8 bytes[15];
    u8 length;
};
/* An instruction whose memory operands mostly lie in DATA or on the stack, given the registers as they are before it. It may
 * instead be a MOV that prepares a register for a later one (pointers for string instructions, counts). */
void insn_generate(struct random *r, const struct side *now, struct insn *out);
