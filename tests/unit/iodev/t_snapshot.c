/* t_snapshot.c - a machine that is hashed and saved goes on as one that is left alone; what was saved goes on in another machine, in
 * any engine, stale entries of the TLB included; and what does not fit is refused in words.
 * Follows: SDM Vol. 3A "Caching Translation Information". Whole guests do the same in tests/snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../../cpu/cpu.h"
#include "../../../cpu/cpuid.h"
#include "../../../cpu/timing.h"
#include "../../../iodev/machine/machine.h"
#include "../../../memory/snapshot.h"

enum { RAM_SIZE = 1 << 20, ENTRY = 0xffff0, CODE = 0xf0000, TURNS = 5000, OLD = 0xaaaa, NEW = 0xbbbb, SUM = 0x20000 };
static const u64 NEVER = UINT64_MAX;

/* Maps 40000h onto itself, reads it, maps it onto 41000h, and does not tell the TLB for 5000 turns:
 *     cli; cs lgdt [gdtr]; mov eax, cr0; or al, 1; mov cr0, eax; jmp dword 8:pm
 * pm: mov ax, 10h; mov ds, ax; mov ss, ax; mov dword [10000h], 11003h
 *     mov edi, 11000h; mov eax, 3; mov ecx, 256; fill: mov [edi], eax; add edi, 4; add eax, 1000h; loop fill
 *     mov dword [40000h], OLD; mov dword [41000h], NEW; mov eax, 10000h; mov cr3, eax; mov eax, cr0; or eax, 80000000h; mov cr0, eax
 *     mov eax, [40000h]; mov dword [11100h], 41003h; xor ecx, ecx
 * again: inc ecx; mov eax, [40000h]; add [SUM], eax; cmp ecx, TURNS; jb again
 *     invlpg [40000h]; mov eax, [40000h]; mov [SUM + 4], eax; hlt */
static const u8 stale[] = {
    0xfa, 0x2e, 0x0f, 0x01, 0x16, 0xa4, 0x00, 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea, 0x17, 0x00, 0x0f, 0x00, 0x08, 0x00, 0x66,
    0xb8, 0x10, 0x00, 0x8e, 0xd8, 0x8e, 0xd0, 0xc7, 0x05, 0x00, 0x00, 0x01, 0x00, 0x03, 0x10, 0x01, 0x00, 0xbf, 0x00, 0x10, 0x01, 0x00, 0xb8, 0x03,
    0x00, 0x00, 0x00, 0xb9, 0x00, 0x01, 0x00, 0x00, 0x89, 0x07, 0x83, 0xc7, 0x04, 0x05, 0x00, 0x10, 0x00, 0x00, 0xe2, 0xf4, 0xc7, 0x05, 0x00, 0x00,
    0x04, 0x00, 0xaa, 0xaa, 0x00, 0x00, 0xc7, 0x05, 0x00, 0x10, 0x04, 0x00, 0xbb, 0xbb, 0x00, 0x00, 0xb8, 0x00, 0x00, 0x01, 0x00, 0x0f, 0x22, 0xd8,
    0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, 0xa1, 0x00, 0x00, 0x04, 0x00, 0xc7, 0x05, 0x00, 0x11, 0x01, 0x00, 0x03, 0x10,
    0x04, 0x00, 0x31, 0xc9, 0x41, 0xa1, 0x00, 0x00, 0x04, 0x00, 0x01, 0x05, 0x00, 0x00, 0x02, 0x00, 0x81, 0xf9, 0x88, 0x13, 0x00, 0x00, 0x72, 0xec,
    0x0f, 0x01, 0x3d, 0x00, 0x00, 0x04, 0x00, 0xa1, 0x00, 0x00, 0x04, 0x00, 0xa3, 0x04, 0x00, 0x02, 0x00, 0xf4, 0x90, 0x90,
    0x17, 0x00, 0xaa, 0x00, 0x0f, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xcf, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x93,
    0xcf, 0x00
};

struct test { struct machine *m; struct ram *ram; struct keys *keys; };

