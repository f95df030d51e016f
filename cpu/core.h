/* core.h - the processor from inside: architected state, and what the emulator keeps beside it. For cpu/ and its tests alone; all
 * others know cpu.h. */
#pragma once
#include <setjmp.h>
#include "cpu.h"
#include "features.h"
#include "observe.h"

enum { MTRR_PAIRS = 8, MTRR_FIXED = 11 };

/* Architected state: a snapshot of the CPU (save.c) is this, the backing TLB and a few counts. Plain data, no pointers, no padding. */
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

/* What is kept of exceptions, for fault.h: no pointers but to what never goes. */
struct faults {
    struct fault_record ring[FAULT_RECORDS], first[FAULT_VECTORS];
    u64 counts[FAULT_VECTORS];              /* so often; the first is in `first` */
    struct fault_record root[FAULT_ROOTS];  /* the first of those that no IRET came back from: so many */
    u64 open;
    const char *shutdown_why;   /* of a shutdown that no chain of faults led to; NULL: a triple fault */
    u32 last;                   /* its place in ring; any: there was one */
    u32 count;                  /* since the last one delivered without another; the chain is the last min(count, 8) */
    bool any;
};

struct trail { u64 count; struct trail_place place[TRAIL_PLACES]; };

struct op;
struct row;
struct blocks;
struct jump_cache;
struct backing_tlb;
struct test_registers;

/* A place for each page of 256 MB, so that parts of a program that lie far apart, such as its stack and its libraries, seldom meet in
 * one. When TLB_USED are in use, all are dropped, which bounds what looking through them takes: as many as the backing TLB has. */
enum { TLB_BITS = 16, TLB_SIZE = 1 << TLB_BITS, TLB_USED = 1 << 13 };
struct tlb_entry {              /* first-level TLB: pure cache */
    u64 read, write;            /* page number << 12 when a plain access may go; TLB_NONE otherwise */
    uintptr_t host;             /* host address = host + linear address */
    u64 code;                   /* 0: not filled since the last drop. Less 1, where the map of decoded bytes, a bit a byte, of linear
                                 * address 0 would be, of a page that is writable but for them (else one of all bytes), so that a
                                 * store that may not just go sees whether it misses them all */
};
#define TLB_NONE 1ull

enum { FETCH_TLB = 256 };
struct fetch_entry {            /* where a page's code lies, found while the salt of its half was what it is */
    u64 key;                    /* linear page ^ code_salt; 0: none */
    const u8 *host;             /* as struct fetch_page */
    struct ram *ram;
    u64 offset;
};

enum { RETURN_STACK = 16 };
struct return_place {           /* where a RET comes back: what leads there, by its key (jump_key) */
    u64 key;
    union { const struct op *op; u64 whole; };      /* a power of two in all on every host */
};

enum { LEAVE_NOW = 1, LEAVE_LOOK = 2 /* the budget was cut: a repeated instruction goes on while it lasts */ };

/* What is computed from state and memory to run fast. It can be thrown away between instructions. */
struct cpu_caches {
    /* Highest offset that a plain access may reach through each segment, -1 when every access needs a look. */
    i64 read_top[8], write_top[8];
    struct tlb_entry (*tlb)[TLB_SIZE];      /* supervisor, user */
    struct return_place ret_stack[RETURN_STACK];
    u32 ret_top;                /* in bytes */
    struct fetch_entry fetch[2][FETCH_TLB]; /* supervisor, user */
    u64 code_salt[2];           /* what code_key is made of beside the mode and CS */
    u64 stack_mask;             /* 0xffff or 0xffffffff: SS.B */
    struct blocks *blocks;
    struct jump_cache *jump_cache;          /* by linear address and code_key */
    u16 tlb_used[2][TLB_USED], tlb_used_count[2];  /* the entries to clear when the first-level TLB is dropped */
    u8 upper_local;             /* code was fetched from a page above 2 GB that is not global */
    u8 wp;                      /* CR0.WP that the first-level TLB was filled under */
    u8 watch_active;            /* DR7 data breakpoints or watching observers: their pages are kept out of the first-level TLB */
    u8 code_breakpoints;        /* DR7 has instruction breakpoints: instructions are stepped */
};

/* State, what is derived from it, and who watches are structs of their own; the rest is what runs it. */
struct cpu {
    /* Hot part, at small offsets: ops name these and gpr[] by their place (decode/op.h). */
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

    _Alignas(8) struct cpu_state s;         /* on 32-bit hosts, too, whole words from the beginning */

    struct cpu_caches cache;

    struct tlb_entry *loop_tlb; /* ENGINE_LOOP keeps these here */
    i64 loop_budget;

    struct cpu_wiring w;
    struct cpu_outputs out;
    u8 pin_levels, pin_waits;   /* bits 1 << enum cpu_pin: of those that act at edges; and whose edge cpu_run is to serve */
    const struct cpu_apic *apic;            /* NULL: none */
    void *apic_to;
    const struct cpu_model *model;
    const struct cpu_timing *timing;        /* NULL: every instruction costs a tick */
    struct backing_tlb *backing;            /* architecture: stale entries are seen */
    struct test_registers *test;            /* NULL: the model has none */
    struct feature_set features;/* of the model */
    u64 phys_mask;              /* with A20 applied */
    u64 run_end;                /* cpu_run's: where it must stop */
    i64 step_below;             /* with less than this left, instructions are stepped */
    u64 insns;                  /* instructions retired up to the last exit from a block chain */
    u64 spent;                  /* ticks that passed beside one for each instruction: see cpu_ticks() */
    u64 work, work_most;        /* units of work since the last look, beside the ticks; the most between two looks: cpu_work() */
    u64 looked;                 /* insns + spent at that look */
    u64 rebuilt;                /* space_rebuilt() of memory when its map changed last */
    u8 engine;                  /* enum cpu_engine */
    u8 leave;                   /* leave the block after the running instruction: LEAVE_* */
    u8 touched;                 /* ... because it touched a device */
    u64 rep_limit;              /* a repeated string instruction may do so many iterations now */
    u64 rep_ticks;              /* and has done so many since it was entered */
    u32 rep_cost;               /* in ticks, of an iteration */
    u8 rep_more;                /* and is not through */
    u8 step_trap;               /* a #DB single-step trap is due after the running instruction */
    u32 dr6_pending;            /* DR6 bits of data breakpoints hit by the running instruction */

    struct faults faults;
    struct trail *trail;        /* NULL: nobody wants it */
    struct fault_about about;   /* filled by who raises, for the record */
    jmp_buf unwind;             /* cpu_raise() lands in cpu_run() */
    int raised_vector;          /* what cpu_raise() brought there */
    u32 raised_error;

    struct cpu_observers observers;
};
