/* types.c - types of C as DWARF has them.
 * Follows: DWARF Debugging Information Format, Version 5, "Type Entries"; bit fields also as Version 3 has them. */
#include "typed.h"

#ifdef HAVE_DW
enum { DEPTH_MOST = 12, PEEL_MOST = 64, MEMBERS_MOST = 100000 };

struct type type_of(Dwarf_Die *die)
{
    struct type type = { .known = false };
    Dwarf_Attribute attribute;
    type.known = dwarf_attr_integrate(die, DW_AT_type, &attribute) && dwarf_formref_die(&attribute, &type.die);
    return type;
}

const char *die_shown(Dwarf_Die *die)
{
    const char *name = dwarf_diename(die);
    return name ? debug_shown(name) : NULL;
}

static bool is_peel(int tag)
{
    return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type || tag == DW_TAG_restrict_type ||
           tag == DW_TAG_atomic_type || tag == DW_TAG_immutable_type || tag == DW_TAG_packed_type || tag == DW_TAG_shared_type;
}

int type_peel(const struct type *type, struct type *plain)
{
    *plain = *type;
    if (type->pointers)
        return DW_TAG_pointer_type;
    if (type->basic)
        return DW_TAG_base_type;
    for (int k = 0; plain->known && k < PEEL_MOST; k++) {       /* a broken file's type may be of itself */
        int tag = dwarf_tag(&plain->die);
        if (!is_peel(tag))
            return tag;
        *plain = type_of(&plain->die);
    }
    plain->known = false;
    return 0;
}

static u64 number_of(Dwarf_Die *die, unsigned name, bool *there)
{
    Dwarf_Attribute attribute;
    Dwarf_Word v = 0;
    bool is = dwarf_attr_integrate(die, name, &attribute) && !dwarf_formudata(&attribute, &v);
    if (there)
        *there = is;
    return is ? v : 0;
}

/* How many dimensions an array has, and the elements in those from the k-th on together. */
static int dimensions(Dwarf_Die *array, int k, u64 *elements)
{
    Dwarf_Die child;
    int n = 0;
    *elements = 1;
    if (dwarf_child(array, &child))
        return 0;
    do {
        bool counted, bounded;
        if (dwarf_tag(&child) != DW_TAG_subrange_type)
            continue;
        u64 count = number_of(&child, DW_AT_count, &counted), last = number_of(&child, DW_AT_upper_bound, &bounded);
        u64 here = counted ? count : bounded ? (u32)last + 1ull : 0;
        if (n++ >= k)
            *elements = here && *elements > UINT32_MAX / here ? UINT32_MAX : *elements * here;
    } while (!dwarf_siblingof(&child, &child));
    return n;
}

bool type_target(const struct type *type, struct type *target)
{
    struct type plain;
    int tag = type_peel(type, &plain);
    if (type->pointers) {
        *target = *type;
        target->pointers--;
        return true;
    }
    if (tag != DW_TAG_pointer_type && tag != DW_TAG_array_type)
        return false;
    u64 elements;
    if (tag == DW_TAG_array_type && plain.indexed + 1 < dimensions(&plain.die, 0, &elements)) {
        *target = plain;
        target->indexed++;
        return true;
    }
    *target = type_of(&plain.die);
    return true;
}

bool type_is_array(const struct type *type)
{
    struct type plain;
    return type_peel(type, &plain) == DW_TAG_array_type;
}

u64 type_size(const struct type *type)
{
    struct type plain, element;
    Dwarf_Word size;
    u64 elements;
    int tag = type_peel(type, &plain);
    if (tag == DW_TAG_pointer_type)
        return 4;
    if (plain.basic)
        return plain.basic->bytes;
    if (tag == DW_TAG_array_type) {
        dimensions(&plain.die, plain.indexed, &elements);
        element = type_of(&plain.die);
        if (type_peel(&element, &element) == DW_TAG_array_type)
            return 0;                           /* C has one array of several dimensions instead */
        return elements * type_size(&element);
    }
    return plain.known && !dwarf_aggregate_size(&plain.die, &size) ? size : 0;
}

