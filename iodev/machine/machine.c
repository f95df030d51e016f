/* machine.c - the devices, and the loop that runs the CPU between events. Every event lands between two exact instructions, so
 * runs repeat. Time is clock.c's. */
#include "keep.h"
#include "machine_parts.h"

enum {
    ADDRESS_BITS = 36,              /* P6: physical address lines */
    PORT_BITS = 16,
    WORK_RESET = 200,               /* units, for all devices */
};

/* ---- construction ---- */

void machine_place(void *to, char *text, size_t size)
{
    const struct cpu *cpu = ((struct machine *)to)->cpu;
    if (cpu)
        snprintf(text, size, ", %s %04x:%08x", cpu_under_way(cpu) ? "at" : "before", cpu_segment(cpu, CS)->selector,
                 (u32)cpu_eip(cpu));
}

struct machine *machine_new(const struct machine_config *config)
{
    struct machine *m = xcalloc(1, sizeof *m);
    m->config = *config;
    m->log = log_new();
    log_place(m->log, machine_place, m);
    log_class_add(m->log, "power", "resets");
    m->memory = space_new("memory", ADDRESS_BITS, PAGE_SHIFT, m->log);
    m->ports = space_new("ports", PORT_BITS, 0, m->log);
    m->devices_end = &m->devices;
    m->timers_end = &m->timers;
    m->limit_insns = UINT64_MAX;
    m->keep_ticks = m->keep_ns = UINT64_MAX;
    clock_init(m);
    atomic_init(&m->broken, false);
    input_init(m);
    if (config->model)
        machine_add_cpu(m);
    return m;
}

struct space *machine_new_view(struct machine *m)
{
    assert(m->views < MACHINE_VIEWS);
    return m->view[m->views++] = space_new_child(m->memory, "memory");
}

struct cpu *machine_add_cpu(struct machine *m)
{
    struct cpu_wiring wiring = {
        .memory = machine_new_view(m), .ports = m->ports, .log = m->log, .clock = m, .time = clock_cpu, .poll = clock_poll,
        .stop = &m->broken, .beside = m->cpus[0],
    };
    assert(m->cpu_count < CPUS_MAX);
    struct cpu *cpu = cpu_new(&wiring, m->config.model);
    cpu_set_timing(cpu, m->config.timing);
    cpu_set_engine(cpu, (enum cpu_engine)m->config.engine);
    m->cpus[m->cpu_count++] = cpu;
    m->cpu = m->cpus[0];
    m->turn_left = TURN_TICKS;
    return cpu;
}

void machine_free(struct machine *m)
{
    if (!m)
        return;
    for (int k = m->cpu_count; k-- > 0; )
        cpu_free(m->cpus[k]);
    for (struct device *dev = m->devices, *next; dev; dev = next) {
        next = dev->next;
        if (dev->class->free)
            dev->class->free(dev);
        free(dev);
    }
    timers_free(m);
    input_free(m);
    keep_free(m);
    free(m->irq_watchers);
    free(m->master_watchers);
    for (int k = 0; k < m->views; k++)
        space_free(m->view[k]);
    space_free(m->memory);
    space_free(m->ports);
    log_free(m->log);
    free(m);
}

void machine_on_halt(struct machine *m, bool (*unmaskable)(void *board), void *board)
{
    m->unmaskable = unmaskable;
    m->board = board;
}

void machine_add_ram(struct machine *m, struct ram *ram)
{
    assert(m->rams < RAMS_MAX);
    m->ram[m->rams++] = ram;
}

void *device_new(struct machine *m, const struct device_class *class, const char *id)
{
    struct device *dev = xcalloc(1, class->size);
    dev->class = class;
    dev->id = id;
    dev->machine = m;
    if (class->log)
        log_class_add(m->log, class->log, class->title);
    *m->devices_end = dev;
    m->devices_end = &dev->next;
    return dev;
}

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

