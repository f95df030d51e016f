/* t_atapi.c - the CD drive's commands one by one, with their refusals.
 * Follows: SFF-8020i "Packet Commands for CD-ROM Devices"; MMC-3 for GET CONFIGURATION and events; ATA/ATAPI-6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "../../support/ide_rig.h"

enum { BLOCKS = 300, ILLEGAL_FIELD = 0x052400, OUT_OF_RANGE = 0x052100, NO_MEDIUM = 0x023a00 };

static struct image *cd_image(void)
{
    u8 *data = xcalloc(BLOCKS, 2048);
    for (u32 k = 0; k < BLOCKS; k++)
        put32(data + 2048 * k, k);
    struct image *i = image_new_memory("cd", IMAGE_CD, data, BLOCKS * 2048);
    free(data);
    return i;
}

static int set_up(void **state)
{
    struct rig *r = rig_new(image_new_memory("disk", IMAGE_DISK, NULL, 1 << 20), cd_image());
    PACKET(r, 0x00);
    assert_int_equal(sense(r), 0x062900);                   /* power on */
    *state = r;
    return 0;
}

static void refused(struct rig *r, u8 status, u32 expected)
{
    assert_int_equal(status, ST_ERR);
    assert_int_equal(reg(r, SEC + 1) >> 4, expected >> 16);
    assert_int_equal(sense(r), expected);
}
#define REFUSED(r, expected, ...) refused(r, PACKET(r, __VA_ARGS__), expected)

static void inquiry_and_sense(void **state)
{
    struct rig *r = *state;
    u8 a[64];
    REFUSED(r, ILLEGAL_FIELD, 0x12, 1, 0, 0, 36);           /* no vital product data */
    PACKET(r, 0x12, 0, 0, 0, 36);
    assert_int_equal(take_answer(r, a), 36);
    assert_memory_equal(a + 8, "VITRINE CD-ROM          1.0 ", 28);
    assert_int_equal(PACKET(r, 0x12, 0, 0, 0, 0), ST_OK);   /* an allocation of 0 is no error */
}

static void addresses(void **state)
{
    struct rig *r = *state;
    u8 a[8], *raw = xcalloc(2, 2352);
    REFUSED(r, 0x056400, 0xbe, 1 << 2, 0, 0, 0, 0, 0, 0, 1, 0xf8);          /* CD-DA is wanted, the track is data */
    REFUSED(r, ILLEGAL_FIELD, 0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0xfa);          /* error flags */
    REFUSED(r, ILLEGAL_FIELD, 0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0xf8, 1);       /* subchannels */
    REFUSED(r, ILLEGAL_FIELD, 0xb9, 0, 0, 0, 1, 74, 0, 2, 0, 0x10);         /* before 00:02:00 */
    REFUSED(r, ILLEGAL_FIELD, 0xb9, 0, 0, 0, 3, 0, 0, 2, 0, 0x10);          /* to before from */
    PACKET(r, 0xb9, 0, 0, 0, 2, 7, 0, 2, 9, 0xf8);
    assert_int_equal(take_answer(r, raw), 2 * 2352);
    assert_int_equal(get32(raw + 16), 7);
    assert_int_equal(get32(raw + 2352 + 16), 8);
    PACKET(r, 0xbe, 2 << 2, 0, 0, 0, 5, 0, 0, 1, 0x10);
    assert_int_equal(take_answer(r, raw), 2048);
    assert_int_equal(get32(raw), 5);
    assert_int_equal(PACKET(r, 0xbe, 0, 0, 0, 0, 5, 0, 0, 1, 0), ST_OK);    /* no part asked for */
    assert_int_equal(PACKET(r, 0x2b, 0, 0, 0, 1, 0x2b), ST_OK);
    REFUSED(r, OUT_OF_RANGE, 0x2b, 0, 0, 0, 1, 0x2c);
    REFUSED(r, OUT_OF_RANGE, 0x28, 0, 0, 0, 1, 0x2d, 0, 0, 1);
    assert_int_equal(PACKET(r, 0x28, 0, 0, 0, 0, 0, 0, 0, 0), ST_OK);       /* no blocks */
    PACKET(r, 0x44, 0, 0, 0, 0, 16, 0, 0, 8);
    assert_int_equal(take_answer(r, a), 8);
    assert_int_equal(a[0], 1);
    assert_int_equal(a[7], 16);
    PACKET(r, 0x44, 2, 0, 0, 0, 16, 0, 0, 8);
    take_answer(r, a);
    assert_int_equal(a[4] << 24 | a[5] << 16 | a[6] << 8 | a[7], 0x00000210);
    REFUSED(r, OUT_OF_RANGE, 0x44, 0, 0, 0, 1, 0x2c, 0, 0, 8);
    free(raw);
}