/* An enumeration says what it is kept as, or (before DWARF 3) has a negative constant or none. */
static bool enumeration_is_signed(const struct type *enumeration)
{
    struct type kept = type_of((Dwarf_Die *)&enumeration->die), plain;
    Dwarf_Die child;
    Dwarf_Attribute attribute;
    if (kept.known)
        return type_peel(&kept, &plain) == DW_TAG_base_type && type_is_signed(&plain);
    if (dwarf_child((Dwarf_Die *)&enumeration->die, &child))
        return false;
    do {
        if (dwarf_attr(&child, DW_AT_const_value, &attribute) && dwarf_whatform(&attribute) == DW_FORM_sdata)
            return true;
    } while (!dwarf_siblingof(&child, &child));
    return false;
}

/* Numbers of a fixed size are unsigned here, as compilers have it: those below zero come in a form of their own. */
bool enumerator_value(Dwarf_Die *die, u64 *v)
{
    Dwarf_Attribute attribute;
    Dwarf_Word word;
    Dwarf_Sword sword;
    if (!dwarf_attr(die, DW_AT_const_value, &attribute))
        return false;
    unsigned form = dwarf_whatform(&attribute);
    bool is_signed = form == DW_FORM_sdata || form == DW_FORM_implicit_const;
    if (is_signed ? dwarf_formsdata(&attribute, &sword) : dwarf_formudata(&attribute, &word))
        return false;
    *v = is_signed ? (u64)sword : word;
    return true;
}

