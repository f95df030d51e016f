/* acpi_dsdt.c - the board described in AML: the PCI bus with its interrupt routing, the ISA devices, soft-off.
 * ACPI Specification 3.0, "Device Identification and Configuration", "_PRT (PCI Routing Table)", "Resource Data Types for
 * ACPI"; 82371SB data sheet, "PIRQRC" for the link devices. */
#include "acpi_parts.h"
#include "../apic/hpet.h"
#include "../apic/lapic.h"

enum { ISA_DEVICE = 1, PCI_DEVICES = 32, PINS = 4, LINKS = 4, PIRQRC = 0x60 };
enum { LINK_IRQS = 1 << 5 | 1 << 10 | 1 << 11 };
enum { OPREGION_PCI_CONFIG = 2, FIELD_BYTE_ACCESS = 1 };
enum { IRQ_LEVEL_LOW_SHARED = 0x18 };

static const char *const link_name[LINKS] = { "LNKA", "LNKB", "LNKC", "LNKD" };
static const char *const route_name[LINKS] = { "PRQA", "PRQB", "PRQC", "PRQD" };

/* ---- resource descriptors ---- */

struct resources { u8 data[256]; size_t n; };

static void put_resource(struct resources *r, const u8 *bytes, size_t n)
{
    assert(r->n + n <= sizeof r->data);
    memcpy(r->data + r->n, bytes, n);
    r->n += n;
}

/* "I/O Port Descriptor": decodes 16 bits, fixed place. */
static void add_ports(struct resources *r, u16 first, u8 count)
{
    u8 d[8] = { 0x47, 1, (u8)first, (u8)(first >> 8), (u8)first, (u8)(first >> 8), 1, count };
    put_resource(r, d, sizeof d);
}

/* "IRQ Descriptor" without flags: edge, active high, exclusive. */
static void add_irq(struct resources *r, int irq)
{
    u8 d[3] = { 0x22, (u8)(1 << irq), (u8)(1 << irq >> 8) };
    put_resource(r, d, sizeof d);
}

static void add_dma(struct resources *r, int channel)
{
    u8 d[3] = { 0x2a, (u8)(1 << channel), 0 };
    put_resource(r, d, sizeof d);
}

/* "Word Address Space Descriptor". type: 1 I/O, 2 bus numbers. */
static void add_word_range(struct resources *r, u8 type, u16 first, u16 last)
{
    u8 d[16] = { 0x88, 13, 0, type, 0x0c, type == 1 ? 3 : 0 };      /* producer, fixed range, the whole of it */
    put16(d + 8, first);
    put16(d + 10, last);
    put16(d + 14, (u16)(last - first + 1));
    put_resource(r, d, sizeof d);
}

/* "DWord Address Space Descriptor": memory. */
static void add_memory_range(struct resources *r, u32 first, u32 last, bool cacheable)
{
    u8 d[26] = { 0x87, 23, 0, 0, 0x0c, cacheable ? 3 : 1 };         /* read-write */
    put32(d + 10, first);
    put32(d + 14, last);
    put32(d + 22, last - first + 1);
    put_resource(r, d, sizeof d);
}

/* ---- the PCI bus ---- */

/* As pci.c wires it: each next device or pin takes the next link, or the I/O APIC's input of that wire. The PIIX's own INTA# is
 * the SCI. */
static void add_routes(struct aml *a, const char *name, u8 sci_irq, bool apic)
{
    aml_define(a, name);
    size_t table = aml_package(a, (PCI_DEVICES - 1) * PINS);
    for (u32 device = 1; device < PCI_DEVICES; device++)
        for (u32 pin = 0; pin < PINS; pin++) {
            bool is_sci = device == ISA_DEVICE && pin == 0;
            size_t entry = aml_package(a, 4);
            aml_number(a, device << 16 | 0xffff);
            aml_number(a, pin);
            if (is_sci || apic)
                aml_number(a, 0);
            else
                aml_name(a, link_name[(device - 1 + pin) % LINKS]);
            aml_number(a, is_sci ? sci_irq : apic ? (u32)apic_map_pci((int)device, (int)pin) : 0);
            aml_close(a, entry);
        }
    aml_close(a, table);
}

