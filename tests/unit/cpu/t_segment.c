/* t_segment.c - segment loads and far transfers: SDM Vol. 2 "MOV", "JMP", "CALL", "RET". */
#include "../../support/sysbench.h"

static int load(struct bench *b, int seg, u16 selector)
{
    struct op o = op_make(1, seg, EAX);
    set_reg16(b->cpu, EAX, selector);
    return attempt(b->cpu, op_mov_sreg_rm, &o);
}

static void real_mode_keeps_limit(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    b->cpu->s.seg[DS].limit = 0xffffffff;
    assert_int_equal(load(b, DS, 0x1234), -1);
    assert_int_equal(b->cpu->s.seg[DS].base, 0x12340);
    assert_int_equal(b->cpu->s.seg[DS].limit, 0xffffffff);
    assert_int_equal(load(b, CS, 0), FAULT(EXC_UD, 0));
    assert_int_equal(load(b, 6, 0), FAULT(EXC_UD, 0));
    bench_free(b);
}

static void protected_loads(void **state)
{
    static const struct { int cpl, seg; u16 selector; int result; } list[] = {
        { 0, DS, S_DATA0, -1 }, { 0, DS, 0, -1 }, { 0, DS, 3, -1 }, { 0, DS, GDT_END + 1, FAULT(EXC_GP, 0x100) },
        { 0, DS, S_EXECONLY, FAULT(EXC_GP, S_EXECONLY) }, { 0, DS, S_TSS_B, FAULT(EXC_GP, S_TSS_B) },
        { 0, DS, S_ABSENT, FAULT(EXC_NP, S_ABSENT) }, { 0, DS, S_DATA0 | 1, FAULT(EXC_GP, S_DATA0) },
        { 3, DS, S_DATA0, FAULT(EXC_GP, S_DATA0) }, { 3, DS, S_CONFORM | 3, -1 }, { 3, DS, S_CODE0, FAULT(EXC_GP, S_CODE0) },
        { 0, DS, 4, FAULT(EXC_GP, 4) },
        { 0, SS, 0, FAULT(EXC_GP, 0) }, { 0, SS, S_DATA0, -1 }, { 0, SS, S_DATA0 | 3, FAULT(EXC_GP, S_DATA0) },
        { 0, SS, S_READONLY, FAULT(EXC_GP, S_READONLY) }, { 0, SS, S_DATA3, FAULT(EXC_GP, S_DATA3 & ~3) },
        { 0, SS, S_ABSENT, FAULT(EXC_SS, S_ABSENT) }, { 3, SS, S_DATA3, -1 }, { 3, SS, S_ABSENT_STACK | 3, FAULT(EXC_SS, S_ABSENT_STACK) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, list[k].cpl);
        u16 old = b->cpu->s.seg[list[k].seg].selector;
        assert_int_equal(load(b, list[k].seg, list[k].selector), list[k].result);
        assert_int_equal(b->cpu->s.seg[list[k].seg].selector, list[k].result == -1 ? list[k].selector : old);
        if (list[k].result == -1 && list[k].selector > 3)
            assert_true(b->ram->host[GDT + (list[k].selector & ~7) + 5] & 1);   /* accessed */
        assert_int_equal(b->cpu->s.shadow, list[k].result == -1 && list[k].seg == SS ? SHADOW_MOV_SS : 0);
        bench_free(b);
    }
}

