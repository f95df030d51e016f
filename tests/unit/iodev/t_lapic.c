/* t_lapic.c - the local APIC: every register, priority, pins, messages, errors, its page, for the three kinds of it.
 * Follows: Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/lapic_rig.h"
#include "../../support/fake_machine.h"

static void after_reset(void **state)
{
    (void)state;
    for (int kind = LAPIC_P5; kind <= LAPIC_X2; kind++) {
        static const u32 version[] = { 0x00030010, 0x00040011, 0x01050014 };
        struct rig *r = rig_new((enum lapic_kind)kind);
        assert_int_equal(rd(r, VERSION), version[kind]);
        static const struct { int reg; u32 v; } list[] = {
            { ID, 0 }, { TPR, 0 }, { APR, 0 }, { PPR, 0 }, { LDR, 0 }, { DFR, 0xffffffff }, { SVR, 0xff }, { ESR, 0 }, { ICR, 0 }, { ICR2, 0 },
            { LVT_TIMER, MASKED }, { LVT_ERROR, MASKED }, { LVT_LINT0, 0x700 }, { LVT_LINT1, 0x400 }, { INITIAL, 0 }, { CURRENT, 0 },
            { DIVIDE, 0 },
        };
        for (size_t k = 0; k < ARRAY_LEN(list); k++)
            if (rd(r, list[k].reg) != list[k].v)
                fail_msg("kind %d: register %x is %x, not %x", kind, list[k].reg, rd(r, list[k].reg), list[k].v);
        for (int n = 0; n < 8; n++)
            assert_int_equal(rd(r, ISR + 16 * n) | rd(r, TMR + 16 * n) | rd(r, IRR + 16 * n), 0);
        assert_int_equal(rd(r, LVT_PERF), kind >= LAPIC_P6 ? MASKED : 0);
        assert_int_equal(rd(r, LVT_THERMAL), kind >= LAPIC_X2 ? MASKED : 0);
        rig_free(r);
    }
}

/* The bits that software can set, and those that are wired. */
static void writable_bits(void **state)
{
    static const struct { int reg; u32 p5, p6, x2; } list[] = {
        { ID, 0x0f000000, 0x0f000000, 0xff000000 }, { VERSION, 0x00030010, 0x00040011, 0x01050014 }, { TPR, 0xff, 0xff, 0xff },
        { LDR, 0xff000000, 0xff000000, 0xff000000 }, { DFR, 0xffffffff, 0xffffffff, 0xffffffff }, { SVR, 0x3ff, 0x3ff, 0x13ff },
        { ICR2, 0xff000000, 0xff000000, 0xff000000 }, { LVT_TIMER, 0x300ff, 0x300ff, 0x700ff }, { LVT_THERMAL, 0, 0, 0x107ff },
        { LVT_PERF, 0, 0x107ff, 0x107ff }, { LVT_LINT0, 0x1a7ff, 0x1a7ff, 0x1a7ff }, { LVT_LINT1, 0x1a7ff, 0x1a7ff, 0x1a7ff },
        { LVT_ERROR, 0x100ff, 0x100ff, 0x100ff }, { DIVIDE, 0xb, 0xb, 0xb }, { CURRENT, 0, 0, 0 },
    };
    (void)state;
    for (int kind = LAPIC_P5; kind <= LAPIC_X2; kind++) {
        struct rig *r = rig_new((enum lapic_kind)kind);
        for (size_t k = 0; k < ARRAY_LEN(list); k++) {
            u32 expected = kind == LAPIC_P5 ? list[k].p5 : kind == LAPIC_P6 ? list[k].p6 : list[k].x2;
            wr(r, list[k].reg, 0xffffffff);
            if (rd(r, list[k].reg) != expected)
                fail_msg("kind %d: register %x holds %x, not %x", kind, list[k].reg, rd(r, list[k].reg), expected);
        }
        wr(r, DFR, 0);
        assert_int_equal(rd(r, DFR), 0x0fffffff);
        wr(r, SVR, 0x100);
        assert_int_equal(rd(r, SVR), kind == LAPIC_X2 ? 0x100 : 0x10f);     /* the vector's low bits are wired up to the P6 */
        rig_free(r);
    }
}

