/* chain.c - the handlers that every kind of block shares: leaving the chain, links between blocks, lookups, rows with a C function,
 * and what the debugger plants. */
#include "engine.h"
#include "hot/instance.h"
#include "../timing.h"

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
    settle(cpu, op_next_eip(cpu, o), BUDGET - o->through);
    LEAVE_CHAIN;
}
HANDLER(leave_here)
{
    settle(cpu, op_eip(cpu, o), BUDGET - op_before(o));
    LEAVE_CHAIN;
}
HANDLER(leave_or_cut)
{
    i64 cut = (i64)(cpu->end_insns - cpu->run_end);
    if (cut < 0)
        cut = 0;
    if (cpu->leave != LEAVE_LOOK || BUDGET - cut < BLOCK_MAX || cpu_wanted(cpu))
        HAND_TO(leave_next);
    cpu->end_insns -= (u64)cut;
    BUDGET -= cut;
    cpu->budget = BUDGET;
    cpu->leave = 0;
    GO(o + 1);
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
    u32 eip = op_next_eip(cpu, o) + (u32)o->disp;
    if (op_bytes(o) == 2)
        eip = (u16)eip;
    if (eip > cpu->s.seg[CS].limit) {
        cpu->op = o;
        cpu->budget = left + o->through;
        cpu_raise_target(cpu, eip, "branch past the limit of the code segment");
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
    BUDGET -= op_before(o);
    if (unlikely(BUDGET < BLOCK_MAX)) {
        settle(cpu, op_eip(cpu, o), BUDGET);
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
        eip = eip_in_page(cpu, l->pc);
    } else {
        eip = branch_target(cpu, slot - 1, left);
    }
    settle(cpu, eip, left);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode), l->fn == (void (*)(void))h_linked ? l->target : NULL);
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
    if (likely(link_holds(cpu, l)))
        GO(follow_link(cpu, l));
    HAND_TO(h_resolve);
}

/* The slot behind a CALL: a RET found it on the return stack; s.rip is not set, cpu->page is the return address's. */
HANDLER(h_return)
{
    struct link *l = (struct link *)(uintptr_t)o;
    u32 epoch = blocks_epoch(cpu);
    settle(cpu, eip_in_page(cpu, l->pc & PAGE_MASK), BUDGET);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode), NULL);
    if (epoch == blocks_epoch(cpu) && block_kept(cpu, to) && l->pc < PAGE_SIZE)
        l->target = to;
    GO(to);
}

HANDLER(h_stale)
{
    u32 epoch = blocks_epoch(cpu);
    const struct op *successor = *block_successor(o);
    if (successor) {
        if (unlikely(successor->fn == (void (*)(void))h_stale && *block_successor(successor)))     /* no way grows by each death */
            successor = *block_successor(o) = *block_successor(successor);
        GO(successor);
    }
    settle(cpu, op_eip(cpu, o), BUDGET);
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode), NULL);
    if (epoch == blocks_epoch(cpu) && block_kept(cpu, to) && mode_seg(cpu->mode, CS) == SEG_FLAT)
        *block_successor(o) = to;
    GO(to);
}

HANDLER(h_check_cross)
{
    settle(cpu, op_eip(cpu, o), BUDGET);
    if (block_cross_holds(cpu, o))
        GO(o + 2);
    block_discard(o);
    if (BUDGET < BLOCK_MAX)                     /* a single step: the run loop comes back to a new block */
        LEAVE_CHAIN;
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode), NULL);
    GO(to);
}

/* ---- lookups ---- */

const struct op *block_here(struct cpu *cpu)
{
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
    struct jump_cache *j = jump_slot(cpu, linear);
    if (likely(j->key == jump_key(cpu, linear))) {
        cpu->page = linear & ~(u64)PAGE_MASK;
        return j->op;
    }
    const struct op *to = block_at(cpu, (enum block_kind)mode_kind(cpu->mode), j->op);
    if (block_kept(cpu, to)) {
        j->key = jump_key(cpu, linear);
        j->op = to;
    }
    return to;
}

static const struct op *find_rip(struct cpu *cpu, i64 left)
{
    settle(cpu, cpu->s.rip, left);
    return block_here(cpu);
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
    const struct jump_cache *j = jump_slot(cpu, linear);
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
    const struct jump_cache *j = jump_slot(cpu, linear);
    const struct op *to = j->op;
    if (j->key == jump_key(cpu, linear))
        cpu->page = linear & ~(u64)PAGE_MASK;
    else
        to = find_rip(cpu, BUDGET);
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
        HAND_TO(leave_or_cut);
    GO(o + 1);
}

HANDLER(h_pause)
{
    cpu->op = o;
    cpu->budget = BUDGET;
    if (cpu->w.poll)
        cpu->w.poll(cpu->w.clock, CPU_POLL_PAUSE, op_linear(cpu, o));
    if (unlikely(cpu->leave))
        HAND_TO(leave_or_cut);
    GO(o + 1);
}

