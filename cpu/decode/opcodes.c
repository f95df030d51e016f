/* opcodes.c - the opcode map: SDM Vol. 2, Appendix A "Opcode Map", one- and two-byte tables and the groups, as C.
 * A row: mnemonic, up to three operands in the appendix's notation, the body, and what the decoder must check. A row without a
 * mnemonic is undefined (#UD). x87 and MMX have their own files. Flags: reads, writes, undefined (then with the value that the
 * body gives: its comment says which).
 * Not yet: 64-bit mode's rows (A_I64 marks what it takes away), SSE. */
#include "../engine/engine.h"
#include "../insn/integer.h"
#include "../system/system.h"
#include "../insn/x87/x87.h"
#include "../insn/simd/mmx.h"
#include "../cpuid.h"
#include "../test_registers.h"


enum {
    ARITH = FLAGS_ARITH,
    LOGIC = ARITH & ~FLAG_AF,
    C_ = FLAG_CF, P_ = FLAG_PF, A_ = FLAG_AF, Z_ = FLAG_ZF, S_ = FLAG_SF, O_ = FLAG_OF, D_ = FLAG_DF,
};

/* clang-format off */
#define HOT(mn, b, d, s, ...)      { .mnemonic = mn, .operand = { d, s }, .body = BODY_##b, __VA_ARGS__ }
#define HOT3(mn, b, d, s, t, ...)  { .mnemonic = mn, .operand = { d, s, t }, .body = BODY_##b, __VA_ARGS__ }
#define FN(mn, f, d, s, ...)       { .mnemonic = mn, .operand = { d, s }, .fn = f, __VA_ARGS__ }
#define FN3(mn, f, d, s, t, ...)   { .mnemonic = mn, .operand = { d, s, t }, .fn = f, __VA_ARGS__ }
#define GROUP(g, how, d, s)        { .group = g, .by = how, .operand = { d, s } }
#define ATTR .attr =
#define W_ARITH .writes = ARITH
#define W_LOGIC .writes = LOGIC, .undefined = A_

#define ALU(first, name, b, lock, ...) \
    [first + 0] = HOT(name, b, Eb, Gb, ATTR lock, __VA_ARGS__), [first + 1] = HOT(name, b, Ev, Gv, ATTR lock, __VA_ARGS__), \
    [first + 2] = HOT(name, b, Gb, Eb, __VA_ARGS__),            [first + 3] = HOT(name, b, Gv, Ev, __VA_ARGS__), \
    [first + 4] = HOT(name, b, AL, Ib, __VA_ARGS__),            [first + 5] = HOT(name, b, rAX, Iz, __VA_ARGS__)
#define EIGHT(first, ...) [first] = __VA_ARGS__, [first + 1] = __VA_ARGS__, [first + 2] = __VA_ARGS__, [first + 3] = __VA_ARGS__, \
    [first + 4] = __VA_ARGS__, [first + 5] = __VA_ARGS__, [first + 6] = __VA_ARGS__, [first + 7] = __VA_ARGS__

#define SEVEN(first, ...) [first] = __VA_ARGS__, [first + 1] = __VA_ARGS__, [first + 2] = __VA_ARGS__, [first + 3] = __VA_ARGS__, \
    [first + 4] = __VA_ARGS__, [first + 5] = __VA_ARGS__, [first + 6] = __VA_ARGS__

static const struct row group1[8] = {       /* 80-83 */
    [0] = HOT("add", add, __, __, ATTR A_LOCK, W_ARITH),
    [1] = HOT("or",  or,  __, __, ATTR A_LOCK, W_LOGIC),
    [2] = HOT("adc", adc, __, __, ATTR A_LOCK, W_ARITH, .reads = C_),
    [3] = HOT("sbb", sbb, __, __, ATTR A_LOCK, W_ARITH, .reads = C_),
    [4] = HOT("and", and, __, __, ATTR A_LOCK, W_LOGIC),
    [5] = HOT("sub", sub, __, __, ATTR A_LOCK, W_ARITH),
    [6] = HOT("xor", xor, __, __, ATTR A_LOCK, W_LOGIC),
    [7] = HOT("cmp", cmp, __, __, W_ARITH),
};
static const struct row group1a[8] = { [0] = FN("pop", op_pop_mem, Ev, __, ATTR A_STACK) };

