/* x87_compare.c - FCOM, FUCOM, FCOMI, FUCOMI, FICOM, FTST, FXAM.
 * Follows: Intel SDM Vol. 2, their pages; but where an exception is unmasked the result is set all the same, and only the pop is
 * left out, and FCOMI leaves C1 unless the stack underflows: the SDM says otherwise, processors of both vendors agree (lock-step). */
#include "x87.h"

/* Condition codes of the comparison; false: an unmasked exception, nothing is popped. */
static bool compare(struct cpu *cpu, struct f80_env *env, bool have, struct f80 a, struct f80 b, bool quiet, u16 *cc)
{
    if (unlikely(!have)) {
        *cc = FSW_C3 | FSW_C2 | FSW_C0;
        return x87_underflow(cpu);
    }
    *cc = f80_compare(env, a, b, quiet);
    return x87_finish(cpu, env);
}

static void set_cc(struct x87 *x, u16 cc)
{
    x->fsw = (u16)((x->fsw & ~(FSW_C3 | FSW_C2 | FSW_C0)) | cc);
}

static inline void compare_registers(struct cpu *cpu, const struct op *o, int i, bool quiet, int pops)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    u16 cc;

    x87_wait(cpu);
    x87_note(cpu, o);
    if (!compare(cpu, &env, x87_have(x, 0, i), *x87_st(x, 0), *x87_st(x, i), quiet, &cc))
        pops = 0;
    set_cc(x, cc);
    while (pops--)
        x87_pop(x);
}

void x87_fcom(struct cpu *cpu, const struct op *o)    { compare_registers(cpu, o, o->src, false, 0); }
void x87_fcomp(struct cpu *cpu, const struct op *o)   { compare_registers(cpu, o, o->src, false, 1); }
void x87_fcompp(struct cpu *cpu, const struct op *o)  { compare_registers(cpu, o, 1, false, 2); }
void x87_fucom(struct cpu *cpu, const struct op *o)   { compare_registers(cpu, o, o->src, true, 0); }
void x87_fucomp(struct cpu *cpu, const struct op *o)  { compare_registers(cpu, o, o->src, true, 1); }
void x87_fucompp(struct cpu *cpu, const struct op *o) { compare_registers(cpu, o, 1, true, 2); }

static inline void compare_memory(struct cpu *cpu, const struct op *o, struct f80_env *env, struct f80 v, bool pop)
{
    struct x87 *x = &cpu->s.x87;
    u16 cc;

    x87_note_memory(cpu, o);
    pop &= compare(cpu, env, !x87_is_empty(x, 0), *x87_st(x, 0), v, false, &cc);
    set_cc(x, cc);
    if (pop)
        x87_pop(x);
}

static inline void compare_m32(struct cpu *cpu, const struct op *o, bool pop)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    compare_memory(cpu, o, &env, f80_from_f32(&env, ld32(cpu, op_seg(o), op_ea(cpu, o))), pop);
}

static inline void compare_m64(struct cpu *cpu, const struct op *o, bool pop)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    compare_memory(cpu, o, &env, f80_from_f64(&env, ld64(cpu, op_seg(o), op_ea(cpu, o))), pop);
}

static inline void compare_m32i(struct cpu *cpu, const struct op *o, bool pop)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    compare_memory(cpu, o, &env, f80_from_i64((i32)ld32(cpu, op_seg(o), op_ea(cpu, o))), pop);
}

static inline void compare_m16i(struct cpu *cpu, const struct op *o, bool pop)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    compare_memory(cpu, o, &env, f80_from_i64((i16)ld16(cpu, op_seg(o), op_ea(cpu, o))), pop);
}

void x87_fcom_m32(struct cpu *cpu, const struct op *o)   { compare_m32(cpu, o, false); }
void x87_fcomp_m32(struct cpu *cpu, const struct op *o)  { compare_m32(cpu, o, true); }
void x87_fcom_m64(struct cpu *cpu, const struct op *o)   { compare_m64(cpu, o, false); }
void x87_fcomp_m64(struct cpu *cpu, const struct op *o)  { compare_m64(cpu, o, true); }
void x87_fcom_m32i(struct cpu *cpu, const struct op *o)  { compare_m32i(cpu, o, false); }
void x87_fcomp_m32i(struct cpu *cpu, const struct op *o) { compare_m32i(cpu, o, true); }
void x87_fcom_m16i(struct cpu *cpu, const struct op *o)  { compare_m16i(cpu, o, false); }
void x87_fcomp_m16i(struct cpu *cpu, const struct op *o) { compare_m16i(cpu, o, true); }

/* ZF, PF, CF where C3, C2, C0 would be; OF, SF, AF are cleared. */
static void compare_flags(struct cpu *cpu, const struct op *o, bool quiet, bool pop)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    bool have = x87_have(x, 0, o->src);
    u16 cc, c1 = have ? x->fsw & FSW_C1 : 0;

    x87_wait(cpu);
    x87_note(cpu, o);
    pop &= compare(cpu, &env, have, *x87_st(x, 0), *x87_st(x, o->src), quiet, &cc);
    x->fsw |= c1;
    cpu_set_arith(cpu, (cc & FSW_C3 ? FLAG_ZF : 0u) | (cc & FSW_C2 ? FLAG_PF : 0u) | (cc & FSW_C0 ? FLAG_CF : 0u));
    if (pop)
        x87_pop(x);
}

void x87_fcomi(struct cpu *cpu, const struct op *o)   { compare_flags(cpu, o, false, false); }
void x87_fcomip(struct cpu *cpu, const struct op *o)  { compare_flags(cpu, o, false, true); }
void x87_fucomi(struct cpu *cpu, const struct op *o)  { compare_flags(cpu, o, true, false); }
void x87_fucomip(struct cpu *cpu, const struct op *o) { compare_flags(cpu, o, true, true); }

void x87_ftst(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    u16 cc;

    x87_wait(cpu);
    x87_note(cpu, o);
    compare(cpu, &env, !x87_is_empty(x, 0), *x87_st(x, 0), f80_zero(false), false, &cc);
    set_cc(x, cc);
}

void x87_fxam(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    u16 cc;

    x87_wait(cpu);
    x87_note(cpu, o);
    cc = f80_examine(*x87_st(x, 0));
    if (x87_is_empty(x, 0))
        cc = (cc & FSW_C1) | FSW_C3 | FSW_C0;
    x->fsw = (u16)((x->fsw & ~FSW_CC) | cc);
}
