/* victim_step.c - one instruction on the host: its registers go into the frame that is returned to, and come out of
 * the signal's.
 * Follows: Intel SDM Vol. 2, "FXSAVE", "IRET"; Vol. 3, "Page-Fault Exceptions"; sigaction(2) for what a
 * fault's si_code says.
 * What ends an instruction is TF, or, where its end and its target are known, a HLT there: that is #GP. In a virtual
 * machine TF takes several times as long, for #DB and the debug registers are intercepted. */
#define _GNU_SOURCE
#include "victim.h"

#if defined(__x86_64__) && defined(__linux__)
#include "victim_cross.h"
#include "victim_glance.h"
#include "victim_long.h"

enum {
    EFLAGS_TF = 1 << 8, EFLAGS_NT = 1 << 14, EFLAGS_RF = 1 << 16, EFLAGS_ID = 1 << 21, INSN_MAX = 15, HLT = 0xf4,
    TRAP_GP = 13, TRAP_PF = 14, ERROR_FETCH = 1 << 4, LONG_CS = 0x33,
};

/* As the kernel switches tasks: a selector that cannot be loaded becomes 0. */
static u16 loadable(const struct victim *v, u16 selector)
{
    const struct ldt_form *f = &ldt_forms[selector >> 3 & (LDT_COUNT - 1)];
    bool readable = !f->absent && (f->contents < 2 || !f->restricted);
    if (selector == USER_DS || (selector | 3) == USER_CS)
        return selector;
    return selector & 4 && selector >> 3 < LDT_COUNT && v->segments && readable ? selector : 0;
}

void victim_load(struct victim *v, const struct regs *s)
{
    struct native *n = v->native;
    struct crossing *c = n->crossing;
    greg_t *r = n->before->uc_mcontext.gregs;
    struct fxsave *x = n->x87;
    memcpy(n->gpr, s->gpr, sizeof n->gpr);
    memcpy(n->selector, s->selector, sizeof n->selector);
    n->eip = s->eip;
    r[REG_RAX] = s->gpr[0];
    r[REG_RCX] = s->gpr[1];
    r[REG_RDX] = s->gpr[2];
    r[REG_RBX] = s->gpr[3];
    r[REG_RSP] = s->gpr[4];
    r[REG_RBP] = s->gpr[5];
    r[REG_RSI] = s->gpr[6];
    r[REG_RDI] = s->gpr[7];
    r[REG_RIP] = s->eip;
    r[REG_EFL] = s->eflags & ~(u32)EFLAGS_TF;
    r[REG_CSGSFS] = (greg_t)((v->long_mode ? LONG_CS : s->selector[1]) | (u64)s->selector[2] << 48);
    c->flags = 2 | (s->eflags & (EFLAGS_NT | EFLAGS_ID));
    c->there[0] = loadable(v, s->selector[3]);
    c->there[1] = loadable(v, s->selector[0]);
    c->there[2] = loadable(v, s->selector[4]);
    c->there[3] = loadable(v, s->selector[5]);
    x->fcw = s->fpu.fcw;
    x->fsw = s->fpu.fsw;
    x->valid = s->fpu.valid;
    memcpy(x->st, s->fpu.st, sizeof x->st);
}

static enum outcome outcome_of(const struct crossing *c, u32 *address)
{
    int code = c->info->si_code;
    *address = 0;
    switch (c->sig) {
    case SIGTRAP: return OUTCOME_STEP;
    case SIGFPE:  return code == FPE_INTDIV ? OUTCOME_DE : OUTCOME_MF;
    case SIGILL:  return OUTCOME_UD;
    case SIGBUS:  return code == BUS_ADRALN ? OUTCOME_AC : OUTCOME_SS;
    default:
        if (code != SEGV_MAPERR && code != SEGV_ACCERR)
            return OUTCOME_GP;
        *address = (u32)(uintptr_t)c->info->si_addr;
        return OUTCOME_PF;
    }
}

/* The kernel's IRET to the signal's handler makes null selectors 0: lost is whether it was 1, 2 or 3. So such an
 * instruction is run again, a little before itself, with others behind it that read the selectors before any IRET. It
 * depends on no EIP and wrote no memory. An interrupt of the host in between is rare and makes 0, too: hence more than
 * once. */
