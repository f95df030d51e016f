/* t_vga_draw.c - pictures and text of the VGA's modes. Follows: IBM PS/2 Hardware Interface Technical Reference,
 * "Video Subsystem". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../../iodev/display/vga.h"
#include "../../support/vga_modes.h"
#include <cmocka.h>

struct fixture { struct machine *m; struct vga *v; struct screen screen; struct frame f; struct text_screen text; };

static int set_up(void **state)
{
    struct fixture *t = xcalloc(1, sizeof *t);
    t->m = fake_new(0);
    t->v = vga_new(t->m, &(struct vga_at) { .memory = 0xa0000, .mono = 0x3b4, .ports = 0x3c0, .dispi = 0x1ce });
    t->screen = vga_screen(t->v);
    fake_reset(t->m);
    vga_test_palette(t->m);
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

static void gc(struct fixture *t, int index, int value) { vga_set_indexed(t->m, 0x3ce, index, value); }
static void seq(struct fixture *t, int index, int value) { vga_set_indexed(t->m, 0x3c4, index, value); }
static void crtc(struct fixture *t, int index, int value) { vga_set_indexed(t->m, 0x3d4, index, value); }
static void poke(struct fixture *t, u64 at, u8 v) { space_write(machine_memory(t->m), at, v, 1); }
static void attr(struct fixture *t, int index, int value)
{
    fake_in8(t->m, 0x3da);
    fake_out8(t->m, 0x3c0, (u8)index);
    fake_out8(t->m, 0x3c0, (u8)value);
    fake_out8(t->m, 0x3c0, 0x20);
}
static void unprotect(struct fixture *t) { crtc(t, 0x11, 0x0e); }

static bool draw(struct fixture *t, bool blink) { return t->screen.draw(t->screen.dev, &t->f, false, blink); }
static void check_size(struct fixture *t, int width, int height)
{
    draw(t, true);
    assert_int_equal(t->f.width, width);
    assert_int_equal(t->f.height, height);
}
static u32 pixel(struct fixture *t, int x, int y) { return t->f.pixels[y * t->f.width + x]; }
#define check_pixel(t, x, y, index) assert_int_equal(pixel(t, x, y), vga_test_colour(index))

/* One line of a character's picture, in the font at offset map of plane 2. */
static void glyph(struct fixture *t, int map, int code, int row, u8 bits)
{
    seq(t, 2, 4);
    seq(t, 4, 6);
    gc(t, 5, 0);
    gc(t, 6, 4);
    poke(t, 0xa0000 + (u64)map + (u64)code * 32 + (u64)row, bits);
    seq(t, 2, 3);
    seq(t, 4, 2);
    gc(t, 5, 0x10);
    gc(t, 6, 0x0e);
}

static void cell(struct fixture *t, int column, int row, u8 code, u8 attribute)
{
    space_write(machine_memory(t->m), 0xb8000 + 2 * (u64)(row * 80 + column), (u64)(attribute << 8 | code), 2);
}

static void text_pixels(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_3);
    crtc(t, 0x0a, 0x20);                                    /* no cursor */
    glyph(t, 0, 'A', 5, 0x81);
    glyph(t, 0, 0xc4, 5, 0x01);
    glyph(t, 0, 0xb0, 5, 0x01);
    cell(t, 3, 2, 'A', 0x1e);
    cell(t, 4, 2, 0xc4, 0x07);
    cell(t, 5, 2, 0xb0, 0x07);
    check_size(t, 720, 400);
    int y = 2 * 16 + 5;
    check_pixel(t, 27, y, 0x3e);
    check_pixel(t, 28, y, 1);
    check_pixel(t, 34, y, 0x3e);
    check_pixel(t, 35, y, 1);                               /* the ninth column is background */
    check_pixel(t, 27, y + 1, 1);
    check_pixel(t, 43, y, 7);
    check_pixel(t, 44, y, 7);                               /* but for line graphics */
    check_pixel(t, 53, y, 0);
    seq(t, 1, 1);
    check_size(t, 640, 400);
    check_pixel(t, 24, y, 0x3e);
    check_pixel(t, 31, y, 0x3e);
    assert_false(draw(t, true));                            /* nothing changed */
    cell(t, 0, 0, 'A', 0x07);
    assert_true(draw(t, true));
    check_pixel(t, 0, 5, 7);
}

