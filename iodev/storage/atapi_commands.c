/* atapi_commands.c - what a CD-ROM drive does with a 12-byte command block.
 * SFF-8020i, "Packet Commands for CD-ROM Devices"; MMC-3 (T10 1363D) for GET CONFIGURATION and GET EVENT STATUS
 * NOTIFICATION.
 * Here: one session of one data track, as an ISO image is. Not yet: audio tracks. */
#include "atapi.h"
#include "cd_sector.h"

enum { NEEDS_MEDIUM = 1, ANY_TIME = 2 /* a unit attention does not stop it */ };
enum { LEAD_OUT = 0xaa, CONTROL_DATA = 0x14 /* ADR 1, data track */ };

static void put_text(u8 *to, const char *text, size_t n)
{
    for (size_t k = 0; k < n; k++)
        to[k] = *text ? (u8)*text++ : ' ';
}

static void put_address(u8 *p, u32 lba, bool msf)
{
    be32(p, lba);
    if (msf) {
        p[0] = 0;
        cd_msf(lba, p + 1);
    }
}

static void test_unit_ready(struct ide_drive *d) { atapi_good(d); }

static void inquiry(struct ide_drive *d)
{
    u8 *a = answer(d, 36);
    if (d->s.packet[1] & 1) {                           /* vital product data */
        illegal_field(d);
        return;
    }
    a[0] = 0x05;                                        /* CD-ROM */
    a[1] = 0x80;                                        /* removable */
    a[3] = 0x21;                                        /* ATAPI */
    a[4] = 36 - 5;
    put_text(a + 8, "VITRINE", 8);
    put_text(a + 16, "CD-ROM", 16);
    put_text(a + 32, "1.0", 4);
    atapi_reply(d, 36, d->s.packet[4]);
}

static void request_sense(struct ide_drive *d)
{
    u8 *a = answer(d, 18);
    if (!d->s.sense_key && d->s.attention && !(present(d) && drive_is_loading(d))) {
        d->s.sense_key = UNIT_ATTENTION;
        d->s.asc = d->s.attention;
        d->s.ascq = 0;
        d->s.attention = 0;
    }
    a[0] = 0x70;
    a[2] = d->s.sense_key;
    a[7] = 10;
    a[12] = d->s.asc;
    a[13] = d->s.ascq;
    d->s.sense_key = d->s.asc = d->s.ascq = 0;
    atapi_reply(d, 18, d->s.packet[4]);
}

static void read_capacity(struct ide_drive *d)
{
    u8 *a = answer(d, 8);
    be32(a, blocks(d) - 1);
    be32(a + 4, 2048);
    atapi_reply(d, 8, 8);
}

static void read_blocks(struct ide_drive *d, u32 lba, u32 count, u32 sector_bytes)
{
    if (lba > blocks(d) || count > blocks(d) - lba)
        atapi_check(d, ILLEGAL_REQUEST, LBA_OUT_OF_RANGE, 0);
    else
        atapi_reply_sectors(d, lba, count, sector_bytes);
}

static void read_10(struct ide_drive *d)
{
    d->s.raw_flags = 0x10;
    read_blocks(d, from_be32(d->s.packet + 2), from_be16(d->s.packet + 7), 2048);
}

static void read_12(struct ide_drive *d)
{
    d->s.raw_flags = 0x10;
    read_blocks(d, from_be32(d->s.packet + 2), from_be32(d->s.packet + 6), 2048);
}

/* READ CD and READ CD MSF: byte 9 chooses the parts of the sectors, byte 1 the only type that is welcome. */
static void read_parts(struct ide_drive *d, u32 lba, u32 count)
{
    int type = d->s.packet[1] >> 2 & 7;
    if (type != 0 && type != 2) {
        atapi_check(d, ILLEGAL_REQUEST, WRONG_MODE, 0);
        return;
    }
    if (d->s.packet[9] & 0x06 || d->s.packet[10] & 7) { /* no error flags, no subchannels */
        illegal_field(d);
        return;
    }
    d->s.raw_flags = d->s.packet[9] & 0xf8;
    read_blocks(d, lba, count, cd_parts(d->s.raw_flags, NULL, NULL));
}

