/* x87_fast.h - handlers of the FAST instance for x87 instructions that programs run all the time. */
#pragma once
#include "../../engine/engine.h"

/* What FAST runs in place of h_fn for a row with this body; NULL: it has nothing of its own. flat: the instruction has no operand in
 * memory, or reaches it with 32-bit addresses through a flat segment. */
handler *x87_fast(insn_fn *fn, bool flat);
