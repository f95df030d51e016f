/* image_kept.c - who uses an image, and who keeps it for the past of a run (see image.h). One that is kept and not used rests: its file is
 * left to other programs, and what lies over it in memory is not the guest's any more, who has as much room for another as without. */
#include "image_parts.h"

static u64 *overlays(struct image *image) { return image->file.host ? &image->file.host->overlay_bytes : NULL; }

static void rest(struct image *image)
{
    struct image_host *host = image->file.host;
    u64 takes = image_overlay_takes(image->overlay), *all = overlays(image);
    image_file_leave(&image->file);
    image->rests = true;
    if (all)
        *all -= *all < takes ? *all : takes;
    if (host) {
        image->next_resting = host->resting;
        host->resting = image;
    }
}

static void rest_no_more(struct image *image)
{
    u64 *all = overlays(image);
    image->rests = false;
    if (all)
        *all += image_overlay_takes(image->overlay);
    for (struct image **at = all ? &image->file.host->resting : NULL; at && *at; at = &(*at)->next_resting)
        if (*at == image) {
            *at = image->next_resting;
            return;
        }
}

void image_close(struct image *image)
{
    if (!image || --image->users)
        return;
    if (image->keepers)
        rest(image);
    else
        image_free(image);
}

bool image_use(struct image *image)
{
    if (!image)
        return true;
    if (image->rests && (image->another || !image_file_take(&image->file)))
        return false;
    if (image->rests)
        rest_no_more(image);
    image->users++;
    return true;
}

void image_keep(struct image *image)
{
    if (image)
        image->keepers++;
}

void image_let_go(struct image *image)
{
    if (!image || --image->keepers || image->users)
        return;
    rest_no_more(image);
    image_free(image);
}

bool image_usable(const struct image *image) { return !image->rests || (!image->another && image_file_unchanged(&image->file)); }

u64 image_rests_with(const struct image *image) { return image->rests ? image_overlay_takes(image->overlay) : 0; }

struct image *image_open_again(struct image_host *host, const char *path, enum image_kind kind, char *message, size_t size)
{
    struct file_stamp now;
    struct file *f = host->resting ? file_open(path, false, NULL) : NULL;
    bool known = f && file_stamp(f, &now);
    struct image *image = known ? host->resting : NULL;
    file_close(f, NULL);
    while (image && !(image_keeps(image) && image->kind == kind && file_stamps_of_one(&image->file.left, &now)))
        image = image->next_resting;
    if (!image || !image_use(image))
        return NULL;
    if (image_is_same_medium(image, message, size))
        return image;
    image->another = true;
    image_close(image);
    *message = 0;
    return NULL;
}
