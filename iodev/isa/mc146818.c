/* mc146818.c - real-time clock and CMOS RAM.
 * Motorola MC146818A data sheet (1984): "Address Map", "Update Cycle", "Divider Stages", "Interrupts", "Registers";
 * the second bank as in the Intel 82371AB (PIIX4) data sheet, "RTC Registers".
 * Here: time in both forms, alarm, periodic and update-ended interrupts. The century byte of the AT (32h)
 * follows the year.
 * Not yet: daylight saving, the square wave pin, time bases other than 32.768 kHz. */
#include "mc146818.h"

enum { SECONDS, SECONDS_ALARM, MINUTES, MINUTES_ALARM, HOURS, HOURS_ALARM, WEEKDAY, DAY, MONTH, YEAR,
       REG_A, REG_B, REG_C, REG_D, CENTURY = 0x32 };
enum { A_UIP = 0x80, A_DV = 0x70, A_DV_RUN = 0x20, A_RS = 0x0f };
enum { B_SET = 0x80, B_PIE = 0x40, B_AIE = 0x20, B_UIE = 0x10, B_SQWE = 0x08, B_DM = 0x04, B_24 = 0x02, B_DSE = 0x01 };
enum { C_IRQF = 0x80, C_PF = 0x40, C_AF = 0x20, C_UF = 0x10, D_VRT = 0x80 };
enum { NMI_MASK = 0x80 };
enum { HOUR_PM = 0x80, ALARM_ANY = 0xc0, BANK = 128 };
enum { OSCILLATOR_HZ = 32768, UIP_NS = 244000 + 1984000 };     /* UIP: tBUC before the update cycle and tUC in it */

struct mc146818 {
    struct device dev;
    struct line irq, nmi_mask, alarm;
    struct timer periodic, update;

    struct mc146818_state {
        u64 started;            /* when the divider left reset, ns */
        u64 periodic_seen;      /* divider count up to which PF knows the periodic edges */
        u32 phase;              /* divider count at `started` */
        u8 index[2];            /* of the banks; bit 7 of the first is the NMI mask */
        u8 pad[2];
        u8 ram[2 * BANK];
    } s;
};

static const struct field fields[] = {
    FIELD(struct mc146818_state, started), FIELD(struct mc146818_state, periodic_seen),
    FIELD(struct mc146818_state, phase), FIELD_ARRAY(struct mc146818_state, index),
    FIELD_ARRAY(struct mc146818_state, pad), FIELD_ARRAY(struct mc146818_state, ram),
    FIELD_END
};

/* An oscillator period is 1953125/64 ns. */
static u64 ticks_of(u64 ns) { return ns / 1953125 * 64 + ns % 1953125 * 64 / 1953125; }
static u64 ns_of(u64 ticks) { return ticks / 64 * 1953125 + (ticks % 64 * 1953125 + 63) / 64; }

static bool divider_runs(const struct mc146818 *rtc) { return (rtc->s.ram[REG_A] & A_DV) == A_DV_RUN; }

/* The divider's count now; a second is 32768. */
static u64 divider(const struct mc146818 *rtc)
{
    return ticks_of(machine_now(rtc->dev.machine) - rtc->s.started) + rtc->s.phase;
}

static u64 moment(const struct mc146818 *rtc, u64 count) { return rtc->s.started + ns_of(count - rtc->s.phase); }

/* Oscillator periods between periodic edges, 0 when off. Rates 1 and 2 are 8 and 9: "Periodic Interrupt Rate". */
static u32 period(const struct mc146818 *rtc)
{
    int rs = rtc->s.ram[REG_A] & A_RS;
    if (!rs || !divider_runs(rtc))
        return 0;
    return 1u << ((rs <= 2 ? rs + 7 : rs) - 1);
}

static void update_irq(struct mc146818 *rtc)
{
    u8 *c = &rtc->s.ram[REG_C];
    bool on = *c & rtc->s.ram[REG_B] & (C_PF | C_AF | C_UF);   /* flags and enables share their bits */
    *c = (u8)((*c & ~C_IRQF) | (on ? C_IRQF : 0));
    line_set(&rtc->irq, on);
    line_set(&rtc->alarm, *c & rtc->s.ram[REG_B] & C_AF);
}

