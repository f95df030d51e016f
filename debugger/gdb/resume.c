/* resume.c - the packets that let the machine run, and the stop replies. Signals that gdb passes mean nothing to a machine.
 * Processors run in turns, all of them or none: where gdb wants one thread to step and others to stand, they move as well. */
#include "parts.h"

/* gdb's numbers of signals, "Packets". */
enum { SIGNAL_INTERRUPTED = 2, SIGNAL_TRAP = 5, SIGNAL_SEGMENT = 11, SIGNAL_TERMINATED = 15 };
enum { CODE_DEAD_END = 6, CODE_LIMIT = 10 };    /* the program's exit codes, as README.md lists them */

struct wish {
    enum { CONTINUE, STEP, RANGE } how;
    int cpu;                            /* that steps */
    u64 first, end;                     /* RANGE: while its PC is there */
};

bool thread_number(const struct stub *s, const char **at, int *k)
{
    u64 id;
    if (!strncmp(*at, "-1", 2)) {
        *at += 2;
        *k = -1;
        return true;
    }
    if (!hex_number(at, &id) || id > (u64)stub_cpu_count(s))
        return false;
    *k = (int)id - 1;
    return true;
}

static u64 pc_of(const struct stub *s, int k)
{
    struct cpu *cpu = machine_cpu_at(s->m, k);
    return (u32)(cpu_segment(cpu, CS)->base + cpu_eip(cpu));
}

/* ---- running ---- */

static bool limit_reached(const struct stub *s) { return machine_insns(s->m) >= control_limit(s->control); }

/* One instruction of that processor. */
static enum machine_stop step(struct stub *s, int k)
{
    u64 before = cpu_insns(machine_cpu_at(s->m, k));
    enum machine_stop stop;
    do
        stop = control_step(s->control, 1);
    while (stop == STOP_MAX_INSNS && !limit_reached(s) && cpu_insns(machine_cpu_at(s->m, k)) == before);
    return stop;
}

static enum machine_stop run(struct stub *s, const struct wish *w)
{
    enum machine_stop stop;
    if (w->how == CONTINUE)
        return control_go(s->control);
    do
        stop = step(s, w->cpu);
    while (w->how == RANGE && stop == STOP_MAX_INSNS && !limit_reached(s) && !stops_at(s, pc_of(s, w->cpu)) &&
           pc_of(s, w->cpu) >= w->first && pc_of(s, w->cpu) < w->end);
    return stop;
}

/* ---- saying why it stopped ---- */

/* A text for gdb's user, ahead of the reply. */
static void say(struct stub *s, const char *text)
{
    s->answer.n = 0;
    answer_text(&s->answer, "O");
    answer_hex(&s->answer, text, strlen(text));
    stub_send(s, &s->answer);
}

/* The machine is at an end from which only gdb could help it on: that is a stop, once. */
static void tell_dead_end(struct stub *s, enum machine_stop stop)
{
    bool again = s->dead_end && s->dead_at == machine_insns(s->m);
    int code = stop == STOP_MAX_INSNS ? CODE_LIMIT : stop == STOP_RESET ? 0 : CODE_DEAD_END;
    s->dead_end = true;
    s->dead_at = machine_insns(s->m);
    if (again) {
        snprintf(s->reply, sizeof s->reply, "W%02x", code);
        s->state = STUB_OVER;
        return;
    }
    say(s, stop == STOP_TRIPLE_FAULT ? "triple fault; to continue ends the run\n"
         : stop == STOP_RESET ? "the guest asked for a reset; to continue ends the run\n"
         : stop == STOP_MAX_INSNS ? "the instruction limit is reached; to continue ends the run\n"
         : "halted, and nothing could wake it; to continue ends the run\n");
    snprintf(s->reply, sizeof s->reply, "T%02xthread:%x;", stop == STOP_TRIPLE_FAULT ? SIGNAL_SEGMENT : SIGNAL_TRAP, s->stopped_in + 1);
}

static void tell_over(struct stub *s, enum machine_stop stop)
{
    if (stop == STOP_DEADLINE)
        snprintf(s->reply, sizeof s->reply, "X%02x", SIGNAL_TERMINATED);
    else
        snprintf(s->reply, sizeof s->reply, "W%02x", stop == STOP_DEBUG_EXIT ? machine_exit_code(s->m) & 0xff : 0);
    s->state = STUB_OVER;
}

/* What a stop reply says of the stop that was hit, and in which processor. */
static void tell_hit(struct stub *s, char *reason, size_t n)
{
    static const char *const watches[] = { [Z_WRITE] = "watch", [Z_READ] = "rwatch", [Z_ACCESS] = "awatch" };
    const struct point_hit *hit;
    const struct gdb_stop *stop = stops_hit(s, &hit);
    if (!stop)
        return;
    for (int k = 0; k < stub_cpu_count(s); k++)
        if (machine_cpu_at(s->m, k) == hit->cpu)
            s->stopped_in = k;
    if (stop->kind >= Z_WRITE)                  /* an address that gdb knows to be watched */
        snprintf(reason, n, "%s:%llx;", watches[stop->kind],
                 (unsigned long long)(hit->at < stop->point->first ? stop->point->first : hit->at));
    else if (stop->kind == Z_SOFTWARE ? s->tells_swbreak : s->tells_hwbreak)
        snprintf(reason, n, "%s:;", stop->kind == Z_SOFTWARE ? "swbreak" : "hwbreak");
}

