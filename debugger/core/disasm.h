/* disasm.h - machine code as text, for people. The interpreter does not use it. */
#pragma once
#include "../../cpu/cpu.h"
#include <stdio.h>

/* Disassemble one instruction of at most n bytes at `address` (for branch targets); bits: 16, 32 or 64. Writes text and
 * returns the length; 0 and "(bad)" when the bytes are no instruction. Without Zydis: the bytes and length 1. */
int disasm_text(const u8 *bytes, size_t n, u64 address, int bits, char *out, size_t size);

/* Print `count` lines of code at an offset of a code segment with this base; the offset behind the last. A line that
 * starts at `mark` is marked. */
u64 disasm_print(struct cpu *cpu, u64 base, u64 offset, int bits, u32 count, u64 mark, FILE *out);
