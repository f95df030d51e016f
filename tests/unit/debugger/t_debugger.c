/* t_debugger.c - the debugger's explanations and expressions, on a machine with nothing but a CPU and memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../support/bare_machine.h"
#include "../../support/pins.h"
#include "../../../debugger/core/disasm.h"
#include "../../../debugger/core/explain.h"
#include "../../../debugger/cli/parts.h"
#include "../../../debugger/core/triple.h"
#include "../../../host/text.h"

enum { RAM_SIZE = 1 << 20, DIRECTORY = 0x1000, TABLE = 0x2000, POINTERS = 0x3000 };

struct rig {
    struct machine *m;
    struct cpu *cpu;
    struct ram *ram;
    struct debugger *d;
    struct text *kept;
    char *text;                         /* what was taken of it */
    FILE *out;
};

static void listen(struct rig *r)
{
    r->kept = text_new();
    r->d->out = r->out = text_file(r->kept);
}

static int rig_open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->ram = bare_machine(&r->m, &r->cpu, RAM_SIZE);
    r->d = debugger_new(r->m);
    listen(r);
    *state = r;
    return 0;
}

static int rig_close(void **state)
{
    struct rig *r = *state;
    debugger_free(r->d);
    bare_machine_free(r->m, r->ram);
    text_drop(r->kept);
    free(r->text);
    free(r);
    return 0;
}

/* What was printed last. */
static const char *said(struct rig *r)
{
    char *more = text_take(r->kept, NULL);
    listen(r);
    if (!*more) {
        free(more);
        return r->text;
    }
    free(r->text);
    return r->text = more;
}

static void says(struct rig *r, const char *what)
{
    const char *text = said(r);
    if (!strstr(text, what))
        fail_msg("\"%s\" is not in \"%s\"", what, text);
}

static void set(struct rig *r, const char *name, u64 v) { set_register(r->cpu, name, v); }

static u64 value_of(const struct rig *r, const char *name) { return cpu_get(r->cpu, name); }

static void expressions(void **state)
{
    struct rig *r = *state;
    u64 v;
    set(r, "eax", 0x12345678);
    set(r, "esp", 0x100);
    set(r, "ds", 0x123);
    assert_true(expression_value(r->d, "10+2*3", 10, &v) && v == 16);
    assert_true(expression_value(r->d, "10+2*3", 16, &v) && v == 0x16);
    assert_true(expression_value(r->d, "(10+2)*3-1", 10, &v) && v == 35);
    assert_true(expression_value(r->d, "0x10+0d10", 10, &v) && v == 26);
    assert_true(expression_value(r->d, "ah+al", 16, &v) && v == 0x56 + 0x78);
    assert_true(expression_value(r->d, "-1+2", 16, &v) && v == 1);
    assert_true(expression_value(r->d, "DS+ds.base", 16, &v) && v == 0x123 + 0x1230);
    assert_true(expression_address(r->d, "ds:esp+4", &v) && v == 0x1334);
    assert_true(expression_address(r->d, "f000:fff0", &v) && v == 0xffff0);
    assert_false(expression_value(r->d, "1+", 16, &v));
    assert_false(expression_value(r->d, "nonsense", 16, &v));
    assert_false(expression_value(r->d, "((((((((((((((((((((((((((((((((((((((((((((1", 16, &v));
}

static void symbols_in_expressions(void **state)
{
    struct rig *r = *state;
    u64 v;
    char message[200];
    FILE *f = fopen("t_debugger.map", "w");
    assert_non_null(f);
    fputs("9000 T main\n9010 T add\n9020 T Outer_Loop.inner\n9030 T eax\n", f);
    fclose(f);
    assert_true(symbols_load(r->d->symbols, "t_debugger.map", message, sizeof message));
    remove("t_debugger.map");
    set(r, "eax", 5);
    assert_true(expression_value(r->d, "main+2*4", 16, &v) && v == 0x9008);
    assert_true(expression_value(r->d, "Outer_Loop.inner", 16, &v) && v == 0x9020);
    assert_true(expression_value(r->d, "add", 16, &v) && v == 0xadd);
    assert_true(expression_value(r->d, "&add+1", 16, &v) && v == 0x9011);
    assert_true(expression_value(r->d, "eax", 16, &v) && v == 5);       /* the register */
    assert_true(expression_value(r->d, "&eax", 16, &v) && v == 0x9030);
    assert_false(expression_value(r->d, "outer_loop.inner", 16, &v));
    says(r, "outer_loop.inner (did you mean Outer_Loop.inner?)");
    assert_false(expression_value(r->d, "&10", 16, &v));
    debugger_command(r->d, "b add");
    says(r, "at 00009010 add");
    put32(r->ram->host + 0x9000, 0x90000de8);                           /* call 9010 */
    debugger_command(r->d, "u main 1");
    says(r, "main:\n");
#ifdef HAVE_ZYDIS
    debugger_command(r->d, "u main 1");
    says(r, "<add>");
#endif
}

