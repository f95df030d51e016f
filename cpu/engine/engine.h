/* engine.h - how handlers are called and chained, and what they leave to others.
 *
 * Tail-call build (the default): a handler is void h(cpu, op, tlb, budget) and ends in a jump to the next one; on System
 * V AMD64 two arguments that are nothing stand in between. The loop build
 * (ENGINE_LOOP: -O0, sanitizers, unknown compilers) has the same bodies return the next op; tlb and budget live in struct cpu.
 * `budget` is the number of instructions that may still run, as of the start of the block. */
#pragma once
#include "../mmu/access.h"
#include "../decode/decode.h"
#include "../flags.h"
#include "mode.h"
#include "../decode/op.h"

/* A build with VITRINE_COUNT calls this for each op that runs, and composes none: tests/bench/sequences. */
#ifdef ENGINE_COUNT
enum { COMPOSE = false };
void engine_count(const struct op *o);
#else
enum { COMPOSE = true };
static inline void engine_count(const struct op *o) { (void)o; }
#endif

enum { BLOCK_MAX = 64 };        /* instructions in a block */

/* So many ticks of the running budget pass, in which no instruction retires; the chain's own BUDGET is the caller's. */
static inline void spend_in_chain(struct cpu *cpu, u64 ticks)
{
    cpu->spent += ticks;
    cpu->end_insns -= ticks;
    cpu->run_end -= ticks;
}

#ifdef ENGINE_LOOP
typedef const struct op *handler(struct cpu *cpu, const struct op *o);
#define HANDLER(name)   const struct op *name(struct cpu *cpu, const struct op *o)
#define TLB             (cpu->loop_tlb)
#define BUDGET          (cpu->loop_budget)
#define GO(next)        return (next)
#define HAND_TO(h)      return (h)(cpu, o)
#define HAND_TO_AT(h, at) return (h)(cpu, at)
#define LEAVE_CHAIN     return NULL
#else
/* On AMD64 the convention is System V's on every host: Windows' own leaves a handler seven registers, too few to do without a frame. */
#ifdef __x86_64__
#define HANDLER_ABI     __attribute__((sysv_abi))
#else
#define HANDLER_ABI
#endif
#ifdef __x86_64__
/* The third and fourth argument are nothing: where they would be, the bodies find RDX and RCX free, which multiply, divide and shift
 * (System V AMD64 ABI, "Parameter Passing"). */
#define FREE_TYPES      u64, u64,
#define FREE_NAMES      __attribute__((unused)) u64 rdx_, __attribute__((unused)) u64 rcx_,
#define FREE            ({ u64 rdx_free_; __asm__("" : "=d"(rdx_free_)); rdx_free_; }), \
                        ({ u64 rcx_free_; __asm__("" : "=c"(rcx_free_)); rcx_free_; }),
#define FREE_AT_FIRST   0, 0,
#else
#define FREE_TYPES
#define FREE_NAMES
#define FREE
#define FREE_AT_FIRST
#endif
typedef void HANDLER_ABI handler(struct cpu *restrict cpu, const struct op *o, FREE_TYPES struct tlb_entry *tlb, i64 budget);
#define HANDLER(name)   void HANDLER_ABI name(struct cpu *restrict cpu, const struct op *o, FREE_NAMES \
                                  __attribute__((unused)) struct tlb_entry *tlb, __attribute__((unused)) i64 budget)
#define TLB             tlb
#define BUDGET          budget
#if defined(__clang__)
#define TAIL            __attribute__((musttail)) return
#else
#define TAIL            return
#endif
#define GO(next)        do { \
    const struct op *n_ = (next); \
    __asm__("" : "+r"(n_)); \
    TAIL ((handler *)n_->fn)(cpu, n_, FREE tlb, budget); } while (0)
#define HAND_TO(h)      TAIL (h)(cpu, o, FREE tlb, budget)
#define HAND_TO_AT(h, at) TAIL (h)(cpu, at, FREE tlb, budget)
#define LEAVE_CHAIN     do { (void)tlb; return; } while (0)
#endif
#define NEXT            GO(o + 1)

/* A direct branch is followed by a slot of this layout; the branch's target points at it until it is resolved, and afterwards
 * too when the target lies in another page (or code is not flat): then the slot compares its key. */
struct link {
    void (*fn)(void);
    const struct op *target;
    u64 key;                    /* page ^ code_key[half] for which target holds */
    i32 disp;
    i32 delta;                  /* to add to cpu->page */
    u16 pc, half;               /* half: of the address space, where the target lies */
    u8 through, len, how, what;
};
_Static_assert(sizeof(struct link) == sizeof(struct op), "a link takes an op's place");
/* Does it hold for the page that runs? One that was not resolved never does, as no key is 0. Then: to its target, and its page. */
static inline bool link_holds(const struct cpu *cpu, const struct link *l) { return l->key == (cpu->page ^ cpu->code_key[l->half]); }
static inline const struct op *follow_link(struct cpu *cpu, const struct link *l)
{
    cpu->page = (u32)(cpu->page + (u64)(i64)l->delta);
    return l->target;
}

