/* ide_drive.c - what disks and CD drives have in common: state, timer, the pieces of the protocols.
 * ATA/ATAPI-6 (T13 1410D), "Device command protocol". I/O completes when drive_motion.c says, in virtual time. */
#include "ata.h"
#include <stdio.h>

#define F(member) FIELD(struct ide_drive_state, member)
#define FA(member) FIELD_ARRAY(struct ide_drive_state, member)
static const struct field fields[] = {
    F(lba), F(head), F(ahead_from), F(ahead_end), F(ahead_at), F(written), F(ready_at), F(left),
    F(at), F(in_end), F(out_end), F(fill), F(limit), F(sector_bytes),
    F(cylinders), F(heads), F(sectors), FA(reg), FA(hob), F(device), F(error), F(command),
    F(status), F(phase), F(intrq), F(address_mode), F(multiple), F(block_sectors), FA(transfer_mode),
    F(write_cache), F(look_ahead), F(power), F(revert),
    FA(packet), F(packet_dma), F(sense_key), F(asc), F(ascq), F(attention), F(locked), F(tray_open),
    F(media_event), F(operational_event), FA(audio), F(retries), F(raw_flags), F(stopped), F(dirty), FA(pad),
    F(buffer), FIELD_END
};
#undef F
#undef FA

void drive_interrupt(struct ide_drive *d)
{
    d->s.intrq = 1;
    ide_channel_irq(d->channel);
}

void drive_later(struct ide_drive *d, enum drive_phase phase, u64 ns)
{
    drive_enter(d, phase);
    timer_set(&d->timer, machine_now(d->dev.machine) + ns);
}

void drive_stop(struct ide_drive *d)
{
    drive_enter(d, PHASE_IDLE);
    d->s.at = d->s.fill = d->s.left = 0;
    d->s.status &= (u8)~(DF | ERR);
}

void drive_rest(struct ide_drive *d)
{
    drive_stop(d);
    d->s.status = DRDY | DSC;
}

void drive_finish(struct ide_drive *d)
{
    drive_rest(d);
    drive_interrupt(d);
}

void drive_fail(struct ide_drive *d, u8 error)
{
    drive_stop(d);
    d->s.status = DRDY | DSC | ERR;
    d->s.error = error;
    drive_interrupt(d);
}

void drive_offer(struct ide_drive *d, enum drive_phase phase, u32 from, u32 to)
{
    assert(from < to && to <= DRIVE_BUFFER);
    drive_enter(d, phase);
    d->s.at = from;
    d->s.in_end = to;
    drive_interrupt(d);
}

void drive_request(struct ide_drive *d, enum drive_phase phase, u32 n, bool interrupt)
{
    assert(n && n <= DRIVE_BUFFER);
    drive_enter(d, phase);
    d->s.at = 0;
    d->s.out_end = n;
    if (interrupt)
        drive_interrupt(d);
}

u64 drive_piece_ns(u64 bytes, u32 sector) { return (bytes < DMA_PIECE ? bytes : DMA_PIECE) * SECTOR_NS / sector; }

void drive_begin_dma(struct ide_drive *d, enum drive_phase phase, u64 ns, u64 bytes, u32 sector)
{
    drive_later(d, phase, ns - bytes / sector * SECTOR_NS + drive_piece_ns(bytes, sector));
}

/* A bus master that has moved less than it could was busy with a table of tiny regions. */
bool drive_dma(struct ide_drive *d, u32 sector)
{
    bool read = d->s.phase == PHASE_DMA_READ;
    u32 left = d->s.fill - d->s.at, n = left < DMA_PIECE ? left : DMA_PIECE;
    u32 moved = bmdma_transfer(d->bm, d->s.buffer + d->s.at, n, read);
    d->s.at += moved;
    if (moved == left)
        return true;
    if (moved == n)
        drive_later(d, (enum drive_phase)d->s.phase, drive_piece_ns(d->s.fill - d->s.at, sector));
    else if (bmdma_runs(d->bm, read))
        drive_later(d, (enum drive_phase)d->s.phase, TINY_REGIONS_NS);
    else
        drive_enter(d, read ? PHASE_DMA_READ_WAITS : PHASE_DMA_WRITE_WAITS);
    return false;
}

void drive_string(u8 *to, int bytes, const char *text)
{
    for (int k = 0; k < bytes; k++)
        to[k ^ 1] = *text ? (u8)*text++ : ' ';
}

bool drive_set_transfer_mode(struct ide_drive *d, u8 mode)
{
    int n = mode & 7;
    switch (mode >> 3) {
    case 0: case 1:             /* PIO default, PIO with flow control 0 to 4 */
        if (n > (mode < 8 ? 1 : 4))
            return false;
        d->s.transfer_mode[2] = mode;
        return true;
    case 4:
        if (n > 2)
            return false;
        d->s.transfer_mode[0] = (u8)(n + 1);
        d->s.transfer_mode[1] = 0;
        return true;
    case 8:
        if (n > 5)
            return false;
        d->s.transfer_mode[1] = (u8)(n + 1);
        d->s.transfer_mode[0] = 0;
        return true;
    default:
        return false;           /* single word DMA is gone */
    }
}

