/* parts.h - struct trace, for the files that make it up. */
#pragma once
#include "trace.h"
#include "../../cpu/instruction.h"
#include "../symbols/symbols.h"

/* In the order of the table in classes.c. */
enum trace_class {
    TRACE_INSN, TRACE_REGISTERS, TRACE_BRANCHES, TRACE_CALLS, TRACE_EXCEPTIONS, TRACE_INTERRUPTS, TRACE_SOFTINT, TRACE_PORTS, TRACE_MMIO,
    TRACE_CLASSES
};
static inline u64 class_bit(enum trace_class c) { return 1ull << c; }

/* What must be observed for a class. */
enum {
    NEEDS_INSTRUCTIONS = 1, NEEDS_INTERRUPTS = 2, NEEDS_DEVICES = 4, NEEDS_ACCESSES = 8, NEEDS_CHANGES = 16, NEEDS_ACTIVITY = 32
};
struct class_row {
    const char *name, *title;
    u32 needs;
    u32 changes;                /* of NEEDS_CHANGES: a bit 1 << CHANGE_* each */
    const char *words[4];       /* other words for it: those of Bochs's `show`, ... */
};
extern const struct class_row trace_classes[TRACE_CLASSES];

enum { TRACE_CPUS = 8, LINE_BYTES = 1024, OUT_BYTES = 1 << 15, CACHE_BITS = 14, CACHED_TEXT = 152, CALL_DEPTH = 256, CALL_STACKS = 16 };

/* An instruction that was seen, by its place: the text of its line, and what else is to be done with it. */
struct seen {
    u64 key, written, linear;   /* as in struct cpu_place: it holds while the first two are the same */
    u32 epoch;                  /* of the symbols */
    u32 eip, mode;
    u16 cs, text;               /* text: its length */
    u8 length, flow, size;
    bool repeats, privileged, sensitive, physical, known;
    u8 bytes[INSN_BYTES];
    u16 count;                  /* which row of the counts; 0: not looked for */
    char line[CACHED_TEXT];     /* " CS:EIP MODE CPL CLASS TEXT\n" */
};

/* A call or interrupt that has not returned. */
struct call {
    u64 back;                   /* linear address where it goes on */
    u32 sp;                     /* ESP before it */
    bool interrupt;
};
struct calls {
    struct call call[CALL_DEPTH];
    int depth, lost;            /* lost: calls beyond the deepest that are kept */
    u64 used;                   /* when it was the running one, for whom is thrown away */
};

/* An instruction of which it is not known yet what came of it. */
struct pending {
    bool any;
    struct seen *seen;
    struct cpu_place at;
    struct instruction insn;    /* of those whose operands matter */
    bool told;                  /* a line of the theory's classes waits for it */
    u32 gpr[8], eflags, sp;
    char what[400];             /* of the theory's classes: what it reads or asks for */
    bool missed;                /* it did, at CPL 3, what a monitor should have been told */
};

struct trace_cpu {
    struct trace *t;
    struct cpu *cpu;
    int n;
    int on_instruction, on_interrupt, on_access, on_change;     /* tokens; 0: none */
    struct pending last;
    struct seen *repeated;      /* the repeated instruction that was told of last */
    struct calls stack[CALL_STACKS];
    int running;                /* which of them */
    u64 switches;
};

struct trace {
    struct machine *m;
    const struct symbols *symbols;
    struct trace_cpu cpu[TRACE_CPUS];
    int cpus;
    u64 on;
    bool counting;
    struct trace_filter filter;
    u64 filter_first, filter_last;              /* with the symbol's */
    enum trace_format format;
    bool (*write)(void *to, const char *text, size_t n);
    void *to;
    bool begun, ended;                          /* the format's first line was written, its last */
    u64 lines, events;                          /* events: since the filter was set */
    u32 epoch;
    const struct cpu_register *gpr[8];
    struct seen *seen;                          /* 1 << CACHE_BITS; NULL: not needed yet */
    int devices;                                /* token of space_watch */
    int ports;
    struct counts *counts;
    size_t used;
    char out[OUT_BYTES];
};

/* An event under way. */
struct event {
    struct trace_cpu *c;
    enum trace_class class;
    struct cpu_place at;
    const char *phase;          /* of a timeline: "i", "B", "E" */
    int track;
    size_t n, arguments;
    char name[96], text[LINE_BYTES], argument[LINE_BYTES];
};

/* write.c: lines in the format. event_begin: false where nothing is to be said of it. */
bool event_begin(struct event *e, struct trace_cpu *c, enum trace_class class);
/* The same for an instruction that was at this place. */
bool event_begin_at(struct event *e, struct trace_cpu *c, enum trace_class class, const struct cpu_place *at);
void event_name(struct event *e, const char *format, ...) printf_like(2, 3);
void event_text(struct event *e, const char *format, ...) printf_like(2, 3);
void event_number(struct event *e, const char *key, u64 value);
void event_string(struct event *e, const char *key, const char *value);
void event_end(struct event *e);
/* An instruction's line, as fast as may be. */
void insn_line(struct trace_cpu *c, const struct cpu_place *at, struct seen *s);
/* "0008:00100010 pm32 CPL0"; n bytes of text written. */
size_t place_text(const struct trace_cpu *c, const struct cpu_place *at, char *text, size_t size);
const char *mode_text(const struct trace_cpu *c, const struct cpu_place *at);
bool passes(struct trace_cpu *c, const struct cpu_place *at);
/* The name of a linear address, or its digits. */
const char *address_text(const struct trace_cpu *c, u64 linear, char *text, size_t size);

/* trace.c */
void trace_subscribe(struct trace *t);
/* insn.c: what the processor tells before each instruction; what came of the one before it, when it is at `now`. */
void insn_told(void *to, struct cpu *cpu);
void insn_settle(struct trace_cpu *c, const struct cpu_place *now, bool faulted, int vector);
struct seen *insn_seen(struct trace_cpu *c, const struct cpu_place *at);
/* calls.c */
void call_told(struct trace_cpu *c, const struct cpu_place *from, const struct seen *s, const struct cpu_place *now, u32 sp);
void call_interrupt(struct trace_cpu *c, u64 back, int vector, const char *kind);
/* theory.c: the lines of `privileged` and `sensitive`. Before it runs; and when it is known what came of it. */
void theory_ask(struct trace_cpu *c, const struct cpu_place *at, const struct seen *s);
void theory_tell(struct trace_cpu *c, const struct cpu_place *now, bool faulted, int vector);
/* events.c: what is told of by observers that cost nothing where nothing happens. */
void interrupt_told(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
void device_told(void *to, const struct space_access *a);
