/* t_geometry.c - geometry of raw images: floppy formats by size and BPB, disks by partition table, BPB, size and name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../iodev/image/geometry.h"

static u8 sector[512];

static int clear(void **state)
{
    (void)state;
    memset(sector, 0, sizeof sector);
    return 0;
}

static void put_bpb(u32 sectors, u8 media, u16 track_sectors, u16 heads)
{
    sector[0] = 0xe9;
    put16(sector + 11, 512);
    sector[13] = 2, put16(sector + 14, 1), sector[16] = 2, sector[21] = media;
    put16(sector + 19, sectors < 65536 ? (u16)sectors : 0);
    put32(sector + 32, sectors < 65536 ? 0 : sectors);
    put16(sector + 24, track_sectors), put16(sector + 26, heads);
}

static void put_partition(int k, u32 first, u32 count, u8 end_head, u8 end_sector)
{
    u8 *e = sector + 446 + 16 * k;
    e[4] = 6, e[5] = end_head, e[6] = end_sector;
    put32(e + 8, first), put32(e + 12, count);
    sector[510] = 0x55, sector[511] = 0xaa;
}

static void floppy(u64 bytes, u32 kb, int cylinders, int heads, int sectors, int drive, int kbps, enum geometry_source source)
{
    struct floppy_format f;
    enum geometry_source from;
    assert_true(floppy_format_of(sector, bytes, &f, &from));
    assert_int_equal(f.bytes, kb * 1024);
    assert_int_equal(f.cylinders, cylinders);
    assert_int_equal(f.heads, heads);
    assert_int_equal(f.sectors, sectors);
    assert_int_equal(f.drive_type, drive);
    assert_int_equal(f.kbps, kbps);
    assert_int_equal(from, source);
}

static void floppies_by_size(void **state)
{
    (void)state;
    floppy(163840, 160, 40, 1, 8, 1, 250, GEOMETRY_SIZE);
    floppy(368640, 360, 40, 2, 9, 1, 250, GEOMETRY_SIZE);
    floppy(737280, 720, 80, 2, 9, 3, 250, GEOMETRY_SIZE);
    floppy(1228800, 1200, 80, 2, 15, 2, 500, GEOMETRY_SIZE);
    floppy(1474560, 1440, 80, 2, 18, 4, 500, GEOMETRY_SIZE);
    floppy(2949120, 2880, 80, 2, 36, 5, 1000, GEOMETRY_SIZE);
    floppy(819200, 800, 80, 2, 10, 4, 250, GEOMETRY_SIZE);
    floppy(1600 * 1024, 1600, 80, 2, 20, 5, 500, GEOMETRY_SIZE);        /* more sectors than INT 13h gives a 1.44M drive */
    floppy(1680 * 1024, 1680, 80, 2, 21, 5, 500, GEOMETRY_SIZE);        /* DMF */
    floppy(1722 * 1024, 1722, 82, 2, 21, 5, 500, GEOMETRY_SIZE);
    floppy(1743 * 1024, 1743, 83, 2, 21, 5, 500, GEOMETRY_SIZE);
    floppy(1760 * 1024, 1760, 80, 2, 22, 5, 500, GEOMETRY_SIZE);
    floppy(1840 * 1024, 1840, 80, 2, 23, 5, 500, GEOMETRY_SIZE);        /* XDF */
    floppy(1476 * 1024, 1476, 82, 2, 18, 4, 500, GEOMETRY_SIZE);
    floppy(1, 1440, 80, 2, 18, 4, 500, GEOMETRY_GUESS);
    floppy(10240, 1440, 80, 2, 18, 4, 500, GEOMETRY_GUESS);
    floppy(1474560 - 1, 1440, 80, 2, 18, 4, 500, GEOMETRY_GUESS);
    floppy(1474560 + 1, 2880, 80, 2, 36, 5, 1000, GEOMETRY_GUESS);
    struct floppy_format f;
    enum geometry_source from;
    assert_false(floppy_format_of(sector, 2949121, &f, &from));
}

static void floppies_by_bpb(void **state)
{
    (void)state;
    put_bpb(720, 0xfd, 9, 2);
    floppy(10240, 360, 40, 2, 9, 1, 250, GEOMETRY_BPB);
    floppy(368640, 360, 40, 2, 9, 1, 250, GEOMETRY_SIZE);               /* both agree */
    floppy(737280, 720, 80, 2, 9, 3, 250, GEOMETRY_SIZE);               /* the BPB of another floppy */
    floppy(400000, 1440, 80, 2, 18, 4, 500, GEOMETRY_GUESS);            /* does not fit into what it says */
    put_bpb(3360, 0xf0, 21, 2);
    floppy(1700000, 1680, 80, 2, 21, 5, 500, GEOMETRY_BPB);
    put_bpb(40, 0xf0, 18, 2);                                           /* counts what is in use */
    floppy(20 * 1024, 1440, 80, 2, 18, 4, 500, GEOMETRY_BPB);
    put_bpb(2400, 0xf9, 15, 2);
    floppy(20 * 1024, 1200, 80, 2, 15, 2, 500, GEOMETRY_BPB);
    put_bpb(2880, 0xf0, 18, 4);                                         /* no floppy has four heads */
    floppy(20 * 1024, 1440, 80, 2, 18, 4, 500, GEOMETRY_GUESS);
    put_bpb(2880, 0xf0, 0, 2);
    floppy(20 * 1024, 1440, 80, 2, 18, 4, 500, GEOMETRY_GUESS);
}

