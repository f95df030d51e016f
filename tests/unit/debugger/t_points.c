/* t_points.c - points: who sees whose, what narrows them, what they say; and that those which do not stop change nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../support/bare_machine.h"
#include "../../../debugger/core/control.h"
#include "../../../iodev/machine/device.h"

enum { RAM_SIZE = 1 << 20, CODE = 0x8000, COUNTER = 0x9000 };

struct rig {
    struct machine *m;
    struct cpu *cpu;
    struct ram *ram;
    struct control *control;
    struct points *points;
};

/* At CODE, in real mode: a hundred rounds of a counter, then HLT. */
static const u8 program[] = {
    0xb9, 0x64, 0x00,                                       /* mov cx, 100 */
    0xff, 0x06, 0x00, 0x90,                                 /* round: inc word [9000] */
    0xe6, 0x80,                                             /* out 80, al */
    0x49,                                                   /* dec cx */
    0x75, 0xf7,                                             /* jnz round */
    0xf4,
};
enum { ROUND = CODE + 3 };

static void rig_reset(struct rig *r, int engine)
{
    char why[160];
    machine_reset(r->m);
    memset(r->ram->host, 0, RAM_SIZE);
    memcpy(r->ram->host + CODE, program, sizeof program);
    cpu_set_engine(r->cpu, (enum cpu_engine)engine);
    assert_true(register_set(r->cpu, register_find("cs"), 0, why, sizeof why));
    assert_true(register_set(r->cpu, register_find("eip"), CODE, why, sizeof why));
    cpu_changed(r->cpu);
}

static int rig_open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    r->ram = bare_machine(&r->m, &r->cpu, RAM_SIZE);
    r->control = control_new(r->m);
    r->points = control_points(r->control);
    rig_reset(r, ENGINE_FAST);
    *state = r;
    return 0;
}

static int rig_close(void **state)
{
    struct rig *r = *state;
    control_free(r->control);
    bare_machine_free(r->m, r->ram);
    free(r);
    return 0;
}

static void hash_of(struct rig *r, char text[33])
{
    struct hash h = { { 0, 0 } };
    machine_hash(r->m, &h);
    hash_text(&h, text);
}

static struct point *add(struct rig *r, struct point p)
{
    p.cpl = -1;
    p.last = p.last ? p.last : p.first;
    return points_add(r->points, &p);
}

static const struct point place = { .kind = POINT_EXECUTE, .first = ROUND };
static const struct point watch = { .kind = POINT_WATCH, .first = COUNTER, .last = COUNTER + 1, .write = true };
static const struct point port = { .kind = POINT_PORT, .first = 0x80, .write = true };

static void stops_at(struct rig *r, const struct point *p, u32 rounds)
{
    assert_int_equal(control_go(r->control), STOP_BREAK);
    assert_int_equal(points_hits(r->points), 1);
    assert_ptr_equal(points_hit(r->points, 0)->point, p);
    assert_int_equal(get16(r->ram->host + COUNTER), rounds);
}

/* ---- who owns them ---- */

static void owners(void **state)
{
    struct rig *r = *state;
    struct point of_gdb = place;
    of_gdb.owner = POINT_GDB;
    const struct point *one = add(r, place), *two = add(r, of_gdb), *three = add(r, watch);
    assert_int_equal(one->number, 1);
    assert_int_equal(two->number, 1);
    assert_int_equal(three->number, 2);
    assert_ptr_equal(points_next(r->points, POINT_USER, NULL), one);
    assert_ptr_equal(points_next(r->points, POINT_USER, one), three);
    assert_null(points_next(r->points, POINT_USER, three));
    assert_ptr_equal(points_find(r->points, POINT_GDB, 1), two);
    assert_null(points_find(r->points, POINT_GDB, 2));
    assert_null(points_next(r->points, POINT_INTERNAL, NULL));
    assert_int_equal(control_go(r->control), STOP_BREAK);
    assert_int_equal(points_hits(r->points), 2);            /* both, in their order */
    assert_ptr_equal(points_hit(r->points, 0)->point, one);
    assert_ptr_equal(points_hit(r->points, 1)->point, two);
    points_remove(r->points, points_find(r->points, POINT_USER, 1));
    assert_int_equal(points_hit(r->points, 0)->point->first, ROUND);    /* what hit is there until it runs again */
    assert_ptr_equal(points_next(r->points, POINT_USER, NULL), three);
}

/* ---- what narrows them ---- */

static void narrowed(void **state)
{
    struct rig *r = *state;
    struct point p = place;
    p.ignore = 3;
    struct point *one = add(r, p);
    stops_at(r, one, 3);
    assert_int_equal(one->hits, 4);
    assert_int_equal(one->ignore, 0);
    points_enable(r->points, one, false);
    p = watch;
    p.has_value = true;
    p.value = 10;
    struct point *two = add(r, p);
    stops_at(r, two, 10);
    assert_int_equal(points_hit(r->points, 0)->old, 9);
    assert_int_equal(points_hit(r->points, 0)->now, 10);
    assert_int_equal(points_hit(r->points, 0)->linear, ROUND);
    assert_string_equal(points_hit(r->points, 0)->by, "inc");
    points_remove(r->points, two);
    p = port;
    p.temporary = true;
    struct point *three = add(r, p);
    stops_at(r, three, 10);
    assert_null(points_find(r->points, POINT_USER, 3));     /* it was for once */
    points_enable(r->points, one, true);
    one->has_cr3 = true;
    one->cr3 = 0x1000;
    assert_int_equal(control_go(r->control), STOP_HALTED_FOREVER);
    assert_int_equal(points_hits(r->points), 0);
    assert_int_equal(one->hits, 4);
}

