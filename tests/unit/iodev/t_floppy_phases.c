/* t_floppy_phases.c - the 82077AA in every phase, and everything that can happen to it there: each command byte with any parameters,
 * resets, motors, media, the data register, DMA. Nothing crashes (./check sanitize), the main status register keeps its rules, no call
 * works long, a command ends unless no floppy turns, and after a reset the controller is as new.
 * Intel 82077AA data sheet (1992), "Main Status Register", "Controller Phases", "Reset". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/storage/i82077aa_parts.h"
#include <cmocka.h>

enum { PORT = 0x3f0, DOR = PORT + 2, MSR = PORT + 4, FIFO = PORT + 5, CCR = PORT + 7, MS = 1000000 };
enum { RQM = 0x80, DIO = 0x40, NONDMA = 0x20, CB = 0x10 };

struct test {
    struct machine *m;
    struct i82077aa *fdc;
    struct fake_wire irq;
};

static struct image *floppy(u32 kilobytes) { return image_new_memory("a", IMAGE_FLOPPY, NULL, (u64)kilobytes * 1024); }

static void start(struct test *t)
{
    t->m = fake_new(0x100000);
    struct i8237 *dma = i8237_new(t->m, 0x00, 0xc0, 0x80);
    t->fdc = i82077aa_new(t->m, PORT, fake_wire(&t->irq, t->m), dma, 2);
    i82077aa_add_drive(t->fdc, 0, 4);
    i82077aa_add_drive(t->fdc, 1, 2);
    i82077aa_set_hurry(t->fdc, 50);
    i82077aa_set_medium(t->fdc, 0, floppy(1440));
    i82077aa_set_medium(t->fdc, 1, floppy(1200));
    fake_reset(t->m);
    fake_out8(t->m, 0xd6, 0xc0), fake_out8(t->m, 0xd4, 0x00);
}

static void out_of_reset(struct test *t)
{
    fake_out8(t->m, DOR, 0x3c);
    fake_out8(t->m, CCR, 0);
    fake_advance(t->m, MS);
    for (int k = 0; k < 4; k++) {
        fake_out8(t->m, FIFO, 0x08);
        fake_in8(t->m, FIFO), fake_in8(t->m, FIFO);
    }
    fake_out8(t->m, FIFO, 0x03), fake_out8(t->m, FIFO, 0xdf), fake_out8(t->m, FIFO, 0x02);
    fake_advance(t->m, 20 * MS);
}

/* mode: 46 to memory, 4A from it; 5x begins anew at the end. */
static void program_dma(struct test *t, u8 mode, u16 count)
{
    fake_out8(t->m, 0x0a, 0x06), fake_out8(t->m, 0x0c, 0), fake_out8(t->m, 0x0b, mode);
    fake_out8(t->m, 0x04, 0), fake_out8(t->m, 0x04, 0x80), fake_out8(t->m, 0x81, 1);
    fake_out8(t->m, 0x05, (u8)(count - 1)), fake_out8(t->m, 0x05, (u8)((count - 1) >> 8));
    fake_out8(t->m, 0x0a, 0x02);
}

static void command(struct test *t, int n, const u8 *bytes)
{
    for (int k = 0; k < n; k++)
        fake_out8(t->m, FIFO, bytes[k]);
}
#define COMMAND(t, ...) command(t, (int)sizeof((u8[]) { __VA_ARGS__ }), (u8[]) { __VA_ARGS__ })

static void non_dma(struct test *t) { COMMAND(t, 0x03, 0xdf, 0x03); }
static void until(struct test *t, enum fdc_phase phase)
{
    for (int k = 0; k < 500 && t->fdc->s.phase != phase; k++)
        fake_advance(t->m, MS / 10);
}

/* ---- phases ---- */

