/* overlay.c - see overlay.h. Plain pixels, so that a test can look at them. */
#include "overlay.h"
#include "font.h"
#include <stdio.h>

static const u32 PAPER = 0xff20242c, EDGE = 0xff5a6472, INK = 0xffe4e8ee, FAINT = 0xff8b95a3, CHOSEN = 0xff2f5d9b, HEAD = 0xff343b47;
static const u32 STRIP = 0xff1c1f25, LAMP_OFF = 0xff3a4048, LAMP_FLOPPY = 0xffffc04d, LAMP_DISK = 0xffff6a4d, LAMP_CD = 0xff6ab8ff,
                 LAMP_KEYS = 0xff6fe08a, WARM = 0xffffd479;
enum { PAD = 8, ROW = FONT_HEIGHT + 2 };

static void fill(const struct canvas *c, int x, int y, int width, int height, u32 colour)
{
    for (int j = y < 0 ? 0 : y; j < y + height && j < c->height; j++)
        for (int i = x < 0 ? 0 : x; i < x + width && i < c->width; i++)
            c->pixels[(size_t)j * (size_t)c->width + (size_t)i] = colour;
}

static void letter(const struct canvas *c, int x, int y, int code, u32 colour)
{
    for (int j = 0; j < FONT_HEIGHT; j++) {
        u8 row = font_row(code, j);
        for (int i = 0; i < FONT_WIDTH; i++)
            if (row & 0x80 >> i && x + i >= 0 && x + i < c->width && y + j >= 0 && y + j < c->height)
                c->pixels[(size_t)(y + j) * (size_t)c->width + (size_t)(x + i)] = colour;
    }
}

/* Characters of UTF-8 that are not ASCII show as one '?'. */
static int letters_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((u8)*text & 0xc0) != 0x80;
    return n;
}

/* At most `most` letters; a longer text ends in dots. The x behind it. */
static int write_text(const struct canvas *c, int x, int y, const char *text, int most, u32 colour)
{
    int n = letters_of(text), at = 0;
    for (; *text && at < most; text++) {
        if (((u8)*text & 0xc0) == 0x80)
            continue;
        letter(c, x + at * FONT_WIDTH, y, n > most && at == most - 1 ? FONT_DOTS : (u8)*text & 0x80 ? '?' : *text, colour);
        at++;
    }
    return x + at * FONT_WIDTH;
}

/* The end of a text, where that is what counts. */
static int write_end(const struct canvas *c, int x, int y, const char *text, int most, u32 colour)
{
    size_t n = strlen(text);
    return write_text(c, x, y, n > (size_t)most ? text + n - (size_t)most : text, most, colour);
}

/* ---- the menu ---- */

static int head_rows(const struct menu *m) { return m->page == PAGE_FILE ? 2 : 1; }

void menu_size(const struct menu *m, int *width, int *height)
{
    int rows = m->page == PAGE_FILE ? MENU_VISIBLE : menu_visible(m);
    *width = MENU_COLUMNS * FONT_WIDTH + 2 * PAD;
    *height = (head_rows(m) + rows + 1) * ROW + 3 * PAD;
}

static int rows_top(const struct menu *m) { return head_rows(m) * ROW + PAD + PAD / 2; }

int menu_row_at(const struct menu *m, int x, int y)
{
    int width, height, k = (y - rows_top(m)) / ROW;
    menu_size(m, &width, &height);
    if (x < 0 || x >= width || y < rows_top(m) || k >= menu_visible(m))
        return -1;
    return m->top + k;
}

static void draw_row(const struct menu *m, const struct canvas *c, const struct menu_row *row, int y, bool chosen)
{
    u32 ink = row->enabled ? INK : FAINT;
    int note = letters_of(row->note), most = MENU_COLUMNS - 4 - (note ? note + 1 : 0);
    (void)m;
    if (row->line) {
        fill(c, PAD, y + ROW / 2, c->width - 2 * PAD, 1, EDGE);
        return;
    }
    if (chosen)
        fill(c, 2, y, c->width - 4, ROW, CHOSEN);
    if (row->ticked)
        letter(c, PAD, y + 1, FONT_TICK, LAMP_KEYS);
    write_text(c, PAD + 2 * FONT_WIDTH, y + 1, row->text, most, ink);
    write_text(c, c->width - PAD - (note + 2) * FONT_WIDTH, y + 1, row->note, note, FAINT);
    if (row->more)
        letter(c, c->width - PAD - FONT_WIDTH, y + 1, FONT_ARROW, ink);
}

