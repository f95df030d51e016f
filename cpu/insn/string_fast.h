/* string_fast.h - handlers of the FAST instance for string instructions. */
#pragma once
#include "../engine/engine.h"

/* What FAST runs in place of h_fn or (rep) h_fn_rep for a row with this body, with elements of 1 << size_log2 bytes; NULL: it has nothing
 * of its own. flat: addresses have 32 bits, and both segments are flat. */
handler *string_fast(insn_fn *fn, int size_log2, bool rep, bool flat);
