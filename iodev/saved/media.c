/* media.c - see media.h. */
#include "media.h"
#include "../image/image.h"
#include <stdarg.h>
#include <stdio.h>

enum { PATH_MOST = 4096, MESSAGE = 512 };

static const char *const drives[PC_MEDIA] = { "fda", "fdb", "hda", "hdb", "hdc", "hdd" };

/* ---- writing ---- */

bool medium_write(struct image *image, int drive, struct writer *w, char *why, size_t size)
{
    struct image_base base = { 0 };
    write_name(w, drives[drive]);
    write_number(w, image ? 1 + (u64)image_kind(image) : 0);
    if (!image)
        return true;
    if (!image_base(image, &base)) {
        snprintf(why, size, "%s: %s cannot be read", drives[drive], image_name(image));
        return false;
    }
    write_text(w, image_name(image));
    write_number(w, image_in_memory(image));
    write_number(w, image_writable(image));
    write_number(w, image_sectors(image));
    write_number(w, base.bytes);
    write_number(w, base.hash.h[0]);
    write_number(w, base.hash.h[1]);
    return true;
}

bool media_write_bases(const struct pc *pc, struct writer *w, char *why, size_t size)
{
    for (int k = 0; k < PC_MEDIA; k++)
        if (!medium_write(pc_image(pc, k), k, w, why, size))
            return false;
    return true;
}

bool media_write(const struct pc *pc, struct writer *w, char *why, size_t size)
{
    u8 bytes[IMAGE_CLUSTER];
    for (int k = 0; k < PC_MEDIA; k++) {
        struct image *image = pc_image(pc, k);
        if (!medium_write(image, k, w, why, size))
            return false;
        for (u64 cluster = 0; image && image_next_over(image, &cluster, bytes); cluster++) {
            write_number(w, cluster + 1);
            write_bytes(w, bytes, sizeof bytes);
        }
        write_number(w, 0);
    }
    return true;
}

/* ---- reading ---- */

struct medium {
    char *path;                         /* NULL: there is none */
    enum image_kind kind;
    bool memory, writable;
    u64 sectors;
    struct image_base base;
    struct image *image;                /* what is in the drive, or was opened */
    bool opened;
    struct image_overlay *over;
};

struct media { struct medium medium[PC_MEDIA]; };

static void read_base(struct reader *r, int drive, struct medium *m)
{
    *m = (struct medium) { 0 };
    read_name(r, drives[drive]);
    u64 kind = read_at_most(r, 1 + IMAGE_CD, drives[drive]);
    if (!kind)
        return;
    m->kind = (enum image_kind)(kind - 1);
    m->path = read_text(r, PATH_MOST, drives[drive]);
    m->memory = read_at_most(r, 1, drives[drive]);
    m->writable = read_at_most(r, 1, drives[drive]);
    m->sectors = read_number(r);
    m->base.bytes = read_number(r);
    m->base.hash.h[0] = read_number(r);
    m->base.hash.h[1] = read_number(r);
}

/* Is it that medium? Else a word on what is wrong with it; `r` hears of what the host refuses. */
static const char *differs(const struct medium *m, struct image *image)
{
    struct image_base base;
    if (m->kind != image_kind(image) || m->memory != image_in_memory(image))
        return "is of another kind";
    if (m->sectors != image_sectors(image))
        return "has another size";
    if (!image_base(image, &base))
        return "cannot be read";
    if (base.bytes != m->base.bytes)
        return "has another size than it had";
    return memcmp(&base.hash, &m->base.hash, sizeof base.hash) ? "has changed" : NULL;
}

/* A floppy or CD that is not in its drive now. */
static void open_medium(struct medium *m, int drive, struct image_host *host, struct outputs *outputs, struct reader *r)
{
    char message[MESSAGE] = "";
    const char *wrong;
    if (m->memory) {
        read_refuse(r, "%s: expected the medium in memory that was there, %s", drives[drive], m->path);
        return;
    }
    m->image = image_open(m->path, m->kind, IMAGE_SNAPSHOT | IMAGE_GUESSED, message, sizeof message);
    m->opened = m->image;
    if (!m->image) {
        read_refuse(r, "%s: %s", drives[drive], message);
        return;
    }
    image_set_host(m->image, host);
    outputs_claim(outputs, m->path, drives[drive], false);
    if ((wrong = differs(m, m->image)))
        read_refuse(r, "%s: %s %s since", drives[drive], m->path, wrong);
}

