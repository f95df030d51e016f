/* t_sysinsn.c - control and debug registers, flags, MSRs, CPUID, SMM, reset, and the declared state. */
#include "../../support/sysbench.h"

static int write_cr(struct bench *b, int n, u32 v)
{
    struct op o = op_make(2, n, EAX);
    set_reg32(b->cpu, EAX, v);
    return attempt(b->cpu, op_mov_cr_r, &o);
}

static void control_registers(void **state)
{
    static const struct { const char *model; int n; u32 v; int result; u32 after; } list[] = {
        { "max", 0, CR0_PE, -1, CR0_PE | CR0_ET }, { "max", 0, CR0_PG, FAULT(EXC_GP, 0), 0 }, { "max", 0, CR0_NW, FAULT(EXC_GP, 0), 0 },
        { "max", 0, 0xffffffff & ~(CR0_PG | CR0_NW), -1, 0x4005003f }, { "386", 0, CR0_WP | CR0_PE, -1, CR0_PE | CR0_ET },
        { "max", 1, 0, FAULT(EXC_UD, 0), 0 }, { "max", 5, 0, FAULT(EXC_UD, 0), 0 }, { "386", 4, 0, FAULT(EXC_UD, 0), 0 },
        { "486", 4, 0, FAULT(EXC_UD, 0), 0 }, { "pentium", 4, CR4_PAE, FAULT(EXC_GP, 0), 0 }, { "pentium", 4, CR4_PSE | CR4_TSD, -1, CR4_PSE | CR4_TSD },
        { "max", 4, CR4_PAE | CR4_PGE, -1, CR4_PAE | CR4_PGE }, { "max", 4, CR4_UMIP, FAULT(EXC_GP, 0), 0 }, { "max-umip", 4, CR4_UMIP, -1, CR4_UMIP }, { "max", 4, CR4_OSXMMEXCPT, FAULT(EXC_GP, 0), 0 },
        { "max", 3, 0x12345018, -1, 0x12345018 }, { "max", 2, 0x12345678, -1, 0x12345678 },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new(list[k].model);
        struct op o = op_make(2, list[k].n, EBX);
        assert_int_equal(write_cr(b, list[k].n, list[k].v), list[k].result);
        if (list[k].result == -1) {
            assert_int_equal(attempt(b->cpu, op_mov_r_cr, &o), -1);
            assert_int_equal(reg32(b->cpu, EBX), list[k].after);
        }
        bench_free(b);
    }
}

/* SDM Vol. 3A "Control Registers", CR4.UMIP: five instructions, above CPL 0. */
static void umip(void **state)
{
    static insn_fn *const list[] = { op_sgdt, op_sidt, op_sldt, op_str, op_smsw };
    struct bench *b = bench_new("max-umip");
    struct op o = op_mem(2, 0, 0x500);
    (void)state;
    bench_protected(b, 0);
    for (int on = 0; on < 2; on++)
        for (u8 cpl = 0; cpl < 4; cpl++)
            for (size_t k = 0; k < ARRAY_LEN(list); k++) {
                b->cpu->s.cr4 = on ? CR4_UMIP : 0;
                b->cpu->s.cpl = cpl;
                assert_int_equal(attempt(b->cpu, list[k], &o), on && cpl ? FAULT(EXC_GP, 0) : -1);
            }
    b->cpu->s.cpl = 0;
    bench_free(b);
}

static void lmsw_smsw(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(1, 0, EAX);
    (void)state;
    b->cpu->s.cr0 = CR0_PE | CR0_ET | CR0_WP;
    cpu_mode_changed(b->cpu);
    set_reg32(b->cpu, EAX, 0xfff8);
    assert_int_equal(attempt(b->cpu, op_lmsw, &o), -1);
    assert_int_equal(b->cpu->s.cr0, CR0_PE | CR0_ET | CR0_WP | CR0_TS);    /* PE stays */
    assert_int_equal(attempt(b->cpu, op_smsw, &o), -1);
    assert_int_equal(reg16(b->cpu, EAX), 0x19);
    bench_free(b);
}

static void debug_registers(void **state)
{
    struct bench *b = bench_new("max");
    struct op six = op_make(2, 6, EAX), seven = op_make(2, 7, EAX), four = op_make(2, 4, EAX);
    (void)state;
    set_reg32(b->cpu, EAX, 0);
    assert_int_equal(attempt(b->cpu, op_mov_dr_r, &six), -1);
    assert_int_equal(attempt(b->cpu, op_mov_r_dr, &six), -1);
    assert_int_equal(reg32(b->cpu, EAX), 0xffff0ff0);
    set_reg32(b->cpu, EAX, 0xffffdfff);
    assert_int_equal(attempt(b->cpu, op_mov_dr_r, &seven), -1);
    assert_int_equal(attempt(b->cpu, op_mov_r_dr, &seven), -1);
    assert_int_equal(reg32(b->cpu, EAX), 0xffff07ff);
    assert_int_equal(attempt(b->cpu, op_mov_r_dr, &four), -1);
    assert_int_equal(reg32(b->cpu, EAX), 0xffff0ff0);
    b->cpu->s.cr4 = CR4_DE;
    assert_int_equal(attempt(b->cpu, op_mov_r_dr, &four), FAULT(EXC_UD, 0));
    bench_free(b);
}

