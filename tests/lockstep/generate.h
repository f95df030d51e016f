/* generate.h - random instructions for the lock-step test: every encoding of the opcode table that user mode may run.
 * */
#pragma once
#include "encodings.h"
#include "host.h"
#include "random.h"

/* Parts of the data that hold what some instructions want: MMX lanes, floats, selectors, far pointers. */
enum {
       LANES_AT = DATA_AT + 0x400,
       LANES_SIZE = 0x200,
       FLOATS_AT = DATA_AT + 0x1800,
       FLOATS_SIZE = 0x400,
       SELECTORS_AT = DATA_AT + 0x2c00,
       SELECTORS_SIZE = 0x100,
       FAR_AT = DATA_AT + 0x2d00,
       FAR_SIZE = 0x100,
};

enum { GENERATOR_MIXES = 3 };
struct generator {
    struct random random;
    struct encodings encodings;
    const struct image *memory;     /* as it is now */
    const struct encoding *want;    /* registers were prepared for it */
    bool segments;
    u8 mix;                         /* of the sequence: which classes it is made of */
};

enum { INSN_MAX = 15, INSN_ROOM = 20 /* more than a processor takes */ };
struct insn {
    u8 bytes[INSN_ROOM];
    u8 length;
    u8 memory;                          /* the memory form */
    u8 extra;                           /* redundant prefixes */
    const struct encoding *encoding;    /* NULL: a preparation, or a regression's */
};
/* An instruction whose memory operands mostly lie in DATA or on the stack, given the registers as they are before it.
 * It may instead be a MOV or PUSH that prepares a later one (pointers for string instructions, counts). Length 0:
 * none came out. */
void insn_generate(struct generator *g, const struct regs *now, struct insn *out);
/* MOV ECX with a small count, for a loop. */
void insn_count(struct generator *g, const struct regs *now, struct insn *out);
/* A conditional branch or LOOP back to `target`, an EIP that is near. Length 0: it is too far. */
void insn_branch(struct generator *g, const struct regs *now, u32 target, struct insn *out);
/* It ran from this state: count it. op: as our decoder has it; at: linear address of its memory operand. */
void insn_made(struct generator *g, const struct insn *i, const struct op *o, const struct regs *before, u32 at);
