/* ata_disk.c - an ATA hard disk: its commands.
 * ATA/ATAPI-6 (T13 1410D), "Command descriptions"; the CHS and retry forms of commands as ATA-1 (X3.221) has them.
 * Here: the general feature set, multiple, DMA, 48-bit addresses, power management, flush.
 * Not yet: security, SMART, host protected area beyond READ NATIVE MAX, queued DMA. */
#include "ata.h"

enum { MULTIPLE_MAX = 16, DMA_SECTORS = DRIVE_BUFFER / 512 };

enum kind { NO_DATA, READ_PIO, READ_MULTIPLE, WRITE_PIO, WRITE_MULTIPLE, READ_DMA, WRITE_DMA, BUFFER_OUT };

struct command {
    u8 code, kind;
    bool ext;                                   /* 48-bit addresses */
    void (*run)(struct ide_drive *d);           /* NULL: a transfer, as kind says */
};

static u64 sectors_of(const struct ide_drive *d) { return image_sectors(d->image); }

/* Decode address and count of the command in the registers into lba and left. False if the address cannot exist. */
static bool take_address(struct ide_drive *d, bool ext)
{
    struct ide_drive_state *s = &d->s;
    const u8 *r = s->reg, *h = s->hob;
    u32 low = r[R_LOW] | (u32)r[R_MID] << 8 | (u32)r[R_HIGH] << 16;
    s->left = ext ? (u32)(r[R_COUNT] | h[R_COUNT] << 8) : r[R_COUNT];
    if (!s->left)
        s->left = ext ? 65536 : 256;
    s->address_mode = ext ? 2 : (s->device & DEV_LBA) != 0;
    if (ext) {
        s->lba = low | (u64)h[R_LOW] << 24 | (u64)h[R_MID] << 32 | (u64)h[R_HIGH] << 40;
    } else if (s->address_mode) {
        s->lba = low | (u64)(s->device & 15) << 24;
    } else {
        u32 cylinder = r[R_MID] | (u32)r[R_HIGH] << 8, head = s->device & 15, sector = r[R_LOW];
        s->lba = ((u64)cylinder * s->heads + head) * s->sectors + sector - 1;
        return sector && sector <= s->sectors && head < s->heads && cylinder < s->cylinders;
    }
    return true;
}

/* Show an address in the registers, in the form that the command used. */
static void show_address(struct ide_drive *d, u64 lba)
{
    struct ide_drive_state *s = &d->s;
    if (s->address_mode == 0) {
        u64 track = lba / s->sectors, cylinder = track / s->heads;
        s->reg[R_LOW] = (u8)(lba % s->sectors + 1);
        s->reg[R_MID] = (u8)cylinder;
        s->reg[R_HIGH] = (u8)(cylinder >> 8);
        s->device = (u8)((s->device & 0xf0) | (track % s->heads));
        return;
    }
    s->reg[R_LOW] = (u8)lba;
    s->reg[R_MID] = (u8)(lba >> 8);
    s->reg[R_HIGH] = (u8)(lba >> 16);
    if (s->address_mode == 1) {
        s->device = (u8)((s->device & 0xf0) | (lba >> 24 & 15));
        return;
    }
    s->hob[R_LOW] = (u8)(lba >> 24);
    s->hob[R_MID] = (u8)(lba >> 32);
    s->hob[R_HIGH] = (u8)(lba >> 40);
}

static void show_left(struct ide_drive *d)
{
    d->s.reg[R_COUNT] = (u8)d->s.left;
    d->s.hob[R_COUNT] = d->s.address_mode == 2 ? (u8)(d->s.left >> 8) : d->s.hob[R_COUNT];
}

static void abort_command(struct ide_drive *d) { drive_fail(d, ABRT); }

/* n sectors passed between medium and buffer. */
static void passed(struct ide_drive *d, u32 n)
{
    d->s.lba += n;
    d->s.left -= n;
    show_address(d, d->s.lba - 1);
    show_left(d);
}

