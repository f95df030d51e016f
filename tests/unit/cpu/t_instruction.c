/* t_instruction.c - what is said of the instruction that comes next: by the table, and what it would work on. */
#include "../../support/sysbench.h"
#include "../../../cpu/instruction.h"

enum { CODE = 0x10000 };

static struct instruction at(struct bench *b, const u8 *bytes, size_t n)
{
    struct instruction i;
    memset(b->ram->host + CODE, 0x90, 32);
    memcpy(b->ram->host + CODE, bytes, n);
    b->cpu->s.rip = CODE;
    cpu_changed(b->cpu);
    assert_true(cpu_instruction(b->cpu, &i));
    assert_int_equal(i.length, n);
    assert_memory_equal(i.bytes, bytes, n);
    return i;
}

static void by_the_table(void **state)
{
    static const struct { u8 bytes[8], n; const char *mnemonic; enum insn_flow flow; bool privileged, sensitive; int sreg, control; } list[] = {
        { { 0x90 }, 1, "nop", INSN_NEXT, false, false, -1, -1 },
        { { 0x74, 0x10 }, 2, "jz", INSN_IF, false, false, -1, -1 },
        { { 0xe2, 0xfe }, 2, "loop", INSN_IF, false, false, -1, -1 },
        { { 0xeb, 0xfe }, 2, "jmp", INSN_JUMP, false, false, -1, -1 },
        { { 0xff, 0xe0 }, 2, "jmp", INSN_JUMP, false, false, -1, -1 },
        { { 0xe8, 0, 0, 0, 0 }, 5, "call", INSN_CALL, false, false, -1, -1 },
        { { 0xff, 0xd0 }, 2, "call", INSN_CALL, false, false, -1, -1 },
        { { 0xc3 }, 1, "ret", INSN_RETURN, false, false, -1, -1 },
        { { 0xcb }, 1, "ret far", INSN_RETURN_FAR, false, true, -1, -1 },
        { { 0x9a, 1, 0, 0, 0, 8, 0 }, 7, "call far", INSN_CALL_FAR, false, true, -1, -1 },
        { { 0xcd, 0x80 }, 2, "int", INSN_INTERRUPT, false, true, -1, -1 },
        { { 0xcc }, 1, "int3", INSN_INTERRUPT, false, true, -1, -1 },
        { { 0xcf }, 1, "iret", INSN_IRET, false, true, -1, -1 },
        { { 0x0f, 0x34 }, 2, "sysenter", INSN_SYSENTER, false, false, -1, -1 },
        { { 0xf4 }, 1, "hlt", INSN_NEXT, true, false, -1, -1 },
        { { 0x0f, 0x20, 0xd8 }, 3, "mov", INSN_NEXT, true, false, -1, 3 },
        { { 0x0f, 0x22, 0xe0 }, 3, "mov", INSN_NEXT, true, false, -1, 4 },
        { { 0x0f, 0x21, 0xf8 }, 3, "mov", INSN_NEXT, true, false, -1, 7 },
        { { 0x8e, 0xd8 }, 2, "mov", INSN_NEXT, false, true, DS, -1 },
        { { 0x8c, 0xc8 }, 2, "mov", INSN_NEXT, false, true, CS, -1 },
        { { 0x06 }, 1, "push", INSN_NEXT, false, true, ES, -1 },
        { { 0x0f, 0xa9 }, 2, "pop", INSN_NEXT, false, true, GS, -1 },
        { { 0x0f, 0xb2, 0x06 }, 3, "lss", INSN_NEXT, false, true, SS, -1 },
        { { 0x0f, 0x01, 0x00 }, 3, "sgdt", INSN_NEXT, false, true, -1, -1 },
        { { 0x9d }, 1, "popf", INSN_NEXT, false, true, -1, -1 },
        { { 0x89, 0xd8 }, 2, "mov", INSN_NEXT, false, false, -1, -1 },
    };
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 0);
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct instruction i = at(b, list[k].bytes, list[k].n);
        assert_string_equal(i.mnemonic, list[k].mnemonic);
        assert_int_equal(i.flow, list[k].flow);
        assert_int_equal(i.privileged, list[k].privileged);
        assert_int_equal(i.sensitive, list[k].sensitive);
        assert_int_equal(i.sensitive_here, i.sensitive);
        assert_int_equal(i.sreg, list[k].sreg);
        assert_int_equal(i.control, list[k].control);
        assert_false(i.undefined);
    }
    assert_int_equal(at(b, (const u8[]) { 0x66, 0xe5, 0x60 }, 3).opcode, 0xe5);
    assert_int_equal(at(b, (const u8[]) { 0x2e, 0x0f, 0x23, 0xf8 }, 4).opcode, 0x23);
    struct instruction ud = at(b, (const u8[]) { 0x0f, 0x0b }, 2);
    assert_string_equal(ud.mnemonic, "");
    bench_free(b);
}

