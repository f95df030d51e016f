/* inlined.c - blocks of code around an address; functions that the compiler has put into others; all places of a line or such a function.
 * Follows: DWARF Debugging Information Format, Version 5, "Subroutine and Entry Point Entries", "Lexical Block Entries". */
#include "dwarf_parts.h"

#ifdef HAVE_DW
static bool is_block(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine;
}

/* Functions may be declared in there. */
static bool is_namespace(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type || tag == DW_TAG_class_type;
}

/* The block right below that has the address. */
static bool block_below(Dwarf_Die *parent, u64 address, int depth, Dwarf_Die *found)
{
    Dwarf_Die die;
    if (depth == 0 || dwarf_child(parent, &die))
        return false;
    do {
        if (is_namespace(&die) && block_below(&die, address, depth - 1, found))
            return true;
        *found = die;
        if (is_block(&die) && dwarf_haspc(&die, address) == 1)
            return true;
    } while (!dwarf_siblingof(&die, &die));
    return false;
}

void blocks_around(struct debug_info *d, u64 address, struct blocks *b)
{
    Dwarf_Die unit, *at = &unit;
    b->count = 0;
    if (!debug_unit(d, address, &unit))
        return;
    for (; b->count < BLOCKS_MOST && block_below(at, address, BLOCKS_MOST, &b->die[b->count]); b->count++)
        at = &b->die[b->count];
    for (int k = 0; k < b->count / 2; k++) {
        Dwarf_Die die = b->die[k];
        b->die[k] = b->die[b->count - 1 - k];
        b->die[b->count - 1 - k] = die;
    }
}

/* The function of that depth, 0 the innermost; NULL: there are not so many. */
static Dwarf_Die *inlined_of(struct blocks *b, int depth)
{
    for (int k = 0; k < b->count; k++)
        if (dwarf_tag(&b->die[k]) == DW_TAG_inlined_subroutine && depth-- == 0)
            return &b->die[k];
    return NULL;
}

bool debug_inlined_call(struct debug_info *d, u64 address, int depth, const char **name, struct source_line *call)
{
    struct blocks b;
    Dwarf_Die unit;
    Dwarf_Attribute attribute;
    Dwarf_Files *files;
    Dwarf_Word file, line;
    size_t n;
    blocks_around(d, address, &b);
    Dwarf_Die *die = inlined_of(&b, depth);
    if (!die || !debug_unit(d, address, &unit))
        return false;
    const char *called = dwarf_diename(die), *source = NULL;
    *name = called ? debug_shown(called) : "?";
    call->line = 0;
    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute), &line) || line > INT32_MAX ||
        dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &file) || dwarf_getsrcfiles(&unit, &files, &n) || file >= n ||
        !(source = dwarf_filesrc(files, file, NULL, NULL)))
        return true;
    call->line = (int)line;
    source_name(&unit, source, call);
    return true;
}

/* ---- a function's beginning ---- */

/* Where a function or a copy begins. */
static bool entry(Dwarf_Die *die, u64 *address)
{
    Dwarf_Addr base, low, high, at;
    bool any = !dwarf_entrypc(die, &at);
    for (ptrdiff_t next = 0; !any && (next = dwarf_ranges(die, next, &base, &low, &high)) > 0; any = true)
        at = low;
    *address = at;
    return any;
}

/* Is the parameter where its caller has put it, when the function is entered? By the i386's ABI: at the CFA, above the return address. */
static bool is_kept_at_entry(Dwarf_Die *parameter, bool by_cfa)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t n;
    if (dwarf_tag(parameter) != DW_TAG_formal_parameter || dwarf_getlocation(dwarf_attr(parameter, DW_AT_location, &attribute), &ops, &n) ||
        n != 1 || ops->atom != DW_OP_fbreg)
        return true;
    return by_cfa && (Dwarf_Sword)ops->number >= -4;
}

