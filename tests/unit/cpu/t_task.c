/* t_task.c - task switches and the I/O permission bitmap. SDM Vol. 3A "Task Management"; Vol. 1 "Input/Output". */
#include "../../support/sysbench.h"

/* A ready 32-bit task at TSS_B: ring 0, EIP 7000h, ESP 6000h. */
static void task_b(struct bench *b)
{
    u8 *t = b->ram->host + TSS_B;
    put32(t + 28, 0x55000);
    put32(t + 32, 0x7000);
    put32(t + 36, FLAG_1 | FLAG_CF);
    put32(t + 40, 0xaaaa);                                      /* EAX */
    put32(t + 56, 0x6000);                                      /* ESP */
    put16(t + 72, S_DATA0);                                     /* ES */
    put16(t + 76, S_CODE0);
    put16(t + 80, S_DATA0);                                     /* SS */
    put16(t + 84, S_DATA3);                                     /* DS */
    put16(t + 102, 104);
}

static int far_imm(struct bench *b, insn_fn *fn, u16 selector)
{
    struct op o = op_make(2, 0, 0);
    o.imm = (u64)selector << 32;
    return attempt(b->cpu, fn, &o);
}

static void jump(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    bench_protected(b, 0);
    task_b(b);
    s->gpr[EBX] = 0x1234;
    s->dr[7] = 0x403;
    assert_int_equal(far_imm(b, op_jmp_far_imm, S_TSS_B), -1);
    assert_int_equal(s->rip, 0x7000);
    assert_int_equal(s->gpr[EAX], 0xaaaa);
    assert_int_equal(s->gpr[ESP], 0x6000);
    assert_int_equal(s->tr.selector, S_TSS_B);
    assert_int_equal(s->seg[DS].selector, S_DATA3);
    assert_int_equal(s->seg[FS].access, 0);
    assert_true(s->cr0 & CR0_TS);
    assert_int_equal(s->cr3, 0);                                /* paging is off */
    assert_int_equal(s->dr[7], 0x402);                          /* L0 cleared, G0 kept */
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_CF);
    assert_int_equal(b->ram->host[GDT + S_TSS_A + 5], 0x89);    /* no longer busy */
    assert_int_equal(b->ram->host[GDT + S_TSS_B + 5], 0x8b);
    assert_int_equal(mem32(b, TSS_A + 32), 0x100);
    assert_int_equal(mem32(b, TSS_A + 52), 0x1234);
    assert_int_equal(mem16(b, TSS_A + 76), S_CODE0);
    assert_int_equal(s->debug_trap, 0);
    bench_free(b);
}

static void call_and_iret(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    struct op o = op_make(2, 0, 0);
    (void)state;
    bench_protected(b, 0);
    task_b(b);
    b->ram->host[TSS_B + 100] = 1;                              /* T */
    assert_int_equal(far_imm(b, op_call_far_imm, S_TASKGATE), -1);
    assert_int_equal(s->debug_trap, 1);
    assert_true(cpu_eflags(b->cpu) & FLAG_NT);
    assert_int_equal(mem16(b, TSS_B), S_TSS_A);
    assert_int_equal(b->ram->host[GDT + S_TSS_A + 5], 0x8b);    /* both are busy */
    assert_int_equal(b->ram->host[GDT + S_TSS_B + 5], 0x8b);
    assert_int_equal(attempt(b->cpu, op_iret, &o), -1);
    assert_int_equal(s->tr.selector, S_TSS_A);
    assert_int_equal(s->rip, 0x100);
    assert_int_equal(s->gpr[ESP], STACK0);
    assert_int_equal(b->ram->host[GDT + S_TSS_B + 5], 0x89);
    assert_false(mem32(b, TSS_B + 36) & FLAG_NT);
    assert_false(cpu_eflags(b->cpu) & FLAG_NT);
    cpu_set_eflags(b->cpu, cpu_eflags(b->cpu) | FLAG_NT);
    put16(b->ram->host + TSS_A, S_TSS_B);                       /* not busy */
    assert_int_equal(attempt(b->cpu, op_iret, &o), FAULT(EXC_TS, S_TSS_B));
    put16(b->ram->host + TSS_A, 4);
    assert_int_equal(attempt(b->cpu, op_iret, &o), FAULT(EXC_TS, 4));
    bench_free(b);
}

static void task_16(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    u8 *t = b->ram->host + TSS16;
    (void)state;
    bench_protected(b, 0);
    put16(t + 14, 0x3333);
    put16(t + 16, FLAG_1 | FLAG_ZF);
    put16(t + 26, 0x2000);                                      /* SP */
    put16(t + 36, S_CODE16);
    put16(t + 38, S_DATA16);
    assert_int_equal(far_imm(b, op_call_far_imm, S_TSS16), -1);
    assert_int_equal(s->rip, 0x3333);
    assert_int_equal(s->gpr[ESP] & 0xffff, 0x2000);
    assert_int_equal(s->seg[CS].selector, S_CODE16);
    assert_int_equal(s->seg[FS].selector, 0);
    assert_int_equal(mem16(b, TSS16), S_TSS_A);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_ZF | FLAG_NT);
    bench_free(b);
}

