/* file.h - files that are there already: looked at, read at any place, and, for images of media, written in place. What is made anew
 * goes through output.h. Names are as the user types them (UTF-8 where the host has it otherwise). Nothing is mapped: a file that
 * vanishes is a failure, not a signal. */
#pragma once
#include "handle.h"

enum file_kind { FILE_ABSENT, FILE_PLAIN, FILE_FOLDER, FILE_BLOCKS /* a disk of the host */, FILE_STREAM /* a pipe, terminal, ... */ };

/* What is at a path, links followed; with `bytes`, how large a plain file is (0 for others). FILE_ABSENT, too, where the host does
 * not tell: then `why` (may be NULL) says so. */
enum file_kind file_kind_at(const char *path, u64 *bytes, struct failure *why);
/* May it be opened for reading, as far as can be told without doing so? */
bool file_readable(const char *path);

/* The part of a path behind its folders. */
const char *file_name_of(const char *path);

/* An open file; one thread at a time. */
struct file;

/* Open a plain file or a disk. With `write` for reading and writing: a disk that the host has mounted is then refused
 * (FAILURE_BUSY), and so is what is neither (FAILURE_UNFIT), without waiting for a pipe's other end. NULL: refused. */
struct file *file_open(const char *path, bool write, struct failure *why);
/* False: the host is not sure that it has everything that was written. NULL is fine. Frees it in either case. */
bool file_close(struct file *f, struct failure *why);

/* The host's own number for it, for a library that reads it itself; it stays the file's. */
struct handle file_handle(const struct file *f);

/* Keep others away until it is closed: they may read it, too, or, with `write`, read it only if they mind no change. False if another
 * program, or another file of this one, uses it in a way that this forbids. A file system without locks is no reason to refuse. */
bool file_claim(struct file *f, bool write);
/* As before it was claimed. */
void file_release(struct file *f);

/* Which file it is, how long, and when it was last written: the same later, and nobody has written it since. False: the host does not
 * tell. */
struct file_stamp { u64 which[2], bytes, written; };
bool file_stamp(struct file *f, struct file_stamp *stamp);
bool file_stamps_equal(const struct file_stamp *a, const struct file_stamp *b);
/* Is it the same file, whatever was written? */
bool file_stamps_of_one(const struct file_stamp *a, const struct file_stamp *b);

/* How large it is, to its last byte. */
bool file_bytes(struct file *f, u64 *bytes, struct failure *why);
/* Does it still have a name? A plain file can be removed or replaced while it is open; true for all others and where nobody can tell.
 * `bytes` (may be NULL): the size that it has now, UINT64_MAX if it is no plain file. */
bool file_has_name(struct file *f, u64 *bytes);

/* All of a plain file of at most `most` bytes, with a 0 behind it, to be freed; `n` (may be NULL): without that. NULL: refused, `why` (may
 * be NULL) says so. */
char *file_text(const char *path, u64 most, size_t *n, struct failure *why);

/* As many as come at once of n bytes from `at` on, at least one; 0: it ends there, or a failure (why->kind tells: FAILURE_NONE at the
 * end). An interrupted call is begun again. */
size_t file_read(struct file *f, u64 at, void *to, size_t n, struct failure *why);
/* As many as go at once, at least one; 0: a failure. A file that ends before `at` is filled with zeros. */
size_t file_write(struct file *f, u64 at, const void *from, size_t n, struct failure *why);
/* Cut it off, or make it longer with zeros. */
bool file_resize(struct file *f, u64 bytes, struct failure *why);
/* All that was written is on the host's disk. FAILURE_POINTLESS: it has none to be on. After another failure the host may have
 * forgotten what it could not write, and a later success says nothing of it (fsync(2), "Errors"). */
bool file_sync(struct file *f, struct failure *why);
