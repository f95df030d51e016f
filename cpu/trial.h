/* trial.h - what an instruction would do: it runs on a processor of its own, with the state, the stale TLB entries and the memory of the
 * real one, but what it writes is kept aside, and where a device would be asked nobody is. trial.c
 * The machine is the same before and after. */
#pragma once
#include "cpu.h"

struct trial;

enum trial_kind { TRIAL_FETCH, TRIAL_READ, TRIAL_WRITE, TRIAL_TABLE_READ /* page tables */, TRIAL_TABLE_WRITE, TRIAL_IN, TRIAL_OUT,
                  TRIAL_APIC_READ, TRIAL_APIC_WRITE /* the local APIC's MSRs */ };
enum trial_what { TRIAL_RAM, TRIAL_ROM, TRIAL_DEVICE, TRIAL_NOTHING };

/* An access in the order in which they were made; those side by side in one access of the instruction are one. */
struct trial_access {
    enum trial_kind kind;
    enum trial_what what;
    u8 bytes;
    u64 linear;                 /* TRIAL_READ, TRIAL_WRITE: as the instruction sees it */
    u64 physical;               /* or the port's number, the MSR's */
    u64 value, before;          /* before: of what a write changes */
    const char *name;           /* of the region in front: "ram", "vga"; "" where nothing is */
};

/* An exception or INT that is delivered, and what came of it. */
struct trial_event {
    int vector;
    bool has_error;
    u32 error;
    const char *kind;           /* as cpu_on_interrupt tells it: "fault", "INT n", ... */
    const char *why;            /* of a fault: what failed. NULL: it is none */
    u64 detail;                 /* the descriptor, gate or page entry that failed; 0 if none */
    u64 cr2;
    int access;                 /* the first one that its delivery made */
};

enum { TRIAL_ACCESSES = 1024, TRIAL_EVENTS = 8 };
struct trial_result {
    struct trial_access access[TRIAL_ACCESSES];
    int accesses;
    bool more;                  /* there were more than these */
    struct trial_event event[TRIAL_EVENTS];
    int events;
    bool asked;                 /* a device would have answered, and what it says is not known */
    bool shutdown;              /* it ends in a shutdown */
    bool halted;
};

struct trial_wish {
    bool elsewhere;             /* at this offset of CS instead of CS:EIP */
    u64 eip;
    const u8 *bytes;            /* these instead of what lies there; NULL: none */
    int n;
    u64 answer;                 /* what devices answer */
};

/* Of a processor between runs. */
struct trial *trial_new(struct cpu *cpu);
void trial_free(struct trial *t);
/* One instruction (of a repeated one, an iteration), or the exception in its place, with its delivery. */
const struct trial_result *trial_run(struct trial *t, const struct trial_wish *wish);
/* The processor as it then is: registers as register_value finds them; memory with what was written. Until the next trial_run. */
struct cpu *trial_cpu(struct trial *t);
/* Bytes at a linear address before the instruction, with those that were wished for. How many could be read. */
int trial_fetch(struct trial *t, const struct trial_wish *wish, u8 *bytes, int n);
