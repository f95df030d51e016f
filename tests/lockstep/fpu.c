/* fpu.c - x87 and MMX state for the lock-step test, and where AMD's processors differ from Intel's, whom we follow.
 * Follows: Intel SDM Vol. 1 "Programming with the x87 FPU"; AMD64 APM Vol. 1 "x87 Floating-Point Programming". */
#include "fpu.h"
#include "../../cpu/insn/x87/f80.h"

static u64 random_u64(struct random *r) { return (u64)random_u32(r) << 32 | random_u32(r); }

static u64 random_significand(struct random *r)
{
    switch (random_below(r, 6)) {
    case 0: return F80_INTEGER_BIT;
    case 1: return ~0ull;
    case 2: return F80_INTEGER_BIT | 1ull << random_below(r, 63);
    case 3: return F80_INTEGER_BIT | (u64)random_u32(r) << 31;
    default: return F80_INTEGER_BIT | random_u64(r);
    }
}

static void random_f80(struct random *r, u64 *significand, u16 *se)
{
    u16 exp = (u16)(F80_BIAS + (i32)random_below(r, 130) - 65);
    *significand = random_significand(r);
    switch (random_below(r, 24)) {
    case 0: case 1: *significand = 0; exp = 0; break;
    case 2: *significand = random_u64(r) >> 1 >> random_below(r, 63); exp = 0; break;              /* denormal */
    case 3: exp = 0; break; /* pseudo-denormal */
    case 4: *significand = F80_INTEGER_BIT; exp = F80_EXP; break;                                   /* infinity */
    case 5: *significand |= F80_QUIET_BIT; exp = F80_EXP; break;
    case 6: *significand = (*significand & ~F80_QUIET_BIT) | 1; exp = F80_EXP; break;
    case 7: *significand &= ~F80_INTEGER_BIT; break; /* unnormal, pseudo-NaN */
    case 8:
        exp = random_below(r, 2) ? (u16)(1 + random_below(r, 80)) : (u16)(F80_EXP - 1 - random_below(r, 80));
        break;
    case 9: exp = (u16)(F80_BIAS + (random_below(r, 2) ? 1023 : -1023) + (i32)random_below(r, 60) - 30); break;
    case 10: exp = (u16)(F80_BIAS + (random_below(r, 2) ? 127 : -127) + (i32)random_below(r, 60) - 30); break;
    case 11:
    case 12:
        *significand = F80_INTEGER_BIT | (u64)random_below(r, 256) << 55;
        exp = (u16)(F80_BIAS + random_below(r, 16));
        break;
    case 13: exp = F80_BIAS - 1; break;
    case 14: exp = (u16)random_u32(r) & F80_EXP; break;
    default: break;
    }
    *se = (u16)(exp | (random_u32(r) & F80_SIGN));
}

void fpu_random(struct random *r, struct fpu *f)
{
    memset(f, 0, sizeof *f);
    bool lanes = random_below(r, 5) == 0;                       /* for MMX */
    for (int i = 0; i < 8; i++) {
        random_f80(r, &f->st[i].significand, &f->st[i].se);
        if (lanes)
            f->st[i].significand = random_lanes(r);
    }
    f->fcw = (u16)(FCW_FIXED | (random_below(r, 3) ? FSW_EXCEPTIONS : random_u32(r) & FSW_EXCEPTIONS)
                   | (random_u32(r) & FCW_RC) | (random_below(r, 2) ? FCW_PC64 : random_u32(r) & FCW_PC));
    f->fsw = (u16)(random_u32(r) & (FSW_CC | FSW_TOP));
    if (random_below(r, 4) == 0)
        f->fsw |= (u16)(random_u32(r) & (FSW_EXCEPTIONS | FSW_SF) & (random_below(r, 8) ? f->fcw | FSW_SF : 0xffff));
    if (f->fsw & ~f->fcw & FSW_EXCEPTIONS)
        f->fsw |= FSW_ES | FSW_B;
    f->valid = random_below(r, 2) ? (u8)(random_u32(r) | random_u32(r)) : (u8)random_u32(r);
    f->fip = random_u32(r);
    f->fdp = random_u32(r);
    f->fop = (u16)(random_u32(r) & 0x7ff);
    f->fcs = USER_CS;
    f->fds = USER_DS;
}

