/* fake_cpu.c - see fake_cpu.h. The bus is an array behind cpu->w.clock. */
#include "fake_cpu.h"
#include "../../cpu/flags.h"
#include "../../cpu/insn/x87/x87.h"
#include <stdio.h>

struct fake_board { u8 memory[FAKE_MEMORY]; };

u8 *fake_memory(struct cpu *cpu) { return ((struct fake_board *)cpu->w.clock)->memory; }

struct cpu *fake_cpu_new(void)
{
    struct cpu *cpu = calloc(1, sizeof *cpu);
    cpu->w.clock = calloc(1, sizeof(struct fake_board));
    cpu->s.cr0 = CR0_PE | CR0_NE;
    cpu->s.eflags = FLAG_1;
    memset(&cpu->features, 0xff, sizeof cpu->features);
    for (int i = 0; i < SEGMENTS; i++)
        cpu->s.seg[i] = (struct segment){ .limit = ~0u, .selector = (u16)(8 * i + 8) };
    x87_init(cpu);
    return cpu;
}

void fake_cpu_free(struct cpu *cpu)
{
    free(cpu->w.clock);
    free(cpu);
}

void cpu_abandon_op(struct cpu *cpu) { cpu->op = NULL; }

_Noreturn void cpu_raise(struct cpu *cpu, int vector, u32 error, const char *why, u64 detail)
{
    (void)why, (void)detail;
    cpu->raised_vector = vector;
    cpu->raised_error = error;
    longjmp(cpu->unwind, 1);
}
_Noreturn void cpu_raise_ud(struct cpu *cpu, const char *why) { cpu_raise(cpu, EXC_UD, 0, why, 0); }
_Noreturn void cpu_raise_gp(struct cpu *cpu, u32 error, const char *why) { cpu_raise(cpu, EXC_GP, error, why, 0); }

static u8 *at(struct cpu *cpu, u64 offset, u32 n)
{
    if (offset + n > FAKE_MEMORY)
        cpu_raise(cpu, EXC_PF, 0, "beyond the fake memory", 0);
    return fake_memory(cpu) + offset;
}
u8   ld8(struct cpu *cpu, int seg, u64 offset)  { (void)seg; return *at(cpu, offset, 1); }
u16  ld16(struct cpu *cpu, int seg, u64 offset) { (void)seg; return get16(at(cpu, offset, 2)); }
u32  ld32(struct cpu *cpu, int seg, u64 offset) { (void)seg; return get32(at(cpu, offset, 4)); }
u64  ld64(struct cpu *cpu, int seg, u64 offset) { (void)seg; return get64(at(cpu, offset, 8)); }
void st16(struct cpu *cpu, int seg, u64 offset, u16 v) { (void)seg; put16(at(cpu, offset, 2), v); }
void st32(struct cpu *cpu, int seg, u64 offset, u32 v) { (void)seg; put32(at(cpu, offset, 4), v); }
void st64(struct cpu *cpu, int seg, u64 offset, u64 v) { (void)seg; put64(at(cpu, offset, 8), v); }
void st_size(struct cpu *cpu, int seg, u64 offset, u64 v, int size)
{
    u8 b[8];
    (void)seg;
    put64(b, v);
    memcpy(at(cpu, offset, (u32)size), b, (size_t)size);
}
void probe_read(struct cpu *cpu, int seg, u64 offset, u32 n)  { (void)seg; at(cpu, offset, n); }
void probe_write(struct cpu *cpu, int seg, u64 offset, u32 n) { (void)seg; at(cpu, offset, n); }
void ld_bytes(struct cpu *cpu, int seg, u64 offset, void *to, u32 n) { (void)seg; memcpy(to, at(cpu, offset, n), n); }
void st_bytes(struct cpu *cpu, int seg, u64 offset, const void *from, u32 n) { (void)seg; memcpy(at(cpu, offset, n), from, n); }
void need_aligned(struct cpu *cpu, int seg, u64 offset, u32 n) { (void)cpu; (void)seg; (void)offset; (void)n; }
void cpu_set_arith(struct cpu *cpu, u32 v) { flags_load(cpu, v); }

const struct row *fake_x87_row(int opcode, int modrm)
{
    const struct row *row = &rows_x87[opcode - 0xd8][modrm >= 0xc0 ? 8 + (modrm & 63) : modrm >> 3 & 7];
    return row->mnemonic ? row : NULL;
}

int fake_run(struct cpu *cpu, const struct row *row, int opcode, int modrm, u32 address, u8 imm, int bytes)
{
    u8 zero = PLACE_OF(zero);
    struct op o = {
        .row = row, .disp = (i32)address, .base = zero, .index = zero, .dst = modrm >> 3 & 7, .src = modrm & 7,
        .imm = opcode >= 0xd8 && opcode <= 0xdf ? (u64)((opcode & 7) << 8 | modrm) : imm,
        .how = (u8)(DS | 2 << 5 | (modrm >= 0xc0 ? 0x80 : 0)), .what = what_of_size(bytes == 2 ? 1 : 2)
    };
    if (!row || !row->mnemonic)
        return -3;
    cpu->op = &o;
    if (setjmp(cpu->unwind)) {
        cpu->op = NULL;
        return cpu->raised_vector == -1 ? -2 : cpu->raised_vector;
    }
    row->fn(cpu, &o);
    cpu->op = NULL;
    return -1;
}
