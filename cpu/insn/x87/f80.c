/* f80.c - 80-bit arithmetic: rounding, NaNs, add, subtract, multiply, divide, square root.
 * Follows: Intel SDM Vol. 1 "Rules for Handling NaNs", "x87 FPU Floating-Point Exception Conditions".
 * Here: everything under precision control. f80_more.c and f80_convert.c hold the rest. */
#include "f80_plain.h"
#include <math.h>

enum f80_class f80_classify(struct f80 a)
{
    u32 exp = a.se & F80_EXP;
    if (exp == 0)
        return a.significand ? F80_DENORMAL : F80_ZERO;
    if (!(a.significand & F80_INTEGER_BIT))
        return F80_UNSUPPORTED;                         /* unnormal, pseudo-NaN, pseudo-infinity */
    if (exp != F80_EXP)
        return F80_NORMAL;
    if (!(a.significand << 1))
        return F80_INFINITY;
    return a.significand & F80_QUIET_BIT ? F80_QNAN : F80_SNAN;
}

bool f80_rounds_up(const struct f80_env *env, bool sign, bool odd, u128 rest, u128 half)
{
    switch (env->control & FCW_RC) {
    case FCW_NEAREST: return rest > half || (rest == half && odd);
    case FCW_DOWN:    return sign && rest;
    case FCW_UP:      return !sign && rest;
    default:          return false;
    }
}

static void note_rounding(struct f80_env *env, bool inexact, bool up)
{
    if (inexact)
        env->flags = (u16)((env->flags & ~FSW_C1) | FSW_PE | (up ? FSW_C1 : 0));
}

/* Masked underflow: the unrounded value in the range of denormals, rounded there. */
static struct f80 round_denormal(struct f80_env *env, bool sign, i32 exp, u128 value, int bits)
{
    int shift = 1 - exp, drop = 128 - bits;
    u128 unit = (u128)1 << drop, rest;
    bool up;

    if (shift > 127)
        value = 1;
    else if (shift > 0)
        value = value >> shift | ((value & (((u128)1 << shift) - 1)) != 0);
    rest = value & (unit - 1);
    up = f80_rounds_up(env, sign, value >> drop & 1, rest, unit >> 1);
    value = value - rest + (up ? unit : 0);
    if (rest)
        env->flags |= FSW_UE;
    note_rounding(env, rest != 0, up);
    return f80_make(sign, value >> 127 ? 1 : 0, (u64)(value >> 64));
}

static struct f80 round_overflow(struct f80_env *env, bool sign, int bits)
{
    u16 rc = env->control & FCW_RC;
    bool infinite = rc == FCW_NEAREST || rc == (sign ? FCW_DOWN : FCW_UP);

    env->flags |= FSW_OE;
    note_rounding(env, true, infinite);
    return infinite ? f80_infinity(sign) : f80_make(sign, F80_EXP - 1, ~0ull << (64 - bits));
}

static noinline struct f80 round_general(struct f80_env *env, bool sign, i32 exp, u64 hi, u64 lo, int bits)
{
    int drop = 128 - bits;
    u128 value = (u128)hi << 64 | lo, unit = (u128)1 << drop, rest = value & (unit - 1), kept = value - rest;
    bool up = f80_rounds_up(env, sign, value >> drop & 1, rest, unit >> 1);
    i32 e = exp;

    if (up) {
        kept += unit;
        if (kept == 0) {                                /* carried out: a power of two */
            kept = (u128)1 << 127;
            e++;
        }
    }
    if (e < 1) {                                        /* tiny after rounding with an unbounded exponent */
        if (env->control & FSW_UE)
            return round_denormal(env, sign, exp, value, bits);
        env->flags |= FSW_UE;
        e += F80_ADJUST;
        if (e < 1) {                                    /* only FSCALE comes that far */
            note_rounding(env, true, false);
            return f80_zero(sign);
        }
    } else if (e > F80_EXP - 1) {
        if (env->control & FSW_OE)
            return round_overflow(env, sign, bits);
        env->flags |= FSW_OE;
        e -= F80_ADJUST;
        if (e > F80_EXP - 1) {
            note_rounding(env, true, true);
            return f80_infinity(sign);
        }
    }
    note_rounding(env, rest != 0, up);
    return f80_make(sign, (u32)e, (u64)(kept >> 64));
}

