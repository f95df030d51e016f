/* symbols.c - the files of symbols, and what is asked of them: a name for an address, an address for a name.
 * Here: files one upon the other, each with its offset; programs whose segments lie elsewhere than they are linked for. */
#include "parts.h"
#include "nearest.h"
#include <stdio.h>

enum { ALONE = 4096 /* how far the last symbol of a text reaches */, LOOK_BACK = 64, NAME_MOST = 64 /* for likeness */ };

struct symbols {
    struct symbol_file *last;
};

struct symbols *symbols_new(void) { return xcalloc(1, sizeof(struct symbols)); }

static void file_free(struct symbol_file *f)
{
    debug_info_free(f->debug);
    file_close(f->file, NULL);
    free(f->path);
    free(f->symbols);
    free(f->by_name);
    free(f->strings);
    free(f->loads);
    free(f);
}

void symbols_free(struct symbols *s)
{
    while (s && s->last) {
        struct symbol_file *f = s->last;
        s->last = f->before;
        file_free(f);
    }
    free(s);
}

/* ---- taking in ---- */

bool symbol_file_read(struct symbol_file *f, u64 at, void *to, size_t n, char *message, size_t room)
{
    for (size_t done = 0, got; done < n; done += got) {
        struct failure why = { 0 };
        got = file_read(f->file, at + done, (u8 *)to + done, n - done, &why);
        if (!got) {
            snprintf(message, room, "cannot be read: %s", why.kind == FAILURE_NONE ? "it ends before its end" : why.text);
            return false;
        }
    }
    return true;
}

