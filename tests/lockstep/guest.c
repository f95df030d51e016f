/* guest.c - our side of the lock-step test. The supervisor is nothing but tables and a HLT: a fault goes through the IDT to
 * it, and the state to compare comes from the frame on its stack.
 * Follows: Intel SDM Vol. 3A "Protected-Mode Memory Management", "Interrupt and Exception Handling". */
#include "guest.h"
#include "../../cpu/cpuid.h"

enum {
    RAM_SIZE = 4 << 20,
    GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, STACK_TOP = 0x5000, HANDLER = 0x6000, DIRECTORY = 0x7000, TABLE = 0x8000,
    KERNEL_CS = 0x10, KERNEL_DS = 0x18, TSS_SELECTOR = 0x40, TSS_LIMIT = 103,
    PTE_P = 1, PTE_W = 2, PTE_U = 4, GDT_ENTRIES = 32, RUN_BUDGET = 4000
};

static u64 all_ones(void *dev, u64 offset, int size)
{
    (void)dev;
    (void)offset;
    return mask_bytes(size);
}

static int no_interrupt(void *board)
{
    (void)board;
    return 0xff;
}

static void ignore_level(void *board, bool level)
{
    (void)board;
    (void)level;
}

static u64 no_time(void *board)
{
    (void)board;
    return 0;
}

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
    u32 l = access & SEG_G ? limit >> 12 : limit;
    return (l & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 | (u64)(l >> 16 & 15) << 48 | (u64)(base >> 24) << 56;
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
    for (u32 a = 0; a < 0x9000; a += 0x1000)
        map_page(g, a, PTE_P | PTE_W);
    for (u32 a = 0; a < CODE_SIZE; a += 0x1000)
        map_page(g, CODE_AT + a, PTE_P | PTE_U);
    for (u32 a = 0; a < DATA_SIZE; a += 0x1000)
        map_page(g, DATA_AT + a, PTE_P | PTE_W | PTE_U);
    for (u32 a = 0; a < STACK_SIZE; a += 0x1000)
        map_page(g, STACK_AT + a, PTE_P | PTE_W | PTE_U);
}

static void make_state(struct guest *g, u16 gs)
{
    enum { CODE = SEG_P | SEG_S | SEG_CODE | SEG_RW | SEG_ACCESSED | SEG_DB | SEG_G, DATA = CODE & ~SEG_CODE, USER = SEG_DPL };
    struct cpu_state *s = &g->start;
    cpu_reset(g->cpu);
    *s = g->cpu->s;
    set_segment(g, KERNEL_CS, 0, ~0u, CODE);
    set_segment(g, KERNEL_DS, 0, ~0u, DATA);
    s->seg[CS] = set_segment(g, USER_CS, 0, ~0u, CODE | USER);
    s->seg[DS] = set_segment(g, USER_DS, 0, ~0u, DATA | USER);
    s->seg[ES] = s->seg[SS] = s->seg[DS];
    s->seg[FS] = (struct segment){ 0 };
    s->seg[GS] = set_segment(g, gs, DATA_AT, DATA_SIZE - 1, (DATA | USER) & ~SEG_G);
    s->tr = set_segment(g, TSS_SELECTOR, TSS, TSS_LIMIT, SEG_P | 0xb);
    s->ldtr = (struct segment){ 0 };
    s->gdtr = (struct table_register){ .base = GDT, .limit = GDT_ENTRIES * 8 - 1 };
    s->idtr = (struct table_register){ .base = IDT, .limit = 256 * 8 - 1 };
    s->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;
    s->cr3 = DIRECTORY;
    s->cr4 = 0;
    s->cpl = 3;
    s->a20 = 1;
}