struct image *medium_read(int drive, struct image_host *host, struct outputs *outputs, struct reader *r)
{
    struct medium m;
    read_base(r, drive, &m);
    if (read_well(r) && m.path)
        open_medium(&m, drive, host, outputs, r);
    free(m.path);
    if (read_well(r) && m.image && !m.writable)
        image_protect(m.image);
    if (read_well(r))
        return m.image;
    image_close(m.image);
    return NULL;
}

void media_check(const struct pc *pc, struct reader *r)
{
    for (int k = 0; k < PC_MEDIA && read_well(r); k++) {
        struct medium m;
        struct image *now = pc_image(pc, k);
        read_base(r, k, &m);
        const char *wrong = read_well(r) && m.path && now ? differs(&m, now) : NULL;
        if (!m.path != !now)
            read_refuse(r, "%s: expected %s, and there is %s", drives[k], m.path ? m.path : "nothing", now ? image_name(now) : "nothing");
        else if (wrong)
            read_refuse(r, "%s: expected %s as it was then: %s %s (record with -snapshot, so that the run does not change it)", drives[k],
                        m.path, image_name(now), wrong);
        else if (now && !m.writable)
            image_protect(now);
        free(m.path);
    }
}

/* The image that it is. */
static void find(struct medium *m, const struct pc *pc, int drive, struct image_host *host, struct outputs *outputs, struct reader *r)
{
    struct image *now = pc_image(pc, drive);
    struct pc_medium at;
    bool changeable = pc_medium(pc, drive, &at);
    const char *wrong = m->path && now ? differs(m, now) : NULL;
    if (!m->path && now && !changeable)
        read_refuse(r, "%s: expected no disk there, and there is %s", drives[drive], image_name(now));
    if (!m->path)
        return;
    if (now && !wrong)
        m->image = now;
    else if (!changeable || (now && !strcmp(image_name(now), m->path)))
        read_refuse(r, "%s: expected %s as it was: %s %s", drives[drive], m->path,
                    now ? image_name(now) : "there", now ? wrong : "is none");
    else if (m->kind != (at.floppy ? IMAGE_FLOPPY : IMAGE_CD))
        read_refuse(r, "%s: %s is no medium for that drive", drives[drive], m->path);
    else
        open_medium(m, drive, host, outputs, r);
}

static void read_over(struct medium *m, int drive, struct reader *r)
{
    u8 bytes[IMAGE_CLUSTER];
    if (m->image && read_well(r))
        m->over = image_overlay_for(m->image);
    for (u64 cluster; (cluster = read_number(r)) != 0; ) {
        read_bytes(r, bytes, sizeof bytes);
        if (!read_well(r))
            return;
        if (!m->over || !image_overlay_add(m->image, m->over, cluster - 1, bytes))
            read_refuse(r, "%s: no room for what was written at cluster %llu of it", drives[drive], (unsigned long long)cluster - 1);
    }
}

struct media *media_read(const struct pc *pc, struct image_host *host, struct outputs *outputs, struct reader *r)
{
    struct media *m = xcalloc(1, sizeof *m);
    for (int k = 0; k < PC_MEDIA && read_well(r); k++) {
        read_base(r, k, &m->medium[k]);
        if (read_well(r))
            find(&m->medium[k], pc, k, host, outputs, r);
        read_over(&m->medium[k], k, r);
    }
    if (read_well(r))
        return m;
    media_drop(m);
    return NULL;
}

void media_drop(struct media *m)
{
    for (int k = 0; m && k < PC_MEDIA; k++) {
        if (m->medium[k].over)
            image_overlay_drop(m->medium[k].image, m->medium[k].over);
        if (m->medium[k].opened)
            image_close(m->medium[k].image);
        free(m->medium[k].path);
    }
    free(m);
}

void media_place(struct media *m, struct pc *pc)
{
    struct pc_medium at;
    for (int k = 0; k < PC_MEDIA; k++) {
        struct medium *d = &m->medium[k];
        if (pc_image(pc, k) != d->image && pc_medium(pc, k, &at))
            pc_load_medium(pc, k, d->image);
        if (d->over)
            image_overlay_set(d->image, d->over, d->writable);
        d->opened = false;
        d->over = NULL;
    }
    media_drop(m);
}
