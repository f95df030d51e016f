/* vga_memory.c - how the processor sees video memory.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem": "Video Memory Organization", "Graphics Controller
 * Registers", "Sequencer Registers".
 *
 * Byte p of a four-byte group in the RAM block is plane p. In chain-4 mode the chip puts the byte at address A in plane A & 3
 * at offset A & ~3 and the display counter is rotated the same way. So that A is the place in the RAM block, too, and a
 * 256-colour mode is plain memory, the group of a plane offset is the offset rotated right by two, in every mode of the VGA.
 *
 * While DISPI is on, its bank is the 64 KB at A0000 and nothing else, wherever the old mode had the window, and its 16-colour
 * modes have four plain planes of VGA_MEMORY / 4: the window, odd/even and chain-4 bits stay as the old mode set them and
 * apply again when DISPI is switched off. (vbedisplay: "the memory is at A0000, in banks of 64 KB".)
 *
 * Here: read modes 0 and 1, write modes 0 to 3, latches, odd/even, chain-4, the four windows, banks of DISPI.
 * Not here: the odd/even page bit of the miscellaneous output register (every BIOS mode leaves it alone). Reads of
 * chain-4 memory as plain pages do not load the latches. */
#include "vga_parts.h"

static const u32 spread[16] = {     /* bit p of the index fills byte p */
    0x00000000, 0x000000ff, 0x0000ff00, 0x0000ffff, 0x00ff0000, 0x00ff00ff, 0x00ffff00, 0x00ffffff,
    0xff000000, 0xff0000ff, 0xff00ff00, 0xff00ffff, 0xffff0000, 0xffff00ff, 0xffffff00, 0xffffffff
};

static u64 group_place(u32 plane_offset) { return 4ull * ((plane_offset >> 2 & 0x3fff) | (plane_offset & 3) << 14); }

u32 vga_group(const struct vga *v, u32 plane_offset) { return get32(v->ram->host + group_place(plane_offset)); }

static bool chain_4(const struct vga *v) { return !vga_dispi_on(v) && (v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_CHAIN_4); }

/* Offset in the window of an offset in A0000-BFFFF; false if the window is elsewhere. "Miscellaneous register". */
static bool in_window(const struct vga *v, u64 offset, u32 *at)
{
    static const struct { u32 base, size; } window[4] = {
        { 0, 128 << 10 }, { 0, 64 << 10 }, { 64 << 10, 32 << 10 }, { 96 << 10, 32 << 10 }
    };
    int select = vga_dispi_on(v) ? 1 : v->s.gc[GC_MISCELLANEOUS] >> 2 & 3;
    if (!(v->s.enabled & 1) || !((v->s.misc & MISC_ENABLE_RAM) || vga_dispi_on(v)))
        return false;
    *at = (u32)(offset - window[select].base);
    return offset - window[select].base < window[select].size;
}

/* Where a CPU address goes: place of the group in the RAM block. With DISPI's 16-colour modes the bank counts 64 KB of
 * each plane. */
static u64 place_of(const struct vga *v, u32 at)
{
    if (vga_dispi_on(v))
        return (4ull * ((u64)v->s.dispi[DISPI_BANK] << 16 | (at & 0xffff))) & (VGA_MEMORY - 1);
    if (chain_4(v))
        return 4ull * (at >> 2 & 0xffff);
    u32 offset = at & 0xffff;
    if (v->s.gc[GC_MISCELLANEOUS] & GC_MISC_CHAIN_ODD_EVEN)
        offset = (offset & ~1u) | (at >> 16 & 1);           /* A16, 0 in windows of 64 KB and less */
    return group_place(offset);
}

static u64 packed_place(const struct vga *v, u32 at)
{
    return ((u64)v->s.dispi[DISPI_BANK] << 16 | (at & 0xffff)) & (VGA_MEMORY - 1);
}

static u8 read_byte(struct vga *v, u32 at)
{
    if (vga_packed(v))
        return v->ram->host[packed_place(v, at)];
    const u8 *gc = v->s.gc;
    u32 latch = v->s.latch = get32(v->ram->host + place_of(v, at));
    if (gc[GC_MODE] & GC_MODE_READ_MODE) {
        u32 differs = (latch ^ spread[gc[GC_COLOR_COMPARE]]) & spread[gc[GC_COLOR_DONT_CARE]];
        differs |= differs >> 16;
        return (u8)~(differs | differs >> 8);
    }
    u32 plane = gc[GC_READ_MAP_SELECT];
    if (chain_4(v))
        plane = at & 3;
    else if (!vga_dispi_on(v) && (gc[GC_MODE] & GC_MODE_ODD_EVEN))
        plane = (plane & 2) | (at & 1);
    return (u8)(latch >> 8 * plane);
}

