/* images.h - telling image files apart by what is in them. */
#pragma once
#include "../../host/base.h"

enum content {
    CONTENT_UNKNOWN,
    CONTENT_FLOPPY, CONTENT_DISK, CONTENT_CD,
    CONTENT_BOOT_SECTOR,                /* 512 bytes with the signature: goes into a floppy */
    CONTENT_LINUX,                      /* bzImage; with a partition table it is a disk */
    CONTENT_MULTIBOOT,
};

/* The parts of a file that tell what it is. */
struct file_parts {
    const u8 *head;                     /* its first n bytes, up to CONTENT_HEAD */
    size_t n;
    const u8 *tail;                     /* its last FOREIGN_TAIL bytes (foreign.h); NULL if it is shorter */
    u64 bytes;                          /* its size */
    bool raw;                           /* format=raw: not another format, whatever it looks like */
    bool any_sector;                    /* -boot unsigned: a boot sector need not end in 55 AA, nor be whole */
};
enum { CONTENT_HEAD = 64 * 1024 };

/* What a file is. `message` (size bytes) says what was seen and chosen, and which option says otherwise; for CONTENT_UNKNOWN:
 * which file, what was seen, and what to do. */
enum content content_of(const char *path, bool raw, bool any_sector, char *message, size_t size);
/* Likewise of a whole file's bytes; `path` is what it is called. */
enum content content_of_memory(const char *path, const void *bytes, size_t n, bool raw, bool any_sector, char *message, size_t size);
enum content content_of_bytes(const char *path, const struct file_parts *f, char *message, size_t size);

/* A file for a drive that its user names: false with a message if it is in a foreign format or, for a disk or CD, a kernel, and
 * would be ruined or useless there. `option` is the drive's ("hda"). A file that cannot be read passes: opening it says why. */
bool drive_content_fits(const char *path, const char *option, char *message, size_t size);

/* The same parts of an image that is open, as it is now; false if it cannot be read. The caller frees parts->head. */
struct image;
bool image_file_parts(struct image *image, struct file_parts *parts);
/* What a drive's file would be refused as without format=raw: "a qcow2 image"; NULL: nothing. */
const char *content_misleads(const struct file_parts *f, bool floppy);

/* A whole file in memory, malloc'd; NULL on failure (it cannot be read, or there is not so much memory) with a message that names it. */
u8 *file_load(const char *path, u64 *bytes, char *message, size_t size);
