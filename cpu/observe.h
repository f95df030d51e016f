/* observe.h - who watches the processor: places, accesses, changes, hooks. Subscribing is cpu.h's. observe.c */
#pragma once
#include "../host/base.h"

struct cpu;
struct cpu_access;
struct cpu_change;

enum observer_kind {
    OBSERVE_NOTHING, OBSERVE_INSTRUCTION, OBSERVE_IF, OBSERVE_INTERRUPT, OBSERVE_PLACE, OBSERVE_ACCESS, OBSERVE_BOUNDARY, OBSERVE_CHANGE,
    OBSERVE_MAGIC, OBSERVER_KINDS
};

struct observer {
    enum observer_kind kind;    /* OBSERVE_NOTHING: ended while somebody was told */
    int token;
    u64 first, last;            /* inclusive: PLACE, ACCESS. CHANGE: the kinds of change, a bit each, in first */
    bool physical;              /* those are physical addresses, else linear */
    bool read, write;           /* ACCESS */
    void (*told)(void *to, struct cpu *cpu);     /* INSTRUCTION, IF, BOUNDARY, PLACE, MAGIC */
    void (*interrupt)(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
    void (*access)(void *to, struct cpu *cpu, const struct cpu_access *a);
    void (*change)(void *to, struct cpu *cpu, const struct cpu_change *c);
    void *to;
};

struct cpu_observers {
    struct observer *list;
    int count, room, next_token;
    int telling;                /* list must not move now */
    bool ended;                 /* one of it is OBSERVE_NOTHING */
    int of_kind[OBSERVER_KINDS];
    u64 pass, pass_insns;       /* linear address of a PLACE that was told of, when so many instructions had retired; ~0: none */
    u64 changes;                /* the kinds of change that one of them observes */
    u8 mode;                    /* enum cpu_mode, as CHANGE was last told */
    bool ask;                   /* BOUNDARY is to be told */
    bool stop;                  /* one of them wants EXIT_BREAK */
};

void observers_init(struct cpu_observers *o);
void observers_free(struct cpu_observers *o);
/* Tell those whom it concerns. */
void observers_told(struct cpu *cpu, enum observer_kind kind);
void observers_interrupt(struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
/* An access that succeeded; of a page walk, linear is CPU_NO_ADDRESS. */
void observers_access(struct cpu *cpu, const struct cpu_access *a);
/* What of c->kind happened. Ask observers.changes before. */
void observers_change(struct cpu *cpu, const struct cpu_change *c);
/* Between instructions, after cpu_ask. */
void observers_boundary(struct cpu *cpu);
/* Before the instruction at s.rip, state settled: the places there, once for each time that it is reached. Then what a chain leaves for
 * may have been asked for. */
void observers_place(struct cpu *cpu);
/* The same between chains, if the instruction can be fetched; true: look again what waits. */
bool observers_place_step(struct cpu *cpu);
/* The place at s.rip is passed once; false: no place is. */
void observers_pass(struct cpu *cpu, bool on);
/* The state is another one, of another time: nothing that was told of before holds, and what differs is no change. */
void observers_loaded(struct cpu *cpu);
/* Does one watch an address of the page at these? */
bool observers_watch_page(const struct cpu_observers *o, u64 linear, u64 physical);
