/* output.c - see ../output.h. POSIX.1-2017; open(2)'s O_TMPFILE and linkat(2) of Linux where they are.
 * With output_claims.c the one place that opens for writing, renames and removes (file.c opens images); tests/check_outputs sees to
 * that. */
#define _GNU_SOURCE
#include "../output.h"
#include "../outlet.h"
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif
#include <unistd.h>
#ifndef O_PATH
#define O_PATH (O_RDONLY | O_NONBLOCK)
#endif

enum { NAMES = 100, TEXT = 512 };

struct output {
    struct outputs *all;
    char *path, *name;                  /* as the user names it; in its folder */
    int folder, fd;                     /* folder -1: written in place */
    char *temporary;                    /* its name until it is whole; NULL: none */
    FILE *file;
    char *text;                         /* written in place: what is to be, as a whole */
    size_t text_size;
    bool fresh;                         /* replaces nothing */
    bool claimed;                       /* the name is its own until it is in its place */
};

/* ---- what may be written ---- */

enum place { PLACE_NEW, PLACE_FILE, PLACE_AS_IT_IS, PLACE_STANDARD, PLACE_NONE };

static bool is_open_as(int fd, const struct stat *st)
{
    struct stat own;
    return !fstat(fd, &own) && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

/* What is at the path. PLACE_NONE: nothing that can be written to, and why. *fd: standard output or error, if it is that. */
static enum place look_at(const struct outputs *o, const char *path, int *fd, char *error, size_t n)
{
    struct stat st;
    if (stat(path, &st)) {
        int why = errno;
        if (why == ENOENT && lstat(path, &st))
            return PLACE_NEW;
        failure_words(error, n, "cannot write %s: %s", path, why == ENOENT ? "it is a link to nothing" : strerror(why));
        return PLACE_NONE;
    }
    const char *user = posix_user_of(o, &st, NULL), *kind = NULL;
    if (S_ISDIR(st.st_mode))
        kind = "it is a folder; expected a file's name";
    else if (S_ISBLK(st.st_mode))
        kind = "it is a block device; expected a file";
    else if (S_ISSOCK(st.st_mode))
        kind = "it is a socket; expected a file";
    else if (access(path, W_OK))
        kind = strerror(errno);
    if (user)
        failure_words(error, n, "%s is in use as %s; expected another file", path, user);
    else if (kind)
        failure_words(error, n, "cannot write %s: %s", path, kind);
    if (user || kind)
        return PLACE_NONE;
    for (*fd = 1; *fd <= 2; ++*fd)
        if (is_open_as(*fd, &st))
            return PLACE_STANDARD;
    return S_ISREG(st.st_mode) ? PLACE_FILE : PLACE_AS_IT_IS;
}

/* Devices that a stream of bytes does no harm: terminals, and /dev/null, zero and full. */
static bool takes_stream(int fd)
{
    struct stat st;
    if (fstat(fd, &st))
        return false;
    if (!S_ISCHR(st.st_mode))
        return S_ISFIFO(st.st_mode);
    u32 minor = minor(st.st_rdev);
    return isatty(fd) || (major(st.st_rdev) == 1 && (minor == 3 || minor == 5 || minor == 7));
}

/* A terminal, a pipe, ...; -1 with why not. */
static int open_as_it_is(const char *path, char *error, size_t n)
{
    int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && takes_stream(fd))
        return fd;
    failure_words(error, n, "cannot write %s: %s", path, fd >= 0 ? "it is a device; expected a file, a terminal or a pipe"
        : errno == ENXIO ? "nobody reads that pipe; start its reader first" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* ---- streams ---- */

static int open_stream(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    struct stat st;
    int standard, fd = -1;
    enum place place = look_at(o, path, &standard, error, n);
    if (place == PLACE_NONE)
        return -1;
    if (place == PLACE_STANDARD)
        return fcntl(standard, F_DUPFD_CLOEXEC, 3);
    if (place == PLACE_AS_IT_IS)
        return open_as_it_is(path, error, n);
    const int how = O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;       /* not emptied: that comes when it is ours */
    fd = open(path, O_RDWR | how, 0666);
    if (fd < 0 && errno == EACCES)
        fd = open(path, O_WRONLY | how, 0666);
    if (fd < 0 || fstat(fd, &st)) {
        failure_words(error, n, "cannot write %s: %s", path, strerror(errno));
        return -1;
    }
    if (!S_ISREG(st.st_mode) || posix_user_of(o, &st, NULL) || !posix_lock(fd, true)) {
        failure_words(error, n, "%s is in use, by another program perhaps; expected another file", path);
        close(fd);
        return -1;
    }
    if (st.st_size && ftruncate(fd, 0)) {
        failure_words(error, n, "cannot empty %s: %s", path, strerror(errno));
        close(fd);
        return -1;
    }
    posix_claim(o, &st, -1, NULL, use);
    return fd;
}

struct handle output_stream(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    return (struct handle){ open_stream(o, use, path, error, n) };
}

/* ---- whole files ---- */

/* A name that nobody has, beside the file's. */
static void temporary_name(const struct output *out, int k, char name[TEXT])
{
    snprintf(name, TEXT, ".%.200s.%ld-%d.tmp", out->name, (long)getpid(), k);
}

/* A file without a name, or with a temporary one where the host knows no such thing. */
static int open_temporary(struct output *out)
{
    char name[TEXT];
    int fd = -1;
#ifdef O_TMPFILE
    snprintf(name, sizeof name, "/proc/self/fd/%d", out->folder);
    if (!access(name, F_OK))                    /* it comes to its name by that way */
        fd = openat(out->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
#endif
    for (int k = 0; fd < 0 && k < NAMES; k++) {
        temporary_name(out, k, name);
        fd = openat(out->folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            out->temporary = xstrdup(name);
        else if (errno != EEXIST)
            break;
    }
    return fd;
}

/* Its folder and its name there, links followed. False with a message. */
static bool find_folder(struct output *out, enum place place, char *error, size_t n)
{
    char *real = place == PLACE_FILE ? realpath(out->path, NULL) : xstrdup(out->path), *slash;
    if (!real) {
        failure_words(error, n, "cannot write %s: %s", out->path, strerror(errno));
        return false;
    }
    slash = strrchr(real, '/');
    out->name = xstrdup(slash ? slash + 1 : real);
    if (slash)
        slash[slash == real] = 0;
    const char *folder = slash ? real : ".";
    out->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->folder < 0 && errno == EACCES)
        out->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (out->folder < 0 || !*out->name)
        failure_words(error, n, "cannot write %s: %s", out->path, out->folder < 0 ? strerror(errno) : "that names no file");
    free(real);
    return out->folder >= 0 && *out->name;
}

/* The older file of that name may go: nobody uses it. */
static bool may_replace(const struct output *out, char *error, size_t n)
{
    struct stat st;
    if (fstatat(out->folder, out->name, &st, AT_SYMLINK_NOFOLLOW))
        return true;
    const char *user = posix_user_of(out->all, &st, NULL);
    int fd = openat(out->folder, out->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    bool ours = S_ISREG(st.st_mode) && !user && (fd < 0 || posix_lock(fd, true));
    if (fd >= 0)
        close(fd);
    if (ours)
        fchmod(out->fd, st.st_mode & 0777);
    else
        failure_words(error, n, "%s is in use%s%s; expected another file", out->path, user ? " as " : ", by another program perhaps",
            user ? user : "");
    return ours;
}

static struct output *begin_file(struct output *out, enum place place, const char *use, char *error, size_t n)
{
    struct stat st;
    const char *user = NULL;
    if (!find_folder(out, place, error, n) || fstat(out->folder, &st))
        goto failed;
    user = out->fresh ? NULL : posix_user_of(out->all, &st, out->name);
    if (user) {
        failure_words(error, n, "%s is what %s writes; expected another file", out->path, user);
        goto failed;
    }
    out->fd = open_temporary(out);
    if (out->fd < 0) {
        failure_words(error, n, "cannot write %s: no file can be made in its folder: %s", out->path, strerror(errno));
        goto failed;
    }
    if (!out->fresh && !may_replace(out, error, n))
        goto failed;
    if (!out->fresh) {
        posix_claim(out->all, &st, -1, out->name, use);
        out->claimed = true;
        posix_keep_folder(out->all, out->all ? openat(out->folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1, true);
    }
    out->file = fdopen(out->fd, "wb");
    if (out->file)
        return out;
failed:
    output_drop(out);
    return NULL;
}

static struct output *output_new(struct outputs *o, const char *path)
{
    struct output *out = xcalloc(1, sizeof *out);
    out->all = o;
    out->path = xstrdup(path);
    out->folder = out->fd = -1;
    return out;
}

struct output *output_begin(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    struct output *out = output_new(o, path);
    int standard;
    enum place place = look_at(o, path, &standard, error, n);
    if (place == PLACE_NEW || place == PLACE_FILE)
        return begin_file(out, place, use, error, n);
    if (place == PLACE_STANDARD)
        out->fd = fcntl(standard, F_DUPFD_CLOEXEC, 3);
    else if (place == PLACE_AS_IT_IS)
        out->fd = open_as_it_is(path, error, n);
    out->file = out->fd >= 0 ? open_memstream(&out->text, &out->text_size) : NULL;
    if (out->file)
        return out;
    output_drop(out);
    return NULL;
}

struct output *output_begin_new(struct outputs *o, const char *pattern, int *number, int most, char *error, size_t n)
{
    char path[TEXT];
    struct stat st;
    while (*number <= most) {
        snprintf(path, sizeof path, pattern, *number);
        if (lstat(path, &st))
            break;
        ++*number;
    }
    if (*number > most) {
        failure_words(error, n, "there are %d of them here", most);
        return NULL;
    }
    struct output *out = output_new(o, path);
    out->fresh = true;
    return begin_file(out, PLACE_NEW, "", error, n);
}

FILE *output_file(struct output *out) { return out->file; }
const char *output_path(const struct output *out) { return out->path; }

/* Give a file without a name one, beside the one that it is for. */
static bool name_it(struct output *out)
{
    char name[TEXT], fd[64];
    snprintf(fd, sizeof fd, "/proc/self/fd/%d", out->fd);
    for (int k = 0; !out->temporary && k < NAMES; k++) {
        temporary_name(out, k, name);
        if (!linkat(AT_FDCWD, fd, out->folder, name, AT_SYMLINK_FOLLOW))
            out->temporary = xstrdup(name);
        else if (errno != EEXIST)
            break;
    }
    return out->temporary;
}

/* A new file's name: taken by an empty file, which nobody else then has. */
static bool take_name(struct output *out)
{
    int fd = openat(out->folder, out->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool put_in_place(struct output *out, char *error, size_t n)
{
    if (!out->fresh && !may_replace(out, error, n))
        return false;
    if ((out->fresh && !take_name(out)) || !name_it(out) || renameat(out->folder, out->temporary, out->folder, out->name)) {
        failure_words(error, n, "cannot write %s: %s", out->path, strerror(errno));
        return false;
    }
    free(out->temporary);
    out->temporary = NULL;
    if (fsync(out->folder) && errno != EBADF && errno != EINVAL) {
        failure_words(error, n, "%s may be lost when the host loses its power: %s", out->path, strerror(errno));
        return false;
    }
    return true;
}

/* To a terminal, a pipe, ...: as long as it is read. */
static bool send_text(struct output *out, struct failure *why)
{
    struct outlet *to = outlet_new((struct handle){ out->fd });
    if (out->all)
        outlet_hurry(to, posix_hurry(out->all));
    bool all = outlet_write(to, out->text, out->text_size) && outlet_flush(to);
    if (outlet_failure(to))
        *why = *outlet_failure(to);
    else if (!all)
        failure_say(why, FAILURE_LATE, "nobody reads it");
    outlet_free(to);
    return all;
}

bool output_commit(struct output *out, char *error, size_t n)
{
    struct failure why;
    errno = 0;
    bool ok = !ferror(out->file) && !fflush(out->file) && (out->folder < 0 || !fsync(out->fd));
    if (!ok)
        failure_last(&why);
    else if (out->folder < 0)
        ok = send_text(out, &why);
    if (!ok)
        failure_words(error, n, "cannot write %s: %s", out->path, why.text);
    else if (out->folder >= 0)
        ok = put_in_place(out, error, n);
    output_drop(out);
    return ok;
}

void output_drop(struct output *out)
{
    if (!out)
        return;
    if (out->file)
        fclose(out->file);
    if (out->fd >= 0 && (!out->file || out->folder < 0))
        close(out->fd);
    if (out->temporary)
        unlinkat(out->folder, out->temporary, 0);
    struct stat st;
    if (out->claimed && !fstat(out->folder, &st))
        posix_claim_ends(out->all, &st, out->name);
    if (out->folder >= 0)
        close(out->folder);
    free(out->text);
    free(out->temporary);
    free(out->path);
    free(out->name);
    free(out);
}
