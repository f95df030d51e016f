/* t_escape.c - what keeps an x87 or MMX instruction from running: CR0.EM and TS, prefixes, faults of a store that is
 * not made; and when each processor drives FERR#. All from code bytes.
 * Follows: Intel SDM Vol. 3A "Interrupt 7", "Control Registers" (EM, MP, TS), "Effect of MMX Instruction Execution",
 * Vol. 2 "Instruction Column in the Opcode Summary Table" (NP), Appendix A "Opcode Map"; Vol. 3B "Assertion of the
 * FERR# Pin". */
#include "../../support/pins.h"
#include "../../support/trial.h"
#include "../../../cpu/insn/x87/x87.h"

/* ---- CR0 and prefixes ---- */

static int escape(u8 *bytes, int opcode, int n)         /* n: 0-7 memory forms, then C0-FF */
{
    bytes[0] = (u8)opcode;
    bytes[1] = (u8)(n < 8 ? n << 3 | 5 : 0xc0 + n - 8);
    put32(bytes + 2, AREA);
    return n < 8 ? 6 : 2;
}

/* "EM or TS is set when any x87 instruction executes", those that do not wait among them; MP is about WAIT alone. */
static void device_not_available(void **state)
{
    static const u32 bits[] = { CR0_TS, CR0_EM, CR0_TS | CR0_EM, CR0_TS | CR0_MP, CR0_EM | CR0_MP, CR0_MP };
    static const u8 wait[] = { 0x9b };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct trial t = trial_new("max", engines[e]);
        u64 cr0 = t.start.cr0 | CR0_NE;
        int memory = 0, registers = 0;
        for (int opcode = 0xd8; opcode <= 0xdf; opcode++)
            for (int n = 0; n < 72; n++) {
                u8 bytes[8];
                int length = escape(bytes, opcode, n);
                t.start.cr0 = cr0;
                int without = trial_run(&t, bytes, length);
                if (without == EXC_UD)
                    continue;
                assert_int_equal(without, NONE);
                memory += n < 8;
                registers += n >= 8;
                for (size_t k = 0; k < ARRAY_LEN(bits); k++) {
                    t.start.cr0 = cr0 | bits[k];
                    int vector = trial_run(&t, bytes, length);
                    if (vector != (bits[k] & (CR0_EM | CR0_TS) ? EXC_NM : NONE))
                        fail_msg("%02x %02x, CR0 %x: vector %d", opcode, bytes[1], bits[k], vector);
                    if (vector != NONE) {
                        assert_int_equal(t.eip, CODE);
                        assert_memory_equal(&t.b->cpu->s.x87, &t.start.x87, sizeof t.start.x87);
                    }
                }
            }
        assert_int_equal(memory, 57);                   /* not D9 /1, DB /4, DB /6, DD /5, nor FISTTP, which came later */
        assert_int_equal(registers, 420);
        for (u32 k = 0; k < 8; k++) {
            t.start.cr0 = cr0 | (k & 1 ? CR0_MP : 0) | (k & 2 ? CR0_EM : 0) | (k & 4 ? CR0_TS : 0);
            assert_int_equal(trial_run(&t, wait, 1), (k & 5) == 5 ? EXC_NM : NONE);
        }
        bench_free(t.b);
    }
}

/* Appendix A, two-byte opcodes without prefix: MMX. */
static const u8 mmx[] = {
    0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6e, 0x6f, 0x74, 0x75, 0x76, 0x77, 0x7e, 0x7f,
    0xd1, 0xd2, 0xd3, 0xd5, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xdf, 0xe1, 0xe2, 0xe5, 0xe8, 0xe9, 0xeb, 0xec, 0xed, 0xef,
    0xf1, 0xf2, 0xf3, 0xf5, 0xf8, 0xf9, 0xfa, 0xfc, 0xfd, 0xfe,
};

/* The bytes run plain; EM is #UD, TS #NM, EM goes before; 66, F2 and F3 make it an instruction that this processor
 * has not. */
static void mmx_gates(struct trial *t, const u8 *bytes, int n)
{
    static const u8 prefix[] = { 0x66, 0xf2, 0xf3 };
    u64 cr0 = t->start.cr0;
    u8 with[16];
    if (trial_run(t, bytes, n) != NONE)
        fail_msg("%02x %02x %02x does not run", bytes[0], bytes[1], bytes[2]);
    for (u32 k = 0; k < 8; k++) {
        t->start.cr0 = cr0 | (k & 1 ? CR0_MP : 0) | (k & 2 ? CR0_EM : 0) | (k & 4 ? CR0_TS : 0);
        int vector = trial_run(t, bytes, n);
        if (vector != (k & 2 ? EXC_UD : k & 4 ? EXC_NM : NONE))
            fail_msg("%02x %02x %02x, CR0 %x: vector %d", bytes[0], bytes[1], bytes[2], (u32)t->start.cr0, vector);
    }
    t->start.cr0 = cr0;
    for (size_t k = 0; k < sizeof prefix; k++) {
        with[0] = prefix[k];
        memcpy(with + 1, bytes, (size_t)n);
        if (trial_run(t, with, n + 1) != EXC_UD)
            fail_msg("%02x before %02x %02x %02x is no #UD", prefix[k], bytes[0], bytes[1], bytes[2]);
        with[1] = 0x2e;                                 /* not right before the opcode */
        memcpy(with + 2, bytes, (size_t)n);
        assert_int_equal(trial_run(t, with, n + 2), EXC_UD);
    }
    with[0] = 0x36;                                     /* a segment is no such prefix */
    memcpy(with + 1, bytes, (size_t)n);
    assert_int_equal(trial_run(t, with, n + 1), NONE);
}

