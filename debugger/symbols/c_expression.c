/* c_expression.c - expressions of C with types: variables, numbers, registers and symbols; ( ) [ ] . -> * & - + and casts.
 * Plain numbers are hexadecimal, as everywhere in the debugger, but decimal between [ and ]. */
#include "typed.h"

#ifdef HAVE_DW
enum { WORD = 80, DEPTH_MOST = 40 };

struct parser {
    const struct debug_scope *s;
    const char *at;
    FILE *out;
    int base, depth;
    bool typed;                 /* something had a type: from then on mistakes are complained of */
    bool bad;
};

static bool unary(struct parser *p, struct value *v);
static bool sum(struct parser *p, struct value *v);

static bool complain(struct parser *p, const char *what, const char *name)
{
    if (p->typed && !p->bad)
        fprintf(p->out, "%s%s%s\n", name, *name ? ": " : "", what);
    p->bad = true;
    return false;
}

static void skip(struct parser *p) { p->at += strspn(p->at, " \t"); }

static bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '$'; }

/* A name; of C's letters only, since . is an operator here. */
static size_t word_read(struct parser *p, char *word)
{
    size_t n = 0;
    skip(p);
    while (is_word(p->at[n]) && n + 1 < WORD) {
        word[n] = p->at[n];
        n++;
    }
    word[n] = 0;
    return n;
}

/* ---- types in casts ---- */

/* As the compiler spells what C lets people shorten. */
static const char *base_spelled(const char *words)
{
    static const char *const spelled[][2] = {
        { "unsigned", "unsigned int" }, { "long", "long int" }, { "unsigned long", "long unsigned int" }, { "short", "short int" },
        { "unsigned short", "short unsigned int" }, { "long long", "long long int" }, { "unsigned long long", "long long unsigned int" },
        { "signed", "int" }, { "long unsigned", "long unsigned int" }, { "bool", "_Bool" },
    };
    for (size_t k = 0; k < ARRAY_LEN(spelled); k++)
        if (!strcmp(words, spelled[k][0]))
            return spelled[k][1];
    return words;
}

/* The words of a type without its *; false: they are none. */
static bool type_words(struct parser *p, struct type *type)
{
    char word[WORD], words[2 * WORD] = "";
    int tag = 0;
    Dwarf_Die unit, *here = debug_unit(p->s->d, p->s->address, &unit) ? &unit : NULL;
    for (size_t n; (n = word_read(p, word)); p->at += n) {
        if (!strcmp(word, "struct") || !strcmp(word, "union") || !strcmp(word, "enum"))
            tag = *word == 's' ? DW_TAG_structure_type : *word == 'u' ? DW_TAG_union_type : DW_TAG_enumeration_type;
        else if (strcmp(word, "const") && strcmp(word, "volatile"))
            snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s", *words ? " " : "", word);
    }
    *type = (struct type){ .known = false };
    if (!*words)
        return false;
    if (type_find(p->s->d, here, tag, tag ? words : base_spelled(words), type))
        return true;
    if (!tag && !strcmp(words, "void"))
        return type->known = false, true;
    if (tag) {
        p->typed = true;
        complain(p, "no such type is known", words);
    }
    return false;
}

/* "(struct task *)"; false: it is none, and nothing was taken. */
static bool cast_read(struct parser *p, struct type *type)
{
    const char *before = p->at++;
    struct value v;
    bool found = false;
    char word[WORD];
    bool other = !word_read(p, word) || is_digit(*word) || p->s->is_register(p->s->to, word, &v.v);
    if (!other)
        variable_find(p->s, word, &v, &found);
    if (!other && !found && type_words(p, type)) {
        for (skip(p); *p->at == '*'; skip(p)) {
            type->pointers++;
            p->at++;
        }
        if (*p->at == ')' && (type->known || type->pointers)) {
            p->at++;
            return p->typed = true;
        }
    }
    p->at = before;
    return false;
}

/* ---- values ---- */

static bool load(struct parser *p, const struct value *v, u64 *number)
{
    if (type_is_array(&v->type) && v->in_memory)
        return *number = v->v, true;
    if (value_number(p->s, v, number))
        return true;
    char name[40];
    snprintf(name, sizeof name, "%08llx", (unsigned long long)v->v);
    return complain(p, type_size(&v->type) > 8 ? "is no number" : "nothing is mapped there", name);
}

static bool dereference(struct parser *p, struct value *v)
{
    struct type target;
    u64 address;
    if (!v->type.known && !v->type.pointers)
        return complain(p, "* of a number without a type; cast it, such as *(struct task *) 1000", "");
    if (!type_target(&v->type, &target))
        return complain(p, "* of what is no pointer", "");
    if (!load(p, v, &address))
        return false;
    *v = (struct value){ target, true, (u32)address, 0, 0 };
    return true;
}

static bool close(struct parser *p, char bracket)
{
    if (*p->at != bracket)
        return complain(p, bracket == ')' ? "missing )" : "missing ]", "");
    p->at++;
    return true;
}

