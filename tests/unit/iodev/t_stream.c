/* t_stream.c - every destination of a serial stream, on the real host. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include "../../../iodev/image/stream.h"
#include <cmocka.h>

static void say(void *to, const char *text)
{
    (void)to;
    fprintf(stderr, "%s\n", text);
}
static const struct notices says = { say, NULL };

static char directory[] = "streamXXXXXX";
static char error[300];

static int enter(void **state)
{
    (void)state;
    return mkdtemp(directory) && !chdir(directory) ? 0 : 1;
}
static int leave(void **state)
{
    (void)state;
    return chdir("..") || rmdir(directory);
}

/* Read n bytes, waiting up to two seconds. */
static void expect(struct stream *s, const char *want)
{
    u8 got[64];
    int n = 0, wanted = (int)strlen(want);
    for (int k = 0; k < 200 && n < wanted; k++) {
        int r = stream_read(s, got + n, wanted - n);
        assert_true(r >= 0);
        n += r;
        if (!r)
            poll(NULL, 0, 10);
    }
    assert_int_equal(n, wanted);
    assert_memory_equal(got, want, (size_t)wanted);
}

static void expect_fd(int fd, const char *want)
{
    char got[64] = "";
    size_t n = 0;
    struct pollfd p = { .fd = fd, .events = POLLIN };
    while (n < strlen(want) && poll(&p, 1, 2000) > 0) {
        ssize_t r = read(fd, got + n, strlen(want) - n);
        assert_true(r > 0);
        n += (size_t)r;
    }
    assert_string_equal(got, want);
}

static int captured;
static void capture(void *to, u8 v) { captured += v + *(int *)to; }

static void none_and_capture(void **state)
{
    (void)state;
    int one = 1;
    u8 b;
    struct stream *s = stream_open(&says, NULL, "-serial", "none", error, sizeof error);
    assert_non_null(s);
    stream_capture(s, capture, &one);
    stream_write(s, (const u8 *)"\1\2", 2);
    assert_int_equal(captured, 5);
    assert_int_equal(stream_read(s, &b, 1), -1);
    assert_false(stream_connected(s));
    stream_close(s);
}

static void bad_names(void **state)
{
    (void)state;
    assert_null(stream_open(&says, NULL, "-serial", "stdoi", error, sizeof error));
    assert_non_null(strstr(error, "did you mean stdio?"));
    assert_non_null(strstr(error, "unix:PATH"));
    assert_null(stream_open(&says, NULL, "-serial", "fiel:x", error, sizeof error));
    assert_non_null(strstr(error, "did you mean file:PATH?"));
    assert_null(stream_open(&says, NULL, "-serial", "com1", error, sizeof error));
    assert_null(strstr(error, "did you mean"));
    assert_null(stream_open(&says, NULL, "-serial", "", error, sizeof error));
    assert_null(stream_open(&says, NULL, "-serial", "file:", error, sizeof error));
    assert_null(stream_open(&says, NULL, "-serial", "file:missing/x", error, sizeof error));
    assert_non_null(strstr(error, "missing/x"));
    assert_null(stream_open(&says, NULL, "-serial", "tcp:localhost", error, sizeof error));
    assert_null(stream_open(&says, NULL, "-serial", "tcp:127.0.0.1:1", error, sizeof error));
    assert_non_null(strstr(error, "cannot connect"));
    assert_null(stream_open(&says, NULL, "-serial", "unix:nobody", error, sizeof error));
    assert_null(stream_open(&says, NULL, "-serial", "unix:", error, sizeof error));
    assert_null(stream_open(&says, NULL, "-serial", "a very long destination name that fits no word at all", error, 20));
    assert_int_equal(strlen(error), 19);
}

static void file(void **state)
{
    (void)state;
    char text[8] = "";
    struct stream *s = stream_open(&says, NULL, "-serial", "file:out", error, sizeof error);
    stream_write(s, (const u8 *)"hello", 5);
    stream_close(s);
    FILE *f = fopen("out", "r");
    assert_int_equal(fread(text, 1, sizeof text, f), 5);
    fclose(f);
    assert_string_equal(text, "hello");
    unlink("out");
}

