/* t_f80_transcendental.c - FSIN and its like: within one unit in the last place of the host's x87 (x86 hosts), results that
 * the SDM's tables of special operands promise, rounding by the rounding control; symmetry, order, and the same bits on every
 * host. t_f80_mpfr.c compares with the exact results. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../support/host_x87.h"

enum { RUNS = 4000 };
#define SUM_OF_RESULTS 0x20aac37806211e72ull

static bool same(struct f80 a, struct f80 b) { return a.se == b.se && a.significand == b.significand; }

static u64 next(u64 *seed)
{
    *seed += 0x9e3779b97f4a7c15;
    u64 z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* Exponent from least to most, sometimes a special value. */
static struct f80 operand(u64 *seed, i32 least, i32 most)
{
    static const struct { u16 se; u16 pad[3]; u64 significand; } special[] = {
        { 0, { 0 }, 0 }, { 0x8000, { 0 }, 0 }, { 0x7fff, { 0 }, F80_INTEGER_BIT }, { 0xffff, { 0 }, F80_INTEGER_BIT },
        { 0x7fff, { 0 }, 0xc000000000000123 }, { 0x7fff, { 0 }, 0x8000000000000123 }, { 0x3fff, { 0 }, F80_INTEGER_BIT },
        { 0xbfff, { 0 }, F80_INTEGER_BIT }, { 0x4000, { 0 }, F80_INTEGER_BIT }, { 0, { 0 }, 1 }, { 5, { 0 }, 1 },
    };
    u64 r = next(seed);
    if ((r & 15) == 0) {
        u32 k = (r >> 8) % ARRAY_LEN(special);
        return (struct f80){ .significand = special[k].significand, .se = special[k].se };
    }
    return f80_make(r >> 63, (u32)(least + (i32)((r >> 16) % (u64)(most - least + 1))), next(seed) | F80_INTEGER_BIT);
}

#if defined(__x86_64__) || defined(__i386__)
static bool close_to(struct f80 a, struct f80 b)
{
    u128 x = (u128)(a.se & F80_EXP) << 63 | (a.significand & ~F80_INTEGER_BIT), y = (u128)(b.se & F80_EXP) << 63 | (b.significand & ~F80_INTEGER_BIT);
    if (same(a, b))
        return true;
    return f80_sign(a) == f80_sign(b) && (x > y ? x - y : y - x) <= 1;
}

static int check(const char *what, struct f80 a, struct f80 b, struct f80 mine, u16 flags, struct f80 host, u16 sw)
{
    u16 mask = FSW_IE | FSW_ZE | FSW_DE | FSW_OE | FSW_C2;
    if (close_to(mine, host) && (flags & mask) == (sw & mask))
        return 0;
    print_message("%s %04x:%016llx %04x:%016llx: mine %04x:%016llx %04x, host %04x:%016llx %04x\n", what, a.se,
                  (unsigned long long)a.significand, b.se, (unsigned long long)b.significand, mine.se,
                  (unsigned long long)mine.significand, flags, host.se, (unsigned long long)host.significand, sw);
    return 1;
}

static void test_trig(void **state)
{
    u64 seed = 1;
    int bad = 0;
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        struct f80 a = operand(&seed, 0x3fff - 40, 0x3fff + 64), s, c, t, hs, hc, ht;
        struct f80_env es = { .control = FCW_INIT }, ec = es, et = es;
        u16 sw;
        if (!f80_sincos(&es, a, &s, NULL))
            s = a, es.flags |= FSW_C2;
        hs = host_fsin(FCW_INIT, a, a, &sw);
        bad += check("fsin", a, a, s, es.flags, hs, sw);
        if (!f80_sincos(&ec, a, NULL, &c))
            c = a, ec.flags |= FSW_C2;
        hc = host_fcos(FCW_INIT, a, a, &sw);
        bad += check("fcos", a, a, c, ec.flags, hc, sw);
        if (!f80_tan(&et, a, &t))
            continue;
        ht = host_fptan(FCW_INIT, a, &hc, &sw);
        bad += check("fptan", a, a, t, et.flags, ht, sw);
    }
    assert_int_equal(bad, 0);
}

