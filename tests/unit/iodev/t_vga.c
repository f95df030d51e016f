/* t_vga.c - the VGA's registers and memory. Follows: IBM PS/2 Hardware Interface Technical Reference, "Video
 * Subsystem". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../../iodev/display/vga.h"
#include "../../support/vga_modes.h"
#include <cmocka.h>

struct fixture { struct machine *m; struct vga *v; };

static int set_up(void **state)
{
    struct fixture *t = xcalloc(1, sizeof *t);
    t->m = fake_new(0);
    t->v = vga_new(t->m, &(struct vga_at) { .memory = 0xa0000, .mono = 0x3b4, .ports = 0x3c0, .dispi = 0x1ce });
    fake_reset(t->m);
    *state = t;
    return 0;
}

static void gc(struct machine *m, int index, int value) { vga_set_indexed(m, 0x3ce, index, value); }
static void seq(struct machine *m, int index, int value) { vga_set_indexed(m, 0x3c4, index, value); }
static u8 peek(struct machine *m, u64 at) { return (u8)space_read(machine_memory(m), at, 1); }
static void poke(struct machine *m, u64 at, u8 v) { space_write(machine_memory(m), at, v, 1); }

/* Byte of one plane, read in read mode 0. */
static u8 plane(struct machine *m, int p, u64 at)
{
    gc(m, 4, p);
    return peek(m, 0xa0000 + at);
}

static void check_planes(struct machine *m, u64 at, u8 p0, u8 p1, u8 p2, u8 p3)
{
    assert_int_equal(plane(m, 0, at), p0);
    assert_int_equal(plane(m, 1, at), p1);
    assert_int_equal(plane(m, 2, at), p2);
    assert_int_equal(plane(m, 3, at), p3);
}

/* Planes at 0 hold 0f, 33, 55, ff afterwards, and so do the latches. */
static void four_planes(struct machine *m)
{
    static const u8 value[4] = { 0x0f, 0x33, 0x55, 0xff };
    vga_set_mode(m, &vga_mode_12);
    for (int p = 0; p < 4; p++) {
        seq(m, 2, 1 << p);
        poke(m, 0xa0000, value[p]);
    }
    seq(m, 2, 15);
    peek(m, 0xa0000);
}

static void registers_read_back(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_3);
    assert_int_equal(fake_in8(m, 0x3cc), 0x67);
    for (int k = 0; k < 25; k++) {
        fake_out8(m, 0x3d4, (u8)k);
        assert_int_equal(fake_in8(m, 0x3d5), vga_mode_3.crtc[k]);
    }
    fake_in8(m, 0x3da);
    for (int k = 0; k < 21; k++) {
        fake_out8(m, 0x3c0, (u8)k);
        assert_int_equal(fake_in8(m, 0x3c1), vga_mode_3.attr[k]);
        fake_in8(m, 0x3da);
    }
    fake_out8(m, 0x3c4, 4);
    assert_int_equal(fake_in8(m, 0x3c5), 2);
    fake_out8(m, 0x3ce, 6);
    assert_int_equal(fake_in8(m, 0x3cf), 0x0e);
    gc(m, 3, 0xff);                                         /* undefined bits read 0 */
    assert_int_equal(fake_in8(m, 0x3cf), 0x1f);
}

static void protected_crtc(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_3);                           /* register 11h = 8e: protected */
    vga_set_indexed(m, 0x3d4, 0, 0x12);
    assert_int_equal(fake_in8(m, 0x3d5), 0x5f);
    vga_set_indexed(m, 0x3d4, 7, 0x00);                     /* only line compare bit 8 changes */
    assert_int_equal(fake_in8(m, 0x3d5), 0x0f);
    vga_set_indexed(m, 0x3d4, 0x11, 0x0e);
    vga_set_indexed(m, 0x3d4, 0, 0x12);
    assert_int_equal(fake_in8(m, 0x3d5), 0x12);
}

