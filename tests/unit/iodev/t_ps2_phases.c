/* t_ps2_phases.c - keyboard controller, keyboard and mouse in every phase, and every byte to the controller, the keyboard and the mouse
 * there: nothing crashes (./check sanitize), no call works long, the buffers run empty, and all three start anew when they are reset. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/input/i8042.h"
#include "../../../iodev/input/ps2_keyboard.h"
#include "../../../iodev/input/ps2_mouse.h"
#include <cmocka.h>

enum { DATA = 0x60, COMMAND = 0x64, OBF = 1, MS = 1000000 };

struct test {
    struct machine *m;
    struct fake_wire irq1, irq12, a20;
};

static void start(struct test *t)
{
    t->m = fake_new(0);
    struct i8042 *kbc = i8042_new(t->m, 0x60, fake_wire(&t->irq1, t->m), fake_wire(&t->irq12, t->m), fake_wire(&t->a20, t->m), (struct line) { 0 });
    ps2_keyboard_new(t->m, kbc);
    ps2_mouse_new(t->m, kbc);
    fake_reset(t->m);
}

static void wait_long(struct test *t) { fake_advance(t->m, 20 * MS); }
static void command(struct test *t, u8 c) { fake_out8(t->m, COMMAND, c); }
static void data(struct test *t, u8 v) { fake_out8(t->m, DATA, v); }
static void to_mouse(struct test *t, u8 v) { command(t, 0xd4), data(t, v); }
static void key(struct test *t, u8 usage, bool down) { fake_input(t->m, (struct input_event) { .kind = INPUT_KEY, .key = usage, .down = down }); }
static void move(struct test *t, int dx) { fake_input(t->m, (struct input_event) { .kind = INPUT_MOUSE_MOVE, .dx = (i16)dx, .dy = -3, .dz = 1, .buttons = dx & 7 }); }

/* Everything that waits; -1 in *last if there was nothing. It ends, though keys may repeat. */
static int drain(struct test *t, int *last)
{
    int n = 0;
    *last = -1;
    for (int idle = 0; idle < 20; ) {
        if (fake_in8(t->m, COMMAND) & OBF)
            *last = fake_in8(t->m, DATA), n++, idle = 0;
        else
            fake_advance(t->m, MS / 4), idle++;
        assert_true(n < 200);
    }
    return n;
}

/* ---- phases ---- */

static void testing(struct test *t) { (void)t; }
static void on(struct test *t)
{
    int last;
    wait_long(t);
    command(t, 0x60), data(t, 0x47);
    drain(t, &last);
}
static void streaming(struct test *t)
{
    int last;
    on(t);
    data(t, 0xf4);
    to_mouse(t, 0xf4);
    drain(t, &last);
}
static void full_of_keys(struct test *t)
{
    streaming(t);
    for (u8 k = 4; k < 40; k++)
        key(t, k, true);
    wait_long(t);
}
static void full_of_movement(struct test *t)
{
    streaming(t);
    for (int k = 0; k < 40; k++)
        move(t, 300 * k), fake_advance(t->m, MS);
}
static void both_off(struct test *t) { full_of_keys(t), command(t, 0xad), command(t, 0xa7), move(t, 5); }
static void waits_for_data(struct test *t) { streaming(t), command(t, 0x60); }
static void waits_for_port(struct test *t) { streaming(t), command(t, 0xd1); }
static void waits_for_mouse(struct test *t) { streaming(t), command(t, 0xd4); }
static void waits_for_password(struct test *t) { streaming(t), command(t, 0xa5), data(t, 'x'); }
static void replies(struct test *t) { streaming(t), command(t, 0x20), command(t, 0xd0); }
static void leds(struct test *t) { streaming(t), data(t, 0xed); }
static void rate(struct test *t) { streaming(t), data(t, 0xf3); }
static void code_set(struct test *t) { streaming(t), data(t, 0xf0); }
static void key_types(struct test *t) { streaming(t), data(t, 0xfc); }
static void set_1(struct test *t) { code_set(t), data(t, 1); }
static void set_3(struct test *t) { code_set(t), data(t, 3), key(t, 4, true); }
static void resets_keyboard(struct test *t) { streaming(t), data(t, 0xff); }
static void resets_mouse(struct test *t) { streaming(t), to_mouse(t, 0xff); }
static void resolution(struct test *t) { streaming(t), to_mouse(t, 0xe8); }
static void mouse_rate(struct test *t) { streaming(t), to_mouse(t, 0xf3), to_mouse(t, 200), to_mouse(t, 0xf3), to_mouse(t, 100), to_mouse(t, 0xf3); }
static void wheel(struct test *t) { mouse_rate(t), to_mouse(t, 80), move(t, 4); }
static void wraps(struct test *t) { streaming(t), to_mouse(t, 0xee); }
static void remote(struct test *t) { streaming(t), to_mouse(t, 0xf0), to_mouse(t, 0xe7), move(t, 9); }

