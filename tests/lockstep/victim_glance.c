/* victim_glance.c - as much of an instruction as its stepping on the host has to know.
 * Follows: Intel SDM Vol. 2, "Instruction Format", Appendix A "Opcode Map". */
#include "victim_glance.h"

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, SS = 2, DS, LONGEST = 512 /* access: FXRSTOR; ENTER stays nearer */ };

static bool take_prefix(struct glance *g, u8 byte)
{
    switch (byte) {
    case 0x26: case 0x2e: case 0x36: case 0x3e:
        g->segment = byte >> 3 & 3;
        return true;
    case 0x64: case 0x65:
        g->segment = byte & 7;
        return true;
    case 0x66: case 0x67: case 0xf0:
        return true;
    case 0xf2: case 0xf3:
        g->rep = true;
        return true;
    default:
        return false;
    }
}

struct glance glance_at(const u8 *code, u32 length, bool wide)
{
    struct glance g = {
        .opcode = code, .end = code + length, .segment = SEGMENT_DEFAULT, .narrow = !wide, .narrow_address = !wide,
    };
    for (; g.opcode < g.end && take_prefix(&g, *g.opcode); g.opcode++) {
        if (*g.opcode == 0x66)
            g.narrow = wide;
        else if (*g.opcode == 0x67)
            g.narrow_address = wide;
    }
    return g;
}

/* Byte n of what follows the prefixes; 0 behind the instruction. */
static u8 byte_at(const struct glance *g, int n) { return g->end - g->opcode > n ? g->opcode[n] : 0; }

bool glance_loads_segment(const struct glance *g)
{
    u8 first = byte_at(g, 0), second = byte_at(g, 1);
    if (first == 0x0f)
        return second == 0xa1 || second == 0xa9 || second == 0xb4 || second == 0xb5;            /* POP, LFS, LGS */
    return first == 0x07 || first == 0x1f || first == 0x8e || first == 0xc4 || first == 0xc5;   /* POP, MOV, LES, LDS */
}

/* Size of a relative branch's displacement; 0: it is none. */
static int displacement_size(const struct glance *g)
{
    u8 first = byte_at(g, 0), second = byte_at(g, 1);
    if ((first & 0xf0) == 0x70 || (first >= 0xe0 && first <= 0xe3) || first == 0xeb)
        return 1;
    return first == 0xe8 || first == 0xe9 || (first == 0x0f && (second & 0xf0) == 0x80) ? g->narrow ? 2 : 4 : 0;
}

static bool needs_trap(const struct glance *g)
{
    u8 second = byte_at(g, 1);
    if (g->opcode == g->end)
        return true;
    switch (*g->opcode) {
    case 0x0f:
        return second == 0x05 || second == 0x07 || second == 0x34 || second == 0x35 || second == 0xaa;
    case 0x6c: case 0x6d: case 0x6e: case 0x6f: case 0xa4: case 0xa5: case 0xa6: case 0xa7:
    case 0xaa: case 0xab: case 0xac: case 0xad: case 0xae: case 0xaf:
        return g->rep;
    case 0x9a: case 0xea: case 0xc2: case 0xc3: case 0xca: case 0xcb: case 0xcc: case 0xcd: case 0xce: case 0xcf:
    case 0xf1:
        return true;
    case 0xc6: case 0xc7:
        return second == 0xf8;
    case 0xff:
        return (second >> 3 & 7) >= 2 && (second >> 3 & 7) <= 5;
    default:
        return false;
    }
}

bool glance_needs_trap(const struct glance *g, u32 next, u32 *target)
{
    int size = displacement_size(g);
    *target = next;
    if (needs_trap(g) || g->end - g->opcode <= size)
        return true;
    if (size) {
        *target += size == 1 ? (u32)(i8)g->end[-1] : size == 2 ? get16(g->end - 2) : get32(g->end - 4);
        if (g->narrow)
            *target &= 0xffff;
    }
    return false;
}

