/* flags.c - the flags before and after, and why: the result is computed again by the manual's rules, to show what carries where.
 * Follows: Intel SDM Vol. 1 "Status Flags", Vol. 2 the instructions' pages. */
#include "parts.h"
#include "calc.h"

static const struct register_bit shown[] = {
    { FLAG_OF, "OF" }, { FLAG_DF, "DF" }, { FLAG_IF, "IF" }, { FLAG_TF, "TF" }, { FLAG_SF, "SF" }, { FLAG_ZF, "ZF" }, { FLAG_AF, "AF" },
    { FLAG_PF, "PF" }, { FLAG_CF, "CF" }, { 0, NULL }
};

static void flags_line(const struct register_bit *names, u64 flags, char *text, size_t size)
{
    for (*text = 0; names->name; names++)
        add_to(text, size, "%s%s=%d", *text ? " " : "", names->name, !!(flags & names->bit));
}

static int ones(u64 v)
{
    int n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
}

/* SF, ZF and PF follow the result, whatever made it. */
static bool by_result(const struct calc *c, u64 flag, char *text, size_t size)
{
    int top = 8 * c->bytes - 1;
    switch (flag) {
    case FLAG_SF: snprintf(text, size, "bit %d of the result, its sign", top); return true;
    case FLAG_ZF: snprintf(text, size, c->result ? "the result is not 0" : "the result is 0"); return true;
    case FLAG_PF:
        snprintf(text, size, "the result's low byte, %02x, has %d one%s: %s", (unsigned)(c->result & 0xff), ones(c->result & 0xff),
                 ones(c->result & 0xff) == 1 ? "" : "s", ones(c->result & 0xff) & 1 ? "odd" : "even");
        return true;
    default: return false;
    }
}

static void sum_why(const struct calc *c, u64 flag, char *text, size_t size)
{
    char a[24], b[24];
    int top = 8 * c->bytes - 1;
    bool sa = c->a >> top & 1, sb = c->b >> top & 1, sr = c->result >> top & 1;
    if (flag == FLAG_OF) {
        snprintf(text, size, "%s + %s with sign: %s", sa ? "negative" : "positive", sb ? "negative" : "positive",
                 sa == sb && sr != sa ? sr ? "too large, it looks negative" : "too small, it looks positive" : "it fits");
        return;
    }
    int bits = flag == FLAG_AF ? 4 : 8 * c->bytes;
    u64 mask = flag == FLAG_AF ? 15 : mask_bytes(c->bytes);
    bool carry = ((c->a & mask) + (c->b & mask) + c->carry) > mask;
    snprintf(text, size, "%s + %s%s %s out of bit %d",
             flag == FLAG_AF ? (snprintf(a, sizeof a, "%x", (unsigned)(c->a & 15)), a) : hex_of(c->a, c->bytes, a),
             flag == FLAG_AF ? (snprintf(b, sizeof b, "%x", (unsigned)(c->b & 15)), b) : hex_of(c->b, c->bytes, b), c->carry ? " + 1" : "",
             carry ? "carries" : "does not carry", bits - 1);
}

static void difference_why(const struct calc *c, u64 flag, char *text, size_t size)
{
    char a[24], b[24];
    int top = 8 * c->bytes - 1;
    bool sa = c->a >> top & 1, sb = c->b >> top & 1, sr = c->result >> top & 1;
    u64 mask = flag == FLAG_AF ? 15 : mask_bytes(c->bytes), x = c->a & mask, y = c->b & mask;
    bool borrow = x < y + c->carry;
    if (flag == FLAG_OF) {
        snprintf(text, size, "%s - %s with sign: %s", sa ? "negative" : "positive", sb ? "negative" : "positive",
                 sa != sb && sr != sa ? sr ? "too large, it looks negative" : "too small, it looks positive" : "it fits");
        return;
    }
    if (flag == FLAG_AF)
        snprintf(text, size, "low digits: %x %s %x%s: %s into bit 3", (unsigned)x, borrow ? "<" : ">=", (unsigned)y, c->carry ? " + 1" : "",
                 borrow ? "a borrow" : "no borrow");
    else
        snprintf(text, size, "%s %s %s%s without sign: %s", hex_of(c->a, c->bytes, a), borrow ? "<" : ">=", hex_of(c->b, c->bytes, b),
                 c->carry ? " + 1" : "", borrow ? "a borrow" : "no borrow");
}

/* Shifts and rotates: the last bit that left, or came round. */
static void shift_why(const struct explain *e, const struct calc *c, u64 flag, char *text, size_t size)
{
    const char *name = e->a.mnemonic;
    u64 count = c->b & 31;
    int bits = 8 * c->bytes;
    bool left = name[strlen(name) - 1] == 'l' && strcmp(name, "sal") ? name[0] != 's' || name[2] == 'l' : !strcmp(name, "sal");
    if (flag == FLAG_OF)
        snprintf(text, size, "the sign before and after the last step: %s",
                 count == 1 ? "whether it changed" : "of one step alone it is defined");
    else if (!strncmp(name, "ro", 2))
        snprintf(text, size, "the bit that came round last, now bit %d", left ? 0 : bits - 1);
    else if (!strncmp(name, "rc", 2))
        snprintf(text, size, "the bit that left DEST last");
    else if (count && count <= (u64)bits)
        snprintf(text, size, "bit %d of DEST, the last one out %s", left ? bits - (int)count : (int)count - 1, left ? "above" : "below");
    else
        snprintf(text, size, "the last bit out");
}

