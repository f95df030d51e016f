/* cpu.h - the processor: architected state, its pins, and what the emulator keeps beside them.
 * Follows: Intel SDM Vol. 1 "Basic Execution Environment", Vol. 3A "System Architecture Overview". */
#pragma once
#include <setjmp.h>
#include <stdatomic.h>
#include "../host/base.h"
#include "../memory/log.h"
#include "../memory/space.h"
#include "../memory/state.h"

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };        /* gpr[] */
enum { ES, CS, SS, DS, FS, GS, SEGMENTS };              /* seg[] */

/* EFLAGS: SDM Vol. 1 "EFLAGS Register". */
enum {
    FLAG_CF = 1 << 0, FLAG_1 = 1 << 1, FLAG_PF = 1 << 2, FLAG_AF = 1 << 4, FLAG_ZF = 1 << 6, FLAG_SF = 1 << 7,
    FLAG_TF = 1 << 8, FLAG_IF = 1 << 9, FLAG_DF = 1 << 10, FLAG_OF = 1 << 11, FLAG_IOPL = 3 << 12, FLAG_NT = 1 << 14,
    FLAG_RF = 1 << 16, FLAG_VM = 1 << 17, FLAG_AC = 1 << 18, FLAG_VIF = 1 << 19, FLAG_VIP = 1 << 20, FLAG_ID = 1 << 21,
    FLAGS_ARITH = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF
};
enum {
    CR0_PE = 1u << 0, CR0_MP = 1u << 1, CR0_EM = 1u << 2, CR0_TS = 1u << 3, CR0_ET = 1u << 4, CR0_NE = 1u << 5,
    CR0_WP = 1u << 16, CR0_AM = 1u << 18, CR0_NW = 1u << 29, CR0_CD = 1u << 30, CR0_PG = 1u << 31
};
enum {
    CR4_VME = 1 << 0, CR4_PVI = 1 << 1, CR4_TSD = 1 << 2, CR4_DE = 1 << 3, CR4_PSE = 1 << 4, CR4_PAE = 1 << 5,
    CR4_MCE = 1 << 6, CR4_PGE = 1 << 7, CR4_PCE = 1 << 8, CR4_OSFXSR = 1 << 9, CR4_OSXMMEXCPT = 1 << 10
};
enum { EFER_NXE = 1 << 11 };
enum {  /* vectors: SDM Vol. 3A "Exception and Interrupt Vectors" */
    EXC_DE, EXC_DB, EXC_NMI, EXC_BP, EXC_OF, EXC_BR, EXC_UD, EXC_NM, EXC_DF, EXC_MP, EXC_TS, EXC_NP, EXC_SS, EXC_GP, EXC_PF,
    EXC_MF = 16, EXC_AC, EXC_MC
};

/* Segment register with its hidden part. `access` is bits 8-23 of the descriptor's second word: type in bits 0-3, S bit 4,
 * DPL bits 5-6, P bit 7, AVL bit 12, L bit 13, D/B bit 14, G bit 15 (bits 8-11, the limit's, are kept zero).
 * A null selector loaded in protected mode leaves access = 0: every use faults. limit is in bytes, inclusive. */
struct segment {
    u64 base;
    u32 limit;
    u16 selector, access;
};
enum {
    SEG_ACCESSED = 1, SEG_RW = 2 /* writable data, readable code */, SEG_DC = 4 /* expand-down data, conforming code */,
    SEG_CODE = 8, SEG_S = 0x10, SEG_DPL = 0x60, SEG_P = 0x80, SEG_AVL = 0x1000, SEG_L = 0x2000, SEG_DB = 0x4000, SEG_G = 0x8000
};
static inline int seg_dpl(u16 access) { return access >> 5 & 3; }

struct table_register { u64 base; u32 limit, reserved; };   /* GDTR, IDTR; limit is 16 bits wide */

struct f80 { u64 significand; u16 se; u16 pad[3]; };        /* se: sign in bit 15, biased exponent below */
/* x87: SDM Vol. 1 "x87 FPU Execution Environment". MMX registers are the significands: MMn is st[n] by physical number. */
struct x87 {
    struct f80 st[8];           /* by physical register number; ST(i) is st[(top + i) & 7] */
    u64 fip, fdp;
    u16 fcs, fds, fop, fcw, fsw;/* fsw holds TOP in bits 11-13 */
    u8 empty;                   /* bit n: physical register n is empty (the tag's other values are computed) */
    u8 pad[5];
};

enum { ACTIVITY_RUN, ACTIVITY_HALTED, ACTIVITY_SHUTDOWN };
enum { MTRR_PAIRS = 8, MTRR_FIXED = 11 };

