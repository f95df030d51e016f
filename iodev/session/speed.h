/* speed.h - speeds as a person says them: a processor of its day and its clock. */
#pragma once
#include "../../host/base.h"

struct cpu_timing;

struct speed {
    const struct cpu_timing *timing;    /* what instructions cost in ticks; NULL: one each */
    u32 tick_cost;                      /* 65536ths of a nanosecond */
    u32 clock_khz;                      /* the processor's clock; 0: that of max */
};

/* "max" or "MODEL/MHZ" such as "386/33"; false if it is neither. */
bool speed_parse(const char *text, struct speed *speed);
/* What speed_parse takes, as a sentence goes on after "expected". */
const char *speed_form(void);
/* Some of them for a menu, from the fastest; NULL ends. */
extern const char *const speed_names[];
