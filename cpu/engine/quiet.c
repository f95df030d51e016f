/* quiet.c - flags that nobody can read: a backward pass over a decoded block, and the handlers without flags that it installs.
 * Strict: before every instruction that may fault, touch a device or leave the block, all flags count as read, so that what a
 * fault pushes, what an interrupt sees and what the debugger shows is exact. */
#include "hot/instance.h"

#define INSTANCE_FAST 1
#define PREFIX q_
#define OP(name) static HANDLER(N(name))
#define SLOW_INSTEAD HAND_TO(slow_handler(o))

#define TEMPLATE "quiet.inc"
#define FORMS_OF 'Q'
#include "hot/forms.h"
#include "hot/tables.h"

#define BOTH(n, w) { [FORM_RR] = HS(n, w, RR), [FORM_RI] = HS(n, w, RI) }
#define ONE(n, w)  { [FORM_RI] = HS(n, w, RI) }

static handler *const quiet_handlers[BODIES][3][FORM_RI + 1] = {
#define X(n) [BODY_##n] = { BOTH(n, 8), BOTH(n, 16), BOTH(n, 32) },
    X(add) X(sub) X(and) X(or) X(xor)
#undef X
#define X(n) [BODY_##n] = { ONE(n, 8), ONE(n, 16), ONE(n, 32) },
    X(inc) X(dec) X(neg) X(shl) X(shr) X(sar)
#undef X
};

/* Register forms that neither fault nor leave the block. */
static bool harmless(const struct decoded *d)
{
    if (d->shape != DECODED_PLAIN || !d->body || d->form > FORM_RI || d->body == BODY_div || d->body == BODY_idiv)
        return false;
    return body_class(d->body) <= CLASS_UNARY ? d->body != BODY_push_rm : d->body >= BODY_nop && d->body <= BODY_bswap;
}

void quiet_pass(struct op *ops, const u16 *at, const struct decoded *insns, int n)
{
    u32 live = FLAGS_ARITH;
    for (int k = n - 1; k >= 0; k--) {
        const struct decoded *d = &insns[k];
        struct op *o = &ops[at[k]];
        const struct row *row = d->op.row;
        if (!harmless(d)) {
            live = FLAGS_ARITH;
            continue;
        }
        /* Counts of 0, and RCL and RCR by a whole turn, keep the flags; counts in CL may be 0. */
        bool keeps = (row->attr & A_KEEPS) && (!(d->op.imm & 31) || d->body == BODY_rcl || d->body == BODY_rcr);
        u32 writes = (row->writes | row->undefined) & FLAGS_ARITH;
        handler *quiet = quiet_handlers[d->body][d->size_log2][d->form];
        if (quiet && !(writes & live) && o->fn == (void (*)(void))fast_handlers[d->body][d->size_log2][d->form])
            o->fn = (void (*)(void))quiet;
        if (!keeps)
            live &= ~writes;
        live |= row->reads & FLAGS_ARITH;
    }
}
