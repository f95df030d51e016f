/* t_i8259.c - what the 8259A data sheet promises, on the AT's pair of chips. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/isa/i8259.h"
#include <cmocka.h>

struct board {
    struct machine *m;
    struct i8259 *master, *slave;
    struct fake_wire intr;
};

static void init_pics(struct board *b, u8 master_icw4)
{
    fake_out8(b->m, 0x20, 0x11), fake_out8(b->m, 0x21, 0x08), fake_out8(b->m, 0x21, 0x04);
    fake_out8(b->m, 0x21, master_icw4);
    fake_out8(b->m, 0xa0, 0x11), fake_out8(b->m, 0xa1, 0x70), fake_out8(b->m, 0xa1, 0x02);
    fake_out8(b->m, 0xa1, 0x01);
}

static int setup(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    b->m = fake_new(0);
    b->master = i8259_new(b->m, "pic1", 0x20, 0x4d0, 0xf8, fake_wire(&b->intr, b->m), true);
    b->slave = i8259_new(b->m, "pic2", 0xa0, 0x4d1, 0xde, i8259_input(b->master, 2), false);
    i8259_cascade(b->master, 2, b->slave);
    fake_reset(b->m);
    *state = b;
    return 0;
}

static void irq(struct board *b, int n, bool level)
{
    struct line l = i8259_input(n < 8 ? b->master : b->slave, n & 7);
    line_set(&l, level);
}
static void pulse(struct board *b, int n) { irq(b, n, false), irq(b, n, true); }
static u8 isr(struct board *b, u16 port) { fake_out8(b->m, port, 0x0b); return fake_in8(b->m, port); }
static u8 irr(struct board *b, u16 port) { fake_out8(b->m, port, 0x0a); return fake_in8(b->m, port); }

static void silent_until_initialised(void **state)
{
    struct board *b = *state;
    irq(b, 1, true);
    assert_false(b->intr.level);
    init_pics(b, 1);
    assert_false(b->intr.level);                /* ICW1 resets the edge sense: it must rise again */
    pulse(b, 1);
    assert_true(b->intr.level);
}

static void priority_and_eoi(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    irq(b, 5, true), irq(b, 3, true);
    assert_int_equal(irr(b, 0x20), 0x28);
    assert_int_equal(i8259_ack(b->master), 0x0b);
    assert_int_equal(isr(b, 0x20), 0x08);
    assert_int_equal(irr(b, 0x20), 0x20);
    assert_false(b->intr.level);                /* 5 is below 3 */
    irq(b, 1, true);
    assert_true(b->intr.level);
    assert_int_equal(i8259_ack(b->master), 0x09);
    fake_out8(b->m, 0x20, 0x20);
    assert_int_equal(isr(b, 0x20), 0x08);
    assert_false(b->intr.level);
    fake_out8(b->m, 0x20, 0x63);                /* specific EOI 3 */
    assert_true(b->intr.level);
    assert_int_equal(i8259_ack(b->master), 0x0d);
}

static void spurious(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    irq(b, 4, true);
    irq(b, 4, false);                           /* gone before the acknowledge */
    assert_false(b->intr.level);
    assert_int_equal(i8259_ack(b->master), 0x0f);
    assert_int_equal(isr(b, 0x20), 0);
    irq(b, 10, true);
    assert_true(b->intr.level);
    fake_out8(b->m, 0xa1, 0xff);
    assert_false(b->intr.level);
}

static void spurious_15(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    struct line ir2 = i8259_input(b->master, 2);
    line_set(&ir2, true);                       /* as if the slave's request vanished in between */
    assert_int_equal(i8259_ack(b->master), 0x77);
    assert_int_equal(isr(b, 0xa0), 0);
    assert_int_equal(isr(b, 0x20), 0x04);       /* the master needs its EOI */
}

static void cascade(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    irq(b, 14, true);
    assert_int_equal(i8259_ack(b->master), 0x76);
    assert_int_equal(isr(b, 0xa0), 0x40);
    assert_int_equal(isr(b, 0x20), 0x04);
    irq(b, 8, true);                            /* above 14 in the slave, but IR2 is in service in the master */
    assert_false(b->intr.level);
    fake_out8(b->m, 0x20, 0x20);
    assert_true(b->intr.level);
    assert_int_equal(i8259_ack(b->master), 0x70);
    fake_out8(b->m, 0xa0, 0x20), fake_out8(b->m, 0x20, 0x20);
    assert_int_equal(isr(b, 0xa0), 0x40);
}

