/* clock.c - the machine's virtual time: what moves it, and how many ticks of the processor fit before an event.
 * Three things move it, all exact and the same in every engine: a tick of the processor (an instruction, or the delivery of an
 * event) takes the cost in force; an access to a device takes what its bus takes; with the processor halted the clock skips
 * to the next event. The cost may change while the machine runs, as an input: machine_input.c. */
#include "machine_parts.h"

enum {
    FRACTION_BITS = 16,             /* of a nanosecond */
    SLICE_TICKS = 1 << 20,          /* at most so many before machine_break() is looked at */
    REBASE_TICKS = 1 << 24,         /* and so many before products of ticks and cost could overflow */
    STEP_SHARE = 8,                 /* questions are in step whose distances differ by no more than this part */
};
/* The longest span that is worth a division, 3 days. */
static const u64 SPAN_MAX = 1ull << 47;

static u64 fraction_at(const struct machine *m, u64 ticks) { return (ticks - m->base_ticks) * m->cost + m->base_fraction; }
static u64 fraction_since_base(const struct machine *m) { return fraction_at(m, machine_ticks(m)); }

/* The same moment, reckoned from now. Exact: nothing is rounded away. */
static void rebase(struct machine *m)
{
    u64 passed = fraction_since_base(m);
    m->base_ns += passed >> FRACTION_BITS;
    m->base_fraction = (u32)(passed & ((1 << FRACTION_BITS) - 1));
    m->base_ticks = machine_ticks(m);
}

/* Ticks until the clock shows at least `when`, if it has counted so many; at most SLICE_TICKS. 0: it shows that now. */
static u64 ticks_between(const struct machine *m, u64 ticks, u64 when)
{
    u64 span = when > m->base_ns ? when - m->base_ns : 0, passed, need;
    if (span >= SPAN_MAX)
        return SLICE_TICKS;
    passed = fraction_at(m, ticks);
    need = span << FRACTION_BITS;
    if (need <= passed)
        return 0;
    need += m->cost - 1 - passed;
    need = m->cost == TICK_COST_1_NS ? need >> FRACTION_BITS : need / m->cost;
    return need < SLICE_TICKS ? need : SLICE_TICKS;
}

/* A device was accessed: time passes, and of the running budget less is left. */
static void spend(void *to, u32 ns)
{
    struct machine *m = to;
    if (!m->running) {
        machine_work(m, 1);
        return;                     /* not the processor: a bus master, in no time of the processor's */
    }
    cpu_work(m->cpu, 1);
    m->base_ns += ns;
    u64 left = ticks_between(m, machine_ticks(m), m->deadline);
    if (left)
        cpu_cut(m->cpu, left);
    else
        cpu_touch(m->cpu);
}

/* A program that asks again and again, with little in between, and as much each time, waits: then it is given its turn as an idle driver
 * gives it. (DOS asks for Ctrl+C at each of its calls: a program that works asks often, too, but not in step.)
 * Each further question takes a 64th of what it has waited, so that no wait becomes longer by more than that. */
static bool in_step(u64 between, u64 last) { return between - last + last / STEP_SHARE <= 2 * (last / STEP_SHARE); }


void clock_poll(void *to, int kind, u64 where)
{
    static const struct { u32 between, before; } rule[CPU_POLLS] = {   /* instructions; questions */
        [CPU_POLL_PAUSE] = { 200, 16 }, [CPU_POLL_KEYBOARD] = { 5000, 64 },
    };
    enum { SHARE = 64, MOST_NS = 1000000 };
    struct machine *m = to;
    struct poll *p = &m->poll[kind];
    u64 insns = cpu_insns(m->cpu), now = machine_now(m), between = insns - p->insns, skip, left;
    if (p->where != where || between > rule[kind].between || !in_step(between, p->between))
        *p = (struct poll) { .where = where, .since = now };
    p->insns = insns;
    p->between = between;
    if (++p->asked <= rule[kind].before || !m->running)
        return;
    skip = (now - p->since) / SHARE;
    left = timers_next(m) > now ? timers_next(m) - now : 0;     /* wherever the run is cut into pieces */
    skip = skip < MOST_NS ? skip : MOST_NS;
    if (skip && left)
        spend(m, (u32)(skip < left ? skip : left));
}

void clock_init(struct machine *m)
{
    m->cost = m->config.tick_cost ? m->config.tick_cost : TICK_COST_1_NS;
    assert(m->cost <= TICK_COST_MAX);
    space_keep_time(m->ports, spend, m, BUS_ISA_NS);
    space_keep_time(m->memory, spend, m, BUS_PCI_NS);
}

u64 machine_now(const struct machine *m)
{
    return m->base_ns + (fraction_since_base(m) >> FRACTION_BITS);
}

u64 clock_cpu(void *to)
{
    const struct machine *m = to;
    u64 now = machine_now(m), khz = m->config.clock_khz;
    return khz ? now / 1000000 * khz + now % 1000000 * khz / 1000000 : now;
}

u64 machine_clock_moment(const struct machine *m, u64 clocks)
{
    u64 khz = m->config.clock_khz, rest = khz ? clocks % khz : 0;
    if (!khz)
        return clocks;
    return clocks / khz > UINT64_MAX / 1000000 - 1 ? TIMER_OFF - 1 : clocks / khz * 1000000 + (rest * 1000000 + khz - 1) / khz;
}

u64 clock_ticks_until(struct machine *m, u64 when)
{
    if (machine_ticks(m) - m->base_ticks >= REBASE_TICKS)
        rebase(m);
    u64 ticks = ticks_between(m, machine_ticks(m), when);
    return ticks ? ticks : 1;
}

void clock_skip(struct machine *m, u64 when)
{
    if (when <= machine_now(m))
        return;
    m->base_ns = when;
    m->base_fraction = 0;
    m->base_ticks = machine_ticks(m);
}

void clock_set_cost(struct machine *m, u32 cost)
{
    rebase(m);
    m->cost = cost < 1 ? 1 : cost > TICK_COST_MAX ? TICK_COST_MAX : cost;
}

u32 machine_tick_cost(const struct machine *m) { return m->cost; }
