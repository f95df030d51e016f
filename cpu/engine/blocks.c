/* blocks.c - decoded blocks: made, found, killed.
 * A block is a run of instructions within one page, through conditional jumps that are not taken; it is keyed by host page, offset
 * and mode, so that it survives whatever happens to linear addresses, and serves every processor of the machine. Code is watched byte
 * by byte; a kill makes the block's first op h_stale, and its memory comes back when the whole pool is thrown away. */
#include "build.h"
#include "run.h"
#include "../mmu/paging.h"

enum { BUCKETS = 64, POOL_OPS = 400000, YOUNG_OPS = 100000, BLOCK_OPS = BLOCK_MAX * 4 + 8, CROSS_BYTES = 16 };
enum { BYTES_A_UNIT = 64, PAGES_A_UNIT = 4 };  /* what a host goes through in the time of a unit: cpu_work */

struct block {
    struct block *next;             /* in the page's bucket */
    u32 mode;
    u16 start, bytes;               /* bytes: in this page */
    u16 reach;                      /* with what an instruction that crosses has in the next page */
    u16 youth;                      /* so many runs more, and it is made in full length; 0: it was */
    struct code_page *page;
    const struct op *successor;     /* of a dead block: engine.h, block_successor */
    struct op ops[];
};
_Static_assert(offsetof(struct block, ops) == offsetof(struct block, successor) + sizeof(struct op *), "block_successor finds it");

struct code_page {
    struct ram *ram;
    u64 offset;
    u8 covered[PAGE_SIZE / 8 + 1];  /* a bit a byte: decoded; and one of none */
    u64 again[PAGE_SIZE / 64];      /* a bit an offset: a young block began there when they were thrown away */
    struct block *bucket[BUCKETS];
    struct code_page *next;         /* of all */
};

struct pool { struct op *ops; u32 used, size; };

struct blocks {
    struct cpu *cpu[BLOCKS_CPUS];   /* whose code this is, at the front; the rest is NULL */
    struct pool full, young;        /* young blocks have their own, so that code which runs once leaves the others in peace */
    u32 epoch;
    int youth;
    u64 keys;                       /* given out by blocks_key */
    u64 written;                    /* counts changes of decoded bytes */
    struct code_page *pages;
    u64 place[PAGE_SIZE / 64];      /* a bit an offset in a page: one of the processors observes a place there */
    struct composer *composer;
    struct heads *heads;
    struct op scratch[16];          /* the one-instruction block of code that cannot be kept */
};

static struct pool pool_new(u32 size)
{
    return (struct pool){ .ops = xcalloc(size, sizeof(struct op)), .size = size };
}

struct blocks *blocks_join(struct blocks *b, struct cpu *cpu)
{
    int k = 0;
    if (!b) {
        b = xcalloc(1, sizeof *b);
        b->full = pool_new(POOL_OPS);
        b->young = pool_new(YOUNG_OPS);
        b->epoch = 1;
        b->youth = block_youth();
        b->composer = composer_new();
        b->heads = heads_new(cpu);
    }
    while (b->cpu[k])
        k++;
    assert(k < BLOCKS_CPUS);
    b->cpu[k] = cpu;
    return b;
}

void cpu_set_youth(struct cpu *cpu, int runs) { cpu->cache.blocks->youth = runs; }

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
    free(b->full.ops);
    free(b->young.ops);
    composer_free(b->composer);
    heads_free(b->heads);
    free(b);
}

static struct block *block_of(const struct op *first) { return (struct block *)((uintptr_t)first - offsetof(struct block, ops)); }

bool block_kept(const struct cpu *cpu, const struct op *first)
{
    const struct op *scratch = cpu->cache.blocks->scratch;
    return (first < scratch || first >= scratch + ARRAY_LEN(cpu->cache.blocks->scratch)) && !block_of(first)->youth;
}

u32 blocks_epoch(const struct cpu *cpu) { return cpu->cache.blocks->epoch; }
u64 blocks_written(const struct cpu *cpu) { return cpu->cache.blocks->written; }

/* Pointers to ops are about to die. */
static void forget_ops(struct blocks *b, bool young_alone)
{
    for (int k = 0; k < BLOCKS_CPUS && b->cpu[k]; k++) {
        if (!young_alone)
            memset(b->cpu[k]->cache.jump_cache, 0, JUMP_CACHE * sizeof(struct jump_cache));
        memset(b->cpu[k]->cache.ret_stack, 0, sizeof b->cpu[k]->cache.ret_stack);
    }
    b->young.used = 0;
    b->epoch++;
}

