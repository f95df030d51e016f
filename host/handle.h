/* handle.h - something open of the host's that bytes go to or come from, passed by value. */
#pragma once
#include "failure.h"

struct handle { intptr_t id; };                 /* the host's own number for it; -1: none */
#define NO_HANDLE ((struct handle){ -1 })
static inline bool handle_there(struct handle h) { return h.id != -1; }

enum standard { STANDARD_INPUT, STANDARD_OUTPUT, STANDARD_ERROR };
struct handle handle_standard(enum standard which);
/* At the very start: all three are open, so that no file becomes standard output by its number. */
bool handles_open_standard(struct failure *why);

/* Does a person sit there, by a terminal? */
bool handle_is_terminal(struct handle h);
/* How many lines and columns a terminal has, or the one at the other end of a pseudo-terminal; false: it is none, or has not been told. */
bool handle_terminal_size(struct handle h, int *lines, int *columns);
/* A short text, if it is taken without waiting. */
void handle_tell(struct handle h, const char *text);
/* Close it; none and the standard ones stay as they are. */
void handle_close(struct handle h);
