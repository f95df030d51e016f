/* t_i82093aa.c - the I/O APIC: registers, edge and level, polarity, mask, remote IRR, every delivery mode.
 * Follows: Intel 82093AA I/O Advanced Programmable Interrupt Controller data sheet. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/apic/i82093aa.h"
#include <cmocka.h>

enum { BASE = 0xfec00000, LOW = 0x10, HIGH = 0x11, LEVEL = 0x8000, ACTIVE_LOW = 0x2000, REMOTE = 0x4000, PENDING = 0x1000, MASKED = 0x10000 };

struct rig {
    struct machine *m;
    struct i82093aa *io;
    struct apic_message last;
    int sent;
    bool refuse;
};

static bool send(void *to, const struct apic_message *m)
{
    struct rig *r = to;
    r->sent++;
    r->last = *m;
    return !r->refuse;
}

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->m = fake_new(0x1000);
    r->io = i82093aa_new(r->m, BASE, 1, send, r);
    fake_reset(r->m);
    *state = r;
    return 0;
}

static u32 rd(struct rig *r, int reg)
{
    space_write(machine_memory(r->m), BASE, (u64)reg, 4);
    return (u32)space_read(machine_memory(r->m), BASE + 0x10, 4);
}
static void wr(struct rig *r, int reg, u32 v)
{
    space_write(machine_memory(r->m), BASE, (u64)reg, 4);
    space_write(machine_memory(r->m), BASE + 0x10, v, 4);
}
static void entry(struct rig *r, int pin, u32 low) { wr(r, LOW + 2 * pin, low); }
static u32 shown(struct rig *r, int pin)           { return rd(r, LOW + 2 * pin); }
static void set(struct rig *r, int pin, bool level)
{
    struct line l = i82093aa_input(r->io, pin);
    line_set(&l, level);
}

static void registers(void **state)
{
    struct rig *r = *state;
    assert_int_equal(rd(r, 0), 0x01000000);
    assert_int_equal(rd(r, 1), 0x00170011);             /* 24 entries, version 11h */
    wr(r, 0, 0xffffffff);
    assert_int_equal(rd(r, 0), 0x0f000000);
    assert_int_equal(rd(r, 2), 0x0f000000);             /* arbitration ID follows */
    wr(r, 1, 0), wr(r, 2, 0);
    assert_int_equal(rd(r, 1), 0x00170011);
    for (int pin = 0; pin < 24; pin++) {
        assert_int_equal(shown(r, pin), MASKED);
        assert_int_equal(rd(r, HIGH + 2 * pin), 0);
        wr(r, HIGH + 2 * pin, 0xffffffff);
        assert_int_equal(rd(r, HIGH + 2 * pin), 0xff000000);
        entry(r, pin, 0xffffffff);
        assert_int_equal(shown(r, pin), 0x1afff);       /* status and remote IRR are read-only */
    }
    assert_int_equal(rd(r, 0x40), 0);
    assert_int_equal(rd(r, 0x0f), 0);
    fake_save_and_load(r->m);
    assert_int_equal(shown(r, 23), 0x1afff);
    fake_reset(r->m);
    assert_int_equal(shown(r, 23), MASKED);
    assert_int_equal(rd(r, 0), 0x01000000);
    space_write(machine_memory(r->m), BASE, 0x10, 1);   /* IOREGSEL by bytes */
    assert_int_equal(space_read(machine_memory(r->m), BASE, 1), 0x10);
    space_write(machine_memory(r->m), BASE + 0x10, 0x55, 1);
    assert_int_equal(shown(r, 0), MASKED);              /* IOWIN not */
    assert_int_equal(space_read(machine_memory(r->m), BASE + 0x12, 1), 1);
    assert_int_equal(space_read(machine_memory(r->m), BASE + 4, 4), 0);
}

static void edges(void **state)
{
    struct rig *r = *state;
    set(r, 4, true);
    set(r, 4, false);                                   /* masked: ignored, and not held */
    wr(r, HIGH + 8, 0x05000000);
    entry(r, 4, 0x41);
    assert_int_equal(r->sent, 0);
    set(r, 4, true);
    assert_int_equal(r->sent, 1);
    assert_true(r->last.vector == 0x41 && r->last.mode == APIC_FIXED && r->last.destination == 5 && !r->last.logical && !r->last.level);
    set(r, 4, true);
    set(r, 4, false);
    assert_int_equal(r->sent, 1);
    fake_save_and_load(r->m);
    set(r, 4, true);
    assert_int_equal(r->sent, 2);
    assert_int_equal(shown(r, 4), 0x41);                /* no remote IRR for an edge */
    entry(r, 4, MASKED | 0x41);
    set(r, 4, false), set(r, 4, true);
    entry(r, 4, 0x41);
    assert_int_equal(r->sent, 2);
    set(r, 5, true);
    entry(r, 5, ACTIVE_LOW | 0x42);
    assert_int_equal(r->sent, 2);
    set(r, 5, false);
    assert_int_equal(r->sent, 3);
    assert_int_equal(r->last.vector, 0x42);
}

