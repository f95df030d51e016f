/* t_pc.c - the board as it is put together: memory around the 4 GB hole, CMOS RAM and boot order, what it refuses, and what the
 * front end asks of it.
 * Follows: 82371SB data sheet "BIOS Memory"; IBM AT Technical Reference for the CMOS RAM's bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../cpu/cpuid.h"
#include "../../../host/text.h"
#include "../../../iodev/storage/i82077aa.h"
#include "../../../iodev/storage/ide.h"
#include "../../../iodev/image/image.h"
#include "../../../iodev/board/pc.h"

enum { BIOS_SIZE = 128 << 10 };
static const u64 MB = 1 << 20, GB = 1 << 30;

static struct pc_config config_of(u64 ram)
{
    static u8 bios[BIOS_SIZE];
    memset(bios, 0xf4, sizeof bios);
    bios[0] = 0x11;
    bios[BIOS_SIZE - 1] = 0x22;
    return (struct pc_config) {
        .machine = { .ram_size = ram, .model = cpu_model_find("max") }, .bios = bios, .bios_size = sizeof bios,
    };
}

static u8 cmos(struct pc *pc, int index)
{
    struct space *ports = machine_ports(pc_machine(pc));
    space_write(ports, 0x70, (u64)index, 1);
    return (u8)space_read(ports, 0x71, 1);
}

static void memory_below_and_above(void **state)
{
    struct pc_config c = config_of(5 * GB);
    char error[256] = "";
    struct pc *pc = pc_new(&c, error, sizeof error);
    (void)state;
    if (c.machine.ram_size > SIZE_MAX) {                    /* no host of 32 bits has it, and says so */
        assert_null(pc);
        assert_non_null(strstr(error, "5120 MB of host memory"));
        return;
    }
    struct space *m = machine_memory(pc_machine(pc));
    u64 high = (u64)(cmos(pc, 0x5b) | cmos(pc, 0x5c) << 8 | cmos(pc, 0x5d) << 16) << 16;
    u64 low = ((u64)(cmos(pc, 0x34) | cmos(pc, 0x35) << 8) << 16) + 16 * MB;
    assert_true(low < 4 * GB && low + high == 5 * GB);
    space_write(m, 4 * GB, 0x1234, 4);
    space_write(m, 4 * GB + high - 4, 0x5678, 4);
    assert_int_equal(space_read(m, 4 * GB, 4), 0x1234);
    assert_int_equal(space_read(m, 4 * GB + high - 4, 4), 0x5678);
    assert_int_equal(space_read(m, 4 * GB + high, 4), 0xffffffff);
    assert_int_equal(space_read(m, low, 4), 0xffffffff);    /* the hole */
    assert_int_equal(space_read(m, 4 * GB - 1, 1), 0x22);   /* the firmware's end, thrice */
    assert_int_equal(space_read(m, MB - 1, 1), 0x22);
    assert_int_equal(space_read(m, 4 * GB - MB - 1, 1), 0x22);
    assert_int_equal(space_read(m, MB - BIOS_SIZE, 1), 0x11);
    space_write(m, 4 * GB - 1, 0, 1);
    assert_int_equal(space_read(m, 4 * GB - 1, 1), 0x22);
    pc_free(pc);
    pc_free(NULL);
}

static void firmware_data(void **state)
{
    struct pc_config c = config_of(8 * MB);
    (void)state;
    c.boot_order = "dac";
    c.boot_first = "/rom@genroms/x.bin";
    c.floppy[0] = image_new_memory("a", IMAGE_FLOPPY, NULL, 720 * 1024);
    c.floppy[1] = image_new_memory("b", IMAGE_FLOPPY, NULL, 1200 * 1024);
    c.drive[0].image = image_new_memory("disk", IMAGE_DISK, NULL, MB);
    c.drive[2] = (struct pc_drive) { true, NULL };
    struct pc *pc = pc_new(&c, (char[256]){ 0 }, 256);
    assert_int_equal(cmos(pc, 0x3d), 0x13);                 /* CD, floppy, ... */
    assert_int_equal(cmos(pc, 0x38) >> 4, 2);               /* ... disk */
    assert_int_equal(cmos(pc, 0x10), 0x32);                 /* 720K, 1.2M */
    assert_int_equal(cmos(pc, 0x14), 0x47);
    assert_int_equal(cmos(pc, 0x17) | cmos(pc, 0x18) << 8, 7 << 10);
    assert_int_equal(cmos(pc, 0x34) | cmos(pc, 0x35) << 8, 0);
    assert_int_equal(image_sectors(ide_image(pc_ide(pc), 0, 0)), 2048);
    assert_null(ide_image(pc_ide(pc), 1, 0));
    assert_null(ide_image(pc_ide(pc), 1, 1));
    assert_ptr_equal(i82077aa_medium(pc_floppy_controller(pc), 1), c.floppy[1]);
    struct image *cd = image_new_memory("cd", IMAGE_CD, NULL, MB);
    assert_false(ide_change_cd(pc_ide(pc), 0, 0, cd, true));    /* that is a disk */
    assert_true(ide_change_cd(pc_ide(pc), 1, 0, cd, false));
    assert_ptr_equal(ide_image(pc_ide(pc), 1, 0), cd);
    assert_int_equal(pc_keyboard_leds(pc), 0);
    machine_input(pc_machine(pc), &(struct input_event) { .kind = INPUT_POWER });   /* nobody listens yet */
    machine_run(pc_machine(pc), 1);
    assert_non_null(pc_screen(pc).draw);
    assert_int_equal(machine_config(pc_machine(pc))->ram_size, 8 * MB);
    pc_free(pc);
}

