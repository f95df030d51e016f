/* fake_machine.c - see fake_machine.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include "fake_machine.h"
#include "die.h"
#include <cmocka.h>

enum { SINKS = 16, FIRES_AT_ONE_MOMENT = 100000 };

struct machine {
    struct machine_config config;
    struct log *log;
    struct space *ports, *memory;
    struct ram *ram;
    struct device *devices;
    struct timer *timers;
    u64 now, fired, work, work_most;
    u32 timer_count;
    int sinks, holds;
    struct { bool (*sink)(void *dev, const struct input_event *e); void *dev; } sink[SINKS];
    enum machine_request request;
    u32 request_code;
    int log_lines;
    char log_last[512];
};

static void keep_line(void *to, const char *text)
{
    struct machine *m = to;
    m->log_lines++;
    snprintf(m->log_last, sizeof m->log_last, "%s", text);
}

static void count_access(void *to, u32 ns)
{
    (void)ns;
    ((struct machine *)to)->work++;
}

struct machine *fake_new(u64 ram_size)
{
    struct machine *m = xcalloc(1, sizeof *m);
    m->config.ram_size = ram_size;
    m->log = log_new();
    log_redirect(m->log, keep_line, m);
    m->ports = space_new("port", 16, 0, m->log);
    m->memory = space_new("memory", 32, PAGE_SHIFT, m->log);
    space_keep_time(m->ports, count_access, m, BUS_ISA_NS);
    space_keep_time(m->memory, count_access, m, BUS_PCI_NS);
    if (ram_size) {
        m->ram = ram_new("RAM", ram_size);
        space_add_ram(m->memory, "RAM", 0, ram_size, PRIORITY_RAM, m->ram, 0, true, REGION_READ | REGION_WRITE);
    }
    return m;
}

void fake_free(struct machine *m)
{
    for (struct device *d = m->devices, *next; d; d = next) {
        next = d->next;
        if (d->class->free)
            d->class->free(d);
        free(d);
    }
    space_free(m->ports);
    space_free(m->memory);
    ram_free(m->ram);
    log_free(m->log);
    free(m);
}

void fake_reset(struct machine *m)
{
    m->holds = 0;
    for (struct device *d = m->devices; d; d = d->next)
        if (d->class->reset)
            d->class->reset(d);
}

/* What iodev/machine/device.h promises. */

void *device_new(struct machine *m, const struct device_class *class, const char *id)
{
    struct device *d = xcalloc(1, class->size), **at = &m->devices;
    d->class = class;
    d->id = id;
    d->machine = m;
    if (class->log)
        log_class_add(m->log, class->log, class->title);
    while (*at)
        at = &(*at)->next;
    *at = d;
    return d;
}

void timer_init(struct machine *m, struct timer *t, const char *name, void (*fire)(void *), void *dev)
{
    struct timer **at = &m->timers;
    *t = (struct timer) { .name = name, .when = TIMER_OFF, .fire = fire, .dev = dev, .machine = m,
                          .order = m->timer_count++ };
    while (*at) {
        if (!strcmp((*at)->name, name))
            die("two timers named %s", name);
        at = &(*at)->next;
    }
    *at = t;
}

void timer_set(struct timer *t, u64 when) { t->when = when; }
u64 machine_now(const struct machine *m) { return m->now; }
u64 machine_clock_moment(const struct machine *m, u64 clocks) { (void)m; return clocks; }

struct region *port_claim(struct machine *m, const char *name, u16 first, int count, int width,
                          region_read *read, region_write *write, void *dev)
{
    struct region *r = space_add_device(m->ports, name, first, (u64)count, 0, width, read, write, dev);
    region_set_cost(r, BUS_ISA_NS);
    return r;
}

void port_tap(struct machine *m, const char *name, u16 first, int count, region_write *write, void *dev)
{
    space_add_tap(m->ports, name, first, (u64)count, write, dev);
}

struct region *mmio_claim(struct machine *m, const char *name, u64 base, u64 size, int width,
                          region_read *read, region_write *write, void *dev)
{
    struct region *r = space_add_device(m->memory, name, base, size, PRIORITY_PCI, width, read, write, dev);
    region_set_cost(r, BUS_PCI_NS);
    return r;
}

