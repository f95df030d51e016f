/* machine.c - the clock, the devices, and the loop that runs the CPU between events.
 * An instruction takes 1000 / mips nanoseconds of virtual time; HLT with nothing to do takes none of the host's: the clock
 * skips to the next timer. Every event lands between two exact instructions, so runs repeat. */
#include "machine_parts.h"

enum {
    MIPS_DEFAULT = 1000,
    ADDRESS_BITS = 36,              /* P6: physical address lines */
    PORT_BITS = 16,
    SLICE_INSNS = 1 << 20,          /* at most so many before machine_break() is looked at */
};
/* The longest span that the clock's multiplications are asked for, 1000 s. */
static const u64 SPAN_MAX = 1000000000000ull;

/* ---- construction ---- */

static int board_intack(void *to)
{
    struct machine *m = to;
    return m->board.intack ? m->board.intack(m->board.board) : 0xff;
}

static void board_ferr(void *to, bool level)
{
    struct machine *m = to;
    if (m->board.ferr)
        m->board.ferr(m->board.board, level);
}

static void board_smiact(void *to, bool level)
{
    struct machine *m = to;
    if (m->board.smiact)
        m->board.smiact(m->board.board, level);
}

/* The CPU asks while it is being made, too. */
static u64 board_time(void *to) { return ((struct machine *)to)->cpu ? machine_now(to) : 0; }

struct machine *machine_new(const struct machine_config *config)
{
    struct machine *m = xcalloc(1, sizeof *m);
    m->config = *config;
    if (!m->config.mips)
        m->config.mips = MIPS_DEFAULT;
    m->log = log_new();
    m->memory = space_new("memory", ADDRESS_BITS, PAGE_SHIFT, m->log);
    m->ports = space_new("ports", PORT_BITS, 0, m->log);
    m->devices_end = &m->devices;
    m->timers_end = &m->timers;
    m->limit_insns = UINT64_MAX;
    atomic_init(&m->broken, false);
    struct cpu_wiring wiring = {
        .memory = m->memory, .ports = m->ports, .log = m->log, .board = m,
        .intack = board_intack, .ferr = board_ferr, .smiact = board_smiact, .time = board_time,
    };
    m->cpu = cpu_new(&wiring, config->model);
    cpu_set_engine(m->cpu, (enum cpu_engine)config->engine);
    input_init(m);
    return m;
}

void machine_free(struct machine *m)
{
    if (!m)
        return;
    cpu_free(m->cpu);
    for (struct device *dev = m->devices, *next; dev; dev = next) {
        next = dev->next;
        if (dev->class->free)
            dev->class->free(dev);
        free(dev);
    }
    timers_free(m);
    space_free(m->memory);
    space_free(m->ports);
    log_free(m->log);
    free(m);
}

void machine_set_board(struct machine *m, const struct machine_board *board) { m->board = *board; }

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
    *m->devices_end = dev;
    m->devices_end = &dev->next;
    return dev;
}

struct region *port_claim(struct machine *m, const char *name, u16 first, int count, int width,
                          region_read *read, region_write *write, void *dev)
{
    return space_add_device(m->ports, name, first, (u64)count, 0, width, read, write, dev);
}

struct region *mmio_claim(struct machine *m, const char *name, u64 base, u64 size, int width,
                          region_read *read, region_write *write, void *dev)
{
    return space_add_device(m->memory, name, base, size, PRIORITY_PCI, width, read, write, dev);
}

void dma_read(struct machine *m, u64 address, void *to, u64 n) { space_read_bytes(m->memory, address, to, n); }
void dma_write(struct machine *m, u64 address, const void *from, u64 n) { space_write_bytes(m->memory, address, from, n); }

struct log *machine_log(const struct machine *m) { return m->log; }
struct space *machine_memory(const struct machine *m) { return m->memory; }
struct space *machine_ports(const struct machine *m) { return m->ports; }
const struct machine_config *machine_config(const struct machine *m) { return &m->config; }
struct cpu *machine_cpu(const struct machine *m) { return m->cpu; }
struct device *machine_devices(const struct machine *m) { return m->devices; }
u32 machine_exit_code(const struct machine *m) { return m->exit_code; }

