/* t_pace.c - virtual time follows a host's clock that the test invents: a machine of so many host nanoseconds a tick, busy or
 * halted, with hosts that change their speed, gaps, and named speeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../gui/session/pace.h"

enum { COST_1_NS = 1 << 16, MS = 1000000 };

/* A host and a machine on it. */
struct world {
    struct pace pace;
    u64 host, now, ticks;       /* ns, virtual ns, ticks */
    u64 fraction;
    double tick_takes;          /* host ns */
    double port_share;          /* of virtual time that passes in devices' cycles, which take the host a tenth of it */
    u64 worst_lag;
    int changes;
};

static void begin(struct world *w, double tick_takes, u32 cost)
{
    *w = (struct world) { .host = 5000ull * MS, .now = 70 * MS, .tick_takes = tick_takes };
    pace_start(&w->pace, w->host, w->now, w->ticks, cost);
}

/* As the session does it: run a little ahead of the host, wait while ahead. */
static void turn(struct world *w)
{
    u32 cost = w->pace.cost;
    pace_look(&w->pace, w->host, w->now, w->ticks);
    w->changes += w->pace.cost != cost;
    u64 target = pace_target(&w->pace, w->host);
    if (target <= w->now) {
        u64 wait = w->now - target + 1000;
        w->host += wait;
        pace_waited(&w->pace, wait);
        return;
    }
    if (target - w->now > w->worst_lag)
        w->worst_lag = target - w->now;
    u64 span = pace_stretch(&w->pace, w->host, w->now) - w->now, in_ports = (u64)((double)span * w->port_share);
    u64 ticks = ((span - in_ports) << 16) / w->pace.cost;
    w->ticks += ticks;
    w->now += in_ports + (ticks * w->pace.cost >> 16);
    w->host += (u64)((double)ticks * w->tick_takes) + in_ports / 10 + 20000;   /* and what a turn takes */
}

static void run(struct world *w, u64 ns)
{
    for (u64 end = w->host + ns; w->host < end; )
        turn(w);
}

/* Over ten seconds of the host's the machine's clock is within 1 %. */
static void follows(struct world *w)
{
    u64 host = w->host, now = w->now;
    run(w, 10000ull * MS);
    double ratio = (double)(w->now - now) / (double)(w->host - host);
    if (ratio < 0.99 || ratio > 1.01)
        fail_msg("%.3f virtual seconds a second, with %.1f ns a tick", ratio, w->tick_takes);
}

static void test_busy(void **state)
{
    static const double takes[] = { 0.3, 0.9, 1.0, 1.7, 4, 18, 90, 900 };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(takes); k++) {
        struct world w;
        begin(&w, takes[k], COST_1_NS);
        follows(&w);
        /* The processor is as fast as the host lets it be, not slower: the cost is what a tick takes. */
        double cost = (double)w.pace.cost / COST_1_NS, best = takes[k] > 1 ? takes[k] : 1;
        if (cost < best * 0.97 || cost > best * 1.1)
            fail_msg("a tick costs %.2f ns where %.2f would do", cost, best);
    }
}

/* The host becomes ten times slower, and fast again: the lag is gone within a few timer ticks, and no step is backwards. */
static void test_change(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 2, COST_1_NS);
    run(&w, 1000ull * MS);
    w.tick_takes = 20;
    run(&w, 250ull * MS);
    assert_true(w.now + 3 * MS > pace_target(&w.pace, w.host) || pace_target(&w.pace, w.host) - w.now < 10 * MS);
    w.tick_takes = 2;
    run(&w, 500ull * MS);
    follows(&w);
    assert_in_range(w.pace.cost, 2 * COST_1_NS * 97 / 100, 2 * COST_1_NS * 110 / 100);
}

/* A host that was very slow at first, as one that brings in its memory is: nothing of that stays. */
static void test_slow_start(void **state)
{
    static const double takes[] = { 50, 500, 5000, 50000 };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(takes); k++) {
        struct world w;
        begin(&w, takes[k], COST_1_NS);
        run(&w, 300ull * MS);
        w.tick_takes = 2;
        run(&w, 2000ull * MS);
        assert_in_range(w.pace.cost, 2 * COST_1_NS * 97 / 100, 2 * COST_1_NS * 115 / 100);
        follows(&w);
    }
}

/* A guest that polls devices: their cycles take less of the host's time than of the guest's. */
static void test_ports(void **state)
{
    (void)state;
    for (int k = 0; k <= 9; k++) {
        struct world w;
        begin(&w, 3, COST_1_NS);
        w.port_share = k / 10.0;
        follows(&w);
    }
}

/* The program was stopped: that time never was. */
static void test_gap(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 2, COST_1_NS);
    run(&w, 500ull * MS);
    u64 now = w.now;
    w.host += 3600000ull * MS;
    turn(&w);
    run(&w, 100ull * MS);
    assert_true(w.now - now < 120ull * MS);
    assert_true(w.now - now > 80ull * MS);
    u64 before = w.now;
    w.host += 700ull * MS;                      /* shorter than a second: lag, which is made up */
    run(&w, 400ull * MS);
    assert_true(w.now - before > 1050ull * MS);
    w.host += 900ull * MS;                      /* a pause that the session knows of */
    pace_gap(&w.pace, w.host, w.now, w.ticks);
    before = w.now;
    run(&w, 100ull * MS);
    assert_true(w.now - before < 120ull * MS);
}

/* A named speed is a ceiling, and a host that does not reach it is known. */
static void test_named(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 2, 30 * COST_1_NS);
    follows(&w);
    assert_int_equal(w.pace.cost, 30 * COST_1_NS);
    assert_int_equal(pace_percent(&w.pace), 100);
    assert_int_equal(w.changes, 0);
    w.tick_takes = 60;
    run(&w, 1000ull * MS);
    follows(&w);
    assert_in_range(pace_percent(&w.pace), 45, 51);
    pace_limit(&w.pace, 100 * COST_1_NS);       /* another one, which this host reaches */
    run(&w, 1000ull * MS);
    follows(&w);
    assert_int_equal(w.pace.cost, 100 * COST_1_NS);
}

/* Each change is an input of the run: a steady host makes few. */
static void test_steady(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 2, COST_1_NS);
    run(&w, 1000ull * MS);
    w.changes = 0;
    run(&w, 10000ull * MS);
    assert_in_range(w.changes, 0, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_busy), cmocka_unit_test(test_change), cmocka_unit_test(test_slow_start), cmocka_unit_test(test_ports),
                                        cmocka_unit_test(test_gap), cmocka_unit_test(test_named), cmocka_unit_test(test_steady) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
