/* t_programs.c - short programs in every engine: loops of calls, returns and indirect jumps in stretches of many lengths, faults of
 * jumps and divisions, code that writes over itself, and what the debugger plants. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/engines.h"
#include "../../../cpu/engine/run.h"

/* ---- loops: links, inline caches, the return stack, and budgets that end anywhere ---- */

/* A loop of 60 rounds around `body`, whose first byte is at CODE plus the touching's; jumps in it are relative. */
static void run_loop(struct rig *r, const u8 *body, int n)
{
    static const u64 stretches[] = { RUN_MAX, 300, 131, 97, 70, 66, 65, 64, 63, 7, 1 };
    struct program p = { .n = 0 };
    roll_registers(r);
    r->start.gpr[EDX] = 60;
    r->start.gpr[EAX] = 0;
    emit_touch(r, &p);
    emit(&p, body, n);
    EMIT(&p, 0x4a);                                         /* dec edx */
    EMIT(&p, 0x75, (u8)-(n + 3));                           /* jnz: round again */
    EMIT(&p, HLT);
    for (size_t k = 0; k < ARRAY_LEN(stretches); k++)
        compare(r, &p, stretches[k]);
}
#define LOOP(r, ...) run_loop(r, (const u8[]) { __VA_ARGS__ }, sizeof((const u8[]) { __VA_ARGS__ }))

/* The code is the same in 16 and 32-bit segments but for the width of displacements. */
static void loops_in(enum lie lie)
{
    struct rig *r = rig_new(lie);
    LOOP(r, 0x40);                                                          /* inc eax */
    LOOP(r, 0x40, 0xeb, 0x01, 0x40, 0x40);                                  /* jmp over one */
    LOOP(r, 0xf6, 0xc2, 0x01, 0x74, 0x02, 0x40, 0x40, 0x40);                /* test dl, 1; jz */
    LOOP(r, 0xb1, 0x03, 0x40, 0xe2, 0xfd);                                  /* mov cl, 3; inc; loop: ECX's rest may be large */
    LOOP(r, 0x31, 0xc9, 0xe3, 0x01, 0x40, 0xb1, 5, 0xe0, 0xfe, 0xb1, 5, 0xe1, 0xfe);    /* jcxz, loopne, loope */
    LOOP(r, 0xa8, 0, 0x75, 1, 0x40, 0x70, 0, 0x71, 0, 0x7a, 0, 0x7b, 0, 0x7c, 0, 0x7d, 0, 0x7e, 0, 0x7f, 0);
    if (lie == NARROW) {
        LOOP(r, 0xe8, 2, 0, 0xeb, 2, 0x40, 0xc3);                           /* call; jmp over; inc eax; ret */
        LOOP(r, 0xe8, 5, 0, 0xe8, 2, 0, 0xeb, 2, 0x40, 0xc3);               /* two calls of one */
        LOOP(r, 0xe8, 6, 0, 0x83, 0xc4, 2, 0xeb, 4, 0x40, 0x50, 0xc2, 2, 0, 0x44);  /* ret 2 */
        LOOP(r, 0x68, 0x20, 0x70, 0x5e, 0xff, 0xd6, 0x40);                  /* call into HLT: ends */
        LOOP(r, 0xe8, 0, 0, 0x5e, 0x83, 0xc6, 7, 0xff, 0xe6, 0x90, 0x40);   /* jmp si */
        LOOP(r, 0x0f, 0x8f, 0, 0, 0xe9, 0, 0);
    } else {
        LOOP(r, 0xe8, 2, 0, 0, 0, 0xeb, 2, 0x40, 0xc3);
        LOOP(r, 0xe8, 7, 0, 0, 0, 0xe8, 2, 0, 0, 0, 0xeb, 2, 0x40, 0xc3);
        LOOP(r, 0x50, 0xe8, 2, 0, 0, 0, 0xeb, 4, 0x40, 0xc2, 4, 0);         /* push; call ... ret 4 */
        LOOP(r, 0xe8, 0, 0, 0, 0, 0x5e, 0x83, 0xc6, 7, 0xff, 0xe6, 0x90, 0x40);
        LOOP(r, 0x89, 0xd1, 0x83, 0xe1, 7,                                  /* one of eight targets by DL: jmp esi */
             0xe8, 0, 0, 0, 0, 0x5e, 0x8d, 0x74, 0x0e, 8, 0xff, 0xe6, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x40);
        LOOP(r, 0x89, 0xd1, 0x83, 0xe1, 3, 0xe8, 0, 0, 0, 0, 0x5e, 0x8d, 0x74, 0x0e, 0x0a, 0xff, 0xd6, 0xeb, 6,
             0x40, 0x40, 0x40, 0x40, 0x40, 0xc3);                           /* call esi: one of four */
        LOOP(r, 0xe8, 0, 0, 0, 0, 0x5e, 0x66, 0x83, 0xc6, 8, 0x66, 0x56, 0x66, 0xc3, 0x40);     /* ret to 16 bits */
        LOOP(r, 0x0f, 0x8f, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0);
        LOOP(r, 0x31, 0xc9, 0xb1, 9, 0xf3, 0xaa, 0x81, 0xef, 9, 0, 0, 0);   /* rep stosb in the middle of budgets */
    }
    rig_free(r);
}

