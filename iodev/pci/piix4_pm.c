/* piix4_pm.c - power management. Intel 82371AB PCI-to-ISA / IDE Xcelerator (PIIX4) data sheet: "Power Management
 * Registers" (configuration space of function 3), "Power Management I/O Registers", "APMC, APMS"; ACPI Specification 1.0,
 * "ACPI Register Model".
 * Here: PM1 events (timer, global lock, power button, RTC alarm) and control, the 24-bit timer, soft-off, general-purpose event
 * registers, SMI on a write of APMC, by the global lock and, with SCI_EN clear, for the events.
 * SCI_EN is on from reset: the board has no legacy mode (its FADT says so: SMI_CMD is 0), and no firmware to switch it on.
 * The SMBus host answers that no device is there. Not yet: suspend states, device monitors, throttling. */
#include "piix4_pm.h"

enum { PM_PMBASE = 0x40, PM_DEVACTB = 0x58, PM_PMREGMISC = 0x80, PM_SMBBA = 0x90, PM_SMBHSTCFG = 0xd2 };
enum { PMREGMISC_PMIOSE = 0x01, SMBHSTCFG_ENABLE = 0x01, DEVACTB_APMC_EN = 1u << 25 };
enum {                          /* offsets from PMBASE */
    PMSTS = 0x00, PMEN = 0x02, PMCNTRL = 0x04, PMTMR = 0x08, GPSTS = 0x0c, GPEN = 0x0e, PCNTRL = 0x10, LVL2 = 0x14, LVL3 = 0x15,
    GLBSTS = 0x18, DEVSTS = 0x1c, GLBEN = 0x20, GLBCTL = 0x28, DEVCTL = 0x2c, GPIREG = 0x30, GPOREG = 0x34, PM_SIZE = 0x40
};
enum { TMROF_STS = 0x0001, GBL_STS = 0x0020, PWRBTN_STS = 0x0100, RTC_STS = 0x0400, RSM_STS = 0x8000 };
enum { PMSTS_BITS = TMROF_STS | GBL_STS | PWRBTN_STS | RTC_STS | RSM_STS | 0x0800, PMEN_BITS = 0x0521 };
enum { SCI_EN = 0x0001, GBL_RLS = 0x0004, SUS_EN = 0x2000, SUS_TYP_SHIFT = 10, PMCNTRL_BITS = 0x1c03 };
enum { GPSTS_BITS = 0x0f01 };
enum { APM_STS = 0x0020, BIOS_STS = 0x0002, BIOS_EN = 0x0002, GLBCTL_SMI_EN = 1, GLBCTL_BIOS_RLS = 2 };
enum { SMB_SIZE = 16, SMBHSTSTS = 0, SMBHSTCNT = 2, SMBHSTSTS_BITS = 0x1f, SMB_DEV_ERR = 0x04, SMB_START = 0x40 };
enum { PARKED_PORT = 0x10000 };
static const u64 PM_HZ = 3579545, NS = 1000000000;

struct piix4_pm {
    struct device dev;
    struct pci_function *pci;
    struct line sci, smi;
    struct timer overflow;
    struct region *io, *smbus_io;
    struct piix4_pm_state {
        u8 reg[PM_SIZE];                /* PMTMR's bytes are unused: the timer is the clock */
        u8 smbus[SMB_SIZE];
        u8 apmc, apms;
        u8 sci;                         /* level */
        u8 smi_event;                   /* an event asks for SMI# instead: SCI_EN is clear */
        u8 alarm;                       /* level of the clock's alarm */
    } s;
};

static const struct field fields[] = {
    FIELD_ARRAY(struct piix4_pm_state, reg),
    FIELD_ARRAY(struct piix4_pm_state, smbus),
    FIELD(struct piix4_pm_state, apmc),
    FIELD(struct piix4_pm_state, apms),
    FIELD(struct piix4_pm_state, sci),
    FIELD(struct piix4_pm_state, smi_event),
    FIELD(struct piix4_pm_state, alarm),
    FIELD_END
};

