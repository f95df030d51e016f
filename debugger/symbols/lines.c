/* lines.c - source lines of addresses, and addresses of source lines.
 * Follows: DWARF Debugging Information Format, Version 5, "Line Number Information"; elfutils' libdw. */
#include "dwarf_parts.h"
#include <stdio.h>

#ifdef HAVE_DW
struct debug_info *debug_info_new(struct file *file)
{
    struct debug_info *d = xcalloc(1, sizeof *d);
    d->file = file;
    return d;
}

void debug_info_free(struct debug_info *d)
{
    if (!d)
        return;
    if (d->frames[1])
        dwarf_cfi_end(d->frames[1]);
    if (d->dwarf)
        dwarf_end(d->dwarf);
    if (d->elf)
        elf_end(d->elf);
    free(d->ranges);
    free(d);
}

static int by_low(const void *a, const void *b)
{
    const struct unit_range *r = a, *s = b;
    return r->low < s->low ? -1 : r->low > s->low;
}

static void ranges_read(struct debug_info *d)
{
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit;
    size_t room = 0;
    while (!dwarf_get_units(d->dwarf, cu, &cu, NULL, NULL, &unit, NULL)) {
        Dwarf_Addr base, low, high;
        for (ptrdiff_t at = 0; (at = dwarf_ranges(&unit, at, &base, &low, &high)) > 0; ) {
            if (low >= high)
                continue;
            if (d->count == room) {
                room = room ? room * 2 : 64;
                d->ranges = xrealloc(d->ranges, room * sizeof *d->ranges);
            }
            d->ranges[d->count++] = (struct unit_range){ low, high, dwarf_dieoffset(&unit) };
        }
    }
    qsort(d->ranges, d->count, sizeof *d->ranges, by_low);
}

Dwarf *debug_dwarf(struct debug_info *d)
{
    if (!d->opened) {
        d->opened = true;
        elf_version(EV_CURRENT);
        d->elf = elf_begin((int)file_handle(d->file).id, ELF_C_READ, NULL);
        d->dwarf = d->elf ? dwarf_begin_elf(d->elf, DWARF_C_READ, NULL) : NULL;
        d->frames[1] = d->elf ? dwarf_getcfi_elf(d->elf) : NULL;
        if (d->dwarf) {
            d->frames[0] = dwarf_getcfi(d->dwarf);
            ranges_read(d);
        }
    }
    return d->dwarf;
}

bool debug_unit(struct debug_info *d, u64 address, Dwarf_Die *unit)
{
    size_t low = 0, high;
    if (!debug_dwarf(d))
        return false;
    for (high = d->count; low < high; ) {
        size_t middle = low + (high - low) / 2;
        if (d->ranges[middle].low <= address)
            low = middle + 1;
        else
            high = middle;
    }
    while (low-- > 0)                   /* units do not overlap, but empty functions of discarded ones may lie about */
        if (address < d->ranges[low].high)
            return dwarf_offdie(d->dwarf, d->ranges[low].unit, unit);
    return false;
}

const char *debug_shown(const char *name)
{
    for (const char *c = name; *c; c++)
        if ((u8)*c < ' ' || *c == 0x7f)
            return "?";
    return name;
}

void source_name(Dwarf_Die *unit, const char *source, struct source_line *line)
{
    Dwarf_Attribute attribute;
    line->folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    line->file = debug_shown(source);
    size_t n = line->folder ? strlen(line->folder) : 0;
    if (n && !strncmp(source, line->folder, n) && source[n] == '/')
        line->file = debug_shown(source + n + 1);
    while (!strncmp(line->file, "./", 2))
        line->file += 2;
}

bool debug_line(struct debug_info *d, u64 address, struct source_line *line)
{
    Dwarf_Die unit;
    if (!debug_unit(d, address, &unit))
        return false;
    Dwarf_Line *at = dwarf_getsrc_die(&unit, address);
    const char *source = at ? dwarf_linesrc(at, NULL, NULL) : NULL;
    if (!source || dwarf_lineno(at, &line->line) || !line->line)
        return false;
    source_name(&unit, source, line);
    return true;
}

/* Is `file` the end of a path, from the beginning of a name on? */
static bool is_called(const char *path, const char *file)
{
    size_t n = strlen(path), m = strlen(file);
    return n >= m && !strcmp(path + n - m, file) && (n == m || path[n - m - 1] == '/');
}

/* Does a statement begin there, of the file, at the line or behind it? */
static bool line_fits(const struct line_search *s, Dwarf_Line *at, int *number, Dwarf_Addr *where)
{
    bool statement, end;
    const char *source = dwarf_linesrc(at, NULL, NULL);
    return !dwarf_lineno(at, number) && *number >= s->line && !dwarf_lineaddr(at, where) && !dwarf_linebeginstatement(at, &statement) &&
           !dwarf_lineendsequence(at, &end) && !end && statement && source && is_called(source, s->file);
}

bool debug_line_next(struct debug_info *d, struct line_search *s, u64 *address)
{
    while (debug_dwarf(d)) {
        for (; s->at < s->count; s->at++) {
            Dwarf_Line *at = dwarf_onesrcline(s->lines, s->at);
            Dwarf_Addr where;
            if (!line_fits(s, at, &s->number, &where))
                continue;
            s->source = dwarf_linesrc(at, NULL, NULL);
            *address = where;
            s->at++;
            return true;
        }
        if (dwarf_get_units(d->dwarf, s->cu, &s->cu, NULL, NULL, &s->unit, NULL))
            return false;
        s->at = s->count = 0;
        if (dwarf_getsrclines(&s->unit, &s->lines, &s->count))
            s->count = 0;
    }
    return false;
}

bool debug_line_find(struct debug_info *d, const char *file, int line, u64 *address, struct source_line *found)
{
    u64 where;
    int best = 0;
    for (struct line_search s = { .file = file, .line = line }; debug_line_next(d, &s, &where); ) {
        if (best && (s.number > best || (s.number == best && where >= *address)))
            continue;
        best = s.number;
        *address = where;
        source_name(&s.unit, s.source, found);
        found->line = s.number;
    }
    return best;
}

#else
struct debug_info { char nothing; };
struct debug_info *debug_info_new(struct file *file) { (void)file; return xcalloc(1, sizeof(struct debug_info)); }
void debug_info_free(struct debug_info *d) { free(d); }

bool debug_line(struct debug_info *d, u64 address, struct source_line *line)
{
    (void)d, (void)address, (void)line;
    return false;
}
#endif
