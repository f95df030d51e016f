/* image.h - the memory that instructions can change, as each side has it, and what changed in it from step to step.
 * A side's memory stays where it lies: sides are compared in place, and only lines that changed are ever copied. */
#pragma once
#include "victim.h"

enum { LINE = 64, LINES = MEMORY_SIZE / LINE, DATA_LINES = DATA_SIZE / LINE };

struct image { u8 *data, *stack; };     /* at DATA_AT and STACK_AT */

struct change { u16 line; u8 before[LINE]; };
struct changes {                        /* in the order in which they happened */
    struct change *list;
    u32 count, room;
};

static inline u8 *image_line(const struct image *m, int line)
{
    return line < DATA_LINES ? m->data + line * LINE : m->stack + (line - DATA_LINES) * LINE;
}
static inline u32 line_address(int line)
{
    return line < DATA_LINES ? DATA_AT + (u32)line * LINE : STACK_AT + (u32)(line - DATA_LINES) * LINE;
}
/* The byte at a linear address; NULL elsewhere, or when fewer than n bytes follow. */
u8 *image_at(const struct image *m, u32 at, u32 n);
struct image image_new(void);
void image_free(struct image *m);
bool image_same(const struct image *a, const struct image *b);
/* Bring `old` up to date with `now`; the lines that differ are noted with what they were. */
void image_note(struct image *old, const struct image *now, struct changes *changes);
