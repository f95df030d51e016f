/* step.c - one instruction on the host and on ours, compared; then the whole sequence at once in each engine. */
#include "report.h"

enum { REP_MAX = 64, REPEAT_MAX = 1000 };

bool same_regs(const struct regs *a, const struct regs *b, u32 flags)
{
    return !memcmp(a->gpr, b->gpr, sizeof a->gpr) && a->eip == b->eip && a->outcome == b->outcome
           && a->address == b->address && !((a->eflags ^ b->eflags) & flags)
           && !memcmp(a->selector, b->selector, sizeof a->selector) && !memcmp(&a->fpu, &b->fpu, sizeof a->fpu);
}

bool step_decode(struct lockstep *l, struct step *s)
{
    struct decoded d;
    u32 mode = (l->step.bare.cpu->mode & ~(u32)MODE_D) | (is_wide(&s->before) ? MODE_D : 0);
    struct decode how = { .cpu = l->step.bare.cpu, .bytes = s->insn.bytes, .n = s->insn.length, .mode = mode };
    if (!decode_insn(&how, &d))
        d.op.row = NULL;
    s->op = d.op;
    return d.op.row;
}

bool goes_on(const struct lockstep *l, u32 at)
{
    u8 byte = 0;
    if (at - DATA_AT < DATA_SIZE || at - STACK_AT < STACK_SIZE)
        return true;
    return at - CODE_AT < CODE_SIZE && guest_peek(&l->step, at, &byte, 1) && byte != HLT;
}

/* ---- step by step ---- */

/* The host runs the instruction behind a load of SS, too: let it be a HLT. What to put back; 0: nothing. */
static u8 put_stop(struct lockstep *l, const struct step *s, u32 *at)
{
    static const u8 hlt = HLT;
    u8 byte;
    *at = regs_linear(&s->before) + s->insn.length;
    if (!loads_ss(&s->op) || *at - CODE_AT >= CODE_SIZE || !guest_peek(&l->step, *at, &byte, 1) || byte == HLT)
        return 0;
    host_write(&l->host, *at, &hlt, 1);
    return byte;
}

/* Ours, from `from`; l->after is the host's. */
static void follow(struct lockstep *l, const struct step *s, const struct regs *from, struct regs *ours)
{
    guest_load(&l->step, from, l->cold);
    guest_step(&l->step, ours);
    reconcile(l, s, from, &l->after, ours);
}

/* One iteration on both sides. */
static void iterate(struct lockstep *l, const struct step *s, const struct regs *from, struct regs *ours)
{
    host_step(&l->host, from, s->insn.length, &l->after);
    follow(l, s, from, ours);
}

static bool compare(struct lockstep *l, const struct step *s, const struct regs *ours, u16 tainted)
{
    u32 flags = COMPARED & ~(u32)s->tainted;
    if (l->after.outcome != OUTCOME_STEP)
        flags &= ~(u32)tainted;
    bool equal = same_regs(&l->after, ours, flags) && image_same(&l->host.memory, &l->step.image);
    if (!equal)
        report(l, "stepping", (int)(s - l->steps), (int)(s - l->steps) + 1, &l->after, &l->host.memory, ours, &l->step.image, flags);
    image_note(&l->now, &l->step.image, &l->changes);
    return equal;
}

static void count_step(struct lockstep *l, const struct step *s)
{
    u16 raised = (u16)(l->after.fpu.fsw & ~s->before.fpu.fsw & ~s->before.fpu.fcw & FSW_EXCEPTIONS);
    for (int i = 0; i < 6; i++)
        l->unmasked[i] += raised >> i & 1;
    l->faults[l->after.outcome]++;
    l->done++;
}

