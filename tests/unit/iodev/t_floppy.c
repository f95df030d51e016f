/* t_floppy.c - the 82077AA: reset, registers, transfers with and without DMA, scans, format, errors, nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fdc_rig.h"
#include "../../support/fake_machine.h"

static void test_reset(void **state)
{
    struct rig *r = *state;
    assert_int_equal(fake_in8(r->m, MSR), 0);           /* held in reset by DOR */
    fake_out8(r->m, DOR, 0x0c);
    fake_advance(r->m, MS);
    assert_true(r->irq.level);
    for (int k = 0; k < 4; k++) {
        COMMAND(r, 0x08);
        results(r, 2);
        assert_int_equal(r->result[0], 0xc0 | k);
        assert_false(r->irq.level);
    }
    COMMAND(r, 0x08);                                   /* nothing left to say: invalid */
    results(r, 1);
    assert_int_equal(r->result[0], 0x80);
    COMMAND(r, 0x10);
    results(r, 1);
    assert_int_equal(r->result[0], 0x90);
    COMMAND(r, 0x1f);
    results(r, 1);
    assert_int_equal(r->result[0], 0x80);
    fake_out8(r->m, MSR, 0x80);                         /* DSR software reset */
    fake_advance(r->m, MS);
    assert_true(r->irq.level);
    COMMAND(r, 0x08);
    results(r, 2);
    assert_int_equal(r->result[0], 0xc0);
}

static void test_fields(void **state)
{
    struct rig *r = *state;
    fake_check_fields(fake_device(r->m, "fdc"));
    get_ready(r);
    fake_save_and_load(r->m);
    COMMAND(r, 0x04, 0);
    results(r, 1);
    assert_int_equal(r->result[0], 0x38);               /* track 0, not protected */
}

static void test_read(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m);
    get_ready(r);
    program_dma(r, 512 * 3, true);
    COMMAND(r, 0xe6, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff);    /* MT: 17, 18, then head 1 sector 1 */
    assert_int_equal(fake_in8(r->m, MSR), 0x10);
    fake_advance(r->m, 600 * MS);
    assert_true(r->irq.level);
    expect(r, 0x04, 0, 0, 0, 1, 2);
    assert_false(r->irq.level);
    assert_int_equal(get16(ram + BUFFER), 16);
    assert_int_equal(get16(ram + BUFFER + 1024), 18);
    program_dma(r, 512, true);
    COMMAND(r, 0x0f, 0x04, 79);                         /* SEEK */
    fake_advance(r->m, 900 * MS);
    COMMAND(r, 0x08);
    results(r, 2);
    assert_int_equal(r->result[0], 0x20);
    assert_int_equal(r->result[1], 79);
    COMMAND(r, 0xe6, 0x04, 79, 1, 18, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 600 * MS);
    expect(r, 0x04, 0, 0, 80, 0, 1);                    /* TC at the cylinder's end */
    assert_int_equal(get16(ram + BUFFER), 2879);
}

static void test_write_and_format(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m), sector[512];
    struct image *a = i82077aa_medium(r->fdc, 0);
    get_ready(r);
    memset(ram + BUFFER, 0xab, 1024);
    program_dma(r, 1024, false);
    COMMAND(r, 0xc5, 0x04, 0, 1, 5, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 600 * MS);
    expect(r, 0x04, 0, 0, 0, 1, 7);
    image_read(a, 23, 1, sector);
    assert_int_equal(sector[511], 0xab);
    image_read(a, 24, 1, sector);
    assert_int_equal(get16(sector), 24);
    for (int k = 0; k < 18; k++) {
        u8 id[4] = { 0, 0, (u8)(k + 1), 2 };
        memcpy(ram + BUFFER + 4 * k, id, 4);
    }
    program_dma(r, 72, false);
    COMMAND(r, 0x4d, 0x00, 2, 18, 0x54, 0xf6);
    fake_advance(r->m, 900 * MS);
    results(r, 7);
    assert_int_equal(r->result[0] & 0xf8, 0);
    for (u32 k = 0; k < 18; k++) {
        image_read(a, k, 1, sector);
        assert_int_equal(sector[0], 0xf6);
        assert_int_equal(sector[511], 0xf6);
    }
    image_read(a, 18, 1, sector);
    assert_int_equal(get16(sector), 18);
}