/* ---- the timer ---- */

static u64 ticks_at(u64 ns) { return ns / NS * PM_HZ + ns % NS * PM_HZ / NS; }

/* The first nanosecond at which the count is at least `ticks`. */
static u64 moment_of(u64 ticks)
{
    u64 rest = ticks % PM_HZ;
    return ticks / PM_HZ * NS + (rest * NS + PM_HZ - 1) / PM_HZ;
}

/* TMROF_STS is set whenever bit 23 changes. */
static void set_overflow(struct piix4_pm *pm)
{
    u64 half = 1u << 23, ticks = ticks_at(machine_now(pm->dev.machine));
    timer_set(&pm->overflow, moment_of((ticks / half + 1) * half));
}

static void raise_smi(struct piix4_pm *pm)
{
    if (!(pm->s.reg[GLBCTL] & GLBCTL_SMI_EN))
        return;
    line_set(&pm->smi, true);
    line_set(&pm->smi, false);
}

/* "SCI_EN": power management events raise SCI when it is set, SMI# when it is clear. */
static void update_sci(struct piix4_pm *pm)
{
    bool event = (get16(pm->s.reg + PMSTS) & get16(pm->s.reg + PMEN) & PMEN_BITS)
              || (get16(pm->s.reg + GPSTS) & get16(pm->s.reg + GPEN));
    bool level = event && (get16(pm->s.reg + PMCNTRL) & SCI_EN);
    bool smi = event && !level, rises = smi && !pm->s.smi_event;
    pm->s.sci = level;
    line_set(&pm->sci, level);
    pm->s.smi_event = smi;
    if (rises)
        raise_smi(pm);
}

static void overflow_fire(void *dev)
{
    struct piix4_pm *pm = dev;
    pm->s.reg[PMSTS] |= TMROF_STS;
    update_sci(pm);
    set_overflow(pm);
}

static void happened(struct piix4_pm *pm, u16 status)
{
    put16(pm->s.reg + PMSTS, get16(pm->s.reg + PMSTS) | status);
    update_sci(pm);
}

void piix4_pm_power_button(struct piix4_pm *pm) { happened(pm, PWRBTN_STS); }

/* "RTC_STS": the alarm, at the edge of its interrupt. */
static void alarm_set(void *dev, int pin, bool level)
{
    struct piix4_pm *pm = dev;
    (void)pin;
    if (level && !pm->s.alarm)
        happened(pm, RTC_STS);
    pm->s.alarm = level;
}

struct line piix4_pm_rtc_alarm(struct piix4_pm *pm) { return (struct line) { alarm_set, pm, 0 }; }

/* ---- the I/O registers ---- */

static u64 pm_read(void *dev, u64 offset, int size)
{
    struct piix4_pm *pm = dev;
    u8 timer[4];
    u64 value = 0;
    put32(timer, (u32)ticks_at(machine_now(pm->dev.machine)) & 0xffffff);
    for (int k = 0; k < size; k++) {
        u64 at = offset + (u64)k;
        u8 byte = at >= PMTMR && at < PMTMR + 4 ? timer[at - PMTMR] : pm->s.reg[at];
        value |= (u64)byte << (8 * k);
    }
    return value;
}

static void suspend(struct piix4_pm *pm, u32 type)
{
    if (type == 0) {
        dev_log(&pm->dev, "power", "soft-off");
        machine_request(pm->dev.machine, REQUEST_POWER_OFF, 0);
        return;
    }
    dev_log(&pm->dev, "unimp", "suspend type %u", type);
}

struct pm_byte { u8 writable, clears; };

