/* observe.h - who watches the processor: breakpoints, watchpoints, hooks. Subscribing is cpu.h's. observe.c */
#pragma once
#include "../host/base.h"

struct cpu;

enum observer_kind { OBSERVE_NOTHING, OBSERVE_INSTRUCTION, OBSERVE_IF, OBSERVE_INTERRUPT, OBSERVE_PLACE, OBSERVE_ACCESS, OBSERVER_KINDS };

struct observer {
    enum observer_kind kind;    /* OBSERVE_NOTHING: ended while somebody was told */
    int token;
    u64 first, last;            /* linear, inclusive: PLACE, ACCESS */
    bool read, write;           /* ACCESS */
    void (*told)(void *to, struct cpu *cpu);     /* INSTRUCTION, IF */
    void (*interrupt)(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
    void *to;
};

struct cpu_observers {
    struct observer *list;
    int count, room, next_token;
    int telling;                /* list must not move now */
    int of_kind[OBSERVER_KINDS];
    u64 pass;                   /* linear address of a PLACE that is passed once; ~0: none */
    bool stop;                  /* one of them wants EXIT_BREAK */
};

void observers_init(struct cpu_observers *o);
void observers_free(struct cpu_observers *o);
/* Is a linear address somebody's PLACE? */
bool observers_place(const struct cpu_observers *o, u64 linear);
/* Tell those whom it concerns. */
void observers_told(struct cpu *cpu, enum observer_kind kind);
void observers_interrupt(struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
void observers_access(struct cpu *cpu, u64 linear, u32 n, bool write);
