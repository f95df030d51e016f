/* shrink.c - a difference made as small as it can be and written down, and the written ones replayed. */
#include "report.h"

struct scene {                  /* a sequence with the state that it starts from */
    struct step *steps;
    int count;
    u8 memory[MEMORY_SIZE];
};

/* ---- playing a scene ---- */

/* The steps l->steps[0, n) from the first one's state, in memory that was set; then whole. True: no difference. Each
 * must start where it did when it was made. */
static bool play(struct lockstep *l, int n)
{
    u16 tainted = 0;
    bool going = true;
    l->after = l->steps[0].before;
    for (l->count = 0; l->count < n && going; ) {
        struct step *s = &l->steps[l->count];
        if (l->after.eip != s->before.eip)
            return true;
        s->before = l->after;
        s->mark = l->changes.count;
        l->count++;
        code_write(l, regs_linear(&s->before), s->insn.bytes, s->insn.length);
        step_decode(l, s);
        if (is_trouble(l, s))
            return true;
        taint(s, tainted, &s->tainted);
        if (!step_both(l, s, tainted))
            return false;
        going = l->after.outcome == OUTCOME_STEP && l->after.eip != s->before.eip && selectors_settable(&l->after);
        tainted = s->tainted;
    }
    if (!selectors_settable(&l->after) || (l->after.outcome == OUTCOME_STEP && goes_on(l, regs_linear(&l->after))))
        return true;
    return run_whole(l);
}

/* Does the scene show a difference, from cold caches or from those that it has left itself? */
static bool differs(struct lockstep *l, const struct scene *scene)
{
    bool found = false;
    for (int cold = 1; cold >= 0 && !found; cold--) {
        memory_set(l, scene->memory);
        memcpy(l->steps, scene->steps, (size_t)scene->count * sizeof *scene->steps);
        l->cold = cold;
        found = !play(l, scene->count);
        code_erase(l);
    }
    l->count = 0;
    return found;
}

/* ---- smaller ---- */

/* Keep `changed` if the difference is still there, otherwise put `*old` back. */
static bool try(struct lockstep *l, struct scene *scene, struct regs *state, const struct regs *changed)
{
    struct regs old = *state;
    if (!memcmp(&old, changed, sizeof old))
        return true;
    *state = *changed;
    if (differs(l, scene))
        return true;
    *state = old;
    return false;
}

static void shrink_memory(struct lockstep *l, struct scene *scene)
{
    u8 old[1024];
    static const u8 zero[sizeof old];
    for (int chunk = (int)sizeof old; chunk >= 16; chunk /= 8) {
        for (int at = 0; at < MEMORY_SIZE; at += chunk) {
            if (!memcmp(scene->memory + at, zero, (size_t)chunk))
                continue;
            memcpy(old, scene->memory + at, (size_t)chunk);
            memset(scene->memory + at, 0, (size_t)chunk);
            if (!differs(l, scene))
                memcpy(scene->memory + at, old, (size_t)chunk);
        }
    }
}

/* All of it, or word by word. */
static bool shrink_fpu(struct lockstep *l, struct scene *scene, struct regs *s)
{
    const struct fpu plain = { .fcw = 0x37f, .fcs = USER_CS, .fds = USER_DS };
    struct regs t = *s;
    t.fpu = plain;
    if (try(l, scene, s, &t))
        return true;
    t = *s;
    t.fpu.fcw = plain.fcw;
    try(l, scene, s, &t);
    t = *s;
    t.fpu.fsw = 0;
    try(l, scene, s, &t);
    return false;
}

