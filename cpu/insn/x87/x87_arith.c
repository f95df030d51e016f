/* x87_arith.c - arithmetic and transcendental instructions.
 * Follows: Intel SDM Vol. 2, their pages; Vol. 1 "Stack Overflow or Underflow Exception". */
#include "x87.h"

/* ST(to) = f(ST(to), ST(from)), then pop. */
static inline void arith(struct cpu *cpu, const struct op *o, f80_binary *f, int to, int from, bool pop)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 r;

    x87_wait(cpu);
    x87_note(cpu, o);
    if (likely(x87_have(x, to, from))) {
        r = f(&env, *x87_st(x, to), *x87_st(x, from));
        if (unlikely(!x87_finish(cpu, &env)))
            return;
    } else {
        if (!x87_underflow(cpu))
            return;
        r = f80_indefinite();
    }
    x87_write(x, to, r);
    if (pop)
        x87_pop(x);
}

/* ST(0) = f(ST(0), v); env holds what the conversion of v said. */
static inline void arith_memory(struct cpu *cpu, const struct op *o, f80_binary *f, struct f80_env *env, struct f80 v)
{
    struct x87 *x = &cpu->s.x87;
    struct f80 r;

    x87_note_memory(cpu, o);
    if (likely(!x87_is_empty(x, 0))) {
        r = f(env, *x87_st(x, 0), v);
        if (unlikely(!x87_finish(cpu, env)))
            return;
    } else {
        if (!x87_underflow(cpu))
            return;
        r = f80_indefinite();
    }
    x87_write(x, 0, r);
}

static inline void arith_m32(struct cpu *cpu, const struct op *o, f80_binary *f)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    arith_memory(cpu, o, f, &env, f80_from_f32(&env, ld32(cpu, op_seg(o), op_ea(cpu, o))));
}

static inline void arith_m64(struct cpu *cpu, const struct op *o, f80_binary *f)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    arith_memory(cpu, o, f, &env, f80_from_f64(&env, ld64(cpu, op_seg(o), op_ea(cpu, o))));
}

static inline void arith_m32i(struct cpu *cpu, const struct op *o, f80_binary *f)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    arith_memory(cpu, o, f, &env, f80_from_i64((i32)ld32(cpu, op_seg(o), op_ea(cpu, o))));
}

static inline void arith_m16i(struct cpu *cpu, const struct op *o, f80_binary *f)
{
    struct f80_env env = x87_env(cpu);
    x87_wait(cpu);
    arith_memory(cpu, o, f, &env, f80_from_i64((i16)ld16(cpu, op_seg(o), op_ea(cpu, o))));
}

#define X(n) \
    void x87_##n##_st0_sti(struct cpu *cpu, const struct op *o) { arith(cpu, o, f80_##n, 0, o->src, false); } \
    void x87_##n##_sti_st0(struct cpu *cpu, const struct op *o) { arith(cpu, o, f80_##n, o->src, 0, false); } \
    void x87_##n##p(struct cpu *cpu, const struct op *o)        { arith(cpu, o, f80_##n, o->src, 0, true); } \
    void x87_##n##_m32(struct cpu *cpu, const struct op *o)     { arith_m32(cpu, o, f80_##n); } \
    void x87_##n##_m64(struct cpu *cpu, const struct op *o)     { arith_m64(cpu, o, f80_##n); } \
    void x87_##n##_m32i(struct cpu *cpu, const struct op *o)    { arith_m32i(cpu, o, f80_##n); } \
    void x87_##n##_m16i(struct cpu *cpu, const struct op *o)    { arith_m16i(cpu, o, f80_##n); }
#define f80_fadd  f80_add
#define f80_fmul  f80_mul
#define f80_fsub  f80_sub
#define f80_fsubr f80_subr
#define f80_fdiv  f80_div
#define f80_fdivr f80_divr
X87_ARITH(X)
#undef X

/* ST(0) = f(ST(0)). */
static void unary(struct cpu *cpu, const struct op *o, struct f80 (*f)(struct f80_env *env, struct f80 a))
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 r;

    x87_wait(cpu);
    x87_note(cpu, o);
    if (x87_is_empty(x, 0)) {
        if (x87_underflow(cpu))
            x87_write(x, 0, f80_indefinite());
        return;
    }
    r = f(&env, *x87_st(x, 0));
    if (x87_finish(cpu, &env))
        x87_write(x, 0, r);
}

void x87_fsqrt(struct cpu *cpu, const struct op *o)   { unary(cpu, o, f80_sqrt); }
void x87_frndint(struct cpu *cpu, const struct op *o) { unary(cpu, o, f80_round_to_int); }
void x87_f2xm1(struct cpu *cpu, const struct op *o)   { unary(cpu, o, f80_2xm1); }

static struct f80 negate(struct f80_env *env, struct f80 a)
{
    (void)env;
    a.se ^= F80_SIGN;
    return a;
}

