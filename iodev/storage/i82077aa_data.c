/* i82077aa_data.c - floppy disk controller: the commands that meet a medium.
 * Intel 82077AA data sheet (1992), "Data Transfer Commands", "Format Track", "Scan Commands", "Verify", and the result
 * phase tables there.
 * Here: DMA and non-DMA transfers of 512-byte sectors, as raw images have them. */
#include "i82077aa_parts.h"

enum { VERIFY_EC = 0x80, SIZE_512 = 2 };

/* Where the head of the command's drive is, and what passes under it. */
struct place {
    struct image *image;
    const struct floppy_format *format;
    u32 track, head, sector;    /* sector: of the image, once found */
};

static bool spins(const struct i82077aa *fdc)
{
    int unit = fdc_unit(fdc);
    return unit < FDC_DRIVES && fdc->s.type[unit] && fdc->medium[unit] && fdc->s.dor & 0x10 << unit;
}

/* Data rate that the medium shows in this drive: a 1.2M drive turns at 360 rpm. */
static int rate_of(const struct floppy_format *format, int drive_type)
{
    if (format->kbps == 250)
        return drive_type == 2 ? 1 : 2;
    return format->kbps == 500 ? 0 : 3;
}

/* False if no address mark can be read there: wrong rate, FM, or a track that was never formatted. */
static bool look(const struct i82077aa *fdc, struct place *p)
{
    int unit = fdc_unit(fdc);
    p->image = fdc->medium[unit];
    p->format = image_floppy_format(p->image);
    p->track = fdc->s.track[unit];
    p->head = (u32)fdc_head(fdc);
    if (fdc->s.type[unit] == 2 && p->format->cylinders <= 42)
        p->track /= 2;                                  /* 48 tpi medium under a 96 tpi head */
    return fdc->s.rate == rate_of(p->format, fdc->s.type[unit]) && fdc->s.fifo[0] & MFM && p->track < p->format->cylinders
        && p->head < p->format->heads;
}

static bool writes(int command) { return command == WRITE_DATA || command == WRITE_DELETED || command == FORMAT_TRACK; }

/* The command ends. A drive has no cache: what it wrote is on the medium by then. */
static void end(struct i82077aa *fdc)
{
    struct image *image = fdc->medium[fdc_unit(fdc)];
    if (writes(fdc_command(fdc)) && image && !image_flush(image)) {
        fdc->s.st0 |= ST0_IC_ABNORMAL;
        fdc->s.st1 |= ST1_DE;
        fdc->s.st2 |= ST2_DD;
    }
    fdc_result_7(fdc);
}

static void fail(struct i82077aa *fdc, u8 st1, u8 st2)
{
    fdc->s.st0 |= ST0_IC_ABNORMAL;
    fdc->s.st1 |= st1;
    fdc->s.st2 |= st2;
    end(fdc);
}

static bool non_dma(const struct i82077aa *fdc) { return fdc->s.hlt_nd & 1; }

/* Is the sector that the command wants on the track? */
static bool is_there(const struct i82077aa *fdc, const struct place *p)
{
    const struct i82077aa_state *s = &fdc->s;
    return s->c == p->track && s->h == p->head && s->n == SIZE_512 && s->r && s->r <= p->format->sectors;
}

/* Do the next step when what the command wants has passed under the head: a sector (without DMA: up to its data), or the second
 * index hole, if it is not there. `ahead`: in so many ns it begins to look. */
static void search(struct i82077aa *fdc, u64 ahead)
{
    struct place p;
    int command = fdc_command(fdc), wanted = command == READ_TRACK ? fdc->s.position : fdc->s.r;
    bool seen = look(fdc, &p);
    if (!seen || (command == READ_TRACK ? wanted > p.format->sectors : command != READ_ID && !is_there(fdc, &p)))
        fdc_later(fdc, fdc_until_second_index(fdc, ahead));
    else if (command == READ_ID) {
        fdc->s.position = (u8)fdc_next_sector(fdc, ahead, p.format->sectors);
        fdc_later(fdc, fdc_until_sector(fdc, ahead, p.format->sectors, fdc->s.position, FDC_ID));
    } else
        fdc_later(fdc, fdc_until_sector(fdc, ahead, p.format->sectors, wanted,
                                        non_dma(fdc) && command != VERIFY ? FDC_DATA : FDC_END));
}

