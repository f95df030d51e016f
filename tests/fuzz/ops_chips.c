/* ops_chips.c - operations on the other chips, as their drivers do them: an index and its register, a counter and its two bytes. */
#include "ops.h"

enum { MS = 1000000, FW_DESCRIPTOR = 0x2000, APIC = 0xfee00000u, IOAPIC = 0xfec00000u, HPET = 0xfed00000u };

void act_pit_program(struct target *t, struct bytes *b)
{
    u8 control = take8(b), counter = control >> 6 & 3;
    u16 count = take16(b);
    act_out(t, 0x43, control, 1);
    if (counter == 3)
        return;
    if (control & 0x10)
        act_out(t, (u16)(0x40 + counter), count & 0xff, 1);
    if (control & 0x20)
        act_out(t, (u16)(0x40 + counter), count >> 8, 1);
    if (!(control & 0x30))
        act_in(t, (u16)(0x40 + counter), 1);
}

void act_rtc_register(struct target *t, struct bytes *b)
{
    u8 index = take8(b), value = take8(b);
    act_out(t, 0x70, index & 0x0f, 1);
    if (index & 0x80)
        act_out(t, 0x71, value, 1);
    else
        act_in(t, 0x71, 1);
}

void act_pic_program(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u16 port = how & 1 ? 0xa0 : 0x20;
    act_out(t, port, 0x11 | (how & 0x1e), 1);
    for (int k = 0; k < 3; k++)
        act_out(t, port + 1, take8(b), 1);
    act_out(t, port + 1, how & 0x80 ? take8(b) : 0, 1);
}

static void put_big(u8 *at, u32 v) { put32(at, swap32(v)); }

/* A descriptor in memory, then its address: the device reads it and moves. */
void act_fw_cfg_dma(struct target *t, struct bytes *b)
{
    u8 how = take8(b), d[16];
    put_big(d, (u32)take16(b) << 16 | (how & 0x1f));
    put_big(d + 4, how & 0x20 ? take32(b) >> (how & 3 ? 12 : 0) : take16(b));
    put_big(d + 8, how & 0x40 ? take8(b) & 0xf : 0);
    put_big(d + 12, how & 0x80 ? take32(b) : 0x3000u + take16(b));
    act_poke(t, FW_DESCRIPTOR, d, sizeof d);
    act_out(t, 0x514, 0, 4);
    act_out(t, 0x518, swap32(FW_DESCRIPTOR), 4);
    act_read(t, FW_DESCRIPTOR, 4);
}

void act_fw_cfg_item(struct target *t, struct bytes *b)
{
    u16 key = take16(b);
    act_out(t, 0x510, key, 2);
    for (u32 n = take8(b); n; n--)
        act_in(t, 0x511, 1);
}

/* A command to the controller, the keyboard or the mouse, with its data byte; then what it answers. */
void act_kbc_command(struct target *t, struct bytes *b)
{
    u8 how = take8(b), code = take8(b);
    if (how & 1)
        act_out(t, 0x64, code, 1);
    else if (how & 2)
        act_out(t, 0x64, 0xd4, 1), act_advance(t, MS), act_out(t, 0x60, code, 1);
    else
        act_out(t, 0x60, code, 1);
    act_advance(t, how & 4 ? 2 * MS : act_time(take8(b)));
    if (how & 8)
        act_out(t, 0x60, take8(b), 1), act_advance(t, 2 * MS);
    for (u8 n = how >> 4; n; n--) {
        if (act_in(t, 0x64, 1) & 1)
            act_in(t, 0x60, 1);
        act_advance(t, 2 * MS);
    }
}

void act_uart_program(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u16 base = how & 1 ? 0x2f8 : 0x3f8;
    act_out(t, base + 3, 0x80, 1);
    act_out(t, base, take8(b), 1);
    act_out(t, base + 1, how >> 6, 1);
    act_out(t, base + 3, take8(b) & 0x7f, 1);
    act_out(t, base + 2, how & 2 ? take8(b) : 1, 1);
    act_out(t, base + 4, how & 4 ? take8(b) : 0x0b, 1);
    act_out(t, base + 1, take8(b) & 15, 1);
}

void act_pci_config(struct target *t, struct bytes *b)
{
    u8 how = take8(b), where = take8(b);
    int size = 1 << (how & 3) > 4 ? 4 : 1 << (how & 3);
    act_out(t, 0xcf8, 0x80000000u | (u32)(how >> 4 & 7) << 11 | (how & 8 ? (u32)(take8(b) & 7) << 8 : 0) | (where & 0xfc), 4);
    if (how & 0x80)
        act_out(t, (u16)(0xcfc + (where & 3)), take_value(b), size);
    else
        act_in(t, (u16)(0xcfc + (where & 3)), size);
}

/* Local APIC, I/O APIC. */
void act_apic_register(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u32 index = take8(b);
    if (how & 1) {
        act_write(t, IOAPIC, index & 0x3f, 4);
        if (how & 2)
            act_write(t, IOAPIC + 0x10, take_value(b), 4);
        else
            act_read(t, IOAPIC + 0x10, 4);
    } else if (how & 2) {
        act_write(t, APIC + ((index & 0x3f) << 4), take_value(b), 4);
    } else {
        act_read(t, APIC + ((index & 0x3f) << 4), 4);
    }
}

