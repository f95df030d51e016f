/* tell.c - see tell.h. */
#include "tell.h"
#include <stdarg.h>

static u32 field(const struct bits *b, u32 value) { return value >> b->low & (u32)((2ull << (b->high - b->low)) - 1); }

/* Is there something to say of this field? */
static bool speaks(const struct bits *b, u32 v)
{
    return b->words ? b->words[v] && *b->words[v] : b->high != b->low || v;
}

void tell_bits(FILE *out, u32 value, const struct bits *bits)
{
    for (const char *before = " "; bits && bits->name; bits++) {
        u32 v = field(bits, value);
        if (!speaks(bits, v))
            continue;
        fprintf(out, "%s%s", before, bits->name);
        if (bits->words)
            fprintf(out, "%s%s", *bits->name ? ": " : "", bits->words[v]);
        else if (bits->high != bits->low)
            fprintf(out, " %0*x", (bits->high - bits->low + 4) / 4, v);
        before = ", ";
    }
}

void tell_register(FILE *out, const char *name, u32 value, int digits, const struct bits *bits)
{
    fprintf(out, "  %-9s %0*x", name, digits, value);
    for (const struct bits *b = bits; b && b->name; b++) {
        if (speaks(b, field(b, value))) {
            fprintf(out, "%*s", digits < 4 ? 4 - digits : 0, "");
            break;
        }
    }
    tell_bits(out, value, bits);
    fputc('\n', out);
}

void tell_registers(FILE *out, const struct shown *list, const void *state)
{
    for (; list && list->name; list++) {
        const u8 *at = (const u8 *)state + list->offset;
        u32 v = 0;
        if (list->size == 1) {
            v = *at;
        } else if (list->size == 2) {
            u16 w;
            memcpy(&w, at, 2);
            v = w;
        } else {
            memcpy(&v, at, 4);
        }
        tell_register(out, list->name, v, 2 * (int)list->size, list->bits);
    }
}

void tell_line(FILE *out, const char *name, const char *format, ...)
{
    va_list args;
    fprintf(out, "  %-9s ", name);
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fputc('\n', out);
}
