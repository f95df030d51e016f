/* ide_channel.c - an ATA bus: the registers that two drives share, who is selected, and the interrupt wire.
 * ATA/ATAPI-6 (T13 1410D), "I/O register descriptions", "Device Control register", "Single device configurations".
 * Here: all of it. */
#include "ata.h"

enum { DATA, ERROR_FEATURES, SECTOR_COUNT, LBA_LOW, LBA_MID, LBA_HIGH, DEVICE, STATUS_COMMAND };
enum { NIEN = 0x02, SRST = 0x04, HOB = 0x80 };          /* Device Control */
enum { CMD_DEVICE_RESET = 0x08, CMD_DIAGNOSTIC = 0x90 };
/* ATA/ATAPI-6, "PIO data transfers", "Register transfers": PIO mode 4 has cycles of 120 ns; the PIIX makes two of a 32-bit access, and
 * PCI adds what it adds. */
enum { PIO_CYCLE_NS = BUS_PCI_NS };
enum { FLOATING = 0x7f };                               /* no drive: pull-ups, and the pull-down on DD7 */

struct ide_channel {
    struct device dev;
    struct line irq;
    struct bmdma *bm;
    struct ide_drive *drive[2];
    struct region *command_block, *control_block;

    struct ide_channel_state {
        u8 selected;            /* DEV */
        u8 control;             /* Device Control as written */
        u8 level;               /* of the interrupt wire */
    } s;
};

static const struct field fields[] = {
    FIELD(struct ide_channel_state, selected),
    FIELD(struct ide_channel_state, control),
    FIELD(struct ide_channel_state, level),
    FIELD_END
};

void ide_channel_irq(struct ide_channel *c)
{
    const struct ide_drive *d = c->drive[c->s.selected];
    bool level = d && d->s.intrq && !(c->s.control & NIEN);
    if (level && !c->s.level)
        bmdma_interrupt(c->bm);
    c->s.level = level;
    line_set(&c->irq, level);
}

/* The drive that answers for the selected address; NULL: nobody does. Drive 0 answers for an absent drive 1. */
static struct ide_drive *answering(const struct ide_channel *c)
{
    return c->drive[c->s.selected] ? c->drive[c->s.selected] : c->s.selected ? c->drive[0] : NULL;
}

static u8 read_status(struct ide_channel *c, bool acknowledge)
{
    struct ide_drive *d = c->drive[c->s.selected];
    if (!d)
        return answering(c) ? 0 : FLOATING;
    if (acknowledge && d->s.intrq) {
        d->s.intrq = 0;
        ide_channel_irq(c);
    }
    return drive_status(d);
}

static u8 read_register(struct ide_channel *c, u64 offset)
{
    struct ide_drive *d = answering(c);
    const u8 *bank;
    if (offset == STATUS_COMMAND)
        return read_status(c, true);
    if (!d)
        return FLOATING;
    if (d != c->drive[c->s.selected] && d->ops->packet)
        return 0;               /* a packet drive alone on the bus shows no signature as drive 1 */
    if (drive_busy(d))
        return drive_status(d);
    bank = c->s.control & HOB ? d->s.hob : d->s.reg;
    switch (offset) {
    case ERROR_FEATURES: return d->s.error;
    case SECTOR_COUNT:   return bank[R_COUNT];
    case LBA_LOW:        return bank[R_LOW];
    case LBA_MID:        return bank[R_MID];
    case LBA_HIGH:       return bank[R_HIGH];
    case DEVICE:         return (u8)(d->s.device | 0xa0);
    default:             return FLOATING;
    }
}

static void write_command(struct ide_channel *c, u8 value)
{
    struct ide_drive *d = c->drive[c->s.selected];
    if (value == CMD_DIAGNOSTIC) {              /* both run it, whoever is selected; drive 0 reports */
        c->s.selected = 0;
        for (int k = 0; k < 2; k++)
            if (c->drive[k])
                drive_event(c->drive[k], EVENT_DIAGNOSTIC, value);
        ide_channel_irq(c);
    } else if (d) {
        drive_event(d, value == CMD_DEVICE_RESET && d->ops->packet ? EVENT_DEVICE_RESET : EVENT_COMMAND, value);
    }
}

