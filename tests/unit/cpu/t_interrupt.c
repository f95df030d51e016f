/* t_interrupt.c - interrupt delivery and IRET in every mode, double and triple faults. SDM Vol. 2 "INT n", "IRET";
 * Vol. 3A "Interrupt and Exception Handling", "8086 Emulation". */
#include "../../support/sysbench.h"

static int int_n(struct bench *b, int vector)
{
    struct op o = op_make(2, 0, 0);
    o.imm = (u64)vector;
    return attempt(b->cpu, op_int_n, &o);
}

static int iret(struct bench *b, int size_log2)
{
    struct op o = op_make(size_log2, 0, 0);
    return attempt(b->cpu, op_iret, &o);
}

static void real_mode_table(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    s->gpr[ESP] = 0x800;
    s->rip = 0x1234;
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_IF | FLAG_TF | FLAG_CF);
    put32(b->ram->host + 0x21 * 4, 0x12005678);
    b->cpu->s.idtr.limit = 0x3ff;
    assert_int_equal(int_n(b, 0x21), -1);
    assert_int_equal(s->rip, 0x5678);
    assert_int_equal(s->seg[CS].base, 0x12000);
    assert_int_equal(s->gpr[ESP], 0x7fa);
    assert_int_equal(mem16(b, 0x7fa), 0x1234);
    assert_int_equal(mem16(b, 0x7fc), 0xf000);
    assert_int_equal(mem16(b, 0x7fe), FLAG_1 | FLAG_IF | FLAG_TF | FLAG_CF);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_CF);
    s->nmi_masked = 1;
    assert_int_equal(iret(b, 1), -1);
    assert_int_equal(s->rip, 0x1234);
    assert_int_equal(s->seg[CS].selector, 0xf000);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IF | FLAG_TF | FLAG_CF);
    assert_int_equal(s->nmi_masked, 0);
    s->idtr.limit = 0x83;                                       /* 0x21 * 4 + 3 is beyond */
    assert_int_equal(int_n(b, 0x21), FAULT(EXC_GP, 0x21 * 8 + 2));
    bench_free(b);
}

static void same_ring(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    bench_protected(b, 0);
    put_idt(b, 13, gate_make(S_CODE0, 0x12345, 0x8e, 0));
    put_idt(b, 0x30, gate_make(S_CODE0, 0x4000, 0x8f, 0));      /* trap gate */
    put_idt(b, 0x31, gate_make(S_CODE0, 0x4000, 0x86, 0));      /* 16-bit interrupt gate */
    assert_int_equal(attempt_deliver(b->cpu, 13, DELIVER_FAULT, true, 0x18), -1);
    assert_int_equal(s->rip, 0x12345);
    assert_int_equal(s->gpr[ESP], STACK0 - 16);
    assert_int_equal(mem32(b, STACK0 - 16), 0x18);
    assert_int_equal(mem32(b, STACK0 - 12), 0x100);
    assert_int_equal(mem32(b, STACK0 - 8), S_CODE0);
    assert_int_equal(mem32(b, STACK0 - 4), FLAG_1 | FLAG_IF | FLAG_RF);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1);
    s->gpr[ESP] += 4;
    assert_int_equal(iret(b, 2), -1);
    assert_int_equal(s->rip, 0x100);
    assert_int_equal(s->gpr[ESP], STACK0);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IF | FLAG_RF);
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_IF);
    assert_int_equal(attempt_deliver(b->cpu, 0x30, DELIVER_EXTERNAL, false, 0), -1);
    assert_true(cpu_eflags(b->cpu) & FLAG_IF);
    assert_int_equal(mem32(b, STACK0 - 4), FLAG_1 | FLAG_IF);
    assert_int_equal(attempt_deliver(b->cpu, 0x31, DELIVER_NMI, false, 0), -1);
    assert_int_equal(s->gpr[ESP], STACK0 - 12 - 6);
    assert_int_equal(s->nmi_masked, 1);
    bench_free(b);
}

