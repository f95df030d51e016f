/* generate.c - random instructions for the lock-step test, from the opcode table.
 * Follows: Intel SDM Vol. 2, Appendix A (opcode map), "Instruction Format".
 * Here: every encoding of the table that user mode may run or must fault on, with prefixes that mean something and
 * some that do not, up to instructions longer than processors take; encodings.c lists what is left out. */
#include "making.h"
#include "../../cpu/insn/x87/f80.h"

void put(struct insn *i, u8 byte)
{
    if (i->length < sizeof i->bytes)
        i->bytes[i->length++] = byte;
}

void put_n(struct insn *i, u32 v, int n)
{
    while (n--) {
        put(i, (u8)v);
        v >>= 8;
    }
}

/* In percent, by g->mix: everything; mostly integer code, whose flags live on; mostly x87. */
static const u8 shares[GENERATOR_MIXES][ENCODING_CLASSES] = {
    { [CLASS_INTEGER] = 44, [CLASS_SEGMENT] = 8, [CLASS_X87] = 38, [CLASS_MMX] = 10 },
    { [CLASS_INTEGER] = 90, [CLASS_SEGMENT] = 4, [CLASS_X87] = 3, [CLASS_MMX] = 3 },
    { [CLASS_INTEGER] = 20, [CLASS_SEGMENT] = 5, [CLASS_X87] = 70, [CLASS_MMX] = 5 },
};

static const struct encoding *pick(struct generator *g)
{
    const struct encodings *e = &g->encodings;
    u32 n = random_below(&g->random, 100), class = 0;
    while (n >= shares[g->mix][class])
        n -= shares[g->mix][class++];
    if (class == CLASS_SEGMENT && !g->segments)
        class = CLASS_INTEGER;
    return &e->list[e->draw[class][random_below(&g->random, e->weight[class])]];
}

static u32 target_for(struct making *m)
{
    const struct encoding *n = m->n;
    struct random *r = m->r;
    if (random_below(r, 20) == 0)
        return CODE_AT + random_below(r, CODE_SIZE - 16);       /* a read-only page */
    if (random_below(r, 12)) {
        u32 off = random_below(r, 5) ? 0 : random_below(r, 8);
        if (n->class == CLASS_SEGMENT)
            return (has(n, Mp) ? FAR_AT + 8 * random_below(r, FAR_SIZE / 8)
                               : SELECTORS_AT + 2 * random_below(r, SELECTORS_SIZE / 2)) + off;
        if (is_named(n, "fxsave") || is_named(n, "fxrstor"))
            return DATA_AT + (random_below(r, 0x28) + 0x100) * 16 + off;
        if (n->class == CLASS_X87)
            return FLOATS_AT + random_below(r, FLOATS_SIZE / 16) * 16
                   + (random_below(r, 10) ? 0 : random_below(r, 16));
        if (n->class == CLASS_MMX && random_below(r, 2))
            return LANES_AT + random_below(r, LANES_SIZE / 8) * 8 + (random_below(r, 4) ? 0 : random_below(r, 8));
    }
    return random_target(r);
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
    if (has(n, Gv) && !n->row->body && n->row->writes == FLAG_CF
        && random_below(r, 8)) /* BT: the register moves the address */
        target -= (u32)((i32)(size == 2 ? (i16)m->now->gpr[reg] : (i32)m->now->gpr[reg]) >> (size == 2 ? 4 : 5))
                  * (u32)size;
    put_address(m, reg, target);
    return true;
}

/* ---- prefixes ---- */

enum { PREFIXES_MAX = INSN_ROOM - 4, KIND_SEGMENT = 0, KIND_REP, KIND_OTHER };
struct prefixes { u8 bytes[PREFIXES_MAX]; int count; };

static void add_prefix(struct prefixes *p, u8 byte)
{
    if (p->count < PREFIXES_MAX)
        p->bytes[p->count++] = byte;
}

static int kind_of(u8 byte)
{
    return byte >= 0xf2 ? KIND_REP : byte == 0xf0 || byte == 0x66 || byte == 0x67 ? KIND_OTHER : KIND_SEGMENT;
}

/* Instructions that F2 and F3, reserved there, neither turn into others on later processors nor change: AMD's LOOPNE
 * takes the condition from F3 (SDM Vol. 2A "Instruction Prefixes": unpredictable). */
static bool ignores_rep(const struct encoding *n)
{
    if (n->alone)
        return false;
    if (!n->two_byte)
        return !(n->row->attr & A_REP) && n->opcode != 0xe0 && n->opcode != 0xe1;
    return (n->opcode >= 0x80 && n->opcode < 0xa0) || n->opcode == 0xaf || n->opcode == 0xb6 || n->opcode == 0xb7
        || n->opcode >= 0xc8;
}

