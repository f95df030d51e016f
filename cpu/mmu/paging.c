/* paging.c - linear to physical: what a page walk (walk.c) means here, page faults, and what fills the TLBs (tlb.c).
 * Follows: SDM Vol. 3A "Paging".
 * Here: A and D; WP; global pages; which form of tables walk.c is given. */
#include "paging.h"
#include "walk.h"
#include "../system/debug_registers.h"
#include "../engine/engine.h"

#ifdef VITRINE_SMALL                        /* where the program's size counts */
enum { WALKS_PLAINLY = false };
#else
enum { WALKS_PLAINLY = true };
#endif
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };      /* #PF error code */

/* ---- the walk ---- */

/* A page walk goes by physical addresses alone. */
static noinline void walk_watched(struct cpu *cpu, u64 physical, int bytes, bool write, u64 old, u64 v)
{
    observers_access(cpu, &(struct cpu_access) { .linear = CPU_NO_ADDRESS, .physical = physical, .second = CPU_NO_ADDRESS,
                                                 .size = (u32)bytes, .write = write, .old = old, .value = v });
}

static bool table_read(void *to, u64 at, int bytes, u64 *entry)
{
    struct cpu *cpu = to;
    const struct space_page *page = space_page(cpu->w.memory, at & cpu->phys_mask);
    if (likely(page->read))                             /* an entry is aligned */
        *entry = bytes == 4 ? get32(page->read + (at & PAGE_MASK)) : get64(page->read + (at & PAGE_MASK));
    else
        *entry = space_read(cpu->w.memory, at & cpu->phys_mask, bytes);
    if (unlikely(cpu->cache.watch_active))
        walk_watched(cpu, at & cpu->phys_mask, bytes, false, *entry, *entry);
    return true;
}

static bool table_peek(void *to, u64 at, int bytes, u64 *entry)
{
    struct cpu *cpu = to;
    u8 raw[8] = { 0 };
    bool ok = space_peek(cpu->w.memory, at & cpu->phys_mask, raw, (u64)bytes);
    *entry = get64(raw);
    return ok;
}

/* Sets them in an entry, which the walk found as it says. */
static void table_or(struct cpu *cpu, u64 at, u64 found, u32 bits)
{
    u64 a = at & cpu->phys_mask;
    if (likely((found & bits) == bits))
        return;
    u32 v = (u32)space_read(cpu->w.memory, a, 4);
    if ((v & bits) == bits)
        return;
    space_write(cpu->w.memory, a, v | bits, 4);
    if (unlikely(cpu->cache.watch_active))
        walk_watched(cpu, a, 4, true, v, v | bits);
}

static struct walk_tables tables_now(struct cpu *cpu)
{
    bool pae = cpu->s.cr4 & CR4_PAE, pse = cpu->s.cr4 & CR4_PSE;
    return (struct walk_tables) {
        .form = pae ? &paging_pae : !pse ? &paging_32 : cpu_has(cpu, FEATURE_PSE36) ? &paging_pse36 : &paging_pse,
        .root = cpu->s.cr3 & 0xfffff000, .registers = cpu->s.pdpte, .nx = cpu->s.efer & EFER_NXE, .read = table_read, .read_to = cpu,
    };
}

bool paging_look(struct cpu *cpu, u64 linear, struct walk *w)
{
    struct walk_tables t = tables_now(cpu);
    t.read = table_peek;
    if (!(cpu->s.cr0 & CR0_PG))
        return false;
    walk(&t, (u32)linear, w);
    return true;
}

static u32 error_code(const struct cpu *cpu, u32 p, enum access access, bool user)
{
    bool nx_on = (cpu->s.cr4 & CR4_PAE) && (cpu->s.efer & EFER_NXE);
    return p | (access == ACCESS_WRITE ? PF_W : 0u) | (user ? PF_U : 0u) | (access == ACCESS_FETCH && nx_on ? PF_I : 0u);
}

/* A walk for an access reads what answers, be it no memory. */
static bool read_memory(struct cpu *cpu, const struct walk *w)
{
    for (const struct walk_step *s = w->step; s < w->step + w->steps; s++)
        if (!s->level->in_register && !space_page(cpu->w.memory, s->where & cpu->phys_mask)->read)
            return false;
    return true;
}

