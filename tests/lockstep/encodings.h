/* encodings.h - the opcode table as a list, one entry an encoding, for the generator; and what was made of it. */
#pragma once
#include "../../cpu/decode/rows.h"

enum encoding_class { CLASS_INTEGER, CLASS_SEGMENT, CLASS_X87, CLASS_MMX, ENCODING_CLASSES };

enum st0_class { ST0_EMPTY, ST0_ZERO, ST0_DENORMAL, ST0_NORMAL, ST0_INFINITY, ST0_QNAN, ST0_SNAN, ST0_UNSUPPORTED };

/* Where a memory operand may lie that matters to its checks. */
enum place { PLACE_READ_ONLY_PAGE, PLACE_READ_ONLY_SEGMENT, PLACE_EXPAND_DOWN, PLACE_BASED, PLACES };
const char *place_name(enum place p);
struct encoding {
    struct row_place place;
    const struct row *row;
    u16 operand[4];             /* with the group's */
    u8 two_byte, opcode;
    i8 reg;                     /* ModRM reg; -1: any (when there is a ModRM) */
    u8 has_modrm, memory, registers; /* which forms there are */
    u8 modrm;                   /* x87 register forms: the whole byte; 0: free */
    u8 prefix;                  /* mandatory; 0: none */
    u8 alone;                   /* no 66, F2 or F3 besides */
    u8 class;                   /* enum encoding_class */
    u8 weight;
    const char *left_out;       /* why it is never generated; NULL: it is */
    /* What it ran with: */
    u64 made[2];                /* register and memory forms, how often */
    u64 flag_states;            /* a bit for each state of the six arithmetic flags */
    u16 fpu_modes;              /* a bit for each rounding and precision control, RC:PC */
    u8 st0_classes;             /* a bit for each enum st0_class in ST(0) */
    u8 code_sizes;              /* a bit for 16-bit code, one for 32-bit */
    u8 alignments;              /* memory forms: a bit for each address modulo 8 */
    u8 places;                  /* memory forms: a bit for each enum place */
};

struct encodings {
    struct encoding *list;
    int count;
    u32 weight[ENCODING_CLASSES];   /* entries of draw[] */
    u16 *draw[ENCODING_CLASSES];    /* indices into list, each as often as it weighs */
    u64 redundant, too_long,
        crossing; /* instructions with redundant prefixes, of more than 15 bytes, across two pages */
};

void encodings_open(struct encodings *e);
void encodings_close(struct encodings *e);
/* A line an encoding with a mnemonic: "ran" or "-", a tab, row_name(). */
bool encodings_write(const struct encodings *e, const char *path);
/* Print what was never generated, with the reason where there is one; the number of those without. Encodings of
 * classes that cannot run here are not counted. */
int encodings_report(const struct encodings *e, bool segments, bool verbose);