static void shrink_state(struct lockstep *l, struct scene *scene)
{
    struct regs *s = &scene->steps[0].before, t;
    shrink_memory(l, scene);
    bool plain = shrink_fpu(l, scene, s);
    for (int i = 0; i < 8; i++) {
        t = *s;
        t.gpr[i] = 0;
        try(l, scene, s, &t);
        t = *s;
        t.fpu.st[i].significand = 0;
        t.fpu.st[i].se = 0;
        if (!plain)
            try(l, scene, s, &t);
    }
    for (int i = 0; i < SEGMENTS; i++) {
        t = *s;
        t.selector[i] = i == CS ? USER_CS : i < FS ? USER_DS : 0;
        if (i != CS)
            try(l, scene, s, &t);
    }
    for (u32 bit = 1; bit <= FLAG_AC; bit <<= 1) {
        t = *s;
        t.eflags &= ~(bit & (FLAGS_ARITH | FLAG_DF | FLAG_AC));
        try(l, scene, s, &t);
    }
}

static void keep(struct lockstep *l, const struct scene *scene)
{
    printf("  shrunk to %d of the instructions; for the file of regressions:\n", scene->count);
    regression_write(stdout, scene->steps, scene->count, scene->memory);
    fflush(stdout);
    if (l->keep) {
        FILE *f = fopen(l->keep, "a");
        if (f) {
            regression_write(f, scene->steps, scene->count, scene->memory);
            fclose(f);
        }
    }
}

/* First each step alone, then ever longer ends of the sequence. */
static void find_smallest(struct lockstep *l, const struct scene *all, u8 (*memory)[MEMORY_SIZE], int first)
{
    struct scene *trial = xcalloc(1, sizeof *trial);
    bool found = false;
    trial->steps = xcalloc(STEPS, sizeof *trial->steps);
    for (int n = 1; n <= all->count && !found; n++) {
        for (int i = n == 1 ? first : all->count - n; i + n <= all->count && !found; i++) {
            memcpy(trial->steps, all->steps + i, (size_t)n * sizeof *trial->steps);
            memcpy(trial->memory, memory[i], MEMORY_SIZE);
            trial->count = n;
            found = differs(l, trial);
        }
    }
    while (found && trial->count > 1) {                         /* what comes behind it */
        trial->count--;
        if (differs(l, trial))
            continue;
        trial->count++;
        break;
    }
    if (found)
        shrink_state(l, trial);
    keep(l, found ? trial : all);
    free(trial->steps);
    free(trial);
}

void shrink(struct lockstep *l, int last)
{
    if (l->replaying || l->shrinking || !l->count)
        return;
    int count = last < 0 ? l->count : last + 1;
    struct scene *all = xcalloc(1, sizeof *all);
    u8 (*memory)[MEMORY_SIZE] = xcalloc((size_t)count, sizeof *memory), *now = xcalloc(1, MEMORY_SIZE);
    all->steps = xcalloc(STEPS, sizeof *all->steps);
    all->count = count;
    memcpy(all->steps, l->steps, (size_t)count * sizeof *all->steps);
    for (int i = 0; i < count; i++)
        memory_before(l, l->steps[i].mark, memory[i]);
    memcpy(all->memory, memory[0], MEMORY_SIZE);
    memory_before(l, l->changes.count, now);
    code_erase(l);
    l->shrinking = true;
    find_smallest(l, all, memory, last < 0 ? 0 : last);
    l->shrinking = false;
    l->count = 0;
    memory_set(l, now);
    free(all->steps);
    free(all);
    free(memory);
    free(now);
}

/* ---- replaying ---- */

int replay(struct lockstep *l, const char *path)
{
    FILE *f = fopen(path, "r");
    struct scene *scene;
    int n = 0;
    if (!f)
        return 0;
    scene = xcalloc(1, sizeof *scene);
    scene->steps = xcalloc(STEPS, sizeof *scene->steps);
    l->replaying = true;
    while ((scene->count = regression_read(f, scene->steps, STEPS, scene->memory, NULL)) != 0) {
        if (scene->count < 0)
            l->failures++;
        if (scene->count < 0 || (!l->g.segments && scene->steps[0].before.selector[GS]))
            continue;
        differs(l, scene);
        memory_settle(l);
        n++;
    }
    fclose(f);
    free(scene->steps);
    free(scene);
    l->replaying = false;
    l->done = 0;
    return n;
}
