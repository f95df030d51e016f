/* vga.c - the registers of the VGA.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem".
 * Here: general, sequencer, CRT controller, graphics, attribute and DAC registers, at the monochrome or colour addresses; the
 * vertical retrace interrupt, whose wire the board leaves open or takes to IRQ 2 (that is, 9), as a jumper did on the cards.
 * Not here: the light pen. */
#include "vga_parts.h"

static const struct field fields[] = {
    FIELD(struct vga_state, latch),
    FIELD(struct vga_state, clear_at),
    FIELD(struct vga_state, clear_end),
    FIELD(struct vga_state, dispi_index),
    FIELD_ARRAY(struct vga_state, dispi),
    FIELD(struct vga_state, seq_index),
    FIELD(struct vga_state, crtc_index),
    FIELD(struct vga_state, gc_index),
    FIELD(struct vga_state, attr_index),
    FIELD(struct vga_state, attr_data_next),
    FIELD(struct vga_state, misc),
    FIELD(struct vga_state, feature),
    FIELD(struct vga_state, enabled),
    FIELD(struct vga_state, dac_mask),
    FIELD(struct vga_state, dac_address),
    FIELD(struct vga_state, dac_cycle),
    FIELD(struct vga_state, dac_reading),
    FIELD(struct vga_state, retrace_latch),
    FIELD_ARRAY(struct vga_state, seq),
    FIELD_ARRAY(struct vga_state, crtc),
    FIELD_ARRAY(struct vga_state, gc),
    FIELD_ARRAY(struct vga_state, attr),
    FIELD_ARRAY(struct vga_state, dac_hold),
    FIELD_ARRAY(struct vga_state, dac),
    FIELD_ARRAY(struct vga_state, pad),
    FIELD_END
};

enum {                                                      /* ports; CRTC and status are at 3Bx in monochrome */
    PORT_ATTR = 0x3c0, PORT_ATTR_READ, PORT_MISC, PORT_ENABLE, PORT_SEQ_INDEX, PORT_SEQ_DATA, PORT_DAC_MASK,
    PORT_DAC_READ_ADDRESS, PORT_DAC_WRITE_ADDRESS, PORT_DAC_DATA, PORT_FEATURE_READ, PORT_MISC_READ = 0x3cc,
    PORT_GC_INDEX = 0x3ce, PORT_GC_DATA, PORT_CRTC_INDEX = 0x3d4, PORT_CRTC_DATA, PORT_STATUS = 0x3da
};
enum { STATUS0_SWITCH_SENSE = 0x10 /* a colour monitor loads the DAC's outputs */, STATUS0_CRT_INTERRUPT = 0x80 };
enum { RETRACE_END_PROTECT = 0x80 };

static const u8 seq_bits[SEQ_REGISTERS] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
static const u8 gc_bits[GC_REGISTERS] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
static const u8 attr_bits[ATTR_REGISTERS] = {
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0xef, 0xff, 0x3f, 0x0f, 0x0f
};

static void set_shown(struct vga *v, u8 *reg, u8 value)
{
    if (*reg != value)
        v->redraw = true;
    *reg = value;
}

static void attr_write(struct vga *v, u8 value)
{
    u8 index = v->s.attr_index & 0x1f;
    v->s.attr_data_next ^= 1;
    if (v->s.attr_data_next) {
        set_shown(v, &v->s.attr_index, value & 0x3f);
        return;
    }
    if (index >= ATTR_REGISTERS)
        return;
    if (index < ATTR_MODE_CONTROL && (v->s.attr_index & ATTR_INDEX_PAS))
        return;                                             /* the palette is busy showing the picture */
    set_shown(v, &v->s.attr[index], value & attr_bits[index]);
}

static void seq_write(struct vga *v, u8 value)
{
    u8 index = v->s.seq_index;
    if (index >= SEQ_REGISTERS)
        return;
    value &= seq_bits[index];
    if (index == SEQ_MAP_MASK)                              /* written for every pixel by some: nothing shown changes */
        v->s.seq[index] = value;
    else
        set_shown(v, &v->s.seq[index], value);
    if (index == SEQ_MAP_MASK || index == SEQ_MEMORY_MODE)
        vga_map(v);
    else if (index == SEQ_RESET || index == SEQ_CLOCKING_MODE)
        vga_retrace_drive(v);
}

