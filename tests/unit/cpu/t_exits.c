/* t_exits.c - faults of instruction bodies that a running system hardly meets: each exit, called directly.
 * Follows: Intel SDM Vol. 2, the exception lists of the instructions; Vol. 3A "Software Interrupt Handling Methods While in
 * Virtual-8086 Mode", "Task-Gate Descriptor". */
#include "../../support/sysbench.h"
#include "../../../cpu/insn/integer.h"

static void system_calls(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(1, 0, EAX);
    (void)state;
    assert_int_equal(attempt(b->cpu, op_sysenter, &o), FAULT(EXC_GP, 0));   /* real mode */
    assert_int_equal(attempt(b->cpu, op_sysexit, &o), FAULT(EXC_GP, 0));
    bench_protected(b, 0);
    b->cpu->s.sysenter_cs = 3;                                              /* null but for the RPL */
    assert_int_equal(attempt(b->cpu, op_sysenter, &o), FAULT(EXC_GP, 0));
    assert_int_equal(attempt(b->cpu, op_sysexit, &o), FAULT(EXC_GP, 0));
    bench_free(b);
}

static void registers(void **state)
{
    static const int absent[] = { 1, 5, 6, 7 };
    struct bench *b = bench_new("max");
    struct op o;
    (void)state;
    bench_protected(b, 0);
    for (size_t k = 0; k < ARRAY_LEN(absent); k++) {
        o = op_make(2, absent[k], EAX);
        assert_int_equal(attempt(b->cpu, op_mov_r_cr, &o), FAULT(EXC_UD, 0));
        assert_int_equal(attempt(b->cpu, op_mov_cr_r, &o), FAULT(EXC_UD, 0));
    }
    o = op_make(1, 0, EAX);
    set_reg32(b->cpu, EAX, S_LDT | 4);                                      /* LLDT of a selector into the LDT */
    assert_int_equal(attempt(b->cpu, op_lldt, &o), FAULT(EXC_GP, S_LDT | 4));
    assert_int_equal(attempt(b->cpu, op_invd, &o), -1);
    bench_free(b);
    b = bench_new("386");
    bench_protected(b, 0);
    o = op_make(2, 4, EAX);                                                 /* CR4 came later */
    assert_int_equal(attempt(b->cpu, op_mov_r_cr, &o), FAULT(EXC_UD, 0));
    assert_int_equal(attempt(b->cpu, op_mov_cr_r, &o), FAULT(EXC_UD, 0));
    bench_free(b);
}

static void redirection_bitmap(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = { .imm = 0x21, .len = 2, .what = what_of_size(1), .how = 1 << 5 };
    (void)state;
    bench_v86(b, 0);
    b->cpu->s.cr4 |= CR4_VME;
    segment_fill(&b->cpu->s.tr, S_TSS16, raw_make(TSS16, 0x2b, 0x83, 0));   /* a 16-bit TSS has none */
    assert_int_equal(attempt(b->cpu, op_int_n, &o), FAULT(EXC_GP, 0));
    segment_fill(&b->cpu->s.tr, S_TSS_A, raw_make(TSS_A, 0x87, 0x8b, 0));
    put16(b->ram->host + TSS_A + 0x66, 31);                                 /* below the I/O bitmap there is no room */
    assert_int_equal(attempt(b->cpu, op_int_n, &o), FAULT(EXC_GP, 0));
    put16(b->ram->host + TSS_A + 0x66, 0xa8);                               /* beyond the limit */
    assert_int_equal(attempt(b->cpu, op_int_n, &o), FAULT(EXC_GP, 0));
    bench_free(b);
}

