/* dwarf.h - what a compiler tells the debugger of a program: source lines, frames, variables, types. By elfutils' libdw; without that,
 * nothing is known. Addresses are those in the file. */
#pragma once
#include "../../host/file.h"
#include <stdio.h>

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
enum { PLACES_MOST = 64 };
/* The first instruction of a line, or of the next line that has any, in each function that it has become part of, inlined ones, too; how
 * many, at most `most` and PLACES_MOST. `file` is a name with as many folders in front as it needs. */
size_t debug_line_places(struct debug_info *d, const char *file, int line, u64 *at, size_t most, struct source_line *found);
/* Where the copies of a function begin that the compiler has put into others. */
size_t debug_inlined_places(struct debug_info *d, const char *name, u64 *at, size_t most);
/* Of a function's first address: where its body begins, if its parameters are not in their places before that; else the same. */
u64 debug_body(struct debug_info *d, u64 address);
/* An inlined function that the address lies in, 0 the innermost: its name, and the line that calls it (0: not told). False: no such. */
bool debug_inlined_call(struct debug_info *d, u64 address, int depth, const char **name, struct source_line *call);

/* A function that has not returned yet. Registers by DWARF's numbers for the i386 ("DWARF Register Number Mapping" of its ABI). */
enum { FRAME_ESP = 4, FRAME_EBP = 5, FRAME_EIP = 8, FRAME_REGISTERS };
struct frame_state {
    u32 r[FRAME_REGISTERS];
    u16 known;                  /* a bit a register */
};
/* The memory that registers point into; false: it is not there. */
struct debug_memory {
    bool (*read)(void *to, u64 address, void *bytes, size_t n);
    void *to;
};
/* The state in the caller, once the function that has the instruction at `address` returns; *cfa becomes the address behind its frame.
 * UNWIND_OUTERMOST: it has no caller. */
enum unwind { UNWIND_UNKNOWN, UNWIND_DONE, UNWIND_OUTERMOST };
enum unwind debug_unwind(struct debug_info *d, u64 address, const struct frame_state *state, const struct debug_memory *memory,
                         struct frame_state *caller, u64 *cfa);

/* Where names of C mean something: in a function that was entered, at an instruction. */
struct debug_scope {
    struct debug_info *d;
    u64 address, offset;        /* in the file, and what the program was moved by */
    int inlined;                /* seen from the function that this many inlined ones at the address lie in */
    const struct frame_state *state;
    struct debug_memory memory;
    void *to;                   /* for the function */
    const char *(*name)(void *to, u64 address, char *text, size_t n);   /* of an address; empty: it has none */
};
/* The function's variables, a line each, those of inner blocks first; false: none is known. */
bool debug_locals(const struct debug_scope *scope, FILE *out);
/* "  n=4, text=0xc0105000", the parameters; nothing where none are known. */
void debug_arguments(const struct debug_scope *scope, FILE *out);
