/* wires.h - OR gates on the board: an interrupt input or A20M# with more than one driver. */
#pragma once
#include "device.h"

struct wires;
enum { WIRES = 17, WIRE_A20 = 16, WIRE_SOURCES = 8 };   /* IRQ 0 to 15, A20 */

/* out: where each wire leads. */
struct wires *wires_new(struct machine *m, const struct line out[WIRES]);
/* The wire's input for driver number `source` (0 to 7). */
struct line wires_in(struct wires *w, int wire, int source);
/* For a debugger: who drives the wire as that source, output number `output` of the device `id` (which must outlive the wires); and
 * who does, NULL if nobody was named, *level what it drives. */
void wires_name(struct wires *w, int wire, int source, const char *id, int output);
const char *wires_driver(const struct wires *w, int wire, int source, int *output, bool *level);