static void blinking_and_cursor(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_3);
    glyph(t, 0, 'A', 0, 0xff);
    cell(t, 0, 0, 'A', 0x87 | 0x10);
    cell(t, 1, 0, ' ', 0x07);
    crtc(t, 0x0f, 1);
    assert_true(draw(t, true));
    check_pixel(t, 0, 0, 7);
    check_pixel(t, 9, 12, 0);
    check_pixel(t, 9, 13, 7);                               /* lines 13 and 14 */
    check_pixel(t, 17, 14, 7);
    check_pixel(t, 9, 15, 0);
    assert_true(draw(t, false));
    check_pixel(t, 0, 0, 1);
    check_pixel(t, 9, 13, 0);
    assert_false(draw(t, false));
    attr(t, 0x10, 0x04);                                    /* no blinking: 16 background colours */
    crtc(t, 0x0b, 0x0e | 0x20);                             /* cursor skewed by one */
    assert_true(draw(t, true));
    check_pixel(t, 0, 1, 0x39);
    check_pixel(t, 9, 13, 0);
    check_pixel(t, 18, 13, 0);                              /* attribute 0 there: black on black */
    cell(t, 2, 0, ' ', 0x0c);
    draw(t, true);
    check_pixel(t, 18, 13, 0x3c);
    crtc(t, 0x0a, 0x0f);                                    /* start after end: none */
    draw(t, true);
    check_pixel(t, 18, 14, 0);
}

static void two_fonts(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_3);
    crtc(t, 0x0a, 0x20);
    glyph(t, 0x0000, 'A', 0, 0x80);
    glyph(t, 0x6000, 'A', 0, 0x40);
    seq(t, 3, 0x24);                                        /* map A (bit 3 set) 5, at 24 KB; map B 0 */
    cell(t, 0, 0, 'A', 0x07);
    cell(t, 1, 0, 'A', 0x0f);
    draw(t, true);
    check_pixel(t, 0, 0, 7);
    check_pixel(t, 1, 0, 0);
    check_pixel(t, 9, 0, 0);
    check_pixel(t, 10, 0, 0x3f);
}

static void monochrome_underline(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_7);
    vga_set_indexed(t->m, 0x3b4, 0x0a, 0x20);
    space_write(machine_memory(t->m), 0xb0000, 0x0120, 2);
    space_write(machine_memory(t->m), 0xb0002, 0x0720, 2);
    check_size(t, 720, 400);
    check_pixel(t, 0, 13, 8);
    check_pixel(t, 8, 13, 8);
    check_pixel(t, 0, 12, 0);
    check_pixel(t, 9, 13, 0);
}

static void text_content(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_3);
    cell(t, 0, 0, 'V', 0x07);
    cell(t, 79, 24, 'z', 0x4e);
    crtc(t, 0x0e, (24 * 80 + 79) >> 8);
    crtc(t, 0x0f, (24 * 80 + 79) & 0xff);
    assert_true(t->screen.text(t->screen.dev, &t->text));
    assert_int_equal(t->text.columns, 80);
    assert_int_equal(t->text.rows, 25);
    assert_int_equal(t->text.character[0], 'V');
    assert_int_equal(t->text.character[24 * 80 + 79], 'z');
    assert_int_equal(t->text.attribute[24 * 80 + 79], 0x4e);
    assert_int_equal(t->text.cursor_column, 79);
    assert_int_equal(t->text.cursor_row, 24);
    crtc(t, 0x0c, 0);                                       /* scrolled by a row */
    crtc(t, 0x0d, 80);
    crtc(t, 9, 0x47);                                       /* 8-line characters: 50 rows */
    crtc(t, 0x0a, 0x26);
    t->screen.text(t->screen.dev, &t->text);
    assert_int_equal(t->text.rows, 50);
    assert_int_equal(t->text.character[23 * 80 + 79], 'z');
    assert_int_equal(t->text.cursor_row, -1);
    seq(t, 1, 0x20);                                        /* screen off */
    assert_false(t->screen.text(t->screen.dev, &t->text));
    draw(t, true);
    assert_int_equal(pixel(t, 0, 0), 0);
    vga_set_mode(t->m, &vga_mode_13);
    assert_false(t->screen.text(t->screen.dev, &t->text));
}

