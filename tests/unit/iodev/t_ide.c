/* t_ide.c - IDE: ATA disk commands by PIO, multiple and DMA, ATAPI, resets, the PCI function. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/storage/ide.h"
#include "../../../iodev/pci/pci.h"
#include <cmocka.h>

enum { PRI = 0x1f0, SEC = 0x170, BM = 0xc000, SECTORS = 20 * 16 * 63 + 7, CD_BLOCKS = 300 };
enum { US = 1000, MS = 1000000 };

struct rig {
    struct machine *m;
    struct ide *ide;
    struct fake_wire irq14, irq15;
};

static void config_write(struct rig *r, int offset, u32 value, int size)
{
    fake_out32(r->m, 0xcf8, 0x80000900u | (u32)(offset & 0xfc));
    if (size == 4)
        fake_out32(r->m, 0xcfc, value);
    else
        fake_out16(r->m, (u16)(0xcfc + (offset & 2)), (u16)value);
}

static u32 config_read(struct rig *r, int offset)
{
    fake_out32(r->m, 0xcf8, 0x80000900u | (u32)(offset & 0xfc));
    return fake_in32(r->m, 0xcfc);
}

static struct image *disk_image(u64 sectors)
{
    struct image *i = image_new_memory("disk", IMAGE_DISK, NULL, sectors * 512);
    u8 sector[512];
    for (u32 k = 0; k < 600; k++) {
        memset(sector, (int)k, sizeof sector);
        put32(sector, k);
        image_write(i, k, 1, sector);
    }
    return i;
}

static struct image *cd_image(u32 first)
{
    u8 *data = xcalloc(CD_BLOCKS, 2048);
    for (u32 k = 0; k < CD_BLOCKS; k++)
        put32(data + 2048 * k, k + first), put32(data + 2048 * k + 2044, ~k);
    struct image *i = image_new_memory("cd", IMAGE_CD, data, CD_BLOCKS * 2048);
    free(data);
    return i;
}

static int set_up(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    const struct line nowhere[PCI_PIRQS] = { 0 };
    r->m = fake_new(0x100000);
    struct pci_bus *bus = pci_bus_new(r->m, 0xcf8, nowhere);
    r->ide = ide_new(r->m, &(struct ide_at) { .command = { 0x1f0, 0x170 }, .control = { 0x3f6, 0x376 } }, bus, 1, 1, fake_wire(&r->irq14, r->m), fake_wire(&r->irq15, r->m));
    ide_attach_disk(r->ide, 0, 0, disk_image(SECTORS));
    ide_attach_cd(r->ide, 1, 0, cd_image(0));
    ide_set_hurry(r->ide, 10000);           /* what moves is t_drive_motion.c's */
    fake_reset(r->m);
    config_write(r, 0x20, BM, 4);
    config_write(r, 0x40, 0x8000, 2);
    config_write(r, 0x42, 0x8000, 2);
    config_write(r, 0x04, 5, 2);
    *state = r;
    return 0;
}

static void task(struct rig *r, u16 port, u8 count, u32 lba, u8 command)
{
    fake_out8(r->m, port + 2, count);
    fake_out8(r->m, port + 3, (u8)lba);
    fake_out8(r->m, port + 4, (u8)(lba >> 8));
    fake_out8(r->m, port + 5, (u8)(lba >> 16));
    fake_out8(r->m, port + 6, (u8)(0xe0 | (lba >> 24 & 15)));
    fake_out8(r->m, port + 7, command);
}

static void task_ext(struct rig *r, u16 count, u64 lba, u8 command)
{
    fake_out8(r->m, PRI + 2, (u8)(count >> 8));
    fake_out8(r->m, PRI + 3, (u8)(lba >> 24));
    fake_out8(r->m, PRI + 4, (u8)(lba >> 32));
    fake_out8(r->m, PRI + 5, (u8)(lba >> 40));
    task(r, PRI, (u8)count, (u32)(lba & 0xffffff), command);
}

/* Let it work; it must end with this status and an interrupt, which is acknowledged. */
static void wait_for(struct rig *r, u16 port, u8 status)
{
    struct fake_wire *irq = port == PRI ? &r->irq14 : &r->irq15;
    assert_true(fake_in8(r->m, port + 0x206) & 0x80);
    fake_advance(r->m, 2 * MS);
    assert_int_equal(fake_in8(r->m, port + 0x206), status);
    assert_true(irq->level);
    assert_int_equal(fake_in8(r->m, port + 7), status);
    assert_false(irq->level);
}