/* PF is set at each edge whether enabled or not; it is found out only when somebody can see it. */
static void sync_periodic(struct mc146818 *rtc)
{
    u32 p = period(rtc);
    if (!p)
        return;
    u64 now = divider(rtc);
    if (now / p != rtc->s.periodic_seen / p)
        rtc->s.ram[REG_C] |= C_PF;
    rtc->s.periodic_seen = now;
}

/* A timer only for the edge that raises the interrupt. */
static void schedule_periodic(struct mc146818 *rtc)
{
    u32 p = period(rtc);
    if (p && (rtc->s.ram[REG_B] & B_PIE) && !(rtc->s.ram[REG_C] & C_PF))
        timer_set(&rtc->periodic, moment(rtc, (divider(rtc) / p + 1) * p));
    else
        timer_set(&rtc->periodic, TIMER_OFF);
}

static void rtc_periodic(void *dev)
{
    struct mc146818 *rtc = dev;
    sync_periodic(rtc);
    schedule_periodic(rtc);
    update_irq(rtc);
}

static void schedule_update(struct mc146818 *rtc)
{
    u64 next = (divider(rtc) / OSCILLATOR_HZ + 1) * OSCILLATOR_HZ;
    timer_set(&rtc->update, divider_runs(rtc) ? moment(rtc, next) : TIMER_OFF);
}

static int decode(const struct mc146818 *rtc, u8 v)
{
    return rtc->s.ram[REG_B] & B_DM ? v : (v >> 4) * 10 + (v & 15);
}

static u8 encode(const struct mc146818 *rtc, int v)
{
    return (u8)(rtc->s.ram[REG_B] & B_DM ? v : v / 10 % 10 << 4 | v % 10);
}

/* Count a register up; true if it went past `last` and is `first` again. */
static bool count_up(struct mc146818 *rtc, int reg, int first, int last)
{
    int v = decode(rtc, rtc->s.ram[reg]);
    rtc->s.ram[reg] = encode(rtc, v >= last ? first : v + 1);
    return v >= last;
}

/* True when a new day begins. */
static bool count_hour(struct mc146818 *rtc)
{
    u8 *hours = &rtc->s.ram[HOURS], pm = *hours & HOUR_PM;
    if (rtc->s.ram[REG_B] & B_24)
        return count_up(rtc, HOURS, 0, 23);
    *hours &= (u8)~HOUR_PM;
    if (decode(rtc, *hours) == 11)
        pm ^= HOUR_PM;                          /* 11 AM, 12 PM; 11 PM, 12 AM */
    bool midnight = decode(rtc, *hours) == 11 && !pm;
    count_up(rtc, HOURS, 1, 12);
    *hours |= pm;
    return midnight;
}

static int days_in_month(const struct mc146818 *rtc)
{
    static const u8 days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int month = decode(rtc, rtc->s.ram[MONTH]);
    if (month == 2 && decode(rtc, rtc->s.ram[YEAR]) % 4 == 0)
        return 29;
    return month >= 1 && month <= 12 ? days[month - 1] : 31;
}

static void count_second(struct mc146818 *rtc)
{
    if (!count_up(rtc, SECONDS, 0, 59) || !count_up(rtc, MINUTES, 0, 59) || !count_hour(rtc))
        return;
    count_up(rtc, WEEKDAY, 1, 7);
    if (count_up(rtc, DAY, 1, days_in_month(rtc)) && count_up(rtc, MONTH, 1, 12) && count_up(rtc, YEAR, 0, 99))
        count_up(rtc, CENTURY, 0, 99);
}

static bool alarm_matches(const struct mc146818 *rtc)
{
    static const u8 pairs[3][2] = { { SECONDS, SECONDS_ALARM }, { MINUTES, MINUTES_ALARM }, { HOURS, HOURS_ALARM } };
    for (int k = 0; k < 3; k++) {
        u8 alarm = rtc->s.ram[pairs[k][1]];
        if ((alarm & ALARM_ANY) != ALARM_ANY && alarm != rtc->s.ram[pairs[k][0]])
            return false;
    }
    return true;
}