static void read_cd(struct ide_drive *d)
{
    const u8 *p = d->s.packet;
    read_parts(d, from_be32(p + 2), (u32)p[6] << 16 | from_be16(p + 7));
}

static void read_cd_msf(struct ide_drive *d)
{
    const u8 *p = d->s.packet;
    u32 from = ((u32)p[3] * 60 + p[4]) * 75 + p[5], to = ((u32)p[6] * 60 + p[7]) * 75 + p[8];
    if (from < CD_PREGAP || to < from) {
        illegal_field(d);
        return;
    }
    read_parts(d, from - CD_PREGAP, to - from);
}

/* As many as the buffer holds; with error codes, as are made in one go. */
u32 atapi_sectors(const struct ide_drive *d)
{
    u32 most = d->s.raw_flags & CD_EDC ? WORK_CALL_MAX / (2 * CD_EDC_WORK) + 1 : DRIVE_BUFFER / (d->s.raw_flags == 0x10 ? 2048 : CD_RAW);
    return d->s.left < most ? d->s.left : most;
}

bool atapi_fill(struct ide_drive *d)
{
    u32 n = atapi_sectors(d);
    u8 sector[2048];
    d->s.at = 0;
    d->s.fill = n * d->s.sector_bytes;
    bool ok = present(d);
    dev_work(&d->dev, n * 2048 / WORK_BYTES + (d->s.raw_flags == 0x10 ? 1 : n) * WORK_HOST_CALL
                       + (d->s.raw_flags & CD_EDC ? n * CD_EDC_WORK : 0));
    if (ok && d->s.raw_flags == 0x10)
        ok = image_read(d->image, d->s.lba, n, d->s.buffer);
    else
        for (u32 k = 0; k < n && ok; k++) {
            ok = image_read(d->image, d->s.lba + k, 1, sector);
            cd_sector(d->s.raw_flags, (u32)d->s.lba + k, sector, d->s.buffer + k * d->s.sector_bytes);
        }
    if (!ok) {
        if (present(d))
            atapi_check(d, MEDIUM_ERROR, UNRECOVERED_READ, 0);
        else
            atapi_check(d, NOT_READY, MEDIUM_NOT_PRESENT, 0);
        return false;
    }
    d->s.lba += n;
    d->s.left -= n;
    return true;
}

static void seek(struct ide_drive *d)
{
    u32 lba = from_be32(d->s.packet + 2);
    if (lba >= blocks(d))
        atapi_check(d, ILLEGAL_REQUEST, LBA_OUT_OF_RANGE, 0);
    else
        atapi_good_after(d, drive_seek_ns(d, lba));
}

static void toc_tracks(struct ide_drive *d, u8 *a, bool msf)
{
    u8 first = d->s.packet[6];
    u32 n = 4;
    if (first > 1 && first != LEAD_OUT) {
        illegal_field(d);
        return;
    }
    a[2] = a[3] = 1;
    if (first <= 1) {
        a[n + 1] = CONTROL_DATA;
        a[n + 2] = 1;
        put_address(a + n + 4, 0, msf);
        n += 8;
    }
    a[n + 1] = CONTROL_DATA;
    a[n + 2] = LEAD_OUT;
    put_address(a + n + 4, blocks(d), msf);
    n += 8;
    be16(a, n - 2);
    atapi_reply(d, n, from_be16(d->s.packet + 7));
}