static void cli_sti_popf(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(2, 0, 0), o16 = op_make(1, 0, 0);
    (void)state;
    bench_protected(b, 0);
    assert_int_equal(attempt(b->cpu, op_cli, &o), -1);
    assert_int_equal(attempt(b->cpu, op_sti, &o), -1);
    assert_int_equal(b->cpu->s.shadow, SHADOW_STI);
    b->cpu->s.shadow = 0;
    assert_int_equal(attempt(b->cpu, op_sti, &o), -1);
    assert_int_equal(b->cpu->s.shadow, 0);                      /* IF was set already */
    bench_protected(b, 3);
    assert_int_equal(attempt(b->cpu, op_cli, &o), FAULT(EXC_GP, 0));
    b->cpu->s.cr4 = CR4_PVI;
    assert_int_equal(attempt(b->cpu, op_sti, &o), -1);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_IF | FLAG_VIF);
    cpu_set_eflags(b->cpu, FLAG_1 | FLAG_VIP);
    assert_int_equal(attempt(b->cpu, op_sti, &o), FAULT(EXC_GP, 0));
    cpu_set_eflags(b->cpu, FLAG_1);
    put32(b->ram->host + STACK3, 0xffffffff);
    assert_int_equal(attempt(b->cpu, op_popf, &o), -1);         /* neither IF nor IOPL, VM, RF, VIF, VIP */
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAGS_ARITH | FLAG_TF | FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID);
    assert_int_equal(b->cpu->s.gpr[ESP], STACK3 + 4);
    bench_v86(b, 0);
    assert_int_equal(attempt(b->cpu, op_pushf, &o16), FAULT(EXC_GP, 0));
    b->cpu->s.cr4 = CR4_VME;
    assert_int_equal(attempt(b->cpu, op_pushf, &o16), -1);
    assert_int_equal(mem16(b, 0x3000 + 0x7fe), FLAG_1 | FLAG_IOPL); /* VIF is clear */
    put16(b->ram->host + 0x3000 + 0x7fe, FLAG_IF);
    assert_int_equal(attempt(b->cpu, op_popf, &o16), -1);
    assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | FLAG_VM | FLAG_IF | FLAG_VIF);
    assert_int_equal(attempt(b->cpu, op_popf, &o), FAULT(EXC_GP, 0));
    bench_free(b);
}

static void flags_by_model(void **state)
{
    static const struct { const char *model; u32 toggles; } list[] = {
        { "386", 0 }, { "486", FLAG_AC | FLAG_ID }, { "pentium", FLAG_AC | FLAG_ID }, { "max", FLAG_AC | FLAG_ID },
    };
    struct op o = op_make(2, 0, 0);
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new(list[k].model);
        b->cpu->s.gpr[ESP] = 0x100;
        put32(b->ram->host + 0x100, FLAG_AC | FLAG_ID);
        assert_int_equal(attempt(b->cpu, op_popf, &o), -1);
        assert_int_equal(cpu_eflags(b->cpu), FLAG_1 | list[k].toggles);
        bench_free(b);
    }
}

static void msrs(void **state)
{
    static const struct { const char *model; u32 msr; u64 v; int result; } list[] = {
        { "max", 0x174, 0x60, -1 }, { "pentium", 0x174, 0x60, FAULT(EXC_GP, 0) }, { "max", 0x277, 0x0007040600070406, -1 },
        { "max", 0x277, 2, FAULT(EXC_GP, 0) }, { "max", 0x2ff, 0xc06, -1 }, { "max", 0x2ff, 0x1000, FAULT(EXC_GP, 0) },
        { "max", 0x2ff, 3, FAULT(EXC_GP, 0) }, { "max", 0x200, 0xe0000000, -1 }, { "max", 0x200, 1ull << 36, FAULT(EXC_GP, 0) },
        { "max", 0x201, 0xfe0000800, -1 }, { "max", 0x201, 0x400, FAULT(EXC_GP, 0) }, { "max", 0x210, 0, FAULT(EXC_GP, 0) },
        { "max", 0x250, 0x0606060606060606, -1 }, { "max", 0x26f, 0x0202020202020202, FAULT(EXC_GP, 0) },
        { "max", 0xfe, 0, FAULT(EXC_GP, 0) }, { "max", 0xc0000080, 0x800, -1 }, { "p2", 0xc0000080, 0x800, FAULT(EXC_GP, 0) },
        { "max", 0xc0000080, 1, FAULT(EXC_GP, 0) }, { "max", 0x401, 0, -1 }, { "max", 0x401, 1, FAULT(EXC_GP, 0) },
        { "max", 0x414, 0, FAULT(EXC_GP, 0) }, { "max", 0x1a0, 0, FAULT(EXC_GP, 0) }, { "max", 0x12345, 0, FAULT(EXC_GP, 0) },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct bench *b = bench_new(list[k].model);
        struct op o = op_make(2, 0, 0);
        assert_int_equal(wrmsr(b, list[k].msr, list[k].v), list[k].result);
        if (list[k].result == -1) {
            assert_int_equal(attempt(b->cpu, op_rdmsr, &o), -1);
            assert_int_equal((u64)reg32(b->cpu, EDX) << 32 | reg32(b->cpu, EAX), list[k].v);
        }
        bench_free(b);
    }
}

