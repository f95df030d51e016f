/* compose.c - superinstructions by composition: the hot bodies once more, as inline functions that say how they ended, and for each line
 * of hot/sequences.inc a handler that runs several in a row. As with fuse.c it is overlay: only the first op's function differs, and the
 * others stay what they are, so that faults, counts and breakpoints are exact: a body that is not plain hands its own op to SLOW, which
 * goes on behind it. */
#include "ties.h"
#include "hot/instance.h"
#include "hot/conditions.h"
#include "hot/compare.h"

/* How a body ended: nothing was changed; on to the next op; by its link; to an offset, through what the handlers of fast.c use. */
enum ended { NOT_PLAIN, DONE, TAKEN, CALLED, RETURNED_FLAT, RETURNED_ANY, INDIRECT_FLAT, INDIRECT_ANY };

/* The 32-bit register that a step wrote last, known until the sequence ends: a step that names it again (its `tie` says by which of its
 * operands) takes it from here, and where that step is one of registers that writes it, too, it was not stored before (`waits`). All but
 * the value is known to the compiler, which leaves nothing of this. So it is with the flags: those that the next step overwrites, all of
 * them, are stored only where that one is not plain (`flags_wait`), and one that takes CF in has it from here. */
struct held { u64 value, result, aux, wide; u8 place; bool waits, flags_wait, knows_flags; };

static inline __attribute__((always_inline)) void store_held(struct cpu *cpu, struct held *held)
{
    if (held->waits)
        set_reg_at64(cpu, held->place, held->value);
    held->waits = false;
}

static inline __attribute__((always_inline)) void hold(struct cpu *cpu, struct held *held, u8 place, u32 value, bool waits)
{
    held->value = value;
    held->place = place;
    held->waits = waits;
    if (!waits)
        set_reg_at64(cpu, place, value);
}

static inline __attribute__((always_inline)) void hold_flags(struct cpu *cpu, struct held *held, u64 result, u64 aux, u64 wide,
                                                                  bool later)
{
    if (later)
        __asm__("" : "+r"(aux));        /* one value that waits, not what it comes from */
    held->result = result;
    held->aux = aux;
    held->wide = wide;
    held->flags_wait = later;
    held->knows_flags = true;
    if (!later)
        flags_set(cpu, result, aux);
}

#define INSTANCE_FAST 1
#define INSTANCE_HOLDS 1
#define UNUSED __attribute__((unused))
#define OP(name, ...) \
    static inline __attribute__((always_inline)) UNUSED enum ended N(name)(UNUSED struct cpu *restrict cpu, UNUSED const struct op *o, \
        UNUSED struct tlb_entry *tlb, UNUSED u32 *to, UNUSED struct held *held, UNUSED int tie, \
        UNUSED bool waits, UNUSED bool later) { __VA_ARGS__; return DONE; }
#pragma push_macro("GO")
#pragma push_macro("HAND_TO")
#undef GO
#undef HAND_TO
#define GO(next)        return DONE
#define HAND_TO(h)      return NOT_PLAIN
#define SLOW_INSTEAD    return NOT_PLAIN
#define TAKE_BRANCH     return TAKEN
#define TAKE_CALL       return CALLED
#define JUMP_INDIRECT_FLAT(eip) do { *to = (eip); return INDIRECT_FLAT; } while (0)
#define JUMP_INDIRECT_ANY(eip) do { *to = (eip); return INDIRECT_ANY; } while (0)
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
#define TEMPLATE "quiet_load.inc"
#define FORMS_OF 'M'
#include "hot/forms.h"
#undef TAKE_BRANCH
#undef TAKE_CALL
#undef JUMP_INDIRECT_FLAT
#undef JUMP_INDIRECT_ANY
#undef JUMP_RETURN_FLAT
#undef JUMP_RETURN_ANY
#pragma pop_macro("GO")
#pragma pop_macro("HAND_TO")
#include "hot/fast_leave.h"

#ifdef VITRINE_SMALL                       /* where the program's size counts */
#define LIST "hot/sequences_few.inc"
#define SMALL __attribute__((minsize))     /* of what lays the handlers, in this file of fast ones */
#else
#define LIST "hot/sequences.inc"
#define SMALL
#endif

/* What a step does to the flags: keeps all of them, overwrites all of them, or neither, or is QUIET and lets all of them go. */
#define SETS_ALL(class) ((class) == CLASS_TWO || (class) == CLASS_COMPARE || (class) == CLASS_TEST)
enum on_flags {
    ON_FLAGS_MORE, ON_FLAGS_KEEPS, ON_FLAGS_SETS, ON_FLAGS_DROPS,
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) \
    SETS_##name = SETS_ALL(CLASS_##class) ? ON_FLAGS_SETS : CLASS_##class == CLASS_MOVE ? ON_FLAGS_KEEPS : ON_FLAGS_MORE, \
    DROPS_##name = SETS_ALL(CLASS_##class) ? ON_FLAGS_DROPS : ON_FLAGS_KEEPS,
