/* t_trace.c - the tracer: what is asked of it, what passes its filters, and lines that are kept while code changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../support/bare_machine.h"
#include <stdio.h>
#include "../../support/pins.h"
#include "../../../cpu/cpu.h"
#include "../../../debugger/trace/trace.h"

enum { RAM_SIZE = 1 << 20, CODE = 0x8000, SAID = 1 << 16 };

struct rig {
    struct machine *m;
    struct cpu *cpu;
    struct ram *ram;
    struct trace *t;
    size_t n, most;             /* most: so many bytes are taken, then no more */
    char said[SAID];
};

static bool take(void *to, const char *text, size_t n)
{
    struct rig *r = to;
    if (r->n + n > r->most)
        return false;
    memcpy(r->said + r->n, text, n);
    r->n += n;
    r->said[r->n] = 0;
    return true;
}

static int rig_open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->ram = bare_machine(&r->m, &r->cpu, RAM_SIZE);
    r->t = trace_new(r->m);
    r->most = SAID - 1;
    trace_to(r->t, TRACE_TEXT, take, r);
    *state = r;
    return 0;
}

static int rig_close(void **state)
{
    struct rig *r = *state;
    trace_free(r->t);
    bare_machine_free(r->m, r->ram);
    free(r);
    return 0;
}

static void set(struct rig *r, const char *name, u64 v) { set_register(r->cpu, name, v); }

/* Run real-mode code at 0000:8000 for n instructions; what was said of it. */
static const char *run(struct rig *r, const u8 *code, size_t size, const char *what, u64 n)
{
    struct trace_spec spec;
    char message[400];
    memcpy(r->ram->host + CODE, code, size);
    set(r, "cs", 0);
    set(r, "ss", 0);
    set(r, "ds", 0);
    set(r, "esp", 0x7000);
    set(r, "eip", CODE);
    cpu_changed(r->cpu);
    r->n = 0;
    r->said[0] = 0;
    if (!trace_parse(what, &spec, message, sizeof message) || !trace_change(r->t, &spec, message, sizeof message))
        fail_msg("%s", message);
    cpu_run(r->cpu, n);
    trace_flush(r->t);
    return r->said;
}

static void says(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("\"%s\" is not in \"%s\"", what, text);
}

static int lines(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void words(void **state)
{
    static const char *const wrong[] = { "", "nonsense", "insn,cpl=4", "insn,cpl=", "insn,range=10", "insn,range=20-10", "insn,count=0",
                                         "insn,count=x", "insn,format=xml", "insn,file=", "insn,symbol=", "insn,colour=red",
                                         "insn,cr3=123456789", "-nonsense" };
    struct trace_spec s = { .on = 7 };
    char message[400];
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(wrong); k++) {
        *message = 0;
        assert_false(trace_parse(wrong[k], &s, message, sizeof message));
        assert_true(*message);
        assert_int_equal(s.on, 7);                          /* nothing has changed */
    }
    assert_true(trace_parse("all,-insn,cpl=13,range=10-20,cr3=12345,count=7,format=json,file=a", &s, message, sizeof message));
    assert_int_equal(s.off, 1);
    assert_false(s.on & 1);
    assert_int_equal(s.filter.cpl, 1 << 1 | 1 << 3);
    assert_true(s.filter.has_range && s.filter.first == 0x10 && s.filter.last == 0x20);
    assert_true(s.filter.has_cr3 && s.filter.cr3 == 0x12000);
    assert_int_equal(s.filter.count, 7);
    assert_int_equal(s.format, TRACE_JSON);
    assert_string_equal(s.file, "a");
    for (int k = 0; ; k++) {                                /* every class is known by its name */
        const char *name, *title;
        if (!trace_class(k, &name, &title))
            break;
        assert_true(trace_parse(name, &s, message, sizeof message));
        assert_int_equal(s.on, 1ull << k);
        assert_true(*title);
    }
}

/* inc ax; a store over the inc makes it dec ax; around again. */
static void code_that_changes(void **state)
{
    static const u8 code[] = { 0x40, 0xc6, 0x06, 0x00, 0x80, 0x48, 0xeb, 0xf8 };
    struct rig *r = *state;
    const char *text = run(r, code, sizeof code, "insn", 6);
    assert_int_equal(lines(text), 6);
#ifdef HAVE_ZYDIS
    says(text, "inc ax");
    says(text, "dec ax");
    assert_true(strstr(text, "inc ax") < strstr(text, "dec ax"));
#endif
    r->ram->host[CODE] = 0x90;                              /* by nobody's instruction */
    cpu_changed(r->cpu);
    r->n = 0;
    cpu_run(r->cpu, 3);
    trace_flush(r->t);
#ifdef HAVE_ZYDIS
    says(r->said, "nop");
#endif
}

