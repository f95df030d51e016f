/* f80_transcendental.c - FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1 and the constants.
 * Follows: Intel SDM Vol. 1 "Transcendental Instructions", "Approximation of Pi"; Vol. 2, the tables of special operands.
 * Here: each function is computed far beyond 64 bits with MPFR and rounded once, so every host agrees. Arguments of the
 * trigonometric functions are reduced by the 66-bit pi of the processor, exactly. Without MPFR (HAVE_MPFR undefined) the
 * C library's long double functions stand in: a few units in the last place off, and not the same on every host. */
#include "f80.h"
#ifdef HAVE_MPFR
#include <mpfr.h>
#else
#include <math.h>
#endif

/* Significands of 64 bits and the 64 that follow, and exponents: SDM Vol. 1 "Load Constant Instructions". */
struct f80 f80_constant(enum f80_constant which, u16 control)
{
    static const struct { u64 hi, lo; i32 exp; } value[] = {
        [F80_LD1]   = { 0x8000000000000000, 0x0000000000000000,  0 },
        [F80_LDL2T] = { 0xd49a784bcd1b8afe, 0x492bf6ff4dafdb4c,  1 },
        [F80_LDL2E] = { 0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88,  0 },
        [F80_LDPI]  = { 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1,  1 },
        [F80_LDLG2] = { 0x9a209a84fbcff798, 0x8f8959ac0b7c9178, -2 },
        [F80_LDLN2] = { 0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af, -1 },
    };
    struct f80_env env = { .control = control | FSW_EXCEPTIONS };

    if (which == F80_LDZ)
        return f80_zero(false);
    return f80_round(&env, false, value[which].exp + F80_BIAS, value[which].hi, value[which].lo, 64);
}

#ifdef HAVE_MPFR
enum { WORK = 320 };            /* bits: the widest exact intermediate (argument reduction) needs fewer */

static void number_init(mpfr_t x)  { mpfr_init2(x, WORK); }
static void number_clear(mpfr_t x) { mpfr_clear(x); }

static void number_set(mpfr_t x, struct f80 a)
{
    struct f80_parts p = f80_unpack(a);
    mpfr_set_ui(x, (unsigned long)(p.significand >> 32), MPFR_RNDN);
    mpfr_mul_2si(x, x, 32, MPFR_RNDN);
    mpfr_add_ui(x, x, (unsigned long)(p.significand & 0xffffffff), MPFR_RNDN);
    mpfr_mul_2si(x, x, p.significand ? p.exp - F80_BIAS - 63 : 0, MPFR_RNDN);
    if (p.sign)
        mpfr_neg(x, x, MPFR_RNDN);
}

/* The next 32 bits of x in [0, 2^32) as an integer; x keeps the rest, moved up by 32 bits. */
static u64 take_32(mpfr_t x)
{
    unsigned long v = mpfr_get_ui(x, MPFR_RNDZ);
    mpfr_sub_ui(x, x, v, MPFR_RNDZ);
    mpfr_mul_2si(x, x, 32, MPFR_RNDZ);
    return v;
}

/* Round x, which was computed toward zero. inexact: there is more below it. Destroys x. */
static struct f80 number_get(struct f80_env *env, mpfr_t x, bool inexact)
{
    bool sign = mpfr_signbit(x);
    i32 exp;
    u64 hi, lo;

    if (mpfr_zero_p(x))
        return f80_zero(sign);
    exp = (i32)mpfr_get_exp(x);
    mpfr_abs(x, x, MPFR_RNDZ);
    mpfr_mul_2si(x, x, 32 - exp, MPFR_RNDZ);
    hi = take_32(x) << 32;
    hi |= take_32(x);
    lo = take_32(x) << 32;
    lo |= take_32(x);
    return f80_round(env, sign, exp - 1 + F80_BIAS, hi, lo | (inexact || !mpfr_zero_p(x)), 64);
}

/* |a| < 2^63 to r in [-P/2, P/2], P half of the processor's pi; returns the quadrant. */
static int reduce(mpfr_t r, struct f80 a)
{
    mpfr_t p, n;
    int quadrant;

    number_set(r, a);
    if ((a.se & F80_EXP) < F80_BIAS - 1)
        return 0;
    number_init(p);
    number_init(n);
    mpfr_set_str(p, "c90fdaa22168c234c", 16, MPFR_RNDN);  /* pi / 2 of 66 bits */
    mpfr_mul_2si(p, p, -67, MPFR_RNDN);
    mpfr_div(n, r, p, MPFR_RNDN);
    mpfr_round(n, n);
    mpfr_mul(p, p, n, MPFR_RNDN);                       /* 66 + 64 bits: exact */
    mpfr_sub(r, r, p, MPFR_RNDN);
    mpfr_set_ui(p, 4, MPFR_RNDN);
    mpfr_fmod(n, n, p, MPFR_RNDN);
    quadrant = (int)mpfr_get_si(n, MPFR_RNDN) & 3;
    number_clear(p);
    number_clear(n);
    return quadrant;
}

