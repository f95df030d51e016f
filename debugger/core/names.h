/* names.h - symbols for the addresses that a processor uses. */
#pragma once
#include "../../cpu/cpu.h"
#include "../symbols/symbols.h"
#include <stdio.h>

/* The linear address of CS:EIP. */
u64 linear_here(const struct cpu *cpu);
/* Do linear addresses name physical ones, as before paging is on? */
bool names_physical(const struct cpu *cpu);
/* "main+0x12" for a linear address; nothing where no symbol is. Returns text. */
const char *name_at(const struct symbols *symbols, const struct cpu *cpu, u64 linear, char *text, size_t n);
/* The same with the source line: "main+0x12 (kernel.c:40)". */
const char *place_at(const struct symbols *symbols, const struct cpu *cpu, u64 linear, char *text, size_t n);
/* A name printed between two texts; nothing at all where no symbol is. */
void name_print(const struct symbols *symbols, const struct cpu *cpu, u64 linear, const char *before, const char *behind, FILE *out);
void place_print(const struct symbols *symbols, const struct cpu *cpu, u64 linear, const char *before, FILE *out);
