/* vga_pci.c - the display adapter on PCI: vendor 1234, device 1111, as guests know it from Bochs.
 * BAR 0 is video memory, BAR 2 a 4 KB register page, the expansion ROM the video BIOS. */
#include "../pci/pci.h"
#include "vga_parts.h"

enum { CLASS_VGA = 0x030000, BAR_MEMORY = 0, BAR_REGISTERS = 2, ROM_MAX = 1 << 20 };

/* Copy the video BIOS into a ROM of a power of two. False if there is none. */
static bool load_rom(struct vga *v, const void *rom, size_t rom_size)
{
    u64 size = PAGE_SIZE;
    if (!rom || !rom_size)
        return false;
    assert(rom_size <= ROM_MAX);
    while (size < rom_size)
        size *= 2;
    v->rom = ram_new("VGA BIOS", size);
    if (!v->rom)
        vitrine_out_of_memory(size);
    memset(v->rom->host, 0xff, size);
    memcpy(v->rom->host, rom, rom_size);
    return true;
}

void vga_attach_pci(struct vga *v, struct pci_bus *bus, int device, const void *rom, size_t rom_size)
{
    struct pci_function *f = pci_function_new(bus, device, 0, "vga.pci", &(struct pci_identity) {
        .vendor = 0x1234, .device = 0x1111, .class_code = CLASS_VGA,
    });
    pci_bar_ram(f, BAR_MEMORY, VGA_MEMORY, "VGA linear frame buffer", v->ram);
    pci_bar_memory(f, BAR_REGISTERS, PAGE_SIZE, "VGA registers", 4, vga_mmio_read, vga_mmio_write, v);
    if (load_rom(v, rom, rom_size))
        pci_expansion_rom(f, v->rom);
}

void vga_attach_isa_rom(struct vga *v, struct space *memory, u64 base, const void *rom, size_t rom_size)
{
    if (load_rom(v, rom, rom_size))
        space_add_ram(memory, "vga.rom", base, v->rom->size, PRIORITY_ROM, v->rom, 0, false, REGION_READ | REGION_WRITE);
}