static void check_sector(struct rig *r, u32 lba, int width)
{
    for (int k = 0; k < 512; k += width) {
        u32 v = width == 2 ? fake_in16(r->m, PRI) : fake_in32(r->m, PRI);
        u32 fill = (lba & 0xff) * 0x01010101u, expected = k < 4 ? lba >> (8 * k) : fill;
        assert_int_equal(v, width == 2 ? expected & 0xffff : expected);
    }
}

static void test_identify(void **state)
{
    struct rig *r = *state;
    u16 w[256];
    u8 sum = 0;
    task(r, PRI, 0, 0, 0xec);
    wait_for(r, PRI, 0x58);
    for (int k = 0; k < 256; k++) {
        w[k] = fake_in16(r->m, PRI);
        sum = (u8)(sum + w[k] + (w[k] >> 8));
    }
    assert_int_equal(sum, 0);
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    assert_false(r->irq14.level);
    assert_int_equal(w[1], 20);
    assert_int_equal(w[3], 16);
    assert_int_equal(w[6], 63);
    assert_int_equal(w[60] | w[61] << 16, SECTORS);
    assert_int_equal(w[100] | w[101] << 16, SECTORS);
    assert_int_equal(w[27], 'V' << 8 | 'i');
    assert_true(w[83] & 0x0400);
}

static void test_pio(void **state)
{
    struct rig *r = *state;
    u8 back[512];
    task(r, PRI, 3, 100, 0x20);
    for (u32 k = 100; k < 103; k++) {
        wait_for(r, PRI, 0x58);
        check_sector(r, k, k & 1 ? 2 : 4);
    }
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    assert_int_equal(fake_in8(r->m, PRI + 3), 102);
    assert_int_equal(fake_in8(r->m, PRI + 2), 0);
    fake_out8(r->m, PRI + 2, 1), fake_out8(r->m, PRI + 3, 1);      /* CHS 0, 1, 1 */
    fake_out8(r->m, PRI + 4, 0), fake_out8(r->m, PRI + 5, 0);
    fake_out8(r->m, PRI + 6, 0xa1), fake_out8(r->m, PRI + 7, 0x21);
    wait_for(r, PRI, 0x58);
    check_sector(r, 63, 4);
    task(r, PRI, 2, 200, 0x30);
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, PRI + 0x206), 0x58);
    assert_false(r->irq14.level);                       /* none for the first block of a write */
    for (int s = 0; s < 2; s++) {
        for (int k = 0; k < 256; k++)
            fake_out16(r->m, PRI, (u16)(0x1000 * (s + 1) + k));
        wait_for(r, PRI, s ? 0x50 : 0x58);
    }
    image_read(ide_image(r->ide, 0, 0), 201, 1, back);
    assert_int_equal(get16(back + 510), 0x20ff);
}

static void test_multiple_and_ext(void **state)
{
    struct rig *r = *state;
    task(r, PRI, 2, 0, 0xc4);                           /* not set yet */
    wait_for(r, PRI, 0x51);
    assert_int_equal(fake_in8(r->m, PRI + 1), 0x04);
    task(r, PRI, 3, 0, 0xc6);
    wait_for(r, PRI, 0x51);
    task(r, PRI, 8, 0, 0xc6);
    wait_for(r, PRI, 0x50);
    task_ext(r, 260, 20, 0x29);
    for (u32 lba = 20; lba < 280; ) {
        wait_for(r, PRI, 0x58);
        for (int k = 0; k < 8 && lba < 280; k++)
            check_sector(r, lba++, 4);
    }
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    task_ext(r, 1, 0x123456789aull, 0x24);
    wait_for(r, PRI, 0x51);
    assert_int_equal(fake_in8(r->m, PRI + 1), 0x10);    /* IDNF */
    assert_int_equal(fake_in8(r->m, PRI + 3), 0x9a);
    fake_out8(r->m, PRI + 0x206, 0x80);                 /* HOB */
    assert_int_equal(fake_in8(r->m, PRI + 3), 0x34);
    assert_int_equal(fake_in8(r->m, PRI + 4), 0x12);
    fake_out8(r->m, PRI + 2, 0);                        /* a write clears it */
    assert_int_equal(fake_in8(r->m, PRI + 3), 0x9a);
    task_ext(r, 0, 0, 0x27);
    wait_for(r, PRI, 0x50);
    assert_int_equal(fake_in8(r->m, PRI + 3), (SECTORS - 1) & 0xff);
}