static void priority_and_eoi(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    self(r, 0x31), self(r, 0x42), self(r, 0x45);
    assert_true(r->intr.level);
    assert_true(in_set(r, IRR, 0x31) && in_set(r, IRR, 0x42) && in_set(r, IRR, 0x45));
    assert_int_equal(lapic_ack(r->l), 0x45);
    assert_true(in_set(r, ISR, 0x45) && !in_set(r, IRR, 0x45));
    assert_int_equal(rd(r, PPR), 0x40);
    assert_false(r->intr.level);                        /* 42 is of the same class */
    self(r, 0x50);
    assert_true(r->intr.level);
    assert_int_equal(lapic_ack(r->l), 0x50);            /* nested */
    fake_save_and_load(r->m);
    wr(r, EOI, 0);
    assert_true(!in_set(r, ISR, 0x50) && in_set(r, ISR, 0x45));
    wr(r, EOI, 0);
    assert_true(r->intr.level);
    assert_int_equal(lapic_ack(r->l), 0x42);
    wr(r, EOI, 0);
    assert_int_equal(lapic_ack(r->l), 0x31);
    wr(r, EOI, 0);
    assert_false(r->intr.level);
    wr(r, EOI, 0);                                      /* nothing in service: nothing happens */
    assert_int_equal(r->eois, 0);                       /* all were edges */
    rig_free(r);
}

static void task_priority(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    wr(r, TPR, 0x45);
    assert_int_equal(rd(r, PPR), 0x45);
    self(r, 0x4f);
    assert_false(r->intr.level);
    assert_int_equal(rd(r, APR), 0x45);
    self(r, 0x50);
    assert_true(r->intr.level);
    assert_int_equal(rd(r, APR), 0x50);
    wr(r, TPR, 0x50);
    assert_false(r->intr.level);
    assert_int_equal(lapic_ack(r->l), 0xff);            /* the processor asked in between: spurious, nothing in service */
    assert_int_equal(rd(r, ISR + 0x70), 0);
    wr(r, TPR, 0x3f);
    assert_int_equal(lapic_ack(r->l), 0x50);
    assert_int_equal(rd(r, PPR), 0x50);
    wr(r, TPR, 0x5a);                                   /* the same class as what is in service: TPR whole */
    assert_int_equal(rd(r, PPR), 0x5a);
    rig_free(r);
}

static void software_disable(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    assert_false(message(r, APIC_FIXED, 0x40, 0, false, false));
    enable(r);
    assert_true(r->readies > 0);
    wr(r, LVT_TIMER, PERIODIC | 0x30);
    wr(r, LVT_LINT0, 0x700);
    self(r, 0x40);
    wr(r, SVR, 0xff);
    assert_int_equal(rd(r, LVT_TIMER), MASKED | PERIODIC | 0x30);
    assert_int_equal(rd(r, LVT_LINT0), MASKED | 0x700);
    assert_false(r->intr.level);                        /* IRR is held */
    assert_true(in_set(r, IRR, 0x40));
    wr(r, LVT_LINT0, 0x700);
    assert_int_equal(rd(r, LVT_LINT0), MASKED | 0x700); /* masks cannot be cleared */
    assert_true(message(r, APIC_NMI, 0, 0, false, false));
    assert_int_equal(r->nmi.rises, 1);                  /* NMI and the like get through */
    enable(r);
    assert_int_equal(lapic_ack(r->l), 0x40);
    rig_free(r);
}

static void virtual_wire(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    r->pic = 0x08;
    line_set(&r->lint[0], true);                        /* as the board's firmware would set it */
    assert_true(r->intr.level);
    line_set(&r->lint[0], false);
    assert_false(r->intr.level);                        /* ExtINT is a level */
    enable(r);
    wr(r, LVT_LINT0, 0x8700);
    line_set(&r->lint[0], true);
    self(r, 0xf0);
    assert_int_equal(lapic_ack(r->l), 0x08);            /* ExtINT goes past priorities, and nothing is in service here */
    assert_int_equal(r->acks, 1);
    assert_int_equal(rd(r, ISR), 0);
    line_set(&r->lint[0], false);
    assert_int_equal(lapic_ack(r->l), 0xf0);
    wr(r, EOI, 0);
    wr(r, LVT_LINT0, MASKED | 0x700);
    line_set(&r->lint[0], true);
    assert_false(r->intr.level);
    wr(r, LVT_LINT0, 0x2700);                           /* active low: the pin is not asserted */
    assert_false(r->intr.level);
    line_set(&r->lint[0], false);
    assert_true(r->intr.level);
    assert_true(message(r, APIC_EXTINT, 0, 0, false, false));
    wr(r, LVT_LINT0, MASKED);
    assert_true(r->intr.level);                         /* the message waits */
    assert_int_equal(lapic_ack(r->l), 0x08);
    assert_false(r->intr.level);
    rig_free(r);
}