/* The sector that the command wants next. False: the command has ended. */
static bool find(struct i82077aa *fdc, struct place *p)
{
    const struct i82077aa_state *s = &fdc->s;
    if (!look(fdc, p)) {
        fail(fdc, ST1_MA, 0);
        return false;
    }
    p->sector = (p->track * p->format->heads + p->head) * p->format->sectors + s->r - 1u;
    if (fdc_command(fdc) == READ_TRACK) {               /* whatever comes; the address is only compared */
        p->sector += s->position - (u32)s->r;
        if (s->c != p->track || s->h != p->head || s->r != s->position || s->n != SIZE_512)
            fdc->s.st1 |= ST1_ND;
        return true;
    }
    if (is_there(fdc, p))
        return true;
    fail(fdc, ST1_ND, s->c != p->track ? ST2_WC : 0);
    return false;
}

static bool is_deleted(const struct i82077aa *fdc, u32 sector)
{
    return fdc->s.deleted[fdc_unit(fdc)][sector / 8 % FDC_MARKS] >> sector % 8 & 1;
}

static void set_deleted(struct i82077aa *fdc, u32 sector, bool on)
{
    u8 *marks = &fdc->s.deleted[fdc_unit(fdc)][sector / 8 % FDC_MARKS], bit = (u8)(1 << sector % 8);
    *marks = on ? *marks | bit : *marks & (u8)~bit;
}

static bool scans(int command) { return command == SCAN_EQUAL || command == SCAN_LOW || command == SCAN_HIGH; }
/* C, H, R after the last sector: "Result Phase Table". */
static void advance(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    bool mt = s->fifo[0] & MT && fdc_command(fdc) != READ_TRACK;
    if (s->r < s->eot) {
        s->r++;
        return;
    }
    s->r = 1;
    if (!mt || s->h & 1)
        s->c++;
    if (mt)
        s->h ^= 1;
}

static void finish(struct i82077aa *fdc)
{
    advance(fdc);
    end(fdc);
}

/* Is the first side of the cylinder over for a multi-track command? By the data sheet it is after the sector EOT. A departure:
 * an EOT behind the last sector that the track has ends there, too, where the chip would search in vain (ND). SeaBIOS asks so
 * (EOT is its first sector + count - 1) and counts on it, where a PC's BIOS takes EOT from the diskette parameter table; a
 * driver that knows its track never notices. */
static bool first_side_ends(const struct i82077aa *fdc)
{
    const struct i82077aa_state *s = &fdc->s;
    struct place p;
    bool multi = s->fifo[0] & MT && !(s->h & 1) && !fdc_head(fdc);
    return multi && (s->r >= s->eot || (look(fdc, &p) && p.format->heads == 2 && s->r == p.format->sectors));
}

/* Go on with the next sector, or the command has reached the end of its track. */
static void next_sector(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    if (s->r < s->eot && !first_side_ends(fdc)) {
        s->r++;
        search(fdc, 0);
    } else if (first_side_ends(fdc)) {
        s->h = 1, s->r = 1;                             /* the other side of the cylinder */
        s->fifo[1] |= 4;
        search(fdc, 0);
    } else if (fdc_command(fdc) == VERIFY && !(s->fifo[1] & VERIFY_EC)) {
        finish(fdc);
    } else {                                            /* nobody said TC in time */
        advance(fdc);
        fail(fdc, ST1_EN, 0);
    }
}

/* A sector has passed in whole. */
static void sector_done(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    int command = fdc_command(fdc);
    s->done++;
    if (command == READ_TRACK) {
        struct place p;
        if (s->tc || s->position >= s->eot || !look(fdc, &p) || s->position >= p.format->sectors) {
            finish(fdc);
            return;
        }
        s->position++, s->r++;
        search(fdc, 0);
    } else if (s->st2 & ST2_CM && !(s->fifo[0] & SK)) {
        end(fdc);                              /* the other kind of mark: the next sector is not searched for */
    } else if (s->tc || (command == VERIFY && s->fifo[1] & VERIFY_EC && s->done == s->dtl)) {
        finish(fdc);
    } else {
        next_sector(fdc);
    }
}

/* The host must take or give n bytes of data. */
static void host_moves(struct i82077aa *fdc, enum fdc_phase phase, u16 n)
{
    fdc->s.phase = (u8)phase;
    fdc->s.at = 0;
    fdc->s.end = n;
    fdc_set_irq(fdc, true);
}

