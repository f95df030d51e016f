/* t_keys.c - from text to keys. Follows: HID Usage Tables, "Keyboard/Keypad Page". */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include "../../../iodev/session/cp437.h"
#include "../../../iodev/session/keys.h"
#include <cmocka.h>

static struct key_stroke out[64];
static char error[128];

static int parse(const char *text) { return keys_parse(text, out, 64, error, sizeof error); }

static void check(int k, u8 key, u8 with)
{
    assert_int_equal(out[k].key, key);
    assert_int_equal(out[k].with, with);
}

static void characters(void **state)
{
    (void)state;
    assert_int_equal(parse("aZ1!0) ~"), 8);
    check(0, 0x04, 0);
    check(1, 0x1d, KEY_WITH_SHIFT);
    check(2, 0x1e, 0);
    check(3, 0x1e, KEY_WITH_SHIFT);
    check(4, 0x27, 0);
    check(5, 0x27, KEY_WITH_SHIFT);
    check(6, 0x2c, 0);
    check(7, 0x35, KEY_WITH_SHIFT);
    assert_int_equal(parse("-_=+[{]}\\\\|;:'\"`,.>/?#"), 21);
    static const u8 key[21] = { 0x2d, 0x2d, 0x2e, 0x2e, 0x2f, 0x2f, 0x30, 0x30, 0x31, 0x31, 0x33, 0x33, 0x34, 0x34, 0x35,
                                0x36, 0x37, 0x37, 0x38, 0x38, 0x20 };
    for (int k = 0; k < 21; k++)
        assert_int_equal(out[k].key, key[k]);
    check(1, 0x2d, KEY_WITH_SHIFT);
    check(8, 0x31, 0);
    check(9, 0x31, KEY_WITH_SHIFT);
}

/* Every printable character has a key of its own. */
static void all_of_ascii(void **state)
{
    bool seen[2][256] = { { false } };
    (void)state;
    for (int c = 32; c < 127; c++) {
        struct key_stroke s;
        assert_true(key_of_character(c, &s));
        assert_false(seen[s.with != 0][s.key]);
        seen[s.with != 0][s.key] = true;
    }
    struct key_stroke s;
    assert_false(key_of_character(0xe4, &s));
    assert_false(key_of_character(1, &s));
    assert_false(key_of_character(0, &s));
}

static void names_and_escapes(void **state)
{
    (void)state;
    assert_int_equal(parse("dir\\n\\t\\e\\b\\x41\n"), 9);
    check(3, 0x28, 0);
    check(4, 0x2b, 0);
    check(5, 0x29, 0);
    check(6, 0x2a, 0);
    check(7, 0x04, KEY_WITH_SHIFT);
    check(8, 0x28, 0);
    assert_int_equal(parse("<f1><F12><enter><esc><up><ctrl-alt-del><alt-x><ctrl-shift-F3><ctrl->>"), 9);
    check(0, 0x3a, 0);
    check(1, 0x45, 0);
    check(2, 0x28, 0);
    check(3, 0x29, 0);
    check(4, 0x52, 0);
    check(5, 0x4c, KEY_WITH_CTRL | KEY_WITH_ALT);
    check(6, 0x1b, KEY_WITH_ALT);
    check(7, 0x3c, KEY_WITH_CTRL | KEY_WITH_SHIFT);
    check(8, 0x37, KEY_WITH_CTRL | KEY_WITH_SHIFT);
    assert_int_equal(parse("a < b \\<f1> <"), 13 - 1);
    check(2, 0x36, KEY_WITH_SHIFT);
    assert_int_equal(parse(""), 0);
}

static void refusals(void **state)
{
    (void)state;
    assert_int_equal(parse("<f13>"), -1);
    assert_non_null(strstr(error, "<f13>"));
    assert_int_equal(parse("<ctrl->"), -1);
    assert_int_equal(parse("\\q"), -1);
    assert_int_equal(parse("\\"), -1);
    assert_int_equal(parse("\\x4"), -1);
    assert_int_equal(parse("\xc3\xa4"), -1);
    assert_int_equal(keys_parse("abc", out, 2, error, sizeof error), -1);
}

static void every_name_parses(void **state)
{
    char text[40];
    (void)state;
    for (int k = 0; keys_name(k); k++) {
        snprintf(text, sizeof text, "<alt-%s>", keys_name(k));
        assert_int_equal(parse(text), 1);
        assert_int_equal(out[0].with, KEY_WITH_ALT);
    }
}

static void events_are_balanced(void **state)
{
    struct input_event e[KEY_EVENTS_MAX];
    u8 buttons = 0;
    (void)state;
    struct key_stroke s = { .key = 0x4c, .with = KEY_WITH_CTRL | KEY_WITH_ALT };
    assert_int_equal(key_stroke_events(&s, &buttons, e), 6);
    static const u8 key[6] = { 0xe0, 0xe2, 0x4c, 0x4c, 0xe2, 0xe0 };
    for (int k = 0; k < 6; k++) {
        assert_int_equal(e[k].kind, INPUT_KEY);
        assert_int_equal(e[k].key, key[k]);
        assert_int_equal(e[k].down, k < 3);
    }
}

