/* fault.h - what is kept of an exception for people, who learn of it later: where it was, what met, what was under way. fault.c
 * Follows: Intel SDM Vol. 3A "Interrupt and Exception Handling", "Error Code". None of it is state of the guest's. */
#pragma once
#include "registers.h"

struct cpu;
struct paging_form;

/* What a record's `detail` is, and which of fault_about's members were set. */
enum fault_what {
    FAULT_PLAIN,                /* neither */
    FAULT_DESCRIPTOR,           /* the descriptor of `selector`, 0 if it has none; with a size: of what met its limit */
    FAULT_GATE,                 /* the gate of the event that was delivered */
    FAULT_SEGMENT,              /* detail is nothing; segment `n`, as it was loaded, refuses an access */
    FAULT_PAGE,                 /* the page entry that decided; the way through the tables, and what the TLB held */
};
/* What a TLB keeps of a page: SDM Vol. 3A "Translation Lookaside Buffers (TLBs)". */
struct cpu_translation { u64 linear, physical; bool writable, user, no_execute, global, dirty, large /* a part of such a page */; };
/* The way through the page tables: the entries as they were, from the root down. mmu/walk.h makes a walk of them again. */
enum { FAULT_LEVELS = 4 };
struct fault_way {
    const struct paging_form *form;     /* NULL: paging was off */
    u64 root, entry[FAULT_LEVELS];
    u8 steps;
    bool nx, unread;            /* EFER.NXE; the last of the entries lies where there is no memory */
};
enum fault_access { FAULT_READ, FAULT_WRITE, FAULT_FETCH };
struct fault_about {
    u8 what;                    /* enum fault_what */
    u8 access;                  /* enum fault_access */
    u8 n;                       /* the segment register, as cpu_segment takes it */
    u8 user;                    /* FAULT_PAGE: by the rights of CPL 3 */
    u16 selector;
    u32 size;                   /* bytes */
    u64 offset;
    struct segment segment;
    bool cached;                /* the TLB had a translation */
    struct cpu_translation held;
    struct fault_way way;
};

enum { FAULT_RECORDS = 8, FAULT_ROOTS = 3, FAULT_BYTES = 15, FAULT_BELOW = 32, FAULT_ABOVE = 64, FAULT_VECTORS = 32 };
struct fault_record {
    u64 insns, rip, cs_base, cr2, cr3, esp, ss_base, eflags;
    u64 detail;                 /* the descriptor, gate or page entry that failed; 0 if none */
    u64 address;                /* linear address of what failed, where there is one */
    const char *why;            /* "limit of the data segment exceeded" */
    const char *event;          /* what was being delivered, as cpu_on_interrupt says it; NULL: nothing */
    u64 gate;                   /* what stood for that in the interrupt table */
    u32 error;
    u16 cs, ss;
    u8 vector, has_error, bits; /* bits: 16 or 32, the code segment's */
    u8 cpl, stack_bits, event_vector, has_gate;
    u8 length, bytes[FAULT_BYTES];
    u8 below_length, below[FAULT_BELOW];    /* of the stack: what ends at SS:ESP, and stands at the array's end */
    u8 above_length, above[FAULT_ABOVE];    /* what begins there */
    struct fault_about about;
};

/* ---- for the processor ---- */

/* Told before the exception is delivered; takes cpu->about, which whoever raises it may have filled. */
void fault_note(struct cpu *cpu, int vector, bool has_error, u32 error, const char *why, u64 detail);
/* After an IRET: did it come back from the first one that was not returned from? */
void fault_returned(struct cpu *cpu);
/* They were another run's. */
void faults_forget(struct cpu *cpu);

/* ---- for the debugger ---- */

/* The exceptions of which none was delivered before the next came, as after a triple fault: the last ones, oldest first, into chain.
 * How many these are; *all of them happened. */
u32  cpu_faults(const struct cpu *cpu, const struct fault_record *chain[FAULT_RECORDS], u32 *all);
/* Since power-on, reset or since a state was loaded: the last one; the first with a vector (below FAULT_VECTORS), and how many had it;
 * those that no IRET came back from, the first FAULT_ROOTS of them in order, and how many there are. NULL: none. */
const struct fault_record *cpu_fault_last(const struct cpu *cpu);
const struct fault_record *cpu_fault_first(const struct cpu *cpu, int vector, u64 *count);
const struct fault_record *cpu_fault_root(const struct cpu *cpu, int k, u64 *all);
/* Why it shut down, where no chain of faults led to it; NULL: a triple fault. */
const char *cpu_shutdown_why(const struct cpu *cpu);
/* All of that as bytes, for who brings this processor, in this program, back to where it was; once its state is loaded. */
void *cpu_faults_kept(struct cpu *cpu, size_t *n);
