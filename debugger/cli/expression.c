/* expression.c - values that the user writes: numbers, registers, symbols, + - *, parentheses, [ADDRESS] for a doubleword in memory.
 * Plain numbers are in the base that the place suggests; 0x.. is hexadecimal, 0d.. decimal. */
#include "parts.h"
#include "../../cpu/descriptor.h"

struct parser {
    struct debugger *d;
    const char *at;
    int base, depth;
    bool bad;
};

enum { DEPTH_MAX = 40 };

static u64 sum(struct parser *p);

static void complain(struct parser *p, const char *what, const char *name)
{
    if (!p->bad)
        refuse(p->d, "%s %s", what, name);
    p->bad = true;
}

bool expression_number(const char *word, int base, u64 *v)
{
    char *end;
    const char *digits = word;
    if (word[0] == '0' && (word[1] | 0x20) == 'x') {
        base = 16;
        digits += 2;
    } else if (word[0] == '0' && word[1] == 'd' && is_digit(word[2])) {
        base = 10;
        digits += 2;
    }
    *v = strtoull(digits, &end, base);
    return *digits && !*end;
}

/* A word that is no register. A symbol that looks like a number is written &add. */
static u64 number_or_symbol(struct parser *p, const char *word, const char *raw, bool name_only)
{
    u64 v = 0;
    const struct symbol *symbol = symbols_find(p->d->symbols, raw);
    if (!name_only && expression_number(word, p->base, &v))
        return v;
    if (symbol)
        return symbol->address;
    const char *near = symbols_nearest(p->d->symbols, raw);
    char text[200];
    snprintf(text, sizeof text, near ? "%s (did you mean %s?)" : "%s", raw, near);
    complain(p, symbols_any(p->d->symbols) ? "no number, register or symbol:" : "no number and no register:", text);
    return 0;
}

static u64 value(struct parser *p)
{
    char word[80], raw[80];     /* in small letters, and as it was written */
    size_t n = 0;
    u64 v = 0;
    if (p->bad || ++p->depth > DEPTH_MAX) {
        complain(p, "too deep:", p->at);
        return 0;
    }
    if (*p->at == '(' || *p->at == '[') {
        char close = *p->at++ == '(' ? ')' : ']';
        u8 bytes[4];
        v = sum(p);
        if (*p->at != close)
            complain(p, "missing bracket at", *p->at ? p->at : "the end");
        else
            p->at++;
        if (close == ']' && !p->bad) {
            if (cpu_peek(p->d->cpu, (u32)v, bytes, 4))
                v = get32(bytes);
            else
                complain(p, "nothing is mapped at", "the address in brackets");
        }
    } else if (*p->at == '-') {
        p->at++;
        v = 0 - value(p);
    } else {
        bool name_only = *p->at == '&';
        p->at += name_only;
        while ((is_digit(*p->at) || is_letter(*p->at) || strchr("._$@", *p->at)) && *p->at && n + 1 < sizeof word) {
            raw[n] = *p->at;
            word[n++] = to_lower(*p->at++);
        }
        raw[n] = word[n] = 0;
        if (!n)
            complain(p, "a value is missing at", *p->at ? p->at : "the end");
        else if (!name_only && register_find(word))
            v = register_value(p->d->cpu, register_find(word));
        else
            v = number_or_symbol(p, word, raw, name_only);
    }
    p->depth--;
    return v;
}

static u64 product(struct parser *p)
{
    u64 v = value(p);
    while (!p->bad && *p->at == '*') {
        p->at++;
        v *= value(p);
    }
    return v;
}

static u64 sum(struct parser *p)
{
    u64 v = product(p);
    while (!p->bad && (*p->at == '+' || *p->at == '-')) {
        bool minus = *p->at++ == '-';
        u64 w = product(p);
        v = minus ? v - w : v + w;
    }
    return v;
}

bool expression_value(struct debugger *d, const char *text, int base, u64 *v)
{
    struct parser p = { .d = d, .at = text, .base = base };
    *v = sum(&p);
    if (!p.bad && *p.at)
        complain(&p, "not understood:", p.at);
    return !p.bad;
}

/* The base of SEGMENT in SEGMENT:OFFSET: a register's hidden base, or what a selector would load. */
static bool segment_base(struct debugger *d, const char *name, u64 *base)
{
    const struct cpu_register *r = register_find(name);
    u64 selector, raw;
    if (r && r->group == REGISTERS_SEGMENT)
        return *base = cpu_segment(d->cpu, r->n)->base, true;
    if (!expression_value(d, name, 16, &selector))
        return false;
    if (!cpu_protected(d->cpu))
        return *base = (u64)(u16)selector << 4, true;
    if (!cpu_descriptor(d->cpu, (u16)selector, &raw)) {
        refuse(d, "selector %04x lies outside its table", (u16)selector);
        return false;
    }
    return *base = descriptor_decode(raw).base, true;
}

bool expression_address(struct debugger *d, const char *text, u64 *linear)
{
    const char *colon = strchr(text, ':');
    char name[TEXT];
    u64 base, offset;
    if (!colon) {
        bool ok = expression_value(d, text, 16, linear);
        *linear = (u32)*linear;
        return ok;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
    if (!segment_base(d, name, &base) || !expression_value(d, colon + 1, 16, &offset))
        return false;
    *linear = (u32)(base + offset);
    return true;
}