void guest_open(struct guest *g, u16 gs)
{
    struct cpu_wiring w = { 0 };
    memset(g, 0, sizeof *g);
    g->log = log_new();
    g->memory = space_new("memory", 32, PAGE_SHIFT, g->log);
    g->ports = space_new("ports", 16, 0, g->log);
    g->ram = ram_new("ram", RAM_SIZE);
    space_add_ram(g->memory, "ram", 0, RAM_SIZE, 0, g->ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_device(g->ports, "ports", 0, 0x10000, 0, 8, all_ones, NULL, NULL);
    w.memory = g->memory;
    w.ports = g->ports;
    w.log = g->log;
    w.board = g;
    w.intack = no_interrupt;
    w.ferr = ignore_level;
    w.smiact = ignore_level;
    w.time = no_time;
    g->cpu = cpu_new(&w, cpu_model_find("max"));
    g->cpu->on_interrupt = note_interrupt;
    g->cpu->on_interrupt_to = g;
    make_tables(g);
    make_state(g, gs);
}

void guest_close(struct guest *g)
{
    cpu_free(g->cpu);
    space_free(g->memory);
    space_free(g->ports);
    ram_free(g->ram);
    log_free(g->log);
}

void guest_write(struct guest *g, u32 address, const void *from, size_t n)
{
    space_poke(g->memory, address, from, n);
}

void guest_load(struct guest *g, const struct side *s, enum cpu_engine engine)
{
    cpu_set_engine(g->cpu, engine);
    g->cpu->s = g->start;
    for (int i = 0; i < 8; i++)
        g->cpu->s.gpr[i] = s->gpr[i];
    g->cpu->s.rip = s->eip;
    g->cpu->s.eflags = s->eflags;
    guest_write(g, DATA_AT, s->memory, DATA_SIZE);
    guest_write(g, STACK_AT, s->memory + DATA_SIZE, STACK_SIZE);
    cpu_changed(g->cpu);
    g->vector = -1;
}

static enum outcome outcome_of(int vector)
{
    switch (vector) {
    case EXC_DE: return OUTCOME_DE;
    case EXC_UD: return OUTCOME_UD;
    case EXC_OF: case EXC_BR: case EXC_SS: case EXC_GP: return OUTCOME_GP;
    case EXC_PF: return OUTCOME_PF;
    case EXC_AC: return OUTCOME_AC;
    default: return vector < 0 ? OUTCOME_STEP : OUTCOME_OTHER;
    }
}

/* What user mode looked like: now, or in the frame of the exception. */
static void collect(struct guest *g, struct side *s)
{
    const struct cpu_state *c = &g->cpu->s;
    cpu_sync(g->cpu);
    for (int i = 0; i < 8; i++)
        s->gpr[i] = (u32)c->gpr[i];
    s->eip = (u32)c->rip;
    s->eflags = (u32)c->eflags;
    s->outcome = (u8)outcome_of(g->vector);
    s->address = s->outcome == OUTCOME_PF ? (u32)c->cr2 : 0;
    if (g->vector >= 0) {
        u8 frame[20];
        space_peek(g->memory, STACK_TOP - sizeof frame, frame, sizeof frame);
        s->eip = get32(frame);
        s->eflags = get32(frame + 8);
        s->gpr[ESP] = get32(frame + 12);
    }
    space_peek(g->memory, DATA_AT, s->memory, DATA_SIZE);
    space_peek(g->memory, STACK_AT, s->memory + DATA_SIZE, STACK_SIZE);
}

void guest_step(struct guest *g, struct side *s)
{
    cpu_run(g->cpu, 1);
    collect(g, s);
}

void guest_run(struct guest *g, struct side *s)
{
    u64 end = cpu_insns(g->cpu) + RUN_BUDGET;
    while (g->cpu->s.activity == ACTIVITY_RUN && cpu_insns(g->cpu) < end) {
        if (cpu_run(g->cpu, end - cpu_insns(g->cpu)) == EXIT_HALTED)
            break;
    }
    collect(g, s);
    u8 at = 0;
    if (g->vector == EXC_GP && space_peek(g->memory, s->eip, &at, 1) && s->eip >= CODE_AT && s->eip < CODE_AT + CODE_SIZE
        && at == 0xf4)
        s->outcome = OUTCOME_STEP;
}
