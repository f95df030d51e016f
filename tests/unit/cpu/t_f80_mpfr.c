/* t_f80_mpfr.c - FSIN and its like beside MPFR: every result at most 1 ulp from the exact one, and on the side that the rounding
 * control asks for; to nearest within half a ulp; and the flags of precision, underflow and overflow and C1.
 * Follows: SDM Vol. 1 "Transcendental Instruction Accuracy", "Approximation of Pi", "x87 FPU Floating-Point Exception
 * Conditions". `t_f80_mpfr COUNT` tries COUNT operands of each function instead of the usual number. Skipped without MPFR. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../../cpu/insn/x87/f80.h"

#ifdef HAVE_MPFR
#include <mpfr.h>

enum { PRECISION = 192, EXACT = 512, RUNS = 40000 };

enum function { FSIN, FCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1, FUNCTIONS };
static const char *const names[FUNCTIONS] = { "FSIN", "FCOS", "FPTAN", "FPATAN", "F2XM1", "FYL2X", "FYL2XP1" };

static u64 next(u64 *seed)
{
    *seed += 0x9e3779b97f4a7c15;
    u64 z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
static u32 below(u64 *seed, u32 n) { return (u32)((next(seed) >> 32) * n >> 32); }

/* ---- operands ---- */

static u64 random_significand(u64 *seed)
{
    switch (below(seed, 8)) {
    case 0: return F80_INTEGER_BIT;
    case 1: return F80_INTEGER_BIT + below(seed, 4);
    case 2: return ~0ull - below(seed, 4);
    case 3: return F80_INTEGER_BIT | 1ull << below(seed, 63);
    case 4: return F80_INTEGER_BIT | next(seed) << (40 + below(seed, 24));          /* few bits: where rows of tables meet */
    case 5: return (F80_INTEGER_BIT | next(seed) << (50 + below(seed, 12))) + below(seed, 3) - 1;
    default: return F80_INTEGER_BIT | next(seed);
    }
}

static struct f80 of_exponents(u64 *seed, i32 least, i32 most)
{
    i32 exp = least + (i32)below(seed, (u32)(most - least + 1));
    u64 bits = random_significand(seed) | F80_INTEGER_BIT;
    return f80_make(below(seed, 2), (u32)(F80_BIAS + exp), bits);
}

static struct f80 denormal(u64 *seed)
{
    u64 bits = random_significand(seed) >> below(seed, 64);
    return f80_make(below(seed, 2), 0, bits);
}

/* A multiple of half of the processor's pi, or of half of that, as near as 64 bits come, and its neighbours. */
static struct f80 near_pi(u64 *seed)
{
    u128 p = (u128)3 << 64 | 0x243f6a8885a308d3, x = p * ((next(seed) >> (2 + below(seed, 61))) | 1);
    int shift = x >> 64 ? __builtin_clzll((u64)(x >> 64)) : 64 + __builtin_clzll((u64)x);
    u64 bits = (u64)(x << shift >> 64);
    bits += (u64)(x << shift) >> 63;
    bits += below(seed, 5) - 2;
    return f80_make(below(seed, 2), (u32)(F80_BIAS + 127 - shift - 65 - (i32)below(seed, 2)), bits | F80_INTEGER_BIT);
}

static struct f80 near_one(u64 *seed)
{
    u64 gap = next(seed) >> below(seed, 64);
    if (below(seed, 2))
        return f80_make(false, F80_BIAS, F80_INTEGER_BIT + (gap >> 1));
    return f80_make(false, F80_BIAS - 1, (~gap + 1) | F80_INTEGER_BIT);
}

static struct f80 any(u64 *seed) { return below(seed, 8) ? of_exponents(seed, 1 - F80_BIAS, F80_BIAS) : denormal(seed); }