static void gc_write(struct vga *v, u8 value)
{
    u8 index = v->s.gc_index;
    if (index >= GC_REGISTERS)
        return;
    value &= gc_bits[index];
    if (value == v->s.gc[index])
        return;
    u8 changed = value ^ v->s.gc[index];
    if (index == GC_MISCELLANEOUS || (index == GC_MODE && (changed & (GC_MODE_SHIFT_CGA | GC_MODE_SHIFT_256))))
        v->redraw = true;
    v->s.gc[index] = value;
    vga_map(v);
}

static void crtc_write(struct vga *v, u8 value)
{
    u8 index = v->s.crtc_index, *crtc = v->s.crtc;
    if (index >= CRTC_REGISTERS)
        return;
    if (index <= CRTC_OVERFLOW && (crtc[CRTC_VERTICAL_RETRACE_END] & RETRACE_END_PROTECT)) {
        if (index != CRTC_OVERFLOW)
            return;
        value = (crtc[index] & ~0x10) | (value & 0x10);     /* line compare bit 8 is not protected */
    }
    set_shown(v, &crtc[index], value);
    vga_retrace_drive(v);
}

/* "Video DAC": the read address fetches a colour at once and moves on; a write stores one with its third byte. */
static void dac_fetch(struct vga *v)
{
    memcpy(v->s.dac_hold, v->s.dac[v->s.dac_address], 3);
    v->s.dac_address++;
    v->s.dac_cycle = 0;
}

static u8 dac_read(struct vga *v)
{
    u8 value = v->s.dac_hold[v->s.dac_cycle];
    if (++v->s.dac_cycle == 3)
        dac_fetch(v);
    return value;
}

static void dac_write(struct vga *v, u8 value)
{
    v->s.dac_hold[v->s.dac_cycle] = v->s.dispi[DISPI_ENABLE] & DISPI_8BIT_DAC ? value : value & 0x3f;
    if (++v->s.dac_cycle < 3)
        return;
    v->s.dac_cycle = 0;
    if (memcmp(v->s.dac[v->s.dac_address], v->s.dac_hold, 3)) {
        memcpy(v->s.dac[v->s.dac_address], v->s.dac_hold, 3);
        v->redraw = true;
    }
    v->s.dac_address++;
}

/* A port at the colour addresses for the CRTC and status registers; 0 if this is the set that does not answer. */
static u16 decode(const struct vga *v, u16 port)
{
    bool colour = v->s.misc & MISC_COLOR;
    if (!(v->s.enabled & 1) && port != PORT_ENABLE)
        return 0;
    if (port < 0x3c0)
        return colour ? 0 : port + 0x20;
    if (port >= 0x3d0)
        return colour ? port : 0;
    return port;
}

u8 vga_port_read(struct vga *v, u16 port)
{
    switch (decode(v, port)) {
    case PORT_ATTR:
        return v->s.attr_index;
    case PORT_ATTR_READ:
        return (v->s.attr_index & 0x1f) < ATTR_REGISTERS ? v->s.attr[v->s.attr_index & 0x1f] : 0;
    case PORT_MISC:
        return STATUS0_SWITCH_SENSE | (v->s.retrace_latch ? STATUS0_CRT_INTERRUPT : 0);
    case PORT_ENABLE:
        return v->s.enabled;
    case PORT_SEQ_INDEX:
        return v->s.seq_index;
    case PORT_SEQ_DATA:
        return v->s.seq_index < SEQ_REGISTERS ? v->s.seq[v->s.seq_index] : 0;
    case PORT_DAC_MASK:
        return v->s.dac_mask;
    case PORT_DAC_READ_ADDRESS:
        return v->s.dac_reading ? 3 : 0;
    case PORT_DAC_WRITE_ADDRESS:
        return v->s.dac_address;
    case PORT_DAC_DATA:
        return dac_read(v);
    case PORT_FEATURE_READ:
        return v->s.feature;
    case PORT_MISC_READ:
        return v->s.misc;
    case PORT_GC_INDEX:
        return v->s.gc_index;
    case PORT_GC_DATA:
        return v->s.gc_index < GC_REGISTERS ? v->s.gc[v->s.gc_index] : 0;
    case PORT_CRTC_INDEX:
        return v->s.crtc_index;
    case PORT_CRTC_DATA:
        if (v->s.crtc_index == 0x22)                        /* what every VGA has beside the manual: a latch ... */
            return (u8)(v->s.latch >> 8 * (v->s.gc[GC_READ_MAP_SELECT] & 3));
        if (v->s.crtc_index == 0x24)                        /* ... and the attribute controller's flip-flop */
            return (u8)(v->s.attr_data_next << 7 | v->s.attr_index);
        return v->s.crtc_index < CRTC_REGISTERS ? v->s.crtc[v->s.crtc_index] : 0;
    case PORT_STATUS:
        v->s.attr_data_next = 0;
        return vga_status(v);
    default:
        return 0xff;
    }
}

