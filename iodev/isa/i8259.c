/* i8259.c - programmable interrupt controller.
 * Intel 8259A data sheet (order number 231468): "Interrupt Sequence", "Programming the 8259A"; edge and level by
 * register as in the 82371SB (PIIX3) data sheet, "Interrupt Controller": the ELCR replaces ICW1's LTIM bit.
 * Here: both priority schemes, AEOI, special mask and special fully nested mode, poll, cascade, the 8080 vector mode.
 * Not yet: buffered mode (it only turns a pin around). */
#include "i8259.h"

enum { ICW1_IC4 = 0x01, ICW1_SNGL = 0x02, ICW1_ADI = 0x04, ICW1_SELECT = 0x10 };
enum { ICW4_UPM = 0x01, ICW4_AEOI = 0x02, ICW4_SFNM = 0x10 };
enum { OCW3_SELECT = 0x08, OCW3_RIS = 0x01, OCW3_RR = 0x02, OCW3_P = 0x04, OCW3_SMM = 0x20, OCW3_ESMM = 0x40 };
/* What the next write to the odd port is. NOT_READY: no ICW1 since power-on; the chip is silent until ICW4 or so. */
enum { READY, WANT_ICW2, WANT_ICW3, WANT_ICW4, NOT_READY };
enum { INITIALISED_BY_NS = 1000000 };           /* nobody takes that long: an interrupt is waited for */

struct i8259 {
    struct device dev;
    struct line intr;
    struct i8259 *slave[8];
    u8 elcr_mask;
    bool master;

    struct i8259_state {
        u64 icw1_at;            /* when the initialisation began, ns */
        u8 lines;               /* levels of the IR inputs */
        u8 latched;             /* edge-triggered requests */
        u8 isr, imr, elcr;
        u8 icw1, icw2, icw3, icw4;
        u8 expect;              /* READY and so on */
        u8 lowest;              /* the IR of lowest priority; 7 is fully nested order */
        u8 rotate_aeoi;         /* rotate at each automatic EOI */
        u8 special_mask;
        u8 read_isr;            /* the even port shows ISR rather than IRR */
        u8 poll;                /* the next read is a poll */
        u8 intr;                /* level of the INT output */
    } s;
};

static const struct field fields[] = {
    FIELD(struct i8259_state, icw1_at),
    FIELD(struct i8259_state, lines), FIELD(struct i8259_state, latched), FIELD(struct i8259_state, isr),
    FIELD(struct i8259_state, imr), FIELD(struct i8259_state, elcr), FIELD(struct i8259_state, icw1),
    FIELD(struct i8259_state, icw2), FIELD(struct i8259_state, icw3), FIELD(struct i8259_state, icw4),
    FIELD(struct i8259_state, expect), FIELD(struct i8259_state, lowest), FIELD(struct i8259_state, rotate_aeoi),
    FIELD(struct i8259_state, special_mask), FIELD(struct i8259_state, read_isr), FIELD(struct i8259_state, poll),
    FIELD(struct i8259_state, intr),
    FIELD_END
};

/* A level-triggered input requests while it is high; an edge needs the latch. */
static u8 requests(const struct i8259 *pic)
{
    return (u8)((pic->s.latched & ~pic->s.elcr) | (pic->s.lines & pic->s.elcr));
}

static bool is_slave_input(const struct i8259 *pic, int ir)
{
    return pic->master && !(pic->s.icw1 & ICW1_SNGL) && (pic->s.icw3 >> ir & 1);
}

/* The first of these bits in order of priority, -1 if none. */
static int highest(const struct i8259 *pic, u8 bits)
{
    for (int k = 1; k <= 8; k++) {
        int ir = (pic->s.lowest + k) & 7;
        if (bits >> ir & 1)
            return ir;
    }
    return -1;
}

/* The request that INT is raised for, -1 if there is none: not masked, and above everything in service. In special mask
 * mode a masked level in service holds nobody back; in special fully nested mode a slave in service may ask again. */
