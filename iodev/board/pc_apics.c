/* pc_apics.c - see pc_apics.h. MultiProcessor Specification 1.4, "Hardware Specification": symmetric and virtual wire mode; the
 * wires to the I/O APIC are apic_map.h's. */
#include "pc_apics.h"
#include "../../cpu/cpu.h"
#include "../../cpu/cpuid.h"
#include "../apic/hpet.h"
#include "../isa/i8259.h"
#include "../apic/i82093aa.h"
#include "../apic/lapic.h"
#include "../machine/machine.h"

enum { PIRQS = 4, IOAPIC_ID = 1 };              /* the processor's APIC ID is 0 */
enum { CPUID_APIC = 1 << 9 /* leaf 1 EDX */, CPUID_X2APIC = 1 << 21 /* ECX */ };

struct pc_apics {
    struct lapic *lapic;
    struct i82093aa *io;
    struct hpet *hpet;
    struct i8259 *pic;
    struct line pic_input[APIC_ISA_IRQS], router[PIRQS];
    struct apic_map map;
};

/* ---- the bus between the APICs ---- */

static int inta(void *to)                  { return i8259_ack(((struct pc_apics *)to)->pic); }
static void eoi(void *to, u8 vector)       { i82093aa_eoi(((struct pc_apics *)to)->io, vector); }
static void ready(void *to)                { i82093aa_retry(((struct pc_apics *)to)->io); }
static bool send(void *to, const struct apic_message *m) { return lapic_message(((struct pc_apics *)to)->lapic, m); }

/* ---- wires with two ends ---- */

static void set_pin(struct pc_apics *a, int pin, bool level)
{
    struct line l = i82093aa_input(a->io, pin);
    line_set(&l, level);
}

static void int_set(void *to, int pin, bool level)
{
    struct pc_apics *a = to;
    struct line lint0 = lapic_lint(a->lapic, 0);
    (void)pin;
    line_set(&lint0, level);
    set_pin(a, APIC_PIN_EXTINT, level);
}

static void irq_set(void *to, int n, bool level)
{
    struct pc_apics *a = to;
    line_set(&a->pic_input[n], level);
    if (apic_map_isa(n) >= 0)
        set_pin(a, apic_map_isa(n), level);
}

/* Active low: the router's inputs count assertions, the I/O APIC's are levels. */
static void pirq_set(void *to, int n, bool asserted)
{
    struct pc_apics *a = to;
    line_set(&a->router[n], asserted);
    set_pin(a, APIC_PIN_PIRQ + n, !asserted);
}

struct line pc_apics_int(struct pc_apics *a) { return (struct line) { int_set, a, 0 }; }
struct line pc_apics_nmi(struct pc_apics *a) { return lapic_lint(a->lapic, 1); }
void pc_apics_set_pic(struct pc_apics *a, struct i8259 *pic) { a->pic = pic; }

struct line pc_apics_irq(struct pc_apics *a, int n, struct line pic)
{
    a->pic_input[n] = pic;
    return (struct line) { irq_set, a, n };
}

struct line pc_apics_pirq(struct pc_apics *a, int n, struct line router)
{
    a->router[n] = router;
    return (struct line) { pirq_set, a, n };
}

struct line pc_apics_pit(struct pc_apics *a) { return hpet_pit(a->hpet); }
struct line pc_apics_rtc(struct pc_apics *a) { return hpet_rtc(a->hpet); }

void pc_apics_answer(const struct pc_apics *a, struct cpu_outputs *out)
{
    out->intack = lapic_ack;
    out->intack_dev = a->lapic;
}

bool pc_apics_unmaskable(const struct pc_apics *a) { return lapic_unmaskable(a->lapic) || i82093aa_unmaskable(a->io); }
const struct apic_map *pc_apics_map(const struct pc_apics *a) { return a ? &a->map : NULL; }

/* The HPET's own outputs share inputs as PCI interrupts do: active low. */
void pc_apics_add_hpet(struct pc_apics *a, struct line irq0, struct line irq8)
{
    struct machine *m = ((struct device *)a->lapic)->machine;
    struct line route[4];
    for (int k = 0; k < 4; k++)
        route[k] = i82093aa_input_low(a->io, HPET_FIRST_ROUTE + k);
    a->hpet = hpet_new(m, APIC_HPET_BASE, irq0, irq8, route);
}

struct pc_apics *pc_apics_new(struct machine *m, const struct cpu_model *model, u8 sci_irq)
{
    u32 leaf[4];
    cpuid_leaf(model, 1, 0, leaf);
    if (!model->max_leaf || !(leaf[3] & CPUID_APIC))
        return NULL;
    struct pc_apics *a = xcalloc(1, sizeof *a);
    enum lapic_kind kind = leaf[2] & CPUID_X2APIC ? LAPIC_X2 : (leaf[0] >> 8 & 15) >= 6 ? LAPIC_P6 : LAPIC_P5;
    a->map = (struct apic_map) { .lapic_version = lapic_version(kind), .signature = leaf[0], .features = leaf[3],
                                 .processor_id = 0, .ioapic_id = IOAPIC_ID, .sci_irq = sci_irq };
    struct cpu *cpu = machine_cpu(m);
    a->lapic = lapic_new(m, LAPIC_DEFAULT_BASE, kind, &(struct lapic_wiring) {
        .intr = cpu_pin(cpu, PIN_INTR), .nmi = cpu_pin(cpu, PIN_NMI), .smi = cpu_pin(cpu, PIN_SMI), .init = cpu_pin(cpu, PIN_INIT),
        .inta = inta, .eoi = eoi, .ready = ready, .to = a });
    lapic_attach(a->lapic, cpu);
    a->io = i82093aa_new(m, APIC_IO_BASE, IOAPIC_ID, send, a);
    for (int pin = APIC_PIN_PIRQ; pin < IOAPIC_PINS; pin++)
        set_pin(a, pin, true);                  /* pull-ups */
    return a;
}

void pc_apics_free(struct pc_apics *a) { free(a); }