static void special_fully_nested(void **state)
{
    struct board *b = *state;
    init_pics(b, 0x11);
    irq(b, 14, true);
    assert_int_equal(i8259_ack(b->master), 0x76);
    irq(b, 12, true);
    assert_true(b->intr.level);                 /* the slave is not locked out */
    assert_int_equal(i8259_ack(b->master), 0x74);
    irq(b, 15, true);
    assert_false(b->intr.level);
}

static void automatic_eoi_and_rotation(void **state)
{
    struct board *b = *state;
    init_pics(b, 3);
    irq(b, 3, true);
    assert_int_equal(i8259_ack(b->master), 0x0b);
    assert_int_equal(isr(b, 0x20), 0);
    fake_out8(b->m, 0x20, 0x80);                /* rotate in AEOI mode */
    irq(b, 3, false), irq(b, 3, true), irq(b, 4, true);
    assert_int_equal(i8259_ack(b->master), 0x0b);
    irq(b, 3, false), irq(b, 3, true);
    assert_int_equal(i8259_ack(b->master), 0x0c);   /* 3 is now the lowest */
    assert_true(b->intr.level);
    assert_int_equal(i8259_ack(b->master), 0x0b);
}

static void rotation_by_command(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    fake_out8(b->m, 0x20, 0xc4);                /* 4 is lowest, so 5 is highest */
    irq(b, 0, true), irq(b, 5, true), irq(b, 4, true);
    assert_int_equal(i8259_ack(b->master), 0x0d);
    fake_out8(b->m, 0x20, 0xa0);                /* rotate on non-specific EOI: 5 is lowest */
    assert_int_equal(i8259_ack(b->master), 0x08);
    fake_out8(b->m, 0x20, 0xe0);                /* rotate on specific EOI 0: 1 is highest */
    pulse(b, 0), pulse(b, 1);
    assert_int_equal(i8259_ack(b->master), 0x09);
}

static void special_mask(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    irq(b, 2 + 1, true);
    i8259_ack(b->master);
    irq(b, 6, true);
    assert_false(b->intr.level);
    fake_out8(b->m, 0x21, 0x08);                /* mask 3, which is in service */
    assert_false(b->intr.level);
    fake_out8(b->m, 0x20, 0x68);                /* special mask mode */
    assert_true(b->intr.level);
    assert_int_equal(i8259_ack(b->master), 0x0e);
    fake_out8(b->m, 0x20, 0x20);                /* the non-specific EOI passes the masked one by */
    assert_int_equal(isr(b, 0x20), 0x08);
    fake_out8(b->m, 0x20, 0x48);
    fake_out8(b->m, 0x20, 0x20);
    assert_int_equal(isr(b, 0x20), 0);
}

static void poll_command(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    fake_out8(b->m, 0x20, 0x0c);
    assert_int_equal(fake_in8(b->m, 0x20), 0);
    irq(b, 6, true);
    fake_out8(b->m, 0x20, 0x0c);
    assert_int_equal(fake_in8(b->m, 0x20), 0x86);
    assert_false(b->intr.level);
    assert_int_equal(isr(b, 0x20), 0x40);
}

static void level_triggered(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    fake_out8(b->m, 0x4d0, 0xff), fake_out8(b->m, 0x4d1, 0xff);
    assert_int_equal(fake_in8(b->m, 0x4d0), 0xf8);
    assert_int_equal(fake_in8(b->m, 0x4d1), 0xde);
    irq(b, 11, true);
    assert_int_equal(i8259_ack(b->master), 0x73);
    fake_out8(b->m, 0xa0, 0x20), fake_out8(b->m, 0x20, 0x20);
    assert_true(b->intr.level);                 /* still asserted: again */
    assert_int_equal(i8259_ack(b->master), 0x73);
    irq(b, 11, false);
    fake_out8(b->m, 0xa0, 0x20), fake_out8(b->m, 0x20, 0x20);
    assert_false(b->intr.level);
    irq(b, 1, true);                            /* 1 cannot be level-triggered */
    assert_int_equal(i8259_ack(b->master), 0x09);
    fake_out8(b->m, 0x20, 0x20);
    assert_false(b->intr.level);
}

