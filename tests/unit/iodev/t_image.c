/* t_image.c - raw images: overlay, short floppies, odd ends, geometry, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../../iodev/image/image.h"
#include <cmocka.h>

static char path[64];

static void make_file(u64 bytes, u8 fill)
{
    snprintf(path, sizeof path, "t_image.%d.img", (int)getpid());
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (u64 k = 0; k < bytes; k++)
        putc(fill, f);
    fclose(f);
}

static u64 file_size(void)
{
    FILE *f = fopen(path, "rb");
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    fclose(f);
    return (u64)n;
}

static int file_byte(long at)
{
    FILE *f = fopen(path, "rb");
    fseek(f, at, SEEK_SET);
    int c = getc(f);
    fclose(f);
    return c;
}

static void test_read_write(void **state)
{
    char message[256];
    u8 sector[1024];
    (void)state;
    make_file(100 * 512, 0x11);
    struct image *i = image_open(path, IMAGE_DISK, 0, message, sizeof message);
    assert_non_null(i);
    assert_string_equal(message, "");
    assert_true(image_writable(i));
    assert_int_equal(image_sectors(i), 100);
    memset(sector, 0x22, sizeof sector);
    assert_true(image_write(i, 98, 2, sector));
    assert_false(image_write(i, 99, 2, sector));        /* past the end */
    assert_false(image_read(i, 100, 1, sector));
    assert_false(image_read(i, UINT64_MAX / 512, 1, sector));
    assert_true(image_flush(i));
    image_close(i);
    assert_int_equal(file_byte(98 * 512), 0x22);
    assert_int_equal(file_byte(98 * 512 - 1), 0x11);
    assert_int_equal(file_size(), 100 * 512);
    unlink(path);
}

static void test_overlay(void **state)
{
    char message[256];
    u8 sector[512], big[16 * 512];
    (void)state;
    make_file(100 * 512, 0x11);
    struct image *i = image_open(path, IMAGE_DISK, IMAGE_SNAPSHOT, message, sizeof message);
    assert_true(image_writable(i));
    memset(sector, 0x33, sizeof sector);
    assert_true(image_write(i, 9, 1, sector));
    assert_true(image_read(i, 0, 16, big));
    assert_int_equal(big[9 * 512 - 1], 0x11);
    assert_int_equal(big[9 * 512], 0x33);
    assert_int_equal(big[10 * 512 - 1], 0x33);
    assert_int_equal(big[10 * 512], 0x11);
    memset(big, 0x44, sizeof big);
    assert_true(image_write(i, 84, 16, big));           /* the last cluster is not whole */
    assert_true(image_read(i, 99, 1, sector));
    assert_int_equal(sector[511], 0x44);
    image_close(i);
    for (long k = 0; k < 100 * 512; k += 256)
        assert_int_equal(file_byte(k), 0x11);
    assert_int_equal(file_size(), 100 * 512);
    unlink(path);
}

static void test_partial_sector(void **state)
{
    char message[256];
    u8 sector[512];
    (void)state;
    make_file(700, 0x55);
    struct image *i = image_open(path, IMAGE_DISK, 0, message, sizeof message);
    assert_int_equal(image_sectors(i), 2);
    assert_non_null(strstr(message, "700"));
    assert_true(image_read(i, 1, 1, sector));
    assert_int_equal(sector[187], 0x55);
    assert_int_equal(sector[188], 0);
    memset(sector, 0x66, sizeof sector);
    assert_true(image_write(i, 1, 1, sector));          /* nothing is lost: the file grows */
    image_close(i);
    assert_int_equal(file_size(), 1024);
    unlink(path);
}

static void test_short_floppy(void **state)
{
    char message[256];
    u8 sector[512];
    (void)state;
    make_file(1296384, 0x77);
    struct image *i = image_open(path, IMAGE_FLOPPY, 0, message, sizeof message);
    assert_non_null(strstr(message, "1440K"));
    assert_int_equal(image_sectors(i), 2880);
    assert_int_equal(image_floppy_format(i)->sectors, 18);
    assert_int_equal(image_floppy_format(i)->drive_type, 4);
    assert_true(image_read(i, 2531, 1, sector));
    assert_int_equal(sector[0], 0x77);
    assert_true(image_read(i, 2879, 1, sector));
    assert_int_equal(sector[0], 0);
    image_close(i);
    make_file(2949121, 0);
    assert_null(image_open(path, IMAGE_FLOPPY, 0, message, sizeof message));
    assert_non_null(strstr(message, "too large"));
    unlink(path);
}

static void test_formats(void **state)
{
    static const u16 kb[] = { 160, 180, 320, 360, 720, 1200, 1440, 2880 };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(kb); k++) {
        struct image *i = image_new_memory("test", IMAGE_FLOPPY, NULL, kb[k] * 1024);
        const struct floppy_format *f = image_floppy_format(i);
        assert_int_equal(f->cylinders * f->heads * f->sectors * 512, kb[k] * 1024);
        assert_int_equal(image_format_source(i), GEOMETRY_SIZE);
        image_close(i);
        i = image_new_memory("test", IMAGE_FLOPPY, NULL, kb[k] * 1024 - 512);   /* what has no format's size is meant as 1.44M */
        assert_int_equal(image_floppy_format(i)->bytes, kb[k] > 1440 ? 2880 * 1024 : 1440 * 1024);
        assert_int_equal(image_format_source(i), GEOMETRY_GUESS);
        image_close(i);
    }
}

