/* t_floppy_media.c - the 82077AA and what lies in its drive: files, write protection, errors of the host, formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../support/fdc_rig.h"
#include "../../support/fake_machine.h"

static int flushes, flush_error;
int fdatasync(int fd)
{
    flushes++;
    errno = flush_error;
    return flush_error ? -1 : (int)syscall(SYS_fdatasync, fd);
}

/* A floppy in a file of so many bytes. */
static struct image *file_floppy(char path[64], u32 bytes, int flags)
{
    char message[256];
    snprintf(path, 64, "t_floppy.%d.img", (int)getpid());
    FILE *f = fopen(path, "wb");
    assert_int_equal(ftruncate(fileno(f), bytes), 0);
    fclose(f);
    struct image *i = image_open(path, IMAGE_FLOPPY, flags, message, sizeof message);
    assert_non_null(i);
    return i;
}

static void test_read_track(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    program_dma(r, 512 * 4, true);
    COMMAND(r, 0x42, 0x00, 0, 0, 1, 2, 4, 0x1b, 0xff);
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0, 1, 0, 1);
    assert_int_equal(get16(fake_ram(r->m) + BUFFER + 3 * 512), 3);
    program_dma(r, 512 * 4, true);
    COMMAND(r, 0x42, 0x00, 5, 0, 1, 2, 4, 0x1b, 0xff);  /* another cylinder's address: read all the same, and said */
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0x04, 0, 6, 0, 1);
    program_dma(r, 512 * 20, true);
    COMMAND(r, 0x42, 0x00, 0, 0, 1, 2, 3, 0x1b, 0xff);  /* EOT ends it too */
    fake_advance(r->m, 600 * MS);
    expect(r, 0, 0, 0, 1, 0, 1);
}

static void test_protected_and_broken(void **state)
{
    struct rig *r = *state;
    char path[64];
    get_ready(r);
    i82077aa_set_medium(r->fdc, 0, file_floppy(path, 1440 * 1024, IMAGE_READ_ONLY));
    COMMAND(r, 0x04, 0);
    results(r, 1);
    assert_int_equal(r->result[0], 0x78);               /* WP, T0 */
    program_dma(r, 512, false);
    COMMAND(r, 0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x02, 0, 0, 0, 1);                  /* NW */
    assert_int_equal(truncate(path, 512), 0);
    program_dma(r, 1024, true);
    COMMAND(r, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x20, 0x20, 0, 0, 2);               /* the host cannot read the second: data error */
    program_dma(r, 512, false);
    COMMAND(r, 0x51, 0x00, 0, 0, 2, 2, 18, 0x1b, 1);
    fake_advance(r->m, 900 * MS);
    expect(r, 0x40, 0x20, 0x20, 0, 0, 2);
    i82077aa_set_medium(r->fdc, 0, NULL);
    COMMAND(r, 0x04, 0);
    results(r, 1);
    assert_int_equal(r->result[0] & 0x40, 0x40);        /* no light through: as protected */
    unlink(path);
}

/* A floppy drive has no cache: what a command wrote is on the medium when it ends. */
static void test_written_when_it_ends(void **state)
{
    struct rig *r = *state;
    char path[64];
    get_ready(r);
    i82077aa_set_medium(r->fdc, 0, file_floppy(path, 1440 * 1024, 0));
    COMMAND(r, 0x04, 0);
    results(r, 1);
    flushes = 0;
    for (int k = 1; k <= 2; k++) {
        program_dma(r, 2 * 512, false);
        COMMAND(r, 0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
        fake_advance(r->m, 900 * MS);
        expect(r, 0, 0, 0, 0, 0, 3);
        assert_int_equal(flushes, k);
    }
    program_dma(r, 512, true);
    COMMAND(r, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    expect(r, 0, 0, 0, 0, 0, 2);
    assert_int_equal(flushes, 2);
    flush_error = EIO;
    program_dma(r, 512, false);
    COMMAND(r, 0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    fake_advance(r->m, 900 * MS);
    flush_error = 0;
    expect(r, 0x40, 0x20, 0x20, 0, 0, 2);
    i82077aa_set_medium(r->fdc, 0, NULL);
    unlink(path);
}

static void test_odd_format(void **state)
{
    struct rig *r = *state;
    get_ready(r);
    const u8 id[8] = { 0, 0, 1, 3, 0, 0, 2, 2 };        /* a 1024-byte sector, then one that fits */
    memcpy(fake_ram(r->m) + BUFFER, id, sizeof id);
    program_dma(r, 8, false);
    COMMAND(r, 0x4d, 0x00, 2, 2, 0x54, 0xe5);
    fake_advance(r->m, 900 * MS);
    results(r, 7);
    assert_int_equal(r->result[0] & 0xf8, 0);
    assert_int_equal(fake_log_lines(r->m), 1);
    u8 sector[512];
    image_read(i82077aa_medium(r->fdc, 0), 1, 1, sector);
    assert_int_equal(sector[7], 0xe5);
    image_read(i82077aa_medium(r->fdc, 0), 0, 1, sector);
    assert_int_equal(sector[7], 0);
    fake_out8(r->m, DIR, 2);                            /* wrong data rate */
    program_dma(r, 8, false);
    COMMAND(r, 0x4d, 0x00, 2, 2, 0x54, 0xe5);
    fake_advance(r->m, 900 * MS);
    results(r, 7);
    assert_int_equal(r->result[1], 0x01);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fdc_set_up, fake_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_read_track), TEST(test_protected_and_broken), TEST(test_written_when_it_ends), TEST(test_odd_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
