/* compose.c - superinstructions by composition: the hot bodies once more, as inline functions that say how they ended, and for each line
 * of hot/sequences.inc a handler that runs several in a row. As with fuse.c it is overlay: only the first op's function differs, and the
 * others stay what they are, so that faults, counts and breakpoints are exact: a body that is not plain hands its own op to SLOW, which
 * goes on behind it. */
#include "hot/instance.h"
#include "hot/conditions.h"
#include "hot/compare.h"

/* How a body ended: nothing was changed; on to the next op; by its link; to an offset, through what the handlers of fast.c use. */
enum ended { NOT_PLAIN, DONE, TAKEN, RETURNED_FLAT, RETURNED_ANY, INDIRECT };

#define INSTANCE_FAST 1
#define UNUSED __attribute__((unused))
#define OP(name, ...) \
    static inline __attribute__((always_inline)) UNUSED enum ended N(name)(UNUSED struct cpu *restrict cpu, UNUSED const struct op *o, \
        UNUSED struct tlb_entry *tlb, UNUSED u32 *to) { __VA_ARGS__; return DONE; }
#pragma push_macro("GO")
#pragma push_macro("HAND_TO")
#undef GO
#undef HAND_TO
#define GO(next)        return DONE
#define HAND_TO(h)      return NOT_PLAIN
#define SLOW_INSTEAD    return NOT_PLAIN
#define TAKE_BRANCH     return TAKEN
#define JUMP_INDIRECT(eip)     do { *to = (eip); return INDIRECT; } while (0)
#define JUMP_RETURN_FLAT(eip)  do { *to = (eip); return RETURNED_FLAT; } while (0)
#define JUMP_RETURN_ANY(eip)   do { *to = (eip); return RETURNED_ANY; } while (0)
#include "hot/fast_words.h"

#define PREFIX b_
#include "hot/all.h"
#undef PREFIX
#define PREFIX pair_
#define TEMPLATE "fuse.inc"
#define FORMS_OF 'J'
#include "hot/forms.h"
#undef PREFIX
#define PREFIX quiet_
#define TEMPLATE "quiet2.inc"
#define FORMS_OF 'Q'
#include "hot/forms.h"
#define TEMPLATE "quiet1.inc"
#define FORMS_OF 'q'
#include "hot/forms.h"
#undef TAKE_BRANCH
#undef JUMP_INDIRECT
#undef JUMP_RETURN_FLAT
#undef JUMP_RETURN_ANY
#pragma pop_macro("GO")
#pragma pop_macro("HAND_TO")
#include "hot/fast_leave.h"

#ifdef VITRINE_SMALL                       /* where the program's size counts */
#define LIST "hot/sequences_few.inc"
#else
#define LIST "hot/sequences.inc"
#endif

/* One body of a sequence; `ops` is how many ops it takes, a conditional jump's being the last but one of them. */
#define STEP(body, ops) { \
    u32 eip_ = 0; \
    enum ended e_ = body(cpu, o, TLB, &eip_); \
    if (unlikely(e_ == NOT_PLAIN)) HAND_TO(beside_handler(o)); \
    if (e_ == TAKEN) { if ((ops) == 3) o += 1; BRANCH_DONT_INDEX; TAKE_BRANCH; } \
    if (e_ == RETURNED_FLAT) JUMP_RETURN_FLAT(eip_); \
    if (e_ == RETURNED_ANY) JUMP_RETURN_ANY(eip_); \
    if (e_ == INDIRECT) JUMP_INDIRECT(eip_); \
    o += (ops); }
#define HANDLER_OF_(line)      c_##line
#define HANDLER_OF(line)       HANDLER_OF_(line)
#define FLAGS(name, w, f)      STEP(CAT(b_, name, w, f), 1)
#define QUIET(name, w, f)      STEP(CAT(quiet_, name, w, f), 1)
#define BRANCH(name, w)        STEP(CAT(b_, name, w, PLAIN), 2)
#define LEAVE(name, w, f)      STEP(CAT(b_, name, w, f), 1)
#define PAIR(name, cc, w, f)   STEP(CAT(pair_, name##_##cc, w, f), 3)
#define SEQUENCE2(a, b)        static HANDLER(HANDLER_OF(__LINE__)) { a b GO(o); }
#define SEQUENCE3(a, b, c)     static HANDLER(HANDLER_OF(__LINE__)) { a b c GO(o); }
#define SEQUENCE4(a, b, c, d)  static HANDLER(HANDLER_OF(__LINE__)) { a b c d GO(o); }
#include LIST
#undef FLAGS
#undef QUIET
#undef BRANCH
#undef LEAVE
#undef PAIR
#undef SEQUENCE2
#undef SEQUENCE3
#undef SEQUENCE4

