/* i8254.c - programmable interval timer.
 * Intel 8254 data sheet (order number 231164): "Write Operations", "Read Operations", "Mode Definitions",
 * "Operation Common to All Modes".
 * Here: all of it. A counter is not clocked: its state is kept for one CLK pulse (`at`) and moved on when somebody
 * looks, from one event (OUT changes, the count is reloaded) to the next. CLK pulse n falls at n / 1193182 s exactly.
 * A count of 1 in modes 2 and 3, which the data sheet forbids, leaves OUT high. */
#include "i8254.h"

enum { RW_LATCH, RW_LSB, RW_MSB, RW_BOTH };
enum { COUNTERS = 3, CONTROL = 3 };
#define NEVER UINT64_MAX

struct counter {
    u64 at;             /* the rest is valid after this CLK pulse */
    u32 ce;             /* counting element, as a number 0-65536 */
    u16 cr;             /* count register, as written; 0 is the largest count */
    u16 ol;             /* output latch */
    u8 mode, rw, bcd;   /* mode: as programmed, 0-7 */
    u8 gate, out;
    u8 written;         /* a whole count came since the control word */
    u8 null_count;      /* the count written is not in the counting element yet */
    u8 load;            /* the next CLK pulse loads it */
    u8 running;         /* it was loaded since the control word */
    u8 armed;           /* modes 4, 5: the strobe is still to come */
    u8 odd;             /* mode 3: the count of this half cycle is odd */
    u8 low_byte;        /* first byte of two written */
    u8 write_high, read_high;   /* the second byte is next */
    u8 count_latched, status_latched;
    u8 status, pad[7];
};

struct i8254 {
    struct device dev;
    struct line out[COUNTERS];
    struct timer timer[COUNTERS];

    struct i8254_state {
        struct counter c[COUNTERS];
    } s;
};

#define COUNTER_FIELD(n, member) FIELD(struct i8254_state, c[n].member)
#define COUNTER_FIELDS(n) \
    COUNTER_FIELD(n, at), COUNTER_FIELD(n, ce), COUNTER_FIELD(n, cr), COUNTER_FIELD(n, ol), COUNTER_FIELD(n, mode), \
    COUNTER_FIELD(n, rw), COUNTER_FIELD(n, bcd), COUNTER_FIELD(n, gate), COUNTER_FIELD(n, out), \
    COUNTER_FIELD(n, written), COUNTER_FIELD(n, null_count), COUNTER_FIELD(n, load), COUNTER_FIELD(n, running), \
    COUNTER_FIELD(n, armed), COUNTER_FIELD(n, odd), COUNTER_FIELD(n, low_byte), COUNTER_FIELD(n, write_high), \
    COUNTER_FIELD(n, read_high), COUNTER_FIELD(n, count_latched), COUNTER_FIELD(n, status_latched), \
    COUNTER_FIELD(n, status), FIELD_ARRAY(struct i8254_state, c[n].pad)
static const struct field fields[] = { COUNTER_FIELDS(0), COUNTER_FIELDS(1), COUNTER_FIELDS(2), FIELD_END };

/* Seconds and the rest apart, so that nothing overflows and nothing drifts. */
static u64 clocks_at(u64 ns) { return ns / 1000000000 * PIT_HZ + ns % 1000000000 * PIT_HZ / 1000000000; }
static u64 ns_of(u64 clock)
{
    return clock / PIT_HZ * 1000000000 + (clock % PIT_HZ * 1000000000 + PIT_HZ - 1) / PIT_HZ;
}

u64 i8254_clocks(const struct i8254 *pit) { return clocks_at(machine_now(pit->dev.machine)); }

/* Modes 6 and 7 are 2 and 3: the top bit is not decoded. */
static int mode_of(const struct counter *c) { return c->mode > 5 ? c->mode - 4 : c->mode; }
static u32 modulus(const struct counter *c) { return c->bcd ? 10000 : 65536; }

static u32 from_bcd(u16 v) { return (v >> 12) * 1000u + (v >> 8 & 15) * 100u + (v >> 4 & 15) * 10u + (v & 15); }
static u16 to_bcd(u32 v)
{
    return (u16)(v / 1000 % 10 << 12 | v / 100 % 10 << 8 | v / 10 % 10 << 4 | v % 10);
}

