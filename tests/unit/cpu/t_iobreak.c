/* t_iobreak.c - I/O breakpoints: which accesses they match, that CR4.DE is what makes them, and that they are traps.
 * Follows: Intel SDM Vol. 3B "Debug Control Register (DR7)" (R/W = 10B, LEN), "Data Breakpoint and I/O Breakpoint
 * Exception Conditions"; Vol. 3A "Control Registers" (DE). */
#include "../../support/sysbench.h"

enum { CODE = 0x10000, BUFFER = 0x20000, HANDLER = 0x30000, PORT = 0x1230 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_STEP };

static u64 port_read(void *dev, u64 offset, int size) { (void)dev, (void)size; return offset * 0x01010101; }

static struct bench *start(enum cpu_engine engine)
{
    struct bench *b = bench_new("max");
    cpu_set_engine(b->cpu, engine);
    bench_protected(b, 0);
    put_idt(b, EXC_DB, gate_make(S_CODE0, HANDLER, 0x8e, 0));
    b->ram->host[HANDLER] = 0xf4;
    space_add_device(b->ports, "port", PORT - 16, 64, 0, 4, port_read, NULL, b);
    return b;
}

/* DR6 B0 to B3 after the instruction at CODE (and INC EBX behind it) with DX = port; 0 when no #DB came. */
static int hits(struct bench *b, const u8 *bytes, int n, u32 port)
{
    struct cpu_state *s = &b->cpu->s;
    enum cpu_exit why;
    memcpy(b->ram->host + CODE, bytes, (size_t)n);
    put16(b->ram->host + CODE + n, 0xf443);                                 /* inc ebx; hlt */
    s->rip = CODE;
    s->activity = ACTIVITY_RUN;
    s->dr[6] = 0xffff0ff0;
    s->gpr[EDX] = port;
    s->gpr[EBX] = 0;
    s->gpr[ECX] = 3;
    s->gpr[ESI] = s->gpr[EDI] = BUFFER;
    s->gpr[ESP] = STACK0;
    cpu_set_eflags(b->cpu, FLAG_1);
    cpu_changed(b->cpu);
    do
        why = cpu_run(b->cpu, 100);
    while (why == EXIT_TOUCHED);
    assert_int_equal(why, EXIT_HALTED);
    if (s->rip == HANDLER + 1) {
        assert_int_equal(s->gpr[EBX], 0);                                   /* before the next instruction */
        assert_true(s->dr[6] & 15);
        return (int)s->dr[6] & 15;
    }
    assert_int_equal(s->gpr[EBX], 1);
    assert_int_equal(s->dr[6], 0xffff0ff0);
    return 0;
}

static void set(struct bench *b, int k, u32 address, u32 rw, u32 len_bits, bool on)
{
    u64 *seven = &b->cpu->s.dr[7];
    *seven &= ~((u64)15 << (16 + 4 * k) | (u64)3 << 2 * k);
    *seven |= (u64)(rw | len_bits << 2) << (16 + 4 * k) | (u64)on << (2 * k + 1) | 0x400;
    b->cpu->s.dr[k] = address;
}

static const u8 in_b[] = { 0xec }, in_w[] = { 0x66, 0xed }, in_d[] = { 0xed }, out_b[] = { 0xee }, out_d[] = { 0xef }, ins_b[] = { 0x6c },
                outs_d[] = { 0x6f }, rep_ins[] = { 0xf3, 0x6d };

/* DE makes R/W = 10B what it is; no other bit of CR4 does, nor prevents it. */
static void de_decides(void **state)
{
    static const u32 others[] = { 0, CR4_TSD, CR4_VME | CR4_PVI, CR4_PSE, CR4_TSD | CR4_PCE | CR4_PGE };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct bench *b = start(engines[e]);
        set(b, 0, PORT, 2, 0, true);
        for (size_t k = 0; k < ARRAY_LEN(others); k++)
            for (int de = 0; de < 2; de++) {
                b->cpu->s.cr4 = others[k] | (de ? CR4_DE : 0);
                assert_int_equal(hits(b, in_b, 1, PORT), de);
                assert_int_equal(hits(b, out_d, 1, PORT), de);
            }
        bench_free(b);
    }
}

/* Every access that shares a byte with the range; LEN 10B is undefined here, the others are 1, 2, 4 and align the
 * address. */
static void ranges(void **state)
{
    static const struct { const u8 *bytes; int n; u32 size; } access[] = {
        { in_b, 1, 1 }, { in_w, 2, 2 }, { in_d, 1, 4 }, { out_b, 1, 1 }, { out_d, 1, 4 }, { ins_b, 1, 1 }, { outs_d, 1, 4 },
    };
    static const struct { u32 bits, bytes; } lengths[] = { { 0, 1 }, { 1, 2 }, { 3, 4 } };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct bench *b = start(engines[e]);
        b->cpu->s.cr4 = CR4_DE;
        for (size_t n = 0; n < ARRAY_LEN(lengths); n++)
            for (u32 from = PORT + 4; from < PORT + 8; from++)
                for (size_t a = 0; a < ARRAY_LEN(access); a++)
                    for (u32 port = PORT; port < PORT + 12; port++) {
                        u32 first = from & ~(lengths[n].bytes - 1), last = first + lengths[n].bytes - 1;
                        bool hit = port <= last && port + access[a].size - 1 >= first;
                        set(b, 2, from, 2, lengths[n].bits, true);
                        if (hits(b, access[a].bytes, access[a].n, port) != (hit ? 4 : 0))
                            fail_msg("%u bytes at %x, breakpoint of %u at %x", access[a].size, port, lengths[n].bytes, from);
                    }
        bench_free(b);
    }
}

/* Not enabled, other kinds, memory; all that match are in DR6 once one of them is enabled. */
static void kinds(void **state)
{
    static const u8 load[] = { 0xa0, PORT & 0xff, PORT >> 8, 0, 0 };        /* mov al, [PORT] */
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct bench *b = start(engines[e]);
        b->cpu->s.cr4 = CR4_DE;
        for (u32 rw = 0; rw < 4; rw++) {
            set(b, 1, PORT, rw, 0, true);
            assert_int_equal(hits(b, in_b, 1, PORT), rw == 2 ? 2 : 0);
            assert_int_equal(hits(b, load, sizeof load, PORT), rw == 3 ? 2 : 0);
        }
        set(b, 1, PORT, 2, 0, false);
        assert_int_equal(hits(b, in_b, 1, PORT), 0);
        set(b, 1, PORT, 2, 0, true);
        set(b, 3, PORT, 2, 3, true);
        assert_int_equal(hits(b, in_b, 1, PORT), 2 | 8);
        assert_int_equal(hits(b, in_b, 1, PORT + 1), 8);
        assert_int_equal(hits(b, rep_ins, 2, PORT + 3), 8);                 /* after the first iteration */
        assert_int_equal(reg32(b->cpu, ECX), 2);
        assert_int_equal(b->cpu->s.gpr[EDI], BUFFER + 4);
        assert_int_equal(mem32(b, reg32(b->cpu, ESP)), CODE);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(de_decides), cmocka_unit_test(ranges), cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
