/* t_smm.c - SMM wherever SMBASE points, what the segment registers hold in it, and I/O instruction restart by every
 * form of IN, OUT, INS and OUTS, in every engine.
 * Follows: Intel SDM Vol. 3C "System Management Mode": "SMRAM", "SMI Handler Execution Environment", "SMBASE
 * Relocation", "I/O Instruction Restart". */
#include "../../support/pins.h"
#include "../../support/sysbench.h"

enum { CODE = 0x10000, BUFFER = 0x20000, SMBASE = 0x30000, PORT = 0x1234, AREA = 0x10000 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

static void code(struct bench *b, u32 at, const u8 *bytes, size_t n)
{
    space_write_bytes(b->memory, at, bytes, n);
    cpu_changed(b->cpu);
}
#define CODE_AT(b, at, ...) code(b, at, (const u8[]) { __VA_ARGS__ }, sizeof((const u8[]) { __VA_ARGS__ }))

static struct bench *start(enum cpu_engine engine, int cpl)
{
    struct bench *b = bench_new("max");
    cpu_set_engine(b->cpu, engine);
    bench_protected(b, cpl);
    b->cpu->s.rip = CODE;
    return b;
}

static void to_halt(struct bench *b)
{
    enum cpu_exit why;
    u64 end = b->cpu->insns + 1000;
    do
        why = cpu_run(b->cpu, 100);
    while ((why == EXIT_TOUCHED || why == EXIT_BUDGET) && b->cpu->insns < end);
    assert_int_equal(why, EXIT_HALTED);
}

/* ---- SMBASE ---- */

static void everywhere(void **state)
{
    static const u32 bases[] = { 0x20000, 0xa0000 - 0x8000, 0x7fff0000, 0x7fff8000, 0x80000000, 0xa0008000, 0xfffe0000, 0xffff0000 };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(bases); k++) {
        u32 base = bases[k], at = (base + 0x8000) & ~(u32)(AREA - 1);
        struct bench *b = start(engines[k % ARRAY_LEN(engines)], 0);
        struct ram *ram = ram_new("smram", AREA);
        bool high = base >= 1 << 20;
        if (high)
            space_add_ram(b->memory, "smram", at, AREA, 0, ram, 0, true, REGION_READ | REGION_WRITE);
        u8 *map = high ? ram->host + (base + 0x8000 - at) : b->ram->host + base + 0x8000;      /* SMBASE + 8000H */
        CODE_AT(b, base + 0x8000, 0x66, 0x40, 0x2e, 0xff, 0x06, 0xd0, 0xff, 0x0f, 0xaa);    /* inc eax; inc word cs:[FFD0h]; rsm */
        CODE_AT(b, CODE, 0x43, 0xf4);                                       /* inc ebx; hlt */
        b->cpu->s.smbase = base;
        b->cpu->s.gpr[EAX] = 0x1000;
        b->cpu->s.gpr[EBX] = 7;
        pin_pulse(b->cpu, PIN_SMI);
        to_halt(b);
        assert_int_equal(cpu_insns(b->cpu), 5);
        assert_int_equal(cpu_ticks(b->cpu), 6);                             /* that the SMI is taken takes a tick, too */
        assert_int_equal(reg32(b->cpu, EAX), 0x1001);                       /* as the handler left it in the map */
        assert_int_equal(reg32(b->cpu, EBX), 8);
        assert_int_equal(b->cpu->s.smbase, base);
        assert_int_equal(b->cpu->s.rip, CODE + 2);
        assert_int_equal(get32(map + 0x7ff0), CODE);
        assert_int_equal(get32(map + 0x7efc), 0x30000);
        assert_int_equal(get32(map + 0x7ef8), base);
        assert_int_equal(get32(map + 0x7fdc), 7);                           /* EBX */
        bench_free(b);
        ram_free(ram);
    }
}

