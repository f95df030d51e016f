/* lockstep.c - random instructions on the host's processor and on ours, compared after each one.
 *   lockstep [--seed N] [--count M] [--regressions FILE] [--keep FILE] [--rows]
 * A sequence of instructions is made up while the host runs it one by one; ours follows one by one in SLOW, comparing
 * registers, flags, memory and faults each time; then FAST, SLOW and DEBUG run the whole sequence at once, which is what exercises
 * blocks, lazy flags and fusion. Flags that the manual leaves undefined are not compared, nor used by the next instruction.
 * A failure is repeated with the same --seed. Exit code 77: skipped, with the reason.
 * A difference is shrunk to one instruction where that shows it, and printed as a line for the file of regressions, which is
 * replayed first.
 * Here: integer, x87 and MMX instructions, in 32- and 16-bit code, through flat, limited, expand-down and based segments.
 * A long run, 100 million instructions over 20 seeds, some hours on a fast host:
 *   for s in $(seq 20); do build/tests/lockstep/lockstep --seed $s --count 5000000 --keep new-regressions || break; done
 * What is left out of the opcode table, and why: --rows. Not yet: sequences that loop. */
#include "fpu.h"
#include "guest.h"
#include "regress.h"
#include "../../cpu/engine.h"
#include "../../debugger/disasm.h"
#include <stdio.h>

enum { ENTER_MAX = 256, SEQUENCE = 12, STEPS = 40, HLT = 0xf4, SKIPPED = 77, COUNT_DEFAULT = 20000, FAILURES_MAX = 10, COUNT_ALL = 200000 /* then every row must have run */, COMPARED = FLAGS_ARITH | FLAG_DF };


struct lockstep {
    struct victim victim;
    struct guest guest;
    struct generator g;
    u64 seed, done, sequences, failures, faults[OUTCOME_OTHER + 1], excused[FPU_RULES_MAX];
    struct step steps[STEPS];
    int count;
    struct side after;          /* the last step */
    bool replaying, shrinking;
    bool kept;                  /* the sequence's difference is written down */
    bool differs;               /* while shrinking */
    const char *keep;           /* file that new differences are added to */
};

static bool is_wide(const struct side *s)
{
    bool wide;
    selector_base(s->selector[CS], &wide);
    return wide;
}

/* ---- reporting ---- */

static void print_insn(const struct insn *i, u32 at, bool wide)
{
    char text[120];
    disasm_text(i->bytes, i->length, at, wide ? 32 : 16, text, sizeof text);
    printf("  %08x ", at);
    for (int n = 0; n < i->length; n++)
        printf(" %02x", i->bytes[n]);
    printf("  %s\n", text);
}

static void print_side(const char *name, const struct side *s)
{
    static const char *const names[8] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };
    printf("  %-7s", name);
    for (int i = 0; i < 8; i++)
        printf(" %s %08x", names[i], s->gpr[i]);
    printf("\n          eip %08x eflags %08x %s", s->eip, s->eflags, outcome_name(s->outcome));
    if (s->outcome == OUTCOME_PF)
        printf(" at %08x", s->address);
    printf("\n          es %04x cs %04x ss %04x ds %04x fs %04x gs %04x fcw %04x fsw %04x valid %02x", s->selector[ES], s->selector[CS],
           s->selector[SS], s->selector[DS], s->selector[FS], s->selector[GS], s->fpu.fcw, s->fpu.fsw, s->fpu.valid);
    for (int i = 0; i < 8; i++)
        printf("%s st%d %04x:%016llx", i % 4 ? "" : "\n         ", i, s->fpu.st[i].se, (unsigned long long)s->fpu.st[i].significand);
    putchar('\n');
}

static void report(struct lockstep *l, const char *where, int first, int n, const struct side *host, const struct side *ours, u32 flags)
{
    if (l->shrinking) {
        l->differs = true;
        return;
    }
    printf("DIFFERENCE %s, --seed %llu, sequence %llu\n", where, (unsigned long long)l->seed, (unsigned long long)l->sequences);
    for (int i = first; i < n; i++)
        print_insn(&l->steps[i].insn, l->steps[i].before.eip, is_wide(&l->steps[i].before));
    print_side("before", &l->steps[first].before);
    print_side("host", host);
    print_side("ours", ours);
    if (memcmp(&host->fpu, &ours->fpu, sizeof host->fpu))
        printf("  x87 or MMX state differs\n");
    if ((host->eflags ^ ours->eflags) & flags)
        printf("  flags differ: %x\n", (host->eflags ^ ours->eflags) & flags);
    for (int i = 0, shown = 0; i < MEMORY_SIZE && shown < 8; i++) {
        if (host->memory[i] != ours->memory[i]) {
            u32 at = i < DATA_SIZE ? DATA_AT + (u32)i : STACK_AT + (u32)(i - DATA_SIZE);
            printf("  [%08x] before %02x host %02x ours %02x\n", at, l->steps[first].before.memory[i], host->memory[i], ours->memory[i]);
            shown++;
        }
    }
    fflush(stdout);
    l->failures++;
}

