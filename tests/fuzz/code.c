/* code.c - random bytes as code on the whole machine, the same in FAST, SLOW, DEBUG (with everything logged) and STEP,
 * compared by state hash.
 * A case is memory full of dice with some sense in it (tables that the processor accepts, bytes that are common in code), and a mode:
 * real, protected with 16 or 32-bit code, paged, virtual-8086. Exceptions lead back into the dice, so a case goes on. */
#include "fuzz.h"
#include "../../cpu/engine/run.h"
#include <stdio.h>

enum {
    GDT = 0x1000, LDT = 0x1800, IDT = 0x2000, TSS = 0x3000, DIRECTORY = 0x4000, TABLE = 0x5000, CODE = 0x8000, CODE_END = 0x40000,
    STACK = 0x70000, GDT_ENTRIES = 64, TSS_LIMIT = 0x7ff,
    SELECTOR_CODE32 = 0x08, SELECTOR_DATA = 0x10, SELECTOR_CODE16 = 0x18, SELECTOR_TSS = 0x20, SELECTOR_LDT = 0x28,
    SELECTOR_CODE3 = 0x33, SELECTOR_DATA3 = 0x3b, SELECTORS = 8,
    CHECKPOINTS = 4
};
enum mode { REAL, PROTECTED_16, PROTECTED_32, PAGED, USER, V86, MODES };
static const u64 checkpoint[CHECKPOINTS] = { 20, 300, 3000, 20000 }, DEADLINE = 50000000;
static const char *const mode_name[MODES] = { "real", "protected-16", "protected-32", "paged", "user", "v86" };