void vga_port_write(struct vga *v, u16 port, u8 value)
{
    switch (decode(v, port)) {
    case PORT_ATTR:
        attr_write(v, value);
        break;
    case PORT_MISC:
        set_shown(v, &v->s.misc, value & 0xef);
        vga_map(v);
        vga_retrace_drive(v);
        break;
    case PORT_ENABLE:
        v->s.enabled = value & 1;
        vga_map(v);
        break;
    case PORT_SEQ_INDEX:
        v->s.seq_index = value;
        break;
    case PORT_SEQ_DATA:
        seq_write(v, value);
        break;
    case PORT_DAC_MASK:
        set_shown(v, &v->s.dac_mask, value);
        break;
    case PORT_DAC_READ_ADDRESS:
        v->s.dac_reading = 1;
        v->s.dac_address = value;
        dac_fetch(v);
        break;
    case PORT_DAC_WRITE_ADDRESS:
        v->s.dac_reading = 0;
        v->s.dac_address = value;
        v->s.dac_cycle = 0;
        break;
    case PORT_DAC_DATA:
        dac_write(v, value);
        break;
    case PORT_GC_INDEX:
        v->s.gc_index = value;
        break;
    case PORT_GC_DATA:
        gc_write(v, value);
        break;
    case PORT_CRTC_INDEX:
        v->s.crtc_index = value;
        break;
    case PORT_CRTC_DATA:
        crtc_write(v, value);
        break;
    case PORT_STATUS:                                       /* the feature control register */
        v->s.feature = value & 0x0b;
        break;
    }
}

/* What a read would find: the attribute controller's flip-flop and the DAC's colour stay. */
static bool port_peek(struct vga *v, u16 port, u64 *value)
{
    switch (decode(v, port)) {
    case PORT_STATUS: *value = vga_status(v); break;
    case PORT_DAC_DATA: *value = v->s.dac_hold[v->s.dac_cycle]; break;
    default: *value = vga_port_read(v, port);
    }
    return true;
}

static bool peek_mono(void *dev, u64 offset, int size, u64 *value) { (void)size; return port_peek(dev, (u16)(0x3b4 + offset), value); }
static bool peek_mono_status(void *dev, u64 offset, int size, u64 *value) { (void)offset, (void)size; return port_peek(dev, 0x3ba, value); }
static bool peek_vga(void *dev, u64 offset, int size, u64 *value) { (void)size; return port_peek(dev, (u16)(0x3c0 + offset), value); }
static bool peek_dispi(void *dev, u64 offset, int size, u64 *value)
{
    *value = vga_dispi_port_read(dev, offset, size);
    return true;
}

static u64 read_mono(void *dev, u64 offset, int size) { (void)size; return vga_port_read(dev, (u16)(0x3b4 + offset)); }
static void write_mono(void *dev, u64 offset, u64 value, int size)
{
    (void)size;
    vga_port_write(dev, (u16)(0x3b4 + offset), (u8)value);
}
static u64 read_mono_status(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return vga_port_read(dev, 0x3ba);
}
static void write_mono_status(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)size;
    vga_port_write(dev, 0x3ba, (u8)value);
}
static u64 read_vga(void *dev, u64 offset, int size) { (void)size; return vga_port_read(dev, (u16)(0x3c0 + offset)); }
static void write_vga(void *dev, u64 offset, u64 value, int size)
{
    (void)size;
    vga_port_write(dev, (u16)(0x3c0 + offset), (u8)value);
}