/* The count register as a number from 1 on. */
static u32 count_of(const struct counter *c)
{
    u32 n = c->bcd ? from_bcd(c->cr) % 10000 : c->cr;
    return n ? n : modulus(c);
}

static u16 reading(const struct counter *c) { return c->bcd ? to_bcd(c->ce) : (u16)c->ce; }

static void count_down(struct counter *c, u64 n)
{
    u32 m = modulus(c);
    c->ce = (u32)((c->ce + m - n % m) % m);
}

/* Put the count register into the counting element; mode 3 counts an even number by twos. */
static void reload(struct counter *c)
{
    u32 n = count_of(c);
    c->null_count = 0;
    c->odd = mode_of(c) == 3 && (n & 1);
    c->ce = n - c->odd;
}

/* The CLK pulse after a count or a trigger. */
static void load(struct counter *c)
{
    int mode = mode_of(c);
    reload(c);
    c->load = 0;
    c->running = 1;
    if (mode == 1)
        c->out = 0;
    else if (mode != 0)
        c->out = 1;
    c->armed = mode >= 4;
}

static bool gated_off(const struct counter *c)
{
    int mode = mode_of(c);
    return !c->gate && mode != 1 && mode != 5;
}

/* CLK pulses until something other than counting happens, NEVER if it does not by itself. */
static u64 until_event(const struct counter *c)
{
    int mode = mode_of(c);
    if (c->load)
        return 1;
    if (mode >= 4 && !c->out)
        return 1;                               /* the strobe ends, whatever GATE does */
    if (!c->running || gated_off(c))
        return NEVER;
    switch (mode) {
    case 0: case 1:
        return c->out ? NEVER : c->ce ? c->ce : modulus(c);
    case 2:
        return count_of(c) == 1 && c->ce <= 1 && c->out ? NEVER : c->ce > 1 ? c->ce - 1 : 1;
    case 3:
        if (count_of(c) == 1 && !c->null_count && c->ce == 0 && c->out)
            return NEVER;
        return c->ce / 2 + (c->odd && c->out) + (c->ce == 0 && !(c->odd && c->out));
    default:
        return c->armed ? (c->ce ? c->ce : modulus(c)) : NEVER;
    }
}

/* Count n pulses, in which nothing else happens. */
static void pass(struct counter *c, u64 n)
{
    c->at += n;
    if (!c->running || gated_off(c))
        return;
    if (mode_of(c) == 3)
        c->ce = 2 * n < c->ce ? c->ce - 2 * (u32)n : 0;
    else
        count_down(c, n);
}

/* The event that until_event() announced, n pulses from here. */
static void event(struct counter *c, u64 n)
{
    int mode = mode_of(c);
    if (c->load) {
        c->at++;
        load(c);
        return;
    }
    if (mode >= 4 && !c->out) {
        pass(c, 1);
        c->out = 1;
        return;
    }
    pass(c, n);
    switch (mode) {
    case 0: case 1:
        c->out = 1;
        break;
    case 2:
        if (c->out && c->ce == 1) {
            c->out = 0;
        } else {
            reload(c);
            c->out = 1;
        }
        break;
    case 3:
        c->out ^= 1;
        reload(c);
        if (c->ce == 0)
            c->out = 1;                         /* a count of 1 */
        break;
    default:
        c->out = 0;
        c->armed = 0;
    }
}

/* Whole cycles of modes 2 and 3 that end by `to` and leave everything as it is. One is kept to be walked through, so
 * that a connected wire sees its edges. */
static void skip_cycles(struct counter *c, u64 to)
{
    int mode = mode_of(c);
    u64 period = count_of(c);
    if (to - c->at < 2 * period || (mode != 2 && mode != 3) || period == 1 || !c->running || c->load || c->null_count || gated_off(c))
        return;
    u64 cycles = (to - c->at) / period;
    if (cycles > 1)
        c->at += (cycles - 1) * period;
}

/* Bring a counter to the present. Cycles that repeat are skipped as soon as they do: a count or a trigger that waits ends with
 * the cycle that runs, so that few events are ever walked through. */
