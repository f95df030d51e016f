/* t_uart16550.c - the serial port: timing, FIFOs, interrupts in their order, loopback, the host's side. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/isa/uart16550.h"
#include <cmocka.h>

enum { BASE = 0x3f8, CHARACTER = 86805 };       /* ns at 115200 baud, 8N1 */

struct board {
    struct machine *m;
    struct uart16550 *u;
    struct stream *stream;
    struct fake_wire irq;
    char sent[256];
    int sent_count;
};

static void keep(void *to, u8 v)
{
    struct board *b = to;
    b->sent[b->sent_count++ & 255] = (char)v;
}

static void out(struct board *b, int reg, u8 v) { fake_out8(b->m, (u16)(BASE + reg), v); }
static u8 in(struct board *b, int reg) { return fake_in8(b->m, (u16)(BASE + reg)); }

static int setup(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    char error[200];
    b->m = fake_new(0);
    b->u = uart16550_new(b->m, "com1", BASE, fake_wire(&b->irq, b->m), 0);
    b->stream = stream_open(NULL, NULL, "-serial", "none", error, sizeof error);
    stream_capture(b->stream, keep, b);
    fake_reset(b->m);
    out(b, 3, 0x80), out(b, 0, 1), out(b, 1, 0), out(b, 3, 0x03);
    out(b, 4, 0x0b);
    uart16550_connect(b->u, b->stream);
    in(b, 6);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct board *b = *state;
    fake_free(b->m);
    stream_close(b->stream);
    free(b);
    return 0;
}

static bool host_sends(struct board *b, u8 v)
{
    return fake_input(b->m, (struct input_event) { .kind = INPUT_SERIAL, .port = 0, .byte = v });
}

static void fields(void **state) { struct board *b = *state; fake_check_all_fields(b->m); }

static void transmit_without_fifo(void **state)
{
    struct board *b = *state;
    assert_int_equal(in(b, 5), 0x60);
    out(b, 0, 'a');
    assert_int_equal(in(b, 5), 0x20);           /* in the shift register; the holding register is free */
    out(b, 0, 'b');
    assert_int_equal(in(b, 5), 0x00);
    fake_advance(b->m, CHARACTER - 1);
    assert_int_equal(in(b, 5), 0x00);
    fake_advance(b->m, 1);
    assert_int_equal(in(b, 5), 0x20);
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 5), 0x60);
    assert_memory_equal(b->sent, "ab", 3);
}

static void transmit_with_fifo(void **state)
{
    struct board *b = *state;
    out(b, 2, 0x01);
    assert_int_equal(in(b, 2), 0xc1);
    for (int k = 0; k < 17; k++)                /* one in the shift register and sixteen behind it */
        out(b, 0, (u8)('a' + k));
    assert_int_equal(in(b, 5), 0);
    fake_advance(b->m, 16 * CHARACTER - 1);
    assert_int_equal(in(b, 5), 0);
    fake_advance(b->m, 1);
    assert_int_equal(in(b, 5), 0x20);
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 5), 0x60);
    assert_memory_equal(b->sent, "abcdefghijklmnopq", 17);
    out(b, 0, 'x');                             /* a single one is told at its end */
    assert_int_equal(in(b, 5), 0);
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 5), 0x60);
}

static void transmit_interrupt(void **state)
{
    struct board *b = *state;
    out(b, 1, 0x02);
    assert_true(b->irq.level);                  /* empty when enabled */
    assert_int_equal(in(b, 2), 0x02);
    assert_false(b->irq.level);                 /* reading IIR is the acknowledge */
    assert_int_equal(in(b, 2), 0x01);
    out(b, 0, 'a'), out(b, 0, 'b');
    assert_false(b->irq.level);
    fake_advance(b->m, CHARACTER);
    assert_true(b->irq.level);
    out(b, 0, 'c');
    assert_false(b->irq.level);
    out(b, 4, 0x03);                            /* OUT2 off: the PC's gate */
    fake_advance(b->m, 2 * CHARACTER);
    assert_false(b->irq.level);
    out(b, 4, 0x0b);
    assert_true(b->irq.level);
}