static void vga_reset(void *dev)
{
    struct vga *v = dev;
    timer_set(&v->clear, TIMER_OFF);
    memset(&v->s, 0, sizeof v->s);                          /* video memory survives a reset */
    v->s.enabled = 1;
    v->s.dac_mask = 0xff;
    vga_dispi_reset(v);
    v->redraw = true;
    vga_map(v);
    vga_retrace_drive(v);
}

static void vga_restored(void *dev)
{
    struct vga *v = dev;
    v->s.dac_cycle %= 3;
    v->s.retrace_latch &= 1;
    vga_dispi_sane(v);
    v->redraw = true;
    ram_written(v->ram, 0, VGA_MEMORY);
    vga_map(v);
    vga_retrace_drive(v);
}

static void vga_free(void *dev)
{
    struct vga *v = dev;
    ram_free(v->ram);
    ram_free(v->rom);
}

static const struct bits misc_bits[] = {
    { "vertical size", 7, 6, (const char *const[]) { "-", "400 lines", "350 lines", "480 lines" } }, BIT("odd page", 5),
    { "clock", 3, 2, (const char *const[]) { "25 MHz", "28 MHz", "external", "reserved" } }, BIT("RAM", 1),
    { "", 0, 0, (const char *const[]) { "at 3Bx", "at 3Dx" } }, BITS_END
};
static const struct bits clocking_bits[] = {
    BIT("screen off", 5), BIT("shift 4", 4), BIT("dot clock / 2", 3), BIT("shift load", 2), { "", 0, 0, (const char *const[]) { "9 dots",
    "8 dots" } }, BITS_END
};
static const struct bits memory_bits[] = { BIT("chain 4", 3), BIT("sequential", 2), BIT("extended memory", 1), BITS_END };
static const struct bits gc_mode_bits[] = {
    BIT("256 colours", 6), BIT("CGA shift", 5), BIT("odd/even", 4), BIT("read mode 1", 3), { "write mode", 1, 0, NULL }, BITS_END
};
static const struct bits gc_misc_bits[] = {
    { "", 3, 2, (const char *const[]) { "A0000-BFFFF", "A0000-AFFFF", "B0000-B7FFF", "B8000-BFFFF" } }, BIT("chain odd/even", 1),
    { "", 0, 0, (const char *const[]) { "text", "graphics" } }, BITS_END
};
static const struct bits attr_mode_bits[] = {
    BIT("palette size", 7), BIT("PELCLK/2", 6), BIT("panning split", 5), BIT("blink", 3), BIT("line graphics", 2), BIT("monochrome", 1),
    BIT("graphics", 0), BITS_END
};
static const struct bits crtc_mode_bits[] = {
    BIT("run", 7), BIT("byte", 6), BIT("address wrap", 5), BIT("count by 2", 3), BIT("HRS", 2), BIT("CMS 1", 1), BIT("CMS 0", 0), BITS_END
};
static const struct shown registers[] = {
    SHOWN(struct vga_state, misc, "misc", misc_bits), SHOWN(struct vga_state, seq[SEQ_CLOCKING_MODE], "SR1 clock", clocking_bits),
    SHOWN(struct vga_state, seq[SEQ_MAP_MASK], "SR2 maps", NULL), SHOWN(struct vga_state, seq[SEQ_MEMORY_MODE], "SR4 mem", memory_bits),
    SHOWN(struct vga_state, gc[GC_MODE], "GR5 mode", gc_mode_bits), SHOWN(struct vga_state, gc[GC_MISCELLANEOUS], "GR6 misc", gc_misc_bits),
    SHOWN(struct vga_state, gc[GC_BIT_MASK], "GR8 bits", NULL),
    SHOWN(struct vga_state, attr[ATTR_MODE_CONTROL], "AR10 mode", attr_mode_bits),
    SHOWN(struct vga_state, crtc[CRTC_MODE_CONTROL], "CR17 mode", crtc_mode_bits), SHOWN(struct vga_state, dac_mask, "PEL mask", NULL),
    SHOWN_END
};