/* The end of an update cycle, once a second. SET holds the time still; the divider goes on. */
static void rtc_update(void *dev)
{
    struct mc146818 *rtc = dev;
    schedule_update(rtc);
    if (rtc->s.ram[REG_B] & B_SET)
        return;
    count_second(rtc);
    rtc->s.ram[REG_C] |= C_UF;
    if (alarm_matches(rtc))
        rtc->s.ram[REG_C] |= C_AF;
    update_irq(rtc);
}

static u8 read_a(const struct mc146818 *rtc)
{
    u64 now = machine_now(rtc->dev.machine), when = rtc->update.when;
    bool uip = when != TIMER_OFF && !(rtc->s.ram[REG_B] & B_SET) && when <= now + UIP_NS;
    return (u8)(rtc->s.ram[REG_A] | (uip ? A_UIP : 0));
}

static u8 read_c(struct mc146818 *rtc)
{
    sync_periodic(rtc);
    update_irq(rtc);
    u8 v = rtc->s.ram[REG_C];
    rtc->s.ram[REG_C] = 0;
    update_irq(rtc);
    schedule_periodic(rtc);
    return v;
}

static void write_a(struct mc146818 *rtc, u8 v)
{
    bool ran = divider_runs(rtc);
    sync_periodic(rtc);
    rtc->s.ram[REG_A] = v & (u8)~A_UIP;
    if (!ran && divider_runs(rtc)) {            /* the first update is half a second after the divider's reset */
        rtc->s.started = machine_now(rtc->dev.machine);
        rtc->s.phase = OSCILLATOR_HZ / 2;
    }
    if (!divider_runs(rtc) && (v & 0x60) != 0x60)
        dev_log(&rtc->dev, "unimp",
                  "rtc: time base %d, which is not 32.768 kHz: the clock stands", v >> 4 & 7);
    rtc->s.periodic_seen = divider(rtc);
    if (ran != divider_runs(rtc))
        schedule_update(rtc);
    schedule_periodic(rtc);
    update_irq(rtc);
}

static void write_b(struct mc146818 *rtc, u8 v)
{
    sync_periodic(rtc);
    if (v & B_SET)
        v &= (u8)~B_UIE;
    if (v & B_DSE)
        dev_log(&rtc->dev, "unimp",
                  "rtc: daylight saving is asked for; the clock stays as it is");
    rtc->s.ram[REG_B] = v;
    schedule_periodic(rtc);
    update_irq(rtc);
}

static u64 rtc_read(void *dev, u64 offset, int size)
{
    struct mc146818 *rtc = dev;
    (void)size;
    switch (offset) {
    case 1:
        switch (rtc->s.index[0] & 0x7f) {
        case REG_A: return read_a(rtc);
        case REG_C: return read_c(rtc);
        default: return rtc->s.ram[rtc->s.index[0] & 0x7f];
        }
    case 3:
        return rtc->s.ram[BANK + rtc->s.index[1]];
    default:
        return 0xff;                            /* the index is write-only */
    }
}

/* Register C is cleared by reading. */
static bool rtc_peek(void *dev, u64 offset, int size, u64 *value)
{
    const struct mc146818 *rtc = dev;
    u8 index = rtc->s.index[0] & 0x7f;
    bool plain = offset != 1 || index != REG_C;
    *value = plain ? rtc_read(dev, offset, size) : 0;
    return plain;
}

static void rtc_write(void *dev, u64 offset, u64 value, int size)
{
    struct mc146818 *rtc = dev;
    u8 v = (u8)value, index = rtc->s.index[0] & 0x7f;
    (void)size;
    switch (offset) {
    case 0:
        rtc->s.index[0] = v;
        line_set(&rtc->nmi_mask, v & NMI_MASK);
        break;
    case 2: rtc->s.index[1] = v & 0x7f; break;
    case 3: rtc->s.ram[BANK + rtc->s.index[1]] = v; break;
    default:
        if (index == REG_A)
            write_a(rtc, v);
        else if (index == REG_B)
            write_b(rtc, v);
        else if (index != REG_C && index != REG_D)
            rtc->s.ram[index] = v;
    }
}

