/* beside.c - the BESIDE instance: stores into a page that has decoded code, beside the decoded bytes, as programs make whose code, data
 * and stack share a page. FAST hands an op here when its access is not plain; what is not plain but for decoded bytes goes on to SLOW.
 * One form for every address: in most of FAST's handlers the look at the map of decoded bytes would cost ordinary stores a
 * register; those by 16-bit addresses have it themselves. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 1
#define INSTANCE_BESIDE 1
#define PREFIX beside_
#define OP(name, ...) static __attribute__((unused)) HANDLER(N(name)) { __VA_ARGS__; NEXT; }
#define SLOW_INSTEAD HAND_TO(slow_handler(o))
#include "hot/fast_leave.h"
#include "hot/fast_words.h"
#include "hot/all.h"
#include "hot/tables.h"

HANDLER(h_beside) { HAND_TO(beside_handler(o)); }
static HANDLER(to_slow) { SLOW_INSTEAD; }

#define NONE(n, w)            { to_slow, to_slow, to_slow, to_slow, to_slow }
#define BESIDE_TWO(n, w)      { to_slow, to_slow, to_slow, HS(n, w, MR), HS(n, w, MI) }
#define BESIDE_MOVE(n, w)     BESIDE_TWO(n, w)
#define BESIDE_EXCHANGE(n, w) { to_slow, to_slow, to_slow, HS(n, w, MR), to_slow }
#define BESIDE_COMPARE(n, w)  NONE(n, w)
#define BESIDE_TEST(n, w)     NONE(n, w)
#define BESIDE_DOUBLE(n, w)   NONE(n, w)
#define BESIDE_LOAD(n, w)     NONE(n, w)
#define BESIDE_ADDRESS(n, w)  NONE(n, w)
#define BESIDE_CARRY(n, w)    NONE(n, w)
#define BESIDE_PLAIN(n, w)    NONE(n, w)
#define BESIDE_ONE(n, w)      { to_slow, to_slow, to_slow, to_slow, [SLOW_M] = HS(n, w, M) }
#define BESIDE_STACK(n, w)    { HS(n, w, FLAT_R), to_slow, to_slow, to_slow, to_slow }
#define BESIDE_STACK_RI(n, w) { HS(n, w, FLAT_R), HS(n, w, FLAT_I), to_slow, to_slow, to_slow }
#define SIZES_WIDE_32(row, n) { NONE(n, 8), NONE(n, 16), row(n, 32) }

handler *const beside_handlers[BODIES][3][SLOW_FORMS] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) [BODY_##name] = SIZES_##sizes(BESIDE_##class, name),
#include "hot/bodies.inc"
#undef BODY
};
