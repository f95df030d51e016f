/* run.c - the processor between instructions: interrupts, traps, blocks one after another, and the handlers that every kind of
 * block shares.
 * Follows: SDM Vol. 3A "Priority Among Simultaneous Exceptions and Interrupts", "Debug Exceptions". */
#include "engine.h"
#include "hot/instance.h"
#include "paging.h"
#include "cpuid.h"
#include "system.h"

/* ---- where we are ---- */

u64 cpu_eip(const struct cpu *cpu)
{
    return cpu->op ? (u32)(cpu->page + cpu->op->pc - cpu->s.seg[CS].base) : cpu->s.rip;
}
u64 cpu_next_eip(const struct cpu *cpu)
{
    return cpu->op ? (u32)(cpu->page + cpu->op->pc + cpu->op->len - cpu->s.seg[CS].base) : cpu->s.rip;
}

u64 cpu_insns(const struct cpu *cpu)
{
    return cpu->op ? cpu->end_insns - (u64)cpu->budget + cpu->op->nth + cpu->rep_ticks : cpu->insns;
}

void cpu_abandon_op(struct cpu *cpu)
{
    if (!cpu->op)
        return;
    cpu->s.rip = cpu_eip(cpu);
    cpu->insns = cpu_insns(cpu);
    cpu->rep_ticks = 0;
    cpu->op = NULL;
}

void cpu_sync(struct cpu *cpu) { cpu->s.eflags = cpu_eflags(cpu); }

void cpu_touch(struct cpu *cpu) { cpu->touched = cpu->leave = 1; }

/* ---- leaving the chain ---- */

/* The state is exact at s.rip with `left` instructions of the budget unused. */
static inline void settle(struct cpu *cpu, u64 rip, i64 left)
{
    cpu->s.rip = rip;
    cpu->insns = cpu->end_insns - (u64)left;
    cpu->op = NULL;
}

HANDLER(leave_next)
{
    settle(cpu, (u32)(cpu->page + o->pc + o->len - cpu->s.seg[CS].base), BUDGET - o->nth - 1);
    LEAVE_CHAIN;
}
HANDLER(leave_here)
{
    settle(cpu, (u32)(cpu->page + o->pc - cpu->s.seg[CS].base), BUDGET - o->nth);
    LEAVE_CHAIN;
}
HANDLER(leave_to_rip)
{
    (void)o;
    settle(cpu, cpu->s.rip, BUDGET);
    LEAVE_CHAIN;
}

/* Target of a direct branch, checked against the code segment. The budget was reduced already. */
static u32 branch_target(struct cpu *cpu, const struct op *o, i64 left)
{
    u32 eip = (u32)(cpu->page + o->pc + o->len - cpu->s.seg[CS].base) + (u32)o->disp;
    if (op_bytes(o) == 2)
        eip = (u16)eip;
    if (eip > cpu->s.seg[CS].limit) {
        cpu->op = o;
        cpu->budget = left + o->nth + 1;
        cpu_raise_gp(cpu, 0, "branch past the limit of the code segment");
    }
    return eip;
}

HANDLER(leave_branch)
{
    settle(cpu, branch_target(cpu, o, BUDGET), BUDGET);
    LEAVE_CHAIN;
}

HANDLER(h_end_of_block)
{
    BUDGET -= o->nth;
    if (unlikely(BUDGET < BLOCK_MAX)) {
        settle(cpu, (u32)(cpu->page + o->pc - cpu->s.seg[CS].base), BUDGET);
        LEAVE_CHAIN;
    }
    GO(o->target);
}

HANDLER(h_step_end) { HAND_TO(leave_here); }

/* ---- links ---- */

/* The block that a link slot leads to; cpu->page is moved there. May raise. */
static const struct op *resolve(struct cpu *cpu, const struct op *slot, i64 left)
{
    struct link *l = (struct link *)(uintptr_t)slot;
    bool sequential = l->how;
    u64 from = cpu->page;
    u32 epoch = blocks_epoch(cpu), eip;
    if (sequential) {
        eip = (u32)(cpu->page + l->pc - cpu->s.seg[CS].base);
    } else {
        eip = branch_target(cpu, slot - 1, left);
    }
    settle(cpu, eip, left);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode));
    if (epoch != blocks_epoch(cpu) || !block_kept(cpu, to))
        return to;
    l->delta = (i32)(cpu->page - from);
    l->target = to;
    l->half = cpu->page >> 31 & 1;
    l->key = from ^ cpu->code_key[l->half];
    l->fn = (void (*)(void))h_linked;
    if (cpu->page == from && mode_seg(cpu->mode, CS) == SEG_FLAT)
        ((struct op *)(uintptr_t)(slot - 1))->target = to;
    return to;
}

