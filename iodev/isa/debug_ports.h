/* debug_ports.h - ports that exist only in emulators: text out at E9 and 402, the exit at F4, IOCHK# at EA. And a POST card at port 80,
 * which hears what others are told. */
#pragma once
#include "../machine/device.h"

struct stream;
struct debug_ports;

struct debug_ports_at { u16 text, text_seabios, iochk, exit, post; };

/* Bytes written to the two ports for text go to out; NULL: nowhere. What is written to `post`, which is another's, is told to the log. */
struct debug_ports *debug_ports_new(struct machine *m, const struct debug_ports_at *at, struct stream *out);
/* The ISA bus's IOCHK#. */
void debug_ports_wire_iochk(struct debug_ports *d, struct line iochk);
/* Will it be driven soon? */
bool debug_ports_wait(const struct debug_ports *d);
