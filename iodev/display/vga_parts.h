/* vga_parts.h - what the files of the display adapter share. */
#pragma once
#include "vga.h"

/* Sequencer, CRT controller, graphics and attribute controller: IBM PS/2 Hardware Interface Technical Reference,
 * "Video Subsystem", named as there. */
enum { SEQ_RESET, SEQ_CLOCKING_MODE, SEQ_MAP_MASK, SEQ_CHARACTER_MAP_SELECT, SEQ_MEMORY_MODE, SEQ_REGISTERS };
enum { CLOCKING_8_DOTS = 0x01, CLOCKING_DOT_CLOCK_HALF = 0x08, CLOCKING_SCREEN_OFF = 0x20 };
enum { MEMORY_MODE_SEQUENTIAL = 0x04 /* not odd/even */, MEMORY_MODE_CHAIN_4 = 0x08 };
enum {
    CRTC_HORIZONTAL_TOTAL, CRTC_HORIZONTAL_DISPLAY_END, CRTC_HORIZONTAL_BLANK_START, CRTC_HORIZONTAL_BLANK_END,
    CRTC_HORIZONTAL_RETRACE_START, CRTC_HORIZONTAL_RETRACE_END, CRTC_VERTICAL_TOTAL, CRTC_OVERFLOW, CRTC_PRESET_ROW_SCAN,
    CRTC_MAXIMUM_SCAN_LINE, CRTC_CURSOR_START, CRTC_CURSOR_END, CRTC_START_ADDRESS_HIGH, CRTC_START_ADDRESS_LOW,
    CRTC_CURSOR_LOCATION_HIGH, CRTC_CURSOR_LOCATION_LOW, CRTC_VERTICAL_RETRACE_START, CRTC_VERTICAL_RETRACE_END,
    CRTC_VERTICAL_DISPLAY_END, CRTC_OFFSET, CRTC_UNDERLINE_LOCATION, CRTC_VERTICAL_BLANK_START, CRTC_VERTICAL_BLANK_END,
    CRTC_MODE_CONTROL, CRTC_LINE_COMPARE, CRTC_REGISTERS
};
enum { UNDERLINE_COUNT_BY_4 = 0x20, UNDERLINE_DOUBLEWORD = 0x40 };
enum {
    CRTC_MODE_CMS_0 = 0x01, CRTC_MODE_CMS_1 = 0x02, CRTC_MODE_HRS = 0x04, CRTC_MODE_COUNT_BY_2 = 0x08,
    CRTC_MODE_ADDRESS_WRAP = 0x20, CRTC_MODE_BYTE = 0x40, CRTC_MODE_RUN = 0x80
};
enum {
    GC_SET_RESET, GC_ENABLE_SET_RESET, GC_COLOR_COMPARE, GC_DATA_ROTATE, GC_READ_MAP_SELECT, GC_MODE, GC_MISCELLANEOUS,
    GC_COLOR_DONT_CARE, GC_BIT_MASK, GC_REGISTERS
};
enum { GC_MODE_READ_MODE = 0x08, GC_MODE_ODD_EVEN = 0x10, GC_MODE_SHIFT_CGA = 0x20, GC_MODE_SHIFT_256 = 0x40 };
enum { GC_MISC_GRAPHICS = 0x01, GC_MISC_CHAIN_ODD_EVEN = 0x02 };
enum {
    ATTR_PALETTE, ATTR_MODE_CONTROL = 0x10, ATTR_OVERSCAN, ATTR_COLOR_PLANE_ENABLE, ATTR_HORIZONTAL_PANNING,
    ATTR_COLOR_SELECT, ATTR_REGISTERS
};
enum {
    ATTR_MODE_MONOCHROME = 0x02, ATTR_MODE_LINE_GRAPHICS = 0x04, ATTR_MODE_BLINK = 0x08, ATTR_MODE_PANNING_SPLIT = 0x20,
    ATTR_MODE_PELCLK_2 = 0x40, ATTR_MODE_PALETTE_SIZE = 0x80
};
enum { ATTR_INDEX_PAS = 0x20 };                 /* palette address source: the palette is shown, not accessible */
enum { MISC_COLOR = 0x01, MISC_ENABLE_RAM = 0x02, MISC_CLOCK = 0x0c };

/* The DISPI registers, by index. */
enum {
    DISPI_ID, DISPI_XRES, DISPI_YRES, DISPI_BPP, DISPI_ENABLE, DISPI_BANK, DISPI_VIRT_WIDTH, DISPI_VIRT_HEIGHT,
    DISPI_X_OFFSET, DISPI_Y_OFFSET, DISPI_VIDEO_MEMORY_64K, DISPI_DDC, DISPI_REGISTERS
};
enum { DISPI_ENABLED = 0x01, DISPI_GETCAPS = 0x02, DISPI_8BIT_DAC = 0x20, DISPI_LFB = 0x40, DISPI_NOCLEARMEM = 0x80 };
enum { DISPI_MAX_XRES = 2560, DISPI_MAX_YRES = 1600, DISPI_MAX_BPP = 32 };

