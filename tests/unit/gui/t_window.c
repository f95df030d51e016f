/* t_window.c - the window's own keys, its menu, files dropped on it and its closing, with SDL's dummy driver: events go in as
 * SDL would bring them, commands come out of the link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../gui/gui.h"
#include "../../../gui/window/sdl.h"

#ifdef HAVE_SDL2
#define SDL_MAIN_HANDLED
#include <SDL.h>

enum { TRIES = 2000 };                  /* of 5 ms: how long the other thread may take; far more than it needs */

struct bench {
    struct gui_link *link;
    SDL_Thread *window;
    bool opened;
    char error[200];
};

static int run_window(void *to)
{
    struct bench *b = to;
    b->opened = sdl_run(b->link, false, b->error, sizeof b->error);
    return 0;
}

static void fail_if_not_opened(struct bench *b)
{
    if (!b->opened)
        fail_msg("no window: %s", b->error);
}

/* The setting stays for as long as the program runs. */
static int start(void **state)
{
    static char driver[] = "SDL_VIDEODRIVER=dummy";
    struct bench *b = xcalloc(1, sizeof *b);
    putenv(driver);
    b->link = link_new();
    b->window = SDL_CreateThread(run_window, "window", b);
    for (int k = 0; k < TRIES && !SDL_WasInit(SDL_INIT_VIDEO); k++)
        usleep(5000);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    link_end(b->link);
    SDL_WaitThread(b->window, NULL);
    fail_if_not_opened(b);
    SDL_Quit();
    link_free(b->link);
    free(b);
    return 0;
}

static void press(SDL_Scancode key, SDL_Keymod mod)
{
    SDL_Event e = { .key = { .type = SDL_KEYDOWN, .keysym = { .scancode = key, .mod = (Uint16)mod } } };
    SDL_PushEvent(&e);
    e.type = SDL_KEYUP;
    SDL_PushEvent(&e);
}

static void own(SDL_Scancode key) { press(key, (SDL_Keymod)(KMOD_LCTRL | KMOD_LALT)); }

static void drop(const char *file)
{
    SDL_Event e = { .drop = { .type = SDL_DROPFILE, .file = SDL_strdup(file) } };
    SDL_PushEvent(&e);
}

/* The next command; fails if none comes. */
static void expect(struct bench *b, enum command_kind kind, int drive, const char *text)
{
    struct gui_command c;
    for (int k = 0; k < TRIES; k++) {
        if (link_take_command(b->link, &c)) {
            assert_int_equal(c.kind, kind);
            if (drive >= 0)
                assert_int_equal(c.drive, drive);
            if (text)
                assert_string_equal(c.text, text);
            free(c.text);
            return;
        }
        usleep(5000);
    }
    fail_msg("the window sent no command");
}

/* The next key; fails if none comes. */
static void expect_key(struct bench *b, u8 key, bool down)
{
    struct input_event e;
    for (int k = 0; k < TRIES; k++) {
        if (link_take_input(b->link, &e)) {
            assert_int_equal(e.kind, INPUT_KEY);
            assert_int_equal(e.key, key);
            assert_int_equal(e.down, down);
            return;
        }
        usleep(5000);
    }
    fail_msg("the window sent no key");
}

static void keys(void **state)
{
    struct bench *b = *state;
    struct input_event e;
    own(SDL_SCANCODE_S);
    expect(b, COMMAND_SCREENSHOT, -1, NULL);
    own(SDL_SCANCODE_A);
    expect(b, COMMAND_NEXT, 0, NULL);
    own(SDL_SCANCODE_B);
    expect(b, COMMAND_NEXT, 1, NULL);
    own(SDL_SCANCODE_C);
    expect(b, COMMAND_NEXT, 4, NULL);
    assert_false(link_take_input(b->link, &e));             /* none of them was the guest's */
    own(SDL_SCANCODE_T);                                    /* and this one is */
    expect_key(b, SDL_SCANCODE_T, true);
    expect_key(b, SDL_SCANCODE_T, false);
}

/* The menu takes the keys, the guest gets none; then it gets them again. */
static void menu(void **state)
{
    struct bench *b = *state;
    struct input_event e;
    own(SDL_SCANCODE_M);
    press(SDL_SCANCODE_HOME, KMOD_NONE);
    press(SDL_SCANCODE_RETURN, KMOD_NONE);                  /* with no drives the first row is Pause */
    expect(b, COMMAND_PAUSE, -1, NULL);
    assert_false(link_take_input(b->link, &e));
    press(SDL_SCANCODE_X, KMOD_NONE);
    expect_key(b, SDL_SCANCODE_X, true);
    expect_key(b, SDL_SCANCODE_X, false);
    own(SDL_SCANCODE_M);
    press(SDL_SCANCODE_DOWN, KMOD_NONE);
    press(SDL_SCANCODE_RETURN, KMOD_NONE);
    expect(b, COMMAND_RESET, -1, NULL);
    own(SDL_SCANCODE_M);
    own(SDL_SCANCODE_M);                                    /* the same key closes it */
    press(SDL_SCANCODE_Y, KMOD_NONE);
    expect_key(b, SDL_SCANCODE_Y, true);
}

static void files(void **state)
{
    struct bench *b = *state;
    drop("/tmp/disk two.img");
    expect(b, COMMAND_DROP, -1, "/tmp/disk two.img");
}

static void clipboard(void **state)
{
    struct bench *b = *state;
    SDL_SetClipboardText("dir\n");
    own(SDL_SCANCODE_V);
    expect(b, COMMAND_PASTE, -1, "dir\n");
}

static void closed_twice(void **state)
{
    struct bench *b = *state;
    SDL_Event e = { .window = { .type = SDL_WINDOWEVENT, .event = SDL_WINDOWEVENT_CLOSE } };
    SDL_PushEvent(&e);
    SDL_PushEvent(&(SDL_Event){ .type = SDL_QUIT });        /* as SDL sends it behind */
    expect(b, COMMAND_POWER, -1, NULL);
    assert_false(link_stopped(b->link));
    SDL_PushEvent(&e);
    for (int k = 0; k < TRIES && !link_stopped(b->link); k++)
        usleep(5000);
    assert_true(link_stopped(b->link));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(keys), TEST(menu), TEST(files), TEST(clipboard), TEST(closed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    puts("skipped: this build has no SDL2");
    return 77;
}

#endif
