/* reconcile.c - what processors may do differently, one rule each, with the document that leaves it open or that
 * names the difference. x87 arithmetic has its own rules in fpu.c.
 * Follows: Intel SDM Vol. 1 to 3; AMD64 APM Vol. 1 to 3. */
#include "reconcile.h"

enum { ENTER_BYTES = 256, IMAGE_BYTES = 512 };

struct question {
    struct lockstep *l;
    const struct step *step;
    const struct op *o;
    const struct regs *before, *ours;
    struct regs *host;
    bool done, faulted;         /* on both sides */
};

/* ---- where things are ---- */

static u32 stack_linear(const struct regs *s, u32 more)
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

/* Address of the memory operand of a decoded instruction. */
static u32 operand_linear(struct lockstep *l, const struct op *o, const struct regs *now)
{
    bool wide;
    for (int i = 0; i < 8; i++)
        l->step.bare.cpu->s.gpr[i] = now->gpr[i];
    return selector_base(now->selector[op_seg(o)], &wide) + (u32)op_ea(l->step.bare.cpu, o);
}

static bool is_segment_stack(const struct row *row, const char *name)
{
    return named(row, name) && row->operand[0] >= rES && row->operand[0] <= rGS;
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

static const struct { bool (*apply)(struct question *q); const char *why; } allowances[] = {
    { stack_shadow,
      "the stepper: a load of SS holds its trap off, the host goes on to what is behind "
      "(SDM Vol. 3A 'Masking Exceptions and Interrupts When Switching Stacks')" },
    { trap_flag,
      "the stepper: PUSHF shows the TF that steps the host" },
    { null_selectors,
      "the stepper: at the end of the code it cannot tell apart null selectors, which IRET makes 0 on the way" },
    { environment,
      "FNSTENV, FNSAVE: pointers and opcode are deprecated "
      "(SDM Vol. 1 'x87 FPU Instruction and Data (Operand) Pointers')" },
    { fxsave_area,
      "FXSAVE: pointers, SSE's part, reserved bytes "
      "(SDM Vol. 2 'FXSAVE'; APM Vol. 2 'Media and x87 Processor State')" },
    { push_segment,
      "PUSH of a segment register, 32 bits: Intel writes 16, AMD 32 (SDM Vol. 2 'PUSH'; APM Vol. 3 'PUSH')" },
    { partial_frame,
      "ENTER, PUSHA, far CALL that fault: what lies below the stack pointer by then is not defined (SDM Vol. 2)" },
    { popa_registers,
      "POPA that faults may have loaded registers (SDM Vol. 3A 'Exception Classifications')" },
    { image_fault,
      "FRSTOR and kin that fault: which page first, what is written by then (SDM Vol. 2 'FXSAVE')" },
    { access_order,
      "several operands: the order of their accesses is the processor's "
      "(SDM Vol. 3A 'Priority Among Concurrent Events')" },
    { page_or_alignment,
      "one access with #PF and #AC: their order (SDM Vol. 3A 'Priority Among Concurrent Events')" },
    { enter_frame,
      "ENTER, 32-bit operand, 16-bit stack: AMD's frame pointer is ESP, Intel's SP (SDM Vol. 2 'ENTER')" },
    { lar_bits,
      "LAR: bits 16 to 19 are undefined (SDM Vol. 2 'LAR')" },
    { bswap_16,
      "BSWAP of 16 bits is undefined (SDM Vol. 2 'BSWAP')" },
};

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
        l->excused[i] += allowances[i].apply(&q);
    }
    if (fpu_same(host, ours, before, s->op.row, !op_is_reg(&s->op), &why, &flags) && why) {
        for (int i = 0; i < fpu_rule_count(); i++)
            l->excused[(int)ARRAY_LEN(allowances) + i] += fpu_rule_why(i) == why;
        host->fpu = ours->fpu;
        host->eflags = (host->eflags & ~flags) | (ours->eflags & flags);
    }
}

/* ---- undefined flags ---- */

/* Is the one-byte opcode behind the prefixes this one? */
static bool is_opcode(const struct insn *i, u8 a)
{
    int n = 0;
    while (n < i->length - 1 && ((i->bytes[n] & 0xe7) == 0x26 || (i->bytes[n] >= 0x64 && i->bytes[n] <= 0x67)
                                 || i->bytes[n] == 0xf0 || i->bytes[n] == 0xf2 || i->bytes[n] == 0xf3))
        n++;
    return i->bytes[n] == a;
}

bool taint(const struct step *s, u16 now, u16 *then)
{
    const struct row *row = s->op.row;
    const struct insn *i = &s->insn;
    bool keeps = is_opcode(i, 0xc0) || is_opcode(i, 0xc1) || is_opcode(i, 0xd2) || is_opcode(i, 0xd3)
              || is_opcode(i, 0x0f) || (row && row->attr & (A_REP | A_KEEPS | A_FPU));
    *then = now;
    if (!row)
        return true;
    if (row->reads & now)
        return false;
    if (is_opcode(i, 0x9c) || is_opcode(i, 0x9f))               /* PUSHF, LAHF */
        return !now;
    *then = (u16)((keeps ? now : now & ~row->writes) | row->undefined);
    return true;
}

