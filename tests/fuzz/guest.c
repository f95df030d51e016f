/* guest.c - see guest.h. What a guest is when its bytes say nothing: tables as an operating system has them, identity-mapped pages,
 * handlers that go on behind the instruction that failed. Its bytes change a little of all that, and are the code. */
#include "guest.h"
#include "../bare.h"
#include "../../cpu/system/segment.h"

enum {
    S_CODE32 = 0x08, S_DATA = 0x10, S_CODE16 = 0x18, S_TSS = 0x20, S_LDT = 0x28, S_CODE3 = 0x33, S_DATA3 = 0x3b, S_TSS_2 = 0x40,
    S_CALL = 0x48, S_TASK = 0x50, S_DATA16 = 0x58, S_DOWN = 0x60, GDT_LIMIT = 0x3ff, TSS_LIMIT = 0xff, CHANGES_MAX = 64
};
enum { PAGE_P = 1, PAGE_RW = 2, PAGE_US = 4, PAGE_PS = 0x80 };

static void put_segments(u8 *m)
{
    const u16 code = SEG_P | SEG_S | SEG_CODE | SEG_RW | SEG_G, data = SEG_P | SEG_S | SEG_RW | SEG_G | SEG_DB;
    put64(m + GUEST_GDT + S_CODE32, bare_descriptor(0, 0xfffff, code | SEG_DB));
    put64(m + GUEST_GDT + S_DATA, bare_descriptor(0, 0xfffff, data));
    put64(m + GUEST_GDT + S_CODE16, bare_descriptor(0, 0xfffff, code));
    put64(m + GUEST_GDT + S_TSS, bare_descriptor(GUEST_TSS, TSS_LIMIT, SEG_P | 9));
    put64(m + GUEST_GDT + S_LDT, bare_descriptor(GUEST_LDT, 0x7f, SEG_P | 2));
    put64(m + GUEST_GDT + (S_CODE3 & ~7), bare_descriptor(0, 0xfffff, code | SEG_DB | SEG_DPL));
    put64(m + GUEST_GDT + (S_DATA3 & ~7), bare_descriptor(0, 0xfffff, data | SEG_DPL));
    put64(m + GUEST_GDT + S_TSS_2, bare_descriptor(GUEST_TSS_2, TSS_LIMIT, SEG_P | 9 | SEG_DPL));
    put64(m + GUEST_GDT + S_CALL, (u64)GUEST_CODE | (u64)S_CODE32 << 16 | (u64)0xec01 << 32);
    put64(m + GUEST_GDT + S_TASK, (u64)S_TSS_2 << 16 | (u64)0xe500 << 32);
    put64(m + GUEST_GDT + S_DATA16, bare_descriptor(GUEST_DATA, 0xffff, SEG_P | SEG_S | SEG_RW));
    put64(m + GUEST_GDT + S_DOWN, bare_descriptor(0, 0x1f, SEG_P | SEG_S | SEG_RW | SEG_DC | SEG_G | SEG_DB));
    memcpy(m + GUEST_LDT, m + GUEST_GDT, 0x80);
}

/* A task state segment of its own for each privilege and for a task switch. */
static void put_tss(u8 *tss, u32 stack, u32 cr3)
{
    static const u16 selector[6] = { S_DATA, S_CODE32, S_DATA, S_DATA, S_DATA3, S_DATA3 };
    for (u32 k = 0; k < 3; k++) {
        put32(tss + 4 + 8 * k, stack - 0x400 * k);
        put32(tss + 8 + 8 * k, S_DATA);
    }
    put32(tss + 0x1c, cr3);
    put32(tss + 0x20, GUEST_CODE + 0x40);
    put32(tss + 0x24, FLAG_1);
    put32(tss + 0x38, stack - 0xc00);
    for (u32 k = 0; k < 6; k++)
        put32(tss + 0x48 + 4 * k, selector[k]);
    put16(tss + 0x60, S_LDT);
    put16(tss + 0x66, 0x68);                    /* I/O permission map: what lies behind, all clear */
}

