/* prepare.c - registers and stack that must be right before an instruction is worth running. */
#include "making.h"

static void size_prefix(struct making *m, bool bits32)
{
    if (bits32 != m->code32)
        put(m->i, 0x66);
}

bool move_to(struct making *m, int reg, u32 v)
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
    const u8 *p = image_at(m->memory, stack_linear(m) + at, 4);
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
    return push(m, random_below(m->r, 2) ? random_selector(m->r)
                                         : ldt_selector(LDT_CODE16 + 2 * (int)random_below(m->r, 2)));
}

/* True if a register had to be set first. */
bool prepare(struct making *m)
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
    if ((!strcmp(name, "shld") || !strcmp(name, "shrd")) && has(n, CL) && m->size16 && (gpr[ECX] & 31) > 16)
        return move_to(m, ECX, (random_u32(m->r) & ~31u) | random_below(m->r, 17));
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

int selector_register(struct making *m)
{
    for (int i = 0, first = (int)random_below(m->r, 8); i < 8; i++) {
        if (selector_comparable((u16)m->now->gpr[(first + i) & 7]))
            return (first + i) & 7;
    }
    return -1;
}
