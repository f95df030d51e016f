/* vga_vbe.c - the display interface that Bochs gave its adapter for VESA modes ("DISPI"), and the register page of PCI
 * device 1234:1111. Follows: "Bochs VBE Display API" (vbedisplay, API documentation), interface version B0C5.
 * Here: 4, 8, 15, 16, 24 and 32 bits a pixel, banks, virtual screens, capabilities, 8-bit DAC. The bank window is at A0000
 * with the linear frame buffer and without, whatever the VGA's registers say (vga_memory.c); a palette address source of 0
 * makes the picture dark, as drivers expect that blank the screen by it; no other VGA register matters to it.
 * What it costs: switching on clears the picture's memory, 16 MB at most, at each change from off to on: a megabyte at once, each
 * further one in the millisecond that memory of its day took, while the processor waits; keeping it (NOCLEARMEM) and every other
 * register are cheap.
 * Not yet: DDC. */
#include "vga_parts.h"

enum { DISPI_ID0 = 0xb0c0, DISPI_ID5 = 0xb0c5 };

void vga_dispi_reset(struct vga *v)
{
    memset(v->s.dispi, 0, sizeof v->s.dispi);
    v->s.dispi_index = 0;
    v->s.dispi[DISPI_ID] = DISPI_ID5;
    v->s.dispi[DISPI_BPP] = 8;
}

static u32 bytes_a_pixel(const struct vga *v) { return (v->s.dispi[DISPI_BPP] + 7u) / 8; }

/* Bytes from one line to the next, of memory or of a plane. */
static u32 pitch_of(const struct vga *v)
{
    u32 width = v->s.dispi[DISPI_VIRT_WIDTH];
    return vga_packed(v) ? width * bytes_a_pixel(v) : width / 8;
}

/* Lines of this pitch that video memory holds. */
static u32 lines_in_memory(const struct vga *v)
{
    u32 pitch = pitch_of(v), memory = vga_packed(v) ? VGA_MEMORY : VGA_MEMORY / 4;
    u32 lines = pitch ? memory / pitch : 0;
    return lines > 0xffff ? 0xffff : lines;
}

/* Place of the first pixel's byte, in memory or in a plane. */
static u64 start(const struct vga *v)
{
    u64 x = v->s.dispi[DISPI_X_OFFSET], y = v->s.dispi[DISPI_Y_OFFSET];
    return y * pitch_of(v) + (vga_packed(v) ? x * bytes_a_pixel(v) : x / 8);
}

u64 vga_dispi_range(const struct vga *v, u64 *first)
{
    u64 bytes = (u64)pitch_of(v) * v->s.dispi[DISPI_YRES], from = start(v);
    if (!vga_packed(v)) {
        bytes = (bytes + 1) * 4;
        from *= 4;
    }
    if (bytes > VGA_MEMORY || from + bytes > VGA_MEMORY) {  /* it wraps */
        *first = 0;
        return VGA_MEMORY;
    }
    *first = from;
    return bytes;
}

enum { CLEAR_AT_ONCE = 1 << 20, CLEAR_NS = 1000000 };

/* Clear the next piece. */
static void clear_piece(struct vga *v)
{
    u32 n = v->s.clear_end - v->s.clear_at;
    n = n < CLEAR_AT_ONCE ? n : CLEAR_AT_ONCE;
    if (!n)
        return;
    dev_work(&v->dev, 1 + n / WORK_BYTES);
    ram_written(v->ram, v->s.clear_at, n);
    memset(v->ram->host + v->s.clear_at, 0, n);
    v->s.clear_at += n;
    v->redraw = true;
}

