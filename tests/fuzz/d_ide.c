/* d_ide.c - the IDE function: a disk and a CD drive on one channel, a CD drive on the other; bus-master DMA; CDs are changed. */
#include "alone.h"
#include "../../iodev/storage/ide.h"
#include "../../iodev/pci/pci.h"

enum { BUS_MASTER = 0xc000, DISK_BYTES = 1 << 20, CD_BYTES = 1 << 19 };

static struct image *disc(u32 bytes)
{
    u8 *data = xcalloc(bytes, 1);
    for (u32 k = 0; k < bytes; k += 512)
        put32(data + k, k);
    struct image *image = image_new_memory("cd", IMAGE_CD, data, bytes);
    free(data);
    return image;
}

static void make(struct target *t)
{
    static const struct { u16 at, value; } config[] = { { 0x20, BUS_MASTER }, { 0x40, 0x8000 }, { 0x42, 0x8000 }, { 0x04, 5 } };
    const struct line nowhere[PCI_PIRQS] = { 0 };
    struct alone *a = alone_new(t);
    struct pci_bus *bus = pci_bus_new(t->m, 0xcf8, nowhere);
    struct line irq14 = alone_wire(t), irq15 = alone_wire(t);
    struct ide *ide = a->dev[0] = ide_new(t->m, &(struct ide_at) { .command = { 0x1f0, 0x170 }, .control = { 0x3f6, 0x376 } }, bus, 1, 1, irq14, irq15);
    ide_attach_disk(ide, 0, 0, image_new_memory("disk", IMAGE_DISK, NULL, DISK_BYTES));
    ide_attach_cd(ide, 0, 1, NULL);
    ide_attach_cd(ide, 1, 0, disc(CD_BYTES));
    ide_set_hurry(ide, 10000);
    fake_reset(t->m);
    for (size_t k = 0; k < ARRAY_LEN(config); k++) {
        fake_out32(t->m, 0xcf8, 0x80000900u | config[k].at);
        fake_out16(t->m, (u16)(0xcfc + (config[k].at & 2)), config[k].value);
    }
}

static void change(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u8 how = take8(b);
    struct image *image = how & 2 ? disc(how & 4 ? CD_BYTES : 2048) : NULL;
    bool taken = ide_change_cd(a->dev[0], how & 1, how & 1 ? 0 : 1, image, how & 8);
    act_saw(t, taken);
    if (!taken)
        image_close(image);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x1f0, 8 }, { 0x3f6, 1 }, { 0x170, 8 }, { 0x376, 1 }, { BUS_MASTER, 16 }, { 0, 0 } };
    static act_fn *const ops[] = { act_ata_command, act_ata_interrupt, act_ata_packet, act_ata_packet, act_ata_drain, act_ata_feed, act_ata_dma,
                                  act_ata_select, act_ata_identify, change, NULL };
    static const struct rig rig = { .name = "ide", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