static void mask_register(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    fake_out8(b->m, 0x21, 0xfb);
    assert_int_equal(fake_in8(b->m, 0x21), 0xfb);
    irq(b, 1, true);
    assert_false(b->intr.level);
    fake_out8(b->m, 0x21, 0x00);
    assert_true(b->intr.level);
    fake_save_and_load(b->m);
    assert_int_equal(i8259_ack(b->master), 0x09);
}

static void mode_8080(void **state)
{
    struct board *b = *state;
    fake_out8(b->m, 0x20, 0x16), fake_out8(b->m, 0x21, 0x00);   /* no ICW4, single, interval 4 */
    irq(b, 5, true);
    assert_int_equal(i8259_ack(b->master), 5 << 2);
    assert_int_equal(fake_log_lines(b->m), 1);
}

/* Between ICW1 and the last ICW nothing works: who expects it to is told, each chip and kind once. */
static void unfinished(void **state)
{
    struct board *b = *state;
    init_pics(b, 1);
    fake_out8(b->m, 0xa0, 0x11);
    irq(b, 12, true);                           /* an interrupt in the middle of a set-up is no fault ... */
    fake_out8(b->m, 0xa1, 0x70), fake_out8(b->m, 0xa1, 0x02);
    assert_int_equal(fake_log_lines(b->m), 0);
    fake_advance(b->m, 2000000);
    irq(b, 14, true);                           /* ... but 2 ms later somebody waits for it */
    assert_int_equal(fake_log_lines(b->m), 1);
    assert_non_null(strstr(fake_log_last(b->m), "pic2: initialisation unfinished, waits for ICW4 (ICW1 was 11): an interrupt is requested"));
    irq(b, 15, true);
    assert_int_equal(fake_log_lines(b->m), 1);
    fake_in8(b->m, 0xa1);
    assert_non_null(strstr(fake_log_last(b->m), "the mask is read"));
    fake_out8(b->m, 0xa0, 0x20);
    assert_non_null(strstr(fake_log_last(b->m), "OCW2 is written"));
    fake_out8(b->m, 0xa1, 0xff);
    assert_non_null(strstr(fake_log_last(b->m), "pic2: ff taken as ICW4"));
    assert_int_equal(fake_log_lines(b->m), 4);
    init_pics(b, 1);
    fake_out8(b->m, 0xa1, 0xff), fake_in8(b->m, 0xa1), fake_out8(b->m, 0xa0, 0x20);
    assert_int_equal(fake_log_lines(b->m), 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_tear_down)
static void shown(void **state)
{
    struct board *b = *state;
    struct i8259_view v;
    i8259_view(b->master, &v);
    assert_string_equal(v.waits_for, "ICW1");
    fake_out8(b->m, 0x20, 0x11), fake_out8(b->m, 0x21, 0x08), fake_out8(b->m, 0x21, 0x04);
    i8259_view(b->master, &v);
    assert_string_equal(v.waits_for, "ICW4");
    init_pics(b, 1);
    fake_out8(b->m, 0x21, 0x20);
    pulse(b, 3);
    pulse(b, 5);
    i8259_view(b->master, &v);
    assert_null(v.waits_for);
    assert_true(v.master && v.x86 && !v.aeoi);
    assert_int_equal(v.requests, 0x28);
    assert_int_equal(v.isr, 0);
    assert_int_equal(v.imr, 0x20);
    assert_int_equal(v.pending, 3);
    assert_int_equal(i8259_ack(b->master), 0x0b);
    i8259_view(b->master, &v);
    assert_int_equal(v.requests, 0x20);
    assert_int_equal(v.isr, 0x08);
    assert_int_equal(v.pending, -1);
    assert_int_equal(i8259_ack(b->master), 0x0f);           /* nothing unmasked waits: spurious */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shown), TEST(fake_test_fields), TEST(silent_until_initialised), TEST(priority_and_eoi), TEST(spurious), TEST(spurious_15),
        TEST(cascade), TEST(special_fully_nested), TEST(automatic_eoi_and_rotation), TEST(rotation_by_command),
        TEST(special_mask), TEST(poll_command), TEST(level_triggered), TEST(mask_register), TEST(mode_8080), TEST(unfinished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
