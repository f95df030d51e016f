/* access.h - what instruction bodies outside the fast path use: registers, memory, flags, faults.
 * Every memory function checks segment, alignment, paging and watchpoints, splits pages, reaches devices, and leaves through
 * cpu_raise() when the access faults - so a body does all its reads and probes first, then writes memory, then registers. */
#pragma once
#include "../core.h"
#include "../exception.h"

/* Through a segment register, at an offset (already truncated to the address size). */
u8   ld8(struct cpu *cpu, int seg, u64 offset);
u16  ld16(struct cpu *cpu, int seg, u64 offset);
u32  ld32(struct cpu *cpu, int seg, u64 offset);
u64  ld64(struct cpu *cpu, int seg, u64 offset);
void st8(struct cpu *cpu, int seg, u64 offset, u8 v);
void st16(struct cpu *cpu, int seg, u64 offset, u16 v);
void st32(struct cpu *cpu, int seg, u64 offset, u32 v);
void st64(struct cpu *cpu, int seg, u64 offset, u64 v);
/* Will n bytes there be readable / writable? Faults now if not; sets A (and D) bits; no device is touched. */
void probe_read(struct cpu *cpu, int seg, u64 offset, u32 n);
void probe_write(struct cpu *cpu, int seg, u64 offset, u32 n);
/* Read for a read-modify-write: what would fault on the write faults now, with the write's error code. */
u64  ld_rmw(struct cpu *cpu, int seg, u64 offset, int size);
u64  ld_size(struct cpu *cpu, int seg, u64 offset, int size);
void st_size(struct cpu *cpu, int seg, u64 offset, u64 v, int size);
/* n bytes, not atomic (FXSAVE, FSAVE): probe first if it must be all or nothing. */
void ld_bytes(struct cpu *cpu, int seg, u64 offset, void *to, u32 n);
void st_bytes(struct cpu *cpu, int seg, u64 offset, const void *from, u32 n);
/* #AC where that is on and the address is no multiple of n: for operands that are moved by bytes. */
void need_aligned(struct cpu *cpu, int seg, u64 offset, u32 n);

/* At a linear address, as the supervisor whatever the CPL: descriptor tables, TSS (SDM: "implicit supervisor access"). */
u64  sys_ld(struct cpu *cpu, u64 linear, int size);
void sys_st(struct cpu *cpu, u64 linear, u64 v, int size);
void sys_probe(struct cpu *cpu, u64 linear, u32 n, bool write);

/* Stack of the current SS.B; fault with #SS. Pushing probes and writes, then moves (E)SP. */
void push_size(struct cpu *cpu, u64 v, int size);
u64  stack_mask(const struct cpu *cpu);                 /* 0xffff or 0xffffffff by SS.B */
void set_sp(struct cpu *cpu, u64 v);                    /* writes SP or ESP by SS.B */

/* Flags, materialised. */
u32  cpu_eflags(const struct cpu *cpu);
/* Sets every bit of EFLAGS to v (reserved bits fixed); recomputes the mode when VM or AC change, and tells who observes IF. */
void cpu_set_eflags(struct cpu *cpu, u32 v);
/* The same of all bits but the six arithmetic flags. */
void cpu_set_system_flags(struct cpu *cpu, u32 v);
/* Sets the six arithmetic flags only. */
void cpu_set_arith(struct cpu *cpu, u32 v);

/* After any change of CS, SS, CPL, CR0, CR4, EFLAGS.VM/AC, SMM: recompute the block key, segment tops, TLB choice. Cheap. */
void cpu_mode_changed(struct cpu *cpu);
/* The same after a change of CS, SS, CPL or EFLAGS.AC alone: what interrupts and returns change. */
void cpu_ring_changed(struct cpu *cpu);
/* After loading one data segment register: its tops and the block key. */
void cpu_segment_changed(struct cpu *cpu, int seg);
/* TLB: SDM Vol. 3A "Caching Translation Information". keep_global: CR3 writes with CR4.PGE. */
void tlb_flush(struct cpu *cpu, bool keep_global);
void tlb_flush_page(struct cpu *cpu, u64 linear);
/* Load the PAE page-directory-pointer registers from memory; false (nothing changed) if one has reserved bits set. */
bool paging_load_pdptes(struct cpu *cpu, u64 cr3);
/* Those bits of one. */
u64  paging_pdpte_reserved(u64 entry);

/* Tell observers of such changes: cpu.h. */
static inline void tell_change(struct cpu *cpu, enum cpu_change_kind kind, u32 n, u64 old, u64 now)
{
    if (unlikely(cpu->observers.changes >> kind & 1))
        observers_change(cpu, &(struct cpu_change) { .kind = kind, .n = n, .old = old, .now = now });
}

/* General registers by number (8-bit: 0-3 low bytes, 4-7 high bytes, without REX). 32-bit writes clear the high half. */
static inline u8  reg8(const struct cpu *cpu, int n)  { return (u8)(cpu->s.gpr[n & 3] >> (n & 4) * 2); }
static inline u16 reg16(const struct cpu *cpu, int n) { return (u16)cpu->s.gpr[n]; }
static inline u32 reg32(const struct cpu *cpu, int n) { return (u32)cpu->s.gpr[n]; }
static inline void set_reg8(struct cpu *cpu, int n, u8 v)
{
    int shift = (n & 4) * 2;
    cpu->s.gpr[n & 3] = (cpu->s.gpr[n & 3] & ~(0xffull << shift)) | (u64)v << shift;
}
static inline void set_reg16(struct cpu *cpu, int n, u16 v) { cpu->s.gpr[n] = (cpu->s.gpr[n] & ~0xffffull) | v; }
static inline void set_reg32(struct cpu *cpu, int n, u32 v) { cpu->s.gpr[n] = v; }
/* The r/m operand of an fn row, register or memory, `size` bytes. */
u64  rm_read(struct cpu *cpu, const struct op *o, int size);
u64  rm_read_rmw(struct cpu *cpu, const struct op *o, int size);
void rm_write(struct cpu *cpu, const struct op *o, u64 v, int size);
u64  reg_size(const struct cpu *cpu, int n, int size);
void set_reg_size(struct cpu *cpu, int n, u64 v, int size);

static inline bool real_mode(const struct cpu *cpu) { return !(cpu->s.cr0 & CR0_PE); }
static inline bool v86_mode(const struct cpu *cpu)  { return cpu->s.eflags & FLAG_VM; }
static inline bool protected_mode(const struct cpu *cpu) { return (cpu->s.cr0 & CR0_PE) && !(cpu->s.eflags & FLAG_VM); }
