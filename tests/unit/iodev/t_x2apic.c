/* t_x2apic.c - the local APIC as an x2APIC: its states, and its registers as MSRs.
 * Follows: Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/lapic_rig.h"
#include "../../support/fake_machine.h"

static void x2apic_states(void **state)
{
    struct rig *r = rig_new(LAPIC_X2);
    (void)state;
    assert_int_equal(rdmsr(r, 0x802), 0xdeaddeaddeaddead);      /* xAPIC mode */
    assert_false(wrmsr(r, MSR_BASE, 0xfee00400));               /* EXTD without EN */
    wr(r, ID, 0x25000000);
    enable(r);
    assert_true(wrmsr(r, MSR_BASE, 0xfee00c00));
    assert_int_equal(rdmsr(r, MSR_BASE), 0xfee00d00);
    assert_int_equal(rd(r, VERSION), 0xffffffff);               /* no page */
    assert_int_equal(rdmsr(r, 0x802), 0x25);
    assert_int_equal(rdmsr(r, 0x80d), 0x00020020);              /* logical ID: cluster 2, member 5 */
    assert_int_equal(rdmsr(r, 0x80f), 0x1ff);
    assert_false(wrmsr(r, MSR_BASE, 0xfee00800));               /* no way back ... */
    assert_true(wrmsr(r, MSR_BASE, 0xfee00000));                /* ... but through "disabled" */
    assert_int_equal(rdmsr(r, 0x802), 0xdeaddeaddeaddead);
    assert_false(wrmsr(r, MSR_BASE, 0xfee00c00));               /* nor from there at once */
    assert_true(wrmsr(r, MSR_BASE, 0xfee00800) && wrmsr(r, MSR_BASE, 0xfee00c00));
    cpu_init(r->bare.cpu);
    assert_int_equal(rdmsr(r, MSR_BASE), 0xfee00d00);
    assert_int_equal(rdmsr(r, 0x80d), 0x00020020);
    rig_free(r);
    r = rig_new(LAPIC_P6);
    assert_true(wrmsr(r, MSR_BASE, 0xfee00c00));                /* bit 10 means nothing to a P6 */
    assert_int_equal(rdmsr(r, 0x802), 0xdeaddeaddeaddead);
    assert_int_equal(rd(r, VERSION), 0x00040011);
    rig_free(r);
}

static void x2apic_registers(void **state)
{
    static const u32 readable[] = { 0x02, 0x03, 0x08, 0x0a, 0x0d, 0x0f, 0x10, 0x1f, 0x27, 0x28, 0x30, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,
                                    0x39, 0x3e };
    static const u32 absent[] = { 0x00, 0x01, 0x04, 0x09, 0x0b, 0x0c, 0x0e, 0x29, 0x2f, 0x31, 0x3a, 0x3f, 0x40, 0xff };
    static const struct { u32 reg; u64 good, bad; } write[] = {
        { 0x08, 0xff, 0x100 }, { 0x0b, 0, 1 }, { 0x0f, 0x13ff, 0x400 }, { 0x28, 0, 1 }, { 0x30, 0x44055, 0x1000 }, { 0x32, 0x700ff, 0x80000 },
        { 0x33, 0x107ff, 0x800 }, { 0x34, 0x107ff, 0x800 }, { 0x35, 0x1f7ff, 0x800 }, { 0x36, 0x1b7ff, 0x20000 }, { 0x37, 0x110ff, 0x100 },
        { 0x38, 0xffffffff, 1ull << 32 }, { 0x3e, 0xb, 4 }, { 0x3f, 0x41, 0x100 },
    };
    static const u32 read_only[] = { 0x02, 0x03, 0x0a, 0x0d, 0x0e, 0x10, 0x18, 0x20, 0x31, 0x39 };
    struct rig *r = rig_new(LAPIC_X2);
    (void)state;
    wr(r, SVR, 0x1ff);
    assert_true(wrmsr(r, MSR_BASE, 0xfee00c00));
    for (size_t k = 0; k < ARRAY_LEN(readable); k++)
        if (rdmsr(r, 0x800 + readable[k]) == 0xdeaddeaddeaddead)
            fail_msg("%x cannot be read", 0x800 + readable[k]);
    for (size_t k = 0; k < ARRAY_LEN(absent); k++)
        if (rdmsr(r, 0x800 + absent[k]) != 0xdeaddeaddeaddead)
            fail_msg("%x can be read", 0x800 + absent[k]);
    for (size_t k = 0; k < ARRAY_LEN(write); k++)
        if (wrmsr(r, 0x800 + write[k].reg, write[k].bad) || !wrmsr(r, 0x800 + write[k].reg, write[k].good))
            fail_msg("%x: reserved bits", 0x800 + write[k].reg);
    for (size_t k = 0; k < ARRAY_LEN(read_only); k++)
        assert_false(wrmsr(r, 0x800 + read_only[k], 0));
    assert_true(wrmsr(r, 0x808, 0));
    assert_int_equal(lapic_ack(r->l), 0x55);                    /* ICR with its destination in one write */
    assert_true(wrmsr(r, 0x80b, 0));
    assert_int_equal(lapic_ack(r->l), 0x41);                    /* SELF IPI */
    assert_true(wrmsr(r, 0x80b, 0));
    assert_true(wrmsr(r, 0x830, 0x4043 | 7ull << 32));          /* to somebody else */
    assert_false(r->intr.level);
    assert_int_equal(rdmsr(r, 0x830), 0x4043 | 7ull << 32);
    assert_true(wrmsr(r, 0x830, 0x4044 | 0xffffffffull << 32));
    assert_int_equal(lapic_ack(r->l), 0x44);
    assert_true(wrmsr(r, 0x80b, 0));
    assert_true(wrmsr(r, 0x830, 0x4845 | 0x00000001ull << 32)); /* logical: cluster 0, member 0 */
    assert_int_equal(lapic_ack(r->l), 0x45);
    assert_true(wrmsr(r, 0x80b, 0));
    assert_true(wrmsr(r, 0x83f, 3));
    assert_true(wrmsr(r, 0x828, 0));
    assert_int_equal(rdmsr(r, 0x828), 0x20);
    assert_true(message(r, APIC_FIXED, 0x46, 0xff, false, false));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x2apic_states), cmocka_unit_test(x2apic_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
