/* t_faults.c - what the processor keeps of an exception (cpu/fault.h), and that the report of it says it and changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../support/bare_machine.h"
#include "../../../cpu/descriptor.h"
#include "../../../debugger/cli/parts.h"
#include "../../../debugger/faults/fault.h"
#include "../../../host/text.h"

enum { RAM_SIZE = 1 << 20, GDT = 0x1000, IDT = 0x2000, DIRECTORY = 0x10000, TABLE = 0x11000,
       CODE = 0x3000, HANDLER = 0x3800, STACK = 0x8000 };

struct rig {
    struct machine *m;
    struct cpu *cpu;
    struct ram *ram;
    struct debugger *d;
};

static void set(struct rig *r, const char *name, u64 v) { set_register(r->cpu, name, v); }

static void gate(struct rig *r, int vector, u32 handler, u16 selector)
{
    put64(r->ram->host + IDT + vector * 8, (u64)(handler & 0xffff0000) << 32 | 0x8e00ull << 32 | (u64)selector << 16 | (handler & 0xffff));
}

/* Flat protected mode with a handler for #GP and #PF that waits, and a GDT of four entries of which the last is 1 MB. */
static int rig_open(void **state)
{
    static const u64 gdt[] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x004f93000000ffff };
    struct rig *r = xcalloc(1, sizeof *r);
    r->ram = bare_machine(&r->m, &r->cpu, RAM_SIZE);
    r->d = debugger_new(r->m);
    for (size_t k = 0; k < ARRAY_LEN(gdt); k++)
        put64(r->ram->host + GDT + 8 * k, gdt[k]);
    gate(r, EXC_GP, HANDLER, 8);
    gate(r, EXC_PF, HANDLER, 8);
    put16(r->ram->host + HANDLER, 0xfeeb);                      /* jmp $ */
    set(r, "gdtr.base", GDT);
    set(r, "gdtr.limit", sizeof gdt - 1);
    set(r, "idtr.base", IDT);
    set(r, "idtr.limit", 0x7ff);
    set(r, "cr0", 0x60000011);
    set(r, "cs", 8);
    set(r, "ds", 0x10);
    set(r, "es", 0x10);
    set(r, "ss", 0x10);
    set(r, "esp", STACK);
    set(r, "eip", CODE);
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

static void code(struct rig *r, const void *bytes, size_t n)
{
    memcpy(r->ram->host + CODE, bytes, n);
    ram_written(r->ram, CODE, n);
    set(r, "eip", CODE);
}

/* The command says each of the texts, and leaves the machine as it is. */
static void says(struct rig *r, const char *command, const char *const *texts)
{
    struct hash before = { { 0, 0 } }, after = { { 0, 0 } };
    machine_hash(r->m, &before);
    struct text *kept = text_new();
    r->d->out = text_file(kept);
    debugger_command(r->d, command);
    char *said = text_take(kept, NULL);
    for (; *texts; texts++)
        if (!strstr(said, *texts))
            fail_msg("\"%s\" is not in \"%s\"", *texts, said);
    free(said);
    machine_hash(r->m, &after);
    assert_memory_equal(&before, &after, sizeof before);
}

static const struct fault_record *last(const struct rig *r)
{
    const struct fault_record *f = cpu_fault_last(r->cpu);
    assert_non_null(f);
    return f;
}

static void nothing_yet(void **state)
{
    struct rig *r = *state;
    u64 count;
    assert_null(cpu_fault_last(r->cpu));
    assert_null(cpu_fault_root(r->cpu, 0, &count));
    assert_int_equal(count, 0);
    assert_null(cpu_fault_first(r->cpu, EXC_GP, &count));
    says(r, "fault", (const char *const[]) { "no exception was raised yet", NULL });
    says(r, "faults", (const char *const[]) { "no exception was raised yet", NULL });
    says(r, "fault d", (const char *const[]) { "no exception 0d was raised", NULL });
    says(r, "fault 99", (const char *const[]) { "no exception 99 was raised", NULL });
}

/* mov ax, 18h; mov ds, ax; mov [0ffffeh], eax: across the limit. */
static void segment_limit(void **state)
{
    static const u8 insns[] = { 0x66, 0xb8, 0x18, 0, 0x8e, 0xd8, 0xa3, 0xfe, 0xff, 0x0f, 0 };
    struct rig *r = *state;
    code(r, insns, sizeof insns);
    cpu_run(r->cpu, 20);
    const struct fault_record *f = last(r);
    assert_int_equal(f->about.what, FAULT_SEGMENT);
    assert_int_equal(f->about.access, FAULT_WRITE);
    assert_int_equal(f->about.n, DS);
    assert_int_equal(f->about.offset, 0xffffe);
    assert_int_equal(f->about.size, 4);
    assert_int_equal(f->about.selector, 0x18);
    assert_int_equal(f->about.segment.limit, 0xfffff);
    assert_null(f->event);
    assert_int_equal(f->rip, CODE + 6);
    says(r, "fault", (const char *const[]) { "write of 4 bytes at DS:000ffffe, whose limit is 000fffff", "in the table: 004f93000000ffff",
                                             "did you mean G=1?", NULL });
    says(r, "faults", (const char *const[]) { "0d #GP  1 time, first at 0008:00003006", NULL });
}

