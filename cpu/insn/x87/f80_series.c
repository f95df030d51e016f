/* f80_series.c - sine, cosine, tangent, arctangent, logarithm and exponential in integers: the same on every host.
 * Follows: Intel SDM Vol. 1 "Transcendental Instructions", "Approximation of Pi" (the processor's pi has 66 bits).
 * Here: each function is a row of a table (f80_tables.h) and a short power series, in fractions of 128 bits. The error before
 * the one rounding stays below 2^-110 of the result, so the result is the correctly rounded one but where the exact one lies
 * that near the middle between two numbers. Results that differ by less than that from a number of 64 bits (sin x for tiny x) are
 * put on the right side of it. No loop's length depends on the operand. tests/unit/cpu/t_f80_mpfr.c compares. */
#include "f80_series.h"
#include "f80_tables.h"

#ifdef VITRINE_SMALL                    /* where the program's size counts */
#define ALWAYS_INLINE noinline
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))     /* a quarter faster, says tests/bench/f80_bench.c */
#endif

/* m * 2^(exp - 128); where it is a result, m has its top bit set. */
struct scaled { struct wide m; i32 exp; };

static const struct wide one_unit = { 0, 1 }, one_third = { 0x5555555555555555, 0x5555555555555555 };

static inline struct scaled scaled(struct wide m, i32 exp)
{
    int zeros = wide_zeros(m);
    return (struct scaled){ wide_left(m, zeros), exp - zeros };
}

/* None of these results is exact. */
static inline struct f80 round_scaled(struct f80_env *env, bool sign, struct scaled v)
{
    if (likely((env->control & FCW_RC) == FCW_NEAREST && (u32)(v.exp + F80_BIAS - 2) < F80_EXP - 3)) {
        u64 up = v.m.lo >> 63, kept = v.m.hi + up;
        env->flags = (u16)((env->flags & ~FSW_C1) | FSW_PE | (up ? FSW_C1 : 0));
        return f80_make(sign, (u32)(v.exp - 1 + F80_BIAS) + (kept < up), kept | (u64)(kept < up) << 63);
    }
    return f80_round(env, sign, v.exp - 1 + F80_BIAS, v.m.hi, v.m.lo | 1, 64);
}

/* c[0] + u (c[1] + u (...)), or minus instead of every plus. The terms from `many` on are in `low`: they have 64 bits. */
static inline struct wide series(const struct wide *c, int many, const u64 *low, int rest, struct wide u, bool minus)
{
    u64 tail = low[rest - 1];
    for (int k = rest - 2; k >= 0; k--)
        tail = minus ? low[k] - mul_high(tail, u.hi) : low[k] + mul_high(tail, u.hi);
    struct wide sum = { 0, mul_high(tail, u.hi) };
    sum = minus ? wide_sub(c[many - 1], sum) : wide_add(c[many - 1], sum);
    for (int k = many - 2; k >= 0; k--)
        sum = minus ? wide_sub(c[k], wide_mul(sum, u)) : wide_add(c[k], wide_mul(sum, u));
    return sum;
}
#define SERIES(name, u, minus) series(name##_wide, ARRAY_LEN(name##_wide), name##_low, ARRAY_LEN(name##_low), u, minus)

/* ---- sine, cosine, tangent ---- */

/* a to an angle r of at most half of P, the processor's pi / 2, and the number of P's taken away (modulo 4): exactly.
 * P is odd in units of 2^-65, so r is never 0. */
static ALWAYS_INLINE int reduce(struct f80 a, struct scaled *r, bool *negative)
{
    const struct wide p = { 3, 0x243f6a8885a308d3 };
    const u64 two_over_p = 0xa2f9836e4e44152a;          /* 2^129 / p, to nearest: 2/3.14... */
    struct f80_parts v = f80_unpack(a);
    i32 exp = v.exp - F80_BIAS;
    struct wide rest;
    u64 n;

    if (exp < -1) {
        *negative = v.sign;
        *r = (struct scaled){ { v.significand, 0 }, exp + 1 };
        return 0;
    }
    n = (wide_right(wide_product(v.significand, two_over_p), 126 - exp).lo + 1) >> 1;      /* at most one off */
    rest = wide_sub(wide_left((struct wide){ 0, v.significand }, exp + 2), wide_times(p, n));
    if (unlikely(wide_less(p, wide_left(wide_magnitude(rest), 1)))) {
        n = wide_negative(rest) ? n - 1 : n + 1;
        rest = wide_signed_add(rest, p, !wide_negative(rest));
    }
    *negative = v.sign != wide_negative(rest);
    *r = scaled(wide_left(wide_magnitude(rest), 63), 0);
    return (int)(v.sign ? -n : n) & 3;
}

