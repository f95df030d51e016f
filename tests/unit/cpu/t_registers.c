/* t_registers.c - the table of registers: every row is read where the processor keeps it, and set as it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../bare.h"

enum { GDT = 0x1000, RAM = 1 << 16, FLAT_CODE = 8, FLAT_DATA = 16, ABSENT = 24, READ_ONLY = 32, TSS = 40, LDT = 48, LIMIT = 55 };

struct rig { struct log *log; struct bare b; struct cpu *cpu; };

static int open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->log = log_new();
    r->b = bare_new(r->log, RAM, "max", NULL);
    r->cpu = r->b.cpu;
    *state = r;
    return 0;
}

static int close(void **state)
{
    struct rig *r = *state;
    bare_free(&r->b);
    log_free(r->log);
    free(r);
    return 0;
}

static void set(struct rig *r, const char *name, u64 v)
{
    char why[200];
    if (!register_set(r->cpu, register_find(name), v, why, sizeof why))
        fail_msg("%s", why);
}

/* Refused for that reason, and nothing has changed. */
static void refused(struct rig *r, const char *name, u64 v, const char *because)
{
    char why[200];
    struct cpu_state before = r->cpu->s;
    if (register_set(r->cpu, register_find(name), v, why, sizeof why))
        fail_msg("%s takes %llx", name, (unsigned long long)v);
    if (!strstr(why, because) || strncmp(why, name, strlen(name)))
        fail_msg("\"%s\" is not in \"%s\"", because, why);
    assert_false(fields_diff(cpu_fields, &before, &r->cpu->s, stderr));
}

static u64 get(const struct rig *r, const char *name) { return cpu_get(r->cpu, name); }

/* Names are found, whatever their case; what is set is read back, and changes no register but itself and its parts. */
static void rows(void **state)
{
    struct rig *r = *state;
    char why[200];
    for (const struct cpu_register *a = cpu_registers; a->name; a++) {
        assert_ptr_equal(register_find(a->name), a);
        if (a->set || a->wrong || a->flags & REGISTER_READ_ONLY || a->bytes > 8)
            continue;                                           /* the tests below */
        u64 v = 0x8877665544332211 & mask_bytes(a->bytes);
        struct cpu_state before = r->cpu->s;
        assert_true(register_set(r->cpu, a, v, why, sizeof why));
        assert_int_equal(register_value(r->cpu, a), v);
        u8 *now = (u8 *)&r->cpu->s, *old = (u8 *)&before;
        for (size_t k = 0; k < sizeof before; k++)
            if (now[k] != old[k])
                assert_in_range(k, a->offset, a->offset + a->stored - 1u);
        r->cpu->s = before;
    }
    assert_ptr_equal(register_find("CS.Base"), register_find("cs.base"));
    assert_null(register_find("ea"));
    assert_null(register_find("eaxx"));
    assert_null(register_find(""));
}

static void parts(void **state)
{
    struct rig *r = *state;
    set(r, "eax", 0x11223344);
    set(r, "ah", 0x55);
    set(r, "al", (u64)-1);
    assert_int_equal(get(r, "eax"), 0x112255ff);
    set(r, "ax", 0x1234);
    assert_int_equal(get(r, "eax"), 0x11221234);
    refused(r, "al", 0x100, "8 bits");
    refused(r, "ax", (u64)-0x8001, "16 bits");
    set(r, "edi", (u64)-0x80000000ll);
    refused(r, "edi", 1ull << 32, "32 bits");
    set(r, "eip", 0xffff);
    refused(r, "eip", 0x10000, "limit of CS");
}

static void flags(void **state)
{
    struct rig *r = *state;
    set(r, "eflags", FLAG_1 | FLAG_CF | FLAG_DF);
    assert_int_equal(get(r, "eflags"), FLAG_1 | FLAG_CF | FLAG_DF);
    cpu_sync(r->cpu);
    assert_int_equal(get(r, "eflags"), FLAG_1 | FLAG_CF | FLAG_DF);   /* the lazy flags know */
    refused(r, "eflags", FLAG_CF, "reserved");                  /* bit 1 is always set */
    refused(r, "eflags", FLAG_1 | 8, "reserved");
    refused(r, "eflags", FLAG_1 | FLAG_VM, "CR0.PE");
    set(r, "eflags", FLAG_1 | FLAG_ID | FLAG_AC);
    set(r, "flags", FLAG_1 | FLAG_ZF);
    assert_int_equal(get(r, "eflags"), FLAG_1 | FLAG_ID | FLAG_AC | FLAG_ZF);
    set(r, "cr0", CR0_PE | CR0_ET);
    set(r, "eflags", FLAG_1 | FLAG_VM);
    assert_int_equal(get(r, "cpl"), 3);
    refused(r, "cr0", CR0_ET, "VM");
    set(r, "eflags", FLAG_1);
    set(r, "cr0", CR0_ET);
    assert_int_equal(get(r, "cpl"), 0);
}

