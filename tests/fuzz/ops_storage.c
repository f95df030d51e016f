/* ops_storage.c - operations on disks, CD drives, floppies and the DMA controller, as their drivers do them (ATA-4, SFF-8020i,
 * 82077AA and 8237A data sheets, Bus Master IDE 1.0). */
#include "ops.h"

enum { PRIMARY = 0x1f0, SECONDARY = 0x170, BUS_MASTER = 0xc000, FDC = 0x3f0, PRD_TABLE = 0x1000, MS = 1000000 };

/* ---- ATA ---- */

static u16 ata_port(u8 how) { return how & 1 ? SECONDARY : PRIMARY; }

/* Commands that drives know, most of the time. */
static u8 ata_code(u8 code)
{
    static const u8 known[] = {
        0xec, 0xa1, 0x20, 0x21, 0x30, 0x31, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0x24, 0x25, 0x29, 0x34, 0x35, 0x39, 0xef, 0x91, 0x90, 0x10,
        0x40, 0x42, 0x70, 0xe0, 0xe1, 0xe2, 0xe3, 0xe5, 0xe6, 0xe7, 0xea, 0x08, 0xa0, 0xf8, 0x27, 0xb0, 0xda, 0x94, 0x95, 0x96, 0x97,
        0x98, 0x99, 0x00, 0xc9, 0xcb, 0x22, 0x32, 0xf9, 0x37, 0xf5
    };
    return code % 64 < ARRAY_LEN(known) ? known[code % 64] : code;
}

/* Registers, then the command; then time, most often. */
void act_ata_command(struct target *t, struct bytes *b)
{
    u8 how = take8(b), code = take8(b);
    u16 port = ata_port(how);
    act_out(t, port + 6, (how & 2 ? 0x10 : 0) | (how & 4 ? 0xe0 : 0xa0) | (how & 0x80 ? take8(b) & 0xf : 0), 1);
    act_out(t, port + 1, how & 8 ? take8(b) : 0, 1);
    for (int k = 2; k < 6; k++)
        act_out(t, (u16)(port + k), k == 2 || how & 0x10 ? take8(b) : 0, 1);
    act_out(t, port + 7, ata_code(code), 1);
    if (how & 0x20)
        act_advance(t, how & 0x40 ? 100 * MS : act_time(take8(b)));
    act_in(t, port + 7, 1);
}

void act_ata_identify(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u16 port = ata_port(how);
    act_out(t, port + 6, how & 2 ? 0xb0 : 0xa0, 1);
    act_out(t, port + 7, how & 4 ? 0xa1 : 0xec, 1);
    act_advance(t, 100 * MS);
    act_in(t, port + 7, 1);
}

/* A command whose data are moved in part, or not yet; then another one, or a reset, in the middle of that; and the driver goes on. */
void act_ata_interrupt(struct target *t, struct bytes *b)
{
    static const u8 first[8] = { 0xec, 0x20, 0x30, 0xa1, 0xa0, 0xc4, 0xc5, 0xc8 };
    u8 how = take8(b), second = take8(b), words = take8(b);
    u16 port = ata_port(how);
    act_out(t, port + 6, how & 2 ? 0xf0 : 0xe0, 1);
    act_out(t, port + 2, 2, 1);
    act_out(t, port + 7, first[how >> 2 & 7], 1);
    act_advance(t, how & 0x80 ? 1000 : 100 * MS);
    for (u8 k = 0; k < (words & 15); k++)
        act_in(t, port, 2);
    if (second == 0xff)
        act_out(t, port + 0x206, 4, 1), act_out(t, port + 0x206, 0, 1);
    else
        act_out(t, port + 7, ata_code(second), 1);
    if (how & 0x20)
        act_advance(t, act_time(words));
    for (int k = 0; k < 258; k++) {
        if (how & 0x40)
            act_out(t, port, (u32)k, 2);
        else
            act_in(t, port, 2);
    }
    act_in(t, port + 7, 1);
}

void act_ata_select(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u16 port = ata_port(how);
    if (how & 2)
        act_out(t, port + 0x206, how >> 4 & 6, 1);       /* nIEN, SRST */
    else
        act_out(t, port + 6, how & 4 ? 0xb0 : 0xa0, 1);
    act_in(t, port + (how & 8 ? 7 : 0x206), 1);
}

/* PACKET and its twelve bytes, of which the first is a command that drives know. */
void act_ata_packet(struct target *t, struct bytes *b)
{
    static const u8 known[] = { 0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0xa8, 0x2b, 0x42, 0x43, 0x44, 0x46, 0x4a, 0x51, 0x52, 0x55,
                                0x5a, 0xb9, 0xbd, 0xbe, 0x45, 0x47, 0x4b, 0x4e, 0xa5, 0xbb, 0x01, 0x1a, 0x15, 0x23, 0x35 };
    u8 packet[12], how = take8(b), which = take8(b);
    u16 port = ata_port(how ^ 1);
    take_into(b, packet, sizeof packet);
    packet[0] = which % 40 < ARRAY_LEN(known) ? known[which % 40] : which;
    act_out(t, port + 6, how & 2 ? 0xb0 : 0xa0, 1);
    act_out(t, port + 1, how & 4 ? 1 : 0, 1);
    u16 length = how & 8 ? take16(b) : 0xfffe;
    act_out(t, port + 4, length & 0xff, 1);
    act_out(t, port + 5, length >> 8, 1);
    act_out(t, port + 7, 0xa0, 1);
    act_advance(t, how & 0x10 ? act_time(take8(b)) : 10 * MS);
    act_in(t, port + 7, 1);
    for (int k = 0; k < 12; k += 2)
        act_out(t, port, get16(packet + k), 2);
    act_advance(t, how & 0x20 ? act_time(take8(b)) : 100 * MS);
    act_in(t, port + 7, 1);
}