/* What the sine and the cosine of an angle in (0, pi/4] are made of: row i, which is nearest, and t, what the angle is more. */
struct angle {
    struct scaled r;
    u64 i;
    bool below;                 /* less, not more */
    struct wide sine, less_cosine;      /* sin t (i = 0: how much less than t, as a part of it) and 1 - cos t */
};

static ALWAYS_INLINE struct angle angle_of(struct scaled r)
{
    struct angle a = { .r = r };
    struct wide t, u;

    if (r.exp < -62)
        return a;
    t = wide_right(r.m, -r.exp);
    a.i = (t.hi + (1ull << 57)) >> 58;
    t.hi -= a.i << 58;
    a.below = wide_negative(t) && a.i;
    t = a.i ? wide_magnitude(t) : t;
    u = wide_square(wide_left(t, 6));
    a.sine = wide_mul(u, SERIES(sine, u, true));
    a.less_cosine = wide_mul(u, SERIES(cosine, u, true));
    if (a.i)
        a.sine = wide_sub(t, wide_mul(t, a.sine));
    return a;
}

/* The sine (0) or cosine (1), by the addition theorems. */
static ALWAYS_INLINE struct scaled of_angle(const struct angle *a, int cosine)
{
    const struct wide *part = sine_table[a->i].part;

    if (likely(a->i))
        return scaled(wide_signed_add(wide_sub(part[cosine], wide_mul(part[cosine], a->less_cosine)),
                                      wide_mul(part[!cosine], a->sine), a->below != cosine), 0);
    if (!cosine)                                        /* below r, however little */
        return scaled(wide_sub(wide_sub(a->r.m, wide_mul(a->r.m, a->sine)), one_unit), a->r.exp);
    return scaled(wide_is_zero(a->less_cosine) ? wide_negate(one_unit) : wide_negate(a->less_cosine), 0);
}

void f80_series_sincos(struct f80_env *env, struct f80 a, struct f80 *sine, struct f80 *cosine)
{
    struct scaled r;
    struct angle t;
    bool negative;
    int q = reduce(a, &r, &negative), odd = q & 1;

    t = angle_of(r);
    if (sine)
        *sine = round_scaled(env, (negative && !odd) != (q >> 1), of_angle(&t, odd));
    if (cosine)
        *cosine = round_scaled(env, (odd && !negative) != (q >> 1), of_angle(&t, !odd));
}

/* r^2 / 3, for r below 2^-32. */
static inline struct wide third_of_square(struct scaled r)
{
    return r.exp > -64 ? wide_right(wide_mul(wide_square(r.m), one_third), -2 * r.exp) : (struct wide){ 0, 0 };
}

struct f80 f80_series_tan(struct f80_env *env, struct f80 a)
{
    struct scaled r, n, d;
    bool negative, more;
    int q = reduce(a, &r, &negative), odd = q & 1;

    if (r.exp >= -32) {
        struct angle t = angle_of(r);
        n = of_angle(&t, odd);
        d = of_angle(&t, !odd);
    } else if (odd) {                                   /* the cotangent is below 1 / r by r^2 / 3 of it */
        n = (struct scaled){ wide_sub(wide_negate(one_unit), third_of_square(r)), 0 };
        d = r;
    } else {                                            /* above r by less than 2^-66 of it */
        return round_scaled(env, negative, r);
    }
    if (!wide_less(n.m, d.m)) {
        n.m = wide_right(n.m, 1);
        n.exp++;
    }
    return round_scaled(env, negative != odd, (struct scaled){ wide_div(n.m, d.m, &more), n.exp - d.exp });
}

/* ---- arctangent ---- */

/* lo * 2^-shift / hi by its nearest 128th i, and t, 2^7 times the tangent of what the arctangent is more. Negative: *below. */
static inline struct wide past_row(u64 lo, u64 hi, int shift, u32 i, bool *below)
{
    struct wide n = wide_left((struct wide){ 0, lo }, 7), d = wide_left((struct wide){ 0, hi }, 7 + shift);
    int zeros;
    bool more;

    n = wide_sub(n, wide_left(wide_times((struct wide){ 0, hi }, i), shift));
    d = wide_add(d, wide_times((struct wide){ 0, lo }, i));
    *below = wide_negative(n);
    zeros = wide_zeros(d);
    return wide_div(wide_left(wide_magnitude(n), zeros + 7), wide_left(d, zeros), &more);
}

/* t * (1 - ...), t scaled by 2^7 in u. */
static inline struct wide atan_product(struct wide t, struct wide t7)
{
    struct wide u = wide_square(t7);
    return wide_sub(t, wide_mul(t, wide_mul(u, SERIES(atan, u, true))));
}