static void mmx_not_available(void **state)
{
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct trial t = trial_new("max", engines[e]);
        for (size_t k = 0; k < sizeof mmx; k++) {
            u8 in_register[] = { 0x0f, mmx[k], 0xca }, in_memory[8] = { 0x0f, mmx[k], 0x0d };
            put32(in_memory + 3, AREA);
            mmx_gates(&t, in_register, mmx[k] == 0x77 ? 2 : 3);
            if (mmx[k] != 0x77)
                mmx_gates(&t, in_memory, 7);
        }
        for (int opcode = 0x71; opcode <= 0x73; opcode++)
            for (int reg = 0; reg < 8; reg++) {
                u8 shift[] = { 0x0f, (u8)opcode, (u8)(0xc1 | reg << 3), 3 }, memory[8] = { 0x0f, (u8)opcode, (u8)(reg << 3 | 5) };
                put32(memory + 3, AREA);
                if (reg == 2 || reg == 6 || (reg == 4 && opcode != 0x73))
                    mmx_gates(&t, shift, 4);
                else
                    assert_int_equal(trial_run(&t, shift, 4), EXC_UD);
                assert_int_equal(trial_run(&t, memory, 8), EXC_UD);
            }
        bench_free(t.b);
    }
}

/* ---- FERR# ---- */

static void ferr(void *to, int pin, bool level)
{
    (void)pin;
    ((struct bench *)to)->smiact = level;
}

enum { FERR_AT_ONCE = 1, FERR_LATER = 0 };
static const struct { const char *model; int when; } drivers[] = {
    { "386", FERR_AT_ONCE }, { "486", FERR_LATER }, { "pentium", FERR_LATER }, { "pentium-mmx", FERR_LATER }, { "p2", FERR_AT_ONCE },
    { "max", FERR_AT_ONCE },
};

/* Each way to an unmasked exception: `n` instructions up to it, in code with a control word in AREA. */
static const struct { const char *name; u8 bytes[16]; int length, n; u16 control; } ways[] = {
    { "division by zero", { 0xd9, 0x2d, 0, 0, 3, 0, 0xd9, 0xee, 0xd9, 0xe8, 0xd8, 0xf1 }, 12, 4, 0x37b }, /* fldcw fldz fld1 fdiv */
    { "empty register", { 0xd9, 0x2d, 0, 0, 3, 0, 0xd8, 0xc1 }, 8, 2, 0x37e },              /* fldcw; fadd */
    { "FLDCW after it", { 0xd8, 0xc1, 0xd9, 0x2d, 0, 0, 3, 0 }, 8, 2, 0x37e },
};

static void ferr_by_model(void **state)
{
    static const u8 rest[] = { 0xdf, 0xe0, 0x90, 0xd9, 0xd0, 0x90, 0xdb, 0xe2 };            /* fnstsw ax; nop; fnop; nop; fnclex */
    (void)state;
    for (size_t m = 0; m < ARRAY_LEN(drivers); m++)
        for (size_t w = 0; w < ARRAY_LEN(ways); w++)
            for (int ignne = 0; ignne < 2; ignne++) {
                struct trial t = trial_new(drivers[m].model, engines[w & 1]);
                struct cpu *cpu = t.b->cpu;
                u8 bytes[32];
                cpu->out.ferr = (struct line) { ferr, t.b, 0 };
                put16(t.b->ram->host + AREA, ways[w].control);
                memcpy(bytes, ways[w].bytes, (size_t)ways[w].length);
                memcpy(bytes + ways[w].length, rest, sizeof rest);
                set_code(t.b, bytes, ways[w].length + (int)sizeof rest);
                pin_drive(cpu, PIN_IGNNE, ignne);
                cpu_run(cpu, (u64)ways[w].n - 1);
                assert_int_equal(t.b->smiact, 0);
                cpu_run(cpu, 1);
                assert_int_equal(cpu->s.x87.fsw & (FSW_ES | FSW_B), FSW_ES | FSW_B);
                if (t.b->smiact != drivers[m].when)
                    fail_msg("%s, %s: FERR# is %d after the instruction", drivers[m].model, ways[w].name, t.b->smiact);
                cpu_run(cpu, 2);                        /* does not wait: all as before */
                assert_int_equal(t.b->smiact, drivers[m].when);
                assert_int_equal(reg16(cpu, EAX) & FSW_ES, FSW_ES);
                cpu_run(cpu, 1);
                assert_int_equal(t.b->smiact, 1);       /* in front of the next one that waits at the latest */
                assert_int_equal(cpu->s.activity, ignne ? ACTIVITY_RUN : ACTIVITY_HALTED);
                assert_int_equal(cpu->s.rip, CODE + (u32)ways[w].length + (ignne ? 5 : 3));
                if (ignne) {
                    cpu_run(cpu, 2);
                    assert_int_equal(t.b->smiact, 0);
                }
                bench_free(t.b);
            }
}

