/* generate.c - random instructions for the lock-step test.
 * Follows: Intel SDM Vol. 2, Appendix A (opcode map), "Instruction Format".
 * Here: the integer instructions of the P6 that user mode may run, with their faults. Left out: what differs by the operating
 * system (INT n, SYSENTER, segment loads, LAR and its kin), what changes from run to run (RDTSC, CPUID), what the manuals
 * leave undefined in its result (BSWAP and SHLD of 16 bits, PUSH of segment registers), x87 and MMX. */
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

/* What follows the opcode, and what must be so before it. */
enum {
    MODRM = 1, IMM8 = 2, IMMZ = 4, IMM16 = 8, MOFFS = 16,
    REGS = 32,          /* ModRM reg is any register; otherwise one of the bits in `regs` */
    MEM = 64,           /* memory form only (mostly) */
    STRING = 128,       /* ESI, EDI, ECX matter; REP may stand before it */
    STACK = 256,        /* ESP matters */
    BIT = 512,          /* the register operand moves the address */
    NO66 = 1024,        /* undefined with a 16-bit operand */
    XLAT = 2048, DIVIDE = 4096, REL8 = 8192, RELZ = 16384,
    MAY_WRITE = 32768,  /* whether it writes when nothing changes is the processor's choice: not to read-only memory */
};

struct form { u16 first, last; u16 what; u8 regs; u8 weight; };

