/* images.h - telling image files apart by what is in them. */
#pragma once
#include "../memory/base.h"

enum content {
    CONTENT_UNKNOWN,
    CONTENT_FLOPPY, CONTENT_DISK, CONTENT_CD,
    CONTENT_BOOT_SECTOR,                /* 512 bytes with the signature: goes into a floppy */
    CONTENT_LINUX,                      /* bzImage */
    CONTENT_MULTIBOOT,
};

/* What a file is. CONTENT_UNKNOWN: `message` (size bytes) says which file, what was seen, and what to do. */
enum content content_of(const char *path, char *message, size_t size);
/* Likewise for bytes: `head` holds the file's first n bytes (up to CONTENT_HEAD), `bytes` is its size. */
enum content content_of_bytes(const char *path, const u8 *head, size_t n, u64 bytes, char *message, size_t size);
enum { CONTENT_HEAD = 64 * 1024 };

/* A whole file in memory, malloc'd; NULL on failure with a message as above. */
u8 *file_load(const char *path, u64 *bytes, char *message, size_t size);