static void prd(struct rig *r, int n, u32 address, u32 count)
{
    put32(fake_ram(r->m) + 0x1000 + 8 * n, address);
    put32(fake_ram(r->m) + 0x1004 + 8 * n, count);
}

static void test_dma(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m), back[512];
    prd(r, 0, 0x20000, 512 + 100);
    prd(r, 1, 0x30000, (0x10000 - 612) | 0x80000000u);
    fake_out32(r->m, BM + 4, 0x1000);
    fake_out8(r->m, BM + 0, 0x08);
    fake_out8(r->m, BM + 2, 0x06);
    task(r, PRI, 128, 5, 0xc8);
    fake_advance(r->m, 10 * MS);
    assert_false(r->irq14.level);                       /* not started */
    fake_out8(r->m, BM + 0, 0x09);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x01);
    fake_advance(r->m, 10 * MS);
    assert_true(r->irq14.level);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x04);
    fake_out8(r->m, BM + 2, 0x04);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x00);
    fake_out8(r->m, BM + 0, 0);
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    assert_int_equal(get32(ram + 0x20000), 5);
    assert_int_equal(get32(ram + 0x20200), 6);
    assert_int_equal(get32(ram + 0x30000 + 412), 7);
    assert_int_equal(ram[0x30000 + 0x10000 - 612 - 1], 132);
    /* Write; the table is longer than the transfer: interrupt while still active. */
    memset(ram + 0x40000, 0x5a, 1024);
    prd(r, 0, 0x40000, 4096 | 0x80000000u);
    fake_out8(r->m, BM + 0, 0x01);
    task_ext(r, 2, 300, 0x35);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x05);
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    image_read(ide_image(r->ide, 0, 0), 301, 1, back);
    assert_int_equal(back[511], 0x5a);
    fake_out8(r->m, BM + 0, 0);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x04);
    /* The table is too short: the controller stops, the drive waits, a second table completes it. */
    prd(r, 0, 0x50000, 700 | 0x80000000u);
    fake_out8(r->m, BM + 2, 0x04);
    fake_out8(r->m, BM + 0, 0x09);
    task(r, PRI, 2, 10, 0xc8);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x00);
    assert_int_equal(fake_in8(r->m, PRI + 0x206) & 0x80, 0x80);
    fake_save_and_load(r->m);
    prd(r, 0, 0x60000, 324 | 0x80000000u);
    fake_out8(r->m, BM + 0, 0x08);
    fake_out8(r->m, BM + 0, 0x09);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(fake_in8(r->m, BM + 2), 0x04);
    assert_int_equal(get32(ram + 0x50200), 11);
    assert_int_equal(ram[0x60000 + 323], 11);
}

static void test_resets(void **state)
{
    struct rig *r = *state;
    fake_out8(r->m, PRI + 6, 0xb0);                     /* no drive 1: drive 0 answers with status 0 */
    assert_int_equal(fake_in8(r->m, PRI + 7), 0);
    fake_out8(r->m, PRI + 7, 0xec);
    fake_advance(r->m, MS);
    assert_false(r->irq14.level);
    fake_out8(r->m, PRI + 0x206, 0x04);
    assert_int_equal(fake_in8(r->m, PRI + 0x206), 0x80);
    fake_out8(r->m, PRI + 0x206, 0x00);
    assert_int_equal(fake_in8(r->m, PRI + 0x206), 0x80);
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    assert_int_equal(fake_in32(r->m, PRI + 1), 0x00010101);
    assert_false(r->irq14.level);
    fake_out8(r->m, PRI + 7, 0x90);
    wait_for(r, PRI, 0x50);
    assert_int_equal(fake_in8(r->m, PRI + 1), 1);
    assert_int_equal(fake_in8(r->m, SEC + 4), 0x14);
    assert_int_equal(fake_in8(r->m, SEC + 5), 0xeb);
    assert_int_equal(fake_in8(r->m, SEC + 7), 0);
    fake_out8(r->m, SEC + 6, 0xb0);                     /* a packet drive alone does not show twice */
    assert_int_equal(fake_in8(r->m, SEC + 4), 0);
    fake_out8(r->m, PRI + 0x206, 0x02);                 /* nIEN */
    task(r, PRI, 0, 0, 0xe7);
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, PRI + 0x206), 0x50);
    assert_false(r->irq14.level);
    fake_out8(r->m, PRI + 0x206, 0x00);
    assert_true(r->irq14.level);
    task(r, PRI, 0, 0, 0x5b);                           /* no such command */
    wait_for(r, PRI, 0x51);
    assert_int_equal(fake_in8(r->m, PRI + 1), 0x04);
}

