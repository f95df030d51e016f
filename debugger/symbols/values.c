/* values.c - values with types, in words. */
#include "typed.h"

#ifdef HAVE_DW
enum { DEPTH_MOST = 6, ELEMENTS_MOST = 32, PARTS_MOST = 2000, STRING_MOST = 200, INDENT = 4 };

/* A value on its way out: arrays in arrays, and what a broken file says of types, may have parts without end. */
struct shown {
    const struct debug_scope *s;
    FILE *out;
    int parts;                  /* so many more */
};
static void part_print(struct shown *w, const struct value *v, int depth);

bool value_number(const struct debug_scope *s, const struct value *v, u64 *number)
{
    u64 size = type_size(&v->type);
    u8 bytes[8] = { 0 };
    *number = v->v;
    if (v->in_memory) {
        size_t n = v->bits ? (size_t)(v->bit_at + v->bits + 7) / 8 : size;
        if (!n || n > 8 || !s->memory.read(s->memory.to, v->v, bytes, n))
            return false;
        *number = get64(bytes) >> v->bit_at;
    }
    int bits = v->bits ? v->bits : size && size < 8 ? (int)size * 8 : 64;
    if (bits < 64) {
        *number &= (1ull << bits) - 1;
        if (type_is_signed(&v->type) && *number >> (bits - 1) & 1)
            *number |= ~0ull << bits;
    }
    return true;
}

/* Up to its 0, or so many bytes. */
static void string_print(const struct debug_scope *s, u64 address, u64 most, FILE *out)
{
    u8 c = 1;
    fputc('"', out);
    for (u64 k = 0; k < most && k < STRING_MOST && s->memory.read(s->memory.to, address + k, &c, 1) && c; k++)
        character_print(c, '"', out);
    fputs(c && most > STRING_MOST ? "\"..." : "\"", out);
}

static bool is_character(const struct type *type)
{
    struct type plain;
    Dwarf_Attribute attribute;
    Dwarf_Word encoding = 0;
    if (type_peel(type, &plain) != DW_TAG_base_type || type_size(&plain) != 1)
        return false;
    if (plain.basic)
        return !strcmp(plain.basic->name, "char");
    dwarf_formudata(dwarf_attr(&plain.die, DW_AT_encoding, &attribute), &encoding);
    return (encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char) &&
           dwarf_diename(&plain.die) && !strcmp(dwarf_diename(&plain.die), "char");
}

static void pointer_print(const struct debug_scope *s, const struct type *type, u64 v, FILE *out)
{
    struct type target;
    char name[120];
    fprintf(out, "0x%08llx", (unsigned long long)v);
    if (type_target(type, &target) && is_character(&target)) {
        u8 c;
        if (v && s->memory.read(s->memory.to, v, &c, 1)) {
            fputc(' ', out);
            string_print(s, v, STRING_MOST + 1, out);
        }
    } else if (v && *s->name(s->to, v, name, sizeof name)) {
        fprintf(out, " <%s>", name);
    }
}

static void integer_print(const struct type *type, u64 v, FILE *out)
{
    if (type_is_signed(type))
        fprintf(out, "%lld", (long long)v);
    else
        fprintf(out, v < 10 ? "%llu" : "%llu = 0x%llx", (unsigned long long)v, (unsigned long long)v);
    if (is_character(type)) {
        fputs(" '", out);
        character_print((u8)v, '\'', out);
        fputc('\'', out);
    }
}

static bool is_there(const struct debug_scope *s, const struct value *v)
{
    u8 first, last;
    u64 size = type_size(&v->type);
    return !size || (s->memory.read(s->memory.to, v->v, &first, 1) && s->memory.read(s->memory.to, v->v + size - 1, &last, 1));
}

static void base_print(const struct type *type, u64 v, FILE *out)
{
    Dwarf_Attribute attribute;
    Dwarf_Word encoding = 0;
    if (!type->basic)
        dwarf_formudata(dwarf_attr((Dwarf_Die *)&type->die, DW_AT_encoding, &attribute), &encoding);
    if (encoding == DW_ATE_boolean) {
        fprintf(out, v > 1 ? "true (%llu)" : v ? "true" : "false", (unsigned long long)v);
    } else if (encoding == DW_ATE_float && type_size(type) == 4) {
        float f;
        u32 w = (u32)v;
        memcpy(&f, &w, 4);
        fprintf(out, "%.9g", (double)f);
    } else if (encoding == DW_ATE_float && type_size(type) == 8) {
        double f;
        memcpy(&f, &v, 8);
        fprintf(out, "%.17g", f);
    } else {
        integer_print(type, v, out);
    }
}

