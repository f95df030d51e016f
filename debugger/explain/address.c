/* address.c - from an offset in a segment to a place in memory, with every check that is made on the way.
 * Follows: Intel SDM Vol. 3A "Logical and Linear Addresses", "Limit Checking", "Type Checking", "Paging", "Access Rights". */
#include "parts.h"
#include "../../cpu/mmu/walk.h"

/* ---- segments ---- */

static bool type_tell(struct explain *e, int segment, const struct segment *s, enum access_how how)
{
    struct descriptor_fields f = descriptor_of_access(s->access);
    bool code = f.kind == DESCRIPTOR_CODE, rw = s->access & SEG_RW, write = how == HOW_WRITE || how == HOW_BOTH;
    bool fine = how == HOW_FETCH ? code : write ? !code && rw : !code || rw;
    if (!s->access) {
        tell_at(e, HANG, HANG + 2, "%s holds a null selector: no access may go", segment_name(segment));
        return false;
    }
    tell_at(e, HANG, HANG + 2, "type: %d-bit %s, %s%s, DPL %d: %s %s", f.bits, code ? "code" : "data",
            code ? rw ? "readable" : "execute only" : rw ? "writable" : "read only",
            s->access & SEG_DC ? code ? ", conforming" : ", expand-down" : "", seg_dpl(s->access),
            how == HOW_FETCH ? "execution" : how == HOW_READ ? "a read" : how == HOW_WRITE ? "a write" : "read and write",
            fine ? "may go" : "may not go");
    return fine;
}

/* Offsets inside: up to the limit; of expand-down data above it. */
static bool limit_tell(struct explain *e, int segment, const struct segment *s, u64 offset, u32 n)
{
    u64 last = offset + n - 1, top = s->access & SEG_DB ? 0xffffffff : 0xffff;
    bool down = (s->access & (SEG_CODE | SEG_DC)) == SEG_DC;
    bool inside = down ? offset > s->limit && last <= top : last <= s->limit;
    if (down)
        tell_at(e, HANG, HANG + 2, "limit %x, expand-down: %llx to %llx %s in %x to %llx", s->limit, (unsigned long long)offset,
                (unsigned long long)last, inside ? "lie" : "do not lie", s->limit + 1, (unsigned long long)top);
    else
        tell_at(e, HANG, HANG + 2, "limit: last byte %llx %s %x, the limit of %s: %s", (unsigned long long)last, inside ? "<=" : ">",
                s->limit, segment_name(segment), inside ? "inside" : "outside");
    return inside;
}

/* ---- paging ---- */

static const struct register_bit entry_bits[] = {
    { PTE_P, "P" }, { PTE_W, "W" }, { PTE_U, "U" }, { PTE_PWT, "PWT" }, { PTE_PCD, "PCD" }, { PTE_A, "A" }, { PTE_D, "D" },
    { PTE_PS, "PS" }, { PTE_G, "G" }, { PTE_NX, "NX" }, { 0, NULL }
};

static void step_tell(struct explain *e, const struct walk *w, int k)
{
    const struct walk_step *s = &w->step[k];
    char bits[64] = "";
    for (const struct register_bit *b = entry_bits; b->name; b++)
        if ((s->entry & b->bit) && !(s->level->in_register && b->bit != PTE_P))
            add_to(bits, sizeof bits, "%s%s", *bits ? "," : "", b->name);
    if (k == w->steps - 1 && w->end == WALK_NO_MEMORY) {
        tell_at(e, HANG, HANG + 2, "%s entry %u at %llx: no memory is there", s->level->name, s->index, (unsigned long long)s->at);
        return;
    }
    char at[32] = "";
    if (!s->level->in_register)
        snprintf(at, sizeof at, " at %llx", (unsigned long long)s->at);
    if (!(s->entry & PTE_P))
        tell_at(e, HANG, HANG + 2, "%s entry %u%s: %0*llx, P=0: not present, #PF", s->level->name, s->index, at, 2 * w->form->entry_bytes,
                (unsigned long long)s->entry);
    else
        tell_at(e, HANG, HANG + 2, "%s entry %u%s: %0*llx -> %s %llx [%s]%s", s->level->name, s->index, at, 2 * w->form->entry_bytes,
                (unsigned long long)s->entry, s->page ? s->page > 4096 ? "large page" : "page" : "table",
                (unsigned long long)(s->entry & w->form->address), bits, s->reserved ? ": a reserved bit is set, #PF" : "");
}

/* "Access Rights": by all levels together. */
static bool rights_tell(struct explain *e, bool writable, bool user, bool no_execute, enum access_how how)
{
    u64 cpl = cpu_get(e->cpu, "cpl"), wp = cpu_get(e->cpu, "cr0") & CR0_WP;
    bool write = how == HOW_WRITE || how == HOW_BOTH, fine = user || cpl < 3;
    char why[200];
    snprintf(why, sizeof why, "U=%d, CPL %d is %s", user, (int)cpl, cpl == 3 ? "user mode" : "the supervisor");
    if (write) {
        bool may = writable || (cpl < 3 && !wp);
        add_to(why, sizeof why, "; W=%d%s", writable,
               writable   ? ""
               : cpl == 3 ? ""
               : wp       ? ", and CR0.WP=1"
                          : ", which CR0.WP=0 lets the supervisor pass");
        fine = fine && may;
    }
    if (how == HOW_FETCH && no_execute) {
        add_to(why, sizeof why, "; NX=1");
        fine = false;
    }
    tell_at(e, HANG, HANG + 2, "rights, all levels together: %s: %s", why, fine ? "may go" : "#PF");
    return fine;
}

