/* ps2_mouse.h - a PS/2 mouse with three buttons and a wheel. */
#pragma once
#include "i8042.h"

struct ps2_mouse;

/* Plugged into the controller's auxiliary port; takes INPUT_MOUSE_MOVE and INPUT_MOUSE_BUTTONS events. */
struct ps2_mouse *ps2_mouse_new(struct machine *m, struct i8042 *kbc);
