/* t_i8237.c - DMA: programming, byte and word channels, terminal count, autoinitialize, masks. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/isa/i8237.h"
#include <cmocka.h>

struct board {
    struct machine *m;
    struct i8237 *dma;
};

static int setup(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    b->m = fake_new(4 << 20);
    b->dma = i8237_new(b->m, 0x00, 0xc0, 0x80);
    fake_reset(b->m);
    fake_out8(b->m, 0xd6, 0xc0), fake_out8(b->m, 0xd4, 0x00);   /* channel 4: cascade, unmasked */
    *state = b;
    return 0;
}

/* Channel 2 at physical `address`, `count` bytes. */
static void program2(struct board *b, u8 mode, u32 address, u32 count)
{
    fake_out8(b->m, 0x0a, 0x06), fake_out8(b->m, 0x0c, 0), fake_out8(b->m, 0x0b, (u8)(mode | 2));
    fake_out8(b->m, 0x04, (u8)address), fake_out8(b->m, 0x04, (u8)(address >> 8));
    fake_out8(b->m, 0x81, (u8)(address >> 16));
    fake_out8(b->m, 0x05, (u8)(count - 1)), fake_out8(b->m, 0x05, (u8)((count - 1) >> 8));
    fake_out8(b->m, 0x0a, 0x02);
}

static u16 read_word(struct board *b, u16 port)
{
    u8 low = fake_in8(b->m, port);
    return (u16)(low | fake_in8(b->m, port) << 8);
}

static void to_memory_with_terminal_count(void **state)
{
    struct board *b = *state;
    u8 buf[600];
    bool tc;
    memset(buf, 0x5a, sizeof buf);
    program2(b, 0x44, 0x12345, 512);
    assert_int_equal(i8237_transfer(b->dma, 2, buf, 500, true, &tc), 500);
    assert_false(tc);
    fake_out8(b->m, 0x0c, 0);
    assert_int_equal(read_word(b, 0x04), (0x2345 + 500) & 0xffff);
    assert_int_equal(read_word(b, 0x05), 11);
    assert_int_equal(i8237_transfer(b->dma, 2, buf, 100, true, &tc), 12);
    assert_true(tc);
    assert_int_equal(fake_ram(b->m)[0x12344], 0);
    assert_int_equal(fake_ram(b->m)[0x12345], 0x5a);
    assert_int_equal(fake_ram(b->m)[0x12345 + 511], 0x5a);
    assert_int_equal(fake_ram(b->m)[0x12345 + 512], 0);
    assert_int_equal(read_word(b, 0x05), 0xffff);
    assert_int_equal(fake_in8(b->m, 0x08), 0x04);
    assert_int_equal(fake_in8(b->m, 0x08), 0);  /* reading clears it */
    assert_false(i8237_ready(b->dma, 2));       /* masked by the terminal count */
    assert_int_equal(i8237_transfer(b->dma, 2, buf, 1, true, &tc), 0);
}

static void from_memory_wraps_in_its_page(void **state)
{
    struct board *b = *state;
    u8 buf[4];
    fake_ram(b->m)[0x2fffe] = 1, fake_ram(b->m)[0x2ffff] = 2, fake_ram(b->m)[0x20000] = 3, fake_ram(b->m)[0x30000] = 9;
    program2(b, 0x48, 0x2fffe, 100);
    assert_int_equal(i8237_transfer(b->dma, 2, buf, 3, false, NULL), 3);
    assert_memory_equal(buf, "\1\2\3", 3);
}

static void downward_verify_and_wrong_direction(void **state)
{
    struct board *b = *state;
    bool tc;
    program2(b, 0x64, 0x1002, 3);
    assert_int_equal(i8237_transfer(b->dma, 2, "abc", 3, true, &tc), 3);
    assert_true(tc);
    assert_memory_equal(fake_ram(b->m) + 0x1000, "cba", 3);
    program2(b, 0x40, 0x2000, 3);
    assert_int_equal(i8237_transfer(b->dma, 2, "abc", 3, true, &tc), 3);
    assert_true(tc);
    assert_int_equal(fake_ram(b->m)[0x2000], 0);
    assert_int_equal(fake_log_lines(b->m), 0);
    program2(b, 0x48, 0x2000, 3);
    assert_int_equal(i8237_transfer(b->dma, 2, "abc", 3, true, &tc), 3);
    assert_int_equal(fake_ram(b->m)[0x2000], 0);
    assert_int_equal(fake_log_lines(b->m), 1);
}

static void autoinitialize(void **state)
{
    struct board *b = *state;
    bool tc;
    program2(b, 0x54, 0x3000, 4);
    assert_int_equal(i8237_transfer(b->dma, 2, "abcdef", 6, true, &tc), 4);
    assert_true(tc);
    assert_int_equal(i8237_transfer(b->dma, 2, "XY", 2, true, &tc), 2);
    assert_false(tc);
    assert_memory_equal(fake_ram(b->m) + 0x3000, "XYcd", 4);
}

