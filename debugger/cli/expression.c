/* expression.c - values that the user writes: numbers, registers, + - *, parentheses, [ADDRESS] for a doubleword in memory.
 * Plain numbers are in the base that the place suggests; 0x.. is hexadecimal, 0d.. decimal. */
#include "parts.h"
#include "../core/explain.h"

struct parser {
    struct debugger *d;
    const char *at;
    int base, depth;
    bool bad;
};

enum { DEPTH_MAX = 40 };

static u64 sum(struct parser *p);

/* Registers of struct cpu_state by name; size in bytes, shift for the high bytes. */
static bool register_value(const struct cpu *cpu, const char *name, u64 *v)
{
    static const char *const r32[8] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };
    static const char *const r8[8] = { "al", "cl", "dl", "bl", "ah", "ch", "dh", "bh" };
    static const char *const segments[SEGMENTS] = { "es", "cs", "ss", "ds", "fs", "gs" };
    const struct cpu_state *s = &cpu->s;
    for (int i = 0; i < 8; i++) {
        bool is32 = !strcmp(name, r32[i]), is16 = !strcmp(name, r32[i] + 1);
        if (is32 || is16)
            return *v = is32 ? (u32)s->gpr[i] : (u16)s->gpr[i], true;
        if (!strcmp(name, r8[i]))
            return *v = (u8)(s->gpr[i & 3] >> (i & 4) * 2), true;
    }
    for (int i = 0; i < SEGMENTS; i++) {
        if (!strcmp(name, segments[i]))
            return *v = s->seg[i].selector, true;
    }
    if (!strcmp(name, "eip") || !strcmp(name, "ip"))
        return *v = s->rip, true;
    if (!strcmp(name, "eflags") || !strcmp(name, "flags"))
        return *v = s->eflags, true;
    if (!strcmp(name, "tr"))
        return *v = s->tr.selector, true;
    if (!strcmp(name, "ldtr"))
        return *v = s->ldtr.selector, true;
    if (!strncmp(name, "cr", 2) && name[2] && !name[3]) {
        const u64 cr[5] = { s->cr0, 0, s->cr2, s->cr3, s->cr4 };
        int n = name[2] - '0';
        if (n >= 0 && n <= 4 && n != 1)
            return *v = cr[n], true;
    }
    if (!strncmp(name, "dr", 2) && name[2] >= '0' && name[2] <= '7' && !name[3])
        return *v = s->dr[name[2] - '0'], true;
    return false;
}

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
        while ((is_digit(*p->at) || is_letter(*p->at)) && n + 1 < sizeof word)
            word[n++] = to_lower(*p->at++);
        word[n] = 0;
        if (!n)
            complain(p, "a value is missing at", *p->at ? p->at : "the end");
        else if (!register_value(p->d->cpu, word, &v))
            v = number(p, word);
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
    static const char *const segments[SEGMENTS] = { "es", "cs", "ss", "ds", "fs", "gs" };
    struct cpu *cpu = d->cpu;
    u64 selector, descriptor;
    for (int i = 0; i < SEGMENTS; i++) {
        if (!strcmp(name, segments[i]))
            return *base = cpu->s.seg[i].base, true;
    }
    if (!expression_value(d, name, 16, &selector))
        return false;
    if (!(cpu->s.cr0 & CR0_PE) || cpu->s.eflags & FLAG_VM)
        return *base = (u64)(u16)selector << 4, true;
    if (!descriptor_peek(cpu, (u16)selector, &descriptor)) {
        fprintf(d->out, "selector %04x lies outside its table\n", (u16)selector);
        return false;
    }
    return *base = descriptor_base(descriptor), true;
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
