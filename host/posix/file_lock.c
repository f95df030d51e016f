/* file_lock.c - see posix_lock in parts.h.
 * Follows: flock(2), fcntl(2) "Open file description locks"; QEMU's manual "Disk image file locking", and its locks as they are
 * seen in /proc/locks: a shared lock on byte 100 + N says that its holder does N with the image, one on 200 + N that it suffers
 * nobody else to do N. N: 0 reads and wants what it reads to hold together, 1 writes, 2 writes what is there already, 3 resizes. */
#define _GNU_SOURCE
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#ifdef F_OFD_SETLK
enum { DOES = 100, FORBIDS = 200, ACTS = 4, READS = 1 << 0, WRITES = 1 << 1, RESIZES = 1 << 3 };

/* One byte. False only if somebody else's lock is in the way. */
static bool lock_byte(int fd, int command, short type, int byte)
{
    struct flock f = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
    if (fcntl(fd, command, &f))
        return command == F_OFD_GETLK || (errno != EAGAIN && errno != EACCES);
    return command == F_OFD_SETLK || f.l_type == F_UNLCK;
}

/* First say what is done and forbidden, then see what others say: of two that begin at once at least one sees the other. */
static bool lock_bytes(int fd, bool write)
{
    int does = write ? READS | WRITES | RESIZES : READS, forbids = WRITES | RESIZES;
    short type = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY ? F_WRLCK : F_RDLCK;
    bool free = true;
    for (int k = 0; free && k < ACTS; k++)
        free = (!(does >> k & 1) || lock_byte(fd, F_OFD_SETLK, type, DOES + k)) &&
               (!(forbids >> k & 1) || lock_byte(fd, F_OFD_SETLK, type, FORBIDS + k));
    for (int k = 0; free && k < ACTS; k++)
        free = (!(does >> k & 1) || lock_byte(fd, F_OFD_GETLK, F_WRLCK, FORBIDS + k)) &&
               (!(forbids >> k & 1) || lock_byte(fd, F_OFD_GETLK, F_WRLCK, DOES + k));
    return free;
}

static void unlock_bytes(int fd)
{
    for (int k = 0; k < ACTS; k++) {
        lock_byte(fd, F_OFD_SETLK, F_UNLCK, DOES + k);
        lock_byte(fd, F_OFD_SETLK, F_UNLCK, FORBIDS + k);
    }
}
#else
static bool lock_bytes(int fd, bool write) { (void)fd, (void)write; return true; }
static void unlock_bytes(int fd) { (void)fd; }
#endif

/* NFS and SMB make one kind of lock of both: a program would lock itself out. */
static bool locks_are_one(int fd)
{
#ifdef __linux__
    struct statfs f;
    if (fstatfs(fd, &f))
        return false;
    u32 type = (u32)f.f_type;
    return type == 0x6969 || type == 0x517b || type == 0xff534d42 || type == 0xfe534d42;
#else
    (void)fd;
    return false;
#endif
}

bool posix_lock(int fd, bool write)
{
    if (!lock_bytes(fd, write))
        return false;
    return locks_are_one(fd) || !flock(fd, (write ? LOCK_EX : LOCK_SH) | LOCK_NB) || errno != EWOULDBLOCK;
}

void posix_unlock(int fd)
{
    unlock_bytes(fd);
    flock(fd, LOCK_UN);
}
