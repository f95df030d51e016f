/* t_msr.c - every model-specific register by model: what reads, what a write keeps, what is refused.
 * Follows: Intel SDM Vol. 4 "MSRs in the P6 Family Processors", "MSRs in Pentium Processors"; Vol. 3A "Memory Type Range
 * Registers", "Page Attribute Table", "Machine-Check Architecture"; Vol. 2 "RDPMC". */
#include "../../support/sysbench.h"

/* The value, or ~0 when it faults. */
static u64 rdmsr(struct bench *b, u32 msr)
{
    struct op o = op_make(2, 0, 0);
    set_reg32(b->cpu, ECX, msr);
    int fault = attempt(b->cpu, op_rdmsr, &o);
    if (fault != -1)
        assert_int_equal(fault, FAULT(EXC_GP, 0));
    return fault == -1 ? (u64)reg32(b->cpu, EDX) << 32 | reg32(b->cpu, EAX) : ~0ull;
}

enum { REFUSED = 1, READ_ONLY = 2, WRITE_ONLY = 4, ZERO = 8 /* takes a write, reads as 0 */ };
struct check { u32 msr; u64 write, read; int how; };

static void check_list(const char *model, const struct check *list, size_t n)
{
    struct bench *b = bench_new(model);
    for (size_t k = 0; k < n; k++) {
        const struct check *c = &list[k];
        int expected = c->how & (REFUSED | READ_ONLY) ? FAULT(EXC_GP, 0) : -1;
        if (wrmsr(b, c->msr, c->write) != expected)
            fail_msg("%s: WRMSR %x of %llx", model, c->msr, (unsigned long long)c->write);
        u64 v = rdmsr(b, c->msr);
        if (v != (c->how & REFUSED ? ~0ull : c->how & ZERO ? 0 : c->read))
            fail_msg("%s: RDMSR %x gives %llx", model, c->msr, (unsigned long long)v);
    }
    bench_free(b);
}

static void p6_registers(void **state)
{
    static const struct check list[] = {
        { 0x000, 0, 0, ZERO }, { 0x001, 5, 0, ZERO },                       /* P5_MC_ADDR, P5_MC_TYPE */
        { 0x017, 0, 0, READ_ONLY }, { 0x02a, 1, 0, ZERO },                  /* PLATFORM_ID, EBL_CR_POWERON */
        { 0x01b, 0xfee00900, 0xfee00900, 0 }, { 0x01b, 0xfee00001, 0xfee00900, READ_ONLY },    /* reserved bit: kept */
        { 0x01b, 1ull << 36, 0xfee00900, READ_ONLY },
        { 0x08b, 0x123456789, 0x123456789, 0 },                             /* BIOS_SIGN */
        { 0x186, 1ull << 32, 0, READ_ONLY }, { 0x187, 0x3007f, 0x3007f, 0 },
        { 0x174, 0xffffffff00000008, 8, 0 }, { 0x175, 0x7000, 0x7000, 0 }, { 0x176, 0x8000, 0x8000, 0 },
        { 0x179, 0, 5, READ_ONLY }, { 0x17a, 0, 0, 0 }, { 0x17a, 1, 0, READ_ONLY },
        { 0x1d9, 0x7f, 0x7f, 0 }, { 0x1d9, 0x80, 0x7f, READ_ONLY }, { 0x1d9, 0x3c, 0x3c, 0 },
        { 0x1db, 0, 0, READ_ONLY }, { 0x1de, 0, 0, READ_ONLY }, { 0x1df, 0, 0, REFUSED },
        { 0x277, 0x0007040600070406, 0x0007040600070406, 0 }, { 0x277, 2, 0x0007040600070406, READ_ONLY },
        { 0x0fe, 0, 0x508, READ_ONLY },                                     /* MTRRcap: 8 pairs, fixed ranges, WC */
        { 0x2ff, 0xc06, 0xc06, 0 }, { 0x2ff, 0xc02, 0xc06, READ_ONLY }, { 0x2ff, 0x1000, 0xc06, READ_ONLY },
        { 0x250, 0x0605040100060504, 0x0605040100060504, 0 }, { 0x250, 7, 0x0605040100060504, READ_ONLY },
        { 0x258, 6, 6, 0 }, { 0x259, 5, 5, 0 }, { 0x268, 4, 4, 0 }, { 0x26f, 1, 1, 0 }, { 0x270, 0, 0, REFUSED },
        { 0x200, 0xf00000006, 0xf00000006, 0 }, { 0x200, 0x100, 0xf00000006, READ_ONLY }, { 0x200, 3, 0xf00000006, READ_ONLY },
        { 0x201, 0xff0000800, 0xff0000800, 0 }, { 0x201, 0x400, 0xff0000800, READ_ONLY },
        { 0x20f, 0x800, 0x800, 0 }, { 0x210, 0, 0, REFUSED },
        { 0x400, ~0ull, ~0ull, 0 }, { 0x401, 0, 0, 0 }, { 0x401, 1, 0, READ_ONLY }, { 0x413, 0, 0, 0 }, { 0x414, 0, 0, REFUSED },
        { 0x011, 0, 0, REFUSED }, { 0x999, 0, 0, REFUSED },
        { 0xc0000080, 0x800, 0x800, 0 }, { 0xc0000080, 0x900, 0x800, READ_ONLY }, { 0xc0000080, 0x800, 0x800, 0 },
    };
    (void)state;
    check_list("max", list, ARRAY_LEN(list));
    struct bench *b = bench_new("max");
    assert_int_equal(wrmsr(b, 0x79, 0x1000), -1);                           /* BIOS_UPDT_TRIG: write only */
    assert_int_equal(rdmsr(b, 0x79), ~0ull);
    bench_free(b);
}

