/* t_i8042.c - the keyboard controller with its keyboard and mouse, as a driver sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/input/i8042.h"
#include "../../../iodev/input/ps2_keyboard.h"
#include "../../../iodev/input/ps2_mouse.h"
#include <cmocka.h>

enum { DATA = 0x60, COMMAND = 0x64, OBF = 1, AUX_OBF = 0x20, MS = 1000000 };
enum { KEY_A = 0x04, KEY_PAUSE_USAGE = 0x48, KEY_PRINT = 0x46, KEY_UP = 0x52, KEY_SLASH_USAGE = 0x54, KEY_F7 = 0x40,
       KEY_LEFT_SHIFT = 0xe1, KEY_RIGHT_CTRL = 0xe4, KEY_LEFT_CTRL = 0xe0, KEY_LEFT_ALT = 0xe2 };

struct board {
    struct machine *m;
    struct fake_wire irq1, irq12, a20, init;
    struct ps2_keyboard *keyboard;
};

static int set_up(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    b->m = fake_new(0);
    struct i8042 *kbc = i8042_new(b->m, 0x60, fake_wire(&b->irq1, b->m), fake_wire(&b->irq12, b->m), fake_wire(&b->a20, b->m), fake_wire(&b->init, b->m));
    b->keyboard = ps2_keyboard_new(b->m, kbc);
    ps2_mouse_new(b->m, kbc);
    fake_reset(b->m);
    *state = b;
    return 0;
}

/* The next byte, -1 if none comes within 10 ms. */
static int next_byte(struct board *b)
{
    for (int k = 0; k < 100; k++) {
        if (fake_in8(b->m, COMMAND) & OBF)
            return fake_in8(b->m, DATA);
        fake_advance(b->m, MS / 10);
    }
    return -1;
}

static void expect(struct board *b, const char *bytes, int n)
{
    for (int k = 0; k < n; k++)
        assert_int_equal(next_byte(b), (u8)bytes[k]);
    assert_int_equal(next_byte(b), -1);
}
#define EXPECT(b, text) expect(b, text, sizeof text - 1)

static void command(struct board *b, u8 c) { fake_out8(b->m, COMMAND, c); }
static void command2(struct board *b, u8 c, u8 v) { command(b, c), fake_out8(b->m, DATA, v); }
static void data(struct board *b, u8 v) { fake_out8(b->m, DATA, v); }
static bool key(struct board *b, u8 usage, bool down)
{
    return fake_input(b->m, (struct input_event) { .kind = INPUT_KEY, .key = usage, .down = down });
}

/* What a driver does first: controller on, translation on or off, interrupts on, keyboard scanning, mouse streaming. */
static void start(struct board *b, bool translate)
{
    fake_advance(b->m, 10 * MS);
    command2(b, 0x60, translate ? 0x47 : 0x07);
    while (next_byte(b) >= 0)
        ;
    data(b, 0xf4);
    EXPECT(b, "\xfa");
    command2(b, 0xd4, 0xf4);
    EXPECT(b, "\xfa");
}

static void test_controller(void **state)
{
    struct board *b = *state;
    assert_true(b->a20.level);
    command(b, 0xaa);
    assert_int_equal(next_byte(b), 0x55);
    assert_int_equal(fake_in8(b->m, COMMAND) & 0x04, 0x04);
    command2(b, 0x60, 0x34);
    command(b, 0x20);
    assert_int_equal(next_byte(b), 0x34);
    command(b, 0xa9);
    assert_int_equal(next_byte(b), 0);
    command(b, 0xab);
    assert_int_equal(next_byte(b), 0);
    command2(b, 0x7f, 0x99);
    command(b, 0x3f);
    assert_int_equal(next_byte(b), 0x99);
    command(b, 0xa8);
    command(b, 0xae);
    command(b, 0x20);
    assert_int_equal(next_byte(b), 0x04);
}

static void test_output_port(void **state)
{
    struct board *b = *state;
    command2(b, 0xd1, 0xdd);
    assert_false(b->a20.level);
    command(b, 0xd0);
    assert_int_equal(next_byte(b) & 3, 1);
    command(b, 0xdf);
    assert_true(b->a20.level);
    assert_int_equal(b->init.rises, 0);
    command(b, 0xfe);
    assert_int_equal(b->init.rises, 1);
    command(b, 0xff);
    assert_int_equal(b->init.rises, 1);
    command2(b, 0xd1, 0xfe);
    assert_int_equal(b->init.rises, 2);
    assert_false(b->init.level);
}

