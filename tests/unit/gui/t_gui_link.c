/* t_gui_link.c - what machine and front end share, pictures as files, reports. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "../../../gui/gui.h"
#include "../../../gui/png.h"
#include "../../../gui/session/report.h"
#include "../../../host/output.h"
#include <cmocka.h>

/* A picture of one colour and a text of one letter. */
static void update(struct gui_link *l, u32 colour, int letter)
{
    u32 pixels[32];
    u8 character[8] = { (u8)letter }, attribute[8] = { 0 };
    for (int k = 0; k < 32; k++)
        pixels[k] = colour + (u32)k;
    struct vitrine_text text = { .columns = 4, .rows = 2, .cursor_row = -1, .character = character, .attribute = attribute };
    link_update(l, &(struct vitrine_frame) { 8, 4, pixels, false }, letter ? &text : NULL);
}

static void pictures(void **state)
{
    struct gui_link *l = link_new();
    struct frame f = { 0 };
    struct text_screen *text = xcalloc(1, sizeof *text);
    u64 seen = 0, text_seen = 0;
    bool is_text = true;
    (void)state;
    assert_false(link_frame(l, &f, &seen));
    update(l, 100, 0);
    assert_true(link_frame(l, &f, &seen));
    assert_int_equal(f.width, 8);
    assert_int_equal(f.pixels[31], 131);
    assert_false(link_frame(l, &f, &seen));
    assert_true(link_text(l, text, &is_text, &text_seen));
    assert_false(is_text);
    update(l, 'x', 'x');
    assert_true(link_text(l, text, &is_text, &text_seen));
    assert_true(is_text);
    assert_int_equal(text->character[0], 'x');
    update(l, 'y', 'x');                                    /* the cursor blinked: another picture, the same text */
    assert_true(link_frame(l, &f, &seen));
    assert_int_equal(f.pixels[0], 'y');
    assert_false(link_text(l, text, &is_text, &text_seen));
    update(l, 'y', 'z');
    assert_true(link_text(l, text, &is_text, &text_seen));
    assert_int_equal(text->character[0], 'z');
    update(l, 'y', 0);
    assert_true(link_text(l, text, &is_text, &text_seen));
    assert_false(is_text);
    frame_free(&f);
    free(text);
    link_free(l);
}

static void input_in_order(void **state)
{
    struct gui_link *l = link_new();
    struct input_event e;
    (void)state;
    assert_false(link_take_input(l, &e));
    for (int k = 0; k < 5000; k++)                          /* the machine takes none for long: nothing is dropped */
        link_input(l, &(struct input_event) { .kind = INPUT_KEY, .key = (u8)k, .down = 1 });
    for (int k = 0; k < 1000; k++) {
        assert_true(link_take_input(l, &e));
        assert_int_equal(e.key, k & 0xff);
    }
    for (int k = 5000; k < 9000; k++)
        link_input(l, &(struct input_event) { .kind = INPUT_KEY, .key = (u8)k, .down = 1 });
    for (int k = 1000; k < 9000; k++) {
        assert_true(link_take_input(l, &e));
        assert_int_equal(e.key, k & 0xff);
    }
    assert_false(link_take_input(l, &e));
    for (int k = 0; k < 1000; k++)                          /* movement adds up */
        link_input(l, &(struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = 1, .dy = -2 });
    assert_true(link_take_input(l, &e));
    assert_int_equal(e.dx, 1000);
    assert_int_equal(e.dy, -2000);
    assert_false(link_take_input(l, &e));
    link_free(l);
}

static void strokes_in_order(void **state)
{
    struct gui_link *l = link_new();
    struct key_stroke stroke;
    (void)state;
    assert_int_equal(link_typing(l), 0);
    assert_false(link_take_stroke(l, &stroke));
    for (int k = 0; k < 3000; k++)
        link_type(l, &(struct key_stroke) { .key = (u8)k, .with = KEY_WITH_ALT });
    assert_int_equal(link_typing(l), 3000);
    for (int k = 0; k < 2000; k++) {
        assert_true(link_take_stroke(l, &stroke));
        assert_int_equal(stroke.key, k & 0xff);
        assert_int_equal(stroke.with, KEY_WITH_ALT);
    }
    assert_int_equal(link_typing(l), 1000);
    link_type_stop(l);
    assert_int_equal(link_typing(l), 0);
    link_type(l, &(struct key_stroke) { .key = 9 });
    assert_true(link_take_stroke(l, &stroke));
    assert_int_equal(stroke.key, 9);
    assert_false(link_take_stroke(l, &stroke));
    link_free(l);
}

static void *stopper(void *link)
{
    usleep(20000);
    link_stop(link);
    return NULL;
}

static void *ender(void *link)
{
    link_wait(link, 10000000000ull);                                 /* until the other side stops */
    link_end(link);
    return NULL;
}