static void tsc_and_counters(void **state)
{
    struct bench *b = bench_new("max");
    struct op o = op_make(2, 0, 0);
    (void)state;
    b->now = 5000;
    assert_int_equal(wrmsr(b, 0x10, 0x1200000000 + 100), -1);
    b->now = 5010;
    assert_int_equal(attempt(b->cpu, op_rdtsc, &o), -1);
    assert_int_equal(reg32(b->cpu, EAX), 110);
    assert_int_equal(reg32(b->cpu, EDX), 0);                    /* a P6 clears the upper half */
    bench_protected(b, 3);
    b->cpu->s.cr4 = CR4_TSD;
    assert_int_equal(attempt(b->cpu, op_rdtsc, &o), FAULT(EXC_GP, 0));
    assert_int_equal(wrmsr(b, 0x186, 0x430079), -1);            /* clocks, enabled */
    assert_int_equal(wrmsr(b, 0xc1, 7), -1);
    b->now += 20;
    set_reg32(b->cpu, ECX, 0);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), FAULT(EXC_GP, 0));
    b->cpu->s.cr4 = CR4_PCE;
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), -1);
    assert_int_equal(reg32(b->cpu, EAX), 27);
    set_reg32(b->cpu, ECX, 2);
    assert_int_equal(attempt(b->cpu, op_rdpmc, &o), FAULT(EXC_GP, 0));
    bench_free(b);
}

static void cpuid_models(void **state)
{
    u32 r[4];
    (void)state;
    assert_null(cpu_model_find("nonesuch"));
    for (const struct cpu_model *m = cpu_model_list; m->name; m++) {
        assert_ptr_equal(cpu_model_find(m->name), m);
        assert_int_equal(strlen(m->vendor), 12);
        if (!m->max_leaf)
            continue;
        cpuid_leaf(m, 0, 0, r);
        assert_int_equal(r[0], m->max_leaf);
        assert_memory_equal(&r[1], (u32[]) { get32(m->vendor) }, 4);
        cpuid_leaf(m, 1, 0, r);
        assert_int_equal(r[0], m->signature);
        assert_int_equal(r[3] & (1 << 25 | 1 << 26), 0);            /* no SSE */
        assert_int_equal(r[3] >> 9 & 1, (m->signature >> 8 & 15) >= 5);     /* an APIC from the Pentium on */
    }
    cpuid_leaf(cpu_model_find("p2"), 1, 0, r);
    assert_int_equal(r[3], 0x0183fbff);
    cpuid_leaf(cpu_model_find("max"), 0x80000001, 0, r);
    assert_int_equal(r[3], 1 << 20);
    cpuid_leaf(cpu_model_find("max"), 0x80000009, 0, r);           /* as the highest basic leaf */
    assert_int_equal(r[3], 0x0c040843);
    cpuid_leaf(cpu_model_find("p2"), 0x80000000, 0, r);
    assert_int_equal(r[3], 0x0c040843);
}

