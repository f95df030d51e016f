/* i440fx.c - PCI and memory controller. Intel 440FX PCIset 82441FX data sheet: "PAM[6:0] Programmable Attribute Map
 * Registers", "SMRAM System Management RAM Control Register".
 * Here: PAM 59-5F, SMRAM 72. The DRAM, buffer and error registers hold what is written and do nothing.
 * Not yet: the fixed hole of FDHC (68). */
#include "i440fx.h"

enum { PMC_PAM = 0x59, PMC_PAM_COUNT = 7, PMC_SMRAM = 0x72 };
enum { SMRAM_D_OPEN = 0x40, SMRAM_D_CLS = 0x20, SMRAM_D_LCK = 0x10, SMRAM_G_SMRAME = 0x08, SMRAM_C_BASE_SEG = 0x02 };
enum { SMRAM_SIZE = 0x20000 };
enum { PAM_READ = 1, PAM_WRITE = 2, SEGMENTS_PAM = 13, SHADOW_BASE = 0xc0000 };

struct i440fx {
    struct device dev;
    struct pci_function *pci;
    struct region *shadow[SEGMENTS_PAM];        /* by address: 12 of 16 KB from C0000, then F0000-FFFFF */
    struct ram *ram;
    u64 smram_base;
    struct region *open;                        /* SMRAM for everybody: D_OPEN */
    struct region *smram[I440FX_PROCESSORS];    /* in each processor's view */
    int processors;
    struct i440fx_state {
        u8 smiact;                              /* a bit a processor */
        u8 locked;                              /* D_LCK was set: only a reset undoes it */
    } s;
};

static const struct field fields[] = {
    FIELD(struct i440fx_state, smiact),
    FIELD(struct i440fx_state, locked),
    FIELD_END
};

/* PAM0's high nibble is F0000-FFFFF; the nibbles of PAM1 to PAM6 are C0000-EFFFF in 16 KB steps, low nibble first. */
static int segment_attributes(const struct i440fx *pmc, int segment)
{
    if (segment == SEGMENTS_PAM - 1)
        return (int)pci_get(pmc->pci, PMC_PAM, 1) >> 4;
    return (int)pci_get(pmc->pci, PMC_PAM + 1 + segment / 2, 1) >> (segment & 1 ? 4 : 0);
}

static void show_shadow(struct i440fx *pmc)
{
    space_begin(machine_memory(pmc->dev.machine));
    for (int k = 0; k < SEGMENTS_PAM; k++) {
        int a = segment_attributes(pmc, k);
        region_enable(pmc->shadow[k], (a & PAM_READ ? REGION_READ : 0) | (a & PAM_WRITE ? REGION_WRITE : 0));
    }
    space_commit(machine_memory(pmc->dev.machine));
}

/* "SMRAM": with G_SMRAME, the DRAM behind the video window answers a processor in SMM, or everybody while it is open. D_CLS lets data
 * accesses pass to the video memory even in SMM; instruction fetches are not told apart here, and nobody runs code from
 * SMRAM while it is closed without expecting his data there too. */
static void show_smram(struct i440fx *pmc)
{
    u32 r = pci_get(pmc->pci, PMC_SMRAM, 1);
    int there = r & SMRAM_G_SMRAME ? REGION_READ | REGION_WRITE : 0;
    region_enable(pmc->open, r & SMRAM_D_OPEN ? there : 0);
    for (int k = 0; k < pmc->processors; k++)
        region_enable(pmc->smram[k], (pmc->s.smiact >> k & 1) && !(r & SMRAM_D_CLS) ? there : 0);
}

/* D_LCK: D_OPEN becomes 0 and the register read-only until reset; C_BASE_SEG is hardwired to 010. */
static void write_smram(struct i440fx *pmc)
{
    u32 r = pci_get(pmc->pci, PMC_SMRAM, 1);
    if (r & SMRAM_D_LCK) {
        pmc->s.locked = 1;
        pci_set(pmc->pci, PMC_SMRAM, 1, r & ~(u32)SMRAM_D_OPEN);
        pci_writable(pmc->pci, PMC_SMRAM, 1, 0);
    }
    show_smram(pmc);
}

static void config_written(void *dev, int offset, int size)
{
    struct i440fx *pmc = dev;
    if (offset < PMC_PAM + PMC_PAM_COUNT && offset + size > PMC_PAM)
        show_shadow(pmc);
    if (offset <= PMC_SMRAM && offset + size > PMC_SMRAM)
        write_smram(pmc);
}

static void smiact_set(void *dev, int pin, bool level)
{
    struct i440fx *pmc = dev;
    pmc->s.smiact = (u8)((pmc->s.smiact & ~(1 << pin)) | level << pin);
    show_smram(pmc);
}

struct line i440fx_add_processor(struct i440fx *pmc, struct space *view)
{
    int pin = pmc->processors++;
    assert(pin < I440FX_PROCESSORS);
    pmc->smram[pin] = space_add_ram(view, "smram", pmc->smram_base, SMRAM_SIZE, PRIORITY_SMRAM, pmc->ram, pmc->smram_base, true, 0);
    return (struct line) { smiact_set, pmc, pin };
}

enum { SMRAM_WRITABLE = SMRAM_D_OPEN | SMRAM_D_CLS | SMRAM_D_LCK | SMRAM_G_SMRAME };

