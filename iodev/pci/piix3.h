/* piix3.h - 82371SB function 0: the PCI to ISA bridge with the interrupt router and the reset control register. */
#pragma once
#include "pci.h"

struct piix3;

/* irq: sixteen level inputs of the interrupt controllers, of which PIRQA# to PIRQD# drive the ones that the guest chooses. */
/* init: the processor's INIT#, which pulses for a soft reset and for a shutdown. */
struct piix3 *piix3_new(struct machine *m, const struct line irq[16], struct line init);
/* The shutdown special cycle (82371SB data sheet, "INIT"): answered with INIT#. The firmware then looks at the CMOS RAM's shutdown code
 * and usually resets everything. */
struct line piix3_shutdown(struct piix3 *isa);
/* The PCI bus's interrupt wire n (0 to 3). */
struct line piix3_pirq(struct piix3 *isa, int n);
/* Put function 0 of `device` on the bus (after the bus was made with the wires above), and take port CF9. */
void piix3_attach(struct piix3 *isa, struct pci_bus *bus, int device);