/* ---- what cannot be compared ---- */

/* Those that a data segment register can be given: null is 0 then (IRET); of the host's own only these are known. */
static bool data_selector_settable(u16 selector)
{
    return selector == 0 || (selector > 3 && (selector & 4 || selector == USER_DS || (selector | 3) == USER_CS));
}

bool selectors_settable(const struct regs *s)
{
    for (int i = 0; i < SEGMENTS; i++) {
        bool code_or_stack = i == CS || i == SS;
        if (code_or_stack ? (s->selector[i] & 3) != 3 || s->selector[i] < 4 : !data_selector_settable(s->selector[i]))
            return false;
    }
    return true;
}

/* POPF and IRET: TF would step ours, too, where the whole sequence runs; NT makes IRET a task switch. */
static bool flags_trouble(struct lockstep *l, const struct op *o, const struct regs *now)
{
    u32 size = (u32)op_bytes(o);
    bool iret = named(o->row, "iret");
    const u8 *p = image_at(&l->now, stack_linear(now, iret ? 2 * size : 0), 4);
    if (p && get32(p) & FLAG_TF)
        return true;
    return iret && ((now->eflags & FLAG_NT) || !p);
}

/* A selector that names something else on the other side. */
static bool selector_trouble(struct lockstep *l, const struct op *o, const struct regs *now)
{
    const struct row *row = o->row;
    u32 size = (u32)op_bytes(o), at;
    u8 bytes[2];
    if (named(row, "ret far") || named(row, "iret")) {
        at = stack_linear(now, size);
    } else if (is_segment_stack(row, "pop")) {
        at = stack_linear(now, 0);
    } else if (row->operand[0] == Ap) {
        return !selector_comparable((u16)(o->imm >> 32));
    } else if (row->operand[0] == Mp || row->operand[1] == Mp) {
        at = operand_linear(l, o, now) + size;
    } else if (row->operand[0] == Sw || named(row, "lar") || named(row, "lsl") || named(row, "verr")
               || named(row, "verw")) {
        if (op_is_reg(o))
            return !selector_comparable((u16)now->gpr[o->src]);
        at = operand_linear(l, o, now);
    } else {
        return false;
    }
    return guest_peek(&l->step, at, bytes, 2) && !selector_comparable(get16(bytes));
}

/* PUSH of a segment register with 32 bits where only the lower half of its 4 bytes can be written: AMD writes all four. */
static bool half_a_slot(struct lockstep *l, const struct op *o, const struct regs *now)
{
    const struct ldt_form *f = &ldt_forms[now->selector[SS] >> 3 & (LDT_COUNT - 1)];
    u32 lower = stack_linear(now, 0u - 4), upper = stack_linear(now, 0u - 2);
    if (!is_segment_stack(o->row, "push") || op_bytes(o) == 2)
        return false;
    bool beyond = now->selector[SS] & 4 && !(f->contents & 1) && upper + 1 - f->base > f->limit;
    return upper != lower + 2 || beyond || !image_at(&l->now, upper, 2);
}

bool is_trouble(struct lockstep *l, const struct step *s)
{
    const struct op *o = &s->op;
    const struct row *row = o->row;
    const struct regs *now = &s->before;
    if (!row || !row->mnemonic)
        return false;
    if ((named(row, "popf") || named(row, "iret")) && flags_trouble(l, o, now))
        return true;
    if (named(row, "arpl") && !op_is_reg(o) && now->selector[op_seg(o)] != USER_DS)
        return true;                                            /* AMD does not ask to write when nothing changes */
    if ((is_segment_stack(row, "pop") || is_segment_stack(row, "push")) && now->eflags & FLAG_AC && now->gpr[ESP] & 3)
        return true;                                            /* AMD reads 4 bytes, Intel 2 */
    if (half_a_slot(l, o, now))
        return true;
    if (op_lock(o) && (named(row, "verr") || named(row, "verw")))
        return true;                                            /* an AMD host ignores LOCK there */
    if ((named(row, "shld") || named(row, "shrd")) && op_bytes(o) == 2
        && ((row->operand[2] == CL ? now->gpr[ECX] : (u32)o->imm) & 31) > 16)
        return true;                                            /* undefined: SDM Vol. 2 "SHLD" */
    if (named(row, "fxrstor")) {                                /* an MXCSR that FXRSTOR refuses: we have none */
        u8 mxcsr[4];
        return guest_peek(&l->step, operand_linear(l, o, now) + 24, mxcsr, sizeof mxcsr) && get32(mxcsr) >> 16;
    }
    return selector_trouble(l, o, now);
}