/* RESET ends the interrupts; time and memory live on the battery. */
static void rtc_reset(void *dev)
{
    struct mc146818 *rtc = dev;
    rtc->s.ram[REG_B] &= (u8)~(B_PIE | B_AIE | B_UIE | B_SQWE);
    rtc->s.ram[REG_C] = 0;
    if (divider_runs(rtc))
        rtc->s.periodic_seen = divider(rtc);
    rtc->s.index[0] = NMI_MASK;                 /* 82371SB data sheet, "NMIEN": the default */
    rtc->s.index[1] = 0;
    line_set(&rtc->nmi_mask, true);
    if (rtc->update.when == TIMER_OFF)
        schedule_update(rtc);
    schedule_periodic(rtc);
    update_irq(rtc);
}

static void rtc_restored(void *dev)
{
    struct mc146818 *rtc = dev;
    line_set(&rtc->irq, rtc->s.ram[REG_C] & C_IRQF);
    line_set(&rtc->alarm, rtc->s.ram[REG_C] & rtc->s.ram[REG_B] & C_AF);
    line_set(&rtc->nmi_mask, rtc->s.index[0] & NMI_MASK);
}

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    const struct mc146818 *rtc = dev;
    u8 b = rtc->s.ram[REG_B], c = rtc->s.ram[REG_C];
    (void)output;
    if (high)
        snprintf(text, n, "register C holds%s%s%s; reading it ends that", c & b & C_PF ? " PF" : "", c & b & C_AF ? " AF" : "",
                 c & b & C_UF ? " UF" : "");
    else if (!(b & (B_PIE | B_AIE | B_UIE)))
        snprintf(text, n, "register B enables no interrupt (PIE, AIE and UIE are clear)");
    else if (!divider_runs(rtc))
        snprintf(text, n, "register A (%02x) holds the divider: the clock stands", rtc->s.ram[REG_A]);
    else if (!(b & (B_AIE | B_UIE)) && !(rtc->s.ram[REG_A] & A_RS))
        snprintf(text, n, "PIE is set, but register A's rate is 0: no periodic interrupt");
    else if (b & B_SET)
        snprintf(text, n, "register B's SET holds the time: no update, no alarm");
    else
        snprintf(text, n, "enabled (%s%s%s), and not due yet", b & B_PIE ? "PIE" : "", b & B_AIE ? " AIE" : "", b & B_UIE ? " UIE" : "");
}