/* clang-format off */
static const struct form forms[] = {
    { 0x00, 0x03, MODRM | REGS, 0, 2 }, { 0x04, 0x04, IMM8, 0, 1 }, { 0x05, 0x05, IMMZ, 0, 1 },
    { 0x08, 0x0b, MODRM | REGS, 0, 2 }, { 0x0c, 0x0c, IMM8, 0, 1 }, { 0x0d, 0x0d, IMMZ, 0, 1 },
    { 0x10, 0x13, MODRM | REGS, 0, 4 }, { 0x14, 0x14, IMM8, 0, 1 }, { 0x15, 0x15, IMMZ, 0, 1 },
    { 0x18, 0x1b, MODRM | REGS, 0, 4 }, { 0x1c, 0x1c, IMM8, 0, 1 }, { 0x1d, 0x1d, IMMZ, 0, 1 },
    { 0x20, 0x23, MODRM | REGS, 0, 2 }, { 0x24, 0x24, IMM8, 0, 1 }, { 0x25, 0x25, IMMZ, 0, 1 },
    { 0x28, 0x2b, MODRM | REGS, 0, 2 }, { 0x2c, 0x2c, IMM8, 0, 1 }, { 0x2d, 0x2d, IMMZ, 0, 1 },
    { 0x30, 0x33, MODRM | REGS, 0, 2 }, { 0x34, 0x34, IMM8, 0, 1 }, { 0x35, 0x35, IMMZ, 0, 1 },
    { 0x38, 0x3b, MODRM | REGS, 0, 4 }, { 0x3c, 0x3c, IMM8, 0, 1 }, { 0x3d, 0x3d, IMMZ, 0, 1 },
    { 0x27, 0x27, 0, 0, 2 }, { 0x2f, 0x2f, 0, 0, 2 }, { 0x37, 0x37, 0, 0, 2 }, { 0x3f, 0x3f, 0, 0, 2 },
    { 0x40, 0x4f, 0, 0, 3 }, { 0x50, 0x5f, STACK, 0, 3 }, { 0x60, 0x61, STACK, 0, 1 },
    { 0x62, 0x62, MODRM | REGS | MEM, 0, 1 }, { 0x63, 0x63, MODRM | REGS | MAY_WRITE, 0, 1 },
    { 0x68, 0x68, IMMZ | STACK, 0, 1 }, { 0x6a, 0x6a, IMM8 | STACK, 0, 1 },
    { 0x69, 0x69, MODRM | REGS | IMMZ, 0, 2 }, { 0x6b, 0x6b, MODRM | REGS | IMM8, 0, 2 },
    { 0x70, 0x7f, REL8, 0, 6 },
    { 0x80, 0x80, MODRM | IMM8, 0xff, 3 }, { 0x81, 0x81, MODRM | IMMZ, 0xff, 3 }, { 0x82, 0x83, MODRM | IMM8, 0xff, 3 },
    { 0x84, 0x8b, MODRM | REGS, 0, 6 }, { 0x8c, 0x8c, MODRM, 0x3f, 1 }, { 0x8d, 0x8d, MODRM | REGS | MEM, 0, 3 },
    { 0x8f, 0x8f, MODRM | STACK, 1, 1 }, { 0x90, 0x97, 0, 0, 2 }, { 0x98, 0x99, 0, 0, 2 },
    { 0x9c, 0x9d, STACK, 0, 2 }, { 0x9e, 0x9f, 0, 0, 2 }, { 0xa0, 0xa3, MOFFS, 0, 2 },
    { 0xa4, 0xa7, STRING, 0, 5 }, { 0xaa, 0xaf, STRING, 0, 5 }, { 0xa8, 0xa8, IMM8, 0, 1 }, { 0xa9, 0xa9, IMMZ, 0, 1 },
    { 0xb0, 0xb7, IMM8, 0, 1 }, { 0xb8, 0xbf, IMMZ, 0, 2 },
    { 0xc0, 0xc1, MODRM | IMM8, 0xff, 6 }, { 0xd0, 0xd3, MODRM, 0xff, 8 },
    { 0xc2, 0xc2, IMM16 | STACK, 0, 1 }, { 0xc3, 0xc3, STACK, 0, 1 },
    { 0xc6, 0xc6, MODRM | IMM8, 1, 1 }, { 0xc7, 0xc7, MODRM | IMMZ, 1, 1 }, { 0xc9, 0xc9, STACK, 0, 1 },
    { 0xce, 0xce, 0, 0, 1 }, { 0xd4, 0xd5, IMM8, 0, 2 }, { 0xd6, 0xd6, 0, 0, 1 }, { 0xd7, 0xd7, XLAT, 0, 1 },
    { 0xe0, 0xe3, REL8, 0, 2 }, { 0xe4, 0xe7, IMM8, 0, 1 }, { 0xe8, 0xe8, RELZ | STACK | NO66, 0, 1 }, { 0xe9, 0xe9, RELZ | NO66, 0, 1 },
    { 0xeb, 0xeb, REL8, 0, 1 }, { 0xec, 0xef, 0, 0, 1 }, { 0xf5, 0xf5, 0, 0, 1 },
    { 0xf6, 0xf6, MODRM | IMM8, 3, 1 }, { 0xf7, 0xf7, MODRM | IMMZ, 3, 1 },
    { 0xf6, 0xf7, MODRM, 0x3c, 6 }, { 0xf6, 0xf7, MODRM | DIVIDE, 0xc0, 5 },
    { 0xf8, 0xf9, 0, 0, 1 }, { 0xfa, 0xfb, 0, 0, 1 }, { 0xfc, 0xfd, 0, 0, 2 },
    { 0xfe, 0xfe, MODRM, 3, 2 }, { 0xff, 0xff, MODRM, 3, 2 }, { 0xff, 0xff, MODRM | STACK, 0x54, 2 },
    { 0x10b, 0x10b, 0, 0, 1 }, { 0x140, 0x14f, MODRM | REGS, 0, 6 }, { 0x180, 0x18f, RELZ | NO66, 0, 4 },
    { 0x190, 0x19f, MODRM, 0xff, 4 },
    { 0x1a3, 0x1a3, MODRM | REGS | BIT, 0, 2 }, { 0x1ab, 0x1ab, MODRM | REGS | BIT, 0, 2 },
    { 0x1b3, 0x1b3, MODRM | REGS | BIT, 0, 2 }, { 0x1bb, 0x1bb, MODRM | REGS | BIT, 0, 2 }, { 0x1ba, 0x1ba, MODRM | IMM8, 0xf0, 3 },
    { 0x1a4, 0x1a4, MODRM | REGS | IMM8 | NO66, 0, 3 }, { 0x1a5, 0x1a5, MODRM | REGS | NO66, 0, 3 },
    { 0x1ac, 0x1ac, MODRM | REGS | IMM8 | NO66, 0, 3 }, { 0x1ad, 0x1ad, MODRM | REGS | NO66, 0, 3 },
    { 0x1af, 0x1af, MODRM | REGS, 0, 3 }, { 0x1b0, 0x1b1, MODRM | REGS, 0, 3 }, { 0x1b6, 0x1b7, MODRM | REGS, 0, 3 },
    { 0x1be, 0x1bf, MODRM | REGS, 0, 3 }, { 0x1bc, 0x1bd, MODRM | REGS, 0, 3 }, { 0x1c0, 0x1c1, MODRM | REGS, 0, 3 },
    { 0x1c7, 0x1c7, MODRM | MEM, 2, 3 }, { 0x1c8, 0x1cf, NO66, 0, 2 },
};
/* clang-format on */

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

