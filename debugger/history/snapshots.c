/* snapshots.c - the machine as it was at some places: see README.md.
 * Memory: a snapshot has what pages held of those that were written between it and the next one. So the way back to it is to put back the
 * pages of all from the last down to it, and one that goes hands its pages to the one before.
 * Here: which ones stay. Near the present they are dense: one goes that leaves the smallest gap for its age. */
#include "history_parts.h"
#include "../../cpu/cpu.h"
#include "../../host/clock.h"

enum { FEW = 12 };                      /* of so few the first goes where memory is short */

/* ---- what one is made of ---- */

static void forget_pages(struct history *h, struct snapshot *s)
{
    for (size_t k = 0; k < s->pages; k++) {
        if (!s->page[k].bytes)
            continue;
        s->bytes -= PAGE_SIZE, h->bytes -= PAGE_SIZE;
        page_give(h, s->page[k].bytes);
    }
    s->bytes -= s->room * sizeof *s->page;
    h->bytes -= s->room * sizeof *s->page;
    free(s->page);
    s->page = NULL;
    s->pages = s->room = 0;
}

static void snapshot_free(struct history *h, struct snapshot *s)
{
    forget_pages(h, s);
    h->bytes -= s->bytes;
    free(s->course.bytes);
    free(s->hardware.bytes);
    free(s->beside);
    kept_forget(s);
    free(s);
}

/* The writer's bytes, without the room that it has left. */
static size_t fit(struct writer *w)
{
    u8 *less = w->failed ? NULL : realloc(w->bytes, w->n);
    if (less) {
        w->bytes = less;
        w->capacity = w->n;
    }
    return w->capacity;
}

static u8 *save_beside(const struct history *h, size_t *n)
{
    void *at;
    size_t size, all = 0, done = 0;
    for (int k = 0; control_beside_at(h->control, k, &at, &size); k++)
        all += size;
    u8 *bytes = xcalloc(1, all + 1);
    for (int k = 0; control_beside_at(h->control, k, &at, &size); k++) {
        memcpy(bytes + done, at, size);
        done += size;
    }
    *n = all;
    return bytes;
}

static void load_beside(const struct history *h, const u8 *bytes, size_t n)
{
    void *at;
    size_t size;
    for (int k = 0; control_beside_at(h->control, k, &at, &size) && size <= n; k++) {
        memcpy(at, bytes, size);
        bytes += size;
        n -= size;
    }
}

static void keep_all(struct history *h)
{
    machine_keep_pages(h->m);
    kept_keep_clusters(h);
}

/* What it is made of but for pages; NULL: no memory. */
static struct snapshot *make(struct history *h, bool edited)
{
    struct snapshot *s = xcalloc(1, sizeof *s);
    s->at = machine_place_now(h->m);
    s->ran = h->ran;
    s->entered = h->tape->next;
    s->edited = edited;
    machine_save_course(h->m, &s->course);
    machine_save_hardware(h->m, &s->hardware);
    s->beside = save_beside(h, &s->beside_bytes);
    kept_attend(h);
    kept_save(h, s);
    s->bytes = sizeof *s + fit(&s->course) + fit(&s->hardware) + s->beside_bytes;
    h->bytes += s->bytes;
    if (!s->course.failed && !s->hardware.failed)
        return s;
    snapshot_free(h, s);
    h->no_memory = true;
    return NULL;
}

void snapshot_take(struct history *h, bool edited)
{
    struct snapshot *s = make(h, edited);
    if (!s)
        return;
    if (h->count == SNAPSHOTS_MOST)
        snapshots_thin(h);
    h->snap[h->count++] = s;
    keep_all(h);
}

/* Where memory and media are as they were. */
static bool load_made(struct history *h, const struct snapshot *s)
{
    struct reader course = { .bytes = s->course.bytes, .n = s->course.n }, hardware = { .bytes = s->hardware.bytes, .n = s->hardware.n };
    bool loaded = machine_load_kept(h->m, &course, &hardware) && kept_wait(h, s);
    load_beside(h, s->beside, s->beside_bytes);
    return loaded;
}

struct snapshot *snapshot_aside(struct history *h) { return make(h, false); }

bool snapshot_put(struct history *h, struct snapshot *s, bool back)
{
    h->loading = true;
    bool loaded = !back || load_made(h, s);
    h->loading = false;
    snapshot_free(h, s);
    return loaded;
}

/* ---- pages ---- */

static bool add_page(struct history *h, struct snapshot *s, const struct kept_page *page)
{
    if (s->pages == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct kept_page *all = realloc(s->page, room * sizeof *all);
        if (!all)
            return false;
        s->bytes += (room - s->room) * sizeof *all;
        h->bytes += (room - s->room) * sizeof *all;
        s->page = all;
        s->room = room;
    }
    s->page[s->pages++] = *page;
    return true;
}

static bool all_zeros(const u8 *p) { return !get64(p) && !memcmp(p, p + 8, PAGE_SIZE - 8); }

static void keep_page(struct history *h, struct kept_page page, const u8 *host)
{
    struct snapshot *s = h->snap[h->count - 1];
    u64 began = host_ns();
    if (!all_zeros(host)) {
        page.bytes = page_take(h);
        if (page.bytes)
            memcpy(page.bytes, host, PAGE_SIZE);
        h->no_memory |= !page.bytes;
    }
    if (!add_page(h, s, &page)) {
        if (page.bytes)
            page_give(h, page.bytes);
        h->no_memory = true;
    } else if (page.bytes) {
        s->bytes += PAGE_SIZE;
        h->bytes += PAGE_SIZE;
    }
    h->copying += host_ns() - began;
}