/* What comes to be cleared while an earlier range is (only a bus master can do that) makes it one range with what lies between. */
static void clear(struct vga *v, u64 first, u64 bytes)
{
    bool clears = v->clear.when != TIMER_OFF;
    u64 end = first + bytes;
    v->s.clear_at = clears && v->s.clear_at < first ? v->s.clear_at : (u32)first;
    v->s.clear_end = clears && v->s.clear_end > end ? v->s.clear_end : (u32)end;
    if (clears)
        return;
    clear_piece(v);
    if (v->s.clear_at == v->s.clear_end)
        return;
    machine_hold(v->dev.machine, true);
    timer_set(&v->clear, machine_now(v->dev.machine) + CLEAR_NS);
}

void vga_dispi_clear_on(void *dev)
{
    struct vga *v = dev;
    clear_piece(v);
    if (v->s.clear_at < v->s.clear_end)
        timer_set(&v->clear, machine_now(v->dev.machine) + CLEAR_NS);
    else
        machine_hold(v->dev.machine, false);
}

static void enable(struct vga *v, u16 value)
{
    u16 old = v->s.dispi[DISPI_ENABLE], *d = v->s.dispi;
    if ((old ^ value) & DISPI_8BIT_DAC) {                   /* the palette keeps its colours */
        for (int k = 0; k < 256 * 3; k++) {
            u8 *c = &v->s.dac[k / 3][k % 3];
            *c = (u8)(value & DISPI_8BIT_DAC ? *c << 2 : *c >> 2);
        }
    }
    d[DISPI_ENABLE] = value & (DISPI_ENABLED | DISPI_GETCAPS | DISPI_8BIT_DAC | DISPI_LFB | DISPI_NOCLEARMEM);
    if (!(value & DISPI_ENABLED) || (old & DISPI_ENABLED))
        return;
    if (!d[DISPI_XRES] || !d[DISPI_YRES])
        dev_log(&v->dev, "guest", "DISPI enabled at %u x %u", d[DISPI_XRES], d[DISPI_YRES]);
    d[DISPI_VIRT_WIDTH] = d[DISPI_XRES];
    d[DISPI_X_OFFSET] = d[DISPI_Y_OFFSET] = d[DISPI_BANK] = 0;
    d[DISPI_VIRT_HEIGHT] = (u16)lines_in_memory(v);
    if (!(value & DISPI_NOCLEARMEM)) {
        u64 first, bytes = vga_dispi_range(v, &first);
        clear(v, first, bytes);
    }
}

static bool known_depth(u16 bpp) { return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32; }

void vga_dispi_sane(struct vga *v)
{
    u16 *d = v->s.dispi;
    if (v->s.clear_end > VGA_MEMORY)
        v->s.clear_end = VGA_MEMORY;
    if (v->s.clear_at > v->s.clear_end)
        v->s.clear_at = v->s.clear_end;
    if (d[DISPI_XRES] > DISPI_MAX_XRES)
        d[DISPI_XRES] = DISPI_MAX_XRES;
    if (d[DISPI_YRES] > DISPI_MAX_YRES)
        d[DISPI_YRES] = DISPI_MAX_YRES;
    if (!known_depth(d[DISPI_BPP]))
        d[DISPI_BPP] = 8;
}

static void refuse(struct vga *v, int index, u16 value)
{
    dev_log(&v->dev, "guest", "DISPI register %d = %u is out of range", index, value);
}

/* The size and depth can be changed while the picture is shown; the virtual screen follows if it would be too narrow. */
static void size_register(struct vga *v, int index, u16 value)
{
    u16 *d = v->s.dispi;
    bool fits = index == DISPI_BPP ? known_depth(value)
              : index == DISPI_XRES ? value <= DISPI_MAX_XRES : value <= DISPI_MAX_YRES;
    if (!fits) {
        refuse(v, index, value);
        return;
    }
    d[index] = value;
    if (vga_dispi_on(v)) {
        if (d[DISPI_VIRT_WIDTH] < d[DISPI_XRES])
            d[DISPI_VIRT_WIDTH] = d[DISPI_XRES];
        d[DISPI_VIRT_HEIGHT] = (u16)lines_in_memory(v);
    }
}