/* Sectors lba..lba+n into the buffer; on a host error the command ends and false is returned. */
static bool read_sectors(struct ide_drive *d, u32 n)
{
    dev_work(&d->dev, WORK_HOST_CALL + n);
    if (image_read(d->image, d->s.lba, n, d->s.buffer)) {
        passed(d, n);
        return true;
    }
    show_address(d, d->s.lba);
    show_left(d);
    drive_fail(d, UNC);
    return false;
}

/* What is written cannot be kept: the device fault that a drive reports whose medium or electronics fail. */
static void write_fault(struct ide_drive *d)
{
    drive_fail(d, ABRT);
    d->s.status |= DF;
}

/* The last sectors of a command are on the medium when it ends, if the write cache is off. */
static bool write_sectors(struct ide_drive *d, u32 n)
{
    dev_work(&d->dev, WORK_HOST_CALL + n);
    bool written = image_write(d->image, d->s.lba, n, d->s.buffer), last = n == d->s.left;
    if (written && (!last || d->s.write_cache || image_flush(d->image))) {
        passed(d, n);
        return true;
    }
    show_address(d, d->s.lba);
    show_left(d);
    write_fault(d);
    return false;
}

static u32 next_block(const struct ide_drive *d)
{
    return d->s.left < d->s.block_sectors ? d->s.left : d->s.block_sectors;
}

static bool is_multiple(const struct command *c) { return c->kind == READ_MULTIPLE || c->kind == WRITE_MULTIPLE; }
static bool is_pio_write(const struct command *c) { return c->kind == WRITE_PIO || c->kind == WRITE_MULTIPLE; }

/* The error that a READ or WRITE of any protocol ends with at once, 0 if it can start. Decodes its address. */
static u8 transfer_error(struct ide_drive *d, const struct command *c)
{
    bool possible = take_address(d, c->ext);
    if (is_multiple(c) && !d->s.multiple)
        return ABRT;
    if (!possible || d->s.lba >= sectors_of(d) || d->s.left > sectors_of(d) - d->s.lba)
        return IDNF;
    if ((is_pio_write(c) || c->kind == WRITE_DMA) && !image_writable(d->image))
        return ABRT | WP;
    return 0;
}

/* Begin a READ or WRITE of any protocol. */
static void start_transfer(struct ide_drive *d, const struct command *c)
{
    u8 error = transfer_error(d, c);
    if (error == IDNF && take_address(d, c->ext) && d->s.lba < sectors_of(d))
        show_address(d, sectors_of(d));                 /* the first sector that is not there */
    if (error) {
        drive_fail(d, error);
        return;
    }
    d->s.block_sectors = is_multiple(c) ? d->s.multiple : 1;
    if (c->kind == READ_DMA)
        drive_begin_dma(d, PHASE_DMA_READ, drive_read_ns(d, d->s.lba, d->s.left), (u64)d->s.left * 512, 512);
    else if (c->kind == WRITE_DMA)
        drive_begin_dma(d, PHASE_DMA_WRITE, drive_write_ns(d, d->s.lba, d->s.left), (u64)d->s.left * 512, 512);
    else if (is_pio_write(c))
        drive_request(d, PHASE_OUT, next_block(d) * 512, false);
    else
        drive_later(d, PHASE_READ, drive_read_ns(d, d->s.lba, next_block(d)));
}

static u32 dma_sectors(const struct ide_drive *d) { return d->s.left < DMA_SECTORS ? d->s.left : DMA_SECTORS; }

/* A piece has moved, the last of the buffer: on to the next buffer full, or the command's end. */
static void next_dma(struct ide_drive *d, enum drive_phase phase)
{
    d->s.at = d->s.fill = 0;
    if (d->s.left)
        drive_later(d, phase, drive_piece_ns((u64)d->s.left * 512, 512));
    else
        drive_finish(d);
}

