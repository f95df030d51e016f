/* blocks.c - decoded blocks: made, found, killed.
 * A block is a run of instructions within one page, through conditional jumps that are not taken; it is keyed by host page, offset
 * and mode, so that it survives whatever happens to linear addresses, and serves every processor of the machine. Code is watched byte
 * by byte; a kill makes the block's first op h_stale, and its memory comes back when the whole pool is thrown away. */
#include "engine.h"
#include "../mmu/paging.h"
#include "../timing.h"

enum { BX = 3 /* the number of the register */ };
enum { BUCKETS = 64, POOL_OPS = 400000, BLOCK_OPS = BLOCK_MAX * 4 + 8, CROSS_BYTES = 16 };
enum { BYTES_A_UNIT = 64, PAGES_A_UNIT = 4 };  /* what a host goes through in the time of a unit: cpu_work */

struct block {
    struct block *next;             /* in the page's bucket */
    u32 mode;
    u16 start, bytes;               /* bytes: in this page */
    u16 reach;                      /* with what an instruction that crosses has in the next page */
    struct code_page *page;
    const struct op *successor;     /* of a dead block: engine.h, block_successor */
    struct op ops[];
};
_Static_assert(offsetof(struct block, ops) == offsetof(struct block, successor) + sizeof(struct op *), "block_successor finds it");

struct code_page {
    struct ram *ram;
    u64 offset;
    u8 covered[PAGE_SIZE / 8 + 1];  /* a bit a byte: decoded; and one of none */
    struct block *bucket[BUCKETS];
    struct code_page *next;         /* of all */
};

struct blocks {
    struct cpu *cpu[BLOCKS_CPUS];   /* whose code this is, at the front; the rest is NULL */
    struct op *pool;
    u32 used, epoch;
    u64 keys;                       /* given out by blocks_key */
    u64 written;                    /* counts changes of decoded bytes */
    struct code_page *pages;
    u64 place[PAGE_SIZE / 64];      /* a bit an offset in a page: one of the processors observes a place there */
    struct composer *composer;
    struct op scratch[16];          /* the one-instruction block of code that cannot be kept */
};

struct blocks *blocks_join(struct blocks *b, struct cpu *cpu)
{
    int k = 0;
    if (!b) {
        b = xcalloc(1, sizeof *b);
        b->pool = xcalloc(POOL_OPS, sizeof *b->pool);
        b->epoch = 1;
        b->composer = composer_new();
    }
    while (b->cpu[k])
        k++;
    assert(k < BLOCKS_CPUS);
    b->cpu[k] = cpu;
    return b;
}

u64 blocks_key(struct blocks *b) { return ++b->keys; }

void blocks_leave(struct blocks *b, const struct cpu *cpu)
{
    int k = 0, last = BLOCKS_CPUS;
    while (b->cpu[k] != cpu)
        k++;
    while (!b->cpu[last - 1])
        last--;
    b->cpu[k] = b->cpu[last - 1];
    b->cpu[last - 1] = NULL;
    if (b->cpu[0])
        return;
    for (struct code_page *p = b->pages, *next; p; p = next) {
        next = p->next;
        p->ram->code[p->offset >> PAGE_SHIFT] = NULL;
        p->ram->flags[p->offset >> PAGE_SHIFT] &= (u8)~PAGE_HAS_CODE;
        free(p);
    }
    free(b->pool);
    composer_free(b->composer);
    free(b);
}

bool block_kept(const struct cpu *cpu, const struct op *first)
{
    const struct op *scratch = cpu->cache.blocks->scratch;
    return first < scratch || first >= scratch + ARRAY_LEN(cpu->cache.blocks->scratch);
}

u32 blocks_epoch(const struct cpu *cpu) { return cpu->cache.blocks->epoch; }
u64 blocks_written(const struct cpu *cpu) { return cpu->cache.blocks->written; }

