/* irq_watch.c - keeps when, and by which instruction, what the interrupt controllers hold became so. See irq.h. */
#include "control.h"
#include "irq_parts.h"
#include <stdarg.h>

/* of_cpu: EFLAGS.IF changed, which it does so often that the time is not asked for. */
static struct irq_moment moment(const struct irq_watch *w, bool of_cpu)
{
    int vector = 0;
    const char *by = of_cpu || cpu_under_way(w->cpu) ? cpu_doing(w->cpu, &vector) : "";
    const struct segment *cs = cpu_segment(w->cpu, CS);
    return (struct irq_moment) {
        .insns = cpu_insns(w->cpu), .ns = of_cpu ? 0 : machine_now(w->m), .by = by, .eip = (u32)cpu_eip(w->cpu),
        .linear = (u32)(cs->base + cpu_eip(w->cpu)), .cs = cs->selector, .vector = (u8)vector,
    };
}

static void pic_told(struct irq_watch *w, struct irq_chip *c, enum irq_event what, int pin, u32 value)
{
    struct i8259_view was = c->now, *now = &c->now;
    struct irq_moment t = moment(w, false);
    i8259_view(c->pic, now);
    for (int k = 0; k < 8; k++) {
        u8 bit = (u8)(1 << k);
        struct irq_pin *p = &c->pin[k];
        if ((was.lines ^ now->lines) & bit)
            *(now->lines & bit ? &p->rose : &p->fell) = t;
        if ((was.imr ^ now->imr) & bit)
            p->masked = t;
        if (~was.isr & now->isr & bit)
            p->service = t;
        if (was.isr & ~now->isr & bit)
            p->ended = t;
        if (what == IRQ_LEVEL && k == pin && !value && (was.requests & ~now->requests & bit))
            c->withdrawn = k;
    }
    if (what == IRQ_TAKEN) {
        c->pin[pin].taken = t;
        c->pin[pin].count++;
    } else if (what == IRQ_SPURIOUS) {
        c->spurious = t;
        c->spurious_count++;
        c->spurious_vector = (u8)value;
        c->spurious_by = (i8)c->withdrawn;
    } else if (what == IRQ_REGISTERS && pin == 0 && (value & 0x10)) {
        c->icw1 = t;                            /* data sheet, "Initialization Command Words": D4 of the even port */
    }
}

static void io_told(struct irq_watch *w)
{
    struct irq_moment t = moment(w, false);
    for (int k = 0; k < IOAPIC_PINS; k++) {
        struct i82093aa_view was = w->pin[k].now, *now = &w->pin[k].now;
        i82093aa_view(w->io, k, now);
        if (was.level != now->level)
            *(now->level ? &w->pin[k].rose : &w->pin[k].fell) = t;
        if ((was.low ^ now->low) & ~(u32)(APIC_REMOTE_IRR | APIC_PENDING))
            w->pin[k].entry = t;
    }
}

static void lapic_told(struct irq_watch *w, enum irq_event what, u32 value)
{
    struct lapic_view was = w->local, *now = &w->local;
    struct irq_moment t = moment(w, false);
    lapic_view(w->lapic, now);
    if (was.software_enabled != now->software_enabled)
        w->svr = t;
    if (was.tpr != now->tpr)
        w->tpr = t;
    if (was.lvt_lint0 != now->lvt_lint0)
        w->lint0 = t;
    if (what == IRQ_TAKEN) {
        w->service[value & 0xff] = w->taken[value & 0xff] = t;
        w->count[value & 0xff]++;
    }
}

static void told(void *to, struct device *chip, enum irq_event what, int pin, u32 value)
{
    struct irq_watch *w = to;
    for (int k = 0; k < 2; k++)
        if (chip == (const struct device *)w->chip[k].pic)
            pic_told(w, &w->chip[k], what, pin, value);
    if (chip == (const struct device *)w->io)
        io_told(w);
    if (chip == (const struct device *)w->lapic)
        lapic_told(w, what, value);
}

void irq_look(struct irq_watch *w)
{
    for (int k = 0; k < 2; k++)
        if (w->chip[k].pic)
            pic_told(w, &w->chip[k], IRQ_REGISTERS, -1, 0);
    if (w->io)
        io_told(w);
    if (w->lapic)
        lapic_told(w, IRQ_REGISTERS, 0);
}

static void if_told(void *to, struct cpu *cpu)
{
    struct irq_watch *w = to;
    w->enabled = cpu_interruptible(cpu);
    w->interrupts = moment(w, true);
}

/* Which devices these are, and what they hold so far. */
static void find(struct irq_watch *w)
{
    for (const struct device *dev = machine_devices(w->m); dev; dev = dev->next) {
        const char *class = dev->class->name;
        if (!strcmp(class, "i8259")) {
            struct i8259_view v;
            i8259_view((const struct i8259 *)dev, &v);
            struct irq_chip *c = &w->chip[!v.master];
            *c = (struct irq_chip) { .pic = (const struct i8259 *)dev, .id = dev->id, .now = v, .withdrawn = -1 };
        } else if (!strcmp(class, "i82093aa")) {
            w->io = (const struct i82093aa *)dev;
            for (int k = 0; k < IOAPIC_PINS; k++)
                i82093aa_view(w->io, k, &w->pin[k].now);
        } else if (!strcmp(class, "lapic")) {
            w->lapic = (const struct lapic *)dev;
            lapic_view(w->lapic, &w->local);
        } else if (!strcmp(class, "hpet")) {
            w->hpet = (const struct hpet *)dev;
        } else if (!strcmp(class, "wires")) {
            w->wires = (const struct wires *)dev;
        }
    }
}

