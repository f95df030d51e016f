/* terminal.c - the screen in a terminal (ncurses, wide characters), for machines without a window system.
 * Here: text as text, pictures as coloured half blocks, keys as a US keyboard types them. Ctrl-] then q ends the run,
 * Ctrl-] then d presses Ctrl+Alt+Del, Ctrl-] twice types it; every other key, Ctrl-C included, belongs to the guest.
 * Not here: the mouse; key releases, which terminals do not tell. */
#define _XOPEN_SOURCE_EXTENDED 1
#define _DEFAULT_SOURCE 1
#include "gui.h"
#include <stdio.h>

#ifdef HAVE_NCURSES
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>
#include "cp437.h"
#include "keys.h"

enum { PREFIX = 0x1d /* Ctrl-] */, ESCAPE = 0x1b, ALT_WAIT = 25 /* ms */, LOOK = 15 /* ms */ };
enum { PAIRS = 4096 };                  /* colour pairs in use at most */

struct terminal {
    struct gui_link *link;
    SCREEN *screen;
    struct text_screen text;
    struct frame frame;
    u64 text_seen, frame_seen, status_seen;
    char status[256];
    bool is_text, unicode, colour, prefix;
    bool drew_text;                     /* last time */
    int pairs, pairs_max;
    short pair_of[256][256];            /* [fg][bg]; 0: none yet */
};

/* ---- colours ---- */

static int pair(struct terminal *t, int fg, int bg)
{
    if (!t->colour || (COLORS < 16 && fg == 7 && bg == 0))
        return 0;                       /* 8 colours make one pair more than such terminals have */
    if (!t->pair_of[fg][bg]) {
        if (t->pairs >= t->pairs_max)
            return 0;
        if (init_pair((short)(t->pairs + 1), (short)fg, (short)bg) == ERR)
            return 0;
        t->pair_of[fg][bg] = (short)++t->pairs;
    }
    return t->pair_of[fg][bg];
}

/* Pairs can only be given anew when nothing on the terminal uses them. */
static void pairs_restart(struct terminal *t)
{
    memset(t->pair_of, 0, sizeof t->pair_of);
    t->pairs = 0;
    clearok(stdscr, TRUE);
}

/* A VGA text colour (bit 0 blue, 2 red) in the terminal's numbering (bit 0 red, 2 blue). */
static int ansi(int c) { return (c & 2) | (c & 1) << 2 | (c >> 2 & 1); }

static int text_style(struct terminal *t, u8 attribute, attr_t *style)
{
    int fg = attribute & 15, bg = attribute >> 4 & 7;
    *style = attribute & 0x80 ? A_BLINK : A_NORMAL;
    if (!t->colour) {
        if (bg && !(fg & 7))
            *style |= A_REVERSE;
        if (fg & 8)
            *style |= A_BOLD;
        return 0;
    }
    int colour = ansi(fg & 7);
    if ((fg & 8) && COLORS >= 16)
        colour += 8;
    else if (fg & 8)
        *style |= A_BOLD;
    return pair(t, colour, ansi(bg));
}

/* The nearest colour of the terminal: the 6 x 6 x 6 cube and the greys of 256, or the first 8. */
static int nearest(u32 rgb)
{
    int r = (int)(rgb >> 16 & 255), g = (int)(rgb >> 8 & 255), b = (int)(rgb & 255);
    if (COLORS < 256)
        return (r >= 96 ? 1 : 0) | (g >= 96 ? 2 : 0) | (b >= 96 ? 4 : 0);
    int high = r > g ? r : g, low = r < g ? r : g;
    high = high > b ? high : b, low = low < b ? low : b;
    if (high - low < 10 && low >= 4 && high <= 242)
        return 232 + ((r + g + b) / 3 - 3) / 10;
    int c[3] = { r, g, b };
    for (int k = 0; k < 3; k++)
        c[k] = c[k] < 48 ? 0 : c[k] < 115 ? 1 : (c[k] - 35) / 40;
    return 16 + 36 * c[0] + 6 * c[1] + c[2];
}

/* ---- drawing ---- */

static void put_cell(struct terminal *t, int y, int x, u16 code, attr_t style, int colour_pair)
{
    wchar_t text[2] = { (wchar_t)code, 0 };
    cchar_t cell;
    (void)t;
    setcchar(&cell, text, style, (short)colour_pair, NULL);
    mvadd_wch(y, x, &cell);
}

/* The screen, or the part of it around the cursor if the terminal is smaller. */
static void draw_text(struct terminal *t)
{
    const struct text_screen *s = &t->text;
    int top = 0, left = 0;
    if (s->cursor_row >= LINES)
        top = s->cursor_row - LINES + 1;
    if (s->cursor_column >= COLS)
        left = s->cursor_column - COLS + 1;
    for (int y = 0; y < LINES && y + top < s->rows; y++)
        for (int x = 0; x < COLS && x + left < s->columns; x++) {
            int at = (y + top) * s->columns + x + left;
            attr_t style;
            int colours = text_style(t, s->attribute[at], &style);
            u8 code = s->character[at];
            put_cell(t, y, x, t->unicode ? cp437_unicode(code) : (u16)(u8)cp437_ascii(code), style, colours);
        }
    if (s->cursor_row < 0) {
        curs_set(0);
    } else {
        curs_set(1);
        move(s->cursor_row - top, s->cursor_column - left);
    }
}

