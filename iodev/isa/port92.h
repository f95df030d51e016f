/* port92.h - system control port A: fast A20 and fast CPU reset. */
#pragma once
#include "../machine/device.h"

struct port92;

struct port92 *port92_new(struct machine *m, struct line a20);