enum trig { SIN, COS, TAN };
static struct f80 trig_finite(struct f80_env *env, struct f80 a, enum trig f)
{
    mpfr_t r, v;
    struct f80 result;
    bool inexact;
    int q;

    number_init(r);
    number_init(v);
    q = reduce(r, a) + (f == COS);
    if (f == TAN)
        inexact = q & 1 ? mpfr_cot(v, r, MPFR_RNDZ) : mpfr_tan(v, r, MPFR_RNDZ);
    else
        inexact = q & 1 ? mpfr_cos(v, r, MPFR_RNDZ) : mpfr_sin(v, r, MPFR_RNDZ);
    if (f == TAN ? q & 1 : q & 2)
        mpfr_neg(v, v, MPFR_RNDN);
    result = number_get(env, v, inexact);
    number_clear(r);
    number_clear(v);
    return result;
}

static struct f80 atan_finite(struct f80_env *env, struct f80 a, struct f80 b)
{
    mpfr_t x, y;
    struct f80 result;
    bool inexact;

    number_init(x);
    number_init(y);
    number_set(y, a);
    number_set(x, b);
    inexact = mpfr_atan2(y, y, x, MPFR_RNDZ);
    result = number_get(env, y, inexact);
    number_clear(x);
    number_clear(y);
    return result;
}

/* a * log2(b), or a * log2(1 + b). */
static struct f80 log_finite(struct f80_env *env, struct f80 a, struct f80 b, bool plus_one)
{
    mpfr_t x, y;
    struct f80 result;
    bool inexact;

    mpfr_init2(x, 256);
    number_init(y);
    number_set(y, b);
    if (plus_one && mpfr_get_exp(y) < -64) {            /* 1 + b would not fit */
        mpfr_log1p(x, y, MPFR_RNDZ);
        mpfr_const_log2(y, MPFR_RNDN);
        mpfr_div(x, x, y, MPFR_RNDZ);
        inexact = true;
    } else {
        if (plus_one)
            mpfr_add_ui(y, y, 1, MPFR_RNDN);
        inexact = mpfr_log2(x, y, MPFR_RNDZ);
    }
    number_set(y, a);
    mpfr_mul(y, y, x, MPFR_RNDZ);                       /* 64 + 256 bits: exact */
    result = number_get(env, y, inexact);
    mpfr_clear(x);
    number_clear(y);
    return result;
}

static struct f80 exp_finite(struct f80_env *env, struct f80 a)
{
    mpfr_t x, y;
    struct f80 result;
    bool inexact;

    number_init(x);
    number_init(y);
    number_set(x, a);
    mpfr_const_log2(y, MPFR_RNDN);
    mpfr_mul(x, x, y, MPFR_RNDN);
    inexact = mpfr_expm1(y, x, MPFR_RNDZ);
    result = number_get(env, y, inexact);
    number_clear(x);
    number_clear(y);
    return result;
}

#else
static long double number_of(struct f80 a)
{
    struct f80_parts p = f80_unpack(a);
    long double v = ldexpl((long double)p.significand, p.significand ? p.exp - F80_BIAS - 63 : 0);
    return p.sign ? -v : v;
}

static struct f80 number_get(struct f80_env *env, long double v)
{
    bool sign = signbit(v);
    int exp;

    if (v == 0)
        return f80_zero(sign);
    v = frexpl(fabsl(v), &exp);
    return f80_round(env, sign, exp - 1 + F80_BIAS, (u64)ldexpl(v, 64), 1, 64);
}

enum trig { SIN, COS, TAN };
static struct f80 trig_finite(struct f80_env *env, struct f80 a, enum trig f)
{
    long double x = number_of(a);
    return number_get(env, f == SIN ? sinl(x) : f == COS ? cosl(x) : tanl(x));
}
static struct f80 atan_finite(struct f80_env *env, struct f80 a, struct f80 b)
{
    return number_get(env, atan2l(number_of(a), number_of(b)));
}
static struct f80 log_finite(struct f80_env *env, struct f80 a, struct f80 b, bool plus_one)
{
    long double x = number_of(b);
    return number_get(env, number_of(a) * (plus_one ? log1pl(x) / logl(2) : log2l(x)));
}
static struct f80 exp_finite(struct f80_env *env, struct f80 a)
{
    return number_get(env, expm1l(number_of(a) * logl(2)));
}
#endif

/* What the trigonometric functions have in common. True: *r is the result. False with *out: C2, nothing happens. */
static bool trig_special(struct f80_env *env, struct f80 a, struct f80 *r, bool *out)
{
    enum f80_class c = f80_classify(a);

    *out = false;
    if (f80_nan_result(env, a, a, r))
        return true;
    if (c == F80_INFINITY) {
        *r = f80_invalid(env);
        return true;
    }
    if (c == F80_DENORMAL && f80_note_denormal(env)) {
        *r = a;
        return true;
    }
    *out = (a.se & F80_EXP) >= F80_BIAS + 63;
    return *out;
}

