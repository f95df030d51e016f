/* t_host.c - the host's clock, folders, signals, text and standard handles keep what their headers promise. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../../host/channel.h"
#include "../../../host/clock.h"
#include "../../../host/console.h"
#include "../../../host/folder.h"
#include "../../../host/process.h"
#include "../../../host/signals.h"
#include "../../../host/text.h"
#include "../../../host/thread.h"
#include <cmocka.h>

static void time_passes(void **state)
{
    (void)state;
    u64 before = host_ns(), ms = host_ms();
    host_wait(2000000);
    assert_true(host_ns() - before >= 2000000);
    assert_true(host_ms() >= ms + 1);
    assert_true(host_date() > 1700000000);
}

static void condition_ends(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    (void)state;
    u64 until = host_ns() + 3000000;
    pthread_mutex_lock(&lock);
    while (host_ns() < until)
        thread_wait(&changed, &lock, until);            /* nobody signals */
    thread_wait(&changed, &lock, 0);                    /* a moment that is past does not wait */
    pthread_mutex_unlock(&lock);
}

static void folders(void **state)
{
    (void)state;
    char name[] = "t_hostXXXXXX", path[64];
    assert_non_null(mkdtemp(name));
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/file%d", name, k);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    struct folder_list *list = folder_open(name);
    assert_non_null(list);
    int seen = 0, all = 0;
    for (const char *n; (n = folder_next(list)); all++)
        if (strlen(n) == 5 && !strncmp(n, "file", 4))
            seen |= 1 << (n[4] - '0');
    folder_close(list);
    assert_int_equal(seen, 7);
    assert_true(all >= 3);
    assert_null(folder_open("t_host.absent"));
    list = folder_open("");
    assert_non_null(list);
    folder_close(list);
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/file%d", name, k);
        unlink(path);
    }
    rmdir(name);
}

struct caught { atomic_int sum, count; };
static void came(void *to, int number)
{
    struct caught *c = to;
    atomic_fetch_add(&c->sum, number);
    atomic_fetch_add(&c->count, 1);
}

static void wait_for(struct caught *c, int count)
{
    for (int k = 0; k < 5000 && atomic_load(&c->count) < count; k++)
        host_wait(1000000);
    assert_int_equal(atomic_load(&c->count), count);
}

