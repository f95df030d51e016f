/* mmx_rows.c - the MMX rows of the two-byte opcode table, and the groups of shifts by an immediate.
 * Follows: Intel SDM Vol. 2, Appendix A "Opcode Map" (0F 60 to 0F FE without prefix, groups 12, 13, 14). */
#include "mmx.h"

#define MMX(name, f, d, s) \
    { .mnemonic = name, .operand = { d, s }, .feature = FEATURE_MMX, .prefix = PREFIX_NP, .exceptions = EXCEPT_MMX, .fn = f }
#define ROW(n, name, d, s)  [n] = MMX(#name, mmx_##name, d, s)
#define SHIFT(r, name)      [r] = MMX(#name, mmx_##name##_imm, Nq, Ib)
#define MOVE(n, name, d, s, body) [n] = MMX(name, body, d, s)

/* Register forms only (Nq): a memory form is undefined. */
static const struct row group_71[8] = { SHIFT(2, psrlw), SHIFT(4, psraw), SHIFT(6, psllw) };
static const struct row group_72[8] = { SHIFT(2, psrld), SHIFT(4, psrad), SHIFT(6, pslld) };
static const struct row group_73[8] = { SHIFT(2, psrlq), SHIFT(6, psllq) };

const struct row rows_mmx[256] = {
    ROW(0x60, punpcklbw, Pq, Qd), ROW(0x61, punpcklwd, Pq, Qd), ROW(0x62, punpckldq, Pq, Qd), ROW(0x63, packsswb, Pq, Qq),
    ROW(0x64, pcmpgtb, Pq, Qq),   ROW(0x65, pcmpgtw, Pq, Qq),   ROW(0x66, pcmpgtd, Pq, Qq),   ROW(0x67, packuswb, Pq, Qq),
    ROW(0x68, punpckhbw, Pq, Qq), ROW(0x69, punpckhwd, Pq, Qq), ROW(0x6a, punpckhdq, Pq, Qq), ROW(0x6b, packssdw, Pq, Qq),
    MOVE(0x6e, "movd", Pd, Ey, mmx_movd_load), MOVE(0x6f, "movq", Pq, Qq, mmx_movq_load),
    [0x71] = { .by = BY_REG, .group = group_71, .operand = { Nq, Ib } },
    [0x72] = { .by = BY_REG, .group = group_72, .operand = { Nq, Ib } },
    [0x73] = { .by = BY_REG, .group = group_73, .operand = { Nq, Ib } },
    ROW(0x74, pcmpeqb, Pq, Qq),   ROW(0x75, pcmpeqw, Pq, Qq),   ROW(0x76, pcmpeqd, Pq, Qq),   ROW(0x77, emms, __, __),
    MOVE(0x7e, "movd", Ey, Pd, mmx_movd_store), MOVE(0x7f, "movq", Qq, Pq, mmx_movq_store),
    ROW(0xd1, psrlw, Pq, Qq),     ROW(0xd2, psrld, Pq, Qq),     ROW(0xd3, psrlq, Pq, Qq),     ROW(0xd5, pmullw, Pq, Qq),
    ROW(0xd8, psubusb, Pq, Qq),   ROW(0xd9, psubusw, Pq, Qq),   ROW(0xdb, pand, Pq, Qq),
    ROW(0xdc, paddusb, Pq, Qq),   ROW(0xdd, paddusw, Pq, Qq),   ROW(0xdf, pandn, Pq, Qq),
    ROW(0xe1, psraw, Pq, Qq),     ROW(0xe2, psrad, Pq, Qq),     ROW(0xe5, pmulhw, Pq, Qq),
    ROW(0xe8, psubsb, Pq, Qq),    ROW(0xe9, psubsw, Pq, Qq),    ROW(0xeb, por, Pq, Qq),
    ROW(0xec, paddsb, Pq, Qq),    ROW(0xed, paddsw, Pq, Qq),    ROW(0xef, pxor, Pq, Qq),
    ROW(0xf1, psllw, Pq, Qq),     ROW(0xf2, pslld, Pq, Qq),     ROW(0xf3, psllq, Pq, Qq),     ROW(0xf5, pmaddwd, Pq, Qq),
    ROW(0xf8, psubb, Pq, Qq),     ROW(0xf9, psubw, Pq, Qq),     ROW(0xfa, psubd, Pq, Qq),
    ROW(0xfc, paddb, Pq, Qq),     ROW(0xfd, paddw, Pq, Qq),     ROW(0xfe, paddd, Pq, Qq),
};
