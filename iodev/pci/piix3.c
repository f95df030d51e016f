/* piix3.c - PCI to ISA bridge. Intel 82371FB (PIIX) and 82371SB (PIIX3) PCI ISA IDE Xcelerator data sheet:
 * "PIRQRC[A:D] PIRQx Route Control Registers", "RC Reset Control Register", "XBCS X-Bus Chip Select Register".
 * Here: interrupt routing, reset. The chip select, memory window and timing registers hold what is written: the board
 * decodes everything anyway. Not yet: the APIC's chip select. */
#include "piix3.h"

enum { PIIX3_PIRQRC = 0x60, PIRQRC_DISABLED = 0x80 };
enum { RC_RCPU = 0x04, RC_SRST = 0x02 };

struct piix3 {
    struct device dev;
    struct pci_function *pci;
    struct line irq[16], init;
    struct piix3_state {
        u8 pirq[PCI_PIRQS];         /* levels from the bus */
        u8 driven[16];              /* levels to the interrupt controllers */
        u8 rc;
    } s;
};

static const struct field fields[] = {
    FIELD_ARRAY(struct piix3_state, pirq),
    FIELD_ARRAY(struct piix3_state, driven),
    FIELD(struct piix3_state, rc),
    FIELD_END
};

static void route(struct piix3 *isa)
{
    u8 level[16] = { 0 };
    for (int k = 0; k < PCI_PIRQS; k++) {
        u32 r = pci_get(isa->pci, PIIX3_PIRQRC + k, 1);
        if (!(r & PIRQRC_DISABLED))
            level[r & 15] |= isa->s.pirq[k];
    }
    for (int k = 0; k < 16; k++) {
        if (level[k] == isa->s.driven[k])
            continue;
        isa->s.driven[k] = level[k];
        line_set(&isa->irq[k], level[k]);
    }
}

static void pirq_set(void *dev, int pin, bool level)
{
    struct piix3 *isa = dev;
    isa->s.pirq[pin] = level;
    route(isa);
}

struct line piix3_pirq(struct piix3 *isa, int n) { return (struct line) { pirq_set, isa, n }; }

static void config_written(void *dev, int offset, int size)
{
    if (offset < PIIX3_PIRQRC + PCI_PIRQS && offset + size > PIIX3_PIRQRC)
        route(dev);
}

static u64 rc_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return ((struct piix3 *)dev)->s.rc;
}

/* RCPU's rising edge resets: everything with SRST, else the CPU alone through INIT. */
static void rc_write(void *dev, u64 offset, u64 value, int size)
{
    struct piix3 *isa = dev;
    (void)offset, (void)size;
    bool rises = (value & RC_RCPU) && !(isa->s.rc & RC_RCPU);
    isa->s.rc = (u8)value & (RC_RCPU | RC_SRST);
    if (!rises)
        return;
    dev_log(&isa->dev, "power", "reset control: %s reset", isa->s.rc & RC_SRST ? "hard" : "soft");
    if (isa->s.rc & RC_SRST)
        machine_request(isa->dev.machine, REQUEST_RESET, 0);
    else
        line_pulse(&isa->init);
    isa->s.rc &= (u8)~RC_RCPU;
}

static void piix3_reset(void *dev)
{
    struct piix3 *isa = dev;
    isa->s.rc = 0;
    memset(isa->s.pirq, 0, sizeof isa->s.pirq);
    route(isa);
}

static void piix3_restored(void *dev)
{
    struct piix3 *isa = dev;
    for (int k = 0; k < 16; k++)
        line_set(&isa->irq[k], isa->s.driven[k]);
}

