/* words.c - what a word means: a number, a register, a flag, a variable, a symbol; or what may have been meant. */
#include "parts.h"
#include "../core/names.h"
#include "../symbols/nearest.h"
#include "../../iodev/machine/machine.h"

/* ---- numbers ---- */

static int digit_of(char c)
{
    return is_digit(c) ? c - '0' : is_letter(c) ? to_lower(c) - 'a' + 10 : 99;
}

bool language_digits(const char *word, int base, u64 *number, bool *big)
{
    size_t n = strlen(word);
    *number = 0;
    *big = false;
    if (word[0] == '0' && to_lower(word[1]) == 'x') {
        base = 16;
        word += 2;
        n -= 2;
    } else if (word[0] == '0' && word[1] == 'd' && is_digit(word[2])) {
        base = 10;
        word += 2;
        n -= 2;
    } else if (n > 1 && is_digit(*word) && to_lower(word[n - 1]) == 'h') {      /* an assembler's */
        base = 16;
        n--;
    }
    for (size_t k = 0; k < n; k++) {
        int digit = digit_of(word[k]);
        if (digit >= base)
            return false;
        *big |= *number > (~0ull - (u64)digit) / (u64)base;
        *number = *number * (u64)base + (u64)digit;
    }
    return n && !*big;
}

/* ---- words ---- */

/* What C calls a name, with what registers (cs.base) and symbols (f.part.0) have in them beside. */
static size_t long_word(const char *at, char *word)
{
    size_t n = 0;
    while ((is_digit(at[n]) || is_letter(at[n]) || (at[n] && strchr("_$.@", at[n]))) && n + 1 < WORD) {
        word[n] = at[n];
        n++;
    }
    word[n] = 0;
    return n;
}

void note_more(const struct parser *p)
{
    if (p->l->reads)
        p->l->reads->more = true;
}

static void note_register(const struct parser *p, const struct cpu_register *r, u64 mask, u64 value)
{
    struct language_reads *all = p->l->reads;
    if (!all || p->dry)
        return;
    if (r->bytes > 8 || all->register_count == READS_MOST)
        all->more = true;
    else
        all->registers[all->register_count++] = (struct register_read) { r, mask, value & mask };
}

static struct value of_register(const struct parser *p, const struct cpu_register *r)
{
    note_register(p, r, ~0ull, register_value(p->l->cpu, r));
    return (struct value){ .v = register_value(p->l->cpu, r), .r = r, .bytes = r->bytes < 8 ? r->bytes : 8 };
}

/* EFLAGS by the names of its bits, and IOPL. */
static bool is_flag(const struct parser *p, const char *word, struct value *v)
{
    const struct cpu_register *r;
    char name[8];
    size_t n = 0;
    for (; word[n] && n + 1 < sizeof name; n++)
        name[n] = (char)(is_letter(word[n]) ? to_lower(word[n]) - 'a' + 'A' : word[n]);
    name[n] = 0;
    if (word[n] || is_digit(*word) || !(r = register_find("eflags")))
        return false;
    u64 eflags = register_value(p->l->cpu, r);
    *v = (struct value){ .r = r, .bit_at = 12, .bits = 2, .v = eflags >> 12 & 3 };
    if (!strcmp(name, "IOPL")) {
        note_register(p, r, FLAG_IOPL, eflags);
        return true;
    }
    for (const struct register_bit *b = r->bits; b->name; b++) {
        if (!strcmp(name, b->name)) {
            note_register(p, r, b->bit, eflags);
            *v = (struct value){ .r = r, .bit_at = __builtin_ctzll(b->bit), .bits = 1, .v = (eflags & b->bit) != 0 };
            return true;
        }
    }
    return false;
}

/* gdb's names for where the program and its stack are, as the linear addresses that every command takes. */
static bool is_place(const struct parser *p, const char *word, struct value *v)
{
    const struct cpu *cpu = p->l->cpu;
    bool wide = cpu_segment(cpu, SS)->access & SEG_DB;
    u64 linear;
    if (!strcmp(word, "pc"))
        linear = linear_here(cpu);
    else if (!strcmp(word, "sp"))
        linear = cpu_segment(cpu, SS)->base + cpu_get(cpu, wide ? "esp" : "sp");
    else if (!strcmp(word, "fp"))
        linear = cpu_segment(cpu, SS)->base + cpu_get(cpu, wide ? "ebp" : "bp");
    else
        return false;
    note_more(p);
    *v = (struct value){ .v = (u32)linear, .bytes = 4 };
    return true;
}

static bool is_count(const struct parser *p, const char *word, struct value *v)
{
    if (!strcmp(word, "insns"))
        *v = plain_number(cpu_insns(p->l->cpu));
    else if (!strcmp(word, "time"))
        *v = plain_number(machine_now(p->l->m));
    else
        return false;
    note_more(p);
    return true;
}

