/* format.c - see format.h. */
#include "format.h"
#include "../../core/memory.h"

enum { STRING_MOST = 200 };

bool format_read(struct debugger *d, const char *text, struct format *f)
{
    const char *at = text + 1;
    if (is_digit(*at)) {
        f->count = 0;
        f->counted = true;
        for (; is_digit(*at) && f->count <= UINT32_MAX; at++)
            f->count = f->count * 10 + (u64)(*at - '0');
        if (f->count > UINT32_MAX) {
            refuse(d, "%s: so many are not shown", text);
            return false;
        }
    }
    for (; *at; at++) {
        if (strchr("bhwg", *at)) {
            f->size = *at;
            f->sized = true;
        } else if (strchr("xduotcsiafzm", *at)) {
            f->letter = *at;
            f->lettered = true;
        } else {
            refuse(d, "%s: %c is not understood: a count, b h w g for 1, 2, 4, 8 bytes, and x z d u o t c a f, s string, i code, m dump",
                   text, *at);
            return false;
        }
    }
    return true;
}

int format_bytes(char size) { return size == 'b' ? 1 : size == 'h' ? 2 : size == 'w' ? 4 : 8; }

static i64 sign_extended(u64 v, int bytes)
{
    u64 sign = 1ull << (8 * bytes - 1);
    return (i64)(((v & mask_bytes(bytes)) ^ sign) - sign);
}

static void binary_print(u64 v, int digits, FILE *out)
{
    bool any = false;
    for (int k = 63; k >= 0; k--) {
        any |= v >> k & 1 || k < digits || !k;
        if (any)
            fputc('0' + (int)(v >> k & 1), out);
    }
}

static void float_print(u64 v, int bytes, FILE *out)
{
    float f;
    double g;
    u32 w = (u32)v;
    memcpy(&f, &w, 4);
    memcpy(&g, &v, 8);
    if (bytes == 4)
        fprintf(out, "%.9g", (double)f);
    else if (bytes == 8)
        fprintf(out, "%.17g", g);
    else
        fprintf(out, "%lld", (long long)sign_extended(v, bytes));
}

void format_print(struct debugger *d, u64 v, int bytes, char letter, bool row)
{
    u64 masked = v & mask_bytes(bytes);
    int digits = row || letter == 'z' ? 2 * bytes : 1;
    switch (letter) {
    case 'd': fprintf(d->out, "%lld", (long long)sign_extended(v, bytes)); break;
    case 'u': fprintf(d->out, "%llu", (unsigned long long)masked); break;
    case 'o': fprintf(d->out, masked ? "0%llo" : "%llo", (unsigned long long)masked); break;
    case 't': binary_print(masked, row ? 8 * bytes : 1, d->out); break;
    case 'f': float_print(masked, bytes, d->out); break;
    case 'c':
        fprintf(d->out, "%lld '", (long long)sign_extended(v, bytes));
        character_print((u8)v, '\'', d->out);
        fputc('\'', d->out);
        break;
    case 'a':
        fprintf(d->out, "0x%llx", (unsigned long long)masked);
        name_print(d->symbols, d->cpu, masked, " <", ">", d->out);
        break;
    default: fprintf(d->out, "0x%0*llx", digits, (unsigned long long)masked);
    }
}

u64 format_string(struct debugger *d, const struct location *at)
{
    u8 c = 1;
    u64 n = 0;
    if (!memory_peek(d->cpu, at->at, at->physical, &c, 1))
        return 0;
    fputc('"', d->out);
    while (n < STRING_MOST && memory_peek(d->cpu, at->at + n, at->physical, &c, 1)) {
        n++;
        if (!c)
            break;
        character_print(c, '"', d->out);
    }
    fputs(c ? "\"..." : "\"", d->out);
    return n;
}
