/* png.h - pictures as PNG files (libpng). */
#pragma once
#include "../iodev/screen.h"

/* A PNG, or a PPM (P6) where the name ends in .ppm. False, with the reason, if it cannot be written. */
bool picture_write(const char *path, const struct frame *f, char *error, size_t n);
/* Write the frame as 24-bit RGB; false with a message in error. An unfinished file is removed. */
bool png_write(const char *path, const struct frame *f, char *error, size_t n);
/* Read a PNG of any kind as 24-bit RGB; false with a message in error. */
bool png_read(const char *path, struct frame *f, char *error, size_t n);
