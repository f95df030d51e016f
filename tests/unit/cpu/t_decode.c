/* t_decode.c - every encoding in every mode gets a handler, and what the decoder itself forbids.
 * Follows: Intel SDM Vol. 2A "Instruction Prefixes", Vol. 2 exception lists; the comparison with another decoder is
 * tests/decoder. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "../../../cpu/cpuid.h"
#include "../../../cpu/engine/engine.h"
#include "../../../cpu/decode/rows.h"
#include "../../../cpu/insn/simd/mmx.h"
#include "../../../cpu/insn/string_fast.h"
#include "../../../cpu/insn/x87/x87_fast.h"

typedef void (*any_fn)(void);

static struct cpu *cpu_of(const char *model)
{
    struct cpu *cpu = xcalloc(1, sizeof *cpu);
    cpu->model = cpu_model_find(model);
    cpu->features = model_features(cpu->model);
    return cpu;
}

/* ---- the rows ---- */

/* A row that means something has a body or a function, not both. */
static void check_row(void *to, const struct row_place *p)
{
    const struct row *row = p->row;
    char name[80];
    row_name(p, name, sizeof name);
    ++*(int *)to;
    if (!row->mnemonic) {
        if (row->fn || row->body || row->operand[0] || row->attr)
            fail_msg("%s: a row without a mnemonic is not empty", name);
        return;
    }
    if (!row->fn == !row->body)
        fail_msg("%s has %s", name, row->fn ? "a body and a function" : "neither body nor function");
    assert_true(row->body < BODIES);
    assert_false(row->reads & ~(FLAGS_ARITH | FLAG_DF));
    assert_false((row->writes | row->undefined) & ~(FLAGS_ARITH | FLAG_DF));
    assert_true(row->feature < FEATURE_COUNT);
    /* What is privileged or touches ports can be trapped: SDM Vol. 3C "Instructions That Cause VM Exits". */
    if (((row->attr & A_CPL0) && row->feature != FEATURE_TEST && strcmp(row->mnemonic, "sysexit")) || (row->attr & A_IO))
        if (!row->intercept)
            fail_msg("%s: no intercept", name);
    for (int k = 1; k < 4; k++)         /* operands stand side by side */
        assert_false(row->operand[k] && !row->operand[k - 1] && !row->body && k > 1);
}

static void rows_are_complete(void **state)
{
    int rows = 0;
    (void)state;
    rows_each(check_row, &rows);
    assert_true(rows > 1300);
    for (int k = 0; k < 256; k++)       /* what rows_0f has hides rows_mmx */
        assert_false((rows_0f[k].mnemonic || rows_0f[k].group) && (rows_mmx[k].mnemonic || rows_mmx[k].group));
}

/* The bytes that rows_each tells of an encoding are decoded to its row, by the model that has it. */
static void check_bytes(void *to, const struct row_place *p)
{
    struct cpu *cpu = to;
    u8 bytes[15] = { 0 };
    struct decode d = { .cpu = cpu, .bytes = bytes, .n = sizeof bytes, .mode = MODE_PE | MODE_D | MODE_B };
    struct decoded out;
    char name[80];
    bool segment = operand_kind(p->operand[0]) == K_S || operand_kind(p->operand[1]) == K_S;
    row_name(p, name, sizeof name);
    cpu->features = model_features(cpu_model_find(p->model ? p->model : "max"));
    if (!cpu_has(cpu, FEATURE_386) || (p->row->feature == FEATURE_TEST))
        cpu->features = model_features(cpu_model_find(p->model ? p->model : "486"));
    if (!cpu_has(cpu, FEATURE_386))
        d.mode = 0;
    int n = row_bytes(p, p->registers || !p->memory ? 3 : 0, segment ? DS : 0, 1, bytes);
    if (decode_insn(&d, &out) < n)
        fail_msg("%s: %02x %02x %02x is shorter", name, bytes[0], bytes[1], bytes[2]);
    if (out.op.row != p->row)
        fail_msg("%s: %02x %02x %02x is another row, %s", name, bytes[0], bytes[1], bytes[2], out.op.row->mnemonic);
}

