/* png.c - see png.h. libpng's simplified interface, 24 bits a pixel; ppm(5), "P6". */
#include "png.h"
#include <errno.h>
#include <stdio.h>

static u8 *rgb_of(const struct frame *f)
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

bool picture_write(const char *path, const struct frame *f, char *error, size_t n)
{
    size_t length = strlen(path), count = (size_t)f->width * (size_t)f->height;
    if (length < 4 || strcmp(path + length - 4, ".ppm"))
        return png_write(path, f, error, n);
    if (!count) {
        snprintf(error, n, "%s: there is no picture yet", path);
        return false;
    }
    FILE *file = fopen(path, "wb");
    u8 *rgb = rgb_of(f);
    bool ok = file && fprintf(file, "P6\n%d %d\n255\n", f->width, f->height) > 0 && fwrite(rgb, 3, count, file) == count;
    ok = file && !fclose(file) && ok;
    if (!ok)
        snprintf(error, n, "%s: %s", path, strerror(errno));
    free(rgb);
    return ok;
}

#ifdef HAVE_PNG
#include <png.h>

bool png_write(const char *path, const struct frame *f, char *error, size_t n)
{
    size_t count = (size_t)f->width * (size_t)f->height;
    if (!count) {
        snprintf(error, n, "%s: there is no picture yet", path);
        return false;
    }
    u8 *rgb = rgb_of(f);
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (u32)f->width, .height = (u32)f->height,
                        .format = PNG_FORMAT_RGB };
    FILE *file = fopen(path, "wb");
    bool ok = file && png_image_write_to_stdio(&image, file, 0, rgb, 0, NULL);
    if (!file)
        snprintf(error, n, "%s: %s", path, strerror(errno));
    else if (!ok)
        snprintf(error, n, "%s: %s", path, image.message);
    if (file && fclose(file) && ok) {
        snprintf(error, n, "%s: %s", path, strerror(errno));
        ok = false;
    }
    if (file && !ok)
        remove(path);
    free(rgb);
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

bool png_write(const char *path, const struct frame *f, char *error, size_t n)
{
    (void)path, (void)f;
    return absent(error, n);
}

bool png_read(const char *path, struct frame *f, char *error, size_t n)
{
    (void)path, (void)f;
    return absent(error, n);
}

#endif
