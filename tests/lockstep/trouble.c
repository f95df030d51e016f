/* trouble.c - flags that are undefined, and what the lock-step test does not try: what one side cannot be given, what the manuals
 * leave open, what a later processor does.
 * Follows: Intel SDM Vol. 1 to 3; AMD64 APM Vol. 1 to 3. */
#include "reconcile.h"

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
              || is_opcode(i, 0x0f) || (row && (row->attr & (A_REP | A_KEEPS) || row->exceptions == EXCEPT_FPU));
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

/* PUSH of a segment register with 32 bits where only the lower half of its 4 bytes can be written: AMD writes all four, and SDM
 * Vol. 2 "PUSH" leaves it to the processor. */
static bool half_a_slot(struct lockstep *l, const struct op *o, const struct regs *now)
{
    const struct ldt_form *f = &ldt_forms[now->selector[SS] >> 3 & (LDT_COUNT - 1)];
    u32 lower = stack_linear(now, 0u - 4), upper = stack_linear(now, 0u - 2);
    if (!is_segment_stack(o->row, "push") || op_bytes(o) == 2)
        return false;
    bool beyond = now->selector[SS] & 4 && !(f->contents & 1) && upper + 1 - f->base > f->limit;
    return upper != lower + 2 || beyond || !image_at(&l->now, upper, 2);
}

static bool is_rtm(const struct insn *i)
{
    for (int n = 0; n + 1 < i->length; n++) {
        if ((i->bytes[n] & 0xfe) == 0xc6)
            return i->bytes[n + 1] == 0xf8;
    }
    return false;
}

bool is_trouble(struct lockstep *l, const struct step *s)
{
    const struct op *o = &s->op;
    const struct row *row = o->row;
    const struct regs *now = &s->before;
    if (l->host.victim.native && !victim_can(&l->host.victim, now, s->insn.bytes, s->insn.length))
        return true;
    if (processor_has_rtm(&l->judge) && is_rtm(&s->insn))
        return true;                                            /* C6 F8, C7 F8: XABORT, XBEGIN of later Intel's */
    if (!row || !row->mnemonic)
        return false;
    if ((named(row, "popf") || named(row, "iret")) && flags_trouble(l, o, now))
        return true;
    if ((is_segment_stack(row, "pop") || is_segment_stack(row, "push")) && now->eflags & FLAG_AC && now->gpr[ESP] & 3)
        return true;                                            /* 2 bytes or 4, as the processor likes: SDM Vol. 2 "PUSH" */
    if (half_a_slot(l, o, now))
        return true;
    if (l->judge.vendor != VENDOR_INTEL && op_lock(o) && (named(row, "verr") || named(row, "verw")))
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
