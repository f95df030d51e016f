/* pc.c - the board, as a schematic: the one file that knows addresses and wires.
 * An i440FX PC as Intel's 82440FX PCIset design guide draws it, with the devices that guests expect on it: 82441FX host
 * bridge, 82371SB (ISA bridge, IDE), 82371AB's power management, VGA on PCI, and the AT's chips behind them.
 * Here: one processor; interrupts through the two 8259A and, with a processor that has an APIC, through an 82093AA (pc_apics.c).
 * Not yet: USB, network, sound. */
#include "pc.h"
#include "../../cpu/cpu.h"
#include "../../cpu/cpuid.h"
#include "../firmware/acpi.h"
#include "../isa/debug_ports.h"
#include "../isa/ferr.h"
#include "../firmware/fw_cfg.h"
#include "../pci/i440fx.h"
#include "../input/i8042.h"
#include "../storage/i82077aa.h"
#include "../isa/i8237.h"
#include "../isa/i8254.h"
#include "../isa/i8259.h"
#include "../storage/ide.h"
#include "../image/image.h"
#include "../isa/mc146818.h"
#include "pc_apics.h"
#include "../pci/piix3.h"
#include "../pci/piix4_pm.h"
#include "../isa/port61.h"
#include "../isa/port92.h"
#include "../input/ps2_keyboard.h"
#include "../input/ps2_mouse.h"
#include "../image/stream.h"
#include "../isa/uart16550.h"
#include "../display/vga.h"
#include "../machine/wires.h"
#include <stdio.h>

enum {                                          /* PCI device numbers */
    SLOT_HOST = 0, SLOT_PIIX = 1, SLOT_VGA = 2, IDE_FUNCTION = 1,
};
enum {                                          /* drivers of a shared wire: see wires.h */
    FROM_ISA, FROM_PIRQ, FROM_PM, FROM_8042 = 0, FROM_PORT92 = 1
};
enum { FAST_DRIVES = 50 };                      /* times faster than real ones */
enum { VIDEO = 0xa0000 };                       /* behind it in the same DRAM: SMRAM */
enum { ISA_VIDEO_ROM = 0xc0000 };               /* IBM AT Technical Reference, "ROM scan" */
enum { ISA_ROMS = 0xd0000, ISA_ROMS_SIZE = 0x10000, ISA_ROM_STEP = 0x800 };
enum { SCI_IRQ = 9, PM_BASE = 0x600 };          /* where SeaBIOS puts the PM registers */
static const u64 MB = 1 << 20;
static const u64 LOW_END = 0xa0000, HIGH_START = 0x100000;
/* RAM below 4 GB ends here if there is more than fits under the firmware's PCI hole; SeaBIOS puts the hole behind it. */
static const u64 LOW_MAX = 0xe0000000, LOW_IF_MORE = 0xc0000000, FOUR_GB = 1ull << 32;

struct pc {
    struct machine *machine;
    struct ram *ram, *bios, *isa_roms;
    u64 low_ram, high_ram;                      /* bytes below and above 4 GB */
    struct wires *wires;
    struct i8259 *master, *slave;
    struct pc_apics *apics;                     /* NULL: a processor without them */
    struct pci_bus *pci;
    struct i440fx *host;
    struct piix3 *isa;
    struct piix4_pm *pm;
    struct ferr *ferr;
    struct i8254 *pit;
    struct mc146818 *rtc;
    struct i8042 *kbc;
    struct ps2_keyboard *keyboard;
    struct uart16550 *serial[PC_SERIALS];
    struct ide *ide;
    struct i82077aa *floppy;
    struct vga *vga;
    struct fw_cfg *fw;
    struct debug_ports *debug;
};

/* ---- who may wake a halted processor ---- */

static bool board_unmaskable(void *to)
{
    struct pc *pc = to;
    return debug_ports_wait(pc->debug) || piix4_pm_smi_waits(pc->pm) || (pc->apics && pc_apics_unmaskable(pc->apics));
}

/* ---- memory ---- */

