/* t_ata.c - the disk's less common commands: geometry, features, power, buffer, and what a failing host file looks like.
 * Follows: ATA/ATAPI-6 (T13 1410D) "Command descriptions"; ATA-1 for INITIALIZE DEVICE PARAMETERS and CHS. */
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../support/ide_rig.h"

enum { SECTORS = 20 * 16 * 63 };

static int set_up(void **state)
{
    *state = rig_new(image_new_memory("disk", IMAGE_DISK, NULL, SECTORS * 512), NULL);
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

static void geometry(void **state)
{
    struct rig *r = *state;
    u16 w[256];
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x91), ST_ERR);         /* no sectors a track */
    assert_int_equal(command(r, PRI, 0, 32, 0, 0xa7, 0x91), ST_OK);         /* 8 heads, 32 sectors */
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xec), ST_DATA);
    take_words(r, PRI, w, 256);
    assert_int_equal(w[54], SECTORS / 256);
    assert_int_equal(w[55], 8);
    assert_int_equal(w[56], 32);
    assert_int_equal(command(r, PRI, 0, 1, 0x000121, 0xa0, 0x40), ST_ERR);  /* sector 33 of 32 */
    assert_int_equal(reg(r, PRI + 1), 0x10);
    assert_int_equal(command(r, PRI, 0, 2, 0x000120, 0xa0, 0x40), ST_OK);   /* verify 1,0,32 and 1,1,1 */
    assert_int_equal(reg(r, PRI + 3), 1);
    assert_int_equal(reg(r, PRI + 6) & 15, 1);
    assert_int_equal(command(r, PRI, 0, 0, 0x000000, 0xe0, 0x40), ST_OK);   /* a count of 0 is 256 */
    assert_int_equal(reg(r, PRI + 3), 255);
    assert_int_equal(command(r, PRI, 0, 0, SECTORS - 255, 0xe0, 0x20), ST_ERR);     /* one too many */
    assert_int_equal(reg(r, PRI + 3) | reg(r, PRI + 4) << 8, SECTORS);      /* the first that is not there */
    assert_int_equal(command(r, PRI, 0, 1, SECTORS - 1, 0xe0, 0x70), ST_OK);        /* SEEK */
    assert_int_equal(command(r, PRI, 0, 1, SECTORS, 0xe0, 0x7f), ST_ERR);
    assert_int_equal(reg(r, PRI + 1), 0x14);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x1f), ST_OK);          /* RECALIBRATE */
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xf8), ST_ERR);         /* READ NATIVE MAX wants the LBA bit */
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xe0, 0xf8), ST_OK);
    assert_int_equal(reg(r, PRI + 3) | reg(r, PRI + 4) << 8, SECTORS - 1);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x00), ST_ERR);         /* NOP */
}

/* The geometry that the image tells is the drive's: IDENTIFY, INITIALIZE DEVICE PARAMETERS and CHS addresses agree. */
static void told_geometry(void **state)
{
    u8 *disk = xcalloc(100, 4 * 17 * 512), *e = disk + 446;
    u16 w[256];
    (void)state;
    e[4] = 6, e[5] = 3, e[6] = 17;
    put32(e + 8, 17), put32(e + 12, 100 * 4 * 17 - 17);
    disk[510] = 0x55, disk[511] = 0xaa;
    struct rig *r = rig_new(image_new_memory("told", IMAGE_DISK, disk, 100 * 4 * 17 * 512), NULL);
    free(disk);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xec), ST_DATA);
        take_words(r, PRI, w, 256);
        assert_int_equal(w[1], 100);
        assert_int_equal(w[3], 4);
        assert_int_equal(w[6], 17);
        assert_int_equal(w[54], k ? 425 : 100);
        assert_int_equal(w[55], k ? 2 : 4);
        assert_int_equal(w[56], k ? 8 : 17);
        assert_int_equal(w[57] | (u32)w[58] << 16, 6800);
        assert_int_equal(w[60], 6800);
        assert_int_equal(command(r, PRI, 0, 1, k ? 0x01a808 : 0x006311, k ? 0xa1 : 0xa3, 0x40), ST_OK);     /* the last */
        assert_int_equal(command(r, PRI, 0, 1, k ? 0x01a808 : 0x006311, k ? 0xa2 : 0xa4, 0x40), ST_ERR);    /* no such head */
        assert_int_equal(command(r, PRI, 0, 8, 0, 0xa1, 0x91), ST_OK);                                      /* 2 heads, 8 sectors */
    }
    rig_free(r);
}

/* "PIO data-out command protocol": DRQ within 400 ns of the command, in time for drivers that wait just that long; what cannot
 * start is told by an interrupt later. */
