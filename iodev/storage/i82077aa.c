/* i82077aa.c - floppy disk controller: registers, command and result phases, head positioning.
 * Intel 82077AA CHMOS Single-Chip Floppy Disk Controller data sheet (1992), PC/AT mode: "Microprocessor Interface",
 * "Command Descriptions".
 * Here: every command. A raw image keeps no deleted data marks: they last until the floppy is taken out. */
#include "i82077aa_parts.h"

enum { SRA, SRB, DOR, TDR, MSR, FIFO };                 /* and 7: DIR, CCR */
enum { DOR_DMA = 0x08, DOR_RESET = 0x04 };
enum { MSR_RQM = 0x80, MSR_DIO = 0x40, MSR_NONDMA = 0x20, MSR_CB = 0x10 };

static const struct field fields[] = {
    FIELD_ARRAY(struct i82077aa_state, turning), FIELD(struct i82077aa_state, loaded), FIELD(struct i82077aa_state, at),
    FIELD(struct i82077aa_state, end), FIELD(struct i82077aa_state, done),
    FIELD_ARRAY(struct i82077aa_state, type), FIELD_ARRAY(struct i82077aa_state, track),
    FIELD_ARRAY(struct i82077aa_state, changed), FIELD_ARRAY(struct i82077aa_state, pcn),
    FIELD_ARRAY(struct i82077aa_state, steps), FIELD(struct i82077aa_state, seeking),
    FIELD(struct i82077aa_state, inward), FIELD(struct i82077aa_state, recalibrating), FIELD_ARRAY(struct i82077aa_state, pad),
    FIELD(struct i82077aa_state, waiting), FIELD_ARRAY(struct i82077aa_state, waiting_st0),
    FIELD(struct i82077aa_state, dor), FIELD(struct i82077aa_state, tdr), FIELD(struct i82077aa_state, rate),
    FIELD(struct i82077aa_state, phase), FIELD_ARRAY(struct i82077aa_state, fifo), FIELD(struct i82077aa_state, got),
    FIELD(struct i82077aa_state, want), FIELD(struct i82077aa_state, irq), FIELD(struct i82077aa_state, srt_hut),
    FIELD(struct i82077aa_state, hlt_nd), FIELD(struct i82077aa_state, config), FIELD(struct i82077aa_state, pretrk),
    FIELD(struct i82077aa_state, perpendicular), FIELD(struct i82077aa_state, locked), FIELD(struct i82077aa_state, st0),
    FIELD(struct i82077aa_state, st1), FIELD(struct i82077aa_state, st2), FIELD(struct i82077aa_state, c),
    FIELD(struct i82077aa_state, h), FIELD(struct i82077aa_state, r), FIELD(struct i82077aa_state, n),
    FIELD(struct i82077aa_state, eot), FIELD(struct i82077aa_state, dtl), FIELD(struct i82077aa_state, position),
    FIELD(struct i82077aa_state, tc), FIELD(struct i82077aa_state, deleted), FIELD(struct i82077aa_state, data), FIELD_END
};

static void drive_irq(struct i82077aa *fdc) { line_set(&fdc->irq, fdc->s.irq && fdc->s.dor & DOR_DMA); }

void fdc_set_irq(struct i82077aa *fdc, bool on)
{
    fdc->s.irq = on;
    drive_irq(fdc);
}

void fdc_later(struct i82077aa *fdc, u64 ns)
{
    fdc->s.phase = FDC_EXECUTE;
    timer_set(&fdc->execute, machine_now(fdc->dev.machine) + ns);
}

void fdc_result(struct i82077aa *fdc, u8 n, bool interrupt)
{
    fdc->s.phase = n ? FDC_RESULT : FDC_COMMAND;
    fdc->s.got = 0;
    fdc->s.want = n;
    if (interrupt)
        fdc_set_irq(fdc, true);
}

void fdc_result_7(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    u8 result[7] = { (u8)(s->st0 | (s->fifo[1] & 7)), s->st1, s->st2, s->c, s->h, s->r, s->n };
    dev_log(&fdc->dev, "disk", "fdc: result %02x %02x %02x, %02x %02x %02x %02x", result[0],
              result[1], result[2], result[3], result[4], result[5], result[6]);
    memcpy(s->fifo, result, sizeof result);
    fdc_result(fdc, sizeof result, true);
}

