/* t_vga_vbe.c - the Bochs display interface and the adapter on PCI. Follows: "Bochs VBE Display API"; PCI Local Bus
 * Specification 2.1, "Base Addresses". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../../iodev/pci/pci.h"
#include "../../../iodev/display/vga.h"
#include "../../support/vga_modes.h"
#include <cmocka.h>

struct fixture { struct machine *m; struct vga *v; struct screen screen; struct frame f; };

enum { LFB = 0xe0000000, MMIO = 0xe1000000, ROM = 0xe1010000 };
enum { ID, XRES, YRES, BPP, ENABLE, BANK, VIRT_WIDTH, VIRT_HEIGHT, X_OFFSET, Y_OFFSET, MEMORY_64K };

static void config(struct machine *m, int offset, u32 value)
{
    fake_out32(m, 0xcf8, 0x80001000u | (u32)offset);
    fake_out32(m, 0xcfc, value);
}
static u32 config_read(struct machine *m, int offset)
{
    fake_out32(m, 0xcf8, 0x80001000u | (u32)offset);
    return fake_in32(m, 0xcfc);
}

static int set_up(void **state)
{
    static const u8 rom[5000] = { 0x55, 0xaa, 10, [4999] = 0x99 };
    struct fixture *t = xcalloc(1, sizeof *t);
    struct line none[4] = { { 0 } };
    t->m = fake_new(0);
    t->v = vga_new(t->m, &(struct vga_at) { .memory = 0xa0000, .mono = 0x3b4, .ports = 0x3c0, .dispi = 0x1ce });
    vga_attach_pci(t->v, pci_bus_new(t->m, 0xcf8, none), 2, rom, sizeof rom);
    t->screen = vga_screen(t->v);
    fake_reset(t->m);
    vga_set_mode(t->m, &vga_mode_3);
    config(t->m, 0x10, LFB);
    config(t->m, 0x18, MMIO);
    config(t->m, 0x04, 3);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *t = *state;
    fake_free(t->m);
    frame_free(&t->f);
    free(t);
    return 0;
}

static void set(struct fixture *t, int index, int value)
{
    fake_out16(t->m, 0x1ce, (u16)index);
    fake_out16(t->m, 0x1cf, (u16)value);
}
static int get(struct fixture *t, int index)
{
    fake_out16(t->m, 0x1ce, (u16)index);
    return fake_in16(t->m, 0x1cf);
}
static void mode(struct fixture *t, int x, int y, int bpp, int flags)
{
    set(t, ENABLE, 0);
    set(t, XRES, x);
    set(t, YRES, y);
    set(t, BPP, bpp);
    set(t, ENABLE, 1 | flags);
}
static u32 peek(struct fixture *t, u64 at, int size) { return (u32)space_read(machine_memory(t->m), at, size); }
static void poke(struct fixture *t, u64 at, u32 v, int size) { space_write(machine_memory(t->m), at, v, size); }
static bool draw(struct fixture *t) { return t->screen.draw(t->screen.dev, &t->f, false, true); }
static u32 pixel(struct fixture *t, int x, int y) { return t->f.pixels[y * t->f.width + x]; }

static void fields_are_complete(void **state) { fake_check_all_fields(((struct fixture *)*state)->m); }

static void identification(void **state)
{
    struct fixture *t = *state;
    assert_int_equal(get(t, ID), 0xb0c5);
    set(t, ID, 0xb0c2);
    assert_int_equal(get(t, ID), 0xb0c2);
    set(t, ID, 0x1234);
    assert_int_equal(get(t, ID), 0xb0c2);
    assert_int_equal(get(t, MEMORY_64K), 256);
    set(t, ENABLE, 2);
    assert_int_equal(get(t, XRES), 2560);
    assert_int_equal(get(t, YRES), 1600);
    assert_int_equal(get(t, BPP), 32);
    set(t, ENABLE, 0);
    set(t, XRES, 800);
    assert_int_equal(get(t, XRES), 800);
    set(t, XRES, 5000);                                     /* refused */
    assert_int_equal(get(t, XRES), 800);
    set(t, BPP, 7);
    assert_int_equal(get(t, BPP), 8);
}

