/* vga_draw.c - from video memory to a picture.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem": "CRT Controller Registers", "Attribute Controller
 * Registers", "Alphanumeric Modes", "Graphics Modes".
 *
 * The CRT controller is followed line by line: a character counter and a row scan counter, which the start address,
 * offset, preset row scan and line compare registers steer, make the address in the planes. Lines that repeat (double
 * scanning, or a maximum scan line in graphics that selects nothing) are drawn once: 320 x 200 is 320 x 200.
 *
 * What the attribute controller does to a pixel of 4 bits: the color plane enable register masks it, it chooses a palette
 * register, whose bits 3-0 become P3-P0 of the DAC's index; P5-P4 are that register's, too, or with P5/P4 select (mode control
 * bit 7) color select bits 1-0; P7-P6 are color select bits 3-2. The overscan register is an index of the DAC as it is.
 *
 * A pixel of 8 bits takes the same way in two halves: the shift registers (graphics mode bit 6) put out the byte's upper
 * nibble in one dot clock and the lower in the next, each is masked and goes through the palette, and P3-P0 of both are
 * the index, those of the nibble before as P7-P4. Palette bits 5-4, P5/P4 select and color select have no part in it ("in
 * mode hex 13 the 8-bit attribute becomes the 8-bit digital color value"), and neither has blinking. With palette registers
 * that hold their own numbers, as the BIOS sets them, and all planes enabled, the index is the byte. PELCLK/2 (mode control
 * bit 6) lets an index stand for two dots, so that only whole bytes are seen; without it the dot between shows the lower
 * nibble of one pixel and the upper of the next. (The manual tells of mode 13h only; the rest was measured on IBM's
 * and others' adapters by the author of DOSLIB, test-fw/video/pc.)
 *
 * A palette that the CPU has (palette address source 0) shows nothing: the whole screen has the overscan colour. Screen off,
 * a sequencer in reset and a CRT controller in reset are black.
 * Not here: the border, shift registers loaded every second or fourth character clock, PELCLK/2 without 8-bit pixels. */
#include "vga_parts.h"

struct geometry {
    int columns, rows_lines;    /* characters a line; lines of the monitor */
    int repeat;                 /* monitor lines to one of the picture */
    int dots;                   /* pixels a character makes */
    int width, height;
    bool text, blank, border;   /* blank: black; border: all overscan */
    bool pixels256, pixels_cga;
    struct vga_raster raster;
};

/* Where the beam is. */
struct beam {
    u32 row;                    /* character counter at the start of this row */
    int row_scan, half;         /* half: second line of a doubled one */
    bool split;                 /* below the line compare */
};

static u32 line_compare(const struct vga *v)
{
    const u8 *crtc = v->s.crtc;
    u32 line = crtc[CRTC_LINE_COMPARE] | (u32)(crtc[CRTC_OVERFLOW] >> 4 & 1) << 8
             | (u32)(crtc[CRTC_MAXIMUM_SCAN_LINE] >> 6 & 1) << 9;
    return crtc[CRTC_MODE_CONTROL] & CRTC_MODE_HRS ? 2 * line + 1 : line;
}

static int max_scan(const struct vga *v) { return v->s.crtc[CRTC_MAXIMUM_SCAN_LINE] & 0x1f; }
static bool doubled(const struct vga *v) { return v->s.crtc[CRTC_MAXIMUM_SCAN_LINE] & 0x80; }

static struct geometry geometry(const struct vga *v)
{
    struct geometry g = { 0 };
    const u8 *crtc = v->s.crtc, mode = crtc[CRTC_MODE_CONTROL];
    g.text = !(v->s.gc[GC_MISCELLANEOUS] & GC_MISC_GRAPHICS);
    g.raster = vga_raster(v);
    g.border = !(v->s.attr_index & ATTR_INDEX_PAS);
    g.blank = (v->s.seq[SEQ_CLOCKING_MODE] & CLOCKING_SCREEN_OFF) || !g.raster.frame;
    g.columns = (int)g.raster.columns;
    g.rows_lines = (int)g.raster.rows;
    g.pixels256 = !g.text && (v->s.gc[GC_MODE] & GC_MODE_SHIFT_256);
    g.pixels_cga = !g.text && !g.pixels256 && (v->s.gc[GC_MODE] & GC_MODE_SHIFT_CGA);
    g.dots = g.pixels256 && (v->s.attr[ATTR_MODE_CONTROL] & ATTR_MODE_PELCLK_2) ? 4
           : g.text && !(v->s.seq[SEQ_CLOCKING_MODE] & CLOCKING_8_DOTS) ? 9 : 8;
    g.repeat = doubled(v) ? 2 : 1;
    if (!g.text && (mode & CRTC_MODE_CMS_0) && (mode & CRTC_MODE_CMS_1))
        g.repeat *= max_scan(v) + 1;
    g.width = g.columns * g.dots;
    g.height = (g.rows_lines + g.repeat - 1) / g.repeat;
    if (!(mode & CRTC_MODE_RUN))        /* before a BIOS set it up there is no signal: a dark screen of common size */
        g.width = 720, g.height = 400;
    if (g.height > 1600)
        g.height = 1600;
    return g;
}

