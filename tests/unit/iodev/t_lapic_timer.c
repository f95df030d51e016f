/* t_lapic_timer.c - the local APIC's timer: one-shot, periodic, TSC-deadline.
 * Follows: Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/lapic_rig.h"
#include "../../support/fake_machine.h"

static void timer_one_shot(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    wr(r, LVT_TIMER, 0x60);
    wr(r, DIVIDE, 0xb);                                 /* by 1: 10 ns */
    wr(r, INITIAL, 1000);
    assert_int_equal(rd(r, CURRENT), 1000);
    fake_advance(r->m, 9);
    assert_int_equal(rd(r, CURRENT), 1000);
    fake_advance(r->m, 1);
    assert_int_equal(rd(r, CURRENT), 999);
    fake_save_and_load(r->m);
    fake_advance(r->m, 9989);
    assert_false(r->intr.level);
    fake_advance(r->m, 1);
    assert_true(r->intr.level);
    assert_int_equal(r->intr.rose_at, 10000);
    assert_int_equal(lapic_ack(r->l), 0x60);
    wr(r, EOI, 0);
    assert_int_equal(rd(r, CURRENT), 0);
    fake_advance(r->m, 1000000);
    assert_false(r->intr.level);                        /* once */
    wr(r, INITIAL, 100);
    fake_advance(r->m, 500);
    wr(r, INITIAL, 0);                                  /* stops it */
    fake_advance(r->m, 100000);
    assert_false(r->intr.level);
    wr(r, LVT_TIMER, MASKED | 0x60);
    wr(r, INITIAL, 100);
    assert_true(fake_next_timer(r->m) == TIMER_OFF);    /* masked: counts, asks for nothing */
    fake_advance(r->m, 400);
    assert_int_equal(rd(r, CURRENT), 60);
    wr(r, LVT_TIMER, 0x60);
    fake_advance(r->m, 600);
    assert_int_equal(lapic_ack(r->l), 0x60);
    wr(r, EOI, 0);
    wr(r, LVT_TIMER, MASKED | 0x60);
    wr(r, INITIAL, 10);
    fake_advance(r->m, 1000);
    wr(r, LVT_TIMER, 0x60);                             /* it was over while masked */
    fake_advance(r->m, 1000);
    assert_false(r->intr.level);
    rig_free(r);
}

static void timer_periodic(void **state)
{
    static const struct { u32 code; int divisor; } list[] = {
        { 0x0, 2 }, { 0x1, 4 }, { 0x2, 8 }, { 0x3, 16 }, { 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 }, { 0xb, 1 },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct rig *r = rig_new(LAPIC_X2);
        u64 tick = 10 * (u64)list[k].divisor;
        enable(r);
        wr(r, DIVIDE, list[k].code);
        wr(r, LVT_TIMER, PERIODIC | 0x70);
        wr(r, INITIAL, 50);
        for (int round = 1; round <= 3; round++) {
            fake_run_until(r->m, (u64)round * 50 * tick - 1);
            assert_false(r->intr.level);
            assert_int_equal(rd(r, CURRENT), 1);
            fake_advance(r->m, 1);
            assert_true(r->intr.level);
            assert_int_equal(rd(r, CURRENT), 50);       /* reloaded */
            assert_int_equal(lapic_ack(r->l), 0x70);
            wr(r, EOI, 0);
        }
        fake_advance(r->m, 20 * tick);
        wr(r, DIVIDE, 0xb);                             /* goes on from 30 */
        assert_int_equal(rd(r, CURRENT), 30);
        fake_advance(r->m, 299);
        assert_false(r->intr.level);
        fake_advance(r->m, 1);
        assert_true(r->intr.level);
        wr(r, LVT_TIMER, MASKED | PERIODIC | 0x70);
        fake_advance(r->m, 50 * 10 * 1000 + 100);       /* masked rounds pass unseen */
        assert_int_equal(rd(r, CURRENT), 40);
        rig_free(r);
    }
}

static void timer_deadline(void **state)
{
    struct rig *r = rig_new(LAPIC_X2);
    (void)state;
    enable(r);
    fake_run_until(r->m, 5000);
    assert_true(wrmsr(r, MSR_DEADLINE, 9000));
    assert_int_equal(rdmsr(r, MSR_DEADLINE), 0);        /* another mode: ignored */
    wr(r, LVT_TIMER, DEADLINE | 0x80);
    wr(r, INITIAL, 100);
    assert_int_equal(rd(r, INITIAL), 0);                /* ignored in this mode */
    assert_true(wrmsr(r, MSR_DEADLINE, 9000));
    assert_int_equal(rdmsr(r, MSR_DEADLINE), 9000);
    fake_run_until(r->m, 8999);
    assert_false(r->intr.level);
    fake_advance(r->m, 1);
    assert_int_equal(lapic_ack(r->l), 0x80);
    wr(r, EOI, 0);
    assert_int_equal(rdmsr(r, MSR_DEADLINE), 0);
    assert_true(wrmsr(r, MSR_DEADLINE, 100));           /* long over: at once */
    fake_advance(r->m, 0);
    assert_int_equal(lapic_ack(r->l), 0x80);
    wr(r, EOI, 0);
    assert_true(wrmsr(r, MSR_DEADLINE, 20000));
    assert_true(wrmsr(r, 0x10, 15000));                 /* the counter jumps: 5000 left */
    fake_run_until(r->m, 9000 + 4999);
    assert_false(r->intr.level);
    fake_advance(r->m, 1);
    assert_int_equal(lapic_ack(r->l), 0x80);
    wr(r, EOI, 0);
    assert_true(wrmsr(r, MSR_DEADLINE, 30000) && wrmsr(r, MSR_DEADLINE, 0));
    fake_advance(r->m, 50000);
    assert_false(r->intr.level);                        /* 0 disarms */
    assert_true(wrmsr(r, MSR_DEADLINE, 1000000));
    wr(r, LVT_TIMER, 0x80);                             /* so does another mode */
    wr(r, LVT_TIMER, DEADLINE | 0x80);
    assert_int_equal(rdmsr(r, MSR_DEADLINE), 0);
    assert_true(wrmsr(r, MSR_DEADLINE, UINT64_MAX));
    fake_advance(r->m, 1000);
    assert_false(r->intr.level);
    rig_free(r);
    r = rig_new(LAPIC_P6);
    assert_int_equal(rdmsr(r, MSR_DEADLINE), 0xdeaddeaddeaddead);
    assert_false(wrmsr(r, MSR_DEADLINE, 0));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timer_one_shot), cmocka_unit_test(timer_periodic), cmocka_unit_test(timer_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
