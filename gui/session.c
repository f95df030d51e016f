/* session.c - one run of the machine in slices of virtual time. Between slices: input from the front end and the serial
 * lines, expectations, the host's clock. Pictures for people are taken at the guest's vertical retrace.
 * With a virtual clock the slices run back to back, and their ends are fixed points of virtual time. With the host's clock
 * virtual time follows it (pace.c), and a halted machine sleeps until its next timer, picture or input. */
#include "session.h"
#include "../cpu/cpu.h"
#include "../debugger/debugger.h"
#include "../debugger/triple.h"
#include "commands.h"
#include "looks.h"
#include "pace.h"
#include "png.h"
#include "report.h"
#include "steps.h"
#include "typist.h"
#include <signal.h>
#include <stdio.h>
#include <time.h>

enum {
    SLICE_NS = 10000000,                /* virtual; short enough for a person's keys and the host's timeout */
    NEAR_NS = 500000,                   /* a halted machine that is so near is where the host is */
    LISTEN_NS = 5000000,                /* host: between looks at serial lines while nothing else happens */
    FRAME_NS = 10000000,                /* host: between pictures, less than a frame of 70 Hz */
    WAIT_MAX_NS = 500000000,            /* host: the longest wait in one go */
    BLINK_NS = 266000000,               /* virtual: 16 frames at 60 Hz, as the VGA blinks its cursor */
    FULL_NS = 1000000000,               /* host: between tries to write to a full disk */
    PAUSE_NS = 50000000,                /* host: between looks at what a stopped machine was asked */
    SERIAL_BATCH = 16,                  /* bytes a line that wait in the machine at most; the rest waits at the host */
};

struct session {
    const struct options *o;
    struct setup *setup;
    struct gui_link *link;
    struct pc *pc;
    struct machine *m;
    struct screen screen;
    struct steps *steps;
    struct typist *typist;
    struct commands *commands;
    struct looks *looks;
    bool host_clock;
    u64 next;                           /* virtual time: a step, a stroke or -stop-at is due */
    u64 started, frame_at;              /* host time */
    struct pace pace;
    unsigned percent;                   /* of the named speed, as the status says */
    bool serial_ended[SERIAL_PORTS];
    volatile sig_atomic_t stop, timed_out;
    struct triple_faults triple_faults;
    bool halted;                        /* for good, unless a person resets it */
    bool full, waited;                  /* the host's disk has no room, and it was said; the machine waited for some */
};

static u64 host_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}

static void serial_byte(void *to, u8 v) { steps_output(((struct session *)to)->steps, SOURCE_SERIAL, &v, 1); }
static void debugcon_byte(void *to, u8 v) { steps_output(((struct session *)to)->steps, SOURCE_DEBUGCON, &v, 1); }

/* Told for every triple fault, also where the machine then resets. */
static void triple_fault(void *to, struct cpu *cpu)
{
    fflush(stdout);
    triple_fault_tell(&((struct session *)to)->triple_faults, cpu, stderr);
}

static bool must_end(struct session *s, u64 host);

/* -on-full pause: the machine stands still in the middle of a write, which is tried again every second, or when a key is pressed.
 * Whoever ends the run meanwhile has the guest told of an error. */
static bool no_room(void *to, const char *message)
{
    struct session *s = to;
    if (message && !s->full)
        fprintf(stderr, "vitrine: %s; the machine waits for some, and tries again every second and with each key\n", message);
    else if (!message)
        fprintf(stderr, "vitrine: there is room on the host's disk again; the machine goes on\n");
    if (message && !s->full)
        link_status(s->link, "no room on the host's disk: the machine waits; make room, then press a key");
    else if (!message)
        link_status(s->link, "");
    s->full = message;
    s->waited = true;
    if (message && !must_end(s, host_ns()))
        link_doze(s->link, FULL_NS);
    return !must_end(s, host_ns());
}

struct session *session_new(const struct options *o, struct setup *setup, struct gui_link *link, bool host_clock)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->o = o;
    s->setup = setup;
    s->link = link;
    s->host_clock = host_clock;
    s->pc = pc_new(&setup->config);
    s->m = pc_machine(s->pc);
    s->screen = pc_screen(s->pc);
    s->steps = steps_new(o->steps, o->step_count, s->m, s->screen);
    s->typist = typist_new(s->m, link);
    s->commands = commands_new(o, setup, link, s->pc);
    s->looks = looks_new(s->pc, setup->by_content);
    setup->host.full = o->on_full == FULL_PAUSE ? no_room : NULL;
    setup->host.to = s;
    machine_on_triple_fault(s->m, triple_fault, s);
    if (setup->serial[0])
        stream_capture(setup->serial[0], serial_byte, s);
    if (setup->debugcon)
        stream_capture(setup->debugcon, debugcon_byte, s);
    machine_limit_insns(s->m, o->max_insns);
    if (o->log)
        log_select(machine_log(s->m), o->log, (char[64]){ 0 }, 64);
    if (o->display == DISPLAY_TERMINAL)         /* stderr is the picture */
        log_redirect(machine_log(s->m), link_status, link);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    commands_free(s->commands);
    pc_free(s->pc);
    steps_free(s->steps);
    typist_free(s->typist);
    free(s);
}

