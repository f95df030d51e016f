/* pace.h - virtual time that follows the host's: what a tick of the processor must take so that a second at the window is a
 * second in the guest. Nothing here asks the host for the time: it is given, so that a test can invent it. */
#pragma once
#include "../../host/base.h"

struct pace {
    u64 base_host, base_virtual;    /* these moments, in ns, are the same */
    u64 seen_host, seen_virtual;    /* of the last look */
    u64 seen_ticks;
    u64 waited;                     /* host ns since then in which the machine did not run */
    u64 busy_host, busy_virtual, busy_ticks;    /* what is measured in turn, of a guest that works: ns, ns, ticks */
    u64 measured;                   /* what a tick takes the host, smoothed: 65536ths of a ns; 0: not known */
    u32 least;                      /* the named speed: a tick never takes less */
    u32 cost;                       /* what it takes now */
};

/* From here on. `cost`: what a tick takes at the named speed, in 65536ths of a nanosecond. */
void pace_start(struct pace *p, u64 host, u64 virtual_ns, u64 ticks, u32 cost);
/* The machine did not run from the last look until now, and that is no lag: a pause, the debugger. */
void pace_gap(struct pace *p, u64 host, u64 virtual_ns, u64 ticks);
/* Another named speed: a tick takes no less than this from now on. */
void pace_limit(struct pace *p, u32 cost);
/* Look at both clocks after a stretch that ran, and adapt the cost. A stretch of more than a second is a gap. */
void pace_look(struct pace *p, u64 host, u64 virtual_ns, u64 ticks);
/* The host waited so long: that is not the machine's doing. */
static inline void pace_waited(struct pace *p, u64 ns) { p->waited += ns; }
/* Where virtual time should be when the host's clock shows `host`. */
u64 pace_target(const struct pace *p, u64 host);
/* The end of the next stretch that runs: a little ahead of the host, and not long on a slow one. */
u64 pace_stretch(const struct pace *p, u64 host, u64 virtual_ns);
/* How fast the processor runs, in percent of the named speed. */
unsigned pace_percent(const struct pace *p);
