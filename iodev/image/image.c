/* image.c - raw image files (see image.h): what a file is as a medium.
 * Here: disks, floppies and CDs as plain sectors. A medium may be larger than its file: what is missing reads as zeros, and the
 * file grows when the guest writes there. The file itself is image_file.c's, the overlay of -snapshot image_overlay.c's, who uses an
 * image and who keeps it image_kept.c's.
 * Not yet: foreign formats. */
#include "image_parts.h"
#include <stdio.h>

/* Size and format from what the file holds and its first sector. False with a message if it cannot be a medium of its kind. */
static bool take_size(struct image *image, const u8 *first, int flags, char *message, size_t size)
{
    u64 bytes = image->file.bytes;
    image->sector_size = image->kind == IMAGE_CD ? 2048 : 512;
    if (!bytes) {
        image_say(message, size, "%s: the file is empty; a raw image of the medium's sectors was expected", image->name);
        return false;
    }
    image->sectors = (bytes + image->sector_size - 1) / image->sector_size;
    image->geometry = disk_geometry_of(first, image->sectors);
    if (image->kind != IMAGE_FLOPPY) {
        if (bytes % image->sector_size)
            image_say(message, size, "%s: %llu bytes are not a whole number of %u-byte sectors; the last one ends in zeros",
                image->name, (unsigned long long)bytes, image->sector_size);
        return true;
    }
    if (!floppy_format_of(first, bytes, &image->format, &image->format_source)) {
        image_say(message, size, "%s: %llu bytes are too large for a floppy (2880K at most); attach it as a disk (-hda) or CD",
            image->name, (unsigned long long)bytes);
        return false;
    }
    image->sectors = image->format.bytes / 512;
    if (bytes < image->format.bytes && !(flags & IMAGE_GUESSED))
        image_say(message, size, "%s: %llu bytes; read as a %uK floppy that ends in zeros", image->name,
            (unsigned long long)bytes, image->format.bytes / 1024);
    return true;
}

static struct image *image_new(const char *name, enum image_kind kind)
{
    struct image *image = xcalloc(1, sizeof *image);
    image->name = xstrdup(name);
    image->kind = kind;
    image->users = 1;
    image->file = (struct image_file){ .name = image->name };
    return image;
}

/* What is said while an image is being opened joins the message. */
struct ear { char *message; size_t size; };
static void hear(void *to, const char *text) { image_say(((struct ear *)to)->message, ((struct ear *)to)->size, "%s", text); }

struct image *image_open(const char *path, enum image_kind kind, int flags, char *message, size_t size)
{
    struct image *image = image_new(path, kind);
    bool write = !(flags & IMAGE_READ_ONLY) && kind != IMAGE_CD;
    u8 first[512] = { 0 };
    struct ear ear = { message, size };
    struct image_host host = { .say = { hear, &ear } };
    assert(size);
    message[0] = 0;
    image->file.host = &host;
    if (!image_file_open(&image->file, write && !(flags & IMAGE_SNAPSHOT), message, size) ||
        !image_file_read(&image->file, 0, first, sizeof first) || !take_size(image, first, flags, message, size)) {
        image_close(image);
        return NULL;
    }
    image->file.host = NULL;
    image->file.sector = image->sector_size;
    image->writable = image->file.writable || (write && flags & IMAGE_SNAPSHOT);
    if (flags & IMAGE_SNAPSHOT && image->writable)
        image->overlay = image_overlay_new(image->sectors * image->sector_size);
    return image;
}

struct image *image_new_memory(const char *name, enum image_kind kind, const void *data, u64 bytes)
{
    struct image *image = image_new(name, kind);
    char message[256] = "";
    u8 first[512] = { 0 };
    image->file.bytes = bytes;
    if (data)
        memcpy(first, data, bytes < sizeof first ? bytes : sizeof first);
    if (!take_size(image, first, 0, message, sizeof message)) {
        image_close(image);
        return NULL;
    }
    image->file.bytes = 0;              /* there is no file: everything is in the overlay, or zero */
    image->writable = kind != IMAGE_CD;
    image->overlay = image_overlay_new(image->sectors * image->sector_size);
    if (data && !image_overlay_write(image->overlay, &image->file, 0, data, bytes)) {
        image_close(image);
        return NULL;
    }
    return image;
}

void image_free(struct image *image)
{
    image_file_close(&image->file);
    image_overlay_free(image->overlay, &image->file);
    free(image->told);
    free(image->name);
    free(image);
}

bool image_is_same_medium(struct image *image, char *message, size_t size)
{
    struct image fresh = { .name = image->name, .kind = image->kind, .file.bytes = image->file.bytes };
    const struct floppy_format *a = &image->format, *b = &fresh.format;
    u8 first[512];
    return image_file_read(&image->file, 0, first, sizeof first) && take_size(&fresh, first, 0, message, size) &&
           fresh.sectors == image->sectors && a->cylinders == b->cylinders && a->heads == b->heads && a->sectors == b->sectors &&
           a->drive_type == b->drive_type && a->kbps == b->kbps && image->format_source == fresh.format_source;
}

void image_set_host(struct image *image, struct image_host *host) { image->file.host = host; }
const char *image_name(const struct image *image) { return image->name; }
enum image_kind image_kind(const struct image *image) { return image->kind; }
bool image_writable(const struct image *image) { return image->writable; }
bool image_keeps(const struct image *image) { return image->writable && !image->overlay; }
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

