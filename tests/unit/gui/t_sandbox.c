/* t_sandbox.c - what a program in the sandbox can no longer do, and what it still must. Each trial is a process of its own. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "../../../host/sandbox.h"
#include "../../../host/output.h"
#include "../../support/tree.h"
#include <cmocka.h>

static char directory[] = "sandboxXXXXXX", error[400];
static struct outputs *outputs;
static struct output *out;
static int image, server;

/* Trials end with the number of what went wrong; 0: nothing, SKIPPED: this host cannot. */
enum { SKIPPED = 99 };
#define WANT(condition) do { if (!(condition)) { perror(#condition); _exit(1); } } while (0)

static void make(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* images/disk is open, results/report is begun; private/ is nobody's business. */
static int enter(void **state)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "socket" };
    (void)state;
    if (!mkdtemp(directory) || chdir(directory) || mkdir("images", 0777) || mkdir("results", 0777) || mkdir("private", 0777))
        return 1;
    make("images/disk", "sectors"), make("images/other", "sectors"), make("results/report", "old"), make("private/letter", "dear");
    outputs = outputs_new();
    outputs_claim(outputs, "images/disk", "-hda", true);
    out = output_begin(outputs, "-report", "results/report", error, sizeof error);
    image = open("images/disk", O_RDWR);
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(server, (struct sockaddr *)&a, sizeof a) || listen(server, 1))
        return 1;
    return !out || image < 0;
}

static int leave(void **state)
{
    (void)state;
    close(image), close(server);
    output_drop(out);
    outputs_free(outputs);
    if (chdir(".."))
        return -1;
    tree_remove(directory);
    return 0;
}

static bool landlocked(void) { return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0; }
static bool filtered(void) { return prctl(PR_GET_SECCOMP) == 2 || errno == EPERM; }

static void trial(void (*run)(void), bool attended)
{
    const char *why;
    int status;
    if (!sandbox_possible(&why)) {
        printf("skipped: %s\n", why);
        skip();
    }
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        if (!sandbox_enter(outputs, attended, error, sizeof error))
            _exit(SKIPPED);
        run();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        printf("skipped: neither Landlock nor seccomp\n");
        skip();
    }
    assert_int_equal(status, 0);
}

static bool opens(const char *name, int how)
{
    int fd = open(name, how, 0666);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void *add_one(void *to)
{
    free(malloc(1 << 20));
    ++*(int *)to;
    return NULL;
}

static void *wait_for_ever(void *to)
{
    for (;;)
        pause();
    return to;
}

static void nobody_reaches(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "socket" };
    WANT(!opens("private/letter", O_RDONLY));
    WANT(!opens("private/letter", O_RDWR));
    WANT(!opens("/etc/passwd", O_RDONLY));
    WANT(!opens("images/other", O_RDONLY));
    WANT(!opens("images/disk", O_RDWR));
    WANT(!opens("private/new", O_WRONLY | O_CREAT));
    WANT(!opens("new", O_WRONLY | O_CREAT));
    if (landlocked() || !filtered()) {          /* by the filter alone names can be changed, where outputs are to be placed */
        WANT(unlink("private/letter"));
        WANT(rename("private/letter", "private/gone"));
        WANT(rename("results/report", "private/letter"));
        WANT(link("private/letter", "results/letter"));
    }
    if (!filtered())
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    WANT(fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a));
    WANT(socket(AF_INET, SOCK_STREAM, 0) < 0);
    WANT(fork() < 0);
    WANT(execl("/bin/true", "true", (char *)NULL));
    WANT(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    WANT(kill(getppid(), 0));
    WANT(ioctl(0, TIOCSTI, "x"));
}

static void nobody_works(void)
{
    char text[8] = "";
    pthread_t thread;
    int count = 0;
    WANT(pread(image, text, 7, 0) == 7 && !strcmp(text, "sectors"));
    WANT(pwrite(image, "S", 1, 0) == 1 && !fdatasync(image));
    for (int k = 0; k < 20; k++) {
        WANT(!pthread_create(&thread, NULL, add_one, &count));
        WANT(!pthread_join(thread, NULL));
    }
    WANT(count == 20);
    WANT(!pthread_create(&thread, NULL, wait_for_ever, NULL));
    WANT(!pthread_cancel(thread) && !pthread_join(thread, NULL));
    void *memory = mmap(NULL, 1 << 22, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    WANT(memory != MAP_FAILED && !mprotect(memory, 1 << 22, PROT_READ | PROT_WRITE));
    fcntl(server, F_SETFL, fcntl(server, F_GETFL) | O_NONBLOCK);
    WANT(accept(server, NULL, NULL) < 0 && errno == EAGAIN);
    fputs("new", output_file(out));
    if (!output_commit(out, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        _exit(1);
    }
}

static void person_reaches(void)
{
    WANT(opens("private/letter", O_RDONLY));
    WANT(!opens("private/letter", O_RDWR));
    WANT(!opens("private/new", O_WRONLY | O_CREAT));
    WANT(unlink("private/letter"));
    WANT(rename("private/letter", "results/letter"));
    WANT(opens("images/other", O_RDWR));        /* a floppy that is put in later */
    WANT(opens("/dev/null", O_RDWR));
    struct output *later = output_begin(outputs, "-screendump", "results/later", error, sizeof error);
    WANT(later);
    fputs("x", output_file(later));
    WANT(output_commit(later, error, sizeof error));
    WANT(!output_begin(outputs, "-screendump", "private/later", error, sizeof error));
    WANT(fork() >= 0);
}

/* Nobody is attached: no other file, no connection, no program. */
static void reaches_nothing(void **state) { (void)state; trial(nobody_reaches, false); }

/* Open files, threads, memory, and the outputs that were begun. */
static void still_works(void **state)
{
    char text[8] = "";
    (void)state;
    trial(nobody_works, false);
    FILE *f = fopen("results/report", "r");
    assert_non_null(f);
    assert_int_equal(fread(text, 1, sizeof text - 1, f), 3);
    fclose(f);
    assert_string_equal(text, "new");
}

/* With a window: files are read; written only where images and outputs lie. The current folder is one of them, so this one's is
 * the folder of the images. */
static void person_writes_there_only(void **state)
{
    (void)state;
    if (!landlocked())
        skip();
    assert_int_equal(symlink("../private", "images/private"), 0);
    assert_int_equal(symlink("../results", "images/results"), 0);
    assert_int_equal(symlink("../images", "images/images"), 0);
    assert_int_equal(chdir("images"), 0);
    trial(person_reaches, true);
    assert_int_equal(chdir(".."), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_nothing), cmocka_unit_test(still_works), cmocka_unit_test(person_writes_there_only),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
