/* t_drive_motion.c - disks and CD drives take their time: seeks, rotation, look-ahead, write cache, standby, a CD that is put in.
 * The limits are those of the drives' specifications that iodev/storage/drive_motion.c names. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/ide_rig.h"

enum { SECTORS = 4 << 20, BLOCKS = 300000, US = 1000 };

static int set_up(void **state)
{
    struct rig *r = rig_new(image_new_memory("disk", IMAGE_DISK, NULL, SECTORS * 512ull),
                            image_new_memory("cd", IMAGE_CD, NULL, BLOCKS * 2048ull));
    ide_set_hurry(r->ide, 1);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

/* ns until the drive is no longer busy, in steps of 10 us, up to ten seconds. */
static u64 busy(struct rig *r, u16 port)
{
    u64 ns = 0;
    for (; reg(r, (u16)(port + 0x206)) & 0x80 && ns < 10000ull * MS; ns += 10 * US)
        fake_advance(r->m, 10 * US);
    return ns;
}

static u64 ata(struct rig *r, u8 count, u32 lba, u8 code)
{
    set_reg(r, PRI + 1, 0);
    set_reg(r, PRI + 2, count);
    set_reg(r, PRI + 3, (u8)lba);
    set_reg(r, PRI + 4, (u8)(lba >> 8));
    set_reg(r, PRI + 5, (u8)(lba >> 16));
    set_reg(r, PRI + 6, 0xe0);
    set_reg(r, PRI + 7, code);
    return busy(r, PRI);
}

/* A sector read by PIO, its data taken. */
static u64 read_one(struct rig *r, u32 lba)
{
    u64 ns = ata(r, 1, lba, 0x20);
    assert_int_equal(reg(r, PRI + 7), ST_DATA);
    for (int k = 0; k < 256; k++)
        fake_in16(r->m, PRI);
    assert_int_equal(reg(r, PRI + 7), ST_OK);
    return ns;
}

static void between(u64 ns, u64 low_us, u64 high_us)
{
    assert_in_range(ns, low_us * US, high_us * US);
}

static void disk_reads(void **state)
{
    struct rig *r = *state;
    u64 sum = 0, seed = 1;
    read_one(r, 0);
    between(read_one(r, 1), 20, 60);                        /* it was read ahead */
    between(read_one(r, 2), 20, 60);
    between(read_one(r, 1), 20, 60);                        /* and is still in the buffer */
    between(read_one(r, SECTORS - 1), 16000, 24500);        /* from end to end, and round */
    between(read_one(r, SECTORS / 2), 11000, 20500);
    for (int k = 0; k < 200; k++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        sum += read_one(r, (u32)(seed >> 40) % SECTORS);
    }
    between(sum / 200, 11000, 15000);                       /* 9 ms of seeking and half a turn */
    between(ata(r, 0, 0, 0x70), 900, 17000);                /* SEEK */
    between(ata(r, 1, SECTORS - 1, 0x70), 15900, 16100);
    between(ata(r, 0, 0, 0x10), 15900, 16100);              /* RECALIBRATE */
    between(ata(r, 0, 1000, 0x40), 4200, 4300 + 8333 + 2000);   /* VERIFY 256 sectors: half a turn, once they come round */
}

/* Read on and on: the platters' rate, not a turn lost, however the host is about it; and no faster after a pause. */
static void disk_streams(void **state)
{
    struct rig *r = *state;
    u64 sum = read_one(r, 100000);
    for (u32 k = 1; k < 2000; k++)
        sum += read_one(r, 100000 + k);
    between(sum, 33000, 60000 + 24000);                     /* four turns, and the host's 20 us a command */
    fake_advance(r->m, 1000 * MS);
    u64 start = 0;
    for (u32 k = 0; k < 64; k++)
        start += ata(r, 0, 102000 + 256 * k, 0x40);         /* 256 sectors each */
    between(start, (64 - 4) * 4200, 64 * 4400);             /* only what the buffer held comes at once */
    assert_int_equal(command(r, PRI, 0x55, 0, 0, 0xe0, 0xef), ST_OK);   /* look-ahead off: each one comes round anew */
    read_one(r, 5000);
    between(read_one(r, 5001), 8200, 8500);
}

static void disk_writes(void **state)
{
    struct rig *r = *state;
    read_one(r, 0);
    for (int cached = 1; cached >= 0; cached--) {
        assert_int_equal(command(r, PRI, cached ? 0x02 : 0x82, 0, 0, 0xe0, 0xef), ST_OK);
        ata(r, 1, SECTORS - 1, 0x30);
        for (int k = 0; k < 256; k++)
            fake_out16(r->m, PRI, 7);
        if (cached)
            between(busy(r, PRI), 10, 50);
        else
            between(busy(r, PRI), 8200, 8500);              /* FLUSH CACHE was there last: a turn */
        assert_int_equal(reg(r, PRI + 7), ST_OK);
        if (cached)
            between(ata(r, 0, 0, 0xe7), 16000, 24500);      /* FLUSH CACHE goes where the data belong */
        between(ata(r, 0, 0, 0xe7), 0, 30);                 /* nothing left */
    }
}