/* The mean colour of a rectangle of the picture. */
static u32 mean(const struct frame *f, int x0, int y0, int x1, int y1)
{
    u64 r = 0, g = 0, b = 0, n = 0;
    x1 = x1 > x0 ? x1 : x0 + 1;
    y1 = y1 > y0 ? y1 : y0 + 1;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++, n++) {
            u32 p = f->pixels[(size_t)y * (size_t)f->width + (size_t)x];
            r += p >> 16 & 255, g += p >> 8 & 255, b += p & 255;
        }
    return (u32)(r / n) << 16 | (u32)(g / n) << 8 | (u32)(b / n);
}

/* Each cell shows two pixels, one above the other; they are nearly square. */
static void draw_picture(struct terminal *t)
{
    const struct frame *f = &t->frame;
    i64 width = COLS, height = 2 * LINES;
    if (width * f->height > height * f->width)
        width = height * f->width / f->height;
    else
        height = width * f->height / f->width;
    if (width < 1 || height < 2)
        return;
    if (t->pairs > t->pairs_max / 2)
        pairs_restart(t);
    for (int y = 0; y + 1 < height; y += 2)
        for (int x = 0; x < width; x++) {
            int x0 = (int)(x * f->width / width), x1 = (int)((x + 1) * f->width / width);
            int y0 = (int)(y * f->height / height), y1 = (int)((y + 1) * f->height / height);
            int y2 = (int)((y + 2) * f->height / height);
            int above = nearest(mean(f, x0, y0, x1, y1)), below = nearest(mean(f, x0, y1, x1, y2));
            put_cell(t, y / 2, x, 0x2580, A_NORMAL, pair(t, above, below));
        }
    curs_set(0);
}

static void redraw(struct terminal *t)
{
    erase();
    if (t->is_text != t->drew_text)
        pairs_restart(t);
    t->drew_text = t->is_text;
    if (t->is_text) {
        draw_text(t);
    } else if (t->frame_seen && t->colour && t->unicode) {
        draw_picture(t);
    } else if (t->frame_seen) {
        mvprintw(0, 0, "The guest shows a picture (%d x %d), which this terminal cannot. Ctrl-] q ends.",
                 t->frame.width, t->frame.height);
        curs_set(0);
    }
    if (*t->status && t->is_text && LINES > t->text.rows) {       /* only below the guest's screen */
        int y, x;
        getyx(stdscr, y, x);
        mvaddnstr(LINES - 1, 0, t->status, COLS - 1);
        move(y, x);
    }
    refresh();
}

static void look(struct terminal *t, bool force)
{
    bool newer = link_text(t->link, &t->text, &t->is_text, &t->text_seen);
    if (!t->is_text && link_frame(t->link, &t->frame, &t->frame_seen))
        newer = true;
    if (link_take_status(t->link, t->status, sizeof t->status, &t->status_seen))
        newer = true;
    if (newer || force)
        redraw(t);
}

/* ---- keys ---- */

static void send(struct terminal *t, struct key_stroke stroke)
{
    struct input_event e[KEY_EVENTS_MAX];
    int n = key_stroke_events(&stroke, e);
    for (int k = 0; k < n; k++)
        link_input(t->link, &e[k]);
}

static void send_character(struct terminal *t, int c, u8 with)
{
    struct key_stroke stroke;
    if (c == 0) {
        stroke = (struct key_stroke) { HID_SPACE, KEY_WITH_CTRL };
    } else if (c < 32 && c != '\r' && c != '\n' && c != '\t' && c != '\b' && c != ESCAPE) {
        if (!key_of_character(c <= 26 ? c - 1 + 'a' : "\\]^_"[c - 28], &stroke))    /* a control character */
            return;
        stroke.with |= KEY_WITH_CTRL;
    } else if (!key_of_character(c, &stroke)) {
        return;                         /* not on a US keyboard */
    }
    stroke.with |= with;
    send(t, stroke);
}