static void find_nulls(struct victim *v, u32 from, const struct regs *s)
{
    static const u8 readers[] = { 0x8c, 0xd8 /* MOV EAX, DS */, 0x8c, 0xc1 /* MOV ECX, ES */,
                                  0x8c, 0xe2 /* MOV EDX, FS */, 0x8c, 0xeb /* MOV EBX, GS */, HLT };
    enum { BACK = 32, ALL = INSN_MAX + sizeof readers, RUNS = 3 };
    struct crossing *c = v->native->crossing;
    greg_t *before = v->native->before->uc_mcontext.gregs;
    u32 length = s->eip - from, linear = regs_linear(s) - length, back = linear - CODE_AT >= BACK ? BACK : 0;
    u8 *code, *at, kept[ALL];
    u16 then[CROSS_DATA_SEGMENTS];
    if (length > INSN_MAX || (c->then[0] && c->then[1] && c->then[2] && c->then[3]) || linear - CODE_AT >= CODE_SIZE)
        return;
    code = victim_memory(v, linear, length);
    at = victim_memory(v, linear - back, ALL);
    if (!code || !at)
        return;
    const struct glance g = glance_at(code, length, true);
    if (!glance_loads_segment(&g))
        return;
    memcpy(then, c->then, sizeof then);
    memcpy(kept, at, ALL);
    memmove(at, code, length);
    memcpy(at + length, readers, sizeof readers);
    before[REG_RIP] = from - back;
    for (int run = 0; run < RUNS; run++) {
        cross(c);
        const greg_t *r = c->after->uc_mcontext.gregs;
        const u16 read[CROSS_DATA_SEGMENTS] = { (u16)r[REG_RAX], (u16)r[REG_RCX], (u16)r[REG_RDX], (u16)r[REG_RBX] };
        bool whole = (u32)r[REG_RIP] == from - back + length + sizeof readers - 1;
        for (int i = 0; i < CROSS_DATA_SEGMENTS; i++)
            then[i] = whole && !then[i] && read[i] < 4 ? read[i] : then[i];
    }
    memcpy(at, kept, ALL);
    memcpy(c->then, then, sizeof then);
}

/* A HLT that stands where an instruction may go on; if it was put there for the step, `at` and what it replaces. */
struct stop { u8 *at, kept; };
struct stops {
    u32 next, target;           /* offsets */
    struct stop list[2];
};

static void put_stop(struct victim *v, u32 linear, struct stop *stop)
{
    stop->at = linear - CODE_AT < CODE_SIZE ? victim_memory(v, linear, 1) : NULL;
    if (stop->at) {
        stop->kept = *stop->at;
        *stop->at = HLT;
    }
}

static void remove_stops(const struct stops *stops)
{
    for (int i = 1; i >= 0; i--) {
        if (stops->list[i].at)
            *stops->list[i].at = stops->list[i].kept;
    }
}

static bool is_stop(struct victim *v, u32 linear)
{
    return linear - CODE_AT >= CODE_SIZE || *victim_memory(v, linear, 1) == HLT;
}

/* HLTs where the instruction may go on, unless that is out of the code, where the fetch faults. False: TF has to stop
 * it. */
static bool put_stops(struct victim *v, u32 length, struct stops *stops)
{
    const struct native *n = v->native;
    bool wide;
    u32 base = selector_base(n->selector[1], &wide), linear = base + n->eip;
    const u8 *code = linear - CODE_AT < CODE_SIZE ? victim_memory(v, linear, length) : NULL;
    if (!length || length > INSN_MAX || !code)
        return false;
    struct glance g = glance_at(code, length, wide);
    *stops = (struct stops){ .next = n->eip + length };
    if (glance_needs_trap(&g, stops->next, &stops->target) || base + stops->target - linear < length)
        return false;
    if (is_stop(v, linear + length) && is_stop(v, base + stops->target))
        return true;
    if (glance_reads_code(&g, n->gpr, n->selector, CODE_AT, CODE_SIZE))
        return false;
    put_stop(v, linear + length, &stops->list[0]);
    put_stop(v, base + stops->target, &stops->list[1]);
    return true;
}

/* Did the instruction itself end, and the next one fault? */
static bool has_ended(const greg_t *r, u32 from, const struct stops *stops)
{
    return (u32)r[REG_RIP] != from && ((u32)r[REG_RIP] == stops->next || (u32)r[REG_RIP] == stops->target)
        && (r[REG_TRAPNO] == TRAP_GP || (r[REG_TRAPNO] == TRAP_PF && r[REG_ERR] & ERROR_FETCH));
}

