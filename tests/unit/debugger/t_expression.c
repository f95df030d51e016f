/* t_expression.c - the debugger's language: tables of texts with the values or complaints that they come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../support/bare_machine.h"
#include "../../../cpu/cpu.h"
#include "../../../debugger/cli/parts.h"
#include "../../../host/text.h"

enum { RAM_SIZE = 1 << 20 };

struct rig {
    struct machine *m;
    struct cpu *cpu;
    struct ram *ram;
    struct debugger *d;
    char *text;
};

static void set(struct rig *r, const char *name, u64 v) { set_register(r->cpu, name, v); }

/* A port that may be looked at, and one whose reading would be noticed. */
static u64 port_read(void *dev, u64 offset, int size)
{
    (void)dev, (void)offset, (void)size;
    fail_msg("a port was read");
    return 0;
}

static bool port_peek(void *dev, u64 offset, int size, u64 *value)
{
    (void)dev, (void)size;
    *value = 0x50 + offset;
    return offset < 2;
}

static int rig_open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->ram = bare_machine(&r->m, &r->cpu, RAM_SIZE);
    region_set_peek(port_claim(r->m, "peeked", 0x60, 4, 1, port_read, NULL, r), port_peek);
    port_claim(r->m, "noticed", 0x70, 1, 1, port_read, NULL, r);
    r->d = debugger_new(r->m);
    set(r, "eax", 0x12345678);
    set(r, "ebx", 0xffffffff);
    set(r, "ecx", 5);
    set(r, "esp", 0x100);
    set(r, "ds", 0x123);
    set(r, "eflags", 0x3202);           /* IOPL 3, IF */
    put64(r->ram->host + 0x500, 0x8877665544332211ull);
    put32(r->ram->host + 0x1334, 0xcafe1234);
    put16(r->ram->host + 0x600, 0x500);
    memcpy(r->ram->host + 0x700, "hello", 6);
    *state = r;
    return 0;
}

static int rig_close(void **state)
{
    struct rig *r = *state;
    debugger_free(r->d);
    bare_machine_free(r->m, r->ram);
    free(r);
    return 0;
}

/* What is said of an expression: its value as print shows it, or the complaint. To be freed. */
static char *print(struct rig *r, const char *expression)
{
    struct text *t = text_new();
    char *said, line[300];
    r->d->out = text_file(t);
    snprintf(line, sizeof line, "print %s", expression);
    debugger_command(r->d, line);
    said = text_take(t, NULL);
    said[strcspn(said, "\n")] = 0;
    r->d->out = stdout;
    return said;
}

static void table(struct rig *r, const char *const (*rows)[2], size_t n)
{
    int wrong = 0;
    for (size_t k = 0; k < n; k++) {
        char *said = print(r, rows[k][0]);
        if (strcmp(said, rows[k][1])) {
            print_error("%s: \"%s\", not \"%s\"\n", rows[k][0], said, rows[k][1]);
            wrong++;
        }
        free(said);
    }
    assert_int_equal(wrong, 0);
}

static void operators(void **state)
{
    static const char *const rows[][2] = {
        { "1 + 2 * 3", "0x7 = 7" }, { "(1 + 2) * 3", "0x9 = 9" }, { "10 - 4 - 2", "0xa = 10" }, { "7 / 2", "0x3 = 3" },
        { "-7 / 2", "0xfffffffffffffffd = -3" }, { "-7 % 4", "0xfffffffffffffffd = -3" }, { "7 % -4", "0x3 = 3" },
        { "1 << 4 + 1", "0x20 = 32" }, { "-10 >> 2", "0xfffffffffffffffc = -4" }, { "8000000000000000 >> 3f", "0x1 = 1" },
        { "1 | 2 ^ 3 & 1", "0x3 = 3" }, { "6 & 3 == 3", "0x0 = 0" }, { "(6 & 3) == 2", "0x1 = 1" }, { "1 < 2 == 1", "0x1 = 1" },
        { "3 > 2 > 1", "0x0 = 0" }, { "2 >= 2", "0x1 = 1" }, { "2 <= 1", "0x0 = 0" }, { "1 != 2", "0x1 = 1" },
        { "!0 + !5", "0x1 = 1" }, { "sizeof eax + sizeof(al)", "0x5 = 5" },
        { "sizeof(unsigned short *) * sizeof (short)", "0x8 = 8" }, { "sizeof qword [ffffff]", "0x8 = 8" }, { "~0", "0xffffffffffffffff = -1" }, { "- -5", "0x5 = 5" }, { "+5", "0x5 = 5" },
        { "0 || 2", "0x1 = 1" }, { "1 && 0 || 1", "0x1 = 1" }, { "1 || 1 / 0", "0x1 = 1" }, { "0 && [fffffff0]", "0x0 = 0" },
        { "1 ? 2 : 3", "0x2 = 2" }, { "0 ? 1 / 0 : 3", "0x3 = 3" }, { "0 ? 1 : 0 ? 2 : 3", "0x3 = 3" }, { "1 ? 0 ? 4 : 5 : 6", "0x5 = 5" },
        { "0d10 + 0x10 + 10h", "0x2a = 42" }, { "'A'", "0x41 = 65" }, { "2*3+4*5", "0x1a = 26" },
        { "ffffffffffffffff", "0xffffffffffffffff = 18446744073709551615" }, { "8000000000000000 / 2", "0x4000000000000000 = 4611686018427387904" },
        { "-8000000000000000 / -1", "0x8000000000000000 = -9223372036854775808" },
    };
    table(*state, rows, ARRAY_LEN(rows));
}