/* Which of the two holds, the system says through _PIC; without it, and without APICs, it is the links. */
static void add_routing(struct aml *a, const struct acpi_config *config)
{
    if (!config->apics) {
        add_routes(a, "_PRT", config->sci_irq, false);
        return;
    }
    add_routes(a, "PRTP", config->sci_irq, false);
    add_routes(a, "PRTA", config->sci_irq, true);
    size_t method = aml_method(a, "_PRT", 0);
    aml_byte(a, AML_IF);
    size_t branch = aml_open(a);
    aml_name(a, "\\PICF");
    aml_byte(a, AML_RETURN);
    aml_name(a, "PRTA");
    aml_close(a, branch);
    aml_byte(a, AML_RETURN);
    aml_name(a, "PRTP");
    aml_close(a, method);
}

static void add_interrupt_mode(struct aml *a)
{
    aml_define_number(a, "\\PICF", 0);
    size_t method = aml_method(a, "\\_PIC", 1);
    aml_byte(a, AML_STORE);
    aml_byte(a, AML_ARG0);
    aml_name(a, "\\PICF");
    aml_close(a, method);
}

static void add_bridge_resources(struct aml *a, u32 pci_hole)
{
    struct resources r = { .n = 0 };
    add_word_range(&r, 2, 0, 0xff);
    add_ports(&r, 0xcf8, 8);
    add_word_range(&r, 1, 0x0000, 0x0cf7);
    add_word_range(&r, 1, 0x0d00, 0xffff);
    add_memory_range(&r, 0xa0000, 0xbffff, true);
    add_memory_range(&r, pci_hole, 0xfebfffff, false);
    aml_resources(a, "_CRS", r.data, r.n);
}

/* ---- the ISA bus ---- */

struct isa_device {
    const char *name, *hid;
    struct { u16 first; u8 count; } ports[10];
    int irq;                            /* -1: none */
    int dma;
    int uid;                            /* -1: none */
};

static const struct isa_device isa_devices[] = {
    { "PIC",  "PNP0000", { { 0x20, 2 }, { 0xa0, 2 }, { 0x4d0, 2 } }, 2, -1, -1 },
    { "TMR",  "PNP0100", { { 0x40, 4 } }, 0, -1, -1 },
    { "DMAC", "PNP0200", { { 0x00, 16 }, { 0x81, 15 }, { 0xc0, 32 } }, -1, 4, -1 },
    { "RTC",  "PNP0B00", { { 0x70, 8 } }, 8, -1, -1 },
    { "FPU",  "PNP0C04", { { 0xf0, 1 } }, 13, -1, -1 },
    { "SPKR", "PNP0800", { { 0x61, 1 } }, -1, -1, -1 },
    { "KBD",  "PNP0303", { { 0x60, 1 }, { 0x64, 1 } }, 1, -1, -1 },
    { "MOU",  "PNP0F13", { { 0, 0 } }, 12, -1, -1 },
    { "FDC0", "PNP0700", { { 0x3f2, 4 }, { 0x3f7, 1 } }, 6, 2, -1 },
    { "COM1", "PNP0501", { { 0x3f8, 8 } }, 4, -1, 1 },
    { "COM2", "PNP0501", { { 0x2f8, 8 } }, 3, -1, 2 },
    { "MBRD", "PNP0C02", { { 0x92, 1 }, { 0xb2, 2 }, { 0x402, 1 }, { 0x510, 12 }, { 0x600, 64 }, { 0x700, 16 } }, -1, -1, -1 },
};

