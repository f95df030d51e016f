/* lapic.c - the local APIC: which interrupts it accepts, and in which order the processor gets them.
 * Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)": "Local APIC", "Issuing Interprocessor Interrupts",
 * "Handling Interrupts", "Spurious Interrupt"; where P6 and Pentium differ, its notes and Pentium Processor Family Developer's
 * Manual Vol. 3 (1995), "Advanced Programmable Interrupt Controller".
 * Here: one processor, so that lowest priority is fixed and arbitration has one party. The two LINT entries start as every
 * firmware sets them first (MultiProcessor Specification 1.4, "Virtual Wire Mode": ExtINT, NMI), not masked, for ROMs that
 * know no APIC, and because SeaBIOS does not set them again after INIT.
 * Not yet: other processors; something that raises the thermal and performance counter entries. */
#include "lapic_parts.h"
#include "../../cpu/cpu.h"

#define S(member) FIELD(struct lapic_state, member)
static const struct field fields[] = {
    S(base), S(counted), S(deadline), S(count), S(initial), S(divide), S(id), S(tpr), S(ldr), S(dfr), S(svr), S(icr_low),
    S(icr_high), S(esr), S(errors), FIELD_ARRAY(struct lapic_state, lvt), FIELD_ARRAY(struct lapic_state, isr),
    FIELD_ARRAY(struct lapic_state, tmr), FIELD_ARRAY(struct lapic_state, irr), FIELD_ARRAY(struct lapic_state, lint),
    S(extint), S(intr), FIELD_ARRAY(struct lapic_state, pad),
    FIELD_END
};

u32 lapic_version(enum lapic_kind kind)
{
    static const u32 version[] = { [LAPIC_P5] = 0x00030010, [LAPIC_P6] = 0x00040011, [LAPIC_X2] = 0x01050014 };
    return version[kind];
}

bool lapic_has_lvt(const struct lapic *l, int n)
{
    return n == LVT_THERMAL ? l->kind >= LAPIC_X2 : n == LVT_PERF ? l->kind >= LAPIC_P6 : true;
}

static bool enabled(const struct lapic *l) { return l->s.base & APIC_BASE_EN; }
static bool software_enabled(const struct lapic *l) { return enabled(l) && (l->s.svr & SVR_ENABLE); }
bool lapic_is_x2(const struct lapic *l) { return enabled(l) && (l->s.base & APIC_BASE_EXTD); }

/* ---- sets of vectors ---- */

static bool has(const u32 set[8], int v)  { return set[v >> 5] >> (v & 31) & 1; }
static void put(u32 set[8], int v)        { set[v >> 5] |= 1u << (v & 31); }
static void take(u32 set[8], int v)       { set[v >> 5] &= ~(1u << (v & 31)); }

/* The highest vector, -1 if none. */
static int highest(const u32 set[8])
{
    for (int v = 255; v >= 0; v--)
        if (!set[v >> 5])
            v &= ~31;
        else if (has(set, v))
            return v;
    return -1;
}

/* ---- priorities ---- */

static u32 class_of(int v) { return v < 0 ? 0 : (u32)v & 0xf0; }

u32 lapic_ppr(const struct lapic *l)
{
    u32 isr = class_of(highest(l->s.isr));
    return (l->s.tpr & 0xf0) >= isr ? l->s.tpr : isr;
}

u32 lapic_apr(const struct lapic *l)
{
    u32 tpr = l->s.tpr & 0xf0, isr = class_of(highest(l->s.isr)), irr = class_of(highest(l->s.irr));
    if (tpr >= irr && tpr > isr)
        return l->s.tpr;
    return tpr > isr ? (tpr > irr ? tpr : irr) : isr > irr ? isr : irr;
}

/* The vector that is due, -1 if none: of a class above the processor's priority. */
static int due(const struct lapic *l)
{
    int v = highest(l->s.irr);
    return software_enabled(l) && v >= 0 && class_of(v) > (lapic_ppr(l) & 0xf0) ? v : -1;
}

/* ---- the local vector table ---- */

/* The level of a LINT pin as its entry's polarity reads it. */
static bool active(const struct lapic *l, int pin)
{
    return l->s.lint[pin] != !!(l->s.lvt[LVT_LINT0 + pin] & APIC_ACTIVE_LOW);
}