static void test_output_buffers(void **state)
{
    struct board *b = *state;
    start(b, true);
    command2(b, 0xd2, 0x5a);
    assert_true(b->irq1.level);
    assert_int_equal(fake_in8(b->m, COMMAND) & (OBF | AUX_OBF), OBF);
    assert_int_equal(fake_in8(b->m, DATA), 0x5a);
    assert_false(b->irq1.level);
    command2(b, 0xd3, 0xa5);
    assert_true(b->irq12.level);
    assert_false(b->irq1.level);
    assert_int_equal(fake_in8(b->m, COMMAND) & (OBF | AUX_OBF), OBF | AUX_OBF);
    assert_int_equal(fake_in8(b->m, DATA), 0xa5);
}

static void test_keyboard_commands(void **state)
{
    struct board *b = *state;
    start(b, false);
    data(b, 0xee);
    EXPECT(b, "\xee");
    data(b, 0xf2);
    EXPECT(b, "\xfa\xab\x83");
    data(b, 0xed);
    EXPECT(b, "\xfa");
    data(b, 0x05);
    EXPECT(b, "\xfa");
    assert_int_equal(ps2_keyboard_leds(b->keyboard), 5);
    data(b, 0xfe);
    EXPECT(b, "\xfa");
    data(b, 0x01);
    EXPECT(b, "\xfe");
    data(b, 0xf0), EXPECT(b, "\xfa"), data(b, 0), EXPECT(b, "\xfa\x02");
    data(b, 0xff);
    EXPECT(b, "\xfa\xaa");
    command2(b, 0x60, 0x47);
    data(b, 0xf2);
    EXPECT(b, "\xfa\xab\x41");                          /* translated */
}

static void test_set_2(void **state)
{
    struct board *b = *state;
    start(b, false);
    key(b, KEY_A, true);
    assert_false(b->irq1.level);                        /* not at once: a byte takes time */
    EXPECT(b, "\x1c");
    key(b, KEY_A, true);
    EXPECT(b, "");
    key(b, KEY_A, false);
    EXPECT(b, "\xf0\x1c");
    key(b, KEY_F7, true), key(b, KEY_F7, false);
    EXPECT(b, "\x83\xf0\x83");
    key(b, KEY_RIGHT_CTRL, true), key(b, KEY_RIGHT_CTRL, false);
    EXPECT(b, "\xe0\x14\xe0\xf0\x14");
    key(b, KEY_PAUSE_USAGE, true), key(b, KEY_PAUSE_USAGE, false);
    EXPECT(b, "\xe1\x14\x77\xe1\xf0\x14\xf0\x77");
    key(b, KEY_PRINT, true);
    EXPECT(b, "\xe0\x12\xe0\x7c");
    key(b, KEY_PRINT, false);
    EXPECT(b, "\xe0\xf0\x7c\xe0\xf0\x12");
}

static void test_translated(void **state)
{
    struct board *b = *state;
    start(b, true);
    key(b, KEY_A, true), key(b, KEY_A, false);
    EXPECT(b, "\x1e\x9e");
    key(b, KEY_F7, true), key(b, KEY_F7, false);
    EXPECT(b, "\x41\xc1");
    key(b, KEY_UP, true), key(b, KEY_UP, false);
    EXPECT(b, "\xe0\x48\xe0\xc8");
    key(b, KEY_PAUSE_USAGE, true), key(b, KEY_PAUSE_USAGE, false);
    EXPECT(b, "\xe1\x1d\x45\xe1\x9d\xc5");
    key(b, KEY_LEFT_CTRL, true), EXPECT(b, "\x1d");
    key(b, KEY_PAUSE_USAGE, true), key(b, KEY_PAUSE_USAGE, false);
    EXPECT(b, "\xe0\x46\xe0\xc6");
    key(b, KEY_LEFT_CTRL, false), EXPECT(b, "\x9d");
    key(b, KEY_LEFT_ALT, true), EXPECT(b, "\x38");
    key(b, KEY_PRINT, true), key(b, KEY_PRINT, false);
    EXPECT(b, "\x54\xd4");
}

