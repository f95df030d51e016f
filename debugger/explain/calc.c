/* calc.c - see calc.h. What a mnemonic belongs to is a table. */
#include "calc.h"

/* How the operands enter: DEST and SRC; DEST and 1; 0 and DEST; the accumulator and DEST. */
enum enter { ENTER_BOTH, ENTER_ONE, ENTER_ZERO, ENTER_ACCUMULATOR };

/* clang-format off */
static const struct { const char *mnemonic; u8 family, enter; char sign; bool carry; } families[] = {
    { "add", CALC_SUM, ENTER_BOTH, '+', false }, { "adc", CALC_SUM, ENTER_BOTH, '+', true }, { "inc", CALC_SUM, ENTER_ONE, '+', false },
    { "xadd", CALC_SUM, ENTER_BOTH, '+', false }, { "sub", CALC_DIFFERENCE, ENTER_BOTH, '-', false },
    { "sbb", CALC_DIFFERENCE, ENTER_BOTH, '-', true }, { "cmp", CALC_DIFFERENCE, ENTER_BOTH, '-', false },
    { "cmps", CALC_DIFFERENCE, ENTER_BOTH, '-', false }, { "scas", CALC_DIFFERENCE, ENTER_BOTH, '-', false },
    { "dec", CALC_DIFFERENCE, ENTER_ONE, '-', false }, { "neg", CALC_DIFFERENCE, ENTER_ZERO, '-', false },
    { "cmpxchg", CALC_DIFFERENCE, ENTER_ACCUMULATOR, '-', false }, { "and", CALC_LOGIC, ENTER_BOTH, '&', false },
    { "test", CALC_LOGIC, ENTER_BOTH, '&', false }, { "or", CALC_LOGIC, ENTER_BOTH, '|', false }, { "xor", CALC_LOGIC, ENTER_BOTH, '^', false },
    { "shl", CALC_SHIFT, ENTER_BOTH, '<', false }, { "sal", CALC_SHIFT, ENTER_BOTH, '<', false }, { "shr", CALC_SHIFT, ENTER_BOTH, '>', false },
    { "sar", CALC_SHIFT, ENTER_BOTH, 's', false }, { "rol", CALC_ROTATE, ENTER_BOTH, 0, false }, { "ror", CALC_ROTATE, ENTER_BOTH, 0, false },
    { "rcl", CALC_ROTATE, ENTER_BOTH, 0, false }, { "rcr", CALC_ROTATE, ENTER_BOTH, 0, false }, { "mul", CALC_PRODUCT, ENTER_BOTH, 0, false },
    { "imul", CALC_PRODUCT, ENTER_BOTH, 0, false }, { "bt", CALC_BIT, ENTER_BOTH, 0, false }, { "bts", CALC_BIT, ENTER_BOTH, 0, false },
    { "btr", CALC_BIT, ENTER_BOTH, 0, false }, { "btc", CALC_BIT, ENTER_BOTH, 0, false }, { "bsf", CALC_SCAN, ENTER_BOTH, 0, false },
    { "bsr", CALC_SCAN, ENTER_BOTH, 0, false },
};
/* clang-format on */

static bool unknown(const struct explain *e, int k)
{
    int segment;
    u64 offset;
    return e->result->asked && operand_place(e, k, &segment, &offset);
}

static bool enter(const struct explain *e, enum enter how, struct calc *c)
{
    u64 dest, src = 0;
    c->bytes = e->a.operand[0].bytes;
    if (c->bytes < 1 || c->bytes > 4 || unknown(e, 0) || unknown(e, 1) || !operand_value(e, 0, &dest))
        return false;
    bool two = operand_value(e, 1, &src);
    c->a = how == ENTER_ZERO ? 0 : how == ENTER_ACCUMULATOR ? gpr_value(e->cpu, EAX, c->bytes) : dest;
    c->b = how == ENTER_BOTH ? src : how == ENTER_ONE ? 1 : dest;
    c->a &= mask_bytes(c->bytes);
    if (c->family <= CALC_LOGIC)
        c->b &= mask_bytes(c->bytes);
    return two || how != ENTER_BOTH;
}

static u64 shifted(const struct calc *c)
{
    u64 count = c->b & 31;
    i64 with_sign = (i64)(c->a << (64 - 8 * c->bytes)) >> (64 - 8 * c->bytes);
    return c->sign == '<' ? c->a << count : c->sign == '>' ? c->a >> count : (u64)(with_sign >> count);
}

struct calc calc_of(const struct explain *e)
{
    struct calc c = { .family = CALC_OTHER };
    for (size_t k = 0; k < ARRAY_LEN(families); k++) {
        if (!e->a.mnemonic || strcmp(families[k].mnemonic, e->a.mnemonic))
            continue;
        c.family = (enum calc_family)families[k].family;
        c.sign = families[k].sign;
        c.carry = families[k].carry && cpu_get(e->cpu, "eflags") & FLAG_CF;
        c.known = enter(e, (enum enter)families[k].enter, &c);
    }
    if (!c.known)
        return c;
    switch (c.family) {
    case CALC_SUM:        c.result = c.a + c.b + c.carry; break;
    case CALC_DIFFERENCE: c.result = c.a - c.b - c.carry; break;
    case CALC_LOGIC:      c.result = c.sign == '&' ? c.a & c.b : c.sign == '|' ? c.a | c.b : c.a ^ c.b; break;
    case CALC_SHIFT:      c.result = shifted(&c); break;
    default:              break;
    }
    c.result &= mask_bytes(c.bytes);
    return c;
}

void calc_tell(struct explain *e)
{
    struct calc c = calc_of(e);
    char a[24], b[24], r[24];
    const char *sign = c.sign == '+' ? "+" : c.sign == '-' ? "-" : c.sign == '&' ? "AND" : c.sign == '|' ? "OR" : c.sign == '^' ? "XOR"
                     : c.sign == '<' ? "shifted left by" : c.sign == '>' ? "shifted right by" : "shifted right, with its sign, by";
    if (!c.known || !c.sign)
        return;
    if (c.family == CALC_SHIFT)
        tell_of(e, "", "%s %s %u = %s", hex_of(c.a, c.bytes, a), sign, (unsigned)(c.b & 31), hex_of(c.result, c.bytes, r));
    else
        tell_of(e, "", "%s %s %s%s%s = %s", hex_of(c.a, c.bytes, a), sign, hex_of(c.b, c.bytes, b),
                c.carry ? c.sign == '-' ? " - CF" : " + CF" : "", c.carry ? " 1" : "", hex_of(c.result, c.bytes, r));
}
