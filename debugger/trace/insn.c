/* insn.c - before each instruction: its line, and what came of the one before it.
 * A line is kept by place. It holds while the place means the same (cpu_place's key) and no decoded byte was written anywhere; else the
 * bytes are compared, and only where they differ it is made anew. */
#include "parts.h"
#include "../core/disasm.h"
#include <stdio.h>

static struct seen *slot(struct trace *t, const struct cpu_place *at)
{
    u64 hash = (at->linear ^ (u64)at->cs << 7) * 0x9e3779b97f4a7c15ull;
    return &t->seen[hash >> (64 - CACHE_BITS)];
}

static void write_line(struct trace_cpu *c, const struct cpu_place *at, struct seen *s)
{
    char place[80], name[80] = "", text[200];
    struct disasm_names names = { c->t->symbols, s->physical, at->linear - at->eip };
    place_text(c, at, place, sizeof place);
    symbols_name(c->t->symbols, at->linear, s->physical, name, sizeof name);
    disasm_named(s->bytes, s->length, at->eip, at->bits, &names, text, sizeof text);
    int n = snprintf(s->line, sizeof s->line, " %s %-10s %s%s%s", place, "insn", name, *name ? ": " : "", text);
    s->text = (u16)(n < (int)sizeof s->line - 2 ? n : (int)sizeof s->line - 2);
    s->line[s->text++] = '\n';
    s->line[s->text] = 0;
}

/* Nothing can be read where it is about to be fetched: the fetch will fault, or it comes from a device. */
static void write_unread(struct trace_cpu *c, const struct cpu_place *at, struct seen *s)
{
    char place[80];
    place_text(c, at, place, sizeof place);
    s->text = (u16)snprintf(s->line, sizeof s->line, " %s %-10s (not in memory)\n", place, "insn");
}

/* Does it still stand there, as it was? */
static bool same(struct trace_cpu *c, const struct cpu_place *at, const struct seen *s, bool physical)
{
    u8 bytes[INSN_BYTES];
    return s->known && s->epoch == c->t->epoch && s->eip == at->eip && s->cs == at->cs && s->mode == at->mode && s->physical == physical
        && s->linear == at->linear && cpu_peek(c->cpu, at->linear, bytes, s->length) && !memcmp(bytes, s->bytes, s->length);
}

static void look_again(struct trace_cpu *c, const struct cpu_place *at, struct seen *s)
{
    struct instruction i;
    bool physical = !(cpu_get(c->cpu, "cr0") & CR0_PG);
    if (!same(c, at, s, physical)) {
        memset(s, 0, offsetof(struct seen, line));
        s->epoch = c->t->epoch;
        s->eip = at->eip;
        s->linear = at->linear;
        s->cs = at->cs;
        s->mode = at->mode;
        s->physical = physical;
        s->known = cpu_instruction(c->cpu, &i);
        s->length = i.length;
        s->flow = i.flow;
        s->size = i.size;
        s->repeats = i.repeats;
        s->privileged = i.privileged && !i.undefined;
        s->sensitive = i.sensitive_here && !i.undefined;
        memcpy(s->bytes, i.bytes, sizeof s->bytes);
        if (s->known)
            write_line(c, at, s);
        else
            write_unread(c, at, s);
    }
    s->key = at->key;
    s->written = at->written;
}

static struct seen *insn_seen(struct trace_cpu *c, const struct cpu_place *at)
{
    struct seen *s = slot(c->t, at);
    bool crosses = (at->linear & 0xfff) + s->length > 0x1000;   /* nobody watches the bytes in the second page */
    if (unlikely(s->key != at->key || s->written != at->written || s->cs != at->cs || s->eip != at->eip || s->epoch != c->t->epoch
                 || crosses || !s->known))
        look_again(c, at, s);
    return s;
}

/* ---- what came of it ---- */

static u32 flags_now(const struct trace_cpu *c) { return (u32)cpu_get(c->cpu, "eflags"); }

static void keep_registers(struct trace_cpu *c, struct pending *p)
{
    for (int k = 0; k < 8; k++)
        p->gpr[k] = (u32)register_value(c->cpu, c->t->gpr[k]);
    p->eflags = flags_now(c);
}