/* A device that takes no key. */
struct keys { struct device dev; struct timer timer; struct keys_state { u32 count; } s; };
static const struct field fields[] = { FIELD(struct keys_state, count), FIELD_END };
static const struct device_class keys_class = {
    .name = "keys", .title = "keys", .size = sizeof(struct keys), .state_offset = offsetof(struct keys, s), .state_size = sizeof(struct keys_state),
    .fields = fields,
};
static void tick(void *dev)
{
    struct keys *k = dev;
    k->s.count++;
    timer_set(&k->timer, machine_now(k->dev.machine) + 777);
}
static bool refuse(void *dev, const struct input_event *e)
{
    struct keys *k = dev;
    return e->kind == INPUT_KEY && k->s.count > 30;
}

static struct test start(enum cpu_engine engine, const char *model)
{
    static const u8 jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    struct test t = { 0 };
    t.m = machine_new(&(struct machine_config) { .ram_size = RAM_SIZE, .model = cpu_model_find(model), .tick_cost = 60 << 16, .engine = (int)engine });
    t.ram = ram_new("ram", RAM_SIZE);
    machine_add_ram(t.m, t.ram);
    space_add_ram(machine_memory(t.m), "ram", 0, RAM_SIZE, PRIORITY_RAM, t.ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_ram(machine_memory(t.m), "top", 0xfff00000, RAM_SIZE, PRIORITY_RAM, t.ram, 0, true, REGION_READ | REGION_WRITE);
    memcpy(t.ram->host + CODE, stale, sizeof stale);
    memcpy(t.ram->host + ENTRY, jump, sizeof jump);
    t.keys = device_new(t.m, &keys_class, "keys");
    timer_init(t.m, &t.keys->timer, "keys.tick", tick, t.keys);
    machine_input_sink(t.m, refuse, t.keys);
    machine_reset(t.m);
    timer_set(&t.keys->timer, 777);
    for (int k = 0; k < 3; k++)
        machine_input(t.m, &(struct input_event) { .kind = INPUT_KEY, .key = 4, .down = 1 });
    return t;
}

static void end(struct test *t)
{
    machine_free(t->m);
    ram_free(t->ram);
}

/* To its HLT, or so many instructions. */
static void run(struct test *t, u64 insns)
{
    machine_limit_insns(t->m, insns);
    machine_run(t->m, 2000000);
}

static struct writer saved(struct test *t)
{
    struct writer w = { 0 };
    machine_save(t->m, &w);
    return w;
}

static void assert_same(const struct writer *a, const struct writer *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->bytes, b->bytes, a->n);
}

static void is_done(struct test *t)
{
    assert_int_equal(get32(t->ram->host + SUM), TURNS * OLD);   /* every turn by the stale entry */
    assert_int_equal(get32(t->ram->host + SUM + 4), NEW);
    assert_int_equal(machine_input_waiting(t->m, &(struct input_event) { .kind = INPUT_KEY }), 0);
}

static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

static void looking_changes_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct test alone = start(engines[k], "max"), watched = start(engines[k], "max");
        run(&alone, NEVER);
        is_done(&alone);
        for (u64 at = 97; at < machine_insns(alone.m); at += 97) {
            struct hash h = { { 0, 0 } };
            run(&watched, at);
            machine_hash(watched.m, &h);
            struct writer w = saved(&watched);
            free(w.bytes);
        }
        run(&watched, NEVER);
        is_done(&watched);
        struct writer a = saved(&alone), b = saved(&watched);
        assert_same(&a, &b);
        free(a.bytes);
        free(b.bytes);
        end(&alone);
        end(&watched);
    }
}

