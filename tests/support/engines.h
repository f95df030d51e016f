/* engines.h - small programs run by every engine from the same state, for tests: all must end alike, in state, memory and number of
 * instructions. Include after <setjmp.h>, <stdarg.h>.
 * Here: memory with tables, handlers that HLT and code that is all HLT; segments that lie in four ways; registers by dice. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../bare.h"
#include "../../cpu/mmu/access.h"
#include "../../cpu/engine/engine.h"
#include "../../cpu/system/segment.h"

enum {
    RAM = 0x10000, GDT = 0x1000, IDT = 0x2000, GATES = 0x3000, DATA = 0x6000, STACK = 0x7000, CODE = 0x9000, BASE = 0x2000,
    S_CODE = 8, S_DATA = 16, S_CODE16 = 24, HLT = 0xf4, ENGINES = 4, PROGRAM_MAX = 128, RUN_MAX = 4000
};
static const char *const engine_name[ENGINES] = { "fast", "slow", "debug", "step" };

/* How the segments lie: each makes another address form of the FAST handlers. */
enum lie { FLAT, BASED, LIMITED, NARROW, LIES };
static const char *const lie_name[LIES] = { "flat", "based", "limited", "16-bit" };
static const enum lie lies[LIES] = { FLAT, BASED, LIMITED, NARROW };
/* A row of cmocka's tests for each: test(state) finds it at *state. */
#define IN_SEGMENTS(test, name, lie) { #name "_segments", test, NULL, NULL, (void *)(uintptr_t)&lies[lie] }
#define IN_EVERY_SEGMENT(test) \
    IN_SEGMENTS(test, flat, FLAT), IN_SEGMENTS(test, based, BASED), IN_SEGMENTS(test, limited, LIMITED), IN_SEGMENTS(test, narrow, NARROW)

struct rig {
    struct bare side[ENGINES];
    struct log *log;
    enum lie lie;
    u64 dice;
    struct cpu_state start;
    u8 memory[RAM];             /* at the start of every program */
    u64 programs;
};

static inline u32 roll(struct rig *r)
{
    r->dice = r->dice * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(r->dice >> 32);
}

/* Tables, code all HLT, and a processor in protected mode. */
static inline void rig_prepare(struct rig *r)
{
    struct cpu_state *s = &r->start;
    const u16 code = SEG_P | SEG_S | SEG_CODE | SEG_RW | SEG_ACCESSED, data = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED;
    bool wide = r->lie == FLAT || r->lie == BASED;
    u32 base = r->lie == FLAT ? 0 : BASE, limit = wide ? 0xfffff : 0xdfff;
    u16 size = (u16)((r->lie == NARROW ? 0 : SEG_DB) | (wide ? SEG_G : 0));
    u64 flat = bare_descriptor(0, 0xfffff, code | SEG_DB | SEG_G);
    u64 cs = r->lie == FLAT || r->lie == BASED ? flat : bare_descriptor(base, limit, code | size);
    u64 ds = bare_descriptor(base, limit, data | size);
    memset(r->memory, 0, RAM);
    memset(r->memory + GATES, HLT, 0x1000);
    memset(r->memory + CODE, HLT, RAM - CODE);
    put64(r->memory + GDT + S_CODE, flat);
    put64(r->memory + GDT + S_DATA, ds);
    put64(r->memory + GDT + S_CODE16, cs);
    for (u32 v = 0; v < 256; v++)
        put64(r->memory + IDT + 8 * v, (u64)(GATES + 8 * v) | (u64)S_CODE << 16 | (u64)0x8e00 << 32);
    *s = r->side[0].cpu->s;
    s->cr0 = CR0_PE | CR0_ET | CR0_NE;
    s->cpl = 0;
    s->gdtr.base = GDT;
    s->gdtr.limit = 0x1f;
    s->idtr.base = IDT;
    s->idtr.limit = 0x7ff;
    segment_fill(&s->seg[CS], S_CODE16, cs);
    for (int k = 0; k < SEGMENTS; k++)
        if (k != CS)
            segment_fill(&s->seg[k], S_DATA, ds);
    s->rip = CODE - (u32)s->seg[CS].base;
}

/* Registers that point to data, others and the flags by dice. */
static inline void roll_registers(struct rig *r)
{
    struct cpu_state *s = &r->start;
    u32 base = (u32)s->seg[DS].base;
    for (int k = 0; k < 8; k++) {
        bool small = roll(r) & 1;
        s->gpr[k] = roll(r) >> (small ? 24 : 0);
    }
    s->gpr[ECX] &= roll(r) & 1 ? 0x1f : 0x7f;
    s->gpr[EBX] = DATA + 0x40 - base;
    s->gpr[EBP] = STACK + 0x80 - base;
    s->gpr[ESP] = STACK + 0x40 - base;
    s->gpr[ESI] = 8;
    s->gpr[EDI] = DATA + 0x100 - base;
    s->eflags = FLAG_1 | (roll(r) & FLAGS_ARITH);
    for (int k = 0; k < 8; k++) {
        u64 high = roll(r) | 1u << 31;
        s->x87.st[k].significand = high << 32 | roll(r);
        u32 dice = roll(r);
        s->x87.st[k].se = (u16)(0x3ff8 + (dice & 15) + (dice >> 16 & 0x8000));
    }
    s->x87.fsw = 3 << 11;
    s->x87.fcw = 0x37f;
    s->x87.empty = roll(r) & 1 ? 0xff : 0x07;               /* ST(0) to ST(4) hold numbers */
    for (u32 k = 0; k < 0x400; k += 4) {
        put32(r->memory + DATA + k, roll(r));
        put32(r->memory + STACK + k, roll(r));
    }
}

