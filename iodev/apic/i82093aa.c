/* i82093aa.c - I/O APIC. Intel 82093AA I/O Advanced Programmable Interrupt Controller data sheet (order number 290566):
 * "Memory Mapped Registers for Accessing IOAPIC Registers", "IOAPIC Registers", "Interrupt Mask", "Remote IRR".
 * Here: 24 inputs, edge and level, both polarities, every delivery mode. A message takes no time, so the delivery status is "send
 * pending" only for a level that nobody accepts. Not yet: other local APICs to arbitrate with. */
#include "i82093aa.h"

enum { IOREGSEL = 0x00, IOWIN = 0x10, WINDOW = 0x20 };
enum { IOAPICID = 0, IOAPICVER = 1, IOAPICARB = 2, IOREDTBL = 0x10 };
enum { RTE_WRITABLE = APIC_VECTOR | APIC_MODE | APIC_LOGICAL | APIC_ACTIVE_LOW | APIC_LEVEL | APIC_MASKED };

struct i82093aa {
    struct device dev;
    bool (*send)(void *to, const struct apic_message *m);
    void *to;
    u8 initial_id;
    struct i82093aa_state {
        u32 low[IOAPIC_PINS], high[IOAPIC_PINS];        /* redirection table */
        u8 level[IOAPIC_PINS];                          /* of the pins */
        u8 id, select, pad[6];
    } s;
};

#define ROW(member) FIELD_ARRAY(struct i82093aa_state, member)
static const struct field fields[] = {
    ROW(low), ROW(high), ROW(level), FIELD(struct i82093aa_state, id), FIELD(struct i82093aa_state, select), ROW(pad),
    FIELD_END
};

static bool active(const struct i82093aa *io, int pin) { return io->s.level[pin] != !!(io->s.low[pin] & APIC_ACTIVE_LOW); }

static bool send(struct i82093aa *io, int pin)
{
    u32 low = io->s.low[pin];
    struct apic_message m = {
        .vector = (u8)low, .mode = (u8)apic_mode(low), .destination = (u8)(io->s.high[pin] >> 24),
        .logical = low & APIC_LOGICAL, .level = low & APIC_LEVEL,
    };
    if (dev_log_on(&io->dev, "int"))
        dev_log(&io->dev, "int", "ioapic: INTIN%d, entry %08x", pin, low);
    return io->send(io->to, &m);
}

/* NMI, SMI, INIT and ExtINT have no EOI: whatever the trigger mode says, their edge is what counts. */
static bool by_level(u32 low) { return (low & APIC_LEVEL) && apic_mode(low) <= APIC_LOWEST; }

/* A level asks until it is accepted, and again after its EOI. */
static void look(struct i82093aa *io, int pin)
{
    u32 *low = &io->s.low[pin];
    if (!by_level(*low))
        return;
    *low &= ~(u32)APIC_PENDING;
    if ((*low & (APIC_MASKED | APIC_REMOTE_IRR)) || !active(io, pin))
        return;
    *low |= send(io, pin) ? APIC_REMOTE_IRR : APIC_PENDING;
}

/* "Edge-sensitive interrupts signaled on a masked interrupt pin are ignored". */
static void pin_set(struct i82093aa *io, int pin, bool level)
{
    bool was = active(io, pin);
    if (level == io->s.level[pin])
        return;
    io->s.level[pin] = level;
    if (by_level(io->s.low[pin]))
        look(io, pin);
    else if (!was && !(io->s.low[pin] & APIC_MASKED))
        send(io, pin);
    dev_irq(&io->dev, IRQ_LEVEL, pin, level);
}

static void high_set(void *dev, int pin, bool level) { pin_set(dev, pin, level); }
static void low_set(void *dev, int pin, bool level)  { pin_set(dev, pin, !level); }

struct line i82093aa_input(struct i82093aa *io, int pin)     { return (struct line) { high_set, io, pin }; }
struct line i82093aa_input_low(struct i82093aa *io, int pin) { return (struct line) { low_set, io, pin }; }

void i82093aa_retry(struct i82093aa *io)
{
    for (int pin = 0; pin < IOAPIC_PINS; pin++)
        look(io, pin);
}

void i82093aa_eoi(struct i82093aa *io, u8 vector)
{
    for (int pin = 0; pin < IOAPIC_PINS; pin++) {
        u32 *low = &io->s.low[pin];
        if ((*low & APIC_VECTOR) != vector || !(*low & APIC_REMOTE_IRR))
            continue;
        *low &= ~(u32)APIC_REMOTE_IRR;
        look(io, pin);
    }
    dev_irq(&io->dev, IRQ_REGISTERS, 0, vector);
}

bool i82093aa_unmaskable(const struct i82093aa *io)
{
    for (int pin = 0; pin < IOAPIC_PINS; pin++) {
        int mode = apic_mode(io->s.low[pin]);
        if (!(io->s.low[pin] & APIC_MASKED) && (mode == APIC_SMI || mode == APIC_NMI || mode == APIC_INIT))
            return true;
    }
    return false;
}

/* ---- registers ---- */

