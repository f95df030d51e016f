/* sysbench.h - a processor on a flat megabyte with tables, segments and TSSs, for tests of the system instructions. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../bare.h"
#include "../../cpu/mmu/access.h"
#include "../../cpu/decode/op.h"
#include "../../cpu/system/segment.h"
#include "../../cpu/system/system.h"

enum { GDT = 0x1000, IDT = 0x2000, TSS_A = 0x3000, TSS_B = 0x3100, TSS16 = 0x3200, LDT = 0x4000, STACK0 = 0x8000, STACK3 = 0x9000 };
/* Selectors in the bench's GDT. */
enum {
    S_CODE0 = 0x08, S_DATA0 = 0x10, S_CODE3 = 0x1b, S_DATA3 = 0x23, S_CONFORM = 0x28, S_TSS_A = 0x30, S_TSS_B = 0x38, S_TSS16 = 0x40,
    S_LDT = 0x48, S_ABSENT = 0x50, S_READONLY = 0x58, S_CODE16 = 0x60, S_SMALL = 0x68, S_EXECONLY = 0x70, S_GATE = 0x78,
    S_TASKGATE = 0x80, S_DATA16 = 0x88, S_ABSENT_CODE = 0x90, S_CODE1 = 0x98, S_ABSENT_STACK = 0xa0, GDT_END = 0xff
};

struct bench {
    struct bare bare;
    struct cpu *cpu;            /* its parts, which the tests name often */
    struct space *memory, *ports;
    struct ram *ram;
    struct log *log;
    u64 now;
    int smiact;
};

/* access: byte 5; flags: G and D/B in bits 7, 6. */
static inline u64 raw_make(u32 base, u32 limit, int access, int flags)
{
    return bare_descriptor(base, limit, (u16)(access | flags << 8));
}
static inline u64 gate_make(u16 selector, u32 offset, int access, int count)
{
    return (offset & 0xffff) | (u64)selector << 16 | (u64)count << 32 | (u64)access << 40 | (u64)(offset >> 16) << 48;
}
static inline void put_gdt(struct bench *b, u16 selector, u64 raw) { put64(b->ram->host + GDT + (selector & ~7), raw); }
static inline void put_idt(struct bench *b, int vector, u64 raw) { put64(b->ram->host + IDT + vector * 8, raw); }
static inline u32 mem32(struct bench *b, u32 at) { return get32(b->ram->host + at); }
static inline u16 mem16(struct bench *b, u32 at) { return get16(b->ram->host + at); }

static inline u64 bench_time(void *board) { return ((struct bench *)board)->now; }
static inline void bench_smiact(void *board, int pin, bool level)
{
    (void)pin;
    ((struct bench *)board)->smiact = level;
}

static inline struct bench *bench_new(const char *model)
{
    struct bench *b = xcalloc(1, sizeof *b);
    struct cpu_wiring pins = { .clock = b, .time = bench_time };
    b->log = log_new();
    b->bare = bare_new(b->log, 1 << 20, model, &pins);
    b->cpu = b->bare.cpu;
    cpu_wire(b->cpu, &(struct cpu_outputs) { .smiact = { bench_smiact, b, 0 } });
    b->memory = b->bare.memory;
    b->ports = b->bare.ports;
    b->ram = b->bare.ram;
    b->cpu->s.a20 = 1;
    return b;
}
static inline void bench_free(struct bench *b)
{
    bare_free(&b->bare);
    log_free(b->log);
    free(b);
}

static inline void bench_tables(struct bench *b)
{
    put_gdt(b, S_CODE0, raw_make(0, 0xfffff, 0x9a, 0xc0));
    put_gdt(b, S_DATA0, raw_make(0, 0xfffff, 0x92, 0xc0));
    put_gdt(b, S_CODE3, raw_make(0, 0xfffff, 0xfa, 0xc0));
    put_gdt(b, S_DATA3, raw_make(0, 0xfffff, 0xf2, 0xc0));
    put_gdt(b, S_CONFORM, raw_make(0, 0xfffff, 0x9e, 0xc0));
    put_gdt(b, S_TSS_A, raw_make(TSS_A, 0x87, 0x8b, 0));
    put_gdt(b, S_TSS_B, raw_make(TSS_B, 0x67, 0x89, 0));
    put_gdt(b, S_TSS16, raw_make(TSS16, 0x2b, 0x81, 0));
    put_gdt(b, S_LDT, raw_make(LDT, 0x3f, 0x82, 0));
    put_gdt(b, S_ABSENT, raw_make(0, 0xfffff, 0x12, 0xc0));
    put_gdt(b, S_READONLY, raw_make(0, 0xfffff, 0x90, 0xc0));
    put_gdt(b, S_CODE16, raw_make(0, 0xffff, 0x9a, 0));
    put_gdt(b, S_SMALL, raw_make(0, 0xfff, 0x9a, 0x40));
    put_gdt(b, S_EXECONLY, raw_make(0, 0xfffff, 0x98, 0xc0));
    put_gdt(b, S_TASKGATE, gate_make(S_TSS_B, 0, 0xe5, 0));
    put_gdt(b, S_DATA16, raw_make(0, 0xffff, 0x92, 0));
    put_gdt(b, S_ABSENT_CODE, raw_make(0, 0xfffff, 0x1a, 0xc0));
    put_gdt(b, S_CODE1, raw_make(0, 0xfffff, 0xba, 0xc0));
    put_gdt(b, S_ABSENT_STACK, raw_make(0, 0xfffff, 0x72, 0xc0));
}

