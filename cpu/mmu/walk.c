/* walk.c - the one page walker, and the forms of paging that it knows.
 * Follows: Intel SDM Vol. 3A "32-Bit Paging" (with PSE and PSE-36), "PAE Paging".
 * Here: these. A form with four levels of eight bytes is a row more. */
#include "walk.h"

enum { PHYSICAL_BITS = 36 };            /* of the P6 */
#define PHYSICAL_LIMIT (1ull << PHYSICAL_BITS)

#define TWO_LEVELS(page, bits) { { "directory", 22, 10, false, page, bits }, { "table", 12, 10, false, false, 0 } }
const struct paging_form paging_32 = {
    .name = "32-bit paging", .entry_bytes = 4, .levels = 2, .address = 0xfffff000, .level = TWO_LEVELS(false, 0),
};
const struct paging_form paging_pse = {
    .name = "32-bit paging with PSE", .entry_bytes = 4, .levels = 2, .address = 0xfffff000, .level = TWO_LEVELS(true, 0x3fe000),
};
const struct paging_form paging_pse36 = {
    .name = "32-bit paging with PSE", .entry_bytes = 4, .levels = 2, .address = 0xfffff000, .level = TWO_LEVELS(true, 0x3e0000),
    .high_at = 13, .high_bits = 4,
};
const struct paging_form paging_pae = {
    .name = "PAE paging", .entry_bytes = 8, .levels = 3, .address = PHYSICAL_LIMIT - 0x1000, .reserved = (1ull << 63) - PHYSICAL_LIMIT,
    .has_nx = true,
    .level = {
        { "PDPTE register", 30, 2, true, false, 0 }, { "directory", 21, 9, false, true, 0x1fe000 }, { "table", 12, 9, false, false, 0 },
    },
};

/* The entry's place and value. False where it cannot be read. */
static bool step_read(const struct walk_tables *t, u64 table, struct walk_step *s)
{
    if (s->level->in_register) {
        s->entry = t->registers[s->index];
        return true;
    }
    s->at = table + (u64)s->index * t->form->entry_bytes;
    s->where = s->at;
    return (!t->second || t->second(t->second_to, &s->where)) && t->read(t->read_to, s->where, t->form->entry_bytes, &s->entry);
}

/* The 4 KB around the address in the page that the entry maps. */
static u64 page_of(const struct paging_form *f, const struct walk_step *s, u64 linear)
{
    u64 inside = s->page - 1, high = 0;
    if (s->entry & PTE_PS && s->level->may_be_page && f->high_bits)
        high = (s->entry >> f->high_at & ((1u << f->high_bits) - 1)) << 32;
    return high | (s->entry & f->address & ~inside) | (linear & inside & ~0xfffull);
}

void walk(const struct walk_tables *t, u64 linear, struct walk *w)
{
    const struct paging_form *f = t->form;
    u64 table = t->root, reserved = f->reserved | (f->has_nx && !t->nx ? PTE_NX : 0);
    w->form = f;
    w->w = w->u = true;
    w->nx = w->large = false;
    w->physical = 0;
    for (w->steps = 0; w->steps < f->levels; ) {
        const struct paging_level *l = &f->level[w->steps];
        struct walk_step *s = &w->step[w->steps++];
        *s = (struct walk_step) { .level = l, .index = (u32)(linear >> l->shift) & ((1u << l->bits) - 1) };
        w->end = WALK_NO_MEMORY;
        if (!step_read(t, table, s))
            return;
        if (!l->in_register) {
            w->w &= s->entry >> 1 & 1;
            w->u &= s->entry >> 2 & 1;
            w->nx |= f->has_nx && s->entry >> 63;
        }
        w->end = WALK_NOT_PRESENT;
        if (!(s->entry & PTE_P))
            return;
        bool large = l->may_be_page && s->entry & PTE_PS;
        s->reserved = l->in_register ? 0 : s->entry & (reserved | (large ? l->reserved_page : 0));
        if (large || w->steps == f->levels) {
            s->page = 1ull << l->shift;
            w->large = large;
            w->physical = page_of(f, s, linear);
        }
        w->end = s->reserved ? WALK_RESERVED : WALK_PAGE;
        if (s->page || s->reserved)
            return;
        table = s->entry & f->address;
    }
}
