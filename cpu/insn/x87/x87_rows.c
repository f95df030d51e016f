/* x87_rows.c - the opcode table of D8-DF.
 * Follows: Intel SDM Vol. 2, Appendix A "Escape Opcode Instructions". The aliases that the appendix leaves empty (D9 D8, DC D0,
 * DC D8, DD C8, DE D0, DF C0, DF C8, DF D0, DF D8) do on every processor what is written here. */
#include "x87.h"

enum { CF_ = FLAG_CF, PF_ = FLAG_PF, ZF_ = FLAG_ZF };

/* A memory form of ModRM reg r; register forms C0 + n, one and a column of eight. */
#define FPU(name, body, ...)            { .mnemonic = name, .exceptions = EXCEPT_FPU, .fn = body, __VA_ARGS__ }
#define MEM(r, name, code, body)        [r] = FPU(name, body, .operand = { code })
#define ONE(n, name, body)              [8 + (n)] = FPU(name, body, .operand = { __ })
#define ONE_AX(n, name, body)           [8 + (n)] = FPU(name, body, .operand = { AX })
#define COL(n, name, body)              [8 + (n) ... 15 + (n)] = FPU(name, body, .operand = { STi })
#define COL_0I(n, name, body)           [8 + (n) ... 15 + (n)] = FPU(name, body, .operand = { ST0, STi })
#define COL_I0(n, name, body)           [8 + (n) ... 15 + (n)] = FPU(name, body, .operand = { STi, ST0 })
#define COL_MOV(n, name, flags) \
    [8 + (n) ... 15 + (n)] = FPU(name, x87_fcmov, .operand = { ST0, STi }, .feature = FEATURE_CMOV, .reads = flags)
#define COL_FLAGS(n, name, body) \
    [8 + (n) ... 15 + (n)] = FPU(name, body, .operand = { ST0, STi }, .feature = FEATURE_CMOV, .writes = FLAGS_ARITH)

