/* f80_more.c - 80-bit operations outside precision control: round to integer, scale, extract, remainder, compare, examine.
 * Follows: Intel SDM Vol. 2, the pages of FRNDINT, FSCALE, FXTRACT, FPREM, FPREM1, FCOM, FUCOM, FXAM. */
#include "f80.h"

struct f80 f80_round_to_int(struct f80_env *env, struct f80 a)
{
    enum f80_class c = f80_classify(a);
    i32 exp = a.se & F80_EXP, cut = F80_BIAS + 63 - exp;        /* bits below the point */
    bool sign = f80_sign(a), up;
    u64 rest, kept;
    struct f80 r;

    if (f80_nan_result(env, a, a, &r))
        return r;
    if (c == F80_INFINITY || c == F80_ZERO)
        return a;
    if (c == F80_DENORMAL && f80_note_denormal(env))
        return a;
    if (cut <= 0)
        return a;
    if (cut > 64) {
        up = f80_rounds_up(env, sign, false, 1, 2);
        env->flags |= FSW_PE | (up ? FSW_C1 : 0);
        return up ? f80_one(sign) : f80_zero(sign);
    }
    rest = cut == 64 ? a.significand : a.significand & ((1ull << cut) - 1);
    kept = cut == 64 ? 0 : a.significand >> cut;
    if (rest == 0)
        return a;
    up = f80_rounds_up(env, sign, kept & 1, rest, (u128)1 << (cut - 1));
    env->flags |= FSW_PE | (up ? FSW_C1 : 0);
    kept += up;
    if (kept == 0)
        return f80_zero(sign);
    cut = __builtin_clzll(kept);
    return f80_make(sign, (u32)(F80_BIAS + 63 - cut), kept << cut);
}

/* trunc(b), held within what moves any exponent out of range. */
static i32 scale_of(struct f80 b)
{
    i32 exp = (b.se & F80_EXP) - F80_BIAS, v;
    if (exp < 0)
        return 0;
    v = exp > 16 ? 0x20000 : (i32)(b.significand >> (63 - exp));
    return f80_sign(b) ? -v : v;
}

/* The operand as it is, a pseudo-denormal normalised. No calculation, hence no underflow, although the operand may be tiny and #U
 * unmasked: so do Intel's processors with FSCALE by zero and FPREM by infinity (of other operands they raise it); AMD's raise it. */
static struct f80 unchanged(struct f80 a)
{
    if (!(a.se & F80_EXP) && (a.significand & F80_INTEGER_BIT))
        a.se++;
    return a;
}

struct f80 f80_scale(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    struct f80_parts p;
    struct f80 r;

    if (f80_nan_result(env, a, b, &r))
        return r;
    if (cb == F80_INFINITY && (f80_sign(b) ? ca == F80_INFINITY : ca == F80_ZERO))
        return f80_invalid(env);
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_INFINITY || ca == F80_ZERO)
        return a;
    if (cb == F80_INFINITY)
        return f80_sign(b) ? f80_zero(f80_sign(a)) : f80_infinity(f80_sign(a));
    if (cb == F80_ZERO)
        return unchanged(a);
    p = f80_unpack(a);
    return f80_round(env, p.sign, p.exp + scale_of(b), p.significand, 0, 64);
}

struct f80 f80_extract(struct f80_env *env, struct f80 a, struct f80 *significand)
{
    enum f80_class c = f80_classify(a);
    struct f80_parts p;
    struct f80 r;

    *significand = a;
    if (f80_nan_result(env, a, a, &r)) {
        *significand = r;
        return r;
    }
    if (c == F80_INFINITY)
        return f80_infinity(false);
    if (c == F80_ZERO) {
        env->flags |= FSW_ZE;
        return f80_infinity(true);
    }
    if (c == F80_DENORMAL && f80_note_denormal(env))
        return a;
    p = f80_unpack(a);
    *significand = f80_make(p.sign, F80_BIAS, p.significand);
    return f80_from_i64(p.exp - F80_BIAS);
}

/* quotient = floor(a * 2^shift / b) mod 2^64, returns the rest; a < 2^64, b with bit 63 set, shift < 64. */
static u64 long_rest(u64 a, u64 b, int shift, u64 *quotient)
{
    u128 n = (u128)a << shift;
    *quotient = (u64)(n / b);
    return (u64)(n % b);
}

