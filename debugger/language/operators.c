/* operators.c - what operators do to values. Numbers are of 64 bits, signed unless one of 64 bits came out of memory or a register, or
 * needs all of them. Follows: ISO C, "Expressions". */
#include "parts.h"
#include "../core/memory.h"
#include "../core/names.h"

/* ---- values as numbers ---- */

static void note_memory(const struct language *l, u64 at, size_t n, bool physical)
{
    struct language_reads *all = l->reads;
    if (!all)
        return;
    if (all->memory_count == READS_MOST)
        all->more = true;
    else
        all->memory[all->memory_count++] = (struct memory_read) { at, (u32)n, physical };
}

static bool read_linear(void *to, u64 address, void *bytes, size_t n)
{
    const struct language *l = to;
    note_memory(l, (u32)address, n, false);
    return memory_peek(l->cpu, address, false, bytes, n);
}

static bool read_physical(void *to, u64 address, void *bytes, size_t n)
{
    const struct language *l = to;
    note_memory(l, address, n, true);
    return memory_peek(l->cpu, address, true, bytes, n);
}

static const char *no_name(void *to, u64 address, char *text, size_t n)
{
    (void)to, (void)address;
    if (n)
        *text = 0;
    return text;
}

/* To read typed values by, linear or physical, whether or not anything is known of C. */
static struct debug_scope memory_scope(const struct language *l, bool physical)
{
    return (struct debug_scope){ .memory = { physical ? read_physical : read_linear, (void *)l }, .to = l->to,
                                 .name = l->name ? l->name : no_name };
}

const struct debug_scope *scope_of(struct parser *p)
{
    if (p->has_scope == SCOPE_UNASKED)
        p->has_scope = p->l->scope && p->l->scope(p->l->to, &p->scope) && p->scope.d ? SCOPE_THERE : SCOPE_NONE;
    return p->has_scope == SCOPE_THERE ? &p->scope : NULL;
}

static bool typed(const struct value *v) { return v->type.known || v->type.pointers; }
static bool shown_plain(const struct value *v) { return !typed(v) || (!v->type.pointers && v->type.basic && v->type.basic->plain); }

bool load(struct parser *p, const struct value *v, struct number *n)
{
    *n = (struct number){ v->v, v->bytes, v->bytes == 8 };
    if (!typed(v) && !v->in_memory)
        return true;
    bool array = type_is_array(&v->type);
    u64 size = array ? 4 : type_size(&v->type);
    if (size > 8)
        return complain(p, "%08llx is no number", (unsigned long long)v->v);
    n->bytes = type_is_signed(&v->type) && !array ? 0 : (int)size;
    n->wide = n->bytes == 8;
    if (array && v->in_memory)
        return true;
    struct debug_scope s = memory_scope(p->l, v->physical);
    if (p->dry)
        n->v = 0;
    else if (!value_number(&s, v, &n->v))
        return complain(p, v->physical ? "no memory is at physical %08llx" : "nothing is mapped at %08llx", (unsigned long long)v->v);
    return true;
}

struct value plain_number(u64 v) { return (struct value){ .v = v }; }

bool is_true(struct parser *p, const struct value *v, bool *truth)
{
    struct number n;
    if (!load(p, v, &n))
        return false;
    *truth = n.v;
    return true;
}

static struct value from(const struct number *n) { return (struct value){ .v = n->v, .bytes = (u8)n->bytes }; }

bool operate_unary(struct parser *p, char operator, struct value *v)
{
    struct number n;
    struct type type = v->type;
    bool keeps = typed(v) && !shown_plain(v) && !type.pointers;
    if (!load(p, v, &n))
        return false;
    if (operator == '!')
        *v = plain_number(!n.v);
    else if (operator == '~')
        *v = from(&(struct number){ ~n.v & (n.bytes ? mask_bytes(n.bytes) : ~0ull), n.bytes, n.wide });
    else
        *v = operator == '-' ? plain_number(0 - n.v) : from(&n);
    if (keeps && operator != '!')
        *v = (struct value){ .type = type, .v = v->v };
    return true;
}

/* ---- two numbers ---- */

/* -1 beside a register means as many ones as it has. */
static void meet(struct number *a, const struct number *b)
{
    if (b->bytes && !a->bytes && (i64)a->v < 0)
        a->v &= mask_bytes(b->bytes);
}

static bool compare(const char *operator, struct number a, struct number b)
{
    meet(&a, &b);
    meet(&b, &a);
    bool below = a.wide || b.wide ? a.v < b.v : (i64)a.v < (i64)b.v, same = a.v == b.v;
    switch (*operator) {
    case '=': return same;
    case '!': return !same;
    case '<': return below || (operator[1] && same);
    default: return operator[1] ? !below : !below && !same;
    }
}

static bool divide(struct parser *p, char operator, const struct number *a, const struct number *b, u64 *v)
{
    *v = 0;
    if (!b->v)
        return p->dry || complain(p, "division by zero");
    if (a->wide || b->wide)
        *v = operator == '/' ? a->v / b->v : a->v % b->v;
    else if (b->v == ~0ull)             /* the quotient of the least number by -1 does not fit: it wraps */
        *v = operator == '/' ? 0 - a->v : 0;
    else
        *v = operator == '/' ? (u64)((i64)a->v / (i64)b->v) : (u64)((i64)a->v % (i64)b->v);
    return true;
}

static bool shift(struct parser *p, char operator, const struct number *a, const struct number *b, u64 *v)
{
    *v = 0;
    if (b->v > 63)
        return p->dry || complain(p, "a shift by %lld: it may be by 0 to 63", (long long)b->v);
    *v = operator == '<' ? a->v << b->v : a->wide || (i64)a->v >= 0 ? a->v >> b->v : ~(~a->v >> b->v);
    return true;
}

