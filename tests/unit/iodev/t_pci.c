/* t_pci.c - configuration mechanism #1, base addresses, interrupt routing, shadow RAM and SMRAM. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/pci/i440fx.h"
#include "../../../iodev/pci/pci.h"
#include "../../../iodev/pci/piix3.h"
#include <cmocka.h>

enum { CF8 = 0xcf8, CFC = 0xcfc };
enum { RAM_SIZE = 2 << 20 };

struct board {
    struct machine *m;
    struct ram *dram, *rom, *video;
    struct fake_wire irq[16], init;
    struct piix3 *isa;
    struct pci_bus *bus;
    struct i440fx *host;
    struct space *view[2];                              /* two processors', */
    struct line smiact[2];                              /* and their pins */
    struct pci_function *card;
    u8 regs[256];
};

static u64 card_read(void *dev, u64 offset, int size)
{
    struct board *b = dev;
    u64 v = 0;
    for (int k = 0; k < size; k++)
        v |= (u64)b->regs[offset + (u64)k] << (8 * k);
    return v;
}

static void card_write(void *dev, u64 offset, u64 value, int size)
{
    struct board *b = dev;
    for (int k = 0; k < size; k++)
        b->regs[offset + (u64)k] = (u8)(value >> (8 * k));
}

static void add_card(struct board *b)
{
    b->card = pci_function_new(b->bus, 3, 0, "card.pci", &(struct pci_identity) {
        .vendor = 0x1234, .device = 0x5678, .class_code = 0x020000, .revision = 7, .interrupt_pin = 1,
        .subsystem_vendor = 0xaaaa, .subsystem = 0xbbbb });
    pci_bar_io(b->card, 0, 64, "card.io", 4, card_read, card_write, b);
    pci_bar_memory(b->card, 1, 256, "card.mem", 4, card_read, card_write, b);
    b->video = ram_new("card.ram", 0x10000);
    pci_bar_ram(b->card, 2, 0x10000, "card.ram", b->video);
    b->rom = ram_new("card.rom", 0x8000);
    b->rom->host[0] = 0x55, b->rom->host[1] = 0xaa;
    pci_expansion_rom(b->card, b->rom);
}

static int set_up(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    struct line irq[16], pirq[4];
    b->m = fake_new(0);
    b->dram = ram_new("dram", RAM_SIZE);
    struct space *memory = machine_memory(b->m);
    space_add_ram(memory, "ram", 0, 0xa0000, PRIORITY_RAM, b->dram, 0, true, 3);
    for (int k = 0; k < 16; k++)
        irq[k] = fake_wire(&b->irq[k], b->m);
    b->isa = piix3_new(b->m, irq, fake_wire(&b->init, b->m));
    for (int k = 0; k < 4; k++)
        pirq[k] = piix3_pirq(b->isa, k);
    b->bus = pci_bus_new(b->m, 0xcf8, pirq);
    b->host = i440fx_new(b->bus, b->dram, 0xa0000);
    for (int k = 0; k < 2; k++)
        b->smiact[k] = i440fx_add_processor(b->host, b->view[k] = machine_new_view(b->m));
    piix3_attach(b->isa, b->bus, 1);
    add_card(b);
    fake_reset(b->m);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct board *b = *state;
    fake_free(b->m);
    ram_free(b->dram);
    ram_free(b->rom);
    ram_free(b->video);
    free(b);
    return 0;
}

static void point(struct board *b, int device, int function, int offset)
{
    fake_out32(b->m, CF8, 0x80000000u | (u32)device << 11 | (u32)function << 8 | (u32)(offset & 0xfc));
}

static u32 config_read(struct board *b, int device, int function, int offset)
{
    point(b, device, function, offset);
    return fake_in32(b->m, CFC);
}

static void config_write(struct board *b, int device, int function, int offset, u32 v)
{
    point(b, device, function, offset);
    fake_out32(b->m, CFC, v);
}

static void config_write8(struct board *b, int device, int function, int offset, u8 v)
{
    point(b, device, function, offset);
    fake_out8(b->m, (u16)(CFC + (offset & 3)), v);
}

