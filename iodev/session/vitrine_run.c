/* vitrine_run.c - virtual time passes in slices: between them the lines bring input, the typist types, pictures are shown. */
#include "vitrine_parts.h"
#include "../../cpu/cpu.h"
#include "../machine/keep.h"

enum {
    SLICE_NS = 10000000,                /* virtual; slices end at its multiples */
    SERIAL_BATCH = 16,                  /* bytes a line that wait in the machine at most; the rest waits where it comes from */
};

static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* What has come over a line, as much as the machine has room for. */
static void take_serial(struct vitrine *v, struct vitrine_end *end, struct stream *stream)
{
    u8 bytes[SERIAL_BATCH];
    int room = SERIAL_BATCH - machine_input_waiting(v->m, &(struct input_event){ .kind = INPUT_SERIAL, .port = (u8)end->number });
    if (room <= 0 || !stream)
        return;
    int n = end->ended ? 0 : stream_read(stream, bytes, room);
    end->ended |= n < 0;
    if (n > 0)
        vitrine_serial_input(v, end->number, bytes, (size_t)n);
    room -= n > 0 ? n : 0;
    if (end->line.input && room > 0) {
        size_t got = end->line.input(end->line.to, bytes, (size_t)room);
        vitrine_serial_input(v, end->number, bytes, got < (size_t)room ? got : (size_t)room);
    }
}

static void take_lines(struct vitrine *v)
{
    log_drain(machine_log(v->m));               /* what a slow reader has left */
    stream_poll(v->kit.debugcon);
    for (int k = 0; k < PC_SERIALS; k++)
        if (v->kit.serial[k])
            stream_poll(v->kit.serial[k]);
    for (int k = 0; k < PC_SERIALS && !machine_replays(v->m); k++)
        take_serial(v, &v->end[k], v->kit.serial[k]);
}

void vitrine_restart_input(struct vitrine *v, u64 next_lines)
{
    u64 next = (machine_now(v->m) / SLICE_NS + 1) * SLICE_NS;
    v->next_lines = least(next_lines, next);
    v->typing = TIMER_OFF;
    typist_restart(v->typist);
}

/* At moments that virtual time alone decides, whoever ends runs between them or looks at pictures. */
static void give_input(struct vitrine *v)
{
    u64 now = machine_now(v->m);
    if (machine_repeats(v->m))
        return;
    if (v->next_lines > now + SLICE_NS)         /* a debugger went back in time */
        vitrine_restart_input(v, TIMER_OFF);
    if (now < least(v->next_lines, v->typing))
        return;
    if (now >= v->next_lines) {
        take_lines(v);
        v->next_lines = (now / SLICE_NS + 1) * SLICE_NS;
    }
    v->typing = machine_replays(v->m) ? TIMER_OFF : typist_poll(v->typist);
}

enum machine_stop vitrine_run_to(struct vitrine *v, u64 until)
{
    enum machine_stop stop;
    u64 ticks = machine_ticks(v->m);
    if (v->at_breakpoint)
        cpu_pass_breakpoint(machine_cpu(v->m), true);
    do {
        give_input(v);
        u64 now = machine_now(v->m), end = least(least(until, v->next_lines), least(v->typing, v->next_frame));
        stop = machine_run(v->m, end > now ? end : now);
        if (machine_now(v->m) >= v->next_frame)
            v->next_frame = vitrine_show(v);
    } while (stop == STOP_DEADLINE && machine_now(v->m) < until);
    cpu_pass_breakpoint(machine_cpu(v->m), false);
    v->at_breakpoint = stop == STOP_BREAK || (v->at_breakpoint && machine_ticks(v->m) == ticks);    /* it has not passed it yet */
    return stop;
}

enum vitrine_reason vitrine_run(struct vitrine *v, uint64_t until)
{
    static const enum vitrine_reason reasons[] = {
        [STOP_DEADLINE] = VITRINE_TIME, [STOP_POWER_OFF] = VITRINE_POWER_OFF, [STOP_DEBUG_EXIT] = VITRINE_DEBUG_EXIT,
        [STOP_TRIPLE_FAULT] = VITRINE_TRIPLE_FAULT, [STOP_RESET] = VITRINE_RESET, [STOP_HALTED_FOREVER] = VITRINE_HALTED,
        [STOP_MAX_INSNS] = VITRINE_INSTRUCTIONS, [STOP_BREAK] = VITRINE_BREAKPOINT,
        [STOP_ASKED] = VITRINE_STOPPED,
    };
    return reasons[vitrine_run_to(v, until)];
}

void vitrine_stop(struct vitrine *v) { machine_break(v->m); }

const char *vitrine_reason_text(enum vitrine_reason reason)
{
    static const char *const texts[] = {
        [VITRINE_TIME] = "the time is over", [VITRINE_POWER_OFF] = "power off", [VITRINE_DEBUG_EXIT] = "debug exit",
        [VITRINE_TRIPLE_FAULT] = "triple fault", [VITRINE_RESET] = "reset", [VITRINE_HALTED] = "halted for good",
        [VITRINE_INSTRUCTIONS] = "instruction limit", [VITRINE_BREAKPOINT] = "breakpoint", [VITRINE_STOPPED] = "stopped",
    };
    return (size_t)reason < ARRAY_LEN(texts) ? texts[reason] : "";
}

void vitrine_limit_instructions(struct vitrine *v, uint64_t count) { machine_limit_insns(v->m, count); }
int vitrine_break_at(struct vitrine *v, uint64_t linear) { return cpu_break_at(machine_cpu(v->m), linear); }
void vitrine_break_remove(struct vitrine *v, int number) { cpu_unobserve(machine_cpu(v->m), number); }
uint64_t vitrine_now(const struct vitrine *v) { return machine_now(v->m); }
uint64_t vitrine_instructions(const struct vitrine *v) { return machine_insns(v->m); }
uint32_t vitrine_tick_cost(const struct vitrine *v) { return machine_tick_cost(v->m); }
uint64_t vitrine_ticks(const struct vitrine *v) { return machine_ticks(v->m); }
uint64_t vitrine_sleeps_until(const struct vitrine *v) { return machine_sleeps_until(v->m); }
uint32_t vitrine_exit_code(const struct vitrine *v) { return machine_exit_code(v->m); }

/* ---- inner.h ---- */

bool vitrine_listens(const struct vitrine *v)
{
    bool any = false;
    for (int k = 0; k < PC_SERIALS; k++)
        any |= v->kit.serial[k] && !v->end[k].ended;
    return any;
}

void vitrine_hurry(struct vitrine *v, const atomic_bool *hurry)
{
    log_hurry(machine_log(v->m), hurry);
    outputs_hurry(v->kit.outputs, hurry);
    stream_hurry(v->kit.debugcon, hurry);
    for (int k = 0; k < PC_SERIALS; k++)
        if (v->kit.serial[k])
            stream_hurry(v->kit.serial[k], hurry);
}

void vitrine_fresh_line(struct vitrine *v)
{
    stream_fresh_line(v->kit.debugcon);
    for (int k = 0; k < PC_SERIALS; k++)
        if (v->kit.serial[k])
            stream_fresh_line(v->kit.serial[k]);
}

void vitrine_flush(struct vitrine *v)
{
    stream_flush(v->kit.debugcon);
    for (int k = 0; k < PC_SERIALS; k++)
        if (v->kit.serial[k])
            stream_flush(v->kit.serial[k]);
}
