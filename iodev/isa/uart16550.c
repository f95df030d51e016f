/* uart16550.c - serial port.
 * National Semiconductor PC16550D data sheet (1995): "Registers", "FIFO Interrupt Mode Operation", "Master Reset".
 * On a PC, OUT2 switches the driver between INTR and the bus (IBM PC AT Technical Reference, "Serial/Parallel Adapter"). Chosen
 * where boards differ: as in the Super I/O chips, the gate is MCR's bit, so that interrupts also come in loopback, where
 * the discrete chip holds its OUT2 pin off ("Modem Control Register", bit 4); and a driver that is off leaves the IRQ low.
 * Here: both modes, all interrupts, loopback, break; a character takes the time that divisor and format say.
 * Guest and host never disagree about what was sent: the host's stream has each byte as the guest writes it, and the
 * registers show it leaving a character time later. From the host's side nothing is lost either: a character arrives
 * when there is room for it, so overruns come by loopback only, and the host makes no parity or framing errors. */
#include "uart16550.h"
#include "../machine/machine.h"

enum { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };
enum { IER_ERBFI = 0x01, IER_ETBEI = 0x02, IER_ELSI = 0x04, IER_EDSSI = 0x08 };
enum { IIR_NONE = 0x01, IIR_LINE = 0x06, IIR_DATA = 0x04, IIR_TIMEOUT = 0x0c, IIR_THRE = 0x02, IIR_MODEM = 0x00,
       IIR_FIFO = 0xc0 };
enum { FCR_ENABLE = 0x01, FCR_RX_RESET = 0x02, FCR_TX_RESET = 0x04, FCR_DMA = 0x08, FCR_TRIGGER = 0xc0 };
enum { LCR_WLS = 0x03, LCR_STB = 0x04, LCR_PEN = 0x08, LCR_BREAK = 0x40, LCR_DLAB = 0x80 };
enum { MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOP = 0x10 };
enum { LSR_DR = 0x01, LSR_OE = 0x02, LSR_PE = 0x04, LSR_FE = 0x08, LSR_BI = 0x10, LSR_THRE = 0x20, LSR_TEMT = 0x40,
       LSR_FIFO_ERROR = 0x80, LSR_ERRORS = LSR_OE | LSR_PE | LSR_FE | LSR_BI };
enum { MSR_DELTAS = 0x0f, MSR_TERI = 0x04, MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80 };
enum { FIFO = 16, LINE = 64 };          /* LINE: characters under way from the host */
enum { CLOCK_HZ = 1843200, TIMEOUT_CHARACTERS = 4 };

struct uart16550 {
    struct device dev;
    struct line irq;
    struct stream *stream;
    struct timer tx, rx, timeout;
    char names[3][16];
    int number;

    struct uart16550_state {
        u64 rx_free;            /* when the line from the host can have brought the next character */
        u16 divisor;
        u8 ier, fcr, lcr, mcr, msr, scr;
        u8 lsr;                 /* OE, THRE and TEMT; the rest follows from the receive FIFO */
        u8 thre_pending;        /* the THRE interrupt waits */
        u8 timeout_pending;
        u8 thre_late;           /* FIFO mode: THRE waits for the end of this character */
        u8 two_bytes;           /* the transmit FIFO held two since THRE was last set */
        u8 tsr, tsr_busy;
        u8 tx_count, rx_count, line_count;
        u8 tx_fifo[FIFO];
        u8 rx_fifo[FIFO], rx_error[FIFO];
        u8 line[LINE];
        u8 polled;              /* LSR was read since DLAB was set */
        u8 pad[5];
    } s;
};

static const struct field fields[] = {
    FIELD(struct uart16550_state, rx_free), FIELD(struct uart16550_state, divisor), FIELD(struct uart16550_state, ier),
    FIELD(struct uart16550_state, fcr), FIELD(struct uart16550_state, lcr), FIELD(struct uart16550_state, mcr),
    FIELD(struct uart16550_state, msr), FIELD(struct uart16550_state, scr), FIELD(struct uart16550_state, lsr),
    FIELD(struct uart16550_state, thre_pending), FIELD(struct uart16550_state, timeout_pending),
    FIELD(struct uart16550_state, thre_late), FIELD(struct uart16550_state, two_bytes),
    FIELD(struct uart16550_state, tsr), FIELD(struct uart16550_state, tsr_busy),
    FIELD(struct uart16550_state, tx_count), FIELD(struct uart16550_state, rx_count),
    FIELD(struct uart16550_state, line_count), FIELD_ARRAY(struct uart16550_state, tx_fifo),
    FIELD_ARRAY(struct uart16550_state, rx_fifo), FIELD_ARRAY(struct uart16550_state, rx_error),
    FIELD_ARRAY(struct uart16550_state, line), FIELD(struct uart16550_state, polled),
    FIELD_ARRAY(struct uart16550_state, pad),
    FIELD_END
};