void fdc_report(struct i82077aa *fdc, int unit, u8 st0)
{
    fdc->s.waiting |= (u8)(1 << unit);
    fdc->s.waiting_st0[unit] = (u8)(st0 | unit);
    fdc_set_irq(fdc, true);
}

/* The host has seen one interrupt. After a reset the wire falls with the first of the four; after seeks each has its own. */
static void lower_irq(struct i82077aa *fdc)
{
    const struct i82077aa_state *s = &fdc->s;
    fdc_set_irq(fdc, false);
    for (int k = 0; k < FDC_UNITS; k++)
        if (s->waiting & 1 << k && s->waiting_st0[k] < ST0_IC_POLLING)
            fdc_set_irq(fdc, true);
}

/* Commands without an execution phase. */

static void sense_interrupt(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    int unit = 0;
    if (!s->waiting) {
        s->fifo[0] = ST0_IC_INVALID;
        fdc_result(fdc, 1, false);
        return;
    }
    while (!(s->waiting & 1 << unit))
        unit++;
    s->waiting &= (u8)~(1 << unit);
    s->fifo[0] = s->waiting_st0[unit];
    s->fifo[1] = s->pcn[unit];
    s->waiting_st0[unit] = 0;
    lower_irq(fdc);
    fdc_result(fdc, 2, false);
}

static void sense_drive(struct i82077aa *fdc)
{
    int unit = fdc_unit(fdc);
    u8 st3 = (u8)(ST3_ONES | (fdc->s.fifo[1] & 7));
    if (fdc_connected(fdc, unit)) {
        if (!fdc->s.track[unit])
            st3 |= ST3_T0;
        if (!fdc->medium[unit] || !image_writable(fdc->medium[unit]))
            st3 |= ST3_WP;                              /* nothing lets the sensor's light through */
    }
    fdc->s.fifo[0] = st3;
    fdc_result(fdc, 1, false);
}

static void dumpreg(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    u8 result[10] = { s->pcn[0], s->pcn[1], s->pcn[2], s->pcn[3], s->srt_hut, s->hlt_nd, s->eot,
                      (u8)(s->locked << 7 | (s->perpendicular & 0x3f)), s->config, s->pretrk };
    memcpy(s->fifo, result, sizeof result);
    fdc_result(fdc, sizeof result, false);
}

static void perpendicular(struct i82077aa *fdc)
{
    u8 v = fdc->s.fifo[1];
    if (v & 0x80)                                       /* OW: the drive bits count */
        fdc->s.perpendicular = v & 0x3f;
    else
        fdc->s.perpendicular = (fdc->s.perpendicular & 0x3c) | (v & 3);
    fdc_result(fdc, 0, false);
}

static void lock(struct i82077aa *fdc)
{
    fdc->s.locked = fdc->s.fifo[0] >> 7;
    fdc->s.fifo[0] = (u8)(fdc->s.locked << 4);
    fdc_result(fdc, 1, false);
}

static void run_command(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    dev_log(&fdc->dev, "disk", "fdc: command %02x %02x %02x %02x %02x %02x %02x %02x %02x",
              s->fifo[0], s->fifo[1], s->fifo[2], s->fifo[3], s->fifo[4], s->fifo[5], s->fifo[6], s->fifo[7], s->fifo[8]);
    switch (fdc_command(fdc)) {
    case SPECIFY:
        s->srt_hut = s->fifo[1];
        s->hlt_nd = s->fifo[2];
        fdc_result(fdc, 0, false);
        break;
    case CONFIGURE:
        s->config = s->fifo[2] & 0x7f;
        s->pretrk = s->fifo[3];
        fdc_result(fdc, 0, false);
        break;
    case VERSION:
        s->fifo[0] = 0x90;
        fdc_result(fdc, 1, false);
        break;
    case SENSE_DRIVE:     sense_drive(fdc); break;
    case SENSE_INTERRUPT: sense_interrupt(fdc); break;
    case RECALIBRATE:     fdc_recalibrate(fdc); break;
    case SEEK:            fdc_seek(fdc); break;
    case DUMPREG:         dumpreg(fdc); break;
    case PERPENDICULAR:   perpendicular(fdc); break;
    case LOCK:            lock(fdc); break;
    default:              fdc_start_data(fdc);
    }
}

