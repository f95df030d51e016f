/* ferr.h - the numeric error logic of an AT: FERR# raises IRQ 13, port F0 takes it back and drives IGNNE#. */
#pragma once
#include "../machine/device.h"

struct ferr;

/* At ports `port` and the next. */
struct ferr *ferr_new(struct machine *m, u16 port, struct line irq13, struct line ignne);
/* FERR# (active high here). */
struct line ferr_input(struct ferr *f);
