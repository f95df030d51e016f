/* t_flags.c - the lazy flags of sums and differences at each operand size, 64 bits included, against sums in 128 bits.
 * Follows: Intel SDM Vol. 1 "EFLAGS Register": CF, OF, AF, SF, ZF, PF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../cpu/core.h"
#include "../../../cpu/flags.h"
#include "../../../cpu/insn/x87/wide.h"

static const u64 values[] = { 0, 1, 2, 0xf, 0x10, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                              0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x123456789abcdef0 };

static u32 expected(int bits, u64 a, u64 b, bool c, bool sub, u64 r)
{
    u64 top = 1ull << (bits - 1);
    bool carry = sub ? (u128)a < (u128)b + c : ((u128)a + b + c) >> bits & 1;
    bool over = sub ? ((a ^ b) & (a ^ r) & top) != 0 : (~(a ^ b) & (a ^ r) & top) != 0;
    bool aux = sub ? (a & 15) < (b & 15) + c : (a & 15) + (b & 15) + c > 15;
    return (carry ? FLAG_CF : 0u) | (over ? FLAG_OF : 0u) | (aux ? FLAG_AF : 0u) | (r & top ? FLAG_SF : 0u) | (r ? 0u : FLAG_ZF)
         | (__builtin_parity((u32)r & 0xff) ? 0u : FLAG_PF);
}

static void sums_and_differences(void **state)
{
    struct cpu *cpu = xcalloc(1, sizeof *cpu);
    (void)state;
    for (int size = 1; size <= 8; size *= 2)
        for (size_t k = 0; k < ARRAY_LEN(values) * ARRAY_LEN(values) * 4; k++) {
            bool c = k & 1, sub = k & 2;
            u64 mask = mask_bytes(size), a = values[k / 4 % ARRAY_LEN(values)] & mask, b = values[k / 4 / ARRAY_LEN(values)] & mask;
            u64 r = (sub ? a - b - c : a + b + c) & mask;
            u64 aux = sub ? aux_difference(8 * size, a, b, c, r) : aux_sum(8 * size, a, b, c, r);
            u32 want = expected(8 * size, a, b, c, sub, r);
            flags_set(cpu, sign_extended(r, size), aux);
            if (flags_arith(cpu) != want)
                fail_msg("%d bytes: %llx %c %llx with carry %d: flags %x, expected %x", size, (unsigned long long)a, sub ? '-' : '+',
                         (unsigned long long)b, c, flags_arith(cpu), want);
            if (c)
                continue;
            if (sub)
                flags_of_difference(cpu, size, a, b);
            else
                flags_of_sum(cpu, size, a, b);
            assert_int_equal(flags_arith(cpu), want);
        }
    free(cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sums_and_differences) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
