/* pace.c - see pace.h.
 * Here: the host's time for a tick, measured over stretches in which the processor was busy and smoothed; a tick takes that long
 * in the guest, too, and a little longer while the guest lags, so that lag is made up within a few ticks of its timer. A gap
 * of more than a second is no lag: the program was stopped, the host slept. */
#include "pace.h"

enum {
    SMOOTH_NS = 20000000,           /* a measurement of so much host time replaces the older ones */
    CATCH_UP_NS = 40000000,         /* a lag of so much doubles what a tick takes */
    CATCH_UP_MAX = 4,               /* and at most this times as much is taken */
    GAP_NS = 1000000000,
    COST_MAX = 1 << 30,
    BUSY_LEAST = 20000,             /* ticks to measure them by, */
    BUSY_LEAST_NS = 2000000,        /* or so much of the host's time */
    FIRST_TICKS = 1 << 16,          /* of a stretch while nothing is known of the host */
    STRETCH_NS = 10000000,          /* host: a stretch is not meant to take longer */
    AHEAD_NS = 4000000,             /* virtual: and does not end further ahead of the host */
    LAG_NONE_NS = 2000000,
    STEP = 64,                      /* a change by less than a 64th is none: each is an input of the run */
};

void pace_start(struct pace *p, u64 host, u64 virtual_ns, u64 ticks, u32 cost)
{
    *p = (struct pace) { .least = cost, .cost = cost };
    p->base_host = p->seen_host = host;
    p->base_virtual = p->seen_virtual = virtual_ns;
    p->seen_ticks = ticks;
}

/* Virtual time goes on from where it is: what was lag or lead before is forgotten. */
void pace_gap(struct pace *p, u64 host, u64 virtual_ns, u64 ticks)
{
    p->base_host = p->seen_host = host;
    p->base_virtual = p->seen_virtual = virtual_ns;
    p->seen_ticks = ticks;
    p->waited = 0;
    p->measured = 0;                /* if it was no gap but a host that has become very slow, a short stretch will tell */
}

void pace_limit(struct pace *p, u32 cost)
{
    if (cost == p->least)
        return;
    p->least = p->cost = cost;
    p->measured = 0;                /* another speed's ticks say nothing of this one's */
}

u64 pace_target(const struct pace *p, u64 host)
{
    return p->base_virtual + (host - p->base_host);
}

u64 pace_stretch(const struct pace *p, u64 host, u64 virtual_ns)
{
    u64 ticks = p->measured ? ((u64)STRETCH_NS << 16) / p->measured : FIRST_TICKS;
    u64 most = virtual_ns + 1 + (ticks * p->cost >> 16), end = pace_target(p, host) + AHEAD_NS;
    return end < most ? end : most;
}

/* A stretch that took the host `ran` ns, moved virtual time by `moved` and ran so many ticks. It says something about ticks only
 * where these made a good part of it: not of a guest that slept or waited for devices. Short ones are taken together. */
static void measure(struct pace *p, u64 ran, u64 moved, u64 ticks)
{
    u64 took, weight;
    if ((ticks * p->cost >> 16) < moved / 4) {
        p->busy_host = p->busy_virtual = p->busy_ticks = 0;
        return;
    }
    ran = p->busy_host += ran;
    moved = p->busy_virtual += moved;
    ticks = p->busy_ticks += ticks;
    if (!ticks || (ticks < BUSY_LEAST && ran < BUSY_LEAST_NS))
        return;
    p->busy_host = p->busy_virtual = p->busy_ticks = 0;
    weight = ran > moved ? ran : moved;         /* of a host with time to spare the stretches are short */
    took = (ran << 16) / ticks;
    if (took > COST_MAX)
        took = COST_MAX;
    if (!p->measured || weight >= SMOOTH_NS)
        p->measured = took;
    else if (took > p->measured)
        p->measured += (took - p->measured) * weight / SMOOTH_NS;
    else
        p->measured -= (p->measured - took) * weight / SMOOTH_NS;
}

static u32 cost_for(const struct pace *p, u64 lag)
{
    u64 cost = p->measured > p->least ? p->measured : p->least, more = (u64)(CATCH_UP_MAX - 1) * CATCH_UP_NS;
    if (lag > LAG_NONE_NS)
        cost += cost * (lag < more ? lag : more) / CATCH_UP_NS;
    return cost < COST_MAX ? (u32)cost : COST_MAX;
}

void pace_look(struct pace *p, u64 host, u64 virtual_ns, u64 ticks)
{
    u64 passed = host - p->seen_host;
    if (passed > GAP_NS + p->waited) {
        pace_gap(p, host, virtual_ns, ticks);
        return;
    }
    measure(p, passed > p->waited ? passed - p->waited : 0, virtual_ns - p->seen_virtual, ticks - p->seen_ticks);
    u64 target = pace_target(p, host);
    u32 cost = cost_for(p, target > virtual_ns ? target - virtual_ns : 0);
    if (cost > p->cost + p->cost / STEP || cost < p->cost - p->cost / STEP || cost == p->least)
        p->cost = cost;
    p->seen_host = host;
    p->seen_virtual = virtual_ns;
    p->seen_ticks = ticks;
    p->waited = 0;
}

unsigned pace_percent(const struct pace *p)
{
    u64 cost = p->measured > p->least ? p->measured : p->least;
    return (unsigned)((u64)p->least * 100 / cost);
}
