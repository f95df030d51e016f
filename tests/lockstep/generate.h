/* generate.h - random instructions for the lock-step test: every encoding of the opcode table that user mode may run. */
#pragma once
#include "encodings.h"
#include "victim.h"

struct random { u64 s; };
u32 random_u32(struct random *r);
static inline u32 random_below(struct random *r, u32 n) { return random_u32(r) % n; }
/* Numbers that hurt: 0, 1, -1, powers of two and their neighbours, small ones, anything. */
u32 random_value(struct random *r);
/* A selector of our tables, null, or beyond the LDT. */
u16 random_selector(struct random *r);
/* Does the selector name the same on both sides? */
bool selector_comparable(u16 selector);

enum {  /* parts of the data that hold what some instructions want: floats of all formats, selectors, far pointers */
    FLOATS_AT = DATA_AT + 0x1800, FLOATS_SIZE = 0x400,
    SELECTORS_AT = DATA_AT + 0x2c00, SELECTORS_SIZE = 0x100, FAR_AT = DATA_AT + 0x2d00, FAR_SIZE = 0x100,
};

struct generator {
    struct random random;
    struct encodings encodings;
    const struct encoding *want;    /* registers were prepared for it */
    bool segments;
};

struct insn {
    u8 bytes[15];
    u8 length;
    u8 memory;
    const struct encoding *encoding;    /* NULL: a preparation, or a regression's */
};
/* An instruction whose memory operands mostly lie in DATA or on the stack, given the registers as they are before it. It may
 * instead be a MOV or PUSH that prepares a later one (pointers for string instructions, counts). Length 0: none came out. */
void insn_generate(struct generator *g, const struct side *now, struct insn *out);
/* It ran: count it. */
void insn_made(struct generator *g, const struct insn *i);
