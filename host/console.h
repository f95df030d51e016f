/* console.h - where a person sits: the terminal that the program was started from, a window system. */
#pragma once
#include "base.h"

/* Standard input's terminal as it is set now; NULL: it is none. */
struct console *console_keep(void);
/* Set it so again; from any thread, at any moment. NULL is fine. */
void console_give_back(const struct console *c);
void console_free(struct console *c);

/* From now on text on it is in the user's own encoding. True: that is UTF-8. */
bool console_speaks_utf8(void);
/* Is there, as far as can be told without trying, a window system to show a window? */
bool console_has_windows(void);