static void sync(struct i8254 *pit, int k)
{
    struct counter *c = &pit->s.c[k];
    u64 to = i8254_clocks(pit);
    while (c->at < to) {
        skip_cycles(c, to);
        u64 n = until_event(c);
        dev_work(&pit->dev, 1);
        if (n > to - c->at) {
            pass(c, to - c->at);
            break;
        }
        u8 out = c->out;
        event(c, n);
        if (c->out != out)
            line_set(&pit->out[k], c->out);
    }
}

static void set_out(struct i8254 *pit, int k, bool out)
{
    if (pit->s.c[k].out == out)
        return;
    pit->s.c[k].out = out;
    line_set(&pit->out[k], out);
}

/* Set the timer for the next edge of a connected OUT. */
static void schedule(struct i8254 *pit, int k)
{
    struct counter c = pit->s.c[k];
    u8 out = c.out;
    if (!pit->out[k].set)
        return;
    while (c.out == out) {
        u64 n = until_event(&c);
        dev_work(&pit->dev, 1);
        if (n == NEVER) {
            timer_set(&pit->timer[k], TIMER_OFF);
            return;
        }
        event(&c, n);
    }
    timer_set(&pit->timer[k], ns_of(c.at));
}

static void edge(struct i8254 *pit, int k)
{
    sync(pit, k);
    schedule(pit, k);
}
static void edge0(void *dev) { edge(dev, 0); }
static void edge1(void *dev) { edge(dev, 1); }
static void edge2(void *dev) { edge(dev, 2); }

bool i8254_out(struct i8254 *pit, int counter)
{
    sync(pit, counter);
    return pit->s.c[counter].out;
}

int i8254_mode(const struct i8254 *pit, int counter) { return mode_of(&pit->s.c[counter]); }

u32 i8254_count(const struct i8254 *pit, int counter)
{
    return pit->s.c[counter].written ? count_of(&pit->s.c[counter]) : 0;
}

/* Counts of two bytes: something wants the counter to work after the first one. */
static void warn_half(const struct i8254 *pit, int k, const char *what)
{
    const struct counter *c = &pit->s.c[k];
    if (c->write_high)
        dev_log_key(&pit->dev, "unimp", k,
                      "pit: counter %d has got the low byte of a count (%02x) and waits for the "
                      "high one: %s", k, c->low_byte, what);
}

void i8254_gate(struct i8254 *pit, int k, bool level)
{
    struct counter *c = &pit->s.c[k];
    int mode = mode_of(c);
    sync(pit, k);
    if (c->gate == level)
        return;
    if (level)
        warn_half(pit, k, "its gate opens");
    c->gate = level;
    if (!level && (mode == 2 || mode == 3))
        set_out(pit, k, true);                  /* at once, without a CLK pulse */
    if (level && c->written && mode != 0 && mode != 4)
        c->load = 1;                            /* a trigger */
    schedule(pit, k);
}

static void control(struct i8254 *pit, int k, u8 v)
{
    struct counter *c = &pit->s.c[k];
    warn_half(pit, k, "a new control word comes instead");
    *c = (struct counter) { .at = c->at, .ce = c->ce, .gate = c->gate, .out = c->out, .null_count = 1,
                            .rw = v >> 4 & 3, .mode = v >> 1 & 7, .bcd = v & 1 };
    c->ce %= modulus(c);
    set_out(pit, k, mode_of(c) != 0);
    if (dev_log_on(&pit->dev, "timer"))
        dev_log(&pit->dev, "timer", "pit: counter %d in mode %d%s", k, mode_of(c),
                  c->bcd ? ", BCD" : "");
}

static void latch_count(struct counter *c)
{
    if (c->count_latched)
        return;
    c->ol = reading(c);
    c->count_latched = 1;
}

static void latch_status(struct counter *c)
{
    if (c->status_latched)
        return;
    c->status = (u8)(c->out << 7 | c->null_count << 6 | c->rw << 4 | c->mode << 1 | c->bcd);
    c->status_latched = 1;
}

static void write_control(struct i8254 *pit, u8 v)
{
    int k = v >> 6;
    if (k < COUNTERS) {
        sync(pit, k);
        if ((v >> 4 & 3) == RW_LATCH)
            latch_count(&pit->s.c[k]);
        else
            control(pit, k, v);
        schedule(pit, k);
        return;
    }
    for (k = 0; k < COUNTERS; k++) {            /* the read-back command; its selections are active low */
        if (!(v >> (k + 1) & 1))
            continue;
        sync(pit, k);
        if (!(v & 0x20))
            latch_count(&pit->s.c[k]);
        if (!(v & 0x10))
            latch_status(&pit->s.c[k]);
    }
}

