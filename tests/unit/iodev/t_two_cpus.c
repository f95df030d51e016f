/* t_two_cpus.c - two processors of one machine in turns: each writes into the code that the other has decoded and goes on with; blocks
 * that both run lead each to where its own tables say; each sees memory by itself, and SMRAM who is in system management mode; and every
 * engine, and a machine that was loaded, does the same.
 * Follows: SDM Vol. 3A "Handling Self- and Cross-Modifying Code" (here a store is seen by the other's next instruction); 82441FX data
 * sheet "SMRAM System Management RAM Control Register". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../../cpu/core.h"
#include "../../../cpu/cpuid.h"
#include "../../../iodev/machine/machine.h"
#include "../../../iodev/pci/i440fx.h"
#include "../../../memory/snapshot.h"

enum { RAM_SIZE = 1 << 20, TURN = 2000 /* machine_parts.h: TURN_TICKS */ };
static const u64 NEVER = UINT64_MAX;
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

struct test { struct machine *m; struct ram *ram; struct cpu *cpu[2]; };

static struct test start(enum cpu_engine engine)
{
    struct test t = { .ram = ram_new("ram", RAM_SIZE) };
    t.m = machine_new(&(struct machine_config) { .ram_size = RAM_SIZE, .model = cpu_model_find("max"), .engine = (int)engine });
    machine_add_ram(t.m, t.ram);
    space_add_ram(machine_memory(t.m), "ram", 0, RAM_SIZE, PRIORITY_RAM, t.ram, 0, true, REGION_READ | REGION_WRITE);
    t.cpu[0] = machine_cpu(t.m);
    t.cpu[1] = machine_add_cpu(t.m);
    assert_ptr_equal(machine_cpu_at(t.m, 1), t.cpu[1]);
    assert_null(machine_cpu_at(t.m, 2));
    machine_reset(t.m);
    return t;
}

static void end(struct test *t)
{
    machine_free(t->m);
    ram_free(t->ram);
}

static void run_to(struct test *t, u64 insns)
{
    machine_limit_insns(t->m, insns);
    assert_int_equal(machine_run(t->m, NEVER), STOP_MAX_INSNS);
    assert_int_equal(machine_insns(t->m), insns);
}

static void hash_of(struct test *t, char text[33])
{
    struct hash h = { { 0, 0 } };
    machine_hash(t->m, &h);
    hash_text(&h, text);
}

/* ---- each writes into the other's code ---- */

/* L: inc byte [2001h]; inc dx (dec dx, when the other has been there an odd number of times); mov bx, [3004h]; add di, bx; jmp L */
static const u8 code_0[] = { 0xfe, 0x06, 0x01, 0x20, 0x42, 0x8b, 0x1e, 0x04, 0x30, 0x03, 0xfb, 0xeb, 0xf3 };
/* L: mov al, 0 (its operand is what the other counts up); xor ah, ah; add [3000h], ax; adc word [3002h], 0; inc word [3004h];
 *    xor byte [1004h], 8; jmp L */
static const u8 code_1[] = { 0xb0, 0x00, 0x30, 0xe4, 0x01, 0x06, 0x00, 0x30, 0x83, 0x16, 0x02, 0x30, 0x00, 0xff, 0x06, 0x04, 0x30,
                             0x80, 0x36, 0x04, 0x10, 0x08, 0xeb, 0xe8 };

static struct test modifying(enum cpu_engine engine)
{
    struct test t = start(engine);
    memcpy(t.ram->host + 0x1000, code_0, sizeof code_0);
    memcpy(t.ram->host + 0x2000, code_1, sizeof code_1);
    for (int k = 0; k < 2; k++) {
        t.cpu[k]->s.seg[CS] = (struct segment) { .base = 0, .limit = 0xffff, .access = 0x9b };
        t.cpu[k]->s.rip = k ? 0x2000 : 0x1000;
        cpu_changed(t.cpu[k]);
    }
    return t;
}

/* The same by hand, an instruction a step. */
struct model { u16 bx, di, dx, ax, count; u32 sum; u8 operand, code, carry; int at[2]; };

static void step_0(struct model *s)
{
    switch (s->at[0]++) {
    case 0: s->operand++; break;
    case 1: s->dx = (u16)(s->code == 0x42 ? s->dx + 1 : s->dx - 1); break;
    case 2: s->bx = s->count; break;
    case 3: s->di = (u16)(s->di + s->bx); break;
    default: s->at[0] = 0;
    }
}

