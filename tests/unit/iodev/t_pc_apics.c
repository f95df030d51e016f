/* t_pc_apics.c - the MP table, the ACPI tables (MADT, HPET, _PRT) and the board say the same of the APICs, model by model; and the wires
 * lead where they say. The tables are read as a guest reads them: out of the firmware configuration device of a whole board.
 * Follows: MultiProcessor Specification 1.4 "MP Configuration Table"; ACPI Specification 3.0 "Multiple APIC Description Table",
 * "_PRT (PCI Routing Table)"; IA-PC HPET Specification 1.0a "The ACPI 2.0 HPET Description Table". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../cpu/cpu.h"
#include "../../../cpu/cpuid.h"
#include "../../../iodev/isa/i8259.h"
#include "../../../iodev/board/pc.h"
#include "../../../iodev/board/pc_apics.h"

enum { BIOS_SIZE = 128 << 10, FILE_DIR = 0x19, BLOB_MAX = 1 << 16, ISA = 16, SLOTS = 32, PINS = 4 };
static const u64 LAPIC = 0xfee00000, IOAPIC = 0xfec00000, HPET = 0xfed00000;

struct blob { u8 data[BLOB_MAX]; u32 size; };

/* What either table says. -1: nothing. */
struct said {
    u32 lapic, ioapic;
    int processor_id, ioapic_id, processors, ioapics;
    int isa_pin[ISA], isa_flags[ISA], nmi_lint;
    int pci_pin[SLOTS][PINS];
};

static struct pc *board(const char *model)
{
    static u8 bios[BIOS_SIZE];
    memset(bios, 0xf4, sizeof bios);
    const struct pc_config config = { .machine = { .ram_size = 16 << 20, .model = cpu_model_find(model) }, .bios = bios, .bios_size = sizeof bios };
    return pc_new(&config, (char[256]){ 0 }, 256);
}

static u32 memory_read(struct pc *pc, u64 at) { return (u32)space_read(machine_memory(pc_machine(pc)), at, 4); }
static u32 big32(const u8 *p) { return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3]; }

static void fw_select(struct pc *pc, u32 key) { space_write(machine_ports(pc_machine(pc)), 0x510, key, 2); }
static void fw_read(struct pc *pc, u8 *to, u32 n)
{
    while (n--)
        *to++ = (u8)space_read(machine_ports(pc_machine(pc)), 0x511, 1);
}

static bool fw_file(struct pc *pc, const char *name, struct blob *b)
{
    u8 entry[64];
    fw_select(pc, FILE_DIR);
    fw_read(pc, entry, 4);
    for (u32 n = big32(entry); n; n--) {
        fw_read(pc, entry, sizeof entry);
        if (strcmp((char *)entry + 8, name))
            continue;
        b->size = big32(entry);
        assert_true(b->size <= BLOB_MAX);
        fw_select(pc, (u32)entry[4] << 8 | entry[5]);
        fw_read(pc, b->data, b->size);
        return true;
    }
    return false;
}

static struct said nothing(void)
{
    struct said s;
    memset(&s, 0xff, sizeof s);
    s.processors = s.ioapics = 0;
    return s;
}

static u32 sum_of(const u8 *p, u32 n)
{
    u8 sum = 0;
    while (n--)
        sum = (u8)(sum + *p++);
    return sum;
}

static void read_mp_entry(struct said *s, const u8 *e, const int bus_is_pci[256])
{
    switch (e[0]) {
    case 0:
        s->processor_id = e[1];
        s->processors++;
        assert_int_equal(e[3], 3);              /* enabled, boots */
        break;
    case 2:
        s->ioapic_id = e[1];
        s->ioapics++;
        s->ioapic = get32(e + 4);
        break;
    case 3:
        if (e[1] != 0)                          /* ExtINT */
            break;
        if (bus_is_pci[e[4]]) {
            s->pci_pin[e[5] >> 2][e[5] & 3] = e[7];
            assert_int_equal(get16(e + 2), 0x0f);
        } else {
            s->isa_pin[e[5]] = e[7];
            s->isa_flags[e[5]] = get16(e + 2);
        }
        break;
    case 4:
        if (e[1] == 1)
            s->nmi_lint = e[7];
        break;
    default:
        break;
    }
}