/* ---- comparing ---- */

/* Is the one-byte opcode behind the prefixes this one? */
static bool is_opcode(const struct insn *i, u8 a)
{
    int n = 0;
    while (n < i->length - 1 && ((i->bytes[n] & 0xe7) == 0x26 || (i->bytes[n] >= 0x64 && i->bytes[n] <= 0x67)
                                 || i->bytes[n] == 0xf0 || i->bytes[n] == 0xf2 || i->bytes[n] == 0xf3))
        n++;
    return i->bytes[n] == a;
}

/* Where an instruction has two reasons to fault, the manual leaves some orders open and processors differ: #PF and #AC of
 * one access, and which operand of CMPS is read first. */
static bool same_fault(const struct side *a, const struct side *b, const struct insn *last)
{
    bool a_data = a->outcome == OUTCOME_PF || a->outcome == OUTCOME_AC, b_data = b->outcome == OUTCOME_PF || b->outcome == OUTCOME_AC;
    if (a->outcome == b->outcome && a->address == b->address)
        return true;
    if (a_data && b_data && a->outcome != b->outcome)
        return true;
    return a->outcome != OUTCOME_STEP && b->outcome != OUTCOME_STEP && (is_opcode(last, 0xa6) || is_opcode(last, 0xa7));
}

static bool same(const struct side *a, const struct side *b, u32 flags, const struct insn *last)
{
    return !memcmp(a->gpr, b->gpr, sizeof a->gpr) && a->eip == b->eip && same_fault(a, b, last)
        && !((a->eflags ^ b->eflags) & flags) && !memcmp(a->memory, b->memory, MEMORY_SIZE)
        && !memcmp(a->selector, b->selector, sizeof a->selector) && !memcmp(&a->fpu, &b->fpu, sizeof a->fpu);
}

/* The instruction as our own decoder sees it. */
static bool decode(struct lockstep *l, const struct insn *i, const struct side *now, struct decoded *out)
{
    u32 mode = (l->guest.cpu->mode & ~(u32)MODE_D) | (is_wide(now) ? MODE_D : 0);
    struct decode d = { .cpu = l->guest.cpu, .bytes = i->bytes, .n = i->length, .mode = mode };
    memset(out, 0, sizeof *out);
    return decode_insn(&d, out) && out->op.row;
}

static bool named(const struct row *row, const char *name) { return row && row->mnemonic && !strcmp(row->mnemonic, name); }

static u32 stack_linear(const struct side *s, u32 more)
{
    bool wide;
    u32 base = selector_base(s->selector[SS], &wide), sp = s->gpr[ESP] + more;
    return base + (wide ? sp : sp & 0xffff);
}

static bool stack_is_16(const struct side *s)
{
    bool wide;
    selector_base(s->selector[SS], &wide);
    return !wide;
}

/* Address of the memory operand of a decoded instruction. */
static u32 operand_linear(struct lockstep *l, const struct op *o, const struct side *now)
{
    bool wide;
    for (int i = 0; i < 8; i++)
        l->guest.cpu->s.gpr[i] = now->gpr[i];
    return selector_base(now->selector[op_seg(o)], &wide) + (u32)op_ea(l->guest.cpu, o);
}

/* Bytes where processors may differ: ours become the host's. */
static void adopt(struct lockstep *l, struct side *host, const struct side *ours, u32 at, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        u8 *h = side_memory(host, at + i, 1), *o = side_memory((struct side *)(uintptr_t)ours, at + i, 1);
        if (h && *h != *o) {
            *h = *o;
            victim_write(&l->victim, at + i, h, 1);
        }
    }
}

/* x87 pointers are deprecated: hosts store zeros. FXSAVE stores SSE's registers, too. PUSH of a segment register writes 16 bits
 * of 32 at Intel's, and 32 at AMD's. ENTER and far CALL that fault half-way may have written. PUSHF shows the trap flag that single-stepping sets. */
