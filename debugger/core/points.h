/* points.h - stop on anything: one list of points over what the processors and the machine tell of. A point whose condition is false
 * stops nothing, and changes nothing in the guest. control.h lets the machine run by them. */
#pragma once
#include "../../cpu/cpu.h"
#include "../../iodev/machine/machine.h"
#include "../symbols/symbols.h"
#include <stdio.h>

struct points;
struct point_hit;

/* first and last (inclusive) say which: */
enum point_kind {
    POINT_EXECUTE,              /* an address, before the instruction there (last = first) */
    POINT_WATCH,                /* addresses, after the instruction that read or wrote one of them */
    POINT_PORT,                 /* ports, likewise. With value: the value read or written */
    POINT_MSR,                  /* MSRs, likewise */
    POINT_CR,                   /* control registers, by number, that were written. `changes`: with another value than they had */
    POINT_IF,                   /* EFLAGS.IF changed. With value: to that */
    POINT_EXCEPTION,            /* vectors, when one has been delivered. With value: its error code */
    POINT_INTERRUPT,            /* vectors of IRQs (read) and of INT n (write), likewise */
    POINT_IRQ,                  /* lines, when one rises or falls. With value: 1 rises, 0 falls */
    POINT_MODE,                 /* the processor's mode changed. With value: to that, enum cpu_mode */
    POINT_TASK,                 /* TR's selectors after a task switch */
    POINT_SMI, POINT_NMI,       /* one was taken */
    POINT_TEXT,                 /* `text` was written to port E9h */
    POINT_COUNT,                /* so many instructions since power-on: first */
    POINT_KINDS
};
/* A list shows what its owner made. */
enum point_owner { POINT_USER, POINT_GDB, POINT_INTERNAL };
enum point_verdict { POINT_NO, POINT_YES, POINT_WRONG /* it could not be computed: stops, and says so */ };

struct point {
    enum point_kind kind;
    enum point_owner owner;
    u64 first, last;
    bool physical;              /* EXECUTE, WATCH: those are physical addresses, else linear */
    bool read, write;           /* WATCH, PORT, MSR, INTERRUPT */
    bool changes;               /* WATCH: only where the memory is another than before; CR */
    bool has_value, has_cr3;
    u64 value, mask;            /* (what it is & mask) == value; mask 0 is all ones */
    u64 cr3;                    /* only while CR3's page-directory bits are these */
    int cpl;                    /* only at this CPL (of who did it); -1: at any */
    bool temporary;             /* goes when it has stopped the machine */
    bool disabled;
    u64 ignore;                 /* so many times more it does not stop */
    u64 hits;                   /* how often it was reached with its condition true, the ignored ones included */
    enum point_verdict (*condition)(void *to, const struct point_hit *hit);     /* state exact; NULL: none */
    void *condition_to;
    /* Texts, NULL where there are none; those of points_add's argument are copied. */
    char *name;                 /* what it stops on, as its owner wrote it */
    char *condition_text, *commands;
    char *text;                 /* TEXT */
    u32 number;                 /* among its owner's, from 1 */
};

/* A point that stopped the machine. */
struct point_hit {
    const struct point *point;  /* a temporary one, too, until the machine runs again */
    struct cpu *cpu;
    u64 at;                     /* the address, port, MSR, vector, line, ... that it was: the lowest of an access */
    u64 old, now;               /* values: of what a watched range of up to 8 bytes holds, else of the access */
    u32 size;                   /* of these, in bytes */
    bool write, wrong;          /* wrong: the condition could not be computed */
    bool has_error;
    u32 error;
    const char *how;            /* of interrupts and exceptions: "fault", "INT n", "external", ...; NULL */
    const char *by;             /* the mnemonic of the instruction, "delivery" of `vector`, "page walk" ...; "": none is under way */
    int vector;
    bool between;               /* no instruction was under way */
    u64 insns, eip, linear;     /* when and where that stood */
    u16 cs;
};

struct points *points_new(struct machine *m);
void points_free(struct points *p);

/* Between runs, or from a condition. A copy of `like` with the owner's next number; number, hits are not taken. */
struct point *points_add(struct points *p, const struct point *like);
void points_remove(struct points *p, struct point *point);
void points_enable(struct points *p, struct point *point, bool on);
/* Another text in place of one of the point's; NULL: none. */
void point_text(char **which, const char *text);
/* In the order of numbers; after NULL the first. NULL: no more. */
struct point *points_next(const struct points *p, enum point_owner owner, const struct point *after);
struct point *points_find(const struct points *p, enum point_owner owner, u32 number);

/* What stopped the last run, in the order in which it came; none where that was something else. */
int points_hits(const struct points *p);
const struct point_hit *points_hit(const struct points *p, int k);

/* While somebody judges, it is he who says whether a hit stops the machine; hits are not counted, ignore counts not used up, and
 * temporary points stay: for who runs the guest over what has been. NULL ends it. */
void points_judge(struct points *p, bool (*stops)(void *to, const struct point_hit *hit), void *to);
/* What stopped an earlier run is what stopped the last one, too. */
void points_came(struct points *p, const struct point_hit *hit);

/* For who lets the machine run (control.c, history): before a run. Behind it, state exact: does one stop of those that heard of something
 * since the last boundary (what bus masters did where the run ended)? Then the next count at which one wants to be asked after `insns`,
 * UINT64_MAX if none; and whether one stops there. */
void points_begin(struct points *p);
bool points_settle(struct points *p);
u64  points_count_next(const struct points *p, u64 insns);
bool points_count_reached(struct points *p, u64 insns);

/* points_print.c: "exception", "port", ... */
const char *point_kind_name(const struct point *point);
/* "watch 2: kstack-0xc 00007e6d -> 00007e68 by call at sum+0xe", with a newline. */
void point_hit_print(const struct point_hit *hit, const struct symbols *symbols, FILE *out);
/* What it stops on: "writes of 00007c00 to 00007c03"; and what narrows that: ", if eax == 1, CPL 3, ignored 2 times more". */
void point_what_print(const struct point *point, FILE *out);
void point_filters_print(const struct point *point, FILE *out);