static u64 now(const struct uart16550 *u) { return machine_now(u->dev.machine); }
static bool fifo_mode(const struct uart16550 *u) { return u->s.fcr & FCR_ENABLE; }
static int depth(const struct uart16550 *u) { return fifo_mode(u) ? FIFO : 1; }

/* Start, data, parity and stop bits in halves (5-bit characters may have 1.5 stop bits), at 16 clocks a bit.
 * A divisor of 0, which the data sheet does not define, counts as 1. */
static u64 character_ns(const struct uart16550 *u)
{
    u64 divisor = u->s.divisor ? u->s.divisor : 1;
    int data = 5 + (u->s.lcr & LCR_WLS), halves = 2 * (1 + data + !!(u->s.lcr & LCR_PEN) + 1);
    if (u->s.lcr & LCR_STB)
        halves += data == 5 ? 1 : 2;
    return (u64)halves * 8 * divisor * 1000000000 / CLOCK_HZ;
}

static u8 data_mask(const struct uart16550 *u) { return (u8)((1 << (5 + (u->s.lcr & LCR_WLS))) - 1); }

static int trigger_level(const struct uart16550 *u)
{
    static const u8 levels[4] = { 1, 4, 8, 14 };
    return fifo_mode(u) ? levels[u->s.fcr >> 6] : 1;
}

static u8 line_status(const struct uart16550 *u)
{
    u8 v = u->s.lsr, errors = 0;
    if (u->s.rx_count)
        v |= LSR_DR | u->s.rx_error[0];         /* errors show when their character is next */
    for (int k = 0; k < u->s.rx_count; k++)
        errors |= u->s.rx_error[k];
    return v | (fifo_mode(u) && errors ? LSR_FIFO_ERROR : 0);
}

/* The interrupt of highest priority, as in IIR. */
static u8 interrupt_id(const struct uart16550 *u)
{
    if ((u->s.ier & IER_ELSI) && (line_status(u) & LSR_ERRORS))
        return IIR_LINE;
    if ((u->s.ier & IER_ERBFI) && u->s.rx_count >= trigger_level(u))
        return IIR_DATA;
    if ((u->s.ier & IER_ERBFI) && u->s.timeout_pending)
        return IIR_TIMEOUT;
    if ((u->s.ier & IER_ETBEI) && u->s.thre_pending)
        return IIR_THRE;
    if ((u->s.ier & IER_EDSSI) && (u->s.msr & MSR_DELTAS))
        return IIR_MODEM;
    return IIR_NONE;
}

static void update_irq(struct uart16550 *u)
{
    bool unheard = !(u->s.mcr & MCR_OUT2) && (u->s.ier & IER_ERBFI) && u->s.rx_count >= trigger_level(u);
    if (unheard)
        dev_log(&u->dev, "guest", "%s: received data interrupt, but OUT2 (bit 3 of MCR) is clear: "
                  "its IRQ stays off", u->dev.id);
    line_set(&u->irq, interrupt_id(u) != IIR_NONE && (u->s.mcr & MCR_OUT2));
}

/* New modem inputs: remember what changed; RI counts when it goes away. */
static void update_modem(struct uart16550 *u)
{
    u8 inputs = 0, old = u->s.msr;
    if (u->s.mcr & MCR_LOOP)
        inputs = (u8)((u->s.mcr & MCR_RTS ? MSR_CTS : 0) | (u->s.mcr & MCR_DTR ? MSR_DSR : 0)
                      | (u->s.mcr & MCR_OUT1 ? MSR_RI : 0) | (u->s.mcr & MCR_OUT2 ? MSR_DCD : 0));
    else if (u->stream)
        inputs = MSR_CTS | MSR_DSR | MSR_DCD;
    u8 changed = (inputs ^ old) >> 4;
    if (inputs & MSR_RI)
        changed &= (u8)~MSR_TERI;
    u->s.msr = inputs | (old & MSR_DELTAS) | changed;
    update_irq(u);
}