static const char *const rates[16] = {
    "none", "256 Hz", "128 Hz", "8192 Hz", "4096 Hz", "2048 Hz", "1024 Hz", "512 Hz", "256 Hz", "128 Hz", "64 Hz", "32 Hz", "16 Hz", "8 Hz",
    "4 Hz", "2 Hz"
};
static const char *const dividers[8] = { "4.194 MHz", "1.049 MHz", "32.768 kHz", "test", "test", "test", "reset", "reset" };
static const struct bits a_bits[] = { BIT("UIP", 7), { "DV", 6, 4, dividers }, { "RS", 3, 0, rates }, BITS_END };
static const struct bits b_bits[] = {
    BIT("SET", 7), BIT("PIE", 6), BIT("AIE", 5), BIT("UIE", 4), BIT("SQWE", 3),
    { "DM", 2, 2, (const char *const[]) { "BCD", "binary" } }, { "24/12", 1, 1, (const char *const[]) { "12 hours", "24 hours" } },
    BIT("DSE", 0), BITS_END
};
static const struct bits c_bits[] = { BIT("IRQF", 7), BIT("PF", 6), BIT("AF", 5), BIT("UF", 4), BITS_END };
static const struct bits d_bits[] = { BIT("VRT", 7), BITS_END };
static const struct shown registers[] = {
    SHOWN(struct mc146818_state, ram[REG_B], "B", b_bits), SHOWN(struct mc146818_state, ram[REG_C], "C", c_bits),
    SHOWN(struct mc146818_state, ram[REG_D], "D", d_bits), SHOWN(struct mc146818_state, index[0], "index", NULL), SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    static const char *const days[8] = { "?", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
    const struct mc146818 *rtc = dev;
    const u8 *r = rtc->s.ram;
    int hours = decode(rtc, r[HOURS] & (r[REG_B] & B_24 ? 0xff : 0x7f));
    tell_register(out, "A", read_a(rtc), 2, a_bits);
    tell_line(out, "time", "%02d:%02d:%02d%s, %s %02d%02d-%02d-%02d", hours, decode(rtc, r[MINUTES]), decode(rtc, r[SECONDS]),
              r[REG_B] & B_24 ? "" : r[HOURS] & HOUR_PM ? " PM" : " AM", days[r[WEEKDAY] < 8 ? r[WEEKDAY] : 0], decode(rtc, r[CENTURY]),
              decode(rtc, r[YEAR]), decode(rtc, r[MONTH]), decode(rtc, r[DAY]));
    tell_line(out, "alarm", "%02x:%02x:%02x as written (C0 and above: any)", r[HOURS_ALARM], r[MINUTES_ALARM], r[SECONDS_ALARM]);
    tell_line(out, "NMI", "%s by bit 7 of the index", mc146818_nmi_masked(rtc) ? "masked" : "enabled");
    for (int at = 0; at < BANK; at += 16) {
        fprintf(out, "  CMOS %02x  ", at);
        for (int k = 0; k < 16; k++)
            fprintf(out, " %02x", r[at + k]);
        fputc('\n', out);
    }
}

static const struct device_class mc146818_class = {
    .name = "mc146818",
    .title = "real-time clock and CMOS RAM",
    .log = "timer",
    .size = sizeof(struct mc146818),
    .state_offset = offsetof(struct mc146818, s),
    .state_size = sizeof(struct mc146818_state),
    .fields = fields,
    .reset = rtc_reset,
    .restored = rtc_restored,
    .irq_why = irq_why,
    .registers = registers,
    .describe = describe,
};

/* The calendar from a count of days since 1 January 1970, a Thursday, by years of March to February: then the leap
 * day is a year's last and every month but that one has a fixed place. */
static void set_date(struct mc146818 *rtc, u64 days)
{
    u64 from_march_0 = days + 719468;           /* 1 March of the year 0 */
    u64 era = from_march_0 / 146097, in_era = from_march_0 % 146097;
    u64 year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    u64 in_year = in_era - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * in_year + 2) / 153), day = (int)(in_year - (153 * (u64)month + 2) / 5) + 1;
    month = month < 10 ? month + 3 : month - 9;
    year += era * 400 + (month <= 2);
    rtc->s.ram[WEEKDAY] = encode(rtc, (int)((days + 4) % 7) + 1);
    rtc->s.ram[DAY] = encode(rtc, day);
    rtc->s.ram[MONTH] = encode(rtc, month);
    rtc->s.ram[YEAR] = encode(rtc, (int)(year % 100));
    rtc->s.ram[CENTURY] = encode(rtc, (int)(year / 100 % 100));
}

struct mc146818 *mc146818_new(struct machine *m, u16 port, struct line irq, u64 epoch)
{
    struct mc146818 *rtc = device_new(m, &mc146818_class, "rtc");
    rtc->irq = irq;
    timer_init(m, &rtc->periodic, "rtc.periodic", rtc_periodic, rtc);
    timer_init(m, &rtc->update, "rtc.update", rtc_update, rtc);
    region_set_peek(port_claim(m, "rtc", port, 4, 1, rtc_read, rtc_write, rtc), rtc_peek);
    rtc->s.ram[REG_A] = A_DV_RUN | 6;           /* 1024 Hz */
    rtc->s.ram[REG_B] = B_24;
    rtc->s.ram[REG_D] = D_VRT;
    rtc->s.started = machine_now(m);
    rtc->s.ram[SECONDS] = encode(rtc, (int)(epoch % 60));
    rtc->s.ram[MINUTES] = encode(rtc, (int)(epoch / 60 % 60));
    rtc->s.ram[HOURS] = encode(rtc, (int)(epoch / 3600 % 24));
    set_date(rtc, epoch / 86400);
    schedule_update(rtc);
    return rtc;
}

void mc146818_set(struct mc146818 *rtc, int index, u8 v) { rtc->s.ram[index & 0xff] = v; }
u8 mc146818_get(const struct mc146818 *rtc, int index) { return rtc->s.ram[index & 0xff]; }
bool mc146818_nmi_masked(const struct mc146818 *rtc) { return rtc->s.index[0] & NMI_MASK; }

void mc146818_wire_nmi_mask(struct mc146818 *rtc, struct line nmi_mask)
{
    rtc->nmi_mask = nmi_mask;
    line_set(&rtc->nmi_mask, mc146818_nmi_masked(rtc));
}

void mc146818_wire_alarm(struct mc146818 *rtc, struct line alarm) { rtc->alarm = alarm; }
