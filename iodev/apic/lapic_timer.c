/* lapic_timer.c - the local APIC's timer.
 * Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)", "APIC Timer", "TSC-Deadline Mode".
 * Here: one-shot, periodic and TSC-deadline. The count is not kept: it follows from the moment it was last known. A masked
 * timer counts, too, but asks for nothing. */
#include "lapic_parts.h"
#include "../../cpu/cpu.h"

/* "Divide Configuration Register": bits 0, 1 and 3; 111 is 1. */
static u64 period_ns(const struct lapic *l)
{
    u32 value = (l->s.divide & 3) | (l->s.divide >> 1 & 4);
    return (u64)LAPIC_TICK_NS << ((value + 1) & 7);
}

static u32 mode(const struct lapic *l) { return l->s.lvt[LVT_TIMER] & TIMER_MODE; }

static u64 tsc(const struct lapic *l) { return l->cpu ? cpu_tsc(l->cpu) : machine_now(l->dev.machine); }

/* At zero a periodic timer starts over with the initial count. A deadline that passes while the entry is masked is over. */
void lapic_timer_sync(struct lapic *l)
{
    if (mode(l) == TIMER_DEADLINE && (l->s.lvt[LVT_TIMER] & APIC_MASKED) && l->s.deadline <= tsc(l))
        l->s.deadline = 0;
    u64 period = period_ns(l), ticks = (machine_now(l->dev.machine) - l->s.counted) / period;
    if (!l->s.count || ticks < l->s.count)
        return;
    if (mode(l) != TIMER_PERIODIC || !l->s.initial) {
        l->s.count = 0;
        return;
    }
    u64 rounds = (ticks - l->s.count) / l->s.initial;
    l->s.counted += (l->s.count + rounds * l->s.initial) * period;
    l->s.count = l->s.initial;
}

u32 lapic_timer_count(const struct lapic *l)
{
    u64 ticks = (machine_now(l->dev.machine) - l->s.counted) / period_ns(l);
    if (!l->s.count || mode(l) == TIMER_DEADLINE)
        return 0;
    if (ticks < l->s.count)
        return l->s.count - (u32)ticks;
    if (mode(l) != TIMER_PERIODIC || !l->s.initial)
        return 0;
    return l->s.initial - (u32)((ticks - l->s.count) % l->s.initial);
}

void lapic_timer_schedule(struct lapic *l)
{
    u64 when = TIMER_OFF;
    if (l->s.lvt[LVT_TIMER] & APIC_MASKED)
        when = TIMER_OFF;
    else if (mode(l) != TIMER_DEADLINE)
        when = l->s.count ? l->s.counted + l->s.count * period_ns(l) : TIMER_OFF;
    else if (l->s.deadline)
        when = machine_clock_moment(l->dev.machine, l->cpu ? cpu_tsc_clock(l->cpu, l->s.deadline) : l->s.deadline);
    timer_set(&l->timer, when);
}

static void fire(void *dev)
{
    struct lapic *l = dev;
    if (mode(l) == TIMER_DEADLINE)
        l->s.deadline = 0;
    else
        lapic_timer_sync(l);
    lapic_lvt_raise(l, LVT_TIMER);
    lapic_timer_schedule(l);
}

void lapic_timer_start(struct lapic *l, u32 initial)
{
    if (mode(l) == TIMER_DEADLINE)              /* "writes to the initial-count register are ignored" */
        return;
    l->s.initial = l->s.count = initial;
    l->s.counted = machine_now(l->dev.machine);
    lapic_timer_schedule(l);
    if (dev_log_on(&l->dev, "timer"))
        dev_log(&l->dev, "timer", "lapic: timer counts %u of %llu ns%s", initial,
                  (unsigned long long)period_ns(l), mode(l) == TIMER_PERIODIC ? ", again and again" : "");
}

/* A count that runs goes on from where it is, at the new rate. */
void lapic_timer_divide(struct lapic *l, u32 v)
{
    lapic_timer_sync(l);
    l->s.count = lapic_timer_count(l);
    l->s.counted = machine_now(l->dev.machine);
    l->s.divide = v & 0xb;
    lapic_timer_schedule(l);
}

/* A deadline that has passed fires at once; 0 disarms. */
void lapic_timer_set_deadline(struct lapic *l, u64 tsc)
{
    if (mode(l) != TIMER_DEADLINE)
        return;
    l->s.deadline = tsc;
    lapic_timer_schedule(l);
}

void lapic_timer_stop(struct lapic *l)
{
    l->s.count = l->s.initial = 0;
    l->s.deadline = 0;
    timer_set(&l->timer, TIMER_OFF);
}

void lapic_timer_init(struct lapic *l) { timer_init(l->dev.machine, &l->timer, "lapic.timer", fire, l); }
