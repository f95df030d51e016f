/* t_cpuid_leaves.c - every leaf of every model, as four numbers: what a guest is told does not change unmeant.
 * Follows: Intel SDM Vol. 2 "CPUID". The numbers are written out here; t_cpuid.c says what they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../cpu/cpuid.h"

#define ID 0x756e6547, 0x6c65746e, 0x49656e69               /* "GenuineIntel" in EBX, ECX, EDX */
enum { OTHERS = 0x12345678 };                               /* a leaf that no model has: the answer to all that are not listed */

static const struct { const char *model; u32 leaf, out[4]; } told[] = {
    { "8086", OTHERS, { 0, ID } },
    { "286", OTHERS, { 0, ID } },
    { "386", OTHERS, { 0, ID } },
    { "486", 0, { 1, ID } },
    { "486", OTHERS, { 0x480, 0, 0, 0x00000001 } },
    { "pentium", 0, { 1, ID } },
    { "pentium", OTHERS, { 0x52c, 0, 0, 0x000003bf } },
    { "pentium-mmx", 0, { 1, ID } },
    { "pentium-mmx", OTHERS, { 0x543, 0, 0, 0x008003bf } },
    { "p2", 0, { 2, ID } },
    { "p2", 1, { 0x652, 0, 0, 0x0183fbff } },
    { "p2", OTHERS, { 0x03020101, 0, 0, 0x0c040843 } },
    { "max", 0, { 2, ID } },
    { "max", 1, { 0x6b1, 0, 0x01200000, 0x0183fbff } },
    { "max", 0x80000000, { 0x80000008, 0, 0, 0 } },
    { "max", 0x80000001, { 0, 0, 0, 0x00100000 } },
    { "max", 0x80000002, { 0x72746956, 0x20656e69, 0x65746e69, 0x65727072 } },
    { "max", 0x80000003, { 0x676e6974, 0x36387820, 0x6f727020, 0x73736563 } },
    { "max", 0x80000004, { 0x0000726f, 0, 0, 0 } },
    { "max", 0x80000005, { 0 } }, { "max", 0x80000006, { 0 } }, { "max", 0x80000007, { 0 } },
    { "max", 0x80000008, { 0x2024, 0, 0, 0 } },
    { "max", OTHERS, { 0x03020101, 0, 0, 0x0c040843 } },
    { "max-umip", 0, { 7, ID } },
    { "max-umip", 1, { 0x6b1, 0, 0x01200000, 0x0183fbff } },
    { "max-umip", 2, { 0x03020101, 0, 0, 0x0c040843 } },
    { "max-umip", 3, { 0 } }, { "max-umip", 4, { 0 } }, { "max-umip", 5, { 0 } }, { "max-umip", 6, { 0 } },
    { "max-umip", 0x80000000, { 0x80000008, 0, 0, 0 } },
    { "max-umip", 0x80000001, { 0, 0, 0, 0x00100000 } },
    { "max-umip", 0x80000002, { 0x72746956, 0x20656e69, 0x65746e69, 0x65727072 } },
    { "max-umip", 0x80000003, { 0x676e6974, 0x36387820, 0x6f727020, 0x73736563 } },
    { "max-umip", 0x80000004, { 0x0000726f, 0, 0, 0 } },
    { "max-umip", 0x80000005, { 0 } }, { "max-umip", 0x80000006, { 0 } }, { "max-umip", 0x80000007, { 0 } },
    { "max-umip", 0x80000008, { 0x2024, 0, 0, 0 } },
    { "max-umip", OTHERS, { 0, 0, 4, 0 } },
};

static const u32 *expected(const char *model, u32 leaf)
{
    for (size_t k = 0; k < ARRAY_LEN(told); k++)
        if (!strcmp(told[k].model, model) && told[k].leaf == leaf)
            return told[k].out;
    return leaf == OTHERS ? NULL : expected(model, OTHERS);
}

static void leaves(void **state)
{
    static const u32 outside[] = { 0x40000000, 0x7fffffff, 0xbfffffff, 0xc0000000, 0xffffffff };
    (void)state;
    for (const struct cpu_model *m = cpu_model_list; m->name; m++)
        for (u32 k = 0; k < 0x80 + ARRAY_LEN(outside); k++) {
            u32 leaf = k < 0x40 ? k : k < 0x80 ? 0x80000000 + k - 0x40 : outside[k - 0x80], out[4];
            const u32 *want = expected(m->name, leaf);
            if (!want)
                fail_msg("model %s is not in this test's table", m->name);
            cpuid_leaf(m, leaf, 0, out);
            for (int n = 0; n < 4; n++)
                if (out[n] != want[n])
                    fail_msg("%s, leaf %08x: %s is %08x, expected %08x", m->name, leaf, (const char *[]){ "EAX", "EBX", "ECX", "EDX" }[n],
                             out[n], want[n]);
        }
}

/* Each feature has a bit of its own, which is set exactly where a model's list has the name. */
static void one_bit_each(void **state)
{
    (void)state;
    for (int f = 1; f < FEATURE_COUNT; f++) {
        const struct feature_info *i = &feature_list[f];
        const u16 with[] = { FEATURE_286, (u16)f, FEATURE_NONE };
        struct cpu_model m = { .name = "one", .vendor = "GenuineIntel", .features = with, .max_leaf = 7, .max_extended = 0x80000008 };
        u32 out[4], sum[4] = { 0 };
        assert_non_null(i->name);
        assert_true(model_has(&m, (enum feature)f));
        for (u32 leaf = 1; leaf <= 7; leaf++) {
            cpuid_leaf(&m, leaf, 0, out);
            for (int n = 0; n < 4; n++)
                sum[n] |= out[n];
        }
        cpuid_leaf(&m, 0x80000001, 0, out);
        for (int n = 0; n < 4; n++)
            sum[n] |= out[n];
        for (int n = 0; n < 4; n++)
            assert_int_equal(sum[n], i->told && i->reg == n ? 1u << i->bit : 0);
        for (int other = 1; other < f; other++)
            assert_false(i->told && feature_list[other].told && feature_list[other].leaf == i->leaf && feature_list[other].reg == i->reg
                         && feature_list[other].bit == i->bit && feature_list[other].subleaf == i->subleaf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(leaves), cmocka_unit_test(one_bit_each) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
