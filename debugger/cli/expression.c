/* expression.c - values that the user writes: numbers, registers, + - *, parentheses, [ADDRESS] for a doubleword in memory.
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
        fprintf(p->d->out, "%s %s\n", what, name);
    p->bad = true;
}

static u64 number(struct parser *p, const char *word)
{
    char *end;
    int base = p->base;
    const char *digits = word;
    if (word[0] == '0' && word[1] == 'x') {
        base = 16;
        digits += 2;
    } else if (word[0] == '0' && word[1] == 'd' && is_digit(word[2])) {
        base = 10;
        digits += 2;
    }
    u64 v = strtoull(digits, &end, base);
    if (!*digits || *end)
        complain(p, "no number and no register:", word);
    return v;
}

static u64 value(struct parser *p)
{
    char word[40];
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
        while ((is_digit(*p->at) || is_letter(*p->at) || *p->at == '.' || *p->at == '_') && n + 1 < sizeof word)
            word[n++] = to_lower(*p->at++);
        word[n] = 0;
        if (!n)
            complain(p, "a value is missing at", *p->at ? p->at : "the end");
        else
            v = register_find(word) ? register_value(p->d->cpu, register_find(word)) : number(p, word);
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
        fprintf(d->out, "selector %04x lies outside its table\n", (u16)selector);
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