static void idle(struct test *t) { (void)t; }
static void reset_pin(struct test *t) { fake_reset(t->m); }
static void held(struct test *t) { fake_out8(t->m, DOR, 0x38); }
static void in_reset(struct test *t) { held(t), fake_out8(t->m, DOR, 0x3c); }
static void polled(struct test *t) { in_reset(t), fake_advance(t->m, MS); }
static void half_a_command(struct test *t) { COMMAND(t, 0x46, 0, 0, 0); }
static void seeks(struct test *t) { COMMAND(t, 0x0f, 0, 40), COMMAND(t, 0x07, 1), COMMAND(t, 0x8f, 3, 200), fake_advance(t->m, 300000); }
static void has_sought(struct test *t) { COMMAND(t, 0x0f, 0, 3), COMMAND(t, 0x07, 2), fake_advance(t->m, 50 * MS); }
static void reads(struct test *t) { program_dma(t, 0x46, 0), COMMAND(t, 0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff), fake_advance(t->m, MS); }
static void reads_for_ever(struct test *t) { program_dma(t, 0x56, 7), COMMAND(t, 0xe6, 0, 0, 0, 1, 2, 255, 0x1b, 0xff), fake_advance(t->m, MS / 10); }
static void writes(struct test *t) { program_dma(t, 0x4a, 0), COMMAND(t, 0xc5, 0, 0, 0, 1, 2, 18, 0x1b, 0xff), fake_advance(t->m, MS); }
static void waits_for_a_floppy(struct test *t) { fake_out8(t->m, DOR, 0x0c), COMMAND(t, 0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff); }
static void waits_for_none(struct test *t) { COMMAND(t, 0x4a, 3); }
static void formats(struct test *t) { program_dma(t, 0x4a, 0), COMMAND(t, 0x4d, 0, 2, 18, 0x54, 0xf6), fake_advance(t->m, 5 * MS); }
static void scans(struct test *t) { program_dma(t, 0x4a, 0), COMMAND(t, 0xd1, 1, 0, 0, 1, 2, 15, 0x1b, 2), fake_advance(t->m, MS / 10); }
static void verifies(struct test *t) { COMMAND(t, 0xd6, 0x80, 0, 0, 1, 2, 18, 0x1b, 255); }
static void reads_track(struct test *t) { program_dma(t, 0x46, 0), COMMAND(t, 0x42, 0, 0, 0, 1, 2, 200, 0x1b, 0xff), fake_advance(t->m, 5 * MS); }
static void gives(struct test *t) { non_dma(t), COMMAND(t, 0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff), until(t, FDC_HOST_READS), fake_in8(t->m, FIFO); }
static void takes(struct test *t) { non_dma(t), COMMAND(t, 0x45, 0, 0, 0, 1, 2, 18, 0x1b, 0xff), until(t, FDC_HOST_WRITES), fake_out8(t->m, FIFO, 1); }
static void takes_addresses(struct test *t) { non_dma(t), COMMAND(t, 0x4d, 0, 2, 18, 0x54, 0xf6), until(t, FDC_HOST_WRITES), fake_out8(t->m, FIFO, 1); }
static void has_failed(struct test *t) { program_dma(t, 0x46, 0), COMMAND(t, 0x46, 0, 9, 9, 9, 9, 9, 9, 9), until(t, FDC_RESULT); }
static void half_a_result(struct test *t) { has_failed(t), fake_in8(t->m, FIFO), fake_in8(t->m, FIFO); }
static void dumps(struct test *t) { COMMAND(t, 0x0e), fake_in8(t->m, FIFO); }

static const struct { const char *name; void (*reach)(struct test *t); enum fdc_phase phase; } phases[] = {
    { "idle", idle, FDC_COMMAND }, { "RESET pin", reset_pin, FDC_IN_RESET }, { "held in reset", held, FDC_IN_RESET }, { "in reset", in_reset, FDC_IN_RESET },
    { "polled", polled, FDC_COMMAND }, { "half a command", half_a_command, FDC_COMMAND }, { "seeking", seeks, FDC_COMMAND },
    { "has sought", has_sought, FDC_COMMAND }, { "reading", reads, FDC_EXECUTE }, { "reading with DMA that begins anew", reads_for_ever, FDC_EXECUTE },
    { "writing", writes, FDC_EXECUTE }, { "motor off", waits_for_a_floppy, FDC_EXECUTE }, { "no drive", waits_for_none, FDC_EXECUTE },
    { "formatting", formats, FDC_EXECUTE }, { "scanning", scans, FDC_EXECUTE }, { "verifying", verifies, FDC_EXECUTE }, { "reading a track", reads_track, FDC_EXECUTE },
    { "gives bytes", gives, FDC_HOST_READS }, { "takes bytes", takes, FDC_HOST_WRITES }, { "takes addresses", takes_addresses, FDC_HOST_WRITES },
    { "has failed", has_failed, FDC_RESULT }, { "half a result", half_a_result, FDC_RESULT }, { "dumps registers", dumps, FDC_RESULT },
};

