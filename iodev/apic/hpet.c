/* hpet.c - high precision event timer. IA-PC HPET (High Precision Event Timers) Specification 1.0a: "Register Model Overview",
 * "Timer N Configuration and Capabilities Register", "Timer N Comparator Register", "LegacyReplacement Route", "Periodic Mode".
 * Here: one block, a counter of 64 bits and three comparators of 64 bits, each one-shot or periodic, edge or level, at
 * 14.31818 MHz as in Intel's own. An edge-triggered output stays high from one interrupt to the next, so that an 8259A sees it.
 * Not yet: interrupts by front-side bus message (the capability bit says so). */
#include "hpet.h"

enum { PERIOD_FS = 69841279, FS_A_NS = 1000000 };
enum { CAPABILITIES = 0x000, CONFIGURATION = 0x010, STATUS = 0x020, COUNTER = 0x0f0, TIMERS = 0x100, TIMER_STEP = 0x20 };
enum { ENABLE_CNF = 1, LEG_RT_CNF = 2 };
enum {                          /* Timer N configuration */
    INT_TYPE = 1 << 1 /* level */, INT_ENB = 1 << 2, TYPE_PERIODIC = 1 << 3, PER_INT_CAP = 1 << 4, SIZE_CAP = 1 << 5,
    VAL_SET = 1 << 6, MODE_32 = 1 << 8, INT_ROUTE = 31 << 9, INT_ROUTE_SHIFT = 9
};
enum { TIMER_WRITABLE = INT_TYPE | INT_ENB | TYPE_PERIODIC | VAL_SET | MODE_32 | INT_ROUTE };

struct hpet {
    struct device dev;
    struct line legacy[2], route[4];
    struct timer timer[HPET_TIMERS];
    struct hpet_state {
        u64 counter, counted;   /* the main counter's value at that moment; it runs from there if enabled */
        u64 comparator[HPET_TIMERS], period[HPET_TIMERS];
        u32 configuration, status;
        u32 timer[HPET_TIMERS]; /* configuration */
        u8 edge[HPET_TIMERS];   /* edge-triggered: the output is high */
        u8 out[HPET_TIMERS];    /* what the timer's output is */
        u8 input[2];            /* PIT, RTC */
        u8 legacy[2], route[4]; /* levels of the wires */
        u8 pad[6];
    } s;
};

#define S(member) FIELD(struct hpet_state, member)
#define ROW(member) FIELD_ARRAY(struct hpet_state, member)
static const struct field fields[] = {
    S(counter), S(counted), ROW(comparator), ROW(period), S(configuration), S(status), ROW(timer), ROW(edge), ROW(out), ROW(input),
    ROW(legacy), ROW(route), ROW(pad),
    FIELD_END
};

/* ---- the main counter ---- */

/* Ticks in so many nanoseconds, and the nanoseconds after which so many ticks are over; whole periods apart, so that nothing
 * overflows. */
static u64 ticks_in(u64 ns) { return ns / PERIOD_FS * FS_A_NS + ns % PERIOD_FS * FS_A_NS / PERIOD_FS; }

static u64 ns_of(u64 ticks)
{
    u64 whole = ticks / FS_A_NS, rest = ticks % FS_A_NS;
    return whole * PERIOD_FS + (rest * PERIOD_FS + FS_A_NS - 1) / FS_A_NS;
}

static bool runs(const struct hpet *h) { return h->s.configuration & ENABLE_CNF; }

static u64 counter(const struct hpet *h)
{
    return h->s.counter + (runs(h) ? ticks_in(machine_now(h->dev.machine) - h->s.counted) : 0);
}

static void counter_set(struct hpet *h, u64 v)
{
    h->s.counter = v;
    h->s.counted = machine_now(h->dev.machine);
}

/* ---- outputs ---- */

static void drive(const struct line *line, u8 *level, bool to)
{
    if (*level == to)
        return;
    *level = to;
    line_set(line, to);
}