/* More of the same, and overrides that a later one overrides: they change nothing but the length. */
static void add_redundant(struct making *m, struct prefixes *p)
{
    static const u8 override[6] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    struct prefixes needed = *p;
    int more = 1 + (int)random_below(m->r, random_below(m->r, 6) ? 4 : 15);
    if (!needed.count)
        return;
    p->count = 0;
    for (int i = 0; i < more; i++) {
        u8 byte = needed.bytes[random_below(m->r, (u32)needed.count)];
        if (kind_of(byte) == KIND_SEGMENT)
            byte = override[random_below(m->r, 6)];
        else if (kind_of(byte) == KIND_REP)
            byte = (u8)(0xf2 + random_below(m->r, 2));
        add_prefix(p, byte);
    }
    if (p->count > PREFIXES_MAX - needed.count)
        p->count = PREFIXES_MAX - needed.count;
    m->i->extra = (u8)p->count;
    for (int i = 0; i < needed.count; i++)
        add_prefix(p, needed.bytes[i]);
}

/* Any order; within a kind the last one counts. */
static void shuffle(struct random *r, struct prefixes *p)
{
    for (int n = 0; p->count > 1 && n < 2 * p->count; n++) {
        u32 i = random_below(r, (u32)p->count - 1);
        u8 a = p->bytes[i], b = p->bytes[i + 1];
        if (kind_of(a) != kind_of(b) || kind_of(a) == KIND_OTHER) {
            p->bytes[i] = b;
            p->bytes[i + 1] = a;
        }
    }
}

static void put_prefixes(struct making *m, bool memory)
{
    static const u8 override[6] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    const struct row *row = m->n->row;
    struct random *r = m->r;
    struct prefixes p = { .count = 0 };
    m->segment = -1;
    /* A 16-bit address reaches nothing but segments with a base. */
    if (memory && m->address16 && base_of(m, DS) == 0 && random_below(r, 8))
        m->segment = GS;
    else if (random_below(r, memory || row->attr & A_REP ? 16 : 40) == 0)
        m->segment = (int)random_below(r, 6);
    if (m->segment >= 0)
        add_prefix(&p, override[m->segment]);
    if (row->attr & A_REP ? random_below(r, 2) : ignores_rep(m->n) && random_below(r, 50) == 0)
        add_prefix(&p, (u8)(0xf2 + random_below(r, 2)));
    if ((random_below(r, 40) == 0 && !has(m->n, Cd)) /* LOCK MOV CR0 is AMD's CR8 */
        || (row->attr & A_LOCK && memory && random_below(r, 20) == 0))
        add_prefix(&p, 0xf0);
    if (m->n->prefix)
        add_prefix(&p, m->n->prefix);
    if (m->size16 == m->code32 && m->n->prefix != 0x66)
        add_prefix(&p, 0x66);
    if (m->address16 == m->code32)
        add_prefix(&p, 0x67);
    if (random_below(r, 12) == 0)
        add_redundant(m, &p);
    if (random_below(r, 2))
        shuffle(r, &p);
    for (int i = 0; i < p.count; i++)
        put(m->i, p.bytes[i]);
}

/* ---- the rest ---- */

