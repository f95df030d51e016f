/* segment.h - descriptors, segment registers and stack frames, as the system instructions share them.
 * Follows: Intel SDM Vol. 3A "Protected-Mode Memory Management", "Protection". */
#pragma once
#include "../descriptor.h"
#include "../mmu/access.h"

/* A descriptor as it lies in memory, and its linear address. */
struct descriptor { u64 raw, at; };

/* Raise an exception whose error code names a selector; `raw` is the descriptor that failed. */
_Noreturn void raise_selector(struct cpu *cpu, int vector, u16 selector, const char *why, u64 raw);
/* The same for a null selector. */
_Noreturn void raise_null(struct cpu *cpu, int vector, const char *why);

/* What the processor sees of a descriptor in memory. */
u64  descriptor_seen(const struct cpu *cpu, u64 raw);
/* Read a descriptor; false when the selector lies outside its table (or the LDT is absent). */
bool descriptor_fetch(struct cpu *cpu, u16 selector, struct descriptor *d);
/* The same, or raise vector(selector). */
void descriptor_need(struct cpu *cpu, u16 selector, int vector, struct descriptor *d);
/* Why it may not be loaded into a segment register (ES to GS, SEGMENT_LDTR, SEGMENT_TR) at this CPL; NULL: it may. */
const char *segment_refused(const struct cpu *cpu, int seg, u16 selector, u64 raw);
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
struct frame { int n, size; u32 v[40]; };
static inline void frame_begin(struct frame *f, int size) { f->n = 0, f->size = size; }
static inline void frame_add(struct frame *f, u64 v) { f->v[f->n++] = (u32)v; }

/* On the current stack: probe, then write and return the new stack pointer (commit with stack_set). */
void frame_probe(struct cpu *cpu, const struct frame *f);
u64  frame_write(struct cpu *cpu, const struct frame *f);
/* n bytes up from the top of the current stack, `skip` bytes above SP. */
u64  stack_peek(struct cpu *cpu, u32 skip, int size);
/* n values from there up, which fault in this order. */
void stack_peek_some(struct cpu *cpu, u32 *to, int n, int size);
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
