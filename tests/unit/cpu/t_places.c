/* t_places.c - places and accesses that are observed, in every engine: told once for each time that an instruction is reached, wherever it
 * lies and by whatever address; an observer that says no changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/engines.h"
#include "../../../cpu/timing.h"

enum { ALIAS = 0x40000, DIRECTORY = 0x4000, TABLE = 0x5000 };

struct seen { int count; u64 insns[64]; u32 rip; bool stop; struct cpu_access access; };

static void place(void *to, struct cpu *cpu)
{
    struct seen *s = to;
    if (s->count < (int)ARRAY_LEN(s->insns))
        s->insns[s->count] = cpu_insns(cpu);
    s->count++;
    s->rip = (u32)cpu_eip(cpu);
    assert_null(cpu->op);
    if (s->stop)
        cpu_break(cpu);
}

static void accessed(void *to, struct cpu *cpu, const struct cpu_access *a)
{
    struct seen *s = to;
    s->count++;
    s->rip = (u32)cpu_eip(cpu);
    s->access = *a;
    if (s->stop)
        cpu_break(cpu);
}

static void start(struct rig *r, struct bare *s, const u8 *code, size_t n)
{
    struct program p = { .n = 0 };
    roll_registers(r);
    emit(&p, code, (int)n);
    side_start(r, s, &p);
}

/* ---- places ---- */

/* A loop of one block that goes back to the place stops there in every round, and once in each. */
static void rounds(void **state)
{
    static const u8 code[] = { 0xb9, 5, 0, 0, 0, 0x49, 0x75, 0xfd, 0xf4 };      /* mov ecx, 5; dec ecx; jnz; hlt */
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++)
        for (u32 at = 5; at <= 6; at++) {                   /* the first and the second of a fused pair */
            struct bare *s = &r->side[k];
            struct seen seen = { .stop = true };
            int token = cpu_on_place(s->cpu, CODE + at, false, place, &seen);
            start(r, s, code, sizeof code);
            u64 before = s->cpu->insns;
            for (u64 n = 1; n <= 5; n++) {
                assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_BREAK);
                assert_int_equal(s->cpu->s.rip, CODE + at);
                assert_int_equal(s->cpu->insns - before, 2 * n - 1 + (at - 5));
                assert_int_equal(seen.count, n);
            }
            assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
            seen = (struct seen) { .stop = false };
            start(r, s, code, sizeof code);
            assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
            assert_int_equal(seen.count, 5);                /* who says no is asked each time */
            cpu_unobserve(s->cpu, token);
        }
    rig_free(r);
}

/* A repeated string instruction is reached once, in whatever pieces it is done. */
static void repeated(void **state)
{
    static const u8 code[] = { 0xb9, 200, 0, 0, 0, 0xf3, 0xaa, 0xf4 };          /* mov ecx, 200; rep stosb; hlt */
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++) {
        struct bare *s = &r->side[k];
        struct seen seen = { .stop = false };
        int token = cpu_on_place(s->cpu, CODE + 5, false, place, &seen);
        start(r, s, code, sizeof code);
        s->cpu->s.eflags &= ~(u64)FLAG_DF;
        for (int n = 0; n < 40 && cpu_run(s->cpu, 7) != EXIT_HALTED; n++)
            ;
        assert_int_equal(s->cpu->s.rip, CODE + sizeof code);
        assert_int_equal(seen.count, 1);
        cpu_unobserve(s->cpu, token);
    }
    rig_free(r);
}

/* One physical page at two linear addresses: who observes one of these is not told of the other, whichever is decoded first; who observes
 * the physical address is told of both. */
static void map_twice(struct bare *s)
{
    u8 *memory = s->ram->host;
    memset(memory + DIRECTORY, 0, 0x2000);
    put32(memory + DIRECTORY, TABLE | 3);
    for (u32 page = 0; page < RAM >> 12; page++)
        put32(memory + TABLE + 4 * page, page << 12 | 3);
    put32(memory + TABLE + 4 * (ALIAS >> 12), CODE | 3);
    s->cpu->s.cr3 = DIRECTORY;
    s->cpu->s.cr0 |= CR0_PG;
    cpu_changed(s->cpu);
}