static u16 quotient_bits(u64 q)
{
    return (u16)((q & 1 ? FSW_C1 : 0) | (q & 2 ? FSW_C3 : 0) | (q & 4 ? FSW_C0 : 0));
}

/* rest * 2^(exp - bias - 63) exactly; it may be a denormal. */
static struct f80 exact(struct f80_env *env, bool sign, i32 exp, u64 rest)
{
    int shift;
    if (rest == 0)
        return f80_zero(sign);
    shift = __builtin_clzll(rest);
    return f80_round(env, sign, exp - shift, rest << shift, 0, 64);
}

static struct f80 remainder_finite(struct f80_env *env, struct f80 fa, struct f80 fb, bool nearest, u16 *cc)
{
    struct f80_parts a = f80_unpack(fa), b = f80_unpack(fb);
    i32 d = a.exp - b.exp;
    u64 q = 0, rest = a.significand;
    bool sign = a.sign;

    if (d < -1 || (d == -1 && !nearest))
        return exact(env, sign, a.exp, rest);
    if (d >= 64) {                                      /* partial: exponent down by n, between 32 and 63 */
        int n = 32 + (d & 31);
        *cc = FSW_C2;
        rest = long_rest(rest, b.significand, n, &q);
        return exact(env, sign, a.exp - n, rest);
    }
    if (d == -1) {                                      /* b / 4 < a < b: nearest may be one */
        if (rest > b.significand) {
            *cc = quotient_bits(1);                     /* b - a, in units of a's last place */
            rest = (u64)(((u128)b.significand << 1) - rest);
            return exact(env, !sign, a.exp, rest);
        }
        return exact(env, sign, a.exp, rest);
    }
    rest = long_rest(rest, b.significand, d, &q);
    if (nearest && (rest > b.significand - rest || (rest == b.significand - rest && (q & 1)))) {
        q++;
        rest = b.significand - rest;
        sign = !sign;
    }
    *cc = quotient_bits(q);
    return exact(env, rest ? sign : a.sign, b.exp, rest);
}

struct f80 f80_remainder(struct f80_env *env, struct f80 a, struct f80 b, bool nearest, u16 *cc)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    struct f80 r;

    *cc = 0;
    if (f80_nan_result(env, a, b, &r))
        return r;
    if (ca == F80_INFINITY || cb == F80_ZERO)
        return f80_invalid(env);
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_ZERO)
        return a;
    if (cb == F80_INFINITY)
        return unchanged(a);
    return remainder_finite(env, a, b, nearest, cc);
}

u16 f80_compare(struct f80_env *env, struct f80 a, struct f80 b, bool quiet)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    struct f80_parts x, y;
    bool less;

    if (unlikely(f80_is_nan(ca) || f80_is_nan(cb))) {
        if (!quiet || ca >= F80_SNAN || cb >= F80_SNAN)
            env->flags |= FSW_IE;
        return FSW_C3 | FSW_C2 | FSW_C0;
    }
    if (unlikely(ca == F80_DENORMAL || cb == F80_DENORMAL || env->denormal))
        f80_note_denormal(env);
    if (ca == F80_ZERO && cb == F80_ZERO)
        return FSW_C3;
    if (ca == F80_ZERO || cb == F80_ZERO || f80_sign(a) != f80_sign(b)) {
        less = ca == F80_ZERO ? !f80_sign(b) : f80_sign(a);
        return less ? FSW_C0 : 0;
    }
    x = f80_unpack(a);
    y = f80_unpack(b);
    if (x.exp == y.exp && x.significand == y.significand)
        return FSW_C3;
    less = x.exp < y.exp || (x.exp == y.exp && x.significand < y.significand);
    return less != x.sign ? FSW_C0 : 0;
}

u16 f80_examine(struct f80 a)
{
    u16 sign = f80_sign(a) ? FSW_C1 : 0;

    switch (f80_classify(a)) {
    case F80_UNSUPPORTED: return sign;
    case F80_QNAN:
    case F80_SNAN:        return sign | FSW_C0;
    case F80_NORMAL:      return sign | FSW_C2;
    case F80_INFINITY:    return sign | FSW_C2 | FSW_C0;
    case F80_ZERO:        return sign | FSW_C3;
    default:              return sign | FSW_C3 | FSW_C2;        /* denormal */
    }
}
