/* t_cpuid.c - the CPUID instruction as software runs it: which registers it writes, and what they say of each model.
 * Follows: Intel SDM Vol. 2 "CPUID"; AP-485 "Feature Flags", "Vendor ID String". The expected bits are written out here, not
 * taken from the tables of cpuid.c. */
#include "../../support/sysbench.h"

enum { JUNK = 0xa5a5a5a5 };

/* CPUID with EAX = leaf, through the instruction; out is EAX EBX ECX EDX. */
static void run(struct bench *b, u32 leaf, u32 out[4])
{
    static const int order[4] = { EAX, EBX, ECX, EDX };
    struct op o = op_make(2, 0, 0);
    for (int n = EAX; n <= EDI; n++)
        set_reg32(b->cpu, n, JUNK);
    set_reg32(b->cpu, EAX, leaf);
    u32 flags = cpu_eflags(b->cpu);
    assert_int_equal(attempt(b->cpu, op_cpuid, &o), -1);
    for (int k = 0; k < 4; k++)
        out[k] = reg32(b->cpu, order[k]);
    for (int n = ESP; n <= EDI; n++)
        assert_int_equal(reg32(b->cpu, n), JUNK);
    assert_int_equal(cpu_eflags(b->cpu), flags);
}

static void vendor(void **state)
{
    (void)state;
    for (const struct cpu_model *m = cpu_model_find("486"); m->name; m++) {
        struct bench *b = bench_new(m->name);
        u32 r[4];
        char text[13] = { 0 };
        run(b, 0, r);
        put32((u8 *)text, r[1]);
        put32((u8 *)text + 4, r[3]);
        put32((u8 *)text + 8, r[2]);
        assert_string_equal(text, "GenuineIntel");
        assert_in_range(r[0], 1, 7);
        bench_free(b);
    }
}

/* Leaf 1: family, model and stepping in EAX, features in EDX and ECX; EBX is the APIC ID, 0, and reserved before. */
static void features(void **state)
{
    static const struct { const char *model; u32 family, edx, ecx; } list[] = {
        { "486", 4, 1, 0 },
        { "pentium", 5, 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9, 0 },
        { "pentium-mmx", 5, 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 23, 0 },
        { "p2", 6, 0x0183fbff, 0 },    /* FPU to APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE-36, MMX, FXSR */
        { "max", 6, 0x0183fbff, 1 << 21 | 1 << 24 },    /* x2APIC, TSC deadline */
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new(list[k].model);
        u32 r[4];
        run(b, 1, r);
        assert_int_equal(r[0] >> 8 & 15, list[k].family);
        assert_int_equal(r[1], 0);
        assert_int_equal(r[2], list[k].ecx);
        if (r[3] != list[k].edx)
            fail_msg("%s: features %08x, expected %08x", list[k].model, r[3], list[k].edx);
        bench_free(b);
    }
}

/* The APIC bit is gone while IA32_APIC_BASE disables the APIC. */
static void apic_bit(void **state)
{
    struct bench *b = bench_new("p2");
    u32 r[4];
    (void)state;
    assert_true(msr_write(b->cpu, 0x1b, 0xfee00000));
    run(b, 1, r);
    assert_int_equal(r[3], 0x0183f9ff);
    assert_true(msr_write(b->cpu, 0x1b, 0xfee00800));
    run(b, 1, r);
    assert_int_equal(r[3], 0x0183fbff);
    bench_free(b);
}

/* Leaf 2: cache descriptors in all four registers, AL the number of rounds. */
static void descriptors(void **state)
{
    struct bench *b = bench_new("p2");
    u32 r[4];
    (void)state;
    run(b, 2, r);
    assert_int_equal(r[0] & 0xff, 1);
    assert_int_equal(r[0] >> 31 | r[1] >> 31 | r[2] >> 31 | r[3] >> 31, 0);     /* bit 31 clear: valid */
    assert_int_not_equal(r[3], 0);
    bench_free(b);
}

/* The brand string spells 48 bytes over three leaves; NX and the width of addresses. */
static void extended(void **state)
{
    struct bench *b = bench_new("max");
    char text[49] = { 0 };
    u32 r[4];
    (void)state;
    run(b, 0x80000000, r);
    assert_int_equal(r[0], 0x80000008);
    for (u32 k = 0; k < 3; k++) {
        run(b, 0x80000002 + k, r);
        for (u32 n = 0; n < 4; n++)
            put32((u8 *)text + k * 16 + n * 4, r[n]);
    }
    assert_string_equal(text, "Vitrine interpreting x86 processor");
    run(b, 0x80000001, r);
    assert_int_equal(r[3], 1 << 20);
    run(b, 0x80000008, r);
    assert_int_equal(r[0], 32 << 8 | 36);
    bench_free(b);
}

/* Beyond the last leaf: as the highest basic one, above 80000000h too where there are no extended leaves. */
static void past_the_end(void **state)
{
    (void)state;
    for (const struct cpu_model *m = cpu_model_find("486"); m->name; m++) {
        struct bench *b = bench_new(m->name);
        u32 highest[4], r[4];
        run(b, m->max_leaf, highest);
        run(b, m->max_leaf + 1, r);
        assert_memory_equal(r, highest, sizeof r);
        run(b, 0x7fffffff, r);
        assert_memory_equal(r, highest, sizeof r);
        run(b, 0x80000009, r);
        assert_memory_equal(r, highest, sizeof r);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vendor), cmocka_unit_test(features), cmocka_unit_test(apic_bit), cmocka_unit_test(descriptors), cmocka_unit_test(extended),
        cmocka_unit_test(past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