static void product_why(const struct explain *e, u64 after, u64 flag, char *text, size_t size)
{
    bool is_signed = !strcmp(e->a.mnemonic, "imul");
    snprintf(text, size, "the product %s the lower half%s", after & flag ? "needs more than" : "fits into",
             is_signed ? ", with its sign" : "");
}

static void bit_why(const struct calc *c, u64 after, char *text, size_t size)
{
    snprintf(text, size, "bit %u of DEST was %d", (unsigned)(c->known ? c->b & (u64)(8 * c->bytes - 1) : 0), !!(after & FLAG_CF));
}

static void why(const struct explain *e, const struct calc *c, u64 flag, u64 after, char *text, size_t size)
{
    snprintf(text, size, "as the operation says");
    if ((c->family <= CALC_LOGIC || c->family == CALC_SHIFT) && c->known && by_result(c, flag, text, size))
        return;
    switch (c->family) {
    case CALC_SUM:
        if (c->known)
            sum_why(c, flag, text, size);
        break;
    case CALC_DIFFERENCE:
        if (c->known)
            difference_why(c, flag, text, size);
        break;
    case CALC_LOGIC:   snprintf(text, size, "a logical operation clears it"); break;
    case CALC_SHIFT: case CALC_ROTATE: shift_why(e, c, flag, text, size); break;
    case CALC_PRODUCT: product_why(e, after, flag, text, size); break;
    case CALC_BIT:     bit_why(c, after, text, size); break;
    case CALC_SCAN:    snprintf(text, size, "SRC is %s0", after & FLAG_ZF ? "" : "not "); break;
    case CALC_OTHER:   break;
    }
}

static bool stay(const struct explain *e, const struct calc *c)
{
    return (e->a.attr & A_KEEPS) && c->known && !(c->b & 31);
}

/* Flags that no sum explains. */
static void written_tell(struct explain *e, u64 all)
{
    char text[80] = "", undefined[80] = "";
    for (const struct register_bit *b = shown; b->name; b++)
        if (all & b->bit)
            add_to(e->a.undefined & b->bit ? undefined : text, sizeof text, " %s", b->name);
    if (*text)
        tell_at(e, HANG, HANG + 2, "%s: written as the operation says", text + 1);
    if (*undefined)
        tell_at(e, HANG, HANG + 2, "%s: undefined by the manual", undefined + 1);
}

/* POPF: what the image asks for and does not get. Nothing traps. */
static void ignored_tell(struct explain *e, u64 after)
{
    const struct trial_access *a = e->result->access;
    int k = 0;
    while (k < e->own && a[k].kind != TRIAL_READ)
        k++;
    if (strcmp(e->a.mnemonic, "popf") || k == e->own)
        return;
    if ((a[k].value ^ after) & FLAG_IF)
        tell_at(e, HANG, HANG + 2, "the image has IF=%d, and IF stays %d: silently ignored, nothing traps", !!(a[k].value & FLAG_IF),
                !!(after & FLAG_IF));
    if ((a[k].value ^ after) & FLAG_IOPL)
        tell_at(e, HANG, HANG + 2, "the image has IOPL %d, and IOPL stays %d: silently ignored", (int)(a[k].value >> 12 & 3),
                (int)(after >> 12 & 3));
}

void flags_tell(struct explain *e)
{
    u64 before = cpu_get(e->cpu, "eflags"), after = cpu_get(e->after, "eflags"), all = e->a.writes | e->a.undefined;
    struct calc c = calc_of(e);
    char text[300], label[16];
    flags_line(shown, before, text, sizeof text);
    tell_of(e, "flags before", "%s", text);
    if (faults(e)) {
        tell_at(e, HANG, HANG + 2, "the instruction does not end: they stay for it");
        return;
    }
    flags_line(shown, after, text, sizeof text);
    tell_of(e, "flags after", "%s", before == after ? "the same" : text);
    if (stay(e, &c)) {
        tell_at(e, HANG, HANG + 2, "a count of 0 leaves all flags");
        return;
    }
    if (c.family == CALC_OTHER) {
        written_tell(e, all);
        ignored_tell(e, after);
        return;
    }
    for (const struct register_bit *b = shown; b->name; b++) {
        if (!(all & b->bit))
            continue;
        snprintf(label, sizeof label, "  %s=%d", b->name, !!(after & b->bit));
        why(e, &c, b->bit, after, text, sizeof text);
        if (e->a.undefined & b->bit && !(c.family == CALC_SHIFT && b->bit == FLAG_OF && (c.b & 31) == 1))
            snprintf(text, sizeof text, "undefined by the manual; this processor %s",
                     (before ^ after) & b->bit ? "changes it" : "leaves it so");
        tell_of(e, label, "%s", text);
    }
}
