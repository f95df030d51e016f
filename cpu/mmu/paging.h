/* paging.h - translation: the backing TLB and the first-level TLB; the page walk is walk.h's. SDM Vol. 3A "Paging". */
#pragma once
#include "access.h"

/* Where instruction bytes are. host is of the page's first byte, NULL for a device (then use fetch_byte). */
struct fetch_page { const u8 *host; struct ram *ram; u64 offset; };
/* Translate for an instruction fetch at the current privilege; may raise #PF. */
void fetch_page(struct cpu *cpu, u64 linear, struct fetch_page *out);
u8   fetch_byte(struct cpu *cpu, u64 linear);

/* A page got its first code: withdraw every write tag to it. */
void tlb_protect(struct cpu *cpu, struct ram *ram, u64 offset);
/* Drop the first-level TLB only: host pointers or special pages changed, translations did not. */
void tlb_drop_first(struct cpu *cpu);

/* Do data breakpoints or observers watch the page of these addresses? Ask while cache.watch_active. */
bool watched(const struct cpu *cpu, u64 linear, u64 physical);

struct backing_tlb *backing_new(void);
void backing_free(struct backing_tlb *b);
/* Every entry, stale and dead ones too, at its place: when the TLB is full depends on them. */
void backing_save(const struct backing_tlb *b, struct writer *w);
void backing_load(struct backing_tlb *b, struct reader *r);

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };
/* Physical address of linear, A20 applied, checked for this access; fills the TLBs; may raise #PF. */
u64 translate(struct cpu *cpu, u64 linear, enum access access, bool user);
/* Links, inline caches and the jump cache hold for a linear address xor code_key. The keys are made of the mode, CS, and a salt for
 * each half of the address space that is renewed when code fetched there may now be mapped elsewhere. Two halves, so that a
 * kernel's links outlive a CR3 load when its pages are global. */
void code_key_update(struct cpu *cpu);              /* after changes of CS or mode */
void code_key_renew(struct cpu *cpu, int half);
