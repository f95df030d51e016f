/* drive_motion.c - how long a disk or CD drive takes: heads that seek, platters that turn, sectors that pass, what is read ahead.
 * Follows: ATA/ATAPI-4 (T13 1153D) for what waits for it (BSY until data are there; write cache, look-ahead, standby); the figures
 * are those of drives of 1999 as their specifications print them: 7200 rpm, 1 ms to the next track, 9 ms on average, 30 MB/s;
 * CD-ROM 24x, 85 ms on average, 1.5 s to speed.
 * Here: seek time grows with the root of the distance. A sector's angle is its number in its track; platters stand at angle 0 at
 * whole revolutions since power-on. The drive reads on behind what it was asked for; it keeps what it was given to write and
 * seeks for it at FLUSH CACHE. Everything is divided by `hurry`. */
#include "ata.h"

static const u64 US = 1000, MS = 1000000;

struct profile {
    u64 nearest, farthest;      /* ns: to the next track, from one end to the other */
    u64 turn;                   /* ns a revolution */
    u64 spin_up;
    u32 track;                  /* sectors a revolution */
    u32 ahead;                  /* sectors that the buffer holds */
};

static u64 scaled(const struct ide_drive *d, u64 ns) { return ns / d->hurry; }

static struct profile profile_of(const struct ide_drive *d)
{
    const struct profile disk = { MS, 16 * MS, 8333333, 4000 * MS, .track = 504, .ahead = 1024 };
    const struct profile cd = { 20 * MS, 142 * MS, 12222 * US, 1500 * MS, .track = 22, .ahead = 64 };
    struct profile p = d->ops->packet ? cd : disk;
    p.nearest = scaled(d, p.nearest);
    p.farthest = scaled(d, p.farthest);
    p.spin_up = scaled(d, p.spin_up);
    p.turn = scaled(d, p.turn) ? scaled(d, p.turn) : 1;
    return p;
}

static u64 now(const struct ide_drive *d) { return machine_now(d->dev.machine); }

static u64 square_root(u64 n)
{
    u64 root = 0;
    for (u64 bit = 1ull << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= n)
            root += bit;
    return root;
}

static u64 pass_ns(const struct profile *p, u64 sectors) { return sectors * p->turn / p->track; }

static u64 spin_up(struct ide_drive *d, const struct profile *p)
{
    u64 ns = d->s.stopped ? p->spin_up : 0;
    d->s.stopped = 0;
    return ns;
}

static u64 move_ns(const struct ide_drive *d, const struct profile *p, u64 lba)
{
    u64 from = d->s.head, distance = lba > from ? lba - from : from - lba, all = d->image ? image_sectors(d->image) : 0;
    if (distance < p->track || !all)            /* nothing in it: taken out in the middle of a command */
        return 0;
    return p->nearest + (p->farthest - p->nearest) * square_root(distance * 1000000 / all) / 1000;
}

/* From now until the sector is under the head. */
static u64 access_ns(struct ide_drive *d, const struct profile *p, u64 lba)
{
    u64 ns = spin_up(d, p) + move_ns(d, p, lba), angle = lba % p->track * p->turn / p->track;
    return ns + (angle + p->turn - (now(d) + ns) % p->turn) % p->turn;
}

u64 drive_seek_ns(struct ide_drive *d, u64 lba)
{
    const struct profile p = profile_of(d);
    u64 ns = spin_up(d, &p) + move_ns(d, &p, lba);
    d->s.head = lba;
    d->s.ahead_end = 0;
    return ns;
}

/* Time until the last of these sectors is in the buffer, when the drive reads on behind ahead_end anyway. */
static u64 wait_for_ahead(struct ide_drive *d, const struct profile *p, u64 end)
{
    u64 full = pass_ns(p, p->ahead), t = now(d);
    if (end <= d->s.ahead_end)
        return 0;
    if (d->s.ahead_at + full < t)
        d->s.ahead_at = t - full;                       /* it stopped when the buffer was full */
    d->s.ahead_at += pass_ns(p, end - d->s.ahead_end);
    d->s.ahead_end = d->s.head = end;
    return d->s.ahead_at > t ? d->s.ahead_at - t : 0;
}

u64 drive_read_ns(struct ide_drive *d, u64 lba, u32 n)
{
    const struct profile p = profile_of(d);
    u64 bus = (u64)n * SECTOR_NS, end = lba + n;
    bool ahead = d->s.ahead_end && (d->ops->packet || d->s.look_ahead) && !d->s.stopped;
    if (ahead && lba >= d->s.ahead_from && lba + p.ahead >= d->s.ahead_end && lba <= d->s.ahead_end + p.ahead)
        return wait_for_ahead(d, &p, end) + bus;
    u64 ns = access_ns(d, &p, lba) + pass_ns(&p, n);
    d->s.ahead_from = lba;
    d->s.ahead_end = d->s.head = end;
    d->s.ahead_at = now(d) + ns;
    return ns + bus;
}

u64 drive_write_ns(struct ide_drive *d, u64 lba, u32 n)
{
    const struct profile p = profile_of(d);
    u64 ns;
    if (lba < d->s.ahead_end + p.ahead && lba + n > d->s.ahead_from)
        d->s.ahead_end = 0;                             /* what was read there is old */
    if (d->s.write_cache) {
        d->s.dirty = 1;
        d->s.written = lba + n;
        ns = spin_up(d, &p);
    } else {
        ns = access_ns(d, &p, lba);
        d->s.head = lba + n;
        d->s.ahead_end = 0;
    }
    return ns + pass_ns(&p, n) + (u64)n * SECTOR_NS;
}

u64 drive_flush_ns(struct ide_drive *d)
{
    const struct profile p = profile_of(d);
    if (!d->s.dirty)
        return 0;
    u64 ns = access_ns(d, &p, d->s.written);
    d->s.dirty = 0;
    d->s.head = d->s.written;
    d->s.ahead_end = 0;
    return ns;
}

u64 drive_spin_up_ns(struct ide_drive *d)
{
    const struct profile p = profile_of(d);
    return spin_up(d, &p);
}

void drive_load(struct ide_drive *d)
{
    d->s.ready_at = now(d) + profile_of(d).spin_up;
    d->s.head = d->s.ahead_end = 0;
    d->s.stopped = 0;
}

bool drive_is_loading(const struct ide_drive *d) { return d->s.ready_at > now(d); }

u64 drive_ready_ns(struct ide_drive *d) { return drive_is_loading(d) ? d->s.ready_at - now(d) : drive_spin_up_ns(d); }