static void add_ram(struct pc *pc, u64 size)
{
    struct space *memory = machine_memory(pc->machine);
    const int both = REGION_READ | REGION_WRITE;
    pc->low_ram = size < LOW_MAX ? size : LOW_IF_MORE;
    pc->high_ram = size - pc->low_ram;
    machine_add_ram(pc->machine, pc->ram);
    space_add_ram(memory, "ram.low", 0, LOW_END, PRIORITY_RAM, pc->ram, 0, true, both);
    if (pc->low_ram > HIGH_START)
        space_add_ram(memory, "ram", HIGH_START, pc->low_ram - HIGH_START, PRIORITY_RAM, pc->ram, HIGH_START, true, both);
    if (pc->high_ram)
        space_add_ram(memory, "ram.high", FOUR_GB, pc->high_ram, PRIORITY_RAM, pc->ram, pc->low_ram, true, both);
}

/* The ROM ends at 4 GB; its last 128 KB are also at E0000-FFFFF and, for a CPU that starts with A20 masked, 1 MB below 4 GB
 * (82371SB data sheet, "BIOS Memory"). */
static void add_bios(struct pc *pc, const void *image, size_t size, int address_lines)
{
    struct space *memory = machine_memory(pc->machine);
    const int both = REGION_READ | REGION_WRITE;
    u64 low = size < 0x20000 ? size : 0x20000;
    memcpy(pc->bios->host, image, size);
    space_add_ram(memory, "bios", FOUR_GB - size, size, PRIORITY_ROM, pc->bios, 0, false, both);
    space_add_ram(memory, "bios.1m", MB - low, low, PRIORITY_ROM, pc->bios, size - low, false, both);
    if (address_lines == 24)                    /* a 286 starts at FFFFF0h */
        space_add_ram(memory, "bios.16m", 16 * MB - low, low, PRIORITY_ROM, pc->bios, size - low, false, both);
    if (size <= MB)
        space_add_ram(memory, "bios.4g-1m", FOUR_GB - MB - low, low, PRIORITY_ROM, pc->bios, size - low, false, both);
}

static u64 isa_rom_step(u64 bytes) { return (bytes + ISA_ROM_STEP - 1) / ISA_ROM_STEP * ISA_ROM_STEP; }

/* Option ROMs of ISA adapters: IBM PC AT Technical Reference, "ROM scan". */
static void add_isa_roms(struct pc *pc, const struct pc_config *config)
{
    u64 at = 0;
    if (!config->isa_roms)
        return;
    memset(pc->isa_roms->host, 0xff, ISA_ROMS_SIZE);
    for (int k = 0; k < config->isa_roms; k++) {
        const struct pc_file *rom = &config->isa_rom[k];
        memcpy(pc->isa_roms->host + at, rom->data, rom->size);
        at += isa_rom_step(rom->size);
    }
    space_add_ram(machine_memory(pc->machine), "isa.roms", ISA_ROMS, ISA_ROMS_SIZE, PRIORITY_ROM, pc->isa_roms, 0, false,
                  REGION_READ | REGION_WRITE);
}

/* ---- what the firmware reads ---- */

enum {                                          /* CMOS RAM: IBM AT Technical Reference, and SeaBIOS's additions */
    CMOS_FLOPPY_TYPES = 0x10, CMOS_DISK_TYPES = 0x12, CMOS_DISK_TYPE_C = 0x19, CMOS_DISK_C = 0x1b,
    CMOS_EQUIPMENT = 0x14, CMOS_BASE_MEMORY = 0x15, CMOS_EXTENDED_MEMORY = 0x17,
    CMOS_EXTENDED_MEMORY_FOUND = 0x30, CMOS_ABOVE_16M = 0x34, CMOS_BOOT_FLAG_1 = 0x38, CMOS_TRANSLATION = 0x39,
    CMOS_BOOT_FLAG_2 = 0x3d, CMOS_ABOVE_4G = 0x5b, CMOS_CPUS = 0x5f
};
enum { CMOS_CHECKED = 0x10, CMOS_CHECKSUM = 0x2e };     /* the sum of all bytes between, its high byte first */
enum { EQUIPMENT_FLOPPY = 0x01, EQUIPMENT_FPU = 0x02, EQUIPMENT_MOUSE = 0x04, EQUIPMENT_FLOPPIES_SHIFT = 6 };
enum { FLOPPY_NONE = 0, FLOPPY_1440K = 4 };
enum { BOOT_UNSIGNED = 1, DISK_TYPE_EXTENDED = 15, DISK_TYPE_OWN = 47, DISK_BYTES = 9 };

