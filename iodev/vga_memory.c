/* vga_memory.c - how the processor sees video memory.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem": "Video Memory Organization", "Graphics Controller
 * Registers", "Sequencer Registers".
 *
 * Byte p of the four-byte group g in the RAM block is plane p, so that 256-colour and linear modes are plain memory. In
 * planar modes group g is offset g of each plane. In chain-4 mode the chip puts the byte at address A in plane A & 3 at
 * offset A & ~3 and the display counter is rotated the same way; to make A the place in the RAM block too, the group is
 * the plane offset rotated right by two (`chained`). The bytes are put in the other order when chain-4 goes on or off, so
 * that the guest sees one memory.
 *
 * Here: read modes 0 and 1, write modes 0 to 3, latches, odd/even, chain-4, the four windows, banks of DISPI.
 * Not here: the odd/even page bit of the miscellaneous output register (every BIOS mode leaves it alone). Reads of
 * chain-4 memory as plain pages do not load the latches. */
#include "vga_parts.h"

static const u32 spread[16] = {     /* bit p of the index fills byte p */
    0x00000000, 0x000000ff, 0x0000ff00, 0x0000ffff, 0x00ff0000, 0x00ff00ff, 0x00ffff00, 0x00ffffff,
    0xff000000, 0xff0000ff, 0xff00ff00, 0xff00ffff, 0xffff0000, 0xffff00ff, 0xffffff00, 0xffffffff
};

static u32 rotate_right2(u32 plane_offset) { return plane_offset >> 2 | (plane_offset & 3) << 14; }

static u64 group_place(const struct vga *v, u32 plane_offset)
{
    plane_offset &= PLANE_SIZE - 1;
    return 4ull * (v->s.chained ? rotate_right2(plane_offset) : plane_offset);
}

u32 vga_group(const struct vga *v, u32 plane_offset) { return get32(v->ram->host + group_place(v, plane_offset)); }

/* Offset in the window of an offset in A0000-BFFFF; false if the window is elsewhere. "Miscellaneous register". */
static bool in_window(const struct vga *v, u64 offset, u32 *at)
{
    static const struct { u32 base, size; } window[4] = {
        { 0, 128 << 10 }, { 0, 64 << 10 }, { 64 << 10, 32 << 10 }, { 96 << 10, 32 << 10 }
    };
    int select = v->s.gc[GC_MISCELLANEOUS] >> 2 & 3;
    if (!(v->s.misc & MISC_ENABLE_RAM) || !(v->s.enabled & 1))
        return false;
    *at = (u32)(offset - window[select].base);
    return offset - window[select].base < window[select].size;
}

/* Where a CPU address goes: place of the group in the RAM block. With DISPI's 16-colour modes the bank counts 64 KB of
 * each plane. */
static u64 place_of(const struct vga *v, u32 at)
{
    if (v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_CHAIN_4) {
        u32 group = (at & 0x1ffff) >> 2;
        return 4ull * (v->s.chained ? group : (group << 2 | group >> 14) & 0xffff);
    }
    u32 offset = at & 0xffff;
    if (v->s.gc[GC_MISCELLANEOUS] & GC_MISC_CHAIN_ODD_EVEN)
        offset = (offset & ~1u) | (at >> 16 & 1);           /* A16, 0 in windows of 64 KB and less */
    if (vga_dispi_on(v))
        return (4ull * ((u64)v->s.dispi[DISPI_BANK] << 16 | offset)) & (VGA_MEMORY - 1);
    return group_place(v, offset);
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
    if (v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_CHAIN_4)
        plane = at & 3;
    else if (gc[GC_MODE] & GC_MODE_ODD_EVEN)
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
    if (v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_CHAIN_4)
        planes &= 1u << (at & 3);
    else if (!(v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_SEQUENTIAL))
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

/* Put the first 64K groups in the order of the other layout. */
static void rearrange(struct vga *v, bool chained)
{
    u8 *old = xcalloc(PLANE_SIZE, 4), *host = v->ram->host;
    ram_written(v->ram, 0, 4 * PLANE_SIZE);
    memcpy(old, host, 4 * PLANE_SIZE);
    for (u32 offset = 0; offset < PLANE_SIZE; offset++) {
        u32 group = rotate_right2(offset);
        memcpy(host + 4ull * (chained ? group : offset), old + 4ull * (chained ? offset : group), 4);
    }
    free(old);
    v->s.chained = chained;
}

/* In chain-4 mode, is a byte written the byte that memory holds, and does the window start at A0000? */
static bool plain(const struct vga *v)
{
    const u8 *gc = v->s.gc;
    return (v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_CHAIN_4) && v->s.chained && v->s.seq[SEQ_MAP_MASK] == 15
        && !gc[GC_ENABLE_SET_RESET] && !gc[GC_DATA_ROTATE] && gc[GC_BIT_MASK] == 0xff
        && !(gc[GC_MODE] & (GC_MODE_READ_MODE | 3));
}

void vga_map(struct vga *v)
{
    u32 at;
    bool chained = v->s.seq[SEQ_MEMORY_MODE] & MEMORY_MODE_CHAIN_4;
    if (chained != v->s.chained && !vga_dispi_on(v))
        rearrange(v, chained);
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
