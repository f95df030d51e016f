/* x87.h - what the instruction bodies of the x87 and MMX share, and their names.
 * Follows: Intel SDM Vol. 1 "Programming with the x87 FPU".
 *
 * A body's order: pending exceptions (waiting instructions), memory reads and probes, the calculation, memory writes, then
 * pointers, status and registers. The decoder has planted #UD and #NM. For opcodes D8-DF op.imm is the 11-bit x87 opcode
 * (the low three bits of the first byte, and ModRM). */
#pragma once
#include "../../mmu/access.h"
#include "../../decode/op.h"
#include "f80.h"

static inline int x87_top(const struct x87 *x) { return x->fsw >> 11 & 7; }
static inline void x87_set_top(struct x87 *x, int top) { x->fsw = (u16)((x->fsw & ~FSW_TOP) | (top & 7) << 11); }
static inline int x87_physical(const struct x87 *x, int i) { return (x87_top(x) + i) & 7; }
static inline struct f80 *x87_st(struct x87 *x, int i) { return &x->st[x87_physical(x, i)]; }
static inline bool x87_is_empty(const struct x87 *x, int i) { return x->empty >> x87_physical(x, i) & 1; }

/* Registers and TOP; what is pushed upon must be empty. */
static inline void x87_write(struct x87 *x, int i, struct f80 v)
{
    int n = x87_physical(x, i);
    x->st[n] = v;
    x->empty &= (u8)~(1u << n);
}
static inline void x87_push(struct x87 *x, struct f80 v)
{
    x87_set_top(x, x87_top(x) - 1);
    x87_write(x, 0, v);
}
static inline void x87_pop(struct x87 *x)
{
    x->empty |= (u8)(1u << x87_top(x));
    x87_set_top(x, x87_top(x) + 1);
}

/* x87_core.c */

/* An unmasked exception is pending at a waiting instruction: #MF, or FERR# and a frozen processor. Returns when IGNNE# lets
 * the instruction run. */
void x87_pending(struct cpu *cpu);
static inline void x87_wait(struct cpu *cpu)
{
    if (unlikely(cpu->s.x87.fsw & FSW_ES))
        x87_pending(cpu);
}
/* After the status or control word were written: ES and B follow the unmasked flags, FERR# falls with them. */
void x87_summarise(struct cpu *cpu);
/* Instruction pointer, data pointer and opcode of a non-control instruction. */
void x87_note(struct cpu *cpu, const struct op *o);
void x87_note_memory(struct cpu *cpu, const struct op *o);
/* Registers, control, status, tags as FNINIT leaves them. */
void x87_init(struct cpu *cpu);
/* An unmasked exception: ES, B, and FERR# of the processors that drive it at once. */
void x87_error(struct cpu *cpu);
/* Finish a calculation: add its flags to the status; true when the register result is to be stored. */
static inline bool x87_finish(struct cpu *cpu, const struct f80_env *env)
{
    u16 flags = env->flags;
    struct x87 *x = &cpu->s.x87;
    x->fsw = (u16)((x->fsw & ~FSW_C1) | flags);
    if (unlikely(flags & ~env->control & FSW_EXCEPTIONS)) {
        x87_error(cpu);
        return f80_stored(env);
    }
    return true;
}
/* Stack faults: flags set; true when masked (the response is the indefinite). */
bool x87_underflow(struct cpu *cpu);
bool x87_overflow(struct cpu *cpu);
/* ST(i) and ST(j) for reading: false is stack underflow, to be answered by the caller. */
static inline bool x87_have(const struct x87 *x, int i, int j) { return !(x87_is_empty(x, i) || x87_is_empty(x, j)); }
static inline struct f80_env x87_env(const struct cpu *cpu) { return f80_env(cpu->s.x87.fcw); }

/* The tag word with two bits a register: computed, and taken apart (only "empty" counts). */
u16 x87_tag_word(const struct x87 *x);
void x87_set_tag_word(struct x87 *x, u16 tags);

/* Bodies. x87_arith.c */
#define X87_ARITH(X) X(fadd) X(fmul) X(fsub) X(fsubr) X(fdiv) X(fdivr)
#define X(n) insn_fn x87_##n##_st0_sti, x87_##n##_sti_st0, x87_##n##p, x87_##n##_m32, x87_##n##_m64, x87_##n##_m32i, \
    x87_##n##_m16i;
X87_ARITH(X)
#undef X
insn_fn x87_fsqrt, x87_frndint, x87_fscale, x87_fxtract, x87_fprem, x87_fprem1, x87_fchs, x87_fabs;
insn_fn x87_f2xm1, x87_fyl2x, x87_fyl2xp1, x87_fptan, x87_fpatan, x87_fsin, x87_fcos, x87_fsincos;
/* x87_compare.c */
insn_fn x87_fcom, x87_fcomp, x87_fcompp, x87_fucom, x87_fucomp, x87_fucompp, x87_ftst, x87_fxam;
insn_fn x87_fcom_m32, x87_fcomp_m32, x87_fcom_m64, x87_fcomp_m64, x87_fcom_m32i, x87_fcomp_m32i, x87_fcom_m16i, x87_fcomp_m16i;
insn_fn x87_fcomi, x87_fcomip, x87_fucomi, x87_fucomip;
/* x87_move.c */
insn_fn x87_fstpnce, x87_fld_sti, x87_fld_m32, x87_fld_m64, x87_fld_m80, x87_fild_m16, x87_fild_m32, x87_fild_m64, x87_fbld;
insn_fn x87_fst_sti, x87_fstp_sti, x87_fst_m32, x87_fstp_m32, x87_fst_m64, x87_fstp_m64, x87_fstp_m80, x87_fbstp;
insn_fn x87_fist_m16, x87_fistp_m16, x87_fist_m32, x87_fistp_m32, x87_fistp_m64;
insn_fn x87_fxch, x87_fcmov, x87_ffree, x87_ffreep, x87_fincstp, x87_fdecstp, x87_fnop;
insn_fn x87_fld1, x87_fldl2t, x87_fldl2e, x87_fldpi, x87_fldlg2, x87_fldln2, x87_fldz;
/* x87_control.c */
insn_fn x87_fninit, x87_fnclex, x87_fldcw, x87_fnstcw, x87_fnstsw, x87_fnstsw_ax, x87_fldenv, x87_fnstenv, x87_frstor, x87_fnsave;
insn_fn x87_control_nop;                                /* FNENI, FNDISI, FNSETPM */
insn_fn op_fwait, op_fxsave, op_fxrstor;

extern const struct row rows_x87[8][72];    /* D8-DF, by BY_MOD_REG_RM: x87_rows.c */