void session_stop(struct session *s)
{
    s->stop = 1;
    machine_break(s->m);
}

void session_time_over(struct session *s)
{
    s->timed_out = 1;
    machine_break(s->m);
}

static void take_input(struct session *s)
{
    struct input_event e;
    while (link_take_input(s->link, &e))
        machine_input(s->m, &e);
    for (int k = 0; k < SERIAL_PORTS; k++) {
        u8 bytes[SERIAL_BATCH];
        int room = SERIAL_BATCH - machine_input_waiting(s->m, &(struct input_event){ .kind = INPUT_SERIAL, .port = (u8)k });
        if (!s->setup->serial[k] || s->serial_ended[k] || room <= 0)
            continue;
        int n = stream_read(s->setup->serial[k], bytes, room);
        s->serial_ended[k] = n < 0;
        for (int i = 0; i < n; i++) {
            e = (struct input_event){ .kind = INPUT_SERIAL, .port = (u8)k, .byte = bytes[i] };
            machine_input(s->m, &e);
        }
    }
}

static void show(struct session *s, u64 host, bool now)
{
    if (s->o->display == DISPLAY_NONE || (!now && host - s->frame_at < FRAME_NS))
        return;
    s->frame_at = host;
    link_update(s->link, &s->screen, machine_now(s->m) / BLINK_NS % 2 == 0);
    commands_panel(s->commands, host, s->halted);
}

static bool listens(const struct session *s)
{
    bool any = false;
    for (int k = 0; k < SERIAL_PORTS; k++)
        any |= s->setup->serial[k] && !s->serial_ended[k];
    return any;
}

static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* The host waits for so long, or until a key is pressed. */
static void wait_ns(struct session *s, u64 ns)
{
    u64 before = host_ns();
    if (s->o->display != DISPLAY_NONE)
        ns = least(ns, FRAME_NS);
    link_wait(s->link, least(ns, listens(s) ? LISTEN_NS : WAIT_MAX_NS));
    pace_waited(&s->pace, host_ns() - before);
}

/* A host that does not reach the named speed is said to be too slow, as long as it is. */
static void show_speed(struct session *s)
{
    char text[64];
    unsigned percent = pace_percent(&s->pace);
    bool slow = percent < 95 && s->pace.least > TICK_COST_1_NS;
    percent = slow ? percent / 5 * 5 : 100;
    if (percent == s->percent)
        return;
    s->percent = percent;
    snprintf(text, sizeof text, "this host is too slow: %u %% of the speed asked for", percent);
    link_status(s->link, slow ? text : "");
}

/* With the host's clock: what a tick takes from now on is an input like a key. */
static void adapt(struct session *s, u64 host)
{
    pace_limit(&s->pace, commands_least_cost(s->commands));
    pace_look(&s->pace, host, machine_now(s->m), machine_ticks(s->m));
    if (s->pace.cost != machine_tick_cost(s->m))
        machine_input(s->m, &(struct input_event) { .kind = INPUT_TICK_COST, .cost = s->pace.cost });
    show_speed(s);
}

/* The moment for the next picture, UINT64_MAX if none is wanted yet: the guest's vertical retrace, when what it draws in step
 * with the monitor is complete. */
static u64 picture_due(const struct session *s, u64 host)
{
    if (s->o->display == DISPLAY_NONE || host - s->frame_at < FRAME_NS)
        return UINT64_MAX;
    return s->screen.next_retrace(s->screen.dev, machine_now(s->m));
}

/* Run to `until`. A picture that falls due on the way is taken at its moment: the slice, whose end is the same with a display
 * and without, goes on behind it. */
static enum machine_stop run_slice(struct session *s, u64 until)
{
    u64 picture = picture_due(s, host_ns());
    enum machine_stop stop = STOP_DEADLINE;
    if (picture <= until) {
        stop = machine_run(s->m, picture);
        if (stop == STOP_DEADLINE)
            show(s, host_ns(), true);
    }
    if (stop == STOP_DEADLINE && until > machine_now(s->m))
        stop = machine_run(s->m, until);
    if (stop != STOP_DEADLINE)
        show(s, host_ns(), true);               /* it stands still: as it is now */
    return stop;
}