static void pci_space(void **state)
{
    struct fixture *t = *state;
    assert_int_equal(config_read(t->m, 0), 0x11111234);
    assert_int_equal(config_read(t->m, 8) >> 8, 0x030000);
    config(t->m, 0x10, 0xffffffff);
    assert_int_equal(config_read(t->m, 0x10), 0xff000008);  /* 16 MB, prefetchable */
    config(t->m, 0x10, LFB);
    config(t->m, 0x18, 0xffffffff);
    assert_int_equal(config_read(t->m, 0x18), 0xfffff000);
    config(t->m, 0x30, ROM | 1);
    assert_int_equal(peek(t, ROM, 2), 0xaa55);
    assert_int_equal(peek(t, ROM + 4999, 1), 0x99);
    poke(t, ROM, 0, 1);
    assert_int_equal(peek(t, ROM, 1), 0x55);
}

static void every_depth(void **state)
{
    static const struct { int bpp; u32 value, colour; } row[] = {
        { 15, 0x7c1f, 0xff00ff }, { 16, 0x07e0, 0x00ff00 }, { 16, 0x8410, 0x848284 }, { 24, 0x123456, 0x123456 },
        { 32, 0xff123456, 0x123456 }, { 8, 0x51, 0 }
    };
    struct fixture *t = *state;
    vga_test_palette(t->m);
    for (size_t k = 0; k < ARRAY_LEN(row); k++) {
        int bytes = (row[k].bpp + 7) / 8;
        mode(t, 640, 480, row[k].bpp, 0x40);
        assert_true(draw(t));
        assert_int_equal(t->f.width, 640);
        assert_int_equal(t->f.height, 480);
        assert_int_equal(pixel(t, 639, 479), row[k].bpp == 8 ? (int)vga_test_colour(0) : 0);    /* cleared */
        u64 last = LFB + (640 * 480 - 1) * (u64)bytes;
        for (int b = 0; b < bytes; b++)
            poke(t, last + (u64)b, row[k].value >> (8 * b) & 0xff, 1);
        assert_true(draw(t));
        assert_int_equal(pixel(t, 639, 479), row[k].bpp == 8 ? vga_test_colour(0x51) : row[k].colour);
        assert_false(draw(t));
    }
}

static void planar_16_colours(void **state)
{
    struct fixture *t = *state;
    vga_test_palette(t->m);
    vga_set_mode(t->m, &vga_mode_12);
    mode(t, 800, 600, 4, 0);
    vga_set_indexed(t->m, 0x3c4, 2, 0x3);
    poke(t, 0xa0000 + 100 * 599 + 99, 0x01, 1);
    assert_true(draw(t));
    assert_int_equal(t->f.width, 800);
    assert_int_equal(pixel(t, 799, 599), vga_test_colour(3));
    assert_int_equal(pixel(t, 798, 599), vga_test_colour(0));
}

static void banks(void **state)
{
    struct fixture *t = *state;
    vga_set_indexed(t->m, 0x3ce, 6, 5);
    mode(t, 640, 480, 8, 0);
    assert_non_null(space_page(machine_memory(t->m), 0xa0000)->write);
    for (int bank = 0; bank < 5; bank++) {
        set(t, BANK, bank);
        poke(t, 0xa0010, 0x40 + (u32)bank, 1);
    }
    for (u32 bank = 0; bank < 5; bank++)
        assert_int_equal(peek(t, LFB + bank * 0x10000 + 0x10, 1), 0x40 + bank);
    set(t, BANK, 2);
    assert_int_equal(peek(t, 0xa0010, 1), 0x42);
    set(t, BANK, 0x4000);                                   /* beyond the memory: refused */
    assert_int_equal(peek(t, 0xa0010, 1), 0x42);
    set(t, ENABLE, 0);
    vga_set_mode(t->m, &vga_mode_3);
    assert_null(space_page(machine_memory(t->m), 0xa0000)->write);
}