static void dma_read_step(struct ide_drive *d)
{
    u32 n = dma_sectors(d);
    if (!d->s.fill) {
        if (!read_sectors(d, n))
            return;
        d->s.fill = n * 512;
    }
    if (drive_dma(d, 512))
        next_dma(d, PHASE_DMA_READ);
}

static void dma_write_step(struct ide_drive *d)
{
    u32 n = dma_sectors(d);
    if (!d->s.fill)
        d->s.fill = n * 512;
    if (drive_dma(d, 512) && write_sectors(d, n))
        next_dma(d, PHASE_DMA_WRITE);
}

static void offer_buffer(struct ide_drive *d) { drive_offer(d, PHASE_LAST_IN, 0, 512); }

static void identify(struct ide_drive *d)
{
    ata_identify(d, d->s.buffer);
    offer_buffer(d);
}

static void want_buffer(struct ide_drive *d) { drive_request(d, PHASE_LAST_OUT, 512, false); }

/* What it asked for is done when something has moved. */
static void finish_after(struct ide_drive *d, u64 ns)
{
    if (ns)
        drive_later(d, PHASE_MOVED, ns);
    else
        drive_finish(d);
}

static void verify(struct ide_drive *d)
{
    u8 code = d->s.command;
    bool seek = (code & 0xf0) == 0x70, possible = take_address(d, code == 0x42);
    u32 n = seek ? 1 : d->s.left;
    if (!possible || d->s.lba >= sectors_of(d) || n > sectors_of(d) - d->s.lba) {
        drive_fail(d, seek ? ABRT | IDNF : IDNF);
        return;
    }
    u64 ns = seek ? drive_seek_ns(d, d->s.lba) : drive_read_ns(d, d->s.lba, n) - (u64)n * SECTOR_NS;  /* none to the host */
    if (!seek)
        passed(d, n);
    finish_after(d, ns);
}

static void set_multiple(struct ide_drive *d)
{
    u8 n = d->s.reg[R_COUNT];
    if (n > MULTIPLE_MAX || n & (n - 1)) {
        abort_command(d);
        return;
    }
    d->s.multiple = n;                                  /* 0 turns the feature off */
    drive_finish(d);
}

static void initialize_parameters(struct ide_drive *d)
{
    u8 sectors = d->s.reg[R_COUNT], heads = (u8)((d->s.device & 15) + 1);
    u64 cylinders;
    if (!sectors) {
        abort_command(d);
        return;
    }
    cylinders = sectors_of(d) / ((u64)sectors * heads);
    d->s.sectors = sectors;
    d->s.heads = heads;
    d->s.cylinders = cylinders > 65535 ? 65535 : (u16)cylinders;
    drive_finish(d);
}

static void set_features(struct ide_drive *d)
{
    bool ok = true;
    switch (d->s.reg[R_FEATURES]) {
    case 0x02: case 0x82: d->s.write_cache = d->s.reg[R_FEATURES] == 0x02; break;
    case 0xaa: case 0x55: d->s.look_ahead = d->s.reg[R_FEATURES] == 0xaa; break;
    case 0xcc: case 0x66: d->s.revert = d->s.reg[R_FEATURES] == 0xcc; break;
    case 0x03:            ok = drive_set_transfer_mode(d, d->s.reg[R_COUNT]); break;
    default:              ok = false;
    }
    if (ok && d->s.reg[R_FEATURES] == 0x82)
        ok = image_flush(d->image);                     /* what it holds is written first */
    if (ok)
        drive_finish(d);
    else
        abort_command(d);
}

static void flush(struct ide_drive *d)
{
    if (image_flush(d->image)) {
        finish_after(d, drive_flush_ns(d));
        return;
    }
    write_fault(d);
}

