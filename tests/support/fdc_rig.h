/* fdc_rig.h - an 82077AA with a drive and a 1.44M floppy whose sectors say which they are, its DMA channel, and the host's side of its
 * phases. Include after <setjmp.h>, <stdarg.h>. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_machine.h"
#include "../../iodev/isa/i8237.h"
#include "../../iodev/storage/i82077aa.h"

enum { PORT = 0x3f0, DOR = PORT + 2, MSR = PORT + 4, FIFO = PORT + 5, DIR = PORT + 7, BUFFER = 0x8000 };
enum { MS = 1000000 };

struct rig {
    struct machine *m;
    struct i82077aa *fdc;
    struct fake_wire irq;
    u8 result[16];
};

static inline int fdc_set_up(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    u8 *disk = xcalloc(1, 1440 * 1024);
    for (int k = 0; k < 2880; k++)
        put16(disk + 512 * k, (u16)k), memset(disk + 512 * k + 2, k, 510);
    r->m = fake_new(0x100000);
    struct i8237 *dma = i8237_new(r->m, 0x00, 0xc0, 0x80);
    r->fdc = i82077aa_new(r->m, PORT, fake_wire(&r->irq, r->m), dma, 2);
    i82077aa_add_drive(r->fdc, 0, 4);
    i82077aa_set_medium(r->fdc, 0, image_new_memory("a", IMAGE_FLOPPY, disk, 1440 * 1024));
    free(disk);
    fake_reset(r->m);
    fake_out8(r->m, 0xd6, 0xc0);            /* cascade */
    fake_out8(r->m, 0xd4, 0x00);
    *state = r;
    return 0;
}

static inline void command(struct rig *r, int n, const u8 *bytes)
{
    for (int k = 0; k < n; k++) {
        assert_int_equal(fake_in8(r->m, MSR) & 0xc0, 0x80);
        fake_out8(r->m, FIFO, bytes[k]);
    }
}
#define COMMAND(r, ...) command(r, (int)sizeof((u8[]) { __VA_ARGS__ }), (u8[]) { __VA_ARGS__ })

static inline void results(struct rig *r, int n)
{
    for (int k = 0; k < n; k++) {
        assert_int_equal(fake_in8(r->m, MSR) & 0xd0, 0xd0);
        r->result[k] = fake_in8(r->m, FIFO);
    }
    assert_int_equal(fake_in8(r->m, MSR) & 0xd0, 0x80);
}

static inline void expect(struct rig *r, u8 st0, u8 st1, u8 st2, u8 c, u8 h, u8 s)
{
    results(r, 7);
    assert_int_equal(r->result[0], st0);
    assert_int_equal(r->result[1], st1);
    assert_int_equal(r->result[2], st2);
    assert_int_equal(r->result[3], c);
    assert_int_equal(r->result[4], h);
    assert_int_equal(r->result[5], s);
    assert_int_equal(r->result[6], 2);
}

/* to_memory: DMA mode 46; else 4A. */
static inline void program_dma(struct rig *r, int n, bool to_memory)
{
    fake_out8(r->m, 0x0a, 0x06);
    fake_out8(r->m, 0x0c, 0);
    fake_out8(r->m, 0x0b, to_memory ? 0x46 : 0x4a);
    fake_out8(r->m, 0x04, BUFFER & 0xff), fake_out8(r->m, 0x04, BUFFER >> 8);
    fake_out8(r->m, 0x81, 0);
    fake_out8(r->m, 0x05, (u8)(n - 1)), fake_out8(r->m, 0x05, (u8)((n - 1) >> 8));
    fake_out8(r->m, 0x0a, 0x02);
}

/* Out of reset, motor on, 500 kbit/s, recalibrated. */
static inline void get_ready(struct rig *r)
{
    fake_out8(r->m, DOR, 0x1c);
    fake_out8(r->m, DIR, 0);
    fake_advance(r->m, MS);
    for (int k = 0; k < 4; k++) {
        COMMAND(r, 0x08);
        results(r, 2);
    }
    COMMAND(r, 0x03, 0xdf, 0x02);
    COMMAND(r, 0x07, 0);
    fake_advance(r->m, 600 * MS);
    COMMAND(r, 0x08);
    results(r, 2);
    assert_int_equal(r->result[0], 0x20);
    assert_int_equal(r->result[1], 0);
    assert_false(r->irq.level);
}
