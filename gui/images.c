/* images.c - telling image files apart by what is in them.
 * Follows: ECMA-119 "Volume Descriptors" (CD001), Linux "The Linux/x86 Boot Protocol" (HdrS), "Multiboot Specification
 * version 0.6.96" (header in the first 8192 bytes), and the PC's boot signature 55 AA.
 * Here: raw images of floppies, disks and CDs, boot sectors, Linux and multiboot kernels; a word about what else is met. */
#include "images.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { SECTOR = 512, CD_DESCRIPTORS = 16 * 2048, FLOPPY_MAX = 2880 * 1024 };
enum { MULTIBOOT_MAGIC = 0x1badb002, MULTIBOOT_SEARCH = 8192, MULTIBOOT_ADDRESSES = 1 << 16 };

/* Known files that are not images as they are. */
static const struct { const char *magic; size_t n; const char *what; } foreign[] = {
    { "QFI\xfb",              4, "a qcow2 image; make it raw with: qemu-img convert -O raw" },
    { "KDMV",                 4, "a VMDK image; make it raw with: qemu-img convert -O raw" },
    { "vhdxfile",             8, "a VHDX image; make it raw with: qemu-img convert -O raw" },
    { "conectix",             8, "a VHD image; make it raw with: qemu-img convert -O raw" },
    { "<<< ",                 4, "a VDI image; make it raw with: qemu-img convert -O raw" },
    { "\x1f\x8b",             2, "compressed with gzip; unpack it first" },
    { "\xfd" "7zXZ",          5, "compressed with xz; unpack it first" },
    { "BZh",                  3, "compressed with bzip2; unpack it first" },
    { "\x28\xb5\x2f\xfd",     4, "compressed with zstd; unpack it first" },
    { "PK\x03\x04",           4, "a zip archive; unpack it first" },
};

static bool is_multiboot(const u8 *head, size_t n, bool *elf)
{
    *elf = n >= 4 && !memcmp(head, "\177ELF", 4);
    for (size_t at = 0; at + 12 <= n && at + 12 <= MULTIBOOT_SEARCH; at += 4) {
        u32 flags = get32(head + at + 4);
        if (get32(head + at) == MULTIBOOT_MAGIC && get32(head + at) + flags + get32(head + at + 8) == 0)
            return *elf || (flags & MULTIBOOT_ADDRESSES);
    }
    return false;
}

enum content content_of_bytes(const char *path, const u8 *head, size_t n, u64 bytes, char *message, size_t size)
{
    bool elf, signature = n >= SECTOR && head[510] == 0x55 && head[511] == 0xaa;
    if (n >= 0x206 && signature && !memcmp(head + 0x202, "HdrS", 4))
        return CONTENT_LINUX;
    /* A CD image that also carries a boot sector and would fit on a floppy is meant as one: grub-rescue-floppy.img. */
    if (n >= CD_DESCRIPTORS + 6 && !memcmp(head + CD_DESCRIPTORS + 1, "CD001", 5))
        return signature && bytes <= FLOPPY_MAX ? CONTENT_FLOPPY : CONTENT_CD;
    if (is_multiboot(head, n, &elf) && (elf || !signature))
        return CONTENT_MULTIBOOT;
    for (size_t k = 0; k < ARRAY_LEN(foreign); k++)
        if (n >= foreign[k].n && !memcmp(head, foreign[k].magic, foreign[k].n)) {
            snprintf(message, size, "'%s' is %s", path, foreign[k].what);
            return CONTENT_UNKNOWN;
        }
    if (elf)
        snprintf(message, size, "'%s' is an ELF file without a multiboot header, and no image of a disk", path);
    else if (bytes == 0)
        snprintf(message, size, "'%s' is empty", path);
    else if (bytes < SECTOR)
        snprintf(message, size, "'%s' has %llu bytes; a boot sector has 512", path, (unsigned long long)bytes);
    else if (bytes == SECTOR && !signature)
        snprintf(message, size, "'%s' is one sector, but does not end in 55 AA, which makes a sector bootable", path);
    else if (bytes > FLOPPY_MAX && bytes % SECTOR && !signature)
        snprintf(message, size, "'%s' is nothing that can be told from its content (no boot signature, no CD, no kernel);"
                 " if it is a disk, say so with -hda", path);
    else if (bytes == SECTOR)
        return CONTENT_BOOT_SECTOR;
    else
        return bytes <= FLOPPY_MAX ? CONTENT_FLOPPY : CONTENT_DISK;
    return CONTENT_UNKNOWN;
}

/* fopen for reading with messages; directories are refused here, because fopen opens them on Linux, and so are pipes and the
 * like, which have no size and could make us wait for ever. */
static FILE *open_file(const char *path, char *message, size_t size)
{
    struct stat st;
    FILE *f = NULL;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        snprintf(message, size, "'%s' is a directory; expected an image file", path);
    else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        snprintf(message, size, "'%s' is neither a file nor a block device", path);
    else if (!(f = fopen(path, "rb")))
        snprintf(message, size, "cannot open '%s': %s", path, strerror(errno));
    return f;
}

static u64 file_bytes(FILE *f)
{
    if (fseeko(f, 0, SEEK_END))
        return 0;
    off_t n = ftello(f);
    rewind(f);
    return n < 0 ? 0 : (u64)n;
}

enum content content_of(const char *path, char *message, size_t size)
{
    FILE *f = open_file(path, message, size);
    if (!f)
        return CONTENT_UNKNOWN;
    u64 bytes = file_bytes(f);
    u8 *head = xcalloc(1, CONTENT_HEAD);
    size_t n = fread(head, 1, CONTENT_HEAD, f);
    fclose(f);
    enum content c = content_of_bytes(path, head, n, bytes, message, size);
    free(head);
    return c;
}

u8 *file_load(const char *path, u64 *bytes, char *message, size_t size)
{
    FILE *f = open_file(path, message, size);
    if (!f)
        return NULL;
    *bytes = file_bytes(f);
    u8 *data = xcalloc(1, *bytes + 1);
    bool ok = fread(data, 1, *bytes, f) == *bytes;
    fclose(f);
    if (!ok) {
        snprintf(message, size, "cannot read all of '%s'", path);
        free(data);
        return NULL;
    }
    return data;
}