static void bytes_name_their_row(void **state)
{
    struct cpu *cpu = cpu_of("max");
    (void)state;
    rows_each(check_bytes, cpu);
    free(cpu);
}

/* ---- every opcode, every ModRM byte, many modes ---- */

static bool is_fast(any_fn fn, const struct decoded *d)
{
    handler *h = fast_handlers[d->body][d->size_log2][d->form];
    return h && (any_fn)h == fn;
}

/* A function's row: run by h_fn and its like, or in FAST by a handler of its own, which is the one for the row. */
static bool is_of_function(const struct op *o, u32 mode)
{
    int size = op_size_log2(o);
    if (o->fn == (any_fn)h_fn || o->fn == (any_fn)h_fn_rep || o->fn == (any_fn)h_fn_end || o->fn == (any_fn)h_fn_may_end)
        return true;
    for (int flat = 0; flat < 2 && mode_kind(mode) == KIND_FAST; flat++)
        if (o->fn == (any_fn)x87_fast(o->row->fn, flat) ||
            (size < 3 && (o->fn == (any_fn)string_fast(o->row->fn, size, false, flat) || o->fn == (any_fn)string_fast(o->row->fn, size, true, flat))))
            return true;
    return false;
}

/* NULL when all is well. */
static const char *fault_of(const struct decoded *d, int len, u32 mode)
{
    const struct op *o = &d->op;
    if (len < 1 || len > 15 || o->len != len)
        return "length";
    if (!o->fn || !o->row)
        return "no handler";
    if (o->fn == (any_fn)h_raise_ud || o->fn == (any_fn)h_raise_nm || o->fn == (any_fn)h_raise_gp0)
        return d->shape == DECODED_END && d->unconditional ? NULL : "goes on after a fault";
    if (!o->row->mnemonic)
        return "an undefined row runs";
    if (o->row->fn)
        return is_of_function(o, mode) ? NULL : "not a function's handler";
    if (o->slow >= BODIES * 3 * SLOW_FORMS || !slow_handler(o))
        return "no slow handler";
    if (o->fn == (any_fn)slow_handler(o))
        return NULL;
    if (mode_kind(mode) != KIND_FAST)
        return "a fast handler in a slow block";
    return is_fast(o->fn, d) ? NULL : "a strange handler";
}

static void walk(struct cpu *cpu, u32 mode, const u8 *prefix, int prefixes)
{
    u8 bytes[15] = { 0 };
    struct decode d = { .cpu = cpu, .bytes = bytes, .n = sizeof bytes, .mode = mode };
    struct decoded out;
    memcpy(bytes, prefix, (size_t)prefixes);
    for (int opcode = 0; opcode < 512; opcode++) {
        int at = prefixes;
        if (opcode >= 256)
            bytes[at++] = 0x0f;
        bytes[at++] = (u8)opcode;
        for (int modrm = 0; modrm < 256; modrm++) {
            bytes[at] = (u8)modrm;
            bytes[at + 1] = (u8)(modrm * 37 + opcode);      /* SIB byte or whatever comes */
            int len = decode_insn(&d, &out);
            const char *why = fault_of(&out, len, mode);
            if (why)
                fail_msg("%s: mode %06x, %d prefixes (%02x), %s%02x %02x", why, mode, prefixes, prefix[0],
                         opcode >= 256 ? "0f " : "", opcode & 255, modrm);
        }
    }
}

static u32 with_class(u32 mode, int class)
{
    for (int k = 0; k < SEGMENTS; k++)
        mode |= (u32)(k == CS && class == SEG_BASE ? SEG_FULL : class) << (MODE_SEG_SHIFT + 2 * k);
    return mode;
}