/* "LegacyReplacement Route": timers 0 and 1 take the places of PIT and RTC, and their own routing means nothing. */
static void update(struct hpet *h)
{
    bool legacy = h->s.configuration & LEG_RT_CNF, route[4] = { false };
    for (int n = 0; n < HPET_TIMERS; n++) {
        u32 t = h->s.timer[n], to = (t & INT_ROUTE) >> INT_ROUTE_SHIFT;
        h->s.out[n] = (t & INT_ENB) && (t & INT_TYPE ? h->s.status >> n & 1 : h->s.edge[n]);
        if (!(legacy && n < 2) && to >= HPET_FIRST_ROUTE && to <= HPET_LAST_ROUTE)
            route[to - HPET_FIRST_ROUTE] |= h->s.out[n];
    }
    for (int n = 0; n < 2; n++)
        drive(&h->legacy[n], &h->s.legacy[n], legacy ? h->s.out[n] : h->s.input[n]);
    for (int n = 0; n < 4; n++)
        drive(&h->route[n], &h->s.route[n], route[n]);
}

static void input_set(void *dev, int pin, bool level)
{
    struct hpet *h = dev;
    h->s.input[pin] = level;
    update(h);
}

struct line hpet_pit(struct hpet *h) { return (struct line) { input_set, h, 0 }; }
struct line hpet_rtc(struct hpet *h) { return (struct line) { input_set, h, 1 }; }

bool hpet_legacy(const struct hpet *h) { return h->s.configuration & LEG_RT_CNF; }

/* ---- the timers ---- */

static u64 mask_of(u32 t) { return t & MODE_32 ? 0xffffffff : UINT64_MAX; }

/* Ticks until the counter equals the comparator; 0: now. */
static u64 distance(const struct hpet *h, int n) { return (h->s.comparator[n] - counter(h)) & mask_of(h->s.timer[n]); }

/* Who has no interrupt and no status to show needs no clock of ours. `after`: the match of this very tick is done. */
static void schedule(struct hpet *h, int n, bool after)
{
    static const u64 far = 1ull << 60;      /* decades */
    u32 t = h->s.timer[n];
    u64 ticks = distance(h, n), since = ticks_in(machine_now(h->dev.machine) - h->s.counted);
    if (after && !ticks)
        ticks = t & MODE_32 ? 1ull << 32 : UINT64_MAX;
    if (!runs(h) || !(t & (INT_ENB | INT_TYPE)) || ticks > far / PERIOD_FS * FS_A_NS)
        timer_set(&h->timer[n], TIMER_OFF);
    else
        timer_set(&h->timer[n], h->s.counted + ns_of(since + ticks));
}

/* "Periodic Mode": the comparator moves on by the period when it matches; here when somebody looks, over as many as passed. */
static void move_on(struct hpet *h, int n)
{
    u32 t = h->s.timer[n];
    u64 mask = mask_of(t), period = h->s.period[n] & mask, behind = (counter(h) - h->s.comparator[n]) & mask;
    if (!(t & TYPE_PERIODIC) || !period || !runs(h) || behind > mask / 2)
        return;
    h->s.comparator[n] = (h->s.comparator[n] + (behind / period + 1) * period) & mask;
}

static void fire(struct hpet *h, int n)
{
    u32 t = h->s.timer[n];
    if (t & INT_TYPE) {
        h->s.status |= 1u << n;
    } else if (t & INT_ENB) {
        h->s.edge[n] = 0;                   /* a new edge */
        update(h);
        h->s.edge[n] = 1;
    }
    move_on(h, n);
    update(h);
    schedule(h, n, true);
}

static void fire0(void *dev) { fire(dev, 0); }
static void fire1(void *dev) { fire(dev, 1); }
static void fire2(void *dev) { fire(dev, 2); }

/* ---- registers ---- */