static void add_isa_device(struct aml *a, const struct isa_device *d)
{
    struct resources r = { .n = 0 };
    size_t device = aml_device(a, d->name);
    aml_hid(a, d->hid);
    if (d->uid >= 0)
        aml_define_number(a, "_UID", (u32)d->uid);
    for (size_t k = 0; k < ARRAY_LEN(d->ports) && d->ports[k].count; k++)
        add_ports(&r, d->ports[k].first, d->ports[k].count);
    if (d->irq >= 0)
        add_irq(&r, d->irq);
    if (d->dma >= 0)
        add_dma(&r, d->dma);
    aml_resources(a, "_CRS", r.data, r.n);
    aml_close(a, device);
}

/* PIRQRC[A:D] as fields of the bridge's configuration space. */
static void add_route_fields(struct aml *a)
{
    aml_byte(a, AML_EXT);
    aml_byte(a, AML_EXT_OP_REGION);
    aml_name(a, "PIRQ");
    aml_byte(a, OPREGION_PCI_CONFIG);
    aml_number(a, PIRQRC);
    aml_number(a, LINKS);
    aml_byte(a, AML_EXT);
    aml_byte(a, AML_EXT_FIELD);
    size_t field = aml_open(a);
    aml_name(a, "PIRQ");
    aml_byte(a, FIELD_BYTE_ACCESS);
    for (int k = 0; k < LINKS; k++) {
        aml_name(a, route_name[k]);
        aml_byte(a, 8);                 /* bits */
    }
    aml_close(a, field);
}

static void add_isa_bridge(struct aml *a)
{
    size_t bridge = aml_device(a, "ISA");
    aml_define_number(a, "_ADR", ISA_DEVICE << 16);
    add_route_fields(a);
    for (size_t k = 0; k < ARRAY_LEN(isa_devices); k++)
        add_isa_device(a, &isa_devices[k]);
    aml_close(a, bridge);
}

/* "32-Bit Fixed Location Memory Range Descriptor" */
static void add_memory(struct resources *r, u32 base, u32 size)
{
    u8 d[12] = { 0x86, 9, 0, 1 };
    put32(d + 4, base);
    put32(d + 8, size);
    put_resource(r, d, sizeof d);
}

/* What lies in memory and on no bus: the local APIC's page, and the HPET. (The MADT is enough for the I/O APIC.) */
static void add_memory_devices(struct aml *a)
{
    struct resources apic = { .n = 0 }, hpet = { .n = 0 };
    add_memory(&apic, LAPIC_DEFAULT_BASE, PAGE_SIZE);
    add_memory(&hpet, APIC_HPET_BASE, HPET_SIZE);
    size_t device = aml_device(a, "APIC");
    aml_hid(a, "PNP0C02");
    aml_define_number(a, "_UID", 2);
    aml_resources(a, "_CRS", apic.data, apic.n);
    aml_close(a, device);
    device = aml_device(a, "HPET");
    aml_hid(a, "PNP0103");
    aml_resources(a, "_CRS", hpet.data, hpet.n);
    aml_close(a, device);
}

/* ---- the interrupt links ---- */

/* The link's register lies in another device's scope. */
static void add_route(struct aml *a, int link)
{
    static const u8 multi_name[] = { '\\', 0x2f, 4 };    /* a path of four names from the root */
    aml_bytes(a, multi_name, sizeof multi_name);
    aml_name(a, "_SB");
    aml_name(a, "PCI0");
    aml_name(a, "ISA");
    aml_name(a, route_name[link]);
}

/* If (PRQx & 0x80) { Return (9) } Return (0x0B): present; enabled while routed. */
static void add_link_status(struct aml *a, int link)
{
    size_t method = aml_method(a, "_STA", 0);
    aml_byte(a, AML_IF);
    size_t branch = aml_open(a);
    aml_byte(a, AML_AND);
    add_route(a, link);
    aml_number(a, 0x80);
    aml_byte(a, AML_ZERO);              /* no target */
    aml_byte(a, AML_RETURN);
    aml_number(a, 0x09);
    aml_close(a, branch);
    aml_byte(a, AML_RETURN);
    aml_number(a, 0x0b);
    aml_close(a, method);
}

/* PRQx |= 0x80 */
static void add_link_disable(struct aml *a, int link)
{
    size_t method = aml_method(a, "_DIS", 0);
    aml_byte(a, AML_OR);
    add_route(a, link);
    aml_number(a, 0x80);
    add_route(a, link);
    aml_close(a, method);
}