static void pentium_registers(void **state)
{
    static const struct check list[] = {
        { 0x000, 0, 0, ZERO }, { 0x001, 0, 0, ZERO },
        { 0x011, 0xffff1234, 0xffff1234, 0 }, { 0x012, 0xffffff123456789a, 0x123456789a, 0 }, { 0x013, 7, 7, 0 },
        { 0x01b, 0, 0, REFUSED }, { 0x0fe, 0, 0, REFUSED }, { 0x277, 0, 0, REFUSED }, { 0xc0000080, 0, 0, REFUSED },
    };
    static const struct check none[] = {
        { 0x000, 0, 0, REFUSED }, { 0x001, 0, 0, REFUSED }, { 0x010, 0, 0, REFUSED }, { 0x174, 0, 0, REFUSED },
    };
    (void)state;
    check_list("pentium", list, ARRAY_LEN(list));
    check_list("486", none, ARRAY_LEN(none));
}

/* A register is there with its feature only: a P6 without MTRRs, PAT, machine check, SYSENTER. */
static void without_features(void **state)
{
    static const u32 gone[] = { 0x0fe, 0x200, 0x250, 0x2ff, 0x277, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x400 };
    struct bench *b = bench_new("max");
    (void)state;
    static const u8 without[] = { FEATURE_MTRR, FEATURE_PAT, FEATURE_MCE, FEATURE_MCA, FEATURE_SEP, FEATURE_NX };
    for (size_t k = 0; k < ARRAY_LEN(without); k++)
        feature_put(&b->cpu->features, (enum feature)without[k], false);
    for (size_t k = 0; k < ARRAY_LEN(gone); k++) {
        assert_int_equal(wrmsr(b, gone[k], 0), FAULT(EXC_GP, 0));
        assert_int_equal(rdmsr(b, gone[k]), ~0ull);
    }
    assert_int_equal(wrmsr(b, 0xc0000080, 0), FAULT(EXC_GP, 0));
    assert_int_equal(rdmsr(b, 0x1b) & 0xfffff000, 0xfee00000);
    bench_free(b);
}

/* Events: clocks run with virtual time, instructions with cpu->insns, anything else stands still; EVNTSEL0 enables both. */
static void counters(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(2, 0, 0);
    (void)state;
    assert_int_equal(wrmsr(b, 0x187, 0x0300c0), -1);
    assert_int_equal(wrmsr(b, 0x186, 0x430000), -1);
    assert_int_equal(wrmsr(b, 0xc1, 0x80000000), -1);
    assert_int_equal(wrmsr(b, 0xc2, 100), -1);
    b->cpu->insns += 50;
    b->now += 1000;
    assert_int_equal(rdmsr(b, 0xc1), 0xff80000000);
    assert_int_equal(rdmsr(b, 0xc2), 150);
    set_reg32(b->cpu, ECX, 1);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), -1);
    assert_int_equal(reg32(b->cpu, EAX), 150);
    set_reg32(b->cpu, ECX, 2);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), FAULT(EXC_GP, 0));
    bench_protected(b, 3);
    set_reg32(b->cpu, ECX, 0);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), FAULT(EXC_GP, 0));
    b->cpu->s.cr4 |= CR4_PCE;
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), -1);
    bench_free(b);
    b = bench_new("pentium-mmx");
    assert_int_equal(wrmsr(b, 0x12, 77), -1);
    set_reg32(b->cpu, ECX, 0);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), -1);
    assert_int_equal(reg32(b->cpu, EAX), 77);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p6_registers), cmocka_unit_test(pentium_registers), cmocka_unit_test(without_features), cmocka_unit_test(counters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