static bool extint(const struct lapic *l)
{
    for (int pin = 0; pin < 2; pin++) {
        u32 lvt = l->s.lvt[LVT_LINT0 + pin];
        if (!(lvt & APIC_MASKED) && apic_mode(lvt) == APIC_EXTINT && active(l, pin))
            return true;
    }
    return l->s.extint;
}

void lapic_update(struct lapic *l)
{
    bool level = enabled(l) ? extint(l) || due(l) >= 0 : l->s.lint[0];
    if (level == l->s.intr)
        return;
    l->s.intr = level;
    line_set(&l->w.intr, level);
}

static void pulse(const struct line *line)
{
    line_set(line, true);
    line_set(line, false);
}

/* "Error Handling": bits gather until ESR is written; each is an interrupt. */
void lapic_error(struct lapic *l, u32 bit)
{
    l->s.errors |= bit;
    if (bit != ESR_SEND_ACCEPT)                 /* how firmware finds out that there are no other processors */
        dev_log(&l->dev, "guest", "local APIC: %s", bit == ESR_ADDRESS ? "access to a reserved register"
                  : bit == ESR_SEND_VECTOR ? "a vector below 16 is sent" : "a vector below 16");
    u32 lvt = l->s.lvt[LVT_ERROR];
    if (!(lvt & APIC_MASKED) && (lvt & APIC_VECTOR) >= 16)
        lapic_self(l, (u8)lvt);
}

/* A fixed interrupt into IRR; false if the APIC does not take any. A second one of the same vector merges with the first. */
static bool accept(struct lapic *l, u8 vector, bool level)
{
    if (!software_enabled(l))
        return false;
    if (vector < 16) {
        lapic_error(l, ESR_RECEIVED_VECTOR);
        return true;
    }
    put(l->s.irr, vector);
    if (level)
        put(l->s.tmr, vector);
    else
        take(l->s.tmr, vector);
    lapic_update(l);
    dev_irq(&l->dev, IRQ_LEVEL, vector, true);
    return true;
}

void lapic_self(struct lapic *l, u8 vector) { accept(l, vector, false); }

/* NMI, SMI, INIT and StartUp come through while the APIC is disabled by software. This processor never waits for StartUp. */
static bool deliver(struct lapic *l, int mode, u8 vector, bool level)
{
    switch (mode) {
    case APIC_FIXED: case APIC_LOWEST:
        return accept(l, vector, level);
    case APIC_SMI:
        pulse(&l->w.smi);
        return true;
    case APIC_NMI:
        pulse(&l->w.nmi);
        return true;
    case APIC_INIT:
        pulse(&l->w.init);
        return true;
    case APIC_EXTINT:
        if (!software_enabled(l))
            return false;
        l->s.extint = 1;
        lapic_update(l);
        return true;
    default:
        return mode == APIC_STARTUP;
    }
}

void lapic_lvt_raise(struct lapic *l, int n)
{
    u32 lvt = l->s.lvt[n];
    if (lvt & APIC_MASKED)
        return;
    deliver(l, n == LVT_TIMER || n == LVT_ERROR ? APIC_FIXED : apic_mode(lvt), (u8)lvt, false);
}

/* LINT0 by level: once until its EOI. LINT1 has edges only. */
void lapic_lint_look(struct lapic *l)
{
    u32 *lvt = &l->s.lvt[LVT_LINT0], level = APIC_LEVEL | APIC_REMOTE_IRR | APIC_MASKED;
    if ((*lvt & level) == APIC_LEVEL && apic_mode(*lvt) == APIC_FIXED && active(l, 0) && accept(l, (u8)*lvt, true))
        *lvt |= APIC_REMOTE_IRR;
    lapic_update(l);
}

static void lint_set(void *dev, int pin, bool level)
{
    struct lapic *l = dev;
    bool was = active(l, pin), rises = level && !l->s.lint[pin];
    l->s.lint[pin] = level;
    if (!enabled(l)) {                          /* the pins are INTR and NMI */
        if (pin == 1 && rises)
            pulse(&l->w.nmi);
        lapic_update(l);
        return;
    }
    u32 lvt = l->s.lvt[LVT_LINT0 + pin];
    int mode = apic_mode(lvt);
    bool by_level = mode == APIC_EXTINT || (pin == 0 && mode == APIC_FIXED && (lvt & APIC_LEVEL));
    if (by_level)
        lapic_lint_look(l);
    else if (active(l, pin) && !was)
        lapic_lvt_raise(l, LVT_LINT0 + pin);
}