static void operands(enum function f, u64 *seed, struct f80 *a, struct f80 *b)
{
    u32 kind = below(seed, 8);
    *b = f80_one(false);
    switch (f) {
    case FSIN: case FCOS: case FPTAN:
        *a = kind < 3 ? of_exponents(seed, -12, 3) : kind < 5 ? near_pi(seed) : kind < 6 ? of_exponents(seed, -80, 62)
             : kind < 7 ? of_exponents(seed, 1 - F80_BIAS, 62) : below(seed, 8) ? of_exponents(seed, -40, -25) : denormal(seed);
        break;
    case FPATAN:
        *a = kind < 4 ? of_exponents(seed, -6, 6) : kind < 6 ? of_exponents(seed, -75, 75) : any(seed);
        *b = kind < 4 ? of_exponents(seed, -6, 6) : kind < 6 ? of_exponents(seed, -75, 75) : any(seed);
        break;
    case F2XM1:
        *a = kind < 4 ? of_exponents(seed, -16, -1) : kind < 6 ? of_exponents(seed, -80, -1)
             : kind < 7 ? of_exponents(seed, 1 - F80_BIAS, -1) : denormal(seed);
        break;
    case FYL2X:
        *b = kind < 3 ? of_exponents(seed, -3, 3) : kind < 6 ? near_one(seed) : any(seed);
        b->se &= F80_EXP;
        *a = kind & 1 ? any(seed) : of_exponents(seed, -70, 70);
        break;
    default:
        *b = kind < 3 ? of_exponents(seed, -16, 0) : kind < 4 ? of_exponents(seed, -75, 140) : kind < 6 ? near_one(seed)
             : kind < 7 ? of_exponents(seed, -20, 0) : any(seed);
        if (kind < 6 && below(seed, 2))
            b->se |= F80_SIGN;
        if (f80_sign(*b) && (b->se & F80_EXP) >= F80_BIAS)
            b->se &= F80_EXP;
        *a = kind & 1 ? any(seed) : of_exponents(seed, -70, 70);
        break;
    }
    if (!a->significand)                                        /* no zeros, no ones: the tables of special operands have them */
        *a = f80_make(false, F80_BIAS - 1, 0xc000000000000000);
    if (!b->significand || (f == FYL2X && b->se == F80_BIAS && b->significand == F80_INTEGER_BIT))
        *b = f80_make(false, F80_BIAS, 0xc000000000000000);
}

/* ---- the exact result ---- */

static void set(mpfr_t x, struct f80 a)
{
    struct f80_parts p = f80_unpack(a);
    mpfr_set_ui(x, (unsigned long)(p.significand >> 32), MPFR_RNDN);
    mpfr_mul_2ui(x, x, 32, MPFR_RNDN);
    mpfr_add_ui(x, x, (unsigned long)(p.significand & 0xffffffff), MPFR_RNDN);
    mpfr_mul_2si(x, x, p.exp - F80_BIAS - 63, MPFR_RNDN);
    mpfr_setsign(x, x, p.sign, MPFR_RNDN);
}

/* Angle a less the multiple of half of the 66-bit pi that is nearest: exact. Returns that multiple modulo 4. */
static int reduced(mpfr_t r, struct f80 a)
{
    mpfr_t p, n;
    int quadrant;

    set(r, a);
    if ((a.se & F80_EXP) < F80_BIAS - 1)
        return 0;
    mpfr_inits2(EXACT, p, n, (mpfr_ptr)NULL);
    mpfr_set_str(p, "3.243f6a8885a308d3", 16, MPFR_RNDN);       /* SDM Vol. 1 "Approximation of Pi" */
    mpfr_div_2ui(p, p, 1, MPFR_RNDN);
    mpfr_div(n, r, p, MPFR_RNDN);
    mpfr_round(n, n);
    mpfr_mul(p, p, n, MPFR_RNDN);
    mpfr_sub(r, r, p, MPFR_RNDN);
    mpfr_set_ui(p, 4, MPFR_RNDN);
    mpfr_fmod(n, n, p, MPFR_RNDN);
    quadrant = (int)mpfr_get_si(n, MPFR_RNDN) & 3;
    mpfr_clears(p, n, (mpfr_ptr)NULL);
    return quadrant;
}

static int exact_angle(mpfr_t v, mpfr_t x, enum function f, struct f80 a)
{
    int q = reduced(x, a) + (f == FCOS), more;

    if (f == FPTAN)
        more = q & 1 ? mpfr_cot(v, x, MPFR_RNDZ) : mpfr_tan(v, x, MPFR_RNDZ);
    else
        more = q & 1 ? mpfr_cos(v, x, MPFR_RNDZ) : mpfr_sin(v, x, MPFR_RNDZ);
    if (f == FPTAN ? q & 1 : q & 2)
        mpfr_neg(v, v, MPFR_RNDN);
    return more;
}

