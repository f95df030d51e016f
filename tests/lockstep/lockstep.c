/* lockstep.c - random instructions on the host's processor and on ours, compared after each one.
 *   lockstep [--seed N] [--count M]
 * A sequence of instructions is made up while the host runs it one by one; ours follows one by one in SLOW, comparing
 * registers, flags, memory and faults each time; then FAST, SLOW and DEBUG run the whole sequence at once, which is what exercises
 * blocks, lazy flags and fusion. Flags that the manual leaves undefined are not compared, nor used by the next instruction.
 * A failure is repeated with the same --seed. Exit code 77: skipped, with the reason.
 * Here: the integer core. Not yet: x87, MMX, segment loads, sequences that loop. */
#include "generate.h"
#include "guest.h"
#include "../../cpu/engine.h"
#include "../../debugger/disasm.h"
#include <stdio.h>

enum { SEQUENCE = 12, STEPS = 40, HLT = 0xf4, SKIPPED = 77, COUNT_DEFAULT = 20000, FAILURES_MAX = 10, COMPARED = FLAGS_ARITH | FLAG_DF };

struct step {
    struct insn insn;
    struct side before;
    u16 tainted;                /* undefined flags after it */
};

struct lockstep {
    struct victim victim;
    struct guest guest;
    struct random random;
    u64 seed, done, sequences, failures, faults[OUTCOME_OTHER + 1];
    struct step steps[STEPS];
    int count;
    struct side after;          /* the last step */
};

/* ---- reporting ---- */

static void print_insn(const struct insn *i, u32 at)
{
    char text[120];
    disasm_text(i->bytes, i->length, at, 32, text, sizeof text);
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
    putchar('\n');
}

static void report(struct lockstep *l, const char *where, int first, int n, const struct side *host, const struct side *ours, u32 flags)
{
    printf("DIFFERENCE %s, --seed %llu, sequence %llu\n", where, (unsigned long long)l->seed, (unsigned long long)l->sequences);
    for (int i = first; i < n; i++)
        print_insn(&l->steps[i].insn, l->steps[i].before.eip);
    print_side("before", &l->steps[first].before);
    print_side("host", host);
    print_side("ours", ours);
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
        && !((a->eflags ^ b->eflags) & flags) && !memcmp(a->memory, b->memory, MEMORY_SIZE);
}

/* The row of the opcode table, from our own decoder. */
static const struct row *row_of(struct lockstep *l, const struct insn *i)
{
    struct decode d = { .cpu = l->guest.cpu, .bytes = i->bytes, .n = i->length, .mode = l->guest.cpu->mode };
    struct decoded out;
    memset(&out, 0, sizeof out);
    return decode_insn(&d, &out) ? out.op.row : NULL;
}

/* PUSHF shows the trap flag that single-stepping sets, on the host's side only. */
static void hide_trap_flag(struct victim *v, const struct insn *i, struct side *s)
{
    u32 at = s->gpr[ESP] + 1;
    u8 *byte = at - STACK_AT < STACK_SIZE ? &s->memory[DATA_SIZE + at - STACK_AT] : at - DATA_AT < DATA_SIZE ? &s->memory[at - DATA_AT] : NULL;
    if (!is_opcode(i, 0x9c) || s->outcome != OUTCOME_STEP || !byte)
        return;
    *byte &= (u8)~1;
    victim_write(v, at, byte, 1);
}

/* ---- sequences ---- */

