/* f_terminal.c - what a terminal sends, through ncurses, to the guest's keyboard and the menu. The input: a byte for the kind of terminal;
 * then its bytes. */
#include "case.h"
#include "../../gui/terminal/terminal_parts.h"

#ifdef HAVE_NCURSES
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

enum { KEYS_MAX = 600 };

/* ncurses keeps what belongs to a terminal: one for all cases, fed from a pipe. */
struct line { SCREEN *screen; int feed; };

static struct line *terminal_line(void)
{
    static struct line l;
    int ends[2];
    if (l.screen)
        return &l;
    setlocale(LC_CTYPE, "C.UTF-8");
    case_check(pipe(ends) == 0, "no pipe");
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    FILE *in = fdopen(ends[0], "r"), *out = fopen("/dev/null", "w");
    l.screen = newterm("xterm", out, in);
    if (!l.screen)
        l.screen = newterm("vt100", out, in);
    case_check(l.screen, "no terminal description");
    l.feed = ends[1];
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    terminal_keys_open();
    set_escdelay(1);
    return &l;
}

static void check(struct terminal *t)
{
    case_check(memchr(t->notice, 0, sizeof t->notice), "a notice without its end");
    case_check(!t->notice_until || strlen(t->notice) > 3, "a notice that says nothing: '%s'", t->notice);
    case_check(t->menu.rows <= MENU_ROWS && t->menu.at < MENU_ROWS, "row %d of %d", t->menu.at, t->menu.rows);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    struct terminal *t = xcalloc(1, sizeof *t);
    struct gui_command command;
    struct key_stroke stroke;
    case_begin();
    case_quiet();
    struct line *l = terminal_line();
    u8 how = take8(&b);
    size_t n = left(&b) < 2048 ? left(&b) : 2048;
    t->link = link_new();
    t->screen = l->screen;
    t->unicode = how & 1;
    menu_init(&t->menu, t->link);
    link_set_panel(t->link, &(struct panel){ .drive = { { .there = true, .floppy = true, .files = 2 }, { 0 }, { 0 }, { 0 },
                                                        { .there = true, .locked = true } } });
    case_check(write(l->feed, b.at, n) == (ssize_t)n, "the pipe is full");
    timeout(0);
    wint_t c;
    int keys = 0;
    for (int kind = get_wch(&c); kind != ERR; kind = get_wch(&c), keys++) {
        timeout(0);
        if (keys >= KEYS_MAX)                           /* the pipe is emptied all the same */
            continue;
        struct menu_front front = terminal_front(t);
        terminal_key(t, kind, c);
        menu_refresh(&t->menu, &front);
        check(t);
        if (keys % 16 == 0)
            terminal_redraw(t);
        timeout(0);
    }
    while (link_take_stroke(t->link, &stroke)) {
        u8 buttons = 0;
        struct input_event events[KEY_EVENTS_MAX];
        key_stroke_events(&stroke, &buttons, events);
    }
    while (link_take_command(t->link, &command))
        free(command.text);
    link_free(t->link);
    frame_free(&t->frame);
    free(t);
    case_end();
    return 0;
}

#else

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    (void)data;
    (void)size;
    return 0;
}

#endif