static void ldt_and_far_pointer(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(1, 0, EAX), les = op_mem(2, EBX, 0x5000);
    (void)state;
    bench_protected(b, 0);
    set_reg16(b->cpu, EAX, S_LDT);
    assert_int_equal(attempt(b->cpu, op_lldt, &o), -1);
    put64(b->ram->host + LDT + 8, raw_make(0x7000, 0xff, 0x92, 0x40));
    put32(b->ram->host + 0x5000, 0x11223344);
    put16(b->ram->host + 0x5004, 0xc);
    assert_int_equal(attempt(b->cpu, op_les, &les), -1);
    assert_int_equal(b->cpu->s.seg[ES].base, 0x7000);
    assert_int_equal(reg32(b->cpu, EBX), 0x11223344);
    put16(b->ram->host + 0x5004, 0x44);                         /* beyond the LDT's limit */
    set_reg32(b->cpu, EBX, 7);
    assert_int_equal(attempt(b->cpu, op_les, &les), FAULT(EXC_GP, 0x44));
    assert_int_equal(reg32(b->cpu, EBX), 7);
    set_reg16(b->cpu, EAX, S_TSS_B);
    assert_int_equal(attempt(b->cpu, op_lldt, &o), FAULT(EXC_GP, S_TSS_B));
    assert_int_equal(attempt(b->cpu, op_ltr, &o), -1);
    assert_int_equal(b->ram->host[GDT + S_TSS_B + 5], 0x8b);
    assert_int_equal(attempt(b->cpu, op_ltr, &o), FAULT(EXC_GP, S_TSS_B));
    bench_free(b);
}

static void pop_and_push(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(2, SS, 0);
    (void)state;
    bench_protected(b, 0);
    put32(b->ram->host + STACK0, 0xdeadbeef);
    b->cpu->s.gpr[ESP] = STACK0 + 4;
    assert_int_equal(attempt(b->cpu, op_push_sreg, &o), -1);
    assert_int_equal(mem32(b, STACK0), 0xdead0000 | S_DATA0);
    assert_int_equal(attempt(b->cpu, op_pop_sreg, &o), -1);
    assert_int_equal(b->cpu->s.gpr[ESP], STACK0 + 4);
    assert_int_equal(b->cpu->s.shadow, SHADOW_MOV_SS);
    bench_free(b);
}

static int far_imm(struct bench *b, insn_fn *fn, u16 selector, u32 offset)
{
    struct op o = op_make(2, 0, 0);
    o.imm = offset | (u64)selector << 32;
    return attempt(b->cpu, fn, &o);
}

static void far_jumps(void **state)
{
    static const struct { int cpl; u16 selector; u32 offset; int result; } list[] = {
        { 0, S_CODE0, 0x5000, -1 }, { 0, 0, 0, FAULT(EXC_GP, 0) }, { 0, 0x100, 0, FAULT(EXC_GP, 0x100) },
        { 0, S_DATA0, 0, FAULT(EXC_GP, S_DATA0) }, { 0, S_CODE3, 0, FAULT(EXC_GP, S_CODE3 & ~3) },
        { 0, S_CODE0 | 3, 0, FAULT(EXC_GP, S_CODE0) }, { 3, S_CODE0, 0, FAULT(EXC_GP, S_CODE0) }, { 3, S_CONFORM, 0x20, -1 },
        { 3, S_CONFORM | 3, 0x20, -1 }, { 0, S_SMALL, 0x1000, FAULT(EXC_GP, 0) }, { 0, S_SMALL, 0xfff, -1 },
        { 0, S_ABSENT_CODE, 0, FAULT(EXC_NP, S_ABSENT_CODE) }, { 0, S_LDT, 0, FAULT(EXC_GP, S_LDT) },
        { 0, S_TSS_A, 0, FAULT(EXC_GP, S_TSS_A) }, { 3, S_TSS_B, 0, FAULT(EXC_GP, S_TSS_B) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, list[k].cpl);
        assert_int_equal(far_imm(b, op_jmp_far_imm, list[k].selector, list[k].offset), list[k].result);
        assert_int_equal(b->cpu->s.rip, list[k].result == -1 ? list[k].offset : 0x100);
        assert_int_equal(b->cpu->s.cpl, list[k].cpl);
        assert_int_equal(b->cpu->s.seg[CS].selector & 3, list[k].cpl);
        bench_free(b);
    }
}