static void test_identity(void **state)
{
    struct board *b = *state;
    assert_int_equal(config_read(b, 0, 0, 0), 0x12378086);
    assert_int_equal(config_read(b, 1, 0, 0), 0x70008086);
    assert_int_equal(config_read(b, 3, 0, 0), 0x56781234);
    assert_int_equal(config_read(b, 3, 0, 8), 0x02000007);
    assert_int_equal(config_read(b, 3, 0, 0x2c), 0xbbbbaaaa);
    assert_int_equal(config_read(b, 1, 0, 0x0c) >> 16 & 0xff, 0x80);
    config_write(b, 3, 0, 0, 0);
    assert_int_equal(config_read(b, 3, 0, 0), 0x56781234);
}

static void test_nobody(void **state)
{
    struct board *b = *state;
    assert_int_equal(config_read(b, 9, 0, 0), 0xffffffff);
    assert_int_equal(config_read(b, 3, 1, 0), 0xffffffff);
    fake_out32(b->m, CF8, 0x80010000);                  /* bus 1 */
    assert_int_equal(fake_in32(b->m, CFC), 0xffffffff);
    fake_out32(b->m, CF8, 0);                           /* not enabled */
    assert_int_equal(fake_in32(b->m, CFC), 0xffffffff);
}

static void test_address_register(void **state)
{
    struct board *b = *state;
    fake_out32(b->m, CF8, 0x80001803);
    assert_int_equal(fake_in32(b->m, CF8), 0x80001800);
    fake_out8(b->m, CF8, 0x44);                         /* only dwords are taken */
    fake_out16(b->m, CF8, 0x4444);
    assert_int_equal(fake_in32(b->m, CF8), 0x80001800);
    assert_int_equal(fake_in16(b->m, CFC + 2), 0x5678);
    assert_int_equal(fake_in8(b->m, CFC + 1), 0x12);
}

static void test_bar_sizes(void **state)
{
    struct board *b = *state;
    static const u32 expected[3] = { 0xffffffc1, 0xffffff00, 0xffff0008 };
    for (int k = 0; k < 3; k++) {
        config_write(b, 3, 0, 0x10 + 4 * k, 0xffffffff);
        assert_int_equal(config_read(b, 3, 0, 0x10 + 4 * k), expected[k]);
    }
    config_write(b, 3, 0, 0x1c, 0xffffffff);
    assert_int_equal(config_read(b, 3, 0, 0x1c), 0);
    config_write(b, 3, 0, 0x30, 0xfffffffe);
    assert_int_equal(config_read(b, 3, 0, 0x30), 0xffff8000);
}

static void test_bar_io(void **state)
{
    struct board *b = *state;
    config_write(b, 3, 0, 0x10, 0xc001);
    b->regs[4] = 0x5a;
    assert_int_equal(fake_in8(b->m, 0xc004), 0xff);     /* decoding is off */
    config_write(b, 3, 0, 4, COMMAND_IO);
    assert_int_equal(fake_in8(b->m, 0xc004), 0x5a);
    fake_out32(b->m, 0xc008, 0x11223344);
    assert_int_equal(b->regs[9], 0x33);
    config_write(b, 3, 0, 0x10, 0xd001);
    assert_int_equal(fake_in8(b->m, 0xc004), 0xff);
    assert_int_equal(fake_in8(b->m, 0xd004), 0x5a);
    config_write(b, 3, 0, 0x10, 0x10001);               /* beyond the I/O space */
    assert_int_equal(fake_in8(b->m, 0xd004), 0xff);
}