static void contents(void **state)
{
    struct rig *r = *state;
    u8 a[64];
    PACKET(r, 0x43, 0, 1, 0, 0, 0, 0, 0, 64);               /* sessions */
    assert_int_equal(take_answer(r, a), 12);
    assert_int_equal(a[6], 1);
    assert_int_equal(a[11], 0);
    PACKET(r, 0x43, 2, 0, 0, 0, 0, 0, 0, 64, 0x40);         /* the same as SFF-8020i asks for it, in MSF */
    assert_int_equal(take_answer(r, a), 12);
    assert_int_equal(a[10], 2);
    PACKET(r, 0x43, 2, 2, 0, 0, 0, 0, 0, 64);               /* full: A0, A1, A2, track 1 */
    assert_int_equal(take_answer(r, a), 4 + 4 * 11);
    assert_int_equal(a[1], 46);
    assert_int_equal(a[4 + 3], 0xa0);
    assert_int_equal(a[4 + 22 + 3], 0xa2);
    assert_int_equal(a[4 + 22 + 9], 6);                     /* lead-out at 00:06:00 */
    assert_int_equal(a[4 + 33 + 9], 2);                     /* track 1 at 00:02:00 */
    PACKET(r, 0x43, 0, 0, 0, 0, 0, 0xaa, 0, 64);            /* from the lead-out on */
    assert_int_equal(take_answer(r, a), 12);
    assert_int_equal(a[6], 0xaa);
    REFUSED(r, ILLEGAL_FIELD, 0x43, 0, 0, 0, 0, 0, 2, 0, 64);
    REFUSED(r, ILLEGAL_FIELD, 0x43, 0, 4, 0, 0, 0, 0, 0, 64);
    PACKET(r, 0x51, 0, 0, 0, 0, 0, 0, 0, 64);
    assert_int_equal(take_answer(r, a), 34);
    assert_int_equal(a[2], 0x0e);
    PACKET(r, 0x52, 1, 0, 0, 0, 1, 0, 0, 64);               /* track 1 */
    assert_int_equal(take_answer(r, a), 36);
    assert_int_equal(a[26] << 8 | a[27], BLOCKS);
    PACKET(r, 0x52, 0, 0, 0, 0, 9, 0, 0, 64);               /* the track of block 9 */
    assert_int_equal(take_answer(r, a), 36);
    REFUSED(r, ILLEGAL_FIELD, 0x52, 1, 0, 0, 0, 2, 0, 0, 64);
    REFUSED(r, ILLEGAL_FIELD, 0x52, 3, 0, 0, 0, 1, 0, 0, 64);
    REFUSED(r, ILLEGAL_FIELD, 0x52, 0, 0, 0, 1, 0x2c, 0, 0, 64);
}

static void subchannel(void **state)
{
    struct rig *r = *state;
    u8 a[64];
    PACKET(r, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);               /* no Q: the header */
    assert_int_equal(take_answer(r, a), 4);
    assert_int_equal(a[1], 0x15);
    PACKET(r, 0x42, 2, 0x40, 1, 0, 0, 0, 0, 24);            /* position, MSF */
    assert_int_equal(take_answer(r, a), 16);
    assert_int_equal(a[10], 2);
    PACKET(r, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 24);
    assert_int_equal(take_answer(r, a), 16);
    assert_int_equal(a[10], 0);
    PACKET(r, 0x42, 0, 0x40, 2, 0, 0, 0, 0, 24);            /* catalogue number: not there */
    assert_int_equal(take_answer(r, a), 24);
    assert_int_equal(a[8] & 0x80, 0);
    PACKET(r, 0x42, 0, 0x40, 3, 0, 0, 0, 0, 24);
    assert_int_equal(take_answer(r, a), 24);
    REFUSED(r, ILLEGAL_FIELD, 0x42, 0, 0x40, 4, 0, 0, 0, 0, 24);
}

