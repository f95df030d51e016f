/* kernel.h - is there room where a multiboot kernel is to lie? */
#pragma once
#include "kit.h"

/* False with the error: a part of it is to lie below 1 MB, upon what is there. A file that is none, or is broken, is left to who loads it
 * (bios/kernelboot.asm). */
bool kernel_fits(const char *path, const void *data, size_t size, struct vitrine_error *error);