/* The TLB goes before the tables: what it holds counts, whatever these say now. */
static bool tlb_holds(const struct explain *e, u64 linear, enum access_how how, struct cpu_translation *t)
{
    bool write = how == HOW_WRITE || how == HOW_BOTH;
    if (!cpu_tlb_find(e->cpu, linear & ~0xfffull, t))
        return false;
    return !write || !t->writable || t->dirty;
}

static void stale_tell(struct explain *e, const struct walk *w, const struct cpu_translation *t)
{
    if (w->end != WALK_PAGE || w->physical != t->physical || w->w != t->writable || w->u != t->user)
        tell_at(e, HANG, HANG + 2, "STALE: the TLB maps %llx -> %llx (%s, %s), the tables say otherwise; no INVLPG or CR3 load since",
                (unsigned long long)t->linear, (unsigned long long)t->physical, t->writable ? "W" : "read only",
                t->user ? "U" : "supervisor");
}

/* Shown once; then only where the same page leads. */
static bool page_seen(struct explain *e, u64 linear, enum access_how how)
{
    u64 key = linear >> 12 << 2 | (u64)how, physical;
    for (int k = 0; k < e->pages; k++) {
        if (e->page[k] != key)
            continue;
        if (cpu_translate_peek(e->cpu, linear, &physical))
            tell_at(e, HANG, HANG + 2, "page %llx as above: physical %llx", (unsigned long long)(linear >> 12 << 12),
                    (unsigned long long)physical);
        return true;
    }
    if (e->pages < PAGES_SHOWN)
        e->page[e->pages++] = key;
    return false;
}

static void page_tell(struct explain *e, u64 linear, enum access_how how)
{
    struct cpu_translation t;
    struct walk w;
    u64 physical = 0;
    bool fine = true;
    if (page_seen(e, linear, how))
        return;
    bool held = tlb_holds(e, linear, how, &t);
    paging_look(e->cpu, linear, &w);
    tell_at(e, HANG, HANG + 2, "%s, CR3 %llx%s", w.form->name, (unsigned long long)cpu_get(e->cpu, "cr3"),
            held ? "; the TLB holds the page and no walk is made, but the tables say:" : "; the walk:");
    for (int k = 0; k < w.steps; k++)
        step_tell(e, &w, k);
    if (held) {
        stale_tell(e, &w, &t);
        fine = rights_tell(e, t.writable, t.user, t.no_execute, how);
    } else if (w.end == WALK_PAGE) {
        fine = rights_tell(e, w.w, w.u, w.nx, how);
    }
    if (fine && cpu_translate_peek(e->cpu, linear, &physical))
        tell_at(e, HANG, HANG + 2, "physical %llx", (unsigned long long)physical);
}

/* The way of a linear address alone. */
static void linear_tell(struct explain *e, u64 linear, u32 n, enum access_how how)
{
    u64 last = (u32)(linear + (n ? n : 1) - 1), physical = 0;
    if (!(cpu_get(e->cpu, "cr0") & CR0_PG)) {
        cpu_translate_peek(e->cpu, linear, &physical);
        tell_at(e, HANG, HANG + 2, "paging is off: physical %llx%s", (unsigned long long)physical,
                physical == linear ? "" : " (address line 20 is masked, or beyond this processor's)");
        return;
    }
    page_tell(e, linear, how);
    if ((last ^ linear) >> 12) {
        tell_at(e, HANG, HANG + 2, "it goes on in the next page, linear %08llx:", (unsigned long long)(last & ~0xfffull));
        page_tell(e, last & ~0xfffull, how);
    }
}

/* ---- both ---- */

bool address_tell(struct explain *e, int segment, u64 offset, u32 n, enum access_how how)
{
    const struct segment *s = cpu_segment(e->cpu, segment);
    u64 linear = (u32)(s->base + offset);
    n = n ? n : 1;
    tell_at(e, HANG, HANG + 2, "%s %04x: base %08llx + offset %llx = linear %08llx", segment_name(segment), s->selector,
            (unsigned long long)s->base, (unsigned long long)offset, (unsigned long long)linear);
    bool fine = limit_tell(e, segment, s, offset, n);
    if (cpu_protected(e->cpu))
        fine &= type_tell(e, segment, s, how);
    if (!fine) {
        tell_at(e, HANG, HANG + 2, "the segment refuses it: it goes no further");
        return false;
    }
    if (how != HOW_FETCH && (cpu_get(e->cpu, "cr0") & CR0_AM) && (cpu_get(e->cpu, "eflags") & FLAG_AC) && cpu_get(e->cpu, "cpl") == 3)
        tell_at(e, HANG, HANG + 2, "alignment is checked (CR0.AM, EFLAGS.AC, CPL 3): %llx %s a multiple of %u", (unsigned long long)linear,
                n && !(linear & (n - 1)) ? "is" : "is not", n);
    linear_tell(e, linear, n, how);
    return true;
}
