/* mptable.c - MultiProcessor Specification 1.4 (Intel, order number 242016), "MP Configuration Table": "MP Floating Pointer
 * Structure", "MP Configuration Table Header", "Base MP Configuration Table Entries".
 * Here: one processor, the buses, the I/O APIC, every interrupt and both local ones. The board has no IMCR ("Virtual Wire
 * Mode"), and its table has no extended entries. */
#include "mptable.h"
#include "../apic/lapic.h"

enum { ENTRY_PROCESSOR, ENTRY_BUS, ENTRY_IOAPIC, ENTRY_INTERRUPT, ENTRY_LOCAL_INTERRUPT };
enum { INT, NMI, SMI, EXTINT };                 /* interrupt types */
enum { CONFORMS = 0, HIGH_LEVEL = 0x0d, LOW_LEVEL = 0x0f };     /* polarity in bits 0-1, trigger in bits 2-3 */
enum { BUS_PCI, BUS_ISA, ENABLED = 1, BOOT = 2, EVERY_APIC = 0xff, LINT0 = 0, LINT1 = 1 };
enum { HEADER = 44, PCI_PINS = 4 };

struct table {
    u8 *data;
    size_t size;
    u16 entries;
};

static void put(struct table *t, const u8 *bytes, size_t n)
{
    assert(t->size + n <= MPTABLE_MAX - MPTABLE_FLOATING);
    memcpy(t->data + t->size, bytes, n);
    t->size += n;
    t->entries++;
}

static void put_interrupt(struct table *t, u8 entry, u8 type, u16 flags, u8 bus, u8 source, u8 apic, u8 pin)
{
    u8 e[8] = { entry, type, (u8)flags, (u8)(flags >> 8), bus, source, apic, pin };
    put(t, e, sizeof e);
}

static void put_parts(struct table *t, const struct apic_map *map)
{
    u8 cpu[20] = { ENTRY_PROCESSOR, map->processor_id, (u8)map->lapic_version, ENABLED | BOOT };
    u8 pci[8] = { ENTRY_BUS, BUS_PCI, 'P', 'C', 'I', ' ', ' ', ' ' }, isa[8] = { ENTRY_BUS, BUS_ISA, 'I', 'S', 'A', ' ', ' ', ' ' };
    u8 io[8] = { ENTRY_IOAPIC, map->ioapic_id, 0x11, ENABLED };
    put32(cpu + 4, map->signature & 0xfff);
    put32(cpu + 8, map->features);
    put32(io + 4, APIC_IO_BASE);
    put(t, cpu, sizeof cpu);
    put(t, pci, sizeof pci);
    put(t, isa, sizeof isa);
    put(t, io, sizeof io);
}

/* The 8259A's INTR is at an input of the I/O APIC, too, but no entry says so: kernels take one for a promise that the firmware has
 * programmed that input, and it has programmed LINT0. */
static void put_interrupts(struct table *t, const struct apic_map *map)
{
    for (int irq = 0; irq < APIC_ISA_IRQS; irq++)
        if (apic_map_isa(irq) >= 0)
            put_interrupt(t, ENTRY_INTERRUPT, INT, irq == map->sci_irq ? HIGH_LEVEL : CONFORMS, BUS_ISA, (u8)irq, map->ioapic_id,
                          (u8)apic_map_isa(irq));
    for (int slot = 1; slot <= APIC_LAST_SLOT; slot++)
        for (int pin = 0; pin < PCI_PINS; pin++)
            put_interrupt(t, ENTRY_INTERRUPT, INT, LOW_LEVEL, BUS_PCI, (u8)(slot << 2 | pin), map->ioapic_id,
                          (u8)apic_map_pci(slot, pin));
    put_interrupt(t, ENTRY_LOCAL_INTERRUPT, EXTINT, CONFORMS, BUS_ISA, 0, EVERY_APIC, LINT0);
    put_interrupt(t, ENTRY_LOCAL_INTERRUPT, NMI, CONFORMS, BUS_ISA, 0, EVERY_APIC, LINT1);
}

size_t mptable_make(u8 to[MPTABLE_MAX], const struct apic_map *map)
{
    static const u8 floating[MPTABLE_FLOATING] = { '_', 'M', 'P', '_', MPTABLE_FLOATING, 0, 0, 0, 1, 4 };
    struct table t = { .data = to + MPTABLE_FLOATING, .size = HEADER };
    memset(to, 0, MPTABLE_MAX);
    memcpy(to, floating, sizeof floating);
    put_parts(&t, map);
    put_interrupts(&t, map);
    memcpy(t.data, "PCMP", 4);
    put16(t.data + 4, (u16)t.size);
    t.data[6] = 4;                              /* revision 1.4 */
    memcpy(t.data + 8, "VITRINE 440FX       ", 20);
    put16(t.data + 34, t.entries);
    put32(t.data + 36, LAPIC_DEFAULT_BASE);
    u8 sum = 0;
    for (size_t k = 0; k < t.size; k++)
        sum = (u8)(sum + t.data[k]);
    t.data[7] = (u8)-sum;
    return MPTABLE_FLOATING + t.size;
}