static void gate_faults(void **state)
{
    enum { V = 0x40, E = V * 8 + 2 };
    static const struct { int kind; u64 access; u16 selector; int cpl, result; } list[] = {
        { DELIVER_EXTERNAL, 0x0e, S_CODE0, 0, FAULT(EXC_NP, E | 1) }, { DELIVER_INT_N, 0x0e, S_CODE0, 0, FAULT(EXC_NP, E) },
        { DELIVER_INT_N, 0x8e, S_CODE0, 3, FAULT(EXC_GP, E) }, { DELIVER_EXTERNAL, 0x8e, S_CODE0, 3, -1 },
        { DELIVER_ICEBP, 0x8e, S_CODE0, 3, -1 }, { DELIVER_INT3, 0x8e, S_CODE0, 3, FAULT(EXC_GP, E) },
        { DELIVER_INT_N, 0xee, S_CODE0, 3, -1 }, { DELIVER_FAULT, 0x8c, S_CODE0, 0, FAULT(EXC_GP, E | 1) },
        { DELIVER_EXTERNAL, 0x8e, 0, 0, FAULT(EXC_GP, 1) }, { DELIVER_INT_N, 0x8e, 0, 0, FAULT(EXC_GP, 0) },
        { DELIVER_INT_N, 0x8e, S_DATA0, 0, FAULT(EXC_GP, S_DATA0) }, { DELIVER_TRAP, 0x8e, S_ABSENT_CODE, 0, FAULT(EXC_NP, S_ABSENT_CODE | 1) },
        { DELIVER_INT_N, 0x8e, S_CODE3, 0, FAULT(EXC_GP, S_CODE3 & ~3) }, { DELIVER_EXTERNAL, 0x8e, 0x200, 0, FAULT(EXC_GP, 0x201) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, list[k].cpl);
        put_idt(b, V, gate_make(list[k].selector, 0x4000, (int)list[k].access, 0));
        assert_int_equal(attempt_deliver(b->cpu, V, (enum deliver_kind)list[k].kind, false, 0), list[k].result);
        assert_int_equal(b->cpu->s.rip, list[k].result == -1 ? 0x4000 : 0x100);
        bench_free(b);
    }
}

static void inner_ring(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    bench_protected(b, 3);
    put_idt(b, 0x80, gate_make(S_CODE0, 0x4000, 0xef, 0));
    put_idt(b, 14, gate_make(S_CODE0, 0x4400, 0x8e, 0));
    assert_int_equal(int_n(b, 0x80), -1);
    assert_int_equal(s->cpl, 0);
    assert_int_equal(s->gpr[ESP], STACK0 - 20);
    assert_int_equal(s->seg[SS].selector, S_DATA0);
    assert_int_equal(mem32(b, STACK0 - 4), S_DATA3);
    assert_int_equal(mem32(b, STACK0 - 8), STACK3);
    assert_int_equal(mem32(b, STACK0 - 12), FLAG_1 | FLAG_IF);
    assert_int_equal(mem32(b, STACK0 - 16), S_CODE3);
    assert_int_equal(mem32(b, STACK0 - 20), 0x100);
    assert_int_equal(iret(b, 2), -1);
    assert_int_equal(s->cpl, 3);
    assert_int_equal(s->gpr[ESP], STACK3);
    assert_int_equal(s->seg[DS].selector, S_DATA3);
    assert_int_equal(attempt_deliver(b->cpu, 14, DELIVER_FAULT, true, 7), -1);
    assert_int_equal(mem32(b, STACK0 - 24), 7);
    bench_protected(b, 3);
    b->cpu->s.tr.limit = 7;                                     /* SS0 is beyond the TSS */
    assert_int_equal(attempt_deliver(b->cpu, 14, DELIVER_FAULT, true, 7), FAULT(EXC_TS, S_TSS_A | 1));
    b->cpu->s.tr.limit = 0x87;
    put_gdt(b, S_DATA0, raw_make(0, 0x6fff, 0x92, 0x40));       /* the stack segment ends below STACK0 */
    assert_int_equal(attempt_deliver(b->cpu, 14, DELIVER_FAULT, true, 7), FAULT(EXC_SS, S_DATA0 | 1));
    bench_free(b);
}

static void iret_keeps_flags(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 3);
    put32(b->ram->host + STACK3, 0x500);
    put32(b->ram->host + STACK3 + 4, S_CODE3);
    put32(b->ram->host + STACK3 + 8, FLAG_IOPL | FLAG_VM | FLAG_VIF | FLAG_VIP | FLAG_CF | FLAG_ID);   /* no IF */
    assert_int_equal(iret(b, 2), -1);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IF | FLAG_CF | FLAG_ID);
    bench_free(b);
}