static void test_deleted_and_scan(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m);
    get_ready(r);
    memset(ram + BUFFER, 0x01, 512);
    program_dma(r, 512, false);
    COMMAND(r, 0x49, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff); /* WRITE DELETED */
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0, 0, 0, 3);
    program_dma(r, 1024, true);
    COMMAND(r, 0x46, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0x40, 0, 0, 2);                     /* control mark; goes no further */
    program_dma(r, 1024, true);
    COMMAND(r, 0x66, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff); /* SK: sectors 1 and 3 */
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0x40, 0, 0, 4);
    assert_int_equal(get16(ram + BUFFER + 512), 2);
    memset(ram + BUFFER, 0xff, 512);
    put16(ram + BUFFER, 5);
    program_dma(r, 512 * 18, false);
    COMMAND(r, 0x51, 0x00, 0, 0, 6, 2, 18, 0x1b, 1);    /* SCAN EQUAL: FF is "any" */
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0x08, 0, 0, 6);
}

static void test_errors(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    program_dma(r, 512, true);
    COMMAND(r, 0x46, 0x00, 1, 0, 1, 2, 18, 0x1b, 0xff); /* wrong cylinder */
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x04, 0x10, 1, 0, 1);
    COMMAND(r, 0x46, 0x00, 0, 0, 19, 2, 19, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x04, 0, 0, 0, 19);
    fake_out8(r->m, DIR, 2);                            /* 250 kbit/s: no address mark */
    COMMAND(r, 0x4a, 0x00);
    fake_advance(r->m, 900 * MS);
    results(r, 7);
    assert_int_equal(r->result[0], 0x40);
    assert_int_equal(r->result[1], 0x01);
    fake_out8(r->m, DIR, 0);
    program_dma(r, 2048, true);                         /* no TC at the end of the track */
    COMMAND(r, 0x46, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x80, 0, 1, 0, 1);
    fake_out8(r->m, 0x0a, 0x06);                        /* channel masked: overrun */
    COMMAND(r, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    results(r, 7);
    assert_int_equal(r->result[1], 0x10);
    COMMAND(r, 0x07, 1);                                /* no such drive: track 0 is never found */
    fake_advance(r->m, 900 * MS);
    COMMAND(r, 0x08);
    results(r, 2);
    assert_int_equal(r->result[0], 0x71);
}

static void test_non_dma(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    COMMAND(r, 0x03, 0xdf, 0x03);
    COMMAND(r, 0x46, 0x00, 0, 0, 4, 2, 4, 0x1b, 0xff);
    fake_advance(r->m, 600 * MS);
    for (int k = 0; k < 512; k++) {
        assert_int_equal(fake_in8(r->m, MSR), 0xf0);
        assert_true(r->irq.level);
        u8 v = fake_in8(r->m, FIFO);
        assert_int_equal(v, k == 1 ? 0 : 3);
    }
    expect(r, 0x40, 0x80, 0, 1, 0, 1);                  /* TC cannot come without DMA */
}

/* DSKCHG: set by taking a floppy out or putting one in, cleared by a step pulse with one in the drive; shown for the drive
 * that is selected and turns. */
static void test_change_line(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    assert_true(fake_in8(r->m, DIR) & 0x80);            /* at track 0 nothing stepped yet */
    COMMAND(r, 0x0f, 0, 0);
    fake_advance(r->m, MS);
    COMMAND(r, 0x08);
    results(r, 2);
    assert_true(fake_in8(r->m, DIR) & 0x80);            /* a seek to where it is makes no step */
    COMMAND(r, 0x0f, 0, 1);
    fake_advance(r->m, 10 * MS);
    assert_false(fake_in8(r->m, DIR) & 0x80);
    i82077aa_set_medium(r->fdc, 0, NULL);
    assert_true(fake_in8(r->m, DIR) & 0x80);
    COMMAND(r, 0x08);
    results(r, 2);
    COMMAND(r, 0x0f, 0, 0);
    fake_advance(r->m, 10 * MS);
    assert_true(fake_in8(r->m, DIR) & 0x80);            /* it stepped, but there is no floppy */
    COMMAND(r, 0x08);
    results(r, 2);
    i82077aa_set_medium(r->fdc, 0, image_new_memory("b", IMAGE_FLOPPY, NULL, 1440 * 1024));
    assert_true(fake_in8(r->m, DIR) & 0x80);
    fake_save_and_load(r->m);
    assert_true(fake_in8(r->m, DIR) & 0x80);
    fake_out8(r->m, DOR, 0x0c);                         /* the motor, which stands for the drive's select, is off */
    assert_false(fake_in8(r->m, DIR) & 0x80);
    fake_out8(r->m, DOR, 0x1c);
    COMMAND(r, 0x0f, 0, 1);
    fake_advance(r->m, 10 * MS);
    assert_false(fake_in8(r->m, DIR) & 0x80);
    COMMAND(r, 0x08);
    results(r, 2);
    i82077aa_set_medium(r->fdc, 0, image_new_memory("c", IMAGE_FLOPPY, NULL, 1440 * 1024));
    assert_true(fake_in8(r->m, DIR) & 0x80);            /* exchanged at once: said all the same */
}

