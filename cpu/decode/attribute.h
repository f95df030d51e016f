/* attribute.h - what is to be known of a row of the opcode table beyond its operands: for the decoder, and for whoever tells of it. */
#pragma once

/* What the decoder and the tracer need to know of a row beyond its operands. */
enum attribute {
    A_END    = 1 << 0,      /* ends the block; the body may change rip, mode or mappings */
    A_MAY_END = 1 << 14,    /* ends it where the mode changed, or something waits for the next instruction's start */
    A_LOCK   = 1 << 1,      /* LOCK is legal with a memory destination */
    A_CPL0   = 1 << 2,      /* #GP(0) unless CPL is 0 (in V86 mode CPL is 3) */
    A_PM     = 1 << 3,      /* #UD in real and virtual-8086 mode */
    A_REP    = 1 << 6,      /* string instruction: REP applies */
    A_REPCC  = 1 << 7,      /* REPE/REPNE: ZF matters */
    A_IO     = 1 << 8,      /* touches ports */
    A_BRANCH = 1 << 9,      /* near control flow */
    A_SENS_PM = 1 << 10,    /* the next, in protected mode alone: what takes or shows selectors, which are plain numbers elsewhere */
    A_SENS   = 1 << 11,     /* sensitive and not privileged (Popek and Goldberg): SGDT, POPF, ... Nothing is in real mode */
    A_O64    = 1 << 12,     /* 64-bit operand size by default in 64-bit mode */
    A_I64    = 1 << 13,     /* invalid in 64-bit mode */
    A_STACK  = 1 << 15,     /* implicit stack access */
    A_KEEPS  = 1 << 19,     /* with a count of zero the flags in `writes` and `undefined` stay what they were */
};

/* What CR0 and alignment may forbid: SDM Vol. 2A "Exception Classification". */
enum exception_class {
    EXCEPT_NONE,
    EXCEPT_FPU,     /* #NM if EM or TS */
    EXCEPT_MMX,     /* #UD if EM, #NM if TS */
    EXCEPT_WAIT,    /* #NM if MP and TS */
};
