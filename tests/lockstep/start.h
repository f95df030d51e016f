/* start.h - the random state that a sequence starts from. */
#pragma once
#include "lockstep.h"

/* Registers; every few sequences new memory, too, on every side. */
void start_random(struct lockstep *l, struct regs *s);