static void memory_in_brackets(void **state)
{
    struct rig *r = *state;
    u64 v;
    put32(r->ram->host + 0x500, 0xcafe1234);
    assert_true(expression_value(r->d, "[500]+1", 16, &v));
    assert_int_equal(v, 0xcafe1235);
}

static void descriptors(void **state)
{
    struct rig *r = *state;
    descriptor_print(0x00cf9b000000ffffull, r->out);
    says(r, "base 00000000 limit ffffffff 32-bit code, readable, DPL 0");
    descriptor_print(0x1240f21234560fffull, r->out);
    says(r, "base 12123456 limit 00000fff 32-bit data, writable, not accessed, DPL 3");
    descriptor_print(0x0012ee0000080034ull, r->out);
    says(r, "0008:00120034 32-bit interrupt gate, DPL 3");
    descriptor_print(0x00000c0000080000ull, r->out);
    says(r, "not present");
    error_code_print(EXC_GP, 0x6b, r->out);
    says(r, "IDT entry 0d");
    error_code_print(EXC_PF, 7, r->out);
    says(r, "protection violation, write, user mode");
}

static void walks(void **state)
{
    struct rig *r = *state;
    put32(r->ram->host + DIRECTORY, TABLE | 7);
    put32(r->ram->host + DIRECTORY + 4, 0x00400000 | 0x83);
    put32(r->ram->host + TABLE + 4 * 5, 0x9000 | 5);
    set(r, "cr3", DIRECTORY);
    set(r, "cr0", CR0_PE | CR0_PG | CR0_ET);
    walk_print(r->cpu, 0x5123, r->out);
    says(r, "physical 9123, together: read only");
    walk_print(r->cpu, 0x6000, r->out);
    says(r, "every access raises #PF with P = 0");
    set(r, "cr4", CR4_PSE);
    walk_print(r->cpu, 0x412345, r->out);
    says(r, "physical 412345, together: writable, supervisor only");
    put64(r->ram->host + POINTERS, TABLE | 1);
    set(r, "cr0", CR0_PE | CR0_ET);
    set(r, "cr3", POINTERS);
    set(r, "cr4", CR4_PSE | CR4_PAE);
    set(r, "cr0", CR0_PE | CR0_PG | CR0_ET);
    put64(r->ram->host + TABLE, 0x8000000000000083ull);
    walk_print(r->cpu, 0x1234, r->out);
    says(r, "bit 63 is reserved while EFER.NXE is clear");
}

static void disassembly(void **state)
{
    static const u8 jump[] = { 0xeb, 0xfe }, bad[] = { 0x0f, 0xff };
    char text[80];
    (void)state;
#ifdef HAVE_ZYDIS
    assert_int_equal(disasm_text(jump, sizeof jump, 0x7c00, 16, text, sizeof text), 2);
    assert_non_null(strstr(text, "7c00"));
    assert_int_equal(disasm_text(bad, 1, 0, 32, text, sizeof text), 0);
    assert_string_equal(text, "(bad)");
#else
    assert_int_equal(disasm_text(jump, sizeof jump, 0x7c00, 16, text, sizeof text), 1);
    assert_int_equal(disasm_text(bad, 0, 0, 32, text, sizeof text), 0);
#endif
}

static void commands_and_breakpoints(void **state)
{
    struct rig *r = *state;
    static const u8 code[] = { 0x40, 0x40, 0x40, 0xf4 };       /* inc ax, three times; hlt */
    memcpy(r->ram->host + 0x600, code, sizeof code);
    set(r, "cs", 0);
    set(r, "eip", 0x600);
    set(r, "eax", 0);
    debugger_command(r->d, "b 602");
    says(r, "breakpoint 1 at 00000602");
    debugger_command(r->d, "c");
    says(r, "breakpoint 1, 602");
    assert_int_equal(value_of(r, "eip"), 0x602);
    assert_int_equal(value_of(r, "ax"), 2);
    debugger_command(r->d, "step");
    assert_int_equal(value_of(r, "eip"), 0x603);
    debugger_command(r->d, "d 1");
    said(r);
    debugger_command(r->d, "l");
    says(r, "no breakpoints");
    debugger_command(r->d, "c");
    says(r, "halted, and nothing could wake it");
    debugger_command(r->d, "xyzzy");
    says(r, "no command xyzzy");
}

static int vector_6(void *board) { (void)board; return 6; }

