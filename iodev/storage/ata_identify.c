/* ata_identify.c - what drives say about themselves: IDENTIFY DEVICE and IDENTIFY PACKET DEVICE.
 * ATA/ATAPI-6 (T13 1410D), "IDENTIFY DEVICE", "IDENTIFY PACKET DEVICE"; words that older standards define and old drivers
 * read are filled as ATA-1 has them. */
#include "ata.h"
#include <stdio.h>

enum { W_MULTIPLE_MAX = 16, LBA28_MAX = 0x0fffffff };

static void word(u8 *out, int number, u32 value) { put16(out + 2 * number, (u16)value); }

static void dword(u8 *out, int number, u32 value) { put32(out + 2 * number, value); }

/* Words that both kinds have. */
static void common(const struct ide_drive *d, u8 *out, const char *model)
{
    char serial[21];
    const u8 *mode = d->s.transfer_mode;
    bool second = d->unit & 1;
    snprintf(serial, sizeof serial, "VT%05d", d->unit + 1);
    drive_string(out + 20, 20, serial);
    drive_string(out + 46, 8, "1.0");
    drive_string(out + 54, 40, model);
    word(out, 51, 0x0200);                              /* PIO mode 2 without flow control */
    word(out, 52, 0x0200);
    word(out, 63, 0x0007u | (mode[0] ? 0x100u << (mode[0] - 1) : 0));
    word(out, 64, 0x0003);                              /* PIO modes 3 and 4 */
    for (int k = 65; k <= 68; k++)
        word(out, k, 120);                              /* cycle times in ns */
    word(out, 80, 0x007e);                              /* ATA-1 to ATA/ATAPI-6 */
    word(out, 88, 0x003fu | (mode[1] ? 0x100u << (mode[1] - 1) : 0));
    word(out, 93, second ? 0x6b00 : 0x600b);            /* 80-conductor cable, jumpered, diagnostics passed */
}

static void finish(u8 *out)
{
    u8 sum = 0xa5;
    out[510] = 0xa5;
    for (int k = 0; k < 510; k++)
        sum = (u8)(sum + out[k]);
    out[511] = (u8)-sum;
}

void ata_identify(const struct ide_drive *d, u8 *out)
{
    const struct ide_drive_state *s = &d->s;
    struct image_chs chs = image_chs(d->image);
    u64 total = image_sectors(d->image);
    u32 current = (u32)s->cylinders * s->heads * s->sectors;
    memset(out, 0, 512);
    common(d, out, "Vitrine disk");
    word(out, 0, 0x0040);                               /* ATA, not removable */
    word(out, 1, chs.cylinders);
    word(out, 2, 0xc837);                               /* no SET FEATURES needed to spin up */
    word(out, 3, chs.heads);
    word(out, 4, 512 * chs.sectors);                    /* ATA-1: bytes a track and a sector */
    word(out, 5, 512);
    word(out, 6, chs.sectors);
    word(out, 20, 3);                                   /* ATA-1: dual ported, caching buffer of so many sectors, ECC */
    word(out, 21, DRIVE_BUFFER / 512);
    word(out, 22, 4);
    word(out, 47, 0x8000 | W_MULTIPLE_MAX);
    word(out, 49, 0x2f00);                              /* standard timers, IORDY that can be disabled, LBA, DMA */
    word(out, 50, 0x4000);
    word(out, 53, 0x0007);                              /* words 54-58, 64-70, 88 are valid */
    word(out, 54, s->cylinders);
    word(out, 55, s->heads);
    word(out, 56, s->sectors);
    dword(out, 57, current);
    word(out, 59, s->multiple ? 0x0100u | s->multiple : 0);
    dword(out, 60, total > LBA28_MAX ? LBA28_MAX : (u32)total);
    word(out, 82, 0x7068);                              /* NOP, buffers, look-ahead, write cache, power management */
    word(out, 83, 0x7400);                              /* FLUSH CACHE (EXT), 48-bit */
    word(out, 84, 0x4000);
    word(out, 85, 0x7008u | (s->look_ahead ? 0x40 : 0) | (s->write_cache ? 0x20 : 0));
    word(out, 86, 0x3400);
    word(out, 87, 0x4000);
    put64(out + 200, total);
    finish(out);
}

void atapi_identify(const struct ide_drive *d, u8 *out)
{
    memset(out, 0, 512);
    common(d, out, "Vitrine CD-ROM");
    word(out, 0, 0x85c0);                               /* ATAPI, CD-ROM, removable, DRQ within 50 us, 12-byte packets */
    word(out, 49, 0x0f00);                              /* DMA, LBA, IORDY */
    word(out, 50, 0x4000);
    word(out, 53, 0x0006);                              /* words 64-70, 88 are valid */
    word(out, 71, 30);                                  /* us: PACKET to bus release, SERVICE to ready */
    word(out, 72, 30);
    word(out, 82, 0x4210);                              /* NOP, DEVICE RESET, PACKET */
    word(out, 83, 0x4000);
    word(out, 84, 0x4000);
    word(out, 85, 0x4210);
    word(out, 86, 0x0000);
    word(out, 87, 0x4000);
    finish(out);
}
