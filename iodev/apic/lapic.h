/* lapic.h - the local APIC of the one processor, and its timer. */
#pragma once
#include "apic_bus.h"
#include "../machine/device.h"

struct cpu;
struct lapic;

/* Generations of it. The manual calls the first two "Pentium processor" and "P6 family processors". */
enum lapic_kind {
    LAPIC_P5,                   /* version 10h: four LVT entries */
    LAPIC_P6,                   /* version 11h: and the performance counters' */
    LAPIC_X2,                   /* version 14h: an xAPIC with the thermal sensor's, x2APIC and TSC-deadline modes */
};
enum { LAPIC_TICK_NS = 10 };    /* the timer's clock before the divider: a bus of 100 MHz */
enum { LAPIC_DEFAULT_BASE = 0xfee00000u };

struct lapic_wiring {
    struct line intr, nmi, smi, init;   /* to the processor; all but intr pulse */
    int  (*inta)(void *to);     /* the 8259A's answer to an acknowledge cycle: ExtINT */
    void (*eoi)(void *to, u8 vector);   /* end of a level-triggered interrupt, to every I/O APIC */
    void (*ready)(void *to);    /* it may accept now what it refused before: I/O APICs send again */
    void *to;
};
/* With APIC ID 0. base: where its page is in the machine's memory, LAPIC_DEFAULT_BASE. */
struct lapic *lapic_new(struct machine *m, u64 base, enum lapic_kind kind, const struct lapic_wiring *wiring);
/* Put it behind the processor's MSRs. */
void lapic_attach(struct lapic *l, struct cpu *cpu);
/* The wire to LINT0 or LINT1: INTR and NMI while the APIC is disabled. */
struct line lapic_lint(struct lapic *l, int pin);
/* The processor's interrupt acknowledge: the vector. */
int lapic_ack(void *lapic);
/* A message from an I/O APIC. False if this APIC does not accept it: it is not addressed, or disabled. */
bool lapic_message(struct lapic *l, const struct apic_message *m);
/* Can LINT0 raise NMI, SMI or INIT by itself? */
bool lapic_unmaskable(const struct lapic *l);
/* The version register. */
u32 lapic_version(enum lapic_kind kind);

/* For a debugger. Vectors that are due, in service: -1 if there is none. */
struct lapic_view {
    bool enabled, software_enabled, x2, extint /* an ExtINT asks */, intr, lint0 /* levels */;
    u32 id, ldr, dfr, tpr, ppr, svr, lvt_lint0, lvt_timer;
    int due, highest_isr;
    u32 isr[8], irr[8];
};
void lapic_view(const struct lapic *l, struct lapic_view *out);
/* Is a message to this destination for this APIC? */
bool lapic_addressed(const struct lapic *l, u8 destination, bool logical);