static void lint_modes(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    wr(r, LVT_LINT0, 0x51);                             /* fixed, edge */
    pulse(r, 0);
    assert_int_equal(lapic_ack(r->l), 0x51);
    assert_false(in_set(r, TMR, 0x51));
    wr(r, EOI, 0);
    assert_int_equal(r->eois, 0);
    wr(r, LVT_LINT0, 0x8052);                           /* fixed, level */
    line_set(&r->lint[0], true);
    assert_int_equal(rd(r, LVT_LINT0), 0xc052);         /* remote IRR */
    assert_int_equal(lapic_ack(r->l), 0x52);
    assert_true(in_set(r, TMR, 0x52));
    wr(r, EOI, 0);
    assert_int_equal(r->last_eoi, 0x52);
    assert_true(r->intr.level);                         /* still asserted */
    assert_int_equal(lapic_ack(r->l), 0x52);
    line_set(&r->lint[0], false);
    wr(r, EOI, 0);
    assert_int_equal(rd(r, LVT_LINT0), 0x8052);
    assert_false(r->intr.level);
    wr(r, LVT_LINT1, 0x8053);                           /* LINT1 has no level: an edge */
    line_set(&r->lint[1], true);
    assert_int_equal(lapic_ack(r->l), 0x53);
    wr(r, EOI, 0);
    assert_false(r->intr.level);
    line_set(&r->lint[1], false);
    wr(r, LVT_LINT1, 0x2054);                           /* active low */
    line_set(&r->lint[1], true);
    assert_false(r->intr.level);
    line_set(&r->lint[1], false);
    assert_int_equal(lapic_ack(r->l), 0x54);
    wr(r, LVT_LINT0, 0x200);
    pulse(r, 0);
    assert_int_equal(r->smi.rises, 1);
    wr(r, LVT_LINT0, 0x8400);                           /* NMI is an edge, whatever bit 15 says */
    assert_true(lapic_unmaskable(r->l));
    line_set(&r->lint[0], true), line_set(&r->lint[0], true);
    assert_int_equal(r->nmi.rises, 1);
    line_set(&r->lint[0], false);
    wr(r, LVT_LINT0, 0x500);
    pulse(r, 0);
    assert_int_equal(r->init.rises, 1);
    wr(r, LVT_LINT0, MASKED | 0x400);
    assert_false(lapic_unmaskable(r->l));
    pulse(r, 0);
    assert_int_equal(r->nmi.rises, 1);
    rig_free(r);
}

static void commands(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    wr(r, ICR2, 0);
    wr(r, ICR, 0x4000 | 0x55);                          /* physical, to ID 0 */
    assert_int_equal(rd(r, ICR), 0x4055);               /* delivery status: idle */
    assert_int_equal(lapic_ack(r->l), 0x55);
    wr(r, EOI, 0);
    wr(r, ICR2, 0x0f000000);                            /* all, by four bits */
    wr(r, ICR, 0x4000 | 0x56);
    assert_int_equal(lapic_ack(r->l), 0x56);
    wr(r, EOI, 0);
    wr(r, ICR, 0x84000 | 0x57);                         /* all including self */
    assert_int_equal(lapic_ack(r->l), 0x57);
    wr(r, EOI, 0);
    wr(r, LDR, 0x04000000);
    wr(r, ICR2, 0x06000000);
    wr(r, ICR, 0x4900 | 0x58);                          /* logical, lowest priority */
    assert_int_equal(lapic_ack(r->l), 0x58);
    wr(r, EOI, 0);
    assert_int_equal(esr(r), 0);
    wr(r, ICR2, 0);
    wr(r, ICR, 0x4400);
    assert_int_equal(r->nmi.rises, 1);
    wr(r, ICR, 0x4200);
    assert_int_equal(r->smi.rises, 1);
    wr(r, ICR, 0x4500);
    assert_int_equal(r->init.rises, 1);
    wr(r, ICR, 0x4600 | 0x10);                          /* StartUp: it does not wait for one */
    wr(r, ICR, 0x8500);                                 /* INIT level de-assert: to everybody, means nothing */
    assert_int_equal(r->init.rises, 1);
    wr(r, ICR, 0x44400);                                /* NMI to self: not valid */
    assert_int_equal(r->nmi.rises, 1);
    assert_int_equal(esr(r), 0);
    wr(r, ICR, 0xc4500), wr(r, ICR, 0xc4608);           /* INIT, StartUp to the others: there are none */
    assert_int_equal(esr(r), 0x04);                     /* send accept error */
    assert_false(r->intr.level);
    rig_free(r);
    r = rig_new(LAPIC_X2);
    enable(r);
    wr(r, ICR, 0xc4500);
    assert_int_equal(esr(r), 0);                        /* no such bit without an APIC bus */
    rig_free(r);
}

