/* early.h - what processors before the P6 do otherwise, where it is more than a row that is missing. early.c */
#pragma once
#include "op.h"

/* Does nothing, as an 8086 on what its manual leaves undefined. */
extern const struct row row_nothing;
/* The 8086's row of an opcode; *opcode becomes the one that it is an alias of. */
const struct row *row_8086(u8 *opcode);
/* The row that a processor with these features has in place of one of the opcode map, at `opcode`, after 0F or not. May be row
 * itself. */
const struct row *row_of_model(const struct feature_set *has, const struct row *row, u8 opcode, bool two_bytes);
/* Does a string instruction of words on a 286 meet one at offset FFFFh in real mode? Then its registers are left as the 286 leaves
 * them before it faults. */
bool string_overrun_286(struct cpu *cpu, const struct op *o);
