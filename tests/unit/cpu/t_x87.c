/* t_x87.c - x87 instructions: every encoding that is not a transcendental against the host's x87 from random states (x86-64
 * hosts), and promises of the SDM: stack faults, pending exceptions with CR0.NE 0 and 1, the four environment layouts, FXSAVE. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../support/fake_cpu.h"
#include "../../support/host_x87.h"
#include "../../host_vendor.h"
#include "../../../cpu/flags.h"
#include "../../../cpu/insn/x87/x87.h"

enum { AT = 0x100 };

static int run(struct cpu *cpu, int opcode, int modrm)
{
    return fake_run(cpu, fake_x87_row(opcode, modrm), opcode, modrm, AT, 0, 4);
}

static struct f80 st(struct cpu *cpu, int i) { return *x87_st(&cpu->s.x87, i); }
static bool same(struct f80 a, struct f80 b) { return a.se == b.se && a.significand == b.significand; }

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

/* FRSTOR [rdi]; load flags [rcx]; the instruction (memory operand [rsi]); flags to [rcx]; FNSAVE [rdx]. */
typedef u64 host_code(const u8 *state, u8 *memory, u8 *after, u64 *flags);
static void host_build(u8 *code, int opcode, int modrm, bool wide)
{
    static const u8 before[] = { 0x31, 0xc0, 0xdd, 0x27, 0xff, 0x31, 0x9d }, after[] = { 0x9c, 0x8f, 0x01, 0xdd, 0x32, 0xdb, 0xe3, 0xc3 };
    memcpy(code, before, sizeof before);
    code += sizeof before;
    if (!wide)
        *code++ = 0x66;
    *code++ = (u8)opcode;
    *code++ = (u8)modrm;
    memcpy(code, after, sizeof after);
}

static void random_state(u64 *seed, u8 *image)
{
    static const u64 value[] = { 0, F80_INTEGER_BIT, 0xc000000000000000, 0xa000000000000000, ~0ull, 1, 0x7fffffffffffffff };
    u64 r = next(seed);
    memset(image, 0, 108);
    put16(image, (u16)(FCW_FIXED | (r & 3 ? FSW_EXCEPTIONS : r >> 8 & FSW_EXCEPTIONS) | (r >> 16 & 3) << 10 | (r & 0x100000 ? 0x300 : 0x200)));
    put16(image + 4, (u16)((r >> 24 & 0x7f00) & 0xffff));       /* TOP and codes, nothing pending */
    put16(image + 8, r >> 60 & 1 ? (u16)(next(seed) & next(seed)) : 0);
    for (int i = 0; i < 8; i++) {
        u64 v = next(seed);
        u16 se = (u16)(v & 7 ? 0x3fff + (i32)(v >> 8) % 64 : v >> 16 & 1 ? 0x7fff : 0) | (u16)(v >> 17 & 1) << 15;
        put64(image + 28 + 10 * i, v & 0x300000 ? next(seed) | (se & 0x7fff ? F80_INTEGER_BIT : 0) : value[(v >> 24) % ARRAY_LEN(value)]);
        put16(image + 28 + 10 * i + 8, se);
    }
}

