/* irq_parts.h - struct irq_watch, for the files that make it up (irq_watch.c, irq_pic.c, irq_apic.c, irq_print.c). */
#pragma once
#include "irq.h"
#include "names.h"
#include "../../cpu/cpu.h"
#include "../../iodev/apic/hpet.h"
#include "../../iodev/apic/i82093aa.h"
#include "../../iodev/apic/lapic.h"
#include "../../iodev/isa/i8259.h"
#include "../../iodev/machine/wires.h"

struct irq_moment {
    u64 insns, ns;
    const char *by;             /* the mnemonic of the instruction that did it; "" between instructions; NULL: not since the watch began */
    u32 eip, linear;
    u16 cs;
    u8 vector;                  /* of "delivery" */
};

struct irq_pin {
    struct irq_moment rose, fell, masked /* or unmasked */, service, ended, taken;
    u64 count;                  /* of deliveries */
};

struct irq_chip {
    const struct i8259 *pic;    /* NULL: this machine has none */
    const char *id;
    struct i8259_view now;
    struct irq_pin pin[8];
    struct irq_moment icw1, spurious;
    u64 spurious_count;
    int withdrawn;              /* the IR whose request was taken back last, -1 none */
    u8 spurious_vector;
    i8 spurious_by;             /* withdrawn, then */
};

struct irq_watch {
    struct machine *m;
    struct cpu *cpu;
    const struct symbols *symbols;
    int token;
    const struct wires *wires;
    struct irq_chip chip[2];    /* master, slave */
    const struct i82093aa *io;
    struct { struct i82093aa_view now; struct irq_moment rose, fell, entry /* changed */; } pin[IOAPIC_PINS];
    const struct lapic *lapic;
    struct lapic_view local;
    struct irq_moment svr, tpr, lint0, service[256], taken[256];
    u64 count[256];
    const struct hpet *hpet;
    struct irq_moment interrupts;   /* EFLAGS.IF changed */
    bool enabled;                   /* EFLAGS.IF */
    u64 from;                       /* instructions when it began to watch */
};

/* A text that grows; with the names of places in it. */
struct irq_say { char *text; size_t size; const struct irq_watch *w; };
void irq_say(struct irq_say *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "out at 0010:7e99, insn 12345"; "power-on"; of what was so when it began to watch, "before insn 12345". */
void irq_say_when(struct irq_say *s, const struct irq_moment *t);

/* Make what the chips hold `now` so, in case that something changed and nobody told. */
void irq_look(struct irq_watch *w);

/* "com1", of those that drive a line; and why it is high or low: ": com1: IER is 0", nothing if nobody knows. */
void irq_device(const struct irq_watch *w, int n, char *text, size_t size);
void irq_device_why(const struct irq_watch *w, int n, bool high, struct irq_say *s);

/* Does the guest have line n come through the I/O APIC? Its input, -1 if not. */
int  irq_apic_pin(const struct irq_watch *w, int n);
/* Does its input ask for what has not been delivered? */
bool irq_apic_waits(const struct irq_watch *w, int pin);
void irq_apic_why(const struct irq_watch *w, int pin, int n, struct irq_say *s);
void irq_pic_why(const struct irq_watch *w, int n, struct irq_say *s);
/* The last step, from an INTR that is asked for to the processor. */
void irq_cpu_why(const struct irq_watch *w, struct irq_say *s);
static inline bool irq_vector_in(const u32 set[8], int v) { return set[v >> 5] >> (v & 31) & 1; }