/* Keys that ncurses knows by name. Shifted function keys follow the unshifted: terminfo, user_caps(5). */
static bool named_key(int code, struct key_stroke *out)
{
    static const struct { int code; u8 key, with; } row[] = {
        { KEY_UP, HID_UP, 0 }, { KEY_DOWN, HID_DOWN, 0 }, { KEY_LEFT, HID_LEFT, 0 }, { KEY_RIGHT, HID_RIGHT, 0 },
        { KEY_HOME, HID_HOME, 0 }, { KEY_END, HID_END, 0 }, { KEY_PPAGE, HID_PAGE_UP, 0 },
        { KEY_NPAGE, HID_PAGE_DOWN, 0 },
        { KEY_IC, HID_INSERT, 0 }, { KEY_DC, HID_DELETE, 0 }, { KEY_BACKSPACE, HID_BACKSPACE, 0 },
        { KEY_ENTER, HID_KEYPAD_ENTER, 0 }, { KEY_BTAB, HID_TAB, KEY_WITH_SHIFT },
        { KEY_SLEFT, HID_LEFT, KEY_WITH_SHIFT }, { KEY_SRIGHT, HID_RIGHT, KEY_WITH_SHIFT },
        { KEY_SR, HID_UP, KEY_WITH_SHIFT }, { KEY_SF, HID_DOWN, KEY_WITH_SHIFT },
        { KEY_SHOME, HID_HOME, KEY_WITH_SHIFT }, { KEY_SEND, HID_END, KEY_WITH_SHIFT },
        { KEY_SDC, HID_DELETE, KEY_WITH_SHIFT },
        { KEY_B2, 0x5d, 0 },
    };
    static const u8 with[] = { 0, KEY_WITH_SHIFT, KEY_WITH_CTRL, KEY_WITH_CTRL | KEY_WITH_SHIFT, KEY_WITH_ALT };
    for (size_t k = 0; k < ARRAY_LEN(row); k++)
        if (row[k].code == code) {
            *out = (struct key_stroke) { row[k].key, row[k].with };
            return true;
        }
    int f = code - KEY_F(1);
    if (f < 0 || f / 12 >= (int)ARRAY_LEN(with))
        return false;
    *out = (struct key_stroke) { (u8)(HID_F1 + f % 12), with[f / 12] };
    return true;
}

/* After Ctrl-]. */
static void command(struct terminal *t, wint_t c)
{
    t->prefix = false;
    if (c == 'q' || c == 'Q')
        link_stop(t->link);
    else if (c == 'd' || c == 'D')
        send(t, (struct key_stroke) { HID_DELETE, KEY_WITH_CTRL | KEY_WITH_ALT });
    else if (c == PREFIX)
        send_character(t, PREFIX, 0);
    else
        beep();
}

/* Escape by itself, or Alt with the key that follows at once. */
static void escape(struct terminal *t)
{
    struct key_stroke stroke;
    wint_t next;
    timeout(ALT_WAIT);
    int kind = get_wch(&next);
    timeout(LOOK);
    if (kind == OK) {
        send_character(t, (int)next, KEY_WITH_ALT);
    } else if (kind == KEY_CODE_YES && named_key((int)next, &stroke)) {
        stroke.with |= KEY_WITH_ALT;
        send(t, stroke);
    } else {
        send_character(t, ESCAPE, 0);
    }
}

/* True if the terminal's size changed. */
static bool key(struct terminal *t, int kind, wint_t c)
{
    struct key_stroke stroke;
    if (kind == KEY_CODE_YES && c == KEY_RESIZE)
        return true;
    if (t->prefix)
        command(t, kind == OK ? c : 0);
    else if (kind == KEY_CODE_YES && named_key((int)c, &stroke))
        send(t, stroke);
    else if (kind == OK && c == PREFIX)
        t->prefix = true;
    else if (kind == OK && c == ESCAPE)
        escape(t);
    else if (kind == OK)
        send_character(t, c < 128 ? (int)c : -1, 0);
    return false;
}

/* ---- life ---- */

static void restore(void)
{
    if (!isendwin())
        endwin();
}

/* The run ends by a signal: give the terminal back first. */
static void fatal(int number)
{
    restore();
    signal(number, SIG_DFL);
    raise(number);
}

static bool terminal_open(struct terminal *t, char *error, size_t n)
{
    static const int fatal_signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGHUP, SIGTERM, SIGQUIT };
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        snprintf(error, n, "no terminal display: standard input and output are not a terminal");
        return false;
    }
    setlocale(LC_CTYPE, "");
    t->screen = newterm(NULL, stdout, stdin);
    if (!t->screen) {
        const char *name = getenv("TERM");
        snprintf(error, n, "no terminal display: terminal type '%s' is unknown (set TERM)", name ? name : "");
        return false;
    }
    atexit(restore);
    for (size_t k = 0; k < ARRAY_LEN(fatal_signals); k++)
        signal(fatal_signals[k], fatal);
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(ALT_WAIT);
    timeout(LOOK);
    t->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
    t->colour = has_colors() && start_color() != ERR && COLORS >= 8;
    t->pairs_max = COLOR_PAIRS - 1 < PAIRS ? COLOR_PAIRS - 1 : PAIRS;
    return true;
}

static void terminal_close(struct terminal *t)
{
    static const int fatal_signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGHUP, SIGTERM, SIGQUIT };
    restore();
    for (size_t k = 0; k < ARRAY_LEN(fatal_signals); k++)
        signal(fatal_signals[k], SIG_DFL);
    delscreen(t->screen);
}

bool terminal_run(struct gui_link *l, char *error, size_t n)
{
    struct terminal *t = xcalloc(1, sizeof *t);
    t->link = l;
    bool opened = terminal_open(t, error, n);
    while (opened && !link_ended(l)) {
        wint_t c;
        bool resized = false;
        for (int kind = get_wch(&c); kind != ERR && !link_stopped(l); kind = get_wch(&c)) {
            resized |= key(t, kind, c);
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
