/* irq_apic.c - why a line through the I/O APIC and the local APIC does not come; and the processor's own reasons.
 * 82093AA data sheet, "I/O Redirection Table Registers"; SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)": "Interrupt
 * Acceptance for Fixed Interrupts", "Task and Processor Priorities". See irq.h. */
#include "irq_parts.h"
#include "../../iodev/apic/apic_map.h"

/* While no input of the I/O APIC is open but as a virtual wire (ExtINT), interrupts come through the 8259As. */
int irq_apic_pin(const struct irq_watch *w, int n)
{
    int pin = apic_map_isa(n);
    if (!w->io || !w->local.enabled || pin < 0)
        return -1;
    if (!(w->pin[pin].now.low & APIC_MASKED))
        return pin;
    if (w->chip[0].pic && !(w->chip[n >= 8].now.imr >> (n & 7) & 1))
        return -1;
    for (int k = 0; k < IOAPIC_PINS; k++)
        if (!(w->pin[k].now.low & APIC_MASKED) && apic_mode(w->pin[k].now.low) != APIC_EXTINT)
            return pin;
    return -1;
}

void irq_cpu_why(const struct irq_watch *w, struct irq_say *s)
{
    if (w->lapic && w->local.enabled && !w->local.intr && w->local.lint0) {
        u32 lvt = w->local.lvt_lint0;
        irq_say(s, "the 8259A asks, but LINT0 of the local APIC (LVT %08x) %s since ", lvt,
                lvt & APIC_MASKED ? "is masked" : apic_mode(lvt) != APIC_EXTINT ? "is not ExtINT" : "does not pass it on");
        irq_say_when(s, &w->lint0);
        return;
    }
    if (cpu_activity(w->cpu) == ACTIVITY_SHUTDOWN) {
        irq_say(s, "the CPU has shut down");
    } else if (!cpu_interruptible(w->cpu)) {
        irq_say(s, "CPU IF=0 since ");
        irq_say_when(s, &w->interrupts);
        if (cpu_in_smm(w->cpu))
            irq_say(s, "; it is in system management mode");
    } else {
        irq_say(s, "it comes at the next instruction boundary that lets it");
    }
}

/* Accepted by the local APIC, in IRR. */
static void in_irr(const struct irq_watch *w, int v, struct irq_say *s)
{
    const struct lapic_view *l = &w->local;
    if ((u32)(v & 0xf0) > (l->ppr & 0xf0)) {
        irq_cpu_why(w, s);
        return;
    }
    irq_say(s, "vector %02x waits in the local APIC: the processor's priority is %02x, ", v, l->ppr);
    if (l->highest_isr >= 0 && (l->highest_isr & 0xf0) >= (v & 0xf0)) {
        irq_say(s, "with vector %02x in service since ", l->highest_isr);
        irq_say_when(s, &w->service[l->highest_isr]);
    } else {
        irq_say(s, "TPR since ");
        irq_say_when(s, &w->tpr);
    }
}

static bool refused(const struct irq_watch *w, int pin, struct irq_say *s)
{
    const struct lapic_view *l = &w->local;
    u32 low = w->pin[pin].now.low;
    u8 destination = (u8)(w->pin[pin].now.high >> 24);
    int v = (int)(low & APIC_VECTOR);
    if (low & APIC_MASKED) {
        irq_say(s, "masked at the I/O APIC (INTIN%d) since ", pin);
        irq_say_when(s, &w->pin[pin].entry);
    } else if (!l->software_enabled) {
        irq_say(s, "the local APIC is disabled by software (bit 8 of SVR %03x) since ", l->svr);
        irq_say_when(s, &w->svr);
    } else if (apic_mode(low) <= APIC_LOWEST && v < 16) {
        irq_say(s, "INTIN%d's entry has vector %02x: those below 10 are not accepted", pin, v);
    } else if (!lapic_addressed(w->lapic, destination, low & APIC_LOGICAL)) {
        irq_say(s, "INTIN%d's entry names the %s destination %02x: nobody's (APIC ID %02x, LDR %08x)", pin,
                low & APIC_LOGICAL ? "logical" : "physical", destination, l->id, l->ldr);
    }
    return *s->text;
}

bool irq_apic_waits(const struct irq_watch *w, int pin)
{
    const struct i82093aa_view *io = &w->pin[pin].now;
    int v = (int)(io->low & APIC_VECTOR);
    bool kept = irq_vector_in(w->local.isr, v) || irq_vector_in(w->local.irr, v);
    return io->active && (io->low & (APIC_LEVEL | APIC_MASKED) || kept || !w->taken[v].by);
}

void irq_apic_why(const struct irq_watch *w, int pin, int n, struct irq_say *s)
{
    const struct i82093aa_view *io = &w->pin[pin].now;
    int v = (int)(io->low & APIC_VECTOR);
    bool fixed = apic_mode(io->low) <= APIC_LOWEST;
    if (refused(w, pin, s))
        return;
    if (fixed && irq_vector_in(w->local.isr, v)) {
        irq_say(s, "vector %02x in service, no EOI to the local APIC since ", v);
        irq_say_when(s, &w->service[v]);
    } else if (fixed && irq_vector_in(w->local.irr, v)) {
        in_irr(w, v, s);
    } else if (io->low & APIC_REMOTE_IRR) {
        irq_say(s, "INTIN%d still waits for the EOI of a level (remote IRR), but vector %02x is not in service: its EOI went astray",
                pin, v);
    } else if (!io->active) {
        irq_say(s, w->pin[pin].rose.by ? "the device does not raise it now" : "the device has not raised it");
        if (io->low & APIC_ACTIVE_LOW)
            irq_say(s, ": INTIN%d is high, and its entry says active low", pin);
        irq_device_why(w, n, io->level, s);
    } else {
        irq_say(s, w->taken[v].by ? "delivered, and the line has been high since: no new edge"
                : "the line is high, and made no edge since its entry");
        irq_device_why(w, n, true, s);
    }
}
