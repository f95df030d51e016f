/* font.h - a small font for what is drawn over the guest's picture. */
#pragma once
#include "../host/base.h"

enum { FONT_WIDTH = 8, FONT_HEIGHT = 16 };
enum { FONT_ARROW = 1 /* there is more behind it */, FONT_DOT, FONT_TICK, FONT_DOTS /* cut short */ };

/* Row y (0 to 15) of an ASCII character or one of the signs, bit 7 the leftmost pixel; others show as '?'. */
u8 font_row(int c, int y);
