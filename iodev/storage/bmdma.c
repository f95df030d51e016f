/* bmdma.c - bus-master IDE, one channel.
 * Programming Interface for Bus Master IDE Controller, Revision 1.0 (Intel, 1994); Intel 82371SB (PIIX3) data sheet, "Bus
 * Master IDE I/O Registers".
 * Here: all of it. */
#include "bmdma.h"

enum { BMICX = 0, BMISX = 2, BMIDTPX = 4 };
enum { C_SSBM = 0x01, C_RWCON = 0x08 };                 /* start; 1: drive to memory */
enum { S_BMIDEA = 0x01, S_ERROR = 0x02, S_IDEINTS = 0x04, S_DMACAP = 0x60 };
enum { PRD_EOT = 0x80000000u };

struct bmdma {
    struct device dev;
    void (*started)(void *to);
    void *to;

    struct bmdma_state {
        u32 table;              /* as the guest wrote it */
        u32 next;               /* table entry to fetch */
        u32 address, left;      /* of the region being filled */
        u8 command, status;
        u8 last;                /* the region is the table's last */
        u8 enabled;
    } s;
};

static const struct field fields[] = {
    FIELD(struct bmdma_state, table),
    FIELD(struct bmdma_state, next),
    FIELD(struct bmdma_state, address),
    FIELD(struct bmdma_state, left),
    FIELD(struct bmdma_state, command),
    FIELD(struct bmdma_state, status),
    FIELD(struct bmdma_state, last),
    FIELD(struct bmdma_state, enabled),
    FIELD_END
};

static void write_command(struct bmdma *b, u8 value)
{
    bool was = b->s.command & C_SSBM;
    b->s.command = value & (C_SSBM | C_RWCON);
    if (!(value & C_SSBM)) {                            /* stopping forgets the position in the table */
        b->s.status &= (u8)~S_BMIDEA;
        b->s.left = 0;
    } else if (!was) {
        b->s.status |= S_BMIDEA;
        b->s.next = b->s.table;
        b->s.left = 0;
        b->s.last = 0;
        b->started(b->to);
    }
}

static u8 read_byte(const struct bmdma *b, u64 offset)
{
    if (offset >= BMIDTPX)
        return (u8)(b->s.table >> (8 * (offset - BMIDTPX)));
    return offset == BMICX ? b->s.command : offset == BMISX ? b->s.status : 0;
}

static void write_byte(struct bmdma *b, u64 offset, u8 value)
{
    if (offset >= BMIDTPX) {
        int shift = 8 * (int)(offset - BMIDTPX);
        b->s.table = (b->s.table & ~(0xffu << shift) & ~3u) | ((u32)value << shift & ~3u);
    } else if (offset == BMICX) {
        write_command(b, value);
    } else if (offset == BMISX) {                       /* ones clear the two latches */
        u8 kept = b->s.status & (S_BMIDEA | S_ERROR | S_IDEINTS);
        b->s.status = (u8)((kept & ~(value & (S_ERROR | S_IDEINTS))) | (value & S_DMACAP));
    }
}

u64 bmdma_read(struct bmdma *b, u64 offset, int size)
{
    u64 value = 0;
    for (int k = 0; k < size; k++)
        value |= (u64)read_byte(b, (offset + (u64)k) & 7) << (8 * k);
    return value;
}

void bmdma_write(struct bmdma *b, u64 offset, u64 value, int size)
{
    for (int k = 0; k < size; k++)
        write_byte(b, (offset + (u64)k) & 7, (u8)(value >> (8 * k)));
}

void bmdma_enable(struct bmdma *b, bool on)
{
    bool goes_on = on && !b->s.enabled && (b->s.status & S_BMIDEA);
    b->s.enabled = on;
    if (goes_on)
        b->started(b->to);
}

/* Fetch the next physical region descriptor. False when the table has ended. */
static bool next_region(struct bmdma *b)
{
    u8 prd[8];
    u32 count;
    if (b->s.last)
        return false;
    dma_read(b->dev.machine, b->s.next, prd, sizeof prd);
    b->s.next += sizeof prd;
    b->s.address = get32(prd) & ~1u;
    count = get32(prd + 4);
    b->s.left = count & 0xfffe ? count & 0xfffe : 0x10000;
    b->s.last = (count & PRD_EOT) != 0;
    if ((b->s.address & 0xffff) + b->s.left > 0x10000)
        dev_log(&b->dev, "guest", "%s: region %#x of %#x bytes crosses 64 KB", b->dev.id,
                  b->s.address, b->s.left);
    return true;
}

bool bmdma_runs(const struct bmdma *b, bool to_memory)
{
    return (b->s.status & S_BMIDEA) && b->s.enabled && to_memory == !!(b->s.command & C_RWCON);
}

u32 bmdma_transfer(struct bmdma *b, void *buffer, u32 n, bool to_memory)
{
    u32 done = 0, regions = 0;
    if (!bmdma_runs(b, to_memory)) {
        if ((b->s.status & S_BMIDEA) && b->s.enabled)
            dev_log(&b->dev, "guest", "%s: started against the direction of the drive's command",
                      b->dev.id);
        return 0;
    }
    while (done < n && (b->s.left || (regions++ < BMDMA_REGIONS && next_region(b)))) {
        u32 k = n - done < b->s.left ? n - done : b->s.left;
        if (to_memory)
            dma_write(b->dev.machine, b->s.address, (u8 *)buffer + done, k);
        else
            dma_read(b->dev.machine, b->s.address, (u8 *)buffer + done, k);
        b->s.address += k, b->s.left -= k, done += k;
    }
    if (b->s.last && !b->s.left)
        b->s.status &= (u8)~S_BMIDEA;                   /* the table's end is the transfer's */
    return done;
}

void bmdma_interrupt(struct bmdma *b) { b->s.status |= S_IDEINTS; }

static void bmdma_reset(void *dev)
{
    struct bmdma *b = dev;
    u8 enabled = b->s.enabled;
    b->s = (struct bmdma_state) { .enabled = enabled };
}

static const struct bits command_bits[] = {
    { "", 3, 3, (const char *const[]) { "memory to drive", "drive to memory" } }, BIT("SSBM", 0), BITS_END
};
static const struct bits status_bits[] = {
    BIT("drive 1 DMA capable", 6), BIT("drive 0 DMA capable", 5), BIT("IDEINTS", 2), BIT("error", 1), BIT("BMIDEA", 0), BITS_END
};
static const struct shown registers[] = {
    SHOWN(struct bmdma_state, command, "BMIC", command_bits), SHOWN(struct bmdma_state, status, "BMIS", status_bits),
    SHOWN(struct bmdma_state, table, "BMIDTP", NULL), SHOWN(struct bmdma_state, next, "next PRD", NULL),
    SHOWN(struct bmdma_state, address, "address", NULL), SHOWN(struct bmdma_state, left, "left", NULL), SHOWN_END
};

static const struct device_class bmdma_class = {
    .name = "bmdma",
    .title = "bus-master IDE channel",
    .size = sizeof(struct bmdma),
    .state_offset = offsetof(struct bmdma, s),
    .state_size = sizeof(struct bmdma_state),
    .fields = fields,
    .reset = bmdma_reset,
    .registers = registers,
};

struct bmdma *bmdma_new(struct machine *m, const char *id, void (*started)(void *to), void *to)
{
    struct bmdma *b = device_new(m, &bmdma_class, id);
    b->started = started;
    b->to = to;
    b->s.enabled = 1;
    return b;
}