HANDLER(h_fn_rep)
{
    cpu->op = o;
    cpu->budget = BUDGET;
    i64 left = BUDGET - op_before(o);
    u64 spent = cpu->spent;
    cpu->rep_cost = cpu->timing ? timing_of_iteration(cpu->timing, o) : 1;
    cpu->rep_limit = left <= 0 ? 1 : ((u64)left + cpu->rep_cost - 1) / cpu->rep_cost;
    cpu->rep_ticks = 0;
    cpu->rep_more = 0;
    o->row->fn(cpu, o);
    spent = cpu->spent - spent;                 /* iterations that cost more than a tick */
    cpu->end_insns -= spent;
    BUDGET -= (i64)spent + (cpu->rep_ticks > 1 ? (i64)cpu->rep_ticks - 1 : 0);
    cpu->rep_ticks = 0;
    cpu->op = NULL;
    if (unlikely(cpu->rep_more)) {              /* it goes on at the same place, every iteration so far counted */
        settle(cpu, op_eip(cpu, o), BUDGET - o->through);
        cpu->s.eflags |= FLAG_RF;               /* what is delivered now has RF in its image */
        if (cpu->observers.of_kind[OBSERVE_PLACE])
            observers_pass(cpu, true);          /* it was told of when the instruction began */
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
    cpu->s.rip = op_next_eip(cpu, o);
    o->row->fn(cpu, o);
    cpu->op = NULL;
    BUDGET -= o->through;
    TLB = cpu->cache.tlb[cpu->s.cpl == 3];
    HAND_TO(dispatch_rip);
}

/* Whether the block goes on behind o: what it was decoded for holds still, and nothing waits. The next instruction of the block then
 * begins at once, so that nobody can see the shadow of STI or of a load of SS, which ends at that instruction's beginning. */
static inline bool block_goes_on(struct cpu *cpu, const struct op *o, u32 mode)
{
    u8 shadow = cpu->s.shadow;
    if (o[1].row)                               /* an instruction, and no look of anybody's before it */
        cpu->s.shadow = 0;
    if (likely(cpu->mode == mode && !cpu_attention(cpu)))
        return true;
    cpu->s.shadow = shadow;
    return false;
}

HANDLER(h_fn_may_end)
{
    u32 mode = cpu->mode;
    cpu->op = o;
    cpu->budget = BUDGET;
    o->row->fn(cpu, o);
    if (likely(block_goes_on(cpu, o, mode)))
        GO(o + 1);
    cpu->s.rip = op_next_eip(cpu, o);
    cpu->op = NULL;
    BUDGET -= o->through;
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

/* ---- a processor of its day ---- */

/* The op behind costs so many ticks more than one. Near the budget's end instructions are stepped, as everywhere. */
HANDLER(h_charge)
{
    i64 more = (i64)o->imm;
    if (unlikely(BUDGET - more < BLOCK_MAX))
        HAND_TO(leave_here);
    spend_in_chain(cpu, (u64)more);
    BUDGET -= more;
    GO(o + 1);
}
HANDLER(h_charge_step)
{
    spend_in_chain(cpu, o->imm);
    BUDGET -= (i64)o->imm;
    GO(o + 1);
}

/* ---- what the debugger plants ---- */

HANDLER(h_hook)
{
    settle(cpu, op_eip(cpu, o), BUDGET - op_before(o));
    cpu_sync(cpu);
    u8 before = cpu->leave;                                     /* by the fetch from a device: after this instruction */
    cpu->leave = 0;
    observers_told(cpu, OBSERVE_INSTRUCTION);
    if (cpu->leave)
        LEAVE_CHAIN;
    cpu->leave = before;
    GO(o + 1);
}

HANDLER(h_trail)
{
    struct trail *t = cpu->trail;
    if (likely(t)) {
        struct trail_place *p = &t->place[t->count++ % TRAIL_PLACES];
        p->linear = op_linear(cpu, o);
        p->insns = cpu->end_insns - (u64)BUDGET;
        p->bits = cpu->mode & MODE_D ? 32 : 16;
    }
    GO(o + 1);
}

/* Behind XCHG BX, BX: what a block does not keep exact between its instructions is, because it ends here. */
HANDLER(h_magic)
{
    settle(cpu, op_eip(cpu, o), BUDGET - op_before(o));
    cpu_sync(cpu);
    u8 before = cpu->leave;
    cpu->leave = 0;
    observers_told(cpu, OBSERVE_MAGIC);
    if (cpu->leave)
        LEAVE_CHAIN;
    cpu->leave = before;
    GO(o + 1);
}

HANDLER(h_break)
{
    settle(cpu, op_eip(cpu, o), BUDGET);
    u8 before = cpu->leave;
    cpu->leave = 0;
    observers_place(cpu);
    if (cpu->leave)
        LEAVE_CHAIN;
    cpu->leave = before;
    GO(o + 1);
}