static void step_1(struct model *s)
{
    switch (s->at[1]++) {
    case 0: s->ax = (u16)((s->ax & 0xff00) | s->operand); break;
    case 1: s->ax &= 0xff; break;
    case 2: s->carry = (s->sum & 0xffff) + s->ax > 0xffff, s->sum = (s->sum & 0xffff0000) | (u16)(s->sum + s->ax); break;
    case 3: s->sum += (u32)s->carry << 16; break;
    case 4: s->count++; break;
    case 5: s->code ^= 8; break;
    default: s->at[1] = 0;
    }
}

static void write_each_other(void **state)
{
    enum { END = 300011 };
    struct model s = { .dx = 0, .code = 0x42 };
    char first[33] = "", text[33];
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct test t = modifying(engines[e]);
        s = (struct model) { .dx = (u16)t.cpu[0]->s.gpr[EDX], .code = 0x42 };
        for (u64 n = 0; n < END; n++)
            if (n / TURN & 1)
                step_1(&s);
            else
                step_0(&s);
        for (u64 at = 777; at < END; at += 777 * (e + 1))       /* in pieces of any size */
            run_to(&t, at);
        run_to(&t, END);
        assert_int_equal(t.ram->host[0x2001], s.operand);
        assert_int_equal(t.ram->host[0x1004], s.code);
        assert_int_equal(get32(t.ram->host + 0x3000), s.sum);
        assert_int_equal(get16(t.ram->host + 0x3004), s.count);
        assert_int_equal((u16)t.cpu[0]->s.gpr[EDX], s.dx);
        assert_int_equal((u16)t.cpu[0]->s.gpr[EDI], s.di);
        assert_int_equal((u16)t.cpu[1]->s.gpr[EAX], s.ax);
        hash_of(&t, text);
        if (!*first)
            memcpy(first, text, sizeof first);
        assert_string_equal(text, first);
        end(&t);
    }
}

static void is_loaded(void **state)
{
    char want[33], got[33];
    (void)state;
    struct test t = modifying(ENGINE_FAST), other = modifying(ENGINE_SLOW);
    struct writer w = { 0 };
    run_to(&t, 33333);                                          /* in the middle of a turn */
    machine_save(t.m, &w);
    struct reader r = { .bytes = w.bytes, .n = w.n };
    assert_true(machine_load(other.m, &r));
    run_to(&t, 100001);
    run_to(&other, 100001);
    hash_of(&t, want);
    hash_of(&other, got);
    assert_string_equal(got, want);
    free(w.bytes);
    end(&t);
    end(&other);
}

/* ---- the same blocks, other pages behind them ---- */

enum { DIRECTORY = 0x10000, TABLE = 0x12000, SHARED = 0x4000, OWN = 0x5000, PAGE_0 = 0x20000, PAGE_1 = 0x21000, DATA = 0x6000 };

/* Both run SHARED; linear OWN is another page for each. By a direct jump, an indirect one, a call and its return:
 *     call OWN; mov eax, OWN + 40h; call eax; mov eax, OWN + 80h; jmp eax
 * OWN: inc dword [DATA + 10h * n]; ret;  OWN + 40h: inc dword [DATA + 4 + ...]; ret;  OWN + 80h: inc dword [DATA + 8 + ...]; jmp SHARED */
static void lay_own(u8 *page, u32 data)
{
    for (u32 k = 0; k < 3; k++) {
        u8 *at = page + 0x40 * k;
        at[0] = 0xff, at[1] = 0x05;
        put32(at + 2, data + 4 * k);
        at[6] = 0xc3;
    }
    page[0x86] = 0xe9;
    put32(page + 0x87, (u32)SHARED - (OWN + 0x8b));
}

static struct test paged(enum cpu_engine engine)
{
    static const u8 shared[] = { 0xe8, 0xfb, 0x0f, 0x00, 0x00, 0xb8, 0x40, 0x50, 0x00, 0x00, 0xff, 0xd0, 0xb8, 0x80, 0x50, 0x00, 0x00, 0xff, 0xe0 };
    struct test t = start(engine);
    u8 *host = t.ram->host;
    memcpy(host + SHARED, shared, sizeof shared);
    lay_own(host + PAGE_0, DATA);
    lay_own(host + PAGE_1, DATA + 0x10);
    for (u32 k = 0; k < 2; k++) {
        struct cpu_state *s = &t.cpu[k]->s;
        put32(host + DIRECTORY + 0x1000 * k, (TABLE + 0x1000 * k) | 3);
        for (u32 page = 0; page < 256; page++)
            put32(host + TABLE + 0x1000 * k + 4 * page, page << 12 | 3);
        put32(host + TABLE + 0x1000 * k + 4 * (OWN >> 12), (k ? PAGE_1 : PAGE_0) | 3);
        for (int n = 0; n < SEGMENTS; n++)
            s->seg[n] = (struct segment) { .limit = ~0u, .selector = (u16)(n == CS ? 8 : 16), .access = n == CS ? 0xc09b : 0xc093 };
        s->cr0 = CR0_PE | CR0_PG;
        s->cr3 = DIRECTORY + 0x1000 * k;
        s->gpr[ESP] = 0x8000 + 0x1000 * k;
        s->rip = SHARED;
        cpu_changed(t.cpu[k]);
    }
    return t;
}

