/* image.h - a raw image file on the host as a disk, a floppy or a CD: sectors in, sectors out. Offsets are 64 bits wide
 * and holes in sparse files stay holes until written. Host back end: the only part of storage that opens files. An image that is
 * open is locked against other programs (host/file.h). */
#pragma once
#include "geometry.h"
#include "../../host/notice.h"
#include "../../memory/state.h"

enum image_kind { IMAGE_DISK, IMAGE_FLOPPY, IMAGE_CD };
enum {
    IMAGE_READ_ONLY = 1,        /* the guest finds it write-protected */
    IMAGE_GUESSED = 4,          /* how a short floppy is read has been said already: no notice */
    IMAGE_SNAPSHOT = 2,         /* what the guest writes lives in memory and is thrown away; the file is never written */
};

struct image;

/* What the images of one run share: what happens when the host has no more room for what the guest writes. */
struct image_host {
    /* Told, in words for people, that a write has no room on the host's disk; true: it is tried again (after as long as the
     * function has waited). With NULL for the words: there is room again. NULL: the guest is told of an error at once. */
    bool (*full)(void *to, const char *message);
    void *to;
    struct notices say;         /* what happens to the files is said here */
    u64 overlay_limit;          /* bytes of memory that the throw-away overlays may take together; 0: all there is */
    u64 overlay_bytes;          /* that they take */
    struct image *resting;      /* image_keep */
};

/* Open a file. NULL on failure: `message` (size bytes) says what is wrong with which file and what to do. On success
 * `message` is empty or holds notices for the user, one a line without a final newline (opened read-only, floppy
 * shorter than its format, ...). A CD is always read-only. */
struct image *image_open(const char *path, enum image_kind kind, int flags, char *message, size_t size);
/* A medium that lives in memory, filled from data (may be NULL) and thrown away at the end. bytes as for a file. NULL: of no such size,
 * or the host has not so much memory. */
struct image *image_new_memory(const char *name, enum image_kind kind, const void *data, u64 bytes);
/* It is not used any more: flushed and closed, or at rest if somebody keeps it. NULL is fine. */
void image_close(struct image *image);

/* For who keeps the past of a run, in which a medium may come back into its drive. An image that is kept stays when it is closed, at rest:
 * its file is not locked, so that other programs may use it. NULL is fine. */
void image_keep(struct image *image);
void image_let_go(struct image *image);
/* Used once more, and closed once more then. False: it rested, and another program has changed its file since, or uses it. NULL is fine. */
bool image_use(struct image *image);
/* Nobody has changed it while it rested. */
bool image_usable(const struct image *image);
/* Bytes of memory that lie over the file of one that rests; 0: it is in use. */
u64 image_rests_with(const struct image *image);
/* A file to be opened to be written: one that rests and is the same medium still, used again. NULL: there is none. */
struct image *image_open_again(struct image_host *host, const char *path, enum image_kind kind, char *message, size_t size);
/* Without it, nothing is said, a full disk is an error at once, and an overlay takes what it needs. `host` outlives the image. */
void image_set_host(struct image *image, struct image_host *host);

const char *image_name(const struct image *image);
enum image_kind image_kind(const struct image *image);
bool image_writable(const struct image *image);
/* What the guest writes goes into the file. */
bool image_keeps(const struct image *image);
/* 512, or 2048 for a CD. */
u32 image_sector_size(const struct image *image);
/* Sectors of image_sector_size(); a last partial one counts, a floppy has those of its format. */
u64 image_sectors(const struct image *image);
/* The geometry of a disk: as its partition table or BPB tells, or its size; of a floppy or CD only by its size. */
const struct disk_geometry *image_geometry(const struct image *image);
/* The drive's own of that: what IDENTIFY DEVICE reports. */
struct image_chs image_chs(const struct image *image);
/* Give a disk the geometry that the user names (up to 16383 cylinders, 255 heads, 63 sectors). */
void image_set_chs(struct image *image, struct image_chs chs);
/* The floppy's format; NULL if it is not a floppy. */
const struct floppy_format *image_floppy_format(const struct image *image);
/* Where the floppy's format comes from. */
enum geometry_source image_format_source(const struct image *image);

/* Read or write `count` sectors. What the file does not hold reads as zeros; a write there makes the file longer. False past
 * the end, when writing what is read-only, and when the host fails (then said): the caller reports a drive error. Of
 * a write that fails the sectors before the failing one may be written; a half-written one is taken back where it can be, and
 * said where not. */
bool image_read(struct image *image, u64 sector, u32 count, void *to);
bool image_write(struct image *image, u64 sector, u32 count, const void *from);
/* For who keeps the past of a run. `written` is told before the first write to each cluster (IMAGE_CLUSTER bytes from a multiple of that
 * on) since image_keep_clusters; NULL: nobody is. One keeper an image, who outlives that. */
enum { IMAGE_CLUSTER = 4096 };
void image_set_keeper(struct image *image, void (*written)(void *to, struct image *image, u64 cluster), void *to);
void image_keep_clusters(struct image *image);
/* What a cluster holds, zeros behind the end; and make it that again: no access of the guest's. False: the host failed. */
bool image_peek(struct image *image, u64 cluster, void *to);
bool image_put_back(struct image *image, u64 cluster, const void *from);
/* What is written and flushed now was written and flushed before: nothing waits for the host's disk. Ended, the next flush sees to it. */
void image_set_repeats(struct image *image, bool on);

/* For who saves a machine (iodev/saved): a medium is the file that it was made from, and clusters that were written over it. A medium in
 * memory has no file, and one without an overlay nothing that lies over it. */
struct image_base { u64 bytes; struct hash hash; };
/* What the file holds now, all of it; 0 bytes of a medium in memory. False: the host failed, and that was said. */
bool image_base(struct image *image, struct image_base *base);
/* The guest finds it write-protected from now on. */
void image_protect(struct image *image);
bool image_in_memory(const struct image *image);
/* The first cluster from *cluster on that lies over the file: its number and IMAGE_CLUSTER bytes (may be NULL). False: there is none. */
bool image_next_over(const struct image *image, u64 *cluster, void *bytes);
/* Clusters to be laid over the file instead; none yet. False: the medium has no such cluster, or they may take no more memory. */
struct image_overlay;
struct image_overlay *image_overlay_for(struct image *image);
bool image_overlay_add(struct image *image, struct image_overlay *o, u64 cluster, const void *bytes);
void image_overlay_drop(struct image *image, struct image_overlay *o);
/* They lie over it now, and what the guest writes from here on joins them: the file is not written any more. `writable`: as the guest
 * finds it. */
void image_overlay_set(struct image *image, struct image_overlay *o, bool writable);

/* Reads and writes so far, for the lamp of the drive. */
u64 image_accesses(const struct image *image);
/* Everything written so far is on the host's disk (fdatasync). False if the host cannot promise it, and then for good: what it
 * failed to write once it does not write later. Said once. */
bool image_flush(struct image *image);
