/* t_f80_transcendental.c - FSIN and its like: within one unit in the last place of the host's x87 (x86 hosts), results that the
 * SDM's tables of special operands promise, rounding by the rounding control. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>
#include "host_x87.h"

enum { RUNS = 4000 };

static bool same(struct f80 a, struct f80 b) { return a.se == b.se && a.significand == b.significand; }

#if defined(__x86_64__) || defined(__i386__)
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
        cmocka_unit_test(test_promises), cmocka_unit_test(test_atan_table),
#if defined(__x86_64__) || defined(__i386__)
        cmocka_unit_test(test_trig), cmocka_unit_test(test_others),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