static void stop_and_end(void **state)
{
    struct gui_link *l = link_new();
    pthread_t a, b;
    char text[40];
    u64 seen = 0;
    (void)state;
    assert_false(link_stopped(l));
    link_wait(l, 5000000);                                        /* nothing comes: it returns */
    assert_false(link_take_status(l, text, sizeof text, &seen));
    link_status(l, "halted");
    assert_true(link_take_status(l, text, sizeof text, &seen));
    assert_string_equal(text, "halted");
    assert_false(link_take_status(l, text, sizeof text, &seen));
    pthread_create(&a, NULL, stopper, l);
    pthread_create(&b, NULL, ender, l);
    none_run(l);
    assert_true(link_stopped(l));
    assert_true(link_ended(l));
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    link_free(l);
}

/* What waits already does not end a doze, and is not lost by it; what ends the run does. */
static void dozes(void **state)
{
    struct gui_link *l = link_new();
    struct input_event e = { .kind = INPUT_KEY };
    pthread_t a;
    (void)state;
    link_input(l, &e);
    pthread_create(&a, NULL, stopper, l);
    link_doze(l, UINT64_MAX / 4);
    assert_true(link_stopped(l));
    pthread_join(a, NULL);
    assert_true(link_take_input(l, &e));
    link_free(l);
}

static void commands(void **state)
{
    struct gui_link *l = link_new();
    struct gui_command c;
    char text[] = "a.img";
    (void)state;
    assert_false(link_take_command(l, &c));
    link_command(l, COMMAND_INSERT, 1, text);
    text[0] = 'x';                                          /* it was copied */
    link_insert_listed(l, 4, 7);
    link_wait(l, 10000000000ull);                           /* a command wakes the machine */
    assert_true(link_take_command(l, &c));
    assert_int_equal(c.kind, COMMAND_INSERT);
    assert_int_equal(c.drive, 1);
    assert_string_equal(c.text, "a.img");
    free(c.text);
    assert_true(link_take_command(l, &c));
    assert_int_equal(c.kind, COMMAND_LISTED);
    assert_int_equal(c.drive, 4);
    assert_int_equal(c.index, 7);
    assert_false(link_take_command(l, &c));
    for (int k = 0; k < 1000; k++)                          /* none is lost, nor leaks where nobody takes it */
        link_command(l, COMMAND_PASTE, k, "text");
    for (int k = 0; k < 900; k++) {
        assert_true(link_take_command(l, &c));
        assert_int_equal(c.drive, k);
        free(c.text);
    }
    link_free(l);
}

/* The first close presses the power button, the second ends the run; a processor that will not run again has nothing to save, and
 * a recording that is replayed knows no such button. */
static void count_stop(void *to) { ++*(int *)to; }

static void closing(void **state)
{
    struct gui_link *l = link_new();
    struct gui_command c;
    struct panel p;
    char text[80];
    u64 seen = 0;
    int stops = 0;
    (void)state;
    link_on_stop(l, count_stop, &stops);
    assert_false(link_closing(l));
    link_close(l);
    assert_true(link_closing(l));
    assert_false(link_stopped(l));
    assert_int_equal(stops, 0);
    assert_true(link_take_command(l, &c));
    assert_int_equal(c.kind, COMMAND_POWER);
    assert_true(link_take_status(l, text, sizeof text, &seen));
    assert_non_null(strstr(text, "close again to cut the power"));
    link_close(l);
    assert_true(link_stopped(l));
    assert_int_equal(stops, 1);                 /* the machine is stopped in what it does */
    assert_false(link_take_command(l, &c));
    link_free(l);
    for (int k = 0; k < 2; k++) {
        l = link_new();
        memset(&p, 0, sizeof p);
        p.halted = !k;
        p.replays = k;
        link_set_panel(l, &p);
        link_close(l);
        assert_true(link_stopped(l));
        link_free(l);
    }
}

/* Who waits, however long, looks around when it is told to; and what a stuck terminal must be sent is kept for others. */
static void nudged(void **state)
{
    static const u64 DAY_NS = 86400000000000;
    char text[256];
    struct gui_link *l = link_new();
    (void)state;
    link_nudge(l);
    link_wait(l, DAY_NS);
    link_restore(l, text);
    assert_string_equal(text, "");
    link_set_restore(l, "\033[?1049l");
    link_restore(l, text);
    assert_string_equal(text, "\033[?1049l");
    link_free(l);
}

static void panels(void **state)
{
    struct gui_link *l = link_new();
    struct panel p, copy;
    u64 seen = 0;
    (void)state;
    memset(&p, 0, sizeof p);
    assert_false(link_panel(l, &copy, &seen));
    p.leds = 5;
    link_set_panel(l, &p);
    assert_true(link_panel(l, &copy, &seen));
    assert_int_equal(copy.leds, 5);
    link_set_panel(l, &p);                                  /* nothing changed */
    assert_false(link_panel(l, &copy, &seen));
    update(l, 0, 0);
    link_set_panel(l, &p);
    assert_true(link_panel(l, &copy, &seen));
    assert_int_equal(copy.width, 8);                        /* the link knows the picture */
    assert_int_equal(copy.height, 4);
    link_free(l);
}