static u32 reg_read(const struct i82093aa *io)
{
    int reg = io->s.select, pin = (reg - IOREDTBL) / 2;
    switch (reg) {
    case IOAPICID: case IOAPICARB: return (u32)io->s.id << 24;
    case IOAPICVER:                return (IOAPIC_PINS - 1) << 16 | IOAPIC_VERSION;
    default:
        if (reg < IOREDTBL || pin >= IOAPIC_PINS)
            return 0;
        return reg & 1 ? io->s.high[pin] : io->s.low[pin];
    }
}

/* An entry that becomes edge-triggered forgets its remote IRR: how drivers end a level without an EOI. */
static void entry_write(struct i82093aa *io, int pin, u32 v)
{
    u32 *low = &io->s.low[pin];
    *low = (*low & (APIC_REMOTE_IRR | APIC_PENDING)) | (v & RTE_WRITABLE);
    if (!by_level(*low))
        *low &= ~(u32)(APIC_REMOTE_IRR | APIC_PENDING);
    look(io, pin);
}

static void reg_write(struct i82093aa *io, u32 v)
{
    int reg = io->s.select, pin = (reg - IOREDTBL) / 2;
    if (reg == IOAPICID) {
        io->s.id = v >> 24 & 15;
    } else if (reg < IOREDTBL || pin >= IOAPIC_PINS) {
        dev_log(&io->dev, "guest", "ioapic: a write of %#x to register %#x", v, reg);
    } else if (reg & 1) {
        io->s.high[pin] = v & 0xff000000;
        look(io, pin);
    } else {
        entry_write(io, pin, v);
    }
}

/* IOREGSEL is used by bytes, too; IOWIN is 32 bits wide. */
static u64 window_read(void *dev, u64 offset, int size)
{
    struct i82093aa *io = dev;
    (void)size;
    if (offset == IOREGSEL)
        return io->s.select;
    return offset >= IOWIN && offset < IOWIN + 4 ? reg_read(io) >> (8 * (offset - IOWIN)) : 0;
}

static void window_write(void *dev, u64 offset, u64 value, int size)
{
    struct i82093aa *io = dev;
    if (offset == IOREGSEL)
        io->s.select = (u8)value;
    else if (offset == IOWIN && size == 4)
        reg_write(io, (u32)value), dev_irq(&io->dev, IRQ_REGISTERS, io->s.select, (u32)value);
    else
        dev_log(&io->dev, "guest", "ioapic: a write of %d bits at %#x", 8 * size, (int)offset);
}

/* "IOREDTBL": masked after a reset. The pins' levels are the others'. */
static void ioapic_reset(void *dev)
{
    struct i82093aa *io = dev;
    memset(io->s.high, 0, sizeof io->s.high);
    for (int pin = 0; pin < IOAPIC_PINS; pin++)
        io->s.low[pin] = APIC_MASKED;
    io->s.id = io->initial_id;
    io->s.select = 0;
    dev_irq(dev, IRQ_REGISTERS, 0, 0);
}

void i82093aa_view(const struct i82093aa *io, int pin, struct i82093aa_view *out)
{
    *out = (struct i82093aa_view) { .low = io->s.low[pin], .high = io->s.high[pin], .level = io->s.level[pin], .active = active(io, pin) };
}

static const char *const modes[8] = { "fixed", "lowest priority", "SMI", "mode 3", "NMI", "INIT", "mode 6", "ExtINT" };
static const char *const polarities[2] = { "active high", "active low" }, *const triggers[2] = { "edge", "level" };
static const struct bits entry_bits[] = {
    BIT("masked", 16), { "", 15, 15, triggers }, BIT("remote IRR", 14), { "", 13, 13, polarities }, BIT("send pending", 12),
    { "to", 11, 11, (const char *const[]) { "APIC ID", "logical destination" } }, { "", 10, 8, modes }, { "vector", 7, 0, NULL }, BITS_END
};

static void describe(const void *dev, FILE *out)
{
    const struct i82093aa *io = dev;
    tell_line(out, "ID", "%d, index register %02x", io->s.id, io->s.select);
    for (int k = 0; k < IOAPIC_PINS; k++) {
        char name[16];
        snprintf(name, sizeof name, "INTIN%d", k);
        fprintf(out, "  %-9s %s to %02x, %05x:", name, io->s.level[k] ? "high" : "low ", io->s.high[k] >> 24, io->s.low[k]);
        tell_bits(out, io->s.low[k], entry_bits);
        fputc('\n', out);
    }
}

static const struct device_class i82093aa_class = {
    .name = "i82093aa",
    .title = "I/O APIC",
    .log = "int",
    .size = sizeof(struct i82093aa),
    .state_offset = offsetof(struct i82093aa, s),
    .state_size = sizeof(struct i82093aa_state),
    .fields = fields,
    .reset = ioapic_reset,
    .describe = describe,
};

struct i82093aa *i82093aa_new(struct machine *m, u64 base, u8 id, bool (*to_send)(void *to, const struct apic_message *m), void *to)
{
    struct i82093aa *io = device_new(m, &i82093aa_class, "ioapic");
    io->send = to_send;
    io->to = to;
    io->initial_id = id;
    region_set_cost(mmio_claim(m, "ioapic", base, WINDOW, 4, window_read, window_write, io), BUS_ISA_NS);   /* where its pins are */
    ioapic_reset(&io->dev);
    return io;
}
