/* t_images.c - image files told apart by content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../gui/images.h"

static u8 head[CONTENT_HEAD];
static char message[256];

static enum content look(size_t n, u64 bytes)
{
    message[0] = 0;
    return content_of_bytes("x.img", head, n, bytes, message, sizeof message);
}

static int clear(void **state)
{
    (void)state;
    memset(head, 0, sizeof head);
    return 0;
}

static void sign(void) { head[510] = 0x55, head[511] = 0xaa; }

static void sectors_and_floppies(void **state)
{
    (void)state;
    assert_int_equal(look(512, 512), CONTENT_UNKNOWN);          /* no signature */
    assert_non_null(strstr(message, "55 AA"));
    sign();
    assert_int_equal(look(512, 512), CONTENT_BOOT_SECTOR);
    assert_int_equal(look(CONTENT_HEAD, 1474560), CONTENT_FLOPPY);
    assert_int_equal(look(CONTENT_HEAD, 2949120), CONTENT_FLOPPY);
    assert_int_equal(look(CONTENT_HEAD, 2949120 + 512), CONTENT_DISK);
    assert_int_equal(look(100, 100), CONTENT_UNKNOWN);
    assert_int_equal(look(0, 0), CONTENT_UNKNOWN);
    assert_non_null(strstr(message, "empty"));
}

static void compact_discs(void **state)
{
    (void)state;
    memcpy(head + 0x8001, "CD001", 5);
    assert_int_equal(look(CONTENT_HEAD, 100 << 20), CONTENT_CD);
    assert_int_equal(look(CONTENT_HEAD, 1 << 20), CONTENT_CD);
    sign();                                                     /* hybrid: also bootable as a disk */
    assert_int_equal(look(CONTENT_HEAD, 100 << 20), CONTENT_CD);
    assert_int_equal(look(CONTENT_HEAD, 1296384), CONTENT_FLOPPY);
}

static void kernels(void **state)
{
    (void)state;
    sign();
    memcpy(head + 0x202, "HdrS", 4);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_LINUX);
    clear(state);
    memcpy(head, "\177ELF", 4);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_UNKNOWN);
    assert_non_null(strstr(message, "multiboot"));
    put32(head + 4096, 0x1badb002);
    put32(head + 4100, 3);
    put32(head + 4104, 0u - 0x1badb002 - 3);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_MULTIBOOT);
    put32(head + 4104, 0);                                      /* wrong checksum */
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_UNKNOWN);
}

static void foreign_files(void **state)
{
    (void)state;
    memcpy(head, "QFI\xfb", 4);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_UNKNOWN);
    assert_non_null(strstr(message, "qemu-img"));
    memcpy(head, "\x1f\x8b\x08\x00", 4);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_UNKNOWN);
    assert_non_null(strstr(message, "gzip"));
    clear(state);
    assert_int_equal(look(CONTENT_HEAD, (5 << 20) + 7), CONTENT_UNKNOWN);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_DISK);        /* a blank disk */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sectors_and_floppies, clear), cmocka_unit_test_setup(compact_discs, clear),
        cmocka_unit_test_setup(kernels, clear), cmocka_unit_test_setup(foreign_files, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
