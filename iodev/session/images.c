/* images.c - telling image files apart by what is in them.
 * Follows: ECMA-119 "Volume Descriptors" (CD001), "El Torito" Bootable CD-ROM Format Specification 1.0, ECMA-167 (BEA01), Linux
 * "The Linux/x86 Boot Protocol" (HdrS), "Multiboot Specification version 0.6.96" (header in the first 8192 bytes), the PC's boot
 * signature 55 AA, partition table and BPB (iodev/image/geometry.h).
 * Here: raw images of floppies, disks and CDs, boot sectors, Linux and multiboot kernels; a word about what else is met. */
#include "images.h"
#include "../../host/file.h"
#include "../image/image.h"
#include "foreign.h"
#include <stdarg.h>
#include <stdio.h>

enum { SECTOR = 512, CD_BLOCK = 2048, CD_DESCRIPTORS = 16 * CD_BLOCK };
enum { MULTIBOOT_MAGIC = 0x1badb002, MULTIBOOT_SEARCH = 8192, MULTIBOOT_ADDRESSES = 1 << 16 };
static const u32 MULTIBOOT2_MAGIC = 0xe85250d6;

static bool is_signed(const struct file_parts *f) { return f->n >= SECTOR && f->head[510] == 0x55 && f->head[511] == 0xaa; }

static bool has(const struct file_parts *f, size_t at, const char *magic, size_t length)
{
    return f->n >= at + length && !memcmp(f->head + at, magic, length);
}

static bool is_elf(const struct file_parts *f) { return has(f, 0, "\177ELF", 4); }
static bool is_linux(const struct file_parts *f) { return is_signed(f) && has(f, 0x202, "HdrS", 4); }

static bool is_pe(const struct file_parts *f)
{
    return has(f, 0, "MZ", 2) && f->n >= 0x40 && has(f, get32(f->head + 0x3c), "PE\0\0", 4);
}

static bool is_multiboot(const struct file_parts *f)
{
    for (size_t at = 0; at + 12 <= f->n && at + 12 <= MULTIBOOT_SEARCH; at += 4) {
        const u8 *h = f->head + at;
        u32 flags = get32(h + 4);
        if (get32(h) == MULTIBOOT_MAGIC && get32(h) + flags + get32(h + 8) == 0)
            return is_elf(f) || (flags & MULTIBOOT_ADDRESSES && !is_signed(f));
    }
    return false;
}

static bool is_multiboot2(const struct file_parts *f)
{
    for (size_t at = 0; at + 16 <= f->n; at += 8)
        if (get32(f->head + at) == MULTIBOOT2_MAGIC &&
            !(MULTIBOOT2_MAGIC + get32(f->head + at + 4) + get32(f->head + at + 8) + get32(f->head + at + 12)))
            return true;
    return false;
}

static bool is_cd(const struct file_parts *f)
{
    return has(f, CD_DESCRIPTORS + 1, "CD001", 5) || has(f, CD_DESCRIPTORS + 9, "CDROM", 5) ||
           has(f, CD_DESCRIPTORS + 1, "BEA01", 5);
}

/* A boot record among the volume descriptors, with a catalogue that is in the file. */
static bool has_el_torito(const struct file_parts *f)
{
    for (size_t at = CD_DESCRIPTORS; at + CD_BLOCK <= f->n && f->head[at] != 0xff; at += CD_BLOCK)
        if (has(f, at, "\0CD001\1EL TORITO SPECIFICATION", 30))
            return (u64)get32(f->head + at + 0x47) * CD_BLOCK < f->bytes;
    return false;
}

/* ---- words ---- */

/* 163840 as "163,840". */
static const char *grouped(u64 n, char to[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), at = 0;
    for (int k = 0; k < length; k++) {
        if (k && (length - k) % 3 == 0)
            to[at++] = ',';
        to[at++] = digits[k];
    }
    to[at] = 0;
    return to;
}

struct words {
    char *to;
    size_t size;
};

printf_like(2, 3) static void add(const struct words *w, const char *fmt, ...)
{
    size_t at = strlen(w->to);
    va_list args;
    va_start(args, fmt);
    vsnprintf(w->to + at, w->size - at, fmt, args);
    va_end(args);
}

