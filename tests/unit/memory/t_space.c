/* t_space.c - who answers is found again fast, and never wrong: in pages that several regions share, and at registers. */
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

/* What a device answers, where, how wide and how often is kept to be found again: not across a change of the map that the device itself
 * makes, nor for another width, and a tap that comes later hears. */
struct changer { struct region *region; u64 base; int calls, widest; };
static u64 moves_away(void *dev, u64 offset, int size)
{
    struct changer *c = dev;
    c->calls++;
    c->widest = size > c->widest ? size : c->widest;
    if (c->base)
        region_move(c->region, c->base);
    return 0x10 + offset;
}
static void counts(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)value, (void)size;
    ++*(int *)dev;
}

static void found_again(void **state)
{
    struct log *log = log_new();
    struct space *s = space_new("ports", 16, 0, log);
    struct changer c = { 0 };
    int writes = 0, heard = 0;
    (void)state;
    c.region = space_add_device(s, "moves", 0x40, 8, 0, 2, moves_away, NULL, &c);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(space_read(s, 0x44, 2), 0x14);
        assert_int_equal(space_read(s, 0x44, 1), 0x14);
        assert_int_equal(space_read(s, 0x44, 4), 0x160014);
        assert_int_equal(space_read(s, 0x46, 4), 0xffff0016);
    }
    assert_int_equal(c.widest, 2);
    c.base = 0x80;
    assert_int_equal(space_read(s, 0x44, 2), 0x14);
    c.calls = 0;
    assert_int_equal(space_read(s, 0x44, 2), 0xffff);
    assert_int_equal(c.calls, 0);
    assert_int_equal(space_read(s, 0x84, 2), 0x14);

    space_add_device(s, "counts", 0x20, 2, 0, 1, NULL, counts, &writes);
    for (int k = 0; k < 3; k++)
        space_write(s, 0x20, 1, 1);
    space_add_tap(s, "tap", 0x21, 1, counts, &heard);
    space_write(s, 0x20, 1, 1);
    space_write(s, 0x21, 1, 1);
    space_add_tap(s, "tap", 0x20, 1, counts, &heard);
    space_write(s, 0x20, 1, 1);
    space_write(s, 0x20, 1, 1);
    assert_int_equal(writes, 7);
    assert_int_equal(heard, 3);
    space_free(s);
    log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(crowded_pages), cmocka_unit_test(found_again) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
