/* apic_map.h - which interrupt reaches which input of the I/O APIC: the one place that the board, the MP table and the ACPI tables
 * take it from. MultiProcessor Specification 1.4, "Default Configurations" for the ISA interrupts (IRQ 0 at input 2, the 8259A's
 * INTR at input 0); PIRQA# to PIRQD# go to the inputs above those. */
#pragma once
#include "../../host/base.h"

enum { APIC_PIN_EXTINT = 0, APIC_PIN_PIRQ = 16, APIC_ISA_IRQS = 16 };
/* The last PCI slot that the MP table describes: it lies in the firmware's last kilobytes, which the drives need, too. */
enum { APIC_LAST_SLOT = 4 };
/* The base address of the I/O APIC and of the HPET: where PCs have them. */
enum { APIC_IO_BASE = 0xfec00000u, APIC_HPET_BASE = 0xfed00000u };

struct apic_map {
    u32 lapic_version;          /* the local APIC's register, and CPUID leaf 1: signature, feature bits */
    u32 signature, features;
    u8 processor_id, ioapic_id; /* APIC IDs */
    u8 sci_irq;                 /* the one ISA interrupt that is a level (active high) */
};

/* The input of an ISA interrupt, -1 for the cascade. */
static inline int apic_map_isa(int irq) { return irq == 0 ? 2 : irq == 2 ? -1 : irq; }
/* That of a PCI interrupt, pin 0 INTA#: active low, by level. As pci.c wires the slots. */
static inline int apic_map_pci(int slot, int pin) { return APIC_PIN_PIRQ + ((slot - 1 + pin) & 3); }
