/* expression.c - the grammar: C's expressions without assignment, ++, --, comma and calls; SEGMENT:OFFSET where an address may stand.
 * Follows: ISO C, "Expressions" (binary operators by rising precedence, conditional operator). */
#include "parts.h"
#include "../../cpu/descriptor.h"
#include <stdarg.h>

/* ---- what all share ---- */

bool complain(struct parser *p, const char *format, ...)
{
    if (!p->bad && p->l->out) {
        va_list arguments;
        va_start(arguments, format);
        vfprintf(p->l->out, format, arguments);
        va_end(arguments);
        fputc('\n', p->l->out);
    }
    p->bad = true;
    return false;
}

void skip(struct parser *p) { p->at += strspn(p->at, " \t"); }

bool take(struct parser *p, char c)
{
    skip(p);
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

bool expect(struct parser *p, char c)
{
    return take(p, c) || complain(p, "missing %c %s%s", c, *p->at ? "before " : "at the end", p->at);
}

size_t word_peek(const struct parser *p, char *word)
{
    const char *at = p->at + strspn(p->at, " \t");
    size_t n = 0;
    while ((is_digit(at[n]) || is_letter(at[n]) || at[n] == '_' || at[n] == '$') && n + 1 < WORD) {
        word[n] = at[n];
        n++;
    }
    word[n] = 0;
    return n;
}

static bool parse_conditional(struct parser *p, struct value *v);

/* ---- behind a value: [ ] . -> ---- */

static bool element(struct parser *p, struct value *v)
{
    struct value index;
    struct type target;
    struct number start, k;
    int base = p->base;
    p->at++;
    p->base = 10;
    bool ok = parse_conditional(p, &index) && load(p, &index, &k);
    p->base = base;
    if (!ok || !expect(p, ']'))
        return false;
    if (!type_target(&v->type, &target))
        return complain(p, "[ ] behind what is neither array nor pointer");
    if (!load(p, v, &start))
        return false;
    *v = (struct value){ .type = target, .in_memory = true, .v = (u32)(start.v + k.v * type_size(&target)), .physical = v->physical };
    return true;
}

static bool member(struct parser *p, struct value *v)
{
    char name[WORD];
    struct value m;
    bool arrow = *p->at == '-';
    p->at += 1 + arrow;
    if (arrow && !dereference(p, v))
        return false;
    size_t n = word_peek(p, name);
    skip(p);
    p->at += n;
    if (!type_member(v, name, &m))
        return complain(p, "%s: no such member", name);
    *v = m;
    return true;
}

static bool parse_postfix(struct parser *p, struct value *v)
{
    for (skip(p); *p->at == '[' || *p->at == '.' || (*p->at == '-' && p->at[1] == '>'); skip(p))
        if (!(*p->at == '[' ? element(p, v) : member(p, v)))
            return false;
    return true;
}

/* ---- in front of a value ---- */

static bool parse_cast_value(struct parser *p, const struct type *type, bool braces, struct value *v)
{
    struct number n;
    if (!parse_unary(p, v) || !load(p, v, &n))
        return false;
    *v = braces ? (struct value){ .type = *type, .in_memory = true, .v = (u32)n.v } : (struct value){ .type = *type, .v = n.v };
    return true;
}

static bool parse_brackets(struct parser *p, struct value *v)
{
    int base = p->base;
    p->at++;
    bool ok = parse_address(p, v) && expect(p, ')');
    p->base = base;
    return ok && parse_postfix(p, v);
}

static bool address_of(struct parser *p, struct value *v)
{
    if (parse_symbol_address(p, v))
        return true;
    if (p->bad || !parse_unary(p, v))
        return false;
    if (!v->in_memory || v->bits)
        return complain(p, "& of what is not in memory");
    v->in_memory = false;
    if (v->type.known && v->type.basic && v->type.basic->plain)
        *v = (struct value){ .v = v->v, .bytes = 4 };
    else
        v->type.pointers++;
    return true;
}

/* sizeof (TYPE) or of a value, which is not computed. */
static bool parse_sizeof(struct parser *p, struct value *v)
{
    struct value of;
    p->at += strlen("sizeof");
    skip(p);
    const char *before = p->at;
    if (*p->at != '(' || !parse_cast(p, ')', &of.type)) {
        p->dry++;
        bool ok = !p->bad && parse_unary(p, &of);
        p->dry--;
        if (!ok)
            return false;
    }
    u64 size = of.type.known || of.type.pointers ? type_size(&of.type) : of.bytes;
    *v = plain_number(size);
    return size || complain(p, "sizeof %s: how large that is nobody says", before);
}

static bool parse_at_depth(struct parser *p, struct value *v)
{
    struct type type;
    char c = *p->at, word[WORD];
    bool taken;
    if (word_peek(p, word) && !strcmp(word, "sizeof"))
        return parse_sizeof(p, v);
    if (c == '*') {
        p->at++;
        return parse_unary(p, v) && dereference(p, v);
    }
    if (c == '&') {
        p->at++;
        return address_of(p, v);
    }
    if (c && strchr("-+!~", c)) {
        p->at++;
        return parse_unary(p, v) && operate_unary(p, c, v);
    }
    if ((c == '(' && parse_cast(p, ')', &type)) || (c == '{' && parse_cast(p, '}', &type)))
        return parse_cast_value(p, &type, c == '{', v);
    if (p->bad)
        return false;
    if (c == '(')
        return parse_brackets(p, v);
    return parse_memory(p, v, &taken) && (taken || parse_word(p, v)) && parse_postfix(p, v);
}

bool parse_unary(struct parser *p, struct value *v)
{
    skip(p);
    *v = (struct value){ .in_memory = false };
    if (p->bad || ++p->depth > DEPTH_MOST)
        return complain(p, "too deep at %.20s", p->at);
    bool ok = parse_at_depth(p, v);
    p->depth--;
    return ok;
}

/* ---- between values ---- */

struct binary { const char *text; int level; };

/* The operator that comes now; its level 0: none. */
static struct binary operator_at(struct parser *p)
{
    static const struct binary operators[] = {          /* longer ones first */
        { "||", 1 }, { "&&", 2 }, { "==", 6 }, { "!=", 6 }, { "<<", 8 }, { ">>", 8 }, { "<=", 7 }, { ">=", 7 }, { "|", 3 }, { "^", 4 },
        { "&", 5 }, { "<", 7 }, { ">", 7 }, { "+", 9 }, { "-", 9 }, { "*", 10 }, { "/", 10 }, { "%", 10 },
    };
    skip(p);
    for (size_t k = 0; k < ARRAY_LEN(operators); k++)
        if (*p->at == *operators[k].text && !strncmp(p->at, operators[k].text, strlen(operators[k].text)))
            return operators[k];
    return (struct binary){ "", 0 };
}

static bool parse_binary(struct parser *p, int least, struct value *v)
{
    if (!parse_unary(p, v))
        return false;
    for (;;) {
        struct binary b = operator_at(p);
        struct value w;
        bool left = false, right = false, logical = b.level == 1 || b.level == 2;
        if (!b.level || b.level < least)
            return true;
        p->at += strlen(b.text);
        if (logical && !is_true(p, v, &left))
            return false;
        bool decided = logical && left == (b.level == 1);
        p->dry += decided;
        bool ok = parse_binary(p, b.level + 1, &w) && (!logical || is_true(p, &w, &right));
        p->dry -= decided;
        if (!ok || (!logical && !operate(p, b.text, v, &w)))
            return false;
        if (logical)
            *v = plain_number(decided ? left : right);
    }
}

static bool parse_conditional(struct parser *p, struct value *v)
{
    struct value yes, no;
    bool truth;
    if (!parse_binary(p, 1, v))
        return false;
    if (!take(p, '?'))
        return true;
    if (!is_true(p, v, &truth))
        return false;
    if (++p->depth > DEPTH_MOST)
        return complain(p, "too deep at %.20s", p->at);
    p->dry += !truth;
    bool ok = parse_conditional(p, &yes) && expect(p, ':');
    p->dry += truth - !truth;
    ok = ok && parse_conditional(p, &no);
    p->dry -= truth;
    p->depth--;
    *v = truth ? yes : no;
    return ok;
}

/* ---- addresses ---- */

/* The base of SEGMENT in SEGMENT:OFFSET: a register's hidden base, or what a selector would load. */
static bool segment_base(struct parser *p, const struct value *v, u64 *base)
{
    struct number selector;
    u64 raw;
    *base = 0;
    note_more(p);
    if (v->r && v->r->group == REGISTERS_SEGMENT)
        return *base = cpu_segment(p->l->cpu, v->r->n)->base, true;
    if (!load(p, v, &selector))
        return false;
    if (p->dry)
        return true;
    if (selector.v > 0xffff)
        return complain(p, "%llx: what stands before : is a segment register or a selector of 16 bits", (unsigned long long)selector.v);
    if (!cpu_protected(p->l->cpu))
        return *base = selector.v << 4, true;
    if (!cpu_descriptor(p->l->cpu, (u16)selector.v, &raw))
        return complain(p, "selector %04x lies outside its table", (u16)selector.v);
    return *base = descriptor_decode(raw).base, true;
}

static bool fits_32(u64 v) { return v <= UINT32_MAX || (v >> 31) == ~0ull >> 31; }

bool parse_address(struct parser *p, struct value *v)
{
    struct value offset;
    struct number n;
    u64 base;
    if (!parse_conditional(p, v))
        return false;
    skip(p);
    if (*p->at != ':')
        return true;
    p->at++;
    if (!segment_base(p, v, &base) || !parse_conditional(p, &offset) || !load(p, &offset, &n))
        return false;
    if (!fits_32(n.v))
        return complain(p, "%llx: an offset has at most 32 bits", (unsigned long long)n.v);
    *v = (struct value){ .v = (u32)(base + n.v), .bytes = 4 };
    return true;
}

/* ---- for whoever asks ---- */

static struct parser parser_of(const struct language *l, const char *text, int base)
{
    return (struct parser){ .l = l, .at = text, .base = base };
}

static bool ends(struct parser *p)
{
    skip(p);
    if (*p->at == '=')
        return complain(p, "not understood: %s; == compares", p->at);
    return !*p->at || complain(p, "not understood: %s", p->at);
}

bool language_value(const struct language *l, const char *text, int base, struct value *v)
{
    struct parser p = parser_of(l, text, base);
    return parse_address(&p, v) && ends(&p);
}

bool language_number(const struct language *l, const char *text, int base, u64 *number)
{
    struct parser p = parser_of(l, text, base);
    struct value v;
    struct number n = { 0 };
    bool ok = parse_address(&p, &v) && ends(&p) && load(&p, &v, &n);
    *number = n.v;
    return ok;
}

bool language_check(const struct language *l, const char *text, int base)
{
    struct parser p = parser_of(l, text, base);
    struct value v;
    p.dry = 1;
    return parse_address(&p, &v) && ends(&p);
}

/* "phys:" and the like. */
static bool prefixed(struct parser *p, const char *const *names)
{
    char word[WORD];
    size_t n = word_peek(p, word);
    skip(p);
    for (; *names; names++) {
        if (!strcmp(word, *names) && p->at[n] == ':') {
            p->at += n + 1;
            return true;
        }
    }
    return false;
}

/* What is written there, with the word in front that says of which kind it is. */
static bool parse_location(struct parser *p, struct value *v, bool *is_physical)
{
    static const char *const physical[] = { "phys", "physical", NULL }, *const linear[] = { "lin", "linear", NULL };
    *is_physical = prefixed(p, physical);
    bool plain = *is_physical || prefixed(p, linear);
    return (plain ? parse_conditional(p, v) : parse_address(p, v)) && ends(p);
}

static bool address_fits(struct parser *p, const struct value *v, struct location *location)
{
    struct number n;
    if (!load(p, v, &n))
        return false;
    if (location->physical ? n.v >> 52 : !fits_32(n.v))
        return complain(p, "address %llx: %s", (unsigned long long)n.v, location->physical ? "physical ones have at most 52 bits"
                                                                                           : "linear ones have 32 bits");
    location->at = location->physical ? n.v : (u32)n.v;
    return true;
}

bool language_location(const struct language *l, const char *text, struct location *location)
{
    struct parser p = parser_of(l, text, 16);
    struct value v;
    return parse_location(&p, &v, &location->physical) && address_fits(&p, &v, location);
}

bool language_place(const struct language *l, const char *text, struct location *location, u64 *size)
{
    struct parser p = parser_of(l, text, 16);
    struct value v;
    struct type target;
    *size = 0;
    if (!parse_location(&p, &v, &location->physical))
        return false;
    bool plain = !v.type.known || (v.type.basic && v.type.basic->plain && !v.type.pointers);
    if (v.in_memory && !plain && !v.bits && !location->physical) {
        *location = (struct location){ .at = v.physical ? v.v : (u32)v.v, .physical = v.physical };
        *size = type_size(&v.type);
        return true;
    }
    if (!plain && type_target(&v.type, &target))
        *size = type_size(&target);
    return address_fits(&p, &v, location);
}

bool language_is_assignment(const char *text)
{
    for (const char *at = text; (at = strchr(at, '=')); at++) {
        if (at[1] == '=')
            at++;
        else if (at == text || !strchr("!<>", at[-1]) || (at - text > 1 && at[-2] == at[-1]))
            return true;
    }
    return false;
}

bool language_assign(const struct language *l, const char *text, struct value *left)
{
    struct parser p = parser_of(l, text, 16);
    struct value right;
    struct number n;
    if (!parse_conditional(&p, left))
        return false;
    if (!take(&p, '='))
        return complain(&p, "%s%s, where = and a value were expected", *p.at ? "" : "nothing follows", p.at);
    if (!left->r && !left->in_memory)
        return complain(&p, "a register, a flag or memory must stand before =");
    if (!parse_address(&p, &right) || !ends(&p) || !load(&p, &right, &n) || !language_store(l, left, n.v))
        return false;
    if (left->r)
        left->v = register_value(l->cpu, left->r) >> left->bit_at & (left->bits ? (1ull << left->bits) - 1 : ~0ull);
    return true;
}