static void share_blocks(void **state)
{
    enum { LOOP = 11, TURNS = 60 };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct test t = paged(engines[e]);
        run_to(&t, (u64)TURNS * TURN);
        for (u32 k = 0; k < 2; k++) {
            u32 loops = TURNS / 2 * TURN / LOOP, done = TURNS / 2 * TURN % LOOP;
            const u8 *data = t.ram->host + DATA + 0x10 * k;
            assert_int_equal(cpu_insns(t.cpu[k]), TURNS / 2 * TURN);
            assert_int_equal(get32(data), loops + (done >= 2));
            assert_int_equal(get32(data + 4), loops + (done >= 6));
            assert_int_equal(get32(data + 8), loops + (done >= 10));
        }
        end(&t);
    }
}

/* One halts: the other has all turns. Both do: time goes on to what is due, or nothing can come. */
static void halts(void **state)
{
    static const u8 spin[] = { 0x40, 0xeb, 0xfd }, halt[] = { 0xf4 };
    (void)state;
    struct test t = modifying(ENGINE_FAST);
    memcpy(t.ram->host + 0x1000, halt, sizeof halt);
    memcpy(t.ram->host + 0x2000, spin, sizeof spin);
    run_to(&t, 50001);
    assert_int_equal(cpu_insns(t.cpu[0]), 1);
    assert_int_equal(cpu_insns(t.cpu[1]), 50000);
    assert_int_equal(machine_now(t.m), 50001);
    space_write(machine_memory(t.m), 0x2000, 0xf4, 1);
    machine_limit_insns(t.m, NEVER);
    assert_int_equal(machine_run(t.m, NEVER), STOP_HALTED_FOREVER);
    end(&t);
}

/* ---- one in system management mode, the other not ---- */

enum { VIDEO = 0xa0000, VIDEO_SIZE = 0x20000, IN_VIDEO = 0x55, IN_SMRAM = 0xaa, SEEN_0 = 0x2000, SEEN_SMM = 0x2010, SEEN_1 = 0x2020 };

struct managed { struct test t; struct ram *video; };

/* L: mov al, s:[100h]; or [seen], al; and [seen + 1], al; inc byte s:[102h]; inc word [seen + 2]; jmp L */
static void lay_look(u8 *at, u8 prefix, u16 seen)
{
    const u8 look[] = { prefix, 0xa0, 0x00, 0x01, 0x08, 0x06, (u8)seen, (u8)(seen >> 8), 0x20, 0x06, (u8)(seen + 1), (u8)(seen >> 8),
                        prefix, 0xfe, 0x06, 0x02, 0x01, 0xff, 0x06, (u8)(seen + 2), (u8)(seen >> 8), 0xeb, 0xe9 };
    memcpy(at, look, sizeof look);
}