/* The end of the next slice, `now` if it is empty: with the host's clock the machine waits while it is ahead, or halted. */
static u64 next_slice(struct session *s)
{
    u64 now = machine_now(s->m), host, target, sleeps, wake;
    if (!s->host_clock)
        return least(s->next, (now / SLICE_NS + 1) * SLICE_NS);
    host = host_ns();
    adapt(s, host);
    target = pace_target(&s->pace, host);
    sleeps = machine_sleeps_until(s->m);
    wake = least(sleeps, s->next);
    if (sleeps && wake > target) {              /* an input that wakes it comes at the host's moment */
        if (target > now + NEAR_NS)
            return target;
        wait_ns(s, wake - target);
        return now;
    }
    if (target <= now) {
        wait_ns(s, now - target);
        return now;
    }
    return least(s->next, pace_stretch(&s->pace, host, now));
}

/* Does a wish from outside end the run? */
static bool must_end(struct session *s, u64 host)
{
    if (s->o->timeout_ms != UINT64_MAX && host - s->started >= s->o->timeout_ms * 1000000ull)
        s->timed_out = 1;
    return s->timed_out || s->stop || link_stopped(s->link) || steps_succeeded(s->steps) ||
           machine_now(s->m) >= s->o->stop_at;
}

/* What a person asked for; comes back when the machine may run. The time of a pause is no lag. */
static void take_commands(struct session *s)
{
    commands_take(s->commands);
    if (!commands_paused(s->commands))
        return;
    while (commands_paused(s->commands) && !must_end(s, host_ns())) {
        show(s, host_ns(), false);
        link_wait(s->link, PAUSE_NS);
        commands_take(s->commands);
    }
    pace_gap(&s->pace, host_ns(), machine_now(s->m), machine_ticks(s->m));
}

/* Run until something that is not the end of a slice. STOP_DEADLINE: the wish came from outside. */
static enum machine_stop run_slices(void *to)
{
    struct session *s = to;
    pace_gap(&s->pace, host_ns(), machine_now(s->m), machine_ticks(s->m));  /* what the debugger took is no lag */
    for (;;) {
        u64 host = host_ns();
        take_commands(s);
        take_input(s);
        s->next = least(s->o->stop_at, least(steps_poll(s->steps), typist_poll(s->typist)));
        if (must_end(s, host))
            return STOP_DEADLINE;
        u64 until = next_slice(s);
        enum machine_stop stop = STOP_DEADLINE;
        if (until > machine_now(s->m))
            stop = run_slice(s, until);
        if (s->waited)                          /* that is no lag either */
            pace_gap(&s->pace, host_ns(), machine_now(s->m), machine_ticks(s->m));
        s->waited = false;
        if (stop != STOP_DEADLINE && !(stop == STOP_BREAK && (s->stop || s->timed_out)))
            return stop;
    }
}

/* A processor that will never run again: a window shows it until it is closed or the machine reset; nobody waits for it
 * without one. True if it runs again. */
static bool stay(struct session *s, enum machine_stop *stop)
{
    fprintf(stderr, "vitrine: the processor has halted with interrupts off, and nothing can wake it\n");
    s->halted = true;
    show(s, host_ns(), true);
    if (s->o->display == DISPLAY_NONE || s->o->step_count)
        return false;
    link_status(s->link, "halted for good");
    while (*stop == STOP_HALTED_FOREVER && !must_end(s, host_ns())) {
        link_wait(s->link, PAUSE_NS);
        take_commands(s);
        *stop = machine_run(s->m, machine_now(s->m) + 1);       /* a reset, if one was asked for */
        show(s, host_ns(), false);
    }
    s->halted = *stop == STOP_HALTED_FOREVER;
    return *stop == STOP_DEADLINE;
}

static int exit_code(struct session *s, enum machine_stop stop)
{
    const char *pending = steps_pending(s->steps);
    bool asked = stop == STOP_DEADLINE || stop == STOP_BREAK;
    if (asked && s->timed_out) {
        fprintf(stderr, "vitrine: -timeout: the time is over%s%s\n", pending ? ", still waiting for " : "", pending ? pending : "");
        return EXIT_TIMEOUT;
    }
    if (stop == STOP_MAX_INSNS) {
        fprintf(stderr, "vitrine: -max-insns: reached%s%s\n", pending ? ", still waiting for " : "", pending ? pending : "");
        return EXIT_MAX_INSNS;
    }
    if (stop == STOP_TRIPLE_FAULT)
        return EXIT_DEAD_END;
    if (pending) {
        fprintf(stderr, "vitrine: the run ended before %s was met\n", pending);
        return EXIT_UNMET;
    }
    if (steps_succeeded(s->steps))
        return EXIT_GOOD;
    if (stop == STOP_DEBUG_EXIT)
        return (int)(machine_exit_code(s->m) & 0xff);
    return stop == STOP_HALTED_FOREVER ? EXIT_DEAD_END : EXIT_GOOD;
}

