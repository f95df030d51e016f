/* image.c - raw image files (see image.h). Host back end: POSIX and mingw file calls.
 * Here: disks, floppies and CDs as plain sectors; the throw-away overlay of -snapshot. A medium may be larger than its file:
 * what is missing reads as zeros, and the file grows when the guest writes there.
 * Not yet: foreign formats (they come through an NBD server). */
#define _FILE_OFFSET_BITS 64
#include "image.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#ifndef _WIN32
#include <sys/file.h>
#endif
#ifndef O_BINARY
#define O_BINARY 0
#endif
#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif
#ifndef O_NONBLOCK
#define O_NONBLOCK 0
#endif

enum {
    CLUSTER = 4096,                     /* of the overlay */
    LEAF = 512,                         /* clusters a leaf of its tree */
    ERRORS_SHOWN = 8,
};

struct leaf {
    u8 *cluster[LEAF];                  /* NULL: not written, the file has it */
};

struct image {
    char *name;
    enum image_kind kind;
    int fd;                             /* -1: in memory only */
    bool writable, overlay;
    u32 sector_size;
    u64 sectors;
    u64 file_bytes;                     /* what the file holds; zeros follow */
    struct floppy_format format;        /* of a floppy */
    enum geometry_source format_source;
    struct disk_geometry geometry;
    struct leaf **leaves;               /* of the overlay */
    u64 leaf_count;
    u32 errors;
    u64 accesses;
};

/* Add a line to what the caller will print. */
printf_like(3, 4) static void say(char *message, size_t size, const char *fmt, ...)
{
    size_t at = strlen(message);
    va_list args;
    if (at && at + 1 < size) {
        message[at++] = '\n';
        message[at] = 0;
    }
    va_start(args, fmt);
    vsnprintf(message + at, size - at, fmt, args);
    va_end(args);
}

/* A failing host disk would fill the terminal: a few lines are enough. */
static void host_failed(struct image *image, const char *what, u64 at)
{
    const char *why = errno ? strerror(errno) : "the file ended early";
    if (image->errors++ < ERRORS_SHOWN)
        fprintf(stderr, "vitrine: %s: %s failed at byte %llu: %s; the guest is told of a drive error\n",
                image->name, what, (unsigned long long)at, why);
    if (image->errors == ERRORS_SHOWN)
        fprintf(stderr, "vitrine: %s: further errors are not shown\n", image->name);
}

#ifdef _WIN32
static ssize_t read_at(int fd, void *to, size_t n, u64 at)
{
    return lseek64(fd, (i64)at, SEEK_SET) < 0 ? -1 : read(fd, to, (unsigned)n);
}
static ssize_t write_at(int fd, const void *from, size_t n, u64 at)
{
    return lseek64(fd, (i64)at, SEEK_SET) < 0 ? -1 : write(fd, from, (unsigned)n);
}
static bool sync_file(int fd) { return _commit(fd) == 0; }
static bool lock_file(int fd, bool exclusive) { (void)fd, (void)exclusive; return true; }
#else
static ssize_t read_at(int fd, void *to, size_t n, u64 at) { return pread(fd, to, n, (off_t)at); }
static ssize_t write_at(int fd, const void *from, size_t n, u64 at) { return pwrite(fd, from, n, (off_t)at); }
static bool sync_file(int fd) { return fsync(fd) == 0 || errno == EINVAL || errno == EROFS; }
/* Two programs that write one image ruin it. A file system without locks is no reason to refuse. */
static bool lock_file(int fd, bool exclusive)
{
    return flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}
#endif

static bool file_read(struct image *image, u64 at, u8 *to, u64 n)
{
    u64 have = at >= image->file_bytes ? 0 : image->file_bytes - at;
    if (have > n)
        have = n;
    memset(to + have, 0, n - have);
    while (have) {
        errno = 0;
        ssize_t k = read_at(image->fd, to, have, at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            host_failed(image, "read", at);
            return false;
        }
        to += k, at += (u64)k, have -= (u64)k;
    }
    return true;
}

static bool file_write(struct image *image, u64 at, const u8 *from, u64 n)
{
    while (n) {
        errno = 0;
        ssize_t k = write_at(image->fd, from, n, at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            host_failed(image, "write", at);
            return false;
        }
        from += k, at += (u64)k, n -= (u64)k;
        if (at > image->file_bytes)
            image->file_bytes = at;     /* what was missing at the end now exists */
    }
    return true;
}