static void adopt_memory(struct lockstep *l, const struct side *before, struct side *host, const struct side *ours, const struct op *o)
{
    const struct row *row = o->row;
    bool wide = op_bytes(o) != 2;
    if ((named(row, "enter") || named(row, "call far")) && host->outcome != OUTCOME_STEP && ours->outcome != OUTCOME_STEP)
        adopt(l, host, ours, stack_linear(before, (u32)-ENTER_MAX), ENTER_MAX);
    if (host->outcome != OUTCOME_STEP || ours->outcome != OUTCOME_STEP || !row->mnemonic)
        return;
    if (named(row, "fnstenv") || named(row, "fnsave")) {
        adopt(l, host, ours, operand_linear(l, o, before) + (wide ? 12 : 6), wide ? 14 : 8);
    } else if (named(row, "fxsave")) {
        adopt(l, host, ours, operand_linear(l, o, before) + 6, 26);
        adopt(l, host, ours, operand_linear(l, o, before) + 160, 352);
        for (u32 i = 0; i < 8; i++)                             /* reserved: AMD writes zeros */
            adopt(l, host, ours, operand_linear(l, o, before) + 42 + 16 * i, 6);
    } else if (named(row, "push") && row->operand[0] >= rES && row->operand[0] <= rGS && wide) {
        adopt(l, host, ours, stack_linear(ours, 2), 2);
    } else if (named(row, "pushf")) {
        u8 *byte = side_memory(host, stack_linear(host, 1), 1);
        if (byte && *byte & 1) {
            *byte &= (u8)~1;
            victim_write(&l->victim, stack_linear(host, 1), byte, 1);
        }
    }
}

static bool is_image(const struct row *row)
{
    return named(row, "frstor") || named(row, "fldenv") || named(row, "fnsave") || named(row, "fnstenv") || named(row, "fxsave") || named(row, "fxrstor");
}

/* Registers and faults where processors differ: which page of a long image faults first, and what was written before that; bits
 * 16 to 19 of LAR's result (undefined; AMD has the limit there); POP of a segment register that wraps (AMD reads 4 bytes);
 * which half of a far pointer is read first, and which of the accesses of ENTER and CALL fails first.
 * ENTER with a 32-bit operand on a 16-bit stack: AMD's frame pointer is ESP, the SDM's is SP. */
static void adopt_others(struct lockstep *l, const struct side *before, struct side *host, const struct side *ours, const struct op *o)
{
    const struct row *row = o->row;
    bool both = host->outcome != OUTCOME_STEP && ours->outcome != OUTCOME_STEP;
    if (both && is_image(row)) {
        host->outcome = ours->outcome;
        host->address = ours->address;
        adopt(l, host, ours, operand_linear(l, o, before), 512);
    } else if (both && ((named(row, "pop") && row->operand[0] >= rES) || named(row, "ret far") || named(row, "iret") || named(row, "enter")
                        || named(row, "call") || row->operand[0] == Mp
                        || row->operand[1] == Mp)) {
        host->outcome = ours->outcome;
        host->address = ours->address;
        if (named(row, "enter"))
            adopt(l, host, ours, STACK_AT, STACK_SIZE);
    } else if (!both && named(row, "enter") && op_bytes(o) == 4 && !((host->gpr[EBP] ^ ours->gpr[EBP]) & 0xffff) && stack_is_16(before)) {
        host->gpr[EBP] = ours->gpr[EBP];
        adopt(l, host, ours, stack_linear(before, (u32)-ENTER_MAX), ENTER_MAX);
    } else if (!both && named(row, "lar") && !((host->gpr[o->dst] ^ ours->gpr[o->dst]) & ~0xf0000u)) {
        host->gpr[o->dst] = ours->gpr[o->dst];
    }
}

/* Both sides after one instruction: what may differ is made equal to ours. */
static void reconcile(struct lockstep *l, const struct step *s, const struct side *before, struct side *host, const struct side *ours)
{
    struct decoded d;
    const char *why;
    u32 flags;
    if (!decode(l, &s->insn, before, &d))
        return;
    /* Loading SS holds off the trap of single-stepping: the host went on to the HLT behind. */
    if (d.op.row->mnemonic && (d.op.dst == SS || d.op.row->operand[0] == rSS || named(d.op.row, "lss")) && host->outcome == OUTCOME_GP
        && ours->outcome == OUTCOME_STEP && host->eip == ours->eip)
        host->outcome = OUTCOME_STEP;
    host->fpu.fip = ours->fpu.fip;
    host->fpu.fdp = ours->fpu.fdp;
    host->fpu.fop = ours->fpu.fop;
    host->fpu.fcs = ours->fpu.fcs;
    host->fpu.fds = ours->fpu.fds;
    adopt_memory(l, before, host, ours, &d.op);
    if (d.op.row->mnemonic)
        adopt_others(l, before, host, ours, &d.op);
    if (fpu_same(host, ours, before, d.op.row, !op_is_reg(&d.op), &why, &flags) && why) {
        for (int i = 0; i < fpu_rule_count(); i++)
            l->excused[i] += fpu_rule_why(i) == why;
        host->fpu = ours->fpu;
        host->eflags = (host->eflags & ~flags) | (ours->eflags & flags);
    }
}