static struct f80 absolute(struct f80_env *env, struct f80 a)
{
    (void)env;
    a.se &= F80_EXP;
    return a;
}

void x87_fchs(struct cpu *cpu, const struct op *o) { unary(cpu, o, negate); }
void x87_fabs(struct cpu *cpu, const struct op *o) { unary(cpu, o, absolute); }

void x87_fscale(struct cpu *cpu, const struct op *o) { arith(cpu, o, f80_scale, 0, 1, false); }
/* ST(1) = f(ST(1), ST(0)), pop. */
void x87_fyl2x(struct cpu *cpu, const struct op *o)   { arith(cpu, o, f80_yl2x, 1, 0, true); }
void x87_fyl2xp1(struct cpu *cpu, const struct op *o) { arith(cpu, o, f80_yl2xp1, 1, 0, true); }
void x87_fpatan(struct cpu *cpu, const struct op *o)  { arith(cpu, o, f80_atan, 1, 0, true); }

static void remainder_of(struct cpu *cpu, const struct op *o, bool nearest)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 r;
    u16 cc;

    x87_wait(cpu);
    x87_note(cpu, o);
    x->fsw &= (u16)~FSW_C2;
    if (!x87_have(x, 0, 1)) {
        if (x87_underflow(cpu))
            x87_write(x, 0, f80_indefinite());
        return;
    }
    r = f80_remainder(&env, *x87_st(x, 0), *x87_st(x, 1), nearest, &cc);
    if (!x87_finish(cpu, &env))
        return;
    /* A NaN has no quotient: C0 and C3 stay. */
    x->fsw = (u16)((x->fsw & ~(f80_is_nan(f80_classify(r)) ? FSW_C1 | FSW_C2 : FSW_CC)) | cc);
    x87_write(x, 0, r);
}

void x87_fprem(struct cpu *cpu, const struct op *o)  { remainder_of(cpu, o, false); }
void x87_fprem1(struct cpu *cpu, const struct op *o) { remainder_of(cpu, o, true); }

/* Replace ST(0) and push, for FXTRACT, FSINCOS, FPTAN. False: a stack fault, answered. */
static bool can_split(struct cpu *cpu)
{
    struct x87 *x = &cpu->s.x87;
    bool masked;

    if (!x87_is_empty(x, 0) && x87_is_empty(x, -1))
        return true;
    masked = x87_is_empty(x, 0) ? x87_underflow(cpu) : x87_overflow(cpu);
    if (masked) {
        x87_write(x, 0, f80_indefinite());
        x87_push(x, f80_indefinite());
    }
    return false;
}

void x87_fxtract(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 exponent, significand;

    x87_wait(cpu);
    x87_note(cpu, o);
    if (!can_split(cpu))
        return;
    exponent = f80_extract(&env, *x87_st(x, 0), &significand);
    if (!x87_finish(cpu, &env))
        return;
    x87_write(x, 0, exponent);
    x87_push(x, significand);
}

/* FSIN and FCOS. */
static void sine(struct cpu *cpu, const struct op *o, bool cosine)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 r = f80_zero(false);
    bool done;

    x87_wait(cpu);
    x87_note(cpu, o);
    x->fsw &= (u16)~FSW_C2;
    if (x87_is_empty(x, 0)) {
        if (x87_underflow(cpu))
            x87_write(x, 0, f80_indefinite());
        return;
    }
    done = f80_sincos(&env, *x87_st(x, 0), cosine ? NULL : &r, cosine ? &r : NULL);
    x->fsw |= done ? 0 : FSW_C2;
    if (x87_finish(cpu, &env) && done)
        x87_write(x, 0, r);
}

void x87_fsin(struct cpu *cpu, const struct op *o) { sine(cpu, o, false); }
void x87_fcos(struct cpu *cpu, const struct op *o) { sine(cpu, o, true); }

void x87_fsincos(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 s = f80_zero(false), c = s;
    bool done;

    x87_wait(cpu);
    x87_note(cpu, o);
    x->fsw &= (u16)~FSW_C2;
    if (!can_split(cpu))
        return;
    done = f80_sincos(&env, *x87_st(x, 0), &s, &c);
    x->fsw |= done ? 0 : FSW_C2;
    if (x87_finish(cpu, &env) && done) {
        x87_write(x, 0, s);
        x87_push(x, c);
    }
}

void x87_fptan(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);
    struct f80 r = f80_zero(false);
    bool done;

    x87_wait(cpu);
    x87_note(cpu, o);
    x->fsw &= (u16)~FSW_C2;
    if (!can_split(cpu))
        return;
    done = f80_tan(&env, *x87_st(x, 0), &r);
    x->fsw |= done ? 0 : FSW_C2;
    if (x87_finish(cpu, &env) && done) {
        x87_write(x, 0, r);
        x87_push(x, f80_is_nan(f80_classify(r)) ? r : f80_one(false));
    }
}
