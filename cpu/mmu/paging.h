/* paging.h - translation: what fills the TLBs (tlb.h); the page walk is walk.h's. SDM Vol. 3A "Paging". */
#pragma once
#include "access.h"
#include "tlb.h"

/* Where instruction bytes are. host is of the page's first byte, NULL for a device (then use fetch_byte). */
struct fetch_page { const u8 *host; struct ram *ram; u64 offset; };
/* Translate for an instruction fetch at the current privilege; may raise #PF. */
void fetch_page(struct cpu *cpu, u64 linear, struct fetch_page *out);
u8   fetch_byte(struct cpu *cpu, u64 linear);

/* Do data breakpoints or observers watch the page of these addresses? Ask while cache.watch_active. */
bool watched(const struct cpu *cpu, u64 linear, u64 physical);

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };
/* Physical address of linear, A20 applied, checked for this access; fills the TLBs; may raise #PF. */
u64 translate(struct cpu *cpu, u64 linear, enum access access, bool user);
