/* port61.h - the AT's system control port B. */
#pragma once
#include "../machine/device.h"
#include "i8254.h"

struct port61;

/* One port. nmi: the NMI request of its two sources, after port 70h's mask. */
struct port61 *port61_new(struct machine *m, u16 port, struct i8254 *pit, struct line nmi);
/* Wires to the two sources of NMI: an error on the PCI bus (SERR#) and IOCHK# of the ISA bus; true is an error. */
struct line port61_serr(struct port61 *p);
struct line port61_iochk(struct port61 *p);
/* Port 70h's bit 7: true masks NMI. */
struct line port61_nmi_mask(struct port61 *p);
