/* vga_timing.c - the raster: what the CRT controller's counters make of its registers, retrace and blanking.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem": "CRT Controller Registers", "Input Status Register 1",
 * "Clocking Mode register", "Miscellaneous Output register".
 *
 * The character counter runs from 0 to horizontal total + 4, the line counter from 0 to vertical total + 1. A pulse (vertical
 * retrace, both blankings) begins where the counter equals its start register and ends where the low bits of the counter,
 * as many as the end register has, equal that; this may be after the counter began anew. Everything follows from virtual time
 * and the registers as they are: after a mode change the counters are where they would be had it always been set.
 *
 * Blanked means black, not the overscan colour. Blanking is meant for the border, but it also works inside the picture:
 * a program that moves the start registers into it closes a curtain. There an end whose low bits come after the start's
 * ends the blanking; one below them was made for a start behind the picture and is left to that: the rest of the line or
 * picture is blank.
 *
 * Here: status, the next retrace, its interrupt, blanked characters and lines, display enable skew, totals below the
 * display's end. Not here: what changes while the beam is on its way (a picture is drawn from one moment's registers),
 * the skew of the horizontal retrace, interlace. */
#include "vga_parts.h"

enum { CLOCK_28 = 0x04, BLANK_END_LOW = 0x1f, BLANK_END_BIT_5 = 0x80, RETRACE_END_LOW = 0x0f };
enum { INTERRUPT_CLEAR_OFF = 0x10 /* 0 holds the latch clear */, INTERRUPT_DISABLE = 0x20 };
static const u64 SECOND = 1000000000, DISPI_FRAME = 1000000000ull / 60;

/* A CRT controller register of 10 bits, with the places of bits 8 and 9 in the overflow register. */
static u32 wide(const struct vga *v, int low, int bit8, int bit9)
{
    const u8 *crtc = v->s.crtc;
    return crtc[low] | (u32)(crtc[CRTC_OVERFLOW] >> bit8 & 1) << 8 | (u32)(crtc[CRTC_OVERFLOW] >> bit9 & 1) << 9;
}

static u32 least(u32 a, u32 b) { return a < b ? a : b; }

/* Is the counter at `at`, of 0 to total - 1, in the pulse? low: the mask of bits that the end register has. */
static bool in_pulse(u32 at, u32 start, u32 end, u32 low, u32 total)
{
    u32 width = (end - start) & low, behind = start + (width ? width : low + 1);
    if (start >= total)
        return false;
    if (behind <= total)
        return at >= start && at < behind;
    return at >= start || at < end;             /* began anew; the low bits match first at `end` itself */
}

/* The same for blanking: see above. shown: the picture's characters or lines are those before it. */
static bool blanked(u32 at, u32 start, u32 end, u32 low, u32 total, u32 shown)
{
    if (start < shown && end <= (start & low))
        return at >= start;
    return in_pulse(at, start, end, low, total);
}

static u32 scale_of(const struct vga *v) { return v->s.crtc[CRTC_MODE_CONTROL] & CRTC_MODE_HRS ? 2 : 1; }

struct vga_raster vga_raster(const struct vga *v)
{
    const u8 *crtc = v->s.crtc, clocking = v->s.seq[SEQ_CLOCKING_MODE];
    u64 hertz = (v->s.misc & MISC_CLOCK) == CLOCK_28 ? 28322000 : 25175000;
    u32 scale = scale_of(v);
    struct vga_raster r = { .characters = crtc[CRTC_HORIZONTAL_TOTAL] + 5u, .skew = crtc[CRTC_HORIZONTAL_BLANK_END] >> 5 & 3,
                            .lines = (wide(v, CRTC_VERTICAL_TOTAL, 0, 5) + 2) * scale };
    r.columns = least(crtc[CRTC_HORIZONTAL_DISPLAY_END] + 1u, r.characters);
    r.rows = least((wide(v, CRTC_VERTICAL_DISPLAY_END, 1, 6) + 1) * scale, r.lines);
    r.retrace = wide(v, CRTC_VERTICAL_RETRACE_START, 2, 7) * scale;
    if (clocking & CLOCKING_DOT_CLOCK_HALF)
        hertz /= 2;
    if ((crtc[CRTC_MODE_CONTROL] & CRTC_MODE_RUN) && (v->s.seq[SEQ_RESET] & 3) == 3)
        r.frame = (u64)r.lines * r.characters * (clocking & CLOCKING_8_DOTS ? 8 : 9) * SECOND / hertz;
    return r;
}