static void aliases(void **state)
{
    static const struct { u64 address; bool physical; int told; } cases[] = {
        { CODE + 5, false, 1 }, { ALIAS + 5, false, 1 }, { CODE + 5, true, 2 }, { ALIAS + 5, true, 0 }, { DATA + 5, false, 0 },
    };
    static const u8 code[] = {
        0x90, 0x90, 0x90, 0x90, 0x90, 0x90,                 /* the place: 5 */
        0xb8, 0x00, 0x00, 0x04, 0x00,                       /* mov eax, ALIAS */
        0x83, 0xf3, 0x01,                                   /* xor ebx, 1 */
        0xf6, 0xc3, 0x01,                                   /* test bl, 1 */
        0x74, 0x02,                                         /* jz +2 */
        0xff, 0xe0, 0xf4,                                   /* jmp eax; hlt */
    };
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++)
        for (size_t n = 0; n < ARRAY_LEN(cases); n++) {
            struct bare *s = &r->side[k];
            struct seen seen = { .stop = false };
            int token = cpu_on_place(s->cpu, cases[n].address, cases[n].physical, place, &seen);
            start(r, s, code, sizeof code);
            s->cpu->s.gpr[EBX] = 0;
            map_twice(s);
            assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
            assert_int_equal(s->cpu->s.rip, ALIAS + sizeof code);
            assert_int_equal(seen.count, cases[n].told);
            cpu_unobserve(s->cpu, token);
        }
    rig_free(r);
}

/* Instructions that no block keeps, or that make a block of their own: across two pages, on a device, cut by the limit. */
static u64 nops(void *dev, u64 offset, int size)
{
    (void)dev, (void)size;
    return offset == 5 ? 0xf4 : 0x90;
}

static void odd_places(void **state)
{
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++) {
        static const u32 at[] = { CODE + 0xffe, 0x20002, CODE + 0x20 };
        struct bare *s = &r->side[k];
        space_add_device(s->memory, "nops", 0x20000, 0x1000, 1, 1, nops, NULL, NULL);
        for (size_t n = 0; n < ARRAY_LEN(at); n++) {
            struct seen seen = { .stop = true };
            int token = cpu_on_place(s->cpu, at[n], false, place, &seen);
            start(r, s, (const u8[]) { 0x90 }, 1);
            memcpy(s->ram->host + CODE + 0xffe, (const u8[]) { 0x05, 1, 2, 3, 4, 0xf4 }, 6);    /* add eax, imm32; hlt */
            memcpy(s->ram->host + CODE + 0x20, (const u8[]) { 0x90, 0x90 }, 2);
            s->cpu->s.rip = n == 0 ? CODE + 0xffe : n == 1 ? 0x20000 : CODE + 0x20;
            if (n == 2)
                s->cpu->s.seg[CS].limit = CODE + 0x21;      /* two bytes are left of a block that was longer */
            cpu_changed(s->cpu);
            assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_BREAK);
            assert_int_equal(s->cpu->s.rip, at[n]);
            cpu_run(s->cpu, RUN_MAX);
            assert_int_equal(seen.count, 1);
            cpu_unobserve(s->cpu, token);
        }
    }
    rig_free(r);
}

/* Two processors run the same blocks; each has its own places. */
static void processors(void **state)
{
    static const u8 code[] = { 0x40, 0x40, 0x40, 0xf4 };
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++) {
        struct bare *s = &r->side[k];
        struct cpu_wiring w = { .memory = s->memory, .ports = s->ports, .log = r->log, .time = bare_no_time, .beside = s->cpu };
        struct bare other = *s;
        struct seen seen = { .stop = true }, others = { .stop = true };
        other.cpu = cpu_new(&w, cpu_model_find("max"));
        cpu_set_engine(other.cpu, (enum cpu_engine)k);
        int token = cpu_on_place(s->cpu, CODE + 1, false, place, &seen);
        int another = cpu_on_place(other.cpu, CODE + 2, false, place, &others);
        for (int round = 0; round < 2; round++) {           /* whoever decodes first */
            struct bare *first = round ? s : &other, *second = round ? &other : s;
            start(r, first, code, sizeof code);
            assert_int_equal(cpu_run(first->cpu, RUN_MAX), EXIT_BREAK);
            second->cpu->s = r->start;
            cpu_changed(second->cpu);
            assert_int_equal(cpu_run(second->cpu, RUN_MAX), EXIT_BREAK);
            assert_int_equal(s->cpu->s.rip, CODE + 1);
            assert_int_equal(other.cpu->s.rip, CODE + 2);
            assert_int_equal(cpu_run(first->cpu, RUN_MAX), EXIT_HALTED);
            assert_int_equal(cpu_run(second->cpu, RUN_MAX), EXIT_HALTED);
        }
        assert_int_equal(seen.count, 2);
        assert_int_equal(others.count, 2);
        cpu_unobserve(s->cpu, token);
        cpu_unobserve(other.cpu, another);
        cpu_free(other.cpu);
    }
    rig_free(r);
}