/* ---- floppies and disks ---- */

static bool has_partitions(const struct file_parts *f)
{
    return f->n >= SECTOR && partition_table_valid(f->head, (f->bytes + SECTOR - 1) / SECTOR);
}

/* A file system without partitions that was made for a disk: its BPB says so. */
static bool is_disk_volume(const struct file_parts *f, const struct bpb *b)
{
    return b->media == 0xf8 && (b->hidden || f->head[36] == 0x80);
}

static enum content say_floppy(const char *path, const struct file_parts *f, const struct words *w)
{
    struct floppy_format format;
    enum geometry_source source;
    u8 first[SECTOR] = { 0 };
    char bytes[32];
    memcpy(first, f->head, f->n < SECTOR ? f->n : SECTOR);
    floppy_format_of(first, f->bytes, &format, &source);
    add(w, "%s bytes, ", grouped(f->bytes, bytes));
    if (source == GEOMETRY_BPB)
        add(w, "its BPB has %u sectors a track: ", format.sectors);
    else
        add(w, "no partition table%s: ", source == GEOMETRY_GUESS ? " and no floppy's size" : "");
    add(w, "a %uK floppy%s%s (-hda %s if it is a disk)", format.bytes / 1024, f->bytes < format.bytes ? " that ends in zeros" : "",
        is_signed(f) || f->any_sector ? "" : " without 55 AA in its boot sector, so that only -boot a,unsigned starts it", path);
    return CONTENT_FLOPPY;
}

static enum content say_disk(const char *path, const struct file_parts *f, const char *why, const struct words *w)
{
    char bytes[32];
    bool small = f->bytes <= FLOPPY_BYTES_MAX;
    add(w, "%s bytes, %s: a disk (%s %s if it is a %s)", grouped(f->bytes, bytes), why, small ? "-fda" : "-cdrom", path,
        small ? "floppy" : "CD");
    return CONTENT_DISK;
}

static enum content say_cd(const char *path, const struct file_parts *f, const struct words *w)
{
    bool boots = has_el_torito(f), hybrid = has_partitions(f);
    if (!boots && hybrid)
        return say_disk(path, f, "a CD's file system without an El Torito boot record, and a partition table", w);
    if (!boots && is_signed(f) && f->bytes <= FLOPPY_BYTES_MAX)
        return say_floppy(path, f, w);
    add(w, "%s%s: a CD (-hda %s%s)", boots ? "El Torito boot record" : "a CD's volume descriptor, no El Torito boot record",
        hybrid ? " and a partition table" : "", path, hybrid ? " boots it as a disk" : " if it is a disk");
    if (boots && is_signed(f) && f->bytes <= FLOPPY_BYTES_MAX) {
        w->to[strlen(w->to) - 1] = 0;
        add(w, ", -fda %s as a floppy)", path);
    }
    return CONTENT_CD;
}

/* Sectors: a floppy, or a disk? */
static enum content say_sectors(const char *path, const struct file_parts *f, const struct words *w)
{
    struct bpb b;
    bool bpb = f->n >= SECTOR && bpb_read(f->head, &b), partitions = has_partitions(f);
    bool small = f->bytes <= FLOPPY_BYTES_MAX, is_volume = bpb && b.sectors * SECTOR == f->bytes;
    if (small && partitions && is_volume && !is_disk_volume(f, &b))
        return say_floppy(path, f, w);                  /* code that looks like a table */
    if (partitions)
        return say_disk(path, f, "a partition table", w);
    if (bpb && is_disk_volume(f, &b))
        return say_disk(path, f, "a file system whose BPB says disk", w);
    if (!small)
        return say_disk(path, f, "larger than a floppy", w);
    return say_floppy(path, f, w);
}

