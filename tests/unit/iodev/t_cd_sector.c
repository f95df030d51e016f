/* t_cd_sector.c - a raw sector's error codes, judged by their definitions (ECMA-130, Annexes A and B) bit by bit: the EDC of sector
 * and EDC is 0; in each P and Q word the sum and the sum weighted by powers of alpha vanish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../iodev/storage/cd_sector.h"

/* Remainder modulo (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1), the bits of each byte low first. */
static u32 remainder_of(const u8 *p, int n)
{
    u64 product = 0;
    u32 crc = 0;
    for (int k = 0; k <= 16; k++)
        if (0x18005u >> k & 1)
            product ^= 0x10007ull << k;
    for (int bit = 0; bit < 8 * n; bit++) {
        bool top = (crc >> 31) ^ (p[bit / 8] >> bit % 8 & 1);
        crc = crc << 1 ^ (top ? (u32)product : 0);
    }
    return crc;
}

static u8 times(u8 a, u8 b)
{
    u32 product = 0;
    for (int k = 0; k < 8; k++)
        product ^= b >> k & 1 ? (u32)a << k : 0;
    for (int k = 14; k >= 8; k--)
        product ^= product >> k & 1 ? 0x11du << (k - 8) : 0;
    return (u8)product;
}

/* A word of n bytes at these places: with H as in Annex A both checks are 0. */
static void check_word(const u8 *base, const u32 *place, int n)
{
    u8 sum = 0, weighted = 0, power = 1;
    for (int k = n - 1; k >= 0; k--) {
        sum ^= base[place[k]];
        weighted ^= times(base[place[k]], power);
        power = times(power, 2);
    }
    assert_int_equal(sum, 0);
    assert_int_equal(weighted, 0);
}

static void codes(void **state)
{
    u8 user[2048], raw[CD_RAW];
    u32 place[45];
    (void)state;
    for (u32 lba = 0; lba < 300000; lba += 77777) {
        for (u32 k = 0; k < sizeof user; k++)
            user[k] = (u8)(k * k + lba * 13 + k / 7);
        cd_sector(CD_SYNC | CD_HEADER | CD_USER | CD_EDC, lba, user, raw);
        assert_memory_equal(raw + 16, user, sizeof user);
        assert_int_equal(remainder_of(raw, 2068), 0);
        for (u32 plane = 0; plane < 2; plane++) {
            const u8 *base = raw + 12 + plane;
            for (u32 n = 0; n < 43; n++) {
                for (u32 k = 0; k < 26; k++)
                    place[k] = 2 * (43 * k + n);
                check_word(base, place, 26);
            }
            for (u32 n = 0; n < 26; n++) {
                for (u32 k = 0; k < 43; k++)
                    place[k] = 2 * ((44 * k + 43 * n) % 1118);
                place[43] = 2 * (1118 + n), place[44] = 2 * (1118 + 26 + n);
                check_word(base, place, 45);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(codes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