static void dispi_write(struct vga *v, u16 index, u16 value)
{
    u16 *d = v->s.dispi;
    switch (index) {
    case DISPI_ID:
        if (value >= DISPI_ID0 && value <= DISPI_ID5)
            d[DISPI_ID] = value;
        break;
    case DISPI_XRES: case DISPI_YRES: case DISPI_BPP:
        size_register(v, index, value);
        break;
    case DISPI_ENABLE:
        enable(v, value);
        break;
    case DISPI_BANK:
        if (value >= (vga_dispi_on(v) && !vga_packed(v) ? VGA_MEMORY / 4 : VGA_MEMORY) >> 16)
            refuse(v, index, value);
        else
            d[DISPI_BANK] = value;
        vga_map(v);
        return;
    case DISPI_VIRT_WIDTH:
        if (value < d[DISPI_XRES])
            value = d[DISPI_XRES];
        d[DISPI_VIRT_WIDTH] = value;
        d[DISPI_VIRT_HEIGHT] = (u16)lines_in_memory(v);
        break;
    case DISPI_X_OFFSET: case DISPI_Y_OFFSET:
        d[index] = value;
        break;
    case DISPI_VIRT_HEIGHT: case DISPI_VIDEO_MEMORY_64K: case DISPI_DDC:
        break;                                              /* read-only */
    default:
        dev_log(&v->dev, "guest", "DISPI register %u = %u: no such register", index, value);
        return;
    }
    v->redraw = true;
    vga_map(v);
    vga_retrace_drive(v);
}

static u16 dispi_read(const struct vga *v, u16 index)
{
    bool caps = v->s.dispi[DISPI_ENABLE] & DISPI_GETCAPS;
    switch (index) {
    case DISPI_XRES:             return caps ? DISPI_MAX_XRES : v->s.dispi[index];
    case DISPI_YRES:             return caps ? DISPI_MAX_YRES : v->s.dispi[index];
    case DISPI_BPP:              return caps ? DISPI_MAX_BPP : v->s.dispi[index];
    case DISPI_VIDEO_MEMORY_64K: return VGA_MEMORY >> 16;
    default:                     return index < DISPI_REGISTERS ? v->s.dispi[index] : 0;
    }
}

/* Port 1CE is the index, 1CF (or 1D0) the data; words. A byte is the low half. */
u64 vga_dispi_port_read(void *dev, u64 offset, int size)
{
    struct vga *v = dev;
    (void)size;
    return offset ? dispi_read(v, v->s.dispi_index) : v->s.dispi_index;
}

void vga_dispi_port_write(void *dev, u64 offset, u64 value, int size)
{
    struct vga *v = dev;
    (void)size;
    if (offset)
        dispi_write(v, v->s.dispi_index, (u16)value);
    else
        v->s.dispi_index = (u16)value;
}

/* The register page: the monitor's EDID from 0, ports 3C0-3DF from 400h, the DISPI registers from 500h. */
enum { MMIO_PORTS = 0x400, MMIO_PORTS_END = 0x420 };
enum { MMIO_DISPI = 0x500, MMIO_DISPI_END = MMIO_DISPI + 2 * DISPI_REGISTERS };

u64 vga_mmio_read(void *dev, u64 offset, int size)
{
    struct vga *v = dev;
    u64 value = 0;
    for (int k = 0; k < size; k++, offset++) {
        u8 byte = 0xff;
        if (offset < MMIO_PORTS)
            byte = vga_edid(offset);
        else if (offset < MMIO_PORTS_END)
            byte = vga_port_read(v, (u16)(0x3c0 + offset - MMIO_PORTS));
        else if (offset >= MMIO_DISPI && offset < MMIO_DISPI_END)
            byte = (u8)(dispi_read(v, (u16)((offset - MMIO_DISPI) / 2)) >> 8 * (offset & 1));
        value |= (u64)byte << (8 * k);
    }
    return value;
}