static void levels(void **state)
{
    struct rig *r = *state;
    entry(r, 9, LEVEL | 0x800 | 0x51);
    set(r, 9, true);
    assert_int_equal(r->sent, 1);
    assert_true(r->last.level && r->last.logical);
    assert_int_equal(shown(r, 9), LEVEL | REMOTE | 0x800 | 0x51);
    set(r, 9, false), set(r, 9, true);
    assert_int_equal(r->sent, 1);                       /* until the EOI */
    i82093aa_eoi(r->io, 0x52);
    assert_int_equal(r->sent, 1);
    fake_save_and_load(r->m);
    i82093aa_eoi(r->io, 0x51);
    assert_int_equal(r->sent, 2);                       /* still asserted */
    set(r, 9, false);
    i82093aa_eoi(r->io, 0x51);
    assert_int_equal(r->sent, 2);
    assert_int_equal(shown(r, 9), LEVEL | 0x800 | 0x51);
    set(r, 9, true);
    assert_int_equal(r->sent, 3);
    entry(r, 9, MASKED | LEVEL | 0x51);
    assert_int_equal(shown(r, 9), MASKED | LEVEL | REMOTE | 0x51);      /* masking does not end it */
    i82093aa_eoi(r->io, 0x51);
    assert_int_equal(r->sent, 3);
    entry(r, 9, LEVEL | 0x51);                          /* a level is seen when the mask goes */
    assert_int_equal(r->sent, 4);
    entry(r, 9, MASKED | 0x51);                         /* edge, and back: how version 11h is told to forget */
    assert_int_equal(shown(r, 9), MASKED | 0x51);
    entry(r, 9, LEVEL | 0x51);
    assert_int_equal(r->sent, 5);
    set(r, 16, true);
    entry(r, 16, LEVEL | ACTIVE_LOW | 0x60);
    assert_int_equal(r->sent, 5);
    set(r, 16, false);
    assert_int_equal(r->sent, 6);
}

static void refused(void **state)
{
    struct rig *r = *state;
    r->refuse = true;
    entry(r, 10, LEVEL | 0x70);
    entry(r, 11, 0x71);
    set(r, 10, true);
    set(r, 11, true);
    assert_int_equal(r->sent, 2);
    assert_int_equal(shown(r, 10), LEVEL | PENDING | 0x70);
    r->refuse = false;
    i82093aa_retry(r->io);
    assert_int_equal(r->sent, 3);                       /* the level; the edge is lost */
    assert_int_equal(shown(r, 10), LEVEL | REMOTE | 0x70);
    r->refuse = true;
    i82093aa_eoi(r->io, 0x70);
    assert_int_equal(shown(r, 10), LEVEL | PENDING | 0x70);
    set(r, 10, false);
    assert_int_equal(shown(r, 10), LEVEL | 0x70);
}

static void delivery_modes(void **state)
{
    static const struct { int mode; bool unmaskable; } list[] = {
        { APIC_FIXED, false }, { APIC_LOWEST, false }, { APIC_SMI, true }, { APIC_NMI, true }, { APIC_INIT, true }, { APIC_EXTINT, false },
    };
    struct rig *r = *state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        u32 low = (u32)list[k].mode << 8 | LEVEL | 0x20;
        set(r, 0, false);
        entry(r, 0, low);
        assert_int_equal(i82093aa_unmaskable(r->io), list[k].unmaskable);
        set(r, 0, true);
        assert_int_equal(r->sent, k + 1);
        assert_int_equal(r->last.mode, list[k].mode);
        if (list[k].mode > APIC_LOWEST) {               /* these have no EOI: edges, whatever bit 15 says */
            assert_int_equal(shown(r, 0), low);
            set(r, 0, false), set(r, 0, true);
            assert_int_equal(r->sent, k + 2);
            r->sent--;
        } else {
            assert_int_equal(shown(r, 0), low | REMOTE);
            set(r, 0, false);
            i82093aa_eoi(r->io, 0x20);
        }
        entry(r, 0, MASKED | low);
        assert_false(i82093aa_unmaskable(r->io));
    }
}

static void inverted_input(void **state)
{
    struct rig *r = *state;
    struct line l = i82093aa_input_low(r->io, 20);
    line_set(&l, false);
    entry(r, 20, LEVEL | ACTIVE_LOW | 0x80);
    assert_int_equal(r->sent, 0);
    line_set(&l, true);
    assert_int_equal(r->sent, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers, setup, fake_tear_down), cmocka_unit_test_setup_teardown(edges, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(levels, setup, fake_tear_down), cmocka_unit_test_setup_teardown(refused, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(delivery_modes, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(inverted_input, setup, fake_tear_down),
        cmocka_unit_test_setup_teardown(fake_test_fields, setup, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