/* Receiving. */

static void restart_timeout(struct uart16550 *u)
{
    bool wait = fifo_mode(u) && u->s.rx_count;
    timer_set(&u->timeout, wait ? now(u) + TIMEOUT_CHARACTERS * character_ns(u) : TIMER_OFF);
}

static void uart_timeout(void *dev)
{
    struct uart16550 *u = dev;
    u->s.timeout_pending = fifo_mode(u) && u->s.rx_count;
    update_irq(u);
}

/* A character is complete. Without FIFOs a new one replaces the old; a full FIFO keeps what it has. */
static void receive(struct uart16550 *u, u8 v, u8 error)
{
    int at = u->s.rx_count;
    if (at == depth(u)) {
        u->s.lsr |= LSR_OE;
        at--;
        if (fifo_mode(u)) {
            update_irq(u);
            return;
        }
    }
    u->s.rx_fifo[at] = v & data_mask(u);
    u->s.rx_error[at] = error;
    u->s.rx_count = (u8)(at + 1);
    restart_timeout(u);
    update_irq(u);
}

/* The line from the host brings its next character when there is room. In loopback it is cut off. */
static void schedule_rx(struct uart16550 *u)
{
    bool can = u->s.line_count && u->s.rx_count < depth(u) && !(u->s.mcr & MCR_LOOP);
    if (can && u->rx.when == TIMER_OFF)
        timer_set(&u->rx, u->s.rx_free > now(u) ? u->s.rx_free : now(u));
    else if (!can)
        timer_set(&u->rx, TIMER_OFF);
}

static void uart_rx(void *dev)
{
    struct uart16550 *u = dev;
    u8 v = u->s.line[0];
    if (u->s.line_count && u->s.rx_count < depth(u)) {
        memmove(u->s.line, u->s.line + 1, --u->s.line_count);
        u->s.line[u->s.line_count] = 0;
        u->s.rx_free = now(u) + character_ns(u);
        receive(u, v, 0);
    }
    schedule_rx(u);
}

static bool uart_input(void *dev, const struct input_event *e)
{
    struct uart16550 *u = dev;
    if (e->kind != INPUT_SERIAL || e->port != u->number || u->s.line_count == LINE)
        return false;
    if (!u->s.line_count && u->s.rx_free < now(u) + character_ns(u) && u->rx.when == TIMER_OFF)
        u->s.rx_free = now(u) + character_ns(u);
    u->s.line[u->s.line_count++] = e->byte;
    schedule_rx(u);
    return true;
}

static u8 read_rbr(struct uart16550 *u)
{
    u8 v = u->s.rx_fifo[0];
    if (u->s.rx_count) {
        u->s.rx_count--;
        memmove(u->s.rx_fifo, u->s.rx_fifo + 1, FIFO - 1);
        memmove(u->s.rx_error, u->s.rx_error + 1, FIFO - 1);
        u->s.rx_error[FIFO - 1] = 0;
        if (!u->s.rx_count)
            u->s.rx_fifo[0] = v;                /* the register keeps its last character */
    }
    u->s.timeout_pending = 0;
    restart_timeout(u);
    schedule_rx(u);
    update_irq(u);
    return v;
}

static void clear_rx(struct uart16550 *u)
{
    u->s.rx_count = 0;
    memset(u->s.rx_error, 0, sizeof u->s.rx_error);
    u->s.timeout_pending = 0;
    restart_timeout(u);
}

/* Transmitting. */

static void set_thre(struct uart16550 *u)
{
    if (!(u->s.lsr & LSR_THRE))
        u->s.thre_pending = 1;
    u->s.lsr |= LSR_THRE;
    u->s.two_bytes = 0;
    u->s.thre_late = 0;
}

/* The next character moves to the shift register. In FIFO mode an empty FIFO is told at once only if it held two or
 * more: "FIFO Interrupt Mode Operation", so that single characters do not interrupt twice. */
static void start_character(struct uart16550 *u)
{
    if (u->s.tsr_busy || !u->s.tx_count)
        return;
    u->s.tsr = u->s.tx_fifo[0];
    u->s.tsr_busy = 1;
    u->s.lsr &= (u8)~LSR_TEMT;
    u->s.tx_count--;
    memmove(u->s.tx_fifo, u->s.tx_fifo + 1, FIFO - 1);
    timer_set(&u->tx, now(u) + character_ns(u));
    if (u->s.tx_count)
        return;
    if (fifo_mode(u) && !u->s.two_bytes)
        u->s.thre_late = 1;
    else
        set_thre(u);
}

