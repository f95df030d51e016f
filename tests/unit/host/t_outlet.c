/* t_outlet.c - output whose reader is slow, or never reads: by pipes, terminals and sockets of the host.
 * Nothing here measures time but for what must be over within a generous bound. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../../memory/log.h"
#include "../../../host/outlet.h"
#include "../../../host/output.h"
#include <cmocka.h>

enum { MUCH = 1 << 20 };

/* Each kind of descriptor that may find no reader: [0] is read, [1] written. */
enum kind { PIPE, TERMINAL, SOCKET, KINDS };
static void make(enum kind kind, int ends[2])
{
    if (kind == PIPE) {
        assert_int_equal(pipe(ends), 0);
    } else if (kind == SOCKET) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    } else {
        ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
        assert_true(ends[0] >= 0 && !grantpt(ends[0]) && !unlockpt(ends[0]));
        ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
        assert_true(ends[1] >= 0);
    }
}

static void end(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

/* Numbers that tell a missing byte. */
static u8 byte_at(u64 k) { return (u8)('a' + (k * 7 + k / 251) % 26); }

static u8 *text(size_t n)
{
    u8 *bytes = xcalloc(n, 1);
    for (size_t k = 0; k < n; k++)
        bytes[k] = byte_at(k);
    return bytes;
}

/* Nobody reads: it takes a bounded time, what does not fit is counted, and those who share the descriptor see no change. */
static void nobody_reads(void **state)
{
    (void)state;
    u8 *bytes = text(MUCH);
    for (enum kind kind = 0; kind < KINDS; kind++) {
        int ends[2];
        make(kind, ends);
        int flags = fcntl(ends[1], F_GETFL);
        struct outlet *o = outlet_new((struct handle){ ends[1] });
        outlet_patience(o, 100);
        for (int k = 0; k < 64; k++)
            outlet_write(o, bytes, MUCH / 64);
        assert_false(outlet_flush(o));
        assert_int_equal(fcntl(ends[1], F_GETFL), flags);
        assert_null(outlet_failure(o));
        u64 taken = 0;
        u8 got[4096];
        struct pollfd p = { .fd = ends[0], .events = POLLIN };
        for (ssize_t n; poll(&p, 1, 100) > 0 && (n = read(ends[0], got, sizeof got)) > 0; )
            taken += (u64)n;
        assert_true(taken > 0);
        assert_int_equal(taken + outlet_dropped(o), MUCH);
        assert_true(outlet_write(o, "again", 5));           /* a reader that came back is written to */
        assert_true(outlet_flush(o));
        assert_int_equal(read(ends[0], got, sizeof got), 5);
        assert_memory_equal(got, "again", 5);
        outlet_free(o);
        end(ends);
    }
    free(bytes);
}

/* A reader that reads, however slowly, gets everything. */
struct reader { int fd; u64 taken; bool good; };

static void *read_slowly(void *to)
{
    struct reader *r = to;
    u8 got[1000];
    r->good = true;
    while (r->taken < MUCH) {
        ssize_t n = read(r->fd, got, sizeof got);
        if (n <= 0)
            break;
        for (ssize_t k = 0; k < n; k++)
            r->good &= got[k] == byte_at(r->taken + (u64)k);
        r->taken += (u64)n;
        if (r->taken % 16 == 0)
            poll(NULL, 0, 1);
    }
    return NULL;
}

static void slow_reader(void **state)
{
    (void)state;
    u8 *bytes = text(MUCH);
    for (enum kind kind = 0; kind < KINDS; kind++) {
        int ends[2];
        pthread_t thread;
        make(kind, ends);
        struct reader r = { .fd = ends[0] };
        struct outlet *o = outlet_new((struct handle){ ends[1] });
        outlet_patience(o, 60000);                          /* this host may be busy */
        assert_int_equal(pthread_create(&thread, NULL, read_slowly, &r), 0);
        for (size_t at = 0, n; at < MUCH; at += n) {
            n = at % 3 ? 1 : 700;
            n = n < MUCH - at ? n : MUCH - at;
            assert_true(outlet_write(o, bytes + at, n));
        }
        assert_true(outlet_flush(o));
        assert_int_equal(outlet_dropped(o), 0);
        pthread_join(thread, NULL);
        assert_true(r.good);
        assert_int_equal(r.taken, MUCH);
        outlet_free(o);
        end(ends);
    }
    free(bytes);
}

/* Somebody waits for the end: a reader that does not read costs next to nothing. */
static void in_a_hurry(void **state)
{
    int ends[2];
    atomic_bool hurry = true;
    u8 *bytes = text(MUCH);
    (void)state;
    make(PIPE, ends);
    struct outlet *o = outlet_new((struct handle){ ends[1] });
    outlet_hurry(o, &hurry);
    for (int k = 0; k < 1000; k++)
        assert_true(outlet_write(o, bytes, MUCH / 64) || k > 1);
    assert_false(outlet_flush(o));
    outlet_free(o);
    end(ends);
    free(bytes);
}

/* A line is there as a whole or not at all. */
static void whole_lines(void **state)
{
    int ends[2];
    char line[100], got[200];
    (void)state;
    make(PIPE, ends);
    atomic_bool hurry = true;
    struct outlet *o = outlet_new((struct handle){ ends[1] });
    outlet_hurry(o, &hurry);
    memset(line, 'x', sizeof line);
    line[99] = '\n';
    u64 lines = 0, dropped = 0;
    for (int k = 0; k < 5000; k++)
        dropped += !outlet_write(o, line, sizeof line);
    assert_true(dropped > 0 && dropped < 5000);
    assert_int_equal(outlet_dropped(o), dropped * sizeof line);
    FILE *f = fdopen(ends[0], "r");
    for (; lines < 5000 - dropped; lines++) {
        outlet_drain(o);
        assert_non_null(fgets(got, sizeof got, f));
        assert_int_equal(strlen(got), sizeof line);
    }
    outlet_free(o);
    close(ends[1]);
    assert_null(fgets(got, sizeof got, f));
    fclose(f);
}

/* A reader that is gone, and a disk that is full. */
static void errors(void **state)
{
    int ends[2], full = open("/dev/full", O_WRONLY);
    (void)state;
    signal(SIGPIPE, SIG_DFL);           /* which would end the program */
    make(PIPE, ends);
    struct outlet *o = outlet_new((struct handle){ ends[1] });
    close(ends[0]);
    assert_false(outlet_write(o, "gone", 4));
    assert_string_equal(outlet_failure(o)->text, strerror(EPIPE));
    assert_false(outlet_write(o, "gone", 4));
    assert_int_equal(outlet_dropped(o), 8);
    outlet_free(o);
    close(ends[1]);
    if (full >= 0) {
        o = outlet_new((struct handle){ full });
        assert_false(outlet_write(o, "x", 1));
        assert_int_equal(outlet_failure(o)->kind, FAILURE_FULL);
        outlet_free(o);
        close(full);
    }
    o = outlet_new(NO_HANDLE);
    assert_string_equal(outlet_failure(o)->text, strerror(EBADF));
    assert_false(outlet_write(o, "x", 1));
    outlet_free(o);
}

/* A whole file that goes to a pipe: with a reader it comes, without one that is an error. */
static void whole_file_to_a_pipe(void **state)
{
    char name[] = "fifoXXXXXX", error[300], path[64];
    (void)state;
    assert_non_null(mkdtemp(name));
    snprintf(path, sizeof path, "%s/pipe", name);
    assert_int_equal(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    for (int much = 0; much < 2; much++) {
        struct output *out = output_begin(NULL, "-report", path, error, sizeof error);
        assert_non_null(out);
        for (int k = 0; k < (much ? MUCH : 10); k++)
            fputc('x', output_file(out));
        assert_int_equal(output_commit(out, error, sizeof error), !much);
        char got[100];
        assert_int_equal(read(fd, got, sizeof got), much ? sizeof got : 10);
    }
    assert_non_null(strstr(error, "nobody reads it"));
    close(fd);
    unlink(path);
    rmdir(name);
}

/* ---- the log ---- */

struct caught { char *text; size_t n; int saved, ends[2]; };

static void catch_stderr(struct caught *c)
{
    make(PIPE, c->ends);
    fcntl(c->ends[0], F_SETFL, O_NONBLOCK);
    c->saved = dup(2);
    dup2(c->ends[1], 2);
}

/* All that is there to be read now. */
static char *caught(struct caught *c)
{
    static const size_t ROOM = 1 << 20;
    ssize_t k;
    c->text = c->text ? c->text : xcalloc(ROOM, 1);
    c->n = 0;
    while ((k = read(c->ends[0], c->text + c->n, ROOM - c->n - 1)) > 0)
        c->n += (size_t)k;
    c->text[c->n] = 0;
    return c->text;
}

static void release_stderr(struct caught *c)
{
    dup2(c->saved, 2);
    close(c->saved);
    end(c->ends);
    free(c->text);
}

static void log_floods(void **state)
{
    struct caught c = { 0 };
    struct log *log = log_new();
    (void)state;
    catch_stderr(&c);
    log_to(log, handle_standard(STANDARD_ERROR));
    log_class_add(log, "int", "interrupts");
    log_class_add(log, "power", "resets");
    log_select(log, "int,power", NULL, 0);
    for (int k = 0; k < 1234; k++)
        log_event(log, "int", "the same");
    char *first = strdup(caught(&c));
    log_event(log, "power", "another");
    char *second = strdup(caught(&c));
    for (int k = 0; k < 35; k++)                                /* rounds of three, and a part of one */
        log_event(log, "int", "%d", k % 3);
    log_event(log, "power", "another");
    char *third = strdup(caught(&c));
    for (int k = 0; k < 6; k++)
        log_event(log, "power", "at last");
    log_totals(log);
    char *fourth = strdup(caught(&c));
    release_stderr(&c);
    assert_string_equal(first, "int: the same\nint: the same\nint: the same\n... 7 more times: int: the same\n"
                               "... 90 more times: int: the same\n... 900 more times: int: the same\n");
    assert_string_equal(second, "... 234 more times: int: the same\npower: another\n");
    assert_string_equal(third, "int: 0\nint: 1\nint: 2\nint: 0\nint: 1\nint: 2\nint: 0\nint: 1\nint: 2\n"
                               "... 7 more rounds of 3 lines that end with: int: 2\n... 1 more rounds of 3 lines that end with: int: 2\n"
                               "int: 0\nint: 1\npower: another\n");
    assert_string_equal(fourth, "power: at last\npower: at last\npower: at last\n... 3 more times: power: at last\n");
    free(first), free(second), free(third), free(fourth);
    log_free(log);
}

/* Nothing is lost of lines that only look like a cycle: what was not printed can be told from what was. */
static void print_line(void *to, const char *line) { strcat(strcat(to, line), "\n"); }

static void cycles(void **state)
{
    static const char *const runs[] = { "ababcababcababcx", "aabaabaabaabx", "abcdefghabcdefghabcdefghabcdefgh", "abcdefghiabcdefghiabcdefghi" };
    static const char *const want[] = {
        "a b a b c a b a b c a b a b c x ", "a a b a a b a a b ... 1 more rounds of 3 lines that end with: b x ",
        "a b c d e f g h a b c d e f g h a b c d e f g h ... 1 more rounds of 8 lines that end with: h ",
        "a b c d e f g h i a b c d e f g h i a b c d e f g h i ",
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(runs); k++) {
        char got[1000] = "", letter[2] = "";
        struct cycle c = { .print = print_line, .to = got };
        for (const char *at = runs[k]; *at; at++) {
            letter[0] = *at;
            cycle_line(&c, letter);
        }
        cycle_end(&c);
        for (char *at = got; *at; at++)
            if (*at == '\n')
                *at = ' ';
        assert_string_equal(got, want[k]);
    }
}

static void folds(void **state)
{
    struct fold f = { 0 };
    (void)state;
    assert_int_equal(fold_more(&f, 1, 2), FOLD_FULL);
    assert_int_equal(fold_more(&f, 1, 2), FOLD_FULL);
    assert_int_equal(fold_more(&f, 7, 2), FOLD_NOTHING);
    assert_int_equal(fold_more(&f, 1, 2), FOLD_COUNT);
    assert_int_equal(fold_rest(&f), 8);
    assert_int_equal(fold_rest(&f), 0);
    assert_int_equal(fold_more(&f, 1000, 2), FOLD_COUNT);       /* several powers of ten at once */
    assert_int_equal(fold_more(&f, 8989, 2), FOLD_NOTHING);
    assert_int_equal(fold_more(&f, 1, 2), FOLD_COUNT);
    assert_int_equal(f.count, 10000);
}

/* Nobody reads stderr: the log goes on, and says later how much is missing, where it is missing. */
static void log_that_nobody_reads(void **state)
{
    struct caught c = { 0 };
    struct log *log = log_new();
    atomic_bool hurry = true;
    (void)state;
    catch_stderr(&c);
    log_to(log, handle_standard(STANDARD_ERROR));
    log_hurry(log, &hurry);
    log_class_add(log, "int", "interrupts");
    log_select(log, "int", NULL, 0);
    for (int k = 0; k < 20000; k++)
        log_event(log, "int", "line %d", k);
    u64 lost = log_lost(log), lines = 0;
    for (int quiet = 0; quiet < 3; quiet++, log_drain(log))
        for (char *at = caught(&c); (at = strchr(at, '\n')); at++, quiet = 0)
            lines++;
    log_event(log, "int", "at last");
    char *last = strdup(caught(&c)), want[100];
    release_stderr(&c);
    snprintf(want, sizeof want, "log: ... %llu lines are missing here: nobody read them\nint: at last\n", (unsigned long long)lost);
    assert_true(lost > 0);
    assert_int_equal(lines + lost, 20000);
    assert_string_equal(last, want);
    free(last);
    log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_reads), cmocka_unit_test(slow_reader), cmocka_unit_test(in_a_hurry), cmocka_unit_test(whole_lines),
        cmocka_unit_test(errors), cmocka_unit_test(whole_file_to_a_pipe), cmocka_unit_test(folds), cmocka_unit_test(log_floods), cmocka_unit_test(cycles),
        cmocka_unit_test(log_that_nobody_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