/* Both drives hear every write to the command block. */
static void write_register(struct ide_channel *c, u64 offset, u8 value)
{
    static const u8 which[DEVICE] = { 0, R_FEATURES, R_COUNT, R_LOW, R_MID, R_HIGH };
    c->s.control &= (u8)~HOB;
    if (offset == STATUS_COMMAND) {
        write_command(c, value);
        return;
    }
    for (int k = 0; k < 2; k++) {
        struct ide_drive *d = c->drive[k];
        if (!d || drive_busy(d))
            continue;
        if (offset == DEVICE) {
            d->s.device = value;
        } else if (offset > DATA && offset < DEVICE) {
            d->s.hob[which[offset]] = d->s.reg[which[offset]];
            d->s.reg[which[offset]] = value;
        }
    }
    if (offset == DEVICE) {
        c->s.selected = (value & DEV_DEV) != 0;
        ide_channel_irq(c);
    }
}

/* The data port off its fast path: the end of a block, a byte access, or no block at all. */
static noinline u64 read_data(struct ide_channel *c, int size)
{
    struct ide_drive *d = c->drive[c->s.selected];
    u64 value = 0;
    if (!d || !d->s.in_end) {
        dev_log(&c->dev, "guest", "%s: data port read while no drive offers data", c->dev.id);
        return d ? 0 : mask_bytes(size) & ~0x80ull;
    }
    for (int k = 0; k < size && d->s.at < d->s.in_end; k++)
        value |= (u64)d->s.buffer[d->s.at++] << (8 * k);
    if (size == 1 && d->s.at < d->s.in_end)
        d->s.at++;              /* the register is a word wide: a byte access takes the word */
    if (d->s.at >= d->s.in_end) {
        drive_event(d, EVENT_BLOCK, 0);
    }
    return value;
}

static noinline void write_data(struct ide_channel *c, u64 value, int size)
{
    struct ide_drive *d = c->drive[c->s.selected];
    if (!d || !d->s.out_end) {
        dev_log(&c->dev, "guest", "%s: data port written while no drive wants data", c->dev.id);
        return;
    }
    if (size == 1)
        size = 2;
    for (int k = 0; k < size && d->s.at < d->s.out_end; k++)
        d->s.buffer[d->s.at++] = (u8)(value >> (8 * k));
    if (d->s.at >= d->s.out_end) {
        drive_event(d, EVENT_BLOCK, 0);
    }
}

static u64 command_block_read(void *dev, u64 offset, int size)
{
    struct ide_channel *c = dev;
    u64 value = 0;
    if (likely(offset == DATA)) {
        struct ide_drive *d = c->drive[c->s.selected];
        if (likely(d && size > 1 && d->s.at + (u32)size < d->s.in_end)) {
            const u8 *p = d->s.buffer + d->s.at;
            d->s.at += (u32)size;
            return size == 2 ? get16(p) : get32(p);
        }
        return read_data(c, size);
    }
    for (int k = 0; k < size; k++)
        value |= (u64)read_register(c, offset + (u64)k) << (8 * k);
    return value;
}

static void command_block_write(void *dev, u64 offset, u64 value, int size)
{
    struct ide_channel *c = dev;
    if (likely(offset == DATA)) {
        struct ide_drive *d = c->drive[c->s.selected];
        if (likely(d && size > 1 && d->s.at + (u32)size < d->s.out_end)) {
            u8 *p = d->s.buffer + d->s.at;
            d->s.at += (u32)size;
            if (size == 2)
                put16(p, (u16)value);
            else
                put32(p, (u32)value);
            return;
        }
        write_data(c, value, size);
        return;
    }
    for (int k = 0; k < size; k++)
        write_register(c, offset + (u64)k, (u8)(value >> (8 * k)));
}

static u64 control_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return read_status(dev, false);
}

/* Device Control: both drives hear it, whoever is selected. */
static void control_write(void *dev, u64 offset, u64 value, int size)
{
    struct ide_channel *c = dev;
    u8 was = c->s.control;
    (void)offset, (void)size;
    c->s.control = (u8)value;
    for (int k = 0; k < 2; k++)
        if (c->drive[k] && ((was ^ value) & SRST))
            drive_event(c->drive[k], value & SRST ? EVENT_SRST : EVENT_SRST_ENDS, 0);
    if (value & SRST)
        c->s.selected = 0;
    ide_channel_irq(c);
}

