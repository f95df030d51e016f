/* vga_edid.c - what the monitor says of itself: an EDID block in the first bytes of the register page of PCI device
 * 1234:1111, where guests look for it. Follows: VESA Enhanced Extended Display Identification Data Standard, structure
 * version 1 revision 3, sections "EDID 1.3 data format" and "Detailed Timing Descriptor"; the timing is that of VESA
 * Coordinated Video Timings with reduced blanking.
 * Here: one block, 1280 x 800 preferred. */
#include "vga_parts.h"

enum { EDID_BYTES = 128 };

static const u8 monitor[EDID_BYTES - 1] = {
    0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00,
    0x59, 0x34, 0x01, 0x00, 0, 0, 0, 0, 1, 2026 - 1990,     /* maker VIT, product 1; week and year */
    1, 3,                                                   /* version and revision */
    0x80, 34, 21, 120, 0x0e,                                /* digital; cm; gamma 2.2; sRGB, first timing preferred */
    0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54,     /* sRGB's colours */
    0x21, 0x08, 0x00,                                       /* 640 x 480, 800 x 600, 1024 x 768 at 60 Hz */
    1280 / 8 - 31, 0x80, 1280 / 8 - 31, 0xc0, 1440 / 8 - 31, 0x00, 1600 / 8 - 31, 0x40,    /* x 1024, 720, 900, 1200 */
    1920 / 8 - 31, 0x00, 1, 1, 1, 1, 1, 1,                  /* x 1200; no more */
    7100 & 0xff, 7100 >> 8,                                 /* 71 MHz */
    1280 & 0xff, 160, 1280 >> 8 << 4, 800 & 0xff, 23, 800 >> 8 << 4,                        /* seen and blank */
    48, 32, 3 << 4 | 6, 0, 340 & 0xff, 212, 340 >> 8 << 4, 0, 0, 0x1a,                      /* syncs; mm; +h -v */
    0, 0, 0, 0xfd, 0, 50, 75, 30, 90, 17, 0, '\n', ' ', ' ', ' ', ' ', ' ', ' ',            /* Hz, kHz, 10 MHz */
    0, 0, 0, 0xfc, 0, 'V', 'i', 't', 'r', 'i', 'n', 'e', '\n', ' ', ' ', ' ', ' ', ' ',
    0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                                /* no fourth descriptor */
    0,                                                      /* no further block */
};

u8 vga_edid(u64 offset)
{
    u8 sum = 0;
    if (offset < sizeof monitor)
        return monitor[offset];
    for (size_t k = 0; k < sizeof monitor; k++)
        sum = (u8)(sum + monitor[k]);
    return offset == sizeof monitor ? (u8)-sum : 0;
}