static void describe(const void *dev, FILE *out)
{
    const struct vga *v = dev;
    struct vga_raster r = vga_raster(v);
    const u8 *c = v->s.crtc;
    if (vga_dispi_on(v))
        tell_line(out, "mode", "DISPI: %d x %d, %d bits a pixel%s", v->s.dispi[DISPI_XRES], v->s.dispi[DISPI_YRES], v->s.dispi[DISPI_BPP],
                  v->s.dispi[DISPI_ENABLE] & DISPI_LFB ? ", linear frame buffer" : "");
    else
        tell_line(out, "mode", "%s, %u characters by %u lines", v->s.gc[GC_MISCELLANEOUS] & GC_MISC_GRAPHICS ? "graphics" : "text",
                  r.columns, r.rows);
    tell_line(out, "raster", "%u characters, %u lines in all, retrace at line %u, %u.%03u Hz", r.characters, r.lines, r.retrace,
              (u32)(r.frame ? 1000000000 / r.frame : 0), (u32)(r.frame ? 1000000000000 / r.frame % 1000 : 0));
    tell_line(out, "start", "%04x, offset %02x, line compare %u", c[CRTC_START_ADDRESS_HIGH] << 8 | c[CRTC_START_ADDRESS_LOW],
              c[CRTC_OFFSET],
              (u32)(c[CRTC_LINE_COMPARE] | (c[CRTC_OVERFLOW] & 0x10) << 4 | (c[CRTC_MAXIMUM_SCAN_LINE] & 0x40) << 3));
    tell_line(out, "cursor", "at %04x, lines %d to %d%s", c[CRTC_CURSOR_LOCATION_HIGH] << 8 | c[CRTC_CURSOR_LOCATION_LOW],
              c[CRTC_CURSOR_START] & 31,
              c[CRTC_CURSOR_END] & 31, c[CRTC_CURSOR_START] & 0x20 ? ", off" : "");
    fputs("  CRTC      ", out);
    for (int k = 0; k < CRTC_REGISTERS; k++)
        fprintf(out, " %02x", c[k]);
    fputc('\n', out);
}

static const struct device_class vga_class = {
    .name = "vga",
    .title = "display adapter (VGA with Bochs display interface)",
    .log = "vga",
    .size = sizeof(struct vga),
    .state_offset = offsetof(struct vga, s),
    .state_size = sizeof(struct vga_state),
    .fields = fields,
    .reset = vga_reset,
    .restored = vga_restored,
    .free = vga_free,
    .registers = registers,
    .describe = describe,
};

struct vga *vga_new(struct machine *m, const struct vga_at *at)
{
    struct vga *v = device_new(m, &vga_class, "vga");
    struct space *memory = machine_memory(m);
    v->ram = ram_new("video memory", VGA_MEMORY);
    if (!v->ram)
        vitrine_out_of_memory(VGA_MEMORY);
    ram_track(v->ram);
    v->planes = space_add_device(memory, "VGA planes", at->memory, 128 << 10, PRIORITY_VGA, 4,
                                 vga_planes_read, vga_planes_write, v);
    v->direct = space_add_ram(memory, "VGA memory", at->memory, 64 << 10, PRIORITY_VGA + 1, v->ram, 0, true, 0);
    timer_init(m, &v->retrace, "vga.retrace", vga_retrace_begins, v);
    timer_init(m, &v->clear, "vga.clear", vga_dispi_clear_on, v);
    struct region *ports[] = {
        port_claim(m, "VGA CRTC (monochrome)", at->mono, 2, 1, read_mono, write_mono, v),
        port_claim(m, "VGA status (monochrome)", (u16)(at->mono + 6), 1, 1, read_mono_status, write_mono_status, v),
        port_claim(m, "VGA", at->ports, 0x20, 1, read_vga, write_vga, v),
        port_claim(m, "DISPI", at->dispi, 3, 2, vga_dispi_port_read, vga_dispi_port_write, v),
    };
    region_peek *const peeks[ARRAY_LEN(ports)] = { peek_mono, peek_mono_status, peek_vga, peek_dispi };
    for (size_t k = 0; k < ARRAY_LEN(ports); k++) {
        region_set_cost(ports[k], BUS_PCI_NS);
        region_set_peek(ports[k], peeks[k]);
    }
    return v;
}

void vga_wire_irq(struct vga *v, struct line irq) { v->irq = irq; }

struct screen vga_screen(struct vga *v)
{
    return (struct screen) { .dev = v, .draw = vga_draw, .text = vga_text, .next_retrace = vga_next_retrace };
}
struct ram *vga_ram(struct vga *v) { return v->ram; }