/* The lead-in's own entries: A0, A1 (first and last track), A2 (lead-out), the track. */
static void toc_full(struct ide_drive *d, u8 *a)
{
    static const u8 points[] = { 0xa0, 0xa1, 0xa2, 1 };
    u32 n = 4;
    a[2] = a[3] = 1;
    for (size_t k = 0; k < ARRAY_LEN(points); k++, n += 11) {
        a[n] = 1;
        a[n + 1] = CONTROL_DATA;
        a[n + 3] = points[k];
        if (points[k] == 0xa2 || points[k] == 1)
            cd_msf(points[k] == 1 ? 0 : blocks(d), a + n + 8);
        else
            a[n + 8] = 1;
    }
    be16(a, n - 2);
    atapi_reply(d, n, from_be16(d->s.packet + 7));
}

static void read_toc(struct ide_drive *d)
{
    const u8 *p = d->s.packet;
    int format = p[2] & 15 ? p[2] & 15 : p[9] >> 6;     /* SFF-8020i has it in the last byte */
    bool msf = p[1] & 2;
    u8 *a = answer(d, 64);
    switch (format) {
    case 0:
        toc_tracks(d, a, msf);
        break;
    case 1:                                             /* one session, its first track */
        be16(a, 10);
        a[2] = a[3] = 1;
        a[5] = CONTROL_DATA;
        a[6] = 1;
        put_address(a + 8, 0, msf);
        atapi_reply(d, 12, from_be16(p + 7));
        break;
    case 2:
        toc_full(d, a);
        break;
    default:
        illegal_field(d);
    }
}

static void start_stop(struct ide_drive *d)
{
    bool load_eject = d->s.packet[4] & 2, start = d->s.packet[4] & 1;
    if (load_eject && !start && !d->s.tray_open) {
        if (d->s.locked) {
            atapi_check(d, ILLEGAL_REQUEST, MEDIA_REMOVAL_PREVENTED, 2);
            return;
        }
        d->s.tray_open = 1;
        d->s.media_event = 3;
    } else if (load_eject && start && d->s.tray_open) {
        d->s.tray_open = 0;
        d->s.attention = d->image ? 0x28 : 0;
        d->s.media_event = d->image ? 2 : 0;
        if (d->image)
            drive_load(d);
    } else if (!start && !load_eject) {
        d->s.stopped = 1;
    } else if (start && !load_eject && !present(d)) {
        atapi_check(d, NOT_READY, MEDIUM_NOT_PRESENT, d->s.tray_open ? 2 : 1);
        return;
    }
    bool at_once = d->s.packet[1] & 1 || !start || !present(d);     /* IMMED, or nothing to wait for */
    atapi_good_after(d, at_once ? 0 : drive_ready_ns(d));
}

static void prevent_allow(struct ide_drive *d)
{
    d->s.locked = d->s.packet[4] & 1;
    atapi_good(d);
}

/* One feature descriptor of n data bytes; returns where the next goes. */
static u32 feature(struct ide_drive *d, u32 at, u16 code, u8 flags, const u8 *data, u8 n)
{
    int kind = d->s.packet[1] & 3;                      /* 0 all, 1 current ones, 2 only the one asked for */
    u32 from = from_be16(d->s.packet + 2);
    if (code < from || (kind == 2 && code != from) || (kind == 1 && !(flags & 1)))
        return at;
    be16(d->s.buffer + at, code);
    d->s.buffer[at + 2] = flags;                        /* version << 2 | persistent << 1 | current */
    d->s.buffer[at + 3] = n;
    memcpy(d->s.buffer + at + 4, data, n);
    return at + 4 + n;
}

static void get_configuration(struct ide_drive *d)
{
    u8 current = present(d), *a = answer(d, 128);
    u8 profiles[4] = { 0x00, 0x08, current }, core[4] = { 0, 0, 0, 2 /* ATAPI */ };
    u8 removable[4] = { 0x29 }, random[8] = { 0, 0, 8, 0, 0, 1 }, cd_read[4] = { 0 };
    u32 n = 8;
    n = feature(d, n, 0x0000, 0x03, profiles, sizeof profiles);
    n = feature(d, n, 0x0001, 0x03, core, sizeof core);
    n = feature(d, n, 0x0003, 0x03, removable, sizeof removable);
    n = feature(d, n, 0x0010, current, random, sizeof random);
    n = feature(d, n, 0x001e, current, cd_read, sizeof cd_read);
    be32(a, n - 4);
    be16(a + 6, current ? 0x0008 : 0);                  /* current profile: CD-ROM */
    atapi_reply(d, n, from_be16(d->s.packet + 7));
}