/* What a write does to a byte of the register file. PMTMR, LVL2, LVL3 and GPIREG are read-only. */
static struct pm_byte byte_rule(u64 at)
{
    switch (at) {
    case PMSTS:      return (struct pm_byte) { 0, PMSTS_BITS & 0xff };
    case PMSTS + 1:  return (struct pm_byte) { 0, PMSTS_BITS >> 8 };
    case PMEN:       return (struct pm_byte) { PMEN_BITS & 0xff, 0 };
    case PMEN + 1:   return (struct pm_byte) { PMEN_BITS >> 8, 0 };
    case PMCNTRL:    return (struct pm_byte) { PMCNTRL_BITS & 0xff, 0 };
    case PMCNTRL + 1: return (struct pm_byte) { PMCNTRL_BITS >> 8, 0 };
    case GPSTS:      return (struct pm_byte) { 0, GPSTS_BITS & 0xff };
    case GPSTS + 1:  return (struct pm_byte) { 0, GPSTS_BITS >> 8 };
    case GPEN:       return (struct pm_byte) { GPSTS_BITS & 0xff, 0 };
    case GPEN + 1:   return (struct pm_byte) { GPSTS_BITS >> 8, 0 };
    case PCNTRL: case PCNTRL + 1: case PCNTRL + 2: case PCNTRL + 3:
    case GLBEN: case GLBEN + 1:
    case GLBCTL: case GLBCTL + 1: case GLBCTL + 2: case GLBCTL + 3:
    case DEVCTL: case DEVCTL + 1: case DEVCTL + 2: case DEVCTL + 3:
    case GPOREG: case GPOREG + 1: case GPOREG + 2: case GPOREG + 3:
        return (struct pm_byte) { 0xff, 0 };
    case GLBSTS: case GLBSTS + 1: case DEVSTS: case DEVSTS + 1: case DEVSTS + 2: case DEVSTS + 3:
        return (struct pm_byte) { 0, 0xff };
    default:
        return (struct pm_byte) { 0, 0 };
    }
}

/* "Global Lock": each side has a bit whose write tells the other one that the lock is free. */
static void release_lock(struct piix4_pm *pm, u64 at, u8 v)
{
    if (at == GLBCTL && (v & GLBCTL_BIOS_RLS)) {
        pm->s.reg[GLBCTL] &= (u8)~GLBCTL_BIOS_RLS;
        happened(pm, GBL_STS);
    }
    if (at == PMCNTRL && (v & GBL_RLS)) {
        pm->s.reg[GLBSTS] |= BIOS_STS;
        if (pm->s.reg[GLBEN] & BIOS_EN)
            raise_smi(pm);
    }
}

static void pm_write(void *dev, u64 offset, u64 value, int size)
{
    struct piix4_pm *pm = dev;
    for (int k = 0; k < size; k++) {
        u64 at = offset + (u64)k;
        u8 v = (u8)(value >> (8 * k));
        struct pm_byte rule = byte_rule(at);
        pm->s.reg[at] = (u8)((pm->s.reg[at] & ~rule.writable & ~(v & rule.clears)) | (v & rule.writable));
        if (at == PMCNTRL + 1 && (v & SUS_EN >> 8))
            suspend(pm, v >> (SUS_TYP_SHIFT - 8) & 7);
        release_lock(pm, at, v);
    }
    update_sci(pm);
}

/* ---- APM control and status: ports B2 and B3 ---- */

static u64 apm_read(void *dev, u64 offset, int size)
{
    struct piix4_pm *pm = dev;
    (void)size;
    return offset ? pm->s.apms : pm->s.apmc;
}

static void apm_write(void *dev, u64 offset, u64 value, int size)
{
    struct piix4_pm *pm = dev;
    (void)size;
    if (offset) {
        pm->s.apms = (u8)value;
        return;
    }
    pm->s.apmc = (u8)value;
    if (!(pci_get(pm->pci, PM_DEVACTB, 4) & DEVACTB_APMC_EN))
        return;
    pm->s.reg[GLBSTS] |= APM_STS;
    dev_log(&pm->dev, "smm", "SMI by APMC = %02x", (u8)value);
    raise_smi(pm);
}

/* ---- the SMBus host: nobody on the bus ---- */

static u64 smbus_read(void *dev, u64 offset, int size)
{
    (void)size;
    return ((struct piix4_pm *)dev)->s.smbus[offset];
}

