/* terminal_menu.h - the menu in a terminal: see menu.h for the menu itself. */
#pragma once
#include "../menu.h"

/* Draw it in the middle of the screen, over what is there. unicode: the terminal has box-drawing characters in UTF-8. */
void terminal_menu_draw(const struct menu *m, bool unicode);
/* What get_wch brought, while the menu is open: a character, or one of curses' KEY_ codes if `named`. */
enum menu_act terminal_menu_key(struct menu *m, unsigned c, bool named);