static void get_event_status(struct ide_drive *d)
{
    u8 *a = answer(d, 8), classes = d->s.packet[4];
    if (!(d->s.packet[1] & 1)) {                        /* only polled */
        illegal_field(d);
        return;
    }
    a[3] = 0x10;                                        /* media events are all there are */
    if (!(classes & 0x10)) {
        be16(a, 2);
        a[2] = 0x80;                                    /* no event available */
        atapi_reply(d, 4, from_be16(d->s.packet + 7));
        return;
    }
    be16(a, 6);
    a[2] = 4;
    a[5] = (u8)((d->s.tray_open ? 1 : 0) | (present(d) && !drive_is_loading(d) ? 2 : 0));
    if (!(present(d) && drive_is_loading(d))) {         /* a new medium is told of when it can be used */
        a[4] = d->s.media_event;
        d->s.media_event = 0;
    }
    atapi_reply(d, 8, from_be16(d->s.packet + 7));
}

static void read_disc_information(struct ide_drive *d)
{
    u8 *a = answer(d, 34);
    be16(a, 32);
    a[2] = 0x0e;                                        /* complete, as is its last session */
    a[3] = a[4] = a[5] = a[6] = 1;                      /* first track, sessions, tracks of the last session */
    a[7] = 0x20;                                        /* unrestricted use */
    memset(a + 16, 0xff, 8);                            /* no lead-in to come, no lead-out to come */
    atapi_reply(d, 34, from_be16(d->s.packet + 7));
}

static void read_track_information(struct ide_drive *d)
{
    u8 *a = answer(d, 36);
    u32 what = from_be32(d->s.packet + 2);
    int by = d->s.packet[1] & 3;
    if (by == 3 || (by == 0 ? what >= blocks(d) : what != 1)) {
        illegal_field(d);
        return;
    }
    be16(a, 34);
    a[2] = a[3] = 1;
    a[5] = 0x04;                                        /* data, uninterrupted */
    a[6] = 0x01;                                        /* mode 1 */
    be32(a + 24, blocks(d));
    atapi_reply(d, 36, from_be16(d->s.packet + 7));
}

static void read_subchannel(struct ide_drive *d)
{
    const u8 *p = d->s.packet;
    bool msf = p[1] & 2, q = p[2] & 0x40;
    u8 *a = answer(d, 24);
    u32 n = 4;
    a[1] = 0x15;                                        /* no audio status */
    if (q && p[3] == 1) {
        n = 16;
        a[4] = 1, a[5] = CONTROL_DATA, a[6] = 1, a[7] = 1;
        put_address(a + 8, 0, msf);
        if (!msf)
            be32(a + 12, 0);
    } else if (q && (p[3] == 2 || p[3] == 3)) {         /* no catalogue number, no ISRC */
        n = 24;
        a[4] = p[3];
    } else if (q) {
        illegal_field(d);
        return;
    }
    be16(a + 2, n - 4);
    atapi_reply(d, n, from_be16(p + 7));
}

static void read_header(struct ide_drive *d)
{
    u32 lba = from_be32(d->s.packet + 2);
    u8 *a = answer(d, 8);
    if (lba >= blocks(d)) {
        atapi_check(d, ILLEGAL_REQUEST, LBA_OUT_OF_RANGE, 0);
        return;
    }
    a[0] = 1;                                           /* mode 1 */
    put_address(a + 4, lba, d->s.packet[1] & 2);
    atapi_reply(d, 8, from_be16(d->s.packet + 7));
}