void blocks_flush(struct cpu *cpu)
{
    struct blocks *b = cpu->cache.blocks;
    u64 pages = 0;
    for (struct code_page *p = b->pages; p; p = p->next, pages++) {
        memset(p->bucket, 0, sizeof p->bucket);
        memset(p->covered, 0, sizeof p->covered);
        p->ram->flags[p->offset >> PAGE_SHIFT] &= (u8)~PAGE_HAS_CODE;
    }
    for (int k = 0; k < BLOCKS_CPUS && b->cpu[k]; k++) {
        memset(b->cpu[k]->cache.jump_cache, 0, JUMP_CACHE * sizeof(struct jump_cache));
        memset(b->cpu[k]->cache.ret_stack, 0, sizeof b->cpu[k]->cache.ret_stack);
    }
    b->used = 0;
    b->epoch++;
    b->written++;                   /* from now on nobody looks whether they are */
    cpu_work(cpu, 1 + pages / PAGES_A_UNIT);
}

void blocks_places(struct cpu *cpu)
{
    struct blocks *b = cpu->cache.blocks;
    memset(b->place, 0, sizeof b->place);
    blocks_flush(cpu);
    for (int k = 0; k < BLOCKS_CPUS && b->cpu[k]; k++) {
        const struct cpu_observers *o = &b->cpu[k]->observers;
        b->cpu[k]->leave = LEAVE_NOW;           /* the block that runs is one of them, where somebody was told from within */
        for (int j = 0; j < o->count; j++)
            if (o->list[j].kind == OBSERVE_PLACE)
                b->place[(o->list[j].first & PAGE_MASK) >> 6] |= 1ull << (o->list[j].first & 63);
    }
}

/* Is any of the page's bytes [first, first + n) decoded? Eight by eight. */
static bool covered(const struct code_page *p, u32 first, u32 n)
{
    u32 last = first + n - 1;
    for (u32 at = first >> 3; at <= last >> 3; at++) {
        u32 mask = 0xff;
        if (at == first >> 3)
            mask &= 0xffu << (first & 7);
        if (at == last >> 3)
            mask &= 0xffu >> (7 - (last & 7));
        if (p->covered[at] & mask)
            return true;
    }
    return false;
}

static void cover(struct code_page *p, u32 first, u32 n)
{
    for (u32 at = first; at < first + n && at < PAGE_SIZE; at++)
        p->covered[at >> 3] |= (u8)(1 << (at & 7));
}

static u32 bucket_of(u32 start, u32 mode) { return (start ^ mode >> MODE_KIND_SHIFT ^ start >> 6) & (BUCKETS - 1); }

/* The first op keeps its immediate: it may be the running instruction, which wrote over itself. */
static void block_kill(struct block *b)
{
    b->ops[0].fn = (void (*)(void))h_stale;
    b->successor = NULL;
}

const u8 *blocks_covered(const struct ram *ram, u64 offset)
{
    const struct code_page *p = ram->code[offset >> PAGE_SHIFT];
    return p ? p->covered : NULL;
}

/* ram_written()'s door: bytes that may have been decoded are about to change. Exact to the byte: programs that keep variables
 * between their procedures write beside code all the time. */
static void code_written(void *cpu_side, struct ram *ram, u64 offset, u64 length)
{
    struct blocks *all = cpu_side;
    struct code_page *p = ram->code[offset >> PAGE_SHIFT];
    u32 first = (u32)(offset & PAGE_MASK), last = first + (u32)length - 1;
    u64 bytes = 0;
    bool left = false;
    if (!p || !covered(p, first, (u32)length))
        return;
    all->written++;
    memset(p->covered, 0, sizeof p->covered);
    for (int k = 0; k < BUCKETS; k++) {
        for (struct block **at = &p->bucket[k], *b; (b = *at); ) {
            if (b->start <= last && first < (u32)b->start + b->bytes) {
                *at = b->next;
                block_kill(b);
            } else {
                cover(p, b->start, b->bytes);
                bytes += b->bytes;
                left = true;
                at = &b->next;
            }
        }
    }
    if (!left)
        ram->flags[offset >> PAGE_SHIFT] &= (u8)~PAGE_HAS_CODE;
    for (int k = 0; k < BLOCKS_CPUS && all->cpu[k]; k++) {
        cpu_work(all->cpu[k], 2 + bytes / BYTES_A_UNIT);
        all->cpu[k]->leave = LEAVE_NOW;         /* the block that it runs may be one of them */
    }
}