static void reset_and_init(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    (void)state;
    cpu_reset_state(b->cpu);
    assert_int_equal(s->cr0, 0x60000010);
    assert_int_equal(s->rip, 0xfff0);
    assert_int_equal(s->seg[CS].base, 0xffff0000);
    assert_int_equal(s->gpr[EDX], b->cpu->model->signature);
    assert_int_equal(cpu_eflags(b->cpu), 2);
    assert_int_equal(s->smbase, 0x30000);
    assert_int_equal(s->pat, 0x0007040600070406);
    s->pat = 6;
    s->smbase = 0xa0000;
    s->cr0 = CR0_ET | CR0_PE | CR0_CD;
    s->gpr[EAX] = 5;
    cpu_init_state(b->cpu);
    assert_int_equal(s->cr0, CR0_ET | CR0_CD);                  /* CD and NW stay */
    assert_int_equal(s->pat, 6);
    assert_int_equal(s->smbase, 0xa0000);
    assert_int_equal(s->gpr[EAX], 0);
    for (u32 k = 0; k < 4; k++) {
        u32 cache = (k & 1 ? CR0_CD : 0) | (k & 2 ? CR0_NW : 0);
        s->cr0 = CR0_ET | CR0_PG | CR0_PE | CR0_WP | CR0_NE | CR0_AM | CR0_TS | CR0_EM | CR0_MP | cache;
        cpu_init(b->cpu);
        assert_int_equal(s->cr0, CR0_ET | cache);
        cpu_reset(b->cpu);
        assert_int_equal(s->cr0, 0x60000010);
    }
    bench_free(b);
}

static void smm(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    struct op o = op_make(2, 0, 0);
    u8 *before = xcalloc(1, sizeof *s);
    (void)state;
    bench_protected(b, 3);
    assert_int_equal(attempt(b->cpu, op_rsm, &o), FAULT(EXC_UD, 0));
    s->gpr[EDI] = 0x12345678;
    s->cr4 = CR4_PSE;
    s->activity = ACTIVITY_HALTED;
    s->smi_pending = 1;
    s->dr[7] = 0x401;
    memcpy(before, s, sizeof *s);
    smm_enter(b->cpu);
    assert_int_equal(b->smiact, 1);
    assert_int_equal(s->rip, 0x8000);
    assert_int_equal(s->seg[CS].selector, 0x3000);
    assert_int_equal(s->seg[CS].base, 0x30000);
    assert_int_equal(s->seg[DS].limit, 0xffffffff);
    assert_int_equal(s->cr0 & (CR0_PE | CR0_PG), 0);
    assert_int_equal(s->cr4, 0);
    assert_int_equal(s->nmi_masked, 1);
    assert_int_equal(s->activity, ACTIVITY_RUN);
    assert_int_equal(mem32(b, 0x3fefc), 0x30000);               /* revision: SMBASE relocation, I/O restart */
    assert_int_equal(mem32(b, 0x3fef8), 0x30000);
    assert_int_equal(mem32(b, 0x3ffec), 0x12345678);
    assert_int_equal(mem16(b, 0x3ff02), 1);                     /* auto-HALT restart */
    put32(b->ram->host + 0x3fef8, 0xa0000);
    assert_int_equal(attempt(b->cpu, op_rsm, &o), -1);
    assert_int_equal(b->smiact, 0);
    assert_int_equal(s->smbase, 0xa0000);
    s->smbase = 0x30000;
    s->smi_pending = 1;
    assert_int_equal(fields_diff(cpu_fields, before, s, stderr), 0);
    free(before);
    bench_free(b);
}

static void every_byte_is_declared(void **state)
{
    u8 seen[sizeof(struct cpu_state)] = { 0 };
    (void)state;
    assert_int_equal(fields_bytes(cpu_fields), sizeof(struct cpu_state));
    for (const struct field *f = cpu_fields; f->name; f++)
        for (u32 k = 0; k < f->size * f->count; k++)
            assert_int_equal(seen[f->offset + k]++, 0);
}

static void descriptor_tables(void **state)
{
    struct bench *b = bench_new("max");
    struct op o32 = op_mem(2, 0, 0x500), o16 = op_mem(1, 0, 0x500);
    (void)state;
    bench_protected(b, 0);
    put16(b->ram->host + 0x500, 0x1234);
    put32(b->ram->host + 0x502, 0xab123456);
    assert_int_equal(attempt(b->cpu, op_lidt, &o16), -1);
    assert_int_equal(b->cpu->s.idtr.base, 0x123456);
    assert_int_equal(attempt(b->cpu, op_lidt, &o32), -1);
    assert_int_equal(b->cpu->s.idtr.base, 0xab123456);
    assert_int_equal(b->cpu->s.idtr.limit, 0x1234);
    assert_int_equal(attempt(b->cpu, op_sgdt, &o32), -1);
    assert_int_equal(mem16(b, 0x500), GDT_END);
    assert_int_equal(mem32(b, 0x502), GDT);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_registers), cmocka_unit_test(lmsw_smsw), cmocka_unit_test(umip), cmocka_unit_test(debug_registers), cmocka_unit_test(cli_sti_popf),
        cmocka_unit_test(flags_by_model), cmocka_unit_test(msrs), cmocka_unit_test(tsc_and_counters), cmocka_unit_test(cpuid_models),
        cmocka_unit_test(reset_and_init), cmocka_unit_test(smm), cmocka_unit_test(every_byte_is_declared), cmocka_unit_test(descriptor_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
