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
#endif
