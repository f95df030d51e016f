/* t_system_run.c - system instructions as the engine runs them, from code bytes, in every engine: what faults push, shadows,
 * single-step, paging under delivery, tasks, SMM, unreal mode. */
#include "../../support/pins.h"
#include "../../support/sysbench.h"

enum { CODE = 0x10000 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_STEP };

static struct bench *start(enum cpu_engine engine, int cpl)
{
    struct bench *b = bench_new("max");
    cpu_set_engine(b->cpu, engine);
    if (cpl >= 0)
        bench_protected(b, cpl);
    b->cpu->s.rip = CODE;
    return b;
}

static void code(struct bench *b, u32 at, const u8 *bytes, size_t n)
{
    space_write_bytes(b->memory, at, bytes, n);
    cpu_changed(b->cpu);
}
#define CODE_AT(b, at, ...) code(b, at, (const u8[]) { __VA_ARGS__ }, sizeof((const u8[]) { __VA_ARGS__ }))

static void fault_pushes_its_start(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 0);
        put_idt(b, EXC_GP, gate_make(S_CODE0, CODE + 0x100, 0x8e, 0));
        CODE_AT(b, CODE + 0x100, 0xf4);                                     /* hlt */
        CODE_AT(b, CODE, 0x90, 0xb8, S_TSS_A, 0, 0, 0, 0x8e, 0xd8);         /* nop; mov eax, TSS; mov ds, ax */
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(mem32(b, STACK0 - 16), S_TSS_A);
        assert_int_equal(mem32(b, STACK0 - 12), CODE + 6);
        assert_int_equal(b->cpu->s.rip, CODE + 0x101);
        bench_free(b);
    }
}

static void ring_3_and_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 3);
        put_idt(b, 0x80, gate_make(S_CODE0, CODE + 0x100, 0xee, 0));
        put_idt(b, EXC_GP, gate_make(S_CODE0, CODE + 0x200, 0x8e, 0));
        CODE_AT(b, CODE, 0xcd, 0x80, 0x43, 0xf4);                           /* int 80h; inc ebx; hlt: #GP in ring 3 */
        CODE_AT(b, CODE + 0x100, 0x40, 0xcf);                               /* inc eax; iretd */
        CODE_AT(b, CODE + 0x200, 0xf4);
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(reg32(b->cpu, EAX), 1);
        assert_int_equal(reg32(b->cpu, EBX), 1);
        assert_int_equal(mem32(b, STACK0 - 20), CODE + 3);
        assert_int_equal(mem32(b, STACK0 - 16), S_CODE3);
        assert_int_equal(mem32(b, STACK0 - 4), S_DATA3);
        bench_free(b);
    }
}

static void triple_fault_stops(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 0);
        b->cpu->s.idtr.limit = 0;
        CODE_AT(b, CODE, 0x0f, 0x0b);                                       /* ud2 */
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_SHUTDOWN);
        assert_int_equal(b->cpu->faults.count, 5);
        assert_int_equal(b->cpu->faults.ring[0].rip, CODE);
        assert_int_equal(b->cpu->faults.ring[0].bytes[1], 0x0b);
        bench_free(b);
    }
}

static int acknowledge(void *board) { (void)board; return 0x20; }

static void sti_shadow(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 0);
        b->cpu->out.intack = acknowledge;
        put_idt(b, 0x20, gate_make(S_CODE0, CODE + 0x100, 0x8e, 0));
        CODE_AT(b, CODE + 0x100, 0xf4);
        CODE_AT(b, CODE, 0xfb, 0x40, 0x40, 0x40);                           /* sti; inc eax; inc eax */
        cpu_set_eflags(b->cpu, FLAG_1);
        pin_drive(b->cpu, PIN_INTR, true);
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(reg32(b->cpu, EAX), 1);                            /* one instruction passes */
        assert_int_equal(mem32(b, STACK0 - 12), CODE + 2);
        bench_free(b);
    }
}

static void single_step(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 0);
        put_idt(b, EXC_DB, gate_make(S_CODE0, CODE + 0x100, 0x8e, 0));
        put_idt(b, 0x30, gate_make(S_CODE0, CODE + 0x200, 0x8e, 0));
        CODE_AT(b, CODE + 0x100, 0x43, 0xcf);                               /* inc ebx; iretd */
        CODE_AT(b, CODE + 0x200, 0x41, 0xcf);                               /* inc ecx; iretd: not stepped into */
        CODE_AT(b, CODE, 0x40, 0xcd, 0x30, 0x40, 0x40);                     /* inc eax; int 30h; inc eax */
        cpu_set_eflags(b->cpu, FLAG_1 | FLAG_TF);
        assert_int_equal(cpu_run(b->cpu, 9 + 2), EXIT_BUDGET);               /* two deliveries take a tick each */
        assert_int_equal(b->cpu->s.rip, CODE + 4);
        assert_int_equal(reg32(b->cpu, EAX), 2);
        assert_int_equal(reg32(b->cpu, ECX), 1);
        assert_int_equal(reg32(b->cpu, EBX), 2);                            /* after each inc eax */
        bench_free(b);
    }
}