void dma_read(struct machine *m, u64 address, void *to, u64 n)
{
    m->work += 1 + n / WORK_BYTES;
    space_read_bytes(m->memory, address, to, n);
}

void dma_write(struct machine *m, u64 address, const void *from, u64 n)
{
    m->work += 1 + n / WORK_BYTES;
    space_write_bytes(m->memory, address, from, n);
}

void machine_hold(struct machine *m, bool on)
{
    m->holds += on ? 1 : -1;
    assert(m->holds >= 0);
}

void dev_irq(struct device *dev, enum irq_event what, int pin, u32 value) { (void)dev, (void)what, (void)pin, (void)value; }
void dev_work(struct device *dev, u64 units) { dev->machine->work += units; }

void machine_looked(struct machine *m)
{
    m->work_most = machine_work_most(m);
    m->work = 0;
}

u64 machine_work_most(const struct machine *m) { return m->work > m->work_most ? m->work : m->work_most; }

struct log *machine_log(const struct machine *m) { return m->log; }
struct space *machine_memory(const struct machine *m) { return m->memory; }
struct space *machine_ports(const struct machine *m) { return m->ports; }
const struct machine_config *machine_config(const struct machine *m) { return &m->config; }
struct device *machine_devices(const struct machine *m) { return m->devices; }

void machine_request(struct machine *m, enum machine_request what, u32 code)
{
    m->request = what;
    m->request_code = code;
}

void machine_input_sink(struct machine *m, bool (*sink)(void *dev, const struct input_event *e), void *dev)
{
    assert(m->sinks < SINKS);
    m->sink[m->sinks].sink = sink;
    m->sink[m->sinks++].dev = dev;
}

/* What the tests ask for. */

static struct timer *earliest(const struct machine *m)
{
    struct timer *best = NULL;
    for (struct timer *t = m->timers; t; t = t->next)
        if (t->when != TIMER_OFF && (!best || t->when < best->when))
            best = t;
    return best;
}

static void fire(struct machine *m, struct timer *t)
{
    if (t->when > m->now)
        m->now = t->when;
    t->when = TIMER_OFF;
    machine_looked(m);
    m->fired++;
    m->work++;
    t->fire(t->dev);
    machine_looked(m);
}

void fake_run_until(struct machine *m, u64 when)
{
    int at_one_moment = 0;
    for (struct timer *t; (t = earliest(m)) && t->when <= when; ) {
        at_one_moment = t->when > m->now ? 0 : at_one_moment + 1;
        if (at_one_moment > FIRES_AT_ONE_MOMENT)
            die("timer %s fires for ever at %llu ns", t->name, (unsigned long long)m->now);
        fire(m, t);
    }
    if (when > m->now)
        m->now = when;
}

void fake_advance(struct machine *m, u64 ns) { fake_run_until(m, m->now + ns); }
u64 fake_timers_fired(const struct machine *m) { return m->fired; }

u64 fake_next_timer(const struct machine *m)
{
    const struct timer *t = earliest(m);
    return t ? t->when : TIMER_OFF;
}

u64 fake_timer_when(const struct machine *m, const char *name)
{
    for (const struct timer *t = m->timers; t; t = t->next)
        if (!strcmp(t->name, name))
            return t->when;
    die("no timer named %s", name);
}

/* The processor waits for a device that works on. */
static void wait_for_hold(struct machine *m)
{
    machine_looked(m);
    while (m->holds) {
        struct timer *t = earliest(m);
        if (!t)
            die("the processor waits, and no timer is set");
        fire(m, t);
    }
}

static u32 in(struct machine *m, u16 port, int size)
{
    machine_looked(m);
    u32 value = (u32)space_read(m->ports, port, size);
    wait_for_hold(m);
    return value;
}

static void out(struct machine *m, u16 port, u32 v, int size)
{
    machine_looked(m);
    space_write(m->ports, port, v, size);
    wait_for_hold(m);
}