static void words(void **state)
{
    static const char *const rows[][2] = {
        { "eax", "0x12345678 = 305419896" }, { "$eax", "0x12345678 = 305419896" }, { "%EAX", "0x12345678 = 305419896" },
        { "ah + al", "0xce = 206" }, { "ds.base", "0x1230 = 4656" }, { "ebx == -1", "0x1 = 1" }, { "bl == -1", "0x1 = 1" },
        { "-1 == ebx", "0x1 = 1" }, { "ebx < 0", "0x0 = 0" }, { "ebx + 1", "0x100000000 = 4294967296" }, { "~ebx", "0x0 = 0" },
        { "~ecx", "0xfffffffa = 4294967290" }, { "eax%7", "0x5 = 5" }, { "5 %ecx", "0x0 = 0" }, { "if", "0x1 = 1" }, { "$if", "0x1 = 1" },
        { "iopl", "0x3 = 3" }, { "zf || if", "0x1 = 1" }, { "$cf", "0x0 = 0" }, { "cf", "cf: the flag or the number? $cf or 0xcf" },
        { "0cf", "0xcf = 207" }, { "insns", "0x0 = 0" }, { "time", "0x0 = 0" }, { "$pc", "0xfffffff0 = 4294967280" },
        { "$sp", "0x100 = 256" }, { "$ps", "0x3202 = 12802" }, { "cpl", "0x0 = 0" },
        { "eaxx", "no number and no register: eaxx (did you mean eax?)" }, { "$efalgs", "no register $efalgs; did you mean eflags?" },
        { "xyzzy", "no number and no register: xyzzy" },
    };
    table(*state, rows, ARRAY_LEN(rows));
}

static void memory(void **state)
{
    static const char *const rows[][2] = {
        { "[500]", "0x44332211 = 1144201745" }, { "*500", "0x44332211 = 1144201745" }, { "*0x500 + 1", "0x44332212 = 1144201746" },
        { "byte [501]", "0x22 = 34" }, { "word ptr [500]", "0x2211 = 8721" }, { "dword [500]", "0x44332211 = 1144201745" },
        { "qword [500]", "0x8877665544332211 = 9833440827789222417" }, { "b[500] + w[500]", "0x2222 = 8738" }, { "q[500] >> 38", "0x88 = 136" },
        { "byte *500", "0x11 = 17" }, { "[w[600]]", "0x44332211 = 1144201745" }, { "phys[500]", "0x44332211 = 1144201745" },
        { "byte phys[503]", "0x44 = 68" }, { "[ds:esp+4]", "0xcafe1234 = 3405648436" }, { "word [123:104]", "0x1234 = 4660" },
        { "ds:104", "0x1334 = 4916" }, { "(ds:100) + 4", "0x1334 = 4916" }, { "1 ? ds : 3", "0x123 = 291" },
        { "&[500]", "0x500 = 1280" }, { "[500] == 44332211", "0x1 = 1" }, { "byte [507] == -78", "0x1 = 1" },
        { "*(unsigned short *)0x500", "(unsigned short) 8721 = 0x2211" }, { "{int}0x500", "(int) 1144201745" },
        { "{unsigned char} 500", "(unsigned char) 17 = 0x11" }, { "((unsigned short *)500)[1]", "(unsigned short) 17459 = 0x4433" },
        { "(signed char) ff", "(signed char) -1" }, { "(int) ebx < 0", "0x1 = 1" }, { "(byte) 1234", "0x34 = 52" },
#ifdef HAVE_DW                                          /* characters, texts and pointers as what they are, where types are known */
        { "*(char *) 0x700", "(char) 104 'h'" }, { "(char *) 700", "(char *) 0x00000700 \"hello\"" }, { "(int *) 500 + 1", "(int *) 0x00000504" },
#endif
        { "port(60)", "0x50 = 80" }, { "word port(60)", "0x5150 = 20816" },
        { "port(5000)", "0xff = 255" },
    };
    table(*state, rows, ARRAY_LEN(rows));
}