struct line lapic_lint(struct lapic *l, int pin) { return (struct line) { lint_set, l, pin }; }

/* ---- messages ---- */

/* "Determining IPI Destination". In x2APIC mode a message of eight bits reaches the first cluster. */
static bool addressed(const struct lapic *l, u32 destination, bool logical)
{
    bool x2 = lapic_is_x2(l);
    u32 all = l->kind < LAPIC_X2 ? 0x0f : 0xff;
    if (!logical)
        return x2 ? destination == l->s.id || destination == UINT32_MAX
                  : (destination & all) == l->s.id || (destination & all) == all;
    if (x2)
        return destination == UINT32_MAX || (destination >> 16 == l->s.ldr >> 16 && (destination & l->s.ldr & 0xffff));
    u32 mine = l->s.ldr >> 24;
    if (l->s.dfr >> 28 == 15)                   /* flat model */
        return destination & mine;
    bool cluster = (destination & 0xf0) == (mine & 0xf0) || (destination & 0xf0) == 0xf0;
    return cluster && (destination & mine & 15);
}

bool lapic_message(struct lapic *l, const struct apic_message *m)
{
    bool all = lapic_is_x2(l) && !m->logical && m->destination == 0xff;
    return enabled(l) && (all || addressed(l, m->destination, m->logical)) && deliver(l, m->mode, m->vector, m->level);
}

/* "Interrupt Command Register (ICR)". With one processor, whoever is not this one is nobody; up to the P6 the sender hears
 * that nobody accepted. */
void lapic_send(struct lapic *l)
{
    enum { SELF = 1, ALL = 2, OTHERS = 3, ASSERT = 1 << 14 };
    u32 icr = l->s.icr_low, shorthand = icr >> 18 & 3;
    int mode = apic_mode(icr);
    if (mode == APIC_INIT && (icr & APIC_LEVEL) && !(icr & ASSERT))
        return;                                 /* "INIT Level De-assert": arbitration IDs, of which there is one */
    if (mode == 3 || mode == APIC_EXTINT || ((shorthand == SELF || shorthand == ALL) && mode != APIC_FIXED)) {
        dev_log(&l->dev, "guest", "local APIC: ICR %08x is no valid combination", icr);
        return;
    }
    if (mode <= APIC_LOWEST && (icr & APIC_VECTOR) < 16) {
        lapic_error(l, ESR_SEND_VECTOR);
        return;
    }
    u32 destination = lapic_is_x2(l) ? l->s.icr_high : l->s.icr_high >> 24;
    bool self = shorthand == SELF || shorthand == ALL || (!shorthand && addressed(l, destination, icr & APIC_LOGICAL));
    if (dev_log_on(&l->dev, "int"))
        dev_log(&l->dev, "int", "local APIC: ICR %08x sent to %s", icr, self ? "itself" : "nobody");
    if (self)
        deliver(l, mode, (u8)icr, false);
    else if (l->kind < LAPIC_X2)
        lapic_error(l, ESR_SEND_ACCEPT);
}

/* ---- the processor ---- */

int lapic_ack(void *lapic)
{
    struct lapic *l = lapic;
    int v;
    if (!enabled(l) || extint(l)) {
        l->s.extint = 0;
        v = l->w.inta(l->w.to);
        lapic_update(l);
        return v;
    }
    v = due(l);
    if (v < 0) {
        v = l->s.svr & APIC_VECTOR;
    } else {
        take(l->s.irr, v);
        put(l->s.isr, v);
    }
    if (dev_log_on(&l->dev, "int"))
        dev_log(&l->dev, "int", "local APIC: vector %02x", v);
    bool spurious = v == (int)(l->s.svr & APIC_VECTOR) && !has(l->s.isr, v);
    lapic_update(l);
    dev_irq(&l->dev, spurious ? IRQ_SPURIOUS : IRQ_TAKEN, v, (u32)v);
    return v;
}