static void read_sector(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    struct place p;
    bool tc = false;
    int command = fdc_command(fdc), moved;
    if (!find(fdc, &p))
        return;
    if (command != READ_TRACK && is_deleted(fdc, p.sector) != (command == READ_DELETED)) {
        s->st2 |= ST2_CM;
        if (s->fifo[0] & SK) {
            if (s->r == s->eot && !(s->fifo[0] & MT && !fdc_head(fdc)))
                finish(fdc);                            /* nothing left to skip to */
            else
                next_sector(fdc);
            return;
        }
    }
    if (!image_read(p.image, p.sector, 1, s->data)) {
        fail(fdc, ST1_DE, ST2_DD);
        return;
    }
    if (command == VERIFY) {
        sector_done(fdc);
        return;
    }
    if (non_dma(fdc)) {
        host_moves(fdc, FDC_HOST_READS, FDC_SECTOR);
        return;
    }
    moved = i8237_transfer(fdc->dma, fdc->dma_channel, s->data, FDC_SECTOR, true, &tc);
    s->tc = tc;
    if (moved < FDC_SECTOR && !tc)
        fail(fdc, ST1_OR, 0);
    else
        sector_done(fdc);
}

/* The sector's bytes are in `data`. */
static void store_sector(struct i82077aa *fdc)
{
    struct place p;
    if (!find(fdc, &p))
        return;
    if (!image_write(p.image, p.sector, 1, fdc->s.data)) {
        fail(fdc, ST1_DE, ST2_DD);
        return;
    }
    set_deleted(fdc, p.sector, fdc_command(fdc) == WRITE_DELETED);
    sector_done(fdc);
}

/* SCAN: the host's bytes are in `data`; FF on either side matches everything. */
static void compare_sector(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    struct place p;
    u8 disk[FDC_SECTOR];
    bool equal = true, low = true, high = true;
    int command = fdc_command(fdc), stride = s->dtl == 2 ? 2 : 1;
    if (!find(fdc, &p))
        return;
    if (!image_read(p.image, p.sector, 1, disk)) {
        fail(fdc, ST1_DE, ST2_DD);
        return;
    }
    if (is_deleted(fdc, p.sector))
        s->st2 |= ST2_CM;
    for (int k = 0; k < FDC_SECTOR; k++) {
        if (disk[k] == 0xff || s->data[k] == 0xff)
            continue;
        equal &= disk[k] == s->data[k];
        low &= disk[k] <= s->data[k];
        high &= disk[k] >= s->data[k];
    }
    if (command == SCAN_EQUAL ? equal : command == SCAN_LOW ? low : high) {
        if (equal)
            s->st2 |= ST2_SH;
        end(fdc);
    } else if (s->tc || s->r + stride > s->eot) {
        s->st2 |= ST2_SN;
        finish(fdc);
    } else {
        s->r = (u8)(s->r + stride);
        search(fdc, 0);
    }
}

/* FORMAT TRACK: C, H, R, N of one sector are in `data`. What the image's format has no place for is lost, as said. */
static void format_sector(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    struct place p;
    if (!look(fdc, &p)) {
        fail(fdc, ST1_MA, 0);
        return;
    }
    s->c = s->data[0], s->h = s->data[1], s->r = s->data[2], s->n = s->data[3];
    if (s->c != p.track || s->h != p.head || !s->r || s->r > p.format->sectors || s->n != SIZE_512) {
        dev_log(&fdc->dev, "guest",
                  "fdc: formats a sector (%u, %u, %u, size %u) that the image cannot hold", s->c, s->h, s->r, s->n);
    } else {
        p.sector = (p.track * p.format->heads + p.head) * p.format->sectors + s->r - 1u;
        memset(s->data, s->fifo[5], FDC_SECTOR);
        set_deleted(fdc, p.sector, false);
        if (!image_write(p.image, p.sector, 1, s->data)) {
            fail(fdc, ST1_DE, ST2_DD);
            return;
        }
    }
    s->done++;
    fdc_later(fdc, fdc_format_ns(fdc));
}

/* The last sector is written: gap bytes follow up to the index. */
static void format_rest(struct i82077aa *fdc)
{
    if (fdc->s.done == fdc->s.fifo[3] && fdc->s.done) {
        fdc->s.done++;
        fdc_later(fdc, fdc_until_index(fdc, 0));
    } else {
        end(fdc);
    }
}

static void host_data_ready(struct i82077aa *fdc)
{
    int command = fdc_command(fdc);
    if (command == FORMAT_TRACK)
        format_sector(fdc);
    else if (scans(command))
        compare_sector(fdc);
    else
        store_sector(fdc);
}