static void page_fault_under_delivery(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 3);
        u8 *ram = b->ram->host;
        for (u32 p = 0; p < 256; p++)
            put32(ram + 0x51000 + p * 4, p << 12 | 7);
        put32(ram + 0x50000, 0x51007);
        put32(ram + 0x51000 + 7 * 4, 0);                                    /* the ring 0 stack's page is absent */
        put_idt(b, 0x80, gate_make(S_CODE0, CODE + 0x100, 0xee, 0));
        put_idt(b, EXC_PF, gate_make(0, 0, 0x85, 0));
        put64(ram + IDT + EXC_PF * 8, gate_make(S_TSS_B, 0, 0x85, 0));      /* #PF has a task with a stack of its own */
        put32(ram + TSS_B + 28, 0x50000);
        put32(ram + TSS_B + 32, CODE + 0x200);
        put32(ram + TSS_B + 36, FLAG_1);
        put32(ram + TSS_B + 56, 0x6000);
        put16(ram + TSS_B + 76, S_CODE0);
        put16(ram + TSS_B + 80, S_DATA0);
        CODE_AT(b, CODE, 0xcd, 0x80);
        CODE_AT(b, CODE + 0x200, 0xf4);
        b->cpu->s.cr3 = 0x50000;
        b->cpu->s.cr0 |= CR0_PG;
        cpu_changed(b->cpu);
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(b->cpu->s.tr.selector, S_TSS_B);
        assert_int_equal(b->cpu->s.cr2, STACK0 - 4);                      /* SS, which is pushed first */
        assert_int_equal(mem32(b, 0x6000 - 4), 2);                          /* write, supervisor, not present */
        assert_int_equal(mem32(b, TSS_A + 32), CODE);                       /* INT is to be tried again */
        bench_free(b);
    }
}

static void smi_and_rsm(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], 3);
        put_idt(b, EXC_GP, gate_make(S_CODE0, CODE + 0x200, 0x8e, 0));
        CODE_AT(b, CODE + 0x200, 0xf4);
        CODE_AT(b, CODE, 0x40, 0x40, 0xf4);
        CODE_AT(b, 0x38000, 0xb8, 0x34, 0x12, 0x0f, 0xaa);                  /* mov ax, 1234h; rsm */
        pin_pulse(b->cpu, PIN_SMI);
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(reg32(b->cpu, EAX), 2);
        assert_int_equal(mem32(b, 0x3fff0), CODE);
        assert_int_equal(b->cpu->s.smm, 0);
        bench_free(b);
    }
}

static void unreal_mode(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct bench *b = start(engines[k], -1);
        struct cpu_state *s = &b->cpu->s;
        bench_tables(b);
        s->gdtr.base = GDT;
        s->gdtr.limit = GDT_END;
        segment_fill_real(&s->seg[CS], 0x1000);
        s->rip = 0;
        put32(b->ram->host + 0x20000, 0xabcdef01);
        CODE_AT(b, CODE, 0x0f, 0x20, 0xc0, 0x40, 0x0f, 0x22, 0xc0,          /* mov eax, cr0; inc ax; mov cr0, eax */
                0xbb, S_DATA0, 0, 0x8e, 0xdb, 0x48, 0x0f, 0x22, 0xc0,       /* mov bx, data; mov ds, bx; dec ax; mov cr0, eax */
                0x31, 0xdb, 0x8e, 0xdb,                                     /* xor bx, bx; mov ds, bx */
                0x66, 0x67, 0x8b, 0x0d, 0, 0, 2, 0, 0xf4);                  /* mov ecx, [dword 20000h]; hlt */
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(reg32(b->cpu, ECX), 0xabcdef01);
        assert_int_equal(s->seg[DS].limit, 0xffffffff);
        bench_free(b);
    }
}

/* More code than the pool of decoded blocks holds: it is thrown away in the middle of a run, and nothing shows. */
static void more_code_than_the_pool(void **state)
{
    enum { SLED = 0x10000, SLED_END = 0xf0000 };
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = start(engines[k], 0);
        u8 *sled = xcalloc(SLED_END - SLED, 1);
        memset(sled, 0x90, SLED_END - SLED);
        space_write_bytes(b->memory, SLED, sled, SLED_END - SLED);
        free(sled);
        CODE_AT(b, SLED, 0x40);                                             /* inc eax */
        CODE_AT(b, SLED_END, 0x49, 0x0f, 0x85, 0xfa, 0xff, 0xf1, 0xff, 0xf4);   /* dec ecx; jnz SLED + 1; hlt */
        b->cpu->s.gpr[EAX] = 0;
        b->cpu->s.gpr[ECX] = 3;
        assert_int_equal(cpu_run(b->cpu, 10000000), EXIT_HALTED);
        assert_int_equal(b->cpu->insns, 1 + 3 * (SLED_END - SLED - 1 + 2) + 1);
        assert_int_equal(b->cpu->s.rip, SLED_END + 8);
        assert_int_equal(reg32(b->cpu, EAX), 1);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_pushes_its_start), cmocka_unit_test(ring_3_and_back), cmocka_unit_test(triple_fault_stops),
        cmocka_unit_test(more_code_than_the_pool),
        cmocka_unit_test(sti_shadow), cmocka_unit_test(single_step), cmocka_unit_test(page_fault_under_delivery),
        cmocka_unit_test(smi_and_rsm), cmocka_unit_test(unreal_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
