/* keys.h - a US keyboard: from characters and key names to keys. Keys are HID usage codes: HID Usage Tables,
 * "Keyboard/Keypad Page". */
#pragma once
#include "../iodev/input.h"

enum {
    HID_A = 0x04, HID_1 = 0x1e, HID_0 = 0x27, HID_ENTER = 0x28, HID_ESCAPE, HID_BACKSPACE, HID_TAB, HID_SPACE,
    HID_CAPS_LOCK = 0x39, HID_F1 = 0x3a, HID_F12 = 0x45, HID_PRINT_SCREEN, HID_SCROLL_LOCK, HID_PAUSE, HID_INSERT, HID_HOME,
    HID_PAGE_UP, HID_DELETE, HID_END, HID_PAGE_DOWN, HID_RIGHT, HID_LEFT, HID_DOWN, HID_UP, HID_NUM_LOCK,
    HID_KEYPAD_ENTER = 0x58, HID_APPLICATION = 0x65, HID_LEFT_CTRL = 0xe0, HID_LEFT_SHIFT, HID_LEFT_ALT, HID_LEFT_GUI,
    HID_RIGHT_CTRL, HID_RIGHT_SHIFT, HID_RIGHT_ALT, HID_RIGHT_GUI
};

enum { KEY_WITH_CTRL = 1, KEY_WITH_SHIFT = 2, KEY_WITH_ALT = 4, KEY_WITH_GUI = 8 };
struct key_stroke { u8 key, with; };        /* a usage code, and KEY_WITH_* */

/* The stroke that types an ASCII character (also \n, \r, \t, \b, escape, delete); false if no key does. */
bool key_of_character(int c, struct key_stroke *out);

/* Text as people write it for -send: characters type themselves, \n \r \t \b \e \\ \< \xHH are escapes, <name> is a key,
 * with ctrl-, shift-, alt- or win- before it: <f12>, <enter>, <ctrl-alt-del>, <alt-x>. A < that begins no name is itself.
 * The number of strokes (at most max), or -1 with a message in error. */
int keys_parse(const char *text, struct key_stroke *out, int max, char *error, size_t n);

/* Names for a help text: NULL past the end. */
const char *keys_name(int index);

/* The key events of a stroke: modifiers down, key down, key up, modifiers up. Returns how many. */
enum { KEY_EVENTS_MAX = 10 };
int key_stroke_events(const struct key_stroke *stroke, struct input_event out[KEY_EVENTS_MAX]);