bool victim_can(struct victim *v, const struct regs *s, const u8 *code, u32 length)
{
    struct translation t;
    u32 linear = regs_linear(s);
    if (!v->long_mode)
        return true;
    for (int i = 0; i < 6; i++) {
        if (s->selector[i] & 4 || (i == 1 && s->selector[i] != USER_CS))
            return false;
    }
    if (linear - CODE_AT >= CODE_SIZE - LONG_MAX - 1 || !long_translate(code, length, s->eip, &t))
        return false;
    const struct glance g = glance_at(code, length, true);
    return !glance_reads_code(&g, s->gpr, s->selector, linear, LONG_MAX + 1);
}

/* The translation takes the place of the instruction at EIP, in memory that it does not read; what it replaces comes to `kept`. Its
 * length; 0: there is none. */
static u32 put_translation(struct victim *v, u32 length, u8 *kept)
{
    struct translation t;
    u32 eip = v->native->eip;
    u8 *code = eip - CODE_AT < CODE_SIZE - LONG_MAX ? victim_memory(v, eip, LONG_MAX) : NULL;
    if (!code || !long_translate(code, length, eip, &t))
        return 0;
    memcpy(kept, code, LONG_MAX);
    memcpy(code, t.bytes, t.length);
    return t.length;
}

void victim_step(struct victim *v, struct regs *s, u32 length)
{
    struct crossing *c = v->native->crossing;
    greg_t *before = v->native->before->uc_mcontext.gregs;
    u32 from = v->native->eip;
    struct stops stops = { 0 };
    const greg_t *r;
    const struct fxsave *x;
    u8 kept[LONG_MAX];
    u32 there = v->long_mode ? put_translation(v, length, kept) : 0;
    bool trap = !put_stops(v, there ? there : length, &stops);
    before[REG_EFL] |= trap ? EFLAGS_TF : 0;
    cross(c);
    before[REG_EFL] &= ~(greg_t)EFLAGS_TF;
    remove_stops(&stops);
    if (there)
        memcpy(victim_memory(v, from, LONG_MAX), kept, LONG_MAX);
    r = c->after->uc_mcontext.gregs;
    x = (const void *)c->after->uc_mcontext.fpregs;
    if (c->info->si_code <= 0 || r[REG_RIP] >> 32)
        cross_stray(c->sig);            /* somebody sent it, or it is ours: the kernel refused the frame */
    s->outcome = (u8)outcome_of(c, &s->address);
    if (!trap && has_ended(r, from, &stops)) {
        s->outcome = OUTCOME_STEP;
        s->address = 0;
    }
    s->gpr[0] = (u32)r[REG_RAX];
    s->gpr[1] = (u32)r[REG_RCX];
    s->gpr[2] = (u32)r[REG_RDX];
    s->gpr[3] = (u32)r[REG_RBX];
    s->gpr[4] = (u32)r[REG_RSP];
    s->gpr[5] = (u32)r[REG_RBP];
    s->gpr[6] = (u32)r[REG_RSI];
    s->gpr[7] = (u32)r[REG_RDI];
    s->eip = (u32)r[REG_RIP];
    if (there && s->eip == from + there)
        s->eip = from + length;
    s->eflags = (u32)r[REG_EFL] & ~(u32)(EFLAGS_TF | EFLAGS_RF);
    s->selector[1] = v->long_mode ? USER_CS : (u16)r[REG_CSGSFS];
    s->selector[2] = (u16)((u64)r[REG_CSGSFS] >> 48);
    /* The pointers are what they were: hosts keep them or not as they please. */
    s->fpu.fcw = x->fcw;
    s->fpu.fsw = x->fsw;
    s->fpu.valid = x->valid;
    memcpy(s->fpu.st, x->st, sizeof s->fpu.st);
    for (int i = 0; i < 8; i++)
        memset(s->fpu.st[i].pad, 0, sizeof s->fpu.st[i].pad);
    if (s->outcome == OUTCOME_STEP)
        find_nulls(v, from, s);         /* overwrites what r and x point to */
    s->selector[0] = c->then[1];
    s->selector[3] = c->then[0];
    s->selector[4] = c->then[2];
    s->selector[5] = c->then[3];
}

#else

void victim_load(struct victim *v, const struct regs *s) { (void)v, (void)s; }
void victim_step(struct victim *v, struct regs *s, u32 length) { (void)v, (void)s, (void)length; }

#endif
