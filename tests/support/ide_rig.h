/* ide_rig.h - an IDE function with a disk as primary master and a CD drive as secondary master, and the host's side of the
 * protocols, for tests of the commands. Include after <setjmp.h>, <stdarg.h>. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_machine.h"
#include "../../iodev/storage/ide.h"
#include "../../iodev/pci/pci.h"

enum { PRI = 0x1f0, SEC = 0x170, BM = 0xc000, MS = 1000000, ST_OK = 0x50, ST_DATA = 0x58, ST_ERR = 0x51, ST_FAULT = 0x71 };

struct rig {
    struct machine *m;
    struct ide *ide;
    struct fake_wire irq14, irq15;
};

static inline void rig_config(struct rig *r, int offset, u32 value, int size)
{
    fake_out32(r->m, 0xcf8, 0x80000900u | (u32)(offset & 0xfc));
    if (size == 4)
        fake_out32(r->m, 0xcfc, value);
    else
        fake_out16(r->m, (u16)(0xcfc + (offset & 2)), (u16)value);
}

static inline struct rig *rig_new(struct image *disk, struct image *cd)
{
    struct rig *r = xcalloc(1, sizeof *r);
    const struct line nowhere[PCI_PIRQS] = { 0 };
    r->m = fake_new(0x100000);
    struct pci_bus *bus = pci_bus_new(r->m, 0xcf8, nowhere);
    r->ide = ide_new(r->m, &(struct ide_at) { .command = { 0x1f0, 0x170 }, .control = { 0x3f6, 0x376 } }, bus, 1, 1, fake_wire(&r->irq14, r->m), fake_wire(&r->irq15, r->m));
    ide_attach_disk(r->ide, 0, 0, disk);
    ide_attach_cd(r->ide, 1, 0, cd);
    ide_set_hurry(r->ide, 10000);           /* what moves is t_drive_motion.c's */
    fake_reset(r->m);
    rig_config(r, 0x20, BM, 4);
    rig_config(r, 0x40, 0x8000, 2);
    rig_config(r, 0x42, 0x8000, 2);
    rig_config(r, 0x04, 5, 2);
    return r;
}

static inline void rig_free(struct rig *r)
{
    fake_free(r->m);
    free(r);
}

static inline u8 reg(struct rig *r, u16 port) { return fake_in8(r->m, port); }
static inline void set_reg(struct rig *r, u16 port, u8 v) { fake_out8(r->m, port, v); }

/* Features, count, address; the command; then time passes. Returns the status, the interrupt acknowledged. */
static inline u8 command(struct rig *r, u16 port, u8 features, u8 count, u32 address, u8 device, u8 code)
{
    set_reg(r, port + 1, features);
    set_reg(r, port + 2, count);
    set_reg(r, port + 3, (u8)address);
    set_reg(r, port + 4, (u8)(address >> 8));
    set_reg(r, port + 5, (u8)(address >> 16));
    set_reg(r, port + 6, device);
    set_reg(r, port + 7, code);
    fake_advance(r->m, 100 * MS);
    return reg(r, port + 7);
}

static inline void take_words(struct rig *r, u16 port, u16 *to, int n)
{
    for (int k = 0; k < n; k++)
        to[k] = fake_in16(r->m, port);
}

/* A packet; features 1: DMA. Returns the status after it was taken and time has passed. */
static inline u8 packet(struct rig *r, u8 features, const u8 *bytes)
{
    assert_int_equal(command(r, SEC, features, 0, 0xfffe00, 0xa0, 0xa0), ST_DATA);
    for (int k = 0; k < 12; k += 2)
        fake_out16(r->m, SEC, get16(bytes + k));
    fake_advance(r->m, 10 * MS);
    return reg(r, SEC + 7);
}
#define PACKET(r, ...) packet(r, 0, (const u8[12]) { __VA_ARGS__ })

/* All blocks of an answer; returns its length. */
static inline u32 take_answer(struct rig *r, u8 *to)
{
    u32 n = 0;
    while (reg(r, SEC + 0x206) & 8) {
        u32 length = reg(r, SEC + 4) | (u32)reg(r, SEC + 5) << 8;
        for (u32 k = 0; k < length; k += 2)
            put16(to + n + k, fake_in16(r->m, SEC));
        n += length;
        fake_advance(r->m, 10 * MS);
    }
    assert_int_equal(reg(r, SEC + 7), ST_OK);
    assert_int_equal(reg(r, SEC + 2), 3);
    return n;
}

/* Sense key << 16 | code << 8 | qualifier of the packet that just failed. */
static inline u32 sense(struct rig *r)
{
    u8 a[18];
    assert_int_equal(PACKET(r, 0x03, 0, 0, 0, 18), ST_DATA);
    assert_int_equal(take_answer(r, a), 18);
    return (u32)a[2] << 16 | (u32)a[12] << 8 | a[13];
}
