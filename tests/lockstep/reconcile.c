/* reconcile.c - what processors may do differently, one rule each, with the document that leaves it open or that
 * names the difference. x87 arithmetic has its own rules in fpu.c.
 * Ours is a P6: what Intel's and AMD's processors do differently is a rule of AMD's hosts alone, and Intel's are compared exactly.
 * A processor of neither may use both. What a later Intel's does is in is_trouble and in the rules with a CPUID bit.
 * Follows: Intel SDM Vol. 1 to 3; AMD64 APM Vol. 1 to 3. */
#include "reconcile.h"

enum { ENTER_BYTES = 256, IMAGE_BYTES = 512, WRAPPING = 16 };

struct question {
    struct lockstep *l;
    const struct step *step;
    const struct op *o;
    const struct regs *before, *ours;
    struct regs *host;
    bool done, faulted;         /* on both sides */
};

/* ---- where things are ---- */

u32 stack_linear(const struct regs *s, u32 more)
{
    bool wide;
    u32 base = selector_base(s->selector[SS], &wide), sp = s->gpr[ESP] + more;
    return base + (wide ? sp : sp & 0xffff);
}

static bool stack_is_16(const struct regs *s)
{
    bool wide;
    selector_base(s->selector[SS], &wide);
    return !wide;
}

u32 operand_linear(struct lockstep *l, const struct op *o, const struct regs *now)
{
    bool wide;
    for (int i = 0; i < 8; i++)
        l->step.bare.cpu->s.gpr[i] = now->gpr[i];
    return selector_base(now->selector[op_seg(o)], &wide) + (u32)op_ea(l->step.bare.cpu, o);
}

bool is_segment_stack(const struct row *row, const char *name)
{
    return named(row, name) && operand_kind(row->operand[0]) == K_SEG;
}

bool loads_ss(const struct op *o)
{
    const struct row *row = o->row;
    return row && row->mnemonic
        && ((row->operand[0] == Sw && o->dst == SS) || (named(row, "pop") && row->operand[0] == rSS)
            || named(row, "lss"));
}

static bool is_image(const struct row *row)
{
    return named(row, "frstor") || named(row, "fldenv") || named(row, "fnsave") || named(row, "fnstenv")
        || named(row, "fxsave") || named(row, "fxrstor");
}

/* Bytes where processors may differ: the host's become ours. True if any did. */
static bool adopt(struct question *q, u32 at, u32 n)
{
    bool differed = false;
    for (u32 i = 0; i < n; i++) {
        u8 *h = image_at(&q->l->host.memory, at + i, 1), *o = image_at(&q->l->step.image, at + i, 1);
        if (h && *h != *o) {
            host_write(&q->l->host, at + i, o, 1);
            differed = true;
        }
    }
    return differed;
}

/* The same for n bytes below the stack pointer. */
static bool adopt_below(struct question *q, u32 n)
{
    bool differed = false;
    for (u32 i = 1; i <= n; i++)
        differed |= adopt(q, stack_linear(q->before, 0u - i), 1);
    return differed;
}

static bool adopt_fault(struct question *q)
{
    bool differed = q->host->outcome != q->ours->outcome || q->host->address != q->ours->address;
    q->host->outcome = q->ours->outcome;
    q->host->address = q->ours->address;
    return differed;
}

/* The host faulted where it stood: everything as before. */
static bool host_stayed(const struct question *q)
{
    const struct regs *h = q->host, *b = q->before;
    return h->outcome != OUTCOME_STEP && h->eip == b->eip && !memcmp(h->gpr, b->gpr, sizeof h->gpr)
        && !memcmp(h->fpu.st, b->fpu.st, sizeof h->fpu.st) && h->fpu.fsw == b->fpu.fsw && h->fpu.valid == b->fpu.valid;
}

/* ---- the rules: each makes the host's state ours where it applies, and says whether that changed anything ---- */

static bool environment(struct question *q)
{
    bool wide = op_bytes(q->o) != 2;
    if (!q->done || (!named(q->o->row, "fnstenv") && !named(q->o->row, "fnsave")))
        return false;
    return adopt(q, operand_linear(q->l, q->o, q->before) + (wide ? 12 : 6), wide ? 14 : 8);
}

static bool fxsave_area(struct question *q)
{
    if (!q->done || !named(q->o->row, "fxsave"))
        return false;
    u32 at = operand_linear(q->l, q->o, q->before);
    bool differed = adopt(q, at + 6, 26);
    differed |= adopt(q, at + 160, IMAGE_BYTES - 160);
    for (u32 i = 0; i < 8; i++)
        differed |= adopt(q, at + 42 + 16 * i, 6);
    return differed;
}