#include "hot/bodies.inc"
#undef BODY
};

/* A step: its body, how many ops it takes (a conditional jump's is the last but one of them), its form, what it does to the flags, and
 * its tie. */
#define FLAGS(name, w, f, ...)    (CAT(b_, name, w, f), 1, FORM_##f, SETS_##name, TIE_##__VA_ARGS__)
#define QUIET(name, w, f, ...)    (CAT(quiet_, name, w, f), 1, FORM_##f, DROPS_##name, TIE_##__VA_ARGS__)
#define BRANCH(name, w)           (CAT(b_, name, w, PLAIN), 2, FORM_PLAIN, ON_FLAGS_MORE, TIE_)
#define LEAVE(name, w, f)         (CAT(b_, name, w, f), 1, FORM_##f, ON_FLAGS_MORE, TIE_)
#define PAIR(name, cc, w, f, ...) (CAT(pair_, name##_##cc, w, f), 3, FORM_##f, SETS_##name, TIE_##__VA_ARGS__)
#define PARTS(...)                __VA_ARGS__
/* May the register that is held wait for this step to write it? */
#define WAITS_(body, ops, form, sets, tie) (((tie) & TIE_D) && (form) < FORM_RB)
#define WAITS_OF(...)             WAITS_(__VA_ARGS__)
#define WAITS(step)               WAITS_OF(PARTS step)
/* May the flags that are known wait for this step, which overwrites them? Not beside a place in memory that is written: a handler has few
 * registers. */
#ifdef ENGINE_FLAGS_AT_ONCE                /* a build with VITRINE_WITHOUT=waits */
#define LATER_(body, ops, form, sets, tie) false
#else
#define LATER_(body, ops, form, sets, tie) ((sets) >= ON_FLAGS_SETS && (form) < FORM_BR)
#endif
#define LATER_OF(...)             LATER_(__VA_ARGS__)
#define LATER(step)               LATER_OF(PARTS step)
#define RUN_(body, ops, form, sets, tie, waits, later) { \
    u32 eip_ = 0; \
    enum ended e_ = body(cpu, o, TLB, &eip_, &held, tie, waits, (later) && (sets) == ON_FLAGS_SETS && (ops) == 1); \
    if (!(waits) || e_ != DONE) store_held(cpu, &held); \
    if (e_ == NOT_PLAIN && held.flags_wait) flags_set(cpu, held.result, held.aux); \
    if ((sets) == ON_FLAGS_DROPS) held.flags_wait = false; \
    if ((sets) == ON_FLAGS_MORE) held.knows_flags = false; \
    if (unlikely(e_ == NOT_PLAIN)) HAND_TO(h_beside); \
    if (e_ == TAKEN) { if ((ops) == 3) o += 1; BRANCH_DONT_INDEX; TAKE_BRANCH; } \
    if (e_ == CALLED) TAKE_CALL; \
    if (e_ == RETURNED_FLAT) JUMP_RETURN_FLAT(eip_); \
    if (e_ == RETURNED_ANY) JUMP_RETURN_ANY(eip_); \
    if (e_ == INDIRECT_FLAT) JUMP_INDIRECT_FLAT(eip_); \
    if (e_ == INDIRECT_ANY) JUMP_INDIRECT_ANY(eip_); \
    o += (ops); }
#define RUN_OF(...)               RUN_(__VA_ARGS__)
#define RUN(step, behind)         RUN_OF(PARTS step, WAITS(behind), LATER(behind))
#define HANDLER_OF_(line)         c_##line
#define HANDLER_OF(line)          HANDLER_OF_(line)
#define SEQUENCE(...)             static HANDLER(HANDLER_OF(__LINE__)) { struct held held = { 0 }; __VA_ARGS__ GO(o); }
#define LAST(step)                RUN(step, (, , 0, 0, TIE_))
#define SEQUENCE2(a, b)           SEQUENCE(RUN(a, b) LAST(b))
#define SEQUENCE3(a, b, c)        SEQUENCE(RUN(a, b) RUN(b, c) LAST(c))
#define SEQUENCE4(a, b, c, d)     SEQUENCE(RUN(a, b) RUN(b, c) RUN(c, d) LAST(d))
#define SEQUENCE5(a, b, c, d, e)  SEQUENCE(RUN(a, b) RUN(b, c) RUN(c, d) RUN(d, e) LAST(e))
#define SEQUENCE6(a, b, c, d, e, f) SEQUENCE(RUN(a, b) RUN(b, c) RUN(c, d) RUN(d, e) RUN(e, f) LAST(f))
#include LIST
#undef FLAGS
#undef QUIET
#undef BRANCH
#undef LEAVE
#undef PAIR