/* What shows selectors does so in protected mode alone; without privilege nothing is sensitive. */
static void sensitive_by_mode(void **state)
{
    struct bench *b = bench_new("max");
    (void)state;
    bench_protected(b, 3);
    assert_true(cpu_sensitive(b->cpu, A_SENS) && cpu_sensitive(b->cpu, A_SENS_PM) && !cpu_sensitive(b->cpu, A_CPL0));
    b->cpu->s.eflags |= FLAG_VM;
    assert_true(cpu_sensitive(b->cpu, A_SENS) && !cpu_sensitive(b->cpu, A_SENS_PM));
    b->cpu->s.eflags &= ~(u64)FLAG_VM;
    b->cpu->s.cr0 &= ~(u64)CR0_PE;
    assert_false(cpu_sensitive(b->cpu, A_SENS | A_SENS_PM));
    bench_free(b);
}

static void operands(void **state)
{
    struct bench *b = bench_new("max");
    u16 selector;
    u64 v;
    (void)state;
    bench_protected(b, 0);
    struct instruction i = at(b, (const u8[]) { 0x8e, 0x1d, 0x00, 0x05, 0x00, 0x00 }, 6);       /* mov ds, [500] */
    put16(b->ram->host + 0x500, 0x1234);
    assert_true(i.sreg_loaded && i.linear == 0x500);
    assert_true(instruction_selector(b->cpu, &i, &selector) && selector == 0x1234);
    i = at(b, (const u8[]) { 0x8e, 0xc0 }, 2);                                                   /* mov es, ax */
    set_reg32(b->cpu, EAX, 0x99990023);
    assert_true(instruction_selector(b->cpu, &i, &selector) && selector == 0x23);
    i = at(b, (const u8[]) { 0xea, 1, 0, 0, 0, 0x45, 0x67 }, 7);                                 /* jmp 6745:1 */
    assert_true(instruction_selector(b->cpu, &i, &selector) && selector == 0x6745);
    i = at(b, (const u8[]) { 0x0f, 0x00, 0xe1 }, 3);                                             /* verr cx */
    set_reg32(b->cpu, ECX, 0x1b);
    assert_true(instruction_selector(b->cpu, &i, &selector) && selector == 0x1b);
    i = at(b, (const u8[]) { 0x0f, 0x01, 0x05, 0x00, 0x05, 0x00, 0x00 }, 7);                     /* sgdt [500] names none */
    assert_false(instruction_selector(b->cpu, &i, &selector));
    i = at(b, (const u8[]) { 0xcf }, 1);
    set_reg32(b->cpu, ESP, 0x600);
    put32(b->ram->host + 0x604, 0x1b);
    put32(b->ram->host + 0x608, 0x202);
    assert_true(instruction_selector(b->cpu, &i, &selector) && selector == 0x1b);
    assert_true(instruction_stack(b->cpu, 8, 4, &v) && v == 0x202);
    i = at(b, (const u8[]) { 0x90 }, 1);
    assert_false(instruction_operand(b->cpu, &i, 2, &v));
    bench_free(b);
}

/* The number that stands for a place changes with the mapping and the segment, and `written` with the code. */
static void places(void **state)
{
    struct bench *b = bench_new("max");
    struct cpu_place before, after;
    (void)state;
    bench_protected(b, 0);
    b->cpu->s.rip = CODE;
    memset(b->ram->host + CODE, 0x90, 64);
    b->ram->host[CODE + 40] = 0xf4;
    cpu_changed(b->cpu);
    cpu_place(b->cpu, &before);
    assert_int_equal(before.linear, CODE);
    assert_int_equal(before.eip, CODE);
    assert_int_equal(before.bits, 32);
    cpu_place(b->cpu, &after);
    assert_true(before.key == after.key && before.written == after.written && before.insns == after.insns);
    assert_int_equal(cpu_run(b->cpu, 1000), EXIT_HALTED);
    b->cpu->s.rip = CODE;
    cpu_place(b->cpu, &after);
    assert_int_equal(before.key, after.key);
    space_write(b->memory, CODE + 8, 0x40, 1);              /* decoded: it ran */
    cpu_place(b->cpu, &before);
    assert_int_not_equal(before.written, after.written);
    space_write(b->memory, CODE + 0x800, 0x40, 1);          /* not decoded */
    cpu_place(b->cpu, &after);
    assert_int_equal(before.written, after.written);
    tlb_flush(b->cpu, false);
    cpu_place(b->cpu, &after);
    assert_int_not_equal(before.key, after.key);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_the_table), cmocka_unit_test(sensitive_by_mode), cmocka_unit_test(operands),
                                        cmocka_unit_test(places) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
