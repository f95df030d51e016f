/* cpu.h - the processor as everybody outside cpu/ sees it: its pins, how it runs, what can be seen of it.
 * Follows: Intel SDM Vol. 1 "Basic Execution Environment", Vol. 3A "System Architecture Overview". */
#pragma once
#include <stdatomic.h>
#include "../memory/line.h"
#include "../memory/log.h"
#include "../memory/space.h"
#include "../memory/state.h"
#include "fault.h"
#include "registers.h"

struct cpu;
struct cpu_model;
struct cpu_timing;
struct reader;
struct writer;

/* What a program does that has nothing to do but wait, and where: PAUSE at a linear address; the BIOS asked whether a key was
 * pressed (INT 16h, AH = 1 or 11h; IBM PC/AT Technical Reference, "BIOS Interface"), by the place and stack that it returns to. */
enum { CPU_POLL_PAUSE, CPU_POLL_KEYBOARD, CPU_POLLS };

/* The buses, and the clock. */
struct cpu_wiring {
    struct space *memory, *ports;
    struct log *log;
    void *clock;                                /* first argument of the functions */
    u64  (*time)(void *clock);                  /* clocks of the processor since power-on, for the time-stamp counter */
    void (*poll)(void *clock, int kind, u64 where); /* CPU_POLL_*: the program asks whether it may go on. May be NULL */
    const atomic_bool *stop;                    /* set from outside: cpu_run returns soon. May be NULL */
    struct cpu *beside;                         /* another of the same machine, model and timing; NULL: the first. They run in turns */
};

/* Where its output pins lead, high when they are asserted, and who answers its interrupt acknowledge cycles. */
struct cpu_outputs {
    struct line ferr;                           /* FERR# */
    struct line smiact;                         /* SMIACT#: SMRAM appears */
    struct line shutdown;                       /* the special cycle of a shutdown: a pulse */
    int (*intack)(void *dev);                   /* the vector; NULL: 0 */
    void *intack_dev;
};

/* Its input pins; high is asserted, but for A20M#, high while address line 20 passes. NMI, SMI#, INIT# and RESET act at their rising
 * edge: the first two at the next boundary between instructions, the others when cpu_run is next called, which a running one
 * returns for. */
enum cpu_pin { PIN_INTR, PIN_NMI, PIN_SMI, PIN_INIT, PIN_RESET, PIN_A20M, PIN_IGNNE };

/* The local APIC, a device that the processor reaches through MSRs; all functions are there. */
struct cpu_apic {
    void (*base)(void *to, u64 value);              /* IA32_APIC_BASE was written: enable bits and address */
    bool (*read)(void *to, u32 msr, u64 *v);        /* RDMSR of 800h-8FFh in x2APIC mode, of IA32_TSC_DEADLINE; false: #GP(0) */
    bool (*write)(void *to, u32 msr, u64 v);
    void (*tsc)(void *to);                          /* the time-stamp counter was written */
    void (*init)(void *to);                         /* INIT */
};

enum cpu_engine { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };
enum cpu_exit {
    EXIT_BUDGET,                /* all instructions done */
    EXIT_TOUCHED,               /* an instruction touched a device: look at timers again. Or wiring's `stop` is set */
    EXIT_HALTED,                /* HLT (or shutdown) and nothing to wake it */
    EXIT_SHUTDOWN,              /* triple fault: cpu_faults() has the chain; or cpu_shutdown_why() */
    EXIT_BREAK,                 /* an observer: a breakpoint, a watchpoint, or cpu_break */
};

/* ---- what the board uses ---- */