/* ---- what happens ---- */

static void e_nothing(struct test *t) { (void)t; }
static void e_dor_reset(struct test *t) { fake_out8(t->m, DOR, 0x38), fake_advance(t->m, MS), fake_out8(t->m, DOR, 0x3c); }
static void e_dor_reset_short(struct test *t) { fake_out8(t->m, DOR, 0x38), fake_out8(t->m, DOR, 0x3c); }
static void e_dsr_reset(struct test *t) { fake_out8(t->m, MSR, 0x80); }
static void e_reset_pin(struct test *t) { fake_reset(t->m); }
static void e_motor_off(struct test *t) { fake_out8(t->m, DOR, 0x0c); }
static void e_motor_on(struct test *t) { fake_out8(t->m, DOR, 0x3c); }
static void e_no_dma(struct test *t) { fake_out8(t->m, DOR, 0x34); }
static void e_other_rate(struct test *t) { fake_out8(t->m, CCR, 3); }
static void e_dma_masked(struct test *t) { fake_out8(t->m, 0x0a, 0x06); }
static void e_dma_off(struct test *t) { fake_out8(t->m, 0x08, 0x04); }
static void e_dma_to_memory(struct test *t) { program_dma(t, 0x46, 0); }
static void e_dma_from_memory(struct test *t) { program_dma(t, 0x6a, 300); }
static void e_taken_out(struct test *t) { i82077aa_set_medium(t->fdc, 0, NULL), i82077aa_set_medium(t->fdc, 1, NULL); }
static void e_small_floppy(struct test *t) { i82077aa_set_medium(t->fdc, 0, floppy(160)), i82077aa_set_medium(t->fdc, 1, floppy(360)); }
static void e_large_floppy(struct test *t) { i82077aa_set_medium(t->fdc, 0, floppy(2880)), i82077aa_set_medium(t->fdc, 1, floppy(720)); }
static void e_other_floppy(struct test *t) { i82077aa_set_medium(t->fdc, 0, floppy(1440)), i82077aa_set_medium(t->fdc, 1, NULL); }
static void e_a_while(struct test *t) { fake_advance(t->m, 30000); }
static void e_long_while(struct test *t) { fake_advance(t->m, 40 * MS); }

static void e_data_in(struct test *t)
{
    for (int k = 0; k < 600; k++)
        fake_in8(t->m, FIFO);
}

static void e_data_out(struct test *t)
{
    for (int k = 0; k < 600; k++)
        fake_out8(t->m, FIFO, (u8)(k * 37));
}

static void e_registers(struct test *t)
{
    for (u16 k = 0; k < 8; k++)
        fake_in8(t->m, PORT + k), fake_out8(t->m, PORT + k, 0x3c);
}

static void (*const events[])(struct test *t) = {
    e_nothing, e_dor_reset, e_dor_reset_short, e_dsr_reset, e_reset_pin, e_motor_off, e_motor_on, e_no_dma, e_other_rate, e_dma_masked, e_dma_off,
    e_dma_to_memory, e_dma_from_memory, e_taken_out, e_small_floppy, e_large_floppy, e_other_floppy, e_a_while, e_long_while, e_data_in, e_data_out,
    e_registers,
};

/* DIO and NONDMA mean something with RQM; outside of commands the controller takes the next one; during execution by DMA it takes
 * nothing. */
static void look_at(struct test *t)
{
    u8 msr = fake_in8(t->m, MSR);
    const struct i82077aa_state *s = &t->fdc->s;
    if (msr & (DIO | NONDMA))
        assert_int_equal(msr & (RQM | CB), RQM | CB);
    if (s->phase == FDC_EXECUTE)
        assert_int_equal(msr & (RQM | CB), CB);
    if (s->phase == FDC_IN_RESET)
        assert_int_equal(msr, 0);
    assert_true(s->got < sizeof s->fifo && s->want <= sizeof s->fifo && s->at <= s->end && s->end <= FDC_SECTOR);
    assert_in_range(fake_work_most(t->m), 0, WORK_CALL_MAX);
}