HANDLER(h_resolve)
{
    const struct op *to = resolve(cpu, o, BUDGET);
    GO(to);
}

HANDLER(h_linked)
{
    const struct link *l = (const struct link *)o;
    if (likely(l->key == (cpu->page ^ cpu->code_key[l->half]))) {
        cpu->page = (u32)(cpu->page + (u64)(i64)l->delta);
        GO(l->target);
    }
    HAND_TO(h_resolve);
}

/* The slot behind a CALL: a RET found it on the return stack; s.rip is not set, cpu->page is the return address's. */
HANDLER(h_return)
{
    struct link *l = (struct link *)(uintptr_t)o;
    u32 epoch = blocks_epoch(cpu);
    settle(cpu, (u32)(cpu->page + (l->pc & PAGE_MASK) - cpu->s.seg[CS].base), BUDGET);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode));
    if (epoch == blocks_epoch(cpu) && block_kept(cpu, to) && l->pc < PAGE_SIZE)
        l->target = to;
    GO(to);
}

HANDLER(h_stale)
{
    u32 epoch = blocks_epoch(cpu);
    if (o->target)
        GO(o->target);
    settle(cpu, (u32)(cpu->page + o->pc - cpu->s.seg[CS].base), BUDGET);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode));
    if (epoch == blocks_epoch(cpu) && block_kept(cpu, to) && mode_seg(cpu->mode, CS) == SEG_FLAT)
        ((struct op *)(uintptr_t)o)->target = to;
    GO(to);
}

HANDLER(h_check_cross)
{
    settle(cpu, (u32)(cpu->page + o->pc - cpu->s.seg[CS].base), BUDGET);
    if (block_cross_holds(cpu, o))
        GO(o + 2);
    block_discard(o);
    if (BUDGET < BLOCK_MAX)                     /* a single step: the run loop comes back to a new block */
        LEAVE_CHAIN;
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode));
    GO(to);
}

/* ---- lookups ---- */

static const struct op *find_rip(struct cpu *cpu, i64 left)
{
    settle(cpu, cpu->s.rip, left);
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode));
    if (block_kept(cpu, to)) {
        u64 key = jump_key(cpu, linear);
        struct jump_cache *j = &blocks_jump_cache(cpu)[(linear ^ linear >> 12) & (JUMP_CACHE - 1)];
        j->key = key;
        j->op = to;
    }
    return to;
}

HANDLER(dispatch_miss)
{
    const struct op *to = find_rip(cpu, BUDGET);
    (void)o;
    GO(to);
}

HANDLER(dispatch_rip)
{
    if (unlikely(BUDGET < BLOCK_MAX || cpu_attention(cpu)))
        HAND_TO(leave_to_rip);
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base), key = jump_key(cpu, linear);
    const struct jump_cache *j = &cpu->jump_cache[(linear ^ linear >> 12) & (JUMP_CACHE - 1)];
    if (likely(j->key == key)) {
        BRANCH_DONT_INDEX;
        cpu->page = linear & ~(u64)PAGE_MASK;
        GO(j->op);
    }
    HAND_TO(dispatch_miss);
}

HANDLER(dispatch_indirect)
{
    if (unlikely(BUDGET < BLOCK_MAX))
        HAND_TO(leave_to_rip);
    u32 epoch = blocks_epoch(cpu);
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
    const struct op *to = find_rip(cpu, BUDGET);
    if (epoch == blocks_epoch(cpu) && block_kept(cpu, to)) {
        struct inline_cache *ic = (struct inline_cache *)(uintptr_t)(o + 1);
        for (int k = INLINE_CACHE_ENTRIES - 1; k > 0; k--)
            ic->entry[k] = ic->entry[k - 1];
        ic->entry[0].key = jump_key(cpu, linear);
        ic->entry[0].target = to;
    }
    GO(to);
}

/* ---- rows with a C function ---- */

HANDLER(h_fn)
{
    cpu->op = o;
    cpu->budget = BUDGET;
    o->row->fn(cpu, o);
    if (unlikely(cpu->leave))
        HAND_TO(leave_next);
    GO(o + 1);
}

