/* terminal_draw.c - what the terminal display shows: text as text, pictures as coloured half blocks, a status line. */
#include "terminal_parts.h"
#include "../overlay.h"

#ifdef HAVE_NCURSES
#include "../../iodev/session/cp437.h"
#include <stdio.h>

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
    i64 width = COLS, height = 2 * (LINES - 1);      /* the last line is the status */
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

/* ---- the status line ---- */

/* Below the guest's screen, or over its last line while there is something new to say. */
static bool shows_status(const struct terminal *t)
{
    return (!t->no_status_line && (!t->is_text || LINES > t->text.rows)) || terminal_ms() < t->notice_until;
}

static void draw_status(struct terminal *t)
{
    static const char usual[] = "Ctrl-] for the menu";
    char typing[80] = "", panel[160];
    int y, x, width = COLS;
    bool notice = terminal_ms() < t->notice_until;
    getyx(stdscr, y, x);
    if (t->typing)
        snprintf(typing, sizeof typing, "typing, %zu to go (Ctrl-] x drops them)", t->typing);
    const char *text = notice ? t->notice : *typing ? typing : *t->status ? t->status : usual;
    status_text(&t->panel, panel, sizeof panel);
    attrset(A_REVERSE);
    mvhline(LINES - 1, 0, ' ', width);
    mvaddnstr(LINES - 1, 1, text, width - 2);
    int right = width - 1 - (int)strlen(panel);
    if (right > (int)strlen(text) + 3)
        mvaddstr(LINES - 1, right, panel);
    attrset(A_NORMAL);
    move(y, x);
}

void terminal_redraw(struct terminal *t)
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
        mvprintw(0, 0, "The guest shows a picture (%d x %d), which this terminal cannot.", t->frame.width, t->frame.height);
        curs_set(0);
    }
    if (shows_status(t))
        draw_status(t);
    if (t->menu.open)
        terminal_menu_draw(&t->menu, t->unicode);
    refresh();
}

#endif
