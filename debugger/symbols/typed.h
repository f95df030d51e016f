/* typed.h - values with types, for the files of this folder that print them. */
#pragma once
#include "dwarf_parts.h"
#ifdef HAVE_DW

/* What a program's file says, and so many pointers to it. */
struct type {
    bool known;                 /* else void */
    Dwarf_Die die;
    int pointers;
    int indexed;                /* of an array, so many of its first dimensions are gone */
};
struct value {
    struct type type;
    bool in_memory;             /* at address v; else v is it */
    u64 v;
    int bit_at, bits;           /* of a bit field; bits 0: none */
};

/* The type that a variable, member, pointer, ... says it is of; void where it says none. */
struct type type_of(Dwarf_Die *die);
/* Without typedef and qualifiers: its tag, DW_TAG_pointer_type for one of `pointers`, 0 for void. */
int type_peel(const struct type *type, struct type *plain);
/* What a pointer points to, an array consists of; false: it is neither. */
bool type_target(const struct type *type, struct type *target);
bool type_is_array(const struct type *type);
/* In bytes; 0: not known. */
u64 type_size(const struct type *type);
bool type_is_signed(const struct type *type);
/* By tag (0: typedefs and basic types) and name, of the unit first, then of all. */
bool type_find(struct debug_info *d, Dwarf_Die *unit, int tag, const char *name, struct type *type);
/* The member of a struct or union, those of nameless members too. */
bool type_member(const struct value *v, const char *name, struct value *member);
/* One member of a value in memory. */
void member_value(Dwarf_Die *die, const struct value *whole, struct value *member);
void type_name(const struct type *type, char *text, size_t n);

/* A number out of a value of at most 8 bytes; false: it cannot be read. */
bool value_number(const struct debug_scope *s, const struct value *v, u64 *number);
void value_print(const struct debug_scope *s, const struct value *v, int depth, FILE *out);

/* A variable that is seen from the scope, then one of the whole program. found: there is such a name; false with it: it has no place. */
bool variable_find(const struct debug_scope *s, const char *name, struct value *v, bool *found);
#endif
