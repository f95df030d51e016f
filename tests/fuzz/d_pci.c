/* d_pci.c - the PCI bus with host bridge, ISA bridge, power management, and a card with every kind of base address. */
#include "alone.h"
#include "../../iodev/isa/debug_ports.h"
#include "../../iodev/isa/ferr.h"
#include "../../iodev/pci/i440fx.h"
#include "../../iodev/pci/piix3.h"
#include "../../iodev/pci/piix4_pm.h"
#include "../../iodev/isa/port92.h"

enum { DRAM_BYTES = 1 << 20 };

struct card { struct ram *dram, *memory, *rom; struct line smiact; };

static u64 card_read(void *dev, u64 offset, int size)
{
    (void)dev;
    return offset * 0x01010101u + (u64)size;
}

static void card_write(void *dev, u64 offset, u64 value, int size)
{
    (void)dev;
    (void)offset;
    (void)value;
    (void)size;
}

static void make(struct target *t)
{
    static const struct pci_identity what = { .vendor = 0x1234, .device = 0x5678, .class_code = 0x020000, .interrupt_pin = 1 };
    struct alone *a = alone_new(t);
    struct line irq[16], pirq[PCI_PIRQS];
    struct card *card = a->dev[1] = xcalloc(1, sizeof *card);
    card->dram = ram_new("dram", DRAM_BYTES);
    card->memory = ram_new("card.ram", 0x10000);
    card->rom = ram_new("card.rom", 0x8000);
    for (int k = 0; k < 16; k++)
        irq[k] = k > 2 && k < 16 ? alone_wire(t) : (struct line){ 0 };
    struct piix3 *isa = piix3_new(t->m, irq, (struct line) { 0 });
    for (int k = 0; k < PCI_PIRQS; k++)
        pirq[k] = piix3_pirq(isa, k);
    struct pci_bus *bus = pci_bus_new(t->m, 0xcf8, pirq);
    struct i440fx *host = a->dev[0] = i440fx_new(bus, card->dram, 0xa0000);
    card->smiact = i440fx_add_processor(host, machine_new_view(t->m));
    piix3_attach(isa, bus, 1);
    struct line sci = alone_wire(t), smi = alone_wire(t);
    struct piix4_pm *pm = a->dev[3] = piix4_pm_new(bus, 1, 0xb2, sci, smi);
    (void)pm;
    struct pci_function *f = a->dev[2] = pci_function_new(bus, 3, 0, "card.pci", &what);
    pci_bar_io(f, 0, 16, "card.io", 1, card_read, card_write, t);
    pci_bar_memory(f, 1, 4096, "card.mmio", 4, card_read, card_write, t);
    pci_bar_ram(f, 2, 0x10000, "card.ram", card->memory);
    pci_expansion_rom(f, card->rom);
    struct line irq13 = alone_wire(t), ignne = alone_wire(t), a20 = alone_wire(t);
    ferr_new(t->m, 0xf0, irq13, ignne);
    port92_new(t->m, 0x92, a20, (struct line) { 0 });
    debug_ports_new(t->m, &(struct debug_ports_at) { .text = 0xe9, .text_seabios = 0x402, .iochk = 0xea, .exit = 0xf4, .post = 0x80 }, NULL);
    fake_reset(t->m);
}

static void unmake(struct target *t)
{
    struct card *card = ((struct alone *)t->of)->dev[1];
    alone_free(t);
    ram_free(card->dram);
    ram_free(card->memory);
    ram_free(card->rom);
    free(card);
}

/* The card's interrupt pin, SMIACT#, the power button. */
static void pins(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u8 how = take8(b);
    if (how & 1)
        pci_set_interrupt(a->dev[2], how & 2);
    if (how & 4) {
        struct card *card = a->dev[1];
        line_set(&card->smiact, how & 8);
    }
    if (how & 0x10)
        piix4_pm_power_button(a->dev[3]);
    if (how & 0x20) {
        struct line alarm = piix4_pm_rtc_alarm(a->dev[3]);
        line_set(&alarm, how & 0x40);
    }
    act_saw(t, piix4_pm_smi_waits(a->dev[3]));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0xcf8, 8 }, { 0xb2, 2 }, { 0x92, 1 }, { 0xf0, 2 }, { 0xe9, 2 }, { 0x600, 0x40 }, { 0xf4, 4 }, { 0, 0 } };
    static const struct span registers[] = { { 0xa0000, 0x60000 }, { 0xe0000000u, 0x20000 }, { 0, 0 } };
    static act_fn *const ops[] = { act_pci_config, act_pci_config, act_pci_config, pins, NULL };
    static const struct rig rig = { .name = "pci", .make = make, .unmake = unmake, .ports = ports, .registers = registers, .ops = ops,
                                    .look = alone_look };
    return ops_run(&rig, data, size);
}
