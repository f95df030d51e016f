/* machine_parts.h - struct machine, for the files that make it up (machine.c, clock.c, timers.c, machine_input.c,
 * machine_state.c) and nobody else. */
#pragma once
#include "machine.h"
#include "keep.h"
#include "../../cpu/cpu.h"
#include <stdatomic.h>

enum { SINKS_MAX = 16, KEEPERS_MAX = 4, RAMS_MAX = 8, CPUS_MAX = MACHINE_VIEWS, TURN_TICKS = 2000 };

struct machine_sink {
    bool (*take)(void *dev, const struct input_event *e);
    void *dev;
};

/* A program that may be waiting: how often and since when it asked from the same place. */
struct poll { u64 where, since, insns, between, asked; };

/* What waits to enter the guest of one stream, the oldest at head. Numbers tell the order between streams. */
enum { STREAM_KEYS, STREAM_MOUSE, STREAM_CASE /* its drives and buttons */, STREAM_SERIAL, INPUT_STREAMS = STREAM_SERIAL + 4 };
struct machine_input_stream {
    struct machine_input_event {
        struct input_event e;
        u64 number;
    } *event;                                   /* a ring */
    int head, count, capacity;
};

struct irq_watcher {
    void (*told)(void *to, struct device *chip, enum irq_event what, int pin, u32 value);
    void *to;
};

struct master_watcher {
    void (*told)(void *to, const struct machine_transfer *t);
    void *to;
};

struct machine {
    struct machine_config config;
    struct log *log;
    struct space *memory, *ports;
    struct space *view[MACHINE_VIEWS];          /* children of memory */
    int views;
    struct cpu *cpus[CPUS_MAX];
    int cpu_count;
    struct cpu *cpu;                            /* whose turn it is; NULL: there is none */
    u32 turn, turn_left;                        /* its number, and the ticks that are left of its turn while there are several */
    bool (*unmaskable)(void *board);
    void *board;

    /* The clock: now = base_ns + ((ticks - base_ticks) * cost + base_fraction) / 65536. Idle time and buses move the base. */
    u64 base_ns, base_ticks;
    u32 base_fraction, cost;
    struct poll poll[CPU_POLLS];
    u64 deadline;                               /* inside cpu_run(): the moment that its budget was reckoned for */
    u64 limit_insns;

    struct device *devices, **devices_end;      /* in order of creation */
    struct timer *timers, **timers_end;         /* likewise */
    u32 timer_count;
    struct timer **active;                      /* those that are set, the earliest last */
    u32 active_count, active_capacity;

    struct ram *ram[RAMS_MAX];                  /* memory that belongs to the machine's state */
    int rams;

    struct machine_sink sink[SINKS_MAX];
    int sinks;
    struct machine_input_stream input[INPUT_STREAMS];
    u64 input_number;                           /* of the next event */
    int inputs;                                 /* that wait, in all streams */
    struct timer input_retry;

    u64 work, work_most;                        /* of a machine without a processor: see device.h */
    u64 timers_fired;                           /* so far; for tests */
    int holds;                                  /* devices that let the processor wait */
    bool running;                               /* inside cpu_run() */
    enum machine_request request;
    u32 exit_code;
    void (*on_timer)(void *to, const struct timer *t);      /* NULL: nobody watches */
    void *on_timer_to;
    void (*on_triple_fault)(void *to, struct cpu *cpu);
    void *on_triple_fault_to;
    struct irq_watcher *irq_watchers;
    int irq_watcher_count;
    struct master_watcher *master_watchers;
    int master_watcher_count;
    atomic_bool broken;                         /* machine_break() was called */
    struct keeper_slot {                        /* keep.h */
        const struct machine_keeper *keeper;
        void *to;
        struct machine_place at;                /* where it waits for the machine */
    } keeper[KEEPERS_MAX];
    int keepers;
    struct tape *tape;                          /* NULL: nobody wants one */
    u64 looks;                                  /* of the keepers, so far */
    u64 keep_ticks, keep_ns;                    /* the first place that anybody waits for */
    bool repeats;
};

/* machine.c: units of work, whoever counts them. */
void machine_work(struct machine *m, u64 units);
/* The processor, if there is one, leaves its block after the running instruction. */
void machine_touch(struct machine *m);

/* clock.c */
void clock_init(struct machine *m);
/* Clocks of the processor since power-on: struct cpu_wiring's `time`. */
u64 clock_cpu(void *machine);
/* struct cpu_wiring's `poll`. */
void clock_poll(void *machine, int kind, u64 where);
/* Ticks from now until the clock shows at least `when`; at least 1, at most what is to be run in one go. */
u64 clock_ticks_until(struct machine *m, u64 when);
/* Nothing runs: let the clock show `when`, if that has not passed. */
void clock_skip(struct machine *m, u64 when);
/* From now on a tick takes so many 65536ths of a nanosecond. */
void clock_set_cost(struct machine *m, u32 cost);

/* timers.c: fire every timer that is due, in order of (when, creation). */
void timers_fire(struct machine *m);
/* When the next timer is due, TIMER_OFF if none. */
u64 timers_next(const struct machine *m);
void timers_free(struct machine *m);

/* machine_keep.c: the keepers look; what is on the tape for this place enters. */
enum keep_look keep_looks(struct machine *m);
/* Something from outside is about to enter. */
void keep_input(struct machine *m, const struct input_event *e);
void keep_loaded(struct machine *m);              /* from elsewhere: they are told */
void keep_free(struct machine *m);
/* So many ticks may pass before the place that somebody waits for; and where they have, time ends there. */
u64 keep_ticks_left(const struct machine *m);
u64 keep_until(const struct machine *m, u64 until);

/* machine_input.c: offer the waiting events to the devices. */
void input_deliver(struct machine *m);
/* Something enters. */
void input_enter(struct machine *m, const struct input_event *e);
void input_init(struct machine *m);
/* What still waits is thrown away. */
void input_free(struct machine *m);
void input_save(const struct machine *m, struct writer *w);
void input_load(struct machine *m, struct reader *r);
