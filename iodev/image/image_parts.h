/* image_parts.h - between the files of the image back end: the host's file, the throw-away overlay. Only they include it. */
#pragma once
#include "image.h"

struct file;

/* A file that holds a medium. It is read and written in place, never mapped: one that vanishes is an error, not a signal. */
struct image_file {
    const char *name;
    struct file *file;                  /* NULL: none */
    bool writable;
    u64 bytes;                          /* what it holds; zeros follow */
    u32 sector;                         /* bytes that are written together or not at all, as far as the host can */
    struct image_host *host;            /* NULL: nobody has set one */
    u32 errors;                         /* said so far */
    bool full, lost;                    /* said: no room; gone or shrunk */
    bool unflushed;                     /* written since the last flush */
    bool flush_failed;                  /* and what was not written then is not known: no flush succeeds any more */
};

/* Open and lock; false with a message, notices as image_open has them. */
bool image_file_open(struct image_file *f, bool write, char *message, size_t size);
bool image_file_read(struct image_file *f, u64 at, u8 *to, u64 n);
bool image_file_write(struct image_file *f, u64 at, const u8 *from, u64 n);
bool image_file_flush(struct image_file *f);
void image_file_close(struct image_file *f);

/* What the guest writes with -snapshot, in memory. Reads and writes fall through to the file. */
struct image_overlay;
struct image_overlay *image_overlay_new(u64 bytes);
/* `f` is the file that it lay over: its host's count gets the memory back. */
void image_overlay_free(struct image_overlay *o, struct image_file *f);
bool image_overlay_read(struct image_overlay *o, struct image_file *f, u64 at, u8 *to, u64 n);
bool image_overlay_write(struct image_overlay *o, struct image_file *f, u64 at, const u8 *from, u64 n);
/* The first cluster from *cluster on that it has, and its number; NULL: none. */
const u8 *image_overlay_next(const struct image_overlay *o, u64 *cluster);

/* Add a line to what the caller will print. */
void image_say(char *message, size_t size, const char *fmt, ...) printf_like(3, 4);
