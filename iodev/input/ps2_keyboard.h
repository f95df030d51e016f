/* ps2_keyboard.h - an AT keyboard with scan code sets 1 to 3. */
#pragma once
#include "i8042.h"

struct ps2_keyboard;

/* Plugged into the controller's keyboard port; takes INPUT_KEY events. */
struct ps2_keyboard *ps2_keyboard_new(struct machine *m, struct i8042 *kbc);
/* The lamps: bit 0 Scroll Lock, 1 Num Lock, 2 Caps Lock. */
u8 ps2_keyboard_leds(const struct ps2_keyboard *kb);