static struct code_page *code_page_of(struct blocks *b, struct ram *ram, u64 offset)
{
    void **slot = &ram->code[offset >> PAGE_SHIFT];
    struct code_page *p = *slot;
    if (!p) {
        p = *slot = xcalloc(1, sizeof *p);
        p->ram = ram;
        p->offset = offset & ~(u64)PAGE_MASK;
        p->next = b->pages;
        b->pages = p;
        ram->code_written = code_written;
        ram->cpu_side = b;
    }
    return p;
}

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
    o->nth = (u8)nth;
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
    o->nth = (u8)nth;
    link_slot(&ops[k + 1], o, 0, true);
    o->target = &ops[k + 1];
    return k + 2;
}

static int lay_probe(struct op *ops, int k, handler *h, u32 pc, int nth)
{
    memset(&ops[k], 0, sizeof ops[k]);
    ops[k].fn = (void (*)(void))h;
    ops[k].pc = (u16)pc;
    ops[k].nth = (u8)nth;
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
static bool place_here(const struct cpu *cpu, u32 pc)
{
    return cpu->cache.blocks->place[(pc & PAGE_MASK) >> 6] >> (pc & 63) & 1;
}

static int lay_break(const struct cpu *cpu, struct op *ops, int k, u32 pc, u32 mode)
{
    return mode_kind(mode) != KIND_STEP && place_here(cpu, pc) ? lay_probe(ops, k, h_break, pc, 0) : k;
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

/* Second op of a block whose instruction crosses into another page: that page's part, compared each time. */
struct cross_check { const u8 *host; u8 n, bytes[15]; };
_Static_assert(sizeof(struct cross_check) <= sizeof(struct op), "takes an op's place");

/* What the builder needs to know of the bytes: `n` from the page (or both pages, when crossing) starting at pc. */
struct source { const u8 *bytes; u32 pc, n; };

/* Does one of the processors keep where it went? */
static bool trailed(const struct blocks *b)
{
    for (int k = 0; k < BLOCKS_CPUS && b->cpu[k]; k++)
        if (b->cpu[k]->trail)
            return true;
    return false;
}

/* XCHG BX, BX of 16 bits, while somebody wants to hear of it. */
static bool is_magic(const struct cpu *cpu, const struct op *o)
{
    return cpu->observers.of_kind[OBSERVE_MAGIC] && o->row == &rows_1byte[0x87] && op_is_reg(o) && op_bytes(o) == 2 &&
           o->dst == gpr_place(BX) && o->src == gpr_place(BX);
}

/* Decode a block's instructions from src into ops; *bytes covered. Returns the ops used, 0 when the first instruction needs
 * more bytes than there are. `max` instructions. */
static int build(struct cpu *cpu, struct op *ops, int k, const struct source *src, u32 mode, int max, u32 *bytes)
{
    struct decode d = { .cpu = cpu, .mode = mode };
    struct decoded insns[BLOCK_MAX];
    u16 index[BLOCK_MAX];
    int kind = mode_kind(mode), n = 0;
    u32 at = 0;
    bool ended = false, magic = false;
    while (n < max && at < src->n && !ended && !magic) {
        struct decoded *now = &insns[n];
        d.bytes = src->bytes + at;
        d.n = (int)(src->n - at < 15 ? src->n - at : 15);
        int len = decode_insn(&d, now);
        if (!len || (n && place_here(cpu, src->pc + at)))
            break;
        if (!n && trailed(cpu->cache.blocks))
            k = lay_probe(ops, k, h_trail, src->pc, 0);
        if (kind == KIND_DEBUG)
            k = lay_probe(ops, k, h_hook, src->pc + at, n);
        if (cpu->timing)
            k = lay_charge(cpu->timing, ops, k, now, src->pc + at, n, kind == KIND_STEP);
        index[n] = (u16)k;
        k = lay(ops, k, now, src->pc + at, n);
        if (kind == KIND_FAST && n && !cpu->timing)     /* a pair lies side by side */
            fuse(ops, index[n - 1], &insns[n - 1], now);
        at += (u32)len;
        n++;
        ended = now->unconditional;
        magic = is_magic(cpu, &ops[index[n - 1]]);
    }
    if (!n)
        return 0;
    if (kind == KIND_FAST) {
        quiet_pass(ops, index, insns, n);
        compose_pass(cpu->cache.blocks->composer, ops, index, insns, n);
    }
    *bytes = at;
    cpu_work(cpu, (u64)n);
    if (magic)
        k = lay_probe(ops, k, h_magic, src->pc + at, n);
    if (!ended || kind == KIND_STEP)
        k = lay_end(ops, k, src->pc + at, n, kind == KIND_STEP);
    return k;
}

static struct block *new_block(struct cpu *cpu)
{
    struct blocks *b = cpu->cache.blocks;
    if (b->used + BLOCK_OPS + 4 > POOL_OPS)
        blocks_flush(cpu);
    return (struct block *)&b->pool[b->used];
}

static void keep_block(struct cpu *cpu, struct code_page *p, struct block *b, int ops)
{
    u32 bucket = bucket_of(b->start, b->mode);
    u32 header = (sizeof *b + sizeof(struct op) - 1) / sizeof(struct op);
    cpu->cache.blocks->used += header + (u32)ops;
    b->page = p;
    b->next = p->bucket[bucket];
    p->bucket[bucket] = b;
    cover(p, b->start, b->bytes);
    if (!(p->ram->flags[p->offset >> PAGE_SHIFT] & PAGE_HAS_CODE)) {
        p->ram->flags[p->offset >> PAGE_SHIFT] |= PAGE_HAS_CODE;
        for (int k = 0; k < BLOCKS_CPUS && cpu->cache.blocks->cpu[k]; k++)
            tlb_protect(cpu->cache.blocks->cpu[k], p->ram, p->offset);
    }
}

/* Bytes that the code segment's limit leaves at rip. */
static u32 limit_bytes(const struct cpu *cpu)
{
    u64 left = (u64)cpu->s.seg[CS].limit - cpu->s.rip + 1;
    return left > 2 * PAGE_SIZE ? 2 * PAGE_SIZE : (u32)left;
}

/* An instruction that cannot be kept: in a device, cut by the code segment's limit. One instruction, used once. */
static const struct op *scratch_block(struct cpu *cpu, u64 linear, u32 mode)
{
    struct blocks *b = cpu->cache.blocks;
    u8 bytes[CROSS_BYTES];
    u32 left = limit_bytes(cpu), got, used;
    bool around = !cpu_has(cpu, FEATURE_286);   /* the segment's end is followed by its beginning */
    for (got = 0; got < 15 && (got < left || around); got++) {
        struct decoded d;
        struct decode try = { cpu, bytes, (int)got, mode };
        if (got && decode_insn(&try, &d))
            break;
        bytes[got] = fetch_byte(cpu, (u32)(got < left ? linear + got : cpu->s.seg[CS].base + got - left));
    }
    struct source src = { bytes, (u32)(linear & PAGE_MASK), got };
    int k = lay_break(cpu, b->scratch, 0, src.pc, mode);
    if (mode_kind(mode) == KIND_DEBUG)
        k = lay_probe(b->scratch, k, h_hook, src.pc, 0);
    if (!build(cpu, b->scratch, k, &src, mode_of_kind(mode, KIND_STEP), 1, &used))
        cpu_raise_target(cpu, cpu->s.rip + got, "the instruction reaches past the limit of the code segment");
    return b->scratch;
}

/* An instruction whose bytes lie in two pages: its own block, which checks the second page's mapping first. */
static const struct op *cross_block(struct cpu *cpu, struct code_page *p, u64 linear, u32 mode, const u8 *host)
{
    u8 bytes[2 * CROSS_BYTES];
    u32 first = PAGE_SIZE - (u32)(linear & PAGE_MASK), used;
    struct fetch_page second;
    if (limit_bytes(cpu) < 15)                  /* the limit goes before the second page's #PF */
        return scratch_block(cpu, linear, mode);
    memcpy(bytes, host, first);
    fetch_page(cpu, (u32)(linear + first), &second);
    if (!second.host)
        return scratch_block(cpu, linear, mode);
    memcpy(bytes + first, second.host, CROSS_BYTES);
    struct block *b = new_block(cpu);
    struct source src = { bytes, (u32)(linear & PAGE_MASK), first + CROSS_BYTES };
    struct cross_check *check = (struct cross_check *)&b->ops[1];
    int k = lay_probe(b->ops, 0, h_check_cross, src.pc, 0) + 1;
    k = lay_break(cpu, b->ops, k, src.pc, mode);
    k = build(cpu, b->ops, k, &src, mode, 1, &used);
    assert(k);
    ((struct link *)b->ops)->key = jump_key(cpu, (u32)(cpu->page + PAGE_SIZE));
    check->host = second.host;
    check->n = (u8)(used - first);
    memcpy(check->bytes, bytes + first, check->n);
    b->mode = mode;
    b->start = (u16)src.pc;
    b->bytes = (u16)first;
    b->reach = (u16)used;
    keep_block(cpu, p, b, k);
    return b->ops;
}

bool block_cross_holds(struct cpu *cpu, const struct op *o)
{
    struct link *l = (struct link *)(uintptr_t)o;
    struct cross_check *check = (struct cross_check *)(l + 1);
    if (l->key != jump_key(cpu, (u32)(cpu->page + PAGE_SIZE))) {
        struct fetch_page second;
        fetch_page(cpu, (u32)(cpu->page + PAGE_SIZE), &second);
        if (second.host != check->host)
            return false;
        l->key = jump_key(cpu, (u32)(cpu->page + PAGE_SIZE));
    }
    return !memcmp(check->host, check->bytes, check->n);
}

void block_discard(const struct op *first)
{
    struct block *b = (struct block *)((uintptr_t)first - offsetof(struct block, ops));
    for (struct block **at = &b->page->bucket[bucket_of(b->start, b->mode)]; *at; at = &(*at)->next)
        if (*at == b) {
            *at = b->next;
            break;
        }
    block_kill(b);
}

const struct op *block_at(struct cpu *cpu, enum block_kind kind)
{
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
    u32 mode = mode_of_kind(cpu->mode, kind), pc = (u32)(linear & PAGE_MASK), used;
    struct fetch_page page;
    if (unlikely(cpu->s.rip > cpu->s.seg[CS].limit)) {
        if (cpu_has(cpu, FEATURE_286))
            cpu_raise_target(cpu, cpu->s.rip, "instruction fetch past the limit of the code segment");
        cpu->s.rip &= 0xffff;
        linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
        pc = (u32)(linear & PAGE_MASK);
    }
    fetch_page(cpu, linear, &page);
    cpu->page = linear & ~(u64)PAGE_MASK;
    if (!page.host)
        return scratch_block(cpu, linear, mode);
    struct code_page *p = code_page_of(cpu->cache.blocks, page.ram, page.offset);
    u32 left = limit_bytes(cpu);
    for (struct block *b = p->bucket[bucket_of(pc, mode)]; b; b = b->next)
        if (b->start == pc && b->mode == mode)
            return left < b->reach ? scratch_block(cpu, linear, mode) : b->ops;
    struct block *b = new_block(cpu);
    u32 in_page = PAGE_SIZE - pc;
    struct source src = { page.host + pc, pc, in_page < left ? in_page : left };
    int k = lay_break(cpu, b->ops, 0, pc, mode);
    k = build(cpu, b->ops, k, &src, mode, kind == KIND_STEP ? 1 : BLOCK_MAX, &used);
    if (!k && left < in_page)
        return scratch_block(cpu, linear, mode);
    if (!k)
        return cross_block(cpu, p, linear, mode, page.host + pc);
    b->mode = mode;
    b->start = (u16)pc;
    b->bytes = b->reach = (u16)used;
    keep_block(cpu, p, b, k);
    return b->ops;
}
