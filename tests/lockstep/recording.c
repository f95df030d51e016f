/* recording.c - a recording judges ours: step by step, and whole sequences at once in each engine, as if its processor were here. */
#include "report.h"
#include "../support/die.h"

struct replay {
    struct lockstep *l;
    struct tape *tape;
    u16 tainted;
    bool follows;               /* each step began where the one before it had ended, by this build's rules, too */
};

/* Code of the stepper as the recording's host had it. */
static void set_code(struct lockstep *l, const u8 *code)
{
    const u8 *ours = l->step.bare.ram->host + CODE_AT;
    for (u32 at = 0; at < CODE_SIZE; at += LINE) {
        if (memcmp(ours + at, code + at, LINE))
            guest_write(&l->step, CODE_AT + at, code + at, LINE);
    }
}

/* Memory as it was before the step: at a sequence's start everybody's; later it should be so already. */
static void set_memory(struct replay *r, const u8 *memory)
{
    struct lockstep *l = r->l;
    const struct image before = { (u8 *)(uintptr_t)memory, (u8 *)(uintptr_t)memory + DATA_SIZE };
    if (image_same(&l->now, &before))
        return;
    if (l->count == 0) {
        memory_set(l, memory);
        return;
    }
    r->follows = false;
    for (int line = 0; line < LINES; line++) {
        if (!memcmp(image_line(&l->now, line), image_line(&before, line), LINE))
            continue;
        memcpy(image_line(&l->now, line), image_line(&before, line), LINE);
        guest_write(&l->step, line_address(line), image_line(&before, line), LINE);
    }
}

static bool stood_there(const struct lockstep *l, const struct step *s)
{
    for (int i = 0; i < l->count; i++) {
        if (!l->steps[i].again && l->steps[i].before.eip == s->before.eip
            && l->steps[i].before.selector[CS] == s->before.selector[CS])
            return true;
    }
    return false;
}

/* Which encoding of the opcode table it is, for the count of those that ran. */
static const struct encoding *encoding_of(const struct lockstep *l, const struct op *o)
{
    for (int i = 0; i < l->g.encodings.count; i++) {
        if (l->g.encodings.list[i].row == o->row)
            return &l->g.encodings.list[i];
    }
    return NULL;
}

static struct step *new_step(struct replay *r)
{
    struct lockstep *l = r->l;
    const struct tape *t = r->tape;
    struct step *s = &l->steps[l->count];
    u32 at = regs_linear(&t->regs) - CODE_AT;
    if (l->count == STEPS || t->length > INSN_ROOM || at >= CODE_SIZE || CODE_SIZE - at < t->length)
        die("the recording %s is damaged after %llu instructions: code", t->path, (unsigned long long)t->steps);
    memset(s, 0, sizeof *s);
    s->before = t->regs;
    s->mark = l->changes.count;
    s->insn.length = t->length;
    memcpy(s->insn.bytes, t->memory + at, t->length);
    s->again = stood_there(l, s);
    step_decode(l, s);
    r->follows &= !l->count || same_regs(&l->after, &s->before, ~0u);
    r->follows &= taint(s, r->tainted, &s->tainted);
    l->count++;
    s->insn.encoding = encoding_of(l, &s->op);
    s->insn.memory = s->insn.encoding && s->insn.encoding->has_modrm && !op_is_reg(&s->op);
    if (!s->again)
        insn_made(&l->g, &s->insn, &s->op, &s->before, s->insn.memory ? operand_linear(l, &s->op, &s->before) : 0);
    return s;
}

static void take(struct replay *r)
{
    struct lockstep *l = r->l;
    struct tape *t = r->tape;
    struct regs from = t->regs;
    set_memory(r, t->memory + CODE_SIZE);
    set_code(l, t->memory);
    u16 tainted = r->tainted;
    bool again = t->again && l->count;
    struct step *s = again ? &l->steps[l->count - 1] : new_step(r);
    if (again)
        r->follows &= same_regs(&l->after, &from, ~0u);
    tape_result(t);
    memcpy(l->host.memory.data, t->memory + CODE_SIZE, DATA_SIZE);
    memcpy(l->host.memory.stack, t->memory + CODE_SIZE + DATA_SIZE, STACK_SIZE);
    l->after = t->regs;
    step_judge(l, s, &from, tainted);
    r->tainted = s->tainted;
}

static void end_sequence(struct replay *r)
{
    struct lockstep *l = r->l;
    u64 failures = l->failures;
    if (l->count && r->tape->whole && r->follows)
        run_whole(l);
    else
        l->cut++;
    code_erase(l);
    if (l->failures != failures || l->changes.count)
        memory_settle(l);
    l->count = 0;
    l->sequences++;
}

bool recording_judge(struct lockstep *l, const char *path)
{
    struct tape *t = xcalloc(1, sizeof *t);
    struct replay r = { .l = l, .tape = t };
    char why[300];
    bool good = tape_open(t, path, why, sizeof why);
    if (!good)
        fprintf(stderr, "lockstep: %s\n", why);
    for (bool more = good; more && l->failures < FAILURES_MAX; ) {
        l->judge = t->processor;
        l->host.segments = t->segments;
        switch (tape_next(t)) {
        case TAPE_SEQUENCE:
            r.tainted = 0;
            r.follows = true;
            l->cold = t->cold;
            l->count = 0;
            break;
        case TAPE_STEP: take(&r); break;
        case TAPE_SEQUENCE_END: end_sequence(&r); break;
        default: more = false; break;
        }
    }
    if (good)
        tape_close(t);
    free(t);
    return good;
}
