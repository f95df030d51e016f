/* t_sequences.c - superinstructions in every engine: each line of hot/sequences.inc of which all is known here as instructions, with
 * registers that fulfil its ties and others by dice, and programs by dice of few registers, so that ops hang on one another. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/engines.h"
#include "../../support/share.h"

struct step { const char *kind, *body, *cc, *form, *tie; int size; };
struct sequence { int n; struct step step[6]; };

#define FLAGS(name, w, f, ...)    { "FLAGS", #name, "", #f, #__VA_ARGS__, w }
#define QUIET(name, w, f, ...)    { "QUIET", #name, "", #f, #__VA_ARGS__, w }
#define PAIR(name, j, w, f, ...)  { "PAIR", #name, #j, #f, #__VA_ARGS__, w }
#define BRANCH(name, w)           { "BRANCH", #name, #name, "", "", w }
#define LEAVE(name, w, f)         { "LEAVE", #name, "", #f, "", w }
#define SEQUENCE2(...)            { 2, { __VA_ARGS__ } },
#define SEQUENCE3(...)            { 3, { __VA_ARGS__ } },
#define SEQUENCE4(...)            { 4, { __VA_ARGS__ } },
#define SEQUENCE5(...)            { 5, { __VA_ARGS__ } },
#define SEQUENCE6(...)            { 6, { __VA_ARGS__ } },
static const struct sequence lines[] = {
#include "../../../cpu/engine/hot/sequences.inc"
};

/* Opcodes of a register or memory with a register behind it, of a register with either behind it, and of either with an immediate or
 * alone: SDM Vol. 2. -1: there is none. */
struct encoding { const char *body; int rm_reg, reg_rm, rm_only, extension, immediate; };
static const struct encoding encodings[] = {
    { "add", 0x01, 0x03, 0x81, 0, 4 }, { "or", 0x09, 0x0b, 0x81, 1, 4 }, { "adc", 0x11, 0x13, 0x81, 2, 4 },
    { "sbb", 0x19, 0x1b, 0x81, 3, 4 },
    { "and", 0x21, 0x23, 0x81, 4, 4 }, { "sub", 0x29, 0x2b, 0x81, 5, 4 }, { "xor", 0x31, 0x33, 0x81, 6, 4 },
    { "cmp", 0x39, 0x3b, 0x81, 7, 4 },
    { "test", 0x85, -1, 0xf7, 0, 4 }, { "mov", 0x89, 0x8b, 0xc7, 0, 4 }, { "lea", -1, 0x8d, -1, 0, 0 }, { "imul", -1, 0x0faf, -1, 0, 0 },
    { "movzx8", -1, 0x0fb6, -1, 0, 0 }, { "movzx16", -1, 0x0fb7, -1, 0, 0 }, { "movsx8", -1, 0x0fbe, -1, 0, 0 },
    { "movsx16", -1, 0x0fbf, -1, 0, 0 }, { "inc", -1, -1, 0xff, 0, 0 }, { "dec", -1, -1, 0xff, 1, 0 }, { "not", -1, -1, 0xf7, 2, 0 },
    { "neg", -1, -1, 0xf7, 3, 0 }, { "rol", -1, -1, 0xc1, 0, 1 }, { "ror", -1, -1, 0xc1, 1, 1 }, { "shl", -1, -1, 0xc1, 4, 1 },
    { "shr", -1, -1, 0xc1, 5, 1 }, { "sar", -1, -1, 0xc1, 7, 1 }, { "shld", 0x0fa4, -1, -1, 0, 1 }, { "shrd", 0x0fac, -1, -1, 0, 1 },
    { "mul", -1, -1, 0xf7, 4, 0 }, { "shl_cl", -1, -1, 0xd3, 4, 0 }, { "shr_cl", -1, -1, 0xd3, 5, 0 },
};
#define X(cc, number) { "cmov" #cc, -1, 0x0f40 + number, -1, 0, 0 },
static const struct encoding moves[] = { CONDITIONS(X) };
#undef X
#define X(cc, number) { "j" #cc, number },
static const struct { const char *name; u8 number; } jumps[] = { CONDITIONS(X) };
#undef X

static const struct encoding *encoding_of(const char *body)
{
    for (size_t k = 0; k < ARRAY_LEN(encodings); k++)
        if (!strcmp(encodings[k].body, body))
            return &encodings[k];
    for (size_t k = 0; k < ARRAY_LEN(moves); k++)
        if (!strcmp(moves[k].body, body))
            return &moves[k];
    return NULL;
}

static bool emit_jump(struct program *p, const char *name)
{
    if (!strcmp(name, "jmp")) {
        EMIT(p, 0xeb, 0);
        return true;
    }
    for (size_t k = 0; k < ARRAY_LEN(jumps); k++)
        if (!strcmp(jumps[k].name, name)) {
            EMIT(p, (u8)(0x70 + jumps[k].number), 0);
            return true;
        }
    return false;
}

/* A register that is `held` exactly where the tie says so; without a tie any. */
static u8 pick(struct rig *r, const struct step *s, char operand, int held)
{
    static const u8 some[] = { EAX, ECX, EDX, ESI };
    if (strchr(s->tie, operand))
        return (u8)held;
    for (;;) {
        u8 reg = some[roll(r) & 3];
        if (!*s->tie || reg != held)
            return reg;
    }
}