static void disk(u64 sectors, u32 c, u32 h, u32 s, u32 bios_c, u32 bios_h, u32 bios_s)
{
    struct disk_geometry g = disk_geometry_of(sector, sectors);
    assert_int_equal(g.drive.cylinders, c);
    assert_int_equal(g.drive.heads, h);
    assert_int_equal(g.drive.sectors, s);
    assert_int_equal(g.bios.cylinders, bios_c);
    assert_int_equal(g.bios.heads, bios_h);
    assert_int_equal(g.bios.sectors, bios_s);
    assert_true((u64)c * h * s <= sectors);
}

static void disks_by_size(void **state)
{
    (void)state;
    disk(1, 1, 1, 1, 0, 0, 0);
    disk(62, 1, 1, 62, 0, 0, 0);
    disk(128, 1, 2, 63, 0, 0, 0);
    disk(1007, 1, 15, 63, 0, 0, 0);
    disk(1008, 1, 16, 63, 0, 0, 0);
    disk(1 << 20, 1040, 16, 63, 0, 0, 0);
    disk(1ull << 30, 16383, 16, 63, 0, 0, 0);
    struct disk_geometry g = disk_geometry_of(sector, 1024 * 16 * 63);
    assert_int_equal(disk_translation_of(&g), TRANSLATE_NONE);
    g = disk_geometry_of(sector, 1025 * 16 * 63);
    assert_int_equal(disk_translation_of(&g), TRANSLATE_LBA);
}

static void disks_by_partitions(void **state)
{
    (void)state;
    put_partition(0, 17, 4 * 17 * 100 - 17, 3, 17);                     /* ends with cylinder 99 of 4 heads, 17 sectors */
    disk(4 * 17 * 615, 615, 4, 17, 615, 4, 17);
    put_partition(0, 63, 255 * 63 * 2 - 63, 254, 63);                   /* no drive has 255 heads */
    disk(255 * 63 * 10, 159, 16, 63, 10, 255, 63);
    put_partition(0, 32, 64 * 32 * 100 - 32, 63, 32);
    disk(64 * 32 * 2000, 4063, 16, 63, 1024, 64, 32);
    put_partition(0, 2048, 100000, 254, 63);                            /* ends anywhere: that is no geometry */
    disk(1 << 20, 1040, 16, 63, 0, 0, 0);
    clear(state);
    put_partition(1, 16 * 63, 16 * 63 * 9, 15, 0xc0 | 63);              /* the cylinder's high bits */
    disk(16 * 63 * 10, 10, 16, 63, 10, 16, 63);
    put_partition(1, 16 * 63 * 10, 16 * 63, 15, 63);                    /* behind the end: no table */
    disk(16 * 63 * 10, 10, 16, 63, 0, 0, 0);
}

static void disks_by_bpb(void **state)
{
    (void)state;
    put_bpb(10 * 8 * 32, 0xf8, 32, 8);
    disk(10 * 8 * 32, 10, 8, 32, 10, 8, 32);
    put_bpb(10 * 8 * 32 + 1, 0xf8, 32, 8);                              /* of a larger disk */
    disk(10 * 8 * 32, 2, 16, 63, 0, 0, 0);
    put_bpb(100000, 0xf8, 63, 255);
    disk(200000, 198, 16, 63, 12, 255, 63);
    put_bpb(300, 0xf8, 63, 16);                                         /* not one cylinder of that */
    disk(300, 1, 4, 63, 0, 0, 0);
    put_partition(0, 17, 4 * 17 * 100 - 17, 3, 17);                     /* the table counts first */
    disk(4 * 17 * 615, 615, 4, 17, 615, 4, 17);
}

static void disks_by_name(void **state)
{
    (void)state;
    struct disk_geometry g = disk_geometry_named((struct image_chs) { 20, 8, 32 }, 20 * 8 * 32);
    assert_int_equal(g.drive.cylinders, 20);
    assert_int_equal(g.drive.heads, 8);
    assert_int_equal(g.bios.sectors, 32);
    g = disk_geometry_named((struct image_chs) { 2, 64, 32 }, 2 * 64 * 32);
    assert_int_equal(g.drive.heads, 16);
    assert_int_equal(g.drive.sectors, 63);
    assert_int_equal(g.bios.heads, 64);
    g = disk_geometry_named((struct image_chs) { 2000, 16, 63 }, 2000 * 16 * 63);
    assert_int_equal(g.drive.cylinders, 2000);
    assert_int_equal(g.bios.cylinders, 1024);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, clear)
    const struct CMUnitTest tests[] = {
        TEST(floppies_by_size), TEST(floppies_by_bpb), TEST(disks_by_size), TEST(disks_by_partitions), TEST(disks_by_bpb),
        TEST(disks_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