/* A file of the firmware configuration device, by name; the number of its bytes. */
static u32 firmware_file(struct pc *pc, const char *name, u8 *to, u32 size)
{
    struct space *ports = machine_ports(pc_machine(pc));
    u8 entry[64];
    space_write(ports, 0x510, 0x19, 2);                     /* the directory */
    u32 n = 0;
    for (int k = 0; k < 4; k++)
        n = n << 8 | (u32)space_read(ports, 0x511, 1);
    for (u32 f = 0; f < n; f++) {
        for (int k = 0; k < 64; k++)
            entry[k] = (u8)space_read(ports, 0x511, 1);
        if (strcmp((const char *)entry + 8, name))
            continue;
        u32 bytes = (u32)entry[0] << 24 | (u32)entry[1] << 16 | (u32)entry[2] << 8 | entry[3];
        space_write(ports, 0x510, (u64)entry[4] << 8 | entry[5], 2);
        for (u32 k = 0; k < bytes && k < size; k++)
            to[k] = (u8)space_read(ports, 0x511, 1);
        return bytes;
    }
    return 0;
}

/* What firmware is told of disks and of booting: the IBM AT's bytes 12h to 2Ch, SeaBIOS's 38h and 39h and its files. */
static void disks_for_firmware(void **state)
{
    struct pc_config c = config_of(8 * MB);
    u8 boot[512] = { 0 }, file[200] = { 0 };
    (void)state;
    put16(boot + 11, 512);
    boot[0] = 0xe9, boot[13] = 1, put16(boot + 14, 1), boot[16] = 2, boot[21] = 0xf8;
    put16(boot + 19, 20 * 8 * 17), put16(boot + 24, 17), put16(boot + 26, 8);
    u8 *disk = xcalloc(1, 20 * 8 * 17 * 512);
    memcpy(disk, boot, sizeof boot);
    c.drive[0].image = image_new_memory("its BPB tells", IMAGE_DISK, disk, 20 * 8 * 17 * 512);
    free(disk);
    c.drive[1].image = image_new_memory("nothing tells", IMAGE_DISK, NULL, 128 * 512);
    c.drive[2] = (struct pc_drive) { true, NULL };
    c.drive[3].image = image_new_memory("more than 1024 cylinders", IMAGE_DISK, NULL, GB);
    c.boot_unsigned = true;
    struct pc *pc = pc_new(&c, (char[256]){ 0 }, 256);
    assert_int_equal(cmos(pc, 0x39), 1 << 6);               /* none for small ones, LBA for the last */
    assert_int_equal(cmos(pc, 0x38) & 1, 1);
    assert_int_equal(cmos(pc, 0x12), 0xff);
    assert_int_equal(cmos(pc, 0x19), 47);
    assert_int_equal(cmos(pc, 0x1b) | cmos(pc, 0x1c) << 8, 20);
    assert_int_equal(cmos(pc, 0x1d), 8);
    assert_int_equal(cmos(pc, 0x23), 17);
    assert_int_equal(cmos(pc, 0x24) | cmos(pc, 0x25) << 8, 1);
    assert_int_equal(cmos(pc, 0x26), 2);
    assert_int_equal(cmos(pc, 0x2c), 63);
    firmware_file(pc, "bios-geometry", file, sizeof file - 1);
    assert_string_equal((const char *)file, "/pci@i0cf8/ide@1,1/drive@0/disk@0 20 8 17");
    assert_int_equal(firmware_file(pc, "etc/boot-fail-wait", file, 4), 4);
    assert_int_equal(get32(file), 0xffffffff);
    pc_free(pc);
    c = config_of(8 * MB);
    pc = pc_new(&c, (char[256]){ 0 }, 256);
    assert_int_equal(cmos(pc, 0x12), 0);
    assert_int_equal(cmos(pc, 0x38) & 1, 0);
    assert_int_equal(firmware_file(pc, "bios-geometry", file, sizeof file), 0);
    pc_free(pc);
}

/* ---- what it refuses ---- */

