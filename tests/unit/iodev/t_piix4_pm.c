/* t_piix4_pm.c - power management: the timer and its interrupt, soft-off, SMI by port B2; and the small ports beside it
 * (port 92, numeric errors, debug exit). */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/isa/debug_ports.h"
#include "../../../iodev/isa/ferr.h"
#include "../../../iodev/pci/piix4_pm.h"
#include "../../../iodev/isa/port92.h"
#include "../../../iodev/image/stream.h"
#include "../../../iodev/machine/wires.h"
#include <cmocka.h>

enum { PM = 0x600, MS = 1000000 };

struct board {
    struct machine *m;
    struct piix4_pm *pm;
    struct ferr *ferr;
    struct fake_wire sci, smi, a20, irq13, ignne, init;
};

static int sent;
void stream_write(struct stream *s, const u8 *buf, int n) { (void)s, (void)buf; sent += n; }

static void config(struct board *b, int offset, u32 v)
{
    fake_out32(b->m, 0xcf8, 0x80000000u | 1u << 11 | 3u << 8 | (u32)offset);
    fake_out32(b->m, 0xcfc, v);
}

static int set_up(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    struct line none[4] = { 0 };
    b->m = fake_new(0);
    struct pci_bus *bus = pci_bus_new(b->m, 0xcf8, none);
    b->pm = piix4_pm_new(bus, 1, 0xb2, fake_wire(&b->sci, b->m), fake_wire(&b->smi, b->m));
    b->ferr = ferr_new(b->m, 0xf0, fake_wire(&b->irq13, b->m), fake_wire(&b->ignne, b->m));
    port92_new(b->m, 0x92, fake_wire(&b->a20, b->m), fake_wire(&b->init, b->m));
    debug_ports_new(b->m, &(struct debug_ports_at) { .text = 0xe9, .text_seabios = 0x402, .iochk = 0xea, .exit = 0xf4, .post = 0x80 }, (struct stream *)b);
    fake_reset(b->m);
    config(b, 0x40, PM | 1);                            /* as SeaBIOS does */
    config(b, 0x80, 1);
    *state = b;
    return 0;
}

static void test_place(void **state)
{
    struct board *b = *state;
    fake_advance(b->m, MS);
    assert_int_equal(fake_in32(b->m, PM + 8), 3579);
    config(b, 0x40, 0x1001);
    assert_int_equal(fake_in32(b->m, PM + 8), 0xffffffff);
    assert_int_equal(fake_in32(b->m, 0x1008), 3579);
    config(b, 0x80, 0);
    assert_int_equal(fake_in32(b->m, 0x1008), 0xffffffff);
}

static void test_timer(void **state)
{
    struct board *b = *state;
    fake_run_until(b->m, 1000ull * MS);
    assert_int_equal(fake_in32(b->m, PM + 8), 3579545);
    fake_run_until(b->m, 5000ull * MS);                 /* 24 bits */
    assert_int_equal(fake_in32(b->m, PM + 8), 5u * 3579545 & 0xffffff);
    /* Bit 23 changes at tick 2^23: 2343.489 ms. */
    fake_out16(b->m, PM, 1);
    assert_int_equal(fake_in16(b->m, PM), 0);
    u64 third = (u64)((3ull << 23) * 1000000000ull / 3579545) + 1;
    fake_run_until(b->m, third - 10);
    assert_int_equal(fake_in16(b->m, PM), 0);
    fake_run_until(b->m, third);
    assert_int_equal(fake_in16(b->m, PM), 1);
    assert_int_equal(fake_in32(b->m, PM + 8), 3u << 23 & 0xffffff);
    assert_false(b->sci.level);                         /* not enabled */
    fake_out16(b->m, PM + 2, 1);
    assert_true(b->sci.level);
    fake_save_and_load(b->m);
    assert_true(b->sci.level);
    fake_out16(b->m, PM + 4, 0);                        /* SCI_EN off */
    assert_false(b->sci.level);
    fake_out16(b->m, PM + 4, 1);
    assert_true(b->sci.level);
    fake_out16(b->m, PM, 1);
    assert_false(b->sci.level);
}

