/* address.c - memory operands of random instructions.
 * Follows: Intel SDM Vol. 2 "Addressing-Mode Encoding of ModR/M and SIB Bytes". */
#include "making.h"

u32 random_target(struct random *r)
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

u32 base_of(const struct making *m, int segment)
{
    bool wide;
    return selector_base(m->now->selector[segment], &wide);
}
int segment_used(const struct making *m, bool stack) { return m->segment >= 0 ? m->segment : stack ? SS : DS; }

/* ModRM (and SIB) that reach the linear address `target` with 32-bit addressing, whatever the registers hold. */
static void put_address32(struct making *m, int reg, u32 target)
{
    struct random *r = m->r;
    const u32 *gpr = m->now->gpr;
    int rm = (int)random_below(r, 8), base = (int)random_below(r, 8), index = (int)random_below(r, 8),
        scale = (int)random_below(r, 4);
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
    static const i8 first[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX },
                    second[8] = { ESI, EDI, ESI, EDI, -1, -1, -1, -1 };
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

void put_address(struct making *m, int reg, u32 target)
{
    if (m->address16)
        put_address16(m, reg, target);
    else
        put_address32(m, reg, target);
}
