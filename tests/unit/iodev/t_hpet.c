/* t_hpet.c - the high precision event timer: counter, comparators in each mode, routing, legacy replacement.
 * Follows: IA-PC HPET (High Precision Event Timers) Specification 1.0a. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/apic/hpet.h"
#include <cmocka.h>

enum { BASE = 0xfed00000, CAP = 0, CONF = 0x10, STATUS = 0x20, MAIN = 0xf0, T0 = 0x100, T1 = 0x120, T2 = 0x140, COMPARE = 8, FSB = 16 };
enum { LEVEL = 2, ENABLE = 4, PERIODIC = 8, VAL_SET = 0x40, MODE_32 = 0x100 };
static const u64 PERIOD = 69841279;                     /* femtoseconds */

struct rig {
    struct machine *m;
    struct hpet *h;
    struct fake_wire irq0, irq8, route[4];
};

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    struct line route[4];
    r->m = fake_new(0x1000);
    for (int k = 0; k < 4; k++)
        route[k] = fake_wire(&r->route[k], r->m);
    struct line irq0 = fake_wire(&r->irq0, r->m), irq8 = fake_wire(&r->irq8, r->m);
    r->h = hpet_new(r->m, BASE, irq0, irq8, route);
    fake_advance(r->m, 12345);
    fake_reset(r->m);
    *state = r;
    return 0;
}

static u64 rd(struct rig *r, int reg)           { return space_read(machine_memory(r->m), BASE + (u64)reg, 8); }
static void wr(struct rig *r, int reg, u64 v)   { space_write(machine_memory(r->m), BASE + (u64)reg, v, 8); }
static void wr32(struct rig *r, int reg, u32 v) { space_write(machine_memory(r->m), BASE + (u64)reg, v, 4); }
/* Time until the counter, started now at 0, shows `ticks`. */
static u64 ns_for(u64 ticks)                    { return (ticks * PERIOD + 999999) / 1000000; }
static u32 route(int pin)                       { return (u32)pin << 9; }

static void capabilities(void **state)
{
    struct rig *r = *state;
    assert_true(rd(r, CAP) == (0x8086a201 | PERIOD << 32));     /* 64 bits, legacy replacement, three timers, revision 1 */
    wr(r, CAP, 0);
    assert_true(rd(r, CAP) == (0x8086a201 | PERIOD << 32));
    assert_int_equal(space_read(machine_memory(r->m), BASE + 4, 4), PERIOD);
    for (int t = T0; t <= T2; t += 0x20) {
        assert_true(rd(r, t) == (0x30 | 0x00f00000ull << 32));  /* periodic, 64 bits, inputs 20 to 23 */
        assert_true(rd(r, t + COMPARE) == UINT64_MAX);
        wr(r, t, UINT64_MAX);
        assert_true(rd(r, t) == (0x3f7e | 0x00f00000ull << 32));     /* no front-side bus, nothing reserved */
        wr(r, t + FSB, UINT64_MAX);
        assert_int_equal(rd(r, t + FSB), 0);
    }
    wr(r, CONF, UINT64_MAX);
    assert_int_equal(rd(r, CONF), 3);
    assert_int_equal(rd(r, 0x160), 0);
    assert_int_equal(rd(r, 0x08), 0);
}

