/* t_history.c - ways back: from stop to stop, each as it was on the way forward; and what bus masters do where a run ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../../cpu/cpuid.h"
#include "../../../cpu/fault.h"
#include "../../../debugger/history/history.h"
#include "../../../iodev/machine/device.h"
#include "../../../memory/snapshot.h"

enum { RAM_SIZE = 1 << 20, CODE = 0x8000, COUNTER = 0x9000, STOPS = 40, EVERY_NS = 1237, HASH = 33 };

/* It writes into memory again and again. */
struct master {
    struct device dev;
    struct timer timer;
    struct master_state { u32 times; } s;
};
static const struct field fields[] = { FIELD(struct master_state, times), FIELD_END };
static const struct device_class master_class = {
    .name = "master", .title = "a bus master", .size = sizeof(struct master), .state_offset = offsetof(struct master, s),
    .state_size = sizeof(struct master_state), .fields = fields,
};

struct rig {
    struct machine *m;
    struct ram *ram;
    struct master *master;
    struct control *control;
    struct points *points;
    struct history *history;
};

/* At CODE, in real mode: a counter in memory, for ever. */
static const u8 program[] = {
    0xff, 0x06, 0x00, 0x90,                                 /* round: inc word [9000] */
    0x49,                                                   /* dec cx */
    0xe6, 0x80,                                             /* out 80, al */
    0xeb, 0xf7,                                             /* jmp round */
};

static void fire(void *dev)
{
    struct master *d = dev;
    u8 times = (u8)++d->s.times;
    dma_write(d->dev.machine, COUNTER + 2, &times, 1);
    timer_set(&d->timer, machine_now(d->dev.machine) + EVERY_NS);
}

static int rig_open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    char why[160];
    r->m = machine_new(&(struct machine_config) { .ram_size = RAM_SIZE, .model = cpu_model_find("max") });
    r->ram = ram_new("ram", RAM_SIZE);
    space_add_ram(machine_memory(r->m), "ram", 0, RAM_SIZE, PRIORITY_RAM, r->ram, 0, true, REGION_READ | REGION_WRITE);
    machine_add_ram(r->m, r->ram);
    r->master = device_new(r->m, &master_class, "master");
    timer_init(r->m, &r->master->timer, "master.timer", fire, r->master);
    machine_reset(r->m);
    memcpy(r->ram->host + CODE, program, sizeof program);
    assert_true(register_set(machine_cpu(r->m), register_find("cs"), 0, why, sizeof why));
    assert_true(register_set(machine_cpu(r->m), register_find("eip"), CODE, why, sizeof why));
    cpu_changed(machine_cpu(r->m));
    timer_set(&r->master->timer, EVERY_NS);
    r->control = control_new(r->m);
    r->points = control_points(r->control);
    r->history = history_new(r->control, NULL, HISTORY_BUDGET);
    *state = r;
    return 0;
}

static int rig_close(void **state)
{
    struct rig *r = *state;
    history_free(r->history);
    control_free(r->control);
    machine_free(r->m);
    ram_free(r->ram);
    free(r);
    return 0;
}

/* ---- from stop to stop ---- */

struct stop { u64 insns; int hits; u64 now[4]; char by[4][16], hash[HASH]; };

static void note(struct rig *r, struct stop *s)
{
    struct hash h = { { 0, 0 } };
    memset(s, 0, sizeof *s);
    machine_hash(r->m, &h);
    hash_text(&h, s->hash);
    s->insns = machine_insns(r->m);
    s->hits = points_hits(r->points);
    for (int k = 0; k < s->hits && k < 4; k++) {
        s->now[k] = points_hit(r->points, k)->now;
        snprintf(s->by[k], sizeof s->by[k], "%s", points_hit(r->points, k)->by);
    }
}

/* Forward over STOPS stops, and back over each; at_beginning: a point that was passed where the past begins stops it there, too. */
static void there_and_back(struct rig *r, bool at_beginning)
{
    struct stop stop[STOPS], here;
    for (int k = 0; k < STOPS; k++) {
        assert_int_equal(control_go(r->control), STOP_BREAK);
        note(r, &stop[k]);
        assert_true(stop[k].hits > 0);
    }
    for (int k = STOPS - 1; k-- > 0; ) {
        assert_int_equal(history_back_to_stop(r->history), BACK_THERE);
        note(r, &here);
        assert_int_equal(here.insns, stop[k].insns);
        assert_memory_equal(&here, &stop[k], sizeof here);
    }
    if (at_beginning) {
        assert_int_equal(history_back_to_stop(r->history), BACK_THERE);
        assert_int_equal(points_hits(r->points), 1);
        assert_int_equal(machine_ticks(r->m), history_view(r->history).first.ticks);
    }
    assert_int_equal(history_back_to_stop(r->history), BACK_BEGINNING);
    assert_int_equal(points_hits(r->points), 0);
    for (int k = 0; k < STOPS; k++) {
        assert_int_equal(control_go(r->control), STOP_BREAK);
        note(r, &here);
        assert_memory_equal(&here, &stop[k], sizeof here);
    }
}

