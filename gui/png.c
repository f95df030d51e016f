/* png.c - see png.h. libpng's simplified interface, 24 bits a pixel; ppm(5), "P6". */
#include "png.h"
#include "../host/output.h"
#include <stdio.h>

static u8 *rgb_of(const struct vitrine_frame *f)
{
    size_t count = (size_t)f->width * (size_t)f->height;
    u8 *rgb = xcalloc(count, 3);
    for (size_t k = 0; k < count; k++) {
        rgb[3 * k] = (u8)(f->pixels[k] >> 16);
        rgb[3 * k + 1] = (u8)(f->pixels[k] >> 8);
        rgb[3 * k + 2] = (u8)f->pixels[k];
    }
    return rgb;
}

#ifdef HAVE_PNG
#include <png.h>

static bool write_png(FILE *to, const struct vitrine_frame *f, const u8 *rgb, char *error, size_t n)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (u32)f->width, .height = (u32)f->height,
                        .format = PNG_FORMAT_RGB };
    bool ok = png_image_write_to_stdio(&image, to, 0, rgb, 0, NULL);
    if (!ok)
        snprintf(error, n, "%s", image.message);
    return ok;
}

bool png_read(const char *path, struct frame *f, char *error, size_t n)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    if (!png_image_begin_read_from_file(&image, path)) {
        snprintf(error, n, "%s: %s", path, image.message);
        return false;
    }
    image.format = PNG_FORMAT_RGB;
    if (image.width > 16384 || image.height > 16384) {
        snprintf(error, n, "%s: %u x %u is too large", path, image.width, image.height);
        png_image_free(&image);
        return false;
    }
    size_t count = (size_t)image.width * image.height;
    u8 *rgb = xcalloc(count, 3);
    bool ok = png_image_finish_read(&image, NULL, rgb, 0, NULL);
    if (!ok)
        snprintf(error, n, "%s: %s", path, image.message);
    frame_resize(f, (int)image.width, (int)image.height);
    for (size_t k = 0; k < count; k++)
        f->pixels[k] = (u32)rgb[3 * k] << 16 | (u32)rgb[3 * k + 1] << 8 | rgb[3 * k + 2];
    free(rgb);
    return ok;
}

#else

static bool absent(char *error, size_t n)
{
    snprintf(error, n, "this build has no libpng: install its development package and build again");
    return false;
}

static bool write_png(FILE *to, const struct vitrine_frame *f, const u8 *rgb, char *error, size_t n)
{
    (void)to, (void)f, (void)rgb;
    return absent(error, n);
}

bool png_read(const char *path, struct frame *f, char *error, size_t n)
{
    (void)path, (void)f;
    return absent(error, n);
}

#endif

static bool write_ppm(FILE *to, const struct vitrine_frame *f, const u8 *rgb, char *error, size_t n)
{
    size_t count = (size_t)f->width * (size_t)f->height;
    bool ok = fprintf(to, "P6\n%d %d\n255\n", f->width, f->height) > 0 && fwrite(rgb, 3, count, to) == count;
    struct failure why;
    if (!ok && !failure_last(&why))
        snprintf(error, n, "%s", why.text);
    return ok;
}

bool picture_write(struct output *out, const struct vitrine_frame *f, char *error, size_t n)
{
    const char *path = output_path(out);
    size_t length = strlen(path);
    char why[256] = "there is no picture yet";
    u8 *rgb = rgb_of(f);
    bool ppm = length >= 4 && !strcmp(path + length - 4, ".ppm");
    bool ok = f->width && f->height && (ppm ? write_ppm : write_png)(output_file(out), f, rgb, why, sizeof why);
    free(rgb);
    if (ok)
        return output_commit(out, error, n);
    snprintf(error, n, "cannot write %s: %s", path, why);
    output_drop(out);
    return false;
}