/* A whole new count is in the count register: when it counts depends on the mode. */
static void count_written(struct i8254 *pit, int k)
{
    struct counter *c = &pit->s.c[k];
    int mode = mode_of(c);
    bool first = !c->written;
    c->written = 1;
    c->null_count = 1;
    if (mode == 0)
        set_out(pit, k, false);
    if (mode == 0 || mode == 4 || (first && (mode == 2 || mode == 3)))
        c->load = 1;
    if ((mode == 2 || mode == 3) && count_of(c) == 1)
        dev_log(&pit->dev, "guest", "pit: counter %d in mode %d with a count of 1", k, mode);
    if (dev_log_on(&pit->dev, "timer"))
        dev_log(&pit->dev, "timer", "pit: counter %d counts %u", k, count_of(c));
}

static void write_count(struct i8254 *pit, int k, u8 v)
{
    struct counter *c = &pit->s.c[k];
    if (c->rw == RW_BOTH && !c->write_high) {
        c->low_byte = v;
        c->write_high = 1;
        if (mode_of(c) == 0) {                  /* the first byte stops the counting */
            c->running = c->load = 0;
            set_out(pit, k, false);
        }
        return;
    }
    c->cr = c->rw == RW_LSB ? v : (u16)(v << 8 | (c->rw == RW_BOTH ? c->low_byte : 0));
    c->write_high = 0;
    count_written(pit, k);
}

static void pit_write(void *dev, u64 offset, u64 value, int size)
{
    struct i8254 *pit = dev;
    int k = (int)offset;
    (void)size;
    if (k == CONTROL) {
        write_control(pit, (u8)value);
        return;
    }
    sync(pit, k);
    if (pit->s.c[k].rw == RW_LATCH) {
        dev_log(&pit->dev, "guest", "pit: counter %d written before its control word", k);
        return;
    }
    write_count(pit, k, (u8)value);
    schedule(pit, k);
}

static u64 pit_read(void *dev, u64 offset, int size)
{
    struct i8254 *pit = dev;
    struct counter *c;
    (void)size;
    if (offset == CONTROL)
        return 0xff;                            /* "No-Operation (3-State)" */
    sync(pit, (int)offset);
    c = &pit->s.c[offset];
    warn_half(pit, (int)offset, "it is read");
    if (c->status_latched) {
        c->status_latched = 0;
        return c->status;
    }
    u16 v = c->count_latched ? c->ol : reading(c);
    bool high = c->rw == RW_MSB || (c->rw == RW_BOTH && c->read_high);
    if (c->rw == RW_BOTH)
        c->read_high ^= 1;
    if (c->rw != RW_BOTH || high)
        c->count_latched = 0;
    return high ? v >> 8 : v & 0xff;
}

/* The chip has no reset pin and wakes in no particular state: here without a count and OUT high. */
static void pit_reset(void *dev)
{
    struct i8254 *pit = dev;
    for (int k = 0; k < COUNTERS; k++) {
        pit->s.c[k] = (struct counter) { .at = i8254_clocks(pit), .gate = k != 2, .out = 1, .mode = 3 };
        line_set(&pit->out[k], true);
        timer_set(&pit->timer[k], TIMER_OFF);
    }
}

static void pit_restored(void *dev)
{
    struct i8254 *pit = dev;
    for (int k = 0; k < COUNTERS; k++)
        line_set(&pit->out[k], pit->s.c[k].out);
}

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    const struct i8254 *pit = dev;
    const struct counter *c = &pit->s.c[output];
    if (!c->written)
        snprintf(text, n, "counter %d has no count%s", output, c->write_high ? ": its second byte is missing" : "");
    else if (c->write_high)
        snprintf(text, n, "counter %d (mode %d) waits for the second byte of its count", output, mode_of(c));
    else if (!c->gate && mode_of(c) != 1 && mode_of(c) != 5)
        snprintf(text, n, "counter %d (mode %d) stands: GATE is low", output, mode_of(c));
    else if (high && (mode_of(c) == 2 || mode_of(c) == 3))
        snprintf(text, n, "OUT of counter %d (mode %d, count %u) makes its next edge by itself", output, mode_of(c), count_of(c));
    else if (high)
        snprintf(text, n, "counter %d (mode %d) has run out; a new count ends that", output, mode_of(c));
    else
        snprintf(text, n, "counter %d (mode %d, count %u) is counting", output, mode_of(c), count_of(c));
}

