/* image.c - memory compared in place, and a log of the lines that change. */
#include "image.h"

enum { CHUNK = 1024, CHUNK_LINES = CHUNK / LINE };
_Static_assert(DATA_SIZE % CHUNK == 0 && STACK_SIZE % CHUNK == 0, "whole chunks");

u8 *image_at(const struct image *m, u32 at, u32 n)
{
    if (at - DATA_AT < DATA_SIZE && DATA_AT + DATA_SIZE - at >= n)
        return m->data + (at - DATA_AT);
    return at - STACK_AT < STACK_SIZE && STACK_AT + STACK_SIZE - at >= n ? m->stack + (at - STACK_AT) : NULL;
}

struct image image_new(void)
{
    u8 *p = xcalloc(1, MEMORY_SIZE);
    return (struct image){ p, p + DATA_SIZE };
}

void image_free(struct image *m)
{
    free(m->data);
    *m = (struct image){ 0 };
}

bool image_same(const struct image *a, const struct image *b)
{
    return !memcmp(a->data, b->data, DATA_SIZE) && !memcmp(a->stack, b->stack, STACK_SIZE);
}

static void note_line(struct changes *changes, int line, const u8 *before)
{
    if (changes->count == changes->room) {
        changes->room = changes->room ? 2 * changes->room : 256;
        changes->list = xrealloc(changes->list, changes->room * sizeof *changes->list);
    }
    struct change *c = &changes->list[changes->count++];
    c->line = (u16)line;
    memcpy(c->before, before, LINE);
}

void image_note(struct image *old, const struct image *now, struct changes *changes)
{
    for (int chunk = 0; chunk < LINES; chunk += CHUNK_LINES) {
        if (!memcmp(image_line(old, chunk), image_line(now, chunk), CHUNK))
            continue;
        for (int line = chunk; line < chunk + CHUNK_LINES; line++) {
            u8 *a = image_line(old, line);
            const u8 *b = image_line(now, line);
            if (memcmp(a, b, LINE)) {
                note_line(changes, line, a);
                memcpy(a, b, LINE);
            }
        }
    }
}
