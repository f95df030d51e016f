/* i82077aa_motion.c - floppy disk controller: what moves. Motors come up to speed, heads step and are loaded, tracks pass by.
 * Intel 82077AA data sheet (1992), "Specify" (step rate, head load and unload times, which scale with the data rate), "Seek",
 * "Recalibrate"; IBM System 34 format for where the sectors of a track lie (gaps as the data sheet's "Format Track" has them);
 * 300 rpm, 360 in a 1.2M drive, and less than half a second to speed as drives' specifications promise.
 * Here: all in virtual time, divided by `hurry` for runs whose length nobody waits for: a sector that is asked for is then under the head,
 * for a guest that asks for one after the other misses each by a little, and would wait for whole revolutions. The index hole passes each
 * drive at whole revolutions since power-on, whenever its motor started. */
#include "i82077aa_parts.h"

enum { TRACKS_40 = 42, TRACKS_80 = 84, RECALIBRATE_STEPS = 79 };
enum { SPIN_UP_NS = 400 * 1000000, SEEK_START_NS = 20000 };
/* Bytes: from the index to the first ID field; a sector with its usual gap; its end, and where its data field begins. */
enum { INDEX_GAP = 146, SECTOR_AND_GAP = 658, SECTOR_END = 574, DATA_BEGIN = 60, ID_END = 22 };
static const u64 MS = 1000000;

bool fdc_connected(const struct i82077aa *fdc, int unit) { return unit < FDC_DRIVES && fdc->s.type[unit]; }

static u64 now(const struct i82077aa *fdc) { return machine_now(fdc->dev.machine); }

static u64 kbps(const struct i82077aa *fdc)
{
    static const u16 rates[] = { 500, 300, 250, 1000 };
    return rates[fdc->s.rate];
}

static u64 byte_ns(const struct i82077aa *fdc) { return 8 * MS / kbps(fdc) / fdc->hurry; }

/* A time that SPECIFY counts in units of so many ms at 500 kbit/s. */
static u64 specified(const struct i82077aa *fdc, u64 n, u64 unit_ms)
{
    return n * unit_ms * MS * 500 / kbps(fdc) / fdc->hurry;
}

/* ---- motors ---- */

void fdc_motor(struct i82077aa *fdc, int unit)
{
    fdc->s.turning[unit] = now(fdc) + (u64)SPIN_UP_NS / fdc->hurry;
}

u64 fdc_until_turning(const struct i82077aa *fdc, int unit)
{
    u64 at = fdc->s.turning[unit];
    return at > now(fdc) ? at - now(fdc) : 0;
}

/* ---- heads ---- */

static u64 step_ns(const struct i82077aa *fdc) { return specified(fdc, 16 - (u64)(fdc->s.srt_hut >> 4), 1); }

u64 fdc_load_ns(const struct i82077aa *fdc)
{
    u64 hlt = fdc->s.hlt_nd >> 1;
    return fdc->s.loaded > now(fdc) ? 0 : specified(fdc, hlt ? hlt : 128, 2);
}

void fdc_head_used(struct i82077aa *fdc)
{
    u64 hut = fdc->s.srt_hut & 15;
    fdc->s.loaded = now(fdc) + specified(fdc, hut ? hut : 16, 16);
}

static int last_track(const struct i82077aa *fdc, int unit)
{
    return (fdc->s.type[unit] == 1 ? TRACKS_40 : TRACKS_80) - 1;
}

u64 fdc_step_heads(struct i82077aa *fdc, int unit, int pulses)
{
    if (!fdc_connected(fdc, unit) || !pulses)
        return (u64)abs(pulses) * step_ns(fdc);
    int to = fdc->s.track[unit] + pulses;
    fdc->s.track[unit] = (u8)(to < 0 ? 0 : to > last_track(fdc, unit) ? last_track(fdc, unit) : to);
    if (fdc->medium[unit])
        fdc->s.changed[unit] = 0;
    return (u64)abs(pulses) * step_ns(fdc);
}

static bool at_track_0(const struct i82077aa *fdc, int unit) { return fdc_connected(fdc, unit) && !fdc->s.track[unit]; }

/* A step, or the end of the seek. */
static void seek_fires(struct i82077aa *fdc, int unit)
{
    struct i82077aa_state *s = &fdc->s;
    u8 bit = (u8)(1 << unit);
    bool recalibrates = s->recalibrating & bit, found = recalibrates && at_track_0(fdc, unit);
    if (s->steps[unit] && !found) {
        s->steps[unit]--;
        if (!recalibrates)
            s->pcn[unit] = (u8)(s->pcn[unit] + (s->inward & bit ? 1 : -1));
        u64 ns = fdc_step_heads(fdc, unit, s->inward & bit ? 1 : -1);
        timer_set(&fdc->seek[unit], now(fdc) + ns);
        return;
    }
    s->seeking &= (u8)~bit;
    s->recalibrating &= (u8)~bit;
    fdc_report(fdc, unit, recalibrates && !found ? ST0_IC_ABNORMAL | ST0_SE | ST0_EC : ST0_SE);
}

