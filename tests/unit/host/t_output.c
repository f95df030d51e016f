/* t_output.c - outputs: what they refuse, what they leave alone, whole or not at all; locks against other programs. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../../host/file.h"
#include "../../../host/output.h"
#include "../../../host/posix/parts.h"
#include <cmocka.h>

static char directory[] = "outputXXXXXX";
static char error[400];

static int enter(void **state)
{
    (void)state;
    return mkdtemp(directory) && !chdir(directory) ? 0 : 1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("..") || rmdir(directory);     /* nothing is left behind by any test, no temporary file either */
}

static void make(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void holds(const char *name, const char *text)
{
    char got[256] = "";
    FILE *f = fopen(name, "r");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = 0;
    fclose(f);
    assert_string_equal(got, text);
}

static void complains(const char *word)
{
    if (!strstr(error, word))
        fail_msg("'%s' is not in '%s'", word, error);
}

static bool begins(struct outputs *o, const char *path)
{
    struct output *out = output_begin(o, "-report", path, error, sizeof error);
    output_drop(out);
    return out;
}

static bool streams(struct outputs *o, const char *path)
{
    struct handle h = output_stream(o, "-serial", path, error, sizeof error);
    handle_close(h);
    return handle_there(h);
}

/* An image, firmware, another output: by whatever name, it is refused and stays as it is. */
static void files_in_use(void **state)
{
    (void)state;
    struct outputs *o = outputs_new();
    make("disk", "sectors");
    assert_int_equal(link("disk", "hard"), 0);
    assert_int_equal(symlink("disk", "soft"), 0);
    outputs_claim(o, "disk", "-hda", true);
    outputs_claim(o, "absent", "-hdb", true);
    static const char *const names[] = { "disk", "./disk", "hard", "soft" };
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        assert_false(streams(o, names[k]));
        complains("in use as -hda");
        assert_false(begins(o, names[k]));
        complains("in use as -hda");
    }
    holds("disk", "sectors");
    struct output *out = output_begin(o, "-report", "report", error, sizeof error);
    assert_non_null(out);
    assert_false(begins(o, "./report"));                /* though it is not there yet */
    complains("-report");
    assert_true(begins(o, "./state"));
    assert_true(begins(o, "state"));                   /* who had the name has let it go */
    assert_int_equal(access("state", F_OK), -1);
    make("report", "");
    assert_int_equal(unlink("report"), 0);
    assert_int_equal(link("disk", "report"), 0);        /* an image comes to its name while it runs */
    fputs("text", output_file(out));
    assert_false(output_commit(out, error, sizeof error));
    complains("in use as -hda");
    holds("disk", "sectors");
    int fd = (int)output_stream(o, "-serial", "line", error, sizeof error).id;
    assert_true(fd >= 0);
    assert_false(streams(o, "line"));
    complains("in use as -serial");
    close(fd);
    outputs_free(o);
    unlink("disk"), unlink("hard"), unlink("soft"), unlink("report"), unlink("line");
}

static void wrong_places(void **state)
{
    (void)state;
    static const struct { const char *name, *word; } places[] = {
        { "folder", "folder" }, { "nowhere", "link to nothing" }, { "missing/x", "missing/x" }, { "socket", "socket" },
        { "folder/", "folder" }, { "missing/", "missing/" }, { "protected", "protected" }, { "pipe", "nobody reads" },
    };
    struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "socket" };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(symlink("absent", "nowhere"), 0);
    assert_int_equal(mkfifo("pipe", 0666), 0);
    make("protected", "mine");
    chmod("protected", 0444);
    for (size_t k = 0; k < ARRAY_LEN(places); k++) {
        if (!strcmp(places[k].name, "protected") && !geteuid())
            continue;                                   /* the super-user may write everything */
        assert_false(streams(NULL, places[k].name));
        complains(places[k].word);
        assert_false(begins(NULL, places[k].name));
        complains(places[k].word);
    }
    holds("protected", "mine");
    close(fd);
    unlink("protected"), unlink("socket"), unlink("nowhere"), unlink("pipe"), rmdir("folder");
}

