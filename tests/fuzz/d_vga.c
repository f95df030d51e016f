/* d_vga.c - the display adapter on its PCI bus: registers, memory, modes, and what a window draws of it. */
#include "alone.h"
#include "../../iodev/pci/pci.h"
#include "../../iodev/display/vga.h"

static void make(struct target *t)
{
    static const struct { u16 at; u32 value; } config[] = { { 0x10, 0xf0000000u }, { 0x18, 0xfebf0000u }, { 0x04, 3 } };
    const struct line nowhere[PCI_PIRQS] = { 0 };
    u8 rom[0x800] = { 0x55, 0xaa };
    alone_new(t);
    struct pci_bus *bus = pci_bus_new(t->m, 0xcf8, nowhere);
    struct vga *v = vga_new(t->m, &(struct vga_at) { .memory = 0xa0000, .mono = 0x3b4, .ports = 0x3c0, .dispi = 0x1ce });
    vga_attach_pci(v, bus, 2, rom, sizeof rom);
    vga_wire_irq(v, alone_wire(t));
    t->screen = vga_screen(v);
    fake_reset(t->m);
    for (size_t k = 0; k < ARRAY_LEN(config); k++) {
        fake_out32(t->m, 0xcf8, 0x80001000u | config[k].at);
        fake_out32(t->m, 0xcfc, config[k].value);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x3b4, 2 }, { 0x3ba, 1 }, { 0x3c0, 16 }, { 0x3d4, 2 }, { 0x3da, 1 }, { 0x1ce, 3 }, { 0, 0 } };
    static const struct span registers[] = { { 0xa0000, 0x20000 }, { 0xf0000000u, 0x1000000 }, { 0xfebf0000u, 0x1000 }, { 0, 0 } };
    static act_fn *const ops[] = { act_vga_register, act_vga_register, act_vga_mode, act_vbe_register, act_vga_paint, act_vga_draw, act_pci_config,
                                  NULL };
    static const struct rig rig = { .name = "vga", .make = make, .unmake = alone_free, .ports = ports, .registers = registers,
                                    .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