static void configuration_and_events(void **state)
{
    struct rig *r = *state;
    u8 a[128];
    PACKET(r, 0x46, 0, 0, 0, 0, 0, 0, 0, 128);
    u32 all = take_answer(r, a);
    assert_int_equal(a[3], all - 4);
    assert_int_equal(a[7], 8);                              /* current profile: CD-ROM */
    PACKET(r, 0x46, 2, 0, 3, 0, 0, 0, 0, 128);              /* removable medium alone */
    assert_int_equal(take_answer(r, a), 16);
    assert_int_equal(a[9], 3);
    assert_int_equal(a[12], 0x29);
    PACKET(r, 0x46, 1, 0, 0x10, 0, 0, 0, 0, 128);           /* current ones from random readable on */
    assert_int_equal(take_answer(r, a), 8 + 12 + 8);
    ide_change_cd(r->ide, 1, 0, NULL, true);
    PACKET(r, 0x46, 1, 0, 0x10, 0, 0, 0, 0, 128);           /* nothing in it: neither is current */
    assert_int_equal(take_answer(r, a), 8);
    assert_int_equal(a[7], 0);
    refused(r, PACKET(r, 0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8), ILLEGAL_FIELD);  /* not polled; the attention stays */
    PACKET(r, 0x4a, 1, 0, 0, 0x02, 0, 0, 0, 8);             /* other classes */
    assert_int_equal(take_answer(r, a), 4);
    assert_int_equal(a[2], 0x80);
    PACKET(r, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
    assert_int_equal(take_answer(r, a), 8);
    assert_int_equal(a[4], 3);                              /* removed */
    PACKET(r, 0x00);
    refused(r, PACKET(r, 0x00), NO_MEDIUM + 1);
}

static void tray(void **state)
{
    struct rig *r = *state;
    u8 a[16];
    assert_int_equal(PACKET(r, 0x1b, 0, 0, 0, 1), ST_OK);   /* spin up */
    assert_int_equal(PACKET(r, 0x1b, 0, 0, 0, 2), ST_OK);   /* eject */
    PACKET(r, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8);
    assert_int_equal(take_answer(r, a), 8);
    assert_int_equal(a[1], 0x10);                           /* door open */
    REFUSED(r, NO_MEDIUM + 2, 0x1b, 0, 0, 0, 1);
    REFUSED(r, NO_MEDIUM + 2, 0x00);
    PACKET(r, 0x1a, 0, 1, 0, 64);
    take_answer(r, a);
    assert_int_equal(a[1], 0x71);                           /* medium type: door open */
    assert_int_equal(PACKET(r, 0xbb, 0, 0xff, 0xff), ST_OK);
}

/* MODE SELECT with n bytes of parameters; the status at the end. */
static u8 mode_select(struct rig *r, bool ten, const u8 *bytes, u32 n)
{
    u8 status = ten ? PACKET(r, 0x55, 0x10, 0, 0, 0, 0, 0, (u8)(n >> 8), (u8)n) : PACKET(r, 0x15, 0x10, 0, 0, (u8)n);
    if (status != ST_DATA)
        return status;
    for (u32 k = 0; k < n; k += 2)
        fake_out16(r->m, SEC, get16(bytes + k));
    fake_advance(r->m, MS);
    return reg(r, SEC + 7);
}
#define SELECT(r, ten, n, ...) mode_select(r, ten, (const u8[32]) { __VA_ARGS__ }, n)

static void mode_pages(void **state)
{
    struct rig *r = *state;
    u8 a[128];
    REFUSED(r, 0x053900, 0x1a, 0, 0xc1, 0, 64);             /* saved values */
    REFUSED(r, ILLEGAL_FIELD, 0x1a, 0, 0x02, 0, 64);        /* no such page */
    PACKET(r, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 128);           /* all */
    assert_int_equal(take_answer(r, a), 8 + 8 + 16 + 20);
    PACKET(r, 0x1a, 0, 0x4e, 0, 64);                        /* what of the audio page can be changed */
    assert_int_equal(take_answer(r, a), 20);
    assert_int_equal(a[4 + 8], 0xff);
    PACKET(r, 0x1a, 0, 0x6a, 0, 64);                        /* of the capabilities: nothing */
    assert_int_equal(take_answer(r, a), 24);
    PACKET(r, 0x1a, 0, 0x41, 0, 64);
    take_answer(r, a);
    assert_int_equal(a[4 + 3], 0xff);
    PACKET(r, 0x1a, 0, 0x8e, 0, 64);                        /* defaults */
    take_answer(r, a);
    assert_int_equal(a[4 + 9], 0xff);
    assert_int_equal(SELECT(r, false, 20, 0, 0, 0, 0, 0x0e, 14, 4, 0, 0, 0, 0, 0, 1, 0x40, 2, 0x50), ST_OK);
    PACKET(r, 0x1a, 0, 0x0e, 0, 64);
    take_answer(r, a);
    assert_int_equal(a[4 + 9], 0x40);
    assert_int_equal(a[4 + 11], 0x50);
    assert_int_equal(SELECT(r, true, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0x2a, 18), ST_OK);
    assert_int_equal(SELECT(r, true, 0), ST_OK);
    refused(r, SELECT(r, false, 2), 0x051a00);              /* shorter than the header */
    refused(r, SELECT(r, false, 8, 0, 0, 0, 8), 0x051a00);  /* block descriptors past the end */
    refused(r, SELECT(r, false, 8, 0, 0, 0, 0, 1, 6), 0x051a00);    /* a page past the end */
    refused(r, SELECT(r, false, 8, 0, 0, 0, 0, 5, 2), 0x052600);    /* a page that there is not */
    REFUSED(r, ILLEGAL_FIELD, 0x15, 0x00, 0, 0, 8);         /* not the page format */
    REFUSED(r, ILLEGAL_FIELD, 0x15, 0x11, 0, 0, 8);         /* to be saved */
    REFUSED(r, 0x051a00, 0x55, 0x10, 0, 0, 0, 0, 0, 0xff, 0xff);
}

/* By DMA: an answer, blocks, and MODE SELECT's parameters. */
static void by_dma(void **state)
{
    struct rig *r = *state;
    u8 *ram = fake_ram(r->m);
    put32(ram + 0x1000, 0x20000);
    put32(ram + 0x1004, 0x80000010);
    static const u8 page[16] = { [8] = 1, 6, 0, 7 };
    memcpy(ram + 0x20000, page, 16);
    fake_out32(r->m, BM + 12, 0x1000);
    fake_out8(r->m, BM + 8, 0x01);
    assert_int_equal(packet(r, 1, (const u8[12]) { 0x55, 0x10, 0, 0, 0, 0, 0, 0, 16 }), ST_OK);
    fake_out8(r->m, BM + 8, 0);
    fake_out8(r->m, BM + 10, 6);
    put32(ram + 0x1004, 0x80000000 | 12);
    fake_out8(r->m, BM + 8, 0x09);
    assert_int_equal(packet(r, 1, (const u8[12]) { 0x1a, 0, 1, 0, 64 }), ST_OK);
    assert_int_equal(ram[0x20000 + 4 + 3], 7);
    fake_out8(r->m, BM + 8, 0);
    put32(ram + 0x1004, 0x80000800);
    assert_int_equal(packet(r, 1, (const u8[12]) { 0x28, 0, 0, 0, 0, 3, 0, 0, 1 }), 0xd0);  /* waits for the controller */
    ide_change_cd(r->ide, 1, 0, NULL, true);                /* the data in its buffer still come */
    fake_out8(r->m, BM + 8, 0x09);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(get32(ram + 0x20000), 3);
}

/* The medium goes while blocks are read; and a file that got shorter. */
static void read_errors(void **state)
{
    struct rig *r = *state;
    char path[64], message[256];
    static const u8 dma_read[12] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 8 };
    assert_int_equal(command(r, SEC, 0, 0, 0xfffe00, 0xa0, 0xa0), ST_DATA);
    for (int k = 0; k < 12; k += 2)
        fake_out16(r->m, SEC, get16(dma_read + k));
    fake_advance(r->m, 21000);                              /* the packet is taken, the first block not yet read */
    ide_change_cd(r->ide, 1, 0, NULL, true);
    fake_advance(r->m, 10 * MS);
    refused(r, reg(r, SEC + 7), NO_MEDIUM);
    snprintf(path, sizeof path, "t_atapi.%d.img", (int)getpid());
    FILE *f = fopen(path, "wb");
    assert_int_equal(ftruncate(fileno(f), 64 * 2048), 0);
    struct image *i = image_open(path, IMAGE_CD, 0, message, sizeof message);
    assert_non_null(i);
    assert_int_equal(ftruncate(fileno(f), 4 * 2048), 0);
    fclose(f);
    ide_change_cd(r->ide, 1, 0, i, true);
    PACKET(r, 0x00);
    assert_int_equal(sense(r), 0x062800);
    REFUSED(r, 0x031100, 0x28, 0, 0, 0, 0, 10, 0, 0, 1);
    fake_out8(r->m, BM + 8, 0x09);
    refused(r, packet(r, 1, (const u8[12]) { 0x28, 0, 0, 0, 0, 10, 0, 0, 1 }), 0x031100);
    unlink(path);
}