void ide_channel_enable(struct ide_channel *c, bool on)
{
    region_enable(c->command_block, on ? REGION_READ | REGION_WRITE : 0);
    region_enable(c->control_block, on ? REGION_READ | REGION_WRITE : 0);
}

void ide_channel_dma_started(struct ide_channel *c)
{
    for (int k = 0; k < 2; k++)
        if (c->drive[k])
            drive_event(c->drive[k], EVENT_DMA, 0);
}

struct ide_drive *ide_channel_drive(const struct ide_channel *c, int unit) { return c->drive[unit & 1]; }

void ide_channel_attach(struct ide_channel *c, int unit, struct image *image, const struct drive_ops *ops)
{
    int first = c->dev.id[3] == '1' ? 2 : 0;    /* "ide0", "ide1" */
    assert(unit >= 0 && unit < 2 && !c->drive[unit]);
    struct ide_drive *d = drive_new(c->dev.machine, first + unit, image, ops);
    d->channel = c;
    d->bm = c->bm;
    c->drive[unit] = d;
}

static void channel_reset(void *dev)
{
    struct ide_channel *c = dev;
    c->s = (struct ide_channel_state) { 0 };
    line_set(&c->irq, false);
}

static void channel_restored(void *dev)
{
    struct ide_channel *c = dev;
    line_set(&c->irq, c->s.level);
}

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    const struct ide_channel *c = dev;
    const struct ide_drive *d = c->drive[c->s.selected], *other = c->drive[!c->s.selected];
    (void)output;
    if (high)
        snprintf(text, n, "reading the Status register ends it");
    else if (!d)
        snprintf(text, n, "there is no drive %d, which is selected", c->s.selected);
    else if (c->s.control & NIEN)
        snprintf(text, n, "nIEN, bit 1 of Device Control (%02x), is set%s", c->s.control, d->s.intrq ? ": INTRQ waits behind it" : "");
    else if (other && other->s.intrq)
        snprintf(text, n, "drive %d has INTRQ, but drive %d is selected", !c->s.selected, c->s.selected);
    else if (drive_busy(d))
        snprintf(text, n, "drive %d is busy with command %02x", c->s.selected, d->s.command);
    else
        snprintf(text, n, "drive %d has none to give (last command %02x, Status %02x)", c->s.selected, d->s.command, drive_status(d));
}

static const struct bits control_bits[] = { BIT("HOB", 7), BIT("SRST", 2), BIT("nIEN", 1), BITS_END };
static const struct shown registers[] = { SHOWN(struct ide_channel_state, control, "control", control_bits), SHOWN_END };

static void describe(const void *dev, FILE *out)
{
    const struct ide_channel *c = dev;
    tell_line(out, "selected", "drive %d%s", c->s.selected, c->drive[c->s.selected] ? "" : ", which is not there");
    for (int k = 0; k < 2; k++)
        tell_line(out, k ? "drive 1" : "drive 0", "%s", c->drive[k] ? c->drive[k]->dev.id : "none");
    tell_line(out, "INTRQ", "%s", c->s.level ? "high" : "low");
}

static const struct device_class ide_channel_class = {
    .name = "ide_channel",
    .title = "IDE channel",
    .size = sizeof(struct ide_channel),
    .state_offset = offsetof(struct ide_channel, s),
    .state_size = sizeof(struct ide_channel_state),
    .fields = fields,
    .reset = channel_reset,
    .restored = channel_restored,
    .irq_why = irq_why,
    .registers = registers,
    .describe = describe,
};

struct ide_channel *ide_channel_new(struct machine *m, const char *id, u16 command_block, u16 control_block,
                                    struct line irq, struct bmdma *bm)
{
    struct ide_channel *c = device_new(m, &ide_channel_class, id);
    c->irq = irq;
    c->bm = bm;
    c->command_block = port_claim(m, id, command_block, 8, 4, command_block_read, command_block_write, c);
    c->control_block = port_claim(m, id, control_block, 1, 1, control_read, control_write, c);
    region_set_cost(c->command_block, PIO_CYCLE_NS);
    region_set_cost(c->control_block, PIO_CYCLE_NS);
    return c;
}
