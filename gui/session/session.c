/* session.c - one run of the machine in slices of virtual time. Between slices: input from the front end and the serial
 * lines, expectations, the host's clock. Pictures for people are taken at the guest's vertical retrace.
 * With a virtual clock the slices run back to back, and their ends are fixed points of virtual time. With the host's clock
 * virtual time follows it (pace.c), and a halted machine sleeps until its next timer, picture or input. */
#include "session_parts.h"
#include "../../cpu/cpu.h"
#include "../../debugger/core/irq.h"
#include "../../debugger/core/names.h"
#include "../../debugger/faults/fault.h"
#include "../../debugger/gdb/gdb.h"
#include "../../host/clock.h"
#include "../../host/outlet.h"
#include "../../host/text.h"
#include "commands.h"
#include "../../iodev/session/steps.h"
#include "../../iodev/session/typist.h"
#include <stdio.h>

enum {
    SLICE_NS = 10000000,                /* virtual; short enough for a person's keys and the host's timeout */
    NEAR_NS = 500000,                   /* a halted machine that is so near is where the host is */
    LISTEN_NS = 5000000,                /* host: between looks at serial lines while nothing else happens */
    FRAME_NS = 10000000,                /* host: between pictures, less than a frame of 70 Hz */
    WAIT_MAX_NS = 500000000,            /* host: the longest wait in one go */
    FULL_NS = 1000000000,               /* host: between tries to write to a full disk */
    PAUSE_NS = 50000000,                /* host: between looks at what a stopped machine was asked */
};

static void line_byte(void *to, int line, u8 byte)
{
    if (line <= 0)
        steps_output(((struct session *)to)->steps, line ? SOURCE_DEBUGCON : SOURCE_SERIAL, &byte, 1);
}

/* Behind a line of the log: where the guest is, by name, too. */
void session_place(void *to, char *text, size_t size)
{
    struct session *s = to;
    struct cpu *cpu = machine_cpu(s->m);
    machine_place(s->m, text, size);
    size_t n = strlen(text);
    if (!cpu || n + 2 >= size)
        return;
    if (*place_at(s->setup->symbols, cpu, linear_here(cpu), text + n + 1, size - n - 1))
        text[n] = ' ';
    n = strlen(text);
    snprintf(text + n, size - n, ", insn %llu", (unsigned long long)cpu_insns(cpu));
}

/* A report goes out as a whole, and waits for no reader. NULL for the processor: the total at the end. */
static void tell_triple_faults(struct session *s, struct cpu *cpu)
{
    struct text *text = text_new();
    if (!text)
        return;
    if (cpu)
        triple_fault_tell(&s->triple_faults, cpu, text_file(text));
    else
        triple_fault_total(&s->triple_faults, text_file(text));
    char *all = text_take(text, NULL);
    if (all)
        log_text(machine_log(s->m), all);
    free(all);
}

/* What is known of a processor that has halted for good, which interrupts wait for it among them. */
static void tell_halted(struct session *s)
{
    struct text *text = text_new();
    if (!text)
        return;
    struct irq_watch *irqs = irq_watch_new(s->m);
    irq_watch_symbols(irqs, s->setup->symbols);
    irq_print_lines(irqs, text_file(text));
    irq_watch_free(irqs);
    struct fault_view view = { .cpu = machine_cpu(s->m), .m = s->m, .symbols = s->setup->symbols, .out = text_file(text) };
    halted_explain(&view, NULL);
    char *all = text_take(text, NULL);
    if (all && *all)
        log_text(machine_log(s->m), all);
    free(all);
}

