/* debug_ports.h - ports that exist only in emulators: text out at E9 and 402, the exit at F4, IOCHK# at EA. */
#pragma once
#include "../machine/device.h"

struct stream;
struct debug_ports;

/* Bytes written to ports E9 and 402 go to out; NULL: nowhere. */
struct debug_ports *debug_ports_new(struct machine *m, struct stream *out);
/* The ISA bus's IOCHK#. */
void debug_ports_wire_iochk(struct debug_ports *d, struct line iochk);
/* Will it be driven soon? */
bool debug_ports_wait(const struct debug_ports *d);