// clang-format off
/* Which of the bits MT, MFM, SK a command takes, and its bytes. */
static const struct { u8 code, flags, bytes; } commands[] = {
    { READ_TRACK,      MFM,           9 }, { SPECIFY,       0,             3 }, { SENSE_DRIVE,   0,        2 },
    { WRITE_DATA,      MT | MFM,      9 }, { READ_DATA,     MT | MFM | SK, 9 }, { RECALIBRATE,   0,        2 },
    { SENSE_INTERRUPT, 0,             1 }, { WRITE_DELETED, MT | MFM,      9 }, { READ_ID,       MFM,      2 },
    { READ_DELETED,    MT | MFM | SK, 9 }, { FORMAT_TRACK,  MFM,           6 }, { DUMPREG,       0,        1 },
    { SEEK,            MT | MFM,      3 }, { VERSION,       0,             1 }, { PERPENDICULAR, 0,        2 },
    { CONFIGURE,       0,             4 }, { LOCK,          MT,            1 }, { VERIFY, MT | MFM | SK,   9 },
    { SCAN_EQUAL,      MT | MFM | SK, 9 }, { SCAN_LOW,      MT | MFM | SK, 9 }, { SCAN_HIGH, MT | MFM | SK, 9 },
};
// clang-format on

/* Length of the command that begins with this byte, 0 if it is invalid. */
static u8 command_bytes(u8 first)
{
    for (size_t k = 0; k < ARRAY_LEN(commands); k++)
        if ((first & 0x1f) == commands[k].code && !(first & 0xe0 & ~commands[k].flags))
            return commands[k].code == SEEK && (first & 0xc0) == MFM ? 0 : commands[k].bytes;
    return 0;
}

static void write_fifo(struct i82077aa *fdc, u8 value)
{
    struct i82077aa_state *s = &fdc->s;
    if (s->phase == FDC_HOST_WRITES) {
        s->data[s->at++] = value;
        fdc_set_irq(fdc, false);
        if (s->at < s->end)
            fdc_set_irq(fdc, true);
        else
            fdc_block_done(fdc);
        return;
    }
    if (s->phase != FDC_COMMAND) {
        dev_log(&fdc->dev, "guest", "fdc: command byte %02x while the controller is busy", value);
        return;
    }
    if (!s->got) {
        memset(s->fifo, 0, sizeof s->fifo);
        s->want = command_bytes(value);
        if (!s->want) {
            dev_log(&fdc->dev, "guest", "fdc: invalid command %02x", value);
            s->fifo[0] = ST0_IC_INVALID;
            fdc_result(fdc, 1, false);
            return;
        }
    }
    s->fifo[s->got++] = value;
    if (s->got == s->want) {
        s->got = 0;
        run_command(fdc);
    }
}

static u8 read_fifo(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    u8 value;
    if (s->phase == FDC_HOST_READS) {
        value = s->data[s->at++];
        fdc_set_irq(fdc, false);
        if (s->at < s->end)
            fdc_set_irq(fdc, true);
        else
            fdc_block_done(fdc);
        return value;
    }
    if (s->phase != FDC_RESULT) {
        if (s->phase == FDC_COMMAND && s->got)
            dev_log_key(&fdc->dev, "unimp", s->fifo[0],
                          "fdc: data register read while command %02x has %d of its %d bytes",
                          s->fifo[0], s->got, s->want);
        else
            dev_log(&fdc->dev, "guest", "fdc: data register read outside a result phase");
        return 0xff;
    }
    if (!s->got)
        lower_irq(fdc);
    value = s->fifo[s->got++];
    if (s->got == s->want)
        fdc_result(fdc, 0, false);
    return value;
}