/* ModRM (and SIB) that reach `target` with 32-bit addressing, whatever the registers hold. */
static void put_address32(struct random *r, struct insn *i, const struct side *now, int reg, u32 target)
{
    int rm = (int)random_below(r, 8), base = (int)random_below(r, 8), index = (int)random_below(r, 8), scale = (int)random_below(r, 4);
    u32 sum;
    if (random_below(r, 4) == 0) {              /* no register, or only a scaled index */
        bool sib = random_below(r, 2);
        put(i, (u8)(reg << 3 | (sib ? 4 : 5)));
        if (sib)
            put(i, (u8)(scale << 6 | index << 3 | 5));
        put_n(i, target - (sib && index != ESP ? now->gpr[index] << scale : 0), 4);
        return;
    }
    sum = rm == 4 ? now->gpr[base] + (index == ESP ? 0 : now->gpr[index] << scale) : now->gpr[rm];
    i32 disp = (i32)(target - sum);
    bool needs = rm == 5 || (rm == 4 && base == 5);
    int mod = disp == 0 && !needs ? 0 : disp >= -128 && disp < 128 ? 1 : 2;
    put(i, (u8)(mod << 6 | reg << 3 | rm));
    if (rm == 4)
        put(i, (u8)(scale << 6 | index << 3 | base));
    put_n(i, (u32)disp, mod == 2 ? 4 : mod);
}

/* The same for 16-bit addressing, `target` being an offset. */
static void put_address16(struct random *r, struct insn *i, const struct side *now, int reg, u16 target)
{
    static const i8 first[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX }, second[8] = { ESI, EDI, ESI, EDI, -1, -1, -1, -1 };
    int rm = (int)random_below(r, 8);
    u16 disp = (u16)(target - now->gpr[first[rm]] - (second[rm] >= 0 ? now->gpr[second[rm]] : 0));
    if (rm == 6 && random_below(r, 2)) {
        put(i, (u8)(reg << 3 | 6));
        put_n(i, target, 2);
        return;
    }
    int mod = disp == 0 && rm != 6 ? 0 : disp < 0x80 || disp >= 0xff80 ? 1 : 2;
    put(i, (u8)(mod << 6 | reg << 3 | rm));
    put_n(i, disp, mod);
}

static void move_to(struct insn *out, int reg, u32 v)
{
    out->length = 0;
    put(out, (u8)(0xb8 + reg));
    put_n(out, v, 4);
}

static bool in_data(u32 a)  { return a >= DATA_AT + 64 && a < DATA_AT + DATA_SIZE - 64; }
static bool in_stack(u32 a) { return a >= STACK_AT + 256 && a < STACK_AT + STACK_SIZE - 256; }

/* True if a register had to be set first; out is that MOV. */
static bool prepare(struct random *r, const struct side *now, const struct form *f, struct insn *out)
{
    if (random_below(r, 10) == 0)
        return false;
    if (f->what & STACK && !in_stack(now->gpr[ESP])) {
        move_to(out, ESP, STACK_AT + 0x400 + random_below(r, 0x800) / 4 * 4);
        return true;
    }
    if (f->what & STRING) {
        if (!in_data(now->gpr[ESI]))
            return move_to(out, ESI, DATA_AT + 64 + random_below(r, DATA_SIZE - 128)), true;
        if (!in_data(now->gpr[EDI]))
            return move_to(out, EDI, DATA_AT + 64 + random_below(r, DATA_SIZE - 128)), true;
        if (now->gpr[ECX] > 12)
            return move_to(out, ECX, random_below(r, 13)), true;
    }
    if (f->what & XLAT && !in_data(now->gpr[EBX]))
        return move_to(out, EBX, DATA_AT + 64 + random_below(r, DATA_SIZE - 512)), true;
    if (f->what & DIVIDE && now->gpr[EDX] + 1 > 2 && random_below(r, 4))
        return move_to(out, EDX, random_below(r, 2) ? 0 : ~0u), true;
    return false;
}