static void call_and_return_same(void **state)
{
    struct bench *b = bench_new("max");
    struct op ret = op_make(2, 0, 0);
    (void)state;
    bench_protected(b, 0);
    assert_int_equal(far_imm(b, op_call_far_imm, S_CODE0, 0x5000), -1);
    assert_int_equal(b->cpu->s.gpr[ESP], STACK0 - 8);
    assert_int_equal(mem32(b, STACK0 - 4), S_CODE0);
    assert_int_equal(mem32(b, STACK0 - 8), 0x100);
    ret.imm = 4;
    assert_int_equal(attempt(b->cpu, op_ret_far, &ret), -1);
    assert_int_equal(b->cpu->s.gpr[ESP], STACK0 + 4);
    assert_int_equal(b->cpu->s.rip, 0x100);
    b->cpu->s.gpr[ESP] = 0xfffffffe;                            /* #SS: 4 GB are crossed */
    b->cpu->s.seg[SS].limit = 0x8fff;
    cpu_segment_changed(b->cpu, SS);
    assert_int_equal(far_imm(b, op_call_far_imm, S_CODE0, 0x5000), FAULT(EXC_SS, 0));
    assert_int_equal(b->cpu->s.gpr[ESP], 0xfffffffe);
    bench_free(b);
}

static void call_gate_inner(void **state)
{
    struct bench *b = bench_new("max");
    struct op ret = op_make(2, 0, 0);
    (void)state;
    bench_protected(b, 3);
    put_gdt(b, S_GATE, gate_make(S_CODE0, 0x6000, 0xec, 2));
    b->cpu->s.gpr[ESP] = STACK3 - 8;
    put32(b->ram->host + STACK3 - 8, 0x111);
    put32(b->ram->host + STACK3 - 4, 0x222);
    assert_int_equal(far_imm(b, op_call_far_imm, S_GATE | 3, 0xbad), -1);
    assert_int_equal(b->cpu->s.cpl, 0);
    assert_int_equal(b->cpu->s.rip, 0x6000);
    assert_int_equal(b->cpu->s.seg[SS].selector, S_DATA0);
    assert_int_equal(b->cpu->s.gpr[ESP], STACK0 - 24);
    assert_int_equal(mem32(b, STACK0 - 4), S_DATA3);
    assert_int_equal(mem32(b, STACK0 - 8), STACK3 - 8);
    assert_int_equal(mem32(b, STACK0 - 12), 0x222);
    assert_int_equal(mem32(b, STACK0 - 16), 0x111);
    assert_int_equal(mem32(b, STACK0 - 20), S_CODE3);
    assert_int_equal(mem32(b, STACK0 - 24), 0x100);
    assert_int_equal(load(b, DS, S_DATA0), -1);
    ret.imm = 8;
    assert_int_equal(attempt(b->cpu, op_ret_far, &ret), -1);
    assert_int_equal(b->cpu->s.cpl, 3);
    assert_int_equal(b->cpu->s.gpr[ESP], STACK3);
    assert_int_equal(b->cpu->s.seg[SS].selector, S_DATA3);
    assert_int_equal(b->cpu->s.seg[DS].selector, 0);            /* ring 0 data does not leak */
    assert_int_equal(b->cpu->s.seg[DS].access, 0);
    assert_int_equal(b->cpu->s.seg[ES].selector, S_DATA3);
    bench_free(b);
}