/* Why a file is nothing that can be started; false if it may be. */
static bool say_useless(const char *path, const struct file_parts *f, const struct words *w)
{
    const struct foreign *foreign = f->raw ? NULL : foreign_of(f->head, f->n, f->tail, f->bytes);
    bool whole = is_signed(f) || f->any_sector;
    struct bpb b;
    if (foreign) {
        add(w, "'%s' is ", path);
        foreign_say(foreign, path, w->to + strlen(w->to), w->size - strlen(w->to));
        add(w, " (or give %s,format=raw to take its bytes as they are)", path);
    } else if (!f->raw && is_elf(f)) {
        add(w, "'%s' is an ELF file without a multiboot header%s, and no image of a disk (-hda %s,format=raw if it is one)", path,
            is_multiboot2(f) ? " (it has one of multiboot 2: make a CD of it with grub-mkrescue)" : "", path);
    } else if (!f->raw && is_pe(f) && !is_signed(f)) {
        add(w, "'%s' is an EFI or Windows program; this PC has a BIOS (-hda %s,format=raw if it is a disk)", path, path);
    } else if (f->bytes == 0) {
        add(w, "'%s' is empty", path);
    } else if (f->bytes < SECTOR && !whole) {
        add(w, "'%s' has %llu bytes; a boot sector has 512 (-boot a,unsigned starts it all the same)", path,
            (unsigned long long)f->bytes);
    } else if (f->bytes == SECTOR && !whole) {
        add(w, "'%s' is one sector, but does not end in 55 AA, which makes a sector bootable (-boot a,unsigned starts it"
            " all the same)", path);
    } else if (f->bytes % SECTOR && !whole && !bpb_read(f->head, &b)) {
        add(w, "'%s' is nothing that can be told from its content (no boot signature, no CD, no kernel);"
            " if it is a disk, say so with -hda, if a floppy, with -fda", path);
    }
    return *w->to;
}

enum content content_of_bytes(const char *path, const struct file_parts *f, char *message, size_t size)
{
    const struct words w = { message, size };
    bool kernel = !f->raw && !has_partitions(f);        /* what a guest writes onto its disk does not make it one */
    message[0] = 0;
    if (kernel && is_linux(f)) {
        add(&w, "a Linux boot header (HdrS): a kernel, started as by -kernel (-fda %s if it is a floppy)", path);
        return CONTENT_LINUX;
    }
    if (kernel && is_multiboot(f)) {
        add(&w, "a multiboot header: a kernel, started as by -kernel (-fda or -hda %s,format=raw if it is an image)", path);
        return CONTENT_MULTIBOOT;
    }
    if (is_cd(f) && (f->raw || !foreign_of(f->head, f->n, f->tail, f->bytes)))
        return say_cd(path, f, &w);
    if (say_useless(path, f, &w))
        return CONTENT_UNKNOWN;
    if (f->bytes == SECTOR) {
        add(&w, "one sector%s: a boot sector, put on an empty 1440K floppy (-fda %s to write to the file)",
            is_signed(f) ? " that ends in 55 AA" : "", path);
        return CONTENT_BOOT_SECTOR;
    }
    return say_sectors(path, f, &w);
}

/* ---- files ---- */

/* A file with something in it, or why not. */
static struct file *open_file(const char *path, char *message, size_t size)
{
    struct failure why;
    struct file *f = NULL;
    enum file_kind kind = file_kind_at(path, NULL, NULL);
    if (kind == FILE_FOLDER)
        snprintf(message, size, "'%s' is a directory; expected an image file", path);
    else if (kind == FILE_STREAM)
        snprintf(message, size, "'%s' is neither a file nor a block device", path);
    else if (!(f = file_open(path, false, &why)))
        snprintf(message, size, "cannot open '%s': %s", path, why.text);
    return f;
}

/* How many of n bytes could be read from there. */
static size_t read_at(struct file *f, u64 at, u8 *to, u64 n)
{
    size_t had = 0;
    for (size_t k; had < n && (k = file_read(f, at + had, to + had, n - had, NULL)) > 0;)
        had += k;
    return had;
}