static noinline void transfer_told(struct machine *m, u64 address, const void *bytes, u64 n, bool write)
{
    for (int k = 0; k < m->master_watcher_count; k++)
        m->master_watchers[k].told(m->master_watchers[k].to, &(struct machine_transfer) { address, n, bytes, write });
}

void dma_read(struct machine *m, u64 address, void *to, u64 n)
{
    machine_work(m, 1 + n / WORK_BYTES);
    space_read_bytes(m->memory, address, to, n);
    if (unlikely(m->master_watcher_count))
        transfer_told(m, address, to, n, false);
}

void dma_write(struct machine *m, u64 address, const void *from, u64 n)
{
    machine_work(m, 1 + n / WORK_BYTES);
    if (unlikely(m->master_watcher_count))
        transfer_told(m, address, from, n, true);
    space_write_bytes(m->memory, address, from, n);
}

void machine_hold(struct machine *m, bool on)
{
    m->holds += on ? 1 : -1;
    assert(m->holds >= 0);
    if (on)
        machine_touch(m);
}

void machine_work(struct machine *m, u64 units)
{
    if (m->cpu)
        cpu_work(m->cpu, units);
    else
        m->work += units;
}

void machine_touch(struct machine *m)
{
    if (m->cpu)
        cpu_touch(m->cpu);
}

void dev_work(struct device *dev, u64 units) { machine_work(dev->machine, units); }

void machine_looked(struct machine *m)
{
    if (m->cpu)
        cpu_looked(m->cpu);
    m->work_most = m->work > m->work_most ? m->work : m->work_most;
    m->work = 0;
}

u64 machine_work_most(const struct machine *m)
{
    u64 most = m->work > m->work_most ? m->work : m->work_most;
    for (int k = 0; k < m->cpu_count; k++)
        most = cpu_work_most(m->cpus[k]) > most ? cpu_work_most(m->cpus[k]) : most;
    return most;
}


struct log *machine_log(const struct machine *m) { return m->log; }
struct space *machine_memory(const struct machine *m) { return m->memory; }
struct space *machine_ports(const struct machine *m) { return m->ports; }
const struct machine_config *machine_config(const struct machine *m) { return &m->config; }
struct cpu *machine_cpu(const struct machine *m) { return m->cpus[0]; }
struct cpu *machine_cpu_at(const struct machine *m, int k) { return k < m->cpu_count ? m->cpus[k] : NULL; }
struct device *machine_devices(const struct machine *m) { return m->devices; }
u32 machine_exit_code(const struct machine *m) { return m->exit_code; }

void machine_on_triple_fault(struct machine *m, void (*told)(void *to, struct cpu *cpu), void *to)
{
    m->on_triple_fault = told;
    m->on_triple_fault_to = to;
}

void machine_watch_timers(struct machine *m, void (*told)(void *to, const struct timer *t), void *to)
{
    m->on_timer = told;
    m->on_timer_to = to;
}

void machine_watch_irqs(struct machine *m, void (*told)(void *to, struct device *chip, enum irq_event what, int pin, u32 value),
                        void *to)
{
    int kept = 0;
    for (int k = 0; k < m->irq_watcher_count; k++)
        if (told || m->irq_watchers[k].to != to)
            m->irq_watchers[kept++] = m->irq_watchers[k];
    m->irq_watcher_count = kept;
    if (!told)
        return;
    m->irq_watchers = xrealloc(m->irq_watchers, (size_t)(kept + 1) * sizeof *m->irq_watchers);
    m->irq_watchers[m->irq_watcher_count++] = (struct irq_watcher) { told, to };
}

void machine_watch_masters(struct machine *m, void (*told)(void *to, const struct machine_transfer *t), void *to)
{
    int kept = 0;
    for (int k = 0; k < m->master_watcher_count; k++)
        if (told || m->master_watchers[k].to != to)
            m->master_watchers[kept++] = m->master_watchers[k];
    m->master_watcher_count = kept;
    if (!told)
        return;
    m->master_watchers = xrealloc(m->master_watchers, (size_t)(kept + 1) * sizeof *m->master_watchers);
    m->master_watchers[m->master_watcher_count++] = (struct master_watcher) { told, to };
}