static void test_soft_off(void **state)
{
    struct board *b = *state;
    u32 code;
    fake_out16(b->m, PM + 4, 0x1c01);                   /* type without enable */
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_NONE);
    fake_out16(b->m, PM + 4, 0x2001);
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_POWER_OFF);
    assert_int_equal(fake_in16(b->m, PM + 4), 0x0001);  /* SUS_EN reads as 0 */
    fake_out16(b->m, PM + 4, 0x2401);                   /* suspend to RAM: not there */
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_NONE);
    fake_out8(b->m, PM + 5, 0x20);                      /* a byte does it too */
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_POWER_OFF);
}

static void test_power_button(void **state)
{
    struct board *b = *state;
    fake_out16(b->m, PM + 2, 0x100);
    piix4_pm_power_button(b->pm);
    assert_true(b->sci.level);
    fake_out16(b->m, PM, 0x100);
    assert_false(b->sci.level);
}

static void test_smi(void **state)
{
    struct board *b = *state;
    fake_out8(b->m, 0xb2, 0x10);
    assert_int_equal(b->smi.rises, 0);
    config(b, 0x58, 1u << 25);                          /* APMC_EN */
    fake_out8(b->m, 0xb2, 0x11);
    assert_int_equal(b->smi.rises, 0);
    fake_out32(b->m, PM + 0x28, 1);                     /* SMI_EN */
    fake_out8(b->m, 0xb3, 0x77);
    assert_int_equal(b->smi.rises, 0);
    fake_out8(b->m, 0xb2, 0x12);
    assert_int_equal(b->smi.rises, 1);
    assert_false(b->smi.level);
    assert_int_equal(fake_in8(b->m, 0xb2), 0x12);
    assert_int_equal(fake_in8(b->m, 0xb3), 0x77);
    assert_int_equal(fake_in16(b->m, PM + 0x18) & 0x20, 0x20);
    fake_out16(b->m, PM + 0x18, 0x20);
    assert_int_equal(fake_in16(b->m, PM + 0x18), 0);
}

static void test_rtc_alarm(void **state)
{
    struct board *b = *state;
    struct line alarm = piix4_pm_rtc_alarm(b->pm);
    fake_out16(b->m, PM + 2, 0x400);                    /* RTC_EN */
    line_set(&alarm, true);
    assert_int_equal(fake_in16(b->m, PM), 0x400);
    assert_true(b->sci.level);
    fake_out16(b->m, PM, 0x400);
    assert_int_equal(fake_in16(b->m, PM), 0);           /* the edge, not the level */
    assert_false(b->sci.level);
    line_set(&alarm, true);
    assert_int_equal(fake_in16(b->m, PM), 0);
    fake_save_and_load(b->m);
    line_set(&alarm, false);
    line_set(&alarm, true);
    assert_int_equal(fake_in16(b->m, PM), 0x400);
}

/* 82371AB data sheet, "Global Lock". */
static void test_global_lock(void **state)
{
    struct board *b = *state;
    fake_out32(b->m, PM + 0x28, 3);                     /* BIOS_RLS: the operating system is told */
    assert_int_equal(fake_in16(b->m, PM), 0x20);
    assert_int_equal(fake_in32(b->m, PM + 0x28), 1);    /* SMI_EN stays, the release is over */
    assert_false(b->sci.level);
    fake_out16(b->m, PM + 2, 0x20);                     /* GBL_EN */
    assert_true(b->sci.level);
    fake_out16(b->m, PM, 0x20);
    assert_false(b->sci.level);
    fake_out16(b->m, PM + 4, 5);                        /* GBL_RLS: the firmware is told ... */
    assert_int_equal(fake_in16(b->m, PM + 0x18), 2);    /* ... BIOS_STS ... */
    assert_int_equal(b->smi.rises, 0);
    assert_int_equal(fake_in16(b->m, PM + 4), 1);
    fake_out16(b->m, PM + 0x20, 2);                     /* ... by SMI# with BIOS_EN */
    fake_out16(b->m, PM + 4, 5);
    assert_int_equal(b->smi.rises, 1);
    fake_out16(b->m, PM + 0x18, 2);
    assert_int_equal(fake_in16(b->m, PM + 0x18), 0);
}

