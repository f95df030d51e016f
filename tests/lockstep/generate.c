/* generate.c - random instructions for the lock-step test, from the opcode table.
 * Follows: Intel SDM Vol. 2, Appendix A (opcode map), "Instruction Format".
 * Here: every encoding of the table that user mode may run or must fault on; encodings.c lists what is left out. */
#include "generate.h"
#include "../../cpu/cpu.h"

u32 random_u32(struct random *r)
{
    /* splitmix64, by its published constants */
    u64 z = r->s += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (u32)((z ^ z >> 31) >> 16);
}

u32 random_value(struct random *r)
{
    u32 v = random_u32(r);
    switch (random_below(r, 8)) {
    case 0: return 0;
    case 1: return 1u << (v & 31);
    case 2: return (1u << (v & 31)) - 1;
    case 3: return ~(1u << (v & 31));
    case 4: return v & 0xff;
    case 5: return (u32)-(i32)(v & 0xff);
    default: return v;
    }
}

static void put(struct insn *i, u8 byte)
{
    if (i->length < sizeof i->bytes)
        i->bytes[i->length++] = byte;
}

static void put_n(struct insn *i, u32 v, int n)
{
    while (n--) {
        put(i, (u8)v);
        v >>= 8;
    }
}

/* An address for a memory operand: inside mostly, across an edge or nowhere sometimes. */
static u32 random_target(struct random *r)
{
    switch (random_below(r, 40)) {
    case 0: return DATA_AT + DATA_SIZE - 1 - random_below(r, 8);
    case 1: return DATA_AT - random_below(r, 8);
    case 2: return CODE_AT + random_below(r, CODE_SIZE);
    case 3: return random_u32(r);
    case 4: case 5: return DATA_AT + 0x1000 * (1 + random_below(r, 2)) - random_below(r, 8);
    case 6: case 7: return STACK_AT + random_below(r, STACK_SIZE - 16);
    case 8: case 9: case 10: return DATA_AT + random_below(r, DATA_SIZE - 16);
    default: return DATA_AT + 4 * random_below(r, DATA_SIZE / 4 - 4);
    }
}

u16 random_selector(struct random *r)
{
    switch (random_below(r, 16)) {
    case 0: return (u16)random_below(r, 4);
    case 1: return USER_CS;
    case 2: return USER_DS;
    case 3: return ldt_selector(LDT_COUNT + (int)random_below(r, 3));
    case 4: return (u16)(ldt_selector((int)random_below(r, LDT_COUNT)) & (0xfffc | random_u32(r)));
    default: return ldt_selector((int)random_below(r, LDT_COUNT));
    }
}

bool selector_comparable(u16 selector)
{
    return selector & 4 || selector < 4 || (selector | 3) == USER_CS || (selector | 3) == USER_DS;
}

/* What is known while one instruction is put together. */
struct making {
    struct random *r;
    struct insn *i;
    const struct side *now;
    const struct encoding *n;
    bool code32, size16, address16;
    int segment;                /* override; -1: none */
};

static u32 base_of(const struct making *m, int segment)
{
    bool wide;
    return selector_base(m->now->selector[segment], &wide);
}
static int segment_used(const struct making *m, bool stack) { return m->segment >= 0 ? m->segment : stack ? SS : DS; }

/* ModRM (and SIB) that reach the linear address `target` with 32-bit addressing, whatever the registers hold. */
static void put_address32(struct making *m, int reg, u32 target)
{
    struct random *r = m->r;
    const u32 *gpr = m->now->gpr;
    int rm = (int)random_below(r, 8), base = (int)random_below(r, 8), index = (int)random_below(r, 8), scale = (int)random_below(r, 4);
    u32 sum;
    if (random_below(r, 4) == 0) {              /* no register, or only a scaled index */
        bool sib = random_below(r, 2);
        target -= base_of(m, segment_used(m, false));
        put(m->i, (u8)(reg << 3 | (sib ? 4 : 5)));
        if (sib)
            put(m->i, (u8)(scale << 6 | index << 3 | 5));
        put_n(m->i, target - (sib && index != ESP ? gpr[index] << scale : 0), 4);
        return;
    }
    bool stack = rm == 4 ? base == ESP || base == EBP : rm == EBP;
    target -= base_of(m, segment_used(m, stack));
    sum = rm == 4 ? gpr[base] + (index == ESP ? 0 : gpr[index] << scale) : gpr[rm];
    i32 disp = (i32)(target - sum);
    bool needs = rm == 5 || (rm == 4 && base == 5);
    int mod = disp == 0 && !needs ? 0 : disp >= -128 && disp < 128 ? 1 : 2;
    put(m->i, (u8)(mod << 6 | reg << 3 | rm));
    if (rm == 4)
        put(m->i, (u8)(scale << 6 | index << 3 | base));
    put_n(m->i, (u32)disp, mod == 2 ? 4 : mod);
}

