/* terminal_menu.c - see terminal_menu.h. */
#define _XOPEN_SOURCE_EXTENDED 1
#define _DEFAULT_SOURCE 1
#include "terminal_menu.h"
#include <stdio.h>

#ifdef HAVE_NCURSES
#include <curses.h>

enum { WIDTH = 66, BORDERS = 2, CONTROL_H = 8, ESCAPE = 27, DELETE = 127 };

static int least(int a, int b) { return a < b ? a : b; }

/* Text in a field of that width, cut at its beginning if `end` counts. UTF-8 is passed on as it is: names are few. */
static void field(int y, int x, int width, const char *text, bool end)
{
    size_t n = strlen(text);
    if (width <= 0)
        return;
    if (end && n > (size_t)width)
        text += n - (size_t)width;
    mvaddnstr(y, x, text, width);
}

static void draw_row(const struct menu *m, const struct menu_row *row, int y, int x, int width, bool chosen)
{
    int note = (int)strlen(row->note);
    (void)m;
    if (row->line) {
        mvhline(y, x, ACS_HLINE, width);
        return;
    }
    attrset(chosen ? A_REVERSE : row->enabled ? A_NORMAL : A_DIM);
    mvhline(y, x, ' ', width);
    field(y, x + 1, 1, row->ticked ? "*" : " ", false);
    field(y, x + 3, width - 6 - (note ? note + 1 : 0), row->text, false);
    field(y, x + width - 2 - note, note, row->note, false);
    if (row->more)
        mvaddch(y, x + width - 1, '>');
    attrset(A_NORMAL);
}

static void frame_box(int y, int x, int height, int width)
{
    for (int k = 0; k < height; k++)
        mvhline(y + k, x, ' ', width);
    mvhline(y, x, ACS_HLINE, width);
    mvhline(y + height - 1, x, ACS_HLINE, width);
    mvvline(y, x, ACS_VLINE, height);
    mvvline(y, x + width - 1, ACS_VLINE, height);
    mvaddch(y, x, ACS_ULCORNER);
    mvaddch(y, x + width - 1, ACS_URCORNER);
    mvaddch(y + height - 1, x, ACS_LLCORNER);
    mvaddch(y + height - 1, x + width - 1, ACS_LRCORNER);
}

/* A terminal with fewer lines than the menu shows the part around the choice. */
void terminal_menu_draw(const struct menu *m, bool unicode)
{
    char title[MENU_TEXT];
    int head = m->page == PAGE_FILE, rows = m->page == PAGE_FILE ? MENU_VISIBLE : menu_visible(m);
    int width = least(WIDTH, COLS), height = least(rows + head + BORDERS + 1, LINES), room = height - head - BORDERS - 1;
    int y = (LINES - height) / 2, x = (COLS - width) / 2, first = m->top, cursor_x = 0;
    (void)unicode;                      /* curses knows how to draw its lines */
    if (width < 20 || room < 1)
        return;
    attrset(A_NORMAL);
    frame_box(y, x, height, width);
    menu_title(m, title, sizeof title);
    attrset(A_BOLD);
    mvprintw(y, x + 2, " %.*s ", width - 6, title);
    attrset(A_NORMAL);
    if (head) {
        attrset(m->at < 0 ? A_REVERSE : A_NORMAL);
        mvhline(y + 1, x + 1, ' ', width - 2);
        field(y + 1, x + 2, 6, "File:", false);
        field(y + 1, x + 8, width - 11, m->path, true);
        cursor_x = x + 8 + least((int)strlen(m->path), width - 11);
        attrset(A_NORMAL);
    }
    if (m->at >= first + room)
        first = m->at - room + 1;
    for (int k = 0; k < room && first + k < m->rows; k++)
        draw_row(m, &m->row[first + k], y + 1 + head + k, x + 1, width - 2, first + k == m->at);
    if (first + room < m->rows)
        field(y + height - 1, x + width - 9, 6, " more ", false);
    attrset(A_DIM);
    field(y + height - 2, x + 2, width - 4, menu_hint(m), false);
    attrset(A_NORMAL);
    curs_set(head && m->at < 0 ? 1 : 0);
    if (head)
        move(y + 1, cursor_x);
}

enum menu_act terminal_menu_key(struct menu *m, unsigned c, bool named)
{
    static const struct { int code; enum menu_key key; } keys[] = {
        { KEY_UP, MENU_UP }, { KEY_DOWN, MENU_DOWN }, { KEY_PPAGE, MENU_PAGE_UP }, { KEY_NPAGE, MENU_PAGE_DOWN },
        { KEY_HOME, MENU_HOME }, { KEY_END, MENU_END }, { KEY_ENTER, MENU_ENTER }, { KEY_BACKSPACE, MENU_ERASE },
        { KEY_LEFT, MENU_BACK },
    };
    for (size_t k = 0; named && k < ARRAY_LEN(keys); k++)
        if (keys[k].code == (int)c)
            return menu_key(m, keys[k].key);
    if (named && c == KEY_RIGHT && m->at >= 0 && m->row[m->at].more)
        return menu_key(m, MENU_ENTER);
    if (named)
        return MENU_NOTHING;
    switch (c) {
    case '\r': case '\n':         return menu_key(m, MENU_ENTER);
    case ESCAPE:                  return menu_key(m, MENU_BACK);
    case '\t':                    return menu_key(m, MENU_TAB);
    case DELETE: case CONTROL_H:  return menu_key(m, MENU_ERASE);
    }
    if (c < 0x80) {
        menu_type(m, (int)c);
    } else {                            /* as the file system spells it: UTF-8 */
        char text[8];
        mbstate_t state = { 0 };
        size_t n = wcrtomb(text, (wchar_t)c, &state);
        for (size_t k = 0; n != (size_t)-1 && k < n; k++)
            menu_type(m, (u8)text[k]);
    }
    return MENU_NOTHING;
}

#endif