static void filters(void **state)
{
    static const u8 code[] = { 0x40, 0x40, 0x40, 0xeb, 0xfb };
    struct rig *r = *state;
    assert_int_equal(lines(run(r, code, sizeof code, "insn,range=8001-8001", 40)), 10);
    assert_int_equal(lines(run(r, code, sizeof code, "insn,cpl=3", 40)), 0);
    assert_int_equal(lines(run(r, code, sizeof code, "insn,cpl=0", 40)), 40);
    assert_int_equal(lines(run(r, code, sizeof code, "insn,cr3=5000", 40)), 0);
    assert_int_equal(lines(run(r, code, sizeof code, "insn,count=7", 40)), 7);
    assert_int_equal(trace_on(r->t), 0);
    assert_int_equal(lines(run(r, code, sizeof code, "insn", 40)), 40);     /* the filter went with it */
    assert_int_equal(lines(run(r, code, sizeof code, "off", 40)), 0);
}

static void symbol_filter(void **state)
{
    struct rig *r = *state;
    struct trace_spec spec;
    char message[200] = "";
    assert_true(trace_parse("insn,symbol=nowhere", &spec, message, sizeof message));
    assert_false(trace_change(r->t, &spec, message, sizeof message));
    says(message, "nowhere");
    assert_int_equal(trace_on(r->t), 0);
}

/* rep stosb of 3000 bytes is cut by the budget, and is one line. */
static void repeated(void **state)
{
    static const u8 code[] = { 0xb9, 0xb8, 0x0b, 0xbf, 0x00, 0x90, 0xf3, 0xaa, 0x90, 0xeb, 0xfe };
    struct rig *r = *state;
    run(r, code, sizeof code, "insn", 50);
    for (int k = 0; k < 40; k++)
        cpu_run(r->cpu, 77);
    trace_flush(r->t);
    char *first = strstr(r->said, "8006 real"), *again = first ? strstr(first + 1, "8006 real") : NULL;
    assert_non_null(first);
    assert_null(again);
    says(r->said, "8008 real");
}

/* Who takes no more ends it. */
static void nobody_takes_it(void **state)
{
    static const u8 code[] = { 0x40, 0xeb, 0xfd };
    struct rig *r = *state;
    r->most = 100;
    run(r, code, sizeof code, "insn", 20000);
    assert_int_equal(trace_on(r->t), 0);
    assert_int_equal(r->n, 0);
}

/* An instruction that faults changed nothing and went nowhere. */
static void faults(void **state)
{
    static const u8 code[] = { 0xf7, 0xf1, 0x90 };          /* div cx */
    struct rig *r = *state;
    set(r, "ecx", 0);
    put32(r->ram->host, 0x00009000);
    r->ram->host[0x9000] = 0x90;
    const char *text = run(r, code, sizeof code, "registers,branches,exceptions", 2);
    says(text, "#DE fault -> 0000:9000");
    assert_null(strstr(text, "registers"));
}

/* A jump to where the next instruction takes its place among the lines that are kept: it is told of as it was. */
static void one_in_the_place_of_another(void **state)
{
    static const u8 code[] = { 0xe9, 0xbf, 0x2a };          /* jmp aac2, whose hash is that of 8000 */
    struct rig *r = *state;
    r->ram->host[0xaac2] = 0x90;
    says(run(r, code, sizeof code, "branches", 2), "-> 0000:0000aac2");
}

static void engines(void **state)
{
    static const u8 code[] = { 0x40, 0x40, 0xe8, 0x01, 0x00, 0xf4, 0x48, 0xc3 };
    static const enum cpu_engine list[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };
    char *first = NULL;
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        void *rig;
        rig_open(&rig);
        struct rig *r = rig;
        cpu_set_engine(r->cpu, list[k]);
        run(r, code, sizeof code, "insn,registers,calls,branches", 30);
        if (first)
            assert_string_equal(r->said, first);
        else
            first = xstrdup(r->said);
        rig_close(&rig);
    }
    assert_int_equal(lines(first), 6 + 5 + 2 + 2);
    free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test_setup_teardown(code_that_changes, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(filters, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(symbol_filter, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(repeated, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(nobody_takes_it, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(faults, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(one_in_the_place_of_another, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(engines, rig_open, rig_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