static struct said read_mp(const struct blob *b)
{
    struct said s = nothing();
    const u8 *t = b->data + 16, *e = t + 44;
    int bus_is_pci[256] = { 0 };
    u32 size = get16(t + 4);
    assert_memory_equal(b->data, "_MP_", 4);
    assert_memory_equal(t, "PCMP", 4);
    assert_int_equal(b->size, 16 + size);
    assert_int_equal(sum_of(t, size), 0);
    s.lapic = get32(t + 36);
    for (int n = get16(t + 34); n; n--) {
        if (e[0] == 1)
            bus_is_pci[e[1]] = !memcmp(e + 2, "PCI   ", 6);
        read_mp_entry(&s, e, bus_is_pci);
        e += e[0] ? 8 : 20;
    }
    assert_ptr_equal(e, t + size);
    return s;
}

static const u8 *table(const struct blob *b, const char *signature)
{
    for (u32 at = 0; at + 36 < b->size; at++)
        if (!memcmp(b->data + at, signature, 4) && !memcmp(b->data + at + 10, "VITRIN", 6))
            return b->data + at;
    return NULL;
}

/* An AML integer; *p moves behind it. */
static u32 aml_integer(const u8 **p)
{
    u32 v = **p;
    const u8 *q = *p + 1;
    int n = v == 0x0a ? 1 : v == 0x0b ? 2 : v == 0x0c ? 4 : 0;
    if (n)
        v = 0;
    for (int k = 0; k < n; k++)
        v |= (u32)q[k] << (8 * k);
    *p = q + n;
    return v;
}

/* Name (PRTA, Package () { Package () { address, pin, 0, GSI }, ... }), with package lengths of three bytes. */
static void read_prt(struct said *s, const u8 *dsdt)
{
    const u8 *p = dsdt, *end = dsdt + get32(dsdt + 4);
    while (p < end && memcmp(p, "\10PRTA\22", 6))
        p++;
    assert_true(p < end);
    p += 6 + 3;
    for (int n = *p++; n; n--) {
        assert_int_equal(*p, 0x12);
        p += 4;
        assert_int_equal(*p++, 4);
        u32 address = aml_integer(&p), pin = aml_integer(&p), source = aml_integer(&p), gsi = aml_integer(&p);
        assert_int_equal(source, 0);
        s->pci_pin[address >> 16][pin] = (int)gsi;
    }
}

static struct said read_acpi(const struct blob *b)
{
    struct said s = nothing();
    const u8 *t = table(b, "APIC");
    assert_non_null(t);
    s.lapic = get32(t + 36);
    assert_int_equal(get32(t + 40), 1);         /* there are 8259As */
    for (int irq = 0; irq < ISA; irq++)
        if (irq != 2)
            s.isa_pin[irq] = irq, s.isa_flags[irq] = 0;
    for (const u8 *e = t + 44; e < t + get32(t + 4); e += e[1]) {
        if (e[0] == 0)
            s.processor_id = e[3], s.processors++, assert_int_equal(get32(e + 4), 1);
        else if (e[0] == 1)
            s.ioapic_id = e[2], s.ioapic = get32(e + 4), s.ioapics++, assert_int_equal(get32(e + 8), 0);
        else if (e[0] == 2)
            s.isa_pin[e[3]] = (int)get32(e + 4), s.isa_flags[e[3]] = get16(e + 8);
        else if (e[0] == 4)
            s.nmi_lint = e[5];
        else
            fail_msg("MADT: entry of type %d", e[0]);
    }
    read_prt(&s, table(b, "DSDT"));
    return s;
}