static void mechanism_status(struct ide_drive *d)
{
    u8 *a = answer(d, 8);
    a[1] = d->s.tray_open ? 0x10 : 0;
    atapi_reply(d, 8, from_be16(d->s.packet + 8));
}

// clang-format off
static const struct {
    u8 code, flags;
    void (*run)(struct ide_drive *d);
} commands[] = {
    { 0x00, NEEDS_MEDIUM, test_unit_ready },
    { 0x03, ANY_TIME,     request_sense },
    { 0x12, ANY_TIME,     inquiry },
    { 0x15, 0,            atapi_begin_mode_select },
    { 0x1a, 0,            atapi_mode_sense },
    { 0x1b, 0,            start_stop },
    { 0x1e, 0,            prevent_allow },
    { 0x25, NEEDS_MEDIUM, read_capacity },
    { 0x28, NEEDS_MEDIUM, read_10 },
    { 0x2b, NEEDS_MEDIUM, seek },
    { 0x2f, NEEDS_MEDIUM, seek },                       /* VERIFY (10): the sectors of a file are always good */
    { 0x42, NEEDS_MEDIUM, read_subchannel },
    { 0x43, NEEDS_MEDIUM, read_toc },
    { 0x44, NEEDS_MEDIUM, read_header },
    { 0x46, ANY_TIME,     get_configuration },
    { 0x4a, ANY_TIME,     get_event_status },
    { 0x4e, NEEDS_MEDIUM, test_unit_ready },            /* STOP PLAY: nothing plays */
    { 0x51, NEEDS_MEDIUM, read_disc_information },
    { 0x52, NEEDS_MEDIUM, read_track_information },
    { 0x55, 0,            atapi_begin_mode_select },
    { 0x5a, 0,            atapi_mode_sense },
    { 0xa8, NEEDS_MEDIUM, read_12 },
    { 0xb9, NEEDS_MEDIUM, read_cd_msf },
    { 0xbb, 0,            test_unit_ready },            /* SET CD SPEED: every speed is the same */
    { 0xbd, 0,            mechanism_status },
    { 0xbe, NEEDS_MEDIUM, read_cd },
};
// clang-format on

void atapi_run(struct ide_drive *d)
{
    u8 code = d->s.packet[0];
    size_t k = 0;
    dev_log(&d->dev, "disk", "%s: packet %02x %02x %08x %08x %02x %02x, %s limit %u", d->id, code,
              d->s.packet[1], from_be32(d->s.packet + 2), from_be32(d->s.packet + 6), d->s.packet[10], d->s.packet[11],
              d->s.packet_dma ? "DMA" : "PIO", d->s.limit);
    while (k < ARRAY_LEN(commands) && commands[k].code != code)
        k++;
    if (k < ARRAY_LEN(commands) && commands[k].flags & ANY_TIME) {
        if (code != 0x03)
            d->s.sense_key = d->s.asc = d->s.ascq = 0;
        commands[k].run(d);
    } else if (k < ARRAY_LEN(commands) && commands[k].flags & NEEDS_MEDIUM && present(d) && drive_is_loading(d)) {
        atapi_check(d, NOT_READY, NOT_YET_READY, 1);    /* becoming ready; the unit attention comes after that */
    } else if (d->s.attention) {
        u8 asc = d->s.attention;
        d->s.attention = 0;
        atapi_check(d, UNIT_ATTENTION, asc, 0);
    } else if (k == ARRAY_LEN(commands)) {
        dev_log(&d->dev, "disk", "%s: packet command %02x is not supported", d->id, code);
        atapi_check(d, ILLEGAL_REQUEST, INVALID_COMMAND, 0);
    } else if (commands[k].flags & NEEDS_MEDIUM && !present(d)) {
        atapi_check(d, NOT_READY, MEDIUM_NOT_PRESENT, d->s.tray_open ? 2 : 1);
    } else {
        d->s.sense_key = d->s.asc = d->s.ascq = 0;
        commands[k].run(d);
    }
}