static void main_counter(void **state)
{
    struct rig *r = *state;
    fake_advance(r->m, 1000);
    assert_int_equal(rd(r, MAIN), 0);                   /* halted */
    wr(r, CONF, 1);
    fake_advance(r->m, ns_for(1) - 1);
    assert_int_equal(rd(r, MAIN), 0);
    fake_advance(r->m, 1);
    assert_int_equal(rd(r, MAIN), 1);
    fake_advance(r->m, 1000000000 - ns_for(1));
    assert_int_equal(rd(r, MAIN), 14318179);            /* a second */
    fake_save_and_load(r->m);
    fake_advance(r->m, 3600ull * 1000000000 * 24);
    assert_true(rd(r, MAIN) == 86401ull * 1000000000 / PERIOD * 1000000 + 86401ull * 1000000000 % PERIOD * 1000000 / PERIOD);
    wr(r, CONF, 0);
    u64 stopped = rd(r, MAIN);
    fake_advance(r->m, 1000000);
    assert_true(rd(r, MAIN) == stopped);
    wr32(r, MAIN + 4, 0x12345678), wr32(r, MAIN, 0x9abcdef0);
    assert_true(rd(r, MAIN) == 0x123456789abcdef0);
    wr(r, MAIN, 0xfffffffe);
    wr(r, CONF, 1);
    fake_advance(r->m, ns_for(3));
    assert_true(rd(r, MAIN) == 0x100000001);            /* 64 bits */
    fake_reset(r->m);
    assert_int_equal(rd(r, MAIN) | rd(r, CONF), 0);
}

static void one_shot_edge(void **state)
{
    struct rig *r = *state;
    wr(r, T2, ENABLE | route(21));
    wr(r, T2 + COMPARE, 1000);
    u64 start = machine_now(r->m);
    wr(r, CONF, 1);
    fake_save_and_load(r->m);
    fake_advance(r->m, ns_for(1000) - 1);
    assert_false(r->route[1].level);
    fake_advance(r->m, 1);
    assert_true(r->route[1].level);
    assert_int_equal(r->route[1].rose_at, start + ns_for(1000));
    assert_int_equal(rd(r, STATUS), 0);                 /* an edge has no status */
    fake_advance(r->m, 1000000000);
    assert_int_equal(r->route[1].rises, 1);
    wr(r, T2 + COMPARE, rd(r, MAIN) + 10);
    fake_advance(r->m, ns_for(11));
    assert_int_equal(r->route[1].rises, 2);             /* a new edge */
    wr(r, T2, route(21));
    assert_false(r->route[1].level);
    wr(r, T2 + COMPARE, rd(r, MAIN) + 10);
    fake_advance(r->m, 1000000);
    assert_int_equal(r->route[1].rises, 2);             /* disabled */
    wr(r, T2, ENABLE | route(12));                      /* no such route: nobody hears it */
    wr(r, T2 + COMPARE, rd(r, MAIN) + 10);
    fake_advance(r->m, 1000000);
    assert_int_equal(r->route[0].rises + r->route[1].rises + r->route[2].rises + r->route[3].rises, 2);
}

static void level_and_status(void **state)
{
    struct rig *r = *state;
    wr(r, T1, LEVEL | route(23));
    wr(r, T1 + COMPARE, 100);
    wr(r, CONF, 1);
    fake_advance(r->m, ns_for(100));
    assert_int_equal(rd(r, STATUS), 2);                 /* the status comes without an interrupt, too */
    assert_false(r->route[3].level);
    wr(r, T1, LEVEL | ENABLE | route(23));
    assert_true(r->route[3].level);
    wr(r, STATUS, 5);
    assert_true(r->route[3].level);
    wr(r, STATUS, 2);
    assert_false(r->route[3].level);
    wr(r, T1 + COMPARE, 200);
    wr(r, T2 + COMPARE, 200);
    wr(r, T2, LEVEL | ENABLE | route(23));              /* two on one wire */
    fake_advance(r->m, ns_for(200));
    assert_int_equal(rd(r, STATUS), 6);
    wr(r, STATUS, 2);
    assert_true(r->route[3].level);
    wr(r, STATUS, 4);
    assert_false(r->route[3].level);
}

