/* image_file.c - the host's file under an image. POSIX.1-2017: open, pread, pwrite, fdatasync.
 * Here: locks against other programs; short reads and writes; no room on the host's disk; a failed flush stays failed, because
 * the host forgets what it could not write (fsync(2) "Errors"); a file that is removed or shrinks under the machine. */
#define _GNU_SOURCE
#include "image_parts.h"
#include "../../host/file_lock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ERRORS_SHOWN = 8 };

void image_say(char *message, size_t size, const char *fmt, ...)
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

void image_file_failed(struct image_file *f, const char *what, u64 at, const char *why)
{
    if (!why)
        why = errno ? strerror(errno) : "the file ended early";
    if (f->errors++ < ERRORS_SHOWN)
        fprintf(stderr, "vitrine: %s: %s failed at byte %llu: %s; the guest is told of a drive error\n",
                f->name, what, (unsigned long long)at, why);
    if (f->errors == ERRORS_SHOWN)
        fprintf(stderr, "vitrine: %s: further errors are not shown\n", f->name);
}

/* Somebody removed or replaced the file, or cut it off: said once. */
static void look_for_loss(struct image_file *f)
{
    struct stat st;
    if (f->lost || fstat(f->fd, &st) || !S_ISREG(st.st_mode))
        return;
    f->lost = !st.st_nlink || (u64)st.st_size < f->bytes;
    if (!st.st_nlink)
        fprintf(stderr, "vitrine: %s: the file was removed or replaced while the machine uses it; what the guest writes is lost"
                " at the end%s\n", f->name, f->writable ? " (/proc/PID/fd has it until then)" : "");
    else if (f->lost)
        fprintf(stderr, "vitrine: %s: the file was cut off from %llu to %llu bytes while the machine uses it\n", f->name,
                (unsigned long long)f->bytes, (unsigned long long)st.st_size);
}

bool image_file_open(struct image_file *f, bool write, char *message, size_t size)
{
    const char *path = f->name;
    struct stat st;
    int how = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;                /* does not wait for a pipe's other end */
    if (write && !stat(path, &st) && S_ISBLK(st.st_mode))
        how |= O_EXCL;                                          /* open(2): fails if the host has mounted it */
    f->fd = open(path, (write ? O_RDWR : O_RDONLY) | how);
    if (f->fd < 0 && write && (errno == EACCES || errno == EROFS || errno == EPERM)) {
        int why = errno;
        write = false;
        f->fd = open(path, O_RDONLY | how);
        if (f->fd >= 0)
            image_say(message, size, "%s: not writable (%s); the guest finds it write-protected", path, strerror(why));
    }
    if (f->fd < 0) {
        image_say(message, size, "%s: cannot open the image: %s%s", path, strerror(errno),
                  errno == EBUSY ? " (unmount it, or give -snapshot)" : "");
        return false;
    }
    if (fstat(f->fd, &st) || (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))) {
        image_say(message, size, "%s: is not a file or block device that can hold an image", path);
        return false;
    }
    if (!file_lock(f->fd, write)) {
        image_say(message, size, "%s: is in use by another program or as another drive of this one; end it, or take a copy"
                  " of the image", path);
        return false;
    }
    off_t end = lseek(f->fd, 0, SEEK_END);
    if (end < 0) {
        image_say(message, size, "%s: cannot tell its size: %s", path, strerror(errno));
        return false;
    }
    f->bytes = (u64)end;
    f->writable = write;
    return true;
}

bool image_file_read(struct image_file *f, u64 at, u8 *to, u64 n)
{
    u64 have = at >= f->bytes ? 0 : f->bytes - at;
    if (have > n)
        have = n;
    memset(to + have, 0, n - have);
    while (have) {
        errno = 0;
        ssize_t k = pread(f->fd, to, have, (off_t)at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            image_file_failed(f, "read", at, NULL);
            look_for_loss(f);
            return false;
        }
        to += k, at += (u64)k, have -= (u64)k;
    }
    return true;
}

/* The host has no room for a write. True: it may have now. */
static bool wait_for_room(struct image_file *f)
{
    char message[512];
    snprintf(message, sizeof message, "%s: no room on the host's disk (%s)", f->name, strerror(errno));
    bool again = f->host && f->host->full && f->host->full(f->host->to, message);
    f->full |= again;
    return again;
}

static void room_again(struct image_file *f)
{
    f->full = false;
    if (f->host && f->host->full)
        f->host->full(f->host->to, NULL);
}

/* A write failed at `at`, in the middle of a sector: where the file was made longer, that is taken back; else it is said. */
static void undo_part(struct image_file *f, u64 at, u64 end)
{
    u64 whole = at - at % f->sector;
    int why = errno;
    if (!(at % f->sector))
        return;
    if (whole < end)
        fprintf(stderr, "vitrine: %s: the sector at byte %llu is half written\n", f->name, (unsigned long long)whole);
    else if (!ftruncate(f->fd, (off_t)whole))
        f->bytes = whole;
    errno = why;
}

bool image_file_write(struct image_file *f, u64 at, const u8 *from, u64 n)
{
    u64 end = f->bytes;
    f->unflushed = true;
    while (n) {
        errno = 0;
        ssize_t k = pwrite(f->fd, from, n, (off_t)at);
        if (k < 0 && (errno == EINTR || ((errno == ENOSPC || errno == EDQUOT) && wait_for_room(f))))
            continue;
        if (k <= 0) {
            undo_part(f, at, end);
            image_file_failed(f, "write", at, NULL);
            return false;
        }
        if (f->full)
            room_again(f);
        from += k, at += (u64)k, n -= (u64)k;
        if (at > f->bytes)
            f->bytes = at;              /* what was missing at the end now exists */
    }
    return true;
}

bool image_file_flush(struct image_file *f)
{
    if (f->flush_failed)
        return false;
    if (f->fd < 0 || !f->unflushed)
        return true;
    int failed;
    do
        failed = fdatasync(f->fd);
    while (failed && errno == EINTR);
    if (failed && errno != EINVAL && errno != EROFS) {          /* these two: there is nothing to flush to */
        fprintf(stderr, "vitrine: %s: the host could not write what the guest wants on the medium: %s; the guest is told that"
                " this and every later flush fails\n", f->name, strerror(errno));
        f->flush_failed = true;
        return false;
    }
    f->unflushed = false;
    look_for_loss(f);
    return true;
}

void image_file_close(struct image_file *f)
{
    if (f->fd < 0)
        return;
    if (f->writable) {
        image_file_flush(f);
        look_for_loss(f);
    }
    if (close(f->fd) && f->writable)
        fprintf(stderr, "vitrine: %s: closing it failed: %s; its last writes may be lost\n", f->name, strerror(errno));
    f->fd = -1;
}
