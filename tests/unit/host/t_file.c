/* t_file.c - files and memory of the host: what is refused is told as a value. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../../host/file.h"
#include "../../../host/memory.h"
#include <cmocka.h>

static void make(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void kinds(void **state)
{
    struct failure why;
    u64 bytes = 1;
    (void)state;
    make("t_file.plain", "twelve bytes");
    mkfifo("t_file.pipe", 0600);
    assert_int_equal(file_kind_at("t_file.plain", &bytes, &why), FILE_PLAIN);
    assert_int_equal(bytes, 12);
    assert_int_equal(file_kind_at(".", &bytes, NULL), FILE_FOLDER);
    assert_int_equal(file_kind_at("t_file.pipe", NULL, NULL), FILE_STREAM);
    assert_int_equal(file_kind_at("t_file.absent", NULL, &why), FILE_ABSENT);
    assert_int_equal(why.kind, FAILURE_ABSENT);
    assert_null(file_open("t_file.absent", false, &why));
    assert_int_equal(why.kind, FAILURE_ABSENT);
    assert_null(file_open("t_file.pipe", true, &why));          /* without waiting for its reader */
    assert_int_equal(why.kind, FAILURE_UNFIT);
    assert_null(file_open(".", false, &why));
    assert_int_equal(why.kind, FAILURE_UNFIT);
    assert_true(file_readable("t_file.plain") && !file_readable("t_file.absent"));
    unlink("t_file.plain");
    unlink("t_file.pipe");
}

static void bytes_in_place(void **state)
{
    struct failure why;
    u64 bytes;
    char text[32] = "";
    (void)state;
    make("t_file.plain", "twelve bytes");
    struct file *f = file_open("t_file.plain", true, &why);
    assert_non_null(f);
    assert_int_equal(file_write(f, 14, "!", 1, &why), 1);
    assert_true(file_sync(f, &why) && file_bytes(f, &bytes, &why));
    assert_int_equal(bytes, 15);
    assert_int_equal(file_read(f, 7, text, sizeof text, &why), 8);
    assert_memory_equal(text, "bytes\0\0!", 8);
    assert_int_equal(file_read(f, 15, text, 1, &why), 0);
    assert_int_equal(why.kind, FAILURE_NONE);                   /* the end is none */
    assert_true(file_resize(f, 6, &why) && file_has_name(f, &bytes));
    assert_int_equal(bytes, 6);
    unlink("t_file.plain");
    assert_false(file_has_name(f, NULL));
    assert_true(file_close(f, &why));
    f = file_open("/dev/null", true, &why);
    assert_null(f);
    assert_int_equal(why.kind, FAILURE_UNFIT);
}

static void cannot_be_written(void **state)
{
    struct failure why;
    (void)state;
    make("t_file.plain", "x");
    chmod("t_file.plain", 0400);
    if (access("t_file.plain", W_OK)) {                         /* root may all */
        assert_null(file_open("t_file.plain", true, &why));
        assert_int_equal(why.kind, FAILURE_DENIED);
    }
    struct file *f = file_open("t_file.plain", false, &why);
    assert_non_null(f);
    assert_int_equal(file_write(f, 0, "y", 1, &why), 0);
    assert_int_equal(why.kind, FAILURE_OTHER);
    assert_true(*why.text);
    file_close(f, NULL);
    unlink("t_file.plain");
}

static void memory(void **state)
{
    enum { BYTES = 1 << 20 };
    (void)state;
    u8 *p = pages_reserve(BYTES);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 4096, 0);
    for (u64 k = 0; k < BYTES; k += 4096)
        assert_int_equal(p[k], 0);
    for (int side = 0; side < 2; side++) {
        pid_t pid = fork();
        if (!pid) {
            signal(SIGSEGV, SIG_DFL);
            signal(SIGBUS, SIG_DFL);
            ((volatile u8 *)p)[side ? BYTES : -1] = 1;          /* the guard ends the program */
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    pages_release(p, BYTES);
    pages_release(NULL, 0);
    assert_null(pages_reserve(1ull << 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds), cmocka_unit_test(bytes_in_place), cmocka_unit_test(cannot_be_written), cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
