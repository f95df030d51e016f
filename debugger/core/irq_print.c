/* irq_print.c - the interrupt lines as the debugger shows them. See irq.h. */
#include "irq_parts.h"

static void why(const struct irq_watch *w, int n, char *text, size_t size)
{
    struct irq_say s = { text, size, w };
    int pin = irq_apic_pin(w, n);
    *text = 0;
    if (pin >= 0)
        irq_apic_why(w, pin, n, &s);
    else
        irq_pic_why(w, n, &s);
    const struct irq_chip *c = &w->chip[n >= 8];
    if ((n & 7) != 7 || !c->spurious_count)
        return;
    irq_say(&s, "; %llu spurious (vector %02x, last ", (unsigned long long)c->spurious_count, c->spurious_vector);
    irq_say_when(&s, &c->spurious);
    if (c->spurious_by >= 0)
        irq_say(&s, ", after IRQ %d was withdrawn", c->spurious_by + (n & 8));
    irq_say(&s, ")");
}

static void moment_print(const struct irq_watch *w, const char *what, const struct irq_moment *t, FILE *out)
{
    char text[200] = "";
    struct irq_say s = { text, sizeof text, w };
    if (!t->by)
        return;
    irq_say_when(&s, t);
    fprintf(out, "    %-16s %s, %llu.%06llu ms\n", what, text, (unsigned long long)(t->ns / 1000000),
            (unsigned long long)(t->ns % 1000000));
}

static void chip_print(const struct irq_chip *c, FILE *out)
{
    const struct i8259_view *v = &c->now;
    if (!c->pic)
        return;
    fprintf(out, "%s: IRR %02x IMR %02x ISR %02x ELCR %02x, INT %s", c->id, v->requests, v->imr, v->isr, v->elcr, v->intr ? "high" : "low");
    if (v->waits_for)
        fprintf(out, ", waits for %s", v->waits_for);
    else
        fprintf(out, ", vectors %02x-%02x%s%s%s%s%s%s", v->icw2 & 0xf8, v->icw2 | 7, v->x86 ? "" : ", in 8080 mode",
                v->aeoi ? ", automatic EOI" : "", v->nested ? ", special fully nested" : "", v->special_mask ? ", special mask mode" : "",
                v->poll ? ", the next read is a poll" : "", v->single ? ", single" : "");
    if (v->lowest != 7)
        fprintf(out, ", rotated: IR%d is the lowest", v->lowest);
    fputc('\n', out);
}

static void cpu_print(const struct irq_watch *w, FILE *out)
{
    char text[200] = "";
    struct irq_say s = { text, sizeof text, w };
    irq_say_when(&s, &w->interrupts);
    fprintf(out, "CPU: IF=%d since %s; INTR %s%s\n", cpu_interruptible(w->cpu), text, cpu_intr_level(w->cpu) ? "high" : "low",
            cpu_activity(w->cpu) == ACTIVITY_HALTED ? "; halted" : cpu_activity(w->cpu) == ACTIVITY_SHUTDOWN ? "; shut down" : "");
}

static void lapic_print(const struct irq_watch *w, FILE *out)
{
    const struct lapic_view *l = &w->local;
    if (!w->lapic || !l->enabled)
        return;
    fprintf(out, "local APIC: %s, TPR %02x PPR %02x, LINT0 %s%s, in service:", l->software_enabled ? "on" : "off by software (SVR)", l->tpr,
            l->ppr, l->lvt_lint0 & APIC_MASKED ? "masked" : apic_mode(l->lvt_lint0) == APIC_EXTINT ? "passes the 8259A on" : "is no ExtINT",
            l->x2 ? ", x2APIC mode" : "");
    int any = 0;
    for (int v = 0; v < 256; v++)
        if (irq_vector_in(l->isr, v))
            fprintf(out, " %02x", v), any++;
    fputs(any ? "; asks:" : " none; asks:", out);
    any = 0;
    for (int v = 0; v < 256; v++)
        if (irq_vector_in(l->irr, v))
            fprintf(out, " %02x", v), any++;
    fputs(any ? "\n" : " none\n", out);
}