static void periodic(void **state)
{
    struct rig *r = *state;
    (void)state;
    for (int t = T0; t <= T2; t += 0x20) {
        fake_reset(r->m);
        for (int k = 0; k < 4; k++)
            r->route[k].rises = 0;
        wr(r, t, ENABLE | PERIODIC | VAL_SET | route(22));
        wr(r, t + COMPARE, 500);                        /* the first match; VAL_SET is gone then */
        assert_int_equal(rd(r, t) & VAL_SET, 0);
        wr(r, t + COMPARE, 300);                        /* and the period alone */
        assert_int_equal(rd(r, t + COMPARE), 500);
        u64 start = machine_now(r->m);
        wr(r, CONF, 1);
        for (u64 n = 0; n < 5; n++) {
            fake_run_until(r->m, start + ns_for(500 + 300 * n) - 1);
            assert_int_equal(r->route[2].rises, n);
            fake_advance(r->m, 1);
            assert_int_equal(r->route[2].rises, n + 1);
            assert_int_equal(rd(r, t + COMPARE), 800 + 300 * n);
        }
        wr(r, t, PERIODIC | route(22));                 /* nobody asks: the comparator goes on all the same */
        assert_true(fake_next_timer(r->m) == TIMER_OFF);
        fake_run_until(r->m, start + ns_for(500 + 300 * 1000 + 10));
        assert_int_equal(rd(r, t + COMPARE), 500 + 300 * 1001);
    }
}

static void thirty_two_bits(void **state)
{
    struct rig *r = *state;
    wr(r, MAIN, 0x7fffffff0);
    wr(r, T0, ENABLE | MODE_32 | route(20));
    wr(r, T0 + COMPARE, 0xabcd00000010);
    assert_int_equal(rd(r, T0 + COMPARE), 0x10);
    wr(r, CONF, 1);
    fake_advance(r->m, ns_for(0x20) - 1);
    assert_false(r->route[0].level);
    fake_advance(r->m, 1);
    assert_true(r->route[0].level);                     /* over the wrap */
    fake_advance(r->m, ns_for(1ull << 32));
    assert_int_equal(r->route[0].rises, 2);             /* and at each wrap again */
    wr32(r, CONF, 0);
    wr(r, T0, ENABLE | route(20));
    wr32(r, T0 + COMPARE, 5), wr32(r, T0 + COMPARE + 4, 7);
    assert_true(rd(r, T0 + COMPARE) == 0x700000005);
    space_write(machine_memory(r->m), BASE + T0 + COMPARE, 1, 2);
    assert_true(rd(r, T0 + COMPARE) == 0x700000005);    /* less than 32 bits: not taken */
}

static void legacy_replacement(void **state)
{
    struct rig *r = *state;
    struct line pit = hpet_pit(r->h), rtc = hpet_rtc(r->h);
    line_set(&pit, true), line_set(&rtc, true);
    assert_true(r->irq0.level && r->irq8.level);        /* passed on */
    line_set(&pit, false);
    assert_false(r->irq0.level);
    line_set(&pit, true);
    wr(r, T0, ENABLE | route(20)), wr(r, T1, ENABLE | route(21)), wr(r, T2, ENABLE | route(22));
    wr(r, T0 + COMPARE, 10), wr(r, T1 + COMPARE, 20), wr(r, T2 + COMPARE, 30);
    wr(r, CONF, 3);
    assert_false(r->irq0.level || r->irq8.level);       /* cut off */
    line_set(&pit, false), line_set(&pit, true);
    assert_false(r->irq0.level);
    fake_advance(r->m, ns_for(10));
    assert_true(r->irq0.level && !r->irq8.level);
    fake_advance(r->m, ns_for(10));
    assert_true(r->irq8.level);
    fake_advance(r->m, ns_for(10));
    assert_true(!r->route[0].rises && !r->route[1].rises && r->route[2].level);
    fake_save_and_load(r->m);
    line_set(&rtc, false);
    assert_true(r->irq8.level);
    wr(r, CONF, 1);
    assert_true(r->irq0.level && !r->irq8.level);       /* PIT and RTC as they are now */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(capabilities, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(main_counter, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(one_shot_edge, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(level_and_status, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(periodic, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(thirty_two_bits, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(legacy_replacement, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(fake_test_fields, setup, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
