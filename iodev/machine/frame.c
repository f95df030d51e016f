/* frame.c - pictures: see screen.h. */
#include "screen.h"
#include "../../memory/state.h"

void frame_resize(struct frame *f, int width, int height)
{
    size_t need = (size_t)width * (size_t)height;
    if (need > f->capacity) {
        f->pixels = xrealloc(f->pixels, need * sizeof *f->pixels);
        f->capacity = need;
    }
    f->width = width;
    f->height = height;
}

void frame_free(struct frame *f)
{
    free(f->pixels);
    *f = (struct frame) { 0 };
}

void frame_hash(const struct frame *f, char out[33])
{
    enum { CHUNK = 256 };
    struct hash h = { { 0, 0 } };
    u8 bytes[4 * CHUNK];
    size_t count = (size_t)f->width * (size_t)f->height;
    put32(bytes, (u32)f->width);
    put32(bytes + 4, (u32)f->height);
    hash_bytes(&h, bytes, 8);
    for (size_t at = 0; at < count; at += CHUNK) {
        size_t n = count - at < CHUNK ? count - at : CHUNK;
        for (size_t k = 0; k < n; k++)
            put32(bytes + 4 * k, f->pixels[at + k] & 0xffffff);
        hash_bytes(&h, bytes, 4 * n);
    }
    hash_text(&h, out);
}