/* Shifts: AF undefined, OF too unless the count is 1; a masked count of 0 changes no flag. */
#define SHIFT_FLAGS ATTR A_KEEPS, .writes = LOGIC, .undefined = A_ | O_
#define ROTATE_FLAGS ATTR A_KEEPS, .writes = C_ | O_, .undefined = O_
static const struct row group2_one[8] = {   /* D0, D1 */
    [0] = HOT("rol", rol, __, __, .writes = C_ | O_), [1] = HOT("ror", ror, __, __, .writes = C_ | O_),
    [2] = HOT("rcl", rcl, __, __, .writes = C_ | O_, .reads = C_), [3] = HOT("rcr", rcr, __, __, .writes = C_ | O_, .reads = C_),
    [4] = HOT("shl", shl, __, __, W_LOGIC), [5] = HOT("shr", shr, __, __, W_LOGIC),
    [6] = HOT("sal", shl, __, __, W_LOGIC), [7] = HOT("sar", sar, __, __, W_LOGIC),
};
static const struct row group2_imm[8] = {   /* C0, C1 */
    [0] = HOT("rol", rol, __, __, ROTATE_FLAGS), [1] = HOT("ror", ror, __, __, ROTATE_FLAGS),
    [2] = HOT("rcl", rcl, __, __, ROTATE_FLAGS, .reads = C_), [3] = HOT("rcr", rcr, __, __, ROTATE_FLAGS, .reads = C_),
    [4] = HOT("shl", shl, __, __, SHIFT_FLAGS),  [5] = HOT("shr", shr, __, __, SHIFT_FLAGS),
    [6] = HOT("sal", shl, __, __, SHIFT_FLAGS),  [7] = HOT("sar", sar, __, __, SHIFT_FLAGS),
};
static const struct row group2_cl[8] = {    /* D2, D3 */
    [0] = HOT("rol", rol_cl, __, __, ROTATE_FLAGS), [1] = HOT("ror", ror_cl, __, __, ROTATE_FLAGS),
    [2] = HOT("rcl", rcl_cl, __, __, ROTATE_FLAGS, .reads = C_), [3] = HOT("rcr", rcr_cl, __, __, ROTATE_FLAGS, .reads = C_),
    [4] = HOT("shl", shl_cl, __, __, SHIFT_FLAGS), [5] = HOT("shr", shr_cl, __, __, SHIFT_FLAGS),
    [6] = HOT("sal", shl_cl, __, __, SHIFT_FLAGS), [7] = HOT("sar", sar_cl, __, __, SHIFT_FLAGS),
};
#define MUL_FLAGS .writes = ARITH, .undefined = S_ | Z_ | A_ | P_
#define DIV_FLAGS .undefined = ARITH
static const struct row group3b[8] = {      /* F6: TEST alone has an immediate */
    [0] = HOT("test", test, Eb, Ib, W_LOGIC), [1] = HOT("test", test, Eb, Ib, W_LOGIC),
    [2] = HOT("not", not, Eb, __, ATTR A_LOCK), [3] = HOT("neg", neg, Eb, __, ATTR A_LOCK, W_ARITH),
    [4] = HOT("mul", mul, Eb, __, MUL_FLAGS), [5] = HOT("imul", imul1, Eb, __, MUL_FLAGS),
    [6] = HOT("div", div, Eb, __, DIV_FLAGS), [7] = HOT("idiv", idiv, Eb, __, DIV_FLAGS),
};
static const struct row group3v[8] = {      /* F7 */
    [0] = HOT("test", test, Ev, Iz, W_LOGIC), [1] = HOT("test", test, Ev, Iz, W_LOGIC),
    [2] = HOT("not", not, Ev, __, ATTR A_LOCK), [3] = HOT("neg", neg, Ev, __, ATTR A_LOCK, W_ARITH),
    [4] = HOT("mul", mul, Ev, __, MUL_FLAGS), [5] = HOT("imul", imul1, Ev, __, MUL_FLAGS),
    [6] = HOT("div", div, Ev, __, DIV_FLAGS), [7] = HOT("idiv", idiv, Ev, __, DIV_FLAGS),
};
#define INC_FLAGS .writes = ARITH & ~C_
static const struct row group4[8] = {       /* FE */
    [0] = HOT("inc", inc, Eb, __, ATTR A_LOCK, INC_FLAGS), [1] = HOT("dec", dec, Eb, __, ATTR A_LOCK, INC_FLAGS),
};
static const struct row group5[8] = {       /* FF */
    [0] = HOT("inc", inc, Ev, __, ATTR A_LOCK, INC_FLAGS), [1] = HOT("dec", dec, Ev, __, ATTR A_LOCK, INC_FLAGS),
    [2] = HOT("call", call_ind, __, Ev, ATTR A_BRANCH | A_STACK | A_O64),
    [3] = FN("call far", op_call_far_mem, Mp, __, ATTR A_END | A_BRANCH | A_STACK | A_SENS_PM),
    [4] = HOT("jmp", jmp_ind, __, Ev, ATTR A_BRANCH | A_O64),
    [5] = FN("jmp far", op_jmp_far_mem, Mp, __, ATTR A_END | A_BRANCH | A_SENS_PM),
    [6] = HOT("push", push_rm, __, Ev, ATTR A_STACK | A_O64),
};
static const struct row group6[8] = {       /* 0F 00 */
    [0] = FN("sldt", op_sldt, RvMw, __, ATTR A_PM | A_SENS, .intercept = INTERCEPT_LDTR_TR), [1] = FN("str", op_str, RvMw, __, ATTR A_PM | A_SENS, .intercept = INTERCEPT_LDTR_TR),
    [2] = FN("lldt", op_lldt, Ew, __, ATTR A_PM | A_CPL0, .intercept = INTERCEPT_LDTR_TR),   [3] = FN("ltr", op_ltr, Ew, __, ATTR A_PM | A_CPL0, .intercept = INTERCEPT_LDTR_TR),
    [4] = FN("verr", op_verr, Ew, __, ATTR A_PM | A_SENS, .writes = Z_), [5] = FN("verw", op_verw, Ew, __, ATTR A_PM | A_SENS, .writes = Z_),
};
static const struct row group7[16] = {      /* 0F 01: memory, then register forms */
    [0] = FN("sgdt", op_sgdt, Ms, __, ATTR A_SENS, .intercept = INTERCEPT_GDTR_IDTR), [1] = FN("sidt", op_sidt, Ms, __, ATTR A_SENS, .intercept = INTERCEPT_GDTR_IDTR),
    [2] = FN("lgdt", op_lgdt, Ms, __, ATTR A_CPL0, .intercept = INTERCEPT_GDTR_IDTR), [3] = FN("lidt", op_lidt, Ms, __, ATTR A_CPL0, .intercept = INTERCEPT_GDTR_IDTR),
    [4] = FN("smsw", op_smsw, RvMw, __, ATTR A_SENS), [6] = FN("lmsw", op_lmsw, Ew, __, ATTR A_CPL0 | A_END, .intercept = INTERCEPT_CR),
    [7] = FN("invlpg", op_invlpg, M, __, ATTR A_CPL0 | A_END, .feature = FEATURE_486, .intercept = INTERCEPT_INVLPG),
    [8 + 4] = FN("smsw", op_smsw, RvMw, __, ATTR A_SENS), [8 + 6] = FN("lmsw", op_lmsw, Ew, __, ATTR A_CPL0 | A_END, .intercept = INTERCEPT_CR),
};
static const struct row group8[8] = {       /* 0F BA */
    [4] = FN("bt",  op_bt,  Ev, Ib, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [5] = FN("bts", op_bts, Ev, Ib, ATTR A_LOCK, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [6] = FN("btr", op_btr, Ev, Ib, ATTR A_LOCK, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [7] = FN("btc", op_btc, Ev, Ib, ATTR A_LOCK, .writes = C_, .undefined = O_ | S_ | A_ | P_),
};
static const struct row group9[16] = {      /* 0F C7 */
    [1] = FN("cmpxchg8b", op_cmpxchg8b, Mq, __, ATTR A_LOCK, .feature = FEATURE_CX8, .writes = Z_),
};
static const struct row group11b[8] = { [0] = HOT("mov", mov, Eb, Ib) };
static const struct row group11v[8] = { [0] = HOT("mov", mov, Ev, Iz) };
static const struct row group15[16] = {     /* 0F AE */
    [0] = FN("fxsave", op_fxsave, M, __, .exceptions = EXCEPT_FPU, .prefix = PREFIX_NP, .feature = FEATURE_FXSR),
    [1] = FN("fxrstor", op_fxrstor, M, __, .exceptions = EXCEPT_FPU, .prefix = PREFIX_NP, .feature = FEATURE_FXSR),
    [13] = HOT("lfence", nop, __, __, .prefix = PREFIX_NP, .feature = FEATURE_FENCES),    /* one processor sees its own accesses in order */
    [14] = HOT("mfence", nop, __, __, .prefix = PREFIX_NP, .feature = FEATURE_FENCES),
    [15] = HOT("sfence", nop, __, __, .prefix = PREFIX_NP, .feature = FEATURE_FENCES),
};

static const struct row group90[4] = {      /* by prefix: none, 66, F3, F2 */
    HOT("nop", nop, __, __), HOT("nop", nop, __, __), HOT("pause", pause, __, __, .intercept = INTERCEPT_PAUSE), HOT("nop", nop, __, __),
};

const struct row rows_1byte[256] = {
    ALU(0x00, "add", add, A_LOCK, W_ARITH),
    [0x06] = FN("push", op_push_sreg, rES, __, ATTR A_STACK | A_I64 | A_SENS_PM), [0x07] = FN("pop", op_pop_sreg, rES, __, ATTR A_STACK | A_I64 | A_MAY_END | A_SENS_PM),
    ALU(0x08, "or", or, A_LOCK, W_LOGIC),
    [0x0e] = FN("push", op_push_sreg, rCS, __, ATTR A_STACK | A_I64 | A_SENS_PM),
    ALU(0x10, "adc", adc, A_LOCK, W_ARITH, .reads = C_),
    [0x16] = FN("push", op_push_sreg, rSS, __, ATTR A_STACK | A_I64 | A_SENS_PM), [0x17] = FN("pop", op_pop_sreg, rSS, __, ATTR A_STACK | A_I64 | A_MAY_END | A_SENS_PM),
    ALU(0x18, "sbb", sbb, A_LOCK, W_ARITH, .reads = C_),
    [0x1e] = FN("push", op_push_sreg, rDS, __, ATTR A_STACK | A_I64 | A_SENS_PM), [0x1f] = FN("pop", op_pop_sreg, rDS, __, ATTR A_STACK | A_I64 | A_MAY_END | A_SENS_PM),
    ALU(0x20, "and", and, A_LOCK, W_LOGIC),
    [0x27] = FN("daa", op_daa, __, __, ATTR A_I64, .reads = C_ | A_, .writes = ARITH, .undefined = O_),
    ALU(0x28, "sub", sub, A_LOCK, W_ARITH),
    [0x2f] = FN("das", op_das, __, __, ATTR A_I64, .reads = C_ | A_, .writes = ARITH, .undefined = O_),
    ALU(0x30, "xor", xor, A_LOCK, W_LOGIC),
    [0x37] = FN("aaa", op_aaa, __, __, ATTR A_I64, .reads = A_, .writes = ARITH, .undefined = O_ | S_ | Z_ | P_),
    ALU(0x38, "cmp", cmp, 0, W_ARITH),
    [0x3f] = FN("aas", op_aas, __, __, ATTR A_I64, .reads = A_, .writes = ARITH, .undefined = O_ | S_ | Z_ | P_),
    EIGHT(0x40, HOT("inc", inc, Zv, __, ATTR A_I64, INC_FLAGS)),
    EIGHT(0x48, HOT("dec", dec, Zv, __, ATTR A_I64, INC_FLAGS)),
    EIGHT(0x50, HOT("push", push, __, Zv, ATTR A_STACK | A_O64)),
    EIGHT(0x58, HOT("pop", pop, Zv, __, ATTR A_STACK | A_O64)),
    [0x60] = FN("pusha", op_pusha, __, __, ATTR A_STACK | A_I64), [0x61] = FN("popa", op_popa, __, __, ATTR A_STACK | A_I64),
    [0x62] = FN("bound", op_bound, Gv, Ma, ATTR A_I64),
    [0x63] = FN("arpl", op_arpl, Ew, Gw, ATTR A_PM | A_SENS | A_I64, .writes = Z_),
    [0x68] = HOT("push", push, __, Iz, ATTR A_STACK | A_O64),
    [0x69] = HOT3("imul", imul, Gv, Ev, Iz, MUL_FLAGS),
    [0x6a] = HOT("push", push, __, Ibs, ATTR A_STACK | A_O64),
    [0x6b] = HOT3("imul", imul, Gv, Ev, Ibs, MUL_FLAGS),
    [0x6c] = FN("ins", op_ins, Yb, DX, ATTR A_REP | A_IO | A_SENS, .reads = D_, .intercept = INTERCEPT_IO), [0x6d] = FN("ins", op_ins, Yz, DX, ATTR A_REP | A_IO | A_SENS, .reads = D_, .intercept = INTERCEPT_IO),
    [0x6e] = FN("outs", op_outs, DX, Xb, ATTR A_REP | A_IO | A_SENS, .reads = D_, .intercept = INTERCEPT_IO), [0x6f] = FN("outs", op_outs, DX, Xz, ATTR A_REP | A_IO | A_SENS, .reads = D_, .intercept = INTERCEPT_IO),
#define J(op, cc, r) [op] = HOT("j" #cc, j##cc, Jb, __, ATTR A_BRANCH, .reads = r)
    J(0x70, o, O_), J(0x71, no, O_), J(0x72, b, C_), J(0x73, nb, C_), J(0x74, z, Z_), J(0x75, nz, Z_), J(0x76, be, C_ | Z_), J(0x77, nbe, C_ | Z_),
    J(0x78, s, S_), J(0x79, ns, S_), J(0x7a, p, P_), J(0x7b, np, P_), J(0x7c, l, S_ | O_), J(0x7d, nl, S_ | O_), J(0x7e, le, S_ | O_ | Z_), J(0x7f, nle, S_ | O_ | Z_),
#undef J
    [0x80] = GROUP(group1, BY_REG, Eb, Ib), [0x81] = GROUP(group1, BY_REG, Ev, Iz),
    [0x82] = GROUP(group1, BY_REG, Eb, Ib), [0x83] = GROUP(group1, BY_REG, Ev, Ibs),
    [0x84] = HOT("test", test, Eb, Gb, W_LOGIC), [0x85] = HOT("test", test, Ev, Gv, W_LOGIC),
    [0x86] = HOT("xchg", xchg, Eb, Gb, ATTR A_LOCK), [0x87] = HOT("xchg", xchg, Ev, Gv, ATTR A_LOCK),
    [0x88] = HOT("mov", mov, Eb, Gb), [0x89] = HOT("mov", mov, Ev, Gv), [0x8a] = HOT("mov", mov, Gb, Eb), [0x8b] = HOT("mov", mov, Gv, Ev),
    [0x8c] = FN("mov", op_mov_rm_sreg, RvMw, Sw, ATTR A_SENS_PM), [0x8d] = HOT("lea", lea, Gv, M), [0x8e] = FN("mov", op_mov_sreg_rm, Sw, Ew, ATTR A_MAY_END | A_SENS_PM, .operation = "DEST := SRC, in protected mode with the descriptor that it names"),
    [0x8f] = GROUP(group1a, BY_REG, Ev, __),
    [0x90] = GROUP(group90, BY_PREFIX, __, __), SEVEN(0x91, HOT("xchg", xchg, Zv, rAX)),
    [0x98] = HOT("cbw", cwde, __, __), [0x99] = HOT("cwd", cdq, __, __),
    [0x9a] = FN("call far", op_call_far_imm, Ap, __, ATTR A_END | A_BRANCH | A_STACK | A_I64 | A_SENS_PM),
    [0x9b] = FN("fwait", op_fwait, __, __, .exceptions = EXCEPT_WAIT),
    [0x9c] = FN("pushf", op_pushf, Fv, __, ATTR A_STACK | A_SENS | A_O64, .reads = ARITH | D_),
    [0x9d] = FN("popf", op_popf, Fv, __, ATTR A_STACK | A_SENS | A_MAY_END | A_O64, .writes = ARITH | D_),
    [0x9e] = FN("sahf", op_sahf, __, __, .writes = ARITH & ~O_), [0x9f] = FN("lahf", op_lahf, __, __, .reads = ARITH & ~O_),
    [0xa0] = HOT("mov", mov, AL, Ob), [0xa1] = HOT("mov", mov, rAX, Ov), [0xa2] = HOT("mov", mov, Ob, AL), [0xa3] = HOT("mov", mov, Ov, rAX),
    [0xa4] = FN("movs", op_movs, Yb, Xb, ATTR A_REP, .reads = D_), [0xa5] = FN("movs", op_movs, Yv, Xv, ATTR A_REP, .reads = D_),
    [0xa6] = FN("cmps", op_cmps, Xb, Yb, ATTR A_REP | A_REPCC, W_ARITH, .reads = D_), [0xa7] = FN("cmps", op_cmps, Xv, Yv, ATTR A_REP | A_REPCC, W_ARITH, .reads = D_),
    [0xa8] = HOT("test", test, AL, Ib, W_LOGIC), [0xa9] = HOT("test", test, rAX, Iz, W_LOGIC),
    [0xaa] = FN("stos", op_stos, Yb, AL, ATTR A_REP, .reads = D_), [0xab] = FN("stos", op_stos, Yv, rAX, ATTR A_REP, .reads = D_),
    [0xac] = FN("lods", op_lods, AL, Xb, ATTR A_REP, .reads = D_), [0xad] = FN("lods", op_lods, rAX, Xv, ATTR A_REP, .reads = D_),
    [0xae] = FN("scas", op_scas, AL, Yb, ATTR A_REP | A_REPCC, W_ARITH, .reads = D_), [0xaf] = FN("scas", op_scas, rAX, Yv, ATTR A_REP | A_REPCC, W_ARITH, .reads = D_),
    EIGHT(0xb0, HOT("mov", mov, Zb, Ib)), EIGHT(0xb8, HOT("mov", mov, Zv, Iv)),
    [0xc0] = GROUP(group2_imm, BY_REG, Eb, Ib), [0xc1] = GROUP(group2_imm, BY_REG, Ev, Ib),
    [0xc2] = HOT("ret", ret, __, Iw, ATTR A_BRANCH | A_STACK), [0xc3] = HOT("ret", ret, __, __, ATTR A_BRANCH | A_STACK),
    [0xc4] = FN("les", op_les, Gv, Mp, ATTR A_MAY_END | A_I64 | A_SENS_PM), [0xc5] = FN("lds", op_lds, Gv, Mp, ATTR A_MAY_END | A_I64 | A_SENS_PM),
    [0xc6] = GROUP(group11b, BY_REG, Eb, Ib), [0xc7] = GROUP(group11v, BY_REG, Ev, Iz),
    [0xc8] = FN("enter", op_enter, Iw, Ib, ATTR A_STACK | A_O64), [0xc9] = HOT("leave", leave, __, __, ATTR A_STACK | A_O64),
    [0xca] = FN("ret far", op_ret_far, Iw, __, ATTR A_END | A_BRANCH | A_STACK | A_SENS_PM), [0xcb] = FN("ret far", op_ret_far, __, __, ATTR A_END | A_BRANCH | A_STACK | A_SENS_PM),
    [0xcc] = FN("int3", op_int3, __, __, ATTR A_END | A_BRANCH | A_SENS), [0xcd] = FN("int", op_int_n, Ib, __, ATTR A_END | A_BRANCH | A_SENS),
    [0xce] = FN("into", op_into, __, __, ATTR A_END | A_BRANCH | A_I64 | A_SENS, .reads = O_),
    [0xcf] = FN("iret", op_iret, __, __, ATTR A_END | A_BRANCH | A_STACK | A_SENS, .writes = ARITH | D_),
    [0xd0] = GROUP(group2_one, BY_REG, Eb, One), [0xd1] = GROUP(group2_one, BY_REG, Ev, One),
    [0xd2] = GROUP(group2_cl, BY_REG, Eb, CL), [0xd3] = GROUP(group2_cl, BY_REG, Ev, CL),
    [0xd4] = FN("aam", op_aam, Ib, __, ATTR A_I64, .writes = ARITH, .undefined = O_ | A_ | C_), [0xd5] = FN("aad", op_aad, Ib, __, ATTR A_I64, .writes = ARITH, .undefined = O_ | A_ | C_),
    [0xd6] = FN("salc", op_salc, __, __, ATTR A_I64, .reads = C_), [0xd7] = FN("xlat", op_xlat, __, __),
    [0xd8] = GROUP(rows_x87[0], BY_MOD_REG_RM, __, __), [0xd9] = GROUP(rows_x87[1], BY_MOD_REG_RM, __, __),
    [0xda] = GROUP(rows_x87[2], BY_MOD_REG_RM, __, __), [0xdb] = GROUP(rows_x87[3], BY_MOD_REG_RM, __, __),
    [0xdc] = GROUP(rows_x87[4], BY_MOD_REG_RM, __, __), [0xdd] = GROUP(rows_x87[5], BY_MOD_REG_RM, __, __),
    [0xde] = GROUP(rows_x87[6], BY_MOD_REG_RM, __, __), [0xdf] = GROUP(rows_x87[7], BY_MOD_REG_RM, __, __),
    [0xe0] = HOT("loopne", loopne, Jb, __, ATTR A_BRANCH, .reads = Z_), [0xe1] = HOT("loope", loope, Jb, __, ATTR A_BRANCH, .reads = Z_),
    [0xe2] = HOT("loop", loop, Jb, __, ATTR A_BRANCH), [0xe3] = HOT("jcxz", jcxz, Jb, __, ATTR A_BRANCH),
    [0xe4] = FN("in", op_in, AL, Ib, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO), [0xe5] = FN("in", op_in, eAX, Ib, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO),
    [0xe6] = FN("out", op_out, Ib, AL, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO), [0xe7] = FN("out", op_out, Ib, eAX, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO),
    [0xe8] = HOT("call", call, Jz, __, ATTR A_BRANCH | A_STACK), [0xe9] = HOT("jmp", jmp, Jz, __, ATTR A_BRANCH),
    [0xea] = FN("jmp far", op_jmp_far_imm, Ap, __, ATTR A_END | A_BRANCH | A_I64 | A_SENS_PM), [0xeb] = HOT("jmp", jmp, Jb, __, ATTR A_BRANCH),
    [0xec] = FN("in", op_in, AL, DX, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO), [0xed] = FN("in", op_in, eAX, DX, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO),
    [0xee] = FN("out", op_out, DX, AL, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO), [0xef] = FN("out", op_out, DX, eAX, ATTR A_IO | A_SENS, .intercept = INTERCEPT_IO),
    [0xf1] = FN("icebp", op_icebp, __, __, ATTR A_END | A_BRANCH | A_SENS),
    [0xf4] = FN("hlt", op_hlt, __, __, ATTR A_END | A_CPL0, .intercept = INTERCEPT_HLT), [0xf5] = HOT("cmc", cmc, __, __, .reads = C_, .writes = C_),
    [0xf6] = GROUP(group3b, BY_REG, __, __), [0xf7] = GROUP(group3v, BY_REG, __, __),
    [0xf8] = HOT("clc", clc, __, __, .writes = C_), [0xf9] = HOT("stc", stc, __, __, .writes = C_),
    [0xfa] = FN("cli", op_cli, __, __, ATTR A_MAY_END | A_SENS), [0xfb] = FN("sti", op_sti, __, __, ATTR A_MAY_END | A_SENS),
    [0xfc] = HOT("cld", cld, __, __, .writes = D_), [0xfd] = HOT("std", std, __, __, .writes = D_),
    [0xfe] = GROUP(group4, BY_REG, __, __), [0xff] = GROUP(group5, BY_REG, __, __),
};

const struct row rows_0f[256] = {
    [0x00] = GROUP(group6, BY_REG, __, __), [0x01] = GROUP(group7, BY_MOD_REG, __, __),
    [0x02] = FN("lar", op_lar, Gv, Ew, ATTR A_PM | A_SENS, .writes = Z_), [0x03] = FN("lsl", op_lsl, Gv, Ew, ATTR A_PM | A_SENS, .writes = Z_),
    [0x06] = FN("clts", op_clts, __, __, ATTR A_CPL0 | A_END, .intercept = INTERCEPT_CR),
    [0x08] = FN("invd", op_invd, __, __, ATTR A_CPL0, .feature = FEATURE_486, .intercept = INTERCEPT_INVD), [0x09] = FN("wbinvd", op_wbinvd, __, __, ATTR A_CPL0, .feature = FEATURE_486, .intercept = INTERCEPT_WBINVD),
    /* 0B: UD2 is undefined by design; an empty row. */
    /* Hints: a P6 knows none and does nothing, without touching memory. Prefetching and 0F 1F /0, the documented NOP, are among them. */
    EIGHT(0x18, HOT("nop", nop, Ev, __, .feature = FEATURE_P6)),
    [0x20] = FN("mov", op_mov_r_cr, Rd, Cd, ATTR A_CPL0, .intercept = INTERCEPT_CR), [0x21] = FN("mov", op_mov_r_dr, Rd, Dd, ATTR A_CPL0, .intercept = INTERCEPT_DR),
    [0x22] = FN("mov", op_mov_cr_r, Cd, Rd, ATTR A_CPL0 | A_END, .intercept = INTERCEPT_CR,
        .operation = "DEST := SRC; #GP(0) where a reserved bit would be 1, or PG without PE; in force at once"), [0x23] = FN("mov", op_mov_dr_r, Dd, Rd, ATTR A_CPL0 | A_END, .intercept = INTERCEPT_DR),
    [0x24] = FN("mov", op_mov_r_tr, Rd, Dd, ATTR A_CPL0, .feature = FEATURE_TEST), [0x26] = FN("mov", op_mov_tr_r, Dd, Rd, ATTR A_CPL0, .feature = FEATURE_TEST),
    [0x30] = FN("wrmsr", op_wrmsr, __, __, ATTR A_CPL0 | A_END, .feature = FEATURE_MSR, .intercept = INTERCEPT_WRMSR), [0x31] = FN("rdtsc", op_rdtsc, __, __, ATTR A_SENS, .feature = FEATURE_TSC, .intercept = INTERCEPT_RDTSC),
    [0x32] = FN("rdmsr", op_rdmsr, __, __, ATTR A_CPL0, .feature = FEATURE_MSR, .intercept = INTERCEPT_RDMSR), [0x33] = FN("rdpmc", op_rdpmc, __, __, ATTR A_SENS, .feature = FEATURE_RDPMC, .intercept = INTERCEPT_RDPMC),
    [0x34] = FN("sysenter", op_sysenter, __, __, ATTR A_END | A_BRANCH, .feature = FEATURE_SEP), [0x35] = FN("sysexit", op_sysexit, __, __, ATTR A_END | A_BRANCH | A_CPL0, .feature = FEATURE_SEP),
#define C(op, cc, r) [op] = HOT("cmov" #cc, cmov##cc, Gv, Ev, .feature = FEATURE_CMOV, .reads = r)
    C(0x40, o, O_), C(0x41, no, O_), C(0x42, b, C_), C(0x43, nb, C_), C(0x44, z, Z_), C(0x45, nz, Z_), C(0x46, be, C_ | Z_), C(0x47, nbe, C_ | Z_),
    C(0x48, s, S_), C(0x49, ns, S_), C(0x4a, p, P_), C(0x4b, np, P_), C(0x4c, l, S_ | O_), C(0x4d, nl, S_ | O_), C(0x4e, le, S_ | O_ | Z_), C(0x4f, nle, S_ | O_ | Z_),
#undef C
#define J(op, cc, r) [op] = HOT("j" #cc, j##cc, Jz, __, ATTR A_BRANCH, .reads = r)
    J(0x80, o, O_), J(0x81, no, O_), J(0x82, b, C_), J(0x83, nb, C_), J(0x84, z, Z_), J(0x85, nz, Z_), J(0x86, be, C_ | Z_), J(0x87, nbe, C_ | Z_),
    J(0x88, s, S_), J(0x89, ns, S_), J(0x8a, p, P_), J(0x8b, np, P_), J(0x8c, l, S_ | O_), J(0x8d, nl, S_ | O_), J(0x8e, le, S_ | O_ | Z_), J(0x8f, nle, S_ | O_ | Z_),
#undef J
#define S(op, cc, r) [op] = HOT("set" #cc, set##cc, Eb, __, .reads = r)
    S(0x90, o, O_), S(0x91, no, O_), S(0x92, b, C_), S(0x93, nb, C_), S(0x94, z, Z_), S(0x95, nz, Z_), S(0x96, be, C_ | Z_), S(0x97, nbe, C_ | Z_),
    S(0x98, s, S_), S(0x99, ns, S_), S(0x9a, p, P_), S(0x9b, np, P_), S(0x9c, l, S_ | O_), S(0x9d, nl, S_ | O_), S(0x9e, le, S_ | O_ | Z_), S(0x9f, nle, S_ | O_ | Z_),
#undef S
    [0xa0] = FN("push", op_push_sreg, rFS, __, ATTR A_STACK | A_SENS_PM), [0xa1] = FN("pop", op_pop_sreg, rFS, __, ATTR A_STACK | A_MAY_END | A_SENS_PM),
    [0xa2] = FN("cpuid", op_cpuid, __, __, ATTR A_SENS, .feature = FEATURE_CPUID, .intercept = INTERCEPT_CPUID),
    [0xa3] = FN("bt", op_bt, Ev, Gv, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [0xa4] = HOT3("shld", shld, Ev, Gv, Ib, SHIFT_FLAGS), [0xa5] = HOT3("shld", shld_cl, Ev, Gv, CL, SHIFT_FLAGS),
    [0xa8] = FN("push", op_push_sreg, rGS, __, ATTR A_STACK | A_SENS_PM), [0xa9] = FN("pop", op_pop_sreg, rGS, __, ATTR A_STACK | A_MAY_END | A_SENS_PM),
    [0xaa] = FN("rsm", op_rsm, __, __, ATTR A_END, .feature = FEATURE_SMM, .writes = ARITH | D_, .intercept = INTERCEPT_RSM),
    [0xab] = FN("bts", op_bts, Ev, Gv, ATTR A_LOCK, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [0xac] = HOT3("shrd", shrd, Ev, Gv, Ib, SHIFT_FLAGS), [0xad] = HOT3("shrd", shrd_cl, Ev, Gv, CL, SHIFT_FLAGS),
    [0xae] = GROUP(group15, BY_MOD_REG, __, __),
    [0xaf] = HOT("imul", imul, Gv, Ev, MUL_FLAGS),
    [0xb0] = FN("cmpxchg", op_cmpxchg, Eb, Gb, ATTR A_LOCK, .feature = FEATURE_486, W_ARITH), [0xb1] = FN("cmpxchg", op_cmpxchg, Ev, Gv, ATTR A_LOCK, .feature = FEATURE_486, W_ARITH),
    [0xb2] = FN("lss", op_lss, Gv, Mp, ATTR A_MAY_END | A_SENS_PM), [0xb4] = FN("lfs", op_lfs, Gv, Mp, ATTR A_MAY_END | A_SENS_PM), [0xb5] = FN("lgs", op_lgs, Gv, Mp, ATTR A_MAY_END | A_SENS_PM),
    [0xb3] = FN("btr", op_btr, Ev, Gv, ATTR A_LOCK, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [0xb6] = HOT("movzx", movzx8, Gv, Eb), [0xb7] = HOT("movzx", movzx16, Gv, Ew),
    /* B9: UD1, an empty row. */
    [0xba] = GROUP(group8, BY_REG, Ev, Ib),
    [0xbb] = FN("btc", op_btc, Ev, Gv, ATTR A_LOCK, .writes = C_, .undefined = O_ | S_ | A_ | P_),
    [0xbc] = FN("bsf", op_bsf, Gv, Ev, .writes = Z_, .undefined = C_ | O_ | S_ | A_ | P_), [0xbd] = FN("bsr", op_bsr, Gv, Ev, .writes = Z_, .undefined = C_ | O_ | S_ | A_ | P_),
    [0xbe] = HOT("movsx", movsx8, Gv, Eb), [0xbf] = HOT("movsx", movsx16, Gv, Ew),
    [0xc0] = FN("xadd", op_xadd, Eb, Gb, ATTR A_LOCK, .feature = FEATURE_486, W_ARITH), [0xc1] = FN("xadd", op_xadd, Ev, Gv, ATTR A_LOCK, .feature = FEATURE_486, W_ARITH),
    [0xc7] = GROUP(group9, BY_MOD_REG, __, __),
    EIGHT(0xc8, HOT("bswap", bswap, Zv, __, .feature = FEATURE_486)),
};
/* clang-format on */