/* One vector, three ways: only the processor's own is an exception, in the list and in the sums. */
static void events_by_kind(void **state)
{
    struct rig *r = *state;
    static const u8 code[] = { 0xcd, 0x06, 0xfb, 0x90, 0x90, 0x0f, 0x0b };     /* int 6; sti; nop; nop; ud2 */
    memcpy(r->ram->host + 0x600, code, sizeof code);
    r->ram->host[0x700] = 0xcf;                                 /* iret */
    put32(r->ram->host + 6 * 4, 0x700);
    set(r, "cs", 0);
    set(r, "ss", 0);
    set(r, "esp", 0x800);
    set(r, "eip", 0x600);
    cpu_wire(r->cpu, &(struct cpu_outputs) { .intack = vector_6 });
    debugger_command(r->d, "step 3");                           /* int 6; iret; sti */
    pin_drive(r->cpu, PIN_INTR, true);
    debugger_command(r->d, "step");                             /* nop: the interrupt comes behind it */
    debugger_command(r->d, "step");
    pin_drive(r->cpu, PIN_INTR, false);
    debugger_command(r->d, "step 4");
    said(r);
    debugger_command(r->d, "log");
    const char *text = said(r), *first = strstr(text, "06 INT n"), *second = strstr(text, "06 external"), *third = strstr(text, "06 fault");
    assert_true(first && second && third && first < second && second < third);
    assert_true(strstr(text, "#UD") > third);
    assert_non_null(strstr(text, "06 #UD: "));
    assert_non_null(strstr(text, "06 INT: 1 "));
    assert_non_null(strstr(text, "06 external: 1 "));
}

/* UD2 there, and no vector within the IDT's limit. */
static void triple_fault_at(struct rig *r, u32 eip)
{
    cpu_reset(r->cpu);
    put16(r->ram->host + eip, 0x0b0f);
    set(r, "cs", 0);
    set(r, "eip", eip);
    set(r, "idtr.limit", 0);
    assert_int_equal(cpu_run(r->cpu, 10), EXIT_SHUTDOWN);
}

/* The first from a place in full, then lines at 2, 3, 10, 100, ... and the total. */
static void triple_faults_fold(void **state)
{
    struct rig *r = *state;
    struct triple_faults t = { 0 };
    triple_fault_at(r, 0x123);
    triple_fault_tell(&t, r->cpu, r->out);
    says(r, "vector 6, #UD");
    for (int k = 2; k <= 12; k++)
        triple_fault_tell(&t, r->cpu, r->out);
    triple_fault_total(&t, r->out);
    says(r, "triple fault again: 2 so far, this one as above\ntriple fault again: 3 so far, this one as above\n"
            "triple fault again: 10 so far, this one as above\ntriple faults in all: 12, of 1 kind\n");
    triple_fault_at(r, 0x456);                                  /* another one */
    triple_fault_tell(&t, r->cpu, r->out);
    says(r, "triple fault number 13, another one");
    says(r, "vector 6, #UD");
}

/* `set` goes by the table of registers, and says what is wrong with a value. */
static void set_command(void **state)
{
    static const struct { const char *line, *says; } cases[] = {
        { "set", "REGISTER VALUE" }, { "set eax", "to which value" }, { "set xyz 1", "no register xyz" },
        { "set al 100", "al has 8 bits: 0x100 does not fit" }, { "set cr0 20000010", "CR0.NW without CR0.CD" },
        { "set cr4 200000", "(SMAP) cannot be so" }, { "set eflags 8", "reserved" }, { "set a20 0", "a20 cannot be set" },
        { "set cs.access f9b", "reserved" }, { "set eip 10000", "beyond the limit of CS" },
    };
    struct rig *r = *state;
    struct hash before = { { 0, 0 } }, after = { { 0, 0 } };
    machine_hash(r->m, &before);
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        debugger_command(r->d, cases[k].line);
        says(r, cases[k].says);
    }
    machine_hash(r->m, &after);
    assert_memory_equal(&before, &after, sizeof before);
    debugger_command(r->d, "set EAX 12345678");
    debugger_command(r->d, "set ah -1");
    debugger_command(r->d, "se bx ax + 1");
    assert_int_equal(value_of(r, "eax"), 0x1234ff78);
    assert_int_equal(value_of(r, "ebx"), 0xff79);
}

static char asked[200];

static bool change(void *to, const char *drive, const char *file, char *message, size_t n)
{
    assert_ptr_equal(to, asked);
    snprintf(asked, sizeof asked, "%s %s", drive, file ? file : "(out)");
    snprintf(message, n, "done with %s", drive);
    return true;
}

static void media(void **state)
{
    struct rig *r = *state;
    debugger_command(r->d, "eject cd");
    says(r, "no drives to change");
    debugger_set_media(r->d, change, asked);
    debugger_command(r->d, "change fda my disk.img");
    assert_string_equal(asked, "fda my disk.img");
    says(r, "done with fda");
    debugger_command(r->d, "eject cd");
    assert_string_equal(asked, "cd (out)");
    debugger_command(r->d, "change fda");
    says(r, "DRIVE FILE");
    debugger_command(r->d, "eject");
    says(r, "eject cd");
}

