/* atapi_cd.c - an ATAPI CD-ROM drive: the ATA side and the PACKET protocol. The command blocks are atapi_commands.c's.
 * ATA/ATAPI-6 (T13 1410D), "PACKET command protocol"; SFF-8020i, "Register Definitions for ATAPI".
 * Here: PIO with byte count limits, and DMA. Not yet: overlap. */
#include "ata.h"

enum { FEATURE_DMA = 1, FEATURE_OVL = 2 };
enum { LIMIT_MAX = 0xfffe };
enum { ANSWER_SECTOR = 2048 };                          /* answers and parameters pass the bus as fast as sectors */

static u8 *reason(struct ide_drive *d) { return &d->s.reg[R_COUNT]; }

void atapi_good(struct ide_drive *d)
{
    *reason(d) = REASON_IO | REASON_CD;
    drive_finish(d);
}

void atapi_check(struct ide_drive *d, u8 key, u8 asc, u8 ascq)
{
    d->s.sense_key = key;
    d->s.asc = asc;
    d->s.ascq = ascq;
    *reason(d) = REASON_IO | REASON_CD;
    drive_fail(d, (u8)(key << 4 | (key == 5 || key == 0xb ? ABRT : 0)));
}

void atapi_reply(struct ide_drive *d, u32 n, u32 allocation)
{
    d->s.at = d->s.left = 0;
    d->s.sector_bytes = ANSWER_SECTOR;
    d->s.fill = n < allocation ? n : allocation;
    if (d->s.fill)
        drive_later(d, d->s.packet_dma ? PHASE_DMA_READ : PHASE_READ, SECTOR_NS);
    else
        atapi_good(d);
}

void atapi_good_after(struct ide_drive *d, u64 ns)
{
    if (ns)
        drive_later(d, PHASE_MOVED, ns);
    else
        atapi_good(d);
}

/* Until the next buffer full of sectors is there. */
static u64 chunk_ns(struct ide_drive *d)
{
    return drive_read_ns(d, d->s.lba, atapi_sectors(d));
}

void atapi_reply_sectors(struct ide_drive *d, u64 lba, u32 count, u32 sector_bytes)
{
    d->s.at = d->s.fill = 0;
    d->s.lba = lba;
    d->s.left = sector_bytes ? count : 0;
    d->s.sector_bytes = sector_bytes;
    if (!d->s.left)
        atapi_good(d);
    else if (d->s.packet_dma)
        drive_begin_dma(d, PHASE_DMA_READ, drive_read_ns(d, lba, count), (u64)count * sector_bytes, sector_bytes);
    else
        drive_later(d, PHASE_READ, chunk_ns(d));
}

void atapi_want(struct ide_drive *d, u32 n)
{
    if (!n) {
        atapi_good(d);
        return;
    }
    d->s.at = 0;
    d->s.fill = n;
    d->s.sector_bytes = ANSWER_SECTOR;
    if (d->s.packet_dma) {
        drive_later(d, PHASE_DMA_WRITE, SECTOR_NS);
        return;
    }
    *reason(d) = 0;
    d->s.reg[R_MID] = (u8)n;
    d->s.reg[R_HIGH] = (u8)(n >> 8);
    drive_request(d, PHASE_OUT, n, true);
}

/* The next block of buffer[at..fill). Only the last block may have an odd length. */
static void offer_block(struct ide_drive *d, enum drive_phase phase)
{
    u32 n = d->s.fill - d->s.at;
    if (n > d->s.limit)
        n = d->s.limit & ~1u;
    *reason(d) = REASON_IO;
    d->s.reg[R_MID] = (u8)n;
    d->s.reg[R_HIGH] = (u8)(n >> 8);
    drive_offer(d, phase, d->s.at, d->s.at + n);
}

static void read_step(struct ide_drive *d)
{
    if (d->s.at >= d->s.fill && !d->s.left)
        atapi_good(d);
    else if (d->s.at < d->s.fill || atapi_fill(d))
        offer_block(d, PHASE_IN);
}

static void dma_read_step(struct ide_drive *d)
{
    if (!d->s.fill && !atapi_fill(d))
        return;
    if (!drive_dma(d, d->s.sector_bytes))
        return;
    d->s.at = d->s.fill = 0;
    if (d->s.left)
        drive_later(d, PHASE_DMA_READ, drive_piece_ns((u64)d->s.left * d->s.sector_bytes, d->s.sector_bytes));
    else
        atapi_good(d);
}

static void data_has_come(struct ide_drive *d)
{
    if (atapi_mode_select(d))
        atapi_good(d);
}

static void dma_write_step(struct ide_drive *d)
{
    if (drive_dma(d, d->s.sector_bytes))
        data_has_come(d);
}

static void signature(struct ide_drive *d)
{
    memset(d->s.hob, 0, sizeof d->s.hob);
    d->s.reg[R_COUNT] = d->s.reg[R_LOW] = 1;
    d->s.reg[R_MID] = 0x14;
    d->s.reg[R_HIGH] = 0xeb;
    d->s.device = 0;
    d->s.error = 0x01;
    d->s.status = 0;                                    /* DRDY comes with the first command */
}

/* A command that is no PACKET ends: "Interrupt Reason" shows that the status is there (SFF-8020i, "ATAPI Interrupt Reason
 * Register": IO and CoD without DRQ). CHECK POWER MODE has its answer in that register, the signature its own value. */
