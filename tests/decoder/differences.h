/* differences.h - where Vitrine's decoder means to differ from Zydis, and the manual's word for it. */
#pragma once
#include "compare.h"

enum { IN_MEM = 1, IN_REG = 2, IN_ANY = 3 };    /* form of the r/m operand */
enum { MODES_ALL = 7, MODES_PROTECTED = 6, MODES_REAL = 1 };
enum { ANY_PREFIX, WITH_66, WITH_REP /* F2 or F3 */ };

struct difference {
    u32 aspects;                /* enum aspect: may differ in these */
    u8 map, first, last;        /* opcodes, in the one-byte map or after 0F */
    u8 regs;                    /* bit n: reg field n of ModRM; 0xff where the opcode has no ModRM byte */
    u8 form, modes, prefix;
    const char *manual;         /* title and section */
    const char *why;
};
extern const struct difference differences[];
extern const int difference_count;
/* Index of a row that covers all of `aspects`, -1 if there is none. */
int difference_find(u32 aspects, enum code_mode m, const struct head *h);
