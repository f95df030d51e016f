/* machine.h - the machine as a whole: clock, devices, input, run loop, reset, state. The board itself is pc.c. */
#pragma once
#include "device.h"
#include "input.h"

struct cpu;
struct cpu_model;
struct cpu_timing;
struct reader;
struct writer;

enum { TICK_COST_1_NS = 1 << 16, TICK_COST_MAX = 1 << 30 /* 16 us */ };

struct machine_config {
    u64 ram_size;               /* bytes, a multiple of 1 MB */
    const struct cpu_model *model;
    u32 tick_cost;              /* of an instruction, in 65536ths of a nanosecond, at most TICK_COST_MAX; 0: TICK_COST_1_NS */
    const struct cpu_timing *timing; /* what instructions cost in ticks; NULL: one each */
    u32 clock_khz;              /* the processor's clock, which its time-stamp counter counts; 0: 1 GHz */
    u64 rtc_epoch;              /* UTC seconds since 1970 that the real-time clock shows at power-on */
    bool no_reboot;             /* a reset or triple fault ends the run */
    int engine;                 /* enum cpu_engine */
};

/* Why machine_run came back. */
enum machine_stop {
    STOP_DEADLINE,              /* virtual time reached the given moment */
    STOP_POWER_OFF,
    STOP_DEBUG_EXIT,            /* exit code in machine_exit_code() */
    STOP_TRIPLE_FAULT,          /* only with no_reboot */
    STOP_RESET,                 /* only with no_reboot: the guest asked for a reset */
    STOP_HALTED_FOREVER,        /* HLT with interrupts off and nothing that could wake it */
    STOP_MAX_INSNS,
    STOP_BREAK,                 /* the debugger's: breakpoint or watchpoint */
    STOP_ASKED,                 /* machine_break() */
    STOP_TIMEOUT,               /* never here: whoever lets it run says so of a limit of the host's time */
};

/* With one processor of the model that the configuration names; with none, if it names none: then time passes in machine_run alone. */
struct machine *machine_new(const struct machine_config *config);
/* Another processor of the same model, after those that there are. They share memory and the decoded blocks, and take turns: one runs
 * so many ticks, or until it halts, while the others stand still, and the machine's time passes in each turn. Each sees memory by a
 * view of its own (cpu_memory). */
struct cpu *machine_add_cpu(struct machine *m);
/* A child space of the machine's memory, which is what bus masters see: one of its own for each who sees more than they, at most
 * MACHINE_VIEWS. It is freed with the machine. */
enum { MACHINE_VIEWS = 8 };
struct space *machine_new_view(struct machine *m);
void machine_free(struct machine *m);
const struct machine_config *machine_config(const struct machine *m);
struct cpu *machine_cpu(const struct machine *m);          /* the first; NULL: there is none */
struct cpu *machine_cpu_at(const struct machine *m, int k); /* NULL past the last */
/* For log_place, which it has at first: ", at CS:EIP" of the instruction that runs, or "before" the next where a timer did it. */
void machine_place(void *machine, char *text, size_t size);
struct device *machine_devices(const struct machine *m);

/* Who knows whether an NMI or SMI can come by itself, with the processor halted; without it, none can. Set once, before the first
 * reset. */
void machine_on_halt(struct machine *m, bool (*unmaskable)(void *board), void *board);
/* This memory belongs to the machine's state: it is hashed and saved. Its owner frees it, after machine_free() or in its
 * device's free. */
void machine_add_ram(struct machine *m, struct ram *ram);

/* Power-on or hard reset of every device and the CPU. */
void machine_reset(struct machine *m);

/* Run until virtual time `until` (ns) or another reason to stop. Instruction-exact, whatever the engine. */
enum machine_stop machine_run(struct machine *m, u64 until);
/* Stop after this many instructions since power-on (STOP_MAX_INSNS); UINT64_MAX: never. */
void machine_limit_insns(struct machine *m, u64 count);
u64 machine_insns(const struct machine *m);
/* Instructions and deliveries of events since power-on. */
u64 machine_ticks(const struct machine *m);
/* The processor is halted and nothing has come to wake it: the moment of the next timer, TIMER_OFF if none is set. 0: it runs. */
u64 machine_sleeps_until(const struct machine *m);
u32 machine_exit_code(const struct machine *m);
/* Called at every triple fault, before the processor is reset or the run ends: cpu_faults() has the chain. */
void machine_on_triple_fault(struct machine *m, void (*told)(void *to, struct cpu *cpu), void *to);
/* Tell what becomes of interrupts (device.h) to any number of watchers; `told` NULL ends it for the one of this `to`. Not from within a
 * watcher. Host side: the guest's run is the same. */
void machine_watch_irqs(struct machine *m, void (*told)(void *to, struct device *chip, enum irq_event what, int pin, u32 value),
                        void *to);
/* Likewise what bus masters read and write in memory: a write before it is done, a read behind it; n bytes from a physical address. */
struct machine_transfer { u64 address, n; const void *bytes; bool write; };
void machine_watch_masters(struct machine *m, void (*told)(void *to, const struct machine_transfer *t), void *to);
/* Tell of each timer that is about to fire. One who watches, NULL ends it. Host side, too. */
void machine_watch_timers(struct machine *m, void (*told)(void *to, const struct timer *t), void *to);
/* May be called from another thread or a signal handler: machine_run returns STOP_ASKED soon. */
void machine_break(struct machine *m);
/* Between runs: what was asked for and not answered yet is forgotten. */
void machine_break_no_more(struct machine *m);

/* What a tick (an instruction or the delivery of an event) takes now. An INPUT_TICK_COST event changes it. */
u32 machine_tick_cost(const struct machine *m);

/* Feed input: it enters the guest at the current virtual time, through one queue (so that it can be recorded). */
void machine_input(struct machine *m, const struct input_event *e);
/* How many events of this one's stream (keys, mouse, one serial port) the guest has not taken yet. Who has a source that can
 * wait, such as a pipe or a text to type, feeds it only while these are few. */
int machine_input_waiting(const struct machine *m, const struct input_event *like);
/* Devices that take input register here; first come, first asked; true if the device consumed it. */
void machine_input_sink(struct machine *m, bool (*sink)(void *dev, const struct input_event *e), void *dev);

/* Whoever runs the guest looks whether it is to stop: the units of work (device.h) of devices and processor (cpu_work in
 * cpu/cpu.h) are counted from look to look. The greatest count so far, the one that runs included. Host side: no guest sees it and
 * no hash has it. */
void machine_looked(struct machine *m);
u64 machine_work_most(const struct machine *m);

/* Everything that decides how the machine goes on, but for what is outside it: what images hold, and media on their way into a drive.
 * Saving changes nothing in the machine, which goes on as if nobody had saved. Loading wants a machine of the same configuration; false:
 * r->wrong says what does not fit, and the machine must be reset. Between runs. */
void machine_save(struct machine *m, struct writer *w);
bool machine_load(struct machine *m, struct reader *r);

/* CPU, RAM, every device, every timer, the clock. The same on every host and in every engine. */
void machine_hash(struct machine *m, struct hash *h);
/* The same without memory. */
void machine_hash_chips(struct machine *m, struct hash *h);
/* The same as text, for people and programs that compare: sections "[cpu]", "[device ID]", "[timers]", "[ram NAME]", then a line
 * a field, "  name = hex", and for each page that is not all zero "  page NUMBER = hash". */
void machine_print(struct machine *m, FILE *out);