/* The bank is at A0000 and nowhere else, whatever the old mode set; without DISPI everything is as it was. */
static void bank_window_from_any_mode(void **state)
{
    static const struct { const struct vga_mode *mode; u64 there, not_there; } row[] = {
        { &vga_mode_3, 0xb8000, 0xa0010 }, { &vga_mode_7, 0xb0000, 0xb8000 }, { &vga_mode_4, 0xb8000, 0xa0010 },
        { &vga_mode_12, 0xa0010, 0xb8000 }, { &vga_mode_13, 0xa0010, 0xb8000 }
    };
    struct fixture *t = *state;
    for (size_t k = 0; k < ARRAY_LEN(row); k++) {
        vga_set_mode(t->m, row[k].mode);
        fake_out8(t->m, 0x3c2, row[k].mode->misc & ~2);     /* not even "enable RAM" counts */
        mode(t, 640, 480, 8, 0);
        assert_non_null(space_page(machine_memory(t->m), 0xa0000)->write);
        assert_non_null(space_page(machine_memory(t->m), 0xaf000)->read);
        set(t, BANK, 3);
        poke(t, 0xa0010, 0x5a, 1);
        assert_int_equal(peek(t, LFB + 0x30010, 1), 0x5a);
        poke(t, 0xb8000, 0x77, 1);
        assert_int_equal(peek(t, 0xb8000, 1), 0xff);
        assert_int_equal(peek(t, 0xb0000, 1), 0xff);
        set(t, ENABLE, 0);
        assert_int_equal(peek(t, row[k].there, 1), 0xff);   /* still off */
        fake_out8(t->m, 0x3c2, row[k].mode->misc);
        poke(t, row[k].there, 0x41, 1);
        assert_int_equal(peek(t, row[k].there, 1), 0x41);
        assert_int_equal(peek(t, row[k].not_there, 1), 0xff);
    }
}

/* Four plain planes, although text mode left odd/even on. */
static void planes_from_text_mode(void **state)
{
    struct fixture *t = *state;
    vga_test_palette(t->m);
    mode(t, 800, 600, 4, 0);
    vga_set_indexed(t->m, 0x3c4, 2, 0xf);
    poke(t, 0xa0001, 0x80, 1);
    draw(t);
    assert_int_equal(pixel(t, 8, 0), vga_test_colour(0x3f));
    assert_int_equal(pixel(t, 0, 0), vga_test_colour(0));
    assert_int_equal(pixel(t, 16, 0), vga_test_colour(0));
    for (int plane = 0; plane < 4; plane++) {
        vga_set_indexed(t->m, 0x3ce, 4, plane);
        assert_int_equal(peek(t, 0xa0001, 1), 0x80);
        assert_int_equal(peek(t, 0xa0000, 1), 0);
    }
    set(t, BANK, 64);                                       /* the planes end after 64 banks */
    assert_int_equal(get(t, BANK), 0);
    set(t, BANK, 63);
    assert_int_equal(get(t, BANK), 63);
}

/* Off again, with the memory kept: text, font window and timing are those of before. */
static void back_to_text(void **state)
{
    struct fixture *t = *state;
    struct text_screen *text = xcalloc(1, sizeof *text);
    poke(t, 0xb8000, 0x1f56, 2);
    mode(t, 1024, 768, 32, 0xc0);
    assert_false(t->screen.text(t->screen.dev, text));
    poke(t, LFB + 0x100000, 0x12345678, 4);
    set(t, ENABLE, 0);
    assert_true(t->screen.text(t->screen.dev, text));
    assert_int_equal(text->character[0], 'V');
    assert_int_equal(text->attribute[0], 0x1f);
    draw(t);
    assert_int_equal(t->f.width, 720);
    assert_int_equal(t->f.height, 400);
    free(text);
}

/* Palette address source 0 is how drivers put the monitor to sleep. */
static void palette_off_is_dark(void **state)
{
    struct fixture *t = *state;
    mode(t, 640, 480, 32, 0x40);
    poke(t, LFB, 0x00abcdef, 4);
    draw(t);
    assert_int_equal(pixel(t, 0, 0), 0xabcdef);
    fake_in8(t->m, 0x3da);
    fake_out8(t->m, 0x3c0, 0);
    assert_true(draw(t));
    assert_int_equal(pixel(t, 0, 0), 0);
    fake_in8(t->m, 0x3da);
    fake_out8(t->m, 0x3c0, 0x20);
    assert_true(draw(t));
    assert_int_equal(pixel(t, 0, 0), 0xabcdef);
}

static void virtual_screen(void **state)
{
    struct fixture *t = *state;
    mode(t, 800, 600, 32, 0x40);
    assert_int_equal(get(t, VIRT_WIDTH), 800);
    assert_int_equal(get(t, VIRT_HEIGHT), (16 << 20) / 3200);
    set(t, VIRT_WIDTH, 1024);
    assert_int_equal(get(t, VIRT_HEIGHT), 4096);
    set(t, VIRT_WIDTH, 100);                                /* never narrower than the picture */
    assert_int_equal(get(t, VIRT_WIDTH), 800);
    set(t, VIRT_WIDTH, 1024);
    set(t, X_OFFSET, 3);
    set(t, Y_OFFSET, 700);
    poke(t, LFB + 4 * (1024 * 700 + 3), 0x00abcdef, 4);
    draw(t);
    assert_int_equal(pixel(t, 0, 0), 0xabcdef);
    set(t, Y_OFFSET, 4095);                                 /* runs over the end of the memory: it wraps */
    poke(t, LFB + 4 * 3, 0x00010203, 4);
    assert_true(draw(t));
    assert_int_equal(pixel(t, 0, 1), 0x010203);
}