static struct beam beam_top(const struct vga *v)
{
    const u8 *crtc = v->s.crtc;
    return (struct beam) {
        .row = (u32)crtc[CRTC_START_ADDRESS_HIGH] << 8 | crtc[CRTC_START_ADDRESS_LOW],
        .row_scan = crtc[CRTC_PRESET_ROW_SCAN] & 0x1f,
    };
}

/* To the line after `line`. */
static void beam_next(const struct vga *v, struct beam *b, int line)
{
    if ((u32)line == line_compare(v)) {
        *b = (struct beam) { .split = true };
        return;
    }
    if (doubled(v) && !b->half) {
        b->half = 1;
        return;
    }
    b->half = 0;
    if (b->row_scan == max_scan(v)) {
        b->row_scan = 0;
        b->row += 2u * v->s.crtc[CRTC_OFFSET];
    } else {
        b->row_scan = (b->row_scan + 1) & 0x1f;
    }
}

/* Byte panning: characters to skip at the left. */
static u32 byte_panning(const struct vga *v, const struct beam *b)
{
    if (b->split && (v->s.attr[ATTR_MODE_CONTROL] & ATTR_MODE_PANNING_SPLIT))
        return 0;
    return v->s.crtc[CRTC_PRESET_ROW_SCAN] >> 5 & 3;
}

/* Pixels to skip at the left: "Horizontal PEL Panning register". */
static int pixel_panning(const struct vga *v, const struct geometry *g, const struct beam *b)
{
    int pan = v->s.attr[ATTR_HORIZONTAL_PANNING] & 15;
    if (b->split && (v->s.attr[ATTR_MODE_CONTROL] & ATTR_MODE_PANNING_SPLIT))
        return 0;
    if (g->dots == 9)
        return pan >= 8 ? 0 : pan + 1;
    if (g->dots == 4)
        return (pan & 7) / 2;
    return pan & 7;
}

/* The character counter of column k. */
static u32 counter(const struct vga *v, u32 row, u32 k)
{
    if (v->s.crtc[CRTC_UNDERLINE_LOCATION] & UNDERLINE_COUNT_BY_4)
        k >>= 2;
    else if (v->s.crtc[CRTC_MODE_CONTROL] & CRTC_MODE_COUNT_BY_2)
        k >>= 1;
    return (row + k) & 0xffff;
}

/* From counters to an offset in the planes: "CRT Mode Control register", byte, word and doubleword addressing. */
static u32 plane_offset(const struct vga *v, u32 count, int row_scan)
{
    u8 mode = v->s.crtc[CRTC_MODE_CONTROL];
    u32 at = count;
    if (v->s.crtc[CRTC_UNDERLINE_LOCATION] & UNDERLINE_DOUBLEWORD)
        at = count << 2 | count >> 14;
    else if (!(mode & CRTC_MODE_BYTE))
        at = count << 1 | (count >> (mode & CRTC_MODE_ADDRESS_WRAP ? 15 : 13) & 1);
    if (!(mode & CRTC_MODE_CMS_0))
        at = (at & ~0x2000u) | (u32)(row_scan & 1) << 13;
    if (!(mode & CRTC_MODE_CMS_1))
        at = (at & ~0x4000u) | (u32)(row_scan >> 1 & 1) << 14;
    return at & 0xffff;
}