static void registers_told(struct trace_cpu *c, const struct pending *p)
{
    struct event e;
    struct pending now;
    keep_registers(c, &now);
    u32 flags = (p->eflags ^ now.eflags) & ~(u32)FLAG_RF;
    bool any = flags;
    for (int k = 0; k < 8; k++)
        any |= p->gpr[k] != now.gpr[k];
    if (!any || !event_begin_at(&e, c, TRACE_REGISTERS, &p->at))
        return;
    for (int k = 0; k < 8; k++)
        if (p->gpr[k] != now.gpr[k]) {
            event_text(&e, "%s%s %08x -> %08x", e.n ? ", " : "", c->t->gpr[k]->name, p->gpr[k], now.gpr[k]);
            event_number(&e, c->t->gpr[k]->name, now.gpr[k]);
        }
    if (flags) {
        char set[80], cleared[80];
        register_bit_names(register_find("eflags"), flags & now.eflags, set, sizeof set);
        register_bit_names(register_find("eflags"), flags & p->eflags, cleared, sizeof cleared);
        event_text(&e, "%seflags%s%s%s%s", e.n ? ", " : "", *set ? " +" : "", set, *cleared ? " -" : "", cleared);
        event_number(&e, "eflags", now.eflags);
    }
    event_end(&e);
}

static void branch_told(struct trace_cpu *c, const struct pending *p, const struct cpu_place *now)
{
    struct event e;
    char name[96], text[200];
    u64 next = (u32)(p->at.linear + p->seen.length);
    bool taken = now->linear != next || p->seen.flow != INSN_IF;
    if (!event_begin_at(&e, c, TRACE_BRANCHES, &p->at))
        return;
    disasm_text(p->seen.bytes, p->seen.length, p->at.eip, p->at.bits, text, sizeof text);
    event_name(&e, "%s", text);
    if (taken)
        event_text(&e, "%s -> %04x:%08x %s", text, now->cs, now->eip, address_text(c, now->linear, name, sizeof name));
    else
        event_text(&e, "%s not taken", text);
    event_number(&e, "taken", taken);
    event_number(&e, "to", now->linear);
    event_end(&e);
}

void insn_settle(struct trace_cpu *c, const struct cpu_place *now, bool faulted, int vector)
{
    struct pending *p = &c->last;
    u64 on = c->t->on;
    if (!p->any)
        return;
    p->any = false;
    if (p->told)
        theory_tell(c, faulted, vector);
    if (faulted)
        return;
    if (on & class_bit(TRACE_REGISTERS))
        registers_told(c, p);
    if (p->seen.flow == INSN_NEXT)
        return;
    if (on & class_bit(TRACE_BRANCHES))
        branch_told(c, p, now);
    if (on & class_bit(TRACE_CALLS))
        call_told(c, &p->at, &p->seen, now, p->sp);
}

/* A repeated instruction that comes again for the rest of its iterations. */
static bool goes_on(const struct trace_cpu *c, const struct cpu_place *at, const struct seen *s)
{
    return s->repeats && at->resumed && c->repeated == s;
}

void insn_told(void *to, struct cpu *cpu)
{
    struct trace_cpu *c = to;
    struct trace *t = c->t;
    struct cpu_place at;
    cpu_place(cpu, &at);
    struct pending *p = &c->last;
    struct seen *s = insn_seen(c, &at);
    if (unlikely(s->repeats && goes_on(c, &at, s)))
        return;
    if (p->any)
        insn_settle(c, &at, false, 0);
    c->repeated = s->repeats ? s : NULL;
    if (t->on & class_bit(TRACE_INSN))
        insn_line(c, &at, s);
    bool flow = s->flow != INSN_NEXT && (t->on & (class_bit(TRACE_BRANCHES) | class_bit(TRACE_CALLS)));
    bool theory = (s->sensitive || s->privileged) && (t->counting || (t->on & (class_bit(TRACE_PRIVILEGED) | class_bit(TRACE_SENSITIVE))));
    if (t->counting)
        count_ran(c, &at, s);
    bool registers = t->on & class_bit(TRACE_REGISTERS);
    if (likely(!flow && !theory && !registers))
        return;
    p->any = true;
    p->seen = *s;
    p->at = at;
    p->told = false;
    if (flow)
        p->sp = (u32)register_value(cpu, t->gpr[ESP]);
    if (registers)
        keep_registers(c, p);
    if (theory)
        theory_ask(c);
}