/* ---- sequences ---- */

static void random_memory(struct random *r, u8 *memory)
{
    for (int i = 0; i < MEMORY_SIZE; i += 4)
        put32(memory + i, random_value(r));
    fpu_random_memory(r, memory + (FLOATS_AT - DATA_AT), FLOATS_SIZE);
    for (int i = 0; i < SELECTORS_SIZE; i += 2)
        put16(memory + (SELECTORS_AT - DATA_AT) + i, random_selector(r));
    for (int i = 0; i < FAR_SIZE; i += 8) {
        u16 offset = (u16)(0x100 + random_below(r, CODE_SIZE - 0x200));
        bool narrow = random_below(r, 2);
        put32(memory + (FAR_AT - DATA_AT) + i, offset | (narrow ? (u32)random_selector(r) << 16 : 0));
        put16(memory + (FAR_AT - DATA_AT) + i + 4, random_selector(r));
    }
    for (int i = 0x1000; i < 0x1600; i += 16)                   /* where FXRSTOR would find MXCSR */
        put32(memory + i + 8, random_u32(r) & 0xffff);
}

/* Half of the sequences run as Linux has it, the others through the LDT. */
static void random_segments(struct lockstep *l, struct side *s)
{
    static const u8 code[] = { 6, 6, 7, 8, 13 }, stack[] = { 9, 10, 11, 4 }, data[] = { 0, 1, 2, 3, 4, 5, 15 };
    struct random *r = &l->g.random;
    s->selector[CS] = USER_CS;
    s->selector[SS] = s->selector[DS] = s->selector[ES] = USER_DS;
    s->selector[FS] = 0;
    s->selector[GS] = l->g.segments ? ldt_selector(LDT_DATA) : 0;
    if (!l->g.segments || random_below(r, 2))
        return;
    if (random_below(r, 4))
        s->selector[CS] = ldt_selector(code[random_below(r, sizeof code)]);
    if (random_below(r, 2))
        s->selector[SS] = ldt_selector(stack[random_below(r, sizeof stack)]);
    if (random_below(r, 4))
        s->selector[DS] = ldt_selector(data[random_below(r, sizeof data)]);
    if (random_below(r, 4))
        s->selector[ES] = ldt_selector(data[random_below(r, sizeof data)]);
    s->selector[FS] = random_below(r, 3) ? ldt_selector(data[random_below(r, sizeof data)]) : 0;
}

static void random_state(struct lockstep *l, struct side *s)
{
    struct random *r = &l->g.random;
    bool wide;
    for (int i = 0; i < 8; i++)
        s->gpr[i] = random_below(r, 3) ? random_value(r) : DATA_AT + random_below(r, DATA_SIZE);
    random_segments(l, s);
    s->gpr[ESP] = STACK_AT + 0x400 + random_below(r, 0x800) / 4 * 4 - selector_base(s->selector[SS], &wide);
    s->eip = CODE_AT + random_below(r, CODE_SIZE - 0x200) - selector_base(s->selector[CS], &wide);
    fpu_random(r, &s->fpu);
    s->eflags = FLAG_1 | FLAG_IF | (random_u32(r) & FLAGS_ARITH) | (random_below(r, 4) ? 0 : FLAG_DF)
              | (random_below(r, 16) ? 0 : FLAG_AC);
    s->outcome = OUTCOME_STEP;
    s->address = 0;
    if (l->sequences % 8 == 0) {
        random_memory(r, s->memory);
        victim_write(&l->victim, DATA_AT, s->memory, DATA_SIZE);
        victim_write(&l->victim, STACK_AT, s->memory + DATA_SIZE, STACK_SIZE);
    }
}

static void write_code(struct lockstep *l, u32 at, const u8 *bytes, size_t n)
{
    victim_write(&l->victim, at, bytes, n);
    guest_write(&l->guest, at, bytes, n);
}

static void erase(struct lockstep *l, const struct step *s)
{
    u8 fill[sizeof s->insn.bytes];
    memset(fill, HLT, sizeof fill);
    write_code(l, side_linear(&s->before), fill, s->insn.length);
}

/* Is there room for an instruction that nothing has been written to? */
static bool free_code(const struct lockstep *l, u32 at)
{
    u8 bytes[sizeof l->steps[0].insn.bytes];
    if (at < CODE_AT || at > CODE_AT + CODE_SIZE - 2 * sizeof bytes)
        return false;
    space_peek(l->guest.memory, at, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (bytes[i] != HLT)
            return false;
    }
    return true;
}