/* The palette register of a pixel of 4 bits: "Color Plane Enable", "Internal Palette". */
static u8 palette_register(const struct vga *v, int pixel)
{
    return v->s.attr[pixel & v->s.attr[ATTR_COLOR_PLANE_ENABLE] & 15] & 0x3f;
}

/* DAC index of each of the 16 colours: "Color Select". */
static void make_palette(const struct vga *v, u8 palette[16])
{
    const u8 *attr = v->s.attr;
    for (int k = 0; k < 16; k++) {
        u8 p = palette_register(v, k);
        if (attr[ATTR_MODE_CONTROL] & ATTR_MODE_PALETTE_SIZE)
            p = (u8)((p & 0x0f) | (attr[ATTR_COLOR_SELECT] & 3) << 4);
        palette[k] = (u8)(p | (attr[ATTR_COLOR_SELECT] >> 2 & 3) << 6);
    }
}

static void make_colours(const struct vga *v, u32 colours[256])
{
    bool wide = v->s.dispi[DISPI_ENABLE] & DISPI_8BIT_DAC;
    for (u32 k = 0; k < 256; k++) {
        const u8 *c = v->s.dac[k & v->s.dac_mask];
        u32 rgb = 0;
        for (int n = 0; n < 3; n++)
            rgb = rgb << 8 | (wide ? c[n] : (u32)(c[n] << 2 | c[n] >> 4) & 0xff);
        colours[k] = rgb;
    }
}

/* The colours of pixels of 8 bits from those of the DAC: each nibble through the palette. */
static void colours_256(const struct vga *v, u32 colours[256])
{
    u32 dac[256];
    memcpy(dac, colours, sizeof dac);
    for (int k = 0; k < 256; k++)
        colours[k] = dac[(palette_register(v, k >> 4) & 15) << 4 | (palette_register(v, k) & 15)];
}

void vga_spread(u32 group, u8 pixel[8])
{
    for (int k = 0; k < 8; k++) {
        u32 bits = group >> (7 - k) & 0x01010101u;
        pixel[k] = (u8)((bits | bits >> 7 | bits >> 14 | bits >> 21) & 15);
    }
}

/* ---- text ---- */

struct text_look {
    u32 map[2];                 /* offset in plane 2 of the font without and with attribute bit 3 */
    u32 cursor;                 /* character counter, ~0 if it is off */
    int cursor_first, cursor_last;
    bool blink_on;              /* attribute bit 7 blinks */
    bool visible;               /* the phase of blinking */
};

static struct text_look text_look(const struct vga *v, bool blink)
{
    static const u16 place[8] = { 0x0000, 0x4000, 0x8000, 0xc000, 0x2000, 0x6000, 0xa000, 0xe000 };
    u8 select = v->s.seq[SEQ_CHARACTER_MAP_SELECT];
    const u8 *crtc = v->s.crtc;
    struct text_look t = {
        .map = { place[(select & 3) | (select >> 4 & 1) << 2], place[(select >> 2 & 3) | (select >> 5 & 1) << 2] },
        .cursor = (((u32)crtc[CRTC_CURSOR_LOCATION_HIGH] << 8 | crtc[CRTC_CURSOR_LOCATION_LOW])
                   + (crtc[CRTC_CURSOR_END] >> 5 & 3)) & 0xffff,
        .cursor_first = crtc[CRTC_CURSOR_START] & 0x1f,
        .cursor_last = crtc[CRTC_CURSOR_END] & 0x1f,
        .blink_on = v->s.attr[ATTR_MODE_CONTROL] & ATTR_MODE_BLINK,
        .visible = blink,
    };
    if ((crtc[CRTC_CURSOR_START] & 0x20) || t.cursor_first > t.cursor_last || t.cursor_first > max_scan(v))
        t.cursor = ~0u;
    return t;
}

