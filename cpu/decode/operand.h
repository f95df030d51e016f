/* operand.h - what stands in a row's operand columns: a kind and a size, as the two-part codes of SDM Vol. 2, Appendix A, "Codes for
 * Addressing Method" and "Codes for Operand Type". */
#pragma once
#include "../../host/base.h"

enum operand_kind {
    K_NONE,
    K_E, K_M, K_R,              /* ModRM r/m: register or memory, memory only, register only */
    K_Q, K_N,                   /* the same of MMX: register or memory, register only */
    K_G, K_S, K_C, K_D, K_P,    /* ModRM reg: general, segment, control, debug, MMX register */
    K_I, K_J, K_A, K_O,         /* in the instruction: immediate, relative target, far pointer, offset of memory */
    K_X, K_Y, K_F,              /* string source DS:(E)SI, destination ES:(E)DI; the flags register */
    K_Z,                        /* the register in the opcode's low three bits */
    K_GPR, K_SEG,               /* a fixed register, its number in the code */
    K_PORT, K_COUNT, K_ONE,     /* DX as a port's number, CL as a count, the count 1: no size of the operation */
    K_ST0, K_STI,               /* the x87's top, and the one that ModRM r/m names */
};

enum operand_size {
    S_NONE,
    S_b, S_w, S_d, S_q,         /* byte, word, doubleword, quadword */
    S_bs,                       /* a byte, sign-extended to the operand size */
    S_v, S_z, S_y,              /* by operand size: 16, 32 or 64 bits; 16, or 32 for both others; 64, or 32 for both others */
    S_vw,                       /* a register by operand size, but a word in memory */
    S_p, S_s, S_a, S_t,         /* far pointer, descriptor table, BOUND's pair, 80-bit real */
};

/* Name, kind, size, register. */
#define OPERANDS(X) \
    X(Eb, K_E, S_b, 0) X(Ew, K_E, S_w, 0) X(Ed, K_E, S_d, 0) X(Ev, K_E, S_v, 0) X(Ey, K_E, S_y, 0) X(RvMw, K_E, S_vw, 0) \
    X(Gb, K_G, S_b, 0) X(Gw, K_G, S_w, 0) X(Gd, K_G, S_d, 0) X(Gv, K_G, S_v, 0) X(Gy, K_G, S_y, 0) \
    X(Rd, K_R, S_d, 0) X(Rv, K_R, S_v, 0) X(Rw, K_R, S_w, 0) \
    X(M, K_M, S_NONE, 0) X(Mb, K_M, S_b, 0) X(Mw, K_M, S_w, 0) X(Md, K_M, S_d, 0) X(Mq, K_M, S_q, 0) \
    X(Mp, K_M, S_p, 0) X(Ms, K_M, S_s, 0) X(Ma, K_M, S_a, 0) X(Mt, K_M, S_t, 0) \
    X(Sw, K_S, S_w, 0) X(Cd, K_C, S_d, 0) X(Dd, K_D, S_d, 0) \
    X(Pd, K_P, S_d, 0) X(Pq, K_P, S_q, 0) X(Qd, K_Q, S_d, 0) X(Qq, K_Q, S_q, 0) X(Nq, K_N, S_q, 0) \
    X(Ib, K_I, S_b, 0) X(Ibs, K_I, S_bs, 0) X(Iw, K_I, S_w, 0) X(Iz, K_I, S_z, 0) X(Iv, K_I, S_v, 0) \
    X(Jb, K_J, S_b, 0) X(Jz, K_J, S_z, 0) X(Ap, K_A, S_p, 0) X(Ob, K_O, S_b, 0) X(Ov, K_O, S_v, 0) \
    X(Xb, K_X, S_b, 0) X(Xv, K_X, S_v, 0) X(Xz, K_X, S_z, 0) X(Yb, K_Y, S_b, 0) X(Yv, K_Y, S_v, 0) X(Yz, K_Y, S_z, 0) \
    X(Fv, K_F, S_v, 0) X(Zb, K_Z, S_b, 0) X(Zv, K_Z, S_v, 0) X(Zz, K_Z, S_z, 0) \
    X(AL, K_GPR, S_b, 0) X(AX, K_GPR, S_w, 0) X(eAX, K_GPR, S_z, 0) X(rAX, K_GPR, S_v, 0) \
    X(rES, K_SEG, S_w, 0) X(rCS, K_SEG, S_w, 1) X(rSS, K_SEG, S_w, 2) X(rDS, K_SEG, S_w, 3) X(rFS, K_SEG, S_w, 4) X(rGS, K_SEG, S_w, 5) \
    X(DX, K_PORT, S_w, 2) X(CL, K_COUNT, S_b, 1) X(One, K_ONE, S_NONE, 0) X(ST0, K_ST0, S_NONE, 0) X(STi, K_STI, S_NONE, 0)

enum operand {
    __,
#define X(name, kind, size, n) name = kind | size << 6 | n << 12,
    OPERANDS(X)
#undef X
};
static inline enum operand_kind operand_kind(u32 code) { return (enum operand_kind)(code & 63); }
static inline enum operand_size operand_size(u32 code) { return (enum operand_size)(code >> 6 & 63); }
static inline int operand_register(u32 code)   { return (int)(code >> 12); }

static inline bool is_rm(u32 code)         { return operand_kind(code) >= K_E && operand_kind(code) <= K_N; }
static inline bool is_modrm(u32 code)      { return operand_kind(code) >= K_E && operand_kind(code) <= K_P; }
static inline bool is_imm(u32 code)        { return operand_kind(code) == K_I || operand_kind(code) == K_ONE; }
static inline bool is_control(u32 code)    { return operand_kind(code) == K_C || operand_kind(code) == K_D; }
static inline bool only_register(u32 code) { return operand_kind(code) == K_R || operand_kind(code) == K_N; }
static inline bool only_memory(u32 code)   { return operand_kind(code) == K_M; }