/* Told for every triple fault, also where the machine then resets. */
static void triple_fault(void *to, struct cpu *cpu)
{
    fflush(stdout);
    session_trace_flush(to);
    tell_triple_faults(to, cpu);
    session_debug_fault(to);
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

/* To who sits here. */
static void says(void *to, const char *text)
{
    const struct session *s = to;
    if (s->o->display == DISPLAY_TERMINAL)      /* stderr is the picture */
        link_status(s->link, text);
    else
        fprintf(stderr, "vitrine: %s\n", text);
}

/* -gdb. False, with the error. */
static bool open_gdb(struct session *s, struct vitrine_error *error)
{
    if (!s->o->gdb || (s->gdb = gdb_new(s->o->gdb, s->setup->outputs, &s->says, error->text, sizeof error->text)))
        return true;
    error->code = VITRINE_WRONG;
    snprintf(error->where, sizeof error->where, "gdb");
    return false;
}

/* It begins anew, or where the options say. False, with the error. */
static bool make_machine(struct session *s, struct vitrine_error *error)
{
    const struct options *o = s->o;
    struct vitrine_config *c = &s->setup->config;
    c->rtc_given |= o->replay != NULL;
    if (o->replay && !vitrine_recorded_time(o->replay, &c->rtc, &c->real_drives, error))
        return false;
    s->v = vitrine_new_among(c, s->setup->outputs, error);
    return s->v && (!o->loadvm || vitrine_load_file(s->v, o->loadvm, error)) && (!o->record || vitrine_record(s->v, error)) &&
           (!o->replay || vitrine_replay(s->v, o->replay, error));
}

struct session *session_new(const struct options *o, struct setup *setup, struct gui_link *link, bool host_clock,
                            struct vitrine_error *error)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->o = o;
    s->setup = setup;
    s->link = link;
    s->host_clock = host_clock;
    setup->config.full = o->on_full == FULL_PAUSE ? no_room : NULL;
    setup->config.to = s;
    s->says = (struct notices){ says, s };
    if (!make_machine(s, error) || !open_gdb(s, error) || !session_debug_open(s, error)) {
        gdb_free(s->gdb);
        vitrine_free(s->v);
        free(s);
        return NULL;
    }
    s->m = vitrine_machine(s->v);
    s->steps = steps_new(o->steps, o->step_count, s->m, pc_screen(vitrine_pc(s->v)));
    s->typist = typist_new(s->m, link_strokes(link));
    setup_note_image(setup, vitrine_image_drive(s->v));
    s->commands = commands_new(o, setup, link, s->v);
    machine_on_triple_fault(s->m, triple_fault, s);
    s->triple_faults.symbols = setup->symbols;
    s->triple_faults.machine = s->m;
    log_place(machine_log(s->m), session_place, s);
    log_to(machine_log(s->m), handle_standard(STANDARD_ERROR));
    vitrine_hurry(s->v, &s->hurry);
    vitrine_capture(s->v, line_byte, s);
    if (o->screenhash || o->statehash)
        s->out = outlet_new(handle_standard(STANDARD_OUTPUT));
    vitrine_limit_instructions(s->v, o->max_insns);
    if (o->display == DISPLAY_TERMINAL)         /* stderr is the picture */
        log_redirect(machine_log(s->m), link_status, link);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    vitrine_hurry(s->v, NULL);
    outlet_free(s->out);
    session_debug_free(s);
    gdb_free(s->gdb);
    commands_free(s->commands);
    vitrine_free(s->v);
    steps_free(s->steps);
    typist_free(s->typist);
    free(s);
}

bool session_end(struct session *s, int why)
{
    int none = END_NOT;
    atomic_compare_exchange_strong(&s->end, &none, why);
    atomic_store(&s->hurry, true);
    vitrine_stop(s->v);
    if (s->gdb)
        gdb_end(s->gdb);
    link_nudge(s->link);
    return !atomic_load(&s->debugger) || atomic_load(&s->runs) || s->prompt;
}

void session_on_interrupted_again(struct session *s, void (*again)(void *to), void *to)
{
    s->interrupted_again = again;
    s->interrupted_again_to = to;
}