void machine_on_triple_fault(struct machine *m, void (*told)(void *to, struct cpu *cpu), void *to)
{
    m->on_triple_fault = told;
    m->on_triple_fault_to = to;
}
u64 machine_insns(const struct machine *m) { return cpu_insns(m->cpu); }
void machine_limit_insns(struct machine *m, u64 count) { m->limit_insns = count; }
void machine_break(struct machine *m) { atomic_store(&m->broken, true); }

/* ---- the clock ---- */

u64 machine_now(const struct machine *m)
{
    if (!m->cpu)                    /* its constructor asks for the time */
        return m->base_ns;
    return m->base_ns + (cpu_insns(m->cpu) - m->base_insns) * 1000 / m->config.mips;
}

/* Instructions from now until the clock shows at least `when`; at least 1. */
static u64 insns_until(const struct machine *m, u64 when)
{
    u64 ran = cpu_insns(m->cpu) - m->base_insns;
    u64 span = when > m->base_ns ? when - m->base_ns : 0;
    if (span > ran * 1000 / m->config.mips + SPAN_MAX)
        return SLICE_INSNS;
    /* The least n with n * 1000 / mips >= span, as unsigned division rounds down. */
    u64 whole = span / 1000, rest = span % 1000;
    u64 n = whole * m->config.mips + (rest * m->config.mips + 999) / 1000;
    return n > ran ? n - ran : 1;
}

/* Nothing runs: let the clock show `when`. */
static void skip_to(struct machine *m, u64 when)
{
    if (when <= machine_now(m))
        return;
    m->base_ns = when;
    m->base_insns = cpu_insns(m->cpu);
}

/* ---- requests ---- */

void machine_request(struct machine *m, enum machine_request what, u32 code)
{
    if (m->request == REQUEST_NONE || m->request == REQUEST_INIT)
        m->request = what;
    if (what == REQUEST_DEBUG_EXIT)
        m->exit_code = code;
    cpu_touch(m->cpu);
}

void machine_reset(struct machine *m)
{
    log_event(m->log, LOG_POWER, "reset at %llu ns", (unsigned long long)machine_now(m));
    cpu_reset(m->cpu);
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
    case REQUEST_INIT:
        cpu_init_pin(m->cpu);
        return false;
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

/* The CPU halted. True if the run ends. */
static bool idle(struct machine *m, u64 until, enum machine_stop *stop)
{
    u64 next = timers_next(m);
    cpu_sync(m->cpu);
    bool woken = (m->cpu->s.eflags & FLAG_IF) || (m->board.unmaskable && m->board.unmaskable(m->board.board));
    if (!woken || (next == TIMER_OFF && until == UINT64_MAX)) {
        *stop = STOP_HALTED_FOREVER;
        return m->request == REQUEST_NONE;
    }
    skip_to(m, least(next, until));
    return false;
}

/* Shutdown: the PIIX3 answers the special cycle with INIT# (82371SB data sheet, "INIT"); the firmware then looks at the
 * CMOS shutdown code and usually resets everything. */
static bool shut_down(struct machine *m, enum machine_stop *stop)
{
    log_event(m->log, LOG_POWER, "triple fault at %llu ns", (unsigned long long)machine_now(m));
    *stop = STOP_TRIPLE_FAULT;
    if (m->on_triple_fault)
        m->on_triple_fault(m->on_triple_fault_to, m->cpu);
    if (m->config.no_reboot)
        return true;
    cpu_init_pin(m->cpu);
    return false;
}

enum machine_stop machine_run(struct machine *m, u64 until)
{
    enum machine_stop stop;
    for (;;) {
        timers_fire(m);
        input_deliver(m);
        if (serve_request(m, &stop))
            return stop;
        if (atomic_exchange(&m->broken, false))
            return STOP_BREAK;
        if (machine_now(m) >= until)
            return STOP_DEADLINE;
        u64 insns = cpu_insns(m->cpu);
        if (insns >= m->limit_insns)
            return STOP_MAX_INSNS;
        u64 n = least(insns_until(m, least(timers_next(m), until)), SLICE_INSNS);
        m->running = true;
        enum cpu_exit why = cpu_run(m->cpu, least(n, m->limit_insns - insns));
        m->running = false;
        switch (why) {
        case EXIT_BUDGET:
        case EXIT_TOUCHED:
            break;
        case EXIT_HALTED:
            if (idle(m, until, &stop))
                return stop;
            break;
        case EXIT_SHUTDOWN:
            if (shut_down(m, &stop))
                return stop;
            break;
        case EXIT_BREAK:
            return STOP_BREAK;
        }
    }
}