static void complaints(void **state)
{
    static const char *const rows[][2] = {
        { "1 +", "a value is missing at the end" }, { "1 2", "not understood: 2" }, { "(1", "missing ) at the end" }, { "[500", "missing ] at the end" },
        { "(1]", "missing ) before ]" }, { "1)", "not understood: )" }, { "10000000000000000", "10000000000000000: a number has at most 64 bits" },
        { "0d99999999999999999999", "0d99999999999999999999: a number has at most 64 bits" }, { "1/0", "division by zero" }, { "1%0", "division by zero" },
        { "1 << 40", "a shift by 64: it may be by 0 to 63" }, { "1 << -1", "a shift by -1: it may be by 0 to 63" },
        { "1 ? 2", "missing : at the end" }, { "eax = 5 6", "not understood: 6" }, { "12345:0", "12345: what stands before : is a segment register or a selector of 16 bits" },
        { "[f0000000]", "nothing is mapped at f0000000" }, { "phys[f0000000]", "no memory is at physical f0000000" },
        { "port(70)", "port 70: reading it would be noticed; `in 70` reads it as the guest would" },
        { "port(62)", "port 62: reading it would be noticed; `in 62` reads it as the guest would" },
        { "port(10000)", "port 10000: there are 0 to ffff" }, { "qword port(60)", "port 60: a port is read by byte, word or dword" },
        { "*(int) 5", "* of what is no pointer" }, { "{flurb} 5", "{TYPE} ADDRESS, such as {int} 1000: not {flurb} 5" }, { "&5", "& of what is not in memory" },
        { "5[1]", "[ ] behind what is neither array nor pointer" }, { "'A", "a character is written 'A', not 'A" }, { "", "which? EXPRESSION, such as: print eax + 4" },
        { "1 <", "a value is missing at the end" },
        { "word 5", "2 bytes of what? [ADDRESS], phys[ADDRESS], *ADDRESS or port(N) was expected, not 5" }, { "0 && (", "a value is missing at the end" },
        { "((((((((((((((((((((((((((((((((((((((((((((1", "too deep at ((((1" },
    };
    table(*state, rows, ARRAY_LEN(rows));
}

/* An address has 32 bits, unless it is physical; a count is not negative. */
static void places_and_counts(void **state)
{
    struct rig *r = *state;
    struct location where;
    u64 v;
    assert_true(expression_location(r->d, "phys:100000000", &where) && where.physical && where.at == 0x100000000);
    assert_true(expression_location(r->d, "linear:500", &where) && !where.physical && where.at == 0x500);
    assert_true(expression_location(r->d, "ds:104", &where) && !where.physical && where.at == 0x1334);
    assert_true(expression_location(r->d, "esp-200", &where) && where.at == 0xffffff00);
    assert_false(expression_location(r->d, "100000000", &where));
    assert_false(expression_location(r->d, "phys:-1", &where));
    assert_false(expression_address(r->d, "phys:500", &v));
    assert_true(expression_count(r->d, "10", &v) && v == 10);
    assert_true(expression_count(r->d, "0x10", &v) && v == 16);
    assert_false(expression_count(r->d, "-1", &v));
    assert_false(expression_count(r->d, "ffffffffffffffffff", &v));
    assert_false(expression_count(r->d, "5x", &v));
}

/* A condition is checked when it is given, without what it stands on: memory, a divisor. */
static void checks(void **state)
{
    struct rig *r = *state;
    assert_true(expression_check(r->d, "[f0000000] == 5 && eax / (ecx - 5) > 1", 16));
    assert_true(expression_check(r->d, "port(70)", 16));
    assert_false(expression_check(r->d, "eax == 5 if", 16));
    assert_false(expression_check(r->d, "0 && nonsense", 16));
    assert_false(expression_check(r->d, "eax ==", 16));
    assert_false(expression_check(r->d, "", 16));
}

static void assignments(void **state)
{
    static const struct { const char *text; bool ok; } rows[] = {
        { "eax = 5", true }, { "$bl = -2", true }, { "{int}0x800 = eax + 1", true }, { "byte [804] = ff", true }, { "*808 = 12345678", true },
        { "zf = 1", true }, { "phys[80c] = -2", true }, { "w[810] = ds", true },
        { "al = 100", false }, { "byte [804] = 100", false }, { "zf = 2", false }, { "5 = 5", false }, { "eax = 5 5", false }, { "eax =", false },
        { "[f0000000] = 1", false }, { "a20 = 0", false }, { "eax", false },
    };
    struct rig *r = *state;
    struct language l = debugger_language(r->d);
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        struct value left;
        struct hash before = { { 0, 0 } }, after = { { 0, 0 } };
        machine_hash(r->m, &before);
        assert_int_equal(language_assign(&l, rows[k].text, &left), rows[k].ok);
        machine_hash(r->m, &after);
        assert_int_equal(!memcmp(&before, &after, sizeof before), !rows[k].ok);
    }
    assert_int_equal(cpu_get(r->cpu, "eax"), 5);
    assert_int_equal(cpu_get(r->cpu, "ebx"), 0xfffffffe);
    assert_int_equal(get32(r->ram->host + 0x800), 6);
    assert_int_equal(get32(r->ram->host + 0x804), 0xff);
    assert_int_equal(get32(r->ram->host + 0x808), 0x12345678);
    assert_int_equal(get32(r->ram->host + 0x80c), 0xfffffffe);
    assert_int_equal(get16(r->ram->host + 0x810), 0x123);
    assert_int_equal(cpu_get(r->cpu, "eflags"), 0x3242);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operators, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(words, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(memory, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(complaints, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(places_and_counts, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(checks, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(assignments, rig_open, rig_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