/* Architected state: a snapshot of the CPU is this and the backing TLB's emptiness. Plain data, no pointers, no padding. */
struct cpu_state {
    u64 gpr[16];
    u64 rip;                    /* offset in CS; exact only outside blocks: see cpu_eip() */
    u64 eflags;                 /* arithmetic flags exact only outside blocks: see cpu_eflags() */
    struct segment seg[SEGMENTS], ldtr, tr;
    struct table_register gdtr, idtr;
    u64 cr0, cr2, cr3, cr4;
    u64 pdpte[4];               /* PAE page-directory-pointer registers, loaded with CR3 */
    u64 dr[8];                  /* 4 and 5 unused */
    u64 efer;
    u64 tsc_offset;             /* TSC = virtual ns + offset */
    u64 sysenter_cs, sysenter_esp, sysenter_eip;
    u64 apic_base, pat, mcg_cap, mcg_status, debugctl, misc_enable, bios_sign;
    u64 mc[5][4];
    u64 perf_select[2], perf_count[2];
    u64 mtrr_def_type, mtrr_base[MTRR_PAIRS], mtrr_mask[MTRR_PAIRS], mtrr_fixed[MTRR_FIXED];
    struct x87 x87;
    u32 smbase;
    u8 cpl;                     /* 0 in real mode, 3 in virtual-8086 mode */
    u8 smm;                     /* in system management mode */
    u8 activity;                /* ACTIVITY_* */
    u8 shadow;                  /* SHADOW_*: interrupts held off for one instruction */
    u8 a20;                     /* A20M# inactive: address line 20 passes */
    u8 nmi_masked;              /* until IRET */
    u8 intr, nmi_pending, smi_pending, ferr, ignne; /* pins and latches */
    u8 debug_trap;              /* TSS.T bit: #DB before the new task's first instruction */
    u8 delivering;              /* DELIVER_*, for double and triple faults */
    u8 delivering_vector;       /* the vector that goes with it */
    u8 io_undo, io_length;      /* of the I/O instruction that SMI# came with: IO_*, and its bytes */
    u8 pad[4];
};
enum { IO_SIZE = 7, IO_INS = 8, IO_OUTS = 0x10, IO_REP = 0x20, IO_ADDRESS32 = 0x40, IO_VALID = 0x80 };
enum { SHADOW_STI = 1, SHADOW_MOV_SS = 2 };
extern const struct field cpu_fields[];

struct op;
struct row;
struct cpu;
struct cpu_model;
struct cpu_timing;
struct tlb_entry;
struct blocks;
struct jump_cache;
struct backing_tlb;
struct test_registers;

/* What a program does that has nothing to do but wait, and where: PAUSE at a linear address; the BIOS asked whether a key was
 * pressed (INT 16h, AH = 1 or 11h; IBM PC/AT Technical Reference, "BIOS Interface"), by the place and stack that it returns to. */
enum { CPU_POLL_PAUSE, CPU_POLL_KEYBOARD, CPU_POLLS };

/* The pins and buses. */
struct cpu_wiring {
    struct space *memory, *ports;
    struct log *log;
    void *board;                                /* first argument of the functions */
    int  (*intack)(void *board);                /* interrupt acknowledge cycle: the vector */
    void (*ferr)(void *board, bool level);      /* FERR# */
    void (*smiact)(void *board, bool level);    /* SMIACT#: SMRAM appears */
    void (*poll)(void *board, int kind, u64 where); /* CPU_POLL_*: the program asks whether it may go on. May be NULL */
    u64  (*time)(void *board);                  /* clocks of the processor since power-on, for the time-stamp counter */
    const atomic_bool *stop;                    /* set from outside: cpu_run returns soon. May be NULL */
};

/* The local APIC, a device that the processor reaches through MSRs; all functions are there. */
struct cpu_apic {
    void (*base)(void *to, u64 value);              /* IA32_APIC_BASE was written: enable bits and address */
    bool (*read)(void *to, u32 msr, u64 *v);        /* RDMSR of 800h-8FFh in x2APIC mode, of IA32_TSC_DEADLINE; false: #GP(0) */
    bool (*write)(void *to, u32 msr, u64 v);
    void (*tsc)(void *to);                          /* the time-stamp counter was written */
    void (*init)(void *to);                         /* INIT */
};
enum { APIC_BASE_BSP = 1 << 8, APIC_BASE_EXTD = 1 << 10, APIC_BASE_EN = 1 << 11 };     /* IA32_APIC_BASE */

