/* explain.h - the processor's tables and registers in words: descriptors, page walks, control registers, error codes. */
#pragma once
#include "../../cpu/cpu.h"
#include <stdio.h>

/* "divide error"; "interrupt" for vectors that are no exception's. The mnemonic: exception_mnemonic, cpu.h. */
const char *vector_title(int vector);

/* Names of the bits that are set, blank separated. */
void bits_print(u64 value, const struct register_bit *names, FILE *out);
/* The groups of the table of registers (cpu/registers.h). */
void registers_print(const struct cpu *cpu, FILE *out);
void segments_print(const struct cpu *cpu, FILE *out);
void control_print(const struct cpu *cpu, FILE *out);

/* In one line: what an 8-byte descriptor says. */
void descriptor_print(u64 raw, FILE *out);
/* The same for a loaded segment register's hidden part, with its selector and a newline. */
void segment_print(const struct segment *s, FILE *out);

/* The selector's table, index and RPL. */
void selector_print(u16 selector, FILE *out);

/* A selector error code (#TS, #NP, #SS, #GP) or #PF's, decoded. */
void error_code_print(int vector, u32 error, FILE *out);

/* A descriptor field by field, and what is odd about it. */
void descriptor_tell(struct cpu *cpu, u16 selector, FILE *out);
/* What is odd about one, a line each, with `before` in front; nothing where all is as usual. */
void descriptor_odd_print(u64 raw, const char *before, FILE *out);
/* Why no descriptor is to be had for a selector that cpu_descriptor finds none for, with a newline. */
void descriptor_missing_print(const struct cpu *cpu, u16 selector, FILE *out);
/* The GDT's code segments by selector, with a newline. */
void code_segments_print(struct cpu *cpu, FILE *out);
/* What an interrupt or INT with this vector would go through, and where it would be refused. */
void gate_tell(struct cpu *cpu, int vector, FILE *out);

/* Of the running 32-bit task: its I/O permission bitmap, and whether the stack for ring 0 could take an interrupt. */
void tss_tell(struct cpu *cpu, FILE *out);

struct walk;
/* What the TLB holds for a page, and whether the tables say the same; and all that it holds. */
void tlb_tell(struct cpu *cpu, u64 linear, FILE *out);
void tlb_print(struct cpu *cpu, FILE *out);
/* One translation that the TLB held when the tables said what `w` has: do they agree? If not, a line says so. */
bool tlb_agrees(const struct cpu_translation *t, const struct walk *w);
void tlb_stale_print(const struct cpu_translation *t, const struct walk *w, FILE *out);
/* The pages whose translations are stale, a line each; how many these are. */
u32  tlb_print_stale(struct cpu *cpu, FILE *out);

/* Every entry on the way from a linear to its physical address, and where it fails. */
void walk_print(struct cpu *cpu, u64 linear, FILE *out);
/* The entry of one step of a walk. */
void page_entry_print(const struct walk *w, int k, FILE *out);
