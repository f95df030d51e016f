/* t_youth.c - a block is made short at first and in full length when it has run often: at no age anything of it shows, neither in
 * code that writes over itself nor when the young blocks are thrown away under calls that are to return to them. */
#include "../../support/sysbench.h"

enum { CODE = 0x10000, DATA = 0x30000, CHAIN = 0x40000, PIECES = 20000, BUDGET = 3000000 };

struct end { u64 gpr[8], rip, eflags, insns; };

/* Runs the code at CODE until it halts; youth below 0: step by step. */
static struct end run_at(int youth, const u8 *code, size_t n, void (*prepare)(u8 *ram))
{
    struct bench *b = bench_new("max");
    struct end e;
    bench_protected(b, 0);
    cpu_set_engine(b->cpu, youth < 0 ? ENGINE_STEP : ENGINE_FAST);
    cpu_set_youth(b->cpu, youth < 0 ? 0 : youth);
    memcpy(b->ram->host + CODE, code, n);
    if (prepare)
        prepare(b->ram->host);
    b->cpu->s.rip = CODE;
    b->cpu->s.gpr[ESP] = STACK0;
    b->cpu->s.gpr[EAX] = b->cpu->s.gpr[EBX] = b->cpu->s.gpr[EDX] = 0;
    cpu_changed(b->cpu);
    assert_int_equal(cpu_run(b->cpu, BUDGET), EXIT_HALTED);
    memcpy(e.gpr, b->cpu->s.gpr, sizeof e.gpr);
    e.rip = b->cpu->s.rip;
    e.eflags = b->cpu->s.eflags;
    e.insns = cpu_insns(b->cpu);
    bench_free(b);
    return e;
}

static void same_at_every_age(const u8 *code, size_t n, void (*prepare)(u8 *ram))
{
    static const int ages[] = { 0, 1, 2, 3, 16, 1000 };
    struct end expected = run_at(-1, code, n, prepare);
    for (size_t k = 0; k < ARRAY_LEN(ages); k++) {
        struct end e = run_at(ages[k], code, n, prepare);
        assert_int_equal(e.insns, expected.insns);
        assert_memory_equal(&e, &expected, sizeof e);
    }
}

static const u8 loops[] = {
    0xb9, 50, 0, 0, 0,                  /*     mov ecx, 50 */
    0x83, 0xf9, 25,                     /* .a: cmp ecx, 25 */
    0x74, 3,                            /*     je .b */
    0x01, 0xc8,                         /*     add eax, ecx */
    0x40,                               /*     inc eax */
    0xf6, 0xc1, 1,                      /* .b: test cl, 1 */
    0x75, 6,                            /*     jnz .c */
    0x8d, 0x1c, 0xc3,                   /*     lea ebx, [ebx+eax*8] */
    0x0f, 0x92, 0xc2,                   /*     setb dl */
    0xe8, 4, 0, 0, 0,                   /* .c: call .d */
    0x49,                               /*     dec ecx */
    0x75, 0xe5,                         /*     jnz .a */
    0xf4,                               /*     hlt */
    0xbf, 0x2d, 0, 1, 0,                /* .d: mov edi, .e */
    0xff, 0xe7,                         /*     jmp edi */
    0x90, 0x90, 0x90, 0x90, 0x90,
    0x11, 0xc3,                         /* .e: adc ebx, eax */
    0xc3,                               /*     ret */
};

static void nothing_shows(void **state)
{
    (void)state;
    assert_int_equal(loops[0x1e], 0x75);                        /* the places that the code names */
    assert_int_equal(loops[0x2d], 0x11);
    same_at_every_age(loops, sizeof loops, NULL);
}

static const u8 written[] = {
    0xb9, 60, 0, 0, 0,                  /*     mov ecx, 60 */
    0x89, 0x0d, 0x0d, 0, 1, 0,          /* .a: mov [.b + 2], ecx */
    0x81, 0xc2, 0x78, 0x56, 0x34, 0x12, /* .b: add edx, 12345678h */
    0x83, 0xf9, 30,                     /*     cmp ecx, 30 */
    0x75, 7,                            /*     jne .c */
    0xc6, 0x05, 0x1d, 0, 1, 0, 0x43,    /*     mov byte [.c], 43h */
    0x40,                               /* .c: inc eax, then inc ebx */
    0x49,                               /*     dec ecx */
    0x75, 0xe4,                         /*     jnz .a */
    0xf4,                               /*     hlt */
};

static void code_that_writes_over_itself(void **state)
{
    struct end e = run_at(16, written, sizeof written, NULL);
    (void)state;
    assert_int_equal(e.gpr[EDX], 60 * 61 / 2);
    assert_int_equal(e.gpr[EAX], 30);
    assert_int_equal(e.gpr[EBX], 30);
    same_at_every_age(written, sizeof written, NULL);
}

/* More young blocks than there is room for, in a row; each piece jumps to the next, the last returns. */
static void make_chain(u8 *ram)
{
    static const u8 piece[] = { 0x40, 0x83, 0xf8, 0xff, 0x74, 0, 0x01, 0xc3, 0xeb, 0 };     /* inc, cmp, je, add, jmp */
    for (int k = 0; k < PIECES; k++)
        memcpy(ram + CHAIN + k * (int)sizeof piece, piece, sizeof piece);
    ram[CHAIN + PIECES * sizeof piece] = 0xc3;
}

static const u8 calls[] = {
    0xb9, 5, 0, 0, 0,                   /*     mov ecx, 5 */
    0xe8, 0xf6, 0xff, 0x02, 0,          /* .a: call CHAIN */
    0x01, 0xda,                         /*     add edx, ebx */
    0x49,                               /*     dec ecx */
    0x75, 0xf6,                         /*     jnz .a */
    0xf4,                               /*     hlt */
};

static void more_than_there_is_room_for(void **state)
{
    struct end e = run_at(16, calls, sizeof calls, make_chain);
    (void)state;
    assert_int_equal(e.gpr[EAX], 5 * PIECES);
    same_at_every_age(calls, sizeof calls, make_chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_shows), cmocka_unit_test(code_that_writes_over_itself), cmocka_unit_test(more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
