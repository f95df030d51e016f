/* t_menu.c - the menu's pages, what its rows ask for, and that what is drawn of it is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../gui/font.h"
#include "../../../gui/overlay.h"
#include "../../support/tree.h"

struct bench {
    struct gui_link *link;
    struct menu menu;
    struct menu_front front;
    struct panel panel;
    struct gui_command command;
};

/* A machine with drive A (two files, the second in it) and an empty CD drive. */
static int start(void **state)
{
    struct bench *b = xcalloc(1, sizeof *b);
    b->link = link_new();
    b->front.window = true;
    b->panel.drive[0] = (struct panel_drive){ .there = true, .floppy = true, .full = true, .name = "two.img", .files = 2 };
    strcpy(b->panel.drive[0].file[0], "one.img");
    strcpy(b->panel.drive[0].file[1], "two.img");
    b->panel.drive[4].there = true;
    link_set_panel(b->link, &b->panel);
    menu_init(&b->menu, b->link);
    menu_open(&b->menu, &b->front);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    free(b->command.text);
    link_free(b->link);
    free(b);
    return 0;
}

/* Go to the row with this text. */
static void at_row(struct bench *b, const char *text)
{
    for (int k = 0; k < b->menu.rows; k++)
        if (!strncmp(b->menu.row[k].text, text, strlen(text))) {
            b->menu.at = k;
            return;
        }
    fail_msg("no row '%s'", text);
}

static enum menu_act choose(struct bench *b, const char *text)
{
    at_row(b, text);
    return menu_key(&b->menu, MENU_ENTER);
}

static void sent(struct bench *b, enum command_kind kind, int drive, const char *text)
{
    free(b->command.text);
    b->command.text = NULL;
    assert_true(link_take_command(b->link, &b->command));
    assert_int_equal(b->command.kind, kind);
    if (drive >= 0)
        assert_int_equal(b->command.drive, drive);
    if (text)
        assert_string_equal(b->command.text, text);
    assert_false(b->menu.open);
    menu_open(&b->menu, &b->front);
}

static void the_first_page(void **state)
{
    struct bench *b = *state;
    assert_int_equal(b->menu.at, 0);
    assert_string_equal(b->menu.row[0].text, "Floppy A  two.img");
    assert_string_equal(b->menu.row[1].text, "CD        (empty)");
    menu_key(&b->menu, MENU_DOWN);
    menu_key(&b->menu, MENU_DOWN);
    assert_string_equal(b->menu.row[b->menu.at].text, "Pause");         /* not the line between */
    menu_key(&b->menu, MENU_UP);
    assert_int_equal(b->menu.at, 1);
    menu_key(&b->menu, MENU_UP);
    menu_key(&b->menu, MENU_UP);
    assert_int_equal(b->menu.at, 0);
    menu_key(&b->menu, MENU_END);
    assert_true(b->menu.row[b->menu.at].enabled);
    assert_int_equal(b->menu.at, b->menu.rows - 1);
    menu_key(&b->menu, MENU_DOWN);
    assert_int_equal(b->menu.at, b->menu.rows - 1);
    menu_key(&b->menu, MENU_HOME);
    assert_int_equal(b->menu.at, 0);
    assert_int_equal(menu_key(&b->menu, MENU_BACK), MENU_DONE);
    assert_false(b->menu.open);
    assert_int_equal(menu_key(&b->menu, MENU_ENTER), MENU_NOTHING);
    assert_false(link_take_command(b->link, &b->command));
}

static void machine_rows(void **state)
{
    struct bench *b = *state;
    assert_int_equal(choose(b, "Pause"), MENU_DONE);
    sent(b, COMMAND_PAUSE, -1, NULL);
    choose(b, "Reset");
    sent(b, COMMAND_RESET, -1, NULL);
    choose(b, "Power button");
    sent(b, COMMAND_POWER, -1, NULL);
    choose(b, "Screenshot");
    sent(b, COMMAND_SCREENSHOT, -1, NULL);
    at_row(b, "Quit (presses the power button first)");
    choose(b, "Quit");
    sent(b, COMMAND_POWER, -1, NULL);
    assert_false(link_stopped(b->link));
    choose(b, "Quit: cut the power now");
    assert_true(link_stopped(b->link));
}