static void call_gate_faults(void **state)
{
    static const struct { u64 gate; u16 ss; int result; } list[] = {
        { 0xe4, S_DATA0, -1 },                                  /* 16-bit gate */
        { 0x8c, S_DATA0, FAULT(EXC_GP, S_GATE) },               /* DPL 0 */
        { 0x6c, S_DATA0, FAULT(EXC_NP, S_GATE) },
        { 0xec, 0, FAULT(EXC_TS, 0) }, { 0xec, S_READONLY, FAULT(EXC_TS, S_READONLY) }, { 0xec, S_ABSENT, FAULT(EXC_SS, S_ABSENT) },
        { 0xec, S_DATA0 | 3, FAULT(EXC_TS, S_DATA0) }, { 0xec, 0x100, FAULT(EXC_TS, 0x100) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, 3);
        put_gdt(b, S_GATE, gate_make(S_CODE0, 0x6000, (int)list[k].gate, 0));
        put16(b->ram->host + TSS_A + 8, list[k].ss);
        assert_int_equal(far_imm(b, op_call_far_imm, S_GATE | 3, 0), list[k].result);
        assert_int_equal(b->cpu->s.gpr[ESP], list[k].result == -1 ? STACK0 - 8 : STACK3);
        bench_free(b);
    }
}