static void test_hidden_shifts(void **state)
{
    struct board *b = *state;
    start(b, true);
    key(b, KEY_LEFT_SHIFT, true), EXPECT(b, "\x2a");
    key(b, KEY_UP, true), EXPECT(b, "\xe0\xaa\xe0\x48");
    key(b, KEY_UP, false), EXPECT(b, "\xe0\xc8\xe0\x2a");
    key(b, KEY_SLASH_USAGE, true), EXPECT(b, "\xe0\xaa\xe0\x35");
    key(b, KEY_SLASH_USAGE, false), EXPECT(b, "\xe0\xb5\xe0\x2a");
    key(b, KEY_LEFT_SHIFT, false), EXPECT(b, "\xaa");
    data(b, 0xed), EXPECT(b, "\xfa"), data(b, 2), EXPECT(b, "\xfa");    /* Num Lock */
    key(b, KEY_UP, true), EXPECT(b, "\xe0\x2a\xe0\x48");
    key(b, KEY_UP, false), EXPECT(b, "\xe0\xc8\xe0\xaa");
}

static void test_sets_1_and_3(void **state)
{
    struct board *b = *state;
    start(b, false);
    data(b, 0xf0), EXPECT(b, "\xfa"), data(b, 1), EXPECT(b, "\xfa");
    key(b, KEY_A, true), key(b, KEY_A, false);
    EXPECT(b, "\x1e\x9e");
    key(b, KEY_PAUSE_USAGE, true);
    EXPECT(b, "\xe1\x1d\x45\xe1\x9d\xc5");
    data(b, 0xf0), EXPECT(b, "\xfa"), data(b, 3), EXPECT(b, "\xfa");
    key(b, KEY_LEFT_SHIFT, true), key(b, KEY_LEFT_SHIFT, false);
    EXPECT(b, "\x12\xf0\x12");                          /* make and break */
    key(b, KEY_UP, true), key(b, KEY_UP, false);
    EXPECT(b, "\x63");                                  /* typematic: no break */
    data(b, 0xfc), EXPECT(b, "\xfa"), data(b, 0x63), EXPECT(b, "\xfa"), data(b, 0xf4), EXPECT(b, "\xfa");
    key(b, KEY_UP, true), key(b, KEY_UP, false);
    EXPECT(b, "\x63\xf0\x63");
    data(b, 0xf9), EXPECT(b, "\xfa");                   /* all make only */
    key(b, KEY_LEFT_SHIFT, true), key(b, KEY_LEFT_SHIFT, false);
    EXPECT(b, "\x12");
}

static void test_typematic(void **state)
{
    struct board *b = *state;
    start(b, false);
    data(b, 0xf3), EXPECT(b, "\xfa"), data(b, 0x00), EXPECT(b, "\xfa");     /* 250 ms, 30 a second */
    key(b, KEY_A, true);
    u64 pressed = machine_now(b->m);
    assert_int_equal(next_byte(b), 0x1c);
    fake_run_until(b->m, pressed + 249 * MS);
    assert_int_equal(fake_in8(b->m, COMMAND) & OBF, 0);
    assert_int_equal(next_byte(b), 0x1c);
    for (int k = 0; k < 5; k++) {
        fake_advance(b->m, 33 * MS + MS / 2);
        assert_int_equal(next_byte(b), 0x1c);
    }
    key(b, KEY_A, false);
    EXPECT(b, "\xf0\x1c");
    fake_advance(b->m, 500 * MS);
    EXPECT(b, "");
}

static void test_overrun(void **state)
{
    struct board *b = *state;
    start(b, false);
    key(b, KEY_A, true);
    fake_advance(b->m, 5000ull * MS);                   /* nobody reads while it repeats */
    assert_false(key(b, KEY_A, false));                 /* no room: the queue keeps it */
    for (int k = 0; k < 16; k++)
        assert_int_equal(next_byte(b), 0x1c);
    assert_int_equal(next_byte(b), 0x00);
    assert_true(key(b, KEY_A, false));
}

static void test_disabled(void **state)
{
    struct board *b = *state;
    start(b, false);
    command(b, 0xad);                                   /* the clock is held: the keyboard keeps its codes */
    key(b, KEY_A, true);
    EXPECT(b, "");
    command(b, 0xae);
    EXPECT(b, "\x1c");
    data(b, 0xf5), EXPECT(b, "\xfa");                   /* scanning off */
    key(b, KEY_A, false);
    EXPECT(b, "");
}