void dev_irq(struct device *dev, enum irq_event what, int pin, u32 value)
{
    struct machine *m = dev->machine;
    for (int k = 0; k < m->irq_watcher_count; k++)
        m->irq_watchers[k].told(m->irq_watchers[k].to, dev, what, pin, value);
}

u64 machine_insns(const struct machine *m)
{
    u64 sum = 0;
    for (int k = 0; k < m->cpu_count; k++)
        sum += cpu_insns(m->cpus[k]);
    return sum;
}

u64 machine_ticks(const struct machine *m)
{
    if (likely(m->cpu_count == 1))
        return cpu_ticks(m->cpus[0]);
    u64 sum = 0;
    for (int k = 0; k < m->cpu_count; k++)
        sum += cpu_ticks(m->cpus[k]);
    return sum;
}

static bool all_sleep(const struct machine *m)
{
    for (int k = 0; k < m->cpu_count; k++)
        if (!cpu_sleeps(m->cpus[k]))
            return false;
    return true;
}

u64 machine_sleeps_until(const struct machine *m)
{
    return all_sleep(m) && !m->inputs && m->request == REQUEST_NONE ? timers_next(m) : 0;
}
void machine_limit_insns(struct machine *m, u64 count) { m->limit_insns = count; }
void machine_break(struct machine *m) { atomic_store(&m->broken, true); }
void machine_break_no_more(struct machine *m) { atomic_store(&m->broken, false); }

/* ---- requests ---- */

void machine_request(struct machine *m, enum machine_request what, u32 code)
{
    if (m->request == REQUEST_NONE)
        m->request = what;
    if (what == REQUEST_DEBUG_EXIT)
        m->exit_code = code;
    machine_touch(m);
}

void machine_reset(struct machine *m)
{
    log_event(m->log, "power", "reset at %llu ns", (unsigned long long)machine_now(m));
    machine_work(m, WORK_RESET);
    for (int k = 0; k < m->cpu_count; k++)
        cpu_reset(m->cpus[k]);
    m->holds = 0;
    for (struct device *dev = m->devices; dev; dev = dev->next)
        if (dev->class->reset)
            dev->class->reset(dev);
    m->request = REQUEST_NONE;
}

/* True if the run ends, with the reason in *stop. */
static bool serve_request(struct machine *m, enum machine_stop *stop)
{
    enum machine_request what = m->request;
    m->request = REQUEST_NONE;
    switch (what) {
    case REQUEST_NONE:
        return false;
    case REQUEST_POWER_OFF:
        *stop = STOP_POWER_OFF;
        return true;
    case REQUEST_DEBUG_EXIT:
        *stop = STOP_DEBUG_EXIT;
        return true;
    case REQUEST_RESET:
        *stop = STOP_RESET;
        if (m->config.no_reboot)
            return true;
        machine_reset(m);
        return false;
    }
    return false;
}

/* ---- the run loop ---- */

static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* Nothing runs. True if the run ends. */
static bool idle(struct machine *m, u64 until, enum machine_stop *stop)
{
    u64 next = timers_next(m);
    bool woken = !m->cpu_count || (m->unmaskable && m->unmaskable(m->board));
    for (int k = 0; k < m->cpu_count; k++)
        woken |= cpu_interruptible(m->cpus[k]);
    if (!woken || (next == TIMER_OFF && until == UINT64_MAX)) {
        *stop = STOP_HALTED_FOREVER;
        return m->request == REQUEST_NONE;
    }
    clock_skip(m, least(next, until));
    return false;
}

/* ---- several processors: a turn is TURN_TICKS of one of them, and the machine's time passes in each ---- */

static void next_turn(struct machine *m)
{
    m->turn = (m->turn + 1) % (u32)m->cpu_count;
    m->cpu = m->cpus[m->turn];
    m->turn_left = TURN_TICKS;
}