static void loops(void **state)
{
    (void)state;
    for (int lie = 0; lie < LIES; lie++)
        loops_in((enum lie)lie);
}

/* ---- near jumps past the limit of the code segment, and quotients that do not fit ---- */

static void faults(void **state)
{
    static const u8 jumps[][8] = {
        { 0xe2, 0x60 }, { 0x39, 0xc0, 0xe1, 0x60 }, { 0x83, 0xf9, 0x7f, 0xe0, 0x60 }, { 0x67, 0xe2, 0x60 }, { 0xeb, 0x60 },
        { 0x39, 0xc0, 0x74, 0x60 }, { 0x31, 0xc9, 0xe3, 0x60 }, { 0xe8, 0, 1, 0, 0 }, { 0xff, 0xe3 }, { 0xff, 0xd3 }, { 0x53, 0xc3 },
        { 0x66, 0x53, 0x66, 0xc3 },
    };
    static const u8 divisions[][16] = {
        { 0xba, 0, 0, 0, 0x80, 0x31, 0xc0, 0xb9, 0xff, 0xff, 0xff, 0xff, 0xf7, 0xf9 },      /* idiv: 8000000000000000h by -1 */
        { 0x31, 0xc9, 0xf7, 0xf9 }, { 0x31, 0xc9, 0xf7, 0xf1 }, { 0x31, 0xc9, 0xf6, 0xf1 }, { 0x31, 0xc9, 0xf6, 0xf9 },
        { 0x31, 0xd2, 0x4a, 0xb9, 1, 0, 0, 0, 0xf7, 0xf1 },
    };
    (void)state;
    for (int lie = LIMITED; lie <= NARROW; lie++) {
        struct rig *r = rig_new((enum lie)lie);
        for (size_t k = 0; k < ARRAY_LEN(jumps); k++) {
            struct program p = { .n = 0 };
            roll_registers(r);
            r->start.gpr[ECX] = 3;
            r->start.gpr[EBX] = 0xd000;
            r->start.seg[CS].limit = CODE - BASE + 0x30;
            emit_touch(r, &p);
            emit(&p, jumps[k], sizeof jumps[k]);
            compare(r, &p, RUN_MAX);
            assert_int_equal(r->side[ENGINE_SLOW].cpu->s.rip, GATES + 8 * EXC_GP + 1);
        }
        rig_free(r);
    }
    struct rig *r = rig_new(FLAT);
    for (size_t k = 0; k < ARRAY_LEN(divisions); k++) {
        struct program p = { .n = 0 };
        roll_registers(r);
        emit(&p, divisions[k], sizeof divisions[k]);
        compare(r, &p, RUN_MAX);
        assert_int_equal(r->side[ENGINE_SLOW].cpu->s.rip, GATES + 1);
    }
    rig_free(r);
}

/* ---- index registers, stack pointer and results that pass 32 bits: compare() looks at the upper halves ---- */

static void wraps(void **state)
{
    static const struct { int n; u8 bytes[8]; } programs[] = {
        { 4, { 0xfd, 0x31, 0xf6, 0xac } },                          /* STD; LODSB at 0 */
        { 4, { 0xfd, 0x31, 0xf6, 0xad } },                          /* LODSD */
        { 4, { 0xfd, 0x31, 0xff, 0xae } },                          /* SCASB */
        { 6, { 0xfd, 0x31, 0xf6, 0x31, 0xff, 0xa6 } },              /* CMPSB */
        { 4, { 0x31, 0xf6, 0x4e, 0xac } },                          /* LODSB at FFFFFFFF */
        { 4, { 0x31, 0xff, 0x4f, 0xae } },                          /* SCASB */
        { 8, { 0x31, 0xf6, 0x4e, 0x31, 0xc9, 0x41, 0xf3, 0xac } },  /* REP LODSB, once */
        { 7, { 0x31, 0xc0, 0x48, 0x01, 0xc0, 0x11, 0xc0 } },        /* ADD, ADC of FFFFFFFF */
        { 8, { 0x31, 0xc0, 0x48, 0x89, 0xc3, 0x0f, 0xc1, 0xd8 } },  /* XADD */
        { 7, { 0x31, 0xc0, 0x48, 0x8d, 0x44, 0x40, 0x7f } },        /* LEA */
        { 4, { 0x31, 0xc9, 0xe2, 0x00 } },                          /* LOOP from 0 */
    };
    (void)state;
    for (int lie = FLAT; lie <= BASED; lie++) {
        struct rig *r = rig_new((enum lie)lie);
        for (size_t k = 0; k < ARRAY_LEN(programs); k++) {
            struct program p = { .n = 0 };
            roll_registers(r);
            emit(&p, programs[k].bytes, programs[k].n);
            compare(r, &p, RUN_MAX);
        }
        rig_free(r);
    }
}