static void pmc_reset(void *dev)
{
    struct i440fx *pmc = dev;
    pmc->s.smiact = pmc->s.locked = 0;
    pci_writable(pmc->pci, PMC_SMRAM, 1, SMRAM_WRITABLE);
    pci_set(pmc->pci, PMC_SMRAM, 1, SMRAM_C_BASE_SEG);
    show_smram(pmc);
}

static void pmc_restored(void *dev)
{
    struct i440fx *pmc = dev;
    pci_writable(pmc->pci, PMC_SMRAM, 1, pmc->s.locked ? 0 : SMRAM_WRITABLE);
    show_shadow(pmc);
    show_smram(pmc);
}

static const struct bits smram_bits[] = {
    BIT("D_OPEN", 6), BIT("D_CLS", 5), BIT("D_LCK", 4), BIT("G_SMRAME", 3), { "C_BASE_SEG", 2, 0, NULL }, BITS_END
};

static void describe(const void *dev, FILE *out)
{
    static const char *const attributes[] = { "to PCI (ROM)", "reads from DRAM", "writes to DRAM", "DRAM" };
    const struct i440fx *pmc = dev;
    for (int k = 0; k < SEGMENTS_PAM; k++) {
        u32 first = k == SEGMENTS_PAM - 1 ? 0xf0000 : SHADOW_BASE + 0x4000 * (u32)k;
        tell_line(out, "PAM", "%05x-%05x: %s", first, first + (k == SEGMENTS_PAM - 1 ? 0xffff : 0x3fff),
                  attributes[segment_attributes(pmc, k) & 3]);
    }
    tell_register(out, "SMRAM", pci_get(pmc->pci, PMC_SMRAM, 1), 2, smram_bits);
    for (int k = 0; k < pmc->processors; k++)
        tell_line(out, "SMIACT#", "%s", pmc->s.smiact >> k & 1 ? "active" : "inactive");
}

static const struct device_class i440fx_class = {
    .name = "i440fx",
    .title = "82441FX host bridge",
    .size = sizeof(struct i440fx),
    .state_offset = offsetof(struct i440fx, s),
    .state_size = sizeof(struct i440fx_state),
    .fields = fields,
    .reset = pmc_reset,
    .restored = pmc_restored,
    .describe = describe,
};

static const char *const segment_name[SEGMENTS_PAM] = {
    "shadow.c0000", "shadow.c4000", "shadow.c8000", "shadow.cc000", "shadow.d0000", "shadow.d4000", "shadow.d8000",
    "shadow.dc000", "shadow.e0000", "shadow.e4000", "shadow.e8000", "shadow.ec000", "shadow.f0000"
};

struct i440fx *i440fx_new(struct pci_bus *bus, struct ram *ram, u64 smram)
{
    struct machine *m = ((struct device *)bus)->machine;
    struct space *memory = machine_memory(m);
    struct i440fx *pmc = device_new(m, &i440fx_class, "host");
    pmc->pci = pci_function_new(bus, 0, 0, "host.pci", &(struct pci_identity) {
        .vendor = 0x8086, .device = 0x1237, .class_code = 0x060000, .revision = 2,
        .subsystem_vendor = 0x1af4, .subsystem = 0x1100,    /* SeaBIOS and guests know the virtual machine by it */
    });
    for (u32 k = 0; k < SEGMENTS_PAM; k++) {
        u64 base = SHADOW_BASE + k * 0x4000, size = k == SEGMENTS_PAM - 1 ? 0x10000 : 0x4000;
        pmc->shadow[k] = space_add_ram(memory, segment_name[k], base, size, PRIORITY_SHADOW, ram, base, true, 0);
    }
    pmc->ram = ram;
    pmc->smram_base = smram;
    pmc->open = space_add_ram(memory, "smram.open", smram, SMRAM_SIZE, PRIORITY_SMRAM, ram, smram, true, 0);
    pci_initial(pmc->pci, PCI_COMMAND, 2, COMMAND_MEMORY | COMMAND_MASTER);
    pci_writable(pmc->pci, PCI_COMMAND, 2, 0x0140);         /* parity errors, SERR# */
    pci_initial(pmc->pci, PCI_STATUS, 2, 0x0280);
    pci_write_1_clears(pmc->pci, PCI_STATUS, 2, 0x7100);
    pci_writable(pmc->pci, PCI_LATENCY_TIMER, 1, 0xf8);
    pci_writable(pmc->pci, 0x50, 4, 0xffffffff);            /* PMCCFG, DETURBO, DBC, ... */
    pci_writable(pmc->pci, 0x54, 4, 0xffffffff);
    pci_writable(pmc->pci, 0x58, 1, 0xff);
    for (int k = 0; k < PMC_PAM_COUNT; k++)
        pci_writable(pmc->pci, PMC_PAM + k, 1, k ? 0x33 : 0x30);
    for (int at = 0x60; at < 0x68; at += 4)
        pci_writable(pmc->pci, at, 4, 0xffffffff);          /* DRAM row boundaries */
    pci_initial(pmc->pci, PMC_SMRAM, 1, SMRAM_C_BASE_SEG);
    pci_on_write(pmc->pci, config_written, pmc);
    return pmc;
}
