/* piix4_pm.h - 82371AB function 3: power management. ACPI registers and timer, soft-off, SMI by port B2. */
#pragma once
#include "pci.h"

struct piix4_pm;

/* Function 3 of `device`. apm_port: APMC and APMS, B2 and B3. sci: the system control interrupt, by level; smi: SMI#, the rising
 * edge counts. */
struct piix4_pm *piix4_pm_new(struct pci_bus *bus, int device, u16 apm_port, struct line sci, struct line smi);
/* Will the timer's overflow raise SMI#? */
bool piix4_pm_smi_waits(const struct piix4_pm *pm);
/* The power button was pressed. */
void piix4_pm_power_button(struct piix4_pm *pm);
/* The wire on which the real-time clock tells of its alarm; the rising edge counts. */
struct line piix4_pm_rtc_alarm(struct piix4_pm *pm);
