/* rows.h - the opcode table as a whole: the row of an encoding, and every encoding there is. rows.c */
#pragma once
#include "op.h"

/* What selects a member of a group of rows. */
struct selector { u8 modrm; u8 prefix; /* mandatory: F3 or F2, the last of them; else 66; 0 none */ };

/* The row that a processor with these features has at an opcode, in the one-byte map or after 0F; may be a group's. *opcode becomes
 * the one that it is another name of (8086). */
const struct row *row_at(const struct feature_set *has, bool two_bytes, u8 *opcode);
/* Its member, or the row itself; then what that processor has in its place (early.h). */
const struct row *row_member(const struct feature_set *has, const struct row *row, bool two_bytes, u8 opcode, struct selector by);
bool row_has_modrm(const struct row *row);

/* An encoding: what its bytes begin with, and the operands with the group's. */
struct row_place {
    const struct row *row;      /* without a mnemonic: an undefined member of a group */
    const char *model;          /* NULL: of the opcode map; else the newest model that has this row in its place: early.h */
    u16 operand[4];
    u8 two_bytes, opcode;
    i8 reg;                     /* ModRM's digit; -1: any, where there is a ModRM */
    u8 modrm;                   /* the whole byte; 0: what reg leaves is free */
    u8 prefix;                  /* mandatory: 66, F3 or F2 */
    bool alone;                 /* 66, F3 and F2 before it make something else, or #UD */
    bool has_modrm, memory, registers;  /* which forms of r/m there are */
};
/* Every encoding of the table, by opcode; those of early models last. */
void rows_each(void (*each)(void *to, const struct row_place *p), void *to);
/* Its prefix, 0F, opcode and ModRM (with that mod and rm, register reg where the encoding leaves it free); how many bytes. No
 * displacement, immediate. */
int row_bytes(const struct row_place *p, int mod, int reg, int rm, u8 bytes[5]);
/* As the appendix writes it, "Eb"; NULL: no operand. */
const char *operand_name(u32 code);
/* "0f c7 /1 mem cmpxchg8b", "8086: 0f pop", the name of an encoding for people and lists. */
void row_name(const struct row_place *p, char *text, size_t size);
