/* tlb.c - what the TLBs lose, and how they are kept in a file: tlb.h. */
#include "../../host/memory.h"
#include "../../memory/snapshot.h"
#include "tlb.h"
#include "../engine/engine.h"

enum { BACKING_LIMIT = BACKING_SIZE / 2 };
enum { ENTRIES_A_UNIT = 64 };   /* of a TLB, which a host goes through in the time of a unit: cpu_work */

/* An entry that was never filled has the tag 0, which is no page of its place but of the first one. */
struct tlb_entry (*tlb_new(void))[TLB_SIZE]
{
    struct tlb_entry (*tlb)[TLB_SIZE] = pages_reserve(2 * sizeof *tlb);
    if (!tlb)
        vitrine_out_of_memory(2 * sizeof *tlb);
    for (int k = 0; k < 2; k++)
        tlb[k][0].read = tlb[k][0].write = TLB_NONE;
    return tlb;
}
void tlb_free(struct tlb_entry (*tlb)[TLB_SIZE]) { pages_release(tlb, 2 * sizeof *tlb); }

struct backing_tlb *backing_new(void)
{
    struct backing_tlb *b = xcalloc(1, sizeof *b);
    b->generation = b->local = 1;
    return b;
}
void backing_free(struct backing_tlb *b) { free(b); }

static u64 mix(u64 x)
{
    x = (x ^ x >> 31) * 0x7fb5d329728ea185ull;
    x = (x ^ x >> 27) * 0x81dadef4bc2dd44dull;
    return x ^ x >> 33;
}

void code_key_update(struct cpu *cpu)
{
    const struct segment *cs = &cpu->s.seg[CS];
    u64 here = mix(cpu->mode + (cs->base << 26) + cs->base * 0x1009 + ((u64)cs->limit << 31) * 3);
    cpu->code_key[0] = here ^ cpu->cache.code_salt[0];
    cpu->code_key[1] = here ^ cpu->cache.code_salt[1];
}

void code_key_renew(struct cpu *cpu, int half)
{
    cpu->cache.code_salt[half] = mix(blocks_key(cpu->cache.blocks) * 0x9e3779b97f4a7c15ull);
    if (half)
        cpu->cache.upper_local = 0;
    code_key_update(cpu);
}

void tlb_drop_first(struct cpu *cpu)
{
    for (int k = 0; k < 2; k++) {
        for (u32 j = 0; j < cpu->cache.tlb_used_count[k]; j++) {
            struct tlb_entry *t = &cpu->cache.tlb[k][cpu->cache.tlb_used[k][j]];
            t->read = t->write = TLB_NONE;
            t->code = 0;
        }
        cpu->cache.tlb_used_count[k] = 0;
    }
}

void tlb_flush(struct cpu *cpu, bool keep_global)
{
    struct backing_tlb *b = cpu->backing;
    tell_change(cpu, CHANGE_TLB_FLUSH, keep_global ? CPU_FLUSH_LOCAL : CPU_FLUSH_ALL, 0, 0);
    b->local++;
    code_key_renew(cpu, 0);
    if (!keep_global || cpu->cache.upper_local)
        code_key_renew(cpu, 1);
    if (!keep_global) {
        b->generation++;
        b->used = 0;
        memset(b->large, 0, sizeof b->large);
    }
    tlb_drop_first(cpu);
}

struct backing_entry *backing_find(struct cpu *cpu, u64 page)
{
    struct backing_tlb *b = cpu->backing;
    for (u32 k = (u32)(mix(page) >> 20), passed = 1; ; k++, passed++) {
        struct backing_entry *e = &b->e[k & (BACKING_SIZE - 1)];
        if (unlikely(passed % ENTRIES_A_UNIT == 0))
            cpu_work(cpu, 1);
        if (e->generation != b->generation)
            return NULL;
        if (e->page == page && e->live && (e->g || e->local == b->local))
            return e;
    }
}

struct backing_entry *backing_add(struct cpu *cpu, u64 page)
{
    struct backing_tlb *b = cpu->backing;
    if (b->used >= BACKING_LIMIT) {
        tlb_flush(cpu, false);
        cpu->leave |= LEAVE_NOW;        /* the next instruction is fetched by what the tables say now */
    }
    for (u32 k = (u32)(mix(page) >> 20); ; k++) {
        struct backing_entry *e = &b->e[k & (BACKING_SIZE - 1)];
        bool fresh = e->generation != b->generation;
        if (!fresh && e->live && (e->g || e->local == b->local) && e->page != page)
            continue;
        if (fresh)
            b->used++;
        e->generation = b->generation;
        e->local = b->local;
        e->page = page;
        e->live = 1;
        e->fetched = 0;
        return e;
    }
}

