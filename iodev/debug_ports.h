/* debug_ports.h - ports that exist only in emulators: text out at E9 and 402, and the exit at F4. */
#pragma once
#include "device.h"

struct stream;
struct debug_ports;
extern const struct device_class debug_ports_class;

/* Bytes written to ports E9 and 402 go to out; NULL: nowhere. */
struct debug_ports *debug_ports_new(struct machine *m, struct stream *out);