static void put_immediates(struct making *m)
{
    struct random *r = m->r;
    int size = m->size16 ? 2 : 4;
    bool narrow_shift = m->size16 && (is_named(m->n, "shld") || is_named(m->n, "shrd"));
    for (int k = 0; k < 3; k++) {
        switch (m->n->operand[k]) {
        case Ib:
            put(m->i, m->n->operand[0] == Iw ? (u8)random_below(r, 40)
                      : narrow_shift ? (u8)((random_u32(r) & 0xe0) | random_below(r, 17)) : (u8)random_value(r));
            break;
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
    bool memory = n->has_modrm && n->memory && (!n->registers || random_below(m->r, 2)),
         offset = has(n, Ob) || has(n, Ov);
    put_prefixes(m, memory || offset);
    if (n->two_byte)
        put(m->i, 0x0f);
    put(m->i, n->opcode);
    m->i->memory = memory;
    if (n->has_modrm && !put_modrm(m, memory))
        return false;
    put_immediates(m);
    return m->i->length < INSN_ROOM;
}

/* With 66 it is another instruction, which hosts have. */
static bool prefix_selects(const struct encoding *n)
{
    return (n->alone && n->prefix < 0xf2) || (!n->row->mnemonic && n->two_byte && n->opcode >= 0x71 && n->opcode <= 0x73);
}

static struct making begin(struct generator *g, const struct regs *now, struct insn *out)
{
    struct making m = { .r = &g->random, .i = out, .now = now, .memory = g->memory, .segment = -1 };
    selector_base(now->selector[CS], &m.code32);
    memset(out, 0, sizeof *out);
    return m;
}

void insn_generate(struct generator *g, const struct regs *now, struct insn *out)
{
    struct random *r = &g->random;
    struct making m = begin(g, now, out);
    m.n = g->want && random_below(r, 6) ? g->want : pick(g);
    g->want = NULL;
    m.size16 = m.code32 ? random_below(r, m.n->row->attr & A_BRANCH ? 30 : 4) == 0 : random_below(r, 3) != 0;
    if (prefix_selects(m.n))                    /* 66 is there exactly where it is mandatory */
        m.size16 = m.n->prefix == 0x66 ? m.code32 : !m.code32;
    m.address16 =
        m.code32 ? (m.n->has_modrm || m.n->row->attr & A_REP) && random_below(r, 12) == 0 : random_below(r, 3) != 0;
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

/* ---- loops ---- */

void insn_count(struct generator *g, const struct regs *now, struct insn *out)
{
    struct making m = begin(g, now, out);
    move_to(&m, ECX, 1 + random_below(m.r, 6));
    g->want = NULL;
}

/* A Jcc or LOOP, as the table has them. */
static const struct encoding *pick_branch(struct generator *g)
{
    u32 n = random_below(&g->random, 40);
    u8 opcode = (u8)(n < 24 ? 0xe0 + n / 8 % 3 : n < 25 ? 0xe3 : 0x70 + random_below(&g->random, 16));
    for (int i = 0; i < g->encodings.count; i++) {
        const struct encoding *e = &g->encodings.list[i];
        if (!e->two_byte && e->opcode == opcode)
            return e;
    }
    return NULL;
}

void insn_branch(struct generator *g, const struct regs *now, u32 target, struct insn *out)
{
    struct making m = begin(g, now, out);
    m.n = pick_branch(g);
    put(out, m.n->opcode);
    i32 distance = (i32)(target - (now->eip + 2));
    put(out, (u8)distance);
    out->encoding = m.n;
    if (distance < -128 || distance > 127)
        out->length = 0;
    g->want = NULL;
}

/* ---- counting ---- */

/* CF, PF, AF, ZF, SF, OF as a number. */
static u32 flag_state(u32 f)
{
    return (f & FLAG_CF) | (f & FLAG_PF) >> 1 | (f & FLAG_AF) >> 2 | (f & FLAG_ZF) >> 3 | (f & FLAG_SF) >> 3
           | (f & FLAG_OF) >> 6;
}

static enum st0_class st0_class(const struct fpu *f)
{
    u64 m = f->st[0].significand;
    int exp = f->st[0].se & F80_EXP;
    if (!(f->valid >> (f->fsw >> 11 & 7) & 1))
        return ST0_EMPTY;
    if (exp == 0)
        return m ? ST0_DENORMAL : ST0_ZERO;
    if (!(m & F80_INTEGER_BIT))
        return ST0_UNSUPPORTED;
    return exp < F80_EXP ? ST0_NORMAL : m == F80_INTEGER_BIT ? ST0_INFINITY : m & F80_QUIET_BIT ? ST0_QNAN : ST0_SNAN;
}

static u8 places_of(u16 selector, u32 at)
{
    const struct ldt_form *f = &ldt_forms[selector >> 3 & (LDT_COUNT - 1)];
    bool local = selector & 4 && selector >> 3 < LDT_COUNT, data = local && f->contents < 2;
    return (u8)((at - CODE_AT < CODE_SIZE) << PLACE_READ_ONLY_PAGE | (data && f->restricted) << PLACE_READ_ONLY_SEGMENT
                | (data && f->contents == 1) << PLACE_EXPAND_DOWN | (local && f->base) << PLACE_BASED);
}

void insn_made(struct generator *g, const struct insn *i, const struct op *o, const struct regs *before, u32 at)
{
    if (!i->encoding)
        return;
    struct encoding *e = &g->encodings.list[i->encoding - g->encodings.list];
    bool wide;
    selector_base(before->selector[CS], &wide);
    e->made[i->memory]++;
    e->flag_states |= 1ull << flag_state(before->eflags);
    e->fpu_modes |= (u16)(1u << (before->fpu.fcw >> 8 & 15));
    e->st0_classes |= (u8)(1 << st0_class(&before->fpu));
    e->code_sizes |= (u8)(1 << wide);
    if (i->memory && o->row) {
        e->alignments |= (u8)(1 << (at & 7));
        e->places |= places_of(before->selector[op_seg(o)], at);
    }
    g->encodings.redundant += i->extra != 0;
    g->encodings.too_long += i->length > INSN_MAX;
    g->encodings.crossing += (regs_linear(before) & 0xfff) + i->length > 0x1000;
}