/* One line of one character: dots pixels. */
static void draw_cell(const struct vga *v, const struct text_look *t, u32 count, u32 cell, int row_scan, int dots,
                      u8 *out, const u8 *palette)
{
    u8 code = (u8)cell, attribute = (u8)(cell >> 8), mode = v->s.attr[ATTR_MODE_CONTROL];
    u8 front = attribute & 15, back = attribute >> 4;
    u32 font = (t->map[attribute >> 3 & 1] + code * 32u + (u32)row_scan) & 0xffff;
    u32 bits = (vga_group(v, font) >> 16 & 0xff) << 1;
    if (t->blink_on) {
        if ((back & 8) && !t->visible)
            front = back & 7;
        back &= 7;
    }
    if ((mode & ATTR_MODE_LINE_GRAPHICS) && code >= 0xc0 && code <= 0xdf)
        bits |= bits >> 1 & 1;
    if ((mode & ATTR_MODE_MONOCHROME) && (attribute & 7) == 1
        && row_scan == (v->s.crtc[CRTC_UNDERLINE_LOCATION] & 0x1f))
        bits = 0x1ff;
    if (count == t->cursor && t->visible && row_scan >= t->cursor_first && row_scan <= t->cursor_last)
        bits = 0x1ff;
    for (int k = 0; k < dots; k++)
        out[k] = palette[bits >> (8 - k) & 1 ? front : back];
}

/* ---- graphics ---- */

static void draw_cga(u32 group, u8 pixel[8])
{
    for (int k = 0; k < 8; k++) {
        int plane = k >> 2, shift = 6 - 2 * (k & 3);
        pixel[k] = (u8)((group >> (8 * plane + shift) & 3) | (group >> (8 * plane + 16 + shift) & 3) << 2);
    }
}

/* Eight dots of four 8-bit pixels without PELCLK/2; before: the pixel on their left, replaced by the last. */
static void draw_nibbles(u32 group, u8 *before, u8 dot[8])
{
    for (int k = 0; k < 4; k++) {
        u8 pixel = (u8)(group >> 8 * k);
        dot[2 * k] = (u8)(*before << 4 | pixel >> 4);
        dot[2 * k + 1] = *before = pixel;
    }
}

/* One line of the picture as DAC indices (pixels of 8 bits: as they are), with characters to spare for panning. */
static void draw_line(const struct vga *v, const struct geometry *g, const struct beam *b, const struct text_look *t,
                      const u8 *palette, u8 *out)
{
    u32 skip = byte_panning(v, b) + g->raster.skew;
    u8 flip = !g->text && t->blink_on && !t->visible ? 8 : 0;   /* blinking in graphics changes bit 3 */
    u8 before = 0;
    for (int k = 0; k <= g->columns; k++, out += g->dots) {
        u32 count = counter(v, b->row, (u32)k + skip);
        u32 group = vga_group(v, plane_offset(v, count, b->row_scan));
        if (g->text) {
            draw_cell(v, t, count, group, b->row_scan, g->dots, out, palette);
        } else if (g->pixels256 && g->dots == 4) {
            put32(out, group);
        } else if (g->pixels256) {
            draw_nibbles(group, &before, out);
        } else {
            if (g->pixels_cga)
                draw_cga(group, out);
            else
                vga_spread(group, out);
            for (int n = 0; n < 8; n++)
                out[n] = palette[out[n] | flip];
        }
    }
}

/* Paint what horizontal blanking hides. */
static void blank_columns(const struct geometry *g, const bool *hidden, u32 *line)
{
    for (int k = 0; k < g->columns; k++)
        if (hidden[k])
            memset(line + k * g->dots, 0, (size_t)g->dots * sizeof *line);
}

static void draw_frame(const struct vga *v, const struct geometry *g, struct frame *f, bool blink, const u32 *colours,
                       const u8 *palette)
{
    u8 indices[LINE_MAX];
    bool hidden[256], any = false;
    struct beam b = beam_top(v);
    struct text_look t = text_look(v, blink);
    for (int k = 0; k < g->columns; k++)
        any |= hidden[k] = vga_column_blanked(v, &g->raster, (u32)k + g->raster.skew);
    for (int line = 0, y = 0; y < g->height; beam_next(v, &b, line++)) {
        if (line % g->repeat)
            continue;
        u32 *to = f->pixels + (size_t)y++ * (size_t)g->width;
        if (vga_line_blanked(v, &g->raster, (u32)line)) {
            memset(to, 0, (size_t)g->width * sizeof *to);
            continue;
        }
        draw_line(v, g, &b, &t, palette, indices);
        const u8 *from = indices + pixel_panning(v, g, &b);
        for (int x = 0; x < g->width; x++)
            to[x] = colours[from[x]];
        if (any)
            blank_columns(g, hidden, to);
    }
}

static void fill(struct frame *f, u32 colour)
{
    size_t pixels = (size_t)f->width * (size_t)f->height;
    for (size_t k = 0; k < pixels; k++)
        f->pixels[k] = colour;
}