static void keeps_memory_if_asked(void **state)
{
    struct fixture *t = *state;
    mode(t, 640, 480, 32, 0x40);
    poke(t, LFB + 400, 0x12345678, 4);
    mode(t, 640, 480, 32, 0xc0);
    assert_int_equal(peek(t, LFB + 400, 4), 0x12345678);
    mode(t, 640, 480, 32, 0x40);
    assert_int_equal(peek(t, LFB + 400, 4), 0);
}

static void eight_bit_dac(void **state)
{
    struct fixture *t = *state;
    mode(t, 640, 480, 8, 0x60);
    fake_out8(t->m, 0x3c8, 7);
    fake_out8(t->m, 0x3c9, 0xab);
    fake_out8(t->m, 0x3c9, 0xcd);
    fake_out8(t->m, 0x3c9, 0xef);
    poke(t, LFB, 7, 1);
    draw(t);
    assert_int_equal(pixel(t, 0, 0), 0xabcdef);
    fake_out8(t->m, 0x3c7, 7);
    assert_int_equal(fake_in8(t->m, 0x3c9), 0xab);
}

static void register_page(void **state)
{
    struct fixture *t = *state;
    assert_int_equal(peek(t, MMIO + 0x500, 2), 0xb0c5);
    assert_int_equal(peek(t, MMIO + 0x514, 4) & 0xffff, 256);
    poke(t, MMIO + 0x502, 1024, 2);
    poke(t, MMIO + 0x504, 768, 2);
    poke(t, MMIO + 0x506, 32, 2);
    poke(t, MMIO + 0x508, 0x41, 2);
    assert_int_equal(get(t, XRES), 1024);
    draw(t);
    assert_int_equal(t->f.width, 1024);
    assert_int_equal(t->f.height, 768);
    poke(t, MMIO + 0x400 + 0x0e, 0x0308, 2);                /* ports 3CE, 3CF */
    fake_out8(t->m, 0x3ce, 8);
    assert_int_equal(fake_in8(t->m, 0x3cf), 3);
    assert_int_equal(peek(t, MMIO + 0x400 + 0x0c, 1), 0x67);
    assert_int_equal(peek(t, MMIO + 0x420, 4), 0xffffffff);
    assert_int_equal(peek(t, MMIO + 0x600, 4), 0xffffffff);
}

/* The monitor: a whole EDID block whose bytes add up to 0, 1280 x 800 preferred, nothing behind it. */
static void edid(void **state)
{
    struct fixture *t = *state;
    u8 byte[128], sum = 0;
    for (unsigned k = 0; k < sizeof byte; k++)
        sum = (u8)(sum + (byte[k] = (u8)peek(t, MMIO + k, 1)));
    assert_int_equal(sum, 0);
    assert_int_equal(peek(t, MMIO, 4), 0xffffff00);
    assert_int_equal(peek(t, MMIO + 4, 4), 0x00ffffff);
    assert_int_equal(byte[56] | (byte[58] & 0xf0) << 4, 1280);
    assert_int_equal(byte[59] | (byte[61] & 0xf0) << 4, 800);
    assert_int_equal(byte[126], 0);
    assert_int_equal(peek(t, MMIO + 0x80, 4), 0);
}

/* Retrace goes on at 60 Hz while DISPI shows a picture. */
static void retrace(void **state)
{
    struct fixture *t = *state;
    int frames = 0;
    bool was = false;
    mode(t, 1024, 768, 16, 0x40);
    for (int us = 0; us < 1000000; us += 5) {
        bool now = fake_in8(t->m, 0x3da) & 8;
        frames += now && !was;
        was = now;
        fake_advance(t->m, 5000);
    }
    assert_in_range(frames, 59, 61);
}

