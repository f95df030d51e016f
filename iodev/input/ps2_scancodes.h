/* ps2_scancodes.h - what an AT keyboard sends for each key. */
#pragma once
#include "../../host/base.h"

enum ps2_key_kind {
    KEY_NONE,               /* no such key on the keyboard */
    KEY_PLAIN,
    KEY_EXTENDED,           /* E0 before the code in sets 1 and 2 */
    KEY_NAVIGATION,         /* likewise, and it hides Shift and Num Lock from the program */
    KEY_SLASH,              /* keypad /: likewise, Shift only */
    KEY_PRINT_SCREEN, KEY_PAUSE,
    KEY_ONCE,               /* make code only (the Korean language keys) */
};
/* How a key behaves in set 3 until the host says otherwise. */
enum { SET3_TYPEMATIC = 0, SET3_MAKE_BREAK = 1, SET3_MAKE = 2, SET3_ALL = 3 };

struct ps2_key {
    u8 kind;                /* enum ps2_key_kind */
    u8 set2, set3;          /* codes; set3 0: the key does not exist there */
    u8 type3;               /* SET3_* */
};

/* By USB HID usage (Keyboard/Keypad page). */
const struct ps2_key *ps2_key(u8 usage);