static void test_bar_memory(void **state)
{
    struct board *b = *state;
    struct space *memory = machine_memory(b->m);
    config_write(b, 3, 0, 0x14, 0xe0000000);
    config_write(b, 3, 0, 0x18, 0xe1000000);
    config_write(b, 3, 0, 4, COMMAND_MEMORY);
    space_write(memory, 0xe0000010, 0xcafe, 2);
    assert_int_equal(b->regs[0x10] | b->regs[0x11] << 8, 0xcafe);
    space_write(memory, 0xe1000ffc, 0x01020304, 4);
    assert_int_equal(b->video->host[0xffc], 4);
    assert_non_null(space_page(memory, 0xe1000000)->write);
    config_write(b, 3, 0, 0x18, 0xe2000000);
    assert_null(space_page(memory, 0xe1000000)->write);
    assert_int_equal(space_read(memory, 0xe2000ffc, 4), 0x01020304);
    config_write(b, 3, 0, 0x30, 0xe3000000);
    assert_int_equal(space_read(memory, 0xe3000000, 2), 0xffff);
    config_write(b, 3, 0, 0x30, 0xe3000001);
    assert_int_equal(space_read(memory, 0xe3000000, 2), 0xaa55);
    space_write(memory, 0xe3000000, 0, 2);
    assert_int_equal(space_read(memory, 0xe3000000, 2), 0xaa55);
    config_write(b, 3, 0, 4, 0);
    assert_int_equal(space_read(memory, 0xe3000000, 2), 0xffff);
}

static void test_interrupt(void **state)
{
    struct board *b = *state;
    /* INTA# of device 3 is the third wire: PIRQC. */
    pci_set_interrupt(b->card, true);
    for (int k = 0; k < 16; k++)
        assert_false(b->irq[k].level);
    config_write8(b, 1, 0, 0x62, 11);
    assert_true(b->irq[11].level);
    config_write8(b, 1, 0, 0x62, 5);
    assert_false(b->irq[11].level);
    assert_true(b->irq[5].level);
    fake_save_and_load(b->m);
    assert_true(b->irq[5].level);
    pci_set_interrupt(b->card, false);
    assert_false(b->irq[5].level);
    config_write8(b, 1, 0, 0x62, 0x85);
    pci_set_interrupt(b->card, true);
    assert_false(b->irq[5].level);
    fake_reset(b->m);
    assert_false(b->irq[5].level);
}

static void test_reset_port(void **state)
{
    struct board *b = *state;
    u32 code;
    fake_out8(b->m, 0xcf9, 0x02);
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_NONE);
    assert_int_equal(fake_in8(b->m, 0xcf9), 0x02);
    fake_out8(b->m, 0xcf9, 0x06);
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_RESET);
    fake_out8(b->m, 0xcf9, 0x00);
    assert_int_equal(b->init.rises, 0);
    fake_out8(b->m, 0xcf9, 0x04);
    assert_int_equal(fake_take_request(b->m, &code), REQUEST_NONE);
    assert_int_equal(b->init.rises, 1);
    struct line shutdown = piix3_shutdown(b->isa);
    line_pulse(&shutdown);
    assert_int_equal(b->init.rises, 2);
    assert_false(b->init.level);
}

static void test_pam(void **state)
{
    struct board *b = *state;
    struct space *memory = machine_memory(b->m);
    struct ram *bios = ram_new("bios", 0x20000);
    memset(bios->host, 0xbb, 0x20000);
    space_add_ram(memory, "bios", 0xe0000, 0x20000, PRIORITY_ROM, bios, 0, false, 3);
    config_write8(b, 0, 0, 0x59, 0x20);                 /* F0000: write only */
    space_write(memory, 0xf0000, 0x12, 1);
    space_write(memory, 0xe0000, 0x13, 1);
    assert_int_equal(b->dram->host[0xf0000], 0x12);
    assert_int_equal(b->dram->host[0xe0000], 0);
    assert_int_equal(space_read(memory, 0xf0000, 1), 0xbb);
    config_write8(b, 0, 0, 0x59, 0x10);                 /* read only */
    assert_int_equal(space_read(memory, 0xf0000, 1), 0x12);
    space_write(memory, 0xf0000, 0x99, 1);
    assert_int_equal(space_read(memory, 0xf0000, 1), 0x12);
    config_write8(b, 0, 0, 0x5a, 0x30);                 /* C4000: both; C0000: none */
    space_write(memory, 0xc4000, 0x77, 1);
    space_write(memory, 0xc3fff, 0x66, 1);
    assert_int_equal(space_read(memory, 0xc4000, 1), 0x77);
    assert_int_equal(space_read(memory, 0xc3fff, 1), 0xff);
    config_write8(b, 0, 0, 0x5f, 0x33);                 /* E8000-EFFFF */
    space_write(memory, 0xe8000, 0x55, 1);
    space_write(memory, 0xeffff, 0x44, 1);
    assert_int_equal(b->dram->host[0xe8000], 0x55);
    assert_int_equal(b->dram->host[0xeffff], 0x44);
    fake_reset(b->m);
    assert_int_equal(space_read(memory, 0xf0000, 1), 0xbb);
    assert_int_equal(config_read(b, 0, 0, 0x58), 0);
    fake_free(b->m);
    ram_free(bios);
    b->m = fake_new(0);                                 /* for tear_down */
}