/* An indirect branch is followed by slots that hold its inline cache. */
enum { INLINE_CACHE_SLOTS = 2, INLINE_CACHE_ENTRIES = 4 };
struct inline_cache { struct { u64 key; const struct op *target; } entry[INLINE_CACHE_ENTRIES]; };
_Static_assert(sizeof(struct op) * INLINE_CACHE_SLOTS >= sizeof(struct inline_cache), "inline cache fits");

/* Forms of hot bodies: destination and source; addresses: B flat base + displacement, X flat with index, G any base and limit 4G,
 * S full checks with 32-bit, W with 16-bit addresses. */
enum form {
    FORM_RR, FORM_RI,
    FORM_RB, FORM_RX, FORM_RG, FORM_RS, FORM_RW,
    FORM_BR, FORM_XR, FORM_GR, FORM_SR, FORM_WR,
    FORM_BI, FORM_XI, FORM_GI, FORM_SI, FORM_WI,
    FORMS,
    /* Of bodies with one operand, of the stack (flat and 32 bits, or any; of a register or an immediate), and of those with one form:
     * in the same columns. */
    FORM_R = FORM_RI, FORM_MB = FORM_BI, FORM_MX = FORM_XI, FORM_MG = FORM_GI, FORM_MS = FORM_SI, FORM_MW = FORM_WI,
    FORM_FLAT_R = FORM_RR, FORM_FLAT_I = FORM_RI, FORM_ANY_R = FORM_RB, FORM_ANY_I = FORM_RX,
    FORM_PLAIN = FORM_RR,
};
enum slow_form {
    SLOW_RR, SLOW_RI, SLOW_RM, SLOW_MR, SLOW_MI, SLOW_FORMS,
    SLOW_R = SLOW_RI, SLOW_M = SLOW_MI, SLOW_STACK_R = SLOW_RR, SLOW_STACK_I = SLOW_RI, SLOW_PLAIN = SLOW_RR
};

#include "bodies.h"

/* [enum body][log2 size][form]; NULL where the body has no such form. */
extern handler *const fast_handlers[BODIES][3][FORMS];
extern handler *const slow_handlers[BODIES][3][SLOW_FORMS];
/* op.slow: an index into slow_handlers taken as one row. */
static inline handler *slow_handler(const struct op *o) { return (&slow_handlers[0][0][0])[o->slow]; }
/* What FAST's handlers hand an op to whose access is not plain: SLOW's handler, or the way there by beside.c. */
extern handler *const beside_handlers[BODIES][3][SLOW_FORMS];
/* Goes on there; so that what is not plain takes few bytes of each handler. */
handler h_beside;
static inline handler *beside_handler(const struct op *o) { return (&beside_handlers[0][0][0])[o->slow]; }
/* Is a store that the first-level TLB's entry refuses one that misses all decoded bytes of a page which is else writable? */
static inline bool beside_code(const struct tlb_entry *e, u64 linear, u32 size)
{
    if (e->read != ((linear + size - 1) & ~(u64)PAGE_MASK))
        return false;
    u32 bits = get16((const u8 *)(uintptr_t)(e->code - 1 + (linear >> 3)));
    return !(bits >> (linear & 7) & ((1u << size) - 1));
}
static inline int slow_index(int body, int size_log2, int slow_form) { return (body * 3 + size_log2) * SLOW_FORMS + slow_form; }
/* cmp/test/... followed by jcc: [pair][size][form][cc] */
handler *fused_handler(int body, int size_log2, int form, int cc);
/* The body without its flags; NULL where there is none. quiet.c */
handler *quiet_handler(int body, int size_log2, int form);

/* Handlers that every kind of block uses: chain.c. */
handler h_pause, h_fn, h_fn_rep, h_fn_end, h_fn_may_end, h_raise_ud, h_raise_gp0, h_raise_nm, h_hook, h_break, h_magic;
handler h_trail;                /* notes where a block begins: cpu_keep_trail */
handler h_charge, h_charge_step;/* before an op that costs more than a tick: timing.h */
handler h_end_of_block;         /* falls through to the next block: a link slot of displacement 0 */
handler h_resolve, h_linked;    /* what a link slot runs, before and after */
handler h_step_end;             /* after the only instruction of a KIND_STEP block */
handler h_return;               /* the slot behind a CALL, until it is resolved */
handler h_stale;                /* first op of a dead block */
handler h_check_cross;          /* first op of a block whose instruction crosses into another page */