static void power(struct ide_drive *d)
{
    u64 ns = 0;
    switch (d->s.command) {
    case 0xe5: case 0x98: d->s.reg[R_COUNT] = d->s.power; break;
    case 0xe0: case 0x94: case 0xe2: case 0x96: case 0xe6: case 0x99:
        if (!image_flush(d->image)) {                   /* standby and sleep: first what the cache holds */
            write_fault(d);
            return;
        }
        ns = drive_flush_ns(d);
        d->s.power = 0x00;
        d->s.stopped = 1;
        if (d->s.command == 0xe6 || d->s.command == 0x99) {
            drive_later(d, PHASE_DOZES_OFF, ns);
            return;
        }
        break;
    default:                                            /* idle */
        d->s.power = 0xff;
        ns = drive_spin_up_ns(d);
    }
    finish_after(d, ns);
}

static void native_max(struct ide_drive *d)
{
    bool ext = d->s.command == 0x27;
    u64 last = sectors_of(d) - 1;
    if (!(d->s.device & DEV_LBA)) {
        abort_command(d);
        return;
    }
    d->s.address_mode = ext ? 2 : 1;
    show_address(d, !ext && last > 0xffffffe ? 0xffffffe : last);
    drive_finish(d);
}

static void recalibrate(struct ide_drive *d) { finish_after(d, drive_seek_ns(d, 0)); }

// clang-format off
static const struct command commands[] = {
    { 0x00, NO_DATA,        false, abort_command },         /* NOP always ends so */
    { 0x20, READ_PIO,       false, NULL },                  /* READ SECTORS, with and without retries */
    { 0x21, READ_PIO,       false, NULL },
    { 0x24, READ_PIO,       true,  NULL },                  /* READ SECTORS EXT */
    { 0x25, READ_DMA,       true,  NULL },
    { 0x27, NO_DATA,        true,  native_max },
    { 0x29, READ_MULTIPLE,  true,  NULL },
    { 0x30, WRITE_PIO,      false, NULL },
    { 0x31, WRITE_PIO,      false, NULL },
    { 0x34, WRITE_PIO,      true,  NULL },
    { 0x35, WRITE_DMA,      true,  NULL },
    { 0x39, WRITE_MULTIPLE, true,  NULL },
    { 0x3c, WRITE_PIO,      false, NULL },                  /* WRITE VERIFY */
    { 0x40, NO_DATA,        false, verify },
    { 0x41, NO_DATA,        false, verify },
    { 0x42, NO_DATA,        true,  verify },
    { 0x91, NO_DATA,        false, initialize_parameters },
    { 0x94, NO_DATA,        false, power },
    { 0x95, NO_DATA,        false, power },
    { 0x96, NO_DATA,        false, power },
    { 0x97, NO_DATA,        false, power },
    { 0x98, NO_DATA,        false, power },
    { 0x99, NO_DATA,        false, power },
    { 0xc4, READ_MULTIPLE,  false, NULL },
    { 0xc5, WRITE_MULTIPLE, false, NULL },
    { 0xc6, NO_DATA,        false, set_multiple },
    { 0xc8, READ_DMA,       false, NULL },
    { 0xc9, READ_DMA,       false, NULL },
    { 0xca, WRITE_DMA,      false, NULL },
    { 0xcb, WRITE_DMA,      false, NULL },
    { 0xe0, NO_DATA,        false, power },
    { 0xe1, NO_DATA,        false, power },
    { 0xe2, NO_DATA,        false, power },
    { 0xe3, NO_DATA,        false, power },
    { 0xe4, READ_PIO,       false, offer_buffer },
    { 0xe5, NO_DATA,        false, power },
    { 0xe6, NO_DATA,        false, power },
    { 0xe7, NO_DATA,        false, flush },
    { 0xe8, BUFFER_OUT,     false, want_buffer },
    { 0xea, NO_DATA,        true,  flush },
    { 0xec, READ_PIO,       false, identify },
    { 0xef, NO_DATA,        false, set_features },
    { 0xf8, NO_DATA,        false, native_max },
};
// clang-format on
static const struct command recalibrates = { 0x10, NO_DATA, false, recalibrate };   /* 10 to 1F */
static const struct command seeks = { 0x70, NO_DATA, false, verify };               /* 70 to 7F */