/* RESET leaves no exception pending, and the next one is told of again. */
static void ferr_after_reset(void **state)
{
    struct trial t = trial_new("max", engines[0]);
    struct cpu *cpu = t.b->cpu;
    (void)state;
    cpu->out.ferr = (struct line) { ferr, t.b, 0 };
    for (int k = 0; k < 2; k++) {
        cpu->s.cr0 &= ~(u64)CR0_NE;
        x87_error(cpu);
        assert_int_equal(t.b->smiact, 1);
        cpu_reset(cpu);
        assert_int_equal(t.b->smiact, 0);
        assert_int_equal(cpu->s.ferr, 0);
    }
    bench_free(t.b);
}

/* ---- a store whose second page is missing ---- */

struct store { const char *name; u8 opcode, reg; u32 size; };
static const struct store stores[] = {
    { "fst m32", 0xd9, 2, 4 }, { "fstp m32", 0xd9, 3, 4 }, { "fst m64", 0xdd, 2, 8 }, { "fstp m64", 0xdd, 3, 8 },
    { "fstp m80", 0xdb, 7, 10 }, { "fist m16", 0xdf, 2, 2 }, { "fistp m16", 0xdf, 3, 2 }, { "fist m32", 0xdb, 2, 4 },
    { "fistp m32", 0xdb, 3, 4 }, { "fistp m64", 0xdf, 7, 8 }, { "fbstp", 0xdf, 6, 10 },
};
/* ST(0): a number; nothing, masked and not; for the shorter forms, one that does not fit, masked and not. */
enum value { NUMBER, EMPTY_MASKED, EMPTY, TOO_LARGE_MASKED, TOO_LARGE, VALUES };

static void fill_st0(struct x87 *x, enum value v)
{
    x->fsw = 0;
    x->fcw = v == EMPTY || v == TOO_LARGE ? 0x340 : 0x37f;
    x->empty = v == EMPTY || v == EMPTY_MASKED ? 0xff : 0xfe;
    x->st[0].significand = F80_INTEGER_BIT;
    x->st[0].se = v == TOO_LARGE || v == TOO_LARGE_MASKED ? 0x7ffe : 0x3fff;
}

static void store_at(struct trial *t, const struct store *s, u32 at, int error, enum value v)
{
    struct bench *b = t->b;
    u8 bytes[6] = { s->opcode, (u8)(s->reg << 3 | 5) };
    put32(bytes + 2, at);
    memset(b->ram->host + AREA, 0xa5, 0x2000);
    fill_st0(&t->start.x87, v);
    int vector = trial_run(t, bytes, sizeof bytes);
    bool prevented = v == EMPTY || (v == TOO_LARGE && strcmp(s->name, "fstp m80"));     /* unmasked: memory is not asked */
    if (vector != (error && !prevented ? EXC_PF : NONE))
        fail_msg("%s at %x, value %d: vector %d", s->name, at, v, vector);
    assert_int_equal(b->cpu->s.x87.fsw & FSW_ES, prevented ? FSW_ES : 0);
    for (u32 k = 0; (error || prevented) && k < 0x2000; k++)
        assert_int_equal(b->ram->host[AREA + k], 0xa5);
    if (!error || prevented)
        return;
    assert_int_equal(b->cpu->s.cr2, AREA + 0x1000);
    assert_int_equal(mem32(b, reg32(b->cpu, ESP)), error);
    assert_int_equal(t->eip, CODE);
    assert_memory_equal(&b->cpu->s.x87, &t->start.x87, sizeof t->start.x87);
}

static void stores_across_pages(void **state)
{
    (void)state;
    for (int absent = 0; absent < 2; absent++)
        for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
            struct trial t = trial_new("max", engines[e]);
            trial_paging(&t, absent ? 0 : (AREA + 0x1000) | 5);        /* or read-only */
            for (size_t k = 0; k < ARRAY_LEN(stores); k++)
                for (enum value v = NUMBER; v < VALUES; v++) {
                    store_at(&t, &stores[k], AREA + 0x1000 - stores[k].size, 0, v);
                    for (u32 behind = 1; behind < stores[k].size; behind++)
                        store_at(&t, &stores[k], AREA + 0x1000 - stores[k].size + behind, absent ? 2 : 3, v);
                }
            bench_free(t.b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_not_available), cmocka_unit_test(mmx_not_available), cmocka_unit_test(ferr_by_model),
        cmocka_unit_test(ferr_after_reset),
        cmocka_unit_test(stores_across_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