static bool push_segment(struct question *q)
{
    if (!is_segment_stack(q->o->row, "push") || op_bytes(q->o) == 2)
        return false;
    return q->faulted ? adopt_fault(q) : q->done && adopt(q, stack_linear(q->ours, 2), 2);
}

static bool trap_flag(struct question *q)
{
    u32 at = stack_linear(q->host, 1);
    u8 *byte = image_at(&q->l->host.memory, at, 1), clear;
    if (!q->done || !named(q->o->row, "pushf") || !byte || !(*byte & 1))
        return false;
    clear = *byte & 0xfe;
    host_write(&q->l->host, at, &clear, 1);
    return true;
}

static bool partial_frame(struct question *q)
{
    const struct row *row = q->o->row;
    return q->faulted && (named(row, "call far") || named(row, "enter") || named(row, "pusha"))
        && adopt_below(q, ENTER_BYTES);
}

static bool popa_registers(struct question *q)
{
    bool differed = false;
    for (int i = 0; q->faulted && named(q->o->row, "popa") && i < 8; i++) {
        differed |= i != ESP && q->host->gpr[i] != q->ours->gpr[i];
        if (i != ESP)
            q->host->gpr[i] = q->ours->gpr[i];
    }
    return differed;
}

static bool image_fault(struct question *q)
{
    if (!q->faulted || !is_image(q->o->row))
        return false;
    bool differed = adopt_fault(q);
    return adopt(q, operand_linear(q->l, q->o, q->before), IMAGE_BYTES) || differed;
}

static bool access_order(struct question *q)
{
    const struct row *row = q->o->row;
    return q->faulted
        && (is_segment_stack(row, "pop") || named(row, "ret far") || named(row, "iret") || named(row, "enter")
            || named(row, "call") || named(row, "pusha") || named(row, "popa")
            || named(row, "cmps") || row->operand[0] == Mp || row->operand[1] == Mp)
        && adopt_fault(q);
}

/* Between iterations, and where a later one faults. */
static bool repeated_flags(struct question *q)
{
    const struct op *o = q->o;
    bool more = q->host->eip == q->before->eip && q->ours->eip == q->before->eip;
    u32 differ = (q->host->eflags ^ q->ours->eflags) & FLAGS_ARITH;
    if (!(named(o->row, "cmps") || named(o->row, "scas")) || !(op_rep(o) || op_repne(o)) || !more || !differ)
        return false;
    q->host->eflags ^= differ;
    return true;
}

static bool call_beyond(struct question *q)
{
    return q->faulted && named(q->o->row, "call") && adopt_below(q, (u32)op_bytes(q->o));
}

/* Seen on an AMD processor of family 1Ah: a conditional branch that is taken faults where what is behind it lies beyond the limit. */
static bool branch_from_the_end(struct question *q)
{
    u16 cs = q->before->selector[CS];
    const struct row *row = q->o->row;
    bool local = cs & 4 && cs >> 3 < LDT_COUNT;
    bool conditional = (row->attr & A_BRANCH) && row->operand[0] == Jb && !named(row, "jmp");
    conditional |= (row->attr & A_BRANCH) && row->operand[0] == Jz && row->reads;
    if (!local || !conditional || q->before->eip + q->o->len <= ldt_forms[cs >> 3].limit || q->ours->outcome != OUTCOME_STEP
        || q->host->outcome != OUTCOME_GP || !host_stayed(q))
        return false;
    *q->host = *q->ours;
    return true;
}

static bool store_not_made(struct question *q)
{
    static const char *const names[] = { "fst", "fstp", "fist", "fistp", "fbstp" };
    u16 raised = (u16)(q->ours->fpu.fsw & ~q->before->fpu.fcw & FSW_EXCEPTIONS & ~FSW_PE);
    bool store = false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        store |= named(q->o->row, names[i]);
    if (!store || op_is_reg(q->o) || !raised || q->ours->outcome != OUTCOME_STEP || !host_stayed(q))
        return false;
    *q->host = *q->ours;
    return true;
}

static bool store_of_mmx(struct question *q)
{
    const struct row *row = q->o->row;
    if (!q->faulted || op_is_reg(q->o) || !(named(row, "movd") || named(row, "movq")) || !host_stayed(q)
        || q->host->fpu.fsw == q->ours->fpu.fsw)
        return false;
    q->host->fpu = q->ours->fpu;
    return true;
}