/* OUT2 is the board's gate, in loopback by MCR's bit; a driver who forgot it is told, once, when a character waits. */
static void out2_gates(void **state)
{
    struct board *b = *state;
    out(b, 1, 0x01);
    out(b, 4, 0x12);                            /* loopback, RTS */
    out(b, 0, 'x');
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 2), 0x04);           /* it is pending ... */
    assert_false(b->irq.level);                 /* ... and nobody hears it */
    assert_int_equal(fake_log_lines(b->m), 1);
    out(b, 4, 0x1a);
    assert_true(b->irq.level);
    assert_int_equal(in(b, 0), 'x');
    assert_false(b->irq.level);
    assert_int_equal(fake_log_lines(b->m), 1);
}

static void receive_paced(void **state)
{
    struct board *b = *state;
    out(b, 1, 0x01);
    assert_true(host_sends(b, 'h'));
    assert_true(host_sends(b, 'i'));
    assert_int_equal(in(b, 5) & 1, 0);
    fake_advance(b->m, CHARACTER);
    assert_true(b->irq.level);
    assert_int_equal(in(b, 2), 0x04);
    fake_advance(b->m, 10 * CHARACTER);         /* the host's line waits for us: no overrun */
    assert_int_equal(in(b, 5) & 3, 1);
    assert_int_equal(in(b, 0), 'h');
    fake_advance(b->m, 1);
    assert_int_equal(in(b, 0), 'i');
    assert_false(b->irq.level);
    assert_int_equal(in(b, 0), 'i');            /* nothing new */
    assert_int_equal(in(b, 5) & 1, 0);
}

static void receive_queue_is_finite(void **state)
{
    struct board *b = *state;
    int taken = 0;
    while (taken < 1000 && host_sends(b, (u8)taken))
        taken++;
    assert_int_equal(taken, 64);
    out(b, 2, 0x01);
    fake_save_and_load(b->m);
    for (int k = 0; k < 64; k++) {
        fake_advance(b->m, CHARACTER);
        assert_int_equal(in(b, 5) & 1, 1);
        assert_int_equal(in(b, 0), k);
    }
    assert_false(fake_input(b->m, (struct input_event) { .kind = INPUT_SERIAL, .port = 1, .byte = 1 }));
    assert_false(fake_input(b->m, (struct input_event) { .kind = INPUT_KEY, .key = 4 }));
}

static void trigger_and_timeout(void **state)
{
    struct board *b = *state;
    out(b, 2, 0x41);                            /* trigger at 4 */
    out(b, 1, 0x01);
    for (int k = 0; k < 3; k++)
        host_sends(b, (u8)k);
    fake_advance(b->m, 3 * CHARACTER);
    assert_false(b->irq.level);
    fake_advance(b->m, 4 * CHARACTER - 10);
    assert_false(b->irq.level);
    fake_advance(b->m, 10);
    assert_int_equal(in(b, 2), 0xcc);
    in(b, 0);
    assert_false(b->irq.level);                 /* a read starts the time again */
    host_sends(b, 3), host_sends(b, 4);
    fake_advance(b->m, 2 * CHARACTER);
    assert_int_equal(in(b, 2), 0xc4);
    in(b, 0);
    assert_int_equal(in(b, 2), 0xc1);
    out(b, 2, 0x43);                            /* reset the receive FIFO */
    assert_int_equal(in(b, 5) & 1, 0);
    fake_advance(b->m, 10 * CHARACTER);
    assert_false(b->irq.level);
}