/* The flags that are undefined after the instruction; false if it would use one that is now. */
static bool taint(const struct row *row, const struct insn *i, u16 now, u16 *then)
{
    bool keeps = is_opcode(i, 0xc0) || is_opcode(i, 0xc1) || (i->length && (is_opcode(i, 0xd2) || is_opcode(i, 0xd3)))
              || is_opcode(i, 0x0f) || (row && row->attr & (A_REP | A_KEEPS | A_FPU));
    *then = now;
    if (!row)
        return true;
    if (row->reads & now)
        return false;
    if (is_opcode(i, 0x9c) || is_opcode(i, 0x9f))
        return !now;
    *then = (u16)((keeps ? now : now & ~row->writes) | row->undefined);
    return true;
}

/* What the harness cannot have. POPF and IRET: TF would step ours, too, where the whole sequence runs; ID is not ptrace's to
 * set, so it stays clear on both sides; NT makes IRET a task switch. Selectors that name something else on the other side. An
 * MXCSR that FXRSTOR refuses: we have none. */
static bool is_trouble(struct lockstep *l, const struct insn *i, struct side *now)
{
    struct decoded d;
    if (!decode(l, i, now, &d) || !d.op.row->mnemonic)
        return false;
    const struct row *row = d.op.row;
    u32 size = (u32)op_bytes(&d.op), at;
    const u8 *p;
    if (named(row, "popf") || named(row, "iret")) {
        p = side_memory(now, stack_linear(now, named(row, "iret") ? 2 * size : 0), 4);
        if (p && get32(p) & (FLAG_TF | (size == 4 ? FLAG_ID : 0)))
            return true;
        if (named(row, "iret") && (now->eflags & FLAG_NT || !p))
            return true;
    }
    if (named(row, "arpl") && !op_is_reg(&d.op) && now->selector[op_seg(&d.op)] != USER_DS)
        return true;                                            /* AMD does not ask to write when nothing changes */
    if ((named(row, "pop") || named(row, "push")) && row->operand[0] >= rES && row->operand[0] <= rGS && now->eflags & FLAG_AC && now->gpr[ESP] & 3)
        return true;                                            /* AMD reads 4 bytes, Intel 2 */
    if (op_lock(&d.op) && (named(row, "verr") || named(row, "verw")))
        return true;                                            /* an AMD host ignores LOCK there */
    if (named(row, "fxrstor")) {
        p = side_memory(now, operand_linear(l, &d.op, now), 512);
        return p && get32(p + 24) >> 16;
    }
    if (row->attr & A_IO && (op_rep(&d.op) || op_repne(&d.op)))   /* with a count of 0: AMD looks at the permission first */
        return !(is_wide(now) ? now->gpr[ECX] : now->gpr[ECX] & 0xffff) || !(now->gpr[ECX] & 0xffff);
    if (named(row, "ret far") || named(row, "iret"))
        at = stack_linear(now, size);
    else if (named(row, "pop") && row->operand[0] >= rES && row->operand[0] <= rGS)
        at = stack_linear(now, 0);
    else if (row->operand[0] == Ap)
        return !selector_comparable((u16)(d.op.imm >> 32));
    else if (row->operand[0] == Mp || row->operand[1] == Mp)
        at = operand_linear(l, &d.op, now) + size;
    else if (row->operand[0] == Sw || named(row, "lar") || named(row, "lsl") || named(row, "verr") || named(row, "verw")) {
        if (op_is_reg(&d.op))
            return !selector_comparable((u16)now->gpr[d.op.src]);
        at = operand_linear(l, &d.op, now);
    } else
        return false;
    p = side_memory(now, at, 2);
    if (p)
        return !selector_comparable(get16(p));
    u8 bytes[2];
    return at - CODE_AT < CODE_SIZE && space_peek(l->guest.memory, at, bytes, 2) && !selector_comparable(get16(bytes));
}

/* ptrace sets no selector whose RPL is not 3, and Linux makes every null selector 0. */
static bool selectors_settable(const struct side *s)
{
    for (int i = 0; i < SEGMENTS; i++) {
        if (s->selector[i] && ((s->selector[i] & 3) != 3 || s->selector[i] < 4))
            return false;
    }
    return true;
}