static bool primary(struct parser *p, struct value *v)
{
    char word[WORD];
    bool found;
    skip(p);
    if (*p->at == '(') {
        p->at++;
        if (!sum(p, v))
            return false;
        skip(p);
        return close(p, ')');
    }
    size_t n = word_read(p, word);
    const char *shown = word[0] == '$' ? word + 1 : word;
    *v = (struct value){ .in_memory = false };
    if (!n)
        return complain(p, "a value is missing", *p->at ? p->at : "at the end");
    p->at += n;
    if (p->s->is_register(p->s->to, shown, &v->v))
        return true;
    if (!is_digit(*word)) {
        if (variable_find(p->s, word, v, &found))
            return p->typed = true;
        if (found) {
            p->typed = true;
            return complain(p, "is not kept here", word);
        }
    }
    return p->s->number(p->s->to, word, p->base, &v->v) || complain(p, "no variable, register, number or symbol", word);
}

static bool postfix(struct parser *p, struct value *v)
{
    if (!primary(p, v))
        return false;
    for (skip(p); *p->at == '[' || *p->at == '.' || (*p->at == '-' && p->at[1] == '>'); skip(p)) {
        if (*p->at == '[') {
            struct value index;
            struct type target;
            u64 start, k;
            int base = p->base;
            p->at++;
            p->base = 10;
            if (!sum(p, &index) || !load(p, &index, &k))
                return false;
            p->base = base;
            skip(p);
            if (!close(p, ']'))
                return false;
            if (!type_target(&v->type, &target))
                return complain(p, "[ ] behind what is neither array nor pointer", "");
            if (!load(p, v, &start))
                return false;
            *v = (struct value){ target, true, (u32)(start + k * type_size(&target)), 0, 0 };
            continue;
        }
        char name[WORD];
        struct value member;
        bool arrow = *p->at == '-';
        p->at += 1 + arrow;
        if (arrow && !dereference(p, v))
            return false;
        size_t n = word_read(p, name);
        p->at += n;
        if (!type_member(v, name, &member))
            return complain(p, "no such member", name);
        *v = member;
    }
    return true;
}

static bool unary(struct parser *p, struct value *v)
{
    struct type type;
    u64 number = 0;
    bool ok = false;
    skip(p);
    if (++p->depth > DEPTH_MOST)
        return complain(p, "too deep", "");
    if (*p->at == '*') {
        p->at++;
        ok = unary(p, v) && dereference(p, v);
    } else if (*p->at == '&') {
        p->at++;
        ok = unary(p, v) && ((v->in_memory && !v->bits) || complain(p, "& of what is not in memory", ""));
        v->in_memory = false;
        v->type.pointers++;
    } else if (*p->at == '-') {
        p->at++;
        ok = unary(p, v) && load(p, v, &number);
        *v = (struct value){ .type = v->type, .v = 0 - number };
    } else if (*p->at == '(' && cast_read(p, &type)) {
        ok = unary(p, v) && load(p, v, &number);
        *v = (struct value){ .type = type, .v = number };
    } else {
        ok = postfix(p, v);
    }
    p->depth--;
    return ok;
}

static bool sum(struct parser *p, struct value *v)
{
    if (!unary(p, v))
        return false;
    for (skip(p); *p->at == '+' || *p->at == '-'; skip(p)) {
        bool minus = *p->at++ == '-';
        struct value w;
        struct type target;
        u64 a, b;
        if (!unary(p, &w) || !load(p, v, &a) || !load(p, &w, &b))
            return false;
        if (type_target(&v->type, &target)) {
            if (type_is_array(&v->type))
                v->type = (struct type){ target.known, target.die, target.pointers + 1, target.indexed };
            b *= type_size(&target) ? type_size(&target) : 1;
        }
        *v = (struct value){ .type = v->type, .v = (u32)(minus ? a - b : a + b) };
    }
    return true;
}

bool debug_print(const struct debug_scope *s, const char *text, FILE *out)
{
    struct parser p = { .s = s, .at = text, .out = out, .base = 16 };
    struct value v;
    char name[120];
    bool ok = sum(&p, &v);
    skip(&p);
    if (!p.typed)
        return false;
    if (ok && *p.at)
        ok = complain(&p, "not understood", p.at);
    if (!ok)
        return true;
    if (v.type.known || v.type.pointers) {
        type_name(&v.type, name, sizeof name);
        fprintf(out, "(%s) ", name);
        value_print(s, &v, 0, out);
    } else {
        fprintf(out, "0x%llx", (unsigned long long)v.v);
    }
    fputc('\n', out);
    return true;
}

#else
bool debug_print(const struct debug_scope *s, const char *text, FILE *out)
{
    (void)s, (void)text, (void)out;
    return false;
}

bool debug_locals(const struct debug_scope *s, FILE *out)
{
    (void)s, (void)out;
    return false;
}

void debug_arguments(const struct debug_scope *s, FILE *out)
{
    (void)s, (void)out;
}
#endif