/* Writes of a processor that has a host pointer are told by ram_written. */
static void mode_13(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_13);
    check_size(t, 320, 200);
    poke(t, 0xa0000, 5);
    poke(t, 0xa0000 + 319, 0xc8);
    poke(t, 0xa0000 + 320 * 199 + 7, 0xff);
    assert_true(draw(t, true));
    check_pixel(t, 0, 0, 5);
    check_pixel(t, 319, 0, 0xc8);
    check_pixel(t, 7, 199, 0xff);
    check_pixel(t, 1, 1, 0);
    assert_false(draw(t, true));
    assert_false(draw(t, false));                           /* nothing blinks here */
    fake_out8(t->m, 0x3c6, 0x0f);                           /* PEL mask */
    assert_true(draw(t, false));
    check_pixel(t, 319, 0, 0x08);
    struct frame other = { 0 };
    assert_true(t->screen.draw(t->screen.dev, &other, false, true));
    assert_true(t->screen.draw(t->screen.dev, &other, true, true));
    frame_free(&other);
}

static void planes(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_12);
    seq(t, 2, 0x5);
    poke(t, 0xa0000 + 80 * 479 + 79, 0x01);
    seq(t, 2, 0x8);
    poke(t, 0xa0000, 0x80);
    check_size(t, 640, 480);
    check_pixel(t, 639, 479, 5);
    check_pixel(t, 638, 479, 0);
    check_pixel(t, 0, 0, 0x38);
    attr(t, 0x12, 0x7);                                     /* plane 3 is not shown */
    draw(t, true);
    check_pixel(t, 0, 0, 0);
    attr(t, 0x12, 0xf);
    attr(t, 0x14, 0x0e);                                    /* colour select */
    draw(t, true);
    check_pixel(t, 0, 0, 0xf8);
    attr(t, 0x10, 0x81);                                    /* it gives bits 4 and 5, too */
    draw(t, true);
    check_pixel(t, 0, 0, 0xe8);
}

static void cga_modes(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_4);
    poke(t, 0xb8000, 0x1b);                                 /* pixels 0 1 2 3 */
    poke(t, 0xb8001, 0xe4);                                 /* 3 2 1 0 */
    poke(t, 0xba000 + 79, 0x02);                            /* line 1, last pixel */
    poke(t, 0xb8000 + 80, 0xc0);                            /* line 2 */
    check_size(t, 320, 200);
    for (int k = 0; k < 4; k++) {
        check_pixel(t, k, 0, k ? vga_mode_4.attr[k] : 0);
        check_pixel(t, 7 - k, 0, k ? vga_mode_4.attr[k] : 0);
    }
    check_pixel(t, 319, 1, 0x15);
    check_pixel(t, 0, 2, 0x17);
    vga_set_mode(t->m, &vga_mode_6);
    for (u64 at = 0; at < 0x4000; at++)
        poke(t, 0xb8000 + at, 0);
    poke(t, 0xba000 + 80, 0x40);                            /* line 3 */
    check_size(t, 640, 200);
    check_pixel(t, 1, 3, 0x17);
    check_pixel(t, 0, 3, 0);
}

/* 320 x 240, unchained, two pages. */
static void mode_x(void **state)
{
    static const u8 timing[][2] = { { 0x06, 0x0d }, { 0x07, 0x3e }, { 0x09, 0x41 }, { 0x10, 0xea }, { 0x11, 0xac },
                                    { 0x12, 0xdf }, { 0x14, 0x00 }, { 0x15, 0xe7 }, { 0x16, 0x06 }, { 0x17, 0xe3 } };
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_13);
    seq(t, 4, 6);
    fake_out8(t->m, 0x3c2, 0xe3);
    unprotect(t);
    for (size_t k = 0; k < ARRAY_LEN(timing); k++)
        crtc(t, timing[k][0], timing[k][1]);
    seq(t, 2, 2);
    poke(t, 0xa0000 + 80 * 239 + 79, 0x99);                 /* pixel 317 */
    seq(t, 2, 15);
    poke(t, 0xa0000 + 80 * 240, 0x44);
    check_size(t, 320, 240);
    check_pixel(t, 317, 239, 0x99);
    check_pixel(t, 316, 239, 0);
    crtc(t, 0x0c, 80 * 240 >> 8);
    crtc(t, 0x0d, 80 * 240 & 0xff);
    assert_true(draw(t, true));
    for (int x = 0; x < 4; x++)
        check_pixel(t, x, 0, 0x44);
}