static const char *nearest_register(const char *word)
{
    const char *best = NULL;
    int most = (int)(strlen(word) + 2) / 4;
    for (const struct cpu_register *r = cpu_registers; r->name && most >= 0; r++) {
        int n = word_distance(word, r->name, most);
        if (n <= most) {
            best = r->name;
            most = n - 1;
        }
    }
    return best;
}

/* $NAME or %NAME: nothing but the machine's own names. */
static bool parse_marked(struct parser *p, struct value *v)
{
    char word[WORD];
    char mark = *p->at++;
    size_t n = long_word(p->at, word);
    const struct cpu_register *r = register_find(word);
    p->at += n;
    if (mark == '$' && is_place(p, word, v))
        return true;
    if (!r && !strcmp(word, "ps"))              /* gdb's */
        r = register_find("eflags");
    if (r)
        return *v = of_register(p, r), true;
    if (is_flag(p, word, v) || is_count(p, word, v))
        return true;
    const char *near = nearest_register(word);
    return complain(p, near ? "no register %c%s; did you mean %s?" : "no register %c%s; registers lists them", mark, word, near);
}

static bool parse_character(struct parser *p, struct value *v)
{
    const char *at = p->at + 1;
    if (!at[0] || at[1] != '\'')
        return complain(p, "a character is written 'A', not %s", p->at);
    *v = plain_number((u8)at[0]);
    p->at += 3;
    return true;
}

static bool unknown(struct parser *p, const char *word)
{
    const char *near = symbols_nearest(p->l->symbols, word);
    if ((!strcmp(word, "phys") || !strcmp(word, "physical")) && *p->at == ':')
        return complain(p, "%s%s is an address; what lies there is phys[%s]", word, p->at, p->at + 1);
    if (!near && !is_digit(*word))
        near = nearest_register(word);
    const char *what = symbols_any(p->l->symbols) ? "no number, register or symbol" : "no number and no register";
    return complain(p, near ? "%s: %s (did you mean %s?)" : "%s: %s", what, word, near);
}

/* A variable of C; *found: there is such a name, and without a place something was said. */
static bool is_variable(struct parser *p, const char *word, struct value *v, bool *found)
{
    const struct debug_scope *s = is_digit(*word) ? NULL : scope_of(p);
    *found = false;
    if (!s)
        return false;
    if (variable_find(s, word, v, found))
        return *found && (v->in_memory || v->constant || !p->l->reads ||
                          complain(p, "%s: lies in no memory here: name the register", word));
    return *found && complain(p, "%s: is not kept here", word);
}

bool parse_symbol_address(struct parser *p, struct value *v)
{
    char word[WORD], name[WORD];
    bool found;
    skip(p);
    size_t n = long_word(p->at, word);
    const struct symbol *symbol = n ? symbols_find(p->l->symbols, word) : NULL;
    if (!symbol)
        return false;
    if (word_peek(p, name) && is_variable(p, name, v, &found))
        return false;                           /* its address has a type */
    *v = (struct value){ .v = symbol->address };
    p->at += n;
    return true;
}

/* Hexadecimal digits that are a flag's name, too. */
static bool both(struct parser *p, const char *word)
{
    return complain(p, "%s: the flag or the number? $%s or 0x%s", word, word, word);
}

bool parse_word(struct parser *p, struct value *v)
{
    char word[WORD], whole[WORD];
    bool found, big;
    u64 number;
    if (*p->at == '\'')
        return parse_character(p, v);
    if (*p->at == '$' || *p->at == '%')
        return parse_marked(p, v);
    size_t n = long_word(p->at, whole), taken = word_peek(p, word);
    const struct cpu_register *r = is_digit(*whole) ? NULL : register_find(whole);
    const struct symbol *symbol = symbols_find(p->l->symbols, whole);
    if (!n)
        return complain(p, "a value is missing %s%s", *p->at ? "at " : "at the end", p->at);
    p->at += n;
    if (r)
        return *v = of_register(p, r), true;
    if (symbol && strcmp(word, whole))
        return *v = (struct value){ .v = symbol->address }, true;
    p->at += taken - n;
    bool digits = language_digits(word, p->base, &number, &big), flag = is_flag(p, word, v);
    struct value flag_value = *v;
    if (strcmp(word, whole) && (r = register_find(word)))
        return *v = of_register(p, r), true;
    bool variable = is_variable(p, word, v, &found);
    if (variable || p->bad)
        return variable;
    *v = flag_value;
    if (flag)
        return !digits || both(p, word);
    if (big)
        return complain(p, "%s: a number has at most 64 bits", word);
    if (digits)
        *v = (struct value){ .v = number, .bytes = number >> 63 ? 8 : 0 };
    else if ((symbol = symbols_find(p->l->symbols, word)))
        *v = (struct value){ .v = symbol->address };
    else if (!is_count(p, word, v))
        return unknown(p, whole);
    return true;
}
