/* t_every_host.c - what the headers of host/ promise of files, outputs, texts, lines and programs, asked of nothing but them: so of every
 * host, POSIX or not. Names are longer than old limits, and of letters that are not ASCII. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../../host/channel.h"
#include "../../../host/clock.h"
#include "../../../host/file.h"
#include "../../../host/folder.h"
#include "../../../host/memory.h"
#include "../../../host/output.h"
#include "../../../host/process.h"
#include "../../../host/program.h"
#include "../../../host/text.h"
#include "../../../host/thread.h"
#include "../../support/tree.h"
#include <cmocka.h>

#define UMLAUTS "Gr\xc3\xbc\xc3\x9f" "e \xe6\xbc\xa2\xe5\xad\x97"       /* in UTF-8 */
#define FOLDER  "t_every_host." UMLAUTS

/* A file of this content, put in its place. */
static void put(const char *path, const char *content)
{
    char error[256] = "";
    struct output *out = output_begin(NULL, "test", path, error, sizeof error);
    if (!out)
        fail_msg("%s", error);
    fputs(content, output_file(out));
    assert_true(output_commit(out, error, sizeof error));
}

static void holds(const char *path, const char *content)
{
    struct failure why;
    size_t n;
    char *text = file_text(path, 1000, &n, &why);
    if (!text)
        fail_msg("%s: %s", path, why.text);
    assert_string_equal(text, content);
    assert_int_equal(n, strlen(content));
    free(text);
}

static void whole_files(void **state)
{
    char error[256];
    u64 bytes;
    (void)state;
    folder_make_for(FOLDER "/x");
    assert_int_equal(file_kind_at(FOLDER, NULL, NULL), FILE_FOLDER);
    put(FOLDER "/one", "first\nlines end as they were written\n");
    put(FOLDER "/one", "second\n");
    holds(FOLDER "/one", "second\n");
    struct output *dropped = output_begin(NULL, "test", FOLDER "/one", error, sizeof error);
    fputs("never", output_file(dropped));
    holds(FOLDER "/one", "second\n");
    output_drop(dropped);
    assert_int_equal(file_kind_at(FOLDER "/one", &bytes, NULL), FILE_PLAIN);
    assert_int_equal(bytes, 7);
    assert_null(output_begin(NULL, "test", FOLDER, error, sizeof error));
    assert_non_null(strstr(error, "folder"));
    assert_null(output_begin(NULL, "test", "t_every_host.absent/x", error, sizeof error));
    assert_true(*error);
}

static void names_seen(void **state)
{
    int seen = 0;
    (void)state;
    put(FOLDER "/" UMLAUTS, "here");
    struct folder_list *list = folder_open(FOLDER);
    for (const char *name; (name = folder_next(list)); )
        seen += !strcmp(name, UMLAUTS);
    folder_close(list);
    assert_int_equal(seen, 1);
    assert_string_equal(file_name_of(FOLDER "/" UMLAUTS), UMLAUTS);
    assert_string_equal(file_name_of("alone"), "alone");
    assert_string_equal(file_name_of("folder/"), "");
}

/* Beyond the 260 characters that Windows once had. */
static void long_names(void **state)
{
    char path[700] = FOLDER;
    (void)state;
    for (int k = 0; k < 4; k++)
        strcat(path, "/a-name-of-a-folder-that-somebody-found-it-useful-to-make-so-long-that-four-of-them-are-too-long-for-old-programs-to-open");
    strcat(path, "/file");
    folder_make_for(path);
    put(path, "deep");
    holds(path, "deep");
}

static void new_numbers(void **state)
{
    char error[256];
    int number = 1;
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct output *out = output_begin_new(NULL, FOLDER "/shot-%03d", &number, 999, error, sizeof error);
        fputs("x", output_file(out));
        assert_true(output_commit(out, error, sizeof error));
    }
    assert_true(number >= 2);
    holds(FOLDER "/shot-001", "x");
    holds(FOLDER "/shot-002", "x");
}

