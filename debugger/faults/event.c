/* event.c - what was being delivered when it failed, and through what. See fault.h.
 * Follows: Intel SDM Vol. 3A "Interrupt and Exception Handling", "Stack Switching", "Interrupt 8 - Double Fault Exception". */
#include "fault.h"
#include "../core/explain.h"
#include "../../cpu/descriptor.h"
#include "../../iodev/apic/apic_bus.h"
#include "../../iodev/apic/i82093aa.h"
#include "../../iodev/isa/i8259.h"
#include "../../iodev/machine/wires.h"

static const struct device *device_of_class(const struct machine *m, const char *class)
{
    for (const struct device *dev = machine_devices(m); dev; dev = dev->next)
        if (!strcmp(dev->class->name, class))
            return dev;
    return NULL;
}

/* Who drives a line; the wire that all of PCI shares only where it is alone. */
static const char *driver(const struct machine *m, int line)
{
    const struct wires *wires = (const struct wires *)device_of_class(m, "wires");
    const char *pci = "";
    for (int source = 0; wires && source < WIRE_SOURCES; source++) {
        int output;
        bool level;
        const char *id = wires_driver(wires, line, source, &output, &level);
        if (id && strcmp(id, "pci"))
            return id;
        pci = id ? id : pci;
    }
    return pci;
}

/* The line that a controller sends this vector for, -1: none. */
static int line_of(const struct machine *m, int vector)
{
    struct i8259_view v;
    struct i82093aa_view pin;
    const struct i82093aa *io = (const struct i82093aa *)device_of_class(m, "i82093aa");
    for (const struct device *dev = machine_devices(m); dev; dev = dev->next) {
        if (strcmp(dev->class->name, "i8259"))
            continue;
        i8259_view((const struct i8259 *)dev, &v);
        if (!v.waits_for && (v.icw2 & 0xf8) == (vector & 0xf8))
            return (vector & 7) + (v.master ? 0 : 8);
    }
    for (int k = 0; io && k < IOAPIC_PINS; k++) {
        i82093aa_view(io, k, &pin);
        if (!(pin.low & APIC_MASKED) && (int)(pin.low & APIC_VECTOR) == vector)
            return k == 2 ? 0 : k;
    }
    return -1;
}

const char *fault_irq(const struct machine *m, int vector, char *text, size_t n)
{
    int line = m ? line_of(m, vector) : -1;
    *text = 0;
    if (line >= 0 && line < 16)
        snprintf(text, n, *driver(m, line) ? "IRQ %d (%s)" : "IRQ %d", line, driver(m, line));
    else if (line >= 0)
        snprintf(text, n, "INTIN%d", line);
    return text;
}

/* "IRQ 0 (pit) -> vector 20" */
static void source_print(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    char irq[60];
    if (!strcmp(f->event, "external"))
        fprintf(v->out, "%s -> vector %02x", *fault_irq(v->m, f->event_vector, irq, sizeof irq) ? irq : "interrupt", f->event_vector);
    else if (!strcmp(f->event, "INT n"))
        fprintf(v->out, "INT %02x", f->event_vector);
    else if (!strcmp(f->event, "fault") || !strcmp(f->event, "trap"))
        fprintf(v->out, "%s, vector %02x", *exception_mnemonic(f->event_vector) ? exception_mnemonic(f->event_vector) : "exception",
                f->event_vector);
    else
        fprintf(v->out, "%s, vector %02x", f->event, f->event_vector);
}

static void no_gate_print(const struct fault_view *v)
{
    u32 limit = (u32)cpu_get(v->cpu, "idtr.limit"), base = (u32)cpu_get(v->cpu, "idtr.base");
    u32 size = cpu_get(v->cpu, "cr0") & CR0_PE ? 8 : 4, last = v->f->event_vector * size + size - 1;
    if (last > limit)
        fprintf(v->out, "beyond the limit of the IDT: it ends at %04x, this entry at %04x\n", limit, last);
    else
        fprintf(v->out, "which cannot be read: linear %08x is not mapped\n", base + last - size + 1);
    if (last > limit && !base && size == 8 && limit == 0x3ff)
        fputs("    odd: IDTR is as after reset: no LIDT was executed in protected mode's way\n", v->out);
    else if (last > limit && limit && limit <= 0xff && size == 8)
        fprintf(v->out, "    odd: a limit of %x is room for %u gates: it counts bytes, the last one's\n", limit, (limit + 1) / 8);
}

