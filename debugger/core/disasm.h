/* disasm.h - machine code as text, for people. The interpreter does not use it. */
#pragma once
#include "../../cpu/cpu.h"
#include "../symbols/symbols.h"
#include <stdio.h>

/* Disassemble one instruction of at most n bytes at `address` (for branch targets); bits: 16, 32 or 64. Writes text and
 * returns the length; 0 and "(bad)" when the bytes are no instruction. Without Zydis: the bytes and length 1. */
int disasm_text(const u8 *bytes, size_t n, u64 address, int bits, char *out, size_t size);

/* The same with names of branch targets and operands behind it: "call 0x00100010 <main>". `address` is an offset of a code segment
 * with this base; data is sought from linear 0 on. */
struct disasm_names {
    const struct symbols *symbols;
    bool physical;              /* names_physical */
    u64 base;
};
int disasm_named(const u8 *bytes, size_t n, u64 address, int bits, const struct disasm_names *names, char *out, size_t size);

/* How a list of instructions is shown, and where they are. */
struct disasm_view {
    struct cpu *cpu;
    const struct symbols *symbols;
    bool labels;                /* lines of their own say which function is entered */
    bool att, physical;         /* in AT&T's notation; base and offset are of physical memory */
    int bits;                   /* 16, 32 or 64 */
    u64 base, mark;             /* of the code segment; the offset whose line is marked, UINT64_MAX: none */
};
/* Print `count` lines from an offset on; the offset behind the last. */
u64 disasm_list(const struct disasm_view *view, u64 offset, u32 count, FILE *out);