static void put_descriptor(u8 *at, u32 base, u32 limit, u16 access)
{
    put64(at, (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 | (u64)(limit >> 16 & 15) << 48
                  | (u64)(base >> 24) << 56);
}

/* Descriptors: eight that make sense, others of any type, most of them present and low in memory. */
static void put_tables(struct dice *d, u8 *m, enum mode mode)
{
    const u16 code = SEG_P | SEG_S | SEG_CODE | SEG_RW | SEG_G, data = SEG_P | SEG_S | SEG_RW | SEG_G | SEG_DB;
    for (u32 k = 0; k < GDT_ENTRIES * 2; k++)
        put_descriptor(m + GDT + 8 * k, below(d, 0x20000), one_in(d, 3) ? 0xfffff : below(d, 0x10000),
                       (u16)(below(d, 256) | (one_in(d, 4) ? 0 : SEG_P) | (below(d, 4) << 14)));
    put64(m + GDT, 0);
    put_descriptor(m + GDT + SELECTOR_CODE32, 0, 0xfffff, code | SEG_DB);
    put_descriptor(m + GDT + SELECTOR_DATA, 0, 0xfffff, data);
    put_descriptor(m + GDT + SELECTOR_CODE16, 0, 0xfffff, code);
    put_descriptor(m + GDT + SELECTOR_TSS, TSS, TSS_LIMIT, SEG_P | 9);
    put_descriptor(m + GDT + SELECTOR_LDT, LDT, 0x7ff, SEG_P | 2);
    put_descriptor(m + GDT + (SELECTOR_CODE3 & ~7), 0, 0xfffff, code | SEG_DB | SEG_DPL);
    put_descriptor(m + GDT + (SELECTOR_DATA3 & ~7), 0, 0xfffff, data | SEG_DPL);
    for (u32 v = 0; v < 256; v++) {             /* interrupt, trap and task gates of both sizes */
        static const u8 type[] = { 0x8e, 0x8f, 0xee, 0xef, 0x86, 0x87, 0xe6 };
        u32 at = CODE + below(d, 0x7fff);
        u16 selector = type[v % 7] & 8 ? SELECTOR_CODE32 : SELECTOR_CODE16;
        u8 kind = one_in(d, 16) ? (u8)roll(d) : type[below(d, 7)];
        put64(m + IDT + 8 * v, (at & 0xffff) | (u64)selector << 16 | (u64)kind << 40 | (u64)(at >> 16) << 48);
        if (mode == REAL)
            put32(m + 4 * v, (CODE >> 4) << 16 | below(d, 0x7fff));
    }
    for (u32 k = 0; k < 3; k++) {
        put32(m + TSS + 4 + 8 * k, STACK - 0x1000 * k);
        put32(m + TSS + 8 + 8 * k, SELECTOR_DATA);
    }
    put16(m + TSS + 102, (u16)(one_in(d, 2) ? 104 : roll(d)));
}

/* Page 0 of the directory maps the first 4 MB to themselves, with some entries less friendly; others are dice. */
static void put_pages(struct dice *d, u8 *m)
{
    for (u32 k = 0; k < 1024; k++) {
        u32 entry = k << 12 | (one_in(d, 40) ? below(d, 4096) : 7);
        if (one_in(d, 60))
            entry = below(d, FUZZ_RAM) & ~0xfffu;
        put32(m + TABLE + 4 * k, (k << 12) < STACK + 0x1000 && !one_in(d, 12) ? k << 12 | 7 : entry);
        put32(m + DIRECTORY + 4 * k, one_in(d, 3) ? (u32)roll(d) & ~0xc0u : TABLE | 7);
    }
    put32(m + DIRECTORY, TABLE | 7);
}

/* Bytes as they come, with the ones that start something interesting more often. */
static void put_code(struct dice *d, u8 *at, u32 n)
{
    static const u8 often[] = { 0x0f, 0x66, 0x67, 0xf2, 0xf3, 0x8b, 0x89, 0xd8, 0xdb, 0xdd, 0xdf, 0xc4, 0xcd, 0x8e, 0xcf, 0x75,
                                0xeb, 0xe8, 0xc3, 0xa4, 0xa5, 0xab, 0x9c, 0x9d, 0xff, 0x40, 0x50, 0x58, 0x00, 0x2e, 0x64, 0xf0 };
    for (u32 k = 0; k < n; k++)
        at[k] = one_in(d, 2) ? often[below(d, sizeof often)] : (u8)roll(d);
    for (u32 k = 0; k + 4 < n; k += 1 + below(d, 30))   /* short operands stay near */
        if (one_in(d, 4))
            put32(at + k, below(d, 0x3000));
    for (u32 k = 0; k < n / 300; k++) {                 /* HLT and CLI end too much */
        u32 j = below(d, n);
        at[j] = at[j] == 0xf4 || at[j] == 0xfa ? 0x90 : at[j];
    }
}

static struct segment segment(u16 selector, u32 base, u32 limit, u16 access)
{
    return (struct segment){ .base = base, .limit = limit, .selector = selector, .access = access };
}

static void put_state(struct dice *d, struct cpu_state *s, enum mode mode)
{
    const u16 code = SEG_P | SEG_S | SEG_CODE | SEG_RW | SEG_ACCESSED, data = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED;
    for (int k = 0; k < 8; k++)
        s->gpr[k] = one_in(d, 3) ? (u32)roll(d) : below(d, FUZZ_RAM);
    s->gpr[ESP] = STACK - below(d, 64);
    s->eflags = FLAG_1 | ((u32)roll(d) & (FLAGS_ARITH | FLAG_DF | FLAG_IOPL)) | (one_in(d, 8) ? FLAG_TF : 0) | (one_in(d, 4) ? FLAG_AC : 0);
    s->a20 = !one_in(d, 4);
    if (mode == REAL || mode == V86) {
        for (int k = 0; k < SEGMENTS; k++) {
            u16 selector = k == CS ? CODE >> 4 : (u16)below(d, 0x9000);
            s->seg[k] = segment(selector, (u32)selector << 4, 0xffff, data | (mode == V86 ? SEG_DPL : 0));
        }
        s->gpr[ESP] = below(d, 0x10000);
        s->rip = below(d, 0x7000);
    } else {
        bool user = mode == USER;
        u16 dpl = user ? SEG_DPL : 0, big = mode == PROTECTED_16 ? 0 : SEG_DB;
        u16 selector = user ? SELECTOR_CODE3 : big ? SELECTOR_CODE32 : SELECTOR_CODE16;
        for (int k = 0; k < SEGMENTS; k++)
            s->seg[k] = segment(user ? SELECTOR_DATA3 : SELECTOR_DATA, 0, ~0u, data | SEG_G | SEG_DB | dpl);
        s->seg[CS] = segment(selector, 0, ~0u, code | SEG_G | big | dpl);
        s->cpl = user ? 3 : 0;
        s->rip = CODE + below(d, CODE_END - CODE);
    }
    if (mode == REAL)
        return;
    s->cr0 |= CR0_PE | (mode >= PAGED && (mode != V86 || one_in(d, 2)) ? CR0_PG : 0) | (one_in(d, 2) ? CR0_WP : 0) | (one_in(d, 2) ? CR0_AM : 0);
    s->cr4 = (u32)roll(d) & (CR4_VME | CR4_PVI | CR4_DE | CR4_PSE | CR4_PGE);
    s->cr3 = DIRECTORY;
    if (mode == V86) {
        s->eflags |= FLAG_VM;
        s->cpl = 3;
    }
    s->gdtr = (struct table_register){ .base = GDT, .limit = GDT_ENTRIES * 8 - 1 };
    s->idtr = (struct table_register){ .base = IDT, .limit = 0x7ff };
    s->tr = segment(SELECTOR_TSS, TSS, TSS_LIMIT, SEG_P | 0xb);
    s->ldtr = segment(SELECTOR_LDT, LDT, 0x7ff, SEG_P | 2);
}

static struct pc *prepare(u64 seed, enum cpu_engine engine, bool young)
{
    struct dice d = { seed * 0x2545f4914f6cdd1dull };
    struct pc *pc = fuzz_machine(engine);
    struct machine *m = pc_machine(pc);
    if (!young)
        cpu_set_youth(machine_cpu(m), 0);
    enum mode mode = (enum mode)(seed % MODES);
    u8 *image = xcalloc(FUZZ_RAM, 1);
    put_code(&d, image + CODE, CODE_END - CODE);
    for (u32 at = CODE_END; at < STACK; at += 8)
        put64(image + at, one_in(&d, 2) ? roll(&d) : below(&d, FUZZ_RAM));
    put_tables(&d, image, mode);
    if (mode != REAL)
        put_pages(&d, image);
    space_poke(machine_memory(m), 0, image, 0xa0000);
    free(image);
    put_state(&d, &machine_cpu(m)->s, mode);
    cpu_changed(machine_cpu(m));
    return pc;
}

struct outcome {
    struct { enum machine_stop stop; u64 insns; char hash[33]; } at[CHECKPOINTS];
    struct cpu_state state;
};

static void run_case(u64 seed, enum cpu_engine engine, bool young, struct outcome *o)
{
    struct pc *pc = prepare(seed, engine, young);
    struct machine *m = pc_machine(pc);
    if (engine == ENGINE_DEBUG)
        fuzz_log_all(pc);
    for (int k = 0; k < CHECKPOINTS; k++) {
        machine_limit_insns(m, checkpoint[k]);
        o->at[k].stop = machine_run(m, DEADLINE);
        o->at[k].insns = machine_insns(m);
        fuzz_hash(pc, o->at[k].hash);
    }
    o->state = machine_cpu(m)->s;
    pc_free(pc);
}

bool fuzz_code(u64 seed)
{
    static const enum cpu_engine engine[] = { ENGINE_STEP, ENGINE_SLOW, ENGINE_FAST, ENGINE_DEBUG, ENGINE_FAST };
    static const char *const name[] = { "step", "slow", "fast", "debug", "fast, of young blocks" };
    enum { YOUNG = 4 };
    struct outcome expected, o;
    bool good = true;
    memset(&expected, 0, sizeof expected);
    run_case(seed, engine[0], false, &expected);
    for (size_t e = 1; e < ARRAY_LEN(engine); e++) {
        memset(&o, 0, sizeof o);
        run_case(seed, engine[e], e == YOUNG, &o);
        for (int k = 0; k < CHECKPOINTS; k++) {
            if (o.at[k].stop == expected.at[k].stop && o.at[k].insns == expected.at[k].insns && !strcmp(o.at[k].hash, expected.at[k].hash))
                continue;
            printf("DIFFERENCE: code --seed %llu (%s): %s stops %d after %llu instructions, hash %s; step %d after %llu, %s\n",
                   (unsigned long long)seed, mode_name[seed % MODES], name[e], o.at[k].stop, (unsigned long long)o.at[k].insns,
                   o.at[k].hash, expected.at[k].stop, (unsigned long long)expected.at[k].insns, expected.at[k].hash);
            fields_diff(cpu_fields, &expected.state, &o.state, stdout);
            good = false;
            break;
        }
    }
    return good;
}
