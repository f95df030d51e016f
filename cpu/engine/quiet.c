/* quiet.c - flags that nobody can read: a backward pass over a decoded block, and the handlers without flags that it installs.
 * Strict: before every instruction that may fault, touch a device or leave the block, all flags count as read, so that what a
 * fault pushes, what an interrupt sees and what the debugger shows is exact. */
#include "hot/instance.h"

#define INSTANCE_FAST 1
#define PREFIX q_
#define OP(name, ...) static HANDLER(N(name)) { __VA_ARGS__; NEXT; }
#define SLOW_INSTEAD HAND_TO(slow_handler(o))

#define TEMPLATE "quiet2.inc"
#define FORMS_OF 'Q'
#include "hot/forms.h"
#define TEMPLATE "quiet1.inc"
#define FORMS_OF 'q'
#include "hot/forms.h"
#ifndef VITRINE_SMALL
#define TEMPLATE "quiet_load.inc"
#define FORMS_OF 'M'
#include "hot/forms.h"
#endif
#include "hot/tables.h"

#define QUIET_TWO_ROW(n, w) { RR(n, w), RI(n, w) }
#define QUIET_ONE_ROW(n, w) { [FORM_R] = HS(n, w, R) }
#define QUIET_LOAD_ROW(n, w) { [FORM_RB] = HS(n, w, RB), [FORM_RX] = HS(n, w, RX) }
#define QUIET_NO(n)
#define QUIET_TWO(n) [BODY_##n] = SIZES_ALL(QUIET_TWO_ROW, n),
#ifdef VITRINE_SMALL                      /* where the program's size counts */
#define QUIET_DOUBLE(n)
#define QUIET_LOAD(n)
#define QUIET_COUNT(n)
#else
#define QUIET_DOUBLE(n) [BODY_##n] = { { NULL }, { NULL }, { RR(n, 32) } },
#define QUIET_LOAD(n) [BODY_##n] = SIZES_WIDE(QUIET_LOAD_ROW, n),
#define QUIET_COUNT(n) [BODY_##n] = SIZES_ALL(QUIET_ONE_ROW, n),
#endif
#define QUIET_ONE(n) [BODY_##n] = SIZES_ALL(QUIET_ONE_ROW, n),

static handler *const quiet_handlers[BODIES][3][FORM_RX + 1] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) QUIET_##quiet(name)
#include "hot/bodies.inc"
#undef BODY
};

handler *quiet_handler(int body, int size_log2, int form)
{
    return form <= FORM_RX ? quiet_handlers[body][size_log2][form] : NULL;
}

/* Register forms that neither fault nor leave the block. */
static bool harmless(const struct decoded *d)
{
    return d->shape == DECODED_PLAIN && d->body && d->form <= FORM_RI && body_info[d->body].safety != SAFETY_OPEN;
}

void quiet_pass(struct op *ops, const u16 *at, const struct decoded *insns, int n)
{
    u32 live = FLAGS_ARITH;
    for (int k = n - 1; k >= 0; k--) {
        const struct decoded *d = &insns[k];
        struct op *o = &ops[at[k]];
        const struct row *row = d->op.row;
        handler *quiet = d->shape == DECODED_PLAIN && d->body ? quiet_handler(d->body, d->size_log2, d->form) : NULL;
        u32 writes = (row->writes | row->undefined) & FLAGS_ARITH;
        if (quiet && !(writes & live) && o->fn == (void (*)(void))fast_handlers[d->body][d->size_log2][d->form])
            o->fn = (void (*)(void))quiet;
        if (!harmless(d)) {
            live = FLAGS_ARITH;
            continue;
        }
        /* Counts of 0, and RCL and RCR by a whole turn, keep the flags; counts in CL may be 0. */
        bool keeps = (row->attr & A_KEEPS) && (!(d->op.imm & 31) || body_info[d->body].safety == SAFETY_TURNS);
        if (!keeps)
            live &= ~writes;
        live |= row->reads & FLAGS_ARITH;
    }
}