static void take_input(struct session *s)
{
    struct input_event e;
    while (link_take_input(s->link, &e))
        switch (e.kind) {
        case INPUT_KEY:           vitrine_key(s->v, e.key, e.down); break;
        case INPUT_MOUSE_MOVE:    vitrine_mouse_move(s->v, e.dx, e.dy, e.dz); break;
        case INPUT_MOUSE_BUTTONS: vitrine_mouse_buttons(s->v, e.buttons); break;
        }
}

static void show(struct session *s, u64 host, bool now)
{
    struct vitrine_frame frame;
    struct vitrine_text text;
    if (s->o->display == DISPLAY_NONE || (!now && host - s->frame_at < FRAME_NS))
        return;
    s->frame_at = host;
    if (vitrine_next_frame(s->v, &frame))
        link_update(s->link, &frame, vitrine_text(s->v, &text) ? &text : NULL);
    commands_panel(s->commands, host, s->halted, vitrine_replays(s->v));
}

void session_show(struct session *s) { show(s, host_ns(), true); }

static u64 least(u64 a, u64 b) { return a < b ? a : b; }

/* The host waits for so long, or until a key is pressed. */
static void wait_ns(struct session *s, u64 ns)
{
    u64 before = host_ns();
    if (s->o->display != DISPLAY_NONE)
        ns = least(ns, FRAME_NS);
    link_wait(s->link, least(ns, vitrine_listens(s->v) || s->prompt ? LISTEN_NS : WAIT_MAX_NS));
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
    pace_look(&s->pace, host, vitrine_now(s->v), vitrine_ticks(s->v));
    if (s->pace.cost != vitrine_tick_cost(s->v))
        vitrine_set_tick_cost(s->v, s->pace.cost);
    show_speed(s);
}

/* The moment for the next picture, UINT64_MAX if none is wanted yet: the guest's vertical retrace, when what it draws in step
 * with the monitor is complete. */
static u64 picture_due(const struct session *s, u64 host)
{
    if (s->o->display == DISPLAY_NONE || host - s->frame_at < FRAME_NS)
        return UINT64_MAX;
    return vitrine_retrace(s->v, vitrine_now(s->v));
}

/* Run to `until`. A picture that falls due on the way is taken at its moment: the slice, whose end is the same with a display
 * and without, goes on behind it. */
static enum vitrine_reason run_slice(struct session *s, u64 until)
{
    u64 picture = picture_due(s, host_ns());
    enum vitrine_reason stop = VITRINE_TIME;
    if (picture <= until) {
        stop = vitrine_run(s->v, picture);
        if (stop == VITRINE_TIME)
            show(s, host_ns(), true);
    }
    if (stop == VITRINE_TIME && until > vitrine_now(s->v))
        stop = vitrine_run(s->v, until);
    if (stop != VITRINE_TIME)
        show(s, host_ns(), true);               /* it stands still: as it is now */
    return stop;
}

/* The end of the next slice, `now` if it is empty: with the host's clock the machine waits while it is ahead, or halted. */
static u64 next_slice(struct session *s)
{
    u64 now = vitrine_now(s->v), host, target, sleeps, wake;
    if (!s->host_clock)
        return least(s->next, (now / SLICE_NS + 1) * SLICE_NS);
    host = host_ns();
    adapt(s, host);
    target = pace_target(&s->pace, host);
    sleeps = vitrine_sleeps_until(s->v);
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
    if (s->o->timeout_ms != UINT64_MAX && !atomic_load(&s->debugger) && host - s->started >= s->o->timeout_ms * 1000000ull)
        session_end(s, END_TIMEOUT);
    return atomic_load(&s->end) != END_NOT || atomic_load(&s->time_over) || link_stopped(s->link) || steps_succeeded(s->steps) ||
           vitrine_now(s->v) >= s->o->stop_at;
}

/* What a person asked for; comes back when the machine may run. The time of a pause is no lag. */
static void take_commands(struct session *s)
{
    commands_take(s->commands);
    if (!commands_paused(s->commands))
        return;
    while (commands_paused(s->commands) && !must_end(s, host_ns()) && !session_debug_asked(s)) {
        show(s, host_ns(), false);
        link_wait(s->link, PAUSE_NS);
        commands_take(s->commands);
    }
    pace_gap(&s->pace, host_ns(), vitrine_now(s->v), vitrine_ticks(s->v));
}

