/* debug_ports.c - the ports that guests under an emulator know: E9 (Bochs, "port E9 hack"), the debug console; 402 (SeaBIOS, "debugging
 * with the debug console"), whose lines are traced; and isa-debug-exit at F4 (QEMU documentation). Reading E9 or 402 gives E9h:
 * the port is there.
 * Port EA, ours: the card's IOCHK#, so that a guest can bring about an NMI through port 61h as a faulty card would. A byte
 * n > 0 drives it n - 1 microseconds from now, 0 releases it. */
#include "debug_ports.h"
#include "../image/stream.h"

enum { PRESENT = 0xe9, NS_PER_US = 1000, LINE = 160 };

struct debug_ports {
    struct device dev;
    struct stream *out;
    struct line iochk;
    struct timer iochk_timer;
    char line[LINE];                    /* of port 402, as far as it has come; nobody in the guest sees it */
    int length;
    struct debug_ports_state {
        u8 last;                        /* byte written: nothing reads it back, but a debugger may */
    } s;
};

static const struct field fields[] = {
    FIELD(struct debug_ports_state, last),
    FIELD_END
};

static u64 text_read(void *dev, u64 offset, int size)
{
    (void)dev, (void)offset, (void)size;
    return PRESENT;
}

static void text_write(void *dev, u64 offset, u64 value, int size)
{
    struct debug_ports *d = dev;
    (void)offset, (void)size;
    d->s.last = (u8)value;
    if (!d->out)
        return;
    dev_work(&d->dev, WORK_HOST_CALL);
    if (!machine_repeats(d->dev.machine))
        stream_write(d->out, &d->s.last, 1);
}

/* Line by line, or as much of one as has room. */
static void firmware_write(void *dev, u64 offset, u64 value, int size)
{
    struct debug_ports *d = dev;
    (void)offset, (void)size;
    d->s.last = (u8)value;
    if (!dev_log_on(&d->dev, "firmware"))
        return;
    dev_work(&d->dev, WORK_HOST_CALL);
    if (d->s.last != '\n' && d->s.last != '\r')
        d->line[d->length++] = (char)d->s.last;
    if (d->length && (d->s.last == '\n' || d->length == LINE)) {
        dev_log(&d->dev, "firmware", "%.*s", d->length, d->line);
        d->length = 0;
    }
}

static void iochk_fire(void *dev) { line_set(&((struct debug_ports *)dev)->iochk, true); }

static void drive_iochk(struct debug_ports *d, u64 n)
{
    timer_set(&d->iochk_timer, n > 1 ? machine_now(d->dev.machine) + (n - 1) * NS_PER_US : TIMER_OFF);
    if (n < 2)
        line_set(&d->iochk, n);
}

static void exit_write(void *dev, u64 offset, u64 value, int size)
{
    struct debug_ports *d = dev;
    (void)size;
    if (!offset)
        machine_request(d->dev.machine, REQUEST_DEBUG_EXIT, (u32)value << 1 | 1);
}

static void iochk_write(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)size;
    drive_iochk(dev, value & 0xff);
}

static void post_write(void *dev, u64 offset, u64 value, int size)
{
    struct debug_ports *d = dev;
    (void)offset, (void)size;
    if (dev_log_on(&d->dev, "io"))
        dev_log(&d->dev, "io", "POST code %02x", (u8)value);
}

static void debug_ports_reset(void *dev) { drive_iochk(dev, 0); }

static void describe(const void *dev, FILE *out)
{
    const struct debug_ports *d = dev;
    u8 c = d->s.last;
    tell_line(out, "last byte", c >= ' ' && c < 0x7f ? "%02x, '%c'" : "%02x", c, c);
    tell_line(out, "text", d->out ? "is passed on" : "is passed on to nobody");
    if (d->iochk_timer.when != TIMER_OFF)
        tell_line(out, "IOCHK#", "is to be asserted at %llu ns", (unsigned long long)d->iochk_timer.when);
}

static const struct device_class debug_ports_class = {
    .name = "debug_ports",
    .title = "ports E9, EA, 402 and F4",
    .size = sizeof(struct debug_ports),
    .state_offset = offsetof(struct debug_ports, s),
    .state_size = sizeof(struct debug_ports_state),
    .fields = fields,
    .reset = debug_ports_reset,
    .describe = describe,
};

struct debug_ports *debug_ports_new(struct machine *m, const struct debug_ports_at *at, struct stream *out)
{
    struct debug_ports *d = device_new(m, &debug_ports_class, "debug");
    d->out = out;
    log_class_add(machine_log(m), "firmware", "what it writes to port 402");
    timer_init(m, &d->iochk_timer, "debug.iochk", iochk_fire, d);
    region_set_cost(port_claim(m, "debug.e9", at->text, 1, 1, text_read, text_write, d), BUS_PCI_NS);
    region_set_cost(port_claim(m, "debug.iochk", at->iochk, 1, 1, NULL, iochk_write, d), BUS_PCI_NS);
    region_set_cost(port_claim(m, "debug.402", at->text_seabios, 1, 1, text_read, firmware_write, d), BUS_PCI_NS);
    region_set_cost(port_claim(m, "debug.exit", at->exit, 4, 4, NULL, exit_write, d), BUS_PCI_NS);
    port_tap(m, "debug.post", at->post, 1, post_write, d);
    return d;
}

void debug_ports_wire_iochk(struct debug_ports *d, struct line iochk) { d->iochk = iochk; }
bool debug_ports_wait(const struct debug_ports *d) { return d->iochk_timer.when != TIMER_OFF; }
