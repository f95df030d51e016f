/* t_perf.c - performance counters: 40 bits, what a write of 32 makes of them, RDPMC, and who counts when.
 * Follows: Intel SDM Vol. 3B "Performance Monitoring (P6 Family Processor)": "PerfEvtSel0 and PerfEvtSel1 MSRs",
 * "PerfCtr0 and PerfCtr1 MSRs"; "Performance Monitoring (Pentium Processors)"; Vol. 2 "RDPMC", "WRMSR". */
#include "../../support/sysbench.h"

enum { CTR0 = 0xc1, SEL0 = 0x186, P5_CESR = 0x11, P5_CTR0 = 0x12, ENABLE = 1 << 22, OS = 1 << 17, USER = 1 << 16, CLOCKS = 0x79 };

static u64 edx_eax(struct bench *b) { return (u64)reg32(b->cpu, EDX) << 32 | reg32(b->cpu, EAX); }
static u64 rdmsr(struct bench *b, u32 msr)
{
    struct op o = op_make(2, 0, 0);
    set_reg32(b->cpu, ECX, msr);
    assert_int_equal(attempt(b->cpu, op_rdmsr, &o), -1);
    return edx_eax(b);
}
static u64 rdpmc(struct bench *b, u32 n)
{
    struct op o = op_make(2, 0, 0);
    set_reg32(b->cpu, ECX, n);
    set_reg32(b->cpu, EAX, 0xdeadbeef);
    set_reg32(b->cpu, EDX, 0xdeadbeef);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), -1);
    return edx_eax(b);
}

/* "PerfCtr0 and PerfCtr1 MSRs": 32 bits are written, bit 31 goes to bits 32 to 39; reads have zeros above bit 39. */
static void sign_extension(void **state)
{
    static const struct { u64 write, read; } list[] = {
        { 0, 0 }, { 1, 1 }, { 0x7fffffff, 0x7fffffff }, { 0x80000000, 0xff80000000 }, { 0xffffffff, 0xffffffffff },
        { 0xc0000001, 0xffc0000001 }, { 0xffffffff00000000, 0 }, { 0x7f7fffffff, 0x7fffffff }, { 0x80000000ull << 32 | 5, 5 },
        { 0x1ffffffff, 0xffffffffff },
    };
    struct bench *b = bench_new("max");
    (void)state;
    for (u32 n = 0; n < 2; n++)
        for (size_t k = 0; k < ARRAY_LEN(list); k++) {
            assert_int_equal(wrmsr(b, CTR0 + n, list[k].write), -1);
            assert_int_equal(rdmsr(b, CTR0 + n), list[k].read);
            assert_int_equal(rdpmc(b, n), list[k].read);
            assert_int_equal(rdpmc(b, 1 - n), n ? 0xffffffffff : 0);        /* the other one is as it was */
        }
    bench_free(b);
}

/* Forty bits in a circle: the usual way is to write the negative of a number of events. */
static void overflow(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    assert_int_equal(wrmsr(b, SEL0, ENABLE | OS | USER | CLOCKS), -1);
    assert_int_equal(wrmsr(b, CTR0, 0 - 5ull), -1);
    b->now += 4;
    assert_int_equal(rdpmc(b, 0), 0xffffffffff);
    b->now += 1;
    assert_int_equal(rdpmc(b, 0), 0);
    b->now += 0x1234567890;
    assert_int_equal(rdpmc(b, 0), 0x1234567890);                            /* EDX: bits 32 to 39, each of them */
    assert_int_equal(rdmsr(b, CTR0), 0x1234567890);
    for (int bit = 0; bit < 40; bit++) {
        assert_int_equal(wrmsr(b, CTR0, 0), -1);
        b->now += 1ull << bit;
        assert_int_equal(rdpmc(b, 0), 1ull << bit);
    }
    bench_free(b);
}

/* PerfEvtSel0's enable bit serves both counters; a stopped counter keeps its number. */
static void enabling(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    assert_int_equal(wrmsr(b, CTR0, 100), -1);
    assert_int_equal(wrmsr(b, CTR0 + 1, 200), -1);
    assert_int_equal(wrmsr(b, SEL0 + 1, ENABLE | OS | USER | CLOCKS), -1);
    b->now += 10;
    assert_int_equal(rdpmc(b, 0), 100);
    assert_int_equal(rdpmc(b, 1), 200);                                     /* bit 22 of the second one is nothing */
    assert_int_equal(wrmsr(b, SEL0 + 1, OS | USER | CLOCKS), -1);
    assert_int_equal(wrmsr(b, SEL0, ENABLE | OS | USER | CLOCKS), -1);
    b->now += 10;
    assert_int_equal(rdpmc(b, 0), 110);
    assert_int_equal(rdpmc(b, 1), 210);
    assert_int_equal(wrmsr(b, SEL0, OS | USER | CLOCKS), -1);
    b->now += 10;
    assert_int_equal(rdpmc(b, 0), 110);
    assert_int_equal(rdpmc(b, 1), 210);
    cpu_reset(b->cpu);
    assert_int_equal(rdmsr(b, SEL0) | rdmsr(b, SEL0 + 1) | rdpmc(b, 0) | rdpmc(b, 1), 0);
    bench_free(b);
}

/* A Pentium's counters take 40 bits, and RDPMC (with MMX) shows them. */
static void pentium(void **state)
{
    struct bench *b = bench_new("pentium-mmx");
    (void)state;
    for (u32 n = 0; n < 2; n++) {
        assert_int_equal(wrmsr(b, P5_CTR0 + n, 0x80000000), -1);
        assert_int_equal(rdpmc(b, n), 0x80000000);                          /* nothing is extended */
        assert_int_equal(wrmsr(b, P5_CTR0 + n, ~0ull), -1);
        assert_int_equal(rdpmc(b, n), 0xffffffffff);
        assert_int_equal(rdmsr(b, P5_CTR0 + n), 0xffffffffff);
    }
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_extension), cmocka_unit_test(overflow), cmocka_unit_test(enabling), cmocka_unit_test(pentium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