static void test_others(void **state)
{
    u64 seed = 2;
    int bad = 0;
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        struct f80 a = operand(&seed, 0x3fff - 60, 0x3fff + 60), b = operand(&seed, 0x3fff - 60, 0x3fff + 60);
        struct f80 c = operand(&seed, 0x3fff - 50, 0x3ffd), r, h;
        struct f80_env e1 = { .control = FCW_INIT }, e2 = e1, e3 = e1, e4 = e1;
        u16 sw;
        r = f80_atan(&e1, b, a);
        h = host_fpatan(FCW_INIT, a, b, &sw);
        bad += check("fpatan", b, a, r, e1.flags, h, sw);
        r = f80_yl2x(&e2, b, a);
        h = host_fyl2x(FCW_INIT, a, b, &sw);
        bad += check("fyl2x", b, a, r, e2.flags, h, sw);
        r = f80_2xm1(&e3, c);
        h = host_f2xm1(FCW_INIT, c, c, &sw);
        bad += check("f2xm1", c, c, r, e3.flags, h, sw);
        if ((c.se & F80_EXP) > 0x3ffc)
            c.se -= 2;
        r = f80_yl2xp1(&e4, b, c);
        h = host_fyl2xp1(FCW_INIT, c, b, &sw);
        if (f80_classify(c) != F80_INFINITY && (c.se & F80_EXP) < 0x3ffd)
            bad += check("fyl2xp1", b, c, r, e4.flags, h, sw);
    }
    assert_int_equal(bad, 0);
}
#endif

enum function { FSIN, FCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1, FUNCTIONS };
/* f(a), f(a, b). Out of range is infinity. */
static struct f80 call(struct f80_env *env, enum function f, struct f80 a, struct f80 b)
{
    struct f80 r = f80_infinity(false);
    switch (f) {
    case FSIN: f80_sincos(env, a, &r, NULL); return r;
    case FCOS: f80_sincos(env, a, NULL, &r); return r;
    case FPTAN: f80_tan(env, a, &r); return r;
    case FPATAN: return f80_atan(env, a, b);
    case F2XM1: return f80_2xm1(env, a);
    case FYL2X: return f80_yl2x(env, a, b);
    default: return f80_yl2xp1(env, a, b);
    }
}

/* As MPFR rounds the exact result, in each direction; the multiples of pi are the processor's (SDM Vol. 1 "Approximation of
 * Pi"). */
