/* acpi.h - the ACPI tables that describe the board, for the firmware to put into the guest's memory. */
#pragma once
#include "../apic/apic_map.h"
#include "fw_cfg.h"

struct acpi_config {
    u16 pm_base;                /* of the PM registers' I/O block: where the firmware puts it */
    u8 sci_irq;
    const struct apic_map *apics;   /* NULL: no APICs, and no HPET */
    u32 pci_hole;               /* first address behind the RAM below 4 GB: PCI memory may lie from there on */
};
/* Add etc/acpi/tables, etc/acpi/rsdp and etc/table-loader; with APICs etc/mptable, which the same loader places. */
void acpi_add(struct fw_cfg *fw, const struct acpi_config *config);
