/* tell.h - a device's registers in words, for a debugger: bit fields named as in the data sheet. A class lists the registers that it keeps
 * as they are (`registers`), and tells in `describe` what follows from others. */
#pragma once
#include "../../host/base.h"
#include <stdio.h>

/* Bits high to low of a register. A field of one bit without words is named where it is set; of the others the value, or its word. */
struct bits {
    const char *name;           /* lists end with NULL */
    u8 high, low;
    const char *const *words;   /* one for each value, NULL for those of which nothing is said; or no list */
};
#define BIT(name, n) { name, n, n, NULL }
#define BITS_END { NULL, 0, 0, NULL }

/* A register in the device's state: `size` bytes at `offset` of it. */
struct shown {
    const char *name;           /* lists end with NULL */
    u32 offset, size;
    const struct bits *bits;    /* NULL: a number */
};
#define SHOWN(type, member, label, list) { label, offsetof(type, member), sizeof(((type *)0)->member), list }
#define SHOWN_END { NULL, 0, 0, NULL }

void tell_bits(FILE *out, u32 value, const struct bits *bits);
/* A line: the register's name, its value in so many digits, its fields. */
void tell_register(FILE *out, const char *name, u32 value, int digits, const struct bits *bits);
void tell_registers(FILE *out, const struct shown *list, const void *state);
/* A line of another kind. */
void tell_line(FILE *out, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