/* The parts of a file; the caller frees parts->head, which holds the tail, too. */
static bool read_parts(const char *path, struct file_parts *parts, char *message, size_t size)
{
    struct file *f = open_file(path, message, size);
    if (!f)
        return false;
    u8 *head = xcalloc(1, CONTENT_HEAD + FOREIGN_TAIL), *tail = head + CONTENT_HEAD;
    file_bytes(f, &parts->bytes, NULL);
    parts->n = read_at(f, 0, head, CONTENT_HEAD);
    parts->head = head;
    parts->tail = NULL;
    if (parts->bytes >= FOREIGN_TAIL && read_at(f, parts->bytes - FOREIGN_TAIL, tail, FOREIGN_TAIL) == FOREIGN_TAIL)
        parts->tail = tail;
    file_close(f, NULL);
    return true;
}

enum content content_of(const char *path, bool raw, bool any_sector, char *message, size_t size)
{
    struct file_parts parts = { .raw = raw, .any_sector = any_sector };
    if (!read_parts(path, &parts, message, size))
        return CONTENT_UNKNOWN;
    enum content c = content_of_bytes(path, &parts, message, size);
    free((void *)parts.head);
    return c;
}

enum content content_of_memory(const char *path, const void *bytes, size_t n, bool raw, bool any_sector, char *message, size_t size)
{
    const struct file_parts parts = {
        .head = bytes, .n = n < CONTENT_HEAD ? n : CONTENT_HEAD, .bytes = n, .raw = raw, .any_sector = any_sector,
        .tail = n >= FOREIGN_TAIL ? (const u8 *)bytes + n - FOREIGN_TAIL : NULL,
    };
    return content_of_bytes(path, &parts, message, size);
}

bool image_file_parts(struct image *image, struct file_parts *parts)
{
    u32 sector = image_sector_size(image);
    u64 sectors = image_sectors(image);
    u32 n = sectors < CONTENT_HEAD / sector ? (u32)sectors : CONTENT_HEAD / sector;
    u8 *head = xcalloc(1, CONTENT_HEAD + sector), *last = head + CONTENT_HEAD;
    *parts = (struct file_parts) { .head = head, .n = (size_t)n * sector, .bytes = sectors * sector,
                                   .tail = last + sector - FOREIGN_TAIL };
    if (image_read(image, 0, n, head) && image_read(image, sectors - 1, 1, last))
        return true;
    free(head);
    return false;
}

const char *content_misleads(const struct file_parts *f, bool floppy)
{
    const struct foreign *foreign = foreign_of(f->head, f->n, f->tail, f->bytes);
    if (foreign)
        return foreign->what;
    if (!floppy && is_elf(f))
        return "an ELF file, perhaps a kernel for -kernel";
    return !floppy && is_linux(f) && !has_partitions(f) ? "a Linux kernel (bzImage), for -kernel" : NULL;
}

bool drive_content_fits(const char *path, const char *option, char *message, size_t size)
{
    struct file_parts parts = { .raw = false };
    const struct words w = { message, size };
    if (!read_parts(path, &parts, message, size))
        return true;
    const struct foreign *foreign = foreign_of(parts.head, parts.n, parts.tail, parts.bytes);
    const char *what = content_misleads(&parts, !strncmp(option, "fd", 2));
    message[0] = 0;
    if (what)
        add(&w, "expected a raw image of the medium's sectors, and '%s' is ", path);
    if (foreign)
        foreign_say(foreign, path, message + strlen(message), size - strlen(message));
    else if (what)
        add(&w, "%s", what);
    if (what)
        add(&w, " (-%s %s,format=raw takes its bytes as they are)", option, path);
    free((void *)parts.head);
    return !what;
}

u8 *file_load(const char *path, u64 *bytes, char *message, size_t size)
{
    struct file *f = open_file(path, message, size);
    if (!f)
        return NULL;
    if (!file_bytes(f, bytes, NULL)) {
        snprintf(message, size, "cannot tell the length of '%s'", path);
        file_close(f, NULL);
        return NULL;
    }
    u8 *data = malloc(*bytes + 1);
    if (!data) {
        snprintf(message, size, "no memory for the %llu bytes of '%s'", (unsigned long long)*bytes, path);
        file_close(f, NULL);
        return NULL;
    }
    bool ok = read_at(f, 0, data, *bytes) == *bytes;
    file_close(f, NULL);
    if (!ok) {
        snprintf(message, size, "cannot read all of '%s'", path);
        free(data);
        return NULL;
    }
    return data;
}
