/* t_explain_rows.c - every encoding of the opcode table is explained: in five parts that fit a terminal, with its operation in words, in
 * each mode, whether it runs or faults; the processor, memory and devices are as they were; and what was told is what then happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../bare.h"
#include "../../../cpu/decode/rows.h"
#include "../../../cpu/mmu/access.h"
#include "../../../cpu/trial.h"
#include "../../../debugger/explain/explain_insn.h"
#include "../../../debugger/explain/parts.h"
#include "../../../host/text.h"
#include "../../../memory/snapshot.h"

enum { RAM_SIZE = 1 << 18, CODE = 0x8000, GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, LDT = 0x3800, DIRECTORY = 0x4000, TABLE = 0x5000,
       DATA = 0x9000, STACK = 0xc000, DEVICE = 0x100000 };
enum mode { MODE_REAL, MODE_RING0, MODE_RING3, MODE_PAGED, MODE_V86, MODES };
static const char *const mode_names[] = { "real", "ring 0", "ring 3", "ring 3, paged", "virtual-8086" };

struct rig {
    struct bare b;
    struct log *log;
    const char *model;
    int asked;                  /* how often a device was */
    u8 *copy, *fresh;           /* of memory: now; at the start */
    struct trial *trial;
    int encodings;
    char what[120];
};

static u64 device_read(void *dev, u64 offset, int size) { (void)offset, (void)size; ((struct rig *)dev)->asked++; return 0; }
static void device_write(void *dev, u64 offset, u64 v, int size) { (void)offset, (void)v, (void)size; ((struct rig *)dev)->asked++; }
static void swallow(void *to, const char *text) { (void)to, (void)text; }

static void put_descriptor(struct rig *r, u32 at, u64 raw) { put64(r->b.ram->host + at, raw); }

static void tables(struct rig *r)
{
    u8 *m = r->b.ram->host;
    put_descriptor(r, GDT + 0x08, bare_descriptor(0, 0xfffff, 0xc09b));
    put_descriptor(r, GDT + 0x10, bare_descriptor(0, 0xfffff, 0xc093));
    put_descriptor(r, GDT + 0x18, bare_descriptor(0, 0xfffff, 0xc0fb));
    put_descriptor(r, GDT + 0x20, bare_descriptor(0, 0xfffff, 0xc0f3));
    put_descriptor(r, GDT + 0x28, bare_descriptor(TSS, 0x6b, 0x8b));
    put_descriptor(r, GDT + 0x30, bare_descriptor(LDT, 0xf, 0x82));
    for (u32 v = 0; v < 256; v++)
        put64(m + IDT + 8 * v, 0x0000ee0000080000ull | (0xa000 + v));
    put32(m + TSS + 4, STACK + 0x800);
    put16(m + TSS + 8, 0x10);
    put16(m + TSS + 102, 0x68);
    put32(m + DIRECTORY, TABLE | 7);
    for (u32 p = 0; p < 1024; p++)
        put32(m + TABLE + 4 * p, p << 12 | 7);
}

static struct rig *rig_new(const char *model)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->log = log_new();
    log_redirect(r->log, swallow, NULL);
    r->b = bare_new(r->log, RAM_SIZE, model, NULL);
    r->model = model;
    space_add_device(r->b.memory, "registers", DEVICE, 0x1000, 0, 4, device_read, device_write, r);
    space_add_device(r->b.ports, "ports", 0, 0x10000, 0, 4, device_read, device_write, r);
    for (u32 k = 0; k < RAM_SIZE; k++)
        r->b.ram->host[k] = (u8)(k * 7 + (k >> 8));
    tables(r);
    r->copy = xcalloc(1, RAM_SIZE);
    r->fresh = xcalloc(1, RAM_SIZE);
    memcpy(r->fresh, r->b.ram->host, RAM_SIZE);
    r->trial = trial_new(r->b.cpu);
    return r;
}

static void rig_free(struct rig *r)
{
    trial_free(r->trial);
    bare_free(&r->b);
    log_free(r->log);
    free(r->copy);
    free(r->fresh);
    free(r);
}

static struct segment flat(u16 selector, u16 access)
{
    return (struct segment) { .limit = 0xffffffff, .selector = selector, .access = access };
}