static void nothing_in_use(void **state)
{
    char error[256];
    struct outputs *o = outputs_new();
    (void)state;
    put(FOLDER "/disk", "image");
    outputs_claim(o, FOLDER "/disk", "-hda", true);
    assert_null(output_begin(o, "-report", FOLDER "/disk", error, sizeof error));
    assert_non_null(strstr(error, "in use as -hda"));
    assert_false(handle_there(output_stream(o, "-serial", FOLDER "/./disk", error, sizeof error)));
    struct output *report = output_begin(o, "-report", FOLDER "/report", error, sizeof error);
    assert_non_null(report);
    assert_null(output_begin(o, "-state", FOLDER "/report", error, sizeof error));
    assert_non_null(strstr(error, "-report"));
    output_drop(report);
    struct handle stream = output_stream(o, "-serial", FOLDER "/stream", error, sizeof error);
    assert_true(handle_there(stream));
    assert_false(handle_there(output_stream(o, "-debugcon", FOLDER "/stream", error, sizeof error)));
    handle_close(stream);
    outputs_free(o);
    holds(FOLDER "/disk", "image");
}

static void images(void **state)
{
    struct failure why;
    char bytes[16] = "";
    u64 size;
    (void)state;
    put(FOLDER "/image", "0123456789");
    struct file *f = file_open(FOLDER "/image", true, &why), *other = file_open(FOLDER "/image", true, &why);
    struct file *reader = file_open(FOLDER "/image", false, &why);
    assert_true(f && other && reader);
    assert_true(file_claim(f, true));
    assert_false(file_claim(other, true));
    assert_false(file_claim(other, false));
    assert_true(file_close(other, &why));
    assert_int_equal(file_write(f, 12, "cd", 2, &why), 2);
    assert_true(file_bytes(f, &size, &why));
    assert_int_equal(size, 14);
    assert_int_equal(file_read(reader, 8, bytes, sizeof bytes, &why), 6);
    assert_memory_equal(bytes, "89\0\0cd", 6);
    assert_int_equal(file_read(reader, 14, bytes, sizeof bytes, &why), 0);
    assert_int_equal(why.kind, FAILURE_NONE);
    assert_true(file_resize(f, 4, &why));
    assert_true(file_sync(f, &why) && file_sync(reader, &why));
    assert_true(file_has_name(f, &size));
    assert_int_equal(size, 4);
    assert_true(file_close(f, &why));
    assert_true(file_claim(reader, false));             /* its writer is gone */
    assert_true(file_close(reader, &why));
    assert_null(file_open(FOLDER "/absent", false, &why));
    assert_int_equal(why.kind, FAILURE_ABSENT);
    assert_null(file_open(FOLDER, false, &why));
    assert_true(*why.text);
    assert_false(file_readable(FOLDER "/absent"));
    assert_true(file_readable(FOLDER "/image"));
}

/* ---- texts ---- */

struct heard { char text[64]; };
static bool hear(void *to, const char *bytes, size_t n)
{
    struct heard *h = to;
    size_t at = strlen(h->text);
    memcpy(h->text + at, bytes, n);
    h->text[at + n] = 0;
    return true;
}

static void texts(void **state)
{
    struct heard h = { "" };
    (void)state;
    struct text *kept = text_new(), *told = text_to(hear, &h);
    size_t n;
    fprintf(text_file(kept), "%s%c%d\n", "a", 0, 7);
    char *all = text_take(kept, &n);
    assert_int_equal(n, 4);
    assert_memory_equal(all, "a\0007\n", 5);
    free(all);
    fputs("one\n", text_file(told));
    text_flush(told);
    assert_string_equal(h.text, "one\n");
    fputs("two", text_file(told));
    text_flush(told);
    assert_string_equal(h.text, "one\ntwo");
    text_flush(told);
    fputs("three", text_file(told));
    text_drop(told);
    assert_string_equal(h.text, "one\ntwothree");
    text_drop(text_new());
    text_drop(NULL);
}

/* ---- lines and programs ---- */

struct waiting { struct channel *c; bool came; };
static void *wait_for(void *to)
{
    struct waiting *w = to;
    w->came = channel_wait(w->c);
    return NULL;
}

static int read_some(struct channel *c, u8 *bytes, int most)
{
    int n = 0;
    for (int k = 0; k < 5000 && !(n = channel_read(c, bytes, most)); k++)
        host_wait(1000000);
    return n;
}

