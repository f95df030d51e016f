/* memory.c - memory and ports in expressions. */
#include "parts.h"
#include "../../iodev/machine/machine.h"

bool dereference(struct parser *p, struct value *v)
{
    struct type target;
    struct number address;
    bool plain = !v->type.pointers && (!v->type.known || (v->type.basic && v->type.basic->plain));
    if (!plain && !type_target(&v->type, &target))
        return complain(p, "* of what is no pointer");
    if (!load(p, v, &address))
        return false;
    if (plain)
        target = (struct type){ .known = true, .basic = basic_type_plain(4) };
    *v = (struct value){ .type = target, .in_memory = true, .v = (u32)address.v };
    return true;
}

/* "byte", also with "ptr" behind, or the letter of b[...]; in bytes, 0: it is none. */
static int width_of(const char *word, bool bracket)
{
    static const struct { const char *name, *letter; int bytes; } widths[] = {
        { "byte", "b", 1 }, { "word", "w", 2 }, { "dword", "d", 4 }, { "qword", "q", 8 },
    };
    for (size_t k = 0; k < ARRAY_LEN(widths); k++)
        if (!strcmp(word, widths[k].name) || (bracket && !strcmp(word, widths[k].letter)))
            return widths[k].bytes;
    return 0;
}

/* What is behind the bracket, in hexadecimal as addresses are. */
static bool bracketed(struct parser *p, char close, u64 *address)
{
    struct value v;
    struct number n;
    int base = p->base;
    p->at++;
    p->base = 16;
    bool ok = parse_address(p, &v) && load(p, &v, &n) && expect(p, close);
    p->base = base;
    *address = ok ? n.v : 0;
    return ok;
}

static bool in_memory(struct parser *p, int width, bool physical, struct value *v)
{
    u64 address;
    if (!bracketed(p, ']', &address))
        return false;
    *v = (struct value){ .type = { .known = true, .basic = basic_type_plain(width) }, .in_memory = true,
                         .v = physical ? address : (u32)address, .physical = physical };
    return true;
}

static bool at_port(struct parser *p, int width, struct value *v)
{
    u64 port, number = 0;
    if (!bracketed(p, ')', &port))
        return false;
    note_more(p);
    if (port > 0xffff)
        return complain(p, "port %llx: there are 0 to ffff", (unsigned long long)port);
    if (width > 4)
        return complain(p, "port %llx: a port is read by byte, word or dword", (unsigned long long)port);
    if (!p->dry && !space_peek_registers(machine_ports(p->l->m), port, width, &number))
        return complain(p, "port %llx: reading it would be noticed; `in %llx` reads it as the guest would", (unsigned long long)port,
                        (unsigned long long)port);
    *v = (struct value){ .v = number, .bytes = (u8)width };
    return true;
}

/* Is the letter of b[...] a variable's name? */
static bool is_named(struct parser *p, const char *word)
{
    struct value v;
    bool found;
    const struct debug_scope *s = scope_of(p);
    if (s)
        variable_find(s, word, &v, &found);
    return s && found;
}

bool parse_memory(struct parser *p, struct value *v, bool *taken)
{
    const char *before = p->at;
    char word[WORD];
    int width = 0;
    *taken = true;
    if (*p->at == '[')
        return in_memory(p, 4, false, v);
    size_t n = word_peek(p, word);
    if (n && (width = width_of(word, p->at[n] == '[')) && !(n == 1 && is_named(p, word))) {
        p->at += n;
        skip(p);
        n = word_peek(p, word);
        if (!strcmp(word, "ptr")) {
            p->at += n;
            skip(p);
            n = word_peek(p, word);
        }
        if (*p->at == '[')
            return in_memory(p, width, false, v);
        if (*p->at == '*') {
            p->at++;
            if (!parse_unary(p, v) || !dereference(p, v))
                return false;
            v->type = (struct type){ .known = true, .basic = basic_type_plain(width) };
            return true;
        }
        if (strcmp(word, "phys") && strcmp(word, "port"))
            return complain(p, "%d byte%s of what? [ADDRESS], phys[ADDRESS], *ADDRESS or port(N) was expected, not %s", width,
                            width > 1 ? "s" : "", *p->at ? p->at : "nothing");
    }
    bool physical = !strcmp(word, "phys"), port = !strcmp(word, "port");
    const char *behind = p->at + n + strspn(p->at + n, " \t");
    if ((physical && *behind == '[') || (port && *behind == '(')) {
        p->at = behind;
        return physical ? in_memory(p, width ? width : 4, true, v) : at_port(p, width ? width : 1, v);
    }
    p->at = before;
    *taken = false;
    return true;
}