static void split_screen_and_panning(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_13);
    seq(t, 4, 6);
    unprotect(t);
    crtc(t, 0x14, 0);
    crtc(t, 0x17, 0xe3);
    seq(t, 2, 15);
    poke(t, 0xa0000, 0x11);                                 /* the lower screen starts at 0 */
    poke(t, 0xa0000 + 0x4000, 0x22);
    poke(t, 0xa0000 + 0x4001, 0x23);
    crtc(t, 0x0c, 0x40);
    crtc(t, 0x07, 0x0f);                                    /* line compare 2 * 150 - 1 */
    crtc(t, 0x18, 299 & 0xff);
    crtc(t, 0x09, 0x01);
    crtc(t, 0x07, 0x1f);
    check_size(t, 320, 200);
    check_pixel(t, 0, 0, 0x22);
    check_pixel(t, 4, 0, 0x23);
    check_pixel(t, 0, 149, 0);
    check_pixel(t, 0, 150, 0x11);
    attr(t, 0x13, 2);                                       /* one pixel in 256 colours */
    draw(t, true);
    check_pixel(t, 3, 0, 0x23);
    check_pixel(t, 3, 150, 0);
    check_pixel(t, 2, 150, 0x11);
    attr(t, 0x10, 0x61);                                    /* the lower screen is not panned */
    draw(t, true);
    check_pixel(t, 3, 0, 0x23);
    check_pixel(t, 3, 150, 0x11);
    attr(t, 0x13, 0);
    crtc(t, 0x08, 0x20);                                    /* byte panning */
    draw(t, true);
    check_pixel(t, 0, 0, 0x23);
}

static void smooth_scrolling(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_3);
    crtc(t, 0x0a, 0x20);
    glyph(t, 0, 'A', 6, 0x80);
    cell(t, 0, 0, 'A', 0x07);
    cell(t, 79, 0, 'A', 0x07);
    cell(t, 0, 1, 'A', 0x07);
    crtc(t, 0x08, 4);                                       /* preset row scan */
    draw(t, true);
    check_pixel(t, 0, 2, 7);
    check_pixel(t, 0, 12 + 6, 7);
    attr(t, 0x13, 0);                                       /* 8 is none, 0 one pixel with 9 dots */
    draw(t, true);
    check_pixel(t, 0, 2, 0);
    check_pixel(t, 79 * 9 - 1, 2, 7);
}

/* ---- 8-bit pixels in the attribute controller ---- */

static void nibbles_pass_the_palette(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_13);
    for (u64 k = 0; k < 256; k++)
        poke(t, 0xa0000 + k, (u8)k);
    draw(t, true);
    for (int k = 0; k < 256; k++)                           /* the BIOS's palette changes nothing */
        check_pixel(t, k, 0, k);
    attr(t, 2, 0x3a);                                       /* bits 5-4 have no part in it */
    attr(t, 5, 0x27);
    assert_true(draw(t, true));
    check_pixel(t, 0x25, 0, 0xa7);
    check_pixel(t, 0x52, 0, 0x7a);
    check_pixel(t, 0x20, 0, 0xa0);
    check_pixel(t, 0x05, 0, 0x07);
    check_pixel(t, 0x43, 0, 0x43);
    attr(t, 0x12, 0x0d);                                    /* plane 1 off, in both halves: 2 is 0, 7 is 5, which is 7 */
    draw(t, true);
    check_pixel(t, 0x25, 0, 0x07);
    check_pixel(t, 0x77, 0, 0x77);
    check_pixel(t, 0xf3, 0, 0xd1);
    attr(t, 0x12, 0x0f);
    attr(t, 0x14, 0x0f);                                    /* color select: not with 8-bit pixels ... */
    attr(t, 0x10, 0xc1);
    draw(t, true);
    check_pixel(t, 0x25, 0, 0xa7);
    check_pixel(t, 0x43, 0, 0x43);
    fake_out8(t->m, 0x3c6, 0x0f);                           /* the PEL mask comes behind it all */
    draw(t, true);
    check_pixel(t, 0x25, 0, 0x07);
}

