/* lapic_rig.h - a local APIC with the processor whose MSRs it sits behind, and who is at its pins. Numbers are written out (Intel SDM
 * Vol. 3A "Advanced Programmable Interrupt Controller (APIC)"), not taken from the chip's headers. Include after <setjmp.h>, <stdarg.h>. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_machine.h"
#include "../bare.h"
#include "../../cpu/system/system.h"
#include "../../iodev/apic/lapic.h"

enum {
    ID = 0x20, VERSION = 0x30, TPR = 0x80, APR = 0x90, PPR = 0xa0, EOI = 0xb0, RRD = 0xc0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR = 0x100,
    TMR = 0x180, IRR = 0x200, ESR = 0x280, ICR = 0x300, ICR2 = 0x310, LVT_TIMER = 0x320, LVT_THERMAL = 0x330, LVT_PERF = 0x340,
    LVT_LINT0 = 0x350, LVT_LINT1 = 0x360, LVT_ERROR = 0x370, INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3e0
};
enum { MASKED = 0x10000, PERIODIC = 0x20000, DEADLINE = 0x40000, MSR_BASE = 0x1b, MSR_DEADLINE = 0x6e0 };

struct rig {
    struct machine *m;
    struct lapic *l;
    struct bare bare;
    struct fake_wire intr, nmi, smi, init;
    struct line lint[2];
    int pic, acks;              /* what the 8259A answers, how often it was asked */
    int eois, last_eoi, readies;
    u64 base;
};

static inline int inta(void *to)             { struct rig *r = to; r->acks++; return r->pic; }
static inline void eoi(void *to, u8 vector)  { struct rig *r = to; r->eois++; r->last_eoi = vector; }
static inline void ready(void *to)           { ((struct rig *)to)->readies++; }
static inline u64 now(void *to)              { return machine_now(((struct rig *)to)->m); }

static inline struct rig *rig_new(enum lapic_kind kind)
{
    static const char *const model[] = { "pentium", "p2", "max" };
    struct rig *r = xcalloc(1, sizeof *r);
    r->m = fake_new(0x10000);
    r->bare = bare_new(machine_log(r->m), 1 << 20, model[kind], &(struct cpu_wiring) { .clock = r, .time = now });
    struct lapic_wiring w = { .inta = inta, .eoi = eoi, .ready = ready, .to = r };
    w.intr = fake_wire(&r->intr, r->m), w.nmi = fake_wire(&r->nmi, r->m), w.smi = fake_wire(&r->smi, r->m), w.init = fake_wire(&r->init, r->m);
    r->l = lapic_new(r->m, LAPIC_DEFAULT_BASE, kind, &w);
    lapic_attach(r->l, r->bare.cpu);
    r->lint[0] = lapic_lint(r->l, 0), r->lint[1] = lapic_lint(r->l, 1);
    fake_reset(r->m);
    r->base = 0xfee00000;
    return r;
}

static inline void rig_free(struct rig *r)
{
    fake_check_all_fields(r->m);
    bare_free(&r->bare);
    fake_free(r->m);
    free(r);
}

static inline u32 rd(struct rig *r, int reg)           { return (u32)space_read(machine_memory(r->m), r->base + (u64)reg, 4); }
static inline void wr(struct rig *r, int reg, u32 v)   { space_write(machine_memory(r->m), r->base + (u64)reg, v, 4); }
static inline bool wrmsr(struct rig *r, u32 msr, u64 v) { return msr_write(r->bare.cpu, msr, v); }
static inline u64 rdmsr(struct rig *r, u32 msr)
{
    u64 v;
    return msr_read(r->bare.cpu, msr, &v) ? v : 0xdeaddeaddeaddead;
}
static inline bool in_set(struct rig *r, int set, int v) { return rd(r, set + v / 32 * 16) >> (v & 31) & 1; }
static inline void enable(struct rig *r)               { wr(r, SVR, 0x1ff); }
static inline void self(struct rig *r, u32 vector)     { wr(r, ICR, 0x44000 | vector); }
static inline void pulse(struct rig *r, int pin)       { line_set(&r->lint[pin], true), line_set(&r->lint[pin], false); }
static inline bool message(struct rig *r, u8 mode, u8 vector, u8 destination, bool logical, bool level)
{
    return lapic_message(r->l, &(struct apic_message) { .vector = vector, .mode = mode, .destination = destination,
                                                         .logical = logical, .level = level });
}
static inline u32 esr(struct rig *r) { wr(r, ESR, 0); return rd(r, ESR); }
