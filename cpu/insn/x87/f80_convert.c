/* f80_convert.c - between the 80-bit format and single, double, integers and packed decimal.
 * Follows: Intel SDM Vol. 1 "Data Types", "x87 FPU Data Types"; Vol. 2, FLD, FST, FIST, FISTTP, FBLD, FBSTP. */
#include "f80_plain.h"

static const struct f80_format SINGLE = F80_SINGLE, DOUBLE = F80_DOUBLE;

static inline struct f80 from_format(struct f80_env *env, u64 v, const struct f80_format *f)
{
    u64 significand = v << (63 - f->fraction) & ~F80_INTEGER_BIT;
    bool sign = v >> f->sign & 1;
    struct f80 r;
    int shift;

    if (likely(f80_plain_from(v, *f, &r)))
        return r;
    if (((int)(v >> f->fraction) & f->top) == f->top)
        return f80_make(sign, F80_EXP, significand | F80_INTEGER_BIT);
    env->denormal = true;
    shift = __builtin_clzll(significand);
    return f80_make(sign, (u32)(1 - f->bias - shift + F80_BIAS), significand << shift);
}

struct f80 f80_from_f32(struct f80_env *env, u32 v) { return from_format(env, v, &SINGLE); }
struct f80 f80_from_f64(struct f80_env *env, u64 v) { return from_format(env, v, &DOUBLE); }

static inline struct f80 loaded(struct f80_env *env, struct f80 a)
{
    if (unlikely(env->denormal))
        env->flags |= FSW_DE;
    if (unlikely((a.se & F80_EXP) == F80_EXP && !(a.significand & F80_QUIET_BIT) && a.significand << 1)) {
        env->flags |= FSW_IE;
        a.significand |= F80_QUIET_BIT;
    }
    return a;
}

struct f80 f80_load_f32(struct f80_env *env, u32 v) { return loaded(env, f80_from_f32(env, v)); }
struct f80 f80_load_f64(struct f80_env *env, u64 v) { return loaded(env, f80_from_f64(env, v)); }

struct f80 f80_from_i64(i64 v) { return f80_plain_from_i64(v); }

/* The number above the point of `drop` bits is what fits; returns it rounded. */
static u64 cut_off(struct f80_env *env, bool sign, u64 significand, int drop, bool *inexact, bool *up)
{
    u64 kept = drop > 63 ? 0 : significand >> drop;
    u128 rest = drop > 63 ? significand : significand & ((1ull << drop) - 1), half = (u128)1 << (drop > 65 ? 65 : drop - 1);

    *inexact = rest != 0;
    *up = f80_rounds_up(env, sign, kept & 1, rest, half);
    return kept + *up;
}

/* Overflow and tiny numbers. e is the biased exponent in the format, kept the rounded fraction with its integer bit. */
static bool to_tiny(struct f80_env *env, struct f80_parts p, int e, const struct f80_format *f, u64 *v)
{
    bool inexact, up;
    if (!(env->control & FSW_UE)) {
        env->flags |= FSW_UE;
        return false;
    }
    *v = cut_off(env, p.sign, p.significand, 63 - f->fraction + 1 - e, &inexact, &up);
    if (inexact)
        env->flags |= FSW_UE | FSW_PE | (up ? FSW_C1 : 0);
    return true;
}

static bool to_huge(struct f80_env *env, bool sign, const struct f80_format *f, u64 *v)
{
    u16 rc = env->control & FCW_RC;
    bool infinite = rc == FCW_NEAREST || rc == (sign ? FCW_DOWN : FCW_UP);

    env->flags |= FSW_OE;
    if (!(env->control & FSW_OE))
        return false;
    env->flags |= FSW_PE | (infinite ? FSW_C1 : 0);
    *v = ((u64)f->top << f->fraction) - !infinite;
    return true;
}

static bool to_special(struct f80_env *env, struct f80 a, enum f80_class c, const struct f80_format *f, u64 *v)
{
    u64 quiet = 1ull << (f->fraction - 1);

    *v = (u64)f->top << f->fraction;
    switch (c) {
    case F80_INFINITY:
        return true;
    case F80_SNAN:
        env->flags |= FSW_IE;
        /* fall through */
    case F80_QNAN:
        *v |= (a.significand << 1) >> (64 - f->fraction) | quiet;
        return c == F80_QNAN || (env->control & FSW_IE);
    default:
        env->flags |= FSW_IE;
        *v |= quiet | 1ull << f->sign;
        return env->control & FSW_IE;
    }
}