void menu_draw(const struct menu *m, const struct canvas *c)
{
    char title[MENU_TEXT];
    int y = rows_top(m);
    fill(c, 0, 0, c->width, c->height, EDGE);
    fill(c, 1, 1, c->width - 2, c->height - 2, PAPER);
    fill(c, 1, 1, c->width - 2, ROW + PAD / 2, HEAD);
    menu_title(m, title, sizeof title);
    write_text(c, PAD, PAD / 2, title, MENU_COLUMNS, INK);
    if (m->page == PAGE_FILE) {
        if (m->at < 0)
            fill(c, 2, ROW + PAD, c->width - 4, ROW, CHOSEN);
        int x = write_text(c, PAD, ROW + PAD + 1, "File: ", 6, FAINT);
        x = write_end(c, x, ROW + PAD + 1, m->path, MENU_COLUMNS - 8, INK);
        fill(c, x, ROW + PAD + 2, 2, FONT_HEIGHT - 2, INK);
    }
    for (int k = 0; k < menu_visible(m); k++)
        draw_row(m, c, &m->row[m->top + k], y + k * ROW, m->top + k == m->at);
    if (m->top)
        letter(c, c->width - FONT_WIDTH - 1, y - 2, '^', WARM);
    if (m->top + menu_visible(m) < m->rows)
        write_text(c, PAD, c->height - 2 * ROW - PAD / 2, "more below", 10, WARM);
    fill(c, PAD, c->height - ROW - PAD / 2 - 1, c->width - 2 * PAD, 1, EDGE);
    write_text(c, PAD, c->height - ROW - 1, menu_hint(m), MENU_COLUMNS, FAINT);
}

/* ---- the status line ---- */

/* A lamp and its name, from right to left; the x before it. */
static int lamp(const struct canvas *c, int x, bool on, u32 colour, const char *name)
{
    int n = letters_of(name);
    x -= n * FONT_WIDTH;
    write_text(c, x, 2, name, n, on ? INK : FAINT);
    x -= 11;
    fill(c, x, 6, 8, 8, on ? colour : LAMP_OFF);
    return x - 7;
}

static void mode_text(const struct panel *p, char *text, size_t n)
{
    const char *state = p->halted ? ", halted for good" : p->paused ? ", paused" : "";
    if (p->width)
        snprintf(text, n, "%d x %d%s%s", p->width, p->height, p->text ? " text" : "", state);
    else
        snprintf(text, n, "no picture%s", state);
}

void status_draw(const struct panel *p, bool captured, const char *message, const struct canvas *c)
{
    static const struct { u8 bit; const char *name; } leds[] = { { 1, "Scrl" }, { 4, "Caps" }, { 2, "Num" } };
    bool floppy = false, cd = false;
    char mode[64];
    int x = c->width - PAD;
    fill(c, 0, 0, c->width, c->height, STRIP);
    for (size_t k = 0; k < ARRAY_LEN(leds); k++)
        x = lamp(c, x, p->leds & leds[k].bit, LAMP_KEYS, leds[k].name);
    x -= PAD;
    for (int k = 0; k < PANEL_DRIVES; k++) {
        floppy |= p->drive[k].there && p->drive[k].floppy;
        cd |= p->drive[k].there && !p->drive[k].floppy;
    }
    if (cd)
        x = lamp(c, x, p->cd_lamp, LAMP_CD, "CD");
    x = lamp(c, x, p->disk_lamp, LAMP_DISK, "HD");
    if (floppy)
        x = lamp(c, x, p->floppy_lamp, LAMP_FLOPPY, "FD");
    x -= PAD + letters_of(p->speed) * FONT_WIDTH;
    write_text(c, x, 2, p->speed, (int)sizeof p->speed, FAINT);
    if (*message) {
        if (PAD + letters_of(message) * FONT_WIDTH > x - PAD)       /* it needs the whole line */
            fill(c, 0, 0, c->width, c->height, STRIP);
        write_text(c, PAD, 2, message, (c->width - 2 * PAD) / FONT_WIDTH, WARM);
        return;
    }
    mode_text(p, mode, sizeof mode);
    int after = write_text(c, PAD, 2, mode, (x - 2 * PAD) / FONT_WIDTH, p->paused || p->halted ? WARM : INK);
    if (captured && after + 12 * FONT_WIDTH < x)
        write_text(c, after + 2 * FONT_WIDTH, 2, "mouse", 5, LAMP_KEYS);
}

void status_text(const struct panel *p, char *text, size_t n)
{
    char mode[64];
    mode_text(p, mode, sizeof mode);
    snprintf(text, n, "%s  %s%s%s %s%s%s %s", mode, p->floppy_lamp ? "FD" : "  ", p->disk_lamp ? " HD" : "   ",
             p->cd_lamp ? " CD" : "   ", p->leds & 2 ? "Num " : "    ", p->leds & 4 ? "Caps " : "     ",
             p->leds & 1 ? "Scrl" : "    ", p->speed);
}

/* ---- the picture ---- */

void picture_shape(const struct frame *f, int *width, int *height)
{
    static const u16 tube[][2] = { { 320, 200 }, { 640, 200 }, { 320, 400 }, { 640, 350 }, { 640, 400 }, { 720, 350 }, { 720, 400 },
                                   { 320, 240 }, { 360, 480 }, { 720, 480 } };
    bool fills_tube = !f->vbe;
    for (size_t k = 0; k < ARRAY_LEN(tube); k++)
        fills_tube |= f->width == tube[k][0] && f->height == tube[k][1];
    *width = f->width;
    *height = f->height;
    if (!fills_tube)
        return;
    /* Every pixel stays at least as large as it is: the shorter side grows. */
    if (f->width * 3 >= f->height * 4)
        *height = (f->width * 3 + 2) / 4;
    else
        *width = (f->height * 4 + 1) / 3;
}
