/* t_mc146818.c - the clock, its three interrupts and the CMOS memory. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/isa/mc146818.h"
#include <cmocka.h>

#define SECOND 1000000000ull

struct board {
    struct machine *m;
    struct mc146818 *rtc;
    struct fake_wire irq;
};

static struct board *board(u64 epoch)
{
    struct board *b = xcalloc(1, sizeof *b);
    b->m = fake_new(0);
    b->rtc = mc146818_new(b->m, 0x70, fake_wire(&b->irq, b->m), epoch);
    fake_reset(b->m);
    return b;
}
static int setup(void **state) { *state = board(1709251199); return 0; }    /* 2024-02-29 23:59:59, a Thursday */
static u8 get(struct board *b, u8 index) { fake_out8(b->m, 0x70, index); return fake_in8(b->m, 0x71); }
static void set(struct board *b, u8 index, u8 v) { fake_out8(b->m, 0x70, index), fake_out8(b->m, 0x71, v); }

static void expect_time(struct board *b, u8 century, u8 year, u8 month, u8 day, u8 weekday, u8 h, u8 min, u8 s)
{
    assert_int_equal(get(b, 0x32), century);
    assert_int_equal(get(b, 9), year);
    assert_int_equal(get(b, 8), month);
    assert_int_equal(get(b, 7), day);
    assert_int_equal(get(b, 6), weekday);
    assert_int_equal(get(b, 4), h);
    assert_int_equal(get(b, 2), min);
    assert_int_equal(get(b, 0), s);
}

static void calendar(void **state)
{
    struct board *b = *state;
    expect_time(b, 0x20, 0x24, 0x02, 0x29, 5, 0x23, 0x59, 0x59);
    fake_advance(b->m, SECOND - 1);
    expect_time(b, 0x20, 0x24, 0x02, 0x29, 5, 0x23, 0x59, 0x59);
    fake_advance(b->m, 1);
    expect_time(b, 0x20, 0x24, 0x03, 0x01, 6, 0x00, 0x00, 0x00);
    struct board *other = board(946684799);     /* 1999-12-31 23:59:59, a Friday */
    expect_time(other, 0x19, 0x99, 0x12, 0x31, 6, 0x23, 0x59, 0x59);
    fake_advance(other->m, SECOND);
    expect_time(other, 0x20, 0x00, 0x01, 0x01, 7, 0, 0, 0);
    fake_advance(other->m, 3661 * SECOND);
    expect_time(other, 0x20, 0x00, 0x01, 0x01, 7, 1, 1, 1);
    fake_tear_down((void **)&other);
    struct board *epoch = board(0);
    expect_time(epoch, 0x19, 0x70, 0x01, 0x01, 5, 0, 0, 0);
    fake_tear_down((void **)&epoch);
}

static void twelve_hours_and_binary(void **state)
{
    struct board *b = *state;
    set(b, 11, 0x80);                           /* SET, BCD, 12-hour */
    set(b, 4, 0x11), set(b, 2, 0x59), set(b, 0, 0x59);
    set(b, 11, 0x00);
    fake_advance(b->m, SECOND);
    expect_time(b, 0x20, 0x24, 0x02, 0x29, 5, 0x92, 0, 0);      /* 12 PM */
    fake_advance(b->m, 3600 * SECOND);
    assert_int_equal(get(b, 4), 0x81);
    fake_advance(b->m, 11 * 3600 * SECOND);
    expect_time(b, 0x20, 0x24, 0x03, 0x01, 6, 0x12, 0, 0);      /* 12 AM, the next day */
    fake_advance(b->m, 3600 * SECOND);
    assert_int_equal(get(b, 4), 0x01);
    set(b, 11, 0x86);                           /* SET, binary, 24-hour */
    set(b, 4, 23), set(b, 2, 59), set(b, 0, 58), set(b, 7, 31), set(b, 8, 12), set(b, 9, 99), set(b, 0x32, 20);
    fake_advance(b->m, 10 * SECOND);
    assert_int_equal(get(b, 0), 58);            /* SET holds it */
    set(b, 11, 0x06);
    fake_advance(b->m, 2 * SECOND);
    expect_time(b, 21, 0, 1, 1, 7, 0, 0, 0);
}

static void update_in_progress(void **state)
{
    struct board *b = *state;
    assert_int_equal(get(b, 10), 0x26);
    fake_advance(b->m, SECOND - 2228001);
    assert_int_equal(get(b, 10), 0x26);
    fake_advance(b->m, 1);
    assert_int_equal(get(b, 10), 0xa6);
    set(b, 11, 0x82);
    assert_int_equal(get(b, 10), 0x26);
    set(b, 11, 0x02);
    fake_advance(b->m, 2228000);
    assert_int_equal(get(b, 10), 0x26);
    assert_int_equal(get(b, 12) & 0x10, 0x10);
}

static void update_ended(void **state)
{
    struct board *b = *state;
    set(b, 11, 0x12);
    fake_advance(b->m, SECOND);
    assert_int_equal(b->irq.rises, 1);
    assert_int_equal(b->irq.rose_at, SECOND);
    assert_int_equal(get(b, 12), 0xf0);         /* flags come without their enables; the alarm is at midnight, as now */
    assert_false(b->irq.level);
    assert_int_equal(get(b, 12), 0);
    set(b, 11, 0x92);
    assert_int_equal(get(b, 11), 0x82);         /* SET clears UIE */
}

