/* parts.h - a file of symbols, for the files of this folder and nobody else. */
#pragma once
#include "symbols.h"
#include "../../host/file.h"

struct segment_load { u64 virtual, physical, size; };   /* of an ELF program: where a part is linked for, and where it is put */

struct symbol_file {
    struct symbol_file *before;         /* the one that was taken in earlier */
    char *path;
    const char *kind;
    u64 offset;
    struct symbol *symbols;             /* by address; of one address the best last */
    const struct symbol **by_name;
    size_t count, room;
    char *strings;                      /* that the names lie in */
    struct segment_load *loads;
    int load_count;
    struct debug_info *debug;           /* NULL: text */
    struct file *file;                  /* stays open; NULL: text, which was read as a whole */
};

/* Its name lies in f->strings. Not sized: it reaches to the next symbol, or to `end` (UINT64_MAX where nobody knows) if that comes
 * first. */
void symbol_add(struct symbol_file *f, struct symbol symbol);

/* Fill f from an open file, its content beginning with these four bytes. False, with the reason. */
bool elf_read(struct symbol_file *f, u64 bytes, char *message, size_t n);
bool map_read(struct symbol_file *f, u64 bytes, char *message, size_t n);
/* Characters that would command a terminal become question marks, but for tabs and the ends of lines. */
void strings_clean(char *text, size_t n);
/* So many bytes from there, all of them. */
bool symbol_file_read(struct symbol_file *f, u64 at, void *to, size_t n, char *message, size_t room);