static void tell_stop(struct stub *s, enum machine_stop why, const char *more)
{
    char reason[60] = "";
    if (why == STOP_BREAK)
        tell_hit(s, reason, sizeof reason);
    s->cpu = s->stopped_in;
    snprintf(s->reply, sizeof s->reply, "T%02xthread:%x;%s%s", why == STOP_ASKED ? SIGNAL_INTERRUPTED : SIGNAL_TRAP, s->stopped_in + 1,
             reason, more);
}

static void tell(struct stub *s, enum machine_stop stop)
{
    if (control_over(stop))
        tell_over(s, stop);
    else if (stop == STOP_TRIPLE_FAULT || stop == STOP_RESET || stop == STOP_HALTED_FOREVER || (stop == STOP_MAX_INSNS && limit_reached(s)))
        tell_dead_end(s, stop);
    else
        tell_stop(s, stop, "");
    stub_answer(s, "%s", s->reply);
}

/* Run and answer with the reason. Noise from gdb's side stops nothing. */
static bool resume(struct stub *s, const struct wish *w)
{
    enum machine_stop stop;
    enum arrival came;
    s->stopped_in = w->how == CONTINUE ? 0 : w->cpu;
    do {
        came = stub_arrived(s);
        if (came == ARRIVAL_END)
            break;
        if (came == ARRIVAL_PACKET)
            control_interrupt(s->control);
        s->ways.watch(s->ways.to, true);
        stop = run(s, w);
        s->ways.watch(s->ways.to, false);
        came = stop == STOP_ASKED ? stub_arrived(s) : ARRIVAL_NONE;
    } while (came == ARRIVAL_NOISE);
    if (came == ARRIVAL_END)
        s->state = STUB_GONE_RUNNING;
    else
        tell(s, stop);
    return came != ARRIVAL_END;
}

/* ---- packets ---- */

/* Where to go on, if the packet says so. */
static bool set_pc(struct stub *s, const char *p)
{
    char why[200];
    u8 bytes[4];
    u64 address;
    u32 k = 0;
    while (strcmp(target_name(s->target, k), "eip"))
        k++;
    if (!*p)
        return true;
    if (!hex_number(&p, &address) || *p || address > UINT32_MAX) {
        answer_error(&s->answer, "expected an address in hexadecimal");
        return false;
    }
    put32(bytes, (u32)address);
    if (!target_write(s->target, stub_cpu(s), k, bytes, why, sizeof why)) {
        answer_error(&s->answer, "%s", why);
        return false;
    }
    return true;
}

/* "c[ADDRESS]", "CSIGNAL[;ADDRESS]" and the same with s. */
bool packet_resume(struct stub *s, const char *p)
{
    struct wish w = { .how = *p == 's' || *p == 'S' ? STEP : CONTINUE, .cpu = s->cpu_of_c >= 0 ? s->cpu_of_c : s->cpu };
    bool signal = *p == 'C' || *p == 'S';
    u64 number;
    p++;
    if (signal && (!hex_number(&p, &number) || (*p && *p++ != ';'))) {
        answer_error(&s->answer, "expected a signal's number in hexadecimal");
        return true;
    }
    if (!set_pc(s, p))
        return true;
    return resume(s, &w);
}

/* One ";ACTION[:THREAD]". */
static bool action(struct stub *s, const char **p, struct wish *w, bool *valid)
{
    u64 number;
    char what = (*p)[1];
    w->how = CONTINUE;
    *valid = false;
    if (**p != ';' || !what || !strchr("cCsSr", what))
        return false;
    *p += 2;
    if ((what == 'C' || what == 'S') && !hex_number(p, &number))
        return false;
    if (what == 'r') {
        if (!hex_number(p, &w->first) || *(*p)++ != ',' || !hex_number(p, &w->end))
            return false;
        w->how = RANGE;
    } else if (what == 's' || what == 'S') {
        w->how = STEP;
    }
    w->cpu = -1;
    if (**p == ':') {
        ++*p;
        if (!thread_number(s, p, &w->cpu))
            return false;
    }
    if (w->cpu < 0)
        w->cpu = s->cpu;
    return *valid = !**p || **p == ';';
}

/* The first thread that is to step decides; where none is, all go on. */
bool packet_vcont(struct stub *s, const char *p)
{
    struct wish chosen = { .how = CONTINUE }, w;
    bool valid = false;
    while (*p && action(s, &p, &w, &valid))
        if (chosen.how == CONTINUE)
            chosen = w;
    if (*p || !valid) {
        answer_error(&s->answer, "expected vCont;ACTION[:THREAD]..., actions c, C, s, S and r");
        return true;
    }
    return resume(s, &chosen);
}

bool packet_back(struct stub *s, const char *p)
{
    bool step = !strcmp(p, "bs"), beginning = false;
    enum machine_stop (*run_back)(void *to, bool *beginning) = step ? s->back.step : s->back.go;
    if (strcmp(p, "bs") && strcmp(p, "bc"))
        return true;
    if (!run_back) {
        answer_error(&s->answer, "no history of this run is kept: it cannot run backwards");
        return true;
    }
    s->ways.watch(s->ways.to, true);
    enum machine_stop stop = run_back(s->back.to, &beginning);
    s->ways.watch(s->ways.to, false);
    s->dead_end = false;
    s->stopped_in = s->cpu;
    tell_stop(s, stop, beginning ? "replaylog:begin;" : "");
    stub_answer(s, "%s", s->reply);
    return true;
}