static u64 timer_read(struct hpet *h, int n, u64 at)
{
    if (at == 0)
        return h->s.timer[n] | PER_INT_CAP | SIZE_CAP | (u64)HPET_ROUTES << 32;
    if (at != 8)
        return 0;                           /* no front-side bus route */
    move_on(h, n);
    return h->s.comparator[n];
}

static u64 reg_read(struct hpet *h, u64 reg)
{
    u64 n = (reg - TIMERS) / TIMER_STEP;
    switch (reg) {
    case CAPABILITIES:  return HPET_ID | (u64)PERIOD_FS << 32;
    case CONFIGURATION: return h->s.configuration;
    case STATUS:        return h->s.status;
    case COUNTER:       return counter(h);
    default:            return reg >= TIMERS && n < HPET_TIMERS ? timer_read(h, (int)n, (reg - TIMERS) % TIMER_STEP) : 0;
    }
}

static void configuration_write(struct hpet *h, u32 v)
{
    u64 now = counter(h);
    h->s.configuration = v & (ENABLE_CNF | LEG_RT_CNF);
    counter_set(h, now);
    for (int n = 0; n < HPET_TIMERS; n++)
        schedule(h, n, false);
    update(h);
}

/* "a write to the comparator" of a periodic timer is its period; and with VAL_SET, for that one write, the comparator, too. */
static void comparator_write(struct hpet *h, int n, u64 v, u64 bits)
{
    u32 *t = &h->s.timer[n];
    bool periodic = *t & TYPE_PERIODIC;
    if (!periodic || (*t & VAL_SET))
        h->s.comparator[n] = ((h->s.comparator[n] & ~bits) | (v & bits)) & mask_of(*t);
    if (periodic)
        h->s.period[n] = ((h->s.period[n] & ~bits) | (v & bits)) & mask_of(*t);
    *t &= ~(u32)VAL_SET;
    schedule(h, n, false);
}

static void timer_write(struct hpet *h, int n, u64 at, u64 v, u64 bits)
{
    u32 *t = &h->s.timer[n], old = *t;
    move_on(h, n);
    if (at == 8) {
        comparator_write(h, n, v, bits);
        return;
    }
    if (at != 0)
        return;
    *t = (u32)(((old & ~bits) | (v & bits)) & TIMER_WRITABLE);
    if (!(*t & INT_ENB) || ((*t ^ old) & INT_TYPE))
        h->s.edge[n] = 0;
    if ((*t ^ old) & INT_TYPE)
        h->s.status &= ~(1u << n);
    h->s.comparator[n] &= mask_of(*t);
    update(h);
    schedule(h, n, true);
}

/* bits: which of the register's 64 are written. */
static void reg_write(struct hpet *h, u64 reg, u64 v, u64 bits)
{
    u64 n = (reg - TIMERS) / TIMER_STEP;
    switch (reg) {
    case CONFIGURATION:
        if (bits & 0xffffffff)
            configuration_write(h, (u32)v);
        return;
    case STATUS:
        h->s.status &= ~(u32)(v & bits);
        update(h);
        return;
    case COUNTER:
        if (runs(h))
            dev_log(&h->dev, "guest", "hpet: the main counter is written while it runs");
        counter_set(h, (counter(h) & ~bits) | (v & bits));
        for (int k = 0; k < HPET_TIMERS; k++)
            schedule(h, k, false);
        return;
    default:
        if (reg >= TIMERS && n < HPET_TIMERS)
            timer_write(h, (int)n, (reg - TIMERS) % TIMER_STEP, v, bits);
    }
}

/* "Software should not use smaller accesses than 32 bits, nor unaligned ones": reads give a part, writes nothing. */
static u64 hpet_read(void *dev, u64 offset, int size)
{
    (void)size;
    return reg_read(dev, offset & ~7ull) >> (8 * (offset & 7));
}