static void compare(const struct said *mp, const struct said *acpi)
{
    assert_true(mp->lapic == acpi->lapic && mp->lapic == LAPIC);
    assert_true(mp->ioapic == acpi->ioapic && mp->ioapic == IOAPIC);
    assert_int_equal(mp->processor_id, acpi->processor_id);
    assert_int_equal(mp->ioapic_id, acpi->ioapic_id);
    assert_int_not_equal(mp->ioapic_id, mp->processor_id);
    assert_true(mp->processors == 1 && acpi->processors == 1 && mp->ioapics == 1 && acpi->ioapics == 1);
    assert_true(mp->nmi_lint == 1 && acpi->nmi_lint == 1);
    for (int irq = 0; irq < ISA; irq++)
        if (mp->isa_pin[irq] != acpi->isa_pin[irq] || mp->isa_flags[irq] != acpi->isa_flags[irq])
            fail_msg("IRQ %d: input %d flags %x in the MP table, %d %x in the MADT", irq, mp->isa_pin[irq], mp->isa_flags[irq],
                     acpi->isa_pin[irq], acpi->isa_flags[irq]);
    for (int slot = 1; slot < SLOTS; slot++)
        for (int pin = 0; pin < PINS; pin++) {
            int in_mp = mp->pci_pin[slot][pin], in_prt = acpi->pci_pin[slot][pin];
            bool sci = slot == 1 && pin == 0;   /* what the PIIX itself takes from INTA#: the SCI */
            if (slot > 4 ? in_mp != -1 : in_mp != in_prt && !(sci && in_prt == 9))
                fail_msg("slot %d pin %d: input %d in the MP table, %d in _PRT", slot, pin, in_mp, in_prt);
        }
}

static void tables_agree(void **state)
{
    static const char *const models[] = { "pentium", "pentium-mmx", "p2", "max" };
    static struct blob mp, acpi;
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(models); k++) {
        struct pc *pc = board(models[k]);
        u32 leaf[4];
        assert_true(fw_file(pc, "etc/mptable", &mp) && fw_file(pc, "etc/acpi/tables", &acpi));
        struct said by_mp = read_mp(&mp), by_acpi = read_acpi(&acpi);
        compare(&by_mp, &by_acpi);
        /* and with the chips */
        assert_int_equal(memory_read(pc, LAPIC + 0x20) >> 24, by_mp.processor_id);
        space_write(machine_memory(pc_machine(pc)), IOAPIC, 0, 4);
        assert_int_equal(memory_read(pc, IOAPIC + 0x10) >> 24, by_mp.ioapic_id);
        const u8 *processor = mp.data + 16 + 44;
        assert_int_equal(processor[2], memory_read(pc, LAPIC + 0x30) & 0xff);
        cpuid_leaf(cpu_model_find(models[k]), 1, 0, leaf);
        assert_int_equal(get32(processor + 4), leaf[0] & 0xfff);
        assert_int_equal(get32(processor + 8), leaf[3]);
        const u8 *hpet = table(&acpi, "HPET");
        assert_non_null(hpet);
        assert_int_equal(get32(hpet + 36), memory_read(pc, HPET));
        assert_true(get32(hpet + 44) == HPET && get32(hpet + 48) == 0);
        pc_free(pc);
    }
}

static void older_models(void **state)
{
    static const char *const models[] = { "386", "486" };
    static struct blob b;
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(models); k++) {
        struct pc *pc = board(models[k]);
        assert_false(fw_file(pc, "etc/mptable", &b));
        assert_true(fw_file(pc, "etc/acpi/tables", &b));
        assert_null(table(&b, "APIC"));
        assert_null(table(&b, "HPET"));
        assert_non_null(table(&b, "DSDT"));
        assert_int_equal(memory_read(pc, LAPIC + 0x30), 0xffffffff);
        assert_int_equal(memory_read(pc, IOAPIC), 0xffffffff);
        assert_int_equal(memory_read(pc, HPET), 0xffffffff);
        pc_free(pc);
    }
}

/* ---- the wires ---- */

struct rig {
    struct machine *m;
    struct pc_apics *a;
    u8 router, pic;             /* what came at the other ends, a bit a wire */
};