/* The wire to power management: only the alarm, and only with its interrupt enabled. */
static void alarm_wire(void **state)
{
    struct board *b = *state;                   /* it is 23:59:59 */
    struct fake_wire alarm;
    mc146818_wire_alarm(b->rtc, fake_wire(&alarm, b->m));
    set(b, 11, 0x12);                           /* update-ended interrupt */
    set(b, 1, 0xc0), set(b, 3, 0xc0), set(b, 5, 0xc0);
    fake_advance(b->m, SECOND);
    assert_true(b->irq.level);
    assert_false(alarm.level);
    set(b, 11, 0x22);                           /* the alarm has happened, now it interrupts */
    assert_true(alarm.level);
    get(b, 12);
    assert_false(alarm.level);
    fake_advance(b->m, SECOND);
    assert_true(alarm.level);
    fake_save_and_load(b->m);
    assert_true(alarm.level);
    fake_reset(b->m);
    assert_false(alarm.level);
}

static void alarm_and_dont_care(void **state)
{
    struct board *b = *state;
    set(b, 1, 0x30), set(b, 3, 0x01), set(b, 5, 0x00);
    set(b, 11, 0x22);
    fake_advance(b->m, 90 * SECOND);            /* 00:01:29 */
    assert_int_equal(b->irq.rises, 0);
    fake_advance(b->m, SECOND);
    assert_int_equal(b->irq.rises, 1);
    assert_int_equal(get(b, 12) & 0xa0, 0xa0);
    fake_advance(b->m, 23 * 3600 * SECOND);
    assert_int_equal(b->irq.rises, 1);
    set(b, 3, 0xff), set(b, 5, 0xc0);           /* once a minute */
    for (int k = 0; k < 5; k++) {
        fake_advance(b->m, 60 * SECOND);
        get(b, 12);
    }
    assert_int_equal(b->irq.rises, 6);
}

static void periodic(void **state)
{
    struct board *b = *state;
    set(b, 11, 0x42);
    for (int k = 0; k < 1000; k++) {
        fake_advance(b->m, SECOND / 1000);
        get(b, 12);
    }
    assert_in_range(b->irq.rises, 999, 1000);
    set(b, 10, 0x23);                           /* 8192 Hz */
    int before = b->irq.rises;
    u64 fired = fake_timers_fired(b->m);
    fake_advance(b->m, SECOND / 2);
    assert_int_equal(b->irq.rises, before + 1); /* not read: no more, and no timers for them either */
    assert_true(fake_timers_fired(b->m) - fired <= 3);
    get(b, 12);
    u64 next = fake_timer_when(b->m, "rtc.periodic");
    fake_run_until(b->m, next);
    assert_true(b->irq.level);
    get(b, 12);
    assert_in_range(fake_timer_when(b->m, "rtc.periodic") - next, 122070, 122071);
    set(b, 10, 0x20);
    assert_int_equal(fake_timer_when(b->m, "rtc.periodic"), TIMER_OFF);
    set(b, 10, 0x26);
    set(b, 11, 0x02);
    get(b, 12);
    fake_advance(b->m, 976563);
    assert_int_equal(get(b, 12) & 0xc0, 0x40);  /* PF alone while not enabled */
}

static void divider_reset(void **state)
{
    struct board *b = *state;
    fake_advance(b->m, 300000000);
    set(b, 10, 0x76);
    fake_advance(b->m, 5 * SECOND);
    assert_int_equal(get(b, 0), 0x59);
    set(b, 10, 0x26);
    fake_advance(b->m, SECOND / 2 - 1);
    assert_int_equal(get(b, 0), 0x59);
    fake_advance(b->m, 1);
    assert_int_equal(get(b, 0), 0x00);
    fake_advance(b->m, SECOND);
    assert_int_equal(get(b, 0), 0x01);
}

static void memory_and_reset(void **state)
{
    struct board *b = *state;
    mc146818_set(b->rtc, 0x34, 0x56);
    assert_int_equal(get(b, 0x34), 0x56);
    set(b, 0x7f, 0x12);
    fake_out8(b->m, 0x72, 0x7f), fake_out8(b->m, 0x73, 0x34);
    assert_int_equal(fake_in8(b->m, 0x73), 0x34);
    assert_int_equal(get(b, 0x7f), 0x12);
    assert_int_equal(mc146818_get(b->rtc, 0xff), 0x34);
    assert_int_equal(get(b, 13), 0x80);
    set(b, 13, 0), set(b, 12, 0xff);
    assert_int_equal(get(b, 13), 0x80);
    get(b, 0x80 | 11);
    assert_true(mc146818_nmi_masked(b->rtc));
    set(b, 11, 0x7a);
    fake_advance(b->m, SECOND);
    assert_true(b->irq.level);
    fake_save_and_load(b->m);
    assert_true(b->irq.level);
    fake_reset(b->m);
    assert_false(b->irq.level);
    assert_int_equal(get(b, 11), 0x02);
    assert_int_equal(get(b, 12), 0);
    assert_int_equal(get(b, 0x34), 0x56);
    fake_advance(b->m, SECOND);
    assert_int_equal(get(b, 0), 0x01);          /* time went on */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fake_test_fields), TEST(calendar), TEST(twelve_hours_and_binary), TEST(update_in_progress), TEST(update_ended),
        TEST(alarm_wire), TEST(alarm_and_dont_care), TEST(periodic), TEST(divider_reset), TEST(memory_and_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