struct cpu *cpu_new(const struct cpu_wiring *wiring, const struct cpu_model *model);
void cpu_free(struct cpu *cpu);
/* Physical memory as it sees it: its wiring's. */
struct space *cpu_memory(const struct cpu *cpu);
void cpu_reset(struct cpu *cpu);                /* RESET pin: SDM Vol. 3A "Processor Management and Initialization" */
void cpu_init(struct cpu *cpu);                 /* INIT#: registers as reset; caches, MSRs, x87, SMBASE stay. Both between runs */
void cpu_wire(struct cpu *cpu, const struct cpu_outputs *out);  /* once, before the first reset */
struct line cpu_pin(struct cpu *cpu, enum cpu_pin pin);         /* the wire to a pin */
void cpu_set_apic(struct cpu *cpu, const struct cpu_apic *apic, void *to);      /* once, before the first reset */
/* What the processor's clock (wiring's `time`) shows when the time-stamp counter reads at least `tsc`; now's if it does already. */
u64 cpu_tsc_clock(const struct cpu *cpu, u64 tsc);
u64 cpu_tsc(const struct cpu *cpu);
void cpu_set_engine(struct cpu *cpu, enum cpu_engine engine);
/* Instructions cost what they did on a processor of its day (timing.h); NULL: a tick each. Between runs. */
void cpu_set_timing(struct cpu *cpu, const struct cpu_timing *timing);
const struct cpu_timing *cpu_timing(const struct cpu *cpu);
/* Run at most n ticks, exactly; n > 0. */
enum cpu_exit cpu_run(struct cpu *cpu, u64 n);
/* "#PF" and the like for an exception's vector, "" for the others. Whether a delivery is an exception, its kind says: an IRQ or
 * INT n may have the same vector. */
const char *exception_mnemonic(int vector);
/* From within a device access: of the ticks that cpu_run was given at most n are left, the running instruction's included. */
void cpu_cut(struct cpu *cpu, u64 n);
/* Ticks since power-on, exact even inside a device access: one for each instruction (REP iterations count one each) and one for
 * each interrupt, exception or SMI that was delivered, or what these cost with cpu_set_timing(). */
u64 cpu_ticks(const struct cpu *cpu);
/* The processor looks at wiring's `stop` between chains of blocks: after LOOK_TICKS ticks, or with the instruction that brings what
 * cpu_work() was told to LOOK_WORK units, at the latest. A unit takes a host about as long as an access to a device's register, and
 * TICKS_A_UNIT plain instructions. Host side: nothing the guest sees depends on it. */
enum { LOOK_TICKS = 1 << 15, LOOK_WORK = 1 << 14, TICKS_A_UNIT = 16 };
/* So many units were worked that no tick tells of: by a device, or by an instruction that the host finds long. */
void cpu_work(struct cpu *cpu, u64 units);
/* Whoever calls cpu_run has looked, too; and the most units between two looks so far, the present stretch included. */
void cpu_looked(struct cpu *cpu);
u64 cpu_work_most(const struct cpu *cpu);
/* Instructions since power-on, exact even inside a device access. */
u64 cpu_insns(const struct cpu *cpu);
/* EIP of the instruction that runs, or of the next one: exact even inside a device access. */
u64 cpu_eip(const struct cpu *cpu);
/* An instruction is under way: a device is asked from within it. */
bool cpu_under_way(const struct cpu *cpu);
/* It halted, and none of its pins wakes it. */
bool cpu_sleeps(const struct cpu *cpu);
bool cpu_will_reset(const struct cpu *cpu);     /* INIT# or RESET came, and the next cpu_run begins with it */
bool cpu_interruptible(const struct cpu *cpu);  /* EFLAGS.IF */
bool cpu_intr_level(const struct cpu *cpu);     /* the INTR pin's level */
bool cpu_in_smm(const struct cpu *cpu);
/* HLT or shutdown, whether or not something wakes it. ACTIVITY_* */
int  cpu_activity(const struct cpu *cpu);
int  cpu_cpl(const struct cpu *cpu);
bool cpu_protected(const struct cpu *cpu);      /* protected mode, and not virtual-8086 mode */
/* ES to GS, SEGMENT_LDTR, SEGMENT_TR with their hidden parts. */
const struct segment *cpu_segment(const struct cpu *cpu, int n);
const struct x87 *cpu_x87(const struct cpu *cpu);
/* Make state exact (between cpu_run calls it is); then it may be read or saved. */
void cpu_sync(struct cpu *cpu);
/* All of the architected state, as parts: a name, a list of fields and the struct that it describes. k = 0, 1, ...; false when there
 * are no more. After cpu_sync; what was written is in force after cpu_changed. */
