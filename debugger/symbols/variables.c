/* variables.c - variables that a place in the program sees, and where they are.
 * Follows: DWARF Debugging Information Format, Version 5, "Data Object and Object List Entries". */
#include "typed.h"

#ifdef HAVE_DW
enum { STACK_ROOM = 1 << 16 };

/* Nothing is kept below the stack's top: at a function's beginning its room is not made yet. */
static bool below_stack(const struct debug_scope *s, u64 address)
{
    u32 esp = s->state->r[FRAME_ESP], below = esp - (u32)address;
    return s->state->known >> FRAME_ESP & 1 && (u32)address < esp && below < STACK_ROOM;
}

/* The value of an attribute that says where something is, at the scope's place. */
static bool locate(const struct debug_scope *s, Dwarf_Die *die, unsigned attribute, const u64 *cfa, const u64 *base, struct place *place)
{
    Dwarf_Attribute at;
    Dwarf_Op *ops;
    size_t n;
    struct evaluation e = { .state = s->state, .memory = &s->memory, .offset = s->offset, .cfa = cfa, .base = base };
    return dwarf_attr_integrate(die, attribute, &at) && dwarf_getlocation_addr(&at, s->address, &ops, &n, 1) == 1 &&
           debug_evaluate(&e, ops, n, place) && !(place->kind == PLACE_MEMORY && ops->atom == DW_OP_fbreg && below_stack(s, place->value));
}

/* Is the register set up that the frame's address stands in? */
static bool has_begun(const struct debug_scope *s, Dwarf_Die *function)
{
    Dwarf_Addr begin;
    return dwarf_entrypc(function, &begin) || s->address < begin || s->address >= debug_body(s->d, begin);
}

/* The frame's address that its variables are counted from. */
static bool frame_base(const struct debug_scope *s, Dwarf_Die *function, const u64 *cfa, u64 *base)
{
    struct place place;
    if (!locate(s, function, DW_AT_frame_base, cfa, NULL, &place))
        return false;
    *base = place.kind == PLACE_REGISTER ? s->state->r[place.value] : place.value;
    return place.kind != PLACE_REGISTER || (s->state->known >> place.value & 1 && has_begun(s, function));
}

static bool variable_value(const struct debug_scope *s, Dwarf_Die *die, Dwarf_Die *function, struct value *v)
{
    struct frame_state caller;
    struct place place;
    Dwarf_Attribute attribute;
    u64 cfa, base;
    Dwarf_Sword constant;
    bool has_cfa = debug_unwind(s->d, s->address, s->state, &s->memory, &caller, &cfa) != UNWIND_UNKNOWN;
    bool has_base = function && frame_base(s, function, has_cfa ? &cfa : NULL, &base);
    *v = (struct value){ .type = type_of(die) };
    if (locate(s, die, DW_AT_location, has_cfa ? &cfa : NULL, has_base ? &base : NULL, &place)) {
        v->in_memory = place.kind == PLACE_MEMORY;
        v->v = place.kind == PLACE_REGISTER ? s->state->r[place.value] : place.value;
        return place.kind != PLACE_REGISTER || s->state->known >> place.value & 1;
    }
    if (!dwarf_attr_integrate(die, DW_AT_const_value, &attribute) || dwarf_formsdata(&attribute, &constant))
        return false;
    v->v = (u64)constant;
    return true;
}

/* The blocks that are seen from the scope, the innermost first, up to and with the function that it is in. */
struct seen {
    struct blocks b;
    int first, end;             /* of those: equal where there is no function */
    Dwarf_Die *function;        /* that the frame belongs to */
};

static void blocks_seen(const struct debug_scope *s, struct seen *seen)
{
    struct blocks *b = &seen->b;
    int inlined = s->inlined;
    blocks_around(s->d, s->address, b);
    seen->function = b->count && dwarf_tag(&b->die[b->count - 1]) == DW_TAG_subprogram ? &b->die[b->count - 1] : NULL;
    for (seen->first = 0; inlined && seen->first < b->count; seen->first++)
        inlined -= dwarf_tag(&b->die[seen->first]) == DW_TAG_inlined_subroutine;
    for (seen->end = seen->first; seen->end < b->count && dwarf_tag(&b->die[seen->end]) == DW_TAG_lexical_block; seen->end++)
        ;
    seen->end += seen->end < b->count;
    if (!seen->function)
        seen->end = seen->first;
}