/* A selector behind the GDT, twice; the handler waits, and is left. */
static void first_is_kept(void **state)
{
    static const u8 insns[] = { 0x66, 0xb8, 0x20, 0, 0x8e, 0xd8, 0x66, 0xb8, 0x28, 0, 0x8e, 0xd8 };
    struct rig *r = *state;
    u64 count, all;
    code(r, insns, sizeof insns);
    cpu_run(r->cpu, 20);
    set(r, "eip", CODE + 6);
    cpu_run(r->cpu, 20);
    assert_int_equal(last(r)->about.selector, 0x28);
    assert_int_equal(cpu_fault_first(r->cpu, EXC_GP, &count)->about.selector, 0x20);
    assert_int_equal(count, 2);
    assert_int_equal(cpu_fault_root(r->cpu, 0, &all)->about.selector, 0x20);
    assert_int_equal(cpu_fault_root(r->cpu, 1, &all)->about.selector, 0x28);
    assert_null(cpu_fault_root(r->cpu, 2, &all));
    assert_int_equal(all, 2);
    says(r, "fault", (const char *const[]) { "no IRET came back from any of 2", "selector 0020", "selector 0028", NULL });
    says(r, "why d", (const char *const[]) { "The first of 2: ", "selector 0020 (GDT entry 4, RPL 0): beyond the limit of the GDT", NULL });
    cpu_reset(r->cpu);
    assert_null(cpu_fault_last(r->cpu));
    assert_null(cpu_fault_first(r->cpu, EXC_GP, &count));
}

/* add esp, 4; iret in the handler, which came from behind a #GP: it goes on at the instruction, whose selector now is good. */
static void returned_from(void **state)
{
    static const u8 insns[] = { 0x8e, 0xd8, 0x90, 0x90, 0x90 }, handler[] = { 0x66, 0xb8, 0x10, 0, 0x83, 0xc4, 4, 0xcf };
    struct rig *r = *state;
    u64 all;
    memcpy(r->ram->host + HANDLER, handler, sizeof handler);
    code(r, insns, sizeof insns);
    set(r, "eax", 0x30);
    cpu_run(r->cpu, 3);                                         /* the delivery is a tick */
    assert_non_null(cpu_fault_root(r->cpu, 0, &all));
    cpu_run(r->cpu, 2);
    assert_null(cpu_fault_root(r->cpu, 0, &all));
    assert_int_equal(last(r)->about.selector, 0x30);
}

/* The error code is still there: EIP 68h? No: the words above are EIP, CS, EFLAGS. */
static void error_code_left(void **state)
{
    static const u8 insns[] = { 0x8e, 0xd8 };
    struct rig *r = *state;
    r->ram->host[HANDLER] = 0xcf;
    code(r, insns, sizeof insns);
    set(r, "eax", 0x30);
    cpu_run(r->cpu, 2);
    const struct fault_record *f = last(r);
    assert_int_equal(f->bytes[0], 0xcf);
    assert_int_equal(f->esp, STACK - 16);
    assert_int_equal(f->above_length, FAULT_ABOVE);
    assert_int_equal(get32(f->above), 0x30);
    assert_int_equal(get32(f->above + 4), CODE);
    assert_int_equal(f->below_length, FAULT_BELOW);
    says(r, "fault", (const char *const[]) { "popped: EIP 00000030 CS 00003000", "error code left on the stack?", NULL });
}

static void paging(struct rig *r)
{
    for (u32 k = 0; k < 256; k++)
        put32(r->ram->host + TABLE + 4 * k, k << 12 | 3);
    put32(r->ram->host + DIRECTORY, TABLE | 3);
    set(r, "cr3", DIRECTORY);
    set(r, "cr0", 0xe0010011);
}

/* mov eax, [500000h]: the directory's entry is zero. mov [60000h], eax: the table refuses. */
static void page_levels(void **state)
{
    static const u8 read[] = { 0xa1, 0, 0, 0x50, 0 }, write[] = { 0xa3, 0, 0, 6, 0 };
    struct rig *r = *state;
    paging(r);
    code(r, read, sizeof read);
    cpu_run(r->cpu, 20);
    assert_int_equal(last(r)->about.what, FAULT_PAGE);
    assert_int_equal(last(r)->about.way.steps, 1);
    assert_int_equal(last(r)->about.access, FAULT_READ);
    assert_false(last(r)->about.cached);
    says(r, "fault", (const char *const[]) { "read of linear 00500000 with the rights of the supervisor",
                                             "directory entry 1 at 10004: 00000000",
                                             "the directory refuses: its entry is zero for all of 00400000-007fffff", NULL });
    put32(r->ram->host + TABLE + 4 * 0x60, 0x60001);
    code(r, write, sizeof write);
    cpu_run(r->cpu, 20);
    assert_int_equal(last(r)->about.way.steps, 2);
    assert_int_equal(last(r)->about.access, FAULT_WRITE);
    says(r, "fault", (const char *const[]) { "the table refuses: its entry is read only, for the supervisor too", NULL });
}