/* done: the walk that found the fault; NULL: none did. */
static void way_note(struct cpu *cpu, u64 linear, const struct walk *done, struct fault_way *way)
{
    struct walk look;
    const struct walk *w = done;
    _Static_assert((int)FAULT_LEVELS >= (int)WALK_LEVELS, "room for every level");
    if (!done || !read_memory(cpu, done)) {
        paging_look(cpu, linear, &look);
        w = &look;
    }
    *way = (struct fault_way) { .form = w->form, .root = cpu->s.cr3 & 0xfffff000, .steps = (u8)w->steps, .nx = cpu->s.efer & EFER_NXE,
                                .unread = w->end == WALK_NO_MEMORY };
    for (int k = 0; k < w->steps; k++)
        way->entry[k] = w->step[k].entry;
}

/* For the report; before the translation that the TLB holds goes. */
static void page_about(struct cpu *cpu, u64 linear, const struct backing_entry *e, enum access access, bool user, const struct walk *w)
{
    struct fault_about *a = &cpu->about;
    *a = (struct fault_about) { .what = FAULT_PAGE, .access = access == ACCESS_WRITE ? FAULT_WRITE : access == ACCESS_FETCH ? FAULT_FETCH
                                : FAULT_READ, .user = user, .cached = e };
    if (e)
        a->held = backing_translation(e);
    way_note(cpu, linear, w, &a->way);
}

/* e: what the TLB has, NULL: nothing; entry and w: what decided, and the walk that found it, if one did. */
static _Noreturn void page_fault(struct cpu *cpu, u64 linear, enum access access, bool user, u32 p, const struct backing_entry *e,
                                 u64 entry, const struct walk *w)
{
    u32 error = error_code(cpu, p, access, user);
    const char *why = error & PF_RSVD ? "a reserved bit is set in the page entry"
                    : !(error & PF_P) ? "the page is not present"
                    : error & PF_I ? "the page may not be executed"
                    : error & PF_W ? (error & PF_U ? "the page is not writable for user code" : "the page is write-protected (CR0.WP)")
                    : "the page belongs to the supervisor";
    tell_change(cpu, CHANGE_WALK_FAULT, error, linear, 0);
    cpu->s.cr2 = linear;
    page_about(cpu, linear, e, access, user, w);
    if (e)
        tlb_flush_page(cpu, linear);        /* "A page-fault exception ... invalidates": stale rights do not fault twice */
    cpu_raise(cpu, EXC_PF, error, why, entry);
}

/* May this access go, by the entry's rights? */
static bool allowed(const struct cpu *cpu, u8 w, u8 u, u8 nx, enum access access, bool user)
{
    if (user && !u)
        return false;
    if (access == ACCESS_WRITE && !w && (user || (cpu->s.cr0 & CR0_WP)))
        return false;
    return !(access == ACCESS_FETCH && nx);
}

/* What walk() finds, where the way is as it mostly is: tables in memory that nobody watches, pages of 4 KB, every entry there and marked A
 * (D, too, for a write), nothing reserved, the access allowed. Of the steps there is the last entry alone. False: walk() has to say. */
static bool walk_plainly(struct cpu *cpu, const struct walk_tables *t, u64 linear, enum access access, bool user, struct walk *w)
{
    const struct paging_form *f = t->form;
    u64 table = t->root, want = PTE_P | PTE_A, all = want | PTE_W | PTE_U, any = 0, entry = 0;
    u64 never = f->reserved | (f->has_nx && !t->nx ? PTE_NX : 0);
    for (const struct paging_level *l = f->level; l < f->level + f->levels; l++) {
        u64 index = linear >> l->shift & ((1u << l->bits) - 1), at = (table + index * f->entry_bytes) & cpu->phys_mask;
        if (l->in_register) {
            entry = t->registers[index] | PTE_A | PTE_W | PTE_U;
        } else {
            const struct space_page *page = space_page(cpu->w.memory, at);
            if (!page->read)
                return false;
            entry = f->entry_bytes == 4 ? get32(page->read + (at & PAGE_MASK)) : get64(page->read + (at & PAGE_MASK));
            any |= entry;
            if (l->may_be_page && entry & PTE_PS)
                return false;
        }
        all &= entry;
        if ((all & want) != want)
            return false;
        table = entry & f->address;
    }
    w->w = all & PTE_W;
    w->u = all & PTE_U;
    w->nx = f->has_nx && any >> 63;
    w->large = false;
    w->physical = table;
    w->step[0].entry = entry;
    w->steps = 1;
    w->end = WALK_PAGE;
    return !(any & never) && !cpu->cache.watch_active && (access != ACCESS_WRITE || entry & PTE_D)
           && allowed(cpu, w->w, w->u, w->nx, access, user);
}