/* The same for 16-bit addressing. */
static void put_address16(struct making *m, int reg, u32 target)
{
    static const i8 first[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX }, second[8] = { ESI, EDI, ESI, EDI, -1, -1, -1, -1 };
    int rm = (int)random_below(m->r, 8);
    bool direct = rm == 6 && random_below(m->r, 2);
    target -= base_of(m, segment_used(m, !direct && first[rm] == EBP));
    u16 disp = (u16)(target - m->now->gpr[first[rm]] - (second[rm] >= 0 ? m->now->gpr[second[rm]] : 0));
    if (direct) {
        put(m->i, (u8)(reg << 3 | 6));
        put_n(m->i, target, 2);
        return;
    }
    int mod = disp == 0 && rm != 6 ? 0 : disp < 0x80 || disp >= 0xff80 ? 1 : 2;
    put(m->i, (u8)(mod << 6 | reg << 3 | rm));
    put_n(m->i, disp, mod);
}

/* ---- registers that must be right first ---- */

static void size_prefix(struct making *m, bool bits32)
{
    if (bits32 != m->code32)
        put(m->i, 0x66);
}

static bool move_to(struct making *m, int reg, u32 v)
{
    size_prefix(m, true);
    put(m->i, (u8)(0xb8 + reg));
    put_n(m->i, v, 4);
    return true;
}

static bool push(struct making *m, u32 v)
{
    size_prefix(m, !m->size16);
    put(m->i, 0x68);
    put_n(m->i, v, m->size16 ? 2 : 4);
    return true;
}

static bool in_data(u32 a)  { return a >= DATA_AT + 64 && a < DATA_AT + DATA_SIZE - 64; }
static bool in_stack(u32 a) { return a >= STACK_AT + 256 && a < STACK_AT + STACK_SIZE - 256; }

static u32 stack_linear(const struct making *m)
{
    bool wide;
    u32 base = selector_base(m->now->selector[SS], &wide);
    return base + (wide ? m->now->gpr[ESP] : m->now->gpr[ESP] & 0xffff);
}

static u32 stack_word(const struct making *m, u32 at)
{
    const u8 *p = side_memory((struct side *)(uintptr_t)m->now, stack_linear(m) + at, 4);
    return p ? get32(p) : 0;
}

static bool string_pointer(struct making *m, int reg, int segment)
{
    u32 base = base_of(m, segment), at = base + (m->address16 ? m->now->gpr[reg] & 0xffff : m->now->gpr[reg]);
    if (in_data(at))
        return false;
    return move_to(m, reg, DATA_AT + 64 + random_below(m->r, DATA_SIZE - 128) - base);
}

/* A return address of `size` bytes and a selector above it. */
static bool far_frame(struct making *m, u32 size)
{
    u16 top = (u16)stack_word(m, 0), above = (u16)stack_word(m, size);
    if (top && above && selector_comparable(above))
        return false;
    if (top && selector_comparable(top) && top < 0x100)
        return push(m, 0x100 + random_below(m->r, CODE_SIZE - 0x200) + (top == USER_CS ? CODE_AT : 0));
    return push(m, random_below(m->r, 2) ? random_selector(m->r) : ldt_selector(LDT_CODE16 + 2 * (int)random_below(m->r, 2)));
}

/* True if a register had to be set first. */
static bool prepare(struct making *m)
{
    const struct encoding *n = m->n;
    const u32 *gpr = m->now->gpr;
    const char *name = n->row->mnemonic ? n->row->mnemonic : "";
    if (random_below(m->r, 10) == 0)
        return false;
    if ((n->row->attr & A_STACK || !strcmp(name, "iret")) && !in_stack(stack_linear(m)))
        return move_to(m, ESP, STACK_AT + 0x400 + random_below(m->r, 0x800) / 4 * 4 - base_of(m, SS));
    if (n->row->attr & A_REP && !(n->row->attr & A_IO)) {
        if (string_pointer(m, ESI, DS) || string_pointer(m, EDI, ES))
            return true;
        if (gpr[ECX] > 12)
            return move_to(m, ECX, random_below(m->r, 13));
    }
    if (!strcmp(name, "xlat") && !in_data(base_of(m, DS) + gpr[EBX]))
        return move_to(m, EBX, DATA_AT + 64 + random_below(m->r, DATA_SIZE - 512) - base_of(m, DS));
    if ((!strcmp(name, "div") || !strcmp(name, "idiv")) && gpr[EDX] + 1 > 2 && random_below(m->r, 4))
        return move_to(m, EDX, random_below(m->r, 2) ? 0 : ~0u);
    if (!strcmp(name, "pop") && n->class == CLASS_SEGMENT && !selector_comparable((u16)stack_word(m, 0)))
        return push(m, random_selector(m->r));
    if (!strcmp(name, "ret far") || !strcmp(name, "iret"))
        return far_frame(m, m->size16 ? 2 : 4);
    return false;
}

