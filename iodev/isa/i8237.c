/* i8237.c - direct memory access: two 8237A controllers and the AT's page registers.
 * Intel 8237A data sheet (order number 231466): "DMA Operation", "Register Description", "Software Commands"; 82371SB
 * (PIIX3) data sheet, "DMA Controller", for pages, word channels and memory-to-memory (which this board does not have).
 * Here: byte and word channels, autoinitialize, verify, both address directions, software requests, cascade.
 * A device that asks for a transfer has the pace. A software request has none: it keeps the bus to its terminal count, whatever
 * its mode, while the processor waits. Single, demand and block mode therefore do not differ. */
#include "i8237.h"

enum { COMMAND_MEM_TO_MEM = 0x01, COMMAND_DISABLE = 0x04 };
enum { MODE_TYPE = 0x0c, TYPE_VERIFY = 0x00, TYPE_WRITE = 0x04, TYPE_READ = 0x08, MODE_AUTO = 0x10, MODE_DOWN = 0x20,
       MODE_KIND = 0xc0, KIND_CASCADE = 0xc0 };
enum { REG_COMMAND = 8, REG_REQUEST, REG_MASK, REG_MODE, REG_CLEAR_FF, REG_MASTER_CLEAR, REG_CLEAR_MASK, REG_MASKS };
/* Of a software request: "Compressed Timing": a transfer takes four clocks, of 4.17 MHz in an AT. In one go so many. */
enum { UNIT_NS = 960, UNITS_AT_ONCE = 256 };

struct channel { u16 base_address, base_count, address, count; };

struct i8237 {
    struct device dev;
    struct timer request;

    struct i8237_state {
        struct channel channel[8];
        u8 mode[8];
        u8 page[16];
        u8 command[2], request[2], mask[2], tc[2], dreq[2], temporary[2], high_byte[2]; /* of each controller */
        u8 keeps_bus;           /* for a software request: the processor waits */
        u8 pad[1];
    } s;
};

#define CHANNEL_FIELDS(n) \
    FIELD(struct i8237_state, channel[n].base_address), FIELD(struct i8237_state, channel[n].base_count), \
    FIELD(struct i8237_state, channel[n].address), FIELD(struct i8237_state, channel[n].count)
static const struct field fields[] = {
    CHANNEL_FIELDS(0), CHANNEL_FIELDS(1), CHANNEL_FIELDS(2), CHANNEL_FIELDS(3),
    CHANNEL_FIELDS(4), CHANNEL_FIELDS(5), CHANNEL_FIELDS(6), CHANNEL_FIELDS(7),
    FIELD_ARRAY(struct i8237_state, mode), FIELD_ARRAY(struct i8237_state, page),
    FIELD_ARRAY(struct i8237_state, command), FIELD_ARRAY(struct i8237_state, request),
    FIELD_ARRAY(struct i8237_state, mask), FIELD_ARRAY(struct i8237_state, tc), FIELD_ARRAY(struct i8237_state, dreq),
    FIELD_ARRAY(struct i8237_state, temporary), FIELD_ARRAY(struct i8237_state, high_byte),
    FIELD(struct i8237_state, keeps_bus), FIELD_ARRAY(struct i8237_state, pad),
    FIELD_END
};

/* The page register's place for each channel: IBM PC/AT Technical Reference, "Page Registers". 4 is for refresh. */
static const u8 page_of[8] = { 7, 3, 1, 2, 15, 11, 9, 10 };

/* A controller that is on and a channel that its software can mask. */
static bool enabled(const struct i8237 *dma, int channel)
{
    int chip = channel >> 2;
    return !(dma->s.command[chip] & COMMAND_DISABLE) && !(dma->s.mask[chip] >> (channel & 3) & 1);
}

/* The first controller reaches the bus through channel 4 of the second. */
static bool has_bus(const struct i8237 *dma, int channel)
{
    return channel >= 4 || (enabled(dma, 4) && (dma->s.mode[4] & MODE_KIND) == KIND_CASCADE);
}