void blocks_flush(struct cpu *cpu)
{
    struct blocks *b = cpu->cache.blocks;
    u64 pages = 0;
    for (struct code_page *p = b->pages; p; p = p->next, pages++) {
        memset(p->bucket, 0, sizeof p->bucket);
        memset(p->covered, 0, sizeof p->covered);
        memset(p->again, 0, sizeof p->again);
        p->ram->flags[p->offset >> PAGE_SHIFT] &= (u8)~PAGE_HAS_CODE;
    }
    forget_ops(b, false);
    b->full.used = 0;
    b->written++;                   /* from now on nobody looks whether they are */
    cpu_work(cpu, 1 + pages / PAGES_A_UNIT);
}

/* The young blocks alone go. Only return stacks led to them. Code that runs again later is none that runs once, however seldom it does:
 * then it is made in full length at once. Their bytes stay covered, which costs a look where they are written. */
static void flush_young(struct cpu *cpu)
{
    struct blocks *b = cpu->cache.blocks;
    u64 pages = 0;
    for (struct code_page *p = b->pages; p; p = p->next, pages++)
        for (int k = 0; k < BUCKETS; k++)
            for (struct block **at = &p->bucket[k], *block; (block = *at); )
                if (block->youth) {
                    p->again[block->start >> 6] |= 1ull << (block->start & 63);
                    *at = block->next;
                } else {
                    at = &block->next;
                }
    forget_ops(b, true);
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
    u32 end = first + n;                        /* in the page */
    for (; first < end && first & 7; first++)
        p->covered[first >> 3] |= (u8)(1 << (first & 7));
    for (; first + 8 <= end; first += 8)
        p->covered[first >> 3] = 0xff;
    for (; first < end; first++)
        p->covered[first >> 3] |= (u8)(1 << (first & 7));
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
    static const _Alignas(2) u8 all[PAGE_SIZE / 8 + 1] = { [0 ... PAGE_SIZE / 8] = 0xff };
    const struct code_page *p = ram ? ram->code[offset >> PAGE_SHIFT] : NULL;
    return p ? p->covered : all;
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
                p->again[b->start >> 6] &= ~(1ull << (b->start & 63));  /* other code, which may run once */
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

const struct composer *blocks_composer(const struct cpu *cpu) { return cpu->cache.blocks->composer; }
struct heads *blocks_heads(const struct cpu *cpu) { return cpu->cache.blocks->heads; }

bool blocks_place(const struct cpu *cpu, u32 pc)
{
    return cpu->cache.blocks->place[(pc & PAGE_MASK) >> 6] >> (pc & 63) & 1;
}

bool blocks_trailed(const struct cpu *cpu)
{
    const struct blocks *b = cpu->cache.blocks;
    for (int k = 0; k < BLOCKS_CPUS && b->cpu[k]; k++)
        if (b->cpu[k]->trail)
            return true;
    return false;
}

/* Second op of a block whose instruction crosses into another page: that page's part, compared each time. */
struct cross_check { const u8 *host; u8 n, bytes[15]; };
_Static_assert(sizeof(struct cross_check) <= sizeof(struct op), "takes an op's place");

static struct block *new_block(struct cpu *cpu, int youth)
{
    struct blocks *b = cpu->cache.blocks;
    struct pool *pool = youth ? &b->young : &b->full;
    if (pool->used + BLOCK_OPS + 4 > pool->size)
        youth ? flush_young(cpu) : blocks_flush(cpu);
    return (struct block *)&pool->ops[pool->used];
}

static void keep_block(struct cpu *cpu, struct code_page *p, struct block *b, int ops)
{
    u32 bucket = bucket_of(b->start, b->mode);
    u32 header = (sizeof *b + sizeof(struct op) - 1) / sizeof(struct op);
    struct blocks *all = cpu->cache.blocks;
    (b->youth ? &all->young : &all->full)->used += header + (u32)ops;
    b->page = p;
    b->next = p->bucket[bucket];
    p->bucket[bucket] = b;
    cover(p, b->start, b->bytes);
    if (!(p->ram->flags[p->offset >> PAGE_SHIFT] & PAGE_HAS_CODE)) {
        p->ram->flags[p->offset >> PAGE_SHIFT] |= PAGE_HAS_CODE;
        for (int k = 0; k < BLOCKS_CPUS && all->cpu[k]; k++)
            tlb_protect(all->cpu[k], p->ram, p->offset);
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
        struct decode try = { .cpu = cpu, .bytes = bytes, .n = (int)got, .mode = mode };
        if (got && decode_insn(&try, &d))
            break;
        bytes[got] = fetch_byte(cpu, (u32)(got < left ? linear + got : cpu->s.seg[CS].base + got - left));
    }
    struct source src = { bytes, (u32)(linear & PAGE_MASK), got };
    int k = lay_break(cpu, b->scratch, 0, src.pc, mode);
    if (mode_kind(mode) == KIND_DEBUG)
        k = lay_probe(b->scratch, k, h_hook, src.pc, 0);
    if (!block_build(cpu, b->scratch, k, &src, mode_of_kind(mode, KIND_STEP), EXTENT_ONE, &used))
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
    struct block *b = new_block(cpu, 0);
    struct source src = { bytes, (u32)(linear & PAGE_MASK), first + CROSS_BYTES };
    struct cross_check *check = (struct cross_check *)&b->ops[1];
    int k = lay_probe(b->ops, 0, h_check_cross, src.pc, 0) + 1;
    k = lay_break(cpu, b->ops, k, src.pc, mode);
    k = block_build(cpu, b->ops, k, &src, mode, EXTENT_ONE, &used);
    assert(k);
    ((struct link *)b->ops)->key = jump_key(cpu, (u32)(cpu->page + PAGE_SIZE));
    check->host = second.host;
    check->n = (u8)(used - first);
    memcpy(check->bytes, bytes + first, check->n);
    b->mode = mode;
    b->start = (u16)src.pc;
    b->bytes = (u16)first;
    b->reach = (u16)used;
    b->youth = 0;
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

static void discard(struct block *b)
{
    for (struct block **at = &b->page->bucket[bucket_of(b->start, b->mode)]; *at; at = &(*at)->next)
        if (*at == b) {
            *at = b->next;
            break;
        }
    block_kill(b);
}

void block_discard(const struct op *first) { discard(block_of(first)); }

/* The block there, if it is decoded and shall not be made anew. *full: it was young, and is gone. */
static struct block *find(struct code_page *p, u32 pc, u32 mode, bool *full)
{
    for (struct block *b = p->bucket[bucket_of(pc, mode)]; b; b = b->next)
        if (b->start == pc && b->mode == mode) {
            if (likely(!b->youth) || --b->youth)
                return b;
            discard(b);
            *full = true;
            return NULL;
        }
    return NULL;
}

/* The block that begins at this address, whose page lies at host; not of a young one: in full length. */
static const struct op *make_block(struct cpu *cpu, struct code_page *p, u64 linear, u32 mode, const u8 *host, int youth)
{
    struct block *b = new_block(cpu, youth);
    u32 pc = (u32)(linear & PAGE_MASK), left = limit_bytes(cpu), in_page = PAGE_SIZE - pc, used;
    struct source src = { host + pc, pc, in_page < left ? in_page : left };
    enum extent extent = mode_kind(mode) == KIND_STEP ? EXTENT_ONE : youth ? EXTENT_YOUNG : EXTENT_FULL;
    int k = lay_break(cpu, b->ops, 0, pc, mode);
    k = block_build(cpu, b->ops, k, &src, mode, extent, &used);
    if (!k && left < in_page)
        return scratch_block(cpu, linear, mode);
    if (!k)
        return cross_block(cpu, p, linear, mode, host + pc);
    b->mode = mode;
    b->start = (u16)pc;
    b->bytes = b->reach = (u16)used;
    b->youth = (u16)youth;
    keep_block(cpu, p, b, k);
    return b->ops;
}

/* Is a block that is kept the one that a search would find? */
static bool is_the_one(const struct op *first, const struct code_page *p, u32 pc, u32 mode)
{
    const struct block *b = block_of(first);
    return b->start == pc && b->mode == mode && b->page == p && first->fn != (void (*)(void))h_stale;
}

const struct op *block_at(struct cpu *cpu, enum block_kind kind, const struct op *before)
{
    u64 linear = (u32)(cpu->s.rip + cpu->s.seg[CS].base);
    u32 mode = mode_of_kind(cpu->mode, kind), pc = (u32)(linear & PAGE_MASK);
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
    bool full = false;
    struct block *b = before && is_the_one(before, p, pc, mode) ? block_of(before) : find(p, pc, mode, &full);
    if (b)
        return limit_bytes(cpu) < b->reach ? scratch_block(cpu, linear, mode) : b->ops;
    full |= kind == KIND_STEP || p->again[pc >> 6] >> (pc & 63) & 1;
    return make_block(cpu, p, linear, mode, page.host, full ? 0 : cpu->cache.blocks->youth);
}
