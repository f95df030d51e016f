/* ties.h - what a step of a superinstruction knows of its operands when its block is decoded: which of them are the register that the
 * steps before hold, because they wrote it last. compose.c */
#pragma once
#include "../decode/op.h"

/* Destination, source, base, index, in every combination; none: nothing is known. */
enum tie {
    TIE_ = 0,
    TIE_D = 1, TIE_S = 2, TIE_B = 4, TIE_X = 8,
    TIE_DS = 3, TIE_DB = 5, TIE_SB = 6, TIE_DSB = 7, TIE_DX = 9, TIE_SX = 10, TIE_DSX = 11, TIE_BX = 12, TIE_DBX = 13,
    TIE_SBX = 14, TIE_DSBX = 15
};

/* The step of `body` at o, where the register at `place` is held (0: none): its tie; and which register is held behind it. */
int step_tie(int body, int size_log2, int form, const struct op *o, u8 place);
u8  step_holds(int body, int size_log2, int form, const struct op *o, u8 place);