static size_t desk_screen(void *to, char *text, size_t n)
{
    assert_ptr_equal(to, asked);
    return (size_t)snprintf(text, n, "C:\\>\n\n\n");
}

static bool desk_type(void *to, const char *text, char *error, size_t n)
{
    assert_ptr_equal(to, asked);
    snprintf(asked, sizeof asked, "%s", text);
    snprintf(error, n, "no such key");
    return strcmp(text, "<f99>");
}

static void desk(void **state)
{
    struct rig *r = *state;
    debugger_command(r->d, "screen");
    says(r, "no screen");
    debugger_set_desk(r->d, &(struct debugger_desk){ .screen = desk_screen, .type = desk_type, .to = asked });
    debugger_command(r->d, "screen");
    assert_memory_equal(said(r), "C:\\>\n", 5);
    assert_true(debugger_command(r->d, "key dir <f1>"));
    assert_string_equal(asked, "dir <f1>");
    assert_false(debugger_command(r->d, "key <f99>"));
    says(r, "no such key");
}

/* An empty line goes on where x ended, in the same form. */
static void x_goes_on(void **state)
{
    struct rig *r = *state;
    for (u32 k = 0; k < 16; k++)
        put32(r->ram->host + 0x500 + 4 * k, k);
    debugger_command(r->d, "x/2wd 500");
    says(r, "00000500:  0  1\n");
    debugger_command(r->d, r->d->last);
    says(r, "00000508:  2  3\n");
    debugger_command(r->d, r->d->last);
    says(r, "00000510:  4  5\n");
    debugger_command(r->d, "xp/wx 520");
    says(r, "00000520:  0x00000008\n");
    debugger_command(r->d, r->d->last);
    says(r, "00000524:  0x00000009\n");
}

/* What no command is does nothing; near words are told, and what begins several. */
static void words(void **state)
{
    static const struct { const char *line, *says; } cases[] = {
        { "brake", "did you mean break?" }, { "re", "re may be " }, { "rese", "did you mean reset?" }, { "co", "co may be continue, " },
        { "quti", "did you mean quit?" }, { "blist 5", "blist takes no arguments: not 5" }, { "gdt 8 10", "gdt takes one argument: not 10" },
        { "x/4q 500", "q is not understood" }, { "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33", "at most 32 words" },
    };
    struct rig *r = *state;
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        struct hash before = { { 0, 0 } }, after = { { 0, 0 } };
        machine_hash(r->m, &before);
        assert_false(debugger_command(r->d, cases[k].line));
        says(r, cases[k].says);
        machine_hash(r->m, &after);
        assert_memory_equal(&before, &after, sizeof before);
    }
    assert_false(r->d->leave);
}

/* Without interrupt controllers there is only the processor to speak of. */
static void interrupts(void **state)
{
    struct rig *r = *state;
    static const u8 code[] = { 0xfb, 0xfa, 0xeb, 0xfe };        /* sti; cli; jmp $ */
    memcpy(r->ram->host + 0x600, code, sizeof code);
    set(r, "cs", 0);
    set(r, "eip", 0x600);
    debugger_command(r->d, "irq");
    says(r, "CPU: IF=0 since power-on; INTR low");
    says(r, "there is no 8259A for it");
    debugger_command(r->d, "step 1");
    debugger_command(r->d, "irq");
    says(r, "CPU: IF=1 since sti at 0000:0600, insn 0");
    debugger_command(r->d, "step 2");
    debugger_command(r->d, "irq");
    says(r, "CPU: IF=0 since cli at 0000:0601, insn 1");
    debugger_command(r->d, "irq 16");
    says(r, "IRQ 16: there are 0 to 15");
    debugger_command(r->d, "reset");
    debugger_command(r->d, "irq");
    says(r, "CPU: IF=0 since cli at 0000:0601, insn 1");        /* it was clear already */
}

/* Every row's short form finds that row: no abbreviation is another's. */
static void abbreviations(void **state)
{
    (void)state;
    for (const struct command *a = commands; a->name; a++) {
        for (const struct command *b = commands; b->name; b++) {
            if (a != b) {
                assert_string_not_equal(a->shortest, b->shortest);
                assert_string_not_equal(a->name, b->name);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(symbols_in_expressions, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(memory_in_brackets, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(descriptors, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(walks, rig_open, rig_close),
        cmocka_unit_test(disassembly),
        cmocka_unit_test_setup_teardown(commands_and_breakpoints, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(set_command, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(interrupts, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(media, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(desk, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(x_goes_on, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(words, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(events_by_kind, rig_open, rig_close),
        cmocka_unit_test_setup_teardown(triple_faults_fold, rig_open, rig_close),
        cmocka_unit_test(abbreviations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
