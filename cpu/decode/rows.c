/* rows.c - the opcode table as a whole: finds rows, and walks all of them for whoever must forget none.
 * Follows: Intel SDM Vol. 2, Appendix A "Opcode Map": ModRM's digit and mod, and mandatory prefixes select members of a group. */
#include "rows.h"
#include "early.h"
#include "../insn/simd/mmx.h"
#include <stdio.h>

const struct row *row_at(const struct feature_set *has, bool two_bytes, u8 *opcode)
{
    if (two_bytes)
        return rows_0f[*opcode].mnemonic || rows_0f[*opcode].group ? &rows_0f[*opcode] : &rows_mmx[*opcode];
    return feature_in(has, FEATURE_286) ? &rows_1byte[*opcode] : row_8086(opcode);
}

static int member_of(int by, struct selector s)
{
    int reg = s.modrm >> 3 & 7;
    switch (by) {
    case BY_REG:        return reg;
    case BY_MOD_REG:    return s.modrm >= 0xc0 ? 8 + reg : reg;
    case BY_MOD_REG_RM: return s.modrm >= 0xc0 ? 8 + (s.modrm & 63) : reg;
    default:            return s.prefix == 0xf3 ? 2 : s.prefix == 0xf2 ? 3 : s.prefix == 0x66;
    }
}

const struct row *row_member(const struct feature_set *has, const struct row *row, bool two_bytes, u8 opcode, struct selector by)
{
    bool modrm = row_has_modrm(row);
    while (row->group)
        row = &row->group[member_of(row->by, by)];
    if (!feature_in(has, FEATURE_286) && modrm && by.modrm >= 0xc0 && (only_memory(row->operand[0]) || only_memory(row->operand[1])))
        return &row_nothing;                    /* LEA, LES and LDS of a register */
    return row_of_model(has, row, opcode, two_bytes);
}

bool row_has_modrm(const struct row *row)
{
    if (row->group && row->by == BY_PREFIX) {
        for (int k = 0; k < 4; k++)
            if (row_has_modrm(&row->group[k]))
                return true;
        return false;
    }
    return row->group || is_modrm(row->operand[0]) || is_modrm(row->operand[1]);
}

/* ---- every encoding ---- */

enum { MODELS_MOST = 64 };

struct walk {
    void (*each)(void *to, const struct row_place *p);
    void *to;
};

static const u8 bytes_of_prefix[] = { [PREFIX_NP] = 0, [PREFIX_66] = 0x66, [PREFIX_F3] = 0xf3, [PREFIX_F2] = 0xf2 };

/* What the operands say of ModRM; and the place is told. */
static void tell(const struct walk *w, struct row_place p, const struct row *parent)
{
    bool memory_only = false, register_only = false;
    for (size_t k = 0; k < ARRAY_LEN(p.operand); k++) {
        p.operand[k] = p.row->operand[k] != __ ? p.row->operand[k] : parent->operand[k];
        memory_only |= only_memory(p.operand[k]);
        register_only |= only_register(p.operand[k]) || is_control(p.operand[k]);
    }
    p.has_modrm = p.reg >= 0 || row_has_modrm(parent) || row_has_modrm(p.row);
    p.memory = p.memory && p.has_modrm && !register_only;
    p.registers = p.registers && p.has_modrm && !memory_only;
    if (p.row->prefix) {
        p.prefix = bytes_of_prefix[p.row->prefix];
        p.alone = true;
    }
    if (p.has_modrm && !p.memory && !p.registers)
        return;                                 /* a form that its operands exclude: #UD */
    w->each(w->to, &p);
}

static void walk_row(const struct walk *w, const struct row *row, struct row_place p, const struct row *parent)
{
    int n = row->by == BY_REG ? 8 : row->by == BY_MOD_REG ? 16 : row->by == BY_MOD_REG_RM ? 72 : row->by == BY_PREFIX ? 4 : 0;
    if (!row->group) {
        p.row = row;
        tell(w, p, parent);
        return;
    }
    for (int k = 0; k < n; k++) {
        static const u8 prefix[4] = { 0, 0x66, 0xf3, 0xf2 };
        struct row_place q = p;
        if (row->by == BY_PREFIX) {
            q.prefix = prefix[k];
            q.alone = true;
            if (!row->group[k].mnemonic && !row->group[k].group)
                continue;
        } else {
            q.reg = (i8)(k & 7);
            q.memory = n == 8 || k < 8;
            q.registers = n == 8 || k >= 8;
        }
        if (n == 72 && k >= 8) {
            q.modrm = (u8)(0xc0 + k - 8);
            q.reg = (i8)(q.modrm >> 3 & 7);
        }
        walk_row(w, &row->group[k], q, parent);
    }
}