static void emit_rm(struct rig *r, struct program *p, const struct step *s, int reg, char address, int rm, int held)
{
    static const u8 pointers[] = { EBX, EDI, EBP };
    u8 base = strchr(s->tie, 'B') ? (u8)held : pointers[roll(r) % 3], disp = (u8)(roll(r) & 0x3c);
    if (base == held && !strchr(s->tie, 'B'))
        base = base == EBX ? EDI : EBX;
    if (!address)
        EMIT(p, (u8)(0xc0 | reg << 3 | rm));
    else if (address == 'B')
        EMIT(p, (u8)(0x40 | reg << 3 | base), disp);
    else
        EMIT(p, (u8)(0x44 | reg << 3), (u8)((roll(r) & 3) << 6 | pick(r, s, 'X', held) << 3 | base), disp);
}

/* The step as an instruction; *held becomes the register that it wrote. false: none that is known here. */
static bool emit_step(struct rig *r, struct program *p, const struct step *s, int *held)
{
    const struct encoding *e = encoding_of(s->body);
    const char *f = s->form;
    if (!strcmp(s->kind, "BRANCH"))
        return emit_jump(p, s->body);
    if (!strcmp(f, "FLAT_R") && (!strcmp(s->body, "push") || !strcmp(s->body, "pop"))) {
        EMIT(p, (u8)((*s->body == 'p' && s->body[1] == 'u' ? 0x50 : 0x58) + (roll(r) & 3)));
        return true;
    }
    if (!e || s->size == 8 || strpbrk(f, "GSW") || !strcmp(s->kind, "LEAVE"))
        return false;
    bool dst = *f == 'R', one = !f[1] || *f == 'M';
    int opcode = one || f[1] == 'I' ? e->rm_only : dst ? e->reg_rm : e->rm_reg;
    char address = strchr(f, 'B') ? 'B' : strchr(f, 'X') ? 'X' : 0;
    if (!strcmp(f, "RR") && e->rm_reg >= 0)
        opcode = e->rm_reg;
    if (opcode < 0)
        return false;
    u8 to = pick(r, s, 'D', *held), from = pick(r, s, 'S', *held);
    bool reversed = !strcmp(f, "RR") && opcode == e->rm_reg;
    int reg = one || f[1] == 'I' ? e->extension : dst && !reversed ? to : from;
    if (s->size == 16)
        EMIT(p, 0x66);
    if (opcode > 0xff)
        EMIT(p, 0x0f);
    EMIT(p, (u8)opcode);
    emit_rm(r, p, s, reg, address, dst && (one || f[1] == 'I' || reversed) ? to : from, *held);
    if (opcode == (e->rm_only >= 0 ? e->rm_only : e->rm_reg))
        for (int k = 0; k < (e->immediate == 4 && s->size == 16 ? 2 : e->immediate); k++)
            EMIT(p, (u8)(e->immediate == 1 ? 1 + roll(r) % 31 : roll(r)));
    if (dst && s->size == 32 && strcmp(s->body, "cmp") && strcmp(s->body, "test"))
        *held = to;
    return !*s->cc || emit_jump(p, s->cc);
}

/* Half of the data are pointers to data. */
static void roll_start(struct rig *r)
{
    static const u8 some[] = { EAX, ECX, EDX, ESI };
    u32 base = (u32)r->start.seg[DS].base;
    roll_registers(r);
    for (u32 k = 0; k < 0x400; k += 4)
        if (roll(r) & 1) {
            put32(r->memory + DATA + k, DATA + 0x40 - base + (roll(r) & 0x7c));
            put32(r->memory + STACK + k, DATA + 0x40 - base + (roll(r) & 0x7c));
        }
    for (size_t k = 0; k < ARRAY_LEN(some); k++)
        if (roll(r) & 1)
            r->start.gpr[some[k]] = DATA + 0x40 - base + (roll(r) & 0x7c);
    r->start.gpr[ESI] &= roll(r) & 1 ? 0x1c : 0xffffffff;
}

static void each_line(void **state)
{
    struct rig *r = rig_new(FLAT);
    int known = 0;
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(lines); k++) {
        for (int round = 0; round < 24 / SHARE; round++) {
            struct program p = { .n = 0 };
            int held = -1, at = 0;
            roll_start(r);
            if (round % 3)                                      /* else the first access of each page is not plain */
                emit_touch(r, &p);
            while (at < lines[k].n && emit_step(r, &p, &lines[k].step[at], &held))
                at++;
            if (at < lines[k].n)
                break;
            known += !round;
            if (!strcmp(lines[k].step[at - 1].kind, "QUIET"))
                EMIT(&p, 0x85, 0xc0);                           /* test eax, eax: nobody reads the flags before */
            EMIT(&p, HLT);
            compare(r, &p, RUN_MAX);
        }
    }
    assert_true(known > 200);
    rig_free(r);
}

/* Steps of the list, whatever stands behind one another. */
static void by_dice(void **state)
{
    (void)state;
    for (int lie = 0; lie < NARROW; lie++) {
        struct rig *r = rig_new((enum lie)lie);
        for (int round = 0; round < 4000 / SHARE; round++) {
            struct program p = { .n = 0 };
            roll_start(r);
            emit_touch(r, &p);
            while (p.n < PROGRAM_MAX - 16) {
                const struct sequence *l = &lines[roll(r) % ARRAY_LEN(lines)];
                struct step any = l->step[roll(r) % (u32)l->n];
                int held = -1;
                any.tie = "";
                emit_step(r, &p, &any, &held);
            }
            EMIT(&p, HLT);
            compare(r, &p, RUN_MAX);
        }
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_line), cmocka_unit_test(by_dice) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