static void exception_through_task_gate(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 3);
    task_b(b);
    put_idt(b, EXC_GP, gate_make(S_TSS_B, 0, 0x85, 0));
    assert_int_equal(attempt_deliver(b->cpu, EXC_GP, DELIVER_FAULT, true, 0x44), -1);
    assert_int_equal(b->cpu->s.cpl, 0);
    assert_int_equal(b->cpu->s.gpr[ESP], 0x6000 - 4);
    assert_int_equal(mem32(b, 0x6000 - 4), 0x44);
    assert_true(mem32(b, TSS_A + 36) & FLAG_RF);
    assert_int_equal(mem16(b, TSS_A + 76), S_CODE3);
    assert_int_equal(attempt_deliver(b->cpu, EXC_GP, DELIVER_FAULT, true, 0x44), FAULT(EXC_GP, S_TSS_B | 1));  /* busy */
    bench_free(b);
}

static void faults_before_the_switch(void **state)
{
    static const struct { u64 raw; int result; } list[] = {
        { 0x8bull << 40 | 0x67, FAULT(EXC_GP, S_TSS_B) }, { 0x09ull << 40 | 0x67, FAULT(EXC_NP, S_TSS_B) },
        { 0x89ull << 40 | 0x66, FAULT(EXC_TS, S_TSS_B) }, { 0x81ull << 40 | 0x2a, FAULT(EXC_TS, S_TSS_B) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, 0);
        put_gdt(b, S_TSS_B, list[k].raw | (u64)TSS_B << 16);
        assert_int_equal(far_imm(b, op_call_far_imm, S_TSS_B), list[k].result);
        assert_int_equal(b->cpu->s.tr.selector, S_TSS_A);
        assert_int_equal(b->cpu->s.rip, 0x100);
        bench_free(b);
    }
}

static void faults_in_the_new_task(void **state)
{
    static const struct { int at; u16 value; int result; } list[] = {
        { 96, S_TSS_A, FAULT(EXC_TS, S_TSS_A) }, { 96, 4, FAULT(EXC_TS, 4) }, { 76, 0, FAULT(EXC_TS, 0) },
        { 76, S_DATA0, FAULT(EXC_TS, S_DATA0) }, { 76, S_CODE0 | 3, FAULT(EXC_TS, S_CODE0) },
        { 76, S_ABSENT_CODE, FAULT(EXC_NP, S_ABSENT_CODE) }, { 80, 0, FAULT(EXC_TS, 0) }, { 80, S_READONLY, FAULT(EXC_TS, S_READONLY) },
        { 80, S_ABSENT, FAULT(EXC_SS, S_ABSENT) }, { 84, S_EXECONLY, FAULT(EXC_TS, S_EXECONLY) },
        { 84, S_ABSENT, FAULT(EXC_NP, S_ABSENT) }, { 76, S_SMALL, FAULT(EXC_GP, 0) }, { 96, S_LDT, -1 },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, 0);
        task_b(b);
        put16(b->ram->host + TSS_B + list[k].at, list[k].value);
        assert_int_equal(far_imm(b, op_jmp_far_imm, S_TSS_B), list[k].result);
        assert_int_equal(b->cpu->s.tr.selector, S_TSS_B);       /* the new task has the fault */
        assert_int_equal(b->cpu->s.rip, 0x7000);
        bench_free(b);
    }
}

static void to_v86(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 0);
    task_b(b);
    put32(b->ram->host + TSS_B + 36, FLAG_1 | FLAG_VM);
    put16(b->ram->host + TSS_B + 76, 0x1234);
    assert_int_equal(far_imm(b, op_jmp_far_imm, S_TSS_B), -1);
    assert_true(v86_mode(b->cpu));
    assert_int_equal(b->cpu->s.cpl, 3);
    assert_int_equal(b->cpu->s.seg[CS].base, 0x12340);
    bench_free(b);
}

static int io(struct bench *b, u32 port, int size)
{
    if (setjmp(b->cpu->unwind))
        return b->cpu->raised_vector << 16 | (int)b->cpu->raised_error;
    io_check(b->cpu, port, size);
    return -1;
}

static void io_permission(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 3);
    put16(b->ram->host + TSS_A + 102, 0x68);                    /* ports 0-255: 68h to 88h, the limit is 87h */
    memset(b->ram->host + TSS_A + 0x68, 0, 0x20);
    b->ram->host[TSS_A + 0x68 + 2] = 0x02;                      /* port 11h */
    assert_int_equal(io(b, 0x10, 1), -1);
    assert_int_equal(io(b, 0x11, 1), FAULT(EXC_GP, 0));
    assert_int_equal(io(b, 0x10, 2), FAULT(EXC_GP, 0));
    assert_int_equal(io(b, 0x0e, 4), FAULT(EXC_GP, 0));
    assert_int_equal(io(b, 0x0d, 4), -1);
    assert_int_equal(io(b, 0xf0, 1), -1);
    assert_int_equal(io(b, 0xf8, 1), FAULT(EXC_GP, 0));         /* its second byte is beyond the limit */
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_IOPL);
    assert_int_equal(io(b, 0x11, 1), -1);
    bench_v86(b, 3);
    assert_int_equal(io(b, 0x11, 1), FAULT(EXC_GP, 0));         /* V86 asks the bitmap whatever IOPL */
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jump), cmocka_unit_test(call_and_iret), cmocka_unit_test(task_16), cmocka_unit_test(exception_through_task_gate),
        cmocka_unit_test(faults_before_the_switch), cmocka_unit_test(faults_in_the_new_task), cmocka_unit_test(to_v86),
        cmocka_unit_test(io_permission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
