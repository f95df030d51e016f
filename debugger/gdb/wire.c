/* wire.c - see wire.h. Not yet: run-length encoding, which gdb understands but no stub must write. */
#include "wire.h"
#include <stdarg.h>
#include <stdio.h>

enum { OUTSIDE, INSIDE, SUM_HIGH, SUM_LOW };
enum { INTERRUPT = 3, ESCAPE = '}', ESCAPED = 0x20 };

void wire_reset(struct wire *w)
{
    w->state = OUTSIDE;
    w->n = 0;
}

static int digit(u8 c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void begin(struct wire *w)
{
    w->state = INSIDE;
    w->n = 0;
    w->sum = 0;
}

/* A $ inside begins a packet anew: the end of the one before was lost. */
static void inside(struct wire *w, u8 byte)
{
    if (byte == '$') {
        begin(w);
    } else if (byte == '#') {
        w->state = SUM_HIGH;
    } else {
        w->sum = (u8)(w->sum + byte);
        if (w->n < WIRE_MOST)
            w->data[w->n] = (char)byte;
        w->n += w->n <= WIRE_MOST;
    }
}

static enum wire_event end(struct wire *w, u8 byte)
{
    int low = digit(byte);
    w->state = OUTSIDE;
    if (low < 0 || w->told == 0xff || (w->told << 4 | low) != w->sum)
        return WIRE_BROKEN;
    if (w->n > WIRE_MOST)
        return WIRE_TOO_LONG;
    w->data[w->n] = 0;
    return WIRE_PACKET;
}

enum wire_event wire_take(struct wire *w, u8 byte)
{
    switch (w->state) {
    case OUTSIDE:
        if (byte == '$')
            begin(w);
        return byte == INTERRUPT ? WIRE_INTERRUPT : byte == '-' ? WIRE_AGAIN : WIRE_NOTHING;
    case INSIDE:
        inside(w, byte);
        return WIRE_NOTHING;
    case SUM_HIGH:
        w->told = digit(byte) < 0 ? 0xff : (u8)digit(byte);
        w->state = SUM_LOW;
        return WIRE_NOTHING;
    default:
        return end(w, byte);
    }
}

/* ---- answers ---- */

static void add(struct answer *a, char c)
{
    if (a->n >= WIRE_MOST)
        return;
    a->text[a->n++] = c;
    a->text[a->n] = 0;
}

static void add_words(struct answer *a, const char *fmt, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, fmt, args);
    for (const char *c = text; *c; c++)
        add(a, strchr("$#}*", *c) ? '.' : *c);
}

void answer_text(struct answer *a, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_words(a, fmt, args);
    va_end(args);
}

void answer_error(struct answer *a, const char *fmt, ...)
{
    va_list args;
    a->n = 0;
    answer_text(a, "E.");
    va_start(args, fmt);
    add_words(a, fmt, args);
    va_end(args);
}

void answer_hex(struct answer *a, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (const u8 *p = bytes; n && a->n + 2 <= WIRE_MOST; n--, p++) {
        add(a, digits[*p >> 4]);
        add(a, digits[*p & 15]);
    }
}

size_t answer_binary(struct answer *a, const void *bytes, size_t n)
{
    const u8 *p = bytes;
    size_t k;
    for (k = 0; k < n && a->n + 2 <= WIRE_MOST; k++) {
        bool escape = p[k] == '$' || p[k] == '#' || p[k] == ESCAPE || p[k] == '*';
        if (escape)
            add(a, ESCAPE);
        add(a, (char)(escape ? p[k] ^ ESCAPED : p[k]));
    }
    return k;
}

size_t wire_frame(char *out, const char *text, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    u8 sum = 0;
    for (size_t k = 0; k < n; k++)
        sum = (u8)(sum + (u8)text[k]);
    out[0] = '$';
    memcpy(out + 1, text, n);
    out[n + 1] = '#';
    out[n + 2] = digits[sum >> 4];
    out[n + 3] = digits[sum & 15];
    return n + 4;
}

/* ---- numbers ---- */

bool hex_number(const char **at, u64 *v)
{
    int n = 0, d;
    u64 value = 0;
    while ((d = digit((u8)(*at)[n])) >= 0 && n < 16) {
        value = value << 4 | (u64)d;
        n++;
    }
    if (!n || d >= 0)
        return false;
    *at += n;
    *v = value;
    return true;
}

bool hex_bytes(const char **at, u8 *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        int high = digit((u8)(*at)[0]), low = high < 0 ? -1 : digit((u8)(*at)[1]);
        if (low < 0)
            return false;
        bytes[k] = (u8)(high << 4 | low);
        *at += 2;
    }
    return true;
}

bool binary_bytes(const char *from, size_t length, u8 *bytes, size_t n)
{
    size_t k = 0;
    for (size_t at = 0; at < length; at++, k++) {
        u8 c = (u8)from[at];
        if (c == ESCAPE && ++at == length)
            return false;
        if (k == n)
            return false;
        bytes[k] = c == ESCAPE ? (u8)(from[at] ^ ESCAPED) : c;
    }
    return k == n;
}