/* "Signaling Interrupt Servicing Completion" */
void lapic_eoi(struct lapic *l)
{
    int v = highest(l->s.isr);
    u32 *lint = &l->s.lvt[LVT_LINT0];
    if (v < 0)
        return;
    take(l->s.isr, v);
    if (has(l->s.tmr, v)) {
        if ((*lint & APIC_REMOTE_IRR) && (*lint & APIC_VECTOR) == (u32)v) {
            *lint &= ~(u32)APIC_REMOTE_IRR;
            lapic_lint_look(l);
        }
        if (!(l->s.svr & SVR_NO_EOI_BROADCAST) && l->w.eoi)
            l->w.eoi(l->w.to, (u8)v);
    }
    lapic_update(l);
    dev_irq(&l->dev, IRQ_REGISTERS, 0, (u32)v);
}

bool lapic_unmaskable(const struct lapic *l)
{
    int mode = apic_mode(l->s.lvt[LVT_LINT0]);
    return enabled(l) && !(l->s.lvt[LVT_LINT0] & APIC_MASKED) && (mode == APIC_SMI || mode == APIC_NMI || mode == APIC_INIT);
}

/* ---- states ---- */

/* "Local APIC State After Power-Up or Reset", "... After an INIT Reset": the ID and IA32_APIC_BASE survive the latter. */
static void registers_reset(struct lapic *l)
{
    struct lapic_state old = l->s;
    l->s = (struct lapic_state) { .base = old.base, .id = old.id, .dfr = UINT32_MAX, .svr = 0xff,
                                  .lint = { old.lint[0], old.lint[1] }, .intr = old.intr };
    for (int n = 0; n < LVTS; n++)
        l->s.lvt[n] = APIC_MASKED;
    l->s.lvt[LVT_LINT0] = APIC_EXTINT << 8;
    l->s.lvt[LVT_LINT1] = APIC_NMI << 8;
    timer_set(&l->timer, TIMER_OFF);
}

static void map(struct lapic *l)
{
    bool on = enabled(l) && !lapic_is_x2(l);
    if (!on)
        region_enable(l->page, 0);
    region_move(l->page, l->s.base & 0xfffffffffff000);
    if (on)
        region_enable(l->page, REGION_READ | REGION_WRITE);
}

/* Disabling loses what it held; in x2APIC mode the logical ID follows from the ID. */
static void base_set(void *dev, u64 base)
{
    struct lapic *l = dev;
    bool was_x2 = lapic_is_x2(l);
    l->s.base = base;
    if (!enabled(l))
        registers_reset(l);
    if (lapic_is_x2(l) && !was_x2) {
        l->s.ldr = (l->s.id >> 4) << 16 | 1u << (l->s.id & 15);
        l->s.icr_high = 0;
    }
    map(l);
    lapic_update(l);
    dev_irq(dev, IRQ_REGISTERS, 0, 0);
}

static void init(void *dev)
{
    struct lapic *l = dev;
    registers_reset(l);
    if (lapic_is_x2(l))
        l->s.ldr = (l->s.id >> 4) << 16 | 1u << (l->s.id & 15);
    lapic_update(l);
}

static void tsc_written(void *dev)
{
    struct lapic *l = dev;
    lapic_timer_schedule(l);
}

static void lapic_reset(void *dev)
{
    struct lapic *l = dev;
    l->s.base = LAPIC_DEFAULT_BASE | APIC_BASE_EN | APIC_BASE_BSP;
    l->s.id = 0;
    registers_reset(l);
    map(l);
    lapic_update(l);
    dev_irq(dev, IRQ_REGISTERS, 0, 0);
}

void lapic_view(const struct lapic *l, struct lapic_view *out)
{
    *out = (struct lapic_view) {
        .enabled = enabled(l), .software_enabled = software_enabled(l), .x2 = lapic_is_x2(l), .extint = extint(l), .intr = l->s.intr,
        .lint0 = l->s.lint[0], .id = l->s.id, .ldr = l->s.ldr, .dfr = l->s.dfr, .tpr = l->s.tpr, .ppr = lapic_ppr(l), .svr = l->s.svr,
        .lvt_lint0 = l->s.lvt[LVT_LINT0], .lvt_timer = l->s.lvt[LVT_TIMER], .due = due(l), .highest_isr = highest(l->s.isr),
    };
    memcpy(out->isr, l->s.isr, sizeof out->isr);
    memcpy(out->irr, l->s.irr, sizeof out->irr);
}

bool lapic_addressed(const struct lapic *l, u8 destination, bool logical)
{
    return addressed(l, destination, logical) || (lapic_is_x2(l) && !logical && destination == 0xff);
}