/* 32-bit protected mode at this CPL, EIP 100h, the stack at STACK0 or STACK3. */
static inline void bench_protected(struct bench *b, int cpl)
{
    struct cpu *cpu = b->cpu;
    struct cpu_state *s = &cpu->s;
    u16 data = cpl ? S_DATA3 : S_DATA0;
    bench_tables(b);
    s->cr0 = CR0_PE | CR0_ET;
    s->gdtr.base = GDT;
    s->gdtr.limit = GDT_END;
    s->idtr.base = IDT;
    s->idtr.limit = 0x7ff;
    s->cpl = (u8)cpl;
    segment_fill(&s->seg[CS], cpl ? S_CODE3 : S_CODE0, get64(b->ram->host + GDT + (cpl ? S_CODE3 & ~7 : S_CODE0)));
    for (int k = 0; k < SEGMENTS; k++)
        if (k != CS)
            segment_fill(&s->seg[k], data, get64(b->ram->host + GDT + (data & ~7)) | (u64)SEG_ACCESSED << 40);
    segment_fill(&s->tr, S_TSS_A, raw_make(TSS_A, 0x87, 0x8b, 0));
    put32(b->ram->host + TSS_A + 4, STACK0);
    put16(b->ram->host + TSS_A + 8, S_DATA0);
    s->rip = 0x100;
    s->gpr[ESP] = cpl ? STACK3 : STACK0;
    cpu_set_eflags(cpu, FLAG_1 | FLAG_IF);
    for (int k = 0; k < SEGMENTS; k++)
        cpu_segment_changed(cpu, k);
    cpu_mode_changed(cpu);
}

static inline void bench_v86(struct bench *b, int iopl)
{
    struct cpu_state *s = &b->cpu->s;
    bench_protected(b, 0);
    for (int k = 0; k < SEGMENTS; k++)
        segment_fill_v86(&s->seg[k], (u16)(0x100 * (k + 1)));
    s->cpl = 3;
    s->gpr[ESP] = 0x800;
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_IF | FLAG_VM | (u32)iopl << 12);
    for (int k = 0; k < SEGMENTS; k++)
        cpu_segment_changed(b->cpu, k);
    cpu_mode_changed(b->cpu);
}

/* log2 of the operand size; register form. */
static inline struct op op_make(int size_log2, int dst, int src)
{
    struct op o = { .dst = (u8)dst, .src = (u8)src, .what = what_of_size(size_log2), .how = 0x80 | 2 << 5 | DS };
    o.base = o.index = PLACE_OF(zero);
    return o;
}
static inline struct op op_mem(int size_log2, int dst, u32 address)
{
    struct op o = op_make(size_log2, dst, 0);
    o.how = 2 << 5 | DS;
    o.disp = (i32)address;
    return o;
}

/* Run a body: -1, or vector << 16 | error code. */
static inline int attempt(struct cpu *cpu, insn_fn *fn, const struct op *o)
{
    cpu->op = NULL;
    if (setjmp(cpu->unwind))
        return cpu->raised_vector << 16 | (int)cpu->raised_error;
    fn(cpu, o);
    return -1;
}
/* WRMSR of a value: as attempt(). */
static inline int wrmsr(struct bench *b, u32 msr, u64 v)
{
    struct op o = op_make(2, 0, 0);
    set_reg32(b->cpu, ECX, msr);
    set_reg32(b->cpu, EAX, (u32)v);
    set_reg32(b->cpu, EDX, (u32)(v >> 32));
    return attempt(b->cpu, op_wrmsr, &o);
}
static inline int attempt_deliver(struct cpu *cpu, int vector, enum deliver_kind kind, bool has_error, u32 error)
{
    cpu->op = NULL;
    if (setjmp(cpu->unwind))
        return cpu->raised_vector << 16 | (int)cpu->raised_error;
    cpu_deliver(cpu, vector, kind, has_error, error);
    return -1;
}
static inline int attempt_raised(struct cpu *cpu)
{
    if (setjmp(cpu->unwind))
        return cpu->raised_vector << 16 | (int)cpu->raised_error;
    exception_deliver_raised(cpu);
    return -1;
}
#define FAULT(vector, error) ((vector) << 16 | (error))
