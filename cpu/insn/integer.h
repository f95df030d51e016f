/* integer.h - the bodies of integer instructions that are not hot: one C function a row of the opcode table.
 * SDM Vol. 2, each instruction's Operation section. */
#pragma once
#include "../decode/op.h"

/* integer.c */
insn_fn op_daa, op_das, op_aaa, op_aas, op_aam, op_aad, op_salc, op_lahf, op_sahf, op_xlat;
insn_fn op_bt, op_bts, op_btr, op_btc, op_bsf, op_bsr, op_cmpxchg, op_cmpxchg8b, op_xadd;
/* frame.c */
insn_fn op_pusha, op_popa, op_enter, op_bound, op_pop_mem;
/* string.c: one instruction or, with a REP prefix, as many iterations as the budget allows */
insn_fn op_movs, op_cmps, op_stos, op_lods, op_scas, op_ins, op_outs;
insn_fn op_in, op_out;