static void segments(struct cpu_state *s, enum mode mode)
{
    bool real = mode == MODE_REAL || mode == MODE_V86, user = mode == MODE_RING3 || mode == MODE_PAGED;
    for (int k = 0; k < SEGMENTS; k++)
        s->seg[k] = real ? (struct segment) { .limit = 0xffff, .access = mode == MODE_V86 ? 0xf3 : 0x93 }
                  : flat(k == CS ? user ? 0x1b : 8 : user ? 0x23 : 0x10, k == CS ? user ? 0xc0fb : 0xc09b : user ? 0xc0f3 : 0xc093);
    s->tr = (struct segment) { .base = TSS, .limit = 0x6b, .selector = 0x28, .access = 0x8b };
    s->gdtr = (struct table_register) { .base = GDT, .limit = 0x37 };
    s->idtr = (struct table_register) { .base = real && mode != MODE_V86 ? 0 : IDT, .limit = 0x7ff };
    s->cpl = user || mode == MODE_V86 ? 3 : 0;
}

static void state_for(struct rig *r, enum mode mode)
{
    static const u32 gpr[8] = { 0x80000003, 2, 0x60, DATA, STACK, DATA + 0x100, DATA + 0x200, DATA + 0x300 };
    struct cpu *cpu = r->b.cpu;
    struct cpu_state *s = &cpu->s;
    cpu_reset(cpu);
    for (int k = 0; k < 8; k++)
        s->gpr[k] = mode == MODE_REAL || mode == MODE_V86 ? gpr[k] & 0xffff : gpr[k];
    segments(s, mode);
    s->cr0 = (s->cr0 & ~(u64)(CR0_EM | CR0_TS)) | (mode == MODE_REAL ? 0 : CR0_PE) | (mode == MODE_PAGED ? CR0_PG | CR0_WP : 0);
    s->cr3 = mode == MODE_PAGED ? DIRECTORY : 0;
    s->eflags = FLAG_1 | FLAG_IF | FLAG_CF | (mode == MODE_V86 ? FLAG_VM : 0);
    s->rip = CODE;
    s->x87.fcw = 0x37f;
    s->x87.empty = 0x3f;
    cpu_changed(cpu);
}

/* ---- what must hold of the text ---- */

static void columns(const struct rig *r, const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > TELL_COLUMNS)
            fail_msg("%s: a line of more than %d columns: %.*s", r->what, TELL_COLUMNS, (int)strcspn(line, "\n"), line);
}

static void parts(const struct rig *r, const char *text, bool has_mnemonic)
{
    static const char *const titles[] = { "\nFETCH\n  ", "\nDECODE\n  ", "\nLOAD\n  ", "\nEXECUTE\n  ", "\nSAVE\n  " };
    const char *at = text;
    for (size_t k = 0; k < ARRAY_LEN(titles); k++) {
        at = at ? strstr(at, titles[k]) : NULL;
        if (!at)
            fail_msg("%s: no part%s in its place:\n%s", r->what, titles[k], text);
    }
    if (has_mnemonic && !strstr(text, "\n  operation "))
        fail_msg("%s: what does it do? A line of debugger/explain/operations.c, or .operation in its row\n%s", r->what, text);
    if (strstr(text, "nobody has said it"))
        fail_msg("%s: what does it do? A line of debugger/explain/operations.c, or .operation in its row", r->what);
    if (!strstr(text, "opcode"))
        fail_msg("%s: no opcode:\n%s", r->what, text);
}

static struct writer state_of(struct rig *r)
{
    struct writer w = { 0 };
    cpu_save(r->b.cpu, &w);
    return w;
}

/* A memory as the trial leaves it: its writes into RAM, in their order. */
static void apply(const struct trial_result *t, u8 *memory)
{
    for (int k = 0; k < t->accesses; k++) {
        const struct trial_access *a = &t->access[k];
        for (int b = 0; (a->kind == TRIAL_WRITE || a->kind == TRIAL_TABLE_WRITE) && a->what == TRIAL_RAM && b < a->bytes; b++)
            memory[a->physical + (u64)b] = (u8)(a->value >> 8 * b);
    }
}

/* The instruction on trial, and then for once in earnest: both processors end alike, stale translations, counts and all, and memory is as
 * the trial said. */
static void happens(struct rig *r)
{
    const struct trial_result *t = trial_run(r->trial, &(struct trial_wish) { .answer = 0 });
    struct writer said = { 0 };
    int asked = 0;
    cpu_save(trial_cpu(r->trial), &said);
    apply(t, r->copy);
    cpu_run(r->b.cpu, 1);
    struct writer done = state_of(r);
    if (said.n != done.n || memcmp(said.bytes, done.bytes, said.n))
        fail_msg("%s: the processor ends otherwise than it was told", r->what);
    if (memcmp(r->copy, r->b.ram->host, RAM_SIZE) && !t->more)
        fail_msg("%s: memory is otherwise than it was told", r->what);
    for (int k = 0; k < t->accesses; k++)
        asked += t->access[k].what == TRIAL_DEVICE;
    if (asked != r->asked)
        fail_msg("%s: devices were asked %d times, told of %d", r->what, r->asked, asked);
    r->asked = 0;
    free(said.bytes);
    free(done.bytes);
}