/* ---- the instruction ---- */

static const struct encoding *pick(struct generator *g)
{
    static const u8 shares[ENCODING_CLASSES] = { [CLASS_INTEGER] = 44, [CLASS_SEGMENT] = 8, [CLASS_X87] = 38, [CLASS_MMX] = 10 };
    const struct encodings *e = &g->encodings;
    u32 n = random_below(&g->random, 100), class = 0;
    while (n >= shares[class])
        n -= shares[class++];
    if (class == CLASS_SEGMENT && !g->segments)
        class = CLASS_INTEGER;
    n = random_below(&g->random, e->weight[class]);
    for (int i = 0;; i++) {
        if (e->list[i].class != class)
            continue;
        if (n < e->list[i].weight)
            return &e->list[i];
        n -= e->list[i].weight;
    }
}

static bool has(const struct encoding *n, int code)
{
    return n->operand[0] == code || n->operand[1] == code || n->operand[2] == code;
}

static bool named(const struct encoding *n, const char *name) { return n->row->mnemonic && !strcmp(n->row->mnemonic, name); }

/* ARPL and its kin write or not as the processor pleases: not to read-only memory. */
static bool may_write(const struct encoding *n) { return named(n, "arpl"); }

static u32 target_for(struct making *m)
{
    const struct encoding *n = m->n;
    struct random *r = m->r;
    if (may_write(n))
        return DATA_AT + random_below(r, DATA_SIZE - 16);
    if (random_below(r, 12)) {
        if (n->class == CLASS_SEGMENT)
            return has(n, Mp) ? FAR_AT + 8 * random_below(r, FAR_SIZE / 8) : SELECTORS_AT + 2 * random_below(r, SELECTORS_SIZE / 2);
        if (named(n, "fxsave") || named(n, "fxrstor"))
            return DATA_AT + (random_below(r, 0x28) + 0x100) * 16;
        if (n->class == CLASS_X87)
            return FLOATS_AT + random_below(r, FLOATS_SIZE / 16) * 16;
    }
    return random_target(r);
}

/* A register that holds a selector to look at. */
static int selector_register(struct making *m)
{
    for (int i = 0, first = (int)random_below(m->r, 8); i < 8; i++) {
        if (selector_comparable((u16)m->now->gpr[(first + i) & 7]))
            return (first + i) & 7;
    }
    return -1;
}

static bool put_modrm(struct making *m, bool memory)
{
    const struct encoding *n = m->n;
    struct random *r = m->r;
    int reg = n->reg >= 0 ? n->reg : (int)random_below(r, 8);
    if (n->modrm) {
        put(m->i, n->modrm);
        return true;
    }
    if (has(n, Sw) && n->reg < 0)
        reg = (int)random_below(r, random_below(r, 30) ? 6 : 8);
    if (has(n, Cd))
        reg = (int[]){ 0, 2, 3, 4 }[reg & 3];   /* the others are undefined before they are privileged, or not: see decode.c */
    if (!memory) {
        int rm = (int)random_below(r, 8);
        if (n->class == CLASS_SEGMENT) {
            rm = selector_register(m);
            if (rm < 0)
                return false;
        }
        put(m->i, (u8)(0xc0 | reg << 3 | rm));
        return true;
    }
    u32 target = target_for(m);
    int size = m->size16 ? 2 : 4;
    if (has(n, Gv) && !n->row->body && n->row->writes == FLAG_CF && random_below(r, 8))   /* BT: the register moves the address */
        target -= (u32)((i32)(size == 2 ? (i16)m->now->gpr[reg] : (i32)m->now->gpr[reg]) >> (size == 2 ? 4 : 5)) * (u32)size;
    if (m->address16)
        put_address16(m, reg, target);
    else
        put_address32(m, reg, target);
    return true;
}