/* Bytes up to `size` at n behind the prefixes, as a number; those that are missing are 0. */
static u32 number_at(const struct glance *g, int n, int size)
{
    u32 v = 0;
    for (int i = 0; i < size; i++)
        v |= (u32)byte_at(g, n + i) << 8 * i;
    return v;
}

/* Offset of the memory operand of a ModRM byte at n; *segment: what it has by itself. */
static u32 offset_16(const struct glance *g, int n, const u32 *gpr, u8 *segment)
{
    static const u8 bases[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX }, indexes[4] = { ESI, EDI, ESI, EDI };
    int mod = byte_at(g, n) >> 6, rm = byte_at(g, n) & 7;
    if (!mod && rm == 6)
        return number_at(g, n + 1, 2);
    u32 at = gpr[bases[rm]] + (rm < 4 ? gpr[indexes[rm]] : 0);
    if (bases[rm] == EBP)
        *segment = SS;
    return (at + (mod == 1 ? (u32)(i8)byte_at(g, n + 1) : mod == 2 ? number_at(g, n + 1, 2) : 0)) & 0xffff;
}

static u32 offset_32(const struct glance *g, int n, const u32 *gpr, u8 *segment)
{
    int mod = byte_at(g, n) >> 6, base = byte_at(g, n) & 7;
    u32 at = 0;
    if (base == 4) {
        u8 sib = byte_at(g, ++n);
        base = sib & 7;
        at = (sib >> 3 & 7) == 4 ? 0 : gpr[sib >> 3 & 7] << (sib >> 6);
    }
    if (!mod && base == 5)
        return at + number_at(g, n + 1, 4);
    if (base == ESP || base == EBP)
        *segment = SS;
    return at + gpr[base] + (mod == 1 ? (u32)(i8)byte_at(g, n + 1) : mod == 2 ? number_at(g, n + 1, 4) : 0);
}

struct range { u32 at, size; };
static bool is_near(const struct range *code, u16 selector, u32 offset)
{
    bool wide;
    return selector_base(selector, &wide) + offset - (code->at - LONGEST) < code->size + 2 * LONGEST;
}

/* Every byte behind the opcode is taken for a ModRM byte, whether it is one or not. */
bool glance_reads_code(const struct glance *g, const u32 *gpr, const u16 *selector, u32 at, u32 size)
{
    const struct range code = { at, size };
    u32 mask = g->narrow_address ? 0xffff : 0xffffffff;
    u8 first = byte_at(g, 0), second = byte_at(g, 1), segment = DS;
    int modrm = first == 0x0f ? 2 : 1;
    u16 data = selector[g->segment == SEGMENT_DEFAULT ? DS : g->segment];
    if (first == 0x0f && (second & 0xe7) == 0xa3)
        return true;                                            /* BT and its kin: the bit may be anywhere */
    for (int reg = ESP; reg <= EBP; reg++) {                    /* the stack */
        if (is_near(&code, selector[SS], gpr[reg]) || is_near(&code, selector[SS], gpr[reg] & 0xffff))
            return true;
    }
    if ((first >= 0xa4 && first <= 0xa7) || (first >= 0xaa && first <= 0xaf) || (first & 0xfc) == 0x6c) {
        if (is_near(&code, data, gpr[ESI] & mask) || is_near(&code, selector[0], gpr[EDI] & mask))
            return true;
    }
    if (first == 0xd7 && is_near(&code, data, (gpr[EBX] + (gpr[EAX] & 0xff)) & mask))
        return true;                                            /* XLAT */
    if ((first & 0xfc) == 0xa0)
        return is_near(&code, data, number_at(g, 1, g->narrow_address ? 2 : 4));
    if (byte_at(g, modrm) >= 0xc0)
        return false;
    u32 offset = g->narrow_address ? offset_16(g, modrm, gpr, &segment) : offset_32(g, modrm, gpr, &segment);
    return is_near(&code, selector[g->segment == SEGMENT_DEFAULT ? segment : g->segment], offset);
}
