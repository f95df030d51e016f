/* guest.c - our side of the lock-step test. The supervisor is nothing but tables and a HLT: a fault goes through the
 * IDT to it, and the state to compare comes from the frame on its stack.
 * Follows: Intel SDM Vol. 3A "Protected-Mode Memory Management", "Interrupt and Exception Handling". */
#include "guest.h"
#include "../../cpu/flags.h"

enum {
    RAM_SIZE = 4 << 20,
    GDT = 0x1000,
    IDT = 0x2000,
    TSS = 0x3000,
    STACK_TOP = 0x5000,
    HANDLER = 0x6000,
    DIRECTORY = 0x7000,
    TABLE = 0x8000,
    LDT = 0x9000,
    KERNEL_CS = 0x10,
    KERNEL_DS = 0x18,
    TSS_SELECTOR = 0x40,
    TSS_LIMIT = 103,
    LDT_SELECTOR = 0x50,
    PTE_P = 1,
    PTE_W = 2,
    PTE_U = 4,
    GDT_ENTRIES = 32,
    RUN_BUDGET = 20000
};

static void note_interrupt(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct guest *g = to;
    (void)cpu;
    (void)has_error;
    (void)error;
    (void)kind;
    if (g->vector < 0)
        g->vector = vector;
}

/* access: bits 8-23 of the second word. limit in bytes. */
static u64 descriptor(u32 base, u32 limit, u16 access)
{
    return bare_descriptor(base, access & SEG_G ? limit >> 12 : limit, access);
}

static struct segment set_segment(struct guest *g, u16 selector, u32 base, u32 limit, u16 access)
{
    u8 bytes[8];
    put64(bytes, descriptor(base, limit, access));
    guest_write(g, GDT + (selector & ~7u), bytes, 8);
    return (struct segment){ .base = base, .limit = limit, .selector = selector, .access = access };
}

static void map_page(struct guest *g, u32 linear, u32 bits)
{
    u8 bytes[4];
    put32(bytes, linear | bits);
    guest_write(g, TABLE + (linear >> 12) * 4, bytes, 4);
}

static void make_tables(struct guest *g)
{
    static const u8 hlt = 0xf4;
    u8 bytes[8];
    for (u32 v = 0; v < 256; v++) {             /* 32-bit interrupt gates; INT3 and INTO may be called by users */
        put64(bytes, HANDLER | (u64)KERNEL_CS << 16 | (v == EXC_OF || v == EXC_BP ? 0xeeull : 0x8eull) << 40);
        guest_write(g, IDT + v * 8, bytes, 8);
    }
    put64(bytes, (u64)STACK_TOP << 32);
    guest_write(g, TSS, bytes, 8);
    put32(bytes, KERNEL_DS);
    guest_write(g, TSS + 8, bytes, 4);
    put32(bytes, 104u << 16);                   /* no I/O bitmap */
    guest_write(g, TSS + 100, bytes, 4);
    guest_write(g, HANDLER, &hlt, 1);
    put32(bytes, TABLE | PTE_P | PTE_W | PTE_U);
    guest_write(g, DIRECTORY, bytes, 4);
    for (u32 a = 0; a < 0xa000; a += 0x1000)
        map_page(g, a, PTE_P | PTE_W);
    for (u32 a = 0; a < CODE_SIZE; a += 0x1000)
        map_page(g, CODE_AT + a, PTE_P | PTE_U);
    for (u32 a = 0; a < DATA_SIZE; a += 0x1000)
        map_page(g, DATA_AT + a, PTE_P | PTE_W | PTE_U);
    for (u32 a = 0; a < STACK_SIZE; a += 0x1000)
        map_page(g, STACK_AT + a, PTE_P | PTE_W | PTE_U);
}

static u64 ldt_descriptor(const struct ldt_form *f)
{
    u32 access = SEG_S | SEG_ACCESSED | SEG_DPL | SEG_AVL | (f->contents & 1 ? SEG_DC : 0)
                 | (f->contents & 2 ? SEG_CODE : 0) | (f->restricted ? 0 : SEG_RW) | (f->absent ? 0 : SEG_P)
                 | (f->wide ? SEG_DB : 0) | (f->limit > 0xfffff ? SEG_G : 0);
    return descriptor(f->base, f->limit, (u16)access);
}

