/* piix3_ide.c - the PIIX3's IDE function: configuration space, legacy ports, bus master registers.
 * Intel 82371FB/82371SB (PIIX/PIIX3) data sheet, "PCI Configuration Registers: IDE Interface (Function 1)".
 * Here: what software can see; the timing registers are kept but change no speed. */
#include "ata.h"
#include "ide.h"
#include "../pci/pci.h"

enum { IDETIM_PRIMARY = 0x40, IDETIM_SECONDARY = 0x42, SIDETIM = 0x44 };
enum { IDETIM_IDE = 0x8000 };                           /* IDE decode enable */
enum { BMIBA_BAR = 4, BMIBA_SIZE = 16 };

struct ide {
    struct device dev;
    struct ide_channel *channel[2];
    struct bmdma *bm[2];
    struct pci_function *pci;
    struct ide_state {
        u8 no_state;            /* it is all in the configuration space, the channels and the drives */
    } s;
};

static const struct field fields[] = { FIELD(struct ide_state, no_state), FIELD_END };

static void dma_started(void *dev)
{
    struct ide_channel **channel = dev;
    ide_channel_dma_started(*channel);
}

static u64 bm_read(void *dev, u64 offset, int size)
{
    struct ide *ide = dev;
    return bmdma_read(ide->bm[offset >> 3 & 1], offset & 7, size);
}

static void bm_write(void *dev, u64 offset, u64 value, int size)
{
    struct ide *ide = dev;
    bmdma_write(ide->bm[offset >> 3 & 1], offset & 7, value, size);
}

static void config_written(void *dev, int offset, int size)
{
    struct ide *ide = dev;
    bool io = pci_get(ide->pci, PCI_COMMAND, 2) & COMMAND_IO;
    if (offset >= PCI_CONFIG_SIZE || offset + size <= PCI_COMMAND)
        return;
    for (int k = 0; k < 2; k++) {
        ide_channel_enable(ide->channel[k], io && pci_get(ide->pci, IDETIM_PRIMARY + 2 * k, 2) & IDETIM_IDE);
        bmdma_enable(ide->bm[k], pci_is_master(ide->pci));
    }
}

static void describe(const void *dev, FILE *out)
{
    const struct ide *ide = dev;
    for (int k = 0; k < 2; k++) {
        u32 timing = pci_get(ide->pci, IDETIM_PRIMARY + 2 * k, 2);
        bool io = pci_get(ide->pci, PCI_COMMAND, 2) & COMMAND_IO;
        const char *what = !(timing & IDETIM_IDE) ? "its ports are not decoded (bit 15 is clear)" : io ? "its ports are decoded"
                         : "its ports are not decoded (I/O is off in the command register)";
        tell_line(out, k ? "secondary" : "primary", "IDETIM %04x: %s", timing, what);
    }
    tell_line(out, "DMA", "%s", pci_is_master(ide->pci) ? "may master the bus" : "may not master the bus (command register, bit 2)");
    tell_line(out, "more", "in ide.pci, ide0, ide1, ide0.bm, ide1.bm and the drives");
}

static const struct device_class ide_class = {
    .name = "piix3_ide",
    .title = "PIIX3 IDE controller",
    .size = sizeof(struct ide),
    .state_offset = offsetof(struct ide, s),
    .state_size = sizeof(struct ide_state),
    .fields = fields,
    .describe = describe,
};

static void add_pci(struct ide *ide, struct pci_bus *bus, int device, int function)
{
    static const struct pci_identity identity = {
        .vendor = 0x8086, .device = 0x7010, .class_code = 0x010180,
    };
    struct pci_function *f = ide->pci = pci_function_new(bus, device, function, "ide.pci", &identity);
    pci_initial(f, PCI_STATUS, 2, 0x0280);              /* fast back-to-back, medium DEVSEL# */
    pci_writable(f, PCI_COMMAND, 2, COMMAND_IO | COMMAND_MASTER);
    pci_writable(f, PCI_LATENCY_TIMER, 1, 0xf0);
    pci_writable(f, IDETIM_PRIMARY, 2, 0xffff);
    pci_writable(f, IDETIM_SECONDARY, 2, 0xffff);
    pci_writable(f, SIDETIM, 1, 0xff);
    pci_bar_io(f, BMIBA_BAR, BMIBA_SIZE, "ide.bm", 4, bm_read, bm_write, ide);
    pci_on_write(f, config_written, ide);
    config_written(ide, 0, PCI_CONFIG_SIZE);
}

struct ide *ide_new(struct machine *m, const struct ide_at *at, struct pci_bus *bus, int device, int function, struct line irq14,
                    struct line irq15)
{
    struct ide *ide = device_new(m, &ide_class, "ide");
    ide->bm[0] = bmdma_new(m, "ide0.bm", dma_started, &ide->channel[0]);
    ide->bm[1] = bmdma_new(m, "ide1.bm", dma_started, &ide->channel[1]);
    ide->channel[0] = ide_channel_new(m, "ide0", at->command[0], at->control[0], irq14, ide->bm[0]);
    ide->channel[1] = ide_channel_new(m, "ide1", at->command[1], at->control[1], irq15, ide->bm[1]);
    if (bus)
        add_pci(ide, bus, device, function);
    return ide;
}

void ide_attach_disk(struct ide *ide, int channel, int unit, struct image *image)
{
    assert(image && image_kind(image) == IMAGE_DISK);
    ide_channel_attach(ide->channel[channel], unit, image, &ata_disk_ops);
}

void ide_attach_cd(struct ide *ide, int channel, int unit, struct image *image)
{
    assert(!image || image_kind(image) == IMAGE_CD);
    ide_channel_attach(ide->channel[channel], unit, image, &atapi_cd_ops);
}

void ide_set_hurry(struct ide *ide, u32 times)
{
    for (int k = 0; k < 4; k++) {
        struct ide_drive *d = ide_channel_drive(ide->channel[k / 2], k % 2);
        if (d)
            d->hurry = times;
    }
}

bool ide_change_cd(struct ide *ide, int channel, int unit, struct image *image, bool force)
{
    struct ide_drive *d = ide_channel_drive(ide->channel[channel & 1], unit);
    if (!d || !d->ops->packet)
        return false;
    if (d->s.locked && !force) {
        d->s.media_event = 1;   /* EjectRequest: the drive's button was pressed */
        return false;
    }
    atapi_change(d, image);
    return true;
}

void ide_load_cd(struct ide *ide, int channel, int unit, struct image *image)
{
    struct ide_drive *d = ide_channel_drive(ide->channel[channel & 1], unit);
    image_close(d->image);
    d->image = image;
}

bool ide_cd_drive(const struct ide *ide, int channel, int unit, bool *locked, bool *open)
{
    const struct ide_drive *d = ide_channel_drive(ide->channel[channel & 1], unit);
    if (!d || !d->ops->packet)
        return false;
    *locked = d->s.locked;
    *open = d->s.tray_open;
    return true;
}

struct image *ide_image(const struct ide *ide, int channel, int unit)
{
    const struct ide_drive *d = ide_channel_drive(ide->channel[channel & 1], unit);
    return d ? d->image : NULL;
}