/* Both faulted; the host by the page, ours by the limit, or the other way round, at the very end of a segment of 4 GB. */
static bool end_of_4g(struct question *q)
{
    u32 page = q->host->outcome == OUTCOME_PF ? q->host->address : q->ours->address;
    int other = q->host->outcome == OUTCOME_PF ? q->ours->outcome : q->host->outcome;
    bool at_end = false, wide;
    /* 64-bit code has no limit: what is left is the alignment. */
    if (q->faulted && q->l->judge.long_mode && q->host->outcome == OUTCOME_AC
        && (q->ours->outcome == OUTCOME_GP || q->ours->outcome == OUTCOME_SS))
        return adopt_fault(q);
    if (!q->faulted || q->host->outcome == q->ours->outcome || (q->host->outcome != OUTCOME_PF && q->ours->outcome != OUTCOME_PF)
        || (other != OUTCOME_GP && other != OUTCOME_SS))
        return false;
    for (int i = 0; i < SEGMENTS; i++) {
        u16 selector = q->before->selector[i];
        bool whole = !(selector & 4) || ldt_forms[selector >> 3 & (LDT_COUNT - 1)].limit == 0xffffffff;
        u32 offset = page - selector_base(selector, &wide);
        at_end |= whole && (offset >= 0u - (u32)WRAPPING || offset < WRAPPING);
    }
    return at_end && adopt_fault(q);
}

static bool page_or_alignment(struct question *q)
{
    int a = q->host->outcome, b = q->ours->outcome;
    return ((a == OUTCOME_PF && b == OUTCOME_AC) || (a == OUTCOME_AC && b == OUTCOME_PF)) && adopt_fault(q);
}

static bool enter_frame(struct question *q)
{
    if (!q->done || !named(q->o->row, "enter") || op_bytes(q->o) != 4 || !stack_is_16(q->before)
        || ((q->host->gpr[EBP] ^ q->ours->gpr[EBP]) & 0xffff))
        return false;
    bool differed = q->host->gpr[EBP] != q->ours->gpr[EBP];
    q->host->gpr[EBP] = q->ours->gpr[EBP];
    return adopt_below(q, ENTER_BYTES) || differed;
}

static bool lar_bits(struct question *q)
{
    if (!q->done || !named(q->o->row, "lar"))
        return false;
    u32 *h = &q->host->gpr[q->o->dst], o = q->ours->gpr[q->o->dst];
    if (*h == o || (*h ^ o) & ~0xf0000u)
        return false;
    *h = o;
    return true;
}

static bool bswap_16(struct question *q)
{
    if (!q->done || !named(q->o->row, "bswap") || op_bytes(q->o) != 2)
        return false;
    int reg = q->step->insn.bytes[q->step->insn.length - 1] & 7;
    u32 *h = &q->host->gpr[reg], o = q->ours->gpr[reg];
    if (*h == o || (*h ^ o) & 0xffff0000)
        return false;
    *h = o;
    return true;
}

static bool stack_shadow(struct question *q)
{
    bool fetch = q->host->outcome == OUTCOME_PF && q->host->address == regs_linear(q->host);
    if (!loads_ss(q->o) || !(q->host->outcome == OUTCOME_GP || fetch) || q->ours->outcome != OUTCOME_STEP
        || q->host->eip != q->ours->eip)
        return false;
    q->host->outcome = OUTCOME_STEP;
    q->host->address = 0;
    return true;
}

/* victim_step.c finds them out with instructions behind this one. */
static bool null_selectors(struct question *q)
{
    enum { ROOM = 16 };
    bool differed = false;
    if (!q->done || CODE_AT + CODE_SIZE - regs_linear(q->ours) >= ROOM)
        return false;
    for (int i = 0; i < SEGMENTS; i++) {
        u16 *h = &q->host->selector[i], o = q->ours->selector[i];
        if (*h < 4 && o < 4 && *h != o) {
            *h = o;
            differed = true;
        }
    }
    return differed;
}