HANDLER(h_fn_rep)
{
    cpu->op = o;
    cpu->budget = BUDGET;
    cpu->rep_limit = (u64)(BUDGET - o->nth);
    cpu->rep_ticks = 0;
    cpu->rep_more = 0;
    o->row->fn(cpu, o);
    BUDGET -= cpu->rep_ticks > 1 ? (i64)cpu->rep_ticks - 1 : 0;
    cpu->rep_ticks = 0;
    cpu->op = NULL;
    if (unlikely(cpu->rep_more)) {              /* it goes on at the same place, every iteration so far counted */
        settle(cpu, (u32)(cpu->page + o->pc - cpu->s.seg[CS].base), BUDGET - o->nth - 1);
        cpu->s.eflags |= FLAG_RF;               /* what is delivered now has RF in its image */
        LEAVE_CHAIN;
    }
    if (unlikely(cpu->leave || BUDGET < BLOCK_MAX))
        HAND_TO(leave_next);
    GO(o + 1);
}

HANDLER(h_fn_end)
{
    cpu->op = o;
    cpu->budget = BUDGET;
    cpu->s.rip = (u32)(cpu->page + o->pc + o->len - cpu->s.seg[CS].base);
    o->row->fn(cpu, o);
    cpu->op = NULL;
    BUDGET -= o->nth + 1;
    TLB = cpu->tlb[cpu->s.cpl == 3];
    HAND_TO(dispatch_rip);
}

static _Noreturn void raise_at(struct cpu *cpu, const struct op *o, i64 left, int vector, const char *why)
{
    cpu->op = o;
    cpu->budget = left;
    cpu_raise(cpu, vector, 0, why, 0);
}
HANDLER(h_raise_ud)  { raise_at(cpu, o, BUDGET, EXC_UD, "not an instruction of this processor, mode or operand form"); }
HANDLER(h_raise_gp0) { raise_at(cpu, o, BUDGET, EXC_GP, o->len == 15 ? "more than 15 bytes" : "privileged instruction at CPL above 0"); }
HANDLER(h_raise_nm)  { raise_at(cpu, o, BUDGET, EXC_NM, "CR0.EM or CR0.TS is set"); }

/* ---- debugger ---- */

HANDLER(h_hook)
{
    u64 page = cpu->page;
    settle(cpu, (u32)(page + o->pc - cpu->s.seg[CS].base), BUDGET - o->nth);
    cpu_sync(cpu);
    if (cpu->hook)
        cpu->hook(cpu->hook_to, cpu);
    if (cpu->break_request || cpu->leave)
        LEAVE_CHAIN;
    GO(o + 1);
}

HANDLER(h_break)
{
    u64 linear = cpu->page + o->pc;
    if (cpu->skip_breakpoint == linear)
        GO(o + 1);
    settle(cpu, (u32)(linear - cpu->s.seg[CS].base), BUDGET - o->nth);
    cpu->break_request = cpu->leave = 1;
    cpu->skip_breakpoint = linear;
    LEAVE_CHAIN;
}

void cpu_set_hook(struct cpu *cpu, void (*hook)(void *to, struct cpu *cpu), void *to)
{
    cpu->hook = hook;
    cpu->hook_to = to;
}

bool cpu_breakpoint_add(struct cpu *cpu, u64 linear)
{
    if (cpu->breakpoint_count == BREAKPOINTS_MAX)
        return false;
    cpu->breakpoints[cpu->breakpoint_count++] = linear;
    blocks_flush(cpu);
    return true;
}

void cpu_breakpoint_remove(struct cpu *cpu, u64 linear)
{
    for (int k = 0; k < cpu->breakpoint_count; k++)
        if (cpu->breakpoints[k] == linear)
            cpu->breakpoints[k--] = cpu->breakpoints[--cpu->breakpoint_count];
    blocks_flush(cpu);
}

/* ---- between instructions ---- */

static void run_chain(struct cpu *cpu, const struct op *op, i64 budget)
{
    cpu->end_insns = cpu->insns + (u64)budget;
#ifdef ENGINE_LOOP
    cpu->loop_budget = budget;
    cpu->loop_tlb = cpu->tlb[cpu->s.cpl == 3];
    while (op)
        op = ((handler *)op->fn)(cpu, op);
#else
    ((handler *)op->fn)(cpu, op, cpu->tlb[cpu->s.cpl == 3], budget);
#endif
}

/* Traps that the last instruction earned. May not return (a fault in delivery). */
static void deliver_traps(struct cpu *cpu)
{
    enum { DR6_BS = 0x4000, DR6_BT = 0x8000 };
    u32 dr6 = cpu->dr6_pending;
    if (cpu->step_trap)
        dr6 |= DR6_BS;
    if (cpu->s.debug_trap)
        dr6 |= DR6_BT;
    cpu->step_trap = 0;
    if (cpu->s.shadow & SHADOW_MOV_SS) {        /* data breakpoints wait for the next boundary, single-step is lost */
        cpu->dr6_pending = dr6 & 15;
        return;
    }
    cpu->dr6_pending = 0;
    cpu->s.debug_trap = 0;
    if (!dr6)
        return;
    cpu->s.dr[6] |= dr6;
    cpu_deliver(cpu, EXC_DB, DELIVER_TRAP, false, 0);
}

