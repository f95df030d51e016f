/* file.c - see ../file.h. POSIX.1-2017 open, fstat, pread, pwrite, ftruncate, fdatasync; open(2)'s O_EXCL of Linux for disks. */
#define _GNU_SOURCE
#include "../file.h"
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    int fd;
};

static enum file_kind kind_of(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? FILE_PLAIN : S_ISDIR(st->st_mode) ? FILE_FOLDER : S_ISBLK(st->st_mode) ? FILE_BLOCKS : FILE_STREAM;
}

enum file_kind file_kind_at(const char *path, u64 *bytes, struct failure *why)
{
    struct stat st;
    errno = 0;
    bool there = !stat(path, &st);
    failure_last(why);
    if (bytes)
        *bytes = there && S_ISREG(st.st_mode) ? (u64)st.st_size : 0;
    return there ? kind_of(&st) : FILE_ABSENT;
}

const char *file_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool file_readable(const char *path) { return !access(path, R_OK); }

struct file *file_open(const char *path, bool write, struct failure *why)
{
    struct stat st;
    int how = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    if (write && !stat(path, &st) && S_ISBLK(st.st_mode))
        how |= O_EXCL;                                          /* open(2): fails if the host has mounted it */
    int fd = open(path, how);
    if (fd < 0 || fstat(fd, &st)) {
        failure_last(why);
    } else if (kind_of(&st) == FILE_PLAIN || kind_of(&st) == FILE_BLOCKS) {
        struct file *f = xcalloc(1, sizeof *f);
        f->fd = fd;
        return f;
    } else {
        failure_say(why, FAILURE_UNFIT, "it is neither a file nor a block device");
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

bool file_close(struct file *f, struct failure *why)
{
    if (!f)
        return true;
    bool ok = !close(f->fd) || failure_last(why);
    free(f);
    return ok;
}

struct handle file_handle(const struct file *f) { return (struct handle){ f->fd }; }

bool file_claim(struct file *f, bool write) { return posix_lock(f->fd, write); }
void file_release(struct file *f) { posix_unlock(f->fd); }

bool file_stamp(struct file *f, struct file_stamp *stamp)
{
    struct stat st;
    if (fstat(f->fd, &st))
        return false;
    *stamp = (struct file_stamp) {
        .which = { (u64)st.st_dev, (u64)st.st_ino }, .bytes = (u64)st.st_size,
        .written = (u64)st.st_mtim.tv_sec * 1000000000 + (u64)st.st_mtim.tv_nsec,
    };
    return true;
}

bool file_bytes(struct file *f, u64 *bytes, struct failure *why)
{
    off_t end = lseek(f->fd, 0, SEEK_END);
    *bytes = end < 0 ? 0 : (u64)end;
    return end >= 0 || failure_last(why);
}

bool file_has_name(struct file *f, u64 *bytes)
{
    struct stat st;
    bool plain = !fstat(f->fd, &st) && S_ISREG(st.st_mode);
    if (bytes)
        *bytes = plain ? (u64)st.st_size : UINT64_MAX;
    return !plain || st.st_nlink;
}

size_t file_read(struct file *f, u64 at, void *to, size_t n, struct failure *why)
{
    ssize_t k;
    do {
        errno = 0;
        k = pread(f->fd, to, n, (off_t)at);
    } while (k < 0 && errno == EINTR);
    if (k > 0)
        return (size_t)k;
    if (k < 0)
        failure_last(why);
    else
        failure_say(why, FAILURE_NONE, "the file ended early");
    return 0;
}

size_t file_write(struct file *f, u64 at, const void *from, size_t n, struct failure *why)
{
    ssize_t k;
    do {
        errno = 0;
        k = pwrite(f->fd, from, n, (off_t)at);
    } while (k < 0 && errno == EINTR);
    if (k > 0)
        return (size_t)k;
    failure_last(why);
    return 0;
}

bool file_resize(struct file *f, u64 bytes, struct failure *why)
{
    return !ftruncate(f->fd, (off_t)bytes) || failure_last(why);
}

bool file_sync(struct file *f, struct failure *why)
{
    int failed;
    do
        failed = fdatasync(f->fd);
    while (failed && errno == EINTR);
    if (!failed)
        return true;
    failure_last(why);
    if (why && errno == EROFS)
        why->kind = FAILURE_POINTLESS;
    return false;
}