static void write_asks_at_once(void **state)
{
    static const u8 writes[] = { 0x30, 0x31, 0x34, 0x39, 0x3c, 0xc5, 0xe8 };
    struct rig *r = *state;
    assert_int_equal(command(r, PRI, 0, 2, 0, 0xe0, 0xc6), ST_OK);          /* SET MULTIPLE MODE: 2 */
    for (size_t k = 0; k < sizeof writes; k++) {
        set_reg(r, PRI + 2, 0), set_reg(r, PRI + 3, 0), set_reg(r, PRI + 4, 0), set_reg(r, PRI + 5, 0);
        set_reg(r, PRI + 2, 1), set_reg(r, PRI + 3, 1), set_reg(r, PRI + 4, 0), set_reg(r, PRI + 5, 0);
        set_reg(r, PRI + 7, writes[k]);
        fake_advance(r->m, 400);
        assert_int_equal(reg(r, PRI + 0x206), ST_DATA);
        assert_false(r->irq14.level);                                       /* the first block is asked for without one */
        for (int n = 0; n < 256; n++)
            fake_out16(r->m, PRI, (u16)n);
        fake_advance(r->m, MS);
        assert_true(r->irq14.level);
        assert_int_equal(reg(r, PRI + 7), ST_OK);
    }
    set_reg(r, PRI + 3, (u8)SECTORS), set_reg(r, PRI + 4, (u8)(SECTORS >> 8));
    set_reg(r, PRI + 7, 0x30);                                              /* one sector behind the end */
    assert_int_equal(reg(r, PRI + 0x206) & 0x80, 0x80);
    assert_false(r->irq14.level);
    fake_advance(r->m, MS);
    assert_true(r->irq14.level);
    assert_int_equal(reg(r, PRI + 7), ST_ERR);
    assert_int_equal(reg(r, PRI + 1), 0x10);
}

/* 48-bit: a count of 0 is 65536. */
static void counts(void **state)
{
    struct rig *r = rig_new(image_new_memory("large", IMAGE_DISK, NULL, 70000 * 512ull), NULL);
    (void)state;
    for (int k = 2; k < 6; k++)
        set_reg(r, (u16)(PRI + k), 0);                      /* the high halves */
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xe0, 0x42), ST_OK);
    assert_int_equal(reg(r, PRI + 3) | reg(r, PRI + 4) << 8, 0xffff);
    rig_free(r);
}

static void features(void **state)
{
    struct rig *r = *state;
    u16 w[256];
    static const struct { u8 feature, count, status; } list[] = {
        { 0x82, 0, ST_OK }, { 0x55, 0, ST_OK }, { 0x66, 0, ST_OK }, { 0xcc, 0, ST_OK }, { 0x66, 0, ST_OK }, { 0x33, 0, ST_ERR },
        { 0x03, 0x00, ST_OK }, { 0x03, 0x01, ST_OK }, { 0x03, 0x02, ST_ERR }, { 0x03, 0x0c, ST_OK }, { 0x03, 0x0d, ST_ERR },
        { 0x03, 0x10, ST_ERR }, { 0x03, 0x23, ST_ERR }, { 0x03, 0x46, ST_ERR }, { 0x03, 0x45, ST_OK }, { 0x03, 0x21, ST_OK },
    };
    for (size_t k = 0; k < ARRAY_LEN(list); k++)
        assert_int_equal(command(r, PRI, list[k].feature, list[k].count, 0, 0xa0, 0xef), list[k].status);
    command(r, PRI, 0, 0, 0, 0xa0, 0xec);
    take_words(r, PRI, w, 256);
    assert_int_equal(w[85] & 0x60, 0);                      /* neither cache nor look-ahead */
    assert_int_equal(w[63], 0x0207);
    assert_int_equal(w[88], 0x003f);
    assert_int_equal(command(r, PRI, 0x02, 0, 0, 0xa0, 0xef), ST_OK);
    assert_int_equal(command(r, PRI, 0xaa, 0, 0, 0xa0, 0xef), ST_OK);
    assert_int_equal(command(r, PRI, 0x03, 0x45, 0, 0xa0, 0xef), ST_OK);
    assert_int_equal(command(r, PRI, 0xcc, 0, 0, 0xa0, 0xef), ST_OK);       /* a reset brings the defaults back */
    command(r, PRI, 0, 0, 0, 0xa0, 0xec);
    take_words(r, PRI, w, 256);
    assert_int_equal(w[85] & 0x60, 0x60);
    assert_int_equal(w[88], 0x203f);
    set_reg(r, PRI + 0x206, 4);
    set_reg(r, PRI + 0x206, 0);
    fake_advance(r->m, 10 * MS);
    command(r, PRI, 0, 0, 0, 0xa0, 0xec);
    take_words(r, PRI, w, 256);
    assert_int_equal(w[88], 0x003f);
}