static void cmos_set16(struct pc *pc, int index, u64 v)
{
    mc146818_set(pc->rtc, index, (u8)v);
    mc146818_set(pc->rtc, index + 1, (u8)(v >> 8));
}

static u64 at_most(u64 v, u64 most) { return v < most ? v : most; }

static void cmos_memory(struct pc *pc)
{
    u64 extended = (pc->low_ram - MB) >> 10, above_16m = pc->low_ram > 16 * MB ? (pc->low_ram - 16 * MB) >> 16 : 0;
    cmos_set16(pc, CMOS_BASE_MEMORY, LOW_END >> 10);
    cmos_set16(pc, CMOS_EXTENDED_MEMORY, at_most(extended, 0xffff));
    cmos_set16(pc, CMOS_EXTENDED_MEMORY_FOUND, at_most(extended, 0xffff));
    cmos_set16(pc, CMOS_ABOVE_16M, at_most(above_16m, 0xffff));
    cmos_set16(pc, CMOS_ABOVE_4G, pc->high_ram >> 16);
    mc146818_set(pc->rtc, CMOS_ABOVE_4G + 2, (u8)(pc->high_ram >> 32));
    mc146818_set(pc->rtc, CMOS_CPUS, 0);
}

/* A drive that the image was made for; drive A is there even when empty. */
static u8 floppy_type(const struct pc_config *config, int unit)
{
    const struct image *image = config->floppy[unit];
    if (image && image_floppy_format(image))
        return image_floppy_format(image)->drive_type;
    return image || unit == 0 ? FLOPPY_1440K : FLOPPY_NONE;
}

const char pc_boot_letters[] = "acdn";

/* The boot order: three nibbles of 1 floppy, 2 disk, 3 CD, 4 network, the first in the low nibble of the second flag. */
static void cmos_boot(struct pc *pc, const char *order, bool boot_unsigned)
{
    u8 place[3] = { 0 };
    int n = 0;
    for (; *order && n < 3; order++)
        place[n++] = (u8)(strchr(pc_boot_letters, *order) - pc_boot_letters + 1);
    mc146818_set(pc->rtc, CMOS_BOOT_FLAG_2, (u8)(place[0] | place[1] << 4));
    mc146818_set(pc->rtc, CMOS_BOOT_FLAG_1, (u8)(place[2] << 4 | (boot_unsigned ? BOOT_UNSIGNED : 0)));
}

/* The disks C: and D: as a PC's setup leaves them: type 47 with its parameters. SeaBIOS asks the drives themselves, and takes
 * only the translation from here; other systems look. */
static void cmos_disks(struct pc *pc, const struct pc_config *config)
{
    int translation = 0, types = 0;
    for (int k = 0; k < PC_DRIVES; k++) {
        const struct image *image = config->drive[k].cd ? NULL : config->drive[k].image;
        if (!image)
            continue;
        struct image_chs chs = image_chs(image);
        translation |= (int)disk_translation_of(image_geometry(image)) << (2 * k);
        if (k > 1)
            continue;
        int at = CMOS_DISK_C + DISK_BYTES * k;
        types |= DISK_TYPE_EXTENDED << (k ? 0 : 4);
        mc146818_set(pc->rtc, CMOS_DISK_TYPE_C + k, DISK_TYPE_OWN);
        cmos_set16(pc, at, chs.cylinders);
        mc146818_set(pc->rtc, at + 2, (u8)chs.heads);
        cmos_set16(pc, at + 3, 0xffff);                 /* no precompensation */
        mc146818_set(pc->rtc, at + 5, (u8)(0xc0 | (chs.heads > 8) << 3));
        cmos_set16(pc, at + 6, chs.cylinders);          /* landing zone */
        mc146818_set(pc->rtc, at + 8, (u8)chs.sectors);
    }
    mc146818_set(pc->rtc, CMOS_DISK_TYPES, (u8)types);
    mc146818_set(pc->rtc, CMOS_TRANSLATION, (u8)translation);
}