/* Handlers: 16 bytes a vector. They go on one byte behind what failed (styles 0, 1), go back to it, jump into the code, or fail. */
static void put_handlers(u8 *m, enum guest_mode mode, u8 style)
{
    static const u8 wide[] = { 0xff, 0x04, 0x24, 0xcf }, wide_error[] = { 0x83, 0xc4, 0x04, 0xff, 0x04, 0x24, 0xcf };
    static const u8 real[] = { 0x55, 0x89, 0xe5, 0xff, 0x46, 0x02, 0x5d, 0xcf };
    for (u32 v = 0; v < 256; v++) {
        u8 *at = m + GUEST_HANDLERS + 16 * v;
        bool error = v == 8 || (v >= 10 && v <= 14) || v == 17;
        memset(at, 0xf4, 16);
        if (style % 8 == 6)
            put16(at, 0x0b0f);
        else if (style % 8 == 7 && mode != GUEST_REAL)
            put16(at, v & 1 ? 0x05ff : 0xe08e);
        else if (style % 8 == 5)
            at[0] = 0xcf;
        else if (mode == GUEST_REAL)
            memcpy(at, real, sizeof real);
        else if (error)
            memcpy(at, wide_error, sizeof wide_error);
        else
            memcpy(at, wide, sizeof wide);
        u32 to = style % 8 == 4 ? GUEST_CODE + 8 * v : GUEST_HANDLERS + 16 * v;
        u16 type = v == 0x30 ? 0xe500 : v == 0x31 ? 0xef00 : v == 0x32 ? 0x8600 : v >= 0x33 && v < 0x40 ? 0xee00 : 0x8e00;
        put64(m + GUEST_IDT + 8 * v, (u64)(to & 0xffff) | (u64)(v == 0x30 ? S_TSS_2 : S_CODE32) << 16 | (u64)type << 32);
        if (mode == GUEST_REAL)
            put32(m + 4 * v, to);
    }
}

/* The first 4 MB are themselves, in each way of paging; a window at 4 MB shows the chip's registers, another at 2 GB everything again. */
static void put_pages(u8 *m)
{
    const u32 all = PAGE_P | PAGE_RW | PAGE_US;
    for (u32 k = 0; k < 1024; k++)
        put32(m + GUEST_TABLE + 4 * k, k << 12 | all);
    put32(m + GUEST_DIRECTORY, GUEST_TABLE | all);
    put32(m + GUEST_DIRECTORY + 4, GUEST_CHIP | all);       /* its tables are registers */
    put32(m + GUEST_DIRECTORY + 8, all | PAGE_PS);
    put32(m + GUEST_DIRECTORY + 4 * 512, GUEST_TABLE | all | 0x100);
    put32(m + GUEST_DIRECTORY + 4 * 1023, GUEST_DIRECTORY | all);
    for (u32 k = 0; k < 512; k++)
        put64(m + GUEST_PAE_TABLE + 8 * k, (u64)k << 12 | all);
    for (u32 k = 0; k < 4; k++)
        put64(m + GUEST_PDPT + 8 * k, GUEST_PAE_DIRECTORY | PAGE_P);
    put64(m + GUEST_PAE_DIRECTORY, GUEST_PAE_TABLE | all);
    put64(m + GUEST_PAE_DIRECTORY + 8, all | PAGE_PS);
    put64(m + GUEST_PAE_DIRECTORY + 16, GUEST_CHIP | all);
    put64(m + GUEST_PAE_DIRECTORY + 24, all | 1ull << 63 | PAGE_PS);
    put64(m + GUEST_PAE_DIRECTORY + 8 * 511, GUEST_PAE_DIRECTORY | all);
}

static struct segment segment(u16 selector, u32 base, u32 limit, u16 access)
{
    return (struct segment){ .base = base, .limit = limit, .selector = selector, .access = access };
}

