/* kept_media.c - floppies and CDs that come and go. As long as a snapshot or the tape names one, it is kept (image_keep): with what was
 * written over it in memory, or its file, which is everybody's while it is in no drive. What others have changed there meanwhile ends the
 * past. */
#include "history_parts.h"

/* ---- which are attended to ---- */

static struct kept_medium *find(const struct history *h, const struct image *image)
{
    for (int k = 0; k < h->media; k++)
        if (h->medium[k].image == image)
            return &h->medium[k];
    return NULL;
}

static struct kept_medium *attend(struct history *h, struct image *image)
{
    struct kept_medium *m = find(h, image);
    if (m)
        return m;
    h->medium = xrealloc(h->medium, ((size_t)h->media + 1) * sizeof *h->medium);
    m = &h->medium[h->media++];
    *m = (struct kept_medium) { .image = image };
    image_keep(image);
    image_set_keeper(image, snapshot_cluster, h);
    return m;
}

static struct image *in_drive(const struct history *h, int drive) { return h->pc ? pc_image(h->pc, drive) : NULL; }

void kept_attend(struct history *h)
{
    for (int k = 0; k < PC_MEDIA; k++)
        if (in_drive(h, k))
            attend(h, in_drive(h, k));
}

void kept_enter(struct history *h, struct image *image)
{
    if (image)
        attend(h, image)->until = h->tape->next + 1;
}

static bool names(const struct snapshot *s, const struct image *image)
{
    bool does = false;
    for (int k = 0; k < PC_MEDIA; k++)
        does |= s->medium[k] == image;
    for (int k = 0; k < s->waiting; k++)
        does |= s->waits[k].e.image == image;
    return does;
}

static bool is_named(const struct history *h, const struct kept_medium *m)
{
    bool is = h->count && m->until > h->snap[0]->entered;
    for (int k = 0; k < PC_MEDIA && !is; k++)
        is = in_drive(h, k) == m->image;
    for (int k = 0; k < h->count && !is; k++)
        is = names(h->snap[k], m->image);
    return is;
}

static void leave(struct history *h, int k)
{
    struct image *image = h->medium[k].image;
    h->medium[k] = h->medium[--h->media];
    image_set_keeper(image, NULL, NULL);
    image_let_go(image);
}

void kept_prune(struct history *h)
{
    for (int k = h->media - 1; k >= 0; k--)
        if (!is_named(h, &h->medium[k]))
            leave(h, k);
}

void kept_free(struct history *h)
{
    while (h->media)
        leave(h, h->media - 1);
    free(h->medium);
    free(h->changed);
}

void kept_keep_clusters(struct history *h)
{
    for (int k = 0; k < h->media; k++)
        image_keep_clusters(h->medium[k].image);
}

void kept_repeat(struct history *h, bool on)
{
    for (int k = 0; k < h->media; k++)
        image_set_repeats(h->medium[k].image, on);
}

u64 kept_bytes(const struct history *h)
{
    u64 n = 0;
    for (int k = 0; k < h->media; k++)
        n += image_rests_with(h->medium[k].image);
    return n;
}

/* ---- those of a snapshot ---- */

void kept_save(const struct history *h, struct snapshot *s)
{
    struct waiting_medium waits;
    for (int k = 0; k < PC_MEDIA; k++)
        s->medium[k] = in_drive(h, k);
    while (machine_medium_waits(h->m, s->waiting, &waits)) {
        s->waits = xrealloc(s->waits, ((size_t)s->waiting + 1) * sizeof waits);
        s->waits[s->waiting++] = waits;
    }
}

void kept_forget(struct snapshot *s)
{
    free(s->waits);
    s->waits = NULL;
    s->waiting = 0;
}

bool kept_wake(struct history *h)
{
    for (int k = 0; k < h->media; k++)
        if (!image_use(h->medium[k].image)) {
            while (k--)
                image_close(h->medium[k].image);
            return false;
        }
    return true;
}

void kept_rest(struct history *h)
{
    for (int k = 0; k < h->media; k++)
        image_close(h->medium[k].image);
}

bool kept_load(struct history *h, const struct snapshot *s)
{
    struct pc_medium at;
    for (int k = 0; k < PC_MEDIA && h->pc; k++) {
        if (s->medium[k] == in_drive(h, k) || !pc_medium(h->pc, k, &at))
            continue;
        if (!image_use(s->medium[k]))
            return false;
        pc_load_medium(h->pc, k, s->medium[k]);
    }
    return true;
}

bool kept_wait(struct history *h, const struct snapshot *s)
{
    for (int k = 0; k < s->waiting; k++) {
        if (!image_use(s->waits[k].e.image))
            return false;
        machine_medium_wait(h->m, &s->waits[k]);
    }
    return true;
}

/* ---- what others change ---- */

/* Its number among what entered, or enters, from `first` on; `end` if it does not. */
static u64 entry(const struct history *h, const struct image *image, u64 first, u64 end)
{
    const struct tape *t = h->tape;
    for (; first < end; first++)
        if (t->taped[first - t->gone].e.kind == INPUT_MEDIUM && t->taped[first - t->gone].e.image == image)
            return first;
    return end;
}

/* Ahead the past ends where it would enter. */
static void end_before(struct history *h, const struct image *image)
{
    u64 n = entry(h, image, h->tape->next, h->past ? h->end_entered : h->tape->next);
    if (!h->past || n == h->end_entered || h->tape->sealed)
        return;
    h->end = h->tape->taped[n - h->tape->gone].at;
    h->end_entered = n;
    tape_cut(h->tape, n);
}

static void lose(struct history *h, struct image *image)
{
    char *name = xstrdup(image_name(image));
    struct kept_medium *m = find(h, image);
    end_before(h, image);
    m->until = 0;
    for (u64 n = h->snap[0]->entered; (n = entry(h, image, n, h->tape->next)) < h->tape->next; n++)
        m->until = n + 1;
    while (h->count > 1 && m && is_named(h, m)) {
        snapshot_drop_first(h);
        m = find(h, image);
    }
    if (m && is_named(h, m))
        history_forget(h);
    kept_prune(h);
    free(h->changed);
    h->changed = name;
}

void kept_check(struct history *h)
{
    if (h->loaded)
        history_forget(h);
    h->loaded = false;
    for (int k = h->media - 1; k >= 0; k--)
        if (k < h->media && !image_usable(h->medium[k].image))
            lose(h, h->medium[k].image);
}
