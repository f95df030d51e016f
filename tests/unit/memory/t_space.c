/* t_space.c - pages that several regions share: who answers is found again fast, and never wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../memory/space.h"
#include "../../../memory/log.h"

static u64 name_read(void *dev, u64 offset, int size) { (void)offset; return *(u8 *)dev & mask_bytes(size); }

/* Registers of three devices, RAM behind them and nothing, in two pages: who answers is asked address by address, in an order that
 * knows nothing of the places, while regions come, go and move. */
static void crowded_pages(void **state)
{
    struct log *log = log_new();
    struct space *s = space_new("memory", 32, 12, log);
    struct ram *ram = ram_new("ram", PAGE_SIZE);
    u8 names[3] = { 1, 2, 3 };
    struct region *r[3];
    u64 base[3] = { 0x9010, 0x9ff0, 0x9018 }, size[3] = { 0x10, 0x20, 0x20 };
    bool enabled[3] = { true, true, true };
    u32 seed = 1;
    (void)state;
    memset(ram->host, 0x44, PAGE_SIZE);
    space_add_ram(s, "ram", 0x9000, PAGE_SIZE, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    for (int k = 0; k < 3; k++)
        r[k] = space_add_device(s, "names", base[k], size[k], 3 - k, 1, name_read, NULL, &names[k]);
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1664525 + 1013904223;
        u64 at = 0x8ff0 + seed % 0x30 + (seed >> 28 & 3) * 0xfe0;
        u8 want = at >= 0x9000 && at < 0xa000 ? 0x44 : 0xff;
        for (int k = 2; k >= 0; k--)
            if (enabled[k] && at - base[k] < size[k])
                want = names[k];
        assert_int_equal(space_read(s, at, 1), want);
        int k = (int)(seed >> 8) % 3;
        if (seed >> 24 & 1)
            continue;
        if (seed >> 25 & 1) {
            enabled[k] = !enabled[k];
            region_enable(r[k], enabled[k] ? REGION_READ | REGION_WRITE : 0);
        } else {
            base[k] = 0x8ff0 + (seed >> 16) % 0x1010;
            region_move(r[k], base[k]);
        }
    }
    space_free(s);
    ram_free(ram);
    log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(crowded_pages) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