static u8 main_status(const struct i82077aa *fdc)
{
    u8 seeking = fdc->s.seeking;
    switch (fdc->s.phase) {
    case FDC_COMMAND:     return (u8)(MSR_RQM | (fdc->s.got ? MSR_CB : 0) | seeking);
    case FDC_EXECUTE:     return (u8)(MSR_CB | seeking);
    case FDC_HOST_READS:  return (u8)(MSR_RQM | MSR_DIO | MSR_NONDMA | MSR_CB | seeking);
    case FDC_HOST_WRITES: return (u8)(MSR_RQM | MSR_NONDMA | MSR_CB | seeking);
    case FDC_RESULT:      return (u8)(MSR_RQM | MSR_DIO | MSR_CB | seeking);
    default:              return 0;
    }
}

/* What a reset of any kind does inside; the drives' heads stay. */
static void stop_everything(struct i82077aa *fdc)
{
    struct i82077aa_state *s = &fdc->s;
    timer_set(&fdc->execute, TIMER_OFF);
    for (int k = 0; k < FDC_UNITS; k++)
        timer_set(&fdc->seek[k], TIMER_OFF);
    s->phase = FDC_IN_RESET;
    s->got = s->want = 0;
    s->seeking = s->waiting = s->recalibrating = 0;
    s->at = s->end = 0;
    memset(s->waiting_st0, 0, sizeof s->waiting_st0);
    memset(s->pcn, 0, sizeof s->pcn);
    if (!s->locked) {
        s->config = CONFIG_EFIFO;
        s->pretrk = 0;
    } else {
        s->config &= CONFIG_EFIFO | CONFIG_FIFOTHR;
    }
    s->perpendicular &= 0x3c;                           /* software resets clear GAP and WGATE only */
    fdc_set_irq(fdc, false);
}

static void leave_reset(struct i82077aa *fdc) { timer_set(&fdc->execute, machine_now(fdc->dev.machine) + FDC_RESET_NS); }

static void execute_fires(void *dev)
{
    struct i82077aa *fdc = dev;
    if (fdc->s.phase != FDC_IN_RESET) {
        fdc_step_data(fdc);
        return;
    }
    fdc->s.phase = FDC_COMMAND;
    if (!(fdc->s.config & CONFIG_POLL))                 /* polling finds every drive "changed": four interrupts in one */
        for (int k = 0; k < FDC_UNITS; k++)
            fdc_report(fdc, k, ST0_IC_POLLING);
}

static void write_dor(struct i82077aa *fdc, u8 value)
{
    u8 was = fdc->s.dor;
    fdc->s.dor = value;
    for (int k = 0; k < FDC_DRIVES; k++)
        if (value & ~was & 0x10 << k)
            fdc_motor(fdc, k);
    if (was & ~value & DOR_RESET)
        stop_everything(fdc);
    else if (value & ~was & DOR_RESET)
        leave_reset(fdc);
    drive_irq(fdc);
    fdc_resume(fdc);
}

static u8 read_dir(const struct i82077aa *fdc)
{
    int unit = fdc->s.dor & 3;
    bool selected = fdc->s.dor & 0x10 << unit;
    return (u8)(0x7f | (selected && fdc_connected(fdc, unit) && fdc->s.changed[unit] ? 0x80 : 0));
}

static u64 fdc_read(void *dev, u64 offset, int size)
{
    struct i82077aa *fdc = dev;
    (void)size;
    switch (offset) {
    case DOR:  return fdc->s.dor;
    case TDR:  return 0xfc | fdc->s.tdr;
    case MSR:  return main_status(fdc);
    case FIFO: return read_fifo(fdc);
    default:   return 0xff;                             /* status A and B are a PS/2's */
    }
}

static void fdc_write(void *dev, u64 offset, u64 value, int size)
{
    struct i82077aa *fdc = dev;
    (void)size;
    switch (offset) {
    case DOR:
        write_dor(fdc, (u8)value);
        break;
    case TDR:
        fdc->s.tdr = value & 3;
        break;
    case MSR:                                           /* DSR: software reset, data rate */
        fdc->s.rate = value & 3;
        if (value & 0x80) {
            stop_everything(fdc);
            if (fdc->s.dor & DOR_RESET)
                leave_reset(fdc);
        }
        break;
    case FIFO:
        write_fifo(fdc, (u8)value);
        break;
    default:
        break;
    }
}

static u64 dir_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return read_dir(dev);
}

static void ccr_write(void *dev, u64 offset, u64 value, int size)
{
    struct i82077aa *fdc = dev;
    (void)offset, (void)size;
    fdc->s.rate = value & 3;
}

