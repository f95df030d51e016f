/* wide.h - integers of 128 bits, in two halves: what f80_series.c computes with, mostly as fractions in units of 2^-128.
 * Only this header (and the parts of f80.c that use u128) must be written anew for a compiler without a 128-bit type. */
#pragma once
#include "../../../host/base.h"

#ifdef __SIZEOF_INT128__
typedef unsigned __int128 u128;
#else
typedef unsigned _BitInt(128) u128;     /* 32-bit hosts: C23, clang 16 and later */
#endif

struct wide { u64 hi, lo; };

static inline u128 wide_value(struct wide a) { return (u128)a.hi << 64 | a.lo; }
static inline struct wide wide_of(u128 v) { return (struct wide){ (u64)(v >> 64), (u64)v }; }

static inline struct wide wide_add(struct wide a, struct wide b) { return wide_of(wide_value(a) + wide_value(b)); }
static inline struct wide wide_sub(struct wide a, struct wide b) { return wide_of(wide_value(a) - wide_value(b)); }
static inline struct wide wide_negate(struct wide a) { return wide_of(-wide_value(a)); }
static inline bool wide_is_zero(struct wide a) { return !(a.hi | a.lo); }
static inline bool wide_less(struct wide a, struct wide b) { return wide_value(a) < wide_value(b); }
/* By 0 to 127 bits. */
static inline struct wide wide_left(struct wide a, int n) { return wide_of(wide_value(a) << n); }
static inline struct wide wide_right(struct wide a, int n) { return wide_of(wide_value(a) >> n); }
/* As two's complement: is it negative, and what is its magnitude? */
static inline bool wide_negative(struct wide a) { return a.hi >> 63; }
static inline struct wide wide_magnitude(struct wide a)
{
    u128 mask = -(u128)(a.hi >> 63);
    return wide_of((wide_value(a) ^ mask) - mask);
}
/* a - b where minus, or else a + b: without a branch, which would often be foretold wrongly. */
static inline struct wide wide_signed_add(struct wide a, struct wide b, bool minus)
{
    u128 mask = -(u128)minus;
    return wide_of(wide_value(a) + ((wide_value(b) ^ mask) - mask));
}
/* Zeros above the first one of a, which is not 0. */
static inline int wide_zeros(struct wide a) { return a.hi ? __builtin_clzll(a.hi) : 64 + __builtin_clzll(a.lo); }

/* a * b / 2^64, down. */
static inline u64 mul_high(u64 a, u64 b) { return (u64)((u128)a * b >> 64); }
static inline struct wide wide_product(u64 a, u64 b) { return wide_of((u128)a * b); }
/* The low 128 bits of a * b. */
static inline struct wide wide_times(struct wide a, u64 b) { return wide_of(wide_value(a) * b); }
/* a * b / 2^64, down; *more: there was something below. */
static inline struct wide wide_mul_64(struct wide a, u64 b, bool *more)
{
    u128 low = (u128)a.lo * b;
    *more = (u64)low != 0;
    return wide_of((u128)a.hi * b + (u64)(low >> 64));
}
/* a * b / 2^128, down by less than 3: without the product of the low halves. */
static inline struct wide wide_mul(struct wide a, struct wide b)
{
    return wide_of((u128)a.hi * b.hi + mul_high(a.hi, b.lo) + mul_high(a.lo, b.hi));
}
static inline struct wide wide_square(struct wide a)
{
    return wide_of((u128)a.hi * a.hi + ((u128)mul_high(a.hi, a.lo) << 1));
}

/* A digit of 32 bits of (*n << 32 | next) / d, *n < d, d with bit 63 set; *n becomes the rest. As wide_digit below. */
static inline u64 half_digit(u64 *n, u32 next, u64 d)
{
    u64 top = d >> 32, q = *n / top, rest = *n % top;

    while (!(rest >> 32) && (q >> 32 || q * (u32)d > (rest << 32 | next))) {
        q--;
        rest += top;
    }
    *n = (*n << 32 | next) - q * d;
    return q;
}

/* n / d for n < d << 64, d with bit 63 set: for hosts without such a division, and without a call, which handlers may not make. */
static inline u64 divide_128_by_halves(u128 n, u64 d, u64 *rest)
{
    u64 q;
    *rest = (u64)(n >> 64);
    q = half_digit(rest, (u32)((u64)n >> 32), d) << 32;
    return q | half_digit(rest, (u32)n, d);
}

static inline u64 divide_128(u128 n, u64 d, u64 *rest)
{
#if defined(__x86_64__)
    u64 q;
    __asm__("divq %4" : "=a"(q), "=d"(*rest) : "0"((u64)n), "1"((u64)(n >> 64)), "rm"(d) : "cc");
    return q;
#elif defined(__LP64__)
    return divide_128_by_halves(n, d, rest);
#else                                                   /* a library's, which is less text */
    *rest = (u64)(n % d);
    return (u64)(n / d);
#endif
}

/* A digit of 64 bits of *n / d, n < d, d with its top bit set; *n becomes the rest. Knuth, The Art of Computer Programming,
 * Vol. 2, 4.3.1, algorithm D: the guess from the top half of d is at most 2 too large. */
static inline u64 wide_digit(struct wide *n, struct wide d)
{
    u64 q, rest;
    u128 left, right, over;

    if (n->hi >= d.hi) {                                /* equal: the guess is the largest digit */
        q = ~0ull;
        rest = n->lo + d.hi;
        if (rest < d.hi) {
            *n = wide_of(((u128)rest << 64) - (u128)q * d.lo);
            return q;
        }
    } else {
        q = divide_128(wide_value(*n), d.hi, &rest);
    }
    left = (u128)rest << 64;
    right = (u128)q * d.lo;
    if (left >= right) {
        *n = wide_of(left - right);
        return q;
    }
    over = right - left;
    q--;
    if (over > wide_value(d)) {
        over -= wide_value(d);
        q--;
    }
    *n = wide_of(wide_value(d) - over);
    return q;
}

/* n * 2^128 / d, down, for n < d, d with its top bit set; *more: there is a rest. */
static inline struct wide wide_div(struct wide n, struct wide d, bool *more)
{
    struct wide q;
    q.hi = wide_digit(&n, d);
    q.lo = wide_digit(&n, d);
    *more = !wide_is_zero(n);
    return q;
}