/* "SMI Handler Execution Environment": selectors and bases on entry; RSM brings each register's own back. */
static void segments(void **state)
{
    static const u16 before[SEGMENTS] = { [ES] = S_DATA3, [CS] = S_CODE0, [SS] = S_DATA0, [DS] = S_READONLY, [FS] = S_DATA16, [GS] = 0 };
    static const u32 place[SEGMENTS] = { [ES] = 0x7fa8, [CS] = 0x7fac, [SS] = 0x7fb0, [DS] = 0x7fb4, [FS] = 0x7fb8, [GS] = 0x7fbc };
    struct bench *b = start(ENGINE_SLOW, 0);
    struct cpu_state *s = &b->cpu->s;
    struct op o = op_make(2, 0, 0);
    struct segment saved[SEGMENTS];
    (void)state;
    for (int k = 0; k < SEGMENTS; k++)
        if (before[k])
            segment_fill(&s->seg[k], before[k], get64(b->ram->host + GDT + (before[k] & ~7)));
    s->seg[GS] = (struct segment){ 0 };
    s->smbase = 0x12380000;
    memcpy(saved, s->seg, sizeof saved);
    struct ram *ram = ram_new("smram", AREA);
    space_add_ram(b->memory, "smram", s->smbase, AREA, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    smm_enter(b->cpu);
    for (int k = 0; k < SEGMENTS; k++) {
        assert_int_equal(s->seg[k].selector, k == CS ? 0x8000 : 0);         /* 16 bits of SMBASE >> 4 */
        assert_int_equal(s->seg[k].base, k == CS ? 0x12380000 : 0);
        assert_int_equal(s->seg[k].limit, 0xffffffff);
        assert_int_equal(get16(ram->host + 0x8000 + place[k]), before[k]);
    }
    assert_int_equal(get16(ram->host + 0x8000 + 0x7fc4), S_TSS_A);
    assert_int_equal(attempt(b->cpu, op_rsm, &o), -1);
    for (int k = 0; k < SEGMENTS; k++) {
        assert_int_equal(s->seg[k].selector, saved[k].selector);
        assert_int_equal(s->seg[k].base, saved[k].base);
        assert_int_equal(s->seg[k].limit, saved[k].limit);
        assert_int_equal(s->seg[k].access, saved[k].access);
    }
    bench_free(b);
    ram_free(ram);
}

/* ---- I/O instruction restart ---- */

struct port { struct bench *b; int accesses, smi_at; u32 wrote[16]; };

static void port_access(struct port *p)
{
    if (++p->accesses == p->smi_at)
        pin_pulse(p->b->cpu, PIN_SMI);
    cpu_touch(p->b->cpu);
}
static u64 port_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    port_access(dev);
    return 0x10 + (u64)((struct port *)dev)->accesses;
}
static void port_write(void *dev, u64 offset, u64 value, int size)
{
    struct port *p = dev;
    (void)offset, (void)size;
    p->wrote[p->accesses & 15] = (u32)value;
    port_access(p);
}

enum form { IN_, OUT_, INS_, OUTS_ };
struct restart { const char *name; enum form form; u8 bytes[6]; int n, size; u32 eflags; bool rep, narrow; };