struct f80 f80_round(struct f80_env *env, bool sign, i32 exp, u64 hi, u64 lo, int bits)
{
    return round_general(env, sign, exp, hi, lo, bits);
}

/* Under precision control. */
static struct f80 round_controlled(struct f80_env *env, struct f80_unrounded u)
{
    struct f80 r;
    if (likely(f80_plain_round(env->control, u, &r, &env->flags)))
        return r;
    return round_general(env, u.sign, u.exp, u.hi, u.lo, f80_precision(env));
}

/* SDM "Rules for Handling NaNs": a QNaN wins over an SNaN; of two of a kind the larger significand; of equals the positive. */
bool f80_nan_result(struct f80_env *env, struct f80 a, struct f80 b, struct f80 *r)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);

    if (!f80_is_nan(ca) && !f80_is_nan(cb))
        return false;
    if (ca == F80_UNSUPPORTED || cb == F80_UNSUPPORTED) {
        *r = f80_invalid(env);
        return true;
    }
    if (ca == F80_SNAN || cb == F80_SNAN)
        env->flags |= FSW_IE;
    if (!f80_is_nan(cb) || (ca == F80_QNAN && cb == F80_SNAN))
        *r = a;
    else if (!f80_is_nan(ca) || (ca == F80_SNAN && cb == F80_QNAN))
        *r = b;
    else if (a.significand != b.significand)
        *r = a.significand > b.significand ? a : b;
    else
        *r = f80_sign(a) ? b : a;
    r->significand |= F80_QUIET_BIT;
    return true;
}

/* A denormal among the operands ends the operation when the exception is unmasked. */
static bool denormals_end(struct f80_env *env, enum f80_class ca, enum f80_class cb)
{
    return (ca == F80_DENORMAL || cb == F80_DENORMAL || env->denormal) && f80_note_denormal(env);
}

static struct f80 round_operand(struct f80_env *env, struct f80_parts p)
{
    return round_controlled(env, (struct f80_unrounded){ p.significand, 0, p.exp, p.sign });
}

static noinline struct f80 add_special(struct f80_env *env, struct f80 a, struct f80 b, bool subtract)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    struct f80_unrounded u;
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    b.se ^= subtract ? F80_SIGN : 0;
    if (ca == F80_INFINITY && cb == F80_INFINITY && a.se != b.se)
        return f80_invalid(env);
    if (denormals_end(env, ca, cb))
        return a;
    if (ca == F80_INFINITY || cb == F80_INFINITY)
        return ca == F80_INFINITY ? a : b;
    if (ca == F80_ZERO && cb == F80_ZERO)
        return a.se == b.se ? a : f80_zero((env->control & FCW_RC) == FCW_DOWN);
    if (ca == F80_ZERO || cb == F80_ZERO)
        return round_operand(env, f80_unpack(ca == F80_ZERO ? b : a));
    u = f80_sum(f80_unpack(a), f80_unpack(b));
    return u.hi ? round_controlled(env, u) : f80_zero((env->control & FCW_RC) == FCW_DOWN);
}

struct f80 f80_add(struct f80_env *env, struct f80 a, struct f80 b)
{
    struct f80 r;
    if (likely(!env->denormal && f80_plain_add(env->control, a, b, false, &r, &env->flags)))
        return r;
    return add_special(env, a, b, false);
}

struct f80 f80_sub(struct f80_env *env, struct f80 a, struct f80 b)
{
    struct f80 r;
    if (likely(!env->denormal && f80_plain_add(env->control, a, b, true, &r, &env->flags)))
        return r;
    return add_special(env, a, b, true);
}

