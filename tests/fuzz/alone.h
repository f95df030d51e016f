/* alone.h - a rig of one device: the fake machine of the unit tests, with wires that are looked at. */
#pragma once
#include "ops.h"
#include "../support/fake_machine.h"

enum { ALONE_WIRES = 24 };
struct alone {
    struct fake_wire wire[ALONE_WIRES];
    int wires;
    void *dev[4];                               /* the rig's chips */
};

/* A fake machine with RIG_RAM bytes of memory, and the target's functions. */
struct alone *alone_new(struct target *t);
void alone_free(struct target *t);
/* A wire to hand to a constructor; its level and its edges count as seen. */
struct line alone_wire(struct target *t);
act_fn alone_look;