/* IRQM = 1 << (PRQx & 0x0F) in a copy of the template, or no interrupt while the link is off. */
static void add_link_current(struct aml *a, int link)
{
    static const u8 irq[4] = { 0x23, 0, 0, IRQ_LEVEL_LOW_SHARED };
    size_t method = aml_method(a, "_CRS", AML_SERIALIZED);
    aml_resources(a, "PRR", irq, sizeof irq);
    aml_byte(a, AML_CREATE_WORD_FIELD);
    aml_name(a, "PRR");
    aml_number(a, 1);
    aml_name(a, "IRQM");
    aml_byte(a, AML_SHIFT_LEFT);
    aml_byte(a, AML_ONE);
    aml_byte(a, AML_AND);
    add_route(a, link);
    aml_number(a, 0x0f);
    aml_byte(a, AML_ZERO);
    aml_name(a, "IRQM");
    aml_byte(a, AML_IF);
    size_t branch = aml_open(a);
    aml_byte(a, AML_AND);
    add_route(a, link);
    aml_number(a, 0x80);
    aml_byte(a, AML_ZERO);
    aml_byte(a, AML_STORE);
    aml_byte(a, AML_ZERO);
    aml_name(a, "IRQM");
    aml_close(a, branch);
    aml_byte(a, AML_RETURN);
    aml_name(a, "PRR");
    aml_close(a, method);
}

/* PRQx = the number of the one bit that is set in the argument's mask. */
static void add_link_set(struct aml *a, int link)
{
    size_t method = aml_method(a, "_SRS", 1 | AML_SERIALIZED);
    aml_byte(a, AML_CREATE_WORD_FIELD);
    aml_byte(a, AML_ARG0);
    aml_number(a, 1);
    aml_name(a, "IRQW");
    aml_byte(a, AML_FIND_SET_RIGHT_BIT);
    aml_name(a, "IRQW");
    aml_byte(a, AML_LOCAL0);
    aml_byte(a, AML_DECREMENT);
    aml_byte(a, AML_LOCAL0);
    aml_byte(a, AML_STORE);
    aml_byte(a, AML_LOCAL0);
    add_route(a, link);
    aml_close(a, method);
}

static void add_link(struct aml *a, int link)
{
    static const u8 possible[4] = { 0x23, LINK_IRQS & 0xff, LINK_IRQS >> 8, IRQ_LEVEL_LOW_SHARED };
    size_t device = aml_device(a, link_name[link]);
    aml_hid(a, "PNP0C0F");
    aml_define_number(a, "_UID", (u32)link + 1);
    aml_resources(a, "_PRS", possible, sizeof possible);
    add_link_status(a, link);
    add_link_disable(a, link);
    add_link_current(a, link);
    add_link_set(a, link);
    aml_close(a, device);
}

/* ---- the whole ---- */

/* SLP_TYP of a sleeping state for PM1a and PM1b; the type of soft-off is 0 on the PIIX4. */
static void add_soft_off(struct aml *a)
{
    aml_define(a, "\\_S5");
    size_t package = aml_package(a, 4);
    for (int k = 0; k < 4; k++)
        aml_number(a, 0);
    aml_close(a, package);
}

void acpi_dsdt(struct aml *a, const struct acpi_config *config)
{
    if (config->apics)
        add_interrupt_mode(a);
    size_t scope = aml_scope(a, "\\_SB"), bus = aml_device(a, "PCI0");
    aml_hid(a, "PNP0A03");
    aml_define_number(a, "_ADR", 0);
    aml_define_number(a, "_UID", 1);
    add_bridge_resources(a, config->pci_hole);
    add_routing(a, config);
    add_isa_bridge(a);
    aml_close(a, bus);
    for (int k = 0; k < LINKS; k++)
        add_link(a, k);
    if (config->apics)
        add_memory_devices(a);
    aml_close(a, scope);
    add_soft_off(a);
}