bool step_both(struct lockstep *l, struct step *s, u16 tainted)
{
    struct tape *tape = l->shrinking || l->replaying ? NULL : l->tape;
    struct regs ours, from = s->before;
    bool equal = true;
    u32 stop_at;
    u8 stop = put_stop(l, s, &stop_at);
    for (int n = 0; n < REP_MAX; n++) {
        if (tape)
            tape_before(tape, l->host.code, &l->host.memory, &from, s->insn.length, n > 0);
        host_step(&l->host, &from, s->insn.length, &l->after);
        if (tape)
            tape_after(tape, l->host.code, &l->host.memory, &l->after);
        follow(l, s, &from, &ours);
        equal = compare(l, s, &ours, tainted);
        from = l->after;
        if (!equal || l->after.outcome != OUTCOME_STEP || l->after.eip != s->before.eip
            || !selectors_settable(&l->after))
            break;
    }
    if (stop)
        host_write(&l->host, stop_at, &stop, 1);
    if (!l->shrinking)
        count_step(l, s);
    return equal;
}

bool step_judge(struct lockstep *l, struct step *s, const struct regs *from, u16 tainted)
{
    struct regs ours;
    follow(l, s, from, &ours);
    count_step(l, s);
    return compare(l, s, &ours, tainted);
}

/* ---- at once ---- */

static struct step *step_at(struct lockstep *l, u32 linear)
{
    for (int i = 0; i < l->count; i++) {
        if (regs_linear(&l->steps[i].before) == linear)
            return &l->steps[i];
    }
    return NULL;
}

/* The host once more, from the first state, with every instruction in place: one may have read the bytes of a later
 * one. */
static void repeat_on_host(struct lockstep *l)
{
    struct regs from = l->steps[0].before, ours;
    memory_rewind(l, 0);
    for (int n = 0; n < REPEAT_MAX && from.outcome == OUTCOME_STEP; n++) {
        const struct step *at = step_at(l, regs_linear(&from));
        u32 stop_at;
        if (!at || !selectors_settable(&from))
            break;
        u8 stop = put_stop(l, at, &stop_at);
        iterate(l, at, &from, &ours);
        if (stop)
            host_write(&l->host, stop_at, &stop, 1);
        image_note(&l->now, &l->step.image, &l->changes);
        from = l->after;
    }
}

static void run_one(struct lockstep *l, int e, struct regs *ours)
{
    guest_load(&l->whole[e], &l->steps[0].before, l->cold);
    guest_run(&l->whole[e], ours);
    /* A jump out of the code ends in a fault of the fetch there, by the page or by the limit. */
    if (l->after.outcome == OUTCOME_STEP && (ours->outcome == OUTCOME_PF || ours->outcome == OUTCOME_GP)
        && ours->eip == l->after.eip && regs_linear(ours) - CODE_AT >= CODE_SIZE) {
        ours->outcome = OUTCOME_STEP;
        ours->address = 0;
    }
}

bool run_whole(struct lockstep *l)
{
    static const char *const names[ENGINES] = { "FAST", "SLOW", "DEBUG" };
    struct regs ours[ENGINES];
    bool equal = true;
    u32 flags = COMPARED & ~(u32)l->steps[l->count - 1].tainted;
    if (l->after.outcome != OUTCOME_STEP && l->count > 1)
        flags &= ~(u32)l->steps[l->count - 2].tainted;
    l->repeated = !l->host.real;
    code_write_whole(l);
    for (int e = 0; e < ENGINES; e++) {
        run_one(l, e, &ours[e]);
        bool same = same_regs(&l->after, &ours[e], flags) && image_same(&l->now, &l->whole[e].image);
        if (!same && !l->repeated) {
            repeat_on_host(l);                                  /* it may have ended earlier than before */
            l->repeated = true;
            for (int i = 0; i < l->count; i++)
                flags &= ~(u32)l->steps[i].tainted;
            same = same_regs(&l->after, &ours[e], flags) && image_same(&l->now, &l->whole[e].image);
        }
        if (!same)
            report(l, names[e], 0, l->count, &l->after, &l->now, &ours[e], &l->whole[e].image, flags);
        equal &= same;
    }
    if (equal)
        l->changes.count = 0;                                   /* all sides have the same memory again */
    return equal;
}