static void monochrome_addresses(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_7);
    fake_out8(m, 0x3b4, 0x0f);
    fake_out8(m, 0x3b5, 0x5a);
    assert_int_equal(fake_in8(m, 0x3b5), 0x5a);
    assert_int_equal(fake_in8(m, 0x3d5), 0xff);             /* nobody there */
    fake_out8(m, 0x3c2, 0x67);
    assert_int_equal(fake_in8(m, 0x3b5), 0xff);
    assert_int_equal(fake_in8(m, 0x3d5), 0x5a);
}

static void dac_sequence(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    fake_out8(m, 0x3c8, 10);
    for (int k = 0; k < 6; k++)
        fake_out8(m, 0x3c9, (u8)(0xc0 + k));                /* 6 bits a colour */
    assert_int_equal(fake_in8(m, 0x3c8), 12);
    assert_int_equal(fake_in8(m, 0x3c7), 0);
    fake_out8(m, 0x3c7, 10);
    assert_int_equal(fake_in8(m, 0x3c7), 3);
    for (int k = 0; k < 6; k++)
        assert_int_equal(fake_in8(m, 0x3c9), k);
    fake_out8(m, 0x3c8, 20);                                /* two bytes do not make a colour */
    fake_out8(m, 0x3c9, 1);
    fake_out8(m, 0x3c9, 2);
    fake_out8(m, 0x3c7, 20);
    assert_int_equal(fake_in8(m, 0x3c9), 0);
}

static void palette_is_busy_while_shown(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_3);
    fake_in8(m, 0x3da);
    fake_out8(m, 0x3c0, 0x20 | 1);
    fake_out8(m, 0x3c0, 0x2a);
    fake_in8(m, 0x3da);
    fake_out8(m, 0x3c0, 0x20 | 1);
    assert_int_equal(fake_in8(m, 0x3c1), 1);
    fake_in8(m, 0x3da);
    fake_out8(m, 0x3c0, 1);
    fake_out8(m, 0x3c0, 0x2a);
    fake_out8(m, 0x3c0, 0x20 | 1);
    assert_int_equal(fake_in8(m, 0x3c1), 0x2a);
}

static void write_mode_0(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    four_planes(m);
    check_planes(m, 0, 0x0f, 0x33, 0x55, 0xff);
    gc(m, 3, 3);                                            /* rotate right by 3: 81 becomes 30 */
    poke(m, 0xa0001, 0x81);
    check_planes(m, 1, 0x30, 0x30, 0x30, 0x30);
    gc(m, 3, 0);
    peek(m, 0xa0000);
    gc(m, 8, 0xf0);                                         /* the low bits come from the latches */
    poke(m, 0xa0002, 0xaa);
    check_planes(m, 2, 0xaf, 0xa3, 0xa5, 0xaf);
    gc(m, 8, 0xff);
    gc(m, 0, 0x5);
    gc(m, 1, 0x3);                                          /* set/reset on planes 0 and 1 only */
    poke(m, 0xa0003, 0x99);
    check_planes(m, 3, 0xff, 0x00, 0x99, 0x99);
    gc(m, 1, 0);
    seq(m, 2, 0x6);                                         /* only planes 1 and 2 are written */
    poke(m, 0xa0003, 0x11);
    check_planes(m, 3, 0xff, 0x11, 0x11, 0x99);
}

static void logical_functions(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    four_planes(m);
    gc(m, 3, 1 << 3);
    poke(m, 0xa0004, 0x3c);
    gc(m, 3, 2 << 3);
    poke(m, 0xa0005, 0x3c);
    gc(m, 3, 3 << 3);
    poke(m, 0xa0006, 0x3c);
    gc(m, 3, 0);
    check_planes(m, 4, 0x0c, 0x30, 0x14, 0x3c);
    check_planes(m, 5, 0x3f, 0x3f, 0x7d, 0xff);
    check_planes(m, 6, 0x33, 0x0f, 0x69, 0xc3);
}

