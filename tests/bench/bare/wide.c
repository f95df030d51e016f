/* wide.c - 64-bit arithmetic by 32-bit code: SHA-512 (FIPS 180-4), BLAKE2b (RFC 7693), a multiplicative hash, long numbers and their
 * division, over 16 KB of made-up data, each pass starting from what the last one left. */
#include "bare.h"

enum { SIZE = 16384, ROUNDS = 80, LIMBS = 24 };

static inline u64 ror(u64 v, int n) { return v >> n | v << (64 - n); }

static inline u64 little(const u8 *p)
{
    return *(const u64 *)p;
}

static inline u64 big(const u8 *p)
{
    return (u64)__builtin_bswap32(*(const u32 *)p) << 32 | __builtin_bswap32(*(const u32 *)(p + 4));
}

/* Constants that no table need hold: those of a generator, as only the work counts. */
static void constants(u64 *k)
{
    u64 x = 0x6a09e667f3bcc908;
    for (int i = 0; i < ROUNDS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        k[i] = x;
    }
}

static void sha512(u64 *h, const u64 *k, const u8 *p)
{
    u64 w[ROUNDS], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], last = h[7];
    for (int i = 0; i < 16; i++)
        w[i] = big(p + 8 * i);
    for (int i = 16; i < ROUNDS; i++)
        w[i] = w[i - 16] + (ror(w[i - 15], 1) ^ ror(w[i - 15], 8) ^ w[i - 15] >> 7) + w[i - 7]
             + (ror(w[i - 2], 19) ^ ror(w[i - 2], 61) ^ w[i - 2] >> 6);
    for (int i = 0; i < ROUNDS; i++) {
        u64 t1 = last + (ror(e, 14) ^ ror(e, 18) ^ ror(e, 41)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
        u64 t2 = (ror(a, 28) ^ ror(a, 34) ^ ror(a, 39)) + ((a & b) ^ (a & c) ^ (b & c));
        last = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
    h[5] += f;
    h[6] += g;
    h[7] += last;
}

/* The same sums of turned words by halves, as assembly without double shifts has them, all in memory. */
struct halves { u32 low, high; };

static inline u32 kept(u32 v)
{
    __asm__("" : "+r"(v));          /* the compiler makes no double shift of it */
    return v;
}

static inline struct halves turned(struct halves v, int a, int b, int c)
{
    struct halves r = { v.low >> a, v.high >> a };
    r.low ^= kept(v.high << (32 - a));
    r.high ^= kept(v.low << (32 - a));
    r.low ^= kept(v.low >> b);
    r.high ^= kept(v.high >> b);
    r.low ^= kept(v.high << (32 - b));
    r.high ^= kept(v.low << (32 - b));
    r.high ^= kept(v.low >> c);
    r.low ^= kept(v.high >> c);
    r.high ^= kept(v.high << (32 - c));
    r.low ^= kept(v.low << (32 - c));
    return r;
}

static inline u64 whole(struct halves v) { return (u64)v.high << 32 | v.low; }

static void by_halves(u64 *h, const u64 *k)
{
    volatile struct halves s[16];
    for (int i = 0; i < 8; i++) {
        s[i].low = (u32)h[i];
        s[i].high = (u32)(h[i] >> 32);
    }
    for (int i = 0; i < 16; i++) {
        struct halves a = { s[i & 7].low, s[i & 7].high }, e = { s[(i + 4) & 7].low, s[(i + 4) & 7].high }, f, g;
        f.low = s[(i + 5) & 7].low;
        f.high = s[(i + 5) & 7].high;
        g.low = s[(i + 6) & 7].low;
        g.high = s[(i + 6) & 7].high;
        struct halves choice = { ((f.low ^ g.low) & e.low) ^ g.low, ((f.high ^ g.high) & e.high) ^ g.high };
        u64 sum = whole(turned(e, 14, 18, 9)) + whole(choice) + k[i] + whole(turned(a, 28, 2, 7));
        s[(i + 3) & 7].low = (u32)sum;
        s[(i + 3) & 7].high = (u32)(sum >> 32);
    }
    for (int i = 0; i < 8; i++)
        h[i] = whole((struct halves) { s[i].low, s[i].high });
}

static inline void mix(u64 *v, int a, int b, int c, int d, u64 x, u64 y)
{
    v[a] += v[b] + x;
    v[d] = ror(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = ror(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = ror(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = ror(v[b] ^ v[c], 63);
}

static void blake2b(u64 *h, const u64 *k, const u8 *p, u64 bytes)
{
    u64 v[16], m[16];
    for (int i = 0; i < 16; i++)
        m[i] = little(p + 8 * i);
    for (int i = 0; i < 8; i++) {
        v[i] = h[i];
        v[i + 8] = k[i];
    }
    v[12] ^= bytes;
    for (int i = 0; i < 12; i++) {      /* the order of the words: any permutation is as much work as the standard's */
        mix(v, 0, 4, 8, 12, m[i], m[15 - i]);
        mix(v, 1, 5, 9, 13, m[i ^ 2], m[i ^ 3]);
        mix(v, 2, 6, 10, 14, m[i ^ 5], m[i ^ 7]);
        mix(v, 3, 7, 11, 15, m[i ^ 9], m[i ^ 4]);
        mix(v, 0, 5, 10, 15, m[i ^ 8], m[i ^ 1]);
        mix(v, 1, 6, 11, 12, m[i ^ 11], m[i ^ 14]);
        mix(v, 2, 7, 8, 13, m[i ^ 13], m[i ^ 6]);
        mix(v, 3, 4, 9, 14, m[i ^ 10], m[i ^ 12]);
    }
    for (int i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[i + 8];
}

static u64 multiplied(u64 seed, const u8 *p, int n)
{
    u64 h = seed;
    for (int i = 0; i < n; i += 8) {
        h ^= ror(little(p + i) * 0xc2b2ae3d27d4eb4f, 33) * 0x9e3779b185ebca87;
        h = ror(h, 37) * 0x9e3779b185ebca87 + 0x85ebca77c2b2ae63;
    }
    return h ^ h >> 32;
}

/* n / d by shifting and subtracting. */
static u64 divided(u64 n, u64 d, u64 *rest)
{
    u64 r = 0;
    for (int i = 0; i < 64; i++) {
        r = r << 1 | n >> 63;
        n <<= 1;
        if (r >= d) {
            r -= d;
            n |= 1;
        }
    }
    *rest = r;
    return n;
}

/* to[] += a[] * m, the carry returned. */
static u32 multiply_add(u32 *to, const u32 *a, u32 m)
{
    u64 carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u64)a[i] * m + to[i];
        to[i] = (u32)carry;
        carry >>= 32;
    }
    return (u32)carry;
}

u32 kernel(u32 scale)
{
    u64 k[ROUNDS], h[8], rest = 1;
    u32 product[2 * LIMBS], factor[LIMBS];
    u8 *data = (u8 *)HEAP;
    constants(k);
    for (int i = 0; i < 8; i++)
        h[i] = k[i + 8];
    for (int i = 0; i < SIZE; i++)
        data[i] = (u8)(i * 7 + (i >> 8));
    for (u32 n = 0; n < scale; n++) {
        for (int i = 0; i < SIZE; i += 1024) {
            sha512(h, k, data + i);
            blake2b(h, k, data + i, (u64)i);
            by_halves(h, k + 16);
            h[0] ^= multiplied(h[1], data + i, 128);
            h[2] += divided(h[3], h[4] >> (h[5] & 63) | 1, &rest);
            for (int j = 0; j < LIMBS; j++) {
                factor[j] = (u32)h[j & 7] + (u32)j;
                product[j] = (u32)rest;
            }
            for (int j = 0; j < LIMBS; j++)
                product[j + LIMBS] = multiply_add(product + j, factor, factor[j]);
            h[6] ^= product[LIMBS] ^ (u64)product[2 * LIMBS - 1] << 32;
        }
    }
    return (u32)h[0] ^ (u32)(h[7] >> 32);
}