/* e: what the TLB has, NULL: nothing. */
static struct backing_entry *walk_and_fill(struct cpu *cpu, u64 linear, enum access access, bool user, struct backing_entry *e)
{
    struct walk_tables t = tables_now(cpu);
    struct walk w;
    bool plain = WALKS_PLAINLY && walk_plainly(cpu, &t, linear, access, user, &w);
    if (!plain)
        walk(&t, linear, &w);
    const struct walk_step *last = &w.step[w.steps - 1];
    if (w.end == WALK_NOT_PRESENT)
        page_fault(cpu, linear, access, user, 0, e, last->entry, &w);
    if (w.end == WALK_RESERVED)
        page_fault(cpu, linear, access, user, PF_P | PF_RSVD, e, last->entry, &w);
    if (!allowed(cpu, w.w, w.u, w.nx, access, user))
        page_fault(cpu, linear, access, user, PF_P, e, last->entry, &w);
    for (const struct walk_step *s = w.step; !plain && s <= last; s++)
        if (!s->level->in_register)
            table_or(cpu, s->where, s->entry, s == last && access == ACCESS_WRITE ? PTE_A | PTE_D : PTE_A);
    /* Walked again to set D, and the tables now say another page, or that this one may not be executed. */
    if (e && (e->physical != w.physical || (e->fetched && (e->u != w.u || e->nx != w.nx)))) {
        tlb_flush_page(cpu, linear);
        cpu->leave |= LEAVE_NOW;                /* the next instruction may lie in it */
        e = NULL;
    }
    if (!e)
        e = backing_add(cpu, linear & ~(u64)PAGE_MASK);
    e->physical = w.physical;
    e->w = w.w;
    e->u = w.u;
    e->nx = w.nx;
    e->large = w.large;
    if (w.large)
        cpu->backing->large[linear >> 26 & 63] |= cpu->s.cr4 & CR4_PAE ? 1u << (linear >> 21 & 31) : 3u << (linear >> 21 & 30);
    e->d = access == ACCESS_WRITE || (last->entry & PTE_D);
    e->g = (last->entry & PTE_G) && (cpu->s.cr4 & CR4_PGE);
    tell_change(cpu, CHANGE_TLB_FILL, (access == ACCESS_WRITE ? CPU_WALK_WRITE : 0u) | (access == ACCESS_FETCH ? CPU_WALK_FETCH : 0u)
                | (user ? CPU_WALK_USER : 0u), e->page, e->physical);
    return e;
}

static struct backing_entry *lookup(struct cpu *cpu, u64 linear, enum access access, bool user)
{
    struct backing_entry *e = backing_find(cpu, linear & ~(u64)PAGE_MASK);
    if (!e)
        return walk_and_fill(cpu, linear, access, user, NULL);
    if (!allowed(cpu, e->w, e->u, e->nx, access, user))
        page_fault(cpu, linear, access, user, PF_P, e, e->physical, NULL);
    if (access == ACCESS_WRITE && !e->d)
        return walk_and_fill(cpu, linear, access, user, e);     /* to set D */
    return e;
}

/* ---- the first-level TLB ---- */

bool watched(const struct cpu *cpu, u64 linear, u64 physical)
{
    linear &= ~(u64)PAGE_MASK;
    return debug_watches_page(cpu, linear) || observers_watch_page(&cpu->observers, linear, physical & ~(u64)PAGE_MASK);
}