void strings_clean(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((u8)(text[i] - 1) < 0x1f && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
            text[i] = '?';
        else if (text[i] == 0x7f)
            text[i] = '?';
}

void symbol_add(struct symbol_file *f, struct symbol symbol)
{
    if (f->count == f->room) {
        f->room = f->room ? f->room * 2 : 256;
        f->symbols = xrealloc(f->symbols, f->room * sizeof *f->symbols);
    }
    f->symbols[f->count++] = symbol;
}

/* How much rather than others of its address a symbol is its name. */
static int rank(const struct symbol *s)
{
    return 8 * s->function + 4 * s->sized + 2 * s->global + (*s->name != '_' && *s->name != '.' && *s->name != '$');
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *s = a, *t = b;
    if (s->address != t->address)
        return s->address < t->address ? -1 : 1;
    return rank(s) != rank(t) ? rank(s) - rank(t) : strcmp(t->name, s->name);
}

/* Of one name the global one first, then by address. */
static int by_name(const void *a, const void *b)
{
    const struct symbol *s = *(const struct symbol *const *)a, *t = *(const struct symbol *const *)b;
    int order = strcmp(s->name, t->name);
    return order ? order : s->global != t->global ? t->global - s->global : s->address < t->address ? -1 : s->address > t->address;
}

/* What the file says is complete: order it, find where symbols without a size end, and move it all by the offset. */
static void finish(struct symbol_file *f)
{
    u64 next = UINT64_MAX, behind = UINT64_MAX;                 /* the next place above, and the one above symbols[i] */
    qsort(f->symbols, f->count, sizeof *f->symbols, by_address);
    for (size_t i = f->count; i-- > 0; ) {
        struct symbol *s = &f->symbols[i];
        if (s->absolute)
            continue;
        if (s->address != next) {
            behind = next;
            next = s->address;
        }
        if (!s->sized && behind < s->end)
            s->end = behind;
        if (s->end == UINT64_MAX)
            s->end = s->address < UINT64_MAX - ALONE ? s->address + ALONE : UINT64_MAX;
    }
    for (size_t i = 0; i < f->count; i++) {
        f->symbols[i].address += f->symbols[i].absolute ? 0 : f->offset;
        f->symbols[i].end += f->symbols[i].absolute ? 0 : f->offset;
    }
    qsort(f->symbols, f->count, sizeof *f->symbols, by_address);      /* absolute ones were left behind, others may have wrapped */
    f->by_name = xcalloc(f->count + 1, sizeof *f->by_name);
    for (size_t i = 0; i < f->count; i++)
        f->by_name[i] = &f->symbols[i];
    qsort(f->by_name, f->count, sizeof *f->by_name, by_name);
}

static bool content_read(struct symbol_file *f, char *message, size_t n)
{
    u8 head[0x206] = { 0 };
    u64 bytes;
    struct failure why = { 0 };
    if (!file_bytes(f->file, &bytes, &why)) {
        snprintf(message, n, "%s", why.text);
        return false;
    }
    if (!symbol_file_read(f, 0, head, bytes < sizeof head ? bytes : sizeof head, message, n))
        return false;
    if (!memcmp(head, "\177ELF", 4))
        return elf_read(f, bytes, message, n);
    if (!memcmp(head + 0x202, "HdrS", 4) || !memcmp(head, "\x1f\x8b", 2) || !memcmp(head, "\xfd" "7zXZ", 5)) {
        snprintf(message, n, "%s has no symbols in reach; expected the vmlinux that it was made from, or its System.map",
                 head[0] == 0x1f || head[0] == 0xfd ? "a compressed file" : "a Linux bzImage");
        return false;
    }
    bool ok = map_read(f, bytes, message, n);
    file_close(f->file, NULL);
    f->file = NULL;
    return ok;
}

/* FILE, or what stands before the last @ if behind it is a number; a file that is called so is meant itself. */
static bool take_apart(struct symbol_file *f, const char *text, char *message, size_t n)
{
    char *at = strrchr(f->path, '@'), *end;
    if (!at || file_kind_at(text, NULL, NULL) != FILE_ABSENT)
        return true;
    f->offset = strtoull(at + 1, &end, 0);
    if (!at[1] || *end || strchr(" \t-+", at[1])) {
        snprintf(message, n, "'%s': expected FILE@OFFSET with an offset such as 0x100000, not '%s'", text, at + 1);
        return false;
    }
    *at = 0;
    return true;
}

bool symbols_load(struct symbols *s, const char *text, char *message, size_t n)
{
    struct symbol_file *f = xcalloc(1, sizeof *f);
    struct failure why = { 0 };
    char reason[256];
    f->path = xstrdup(text);
    if (!take_apart(f, text, message, n)) {
        file_free(f);
        return false;
    }
    f->file = file_open(f->path, false, &why);
    bool ok = f->file && content_read(f, reason, sizeof reason);
    if (!ok) {
        snprintf(message, n, "'%s': %s", f->path, f->file || !why.text[0] ? reason : why.text);
        file_free(f);
        return false;
    }
    finish(f);
    f->debug = f->file ? debug_info_new(f->file) : NULL;
    f->before = s->last;
    s->last = f;
    return true;
}

/* ---- asking ---- */

bool symbols_any(const struct symbols *s) { return s && s->last; }

bool symbols_info(const struct symbols *s, int k, struct symbol_file_info *info)
{
    int n = 0;
    const struct symbol_file *f = s ? s->last : NULL;
    for (const struct symbol_file *g = f; g; g = g->before)
        n++;
    if (k < 0 || k >= n)
        return false;
    for (; --n > k; f = f->before)
        ;
    *info = (struct symbol_file_info){ .path = f->path, .kind = f->kind, .offset = f->offset, .count = f->count, .low = UINT64_MAX };
    for (size_t i = 0; i < f->count; i++) {
        const struct symbol *t = &f->symbols[i];
        if (!t->absolute && t->address < info->low)
            info->low = t->address;
        if (!t->absolute && t->address > info->high)
            info->high = t->address;
    }
    return true;
}

/* The nearest one below that reaches so far: a small one may lie inside a large one. */
static const struct symbol *find_in(const struct symbol_file *f, u64 address)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (int k = 0; low-- > 0 && k < LOOK_BACK; k++)
        if (!f->symbols[low].absolute && address - f->symbols[low].address < f->symbols[low].end - f->symbols[low].address)
            return &f->symbols[low];
    return NULL;
}

/* Is an address in one of the program's segments, as it is linked or, with `physical`, as it lies in memory? */
static bool in_loads(const struct symbol_file *f, u64 *address, bool physical)
{
    for (int k = 0; k < f->load_count; k++) {
        u64 from = (physical ? f->loads[k].physical : f->loads[k].virtual) + f->offset;
        if (*address - from < f->loads[k].size) {
            *address += physical ? f->loads[k].virtual - f->loads[k].physical : 0;
            return true;
        }
    }
    return false;
}

const struct symbol *symbols_at(const struct symbols *s, u64 *address, bool physical, const struct symbol_file **file)
{
    for (const struct symbol_file *f = s ? s->last : NULL; f; f = f->before) {
        u64 there = *address;
        bool inside = in_loads(f, &there, false) || (physical && in_loads(f, &there, true));
        const struct symbol *symbol = find_in(f, there);
        if (!symbol && !inside)
            continue;
        *address = there;
        if (file)
            *file = f;
        return symbol;
    }
    return NULL;
}

