/* regress.h - differences once found, one a line, to be replayed first.
 *   # a comment
 *   code=EIP:BYTES... gpr=... sel=... eflags=... fcw=... fsw=... valid=... st=SE:SIGNIFICAND,... mem=ADDRESS:BYTES...
 * All numbers are hexadecimal; memory that is not named is zero. Behind a "=>" comes what the processor made of it (cases.c): the
 * same words, where they changed, and out=pf address=... for a fault; "whole" where it is that of all iterations. */
#pragma once
#include "generate.h"
#include <stdio.h>

struct step {                   /* one executed instruction */
    struct insn insn;
    struct op op;               /* as our decoder has it; op.row NULL: it has not */
    struct regs before;
    u32 mark;                   /* changes of memory before it: struct lockstep's `changes` */
    u16 tainted;                /* undefined flags after it */
    bool again;                 /* it stood there already: a loop */
};

/* memory: data, then stack, as they are before the first step. */
void regression_write(FILE *f, const struct step *steps, int n, const u8 *memory);
struct result {                 /* of a line with "=>" */
    bool given, whole;          /* whole: after all iterations of the instruction, not one */
    struct regs after;
    u8 memory[MEMORY_SIZE];
};

/* The next line: the number of its instructions (the first has the state), 0 at the end, -1: not understood, which is printed.
 * result: what should come of it; NULL: lines have none. */
int regression_read(FILE *f, struct step *steps, int max, u8 *memory, struct result *result);