static void sockets(void **state)
{
    char port[16] = "0", mine[16];
    u8 got[16];
    struct failure why;
    pthread_t thread;
    (void)state;
    struct channel *server = channel_tcp("127.0.0.1", port, sizeof port, true, &why);
    assert_non_null(server);
    assert_true(channel_wakes(server, &why));
    struct waiting w = { server, true };
    assert_int_equal(pthread_create(&thread, NULL, wait_for, &w), 0);
    channel_wake(server);
    pthread_join(thread, NULL);
    assert_false(w.came);
    assert_int_equal(pthread_create(&thread, NULL, wait_for, &w), 0);
    struct channel *peer = channel_tcp("127.0.0.1", strcpy(mine, port), sizeof mine, false, &why);
    pthread_join(thread, NULL);
    assert_true(w.came);
    assert_true(channel_accept(server) && channel_is_socket(server));
    handle_tell(channel_out(peer), "hello");
    assert_true(channel_wait(server));
    assert_int_equal(read_some(server, got, sizeof got), 5);
    assert_memory_equal(got, "hello", 5);
    channel_free(peer);
    assert_int_equal(read_some(server, got, sizeof got), -1);
    channel_hang_up(server);
    assert_false(handle_there(channel_out(server)));
    channel_free(server);
    assert_null(channel_tcp("127.0.0.1", strcpy(mine, port), sizeof mine, false, &why));
    assert_true(*why.text);
}

static void programs(void **state)
{
    char error[256];
    struct failure why;
    FILE *in;
    (void)state;
    struct handle out = output_stream(NULL, "test", FOLDER "/said", error, sizeof error);
    struct program *p = program_feed("echo heard", out, &in, &why);      /* what every shell has */
    assert_non_null(p);
    assert_int_equal(program_end(p), 0);
    p = program_feed("exit 7", out, &in, &why);
    assert_int_equal(program_end(p), 7);
    handle_close(out);
    char *text = file_text(FOLDER "/said", 100, NULL, &why);
    assert_memory_equal(text, "heard", 5);                      /* whatever ends the lines of its host's programs */
    free(text);
}

/* ---- time, memory ---- */

static void short_waits(void **state)
{
    (void)state;
    for (int k = 0; k < 20; k++) {
        u64 before = host_ns();
        host_wait(500000);
        assert_true(host_ns() - before >= 500000);
    }
}

static void pages(void **state)
{
    enum { BYTES = 1 << 24 };
    (void)state;
    u8 *p = pages_reserve(BYTES);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 4096, 0);
    assert_true(!p[0] && !p[BYTES - 1]);
    p[BYTES - 1] = 1;
    pages_release(p, BYTES);
    pages_release(NULL, 0);
    if (sizeof(size_t) == 8)
        assert_null(pages_reserve(1ull << 62));
}

static void its_own_words(void **state)
{
    char *given[] = { "x", NULL }, folder[512];
    int n = 1;
    (void)state;
    assert_true(*process_arguments(&n, given)[0]);
    assert_true(n >= 1);
    assert_true(process_id() > 0);
    char command[64], number[32];
    process_system(command, sizeof command);
    assert_true(strlen(command) < sizeof command && !strpbrk(command, "\"'\n"));
    process_end_command(command, sizeof command);
    snprintf(number, sizeof number, " %llu", (unsigned long long)process_id());
    assert_string_equal(command + strlen(command) - strlen(number), number);
    assert_true(process_data_folder(0, folder, sizeof folder));
    assert_false(process_data_folder(100, folder, sizeof folder));
}

static int end(void **state)
{
    (void)state;
    tree_remove(FOLDER);
    return file_kind_at(FOLDER, NULL, NULL) != FILE_ABSENT;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_files), cmocka_unit_test(names_seen), cmocka_unit_test(long_names), cmocka_unit_test(new_numbers),
        cmocka_unit_test(nothing_in_use), cmocka_unit_test(images), cmocka_unit_test(texts), cmocka_unit_test(sockets),
        cmocka_unit_test(programs), cmocka_unit_test(short_waits), cmocka_unit_test(pages), cmocka_unit_test(its_own_words),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