/* The overlay's pointer for a cluster; NULL if no write was near it and make is false. */
static u8 **overlay_slot(struct image *image, u64 cluster, bool make)
{
    struct leaf **leaf = &image->leaves[cluster / LEAF];
    if (!*leaf && make)
        *leaf = xcalloc(1, sizeof **leaf);
    return *leaf ? &(*leaf)->cluster[cluster % LEAF] : NULL;
}

static bool overlay_read(struct image *image, u64 at, u8 *to, u64 n)
{
    while (n) {
        u64 k = CLUSTER - at % CLUSTER;
        u8 **slot = overlay_slot(image, at / CLUSTER, false);
        if (k > n)
            k = n;
        if (slot && *slot)
            memcpy(to, *slot + at % CLUSTER, k);
        else if (!file_read(image, at, to, k))
            return false;
        to += k, at += k, n -= k;
    }
    return true;
}

static bool overlay_write(struct image *image, u64 at, const u8 *from, u64 n)
{
    while (n) {
        u64 k = CLUSTER - at % CLUSTER, cluster = at / CLUSTER;
        u8 **slot = overlay_slot(image, cluster, true);
        if (k > n)
            k = n;
        if (!*slot) {
            u8 *fresh = xcalloc(1, CLUSTER);
            if (k < CLUSTER && !file_read(image, cluster * CLUSTER, fresh, CLUSTER)) {
                free(fresh);
                return false;
            }
            *slot = fresh;
        }
        memcpy(*slot + at % CLUSTER, from, k);
        from += k, at += k, n -= k;
    }
    return true;
}

static void overlay_new(struct image *image)
{
    u64 bytes = image->sectors * image->sector_size;
    image->overlay = true;
    image->leaf_count = bytes / CLUSTER / LEAF + 1;
    image->leaves = xcalloc(image->leaf_count, sizeof *image->leaves);
}

/* Size and format from what the file holds and its first sector. False with a message if it cannot be a medium of its kind. */
static bool take_size(struct image *image, const u8 *first, int flags, char *message, size_t size)
{
    u64 bytes = image->file_bytes;
    image->sector_size = image->kind == IMAGE_CD ? 2048 : 512;
    if (!bytes) {
        say(message, size, "%s: the file is empty; a raw image of the medium's sectors was expected", image->name);
        return false;
    }
    image->sectors = (bytes + image->sector_size - 1) / image->sector_size;
    image->geometry = disk_geometry_of(first, image->sectors);
    if (image->kind != IMAGE_FLOPPY) {
        if (bytes % image->sector_size)
            say(message, size, "%s: %llu bytes are not a whole number of %u-byte sectors; the last one ends in zeros",
                image->name, (unsigned long long)bytes, image->sector_size);
        return true;
    }
    if (!floppy_format_of(first, bytes, &image->format, &image->format_source)) {
        say(message, size, "%s: %llu bytes are too large for a floppy (2880K at most); attach it as a disk (-hda) or CD",
            image->name, (unsigned long long)bytes);
        return false;
    }
    image->sectors = image->format.bytes / 512;
    if (bytes < image->format.bytes && !(flags & IMAGE_GUESSED))
        say(message, size, "%s: %llu bytes; read as a %uK floppy that ends in zeros", image->name,
            (unsigned long long)bytes, image->format.bytes / 1024);
    return true;
}

/* Open the file and learn its size. False with a message. */
static bool open_file(struct image *image, const char *path, int flags, char *message, size_t size)
{
    bool write = !(flags & (IMAGE_READ_ONLY | IMAGE_SNAPSHOT)) && image->kind != IMAGE_CD;
    const int how = O_BINARY | O_CLOEXEC | O_NONBLOCK;          /* does not wait for a pipe's other end */
    image->fd = open(path, (write ? O_RDWR : O_RDONLY) | how);
    if (image->fd < 0 && write && (errno == EACCES || errno == EROFS || errno == EPERM)) {
        int why = errno;
        write = false;
        image->fd = open(path, O_RDONLY | how);
        if (image->fd >= 0)
            say(message, size, "%s: not writable (%s); the guest finds it write-protected", path, strerror(why));
    }
    if (image->fd < 0) {
        say(message, size, "%s: cannot open the image: %s", path, strerror(errno));
        return false;
    }
    struct stat st;
    if (fstat(image->fd, &st) || (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))) {
        say(message, size, "%s: is not a file or block device that can hold an image", path);
        return false;
    }
    if (!lock_file(image->fd, write)) {
        say(message, size, "%s: is in use by another program; end it, or take a copy of the image", path);
        return false;
    }
    off_t end = lseek(image->fd, 0, SEEK_END);
    if (end < 0) {
        say(message, size, "%s: cannot tell its size: %s", path, strerror(errno));
        return false;
    }
    image->file_bytes = (u64)end;
    image->writable = write || (flags & IMAGE_SNAPSHOT && !(flags & IMAGE_READ_ONLY) && image->kind != IMAGE_CD);
    return true;
}