bool i8237_ready(const struct i8237 *dma, int channel)
{
    channel &= 7;
    return enabled(dma, channel) && has_bus(dma, channel) && (dma->s.mode[channel] & MODE_KIND) != KIND_CASCADE;
}

/* Where the next unit lies: the page does not count, so addresses wrap in 64 K bytes or words. */
static u64 physical(const struct i8237 *dma, int channel)
{
    u64 page = dma->s.page[page_of[channel]], address = dma->s.channel[channel].address;
    return channel < 4 ? page << 16 | address : (page & 0xfe) << 16 | address << 1;
}

static void end_of_process(struct i8237 *dma, int channel)
{
    struct channel *c = &dma->s.channel[channel];
    int chip = channel >> 2;
    u8 bit = (u8)(1 << (channel & 3));
    dma->s.tc[chip] |= bit;
    dma->s.request[chip] &= (u8)~bit;
    if (dma->s.mode[channel] & MODE_AUTO) {
        c->address = c->base_address;
        c->count = c->base_count;
    } else {
        dma->s.mask[chip] |= bit;
    }
}

/* Units that lie one after another in memory from here, at most `want` and to the terminal count. */
static u32 run_length(const struct i8237 *dma, int channel, u32 want)
{
    const struct channel *c = &dma->s.channel[channel];
    u32 n = c->count + 1u, room = 0x10000u - c->address;
    if (dma->s.mode[channel] & MODE_DOWN)
        n = 1;
    if (n > room)
        n = room;
    return n < want ? n : want;
}

/* The device's side and the channel's programming: what really happens to memory. buf NULL: no device is there. */
static void move(struct i8237 *dma, int channel, u8 *buf, u32 n, bool to_memory)
{
    struct machine *m = dma->dev.machine;
    int type = dma->s.mode[channel] & MODE_TYPE;
    if (type == TYPE_WRITE && to_memory)
        dma_write(m, physical(dma, channel), buf, n);
    else if (type == TYPE_READ && !to_memory)
        dma_read(m, physical(dma, channel), buf, n);
    else {
        if (type != TYPE_VERIFY)
            dev_log(&dma->dev, "guest", "dma: channel %d is programmed for the other direction (mode %02x)",
                      channel, dma->s.mode[channel]);
        if (!to_memory)
            memset(buf, 0xff, n);               /* nobody drives the bus */
    }
}

static int transfer(struct i8237 *dma, int channel, u8 *buf, int len, bool to_memory, bool *terminal_count)
{
    struct channel *c = &dma->s.channel[channel];
    int shift = channel >= 4, done = 0;
    bool ended = false;
    while (!ended && (len - done) >> shift > 0) {
        u32 n = run_length(dma, channel, (u32)(len - done) >> shift);
        move(dma, channel, buf + done, n << shift, to_memory);
        c->address = (u16)(dma->s.mode[channel] & MODE_DOWN ? c->address - n : c->address + n);
        ended = n == c->count + 1u;
        c->count = (u16)(c->count - n);
        done += (int)(n << shift);
    }
    if (ended)
        end_of_process(dma, channel);
    if (terminal_count)
        *terminal_count = ended;
    return done;
}

int i8237_transfer(struct i8237 *dma, int channel, void *buf, int len, bool to_memory, bool *terminal_count)
{
    if (terminal_count)
        *terminal_count = false;
    channel &= 7;
    if (!i8237_ready(dma, channel))
        return 0;
    if (dev_log_on(&dma->dev, "dma"))
        dev_log(&dma->dev, "dma", "dma: channel %d, %d bytes %s memory at %llx, count %x",
                  channel, len, to_memory ? "to" : "from", (unsigned long long)physical(dma, channel),
                  dma->s.channel[channel].count + 1u);
    return transfer(dma, channel, buf, len, to_memory, terminal_count);
}

