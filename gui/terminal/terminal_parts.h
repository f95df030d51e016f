/* terminal_parts.h - struct terminal, for the files that make it up (terminal.c, terminal_draw.c, terminal_keys.c) and nobody
 * else. */
#pragma once
#define _XOPEN_SOURCE_EXTENDED 1
#define _DEFAULT_SOURCE 1
#include "terminal_menu.h"

#ifdef HAVE_NCURSES
#include <curses.h>

enum { PREFIX = 0x1d /* Ctrl-] */, LOOK = 15 /* ms */ };

struct terminal {
    struct gui_link *link;
    SCREEN *screen;
    struct text_screen text;
    struct frame frame;
    struct panel panel;
    struct menu menu;                   /* Ctrl-] opens it */
    u64 text_seen, frame_seen, status_seen, panel_seen;
    char status[256];                   /* the machine's */
    char notice[256];                   /* of ours, for a while; see terminal_notice */
    u64 notice_until, notice_drawn;     /* host milliseconds; 0: none */
    size_t typing;                      /* strokes that wait, as the status line shows them */
    bool is_text, unicode, colour, pasting, no_status_line;
    bool drew_text;                     /* last time */
    int pairs, pairs_max;
    short pair_of[256][256];            /* [fg][bg]; 0: none yet */
};

/* terminal.c: say something in the status line for a few seconds; on a terminal without a line to spare it covers the guest's
 * last line for that time. */
void terminal_notice(struct terminal *t, const char *format, ...) printf_like(2, 3);
u64 terminal_ms(void);

/* terminal_draw.c: what the guest shows, and the status line. */
void terminal_redraw(struct terminal *t);
struct menu_front terminal_front(const struct terminal *t);

/* terminal_keys.c */
/* Once, after the terminal is open: the keys that terminfo leaves out, and marks around what is pasted. */
void terminal_keys_open(void);
void terminal_keys_close(void);
/* What get_wch brought goes to the guest or, with the menu open, to that. True if all is to be drawn anew. */
bool terminal_key(struct terminal *t, int kind, wint_t c);
#endif
