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