/* One instruction, with SMI# at its access number smi_at; slot: what the handler writes into the restart field. */
static void restart_one(enum cpu_engine engine, const struct restart *c, int smi_at, u8 slot)
{
    struct bench *b = start(engine, 0);
    struct port p = { .b = b, .smi_at = smi_at };
    struct cpu_state *s = &b->cpu->s;
    int count = c->rep ? 3 : 1, again = slot == 0xff ? 1 : 0, step = c->eflags & FLAG_DF ? -c->size : c->size;
    u32 upper = c->narrow ? 0xabcd0000 : 0, at = c->narrow ? 0xf000 : BUFFER;
    space_add_device(b->ports, "port", PORT, 4, 0, 4, port_read, port_write, &p);
    CODE_AT(b, SMBASE + 0x8000, 0x2e, 0xc6, 0x06, 0x00, 0xff, slot, 0x0f, 0xaa);    /* mov byte cs:[FF00h], slot; rsm */
    code(b, CODE, c->bytes, (size_t)c->n);
    CODE_AT(b, CODE + (u32)c->n, 0x45, 0xf4);                               /* inc ebp; hlt */
    for (int k = 0; k < count; k++)
        put32(b->ram->host + (int)at + k * step, 0x50 + (u32)k);
    s->gpr[EAX] = 0x77;
    s->gpr[EDX] = PORT;
    s->gpr[EBP] = 0;
    s->gpr[ECX] = upper | (u32)count;
    s->gpr[ESI] = s->gpr[EDI] = upper | at;
    cpu_set_eflags(b->cpu, FLAG_1 | c->eflags);
    cpu_changed(b->cpu);
    to_halt(b);
    if (p.accesses != count + again || reg32(b->cpu, EBP) != 1)
        fail_msg("%s, SMI at %d, slot %02x: %d accesses, %u times on", c->name, smi_at, slot, p.accesses, reg32(b->cpu, EBP));
    for (int k = 0; k < count; k++) {                                       /* the last access of each item counts */
        int access = k + 1 + (k + 1 >= smi_at ? again : 0);
        u64 item = c->size == 4 ? 0xffffffff : c->size == 2 ? 0xffff : 0xff;
        if (c->form == IN_)
            assert_int_equal(reg32(b->cpu, EAX) & item, 0x10 + access);
        else if (c->form == OUT_)
            assert_int_equal(p.wrote[access - 1], 0x77);
        else if (c->form == INS_)
            assert_int_equal(mem32(b, (u32)((int)at + k * step)) & item, 0x10 + access);
        else
            assert_int_equal(p.wrote[access - 1], 0x50 + k);
    }
    if (again && c->form == OUTS_)
        assert_int_equal(p.wrote[smi_at], p.wrote[smi_at - 1]);             /* the same item twice */
    assert_int_equal(reg32(b->cpu, ECX), c->rep ? upper : upper | (u32)count);
    assert_int_equal(reg32(b->cpu, ESI), (upper | at) + (u32)(c->form == OUTS_ ? step * count : 0));
    assert_int_equal(reg32(b->cpu, EDI), (upper | at) + (u32)(c->form == INS_ ? step * count : 0));
    bench_free(b);
}

static void restarts(void **state)
{
    static const struct restart list[] = {
        { "in al, dx", IN_, { 0xec }, 1, 1, 0, false, false }, { "in ax, dx", IN_, { 0x66, 0xed }, 2, 2, 0, false, false },
        { "in eax, dx", IN_, { 0xed }, 1, 4, 0, false, false }, { "out dx, al", OUT_, { 0xee }, 1, 1, 0, false, false },
        { "out dx, eax", OUT_, { 0x2e, 0xef }, 2, 4, 0, false, false },
        { "insb", INS_, { 0x6c }, 1, 1, 0, false, false }, { "insw, down", INS_, { 0x66, 0x6d }, 2, 2, FLAG_DF, false, false },
        { "insd", INS_, { 0x6d }, 1, 4, 0, false, false }, { "rep insb", INS_, { 0xf3, 0x6c }, 2, 1, 0, true, false },
        { "rep insd, down", INS_, { 0xf3, 0x6d }, 2, 4, FLAG_DF, true, false },
        { "a16 insd", INS_, { 0x67, 0x6d }, 2, 4, 0, false, true }, { "a16 rep insb", INS_, { 0x67, 0xf3, 0x6c }, 3, 1, 0, true, true },
        { "outsb", OUTS_, { 0x6e }, 1, 1, 0, false, false }, { "outsd, down", OUTS_, { 0x6f }, 1, 4, FLAG_DF, false, false },
        { "rep outsw", OUTS_, { 0x66, 0xf3, 0x6f }, 3, 2, 0, true, false },
        { "repne outsb", OUTS_, { 0xf2, 0x6e }, 2, 1, 0, true, false },
        { "a16 rep outsd, down", OUTS_, { 0x67, 0xf3, 0x6f }, 3, 4, FLAG_DF, true, true },
    };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (size_t k = 0; k < ARRAY_LEN(list); k++)
            for (int smi_at = 1; smi_at <= (list[k].rep ? 3 : 1); smi_at++) {
                restart_one(engines[e], &list[k], smi_at, 0xff);
                restart_one(engines[e], &list[k], smi_at, 0);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everywhere), cmocka_unit_test(segments), cmocka_unit_test(restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
