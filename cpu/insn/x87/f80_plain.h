/* f80_plain.h - what nearly every operation of the x87 is, inline: operands that are normal numbers (or zero, where it costs nothing),
 * rounded to nearest in 64 or 53 bits, the result as normal, and nothing raised but, at most, the inexact result.
 * Follows: as f80.c and f80_convert.c, which begin with these; x87_fast.c has nothing else.
 *
 * f80_plain_*: false where the case is another one; then nothing is raised. `control` is the control word; *flags gets PE and C1.
 * f80_sum, f80_product, f80_quotient are of any finite numbers but 0, and f80.c rounds them in every other way. */
#pragma once
#include "f80.h"

#define F80_INLINE static inline __attribute__((always_inline))

/* Flags of a rounding: C1 is the direction. */
static inline u16 f80_rounded(bool inexact, bool up) { return (u16)((inexact ? FSW_PE : 0) | (up ? FSW_C1 : 0)); }

/* Results before they are rounded: hi.lo * 2^(exp - 16383 - 63), hi with bit 63 set, bit 0 of lo sticky; of an exact zero hi is 0. */
struct f80_unrounded { u64 hi, lo; i32 exp; bool sign; };

F80_INLINE struct f80_unrounded f80_sum(struct f80_parts a, struct f80_parts b)
{
    u64 ah = a.significand, bh = b.significand, bl, swap;
    i32 exp = a.exp, below = b.exp, shift;
    bool differ = a.sign != b.sign, sign;

    /* The larger one first; without a branch, which nobody could foretell. */
    swap = -(u64)(exp < below || (exp == below && ah < bh));
    shift = (exp ^ below) & (i32)swap;
    exp ^= shift;
    below ^= shift;
    bl = (ah ^ bh) & swap;
    ah ^= bl;
    bh ^= bl;
    sign = a.sign ^ (differ & swap);
    shift = exp - below;
    if (likely(shift < 64)) {
        bl = bh << 1 << (63 - shift);
        bh >>= shift;
    } else {
        bl = shift > 127 ? 1 : bh >> (shift - 64) | (bh << 1 << (127 - shift) != 0);
        bh = 0;
    }
    if (!differ) {
        u64 carry;
        ah += bh;
        carry = ah < bh;
        bl = bl >> carry | (bl & carry) | (ah & carry) << 63;
        ah = ah >> carry | carry << 63;
        exp += (i32)carry;
    } else {
        ah -= bh + (bl != 0);
        bl = 0 - bl;
        if (!(ah >> 63)) {
            if (ah == 0) {
                if (bl == 0)
                    return (struct f80_unrounded){ .hi = 0 };
                ah = bl;
                bl = 0;
                exp -= 64;
            }
            shift = __builtin_clzll(ah);
            ah = ah << shift | bl >> 1 >> (63 - shift);
            bl <<= shift;
            exp -= shift;
        }
    }
    return (struct f80_unrounded){ ah, bl, exp, sign };
}

F80_INLINE struct f80_unrounded f80_product(struct f80_parts a, struct f80_parts b)
{
    u128 x = (u128)a.significand * b.significand;
    int below = !(x >> 127);
    x <<= below;
    return (struct f80_unrounded){ (u64)(x >> 64), (u64)x, a.exp + b.exp - F80_BIAS + 1 - below, a.sign != b.sign };
}

F80_INLINE struct f80_unrounded f80_quotient(struct f80_parts a, struct f80_parts b)
{
    bool less = a.significand < b.significand;
    u64 rest, q = divide_128((u128)a.significand << (63 + less), b.significand, &rest), most = b.significand - rest;
    u64 lo = rest == 0 ? 0 : rest == most ? F80_INTEGER_BIT : rest > most ? F80_INTEGER_BIT + 1 : 1;
    return (struct f80_unrounded){ q, lo, a.exp - b.exp + F80_BIAS - less, a.sign != b.sign };
}

F80_INLINE bool f80_plain_round(u32 control, struct f80_unrounded u, struct f80 *r, u16 *flags)
{
    u32 mode = control & (FCW_PC | FCW_RC);
    bool up;

    if (unlikely((u32)u.exp - 1 >= F80_EXP - 2))
        return false;
    if (likely(mode == (FCW_PC64 | FCW_NEAREST))) {     /* ties to even: half and, where the kept number is even, more */
        up = u.lo >= F80_INTEGER_BIT + !(u.hi & 1);
        u.hi += up;
    } else if (mode == (FCW_PC53 | FCW_NEAREST)) {
        u.lo = (u.hi & 0x7ff) << 1 | (u.lo != 0);
        up = u.lo >= 0x800u + !(u.hi & 0x800);
        u.hi = (u.hi & ~0x7ffull) + ((u64)up << 11);
    } else {
        return false;
    }
    if (unlikely(u.hi == 0)) {                          /* carried out: a power of two */
        u.hi = F80_INTEGER_BIT;
        u.exp++;
    }
    *flags |= f80_rounded(u.lo, up);
    *r = f80_make(u.sign, (u32)u.exp, u.hi);
    return true;
}

F80_INLINE struct f80_parts f80_normal_parts(struct f80 a)
{
    return (struct f80_parts){ a.significand, a.se & F80_EXP, f80_sign(a) };
}