static const struct command *command_of(u8 code)
{
    if ((code & 0xf0) == 0x10)
        return &recalibrates;
    if ((code & 0xf0) == 0x70)
        return &seeks;
    for (size_t k = 0; k < ARRAY_LEN(commands); k++)
        if (commands[k].code == code)
            return &commands[k];
    return NULL;
}

/* "PIO data-out command protocol": the drive asks for the data, or is busy, within 400 ns. A drive with a buffer asks at once,
 * and drivers that wait just those 400 ns count on it. */
static bool asks_at_once(struct ide_drive *d, const struct command *c)
{
    return c && (c->kind == BUFFER_OUT || (is_pio_write(c) && !transfer_error(d, c)));
}

static void execute(struct ide_drive *d)
{
    const struct command *c = command_of(d->s.command);
    if (!c) {
        dev_log(&d->dev, "disk", "%s: command %02x is not supported", d->id, d->s.command);
        abort_command(d);
        return;
    }
    if (c->run) {
        c->run(d);
        return;
    }
    d->s.power = 0xff;                                  /* the medium spins up */
    start_transfer(d, c);
}

static void disk_command(struct ide_drive *d)
{
    if (asks_at_once(d, command_of(d->s.command)))
        execute(d);
    else
        drive_later(d, PHASE_EXECUTE, COMMAND_NS);
}

static void read_step(struct ide_drive *d)
{
    u32 n = next_block(d);
    if (read_sectors(d, n))
        drive_offer(d, d->s.left ? PHASE_IN : PHASE_LAST_IN, 0, n * 512);
}

static void write_step(struct ide_drive *d)
{
    if (!write_sectors(d, next_block(d)))
        return;
    if (d->s.left)
        drive_request(d, PHASE_OUT, next_block(d) * 512, true);
    else
        drive_finish(d);
}

static void next_read(struct ide_drive *d) { drive_later(d, PHASE_READ, drive_read_ns(d, d->s.lba, next_block(d))); }
static void block_came(struct ide_drive *d) { drive_later(d, PHASE_WRITE, drive_write_ns(d, d->s.lba, next_block(d))); }

static void disk_signature(struct ide_drive *d)
{
    memset(d->s.hob, 0, sizeof d->s.hob);
    d->s.reg[R_COUNT] = d->s.reg[R_LOW] = 1;
    d->s.reg[R_MID] = d->s.reg[R_HIGH] = 0;
    d->s.device = 0;
    d->s.error = 0x01;                                  /* diagnostics passed */
    d->s.status = DRDY | DSC;
}

static void disk_defaults(struct ide_drive *d)
{
    struct image_chs chs = image_chs(d->image);
    d->s.cylinders = (u16)chs.cylinders;
    d->s.heads = (u8)chs.heads;
    d->s.sectors = (u8)chs.sectors;
    d->s.multiple = 0;
    d->s.write_cache = d->s.look_ahead = 1;
    memset(d->s.transfer_mode, 0, sizeof d->s.transfer_mode);
    d->s.revert = 0;
}

const struct drive_ops ata_disk_ops = {
    .command = disk_command,
    .timer = {
        [PHASE_EXECUTE] = execute, [PHASE_READ] = read_step, [PHASE_WRITE] = write_step, [PHASE_DMA_READ] = dma_read_step,
        [PHASE_DMA_WRITE] = dma_write_step, [PHASE_MOVED] = drive_finish,
    },
    .block = {                                          /* the last block of a read ends without an interrupt */
        [PHASE_IN] = next_read, [PHASE_LAST_IN] = drive_rest, [PHASE_OUT] = block_came, [PHASE_LAST_OUT] = drive_finish,
    },
    .signature = disk_signature,
    .defaults = disk_defaults,
};