static void unix_server_and_client(void **state)
{
    (void)state;
    struct stream *server = stream_open(&says, NULL, "-serial", "unix:sock,server", error, sizeof error);
    assert_non_null(server);
    stream_write(server, (const u8 *)"lost", 4);        /* nobody is there yet */
    for (int round = 0; round < 2; round++) {           /* a peer may go and another come */
        struct stream *client = stream_open(&says, NULL, "-serial", "unix:sock", error, sizeof error);
        assert_non_null(client);
        stream_write(client, (const u8 *)"ping", 4);
        expect(server, "ping");
        assert_true(stream_connected(server));
        stream_write(server, (const u8 *)"pong", 4);
        expect(client, "pong");
        stream_close(client);
        u8 b;
        assert_int_equal(stream_read(server, &b, 1), 0);
        assert_false(stream_connected(server));
        stream_write(server, (const u8 *)"x", 1);
    }
    stream_close(server);
    assert_int_equal(access("sock", F_OK), -1);
}

static void tcp_client(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    char name[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0), peer, one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    getsockname(fd, (struct sockaddr *)&a, &size);
    snprintf(name, sizeof name, "tcp:127.0.0.1:%d", ntohs(a.sin_port));
    struct stream *s = stream_open(&says, NULL, "-serial", name, error, sizeof error);
    assert_non_null(s);
    peer = accept(fd, NULL, NULL);
    stream_write(s, (const u8 *)"out", 3);
    expect_fd(peer, "out");
    assert_int_equal(write(peer, "in", 2), 2);
    expect(s, "in");
    close(peer);
    u8 b;
    int r = 0;
    for (int k = 0; k < 200 && !(r = stream_read(s, &b, 1)); k++)
        poll(NULL, 0, 10);
    assert_int_equal(r, -1);
    stream_write(s, (const u8 *)"gone", 4);
    stream_close(s);
    close(fd);
    snprintf(name, sizeof name, "tcp:127.0.0.1:%d,server", ntohs(a.sin_port));
    struct stream *server = stream_open(&says, NULL, "-serial", name, error, sizeof error);
    assert_non_null(server);
    *strstr(name, ",server") = 0;
    struct stream *client = stream_open(&says, NULL, "-serial", name, error, sizeof error);
    assert_non_null(client);
    stream_write(client, (const u8 *)"hi", 2);
    expect(server, "hi");
    stream_close(client);
    stream_close(server);
}

static void pty(void **state)
{
    (void)state;
    int saved = dup(2), ends[2];
    char text[200] = "", *name;
    u8 b;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], 2);
    struct stream *s = stream_open(&says, NULL, "-serial", "pty", error, sizeof error);
    dup2(saved, 2);
    close(saved);
    assert_non_null(s);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]), close(ends[1]);
    name = strstr(text, "/dev/");
    assert_non_null(name);
    *strchr(name, '\n') = 0;
    assert_int_equal(stream_read(s, &b, 1), 0);         /* nobody has it open */
    u8 much[1 << 16] = { 0 };
    stream_write(s, much, sizeof much);                 /* and that does not block */
    int fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(fd >= 0);
    while (read(fd, text, sizeof text) > 0)
        ;
    fcntl(fd, F_SETFL, 0);
    stream_write(s, (const u8 *)"a\nb", 3);
    expect_fd(fd, "a\nb");                              /* raw: nothing is translated */
    assert_int_equal(write(fd, "c\r", 2), 2);
    expect(s, "c\r");
    close(fd);
    stream_close(s);
}

/* A terminal as standard input: characters at once, not echoed, Enter as a carriage return; restored at the end. */
static void stdio_on_a_terminal(void **state)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), in = dup(0), out = dup(1), slave;
    struct termios before, during, after;
    (void)state;
    assert_true(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal));
    slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    tcgetattr(slave, &before);
    fflush(stdout);
    dup2(slave, 0);
    dup2(slave, 1);
    struct stream *s = stream_open(&says, NULL, "-serial", "stdio", error, sizeof error);
    tcgetattr(slave, &during);
    stream_write(s, (const u8 *)"out", 3);
    ssize_t sent = write(terminal, "\r", 1);
    u8 got = 0;
    int n = 0;
    for (int k = 0; k < 200 && !(n = stream_read(s, &got, 1)); k++)
        poll(NULL, 0, 10);
    stream_close(s);
    tcgetattr(slave, &after);
    dup2(in, 0);
    dup2(out, 1);
    close(in), close(out);
    assert_int_equal(sent, 1);
    assert_int_equal(n, 1);
    assert_int_equal(got, '\r');
    assert_false(during.c_lflag & (ICANON | ECHO));
    assert_true(during.c_lflag & ISIG);
    assert_int_equal(after.c_lflag, before.c_lflag);
    expect_fd(terminal, "out");
    close(slave), close(terminal);
}