static void put_prefixes(struct making *m, bool memory)
{
    static const u8 override[6] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    const struct row *row = m->n->row;
    struct random *r = m->r;
    m->segment = -1;
    /* A 16-bit address reaches nothing but segments with a base. */
    if (memory && m->address16 && base_of(m, DS) == 0 && random_below(r, 8))
        m->segment = GS;
    else if (!may_write(m->n) && random_below(r, memory ? 20 : 40) == 0)
        m->segment = (int)random_below(r, 6);
    if (m->segment >= 0)
        put(m->i, override[m->segment]);
    if (row->attr & A_REP && random_below(r, 2))
        put(m->i, (u8)(0xf2 + random_below(r, 2)));
    else if (m->n->class == CLASS_X87 && random_below(r, 60) == 0)
        put(m->i, (u8)(0xf2 + random_below(r, 2)));
    if ((random_below(r, 60) == 0 && !has(m->n, Cd)) /* LOCK MOV CR0 is AMD's CR8 */ || (row->attr & A_LOCK && memory && random_below(r, 25) == 0))
        put(m->i, 0xf0);
    if (m->size16 == m->code32)
        put(m->i, 0x66);
    if (m->address16 == m->code32)
        put(m->i, 0x67);
}

static void put_immediates(struct making *m)
{
    struct random *r = m->r;
    int size = m->size16 ? 2 : 4;
    for (int k = 0; k < 3; k++) {
        switch (m->n->operand[k]) {
        case Ib: put(m->i, m->n->operand[0] == Iw ? (u8)random_below(r, 40) : (u8)random_value(r)); break;
        case Ibs: put(m->i, (u8)random_value(r)); break;
        case Iw: put_n(m->i, 4 * random_below(r, 32), 2); break;
        case Iz: case Iv: put_n(m->i, random_value(r), size); break;
        case Jb: put(m->i, random_below(r, 10) ? (u8)(16 + random_below(r, 100)) : (u8)random_u32(r)); break;
        case Jz: put_n(m->i, random_below(r, 10) ? 16 + random_below(r, 200) : random_u32(r), size); break;
        case Ap:
            put_n(m->i, 0x100 + random_below(r, CODE_SIZE - 0x200), size);
            put_n(m->i, random_selector(r), 2);
            break;
        case Ob: case Ov:
            put_n(m->i, random_target(r) - base_of(m, segment_used(m, false)), m->address16 ? 2 : 4);
            break;
        }
    }
}

static bool assemble(struct making *m)
{
    const struct encoding *n = m->n;
    bool memory = n->has_modrm && n->memory && (!n->registers || random_below(m->r, 2)), offset = has(n, Ob) || has(n, Ov);
    put_prefixes(m, memory || offset);
    if (n->two_byte)
        put(m->i, 0x0f);
    put(m->i, n->opcode);
    m->i->memory = memory;
    if (n->has_modrm && !put_modrm(m, memory))
        return false;
    put_immediates(m);
    return m->i->length <= 15;
}

/* With 66 it is another instruction, which hosts have. */
static bool prefix_selects(const struct encoding *n)
{
    return n->row->attr & A_NP || (!n->row->mnemonic && n->two_byte && n->opcode >= 0x71 && n->opcode <= 0x73);
}

/* A 16-bit operand is undefined, or too far from what processors agree upon. */
static bool no_16(const struct encoding *n)
{
    return named(n, "bswap") || named(n, "shld") || named(n, "shrd") || prefix_selects(n);
}

void insn_generate(struct generator *g, const struct side *now, struct insn *out)
{
    struct random *r = &g->random;
    struct making m = { .r = r, .i = out, .now = now, .segment = -1 };
    selector_base(now->selector[CS], &m.code32);
    memset(out, 0, sizeof *out);
    m.n = g->want && random_below(r, 6) ? g->want : pick(g);
    g->want = NULL;
    m.size16 = m.code32 ? random_below(r, m.n->row->attr & A_BRANCH ? 30 : 4) == 0 : random_below(r, 3) != 0;
    if (no_16(m.n))
        m.size16 = prefix_selects(m.n) ? !m.code32 : false;
    m.address16 = m.code32 ? (m.n->has_modrm || m.n->row->attr & A_REP) && random_below(r, 12) == 0 : random_below(r, 3) != 0;
    if (prepare(&m)) {
        g->want = m.n;
        return;
    }
    if (m.n->class == CLASS_SEGMENT && m.n->has_modrm && m.n->registers && selector_register(&m) < 0) {
        move_to(&m, (int)random_below(r, 8), random_selector(r));
        g->want = m.n;
        return;
    }
    if (assemble(&m))
        out->encoding = m.n;
    else
        out->length = 0;
}

void insn_made(struct generator *g, const struct insn *i)
{
    if (i->encoding)
        g->encodings.list[i->encoding - g->encodings.list].made[i->memory]++;
}