/* Can what is shown look different in the other phase of blinking? */
static bool blinks(const struct vga *v, const struct geometry *g)
{
    if (vga_dispi_on(v) || g->blank || g->border)
        return false;
    return (v->s.attr[ATTR_MODE_CONTROL] & ATTR_MODE_BLINK) || (g->text && text_look(v, true).cursor != ~0u);
}

/* Did the memory that is shown change? Makes it clean. */
static bool memory_changed(struct vga *v)
{
    u64 first = 0, bytes = 4 * PLANE_SIZE;
    if (vga_dispi_on(v))
        bytes = vga_dispi_range(v, &first);
    if (!bytes || !ram_take_dirty(v->ram, first, bytes))
        return false;
    space_changed(machine_memory(v->dev.machine));
    return true;
}

static void note_mode(struct vga *v, int width, int height, int bits, const char *kind)
{
    if (width == v->last_width && height == v->last_height && bits == v->last_bits)
        return;
    v->last_width = width;
    v->last_height = height;
    v->last_bits = bits;
    if (dev_log_on(&v->dev, "vga"))
        dev_log(&v->dev, "vga", "%s, %d x %d, %d bits", kind, width, height, bits);
}

bool vga_draw(void *dev, struct frame *f, bool force, bool blink)
{
    struct vga *v = dev;
    struct geometry g = geometry(v);
    bool dispi = vga_dispi_on(v) && v->s.dispi[DISPI_XRES] && v->s.dispi[DISPI_YRES];
    int width = dispi ? v->s.dispi[DISPI_XRES] : g.width, height = dispi ? v->s.dispi[DISPI_YRES] : g.height;
    bool changed = memory_changed(v) || v->redraw || force || f != v->last || !f->pixels || f->width != width
                || f->height != height || (blink != v->last_blink && blinks(v, &g));
    v->last_blink = blink;
    v->last = f;
    v->redraw = false;
    if (!changed)
        return false;

    u32 colours[256];
    u8 palette[16];
    make_colours(v, colours);
    make_palette(v, palette);
    frame_resize(f, width, height);
    f->vbe = dispi;
    note_mode(v, width, height, dispi ? v->s.dispi[DISPI_BPP] : g.pixels256 ? 8 : 4,
              dispi ? "DISPI" : g.text ? "text" : "graphics");
    if (dispi && !g.border) {
        vga_dispi_draw(v, f, colours, palette);
    } else if (dispi || g.blank || g.border) {
        fill(f, dispi || g.blank ? 0 : colours[v->s.attr[ATTR_OVERSCAN]]);
    } else {
        if (g.pixels256)
            colours_256(v, colours);
        draw_frame(v, &g, f, blink, colours, palette);
    }
    return true;
}

/* A row of text is taken where its first line is drawn. */
bool vga_text(void *dev, struct text_screen *t)
{
    struct vga *v = dev;
    struct geometry g = geometry(v);
    if (!g.text || g.blank || g.border || vga_dispi_on(v))
        return false;
    struct beam b = beam_top(v);
    u32 cursor = text_look(v, true).cursor;
    bool fresh = true;
    *t = (struct text_screen) { .columns = g.columns, .cursor_column = -1, .cursor_row = -1 };
    for (int line = 0; line < g.rows_lines && (t->rows + 1) * g.columns <= TEXT_CELLS_MAX; line++) {
        if (fresh) {
            u8 *character = t->character + t->rows * g.columns, *attribute = t->attribute + t->rows * g.columns;
            for (int k = 0; k < g.columns; k++) {
                u32 count = counter(v, b.row, (u32)k + byte_panning(v, &b) + g.raster.skew);
                u32 cell = vga_group(v, plane_offset(v, count, b.row_scan));
                character[k] = (u8)cell;
                attribute[k] = (u8)(cell >> 8);
                if (count == cursor) {
                    t->cursor_column = k;
                    t->cursor_row = t->rows;
                }
            }
            t->rows++;
        }
        struct beam old = b;
        beam_next(v, &b, line);
        fresh = b.split != old.split || (b.row_scan == 0 && !b.half && !(old.row_scan == 0 && !old.half));
        if (max_scan(v) == 0 && !doubled(v))
            fresh = true;
    }
    return true;
}