static void random_state(struct lockstep *l, struct side *s)
{
    struct random *r = &l->random;
    for (int i = 0; i < 8; i++)
        s->gpr[i] = random_below(r, 3) ? random_value(r) : DATA_AT + random_below(r, DATA_SIZE);
    s->gpr[ESP] = STACK_AT + 0x400 + random_below(r, 0x800) / 4 * 4;
    s->eip = CODE_AT + random_below(r, CODE_SIZE - 0x200);
    s->eflags = FLAG_1 | FLAG_IF | (random_u32(r) & FLAGS_ARITH) | (random_below(r, 4) ? 0 : FLAG_DF)
              | (random_below(r, 16) ? 0 : FLAG_AC);
    s->outcome = OUTCOME_STEP;
    s->address = 0;
    if (l->sequences % 8 == 0) {
        for (int i = 0; i < MEMORY_SIZE; i += 4)
            put32(s->memory + i, random_value(r));
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
    write_code(l, s->before.eip, fill, s->insn.length);
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
              || is_opcode(i, 0x0f) || (row && row->attr & A_REP);
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

/* POPF of what the harness cannot have: TF would step ours, too, where the whole sequence runs; ID is not ptrace's to set, so
 * it stays clear on both sides. */
static bool pops_trouble(const struct insn *i, const struct side *now)
{
    u32 at = now->gpr[ESP];
    const u8 *p = at - STACK_AT < STACK_SIZE - 4 ? &now->memory[DATA_SIZE + at - STACK_AT] : at - DATA_AT < DATA_SIZE - 4 ? &now->memory[at - DATA_AT] : NULL;
    return is_opcode(i, 0x9d) && p && get32(p) & (FLAG_TF | FLAG_ID);
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
        hide_trap_flag(&l->victim, &s->insn, &l->after);
        guest_step(&l->guest, &ours);
        if (l->after.outcome != OUTCOME_STEP)
            flags = COMPARED & ~(u32)(s->tainted | before_taint);
        if (!same(&l->after, &ours, flags, &s->insn)) {
            report(l, "stepping", (int)(s - l->steps), (int)(s - l->steps) + 1, &l->after, &ours, flags);
            whole = false;
            break;
        }
        from = l->after;
        if (l->after.outcome != OUTCOME_STEP || l->after.eip != s->before.eip)
            break;
    }
    l->faults[l->after.outcome]++;
    l->done++;
    return whole;
}

/* True if the sequence may go on. */
static bool add_step(struct lockstep *l, const struct side *now, u16 tainted)
{
    struct step *s = &l->steps[l->count];
    u64 failures = l->failures;
    const struct row *row;
    s->before = *now;
    for (int tries = 0;; tries++) {
        insn_generate(&l->random, now, &s->insn);
        row = row_of(l, &s->insn);
        if (!pops_trouble(&s->insn, now) && taint(row, &s->insn, tainted, &s->tainted))
            break;
        if (tries > 50)
            return false;
    }
    write_code(l, now->eip, s->insn.bytes, s->insn.length);
    l->count++;
    step_both(l, s, tainted);
    if (l->failures != failures)
        return false;
    if (l->after.eip == s->before.eip || l->after.outcome != OUTCOME_STEP)
        return false;
    return true;
}

static const struct insn *insn_at(const struct lockstep *l, u32 eip)
{
    for (int i = 0; i < l->count; i++) {
        if (l->steps[i].before.eip == eip)
            return &l->steps[i].insn;
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
        const struct insn *i = insn_at(l, s.eip);
        if (!i)
            break;
        victim_load(&l->victim, &s);
        victim_step(&l->victim, &s);
        s.eflags &= ~(u32)(FLAG_TF | FLAG_RF);
        hide_trap_flag(&l->victim, i, &s);
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
            && (ours.eip < CODE_AT || ours.eip >= CODE_AT + CODE_SIZE)) {
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

/* Would ours go on there? It did if the sequence jumped back into itself, or to data, which 32-bit paging cannot forbid. */
static bool goes_on(const struct lockstep *l, u32 at)
{
    u8 byte = 0;
    if (at - DATA_AT < DATA_SIZE || at - STACK_AT < STACK_SIZE)
        return true;
    return at >= CODE_AT && at < CODE_AT + CODE_SIZE && space_peek(l->guest.memory, at, &byte, 1) && byte != HLT;
}

static void sequence(struct lockstep *l)
{
    int length = 1 + (int)random_below(&l->random, SEQUENCE);
    struct side now = l->after;
    u64 failures = l->failures;
    u16 tainted = 0;
    random_state(l, &now);
    l->count = 0;
    for (int i = 0; i < length && free_code(l, now.eip); i++) {
        bool more = add_step(l, &now, tainted);
        if (!more)
            break;
        tainted = l->steps[l->count - 1].tainted;
        now = l->after;
    }
    if (l->count && l->failures == failures && l->after.outcome == OUTCOME_STEP && goes_on(l, l->after.eip)) {
        erase(l, &l->steps[--l->count]);
        l->after = l->steps[l->count].before;
        victim_write(&l->victim, DATA_AT, l->after.memory, DATA_SIZE);
        victim_write(&l->victim, STACK_AT, l->after.memory + DATA_SIZE, STACK_SIZE);
        if (goes_on(l, l->after.eip))
            l->count = 0;
    }
    if (l->count && l->failures == failures)
        run_whole(l);
    for (int i = 0; i < l->count; i++)
        erase(l, &l->steps[i]);
    l->sequences++;
}

int main(int argc, char **argv)
{
    struct lockstep *l = xcalloc(1, sizeof *l);
    u64 count = COUNT_DEFAULT;
    char why[200];
    u8 fill[CODE_SIZE];
    l->seed = 1;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--seed") && i + 1 < argc) {
            l->seed = strtoull(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "--count") && i + 1 < argc) {
            count = strtoull(argv[++i], NULL, 0);
        } else {
            fprintf(stderr, "usage: lockstep [--seed N] [--count M]\n");
            return 2;
        }
    }
    l->random.s = l->seed;
    if (!victim_start(&l->victim, why, sizeof why)) {
        printf("lockstep: skipped: %s\n", why);
        return SKIPPED;
    }
    guest_open(&l->guest, l->victim.gs);
    memset(fill, HLT, sizeof fill);
    write_code(l, CODE_AT, fill, sizeof fill);
    while (l->done < count && l->failures < FAILURES_MAX)
        sequence(l);
    printf("lockstep: %llu instructions in %llu sequences, %llu differences; faults:", (unsigned long long)l->done,
           (unsigned long long)l->sequences, (unsigned long long)l->failures);
    for (int i = 1; i <= OUTCOME_OTHER; i++)
        printf(" %s %llu", outcome_name((enum outcome)i), (unsigned long long)l->faults[i]);
    putchar('\n');
    int status = l->failures != 0;
    guest_close(&l->guest);
    victim_stop(&l->victim);
    free(l);
    return status;
}