static void make_ldt(struct guest *g)
{
    for (u32 n = 0; n < LDT_COUNT; n++) {
        u8 bytes[8];
        put64(bytes, ldt_descriptor(&ldt_forms[n]));
        guest_write(g, LDT + n * 8, bytes, 8);
    }
}

/* What a segment register holds for a selector of either table. */
static struct segment segment_read(struct guest *g, u16 selector)
{
    u32 at = (selector & 4 ? LDT : GDT) + (selector & ~7u);
    u8 bytes[8] = { 0 };
    if (selector > 3)
        space_peek(g->bare.memory, at, bytes, 8);
    u64 d = get64(bytes);
    u16 access = (u16)(d >> 40 & 0xf0ff);
    u32 limit = (u32)((d & 0xffff) | (d >> 32 & 0xf0000));
    return (struct segment){ .base = (d >> 16 & 0xffffff) | (d >> 56) << 24, .selector = selector, .access = access,
                             .limit = access & SEG_G ? limit << 12 | 0xfff : limit };
}

static struct segment segment_of(struct guest *g, u16 selector)
{
    if (selector < 4 || selector >> 3 >= LDT_COUNT)
        return segment_read(g, selector);
    struct segment s = g->known[selector >> 2 & 1][selector >> 3];
    s.selector = selector;
    return s;
}

static void make_state(struct guest *g)
{
    enum {
        CODE = SEG_P | SEG_S | SEG_CODE | SEG_RW | SEG_ACCESSED | SEG_DB | SEG_G,
        DATA = CODE & ~SEG_CODE,
        USER = SEG_DPL
    };
    struct cpu_state *s = &g->start;
    cpu_reset(g->bare.cpu);
    *s = g->bare.cpu->s;
    set_segment(g, KERNEL_CS, 0, ~0u, CODE);
    set_segment(g, KERNEL_DS, 0, ~0u, DATA);
    set_segment(g, USER_CS, 0, ~0u, CODE | USER);
    set_segment(g, USER_DS, 0, ~0u, DATA | USER);
    s->tr = set_segment(g, TSS_SELECTOR, TSS, TSS_LIMIT, SEG_P | 0xb);
    make_ldt(g);
    for (u16 n = 0; n < LDT_COUNT; n++) {
        g->known[0][n] = segment_read(g, (u16)(n << 3));
        g->known[1][n] = segment_read(g, ldt_selector(n));
    }
    s->ldtr = set_segment(g, LDT_SELECTOR, LDT, LDT_COUNT * 8 - 1, SEG_P | 2);
    s->gdtr = (struct table_register){ .base = GDT, .limit = GDT_ENTRIES * 8 - 1 };
    s->idtr = (struct table_register){ .base = IDT, .limit = 256 * 8 - 1 };
    s->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;
    s->cr3 = DIRECTORY;
    s->cr4 = 0;
    s->cpl = 3;
    s->a20 = 1;
}

void guest_open(struct guest *g, enum cpu_engine engine)
{
    memset(g, 0, sizeof *g);
    g->log = log_new();
    g->bare = bare_new(g->log, RAM_SIZE, "max", NULL);
    cpu_on_interrupt(g->bare.cpu, note_interrupt, g);
    g->image = (struct image){ g->bare.ram->host + DATA_AT, g->bare.ram->host + STACK_AT };
    make_tables(g);
    make_state(g);
    cpu_set_engine(g->bare.cpu, engine);
}

void guest_close(struct guest *g)
{
    bare_free(&g->bare);
    log_free(g->log);
}

/* Memory is flat and mapped one to one: the door for code that changes, and the bytes. */
void guest_write(struct guest *g, u32 address, const void *from, u32 n)
{
    ram_written(g->bare.ram, address, n);
    memcpy(g->bare.ram->host + address, from, n);
}

bool guest_peek(const struct guest *g, u32 address, void *to, u32 n)
{
    bool code = address - CODE_AT < CODE_SIZE && CODE_AT + CODE_SIZE - address >= n;
    if (!code && !image_at(&g->image, address, n))
        return false;
    memcpy(to, g->bare.ram->host + address, n);
    return true;
}