void vga_mmio_write(void *dev, u64 offset, u64 value, int size)
{
    struct vga *v = dev;
    for (int k = 0; k < size; ) {
        u64 at = offset + (u64)k;
        if (at >= MMIO_DISPI && at < MMIO_DISPI_END) {
            u16 index = (u16)((at - MMIO_DISPI) / 2), data = (u16)(value >> (8 * k));
            if ((at & 1) || size - k < 2)                   /* half a register: the other half stays */
                data = (at & 1) ? (u16)(dispi_read(v, index) & 0xff) | (u16)(data << 8)
                                : (u16)(dispi_read(v, index) & 0xff00) | (data & 0xff);
            dispi_write(v, index, data);
            k += at & 1 ? 1 : 2;
            continue;
        }
        if (at >= MMIO_PORTS && at < MMIO_PORTS_END)
            vga_port_write(v, (u16)(0x3c0 + at - MMIO_PORTS), (u8)(value >> (8 * k)));
        k++;
    }
}

/* Bits [shift, shift + bits) of a pixel, stretched to 8. */
static u32 channel(u32 pixel, int shift, int bits)
{
    u32 c = pixel >> shift & ((1u << bits) - 1);
    return c << (8 - bits) | c >> (2 * bits - 8);
}

static u32 colour15(u32 p) { return channel(p, 10, 5) << 16 | channel(p, 5, 5) << 8 | channel(p, 0, 5); }
static u32 colour16(u32 p) { return channel(p, 11, 5) << 16 | channel(p, 5, 6) << 8 | channel(p, 0, 5); }

static void draw_packed_line(const u8 *from, u32 *to, int width, int bpp, const u32 *colours)
{
    switch (bpp) {
    case 8:
        for (int x = 0; x < width; x++)
            to[x] = colours[from[x]];
        break;
    case 15:
        for (int x = 0; x < width; x++)
            to[x] = colour15(get16(from + 2 * x));
        break;
    case 16:
        for (int x = 0; x < width; x++)
            to[x] = colour16(get16(from + 2 * x));
        break;
    case 24:
        for (int x = 0; x < width; x++)
            to[x] = get16(from + 3 * x) | (u32)from[3 * x + 2] << 16;
        break;
    default:
        for (int x = 0; x < width; x++)
            to[x] = get32(from + 4 * x) & 0xffffff;
    }
}

/* The same for a line that runs over the end of video memory. */
static const u8 *unwrap(const struct vga *v, u64 at, u64 bytes, u8 *buffer)
{
    at &= VGA_MEMORY - 1;
    if (at + bytes <= VGA_MEMORY)
        return v->ram->host + at;
    u64 head = VGA_MEMORY - at;
    memcpy(buffer, v->ram->host + at, head);
    memcpy(buffer + head, v->ram->host, bytes - head);
    return buffer;
}

static void draw_planar_line(const struct vga *v, u64 at, int pan, u32 *to, int width, const u32 *colours,
                             const u8 *palette)
{
    u8 pixel[8];
    for (int x = -pan; x < width; x += 8, at++) {
        vga_spread(get32(v->ram->host + ((at * 4) & (VGA_MEMORY - 1))), pixel);
        for (int k = 0; k < 8; k++)
            if (x + k >= 0 && x + k < width)
                to[x + k] = colours[palette[pixel[k]]];
    }
}

void vga_dispi_draw(struct vga *v, struct frame *f, const u32 *colours, const u8 *palette)
{
    u8 buffer[DISPI_MAX_XRES * 4];
    u64 at = start(v);
    u32 pitch = pitch_of(v);
    int bpp = v->s.dispi[DISPI_BPP];
    for (int y = 0; y < f->height; y++, at += pitch) {
        u32 *to = f->pixels + (size_t)y * (size_t)f->width;
        if (vga_packed(v))
            draw_packed_line(unwrap(v, at, (u64)f->width * bytes_a_pixel(v), buffer), to, f->width, bpp, colours);
        else
            draw_planar_line(v, at, v->s.dispi[DISPI_X_OFFSET] & 7, to, f->width, colours, palette);
    }
}