/* The SMRAM register says who sees what: the processor whose SMIACT# is active, or everybody. */
static void test_smram(void **state)
{
    struct board *b = *state;
    struct space *memory = machine_memory(b->m), *view = b->view[0], *other = b->view[1];
    struct line smiact = b->smiact[0];
    config_write8(b, 0, 0, 0x72, 0x4a);                 /* open, enabled */
    space_write(memory, 0xa8000, 0x31, 1);
    assert_int_equal(b->dram->host[0xa8000], 0x31);
    assert_int_equal(space_read(view, 0xa8000, 1), 0x31);
    assert_int_equal(space_read(other, 0xa8000, 1), 0x31);
    config_write8(b, 0, 0, 0x72, 0x0a);                 /* closed */
    assert_int_equal(space_read(view, 0xa8000, 1), 0xff);
    line_set(&smiact, true);
    assert_int_equal(space_read(view, 0xa8000, 1), 0x31);
    assert_int_equal(space_read(other, 0xa8000, 1), 0xff);
    assert_int_equal(space_read(memory, 0xa8000, 1), 0xff);
    space_write(other, 0xa8000, 0x99, 1);               /* nowhere */
    fake_save_and_load(b->m);
    assert_int_equal(space_read(view, 0xa8000, 1), 0x31);
    assert_int_equal(space_read(other, 0xa8000, 1), 0xff);
    line_set(&b->smiact[1], true);
    line_set(&smiact, false);
    assert_int_equal(space_read(view, 0xa8000, 1), 0xff);
    assert_int_equal(space_read(other, 0xa8000, 1), 0x31);
    config_write8(b, 0, 0, 0x72, 0x2a);                 /* D_CLS: the processor in system management mode neither */
    assert_int_equal(space_read(other, 0xa8000, 1), 0xff);
    line_set(&b->smiact[1], false);
    config_write8(b, 0, 0, 0x72, 0x5a);                 /* lock: D_OPEN goes, and nothing opens it again */
    assert_int_equal(config_read(b, 0, 0, 0x70) >> 16 & 0xff, 0x1a);
    config_write8(b, 0, 0, 0x72, 0x4a);
    assert_int_equal(config_read(b, 0, 0, 0x70) >> 16 & 0xff, 0x1a);
    fake_save_and_load(b->m);
    config_write8(b, 0, 0, 0x72, 0x4a);
    assert_int_equal(config_read(b, 0, 0, 0x70) >> 16 & 0xff, 0x1a);
    fake_reset(b->m);
    assert_int_equal(config_read(b, 0, 0, 0x70) >> 16 & 0xff, 0x02);
    config_write8(b, 0, 0, 0x72, 0x4a);
    assert_int_equal(space_read(memory, 0xa8000, 1), 0x31);
}

static void test_fields(void **state)
{
    struct board *b = *state;
    fake_check_all_fields(b->m);
}

/* The interrupt pin as a wire; the same level twice is one. */
static void test_interrupt_line(void **state)
{
    struct board *b = *state;
    struct line pin = pci_interrupt_line(b->card);
    config_write8(b, 1, 0, 0x62, 11);
    line_set(&pin, true);
    line_set(&pin, true);
    assert_true(b->irq[11].level);
    line_set(&pin, false);
    assert_false(b->irq[11].level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_interrupt_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_identity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_address_register, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bar_sizes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bar_io, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bar_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_interrupt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reset_port, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pam, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_smram, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fields, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
