/* t_i8254.c - the timer's six modes, clock by clock, and port 61h. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/isa/i8254.h"
#include "../../../iodev/isa/port61.h"
#include <cmocka.h>

struct board {
    struct machine *m;
    struct i8254 *pit;
    struct port61 *p61;
    struct fake_wire out0, nmi;
};

static int setup(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    b->m = fake_new(0);
    b->pit = i8254_new(b->m, 0x40, fake_wire(&b->out0, b->m));
    b->p61 = port61_new(b->m, 0x61, b->pit, fake_wire(&b->nmi, b->m));
    fake_reset(b->m);
    *state = b;
    return 0;
}

/* When a CLK pulse falls, rounded up to a nanosecond. */
static u64 moment(u64 clock)
{
    return clock / PIT_HZ * 1000000000 + (clock % PIT_HZ * 1000000000 + PIT_HZ - 1) / PIT_HZ;
}

/* Let n CLK pulses pass, from just after one to just after another. */
static void clocks(struct board *b, u64 n)
{
    u64 to = i8254_clocks(b->pit) + n;
    fake_run_until(b->m, moment(to));
    assert_int_equal(i8254_clocks(b->pit), to);
}

static void program(struct board *b, int k, u8 mode, u16 count)
{
    fake_out8(b->m, 0x43, (u8)(k << 6 | 0x30 | mode << 1));
    fake_out8(b->m, (u16)(0x40 + k), (u8)count), fake_out8(b->m, (u16)(0x40 + k), (u8)(count >> 8));
}

static u16 read_count(struct board *b, int k)
{
    fake_out8(b->m, 0x43, (u8)(k << 6));
    u8 low = fake_in8(b->m, (u16)(0x40 + k));
    return (u16)(low | fake_in8(b->m, (u16)(0x40 + k)) << 8);
}
static u16 two_bytes(struct board *b)
{
    u8 low = fake_in8(b->m, 0x40);
    return (u16)(low | fake_in8(b->m, 0x40) << 8);
}
static u8 status(struct board *b, int k)
{
    fake_out8(b->m, 0x43, (u8)(0xe0 | 2 << k));
    return fake_in8(b->m, (u16)(0x40 + k));
}

/* OUT after each of n clocks, as '0' and '1'. */
static void expect_out(struct board *b, int k, const char *want)
{
    char got[64] = "";
    for (size_t n = 0; want[n]; n++) {
        clocks(b, 1);
        got[n] = i8254_out(b->pit, k) ? '1' : '0';
    }
    assert_string_equal(got, want);
}

static void mode0(void **state)
{
    struct board *b = *state;
    program(b, 0, 0, 4);
    assert_int_equal(status(b, 0), 0x70);       /* OUT low, count not loaded, both bytes */
    expect_out(b, 0, "0000111");                /* N + 1 clocks after the count */
    assert_int_equal(read_count(b, 0), 0xfffe); /* it goes on */
    assert_int_equal(status(b, 0), 0xb0);
    fake_out8(b->m, 0x40, 3);                   /* first byte: OUT falls and counting stops */
    assert_false(i8254_out(b->pit, 0));
    clocks(b, 10);
    assert_int_equal(read_count(b, 0), 0xfffe);
    fake_out8(b->m, 0x40, 0);
    expect_out(b, 0, "0001");
}

static void mode0_gate(void **state)
{
    struct board *b = *state;
    program(b, 2, 0, 5);                        /* GATE2 is low */
    clocks(b, 20);
    assert_int_equal(read_count(b, 2), 5);      /* loaded all the same */
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "00001");
}

static void mode1(void **state)
{
    struct board *b = *state;
    program(b, 2, 1, 3);
    expect_out(b, 2, "111");
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "0001");
    fake_out8(b->m, 0x61, 0);
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "00");
    fake_out8(b->m, 0x61, 0);                   /* retriggered */
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "00011");
}

static void mode2(void **state)
{
    struct board *b = *state;
    program(b, 0, 2, 4);
    expect_out(b, 0, "1110111011101");
    assert_int_equal(read_count(b, 0), 4);
    program(b, 0, 2, 3);
    expect_out(b, 0, "11");
    fake_out8(b->m, 0x40, 5), fake_out8(b->m, 0x40, 0);     /* from the next cycle on */
    assert_int_equal(status(b, 0) & 0x40, 0x40);
    expect_out(b, 0, "0111101111");
    assert_int_equal(status(b, 0) & 0x40, 0);
}

static void mode2_gate(void **state)
{
    struct board *b = *state;
    program(b, 2, 2, 3);
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "110");
    fake_out8(b->m, 0x61, 0);
    assert_true(i8254_out(b->pit, 2));          /* at once */
    expect_out(b, 2, "1111");
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "1101101");
}