/* Without PELCLK/2 each dot shows its nibble with the one before. */
static void every_nibble_seen(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_13);
    space_write(machine_memory(t->m), 0xa0000, 0x78563412, 4);
    space_write(machine_memory(t->m), 0xa0004, 0x9a, 4);
    attr(t, 0x10, 0x01);
    check_size(t, 640, 200);
    static const u8 dot[10] = { 0x01, 0x12, 0x23, 0x34, 0x45, 0x56, 0x67, 0x78, 0x89, 0x9a };
    for (int k = 0; k < 10; k++)
        check_pixel(t, k, 0, dot[k]);
    attr(t, 4, 0x0c);
    draw(t, true);
    check_pixel(t, 3, 0, 0x3c);
    check_pixel(t, 4, 0, 0xc5);
}

/* ---- blanking ---- */

/* Mode 12h, all of it colour 15, with a border that blanking is not to be mistaken for. */
static void white_screen(struct fixture *t)
{
    vga_set_mode(t->m, &vga_mode_12);
    for (u64 at = 0; at < 80 * 480; at += 4)
        space_write(machine_memory(t->m), 0xa0000 + at, 0xffffffff, 4);
    attr(t, 0x11, 0x2a);
    unprotect(t);
}
static void vertical_blank(struct fixture *t, int start, int end)
{
    crtc(t, 0x15, start & 0xff);
    crtc(t, 0x07, (vga_mode_12.crtc[7] & ~0x08) | (start >> 8 & 1) << 3);
    crtc(t, 0x09, (vga_mode_12.crtc[9] & ~0x20) | (start >> 9 & 1) << 5);
    crtc(t, 0x16, end & 0xff);
}
/* Pixel columns or lines before `first` and from `last` on are shown, those between are black. */
static void check_hidden(struct fixture *t, bool horizontal, int first, int last)
{
    draw(t, true);
    for (int k = 0; k < (horizontal ? t->f.width : t->f.height); k++)
        assert_int_equal(horizontal ? pixel(t, k, 200) : pixel(t, 300, k),
                         k >= first && k < last ? 0 : vga_test_colour(0x3f));
}

static void horizontal_blanking(void **state)
{
    struct fixture *t = *state;
    white_screen(t);
    check_hidden(t, true, 640, 640);
    crtc(t, 2, 40);                                         /* only the start moved: its end was made for the border */
    check_hidden(t, true, 320, 640);
    crtc(t, 2, 10);
    crtc(t, 3, 0x80 | 20);
    crtc(t, 5, 0);
    check_hidden(t, true, 80, 160);
    crtc(t, 5, 0x80);                                       /* bit 5 of the end */
    check_hidden(t, true, 80, 8 * 52);
    crtc(t, 2, 80);                                         /* runs into the next line: 64 + 20 is in the border, 5 is not */
    crtc(t, 3, 0x80 | 5);
    crtc(t, 5, 0);
    check_hidden(t, true, 0, 40);
    crtc(t, 2, 100);                                        /* the counter never gets there */
    check_hidden(t, true, 640, 640);
}

static void vertical_blanking(void **state)
{
    struct fixture *t = *state;
    white_screen(t);
    vertical_blank(t, 240, vga_mode_12.crtc[0x16]);
    check_hidden(t, false, 240, 480);
    check_hidden(t, true, 640, 640);
    vertical_blank(t, 100, 200);
    check_hidden(t, false, 100, 200);
    vertical_blank(t, 300, 400);
    check_hidden(t, false, 300, 400);
    vertical_blank(t, 487, 30);                             /* runs into the next frame */
    check_hidden(t, false, 0, 30);
    vertical_blank(t, 600, 4);
    check_hidden(t, false, 480, 480);
}