/* The channel whose software request is to be served, by fixed priority; -1: none. It cannot be masked. */
static int requested(const struct i8237 *dma)
{
    for (int k = 0; k < 8; k++)
        if ((dma->s.request[k >> 2] >> (k & 3) & 1) && !(dma->s.command[k >> 2] & COMMAND_DISABLE)
            && (dma->s.mode[k] & MODE_KIND) != KIND_CASCADE && has_bus(dma, k))
            return k;
    return -1;
}

static u32 units_at_once(const struct i8237 *dma, int channel)
{
    u32 n = dma->s.channel[channel].count + 1u;
    return n < UNITS_AT_ONCE ? n : UNITS_AT_ONCE;
}

/* Take the bus for the next units of a software request, or give it back. */
static void keep_bus(struct i8237 *dma)
{
    int channel = requested(dma);
    if ((channel >= 0) != dma->s.keeps_bus) {
        dma->s.keeps_bus ^= 1;
        machine_hold(dma->dev.machine, dma->s.keeps_bus);
    }
    if (channel < 0)
        timer_set(&dma->request, TIMER_OFF);
    else if (dma->request.when == TIMER_OFF)
        timer_set(&dma->request, machine_now(dma->dev.machine) + units_at_once(dma, channel) * UNIT_NS);
}

/* A software request runs to the terminal count, with nobody at the device's side of the bus. */
static void request_fires(void *dev)
{
    struct i8237 *dma = dev;
    u8 nothing[2 * UNITS_AT_ONCE];
    int channel = requested(dma);
    if (channel >= 0) {
        bool to_memory = (dma->s.mode[channel] & MODE_TYPE) != TYPE_READ;
        memset(nothing, 0xff, sizeof nothing);
        transfer(dma, channel, nothing, (int)units_at_once(dma, channel) << (channel >= 4), to_memory, NULL);
    }
    keep_bus(dma);
}

static void start_requests(struct i8237 *dma)
{
    int channel = requested(dma);
    if (channel >= 0)
        dev_log(&dma->dev, "guest", "dma: software request on channel %d", channel);
    keep_bus(dma);
}

static void master_clear(struct i8237 *dma, int chip)
{
    dma->s.command[chip] = dma->s.request[chip] = dma->s.tc[chip] = 0;
    dma->s.temporary[chip] = dma->s.high_byte[chip] = 0;
    dma->s.mask[chip] = 0x0f;
}

static u16 with_byte(u16 word, bool high, u8 v)
{
    return (u16)(high ? (word & 0x00ff) | v << 8 : (word & 0xff00) | v);
}

/* Writing sets the base and the current register. */
static void write_word(struct i8237 *dma, int chip, int reg, u8 v)
{
    struct channel *c = &dma->s.channel[chip * 4 + (reg >> 1)];
    bool high = dma->s.high_byte[chip];
    dma->s.high_byte[chip] ^= 1;
    if (reg & 1) {
        c->base_count = with_byte(c->base_count, high, v);
        c->count = with_byte(c->count, high, v);
    } else {
        c->base_address = with_byte(c->base_address, high, v);
        c->address = with_byte(c->address, high, v);
    }
}

static u8 read_word(struct i8237 *dma, int chip, int reg)
{
    const struct channel *c = &dma->s.channel[chip * 4 + (reg >> 1)];
    u16 word = reg & 1 ? c->count : c->address;
    bool high = dma->s.high_byte[chip];
    dma->s.high_byte[chip] ^= 1;
    return (u8)(high ? word >> 8 : word);
}

/* A channel is opened while half of an address or count is written. */
static void warn_half(const struct i8237 *dma, int chip, u8 opened)
{
    if (dma->s.high_byte[chip] && opened)
        dev_log_key(&dma->dev, "unimp", chip,
                      "dma%d: channels (bits %x) are unmasked while the chip waits for the high "
                      "byte of an address or count", chip + 1, opened);
}