static void mode3(void **state)
{
    struct board *b = *state;
    program(b, 0, 3, 4);
    expect_out(b, 0, "1100110011");
    program(b, 0, 3, 5);
    expect_out(b, 0, "111001110011100");
    program(b, 0, 3, 5);
    u16 counts[] = { 4, 2, 0, 4, 2, 4, 2, 0, 4, 2 };    /* the data sheet's figure */
    for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
        clocks(b, 1);
        assert_int_equal(read_count(b, 0), counts[k]);
    }
    program(b, 0, 7, 2);                        /* mode 7 is 3 */
    expect_out(b, 0, "101010");
}

static void mode4_and_5(void **state)
{
    struct board *b = *state;
    program(b, 0, 4, 3);
    expect_out(b, 0, "1110111111");
    assert_int_equal(read_count(b, 0), 0xfffa);
    program(b, 2, 5, 2);
    expect_out(b, 2, "1111");
    fake_out8(b->m, 0x61, 1);
    expect_out(b, 2, "110111");
}

static void bcd(void **state)
{
    struct board *b = *state;
    fake_out8(b->m, 0x43, 0x31);                /* counter 0, mode 0, BCD */
    fake_out8(b->m, 0x40, 0x00), fake_out8(b->m, 0x40, 0x10);   /* 1000 */
    clocks(b, 2);
    assert_int_equal(read_count(b, 0), 0x0999);
    clocks(b, 1000);
    assert_int_equal(read_count(b, 0), 0x9999);
    assert_int_equal(i8254_count(b->pit, 0), 1000);
}

static void latches(void **state)
{
    struct board *b = *state;
    program(b, 0, 2, 1000);
    clocks(b, 101);
    fake_out8(b->m, 0x43, 0x00);
    clocks(b, 10);
    fake_out8(b->m, 0x43, 0x00);                /* ignored: the first is not read yet */
    assert_int_equal(two_bytes(b), 900);
    fake_out8(b->m, 0x43, 0xc2);                /* read-back: status and count of counter 0 */
    assert_int_equal(fake_in8(b->m, 0x40), 0xb4);
    clocks(b, 7);
    assert_int_equal(two_bytes(b), 890);
    assert_int_equal(two_bytes(b), 883);
}

static void single_bytes(void **state)
{
    struct board *b = *state;
    fake_out8(b->m, 0x43, 0x14);                /* LSB only, mode 2 */
    fake_out8(b->m, 0x40, 0x50);
    clocks(b, 11);
    assert_int_equal(fake_in8(b->m, 0x40), 0x46);
    assert_int_equal(fake_in8(b->m, 0x40), 0x46);
    fake_out8(b->m, 0x43, 0x24);                /* MSB only */
    fake_out8(b->m, 0x40, 0x02);
    assert_int_equal(i8254_count(b->pit, 0), 0x200);
}

/* A day of 18.2 Hz ticks: no drift, and each edge where arithmetic puts it. */
static void no_drift(void **state)
{
    struct board *b = *state;
    program(b, 0, 2, 0);
    int before = b->out0.rises;
    fake_run_until(b->m, 3600ull * 1000000000);
    assert_int_equal(b->out0.rises - before, (3600ull * PIT_HZ - 1) / 65536);
    u64 clock = 1 + (u64)(b->out0.rises - before) * 65536;
    assert_int_equal(b->out0.rose_at, moment(clock));
    assert_int_equal(b->out0.rises - b->out0.falls, before);
}

/* A counter that nobody looked at for long is where it would be. */
static void long_absence(void **state)
{
    struct board *b = *state;
    program(b, 1, 3, 7);
    clocks(b, 7000000ull * 12 + 1);
    assert_int_equal(read_count(b, 1), 6);
    assert_true(i8254_out(b->pit, 1));
}

static void count_of_one_does_not_hang(void **state)
{
    struct board *b = *state;
    program(b, 0, 2, 1);
    expect_out(b, 0, "1111");
    program(b, 0, 3, 1);
    expect_out(b, 0, "1111");
    fake_advance(b->m, 1000000000);
    fake_out8(b->m, 0x40, 4), fake_out8(b->m, 0x40, 0);
    clocks(b, 20);
    program(b, 0, 2, 5);
    clocks(b, 7);
    fake_out8(b->m, 0x40, 1), fake_out8(b->m, 0x40, 0);
    clocks(b, 100);
    assert_true(i8254_out(b->pit, 0));
}