static void refused(const struct pc_config *c, const char *words)
{
    char error[256];
    assert_null(pc_new(c, error, sizeof error));
    if (!strstr(error, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error);
}

static void refusals(void **state)
{
    static u8 rom[0x8001];
    struct pc_config c = config_of(MB / 2);
    (void)state;
    refused(&c, "of RAM cannot be had");
    c = config_of(100 * GB);
    refused(&c, "of RAM cannot be had");
    c = config_of(MB);
    c.bios_size = 1000;
    refused(&c, "a multiple of 64 KB");
    c = config_of(MB);
    c.boot_order = "ax";
    refused(&c, "boot order: \"x\"");
    c = config_of(MB);
    c.vgabios = c.bios;
    c.vgabios_size = 2 << 20;
    refused(&c, "video BIOS");
    c = config_of(MB);
    c.isa_rom[0] = c.isa_rom[1] = (struct pc_file) { "x", rom, sizeof rom };
    c.isa_roms = 2;
    refused(&c, "option ROM x does not fit");
}

static u8 vga_irq_requested(bool wired)
{
    struct pc_config c = config_of(MB);
    memcpy((u8 *)c.bios + BIOS_SIZE - 16, "\xeb\xfe", 2);   /* jmp $ */
    c.machine.tick_cost = 1000 * TICK_COST_1_NS;
    c.vga_irq = wired;
    struct pc *pc = pc_new(&c, (char[256]){ 0 }, 256);
    struct space *ports = machine_ports(pc_machine(pc));
    static const u8 icw[][2] = { { 0xa0, 0x11 }, { 0xa1, 0x70 }, { 0xa1, 2 }, { 0xa1, 1 }, { 0xa0, 0x0a } };
    for (size_t k = 0; k < ARRAY_LEN(icw); k++)
        space_write(ports, icw[k][0], icw[k][1], 1);
    space_write(ports, 0x3c2, 0x67, 1);
    static const u16 word[] = { 0x0300, 0x9c10, 0x1e11, 0x5f00, 0xbf06, 0x1f07, 0xa317 };    /* sequencer, CRT controller */
    for (size_t k = 0; k < ARRAY_LEN(word); k++) {
        space_write(ports, k ? 0x3d4 : 0x3c4, word[k] & 0xff, 1);
        space_write(ports, k ? 0x3d5 : 0x3c5, word[k] >> 8, 1);
    }
    assert_int_equal(space_read(ports, 0xa0, 1) & 2, 0);
    assert_int_equal(machine_run(pc_machine(pc), 20000000), STOP_DEADLINE);
    assert_int_equal(space_read(ports, 0x3c2, 1) & 0x80, 0x80);
    u8 requests = (u8)space_read(ports, 0xa0, 1);
    pc_free(pc);
    return requests & 2;
}

/* IRQ 9 is the slave's input 1. */
static void retrace_interrupt_is_an_option(void **state)
{
    (void)state;
    assert_int_equal(vga_irq_requested(true), 2);
    assert_int_equal(vga_irq_requested(false), 0);
}

static void hash_now(struct pc *pc, char text[33])
{
    struct hash h = { { 0, 0 } };
    machine_hash(pc_machine(pc), &h);
    hash_text(&h, text);
}

/* Whoever tells of a device changes nothing; and who has an output tells of both its levels. */
static void words(void **state)
{
    struct pc_config c = config_of(16 * MB);
    struct pc *pc = pc_new(&c, (char[256]){ 0 }, 256);
    char before[33], after[33], text[200];
    size_t spoke = 0, why = 0;
    struct text *said = text_new();
    FILE *out = text_file(said);
    (void)state;
    machine_run(pc_machine(pc), 100 * 1000 * 1000);
    hash_now(pc, before);
    for (struct device *dev = machine_devices(pc_machine(pc)); dev; dev = dev->next) {
        long at = ftell(out);
        tell_registers(out, dev->class->registers, (u8 *)dev + dev->class->state_offset);
        if (dev->class->describe)
            dev->class->describe(dev, out);
        spoke += ftell(out) > at;
        for (int high = 0; dev->class->irq_why && high < 2; high++) {
            *text = 0;
            dev->class->irq_why(dev, 0, high, text, sizeof text);
            why += *text != 0;
        }
    }
    char *told = text_take(said, NULL);
    hash_now(pc, after);
    assert_string_equal(before, after);
    assert_true(spoke > 25);
    assert_true(why >= 2 * 8);
    assert_non_null(strstr(told, "mode 3: square wave, never programmed"));
    assert_non_null(strstr(told, "LSR       60   TEMT, THRE\n"));
    free(told);
    pc_free(pc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retrace_interrupt_is_an_option),
        cmocka_unit_test(memory_below_and_above), cmocka_unit_test(firmware_data),
        cmocka_unit_test(disks_for_firmware), cmocka_unit_test(refusals), cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