static void test_pci(void **state)
{
    struct rig *r = *state;
    assert_int_equal(config_read(r, 0), 0x70108086);
    assert_int_equal(config_read(r, 8) >> 8, 0x010180);
    assert_int_equal(config_read(r, 0x20), BM | 1);
    config_write(r, 0x40, 0, 2);                        /* primary decode off */
    assert_int_equal(fake_in8(r->m, PRI + 7), 0xff);
    config_write(r, 0x40, 0x8000, 2);
    assert_int_equal(fake_in8(r->m, PRI + 7), 0x50);
    config_write(r, 4, 0, 2);
    assert_int_equal(fake_in8(r->m, PRI + 7), 0xff);
}

/* Send a packet; 12 bytes. */
static void packet(struct rig *r, u8 features, u16 limit, const u8 *bytes)
{
    fake_out8(r->m, SEC + 6, 0xa0);
    fake_out8(r->m, SEC + 1, features);
    fake_out8(r->m, SEC + 4, (u8)limit);
    fake_out8(r->m, SEC + 5, (u8)(limit >> 8));
    fake_out8(r->m, SEC + 7, 0xa0);
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, SEC + 7), 0x58);
    assert_int_equal(fake_in8(r->m, SEC + 2), 1);
    for (int k = 0; k < 12; k += 2)
        fake_out16(r->m, SEC, get16(bytes + k));
}
#define PACKET(r, features, limit, ...) packet(r, features, limit, (const u8[12]) { __VA_ARGS__ })

/* Take the blocks of an answer; returns its length. */
static u32 take(struct rig *r, u8 *to, u32 *blocks)
{
    u32 n = 0;
    *blocks = 0;
    for (;;) {
        fake_advance(r->m, 2 * MS);
        assert_true(r->irq15.level);
        u8 status = fake_in8(r->m, SEC + 7);
        if (!(status & 8)) {
            assert_int_equal(fake_in8(r->m, SEC + 2), 3);
            assert_int_equal(status, 0x50);
            return n;
        }
        assert_int_equal(fake_in8(r->m, SEC + 2), 2);
        u32 length = fake_in8(r->m, SEC + 4) | (u32)fake_in8(r->m, SEC + 5) << 8;
        for (u32 k = 0; k < length; k += 2)
            put16(to + n + k, fake_in16(r->m, SEC));
        n += length;
        ++*blocks;
    }
}

static void check_condition(struct rig *r, u8 key, u8 asc)
{
    u8 sense[18];
    u32 blocks;
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, SEC + 7), 0x51);
    assert_int_equal(fake_in8(r->m, SEC + 1) >> 4, key);
    PACKET(r, 0, 0xfffe, 0x03, 0, 0, 0, 18);
    assert_int_equal(take(r, sense, &blocks), 18);
    assert_int_equal(sense[2], key);
    assert_int_equal(sense[12], asc);
}