static void lapic_restored(void *dev)
{
    struct lapic *l = dev;
    map(l);
    line_set(&l->w.intr, l->s.intr);
}

static const char *const modes[8] = { "fixed", "mode 1", "SMI", "mode 3", "NMI", "INIT", "mode 6", "ExtINT" };
static const struct bits base_bits[] = { BIT("enabled", 11), BIT("x2APIC", 10), BIT("BSP", 8), BITS_END };
static const struct bits svr_bits[] = {
    BIT("no EOI broadcast", 12), BIT("focus check off", 9), { "", 8, 8, (const char *const[]) { "disabled by software", "enabled" } },
    { "spurious vector", 7, 0, NULL }, BITS_END
};
static const struct bits lvt_bits[] = {
    { "", 18, 17, (const char *const[]) { NULL, "periodic", "TSC deadline", "reserved" } }, BIT("masked", 16), BIT("level", 15),
    BIT("remote IRR", 14),
    BIT("active low", 13), { "", 10, 8, modes }, { "vector", 7, 0, NULL }, BITS_END
};

static void tell_vectors(FILE *out, const char *name, const u32 set[8])
{
    fprintf(out, "  %-9s", name);
    for (int v = 0; v < 256; v++)
        if (has(set, v))
            fprintf(out, " %02x", v);
    fputs(highest(set) < 0 ? " none\n" : "\n", out);
}

static void describe(const void *dev, FILE *out)
{
    static const char *const names[LVTS] = { "LVT timer", "LVT therm", "LVT perf", "LVT LINT0", "LVT LINT1", "LVT error" };
    const struct lapic *l = dev;
    tell_register(out, "base", (u32)l->s.base, 8, base_bits);
    tell_line(out, "ID", "%02x, LDR %08x, DFR %08x", l->s.id, l->s.ldr, l->s.dfr);
    tell_register(out, "SVR", l->s.svr, 4, svr_bits);
    tell_line(out, "priority", "TPR %02x, PPR %02x, APR %02x", l->s.tpr, lapic_ppr(l), lapic_apr(l));
    for (int k = 0; k < LVTS; k++)
        if (lapic_has_lvt(l, k))
            tell_register(out, names[k], l->s.lvt[k], 5, lvt_bits);
    tell_line(out, "timer", "initial %08x, current %08x, divide register %x, deadline %llx", l->s.initial, lapic_timer_count(l),
              l->s.divide,
              (unsigned long long)l->s.deadline);
    tell_vectors(out, "ISR", l->s.isr);
    tell_vectors(out, "TMR", l->s.tmr);
    tell_vectors(out, "IRR", l->s.irr);
    tell_line(out, "ESR", "%02x, gathers %02x", l->s.esr, l->s.errors);
    tell_line(out, "ICR", "%08x:%08x", l->s.icr_high, l->s.icr_low);
    tell_line(out, "pins", "LINT0 %s, LINT1 %s, INTR %s", l->s.lint[0] ? "high" : "low", l->s.lint[1] ? "high" : "low", l->s.intr
              ? "high" : "low");
}

static const struct device_class lapic_class = {
    .name = "lapic",
    .title = "local APIC",
    .log = "int",
    .size = sizeof(struct lapic),
    .state_offset = offsetof(struct lapic, s),
    .state_size = sizeof(struct lapic_state),
    .fields = fields,
    .reset = lapic_reset,
    .restored = lapic_restored,
    .describe = describe,
};

void lapic_attach(struct lapic *l, struct cpu *cpu)
{
    static const struct cpu_apic pins = { base_set, lapic_msr_read, lapic_msr_write, tsc_written, init };
    l->cpu = cpu;
    cpu_set_apic(cpu, &pins, l);
}

struct lapic *lapic_new(struct machine *m, u64 base, enum lapic_kind kind, const struct lapic_wiring *wiring)
{
    struct lapic *l = device_new(m, &lapic_class, "lapic");
    l->kind = kind;
    l->w = *wiring;
    /* Inside the processor: an access takes its instruction's time. */
    l->page = space_add_device(machine_memory(m), "lapic", base, PAGE_SIZE, PRIORITY_APIC, 4, lapic_page_read,
                               lapic_page_write, l);
    lapic_timer_init(l);
    l->s.base = LAPIC_DEFAULT_BASE | APIC_BASE_EN | APIC_BASE_BSP;
    registers_reset(l);
    return l;
}