/* How far the processor whose turn it is may go. */
static u64 turn_budget(const struct machine *m) { return m->cpu_count > 1 ? m->turn_left : UINT64_MAX; }

static void turn_took(struct machine *m, u64 ticks)
{
    if (m->cpu_count < 2)
        return;
    m->turn_left = ticks < m->turn_left ? m->turn_left - (u32)ticks : 0;
    if (!m->turn_left)
        next_turn(m);
}

/* The processor whose turn it is halted: another's turn, or, while all sleep, idle time. True if the run ends. */
static bool halted(struct machine *m, u64 until, enum machine_stop *stop)
{
    if (m->cpu_count > 1 && !all_sleep(m)) {
        next_turn(m);
        return false;
    }
    return idle(m, until, stop);
}

/* The processor shut down. True if the run ends: where the board does not answer the special cycle with INIT# or RESET, nothing else
 * can come. */
static bool shut_down(struct machine *m, struct cpu *cpu, enum machine_stop *stop)
{
    log_event(m->log, "power", "triple fault at %llu ns", (unsigned long long)machine_now(m));
    *stop = STOP_TRIPLE_FAULT;
    if (m->on_triple_fault && !m->repeats)
        m->on_triple_fault(m->on_triple_fault_to, cpu);
    return m->config.no_reboot || !cpu_will_reset(cpu);
}

/* Let the processor run whose turn it is, until something happens. True if the run ends. */
static bool run_stretch(struct machine *m, u64 until, enum machine_stop *stop)
{
    struct cpu *ran = m->cpu;
    u64 ticks = cpu_ticks(ran), least_ticks = least(m->limit_insns - machine_insns(m), keep_ticks_left(m));
    m->deadline = least(timers_next(m), until);
    m->running = true;
    enum cpu_exit why = cpu_run(ran, least(least(clock_ticks_until(m, m->deadline), least_ticks), turn_budget(m)));
    m->running = false;
    turn_took(m, cpu_ticks(ran) - ticks);
    switch (why) {
    case EXIT_BUDGET:
    case EXIT_TOUCHED:
        return false;
    case EXIT_HALTED:
        return m->cpu == ran && halted(m, until, stop);
    case EXIT_SHUTDOWN:
        if (!shut_down(m, ran, stop))
            return false;
        break;
    case EXIT_BREAK:
        *stop = STOP_BREAK;
    }
    timers_fire(m);                         /* as at every other place where it stops */
    input_deliver(m);
    return true;
}

/* What is due here has been done. True if the run ends here, with the reason in *stop; or *again: something has entered here. */
static bool looked(struct machine *m, u64 until, bool *again, enum machine_stop *stop)
{
    enum keep_look look = m->keepers ? keep_looks(m) : LOOK_ON;
    *again = look == LOOK_AGAIN;
    *stop = STOP_ASKED;
    if (*again)
        return false;
    if (look == LOOK_STOP || atomic_exchange(&m->broken, false))
        return true;
    *stop = STOP_DEADLINE;
    if (machine_now(m) >= until)
        return true;
    *stop = STOP_MAX_INSNS;
    return machine_insns(m) >= m->limit_insns;
}

enum machine_stop machine_run(struct machine *m, u64 until)
{
    enum machine_stop stop;
    bool again;
    for (;;) {
        timers_fire(m);
        input_deliver(m);
        if (serve_request(m, &stop))
            return stop;
        machine_looked(m);
        if (looked(m, until, &again, &stop))
            return stop;
        if (again)
            continue;
        u64 end = keep_until(m, until);
        if (!m->cpu_count) {
            if (idle(m, end, &stop))
                return stop;
        } else if (m->holds) {              /* on to what the device does next */
            assert(timers_next(m) != TIMER_OFF);
            clock_skip(m, least(timers_next(m), end));
        } else if (run_stretch(m, end, &stop)) {
            return stop;
        }
    }
}
