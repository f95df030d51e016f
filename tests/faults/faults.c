/* faults.c - a library to be preloaded: calls to the host fail, come short or kill the program when they are told to.
 *   FAULTS=CALL:N:HOW       the Nth call (from 1) of that kind: write, pwrite, pread, fsync, ftruncate, mmap, malloc, open. HOW is
 *                           the name of an error (EIO, ENOSPC, ENOMEM), `short` (half of it is done) or `kill` (SIGKILL before it
 *                           is done). Behind a further colon, `on`: all calls from the Nth fail
 *   FAULTS_COUNT=FILE       at the end, a line "CALL COUNT" a kind
 *   FAULTS_TRACE=FILE       what is done to the file FAULTS_IMAGE and what is written elsewhere, as records: kind (w write, s fsync,
 *                           t truncate: of the image; o other output), offset and length (8 bytes each, this host's order), data
 * Here: what Vitrine calls, on glibc. A call that the library itself makes counts for nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum call { WRITE, PWRITE, PREAD, FSYNC, FTRUNCATE, MMAP, MALLOC, OPEN, CALLS };
static const char *const names[CALLS] = { "write", "pwrite", "pread", "fsync", "ftruncate", "mmap", "malloc", "open" };
enum { HALF = -1, KILL = -2 };

/* A preloaded library has no other place for what it knows. */
static struct {
    bool ready;
    int call, how;                  /* CALLS: none. how: an errno, HALF, KILL */
    bool on;                        /* and all that follow */
    long nth;
    long count[CALLS];
    int trace;
    dev_t device;
    ino_t inode;
} f = { .call = CALLS, .trace = -1 };

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static int how_of(const char *word)
{
    static const struct { const char *name; int how; } list[] = {
        { "EIO", EIO }, { "ENOSPC", ENOSPC }, { "ENOMEM", ENOMEM }, { "EACCES", EACCES }, { "EMFILE", EMFILE },
        { "EINTR", EINTR }, { "short", HALF }, { "kill", KILL },
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (!strcmp(list[k].name, word))
            return list[k].how;
    fprintf(stderr, "faults: unknown fault %s\n", word);
    _exit(99);
}

static void setup(void)
{
    const char *text = getenv("FAULTS"), *trace = getenv("FAULTS_TRACE"), *image = getenv("FAULTS_IMAGE");
    struct stat st;
    char call[16], how[16], rest[8] = "";
    f.ready = true;
    if (text && sscanf(text, "%15[^:]:%ld:%15[^:]:%7s", call, &f.nth, how, rest) >= 3) {
        for (f.call = 0; f.call < CALLS && strcmp(names[f.call], call); f.call++)
            ;
        f.how = how_of(how);
        f.on = !strcmp(rest, "on");
    }
    if (trace && image && !stat(image, &st)) {
        f.device = st.st_dev;
        f.inode = st.st_ino;
        f.trace = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
}

__attribute__((constructor)) static void begin(void) { setup(); }

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULTS_COUNT");
    char line[64];
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    for (int k = 0; fd >= 0 && k < CALLS; k++) {
        int n = snprintf(line, sizeof line, "%s %ld\n", names[k], f.count[k]);
        if (syscall(SYS_write, fd, line, (size_t)n) != n)
            _exit(99);
    }
}

/* 0: go on; HALF: half of it; else the errno to fail with. */
static int fault(enum call call)
{
    if (!f.ready)
        return 0;
    long n = __atomic_add_fetch(&f.count[call], 1, __ATOMIC_RELAXED);
    if ((int)call != f.call || (f.on ? n < f.nth : n != f.nth))
        return 0;
    if (f.how == KILL)
        kill(getpid(), SIGKILL);
    return f.how;
}

static bool is_image(int fd)
{
    struct stat st;
    return !fstat(fd, &st) && st.st_dev == f.device && st.st_ino == f.inode;
}

static void put(const void *data, size_t n)
{
    if (syscall(SYS_write, f.trace, data, n) != (long)n)
        _exit(99);
}

static void record(char kind, int fd, uint64_t at, const void *data, uint64_t n)
{
    if (f.trace < 0 || fd == f.trace || is_image(fd) == (kind == 'o'))
        return;
    put(&kind, 1);
    put(&at, 8);
    put(&n, 8);
    if (data)
        put(data, n);
}

static long fails(int error)
{
    errno = error;
    return -1;
}

ssize_t write(int fd, const void *data, size_t n)
{
    int how = fault(WRITE);
    if (how > 0)
        return fails(how);
    ssize_t done = syscall(SYS_write, fd, data, how == HALF ? n / 2 : n);
    if (done > 0)
        record('o', fd, 0, data, (uint64_t)done);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    int how = fault(PWRITE);
    if (how > 0)
        return fails(how);
    ssize_t done = syscall(SYS_pwrite64, fd, data, how == HALF ? n / 2 : n, at);
    if (done > 0)
        record('w', fd, (uint64_t)at, data, (uint64_t)done);
    return done;
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) { return pwrite(fd, data, n, at); }

ssize_t pread(int fd, void *data, size_t n, off_t at)
{
    int how = fault(PREAD);
    return how > 0 ? fails(how) : syscall(SYS_pread64, fd, data, how == HALF ? n / 2 : n, at);
}
ssize_t pread64(int fd, void *data, size_t n, off64_t at) { return pread(fd, data, n, at); }

int fsync(int fd)
{
    int how = fault(FSYNC);
    if (how)
        return (int)fails(how > 0 ? how : EIO);
    int bad = (int)syscall(SYS_fsync, fd);
    if (!bad)
        record('s', fd, 0, NULL, 0);
    return bad;
}
int fdatasync(int fd) { return fsync(fd); }

int ftruncate(int fd, off_t n)
{
    int how = fault(FTRUNCATE);
    if (how)
        return (int)fails(how > 0 ? how : EIO);
    int bad = (int)syscall(SYS_ftruncate, fd, n);
    if (!bad)
        record('t', fd, (uint64_t)n, NULL, 0);
    return bad;
}
int ftruncate64(int fd, off64_t n) { return ftruncate(fd, n); }

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
    int how = fault(MMAP);
    if (how) {
        errno = how > 0 ? how : ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, n, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t n, int protection, int flags, int fd, off64_t offset) { return mmap(at, n, protection, flags, fd, offset); }

static int opens(int folder, const char *path, int flags, va_list more)
{
    int how = fault(OPEN), mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;
    return how ? (int)fails(how > 0 ? how : EMFILE) : (int)syscall(SYS_openat, folder, path, flags, mode);
}
int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    int fd = opens(AT_FDCWD, path, flags, more);
    va_end(more);
    return fd;
}
int openat(int folder, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    int fd = opens(folder, path, flags, more);
    va_end(more);
    return fd;
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));

static bool no_memory(void)
{
    if (!fault(MALLOC))
        return false;
    errno = ENOMEM;
    return true;
}
void *malloc(size_t n)                  { return no_memory() ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size)     { return no_memory() ? NULL : __libc_calloc(n, size); }
void *realloc(void *at, size_t n)       { return no_memory() ? NULL : __libc_realloc(at, n); }