/* Commands that take data from the host: a sector, or the four bytes of an address. */
static void take_sector(struct i82077aa *fdc)
{
    struct place p;
    bool tc = false;
    int command = fdc_command(fdc), want = command == FORMAT_TRACK ? 4 : FDC_SECTOR, moved;
    if (command != FORMAT_TRACK && !find(fdc, &p))
        return;
    if (command == FORMAT_TRACK && !look(fdc, &p)) {
        fail(fdc, ST1_MA, 0);
        return;
    }
    if (writes(command) && !image_writable(p.image)) {
        fail(fdc, ST1_NW, 0);
        return;
    }
    if (non_dma(fdc)) {
        host_moves(fdc, FDC_HOST_WRITES, (u16)want);
        return;
    }
    memset(fdc->s.data, 0, sizeof fdc->s.data);         /* after TC the chip fills up with zeros */
    moved = i8237_transfer(fdc->dma, fdc->dma_channel, fdc->s.data, want, false, &tc);
    fdc->s.tc = tc;
    if (moved < want && !tc)
        fail(fdc, ST1_OR, 0);
    else
        host_data_ready(fdc);
}

static void read_id(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    struct place p;
    if (!look(fdc, &p)) {
        fail(fdc, ST1_MA, 0);
        return;
    }
    s->c = (u8)p.track;
    s->h = (u8)p.head;
    s->r = s->position;
    s->n = SIZE_512;
    end(fdc);
}

void fdc_step_data(struct i82077aa *fdc)
{
    int command = fdc_command(fdc);
    dev_work(&fdc->dev, WORK_HOST_CALL);
    if (!spins(fdc))
        return;                                         /* no index pulse ends the search: it waits for a reset */
    fdc_head_used(fdc);
    if (fdc->s.phase == FDC_EXECUTE && command == FORMAT_TRACK && fdc->s.done >= fdc->s.fifo[3])
        format_rest(fdc);
    else if (command == READ_ID)
        read_id(fdc);
    else if (writes(command) || scans(command))
        take_sector(fdc);
    else
        read_sector(fdc);
}

void fdc_block_done(struct i82077aa *fdc)
{
    dev_work(&fdc->dev, WORK_HOST_CALL);
    if (!spins(fdc))
        fail(fdc, ST1_MA, 0);                           /* taken out meanwhile */
    else if (fdc->s.phase == FDC_HOST_READS)
        sector_done(fdc);
    else
        host_data_ready(fdc);
}

/* The heads go down and look; before that they need so many ns. */
static void begin(struct i82077aa *fdc, u64 ns)
{
    struct place p;
    int unit = fdc_unit(fdc), command = fdc_command(fdc);
    ns += fdc_load_ns(fdc);
    if (ns < fdc_until_turning(fdc, unit))
        ns = fdc_until_turning(fdc, unit);
    fdc_head_used(fdc);
    if (command == FORMAT_TRACK || command == READ_TRACK)   /* these begin at the index */
        ns = fdc_until_index(fdc, ns);
    if (command == FORMAT_TRACK && look(fdc, &p))
        fdc_later(fdc, ns);
    else
        search(fdc, ns);
}

void fdc_start_data(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    int unit = fdc_unit(fdc), command = fdc_command(fdc);
    u64 ns = 0;
    s->st0 = s->st1 = s->st2 = 0;
    s->done = 0;
    s->tc = 0;
    s->position = 1;
    if (command != READ_ID && command != FORMAT_TRACK) {
        s->c = s->fifo[2], s->h = s->fifo[3], s->r = s->fifo[4], s->n = s->fifo[5];
        s->eot = s->fifo[6];
        s->dtl = s->fifo[8];
        if (s->config & CONFIG_EIS && s->pcn[unit] != s->c) {
            int pulses = s->c - s->pcn[unit];
            ns = fdc_step_heads(fdc, unit, pulses);
            s->pcn[unit] = s->c;
        }
    }
    if (!spins(fdc)) {
        dev_log(&fdc->dev, "disk", "fdc: no floppy turns in drive %d; the command waits", unit);
        s->phase = FDC_EXECUTE;
        return;
    }
    begin(fdc, ns);
}

void fdc_resume(struct i82077aa *fdc)
{
    if (fdc->s.phase == FDC_EXECUTE && fdc->execute.when == TIMER_OFF && spins(fdc))
        begin(fdc, 0);
}