/* Why delivery goes no further than its gate's selector. */
static void refused_print(const struct fault_view *v, const struct descriptor_fields *gate)
{
    const struct fault_record *f = v->f;
    u64 raw;
    if (f->about.what == FAULT_GATE) {
        fprintf(v->out, "    refused: %s", f->why);
        fputs(!f->gate ? "; all zero: no handler was ever put there\n" : "\n", v->out);
        return;
    }
    if (f->about.what != FAULT_DESCRIPTOR || (f->about.selector & ~3) != (gate->selector & ~3))
        return;
    raw = f->detail;
    fprintf(v->out, "    refused: selector %04x is ", gate->selector);
    if (selector_null(gate->selector)) {
        fputs("null; ", v->out);
        code_segments_print(v->cpu, v->out);
    } else if (!raw && !cpu_descriptor(v->cpu, gate->selector, &raw)) {
        descriptor_missing_print(v->cpu, gate->selector, v->out);
    } else if (!raw_code(raw)) {
        fputs(!raw ? "empty; " : raw_system(raw) ? "a system segment; " : "data; ", v->out);
        code_segments_print(v->cpu, v->out);
    } else {
        fprintf(v->out, "code: %s\n", f->why);
    }
}

/* To an inner ring the stack is the TSS's: which one, and what is odd about it. */
static void inner_print(const struct fault_view *v, const struct descriptor_fields *gate)
{
    const struct segment *tr = cpu_segment(v->cpu, SEGMENT_TR);
    u8 bytes[8];
    u64 raw;
    if (gate->kind == DESCRIPTOR_TASK_GATE || !cpu_descriptor(v->cpu, gate->selector, &raw) || !raw_code(raw) || raw_conforming(raw)
        || raw_dpl(raw) >= v->f->cpl)
        return;
    int ring = raw_dpl(raw);
    if (!(tr->access & SEG_P) || selector_null(tr->selector)) {
        fprintf(v->out, "    from ring %d to %d: the stack is in the TSS, but TR is %04x: no LTR was executed\n", v->f->cpl, ring,
                tr->selector);
        return;
    }
    fprintf(v->out, "    from ring %d to %d: the stack is ", v->f->cpl, ring);
    if (!(tr->access & 8))
        fprintf(v->out, "in the 16-bit TSS %04x\n", tr->selector);
    else if ((u32)ring * 8 + 9 > tr->limit || !cpu_peek(v->cpu, (u32)(tr->base + (u32)ring * 8 + 4), bytes, 8))
        fprintf(v->out, "in the TSS %04x, base %08x, whose limit is %x: too small\n", tr->selector, (u32)tr->base, tr->limit);
    else
        fprintf(v->out, "SS%d:ESP%d = %04x:%08x of the TSS %04x, base %08x\n", ring, ring, get16(bytes + 4), get32(bytes), tr->selector,
                (u32)tr->base);
}

void fault_event_print(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    bool real = !(cpu_get(v->cpu, "cr0") & CR0_PE);
    if (!f->event)
        return;
    fputs("    while: ", v->out);
    source_print(v);
    fputs(" -> ", v->out);
    if (!f->has_gate) {
        no_gate_print(v);
    } else if (real) {
        fprintf(v->out, "%04x:%04x\n", (u32)(f->gate >> 16 & 0xffff), (u32)(f->gate & 0xffff));
    } else {
        struct descriptor_fields gate = descriptor_decode(f->gate);
        fprintf(v->out, "gate %02x = ", f->event_vector);
        descriptor_print(f->gate, v->out);
        if (!descriptor_is_gate(gate.kind) && f->gate)
            fprintf(v->out, " (%016llx)", (unsigned long long)f->gate);
        fputc('\n', v->out);
        refused_print(v, &gate);
        inner_print(v, &gate);
    }
    if (!real && !strcmp(f->event, "external") && f->event_vector < 32 && *exception_mnemonic(f->event_vector))
        fprintf(v->out, "    odd: vector %02x is %s's: the interrupt controllers were not moved to others\n", f->event_vector,
                exception_mnemonic(f->event_vector));
}
