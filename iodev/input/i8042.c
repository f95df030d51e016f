/* i8042.c - keyboard and auxiliary device controller. IBM PS/2 Hardware Interface Technical Reference, "Keyboard and
 * Auxiliary Device Controller (Type 1)"; Intel UPI-41AH/42AH data sheet for the status register.
 * Here: the AT and PS/2 commands, translation of scan code set 2 to 1, A20 and reset through the output port, a byte's time
 * on the cable. The controller itself works in no time: IBF is never seen set. Not yet: passwords, diagnostic dump. */
#include "i8042.h"

enum { STATUS_OBF = 0x01, STATUS_SYS = 0x04, STATUS_A2 = 0x08, STATUS_UNLOCKED = 0x10, STATUS_AUX_OBF = 0x20 };
enum {
    COMMAND_KBD_INT = 0x01, COMMAND_AUX_INT = 0x02, COMMAND_SYS = 0x04, COMMAND_KBD_OFF = 0x10, COMMAND_AUX_OFF = 0x20,
    COMMAND_XLATE = 0x40
};
enum { OUTPUT_RESET = 0x01, OUTPUT_A20 = 0x02, OUTPUT_IRQ1 = 0x10, OUTPUT_IRQ12 = 0x20, OUTPUT_KBD_CLOCK = 0x40, OUTPUT_KBD_DATA = 0x80 };
enum { INPUT_PORT = 0xb0 };             /* unlocked, colour, manufacturing jumper off, 512 KB on board */
enum { FROM_KBD, FROM_AUX, FROM_NOBODY };
enum { BYTE_NS = 200000 };              /* on the cable; real ones take 0.7 to 1.1 ms */

struct i8042 {
    struct device dev;
    struct line irq1, irq12, a20, init;
    struct ps2_device port[PS2_PORTS];
    struct timer transfer;
    struct i8042_state {
        u8 ram[32];                     /* byte 0: the command byte */
        u8 status;
        u8 out, out_from;               /* output buffer */
        u8 output_port;                 /* reset and A20 */
        u8 command;                     /* that waits for its data byte, 0: none */
        u8 reply, reply_from;           /* waits for the output buffer; reply_from FROM_NOBODY: none */
        u8 break_prefix;                /* translation: F0 was seen */
    } s;
};

static const struct field fields[] = {
    FIELD_ARRAY(struct i8042_state, ram),
    FIELD(struct i8042_state, status),
    FIELD(struct i8042_state, out),
    FIELD(struct i8042_state, out_from),
    FIELD(struct i8042_state, output_port),
    FIELD(struct i8042_state, command),
    FIELD(struct i8042_state, reply),
    FIELD(struct i8042_state, reply_from),
    FIELD(struct i8042_state, break_prefix),
    FIELD_END
};

/* clang-format off */
/* Scan code set 2 to set 1: Microsoft "Keyboard Scan Code Specification", Appendix. Codes from 85h up pass unchanged. */
static const u8 translation[0x85] = {
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58,  0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a,  0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c,  0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e,  0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60,  0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e,  0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b,  0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45,  0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54,
    0x80, 0x81, 0x82, 0x41, 0x54
};
/* clang-format on */

u8 i8042_translate(u8 code) { return code < ARRAY_LEN(translation) ? translation[code] : code; }

/* ---- the output buffer ---- */

static void drive_irqs(struct i8042 *kbc)
{
    bool full = kbc->s.status & STATUS_OBF;
    line_set(&kbc->irq1, full && kbc->s.out_from == FROM_KBD && (kbc->s.ram[0] & COMMAND_KBD_INT));
    line_set(&kbc->irq12, full && kbc->s.out_from == FROM_AUX && (kbc->s.ram[0] & COMMAND_AUX_INT));
}

static void put_output(struct i8042 *kbc, u8 v, int from)
{
    kbc->s.out = v;
    kbc->s.out_from = (u8)from;
    kbc->s.status = (u8)((kbc->s.status & ~STATUS_AUX_OBF) | STATUS_OBF | (from == FROM_AUX ? STATUS_AUX_OBF : 0));
    drive_irqs(kbc);
}

static bool port_on(const struct i8042 *kbc, int port)
{
    return !(kbc->s.ram[0] & (port == PS2_AUXILIARY ? COMMAND_AUX_OFF : COMMAND_KBD_OFF));
}

static bool port_ready(const struct i8042 *kbc, int port)
{
    const struct ps2_device *p = &kbc->port[port];
    return p->ready && port_on(kbc, port) && p->ready(p->dev);
}

