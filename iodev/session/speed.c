/* speed.c - see speed.h. The clocks of each model are cpu/timing.c's. */
#include "speed.h"
#include "../../cpu/timing.h"
#include <stdio.h>

enum { COST_1_NS = 1 << 16 };

const char *const speed_names[] = { "max", "pentium/100", "486/66", "386/33", "286/12", "8088/4.77", NULL };

const char *speed_form(void) { return "max, or 8088, 286, 386, 486 or pentium with 0.5 to 1000 MHz, such as 386/33"; }

bool speed_parse(const char *text, struct speed *speed)
{
    const char *slash = strchr(text, '/');
    char name[16], *end;
    *speed = (struct speed){ .tick_cost = COST_1_NS };
    if (!strcmp(text, "max"))
        return true;
    if (!slash)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)(slash - text), text);
    speed->timing = cpu_timing_find(name);
    double mhz = strtod(slash + 1, &end);
    if (!speed->timing || end == slash + 1 || *end || !(mhz >= 0.5 && mhz <= 1000))
        return false;
    speed->clock_khz = (u32)(mhz * 1000 + 0.5);
    speed->tick_cost = (u32)(COST_1_NS * 1000 / mhz / timing_ticks_per_clock(speed->timing) + 0.5);
    return true;
}
