/* t_floppy_motion.c - the 82077AA: what takes time: steps, rotation, motor and heads. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fdc_rig.h"
#include "../../support/fake_machine.h"

static u8 status3(struct rig *r)
{
    COMMAND(r, 0x04, 0);
    results(r, 1);
    return r->result[0];
}

static void sense_seek(struct rig *r, u8 st0, u8 pcn)
{
    COMMAND(r, 0x08);
    results(r, 2);
    assert_int_equal(r->result[0], st0);
    assert_int_equal(r->result[1], pcn);
}

/* Heads move as the steps pass: SRT is 16 - N ms at 500 kbit/s, twice that at 250. Track 0 is there when it is reached. */
static void test_steps(void **state)
{
    struct rig *r = *state;
    get_ready(r);                                       /* SRT D: 3 ms */
    assert_int_equal(status3(r) & 0x10, 0x10);
    COMMAND(r, 0x0f, 0, 10);
    assert_int_equal(fake_in8(r->m, MSR), 0x81);        /* drive 0 seeks, the controller is free */
    fake_advance(r->m, MS);
    assert_int_equal(status3(r) & 0x10, 0);             /* after the first pulse */
    fake_advance(r->m, 28 * MS);
    assert_false(r->irq.level);
    fake_advance(r->m, 2 * MS);
    assert_true(r->irq.level);
    sense_seek(r, 0x20, 10);
    COMMAND(r, 0x07, 0);
    fake_advance(r->m, 26 * MS);
    fake_save_and_load(r->m);
    assert_int_equal(status3(r) & 0x10, 0);             /* nine steps so far */
    fake_advance(r->m, 2 * MS);
    assert_int_equal(status3(r) & 0x10, 0x10);
    fake_advance(r->m, 3 * MS);
    sense_seek(r, 0x20, 0);
    COMMAND(r, 0x03, 0x8f, 0x02);                       /* SRT 8: 8 ms, and 16 at 250 kbit/s */
    fake_out8(r->m, DIR, 2);
    COMMAND(r, 0x0f, 0, 5);
    fake_advance(r->m, 79 * MS);
    assert_false(r->irq.level);
    fake_advance(r->m, 2 * MS);
    sense_seek(r, 0x20, 5);
    fake_out8(r->m, DIR, 0);
    COMMAND(r, 0x0f, 0, 3);                             /* a reset leaves the heads where they are by then */
    fake_advance(r->m, 9 * MS);
    fake_out8(r->m, DOR, 0x18);
    fake_out8(r->m, DOR, 0x1c);
    fake_advance(r->m, 100 * MS);
    for (int k = 0; k < 4; k++)
        sense_seek(r, (u8)(0xc0 | k), 0);
    COMMAND(r, 0x07, 0);
    fake_advance(r->m, 23 * MS);
    assert_false(r->irq.level);                         /* three tracks, not five */
    fake_advance(r->m, 2 * MS);
    sense_seek(r, 0x20, 0);
}

/* RECALIBRATE gives up after 79 steps: from the last tracks it takes two. */
static void test_recalibrate_limit(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    COMMAND(r, 0x0f, 0, 82);
    fake_advance(r->m, 82 * 3 * MS + MS);
    sense_seek(r, 0x20, 82);
    COMMAND(r, 0x07, 0);
    fake_advance(r->m, 79 * 3 * MS - MS);
    assert_false(r->irq.level);
    fake_advance(r->m, 2 * MS);
    sense_seek(r, 0x70, 0);
    assert_int_equal(status3(r) & 0x10, 0);
    COMMAND(r, 0x07, 0);
    fake_advance(r->m, 10 * MS);
    sense_seek(r, 0x20, 0);
    assert_int_equal(status3(r) & 0x10, 0x10);
}

/* ns until the result phase of a READ of so many sectors, up to a second. */
static u64 read_takes(struct rig *r, u8 first, int n)
{
    u64 ns = 0;
    program_dma(r, 512 * n, true);
    COMMAND(r, 0x46, 0x00, 0, 0, first, 2, 18, 0x1b, 0xff);
    for (; !r->irq.level && ns < 1000ull * MS; ns += MS / 10)
        fake_advance(r->m, MS / 10);
    results(r, 7);
    assert_int_equal(r->result[0], 0);
    return ns;
}

static void between(u64 ns, u64 low_ms, u64 high_ms)
{
    assert_in_range(ns, low_ms * MS, high_ms * MS);
}