static void ata_side(void **state)
{
    struct rig *r = *state;
    u16 w[256];
    u8 sum = 0;
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xa1), ST_DATA);        /* IDENTIFY PACKET DEVICE */
    take_words(r, SEC, w, 256);
    for (int k = 0; k < 256; k++)
        sum = (u8)(sum + w[k] + (w[k] >> 8));
    assert_int_equal(sum, 0);
    assert_int_equal(w[0], 0x85c0);
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(command(r, SEC, 0x66, 0, 0, 0xa0, 0xef), ST_OK);       /* SET FEATURES: keep over a reset */
    assert_int_equal(command(r, SEC, 0x03, 0x22, 0, 0xa0, 0xef), ST_OK);    /* multiword DMA 2 */
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xa1), ST_DATA);
    take_words(r, SEC, w, 256);
    assert_int_equal(w[63], 0x0407);
    assert_int_equal(command(r, SEC, 0x99, 0, 0, 0xa0, 0xef), ST_ERR);
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe5), ST_OK);          /* CHECK POWER MODE */
    assert_int_equal(reg(r, SEC + 2), 0xff);
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe0), ST_OK);          /* STANDBY IMMEDIATE */
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe5), ST_OK);
    assert_int_equal(reg(r, SEC + 2), 0);
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe1), ST_OK);          /* IDLE IMMEDIATE */
    assert_int_equal(command(r, SEC, 2, 0, 0xfffe00, 0xa0, 0xa0), ST_ERR);  /* no overlap */
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe7), ST_ERR);         /* no such command here */
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe6), ST_OK);          /* SLEEP: only a reset wakes it */
    set_reg(r, SEC + 7, 0xa1);
    fake_advance(r->m, MS);
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(fake_log_lines(r->m), 1);
    set_reg(r, SEC + 7, 0x08);                                              /* DEVICE RESET does not */
    set_reg(r, SEC + 0x206, 0x04);
    set_reg(r, SEC + 0x206, 0x00);
    fake_advance(r->m, 10 * MS);
    assert_int_equal(reg(r, SEC + 4), 0x14);
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xa1), ST_DATA);
    take_words(r, SEC, w, 256);
    assert_int_equal(w[63], 0x0407);
    set_reg(r, SEC + 6, 0xa0);
    set_reg(r, SEC + 7, 0x08);                                              /* DEVICE RESET: the signature, no interrupt */
    assert_int_equal(reg(r, SEC + 7), 0);
    assert_int_equal(reg(r, SEC + 5), 0xeb);
}