static const struct form *pick(struct random *r)
{
    u32 total = 0, n;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        total += forms[i].weight;
    n = random_below(r, total);
    for (size_t i = 0;; i++) {
        if (n < forms[i].weight)
            return &forms[i];
        n -= forms[i].weight;
    }
}

static int pick_reg(struct random *r, const struct form *f)
{
    int reg;
    if (f->what & REGS || (f->first < 0x100 && random_below(r, 200) == 0))
        return (int)random_below(r, f->what & REGS ? 8 : 6);
    do
        reg = (int)random_below(r, 8);
    while (!(f->regs >> reg & 1));
    return reg;
}

static void put_modrm(struct random *r, struct insn *i, const struct side *now, const struct form *f, bool address16, int size)
{
    int reg = pick_reg(r, f);
    bool memory = f->what & MEM ? random_below(r, 60) != 0 : random_below(r, 2);
    u32 target = f->what & MAY_WRITE ? DATA_AT + random_below(r, DATA_SIZE - 16) : random_target(r);
    if (!memory) {
        put(i, (u8)(0xc0 | reg << 3 | (int)random_below(r, 8)));
        return;
    }
    if (f->what & BIT && random_below(r, 8))
        target -= (u32)((i32)(size == 2 ? (i16)now->gpr[reg] : (i32)now->gpr[reg]) >> (size == 2 ? 4 : 5)) * (u32)size;
    if (address16)
        put_address16(r, i, now, reg, (u16)(target - DATA_AT));
    else
        put_address32(r, i, now, reg, target - (i->bytes[0] == 0x65 ? DATA_AT : 0));
}

static void put_prefixes(struct random *r, struct insn *i, const struct form *f, bool *size16, bool *address16)
{
    bool has_memory = f->what & (MODRM | MOFFS);
    *size16 = !(f->what & NO66) && random_below(r, 4) == 0;
    *address16 = has_memory && random_below(r, 10) == 0;
    /* 16-bit addresses reach nothing but GS's segment. */
    if (*address16 || (has_memory && random_below(r, 20) == 0))
        put(i, 0x65);
    else if (!(f->what & MAY_WRITE) && random_below(r, 30) == 0)
        put(i, (u8)(0x26 + 8 * random_below(r, 4)));
    if (f->what & STRING && random_below(r, 2))
        put(i, (u8)(0xf2 + random_below(r, 2)));
    if (random_below(r, 50) == 0 || (f->what & MODRM && random_below(r, 25) == 0))
        put(i, 0xf0);
    if (*size16)
        put(i, 0x66);
    if (*address16)
        put(i, 0x67);
}

void insn_generate(struct random *r, const struct side *now, struct insn *out)
{
    const struct form *f = pick(r);
    bool size16, address16;
    memset(out, 0, sizeof *out);
    if (prepare(r, now, f, out))
        return;
    u32 opcode = f->first + random_below(r, f->last - f->first + 1u);
    put_prefixes(r, out, f, &size16, &address16);
    if (opcode >> 8)
        put(out, 0x0f);
    put(out, (u8)opcode);
    if (f->what & MODRM)
        put_modrm(r, out, now, f, address16, size16 ? 2 : 4);
    if (f->what & MOFFS)
        put_n(out, random_target(r) - (out->bytes[0] == 0x65 ? DATA_AT : 0), address16 ? 2 : 4);
    if (f->what & IMM8)
        put(out, (u8)random_value(r));
    if (f->what & IMMZ)
        put_n(out, random_value(r), size16 ? 2 : 4);
    if (f->what & IMM16)
        put_n(out, 4 * random_below(r, 32), 2);
    if (f->what & REL8)
        put(out, random_below(r, 10) ? (u8)(16 + random_below(r, 100)) : (u8)random_u32(r));
    if (f->what & RELZ)
        put_n(out, random_below(r, 10) ? 16 + random_below(r, 200) : random_u32(r), 4);
}