static void words(void **state)
{
    struct board *b = *state;
    bool tc;
    u32 address = 0x2fffc;                      /* channel 5: page bit 0 is not used, the address counts words */
    fake_out8(b->m, 0xd8, 0), fake_out8(b->m, 0xd6, 0x45);
    fake_out8(b->m, 0xc4, (u8)(address >> 1)), fake_out8(b->m, 0xc4, (u8)(address >> 9)), fake_out8(b->m, 0x8b, 0x03);
    fake_out8(b->m, 0xc6, 3), fake_out8(b->m, 0xc6, 0);
    fake_out8(b->m, 0xd4, 0x01);
    assert_int_equal(i8237_transfer(b->dma, 5, "abcdefghij", 7, true, &tc), 6);
    assert_false(tc);
    assert_int_equal(i8237_transfer(b->dma, 5, "ghij", 4, true, &tc), 2);
    assert_true(tc);
    assert_memory_equal(fake_ram(b->m) + 0x2fffc, "abcdefgh", 8);
    assert_int_equal(fake_in8(b->m, 0xd0), 0x02);
}

static void masks_and_master_clear(void **state)
{
    struct board *b = *state;
    program2(b, 0x44, 0x1000, 16);
    assert_true(i8237_ready(b->dma, 2));
    fake_out8(b->m, 0xd4, 0x04);                /* the cascade is masked: no bus */
    assert_false(i8237_ready(b->dma, 2));
    fake_out8(b->m, 0xdc, 0);
    assert_true(i8237_ready(b->dma, 2));
    fake_out8(b->m, 0x08, 0x04);                /* controller off */
    assert_false(i8237_ready(b->dma, 2));
    fake_out8(b->m, 0x08, 0x00);
    fake_out8(b->m, 0x0f, 0x0f);
    assert_false(i8237_ready(b->dma, 2));
    fake_out8(b->m, 0x0e, 0x00);
    assert_true(i8237_ready(b->dma, 2));
    fake_out8(b->m, 0x0d, 0x00);
    assert_false(i8237_ready(b->dma, 2));
    assert_int_equal(fake_in8(b->m, 0x0f), 0x0f);
    struct line dreq = i8237_dreq(b->dma, 3);
    line_set(&dreq, true);
    assert_int_equal(fake_in8(b->m, 0x08), 0x80);
    fake_out8(b->m, 0x80, 0x55), fake_out8(b->m, 0x84, 0xaa);
    assert_int_equal(fake_in8(b->m, 0x80), 0x55);
    assert_int_equal(fake_in8(b->m, 0x84), 0xaa);
}

static void software_request(void **state)
{
    struct board *b = *state;
    program2(b, 0x84, 0x4000, 0x10000);
    fake_out8(b->m, 0x0a, 0x06);                /* masked: a software request does not care */
    fake_out8(b->m, 0x09, 0x06);
    assert_int_equal(fake_in8(b->m, 0x08), 0x04);
    assert_int_equal(fake_ram(b->m)[0x4000], 0xff);
    assert_int_equal(fake_ram(b->m)[0x3fff], 0xff);
    assert_int_equal(fake_ram(b->m)[0x10000], 0);
}

/* 64K transfers of one byte each: cut into pieces, in the time that they take, the processor waiting; a channel that begins anew
 * stops at its terminal count all the same, and other requests come after it. */
static void software_requests_are_cut(void **state)
{
    struct board *b = *state;
    program2(b, 0xb4, 0x8000, 0x10000);         /* block, down, autoinitialize, to memory */
    fake_work_most(b->m);
    u64 from = machine_now(b->m);
    fake_out8(b->m, 0x09, 0x06);
    assert_int_equal(fake_in8(b->m, 0x08), 0x04);
    u64 took = machine_now(b->m) - from;
    assert_in_range(took, 60000000, 70000000);
    assert_in_range(fake_work_most(b->m), 256, WORK_CALL_MAX / 4);
    for (u32 at = 0; at < 0x10000; at++)
        assert_int_equal(fake_ram(b->m)[at], 0xff);
    fake_out8(b->m, 0x08, 0x04);                /* the controller is off: requests wait */
    fake_out8(b->m, 0x09, 0x06);
    assert_int_equal(fake_in8(b->m, 0x08), 0x40);
    assert_int_equal(machine_now(b->m), from + took);
    fake_out16(b->m, 0x08, 0x0500);             /* it is on again, and channel 1 wants the bus, too */
    assert_int_equal(fake_in8(b->m, 0x08) & 0x44, 0x04);
    fake_out8(b->m, 0x08, 0x04);
    fake_out8(b->m, 0x09, 0x06);
    space_write(machine_ports(b->m), 0x08, 0, 1);
    fake_reset(b->m);                           /* in the middle: nobody waits for ever */
    assert_int_equal(fake_next_timer(b->m), TIMER_OFF);
    fake_in8(b->m, 0x08);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fake_test_fields), TEST(to_memory_with_terminal_count), TEST(from_memory_wraps_in_its_page),
        TEST(downward_verify_and_wrong_direction), TEST(autoinitialize), TEST(words), TEST(masks_and_master_clear),
        TEST(software_request), TEST(software_requests_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