/* The counter as it is now; sync() without its consequences. */
static struct counter present(const struct i8254 *pit, int k)
{
    struct counter c = pit->s.c[k];
    u64 to = i8254_clocks(pit);
    while (c.at < to) {
        skip_cycles(&c, to);
        u64 n = until_event(&c);
        if (n > to - c.at) {
            pass(&c, to - c.at);
            break;
        }
        event(&c, n);
    }
    return c;
}

bool i8254_peek_out(const struct i8254 *pit, int counter) { return present(pit, counter).out; }

/* What a read would find, without moving on to the other byte. */
static bool pit_peek(void *dev, u64 offset, int size, u64 *value)
{
    const struct i8254 *pit = dev;
    (void)size;
    *value = 0xff;
    if (offset == CONTROL)
        return true;
    struct counter c = present(pit, (int)offset);
    u16 v = c.count_latched ? c.ol : reading(&c);
    bool high = c.rw == RW_MSB || (c.rw == RW_BOTH && c.read_high);
    *value = c.status_latched ? c.status : high ? v >> 8 : v & 0xff;
    return true;
}

static void describe(const void *dev, FILE *out)
{
    static const char *const modes[] = {
        "interrupt on terminal count", "hardware retriggerable one-shot", "rate generator", "square wave", "software triggered strobe",
        "hardware triggered strobe"
    };
    static const char *const rw[] = { "never programmed", "low byte only", "high byte only", "low byte, then high byte" };
    const struct i8254 *pit = dev;
    for (int k = 0; k < COUNTERS; k++) {
        const struct counter now = present(pit, k), *c = &now;
        u32 n = count_of(c);
        char name[16];
        snprintf(name, sizeof name, "counter %d", k);
        tell_line(out, name, "mode %d: %s, %s, %s", c->mode, modes[mode_of(c)], rw[c->rw], c->bcd ? "BCD" : "binary");
        if (c->written)
            tell_line(out, "", "count %u (%u.%03u Hz), at %u%s%s, OUT %s, GATE %s", n, PIT_HZ / n, (u32)((u64)PIT_HZ % n * 1000 / n), c->ce,
                      c->null_count ? ", not in the counting element yet (null count)" : "", c->write_high
                     ? ", a new count's high byte is awaited" : "",
                      c->out ? "high" : "low", c->gate ? "high" : "low");
        else
            tell_line(out, "", "%s, OUT %s, GATE %s", c->write_high ? "the high byte of its count is awaited" : "no count",
                      c->out ? "high" : "low", c->gate ? "high" : "low");
        if (c->count_latched || c->status_latched)
            tell_line(out, "", "latched:%s%s", c->count_latched ? " count" : "", c->status_latched ? " status" : "");
    }
}

static const struct device_class i8254_class = {
    .name = "i8254",
    .title = "programmable interval timer",
    .log = "timer",
    .size = sizeof(struct i8254),
    .state_offset = offsetof(struct i8254, s),
    .state_size = sizeof(struct i8254_state),
    .fields = fields,
    .reset = pit_reset,
    .restored = pit_restored,
    .irq_why = irq_why,
    .describe = describe,
};

struct i8254 *i8254_new(struct machine *m, u16 port, struct line out0)
{
    struct i8254 *pit = device_new(m, &i8254_class, "pit");
    timer_init(m, &pit->timer[0], "pit.0", edge0, pit);
    timer_init(m, &pit->timer[1], "pit.1", edge1, pit);
    timer_init(m, &pit->timer[2], "pit.2", edge2, pit);
    pit->out[0] = out0;
    region_set_peek(port_claim(m, "pit", port, 4, 1, pit_read, pit_write, pit), pit_peek);
    pit_reset(&pit->dev);
    return pit;
}

void i8254_connect(struct i8254 *pit, int counter, struct line out)
{
    pit->out[counter] = out;
    line_set(&pit->out[counter], i8254_out(pit, counter));
    schedule(pit, counter);
}