static int pending(const struct i8259 *pic)
{
    u8 want = requests(pic) & (u8)~pic->s.imr;
    u8 blocking = pic->s.special_mask ? pic->s.isr & (u8)~pic->s.imr : pic->s.isr;
    if (pic->s.expect != READY || !want)
        return -1;
    for (int k = 1; k <= 8; k++) {
        int ir = (pic->s.lowest + k) & 7;
        bool again = (pic->s.icw4 & ICW4_SFNM) && is_slave_input(pic, ir);
        if ((blocking >> ir & 1) && !(again && (want >> ir & 1)))
            return -1;
        if (want >> ir & 1)
            return ir;
    }
    return -1;
}

static void drive(struct i8259 *pic, bool level)
{
    if (pic->s.intr == level)
        return;
    pic->s.intr = level;
    line_set(&pic->intr, level);
}

enum unready { BY_REQUEST, BY_OCW2, BY_OCW3, BY_MASK, BY_STATE };

/* An access (or a request) that expects the chip to work, between ICW1 and the last of the words that it announced. */
static void warn_unfinished(const struct i8259 *pic, enum unready by)
{
    static const char *const what[] = { [BY_REQUEST] = "an interrupt is requested", [BY_OCW2] = "OCW2 is written",
                                        [BY_OCW3] = "OCW3 is written",
                                        [BY_MASK] = "the mask is read", [BY_STATE] = "IRR or ISR is read" };
    static const char *const word[] = { [WANT_ICW2] = "ICW2", [WANT_ICW3] = "ICW3", [WANT_ICW4] = "ICW4" };
    if (pic->s.expect == READY || pic->s.expect == NOT_READY)
        return;
    dev_log_key(&pic->dev, "unimp", by << 1 | pic->master,
                  "%s: initialisation unfinished, waits for %s (ICW1 was %02x): %s",
                  pic->dev.id, word[pic->s.expect], pic->s.icw1, what[by]);
}

static void update(struct i8259 *pic) { drive(pic, pending(pic) >= 0); }

static void input_set(void *dev, int pin, bool level)
{
    struct i8259 *pic = dev;
    u8 bit = (u8)(1 << pin);
    if (level == !!(pic->s.lines & bit))
        return;
    if (level) {
        if (pic->s.expect != READY && machine_now(pic->dev.machine) > pic->s.icw1_at + INITIALISED_BY_NS)
            warn_unfinished(pic, BY_REQUEST);
        pic->s.lines |= bit;
        pic->s.latched |= bit;
    } else {
        /* A request that is withdrawn before its acknowledge is gone: the processor then gets IR7. */
        pic->s.lines &= (u8)~bit;
        pic->s.latched &= (u8)~bit;
    }
    update(pic);
    dev_irq(&pic->dev, IRQ_LEVEL, pin, level);
}

static void rotate_to(struct i8259 *pic, int lowest) { pic->s.lowest = (u8)(lowest & 7); }

/* The first INTA: the request goes into service. INT falls in any case, so that the next request is a new edge. */
static void accept(struct i8259 *pic, int ir)
{
    drive(pic, false);
    if (ir < 0)
        return;
    pic->s.latched &= (u8)~(1 << ir);
    if (!(pic->s.icw4 & ICW4_AEOI))
        pic->s.isr |= (u8)(1 << ir);
    else if (pic->s.rotate_aeoi)
        rotate_to(pic, ir);
}

/* The byte this chip puts on the bus at the second INTA. */
static u8 vector(struct i8259 *pic, int ir)
{
    if (pic->s.icw4 & ICW4_UPM)
        return (u8)((pic->s.icw2 & 0xf8) | ir);
    dev_log(&pic->dev, "guest", "%s: an interrupt in 8080 mode", pic->dev.id);
    if (pic->s.icw1 & ICW1_ADI)
        return (u8)((pic->s.icw1 & 0xe0) | ir << 2);
    return (u8)((pic->s.icw1 & 0xc0) | ir << 3);
}

static void tell_taken(struct i8259 *pic, int ir, int v)
{
    dev_irq(&pic->dev, ir < 0 ? IRQ_SPURIOUS : IRQ_TAKEN, ir < 0 ? 7 : ir, (u32)v);
}

