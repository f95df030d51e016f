/* victim_long.c - which instructions of 32-bit code have a like in 64-bit mode, and what that is.
 * Follows: Intel SDM Vol. 1 "Address Calculations in 64-Bit Mode"; Vol. 2 "Instruction Format" (67H, RIP-relative addressing,
 * REX), "Instruction Exceptions in 64-Bit Mode"; AMD64 APM Vol. 3, Appendix B.
 * An address-size prefix makes 32-bit addresses, string counts and LOOP's counter; a displacement alone takes a SIB byte; INC and DEC
 * of registers their ModRM form. Left out: the stack, far transfers, segment registers, CS, FS, GS overrides, 16-bit addresses
 * and branches, what 64-bit mode lacks or means otherwise. */
#include "victim_long.h"
#include "victim_glance.h"

enum { ADDRESS_SIZE = 0x67, SIB_NONE = 0x25, PREFIXED_MAX = 13, ES_OVERRIDE = 0, SS_OVERRIDE = 2, DS_OVERRIDE = 3 };
enum form { FORM_NONE /* no like */, FORM_PLAIN, FORM_MODRM, FORM_ADDRESS /* an address without ModRM */, FORM_SHORT, FORM_COUNTED, FORM_NEAR,
            FORM_INC };

/* /reg of C6, C7, FE, FF and of the groups of 0F: those that are the same, or undefined in both. */
static bool group_same(u8 opcode, u8 modrm)
{
    int reg = modrm >> 3 & 7;
    switch (opcode) {
    case 0xc6: case 0xc7: return modrm != 0xf8;
    case 0xff: return reg < 2 || reg == 7;
    default:   return true;
    }
}

static enum form form_1(u8 op, u8 modrm)
{
    if (op < 0x40)
        return (op & 7) < 4 ? FORM_MODRM : (op & 7) < 6 ? FORM_PLAIN : FORM_NONE;
    switch (op) {
    case 0x40: case 0x41: case 0x42: case 0x43: case 0x44: case 0x45: case 0x46: case 0x47:
    case 0x48: case 0x49: case 0x4a: case 0x4b: case 0x4c: case 0x4d: case 0x4e: case 0x4f:
        return FORM_INC;
    case 0x69: case 0x6b: case 0x80: case 0x81: case 0x83: case 0x84: case 0x85: case 0x86: case 0x87:
    case 0x88: case 0x89: case 0x8a: case 0x8b: case 0x8d: case 0xc0: case 0xc1: case 0xc6: case 0xc7:
    case 0xd0: case 0xd1: case 0xd2: case 0xd3: case 0xd8: case 0xd9: case 0xda: case 0xdb: case 0xdc: case 0xdd: case 0xde: case 0xdf:
    case 0xf6: case 0xf7: case 0xfe: case 0xff:
        return group_same(op, modrm) ? FORM_MODRM : FORM_NONE;
    case 0x8c:                                                  /* MOV from a segment register, but not from CS */
        return (modrm >> 3 & 7) == 1 ? FORM_NONE : FORM_MODRM;
    case 0x6c: case 0x6d: case 0x6e: case 0x6f: case 0xa0: case 0xa1: case 0xa2: case 0xa3: case 0xa4: case 0xa5: case 0xa6: case 0xa7:
    case 0xaa: case 0xab: case 0xac: case 0xad: case 0xae: case 0xaf: case 0xd7:
        return FORM_ADDRESS;
    case 0xe0: case 0xe1: case 0xe2: case 0xe3:
        return FORM_COUNTED;
    case 0xeb:
        return FORM_SHORT;
    case 0xe9:
        return FORM_NEAR;
    case 0x98: case 0x99: case 0x9b: case 0x9e: case 0x9f: case 0xa8: case 0xa9: case 0xe4: case 0xe5: case 0xe6: case 0xe7:
    case 0xec: case 0xed: case 0xee: case 0xef: case 0xf5: case 0xf8: case 0xf9: case 0xfa: case 0xfb: case 0xfc: case 0xfd:
        return FORM_PLAIN;
    default:
        return (op & 0xf0) == 0x70 ? FORM_SHORT : (op >= 0x90 && op < 0x98) || (op & 0xf0) == 0xb0 ? FORM_PLAIN : FORM_NONE;
    }
}