static void loopback(void **state)
{
    struct board *b = *state;
    out(b, 4, 0x10);
    in(b, 6);
    out(b, 4, 0x1a);                            /* RTS, OUT2 */
    assert_int_equal(in(b, 6), 0x99);
    out(b, 4, 0x14);                            /* OUT1: RI rises, no TERI */
    assert_int_equal(in(b, 6), 0x49);
    out(b, 4, 0x10);
    assert_int_equal(in(b, 6), 0x04);           /* RI fell */
    out(b, 0, 0x55);
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 5), 0x61);
    out(b, 0, 0x66);
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 5), 0x63);           /* overrun: the newer one stands */
    assert_int_equal(in(b, 5), 0x61);
    assert_int_equal(in(b, 0), 0x66);
    assert_int_equal(b->sent_count, 0);
    out(b, 3, 0x43);
    assert_int_equal(in(b, 5), 0x79);           /* break and framing error */
    assert_int_equal(in(b, 0), 0);
    out(b, 4, 0x0b);
    assert_int_equal(in(b, 6) & 0xf0, 0xb0);
}

static void fifo_overrun_keeps_the_old(void **state)
{
    struct board *b = *state;
    out(b, 2, 0x01);
    out(b, 4, 0x18);
    out(b, 1, 0x04);
    for (int k = 0; k < 17; k++) {
        out(b, 0, (u8)k);
        fake_advance(b->m, CHARACTER);
    }
    assert_true(b->irq.level);
    assert_int_equal(in(b, 2), 0xc6);
    assert_int_equal(in(b, 5) & 3, 3);
    assert_false(b->irq.level);
    for (int k = 0; k < 16; k++)
        assert_int_equal(in(b, 0), k);
    assert_int_equal(in(b, 5) & 1, 0);
}

static void priorities(void **state)
{
    struct board *b = *state;
    out(b, 4, 0x18);
    in(b, 6);
    out(b, 1, 0x0f);
    out(b, 0, 1);
    fake_advance(b->m, CHARACTER);
    out(b, 0, 2);
    fake_advance(b->m, CHARACTER);
    out(b, 4, 0x1a);
    assert_int_equal(in(b, 2), 0x06);
    in(b, 5);
    assert_int_equal(in(b, 2), 0x04);
    in(b, 0);
    assert_int_equal(in(b, 2), 0x02);
    assert_int_equal(in(b, 2), 0x00);
    in(b, 6);
    assert_int_equal(in(b, 2), 0x01);
    assert_false(b->irq.level);
}

static void registers(void **state)
{
    struct board *b = *state;
    out(b, 7, 0xa5);
    assert_int_equal(in(b, 7), 0xa5);
    out(b, 1, 0xff), out(b, 4, 0xff);
    assert_int_equal(in(b, 1), 0x0f);
    assert_int_equal(in(b, 4), 0x1f);
    out(b, 3, 0x83), out(b, 0, 0x34), out(b, 1, 0x12);
    assert_int_equal(in(b, 0), 0x34);
    assert_int_equal(in(b, 1), 0x12);
    out(b, 3, 0x00);                            /* 5 bits */
    out(b, 4, 0x10), out(b, 0, 0xff);
    fake_advance(b->m, 7ull * 16 * 0x1234 * 1000000000 / 1843200 + 1);
    assert_int_equal(in(b, 0), 0x1f);
    fake_reset(b->m);
    assert_int_equal(in(b, 1), 0);
    assert_int_equal(in(b, 2), 1);
    assert_int_equal(in(b, 3), 0);
    assert_int_equal(in(b, 4), 0);
    assert_int_equal(in(b, 5), 0x60);
    assert_int_equal(in(b, 6) & 0x0f, 0);
    assert_int_equal(in(b, 7), 0xa5);
}

static void divisor_zero_does_not_hang(void **state)
{
    struct board *b = *state;
    out(b, 3, 0x80), out(b, 0, 0), out(b, 1, 0), out(b, 3, 3);
    out(b, 0, 'x');
    fake_advance(b->m, CHARACTER);
    assert_int_equal(in(b, 5), 0x60);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields), TEST(transmit_without_fifo), TEST(transmit_with_fifo), TEST(transmit_interrupt),
        TEST(out2_gates), TEST(receive_paced), TEST(receive_queue_is_finite), TEST(trigger_and_timeout), TEST(loopback),
        TEST(fifo_overrun_keeps_the_old), TEST(priorities), TEST(registers), TEST(divisor_zero_does_not_hang),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
