/* t_mmx.c - MMX: every instruction against the host's (x86-64 hosts) on random operands, and the effect on the x87 state. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../support/fake_cpu.h"
#include "../../../cpu/insn/simd/mmx.h"
#include "../../../cpu/insn/x87/x87.h"

enum { AT = 0x100 };

static const struct row *row_of(int opcode, int modrm)
{
    const struct row *row = &rows_mmx[opcode];
    return row->group ? &row->group[modrm >> 3 & 7] : row;
}

static int run(struct cpu *cpu, int opcode, int modrm, u8 imm)
{
    return fake_run(cpu, row_of(opcode, modrm), opcode | 0xf00, modrm, AT, imm, 4);
}

#if defined(__x86_64__) && defined(__linux__)
#include <sys/mman.h>

static u64 next(u64 *seed)
{
    *seed += 0x9e3779b97f4a7c15;
    u64 z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* mm1 = [rdi], mm2 = [rdi + 8]; eax = edx; the instruction (memory operand [rsi]); [rdi] = mm1, [rdi + 8] = mm2; returns eax. */
typedef u64 host_code(u64 *registers, u8 *memory, u64 eax);
static void host_build(u8 *code, int opcode, int modrm, int imm)
{
    static const u8 before[] = { 0x0f, 0x6f, 0x0f, 0x0f, 0x6f, 0x57, 8, 0x89, 0xd0 };
    static const u8 after[] = { 0x0f, 0x7f, 0x0f, 0x0f, 0x7f, 0x57, 8, 0x0f, 0x77, 0xc3 };
    memcpy(code, before, sizeof before);
    code += sizeof before;
    *code++ = 0x0f;
    *code++ = (u8)opcode;
    *code++ = (u8)modrm;
    if (imm >= 0)
        *code++ = (u8)imm;
    memcpy(code, after, sizeof after);
}

static u64 value(u64 *seed)
{
    u64 r = next(seed), v = next(seed);
    return r & 3 ? v : r & 4 ? v & 0x3f : v | 0x7f00ff80807f8000;
}

static int compare(struct cpu *cpu, u8 *code, int opcode, int modrm, u64 *seed)
{
    const struct row *row = row_of(opcode, modrm);
    bool has_imm = opcode >= 0x71 && opcode <= 0x73;
    int bad = 0;

    for (int i = 0; i < 400; i++) {
        u64 registers[2] = { value(seed), value(seed) }, host[2] = { registers[0], registers[1] }, eax = (u32)next(seed), rax;
        u8 memory[16], *m = fake_memory(cpu) + AT, imm = (u8)(next(seed) & (i & 1 ? 0x1f : 0xff));
        put64(m, value(seed));
        memcpy(memory, m, 16);
        host_build(code, opcode, modrm, has_imm ? imm : -1);
        rax = ((host_code *)(uintptr_t)code)(host, memory, eax);

        x87_init(cpu);
        cpu->s.x87.fsw = 3 << 11;
        cpu->s.x87.st[1].significand = registers[0];
        cpu->s.x87.st[2].significand = registers[1];
        cpu->s.gpr[EAX] = eax;
        assert_int_equal(run(cpu, opcode, modrm, imm), -1);
        if (cpu->s.x87.st[1].significand != host[0] || cpu->s.x87.st[2].significand != host[1] || cpu->s.gpr[EAX] != rax
            || memcmp(m, memory, 16) || (cpu->s.x87.fsw & FSW_TOP) || cpu->s.x87.empty)
            if (bad++ < 2)
                print_message("0f %02x %02x %s: %016llx %016llx -> %016llx, host %016llx\n", opcode, modrm, row->mnemonic,
                              (unsigned long long)registers[0], (unsigned long long)registers[1],
                              (unsigned long long)cpu->s.x87.st[1].significand, (unsigned long long)host[0]);
    }
    return bad;
}

static void test_against_host(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    u8 *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    u64 seed = 1;
    int bad = 0, tested = 0;

    (void)state;
    if (code == MAP_FAILED)
        skip();
    for (int opcode = 0; opcode < 256; opcode++) {
        if (opcode == 0x77)
            continue;
        for (int reg = 0; reg < 8; reg++) {
            bool group = rows_mmx[opcode].group != NULL, general = opcode == 0x6e || opcode == 0x7e;
            if (!row_of(opcode, reg << 3)->mnemonic || (!group && reg != 1))
                continue;
            bad += compare(cpu, code, opcode, 0xc0 | reg << 3 | (general ? 0 : 2), &seed);
            if (!group)
                bad += compare(cpu, code, opcode, reg << 3 | 6, &seed);
            tested++;
        }
    }
    munmap(code, 4096);
    fake_cpu_free(cpu);
    assert_int_equal(bad, 0);
    assert_int_equal(tested, 56);       /* all but EMMS; shifts by register and by immediate counted apart */
}
#endif

static void test_state(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    (void)state;
    cpu->s.x87.fsw = 5 << 11 | FSW_C3;
    assert_int_equal(run(cpu, 0xef, 0xc9, 0), -1);              /* pxor mm1, mm1 */
    assert_int_equal(cpu->s.x87.fsw, FSW_C3);
    assert_int_equal(cpu->s.x87.empty, 0);
    assert_int_equal(cpu->s.x87.st[1].se, 0xffff);
    assert_int_equal(run(cpu, 0x77, 0, 0), -1);                 /* emms */
    assert_int_equal(cpu->s.x87.empty, 0xff);
    cpu->s.x87.fsw |= FSW_ZE | FSW_ES | FSW_B;
    assert_int_equal(run(cpu, 0xef, 0xc9, 0), EXC_MF);
    fake_cpu_free(cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state),
#if defined(__x86_64__) && defined(__linux__)
        cmocka_unit_test(test_against_host),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