int i8259_ack(void *dev)
{
    struct i8259 *master = dev;
    struct i8259 *slave;
    int ir = pending(master), v;
    accept(master, ir);
    if (ir >= 0 && is_slave_input(master, ir)) {
        slave = master->slave[ir];
        v = 0xff;                               /* nobody drives the bus */
        if (slave && (slave->s.icw3 & 7) == ir && slave->s.expect == READY) {
            int slave_ir = pending(slave);
            accept(slave, slave_ir);
            v = vector(slave, slave_ir < 0 ? 7 : slave_ir);
            update(slave);
            tell_taken(slave, slave_ir, v);
        }
    } else {
        v = vector(master, ir < 0 ? 7 : ir);
    }
    update(master);
    tell_taken(master, ir, v);
    if (dev_log_on(&master->dev, "int"))
        dev_log(&master->dev, "int", "%s: IR%d acknowledged, vector %02x%s", master->dev.id,
                  ir < 0 ? 7 : ir, v, ir < 0 ? " (spurious)" : "");
    return v;
}

static void write_icw1(struct i8259 *pic, u8 v)
{
    pic->s.icw1 = v;
    pic->s.icw1_at = machine_now(pic->dev.machine);
    pic->s.latched = 0;                         /* an input must rise again */
    pic->s.imr = pic->s.isr = 0;
    pic->s.lowest = 7;
    pic->s.special_mask = pic->s.read_isr = pic->s.poll = pic->s.rotate_aeoi = 0;
    if (!(v & ICW1_IC4))
        pic->s.icw4 = 0;
    if (!pic->master)
        pic->s.icw3 = 7;
    pic->s.expect = WANT_ICW2;
}

static void write_ocw2(struct i8259 *pic, u8 v)
{
    /* A masked level survives a non-specific EOI in special mask mode. */
    u8 served = pic->s.special_mask ? pic->s.isr & (u8)~pic->s.imr : pic->s.isr;
    int level = v & 7, ir = highest(pic, served);
    switch (v >> 5) {                           /* R, SL, EOI */
    case 0: pic->s.rotate_aeoi = 0; break;
    case 4: pic->s.rotate_aeoi = 1; break;
    case 1: case 5:
        if (ir < 0)
            break;
        pic->s.isr &= (u8)~(1 << ir);
        if (v & 0x80)
            rotate_to(pic, ir);
        break;
    case 3: case 7:
        pic->s.isr &= (u8)~(1 << level);
        if (v & 0x80)
            rotate_to(pic, level);
        break;
    case 6: rotate_to(pic, level); break;
    default: break;                             /* 2: no operation */
    }
}

static void write_ocw3(struct i8259 *pic, u8 v)
{
    if (v & OCW3_ESMM)
        pic->s.special_mask = !!(v & OCW3_SMM);
    pic->s.poll = !!(v & OCW3_P);
    if (!(v & OCW3_P) && (v & OCW3_RR))
        pic->s.read_isr = v & OCW3_RIS;
}

static void write_odd(struct i8259 *pic, u8 v)
{
    bool wants_icw4 = pic->s.icw1 & ICW1_IC4;
    switch (pic->s.expect) {
    case WANT_ICW2:
        pic->s.icw2 = v;
        pic->s.expect = !(pic->s.icw1 & ICW1_SNGL) ? WANT_ICW3 : wants_icw4 ? WANT_ICW4 : READY;
        break;
    case WANT_ICW3:
        pic->s.icw3 = v;
        pic->s.expect = wants_icw4 ? WANT_ICW4 : READY;
        break;
    case WANT_ICW4:
        if (v & 0xe0)
            dev_log_key(&pic->dev, "unimp", pic->master,
                          "%s: %02x taken as ICW4, whose bits 7 to 5 are 0: is it a mask, and ICW4 missing?", pic->dev.id, v);
        pic->s.icw4 = v & 0x1f;
        pic->s.expect = READY;
        break;
    default:
        pic->s.imr = v;
    }
}

