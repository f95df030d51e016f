/* build.c - a block's ops, laid in a row from the bytes. */
#include "build.h"
#include "../timing.h"

enum { BX = 3 /* the number of the register */ };
/* How often a block runs before it is worth all passes. Most code never does. */
enum { YOUTH = 16 };

static void link_slot(struct op *slot, const struct op *o, i32 disp, bool sequential)
{
    struct link *l = (struct link *)slot;
    memset(l, 0, sizeof *l);
    l->fn = (void (*)(void))h_resolve;
    l->pc = (u16)(o->pc + o->len);
    l->disp = disp;
    l->what = o->what;
    l->how = sequential;
}

/* Where a CALL's RET comes back: found through the return stack. */
static void return_slot(struct op *slot, const struct op *o)
{
    struct link *l = (struct link *)slot;
    link_slot(slot, o, 0, true);
    l->fn = (void (*)(void))h_return;
    l->target = slot;
}

/* Lay one decoded instruction and its slots down at op k; returns the next free op. */
static int lay(struct op *ops, int k, const struct decoded *d, u32 pc, int nth)
{
    struct op *o = &ops[k];
    *o = d->op;
    o->pc = (u16)pc;
    o->through = (u8)(nth + 1);
    switch (d->shape) {
    case DECODED_BRANCH:
        link_slot(&ops[k + 1], o, o->disp, false);
        o->target = &ops[k + 1];
        return k + 2;
    case DECODED_CALL:
        link_slot(&ops[k + 1], o, o->disp, false);
        return_slot(&ops[k + 2], o);
        o->target = &ops[k + 1];
        return k + 3;
    case DECODED_INDIRECT:
        memset(&ops[k + 1], 0, INLINE_CACHE_SLOTS * sizeof *ops);
        return_slot(&ops[k + 1 + INLINE_CACHE_SLOTS], o);
        return k + 2 + INLINE_CACHE_SLOTS;
    default:
        return k + 1;
    }
}

/* The op that stands after a block's last instruction when that does not leave by itself. */
static int lay_end(struct op *ops, int k, u32 pc, int nth, bool step)
{
    struct op *o = &ops[k];
    memset(o, 0, sizeof *o);
    o->fn = (void (*)(void))(step ? h_step_end : h_end_of_block);
    o->pc = (u16)pc;
    o->through = (u8)(nth + 1);
    link_slot(&ops[k + 1], o, 0, true);
    o->target = &ops[k + 1];
    return k + 2;
}

int lay_probe(struct op *ops, int k, handler *h, u32 pc, int nth)
{
    memset(&ops[k], 0, sizeof ops[k]);
    ops[k].fn = (void (*)(void))h;
    ops[k].pc = (u16)pc;
    ops[k].through = (u8)(nth + 1);
    return k + 1;
}

/* Before an instruction that costs more than a tick. Repeated ones reckon by iterations. */
static int lay_charge(const struct cpu_timing *timing, struct op *ops, int k, const struct decoded *d, u32 pc, int nth, bool step)
{
    bool repeats = (d->op.row->attr & (A_REP | A_REPCC)) && (op_rep(&d->op) || op_repne(&d->op));
    u32 ticks = repeats ? 1 : timing_of(timing, d);
    if (ticks <= 1)
        return k;
    lay_probe(ops, k, step ? h_charge_step : h_charge, pc, nth);
    ops[k].imm = ticks - 1;
    return k + 1;
}

/* A block serves whatever addresses its page has, and all processors: it begins anew at each offset where a place may be, and h_break
 * asks there. Single steps are asked for by run_loop. */
int lay_break(const struct cpu *cpu, struct op *ops, int k, u32 pc, u32 mode)
{
    return mode_kind(mode) != KIND_STEP && blocks_place(cpu, pc) ? lay_probe(ops, k, h_break, pc, 0) : k;
}

/* Overlay the op of a with the pair's handler, if there is one: b is a conditional jump right behind it. */
static void fuse(struct op *ops, int first, const struct decoded *a, const struct decoded *b)
{
    handler *h;
    if (a->shape != DECODED_PLAIN || body_info[b->body].flow != FLOW_IF)
        return;
    h = fused_handler(a->body, a->size_log2, a->form, b->cc);
    if (h && ops[first].fn == (void (*)(void))fast_handlers[a->body][a->size_log2][a->form])
        ops[first].fn = (void (*)(void))h;
}

/* XCHG BX, BX of 16 bits, while somebody wants to hear of it. */
static bool is_magic(const struct cpu *cpu, const struct op *o)
{
    return cpu->observers.of_kind[OBSERVE_MAGIC] && o->row == &rows_1byte[0x87] && op_is_reg(o) && op_bytes(o) == 2 &&
           o->dst == gpr_place(BX) && o->src == gpr_place(BX);
}

int block_youth(void) { return YOUTH; }

static void run_passes(struct cpu *cpu, struct op *ops, const u16 *index, const struct decoded *insns, int n)
{
    quiet_pass(ops, index, insns, n);
    compose_pass(blocks_composer(cpu), ops, index, insns, n);
}

int block_build(struct cpu *cpu, struct op *ops, int k, const struct source *src, u32 mode, enum extent extent, u32 *bytes)
{
    struct decode d = { .cpu = cpu, .mode = mode, .heads = blocks_heads(cpu) };
    struct decoded insns[BLOCK_MAX];
    u16 index[BLOCK_MAX];
    int kind = mode_kind(mode), n = 0, max = extent == EXTENT_ONE ? 1 : BLOCK_MAX;
    u32 at = 0;
    bool ended = false, magic = false, young = extent == EXTENT_YOUNG;
    while (n < max && at < src->n && !ended && !magic && !(young && n && insns[n - 1].shape == DECODED_BRANCH)) {
        struct decoded *now = &insns[n];
        d.bytes = src->bytes + at;
        d.n = (int)(src->n - at < 15 ? src->n - at : 15);
        int len = decode_insn(&d, now);
        if (!len || (n && blocks_place(cpu, src->pc + at)))
            break;
        if (!n && blocks_trailed(cpu))
            k = lay_probe(ops, k, h_trail, src->pc, 0);
        if (kind == KIND_DEBUG)
            k = lay_probe(ops, k, h_hook, src->pc + at, n);
        if (cpu->timing)
            k = lay_charge(cpu->timing, ops, k, now, src->pc + at, n, kind == KIND_STEP);
        index[n] = (u16)k;
        k = lay(ops, k, now, src->pc + at, n);
        if (kind == KIND_FAST && n && !young && !cpu->timing)   /* a pair lies side by side */
            fuse(ops, index[n - 1], &insns[n - 1], now);
        at += (u32)len;
        n++;
        ended = now->unconditional;
        magic = is_magic(cpu, &ops[index[n - 1]]);
    }
    if (!n)
        return 0;
    if (kind == KIND_FAST && !young)
        run_passes(cpu, ops, index, insns, n);
    *bytes = at;
    cpu_work(cpu, (u64)n);
    if (magic)
        k = lay_probe(ops, k, h_magic, src->pc + at, n);
    if (!ended || kind == KIND_STEP)
        k = lay_end(ops, k, src->pc + at, n, kind == KIND_STEP);
    return k;
}