/* The buffer is free, or a device or port became ready: start the next byte. */
static void schedule(struct i8042 *kbc)
{
    if (kbc->s.status & STATUS_OBF)
        return;
    if (kbc->s.reply_from != FROM_NOBODY) {
        put_output(kbc, kbc->s.reply, kbc->s.reply_from);
        kbc->s.reply_from = FROM_NOBODY;
        return;
    }
    if (kbc->transfer.when == TIMER_OFF && (port_ready(kbc, PS2_KEYBOARD) || port_ready(kbc, PS2_AUXILIARY)))
        timer_set(&kbc->transfer, machine_now(kbc->dev.machine) + BYTE_NS);
}

static void transfer_fire(void *dev)
{
    struct i8042 *kbc = dev;
    if (kbc->s.status & STATUS_OBF)
        return;
    if (port_ready(kbc, PS2_KEYBOARD)) {
        u8 v = kbc->port[PS2_KEYBOARD].send(kbc->port[PS2_KEYBOARD].dev);
        if (kbc->s.ram[0] & COMMAND_XLATE) {
            if (v == 0xf0) {            /* swallowed; the code that follows gets bit 7 */
                kbc->s.break_prefix = 0x80;
                schedule(kbc);
                return;
            }
            v = (u8)(i8042_translate(v) | kbc->s.break_prefix);
            kbc->s.break_prefix = 0;
        }
        put_output(kbc, v, FROM_KBD);
    } else if (port_ready(kbc, PS2_AUXILIARY)) {
        put_output(kbc, kbc->port[PS2_AUXILIARY].send(kbc->port[PS2_AUXILIARY].dev), FROM_AUX);
    }
}

/* The controller's own answer goes before what the devices have. */
static void reply(struct i8042 *kbc, u8 v, int from)
{
    kbc->s.reply = v;
    kbc->s.reply_from = (u8)from;
    schedule(kbc);
}

void i8042_wake(struct i8042 *kbc, int port)
{
    (void)port;
    schedule(kbc);
}

/* ---- commands ---- */

static void write_command_byte(struct i8042 *kbc, u8 v)
{
    kbc->s.ram[0] = v;
    kbc->s.status = (u8)((kbc->s.status & ~STATUS_SYS) | (v & COMMAND_SYS ? STATUS_SYS : 0));
    drive_irqs(kbc);
    schedule(kbc);
}

static void write_output_port(struct i8042 *kbc, u8 v)
{
    bool falls = (kbc->s.output_port & OUTPUT_RESET) && !(v & OUTPUT_RESET);
    kbc->s.output_port = v;
    line_set(&kbc->a20, v & OUTPUT_A20);
    if (falls) {
        kbc->s.output_port |= OUTPUT_RESET;     /* the processor's reset does not hold */
        line_pulse(&kbc->init);
    }
}

static u8 read_output_port(const struct i8042 *kbc)
{
    u8 v = kbc->s.output_port & (OUTPUT_RESET | OUTPUT_A20);
    if (kbc->s.status & STATUS_OBF)
        v |= kbc->s.out_from == FROM_AUX ? OUTPUT_IRQ12 : OUTPUT_IRQ1;
    return (u8)(v | 0x0c | OUTPUT_KBD_DATA | (port_on(kbc, PS2_KEYBOARD) ? OUTPUT_KBD_CLOCK : 0));
}

static void self_test(struct i8042 *kbc)
{
    write_command_byte(kbc, COMMAND_SYS | COMMAND_KBD_OFF | COMMAND_AUX_OFF | COMMAND_XLATE);
    reply(kbc, 0x55, FROM_KBD);
}

/* Outputs whose bit in the command is 0 pulse low; only the reset line has something at its end. */
static void pulse(struct i8042 *kbc, u8 command)
{
    if (!(command & OUTPUT_RESET))
        line_pulse(&kbc->init);
}