#define F(significand_, se_) { .significand = significand_, .se = se_ }
static const struct { u8 f; u16 control; struct f80 a, b, result; u16 flags; } fixed[] = {
    { FSIN, 0x37f, F(0xc90fdaa22168c235, 0x4000), F(0x8000000000000000, 0x3fff), F(0x8000000000000000, 0xbfbf), FSW_PE | FSW_C1 },
    { FSIN, 0x77f, F(0xfedcba9876543210, 0xc03d), F(0x8000000000000000, 0x3fff), F(0x833de8ccf16b64cc, 0xbffe), FSW_PE | FSW_C1 },
    { FSIN, 0xb7f, F(0xc90fdaa22168c235, 0x3fff), F(0x8000000000000000, 0x3fff), F(0x8000000000000000, 0x3fff), FSW_PE | FSW_C1 },
    { FSIN, 0xf7f, F(0xc000000000000000, 0x3ffe), F(0x8000000000000000, 0x3fff), F(0xae7fe0b5fc786b2d, 0x3ffe), FSW_PE },
    { FSIN, 0x37f, F(0x8000000000000000, 0xbff5), F(0x8000000000000000, 0x3fff), F(0xfffffd5555577777, 0xbff4), FSW_PE },
    { FSIN, 0x77f, F(0xd000000000000001, 0x3ff4), F(0x8000000000000000, 0x3fff), F(0xcffffe91d55616b8, 0x3ff4), FSW_PE },
    { FSIN, 0xb7f, F(0xfffffffffffffffd, 0x3ff3), F(0x8000000000000000, 0x3fff), F(0xffffff5555557775, 0x3ff3), FSW_PE | FSW_C1 },
    { FSIN, 0xf7f, F(0xfffffffffffffffe, 0xbff4), F(0x8000000000000000, 0x3fff), F(0xfffffd5555577775, 0xbff4), FSW_PE },
    { FCOS, 0x37f, F(0xc90fdaa22168c235, 0x4000), F(0x8000000000000000, 0x3fff), F(0x8000000000000000, 0xbfff), FSW_PE | FSW_C1 },
    { FCOS, 0x77f, F(0xfedcba9876543210, 0xc03d), F(0x8000000000000000, 0x3fff), F(0xdbcc88646d324b12, 0x3ffe), FSW_PE },
    { FCOS, 0xb7f, F(0xc90fdaa22168c235, 0x3fff), F(0x8000000000000000, 0x3fff), F(0xffffffffffffffff, 0xbfbd), FSW_PE },
    { FCOS, 0xf7f, F(0xc000000000000000, 0x3ffe), F(0x8000000000000000, 0x3fff), F(0xbb4ff632a908f73e, 0x3ffe), FSW_PE },
    { FCOS, 0x37f, F(0xf38509198f8d962a, 0x4026), F(0x8000000000000000, 0x3fff), F(0xffcc18ecf9d3c362, 0x3ffe), FSW_PE | FSW_C1 },
    { FCOS, 0x77f, F(0xfffffffffffffffd, 0x3fdb), F(0x8000000000000000, 0x3fff), F(0xffffffffffffffff, 0x3ffe), FSW_PE },
    { FCOS, 0xb7f, F(0xc000000000000000, 0xbffd), F(0x8000000000000000, 0x3fff), F(0xee35bf5ccac89053, 0x3ffe), FSW_PE | FSW_C1 },
    { FCOS, 0xf7f, F(0xf69d722adcfa7e37, 0xc006), F(0x8000000000000000, 0x3fff), F(0x931fffffffffffff, 0xbfc8), FSW_PE },
    { FPTAN, 0x37f, F(0xc90fdaa22168c235, 0x4000), F(0x8000000000000000, 0x3fff), F(0x8000000000000000, 0x3fbf), FSW_PE },
    { FPTAN, 0x77f, F(0xfedcba9876543210, 0xc03d), F(0x8000000000000000, 0x3fff), F(0x98db8244736681a4, 0xbffe), FSW_PE | FSW_C1 },
    { FPTAN, 0xb7f, F(0xc90fdaa22168c235, 0x3fff), F(0x8000000000000000, 0x3fff), F(0xffffffffffffffff, 0xc03f), FSW_PE },
    { FPTAN, 0xf7f, F(0xc000000000000000, 0x3ffe), F(0x8000000000000000, 0x3fff), F(0xee7d1b0887775f06, 0x3ffe), FSW_PE },
    { FPTAN, 0x37f, F(0x8000000000000000, 0xbfd5), F(0x8000000000000000, 0x3fff), F(0x8000000000000000, 0xbfd5), FSW_PE },
    { FPTAN, 0x77f, F(0xba55f15ec17655fc, 0xc009), F(0x8000000000000000, 0x3fff), F(0xd0a15ccdc72808f6, 0x4034), FSW_PE },
    { FPTAN, 0xb7f, F(0x8200000000000000, 0xbffd), F(0x8000000000000000, 0x3fff), F(0x84de1b12003ca281, 0xbffd), FSW_PE },
    { FPTAN, 0xf7f, F(0xfffffffffffffffc, 0xc002), F(0x8000000000000000, 0x3fff), F(0x99ec781f3b4cfe62, 0xbffd), FSW_PE },
    { FPATAN, 0x37f, F(0x9000000000000000, 0x3ffe), F(0xa32785ea82fa1345, 0x3ffb), F(0xb70dadcfd5bbc0c9, 0x3fff), FSW_PE | FSW_C1 },
    { FPATAN, 0x77f, F(0x8000000001000000, 0x3fff), F(0x95c61dcdde8211e2, 0xbff9), F(0xcb66e203892f0c8a, 0x3fff), FSW_PE },
    { FPATAN, 0xb7f, F(0xfffffffffffffffc, 0xbfbd), F(0x8000000000000001, 0xc00a), F(0xc90fdaa22168c234, 0xc000), FSW_PE },
    { FPATAN, 0xf7f, F(0x8000000000000000, 0xbfff), F(0xe6b7602684dda1fd, 0x3fff), F(0x81ab0d34ae91bd90, 0xbffe), FSW_PE },
    { FPATAN, 0x37f, F(0x8000000200000000, 0xbff9), F(0xfffffffffffffffc, 0xbffc), F(0xc5112f2b2bd8f50c, 0xc000), FSW_PE | FSW_C1 },
    { FPATAN, 0x77f, F(0xd7723f481b7deff3, 0xcd58), F(0x8000000000000000, 0x474f), F(0xc90fdaa22168c235, 0xbfff), FSW_PE | FSW_C1 },
    { FPATAN, 0xb7f, F(0x8000000000000000, 0xde85), F(0xffffffffffffffff, 0x8092), F(0xc90fdaa22168c234, 0xbfff), FSW_PE },
    { FPATAN, 0xf7f, F(0x8000000000000000, 0x3fff), F(0x8000000000004000, 0x3ffa), F(0xc5102feaac39fba0, 0x3fff), FSW_PE },
    { F2XM1, 0x37f, F(0xfffffffffffffffe, 0x3ff8), F(0x8000000000000000, 0x3fff), F(0xb268f9de0183b9bd, 0x3ff8), FSW_PE | FSW_C1 },
    { F2XM1, 0x77f, F(0x8000000000000000, 0x230c), F(0x8000000000000000, 0x3fff), F(0xb17217f7d1cf79ab, 0x230b), FSW_PE },
    { F2XM1, 0xb7f, F(0x8000000000000000, 0x3fc7), F(0x8000000000000000, 0x3fff), F(0xb17217f7d1cf79ea, 0x3fc6), FSW_PE | FSW_C1 },
    { F2XM1, 0xf7f, F(0xfffffffffffffffe, 0x2db7), F(0x8000000000000000, 0x3fff), F(0xb17217f7d1cf79aa, 0x2db7), FSW_PE },
    { F2XM1, 0x37f, F(0x8000000000000000, 0xbff8), F(0x8000000000000000, 0x3fff), F(0xb0f751c2383bda29, 0xbff7), FSW_PE },
    { F2XM1, 0x77f, F(0xa000000000000000, 0x3ff1), F(0x8000000000000000, 0x3fff), F(0xddd01e5449472596, 0x3ff0), FSW_PE },
    { F2XM1, 0xb7f, F(0xd880000000000001, 0xbffb), F(0x8000000000000000, 0x3fff), F(0x90b3407fcb647f5e, 0xbffb), FSW_PE },
    { F2XM1, 0xf7f, F(0x8000000000000002, 0x3ff5), F(0x8000000000000000, 0x3fff), F(0xb18178ba33b141b7, 0x3ff4), FSW_PE },
    { FYL2X, 0x37f, F(0x8000000000000001, 0xe586), F(0xffffffd729974ff4, 0x3ffe), F(0xebaa1893517ba5db, 0x656b), FSW_PE },
    { FYL2X, 0x77f, F(0x8000000000000003, 0xc311), F(0xfb71040f34ac0d92, 0x3ffe), F(0xd458b711baed21b5, 0x430b), FSW_PE },
    { FYL2X, 0xb7f, F(0xe8c0000000000000, 0x6da3), F(0xdb4d55e1bf13a27c, 0x3ffe), F(0xcfd25f3659e56a5e, 0xeda1), FSW_PE },
    { FYL2X, 0xf7f, F(0x8000000000000001, 0x8cd2), F(0x8000000000000000, 0x5994), F(0xcca8000000000001, 0x8cde), FSW_PE },
    { FYL2X, 0x37f, F(0x8635000000000000, 0x567c), F(0x80007e5c8814a2f5, 0x3fff), F(0xbf23cb453354982b, 0x566c), FSW_PE | FSW_C1 },
    { FYL2X, 0x77f, F(0xfffffffffffffffe, 0x8e7f), F(0x9980000000000000, 0x0044), F(0xfeeaf39d68aabd55, 0x0e8d), FSW_PE },
    { FYL2X, 0xb7f, F(0xd4fc7e70ade3cffc, 0xe26c), F(0xffffd1749e1d10fb, 0x3ffe), F(0xdf77beb52e746d8b, 0x625a), FSW_PE | FSW_C1 },
    { FYL2X, 0xf7f, F(0x8b07c80beb4989aa, 0x6c62), F(0x809e6c75b1185a1c, 0x3fff), F(0xf7a79de45d9f073f, 0x6c5a), FSW_PE },
    { FYL2XP1, 0x37f, F(0xfffffffffffffffe, 0x4021), F(0x93284a69fb39a675, 0x3fed), F(0xd44d81fcd3922582, 0x4010), FSW_PE },
    { FYL2XP1, 0x77f, F(0x8000000000000000, 0x648d), F(0xb4f8000000000000, 0x1876), F(0x828a968264d20c75, 0x3d05), FSW_PE },
    { FYL2XP1, 0xb7f, F(0x8000000000000000, 0xbfbf), F(0xfffffffffffffffe, 0x3ffc), F(0xa4d3c25e68dc57f1, 0xbfbd), FSW_PE },
    { FYL2XP1, 0xf7f, F(0xffffffffffffffff, 0xf17c), F(0x8000000113641500, 0x3fff), F(0x80000000c6a70f31, 0xf17d), FSW_PE },
    { FYL2XP1, 0x37f, F(0x8000000400000000, 0xc00c), F(0xf4b9ab6c757e031c, 0xbff1), F(0xb08ad22a6ae93f84, 0x3fff), FSW_PE | FSW_C1 },
    { FYL2XP1, 0x77f, F(0x8000000000000000, 0x3fd7), F(0x80002f1c9db4b922, 0x3fff), F(0x800021fbe21d4e8c, 0x3fd7), FSW_PE },
    { FYL2XP1, 0xb7f, F(0x8000000000000000, 0xc002), F(0xf22254812363df3d, 0xbff5), F(0xaed3097d0ab81964, 0x3ff9), FSW_PE | FSW_C1 },
    { FYL2XP1, 0xf7f, F(0x8000000000000000, 0x958c), F(0x8000000f73d23ee7, 0x3fff), F(0x8000000b258598ae, 0x958c), FSW_PE },
};
#undef F