static bool is_transcendental(const char *name)
{
    static const char *const names[] = { "fsin", "fcos", "fsincos", "fptan", "fpatan", "fyl2x", "fyl2xp1", "f2xm1" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static int compare_encoding(struct cpu *cpu, void *code, int opcode, int modrm, int count, u64 *seed)
{
    const struct row *row = fake_x87_row(opcode, modrm);
    bool comparison = strstr(row->mnemonic, "com") || strcmp(row->mnemonic, "ftst") == 0;
    int bad = 0;

    for (int i = 0; i < count; i++) {
        u8 state[108], host_after[108], mine_after[108], host_memory[128], *memory = fake_memory(cpu) + AT;
        bool wide = !(i & 1);
        u64 host_flags, rax;
        u32 flags = (u32)next(seed) & (FLAG_CF | FLAG_ZF | FLAG_PF);

        random_state(seed, state);
        for (int k = 0; k < 128; k += 8)
            put64(memory + k, next(seed));
        if (next(seed) & 1)
            random_state(seed, memory);
        if (next(seed) & 1)
            put64(memory, get64(memory) & (next(seed) & 1 ? 0xffffffff : 0x408fffff40efffffull));
        memcpy(host_memory, memory, 128);
        host_build(code, opcode, modrm, wide);
        host_flags = flags | FLAG_1 | FLAG_IF;
        rax = ((host_code *)(uintptr_t)code)(state, host_memory, host_after, &host_flags);

        x87_init(cpu);
        memcpy(fake_memory(cpu) + 0x1000, state, 108);
        flags_load(cpu, flags);
        cpu->s.gpr[EAX] = 0;
        assert_int_equal(fake_run(cpu, fake_x87_row(0xdd, 0x26), 0xdd, 0x26, 0x1000, 0, 4), -1);        /* frstor */
        assert_int_equal(fake_run(cpu, row, opcode, modrm, AT, 0, wide ? 4 : 2), -1);
        fake_run(cpu, fake_x87_row(0xdd, 0x36), 0xdd, 0x36, 0x1000, 0, 4);
        memcpy(mine_after, fake_memory(cpu) + 0x1000, 108);

        u16 sw = get16(mine_after + 4), ignore = 0;
        bool blocked = host_vendor() != VENDOR_AMD && comparison && (sw & ~get16(state) & FSW_DE);      /* lockstep/fpu.c */
        if (host_vendor() != VENDOR_AMD && strcmp(row->mnemonic, "fld") == 0 && modrm < 0xc0 && (sw & FSW_DE) && !(get16(state) & FSW_DE))
            continue;                                           /* unmasked denormal: lockstep/fpu.c */
        if (blocked)
            ignore = FSW_CC;
        bool differ = get16(mine_after) != get16(host_after) || (sw | ignore) != (get16(host_after + 4) | ignore)
                   || get16(mine_after + 8) != get16(host_after + 8) || memcmp(mine_after + 28, host_after + 28, 80)
                   || cpu->s.gpr[EAX] != (rax & 0xffffffff);
        if (!blocked)
            differ |= flag_c(cpu) != (host_flags & 1) || flag_z(cpu) != (host_flags >> 6 & 1) || flag_p(cpu) != (host_flags >> 2 & 1);
        if (strcmp(row->mnemonic, "fnsave") == 0 || strcmp(row->mnemonic, "fnstenv") == 0) {
            int n = wide ? 4 : 2;
            for (int k = 0; k < 3; k++)
                differ |= get16(memory + n * k) != get16(host_memory + n * k);
            differ |= wide && (get16(memory + 2) != get16(host_memory + 2) || get16(memory + 26) != get16(host_memory + 26));
        } else {
            differ |= memcmp(memory, host_memory, 128) != 0;
        }
        if (differ && bad++ < 2)
            print_message("%02x %02x %s: cw %04x sw %04x tags %04x: mine %04x %04x %04x host %04x %04x %04x  st0 %04x:%016llx  -> %04x:%016llx, host %04x:%016llx\n",
                opcode, modrm, row->mnemonic, get16(state), get16(state + 4), get16(state + 8), get16(mine_after), sw, get16(mine_after + 8),
                get16(host_after), get16(host_after + 4), get16(host_after + 8), get16(state + 36), (unsigned long long)get64(state + 28),
                get16(mine_after + 36), (unsigned long long)get64(mine_after + 28), get16(host_after + 36), (unsigned long long)get64(host_after + 28));
    }
    return bad;
}

static void test_against_host(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    u64 seed = 1;
    int bad = 0;

    (void)state;
    if (code == MAP_FAILED)
        skip();
    for (int opcode = 0xd8; opcode <= 0xdf; opcode++) {
        for (int n = 0; n < 72; n++) {
            int modrm = n < 8 ? n << 3 | 6 : 0xc0 + n - 8;
            const struct row *row = fake_x87_row(opcode, modrm);
            if (row && !is_transcendental(row->mnemonic))
                bad += compare_encoding(cpu, code, opcode, modrm, n < 8 ? 4000 : 600, &seed);
        }
    }
    munmap(code, 4096);
    fake_cpu_free(cpu);
    assert_int_equal(bad, 0);
}
#endif

static void push_one(struct cpu *cpu) { assert_int_equal(run(cpu, 0xd9, 0xe8), -1); }

static void test_stack_faults(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    (void)state;
    for (int i = 0; i < 8; i++)
        push_one(cpu);
    assert_int_equal(cpu->s.x87.fsw, 0);
    push_one(cpu);                                              /* overflow */
    assert_int_equal(cpu->s.x87.fsw & 0x27f, FSW_IE | FSW_SF | FSW_C1);
    assert_true(same(st(cpu, 0), f80_indefinite()));
    run(cpu, 0xdb, 0xe3);
    assert_int_equal(run(cpu, 0xd8, 0xc1), -1);                 /* fadd on an empty stack */
    assert_int_equal(cpu->s.x87.fsw & 0x27f, FSW_IE | FSW_SF);
    assert_true(same(st(cpu, 0), f80_indefinite()));
    fake_cpu_free(cpu);
}

static bool ferr_level;
static void on_ferr(void *board, int pin, bool level)
{
    (void)board, (void)pin;
    ferr_level = level;
}

static void test_pending(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    (void)state;
    cpu->out.ferr.set = on_ferr;
    cpu->s.x87.fcw &= (u16)~FSW_ZE;
    push_one(cpu);
    run(cpu, 0xd9, 0xee);
    assert_int_equal(run(cpu, 0xd8, 0xf9), -1);                 /* fdivr: 1 / 0 */
    assert_int_equal(cpu->s.x87.fsw & 0x80ff, FSW_ZE | FSW_ES | FSW_B);
    assert_true(same(st(cpu, 0), f80_zero(false)));             /* not stored */
    assert_int_equal(run(cpu, 0xd9, 0xd0), EXC_MF);             /* fnop waits */
    assert_int_equal(run(cpu, 0xdf, 0xe0), -1);                 /* fnstsw does not */
    cpu->s.cr0 &= ~(u64)CR0_NE;
    assert_int_equal(run(cpu, 0xd9, 0xd0), -2);
    assert_true(ferr_level);
    assert_int_equal(cpu->s.activity, ACTIVITY_HALTED);
    cpu->s.ignne = 1;
    assert_int_equal(run(cpu, 0xd9, 0xd0), -1);
    assert_int_equal(run(cpu, 0xdb, 0xe2), -1);                 /* fnclex */
    assert_false(ferr_level);
    assert_int_equal(cpu->s.x87.fsw & 0x80ff, 0);
    fake_cpu_free(cpu);
}

static void test_pointers(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    u8 *m = fake_memory(cpu) + AT;
    (void)state;
    cpu->page = 0x12345000;
    cpu->s.seg[CS].base = 0x12300000;
    run(cpu, 0xd9, 0x06);                                       /* fld m32 */
    cpu->s.x87.fdp = 0x54321;
    run(cpu, 0xd9, 0x36);                                       /* fnstenv, 32-bit protected */
    assert_int_equal(get32(m + 12), 0x45000);
    assert_int_equal(get32(m + 16), cpu->s.seg[CS].selector | 0x106 << 16);
    assert_int_equal(get32(m + 20), 0x54321);
    assert_int_equal(get16(m + 24), cpu->s.seg[DS].selector);
    cpu->s.cr0 &= ~(u64)CR0_PE;
    cpu->s.x87.fcs = 0x1000;
    cpu->s.x87.fds = 0x10;
    cpu->s.x87.fip = 0x4567;
    run(cpu, 0xd9, 0x36);                                       /* 32-bit real: linear addresses */
    assert_int_equal(get16(m + 12), 0x4567);
    assert_int_equal(get32(m + 16), 0x1 << 12 | 0x106);
    assert_int_equal(get16(m + 20), 0x4421);
    assert_int_equal(get32(m + 24), 0x5 << 12);
    cpu->s.x87.fip = cpu->s.x87.fdp = cpu->s.x87.fop = 0;
    run(cpu, 0xd9, 0x26);                                       /* fldenv: back as linear addresses, without selectors */
    assert_int_equal(cpu->s.x87.fip, 0x14567);
    assert_int_equal(cpu->s.x87.fdp, 0x54421);
    assert_int_equal(cpu->s.x87.fop, 0x106);
    assert_int_equal(cpu->s.x87.fcs, 0);
    fake_run(cpu, fake_x87_row(0xd9, 0x36), 0xd9, 0x36, AT, 0, 2);
    assert_int_equal(get16(m + 6), 0x4567);
    assert_int_equal(get16(m + 8), 0x1106);
    assert_int_equal(get16(m + 10), 0x4421);
    assert_int_equal(get16(m + 12), 0x5000);
    cpu->s.x87.fip = cpu->s.x87.fdp = cpu->s.x87.fop = 0;
    fake_run(cpu, fake_x87_row(0xd9, 0x26), 0xd9, 0x26, AT, 0, 2);
    assert_int_equal(cpu->s.x87.fip, 0x14567);
    assert_int_equal(cpu->s.x87.fdp, 0x54421);
    assert_int_equal(cpu->s.x87.fop, 0x106);
    fake_cpu_free(cpu);
}

static void test_fxsave(void **state)
{
    static const struct row save = { .mnemonic = "fxsave", .fn = op_fxsave }, restore = { .mnemonic = "fxrstor", .fn = op_fxrstor };
    struct cpu *cpu = fake_cpu_new();
    u8 *m = fake_memory(cpu) + AT;
    struct x87 before;
    (void)state;
    memset(m, 0xaa, 512);
    push_one(cpu);
    run(cpu, 0xd9, 0xeb);                                       /* fldpi */
    before = cpu->s.x87;
    assert_int_equal(fake_run(cpu, &save, 0xae, 0x06, AT, 0, 4), -1);
    assert_int_equal(m[4], 0xc0);
    assert_int_equal(get64(m + 32), 0xc90fdaa22168c235);
    assert_int_equal(m[42], 0xaa);                              /* reserved: left alone */
    assert_int_equal(m[160], 0xaa);
    run(cpu, 0xdb, 0xe3);
    assert_int_equal(fake_run(cpu, &restore, 0xae, 0x0e, AT, 0, 4), -1);
    assert_memory_equal(&before, &cpu->s.x87, sizeof before);
    assert_int_equal(fake_run(cpu, &save, 0xae, 0x06, AT + 8, 0, 4), EXC_GP);
    for (int top = 0; top < 8; top++) {                         /* ST(0) to ST(7), whatever TOP is; what is behind them is not read */
        for (int i = 0; i < 8; i++) {
            put64(m + 32 + 16 * i, F80_INTEGER_BIT | (u64)(0x100 * top + i + 1));
            put16(m + 40 + 16 * i, (u16)(0x4000 + i));
        }
        memset(m + 160, 0x5a, 352);
        put16(m + 2, (u16)(top << 11));
        assert_int_equal(fake_run(cpu, &restore, 0xae, 0x0e, AT, 0, 4), -1);
        for (int i = 0; i < 8; i++) {
            assert_int_equal(st(cpu, i).significand, F80_INTEGER_BIT | (u64)(0x100 * top + i + 1));
            assert_int_equal(st(cpu, i).se, 0x4000 + i);
            assert_int_equal(cpu->s.x87.st[(top + i) & 7].se, 0x4000 + i);
        }
    }
    fake_cpu_free(cpu);
}

/* A fault of the memory operand leaves the x87 as it was. */
static void test_faults(void **state)
{
    struct cpu *cpu = fake_cpu_new();
    struct x87 before;
    (void)state;
    push_one(cpu);
    run(cpu, 0xd9, 0xeb);
    before = cpu->s.x87;
    for (int opcode = 0xd8; opcode <= 0xdf; opcode++) {
        for (int reg = 0; reg < 8; reg++) {
            const struct row *row = fake_x87_row(opcode, reg << 3 | 6);
            if (!row)
                continue;
            assert_int_equal(fake_run(cpu, row, opcode, reg << 3 | 6, FAKE_MEMORY - 1, 0, 4), EXC_PF);
            assert_memory_equal(&before, &cpu->s.x87, sizeof before);
        }
    }
    fake_cpu_free(cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stack_faults), cmocka_unit_test(test_pending), cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_fxsave), cmocka_unit_test(test_faults),
#if defined(__x86_64__) && defined(__linux__)
        cmocka_unit_test(test_against_host),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