struct f80 f80_subr(struct f80_env *env, struct f80 a, struct f80 b) { return f80_sub(env, b, a); }

static noinline struct f80 mul_special(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    bool sign = f80_sign(a) != f80_sign(b);
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    if ((ca == F80_INFINITY && cb == F80_ZERO) || (ca == F80_ZERO && cb == F80_INFINITY))
        return f80_invalid(env);
    if (denormals_end(env, ca, cb))
        return a;
    if (ca == F80_INFINITY || cb == F80_INFINITY)
        return f80_infinity(sign);
    if (ca == F80_ZERO || cb == F80_ZERO)
        return f80_zero(sign);
    return round_controlled(env, f80_product(f80_unpack(a), f80_unpack(b)));
}

struct f80 f80_mul(struct f80_env *env, struct f80 a, struct f80 b)
{
    struct f80 r;
    if (likely(!env->denormal && f80_plain_mul(env->control, a, b, &r, &env->flags)))
        return r;
    return mul_special(env, a, b);
}

static noinline struct f80 div_special(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    bool sign = f80_sign(a) != f80_sign(b);
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    if (ca == cb && (ca == F80_INFINITY || ca == F80_ZERO))
        return f80_invalid(env);
    if (cb == F80_ZERO && ca != F80_INFINITY) {         /* goes before a denormal operand */
        env->flags |= FSW_ZE;
        return f80_infinity(sign);
    }
    if (denormals_end(env, ca, cb))
        return a;
    if (ca == F80_INFINITY)
        return f80_infinity(sign);
    if (ca == F80_ZERO || cb == F80_INFINITY)
        return f80_zero(sign);
    return round_controlled(env, f80_quotient(f80_unpack(a), f80_unpack(b)));
}

struct f80 f80_div(struct f80_env *env, struct f80 a, struct f80 b)
{
    struct f80 r;
    if (likely(!env->denormal && f80_plain_div(env->control, a, b, &r, &env->flags)))
        return r;
    return div_special(env, a, b);
}

struct f80 f80_divr(struct f80_env *env, struct f80 a, struct f80 b) { return f80_div(env, b, a); }

/* Square root of x, x in [2^126, 2^128): floor, by Newton's method from above. The host's root is but a guess, 2^15 above what its
 * 53 bits may miss: whatever it is worth, the end is exact. */
static u64 root_128(u128 x)
{
    double guess = sqrt((double)(u64)(x >> 64)) * 4294967296.0 + 32768.0;
    u64 r = guess < 18446744073709500000.0 ? (u64)guess : ~0ull, rest;
    for (;;) {
        u64 q;
        if ((u64)(x >> 64) >= r)                        /* x / r is not below 2^64 */
            return r;
        q = divide_128(x, r, &rest);
        if (q >= r)
            return r;
        r = (u64)(((u128)q + r) >> 1);
    }
}

struct f80 f80_sqrt(struct f80_env *env, struct f80 a)
{
    enum f80_class c = f80_classify(a);
    struct f80_parts p;
    struct f80 r;
    u128 x, rest;
    u64 root, lo;
    i32 e;

    if (f80_nan_result(env, a, a, &r))
        return r;
    if (c == F80_ZERO)
        return a;
    if (f80_sign(a))
        return f80_invalid(env);
    if (c == F80_INFINITY)
        return a;
    if (c == F80_DENORMAL && f80_note_denormal(env))
        return a;
    p = f80_unpack(a);
    e = p.exp - F80_BIAS;
    x = (u128)p.significand << (e & 1 ? 64 : 63);
    root = root_128(x);
    rest = x - (u128)root * root;                       /* above half a unit exactly when rest > root; never a tie */
    lo = rest == 0 ? 0 : rest > root ? F80_INTEGER_BIT + 1 : 1;
    return round_controlled(env, (struct f80_unrounded){ root, lo, (e >> 1) + F80_BIAS, false });
}