static void test_fixed(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(fixed); k++) {
        for (u16 precision = 0; precision <= FCW_PC; precision += FCW_PC53 / 2) {       /* precision control plays no part */
            struct f80_env env = f80_env((u16)((fixed[k].control & ~FCW_PC) | precision));
            struct f80 r = call(&env, fixed[k].f, fixed[k].a, fixed[k].b);
            if (!same(r, fixed[k].result) || env.flags != fixed[k].flags)
                fail_msg("row %zu: %04x:%016llx, flags %x", k, r.se, (unsigned long long)r.significand, env.flags);
        }
    }
}

/* Results, flags and all, of many operands in one number: it depends on no host. */
static void test_every_host(void **state)
{
    static const u16 rounding[] = { FCW_NEAREST, FCW_DOWN, FCW_UP, FCW_CHOP };
    u64 sum = 0xcbf29ce484222325, seed = 3;
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        for (enum function f = 0; f < FUNCTIONS; f++) {
            bool small = f == F2XM1 || (f == FYL2XP1 && i % 4);
            struct f80 a = operand(&seed, small ? 0x3fff - 70 : 0x3fff - 40, small ? 0x3ffe : 0x3fff + 64);
            struct f80 b = f == FYL2XP1 ? a : operand(&seed, 0x3fff - 40, 0x3fff + 40);
            struct f80_env env = f80_env((u16)(FCW_INIT | rounding[i & 3]));
            struct f80 r = call(&env, f, f == FYL2XP1 ? b : a, b);
            sum = (sum ^ r.significand) * 0x100000001b3;
            sum = (sum ^ (r.se | (u64)env.flags << 16)) * 0x100000001b3;
        }
    }
    if (sum != SUM_OF_RESULTS)
        fail_msg("%016llx", (unsigned long long)sum);
}