static void enum_print(Dwarf_Die *die, const struct type *type, u64 v, FILE *out)
{
    Dwarf_Die child;
    u64 is;
    if (!dwarf_child(die, &child)) {
        do {
            if (dwarf_tag(&child) == DW_TAG_enumerator && enumerator_value(&child, &is) && (u32)is == (u32)v) {
                fprintf(out, "%s (%lld)", die_shown(&child), (long long)is);
                return;
            }
        } while (!dwarf_siblingof(&child, &child));
    }
    integer_print(type, v, out);
}

static void array_print(struct shown *w, const struct value *v, int depth)
{
    struct type element, plain;
    type_target(&v->type, &element);
    bool short_form = type_peel(&element, &plain) == DW_TAG_base_type && !type_is_signed(&element);
    u64 number;
    u64 all = type_size(&v->type), size = type_size(&element), n = size ? all / size : 0, k;
    if (is_character(&element)) {
        string_print(w->s, v->v, all, w->out);
        return;
    }
    fputc('{', w->out);
    for (k = 0; k < n && k < ELEMENTS_MOST && w->parts > 0; k++) {
        fputs(k ? ", " : " ", w->out);
        struct value one = { .type = element, .in_memory = true, .v = v->v + k * size, .physical = v->physical };
        if (short_form && value_number(w->s, &one, &number))
            fprintf(w->out, "0x%llx", (unsigned long long)number);
        else
            part_print(w, &one, depth + 1);
    }
    fputs(k < n ? ", ... }" : " }", w->out);
}

static void struct_print(struct shown *w, const struct value *v, Dwarf_Die *die, int depth)
{
    Dwarf_Die child;
    fputs("{\n", w->out);
    if (!dwarf_child(die, &child)) {
        do {
            const char *name = die_shown(&child);
            struct value member;
            if (dwarf_tag(&child) != DW_TAG_member)
                continue;
            member_value(&child, v, &member);
            fprintf(w->out, "%*s%s = ", INDENT * (depth + 1), "", name ? name : "(nameless)");
            part_print(w, &member, depth + 1);
            fputc('\n', w->out);
        } while (w->parts > 0 && !dwarf_siblingof(&child, &child));
    }
    fprintf(w->out, "%*s}", INDENT * depth, "");
}

static void part_print(struct shown *w, const struct value *v, int depth)
{
    const struct debug_scope *s = w->s;
    FILE *out = w->out;
    struct type plain;
    u64 number;
    int tag = type_peel(&v->type, &plain);
    if (depth > DEPTH_MOST || w->parts-- <= 0) {
        fputs("...", out);
    } else if (v->in_memory && !v->bits && !is_there(s, v)) {
        fprintf(out, "nothing is mapped at %08llx", (unsigned long long)v->v);
    } else if (v->in_memory && (tag == DW_TAG_structure_type || tag == DW_TAG_union_type || tag == DW_TAG_class_type)) {
        struct_print(w, v, &plain.die, depth);
    } else if (v->in_memory && tag == DW_TAG_array_type) {
        array_print(w, &(struct value){ .type = plain, .in_memory = true, .v = v->v, .physical = v->physical }, depth);
    } else if (!value_number(s, v, &number)) {
        fputs("of a type without a size", out);
    } else if (tag == DW_TAG_pointer_type) {
        pointer_print(s, &v->type, (u32)number, out);
    } else if (tag == DW_TAG_enumeration_type) {
        enum_print(&plain.die, &plain, number, out);
    } else if (tag == DW_TAG_base_type) {
        base_print(&plain, number, out);
    } else {
        fprintf(out, "0x%llx", (unsigned long long)number);
    }
}

void value_print(const struct debug_scope *s, const struct value *v, FILE *out)
{
    part_print(&(struct shown){ s, out, PARTS_MOST }, v, 0);
}
#endif