static void explain_in(struct rig *r, enum mode mode, bool has_mnemonic)
{
    struct text *said = text_new();
    state_for(r, mode);
    struct writer before = state_of(r);
    memcpy(r->copy, r->b.ram->host, RAM_SIZE);
    explain_insn(r->b.cpu, NULL, &(struct explain_wish) { .elsewhere = false }, text_file(said));
    char *text = text_take(said, NULL);
    struct writer after = state_of(r);
    assert_int_equal(before.n, after.n);
    if (memcmp(before.bytes, after.bytes, before.n) || memcmp(r->copy, r->b.ram->host, RAM_SIZE) || r->asked)
        fail_msg("%s: to explain it has changed something", r->what);
    columns(r, text);
    parts(r, text, has_mnemonic);
    free(text);
    free(before.bytes);
    free(after.bytes);
    happens(r);
    r->encodings++;
}

/* ---- every row ---- */

/* Memory forms: [BX] or [EBX + disp8] by the mode; [a device]. */
static void encode(struct rig *r, const struct row_place *p, bool memory, bool wide)
{
    u8 bytes[32] = { 0 };
    int n = row_bytes(p, memory ? (wide ? 1 : 0) : 3, 1, memory ? (wide ? 3 : 7) : 3, bytes);
    for (int k = n; k < 20; k++)
        bytes[k] = (u8)(k == n ? 4 : 0);
    memcpy(r->b.ram->host + CODE, bytes, sizeof bytes);
}

static void each(void *to, const struct row_place *p)
{
    struct rig *r = to;
    char name[80];
    if (strcmp(p->model ? p->model : "max", r->model))
        return;
    row_name(p, name, sizeof name);
    bool old = !cpu_has(r->b.cpu, FEATURE_386);
    for (int form = 0; form < 2; form++) {
        if (p->has_modrm && !(form ? p->registers : p->memory))
            continue;
        if (!p->has_modrm && form)
            continue;
        for (int mode = 0; mode < (old ? MODE_RING0 : MODES); mode++) {
            snprintf(r->what, sizeof r->what, "%s, %s, %s", name, form ? "registers" : "memory", mode_names[mode]);
            encode(r, p, !form, mode != MODE_REAL && mode != MODE_V86);
            explain_in(r, (enum mode)mode, p->row->mnemonic);
            memcpy(r->b.ram->host, r->fresh, RAM_SIZE);
        }
    }
}

static void every_row(void **state)
{
    int all = 0;
    (void)state;
    for (const struct cpu_model *m = cpu_model_list; m->name; m++) {
        struct rig *r = rig_new(m->name);
        rows_each(each, r);
        all += r->encodings;
        rig_free(r);
    }
    assert_true(all > 5000);
}

/* A test that fails when a row has no operation: one that nobody knows has none. */
static void a_row_without_words(void **state)
{
    struct anatomy a = { .mnemonic = "frobnicate" };
    char text[100];
    (void)state;
    assert_false(operation_text(&a, text, sizeof text));
    a.operation = "DEST := frobnicated SRC";
    assert_true(operation_text(&a, text, sizeof text));
    assert_string_equal(text, "DEST := frobnicated SRC");
}

/* Prefixes up to the last byte that an instruction may have: the rest of it is not taken from what lies behind. */
static void too_long(void **state)
{
    static const u8 last[] = { 0x0f /* of a two-byte opcode */, 0x81 /* ModRM and an immediate */, 0xe9, 0x66 };
    struct rig *r = rig_new("max");
    u8 *bytes = xcalloc(1, ANATOMY_BYTES);
    (void)state;
    memset(bytes, 0x66, ANATOMY_BYTES);
    for (size_t k = 0; k < ARRAY_LEN(last); k++) {
        struct anatomy a;
        bytes[ANATOMY_BYTES - 1] = last[k];
        anatomy_of(r->b.cpu, bytes, ANATOMY_BYTES, &a);
        assert_false(a.cut);
        assert_int_equal(a.refuses, EXC_GP);
        for (int f = 0; f < a.fields; f++)
            assert_true(a.field[f].bytes && a.field[f].at + a.field[f].bytes <= ANATOMY_BYTES);
    }
    free(bytes);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_row), cmocka_unit_test(a_row_without_words), cmocka_unit_test(too_long) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