static void smbus_write(void *dev, u64 offset, u64 value, int size)
{
    struct piix4_pm *pm = dev;
    (void)size;
    if (offset == SMBHSTSTS) {
        pm->s.smbus[offset] &= (u8)~(value & SMBHSTSTS_BITS);
        return;
    }
    if (offset == SMBHSTCNT && (value & SMB_START))
        pm->s.smbus[SMBHSTSTS] |= SMB_DEV_ERR;          /* no acknowledge of the address */
    pm->s.smbus[offset] = (u8)(offset == SMBHSTCNT ? value & ~(u64)SMB_START : value);
}

/* ---- configuration ---- */

static void show(struct region *r, u32 base, u32 size, bool on)
{
    base &= 0xffff & ~(size - 1);
    if (!on || !base) {
        region_enable(r, 0);
        return;
    }
    region_move(r, base);
    region_enable(r, REGION_READ | REGION_WRITE);
}

static void config_written(void *dev, int offset, int size)
{
    struct piix4_pm *pm = dev;
    (void)offset, (void)size;
    show(pm->io, pci_get(pm->pci, PM_PMBASE, 4), PM_SIZE, pci_get(pm->pci, PM_PMREGMISC, 1) & PMREGMISC_PMIOSE);
    show(pm->smbus_io, pci_get(pm->pci, PM_SMBBA, 4), SMB_SIZE, pci_get(pm->pci, PM_SMBHSTCFG, 1) & SMBHSTCFG_ENABLE);
}

static void pm_reset(void *dev)
{
    struct piix4_pm *pm = dev;
    u8 alarm = pm->s.alarm;             /* the clock's, which has its own reset */
    memset(&pm->s, 0, sizeof pm->s);
    pm->s.alarm = alarm;
    pm->s.reg[PMCNTRL] = SCI_EN;
    put32(pm->s.reg + GPOREG, 0x7fffbfff);
    update_sci(pm);
    set_overflow(pm);
}

static void pm_restored(void *dev)
{
    struct piix4_pm *pm = dev;
    config_written(pm, 0, PCI_CONFIG_SIZE);
    line_set(&pm->sci, pm->s.sci);
}

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    const struct piix4_pm *pm = dev;
    u16 status = get16(pm->s.reg + PMSTS), enable = get16(pm->s.reg + PMEN);
    (void)output;
    if (high)
        snprintf(text, n, "PMSTS %04x and PMEN %04x meet; writing 1s to PMSTS ends it", status, enable);
    else if (!(get16(pm->s.reg + PMCNTRL) & SCI_EN))
        snprintf(text, n, "SCI_EN is clear: power management asks for SMI# instead");
    else
        snprintf(text, n, "of PMSTS %04x PMEN enables %04x", status, status & enable);
}

static const struct bits pmsts_bits[] = {
    BIT("RSM_STS", 15), BIT("PWRBTNOR_STS", 11), BIT("RTC_STS", 10), BIT("PWRBTN_STS", 8), BIT("GBL_STS", 5), BIT("BM_STS", 4),
    BIT("TMROF_STS", 0),
    BITS_END
};
static const struct bits pmen_bits[] = { BIT("RTC_EN", 10), BIT("PWRBTN_EN", 8), BIT("GBL_EN", 5), BIT("TMROF_EN", 0), BITS_END };
static const struct bits pmcntrl_bits[] = { BIT("SUS_EN", 13), { "SUS_TYP", 12, 10, NULL }, BIT("GBL_RLS", 2), BIT("BRLD_EN_BM", 1),
                                            { "", 0, 0, (const char *const[]) { "SMI#", "SCI_EN" } }, BITS_END };

