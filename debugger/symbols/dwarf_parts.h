/* dwarf_parts.h - debugging information, for the files of this folder that read it with libdw. */
#pragma once
#include "dwarf.h"
#ifdef HAVE_DW
#include <dwarf.h>
#include <elfutils/libdw.h>

struct unit_range { u64 low, high; Dwarf_Off unit; };

struct debug_info {
    struct file *file;
    bool opened;
    Elf *elf;
    Dwarf *dwarf;               /* NULL: there is none */
    struct unit_range *ranges;  /* of the compilation units, by address */
    size_t count;
    Dwarf_CFI *frames[2];       /* .debug_frame, .eh_frame; the first is the Dwarf's */
};

/* NULL: there is no debugging information. */
Dwarf *debug_dwarf(struct debug_info *d);
/* The compilation unit that an address belongs to. */
bool debug_unit(struct debug_info *d, u64 address, Dwarf_Die *unit);

/* The blocks around an address, the innermost first, to the function that its code belongs to: lexical ones, and inlined functions. */
enum { BLOCKS_MOST = 64 };
struct blocks { Dwarf_Die die[BLOCKS_MOST]; int count; };
void blocks_around(struct debug_info *d, u64 address, struct blocks *b);

/* Statements at a line of a file or behind it, one after the other; file and line are given, all else 0. */
struct line_search {
    const char *file;           /* a name with as many folders in front as it needs */
    int line;
    int number;                 /* the line of the one that was found, */
    Dwarf_Die unit;             /* and where it comes from */
    const char *source;
    Dwarf_CU *cu;
    Dwarf_Lines *lines;
    size_t at, count;
};
/* False: no more. */
bool debug_line_next(struct debug_info *d, struct line_search *s, u64 *address);
/* The first instruction of a line, or of the next line that has any. */
bool debug_line_find(struct debug_info *d, const char *file, int line, u64 *address, struct source_line *found);
/* How the compiler called a file, in the folder where it ran; the line is left alone. */
void source_name(Dwarf_Die *unit, const char *source, struct source_line *line);

/* A name out of the file, for people: itself, or "?" where it would command a terminal. */
const char *debug_shown(const char *name);

/* What an expression is computed from, and what it comes to. */
struct evaluation {
    const struct frame_state *state;
    const struct debug_memory *memory;
    u64 offset;                 /* that the program was moved by: of addresses in the file */
    const u64 *cfa, *base;      /* NULL: not known. base: of the function's frame, DW_AT_frame_base */
};
struct place {
    enum place_kind { PLACE_NONE, PLACE_MEMORY, PLACE_REGISTER, PLACE_VALUE } kind;
    u64 value;                  /* the address, the register's number, the value */
};
/* False: it has operations that are not known here, or needs what is not there. */
bool debug_evaluate(const struct evaluation *e, const Dwarf_Op *ops, size_t n, struct place *place);
#endif