static noinline bool to_format(struct f80_env *env, struct f80 a, const struct f80_format *f, u64 *v)
{
    enum f80_class c = f80_classify(a);
    u64 sign = (u64)f80_sign(a) << f->sign;
    struct f80_parts p;
    bool inexact, up, ok;
    u64 kept;
    int e;

    if (c == F80_ZERO) {
        *v = sign;
        return true;
    }
    if (c != F80_NORMAL && c != F80_DENORMAL) {
        ok = to_special(env, a, c, f, v);
        *v |= sign;
        return ok;
    }
    p = f80_unpack(a);
    kept = cut_off(env, p.sign, p.significand, 63 - f->fraction, &inexact, &up);
    e = p.exp - F80_BIAS + f->bias;
    e += kept >> (f->fraction + 1);                     /* rounded up to a power of two: the fraction is zero */
    if (unlikely(e < 1)) {
        ok = to_tiny(env, p, p.exp - F80_BIAS + f->bias, f, v);
    } else if (unlikely(e >= f->top)) {
        ok = to_huge(env, p.sign, f, v);
    } else {
        if (inexact)
            env->flags |= FSW_PE | (up ? FSW_C1 : 0);
        *v = (kept & ((1ull << f->fraction) - 1)) | (u64)e << f->fraction;
        ok = true;
    }
    *v |= sign;
    return ok;
}

bool f80_to_f32(struct f80_env *env, struct f80 a, u32 *v)
{
    u64 wide = 0;
    bool ok = f80_plain_to(env->control, a, SINGLE, &wide, &env->flags) || to_format(env, a, &SINGLE, &wide);
    *v = (u32)wide;
    return ok;
}

bool f80_to_f64(struct f80_env *env, struct f80 a, u64 *v)
{
    *v = 0;
    return f80_plain_to(env->control, a, DOUBLE, v, &env->flags) || to_format(env, a, &DOUBLE, v);
}

/* Round to an integer below 2^64. False: it is not a finite number or too large. */
static bool magnitude(struct f80_env *env, struct f80 a, u64 *m, bool *inexact, bool *up)
{
    enum f80_class c = f80_classify(a);
    int drop = F80_BIAS + 63 - (a.se & F80_EXP);

    *m = 0;
    *inexact = *up = false;
    if (c == F80_ZERO)
        return true;
    if ((c != F80_NORMAL && c != F80_DENORMAL) || drop < 0)
        return false;
    if (drop == 0) {
        *m = a.significand;
        return true;
    }
    *m = cut_off(env, f80_sign(a), a.significand, drop, inexact, up);
    return true;
}

bool f80_to_int(struct f80_env *env, struct f80 a, int bits, bool chop, i64 *v)
{
    struct f80_env rounding = { .control = chop ? env->control | FCW_CHOP : env->control };
    u64 m, limit = (1ull << (bits - 1)) - !f80_sign(a);
    bool inexact, up;

    if (!magnitude(&rounding, a, &m, &inexact, &up) || m > limit) {
        env->flags |= FSW_IE;
        *v = (i64)(0 - (1ull << (bits - 1)));           /* the integer indefinite */
        return env->control & FSW_IE;
    }
    if (inexact)
        env->flags |= FSW_PE | (up ? FSW_C1 : 0);
    *v = (i64)(f80_sign(a) ? 0 - m : m);
    return true;
}

struct f80 f80_from_bcd(const u8 bcd[10])
{
    u64 v = 0;
    struct f80 r;

    for (int i = 8; i >= 0; i--)
        v = v * 100 + (u64)(bcd[i] >> 4) * 10 + (bcd[i] & 15);
    r = f80_from_i64((i64)v);
    r.se |= bcd[9] & 0x80 ? F80_SIGN : 0;
    return r;
}

bool f80_to_bcd(struct f80_env *env, struct f80 a, u8 bcd[10])
{
    static const u8 indefinite[10] = { 0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff };
    bool inexact, up;
    u64 m;

    if (!magnitude(env, a, &m, &inexact, &up) || m > 999999999999999999ull) {
        env->flags |= FSW_IE;
        memcpy(bcd, indefinite, 10);
        return env->control & FSW_IE;
    }
    if (inexact)
        env->flags |= FSW_PE | (up ? FSW_C1 : 0);
    for (int i = 0; i < 9; i++, m /= 100)
        bcd[i] = (u8)(m / 10 % 10 << 4 | m % 10);
    bcd[9] = f80_sign(a) ? 0x80 : 0;
    return true;
}