static void buffer_and_power(void **state)
{
    struct rig *r = *state;
    u16 w[256];
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe8), ST_DATA);        /* WRITE BUFFER */
    for (int k = 0; k < 255; k++)
        fake_out16(r->m, PRI, (u16)(k * 3));
    set_reg(r, PRI, 0x77);                                  /* a byte access takes the word */
    assert_int_equal(reg(r, PRI + 7), ST_OK);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe4), ST_DATA);        /* READ BUFFER */
    assert_int_equal(reg(r, PRI), 0);
    take_words(r, PRI, w + 1, 255);
    assert_int_equal(w[100], 300);
    assert_int_equal(w[255] & 0xff, 0x77);
    assert_int_equal(reg(r, PRI + 7), ST_OK);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x94), ST_OK);          /* standby, by its old code */
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x98), ST_OK);
    assert_int_equal(reg(r, PRI + 2), 0);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe3), ST_OK);          /* idle */
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe5), ST_OK);
    assert_int_equal(reg(r, PRI + 2), 0xff);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x99), ST_OK);          /* sleep */
    set_reg(r, PRI + 7, 0xec);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(reg(r, PRI + 7), ST_OK);
    set_reg(r, PRI + 0x206, 4);
    set_reg(r, PRI + 0x206, 0);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xec), ST_DATA);
    take_words(r, PRI, w, 256);
    assert_int_equal(reg(r, PRI + 0x206), ST_OK);
    fake_out16(r->m, PRI, 0);                               /* nobody wants data */
    assert_int_equal(fake_in16(r->m, PRI), 0);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0x30), ST_ERR);         /* CHS sector 0 */
}

/* A disk file of 64 sectors. */
static struct image *file_image(char path[64], int flags)
{
    char message[256];
    snprintf(path, 64, "t_ata.%d.img", (int)getpid());
    FILE *f = fopen(path, "wb");
    assert_int_equal(ftruncate(fileno(f), 64 * 512), 0);
    fclose(f);
    struct image *i = image_open(path, IMAGE_DISK, flags, message, sizeof message);
    assert_non_null(i);
    return i;
}

static void failing_files(void **state)
{
    char path[64];
    (void)state;
    struct rig *r = rig_new(file_image(path, IMAGE_READ_ONLY), NULL);
    assert_int_equal(command(r, PRI, 0, 1, 5, 0xe0, 0x30), ST_ERR);         /* write-protected */
    assert_int_equal(reg(r, PRI + 1), 0x44);
    rig_free(r);
    r = rig_new(file_image(path, 0), NULL);
    assert_int_equal(truncate(path, 16 * 512), 0);
    assert_int_equal(command(r, PRI, 0, 2, 15, 0xe0, 0x20), ST_DATA);
    for (int k = 0; k < 256; k++)
        fake_in16(r->m, PRI);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(reg(r, PRI + 7), ST_ERR);                              /* UNC at sector 16 */
    assert_int_equal(reg(r, PRI + 1), 0x40);
    assert_int_equal(reg(r, PRI + 3), 16);
    assert_int_equal(reg(r, PRI + 2), 1);
    put32(fake_ram(r->m) + 0x1000, 0x20000);
    put32(fake_ram(r->m) + 0x1004, 0x80000400);
    fake_out32(r->m, BM + 4, 0x1000);
    fake_out8(r->m, BM + 0, 0x09);
    assert_int_equal(command(r, PRI, 0, 2, 20, 0xe0, 0xc8), ST_ERR);        /* the same by DMA */
    fake_out8(r->m, BM + 0, 0);
    /* No file of this process may grow beyond 16 sectors now. */
    struct rlimit limit, old;
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 16 * 512;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(command(r, PRI, 0, 1, 40, 0xe0, 0x30), ST_DATA);
    for (int k = 0; k < 256; k++)
        fake_out16(r->m, PRI, 1);
    fake_advance(r->m, 10 * MS);
    u8 status = reg(r, PRI + 7);
    fake_out8(r->m, BM + 0, 0x01);
    u8 by_dma = command(r, PRI, 0, 2, 40, 0xe0, 0xca);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(status, ST_FAULT);
    assert_int_equal(by_dma, ST_FAULT);
    assert_int_equal(reg(r, PRI + 1), 0x04);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe7), ST_OK);          /* FLUSH CACHE */
    rig_free(r);
    unlink(path);
}

/* Bus mastering that does not fit the command: nothing moves, the drive waits. */
static void dma_mistakes(void **state)
{
    struct rig *r = *state;
    put32(fake_ram(r->m) + 0x1000, 0x2fff0);
    put32(fake_ram(r->m) + 0x1004, 0x80000400);             /* crosses 64 KB: said, and done all the same */
    fake_out32(r->m, BM + 4, 0x1000);
    assert_int_equal(fake_in32(r->m, BM + 4), 0x1000);
    fake_out8(r->m, BM + 0, 0x01);                          /* from memory */
    assert_int_equal(command(r, PRI, 0, 2, 0, 0xe0, 0xc8), 0xd0);   /* READ DMA */
    assert_int_equal(fake_log_lines(r->m), 1);
    fake_out8(r->m, BM + 0, 0x00);
    fake_out8(r->m, BM + 0, 0x09);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(reg(r, PRI + 7), ST_OK);
    assert_int_equal(fake_log_lines(r->m), 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(dma_mistakes), TEST(geometry), TEST(told_geometry), TEST(write_asks_at_once), TEST(counts), TEST(features),
        TEST(buffer_and_power), TEST(failing_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