static void goes_on_elsewhere(void **state)
{
    (void)state;
    for (u64 at = 50; at < 30000; at = at * 3 / 2) {
        for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
            struct test one = start(ENGINE_FAST, "max"), other = start(engines[k], "max");
            run(&one, at);
            struct writer w = saved(&one);
            run(&other, 1234);                                  /* whatever it was */
            struct reader r = { .bytes = w.bytes, .n = w.n };
            assert_true(machine_load(other.m, &r));
            assert_int_equal(r.at, r.n);
            assert_int_equal(machine_insns(other.m), machine_insns(one.m));
            struct writer again = saved(&other);
            assert_same(&w, &again);
            run(&one, NEVER);
            run(&other, NEVER);
            is_done(&one);
            is_done(&other);
            struct writer a = saved(&one), b = saved(&other);
            assert_same(&a, &b);
            free(w.bytes);
            free(again.bytes);
            free(a.bytes);
            free(b.bytes);
            end(&one);
            end(&other);
        }
    }
}

/* Of every length that is too short, and of another machine. */
static void refuses(void **state)
{
    struct test one = start(ENGINE_FAST, "max"), other = start(ENGINE_FAST, "max"), old = start(ENGINE_FAST, "486");
    (void)state;
    run(&one, 5000);
    struct writer w = saved(&one);
    for (size_t n = 0; n < w.n; n += n < 300 ? 1 : 1001) {
        struct reader r = { .bytes = w.bytes, .n = n };
        assert_false(machine_load(other.m, &r));
        assert_non_null(strstr(r.wrong, "it ends at byte"));
    }
    struct reader whole = { .bytes = w.bytes, .n = w.n }, misfit = whole;
    machine_reset(other.m);
    assert_true(machine_load(other.m, &whole));
    assert_false(machine_load(old.m, &misfit));
    assert_string_equal(misfit.wrong, "expected the part \"486\", not \"max\"");
    free(w.bytes);
    end(&one);
    end(&other);
    end(&old);
}

/* What was saved, with one number changed, in another machine; `words` are of the reason. The machine goes on after a reset. */
static void refuses_with(struct test *t, u32 at, u32 value, const char *words)
{
    struct test other = start(ENGINE_FAST, "max");
    struct writer w = saved(t);
    struct reader r = { .bytes = w.bytes, .n = w.n };
    put32(w.bytes + at, value);
    assert_false(machine_load(other.m, &r));
    assert_non_null(strstr(r.wrong, words));
    machine_reset(other.m);
    machine_limit_insns(other.m, machine_insns(other.m) + 10);
    machine_run(other.m, UINT64_MAX);
    free(w.bytes);
    end(&other);
}

/* Numbers that would stop the clock or the run loop. */
static void refuses_numbers(void **state)
{
    enum { FIELDS = 8 + 3 + 8 + 8, COST = FIELDS + 20, HOLDS = FIELDS + 24 + CPU_POLLS * 40, TIMING = 8 + 3 };
    struct test t = start(ENGINE_FAST, "max");
    (void)state;
    refuses_with(&t, COST, 0, "a tick that costs 1 to 1073741824, not 0");
    refuses_with(&t, COST, (1u << 30) + 1, "not 1073741825");
    refuses_with(&t, HOLDS, UINT32_MAX, "not -1");
    timer_set(&t.keys->timer, TIMER_OFF);
    refuses_with(&t, HOLDS, 1, "no timer");
    machine_input(t.m, &(struct input_event) { .kind = INPUT_SPEED, .cost = 1 << 20, .timing = cpu_timing_find("386") });
    refuses_with(&t, TIMING + 7, 0x37383300, "\"387\"");    /* "386" has a length of 8 bytes before it */
    end(&t);
}

/* AddressSanitizer, where the build has it, would end the program instead; its library finds this by name. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

/* A host without memory for the bytes: they are none, and writing on does no harm. */
static void no_memory(void **state)
{
    volatile size_t n = SIZE_MAX / 2 + 1;                   /* more than any object can have */
    struct writer w = { 0 };
    (void)state;
    write_number(&w, 1);
    assert_int_equal(w.n, 8);
    write_bytes(&w, stale, n);
    assert_true(w.failed);
    write_number(&w, 2);
    assert_true(w.failed && !w.bytes && !w.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looking_changes_nothing), cmocka_unit_test(goes_on_elsewhere), cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_numbers), cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