static void cmos_checksum(struct pc *pc)
{
    u32 sum = 0;
    for (int k = CMOS_CHECKED; k < CMOS_CHECKSUM; k++)
        sum += mc146818_get(pc->rtc, k);
    mc146818_set(pc->rtc, CMOS_CHECKSUM, (u8)(sum >> 8));
    mc146818_set(pc->rtc, CMOS_CHECKSUM + 1, (u8)sum);
}

static void fill_cmos(struct pc *pc, const struct pc_config *config)
{
    u8 a = floppy_type(config, 0), b = floppy_type(config, 1);
    int floppies = (a != FLOPPY_NONE) + (b != FLOPPY_NONE);
    u8 equipment = EQUIPMENT_FPU | EQUIPMENT_MOUSE;
    if (floppies)
        equipment |= (u8)(EQUIPMENT_FLOPPY | (floppies - 1) << EQUIPMENT_FLOPPIES_SHIFT);
    cmos_memory(pc);
    cmos_boot(pc, config->boot_order ? config->boot_order : "adc", config->boot_unsigned);
    cmos_disks(pc, config);
    mc146818_set(pc->rtc, CMOS_FLOPPY_TYPES, (u8)(a << 4 | b));
    mc146818_set(pc->rtc, CMOS_EQUIPMENT, equipment);
    cmos_checksum(pc);
}

static size_t e820_entry(u8 *at, u64 base, u64 size)
{
    enum { E820_RAM = 1 };
    put64(at, base);
    put64(at + 8, size);
    put32(at + 16, E820_RAM);
    return 20;
}

/* SeaBIOS takes the geometry that INT 13h shows from the file bios-geometry: a drive's path, cylinders, heads, sectors. */
static void add_bios_geometry(struct pc *pc, const struct pc_config *config)
{
    char lines[PC_DRIVES * 80] = "";
    for (int k = 0; k < PC_DRIVES; k++) {
        const struct image *image = config->drive[k].cd ? NULL : config->drive[k].image;
        size_t n = strlen(lines);
        if (!image || !image_geometry(image)->bios.heads)
            continue;
        struct image_chs chs = image_geometry(image)->bios;
        snprintf(lines + n, sizeof lines - n, "%s/pci@i0cf8/ide@%x,%x/drive@%x/disk@%x %u %u %u", n ? "\n" : "", SLOT_PIIX,
                 IDE_FUNCTION, k / 2, k % 2, chs.cylinders, chs.heads, chs.sectors);
    }
    if (*lines)
        fw_cfg_add_file(pc->fw, "bios-geometry", lines, strlen(lines));
}

static void fill_fw_cfg(struct pc *pc, const struct pc_config *config)
{
    static const u8 for_ever[4] = { 0xff, 0xff, 0xff, 0xff };
    u8 e820[40], numa[16] = { 0 };
    size_t n = e820_entry(e820, 0, pc->low_ram);
    if (pc->high_ram)
        n += e820_entry(e820 + n, FOUR_GB, pc->high_ram);
    fw_cfg_add_u64(pc->fw, FW_CFG_RAM_SIZE, pc->low_ram + pc->high_ram);
    fw_cfg_add_u16(pc->fw, FW_CFG_NOGRAPHIC, 0);
    fw_cfg_add_u16(pc->fw, FW_CFG_NB_CPUS, 1);
    fw_cfg_add_u16(pc->fw, FW_CFG_MAX_CPUS, 1);
    fw_cfg_add_u16(pc->fw, FW_CFG_BOOT_MENU, config->boot_menu);
    fw_cfg_add(pc->fw, FW_CFG_UUID, numa, 16);
    fw_cfg_add(pc->fw, FW_CFG_NUMA, numa, 16);
    fw_cfg_add_file(pc->fw, "etc/e820", e820, n);
    fw_cfg_add_file(pc->fw, "etc/boot-fail-wait", for_ever, sizeof for_ever);   /* SeaBIOS: do not try again each minute */
    if (config->boot_first)
        fw_cfg_add_file(pc->fw, "bootorder", config->boot_first, strlen(config->boot_first) + 1);
    acpi_add(pc->fw, &(struct acpi_config) { .pm_base = PM_BASE, .sci_irq = SCI_IRQ, .apics = pc_apics_map(pc->apics),
                                               .pci_hole = (u32)pc->low_ram });
    add_bios_geometry(pc, config);
    for (int k = 0; k < config->files; k++)
        fw_cfg_add_file(pc->fw, config->file[k].name, config->file[k].data, config->file[k].size);
}