enum cpu_engine { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };
enum cpu_exit {
    EXIT_BUDGET,                /* all instructions done */
    EXIT_TOUCHED,               /* an instruction touched a device: look at timers again. Or wiring's `stop` is set */
    EXIT_HALTED,                /* HLT (or shutdown) and nothing to wake it */
    EXIT_SHUTDOWN,              /* triple fault: the chain is in cpu->faults; or shutdown_why */
    EXIT_BREAK,                 /* a breakpoint, a watchpoint, or the hook asked for it */
};

/* One exception of the chain that a triple-fault report shows. */
enum { FAULT_RECORDS = 8, FAULT_BYTES = 15 };
struct fault_record {
    u64 insns, rip, cs_base, cr2, cr3, esp;
    u64 detail;                 /* the descriptor, gate or page entry that failed; 0 if none */
    u64 address;                /* linear address of what failed, where there is one */
    const char *why;            /* "limit of the data segment exceeded" */
    u32 error;
    u16 cs, ss;
    u8 vector, has_error, bits; /* bits: 16 or 32, the code segment's */
    u8 length, bytes[FAULT_BYTES];
};

enum { TLB_BITS = 9, TLB_SIZE = 1 << TLB_BITS };
struct tlb_entry {              /* first-level TLB: pure cache */
    u64 read, write;            /* page number << 12 when a plain access may go; TLB_NONE otherwise */
    uintptr_t host;             /* host address = host + linear address */
    u64 code;                   /* bit 0: filled since the last drop. Above: the map of decoded bytes of a page that is writable
                                 * but for them, so that the slow path can see whether a store misses them all */
};
#define TLB_NONE 1ull

enum { RETURN_STACK = 16, BREAKPOINTS_MAX = 64, WATCHES_MAX = 16 };

struct watch { u64 first, last; u8 read, write, used; };    /* debugger watchpoint, linear addresses, inclusive */

enum { LEAVE_NOW = 1, LEAVE_LOOK = 2 /* the budget was cut: a repeated instruction goes on while it lasts */ };

struct cpu {
    /* Hot cache part, at small offsets: ops name these and gpr[] by byte offset. */
    u64 zero;                   /* reads as 0: an absent base or index */
    u64 page;                   /* linear address of the page that runs */
    u64 lf_result;              /* lazy arithmetic flags: flags.h */
    u64 lf_aux;
    u32 mode;                   /* the block key: mode.h */
    u8 lf_odd;
    u64 code_key[2];            /* changes when links into the lower, upper 2 GB may no longer hold: paging.h */
    u64 end_insns;              /* instruction count at which the running budget ends */
    const struct op *op;        /* the instruction that runs, for everything not on a fast path; NULL: state.rip is exact */
    i64 budget;                 /* likewise: what was left of it at the start of the block */

    struct cpu_state s;

    /* Highest offset that a plain access may reach through each segment, -1 when every access needs a look. */
    i64 read_top[8], write_top[8];

    struct tlb_entry tlb[2][TLB_SIZE];      /* supervisor, user */
    struct { u64 key; const struct op *op; } ret_stack[RETURN_STACK];
    u32 ret_top;

    struct tlb_entry *loop_tlb; /* ENGINE_LOOP keeps these here */
    i64 loop_budget;
    u64 stack_mask;             /* 0xffff or 0xffffffff: SS.B */

    struct cpu_wiring w;
    const struct cpu_apic *apic;            /* NULL: none */
    void *apic_to;
    const struct cpu_model *model;
    const struct cpu_timing *timing;        /* NULL: every instruction costs a tick */
    struct blocks *blocks;
    struct jump_cache *jump_cache;          /* by linear address and code_key; the blocks' */
    struct backing_tlb *backing;
    struct test_registers *test;            /* NULL: the model has none */
    u64 features;               /* of the model: enum feature bits */
    u64 phys_mask;              /* with A20 applied */
    u64 run_end;                /* cpu_run's: where it must stop */
    i64 step_below;             /* with less than this left, instructions are stepped */
    u64 insns;                  /* instructions retired up to the last exit from a block chain */
    u64 spent;                  /* ticks that passed beside one for each instruction: see cpu_ticks() */
    u64 work, work_most;        /* units of work since the last look, beside the ticks; the most between two looks: cpu_work() */
    u64 looked;                 /* insns + spent at that look */
    u64 rebuilt;                /* space_rebuilt() of memory when its map changed last */
    u64 code_salt[2];           /* what code_key is made of beside the mode and CS */
    u32 code_generation;
    u16 tlb_used[2][TLB_SIZE], tlb_used_count[2];  /* the entries to clear when the first-level TLB is dropped */
    u8 upper_local;             /* code was fetched from a page above 2 GB that is not global */
    u8 engine;                  /* enum cpu_engine */
    u8 leave;                   /* leave the block after the running instruction: LEAVE_* */
    u8 touched;                 /* ... because it touched a device */
    u8 wp;                      /* CR0.WP that the first-level TLB was filled under */
    u64 rep_limit;              /* a repeated string instruction may do so many iterations now */
    u64 rep_ticks;              /* and has done so many since it was entered */
    u32 rep_cost;               /* in ticks, of an iteration */
    u8 rep_more;                /* and is not through */
    u8 step_trap;               /* a #DB single-step trap is due after the running instruction */
    u8 watch_active;            /* DR7 data breakpoints or debugger watches: accesses take the slow path */
    u8 break_request;           /* the hook or a watch wants EXIT_BREAK */
    u32 dr6_pending;            /* DR6 bits of data breakpoints hit by the running instruction */