/* ---- what does not stop changes nothing ---- */

struct asked { u64 times; enum point_verdict verdict; };

static enum point_verdict ask(void *to, const struct point_hit *hit)
{
    struct asked *a = to;
    (void)hit;
    a->times++;
    return a->verdict;
}

/* Alone; with conditions that are false; stopped each time. */
enum { ALONE, FALSE, STOPPED, WAYS };

static void run_way(int engine, int way, char hash[33])
{
    void *state;
    rig_open(&state);
    struct rig *r = state;
    struct asked a = { .verdict = way == STOPPED ? POINT_YES : POINT_NO };
    const struct point *like[3] = { &place, &watch, &port };
    enum machine_stop stop;
    rig_reset(r, engine);
    for (int k = 0; k < 3 && way != ALONE; k++) {
        struct point *p = add(r, *like[k]);
        p->condition = ask;
        p->condition_to = &a;
    }
    while ((stop = control_go(r->control)) == STOP_BREAK)
        assert_int_equal(way, STOPPED);
    assert_int_equal(stop, STOP_HALTED_FOREVER);
    assert_int_equal(a.times, way == ALONE ? 0 : 300);
    hash_of(r, hash);
    rig_close(&state);
}

static void unchanged(void **state)
{
    (void)state;
    for (int engine = ENGINE_FAST; engine <= ENGINE_STEP; engine++) {
        char hash[WAYS][33];
        for (int way = 0; way < WAYS; way++)
            run_way(engine, way, hash[way]);
        assert_string_equal(hash[ALONE], hash[FALSE]);
        assert_string_equal(hash[ALONE], hash[STOPPED]);
    }
}

/* ---- counts ---- */

static void counts(void **state)
{
    struct rig *r = *state;
    u64 begin = machine_insns(r->m);
    struct point p = { .kind = POINT_COUNT, .first = begin + 9 };
    struct asked a = { .verdict = POINT_NO };
    struct point *one = add(r, p), *two;
    p.first = begin + 5;
    two = add(r, p);
    two->condition = ask;
    two->condition_to = &a;
    assert_int_equal(control_go(r->control), STOP_BREAK);
    assert_ptr_equal(points_hit(r->points, 0)->point, one);
    assert_int_equal(machine_insns(r->m), begin + 9);
    assert_int_equal(a.times, 1);
    assert_int_equal(control_step(r->control, 2), STOP_MAX_INSNS);
    assert_int_equal(points_hits(r->points), 0);
}

/* ---- bus masters ---- */

static u64 send(void *dev, u64 offset, int size)
{
    struct rig *r = dev;
    (void)offset, (void)size;
    dma_write(r->m, COUNTER - 4, "abcdefgh", 8);
    return 0;
}

static void masters(void **state)
{
    static const u8 in[] = { 0xe4, 0x90, 0xf4 };            /* in al, 90; hlt */
    struct rig *r = *state;
    port_claim(r->m, "master", 0x90, 1, 1, send, NULL, r);
    memcpy(r->ram->host + CODE, in, sizeof in);
    cpu_changed(r->cpu);
    struct point p = watch;
    p.physical = true;
    struct point *one = add(r, p), *two = add(r, watch);
    p.first = COUNTER - 100;
    p.last = COUNTER + 100;
    add(r, p);
    p.first = p.last = COUNTER + 4;
    add(r, p);
    assert_int_equal(control_go(r->control), STOP_BREAK);
    assert_int_equal(points_hits(r->points), 3);            /* the last lies behind */
    assert_ptr_equal(points_hit(r->points, 0)->point, one);
    assert_ptr_equal(points_hit(r->points, 1)->point, two);
    assert_int_equal(points_hit(r->points, 0)->now, 'e' | 'f' << 8);
    assert_int_equal(points_hit(r->points, 2)->at, COUNTER - 4);
    assert_int_equal(points_hit(r->points, 2)->size, 8);    /* over the end of the page */
    assert_int_equal(points_hit(r->points, 2)->now, get64("abcdefgh"));
    assert_string_equal(points_hit(r->points, 0)->by, "a bus master");
}

/* ---- a judge ---- */

static bool third(void *to, const struct point_hit *hit)
{
    (void)hit;
    return ++*(int *)to == 3;
}

static void judged(void **state)
{
    struct rig *r = *state;
    int n = 0;
    struct point p = place;
    p.temporary = true;
    p.ignore = 1;
    struct point *one = add(r, p);
    points_judge(r->points, third, &n);
    stops_at(r, one, 2);
    assert_int_equal(one->hits, 0);
    assert_int_equal(one->ignore, 1);
    assert_ptr_equal(points_find(r->points, POINT_USER, 1), one);
    points_judge(r->points, NULL, NULL);
    stops_at(r, one, 4);
    assert_null(points_find(r->points, POINT_USER, 1));
}

int main(void)
{
#define RIG(test) cmocka_unit_test_setup_teardown(test, rig_open, rig_close)
    const struct CMUnitTest tests[] = {
        RIG(owners), RIG(narrowed), cmocka_unit_test(unchanged), RIG(counts), RIG(masters), RIG(judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