/* Of q = lo * 2^-shift / hi, where that is below 2^-7. */
static inline struct scaled atan_small(u64 lo, u64 hi, int shift)
{
    bool less = lo < hi;
    struct wide rest = { lo >> !less, less ? 0 : lo << 63 }, d = { hi, 0 }, q, tail, past = { 0, 0 };
    i32 exp = !less - shift;

    q.hi = wide_digit(&rest, d);
    q.lo = wide_digit(&rest, d);
    if (exp > -32)
        return scaled(atan_product(q, wide_right(q, -exp - 7)), exp);
    /* Less than q by q^2 / 3 of it. q can be so near to a number of 64 bits that the side is seen only with 64 bits more. */
    tail = (struct wide){ q.lo, wide_digit(&rest, d) };
    if (exp > -96)
        past = wide_right(wide_mul(q, wide_mul(wide_square(q), one_third)), -2 * exp - 64);
    if (wide_is_zero(rest))
        past = wide_add(past, one_unit);
    q.hi -= wide_less(tail, past);
    q.lo = wide_sub(tail, past).hi;
    return scaled(q, exp);
}

struct f80 f80_series_atan(struct f80_env *env, struct f80 a, struct f80 b)
{
    struct f80_parts y = f80_unpack(a), x = f80_unpack(b);
    bool steep = y.exp > x.exp || (y.exp == x.exp && y.significand > x.significand), below;
    u64 lo = steep ? x.significand : y.significand, hi = steep ? y.significand : x.significand;
    int shift = steep ? y.exp - x.exp : x.exp - y.exp;
    struct scaled r;
    struct wide fixed;
    u32 i = 0, top;

    if (shift < 9) {
        top = (u32)(hi >> 40);
        i = ((u32)(lo >> (40 + shift)) * 128 + top / 2) / top;
    }
    if (i == 0) {
        r = atan_small(lo, hi, shift);
        fixed = 2 - r.exp < 128 ? wide_right(r.m, 2 - r.exp) : (struct wide){ 0, 0 };
    } else {
        struct wide t = past_row(lo, hi, shift, i, &below);
        t = wide_right(atan_product(t, t), 7);
        t = wide_signed_add(atan_table[i], t, below);
        r = scaled(t, 0);
        fixed = wide_right(t, 2);
    }
    if (steep || x.sign)
        r = scaled(wide_signed_add(pi_table[steep ? 1 : 3], fixed, !(steep && x.sign)), 2);
    return round_scaled(env, y.sign, r);
}

struct f80 f80_series_pi(struct f80_env *env, bool sign, int quarters)
{
    return round_scaled(env, sign, scaled(pi_table[quarters - 1], 2));
}

/* ---- logarithm ---- */

/* log2(1 +- z) / z / 2 for s = 2^12 z, z below 2^-12. */
static inline struct wide log_series(struct wide s, bool below)
{
    struct wide u = wide_square(s), even = SERIES(log_even, u, false), odd = wide_mul(s, SERIES(log_odd, u, false));
    return wide_signed_add(even, odd, !below);
}

/* The logarithm's magnitude of m * 2^(k - 127), m with its top bit set and not 2^127 alone. *sign: it is negative.
 * m (from sqrt(2) on, m / 2) times the factors of two rows is 1 + z; what the factors took away is in the rows. */
static ALWAYS_INLINE struct scaled log2_of(struct wide m, i32 k, bool *sign)
{
    u32 i = (u32)(m.hi >> 56 & 127), j;
    struct wide z, s, g, f, p;
    bool below, minus;
    int bits;

    k += i >= LOG_SPLIT;
    z = wide_times(wide_right(m, 11), log_coarse[i].factor);            /* 1 + z, in units of 2^-127 */
    j = (u32)((z.hi - (1ull << 63) + (1ull << 50) + ((u64)-LOG_LEAST << 51)) >> 51);
    z = wide_times(wide_right(z, 17), log_fine[j].factor);              /* 1 + z, in units of 2^-126 */
    z.hi -= 1ull << 62;
    below = wide_negative(z);
    z = wide_magnitude(z);
    s = wide_left(z, 14);
    g = log_series(s, below);
    if (k == 0 && (i == 0 || i == 127) && j == (u32)-LOG_LEAST) {       /* near 1: nothing is added */
        struct scaled v = scaled(z, 2);
        *sign = below;
        return scaled(wide_mul(v.m, g), v.exp + 1);
    }
    p = wide_right(wide_mul(s, g), 12);                                 /* in units of 2^-127, as the rows */
    f = wide_add(log_coarse[i].log, log_fine[j].log);
    f = wide_signed_add(f, p, below);
    if (k == 0) {
        *sign = wide_negative(f);
        return scaled(wide_magnitude(f), 1);
    }
    *sign = k < 0;
    k = k < 0 ? -k : k;
    bits = 32 - __builtin_clz((u32)k);
    minus = wide_negative(f) != *sign;
    f = wide_right(wide_magnitude(f), bits - 1);
    p = (struct wide){ (u64)k << (64 - bits), 0 };
    return scaled(wide_signed_add(p, f, minus), bits);
}