static void fill_first(struct cpu *cpu, u64 linear, u64 physical, bool user, bool may_write)
{
    const struct space_page *page = space_page(cpu->w.memory, physical);
    struct tlb_entry *t = &cpu->cache.tlb[user][linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
    u64 tag = linear & ~(u64)PAGE_MASK;
    if (!page->read || (unlikely(cpu->cache.watch_active) && watched(cpu, tag, physical)))
        return;
    if (!t->code) {
        if (unlikely(cpu->cache.tlb_used_count[user] == TLB_USED))
            tlb_drop_first(cpu);
        cpu->cache.tlb_used[user][cpu->cache.tlb_used_count[user]++] = (u16)(t - cpu->cache.tlb[user]);
    }
    bool plain = may_write && page->write == page->read;
    u8 flags = plain ? page->write_ram->flags[page->write_offset >> PAGE_SHIFT] : 0;
    t->host = (uintptr_t)page->read - tag;
    t->read = tag;
    t->write = plain && !flags ? tag : TLB_NONE;
    t->code = code_map(blocks_covered(plain && flags == PAGE_HAS_CODE ? page->write_ram : NULL, page->write_offset), tag);
}

u64 translate(struct cpu *cpu, u64 linear, enum access access, bool user)
{
    linear = (u32)linear;
    if (!(cpu->s.cr0 & CR0_PG)) {
        u64 physical = linear & cpu->phys_mask;
        if (access != ACCESS_FETCH)
            fill_first(cpu, linear, physical & ~(u64)PAGE_MASK, user, true);
        return physical;
    }
    struct backing_entry *e = lookup(cpu, linear, access, user);
    u64 physical = e->physical & cpu->phys_mask;
    if (access == ACCESS_FETCH) {
        e->fetched = 1;
        cpu->cache.upper_local |= linear >> 31 && !e->g;
    } else
        fill_first(cpu, linear, physical, user, e->d && allowed(cpu, e->w, e->u, 0, ACCESS_WRITE, user));
    return physical | (linear & PAGE_MASK);
}

/* Links between blocks hold as long as the salt stays, and so does what is kept here. */
void fetch_page(struct cpu *cpu, u64 linear, struct fetch_page *out)
{
    bool user = cpu->s.cpl == 3;
    struct fetch_entry *f = &cpu->cache.fetch[user][linear >> PAGE_SHIFT & (FETCH_TLB - 1)];
    if (likely(f->key == ((linear & ~(u64)PAGE_MASK) ^ cpu->cache.code_salt[linear >> 31 & 1]))) {
        *out = (struct fetch_page) { f->host, f->ram, f->offset };
        return;
    }
    u64 physical = translate(cpu, linear, ACCESS_FETCH, user);
    const struct space_page *page = space_page(cpu->w.memory, physical);
    *out = (struct fetch_page) { page->read, page->ram, page->ram_offset };
    *f = (struct fetch_entry) { .key = (linear & ~(u64)PAGE_MASK) ^ cpu->cache.code_salt[linear >> 31 & 1],
                                .host = page->read, .ram = page->ram, .offset = page->ram_offset };
}

u8 fetch_byte(struct cpu *cpu, u64 linear)
{
    return (u8)space_read(cpu->w.memory, translate(cpu, linear, ACCESS_FETCH, cpu->s.cpl == 3), 1);
}

u64 paging_pdpte_reserved(u64 entry)
{
    enum { LOW = PTE_P | PTE_PWT | PTE_PCD | 7 << 9 };
    return entry & PTE_P ? entry & ~(paging_pae.address | LOW) : 0;
}

bool paging_load_pdptes(struct cpu *cpu, u64 cr3)
{
    u64 e[4];
    for (int k = 0; k < 4; k++) {
        table_read(cpu, (cr3 & 0xffffffe0) + 8 * (u64)k, 8, &e[k]);
        if (paging_pdpte_reserved(e[k]))
            return false;
    }
    memcpy(cpu->s.pdpte, e, sizeof e);
    return true;
}

bool cpu_translate_peek(struct cpu *cpu, u64 linear, u64 *physical)
{
    linear = (u32)linear;
    if (cpu->s.cr0 & CR0_PG) {
        struct backing_entry *e = backing_find(cpu, linear & ~(u64)PAGE_MASK);
        struct walk w;
        if (e) {
            *physical = (e->physical & cpu->phys_mask) | (linear & PAGE_MASK);
            return true;
        }
        paging_look(cpu, linear, &w);
        if (w.end != WALK_PAGE)
            return false;
        *physical = (w.physical & cpu->phys_mask) | (linear & PAGE_MASK);
        return true;
    }
    *physical = linear & cpu->phys_mask;
    return true;
}

/* The page's bytes, where it is in memory and what was found of it before holds: for data, or for code. */
static const u8 *page_known(const struct cpu *cpu, u64 linear)
{
    u64 page = linear & ~(u64)PAGE_MASK;
    for (int user = 0; user < 2; user++) {
        const struct tlb_entry *t = &cpu->cache.tlb[user][linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
        const struct fetch_entry *f = &cpu->cache.fetch[user][linear >> PAGE_SHIFT & (FETCH_TLB - 1)];
        if (t->read == page)
            return (const u8 *)(uintptr_t)(t->host + page);
        if (f->key == (page ^ cpu->cache.code_salt[linear >> 31 & 1]))
            return f->host;
    }
    return NULL;
}

bool cpu_peek(struct cpu *cpu, u64 linear, void *to, size_t n)
{
    const u8 *page = page_known(cpu, (u32)linear);
    if (page && (linear & PAGE_MASK) + n <= PAGE_SIZE) {
        memcpy(to, page + (linear & PAGE_MASK), n);
        return true;
    }
    for (u8 *p = to; n; ) {
        u64 physical;
        size_t part = PAGE_SIZE - (linear & PAGE_MASK);
        if (part > n)
            part = n;
        if (!cpu_translate_peek(cpu, linear, &physical) || !space_peek(cpu->w.memory, physical, p, part))
            return false;
        p += part;
        linear += part;
        n -= part;
    }
    return true;
}