/* In a child: the mask of this program stays what it was. */
static void signals_are_watched(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (!pid) {
        struct caught ends = { 0 }, interrupts = { 0 };
        signals_hold(SIGNAL_INTERRUPT | SIGNAL_TERMINATE | SIGNAL_HANGUP);
        struct signals *a = signals_watch(SIGNAL_TERMINATE | SIGNAL_HANGUP, came, &ends), *b = signals_watch(SIGNAL_INTERRUPT, came, &interrupts);
        kill(getpid(), SIGTERM);
        wait_for(&ends, 1);
        kill(getpid(), SIGHUP);
        wait_for(&ends, 2);
        kill(getpid(), SIGINT);
        wait_for(&interrupts, 1);
        signals_unwatch(a);
        signals_unwatch(b);
        int ends_now[2];
        signals_end_now(atomic_load(&ends.sum) == (SIGNAL_TERMINATE | SIGNAL_HANGUP) && atomic_load(&interrupts.sum) == SIGNAL_INTERRUPT &&
                        !pipe(ends_now) && !close(ends_now[0]) && write(ends_now[1], "x", 1) < 0 ? 7 : 1);     /* no SIGPIPE either */
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_string_equal(signals_name(SIGNAL_TERMINATE), "SIGTERM");
}

static void restore(int number)
{
    if (write(1, "restored", 8) == 8)
        signals_die_of(number);
}

static void crashes_restore_first(void **state)
{
    (void)state;
    int ends[2], status;
    char text[16] = "";
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (!pid) {
        dup2(ends[1], 1);
        signals_before_death(restore);
        abort();
    }
    close(ends[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_int_equal(read(ends[0], text, sizeof text), 8);
    assert_string_equal(text, "restored");
    close(ends[0]);
}

static void text_in_memory(void **state)
{
    (void)state;
    size_t n;
    struct text *t = text_new();
    assert_non_null(t);
    for (int k = 0; k < 1000; k++)
        fprintf(text_file(t), "%03d ", k);
    char *all = text_take(t, &n);
    assert_int_equal(n, 4000);
    assert_int_equal(strlen(all), 4000);
    assert_memory_equal(all + 3996, "999 ", 5);
    free(all);
    text_drop(text_new());
    text_drop(NULL);
}

static void handles(void **state)
{
    (void)state;
    int ends[2];
    char text[8] = "";
    assert_false(handle_there(NO_HANDLE));
    assert_true(handle_there(handle_standard(STANDARD_ERROR)));
    handle_close(handle_standard(STANDARD_ERROR));              /* stays open */
    assert_true(fcntl(2, F_GETFD) >= 0);
    assert_int_equal(pipe(ends), 0);
    handle_tell((struct handle){ ends[1] }, "told");
    assert_false(handle_is_terminal((struct handle){ ends[1] }));
    assert_int_equal(read(ends[0], text, sizeof text), 4);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], text, sizeof text) > 0)
        continue;
    handle_tell((struct handle){ ends[1] }, "not waited for");
    handle_close((struct handle){ ends[1] });
    assert_true(fcntl(ends[1], F_GETFD) < 0);
    close(ends[0]);
    console_free(console_keep());
    console_give_back(NULL);
    assert_int_equal(process_id(), getpid());
    char path[512];
    setenv("VITRINE_DATA", "/somewhere", 1);
    assert_true(process_data_folder(0, path, sizeof path));
    assert_string_equal(path, "/somewhere");
    unsetenv("VITRINE_DATA");
    assert_true(process_data_folder(0, path, sizeof path));
    assert_string_equal(path, "");
    int n = 1;
    while (process_data_folder(n, path, sizeof path) && strcmp(path, "/usr/share"))
        n++;
    assert_in_range(n, 3, 3);
    while (process_data_folder(n, path, sizeof path))
        n++;
    assert_in_range(n, 4, 8);
}

/* A server takes one peer after the other; each hears what is written while it is there. */
static void server_and_peers(void **state)
{
    (void)state;
    char port[16] = "0", mine[16];
    u8 got[16];
    struct failure why;
    struct channel *server = channel_tcp("127.0.0.1", port, sizeof port, true, &why);
    assert_non_null(server);
    assert_int_not_equal(atoi(port), 0);
    for (int round = 0; round < 2; round++) {
        snprintf(mine, sizeof mine, "%s", port);
        struct channel *peer = channel_tcp("127.0.0.1", mine, sizeof mine, false, &why);
        assert_non_null(peer);
        assert_false(handle_there(channel_out(server)));
        assert_int_equal(channel_read(server, got, sizeof got), 0);     /* nobody yet is not the end */
        for (int k = 0; k < 5000 && !channel_accept(server); k++)
            host_wait(1000000);
        assert_true(handle_there(channel_out(server)));
        handle_tell(channel_out(peer), "hello");
        int n = 0;
        for (int k = 0; k < 5000 && !(n = channel_read(server, got, sizeof got)); k++)
            host_wait(1000000);
        assert_int_equal(n, 5);
        channel_free(peer);
        for (int k = 0; k < 5000 && (n = channel_read(server, got, sizeof got)) == 0; k++)
            host_wait(1000000);
        assert_int_equal(n, -1);
        channel_hang_up(server);
    }
    channel_free(server);
    snprintf(mine, sizeof mine, "%s", port);
    assert_null(channel_tcp("127.0.0.1", mine, sizeof mine, false, &why));
    assert_true(*why.text);
    assert_null(channel_tcp("127.0.0.1", strcpy(mine, "no-such-port"), sizeof mine, false, &why));
    assert_int_equal(why.kind, FAILURE_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_passes), cmocka_unit_test(condition_ends), cmocka_unit_test(folders), cmocka_unit_test(signals_are_watched),
        cmocka_unit_test(crashes_restore_first), cmocka_unit_test(text_in_memory), cmocka_unit_test(handles),
        cmocka_unit_test(server_and_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