static struct f80 negative(struct f80 a)
{
    a.se ^= F80_SIGN;
    return a;
}

static void test_symmetry(void **state)
{
    u64 seed = 4;
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        u32 exp = 0x3fff - 40 + (u32)(next(&seed) % 100);
        struct f80 a = f80_make(false, exp, next(&seed) | F80_INTEGER_BIT), b = operand(&seed, 0x3fd0, 0x4030);
        struct f80_env env = f80_env(FCW_INIT);
        struct f80 s, c;
        static const enum function odd[] = { FSIN, FPTAN, FPATAN };
        for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
            if (f80_is_nan(f80_classify(b)))
                continue;
            if (!same(call(&env, odd[k], negative(a), b), negative(call(&env, odd[k], a, b))))
                fail_msg("function %d of %04x:%016llx is not odd", odd[k], a.se, (unsigned long long)a.significand);
        }
        assert_true(same(call(&env, FCOS, negative(a), b), call(&env, FCOS, a, b)));
        assert_true(f80_sincos(&env, a, &s, &c));
        assert_true(same(s, call(&env, FSIN, a, b)) && same(c, call(&env, FCOS, a, b)));
    }
}

/* a < b, of numbers that are not both zero. */
static bool less(struct f80 a, struct f80 b)
{
    struct f80_env env = f80_env(FCW_INIT);
    return f80_compare(&env, a, b, false) == FSW_C0;
}