/* ---- the schematic ---- */

/* An interrupt's wire for output number `output` of the device `id`. */
static struct line irq_of(struct pc *pc, int n, int source, const char *id, int output)
{
    wires_name(pc->wires, n, source, id, output);
    return wires_in(pc->wires, n, source);
}

static struct line irq(struct pc *pc, int n, int source, const char *id) { return irq_of(pc, n, source, id, 0); }
static struct line pin(struct pc *pc, enum cpu_pin pin) { return cpu_pin(machine_cpu(pc->machine), pin); }

/* The two interrupt controllers, the APICs, and the shared wires in front of them. */
static void wire_interrupts(struct pc *pc, const struct cpu_model *model)
{
    struct machine *m = pc->machine;
    struct line out[WIRES] = { 0 };
    pc->apics = pc_apics_new(m, model, SCI_IRQ);
    pc->master = i8259_new(m, "pic1", 0x20, 0x4d0, 0xf8, pc->apics ? pc_apics_int(pc->apics) : pin(pc, PIN_INTR), true);
    if (pc->apics)
        pc_apics_set_pic(pc->apics, pc->master);
    pc->slave = i8259_new(m, "pic2", 0xa0, 0x4d1, 0xde, i8259_input(pc->master, 2), false);
    i8259_cascade(pc->master, 2, pc->slave);
    for (int k = 0; k < 16; k++)
        if (k != 2)
            out[k] = i8259_input(k < 8 ? pc->master : pc->slave, k & 7);
    for (int k = 0; k < 16 && pc->apics; k++)
        out[k] = pc_apics_irq(pc->apics, k, out[k]);
    out[WIRE_A20] = pin(pc, PIN_A20M);
    pc->wires = wires_new(m, out);
    if (pc->apics)
        pc_apics_add_hpet(pc->apics, irq(pc, 0, FROM_ISA, "pit"), irq(pc, 8, FROM_ISA, "rtc"));
}

/* The PCI bus: host bridge, and the PIIX with its interrupt router and power management. */
static void wire_pci(struct pc *pc)
{
    struct machine *m = pc->machine;
    struct line pirq_irq[16], pirq[PCI_PIRQS];
    for (int k = 0; k < 16; k++)
        pirq_irq[k] = irq(pc, k, FROM_PIRQ, "pci");
    pc->isa = piix3_new(m, pirq_irq, pin(pc, PIN_INIT));
    for (int k = 0; k < PCI_PIRQS; k++)
        pirq[k] = pc->apics ? pc_apics_pirq(pc->apics, k, piix3_pirq(pc->isa, k)) : piix3_pirq(pc->isa, k);
    pc->pci = pci_bus_new(m, 0xcf8, pirq);
    pc->host = i440fx_new(pc->pci, pc->ram, VIDEO);
    piix3_attach(pc->isa, pc->pci, SLOT_PIIX);
    pc->pm = piix4_pm_new(pc->pci, SLOT_PIIX, 0xb2, irq(pc, SCI_IRQ, FROM_PM, "pm"), pin(pc, PIN_SMI));
}