static void load_fpu(struct x87 *x, const struct fpu *f)
{
    int top = f->fsw >> 11 & 7;
    for (int i = 0; i < 8; i++)
        x->st[(top + i) & 7] = (struct f80){ .significand = f->st[i].significand, .se = f->st[i].se };
    x->fcw = f->fcw;
    x->fsw = f->fsw;
    x->empty = (u8)~f->valid;
    x->fip = f->fip;
    x->fdp = f->fdp;
    x->fcs = f->fcs;
    x->fds = f->fds;
    x->fop = f->fop;
}

static void store_fpu(const struct x87 *x, struct fpu *f)
{
    int top = x->fsw >> 11 & 7;
    memset(f, 0, sizeof *f);
    for (int i = 0; i < 8; i++) {
        f->st[i].significand = x->st[(top + i) & 7].significand;
        f->st[i].se = x->st[(top + i) & 7].se;
    }
    f->fcw = x->fcw;
    f->fsw = x->fsw;
    f->valid = (u8)~x->empty;
    f->fip = (u32)x->fip;
    f->fdp = (u32)x->fdp;
    f->fcs = x->fcs;
    f->fds = x->fds;
    f->fop = x->fop;
}

void guest_load(struct guest *g, const struct regs *s, bool cold)
{
    struct cpu *cpu = g->bare.cpu;
    cpu->s = g->start;
    for (int i = 0; i < 8; i++)
        cpu->s.gpr[i] = s->gpr[i];
    cpu->s.rip = s->eip;
    cpu->s.eflags = s->eflags;
    for (int i = 0; i < SEGMENTS; i++)
        cpu->s.seg[i] = segment_of(g, s->selector[i]);
    load_fpu(&cpu->s.x87, &s->fpu);
    if (cold) {
        cpu_changed(cpu);
    } else {
        flags_load(cpu, s->eflags);
        cpu->op = NULL;
        cpu_mode_changed(cpu);
    }
    g->vector = -1;
}

static enum outcome outcome_of(int vector)
{
    switch (vector) {
    case EXC_DE: return OUTCOME_DE;
    case EXC_UD: return OUTCOME_UD;
    case EXC_OF: case EXC_BR: case EXC_TS: case EXC_GP: return OUTCOME_GP;
    case EXC_SS: case EXC_NP: return OUTCOME_SS;
    case EXC_MF: return OUTCOME_MF;
    case EXC_PF: return OUTCOME_PF;
    case EXC_AC: return OUTCOME_AC;
    default: return vector < 0 ? OUTCOME_STEP : OUTCOME_OTHER;
    }
}

/* What user mode looked like: now, or in the frame of the exception. */
static void collect(struct guest *g, struct regs *s)
{
    const struct cpu_state *c = &g->bare.cpu->s;
    cpu_sync(g->bare.cpu);
    for (int i = 0; i < 8; i++)
        s->gpr[i] = (u32)c->gpr[i];
    for (int i = 0; i < SEGMENTS; i++)
        s->selector[i] = c->seg[i].selector;
    store_fpu(&c->x87, &s->fpu);
    s->eip = (u32)c->rip;
    s->eflags = (u32)c->eflags;
    s->outcome = (u8)outcome_of(g->vector);
    s->address = s->outcome == OUTCOME_PF ? (u32)c->cr2 : 0;
    if (g->vector >= 0) {
        u8 frame[20];
        memcpy(frame, g->bare.ram->host + STACK_TOP - sizeof frame, sizeof frame);
        s->eip = get32(frame);
        s->eflags = get32(frame + 8);
        s->gpr[ESP] = get32(frame + 12);
        s->selector[CS] = get16(frame + 4);
        s->selector[SS] = get16(frame + 16);
    }
}

void guest_step(struct guest *g, struct regs *s)
{
    cpu_run(g->bare.cpu, 1);
    collect(g, s);
}

void guest_run(struct guest *g, struct regs *s)
{
    u64 end = cpu_insns(g->bare.cpu) + RUN_BUDGET;
    while (g->bare.cpu->s.activity == ACTIVITY_RUN && cpu_insns(g->bare.cpu) < end) {
        if (cpu_run(g->bare.cpu, end - cpu_insns(g->bare.cpu)) == EXIT_HALTED)
            break;
    }
    collect(g, s);
    u8 byte = 0;
    u32 at = regs_linear(s);
    if (g->vector == EXC_GP && at - CODE_AT < CODE_SIZE && guest_peek(g, at, &byte, 1) && byte == 0xf4)
        s->outcome = OUTCOME_STEP;
}