static bool arithmetic(struct parser *p, const char *operator, const struct number *a, const struct number *b, u64 *v)
{
    switch (*operator) {
    case '+': *v = a->v + b->v; return true;
    case '-': *v = a->v - b->v; return true;
    case '*': *v = a->v * b->v; return true;
    case '&': *v = a->v & b->v; return true;
    case '|': *v = a->v | b->v; return true;
    case '^': *v = a->v ^ b->v; return true;
    case '/':
    case '%': return divide(p, *operator, a, b, v);
    default:  return shift(p, *operator, a, b, v);
    }
}

/* What a pointer or array counts in; 0: it is neither. */
static u64 stride(const struct value *v)
{
    struct type target;
    if (!type_target(&v->type, &target))
        return 0;
    return type_size(&target) ? type_size(&target) : 1;
}

/* The type of an array's first element's address. */
static void decay(struct type *type)
{
    struct type target;
    if (type_is_array(type) && type_target(type, &target)) {
        *type = target;
        type->pointers++;
    }
}

bool operate(struct parser *p, const char *operator, struct value *left, const struct value *right)
{
    struct number a, b;
    u64 v, step = stride(left), other = stride(right);
    if (!load(p, left, &a) || !load(p, right, &b))
        return false;
    if (!strcmp(operator, "==") || !strcmp(operator, "!=") || ((*operator == '<' || *operator == '>') && operator[1] != operator[0]))
        return *left = plain_number(compare(operator, a, b)), true;
    bool adds = (*operator == '+' || *operator == '-') && !operator[1];
    bool distance = adds && *operator == '-' && step && other;
    if (adds && step && !other)
        b.v *= step;
    if (*operator == '+' && other && !step)
        a.v *= other;
    if (!arithmetic(p, operator, &a, &b, &v))
        return false;
    if (distance) {
        struct number bytes = { .v = v }, each = { .v = step };
        *left = plain_number(0);
        return divide(p, '/', &bytes, &each, &left->v);
    }
    struct type type = shown_plain(left) ? right->type : left->type;
    bool keeps = !(shown_plain(left) && shown_plain(right)) && (adds || !(step || other));
    bool wide = (a.wide || b.wide) && v >> 63;
    decay(&type);
    *left = keeps ? (struct value){ .type = type, .v = v } : (struct value){ .v = v, .bytes = wide ? 8 : 0 };
    return true;
}

/* ---- for whoever asks ---- */

bool language_load(const struct language *l, const struct value *v, u64 *number)
{
    struct parser p = { .l = l };
    struct number n;
    bool ok = load(&p, v, &n);
    *number = n.v;
    return ok;
}

/* Unsigned, or negative and sign-extended from so many bits. */
static bool fits(u64 v, int bits)
{
    u64 mask = bits < 64 ? (1ull << bits) - 1 : ~0ull;
    return !(v & ~mask) || (v | mask >> 1) == ~0ull;
}

static bool refuse_store(const struct language *l, const char *why)
{
    fprintf(l->out, "%s\n", why);
    return false;
}

static bool register_store(const struct language *l, const struct value *v, u64 number)
{
    char why[160];
    if (v->bits) {
        u64 mask = ((1ull << v->bits) - 1) << v->bit_at;
        number = (register_value(l->cpu, v->r) & ~mask) | number << v->bit_at;
    }
    return register_set(l->cpu, v->r, number, why, sizeof why) || refuse_store(l, why);
}

bool language_store(const struct language *l, const struct value *v, u64 number)
{
    u64 size = v->in_memory ? type_size(&v->type) : 0;
    u8 bytes[8] = { 0 };
    char why[120];
    int bits = v->bits ? v->bits : (int)(8 * (size < 9 ? size : 0));
    if (bits && !fits(number, bits)) {
        snprintf(why, sizeof why, "0x%llx does not fit into %d bit%s", (unsigned long long)number, bits, bits > 1 ? "s" : "");
        return refuse_store(l, why);
    }
    if (v->bits)
        number &= (1ull << v->bits) - 1;
    if (v->r)
        return register_store(l, v, number);
    if (!size || size > 8 || type_is_array(&v->type))
        return refuse_store(l, "only numbers and pointers can be changed; of what is larger, its parts");
    snprintf(why, sizeof why, v->physical ? "no memory is at physical %08llx" : "nothing is mapped at %08llx, or no memory",
             (unsigned long long)v->v);
    size_t n = v->bits ? (size_t)(v->bit_at + v->bits + 7) / 8 : (size_t)size;
    if (n > 8 || !memory_peek(l->cpu, v->v, v->physical, bytes, n))
        return refuse_store(l, why);
    u64 mask = v->bits ? ((1ull << v->bits) - 1) << v->bit_at : ~0ull;
    put64(bytes, (get64(bytes) & ~mask) | (number << v->bit_at & mask));
    return memory_poke(l->cpu, v->v, v->physical, bytes, n) || refuse_store(l, why);
}

bool language_print(const struct language *l, const struct value *v)
{
    char name[120];
    struct parser p = { .l = l };
    struct number n;
    struct debug_scope s = memory_scope(l, v->physical);
    if (shown_plain(v)) {
        if (!load(&p, v, &n))
            return false;
        fprintf(l->out, n.wide ? "0x%llx = %llu\n" : "0x%llx = %lld\n", (unsigned long long)n.v, (long long)n.v);
        return true;
    }
    type_name(&v->type, name, sizeof name);
    fprintf(l->out, "(%s) ", name);
    value_print(&s, v, l->out);
    fputc('\n', l->out);
    return true;
}