static void v86_to_ring0_and_back(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    bench_v86(b, 3);
    put_idt(b, 0x21, gate_make(S_CODE0, 0x4000, 0xee, 0));
    assert_int_equal(int_n(b, 0x21), -1);
    assert_int_equal(s->cpl, 0);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IOPL);
    assert_int_equal(s->gpr[ESP], STACK0 - 36);
    assert_int_equal(mem32(b, STACK0 - 4), 0x600);              /* GS */
    assert_int_equal(mem32(b, STACK0 - 16), 0x100);             /* ES */
    assert_int_equal(mem32(b, STACK0 - 20), 0x300);             /* SS */
    assert_int_equal(mem32(b, STACK0 - 28), FLAG_1 | FLAG_IF | FLAG_VM | FLAG_IOPL);
    assert_int_equal(mem32(b, STACK0 - 32), 0x200);             /* CS */
    assert_int_equal(s->seg[DS].access, 0);
    assert_int_equal(iret(b, 2), -1);
    assert_int_equal(s->cpl, 3);
    assert_true(v86_mode(b->cpu));
    assert_int_equal(s->seg[FS].base, 0x5000);
    assert_int_equal(s->seg[CS].base, 0x2000);
    assert_int_equal(s->gpr[ESP], 0x800);
    put_idt(b, 0x22, gate_make(S_CONFORM, 0x4000, 0xee, 0));
    assert_int_equal(int_n(b, 0x22), FAULT(EXC_GP, S_CONFORM));
    put_idt(b, 0x23, gate_make(S_CODE1, 0x4000, 0xee, 0));
    assert_int_equal(int_n(b, 0x23), FAULT(EXC_GP, S_CODE1));
    bench_free(b);
}

static void v86_vme(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    bench_v86(b, 0);
    assert_int_equal(int_n(b, 0x21), FAULT(EXC_GP, 0));         /* no VME */
    assert_int_equal(iret(b, 1), FAULT(EXC_GP, 0));
    s->cr4 = CR4_VME;
    cpu_mode_changed(b->cpu);
    put16(b->ram->host + TSS_A + 0x66, 0x88);                   /* bitmap of redirection at 68h */
    put32(b->ram->host + 0x21 * 4, 0x07000050);
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_IF | FLAG_VM | FLAG_VIF);
    assert_int_equal(int_n(b, 0x21), -1);
    assert_int_equal(s->seg[CS].selector, 0x700);
    assert_int_equal(s->rip, 0x50);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IF | FLAG_VM);
    assert_int_equal(mem16(b, 0x3000 + 0x7fe), FLAG_1 | FLAG_IF | FLAG_IOPL);
    assert_int_equal(iret(b, 1), -1);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IF | FLAG_VM | FLAG_VIF);
    b->ram->host[TSS_A + 0x68 + 4] = 2;                         /* 21h goes to the protected-mode handler */
    assert_int_equal(int_n(b, 0x21), FAULT(EXC_GP, 0));
    put16(b->ram->host + TSS_A + 0x66, 0x200);
    assert_int_equal(int_n(b, 0x21), FAULT(EXC_GP, 0));
    bench_free(b);
}

/* Bring the exception to exception_deliver_raised until it is delivered; -1, or the limit of tries. */
static int settle(struct bench *b)
{
    for (int tries = 0; tries < 8; tries++)
        if (attempt_raised(b->cpu) == -1)
            return tries;
    return 8;
}

static void raise(struct bench *b, int vector, u32 error)
{
    b->cpu->op = NULL;
    if (!setjmp(b->cpu->unwind))
        cpu_raise(b->cpu, vector, error, "test", 0);
}

