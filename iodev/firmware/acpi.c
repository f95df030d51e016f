/* acpi.c - the ACPI tables. ACPI Specification 3.0, "System Description Tables"; the linker's commands as QEMU's
 * documentation ("ACPI BIOS linker/loader") gives them: the firmware allocates each file, patches addresses into it and sums it.
 * Here: RSDP, RSDT, FADT, FACS, DSDT; where there are APICs, MADT and HPET (IA-PC HPET Specification 1.0a, "The ACPI 2.0 HPET
 * Description Table"), and beside ACPI the MP table. Firmware that makes an MP table of its own (SeaBIOS does, by the routing of the
 * 8259A) has made it before: the loader's allocations go downwards, so that ours is found first. */
#include "acpi_parts.h"
#include "../apic/hpet.h"
#include "../apic/lapic.h"
#include "mptable.h"

enum { LOADER_ALLOCATE = 1, LOADER_ADD_POINTER = 2, LOADER_ADD_CHECKSUM = 3, LOADER_ENTRY = 128, LOADER_NAME = 56 };
enum { ZONE_HIGH = 1, ZONE_FSEG = 2 };
enum { HEADER = 36, FACS_SIZE = 64, FADT_SIZE = 244, RSDP_SIZE = 20, CHECKSUM_AT = 9 };
enum { FADT_WBINVD = 1 << 0, FADT_PROC_C1 = 1 << 2, FADT_NO_SLEEP_BUTTON = 1 << 5,
       FADT_RESET_REGISTER = 1 << 10 };
enum { BOOT_LEGACY_DEVICES = 1 << 0, BOOT_8042 = 1 << 1 };
enum { CMOS_CENTURY = 0x32, RESET_PORT = 0xcf9, RESET_HARD = 0x06, NO_C2 = 0x0fff, PROFILE_DESKTOP = 1 };

enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4, PCAT_COMPAT = 1 };
enum { INTI_CONFORMS = 0, INTI_HIGH_LEVEL = 0x0d, HPET_MIN_TICK = 128 };

static const char tables_file[] = "etc/acpi/tables", rsdp_file[] = "etc/acpi/rsdp", mptable_file[] = "etc/mptable";

/* ---- the linker's script ---- */

static u8 *entry(struct aml *script, u32 command, const char *file)
{
    static const u8 zeros[LOADER_ENTRY];
    aml_bytes(script, zeros, sizeof zeros);
    u8 *at = script->data + script->size - LOADER_ENTRY;
    put32(at, command);
    memcpy(at + 4, file, strlen(file));
    return at;
}

static void allocate(struct aml *script, const char *file, u32 align, u8 zone)
{
    u8 *at = entry(script, LOADER_ALLOCATE, file);
    put32(at + 4 + LOADER_NAME, align);
    at[8 + LOADER_NAME] = zone;
}

/* The four bytes at `offset` of `file` hold an offset in the file `in`: make it an address. */
static void add_pointer_in(struct aml *script, const char *file, u32 offset, const char *in)
{
    u8 *at = entry(script, LOADER_ADD_POINTER, file);
    memcpy(at + 4 + LOADER_NAME, in, strlen(in));
    put32(at + 4 + 2 * LOADER_NAME, offset);
    at[8 + 2 * LOADER_NAME] = 4;
}

static void add_pointer(struct aml *script, const char *file, u32 offset) { add_pointer_in(script, file, offset, tables_file); }

static void add_checksum(struct aml *script, const char *file, u32 offset, u32 start, u32 length)
{
    u8 *at = entry(script, LOADER_ADD_CHECKSUM, file);
    put32(at + 4 + LOADER_NAME, offset);
    put32(at + 8 + LOADER_NAME, start);
    put32(at + 12 + LOADER_NAME, length);
}

/* ---- tables ---- */

/* "System Description Table Header". Length and checksum follow when the table is complete. */
static size_t begin_table(struct aml *t, const char signature[4], u8 revision)
{
    static const u8 zeros[8];
    size_t at = t->size;
    aml_bytes(t, signature, 4);
    aml_bytes(t, zeros, 4);
    aml_byte(t, revision);
    aml_byte(t, 0);
    aml_bytes(t, "VITRIN", 6);
    aml_bytes(t, "VITRINE ", 8);
    aml_bytes(t, "\1\0\0\0VITR\1\0\0\0", 12);
    return at;
}