/* Characters of 9 dots; lines of the monitor, not of the picture, where these are doubled. */
static void blanking_in_other_units(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_3);
    crtc(t, 0x0a, 0x20);
    for (int k = 0; k < 80 * 25; k++)
        cell(t, k % 80, k / 80, ' ', 0x77);
    unprotect(t);
    crtc(t, 2, 70);
    draw(t, true);
    check_pixel(t, 70 * 9 - 1, 200, 7);
    assert_int_equal(pixel(t, 70 * 9, 200), 0);
    vga_set_mode(t->m, &vga_mode_13);
    for (u64 at = 0; at < 64000; at += 4)
        space_write(machine_memory(t->m), 0xa0000 + at, 0x05050505, 4);
    unprotect(t);
    crtc(t, 7, 0x17);
    crtc(t, 0x15, 200);
    draw(t, true);
    check_pixel(t, 160, 99, 5);
    assert_int_equal(pixel(t, 160, 100), 0);
    crtc(t, 2, 60);                                         /* of 80, four pixels each */
    draw(t, true);
    check_pixel(t, 239, 0, 5);
    assert_int_equal(pixel(t, 240, 0), 0);
    crtc(t, 0x17, 0xa7);                                    /* the vertical counter counts pairs of lines */
    draw(t, true);
    assert_int_equal(t->f.height, 400);
    check_pixel(t, 160, 199, 5);
    assert_int_equal(pixel(t, 160, 200), 0);
}

/* Display enable comes some characters late; totals that end before the display does. */
static void skew_and_short_totals(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_12);
    seq(t, 2, 15);
    poke(t, 0xa0001, 0x80);
    unprotect(t);
    draw(t, true);
    check_pixel(t, 8, 0, 0x3f);
    crtc(t, 3, 0x82 | 0x20);
    check_size(t, 640, 480);
    check_pixel(t, 0, 0, 0x3f);
    check_pixel(t, 8, 0, 0);
    crtc(t, 0, 40 - 5);
    check_size(t, 320, 480);
    crtc(t, 6, (300 - 2) & 0xff);
    crtc(t, 7, 0x1f);
    check_size(t, 320, 300);
}

/* Palette address source, screen off, and the resets. */
static void nothing_shown(void **state)
{
    struct fixture *t = *state;
    white_screen(t);
    fake_in8(t->m, 0x3da);
    fake_out8(t->m, 0x3c0, 0);
    draw(t, true);
    check_pixel(t, 0, 0, 0x2a);                             /* all border; the overscan register is no palette index */
    check_pixel(t, 639, 479, 0x2a);
    assert_false(draw(t, true));
    fake_in8(t->m, 0x3da);
    fake_out8(t->m, 0x3c0, 0x20);
    draw(t, true);
    check_pixel(t, 0, 0, 0x3f);
    seq(t, 1, 0x21);
    draw(t, true);
    assert_int_equal(pixel(t, 0, 0), 0);
    seq(t, 1, 0x01);
    seq(t, 0, 1);
    draw(t, true);
    assert_int_equal(pixel(t, 0, 0), 0);
    seq(t, 0, 3);
    draw(t, true);
    check_pixel(t, 0, 0, 0x3f);
    crtc(t, 0x17, 0x63);
    check_size(t, 720, 400);
    assert_int_equal(pixel(t, 0, 0), 0);
    assert_false(t->screen.text(t->screen.dev, &t->text));
}

static void no_signal(void **state)
{
    struct fixture *t = *state;
    check_size(t, 720, 400);                                /* after reset, before a BIOS */
    assert_int_equal(pixel(t, 0, 0), 0);
    assert_false(t->screen.text(t->screen.dev, &t->text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_pixels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blinking_and_cursor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_fonts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(monochrome_underline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_content, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mode_13, set_up, tear_down),
        cmocka_unit_test_setup_teardown(planes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cga_modes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mode_x, set_up, tear_down),
        cmocka_unit_test_setup_teardown(split_screen_and_panning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(smooth_scrolling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nibbles_pass_the_palette, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_nibble_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(horizontal_blanking, set_up, tear_down),
        cmocka_unit_test_setup_teardown(vertical_blanking, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blanking_in_other_units, set_up, tear_down),
        cmocka_unit_test_setup_teardown(skew_and_short_totals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_signal, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("vga_draw", tests, NULL, NULL);
}
