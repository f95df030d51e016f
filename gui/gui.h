/* gui.h - what a front end is. The machine runs in one thread, a front end in the main thread; they share a struct
 * gui_link (queues of input and commands, a copied picture and panel, a stop flag) and nothing else. */
#pragma once
#include "../include/vitrine.h"
#include "../iodev/machine/input.h"
#include "../iodev/machine/screen.h"
#include "../iodev/session/keys.h"

struct gui_link;

/* What a person asks for besides keys and mouse; the session takes these between slices (commands.c). */
enum command_kind {
    COMMAND_RESET,
    COMMAND_POWER,              /* press the power button */
    COMMAND_PAUSE,              /* stop the machine, or let it go on */
    COMMAND_INSERT,             /* the file `text` into `drive` */
    COMMAND_LISTED,             /* file number `index` of its list into `drive` */
    COMMAND_EJECT,              /* `drive` */
    COMMAND_NEXT,               /* the next file of the list that `drive` was given at the start */
    COMMAND_DROP,               /* the file `text` into the drive that it is for */
    COMMAND_PASTE,              /* type `text` (UTF-8) */
    COMMAND_SCREENSHOT,
    COMMAND_SAVE,               /* the machine into a new file */
    COMMAND_LOAD,               /* from the file `text` */
    COMMAND_DEBUG,              /* stop the machine in the debugger */
    COMMAND_SPEED,              /* the speed that `text` names, as speed.h has them */
};
struct gui_command {
    enum command_kind kind;
    int drive, index;           /* drives as enum vitrine_drive numbers them */
    char *text;                 /* never NULL where the kind has one */
};

/* The machine's front, for status lines and menus. */
enum { PANEL_DRIVES = 6, PANEL_FILES = 16, PANEL_NAME = 96 };
struct panel_drive {
    bool there, floppy;
    bool full, locked, open;    /* a medium is in it; the guest has locked or opened the tray */
    char name[PANEL_NAME];      /* the medium's file, without folders */
    int files;                  /* of the list given at the start */
    char file[PANEL_FILES][PANEL_NAME];
};
struct panel {
    struct panel_drive drive[PANEL_DRIVES];
    bool floppy_lamp, disk_lamp, cd_lamp;
    u8 leds;                    /* bit 0 Scroll, 1 Num, 2 Caps */
    bool paused, halted;        /* by a person; for good */
    bool replays;               /* a recording: no button that is pressed here is in it */
    int width, height;          /* of the picture */
    bool text;
    char speed[32];             /* as measured */
    char speed_name[16];        /* as asked for; "": by -mips */
};

/* NULL: the host has no lock for it. */
struct gui_link *link_new(void);
/* After both threads are done with it. */
void link_free(struct gui_link *l);

/* ---- the machine's side ---- */

/* Hand on another picture, and the text that it is; NULL: it is none. */
void link_update(struct gui_link *l, const struct vitrine_frame *frame, const struct vitrine_text *text);
/* The oldest input event, false if there is none. */
bool link_take_input(struct gui_link *l, struct input_event *e);
/* The oldest stroke that link_type() queued, false if there is none. */
bool link_take_stroke(struct gui_link *l, struct key_stroke *stroke);
/* The strokes, for the typist. */
struct strokes link_strokes(struct gui_link *l);
/* The oldest command, false if there is none. The caller frees its text. */
bool link_take_command(struct gui_link *l, struct gui_command *c);
/* Hand on what the front shows; the link itself knows the picture's size. */
void link_set_panel(struct gui_link *l, struct panel *p);
/* Wait until there is new input or a command, the front end wants to stop, or `ms` milliseconds have passed (an idle guest, or one that
 * is ahead of the host's clock). */
void link_wait(struct gui_link *l, u64 ns);
/* Wait likewise, but for what comes from now on; input that waits already is left where it is. */
void link_doze(struct gui_link *l, u64 ns);
/* From any thread: whoever waits in link_wait or link_doze looks around. */
void link_nudge(struct gui_link *l);
/* Did the front end ask to stop? */
bool link_stopped(struct gui_link *l);
/* A line for people, shown in the title or below the screen; "" removes it. A log can be redirected to it. */
void link_status(void *link, const char *text);
/* The debugger's prompt wants the terminal, which may be the front end's display: comes back when that has left it, or
 * where it is none. Then the other way. */
void link_take_terminal(struct gui_link *l);
void link_give_terminal(struct gui_link *l);
/* The machine is done: the front end comes back. */
void link_end(struct gui_link *l);

/* ---- the front end's side ---- */

/* The front end shows something now; `terminal`: on the program's terminal. */
void link_shows(struct gui_link *l, bool terminal);
/* Does somebody want that terminal? It has been left: waits until it is the front end's again. */
bool link_terminal_wanted(struct gui_link *l);
void link_lend_terminal(struct gui_link *l);
/* If there is a newer picture than *seen (0 at first): copy it, update *seen, return true. */
bool link_frame(struct gui_link *l, struct frame *copy, u64 *seen);
/* The same for text; *is_text false: the screen is graphics or blank now, and copy is left alone. */
bool link_text(struct gui_link *l, struct text_screen *copy, bool *is_text, u64 *seen);
/* The status line if it is newer than *seen. */
bool link_take_status(struct gui_link *l, char *text, size_t n, u64 *seen);
/* Queue input: keys and buttons as they go down and up. Nothing is dropped. */
void link_input(struct gui_link *l, const struct input_event *e);
/* Queue a stroke that is typed, pressed and released, as soon as the guest can take it: pasted text, and keys from where no
 * releases come. However much there is, nothing is dropped. */
void link_type(struct gui_link *l, const struct key_stroke *stroke);
/* Strokes that are queued and not yet typed. May be called by both sides. */
size_t link_typing(struct gui_link *l);
/* Forget those. */
void link_type_stop(struct gui_link *l);
/* Queue a command; its text is copied (NULL where the kind has none). */
void link_command(struct gui_link *l, enum command_kind kind, int drive, const char *text);
void link_insert_listed(struct gui_link *l, int drive, int index);
/* The panel if it is newer than *seen. */
bool link_panel(struct gui_link *l, struct panel *copy, u64 *seen);
/* The person closes the display: the first time presses the power button, so that a guest can save its work, the second
 * time ends the run (as the first does when the processor has halted for good, or a recording is replayed). */
void link_close(struct gui_link *l);
/* Was it closed once? */
bool link_closing(struct gui_link *l);
/* End the run. */
void link_stop(struct gui_link *l);
/* Called by link_stop(), in its thread: so that the machine stops in the middle of what it does. Set before anybody can stop. */
void link_on_stop(struct gui_link *l, void (*stopped)(void *to), void *to);
/* What a terminal must be sent where the program ends without its front end, at most 255 bytes; "" takes it back. And: a copy of it,
 * without waiting long for anybody. */
void link_set_restore(struct gui_link *l, const char *text);
void link_restore(struct gui_link *l, char text[256]);
bool link_ended(struct gui_link *l);
/* No display: waits for the end. */
void none_run(struct gui_link *l);