static void devices(void **state)
{
    (void)state;
    assert_true(streams(NULL, "/dev/null"));
    assert_true(begins(NULL, "/dev/null"));
    if (!access("/dev/random", W_OK)) {
        assert_false(streams(NULL, "/dev/random"));
        complains("device");
    }
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_int_equal(grantpt(terminal) || unlockpt(terminal), 0);
    assert_true(streams(NULL, ptsname(terminal)));
    close(terminal);
    struct output *full = output_begin(NULL, "-report", "/dev/full", error, sizeof error);
    assert_non_null(full);
    fputs("x", output_file(full));
    assert_false(output_commit(full, error, sizeof error));
    complains("/dev/full");
}

/* The older file is there until the new one is whole. */
static void whole_or_not_at_all(void **state)
{
    struct stat st;
    (void)state;
    make("picture", "old");
    chmod("picture", 0600);
    assert_int_equal(symlink("picture", "name"), 0);
    struct output *out = output_begin(NULL, "-screendump", "name", error, sizeof error);
    fputs("new", output_file(out));
    fflush(output_file(out));
    holds("picture", "old");
    output_drop(out);
    holds("picture", "old");
    out = output_begin(NULL, "-screendump", "name", error, sizeof error);
    fputs("new", output_file(out));
    assert_true(output_commit(out, error, sizeof error));
    holds("picture", "new");
    assert_int_equal(lstat("name", &st) || !S_ISLNK(st.st_mode), 0);
    assert_int_equal(stat("picture", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink("name"), unlink("picture");
    out = output_begin(NULL, "-screendump", "picture", error, sizeof error);
    assert_int_equal(access("picture", F_OK), -1);
    fputs("fresh", output_file(out));
    assert_true(output_commit(out, error, sizeof error));
    holds("picture", "fresh");
    unlink("picture");
}

static void numbered(void **state)
{
    int number = 1;
    (void)state;
    make("p-001", "mine");
    for (int k = 2; k <= 3; k++) {
        struct output *out = output_begin_new(NULL, "p-%03d", &number, 3, error, sizeof error);
        assert_non_null(out);
        assert_int_equal(number, k);
        fputs("x", output_file(out));
        assert_true(output_commit(out, error, sizeof error));
    }
    assert_null(output_begin_new(NULL, "p-%03d", &number, 3, error, sizeof error));
    complains("3 of them");
    number = 1, unlink("p-002");
    struct output *out = output_begin_new(NULL, "p-%03d", &number, 3, error, sizeof error);
    make("p-002", "theirs");                            /* somebody was quicker */
    assert_false(output_commit(out, error, sizeof error));
    holds("p-001", "mine");
    holds("p-002", "theirs");
    unlink("p-001"), unlink("p-002"), unlink("p-003");
}

/* Standard output may lead into a file: what is written there by its name joins it. */
static void standard_output(void **state)
{
    struct outputs *o = outputs_new();
    (void)state;
    fflush(stdout);
    int saved = dup(1), fd = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_int_equal(write(fd, "before ", 7), 7);
    dup2(fd, 1);
    close(fd);
    struct output *out = output_begin(NULL, "-report", "log", error, sizeof error);
    bool begun = out, done = begun && fputs("report", output_file(out)) >= 0 && output_commit(out, error, sizeof error);
    bool alone = outputs_check_standard(o, error, sizeof error);
    outputs_claim(o, "log", "-hda", true);
    bool image = outputs_check_standard(o, error, sizeof error);
    dup2(saved, 1);
    close(saved);
    assert_true(begun && done && alone);
    assert_false(image);
    complains("in use as -hda");
    holds("log", "before report");
    outputs_free(o);
    unlink("log");
}

/* ---- other programs ---- */

/* Another program does `act` with the file, and stays until its pipe is closed. */
static pid_t other(const char *path, void (*act)(int fd), int *release)
{
    int ready[2], hold[2];
    char byte;
    assert_int_equal(pipe(ready) || pipe(hold), 0);
    pid_t pid = fork();
    if (!pid) {
        act(open(path, O_RDWR));
        close(hold[1]);
        if (write(ready[1], "x", 1) == 1 && read(hold[0], &byte, 1) == 0)
            _exit(0);
        _exit(1);
    }
    close(hold[0]), close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    *release = hold[1];
    return pid;
}

static void let_go(pid_t pid, int release)
{
    close(release);
    waitpid(pid, NULL, 0);
}

static void lock_whole(int fd) { flock(fd, LOCK_EX); }
static void lock_posix(int fd)
{
    struct flock f = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    fcntl(fd, F_SETLK, &f);
}
static void lock_byte(int fd, int byte)
{
    struct flock f = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
    fcntl(fd, F_OFD_SETLK, &f);
}
static void as_reader(int fd) { lock_byte(fd, 100), lock_byte(fd, 201), lock_byte(fd, 203); }
static void as_writer(int fd) { lock_byte(fd, 101), as_reader(fd); }
static void as_careless_reader(int fd) { lock_byte(fd, 100); }

static bool may_lock(const char *path, bool write)
{
    struct file *f = file_open(path, true, NULL);
    bool may = f && file_claim(f, write);
    file_close(f, NULL);
    return may;
}

static void locked_by_others(void **state)
{
    static const struct { void (*act)(int fd); bool read, write; } cases[] = {
        { lock_whole, false, false }, { lock_posix, false, false }, { as_writer, false, false }, { as_reader, true, false },
        { as_careless_reader, true, true },
    };
    (void)state;
    make("disk", "sectors");
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        int release;
        pid_t pid = other("disk", cases[k].act, &release);
        assert_int_equal(may_lock("disk", false), cases[k].read);
        assert_int_equal(may_lock("disk", true), cases[k].write);
        assert_int_equal(streams(NULL, "disk") || begins(NULL, "disk"), cases[k].write);
        let_go(pid, release);
        if (cases[k].write)
            make("disk", "sectors");
        else
            holds("disk", "sectors");
        assert_true(may_lock("disk", true));
    }
    unlink("disk");
}

/* What another program that follows the convention finds. */
static bool free_for(const char *path, int byte)
{
    struct flock f = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
    int fd = open(path, O_RDWR);
    assert_int_equal(fcntl(fd, F_OFD_GETLK, &f), 0);
    close(fd);
    return f.l_type == F_UNLCK;
}

static void locked_for_others(void **state)
{
    (void)state;
    make("disk", "sectors");
    for (int write = 0; write <= 1; write++) {
        struct file *f = file_open("disk", write, NULL);
        assert_true(f && file_claim(f, write));
        assert_false(free_for("disk", 100));
        assert_int_equal(free_for("disk", 101), !write);
        assert_false(free_for("disk", 201));
        assert_false(free_for("disk", 203));
        assert_true(free_for("disk", 200));             /* reading it without a care is nobody's loss */
        assert_true(file_close(f, NULL));
        assert_true(free_for("disk", 100) && free_for("disk", 201));
    }
    unlink("disk");
}

/* ---- sockets ---- */

static int bound(const char *name, bool listens)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(a.sun_path, name);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    if (listens)
        assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void sockets(void **state)
{
    struct stat st;
    (void)state;
    assert_true(posix_free_socket(NULL, "nothing", error, sizeof error));
    make("file", "mine");
    assert_false(posix_free_socket(NULL, "file", error, sizeof error));
    complains("no socket");
    holds("file", "mine");
    close(bound("dead", false));
    assert_true(posix_free_socket(NULL, "dead", error, sizeof error));
    assert_int_equal(access("dead", F_OK), -1);
    int fd = bound("alive", true);
    assert_false(posix_free_socket(NULL, "alive", error, sizeof error));
    complains("listens");
    assert_int_equal(stat("alive", &st), 0);
    posix_remove_socket("alive", st.st_dev, st.st_ino + 1);    /* another one by now */
    assert_int_equal(access("alive", F_OK), 0);
    posix_remove_socket("alive", st.st_dev, st.st_ino);
    assert_int_equal(access("alive", F_OK), -1);
    close(fd);
    assert_int_equal(stat("file", &st), 0);
    posix_remove_socket("file", st.st_dev, st.st_ino);
    holds("file", "mine");
    unlink("file");
}

/* A program that is started with closed descriptors does not take a file for its standard output. */
static void standard_descriptors(void **state)
{
    int status;
    (void)state;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        close(0), close(1), close(2);
        handles_open_standard(NULL);
        int fd = open("file", O_RDWR | O_CREAT, 0666);
        _exit(fd > 2 && write(1, "x", 1) == 1 && write(2, "x", 1) == 1 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    holds("file", "");
    unlink("file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_in_use), cmocka_unit_test(wrong_places), cmocka_unit_test(devices),
        cmocka_unit_test(whole_or_not_at_all), cmocka_unit_test(numbered), cmocka_unit_test(standard_output),
        cmocka_unit_test(locked_by_others), cmocka_unit_test(locked_for_others), cmocka_unit_test(sockets),
        cmocka_unit_test(standard_descriptors),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
