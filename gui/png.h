/* png.h - pictures as PNG files (libpng). */
#pragma once
#include "../include/vitrine.h"
#include "../iodev/machine/screen.h"

struct output;

/* Write the picture and put it in its place (output_commit): a PPM (P6) where the name ends in .ppm, else a PNG as 24-bit RGB.
 * False, with the reason, if that fails. Frees `out`. */
bool picture_write(struct output *out, const struct vitrine_frame *f, char *error, size_t n);
/* Read a PNG of any kind as 24-bit RGB; false with a message in error. */
bool png_read(const char *path, struct frame *f, char *error, size_t n);