static void seek_0(void *dev) { seek_fires(dev, 0); }
static void seek_1(void *dev) { seek_fires(dev, 1); }
static void seek_2(void *dev) { seek_fires(dev, 2); }
static void seek_3(void *dev) { seek_fires(dev, 3); }

void fdc_motion_init(struct i82077aa *fdc)
{
    static const struct { const char *name; void (*fire)(void *); } seeks[FDC_UNITS] = {
        { "fdc.seek0", seek_0 }, { "fdc.seek1", seek_1 }, { "fdc.seek2", seek_2 }, { "fdc.seek3", seek_3 },
    };
    for (int k = 0; k < FDC_UNITS; k++)
        timer_init(fdc->dev.machine, &fdc->seek[k], seeks[k].name, seeks[k].fire, fdc);
}

static void begin_seek(struct i82077aa *fdc, int unit, int steps, bool inward)
{
    u8 bit = (u8)(1 << unit);
    fdc->s.waiting_st0[unit] = 0;
    fdc->s.steps[unit] = (u8)steps;
    fdc->s.inward = (u8)((fdc->s.inward & ~bit) | (inward ? bit : 0));
    fdc->s.seeking |= bit;
    timer_set(&fdc->seek[unit], now(fdc) + SEEK_START_NS);
    fdc_result(fdc, 0, false);                          /* the controller takes the next command at once */
}

void fdc_seek(struct i82077aa *fdc)
{
    int unit = fdc_unit(fdc), from = fdc->s.pcn[unit], to = fdc->s.fifo[2];
    fdc->s.recalibrating &= (u8)~(1 << unit);
    if (fdc->s.fifo[0] & MT)                            /* RELATIVE SEEK; DIR inward */
        begin_seek(fdc, unit, to, fdc->s.fifo[0] & MFM);
    else
        begin_seek(fdc, unit, abs(to - from), to > from);
}

/* Steps outward until the drive says track 0, at most 79 times: an 80-track drive's last tracks need two commands. */
void fdc_recalibrate(struct i82077aa *fdc)
{
    int unit = fdc_unit(fdc);
    fdc->s.recalibrating |= (u8)(1 << unit);
    fdc->s.pcn[unit] = 0;
    begin_seek(fdc, unit, RECALIBRATE_STEPS, false);
}

/* ---- tracks ---- */

static u64 revolution_ns(const struct i82077aa *fdc, int unit)
{
    return (fdc->s.type[unit] == 2 ? 60000 * MS / 360 : 60000 * MS / 300) / fdc->hurry;
}

/* From so many ns ahead until that angle (in ns behind the index) passes. */
static u64 until_angle(const struct i82077aa *fdc, int unit, u64 ahead, u64 angle)
{
    u64 turn = revolution_ns(fdc, unit), phase = (now(fdc) + ahead) % turn;
    return ahead + (angle % turn + turn - phase) % turn;
}

u64 fdc_until_index(const struct i82077aa *fdc, u64 ahead) { return until_angle(fdc, fdc_unit(fdc), ahead, 0); }

u64 fdc_until_second_index(const struct i82077aa *fdc, u64 ahead)
{
    int unit = fdc_unit(fdc);
    return until_angle(fdc, unit, ahead, 0) + revolution_ns(fdc, unit);
}

/* Bytes from one sector to the next: denser formats have smaller gaps. */
static u64 pitch(const struct i82077aa *fdc, int sectors)
{
    u64 room = (revolution_ns(fdc, fdc_unit(fdc)) / byte_ns(fdc) - INDEX_GAP) / (u64)sectors;
    return room < SECTOR_AND_GAP ? room : SECTOR_AND_GAP;
}

u64 fdc_until_sector(const struct i82077aa *fdc, u64 ahead, int sectors, int sector, enum fdc_part part)
{
    u64 p = pitch(fdc, sectors), end = p < SECTOR_END ? p : SECTOR_END;
    u64 begin = (INDEX_GAP + (u64)(sector - 1) * p) * byte_ns(fdc);
    if (part != FDC_END)
        end = part == FDC_ID ? ID_END : DATA_BEGIN;
    return (fdc->hurry > 1 ? ahead : until_angle(fdc, fdc_unit(fdc), ahead, begin)) + end * byte_ns(fdc);
}

/* The next sector whose ID field passes. */
int fdc_next_sector(const struct i82077aa *fdc, u64 ahead, int sectors)
{
    u64 turn = revolution_ns(fdc, fdc_unit(fdc)), phase = (now(fdc) + ahead) % turn / byte_ns(fdc), p = pitch(fdc, sectors);
    u64 passed = phase < INDEX_GAP ? 0 : (phase - INDEX_GAP + p - 1) / p;
    return passed >= (u64)sectors ? 1 : (int)passed + 1;
}

u64 fdc_format_ns(const struct i82077aa *fdc) { return (SECTOR_END + (u64)fdc->s.fifo[4]) * byte_ns(fdc); }