const struct row rows_x87[8][72] = {
    [0] = {                                                                             /* D8 */
        MEM(0, "fadd",  Md, x87_fadd_m32),  MEM(1, "fmul",  Md, x87_fmul_m32),
        MEM(2, "fcom",  Md, x87_fcom_m32),  MEM(3, "fcomp", Md, x87_fcomp_m32),
        MEM(4, "fsub",  Md, x87_fsub_m32),  MEM(5, "fsubr", Md, x87_fsubr_m32),
        MEM(6, "fdiv",  Md, x87_fdiv_m32),  MEM(7, "fdivr", Md, x87_fdivr_m32),
        COL_0I(0x00, "fadd", x87_fadd_st0_sti), COL_0I(0x08, "fmul",  x87_fmul_st0_sti),
        COL_0I(0x10, "fcom", x87_fcom),         COL_0I(0x18, "fcomp", x87_fcomp),
        COL_0I(0x20, "fsub", x87_fsub_st0_sti), COL_0I(0x28, "fsubr", x87_fsubr_st0_sti),
        COL_0I(0x30, "fdiv", x87_fdiv_st0_sti), COL_0I(0x38, "fdivr", x87_fdivr_st0_sti),
    },
    [1] = {                                                                             /* D9 */
        MEM(0, "fld",    Md, x87_fld_m32),
        MEM(2, "fst",    Md, x87_fst_m32),  MEM(3, "fstp",   Md, x87_fstp_m32),
        MEM(4, "fldenv", M,  x87_fldenv),   MEM(5, "fldcw",  Mw, x87_fldcw),
        MEM(6, "fnstenv", M, x87_fnstenv),  MEM(7, "fnstcw", Mw, x87_fnstcw),
        COL(0x00, "fld", x87_fld_sti),      COL(0x08, "fxch", x87_fxch),
        ONE(0x10, "fnop", x87_fnop),        COL(0x18, "fstpnce", x87_fstpnce),
        ONE(0x20, "fchs", x87_fchs),        ONE(0x21, "fabs", x87_fabs),
        ONE(0x24, "ftst", x87_ftst),        ONE(0x25, "fxam", x87_fxam),
        ONE(0x28, "fld1", x87_fld1),        ONE(0x29, "fldl2t", x87_fldl2t),
        ONE(0x2a, "fldl2e", x87_fldl2e),    ONE(0x2b, "fldpi", x87_fldpi),
        ONE(0x2c, "fldlg2", x87_fldlg2),    ONE(0x2d, "fldln2", x87_fldln2),
        ONE(0x2e, "fldz", x87_fldz),
        ONE(0x30, "f2xm1", x87_f2xm1),      ONE(0x31, "fyl2x", x87_fyl2x),
        ONE(0x32, "fptan", x87_fptan),      ONE(0x33, "fpatan", x87_fpatan),
        ONE(0x34, "fxtract", x87_fxtract),  ONE(0x35, "fprem1", x87_fprem1),
        ONE(0x36, "fdecstp", x87_fdecstp),  ONE(0x37, "fincstp", x87_fincstp),
        ONE(0x38, "fprem", x87_fprem),      ONE(0x39, "fyl2xp1", x87_fyl2xp1),
        ONE(0x3a, "fsqrt", x87_fsqrt),      ONE(0x3b, "fsincos", x87_fsincos),
        ONE(0x3c, "frndint", x87_frndint),  ONE(0x3d, "fscale", x87_fscale),
        ONE(0x3e, "fsin", x87_fsin),        ONE(0x3f, "fcos", x87_fcos),
    },
    [2] = {                                                                             /* DA */
        MEM(0, "fiadd", Md, x87_fadd_m32i), MEM(1, "fimul",  Md, x87_fmul_m32i),
        MEM(2, "ficom", Md, x87_fcom_m32i), MEM(3, "ficomp", Md, x87_fcomp_m32i),
        MEM(4, "fisub", Md, x87_fsub_m32i), MEM(5, "fisubr", Md, x87_fsubr_m32i),
        MEM(6, "fidiv", Md, x87_fdiv_m32i), MEM(7, "fidivr", Md, x87_fdivr_m32i),
        COL_MOV(0x00, "fcmovb", CF_),       COL_MOV(0x08, "fcmove", ZF_),
        COL_MOV(0x10, "fcmovbe", CF_ | ZF_), COL_MOV(0x18, "fcmovu", PF_),
        ONE(0x29, "fucompp", x87_fucompp),
    },
    [3] = {                                                                             /* DB */
        MEM(0, "fild", Md, x87_fild_m32),
        MEM(2, "fist", Md, x87_fist_m32),   MEM(3, "fistp", Md, x87_fistp_m32),
        MEM(5, "fld",  Mt, x87_fld_m80),    MEM(7, "fstp",  Mt, x87_fstp_m80),
        COL_MOV(0x00, "fcmovnb", CF_),      COL_MOV(0x08, "fcmovne", ZF_),
        COL_MOV(0x10, "fcmovnbe", CF_ | ZF_), COL_MOV(0x18, "fcmovnu", PF_),
        ONE(0x20, "fneni", x87_control_nop), ONE(0x21, "fndisi", x87_control_nop),
        ONE(0x22, "fnclex", x87_fnclex),    ONE(0x23, "fninit", x87_fninit),
        ONE(0x24, "fnsetpm", x87_control_nop),
        COL_FLAGS(0x28, "fucomi", x87_fucomi), COL_FLAGS(0x30, "fcomi", x87_fcomi),
    },
    [4] = {                                                                             /* DC */
        MEM(0, "fadd",  Mq, x87_fadd_m64),  MEM(1, "fmul",  Mq, x87_fmul_m64),
        MEM(2, "fcom",  Mq, x87_fcom_m64),  MEM(3, "fcomp", Mq, x87_fcomp_m64),
        MEM(4, "fsub",  Mq, x87_fsub_m64),  MEM(5, "fsubr", Mq, x87_fsubr_m64),
        MEM(6, "fdiv",  Mq, x87_fdiv_m64),  MEM(7, "fdivr", Mq, x87_fdivr_m64),
        COL_I0(0x00, "fadd", x87_fadd_sti_st0), COL_I0(0x08, "fmul", x87_fmul_sti_st0),
        COL_0I(0x10, "fcom", x87_fcom),         COL_0I(0x18, "fcomp", x87_fcomp),
        COL_I0(0x20, "fsubr", x87_fsubr_sti_st0), COL_I0(0x28, "fsub", x87_fsub_sti_st0),
        COL_I0(0x30, "fdivr", x87_fdivr_sti_st0), COL_I0(0x38, "fdiv", x87_fdiv_sti_st0),
    },
    [5] = {                                                                             /* DD */
        MEM(0, "fld",  Mq, x87_fld_m64),
        MEM(2, "fst",  Mq, x87_fst_m64),    MEM(3, "fstp",   Mq, x87_fstp_m64),
        MEM(4, "frstor", M, x87_frstor),    MEM(6, "fnsave", M,  x87_fnsave),
        MEM(7, "fnstsw", Mw, x87_fnstsw),
        COL(0x00, "ffree", x87_ffree),      COL(0x08, "fxch",  x87_fxch),
        COL(0x10, "fst",   x87_fst_sti),    COL(0x18, "fstp",  x87_fstp_sti),
        COL_0I(0x20, "fucom", x87_fucom),   COL_0I(0x28, "fucomp", x87_fucomp),
    },
    [6] = {                                                                             /* DE */
        MEM(0, "fiadd", Mw, x87_fadd_m16i), MEM(1, "fimul",  Mw, x87_fmul_m16i),
        MEM(2, "ficom", Mw, x87_fcom_m16i), MEM(3, "ficomp", Mw, x87_fcomp_m16i),
        MEM(4, "fisub", Mw, x87_fsub_m16i), MEM(5, "fisubr", Mw, x87_fsubr_m16i),
        MEM(6, "fidiv", Mw, x87_fdiv_m16i), MEM(7, "fidivr", Mw, x87_fdivr_m16i),
        COL_I0(0x00, "faddp", x87_faddp),   COL_I0(0x08, "fmulp", x87_fmulp),
        COL_0I(0x10, "fcomp", x87_fcomp),   ONE(0x19, "fcompp", x87_fcompp),
        COL_I0(0x20, "fsubrp", x87_fsubrp), COL_I0(0x28, "fsubp", x87_fsubp),
        COL_I0(0x30, "fdivrp", x87_fdivrp), COL_I0(0x38, "fdivp", x87_fdivp),
    },
    [7] = {                                                                             /* DF */
        MEM(0, "fild", Mw, x87_fild_m16),
        MEM(2, "fist", Mw, x87_fist_m16),   MEM(3, "fistp", Mw, x87_fistp_m16),
        MEM(4, "fbld", Mt, x87_fbld),       MEM(5, "fild",  Mq, x87_fild_m64),
        MEM(6, "fbstp", Mt, x87_fbstp),     MEM(7, "fistp", Mq, x87_fistp_m64),
        COL(0x00, "ffreep", x87_ffreep),    COL(0x08, "fxch", x87_fxch),
        COL(0x10, "fstp",  x87_fstp_sti),   COL(0x18, "fstp", x87_fstp_sti),
        ONE_AX(0x20, "fnstsw", x87_fnstsw_ax),
        COL_FLAGS(0x28, "fucomip", x87_fucomip), COL_FLAGS(0x30, "fcomip", x87_fcomip),
    },
};