static bool get(struct image *image, u64 at, void *to, u64 n)
{
    return image->overlay ? image_overlay_read(image->overlay, &image->file, at, to, n) : image_file_read(&image->file, at, to, n);
}

static bool put(struct image *image, u64 at, const void *from, u64 n)
{
    image->based &= image->overlay != NULL;
    return image->overlay ? image_overlay_write(image->overlay, &image->file, at, from, n)
                          : image_file_write(&image->file, at, from, n);
}

bool image_read(struct image *image, u64 sector, u32 count, void *to)
{
    u64 at = sector * image->sector_size, n = (u64)count * image->sector_size;
    if (!in_range(image, sector, count))
        return false;
    image->accesses++;
    return get(image, at, to, n);
}

/* ---- its keeper ---- */

static u64 clusters(const struct image *image) { return image->sectors * image->sector_size / IMAGE_CLUSTER + 1; }

void image_set_keeper(struct image *image, void (*written)(void *to, struct image *image, u64 cluster), void *to)
{
    image->written = written;
    image->written_to = to;
    image->repeats = false;
    free(image->told);
    image->told = written ? xcalloc(clusters(image) / 8 + 1, 1) : NULL;
    image->any_told = false;
}

void image_keep_clusters(struct image *image)
{
    if (image->any_told)
        memset(image->told, 0, clusters(image) / 8 + 1);
    image->any_told = false;
}

void image_set_repeats(struct image *image, bool on) { image->repeats = on; }

static void tell_keeper(struct image *image, u64 at, u64 n)
{
    for (u64 k = at / IMAGE_CLUSTER; n && k <= (at + n - 1) / IMAGE_CLUSTER; k++) {
        if (image->told[k / 8] >> (k & 7) & 1)
            continue;
        image->told[k / 8] |= (u8)(1 << (k & 7));
        image->any_told = true;
        image->written(image->written_to, image, k);
    }
}

/* Bytes of a cluster, which is cut off at the end. */
static u64 cluster_bytes(const struct image *image, u64 cluster)
{
    u64 at = cluster * IMAGE_CLUSTER, end = image->sectors * image->sector_size;
    return at >= end ? 0 : end - at < IMAGE_CLUSTER ? end - at : IMAGE_CLUSTER;
}

bool image_peek(struct image *image, u64 cluster, void *to)
{
    u64 n = cluster_bytes(image, cluster);
    memset(to, 0, IMAGE_CLUSTER);
    return get(image, cluster * IMAGE_CLUSTER, to, n);
}

bool image_put_back(struct image *image, u64 cluster, const void *from)
{
    return put(image, cluster * IMAGE_CLUSTER, from, cluster_bytes(image, cluster));
}

bool image_write(struct image *image, u64 sector, u32 count, const void *from)
{
    u64 at = sector * image->sector_size, n = (u64)count * image->sector_size;
    if (!image->writable || !in_range(image, sector, count))
        return false;
    image->accesses++;
    if (image->written)
        tell_keeper(image, at, n);
    return put(image, at, from, n);
}

/* ---- what it is made of ---- */

void image_protect(struct image *image) { image->writable = false; }
bool image_in_memory(const struct image *image) { return !image->file.file; }

bool image_base(struct image *image, struct image_base *base)
{
    enum { PIECE = 1 << 16 };
    u8 *piece = xcalloc(1, PIECE);
    if (!image->based)
        image->base = (struct image_base) { .bytes = image->file.file ? image->file.bytes : 0 };
    for (u64 at = 0; !image->based && at < image->base.bytes; at += PIECE) {
        u64 n = image->base.bytes - at < PIECE ? image->base.bytes - at : PIECE;
        if (!image_file_read(&image->file, at, piece, n)) {
            free(piece);
            return false;
        }
        hash_bytes(&image->base.hash, piece, n);
    }
    free(piece);
    image->based = true;
    *base = image->base;
    return true;
}

bool image_next_over(const struct image *image, u64 *cluster, void *bytes)
{
    const u8 *at = image->overlay ? image_overlay_next(image->overlay, cluster) : NULL;
    if (at && bytes)
        memcpy(bytes, at, IMAGE_CLUSTER);
    return at;
}

struct image_overlay *image_overlay_for(struct image *image) { return image_overlay_new(image->sectors * image->sector_size); }

bool image_overlay_add(struct image *image, struct image_overlay *o, u64 cluster, const void *bytes)
{
    u64 n = cluster < clusters(image) ? cluster_bytes(image, cluster) : 0;
    return n && image_overlay_write(o, &image->file, cluster * IMAGE_CLUSTER, bytes, n);
}

void image_overlay_drop(struct image *image, struct image_overlay *o) { image_overlay_free(o, &image->file); }

void image_overlay_set(struct image *image, struct image_overlay *o, bool writable)
{
    image_overlay_free(image->overlay, &image->file);
    image->overlay = o;
    image->writable = writable;
}

u64 image_accesses(const struct image *image) { return image->accesses; }
bool image_flush(struct image *image)
{
    return image->repeats ? !image->file.flush_failed : image_file_flush(&image->file);
}
