/* machine_save.c - the machine written down and read back: clock, processor, memory, devices, what waits to enter, timers.
 * Order matters in loading alone: devices drive their outputs again (`restored`) when everything that they might look at or drive is
 * loaded, and timers come last, whatever that set. */
#include "../../memory/snapshot.h"
#include "keep.h"
#include "machine_parts.h"
#include "../../cpu/cpuid.h"
#include "../../cpu/timing.h"

static const struct field machine_fields[] = {
    FIELD(struct machine, base_ns), FIELD(struct machine, base_ticks), FIELD(struct machine, base_fraction), FIELD(struct machine, cost),
    { "poll", offsetof(struct machine, poll), sizeof(u64), CPU_POLLS * sizeof(struct poll) / sizeof(u64) },
    FIELD(struct machine, holds), FIELD(struct machine, request), FIELD(struct machine, exit_code),
    FIELD(struct machine, turn), FIELD(struct machine, turn_left), FIELD_END
};

static const char *model_name(const struct machine *m) { return m->config.model ? m->config.model->name : "no processor"; }

static const u8 zeros[PAGE_SIZE];

/* Pages of zeros are left out; the number behind the last page is none. */
static void save_ram(const struct ram *ram, struct writer *w)
{
    write_name(w, ram->name);
    write_number(w, ram->size);
    for (u64 at = 0; at < ram->size; at += PAGE_SIZE) {
        if (!memcmp(ram->host + at, zeros, PAGE_SIZE))
            continue;
        write_number(w, at >> PAGE_SHIFT);
        write_bytes(w, ram->host + at, PAGE_SIZE);
    }
    write_number(w, ram->size >> PAGE_SHIFT);
}

/* What is zero already is not written: memory that nobody touched stays so on the host. */
static void load_ram(struct ram *ram, struct reader *r)
{
    u64 pages = ram->size >> PAGE_SHIFT, size, next;
    u8 page[PAGE_SIZE];
    read_name(r, ram->name);
    if ((size = read_number(r)) != ram->size)
        read_refuse(r, "%s: expected %llu bytes, not %llu", ram->name, (unsigned long long)ram->size, (unsigned long long)size);
    next = read_at_most(r, pages, ram->name);
    for (u64 k = 0; k < pages && read_well(r); k++) {
        u8 *host = ram->host + (k << PAGE_SHIFT);
        memset(page, 0, sizeof page);
        if (k == next) {
            read_bytes(r, page, sizeof page);
            next = read_at_most(r, pages, ram->name);
        }
        if (memcmp(host, page, PAGE_SIZE)) {
            ram_written(ram, k << PAGE_SHIFT, PAGE_SIZE);
            memcpy(host, page, PAGE_SIZE);
        }
    }
}

/* What instructions cost: a person may have turned to another speed than the configuration's. */
static void save_timing(const struct machine *m, struct writer *w)
{
    write_name(w, cpu_timing_name(m->cpu_count ? cpu_timing(m->cpus[0]) : NULL));
}

static void load_timing(struct machine *m, struct reader *r)
{
    char name[16];
    read_any_name(r, name, sizeof name, "timing");
    const struct cpu_timing *timing = *name ? cpu_timing_find(name) : NULL;
    if (*name && !timing)
        read_refuse(r, "expected the timing of a processor, not of \"%s\"", name);
    for (int k = 0; k < m->cpu_count && read_well(r); k++)
        cpu_set_timing(m->cpus[k], timing);
}

/* A clock that does not stand still nor overflow, whatever the bytes say: it goes on where they do not fit. */
static void load_fields(struct machine *m, struct reader *r)
{
    u32 cost = m->cost;
    read_fields(r, machine_fields, m, "machine");
    if (m->holds < 0)
        read_refuse(r, "expected a number of devices that hold the processor, not %d", m->holds);
    if (m->cost >= 1 && m->cost <= TICK_COST_MAX)
        return;
    read_refuse(r, "expected a tick that costs 1 to %d, not %u", TICK_COST_MAX, m->cost);
    m->cost = cost;
}

static void load_timers(struct machine *m, struct reader *r)
{
    for (struct timer *t = m->timers; t; t = t->next) {
        read_name(r, t->name);
        u64 when = read_number(r);
        if (!read_well(r))
            return;
        timer_set(t, TIMER_OFF);
        timer_set(t, when);
    }
    if (m->holds && timers_next(m) == TIMER_OFF)
        read_refuse(r, "%d devices hold the processor, and no timer lets it go on", m->holds);
}

void machine_save_course(struct machine *m, struct writer *w)
{
    write_name(w, model_name(m));
    save_timing(m, w);
    write_fields(w, machine_fields, m);
    write_name(w, "input");
    input_save(m, w);
}

void machine_save_hardware(struct machine *m, struct writer *w)
{
    write_number(w, (u64)m->cpu_count);
    for (int k = 0; k < m->cpu_count; k++)
        cpu_save(m->cpus[k], w);
    for (struct device *dev = m->devices; dev; dev = dev->next) {
        write_name(w, dev->id);
        if (dev->class->fields)
            write_fields(w, dev->class->fields, (u8 *)dev + dev->class->state_offset);
    }
    write_name(w, "timers");
    for (struct timer *t = m->timers; t; t = t->next) {
        write_name(w, t->name);
        write_number(w, t->when);
    }
    write_name(w, "end");
}

void machine_save(struct machine *m, struct writer *w)
{
    machine_save_course(m, w);
    for (int k = 0; k < m->rams; k++)
        save_ram(m->ram[k], w);
    machine_save_hardware(m, w);
}

/* The clock and what is not yet to be looked at: the queue, which devices ask for more where they are restored, comes behind them. */
static void load_course(struct machine *m, struct reader *r)
{
    read_name(r, model_name(m));
    load_timing(m, r);
    load_fields(m, r);
    read_name(r, "input");
}

static bool load_hardware(struct machine *m, struct reader *r)
{
    if (read_number(r) != (u64)m->cpu_count)
        read_refuse(r, "another number of processors than %d", m->cpu_count);
    for (int k = 0; k < m->cpu_count; k++)
        cpu_load(m->cpus[k], r);
    m->turn = m->cpu_count ? m->turn % (u32)m->cpu_count : 0;
    m->cpu = m->cpus[m->turn];
    for (struct device *dev = m->devices; dev; dev = dev->next) {
        read_name(r, dev->id);
        if (dev->class->fields)
            read_fields(r, dev->class->fields, (u8 *)dev + dev->class->state_offset, dev->id);
    }
    if (!read_well(r))                          /* nobody is to look at half a state */
        return false;
    for (struct device *dev = m->devices; dev; dev = dev->next)
        if (dev->class->restored)
            dev->class->restored(dev);
    read_name(r, "timers");
    load_timers(m, r);
    read_name(r, "end");
    return read_well(r);
}

bool machine_load_kept(struct machine *m, struct reader *course, struct reader *hardware)
{
    load_course(m, course);
    if (read_well(course))
        input_load(m, course);
    if (!read_well(course))
        read_refuse(hardware, "%s", course->wrong);
    return read_well(course) && load_hardware(m, hardware);
}

bool machine_load(struct machine *m, struct reader *r)
{
    load_course(m, r);
    if (read_well(r))
        input_load(m, r);
    for (int k = 0; k < m->rams; k++)
        load_ram(m->ram[k], r);
    bool loaded = load_hardware(m, r);
    keep_loaded(m);
    return loaded;
}