bool type_is_signed(const struct type *type)
{
    struct type plain;
    Dwarf_Attribute attribute;
    Dwarf_Word encoding = 0;
    int tag = type_peel(type, &plain);
    if (tag == DW_TAG_base_type && plain.basic)
        return plain.basic->is_signed;
    if (tag == DW_TAG_enumeration_type)
        return enumeration_is_signed(&plain);
    if (tag == DW_TAG_base_type)
        dwarf_formudata(dwarf_attr(&plain.die, DW_AT_encoding, &attribute), &encoding);
    return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

static bool fits(Dwarf_Die *die, int tag, const char *name)
{
    int t = dwarf_tag(die);
    bool kind = tag ? t == tag : t == DW_TAG_typedef || t == DW_TAG_base_type;
    const char *called = kind ? dwarf_diename(die) : NULL;
    return called && !strcmp(called, name) && !dwarf_hasattr(die, DW_AT_declaration);
}

static bool find_in(Dwarf_Die *unit, int tag, const char *name, Dwarf_Die *found)
{
    if (dwarf_child(unit, found))
        return false;
    do {
        if (fits(found, tag, name))
            return true;
    } while (!dwarf_siblingof(found, found));
    return false;
}

static bool find_by_tag(struct debug_info *d, Dwarf_Die *unit, int tag, const char *name, struct type *type)
{
    Dwarf_CU *cu = NULL;
    Dwarf_Die other;
    *type = (struct type){ .known = true };
    if (unit && find_in(unit, tag, name, &type->die))
        return true;
    while (debug_dwarf(d) && !dwarf_get_units(d->dwarf, cu, &cu, NULL, NULL, &other, NULL))
        if (find_in(&other, tag, name, &type->die))
            return true;
    return false;
}

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

bool type_named(const struct debug_scope *s, char tag, const char *name, struct type *type)
{
    Dwarf_Die unit, *here = debug_unit(s->d, s->address, &unit) ? &unit : NULL;
    int kind = tag == 's' ? DW_TAG_structure_type : tag == 'u' ? DW_TAG_union_type : tag == 'e' ? DW_TAG_enumeration_type : 0;
    return find_by_tag(s->d, here, kind, kind ? name : base_spelled(name), type);
}

void member_value(Dwarf_Die *die, const struct value *whole, struct value *member)
{
    bool counted_up, counted_down;
    u64 up = number_of(die, DW_AT_data_bit_offset, &counted_up), down = number_of(die, DW_AT_bit_offset, &counted_down);
    u64 at = number_of(die, DW_AT_data_member_location, NULL);
    *member = (struct value){ .type = type_of(die), .in_memory = true, .v = whole->v + at, .physical = whole->physical };
    u64 bits = number_of(die, DW_AT_bit_size, NULL), first = 0;
    if (!bits)
        return;
    if (counted_up) {
        member->v += up / 8;
        first = up % 8;
    } else if (counted_down) {
        u64 bytes = number_of(die, DW_AT_byte_size, NULL);
        first = 8 * (bytes ? bytes : type_size(&member->type)) - down - bits;
    }
    if (bits > 64 || first > 64 - bits)         /* no such bit field: as one without bits */
        return;
    member->bits = (int)bits;
    member->bit_at = (int)first;
}

/* Of those within nameless ones, so many are looked at: in a broken file one may be within itself. */
static bool member_within(const struct value *v, const char *name, struct value *member, int depth, int *left)
{
    struct type plain;
    Dwarf_Die die;
    int tag = type_peel(&v->type, &plain);
    if (depth > DEPTH_MOST || (tag != DW_TAG_structure_type && tag != DW_TAG_union_type && tag != DW_TAG_class_type) || !v->in_memory ||
        dwarf_child(&plain.die, &die))
        return false;
    do {
        const char *called = dwarf_diename(&die);
        if (dwarf_tag(&die) != DW_TAG_member)
            continue;
        member_value(&die, v, member);
        struct value inner = { .type = member->type, .in_memory = true, .v = member->v, .physical = member->physical };
        if (called ? !strcmp(called, name) : member_within(&inner, name, member, depth + 1, left))
            return true;
    } while (--*left > 0 && !dwarf_siblingof(&die, &die));
    return false;
}

bool type_member(const struct value *v, const char *name, struct value *member)
{
    int left = MEMBERS_MOST;
    return member_within(v, name, member, 0, &left);
}

static void name_of(const struct type *type, char *text, size_t n, int depth)
{
    struct type target;
    int tag = type->known && !type->pointers && !type->basic ? dwarf_tag((Dwarf_Die *)&type->die) : 0;
    const char *called = tag ? die_shown((Dwarf_Die *)&type->die) : NULL;
    const char *kind = tag == DW_TAG_structure_type ? "struct " : tag == DW_TAG_union_type ? "union " :
                       tag == DW_TAG_enumeration_type ? "enum " : "";
    if (type->pointers || tag == DW_TAG_pointer_type) {
        type_target(type, &target);
        *text = 0;
        if (depth < DEPTH_MOST)
            name_of(&target, text, n, depth + 1);
        size_t used = strlen(text);
        snprintf(text + used, n - used, used && text[used - 1] == '*' ? "*" : " *");
    } else if (tag == DW_TAG_const_type || tag == DW_TAG_volatile_type || tag == DW_TAG_array_type) {
        target = type_of((Dwarf_Die *)&type->die);
        snprintf(text, n, "%s", tag == DW_TAG_const_type ? "const " : tag == DW_TAG_volatile_type ? "volatile " : "");
        size_t used = strlen(text);
        if (depth < DEPTH_MOST)
            name_of(&target, text + used, n - used, depth + 1);
        if (tag == DW_TAG_const_type && !strncmp(text + used, text, used))      /* an array and what is in it */
            memmove(text, text + used, strlen(text + used) + 1);
        used = strlen(text);
        if (tag == DW_TAG_array_type)
            snprintf(text + used, n - used, "[]");
    } else {
        snprintf(text, n, "%s%s", kind, called ? called : type->basic ? type->basic->name : tag == DW_TAG_subroutine_type ? "function" :
                 type->known ? "..." : "void");
    }
}

void type_name(const struct type *type, char *text, size_t n)
{
    name_of(type, text, n, 0);
}
#endif