static void test_empty_drive(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    i82077aa_set_medium(r->fdc, 0, NULL);
    COMMAND(r, 0x4a, 0);                                /* nothing turns: a floppy helps, or a reset */
    fake_advance(r->m, 1000ull * MS);
    assert_int_equal(fake_in8(r->m, MSR), 0x10);
    i82077aa_set_medium(r->fdc, 0, image_new_memory("b", IMAGE_FLOPPY, NULL, 1440 * 1024));
    fake_advance(r->m, 30 * MS);
    results(r, 7);
    assert_int_equal(r->result[0], 0);
    fake_out8(r->m, DOR, 0x0c);                         /* likewise the motor */
    COMMAND(r, 0x4a, 0);
    fake_advance(r->m, 1000ull * MS);
    assert_int_equal(fake_in8(r->m, MSR), 0x10);
    fake_out8(r->m, DOR, 0x1c);
    fake_advance(r->m, 399 * MS);
    assert_int_equal(fake_in8(r->m, MSR), 0x10);
    fake_advance(r->m, 30 * MS);
    results(r, 7);
    assert_int_equal(r->result[0], 0);
    i82077aa_set_medium(r->fdc, 0, NULL);
    COMMAND(r, 0x4a, 0);
    fake_advance(r->m, 1000ull * MS);
    fake_out8(r->m, DOR, 0x18);
    fake_out8(r->m, DOR, 0x1c);
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, MSR), 0x80);
}

/* SeaBIOS: EOT is the first sector + count - 1, behind the track's end, and MT is to find the rest at the other side. */
static void test_past_track(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    program_dma(r, 512 * 20, true);
    COMMAND(r, 0xe6, 0x00, 0, 0, 2, 2, 21, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x04, 0, 0, 0, 1, 4);
    for (int k = 0; k < 20; k++)
        assert_int_equal(get16(fake_ram(r->m) + BUFFER + 512 * k), k + 1);
    program_dma(r, 512 * 4, true);
    COMMAND(r, 0xe6, 0x04, 0, 1, 16, 2, 19, 0x1b, 0xff);        /* not past the second side's */
    fake_advance(r->m, 900 * MS);
    expect(r, 0x44, 0x04, 0, 0, 1, 19);
    program_dma(r, 512 * 4, true);
    COMMAND(r, 0x46, 0x00, 0, 0, 16, 2, 19, 0x1b, 0xff);        /* nor without MT */
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x04, 0, 0, 0, 19);
    program_dma(r, 512, true);
    COMMAND(r, 0xe6, 0x00, 0, 0, 19, 2, 19, 0x1b, 0xff);        /* nor from a sector that is not there */
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x04, 0, 0, 0, 19);
    fake_check_all_fields(r->m);
}

static void test_registers(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    COMMAND(r, 0x13, 0, 0x57, 3);                       /* CONFIGURE: implied seek */
    COMMAND(r, 0x94);
    results(r, 1);
    assert_int_equal(r->result[0], 0x10);
    COMMAND(r, 0x0e);
    results(r, 10);
    assert_int_equal(r->result[4], 0xdf);
    assert_int_equal(r->result[7], 0x80);
    assert_int_equal(r->result[8], 0x57);
    assert_int_equal(r->result[9], 3);
    program_dma(r, 512, true);
    COMMAND(r, 0x46, 0x00, 40, 0, 1, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0, 40, 0, 2);
    assert_int_equal(get16(fake_ram(r->m) + BUFFER), 40 * 36);
    COMMAND(r, 0xcf, 0, 5);                             /* RELATIVE SEEK inward */
    fake_advance(r->m, 600 * MS);
    COMMAND(r, 0x08);
    results(r, 2);
    assert_int_equal(r->result[1], 45);
    COMMAND(r, 0x56, 0x80, 45, 0, 3, 2, 18, 0x1b, 4);   /* VERIFY, 4 sectors */
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0, 45, 0, 7);
}