static void fdc_reset(void *dev)
{
    struct i82077aa *fdc = dev;
    fdc->s.locked = 0;
    stop_everything(fdc);
    fdc->s.dor = fdc->s.tdr = 0;
    fdc->s.rate = 2;
    fdc->s.perpendicular = 0;
    fdc->s.srt_hut = fdc->post_srt_hut;
    fdc->s.hlt_nd = fdc->post_hlt_nd;
    fdc->s.loaded = 0;
    drive_irq(fdc);
}

static void fdc_restored(void *dev) { drive_irq(dev); }

static void fdc_free(void *dev)
{
    struct i82077aa *fdc = dev;
    for (int k = 0; k < FDC_DRIVES; k++)
        image_close(fdc->medium[k]);
}

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    static const char *const phases[] = {
        [FDC_COMMAND] = "no command runs", [FDC_EXECUTE] = "a command is being executed", [FDC_HOST_READS] = "the host reads data",
        [FDC_HOST_WRITES] = "the host writes data", [FDC_RESULT] = "the result was begun to be read", [FDC_IN_RESET] = "it is in reset",
    };
    const struct i82077aa *fdc = dev;
    (void)output;
    if (high)
        snprintf(text, n, "%s ends it", fdc->s.waiting ? "SENSE INTERRUPT STATUS" : "reading the result");
    else if (!(fdc->s.dor & DOR_RESET))
        snprintf(text, n, "DOR (%02x) holds it in reset", fdc->s.dor);
    else if (fdc->s.irq)
        snprintf(text, n, "it wants to, but DOR (%02x) has bit 3 clear: DMA and interrupts are off", fdc->s.dor);
    else if (fdc->s.phase == FDC_COMMAND && fdc->s.got)
        snprintf(text, n, "command %02x waits for its byte %d of %d", fdc->s.fifo[0], fdc->s.got + 1, fdc->s.want);
    else
        snprintf(text, n, "%s", phases[fdc->s.phase]);
}

static const struct bits dor_bits[] = {
    BIT("motor D", 7), BIT("motor C", 6), BIT("motor B", 5), BIT("motor A", 4), BIT("DMA and IRQ", 3),
    { "", 2, 2, (const char *const[]) { "in reset", "not in reset" } }, { "drive", 1, 0, NULL }, BITS_END
};
static const struct bits rate_bits[] = {
    { "data rate", 1, 0, (const char *const[]) { "500 kbit/s", "300 kbit/s", "250 kbit/s", "1 Mbit/s" } }, BITS_END
};
static const struct bits msr_bits[] = {
    BIT("RQM", 7), { "DIO", 6, 6, (const char *const[]) { "host writes", "host reads" } }, BIT("NON DMA", 5), BIT("CMD BSY", 4),
    BIT("drive D seeks", 3),
    BIT("drive C seeks", 2), BIT("drive B seeks", 1), BIT("drive A seeks", 0), BITS_END
};
static const struct bits st0_bits[] = {
    { "IC", 7, 6, (const char *const[]) { "normal", "abnormal", "invalid command", "polling" } }, BIT("SE", 5), BIT("EC", 4), { "H", 2,
    2, NULL },
    { "DS", 1, 0, NULL }, BITS_END
};
static const struct bits st1_bits[] = { BIT("EN", 7), BIT("DE", 5), BIT("OR", 4), BIT("ND", 2), BIT("NW", 1), BIT("MA", 0), BITS_END };
static const struct bits st2_bits[] = {
    BIT("CM", 6), BIT("DD", 5), BIT("WC", 4), BIT("SH", 3), BIT("SN", 2), BIT("BC", 1), BIT("MD", 0), BITS_END
};
static const struct bits config_bits[] = {
    BIT("EIS", 6), BIT("EFIFO", 5), BIT("POLL off", 4), { "FIFOTHR", 3, 0, NULL }, BITS_END
};
static const struct shown registers[] = {
    SHOWN(struct i82077aa_state, dor, "DOR", dor_bits), SHOWN(struct i82077aa_state, rate, "CCR", rate_bits),
    SHOWN(struct i82077aa_state, st0, "ST0", st0_bits), SHOWN(struct i82077aa_state, st1, "ST1", st1_bits),
    SHOWN(struct i82077aa_state, st2, "ST2", st2_bits), SHOWN(struct i82077aa_state, config, "CONFIGURE", config_bits), SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    static const char *const phases[] = { "command", "execution", "execution: the host reads", "execution: the host writes", "result",
        "reset" };
    const struct i82077aa *fdc = dev;
    tell_register(out, "MSR", main_status(fdc), 2, msr_bits);
    tell_line(out, "phase", "%s, command %02x, %d of %d bytes", phases[fdc->s.phase], fdc->s.fifo[0], fdc->s.got, fdc->s.want);
    tell_line(out, "sector", "C %d H %d R %d N %d, EOT %d", fdc->s.c, fdc->s.h, fdc->s.r, fdc->s.n, fdc->s.eot);
    for (int k = 0; k < FDC_DRIVES; k++)
        if (fdc_connected(fdc, k))
            tell_line(out, k ? "drive B" : "drive A", "%s, heads at track %d, PCN %d%s%s%s", fdc->medium[k] ? "a floppy is in it" : "empty",
                      fdc->s.track[k], fdc->s.pcn[k], fdc->s.changed[k] ? ", disk change" : "", fdc->s.seeking >> k & 1 ? ", seeks" : "",
                      fdc->s.waiting >> k & 1 ? ", SENSE INTERRUPT STATUS has something to say" : "");
}