static void every_mode_has_handlers(void **state)
{
    static const u8 prefix[][2] = { { 0x66 }, { 0x67 }, { 0xf0 }, { 0xf2 }, { 0xf3 }, { 0x2e }, { 0x66, 0x67 } };
    static const u32 also[] = { MODE_PE,
                                MODE_PE | MODE_AC | 3 << MODE_CPL_SHIFT,
                                MODE_PE | MODE_VM | 3 << MODE_CPL_SHIFT,
                                MODE_PE | MODE_TS | MODE_MP,
                                MODE_PE | MODE_EM,
                                0,
                                MODE_PE | 3 << MODE_CPL_SHIFT };
    struct cpu *cpu = cpu_of("max");
    size_t turn = 0;
    (void)state;
    for (int kind = KIND_FAST; kind <= KIND_STEP; kind++)
        for (int class = SEG_FLAT; class <= SEG_FULL; class++)
            for (u32 bits = 0; bits <= (MODE_D | MODE_B); bits++, turn++) {
                u32 mode =
                    mode_of_kind(with_class(bits | also[turn % ARRAY_LEN(also)], class), (enum block_kind)kind);
                const u8 *p = prefix[turn % ARRAY_LEN(prefix)];
                walk(cpu, mode, p, 0);
                walk(cpu, mode, p, p[1] ? 2 : 1);
            }
    free(cpu);
}

static void every_model_has_handlers(void **state)
{
    (void)state;
    for (const struct cpu_model *m = cpu_model_list; m->name; m++) {
        struct cpu *cpu = cpu_of(m->name);
        bool wide = cpu_has(cpu, FEATURE_386);                  /* the others have 16-bit code only */
        walk(cpu, with_class(wide ? MODE_PE | MODE_D | MODE_B : 0, wide ? SEG_FLAT : SEG_FULL), (const u8[]){ 0 }, 0);
        free(cpu);
    }
}

/* ---- what the decoder forbids ---- */

enum { RUNS, UD, NM, GP };

static int outcome(const char *model, u32 mode, const char *hex)
{
    struct cpu *cpu = cpu_of(model);
    u8 bytes[15] = { 0 };
    struct decode d = { .cpu = cpu, .bytes = bytes, .n = sizeof bytes, .mode = mode };
    struct decoded out;
    for (int n = 0; *hex; hex += 2 + (hex[2] == ' '), n++)
        bytes[n] = (u8)strtoul((const char[]){ hex[0], hex[1], 0 }, NULL, 16);
    assert_true(decode_insn(&d, &out) > 0);
    free(cpu);
    return out.op.fn == (any_fn)h_raise_ud    ? UD
           : out.op.fn == (any_fn)h_raise_nm  ? NM
           : out.op.fn == (any_fn)h_raise_gp0 ? GP
                                              : RUNS;
}