static void test_atapi_pio(void **state)
{
    struct rig *r = *state;
    u8 *data = xcalloc(64, 2352);
    u32 blocks;
    task(r, SEC, 0, 0, 0xec);                           /* IDENTIFY DEVICE tells what it is */
    wait_for(r, SEC, 0x51);
    assert_int_equal(fake_in8(r->m, SEC + 5), 0xeb);
    PACKET(r, 0, 0xfffe, 0x00);
    check_condition(r, 6, 0x29);                        /* power on */
    PACKET(r, 0, 0xfffe, 0x00);
    assert_int_equal(take(r, data, &blocks), 0);
    PACKET(r, 0, 0xfffe, 0x12, 0, 0, 0, 5);             /* odd length */
    assert_int_equal(take(r, data, &blocks), 5);
    assert_int_equal(data[0], 5);
    PACKET(r, 0, 8, 0x25);
    assert_int_equal(take(r, data, &blocks), 8);
    assert_int_equal(data[3] | data[2] << 8, CD_BLOCKS - 1);
    assert_int_equal(data[6], 8);
    PACKET(r, 0, 1000, 0x28, 0, 0, 0, 0, 7, 0, 0, 20);  /* blocks of at most 1000 bytes */
    assert_int_equal(take(r, data, &blocks), 20 * 2048);
    assert_true(blocks >= 41);
    for (u32 k = 0; k < 20; k++) {
        assert_int_equal(get32(data + 2048 * k), 7 + k);
        assert_int_equal(get32(data + 2048 * k + 2044), ~(7 + k));
    }
    PACKET(r, 0, 0xfffe, 0xa8, 0, 0, 0, 1, 0x2b, 0, 0, 0, 1);
    assert_int_equal(take(r, data, &blocks), 2048);
    PACKET(r, 0, 0xfffe, 0xa8, 0, 0, 0, 1, 0x2b, 0, 0, 0, 2);
    check_condition(r, 5, 0x21);
    PACKET(r, 0, 0xfffe, 0x43, 2, 0, 0, 0, 0, 0, 0, 100);
    assert_int_equal(take(r, data, &blocks), 20);
    assert_int_equal(data[10], 2);                      /* track 1 at 00:02:00 */
    assert_int_equal(data[14], 0xaa);
    assert_int_equal(data[18], 6);                      /* lead-out at 00:06:00 */
    PACKET(r, 0, 0xfffe, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 100);
    assert_int_equal(take(r, data, &blocks), 28);
    assert_int_equal(data[8], 0x2a);
    PACKET(r, 0, 0xfffe, 0xd8);
    check_condition(r, 5, 0x20);
    free(data);
}

/* The checks of a raw sector, from ECMA-130's definition: each code word's plain and weighted sums vanish. */
static void check_ecc(const u8 *raw)
{
    static const struct { u32 words, length, step, start, wrap; } code[2] = { { 43, 26, 43, 1, 0 }, { 26, 45, 44, 43, 1118 } };
    for (int c = 0; c < 2; c++)
        for (u32 n = 0; n < code[c].words; n++)
            for (u32 plane = 0; plane < 2; plane++) {
                u8 sum = 0, weighted = 0;
                for (u32 k = 0; k < code[c].length; k++) {
                    u32 word = code[c].start * n + code[c].step * k;
                    if (c && k >= 43)
                        word = 1118 + 26 * (k - 43) + n;
                    else if (c)
                        word %= code[c].wrap;
                    u8 v = raw[12 + 2 * word + plane];
                    sum ^= v;
                    weighted = (u8)(weighted << 1 ^ (weighted & 0x80 ? 0x1d : 0)) ^ v;
                }
                assert_int_equal(sum, 0);
                assert_int_equal(weighted, 0);
            }
}

static void test_atapi_raw_and_dma(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m), data[3 * 2352];
    u32 blocks;
    PACKET(r, 0, 0xfffe, 0x03, 0, 0, 0, 18);
    take(r, data, &blocks);
    assert_int_equal(data[12], 0x29);
    PACKET(r, 0, 0xfffe, 0xbe, 0, 0, 0, 0, 16, 0, 0, 2, 0xf8);
    assert_int_equal(take(r, data, &blocks), 2 * 2352);
    assert_int_equal(data[2352 + 0], 0);
    assert_int_equal(data[2352 + 1], 0xff);
    assert_int_equal(get32(data + 2352 + 12), 0x01170200);      /* 00:02:17, mode 1 */
    assert_int_equal(get32(data + 2352 + 16), 17);
    check_ecc(data + 2352);
    prd(r, 0, 0x20000, 0);
    prd(r, 1, 0x30000, 0x8000 | 0x80000000u);
    fake_out32(r->m, BM + 12, 0x1000);
    fake_out8(r->m, BM + 8, 0x09);
    PACKET(r, 1, 0, 0x28, 0, 0, 0, 0, 100, 0, 0, 48);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(fake_in8(r->m, BM + 10), 0x04);
    assert_int_equal(fake_in8(r->m, SEC + 7), 0x50);
    assert_int_equal(get32(ram + 0x20000), 100);
    assert_int_equal(get32(ram + 0x30000), 132);
    assert_int_equal(get32(ram + 0x30000 + 15 * 2048), 147);
}