/* With DISPI on, the CRT controller runs at 60 Hz with a little blanking, whatever its registers say. */
static struct vga_raster dispi_raster(const struct vga *v)
{
    u32 rows = v->s.dispi[DISPI_YRES];
    return (struct vga_raster) { .frame = DISPI_FRAME, .characters = 5, .columns = 4, .lines = rows + rows / 20 + 4,
                                 .rows = rows, .retrace = rows + 1 };
}

static struct vga_raster raster_in_force(const struct vga *v) { return vga_dispi_on(v) ? dispi_raster(v) : vga_raster(v); }

bool vga_column_blanked(const struct vga *v, const struct vga_raster *r, u32 character)
{
    const u8 *crtc = v->s.crtc;
    u32 end = (crtc[CRTC_HORIZONTAL_BLANK_END] & BLANK_END_LOW)
            | (crtc[CRTC_HORIZONTAL_RETRACE_END] & BLANK_END_BIT_5 ? BLANK_END_LOW + 1 : 0);
    return blanked(character, crtc[CRTC_HORIZONTAL_BLANK_START], end, 0x3f, r->characters, r->skew + r->columns);
}

bool vga_line_blanked(const struct vga *v, const struct vga_raster *r, u32 line)
{
    u32 scale = scale_of(v), start = wide(v, CRTC_VERTICAL_BLANK_START, 3, 0) & 0x1ff;
    start |= (u32)(v->s.crtc[CRTC_MAXIMUM_SCAN_LINE] >> 5 & 1) << 9;
    return blanked(line / scale, start, v->s.crtc[CRTC_VERTICAL_BLANK_END], 0xff, r->lines / scale, r->rows / scale);
}

static bool line_in_retrace(const struct vga *v, const struct vga_raster *r, u32 line)
{
    u32 scale = scale_of(v);
    if (vga_dispi_on(v))
        return line >= r->retrace && line < r->retrace + 2;
    return in_pulse(line / scale, r->retrace / scale, v->s.crtc[CRTC_VERTICAL_RETRACE_END] & RETRACE_END_LOW,
                    RETRACE_END_LOW, r->lines / scale);
}

u8 vga_status(const struct vga *v)
{
    struct vga_raster r = raster_in_force(v);
    if (!r.frame)
        return STATUS_NOT_DISPLAYED;                        /* the counters stand still */
    u64 in_frame = machine_now(v->dev.machine) % r.frame * r.lines, character = in_frame % r.frame * r.characters / r.frame;
    u32 line = (u32)(in_frame / r.frame);
    bool shown = line < r.rows && character >= r.skew && character < r.skew + r.columns;
    return (u8)((shown ? 0 : STATUS_NOT_DISPLAYED) | (line_in_retrace(v, &r, line) ? STATUS_RETRACE : 0));
}

u64 vga_next_retrace(void *dev, u64 after)
{
    struct vga_raster r = raster_in_force(dev);
    if (!r.frame)
        return (after / DISPI_FRAME + 1) * DISPI_FRAME;
    /* The first moment at which vga_status finds this line; a line that never comes is the end of the frame. */
    u64 offset = r.retrace < r.lines ? (r.retrace * r.frame + r.lines - 1) / r.lines : 0;
    u64 at = after / r.frame * r.frame + offset;
    return at > after ? at : at + r.frame;
}

/* "Vertical Retrace End register": bit 4 is 0 to clear the latch, and must be 1 for the next; bit 5 keeps it from the wire. */
void vga_retrace_drive(struct vga *v)
{
    u8 control = v->s.crtc[CRTC_VERTICAL_RETRACE_END];
    if (!(control & INTERRUPT_CLEAR_OFF))
        v->s.retrace_latch = 0;
    bool waits = (control & INTERRUPT_CLEAR_OFF) && !v->s.retrace_latch && raster_in_force(v).frame;
    u64 now = machine_now(v->dev.machine);
    if (!waits)
        timer_set(&v->retrace, TIMER_OFF);
    else if (v->retrace.when > now)                         /* else it is due at this very moment */
        timer_set(&v->retrace, vga_next_retrace(v, now));
    line_set(&v->irq, v->s.retrace_latch && !(control & INTERRUPT_DISABLE));
}

void vga_retrace_begins(void *dev)
{
    struct vga *v = dev;
    v->s.retrace_latch = 1;
    vga_retrace_drive(v);
}