static bool code_breakpoint(struct cpu *cpu)
{
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
    u32 hit = 0;
    for (int k = 0; k < 4; k++)
        if ((cpu->s.dr[7] >> 2 * k & 3) && !(cpu->s.dr[7] >> (16 + 4 * k) & 15) && cpu->s.dr[k] == linear)
            hit |= 1u << k;
    cpu->s.dr[6] |= hit;
    return hit;
}

static bool any_code_breakpoint(const struct cpu *cpu)
{
    for (int k = 0; k < 4; k++)
        if ((cpu->s.dr[7] >> 2 * k & 3) && !(cpu->s.dr[7] >> (16 + 4 * k) & 3))
            return true;
    return false;
}

/* Interrupts that wait at this boundary; true if one was taken. */
static bool take_interrupt(struct cpu *cpu)
{
    if (cpu->s.smi_pending && !cpu->s.smm) {
        smm_enter(cpu);
        return true;
    }
    if (cpu->s.nmi_pending && !cpu->s.nmi_masked) {
        cpu->s.nmi_pending = 0;
        cpu->s.nmi_masked = 1;
        cpu->s.activity = ACTIVITY_RUN;
        cpu_deliver(cpu, EXC_NMI, DELIVER_NMI, false, 0);
        return true;
    }
    if (cpu->s.intr && (cpu->s.eflags & FLAG_IF) && cpu->s.activity != ACTIVITY_SHUTDOWN) {
        int vector = cpu->w.intack ? cpu->w.intack(cpu->w.board) : 0;
        cpu->s.activity = ACTIVITY_RUN;
        cpu_deliver(cpu, vector, DELIVER_EXTERNAL, false, 0);
        return true;
    }
    return false;
}

static i64 remaining(const struct cpu *cpu)
{
    u64 left = cpu->run_end - cpu->insns;
    return left > INT64_MAX / 2 ? INT64_MAX / 2 : (i64)left;
}

/* One instruction (or some iterations of a repeated one), with everything looked at. */
static void step(struct cpu *cpu)
{
    bool tf = cpu->s.eflags & FLAG_TF;
    i64 budget = remaining(cpu);
    if (tf || cpu->s.shadow || budget > BLOCK_MAX - 1)
        budget = tf || cpu->s.shadow ? 1 : BLOCK_MAX - 1;
    if (!(cpu->s.eflags & FLAG_RF) && any_code_breakpoint(cpu) && code_breakpoint(cpu)) {
        cpu_deliver(cpu, EXC_DB, DELIVER_TRAP, false, 0);       /* a fault, but the image keeps RF as it is */
        return;
    }
    cpu->s.eflags &= ~(u64)FLAG_RF;
    cpu->s.shadow = 0;
    cpu->step_trap = tf;
    const struct op *op = block_at(cpu, KIND_STEP);
    run_chain(cpu, op, budget);
}

/* What ended the last stretch, if the caller must know. */
static bool must_return(struct cpu *cpu, enum cpu_exit *why)
{
    cpu->leave = 0;
    if (cpu->break_request) {
        cpu->break_request = 0;
        *why = EXIT_BREAK;
        return true;
    }
    if (cpu->touched) {
        cpu->touched = 0;
        *why = EXIT_TOUCHED;
        return true;
    }
    *why = EXIT_BUDGET;
    return cpu->insns >= cpu->run_end;
}

static enum cpu_exit run_loop(struct cpu *cpu)
{
    enum cpu_exit why;
    for (;;) {
        if (cpu->dr6_pending | cpu->step_trap | cpu->s.debug_trap)
            deliver_traps(cpu);
        if (must_return(cpu, &why))
            return why;
        if (!cpu->s.shadow && take_interrupt(cpu))
            continue;
        if (cpu->s.activity != ACTIVITY_RUN)
            return cpu->s.activity == ACTIVITY_HALTED ? EXIT_HALTED : EXIT_SHUTDOWN;
        bool single = cpu->s.shadow || (cpu->s.eflags & FLAG_TF) || remaining(cpu) < BLOCK_MAX
                   || cpu->engine == ENGINE_STEP || any_code_breakpoint(cpu);
        if (!single)
            cpu->s.eflags &= ~(u64)FLAG_RF;                     /* every instruction's start clears it */
        if (single) {
            if (cpu->engine == ENGINE_DEBUG && cpu->hook) {
                cpu_sync(cpu);
                cpu->hook(cpu->hook_to, cpu);
                if (cpu->break_request)
                    continue;
            }
            step(cpu);
        } else {
            const struct op *op = block_at(cpu, (enum block_kind)mode_kind(cpu->mode));
            run_chain(cpu, op, remaining(cpu));
        }
        if (cpu->skip_breakpoint != ~0ull && !cpu->break_request)
            cpu->skip_breakpoint = ~0ull;
    }
}

