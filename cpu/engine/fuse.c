/* fuse.c - fused handlers of the FAST instance: comparison and arithmetic with the conditional jump behind them. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 1
#define PREFIX f_
#define OP(name, ...) static __attribute__((unused)) HANDLER(N(name)) { __VA_ARGS__; NEXT; }
#define SLOW_INSTEAD HAND_TO(h_beside)

#include "hot/fast_leave.h"
#include "hot/compare.h"
#define TEMPLATE "fuse.inc"
#define FORMS_OF 'J'
#include "hot/forms.h"

#include "hot/tables.h"

#define PAIR_NO(n)
#define PAIR_READ(n)  PAIR_##n,
#define PAIR_TEST(n)  PAIR_##n,
#define PAIR_WRITE(n) PAIR_##n,
enum pair {
    PAIR_NONE,
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) PAIR_##pair(name)
#include "hot/bodies.inc"
#undef BODY
    PAIRS
};
enum pair_form { PAIR_RR, PAIR_RI, PAIR_RB, PAIR_BR, PAIR_BI, PAIR_RW, PAIR_WR, PAIR_WI, PAIR_FORMS };

/* Where the program's size counts, what is rare stays by itself: jumps by overflow and parity, by order behind what is no comparison, and
 * behind some operands in memory. */
#ifdef VITRINE_SMALL
#define RARE(n, w, f) NULL
#define RARE_J16(n, w, f) { NULL }
#define J16_W(n, w, f)    { NULL }
#else
#define J16_W J16
#define RARE(n, w, f) HS(n, w, f)
#define RARE_J16 J16
#endif
#define J16_OF(n, w, f, ORDER) { RARE(n##_jo, w, f), RARE(n##_jno, w, f), HS(n##_jb, w, f), HS(n##_jnb, w, f), \
    HS(n##_jz, w, f), HS(n##_jnz, w, f), ORDER(n##_jbe, w, f), ORDER(n##_jnbe, w, f), \
    HS(n##_js, w, f), HS(n##_jns, w, f), RARE(n##_jp, w, f), RARE(n##_jnp, w, f), \
    ORDER(n##_jl, w, f), ORDER(n##_jnl, w, f), ORDER(n##_jle, w, f), ORDER(n##_jnle, w, f) }
#define J16(n, w, f) J16_OF(n, w, f, HS)
#define ROW_NO(n)
#define ROW_READ(n)  [PAIR_##n] = SIZES_ALL(READ, n),
#define ROW_TEST(n)  [PAIR_##n] = SIZES_ALL(TEST, n),
#define ROW_WRITE(n) [PAIR_##n] = SIZES_ALL(WRITE, n),
#define READ(n, w)  { J16(n, w, RR), J16(n, w, RI), J16(n, w, RB), RARE_J16(n, w, BR), J16(n, w, BI), \
    [PAIR_RW] = J16_W(n, w, RW), [PAIR_WR] = J16_W(n, w, WR), [PAIR_WI] = J16_W(n, w, WI) }
#define TEST(n, w)  { [PAIR_RR] = J16(n, w, RR), [PAIR_RI] = J16(n, w, RI), [PAIR_BR] = RARE_J16(n, w, BR), [PAIR_BI] = J16(n, w, BI), \
    [PAIR_WR] = J16_W(n, w, WR), [PAIR_WI] = J16_W(n, w, WI) }
#define WRITE(n, w) { J16_OF(n, w, RR, RARE), J16_OF(n, w, RI, RARE), RARE_J16(n, w, RB) }

static handler *const pairs[PAIRS][3][PAIR_FORMS][16] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) ROW_##pair(name)
#include "hot/bodies.inc"
#undef BODY
};

#define OF_NO(n)
#define OF_READ(n)  [BODY_##n] = PAIR_##n,
#define OF_TEST(n)  [BODY_##n] = PAIR_##n,
#define OF_WRITE(n) [BODY_##n] = PAIR_##n,
static const u8 pair_of[BODIES] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) OF_##pair(name)
#include "hot/bodies.inc"
#undef BODY
};

handler *fused_handler(int body, int size_log2, int form, int cc)
{
    static const u8 form_of[FORMS] = {          /* and 1 */
        [FORM_RR] = PAIR_RR + 1, [FORM_RI] = PAIR_RI + 1, [FORM_RB] = PAIR_RB + 1, [FORM_BR] = PAIR_BR + 1, [FORM_BI] = PAIR_BI + 1,
        [FORM_RW] = PAIR_RW + 1, [FORM_WR] = PAIR_WR + 1, [FORM_WI] = PAIR_WI + 1
    };
    return !pair_of[body] || !form_of[form] ? NULL : pairs[pair_of[body]][size_log2][form_of[form] - 1][cc];
}