enum { PLANE_SIZE = 64 << 10, LINE_MAX = (256 + 2) * 9 };

struct vga_state {
    u32 latch;                  /* plane 0 in the low byte */
    u32 clear_at, clear_end;    /* video memory that DISPI still clears, while the processor waits */
    u16 dispi_index;
    u16 dispi[DISPI_REGISTERS];
    u8 seq_index, crtc_index, gc_index;
    u8 attr_index;              /* with ATTR_INDEX_PAS */
    u8 attr_data_next;          /* the flip-flop of port 3C0 */
    u8 misc, feature, enabled;  /* 3C2, 3xA, 3C3 */
    u8 dac_mask, dac_address, dac_cycle, dac_reading;
    u8 retrace_latch;           /* a vertical retrace has begun since it was cleared */
    u8 seq[SEQ_REGISTERS], crtc[CRTC_REGISTERS], gc[GC_REGISTERS], attr[ATTR_REGISTERS];
    u8 dac_hold[3];
    u8 dac[256][3];             /* 6 bits each, or 8 (DISPI_8BIT_DAC) */
    u8 pad[2];
};

struct vga {
    struct device dev;
    struct line irq;            /* the vertical retrace interrupt */
    struct timer retrace;       /* the retrace that will set its latch; off while it is set or held clear */
    struct timer clear;         /* DISPI clears the next piece of video memory */
    struct ram *ram;            /* planes interleaved by byte */
    struct ram *rom;            /* the video BIOS, NULL if there is none */
    struct region *planes;      /* A0000-BFFFF through the graphics controller */
    struct region *direct;      /* A0000-AFFFF as plain memory, in front of it */
    const struct frame *last;   /* host side: what was drawn last */
    int last_width, last_height, last_bits;
    bool redraw, last_blink;
    struct vga_state s;
};

/* vga_memory.c: access through the graphics controller at an address in A0000-BFFFF. */
u64  vga_planes_read(void *dev, u64 offset, int size);
void vga_planes_write(void *dev, u64 offset, u64 value, int size);
/* A register that decides how memory appears to the CPU was written: choose the window again. */
void vga_map(struct vga *v);
/* The four planes at an offset in them. */
u32  vga_group(const struct vga *v, u32 plane_offset);

/* vga_vbe.c */
void vga_dispi_reset(struct vga *v);
void vga_dispi_clear_on(void *dev);
/* Whatever a snapshot said, no register is out of range. */
void vga_dispi_sane(struct vga *v);
u64  vga_dispi_port_read(void *dev, u64 offset, int size);
void vga_dispi_port_write(void *dev, u64 offset, u64 value, int size);
static inline bool vga_dispi_on(const struct vga *v) { return v->s.dispi[DISPI_ENABLE] & DISPI_ENABLED; }
/* DISPI shows packed pixels (8 bits and up), not planes. */
static inline bool vga_packed(const struct vga *v) { return vga_dispi_on(v) && v->s.dispi[DISPI_BPP] > 4; }
/* A byte of the monitor's EDID block; 0 behind it. */
u8 vga_edid(u64 offset);
/* Draw the DISPI picture; colours are the 256 of the DAC. */
void vga_dispi_draw(struct vga *v, struct frame *f, const u32 *colours, const u8 *palette);
/* Bytes of video memory that the DISPI picture uses: [*first, *first + result). */
u64  vga_dispi_range(const struct vga *v, u64 *first);

/* vga_draw.c */
bool vga_draw(void *dev, struct frame *f, bool force, bool blink);
bool vga_text(void *dev, struct text_screen *t);
/* Eight pixels of four planes, leftmost first, as values 0-15. */
void vga_spread(u32 group, u8 pixel[8]);

/* vga_timing.c: the raster that the registers make, in character clocks and the monitor's lines. */
struct vga_raster {
    u64 frame;                  /* ns from one to the next; 0: the counters stand still */
    u32 characters, lines;      /* of a line, of a frame: the totals */
    u32 columns, rows;          /* displayed: characters skew to skew + columns - 1, lines 0 to rows - 1; within the totals */
    u32 skew;
    u32 retrace;                /* line where vertical retrace begins; it never does if there is no such line */
};
enum { STATUS_NOT_DISPLAYED = 0x01, STATUS_RETRACE = 0x08 };
/* Of the CRT controller's registers, whether DISPI is on or not. */
struct vga_raster vga_raster(const struct vga *v);
/* Does blanking hide this character of every line, this line of the monitor? */
bool vga_column_blanked(const struct vga *v, const struct vga_raster *r, u32 character);
bool vga_line_blanked(const struct vga *v, const struct vga_raster *r, u32 line);
/* Input status register 1, from virtual time: display enable (bit 0, inverted) and vertical retrace (bit 3). */
u8   vga_status(const struct vga *v);
/* The interrupt's wire and timer follow the registers: to be called after one of these was written that times retrace. */
void vga_retrace_drive(struct vga *v);
void vga_retrace_begins(void *dev);
/* See screen.h. */
u64  vga_next_retrace(void *dev, u64 after);