u8 fake_in8(struct machine *m, u16 port) { return (u8)in(m, port, 1); }
u16 fake_in16(struct machine *m, u16 port) { return (u16)in(m, port, 2); }
u32 fake_in32(struct machine *m, u16 port) { return in(m, port, 4); }
void fake_out8(struct machine *m, u16 port, u8 v) { out(m, port, v, 1); }
void fake_out16(struct machine *m, u16 port, u16 v) { out(m, port, v, 2); }
void fake_out32(struct machine *m, u16 port, u32 v) { out(m, port, v, 4); }
u8 *fake_ram(struct machine *m) { return m->ram->host; }

bool fake_input(struct machine *m, struct input_event e)
{
    e.when = m->now;
    for (int k = 0; k < m->sinks; k++)
        if (m->sink[k].sink(m->sink[k].dev, &e))
            return true;
    return false;
}

u64 fake_work_most(struct machine *m)
{
    u64 most = machine_work_most(m);
    m->work = m->work_most = 0;
    return most;
}

enum machine_request fake_take_request(struct machine *m, u32 *code)
{
    enum machine_request r = m->request;
    if (code)
        *code = m->request_code;
    m->request = REQUEST_NONE;
    return r;
}

int fake_log_lines(const struct machine *m) { return m->log_lines; }
const char *fake_log_last(const struct machine *m) { return m->log_last; }

static void wire_set(void *to, int pin, bool level)
{
    struct fake_wire *w = to;
    (void)pin;
    w->calls++;
    if (level == w->level)
        return;
    w->level = level;
    if (level) {
        w->rises++;
        w->rose_at = w->m ? w->m->now : 0;
    } else {
        w->falls++;
        w->fell_at = w->m ? w->m->now : 0;
    }
}

struct line fake_wire(struct fake_wire *w, struct machine *m)
{
    *w = (struct fake_wire) { .m = m };
    return (struct line) { wire_set, w, 0 };
}

void fake_check_fields(const struct device *dev)
{
    const struct device_class *c = dev->class;
    u8 *seen = xcalloc(c->state_size, 1);
    for (const struct field *f = c->fields; f->name; f++) {
        size_t end = f->offset + (size_t)f->size * f->count;
        if (end > c->state_size)
            fail_msg("%s: field %s lies outside the state", c->name, f->name);
        for (size_t k = f->offset; k < end; k++)
            if (seen[k]++)
                fail_msg("%s: byte %zu of the state is declared twice, last by %s", c->name, k, f->name);
    }
    for (size_t k = 0; k < c->state_size; k++)
        if (!seen[k])
            fail_msg("%s: byte %zu of the state is not declared", c->name, k);
    free(seen);
    assert_int_equal(fields_bytes(c->fields), c->state_size);
    assert_true(c->state_offset + c->state_size <= c->size);
}

void fake_check_all_fields(struct machine *m)
{
    for (struct device *d = m->devices; d; d = d->next)
        fake_check_fields(d);
}

/* A fixture's first member. */
static struct machine *machine_of(void **state) { return *(struct machine **)*state; }

void fake_test_fields(void **state) { fake_check_all_fields(machine_of(state)); }

int fake_tear_down(void **state)
{
    fake_free(machine_of(state));
    free(*state);
    return 0;
}

void fake_save_and_load(struct machine *m)
{
    size_t total = 0, at = 0;
    for (struct device *d = m->devices; d; d = d->next)
        total += d->class->state_size;
    u8 *image = xcalloc(total, 1);
    for (struct device *d = m->devices; d; d = d->next) {
        u8 *state = (u8 *)d + d->class->state_offset;
        at += fields_save(d->class->fields, state, image + at);
        memset(state, 0xa5, d->class->state_size);
    }
    at = 0;
    for (struct device *d = m->devices; d; d = d->next)
        at += fields_load(d->class->fields, (u8 *)d + d->class->state_offset, image + at);
    free(image);
    for (struct device *d = m->devices; d; d = d->next)
        if (d->class->restored)
            d->class->restored(d);
}

struct device *fake_device(struct machine *m, const char *id)
{
    for (struct device *d = m->devices; d; d = d->next)
        if (!strcmp(d->id, id))
            return d;
    return NULL;
}