/* ---- code that writes over itself: the running instruction keeps its own operands ---- */

static void code_over_itself(void **state)
{
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < 2; k++) {
        /* Each begins a block with the instruction that writes into it: FISTP, SHL, and CALL over itself. */
        static const u8 fistp[] = { 0xbf, 0x0d, 0x90, 0, 0, 0x39, 0xc0, 0xeb, 0, 0xdb, 0x1f, 0x74, 4, 0x90, 0x90, 0x90, 0x90, 0x40 };
        static const u8 shift[] = { 0x39, 0xc0, 0xeb, 0, 0xc1, 0x25, 0x0d, 0x90, 0, 0, 3, 0x74, 4, 0x90, 0x90, 0x90, 0x90, 0x40 };
        static const u8 call[] = { 0xbc, 0x0b, 0x90, 0, 0, 0xeb, 0, 0xe8, 4, 0, 0, 0 };
        static const struct { const u8 *bytes; int n; } programs[] = {
            { fistp, sizeof fistp }, { shift, sizeof shift }, { call, sizeof call }
        };
        for (size_t n = 0; n < ARRAY_LEN(programs); n++) {
            struct program p = { .n = 0 };
            roll_registers(r);
            emit(&p, programs[n].bytes, programs[n].n);
            compare(r, &p, k ? 100 : RUN_MAX);
        }
    }
    rig_free(r);
}

/* ---- the hook: called before every instruction, with exact state; it may stop the run ---- */

struct watch_all { u64 calls, stop_at; u32 rip_sum; };

static void on_instruction(void *to, struct cpu *cpu)
{
    struct watch_all *w = to;
    w->calls++;
    w->rip_sum += (u32)cpu->s.rip;
    assert_int_equal(cpu_eip(cpu), cpu->s.rip);
    assert_null(cpu->op);                                   /* none runs yet */
    if (w->calls == w->stop_at)
        cpu_break(cpu);
}

static void hook(void **state)
{
    static const u8 loop[] = { 0x31, 0xd2, 0xb2, 100, 0x40, 0x4a, 0x75, 0xfc, 0xf4 };   /* 2 + 3 * 100 + 1 instructions */
    struct rig *r = rig_new(FLAT);
    struct bare *s = &r->side[ENGINE_DEBUG];
    struct program p = { .n = 0 };
    struct watch_all w = { 0 };
    (void)state;
    roll_registers(r);
    emit(&p, loop, sizeof loop);
    int token = cpu_on_instruction(s->cpu, on_instruction, &w);
    assert_int_equal(side_run(r, s, &p, RUN_MAX), EXIT_HALTED);
    assert_int_equal(w.calls, 303);
    u32 sum = w.rip_sum;
    w = (struct watch_all) { 0 };
    assert_int_equal(side_run(r, s, &p, 7), EXIT_HALTED);   /* in small stretches the same */
    assert_int_equal(w.calls, 303);
    assert_int_equal(w.rip_sum, sum);
    for (u64 stop = 1; stop < 10; stop++) {
        w = (struct watch_all) { .stop_at = stop };
        u64 before = s->cpu->insns;
        assert_int_equal(side_run(r, s, &p, stop & 1 ? RUN_MAX : 20), EXIT_BREAK);
        assert_int_equal(s->cpu->insns - before, stop - 1);
        assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
        assert_int_equal(w.calls, 303 + 1);                 /* the one it stopped before is seen again */
    }
    cpu_unobserve(s->cpu, token);
    rig_free(r);
}