/* The AT's chips. */
static void wire_isa(struct pc *pc, const struct pc_config *config)
{
    static const struct debug_ports_at debug_at = { .text = 0xe9, .text_seabios = 0x402, .iochk = 0xea, .exit = 0xf4, .post = 0x80 };
    struct machine *m = pc->machine;
    pc->pit = i8254_new(m, 0x40, pc->apics ? pc_apics_pit(pc->apics) : irq(pc, 0, FROM_ISA, "pit"));
    struct port61 *port61 = port61_new(m, 0x61, pc->pit, pc->apics ? pc_apics_nmi(pc->apics) : pin(pc, PIN_NMI));
    pc->rtc = mc146818_new(m, 0x70, pc->apics ? pc_apics_rtc(pc->apics) : irq(pc, 8, FROM_ISA, "rtc"), config->machine.rtc_epoch);
    mc146818_wire_alarm(pc->rtc, piix4_pm_rtc_alarm(pc->pm));
    mc146818_wire_nmi_mask(pc->rtc, port61_nmi_mask(port61));
    struct i8237 *dma = i8237_new(m, 0x00, 0xc0, 0x80);
    pc->ferr = ferr_new(m, 0xf0, irq(pc, 13, FROM_ISA, "ferr"), pin(pc, PIN_IGNNE));
    pc->kbc = i8042_new(m, 0x60, irq(pc, 1, FROM_ISA, "kbc"), irq_of(pc, 12, FROM_ISA, "kbc", 1),
                        wires_in(pc->wires, WIRE_A20, FROM_8042), pin(pc, PIN_INIT));
    port92_new(m, 0x92, wires_in(pc->wires, WIRE_A20, FROM_PORT92), pin(pc, PIN_INIT));
    pc->keyboard = ps2_keyboard_new(m, pc->kbc);
    ps2_mouse_new(m, pc->kbc);
    pc->serial[0] = uart16550_new(m, "com1", 0x3f8, irq(pc, 4, FROM_ISA, "com1"), 0);
    pc->serial[1] = uart16550_new(m, "com2", 0x2f8, irq(pc, 3, FROM_ISA, "com2"), 1);
    for (int k = 0; k < PC_SERIALS; k++)
        uart16550_connect(pc->serial[k], config->serial[k]);
    pc->floppy = i82077aa_new(m, 0x3f0, irq(pc, 6, FROM_ISA, "fdc"), dma, 2);
    i82077aa_set_post(pc->floppy, 0xdf, 0x02);          /* as a PC's POST says SPECIFY: 3 ms a step, DMA; SeaBIOS does not */
    pc->debug = debug_ports_new(m, &debug_at, config->debugcon);
    debug_ports_wire_iochk(pc->debug, port61_iochk(port61));
}

static void wire_storage(struct pc *pc, const struct pc_config *config)
{
    static const struct ide_at at = { .command = { 0x1f0, 0x170 }, .control = { 0x3f6, 0x376 } };
    pc->ide = ide_new(pc->machine, &at, pc->pci, SLOT_PIIX, IDE_FUNCTION, irq(pc, 14, FROM_ISA, "ide0"),
                      irq(pc, 15, FROM_ISA, "ide1"));
    for (int k = 0; k < PC_DRIVES; k++) {
        if (config->drive[k].cd)
            ide_attach_cd(pc->ide, k / 2, k % 2, config->drive[k].image);
        else if (config->drive[k].image)
            ide_attach_disk(pc->ide, k / 2, k % 2, config->drive[k].image);
    }
    if (config->fast_drives) {
        ide_set_hurry(pc->ide, FAST_DRIVES);
        i82077aa_set_hurry(pc->floppy, FAST_DRIVES);
    }
    for (int k = 0; k < PC_FLOPPIES; k++) {
        if (floppy_type(config, k) != FLOPPY_NONE)
            i82077aa_add_drive(pc->floppy, k, floppy_type(config, k));
        if (config->floppy[k])
            i82077aa_set_medium(pc->floppy, k, config->floppy[k]);
    }
}

/* ---- the person at the case ---- */