static void test_registers(void **state)
{
    struct board *b = *state;
    fake_out16(b->m, PM + 0x0e, 0xffff);
    assert_int_equal(fake_in16(b->m, PM + 0x0e), 0x0f01);
    assert_int_equal(fake_in16(b->m, PM + 0x0c), 0);
    fake_out16(b->m, PM + 2, 0xffff);
    assert_int_equal(fake_in16(b->m, PM + 2), 0x0521);
    fake_out32(b->m, PM + 8, 0);                        /* the timer is read-only */
    fake_out32(b->m, PM + 0x3c, 0xffffffff);
    assert_int_equal(fake_in32(b->m, PM + 0x3c), 0);
}

static void test_smbus(void **state)
{
    struct board *b = *state;
    config(b, 0x90, 0x701);
    config(b, 0xd0, 0x90000);                           /* SMBHSTCFG: enabled */
    fake_out8(b->m, 0x704, 0xa1);
    fake_out8(b->m, 0x702, 0x48);                       /* start a byte read */
    assert_int_equal(fake_in8(b->m, 0x700), 0x04);      /* device error */
    fake_out8(b->m, 0x700, 0xff);
    assert_int_equal(fake_in8(b->m, 0x700), 0);
}

/* The POST card hears what goes to a port that is another's, or, here, nobody's. */
static void test_post(void **state)
{
    struct board *b = *state;
    log_select(machine_log(b->m), "io", NULL, 0);
    fake_out8(b->m, 0x80, 0x42);
    assert_int_equal(fake_log_lines(b->m), 1);
    assert_string_equal(fake_log_last(b->m), "io: POST code 42");
}

static void test_port92(void **state)
{
    struct board *b = *state;
    fake_out8(b->m, 0x92, 0x02);
    assert_true(b->a20.level);
    assert_int_equal(b->init.rises, 0);
    fake_out8(b->m, 0x92, 0x03);
    assert_int_equal(b->init.rises, 1);
    fake_out8(b->m, 0x92, 0x03);                        /* no edge */
    assert_int_equal(b->init.rises, 1);
    fake_out8(b->m, 0x92, 0x00);
    assert_false(b->a20.level);
}

static void test_ferr(void **state)
{
    struct board *b = *state;
    struct line ferr = ferr_input(b->ferr);
    line_set(&ferr, true);
    assert_true(b->irq13.level);
    assert_false(b->ignne.level);
    fake_out8(b->m, 0xf0, 0);
    assert_false(b->irq13.level);
    assert_true(b->ignne.level);
    line_set(&ferr, false);
    assert_false(b->ignne.level);
    fake_out8(b->m, 0xf0, 0);                           /* without an error: nothing to ignore */
    assert_false(b->ignne.level);
}

static void test_debug_ports(void **state)
{
    struct board *b = *state;
    u32 code = 0;
    sent = 0;
    assert_int_equal(fake_in8(b->m, 0xe9), 0xe9);
    assert_int_equal(fake_in8(b->m, 0x402), 0xe9);
    fake_out8(b->m, 0xe9, 'x');
    fake_out8(b->m, 0x402, 'y');
    assert_int_equal(sent, 1);          /* the firmware's port is no console */
    fake_out8(b->m, 0xf4, 3);
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_DEBUG_EXIT);
    assert_int_equal(code, 7);
}

static void test_wires(void **state)
{
    struct board *b = *state;
    struct fake_wire w;
    struct line out[WIRES] = { [9] = fake_wire(&w, b->m) };
    struct wires *wires = wires_new(b->m, out);
    struct line one = wires_in(wires, 9, 0), other = wires_in(wires, 9, 1);
    line_set(&one, true);
    line_set(&other, true);
    line_set(&one, false);
    assert_true(w.level);
    line_set(&other, false);
    assert_false(w.level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_place, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_timer, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_soft_off, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_power_button, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_smi, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_rtc_alarm, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_global_lock, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_registers, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_smbus, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_post, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_port92, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_ferr, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_debug_ports, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_wires, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(fake_test_fields, set_up, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