/* A sector passes in 10.5 ms and comes round in 200; a motor takes its time; heads are loaded and unloaded. */
static void test_rotation(void **state)
{
    struct rig *r = *state;
    get_ready(r);                                       /* HUT F: 240 ms, HLT 1: 2 ms */
    read_takes(r, 1, 1);
    between(read_takes(r, 2, 1), 10, 11);               /* the next one comes at once */
    between(read_takes(r, 3, 16), 168, 170);            /* the rest of the track */
    between(read_takes(r, 1, 1), 20, 22);               /* over the end of the track */
    between(read_takes(r, 1, 1), 199, 201);             /* just missed */
    COMMAND(r, 0x4a, 0);
    fake_advance(r->m, 3 * MS);
    results(r, 7);
    assert_int_equal(r->result[5], 2);                  /* READ ID: whichever comes */
    fake_advance(r->m, 100 * MS);
    COMMAND(r, 0x4a, 0);
    fake_advance(r->m, 11 * MS);
    results(r, 7);
    assert_int_equal(r->result[5], 12);
    COMMAND(r, 0x03, 0xd1, 0xc8);                       /* HUT 16 ms; HLT 64h: 200 ms */
    read_takes(r, 1, 1);
    between(read_takes(r, 2, 1), 10, 11);               /* still loaded */
    fake_advance(r->m, 20 * MS);
    between(read_takes(r, 5, 1), 210, 400);             /* no more */
    COMMAND(r, 0x03, 0xdf, 0x02);
    fake_out8(r->m, DOR, 0x0c);
    fake_advance(r->m, 100 * MS);
    fake_out8(r->m, DOR, 0x1c);
    between(read_takes(r, 1, 1), 400, 615);
    i82077aa_set_hurry(r->fdc, 50);                     /* what is asked for is under the head: a sector's time, no revolution's */
    read_takes(r, 1, 1);
    assert_in_range(read_takes(r, 1, 1), 1 * MS / 10, 3 * MS / 10);
}

/* What is not there is looked for until the second index hole; FORMAT TRACK goes from index to index. */
static void test_index(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    read_takes(r, 18, 1);
    COMMAND(r, 0x46, 0x00, 0, 0, 19, 2, 19, 0x1b, 0xff);
    fake_advance(r->m, 200 * MS);
    assert_false(r->irq.level);
    fake_advance(r->m, 10 * MS);
    expect(r, 0x40, 0x04, 0, 0, 0, 19);
    for (int k = 0; k < 18; k++) {
        u8 id[4] = { 0, 0, (u8)(k + 1), 2 };
        memcpy(fake_ram(r->m) + BUFFER + 4 * k, id, 4);
    }
    fake_advance(r->m, 100 * MS);
    program_dma(r, 72, false);
    COMMAND(r, 0x4d, 0x00, 2, 18, 0x54, 0xf6);
    fake_advance(r->m, 290 * MS);
    assert_false(r->irq.level);
    fake_advance(r->m, 10 * MS);
    results(r, 7);
    assert_int_equal(r->result[0], 0);
}

/* A 360K floppy in a 1.2M drive: 300 kbit/s, every second track. */
static void test_double_step(void **state)
{
    struct rig *r = *state;
    u8 *disk = xcalloc(1, 360 * 1024);
    for (int k = 0; k < 720; k++)
        put16(disk + 512 * k, (u16)k);
    i82077aa_add_drive(r->fdc, 1, 2);
    i82077aa_set_medium(r->fdc, 1, image_new_memory("b", IMAGE_FLOPPY, disk, 360 * 1024));
    free(disk);
    get_ready(r);
    fake_out8(r->m, DOR, 0x2d);
    fake_out8(r->m, DIR, 1);
    COMMAND(r, 0x0f, 1, 6);
    fake_advance(r->m, 900 * MS);
    COMMAND(r, 0x08);
    results(r, 2);
    program_dma(r, 512, true);
    COMMAND(r, 0x46, 0x01, 3, 0, 1, 2, 9, 0x2a, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x01, 0, 0, 3, 0, 2);
    assert_int_equal(get16(fake_ram(r->m) + BUFFER), 3 * 18);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fdc_set_up, fake_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_steps), TEST(test_recalibrate_limit), TEST(test_rotation), TEST(test_index), TEST(test_double_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