static void forbidden_insns(void **state)
{
    enum {
        P = MODE_PE | MODE_D | MODE_B,
        USER = P | 3 << MODE_CPL_SHIFT,
        V86 = MODE_PE | MODE_VM | 3 << MODE_CPL_SHIFT,
        REAL = 0
    };
    /* clang-format off */
    static const struct { const char *model; u32 mode; const char *bytes; int outcome; } list[] = {
        /* LOCK: memory destinations of the listed instructions only */
        { "max", P, "f0 01 00", RUNS }, { "max", P, "f0 01 c0", UD }, { "max", P, "f0 03 00", UD }, { "max", P, "f0 39 00", UD },
        { "max", P, "f0 87 00", RUNS }, { "max", P, "f0 0f ba 20 01", UD }, { "max", P, "f0 0f ba 28 01", RUNS },
        { "max", P, "f0 0f c7 08", RUNS }, { "max", P, "f0 90", UD }, { "max", P, "f0 a4", UD }, { "max", P, "f0 d8 00", UD },
        /* forms that do not exist */
        { "max", P, "8d c0", UD }, { "max", P, "c4 c0", UD }, { "max", P, "0f c7 c8", UD }, { "max", P, "0f 01 d0", UD }, { "max", P, "8f c8", UD },
        { "max", P, "0f 0b", UD }, { "max", P, "0f b9 c0", UD }, { "max", P, "0f ff c0", UD }, { "max", P, "d9 d1", UD }, { "max", P, "fe 10", UD },
        { "max", P, "0f 20 00", RUNS }, { "max", P, "0f 71 10 01", UD }, { "max", P, "62 c0", UD }, { "max", P, "ff d8", UD }, { "max", P, "ff f8", UD },
        /* aliases that no manual lists and every processor has */
        { "max", P, "82 c0 01", RUNS }, { "max", P, "f6 c8 01", RUNS }, { "max", P, "c0 f0 01", RUNS }, { "max", P, "d6", RUNS }, { "max", P, "f1", RUNS },
        /* processors */
        { "386", P, "0f c8", UD }, { "486", P, "0f c8", RUNS }, { "486", P, "0f 31", UD }, { "pentium", P, "0f 31", RUNS }, { "pentium", P, "0f 44 c0", UD },
        { "p2", P, "0f 44 c0", RUNS }, { "pentium", P, "0f 6f c0", UD }, { "pentium-mmx", P, "0f 6f c0", RUNS }, { "pentium", P, "da c0", UD },
        { "pentium-mmx", P, "0f 1f c0", UD }, { "p2", P, "0f 1f 00", RUNS }, { "max", P, "0f 18 08", RUNS }, { "max", P, "f3 0f 1e fb", RUNS },
        { "max", P, "0f 0d 08", UD }, { "pentium-mmx", P, "0f ae 00", UD }, { "p2", P, "0f ae 00", RUNS },
        /* SSE2's prefixes do not make MMX instructions */
        { "max", P, "66 0f 6f c0", UD }, { "max", P, "f3 0f 6f c0", UD }, { "max", P, "f2 0f d6 c0", UD }, { "max", P, "66 0f ae 00", UD },
        { "max", P, "f3 0f bd c0", RUNS }, { "max", P, "f3 90", RUNS }, { "max", P, "66 0f c8", RUNS },
        /* privilege and mode */
        { "max", USER, "f4", GP }, { "max", P, "f4", RUNS }, { "max", REAL, "f4", RUNS }, { "max", V86, "0f 01 10", GP }, { "max", USER, "0f 00 d0", GP },
        { "max", REAL, "0f 00 d0", UD }, { "max", V86, "0f 00 d0", UD }, { "max", V86, "63 c0", UD }, { "max", REAL, "0f 02 c0", UD }, { "max", USER, "0f 02 c0", RUNS },
        /* coprocessor */
        { "max", P | MODE_TS, "d9 e8", NM }, { "max", P | MODE_EM, "d9 e8", NM }, { "max", P | MODE_TS, "0f 6f c0", NM }, { "max", P | MODE_EM, "0f 6f c0", UD },
        { "max", P | MODE_EM | MODE_TS, "0f 77", UD }, { "max", P | MODE_TS, "9b", RUNS }, { "max", P | MODE_TS | MODE_MP, "9b", NM },
        /* length */
        { "max", P, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", RUNS }, { "max", P, "66 66 66 66 66 66 66 66 66 66 66 66 66 01 00", RUNS },
        { "max", P, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 01", GP }, { "max", P, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66", GP },
    };
    /* clang-format on */
    static const char *const names[] = { "runs", "#UD", "#NM", "#GP" };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        int got = outcome(list[k].model, list[k].mode, list[k].bytes);
        if (got != list[k].outcome)
            fail_msg("%s, mode %x: %s: %s, not %s", list[k].model, list[k].mode, list[k].bytes, names[got],
                     names[list[k].outcome]);
    }
}

/* Asks for more bytes exactly while the instruction is not complete. */
static void short_of_bytes(void **state)
{
    static const u8 bytes[15] = {
        0x66, 0x2e, 0x81, 0x84, 0x8b, 1, 2, 3, 4, 5, 6
    }; /* add word cs:[ebx+ecx*4+disp32], imm16 */
    struct cpu *cpu = cpu_of("max");
    struct decoded out;
    (void)state;
    for (int n = 0; n <= 15; n++) {
        struct decode d = { .cpu = cpu, .bytes = bytes, .n = n, .mode = MODE_PE | MODE_D | MODE_B };
        assert_int_equal(decode_insn(&d, &out), n < 11 ? 0 : 11);
    }
    assert_int_equal(out.op.imm, 0x0605);
    assert_int_equal(out.op.disp, 0x04030201);
    assert_int_equal(op_seg(&out.op), CS);
    assert_int_equal(op_scale(&out.op), 2);
    assert_int_equal(op_bytes(&out.op), 2);
    free(cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete), cmocka_unit_test(bytes_name_their_row),        cmocka_unit_test(every_mode_has_handlers),
        cmocka_unit_test(every_model_has_handlers), cmocka_unit_test(forbidden_insns),
        cmocka_unit_test(short_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