static void test_mouse_commands(void **state)
{
    struct board *b = *state;
    start(b, true);
    command2(b, 0xd4, 0xff);
    EXPECT(b, "\xfa\xaa\x00");
    command2(b, 0xd4, 0xf2);
    EXPECT(b, "\xfa\x00");
    command2(b, 0xd4, 0xe9);
    EXPECT(b, "\xfa\x00\x02\x64");
    command2(b, 0xd4, 0xe8), EXPECT(b, "\xfa"), command2(b, 0xd4, 3), EXPECT(b, "\xfa");
    command2(b, 0xd4, 0xe7), EXPECT(b, "\xfa"), command2(b, 0xd4, 0xf4), EXPECT(b, "\xfa");
    command2(b, 0xd4, 0xe9), EXPECT(b, "\xfa\x30\x03\x64");
    command2(b, 0xd4, 0xee), EXPECT(b, "\xfa");         /* wrap: echoes */
    command2(b, 0xd4, 0x5c), EXPECT(b, "\x5c");
    command2(b, 0xd4, 0xec), EXPECT(b, "\xfa");
    command2(b, 0xd4, 0x01), EXPECT(b, "\xfe");
    command2(b, 0xd4, 0xf0), EXPECT(b, "\xfa");         /* remote */
    fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = 5, .dy = 3 });
    EXPECT(b, "");
    command2(b, 0xd4, 0xeb), EXPECT(b, "\xfa\x28\x05\xfd");
}

static void test_mouse_stream(void **state)
{
    struct board *b = *state;
    start(b, true);
    assert_true(fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = -5, .dy = -3 }));
    fake_advance(b->m, MS);
    assert_true(b->irq12.level);
    EXPECT(b, "\x18\xfb\x03");
    assert_false(b->irq12.level);
    fake_advance(b->m, 20 * MS);
    fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = 300 });
    assert_int_equal(next_byte(b), 0x08);               /* more than a packet holds: two packets */
    assert_int_equal(next_byte(b), 0xff);
    assert_int_equal(next_byte(b), 0x00);
    EXPECT(b, "\x08\x2d\x00");
    fake_advance(b->m, 20 * MS);
    assert_true(fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = 1 }));
    assert_true(fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = 0 }));
    assert_false(fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = 1 }));
    assert_int_equal(next_byte(b), 0x09);
    assert_int_equal(next_byte(b), 0x00);
    assert_int_equal(next_byte(b), 0x00);
    EXPECT(b, "\x08\x00\x00");
}

static void test_wheel(void **state)
{
    struct board *b = *state;
    static const u8 knock[3] = { 200, 100, 80 };
    start(b, true);
    for (int k = 0; k < 3; k++) {
        command2(b, 0xd4, 0xf3), EXPECT(b, "\xfa");
        command2(b, 0xd4, knock[k]), EXPECT(b, "\xfa");
    }
    command2(b, 0xd4, 0xf2), EXPECT(b, "\xfa\x03");
    fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dz = -2 });
    EXPECT(b, "\x08\x00\x00\xfe");
}

/* Both talk at once: each byte is whole, and the status says whose it is. */
static void test_both(void **state)
{
    struct board *b = *state;
    int from_keyboard = 0, from_mouse = 0;
    start(b, true);
    key(b, KEY_A, true), key(b, KEY_A, false);
    fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = 1 });
    for (int k = 0; k < 200; k++, fake_advance(b->m, MS / 10)) {
        u8 status = fake_in8(b->m, COMMAND);
        if (status & OBF) {
            *(status & AUX_OBF ? &from_mouse : &from_keyboard) += 1;
            fake_in8(b->m, DATA);
        }
    }
    assert_int_equal(from_keyboard, 2);
    assert_int_equal(from_mouse, 3);
}

static void test_saved(void **state)
{
    struct board *b = *state;
    start(b, false);
    key(b, KEY_PRINT, true);
    assert_int_equal(next_byte(b), 0xe0);
    fake_save_and_load(b->m);
    EXPECT(b, "\x12\xe0\x7c");
    fake_check_all_fields(b->m);
}

/* Every command of the three chips that has an answer, and parameters that make none. */
static void controller_commands(void **state)
{
    struct board *b = *state;
    start(b, false);
    command(b, 0xa4);
    EXPECT(b, "\xf1");                                  /* no password */
    command2(b, 0xa5, 'x');
    data(b, 0);
    command(b, 0xa6);
    command(b, 0xc0);
    assert_true(next_byte(b) >= 0);
    command(b, 0xe0);
    EXPECT(b, "\0");
    command(b, 0xc1);                                   /* the input port's halves into the status */
    int low = fake_in8(b->m, COMMAND) & 0xf0;
    command(b, 0xc2);
    int high = fake_in8(b->m, COMMAND) & 0xf0;
    command(b, 0xc0);
    int port = next_byte(b);
    assert_int_equal(low, port << 4 & 0xf0);
    assert_int_equal(high, port & 0xf0);
    command(b, 0xdf);
    assert_true(b->a20.level);
    command(b, 0xdd);
    assert_false(b->a20.level);
    command2(b, 0xd2, 0x55);                            /* the output port says which buffer is full */
    fake_advance(b->m, MS);
    command2(b, 0x67, 0x99);
    command(b, 0x27);
    EXPECT(b, "\x55\x99");
    command(b, 0x01);
    assert_true(fake_log_lines(b->m) >= 1);
}