struct image *image_open(const char *path, enum image_kind kind, int flags, char *message, size_t size)
{
    struct image *image = xcalloc(1, sizeof *image);
    assert(size);
    message[0] = 0;
    image->name = xstrdup(path);
    image->kind = kind;
    image->fd = -1;
    u8 first[512] = { 0 };
    if (!open_file(image, path, flags, message, size) || !file_read(image, 0, first, sizeof first) ||
        !take_size(image, first, flags, message, size)) {
        image_close(image);
        return NULL;
    }
    if (flags & IMAGE_SNAPSHOT && image->writable)
        overlay_new(image);
    return image;
}

struct image *image_new_memory(const char *name, enum image_kind kind, const void *data, u64 bytes)
{
    struct image *image = xcalloc(1, sizeof *image);
    char message[256] = "";
    u8 first[512] = { 0 };
    image->name = xstrdup(name);
    image->kind = kind;
    image->fd = -1;
    image->file_bytes = bytes;
    if (data)
        memcpy(first, data, bytes < sizeof first ? bytes : sizeof first);
    if (!take_size(image, first, 0, message, sizeof message))
        die("%s", message);
    image->file_bytes = 0;              /* there is no file: everything is in the overlay, or zero */
    image->writable = kind != IMAGE_CD;
    overlay_new(image);
    if (data)
        overlay_write(image, 0, data, bytes);
    return image;
}

void image_close(struct image *image)
{
    if (!image)
        return;
    if (image->fd >= 0) {
        if (close(image->fd) && image->writable && !image->overlay)
            fprintf(stderr, "vitrine: %s: closing it failed: %s; its last writes may be lost\n", image->name,
                    strerror(errno));
    }
    for (u64 k = 0; k < image->leaf_count; k++) {
        for (int c = 0; image->leaves[k] && c < LEAF; c++)
            free(image->leaves[k]->cluster[c]);
        free(image->leaves[k]);
    }
    free(image->leaves);
    free(image->name);
    free(image);
}

const char *image_name(const struct image *image) { return image->name; }
enum image_kind image_kind(const struct image *image) { return image->kind; }
bool image_writable(const struct image *image) { return image->writable; }
u32 image_sector_size(const struct image *image) { return image->sector_size; }
u64 image_sectors(const struct image *image) { return image->sectors; }
const struct floppy_format *image_floppy_format(const struct image *image)
{
    return image->kind == IMAGE_FLOPPY ? &image->format : NULL;
}

enum geometry_source image_format_source(const struct image *image) { return image->format_source; }
const struct disk_geometry *image_geometry(const struct image *image) { return &image->geometry; }
struct image_chs image_chs(const struct image *image) { return image->geometry.drive; }

void image_set_chs(struct image *image, struct image_chs chs)
{
    image->geometry = disk_geometry_named(chs, image->sectors);
}

static bool in_range(const struct image *image, u64 sector, u32 count)
{
    return sector < image->sectors && count <= image->sectors - sector;
}

bool image_read(struct image *image, u64 sector, u32 count, void *to)
{
    u64 at = sector * image->sector_size, n = (u64)count * image->sector_size;
    if (!in_range(image, sector, count))
        return false;
    image->accesses++;
    return image->overlay ? overlay_read(image, at, to, n) : file_read(image, at, to, n);
}

bool image_write(struct image *image, u64 sector, u32 count, const void *from)
{
    u64 at = sector * image->sector_size, n = (u64)count * image->sector_size;
    if (!image->writable || !in_range(image, sector, count))
        return false;
    image->accesses++;
    return image->overlay ? overlay_write(image, at, from, n) : file_write(image, at, from, n);
}

u64 image_accesses(const struct image *image) { return image->accesses; }

bool image_flush(struct image *image)
{
    if (image->fd < 0 || image->overlay || !image->writable)
        return true;
    errno = 0;
    if (sync_file(image->fd))
        return true;
    host_failed(image, "flush", 0);
    return false;
}
