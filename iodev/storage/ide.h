/* ide.h - the IDE function of the PIIX3: two channels, up to two drives each, bus-master DMA. */
#pragma once
#include "../machine/device.h"
#include "../image/image.h"

struct ide;
struct pci_bus;

/* Where the channels' two register blocks are. */
struct ide_at { u16 command[2], control[2]; };

/* Both channels at their ports, interrupts on the two wires. It is that PCI function of the bus,
 * and firmware must enable it. Without a bus (NULL) it is always enabled and has no bus master registers. */
struct ide *ide_new(struct machine *m, const struct ide_at *at, struct pci_bus *bus, int device, int function, struct line irq14,
                    struct line irq15);

/* Plug in a drive before the machine is reset: channel 0 or 1, unit 0 (master) or 1. The drive closes its image at the
 * end. A disk has one for ever; a CD drive may be empty (NULL). */
void ide_attach_disk(struct ide *ide, int channel, int unit, struct image *image);
void ide_attach_cd(struct ide *ide, int channel, int unit, struct image *image);

/* Let everything that moves in the drives take so many times less than in real ones (1, which is the default). */
void ide_set_hurry(struct ide *ide, u32 times);

/* Put another CD (NULL: none) into the drive; closes the old one. False and the image untouched if there is no CD drive, or
 * if the guest has locked the tray and force is false (the drive then tells the guest that its button was pressed). */
bool ide_change_cd(struct ide *ide, int channel, int unit, struct image *image, bool force);
/* The same where a state is loaded, which has what the drive, which is one, knows of it. */
void ide_load_cd(struct ide *ide, int channel, int unit, struct image *image);
/* Is there a CD drive? Then also whether the guest has locked its tray, and whether it has opened it. */
bool ide_cd_drive(const struct ide *ide, int channel, int unit, bool *locked, bool *open);
/* The medium in a drive; NULL if there is no drive or no medium. */
struct image *ide_image(const struct ide *ide, int channel, int unit);
