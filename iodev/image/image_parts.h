/* image_parts.h - between the files of the image back end: an image, its file on the host, its throw-away overlay. Only they include it. */
#pragma once
#include "image.h"
#include "../../host/file.h"

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
    struct file_stamp left;             /* as it was when it was left to others, */
    bool stamped;                       /* if the host told */
};

struct image {
    char *name;
    enum image_kind kind;
    struct image_file file;
    bool writable;
    u32 sector_size;
    u64 sectors;
    struct floppy_format format;        /* of a floppy */
    enum geometry_source format_source;
    struct disk_geometry geometry;
    struct image_overlay *overlay;      /* NULL: what is written goes into the file */
    u64 accesses;
    void (*written)(void *to, struct image *image, u64 cluster);        /* its keeper; NULL: none */
    void *written_to;
    u8 *told;                           /* a bit a cluster: of its first write */
    bool any_told, repeats;
    bool based;                         /* the file is known by: */
    struct image_base base;
    int users, keepers;
    bool rests, another;                /* nobody uses it now, and it is kept; never again: the file has come to be another medium */
    struct image *next_resting;         /* of its host's */
};

/* Open and lock; false with a message, notices as image_open has them. */
bool image_file_open(struct image_file *f, bool write, char *message, size_t size);
bool image_file_read(struct image_file *f, u64 at, u8 *to, u64 n);
bool image_file_write(struct image_file *f, u64 at, const u8 *from, u64 n);
bool image_file_flush(struct image_file *f);
void image_file_close(struct image_file *f);
/* Others may use the file; and it is locked again. False: another program has changed it, or uses it. */
void image_file_leave(struct image_file *f);
bool image_file_take(struct image_file *f);
/* It is as it was left, as far as can be told. */
bool image_file_unchanged(const struct image_file *f);

/* What the guest writes with -snapshot, in memory. Reads and writes fall through to the file. */
struct image_overlay;
struct image_overlay *image_overlay_new(u64 bytes);
/* `f` is the file that it lay over: its host's count gets the memory back. */
void image_overlay_free(struct image_overlay *o, struct image_file *f);
bool image_overlay_read(struct image_overlay *o, struct image_file *f, u64 at, u8 *to, u64 n);
bool image_overlay_write(struct image_overlay *o, struct image_file *f, u64 at, const u8 *from, u64 n);
/* Bytes of the host's memory, of those that image_host counts. */
u64 image_overlay_takes(const struct image_overlay *o);
/* The first cluster from *cluster on that it has, and its number; NULL: none. */
const u8 *image_overlay_next(const struct image_overlay *o, u64 *cluster);

/* Everything of it goes; nobody uses or keeps it. */
void image_free(struct image *image);
/* Would its file be the same medium, opened now? What would be said of it joins the message. */
bool image_is_same_medium(struct image *image, char *message, size_t size);

/* Add a line to what the caller will print. */
void image_say(char *message, size_t size, const char *fmt, ...) printf_like(3, 4);