static void destinations(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    wr(r, ID, 0x03000000);
    assert_true(message(r, APIC_FIXED, 0x40, 3, false, false) && message(r, APIC_FIXED, 0x40, 0x0f, false, false));
    assert_false(message(r, APIC_FIXED, 0x40, 0, false, false));
    wr(r, LDR, 0x12000000);                             /* flat: any common bit */
    assert_true(message(r, APIC_FIXED, 0x40, 0x02, true, false) && message(r, APIC_LOWEST, 0x40, 0xff, true, false));
    assert_false(message(r, APIC_FIXED, 0x40, 0x21, true, false));
    wr(r, DFR, 0x0fffffff);                             /* cluster 1, member 2 */
    assert_true(message(r, APIC_FIXED, 0x40, 0x13, true, false) && message(r, APIC_FIXED, 0x40, 0xff, true, false));
    assert_false(message(r, APIC_FIXED, 0x40, 0x23, true, false) || message(r, APIC_FIXED, 0x40, 0x11, true, false));
    rig_free(r);
    r = rig_new(LAPIC_X2);
    enable(r);
    assert_false(message(r, APIC_FIXED, 0x40, 0x0f, false, false));     /* eight bits */
    assert_true(message(r, APIC_FIXED, 0x40, 0xff, false, false));
    rig_free(r);
}

static void level_and_broadcast(void **state)
{
    struct rig *r = rig_new(LAPIC_X2);
    (void)state;
    enable(r);
    assert_true(message(r, APIC_FIXED, 0x61, 0, false, true));
    assert_true(in_set(r, TMR, 0x61));
    assert_int_equal(lapic_ack(r->l), 0x61);
    wr(r, EOI, 0);
    assert_int_equal(r->last_eoi, 0x61);
    assert_true(message(r, APIC_FIXED, 0x61, 0, false, false));
    assert_false(in_set(r, TMR, 0x61));                 /* an edge clears it */
    assert_int_equal(lapic_ack(r->l), 0x61);
    wr(r, EOI, 0);
    assert_int_equal(r->eois, 1);
    wr(r, SVR, 0x11ff);                                 /* EOI-broadcast suppression */
    assert_true(message(r, APIC_FIXED, 0x62, 0, false, true));
    assert_int_equal(lapic_ack(r->l), 0x62);
    wr(r, EOI, 0);
    assert_int_equal(r->eois, 1);
    rig_free(r);
}

static void errors(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    self(r, 0x0f);
    assert_int_equal(rd(r, ESR), 0);                    /* shown after the next write */
    assert_int_equal(esr(r), 0x20);                     /* send illegal vector */
    assert_int_equal(esr(r), 0);
    message(r, APIC_FIXED, 5, 0, false, false);
    wr(r, LVT_TIMER, 0x0a);
    wr(r, INITIAL, 1);
    fake_advance(r->m, 100);
    assert_int_equal(esr(r), 0x40);                     /* received illegal vector */
    assert_int_equal(rd(r, IRR), 0);
    rd(r, 0x40);
    rd(r, 0x3f0), wr(r, 0x400, 0);
    assert_int_equal(esr(r), 0x80);                     /* illegal register address */
    assert_int_equal(rd(r, RRD), 0);
    assert_int_equal(esr(r), 0);
    wr(r, LVT_ERROR, 0xfe);
    rd(r, LVT_THERMAL);                                 /* the P6 has none */
    assert_int_equal(lapic_ack(r->l), 0xfe);
    wr(r, EOI, 0);
    wr(r, LVT_ERROR, MASKED | 0xfe);
    rd(r, 0);
    assert_false(r->intr.level);
    rig_free(r);
    r = rig_new(LAPIC_P5);
    enable(r);
    rd(r, LVT_PERF);
    assert_int_equal(esr(r), 0);                        /* bit 7 is reserved there */
    rig_free(r);
}

