/* fake_machine.c - see fake_machine.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include "fake_machine.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/machine/machine_parts.h"
#include "../../memory/snapshot.h"
#include <cmocka.h>

/* What the tests keep beside the machine: a device of it. */
struct fake {
    struct device dev;
    struct ram *ram;
    struct timer tick;                          /* while a processor is held */
    enum machine_request request;               /* that machine_run was about to serve */
    int log_lines;
    char log_last[512];
};

static void fake_freed(void *dev)
{
    struct fake *f = dev;
    ram_free(f->ram);
}

static const struct field no_fields[] = { FIELD_END };
static const struct device_class fake_class = {
    .name = "fake", .title = "what a test keeps", .size = sizeof(struct fake), .fields = no_fields, .free = fake_freed,
};

static struct fake *fake_of(const struct machine *m) { return (struct fake *)machine_devices(m); }

static void keep_line(void *to, const char *text)
{
    struct fake *f = to;
    f->log_lines++;
    snprintf(f->log_last, sizeof f->log_last, "%s", text);
}

struct machine *fake_new(u64 ram_size)
{
    struct machine *m = machine_new(&(struct machine_config) { .ram_size = ram_size, .no_reboot = true });
    struct fake *f = device_new(m, &fake_class, "fake");
    log_redirect(machine_log(m), keep_line, f);
    if (ram_size) {
        f->ram = ram_new("RAM", ram_size);
        machine_add_ram(m, f->ram);
        space_add_ram(machine_memory(m), "RAM", 0, ram_size, PRIORITY_RAM, f->ram, 0, true, REGION_READ | REGION_WRITE);
    }
    return m;
}

enum { TICK_NS = 1000000 };
static void tick(void *dev)
{
    struct fake *f = dev;
    timer_set(&f->tick, machine_now(f->dev.machine) + TICK_NS);
}

void fake_add_cpu(struct machine *m, const char *model)
{
    m->config.model = cpu_model_find(model);
    machine_add_cpu(m);
    timer_init(m, &fake_of(m)->tick, "fake.tick", tick, fake_of(m));
    tick(fake_of(m));
    machine_hold(m, true);
}

void fake_free(struct machine *m) { machine_free(m); }

/* What a reset works is no call of one device's. */
void fake_reset(struct machine *m)
{
    machine_looked(m);
    u64 most = m->work_most;
    machine_reset(m);
    m->work = 0;
    m->work_most = most;
}

/* What the tests ask for. */

/* Time passes, whatever devices ask for meanwhile: the last of that is kept. */
static void run(struct machine *m, u64 when)
{
    struct fake *f = fake_of(m);
    for (;;) {
        if (m->request != REQUEST_NONE)
            f->request = m->request;
        m->request = REQUEST_NONE;
        switch (machine_run(m, when)) {
        case STOP_POWER_OFF:  f->request = REQUEST_POWER_OFF; break;
        case STOP_RESET:      f->request = REQUEST_RESET; break;
        case STOP_DEBUG_EXIT: f->request = REQUEST_DEBUG_EXIT; break;
        default:              return;
        }
    }
}

void fake_run_until(struct machine *m, u64 when)
{
    if (when >= machine_now(m))
        run(m, when);
}

void fake_advance(struct machine *m, u64 ns) { fake_run_until(m, machine_now(m) + ns); }
u64 fake_timers_fired(const struct machine *m) { return m->timers_fired; }
u64 fake_next_timer(const struct machine *m) { return timers_next(m); }

u64 fake_timer_when(const struct machine *m, const char *name)
{
    for (const struct timer *t = m->timers; t; t = t->next)
        if (!strcmp(t->name, name))
            return t->when;
    fail_msg("no timer named %s", name);
    return TIMER_OFF;
}

/* The processor waits for a device that works on. */
static void wait_for_hold(struct machine *m)
{
    machine_looked(m);
    while (m->holds) {
        if (timers_next(m) == TIMER_OFF)
            fail_msg("the processor waits, and no timer is set");
        run(m, timers_next(m));
    }
}

static u32 in(struct machine *m, u16 port, int size)
{
    machine_looked(m);
    u32 value = (u32)space_read(machine_ports(m), port, size);
    wait_for_hold(m);
    return value;
}

static void out(struct machine *m, u16 port, u32 v, int size)
{
    machine_looked(m);
    space_write(machine_ports(m), port, v, size);
    wait_for_hold(m);
}

u8 fake_in8(struct machine *m, u16 port) { return (u8)in(m, port, 1); }
u16 fake_in16(struct machine *m, u16 port) { return (u16)in(m, port, 2); }
u32 fake_in32(struct machine *m, u16 port) { return in(m, port, 4); }
void fake_out8(struct machine *m, u16 port, u8 v) { out(m, port, v, 1); }
void fake_out16(struct machine *m, u16 port, u16 v) { out(m, port, v, 2); }
void fake_out32(struct machine *m, u16 port, u32 v) { out(m, port, v, 4); }
u8 *fake_ram(struct machine *m) { return fake_of(m)->ram->host; }

bool fake_input(struct machine *m, struct input_event e)
{
    e.when = machine_now(m);
    for (int k = 0; k < m->sinks; k++)
        if (m->sink[k].take(m->sink[k].dev, &e))
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
    struct fake *f = fake_of(m);
    enum machine_request r = m->request != REQUEST_NONE ? m->request : f->request;
    if (code)
        *code = m->exit_code;
    m->request = f->request = REQUEST_NONE;
    return r;
}

int fake_log_lines(const struct machine *m) { return fake_of(m)->log_lines; }
const char *fake_log_last(const struct machine *m) { return fake_of(m)->log_last; }

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
        w->rose_at = w->m ? machine_now(w->m) : 0;
    } else {
        w->falls++;
        w->fell_at = w->m ? machine_now(w->m) : 0;
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
    for (struct device *d = machine_devices(m); d; d = d->next)
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
    struct writer w = { 0 };
    machine_save(m, &w);
    for (struct device *d = machine_devices(m); d; d = d->next)
        memset((u8 *)d + d->class->state_offset, 0xa5, d->class->state_size);
    struct reader r = { .bytes = w.bytes, .n = w.n };
    if (!machine_load(m, &r))
        fail_msg("what was saved does not load: %s", r.wrong);
    free(w.bytes);
}

struct device *fake_device(struct machine *m, const char *id)
{
    for (struct device *d = machine_devices(m); d; d = d->next)
        if (!strcmp(d->id, id))
            return d;
    return NULL;
}
