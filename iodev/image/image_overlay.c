/* image_overlay.c - what the guest writes and nobody keeps: clusters of an image in memory, a tree of two levels.
 * All images of a run together may take so much (struct image_host); more is a write error. */
#include "image_parts.h"

enum { CLUSTER = IMAGE_CLUSTER, LEAF = 512 };    /* bytes; clusters a leaf */

struct leaf {
    u8 *cluster[LEAF];                  /* NULL: not written, the file has it */
};

struct image_overlay {
    struct leaf **leaves;
    u64 leaf_count, bytes, taken;
    bool told;
};

struct image_overlay *image_overlay_new(u64 bytes)
{
    struct image_overlay *o = xcalloc(1, sizeof *o);
    o->leaf_count = bytes / CLUSTER / LEAF + 1;
    o->leaves = xcalloc(o->leaf_count, sizeof *o->leaves);
    return o;
}

/* What take() gave, back to the host. */
static void give(struct image_overlay *o, struct image_file *f, void *p, size_t size)
{
    o->taken -= p ? size : 0;
    if (p && f->host)
        f->host->overlay_bytes -= f->host->overlay_bytes < size ? f->host->overlay_bytes : size;
    free(p);
}

void image_overlay_free(struct image_overlay *o, struct image_file *f)
{
    for (u64 k = 0; o && k < o->leaf_count; k++) {
        for (int c = 0; o->leaves[k] && c < LEAF; c++)
            give(o, f, o->leaves[k]->cluster[c], CLUSTER);
        give(o, f, o->leaves[k], sizeof *o->leaves[k]);
    }
    if (o)
        free(o->leaves);
    free(o);
}

/* Zeroed memory for it, NULL if it may have no more. */
static void *take(struct image_overlay *o, struct image_file *f, size_t size)
{
    struct image_host *h = f->host;
    bool may = !h || !h->overlay_limit || h->overlay_bytes + size <= h->overlay_limit;
    void *p = may ? calloc(1, size) : NULL;
    if (p)
        o->taken += size;
    if (p && h)
        h->overlay_bytes += size;
    if (!p && !o->told)
        notice(h ? &h->say : NULL, "%s: what the guest writes with -snapshot fills the %llu MB that it may take%s; from here on the"
               " guest is told of a drive error (-snapshot-limit)", f->name,
               (unsigned long long)((h ? h->overlay_limit : o->bytes) >> 20), may ? " of the host's memory" : "");
    o->told |= !p;
    return p;
}

/* The pointer for a cluster; NULL if no write was near it and make is false, or there is no memory. */
static u8 **slot(struct image_overlay *o, struct image_file *f, u64 cluster, bool make)
{
    struct leaf **leaf = &o->leaves[cluster / LEAF];
    if (!*leaf && make)
        *leaf = take(o, f, sizeof **leaf);
    return *leaf ? &(*leaf)->cluster[cluster % LEAF] : NULL;
}

bool image_overlay_read(struct image_overlay *o, struct image_file *f, u64 at, u8 *to, u64 n)
{
    while (n) {
        u64 k = CLUSTER - at % CLUSTER;
        u8 **s = slot(o, f, at / CLUSTER, false);
        if (k > n)
            k = n;
        if (s && *s)
            memcpy(to, *s + at % CLUSTER, k);
        else if (!image_file_read(f, at, to, k))
            return false;
        to += k, at += k, n -= k;
    }
    return true;
}

/* A cluster of its own, filled from the file unless all of it is written now. */
static bool add_cluster(struct image_overlay *o, struct image_file *f, u8 **s, u64 cluster, bool fill)
{
    u8 *fresh = NULL;
    if (!s || !(fresh = take(o, f, CLUSTER)))
        return false;
    if (fill && !image_file_read(f, cluster * CLUSTER, fresh, CLUSTER)) {
        give(o, f, fresh, CLUSTER);
        return false;
    }
    *s = fresh;
    return true;
}

bool image_overlay_write(struct image_overlay *o, struct image_file *f, u64 at, const u8 *from, u64 n)
{
    while (n) {
        u64 k = CLUSTER - at % CLUSTER, cluster = at / CLUSTER;
        u8 **s = slot(o, f, cluster, true);
        if (k > n)
            k = n;
        if ((!s || !*s) && !add_cluster(o, f, s, cluster, k < CLUSTER))
            return false;
        memcpy(*s + at % CLUSTER, from, k);
        from += k, at += k, n -= k;
    }
    return true;
}

u64 image_overlay_takes(const struct image_overlay *o) { return o ? o->taken : 0; }

const u8 *image_overlay_next(const struct image_overlay *o, u64 *cluster)
{
    for (u64 k = *cluster; k / LEAF < o->leaf_count; k++) {
        const struct leaf *leaf = o->leaves[k / LEAF];
        if (!leaf) {
            k |= LEAF - 1;                      /* and on to the next one */
            continue;
        }
        if (leaf->cluster[k % LEAF]) {
            *cluster = k;
            return leaf->cluster[k % LEAF];
        }
    }
    return NULL;
}