/* What a step is, as a number: the table that its handler comes from, where in it, and its tie. 0: none. */
enum { STEPS = 6, SIZE_8 = 0, SIZE_16, SIZE_32, TIE_SHIFT = 28 };
enum condition {
#define X(cc, number) CC_j##cc = number,
    CONDITIONS(X)
#undef X
};
#define STEP_ID(table, body, size, form, cc, tie) \
    ((u32)(tie) << TIE_SHIFT | (u32)(table) << 24 | (u32)(body) << 12 | (u32)(size) << 9 | (u32)(form) << 4 | (u32)(cc))
enum { OF_FAST = 1, OF_QUIET, OF_PAIRS };
static inline u32 untied(u32 id) { return id & ((1u << TIE_SHIFT) - 1); }
static inline u32 table_of(u32 id) { return id >> 24 & 3; }

#define FLAGS(name, w, f, ...)    STEP_ID(OF_FAST, BODY_##name, SIZE_##w, FORM_##f, 0, TIE_##__VA_ARGS__)
#define LEAVE(name, w, f)         FLAGS(name, w, f)
#define BRANCH(name, w)           FLAGS(name, w, PLAIN)
#define QUIET(name, w, f, ...)    STEP_ID(OF_QUIET, BODY_##name, SIZE_##w, FORM_##f, 0, TIE_##__VA_ARGS__)
#define PAIR(name, cc, w, f, ...) STEP_ID(OF_PAIRS, BODY_##name, SIZE_##w, FORM_##f, CC_##cc, TIE_##__VA_ARGS__)
#define SEQUENCE_(n, ...)         { HANDLER_OF(__LINE__), n, { __VA_ARGS__ } },
#undef SEQUENCE2
#undef SEQUENCE3
#undef SEQUENCE4
#undef SEQUENCE5
#undef SEQUENCE6
#define SEQUENCE2(...)            SEQUENCE_(2, __VA_ARGS__)
#define SEQUENCE3(...)            SEQUENCE_(3, __VA_ARGS__)
#define SEQUENCE4(...)            SEQUENCE_(4, __VA_ARGS__)
#define SEQUENCE5(...)            SEQUENCE_(5, __VA_ARGS__)
#define SEQUENCE6(...)            SEQUENCE_(6, __VA_ARGS__)
static const struct sequence { handler *fn; int n; u32 step[STEPS]; } sequences[] = {
#include LIST
};

enum { BUCKETS = 1024, SEQUENCES = sizeof sequences / sizeof sequences[0] };
/* Numbers of sequences + 1, by their first two steps, and what each spares. */
struct composer { u16 first[BUCKETS], next[SEQUENCES]; u8 spares[SEQUENCES]; };

/* What a tie spares, with a dispatch for 5: a load of a register that was just stored, and in a step of registers alone its store, too.
 * tests/bench/sequences/choose reckons alike. */
SMALL static int tie_spares(u32 step)
{
    u32 tie = step >> TIE_SHIFT, form = step >> 4 & 31;
    return (tie & TIE_D ? form < FORM_RB ? 4 : 2 : 0) + (tie & TIE_S ? 2 : 0) + (tie & TIE_B ? 1 : 0) + (tie & TIE_X ? 1 : 0);
}

SMALL static int sequence_spares(const struct sequence *s)
{
    int spares = 5 * (s->n - 1);
    for (int i = 1; i < s->n; i++)
        spares += tie_spares(s->step[i]);
    return spares;
}

static u32 bucket(u32 a, u32 b) { return (a * 2654435761u ^ b * 2246822519u) >> 16 & (BUCKETS - 1); }

SMALL struct composer *composer_new(void)
{
    struct composer *c = xcalloc(1, sizeof *c);
    for (u32 k = 0; k < SEQUENCES; k++) {
        u16 *at = &c->first[bucket(sequences[k].step[0], untied(sequences[k].step[1]))];
        c->spares[k] = (u8)sequence_spares(&sequences[k]);
        c->next[k] = *at;
        *at = (u16)(k + 1);
    }
    return c;
}

void composer_free(struct composer *c) { free(c); }