struct irq_watch *irq_watch_new(struct machine *m)
{
    struct irq_watch *w = xcalloc(1, sizeof *w);
    w->m = m;
    w->cpu = machine_cpu(m);
    w->enabled = cpu_interruptible(w->cpu);
    w->from = machine_insns(m);
    find(w);
    machine_watch_irqs(m, told, w);
    w->token = cpu_on_if(w->cpu, if_told, w);
    return w;
}

void irq_watch_beside(struct irq_watch *w, struct control *c) { control_beside(c, w, sizeof *w); }

void irq_watch_free(struct irq_watch *w)
{
    if (!w)
        return;
    machine_watch_irqs(w->m, NULL, w);
    cpu_unobserve(w->cpu, w->token);
    free(w);
}

void irq_watch_symbols(struct irq_watch *w, const struct symbols *symbols) { w->symbols = symbols; }

void irq_say(struct irq_say *s, const char *format, ...)
{
    va_list args;
    size_t used = strlen(s->text);
    va_start(args, format);
    vsnprintf(s->text + used, s->size - used, format, args);
    va_end(args);
}

void irq_say_when(struct irq_say *s, const struct irq_moment *t)
{
    unsigned long long n = t->insns;
    char name[80] = "", at[120];
    if (t->by && s->w->symbols)
        name_at(s->w->symbols, s->w->cpu, t->linear, name, sizeof name);
    snprintf(at, sizeof at, *name ? "%04x:%04x (%s)" : "%04x:%04x", t->cs, t->eip, name);
    if (!t->by && s->w->from)
        irq_say(s, "before insn %llu", (unsigned long long)s->w->from);
    else if (!t->by)
        irq_say(s, "power-on");
    else if (!strcmp(t->by, "delivery"))
        irq_say(s, "the delivery of vector %02x before %s, insn %llu", t->vector, at, n);
    else if (!strcmp(t->by, "iret"))            /* its CS may be the new one already */
        irq_say(s, "iret, insn %llu", n);
    else if (!*t->by)
        irq_say(s, "insn %llu, before %s", n, at);
    else if (!strcmp(t->by, "reset") || !strcmp(t->by, "SMI"))
        irq_say(s, "%s, insn %llu", t->by, n);
    else
        irq_say(s, "%s at %s, insn %llu", t->by, at, n);
}

static const struct device *device_of(const struct irq_watch *w, const char *id)
{
    for (const struct device *dev = machine_devices(w->m); dev; dev = dev->next)
        if (!strcmp(dev->id, id))
            return dev;
    return NULL;
}

/* The k-th of those who drive line n, NULL if there are no more. The shared PCI wire counts while it is high, or alone. */
static const char *driver(const struct irq_watch *w, int n, int k, int *output)
{
    const char *pci = NULL, *first = NULL;
    for (int source = 0; w->wires && n >= 0 && source < WIRE_SOURCES; source++) {
        bool level;
        const char *id = wires_driver(w->wires, n, source, output, &level);
        if (!id)
            continue;
        if (!strcmp(id, "pci") && !level) {
            pci = id;
            continue;
        }
        first = id;
        if (!k--)
            return w->hpet && n == 0 && hpet_legacy(w->hpet) && !strcmp(id, "pit") ? "hpet"
                   : w->hpet && n == 8 && hpet_legacy(w->hpet) && !strcmp(id, "rtc") ? "hpet" : id;
    }
    *output = 0;
    return !first && !k ? pci : NULL;
}

void irq_device(const struct irq_watch *w, int n, char *text, size_t size)
{
    const char *id;
    int output;
    *text = 0;
    for (int k = 0; (id = driver(w, n, k, &output)); k++)
        snprintf(text + strlen(text), size - strlen(text), "%s%s", k ? "+" : "", id);
    if (n == 2)
        snprintf(text, size, "cascade");
}

void irq_device_why(const struct irq_watch *w, int n, bool high, struct irq_say *s)
{
    const char *id;
    int output, said = 0;
    for (int k = 0; (id = driver(w, n, k, &output)); k++) {
        char text[160] = "";
        const struct device *dev = device_of(w, id);
        if (dev && dev->class->irq_why)
            dev->class->irq_why(dev, output, high, text, sizeof text);
        if (*text)
            irq_say(s, "%s%s: %s", said++ ? "; " : ": ", id, text);
        else if (!strcmp(id, "pci"))
            irq_say(s, "%s%s", said++ ? "; " : ": ", high ? "a PCI function asserts its INTx#"
                    : "no PCI function that is routed here asserts its INTx#");
    }
}