static void timer_fires(void *dev) { drive_event(dev, EVENT_TIMER, 0); }

static void drive_reset(void *dev)
{
    struct ide_drive *d = dev;
    u8 open = d->s.tray_open;
    memset(&d->s, 0, sizeof d->s);
    drive_stop(d);
    d->s.tray_open = open;      /* nobody pushes it in */
    d->s.power = 0xff;
    d->ops->defaults(d);
    d->ops->signature(d);
}

static void drive_free(void *dev)
{
    struct ide_drive *d = dev;
    image_close(d->image);
}

static const struct bits status_bits[] = {
    BIT("BSY", 7), BIT("DRDY", 6), BIT("DF", 5), BIT("DSC", 4), BIT("DRQ", 3), BIT("CORR", 2), BIT("IDX", 1), BIT("ERR", 0), BITS_END
};
static const struct bits error_bits[] = {
    BIT("ICRC", 7), BIT("UNC/WP", 6), BIT("MC", 5), BIT("IDNF", 4), BIT("MCR", 3), BIT("ABRT", 2), BIT("NM", 1), BIT("AMNF", 0), BITS_END
};
static const struct bits device_bits[] = { BIT("LBA", 6), { "DEV", 4, 4, (const char *const[]) { "drive 0", "drive 1" } }, { "head", 3,
    0, NULL }, BITS_END };
static const struct shown registers[] = {
    SHOWN(struct ide_drive_state, error, "Error", error_bits), SHOWN(struct ide_drive_state, device, "Device", device_bits),
    SHOWN(struct ide_drive_state, command, "Command", NULL), SHOWN(struct ide_drive_state, reg[R_COUNT], "Count", NULL), SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    static const char *const phases[DRIVE_PHASES] = {
        "idle", "asleep", "held in reset (SRST)", "power-on diagnostics", "diagnostics", "the command starts", "reads the next block",
        "writes the host's block", "DMA to memory", "DMA from memory", "DMA to memory: waits for the bus master",
        "DMA from memory: waits for the bus master", "the packet is there", "what was to move has", "dozes off", "the host reads a block",
        "the host reads the last block", "the host writes a block", "the host writes the last block", "the host writes the packet"
    };
    const struct ide_drive *d = dev;
    tell_register(out, "Status", drive_status(d), 2, status_bits);
    tell_line(out, "phase", "%s", phases[d->s.phase < DRIVE_PHASES ? d->s.phase : 0]);
    tell_line(out, "address", "%02x %02x %02x (low, mid, high), before %02x %02x %02x", d->s.reg[R_LOW], d->s.reg[R_MID], d->s.reg[R_HIGH],
              d->s.hob[R_LOW], d->s.hob[R_MID], d->s.hob[R_HIGH]);
    tell_line(out, "sector", "next LBA %llu, %u left; heads behind %llu", (unsigned long long)d->s.lba, d->s.left,
              (unsigned long long)d->s.head);
    tell_line(out, "INTRQ", "%s", d->s.intrq ? "pending" : "none");
    if (d->ops->packet)
        tell_line(out, "sense", "key %x, ASC %02x, ASCQ %02x%s%s", d->s.sense_key, d->s.asc, d->s.ascq, d->s.locked ? ", tray locked" : "",
                  d->s.tray_open ? ", tray open" : "");
    else
        tell_line(out, "geometry", "%d cylinders, %d heads, %d sectors; write cache %s%s", d->s.cylinders, d->s.heads, d->s.sectors,
                  d->s.write_cache ? "on" : "off", d->s.dirty ? ", holds something" : "");
    tell_line(out, "medium", "%s", d->image ? image_name(d->image) : "none");
}

static const struct device_class ata_disk_class = {
    .name = "ata_disk",
    .title = "ATA disk",
    .log = "disk",
    .size = sizeof(struct ide_drive),
    .state_offset = offsetof(struct ide_drive, s),
    .state_size = sizeof(struct ide_drive_state),
    .fields = fields,
    .reset = drive_reset,
    .free = drive_free,
    .registers = registers,
    .describe = describe,
};

static const struct device_class atapi_cd_class = {
    .name = "atapi_cd",
    .title = "ATAPI CD-ROM drive",
    .log = "disk",
    .size = sizeof(struct ide_drive),
    .state_offset = offsetof(struct ide_drive, s),
    .state_size = sizeof(struct ide_drive_state),
    .fields = fields,
    .reset = drive_reset,
    .free = drive_free,
    .registers = registers,
    .describe = describe,
};

struct ide_drive *drive_new(struct machine *m, int unit, struct image *image, const struct drive_ops *ops)
{
    struct ide_drive *d = device_new(m, ops->packet ? &atapi_cd_class : &ata_disk_class, "");
    snprintf(d->id, sizeof d->id, "%s%d.%d", ops->packet ? "cd" : "hd", unit >> 1, unit & 1);
    snprintf(d->timer_name, sizeof d->timer_name, "%s", d->id);
    d->dev.id = d->id;
    d->unit = unit;
    d->ops = ops;
    d->image = image;
    d->hurry = 1;
    d->s.power = 0xff;
    timer_init(m, &d->timer, d->timer_name, timer_fires, d);
    return d;
}