/* A file's name is typed; Esc comes back to where it was opened. */
static void states(void **state)
{
    struct bench *b = *state;
    char title[40];
    assert_int_equal(choose(b, "State"), MENU_NOTHING);
    choose(b, "Keep it in a new file");
    sent(b, COMMAND_SAVE, -1, NULL);
    choose(b, "State");
    assert_int_equal(choose(b, "Go on from a file"), MENU_NOTHING);
    assert_int_equal(b->menu.page, PAGE_FILE);
    menu_title(&b->menu, title, sizeof title);
    assert_string_equal(title, "Go on from a state");
    menu_key(&b->menu, MENU_BACK);
    assert_int_equal(b->menu.page, PAGE_STATE);
    assert_string_equal(b->menu.row[b->menu.at].text, "Go on from a file");
    menu_key(&b->menu, MENU_BACK);
    assert_int_equal(b->menu.page, PAGE_MAIN);
    assert_string_equal(b->menu.row[b->menu.at].text, "State");
    menu_key(&b->menu, MENU_ENTER);
    choose(b, "Go on from a file");
    for (const char *c = "no/such.state"; *c; c++)
        menu_type(&b->menu, *c);
    assert_int_equal(menu_key(&b->menu, MENU_ENTER), MENU_DONE);
    sent(b, COMMAND_LOAD, -1, "no/such.state");
    choose(b, "State");
    choose(b, "Go on from a file");
    menu_drop(&b->menu, "x.img");               /* its content decides */
    sent(b, COMMAND_DROP, -1, "x.img");
}

/* A page of its own; Esc comes back to where it was opened. */
static void speeds(void **state)
{
    struct bench *b = *state;
    strcpy(b->panel.speed_name, "386/33");
    link_set_panel(b->link, &b->panel);
    menu_refresh(&b->menu, &b->front);
    at_row(b, "Speed     386/33");
    assert_int_equal(menu_key(&b->menu, MENU_ENTER), MENU_NOTHING);
    assert_int_equal(b->menu.page, PAGE_SPEED);
    at_row(b, "386/33");
    assert_true(b->menu.row[b->menu.at].ticked);
    menu_key(&b->menu, MENU_BACK);
    assert_string_equal(b->menu.row[b->menu.at].text, "Speed     386/33");
    menu_key(&b->menu, MENU_ENTER);
    assert_int_equal(choose(b, "8088/4.77"), MENU_DONE);
    sent(b, COMMAND_SPEED, -1, "8088/4.77");
}

static void front_rows(void **state)
{
    struct bench *b = *state;
    static const struct { const char *text; enum menu_act act; } rows[] = {
        { "Type the clipboard", MENU_PASTE }, { "Full screen", MENU_FULL_SCREEN }, { "Status line", MENU_STATUS_LINE },
        { "Press Ctrl+Alt+Del", MENU_CTRL_ALT_DEL },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        assert_int_equal(choose(b, rows[k].text), rows[k].act);
        assert_false(b->menu.open);
        menu_open(&b->menu, &b->front);
    }
    assert_int_equal(choose(b, "Release the mouse"), MENU_NOTHING);     /* it is free */
    b->front.captured = true;
    assert_true(menu_refresh(&b->menu, &b->front));
    assert_int_equal(choose(b, "Release the mouse"), MENU_RELEASE_MOUSE);
    b->front.window = false;
    menu_open(&b->menu, &b->front);
    for (int k = 0; k < b->menu.rows; k++)
        assert_null(strstr(b->menu.row[k].text, "clipboard"));
    assert_false(link_take_command(b->link, &b->command));
}

