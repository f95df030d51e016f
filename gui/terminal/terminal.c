/* terminal.c - the screen in a terminal (ncurses, wide characters), for machines without a window system.
 * Here: its life. terminal_draw.c draws, terminal_keys.c types. Ctrl-] opens the menu (terminal_menu.c), where
 * letters are short ways (prefix_key); every other key, Ctrl-C included, belongs to the guest. Not here: the mouse;
 * key releases, which terminals do not tell. */
#include "terminal_parts.h"
#include "terminal.h"
#include <stdarg.h>
#include <stdio.h>

#ifdef HAVE_NCURSES
#include "../../host/clock.h"
#include "../../host/console.h"
#include "../../host/handle.h"
#include "../../host/signals.h"
#include <term.h>

enum { PAIRS = 4096 };                  /* colour pairs in use at most */
enum { NOTICE_MS = 6000, TYPING_MANY = 30 };

u64 terminal_ms(void) { return host_ms(); }

void terminal_notice(struct terminal *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(t->notice, sizeof t->notice, format, arguments);
    va_end(arguments);
    t->notice_until = terminal_ms() + NOTICE_MS;
}

/* Is there anything new to show? A short queue of keys is no news. */
static void look(struct terminal *t, bool force)
{
    u64 until = t->notice_until;
    size_t typing = link_typing(t->link);
    bool newer = link_text(t->link, &t->text, &t->is_text, &t->text_seen) || force;
    if (!t->is_text && link_frame(t->link, &t->frame, &t->frame_seen))
        newer = true;
    if (link_take_status(t->link, t->status, sizeof t->status, &t->status_seen))
        newer = true;
    struct menu_front front = terminal_front(t);
    if (link_panel(t->link, &t->panel, &t->panel_seen))
        newer = true;
    if (menu_refresh(&t->menu, &front))
        newer = true;
    typing = typing < TYPING_MANY && !t->typing ? 0 : typing;
    newer |= typing != t->typing;
    t->typing = typing;
    if (until != t->notice_drawn || (until && terminal_ms() >= until)) {
        newer = true;
        if (terminal_ms() >= until)
            t->notice_until = 0;
        t->notice_drawn = t->notice_until;
    }
    if (newer)
        terminal_redraw(t);
}

/* ---- life ---- */

static void restore(void)
{
    if (isendwin())
        return;
    terminal_keys_close();
    endwin();
}

/* The run ends by a signal: give the terminal back first. */
static void fatal(int number)
{
    restore();
    signals_die_of(number);
}

/* For who ends the program while this thread cannot: as endwin() and terminal_keys_close() would. */
static void tell_restore(struct gui_link *l)
{
    static const char *const names[] = { "rmkx", "cnorm", "sgr0", "rmcup" };
    char text[256] = "\033[?2004l";
    size_t n = strlen(text);
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        const char *c = tigetstr(names[k]);
        if (!c || c == (char *)-1)
            continue;
        for (; *c && n < sizeof text - 1; c++) {
            if (c[0] == '$' && c[1] == '<' && strchr(c, '>'))
                c = strchr(c, '>');             /* padding of old terminals */
            else
                text[n++] = *c;
        }
        text[n] = 0;
    }
    link_set_restore(l, text);
}

static bool terminal_open(struct terminal *t, char *error, size_t n)
{
    if (!handle_is_terminal(handle_standard(STANDARD_INPUT)) || !handle_is_terminal(handle_standard(STANDARD_OUTPUT))) {
        snprintf(error, n, "no terminal display: standard input and output are not a terminal");
        return false;
    }
    t->unicode = console_speaks_utf8();
    t->screen = newterm(NULL, stdout, stdin);
    if (!t->screen) {
        const char *name = getenv("TERM");
        snprintf(error, n, "no terminal display: terminal type '%s' is unknown (set TERM)", name ? name : "");
        return false;
    }
    atexit(restore);
    signals_before_death(fatal);
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    terminal_keys_open();
    tell_restore(t->link);
    timeout(LOOK);
    t->colour = has_colors() && start_color() != ERR && COLORS >= 8;
    t->pairs_max = COLOR_PAIRS - 1 < PAIRS ? COLOR_PAIRS - 1 : PAIRS;
    return true;
}

/* The debugger's prompt has the terminal for a while. */
static void lend(struct terminal *t)
{
    restore();
    link_set_restore(t->link, "");
    link_lend_terminal(t->link);
    if (link_ended(t->link) || link_stopped(t->link))
        return;
    tell_restore(t->link);
    terminal_keys_open();
    clearok(stdscr, TRUE);
    look(t, true);
}

static void terminal_close(struct terminal *t)
{
    restore();
    link_set_restore(t->link, "");
    signals_before_death(NULL);
    delscreen(t->screen);
}

bool terminal_run(struct gui_link *l, char *error, size_t n)
{
    struct terminal *t = xcalloc(1, sizeof *t);
    t->link = l;
    menu_init(&t->menu, l);
    bool opened = terminal_open(t, error, n);
    terminal_notice(t, "Keys go to the guest, Ctrl-C too. Ctrl-] opens the menu, Ctrl-] q ends Vitrine");
    if (opened)
        link_shows(l, true);
    while (opened && !link_ended(l)) {
        if (link_terminal_wanted(l))
            lend(t);
        wint_t c;
        bool resized = false;
        for (int kind = get_wch(&c); kind != ERR && !link_stopped(l); kind = get_wch(&c)) {
            if (kind == KEY_CODE_YES && c == KEY_RESIZE)
                resized = true;
            else
                resized |= terminal_key(t, kind, c);
            timeout(0);
        }
        timeout(LOOK);
        look(t, resized);
    }
    if (opened)
        terminal_close(t);
    frame_free(&t->frame);
    free(t);
    return opened;
}

#else

bool terminal_run(struct gui_link *l, char *error, size_t n)
{
    (void)l;
    snprintf(error, n, "no terminal display: this build has no ncurses");
    return false;
}

#endif