static void router_set(void *to, int pin, bool level) { struct rig *r = to; r->router = (u8)((r->router & ~(1 << pin)) | level << pin); }
static void pic_set(void *to, int pin, bool level)    { struct rig *r = to; r->pic = (u8)((r->pic & ~(1 << pin)) | level << pin); }

static void put(struct rig *r, u64 at, u32 v) { space_write(machine_memory(r->m), at, v, 4); }
static void pin(struct rig *r, int n, u32 low) { put(r, IOAPIC, 0x10 + 2 * (u32)n), put(r, IOAPIC + 0x10, low); }
static bool pending(struct rig *r, u32 vector)
{
    return space_read(machine_memory(r->m), LAPIC + 0x200 + vector / 32 * 16, 4) >> (vector & 31) & 1;
}
/* The vector that is due, served to its end; -1 if INTR is low. */
static int serve(struct rig *r)
{
    if (!cpu_get(machine_cpu(r->m), "intr"))
        return -1;
    struct cpu_outputs out;
    pc_apics_answer(r->a, &out);
    int v = out.intack(out.intack_dev);
    put(r, LAPIC + 0xb0, 0);
    return v;
}

static void wires(void **state)
{
    struct rig r = { .m = machine_new(&(struct machine_config) { .ram_size = 1 << 20, .model = cpu_model_find("max") }) };
    struct line none = { 0 }, pirq[4], isa[3];
    (void)state;
    r.a = pc_apics_new(r.m, cpu_model_find("max"), 9);
    struct i8259 *pic = i8259_new(r.m, "pic1", 0x20, 0x4d0, 0xf8, pc_apics_int(r.a), true);
    pc_apics_set_pic(r.a, pic);
    for (int n = 0; n < 4; n++)
        pirq[n] = pc_apics_pirq(r.a, n, (struct line) { router_set, &r, n });
    for (int n = 0; n < 3; n++)
        isa[n] = pc_apics_irq(r.a, n, (struct line) { pic_set, &r, n });
    pc_apics_add_hpet(r.a, isa[0], none);
    machine_reset(r.m);
    put(&r, LAPIC + 0xf0, 0x1ff);
    for (int n = 0; n < 4; n++) {                       /* PIRQA# to PIRQD#: 16 to 19, active low, and the router */
        u32 vector = 0x60 + (u32)n;
        pin(&r, 16 + n, 0xa000 | vector);
        assert_int_equal(serve(&r), -1);
        line_set(&pirq[n], true);
        assert_int_equal(r.router, 1 << n);
        assert_true(pending(&r, vector));
        assert_int_equal(serve(&r), vector);
        assert_int_equal(serve(&r), vector);            /* it is still there */
        line_set(&pirq[n], false);
        assert_int_equal(r.router, 0);
        assert_int_equal(serve(&r), vector);            /* the one that the last EOI let in */
        assert_int_equal(serve(&r), -1);
    }
    pin(&r, 2, 0x70), pin(&r, 1, 0x71);
    line_set(&isa[2], true);                            /* the cascade has no input */
    assert_int_equal(serve(&r), -1);
    struct line pit = pc_apics_pit(r.a);
    line_set(&pit, true);                               /* through the HPET, to input 2 and the 8259A */
    assert_int_equal(r.pic, 5);
    assert_int_equal(serve(&r), 0x70);
    line_set(&isa[1], true);
    assert_int_equal(serve(&r), 0x71);
    struct line intr = pc_apics_int(r.a);               /* INTR: LINT0, and input 0 */
    line_set(&intr, true);
    assert_true(cpu_get(machine_cpu(r.m), "intr"));
    line_set(&intr, false);
    put(&r, LAPIC + 0x350, 0x10000);
    pin(&r, 0, 0x72);
    line_set(&intr, true);
    assert_int_equal(serve(&r), 0x72);
    assert_false(pc_apics_unmaskable(r.a));
    pin(&r, 0, 0x400);
    assert_true(pc_apics_unmaskable(r.a));
    machine_free(r.m);
    pc_apics_free(r.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tables_agree), cmocka_unit_test(older_models), cmocka_unit_test(wires) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
