/* terminal.h - the terminal display. terminal.c */
#pragma once
#include "../gui.h"

/* Runs until the user closes it (then the link is stopped) or the machine ends. False, with the reason, if it cannot show
 * anything: nothing has happened then, and another can be tried. */
bool terminal_run(struct gui_link *l, char *error, size_t n);
