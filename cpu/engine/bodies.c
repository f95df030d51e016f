/* bodies.c - what the decoder and the passes over a block know of the hot bodies, from their list. */
#include "bodies.h"

const struct body_info body_info[BODIES] = {
#define BODY(name, c, sizes, f, s, quiet, pair, r) \
    [BODY_##name] = { .class = CLASS_##c, .flow = FLOW_##f, .safety = SAFETY_##s, .registers = REGISTERS_##r },
#include "hot/bodies.inc"
#undef BODY
};
