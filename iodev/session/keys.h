/* keys.h - a US keyboard and a mouse: from characters and names to keys. Keys are HID usage codes: HID Usage Tables,
 * "Keyboard/Keypad Page". */
#pragma once
#include "../machine/input.h"

enum {
    HID_A = 0x04, HID_1 = 0x1e, HID_0 = 0x27, HID_ENTER = 0x28, HID_ESCAPE, HID_BACKSPACE, HID_TAB, HID_SPACE,
    HID_CAPS_LOCK = 0x39, HID_F1 = 0x3a, HID_F12 = 0x45, HID_PRINT_SCREEN, HID_SCROLL_LOCK, HID_PAUSE, HID_INSERT, HID_HOME,
    HID_PAGE_UP, HID_DELETE, HID_END, HID_PAGE_DOWN, HID_RIGHT, HID_LEFT, HID_DOWN, HID_UP, HID_NUM_LOCK,
    HID_KEYPAD_ENTER = 0x58, HID_KEYPAD_1, HID_KEYPAD_0 = 0x62, HID_APPLICATION = 0x65,
    HID_LEFT_CTRL = 0xe0, HID_LEFT_SHIFT, HID_LEFT_ALT, HID_LEFT_GUI, HID_RIGHT_CTRL, HID_RIGHT_SHIFT, HID_RIGHT_ALT, HID_RIGHT_GUI
};

enum { KEY_WITH_CTRL = 1, KEY_WITH_SHIFT = 2, KEY_WITH_ALT = 4, KEY_WITH_GUI = 8 };
enum { BUTTON_LEFT = 1, BUTTON_RIGHT = 2, BUTTON_MIDDLE = 4 };

/* What one thing typed does: a key with its modifiers; Alt held while the keypad types the decimal code of a character of
 * code page 437; the mouse moves, or buttons of it go down, up, or down and up. */
enum stroke_kind { STROKE_KEY, STROKE_CODE, STROKE_MOVE, STROKE_DOWN, STROKE_UP, STROKE_CLICK };
struct key_stroke {
    u8 key, with;               /* STROKE_KEY: a usage code, and KEY_WITH_*; STROKE_CODE: the character's code in key */
    u8 kind;                    /* enum stroke_kind */
    u8 buttons;                 /* STROKE_DOWN, _UP, _CLICK: BUTTON_* */
    i16 dx, dy, dz;             /* STROKE_MOVE: right, down, wheel toward the user */
};

/* Where the strokes wait that are to be typed. */
struct strokes {
    size_t (*waiting)(void *from);
    bool (*take)(void *from, struct key_stroke *stroke);    /* the oldest; false if there is none */
    void *from;
};

/* The stroke that types an ASCII character (also \n, \r, \t, \b, escape, delete); false if no key does. */
bool key_of_character(int c, struct key_stroke *out);

/* Likewise for a Unicode character, as pasted text holds it; one of code page 437 that has no key is typed by Alt and its code on
 * the keypad (STROKE_CODE), which the guest must know. */
bool key_of_unicode(u32 c, struct key_stroke *out);

/* Text as people write it for -send: characters type themselves, \n \r \t \b \e \\ \< \xHH are escapes, <name> is a key,
 * with ctrl-, shift-, alt- or win- before it: <f12>, <enter>, <ctrl-alt-del>, <alt-x>. A < that begins no name is itself.
 * The mouse: <mouse DX DY> and <mouse DX DY WHEEL> in its counts, <click left>, <button left down>, <button left up>.
 * The number of strokes (at most max), or -1 with a message in error. */
int keys_parse(const char *text, struct key_stroke *out, int max, char *error, size_t n);

/* Names for a help text: NULL past the end. */
const char *keys_name(int index);

/* If text starts with what the mouse does (<mouse, <click or <button): its length, or -1 with a message in error where the
 * rest is not right. 0 if it starts with something else. */
int keys_parse_mouse(const char *text, struct key_stroke *out, char *error, size_t n);

/* The events of a stroke: modifiers down, key down, key up, modifiers up. *buttons are the mouse buttons that are down, and
 * what of them remains down. Returns how many. */
enum { KEY_EVENTS_MAX = 10 };
int key_stroke_events(const struct key_stroke *stroke, u8 *buttons, struct input_event out[KEY_EVENTS_MAX]);