static void port61(void **state)
{
    struct board *b = *state;
    fake_out8(b->m, 0x61, 0xff);
    assert_int_equal(fake_in8(b->m, 0x61) & 0xcf, 0x0f);
    program(b, 2, 0, 100);
    fake_out8(b->m, 0x61, 0x01);
    assert_int_equal(fake_in8(b->m, 0x61) & 0x20, 0);
    clocks(b, 101);
    assert_int_equal(fake_in8(b->m, 0x61) & 0x20, 0x20);
    int toggles = 0;
    u8 old = fake_in8(b->m, 0x61) & 0x10;
    for (int k = 0; k < 1000; k++) {
        fake_advance(b->m, 1000);
        u8 new = fake_in8(b->m, 0x61) & 0x10;
        toggles += new != old;
        old = new;
    }
    assert_in_range(toggles, 66, 67);           /* 1 ms / 15.085 us */
    struct line serr = port61_serr(b->p61);
    line_set(&serr, true), line_set(&serr, false);
    assert_true(b->nmi.level);
    assert_int_equal(fake_in8(b->m, 0x61) & 0xc0, 0x80);
    fake_out8(b->m, 0x61, 0x04);
    assert_false(b->nmi.level);
    fake_save_and_load(b->m);
    assert_int_equal(fake_in8(b->m, 0x61) & 0x8f, 0x04);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_tear_down)
/* OUT2 as a wire, and what a speaker wants to know. */
static void connected(void **state)
{
    struct board *b = *state;
    struct fake_wire out2 = { 0 };
    fake_out8(b->m, 0x61, 0x01);                            /* GATE2 */
    program(b, 2, 3, 100);
    i8254_connect(b->pit, 2, fake_wire(&out2, b->m));
    clocks(b, 1001);
    assert_int_equal(out2.falls, 10);
    assert_int_equal(i8254_mode(b->pit, 2), 3);
    assert_int_equal(i8254_count(b->pit, 2), 100);
    struct fake_wire out1 = { 0 };
    i8254_connect(b->pit, 1, fake_wire(&out1, b->m));
    program(b, 1, 2, 50);
    clocks(b, 501);
    assert_true(out1.falls >= 9);
    program(b, 0, 2, 0);
    assert_int_equal(i8254_count(b->pit, 0), 65536);
    fake_save_and_load(b->m);
    clocks(b, 100);
}

/* Counters that nobody looks at end as one ends that is looked at after every pulse, and catching up takes a few steps: in each
 * mode, with counts that wait for the end of a cycle, half-written counts, triggers. */
static void lazy_and_watched(void **state)
{
    struct board *watched;
    struct board *lazy = *state;
    u32 random = 1;
    setup((void **)&watched);
    for (int round = 0; round < 4000; round++) {
        random = random * 1103515245 + 12345;
        u32 r = random >> 8;
        u64 gap = r >> 16 & 1 ? r % 300 : r % 8;
        u16 port = r >> 7 & 3 ? 0x42 : r >> 9 & 1 ? 0x43 : 0x61;
        u8 v = port == 0x43 ? (u8)(0x80 | (r >> 12 & 0x3f) | (r >> 18 & 3 ? 0x10 : 0)) : port == 0x61 ? r >> 12 & 1 : r >> 12 & 7;
        fake_out8(lazy->m, port, v);
        fake_out8(watched->m, port, v);
        clocks(lazy, gap);
        for (u64 k = 0; k < gap; k++) {
            clocks(watched, 1);
            i8254_out(watched->pit, 2);
        }
        if (round % 3)
            continue;
        fake_out8(lazy->m, 0x43, 0xc8);                     /* latch count and status of counter 2 */
        fake_out8(watched->m, 0x43, 0xc8);
        for (int k = 0; k < 3; k++)
            assert_int_equal(fake_in8(lazy->m, 0x42), fake_in8(watched->m, 0x42));
        assert_int_equal(i8254_out(lazy->pit, 2), i8254_out(watched->pit, 2));
    }
    assert_in_range(fake_work_most(lazy->m), 1, 23);
    fake_free(watched->m);
    free(watched);
}

/* tests/guest/hostile.asm has this as a guest. A count that waits for the end of its cycle, then a long sleep. */
static void a_waiting_count_and_a_long_sleep(void **state)
{
    struct board *b = *state;
    program(b, 1, 3, 2);
    fake_advance(b->m, 1000000);
    fake_in8(b->m, 0x41);
    fake_out8(b->m, 0x41, 2), fake_out8(b->m, 0x41, 0);
    assert_int_equal(status(b, 1) & 0x40, 0x40);            /* it waits */
    fake_work_most(b->m);
    fake_advance(b->m, 3600ull * 1000000000);
    assert_int_equal(status(b, 1) & 0x40, 0);
    assert_true(fake_work_most(b->m) < 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lazy_and_watched), TEST(a_waiting_count_and_a_long_sleep), TEST(connected), TEST(fake_test_fields), TEST(mode0), TEST(mode0_gate), TEST(mode1), TEST(mode2), TEST(mode2_gate), TEST(mode3),
        TEST(mode4_and_5), TEST(bcd), TEST(latches), TEST(single_bytes), TEST(no_drift), TEST(long_absence),
        TEST(count_of_one_does_not_hang), TEST(port61),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
