/* atapi.h - what the packet commands' files share: sense codes, big-endian fields, the answer buffer. */
#pragma once
#include "ata.h"

/* Sense keys, and the additional codes used with them. */
enum { NOT_READY = 2, MEDIUM_ERROR = 3, ILLEGAL_REQUEST = 5, UNIT_ATTENTION = 6 };
enum {
    NOT_YET_READY = 0x04, INVALID_COMMAND = 0x20, LBA_OUT_OF_RANGE = 0x21, INVALID_FIELD = 0x24, INVALID_PARAMETER = 0x26,
    SAVING_NOT_SUPPORTED = 0x39, MEDIUM_NOT_PRESENT = 0x3a, MEDIA_REMOVAL_PREVENTED = 0x53, UNRECOVERED_READ = 0x11,
    PARAMETER_LENGTH = 0x1a, WRONG_MODE = 0x64
};

static inline void be16(u8 *p, u32 v) { p[0] = (u8)(v >> 8), p[1] = (u8)v; }
static inline void be32(u8 *p, u32 v) { be16(p, v >> 16), be16(p + 2, v); }
static inline u32 from_be16(const u8 *p) { return (u32)p[0] << 8 | p[1]; }
static inline u32 from_be32(const u8 *p) { return from_be16(p) << 16 | from_be16(p + 2); }

static inline bool present(const struct ide_drive *d) { return d->image && !d->s.tray_open; }
static inline u32 blocks(const struct ide_drive *d)
{
    u64 n = image_sectors(d->image);
    return n > 0xffffffff ? 0xffffffff : (u32)n;
}

static inline void illegal_field(struct ide_drive *d) { atapi_check(d, ILLEGAL_REQUEST, INVALID_FIELD, 0); }

/* An empty answer of n bytes to fill in. */
static inline u8 *answer(struct ide_drive *d, u32 n)
{
    memset(d->s.buffer, 0, n);
    return d->s.buffer;
}

/* atapi_mode.c: MODE SENSE and MODE SELECT, both lengths. */
void atapi_mode_sense(struct ide_drive *d);
void atapi_begin_mode_select(struct ide_drive *d);