/* The first looks with ES from 1000h and, in system management mode, from A8000h in SMRAM; the second from A8000h in video memory. */
static struct managed managed(enum cpu_engine engine)
{
    static const struct line none[4];
    struct managed a = { .t = start(engine), .video = ram_new("video", VIDEO_SIZE) };
    struct machine *m = a.t.m;
    u8 *dram = a.t.ram->host;
    space_add_ram(machine_memory(m), "video", VIDEO, VIDEO_SIZE, PRIORITY_VGA, a.video, 0, true, REGION_READ | REGION_WRITE);
    machine_add_ram(m, a.video);
    struct i440fx *host = i440fx_new(pci_bus_new(m, 0xcf8, none), a.t.ram, VIDEO);
    for (int k = 0; k < 2; k++)
        cpu_wire(a.t.cpu[k], &(struct cpu_outputs) { .smiact = i440fx_add_processor(host, cpu_memory(a.t.cpu[k])) });
    machine_reset(m);
    space_write(machine_ports(m), 0xcf8, 0x80000070, 4);
    space_write(machine_ports(m), 0xcfe, 0x0a, 1);              /* G_SMRAME */
    dram[VIDEO + 0x100] = IN_SMRAM;
    a.video->host[0x100] = IN_VIDEO;
    lay_look(dram + 0x1000, 0x26, SEEN_0);
    lay_look(dram + VIDEO + 0x8000, 0x2e, SEEN_SMM);
    lay_look(a.video->host + 0x8000, 0x2e, SEEN_1);
    dram[SEEN_0 + 1] = dram[SEEN_SMM + 1] = dram[SEEN_1 + 1] = 0xff;
    for (int k = 0; k < 2; k++) {
        struct cpu_state *s = &a.t.cpu[k]->s;
        s->seg[CS] = (struct segment) { .base = k ? VIDEO : 0, .limit = 0xffff, .access = 0x9b, .selector = k ? 0xa000 : 0 };
        s->seg[ES] = (struct segment) { .base = VIDEO, .limit = 0xffff, .access = 0x93, .selector = 0xa000 };
        s->rip = k ? 0x8000 : 0x1000;
        s->smbase = VIDEO;
        cpu_changed(a.t.cpu[k]);
    }
    return a;
}

static void managed_end(struct managed *a)
{
    end(&a->t);
    ram_free(a->video);
}

/* Whoever counted at `seen` saw nothing but `value`. */
static void saw(const struct managed *a, u32 seen, u8 value)
{
    const u8 *at = a->t.ram->host + seen;
    assert_int_equal(at[0], value);
    assert_int_equal(at[1], value);
    assert_true(get16(at + 2) > 100);
}

static void one_sees_smram(void **state)
{
    enum { MANAGED = 3 * TURN, LOADED = 7 * TURN + 77, RESUMED = 12 * TURN, END = 16 * TURN };
    char first[33] = "", text[33];
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct managed a = managed(engines[e]), b = managed(ENGINE_FAST), *on = e & 1 ? &b : &a;
        struct space *one = cpu_memory(a.t.cpu[0]), *other = cpu_memory(a.t.cpu[1]), *bus = machine_memory(a.t.m);
        struct line smi = cpu_pin(a.t.cpu[0], PIN_SMI);
        struct writer w = { 0 };
        run_to(&a.t, MANAGED);
        line_set(&smi, true);
        line_set(&smi, false);
        run_to(&a.t, LOADED);
        assert_int_equal(a.t.cpu[0]->s.smm, 1);
        assert_int_equal(a.t.cpu[1]->s.smm, 0);
        assert_int_equal(space_read(one, VIDEO + 0x100, 1), IN_SMRAM);
        assert_int_equal(space_read(other, VIDEO + 0x100, 1), IN_VIDEO);
        assert_int_equal(space_read(bus, VIDEO + 0x100, 1), IN_VIDEO);
        saw(&a, SEEN_0, IN_VIDEO);
        saw(&a, SEEN_SMM, IN_SMRAM);
        saw(&a, SEEN_1, IN_VIDEO);
        machine_save(a.t.m, &w);
        struct reader r = { .bytes = w.bytes, .n = w.n };
        assert_true(machine_load(b.t.m, &r));
        run_to(&on->t, RESUMED);
        assert_true(space_poke(cpu_memory(on->t.cpu[0]), VIDEO + 0x8000, "\x0f\xaa", 2));      /* RSM */
        run_to(&on->t, END);
        assert_int_equal(on->t.cpu[0]->s.smm, 0);
        assert_int_equal(space_read(cpu_memory(on->t.cpu[0]), VIDEO + 0x100, 1), IN_VIDEO);
        saw(on, SEEN_0, IN_VIDEO);
        saw(on, SEEN_SMM, IN_SMRAM);
        saw(on, SEEN_1, IN_VIDEO);
        for (u32 at = 0; at < VIDEO_SIZE; at++)                 /* the state save map is in SMRAM */
            if (at < 0x8000 ? at != 0x100 && at != 0x102 : at >= 0x8000 + 23)
                assert_int_equal(on->video->host[at], 0);
        hash_of(&on->t, text);
        if (!*first)
            memcpy(first, text, sizeof first);
        assert_string_equal(text, first);
        free(w.bytes);
        managed_end(&a);
        managed_end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_each_other), cmocka_unit_test(is_loaded), cmocka_unit_test(share_blocks), cmocka_unit_test(halts),
        cmocka_unit_test(one_sees_smram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