static void describe(const void *dev, FILE *out)
{
    const struct piix4_pm *pm = dev;
    tell_register(out, "PMSTS", get16(pm->s.reg + PMSTS), 4, pmsts_bits);
    tell_register(out, "PMEN", get16(pm->s.reg + PMEN), 4, pmen_bits);
    tell_register(out, "PMCNTRL", get16(pm->s.reg + PMCNTRL), 4, pmcntrl_bits);
    tell_line(out, "PMTMR", "%06x", (u32)ticks_at(machine_now(pm->dev.machine)) & 0xffffff);
    tell_register(out, "GPSTS", get16(pm->s.reg + GPSTS), 4, NULL);
    tell_register(out, "GPEN", get16(pm->s.reg + GPEN), 4, NULL);
    tell_register(out, "GLBSTS", get16(pm->s.reg + GLBSTS), 4, NULL);
    tell_register(out, "GLBEN", get16(pm->s.reg + GLBEN), 4, NULL);
    tell_register(out, "GLBCTL", get32(pm->s.reg + GLBCTL), 8, NULL);
    tell_line(out, "APM", "control %02x, status %02x", pm->s.apmc, pm->s.apms);
    tell_line(out, "SCI", "%s", pm->s.sci ? "high" : "low");
}

static const struct device_class piix4_pm_class = {
    .name = "piix4_pm",
    .title = "82371AB power management",
    .log = "power",
    .size = sizeof(struct piix4_pm),
    .state_offset = offsetof(struct piix4_pm, s),
    .state_size = sizeof(struct piix4_pm_state),
    .fields = fields,
    .reset = pm_reset,
    .restored = pm_restored,
    .irq_why = irq_why,
    .describe = describe,
};

struct piix4_pm *piix4_pm_new(struct pci_bus *bus, int device, u16 apm_port, struct line sci, struct line smi)
{
    struct machine *m = ((struct device *)bus)->machine;
    struct space *ports = machine_ports(m);
    struct piix4_pm *pm = device_new(m, &piix4_pm_class, "pm");
    pm->sci = sci;
    pm->smi = smi;
    timer_init(m, &pm->overflow, "pm.overflow", overflow_fire, pm);
    pm->io = space_add_device(ports, "pm", PARKED_PORT, PM_SIZE, 0, 4, pm_read, pm_write, pm);
    region_set_cost(pm->io, BUS_PCI_NS);
    region_enable(pm->io, 0);
    pm->smbus_io = space_add_device(ports, "smbus", PARKED_PORT, SMB_SIZE, 0, 1, smbus_read, smbus_write, pm);
    region_set_cost(pm->smbus_io, BUS_PCI_NS);
    region_enable(pm->smbus_io, 0);
    port_claim(m, "pm.apm", apm_port, 2, 1, apm_read, apm_write, pm);
    pm->pci = pci_function_new(bus, device, 3, "pm.pci", &(struct pci_identity) {
        .vendor = 0x8086, .device = 0x7113, .class_code = 0x068000, .revision = 3, .interrupt_pin = 1,
        .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
    });
    pci_writable(pm->pci, PCI_COMMAND, 2, COMMAND_IO);
    pci_initial(pm->pci, PCI_STATUS, 2, 0x0280);
    pci_write_1_clears(pm->pci, PCI_STATUS, 2, 0x0800);
    pci_initial(pm->pci, PM_PMBASE, 4, 1);
    pci_writable(pm->pci, PM_PMBASE, 4, 0xffc0);
    for (int at = 0x44; at < 0x80; at += 4)
        pci_writable(pm->pci, at, 4, 0xffffffff);       /* CNTA, CNTB, GPICTL, DEVRESA to J, DEVACTA, DEVACTB */
    pci_writable(pm->pci, PM_PMREGMISC, 1, PMREGMISC_PMIOSE);
    pci_initial(pm->pci, PM_SMBBA, 4, 1);
    pci_writable(pm->pci, PM_SMBBA, 4, 0xfff0);
    pci_writable(pm->pci, PM_SMBHSTCFG, 4, 0xffffff0f);
    pci_on_write(pm->pci, config_written, pm);
    return pm;
}

bool piix4_pm_smi_waits(const struct piix4_pm *pm)
{
    return !(get16(pm->s.reg + PMCNTRL) & SCI_EN) && (get16(pm->s.reg + PMEN) & TMROF_STS) && (pm->s.reg[GLBCTL] & GLBCTL_SMI_EN);
}