u64 debug_body(struct debug_info *d, u64 address)
{
    struct blocks b;
    Dwarf_Die unit, child;
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    Dwarf_Lines *lines;
    size_t n;
    Dwarf_Addr at;
    bool kept = true;
    blocks_around(d, address, &b);
    Dwarf_Die *function = b.count ? &b.die[b.count - 1] : NULL;
    if (!function || !entry(function, &at) || at != address || dwarf_child(function, &child))
        return address;
    bool by_cfa = !dwarf_getlocation(dwarf_attr(function, DW_AT_frame_base, &attribute), &ops, &n) && n == 1 &&
                  ops->atom == DW_OP_call_frame_cfa;
    do
        kept = kept && is_kept_at_entry(&child, by_cfa);
    while (!dwarf_siblingof(&child, &child));
    if (kept || !debug_unit(d, address, &unit) || dwarf_getsrclines(&unit, &lines, &n))
        return address;
    for (size_t k = 0; k < n; k++)
        if (!dwarf_lineaddr(dwarf_onesrcline(lines, k), &at) && at > address)
            return dwarf_haspc(function, at) == 1 ? at : address;
    return address;
}

/* ---- places ---- */

struct places {
    struct debug_info *d;
    const char *name;           /* of the function that is sought */
    u64 *at;
    Dwarf_Off in[PLACES_MOST];  /* the functions, inlined or not, that they lie in */
    size_t count, most;
};

/* A place more, but one in each function: the lowest. */
static void place_add(struct places *p, u64 address)
{
    struct blocks b;
    Dwarf_Off in = 0;
    size_t k = 0;
    blocks_around(p->d, address, &b);
    for (int n = 0; n < b.count && !in; n++)
        if (dwarf_tag(&b.die[n]) != DW_TAG_lexical_block)
            in = dwarf_dieoffset(&b.die[n]);
    while (k < p->count && p->in[k] != in)
        k++;
    if (k == p->most)
        return;
    p->at[k] = k < p->count && p->at[k] < address ? p->at[k] : address;
    p->in[k] = in;
    p->count += k == p->count;
}

size_t debug_line_places(struct debug_info *d, const char *file, int line, u64 *at, size_t most, struct source_line *found)
{
    struct places p = { .d = d, .at = at, .most = most < PLACES_MOST ? most : PLACES_MOST };
    u64 address;
    if (!debug_line_find(d, file, line, &address, found))
        return 0;
    for (struct line_search s = { .file = file, .line = found->line }; debug_line_next(d, &s, &address); )
        if (s.number == found->line)
            place_add(&p, address);
    return p.count;
}

static int copy_found(Dwarf_Die *die, void *to)
{
    struct places *p = to;
    u64 address;
    if (entry(die, &address))
        place_add(p, address);
    return p->count < p->most ? DWARF_CB_OK : DWARF_CB_ABORT;
}

static int function_found(Dwarf_Die *die, void *to)
{
    const struct places *p = to;
    const char *name = dwarf_func_inline(die) ? dwarf_diename(die) : NULL;
    if (name && !strcmp(name, p->name))
        dwarf_func_inline_instances(die, copy_found, to);
    return DWARF_CB_OK;
}

size_t debug_inlined_places(struct debug_info *d, const char *name, u64 *at, size_t most)
{
    struct places p = { .d = d, .name = name, .at = at, .most = most < PLACES_MOST ? most : PLACES_MOST };
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit;
    while (debug_dwarf(d) && !dwarf_get_units(d->dwarf, cu, &cu, NULL, NULL, &unit, NULL))
        dwarf_getfuncs(&unit, function_found, &p, 0);
    return p.count;
}

#else
u64 debug_body(struct debug_info *d, u64 address) { return (void)d, address; }

bool debug_inlined_call(struct debug_info *d, u64 address, int depth, const char **name, struct source_line *call)
{
    (void)d, (void)address, (void)depth, (void)name, (void)call;
    return false;
}

size_t debug_line_places(struct debug_info *d, const char *file, int line, u64 *at, size_t most, struct source_line *found)
{
    (void)d, (void)file, (void)line, (void)at, (void)most, (void)found;
    return 0;
}

size_t debug_inlined_places(struct debug_info *d, const char *name, u64 *at, size_t most)
{
    (void)d, (void)name, (void)at, (void)most;
    return 0;
}
#endif