/* Every 4 KB part of the large pages around an address goes, whichever of them were used: SDM "INVLPG". */
static void flush_large(struct cpu *cpu, u64 linear)
{
    struct backing_tlb *b = cpu->backing;
    u64 span = cpu->s.cr4 & CR4_PAE ? 0x1fffff : 0x3fffff;
    for (u32 k = 0; k < BACKING_SIZE; k++)
        if (b->e[k].generation == b->generation && b->e[k].large && !((b->e[k].page ^ linear) & ~span))
            b->e[k].live = 0;
    for (u64 at = linear & ~span; at <= (linear | span); at += 0x200000)
        b->large[at >> 26] &= ~(1u << (at >> 21 & 31));
    tlb_drop_first(cpu);
    code_key_renew(cpu, 0);
    code_key_renew(cpu, 1);
    cpu_work(cpu, BACKING_SIZE / ENTRIES_A_UNIT);
}

void tlb_flush_page(struct cpu *cpu, u64 linear)
{
    struct backing_tlb *b = cpu->backing;
    if (b->large[linear >> 26 & 63] >> (linear >> 21 & 31) & 1)
        flush_large(cpu, linear);
    struct backing_entry *e = backing_find(cpu, linear & ~(u64)PAGE_MASK);
    tell_change(cpu, CHANGE_TLB_FLUSH, CPU_FLUSH_PAGE, linear, 0);
    if (!e)
        return;
    e->live = 0;
    for (int k = 0; k < 2; k++) {
        struct tlb_entry *t = &cpu->cache.tlb[k][linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
        t->read = t->write = TLB_NONE;
    }
    if (e->fetched)
        code_key_renew(cpu, linear >> 31 & 1);
}

bool cpu_tlb_find(struct cpu *cpu, u64 linear, struct cpu_translation *t)
{
    u64 work = cpu->work;
    const struct backing_entry *e = backing_find(cpu, linear & ~(u64)PAGE_MASK);
    cpu->work = work;                           /* who looks from outside is no work of the guest's */
    if (e)
        *t = backing_translation(e);
    return e;
}

bool cpu_tlb_next(const struct cpu *cpu, u32 *place, struct cpu_translation *t)
{
    const struct backing_tlb *b = cpu->backing;
    while (*place < BACKING_SIZE) {
        const struct backing_entry *e = &b->e[(*place)++];
        if (e->generation == b->generation && e->live && (e->g || e->local == b->local)) {
            *t = backing_translation(e);
            return true;
        }
    }
    return false;
}

/* ---- saved ---- */

void backing_save(const struct backing_tlb *b, struct writer *w)
{
    write_name(w, "backing TLB");
    for (size_t k = 0; k < ARRAY_LEN(b->large); k++)
        write_number(w, b->large[k]);
    write_number(w, b->used);
    for (u32 k = 0; k < BACKING_SIZE; k++) {
        const struct backing_entry *e = &b->e[k];
        if (e->generation != b->generation)
            continue;
        const u8 flags[] = { e->w, e->u, e->d, e->g, e->nx, e->large, e->live, e->fetched, e->local == b->local };
        write_number(w, k);
        write_number(w, e->page);
        write_number(w, e->physical);
        write_bytes(w, flags, sizeof flags);
    }
}

void backing_load(struct backing_tlb *b, struct reader *r)
{
    u8 f[9];
    memset(b, 0, sizeof *b);
    b->generation = b->local = 1;
    read_name(r, "backing TLB");
    for (size_t k = 0; k < ARRAY_LEN(b->large); k++)
        b->large[k] = (u32)read_number(r);
    b->used = (u32)read_at_most(r, BACKING_LIMIT, "entries of the backing TLB");
    for (u32 k = 0; k < b->used; k++) {
        struct backing_entry *e = &b->e[read_at_most(r, BACKING_SIZE - 1, "place in the backing TLB")];
        e->page = read_number(r);
        e->physical = read_number(r);
        read_bytes(r, f, sizeof f);
        e->w = f[0], e->u = f[1], e->d = f[2], e->g = f[3], e->nx = f[4], e->large = f[5], e->live = f[6], e->fetched = f[7];
        e->local = b->local - !f[8];
        e->generation = b->generation;
    }
}

void tlb_protect(struct cpu *cpu, struct ram *ram, u64 offset)
{
    uintptr_t host = (uintptr_t)(ram->host + (offset & ~(u64)PAGE_MASK));
    for (int k = 0; k < 2; k++)
        for (u32 j = 0; j < cpu->cache.tlb_used_count[k]; j++) {
            struct tlb_entry *t = &cpu->cache.tlb[k][cpu->cache.tlb_used[k][j]];
            if (t->write != TLB_NONE && (uintptr_t)(t->host + t->write) == host) {
                t->write = TLB_NONE;
                t->code = code_map(blocks_covered(ram, offset), t->read);
            }
        }
}