/* -screendump, -screenhash, -statehash. False if the picture could not be written. */
static bool leave_behind(struct session *s)
{
    char text[33], error[256];
    bool ok = true;
    if (s->setup->screendump) {
        struct frame f = { 0 };
        s->screen.draw(s->screen.dev, &f, true, true);
        ok = picture_write(s->setup->screendump, &f, error, sizeof error);
        s->setup->screendump = NULL;
        if (!ok)
            fprintf(stderr, "vitrine: -screendump: %s\n", error);
        frame_free(&f);
    }
    if (s->o->screenhash) {
        screen_hash(s->screen, text);
        printf("screen hash %s\n", text);
    }
    if (s->o->statehash) {
        struct hash h = { { 0, 0 } };
        machine_hash(s->m, &h);
        hash_text(&h, text);
        printf("state hash %s after %llu instructions\n", text, (unsigned long long)machine_insns(s->m));
    }
    fflush(stdout);
    return ok;
}

static const char *why_ended(struct session *s, enum machine_stop stop)
{
    static const char *const names[] = {
        [STOP_POWER_OFF] = "power off", [STOP_DEBUG_EXIT] = "debug exit", [STOP_TRIPLE_FAULT] = "triple fault",
        [STOP_RESET] = "reset", [STOP_HALTED_FOREVER] = "halted for good", [STOP_MAX_INSNS] = "-max-insns",
    };
    if (stop != STOP_DEADLINE && stop != STOP_BREAK)
        return names[stop];
    return s->timed_out ? "-timeout" : steps_succeeded(s->steps) ? "steps done"
         : machine_now(s->m) >= s->o->stop_at ? "-stop-at" : "closed";
}

/* -report. False if it could not be written. */
static bool report(struct session *s, enum machine_stop stop, int code)
{
    const struct pc_config *c = &s->setup->config;
    char media[40] = "", error[256];
    bool disk = false, cd = false;
    for (int k = 0; k < PC_DRIVES; k++) {
        disk |= c->drive[k].image && !c->drive[k].cd;
        cd |= c->drive[k].image && c->drive[k].cd;
    }
    snprintf(media, sizeof media, "%s%s%s%s", setup_has_kernel(s->setup) ? " kernel" : "", c->floppy[0] ? " floppy" : "", disk ? " disk" : "",
             cd ? " cd" : "");
    struct report r = {
        .ended = why_ended(s, stop), .exit_code = code, .pending = steps_pending(s->steps), .media = media + (*media == ' '),
        .virtual_ns = machine_now(s->m), .insns = machine_insns(s->m), .triple_faults = s->triple_faults.count,
        .work_most = machine_work_most(s->m), .screen = s->screen,
    };
    bool ok = !s->setup->report || report_write(s->setup->report, &r, error, sizeof error);
    s->setup->report = NULL;
    if (ok)
        return true;
    fprintf(stderr, "vitrine: -report: %s\n", error);
    return false;
}

int session_run(struct session *s)
{
    enum machine_stop stop;
    s->started = host_ns();
    s->percent = 100;
    pace_start(&s->pace, s->started, machine_now(s->m), machine_ticks(s->m), machine_tick_cost(s->m));
    if (s->o->debug) {
        bool quit = false;
        struct debugger *d = debugger_new(s->m);
        debugger_set_run(d, run_slices, s);
        debugger_set_media(d, commands_change, s->commands);
        debugger_set_limit(d, s->o->max_insns);
        stop = debugger_run(d, &quit);
        debugger_free(d);
    } else {
        stop = run_slices(s);
    }
    steps_finish(s->steps);
    while (stop == STOP_HALTED_FOREVER && stay(s, &stop))
        stop = run_slices(s);
    show(s, host_ns(), true);
    log_totals(machine_log(s->m));
    triple_fault_total(&s->triple_faults, stderr);
    int code = exit_code(s, stop);
    looks_tell(s->looks, s->pc);
    if (!leave_behind(s) || !report(s, stop, code))
        code = EXIT_HOST;
    link_end(s->link);
    return code;
}
