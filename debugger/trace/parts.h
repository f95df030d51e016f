/* parts.h - struct trace, for the files that make it up. */
#pragma once
#include "trace.h"
#include "../../cpu/instruction.h"
#include "../symbols/symbols.h"

/* In the order of the table in classes.c. */
enum trace_class {
    TRACE_INSN, TRACE_REGISTERS, TRACE_MEMORY, TRACE_BRANCHES, TRACE_CALLS, TRACE_EXCEPTIONS, TRACE_INTERRUPTS, TRACE_SOFTINT, TRACE_IRET,
    TRACE_PORTS, TRACE_MMIO, TRACE_DEVICES, TRACE_DESCRIPTORS, TRACE_WALKS, TRACE_TLB, TRACE_MODES, TRACE_TASKS, TRACE_CR, TRACE_MSR,
    TRACE_PRIVILEGED, TRACE_SENSITIVE, TRACE_CLASSES
};
static inline u64 class_bit(enum trace_class c) { return 1ull << c; }

/* What must be observed for a class. */
enum {
    NEEDS_INSTRUCTIONS = 1, NEEDS_INTERRUPTS = 2, NEEDS_DEVICES = 4, NEEDS_ACCESSES = 8, NEEDS_ACTIVITY = 16
};
struct class_row {
    const char *name, *title;
    u32 needs;
    u32 changes;                /* of the processor's state: a bit 1 << CHANGE_* each */
    const char *words[4];       /* other words for it: those of Bochs's `show`, ... */
};
extern const struct class_row trace_classes[TRACE_CLASSES];

enum { TRACE_CPUS = 8, LINE_BYTES = 1024, OUT_BYTES = 1 << 15, CACHE_BITS = 14, CACHED_TEXT = 152, CALL_DEPTH = 256, CALL_STACKS = 16,
       SLICES = 64, CALLS_TRACK = 100 /* of a timeline */ };

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
    bool interrupt, told;       /* told: of a timeline, its slice has begun */
};
struct calls {
    struct call call[CALL_DEPTH];
    int depth;
    u64 used;                   /* when it was the running one, for whom is thrown away */
};

/* An instruction of which it is not known yet what came of it. */
struct pending {
    bool any;
    struct seen seen;           /* as it was: another may have taken its place since */
    struct cpu_place at;
    struct instruction insn;    /* of those whose operands matter */
    bool told;                  /* a line of the theory's classes waits for it */
    u32 gpr[8], eflags, sp;
    char what[400];             /* of the theory's classes: what it reads or asks for */
    bool asks, barred;          /* it would have EFLAGS as `asked`; at CPL 3 something makes it trap */
    bool inner;                 /* it names a descriptor of a lower level than 3 */
    u32 asked, eflags_before;
};

struct trace_cpu {
    struct trace *t;
    struct cpu *cpu;
    int n;
    int on_instruction, on_interrupt, on_access, on_change;     /* tokens; 0: none */
    struct pending last;
    u32 changes;                                                /* that on_change is told of */
    int slices[SLICES], slice_count;                            /* of a timeline: interrupts that have not returned, by class */
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
    bool counting, paused;
    struct trace_filter filter;
    u64 filter_first, filter_last;              /* with the symbol's */
    enum trace_format format;
    bool (*write)(void *to, const char *text, size_t n);
    void *to;
    bool begun;                                 /* the format's first line was written */
    u64 lines, events;                          /* events: since the filter was set */
    u32 epoch;
    const struct cpu_register *gpr[8];
    struct seen *seen;                          /* 1 << CACHE_BITS; NULL: not needed yet */
    int devices;                                /* token of space_watch */
    int ports;
    bool active;                                /* devices are watched */
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
/* Whatever is on and passes: the end of a slice whose beginning was written. */
void event_start(struct event *e, struct trace_cpu *c, enum trace_class class, const struct cpu_place *at);
void event_name(struct event *e, const char *format, ...) printf_like(2, 3);
void event_text(struct event *e, const char *format, ...) printf_like(2, 3);
void event_number(struct event *e, const char *key, u64 value);
void event_string(struct event *e, const char *key, const char *value);
void event_end(struct event *e);
/* An instruction's line, as fast as may be. */
void insn_line(struct trace_cpu *c, const struct cpu_place *at, struct seen *s);
/* "0008:00100010 pm32 CPL0"; n bytes of text written. */
size_t place_text(const struct trace_cpu *c, const struct cpu_place *at, char *text, size_t size);
/* The name of a linear address, or its digits. */
const char *address_text(const struct trace_cpu *c, u64 linear, char *text, size_t size);

/* trace.c: observe what the classes that are on need, and no more. From what an observer is told: the processors alone. */
void trace_subscribe(struct trace *t);
void trace_subscribe_cpus(struct trace *t);
/* insn.c: what the processor tells before each instruction; what came of the one before it, when it is at `now`. */
void insn_told(void *to, struct cpu *cpu);
void insn_settle(struct trace_cpu *c, const struct cpu_place *now, bool faulted, int vector);
/* calls.c */
void call_told(struct trace_cpu *c, const struct cpu_place *from, const struct seen *s, const struct cpu_place *now, u32 sp);
void call_interrupt(struct trace_cpu *c, u64 back, int vector, const char *kind);
/* theory.c: the lines of `privileged` and `sensitive`. Before it runs; and when it is known what came of it. */
void theory_ask(struct trace_cpu *c);
void theory_tell(struct trace_cpu *c, bool faulted, int vector);
/* summary.c */
struct counts *counts_new(void);
void counts_free(struct counts *n);
void count_ran(struct trace_cpu *c, const struct cpu_place *at, struct seen *s);
/* A sensitive instruction did not trap; barred: at CPL 3 it would have. */
void count_missed(struct trace_cpu *c, const struct seen *s, bool user, bool barred);
void count_event(struct trace_cpu *c, int cpl, bool exception, bool software);
/* system.c */
void access_told(void *to, struct cpu *cpu, const struct cpu_access *a);
void change_told(void *to, struct cpu *cpu, const struct cpu_change *x);
/* events.c: what is told of by observers that cost nothing where nothing happens. */
void interrupt_told(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
void device_told(void *to, const struct space_access *a);
void irq_told(void *to, struct device *chip, enum irq_event what, int pin, u32 value);
void timer_told(void *to, const struct timer *timer);
void master_told(void *to, const struct machine_transfer *x);
void log_told(void *to, const char *class, const char *text);
/* Of a timeline: the innermost interrupt has returned. */
void slice_ends(struct trace_cpu *c, const struct cpu_place *at);