static int exact_log(mpfr_t v, mpfr_t x, mpfr_t y, struct f80 b, bool plus_one)
{
    int lost = 0, more;

    set(x, b);
    if (plus_one && (b.se & F80_EXP) < F80_BIAS - 100) {
        mpfr_log1p(x, x, MPFR_RNDN);
        mpfr_const_log2(y, MPFR_RNDN);
        mpfr_div(v, x, y, MPFR_RNDZ);
        return 1;
    }
    if (plus_one)
        lost = mpfr_add_ui(x, x, 1, MPFR_RNDZ);
    more = mpfr_log2(v, x, MPFR_RNDZ);
    return lost || more;
}

/* v has PRECISION + 1 bits (a product EXACT), and is the exact result where that has no more; or else the last 1 stands for all
 * that are cut off. */
static void exact(mpfr_t v, enum function f, struct f80 a, struct f80 b)
{
    mpfr_t x, y;
    int more = 0;

    mpfr_inits2(EXACT, x, y, (mpfr_ptr)NULL);
    mpfr_set_prec(v, PRECISION);
    switch (f) {
    case FSIN: case FCOS: case FPTAN:
        more = exact_angle(v, x, f, a);
        break;
    case FPATAN:
        set(y, a);
        set(x, b);
        more = mpfr_atan2(v, y, x, MPFR_RNDZ);
        break;
    case F2XM1:
        mpfr_set_prec(x, PRECISION + 64);
        mpfr_const_log2(x, MPFR_RNDN);
        set(y, a);
        mpfr_mul(x, x, y, MPFR_RNDN);
        more = mpfr_expm1(v, x, MPFR_RNDZ);
        break;
    default:
        more = exact_log(v, x, y, b, f == FYL2XP1);
        break;
    }
    if (more) {
        mpfr_prec_round(v, PRECISION + 1, MPFR_RNDN);
        if (mpfr_signbit(v))
            mpfr_nextbelow(v);
        else
            mpfr_nextabove(v);
    }
    if (f == FYL2X || f == FYL2XP1) {
        mpfr_prec_round(v, EXACT, MPFR_RNDN);
        set(y, a);
        mpfr_mul(v, v, y, MPFR_RNDN);
    }
    mpfr_clears(x, y, (mpfr_ptr)NULL);
}

/* ---- judging ---- */

static struct f80 ours(struct f80_env *env, enum function f, struct f80 a, struct f80 b)
{
    struct f80 r = a;
    switch (f) {
    case FSIN: assert_true(f80_sincos(env, a, &r, NULL)); return r;
    case FCOS: assert_true(f80_sincos(env, a, NULL, &r)); return r;
    case FPTAN: assert_true(f80_tan(env, a, &r)); return r;
    case FPATAN: return f80_atan(env, a, b);
    case F2XM1: return f80_2xm1(env, a);
    case FYL2X: return f80_yl2x(env, a, b);
    default: return f80_yl2xp1(env, a, b);
    }
}

struct worst { double nearest, directed; };

/* What is wrong with r and the flags as the rounding of v, or NULL. */
static const char *judge(const struct f80_env *env, mpfr_t v, struct f80 r, struct worst *w)
{
    u16 rc = env->control & FCW_RC, adjusted = env->flags & ~env->control & (FSW_OE | FSW_UE);
    i32 least = 1 - F80_BIAS, exp;
    mpfr_t o;
    double error;
    int side;

    if (adjusted)                                               /* an unmasked overflow or underflow */
        mpfr_mul_2si(v, v, adjusted & FSW_UE ? F80_ADJUST : -F80_ADJUST, MPFR_RNDN);
    exp = (i32)mpfr_get_exp(v) - 1;
    if (f80_sign(r) != !!mpfr_signbit(v))
        return "the sign";
    if (adjusted && (f80_classify(r) == F80_ZERO || f80_classify(r) == F80_INFINITY))
        return exp < least - 1 || exp > F80_BIAS ? NULL : "the adjusted exponent";
    if (env->flags & FSW_OE && !adjusted) {
        bool infinite = rc == FCW_NEAREST || rc == (f80_sign(r) ? FCW_DOWN : FCW_UP);
        if (exp < F80_BIAS || !(env->flags & FSW_PE))
            return "an overflow";
        return (f80_classify(r) == F80_INFINITY) == infinite ? NULL : "the result of an overflow";
    }
    if (f80_classify(r) == F80_INFINITY)
        return "infinity";
    mpfr_init2(o, EXACT);
    set(o, r);
    if (f80_classify(r) == F80_ZERO)
        mpfr_set_zero(o, f80_sign(r) ? -1 : 1);
    side = mpfr_cmpabs(o, v);
    mpfr_sub(o, o, v, MPFR_RNDN);
    mpfr_mul_2si(o, o, 63 - (exp < least ? least : exp), MPFR_RNDN);
    error = mpfr_get_d(o, MPFR_RNDA);
    error = error < 0 ? -error : error;
    mpfr_clear(o);
    if (rc == FCW_NEAREST)
        w->nearest = error > w->nearest ? error : w->nearest;
    else
        w->directed = error > w->directed ? error : w->directed;
    if (error > (rc == FCW_NEAREST ? 0.5 + 1e-9 : 1))
        return "further off than it may be";
    if (rc != FCW_NEAREST && side && (side > 0) != (rc == (mpfr_signbit(v) ? FCW_DOWN : FCW_UP)))
        return "on the wrong side";
    if (!(env->flags & FSW_PE) != (side == 0))
        return "the precision flag";
    if (!(env->flags & FSW_C1) != (side <= 0))
        return "C1";
    if (!adjusted && exp < least - 1 && side && !(env->flags & FSW_UE))
        return "an underflow that was not noticed";
    if (!adjusted && exp >= least && env->flags & FSW_UE)
        return "an underflow";
    return NULL;
}