    struct fault_record faults[FAULT_RECORDS];
    const char *shutdown_why;   /* of a shutdown that no chain of faults led to; NULL: a triple fault */
    u32 fault_count;            /* since the last one delivered without another; the chain is the last min(count, 8) */
    jmp_buf unwind;             /* cpu_raise() lands in cpu_run() */
    int raised_vector;          /* what cpu_raise() brought there */
    u32 raised_error;

    void (*hook)(void *to, struct cpu *cpu);    /* DEBUG engine: called before each instruction, state exact */
    void *hook_to;
    void (*on_interrupt)(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
    void *on_interrupt_to;
    u64 breakpoints[BREAKPOINTS_MAX];
    int breakpoint_count;
    u64 skip_breakpoint;        /* linear address that continues past its own breakpoint once; ~0: none */
    struct watch watches[WATCHES_MAX];
};

/* ---- what the board uses ---- */

struct cpu *cpu_new(const struct cpu_wiring *wiring, const struct cpu_model *model);
void cpu_free(struct cpu *cpu);
void cpu_reset(struct cpu *cpu);                /* RESET pin: SDM Vol. 3A "Processor Management and Initialization" */
void cpu_init_pin(struct cpu *cpu);             /* INIT#: registers as reset; caches, MSRs, x87, SMBASE stay */
void cpu_set_intr(struct cpu *cpu, bool level); /* INTR pin */
void cpu_nmi(struct cpu *cpu);                  /* NMI edge */
void cpu_smi(struct cpu *cpu);                  /* SMI# edge */
void cpu_set_a20(struct cpu *cpu, bool on);     /* A20M#: off masks address line 20 */
void cpu_set_ignne(struct cpu *cpu, bool level);/* IGNNE# */
void cpu_set_apic(struct cpu *cpu, const struct cpu_apic *apic, void *to);      /* once, before the first reset */
/* What the processor's clock (wiring's `time`) shows when the time-stamp counter reads at least `tsc`; now's if it does already. */
u64 cpu_tsc_clock(const struct cpu *cpu, u64 tsc);
u64 cpu_tsc(const struct cpu *cpu);
void cpu_set_engine(struct cpu *cpu, enum cpu_engine engine);
/* Instructions cost what they did on a processor of its day (timing.h); NULL: a tick each. Between runs. */
void cpu_set_timing(struct cpu *cpu, const struct cpu_timing *timing);
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
/* Make s.rip and s.eflags exact (between cpu_run calls they are); then state may be read or saved. */
void cpu_sync(struct cpu *cpu);
/* State was changed from outside (debugger, snapshot): recompute everything cached, drop both TLBs and all blocks. */
void cpu_changed(struct cpu *cpu);
/* Leave the block after the running instruction and return EXIT_TOUCHED. */
void cpu_touch(struct cpu *cpu);

/* ---- what the debugger uses ---- */

void cpu_set_hook(struct cpu *cpu, void (*hook)(void *to, struct cpu *cpu), void *to);  /* NULL: none */
/* Stop before the instruction at a linear address with EXIT_BREAK. False when the table is full. */
bool cpu_breakpoint_add(struct cpu *cpu, u64 linear);
void cpu_breakpoint_remove(struct cpu *cpu, u64 linear);
/* Translate without side effects (no A bits, no fault). False if not mapped; *physical has A20 applied. */
bool cpu_translate_peek(struct cpu *cpu, u64 linear, u64 *physical);
bool cpu_peek(struct cpu *cpu, u64 linear, void *to, size_t n);