static void write_modes_1_2_3(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    four_planes(m);
    gc(m, 5, 1);
    poke(m, 0xa0010, 0);                                    /* the data does not matter */
    gc(m, 5, 0);
    check_planes(m, 0x10, 0x0f, 0x33, 0x55, 0xff);
    peek(m, 0xa0000);
    gc(m, 5, 2);
    gc(m, 8, 0x0f);
    poke(m, 0xa0011, 0x0a);                                 /* colour 10 in the low bits */
    gc(m, 5, 0);
    gc(m, 8, 0xff);
    check_planes(m, 0x11, 0x00, 0x3f, 0x50, 0xff);
    peek(m, 0xa0000);
    gc(m, 5, 3);
    gc(m, 0, 0x6);
    gc(m, 3, 4);
    gc(m, 8, 0x3f);
    poke(m, 0xa0012, 0x0f);                                 /* rotated f0, and 3f: mask 30 */
    gc(m, 5, 0);
    gc(m, 3, 0);
    gc(m, 8, 0xff);
    check_planes(m, 0x12, 0x0f, 0x33, 0x75, 0xcf);
}

static void read_mode_1(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    four_planes(m);                                         /* bit 0: 1111 = colour 15; bit 7: plane 3 only = 8 */
    gc(m, 5, 8);
    gc(m, 7, 15);
    gc(m, 2, 15);
    assert_int_equal(peek(m, 0xa0000), 0x01);
    gc(m, 2, 8);
    assert_int_equal(peek(m, 0xa0000), 0x80);
    gc(m, 7, 0x8);                                          /* only plane 3 matters */
    assert_int_equal(peek(m, 0xa0000), 0xff);
    gc(m, 7, 0);
    gc(m, 2, 0);
    assert_int_equal(peek(m, 0xa0000), 0xff);
}

static void odd_even(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_3);
    space_write(machine_memory(m), 0xb8004, 0x1f41, 2);
    assert_int_equal(space_read(machine_memory(m), 0xb8004, 2), 0x1f41);
    assert_int_equal(peek(m, 0xa0004), 0xff);               /* not decoded in this mode */
    seq(m, 4, 6);
    gc(m, 5, 0);
    gc(m, 6, 4);
    check_planes(m, 4, 0x41, 0x1f, 0, 0);
    check_planes(m, 5, 0, 0, 0, 0);
}

static void windows(void **state)
{
    static const struct { int select; u64 first, last; } window[4] = {
        { 0, 0xa0000, 0xbffff }, { 1, 0xa0000, 0xaffff }, { 2, 0xb0000, 0xb7fff }, { 3, 0xb8000, 0xbffff }
    };
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_12);
    for (int k = 0; k < 4; k++) {
        gc(m, 6, window[k].select << 2 | 1);
        seq(m, 2, 15);
        poke(m, window[k].first, (u8)(0x20 + k));
        for (u64 at = 0xa0000; at < 0xc0000; at += 0x8000) {
            bool inside = at >= window[k].first && at <= window[k].last;
            u8 want = !inside ? 0xff : !((at - window[k].first) & 0xffff) ? (u8)(0x20 + k) : 0;
            assert_int_equal(peek(m, at), want);
        }
    }
    fake_out8(m, 0x3c2, 0xe1);                              /* RAM disabled */
    assert_int_equal(peek(m, 0xb8000), 0xff);
}

static void chain_4_is_plain_memory(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    struct space *memory = machine_memory(m);
    vga_set_mode(m, &vga_mode_13);
    assert_non_null(space_page(memory, 0xa0000)->write);
    assert_non_null(space_page(memory, 0xaf000)->read);
    assert_null(space_page(memory, 0xb0000)->read);
    for (int k = 0; k < 256; k++)
        poke(m, 0xa0000 + (u64)k * 257, (u8)k);
    seq(m, 2, 7);                                           /* plane 3 is not written: no longer plain */
    assert_null(space_page(memory, 0xa0000)->write);
    for (int k = 0; k < 256; k++)
        assert_int_equal(peek(m, 0xa0000 + (u64)k * 257), k);
    poke(m, 0xa0003, 0x77);
    poke(m, 0xa0002, 0x66);
    assert_int_equal(space_read(memory, 0xa0000, 4), 0x00660000);
    seq(m, 2, 15);
    assert_int_equal(space_read(memory, 0xa0000, 4), 0x00660000);
    gc(m, 8, 0x0f);
    assert_null(space_page(memory, 0xa0000)->write);
}

