/* ferr.h - the numeric error logic of an AT: FERR# raises IRQ 13, port F0 takes it back and drives IGNNE#. */
#pragma once
#include "../machine/device.h"

struct ferr;

struct ferr *ferr_new(struct machine *m, struct line irq13, struct line ignne);
/* FERR# (active high here). */
void ferr_set(struct ferr *f, bool level);