bool pc_medium(const struct pc *pc, int drive, struct pc_medium *out)
{
    int k = drive - PC_FLOPPIES;
    *out = (struct pc_medium){ .floppy = k < 0 };
    if (drive < 0 || drive >= PC_MEDIA)
        return false;
    if (out->floppy) {
        out->image = i82077aa_medium(pc->floppy, drive);
        return i82077aa_has_drive(pc->floppy, drive);
    }
    out->image = ide_image(pc->ide, k / 2, k % 2);
    return ide_cd_drive(pc->ide, k / 2, k % 2, &out->locked, &out->open);
}

struct image *pc_image(const struct pc *pc, int drive)
{
    int k = drive - PC_FLOPPIES;
    if (drive < 0 || drive >= PC_MEDIA)
        return NULL;
    return k < 0 ? i82077aa_medium(pc->floppy, drive) : ide_image(pc->ide, k / 2, k % 2);
}

void pc_load_medium(struct pc *pc, int drive, struct image *image)
{
    int k = drive - PC_FLOPPIES;
    if (k < 0)
        i82077aa_load_medium(pc->floppy, drive, image);
    else
        ide_load_cd(pc->ide, k / 2, k % 2, image);
}

/* A medium that its drive refuses is closed; whoever sent it looks at pc_medium() before. */
static void change_medium(struct pc *pc, const struct input_event *e)
{
    struct pc_medium m;
    int k = e->drive - PC_FLOPPIES;
    bool there = pc_medium(pc, e->drive, &m);
    bool fits = !e->image || image_kind(e->image) == (m.floppy ? IMAGE_FLOPPY : IMAGE_CD);
    log_event(machine_log(pc->machine), "disk", "drive %d: %s", e->drive, e->image ? image_name(e->image) : "medium taken out");
    if (!there || !fits)
        image_close(e->image);
    else if (m.floppy)
        i82077aa_set_medium(pc->floppy, e->drive, e->image);
    else if (!ide_change_cd(pc->ide, k / 2, k % 2, e->image, e->force))
        image_close(e->image);
}

static bool take_input(void *to, const struct input_event *e)
{
    struct pc *pc = to;
    switch (e->kind) {
    case INPUT_MEDIUM: change_medium(pc, e); return true;
    case INPUT_RESET:  machine_request(pc->machine, REQUEST_RESET, 0); return true;
    case INPUT_POWER:  piix4_pm_power_button(pc->pm); return true;
    default:           return false;
    }
}

/* Can there be such a machine? */
static bool check(const struct pc_config *c, char *error, size_t n)
{
    const char *order = c->boot_order ? c->boot_order : "";
    u64 size = c->machine.ram_size, roms = 0;
    size_t bad = strspn(order, pc_boot_letters);
    *error = 0;
    for (int k = 0; k < c->isa_roms; k++) {
        if (c->isa_rom[k].size > ISA_ROMS_SIZE - roms) {
            snprintf(error, n, "option ROM %s does not fit: it would end beyond DFFFFh", c->isa_rom[k].name);
            return false;
        }
        roms += isa_rom_step(c->isa_rom[k].size);
    }
    if (size < MB || size > PC_RAM_MAX)
        snprintf(error, n, "%llu MB of RAM cannot be had; -m takes 1M to 32G", (unsigned long long)(size / MB));
    else if (!c->bios_size || c->bios_size > 4 * MB || c->bios_size & 0xffff)
        snprintf(error, n, "the system BIOS is %zu bytes long; a multiple of 64 KB up to 4 MB is needed (-bios)", c->bios_size);
    else if (c->vgabios_size > MB)
        snprintf(error, n, "the video BIOS is %zu bytes long; an expansion ROM may have 1 MB", c->vgabios_size);
    else if (order[bad])
        snprintf(error, n, "boot order: \"%c\" is none of a (floppy), c (disk), d (CD), n (network)", order[bad]);
    return !*error;
}