static void hashes(void **state)
{
    u32 pixels[6] = { 1, 2, 3, 4, 5, 6 };
    struct frame a = { .width = 3, .height = 2, .pixels = pixels }, b = a;
    char x[33], y[33];
    (void)state;
    frame_hash(&a, x);
    assert_int_equal(strlen(x), 32);
    b.width = 2, b.height = 3;
    frame_hash(&b, y);
    assert_string_not_equal(x, y);
    pixels[5] ^= 0x010000;
    frame_hash(&a, y);
    assert_string_not_equal(x, y);
    pixels[5] ^= 0x55010000;                                /* bits 24-31 are no colour */
    frame_hash(&a, y);
    assert_string_equal(x, y);
}

static void png_round_trip(void **state)
{
#ifdef HAVE_PNG
    char path[] = P_tmpdir "/t_png_XXXXXX", error[200];
    struct frame f = { 0 }, g = { 0 };
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    frame_resize(&f, 317, 71);
    for (int k = 0; k < 317 * 71; k++)
        f.pixels[k] = (u32)k * 2654435761u >> 8;
    struct vitrine_frame shown = { f.width, f.height, f.pixels, false };
    assert_true(picture_write(output_begin(NULL, "x", path, error, sizeof error), &shown, error, sizeof error));
    assert_true(png_read(path, &g, error, sizeof error));
    assert_int_equal(g.width, 317);
    assert_int_equal(g.height, 71);
    assert_memory_equal(f.pixels, g.pixels, 317 * 71 * sizeof *f.pixels);
    unlink(path);
    assert_false(png_read(path, &g, error, sizeof error));
    struct vitrine_frame empty = { 0 };
    assert_false(picture_write(output_begin(NULL, "x", path, error, sizeof error), &empty, error, sizeof error));
    assert_non_null(strstr(error, path));
    assert_int_equal(access(path, F_OK), -1);           /* nothing is left */
    frame_free(&f);
    frame_free(&g);
#else
    (void)state;
    skip();
#endif
}

static void ppm(void **state)
{
    char path[] = P_tmpdir "/t_ppm_XXXXXX.ppm", error[200], got[64];
    u32 pixels[2] = { 0x102030, 0xfffefd };
    struct vitrine_frame f = { .width = 2, .height = 1, .pixels = pixels };
    (void)state;
    int fd = mkstemps(path, 4);
    assert_true(fd >= 0);
    close(fd);
    assert_true(picture_write(output_begin(NULL, "x", path, error, sizeof error), &f, error, sizeof error));
    fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, got, sizeof got), 17);
    assert_memory_equal(got, "P6\n2 1\n255\n\x10\x20\x30\xff\xfe\xfd", 17);
    close(fd);
    unlink(path);
}

/* The whole file, read back. */
static char *reported(const struct report *r)
{
    char path[] = P_tmpdir "/t_report_XXXXXX", error[200];
    char *text = xcalloc(1, 1 << 16);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_true(report_write(output_begin(NULL, "x", path, error, sizeof error), r, error, sizeof error));
    fd = open(path, O_RDONLY);
    assert_true(read(fd, text, (1 << 16) - 1) > 0);
    close(fd);
    unlink(path);
    return text;
}

static void reports(void **state)
{
    struct report r = { .ended = "-stop-at", .exit_code = 12, .pending = "-expect 'a\"b\\'", .media = "floppy",
                        .virtual_ns = 5, .insns = 6, .triple_faults = 7, .work_most = 8, .width = 8, .height = 4, .hash = "00ff",
                        .text = "\xe2\x96\x88 \"\n\n" };
    char error[200];
    (void)state;
    char *text = reported(&r);
    static const char *const parts[] = {
        "\"ended\": \"-stop-at\"", "\"exit_code\": 12", "\"pending\": \"-expect 'a\\\"b\\\\'\"", "\"media\": \"floppy\"",
        "\"virtual_ns\": 5", "\"instructions\": 6", "\"triple_faults\": 7", "\"work_most\": 8", "\"width\": 8, \"height\": 4, \"hash\": \"00ff\"",
        "\"text\": [\n    \"\xe2\x96\x88 \\\"\",\n    \"\"]",
    };
    for (size_t k = 0; k < ARRAY_LEN(parts); k++)
        if (!strstr(text, parts[k]))
            fail_msg("%s lacks %s", text, parts[k]);
    free(text);
    r.text = NULL;
    r.pending = NULL;
    text = reported(&r);
    assert_non_null(strstr(text, "\"pending\": null"));
    assert_non_null(strstr(text, "\"text\": null"));
    free(text);
    struct output *full = output_begin(NULL, "x", "/dev/full", error, sizeof error);
    if (full) {
        assert_false(report_write(full, &r, error, sizeof error));
        assert_non_null(strstr(error, "/dev/full"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures), cmocka_unit_test(input_in_order), cmocka_unit_test(strokes_in_order),
        cmocka_unit_test(commands), cmocka_unit_test(closing), cmocka_unit_test(panels), cmocka_unit_test(nudged), cmocka_unit_test(stop_and_end), cmocka_unit_test(dozes),
        cmocka_unit_test(hashes), cmocka_unit_test(png_round_trip),
        cmocka_unit_test(ppm), cmocka_unit_test(reports),
    };
    return cmocka_run_group_tests_name("gui_link", tests, NULL, NULL);
}