struct cpu_part { const char *name; const struct field *fields; void *state; };
bool cpu_part(struct cpu *cpu, int k, struct cpu_part *part);
/* State was changed from outside (debugger): recompute everything cached, drop both TLBs and all blocks. */
void cpu_changed(struct cpu *cpu);
/* Everything that decides how it goes on, the backing TLB's live and stale entries included; saving changes nothing in it. Loading
 * wants a processor of the same model; where the reader refuses, it must be reset. Between runs. */
void cpu_save(struct cpu *cpu, struct writer *w);
void cpu_load(struct cpu *cpu, struct reader *r);
/* Flags of pages were set (memory/ram.h): each page's next write asks for them. Between runs, or from a device. */
void cpu_drop_tags(struct cpu *cpu);
/* Leave the block after the running instruction and return EXIT_TOUCHED. */
void cpu_touch(struct cpu *cpu);

/* ---- what the debugger uses ---- */

/* Observers, any number of each kind. Each function returns a token, which cpu_unobserve takes; between runs, or from what an
 * observer is told. What nobody observes costs nothing. */
/* Before each instruction, state exact (a repeated one may come again for the rest of its iterations). While
 * anybody does, FAST and SLOW run as DEBUG does. */
int  cpu_on_instruction(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to);
/* Before an interrupt or exception is delivered. kind: "fault", "trap", "INT n", "external", ... */
int  cpu_on_interrupt(struct cpu *cpu,
                      void (*told)(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind), void *to);
/* After XCHG BX, BX, which does nothing, and with which a guest asks for whoever debugs it; state exact. */
int  cpu_on_magic(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to);
/* After EFLAGS.IF has changed (cpu_interruptible); what did that, cpu_doing() says. */
int  cpu_on_if(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to);
/* Before the instruction at a linear or physical address, state exact, each time that it is reached; in every engine. */
int  cpu_on_place(struct cpu *cpu, u64 address, bool physical, void (*told)(void *to, struct cpu *cpu), void *to);
/* After a read or write that succeeded and touched one of the addresses, from first to last; from within the instruction that did it. What
 * the processor does by itself counts, too: descriptors, TSSs, stacks; a page walk's accesses, which have no linear address. The pages
 * that are not watched are as fast as ever. */
#define CPU_NO_ADDRESS UINT64_MAX
struct cpu_range { u64 first, last; bool physical; };
struct cpu_access {
    u64 linear, physical;       /* CPU_NO_ADDRESS: it has none */
    u64 second;                 /* physical address of the part in the next page; CPU_NO_ADDRESS: it lies in one */
    u64 old, value;             /* what was there (ones where no memory is), what was read or written */
    u32 size;
    bool write;
};
int  cpu_on_access(struct cpu *cpu, const struct cpu_range *range, bool read, bool write,
                   void (*told)(void *to, struct cpu *cpu, const struct cpu_access *a), void *to);
/* After something of the system changed, or was asked for, from within the instruction or delivery that did it. kinds: a bit 1 <<
 * CHANGE_* each. */