static void double_fault(void **state)
{
    static const struct { int vector; bool becomes_double; } list[] = {
        { EXC_GP, true }, { EXC_PF, true }, { EXC_DE, true }, { EXC_UD, false }, { EXC_AC, false },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, 0);
        put_idt(b, EXC_DF, gate_make(S_CODE0, 0x4000, 0x8e, 0));
        put_idt(b, EXC_NP, gate_make(S_CODE0, 0x5000, 0x8e, 0));
        put_idt(b, EXC_GP, gate_make(S_CODE0, 0x6000, 0x8e, 0));
        put_idt(b, list[k].vector, gate_make(S_CODE0, 0, 0x0e, 0)); /* absent: #NP while delivering */
        raise(b, list[k].vector, 0);
        assert_int_equal(settle(b), 1);
        assert_int_equal(b->cpu->s.rip, list[k].becomes_double ? 0x4000 : 0x5000);
        assert_int_equal(mem32(b, STACK0 - 16), list[k].becomes_double ? 0 : (u32)list[k].vector * 8 + 3);
        assert_int_equal(b->cpu->s.delivering, DELIVER_NONE);
        bench_free(b);
    }
}

static void triple_fault(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 0);
    b->cpu->s.idtr.limit = 0;
    raise(b, EXC_UD, 0);
    assert_int_equal(settle(b), 3);                             /* #UD, #GP, #DF, shutdown */
    assert_int_equal(b->cpu->s.activity, ACTIVITY_SHUTDOWN);
    assert_int_equal(b->cpu->faults.count, 5);
    assert_int_equal(b->cpu->faults.ring[0].vector, EXC_UD);
    assert_int_equal(b->cpu->faults.ring[1].vector, EXC_GP);
    assert_int_equal(b->cpu->faults.ring[1].error, EXC_UD * 8 + 3);
    assert_int_equal(b->cpu->faults.ring[2].vector, EXC_GP);
    assert_int_equal(b->cpu->faults.ring[3].vector, EXC_DF);
    assert_int_equal(b->cpu->faults.ring[4].vector, EXC_GP);
    assert_non_null(b->cpu->faults.ring[4].why);
    assert_int_equal(b->cpu->faults.ring[0].length, FAULT_BYTES);
    bench_free(b);
}

static void an_interrupt_is_benign(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 0);
    put_idt(b, EXC_NP, gate_make(S_CODE0, 0x5000, 0x8e, 0));
    put_idt(b, 0x20, gate_make(S_CODE0, 0, 0x0e, 0));
    assert_int_equal(attempt_deliver(b->cpu, 0x20, DELIVER_EXTERNAL, false, 0), FAULT(EXC_NP, 0x103));
    assert_int_equal(settle(b), 0);
    assert_int_equal(b->cpu->s.rip, 0x5000);
    bench_free(b);
}

static void debug_traps_have_no_rf(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 0);
    put_idt(b, EXC_DB, gate_make(S_CODE0, 0x5000, 0x8e, 0));
    raise(b, EXC_DB, 0);
    assert_int_equal(settle(b), 0);
    assert_int_equal(mem32(b, STACK0 - 4), FLAG_1 | FLAG_IF);
    bench_protected(b, 0);
    b->cpu->s.dr[7] = 0x2400;
    struct op o = op_make(2, 0, EAX);
    assert_int_equal(attempt(b->cpu, op_mov_r_dr, &o), FAULT(EXC_DB, 1));
    assert_int_equal(settle(b), 0);
    assert_int_equal(mem32(b, STACK0 - 4), FLAG_1 | FLAG_IF | FLAG_RF);
    assert_int_equal(b->cpu->s.dr[7], 0x400);
    assert_int_equal(b->cpu->s.dr[6], 0xffff2ff0);
    bench_free(b);
}

static void into(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(2, 0, 0);
    (void)state;
    bench_protected(b, 3);
    put_idt(b, EXC_OF, gate_make(S_CODE0, 0x5000, 0xee, 0));
    assert_int_equal(attempt(b->cpu, op_into, &o), -1);
    assert_int_equal(b->cpu->s.rip, 0x100);
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_OF);
    assert_int_equal(attempt(b->cpu, op_into, &o), -1);
    assert_int_equal(b->cpu->s.rip, 0x5000);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_mode_table), cmocka_unit_test(same_ring), cmocka_unit_test(gate_faults), cmocka_unit_test(inner_ring),
        cmocka_unit_test(iret_keeps_flags), cmocka_unit_test(v86_to_ring0_and_back), cmocka_unit_test(v86_vme), cmocka_unit_test(double_fault),
        cmocka_unit_test(triple_fault), cmocka_unit_test(an_interrupt_is_benign), cmocka_unit_test(debug_traps_have_no_rf),
        cmocka_unit_test(into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
