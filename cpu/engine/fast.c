/* fast.c - the FAST instance: every hot body for every size and form, memory by an inline look at the first-level TLB.
 * Rules (checked by tests/check_handlers on the object file): no calls and no stack frame in a handler; whatever is not plain
 * is handed to SLOW's handler for the same op before anything has changed. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 1
#define PREFIX h_
#define OP(name, ...) static HANDLER(N(name)) { __VA_ARGS__; NEXT; }
#define SLOW_INSTEAD HAND_TO(h_beside)
#include "hot/fast_leave.h"
#include "hot/fast_words.h"
#include "hot/all.h"

#include "hot/tables.h"

#define SIZES_WIDE_32(row, n) { { NULL }, { NULL }, row(n, 32) }

handler *const fast_handlers[BODIES][3][FORMS] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) [BODY_##name] = SIZES_##sizes(FAST_##class, name),
#include "hot/bodies.inc"
#undef BODY
};