static void addresses(void **state)
{
    (void)state;
    assert_null(stream_open(&says, NULL, "-serial", "tcp:127.0.0.1:no-such-service", error, sizeof error));
    assert_non_null(strstr(error, "tcp:127.0.0.1:no-such-service"));
    struct stream *s = stream_open(&says, NULL, "-serial", "tcp:[127.0.0.1]:0,server", error, sizeof error);   /* brackets, as IPv6 needs them */
    assert_non_null(s);
    stream_close(s);
    static const char *const ports[] = { "65536", "99999999999999999999", "0", "", "-1" };
    for (size_t k = 0; k < ARRAY_LEN(ports); k++) {
        char name[64];
        snprintf(name, sizeof name, "tcp:127.0.0.1:%s", ports[k]);
        assert_null(stream_open(&says, NULL, "-serial", name, error, sizeof error));
        assert_non_null(strstr(error, k < 4 ? "port from 1 to 65535" : "-1"));
    }
    assert_null(stream_open(&says, NULL, "-serial", "tcp::65537,server", error, sizeof error));
    assert_non_null(strstr(error, "port from 0 to 65535"));
    /* A socket that an earlier run left behind is in the way, and dead. */
    struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "stale" };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    close(fd);
    s = stream_open(&says, NULL, "-serial", "unix:stale,server", error, sizeof error);
    assert_non_null(s);
    stream_close(s);
    assert_int_equal(access("stale", F_OK), -1);
}

/* A server without an address listens where only this host reaches it: what the host chose is told, and another address of its
 * own, 127.0.0.2, finds nobody there. */
static void local_server(void **state)
{
    (void)state;
    char text[200] = "";
    int saved = dup(2), ends[2];
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], 2);
    struct stream *s = stream_open(&says, NULL, "-serial", "tcp::0,server", error, sizeof error);
    dup2(saved, 2);
    close(saved), close(ends[1]);
    assert_non_null(s);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    const char *port = strrchr(text, ':');
    assert_non_null(strstr(text, "tcp:127.0.0.1:"));
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((u16)atoi(port + 1)), .sin_addr.s_addr = htonl(0x7f000002) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), -1);
    close(fd);
    char name[64];
    snprintf(name, sizeof name, "tcp:localhost:%d", atoi(port + 1));
    struct stream *client = stream_open(&says, NULL, "-serial", name, error, sizeof error);
    assert_non_null(client);
    stream_write(client, (const u8 *)"hi", 2);
    expect(s, "hi");
    stream_close(client);
    stream_close(s);
}

/* Nobody reads, and a disk that is full: output is dropped, and the machine goes on. */
static void output_that_goes_nowhere(void **state)
{
    u8 much[1 << 16] = { 0 }, b;
    (void)state;
    struct stream *server = stream_open(&says, NULL, "-serial", "unix:sock,server", error, sizeof error);
    struct stream *client = stream_open(&says, NULL, "-serial", "unix:sock", error, sizeof error);
    assert_non_null(client);
    assert_int_equal(stream_read(server, &b, 1), 0);
    for (int k = 0; k < 30; k++)
        stream_write(server, much, sizeof much);
    u8 taken[1 << 16];
    for (int quiet = 0; quiet < 3; quiet++) {           /* what was kept goes on as there is room */
        while (stream_read(client, taken, sizeof taken) > 0)
            quiet = 0;
        stream_poll(server);
    }
    stream_write(server, (const u8 *)"again", 5);       /* there is room again */
    expect(client, "again");
    stream_close(client);
    stream_close(server);
    struct stream *full = stream_open(&says, NULL, "-serial", "file:/dev/full", error, sizeof error);
    if (full) {
        stream_write(full, much, 100);
        assert_false(stream_connected(full));
        stream_write(full, much, 100);
        stream_close(full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_and_capture), cmocka_unit_test(bad_names), cmocka_unit_test(file),
        cmocka_unit_test(unix_server_and_client), cmocka_unit_test(tcp_client), cmocka_unit_test(pty),
        cmocka_unit_test(stdio_on_a_terminal), cmocka_unit_test(addresses), cmocka_unit_test(local_server),
        cmocka_unit_test(output_that_goes_nowhere),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
