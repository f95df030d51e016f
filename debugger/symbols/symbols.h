/* symbols.h - names of addresses, from the files that a guest's programs were built into. An address that the machine uses is what
 * stands in the file plus the file's offset. NULL stands for no symbols wherever they are only asked. */
#pragma once
#include "dwarf.h"

struct symbols;
struct symbol_file;

struct symbol {
    u64 address, end;           /* as the machine uses them; it names address to end - 1, and nothing where they are the same */
    const char *name;
    bool sized, function, global, absolute;     /* sized: its file says where it ends; absolute: a number, not a place */
};

struct symbols *symbols_new(void);
void symbols_free(struct symbols *s);

/* Take in FILE or FILE@OFFSET (C's notation of numbers). What it is is seen from its content: an ELF program of 32 or 64 bits, or text,
 * a line a symbol, as System.map and nm have it. False: why not, in `message` (n bytes); nothing has changed. */
bool symbols_load(struct symbols *s, const char *text, char *message, size_t n);

/* What was taken in: the k-th file, the first is 0; false when there are no more. */
struct symbol_file_info {
    const char *path, *kind;    /* "ELF, 32 bits" */
    u64 offset, low, high;      /* its first symbol's address, and its last's */
    size_t count;
};
bool symbols_info(const struct symbols *s, int k, struct symbol_file_info *info);
bool symbols_any(const struct symbols *s);

/* The symbol that an address belongs to, of the file that came last. With `physical` the address may also be where a program's segment
 * lies in memory, as before paging is on; where that is another than the one it is linked for, *address becomes the latter.
 * NULL: none. `file` (may be NULL) gets the file even where it has no symbol there. */
const struct symbol *symbols_at(const struct symbols *s, u64 *address, bool physical, const struct symbol_file **file);
/* "main+0x12" or "main"; nothing where no symbol is. Returns text. */
const char *symbols_name(const struct symbols *s, u64 address, bool physical, char *text, size_t n);

/* The same with the source line, "main+0x12 (kernel.c:40)", where it is known. Returns text. */
const char *symbols_place(const struct symbols *s, u64 address, bool physical, char *text, size_t n);
/* The source line that an address belongs to; false: not known. */
bool symbols_line(const struct symbols *s, u64 address, bool physical, struct source_line *line);
/* Where a source line begins, or the next that has any code (debug_line_places); where copies of a function do that were inlined. */
size_t symbols_line_places(const struct symbols *s, const char *file, int line, u64 *at, size_t most, struct source_line *found);
size_t symbols_inlined_places(const struct symbols *s, const char *name, u64 *at, size_t most);
/* debug_body, for any address. */
u64 symbols_body(const struct symbols *s, u64 address, bool physical);
/* debug_inlined_call for an address that symbols_at gave with this file. */
bool symbols_inlined_call(const struct symbol_file *f, u64 address, int depth, const char **name, struct source_line *call);

/* debug_unwind for an address that symbols_at gave with this file. */
enum unwind symbols_unwind(const struct symbol_file *f, u64 address, const struct frame_state *state, const struct debug_memory *memory,
                           struct frame_state *caller, u64 *cfa);

/* The file that came last; NULL: none. */
const struct symbol_file *symbols_last(const struct symbols *s);
/* Its debugging information; NULL: none. And what it was moved by. */
struct debug_info *symbols_debug(const struct symbol_file *f, u64 *offset);

/* By name, a global one before others of that name; NULL: none. */
const struct symbol *symbols_find(const struct symbols *s, const char *name);
/* The name that may have been meant; NULL: none is near. */
const char *symbols_nearest(const struct symbols *s, const char *name);
/* The k-th symbol whose name begins so, by file and then alphabet; NULL past the last. */
const struct symbol *symbols_beginning(const struct symbols *s, const char *beginning, size_t k);