enum cpu_change_kind {
    CHANGE_CR,                  /* a control register was written: n, old, now */
    CHANGE_MSR_READ, CHANGE_MSR_WRITE,  /* n; now: what was read or written; old: what it held before. One that was refused is none */
    CHANGE_PORT_READ, CHANGE_PORT_WRITE,/* n: the port; now; size */
    CHANGE_MODE,                /* old, now: enum cpu_mode */
    CHANGE_TASK,                /* a task switch: TR's selectors, old and now; before the new task's registers are there */
    CHANGE_SMI, CHANGE_RSM,     /* an SMI is about to be taken; system management mode was left. CHANGE_MODE is told, too */
    CHANGE_DESCRIPTOR,          /* a descriptor was read from the GDT or LDT: n: selector; old: its linear address; now: its 8 bytes */
    CHANGE_IRET,                /* old, now: CS << 32 | EIP of an IRET, and where it goes on; n: its CPL, before */
    CHANGE_TLB_FILL,            /* old, now: linear and physical address of a page; n: CPU_WALK_* */
    CHANGE_WALK_FAULT,          /* a translation ends in #PF, which is told next. n: its error code; old: linear address */
    CHANGE_TLB_FLUSH,           /* n: CPU_FLUSH_*; old: of a page, its linear address */
};
enum { CPU_WALK_WRITE = 1, CPU_WALK_FETCH = 2, CPU_WALK_USER = 4 };
enum { CPU_FLUSH_ALL, CPU_FLUSH_LOCAL /* all but global pages */, CPU_FLUSH_PAGE };
enum cpu_mode { CPU_MODE_REAL, CPU_MODE_PROTECTED, CPU_MODE_V86, CPU_MODE_SMM };
enum cpu_mode cpu_mode_now(const struct cpu *cpu);
struct cpu_change { enum cpu_change_kind kind; u32 n, size; u64 old, now; };
int  cpu_on_change(struct cpu *cpu, u32 kinds, void (*told)(void *to, struct cpu *cpu, const struct cpu_change *c), void *to);
/* At the next boundary between instructions, state exact, once for each time that cpu_ask was called before: whoever is told of something
 * in the middle of an instruction looks at what came of it, and stops with cpu_break, or does not. */
int  cpu_on_boundary(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to);
void cpu_ask(struct cpu *cpu);
/* Stop with EXIT_BREAK before the instruction at a linear address; behind one that reads or writes linear addresses. */
int  cpu_break_at(struct cpu *cpu, u64 linear);
int  cpu_watch(struct cpu *cpu, u64 first, u64 last, bool read, bool write);
void cpu_unobserve(struct cpu *cpu, int token);
/* The places where jumps, calls, returns and deliveries led to, and where decoding began anew: linear addresses, with the count of
 * instructions there, 16 or 32 bits of code. Kept from cpu_keep_trail on, which returns what was before; between runs. cpu_trail: the last
 * ones, oldest first; how many. trail.c */
enum { TRAIL_PLACES = 256 };
struct trail_place { u64 linear, insns; u8 bits; };
bool cpu_keep_trail(struct cpu *cpu, bool on);
u32  cpu_trail(const struct cpu *cpu, struct trail_place to[TRAIL_PLACES]);
/* From what an observer is told: stop with EXIT_BREAK before the next instruction. */
void cpu_break(struct cpu *cpu);
/* The next run passes the places where it begins; false takes that back. */
void cpu_pass_breakpoint(struct cpu *cpu, bool on);
/* From what an observer or a device is told: the mnemonic of the instruction that is under way, or "delivery" (of *vector), "SMI",
 * "reset". */
const char *cpu_doing(const struct cpu *cpu, int *vector);
/* Translate without side effects (no A bits, no fault). False if not mapped; *physical has A20 applied. */
bool cpu_translate_peek(struct cpu *cpu, u64 linear, u64 *physical);
bool cpu_peek(struct cpu *cpu, u64 linear, void *to, size_t n);
/* What the processor keeps of a translation that it once made, whatever the tables say now: SDM Vol. 3A "Translation Lookaside
 * Buffers (TLBs)". */
/* The one for a page (fault.h); and all of them, from *place = 0 on. False: there is none, or no other. */
bool cpu_tlb_find(struct cpu *cpu, u64 linear, struct cpu_translation *t);
bool cpu_tlb_next(const struct cpu *cpu, u32 *place, struct cpu_translation *t);
/* The descriptor that a selector names (descriptor.h); false if it lies outside its table or is not mapped. */
bool cpu_descriptor(struct cpu *cpu, u16 selector, u64 *raw);
/* What the interrupt table has for a vector: a gate's 8 bytes, without CR0.PE the 4 of an offset and a segment; false if it lies outside
 * the table or is not mapped. SDM Vol. 3A "Interrupt Descriptor Table (IDT)", "8086 Emulation". */
bool cpu_gate(struct cpu *cpu, int vector, u64 *raw);