/* One instruction with its REP iterations on the host, ours alongside in SLOW. False when the sequence ends here. */
static bool step_both(struct lockstep *l, struct step *s, u16 before_taint)
{
    struct side ours, from = s->before;
    bool whole = true;
    u32 flags = COMPARED & ~(u32)s->tainted;
    for (int n = 0; n < 64; n++) {
        victim_load(&l->victim, &from);
        guest_load(&l->guest, &from, ENGINE_SLOW);
        l->after = from;
        victim_step(&l->victim, &l->after);
        l->after.eflags &= ~(u32)(FLAG_TF | FLAG_RF);
        guest_step(&l->guest, &ours);
        reconcile(l, s, &from, &l->after, &ours);
        if (l->after.outcome != OUTCOME_STEP)
            flags = COMPARED & ~(u32)(s->tainted | before_taint);
        if (!same(&l->after, &ours, flags, &s->insn)) {
            report(l, "stepping", (int)(s - l->steps), (int)(s - l->steps) + 1, &l->after, &ours, flags);
            whole = false;
            break;
        }
        from = l->after;
        if (l->after.outcome != OUTCOME_STEP || l->after.eip != s->before.eip || !selectors_settable(&l->after))
            break;
    }
    if (!l->shrinking) {
        l->faults[l->after.outcome]++;
        l->done++;
    }
    return whole;
}

/* Would ours go on there? It did if the sequence jumped back into itself, or to data, which 32-bit paging cannot forbid. */
static bool goes_on(const struct lockstep *l, u32 at)
{
    u8 byte = 0;
    if (at - DATA_AT < DATA_SIZE || at - STACK_AT < STACK_SIZE)
        return true;
    return at >= CODE_AT && at < CODE_AT + CODE_SIZE && space_peek(l->guest.memory, at, &byte, 1) && byte != HLT;
}

/* ---- shrinking ---- */

/* Does step n, alone, from its own state, differ in stepping or in an engine? */
static bool differs_alone(struct lockstep *l, const struct step *only)
{
    static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG };
    struct side ours;
    l->steps[STEPS - 1] = *only;
    victim_write(&l->victim, DATA_AT, only->before.memory, DATA_SIZE);
    victim_write(&l->victim, STACK_AT, only->before.memory + DATA_SIZE, STACK_SIZE);
    l->differs = false;
    if (!step_both(l, &l->steps[STEPS - 1], 0))
        return true;
    if (goes_on(l, side_linear(&l->after)))
        return false;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        guest_load(&l->guest, &only->before, engines[e]);
        guest_run(&l->guest, &ours);
        if (l->after.outcome == OUTCOME_STEP && ours.outcome == OUTCOME_PF)
            continue;
        if (!same(&l->after, &ours, COMPARED & ~(u32)only->tainted, &only->insn))
            return true;
    }
    return false;
}

/* Make the state of one step as plain as it can be, then keep it. */
static void shrink_state(struct lockstep *l, struct step *s)
{
    struct step trial;
    for (int chunk = 1024; chunk >= 16; chunk /= 8) {
        for (int at = 0; at < MEMORY_SIZE; at += chunk) {
            trial = *s;
            memset(trial.before.memory + at, 0, (size_t)chunk);
            if (memcmp(trial.before.memory + at, s->before.memory + at, (size_t)chunk) && differs_alone(l, &trial))
                *s = trial;
        }
    }
    for (int i = 0; i < 8; i++) {
        trial = *s;
        trial.before.gpr[i] = 0;
        if (differs_alone(l, &trial))
            *s = trial;
        trial = *s;
        trial.before.fpu.st[i].significand = 0;
        trial.before.fpu.st[i].se = 0;
        if (differs_alone(l, &trial))
            *s = trial;
    }
}

static void keep(struct lockstep *l, const struct step *steps, int n)
{
    regression_write(stdout, steps, n);
    if (l->keep) {
        FILE *f = fopen(l->keep, "a");
        if (f) {
            regression_write(f, steps, n);
            fclose(f);
        }
    }
}

/* After a difference at step `last`: the step itself where it shows the difference alone, otherwise the sequence so far. */
static void shrink(struct lockstep *l, int last)
{
    struct side after = l->after;
    struct step s;
    int first = last < 0 ? 0 : last, end = last < 0 ? l->count - 1 : last;
    if (l->replaying || !l->count)
        return;
    l->kept = true;
    l->shrinking = true;
    for (int i = first; i <= end; i++) {
        for (int k = 0; k < l->count; k++) {
            if (k != i)
                erase(l, &l->steps[k]);
        }
        write_code(l, side_linear(&l->steps[i].before), l->steps[i].insn.bytes, l->steps[i].insn.length);
        s = l->steps[i];
        if (differs_alone(l, &s)) {
            shrink_state(l, &s);
            keep(l, &s, 1);
            first = -1;
            break;
        }
    }
    l->shrinking = false;
    if (first >= 0)
        keep(l, l->steps, last < 0 ? l->count : last + 1);
    l->after = after;
    victim_write(&l->victim, DATA_AT, after.memory, DATA_SIZE);
    victim_write(&l->victim, STACK_AT, after.memory + DATA_SIZE, STACK_SIZE);
}

