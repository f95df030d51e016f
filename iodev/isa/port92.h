/* port92.h - system control port A: fast A20 and fast CPU reset. */
#pragma once
#include "../machine/device.h"

struct port92;

/* init: pulses for the fast reset. */
struct port92 *port92_new(struct machine *m, u16 port, struct line a20, struct line init);