static void line_print(const struct irq_watch *w, int n, FILE *out)
{
    const struct irq_chip *c = &w->chip[n >= 8];
    int pin = n & 7, apic = irq_apic_pin(w, n), vector = c->now.waits_for ? 0 : (c->now.icw2 & 0xf8) | pin;
    u8 bit = (u8)(1 << pin);
    char name[40], text[500];
    u64 count = c->pin[pin].count;
    bool raised = c->now.requests & bit, masked = c->now.imr & bit, service = c->now.isr & bit;
    if (apic >= 0) {
        u32 low = w->pin[apic].now.low;
        vector = (int)(low & APIC_VECTOR);
        raised = irq_vector_in(w->local.irr, vector);
        masked = low & APIC_MASKED;
        service = irq_vector_in(w->local.isr, vector);
        count = w->count[vector];
    }
    irq_device(w, n, name, sizeof name);
    why(w, n, text, sizeof text);
    fprintf(out, "%2d %-10s %-5s %-7s %-7s %-8s %02x%s %llu\n      %s\n", n, name, c->now.lines & bit ? "high" : "low",
            raised ? "raised" : "-",
            masked ? "masked" : "-", service ? "service" : "-", vector, apic >= 0 ? "*" : " ", (unsigned long long)count, text);
}

/* Inputs of the I/O APIC that are nobody's but PCI's. */
static void pci_pins_print(const struct irq_watch *w, FILE *out)
{
    for (int pin = IRQ_LINES; w->io && w->local.enabled && pin < IOAPIC_PINS; pin++) {
        char text[500] = "";
        struct irq_say s = { text, sizeof text, w };
        if (w->pin[pin].now.low & APIC_MASKED)
            continue;
        irq_apic_why(w, pin, -1, &s);
        fprintf(out, "INTIN%d %s, entry %08x%08x, %llu\n      %s\n", pin, w->pin[pin].now.level ? "high" : "low", w->pin[pin].now.high,
                w->pin[pin].now.low, (unsigned long long)w->count[w->pin[pin].now.low & APIC_VECTOR], text);
    }
}

void irq_print(struct irq_watch *w, FILE *out)
{
    irq_look(w);
    cpu_print(w, out);
    lapic_print(w, out);
    chip_print(&w->chip[0], out);
    chip_print(&w->chip[1], out);
    fprintf(out, "   device     line  IRR     IMR     ISR      vector, delivered%s\n",
            w->lapic && w->local.enabled ? " (* through the I/O APIC)" : "");
    for (int n = 0; n < IRQ_LINES; n++)
        line_print(w, n, out);
    pci_pins_print(w, out);
}

void irq_print_line(struct irq_watch *w, int n, FILE *out)
{
    const struct irq_chip *c = &w->chip[n >= 8];
    const struct irq_pin *p = &c->pin[n & 7];
    irq_look(w);
    int apic = irq_apic_pin(w, n);
    line_print(w, n, out);
    if (apic >= 0) {
        int v = (int)(w->pin[apic].now.low & APIC_VECTOR);
        moment_print(w, "line rose", &w->pin[apic].rose, out);
        moment_print(w, "line fell", &w->pin[apic].fell, out);
        moment_print(w, "entry written", &w->pin[apic].entry, out);
        moment_print(w, "delivered", &w->taken[v], out);
        return;
    }
    moment_print(w, "line rose", &p->rose, out);
    moment_print(w, "line fell", &p->fell, out);
    moment_print(w, c->now.imr >> (n & 7) & 1 ? "masked" : "unmasked", &p->masked, out);
    moment_print(w, "delivered", &p->taken, out);
    moment_print(w, "EOI", &p->ended, out);
}

void irq_print_waiting(struct irq_watch *w, FILE *out)
{
    irq_look(w);
    cpu_print(w, out);
    irq_print_lines(w, out);
}

void irq_print_lines(struct irq_watch *w, FILE *out)
{
    irq_look(w);
    for (int n = 0; n < IRQ_LINES; n++) {
        const struct irq_chip *c = &w->chip[n >= 8];
        char name[40], text[500];
        int pin = irq_apic_pin(w, n);
        bool waits = pin >= 0 ? irq_apic_waits(w, pin) : c->now.requests >> (n & 7) & 1;
        if (!c->pic || n == 2 || !waits)
            continue;
        irq_device(w, n, name, sizeof name);
        why(w, n, text, sizeof text);
        fprintf(out, "IRQ %d (%s) waits: %s\n", n, name, text);
    }
}
