/* dwarf.h - what a compiler tells the debugger of a program: source lines, frames, variables, types. By elfutils' libdw; without that,
 * nothing is known. Addresses are those in the file. */
#pragma once
#include "../../host/file.h"

struct debug_info;

/* Of an open ELF file, which must outlive it; read when it is first asked for. Never NULL. */
struct debug_info *debug_info_new(struct file *file);
void debug_info_free(struct debug_info *d);

struct source_line {
    const char *file;           /* as the compiler knows it, without the folder that it ran in */
    const char *folder;         /* that one; NULL: not told */
    int line;
};
/* False: nobody tells. */
bool debug_line(struct debug_info *d, u64 address, struct source_line *line);
/* The first instruction of a line, or of the next line that has any; `file` is a name with as many folders in front as it needs. */
bool debug_line_find(struct debug_info *d, const char *file, int line, u64 *address, struct source_line *found);