static void add(struct rig *r, enum point_kind kind, u64 first, u64 last)
{
    points_add(r->points, &(struct point) { .kind = kind, .first = first, .last = last, .write = true, .cpl = -1 });
}

static void watches(void **state)
{
    struct rig *r = *state;
    add(r, POINT_WATCH, COUNTER, COUNTER + 3);
    there_and_back(r, false);
}

static void masters(void **state)
{
    struct rig *r = *state;
    add(r, POINT_WATCH, COUNTER + 2, COUNTER + 2);
    there_and_back(r, false);
}

static void places(void **state)
{
    struct rig *r = *state;
    add(r, POINT_EXECUTE, CODE, CODE);
    add(r, POINT_WATCH, COUNTER, COUNTER + 3);
    add(r, POINT_PORT, 0x80, 0x80);
    there_and_back(r, true);
}

static void counts(void **state)
{
    struct rig *r = *state;
    u64 at = machine_insns(r->m);
    for (u64 k = 1; k <= STOPS; k++)
        add(r, POINT_COUNT, at + 5 * k * k, 0);
    there_and_back(r, false);
}

/* After a step back nothing says what stopped it before. */
static void step_back(void **state)
{
    struct rig *r = *state;
    add(r, POINT_WATCH, COUNTER, COUNTER + 3);
    assert_int_equal(control_go(r->control), STOP_BREAK);
    assert_int_equal(points_hits(r->points), 1);
    assert_int_equal(history_back(r->history, 1), BACK_THERE);
    assert_int_equal(points_hits(r->points), 0);
}

/* ---- when ---- */

enum asked { MEMORY_IS, MEMORY_BIT, MASTERS, REGISTER, FLAG, COUNT, ASKED };
struct question { struct rig *r; enum asked what; bool each; };

static bool answer(void *to, struct language_reads *reads)
{
    const struct question *q = to;
    struct cpu *cpu = machine_cpu(q->r->m);
    const struct cpu_register *r = register_find(q->what == REGISTER ? "cx" : "eflags");
    bool master = q->what == MASTERS;
    u8 memory[2];
    reads->more = q->each || q->what == COUNT;
    if (q->what == COUNT)
        return machine_insns(q->r->m) % 1000 > 900;
    if (q->what == REGISTER || q->what == FLAG) {
        u64 mask = q->what == REGISTER ? 0xf0 : FLAG_PF, v = register_value(cpu, r) & mask;
        reads->registers[reads->register_count++] = (struct register_read) { r, mask, v };
        return q->what == REGISTER ? v == 0x50 : v;
    }
    reads->memory[reads->memory_count++] = (struct memory_read) { master ? COUNTER + 2 : COUNTER, master ? 1 : 2, false };
    assert_true(cpu_peek(cpu, COUNTER + 2 * master, memory, 2));
    return q->what == MEMORY_IS ? get16(memory) == 77 : q->what == MEMORY_BIT ? memory[0] & 16 : memory[0] % 8 == 5;
}

/* Where it became true the last time, of all places that a run step by step comes by; and the way there. */
static void whens(void **state)
{
    enum { STEPS = 7000 };
    struct rig *r = *state;
    u64 last[ASKED] = { 0 };
    bool was[ASKED];
    for (u64 k = 0; k <= STEPS; k++) {
        for (enum asked what = 0; what < ASKED; what++) {
            bool now = answer(&(struct question) { r, what, false }, &(struct language_reads) { .more = false });
            if (k && now && !was[what])
                last[what] = k - 1;
            was[what] = now;
        }
        if (k < STEPS)
            control_step(r->control, 1);
    }
    u64 begin = history_view(r->history).first.insns;
    for (int k = 0; k < 2 * ASKED; k++) {
        struct question q = { r, (enum asked)(k / 2), k % 2 };
        struct point_hit hit;
        char name[40];
        assert_true(last[q.what] > 0);
        control_step(r->control, begin + STEPS - machine_insns(r->m));
        assert_int_equal(history_when(r->history, &(struct history_question) { answer, NULL, &q }, &hit), BACK_THERE);
        snprintf(name, sizeof name, "question %d: %llu, %llu", k, (unsigned long long)(machine_insns(r->m) - begin),
                 (unsigned long long)last[q.what]);
        if (machine_insns(r->m) - begin != last[q.what])
            fail_msg("%s", name);
        assert_false(answer(&q, &(struct language_reads) { .more = false }));
        control_step(r->control, 1);
        assert_true(answer(&q, &(struct language_reads) { .more = false }));
    }
}

static bool never(void *to, struct language_reads *reads)
{
    (void)to, (void)reads;
    return false;
}

/* Where it did not, the machine is where it was. */
static void never_true(void **state)
{
    struct rig *r = *state;
    struct stop before, after;
    struct point_hit hit;
    control_step(r->control, 5000);
    note(r, &before);
    assert_int_equal(history_when(r->history, &(struct history_question) { never, NULL, NULL }, &hit), BACK_NOWHERE);
    note(r, &after);
    assert_memory_equal(&before, &after, sizeof before);
}

