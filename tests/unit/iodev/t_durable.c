/* t_durable.c - what the guest flushed is on the host's disk: flushes, a failing one, a full disk, short writes, files that go
 * away. The host's pwrite and fdatasync are this file's: they do what is asked for, until told to fail. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../support/ide_rig.h"

static char path[64], said[4096];
static int flushes, flush_error, room, write_error, most;       /* room: bytes until writes fail; most: bytes a call */
static int waits, recoveries;

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at);
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
    if (write_error && room <= 0) {
        errno = write_error;
        return -1;
    }
    if (write_error && n > (size_t)room)
        n = (size_t)room;
    if (most && n > (size_t)most)
        n = (size_t)most;
    room -= (int)n;
    return syscall(SYS_pwrite64, fd, from, n, at);
}

int fdatasync(int fd)
{
    flushes++;
    if (flush_error) {
        errno = flush_error;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static int clear(void **state)
{
    (void)state;
    flushes = flush_error = room = write_error = most = waits = recoveries = 0;
    snprintf(path, sizeof path, "t_durable.%d.img", (int)getpid());
    FILE *f = fopen(path, "wb");
    for (int k = 0; k < 64 * 512; k++)
        putc(0x11, f);
    return fclose(f);
}

static int done(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void say(void *to, const char *text) { fprintf(to, "%s\n", text); }

/* It says on standard error what happens to it. */
static void hear(struct image *i)
{
    static struct image_host host;
    host = (struct image_host) { .say = { say, stderr } };
    image_set_host(i, &host);
}

static struct image *open_disk(int flags)
{
    char message[256];
    struct image *i = image_open(path, IMAGE_DISK, flags, message, sizeof message);
    assert_non_null(i);
    hear(i);
    return i;
}

static int file_byte(long at)
{
    FILE *f = fopen(path, "rb");
    fseek(f, at, SEEK_SET);
    int c = getc(f);
    fclose(f);
    return c;
}

static u64 file_size(void)
{
    struct stat st;
    return stat(path, &st) ? 0 : (u64)st.st_size;
}

/* Standard error of what lies between is in `said`. */
static int listen(void)
{
    int ends = dup(2), fd = open("t_durable.said", O_RDWR | O_CREAT | O_TRUNC, 0666);
    fflush(stderr);
    dup2(fd, 2);
    close(fd);
    return ends;
}

static int told(int saved, const char *word)
{
    int count = 0;
    fflush(stderr);
    lseek(2, 0, SEEK_SET);
    ssize_t n = read(2, said, sizeof said - 1);
    said[n > 0 ? n : 0] = 0;
    dup2(saved, 2);
    close(saved);
    unlink("t_durable.said");
    for (const char *at = said; (at = strstr(at, word)); at++)
        count++;
    return count;
}

static bool fills(void *to, const char *message)
{
    if (!message) {
        recoveries++;
        return true;
    }
    if (++waits == *(int *)to)
        write_error = 0;                                /* somebody made room */
    return waits <= *(int *)to;
}

static void flushes_reach_the_host(void **state)
{
    u8 sector[512] = { 1 };
    (void)state;
    struct image *i = open_disk(0);
    assert_true(image_flush(i));
    assert_int_equal(flushes, 0);                       /* nothing was written */
    assert_true(image_write(i, 3, 1, sector));
    assert_true(image_flush(i));
    assert_true(image_flush(i));
    assert_int_equal(flushes, 1);
    assert_true(image_write(i, 3, 1, sector));
    image_close(i);                                     /* the end of a run flushes, too */
    assert_int_equal(flushes, 2);
    i = open_disk(IMAGE_SNAPSHOT);
    assert_true(image_write(i, 3, 1, sector) && image_flush(i));
    image_close(i);
    assert_int_equal(flushes, 2);
}

/* What the host could not write it forgets: a later fsync says that all is well, and is not to be believed. */
static void failed_flush_stays(void **state)
{
    u8 sector[512] = { 1 };
    (void)state;
    struct image *i = open_disk(0);
    assert_true(image_write(i, 3, 1, sector));
    flush_error = EIO;
    int saved = listen();
    bool first = image_flush(i);
    flush_error = 0;
    bool second = image_flush(i), written = image_write(i, 4, 1, sector), third = image_flush(i);
    assert_int_equal(told(saved, "could not write what the guest wants"), 1);
    assert_false(first || second || third);
    assert_true(written);
    image_close(i);
    i = open_disk(0);                                   /* another file system than the one that knows no flush */
    flush_error = EINVAL;
    assert_true(image_write(i, 3, 1, sector) && image_flush(i));
    image_close(i);
}

static void full_disk_reports(void **state)
{
    u8 sectors[4 * 512];
    (void)state;
    memset(sectors, 0x22, sizeof sectors);
    struct image *i = open_disk(0);
    write_error = ENOSPC, room = 700;
    int saved = listen();
    bool written = image_write(i, 10, 4, sectors);
    assert_int_equal(told(saved, "No space left"), 1);
    assert_non_null(strstr(said, "the sector at byte 5632 is half written"));
    assert_false(written);
    assert_int_equal(file_byte(10 * 512 + 511), 0x22);
    write_error = 0, most = 100;                        /* short writes are completed */
    assert_true(image_write(i, 20, 4, sectors));
    for (int k = 0; k < 4 * 512; k++)
        assert_int_equal(file_byte(20 * 512 + k), 0x22);
    image_close(i);
}

/* A floppy of 1.44M in a short file: growing it fails within a sector, and the file is as long as before. */
static void half_a_sector_is_taken_back(void **state)
{
    char message[256];
    u8 sectors[4 * 512];
    (void)state;
    memset(sectors, 0x22, sizeof sectors);
    struct image *i = image_open(path, IMAGE_FLOPPY, IMAGE_GUESSED, message, sizeof message);
    hear(i);
    write_error = ENOSPC, room = 700;
    int saved = listen();
    bool written = image_write(i, 64, 4, sectors);
    assert_int_equal(told(saved, "half written"), 0);
    assert_false(written);
    assert_int_equal(file_size(), 65 * 512);
    write_error = 0;
    assert_true(image_read(i, 64, 2, sectors));
    assert_int_equal(sectors[511], 0x22);
    assert_int_equal(sectors[512], 0);
    image_close(i);
}

static void full_disk_waits(void **state)
{
    u8 sectors[4 * 512], back[4 * 512];
    int until = 3;
    struct image_host host = { .full = fills, .to = &until, .say = { say, stderr } };
    (void)state;
    memset(sectors, 0x22, sizeof sectors);
    struct image *i = open_disk(0);
    image_set_host(i, &host);
    write_error = ENOSPC, room = 700;
    assert_true(image_write(i, 10, 4, sectors));
    assert_int_equal(waits, 3);
    assert_int_equal(recoveries, 1);
    assert_true(image_read(i, 10, 4, back));
    assert_memory_equal(sectors, back, sizeof back);
    write_error = EDQUOT, room = 0, until = 0, waits = 0;       /* it is given up */
    int saved = listen();
    bool written = image_write(i, 10, 4, sectors);
    assert_int_equal(told(saved, "drive error"), 1);
    assert_false(written);
    write_error = EIO, waits = 0;                       /* no question of room */
    saved = listen();
    written = image_write(i, 10, 4, sectors);
    assert_int_equal(told(saved, strerror(EIO)), 1);         /* in the words of this C library */
    assert_int_equal(waits, 0);
    assert_false(written);
    image_close(i);
}

static void overlays_have_a_limit(void **state)
{
    u8 sector[512] = { 1 }, back[512];
    struct image_host host = { .overlay_limit = 64 << 10, .say = { say, stderr } };
    (void)state;
    struct image *a = image_new_memory("a", IMAGE_DISK, NULL, 16 << 20), *b = image_new_memory("b", IMAGE_DISK, NULL, 16 << 20);
    image_set_host(a, &host);
    image_set_host(b, &host);
    int n = 0, saved = listen();
    while (n < 32 && image_write(n & 1 ? b : a, (u64)n / 2 * 8, 1, sector))
        n++;
    bool again = image_write(n & 1 ? b : a, 4096, 1, sector), known = image_write(a, 1, 1, sector);
    assert_int_equal(told(saved, "-snapshot-limit"), 1);
    assert_in_range(n, 8, 15);                          /* clusters of 4 KB, and what finds them */
    assert_false(again);
    assert_true(known);
    assert_true(host.overlay_bytes <= host.overlay_limit);
    assert_true(image_read(a, 0, 1, back));
    assert_memory_equal(sector, back, 512);
    image_close(a);
    image_close(b);
}

static void files_that_go_away(void **state)
{
    u8 sector[512] = { 1 };
    (void)state;
    struct image *i = open_disk(0);
    assert_true(image_write(i, 3, 1, sector));
    assert_int_equal(unlink(path), 0);
    int saved = listen();
    bool flushed = image_flush(i), written = image_write(i, 4, 1, sector) && image_flush(i);
    image_close(i);
    assert_int_equal(told(saved, "removed or replaced"), 1);
    assert_true(flushed && written);
    clear(state);
    i = open_disk(0);
    assert_int_equal(truncate(path, 100), 0);
    saved = listen();
    bool there = image_read(i, 40, 1, sector);
    image_close(i);
    assert_int_equal(told(saved, "cut off from 32768 to 100 bytes"), 1);
    assert_false(there);
}

/* ---- the drive ---- */

static u8 write_sector(struct rig *r, u32 lba)
{
    if (command(r, PRI, 0, 1, lba, 0xe0, 0x30) != ST_DATA)
        return 0;
    for (int k = 0; k < 256; k++)
        fake_out16(r->m, PRI, 0x4242);
    fake_advance(r->m, 10 * MS);
    return reg(r, PRI + 7);
}

static void write_cache(void **state)
{
    (void)state;
    struct rig *r = rig_new(open_disk(0), NULL);
    assert_int_equal(write_sector(r, 1), ST_OK);
    assert_int_equal(flushes, 0);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe7), ST_OK);          /* FLUSH CACHE */
    assert_int_equal(flushes, 1);
    assert_int_equal(write_sector(r, 1), ST_OK);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xea), ST_OK);          /* FLUSH CACHE EXT */
    assert_int_equal(flushes, 2);
    assert_int_equal(write_sector(r, 1), ST_OK);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe0), ST_OK);          /* STANDBY IMMEDIATE */
    assert_int_equal(flushes, 3);
    assert_int_equal(write_sector(r, 1), ST_OK);
    assert_int_equal(command(r, PRI, 0x82, 0, 0, 0xa0, 0xef), ST_OK);       /* the write cache off */
    assert_int_equal(flushes, 4);
    for (u32 k = 1; k <= 3; k++) {
        assert_int_equal(write_sector(r, k), ST_OK);
        assert_int_equal(flushes, 4 + k);
    }
    assert_int_equal(command(r, PRI, 0x02, 0, 0, 0xa0, 0xef), ST_OK);
    assert_int_equal(write_sector(r, 1), ST_OK);
    assert_int_equal(flushes, 7);
    rig_free(r);
}