static void media(void **state)
{
    struct bench *b = *state;
    choose(b, "Floppy A");
    assert_int_equal(b->menu.page, PAGE_DRIVE);
    assert_false(b->menu.row[0].ticked);
    assert_true(b->menu.row[1].ticked);
    choose(b, "one.img");
    sent(b, COMMAND_LISTED, 0, NULL);
    assert_int_equal(b->command.index, 0);
    choose(b, "Floppy A");
    choose(b, "Eject");
    sent(b, COMMAND_EJECT, 0, NULL);
    choose(b, "CD");
    assert_int_equal(choose(b, "Eject"), MENU_NOTHING);         /* nothing is in it */
    menu_key(&b->menu, MENU_BACK);
    assert_int_equal(b->menu.page, PAGE_MAIN);
    assert_int_equal(b->menu.at, 1);                            /* where it came from */
    choose(b, "CD");
    menu_drop(&b->menu, "/x/y.iso");                            /* on this page: for this drive */
    sent(b, COMMAND_INSERT, 4, "/x/y.iso");
    menu_drop(&b->menu, "/x/y.iso");
    sent(b, COMMAND_DROP, -1, "/x/y.iso");
}

/* The panel changes while the menu is open: the choice stays with its row. */
static void a_row_comes(void **state)
{
    struct bench *b = *state;
    at_row(b, "Reset");
    b->panel.drive[1] = (struct panel_drive){ .there = true, .floppy = true };
    b->panel.paused = true;
    link_set_panel(b->link, &b->panel);
    assert_true(menu_refresh(&b->menu, &b->front));
    assert_string_equal(b->menu.row[b->menu.at].text, "Reset");
    at_row(b, "Pause");
    assert_true(b->menu.row[b->menu.at].ticked);
    assert_false(menu_refresh(&b->menu, &b->front));
}

static void put(const char *folder, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
}

static void type(struct bench *b, const char *text)
{
    for (; *text; text++)
        menu_type(&b->menu, (u8)*text);
}