enum { ALL, AMD /* and others than Intel's */ };
static const struct { bool (*apply)(struct question *q); int whose; const char *why; } allowances[] = {
    { stack_shadow, ALL,
      "the stepper: a load of SS holds its trap off, the host goes on to what is behind "
      "(SDM Vol. 3A 'Masking Exceptions and Interrupts When Switching Stacks')" },
    { trap_flag, ALL,
      "the stepper: PUSHF shows the TF that steps the host" },
    { null_selectors, ALL,
      "the stepper: at the end of the code it cannot tell apart null selectors, which IRET makes 0 on the way" },
    { environment, ALL,
      "FNSTENV, FNSAVE: pointers and opcode are deprecated, later processors store zeros "
      "(CPUID.7.0:EBX[13]; SDM Vol. 1 'x87 FPU Instruction and Data (Operand) Pointers')" },
    { fxsave_area, ALL,
      "FXSAVE: pointers (CPUID.7.0:EBX[13]), SSE's part, reserved bytes "
      "(SDM Vol. 2 'FXSAVE'; APM Vol. 2 'Media and x87 Processor State')" },
    { push_segment, AMD,
      "PUSH of a segment register, 32 bits: Intel writes 16, AMD 32 (SDM Vol. 2 'PUSH'; APM Vol. 3 'PUSH')" },
    { repeated_flags, AMD,
      "REP CMPS, SCAS between iterations: Intel has the flags of before, AMD the last one's "
      "(SDM Vol. 2 'REP'; APM Vol. 3 'Repeat Prefixes')" },
    { call_beyond, AMD,
      "near CALL beyond the limit: Intel has pushed, AMD checks first (SDM Vol. 2 'CALL'; APM Vol. 3 'CALL (Near)')" },
    { branch_from_the_end, AMD,
      "a conditional branch that is taken at the very end of its segment: AMD's #GP is for what is behind it, too "
      "(SDM Vol. 2 'Jcc': the target's offset; APM Vol. 3 'Jcc' names no other, processors of family 1Ah do)" },
    { store_not_made, AMD,
      "x87 store that an unmasked exception prevents: AMD still faults on the operand "
      "(SDM Vol. 1 'x87 FPU Floating-Point Exception Conditions'; APM Vol. 2 'Priorities')" },
    { store_of_mmx, AMD,
      "MMX store that faults: Intel has set TOP, AMD has not "
      "(SDM Vol. 3A 'Effect of MMX Instructions on MMX State'; APM Vol. 2 'Media and x87 Processor State')" },
    { partial_frame, ALL,
      "ENTER, PUSHA, far CALL that fault: what lies below the stack pointer by then is not defined (SDM Vol. 2)" },
    { popa_registers, ALL,
      "POPA that faults may have loaded registers (SDM Vol. 3A 'Exception Classifications')" },
    { image_fault, ALL,
      "FRSTOR and kin that fault: which page first, what is written by then (SDM Vol. 2 'FXSAVE')" },
    { access_order, ALL,
      "several operands: the order of their accesses is the processor's "
      "(SDM Vol. 3A 'Priority Among Concurrent Events')" },
    { end_of_4g, ALL,
      "an access across the end of a 4 GB segment: whether the limit faults is the processor's (SDM Vol. 3A 'Limit Checking')" },
    { page_or_alignment, ALL,
      "one access with #PF and #AC: their order (SDM Vol. 3A 'Priority Among Concurrent Events')" },
    { enter_frame, ALL,
      "ENTER, 32-bit operand, 16-bit stack: the upper half of the frame pointer; ESP's here (SDM Vol. 2 'ENTER' has none)" },
    { lar_bits, ALL,
      "LAR: bits 16 to 19 are undefined (SDM Vol. 2 'LAR')" },
    { bswap_16, ALL,
      "BSWAP of 16 bits is undefined (SDM Vol. 2 'BSWAP')" },
};

static bool applies(const struct lockstep *l, int whose)
{
    return whose == ALL || l->judge.vendor != VENDOR_INTEL;
}

int allowance_count(void) { return (int)ARRAY_LEN(allowances) + fpu_rule_count(); }
const char *allowance_why(int n)
{
    int own = (int)ARRAY_LEN(allowances);
    return n < own ? allowances[n].why : fpu_rule_why(n - own);
}
_Static_assert(ARRAY_LEN(allowances) + FPU_RULES_MAX <= RULES_MAX, "room to count them");

void reconcile(struct lockstep *l, const struct step *s, const struct regs *before, struct regs *host,
               const struct regs *ours)
{
    struct question q = { .l = l, .step = s, .o = &s->op, .before = before, .ours = ours, .host = host };
    const char *why;
    u32 flags;
    host->fpu.fip = ours->fpu.fip;
    host->fpu.fdp = ours->fpu.fdp;
    host->fpu.fop = ours->fpu.fop;
    host->fpu.fcs = ours->fpu.fcs;
    host->fpu.fds = ours->fpu.fds;
    if (!s->op.row || !s->op.row->mnemonic)
        return;
    for (size_t i = 0; i < ARRAY_LEN(allowances); i++) {
        q.done = host->outcome == OUTCOME_STEP && ours->outcome == OUTCOME_STEP;
        q.faulted = host->outcome != OUTCOME_STEP && ours->outcome != OUTCOME_STEP;
        l->excused[i] += applies(l, allowances[i].whose) && allowances[i].apply(&q);
    }
    if (fpu_same(host, ours, before, s->op.row, !op_is_reg(&s->op), l->judge.vendor, &why, &flags) && why) {
        for (int i = 0; i < fpu_rule_count(); i++)
            l->excused[(int)ARRAY_LEN(allowances) + i] += fpu_rule_why(i) == why;
        host->fpu = ours->fpu;
        host->eflags = (host->eflags & ~flags) | (ours->eflags & flags);
    }
}