/* The memory of the board. */
static bool get_memory(struct pc *pc, const struct pc_config *config, char *error, size_t n)
{
    pc->ram = ram_new("RAM", config->machine.ram_size);
    pc->bios = ram_new("BIOS", config->bios_size);
    pc->isa_roms = config->isa_roms ? ram_new("option ROMs", ISA_ROMS_SIZE) : NULL;
    if (pc->ram && pc->bios && (pc->isa_roms || !config->isa_roms))
        return true;
    snprintf(error, n, "cannot reserve %llu MB of host memory for the guest's %s; give the guest less with -m",
             (unsigned long long)(pc->ram ? config->bios_size : config->machine.ram_size) >> 20, pc->ram ? "BIOS" : "RAM");
    return false;
}

struct pc *pc_new(const struct pc_config *config, char *error, size_t n)
{
    if (!check(config, error, n))
        return NULL;
    struct pc *pc = xcalloc(1, sizeof *pc);
    if (!get_memory(pc, config, error, n)) {
        pc_free(pc);
        return NULL;
    }
    struct machine *m = pc->machine = machine_new(&config->machine);
    add_ram(pc, config->machine.ram_size);
    add_bios(pc, config->bios, config->bios_size, config->machine.model->physical_bits);
    wire_interrupts(pc, config->machine.model);
    wire_pci(pc);
    wire_isa(pc, config);
    pc->vga = vga_new(m, &(struct vga_at) { .memory = VIDEO, .mono = 0x3b4, .ports = 0x3c0, .dispi = 0x1ce });
    vga_attach_pci(pc->vga, pc->pci, SLOT_VGA, config->vgabios, config->isa_firmware ? 0 : config->vgabios_size);
    if (config->isa_firmware) {
        vga_attach_isa_rom(pc->vga, machine_memory(m), ISA_VIDEO_ROM, config->vgabios, config->vgabios_size);
        add_isa_roms(pc, config);
    }
    if (config->vga_irq)
        vga_wire_irq(pc->vga, irq(pc, 9, FROM_ISA, "vga"));
    machine_add_ram(m, vga_ram(pc->vga));
    wire_storage(pc, config);
    pc->fw = fw_cfg_new(m, 0x510);
    fill_fw_cfg(pc, config);
    fill_cmos(pc, config);
    struct cpu_outputs out = { .ferr = ferr_input(pc->ferr), .smiact = i440fx_add_processor(pc->host, cpu_memory(machine_cpu(m))),
                               .shutdown = piix3_shutdown(pc->isa), .intack = i8259_ack, .intack_dev = pc->master };
    if (pc->apics)
        pc_apics_answer(pc->apics, &out);
    cpu_wire(machine_cpu(m), &out);
    machine_on_halt(m, board_unmaskable, pc);
    machine_input_sink(m, take_input, pc);
    machine_reset(m);
    return pc;
}

void pc_free(struct pc *pc)
{
    if (!pc)
        return;
    machine_free(pc->machine);
    pc_apics_free(pc->apics);
    ram_free(pc->bios);
    ram_free(pc->isa_roms);
    ram_free(pc->ram);
    free(pc);
}

struct log *pc_log_classes(void)
{
    static const u8 rom[1 << 16];
    const struct pc_config bare = {
        .machine = { .ram_size = MB, .model = cpu_model_find("max") }, .bios = rom, .bios_size = sizeof rom,
    };
    char error[256];
    struct pc *pc = pc_new(&bare, error, sizeof error);
    if (!pc)
        vitrine_out_of_memory(MB);
    const struct log *from = machine_log(pc->machine);
    struct log *to = log_new();
    for (int k = 0; log_class_name(from, k); k++)
        log_class_add(to, log_class_name(from, k), log_class_title(from, k));
    pc_free(pc);
    return to;
}

struct machine *pc_machine(const struct pc *pc) { return pc->machine; }
struct screen pc_screen(const struct pc *pc) { return vga_screen(pc->vga); }
struct ide *pc_ide(const struct pc *pc) { return pc->ide; }
struct i82077aa *pc_floppy_controller(const struct pc *pc) { return pc->floppy; }
u8 pc_keyboard_leds(const struct pc *pc) { return ps2_keyboard_leds(pc->keyboard); }