/* The shadow of STI and TF are what they would be without the stop. */
static void between(void **state)
{
    static const u8 sti[] = { 0xfb, 0x40, 0x40, 0xf4 };     /* sti; inc eax; inc eax; hlt */
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++)
        for (int tf = 0; tf < 2; tf++) {
            struct bare *s = &r->side[k];
            u32 end[2];
            for (int stop = 0; stop < 2; stop++) {
                struct seen seen = { .stop = true };
                int token = stop ? cpu_on_place(s->cpu, CODE + 1, false, place, &seen) : 0;
                start(r, s, sti, sizeof sti);
                memcpy(s->ram->host + GATES + 8, (const u8[]) { 0xff, 0x05, 0x00, 0x60, 0x00, 0x00, 0xcf }, 7);     /* #DB: inc [DATA] */
                put32(s->ram->host + DATA, 0);
                s->cpu->s.eflags = FLAG_1 | (tf ? FLAG_TF : 0);
                cpu_changed(s->cpu);
                s->cpu->s.intr = !tf;
                u64 over = cpu_ticks(s->cpu) + 60;
                while (cpu_ticks(s->cpu) < over && cpu_run(s->cpu, over - cpu_ticks(s->cpu)) != EXIT_HALTED)
                    ;
                assert_int_equal(seen.count, stop);
                end[stop] = get32(tf ? s->ram->host + DATA : s->ram->host + STACK + 0x40 - 12);     /* traps; EIP that was pushed */
                s->cpu->s.intr = 0;
                if (stop)
                    cpu_unobserve(s->cpu, token);
            }
            assert_int_equal(end[0], end[1]);
            assert_true(tf ? end[0] >= 4 : end[0] == CODE + 2);
        }
    rig_free(r);
}

/* With timing, the engine that was DEBUG is as fast as ever afterwards. */
static void engines_with_timing(void **state)
{
    struct rig *r = rig_new(FLAT);
    struct cpu *cpu = r->side[0].cpu;
    (void)state;
    cpu_set_timing(cpu, cpu_timing_find("486"));
    i64 below = cpu->step_below;
    assert_true(below < 1 << 20);
    cpu_set_engine(cpu, ENGINE_DEBUG);
    assert_true(cpu->step_below > 1 << 20);
    cpu_set_engine(cpu, ENGINE_FAST);
    assert_true(cpu->step_below == below);
    rig_free(r);
}

/* ---- accesses ---- */

/* Linear and physical addresses, what was there and what came, by whom. */
static void accesses(void **state)
{
    static const u8 code[] = {
        0xc7, 0x05, 0xfe, 0x6f, 0x00, 0x00, 1, 2, 3, 4,     /* mov dword [DATA + ffe], 04030201: across two pages */
        0xa1, 0x00, 0x60, 0x00, 0x00,                       /* mov eax, [DATA] */
        0xff, 0x05, 0x00, 0x60, 0x00, 0x00,                 /* inc dword [DATA] */
        0xa2, 0x00, 0x60, 0x04, 0x00,                       /* mov [ALIAS + DATA], al */
        0xf4,
    };
    static const struct { struct cpu_range range; bool read, write; int told; u32 rip, old, value; } cases[] = {
        { { DATA + 0xfff, DATA + 0xfff, false }, false, true, 1, 0, 0x0a0a0a0a, 0x04030201 },
        { { DATA + 0x1000, DATA + 0x1000, true }, false, true, 1, 0, 0x0a0a0a0a, 0x04030201 },
        { { DATA, DATA + 3, false }, true, false, 2, 15, 0x0a0a0a0a, 0x0a0a0a0a },
        { { DATA, DATA + 3, false }, false, true, 1, 15, 0x0a0a0a0a, 0x0a0a0a0b },
        { { DATA, DATA, true }, false, true, 2, 21, 0x0b, 0x0a },
        { { DATA + ALIAS, DATA + ALIAS, false }, true, true, 1, 21, 0x0b, 0x0a },
        { { DATA + ALIAS, DATA + ALIAS, true }, true, true, 0, 0, 0, 0 },
        { { DATA + 4, DATA + 0xffd, false }, true, true, 0, 0, 0, 0 },
    };
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++)
        for (size_t n = 0; n < ARRAY_LEN(cases); n++) {
            struct bare *s = &r->side[k];
            struct seen seen = { .stop = false };
            int token = cpu_on_access(s->cpu, &cases[n].range, cases[n].read, cases[n].write, accessed, &seen);
            start(r, s, code, sizeof code);
            map_twice(s);
            put32(s->ram->host + TABLE + 4 * ((ALIAS + DATA) >> 12), DATA | 3);
            memset(s->ram->host + DATA, 10, 0x1010);
            assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
            assert_int_equal(seen.count, cases[n].told);
            if (seen.count) {
                assert_int_equal(seen.rip, CODE + cases[n].rip);
                assert_int_equal(seen.access.old, cases[n].old);
                assert_int_equal(seen.access.value, cases[n].value);
            }
            cpu_unobserve(s->cpu, token);
        }
    rig_free(r);
}