/* mov eax, [60000h] through a page that is read only; then the table says otherwise: mov [60000h], eax. */
static void stale_entry(void **state)
{
    static const u8 read[] = { 0xa1, 0, 0, 6, 0, 0xf4 }, write[] = { 0xa3, 0, 0, 6, 0 };
    struct rig *r = *state;
    paging(r);
    put32(r->ram->host + TABLE + 4 * 0x60, 0x60001);
    code(r, read, sizeof read);
    memcpy(r->ram->host + CODE + 16, write, sizeof write);
    cpu_run(r->cpu, 1);
    put32(r->ram->host + TABLE + 4 * 0x60, 0x61003);
    put16(r->ram->host + CODE + 5, 0x09eb);                     /* jmp there: loading EIP by hand would drop the TLBs */
    ram_written(r->ram, CODE + 5, 2);
    cpu_run(r->cpu, 20);
    assert_true(last(r)->about.cached);
    assert_int_equal(last(r)->about.held.physical, 0x60000);
    says(r, "fault", (const char *const[]) { "STALE: the TLB maps 00060000 -> 60000 (read only, supervisor)",
                                             "the tables say 61000 (writable",
                                             "the tables allow the access: what the TLB held refused it", NULL });
}

/* What is being delivered when it fails: INT 40h through an empty gate. */
static void event_told(void **state)
{
    static const u8 insns[] = { 0xcd, 0x40 };
    struct rig *r = *state;
    code(r, insns, sizeof insns);
    cpu_run(r->cpu, 20);
    const struct fault_record *f = last(r);
    assert_string_equal(f->event, "INT n");
    assert_int_equal(f->event_vector, 0x40);
    assert_true(f->has_gate);
    assert_int_equal(f->gate, 0);
    assert_int_equal(f->about.what, FAULT_GATE);
    says(r, "fault", (const char *const[]) { "while: INT 40 -> gate 40 = null", "all zero: no handler was ever put there", NULL });
    gate(r, 0x40, HANDLER, 0x10);
    set(r, "eip", CODE);
    cpu_run(r->cpu, 20);
    says(r, "fault", (const char *const[]) { "gate 40 = 0010:00003800 32-bit interrupt gate",
                                             "refused: selector 0010 is data; code segments here: 0008",
                                             NULL });
}

/* jmp +7ffffff0h out of the code segment of 64 KB. */
static void code_limit(void **state)
{
    static const u8 insns[] = { 0xe9, 0xf0, 0xff, 0xff, 0x7f };
    struct rig *r = *state;
    put64(r->ram->host + GDT + 8, 0x00409b000000ffff);
    set(r, "cs", 8);
    code(r, insns, sizeof insns);
    cpu_run(r->cpu, 20);
    assert_int_equal(last(r)->about.access, FAULT_FETCH);
    assert_int_equal(last(r)->about.offset, 0x80002ff5);
    says(r, "fault", (const char *const[]) { "EIP 80002ff5, but the limit of the code segment is 0000ffff", NULL });
}

/* call +1; nop; ret; back behind the call, jmp $. Nothing is kept before it is asked for, nor afterwards. */
static void trail(void **state)
{
    static const u8 insns[] = { 0xe8, 2, 0, 0, 0, 0xeb, 0xfe, 0x90, 0xc3 };
    struct rig *r = *state;
    struct trail_place p[TRAIL_PLACES];
    code(r, insns, sizeof insns);
    assert_int_equal(cpu_trail(r->cpu, p), 0);
    assert_false(cpu_keep_trail(r->cpu, true));
    cpu_run(r->cpu, 10);
    u32 n = cpu_trail(r->cpu, p);
    assert_true(n >= 3);
    assert_int_equal(p[n - 1].linear, CODE + 5);
    assert_int_equal(p[n - 1].bits, 32);
    says(r, "branches 1000", (const char *const[]) { "00003000", "-> 00003007", "00003008", "-> 00003005", NULL });
    assert_true(cpu_keep_trail(r->cpu, false));
    assert_int_equal(cpu_trail(r->cpu, p), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)
        TEST(nothing_yet), TEST(segment_limit), TEST(first_is_kept), TEST(returned_from), TEST(error_code_left), TEST(page_levels),
        TEST(stale_entry), TEST(event_told), TEST(code_limit), TEST(trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