static void control(void **state)
{
    struct rig *r = *state;
    refused(r, "cr0", 0, "ET");
    refused(r, "cr0", CR0_ET | CR0_PG, "CR0.PG without CR0.PE");
    refused(r, "cr0", CR0_ET | CR0_NW, "CR0.NW without CR0.CD");
    refused(r, "cr0", CR0_ET | 1 << 6, "reserved");
    refused(r, "cr4", 1 << 21, "SMAP");
    refused(r, "efer", 1, "reserved");
    set(r, "efer", EFER_NXE);
    put64(r->b.ram->host + 0x2000, 0x3000 | 3);                 /* bit 1 of a PDPTE is reserved */
    set(r, "cr3", 0x2000);
    set(r, "cr4", CR4_PAE);
    refused(r, "cr0", CR0_ET | CR0_PE | CR0_PG, "page-directory-pointer");
    put64(r->b.ram->host + 0x2000, 0x3000 | 1);
    set(r, "cr0", CR0_ET | CR0_PE | CR0_PG);
    assert_int_equal(get(r, "pdpte0"), 0x3001);
    refused(r, "pdpte1", 3, "reserved");
    refused(r, "dr6", 0, "cannot be so");
    refused(r, "dr7", 0xf000, "cannot be so");
    set(r, "dr0", 0x1000);
    set(r, "dr7", 0x402);
    assert_true(r->cpu->cache.code_breakpoints);                      /* in force at once */
    refused(r, "a20", 0, "cannot be set");
    refused(r, "st0", 0, "cannot be set");
}

static void descriptor(struct rig *r, u32 selector, u64 raw) { put64(r->b.ram->host + GDT + selector, raw); }

static void segments(void **state)
{
    struct rig *r = *state;
    descriptor(r, FLAT_CODE, bare_descriptor(0, 0xfffff, 0xc09a));
    descriptor(r, FLAT_DATA, bare_descriptor(0x5000, 0xfffff, 0xc092));
    descriptor(r, ABSENT, bare_descriptor(0, 0xfffff, 0xc012));
    descriptor(r, READ_ONLY, bare_descriptor(0, 0xfff, 0x0090));
    descriptor(r, TSS, bare_descriptor(0x6000, 0x67, 0x0089));
    descriptor(r, LDT, bare_descriptor(0x7000, 0xff, 0x0082));
    set(r, "ds", 0x1234);                                       /* real mode */
    assert_int_equal(get(r, "ds.base"), 0x12340);
    set(r, "gdtr.base", GDT);
    set(r, "gdtr.limit", LIMIT);
    set(r, "cr0", CR0_PE | CR0_ET);
    set(r, "cs", FLAT_CODE);
    set(r, "ds", FLAT_DATA);
    assert_int_equal(get(r, "ds.base"), 0x5000);
    assert_int_equal(get(r, "ds.limit"), 0xffffffff);
    assert_int_equal(get(r, "ds.access"), 0xc093);
    assert_int_equal(r->b.ram->host[GDT + FLAT_DATA + 5], 0x92);    /* looking changes no memory */
    set(r, "es", 0);
    assert_int_equal(get(r, "es.access"), 0);
    refused(r, "ds", ABSENT, "not present");
    refused(r, "ss", READ_ONLY, "not a writable data segment");
    refused(r, "ss", FLAT_DATA | 3, "RPL");
    refused(r, "ss", 0, "null selector");
    refused(r, "cs", FLAT_DATA, "not a code segment");
    refused(r, "cs", FLAT_CODE | 3, "the RPL is not the CPL");
    refused(r, "fs", TSS, "not data or readable code");
    refused(r, "gs", LIMIT + 1, "leads to no descriptor");
    refused(r, "tr", LDT, "not a TSS");
    refused(r, "ldtr", TSS, "not an LDT");
    set(r, "tr", TSS);
    assert_int_equal(get(r, "tr.access"), 0x8b);                /* busy */
    set(r, "ldtr", LDT);
    assert_int_equal(get(r, "ldtr.base"), 0x7000);
    set(r, "cs.limit", 0xffff);
    set(r, "cs.access", 0x9b);
    assert_int_equal(r->cpu->mode & 1, 0);                      /* 16-bit code, at once */
    refused(r, "cs.access", 0xf9b, "reserved");
}

/* ST(i) goes by TOP; ten bytes. */
static void x87(void **state)
{
    struct rig *r = *state;
    u8 bytes[10];
    r->cpu->s.x87.st[2] = (struct f80) { .significand = 0x8000000000000001, .se = 0x3fff };
    r->cpu->s.x87.fsw = 1 << 11;                                /* TOP = 1 */
    register_bytes(r->cpu, register_find("st1"), bytes);
    assert_int_equal(get64(bytes), 0x8000000000000001);
    assert_int_equal(get16(bytes + 8), 0x3fff);
    assert_int_equal(get(r, "mm2"), 0x8000000000000001);
    set(r, "mm2", 5);
    assert_int_equal(get(r, "st1"), 5);
    register_bytes(r->cpu, register_find("fcw"), bytes);
    assert_int_equal(get16(bytes), 0x40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows, open, close), cmocka_unit_test_setup_teardown(parts, open, close),
        cmocka_unit_test_setup_teardown(flags, open, close), cmocka_unit_test_setup_teardown(control, open, close),
        cmocka_unit_test_setup_teardown(segments, open, close), cmocka_unit_test_setup_teardown(x87, open, close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