/* A floppy may be larger than its file: what the guest writes there is kept, and the file grows no further than that. */
static void test_growing_floppy(void **state)
{
    char message[256];
    u8 sector[512];
    (void)state;
    make_file(10 * 1024, 0x77);
    struct image *i = image_open(path, IMAGE_FLOPPY, 0, message, sizeof message);
    assert_int_equal(image_sectors(i), 2880);
    memset(sector, 0x42, sizeof sector);
    assert_true(image_write(i, 100, 1, sector));
    assert_true(image_read(i, 50, 1, sector));
    assert_int_equal(sector[0], 0);
    assert_false(image_write(i, 2880, 1, sector));
    image_close(i);
    assert_int_equal(file_size(), 101 * 512);
    assert_int_equal(file_byte(100 * 512), 0x42);
    i = image_open(path, IMAGE_FLOPPY, IMAGE_GUESSED, message, sizeof message);
    assert_string_equal(message, "");
    assert_int_equal(image_floppy_format(i)->sectors, 18);
    image_close(i);
    unlink(path);
}

static void test_geometry(void **state)
{
    (void)state;
    struct image *i = image_new_memory("big", IMAGE_DISK, NULL, 200ull << 30);
    assert_int_equal(image_chs(i).cylinders, 16383);
    assert_int_equal(image_sectors(i), (200ull << 30) / 512);
    u8 sector[512] = { 1, 2, 3 }, back[512];
    assert_true(image_write(i, image_sectors(i) - 1, 1, sector));
    assert_true(image_read(i, image_sectors(i) - 1, 1, back));
    assert_memory_equal(sector, back, 512);
    image_close(i);
    i = image_new_memory("small", IMAGE_DISK, NULL, 10 * 16 * 63 * 512);
    assert_int_equal(image_chs(i).cylinders, 10);
    assert_int_equal(image_chs(i).heads, 16);
    assert_int_equal(image_chs(i).sectors, 63);
    image_close(i);
    i = image_new_memory("tiny", IMAGE_DISK, NULL, 5 * 512);
    assert_int_equal(image_chs(i).cylinders * image_chs(i).heads * image_chs(i).sectors, 5);
    image_close(i);
    i = image_new_memory("less than a cylinder", IMAGE_DISK, NULL, 3 * 63 * 512);
    assert_int_equal(image_chs(i).heads, 3);
    image_set_chs(i, (struct image_chs) { 3, 7, 9 });
    assert_int_equal(image_chs(i).sectors, 9);
    assert_int_equal(image_geometry(i)->bios.heads, 7);
    image_close(i);
}

static void test_errors(void **state)
{
    char message[256];
    u8 sector[2048];
    (void)state;
    assert_null(image_open("no/such/file.img", IMAGE_DISK, 0, message, sizeof message));
    assert_non_null(strstr(message, "no/such/file.img"));
    assert_null(image_open(".", IMAGE_DISK, IMAGE_READ_ONLY, message, sizeof message));
    make_file(0, 0);
    assert_null(image_open(path, IMAGE_DISK, 0, message, sizeof message));
    assert_non_null(strstr(message, "empty"));
    make_file(4096, 0);
    struct image *cd = image_open(path, IMAGE_CD, 0, message, sizeof message);
    assert_int_equal(image_sector_size(cd), 2048);
    assert_int_equal(image_sectors(cd), 2);
    assert_false(image_writable(cd));
    assert_false(image_write(cd, 0, 1, sector));
    image_close(cd);
    struct image *rw = image_open(path, IMAGE_DISK, 0, message, sizeof message);
    assert_null(image_open(path, IMAGE_DISK, 0, message, sizeof message));
    assert_non_null(strstr(message, "in use"));         /* two writers would ruin it */
    image_close(rw);
    unlink(path);
}

/* The file is there and may be read, but not written: the guest finds it write-protected. */
static void test_not_writable(void **state)
{
    char message[256];
    (void)state;
    make_file(64 * 512, 0x11);
    chmod(path, 0444);
    bool super = !geteuid();                            /* the super-user may write everything: be nobody for a moment */
    if (super)
        assert_int_equal(seteuid(65534), 0);
    struct image *i = image_open(path, IMAGE_DISK, 0, message, sizeof message);
    if (super)
        assert_int_equal(seteuid(0), 0);
    assert_non_null(i);
    assert_false(image_writable(i));
    assert_non_null(strstr(message, "write-protected"));
    assert_string_equal(image_name(i), path);
    image_close(i);
    unlink(path);
}

/* The host loses the file's end, and refuses to make it longer: reads and writes fail, a few lines say so. */
static void test_failing_host(void **state)
{
    char message[256];
    u8 cluster[64 * 512], sector[512] = { 1 };
    struct rlimit limit, old;
    (void)state;
    make_file(400 * 512, 0x11);
    struct image *i = image_open(path, IMAGE_DISK, 0, message, sizeof message);
    assert_int_equal(truncate(path, 100 * 512), 0);
    for (int k = 0; k < 20; k++)
        assert_false(image_read(i, 99, 2, cluster));
    assert_true(image_read(i, 99, 1, sector));
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 100 * 512;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    bool written = image_write(i, 99, 1, sector), beyond = image_write(i, 100, 1, sector);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_true(written);
    assert_false(beyond);
    image_close(i);
    make_file(400 * 512, 0x11);
    i = image_open(path, IMAGE_DISK, IMAGE_SNAPSHOT, message, sizeof message);
    assert_int_equal(truncate(path, 100 * 512), 0);
    assert_false(image_write(i, 300, 1, sector));       /* the rest of its cluster cannot be read */
    assert_false(image_read(i, 300, 1, sector));
    assert_true(image_read(i, 0, 1, sector));
    image_close(i);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_write), cmocka_unit_test(test_overlay), cmocka_unit_test(test_partial_sector),
        cmocka_unit_test(test_short_floppy), cmocka_unit_test(test_formats),
        cmocka_unit_test(test_growing_floppy), cmocka_unit_test(test_geometry),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_not_writable), cmocka_unit_test(test_failing_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