void snapshot_page(void *to, struct ram *ram, u64 number)
{
    struct history *h = to;
    if (!h->loading && h->count)
        keep_page(h, (struct kept_page) { .ram = ram, .number = number }, ram->host + (number << PAGE_SHIFT));
}

void snapshot_cluster(void *to, struct image *image, u64 cluster)
{
    struct history *h = to;
    u8 bytes[IMAGE_CLUSTER];
    if (!h->count)
        return;
    h->no_memory |= !image_peek(image, cluster, bytes);
    keep_page(h, (struct kept_page) { .image = image, .number = cluster }, bytes);
}

/* False: the host could not write it. */
static bool put_back(const struct kept_page *p)
{
    static const u8 zeros[IMAGE_CLUSTER];
    if (p->image)
        return image_put_back(p->image, p->number, p->bytes ? p->bytes : zeros);
    u8 *host = p->ram->host + (p->number << PAGE_SHIFT);
    ram_written(p->ram, p->number << PAGE_SHIFT, PAGE_SIZE);
    if (p->bytes)
        memcpy(host, p->bytes, PAGE_SIZE);
    else
        memset(host, 0, PAGE_SIZE);
    return true;
}

bool snapshot_load(struct history *h, int k)
{
    struct snapshot *s = h->snap[k];
    bool media = kept_wake(h), loaded;
    if (!media)
        return false;
    h->loading = true;
    for (int j = h->count - 1; j >= k; j--) {
        for (size_t i = 0; i < h->snap[j]->pages; i++)
            h->no_memory |= !put_back(&h->snap[j]->page[i]);
        if (j > k)
            snapshot_free(h, h->snap[j]);
    }
    h->count = k + 1;
    forget_pages(h, s);
    media = kept_load(h, s);
    loaded = media && load_made(h, s);
    kept_rest(h);
    h->loading = false;
    h->ran = s->ran;
    h->tape->next = s->entered;
    keep_all(h);
    return loaded && !h->no_memory;
}

int snapshot_before(const struct history *h, const struct machine_place *at)
{
    int k = h->count - 1;
    while (k > 0 && place_compare(&h->snap[k]->at, at) > 0)
        k--;
    return k;
}

/* ---- which stay ---- */

static int by_place(const void *a, const void *b)
{
    const struct kept_page *p = a, *q = b;
    if (p->ram != q->ram)
        return p->ram < q->ram ? -1 : 1;
    if (p->image != q->image)
        return p->image < q->image ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

static void take_out(struct history *h, int k)
{
    memmove(&h->snap[k], &h->snap[k + 1], (size_t)(h->count - k - 1) * sizeof h->snap[0]);
    h->count--;
}

/* snap[k] goes, and the one before takes over the pages that it does not have itself: they did not change between the two. */
static void hand_over(struct history *h, int k)
{
    struct snapshot *from = h->snap[k], *to = h->snap[k - 1];
    size_t own = to->pages;
    if (own)
        qsort(to->page, own, sizeof *to->page, by_place);
    for (size_t i = 0; i < from->pages; i++) {
        struct kept_page *p = &from->page[i];
        if (own && bsearch(p, to->page, own, sizeof *p, by_place))
            continue;
        if (!add_page(h, to, p)) {
            h->no_memory = true;
            break;
        }
        to->bytes += p->bytes ? PAGE_SIZE : 0;
        from->bytes -= p->bytes ? PAGE_SIZE : 0;
        *p = (struct kept_page) { 0 };
    }
    size_t kept = 0;
    for (size_t i = 0; i < from->pages; i++)
        if (from->page[i].ram || from->page[i].image)
            from->page[kept++] = from->page[i];
    from->pages = kept;
    take_out(h, k);
    snapshot_free(h, from);
}

void snapshot_drop_first(struct history *h)
{
    struct snapshot *first = h->snap[0];
    free(h->changed);
    h->changed = NULL;
    take_out(h, 0);
    snapshot_free(h, first);
    tape_forget(h->tape, h->snap[0]->entered);
    kept_prune(h);
}

/* The one that is missed least, 0 if all must stay. Not the last, whose pages are being kept. */
static int least_missed(const struct history *h)
{
    int best = 0;
    double least = 0;
    for (int k = 1; k < h->count - 1; k++) {
        const struct snapshot *s = h->snap[k];
        double gap = (double)(h->snap[k + 1]->ran - h->snap[k - 1]->ran), age = (double)(h->ran - s->ran) + 1;
        if (s->edited || (best && gap / age >= least))
            continue;
        best = k;
        least = gap / age;
    }
    return best;
}

void snapshots_thin(struct history *h)
{
    u64 media = kept_bytes(h);
    while (h->count > 1 && (h->bytes + media > h->budget || h->count >= SNAPSHOTS_MOST)) {
        int k = least_missed(h);
        if (k && (h->count > FEW || h->bytes + media <= h->budget))
            hand_over(h, k);
        else
            snapshot_drop_first(h);
        media = kept_bytes(h);
    }
}

void snapshots_forget(struct history *h)
{
    while (h->count)
        snapshot_free(h, h->snap[--h->count]);
}
