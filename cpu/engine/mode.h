/* mode.h - the part of the processor's state that decoded code depends on, as one number: the key of a block beside its place.
 * Two blocks from the same bytes differ when any of this differs. */
#pragma once
#include "../../host/base.h"

enum {
    MODE_D = 1 << 0,            /* CS.D: 32-bit code */
    MODE_B = 1 << 1,            /* SS.B: 32-bit stack pointer */
    MODE_PE = 1 << 2, MODE_VM = 1 << 3,
    MODE_CPL_SHIFT = 4,         /* two bits */
    MODE_EM = 1 << 6, MODE_TS = 1 << 7, MODE_MP = 1 << 8,
    MODE_AC = 1 << 9,           /* alignment is checked: memory handlers come from SLOW */
    MODE_SEG_SHIFT = 10,        /* two bits for each of six segments: enum seg_class */
    MODE_KIND_SHIFT = 22,       /* two bits: enum block_kind */
};

/* How data is reached through a segment. For CS: SEG_FLAT or SEG_FULL, about code only. */
enum seg_class { SEG_FLAT /* base 0, limit 4G, all allowed */, SEG_BASE /* any base, limit 4G */, SEG_FULL };
enum block_kind { KIND_FAST, KIND_SLOW, KIND_DEBUG /* the hook planted before each op */, KIND_STEP /* one instruction */ };

static inline int mode_seg(u32 mode, int seg)  { return mode >> (MODE_SEG_SHIFT + 2 * seg) & 3; }
static inline int mode_kind(u32 mode)          { return mode >> MODE_KIND_SHIFT & 3; }
static inline u32 mode_of_kind(u32 mode, enum block_kind k)
{
    return (mode & ~(3u << MODE_KIND_SHIFT)) | (u32)k << MODE_KIND_SHIFT;
}