static void uart_tx(void *dev)
{
    struct uart16550 *u = dev;
    u->s.tsr_busy = 0;
    if (u->s.mcr & MCR_LOOP)
        receive(u, u->s.tsr, 0);
    if (!u->s.tx_count && u->s.thre_late)
        set_thre(u);
    start_character(u);
    if (!u->s.tsr_busy)
        u->s.lsr |= LSR_TEMT;
    update_irq(u);
}

static void write_thr(struct uart16550 *u, u8 v)
{
    int room = depth(u);
    v &= data_mask(u);
    if (u->stream && !(u->s.mcr & MCR_LOOP) && !(u->s.lcr & LCR_BREAK) && (!fifo_mode(u) || u->s.tx_count < room)) {
        dev_work(&u->dev, WORK_HOST_CALL);
        if (!machine_repeats(u->dev.machine))
            stream_write(u->stream, &v, 1);
    }
    if (u->s.tx_count < room)
        u->s.tx_fifo[u->s.tx_count++] = v;
    else if (!fifo_mode(u))
        u->s.tx_fifo[0] = v;                    /* the holding register is overwritten */
    else
        dev_log(&u->dev, "guest", "%s: a character for a full transmit FIFO is lost",
                  u->dev.id);
    if (u->s.tx_count > 1)
        u->s.two_bytes = 1;
    u->s.lsr &= (u8)~(LSR_THRE | LSR_TEMT);
    u->s.thre_pending = 0;
    update_irq(u);                              /* an interrupt that comes right back is a new edge */
    start_character(u);
    update_irq(u);
}

static void clear_tx(struct uart16550 *u)
{
    u->s.tx_count = 0;
    set_thre(u);
    if (!u->s.tsr_busy)
        u->s.lsr |= LSR_TEMT;
}

/* The registers. */

static void write_fcr(struct uart16550 *u, u8 v)
{
    bool toggled = (v ^ u->s.fcr) & FCR_ENABLE;
    if (!(v & FCR_ENABLE))
        v = 0;                                  /* the other bits count only with this one */
    u->s.fcr = v & (FCR_ENABLE | FCR_DMA | FCR_TRIGGER);
    if (toggled || (v & FCR_RX_RESET))
        clear_rx(u);
    if (toggled || (v & FCR_TX_RESET))
        clear_tx(u);
    schedule_rx(u);
    update_irq(u);
}

static void write_lcr(struct uart16550 *u, u8 v)
{
    bool breaks = (v & LCR_BREAK) && !(u->s.lcr & LCR_BREAK);
    u->s.polled = 0;
    u->s.lcr = v;
    if (breaks && (u->s.mcr & MCR_LOOP))
        receive(u, 0, LSR_BI | LSR_FE);
}

static void write_ier(struct uart16550 *u, u8 v)
{
    if ((v & ~u->s.ier & IER_ETBEI) && (u->s.lsr & LSR_THRE))
        u->s.thre_pending = 1;                  /* enabling it with the register empty interrupts at once */
    u->s.ier = v & 0x0f;
    update_irq(u);
}

static void uart_write(void *dev, u64 offset, u64 value, int size)
{
    struct uart16550 *u = dev;
    u8 v = (u8)value;
    bool dlab = u->s.lcr & LCR_DLAB;
    (void)size;
    switch (offset) {
    case RBR_THR:
        if (dlab && u->s.polled)
            dev_log_key(&u->dev, "unimp", u->number,
                          "%s: character %02x after a look at LSR, but DLAB is still set: "
                          "it goes to the divisor", u->dev.id, v);
        if (dlab)
            u->s.divisor = (u16)((u->s.divisor & 0xff00) | v);
        else
            write_thr(u, v);
        break;
    case IER:
        if (dlab)
            u->s.divisor = (u16)((u->s.divisor & 0x00ff) | v << 8);
        else
            write_ier(u, v);
        break;
    case IIR_FCR: write_fcr(u, v); break;
    case LCR: write_lcr(u, v); break;
    case MCR:
        u->s.mcr = v & 0x1f;
        update_modem(u);
        schedule_rx(u);
        break;
    case SCR: u->s.scr = v; break;
    default: break;                             /* LSR and MSR are for reading; writes are for the factory */
    }
}