/* What a step is, as a number: the table that its handler comes from, and where in it. 0: none. */
enum { STEPS = 4, SIZE_8 = 0, SIZE_16, SIZE_32 };
enum condition {
#define X(cc, number) CC_j##cc = number,
    CONDITIONS(X)
#undef X
};
#define STEP_ID(table, body, size, form, cc) ((u32)(table) << 28 | (u32)(body) << 16 | (u32)(size) << 12 | (u32)(form) << 4 | (u32)(cc))
enum { OF_FAST = 1, OF_QUIET, OF_PAIRS };

#define FLAGS(name, w, f)      STEP_ID(OF_FAST, BODY_##name, SIZE_##w, FORM_##f, 0)
#define LEAVE(name, w, f)      FLAGS(name, w, f)
#define BRANCH(name, w)        FLAGS(name, w, PLAIN)
#define QUIET(name, w, f)      STEP_ID(OF_QUIET, BODY_##name, SIZE_##w, FORM_##f, 0)
#define PAIR(name, cc, w, f)   STEP_ID(OF_PAIRS, BODY_##name, SIZE_##w, FORM_##f, CC_##cc)
#define SEQUENCE2(a, b)        { HANDLER_OF(__LINE__), 2, { a, b } },
#define SEQUENCE3(a, b, c)     { HANDLER_OF(__LINE__), 3, { a, b, c } },
#define SEQUENCE4(a, b, c, d)  { HANDLER_OF(__LINE__), 4, { a, b, c, d } },
static const struct sequence { handler *fn; int n; u32 step[STEPS]; } sequences[] = {
#include LIST
};

enum { BUCKETS = 1024, SEQUENCES = sizeof sequences / sizeof sequences[0] };
struct composer { u16 first[BUCKETS], next[SEQUENCES]; };       /* numbers of sequences + 1, by their first two steps */

static u32 bucket(u32 a, u32 b) { return (a * 2654435761u ^ b * 2246822519u) >> 16 & (BUCKETS - 1); }

struct composer *composer_new(void)
{
    struct composer *c = xcalloc(1, sizeof *c);
    for (u32 k = 0; k < SEQUENCES; k++) {
        u16 *at = &c->first[bucket(sequences[k].step[0], sequences[k].step[1])];
        c->next[k] = *at;
        *at = (u16)(k + 1);
    }
    return c;
}

void composer_free(struct composer *c) { free(c); }

/* The step that an op is, by its function: fused with the jump behind it, without flags, or as it was decoded. */
static u32 step_of(const struct op *o, const struct decoded *d, const struct decoded *behind)
{
    if (!d->body)
        return 0;
    if (o->fn == (void (*)(void))fast_handlers[d->body][d->size_log2][d->form])
        return STEP_ID(OF_FAST, d->body, d->size_log2, d->form, 0);
    if (behind && o->fn == (void (*)(void))fused_handler(d->body, d->size_log2, d->form, behind->cc))
        return STEP_ID(OF_PAIRS, d->body, d->size_log2, d->form, behind->cc);
    if (o->fn == (void (*)(void))quiet_handler(d->body, d->size_log2, d->form))
        return STEP_ID(OF_QUIET, d->body, d->size_log2, d->form, 0);
    return 0;
}

static const struct sequence *longest(const struct composer *c, const u32 *step)
{
    const struct sequence *best = NULL;
    for (u32 k = c->first[bucket(step[0], step[1])]; k; k = c->next[k - 1]) {
        const struct sequence *s = &sequences[k - 1];
        if ((!best || s->n > best->n) && !memcmp(s->step, step, (size_t)s->n * sizeof *step))
            best = s;
    }
    return best;
}

void compose_pass(const struct composer *c, struct op *ops, const u16 *at, const struct decoded *insns, int n)
{
    u32 id[BLOCK_MAX];
    u8 next[BLOCK_MAX];                 /* the instruction behind the step; 0: it does not stand right behind it */
    for (int k = 0; k < n; k++) {
        id[k] = step_of(&ops[at[k]], &insns[k], k + 1 < n ? &insns[k + 1] : NULL);
        int taken = id[k] >> 28 == OF_PAIRS ? 2 : 1;
        int behind = at[k] + (taken == 2 ? 3 : insns[k].shape == DECODED_BRANCH ? 2 : 1);
        next[k] = k + taken < n && at[k + taken] == behind ? (u8)(k + taken) : 0;
    }
    for (int k = 0; k < n && COMPOSE; k++) {
        u32 step[STEPS] = { id[k] };
        int j = k;
        for (int i = 1; i < STEPS && step[i - 1] && next[j]; i++)
            step[i] = id[j = next[j]];
        const struct sequence *s = step[1] ? longest(c, step) : NULL;
        if (s)
            ops[at[k]].fn = (void (*)(void))s->fn;
    }
}