const char *symbols_name(const struct symbols *s, u64 address, bool physical, char *text, size_t n)
{
    const struct symbol *symbol = symbols_at(s, &address, physical, NULL);
    if (!symbol)
        *text = 0;
    else if (symbol->address == address)
        snprintf(text, n, "%s", symbol->name);
    else
        snprintf(text, n, "%s+0x%llx", symbol->name, (unsigned long long)(address - symbol->address));
    return text;
}

bool symbols_line(const struct symbols *s, u64 address, bool physical, struct source_line *line)
{
    const struct symbol_file *f = NULL;
    symbols_at(s, &address, physical, &f);
    return f && f->debug && debug_line(f->debug, address - f->offset, line);
}

const char *symbols_place(const struct symbols *s, u64 address, bool physical, char *text, size_t n)
{
    struct source_line line;
    symbols_name(s, address, physical, text, n);
    size_t used = strlen(text);
    if (used && symbols_line(s, address, physical, &line))
        snprintf(text + used, n - used, " (%s:%d)", line.file, line.line);
    return text;
}

/* Out of the file's numbers, the machine's. */
static size_t moved(const struct symbol_file *f, u64 *at, size_t n)
{
    for (size_t k = 0; k < n; k++)
        at[k] += f->offset;
    return n;
}

size_t symbols_line_places(const struct symbols *s, const char *file, int line, u64 *at, size_t most, struct source_line *found)
{
    size_t n = 0;
    for (const struct symbol_file *f = s ? s->last : NULL; f && !n; f = f->before)
        n = f->debug ? moved(f, at, debug_line_places(f->debug, file, line, at, most, found)) : 0;
    return n;
}

size_t symbols_inlined_places(const struct symbols *s, const char *name, u64 *at, size_t most)
{
    size_t n = 0;
    for (const struct symbol_file *f = s ? s->last : NULL; f && !n; f = f->before)
        n = f->debug ? moved(f, at, debug_inlined_places(f->debug, name, at, most)) : 0;
    return n;
}

u64 symbols_body(const struct symbols *s, u64 address, bool physical)
{
    const struct symbol_file *f = NULL;
    u64 at = address;
    const struct symbol *symbol = symbols_at(s, &at, physical, &f);
    if (!symbol || !f->debug || at != symbol->address)
        return address;
    return address + debug_body(f->debug, at - f->offset) - (at - f->offset);
}

bool symbols_inlined_call(const struct symbol_file *f, u64 address, int depth, const char **name, struct source_line *call)
{
    return f->debug && debug_inlined_call(f->debug, address - f->offset, depth, name, call);
}

enum unwind symbols_unwind(const struct symbol_file *f, u64 address, const struct frame_state *state, const struct debug_memory *memory,
                           struct frame_state *caller, u64 *cfa)
{
    return f->debug ? debug_unwind(f->debug, address - f->offset, state, memory, caller, cfa) : UNWIND_UNKNOWN;
}

const struct symbol_file *symbols_last(const struct symbols *s) { return s ? s->last : NULL; }

struct debug_info *symbols_debug(const struct symbol_file *f, u64 *offset)
{
    *offset = f->offset;
    return f->debug;
}

/* The first by name that is not less than `name` in its first `length` bytes. */
static size_t first_by_name(const struct symbol_file *f, const char *name, size_t length)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(f->by_name[middle]->name, name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct symbol *symbols_find(const struct symbols *s, const char *name)
{
    const struct symbol *found = NULL;
    for (const struct symbol_file *f = s ? s->last : NULL; f; f = f->before) {
        size_t k = first_by_name(f, name, strlen(name) + 1);
        if (k < f->count && !strcmp(f->by_name[k]->name, name) && (!found || (f->by_name[k]->global && !found->global)))
            found = f->by_name[k];
    }
    return found;
}

const struct symbol *symbols_beginning(const struct symbols *s, const char *beginning, size_t k)
{
    size_t length = strlen(beginning);
    for (const struct symbol_file *f = s ? s->last : NULL; f; f = f->before) {
        for (size_t i = first_by_name(f, beginning, length); i < f->count && !strncmp(f->by_name[i]->name, beginning, length); i++)
            if (!k--)
                return f->by_name[i];
    }
    return NULL;
}

const char *symbols_nearest(const struct symbols *s, const char *name)
{
    const char *best = NULL;
    int most = (int)(strnlen(name, NAME_MOST) + 2) / 4;         /* a quarter of it may be wrong */
    for (const struct symbol_file *f = s ? s->last : NULL; f && most >= 0; f = f->before) {
        for (size_t i = 0; i < f->count && most >= 0; i++) {
            int n = word_distance(name, f->by_name[i]->name, most);
            if (n <= most) {
                best = f->by_name[i]->name;
                most = n - 1;
            }
        }
    }
    return best;
}