static void gate_targets(void **state)
{
    static const struct { u16 selector; bool call; int result; } list[] = {
        { 0, true, FAULT(EXC_GP, 0) }, { S_DATA0, true, FAULT(EXC_GP, S_DATA0) }, { S_ABSENT_CODE, true, FAULT(EXC_NP, S_ABSENT_CODE) },
        { S_CODE0, false, FAULT(EXC_GP, S_CODE0) }, { S_CONFORM, false, -1 }, { S_CONFORM, true, -1 }, { S_CODE3, false, -1 },
        { 0x100, true, FAULT(EXC_GP, 0x100) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        bench_protected(b, 3);
        put_gdt(b, S_GATE, gate_make(list[k].selector, 0x6000, 0xec, 0));
        assert_int_equal(far_imm(b, list[k].call ? op_call_far_imm : op_jmp_far_imm, S_GATE, 0), list[k].result);
        assert_int_equal(b->cpu->s.cpl, 3);
        bench_free(b);
    }
}

static void return_faults(void **state)
{
    static const struct { u16 cs, ss; int result; } list[] = {
        { 0, 0, FAULT(EXC_GP, 0) }, { S_DATA0, 0, FAULT(EXC_GP, S_DATA0) }, { S_CODE3, 0, FAULT(EXC_GP, 0) },
        { S_CODE3, S_DATA0, FAULT(EXC_GP, S_DATA0) }, { S_CODE3, S_DATA3, -1 }, { S_CODE3, S_ABSENT_STACK | 3, FAULT(EXC_SS, S_ABSENT_STACK) },
        { S_CODE0 | 3, S_DATA3, FAULT(EXC_GP, S_CODE0) }, { S_CONFORM | 3, S_DATA3, -1 }, { S_ABSENT_CODE, 0, FAULT(EXC_NP, S_ABSENT_CODE) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        struct op ret = op_make(2, 0, 0);
        bench_protected(b, 0);
        put32(b->ram->host + STACK0, 0x7000);
        put32(b->ram->host + STACK0 + 4, list[k].cs);
        put32(b->ram->host + STACK0 + 8, STACK3);
        put32(b->ram->host + STACK0 + 12, list[k].ss);
        assert_int_equal(attempt(b->cpu, op_ret_far, &ret), list[k].result);
        assert_int_equal(b->cpu->s.gpr[ESP], list[k].result == -1 ? STACK3 : STACK0);
        bench_free(b);
    }
}

static void real_far(void **state)
{
    struct bench *b = bench_new("max");
    struct op call = op_make(1, 0, 0), ret = op_make(1, 0, 0);
    (void)state;
    assert_int_equal(far_imm(b, op_jmp_far_imm, 0xf000, 0x10000), FAULT(EXC_GP, 0));
    b->cpu->s.rip = 0x234;
    b->cpu->s.gpr[ESP] = 0x800;
    call.imm = 0x5678 | 0x1200ull << 32;
    assert_int_equal(attempt(b->cpu, op_call_far_imm, &call), -1);
    assert_int_equal(b->cpu->s.seg[CS].base, 0x12000);
    assert_int_equal(b->cpu->s.rip, 0x5678);
    assert_int_equal(mem16(b, 0x7fc), 0x234);
    assert_int_equal(mem16(b, 0x7fe), 0xf000);
    assert_int_equal(attempt(b->cpu, op_ret_far, &ret), -1);
    assert_int_equal(b->cpu->s.seg[CS].selector, 0xf000);
    assert_int_equal(b->cpu->s.gpr[ESP], 0x800);
    b->cpu->s.gpr[ESP] = 1;                                     /* the word would cross the limit */
    assert_int_equal(attempt(b->cpu, op_call_far_imm, &call), FAULT(EXC_SS, 0));
    bench_free(b);
}

static void lar_lsl_verr(void **state)
{
    static const struct { int cpl; u16 selector; insn_fn *fn; bool zf; u32 value; } list[] = {
        { 0, S_CODE0, op_lar, true, 0x00c09a00 }, { 3, S_CODE0, op_lar, false, 0 }, { 3, S_CONFORM, op_lar, true, 0x00c09e00 },
        { 0, S_TSS_A, op_lsl, true, 0x87 }, { 0, S_CODE0, op_lsl, true, 0xffffffff }, { 0, S_TASKGATE, op_lsl, false, 0 },
        { 0, S_TASKGATE, op_lar, true, 0x0000e500 }, { 0, 0, op_lar, false, 0 }, { 0, S_READONLY, op_verr, true, 0 }, { 0, S_READONLY, op_verw, false, 0 },
        { 0, S_DATA0, op_verw, true, 0 }, { 0, S_EXECONLY, op_verr, false, 0 }, { 0, S_TSS_A, op_verr, false, 0 },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new("max");
        struct op o = op_make(2, EBX, EAX);
        bench_protected(b, list[k].cpl);
        set_reg32(b->cpu, EAX, list[k].selector);
        assert_int_equal(attempt(b->cpu, list[k].fn, &o), -1);
        assert_int_equal(!!(cpu_eflags(b->cpu) & FLAG_ZF), list[k].zf);
        assert_int_equal(reg32(b->cpu, EBX), list[k].value);
        bench_free(b);
    }
}

static void sysenter_sysexit(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(2, 0, 0);
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    bench_protected(b, 3);
    assert_int_equal(attempt(b->cpu, op_sysenter, &o), FAULT(EXC_GP, 0));
    s->sysenter_cs = 0x60;
    s->sysenter_esp = 0x7777;
    s->sysenter_eip = 0x8888;
    assert_int_equal(attempt(b->cpu, op_sysenter, &o), -1);
    assert_int_equal(s->seg[CS].selector, 0x60);
    assert_int_equal(s->seg[SS].selector, 0x68);
    assert_int_equal(s->cpl, 0);
    assert_int_equal(s->rip, 0x8888);
    assert_false(cpu_eflags(b->cpu) & FLAG_IF);
    set_reg32(b->cpu, ECX, 0x9000);
    set_reg32(b->cpu, EDX, 0x500);
    assert_int_equal(attempt(b->cpu, op_sysexit, &o), -1);
    assert_int_equal(s->seg[CS].selector, 0x73);
    assert_int_equal(s->seg[SS].selector, 0x7b);
    assert_int_equal(s->cpl, 3);
    assert_int_equal(s->rip, 0x500);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_mode_keeps_limit), cmocka_unit_test(protected_loads), cmocka_unit_test(ldt_and_far_pointer),
        cmocka_unit_test(pop_and_push), cmocka_unit_test(far_jumps), cmocka_unit_test(call_and_return_same),
        cmocka_unit_test(call_gate_inner), cmocka_unit_test(call_gate_faults), cmocka_unit_test(gate_targets),
        cmocka_unit_test(return_faults), cmocka_unit_test(real_far), cmocka_unit_test(lar_lsl_verr), cmocka_unit_test(sysenter_sysexit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