/* Breakpoints: any number; a run stops before each, and goes on past it. */
static void breakpoints(void **state)
{
    enum { MANY = 300 };
    static const u8 code[] = { 0x40, 0x40, 0x40, 0x43, 0xf4 };
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++) {
        struct bare *s = &r->side[k];
        struct program p = { .n = 0 };
        int tokens[MANY];
        roll_registers(r);
        emit(&p, code, sizeof code);
        for (u32 n = 0; n < MANY; n++)
            tokens[n] = cpu_break_at(s->cpu, 0x100 + n);
        int first = cpu_break_at(s->cpu, CODE + 1), second = cpu_break_at(s->cpu, CODE + 3), again = cpu_break_at(s->cpu, CODE + 3);
        assert_int_equal(side_run(r, s, &p, RUN_MAX), EXIT_BREAK);
        assert_int_equal(s->cpu->s.rip, CODE + 1);
        assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_BREAK);
        assert_int_equal(s->cpu->s.rip, CODE + 3);
        assert_int_equal(cpu_run(s->cpu, RUN_MAX), EXIT_HALTED);
        cpu_unobserve(s->cpu, first);
        cpu_unobserve(s->cpu, again);                       /* the other one there stays */
        assert_int_equal(side_run(r, s, &p, RUN_MAX), EXIT_BREAK);
        assert_int_equal(s->cpu->s.rip, CODE + 3);
        cpu_unobserve(s->cpu, second);
        for (u32 n = 0; n < MANY; n++)
            cpu_unobserve(s->cpu, tokens[n]);
        assert_int_equal(s->cpu->observers.count, 0);
        assert_int_equal(side_run(r, s, &p, RUN_MAX), EXIT_HALTED);
    }
    rig_free(r);
}

/* Watchpoints stop behind the instruction that touches one of their bytes, in every engine; others do not. */
static void watchpoints(void **state)
{
    enum { AT = 0x9000 };
    static const u8 code[] = {
        0xa1, 0x00, 0x90, 0x00, 0x00,                       /* mov eax, [9000] */
        0xa3, 0x03, 0x90, 0x00, 0x00,                       /* mov [9003], eax */
        0xa0, 0x07, 0x90, 0x00, 0x00,                       /* mov al, [9007] */
        0xf4,
    };
    static const struct { u64 first, last; bool read, write; u32 stops_at; } cases[] = {
        { AT, AT, true, false, 5 }, { AT, AT, false, true, 0 }, { AT + 6, AT + 6, false, true, 10 }, { AT + 6, AT + 6, true, false, 0 },
        { AT + 7, AT + 9, true, false, 15 }, { AT + 8, AT + 9, true, true, 0 }, { AT - 4, AT - 1, true, true, 0 },
    };
    struct rig *r = rig_new(FLAT);
    (void)state;
    for (int k = 0; k < ENGINES; k++) {
        for (size_t n = 0; n < ARRAY_LEN(cases); n++) {
            struct bare *s = &r->side[k];
            struct program p = { .n = 0 };
            emit(&p, code, sizeof code);
            roll_registers(r);
            int token = cpu_watch(s->cpu, cases[n].first, cases[n].last, cases[n].read, cases[n].write);
            assert_int_equal(side_run(r, s, &p, RUN_MAX), cases[n].stops_at ? EXIT_BREAK : EXIT_HALTED);
            if (cases[n].stops_at)
                assert_int_equal(s->cpu->s.rip, CODE + cases[n].stops_at);
            cpu_unobserve(s->cpu, token);
            assert_int_equal(side_run(r, s, &p, RUN_MAX), EXIT_HALTED);
        }
    }
    rig_free(r);
}

/* Observers may come and go while they are told. */
struct fickle { int token, calls, later; };

static void count(void *to, struct cpu *cpu)
{
    (void)cpu;
    ++*(int *)to;
}

static void once(void *to, struct cpu *cpu)
{
    struct fickle *f = to;
    f->calls++;
    cpu_unobserve(cpu, f->token);
    for (int k = 0; k < 20; k++)                            /* the list moves */
        cpu_on_instruction(cpu, count, &f->later);
}

static void observers_come_and_go(void **state)
{
    static const u8 code[] = { 0x40, 0x40, 0x40, 0xf4 };
    struct rig *r = rig_new(FLAT);
    struct bare *s = &r->side[ENGINE_DEBUG];
    struct program p = { .n = 0 };
    struct fickle f = { .calls = 0 };
    struct watch_all w = { 0 };
    (void)state;
    roll_registers(r);
    emit(&p, code, sizeof code);
    f.token = cpu_on_instruction(s->cpu, once, &f);
    int token = cpu_on_instruction(s->cpu, on_instruction, &w);
    assert_int_equal(side_run(r, s, &p, RUN_MAX), EXIT_HALTED);
    assert_int_equal(f.calls, 1);
    assert_int_equal(f.later, 20 * 3);                      /* from the next instruction on */
    assert_int_equal(w.calls, 4);                           /* nobody is left out */
    cpu_unobserve(s->cpu, token);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops), cmocka_unit_test(wraps), cmocka_unit_test(faults), cmocka_unit_test(code_over_itself), cmocka_unit_test(hook),
        cmocka_unit_test(breakpoints), cmocka_unit_test(watchpoints), cmocka_unit_test(observers_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