/* SFF-8020i, "ATAPI Interrupt Reason Register" and "ATAPI Byte Count Register": also where the command is no PACKET. */
static void interrupt_reason(void **state)
{
    struct rig *r = *state;
    u16 w[256];
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xa1), ST_DATA);        /* IDENTIFY PACKET DEVICE: data to the host */
    assert_int_equal(reg(r, SEC + 2) & 3, 2);
    assert_int_equal(reg(r, SEC + 4) | reg(r, SEC + 5) << 8, 512);
    take_words(r, SEC, w, 256);
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(reg(r, SEC + 2) & 3, 3);                               /* status */
    assert_int_equal(command(r, SEC, 0x03, 0x0c, 0, 0xa0, 0xef), ST_OK);    /* SET FEATURES */
    assert_int_equal(reg(r, SEC + 2) & 3, 3);
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xe7), ST_ERR);         /* unknown */
    assert_int_equal(reg(r, SEC + 2) & 3, 3);
    assert_int_equal(command(r, SEC, 2, 0, 0xfffe00, 0xa0, 0xa0), ST_ERR);  /* overlap */
    assert_int_equal(reg(r, SEC + 2) & 3, 3);
    assert_int_equal(command(r, SEC, 0, 0, 0xfffe00, 0xa0, 0xa0), ST_DATA); /* PACKET: the command is wanted */
    assert_int_equal(reg(r, SEC + 2) & 3, 1);
    for (int k = 0; k < 6; k++)
        fake_out16(r->m, SEC, k ? 0 : 0x12);                                /* INQUIRY of nothing: status at once */
    fake_advance(r->m, 10 * MS);
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(reg(r, SEC + 2) & 3, 3);
}