static void a_file_by_path(void **state)
{
    struct bench *b = *state;
    char folder[] = "/tmp/t_menu.XXXXXX", path[300];
    assert_non_null(mkdtemp(folder));
    put(folder, "disk1.img");
    put(folder, "disk2.img");
    put(folder, ".hidden");
    snprintf(path, sizeof path, "%s/sub", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    put(path, "deep.img");
    choose(b, "Floppy A");
    choose(b, "Another file");
    assert_int_equal(b->menu.at, -1);
    type(b, folder);
    menu_key(&b->menu, MENU_TAB);                               /* a folder gets its slash */
    assert_string_equal(b->menu.row[0].text, "..");
    assert_string_equal(b->menu.row[1].text, "sub");            /* folders first */
    assert_true(b->menu.row[1].more);
    assert_int_equal(b->menu.rows, 4);                          /* not the hidden one */
    type(b, "di");
    assert_int_equal(b->menu.rows, 2);
    menu_key(&b->menu, MENU_TAB);
    snprintf(path, sizeof path, "%s/disk", folder);
    assert_string_equal(b->menu.path, path);
    menu_key(&b->menu, MENU_DOWN);
    menu_key(&b->menu, MENU_DOWN);
    menu_key(&b->menu, MENU_ENTER);
    snprintf(path, sizeof path, "%s/disk2.img", folder);
    sent(b, COMMAND_INSERT, 0, path);
    choose(b, "Floppy A");
    choose(b, "Another file");
    type(b, folder);
    type(b, "/s");
    menu_key(&b->menu, MENU_TAB);
    type(b, "deex");
    menu_key(&b->menu, MENU_ERASE);
    menu_key(&b->menu, MENU_TAB);
    snprintf(path, sizeof path, "%s/sub/deep.img", folder);
    assert_int_equal(menu_key(&b->menu, MENU_ENTER), MENU_DONE);
    sent(b, COMMAND_INSERT, 0, path);
    choose(b, "Floppy A");
    choose(b, "Another file");
    type(b, "/no/such");                                        /* the machine will say what is wrong */
    assert_int_equal(b->menu.rows, 0);
    menu_key(&b->menu, MENU_DOWN);
    menu_key(&b->menu, MENU_ENTER);
    sent(b, COMMAND_INSERT, 0, "/no/such");
    tree_remove(folder);
}

/* ---- what is drawn ---- */

static int inked(const struct canvas *c, int x, int y, int width, int height)
{
    int n = 0;
    u32 paper = c->pixels[(size_t)y * (size_t)c->width + (size_t)x];
    for (int j = y; j < y + height; j++)
        for (int i = x; i < x + width; i++)
            n += c->pixels[(size_t)j * (size_t)c->width + (size_t)i] != paper;
    return n;
}

static void drawn(void **state)
{
    struct bench *b = *state;
    struct canvas c;
    menu_size(&b->menu, &c.width, &c.height);
    c.pixels = xcalloc((size_t)c.width * (size_t)c.height, sizeof *c.pixels);
    menu_draw(&b->menu, &c);
    int seen = 0;
    for (int y = 0; y < c.height; y++) {
        int row = menu_row_at(&b->menu, 40, y);
        if (row < 0 || row == seen - 1)
            continue;
        assert_int_equal(row, seen);                            /* every row, from above, and its letters are there */
        if (!b->menu.row[row].line)
            assert_true(inked(&c, 24, y + 1, 100, 15) > 20);
        seen++;
    }
    assert_int_equal(seen, b->menu.rows);
    assert_int_equal(menu_row_at(&b->menu, -1, c.height / 2), -1);
    free(c.pixels);
}

static void status(void **state)
{
    struct bench *b = *state;
    struct canvas c = { xcalloc(640 * STATUS_HEIGHT, 4), 640, STATUS_HEIGHT }, d = { xcalloc(640 * STATUS_HEIGHT, 4), 640, STATUS_HEIGHT };
    char text[160];
    b->panel.width = 720, b->panel.height = 400, b->panel.text = true;
    status_draw(&b->panel, false, "", &c);
    assert_true(inked(&c, 0, 0, 200, STATUS_HEIGHT) > 100);
    b->panel.floppy_lamp = true;
    status_draw(&b->panel, false, "", &d);
    assert_true(memcmp(c.pixels, d.pixels, 640 * STATUS_HEIGHT * 4) != 0);
    b->panel.leds = 2;
    status_text(&b->panel, text, sizeof text);
    assert_non_null(strstr(text, "720 x 400 text"));
    assert_non_null(strstr(text, "FD"));
    assert_null(strstr(text, "CD"));
    assert_non_null(strstr(text, "Num"));
    assert_null(strstr(text, "Caps"));
    free(c.pixels);
    free(d.pixels);
}

static void shapes(void **state)
{
    static const struct { int width, height; bool vbe; int shown_width, shown_height; } modes[] = {
        { 720, 400, false, 720, 540 }, { 640, 480, false, 640, 480 }, { 320, 200, false, 320, 240 }, { 640, 350, false, 640, 480 },
        { 640, 200, false, 640, 480 }, { 320, 400, false, 533, 400 }, { 360, 480, false, 640, 480 }, { 1056, 400, false, 1056, 792 },
        { 320, 200, true, 320, 240 }, { 1024, 768, true, 1024, 768 }, { 1280, 1024, true, 1280, 1024 },
        { 1280, 800, true, 1280, 800 }, { 1920, 1080, true, 1920, 1080 },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(modes); k++) {
        struct frame f = { .width = modes[k].width, .height = modes[k].height, .vbe = modes[k].vbe };
        int width, height;
        picture_shape(&f, &width, &height);
        assert_int_equal(width, modes[k].shown_width);
        assert_int_equal(height, modes[k].shown_height);
    }
}

/* Every letter has ink, and no two look alike. */
static void letters(void **state)
{
    (void)state;
    for (int a = 33; a < 127; a++) {
        int ink = 0;
        for (int y = 0; y < FONT_HEIGHT; y++)
            ink += font_row(a, y) != 0;
        assert_true(ink);
        for (int b = 33; b < a; b++) {
            bool same = true;
            for (int y = 0; y < FONT_HEIGHT; y++)
                same = same && font_row(a, y) == font_row(b, y);
            assert_false(same);
        }
    }
    for (int y = 0; y < FONT_HEIGHT; y++) {
        assert_int_equal(font_row(' ', y), 0);
        assert_int_equal(font_row(200, y), font_row('?', y));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(the_first_page), TEST(machine_rows), TEST(front_rows), TEST(media), TEST(a_row_comes), TEST(a_file_by_path),
        TEST(states), TEST(speeds), TEST(drawn), TEST(status), cmocka_unit_test(shapes), cmocka_unit_test(letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