enum cpu_exit cpu_run(struct cpu *cpu, u64 n)
{
    cpu->run_end = cpu->insns + n;
    cpu->op = NULL;
    if (setjmp(cpu->unwind)) {
        cpu->op = NULL;
        cpu->step_trap = 0;
        if (cpu->raised_vector >= 0)                            /* else the x87 froze the processor: a halt */
            exception_deliver_raised(cpu);
    }
    enum cpu_exit why = run_loop(cpu);
    cpu_sync(cpu);
    return why;
}

/* ---- the pins ---- */

static void memory_changed(void *to)
{
    struct cpu *cpu = to;
    tlb_drop_first(cpu);
    code_key_renew(cpu, 0);
    code_key_renew(cpu, 1);
    cpu->leave = 1;
}

struct cpu *cpu_new(const struct cpu_wiring *wiring, const struct cpu_model *model)
{
    struct cpu *cpu = xcalloc(1, sizeof *cpu);
    cpu->w = *wiring;
    cpu->model = model;
    cpu->features = model->features;
    cpu->blocks = blocks_new(cpu);
    cpu->jump_cache = blocks_jump_cache(cpu);
    cpu->backing = backing_new();
    cpu->skip_breakpoint = ~0ull;
    for (int k = 0; k < 2 * TLB_SIZE; k++)
        cpu->tlb[k / TLB_SIZE][k % TLB_SIZE].read = cpu->tlb[k / TLB_SIZE][k % TLB_SIZE].write = TLB_NONE;
    cpu->s.a20 = 1;
    space_listen(cpu->w.memory, memory_changed, cpu);
    cpu_reset(cpu);
    return cpu;
}

void cpu_free(struct cpu *cpu)
{
    if (!cpu)
        return;
    blocks_free(cpu->blocks);
    backing_free(cpu->backing);
    free(cpu);
}

void cpu_changed(struct cpu *cpu)
{
    cpu->phys_mask = cpu->s.a20 ? ~0ull : ~(1ull << 20);
    flags_load(cpu, (u32)cpu->s.eflags);
    cpu->op = NULL;
    tlb_flush(cpu, false);
    cpu_debug_changed(cpu);
    cpu_mode_changed(cpu);
    blocks_flush(cpu);
}

void cpu_reset(struct cpu *cpu)
{
    cpu_reset_state(cpu);
    cpu->dr6_pending = cpu->step_trap = 0;
    cpu_changed(cpu);
}

void cpu_init_pin(struct cpu *cpu)
{
    cpu_init_state(cpu);
    cpu_changed(cpu);
}

void cpu_set_intr(struct cpu *cpu, bool level)
{
    cpu->s.intr = level;
    if (level)
        cpu->leave = 1;
}
void cpu_nmi(struct cpu *cpu) { cpu->s.nmi_pending = cpu->leave = 1; }
void cpu_smi(struct cpu *cpu) { cpu->s.smi_pending = cpu->leave = 1; }
void cpu_set_ignne(struct cpu *cpu, bool level) { cpu->s.ignne = level; }

void cpu_set_a20(struct cpu *cpu, bool on)
{
    if (cpu->s.a20 == on)
        return;
    cpu->s.a20 = on;
    cpu->phys_mask = on ? ~0ull : ~(1ull << 20);
    tlb_drop_first(cpu);
    code_key_renew(cpu, 0);
    code_key_renew(cpu, 1);
    cpu->leave = 1;
}

void cpu_set_engine(struct cpu *cpu, enum cpu_engine engine)
{
    static const u8 kind[] = { [ENGINE_FAST] = KIND_FAST, [ENGINE_SLOW] = KIND_SLOW, [ENGINE_DEBUG] = KIND_DEBUG,
                               [ENGINE_STEP] = KIND_STEP };
    cpu->engine = (u8)engine;
    cpu->mode = mode_of_kind(cpu->mode, (enum block_kind)kind[engine]);
    blocks_flush(cpu);
    code_key_update(cpu);
}