static void (*const phases[])(struct test *t) = {
    testing, on, streaming, full_of_keys, full_of_movement, both_off, waits_for_data, waits_for_port, waits_for_mouse, waits_for_password, replies,
    leds, rate, code_set, key_types, set_1, set_3, resets_keyboard, resets_mouse, resolution, mouse_rate, wheel, wraps, remote,
};

/* ---- what happens: bytes to each of the three, and a few things more ---- */

enum { MORE = 6, EVENTS = 3 * 256 + MORE };

static void happen(struct test *t, u32 what)
{
    u8 v = (u8)what;
    switch (what >> 8) {
    case 0: command(t, v); return;
    case 1: data(t, v); return;
    case 2: to_mouse(t, v); return;
    }
    switch (what - 3 * 256) {
    case 0: fake_reset(t->m); break;
    case 1: key(t, 0x48, true), key(t, 0x46, true), key(t, 0x46, false); break;
    case 2: move(t, -400), move(t, 399); break;
    case 3: fake_in8(t->m, DATA), fake_in8(t->m, DATA); break;
    case 4: fake_advance(t->m, MS); break;
    default: fake_advance(t->m, 1000 * MS);
    }
}

static void look_at(struct test *t)
{
    if (!(fake_in8(t->m, COMMAND) & OBF))
        assert_false(t->irq1.level || t->irq12.level);
    assert_false(t->irq1.level && t->irq12.level);
    assert_in_range(fake_work_most(t->m), 0, WORK_CALL_MAX);
    fake_take_request(t->m, NULL);
}

static void are_as_new(struct test *t)
{
    int last;
    data(t, 0);                                         /* what the controller, the keyboard, the mouse may have waited for */
    data(t, 0xf5);
    to_mouse(t, 0xff);                                  /* perhaps a parameter; the next is none */
    drain(t, &last);
    to_mouse(t, 0xff);
    drain(t, &last);
    for (u32 k = 0; k < 256; k++)
        key(t, (u8)k, false);
    command(t, 0xaa);
    drain(t, &last);
    assert_int_equal(last, 0x55);
    command(t, 0x60), data(t, 0x07);
    drain(t, &last);
    data(t, 0xff);
    assert_int_equal(drain(t, &last), 2);
    assert_int_equal(last, 0xaa);
    to_mouse(t, 0xff);
    assert_int_equal(drain(t, &last), 3);
    assert_int_equal(last, 0);
    command(t, 0xd1), data(t, 0xcf);
    assert_true(t->a20.level);
}

static void everything_everywhere(void **state)
{
    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(phases); p++)
        for (u32 e = 0; e < EVENTS; e++) {
            struct test t;
            start(&t);
            phases[p](&t);
            look_at(&t);
            happen(&t, e);
            look_at(&t);
            are_as_new(&t);
            fake_free(t.m);
        }
}

static void anything_in_any_order(void **state)
{
    u64 seed = 3;
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct test t;
        start(&t);
        for (int k = 0; k < 300; k++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            u32 dice = (u32)(seed >> 33);
            happen(&t, dice & 0x700 ? dice % EVENTS : 3 * 256 + dice % MORE);
            look_at(&t);
        }
        are_as_new(&t);
        fake_check_all_fields(t.m);
        fake_free(t.m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(everything_everywhere), cmocka_unit_test(anything_in_any_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
