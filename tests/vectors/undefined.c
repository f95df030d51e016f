/* undefined.c - flags that the manuals leave undefined, opcode by opcode.
 * Follows: Intel SDM Vol. 2, "Flags Affected" of each instruction. */
#include "undefined.h"
#include "../../cpu/core.h"

enum { AF = FLAG_AF, CF = FLAG_CF, OF = FLAG_OF, PF = FLAG_PF, SF = FLAG_SF, ZF = FLAG_ZF };

int insn_opcode_at(const struct moo_test *t, bool *rep)
{
    int at = 0;
    *rep = false;
    for (; at < (int)t->length; at++) {
        u8 b = t->bytes[at];
        if (b == 0xf2 || b == 0xf3)
            *rep = true;
        else if (b != 0xf0 && (b & 0xe7) != 0x26)
            break;
    }
    return at;
}

static u8 opcode_of(const struct moo_test *t)
{
    bool rep;
    return t->bytes[insn_opcode_at(t, &rep)];
}

/* The masked count of a shift or rotate. */
static int shift_count(const struct moo_test *t)
{
    bool rep;
    int at = insn_opcode_at(t, &rep);
    u8 op = t->bytes[at], modrm = t->bytes[at + 1];
    int mod = modrm >> 6, displacement = mod == 1 ? 1 : mod == 2 || (mod == 0 && (modrm & 7) == 6) ? 2 : 0;
    if (op >= 0xd2)
        return t->init.reg[MOO_CX] & 31;
    return op >= 0xd0 ? 1 : t->bytes[at + 2 + displacement] & 31;
}
static bool count_over_1(const struct moo_test *t)  { return shift_count(t) > 1; }
static bool count_not_0(const struct moo_test *t)   { return shift_count(t) != 0; }
static bool count_covers(const struct moo_test *t)  { return shift_count(t) >= (opcode_of(t) & 1 ? 16 : 8); }

/* clang-format off */
const struct undefined undefined[] = {
    { "08 09 0A 0B 0C 0D 20 21 22 23 24 25 30 31 32 33 34 35 80.1 80.4 80.6 81.1 81.4 81.6 82.1 82.4 82.6 83.1 83.4 "
           "83.6 84 85 A8 A9 F6.0 F6.1 F7.0 F7.1", NULL, AF,
      "AF is undefined after AND, OR, XOR and TEST",
      "SDM Vol. 2 \"AND\", \"OR\", \"XOR\", \"TEST\", Flags Affected" },
    { "27 2F", NULL, OF, "OF is undefined after DAA and DAS",
      "SDM Vol. 2 \"DAA\", \"DAS\", Flags Affected" },
    { "37 3F", NULL, OF | SF | ZF | PF,
      "OF, SF, ZF and PF are undefined after AAA and AAS",
      "SDM Vol. 2 \"AAA\", \"AAS\", Flags Affected" },
    { "D4 D5", NULL, OF | AF | CF,
      "OF, AF and CF are undefined after AAM and AAD",
      "SDM Vol. 2 \"AAM\", \"AAD\", Flags Affected" },
    { "69 6B F6.4 F6.5 F7.4 F7.5", NULL, SF | ZF | AF | PF,
      "SF, ZF, AF and PF are undefined after MUL and IMUL",
      "SDM Vol. 2 \"MUL\", \"IMUL\", Flags Affected" },
    { "F6.6* F6.7* F7.6* F7.7*", NULL, OF | SF | ZF | AF | PF | CF,
      "the arithmetic flags are undefined after DIV and IDIV, and when they fault",
      "SDM Vol. 2 \"DIV\", \"IDIV\", Flags Affected" },
    { "C0.? C1.? D2.? D3.?", count_over_1, OF,
      "OF is undefined after shifts and rotates by more than one",
      "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", \"RCL/RCR/ROL/ROR\", Flags Affected" },
    { "C0.4 C0.5 C0.6 C0.7 C1.4 C1.5 C1.6 C1.7 D0.4 D0.5 D0.6 D0.7 D1.4 D1.5 D1.6 D1.7 D2.4 D2.5 D2.6 D2.7 D3.4 D3.5 "
           "D3.6 D3.7", count_not_0, AF,
      "AF is undefined after shifts",
      "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", Flags Affected" },
    { "C0.4 C0.5 C0.6 C1.4 C1.5 C1.6 D2.4 D2.5 D2.6 D3.4 D3.5 D3.6", count_covers, CF,
      "CF is undefined after SHL and SHR by the operand's size or more",
      "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", Flags Affected" },
    { NULL, NULL, 0, NULL, NULL }
};
/* clang-format on */

/* One pattern up to a blank against a name. */
static bool pattern_matches(const char *pattern, const char *end, const char *name)
{
    for (; pattern < end; pattern++, name++) {
        if (*pattern == '*')
            return true;
        if (!*name || (*pattern != '?' && *pattern != *name))
            return false;
    }
    return !*name;
}

bool undefined_applies(const struct undefined *d, const char *opcode, const struct moo_test *t)
{
    const char *p = d->opcodes;
    while (*p) {
        size_t n = strcspn(p, " ");
        if (pattern_matches(p, p + n, opcode))
            return !d->when || d->when(t);
        p += n + (p[n] == ' ');
    }
    return false;
}