/* True if the sequence may go on. */
static bool add_step(struct lockstep *l, const struct side *now, u16 tainted)
{
    struct step *s = &l->steps[l->count];
    u64 failures = l->failures;
    struct decoded d;
    s->before = *now;
    for (int tries = 0;; tries++) {
        insn_generate(&l->g, now, &s->insn);
        if (s->insn.length && !is_trouble(l, &s->insn, &s->before)
            && taint(decode(l, &s->insn, now, &d) ? d.op.row : NULL, &s->insn, tainted, &s->tainted))
            break;
        if (tries > 50)
            return false;
    }
    write_code(l, side_linear(now), s->insn.bytes, s->insn.length);
    l->count++;
    if (!step_both(l, s, tainted))
        shrink(l, l->count - 1);
    insn_made(&l->g, &s->insn);
    return l->failures == failures && l->after.eip != s->before.eip && l->after.outcome == OUTCOME_STEP && selectors_settable(&l->after);
}

static const struct step *step_at(const struct lockstep *l, u32 linear)
{
    for (int i = 0; i < l->count; i++) {
        if (side_linear(&l->steps[i].before) == linear)
            return &l->steps[i];
    }
    return NULL;
}

/* The host once more, from the first state, with every instruction in place: one may have read the bytes of a later one. */
static void repeat_on_host(struct lockstep *l)
{
    struct side s = l->steps[0].before;
    victim_write(&l->victim, DATA_AT, s.memory, DATA_SIZE);
    victim_write(&l->victim, STACK_AT, s.memory + DATA_SIZE, STACK_SIZE);
    for (int n = 0; n < 1000 && s.outcome == OUTCOME_STEP; n++) {
        const struct step *at = step_at(l, side_linear(&s));
        struct side before = s, ours;
        if (!at || !selectors_settable(&s))
            break;
        victim_load(&l->victim, &s);
        guest_load(&l->guest, &s, ENGINE_SLOW);
        victim_step(&l->victim, &s);
        guest_step(&l->guest, &ours);
        s.eflags &= ~(u32)(FLAG_TF | FLAG_RF);
        reconcile(l, at, &before, &s, &ours);
    }
    l->after = s;
}

/* Blocks at once, from the first state to the last. */
static void run_whole(struct lockstep *l)
{
    static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG };
    static const char *const names[] = { "FAST", "SLOW", "DEBUG" };
    bool repeated = false;
    u32 flags = COMPARED & ~(u32)l->steps[l->count - 1].tainted;
    if (l->after.outcome != OUTCOME_STEP && l->count > 1)
        flags &= ~(u32)l->steps[l->count - 2].tainted;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct side ours;
        guest_load(&l->guest, &l->steps[0].before, engines[e]);
        guest_run(&l->guest, &ours);
        /* A jump out of the code ends in a fault of the fetch there. */
        if (l->after.outcome == OUTCOME_STEP && ours.outcome == OUTCOME_PF && ours.eip == l->after.eip
            && side_linear(&ours) - CODE_AT >= CODE_SIZE) {
            ours.outcome = OUTCOME_STEP;
            ours.address = 0;
        }
        if (same(&l->after, &ours, flags, &l->steps[l->count - 1].insn))
            continue;
        if (!repeated) {
            repeat_on_host(l);                                  /* it may have ended earlier than before */
            repeated = true;
            for (int i = 0; i < l->count; i++)
                flags &= ~(u32)l->steps[i].tainted;
            if (same(&l->after, &ours, flags, &l->steps[l->count - 1].insn))
                continue;
        }
        report(l, names[e], 0, l->count, &l->after, &ours, flags);
    }
}

static void sequence(struct lockstep *l)
{
    int length = 1 + (int)random_below(&l->g.random, SEQUENCE);
    struct side now = l->after;
    u64 failures = l->failures;
    u16 tainted = 0;
    random_state(l, &now);
    l->count = 0;
    l->kept = false;
    for (int i = 0; i < length && free_code(l, side_linear(&now)); i++) {
        bool more = add_step(l, &now, tainted);
        if (!more)
            break;
        tainted = l->steps[l->count - 1].tainted;
        now = l->after;
    }
    if (l->count && l->failures == failures && l->after.outcome == OUTCOME_STEP && goes_on(l, side_linear(&l->after))) {
        erase(l, &l->steps[--l->count]);
        l->after = l->steps[l->count].before;
        victim_write(&l->victim, DATA_AT, l->after.memory, DATA_SIZE);
        victim_write(&l->victim, STACK_AT, l->after.memory + DATA_SIZE, STACK_SIZE);
        if (goes_on(l, side_linear(&l->after)))
            l->count = 0;
    }
    if (l->count && l->failures == failures)
        run_whole(l);
    if (l->count && l->failures != failures && !l->kept)
        shrink(l, -1);
    for (int i = 0; i < l->count; i++)
        erase(l, &l->steps[i]);
    l->sequences++;
}

