/* face_run.c - see face.h: the machine runs in pieces, by its own clock or by the host's. */
#include "face_parts.h"
#include "../../host/clock.h"

static const u64 SLICE_NS = 10000000, NEAR_NS = 500000, IDLE_MS = 500;

static double ms_now(void) { return (double)host_ns() / 1e6; }
static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* The debugger hears of it where it has been asked for. */
static int go(struct web *w, u64 until) { return w->debugger ? w->desk->go(w, until) : (int)vitrine_run(w->v, until); }

void web_restart(struct web *w)
{
    pace_start(&w->pace, host_ns(), vitrine_now(w->v), vitrine_ticks(w->v), w->least_cost);
}

void web_gap(struct web *w) { pace_gap(&w->pace, host_ns(), vitrine_now(w->v), vitrine_ticks(w->v)); }

/* Its slices end at the same moments however long a piece is: at the multiples of SLICE_NS. */
int web_run(struct web *w, double until, double most_ms)
{
    double end = ms_now() + most_ms;
    u64 last = until < 1e19 ? (u64)until : VITRINE_FOREVER;
    int reason = VITRINE_TIME;
    do {
        u64 now = vitrine_now(w->v);
        if (now >= last)
            break;
        reason = go(w, least(last, (now / SLICE_NS + 1) * SLICE_NS));
    } while (reason == VITRINE_TIME && ms_now() < end);
    return reason;
}

/* What a tick takes from now on is an input of the run, like a key. */
static void adapt(struct web *w, u64 host)
{
    pace_limit(&w->pace, w->least_cost);
    pace_look(&w->pace, host, vitrine_now(w->v), vitrine_ticks(w->v));
    if (w->pace.cost != vitrine_tick_cost(w->v))
        vitrine_set_tick_cost(w->v, w->pace.cost);
}

/* Where the next piece ends; `now`: it is ahead, or sleeps. */
static u64 next(struct web *w, u64 host)
{
    u64 now = vitrine_now(w->v), target = pace_target(&w->pace, host), sleeps = vitrine_sleeps_until(w->v);
    if (sleeps && sleeps > target)
        return target > now + NEAR_NS ? target : now;
    return target <= now ? now : pace_stretch(&w->pace, host, now);
}

int web_run_paced(struct web *w, double most_ms)
{
    u64 host = host_ns(), end = host + (u64)(most_ms * 1e6);
    do {
        adapt(w, host);
        u64 now = vitrine_now(w->v), until = next(w, host);
        if (until == now)
            break;
        int reason = go(w, until);
        if (reason != VITRINE_TIME)
            return reason;
        host = host_ns();
    } while (host < end);
    return VITRINE_TIME;
}

double web_idle(struct web *w)
{
    u64 host = host_ns(), now = vitrine_now(w->v), target = pace_target(&w->pace, host), sleeps = vitrine_sleeps_until(w->v);
    u64 wake = sleeps > now ? sleeps : now;
    u64 ms = wake > target ? (wake - target) / 1000000 : 0;
    pace_waited(&w->pace, least(ms, IDLE_MS) * 1000000);
    return (double)least(ms, IDLE_MS);
}

double web_now(const struct web *w) { return (double)vitrine_now(w->v); }
double web_instructions(const struct web *w) { return (double)vitrine_instructions(w->v); }
u32 web_exit_code(const struct web *w) { return vitrine_exit_code(w->v); }
/* No host is expected to reach `max`, which is what it can. */
u32 web_percent(const struct web *w) { return w->least_cost <= 1 << 16 ? 100 : pace_percent(&w->pace); }

const char *web_reason_text(int reason)
{
    return reason == WEB_IN_DEBUGGER ? "in the debugger" : vitrine_reason_text((enum vitrine_reason)reason);
}