/* Neighbours keep their order. */
static void test_order(void **state)
{
    static const u16 rounding[] = { FCW_NEAREST, FCW_DOWN, FCW_UP, FCW_CHOP };
    u64 seed = 5;
    (void)state;
    for (int start = 0; start < 400; start++) {
        for (enum function f = 0; f < FUNCTIONS; f++) {
            u32 exp = 0x3ffe - (u32)(next(&seed) % 14);
            u64 at = (next(&seed) & -(1ull << 50)) - (start & 1 ? 20 : 0);              /* where rows of tables meet, now and then */
            struct f80 one = f80_one(false), last = one;
            for (int i = 0; i < 40; i++) {
                struct f80 x = f80_make(false, exp, (at + (u64)i) | F80_INTEGER_BIT), r;
                struct f80_env env = f80_env((u16)(FCW_INIT | rounding[start & 3]));
                bool first = f <= FPATAN || f == F2XM1, down = f == FCOS;
                r = first ? call(&env, f, x, one) : call(&env, f, one, x);
                if (i && x.significand != F80_INTEGER_BIT && (down ? less(last, r) : less(r, last)))
                    fail_msg("function %d at %04x:%016llx", f, x.se, (unsigned long long)x.significand);
                last = r;
            }
        }
    }
}

static void test_promises(void **state)
{
    struct f80_env env = { .control = FCW_INIT };
    struct f80 one = f80_one(false), pi = f80_constant(F80_LDPI, FCW_INIT), s, c;
    (void)state;
    assert_true(f80_sincos(&env, f80_zero(true), &s, &c));
    assert_true(same(s, f80_zero(true)) && same(c, one));
    assert_int_equal(env.flags, 0);
    /* The 66-bit pi shows: the sine of the rounded pi is their difference. */
    assert_true(f80_sincos(&env, pi, &s, NULL));
    assert_true(same(s, f80_make(true, 0x3fbe, 0xc000000000000000) ) || (s.se & F80_EXP) < 0x3fc0);
    assert_false(f80_sincos(&env, f80_make(false, F80_BIAS + 63, F80_INTEGER_BIT), &s, NULL));
    /* Exact logarithms. */
    env.flags = 0;
    assert_true(same(f80_yl2x(&env, one, f80_make(false, F80_BIAS + 10, F80_INTEGER_BIT)), f80_from_i64(10)));
    assert_true(same(f80_yl2xp1(&env, one, one), one));
    assert_int_equal(env.flags, 0);
    assert_true(same(f80_2xm1(&env, f80_one(true)), f80_make(true, F80_BIAS - 1, F80_INTEGER_BIT)));
    /* Tables of special operands. */
    assert_true(same(f80_atan(&env, f80_infinity(false), f80_infinity(true)), f80_make(false, 0x4000, 0x96cbe3f9990e91a8)));
    assert_true(same(f80_atan(&env, f80_zero(true), f80_zero(true)), f80_make(true, 0x4000, 0xc90fdaa22168c235)));
    env.flags = 0;
    assert_true(same(f80_yl2x(&env, one, f80_zero(false)), f80_infinity(true)));
    assert_int_equal(env.flags, FSW_ZE);
    env.flags = 0;
    assert_true(same(f80_yl2x(&env, f80_zero(false), f80_zero(false)), f80_indefinite()));
    assert_int_equal(env.flags, FSW_IE);
}