/* The other pages stay where accesses are plain. */
static void other_pages(void **state)
{
    static const u8 code[] = { 0xa1, 0x00, 0x60, 0x00, 0x00, 0xa3, 0x00, 0x70, 0x00, 0x00, 0xf4 };  /* mov eax, [DATA]; mov [STACK], eax */
    struct rig *r = rig_new(FLAT);
    struct bare *s = &r->side[ENGINE_FAST];
    struct seen seen = { .stop = false };
    (void)state;
    int token = cpu_on_access(s->cpu, &(struct cpu_range) { DATA + 0x800, DATA + 0x800, false }, true, true, accessed, &seen);
    start(r, s, code, sizeof code);
    assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
    assert_int_not_equal(s->cpu->cache.tlb[0][DATA >> PAGE_SHIFT].read, DATA);
    assert_int_equal(s->cpu->cache.tlb[0][STACK >> PAGE_SHIFT].write, STACK);
    assert_int_equal(seen.count, 0);
    cpu_unobserve(s->cpu, token);
    start(r, s, code, sizeof code);
    assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
    assert_int_equal(s->cpu->cache.tlb[0][DATA >> PAGE_SHIFT].read, DATA);
    rig_free(r);
}

/* What is asked for in the middle of an instruction is asked behind it. */
static void boundary(void *to, struct cpu *cpu)
{
    struct seen *s = to;
    s->rip = (u32)cpu->s.rip;
    assert_null(cpu->op);
    if (s->stop)
        cpu_break(cpu);
}
static void ask(void *to, struct cpu *cpu, const struct cpu_access *a)
{
    (void)a;
    ((struct seen *)to)->count++;
    cpu_ask(cpu);
}

static void boundaries(void **state)
{
    static const u8 code[] = { 0xa3, 0x00, 0x60, 0x00, 0x00, 0x40, 0xa3, 0x00, 0x60, 0x00, 0x00, 0xf4 };
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++)
        for (int stop = 0; stop < 2; stop++) {
            struct bare *s = &r->side[k];
            struct seen seen = { .stop = stop };
            int one = cpu_on_access(s->cpu, &(struct cpu_range) { DATA, DATA, false }, false, true, ask, &seen);
            int two = cpu_on_boundary(s->cpu, boundary, &seen);
            start(r, s, code, sizeof code);
            assert_int_equal(cpu_run(s->cpu, RUN_MAX), stop ? EXIT_BREAK : EXIT_HALTED);
            assert_int_equal(seen.rip, CODE + (stop ? 5 : 11));
            assert_int_equal(seen.count, stop ? 1 : 2);
            cpu_unobserve(s->cpu, one);
            cpu_unobserve(s->cpu, two);
        }
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds), cmocka_unit_test(repeated), cmocka_unit_test(aliases), cmocka_unit_test(odd_places),
        cmocka_unit_test(processors),
        cmocka_unit_test(between), cmocka_unit_test(engines_with_timing), cmocka_unit_test(accesses), cmocka_unit_test(other_pages),
        cmocka_unit_test(boundaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