static void assert_signature(struct rig *r, u8 error)
{
    assert_int_equal(reg(r, SEC + 1), error);
    assert_int_equal(reg(r, SEC + 2), 1);
    assert_int_equal(reg(r, SEC + 3), 1);
    assert_int_equal(reg(r, SEC + 4), 0x14);
    assert_int_equal(reg(r, SEC + 5), 0xeb);
}

/* ATA/ATAPI-6, "Signature and persistence": after each kind of reset, and where the host takes the drive for a disk. */
static void signatures(void **state)
{
    static const u8 for_disks[] = { 0xec, 0x20 };
    struct rig *r = *state;
    u16 w[256];
    for (size_t k = 0; k < sizeof for_disks; k++) {
        assert_int_equal(command(r, SEC, 0, 9, 0x123456, 0xa0, for_disks[k]), ST_ERR);
        assert_signature(r, 0x04);
    }
    command(r, SEC, 0, 0, 0, 0xa0, 0xa1);
    take_words(r, SEC, w, 256);
    command(r, SEC, 0, 9, 0x123456, 0xa0, 0x90);                            /* EXECUTE DEVICE DIAGNOSTIC */
    assert_signature(r, 0x01);
    assert_int_equal(reg(r, SEC + 7) & 0x48, 0);                            /* neither DRDY nor DRQ */
    command(r, SEC, 0, 0, 0, 0xa0, 0xa1);
    set_reg(r, SEC + 7, 0x08);                                              /* DEVICE RESET in the data phase */
    assert_signature(r, 0x01);
    assert_int_equal(reg(r, SEC + 7), 0);
    assert_int_equal(command(r, SEC, 0, 0, 0, 0xa0, 0xa1), ST_DATA);
    set_reg(r, SEC + 0x206, 0x04);
    set_reg(r, SEC + 0x206, 0x00);
    fake_advance(r->m, 10 * MS);
    assert_signature(r, 0x01);
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(inquiry_and_sense), TEST(addresses), TEST(contents), TEST(subchannel), TEST(configuration_and_events), TEST(tray),
        TEST(mode_pages), TEST(by_dma), TEST(read_errors), TEST(ata_side),
        TEST(interrupt_reason), TEST(signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
