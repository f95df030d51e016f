/* encodings.h - the opcode table as a list, one entry an encoding, for the generator; and what was made of it. */
#pragma once
#include "../../cpu/op.h"

enum encoding_class { CLASS_INTEGER, CLASS_SEGMENT, CLASS_X87, CLASS_MMX, ENCODING_CLASSES };

struct encoding {
    const struct row *row;
    u8 operand[3];              /* with the group's */
    u8 two_byte, opcode;
    i8 reg;                     /* ModRM reg; -1: any (when there is a ModRM) */
    u8 has_modrm, memory, registers; /* which forms there are */
    u8 modrm;                   /* x87 register forms: the whole byte; 0: free */
    u8 class;                   /* enum encoding_class */
    u8 weight;
    const char *left_out;       /* why it is never generated; NULL: it is */
    u64 made[2], wide[2];       /* register and memory forms generated; of those with the other operand size */
};

struct encodings {
    struct encoding *list;
    int count;
    u32 weight[ENCODING_CLASSES];
};

void encodings_open(struct encodings *e);
void encodings_close(struct encodings *e);
/* Print what was never generated, with the reason where there is one; the number of those without. Encodings of
 * classes that cannot run here are not counted. */
int encodings_report(const struct encodings *e, bool segments, bool verbose);