static void end_table(struct aml *t, struct aml *script, size_t at)
{
    put32(t->data + at + 4, (u32)(t->size - at));
    add_checksum(script, tables_file, (u32)at + CHECKSUM_AT, (u32)at, (u32)(t->size - at));
}

static void put_zeros(struct aml *t, size_t n)
{
    while (n--)
        aml_byte(t, 0);
}

/* "Generic Address Structure": an I/O port of that many bytes. */
static void put_port(u8 *at, u16 port, u8 bytes)
{
    at[0] = 1;
    at[1] = (u8)(8 * bytes);
    at[3] = bytes == 4 ? 3 : bytes == 2 ? 2 : 1;
    put64(at + 4, port);
}

static size_t add_facs(struct aml *t)
{
    size_t at = t->size;
    put_zeros(t, FACS_SIZE);
    memcpy(t->data + at, "FACS", 4);
    put32(t->data + at + 4, FACS_SIZE);
    t->data[at + 32] = 1;               /* version */
    return at;
}

static size_t add_dsdt(struct aml *t, struct aml *script, const struct acpi_config *config)
{
    size_t at = begin_table(t, "DSDT", 1);
    acpi_dsdt(t, config);
    end_table(t, script, at);
    return at;
}

/* "Fixed ACPI Description Table". SMI_CMD is 0: there is no legacy mode to leave. */
static size_t add_fadt(struct aml *t, struct aml *script, const struct acpi_config *config, size_t facs, size_t dsdt)
{
    size_t at = begin_table(t, "FACP", 3);
    u16 pm = config->pm_base;
    put_zeros(t, FADT_SIZE - HEADER);
    u8 *f = t->data + at;
    put32(f + 36, (u32)facs);
    put32(f + 40, (u32)dsdt);
    f[45] = PROFILE_DESKTOP;
    put16(f + 46, config->sci_irq);
    put32(f + 56, pm);                  /* PM1a_EVT_BLK: PMSTS, PMEN */
    put32(f + 64, pm + 4u);             /* PM1a_CNT_BLK: PMCNTRL */
    put32(f + 76, pm + 8u);             /* PM_TMR_BLK */
    put32(f + 80, pm + 12u);            /* GPE0_BLK: GPSTS, GPEN */
    f[88] = 4, f[89] = 2, f[91] = 4, f[92] = 4;
    put16(f + 96, NO_C2);
    put16(f + 98, NO_C2);
    f[108] = CMOS_CENTURY;
    put16(f + 109, BOOT_LEGACY_DEVICES | BOOT_8042);
    put32(f + 112, FADT_WBINVD | FADT_PROC_C1 | FADT_NO_SLEEP_BUTTON | FADT_RESET_REGISTER);
    put_port(f + 116, RESET_PORT, 1);
    f[128] = RESET_HARD;
    put_port(f + 148, pm, 4);
    put_port(f + 172, pm + 4, 2);
    put_port(f + 208, pm + 8, 4);
    put_port(f + 220, pm + 12, 4);
    add_pointer(script, tables_file, (u32)at + 36);
    add_pointer(script, tables_file, (u32)at + 40);
    end_table(t, script, at);
    return at;
}

static void put_override(struct aml *t, int irq, int pin, u16 flags)
{
    u8 d[10] = { MADT_OVERRIDE, sizeof d, 0, (u8)irq };
    put32(d + 4, (u32)pin);
    put16(d + 8, flags);
    aml_bytes(t, d, sizeof d);
}