static void describe(const void *dev, FILE *out)
{
    const struct piix3 *isa = dev;
    for (int k = 0; k < PCI_PIRQS; k++) {
        u32 r = pci_get(isa->pci, PIIX3_PIRQRC + k, 1);
        char name[16];
        snprintf(name, sizeof name, "PIRQRC%c", 'A' + k);
        if (r & PIRQRC_DISABLED)
            tell_line(out, name, "%02x: routed nowhere, PIRQ%c# %s", r, 'A' + k, isa->s.pirq[k] ? "asserted" : "not asserted");
        else
            tell_line(out, name, "%02x: IRQ %u, PIRQ%c# %s", r, r & 15, 'A' + k, isa->s.pirq[k] ? "asserted" : "not asserted");
    }
    tell_register(out, "RC", isa->s.rc, 2, (const struct bits[]) { BIT("RCPU", 2), BIT("SRST", 1), BITS_END });
}

static const struct device_class piix3_class = {
    .name = "piix3",
    .title = "82371SB PCI to ISA bridge",
    .log = "power",
    .size = sizeof(struct piix3),
    .state_offset = offsetof(struct piix3, s),
    .state_size = sizeof(struct piix3_state),
    .fields = fields,
    .reset = piix3_reset,
    .restored = piix3_restored,
    .describe = describe,
};

static void shutdown_cycle(void *dev, int pin, bool level)
{
    struct piix3 *isa = dev;
    (void)pin;
    line_set(&isa->init, level);
}

struct line piix3_shutdown(struct piix3 *isa) { return (struct line) { shutdown_cycle, isa, 0 }; }

struct piix3 *piix3_new(struct machine *m, const struct line irq[16], struct line init)
{
    struct piix3 *isa = device_new(m, &piix3_class, "isa");
    memcpy(isa->irq, irq, sizeof isa->irq);
    isa->init = init;
    return isa;
}

void piix3_attach(struct piix3 *isa, struct pci_bus *bus, int device)
{
    isa->pci = pci_function_new(bus, device, 0, "isa.pci", &(struct pci_identity) {
        .vendor = 0x8086, .device = 0x7000, .class_code = 0x060100, .multifunction = true,
        .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
    });
    pci_initial(isa->pci, PCI_COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
    pci_writable(isa->pci, PCI_COMMAND, 2, 0x0108);
    pci_initial(isa->pci, PCI_STATUS, 2, 0x0200);
    pci_write_1_clears(isa->pci, PCI_STATUS, 2, 0x7800);
    pci_initial(isa->pci, 0x4c, 1, 0x4d);                       /* IORT */
    pci_writable(isa->pci, 0x4c, 1, 0xff);
    pci_initial(isa->pci, 0x4e, 2, 0x0003);                     /* XBCS */
    pci_writable(isa->pci, 0x4e, 2, 0x01ff);
    for (int k = 0; k < PCI_PIRQS; k++) {
        pci_initial(isa->pci, PIIX3_PIRQRC + k, 1, PIRQRC_DISABLED);
        pci_writable(isa->pci, PIIX3_PIRQRC + k, 1, 0x8f);
    }
    pci_initial(isa->pci, 0x69, 1, 0x02);                       /* TOM */
    pci_writable(isa->pci, 0x69, 1, 0xfe);
    pci_writable(isa->pci, 0x6a, 2, 0x8000 | 0x00f7);           /* MSTAT */
    pci_initial(isa->pci, 0x70, 1, 0x80);                       /* MBIRQ0 */
    pci_writable(isa->pci, 0x70, 1, 0xef);
    pci_initial(isa->pci, 0x76, 2, 0x0c0c);                     /* MBDMA0, MBDMA1 */
    pci_writable(isa->pci, 0x76, 2, 0x8f8f);
    pci_writable(isa->pci, 0x78, 2, 0xffff);                    /* PCSC */
    pci_initial(isa->pci, 0xa0, 1, 0x08);                       /* SMICNTL */
    pci_writable(isa->pci, 0xa0, 1, 0x1f);
    pci_writable(isa->pci, 0xa2, 2, 0x00ff);                    /* SMIEN */
    pci_on_write(isa->pci, config_written, isa);
    pci_bus_set_reset_port(bus, rc_read, rc_write, isa);
}