static inline struct rig *rig_new(enum lie lie)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->log = log_new();
    r->lie = lie;
    r->dice = 1;
    for (int k = 0; k < ENGINES; k++) {
        r->side[k] = bare_new(r->log, RAM, "max", NULL);
        cpu_set_engine(r->side[k].cpu, (enum cpu_engine)k);
    }
    rig_prepare(r);
    return r;
}

static inline void rig_free(struct rig *r)
{
    for (int k = 0; k < ENGINES; k++)
        bare_free(&r->side[k]);
    log_free(r->log);
    free(r);
}

/* ---- running a program everywhere ---- */

struct program { u8 bytes[PROGRAM_MAX]; int n; };

static inline void emit(struct program *p, const void *bytes, int n)
{
    assert_true(p->n + n <= PROGRAM_MAX);
    memcpy(p->bytes + p->n, bytes, (size_t)n);
    p->n += n;
}
#define EMIT(p, ...) emit(p, (const u8[]) { __VA_ARGS__ }, sizeof((const u8[]) { __VA_ARGS__ }))

/* Write to the pages of data and stack, the flags as they were. */
static inline void emit_touch(struct rig *r, struct program *p)
{
    u32 at = DATA - (u32)r->start.seg[DS].base;
    u8 b[4];
    put32(b, at);
    EMIT(p, 0x9c);                                          /* pushf */
    if (r->lie == NARROW)
        EMIT(p, 0x80, 0x0e, b[0], b[1], 0);                 /* or byte [DATA], 0 */
    else
        EMIT(p, 0x80, 0x0d, b[0], b[1], b[2], b[3], 0);
    EMIT(p, 0x9d);                                          /* popf */
}

/* The program at CODE, and the processor before it. */
static inline void side_start(const struct rig *r, struct bare *s, const struct program *p)
{
    memcpy(s->ram->host, r->memory, RAM);
    memcpy(s->ram->host + CODE, p->bytes, (size_t)p->n);
    s->cpu->s = r->start;
    cpu_changed(s->cpu);
}

/* Run to HLT, `stretch` instructions at a time. */
static inline enum cpu_exit side_run(struct rig *r, struct bare *s, const struct program *p, u64 stretch)
{
    u64 end = s->cpu->insns + RUN_MAX;
    enum cpu_exit why;
    side_start(r, s, p);
    do
        why = cpu_run(s->cpu, stretch);
    while ((why == EXIT_TOUCHED || why == EXIT_BUDGET) && s->cpu->insns < end);
    return why;
}

static inline void complain(struct rig *r, const struct program *p, int k, u64 stretch)
{
    fprintf(stderr, "%s, %s segments, %llu at a time:", engine_name[k], lie_name[r->lie], (unsigned long long)stretch);
    for (int n = 0; n < p->n; n++)
        fprintf(stderr, " %02x", p->bytes[n]);
    fputc('\n', stderr);
    fields_diff(cpu_fields, &r->side[ENGINE_SLOW].cpu->s, &r->side[k].cpu->s, stderr);
    for (int at = 0, shown = 0; at < RAM && shown < 8; at++)
        if (r->side[ENGINE_SLOW].ram->host[at] != r->side[k].ram->host[at]) {
            fprintf(stderr, "  [%04x] %02x, not %02x\n", at, r->side[k].ram->host[at], r->side[ENGINE_SLOW].ram->host[at]);
            shown++;
        }
    fail_msg("engines differ");
}

/* A general register that holds more than 32 bits, which nothing but the state would show; -1: none. */
static inline int too_wide(const struct cpu_state *s)
{
    for (int k = 0; k < 8; k++)
        if (s->gpr[k] >> 32)
            return k;
    return -1;
}

/* Run everywhere from r->start; all must agree with SLOW in state, memory and number of instructions. */
static inline void compare(struct rig *r, const struct program *p, u64 stretch)
{
    static const int order[ENGINES] = { ENGINE_SLOW, ENGINE_FAST, ENGINE_DEBUG, ENGINE_STEP };
    const struct bare *slow = &r->side[ENGINE_SLOW];
    u64 insns = 0;
    enum cpu_exit why = EXIT_BUDGET;
    r->programs++;
    for (int n = 0; n < ENGINES; n++) {
        struct bare *s = &r->side[order[n]];
        u64 before = s->cpu->insns;
        enum cpu_exit end = side_run(r, s, p, stretch);
        assert_int_equal(too_wide(&s->cpu->s), -1);
        if (!n) {
            why = end;
            insns = s->cpu->insns - before;
        } else if (end != why || s->cpu->insns - before != insns || memcmp(&s->cpu->s, &slow->cpu->s, sizeof s->cpu->s)
                   || memcmp(s->ram->host, slow->ram->host, RAM)) {
            complain(r, p, order[n], stretch);
        }
    }
}
