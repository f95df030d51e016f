/* tape.c - see tape.h. */
#include "tape.h"
#include "../image/image.h"

int place_compare(const struct machine_place *a, const struct machine_place *b)
{
    if (a->ticks != b->ticks)
        return a->ticks < b->ticks ? -1 : 1;
    return a->ns < b->ns ? -1 : a->ns > b->ns;
}

static void let_go(struct taped *taped)
{
    if (taped->e.kind == INPUT_MEDIUM)
        image_let_go(taped->e.image);
}

static void let_go_of(struct tape *t, u64 first, u64 end)
{
    for (u64 k = first; k < end; k++)
        let_go(&t->taped[k - t->gone]);
}

void tape_note(struct tape *t, const struct machine_place *at, u64 look, const struct input_event *e)
{
    let_go_of(t, t->next, t->end);
    t->end = t->next;
    size_t n = (size_t)(t->end - t->gone);
    if (n == t->room) {
        t->room = t->room ? 2 * t->room : 64;
        t->taped = xrealloc(t->taped, t->room * sizeof *t->taped);
    }
    t->taped[n] = (struct taped) { *at, look, *e };
    t->next = ++t->end;
    if (e->kind == INPUT_MEDIUM)
        image_keep(e->image);
}

void tape_entered(struct tape *t)
{
    struct taped *last = &t->taped[t->next - 1 - t->gone];
    if (t->goes_back || last->e.kind != INPUT_MEDIUM)
        return;
    let_go(last);
    last->e.image = NULL;
}

const struct taped *tape_next(const struct tape *t) { return t->next < t->end ? &t->taped[t->next - t->gone] : NULL; }

const struct taped *tape_take(struct tape *t, const struct machine_place *here, const struct taped *first)
{
    const struct taped *next = tape_next(t);
    if (!next || place_compare(&next->at, here) || (first && first->look != next->look))
        return NULL;
    t->next++;
    return next;
}

bool tape_missed(const struct tape *t, const struct machine_place *here)
{
    const struct taped *next = tape_next(t);
    return next && place_compare(&next->at, here) < 0;
}

void tape_cut(struct tape *t, u64 n)
{
    if (t->sealed)
        return;
    n = n < t->end ? n : t->end;
    let_go_of(t, n, t->end);
    t->end = n;
    t->next = t->next < t->end ? t->next : t->end;
}

void tape_forget(struct tape *t, u64 n)
{
    if (t->whole || n <= t->gone)
        return;
    let_go_of(t, t->gone, n);
    memmove(t->taped, t->taped + (n - t->gone), (size_t)(t->end - n) * sizeof *t->taped);
    t->gone = n;
}

void tape_free(struct tape *t)
{
    let_go_of(t, t->gone, t->end);
    free(t->taped);
    *t = (struct tape) { 0 };
}
