/* state.c - see state.h. */
#include "state.h"

size_t fields_bytes(const struct field *f)
{
    size_t n = 0;
    for (; f->name; f++)
        n += (size_t)f->size * f->count;
    return n;
}

static bool is_number(u32 size) { return size == 1 || size == 2 || size == 4 || size == 8; }

static u64 element(const struct field *f, const void *obj, u32 k)
{
    const u8 *p = (const u8 *)obj + f->offset + (size_t)k * f->size;
    u16 v16; u32 v32; u64 v64;
    switch (f->size) {
    case 1: return *p;
    case 2: memcpy(&v16, p, 2); return v16;
    case 4: memcpy(&v32, p, 4); return v32;
    default: memcpy(&v64, p, 8); return v64;
    }
}

size_t fields_save(const struct field *f, const void *obj, u8 *out)
{
    u8 *p = out;
    for (; f->name; f++) {
        if (!is_number(f->size)) {
            memcpy(p, (const u8 *)obj + f->offset, (size_t)f->size * f->count);
            p += (size_t)f->size * f->count;
            continue;
        }
        for (u32 k = 0; k < f->count; k++, p += f->size) {
            u8 wide[8];
            put64(wide, element(f, obj, k));
            memcpy(p, wide, f->size);
        }
    }
    return (size_t)(p - out);
}

size_t fields_load(const struct field *f, void *obj, const u8 *in)
{
    const u8 *p = in;
    for (; f->name; f++) {
        u8 *to = (u8 *)obj + f->offset;
        for (u32 k = 0; k < f->count; k++, p += f->size, to += f->size) {
            u8 wide[8] = { 0 };
            u64 v;
            if (!is_number(f->size)) {
                memcpy(to, p, f->size);
                continue;
            }
            memcpy(wide, p, f->size);
            v = get64(wide);
            switch (f->size) {
            case 1: *to = (u8)v; break;
            case 2: memcpy(to, &(u16) { (u16)v }, 2); break;
            case 4: memcpy(to, &(u32) { (u32)v }, 4); break;
            default: memcpy(to, &v, 8);
            }
        }
    }
    return (size_t)(p - in);
}

void fields_print(const struct field *f, const void *obj, FILE *out)
{
    for (; f->name; f++) {
        u32 digits = f->size * 2;
        fprintf(out, "  %-16s =", f->name);
        for (u32 k = 0; k < f->count; k++) {
            if (k && k % 16 == 0)
                fprintf(out, "\n  %-16s  ", "");
            if (is_number(f->size)) {
                fprintf(out, " %0*llx", (int)digits, (unsigned long long)element(f, obj, k));
                continue;
            }
            fputc(' ', out);
            for (u32 b = 0; b < f->size; b++)
                fprintf(out, "%02x", ((const u8 *)obj)[f->offset + k * f->size + b]);
        }
        fputc('\n', out);
    }
}

int fields_diff(const struct field *f, const void *a, const void *b, FILE *out)
{
    int differences = 0;
    for (; f->name; f++) {
        for (u32 k = 0; k < f->count; k++) {
            size_t at = f->offset + (size_t)k * f->size;
            if (!memcmp((const u8 *)a + at, (const u8 *)b + at, f->size))
                continue;
            differences++;
            if (is_number(f->size))
                fprintf(out, "  %s[%u]: %llx, %llx\n", f->name, k,
                        (unsigned long long)element(f, a, k), (unsigned long long)element(f, b, k));
            else
                fprintf(out, "  %s[%u] differs\n", f->name, k);
        }
    }
    return differences;
}

/* Two multiply-and-rotate lanes over little-endian words: the same value on every host. */
static void hash_word(struct hash *h, u64 w)
{
    h->h[0] = (h->h[0] ^ w) * 0x9e3779b97f4a7c15ull;
    h->h[0] ^= h->h[0] >> 29;
    h->h[1] = ((h->h[1] << 27 | h->h[1] >> 37) + w) * 0xd6e8feb86659fd93ull;
    h->h[1] ^= h->h[1] >> 32;
}

void hash_bytes(struct hash *h, const void *data, size_t n)
{
    const u8 *p = data;
    for (; n >= 8; n -= 8, p += 8)
        hash_word(h, get64(p));
    u8 tail[8] = { 0 };
    memcpy(tail, p, n);
    hash_word(h, get64(tail));
    hash_word(h, (u64)n);
}

void hash_fields(struct hash *h, const struct field *f, const void *obj)
{
    for (; f->name; f++)
        for (u32 k = 0; k < f->count; k++) {
            if (is_number(f->size))
                hash_word(h, element(f, obj, k));
            else
                hash_bytes(h, (const u8 *)obj + f->offset + (size_t)k * f->size, f->size);
        }
}

void hash_text(const struct hash *h, char out[33])
{
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)h->h[0], (unsigned long long)h->h[1]);
}