static enum form form_0f(u8 op, u8 modrm)
{
    int reg = modrm >> 3 & 7;
    bool memory = modrm < 0xc0;
    switch (op) {
    case 0x00: return reg == 2 || reg == 3 || reg > 5 ? FORM_MODRM : FORM_NONE;
    case 0x01: return memory && (reg == 2 || reg == 3 || reg == 7) ? FORM_MODRM : reg == 6 ? FORM_MODRM : FORM_NONE;
    case 0x06: case 0x08: case 0x09: case 0x0b: case 0x20: case 0x21: case 0x22: case 0x23: case 0x30: case 0x32: case 0x77:
        return FORM_PLAIN;
    case 0xa3: case 0xa4: case 0xa5: case 0xab: case 0xac: case 0xad: case 0xaf: case 0xb0: case 0xb1: case 0xb3: case 0xb6: case 0xb7:
    case 0xba: case 0xbb: case 0xbc: case 0xbd: case 0xbe: case 0xbf: case 0xc0: case 0xc1:
        return FORM_MODRM;
    case 0xae: return memory && reg < 2 ? FORM_MODRM : FORM_NONE;
    case 0xc7: return memory && reg == 1 ? FORM_MODRM : FORM_NONE;
    default: break;
    }
    if ((op & 0xf0) == 0x80)
        return FORM_NEAR;
    if (op >= 0xc8 && op < 0xd0)
        return FORM_PLAIN;
    return (op >= 0x40 && op < 0x50) || (op >= 0x60 && op < 0x80) || (op & 0xf0) == 0x90 || op >= 0xd0 ? FORM_MODRM : FORM_NONE;
}

static void add(struct translation *t, const u8 *from, const u8 *end)
{
    while (from < end && t->length < LONG_MAX)
        t->bytes[t->length++] = *from++;
}

static bool with_modrm(const struct glance *g, const u8 *code, const u8 *modrm, struct translation *t)
{
    static const u8 address_size = ADDRESS_SIZE, sib = SIB_NONE;
    bool memory = *modrm < 0xc0;
    if (memory)
        add(t, &address_size, &address_size + 1);
    add(t, code, modrm);
    if (!memory || (*modrm & 0xc7) != 5) {
        add(t, modrm, g->end);
        return true;
    }
    u8 changed = (u8)(*modrm - 1);
    add(t, &changed, &changed + 1);
    add(t, &sib, &sib + 1);
    add(t, modrm + 1, g->end);
    return true;
}

/* A branch whose target 64-bit mode finds, too: not around the end of 4 GB. LOOP's gets longer, and its distance shorter. */
static bool branch(const struct glance *g, const u8 *code, u32 length, u32 eip, enum form form, struct translation *t)
{
    static const u8 address_size = ADDRESS_SIZE;
    i64 distance = form == FORM_NEAR ? (i32)get32(g->end - 4) : (i8)g->end[-1], target = (i64)eip + length + distance;
    if (g->narrow || target < 0 || target >> 32)
        return false;
    if (form == FORM_COUNTED)
        add(t, &address_size, &address_size + 1);
    add(t, code, g->end);
    if (form == FORM_COUNTED && (distance == -128 || distance == 1))
        return false;                                           /* too far; not to be told apart from what comes behind it */
    t->bytes[t->length - 1] = (u8)(t->bytes[t->length - 1] - (form == FORM_COUNTED));
    return true;
}

bool long_translate(const u8 *code, u32 length, u32 eip, struct translation *to)
{
    static const u8 address_size = ADDRESS_SIZE;
    struct glance g = glance_at(code, length, true);
    bool two = g.opcode < g.end && *g.opcode == 0x0f;
    const u8 *op = g.opcode + two, *modrm = op + 1;
    *to = (struct translation){ .length = 0 };
    if (op >= g.end || length > PREFIXED_MAX || g.narrow_address
        || (g.segment != SEGMENT_DEFAULT && g.segment != ES_OVERRIDE && g.segment != SS_OVERRIDE && g.segment != DS_OVERRIDE))
        return false;
    u8 second = modrm < g.end ? *modrm : 0;
    enum form form = two ? form_0f(*op, second) : form_1(*op, second);
    switch (form) {
    case FORM_PLAIN:
        add(to, code, g.end);
        return true;
    case FORM_MODRM:
        return modrm < g.end && with_modrm(&g, code, modrm, to);
    case FORM_ADDRESS:
        add(to, &address_size, &address_size + 1);
        add(to, code, g.end);
        return true;
    case FORM_INC: {
        u8 as[2] = { 0xff, (u8)(0xc0 | (*op & 15)) };
        add(to, code, op);
        add(to, as, as + 2);
        return true;
    }
    case FORM_SHORT: case FORM_COUNTED: case FORM_NEAR:
        return branch(&g, code, length, eip, form, to);
    default:
        return false;
    }
}
