/* start.c - the random state that a sequence starts from: values that hurt, in registers and memory, flat or through
 * the LDT. */
#include "start.h"

enum { NEW_MEMORY_EVERY = 24, NEW_MEMORY_RECORDING = 480 /* a recording is to be small */, MXCSR_FROM = 0x1000, MXCSR_TO = 0x1600, CROSSING = 0x1000, NEAR = 48 };

static void random_memory(struct random *r, u8 *memory)
{
    for (int i = 0; i < MEMORY_SIZE; i += 4)
        put32(memory + i, random_value(r));
    fpu_random_memory(r, memory + (FLOATS_AT - DATA_AT), FLOATS_SIZE);
    for (int i = 0; i < LANES_SIZE; i += 8)
        put64(memory + (LANES_AT - DATA_AT) + i, random_lanes(r));
    for (int i = 0; i < SELECTORS_SIZE; i += 2)
        put16(memory + (SELECTORS_AT - DATA_AT) + i, random_selector(r));
    for (int i = 0; i < FAR_SIZE; i += 8) {
        u16 offset = (u16)(0x100 + random_below(r, CODE_SIZE - 0x200));
        bool narrow = random_below(r, 2);
        put32(memory + (FAR_AT - DATA_AT) + i, offset | (narrow ? (u32)random_selector(r) << 16 : 0));
        put16(memory + (FAR_AT - DATA_AT) + i + 4, random_selector(r));
    }
    for (int i = MXCSR_FROM; i < MXCSR_TO; i += 16)             /* where FXRSTOR would find MXCSR */
        put32(memory + i + 8, random_u32(r) & 0xffff);
}

/* Half of the sequences run as Linux has it, the others through the LDT. */
static void random_segments(struct lockstep *l, struct regs *s)
{
    static const u8 code[] = { 6, 6, 7, 8, 13 }, stack[] = { 9, 10, 11, 4 }, data[] = { 0, 1, 2, 3, 4, 5, 15 };
    struct random *r = &l->g.random;
    s->selector[CS] = USER_CS;
    s->selector[SS] = s->selector[DS] = s->selector[ES] = USER_DS;
    s->selector[FS] = 0;
    s->selector[GS] = l->g.segments ? ldt_selector(LDT_DATA) : 0;
    if (!l->g.segments || random_below(r, 2))
        return;
    if (random_below(r, 4))
        s->selector[CS] = ldt_selector(code[random_below(r, sizeof code)]);
    if (random_below(r, 2))
        s->selector[SS] = ldt_selector(stack[random_below(r, sizeof stack)]);
    if (random_below(r, 4))
        s->selector[DS] = ldt_selector(data[random_below(r, sizeof data)]);
    if (random_below(r, 4))
        s->selector[ES] = ldt_selector(data[random_below(r, sizeof data)]);
    for (int i = ES; i <= DS; i += DS - ES)
        if (s->selector[i] & 4 && random_below(r, 4) == 0)
            s->selector[i] &= (u16)(0xfffc | random_u32(r));        /* any RPL: all are of DPL 3 */
    s->selector[FS] = random_below(r, 3) ? ldt_selector(data[random_below(r, sizeof data)]) : 0;
}

/* Where the code starts: anywhere, often before the edge between its pages, sometimes before its end. */
static u32 random_entry(struct random *r)
{
    switch (random_below(r, 16)) {
    case 0: case 1: return CODE_AT + CROSSING - 1 - random_below(r, NEAR);
    case 2: return CODE_AT + CODE_SIZE - 1 - random_below(r, NEAR);
    default: return CODE_AT + random_below(r, CODE_SIZE - 0x200);
    }
}

void start_random(struct lockstep *l, struct regs *s)
{
    struct random *r = &l->g.random;
    bool wide;
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 8; i++)
        s->gpr[i] = random_below(r, 3) ? random_value(r) : DATA_AT + random_below(r, DATA_SIZE);
    random_segments(l, s);
    s->gpr[ESP] = STACK_AT + 0x400 + random_below(r, 0x800) / 4 * 4 - selector_base(s->selector[SS], &wide);
    s->eip = random_entry(r) - selector_base(s->selector[CS], &wide);
    fpu_random(r, &s->fpu);
    s->eflags = FLAG_1 | FLAG_IF | (random_u32(r) & FLAGS_ARITH) | (random_below(r, 4) ? 0 : FLAG_DF)
              | (random_below(r, 10) ? 0 : FLAG_AC)
              | (random_below(r, 16) ? 0 : FLAG_NT) | (random_below(r, 8) ? 0 : FLAG_ID);
    if (l->judge.long_mode)
        s->eflags &= ~(u32)FLAG_NT;                             /* the hypervisor under such a host clears it */
    s->outcome = OUTCOME_STEP;
    if (l->sequences % (l->tape ? NEW_MEMORY_RECORDING : NEW_MEMORY_EVERY) == 0) {
        u8 memory[MEMORY_SIZE];
        random_memory(r, memory);
        memory_set(l, memory);
    }
}