/* Time passes, the host moves what it is asked to: the command ends, unless it waits for a floppy that nobody puts in. */
static void comes_to_rest(struct test *t)
{
    i82077aa_set_medium(t->fdc, 0, floppy(1440)), i82077aa_set_medium(t->fdc, 1, floppy(1200));
    fake_out8(t->m, DOR, 0x3c);
    for (int k = 0; k < 20000; k++) {
        fake_advance(t->m, MS);
        u8 msr = fake_in8(t->m, MSR);
        if (msr & RQM) {
            if (!(msr & CB))
                return;
            if (msr & DIO)
                fake_in8(t->m, FIFO);
            else
                fake_out8(t->m, FIFO, 0);
        } else if (t->fdc->s.phase == FDC_EXECUTE && fdc_unit(t->fdc) >= FDC_DRIVES) {
            return;
        } else {
            assert_true(t->fdc->execute.when != TIMER_OFF);
        }
    }
    fail_msg("phase %d, command %02x does not end", t->fdc->s.phase, t->fdc->s.fifo[0]);
}

static void is_as_new(struct test *t)
{
    fake_out8(t->m, DOR, 0x38);
    assert_int_equal(fake_in8(t->m, MSR), 0);
    fake_advance(t->m, MS);
    assert_int_equal(fake_in8(t->m, MSR), 0);
    fake_out8(t->m, DOR, 0x3c);
    fake_advance(t->m, MS);
    assert_true(t->irq.level || t->fdc->s.config & CONFIG_POLL);
    for (u8 k = 0; k < 4 && !(t->fdc->s.config & CONFIG_POLL); k++) {
        fake_out8(t->m, FIFO, 0x08);
        assert_int_equal(fake_in8(t->m, FIFO), 0xc0 | k);
        assert_int_equal(fake_in8(t->m, FIFO), 0);
    }
    assert_false(t->irq.level);
    assert_int_equal(fake_in8(t->m, MSR), RQM);
    fake_out8(t->m, FIFO, 0x10);
    assert_int_equal(fake_in8(t->m, MSR), RQM | DIO | CB);
    assert_int_equal(fake_in8(t->m, FIFO), 0x90);
    assert_int_equal(fake_in8(t->m, MSR), RQM);
}

static u32 dice(u64 *seed, u32 n)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(*seed >> 33) % n;
}

/* A whole command: likely parameters, or any. */
static void any_command(struct test *t, u8 first, u64 *seed)
{
    static const u8 likely[8] = { 0, 0, 0, 1, 2, 18, 0x1b, 0xff };
    bool wild = dice(seed, 2);
    fake_out8(t->m, FIFO, first);
    for (int k = 0; k < 8; k++)
        fake_out8(t->m, FIFO, wild ? (u8)dice(seed, 256) : likely[k]);
}

static void everything_everywhere(void **state)
{
    bool reached[FDC_IN_RESET + 1] = { false };
    u64 seed = 1;
    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(phases); p++)
        for (size_t e = 0; e < ARRAY_LEN(events) + 256; e++) {
            struct test t;
            start(&t);
            out_of_reset(&t);
            phases[p].reach(&t);
            if (t.fdc->s.phase != phases[p].phase)
                fail_msg("\"%s\" is phase %d, not %d", phases[p].name, t.fdc->s.phase, phases[p].phase);
            reached[phases[p].phase] = true;
            look_at(&t);
            if (e < ARRAY_LEN(events))
                events[e](&t);
            else
                any_command(&t, (u8)(e - ARRAY_LEN(events)), &seed);
            look_at(&t);
            comes_to_rest(&t);
            look_at(&t);
            is_as_new(&t);
            fake_free(t.m);
        }
    for (int k = 0; k <= FDC_IN_RESET; k++)
        assert_true(reached[k]);
}

static void anything_in_any_order(void **state)
{
    u64 seed = 7;
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct test t;
        start(&t);
        for (int k = 0; k < 80; k++) {
            u32 what = dice(&seed, 8);
            if (what < 2)
                phases[dice(&seed, ARRAY_LEN(phases))].reach(&t);
            else if (what < 6)
                events[dice(&seed, ARRAY_LEN(events))](&t);
            else
                any_command(&t, (u8)dice(&seed, 256), &seed);
            look_at(&t);
        }
        comes_to_rest(&t);
        is_as_new(&t);
        fake_check_all_fields(t.m);
        fake_free(t.m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(everything_everywhere), cmocka_unit_test(anything_in_any_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