static u8 read_iir(struct uart16550 *u)
{
    u8 id = interrupt_id(u);
    if (id == IIR_THRE) {
        u->s.thre_pending = 0;
        update_irq(u);
    }
    return id | (fifo_mode(u) ? IIR_FIFO : 0);
}

static u8 read_lsr(struct uart16550 *u)
{
    u8 v = line_status(u);
    u->s.polled = u->s.lcr & LCR_DLAB;
    u->s.lsr &= (u8)~LSR_OE;
    u->s.rx_error[0] = 0;
    update_irq(u);
    return v;
}

static u64 uart_read(void *dev, u64 offset, int size)
{
    struct uart16550 *u = dev;
    bool dlab = u->s.lcr & LCR_DLAB;
    u8 v;
    (void)size;
    switch (offset) {
    case RBR_THR: return dlab ? u->s.divisor & 0xff : read_rbr(u);
    case IER: return dlab ? u->s.divisor >> 8 : u->s.ier;
    case IIR_FCR: return read_iir(u);
    case LCR: return u->s.lcr;
    case MCR: return u->s.mcr;
    case LSR: return read_lsr(u);
    case MSR:
        v = u->s.msr;
        u->s.msr &= (u8)~MSR_DELTAS;
        update_irq(u);
        return v;
    default: return u->s.scr;
    }
}

/* What a read would find; the consequences of one stay away. */
static bool uart_peek(void *dev, u64 offset, int size, u64 *value)
{
    const struct uart16550 *u = dev;
    bool dlab = u->s.lcr & LCR_DLAB;
    switch (offset) {
    case RBR_THR: *value = dlab ? u->s.divisor & 0xff : u->s.rx_fifo[0]; break;
    case IIR_FCR: *value = interrupt_id(u) | (fifo_mode(u) ? IIR_FIFO : 0); break;
    case LSR: *value = line_status(u); break;
    case MSR: *value = u->s.msr; break;
    default: *value = uart_read(dev, offset, size);
    }
    return true;
}

/* "Master Reset": divisor, scratch register and what is under way from the host stay. */
static void uart_reset(void *dev)
{
    struct uart16550 *u = dev;
    u->s.ier = u->s.fcr = u->s.lcr = u->s.mcr = 0;
    u->s.tsr_busy = u->s.tx_count = u->s.thre_pending = u->s.thre_late = u->s.two_bytes = 0;
    u->s.lsr = LSR_THRE | LSR_TEMT;
    u->s.polled = 0;
    timer_set(&u->tx, TIMER_OFF);
    clear_rx(u);
    update_modem(u);
    u->s.msr &= (u8)~MSR_DELTAS;
    schedule_rx(u);
    update_irq(u);
}

static void uart_restored(void *dev) { update_irq(dev); }

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    static const char *const causes[8] = {
        [IIR_MODEM] = "the modem status changed; reading MSR ends it", [IIR_THRE] = "THR is empty; reading IIR or writing THR ends it",
        [IIR_DATA] = "data has come; reading RBR ends it", [IIR_LINE] = "a line status error; reading LSR ends it",
    };
    const struct uart16550 *u = dev;
    u8 id = interrupt_id(u);
    (void)output;
    if (high)
        snprintf(text, n, "%s", id == IIR_TIMEOUT ? "characters wait in the FIFO; reading RBR ends it"
                 : id < 8 && causes[id] ? causes[id] : "");
    else if (id != IIR_NONE)
        snprintf(text, n, "an interrupt waits in IIR (%02x), but OUT2, bit 3 of MCR (%02x), is clear: its driver is off", id, u->s.mcr);
    else if (!u->s.ier)
        snprintf(text, n, "IER is 0: it enables no interrupt");
    else
        snprintf(text, n, "IER is %02x, and none of what it enables has happened (LSR %02x, MSR %02x)", u->s.ier, line_status(u), u->s.msr);
}