static void odd_accesses(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    struct space *memory = machine_memory(r->m);
    (void)state;
    assert_int_equal(space_read(memory, 0xfee00032, 1), 4);
    assert_int_equal(space_read(memory, 0xfee00030, 2), 0x11);
    space_write(memory, 0xfee00080, 0x20, 1);
    assert_int_equal(rd(r, TPR), 0);
    assert_true(fake_log_lines(r->m) > 0);
    rig_free(r);
}

/* IA32_APIC_BASE: the page moves, hides, and comes back as after power-up; CPUID follows; LINT0 and LINT1 are INTR and NMI. */
static void base_register(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    assert_int_equal(rdmsr(r, MSR_BASE), 0xfee00900);
    enable(r);
    assert_true(wrmsr(r, MSR_BASE, 0x00080900));
    assert_int_equal(space_read(machine_memory(r->m), 0xfee00030, 4), 0xffffffff);
    r->base = 0x80000;
    assert_int_equal(rd(r, VERSION), 0x00040011);
    assert_int_equal(rd(r, SVR), 0x1ff);
    fake_save_and_load(r->m);
    assert_int_equal(rd(r, SVR), 0x1ff);
    assert_true(apic_enabled(r->bare.cpu));
    assert_true(wrmsr(r, MSR_BASE, 0xfee00000));        /* BSP stays */
    assert_int_equal(rdmsr(r, MSR_BASE), 0xfee00100);
    assert_false(apic_enabled(r->bare.cpu));
    r->base = 0xfee00000;
    assert_int_equal(rd(r, VERSION), 0xffffffff);
    assert_false(message(r, APIC_NMI, 0, 0, false, false));
    r->pic = 0x77;
    line_set(&r->lint[0], true);
    assert_true(r->intr.level);
    assert_int_equal(lapic_ack(r->l), 0x77);
    line_set(&r->lint[0], false);
    assert_false(r->intr.level);
    pulse(r, 1);
    assert_int_equal(r->nmi.rises, 1);
    assert_true(wrmsr(r, MSR_BASE, 0xfee00800));
    assert_int_equal(rd(r, SVR), 0xff);
    assert_false(wrmsr(r, MSR_BASE, 0xfee00801));
    assert_false(wrmsr(r, MSR_BASE, 1ull << 36 | 0x800));
    rig_free(r);
    r = rig_new(LAPIC_P5);
    assert_int_equal(rdmsr(r, MSR_BASE), 0xdeaddeaddeaddead);   /* the Pentium has the APIC and not the register */
    assert_true(apic_enabled(r->bare.cpu));
    rig_free(r);
}

static void init_keeps_id(void **state)
{
    struct rig *r = rig_new(LAPIC_P6);
    (void)state;
    enable(r);
    wr(r, ID, 0x05000000);
    wr(r, TPR, 0x30);
    self(r, 0x20);
    wr(r, LVT_TIMER, PERIODIC | 0x60);
    wr(r, INITIAL, 100);
    assert_true(wrmsr(r, MSR_BASE, 0x00080900));
    cpu_init(r->bare.cpu);
    r->base = 0x80000;
    assert_int_equal(rd(r, ID), 0x05000000);
    assert_int_equal(rd(r, TPR), 0);
    assert_int_equal(rd(r, SVR), 0xff);
    assert_int_equal(rd(r, IRR + 0x10), 0);
    assert_int_equal(rd(r, LVT_TIMER), MASKED);
    assert_true(fake_next_timer(r->m) == TIMER_OFF);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_reset), cmocka_unit_test(writable_bits), cmocka_unit_test(priority_and_eoi),
        cmocka_unit_test(task_priority), cmocka_unit_test(software_disable), cmocka_unit_test(virtual_wire), cmocka_unit_test(lint_modes),
        cmocka_unit_test(commands), cmocka_unit_test(destinations), cmocka_unit_test(level_and_broadcast), cmocka_unit_test(errors),
        cmocka_unit_test(odd_accesses), cmocka_unit_test(base_register), cmocka_unit_test(init_keeps_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