static void chip_write(struct i8237 *dma, int chip, int reg, u8 v)
{
    u8 bit = (u8)(1 << (v & 3));
    switch (reg) {
    case REG_COMMAND:
        dma->s.command[chip] = v;
        if (v & COMMAND_MEM_TO_MEM)
            dev_log(&dma->dev, "guest", "dma: memory-to-memory, which this board lacks");
        start_requests(dma);
        break;
    case REG_REQUEST:
        dma->s.request[chip] = v & 4 ? dma->s.request[chip] | bit : dma->s.request[chip] & (u8)~bit;
        start_requests(dma);
        break;
    case REG_MASK:
        warn_half(dma, chip, v & 4 ? 0 : bit);
        dma->s.mask[chip] = v & 4 ? dma->s.mask[chip] | bit : dma->s.mask[chip] & (u8)~bit;
        break;
    case REG_MODE:
        dma->s.mode[chip * 4 + (v & 3)] = v & 0xfc;
        break;
    case REG_CLEAR_FF: dma->s.high_byte[chip] = 0; break;
    case REG_MASTER_CLEAR: master_clear(dma, chip); break;
    case REG_CLEAR_MASK:
        warn_half(dma, chip, dma->s.mask[chip]);
        dma->s.mask[chip] = 0;
        break;
    case REG_MASKS:
        warn_half(dma, chip, dma->s.mask[chip] & (u8)~v);
        dma->s.mask[chip] = v & 0x0f;
        break;
    default: write_word(dma, chip, reg, v);
    }
}

static u8 chip_read(struct i8237 *dma, int chip, int reg)
{
    u8 v;
    switch (reg) {
    case REG_COMMAND:                           /* the status register; the read clears the terminal counts */
        v = (u8)(dma->s.tc[chip] | (dma->s.dreq[chip] | dma->s.request[chip]) << 4);
        dma->s.tc[chip] = 0;
        return v;
    case REG_MASTER_CLEAR: return dma->s.temporary[chip];
    case REG_MASKS: return dma->s.mask[chip];   /* the 82371SB's */
    default: return reg < REG_COMMAND ? read_word(dma, chip, reg) : 0xff;
    }
}

/* What a read would find: the terminal counts and the flip-flop of the bytes stay. */
static bool chip_peek(const struct i8237 *dma, int chip, int reg, u64 *value)
{
    const struct channel *c = &dma->s.channel[chip * 4 + (reg >> 1 & 3)];
    u16 word = reg & 1 ? c->count : c->address;
    switch (reg) {
    case REG_COMMAND: *value = (u8)(dma->s.tc[chip] | (dma->s.dreq[chip] | dma->s.request[chip]) << 4); break;
    case REG_MASTER_CLEAR: *value = dma->s.temporary[chip]; break;
    case REG_MASKS: *value = dma->s.mask[chip]; break;
    default: *value = reg >= REG_COMMAND ? 0xff : dma->s.high_byte[chip] ? word >> 8 : word & 0xff;
    }
    return true;
}

static bool low_peek(void *dev, u64 offset, int size, u64 *value) { (void)size; return chip_peek(dev, 0, (int)offset, value); }
static bool high_peek(void *dev, u64 offset, int size, u64 *value) { (void)size; return chip_peek(dev, 1, (int)offset >> 1, value); }

static u64 low_read(void *dev, u64 offset, int size) { (void)size; return chip_read(dev, 0, (int)offset); }
static u64 high_read(void *dev, u64 offset, int size) { (void)size; return chip_read(dev, 1, (int)offset >> 1); }
static void low_write(void *dev, u64 offset, u64 v, int size)
{
    (void)size;
    chip_write(dev, 0, (int)offset, (u8)v);
}
static void high_write(void *dev, u64 offset, u64 v, int size)
{
    (void)size;
    chip_write(dev, 1, (int)offset >> 1, (u8)v);
}

static u64 page_read(void *dev, u64 offset, int size)
{
    (void)size;
    return ((struct i8237 *)dev)->s.page[offset];
}