void act_hpet_timer(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u64 timer = HPET + 0x100 + 0x20 * ((how & 3) % 3);
    act_write(t, HPET + 0x10, how >> 6, 4);
    act_write(t, timer, take16(b) & 0x7fff, 4);
    act_write(t, timer + 8, take_value(b), how & 4 ? 8 : 4);
    if (how & 8)
        act_write(t, timer + 8, take_value(b), 4);
}

/* ---- VGA ---- */

void act_vga_register(struct target *t, struct bytes *b)
{
    static const u16 port[8] = { 0x3c4, 0x3ce, 0x3d4, 0x3d4, 0x3c0, 0x3b4, 0x3c8, 0x3c4 };
    u8 which = take8(b) & 7, index = take8(b), value = take8(b);
    if (port[which] == 0x3c0) {
        act_in(t, 0x3da, 1);
        act_out(t, 0x3c0, index & 0x3f, 1);
        act_out(t, 0x3c0, value, 1);
    } else {
        act_out(t, port[which], index, 1);
        act_out(t, (u16)(port[which] + 1), value, 1);
        act_in(t, (u16)(port[which] + 1), 1);
    }
}

/* A whole mode of a standard kind, from which the other operations go on. */
void act_vga_mode(struct target *t, struct bytes *b)
{
    static const u8 crtc[25] = { 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28,
                                 0x1f, 0x96, 0xb9, 0xa3, 0xff };
    u8 how = take8(b);
    bool graphics = how & 1, chained = how & 2;
    act_out(t, 0x3c2, 0x63 | (how & 0x8c), 1);
    for (u16 k = 0; k < 5; k++) {
        static const u8 text[5] = { 3, 0, 3, 0, 2 }, planes[5] = { 3, 1, 15, 0, 6 }, linear[5] = { 3, 1, 15, 0, 14 };
        act_out(t, 0x3c4, (u32)k | (u32)(chained ? linear : graphics ? planes : text)[k] << 8, 2);
    }
    act_out(t, 0x3d4, 0x0011, 2);
    for (u16 k = 0; k < 25; k++)
        act_out(t, 0x3d4, (u32)k | (u32)(k == 9 && graphics ? 0x40 : k == 23 && graphics ? 0xe3 : crtc[k]) << 8, 2);
    for (u16 k = 0; k < 9; k++) {
        static const u8 text[9] = { 0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff }, picture[9] = { 0, 0, 0, 0, 0, 0, 5, 15, 0xff };
        act_out(t, 0x3ce, (u32)k | (u32)(k == 5 && chained ? 0x40 : (graphics ? picture : text)[k]) << 8, 2);
    }
    act_in(t, 0x3da, 1);
    for (u16 k = 0; k < 21; k++) {
        act_out(t, 0x3c0, k, 1);
        act_out(t, 0x3c0, k < 16 ? k : k == 16 ? (chained ? 0x41 : graphics ? 1 : 0x0c) : k == 18 ? 15 : 0, 1);
    }
    act_out(t, 0x3c0, 0x20, 1);
}

void act_vbe_register(struct target *t, struct bytes *b)
{
    u8 how = take8(b), index = how & 15;
    u16 value = take16(b);
    if (how & 0x10) {                           /* a mode: sizes, depth, on */
        static const u16 depth[8] = { 4, 8, 15, 16, 24, 32, 0, 13 };
        const u16 set[] = { 4, 0, 1, value, 2, take16(b), 3, depth[take8(b) & 7], 4, take8(b) | 1u };
        for (size_t k = 0; k < ARRAY_LEN(set); k += 2) {
            act_out(t, 0x1ce, set[k], 2);
            act_out(t, 0x1cf, set[k + 1], 2);
        }
        return;
    }
    act_out(t, 0x1ce, index, 2);
    if (how & 0x80)
        act_in(t, 0x1cf, 2);
    else
        act_out(t, 0x1cf, value, 2);
}

void act_vga_paint(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u32 at = 0xa0000u + take16(b) * (how & 1 ? 2u : 1u), value = take_value(b);
    int size = 1 << (how >> 1 & 3) > 4 ? 4 : 1 << (how >> 1 & 3);
    for (u32 n = how & 8 ? 64 : 1; n; n--, at += (u32)size) {
        if (how & 0x10)
            act_read(t, at, size);
        else
            act_write(t, at, value, size);
    }
}

/* What a window would show. */
void act_vga_draw(struct target *t, struct bytes *b)
{
    struct frame f = { 0 };
    u8 how = take8(b);
    if (!t->screen.draw)
        return;
    if (how & 1) {
        struct text_screen *text = xcalloc(1, sizeof *text);
        if (t->screen.text(t->screen.dev, text)) {
            case_check(text->columns >= 0 && text->rows >= 0 && text->columns * text->rows <= TEXT_CELLS_MAX, "%d x %d characters",
                       text->columns, text->rows);
            act_saw(t, (u64)text->columns << 32 | (u64)text->rows);
        }
        free(text);
    } else {
        t->screen.draw(t->screen.dev, &f, true, how & 2);
        act_saw(t, (u64)(u32)f.width << 32 | (u32)f.height);
        for (size_t k = 0, n = (size_t)f.width * (size_t)f.height; k < n; k += 97)
            act_saw(t, f.pixels[k]);
        frame_free(&f);
    }
    if (t->screen.next_retrace)
        act_saw(t, t->screen.next_retrace(t->screen.dev, machine_now(t->m)));
}
