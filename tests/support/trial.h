/* trial.h - one instruction from its bytes, in 32-bit protected mode at ring 0: which exception it raises. On sysbench.h's bench.
 * Here: gates whose handlers halt, the state put back before each trial, paging with pages to spoil. */
#pragma once
#include "sysbench.h"
#include "../../cpu/insn/x87/x87.h"

enum { CODE = 0x10000, HANDLERS = 0x20000, AREA = 0x30000, TABLE = 0x50000, NONE = -1 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW };

struct trial { struct bench *b; struct cpu_state start; u32 eip; };

static inline struct trial trial_new(const char *model, enum cpu_engine engine)
{
    struct trial t = { .b = bench_new(model) };
    cpu_set_engine(t.b->cpu, engine);
    bench_protected(t.b, 0);
    for (int v = 0; v < 32; v++)
        put_idt(t.b, v, gate_make(S_CODE0, HANDLERS + (u32)v, 0x8e, 0));
    memset(t.b->ram->host + HANDLERS, 0xf4, 0x100);
    t.b->cpu->s.rip = CODE;
    x87_init(t.b->cpu);
    t.start = t.b->cpu->s;
    return t;
}

static inline void set_code(struct bench *b, const u8 *bytes, int n)
{
    u8 all[32];
    memset(all, 0xf4, sizeof all);
    memcpy(all, bytes, (size_t)n);
    space_write_bytes(b->memory, CODE, all, sizeof all);
    cpu_changed(b->cpu);
}

/* The vector that the bytes raise from the state at the start, NONE for none. */
static inline int trial_run(struct trial *t, const u8 *bytes, int n)
{
    struct cpu *cpu = t->b->cpu;
    cpu->s = t->start;
    set_code(t->b, bytes, n);
    assert_int_equal(cpu_run(cpu, 100), EXIT_HALTED);
    if (cpu->s.rip <= HANDLERS || cpu->s.rip > HANDLERS + 32)           /* behind the instruction, or where it jumped */
        return NONE;
    t->eip = mem32(t->b, reg32(cpu, ESP) + (cpu->s.rip - HANDLERS - 1 == EXC_PF ? 4 : 0));
    return (int)cpu->s.rip - HANDLERS - 1;
}

/* Page tables, one to one, with this entry for the second page of AREA. */
static inline void trial_paging(struct trial *t, u32 second)
{
    for (u32 p = 0; p < 256; p++)
        put32(t->b->ram->host + TABLE + 0x1000 + p * 4, p << 12 | 7);
    put32(t->b->ram->host + TABLE, (TABLE + 0x1000) | 7);
    put32(t->b->ram->host + TABLE + 0x1000 + ((AREA >> 12) + 1) * 4, second);
    t->start.cr3 = TABLE;
    t->start.cr0 |= CR0_PG | CR0_WP | CR0_NE;
}
