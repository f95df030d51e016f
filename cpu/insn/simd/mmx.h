/* mmx.h - bodies of the MMX instructions (rows: rows_mmx[] by the second opcode byte). */
#pragma once
#include "../../decode/op.h"

#define MMX_BINARY(X) \
    X(punpcklbw) X(punpcklwd) X(punpckldq) X(punpckhbw) X(punpckhwd) X(punpckhdq) X(packsswb) X(packssdw) X(packuswb) \
    X(pcmpgtb) X(pcmpgtw) X(pcmpgtd) X(pcmpeqb) X(pcmpeqw) X(pcmpeqd) \
    X(paddb) X(paddw) X(paddd) X(paddsb) X(paddsw) X(paddusb) X(paddusw) \
    X(psubb) X(psubw) X(psubd) X(psubsb) X(psubsw) X(psubusb) X(psubusw) \
    X(pmullw) X(pmulhw) X(pmaddwd) X(pand) X(pandn) X(por) X(pxor) \
    X(psrlw) X(psrld) X(psrlq) X(psraw) X(psrad) X(psllw) X(pslld) X(psllq)
#define MMX_SHIFTS(X) X(psrlw) X(psrld) X(psrlq) X(psraw) X(psrad) X(psllw) X(pslld) X(psllq)

#define X(n) insn_fn mmx_##n;
MMX_BINARY(X)
#undef X
#define X(n) insn_fn mmx_##n##_imm;
MMX_SHIFTS(X)
#undef X
insn_fn mmx_movd_load, mmx_movd_store, mmx_movq_load, mmx_movq_store, mmx_emms;

extern const struct row rows_mmx[256];       /* second byte after 0F, where rows_0f is empty: mmx_rows.c */