static void put_state(struct guest *g, struct bytes *b, const struct feature_set *features)
{
    const u16 data = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED, code = data | SEG_CODE;
    struct cpu_state *s = &g->state;
    enum guest_mode mode = g->mode;
    u16 how = take16(b);
    const u64 fixed = s->eflags;
    bool v86 = mode == GUEST_V86 || mode == GUEST_V86_PAGED, user = mode == GUEST_USER || v86;
    for (int k = 0; k < 8; k++)
        s->gpr[k] = GUEST_DATA + 0x100u * (u32)k;
    s->gpr[ECX] = 3;
    s->gpr[ESP] = GUEST_STACK - 0x1000;
    s->eflags = FLAG_1 | (how & 1 ? FLAG_TF : 0) | (how & 2 ? FLAG_IF : 0) | (how & 4 ? FLAG_AC : 0) | (how & 8 ? FLAG_IOPL : 0) |
                (how & 0x10 ? FLAG_DF : 0) | (how & 0x20 ? FLAG_VIF : 0);
    if (!feature_in(features, FEATURE_486))
        s->eflags &= ~(u64)(FLAG_AC | FLAG_VIF);
    if (!feature_in(features, FEATURE_386))
        s->eflags = fixed | (s->eflags & (FLAG_TF | FLAG_IF | FLAG_DF));
    s->a20 = !(how & 0x40);
    s->smbase = GUEST_SMBASE;
    s->gdtr = (struct table_register){ .base = GUEST_GDT, .limit = GDT_LIMIT };
    s->idtr = (struct table_register){ .base = mode == GUEST_REAL ? 0 : GUEST_IDT, .limit = mode == GUEST_REAL ? 0x3ff : 0x7ff };
    s->rip = GUEST_CODE;
    for (int k = 0; k < SEGMENTS; k++)
        s->seg[k] = segment(user ? S_DATA3 : S_DATA, 0, ~0u, data | SEG_G | SEG_DB | (user ? SEG_DPL : 0));
    s->seg[CS] = segment(user ? S_CODE3 : mode == GUEST_16 ? S_CODE16 : S_CODE32, 0, ~0u,
                         (u16)(code | SEG_G | (mode == GUEST_16 ? 0 : SEG_DB) | (user ? SEG_DPL : 0)));
    s->cpl = user ? 3 : 0;
    if (mode == GUEST_REAL || v86) {
        for (int k = 0; k < SEGMENTS; k++)
            s->seg[k] = segment(GUEST_DATA >> 4, GUEST_DATA, 0xffff, data | (v86 ? SEG_DPL : 0));
        s->seg[CS] = segment(0, 0, 0xffff, data | (v86 ? SEG_DPL : 0));
        s->gpr[ESP] = 0x1000;
        for (int k = 0; k < 8; k++)
            s->gpr[k] &= 0xffff;
    }
    if (mode == GUEST_REAL)
        return;
    s->cr0 |= CR0_PE | (how & 0x80 ? CR0_WP : 0) | (how & 0x100 ? CR0_AM : 0) | (how & 0x200 ? CR0_TS : 0) | (how & 0x400 ? CR0_NE : 0);
    s->cr4 = (how & 0x800 ? CR4_VME : 0) | (how & 0x1000 ? CR4_PVI : 0) | (how & 0x2000 ? CR4_PGE : 0) | (how & 0x4000 ? CR4_DE : 0);
    if (mode == GUEST_PAGED || mode == GUEST_PSE || mode == GUEST_PAE || mode == GUEST_V86_PAGED || (how & 0x8000))
        s->cr0 |= CR0_PG;
    s->cr4 |= mode == GUEST_PSE ? CR4_PSE : mode == GUEST_PAE ? CR4_PAE | CR4_PSE : 0;
    s->cr3 = mode == GUEST_PAE ? GUEST_PDPT : GUEST_DIRECTORY;
    if (mode == GUEST_PAE) {
        s->efer = how & 1 ? EFER_NXE : 0;
        for (int k = 0; k < 4; k++)
            s->pdpte[k] = get64(g->memory + GUEST_PDPT + 8 * k);
    }
    s->cr4 &= (feature_in(features, FEATURE_VME) ? CR4_VME | CR4_PVI : 0) | (feature_in(features, FEATURE_PGE) ? CR4_PGE : 0) |
              (feature_in(features, FEATURE_DE) ? CR4_DE : 0) | (feature_in(features, FEATURE_PSE) ? CR4_PSE : 0) | CR4_PAE;
    if (!feature_in(features, FEATURE_486))
        s->cr0 &= ~(u64)(CR0_WP | CR0_AM | CR0_NE);
    s->eflags |= v86 ? FLAG_VM : 0;
    s->tr = segment(S_TSS, GUEST_TSS, TSS_LIMIT, SEG_P | 0xb);
    s->ldtr = segment(S_LDT, GUEST_LDT, 0x7f, SEG_P | 2);
    put64(g->memory + GUEST_GDT + S_TSS, bare_descriptor(GUEST_TSS, TSS_LIMIT, SEG_P | 0xb));
}