static void failing_drive(void **state)
{
    (void)state;
    struct rig *r = rig_new(open_disk(0), NULL);
    assert_int_equal(write_sector(r, 1), ST_OK);
    flush_error = EIO;
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe7), ST_FAULT);
    flush_error = 0;
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe7), ST_FAULT);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xea), ST_FAULT);
    assert_int_equal(command(r, PRI, 0, 0, 0, 0xa0, 0xe0), ST_FAULT);
    assert_int_equal(command(r, PRI, 0x82, 0, 0, 0xa0, 0xef), ST_ERR);
    assert_int_equal(write_sector(r, 1), ST_FAULT);                         /* the cache is off: the write waits for a flush */
    write_error = ENOSPC, room = 0;
    assert_int_equal(command(r, PRI, 0x02, 0, 0, 0xa0, 0xef), ST_OK);
    assert_int_equal(write_sector(r, 1), ST_FAULT);
    write_error = 0;
    assert_int_equal(write_sector(r, 1), ST_OK);
    rig_free(r);
}

/* ---- other programs ---- */

/* QEMU as it holds a raw disk (what /proc/locks shows): nobody may open it, not even to read it, and the other way round. */
static void other_machines(void **state)
{
    static const int bytes[] = { 100, 101, 201 };
    static const struct { enum image_kind kind; int flags; } ways[] = {
        { IMAGE_DISK, 0 }, { IMAGE_DISK, IMAGE_SNAPSHOT }, { IMAGE_DISK, IMAGE_READ_ONLY }, { IMAGE_CD, 0 }, { IMAGE_FLOPPY, 0 },
    };
    char message[256], byte;
    int ready[2], hold[2];
    (void)state;
    assert_int_equal(pipe(ready) || pipe(hold), 0);
    pid_t pid = fork();
    if (!pid) {
        int fd = open(path, O_RDWR);
        for (size_t k = 0; k < ARRAY_LEN(bytes); k++) {
            struct flock f = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = bytes[k], .l_len = 1 };
            fcntl(fd, F_OFD_SETLK, &f);
        }
        close(hold[1]);
        _exit(write(ready[1], "x", 1) == 1 && read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(hold[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    for (size_t k = 0; k < ARRAY_LEN(ways); k++) {
        assert_null(image_open(path, ways[k].kind, ways[k].flags, message, sizeof message));
        assert_non_null(strstr(message, "in use"));
    }
    close(hold[1]);
    waitpid(pid, NULL, 0);
    close(ready[0]), close(ready[1]);
    struct image *i = open_disk(0);
    int fd = open(path, O_RDWR);
    struct flock f = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 201, .l_len = 1 };
    assert_int_equal(fcntl(fd, F_OFD_GETLK, &f), 0);
    assert_int_equal(f.l_type, F_RDLCK);
    close(fd);
    image_close(i);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, clear, done)
    const struct CMUnitTest tests[] = {
        TEST(flushes_reach_the_host), TEST(failed_flush_stays), TEST(full_disk_reports), TEST(half_a_sector_is_taken_back),
        TEST(full_disk_waits), TEST(overlays_have_a_limit), TEST(files_that_go_away), TEST(write_cache), TEST(failing_drive),
        TEST(other_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