static void finish(struct ide_drive *d)
{
    *reason(d) = REASON_IO | REASON_CD;
    drive_finish(d);
}

static void abort_command(struct ide_drive *d)
{
    *reason(d) = REASON_IO | REASON_CD;
    drive_fail(d, ABRT);
}

/* The host took it for a disk: it shows what it is. Which of the two it is stays. */
static void abort_with_signature(struct ide_drive *d)
{
    u8 select = d->s.device & DEV_DEV;
    signature(d);
    d->s.device = select;
    drive_fail(d, ABRT);
}

static void set_features(struct ide_drive *d)
{
    bool ok = true;
    switch (d->s.reg[R_FEATURES]) {
    case 0xcc: case 0x66: d->s.revert = d->s.reg[R_FEATURES] == 0xcc; break;
    case 0x03:            ok = drive_set_transfer_mode(d, d->s.reg[R_COUNT]); break;
    default:              ok = false;
    }
    if (ok)
        finish(d);
    else
        abort_command(d);
}

static void power(struct ide_drive *d)
{
    switch (d->s.command) {
    case 0xe5:
        d->s.reg[R_COUNT] = d->s.power;
        drive_finish(d);
        return;
    case 0xe0: case 0xe2: d->s.power = 0; break;
    case 0xe6: d->s.power = 0; break;
    default: d->s.power = 0xff;
    }
    finish(d);
    if (d->s.command == 0xe6)
        drive_enter(d, PHASE_ASLEEP);
}

static void identify(struct ide_drive *d)
{
    atapi_identify(d, d->s.buffer);
    d->s.at = 0;
    d->s.fill = d->s.limit = 512;
    offer_block(d, PHASE_LAST_IN);
}

static void start_packet(struct ide_drive *d)
{
    if (d->s.reg[R_FEATURES] & FEATURE_OVL) {
        abort_command(d);
        return;
    }
    d->s.packet_dma = d->s.reg[R_FEATURES] & FEATURE_DMA;
    d->s.limit = d->s.reg[R_MID] | (u32)d->s.reg[R_HIGH] << 8;
    if (d->s.limit < 2 || d->s.limit > LIMIT_MAX)
        d->s.limit = LIMIT_MAX;
    d->s.power = 0xff;
    *reason(d) = REASON_CD;
    drive_request(d, PHASE_PACKET_OUT, sizeof d->s.packet, false);
}

static void execute(struct ide_drive *d)
{
    switch (d->s.command) {
    case 0xa0:
        start_packet(d);
        break;
    case 0xa1:
        identify(d);
        break;
    case 0xef:
        set_features(d);
        break;
    case 0xe0: case 0xe1: case 0xe2: case 0xe3: case 0xe5: case 0xe6:
        power(d);
        break;
    case 0x20: case 0xec:
        abort_with_signature(d);
        break;
    default:
        abort_command(d);
    }
}

static void cd_command(struct ide_drive *d) { drive_later(d, PHASE_EXECUTE, COMMAND_NS); }

static void next_read(struct ide_drive *d)
{
    drive_later(d, PHASE_READ, d->s.at < d->s.fill || !d->s.left ? SECTOR_NS : chunk_ns(d));
}

/* Identify data end without an interrupt. */
static void identified(struct ide_drive *d)
{
    drive_rest(d);
    *reason(d) = REASON_IO | REASON_CD;
}

static void data_written(struct ide_drive *d) { drive_later(d, PHASE_WRITE, SECTOR_NS); }

static void packet_came(struct ide_drive *d)
{
    memcpy(d->s.packet, d->s.buffer, sizeof d->s.packet);
    d->s.at = 0;
    drive_later(d, PHASE_PACKET, COMMAND_NS);
}

static void cd_defaults(struct ide_drive *d)
{
    static const u8 audio[8] = { 1, 0xff, 2, 0xff };    /* both ports at full volume */
    memset(d->s.transfer_mode, 0, sizeof d->s.transfer_mode);
    memcpy(d->s.audio, audio, sizeof audio);
    d->s.retries = 5;
    d->s.revert = 0;
    d->s.locked = 0;
    d->s.attention = 0x29;                              /* power on or reset occurred */
}

/* Taken out, the drive is just empty; what is put in becomes ready in a while, and then the host is told that the medium may have
 * changed (MMC-3, "Not ready to ready change"). */
void atapi_change(struct ide_drive *d, struct image *image)
{
    image_close(d->image);
    d->image = image;
    d->s.tray_open = 0;
    d->s.locked = 0;
    d->s.media_event = image ? 2 : 3;                   /* NewMedia, MediaRemoval */
    if (!image) {
        d->s.attention = d->s.attention == 0x28 ? 0 : d->s.attention;
        return;
    }
    d->s.attention = 0x28;
    drive_load(d);
}

const struct drive_ops atapi_cd_ops = {
    .command = cd_command,
    .timer = {
        [PHASE_EXECUTE] = execute, [PHASE_READ] = read_step, [PHASE_WRITE] = data_has_come, [PHASE_DMA_READ] = dma_read_step,
        [PHASE_DMA_WRITE] = dma_write_step, [PHASE_PACKET] = atapi_run, [PHASE_MOVED] = atapi_good,
    },
    .block = {
        [PHASE_IN] = next_read, [PHASE_LAST_IN] = identified, [PHASE_OUT] = data_written, [PHASE_PACKET_OUT] = packet_came,
    },
    .signature = signature,
    .defaults = cd_defaults,
    .packet = true,
};
