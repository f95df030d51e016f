/* overlay.h - the menu and the status line as pixels, for a window. */
#pragma once
#include "menu.h"

struct canvas {
    u32 *pixels;                /* 0xAARRGGBB, width * height */
    int width, height;
};

enum { STATUS_HEIGHT = 20, MENU_COLUMNS = 62 };

/* The size that the menu has now. */
void menu_size(const struct menu *m, int *width, int *height);
/* Draw it on a canvas of that size. */
void menu_draw(const struct menu *m, const struct canvas *c);
/* The row at this pixel, -1: none. */
int menu_row_at(const struct menu *m, int x, int y);

/* Draw the status line on a canvas STATUS_HEIGHT high: message (may be empty), else the mode; lamps, speed, mouse. */
void status_draw(const struct panel *p, bool captured, const char *message, const struct canvas *c);
/* The same as text: mode, lamps that burn, speed. */
void status_text(const struct panel *p, char *text, size_t n);

/* The shape that a picture has on a monitor, as width and height in square pixels: the VGA's modes, and those of the same
 * sizes, fill a 4:3 tube; other sizes have square pixels. */
void picture_shape(const struct frame *f, int *width, int *height);