/* Does a model newer than number m, or the map, have this row there? */
static bool known(const struct feature_set *sets, int n, int m, const struct row *row, bool two_bytes, u8 opcode, u8 modrm)
{
    for (int k = m + 1; k <= n; k++) {
        u8 at = opcode;
        const struct row *there = row_at(&sets[k], two_bytes, &at);
        if (row_member(&sets[k], there, two_bytes, at, (struct selector){ modrm, 0 }) == row)
            return true;
    }
    return false;
}

static bool is_prefix(const struct feature_set *has, u8 opcode)
{
    return (opcode & 0xe7) == 0x26 || opcode == 0xf0 || opcode == 0xf2 || opcode == 0xf3
        || (opcode == 0xf1 && !feature_in(has, FEATURE_286))
        || (opcode >= 0x64 && opcode <= 0x67 && feature_in(has, FEATURE_386));
}

/* Rows that model number m has where newer ones have others. sets[n]: the map as it is written. */
static void walk_early(const struct walk *w, const struct feature_set *sets, int n, int m, u8 opcode)
{
    u8 at = opcode;
    const struct row *top = row_at(&sets[m], false, &at);
    int digits = row_has_modrm(top) ? 8 : 1;
    for (int reg = 0; reg < digits; reg++) {
        const struct row *row[2];
        bool is_new[2];
        for (int k = 0; k < 2; k++) {
            u8 modrm = (u8)((k ? 0xc0 : 0) | reg << 3);
            row[k] = row_member(&sets[m], top, false, at, (struct selector){ modrm, 0 });
            is_new[k] = !known(sets, n, m, row[k], false, opcode, modrm) && row[k]->mnemonic;
        }
        for (int k = 0; k < 2; k++) {
            bool both = is_new[0] && is_new[1] && row[0] == row[1];
            struct row_place p = { .row = row[k], .model = cpu_model_list[m].name, .opcode = opcode, .reg = (i8)(digits == 8 ? reg : -1),
                                   .memory = !k, .registers = k || both };
            if (is_new[k] && !(k && both))
                tell(w, p, top);
        }
    }
}

const char *operand_name(u32 code)
{
    switch (code) {
#define X(name, kind, size, n) case name: return kind == K_ONE ? "1" : &#name[kind == K_SEG];
        OPERANDS(X)
#undef X
    }
    return NULL;
}

void rows_each(void (*each)(void *to, const struct row_place *p), void *to)
{
    struct walk w = { each, to };
    struct feature_set sets[MODELS_MOST];
    int n = 0;
    for (; cpu_model_list[n].name && n < MODELS_MOST - 1; n++)
        sets[n] = model_features(&cpu_model_list[n]);
    memset(&sets[n], 0xff, sizeof sets[n]);
    for (int k = 0; k < 512; k++) {
        u8 opcode = (u8)k;
        const struct row *row = row_at(&sets[n], k >= 256, &opcode);
        struct row_place p = { .two_bytes = k >= 256, .opcode = opcode, .reg = -1, .memory = true, .registers = true };
        if (row->mnemonic || row->group)
            walk_row(&w, row, p, row);
    }
    for (int m = n - 1; m >= 0; m--)
        for (int k = 0; k < 256; k++)
            if (!is_prefix(&sets[m], (u8)k))
                walk_early(&w, sets, n, m, (u8)k);
}

int row_bytes(const struct row_place *p, int mod, int reg, int rm, u8 bytes[5])
{
    int n = 0;
    if (p->prefix)
        bytes[n++] = p->prefix;
    if (p->two_bytes)
        bytes[n++] = 0x0f;
    bytes[n++] = p->opcode;
    if (p->has_modrm)
        bytes[n++] = p->modrm ? p->modrm : (u8)(mod << 6 | (p->reg >= 0 ? p->reg : reg) << 3 | rm);
    return n;
}

void row_name(const struct row_place *p, char *text, size_t size)
{
    char prefix[8] = "", digit[16] = "";
    if (p->prefix)
        snprintf(prefix, sizeof prefix, "%02x ", p->prefix);
    if (p->modrm)
        snprintf(digit, sizeof digit, " %02x", p->modrm);
    else if (p->reg >= 0)
        snprintf(digit, sizeof digit, " /%d%s", p->reg, p->memory && p->registers ? "" : p->memory ? " mem" : " reg");
    snprintf(text, size, "%s%s%s%s%02x%s %s", p->model ? p->model : "", p->model ? ": " : "", prefix, p->two_bytes ? "0f " : "",
             p->opcode, digit, p->row->mnemonic ? p->row->mnemonic : "(undefined)");
}