static bool is_variable(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) && dwarf_diename(die);
}

/* Variables and the constants of enumerations share their names (ISO C, "Name spaces of identifiers"). */
struct named {
    Dwarf_Die die;
    struct type enumeration;    /* known: it is one of its constants */
};

/* A constant of this enumeration. */
static bool constant_called(Dwarf_Die *enumeration, const char *name, struct named *found)
{
    if (dwarf_child(enumeration, &found->die))
        return false;
    do {
        const char *called = dwarf_tag(&found->die) == DW_TAG_enumerator ? dwarf_diename(&found->die) : NULL;
        if (called && !strcmp(called, name)) {
            found->enumeration = (struct type){ .known = true, .die = *enumeration };
            return true;
        }
    } while (!dwarf_siblingof(&found->die, &found->die));
    return false;
}

/* A name among the children. */
static bool child_called(Dwarf_Die *parent, const char *name, struct named *found)
{
    Dwarf_Die die;
    found->enumeration = (struct type){ .known = false };
    if (dwarf_child(parent, &die))
        return false;
    do {
        if (dwarf_tag(&die) == DW_TAG_enumeration_type && constant_called(&die, name, found))
            return true;
        found->die = die;
        if (is_variable(&die) && !strcmp(dwarf_diename(&die), name) && !dwarf_hasattr(&die, DW_AT_declaration))
            return true;
    } while (!dwarf_siblingof(&die, &die));
    return false;
}

static bool named_value(const struct debug_scope *s, struct named *n, Dwarf_Die *function, struct value *v)
{
    if (!n->enumeration.known)
        return variable_value(s, &n->die, function, v);
    *v = (struct value){ .type = n->enumeration, .constant = true };
    return enumerator_value(&n->die, &v->v);
}

bool variable_find(const struct debug_scope *s, const char *name, struct value *v, bool *found)
{
    struct seen b;
    struct named named;
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit;
    bool ok = false;
    blocks_seen(s, &b);
    *found = false;
    for (int k = b.first; k < b.end && !*found; k++)
        if ((*found = child_called(&b.b.die[k], name, &named)))
            ok = named_value(s, &named, b.function, v);
    if (!*found && debug_unit(s->d, s->address, &unit) && (*found = child_called(&unit, name, &named)))
        ok = named_value(s, &named, NULL, v);
    while (!*found && debug_dwarf(s->d) && !dwarf_get_units(s->d->dwarf, cu, &cu, NULL, NULL, &unit, NULL))
        if ((*found = child_called(&unit, name, &named)))
            ok = named_value(s, &named, NULL, v);
    return ok;
}

bool debug_locals(const struct debug_scope *s, FILE *out)
{
    struct seen b;
    Dwarf_Die die;
    bool any = false;
    blocks_seen(s, &b);
    for (int k = b.first; k < b.end; k++) {
        if (dwarf_child(&b.b.die[k], &die))
            continue;
        do {
            struct value v;
            char type[120];
            if (!is_variable(&die))
                continue;
            any = true;
            bool there = variable_value(s, &die, b.function, &v);
            type_name(&v.type, type, sizeof type);
            fprintf(out, "%s %s = ", type, die_shown(&die));
            if (there)
                value_print(s, &v, out);
            else
                fputs("not kept here", out);
            fputc('\n', out);
        } while (!dwarf_siblingof(&die, &die));
    }
    return any;
}

void debug_arguments(const struct debug_scope *s, FILE *out)
{
    struct seen b;
    Dwarf_Die die;
    const char *between = "  ";
    blocks_seen(s, &b);
    if (b.end > b.first && !dwarf_child(&b.b.die[b.end - 1], &die)) {
        do {
            struct value v;
            if (dwarf_tag(&die) != DW_TAG_formal_parameter || !dwarf_diename(&die))
                continue;
            fprintf(out, "%s%s=", between, die_shown(&die));
            struct type plain;
            bool there = variable_value(s, &die, b.function, &v);
            int tag = type_peel(&v.type, &plain);
            if (there && (tag == DW_TAG_base_type || tag == DW_TAG_pointer_type || tag == DW_TAG_enumeration_type))
                value_print(s, &v, out);
            else
                fputs(there ? "{...}" : "?", out);
            between = ", ";
        } while (!dwarf_siblingof(&die, &die));
    }
}
#endif