/* "Multiple APIC Description Table": an override for each ISA interrupt that is not at its own input, or no edge. */
static size_t add_madt(struct aml *t, struct aml *script, const struct apic_map *map)
{
    u8 head[8], lapic[8] = { MADT_LAPIC, sizeof lapic, 0, map->processor_id, 1 }, io[12] = { MADT_IOAPIC, sizeof io, map->ioapic_id };
    u8 nmi[6] = { MADT_LAPIC_NMI, sizeof nmi, 0xff, 0, 0, 1 };          /* every processor, LINT1 */
    size_t at = begin_table(t, "APIC", 1);
    put32(head, LAPIC_DEFAULT_BASE);
    put32(head + 4, PCAT_COMPAT);
    put32(io + 4, APIC_IO_BASE);
    aml_bytes(t, head, sizeof head);
    aml_bytes(t, lapic, sizeof lapic);
    aml_bytes(t, io, sizeof io);
    for (int irq = 0; irq < APIC_ISA_IRQS; irq++)
        if (irq != 2 && (apic_map_isa(irq) != irq || irq == map->sci_irq))
            put_override(t, irq, apic_map_isa(irq), irq == map->sci_irq ? INTI_HIGH_LEVEL : INTI_CONFORMS);
    aml_bytes(t, nmi, sizeof nmi);
    end_table(t, script, at);
    return at;
}

static size_t add_hpet(struct aml *t, struct aml *script)
{
    u8 d[20] = { 0 };
    size_t at = begin_table(t, "HPET", 1);
    put32(d, HPET_ID);
    d[5] = 64;                          /* the base address: memory, 64 bits wide */
    put32(d + 8, APIC_HPET_BASE);
    put16(d + 17, HPET_MIN_TICK);
    aml_bytes(t, d, sizeof d);
    end_table(t, script, at);
    return at;
}

static size_t add_rsdt(struct aml *t, struct aml *script, const size_t *table, u32 tables)
{
    u8 pointer[4];
    size_t at = begin_table(t, "RSDT", 1);
    for (u32 k = 0; k < tables; k++) {
        put32(pointer, (u32)table[k]);
        aml_bytes(t, pointer, sizeof pointer);
        add_pointer(script, tables_file, (u32)at + HEADER + 4 * k);
    }
    end_table(t, script, at);
    return at;
}

/* Kernels look for the floating pointer in F0000-FFFFF, and some can read the table nowhere else. */
static void add_mptable(struct fw_cfg *fw, struct aml *script, const struct apic_map *map)
{
    u8 table[MPTABLE_MAX];
    size_t size = mptable_make(table, map);
    add_pointer_in(script, mptable_file, 4, mptable_file);
    add_checksum(script, mptable_file, 10, 0, MPTABLE_FLOATING);
    fw_cfg_add_file(fw, mptable_file, table, size);
}

/* "Root System Description Pointer", of ACPI 1.0: twenty bytes. */
static void add_rsdp(struct fw_cfg *fw, struct aml *script, size_t rsdt)
{
    u8 r[RSDP_SIZE] = { 'R', 'S', 'D', ' ', 'P', 'T', 'R', ' ', 0, 'V', 'I', 'T', 'R', 'I', 'N' };
    put32(r + 16, (u32)rsdt);
    add_pointer(script, rsdp_file, 16);
    add_checksum(script, rsdp_file, 8, 0, RSDP_SIZE);
    fw_cfg_add_file(fw, rsdp_file, r, sizeof r);
}

void acpi_add(struct fw_cfg *fw, const struct acpi_config *config)
{
    struct aml tables = { 0 }, script = { 0 };
    allocate(&script, tables_file, FACS_SIZE, ZONE_HIGH);
    allocate(&script, rsdp_file, 16, ZONE_FSEG);
    size_t facs = add_facs(&tables);
    size_t dsdt = add_dsdt(&tables, &script, config);
    size_t fadt = add_fadt(&tables, &script, config, facs, dsdt);
    size_t table[] = { fadt, 0, 0 };
    u32 count = 1;
    if (config->apics) {
        allocate(&script, mptable_file, 16, ZONE_FSEG);
        add_mptable(fw, &script, config->apics);
        table[count++] = add_madt(&tables, &script, config->apics);
        table[count++] = add_hpet(&tables, &script);
    }
    add_rsdp(fw, &script, add_rsdt(&tables, &script, table, count));
    fw_cfg_add_file(fw, tables_file, tables.data, tables.size);
    fw_cfg_add_file(fw, "etc/table-loader", script.data, script.size);
    free(tables.data);
    free(script.data);
}
