/* looks.c - see looks.h. */
#include "looks.h"
#include "../storage/ide.h"
#include "../image/image.h"
#include "images.h"

struct look {
    const struct image *image;
    bool by_content;
    const char *misleads;               /* the format or program that a drive option would refuse */
    enum content content;
};

struct looks {
    struct look at_start[PC_MEDIA];
    const struct image *by_content;
};

/* The image in a drive that what the guest writes is kept in; NULL: none. */
static struct image *kept_image(const struct pc *pc, int drive)
{
    struct pc_medium m;
    struct image *image = NULL;
    int k = drive - PC_FLOPPIES;
    if (pc_medium(pc, drive, &m))
        image = m.floppy ? m.image : NULL;              /* nobody writes a CD */
    else if (k >= 0)
        image = ide_image(pc_ide(pc), k / 2, k % 2);
    return image && image_keeps(image) ? image : NULL;
}

static struct look look_at(const struct looks *l, struct image *image)
{
    char message[1024];
    struct look look = { .image = image, .by_content = image == l->by_content };
    struct file_parts parts = { .raw = false };
    if (!image || !image_file_parts(image, &parts))
        return (struct look) { 0 };
    look.misleads = content_misleads(&parts, image_kind(image) == IMAGE_FLOPPY);
    look.content = content_of_bytes(image_name(image), &parts, message, sizeof message);
    free((void *)parts.head);
    return look;
}

struct looks *looks_new(const struct pc *pc, const struct image *by_content)
{
    struct looks *l = xcalloc(1, sizeof *l);
    l->by_content = by_content;
    for (int k = 0; k < PC_MEDIA; k++)
        l->at_start[k] = look_at(l, kept_image(pc, k));
    return l;
}

static void tell(const struct look *was, const struct look *is, int drive, const struct notices *say)
{
    static const char *const options[PC_MEDIA] = { "fda", "fdb", "hda", "hdb", "hdc", "hdd" };
    static const char *const names[] = {
        [CONTENT_UNKNOWN] = "nothing that is known", [CONTENT_FLOPPY] = "a floppy", [CONTENT_DISK] = "a disk", [CONTENT_CD] = "a CD",
        [CONTENT_BOOT_SECTOR] = "a boot sector", [CONTENT_LINUX] = "a Linux kernel", [CONTENT_MULTIBOOT] = "a multiboot kernel",
    };
    const char *file = image_name(is->image);
    if (is->misleads && is->misleads != was->misleads)
        notice(say, "%s: by what the guest wrote there it looks like %s now; from now on give it as -%s %s,format=raw,"
               " and tell other programs, too, that it is raw", file, is->misleads, options[drive], file);
    else if (is->by_content && is->content != was->content)
        notice(say, "%s: it was taken as %s, and by what the guest wrote there it looks like %s now; from now on give it"
               " as -%s %s", file, names[was->content], names[is->content], options[drive], file);
}

void looks_tell(struct looks *l, const struct pc *pc, const struct notices *say)
{
    for (int k = 0; k < PC_MEDIA; k++) {
        struct image *image = kept_image(pc, k);
        if (!image || l->at_start[k].image != image)
            continue;                                   /* another medium by now */
        struct look is = look_at(l, image);
        if (is.image)
            tell(&l->at_start[k], &is, k, say);
    }
}

void looks_free(struct looks *l) { free(l); }