static void pic_write(void *dev, u64 offset, u64 value, int size)
{
    struct i8259 *pic = dev;
    u8 v = (u8)value;
    (void)size;
    if (offset)
        write_odd(pic, v);
    else if (v & ICW1_SELECT)
        write_icw1(pic, v);
    else {
        warn_unfinished(pic, v & OCW3_SELECT ? BY_OCW3 : BY_OCW2);
        if (v & OCW3_SELECT)
            write_ocw3(pic, v);
        else
            write_ocw2(pic, v);
    }
    update(pic);
    dev_irq(&pic->dev, IRQ_REGISTERS, (int)offset, v);
}

/* "Poll Command": the read is an acknowledge whose answer is the level. */
static u8 poll_read(struct i8259 *pic)
{
    int ir = pending(pic);
    pic->s.poll = 0;
    accept(pic, ir);
    update(pic);
    dev_irq(&pic->dev, IRQ_REGISTERS, 0, 0);
    return ir < 0 ? 0 : (u8)(0x80 | ir);
}

static u64 pic_read(void *dev, u64 offset, int size)
{
    struct i8259 *pic = dev;
    (void)size;
    warn_unfinished(pic, offset ? BY_MASK : BY_STATE);
    if (pic->s.poll)
        return poll_read(pic);
    if (offset)
        return pic->s.imr;
    return pic->s.read_isr ? pic->s.isr : requests(pic);
}

/* But for a poll, which acknowledges, reading changes nothing. */
static bool pic_peek(void *dev, u64 offset, int size, u64 *value)
{
    struct i8259 *pic = dev;
    (void)size;
    *value = offset ? pic->s.imr : pic->s.read_isr ? pic->s.isr : requests(pic);
    return !pic->s.poll;
}

static u64 elcr_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return ((struct i8259 *)dev)->s.elcr;
}

static bool elcr_peek(void *dev, u64 offset, int size, u64 *value)
{
    *value = elcr_read(dev, offset, size);
    return true;
}

static void elcr_write(void *dev, u64 offset, u64 value, int size)
{
    struct i8259 *pic = dev;
    u8 v = (u8)value & pic->elcr_mask;
    (void)offset, (void)size;
    pic->s.latched &= (u8)~(v ^ pic->s.elcr);   /* a level is no edge */
    pic->s.elcr = v;
    update(pic);
    dev_irq(dev, IRQ_REGISTERS, 0, v);
}

/* The chip has no reset pin; after power-on it is silent until it is initialised. The input levels are the others'. */
static void pic_reset(void *dev)
{
    struct i8259 *pic = dev;
    u8 lines = pic->s.lines, intr = pic->s.intr;
    pic->s = (struct i8259_state) { .lines = lines, .intr = intr, .expect = NOT_READY, .lowest = 7 };
    update(pic);
    dev_irq(dev, IRQ_REGISTERS, 0, 0);
}

static void pic_restored(void *dev)
{
    struct i8259 *pic = dev;
    line_set(&pic->intr, pic->s.intr);
}