/* Address A of chain-4 is plane A & 3 at offset A & ~3, whichever order it is done in. */
static void chain_4_and_planes_are_one_memory(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    vga_set_mode(m, &vga_mode_13);
    poke(m, 0xa1235, 0x42);
    seq(m, 4, 6);
    gc(m, 5, 0);
    check_planes(m, 0x1234, 0, 0x42, 0, 0);
    seq(m, 2, 4);
    poke(m, 0xaffff, 0x24);
    poke(m, 0xafffc, 0x25);
    seq(m, 2, 15);
    seq(m, 4, 14);
    assert_int_equal(peek(m, 0xa1235), 0x42);
    assert_int_equal(peek(m, 0xafffe), 0x25);
    seq(m, 4, 6);
    check_planes(m, 0xffff, 0, 0, 0x24, 0);
}

/* 70.09 frames a second in text mode, 59.94 in mode 12h; display enable follows the lines. */
static void retrace(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    static const struct { const struct vga_mode *mode; int hertz; } row[] = {
        { &vga_mode_3, 70 }, { &vga_mode_12, 60 }, { &vga_mode_13, 70 }
    };
    for (size_t k = 0; k < ARRAY_LEN(row); k++) {
        int frames = 0, blanked = 0, reads = 0;
        bool was = false;
        vga_set_mode(m, row[k].mode);
        for (int us = 0; us < 1000000; us += 7) {
            u8 status = fake_in8(m, 0x3da);
            frames += !was && (status & 8);
            was = status & 8;
            blanked += status & 1;
            reads++;
            if (status & 8)
                assert_true(status & 1);
            fake_advance(m, 7000);
        }
        assert_in_range(frames, row[k].hertz - 1, row[k].hertz + 1);
        assert_in_range(blanked * 100 / reads, 20, 50);     /* 400 or 480 of 449 or 525 lines, 80 of 100 characters */
    }
}

static u8 status_at(struct machine *m, u64 when)
{
    fake_run_until(m, when);
    return fake_in8(m, 0x3da);
}

/* The screen's next retrace is the one that the guest sees begin. */
static void next_retrace(void **state)
{
    static const struct { const struct vga_mode *mode; u64 frame; } row[] = {
        { &vga_mode_3, 14268060 }, { &vga_mode_12, 16683217 }, { &vga_mode_13, 14268123 }, { &vga_mode_7, 14268060 },
        { &vga_mode_4, 14268123 }
    };
    struct fixture *t = *state;
    struct screen screen = vga_screen(t->v);
    u64 now = 0;
    for (size_t k = 0; k < ARRAY_LEN(row); k++) {
        vga_set_mode(t->m, row[k].mode);
        u16 status = row[k].mode->misc & 1 ? 0x3da : 0x3ba;
        u64 at = screen.next_retrace(screen.dev, now), line = row[k].frame / 449;
        for (int n = 0; n < 50; n++) {
            fake_run_until(t->m, at - 1);
            assert_int_equal(fake_in8(t->m, status) & 8, 0);
            fake_advance(t->m, 1);
            assert_int_equal(fake_in8(t->m, status) & 9, 9);
            assert_int_equal(screen.next_retrace(screen.dev, at - 1), at);
            u64 next = screen.next_retrace(screen.dev, at);
            assert_in_range(next - at, row[k].frame - 1, row[k].frame + 1);
            fake_advance(t->m, line * 3 / 2);               /* two lines long */
            assert_int_equal(fake_in8(t->m, status) & 8, 8);
            fake_advance(t->m, line);
            assert_int_equal(fake_in8(t->m, status) & 8, 0);
            assert_int_equal(screen.next_retrace(screen.dev, at + line), next);
            now = at;
            at = next;
        }
        now = at;
    }
}