static void absent_task_gate(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = { .imm = (u64)S_TASKGATE << 32, .len = 7, .what = what_of_size(2), .how = 2 << 5 };
    (void)state;
    bench_protected(b, 0);
    put_gdt(b, S_TASKGATE, gate_make(S_TSS_B, 0, 0x65, 0));
    assert_int_equal(attempt(b->cpu, op_jmp_far_imm, &o), FAULT(EXC_NP, S_TASKGATE));
    assert_int_equal(attempt(b->cpu, op_call_far_imm, &o), FAULT(EXC_NP, S_TASKGATE));
    put_idt(b, 0x30, gate_make(S_TSS_B, 0, 0x65, 0));
    assert_int_equal(attempt_deliver(b->cpu, 0x30, DELIVER_INT_N, false, 0), FAULT(EXC_NP, 0x30 * 8 + 2));
    bench_free(b);
}

static void ask_port(struct cpu *cpu, const struct op *o) { io_check(cpu, (u32)o->imm, 1); }

static void no_permission_bitmap(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = { .imm = 0x60 };
    (void)state;
    bench_v86(b, 3);                                                        /* IOPL does not count for I/O in V86 mode */
    segment_fill(&b->cpu->s.tr, S_TSS16, raw_make(TSS16, 0x2b, 0x83, 0));
    assert_int_equal(attempt(b->cpu, ask_port, &o), FAULT(EXC_GP, 0));
    segment_fill(&b->cpu->s.tr, S_TSS_A, raw_make(TSS_A, 0x66, 0x8b, 0));   /* 32-bit, and a byte too short */
    assert_int_equal(attempt(b->cpu, ask_port, &o), FAULT(EXC_GP, 0));
    bench_free(b);
}

static void task_states(void **state)
{
    enum { PDPT = 0x20000, DIRECTORY = 0x21000, BAD_PDPT = 0x22000 };
    struct bench *b = bench_new("max");
    struct op o = { .imm = (u64)S_TSS_B << 32, .len = 7, .what = what_of_size(2), .how = 2 << 5 };
    (void)state;
    bench_protected(b, 0);
    b->cpu->s.tr.limit = 0x40;                                              /* the current TSS cannot hold its state */
    assert_int_equal(attempt(b->cpu, op_jmp_far_imm, &o), FAULT(EXC_TS, S_TSS_A));
    b->cpu->s.tr.limit = 0x87;
    /* PAE: the new task's page-directory pointers have reserved bits set. */
    put64(b->ram->host + PDPT, DIRECTORY | 1);
    put64(b->ram->host + DIRECTORY, 0x83);                                  /* the first 2 MB, a large page */
    put64(b->ram->host + BAD_PDPT, DIRECTORY | 7);
    put32(b->ram->host + TSS_B + 28, BAD_PDPT);
    b->cpu->s.cr3 = PDPT;
    b->cpu->s.pdpte[0] = DIRECTORY | 1;
    b->cpu->s.cr4 |= CR4_PAE;
    b->cpu->s.cr0 |= CR0_PG;
    cpu_changed(b->cpu);
    assert_int_equal(attempt(b->cpu, op_jmp_far_imm, &o), FAULT(EXC_GP, 0));
    assert_int_equal(b->cpu->s.tr.selector, S_TSS_B);                       /* in the new task */
    assert_int_equal(b->cpu->s.cr3, PDPT);
    bench_free(b);
}

/* "Real-Address Mode Exceptions" of PUSHA: (E)SP 7, 9, 11, 13 or 15. */
static void pusha_at_the_end(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(1, 0, 0);
    (void)state;
    for (u32 sp = 7; sp <= 15; sp += 2) {
        b->cpu->s.gpr[ESP] = sp;
        assert_int_equal(attempt(b->cpu, op_pusha, &o), FAULT(EXC_GP, 0));
    }
    b->cpu->s.gpr[ESP] = 16;
    assert_int_equal(attempt(b->cpu, op_pusha, &o), -1);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system_calls), cmocka_unit_test(registers), cmocka_unit_test(redirection_bitmap),
        cmocka_unit_test(absent_task_gate), cmocka_unit_test(no_permission_bitmap), cmocka_unit_test(task_states),
        cmocka_unit_test(pusha_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