/* SDM Vol. 2 "FPATAN", the table of results: the arctangent of y / x for zeros, finite numbers and infinities of both signs. */
static void test_atan_table(void **state)
{
    enum { MANY = 0xff };                                                   /* any multiple: not from the table */
    static const u8 eighths[3][5] = {                                       /* of pi, by |y| and x from -inf to +inf */
        { 8, 8, 8, 0, 0 },                                                  /* columns: x -inf, -1, -0, +0, +1; +inf below */
        { 8, MANY, 4, 4, MANY },
        { 6, 4, 4, 4, 4 },
    };
    const struct f80 y[3] = { f80_zero(false), f80_one(false), f80_infinity(false) };
    const struct f80 x[5] = { f80_infinity(true), f80_one(true), f80_zero(true), f80_zero(false), f80_one(false) };
    const struct f80 pi[9] = {
        [0] = f80_zero(false), [2] = f80_make(false, 0x3ffe, 0xc90fdaa22168c235), [4] = f80_make(false, 0x3fff, 0xc90fdaa22168c235),
        [6] = f80_make(false, 0x4000, 0x96cbe3f9990e91a8), [8] = f80_make(false, 0x4000, 0xc90fdaa22168c235),
    };
    (void)state;
    for (int sign = 0; sign < 2; sign++) {
        for (int k = 0; k < 3; k++) {
            struct f80 a = y[k], to_infinity = k == 2 ? pi[2] : pi[0];
            a.se |= (u16)(sign << 15);
            to_infinity.se |= (u16)(sign << 15);
            struct f80_env env = f80_env(FCW_INIT);
            assert_true(same(f80_atan(&env, a, f80_infinity(false)), to_infinity));
            for (int n = 0; n < 5; n++) {
                struct f80 expected = pi[eighths[k][n] == MANY ? 0 : eighths[k][n]];
                expected.se |= (u16)(sign << 15);
                if (eighths[k][n] != MANY && !same(f80_atan(&env, a, x[n]), expected))
                    fail_msg("FPATAN: y %04x, x %04x", a.se, x[n].se);
            }
            assert_int_equal(env.flags & (FSW_IE | FSW_ZE), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promises), cmocka_unit_test(test_atan_table), cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_every_host), cmocka_unit_test(test_symmetry), cmocka_unit_test(test_order),
#if defined(__x86_64__) || defined(__i386__)
        cmocka_unit_test(test_trig), cmocka_unit_test(test_others),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
