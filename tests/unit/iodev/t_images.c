/* t_images.c - image files told apart by content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../iodev/session/images.h"

static u8 head[CONTENT_HEAD];
static char message[512];
static const u8 *tail;
static bool raw, any_sector;

static enum content look(size_t n, u64 bytes)
{
    struct file_parts f = { .head = head, .n = n, .tail = tail, .bytes = bytes, .raw = raw, .any_sector = any_sector };
    message[0] = 0;
    return content_of_bytes("x.img", &f, message, sizeof message);
}

/* What is chosen, with words that must be in the line. */
static void chosen(size_t n, u64 bytes, enum content content, const char *words)
{
    assert_int_equal(look(n, bytes), content);
    if (!strstr(message, words))
        fail_msg("'%s' is not in '%s'", words, message);
    assert_null(strchr(message, '\n'));
}

static int clear(void **state)
{
    (void)state;
    memset(head, 0, sizeof head);
    tail = NULL;
    raw = any_sector = false;
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

/* A partition of that type at those sectors. */
static void partition(int k, u8 status, u8 type, u32 first, u32 count)
{
    u8 *e = head + 446 + 16 * k;
    e[0] = status, e[4] = type;
    put32(e + 8, first), put32(e + 12, count);
    sign();
}

/* A BPB of 512-byte sectors. */
static void bpb(u16 sectors, u8 media, u16 track_sectors, u16 heads)
{
    head[0] = 0xeb, head[1] = 0x3c, head[2] = 0x90;
    put16(head + 11, 512);
    head[13] = 1, put16(head + 14, 1), head[16] = 2;
    put16(head + 17, 224), put16(head + 19, sectors), head[21] = media, put16(head + 22, 9);
    put16(head + 24, track_sectors), put16(head + 26, heads);
}

static void el_torito(void)
{
    memcpy(head + 0x8000, "\1CD001\1", 7);
    memcpy(head + 0x8800, "\0CD001\1EL TORITO SPECIFICATION", 30);
    put32(head + 0x8847, 20);
    memcpy(head + 0x9000, "\377CD001\1", 7);
}

static void compact_discs(void **state)
{
    (void)state;
    memcpy(head + 0x8001, "CD001", 5);
    chosen(CONTENT_HEAD, 100 << 20, CONTENT_CD, "no El Torito");
    chosen(CONTENT_HEAD, 1 << 20, CONTENT_CD, "-hda x.img");
    sign();                                                     /* a boot sector and no boot record: no BIOS starts it as a CD */
    chosen(CONTENT_HEAD, 1296384, CONTENT_FLOPPY, "1440K floppy");
    chosen(CONTENT_HEAD, 100 << 20, CONTENT_CD, "no El Torito");
    partition(0, 0x80, 0x17, 0, 2532);
    chosen(CONTENT_HEAD, 1296384, CONTENT_DISK, "without an El Torito");
    el_torito();                                                /* isohybrid, however small */
    chosen(CONTENT_HEAD, 1296384, CONTENT_CD, "El Torito boot record and a partition table");
    assert_non_null(strstr(message, "-hda x.img boots it as a disk, -fda x.img as a floppy)"));
    chosen(CONTENT_HEAD, 400 << 20, CONTENT_CD, "El Torito");
    put32(head + 0x8847, 1 << 20);                              /* its catalogue is not in the file */
    chosen(CONTENT_HEAD, 1296384, CONTENT_DISK, "without an El Torito");
    clear(state);
    el_torito();                                                /* no boot sector at all */
    chosen(CONTENT_HEAD, 600 << 10, CONTENT_CD, "El Torito");
    clear(state);
    memcpy(head + 0x8001, "BEA01", 5);                          /* UDF alone */
    chosen(CONTENT_HEAD, 100 << 20, CONTENT_CD, "a CD");
}

static void partition_tables(void **state)
{
    (void)state;
    partition(0, 0x80, 0x06, 1, 639);
    chosen(CONTENT_HEAD, 640 * 512, CONTENT_DISK, "327,680 bytes, a partition table: a disk (-fda x.img");
    partition(0, 0x80, 0x06, 1, 6400);                          /* the end was cut off */
    chosen(CONTENT_HEAD, 640 * 512, CONTENT_DISK, "partition table");
    partition(1, 0x00, 0x06, 639, 10);                          /* overlaps */
    chosen(CONTENT_HEAD, 640 * 512, CONTENT_FLOPPY, "320K floppy");
    partition(1, 0x00, 0x00, 0, 0);
    partition(2, 0x41, 0x06, 0, 0);                             /* that is no status: code */
    chosen(CONTENT_HEAD, 640 * 512, CONTENT_FLOPPY, "no partition table");
    clear(state);
    partition(0, 0, 0xee, 1, 0xffffffff);                       /* GPT's protective one */
    chosen(CONTENT_HEAD, 1 << 20, CONTENT_DISK, "partition table");
    partition(0, 0, 0x06, 4000, 1);                             /* begins behind the end */
    chosen(CONTENT_HEAD, 1 << 20, CONTENT_FLOPPY, "no partition table");
    clear(state);
    partition(3, 0x80, 0xa5, 0, 50000);                         /* the BSDs' "dangerously dedicated" disk */
    chosen(CONTENT_HEAD, 1 << 20, CONTENT_DISK, "partition table");
    bpb(2048, 0xf0, 18, 2);                                     /* a floppy's file system fills the file: that is code there */
    chosen(CONTENT_HEAD, 1 << 20, CONTENT_FLOPPY, "its BPB has 18 sectors a track: a 1440K floppy");
    clear(state);
    partition(0, 0x80, 0x06, 1, 639);
    head[510] = 0;                                              /* no signature, no table */
    chosen(CONTENT_HEAD, 640 * 512, CONTENT_FLOPPY, "-boot a,unsigned");
}

static void volumes(void **state)
{
    (void)state;
    bpb(2880, 0xf0, 18, 2);
    sign();
    chosen(CONTENT_HEAD, 1474560, CONTENT_FLOPPY, "1,474,560 bytes, no partition table: a 1440K floppy (-hda x.img");
    chosen(CONTENT_HEAD, 100000, CONTENT_FLOPPY, "18 sectors a track: a 1440K floppy that ends in zeros");
    bpb(1024, 0xf8, 63, 16);
    head[36] = 0x80;
    chosen(CONTENT_HEAD, 1024 * 512, CONTENT_DISK, "whose BPB says disk");
    head[36] = 0;
    chosen(CONTENT_HEAD, 1024 * 512, CONTENT_FLOPPY, "no floppy's size");
    chosen(CONTENT_HEAD, 4 << 20, CONTENT_DISK, "larger than a floppy: a disk (-cdrom");
}

static void odd_files(void **state)
{
    (void)state;
    chosen(100, 100, CONTENT_UNKNOWN, "a boot sector has 512");
    chosen(512, 512, CONTENT_UNKNOWN, "-boot a,unsigned");
    chosen(700, 700, CONTENT_UNKNOWN, "nothing that can be told");
    chosen(10240, 10240, CONTENT_FLOPPY, "10,240 bytes, no partition table and no floppy's size: a 1440K floppy that ends in zeros");
    chosen(CONTENT_HEAD, 163840, CONTENT_FLOPPY, "163,840 bytes, no partition table: a 160K floppy without 55 AA");
    any_sector = true;                                          /* -boot a,unsigned */
    chosen(100, 100, CONTENT_FLOPPY, "1440K floppy that ends in zeros (-hda");
    chosen(512, 512, CONTENT_BOOT_SECTOR, "one sector: a boot sector");
    chosen(700, 700, CONTENT_FLOPPY, "1440K");
    chosen(0, 0, CONTENT_UNKNOWN, "empty");
    any_sector = false;
    sign();
    chosen(700, 700, CONTENT_FLOPPY, "1440K");
    chosen(CONTENT_HEAD, 1680 * 1024, CONTENT_FLOPPY, "a 1680K floppy (-hda");
    chosen(512, 512, CONTENT_BOOT_SECTOR, "one sector that ends in 55 AA");
    partition(0, 0x80, 6, 1, 100);                              /* of a disk that is not there */
    chosen(512, 512, CONTENT_BOOT_SECTOR, "55 AA");
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

/* A disk whose guest wrote a kernel's header onto it stays a disk. */
static void kernels_on_disks(void **state)
{
    struct file_parts f = { .head = head, .n = CONTENT_HEAD, .bytes = 5 << 20 };
    (void)state;
    partition(0, 0x80, 0x06, 63, 5000);
    memcpy(head + 0x202, "HdrS", 4);
    chosen(CONTENT_HEAD, 5 << 20, CONTENT_DISK, "a partition table");
    assert_null(content_misleads(&f, false));
    put32(head + 0x400, 0x1badb002), put32(head + 0x404, 1 << 16), put32(head + 0x408, 0u - 0x1badb002 - (1 << 16));
    chosen(CONTENT_HEAD, 5 << 20, CONTENT_DISK, "a partition table");
    clear(state);
    sign();
    memcpy(head + 0x202, "HdrS", 4);
    assert_non_null(strstr(content_misleads(&f, false), "Linux kernel"));
    assert_null(content_misleads(&f, true));
    memcpy(head, "QFI\xfb", 4);
    assert_string_equal(content_misleads(&f, true), "a qcow2 image");
}

static void other_kernels(void **state)
{
    (void)state;
    put32(head + 64, 0x1badb002), put32(head + 68, 1 << 16), put32(head + 72, 0u - 0x1badb002 - (1 << 16));
    chosen(CONTENT_HEAD, 30000, CONTENT_MULTIBOOT, "multiboot header");         /* no ELF, but says where it goes */
    sign();
    chosen(CONTENT_HEAD, 30000, CONTENT_FLOPPY, "floppy");                      /* a boot sector in front of one */
    clear(state);
    memcpy(head, "\177ELF", 4);
    put32(head + 64, 0xe85250d6), put32(head + 72, 24), put32(head + 76, 0u - 0xe85250d6 - 24);
    chosen(CONTENT_HEAD, 30000, CONTENT_UNKNOWN, "grub-mkrescue");
    raw = true;
    chosen(CONTENT_HEAD, 30720, CONTENT_FLOPPY, "floppy");
    clear(state);
    memcpy(head, "MZ", 2);                                      /* an EFI program that is also a Linux kernel, as memtest86+x64.efi */
    put32(head + 0x3c, 0x80), memcpy(head + 0x80, "PE", 2);
    chosen(CONTENT_HEAD, 140000, CONTENT_UNKNOWN, "EFI");
    sign(), memcpy(head + 0x202, "HdrS", 4);
    chosen(CONTENT_HEAD, 140000, CONTENT_LINUX, "-fda x.img");
    raw = true;
    chosen(CONTENT_HEAD, 1474560, CONTENT_FLOPPY, "floppy");
}

static void foreign_files(void **state)
{
    static const struct { const char *magic; u8 length; u16 at; const char *words; } files[] = {
        { "QFI\xfb", 4, 0, "qcow2" }, { "KDMV", 4, 0, "VMDK" }, { "vhdxfile", 8, 0, "VHDX" }, { "conectix", 8, 0, "-f vpc" },
        { "\x7f\x10\xda\xbe", 4, 64, "VDI" }, { "QED", 4, 0, "QED" }, { "WithoutFreeSpace", 16, 0, "Parallels" },
        { "\x1f\x8b\x08", 3, 0, "gunzip -k" }, { "\xfd" "7zXZ", 6, 0, "xz -dk" }, { "\x28\xb5\x2f\xfd", 4, 0, "zstd -d" },
        { "BZh9", 4, 0, "bunzip2 -k" }, { "PK\x03\x04", 4, 0, "unzip" }, { "7z\xbc\xaf\x27\x1c", 6, 0, "7z x" },
        { "IMD 1.18", 8, 0, "dsktrans" }, { "TD", 3, 0, "Teledisk" }, { "ustar", 5, 257, "tar xf" },
        { "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0", 12, 0, "2352-byte" },
    };
    u8 end[512] = "koly";
    for (size_t k = 0; k < ARRAY_LEN(files); k++) {
        clear(state);
        memcpy(head + files[k].at, files[k].magic, files[k].length);
        chosen(CONTENT_HEAD, 5 << 20, CONTENT_UNKNOWN, files[k].words);
        assert_non_null(strstr(message, "x.img,format=raw"));
        raw = true;
        chosen(CONTENT_HEAD, 5 << 20, CONTENT_DISK, "larger than a floppy");
    }
    clear(state);
    tail = end;
    chosen(CONTENT_HEAD, 5 << 20, CONTENT_UNKNOWN, "DMG");
    memcpy(end, "conectix", 8);
    chosen(CONTENT_HEAD, 5 << 20, CONTENT_UNKNOWN, "fixed size");
    clear(state);
    memcpy(head, "BZh9", 4);                                    /* four letters before a boot signature are code */
    sign();
    chosen(CONTENT_HEAD, 1474560, CONTENT_FLOPPY, "1440K");
    clear(state);
    head[0x1b] = 0x20, put32(head + 0x1c, 1261744);             /* D88: a 2HD medium and its size */
    chosen(CONTENT_HEAD, 1261744, CONTENT_UNKNOWN, "D88");
    clear(state);
    assert_int_equal(look(CONTENT_HEAD, (5 << 20) + 7), CONTENT_UNKNOWN);
    assert_int_equal(look(CONTENT_HEAD, 5 << 20), CONTENT_DISK);        /* a blank disk */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sectors_and_floppies, clear), cmocka_unit_test_setup(compact_discs, clear),
        cmocka_unit_test_setup(partition_tables, clear), cmocka_unit_test_setup(volumes, clear),
        cmocka_unit_test_setup(odd_files, clear), cmocka_unit_test_setup(other_kernels, clear),
        cmocka_unit_test_setup(kernels, clear), cmocka_unit_test_setup(kernels_on_disks, clear),
        cmocka_unit_test_setup(foreign_files, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