/* Blocks of data, in or out, while DRQ is there. */
static void move_blocks(struct target *t, struct bytes *b, bool out)
{
    u8 how = take8(b), blocks = take8(b) & 7;
    u16 port = ata_port(how);
    int size = how & 2 ? 4 : 2;
    u32 words = how & 4 ? take8(b) : 256;
    do {
        for (u32 k = 0; k < words; k++) {
            if (out)
                act_out(t, port, 0x5a5a0000u + k, size);
            else
                act_in(t, port, size);
        }
        if (how & 8)
            act_advance(t, 10 * MS);
    } while (blocks-- && (act_in(t, port + 0x206, 1) & 8));
}

void act_ata_drain(struct target *t, struct bytes *b) { move_blocks(t, b, false); }
void act_ata_feed(struct target *t, struct bytes *b) { move_blocks(t, b, true); }

/* A table of regions and the bus master started on it: most of them ones that a driver makes. */
void act_ata_dma(struct target *t, struct bytes *b)
{
    u8 how = take8(b), entry[8];
    u16 base = BUS_MASTER + (how & 1 ? 8 : 0);
    u32 n = 1 + (how >> 1 & 3);
    for (u32 k = 0; k < n; k++) {
        u16 bytes = take16(b);
        put32(entry, (take16(b) & 0xfffeu) << (how & 8 ? 8 : 1));
        put32(entry + 4, (bytes & (how & 0x10 ? 0xffff : 0xfffe)) | (k + 1 == n && !(how & 0x20) ? 0x80000000u : 0));
        act_poke(t, PRD_TABLE + 8 * k, entry, sizeof entry);
    }
    act_out(t, base + 4, PRD_TABLE, 4);
    act_out(t, base + 2, 6, 1);
    act_out(t, base, (how & 0x40 ? 0 : 8) | (how & 0x80 ? 0 : 1), 1);
    act_advance(t, act_time(take8(b)));
    act_in(t, base + 2, 1);
}

/* ---- the floppy controller and its DMA ---- */

static u8 command_length(u8 code)
{
    static const u8 length[32] = { [2] = 9, [3] = 3, [4] = 2, [5] = 9, [6] = 9, [7] = 2, [8] = 1, [9] = 9, [10] = 2, [12] = 9, [13] = 6,
                                   [14] = 1, [15] = 3, [16] = 1, [17] = 9, [18] = 2, [19] = 4, [20] = 1, [22] = 9, [25] = 9, [29] = 9 };
    return length[code & 31] ? length[code & 31] : 1;
}

void act_fdc_command(struct target *t, struct bytes *b)
{
    u8 how = take8(b), code = take8(b), n = command_length(code);
    if (how & 1) {
        act_out(t, FDC + 2, 0x1c | (how & 2 ? 0x21 : 0), 1);
        act_out(t, FDC + 7, how >> 2 & 3, 1);
    }
    act_out(t, FDC + 5, code, 1);
    for (u8 k = 1; k < n; k++)
        act_out(t, FDC + 5, k == 5 && !(how & 0x10) ? 2 : take8(b), 1);
    if (how & 0x20)
        act_advance(t, how & 0x40 ? 500 * MS : act_time(take8(b)));
    act_in(t, FDC + 4, 1);
}

void act_fdc_results(struct target *t, struct bytes *b)
{
    u8 n = take8(b) & 15;
    while (n-- && (act_in(t, FDC + 4, 1) & 0xc0) == 0xc0)
        act_in(t, FDC + 5, 1);
}

/* Without DMA the processor moves each byte. */
void act_fdc_transfer(struct target *t, struct bytes *b)
{
    u32 n = 2u * take8(b);
    u8 how = take8(b);
    for (u32 k = 0; k < n; k++) {
        u32 status = act_in(t, FDC + 4, 1);
        if ((status & 0xa0) != 0xa0)
            act_advance(t, 16000);
        else if (status & 0x40)
            act_in(t, FDC + 5, 1);
        else
            act_out(t, FDC + 5, how + k, 1);
    }
}

void act_dma_program(struct target *t, struct bytes *b)
{
    static const u8 pages[8] = { 7, 3, 1, 2, 15, 11, 9, 10 };
    u8 how = take8(b), channel = how & 7, mode = take8(b);
    u16 base = channel < 4 ? 0 : 0xc0, step = channel < 4 ? 1 : 2;
    u16 address = take16(b), count = take16(b);
    act_out(t, base + 12 * step, 0, 1);
    act_out(t, base + 11 * step, (mode & 0xfc) | (channel & 3), 1);
    act_out(t, (u16)(base + (channel & 3) * 2 * step), address & 0xff, 1);
    act_out(t, (u16)(base + (channel & 3) * 2 * step), address >> 8, 1);
    act_out(t, (u16)(base + ((channel & 3) * 2 + 1) * step), count & 0xff, 1);
    act_out(t, (u16)(base + ((channel & 3) * 2 + 1) * step), count >> 8, 1);
    act_out(t, 0x80 + pages[channel], how & 8 ? take8(b) : how >> 6, 1);
    act_out(t, base + 10 * step, (how & 0x10 ? 4 : 0) | (channel & 3), 1);
    if (how & 0x20)
        act_out(t, 0xd6, 0xc0, 1), act_out(t, 0xd4, 0, 1);
}

/* Software requests: the channel moves at once what it was told. */
void act_dma_request(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    u16 port = how & 8 ? 0xd2 : 9;
    for (u32 n = 1 + (how >> 6); n; n--)
        act_out(t, port, (how & 3) | 4, 1);
    act_in(t, how & 8 ? 0xd0 : 8, 1);
}