bool f80_sincos(struct f80_env *env, struct f80 a, struct f80 *sine, struct f80 *cosine)
{
    struct f80 r;
    bool out, zero = f80_classify(a) == F80_ZERO;

    if (trig_special(env, a, &r, &out)) {
        if (sine)
            *sine = r;
        if (cosine)
            *cosine = r;
        return !out;
    }
    if (sine)
        *sine = zero ? a : trig_finite(env, a, SIN);
    if (cosine)
        *cosine = zero ? f80_one(false) : trig_finite(env, a, COS);
    return true;
}

bool f80_tan(struct f80_env *env, struct f80 a, struct f80 *tangent)
{
    bool out;

    if (trig_special(env, a, tangent, &out))
        return !out;
    *tangent = f80_classify(a) == F80_ZERO ? a : trig_finite(env, a, TAN);
    return true;
}

/* A multiple of pi / 4 with the sign given. */
static struct f80 pi_quarters(struct f80_env *env, bool sign, int quarters)
{
    u128 pi = (u128)0xc90fdaa22168c234 << 64 | 0xc4c6628b80dc1cd1;
    i32 exp = F80_BIAS + 1 - (quarters == 4 ? 0 : quarters == 2 ? 1 : 2);

    if (quarters == 3) {                                /* 3/4 pi: 0.75 of the significand, up by one */
        pi = pi / 4 * 3;
        exp = F80_BIAS + 1;
        if (!(pi >> 127)) {
            pi <<= 1;
            exp--;
        }
    }
    return f80_round(env, sign, exp, (u64)(pi >> 64), (u64)pi | 1, 64);
}

struct f80 f80_atan(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    bool sign = f80_sign(a);
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_INFINITY && cb == F80_INFINITY)
        return pi_quarters(env, sign, f80_sign(b) ? 3 : 1);
    if (ca == F80_INFINITY)
        return pi_quarters(env, sign, 2);
    if (ca == F80_ZERO || cb == F80_INFINITY)
        return f80_sign(b) ? pi_quarters(env, sign, 4) : f80_zero(sign);
    if (cb == F80_ZERO)
        return pi_quarters(env, sign, 2);
    return atan_finite(env, a, b);
}

/* y * log for an infinite or zero argument or factor; log is 0, or negative, positive, possibly infinite. */
static struct f80 log_product(struct f80_env *env, struct f80 y, bool log_zero, bool log_infinite, bool log_sign)
{
    enum f80_class cy = f80_classify(y);
    bool sign = f80_sign(y) != log_sign;

    if ((cy == F80_ZERO && log_infinite) || (cy == F80_INFINITY && log_zero))
        return f80_invalid(env);
    return cy == F80_ZERO || log_zero ? f80_zero(sign) : f80_infinity(sign);
}

struct f80 f80_yl2x(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    bool below_one = (b.se & F80_EXP) < F80_BIAS, one = b.se == F80_BIAS && b.significand == F80_INTEGER_BIT;
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    if (cb != F80_ZERO && f80_sign(b))
        return f80_invalid(env);
    if (cb == F80_ZERO) {                               /* goes before a denormal operand */
        if (ca == F80_ZERO)
            return f80_invalid(env);
        if (ca != F80_INFINITY)
            env->flags |= FSW_ZE;
        return f80_infinity(!f80_sign(a));
    }
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_ZERO || ca == F80_INFINITY || cb == F80_INFINITY || one)
        return log_product(env, a, one, cb == F80_INFINITY, below_one);
    return log_finite(env, a, b, false);
}

struct f80 f80_yl2xp1(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    if (f80_sign(b) && (b.se & F80_EXP) >= F80_BIAS && cb != F80_ZERO)
        return f80_invalid(env);                        /* -1 and below: out of the defined range */
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_ZERO || ca == F80_INFINITY || cb == F80_INFINITY || cb == F80_ZERO)
        return log_product(env, a, cb == F80_ZERO, cb == F80_INFINITY, f80_sign(b));
    return log_finite(env, a, b, true);
}

struct f80 f80_2xm1(struct f80_env *env, struct f80 a)
{
    enum f80_class c = f80_classify(a);
    struct f80 r;

    if (f80_nan_result(env, a, a, &r))
        return r;
    if (c == F80_INFINITY)
        return f80_sign(a) ? f80_one(true) : a;
    if (c == F80_ZERO)
        return a;
    if (c == F80_DENORMAL && f80_note_denormal(env))
        return a;
    if ((a.se & F80_EXP) >= F80_BIAS) {                 /* 1, -1; beyond them the result is undefined: the operand */
        if (a.significand != F80_INTEGER_BIT || (a.se & F80_EXP) != F80_BIAS)
            return a;
        return f80_sign(a) ? f80_make(true, F80_BIAS - 1, F80_INTEGER_BIT) : a;
    }
    return exp_finite(env, a);
}