/* y times the logarithm l. exact: so is l. */
static inline struct f80 times_log(struct f80_env *env, struct f80 y, struct scaled l, bool sign, bool exact)
{
    struct f80_parts v = f80_unpack(y);
    bool more;
    struct scaled r = scaled(wide_mul_64(l.m, v.significand, &more), l.exp + v.exp - F80_BIAS + 1);
    if (!exact)
        return round_scaled(env, v.sign != sign, r);
    return f80_round(env, v.sign != sign, r.exp - 1 + F80_BIAS, r.m.hi, r.m.lo, 64);
}

/* y * k, which needs no more than 64 + 15 bits. more: the logarithm is a little above k. */
static struct f80 times_exponent(struct f80_env *env, struct f80 y, i32 k, bool more)
{
    bool sign = k < 0;
    return times_log(env, y, scaled((struct wide){ (u64)(sign ? -k : k), 0 }, 64), sign, !more);
}

struct f80 f80_series_log2(struct f80_env *env, struct f80 y, struct f80 x)
{
    struct f80_parts v = f80_unpack(x);
    struct scaled l;
    bool sign;

    if (v.significand == F80_INTEGER_BIT)
        return times_exponent(env, y, v.exp - F80_BIAS, false);
    l = log2_of((struct wide){ v.significand, 0 }, v.exp - F80_BIAS, &sign);
    return times_log(env, y, l, sign, false);
}

struct f80 f80_series_log2p1(struct f80_env *env, struct f80 y, struct f80 x)
{
    struct f80_parts v = f80_unpack(x);
    i32 exp = v.exp - F80_BIAS, k = exp;
    struct wide m = wide_right((struct wide){ v.significand, 0 }, 1), one = { 1ull << 62, 0 };
    struct scaled l;
    bool sign;
    int zeros;

    if (exp < -13) {
        struct wide s = { 0, 0 }, g;
        bool more;
        if (exp > -141)
            s = wide_right((struct wide){ v.significand, 0 }, -exp - 13);
        g = log_series(s, v.sign);
        return times_log(env, y, scaled(wide_mul_64(g, v.significand, &more), exp + 2), v.sign, false);
    }
    if (exp < 0) {                                      /* 1 + x, exactly, in units of 2^-126 */
        m = wide_right(m, -exp);
        k = 0;
    } else {                                            /* or of 2^(exp - 126): exactly up to 2^127 */
        one = exp <= 126 ? wide_right(one, exp) : (struct wide){ 0, 0 };
    }
    m = wide_signed_add(one, m, v.sign);
    zeros = wide_zeros(m);
    m = wide_left(m, zeros);
    k += 1 - zeros;
    if (m.hi == 1ull << 63 && m.lo == 0)
        return times_exponent(env, y, k, exp > 126);
    l = log2_of(m, k, &sign);
    return times_log(env, y, l, sign, false);
}

/* ---- exponential ---- */

struct f80 f80_series_2xm1(struct f80_env *env, struct f80 a)
{
    struct f80_parts v = f80_unpack(a);
    i32 exp = v.exp - F80_BIAS;
    struct wide x = { v.significand, 0 }, s, u, even, odd, q, power;
    bool small = exp < -12, more;

    if (small)
        s = -exp - 13 < 128 ? wide_right(x, -exp - 13) : (struct wide){ 0, 0 };
    else {
        x = wide_signed_add((struct wide){ 0, 0 }, wide_right(x, -exp - 1), v.sign);     /* 2^x is half of 2^(1 + x) */
        s = wide_left(x, 12);
    }
    u = wide_square(s);
    even = SERIES(exp_even, u, false);
    odd = wide_mul(s, SERIES(exp_odd, u, false));
    if (small) {
        q = wide_signed_add(even, odd, v.sign);
        return round_scaled(env, v.sign, scaled(wide_mul_64(q, v.significand, &more), exp + 1));
    }
    q = wide_mul(s, wide_add(even, odd));               /* 2^12 (2^r - 1) */
    power = exp_coarse[x.hi >> 58];
    power = wide_add(power, wide_mul(power, exp_fine[x.hi >> 52 & 63]));
    power = wide_add(power, wide_right(wide_mul(power, q), 12));
    return round_scaled(env, v.sign, scaled(wide_signed_add((struct wide){ 0, 0 }, wide_left(power, !v.sign), v.sign), 0));
}