/* What the arithmetic unit makes of data and latches, then the bit mask: "Data Rotate", "Bit Mask". */
static u32 combine(const struct vga *v, u32 data, u8 bit_mask)
{
    u32 latch = v->s.latch, mask = 0x01010101u * bit_mask;
    switch (v->s.gc[GC_DATA_ROTATE] >> 3 & 3) {
    case 1: data &= latch; break;
    case 2: data |= latch; break;
    case 3: data ^= latch; break;
    }
    return (data & mask) | (latch & ~mask);
}

/* The value for all four planes: "Graphics Mode register", write modes. */
static u32 write_data(const struct vga *v, u8 value)
{
    const u8 *gc = v->s.gc;
    int rotate = gc[GC_DATA_ROTATE] & 7;
    u8 rotated = (u8)(value >> rotate | value << (8 - rotate));
    u32 set = spread[gc[GC_ENABLE_SET_RESET]];
    switch (gc[GC_MODE] & 3) {
    case 0:
        return combine(v, ((0x01010101u * rotated) & ~set) | (spread[gc[GC_SET_RESET]] & set), gc[GC_BIT_MASK]);
    case 1:
        return v->s.latch;
    case 2:
        return combine(v, spread[value & 15], gc[GC_BIT_MASK]);
    default:
        return combine(v, spread[gc[GC_SET_RESET]], rotated & gc[GC_BIT_MASK]);
    }
}

static void write_byte(struct vga *v, u32 at, u8 value)
{
    if (vga_packed(v)) {
        u64 place = packed_place(v, at);
        ram_written(v->ram, place, 1);
        v->ram->host[place] = value;
        return;
    }
    u32 planes = v->s.seq[SEQ_MAP_MASK];
    if (chain_4(v))
        planes &= 1u << (at & 3);
    else if (!vga_dispi_on(v) && !(v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_SEQUENTIAL))
        planes &= at & 1 ? 0xa : 0x5;
    if (!planes)
        return;
    u64 place = place_of(v, at);
    u32 data = write_data(v, value), old = get32(v->ram->host + place);
    u32 new = (old & ~spread[planes]) | (data & spread[planes]);
    if (new == old)
        return;
    ram_written(v->ram, place, 4);
    put32(v->ram->host + place, new);
}

u64 vga_planes_read(void *dev, u64 offset, int size)
{
    struct vga *v = dev;
    u64 value = 0;
    for (int k = 0; k < size; k++) {
        u32 at;
        value |= (u64)(in_window(v, offset + (u64)k, &at) ? read_byte(v, at) : 0xff) << (8 * k);
    }
    return value;
}

void vga_planes_write(void *dev, u64 offset, u64 value, int size)
{
    struct vga *v = dev;
    for (int k = 0; k < size; k++) {
        u32 at;
        if (in_window(v, offset + (u64)k, &at))
            write_byte(v, at, (u8)(value >> (8 * k)));
    }
}

/* In chain-4 mode, is a byte written the byte that memory holds, and does the window start at A0000? */
static bool plain(const struct vga *v)
{
    const u8 *gc = v->s.gc;
    return chain_4(v) && v->s.seq[SEQ_MAP_MASK] == 15
        && !gc[GC_ENABLE_SET_RESET] && !gc[GC_DATA_ROTATE] && gc[GC_BIT_MASK] == 0xff
        && !(gc[GC_MODE] & (GC_MODE_READ_MODE | 3));
}

void vga_map(struct vga *v)
{
    u32 at;
    bool packed = vga_packed(v);
    bool direct = (packed || plain(v)) && in_window(v, 0, &at);
    u64 bank = packed ? packed_place(v, 0) : 0;
    struct space *memory = machine_memory(v->dev.machine);
    space_begin(memory);
    if (direct)
        region_set_ram(v->direct, v->ram, bank);
    region_enable(v->direct, direct ? REGION_READ | REGION_WRITE : 0);
    space_commit(memory);
}