/* Leave the chain. leave_next: after o, which is complete. leave_taken: to s.rip, already set; budget already reduced. */
handler leave_next, leave_here, leave_to_rip;
/* After o, which is complete, with cpu->leave set: leave, but go on where that is for a shorter budget alone (cpu_cut), which lasts. */
handler leave_or_cut;
/* A direct branch o is taken but the budget is short: checks the target and leaves to it. */
handler leave_branch;
/* To s.rip by lookup, or out when something waits; budget already reduced by the branch. */
handler dispatch_rip;
/* The same from the indirect branch o: fills its inline cache. */
handler dispatch_indirect;

/* Something waits at the next instruction boundary? */
static inline bool cpu_attention(const struct cpu *cpu)
{
    return cpu->s.shadow | cpu->s.nmi_pending | cpu->s.smi_pending | cpu->s.activity | cpu->s.debug_trap | cpu->leave
         | (cpu->s.intr && (cpu->s.eflags & FLAG_IF)) | ((cpu->s.eflags & (FLAG_TF | FLAG_RF)) != 0);
}

/* Somebody outside wants the machine to stand still? */
static inline bool cpu_wanted(const struct cpu *cpu) { return cpu->w.stop && atomic_load_explicit(cpu->w.stop, memory_order_relaxed); }

/* Find or decode the block at s.rip for cpu->mode of the given kind; NULL never; may leave through cpu_raise. before: a kept block that
 * may be the one, so that it need not be searched for, as where a key has changed that it was found by; NULL: none. */
const struct op *block_at(struct cpu *cpu, enum block_kind kind, const struct op *before);
/* The same of the processor's own kind, through the jump cache. Single steps have none: what is in there may be a dead block, and such
 * a one leads to the mode's kind. */
const struct op *block_here(struct cpu *cpu);
/* The decoded blocks of a machine's processors, which take turns in one thread and are of one model and timing. What is in a block holds
 * for all of them: it is keyed by host page and mode, and ops name registers by their offset in struct cpu. What leads from one block
 * to another does so in one of two ways. Within a host page and a mode without a look (op.target, block_successor, the slot behind a
 * CALL): true for whoever runs the page. Or under a key, jump_key(), into which goes a salt of the processor's own, drawn from
 * blocks_key() whenever its mappings change: no two processors ever have the same, so that a link, an inline cache or the check of
 * a second page that one of them made misses for the others, which then look for themselves and make it theirs. The jump cache and
 * the return stack are each processor's own. A new block withdraws every processor's write tags to its page, and a write into it by
 * whomever makes every processor leave what it runs. */
enum { BLOCKS_CPUS = 8 };
struct blocks *blocks_join(struct blocks *b, struct cpu *cpu);  /* b NULL: the first */
void blocks_leave(struct blocks *b, const struct cpu *cpu);     /* the last one frees them */
u64  blocks_key(struct blocks *b);              /* another at each call */
/* May links lead there? Not to the scratch block. */
bool block_kept(const struct cpu *cpu, const struct op *first);
void blocks_flush(struct cpu *cpu);
u32  blocks_epoch(const struct cpu *cpu);       /* changes when op pointers die */
u64  blocks_written(const struct cpu *cpu);     /* changes when bytes that were decoded may have */
/* A page's map of decoded bytes, a bit a byte, with a byte of none behind it; one of all bytes if nothing was ever decoded there, or if
 * `ram` is NULL. At an even address. */
const u8 *blocks_covered(const struct ram *ram, u64 offset);
/* For h_check_cross: does the second page still lie there with the same bytes? May raise #PF. And: forget a block. */
bool block_cross_holds(struct cpu *cpu, const struct op *first);
void block_discard(const struct op *first);
/* Of a dead block, by its first op: where the block that took its place begins, NULL until it was looked for. */
static inline const struct op **block_successor(const struct op *first)
{
    return (const struct op **)((uintptr_t)first - sizeof first);
}
enum { JUMP_CACHE = 4096 };
struct jump_cache { u64 key; const struct op *op; };
static inline struct jump_cache *jump_slot(struct cpu *cpu, u64 linear)
{
    return &cpu->cache.jump_cache[(linear ^ linear >> 12) & (JUMP_CACHE - 1)];
}
/* The return stack's place so many bytes in it. */
static inline struct return_place *return_place(struct cpu *cpu, u32 at)
{
    return (struct return_place *)((u8 *)cpu->cache.ret_stack + at);
}
static inline u64 jump_key(const struct cpu *cpu, u64 linear) { return linear ^ cpu->code_key[linear >> 31 & 1]; }

/* The places that observers of any of its processors have changed: every block is made anew, and those that run end. blocks.c */
void blocks_places(struct cpu *cpu);
/* Install flagless handlers in a FAST block of n instructions, where all the flags they would write are dead. at[k]: the op of
 * instruction k. quiet.c. */
void quiet_pass(struct op *ops, const u16 *at, const struct decoded *insns, int n);
/* Then the handlers that run several ops in a row, where hot/sequences.inc has a line for these. compose.c. */
struct composer *composer_new(void);
void composer_free(struct composer *c);
void compose_pass(const struct composer *c, struct op *ops, const u16 *at, const struct decoded *insns, int n);
