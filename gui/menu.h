/* menu.h - the menu as a model: pages of rows, a selection, and what a choice asks for. It draws nothing and carries out
 * nothing, so that the window and the terminal share it. */
#pragma once
#include "gui.h"

enum menu_key { MENU_UP, MENU_DOWN, MENU_PAGE_UP, MENU_PAGE_DOWN, MENU_HOME, MENU_END, MENU_ENTER, MENU_BACK, MENU_ERASE, MENU_TAB };

/* What a front end is to do after a key. */
enum menu_act {
    MENU_NOTHING,
    MENU_DONE,                  /* the menu has closed; a command went to the machine, or the person left it */
    /* The menu has closed, and these are the front end's own: */
    MENU_CTRL_ALT_DEL, MENU_PASTE, MENU_FULL_SCREEN, MENU_STATUS_LINE, MENU_RELEASE_MOUSE
};

/* What the front end is, and how it stands. */
struct menu_front {
    bool window;                /* has a clipboard, a full screen, a mouse */
    bool full_screen, status_line, captured;
};

enum { MENU_ROWS = 256, MENU_TEXT = 112, MENU_PATH = 512, MENU_VISIBLE = 18 };
struct menu_row {
    int id;
    bool enabled, more /* opens a page */, ticked, line /* a separator */;
    char text[MENU_TEXT], note[32];
};

enum menu_page { PAGE_MAIN, PAGE_DRIVE, PAGE_FILE, PAGE_SPEED, PAGE_STATE };
struct menu {
    struct gui_link *link;
    struct menu_front front;
    struct panel panel;
    u64 panel_seen;
    bool open;
    enum menu_page page;
    int drive;                  /* of PAGE_DRIVE and PAGE_FILE; -1: that is for a state */
    int at, top;                /* the chosen row (-1 in PAGE_FILE: the path itself), the first that shows */
    int rows;
    struct menu_row row[MENU_ROWS];
    char path[MENU_PATH];       /* PAGE_FILE: what was typed */
};

void menu_init(struct menu *m, struct gui_link *link);
/* Open it at its first page, or close it. */
void menu_open(struct menu *m, const struct menu_front *front);
void menu_close(struct menu *m);
/* Take what the machine's panel says now; true if a row changed. The choice stays where it was. */
bool menu_refresh(struct menu *m, const struct menu_front *front);
/* A key. Machine's commands are queued on the link. */
enum menu_act menu_key(struct menu *m, enum menu_key key);
/* A typed character, for the path. */
void menu_type(struct menu *m, int c);
/* Choose a row (of all, not of those that show), as a click does; false if it cannot be chosen. */
bool menu_choose(struct menu *m, int row);
/* A file was dropped while the menu shows a drive: it is for that drive. Elsewhere its content decides. */
void menu_drop(struct menu *m, const char *file);
/* The title of the page, and how many rows show. */
void menu_title(const struct menu *m, char *text, size_t n);
int menu_visible(const struct menu *m);
/* A line that tells the keys. */
const char *menu_hint(const struct menu *m);

/* menu_files.c: the rows of PAGE_FILE: folders and files that begin as the path does. */
void menu_list_files(struct menu *m);
/* Is it a folder? */
bool menu_is_folder(const char *path);
/* The folder part of the path, with its slash, and a row's name behind it. */
void menu_join(const struct menu *m, int row, char *path, size_t n);