static void odd_retraces(void **state)
{
    struct fixture *t = *state;
    struct machine *m = t->m;
    struct screen screen = vga_screen(t->v);
    u64 frame = 14268060, line = frame / 449;
    vga_set_mode(m, &vga_mode_3);
    vga_set_indexed(m, 0x3d4, 0x10, 445 & 0xff);
    vga_set_indexed(m, 0x3d4, 0x11, 0x03);                  /* until the low bits are 3: in the next frame */
    u64 at = screen.next_retrace(screen.dev, 0);
    assert_int_equal(status_at(m, at) & 8, 8);
    assert_int_equal(status_at(m, at + 6 * line + line / 2) & 8, 8);        /* line 2 */
    assert_int_equal(status_at(m, at + 7 * line + line / 2) & 8, 0);        /* line 3 */
    vga_set_indexed(m, 0x3d4, 0x10, 449 & 0xff);            /* past the last line: never */
    at = screen.next_retrace(screen.dev, frame);
    assert_in_range(at, frame + 1, 2 * frame + 1);
    assert_int_equal(screen.next_retrace(screen.dev, at) - at, frame);
    for (int k = 0; k < 449; k++)
        assert_int_equal(status_at(m, 3 * frame + (u64)k * line) & 8, 0);
    vga_set_indexed(m, 0x3d4, 0x17, 0x23);                  /* the CRT controller stands still */
    assert_int_equal(status_at(m, 5 * frame), 1);
    assert_int_equal(screen.next_retrace(screen.dev, 100000000), 100000000 / 16666666 * 16666666 + 16666666);
}

/* Register 11h: bit 4 must go 0 and 1 for each; bit 5 keeps the wire low; no BIOS mode has it on. */
static void retrace_interrupt(void **state)
{
    struct fixture *t = *state;
    struct machine *m = t->m;
    struct screen screen = vga_screen(t->v);
    struct fake_wire irq;
    vga_wire_irq(t->v, fake_wire(&irq, m));
    vga_set_mode(m, &vga_mode_3);                           /* 8e */
    fake_advance(m, 50000000);
    assert_false(irq.level);
    assert_int_equal(fake_in8(m, 0x3c2), 0x10);
    assert_int_equal(fake_next_timer(m), TIMER_OFF);        /* nor does it cost anything */
    vga_set_indexed(m, 0x3d4, 0x11, 0x9e);
    u64 at = screen.next_retrace(screen.dev, 50000000);
    fake_save_and_load(m);
    fake_run_until(m, at - 1);
    assert_false(irq.level);
    fake_advance(m, 1);
    assert_true(irq.level);
    assert_int_equal(fake_in8(m, 0x3da) & 8, 8);
    assert_int_equal(fake_in8(m, 0x3c2), 0x90);
    fake_advance(m, 100000000);                             /* it stays until it is cleared */
    assert_true(irq.level);
    assert_int_equal(irq.rises, 1);
    vga_set_indexed(m, 0x3d4, 0x11, 0xbe);                  /* off, but pending */
    assert_false(irq.level);
    assert_int_equal(fake_in8(m, 0x3c2), 0x90);
    vga_set_indexed(m, 0x3d4, 0x11, 0x8e);
    assert_int_equal(fake_in8(m, 0x3c2), 0x10);
    vga_set_indexed(m, 0x3d4, 0x11, 0x9e);
    assert_false(irq.level);
    vga_set_mode(m, &vga_mode_12);                          /* another frame, which it follows */
    vga_set_indexed(m, 0x3d4, 0x11, 0x1c);
    fake_advance(m, 30000000);
    assert_true(irq.level);
    assert_int_equal(irq.rises, 2);
    assert_int_equal(irq.rose_at, screen.next_retrace(screen.dev, irq.rose_at - 1));
    fake_reset(m);
    assert_false(irq.level);
}