void fpu_random_memory(struct random *r, u8 *to, u32 size)
{
    for (u32 at = 0; at + 16 <= size; at += 16) {
        u64 v;
        u16 se;
        random_f80(r, &v, &se);
        put64(to + at, v);
        put64(to + at + 8, se);
        switch (random_below(r, 5)) {
        case 0: {                                               /* of 64 bits, the exponent near the others' */
            static const u16 special[] = { 0, 0x7ff, 1, 0x7fe };
            u64 exp = random_below(r, 3) ? 1023 + random_below(r, 100) - 50 : special[random_below(r, 4)];
            put64(to + at, (random_below(r, 4) ? v << 1 >> 12 : 0) | exp << 52 | (u64)(se >> 15) << 63);
            break;
        }
        case 1: {
            static const u8 special[] = { 0, 0xff, 1, 0xfe };
            u32 exp = random_below(r, 3) ? 127 + random_below(r, 100) - 50 : special[random_below(r, 4)];
            put32(to + at, (random_below(r, 4) ? (u32)(v << 1 >> 41) : 0) | exp << 23 | (u32)(se >> 15) << 31);
            break;
        }
        case 2:                                                 /* integers */
            put64(to + at, (u64)((i64)v >> random_below(r, 64)));
            break;
        case 3:                                                 /* packed decimal */
            for (int i = 0; i < 9; i++)
                to[at + (u32)i] = (u8)(random_below(r, 10) | random_below(r, 10) << 4);
            to[at + 9] = (u8)(se >> 8 & 0x80);
            break;
        default: break;
        }
    }
}

/* ---- comparing ---- */

static bool is_one_of(const char *name, const char *list)
{
    size_t n = strlen(name);
    for (const char *p = list; (p = strstr(p, name)) != NULL; p += n) {
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0))
            return true;
    }
    return false;
}

static bool near_by(const struct fpu *a, const struct fpu *b, int i)
{
    u64 x = a->st[i].significand, y = b->st[i].significand, distance = x > y ? x - y : y - x;
    i32 exps = (a->st[i].se & F80_EXP) - (b->st[i].se & F80_EXP);
    if ((a->st[i].se ^ b->st[i].se) & F80_SIGN)
        return false;
    if (exps == 0)
        return distance <= 1;
    return (exps == 1 && x == F80_INTEGER_BIT && y == ~0ull) || (exps == -1 && y == F80_INTEGER_BIT && x == ~0ull);
}

struct question {
    const struct regs *host, *ours, *before;
    bool memory;
    enum vendor vendor;
    u16 raised;                 /* flags that ours raised and that are unmasked */
};
static bool always(const struct question *q) { (void)q; return true; }
/* F2XM1 beyond 1, FYL2XP1 beyond 1 - sqrt(2)/2: the SDM leaves the result undefined. */
static bool beyond_range(const struct question *q) { return (q->before->fpu.st[0].se & F80_EXP) >= F80_BIAS - 2; }
/* What Intel's processors do here is not known better than that it is not what the SDM says; ours does as AMD's. */
static bool unmasked_denormal(const struct question *q) { return q->vendor != VENDOR_AMD && q->raised & FSW_DE; }
static bool unmasked_denormal_load(const struct question *q) { return q->memory && unmasked_denormal(q); }
/* f80_more.c: FSCALE by zero and FPREM by infinity of a tiny number. */
static bool tiny_unchanged(const struct question *q)
{
    const struct fpu *b = &q->before->fpu, *o = &q->ours->fpu;
    bool tiny = !(b->st[0].se & F80_EXP) && b->st[0].significand && !(b->st[0].significand & F80_INTEGER_BIT);
    bool special = (b->st[1].se & F80_EXP) == F80_EXP || !b->st[1].significand;
    return q->vendor != VENDOR_INTEL && tiny && special && !(b->fcw & FSW_UE) && !memcmp(&b->st[0], &o->st[0], sizeof b->st[0]);
}

