/* uart16550.h - the serial port. */
#pragma once
#include "../machine/device.h"
#include "../machine/input.h"
#include "../image/stream.h"

struct uart16550;

/* A 16550A at eight ports; irq is its interrupt request, gated by OUT2 as on a PC. number: 0 for COM1; it takes the
 * INPUT_SERIAL events of that port. id ("com1") names its timers too. */
struct uart16550 *uart16550_new(struct machine *m, const char *id, u16 port, struct line irq, int number);
/* What is at the other end of the line: NULL is nothing. The caller keeps the stream. What comes from it reaches the
 * port through machine_input. */
void uart16550_connect(struct uart16550 *u, struct stream *s);
