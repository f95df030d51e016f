/* regress.h - differences once found, one a line, to be replayed first.
 *   # a comment
 *   code=EIP:BYTES... gpr=... sel=... eflags=... fcw=... fsw=... valid=... st=SE:SIGNIFICAND,... mem=ADDRESS:BYTES...
 * All numbers are hexadecimal; memory that is not named is zero. */
#pragma once
#include "generate.h"
#include <stdio.h>

struct step {
    struct insn insn;
    struct side before;
    u16 tainted;                /* undefined flags after it */
};

void regression_write(FILE *f, const struct step *steps, int n);
/* The next line: the number of its instructions (the first has the state), 0 at the end, -1: not understood. */
int regression_read(FILE *f, struct step *steps, int max);