enum { ANY_FPU = 1, ONE_ULP = 2, ANY_FLAGS = 4, ANY_ST0 = 8 };
static const struct rule {
    const char *names;
    bool (*when)(const struct question *q);
    u16 status;                 /* bits of the status word that may differ */
    u8 what;
    const char *why;
} rules[] = {
    { "fsin fcos fsincos fptan fpatan fyl2x fyl2xp1 f2xm1", always, FSW_C1 | FSW_PE | FSW_UE | FSW_ES | FSW_B, ONE_ULP,
      "transcendentals: 1 ulp, and whether and in which direction it was rounded "
      "(SDM Vol. 1 'Transcendental Instruction Accuracy')" },
    { "f2xm1 fyl2xp1", beyond_range, 0, ANY_FPU,
      "F2XM1 and FYL2XP1 outside of their range are undefined (SDM Vol. 2 'F2XM1', 'FYL2XP1')" },
    { "fscale fprem fprem1", tiny_unchanged, FSW_UE | FSW_ES | FSW_B, ANY_ST0,
      "FSCALE by zero, FPREM by infinity of a denormal with #U unmasked: AMD raises it, Intel leaves the operand "
      "(SDM Vol. 1 'Numeric Underflow Exception'; APM Vol. 1 'x87 Floating-Point Exception Causes')" },
    { "fcom fcomp fcompp fucom fucomp fucompp ftst ficom ficomp", unmasked_denormal, FSW_CC, 0,
      "comparison with an unmasked #D: AMD sets the result, Intel's is not known (SDM Vol. 1 'Denormal Operand Exception')" },
    { "fcomi fcomip fucomi fucomip", unmasked_denormal, FSW_CC, ANY_FLAGS,
      "FCOMI with an unmasked #D: AMD sets EFLAGS, Intel's is not known (SDM Vol. 2 'FCOMI')" },
    { "fld", unmasked_denormal_load, 0, ANY_FPU,
      "FLD of a denormal with #D unmasked: AMD pushes, Intel's is not known (SDM Vol. 1 'Denormal Operand Exception')" },
};

static bool covered(const struct rule *rule, const struct question *q)
{
    const struct fpu *h = &q->host->fpu, *o = &q->ours->fpu;
    if (rule->what & ANY_FPU)
        return true;
    if (h->fcw != o->fcw || h->valid != o->valid || ((h->fsw ^ o->fsw) & ~rule->status))
        return false;
    for (int i = 0; i < 8; i++) {
        if (!memcmp(&h->st[i], &o->st[i], sizeof h->st[i]))
            continue;
        if (!(rule->what & ANY_ST0 && i == 0) && (!(rule->what & ONE_ULP) || !near_by(h, o, i)))
            return false;
    }
    return true;
}

static bool equal(const struct fpu *a, const struct fpu *b)
{
    return a->fcw == b->fcw && a->fsw == b->fsw && a->valid == b->valid && !memcmp(a->st, b->st, sizeof a->st);
}

bool fpu_same(const struct regs *host, const struct regs *ours, const struct regs *before, const struct row *row,
              bool memory, enum vendor vendor, const char **why, u32 *flags)
{
    struct question q = { .host = host, .ours = ours, .before = before, .memory = memory, .vendor = vendor };
    bool same = equal(&host->fpu, &ours->fpu) && !((host->eflags ^ ours->eflags) & FLAGS_ARITH);
    *why = NULL;
    *flags = 0;
    if (same || !row || !row->mnemonic || host->outcome != ours->outcome)
        return equal(&host->fpu, &ours->fpu);
    q.raised = (u16)(ours->fpu.fsw & ~before->fpu.fsw & ~before->fpu.fcw & FSW_EXCEPTIONS);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (is_one_of(row->mnemonic, rules[i].names) && rules[i].when(&q) && covered(&rules[i], &q)) {
            *why = rules[i].why;
            *flags = rules[i].what & ANY_FLAGS ? FLAGS_ARITH : 0;
            if (*flags || !((host->eflags ^ ours->eflags) & FLAGS_ARITH))
                return true;
        }
    }
    return equal(&host->fpu, &ours->fpu);
}

int fpu_rule_count(void) { return (int)ARRAY_LEN(rules); }
const char *fpu_rule_why(int n) { return rules[n].why; }
