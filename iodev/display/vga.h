/* vga.h - the display adapter: an IBM VGA with the Bochs display interface (DISPI), as PCI device 1234:1111. */
#pragma once
#include "../machine/device.h"
#include "../machine/screen.h"

struct vga;
struct pci_bus;

enum { VGA_MEMORY = 16 << 20 };         /* bytes of video memory */

/* Of the adapter: its 128 KB of memory (A0000-BFFFF), the CRT controller's ports of a monochrome adapter (3B4; the status is 6 behind),
 * the 32 ports from 3C0, and DISPI's three from 1CE. */
struct vga_at { u64 memory; u16 mono, ports, dispi; };
struct vga *vga_new(struct machine *m, const struct vga_at *at);

/* Where the vertical retrace interrupt goes; it leads nowhere unless this is called (before the first reset). High from the
 * start of a retrace until the guest clears it (CRT controller register 11h, bits 4 and 5). */
void vga_wire_irq(struct vga *v, struct line irq);

/* Put it on PCI: BAR 0 video memory, BAR 2 registers, and the video BIOS (copied) as expansion ROM; rom may be NULL.
 * vga_pci.c. */
void vga_attach_pci(struct vga *v, struct pci_bus *bus, int device, const void *rom, size_t rom_size);
/* Instead of the expansion ROM: the video BIOS (copied, at most 128 KB) at `base`, as on an ISA adapter, under what the host bridge's
 * shadow RAM covers. vga_pci.c. */
void vga_attach_isa_rom(struct vga *v, struct space *memory, u64 base, const void *rom, size_t rom_size);

/* What it shows. */
struct screen vga_screen(struct vga *v);

/* Its video memory, which the board adds to the machine's state (machine_add_ram). The adapter frees it. */
struct ram *vga_ram(struct vga *v);

/* VGA ports 3B0-3DF, and the 4 KB register page that PCI shows at BAR 2. */
u8   vga_port_read(struct vga *v, u16 port);
void vga_port_write(struct vga *v, u16 port, u8 value);
u64  vga_mmio_read(void *dev, u64 offset, int size);
void vga_mmio_write(void *dev, u64 offset, u64 value, int size);