/* Alt, three digits of the keypad. */
static void code_by_keypad(void **state)
{
    struct input_event e[KEY_EVENTS_MAX];
    u8 buttons = 0;
    (void)state;
    struct key_stroke s;
    assert_true(key_of_unicode('z', &s));
    assert_int_equal(s.kind, STROKE_KEY);
    assert_true(key_of_unicode(0xe4, &s));
    assert_int_equal(s.key, 132);
    assert_false(key_of_unicode(0x20ac, &s));
    assert_false(key_of_unicode(0x80, &s));
    assert_false(key_of_unicode(0xffffffff, &s));
    assert_true(key_of_unicode(0x2566, &s));
    assert_int_equal(s.kind, STROKE_CODE);
    static const u8 key[8] = { 0xe2, 0x5a, 0x5a, 0x62, 0x62, 0x5b, 0x5b, 0xe2 }, down[8] = { 1, 1, 0, 1, 0, 1, 0, 0 };
    assert_int_equal(key_stroke_events(&s, &buttons, e), 8);
    for (int k = 0; k < 8; k++) {
        assert_int_equal(e[k].key, key[k]);
        assert_int_equal(e[k].down, down[k]);
    }
}

static void mouse(void **state)
{
    struct input_event e[KEY_EVENTS_MAX];
    u8 buttons = 0;
    (void)state;
    assert_int_equal(parse("a<mouse 10 -5><MOUSE -1 2  3 ><click right><button left down><mouse 1 1><button left up>b"), 8);
    assert_int_equal(out[1].kind, STROKE_MOVE);
    assert_int_equal(key_stroke_events(&out[1], &buttons, e), 1);
    assert_int_equal(e[0].kind, INPUT_MOUSE_MOVE);
    assert_int_equal(e[0].dx, 10);
    assert_int_equal(e[0].dy, -5);
    assert_int_equal(e[0].dz, 0);
    assert_int_equal(out[2].dz, 3);
    assert_int_equal(key_stroke_events(&out[3], &buttons, e), 2);
    assert_int_equal(e[0].kind, INPUT_MOUSE_BUTTONS);
    assert_int_equal(e[0].buttons, 2);
    assert_int_equal(e[1].buttons, 0);
    assert_int_equal(key_stroke_events(&out[4], &buttons, e), 1);
    assert_int_equal(e[0].buttons, 1);
    assert_int_equal(key_stroke_events(&out[5], &buttons, e), 1);
    assert_int_equal(e[0].buttons, 1);                      /* a drag: the button stays down */
    assert_int_equal(key_stroke_events(&out[3], &buttons, e), 2);
    assert_int_equal(e[0].buttons, 3);
    assert_int_equal(e[1].buttons, 1);
    assert_int_equal(key_stroke_events(&out[6], &buttons, e), 1);
    assert_int_equal(e[0].buttons, 0);
    check(7, 0x05, 0);
    static const char *const wrong[] = { "<mouse 10>", "<mouse>", "<mouse 1 2 3 4>", "<mouse x 1>", "<mouse 1 99999>", "<click>",
                                         "<click top>", "<button left>", "<button down>", "<click left right>" };
    for (size_t k = 0; k < ARRAY_LEN(wrong); k++) {
        assert_int_equal(parse(wrong[k]), -1);
        assert_non_null(strstr(error, wrong[k]));
        assert_non_null(strstr(error, "<click left>"));
    }
    assert_int_equal(parse("<mouse"), 6);                   /* no name: itself */
    assert_int_equal(parse("\\<mouse 1>"), 9);
}

static void code_page(void **state)
{
    (void)state;
    assert_int_equal(cp437_unicode('A'), 'A');
    assert_int_equal(cp437_unicode(0x7f), 0x2302);
    assert_int_equal(cp437_unicode(0x80), 0xc7);
    assert_int_equal(cp437_unicode(0xb3), 0x2502);
    assert_int_equal(cp437_unicode(0xc9), 0x2554);
    assert_int_equal(cp437_unicode(0xdb), 0x2588);
    assert_int_equal(cp437_unicode(0xe1), 0xdf);
    assert_int_equal(cp437_unicode(0xfe), 0x25a0);
    assert_int_equal(cp437_unicode(1), 0x263a);
    assert_int_equal(cp437_unicode(0), ' ');
    assert_int_equal(cp437_unicode(255), ' ');
    for (int k = 0; k < 256; k++)
        assert_in_range(cp437_ascii((u8)k), 32, 126);
    assert_int_equal(cp437_ascii(0xb3), '|');
    assert_int_equal(cp437_ascii(0xc4), '-');
    assert_int_equal(cp437_ascii(0xc9), '+');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters), cmocka_unit_test(all_of_ascii), cmocka_unit_test(names_and_escapes),
        cmocka_unit_test(refusals), cmocka_unit_test(every_name_parses), cmocka_unit_test(events_are_balanced),
        cmocka_unit_test(code_by_keypad), cmocka_unit_test(mouse), cmocka_unit_test(code_page),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