static void run_command(struct i8042 *kbc, u8 c)
{
    u8 *command_byte = &kbc->s.ram[0];
    if (kbc->s.command && kbc->s.command != 0xa5)
        dev_log_key(&kbc->dev, "unimp", kbc->s.command, "i8042: command %02x waits for its data byte; command %02x "
                      "comes instead", kbc->s.command, c);
    kbc->s.command = 0;
    if (c >= 0x20 && c < 0x40) {
        reply(kbc, kbc->s.ram[c & 31], FROM_KBD);
        return;
    }
    if ((c >= 0x60 && c < 0x80) || c == 0xa5 || (c >= 0xd1 && c <= 0xd4)) {
        kbc->s.command = c;                     /* goes on with the data byte */
        return;
    }
    if (c >= 0xf0) {
        pulse(kbc, c);
        return;
    }
    switch (c) {
    case 0xa4: reply(kbc, 0xf1, FROM_KBD); break;               /* no password installed */
    case 0xa6: break;                                           /* enable password: there is none */
    case 0xa7: write_command_byte(kbc, *command_byte | COMMAND_AUX_OFF); break;
    case 0xa8: write_command_byte(kbc, *command_byte & (u8)~COMMAND_AUX_OFF); break;
    case 0xa9: reply(kbc, 0x00, FROM_KBD); break;               /* auxiliary interface: no error */
    case 0xaa: self_test(kbc); break;
    case 0xab: reply(kbc, 0x00, FROM_KBD); break;               /* keyboard interface: no error */
    case 0xad: write_command_byte(kbc, *command_byte | COMMAND_KBD_OFF); break;
    case 0xae: write_command_byte(kbc, *command_byte & (u8)~COMMAND_KBD_OFF); break;
    case 0xc0: reply(kbc, INPUT_PORT, FROM_KBD); break;
    case 0xc1: kbc->s.status = (u8)((kbc->s.status & 0x0f) | (INPUT_PORT << 4 & 0xf0)); break;
    case 0xc2: kbc->s.status = (u8)((kbc->s.status & 0x0f) | (INPUT_PORT & 0xf0)); break;
    case 0xd0: reply(kbc, read_output_port(kbc), FROM_KBD); break;
    case 0xdd: write_output_port(kbc, kbc->s.output_port & (u8)~OUTPUT_A20); break;
    case 0xdf: write_output_port(kbc, kbc->s.output_port | OUTPUT_A20); break;
    case 0xe0: reply(kbc, 0x00, FROM_KBD); break;               /* test inputs: both clocks low */
    default:
        dev_log(&kbc->dev, "guest", "i8042: unknown command %02x", c);
    }
}

static void to_device(struct i8042 *kbc, int port, u8 v)
{
    struct ps2_device *p = &kbc->port[port];
    if (!p->receive)
        return;
    p->receive(p->dev, v);
    schedule(kbc);
}

/* A byte for the device enables its port: the controller must let the clock run to send it. */
static void run_data(struct i8042 *kbc, u8 v)
{
    u8 c = kbc->s.command;
    kbc->s.command = 0;
    if (c >= 0x61 && c < 0x80) {
        kbc->s.ram[c & 31] = v;
        return;
    }
    switch (c) {
    case 0x60: write_command_byte(kbc, v); break;
    case 0xa5: kbc->s.command = v ? 0xa5 : 0; break;            /* password, up to a zero: not kept */
    case 0xd1: write_output_port(kbc, v); break;
    case 0xd2: reply(kbc, v, FROM_KBD); break;
    case 0xd3: reply(kbc, v, FROM_AUX); break;
    case 0xd4:
        kbc->s.ram[0] &= (u8)~COMMAND_AUX_OFF;
        to_device(kbc, PS2_AUXILIARY, v);
        break;
    default:
        kbc->s.ram[0] &= (u8)~COMMAND_KBD_OFF;
        to_device(kbc, PS2_KEYBOARD, v);
    }
}

/* ---- ports ---- */

static u64 data_read(void *dev, u64 offset, int size)
{
    struct i8042 *kbc = dev;
    (void)offset, (void)size;
    u8 v = kbc->s.out;
    if (!(kbc->s.status & STATUS_OBF))
        return v;
    kbc->s.status &= (u8)~(STATUS_OBF | STATUS_AUX_OBF);
    drive_irqs(kbc);
    schedule(kbc);
    return v;
}

static void data_write(void *dev, u64 offset, u64 value, int size)
{
    struct i8042 *kbc = dev;
    (void)offset, (void)size;
    kbc->s.status &= (u8)~STATUS_A2;
    run_data(kbc, (u8)value);
}

static u64 status_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return ((struct i8042 *)dev)->s.status;
}

static bool status_peek(void *dev, u64 offset, int size, u64 *value)
{
    *value = status_read(dev, offset, size);
    return true;
}

static void command_write(void *dev, u64 offset, u64 value, int size)
{
    struct i8042 *kbc = dev;
    (void)offset, (void)size;
    kbc->s.status |= STATUS_A2;
    run_command(kbc, (u8)value);
}

static void i8042_reset(void *dev)
{
    struct i8042 *kbc = dev;
    memset(&kbc->s, 0, sizeof kbc->s);
    kbc->s.status = STATUS_UNLOCKED;
    kbc->s.ram[0] = COMMAND_KBD_OFF | COMMAND_AUX_OFF;
    kbc->s.out_from = kbc->s.reply_from = FROM_NOBODY;
    kbc->s.output_port = OUTPUT_RESET | OUTPUT_A20;
    timer_set(&kbc->transfer, TIMER_OFF);
    line_set(&kbc->a20, true);
    drive_irqs(kbc);
}