/* The step that an op is, by its function: fused with the jump behind it, without flags, or as it was decoded. */
SMALL static u32 step_of(const struct op *o, const struct decoded *d, const struct decoded *behind)
{
    if (!d->body)
        return 0;
    if (o->fn == (void (*)(void))fast_handlers[d->body][d->size_log2][d->form])
        return STEP_ID(OF_FAST, d->body, d->size_log2, d->form, 0, TIE_);
    if (behind && o->fn == (void (*)(void))fused_handler(d->body, d->size_log2, d->form, behind->cc))
        return STEP_ID(OF_PAIRS, d->body, d->size_log2, d->form, behind->cc, TIE_);
    if (o->fn == (void (*)(void))quiet_handler(d->body, d->size_log2, d->form))
        return STEP_ID(OF_QUIET, d->body, d->size_log2, d->form, 0, TIE_);
    return 0;
}

SMALL int step_tie(int body, int size_log2, int form, const struct op *o, u8 place)
{
    bool dst = form <= FORM_RW, src = form == FORM_RR || (form >= FORM_BR && form <= FORM_WR), memory = form >= FORM_RB;
    int registers = body_info[body].registers;
    if (!place || size_log2 != SIZE_32 || registers == REGISTERS_MORE || (form == FORM_RR && registers == REGISTERS_BYTE))
        return TIE_;
    return (dst && o->dst == place ? TIE_D : 0) | (src && o->src == place ? TIE_S : 0) |
           (memory && o->base == place ? TIE_B : 0) | (memory && o->index == place ? TIE_X : 0);
}

SMALL u8 step_holds(int body, int size_log2, int form, const struct op *o, u8 place)
{
    const struct body_info *is = &body_info[body];
    if (is->registers == REGISTERS_MORE)
        return 0;
    if (form > FORM_RW || is->class == CLASS_COMPARE || is->class == CLASS_TEST)
        return place;
    return size_log2 == SIZE_32 ? o->dst : 0;
}

/* The cheapest way from an op to the end of its row: what is spared on it, and the sequence that it begins with. */
struct way { int spares; const struct sequence *first; };

/* Of the sequences that begin with `step`, the one that spares most together with what stands behind it; of two, the one that spares more
 * itself, for a jump in it may be taken. behind[i]: what is spared from the step i on. */
SMALL static void find_way(const struct composer *c, const u32 *step, const int *behind, struct way *way)
{
    int own = 0;
    for (u32 k = c->first[bucket(step[0], untied(step[1]))]; k; k = c->next[k - 1]) {
        const struct sequence *s = &sequences[k - 1];
        int spares = c->spares[k - 1], i = 0;
        while (i < s->n && (s->step[i] == step[i] || s->step[i] == untied(step[i])))
            i++;
        int all = i == s->n ? spares + behind[i] : 0;
        if (all > way->spares || (i == s->n && all == way->spares && spares > own)) {
            *way = (struct way) { all, s };
            own = spares;
        }
    }
}

/* From behind, each op by itself: whoever enters at one, where the row begins or a fault returned to, has the cheapest way from there. */
SMALL void compose_pass(const struct composer *c, struct op *ops, const u16 *at, const struct decoded *insns, int n)
{
    u32 id[BLOCK_MAX];
    u8 next[BLOCK_MAX];                 /* the instruction behind the step; n: it does not stand right behind it */
    int spares[BLOCK_MAX + 1] = { 0 };
    for (int k = 0; k < n; k++) {
        id[k] = step_of(&ops[at[k]], &insns[k], k + 1 < n ? &insns[k + 1] : NULL);
        int taken = table_of(id[k]) == OF_PAIRS ? 2 : 1;
        int behind = at[k] + (taken == 2 ? 3 : insns[k].shape == DECODED_BRANCH ? 2 : 1);
        next[k] = (u8)(k + taken < n && at[k + taken] == behind ? k + taken : n);
    }
    for (int k = n - 1; k >= 0 && COMPOSE; k--) {
        struct way way = { spares[next[k]], NULL };
        spares[k] = way.spares;
        if (!id[k] || next[k] == n || !c->first[bucket(id[k], id[next[k]])])
            continue;
        u32 step[STEPS] = { id[k] };
        int behind[STEPS + 1], i = 1, j = k;
        u8 place = 0;                   /* the register that the steps before have left held */
        for (; i < STEPS && step[i - 1] && next[j] < n; i++) {
            const struct decoded *d = &insns[j];
            place = step_holds(d->body, d->size_log2, d->form, &d->op, place);
            d = &insns[j = next[j]];
            behind[i] = spares[j];
            step[i] = id[j] ? id[j] | (u32)step_tie(d->body, d->size_log2, d->form, &d->op, place) << TIE_SHIFT : 0;
        }
        behind[i] = spares[next[j]];
        find_way(c, step, behind, &way);
        spares[k] = way.spares;
        if (way.first)
            ops[at[k]].fn = (void (*)(void))way.first->fn;
    }
}