/* a + b, or a - b. */
F80_INLINE bool f80_plain_add(u32 control, struct f80 a, struct f80 b, bool subtract, struct f80 *r, u16 *flags)
{
    struct f80_parts y = f80_normal_parts(b);
    struct f80_unrounded u;

    if (unlikely(!f80_is_normal(a) || !f80_is_normal(b)))
        return false;
    y.sign ^= subtract;
    u = f80_sum(f80_normal_parts(a), y);
    if (unlikely(u.hi == 0)) {
        *r = f80_zero(false);
        return (control & FCW_RC) == FCW_NEAREST;
    }
    return f80_plain_round(control, u, r, flags);
}

F80_INLINE bool f80_plain_mul(u32 control, struct f80 a, struct f80 b, struct f80 *r, u16 *flags)
{
    return likely(f80_is_normal(a) && f80_is_normal(b))
        && f80_plain_round(control, f80_product(f80_normal_parts(a), f80_normal_parts(b)), r, flags);
}

F80_INLINE bool f80_plain_div(u32 control, struct f80 a, struct f80 b, struct f80 *r, u16 *flags)
{
    return likely(f80_is_normal(a) && f80_is_normal(b))
        && f80_plain_round(control, f80_quotient(f80_normal_parts(a), f80_normal_parts(b)), r, flags);
}

/* C3, C2, C0 of a comparison of normal numbers and zeros. */
static inline bool f80_plain_compare(struct f80 a, struct f80 b, u16 *cc)
{
    u32 ae = a.se & F80_EXP, be = b.se & F80_EXP;
    u128 x = (u128)ae << 64 | a.significand, y = (u128)be << 64 | b.significand;

    if (unlikely(!(f80_is_normal(a) || x == 0) || !(f80_is_normal(b) || y == 0)))
        return false;
    if (f80_sign(a) != f80_sign(b))
        *cc = !(x | y) ? FSW_C3 : f80_sign(a) ? FSW_C0 : 0;
    else
        *cc = x == y ? FSW_C3 : (x < y) != f80_sign(a) ? FSW_C0 : 0;
    return true;
}

/* A format of memory: `fraction` bits behind the point, bias 2^(exponent bits - 1) - 1, largest biased exponent `top`. */
struct f80_format { int fraction, bias, top, sign; };
#define F80_SINGLE ((struct f80_format){ 23, 127, 255, 31 })
#define F80_DOUBLE ((struct f80_format){ 52, 1023, 2047, 63 })

static inline bool f80_plain_from(u64 v, struct f80_format f, struct f80 *r)
{
    u32 exp = (u32)(v >> f.fraction) & (u32)f.top;
    bool sign = v >> f.sign & 1;

    if (likely(exp - 1 < (u32)f.top - 1))
        *r = f80_make(sign, exp + (u32)(F80_BIAS - f.bias), v << (63 - f.fraction) | F80_INTEGER_BIT);
    else if (v << (63 - f.sign) << 1 == 0)
        *r = f80_zero(sign);
    else
        return false;
    return true;
}

/* Normal there, too; to nearest in whatever precision, or exact. */
static inline bool f80_plain_to(u32 control, struct f80 a, struct f80_format f, u64 *v, u16 *flags)
{
    int drop = 63 - f.fraction, e = (a.se & F80_EXP) - F80_BIAS + f.bias;
    u64 rest = a.significand & ((1ull << drop) - 1), half = 1ull << (drop - 1), kept = a.significand >> drop;
    bool up = rest >= half + !(kept & 1);

    if (unlikely((u32)e - 1 >= (u32)f.top - 2 || !(a.significand & F80_INTEGER_BIT))) {
        *v = (u64)f80_sign(a) << f.sign;
        return !(a.se & F80_EXP) && !a.significand;     /* zero */
    }
    if (unlikely(rest && (control & FCW_RC) != FCW_NEAREST))
        return false;
    /* The integer bit, or the carry above it, adds to the exponent. */
    *v = (((u64)(e - 1) << f.fraction) + kept + up) | (u64)f80_sign(a) << f.sign;
    *flags |= f80_rounded(rest, up);
    return true;
}

static inline struct f80 f80_plain_from_i64(i64 v)
{
    u64 m = v < 0 ? 0 - (u64)v : (u64)v;
    int shift;
    if (m == 0)
        return f80_zero(false);
    shift = __builtin_clzll(m);
    return f80_make(v < 0, (u32)(F80_BIAS + 63 - shift), m << shift);
}

/* To an integer of `bits` bits, to nearest or toward zero. */
static inline bool f80_plain_to_int(u32 control, struct f80 a, int bits, i64 *v, u16 *flags)
{
    int drop = F80_BIAS + 63 - (a.se & F80_EXP);
    u64 m, rest;
    bool up;

    if (!(a.se & F80_EXP) && !a.significand) {
        *v = 0;
        return true;
    }
    if (unlikely(drop < 1 || !f80_is_normal(a)))
        return false;
    m = drop > 63 ? 0 : a.significand >> drop;
    rest = drop > 64 ? 1 : a.significand << (64 - drop);
    if ((control & FCW_RC) == FCW_NEAREST)
        up = rest >= F80_INTEGER_BIT + !(m & 1);
    else if ((control & FCW_RC) == FCW_CHOP)
        up = false;
    else
        return false;
    m += up;
    if (unlikely(m > (1ull << (bits - 1)) - !f80_sign(a)))
        return false;
    *flags |= f80_rounded(rest, up);
    *v = (i64)(f80_sign(a) ? 0 - m : m);
    return true;
}