static void i8042_restored(void *dev)
{
    struct i8042 *kbc = dev;
    line_set(&kbc->a20, kbc->s.output_port & OUTPUT_A20);
    drive_irqs(kbc);
}

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    const struct i8042 *kbc = dev;
    int from = output ? FROM_AUX : FROM_KBD;
    bool full = kbc->s.status & STATUS_OBF, mine = full && kbc->s.out_from == from;
    const char *name = output ? "auxiliary device" : "keyboard";
    if (high)
        snprintf(text, n, "the output buffer is full (%02x); reading port 60 ends it", kbc->s.out);
    else if (!(kbc->s.ram[0] & (output ? COMMAND_AUX_INT : COMMAND_KBD_INT)))
        snprintf(text, n, "bit %d of the command byte (%02x) is clear: no interrupt for the %s%s", output, kbc->s.ram[0], name,
                 mine ? ", of which a byte waits in the output buffer" : "");
    else if (full)
        snprintf(text, n, "the output buffer is full with a byte from the %s: nobody has read port 60",
                 kbc->s.out_from == FROM_AUX ? "auxiliary device" : kbc->s.out_from == FROM_KBD ? "keyboard" : "controller");
    else if (!port_on(kbc, output ? PS2_AUXILIARY : PS2_KEYBOARD))
        snprintf(text, n, "bit %d of the command byte (%02x) is set: the %s is switched off", output ? 5 : 4, kbc->s.ram[0], name);
    else
        snprintf(text, n, "the %s has sent nothing", name);
}

static const struct bits status_bits[] = {
    BIT("parity error", 7), BIT("time-out", 6), BIT("AUXB", 5), BIT("not inhibited", 4),
    { "", 3, 3, (const char *const[]) { "port 60 was written last", "port 64 was written last" } }, BIT("SYS", 2), BIT("IBF", 1),
    BIT("OBF", 0), BITS_END
};
static const struct bits command_bits[] = {
    BIT("translate", 6), BIT("auxiliary off", 5), BIT("keyboard off", 4), BIT("SYS", 2), BIT("IRQ 12 enabled", 1), BIT("IRQ 1 enabled", 0),
    BITS_END
};
static const struct shown registers[] = {
    SHOWN(struct i8042_state, status, "status", status_bits), SHOWN(struct i8042_state, ram[0], "command", command_bits), SHOWN_END
};
static const struct bits output_bits[] = {
    BIT("keyboard data", 7), BIT("keyboard clock", 6), BIT("IRQ12", 5), BIT("IRQ1", 4), BIT("A20", 1),
    { "", 0, 0, (const char *const[]) { "reset", "no reset" } }, BITS_END
};

static void describe(const void *dev, FILE *out)
{
    static const char *const from[] = { "the keyboard", "the auxiliary device", "nobody" };
    const struct i8042 *kbc = dev;
    tell_register(out, "output", read_output_port(kbc), 2, output_bits);
    if (kbc->s.status & STATUS_OBF)
        tell_line(out, "buffer", "%02x from %s", kbc->s.out, from[kbc->s.out_from <= FROM_NOBODY ? kbc->s.out_from : FROM_NOBODY]);
    else
        tell_line(out, "buffer", "empty (last %02x)", kbc->s.out);
    if (kbc->s.command)
        tell_line(out, "waits", "command %02x waits for its data byte", kbc->s.command);
}

static const struct device_class i8042_class = {
    .name = "i8042",
    .title = "keyboard controller",
    .size = sizeof(struct i8042),
    .state_offset = offsetof(struct i8042, s),
    .state_size = sizeof(struct i8042_state),
    .fields = fields,
    .reset = i8042_reset,
    .restored = i8042_restored,
    .irq_why = irq_why,
    .registers = registers,
    .describe = describe,
};

struct i8042 *i8042_new(struct machine *m, u16 port, struct line irq1, struct line irq12, struct line a20, struct line init)
{
    struct i8042 *kbc = device_new(m, &i8042_class, "kbc");
    kbc->irq1 = irq1;
    kbc->irq12 = irq12;
    kbc->a20 = a20;
    kbc->init = init;
    timer_init(m, &kbc->transfer, "kbc.transfer", transfer_fire, kbc);
    port_claim(m, "kbc.data", port, 1, 1, data_read, data_write, kbc);
    region_set_peek(port_claim(m, "kbc.command", (u16)(port + 4), 1, 1, status_read, command_write, kbc), status_peek);
    return kbc;
}

void i8042_plug(struct i8042 *kbc, int port, const struct ps2_device *dev) { kbc->port[port] = *dev; }
