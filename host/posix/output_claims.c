/* output_claims.c - which files a run uses, so that none is written over: see ../output.h. POSIX.1-2017; O_PATH of Linux where it is. */
#define _GNU_SOURCE
#include "../output.h"
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#ifndef O_PATH
#define O_PATH (O_RDONLY | O_NONBLOCK)
#endif

/* A file, or, with a name, one that is to come into the folder. */
struct claim {
    dev_t dev;
    ino_t ino;
    int fd;                             /* held open, so that no other file gets its number */
    char *name, *use;
};

/* Where files are put in their places, or images written. */
struct folder {
    int fd;
    bool put;
};

struct outputs {
    struct claim *claim;
    struct folder *folder;
    size_t n, folders;
    const atomic_bool *hurry;
};

struct outputs *outputs_new(void) { return xcalloc(1, sizeof(struct outputs)); }

void outputs_free(struct outputs *o)
{
    for (size_t k = 0; o && k < o->n; k++) {
        if (o->claim[k].fd >= 0)
            close(o->claim[k].fd);
        free(o->claim[k].name);
        free(o->claim[k].use);
    }
    for (size_t k = 0; o && k < o->folders; k++)
        close(o->folder[k].fd);
    if (o) {
        free(o->claim);
        free(o->folder);
    }
    free(o);
}

void outputs_hurry(struct outputs *o, const atomic_bool *hurry)
{
    if (o)
        o->hurry = hurry;
}

const atomic_bool *posix_hurry(const struct outputs *o) { return o ? o->hurry : NULL; }

void posix_claim(struct outputs *o, const struct stat *st, int fd, const char *name, const char *use)
{
    if (!o)
        return;
    o->claim = xrealloc(o->claim, (o->n + 1) * sizeof *o->claim);
    o->claim[o->n++] = (struct claim){ .dev = st->st_dev, .ino = st->st_ino, .fd = fd, .name = name ? xstrdup(name) : NULL,
                                       .use = xstrdup(use) };
}

void posix_claim_ends(struct outputs *o, const struct stat *st, const char *name)
{
    for (size_t k = 0; o && k < o->n; k++) {
        struct claim *c = &o->claim[k];
        if (c->dev != st->st_dev || c->ino != st->st_ino || !c->name || strcmp(c->name, name))
            continue;
        free(c->name);
        free(c->use);
        *c = o->claim[--o->n];
        return;
    }
}

const char *posix_user_of(const struct outputs *o, const struct stat *st, const char *name)
{
    for (size_t k = 0; o && k < o->n; k++)
        if (o->claim[k].dev == st->st_dev && o->claim[k].ino == st->st_ino && !name == !o->claim[k].name &&
            (!name || !strcmp(name, o->claim[k].name)))
            return o->claim[k].use;
    return NULL;
}

void posix_keep_folder(struct outputs *o, int fd, bool put)
{
    struct stat st, own;
    if (!o || fd < 0)
        return;
    for (size_t k = 0; k < o->folders; k++) {
        if (o->folder[k].put == put && !fstat(fd, &st) && !fstat(o->folder[k].fd, &own) && st.st_dev == own.st_dev &&
            st.st_ino == own.st_ino) {
            close(fd);
            return;
        }
    }
    o->folder = xrealloc(o->folder, (o->folders + 1) * sizeof *o->folder);
    o->folder[o->folders++] = (struct folder){ .fd = fd, .put = put };
}

/* The folder that a path's last part lies in, links followed if the file is there; -1 if it cannot be opened. */
static int folder_of(const char *path)
{
    char *real = realpath(path, NULL);
    if (!real)
        real = xstrdup(path);
    char *slash = strrchr(real, '/');
    if (slash)
        slash[slash == real] = 0;
    int fd = open(slash ? real : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(real);
    return fd;
}

int posix_output_folder(const struct outputs *o, int k, bool all)
{
    for (size_t i = 0; o && i < o->folders; i++)
        if ((all || o->folder[i].put) && k-- == 0)
            return o->folder[i].fd;
    return -1;
}

void outputs_claim(struct outputs *o, const char *path, const char *use, bool written)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd >= 0 && written)
        posix_keep_folder(o, o ? folder_of(path) : -1, false);
    if (fd >= 0 && !fstat(fd, &st) && !posix_user_of(o, &st, NULL))
        posix_claim(o, &st, fd, NULL, use);
    else if (fd >= 0)
        close(fd);
}

bool outputs_check_standard(const struct outputs *o, char *error, size_t n)
{
    static const char *const names[] = { [1] = "output", [2] = "error" };
    for (int fd = 1; fd <= 2; fd++) {
        struct stat st;
        const char *user = fstat(fd, &st) || !S_ISREG(st.st_mode) ? NULL : posix_user_of(o, &st, NULL);
        if (user) {
            failure_words(error, n, "standard %s goes into the file that is in use as %s; expected another one", names[fd], user);
            return false;
        }
    }
    return true;
}

/* ---- sockets ---- */

bool posix_free_socket(struct outputs *o, const char *path, char *error, size_t n)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    struct stat st;
    posix_keep_folder(o, o ? folder_of(path) : -1, true);     /* it is removed at the end */
    if (lstat(path, &st))
        return true;                            /* bind says what else is wrong */
    if (!S_ISSOCK(st.st_mode)) {
        failure_words(error, n, "there is a file %s already, and it is no socket; expected another name", path);
        return false;
    }
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool dead = fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    if (dead && !unlink(path))
        return true;
    failure_words(error, n, "another program listens at the socket %s; expected another name", path);
    return false;
}

void posix_remove_socket(const char *path, u64 device, u64 inode)
{
    struct stat st;
    if (!lstat(path, &st) && S_ISSOCK(st.st_mode) && st.st_dev == device && st.st_ino == inode)
        unlink(path);
}