/* Lines of the file of regressions, as sequences; how many. */
static int replay(struct lockstep *l, const char *path)
{
    FILE *f = fopen(path, "r");
    int n = 0, count;
    if (!f)
        return 0;
    l->replaying = true;
    while ((count = regression_read(f, l->steps, STEPS)) != 0) {
        u16 tainted = 0;
        bool going = count > 0;
        if (count < 0 || (!l->g.segments && l->steps[0].before.selector[GS]))
            continue;
        l->after = l->steps[0].before;
        victim_write(&l->victim, DATA_AT, l->after.memory, DATA_SIZE);
        victim_write(&l->victim, STACK_AT, l->after.memory + DATA_SIZE, STACK_SIZE);
        for (l->count = 0; l->count < count && going; l->count++) {
            struct step *s = &l->steps[l->count];
            struct decoded d;
            s->before = l->after;
            write_code(l, side_linear(&s->before), s->insn.bytes, s->insn.length);
            taint(decode(l, &s->insn, &s->before, &d) ? d.op.row : NULL, &s->insn, tainted, &s->tainted);
            going = step_both(l, s, tainted) && l->after.outcome == OUTCOME_STEP && l->after.eip != s->before.eip;
            tainted = s->tainted;
        }
        if (selectors_settable(&l->after) && (l->after.outcome != OUTCOME_STEP || !goes_on(l, side_linear(&l->after))))
            run_whole(l);
        for (int i = 0; i < l->count; i++)
            erase(l, &l->steps[i]);
        n++;
    }
    fclose(f);
    l->replaying = false;
    l->count = 0;
    return n;
}

int main(int argc, char **argv)
{
    struct lockstep *l = xcalloc(1, sizeof *l);
    u64 count = COUNT_DEFAULT;
    const char *regressions = NULL;
    bool verbose = false;
    char why[200];
    u8 fill[CODE_SIZE];
    l->seed = 1;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--seed") && i + 1 < argc) {
            l->seed = strtoull(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "--count") && i + 1 < argc) {
            count = strtoull(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "--regressions") && i + 1 < argc) {
            regressions = argv[++i];
        } else if (!strcmp(argv[i], "--keep") && i + 1 < argc) {
            l->keep = argv[++i];
        } else if (!strcmp(argv[i], "--rows")) {
            verbose = true;
        } else {
            fprintf(stderr, "usage: lockstep [--seed N] [--count M] [--regressions FILE] [--keep FILE] [--rows]\n");
            return 2;
        }
    }
    l->g.random.s = l->seed;
    if (!victim_start(&l->victim, why, sizeof why)) {
        printf("lockstep: skipped: %s\n", why);
        return SKIPPED;
    }
    guest_open(&l->guest);
    encodings_open(&l->g.encodings);
    l->g.segments = l->victim.segments;
    memset(fill, HLT, sizeof fill);
    write_code(l, CODE_AT, fill, sizeof fill);
    int replayed = regressions ? replay(l, regressions) : 0;
    while (l->done < count && l->failures < FAILURES_MAX)
        sequence(l);
    printf("lockstep: %llu instructions in %llu sequences, %llu differences; faults:", (unsigned long long)l->done,
           (unsigned long long)l->sequences, (unsigned long long)l->failures);
    for (int i = 1; i <= OUTCOME_OTHER; i++)
        printf(" %s %llu", outcome_name((enum outcome)i), (unsigned long long)l->faults[i]);
    putchar('\n');
    printf("lockstep: %d regressions replayed\n", replayed);
    for (int i = 0; i < fpu_rule_count(); i++)
        printf("lockstep: %8llu as processors may: %s\n", (unsigned long long)l->excused[i], fpu_rule_why(i));
    if (!l->victim.segments)
        printf("lockstep: no modify_ldt here: flat segments only\n");
    int missing = encodings_report(&l->g.encodings, l->g.segments, verbose);
    int status = l->failures != 0 || (missing && count >= COUNT_ALL);
    encodings_close(&l->g.encodings);
    guest_close(&l->guest);
    victim_stop(&l->victim);
    free(l);
    return status;
}