static void keyboard_commands(void **state)
{
    static const u8 all[] = { 0xf7, 0xf8, 0xf9, 0xfa, 0xf5 };
    struct board *b = *state;
    start(b, false);
    data(b, 0xf0);
    next_byte(b);
    data(b, 4);
    EXPECT(b, "\xfe");                                  /* no such set */
    data(b, 0xf0);
    next_byte(b);
    data(b, 0);
    EXPECT(b, "\xfa\x02");
    data(b, 0xed);
    next_byte(b);
    data(b, 0x80);
    EXPECT(b, "\xfe");
    data(b, 0xed);
    next_byte(b);
    data(b, 0xee);                                      /* a command in place of the parameter */
    EXPECT(b, "\xee");
    for (size_t k = 0; k < sizeof all; k++) {
        data(b, all[k]);
        EXPECT(b, "\xfa");
    }
    data(b, 0xef);
    EXPECT(b, "\xfe");
    data(b, 0xfe);
    EXPECT(b, "\xfe");
    data(b, 0xf6);
    EXPECT(b, "\xfa");
    key(b, 0xe5, true);                                 /* right Shift with a navigation key: hidden and shown again */
    EXPECT(b, "\x59");
    key(b, KEY_UP, true);
    EXPECT(b, "\xe0\xf0\x59\xe0\x75");
    key(b, KEY_UP, false);
    EXPECT(b, "\xe0\xf0\x75\xe0\x59");
    key(b, KEY_PRINT, true);                            /* Shift is down: no made-up one */
    EXPECT(b, "\xe0\x7c");
    key(b, KEY_PRINT, false);
    EXPECT(b, "\xe0\xf0\x7c");
}

static void mouse(struct board *b, u8 c) { command2(b, 0xd4, c); }

static void mouse_commands(void **state)
{
    static const i16 moves[] = { 1, 2, 3, 4, 5, 6, -5, -100 };
    static const i16 scaled[] = { 1, 1, 3, 6, 9, 12, -9, -200 };
    struct board *b = *state;
    start(b, false);
    mouse(b, 0xf3), next_byte(b), mouse(b, 33);
    EXPECT(b, "\xfe");                                  /* no such rate */
    mouse(b, 0xe8), next_byte(b), mouse(b, 4);
    EXPECT(b, "\xfe");
    mouse(b, 0xfe);
    EXPECT(b, "\xfe");
    mouse(b, 0xe1);
    EXPECT(b, "\xfe");
    mouse(b, 0xe7);
    EXPECT(b, "\xfa");
    for (size_t k = 0; k < ARRAY_LEN(moves); k++) {
        fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = moves[k] });
        assert_true(next_byte(b) >= 0);
        assert_int_equal((i8)next_byte(b), (i8)scaled[k]);
        next_byte(b);
        fake_advance(b->m, 20 * MS);
    }
    mouse(b, 0xe6);
    EXPECT(b, "\xfa");
    mouse(b, 0xf0);                                     /* remote mode: only when asked */
    EXPECT(b, "\xfa");
    fake_input(b->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = 5 });
    assert_int_equal(next_byte(b), -1);
    mouse(b, 0xeb);
    EXPECT(b, "\xfa\x08\x05\x00");
    mouse(b, 0xea);
    EXPECT(b, "\xfa");
    mouse(b, 0xf5);
    EXPECT(b, "\xfa");
    mouse(b, 0xf6);
    EXPECT(b, "\xfa");
    mouse(b, 0xec);                                     /* wrap mode off, where it was off */
    EXPECT(b, "\xfa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_controller, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_output_port, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_output_buffers, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_keyboard_commands, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_set_2, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_translated, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_hidden_shifts, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_sets_1_and_3, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_typematic, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_overrun, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_disabled, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_mouse_commands, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_mouse_stream, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_wheel, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_both, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_saved, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(controller_commands, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(keyboard_commands, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(mouse_commands, set_up, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