static const struct device_class i82077aa_class = {
    .name = "i82077aa",
    .title = "floppy disk controller",
    .log = "disk",
    .size = sizeof(struct i82077aa),
    .state_offset = offsetof(struct i82077aa, s),
    .state_size = sizeof(struct i82077aa_state),
    .fields = fields,
    .reset = fdc_reset,
    .restored = fdc_restored,
    .free = fdc_free,
    .irq_why = irq_why,
    .registers = registers,
    .describe = describe,
};

struct i82077aa *i82077aa_new(struct machine *m, u16 port, struct line irq, struct i8237 *dma, int dma_channel)
{
    struct i82077aa *fdc = device_new(m, &i82077aa_class, "fdc");
    fdc->irq = irq;
    fdc->dma = dma;
    fdc->hurry = 1;
    fdc->dma_channel = dma_channel;
    timer_init(m, &fdc->execute, "fdc.execute", execute_fires, fdc);
    fdc_motion_init(fdc);
    port_claim(m, "fdc", port, 6, 1, fdc_read, fdc_write, fdc);
    port_claim(m, "fdc dir", (u16)(port + 7), 1, 1, dir_read, ccr_write, fdc);
    return fdc;
}

void i82077aa_add_drive(struct i82077aa *fdc, int drive, int type)
{
    assert(drive >= 0 && drive < FDC_DRIVES && type >= 1 && type <= 6);
    fdc->s.type[drive] = (u8)type;
    fdc->s.changed[drive] = 1;
}

void i82077aa_set_hurry(struct i82077aa *fdc, u32 times) { fdc->hurry = times; }

void i82077aa_set_post(struct i82077aa *fdc, u8 srt_hut, u8 hlt_nd)
{
    fdc->post_srt_hut = srt_hut;
    fdc->post_hlt_nd = hlt_nd;
}

void i82077aa_set_medium(struct i82077aa *fdc, int drive, struct image *image)
{
    assert(fdc_connected(fdc, drive) && (!image || image_kind(image) == IMAGE_FLOPPY));
    image_close(fdc->medium[drive]);
    fdc->medium[drive] = image;
    fdc->s.changed[drive] = 1;
    memset(fdc->s.deleted[drive], 0, sizeof fdc->s.deleted[drive]);
    fdc_resume(fdc);
}

void i82077aa_load_medium(struct i82077aa *fdc, int drive, struct image *image)
{
    image_close(fdc->medium[drive]);
    fdc->medium[drive] = image;
}

bool i82077aa_has_drive(const struct i82077aa *fdc, int drive) { return drive >= 0 && fdc_connected(fdc, drive); }

struct image *i82077aa_medium(const struct i82077aa *fdc, int drive)
{
    return drive >= 0 && drive < FDC_DRIVES ? fdc->medium[drive] : NULL;
}