/* ---- what another state leaves ---- */

/* Of a machine that was loaded the past begins there. */
static void loaded(void **state)
{
    struct rig *r = *state;
    struct writer w = { 0 };
    control_step(r->control, 1000);
    machine_save(r->m, &w);
    u64 at = machine_insns(r->m);
    control_step(r->control, 1000);
    struct reader reader = { .bytes = w.bytes, .n = w.n };
    assert_true(machine_load(r->m, &reader));
    assert_int_equal(machine_insns(r->m), at);
    assert_int_equal(history_back(r->history, 1), BACK_BEGINNING);
    control_step(r->control, 1000);
    assert_int_equal(history_back(r->history, 500), BACK_THERE);
    assert_int_equal(machine_insns(r->m), at + 500);
    assert_int_equal(history_back(r->history, 501), BACK_BEGINNING);
    assert_int_equal(machine_insns(r->m), at);
    free(w.bytes);
}

/* ---- what is kept of exceptions ---- */

static u64 faults_now(struct rig *r)
{
    u64 count;
    cpu_fault_first(machine_cpu(r->m), EXC_UD, &count);
    return count;
}

/* As many at each place as there were. */
static void faults(void **state)
{
    static const u8 code[] = { 0x90, 0x0f, 0x0b, 0xeb, 0xfb };          /* again: nop; ud2; jmp again */
    static const u8 handler[] = { 0x58, 0x05, 0x02, 0x00, 0x50, 0xcf }; /* pop ax; add ax, 2; push ax; iret */
    struct rig *r = *state;
    memcpy(r->ram->host + CODE, code, sizeof code);
    memcpy(r->ram->host + 0x600, handler, sizeof handler);
    put16(r->ram->host + 4 * EXC_UD, 0x600);
    cpu_changed(machine_cpu(r->m));
    control_step(r->control, 50);
    u64 first = faults_now(r);
    control_step(r->control, 50);
    u64 then = faults_now(r);
    assert_true(first > 0 && then > first);
    assert_int_equal(history_back(r->history, 50), BACK_THERE);
    assert_int_equal(faults_now(r), first);
    control_step(r->control, 50);
    assert_int_equal(faults_now(r), then);
    assert_int_equal(history_back_to_time(r->history, 0), BACK_BEGINNING);
    assert_int_equal(faults_now(r), 0);
    assert_null(cpu_fault_last(machine_cpu(r->m)));
}

/* ---- where a run ends ---- */

/* Step by step, each of the master's writes stops once. */
/* At each stop it is asked how the machine came there: neither the machine nor its past are others for that. */
static void trails(void **state)
{
    struct rig *r = *state;
    struct stop before, after;
    struct trail_place place[TRAIL_PLACES];
    u64 ns;
    u32 n;
    add(r, POINT_COUNT, 5000, 5000);
    for (int k = 1; k < 20; k++) {
        control_set_limit(r->control, (u64)k * 1733);
        control_go(r->control);
        note(r, &before);
        assert_int_equal(history_trail(r->history, 0, place, &n, &ns), BACK_THERE);
        assert_true(n > 1 && place[n - 1].insns <= before.insns && place[n - 1].insns + 4 >= before.insns);
        note(r, &after);
        assert_int_equal(after.insns, before.insns);
        assert_int_equal(after.hits, before.hits);
        assert_string_equal(after.hash, before.hash);
        assert_false(history_view(r->history).past);
        if (k % 5)
            continue;
        assert_int_equal(history_back(r->history, 1000), BACK_THERE);
        note(r, &before);
        assert_int_equal(history_trail(r->history, 0, place, &n, &ns), BACK_THERE);
        note(r, &after);
        assert_string_equal(after.hash, before.hash);
        assert_true(history_view(r->history).past);
    }
    char why[160];
    assert_true(register_set(machine_cpu(r->m), register_find("eax"), 5, why, sizeof why));     /* no run leads here */
    assert_int_equal(history_trail(r->history, 0, place, &n, &ns), BACK_NOWHERE);
    assert_int_equal(register_value(machine_cpu(r->m), register_find("eax")), 5);
}

static void steps(void **state)
{
    struct rig *r = *state;
    u32 stops = 0;
    add(r, POINT_WATCH, COUNTER + 2, COUNTER + 2);
    while (r->master->s.times < 10 || stops < 10) {
        assert_true(machine_now(r->m) < 100 * EVERY_NS);
        stops += control_step(r->control, 1) == STOP_BREAK;
    }
    assert_int_equal(stops, r->master->s.times);
}

int main(void)
{
#define RIG(test) cmocka_unit_test_setup_teardown(test, rig_open, rig_close)
    const struct CMUnitTest tests[] = {
        RIG(watches), RIG(masters), RIG(places), RIG(counts), RIG(step_back), RIG(whens), RIG(never_true), RIG(loaded), RIG(faults),
        RIG(trails), RIG(steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
