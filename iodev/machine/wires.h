/* wires.h - OR gates on the board: an interrupt input or A20M# with more than one driver. */
#pragma once
#include "device.h"

struct wires;
enum { WIRES = 17, WIRE_A20 = 16 };             /* IRQ 0 to 15, A20 */

/* out: where each wire leads. */
struct wires *wires_new(struct machine *m, const struct line out[WIRES]);
/* The wire's input for driver number `source` (0 to 7). */
struct line wires_in(struct wires *w, int wire, int source);