static const struct bits ier_bits[] = { BIT("EDSSI", 3), BIT("ELSI", 2), BIT("ETBEI", 1), BIT("ERBFI", 0), BITS_END };
static const struct bits iir_bits[] = {
    { "FIFOs", 7, 6, (const char *const[]) { "off", NULL, NULL, "on" } },
    { "", 3, 0, (const char *const[]) { "modem status", "none pending", "THR empty", NULL, "data available", NULL, "line status", NULL,
    NULL, NULL, NULL,
                                        NULL, "character time-out", NULL, NULL, NULL } }, BITS_END
};
static const struct bits fcr_bits[] = {
    { "trigger", 7, 6, (const char *const[]) { "1", "4", "8", "14" } }, BIT("DMA mode 1", 3), BIT("FIFO enable", 0), BITS_END
};
static const struct bits lcr_bits[] = {
    BIT("DLAB", 7), BIT("break", 6), BIT("stick parity", 5), BIT("EPS", 4), BIT("PEN", 3), BIT("STB", 2),
    { "WLS", 1, 0, (const char *const[]) { "5 bits", "6 bits", "7 bits", "8 bits" } }, BITS_END
};
static const struct bits mcr_bits[] = { BIT("loop", 4), BIT("OUT2", 3), BIT("OUT1", 2), BIT("RTS", 1), BIT("DTR", 0), BITS_END };
static const struct bits lsr_bits[] = {
    BIT("FIFO error", 7), BIT("TEMT", 6), BIT("THRE", 5), BIT("BI", 4), BIT("FE", 3), BIT("PE", 2), BIT("OE", 1), BIT("DR", 0), BITS_END
};
static const struct bits msr_bits[] = {
    BIT("DCD", 7), BIT("RI", 6), BIT("DSR", 5), BIT("CTS", 4), BIT("DDCD", 3), BIT("TERI", 2), BIT("DDSR", 1), BIT("DCTS", 0), BITS_END
};
static const struct shown registers[] = {
    SHOWN(struct uart16550_state, ier, "IER", ier_bits), SHOWN(struct uart16550_state, fcr, "FCR", fcr_bits),
    SHOWN(struct uart16550_state, lcr, "LCR", lcr_bits), SHOWN(struct uart16550_state, mcr, "MCR", mcr_bits),
    SHOWN(struct uart16550_state, msr, "MSR", msr_bits), SHOWN(struct uart16550_state, scr, "SCR", NULL), SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    const struct uart16550 *u = dev;
    tell_register(out, "IIR", interrupt_id(u) | (fifo_mode(u) ? IIR_FIFO : 0), 2, iir_bits);
    tell_register(out, "LSR", line_status(u), 2, lsr_bits);
    tell_line(out, "divisor", "%u: %u baud", u->s.divisor, CLOCK_HZ / 16 / (u->s.divisor ? u->s.divisor : 1u));
    tell_line(out, "received", "%d in the FIFO, %d more on the line", u->s.rx_count, u->s.line_count);
    tell_line(out, "to send", "%d%s", u->s.tx_count, u->s.tsr_busy ? ", and one in the shift register" : "");
    tell_line(out, "connected", "%s", u->stream ? "yes" : "no");
}

static const struct device_class uart16550_class = {
    .name = "uart16550",
    .title = "serial port",
    .log = "serial",
    .size = sizeof(struct uart16550),
    .state_offset = offsetof(struct uart16550, s),
    .state_size = sizeof(struct uart16550_state),
    .fields = fields,
    .reset = uart_reset,
    .restored = uart_restored,
    .irq_why = irq_why,
    .registers = registers,
    .describe = describe,
};

struct uart16550 *uart16550_new(struct machine *m, const char *id, u16 port, struct line irq, int number)
{
    struct uart16550 *u = device_new(m, &uart16550_class, id);
    u->irq = irq;
    u->number = number;
    u->s.divisor = 12;                          /* 9600 baud; the chip wakes with any */
    snprintf(u->names[0], sizeof u->names[0], "%s.tx", id);
    snprintf(u->names[1], sizeof u->names[1], "%s.rx", id);
    snprintf(u->names[2], sizeof u->names[2], "%s.timeout", id);
    timer_init(m, &u->tx, u->names[0], uart_tx, u);
    timer_init(m, &u->rx, u->names[1], uart_rx, u);
    timer_init(m, &u->timeout, u->names[2], uart_timeout, u);
    region_set_peek(port_claim(m, id, port, 8, 1, uart_read, uart_write, u), uart_peek);
    machine_input_sink(m, uart_input, u);
    uart_reset(&u->dev);
    return u;
}

void uart16550_connect(struct uart16550 *u, struct stream *s)
{
    u->stream = s;
    update_modem(u);
}