enum vitrine_reason session_run_slices(struct session *s)
{
    pace_gap(&s->pace, host_ns(), vitrine_now(s->v), vitrine_ticks(s->v));  /* what the debugger took is no lag */
    for (;;) {
        u64 host = host_ns();
        take_commands(s);
        if (s->enter || session_debug_asked(s))
            return VITRINE_STOPPED;
        take_input(s);
        s->next = s->o->stop_at;
        if (!machine_repeats(s->m))             /* a debugger let it go back: what was typed is typed again */
            s->next = least(s->next, least(steps_poll(s->steps), typist_poll(s->typist)));
        if (must_end(s, host))
            return VITRINE_TIME;
        u64 until = next_slice(s);
        enum vitrine_reason stop = VITRINE_TIME;
        if (until > vitrine_now(s->v))
            stop = run_slice(s, until);
        if (s->waited)                          /* that is no lag either */
            pace_gap(&s->pace, host_ns(), vitrine_now(s->v), vitrine_ticks(s->v));
        s->waited = false;
        if (stop != VITRINE_TIME && !(stop == VITRINE_STOPPED && atomic_load(&s->end) != END_NOT))
            return stop;
    }
}

/* Without a debugger, until somebody asks for one. */
static enum vitrine_reason run_by_itself(struct session *s)
{
    enum vitrine_reason stop = session_run_slices(s);
    return s->enter ? session_debug(s) : stop;
}

/* A processor that will never run again: a window shows it until it is closed or the machine reset; nobody waits for it
 * without one. True if it runs again. */
static bool stay(struct session *s, enum vitrine_reason *stop)
{
    char where[200] = "";
    session_place(s, where, sizeof where);
    fprintf(stderr, "vitrine: the processor has halted with interrupts off, and nothing can wake it%s\n", where);
    tell_halted(s);
    s->halted = true;
    show(s, host_ns(), true);
    if (s->o->display == DISPLAY_NONE || s->o->step_count)
        return false;
    link_status(s->link, "halted for good");
    while (*stop == VITRINE_HALTED && !must_end(s, host_ns())) {
        link_wait(s->link, PAUSE_NS);
        take_commands(s);
        if (s->enter || session_debug_asked(s)) {
            *stop = session_debug(s);
            return false;
        }
        *stop = vitrine_run(s->v, vitrine_now(s->v) + 1);       /* a reset, if one was asked for */
        show(s, host_ns(), false);
    }
    s->halted = *stop == VITRINE_HALTED;
    return *stop == VITRINE_TIME;
}

int session_run(struct session *s)
{
    enum vitrine_reason stop;
    if (!session_trace_begin(s)) {
        link_end(s->link);
        return EXIT_OPTIONS;
    }
    s->started = host_ns();
    s->percent = 100;
    pace_start(&s->pace, s->started, vitrine_now(s->v), vitrine_ticks(s->v), vitrine_tick_cost(s->v));
    stop = s->o->debug || s->gdb ? session_debug(s) : run_by_itself(s);
    session_trace_flush(s);
    steps_finish(s->steps);
    while (stop == VITRINE_HALTED && !s->debugged && stay(s, &stop))
        stop = run_by_itself(s);
    show(s, host_ns(), true);
    session_trace_end(s);
    log_totals(machine_log(s->m));
    tell_triple_faults(s, NULL);
    bool by_itself = stop != VITRINE_TIME && stop != VITRINE_STOPPED && stop != VITRINE_INSTRUCTIONS && stop != VITRINE_BREAKPOINT;
    s->left = vitrine_replay_left(s->v, by_itself);
    int code = session_exit_code(s, stop);
    vitrine_tell_looks(s->v);
    code = session_leave_behind(s, stop, code);
    link_end(s->link);
    return code;
}