static void test_scans(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m);
    get_ready(r);
    memset(ram + BUFFER, 0x00, 1024);
    program_dma(r, 1024, false);
    COMMAND(r, 0x59, 0x00, 0, 0, 6, 2, 18, 0x1b, 1);    /* SCAN LOW OR EQUAL: 5, 6 are above 0 until TC */
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0x04, 0, 0, 8);                     /* SN */
    program_dma(r, 512, false);
    COMMAND(r, 0x5d, 0x00, 0, 0, 6, 2, 18, 0x1b, 1);    /* HIGH OR EQUAL */
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0, 0, 0, 6);
    program_dma(r, 512 * 4, false);
    COMMAND(r, 0x51, 0x00, 0, 0, 6, 2, 9, 0x1b, 2);     /* every second sector, to EOT */
    fake_advance(r->m, 900 * MS);
    results(r, 7);
    assert_int_equal(r->result[2], 0x04);
    program_dma(r, 512, false);
    COMMAND(r, 0x49, 0x00, 0, 0, 18, 2, 18, 0x1b, 0xff);    /* WRITE DELETED */
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0, 1, 0, 1);
    program_dma(r, 512, false);
    COMMAND(r, 0x51, 0x00, 0, 0, 18, 2, 18, 0x1b, 1);
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0x48, 0, 0, 18);                    /* equal, and a control mark */
    program_dma(r, 512, true);
    COMMAND(r, 0x66, 0x00, 0, 0, 18, 2, 18, 0x1b, 0xff);    /* READ, skipping: nothing left */
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0x40, 1, 0, 1);
}

/* Without DMA the host writes; taken out meanwhile, the medium takes no more. */
static void test_host_writes(void **state)
{
    struct rig *r = *state;
    u8 sector[512];
    get_ready(r);
    COMMAND(r, 0x03, 0xdf, 0x03);
    COMMAND(r, 0x45, 0x00, 0, 0, 4, 2, 5, 0x1b, 0xff);
    fake_advance(r->m, 600 * MS);
    for (int k = 0; k < 512; k++) {
        assert_int_equal(fake_in8(r->m, MSR), 0xb0);
        assert_true(r->irq.level);
        fake_out8(r->m, FIFO, (u8)k);
    }
    fake_advance(r->m, 250 * MS);                       /* until the next sector comes round */
    image_read(i82077aa_medium(r->fdc, 0), 3, 1, sector);
    assert_int_equal(sector[511], 0xff);
    i82077aa_set_medium(r->fdc, 0, NULL);
    for (int k = 0; k < 512; k++)
        fake_out8(r->m, FIFO, (u8)k);
    results(r, 7);
    assert_int_equal(r->result[0] & 0xc0, 0x40);
    assert_int_equal(r->result[1], 0x01);
}

static void test_lock_and_perpendicular(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    COMMAND(r, 0x12, 0x86);                             /* OW: drive 0's bit, WGATE */
    COMMAND(r, 0x12, 0x01);                             /* without OW only GAP and WGATE */
    COMMAND(r, 0x13, 0, 0x57, 3);
    COMMAND(r, 0x94);                                   /* LOCK */
    results(r, 1);
    fake_out8(r->m, MSR, 0x80);                         /* software reset */
    fake_advance(r->m, MS);
    for (int k = 0; k < 4; k++) {
        COMMAND(r, 0x08);
        results(r, 2);
    }
    COMMAND(r, 0x0e);
    results(r, 10);
    assert_int_equal(r->result[7], 0x84);               /* locked; GAP and WGATE cleared */
    assert_int_equal(r->result[8], 0x07);               /* EIS and POLL are not among what stays */
    assert_int_equal(r->result[9], 3);
}

static void test_guest_nonsense(void **state)
{
    struct rig *r = *state;
    static const u8 codes[] = { 0x02, 0x05, 0x06, 0x09, 0x0a, 0x0c, 0x0d, 0x0f, 0x11, 0x16, 0x1d, 0x03, 0x07, 0x08, 0x13, 0x94 };
    u32 seed = 7;
    for (int k = 0; k < 20000; k++) {
        seed = seed * 1664525 + 1013904223;
        u8 v = (u8)(seed >> 8);
        switch (seed >> 28) {
        case 0: fake_out8(r->m, DOR, v | 0x14); break;
        case 1: fake_out8(r->m, (u16)(PORT + (seed >> 16 & 7)), v); break;
        case 2: fake_advance(r->m, MS); break;
        case 3: program_dma(r, (seed >> 12 & 0x1fff) + 1, seed & 0x100000); break;
        case 4: fake_out8(r->m, FIFO, codes[seed >> 16 & 15] | (v & 0xe0)); break;
        case 5: case 6: case 7: fake_in8(r->m, FIFO); break;
        case 8: fake_out8(r->m, DIR, 0); break;
        case 9: if (!(v & 31)) i82077aa_set_medium(r->fdc, 0, image_new_memory("b", IMAGE_FLOPPY, NULL, 163840)); break;
        default: fake_out8(r->m, FIFO, v & 7);
        }
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fdc_set_up, fake_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_reset), TEST(test_fields), TEST(test_read), TEST(test_write_and_format), TEST(test_deleted_and_scan), TEST(test_errors),
        TEST(test_non_dma), TEST(test_change_line), TEST(test_empty_drive), TEST(test_past_track), TEST(test_registers), TEST(test_scans),
        TEST(test_host_writes), TEST(test_lock_and_perpendicular), TEST(test_guest_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