static void hpet_write(void *dev, u64 offset, u64 value, int size)
{
    struct hpet *h = dev;
    if (size < 4 || offset % (u64)size) {
        dev_log(&h->dev, "guest", "hpet: a write of %d bits at %#x", 8 * size, (int)offset);
        return;
    }
    int shift = 8 * (offset & 4);
    reg_write(h, offset & ~7ull, value << shift, size == 8 ? UINT64_MAX : 0xffffffffull << shift);
}

static void hpet_reset(void *dev)
{
    struct hpet *h = dev;
    struct hpet_state old = h->s;
    h->s = (struct hpet_state) { .counted = machine_now(h->dev.machine) };
    memcpy(h->s.input, old.input, sizeof old.input);
    memcpy(h->s.legacy, old.legacy, sizeof old.legacy);
    memcpy(h->s.route, old.route, sizeof old.route);
    for (int n = 0; n < HPET_TIMERS; n++) {
        h->s.comparator[n] = UINT64_MAX;
        timer_set(&h->timer[n], TIMER_OFF);
    }
    update(h);
}

static void hpet_restored(void *dev)
{
    struct hpet *h = dev;
    for (int n = 0; n < 2; n++)
        line_set(&h->legacy[n], h->s.legacy[n]);
    for (int n = 0; n < 4; n++)
        line_set(&h->route[n], h->s.route[n]);
}

static const struct bits timer_bits[] = {
    { "INT_ROUTE", 13, 9, NULL }, BIT("32 bits", 8), BIT("VAL_SET", 6), { "", 3, 3, (const char *const[]) { "one-shot", "periodic" } },
    BIT("INT_ENB", 2), { "", 1, 1, (const char *const[]) { "edge", "level" } }, BITS_END
};
static const struct bits configuration_bits[] = { BIT("LEG_RT_CNF", 1), BIT("ENABLE_CNF", 0), BITS_END };
static const struct shown registers[] = {
    SHOWN(struct hpet_state, configuration, "config", configuration_bits), SHOWN(struct hpet_state, status, "status", NULL),
    SHOWN(struct hpet_state, timer[0], "timer 0", timer_bits), SHOWN(struct hpet_state, timer[1], "timer 1", timer_bits),
    SHOWN(struct hpet_state, timer[2], "timer 2", timer_bits), SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    const struct hpet *h = dev;
    tell_line(out, "counter", "%llx, %s", (unsigned long long)counter(h), runs(h) ? "runs" : "stands");
    for (int n = 0; n < HPET_TIMERS; n++) {
        char name[16];
        snprintf(name, sizeof name, "timer %d", n);
        tell_line(out, name, "comparator %llx, period %llx, output %s", (unsigned long long)h->s.comparator[n],
                  (unsigned long long)h->s.period[n],
                  h->s.out[n] ? "high" : "low");
    }
}

static const struct device_class hpet_class = {
    .name = "hpet",
    .title = "high precision event timer",
    .size = sizeof(struct hpet),
    .state_offset = offsetof(struct hpet, s),
    .state_size = sizeof(struct hpet_state),
    .fields = fields,
    .reset = hpet_reset,
    .restored = hpet_restored,
    .registers = registers,
    .describe = describe,
};

struct hpet *hpet_new(struct machine *m, u64 base, struct line irq0, struct line irq8, const struct line route[4])
{
    static void (*const fires[HPET_TIMERS])(void *) = { fire0, fire1, fire2 };
    static const char *const names[HPET_TIMERS] = { "hpet.0", "hpet.1", "hpet.2" };
    struct hpet *h = device_new(m, &hpet_class, "hpet");
    h->legacy[0] = irq0;
    h->legacy[1] = irq8;
    memcpy(h->route, route, sizeof h->route);
    for (int n = 0; n < HPET_TIMERS; n++) {
        timer_init(m, &h->timer[n], names[n], fires[n], h);
        h->s.comparator[n] = UINT64_MAX;
    }
    mmio_claim(m, "hpet", base, HPET_SIZE, 8, hpet_read, hpet_write, h);
    return h;
}