/* Where a change goes: tables, pages, handlers, the SMI handler and its state, data. */
static u32 change_at(u8 where, u16 offset)
{
    static const struct { u32 at, mask; } place[16] = {
        { GUEST_GDT, 0x7f }, { GUEST_IDT, 0x7ff }, { GUEST_TSS, 0x1ff }, { GUEST_LDT, 0x7f }, { GUEST_DIRECTORY, 0xfff },
        { GUEST_TABLE, 0xfff }, { GUEST_PDPT, 0x1f }, { GUEST_PAE_DIRECTORY, 0xfff }, { GUEST_PAE_TABLE, 0xfff },
        { GUEST_HANDLERS, 0xfff }, { GUEST_CODE, 0x1fff }, { GUEST_SMBASE + 0x8000, 0x1ff }, { GUEST_SMBASE + 0xfe00, 0x1ff },
        { 0, 0x3ff }, { GUEST_DATA, 0xfff }, { GUEST_STACK - 0x1000, 0xfff },
    };
    return place[where & 15].at + (offset & place[where & 15].mask);
}

/* The nearest mode that the model has. */
static enum guest_mode mode_of_model(enum guest_mode mode, const struct feature_set *features)
{
    if (!feature_in(features, FEATURE_386))
        return GUEST_REAL;                      /* what a 80286 can do besides, its code does itself */
    if ((mode == GUEST_PAE && !feature_in(features, FEATURE_PAE)) || (mode == GUEST_PSE && !feature_in(features, FEATURE_PSE)))
        return GUEST_PAGED;
    return mode;
}

/* The input: mode, handlers' style, flags (two bytes); a count of changes, each a place (byte), an offset (two) and four bytes;
 * registers to change (a count, each a number and four bytes); the length of the code (two bytes), the code. */
void guest_read(struct guest *g, struct bytes *b, const struct cpu *cpu)
{
    memset(g->memory, 0, sizeof g->memory);
    g->state = cpu->s;
    g->mode = mode_of_model((enum guest_mode)(take8(b) % GUEST_MODES), &cpu->features);
    put_segments(g->memory);
    put_tss(g->memory + GUEST_TSS, GUEST_STACK, GUEST_DIRECTORY);
    put_tss(g->memory + GUEST_TSS_2, GUEST_STACK - 0x2000, g->mode == GUEST_PAE ? GUEST_PDPT : GUEST_DIRECTORY);
    put_handlers(g->memory, g->mode, take8(b));
    put_pages(g->memory);
    put16(g->memory + GUEST_SMBASE + 0x8000, 0xaa0f);       /* RSM */
    memset(g->memory + GUEST_CODE + GUEST_CODE_BYTES, 0xf4, 16);
    put_state(g, b, &cpu->features);
    for (u32 n = take_below(b, CHANGES_MAX); n && left(b); n--) {
        u8 where = take8(b);
        u32 at = change_at(where, take16(b)), v = take32(b);
        if (at + 4 <= GUEST_BYTES)
            put32(g->memory + at, v);
    }
    for (u32 n = take_below(b, 16); n && left(b); n--) {
        int k = take8(b) & 7;
        g->state.gpr[k] = take32(b);
    }
    size_t length = take16(b) % GUEST_CODE_BYTES;
    take_into(b, g->memory + GUEST_CODE, length);
}