static void disk_power(void **state)
{
    struct rig *r = *state;
    read_one(r, 0);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe0), ST_OK);      /* STANDBY IMMEDIATE */
    fake_save_and_load(r->m);
    between(read_one(r, 1000), 4000000, 4030000);           /* the platters must turn first */
    between(read_one(r, 1001), 20, 60);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe0), ST_OK);
    between(ata(r, 0, 0, 0xe1), 4000000, 4000100);          /* IDLE IMMEDIATE */
    fake_check_all_fields(r->m);
}

static u64 cd(struct rig *r, const u8 *bytes)
{
    assert_int_equal(command(r, SEC, 0, 0, 0xfffe00, 0xa0, 0xa0), ST_DATA);
    for (int k = 0; k < 12; k += 2)
        fake_out16(r->m, SEC, get16(bytes + k));
    return busy(r, SEC);
}
#define CD(r, ...) cd(r, (const u8[12]) { __VA_ARGS__ })

static void cd_reads(void **state)
{
    struct rig *r = *state;
    u8 data[2 * 2048];
    CD(r, 0x00);                                            /* the power-on attention */
    CD(r, 0x28, 0, 0, 0, 0, 0, 0, 0, 2);
    take_answer(r, data);
    between(CD(r, 0x28, 0, 0, 0, 0, 2, 0, 0, 2), 20, 1300); /* streams at 24x */
    take_answer(r, data);
    between(CD(r, 0x28, 0, 0, 4, 0x90, 0, 0, 0, 2), 120000, 160000);
    take_answer(r, data);
    between(CD(r, 0x2b, 0, 0, 0, 0, 0), 120000, 142100);    /* SEEK */
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    CD(r, 0x1b, 0, 0, 0, 0);                                /* stop */
    between(CD(r, 0x28, 0, 0, 0, 0, 0, 0, 0, 2), 1500000, 1530000);
    take_answer(r, data);
    CD(r, 0x1b, 0, 0, 0, 0);
    between(CD(r, 0x1b, 1, 0, 0, 1), 20, 60);               /* start, and do not wait */
    CD(r, 0x1b, 0, 0, 0, 0);
    between(CD(r, 0x1b, 0, 0, 0, 1), 1500000, 1500100);
}

/* GET EVENT STATUS: event << 8 | status. */
static int event(struct rig *r)
{
    u8 a[8];
    CD(r, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
    assert_int_equal(take_answer(r, a), 8);
    return a[4] << 8 | a[5];
}

/* Another CD: empty, becoming ready, changed, ready. */
static void cd_change(void **state)
{
    struct rig *r = *state;
    CD(r, 0x00);
    assert_int_equal(sense(r), 0x062900);
    assert_int_equal(event(r), 0x0002);
    assert_true(ide_change_cd(r->ide, 1, 0, NULL, false));
    assert_int_equal(event(r), 0x0300);                     /* removed */
    assert_int_equal(event(r), 0x0000);
    CD(r, 0x00);
    assert_int_equal(sense(r), 0x023a01);                   /* no medium, and nothing else to say */
    assert_true(ide_change_cd(r->ide, 1, 0, image_new_memory("cd", IMAGE_CD, NULL, 20 * 2048), false));
    CD(r, 0x00);
    assert_int_equal(sense(r), 0x020401);                   /* becoming ready */
    assert_int_equal(event(r), 0x0000);
    CD(r, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    assert_int_equal(sense(r), 0x020401);
    fake_save_and_load(r->m);
    fake_advance(r->m, 1500 * MS);
    assert_int_equal(event(r), 0x0202);                     /* new medium, present */
    assert_int_equal(event(r), 0x0002);
    CD(r, 0x00);
    assert_int_equal(sense(r), 0x062800);                   /* may have changed */
    CD(r, 0x00);
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(sense(r), 0);
    CD(r, 0x1e, 0, 0, 0, 1);                                /* PREVENT: the button only asks */
    struct image *other = image_new_memory("cd", IMAGE_CD, NULL, 30 * 2048);
    assert_false(ide_change_cd(r->ide, 1, 0, other, false));
    assert_int_equal(event(r), 0x0102);
    assert_true(ide_change_cd(r->ide, 1, 0, other, true));  /* by a paper clip: exchanged at once */
    CD(r, 0x00);
    assert_int_equal(sense(r), 0x020401);
    fake_advance(r->m, 1500 * MS);
    CD(r, 0x00);
    assert_int_equal(sense(r), 0x062800);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(disk_reads), TEST(disk_streams), TEST(disk_writes), TEST(disk_power), TEST(cd_reads), TEST(cd_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
