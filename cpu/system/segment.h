/* segment.h - descriptors, segment registers and stack frames, as the system instructions share them.
 * Follows: Intel SDM Vol. 3A "Protected-Mode Memory Management", "Protection". */
#pragma once
#include "../mmu/access.h"

/* System descriptor types: "System-Segment and Gate-Descriptor Types". */
enum {
    TYPE_TSS16 = 1, TYPE_LDT = 2, TYPE_TSS16_BUSY = 3, TYPE_CALL_GATE16 = 4, TYPE_TASK_GATE = 5, TYPE_INTERRUPT_GATE16 = 6,
    TYPE_TRAP_GATE16 = 7, TYPE_TSS32 = 9, TYPE_TSS32_BUSY = 11, TYPE_CALL_GATE32 = 12, TYPE_INTERRUPT_GATE32 = 14,
    TYPE_TRAP_GATE32 = 15, TYPE_BUSY = 2, TYPE_32BIT = 8
};
enum { SELECTOR_RPL = 3, SELECTOR_TI = 4 };

/* A descriptor as it lies in memory, and its linear address. */
struct descriptor { u64 raw, at; };

static inline u16  raw_access(u64 raw)  { return (u16)(raw >> 40 & 0xf0ff); }
static inline int  raw_type(u64 raw)    { return (int)(raw >> 40 & 15); }
static inline int  raw_dpl(u64 raw)     { return (int)(raw >> 45 & 3); }
static inline bool raw_present(u64 raw) { return raw >> 47 & 1; }
static inline bool raw_system(u64 raw)  { return !(raw >> 44 & 1); }
static inline bool raw_code(u64 raw)    { return !raw_system(raw) && (raw_type(raw) & SEG_CODE); }
static inline bool raw_conforming(u64 raw)   { return raw_code(raw) && (raw_type(raw) & SEG_DC); }
static inline bool raw_writable(u64 raw)     { return !raw_system(raw) && (raw_type(raw) & (SEG_CODE | SEG_RW)) == SEG_RW; }
static inline bool raw_readable(u64 raw)     { return !raw_system(raw) && (raw_type(raw) & (SEG_CODE | SEG_RW)) != SEG_CODE; }
static inline u32  raw_base(u64 raw)    { return (u32)(raw >> 16 & 0xffffff) | (u32)(raw >> 56) << 24; }
static inline u32  raw_limit(u64 raw)
{
    u32 limit = (u32)(raw & 0xffff) | (u32)(raw >> 32 & 0xf0000);
    return raw >> 55 & 1 ? limit << 12 | 0xfff : limit;
}
/* A gate's parts. */
static inline u16  gate_selector(u64 raw) { return (u16)(raw >> 16); }
static inline u32  gate_offset(u64 raw)
{
    u32 low = (u32)(raw & 0xffff);
    return raw_type(raw) & TYPE_32BIT ? low | ((u32)(raw >> 32) & 0xffff0000) : low;
}
static inline bool selector_null(u16 selector) { return !(selector & ~SELECTOR_RPL); }

/* Raise an exception whose error code names a selector; `raw` is the descriptor that failed. */
_Noreturn void raise_selector(struct cpu *cpu, int vector, u16 selector, const char *why, u64 raw);

/* What the processor sees of a descriptor in memory. */
u64  descriptor_seen(const struct cpu *cpu, u64 raw);
/* Read a descriptor; false when the selector lies outside its table (or the LDT is absent). */
bool descriptor_fetch(struct cpu *cpu, u16 selector, struct descriptor *d);
/* The same, or raise vector(selector). */
void descriptor_need(struct cpu *cpu, u16 selector, int vector, struct descriptor *d);
/* Set the accessed bit in the table, where it is clear. */
void descriptor_set_accessed(struct cpu *cpu, struct descriptor *d);

/* Fill the whole segment register from a descriptor. */
void segment_fill(struct segment *seg, u16 selector, u64 raw);
/* As real mode does: the hidden limit stays ("unreal mode"). */
void segment_fill_real(struct segment *seg, u16 selector);
void segment_fill_v86(struct segment *seg, u16 selector);
/* A null selector; the hidden base and limit stay, unusable. */
void segment_fill_null(struct segment *seg, u16 selector);
/* Is [offset, offset + n) inside the limit? n > 0. */
bool segment_holds(u16 access, u32 limit, u64 offset, u32 n);

/* Load ES, SS, DS, FS or GS as MOV does, in any mode, with all its checks. */
void segment_load(struct cpu *cpu, int seg, u16 selector);
/* Checks of a stack segment for privilege `cpl`: `vector` for what is wrong with it, #SS when absent. Sets its accessed bit. */
void stack_segment_need(struct cpu *cpu, u16 selector, int cpl, int vector, struct descriptor *d);
/* After a return to an outer ring: null what it must not hold. "RET", "IRET". */
void segments_null_privileged(struct cpu *cpu);

/* Check the target of a far transfer; offset > limit raises #GP(0). */
void code_offset_need(struct cpu *cpu, u64 raw, u64 offset);
/* Commit CS, CPL and EIP. */
void code_commit(struct cpu *cpu, u16 selector, const struct descriptor *d, int cpl, u32 eip);
/* CS:EIP in real and V86 mode; raises #GP(0) beyond the limit. */
void code_check_real(struct cpu *cpu, u32 eip);
void code_commit_real(struct cpu *cpu, u16 selector, u32 eip);

/* RET and IRET: checks of the code segment returned to; then, to an outer ring, the rest. far.c */
void return_code_need(struct cpu *cpu, u16 selector, struct descriptor *d);
void return_outer(struct cpu *cpu, u16 selector, struct descriptor *code, u32 eip, u16 ss, u64 sp);

/* Values to push, in order of pushing. */
struct frame { u32 v[40]; int n, size; };
static inline void frame_add(struct frame *f, u64 v) { f->v[f->n++] = (u32)v; }

/* On the current stack: probe, then write and return the new stack pointer (commit with stack_set). */
void frame_probe(struct cpu *cpu, const struct frame *f);
u64  frame_write(struct cpu *cpu, const struct frame *f);
/* n bytes up from the top of the current stack, `skip` bytes above SP. */
u64  stack_peek(struct cpu *cpu, u32 skip, int size);
/* Write SP or ESP by a mask. */
void stack_set(struct cpu *cpu, u64 mask, u64 v);

/* The stack of an inner ring, from the TSS. */
struct inner_stack {
    struct descriptor d;
    u64 mask, sp;
    u16 selector, pad[3];
};
/* Read SS:ESP of ring `cpl` from the TSS and check them: #TS, #SS. */
void inner_stack_load(struct cpu *cpu, struct inner_stack *st, int cpl);
/* Room and pages for the frame: #SS(selector), #PF. */
void inner_stack_probe(struct cpu *cpu, const struct inner_stack *st, const struct frame *f);
void inner_stack_write(struct cpu *cpu, struct inner_stack *st, const struct frame *f);
/* Load SS:ESP with it. */
void inner_stack_commit(struct cpu *cpu, const struct inner_stack *st, int cpl);
