/* tlb.h - the two levels of TLB: what they hold, and what drops it; paging.c fills them. SDM Vol. 3A "Caching Translation Information"
 * (stale entries are architecture: the backing TLB loses entries only by invalidation, or all at once when it is full, at a point that
 * depends on the guest alone). */
#pragma once
#include "../core.h"

enum { BACKING_SIZE = 1 << 14 };

struct backing_entry {
    u64 page;                   /* linear page number << 12 */
    u64 physical;
    u32 generation;             /* of a full flush: older is empty */
    u32 local;                  /* of a flush that keeps global pages */
    u8 w, u, d, g, nx, large, live, fetched;
};

struct backing_tlb {
    u32 used, generation, local;
    u32 large[64];              /* a bit for each 2 MB: parts of a large page may be here */
    struct backing_entry e[BACKING_SIZE];
};

/* The first level: supervisor, user. */
struct tlb_entry (*tlb_new(void))[TLB_SIZE];
void tlb_free(struct tlb_entry (*tlb)[TLB_SIZE]);

struct backing_tlb *backing_new(void);
void backing_free(struct backing_tlb *b);
/* Every entry, stale and dead ones too, at its place: when the TLB is full depends on them. */
void backing_save(const struct backing_tlb *b, struct writer *w);
void backing_load(struct backing_tlb *b, struct reader *r);

/* A page got its first code: withdraw every write tag to it. */
void tlb_protect(struct cpu *cpu, struct ram *ram, u64 offset);
/* Drop the first-level TLB only: host pointers or special pages changed, translations did not. */
void tlb_drop_first(struct cpu *cpu);

/* Links, inline caches and the jump cache hold for a linear address xor code_key. The keys are made of the mode, CS, and a salt for
 * each half of the address space that is renewed when code fetched there may now be mapped elsewhere. Two halves, so that a
 * kernel's links outlive a CR3 load when its pages are global. */
void code_key_update(struct cpu *cpu);              /* after changes of CS or mode */
void code_key_renew(struct cpu *cpu, int half);

/* The entry of a page that is mapped; NULL: there is none. */
struct backing_entry *backing_find(struct cpu *cpu, u64 page);
/* A place for a page that has none. */
struct backing_entry *backing_add(struct cpu *cpu, u64 page);

/* An entry as those outside are told of it. */
static inline struct cpu_translation backing_translation(const struct backing_entry *e)
{
    return (struct cpu_translation) { .linear = e->page, .physical = e->physical, .writable = e->w, .user = e->u, .no_execute = e->nx,
                                      .global = e->g, .dirty = e->d, .large = e->large };
}

/* tlb_entry's `code` of a page that lies at a linear address. */
static inline u64 code_map(const u8 *map, u64 linear) { return ((u64)(uintptr_t)map - (linear >> PAGE_SHIFT << (PAGE_SHIFT - 3))) | 1; }