static u16 random_control(u64 *seed)
{
    static const u16 rounding[] = { FCW_NEAREST, FCW_DOWN, FCW_UP, FCW_CHOP };
    u16 control = (u16)(FSW_EXCEPTIONS | FCW_FIXED | rounding[below(seed, 4)] | (below(seed, 4) << 8));
    if (below(seed, 8) == 0)
        control &= (u16)~(below(seed, 2) ? FSW_UE : FSW_OE);
    return control;
}

static int runs_of(void **state) { return *(int *)*state; }

static void compare(enum function f, int runs)
{
    struct worst w = { 0, 0 };
    u64 seed = 1000 + (u64)f;
    int bad = 0;
    mpfr_t v;

    mpfr_init2(v, PRECISION);
    for (int i = 0; i < runs; i++) {
        struct f80_env env = f80_env(random_control(&seed));
        struct f80 a, b, r;
        const char *wrong;
        operands(f, &seed, &a, &b);
        r = ours(&env, f, a, b);
        exact(v, f, a, b);
        wrong = judge(&env, v, r, &w);
        if (wrong && bad++ < 10)
            print_message("%s of %04x:%016llx, %04x:%016llx with control word %04x is %04x:%016llx, flags %04x: %s\n", names[f],
                          a.se, (unsigned long long)a.significand, b.se, (unsigned long long)b.significand, env.control, r.se,
                          (unsigned long long)r.significand, env.flags, wrong);
    }
    mpfr_clear(v);
    print_message("%-8s %d operands: at most %.12f ulp to nearest, %.12f otherwise\n", names[f], runs, w.nearest,
                  w.directed);
    assert_int_equal(bad, 0);
}

static void test_sin(void **state)    { compare(FSIN, runs_of(state)); }
static void test_cos(void **state)    { compare(FCOS, runs_of(state)); }
static void test_tan(void **state)    { compare(FPTAN, runs_of(state)); }
static void test_atan(void **state)   { compare(FPATAN, runs_of(state)); }
static void test_2xm1(void **state)   { compare(F2XM1, runs_of(state)); }
static void test_yl2x(void **state)   { compare(FYL2X, runs_of(state)); }
static void test_yl2xp1(void **state) { compare(FYL2XP1, runs_of(state)); }

int main(int argc, char **argv)
{
    int runs = argc > 1 ? atoi(argv[1]) : RUNS;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_sin, &runs), cmocka_unit_test_prestate(test_cos, &runs),
        cmocka_unit_test_prestate(test_tan, &runs), cmocka_unit_test_prestate(test_atan, &runs),
        cmocka_unit_test_prestate(test_2xm1, &runs), cmocka_unit_test_prestate(test_yl2x, &runs),
        cmocka_unit_test_prestate(test_yl2xp1, &runs),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mpfr_free_cache();
    return failed;
}
#else
int main(void)
{
    puts("skipped: MPFR was not found (libmpfr-dev, libgmp-dev)");
    return 77;
}
#endif