static void test_atapi_media(void **state)
{
    struct rig *r = *state;
    u8 data[64];
    u32 blocks;
    PACKET(r, 0, 0xfffe, 0x00);
    check_condition(r, 6, 0x29);
    PACKET(r, 0, 0xfffe, 0x1e, 0, 0, 0, 1);             /* PREVENT */
    take(r, data, &blocks);
    PACKET(r, 0, 0xfffe, 0x1b, 0, 0, 0, 2);
    check_condition(r, 5, 0x53);
    struct image *other = cd_image(5000);
    assert_false(ide_change_cd(r->ide, 1, 0, other, false));
    assert_true(ide_change_cd(r->ide, 1, 0, other, true));
    PACKET(r, 0, 0xfffe, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
    assert_int_equal(take(r, data, &blocks), 8);
    assert_int_equal(data[4], 2);                       /* new medium */
    PACKET(r, 0, 0xfffe, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    check_condition(r, 6, 0x28);
    PACKET(r, 0, 0xfffe, 0x1b, 0, 0, 0, 2);             /* eject */
    take(r, data, &blocks);
    PACKET(r, 0, 0xfffe, 0x00);
    check_condition(r, 2, 0x3a);
    PACKET(r, 0, 0xfffe, 0x1b, 0, 0, 0, 3);             /* load */
    take(r, data, &blocks);
    PACKET(r, 0, 0xfffe, 0x00);
    check_condition(r, 6, 0x28);
    assert_true(ide_change_cd(r->ide, 1, 0, NULL, false));
    PACKET(r, 0, 0xfffe, 0x00);                         /* no attention: there is nothing new to look at */
    check_condition(r, 2, 0x3a);
    PACKET(r, 0, 0xfffe, 0x25);
    check_condition(r, 2, 0x3a);
    PACKET(r, 0, 0xfffe, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 16);  /* MODE SELECT, page 01 */
    fake_advance(r->m, MS);
    assert_int_equal(fake_in8(r->m, SEC + 7), 0x58);
    assert_int_equal(fake_in8(r->m, SEC + 2), 0);
    static const u8 page[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 6, 0, 9 };
    for (int k = 0; k < 16; k += 2)
        fake_out16(r->m, SEC, get16(page + k));
    take(r, data, &blocks);
    PACKET(r, 0, 0xfffe, 0x1a, 0, 1, 0, 64);
    assert_int_equal(take(r, data, &blocks), 12);
    assert_int_equal(data[7], 9);
}

static void test_guest_nonsense(void **state)
{
    struct rig *r = *state;
    u32 seed = 1;
    for (int k = 0; k < 20000; k++) {
        seed = seed * 1664525 + 1013904223;
        u16 ports[] = { PRI, SEC, BM }, port = ports[seed >> 20 & 1];
        u8 v = (u8)(seed >> 8);
        switch (seed >> 28) {
        case 0: fake_out8(r->m, BM + (seed >> 16 & 15), v); break;
        case 1: fake_out8(r->m, port + 0x206, v & 0x86); break;
        case 2: fake_in32(r->m, port + (seed >> 17 & 7)); break;
        case 3: fake_out32(r->m, port, seed); break;
        case 4: fake_out8(r->m, SEC + 7, 0xa0); break;
        case 5: fake_advance(r->m, 100 * US); break;
        case 6: for (int n = 0; n < 6; n++) fake_out16(r->m, SEC, (u16)(seed >> n)); break;
        default: fake_out8(r->m, port + (seed >> 17 & 7), v);
        }
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, fake_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(fake_test_fields), TEST(test_identify), TEST(test_pio), TEST(test_multiple_and_ext), TEST(test_dma), TEST(test_resets),
        TEST(test_pci), TEST(test_atapi_pio), TEST(test_atapi_raw_and_dma), TEST(test_atapi_media), TEST(test_guest_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