/* The largest picture; and a mode bigger than memory does not read past it. */
static void limits(void **state)
{
    struct fixture *t = *state;
    mode(t, 2560, 1600, 32, 0x40);
    poke(t, LFB + 4 * (2560 * 1600 - 1), 0x00112233, 4);
    draw(t);
    assert_int_equal(pixel(t, 2559, 1599), 0x112233);
    set(t, VIRT_WIDTH, 0xffff);
    set(t, X_OFFSET, 0xffff);
    set(t, Y_OFFSET, 0xffff);
    assert_true(draw(t));
    mode(t, 0, 0, 32, 0x40);
    draw(t);
    mode(t, 2560, 1600, 4, 0);
    draw(t);
    assert_int_equal(t->f.width, 2560);
}

/* Clearing 16 MB is cut, takes time, and the OUT ends with all of it clear; a small picture is clear at once. */
static void clearing_is_cut(void **state)
{
    struct fixture *t = *state;
    u8 *memory = vga_ram(t->v)->host;
    set(t, XRES, 2560), set(t, YRES, 1600), set(t, BPP, 32);
    fake_work_most(t->m);
    for (int k = 0; k < 3; k++) {
        u64 from = machine_now(t->m);
        memset(memory, 0x55, VGA_MEMORY);
        set(t, ENABLE, 1);
        assert_int_equal(machine_now(t->m) - from, 15000000);       /* 2560 x 1600 x 4: 15.6 MB */
        for (u32 at = 0; at < 2560 * 1600 * 4; at += 4)
            assert_int_equal(get32(memory + at), 0);
        assert_int_equal(get32(memory + 2560 * 1600 * 4), 0x55555555);
        set(t, ENABLE, 0);
    }
    u64 from = machine_now(t->m);
    memset(memory, 0x55, VGA_MEMORY);
    set(t, ENABLE, 0x81);                                           /* NOCLEARMEM */
    set(t, ENABLE, 0);
    assert_int_equal(memory[0], 0x55);
    set(t, XRES, 640), set(t, YRES, 400), set(t, BPP, 32);
    set(t, ENABLE, 1);
    assert_int_equal(machine_now(t->m), from);
    assert_int_equal(memory[640 * 400 * 4 - 1], 0);
    assert_in_range(fake_work_most(t->m), 2048, WORK_CALL_MAX);
    set(t, ENABLE, 0);
    set(t, XRES, 2560), set(t, YRES, 1600);
    space_write(machine_ports(t->m), 0x1ce, ENABLE, 2);
    space_write(machine_ports(t->m), 0x1cf, 1, 2);
    assert_int_not_equal(fake_timer_when(t->m, "vga.clear"), TIMER_OFF);
    fake_reset(t->m);                                               /* in the middle */
    assert_int_equal(fake_timer_when(t->m, "vga.clear"), TIMER_OFF);
    fake_in8(t->m, 0x3da);
}

/* A bus master writes to the register page while the processor waits: another range to clear. */
static void clearing_twice(void **state)
{
    struct fixture *t = *state;
    u8 *memory = vga_ram(t->v)->host;
    set(t, XRES, 1024), set(t, YRES, 1024), set(t, BPP, 32);
    memset(memory, 0x55, VGA_MEMORY);
    space_write(machine_ports(t->m), 0x1ce, ENABLE, 2);
    space_write(machine_ports(t->m), 0x1cf, 1, 2);
    for (int k = 0; k < 100; k++) {
        space_write(machine_memory(t->m), MMIO + 0x508, 0, 2);
        space_write(machine_memory(t->m), MMIO + 0x508, 1, 2);
    }
    fake_work_most(t->m);
    fake_in8(t->m, 0x3da);
    assert_int_equal(get(t, ENABLE), 1);
    for (u32 at = 0; at < 4 << 20; at += 4)
        assert_int_equal(get32(memory + at), 0);
    assert_int_equal(get32(memory + (4 << 20)), 0x55555555);
    assert_in_range(fake_work_most(t->m), 2048, WORK_CALL_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_are_complete, set_up, tear_down),
        cmocka_unit_test_setup_teardown(identification, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pci_space, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(planar_16_colours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(banks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bank_window_from_any_mode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(planes_from_text_mode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(back_to_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(palette_off_is_dark, set_up, tear_down),
        cmocka_unit_test_setup_teardown(virtual_screen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_memory_if_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(eight_bit_dac, set_up, tear_down),
        cmocka_unit_test_setup_teardown(register_page, set_up, tear_down),
        cmocka_unit_test_setup_teardown(edid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(retrace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clearing_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clearing_twice, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("vga_vbe", tests, NULL, NULL);
}
