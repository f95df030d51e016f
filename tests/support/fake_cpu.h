/* fake_cpu.h - just enough of a CPU for instruction bodies to run without the engine: a struct cpu on the heap, flat memory,
 * and faults that land in fake_run(). */
#pragma once
#include "../../cpu/mmu/access.h"
#include "../../cpu/decode/op.h"

enum { FAKE_MEMORY = 65536 };

struct cpu *fake_cpu_new(void);                         /* protected mode, flat segments, CR0.NE */
void fake_cpu_free(struct cpu *cpu);
extern u8 *fake_memory(struct cpu *cpu);
/* Run one x87 or 0F (MMX) instruction: opcode byte, ModRM (the memory operand is DS:address), immediate; operand size in bytes.
 * Returns the vector raised, -1 none, -2 frozen, -3 undefined opcode. */
int fake_run(struct cpu *cpu, const struct row *row, int opcode, int modrm, u32 address, u8 imm, int bytes);
/* The row of D8-DF by ModRM, NULL when undefined. */
const struct row *fake_x87_row(int opcode, int modrm);
