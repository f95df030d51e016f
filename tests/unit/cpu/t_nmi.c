/* t_nmi.c - the non-maskable interrupt at an instruction boundary: what it pushes, and what it is blocked by.
 * Follows: Intel SDM Vol. 3A "Nonmaskable Interrupt (NMI)", "Handling Multiple NMIs", "Masking Exceptions and
 * Interrupts When Switching Stacks"; Vol. 3B "Instruction-Breakpoint Exception Condition" (RF is set in the images
 * of faults only). */
#include "../../support/pins.h"
#include "../../support/sysbench.h"

enum { CODE = 0x10000, HANDLER = 0x20000, COUNT = 0x30000 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

static struct bench *start(enum cpu_engine engine, const u8 *bytes, size_t n)
{
    struct bench *b = bench_new("max");
    cpu_set_engine(b->cpu, engine);
    bench_protected(b, 0);
    memset(b->ram->host + CODE, 0xf4, 32);
    memcpy(b->ram->host + CODE, bytes, n);
    put_idt(b, EXC_NMI, gate_make(S_CODE0, HANDLER, 0x8e, 0));
    b->ram->host[HANDLER] = 0xf4;
    b->cpu->s.rip = CODE;
    cpu_changed(b->cpu);
    return b;
}
#define BYTES(...) (const u8[]) { __VA_ARGS__ }, sizeof((const u8[]) { __VA_ARGS__ })

/* EFLAGS as they are, IF and the rest; RF is not made up. */
static void image(void **state)
{
    static const u32 flags[] = { FLAG_1, FLAG_1 | FLAG_IF, FLAG_1 | FLAGS_ARITH | FLAG_DF | FLAG_IOPL | FLAG_AC };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (size_t k = 0; k < ARRAY_LEN(flags); k++) {
            struct bench *b = start(engines[e], BYTES(0x90, 0x90));
            cpu_set_eflags(b->cpu, flags[k]);
            assert_int_equal(cpu_run(b->cpu, 1), EXIT_BUDGET);
            pin_pulse(b->cpu, PIN_NMI);
            assert_int_equal(cpu_run(b->cpu, 10), EXIT_HALTED);
            assert_int_equal(b->cpu->s.rip, HANDLER + 1);
            assert_int_equal(b->cpu->s.gpr[ESP], STACK0 - 12);              /* no error code */
            assert_int_equal(mem32(b, STACK0 - 12), CODE + 1);
            assert_int_equal(mem32(b, STACK0 - 8), S_CODE0);
            assert_int_equal(mem32(b, STACK0 - 4), flags[k]);
            assert_int_equal(b->cpu->s.nmi_masked, 1);
            bench_free(b);
        }
}

/* Through a task gate: the old TSS has the flags, RF clear. */
static void task_gate(void **state)
{
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct bench *b = start(engines[e], BYTES(0x90, 0x90));
        put_idt(b, EXC_NMI, gate_make(S_TSS_B, 0, 0x85, 0));
        put32(b->ram->host + TSS_B + 32, HANDLER);
        put32(b->ram->host + TSS_B + 36, FLAG_1);
        put32(b->ram->host + TSS_B + 56, 0x6000);
        put16(b->ram->host + TSS_B + 76, S_CODE0);
        put16(b->ram->host + TSS_B + 80, S_DATA0);
        pin_pulse(b->cpu, PIN_NMI);
        assert_int_equal(cpu_run(b->cpu, 10), EXIT_HALTED);
        assert_int_equal(b->cpu->s.tr.selector, S_TSS_B);
        assert_int_equal(b->cpu->s.gpr[ESP], 0x6000);
        assert_int_equal(mem32(b, TSS_A + 32), CODE);
        assert_int_equal(mem32(b, TSS_A + 36), FLAG_1 | FLAG_IF);
        bench_free(b);
    }
}

/* Another one waits for IRET, and just one: "until the next IRET". HLT ends. */
static void blocking(void **state)
{
    static const u8 handler[] = { 0xff, 0x05, 0, 0, 3, 0, 0x90, 0x90, 0xcf };               /* inc dword [COUNT]; nop; nop; iretd */
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct bench *b = start(engines[e], BYTES(0x40, 0xf4, 0x43, 0xf4));                 /* inc eax; hlt; inc ebx; hlt */
        memcpy(b->ram->host + HANDLER, handler, sizeof handler);
        b->cpu->s.gpr[EAX] = b->cpu->s.gpr[EBX] = 0;
        cpu_set_eflags(b->cpu, FLAG_1);
        cpu_changed(b->cpu);
        pin_pulse(b->cpu, PIN_NMI);
        cpu_run(b->cpu, 2);                                                 /* delivery takes a tick; in the handler */
        assert_int_equal(mem32(b, COUNT), 1);
        pin_pulse(b->cpu, PIN_NMI);
        pin_pulse(b->cpu, PIN_NMI);
        cpu_run(b->cpu, 3);
        assert_int_equal(mem32(b, COUNT), 1);                               /* IRET is through */
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(mem32(b, COUNT), 2);                               /* two edges meanwhile are one NMI */
        assert_int_equal(reg32(b->cpu, EAX), 1);
        assert_int_equal(reg32(b->cpu, EBX), 0);
        pin_pulse(b->cpu, PIN_NMI);                                                    /* ends HLT, interrupts off or not */
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(mem32(b, COUNT), 3);
        assert_int_equal(reg32(b->cpu, EBX), 1);
        bench_free(b);
    }
}

/* MOV SS and POP SS hold it back by one instruction, so that the stack is whole. */
static void stack_switch(void **state)
{
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (int pop = 0; pop < 2; pop++) {
            struct bench *b = start(engines[e], BYTES(0x8e, 0xd0, 0xbc, 0, 0x60, 0, 0, 0x90));  /* mov ss, eax; mov esp, 6000h; nop */
            if (pop)
                put16(b->ram->host + CODE, 0x1790);                         /* nop; pop ss */
            put32(b->ram->host + STACK0, S_DATA0);
            b->cpu->s.gpr[EAX] = S_DATA0;
            cpu_changed(b->cpu);
            cpu_run(b->cpu, pop ? 2 : 1);
            pin_pulse(b->cpu, PIN_NMI);
            assert_int_equal(cpu_run(b->cpu, 10), EXIT_HALTED);
            assert_int_equal(b->cpu->s.rip, HANDLER + 1);
            assert_int_equal(b->cpu->s.gpr[ESP], 0x6000 - 12);
            assert_int_equal(mem32(b, 0x6000 - 12), CODE + 7);
            bench_free(b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(image), cmocka_unit_test(task_gate), cmocka_unit_test(blocking),
                                        cmocka_unit_test(stack_switch) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