/* Display enable within a line and over the lines, by the registers. */
static void display_enable(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    u64 frame = 16683217;
    vga_set_mode(m, &vga_mode_12);                          /* 80 of 100 characters, 480 of 525 lines */
    u64 first = frame * 10;
    for (u64 k = 0; k < 100; k++)
        assert_int_equal(status_at(m, first + frame * 20 / 525 + frame * (2 * k + 1) / 105000) & 1, k >= 80);
    for (u64 k = 200; k < 525; k++)
        assert_int_equal(status_at(m, first + frame * (2 * k + 1) / 1050) & 1, k >= 480);
}

static void survives_save_and_load(void **state)
{
    struct fixture *t = *state;
    vga_set_mode(t->m, &vga_mode_13);
    poke(t->m, 0xa0777, 0x31);
    seq(t->m, 2, 4);
    fake_save_and_load(t->m);
    assert_int_equal(fake_in8(t->m, 0x3c5), 4);
    assert_int_equal(peek(t->m, 0xa0777), 0x31);
    seq(t->m, 2, 15);
    assert_non_null(space_page(machine_memory(t->m), 0xa0000)->write);
}

/* Any bytes at any port: no crash, and a picture can always be drawn. */
static void nonsense(void **state)
{
    struct fixture *t = *state;
    struct screen screen = vga_screen(t->v);
    struct text_screen *text = xcalloc(1, sizeof *text);
    struct frame f = { 0 };
    u32 seed = 12345;
    for (int round = 0; round < 300; round++) {
        for (int k = 0; k < 200; k++) {
            seed = seed * 1664525 + 1013904223;
            u32 r = seed >> 8;
            fake_out16(t->m, (u16)(r & 0x8000 ? 0x3b0 + (r & 0x2f) : 0x1ce + (r & 1)), (u16)(seed >> 16 & 0x3fff));
            space_write(machine_memory(t->m), 0xa0000 + (seed >> 10 & 0x1fffc), seed, 4);
            space_read(machine_memory(t->m), 0xa0000 + (seed >> 12 & 0x1fffc), 4);
        }
        screen.draw(screen.dev, &f, true, round & 1);
        screen.text(screen.dev, text);
        assert_true(f.width > 0 && f.width <= 2560 && f.height > 0 && f.height <= 1600);
    }
    frame_free(&f);
    free(text);
}

/* Beside the manual: CRTC registers 22h and 24h show a latch and the attribute controller's flip-flop; 3C3h sleeps it all. */
static void readable_insides(void **state)
{
    struct machine *m = ((struct fixture *)*state)->m;
    four_planes(m);
    gc(m, 4, 2);
    fake_out8(m, 0x3d4, 0x22);
    assert_int_equal(fake_in8(m, 0x3d5), 0x55);
    fake_in8(m, 0x3da);
    fake_out8(m, 0x3c0, 0x20 | 5);
    fake_out8(m, 0x3d4, 0x24);
    assert_int_equal(fake_in8(m, 0x3d5), 0x80 | 0x25);
    assert_int_equal(fake_in8(m, 0x3c0), 0x25);
    fake_in8(m, 0x3da);
    fake_out8(m, 0x3d4, 0x24);
    assert_int_equal(fake_in8(m, 0x3d5), 0x25);
    fake_out8(m, 0x3ce, 7);
    assert_int_equal(fake_in8(m, 0x3ce), 7);
    fake_out8(m, 0x3c3, 0);
    assert_int_equal(fake_in8(m, 0x3ce), 0xff);
    assert_int_equal(fake_in8(m, 0x3c3), 0);
    fake_out8(m, 0x3c3, 1);
    assert_int_equal(fake_in8(m, 0x3ce), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fake_test_fields, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(registers_read_back, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(readable_insides, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(protected_crtc, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(monochrome_addresses, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(dac_sequence, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(palette_is_busy_while_shown, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(write_mode_0, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(logical_functions, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(write_modes_1_2_3, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(read_mode_1, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(odd_even, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(windows, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(chain_4_is_plain_memory, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(chain_4_and_planes_are_one_memory, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(retrace, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(next_retrace, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(odd_retraces, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(retrace_interrupt, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(display_enable, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(survives_save_and_load, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(nonsense, set_up, fake_tear_down),
    };
    return cmocka_run_group_tests_name("vga", tests, NULL, NULL);
}