static const struct bits icw1_bits[] = {
    { "", 3, 3, (const char *const[]) { "edge triggered", "level triggered (LTIM)" } }, BIT("ADI", 2), BIT("SNGL", 1), BIT("IC4", 0),
    BITS_END
};
static const struct bits icw4_bits[] = {
    BIT("SFNM", 4), BIT("BUF", 3), BIT("M/S", 2), BIT("AEOI", 1), { "", 0, 0, (const char *const[]) { "MCS-80/85", "8086 mode" } }, BITS_END
};
static const struct bits ir_bits[] = {
    BIT("IR7", 7), BIT("IR6", 6), BIT("IR5", 5), BIT("IR4", 4), BIT("IR3", 3), BIT("IR2", 2), BIT("IR1", 1), BIT("IR0", 0), BITS_END
};
static const struct bits icw2_bits[] = { { "T7-T3", 7, 3, NULL }, BITS_END };
static const struct shown registers[] = {
    SHOWN(struct i8259_state, icw1, "ICW1", icw1_bits), SHOWN(struct i8259_state, icw2, "ICW2", icw2_bits),
    SHOWN(struct i8259_state, icw3, "ICW3", NULL), SHOWN(struct i8259_state, icw4, "ICW4", icw4_bits),
    SHOWN(struct i8259_state, imr, "OCW1 IMR", ir_bits), SHOWN(struct i8259_state, isr, "ISR", ir_bits),
    SHOWN(struct i8259_state, elcr, "ELCR", ir_bits), SHOWN(struct i8259_state, lines, "inputs", ir_bits),
    SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    const struct i8259 *pic = dev;
    struct i8259_view v;
    i8259_view(pic, &v);
    tell_register(out, "IRR", v.requests, 2, ir_bits);
    if (v.waits_for)
        tell_line(out, "state", "initialisation unfinished, waits for %s", v.waits_for);
    else
        tell_line(out, "state", "%s, vectors %02x to %02x, IR%d has the lowest priority", v.master ? "master" : "slave", v.icw2 & 0xf8,
                  v.icw2 | 7,
                  v.lowest);
    tell_line(out, "OCW2", "%s", v.rotates ? "rotates at each automatic EOI" : "no rotation at automatic EOI");
    tell_line(out, "OCW3", "%s%s, reads give %s", v.special_mask ? "special mask mode" : "no special mask mode", v.poll
              ? ", poll command waits" : "",
              v.read_isr ? "ISR" : "IRR");
    tell_line(out, "INT", "%s", v.intr ? "high" : "low");
}

static const struct device_class i8259_class = {
    .name = "i8259",
    .title = "programmable interrupt controller",
    .log = "int",
    .size = sizeof(struct i8259),
    .state_offset = offsetof(struct i8259, s),
    .state_size = sizeof(struct i8259_state),
    .fields = fields,
    .reset = pic_reset,
    .restored = pic_restored,
    .registers = registers,
    .describe = describe,
};

struct i8259 *i8259_new(struct machine *m, const char *id, u16 port, u16 elcr_port, u8 elcr_mask, struct line intr,
                        bool master)
{
    struct i8259 *pic = device_new(m, &i8259_class, id);
    pic->intr = intr;
    pic->elcr_mask = elcr_mask;
    pic->master = master;
    pic->s.expect = NOT_READY;
    pic->s.lowest = 7;
    region_set_peek(port_claim(m, id, port, 2, 1, pic_read, pic_write, pic), pic_peek);
    region_set_peek(port_claim(m, id, elcr_port, 1, 1, elcr_read, elcr_write, pic), elcr_peek);
    return pic;
}

struct line i8259_input(struct i8259 *pic, int pin)
{
    assert(pin >= 0 && pin < 8);
    return (struct line) { input_set, pic, pin };
}

void i8259_cascade(struct i8259 *master, int pin, struct i8259 *slave)
{
    assert(pin >= 0 && pin < 8);
    master->slave[pin] = slave;
}

void i8259_view(const struct i8259 *pic, struct i8259_view *out)
{
    static const char *const word[] = { [WANT_ICW2] = "ICW2", [WANT_ICW3] = "ICW3", [WANT_ICW4] = "ICW4", [NOT_READY] = "ICW1" };
    *out = (struct i8259_view) {
        .lines = pic->s.lines, .requests = requests(pic), .isr = pic->s.isr, .imr = pic->s.imr, .elcr = pic->s.elcr,
        .icw1 = pic->s.icw1, .icw2 = pic->s.icw2, .icw3 = pic->s.icw3, .icw4 = pic->s.icw4,
        .lowest = pic->s.lowest, .master = pic->master, .single = pic->s.icw1 & ICW1_SNGL,
        .aeoi = pic->s.icw4 & ICW4_AEOI, .rotates = pic->s.rotate_aeoi, .nested = pic->s.icw4 & ICW4_SFNM,
        .x86 = pic->s.icw4 & ICW4_UPM, .special_mask = pic->s.special_mask, .poll = pic->s.poll, .read_isr = pic->s.read_isr,
        .intr = pic->s.intr, .pending = (i8)pending(pic), .waits_for = pic->s.expect == READY ? NULL : word[pic->s.expect],
    };
    for (int ir = 0; ir < 8; ir++)
        out->slave[ir] = pic->slave[ir];
}
