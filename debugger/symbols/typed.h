/* typed.h - values with types, and how they are printed: the types of a program's file, and C's own. */
#pragma once
#include "dwarf_parts.h"

/* What C, or an assembler, calls so without a file that says so. `plain`: it is shown as numbers are, without its name. */
struct basic_type {
    const char *name;
    u8 bytes;
    bool is_signed, plain;
};
/* "unsigned short", "byte", "u32"; NULL: there is none. */
const struct basic_type *basic_type_find(const char *words);
/* The plain one of 1, 2, 4 or 8 bytes. */
const struct basic_type *basic_type_plain(int bytes);

/* A basic type or what a program's file says, and so many pointers to it. */
struct type {
    bool known;                 /* else void, or a number without a type */
    const struct basic_type *basic;     /* NULL: die is it */
#ifdef HAVE_DW
    Dwarf_Die die;
#endif
    int pointers;
    int indexed;                /* of an array, so many of its first dimensions are gone */
};

struct cpu_register;
struct value {
    struct type type;
    bool in_memory;             /* at address v; else v is it */
    u64 v;
    int bit_at, bits;           /* of a bit field or flag; bits 0: none */
    bool physical;              /* v is a physical address */
    bool constant;              /* a name for a number, of an enumeration: nothing changes it */
    const struct cpu_register *r;       /* not NULL: v was read from it */
    u8 bytes;                   /* of what has no type: v came out of so many; 0: a number of its own */
};

/* What a pointer points to, an array consists of; false: it is neither. */
bool type_target(const struct type *type, struct type *target);
bool type_is_array(const struct type *type);
/* In bytes; 0: not known. */
u64 type_size(const struct type *type);
bool type_is_signed(const struct type *type);
/* The member of a struct or union, those of nameless members too. */
bool type_member(const struct value *v, const char *name, struct value *member);
void type_name(const struct type *type, char *text, size_t n);
/* "struct NAME" (tag 's'), "union NAME" ('u'), "enum NAME" ('e'), or a typedef or basic type (0), as seen from the scope. */
bool type_named(const struct debug_scope *s, char tag, const char *name, struct type *type);

/* A number out of a value of at most 8 bytes; false: it cannot be read. */
bool value_number(const struct debug_scope *s, const struct value *v, u64 *number);
/* As C writes it between such quotes. */
void character_print(u8 c, char quote, FILE *out);
/* Of what is large, the beginning. */
void value_print(const struct debug_scope *s, const struct value *v, FILE *out);

/* A variable or a constant of an enumeration that is seen from the scope, then one of the whole program. found: there is such a name; false
 * with it: it has no place. */
bool variable_find(const struct debug_scope *s, const char *name, struct value *v, bool *found);

#ifdef HAVE_DW
/* The type that a variable, member, pointer, ... says it is of; void where it says none. */
struct type type_of(Dwarf_Die *die);
/* Without typedef and qualifiers: its tag, DW_TAG_pointer_type for one of `pointers`, DW_TAG_base_type for a basic one, 0 for void. */
int type_peel(const struct type *type, struct type *plain);
/* What it is called; NULL: it has no name. For people: one that would command a terminal is "?". */
const char *die_shown(Dwarf_Die *die);
/* What a constant of an enumeration stands for; false: the file does not say. */
bool enumerator_value(Dwarf_Die *die, u64 *v);
/* One member of a value in memory. */
void member_value(Dwarf_Die *die, const struct value *whole, struct value *member);
#endif