static bool page_peek(void *dev, u64 offset, int size, u64 *value)
{
    *value = page_read(dev, offset, size);
    return true;
}

static void page_write(void *dev, u64 offset, u64 value, int size)
{
    struct i8237 *dma = dev;
    (void)size;
    dma->s.page[offset] = (u8)value;
}

static void dreq_set(void *dev, int channel, bool level)
{
    struct i8237 *dma = dev;
    u8 *dreq = &dma->s.dreq[channel >> 2], bit = (u8)(1 << (channel & 3));
    *dreq = level ? *dreq | bit : *dreq & (u8)~bit;
}

/* RESET is a master clear of both; the page registers are plain latches. */
static void dma_reset(void *dev)
{
    struct i8237 *dma = dev;
    master_clear(dma, 0);
    master_clear(dma, 1);
    dma->s.keeps_bus = 0;
    timer_set(&dma->request, TIMER_OFF);
}

static const struct bits command_bits[] = {
    BIT("DACK active high", 7), BIT("DREQ active low", 6), BIT("extended write", 5), BIT("rotating priority", 4),
    BIT("compressed timing", 3),
    BIT("disabled", 2), BIT("channel 0 address hold", 1), BIT("memory-to-memory", 0), BITS_END
};
static const struct shown registers[] = {
    SHOWN(struct i8237_state, command[0], "command 1", command_bits), SHOWN(struct i8237_state, command[1], "command 2", command_bits),
        SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    static const char *const kinds[] = { "demand", "single", "block", "cascade" };
    static const char *const types[] = { "verify", "write (to memory)", "read (from memory)", "illegal" };
    const struct i8237 *dma = dev;
    for (int k = 0; k < 8; k++) {
        int chip = k >> 2, mode = dma->s.mode[k];
        u8 bit = (u8)(1 << (k & 3));
        char name[16];
        snprintf(name, sizeof name, "channel %d", k);
        tell_line(out, name, "%s%s, %s, %s%s; at %06llx (base %04x), %u %s left (base %04x)%s%s", dma->s.mask[chip] & bit ? "masked"
                  : "open",
                  dma->s.dreq[chip] & bit ? ", DREQ" : "", kinds[mode >> 6 & 3], types[mode >> 2 & 3],
                  mode & MODE_DOWN ? ", downwards" : "", (unsigned long long)physical(dma, k), dma->s.channel[k].base_address,
                  dma->s.channel[k].count + 1u, chip ? "words" : "bytes", dma->s.channel[k].base_count,
                  mode & MODE_AUTO ? ", autoinitialize" : "", dma->s.tc[chip] & bit ? ", TC reached" : "");
    }
}

static const struct device_class i8237_class = {
    .name = "i8237",
    .title = "DMA controllers and page registers",
    .log = "dma",
    .size = sizeof(struct i8237),
    .state_offset = offsetof(struct i8237, s),
    .state_size = sizeof(struct i8237_state),
    .fields = fields,
    .reset = dma_reset,
    .registers = registers,
    .describe = describe,
};

struct i8237 *i8237_new(struct machine *m, u16 low, u16 high, u16 page)
{
    struct i8237 *dma = device_new(m, &i8237_class, "dma");
    timer_init(m, &dma->request, "dma.request", request_fires, dma);
    region_set_peek(port_claim(m, "dma.low", low, 16, 1, low_read, low_write, dma), low_peek);
    region_set_peek(port_claim(m, "dma.high", high, 32, 1, high_read, high_write, dma), high_peek);
    region_set_peek(port_claim(m, "dma.page", page, 16, 1, page_read, page_write, dma), page_peek);
    dma_reset(&dma->dev);
    return dma;
}

struct line i8237_dreq(struct i8237 *dma, int channel)
{
    assert(channel >= 0 && channel < 8);
    return (struct line) { dreq_set, dma, channel };
}
