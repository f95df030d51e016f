/* sequence.c - a sequence of instructions is made up while it runs step by step, then run whole. Some have a counted
 * loop: MOV ECX at the start, and a branch back behind the body. */
#include "report.h"
#include "start.h"

enum { SEQUENCE = 12, TRIES = 50, LOOP_EVERY = 6, BODY_MAX = 5, COLD_EVERY = 8 };

/* Is there room for an instruction that nothing has been written to? */
static bool free_code(const struct lockstep *l, u32 at)
{
    u8 bytes[INSN_ROOM];
    u32 left = CODE_AT + CODE_SIZE - at, n = left < INSN_ROOM ? left : INSN_ROOM;
    if (at - CODE_AT >= CODE_SIZE || !guest_peek(&l->step, at, bytes, n))
        return false;
    for (u32 i = 0; i < n; i++) {
        if (bytes[i] != HLT)
            return false;
    }
    return true;
}

/* The code's end cuts it: both sides fault on the fetch, whatever it would have been. */
static void cut_at_end(struct step *s)
{
    u32 left = CODE_AT + CODE_SIZE - regs_linear(&s->before);
    if (s->insn.length > left) {
        s->insn.length = (u8)left;
        s->insn.encoding = NULL;
    }
}

static const struct step *stands_at(const struct lockstep *l, const struct regs *now)
{
    for (int i = 0; i < l->count; i++) {
        const struct step *s = &l->steps[i];
        if (!s->again && s->before.eip == now->eip && s->before.selector[CS] == now->selector[CS])
            return s;
    }
    return NULL;
}

/* What the next step is to be. */
enum wish { WISH_ANY, WISH_COUNT, WISH_BRANCH };

static bool choose(struct lockstep *l, struct step *s, u16 tainted, enum wish wish, u32 target)
{
    for (int tries = 0; tries < TRIES; tries++) {
        if (wish == WISH_COUNT)
            insn_count(&l->g, &s->before, &s->insn);
        else if (wish == WISH_BRANCH)
            insn_branch(&l->g, &s->before, target, &s->insn);
        else
            insn_generate(&l->g, &s->before, &s->insn);
        if (!s->insn.length)
            continue;
        cut_at_end(s);
        step_decode(l, s);
        if (!is_trouble(l, s) && taint(s, tainted, &s->tainted))
            return true;
    }
    return false;
}

static struct step *new_step(struct lockstep *l, const struct regs *now)
{
    struct step *s = &l->steps[l->count];
    s->before = *now;
    s->mark = l->changes.count;
    s->again = false;
    return s;
}

/* Both sides run it; true if the sequence may go on behind it. */
static bool take_step(struct lockstep *l, struct step *s, u16 tainted)
{
    l->count++;
    if (!step_both(l, s, tainted)) {
        shrink(l, l->count - 1);
        return false;
    }
    if (!s->again)
        insn_made(&l->g, &s->insn, &s->op, &s->before, s->insn.memory && s->op.row ? operand_linear(l, &s->op, &s->before) : 0);
    return l->after.eip != s->before.eip && l->after.outcome == OUTCOME_STEP && selectors_settable(&l->after);
}

/* Once more an instruction that stands there. False: it must not run in this state. */
static bool step_again(struct lockstep *l, const struct step *there, const struct regs *now, u16 tainted, bool *more)
{
    struct step *s = new_step(l, now);
    s->insn = there->insn;
    s->op = there->op;
    s->again = true;
    if (is_trouble(l, s) || !taint(s, tainted, &s->tainted))
        return false;
    *more = take_step(l, s, tainted);
    return true;
}

/* Steps until nothing may follow. False: the sequence must not run whole, for it would not end where this did. */
static bool make(struct lockstep *l, struct regs now)
{
    struct random *r = &l->g.random;
    int fresh = 0, length = 1 + (int)random_below(r, SEQUENCE),
        body = random_below(r, LOOP_EVERY) ? 0 : 2 + (int)random_below(r, BODY_MAX);
    u16 tainted = 0;
    bool more = true;
    while (more && l->count < STEPS) {
        const struct step *there = stands_at(l, &now);
        if (there) {
            if (!step_again(l, there, &now, tainted, &more))
                return false;
        } else {
            enum wish wish = !body ? WISH_ANY : fresh == 0 ? WISH_COUNT : fresh == body ? WISH_BRANCH : WISH_ANY;
            struct step *s = new_step(l, &now);
            u32 target = fresh > 1 ? l->steps[1].before.eip : now.eip;
            if (fresh == length + body || !free_code(l, regs_linear(&now)) || !choose(l, s, tainted, wish, target))
                return true;
            code_write(l, regs_linear(&now), s->insn.bytes, s->insn.length);
            more = take_step(l, s, tainted);
            fresh++;
        }
        tainted = l->steps[l->count - 1].tainted;
        now = l->after;
    }
    return l->count < STEPS || !stands_at(l, &now);
}

/* The last step led to where ours would go on, not to a HLT: without it, the sequence ends. False: it ran before,
 * too. */
static bool drop_last(struct lockstep *l)
{
    struct step *last = &l->steps[l->count - 1];
    bool again = last->again;
    u8 fill[INSN_ROOM];
    for (int i = 0; i < l->count - 1; i++)
        again |= l->steps[i].before.eip == last->before.eip;
    if (again)
        return false;
    memset(fill, HLT, sizeof fill);
    code_write(l, regs_linear(&last->before), fill, last->insn.length);
    l->count--;
    l->after = last->before;
    memory_rewind(l, last->mark);
    return !goes_on(l, regs_linear(&l->after));
}

void sequence_run(struct lockstep *l)
{
    struct regs first;
    u64 failures = l->failures;
    start_random(l, &first);
    l->g.mix = (u8)random_below(&l->g.random, GENERATOR_MIXES);
    l->count = 0;
    l->cold = l->sequences % COLD_EVERY == 0;
    l->after = first;
    if (l->tape)
        tape_sequence(l->tape, l->cold);
    bool whole = make(l, first), loops = false, dropped = false;
    if (l->failures == failures) {
        if (whole && l->count && l->after.outcome == OUTCOME_STEP && goes_on(l, regs_linear(&l->after)))
            whole = drop_last(l), dropped = true;
        for (int i = 0; i < l->count; i++)
            loops |= l->steps[i].again;
        l->looped += loops;
        l->cut += !whole;
        if (whole && l->count) {
            if (!run_whole(l))
                shrink(l, -1);
            whole = !l->repeated;
        } else {
            memory_follow(l);
        }
    }
    if (l->tape)
        tape_sequence_end(l->tape, whole && l->failures == failures && !dropped);
    code_erase(l);
    if (l->failures != failures)
        memory_settle(l);
    l->count = 0;
    l->sequences++;
}
