/* system.c - what the processor tells of its system side: memory accesses, control registers, MSRs, modes, tasks, descriptors, page walks
 * and TLB, returns from interrupts. */
#include "parts.h"
#include "../core/explain.h"
#include "../../cpu/descriptor.h"
#include "../../cpu/mmu/walk.h"
#include "../../host/text.h"

void access_told(void *to, struct cpu *cpu, const struct cpu_access *a)
{
    struct trace_cpu *c = to;
    struct event e;
    char name[96] = "";
    int digits = 2 * (int)a->size;
    if (!event_begin(&e, c, TRACE_MEMORY))
        return;
    symbols_name(c->t->symbols, a->linear, !(cpu_get(cpu, "cr0") & CR0_PG), name, sizeof name);
    event_name(&e, "%s", a->write ? "write" : "read");
    event_text(&e, "%s %08llx", a->write ? "write" : "read ", (unsigned long long)a->linear);
    if (a->physical != a->linear)
        event_text(&e, " (physical %08llx)", (unsigned long long)a->physical);
    if (a->write)
        event_text(&e, " %0*llx -> %0*llx", digits, (unsigned long long)a->old, digits, (unsigned long long)a->value);
    else
        event_text(&e, " %0*llx", digits, (unsigned long long)a->value);
    event_text(&e, "%s%s", *name ? " " : "", name);
    event_number(&e, "address", a->linear);
    event_number(&e, "physical", a->physical);
    event_number(&e, "value", a->value);
    event_number(&e, "size", a->size);
    event_end(&e);
}

/* ---- registers ---- */

static void bits_changed(struct event *e, const struct cpu_register *r, u64 old, u64 now)
{
    char set[120], cleared[120];
    if (!r || !r->bits || old == now)
        return;
    register_bit_names(r, now & ~old, set, sizeof set);
    register_bit_names(r, old & ~now, cleared, sizeof cleared);
    event_text(e, "%s%s%s%s", *set ? " +" : "", set, *cleared ? " -" : "", cleared);
}

static void control_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    char name[8];
    if (!event_begin(&e, c, TRACE_CR))
        return;
    snprintf(name, sizeof name, "cr%u", x->n);
    event_name(&e, "%s", name);
    event_text(&e, "%s %08llx -> %08llx", name, (unsigned long long)x->old, (unsigned long long)x->now);
    if (x->n == 0 || x->n == 4)
        bits_changed(&e, register_find(name), x->old, x->now);
    if (x->n == 3)
        event_text(&e, "; %s", x->old == x->now ? "the same tables: the TLB is emptied" : "other page tables");
    event_number(&e, "register", x->n);
    event_number(&e, "old", x->old);
    event_number(&e, "value", x->now);
    event_end(&e);
}

static void msr_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    bool writes = x->kind == CHANGE_MSR_WRITE;
    if (!event_begin(&e, c, TRACE_MSR))
        return;
    event_name(&e, "%s %x", writes ? "wrmsr" : "rdmsr", x->n);
    event_text(&e, "%s %x", writes ? "wrmsr" : "rdmsr", x->n);
    if (writes)
        event_text(&e, " %016llx ->", (unsigned long long)x->old);
    event_text(&e, " %016llx", (unsigned long long)x->now);
    event_number(&e, "msr", x->n);
    event_number(&e, "value", x->now);
    event_end(&e);
}

/* ---- modes, tasks ---- */

static const char *mode_name(u64 mode)
{
    static const char *const names[] = { [CPU_MODE_REAL] = "real mode", [CPU_MODE_PROTECTED] = "protected mode",
                                         [CPU_MODE_V86] = "virtual-8086 mode", [CPU_MODE_SMM] = "system management mode" };
    return mode < ARRAY_LEN(names) ? names[mode] : "?";
}

static void mode_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    if (!event_begin(&e, c, TRACE_MODES))
        return;
    event_name(&e, "%s", mode_name(x->now));
    event_text(&e, "%s -> %s", mode_name(x->old), mode_name(x->now));
    event_string(&e, "to", mode_name(x->now));
    event_end(&e);
}

static void task_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    u64 raw;
    if (!event_begin(&e, c, TRACE_TASKS))
        return;
    event_name(&e, "task %04llx", (unsigned long long)x->now);
    event_text(&e, "task %04llx -> %04llx", (unsigned long long)x->old, (unsigned long long)x->now);
    if (cpu_descriptor(c->cpu, (u16)x->now, &raw))
        event_text(&e, ", whose TSS is at %08x", raw_base(raw));
    event_number(&e, "from", x->old);
    event_number(&e, "to", x->now);
    event_end(&e);
}

static void smm_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    bool enters = x->kind == CHANGE_SMI;
    if (!event_begin(&e, c, TRACE_INTERRUPTS))
        return;
    event_name(&e, enters ? "SMI" : "RSM");
    event_text(&e, enters ? "SMI: system management mode begins" : "RSM: system management mode ends");
    event_end(&e);
}

/* ---- segments ---- */

static void descriptor_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    if (!event_begin(&e, c, TRACE_DESCRIPTORS))
        return;
    struct text *words = text_new();
    if (words)
        descriptor_print(x->now, text_file(words));
    char *all = words ? text_take(words, NULL) : NULL;
    if (all)
        all[strcspn(all, "\n")] = 0;
    event_name(&e, "%04x", x->n);
    event_text(&e, "selector %04x: %s entry %u at %08x, %016llx: %s", x->n, x->n & SELECTOR_TI ? "LDT" : "GDT", x->n >> 3, (u32)x->old,
               (unsigned long long)x->now, all ? all : "");
    free(all);
    event_number(&e, "selector", x->n);
    event_number(&e, "at", x->old);
    event_end(&e);
}

/* ---- paging ---- */

static const char *walk_for(u32 n) { return n & CPU_WALK_FETCH ? "fetch" : n & CPU_WALK_WRITE ? "write" : "read"; }

/* Each entry on the way. */
static void walk_told(struct trace_cpu *c, u64 linear, const char *what, const char *ends)
{
    struct event e;
    struct walk w;
    if (!(c->t->on & class_bit(TRACE_WALKS)) || !paging_look(c->cpu, linear, &w) || !event_begin(&e, c, TRACE_WALKS))
        return;
    event_name(&e, "walk %08x", (u32)linear);
    event_text(&e, "%s of %08x by CR3 %08x:", what, (u32)linear, (u32)cpu_get(c->cpu, "cr3"));
    for (int k = 0; k < w.steps; k++) {
        const struct walk_step *s = &w.step[k];
        event_text(&e, " %s[%u]", s->level->name, s->index);
        if (!s->level->in_register)
            event_text(&e, " at %08llx", (unsigned long long)s->where);
        event_text(&e, " = %0*llx,", 2 * w.form->entry_bytes, (unsigned long long)s->entry);
    }
    event_text(&e, " %s", ends);
    event_number(&e, "linear", linear);
    event_end(&e);
}

static void fill_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    struct cpu_translation t;
    char what[40], ends[40];
    snprintf(what, sizeof what, "%s%s", x->n & CPU_WALK_USER ? "user " : "", walk_for(x->n));
    snprintf(ends, sizeof ends, "page %09llx", (unsigned long long)x->now);
    walk_told(c, x->old, what, ends);
    if (!event_begin(&e, c, TRACE_TLB))
        return;
    event_name(&e, "fill");
    event_text(&e, "fill %08llx -> %09llx for a %s", (unsigned long long)x->old, (unsigned long long)x->now, what);
    if (cpu_tlb_find(c->cpu, x->old, &t))
        event_text(&e, ": %s, %s%s%s%s%s", t.user ? "user" : "supervisor", t.writable ? "writable" : "read only",
                   t.global ? ", global" : "", t.dirty ? ", dirty" : "", t.large ? ", of a large page" : "",
                   t.no_execute ? ", no execute" : "");
    event_number(&e, "linear", x->old);
    event_number(&e, "physical", x->now);
    event_end(&e);
}

static void fault_told(struct trace_cpu *c, const struct cpu_change *x)
{
    char what[40];
    snprintf(what, sizeof what, "%s%s", x->n & 4 ? "user " : "", x->n & 16 ? "fetch" : x->n & 2 ? "write" : "access");
    walk_told(c, x->old, what, x->n & 1 ? "refused: #PF" : "not present: #PF");
}

static void flush_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    if (!event_begin(&e, c, TRACE_TLB))
        return;
    event_name(&e, "flush");
    if (x->n == CPU_FLUSH_PAGE)
        event_text(&e, "flush of the page of %08llx", (unsigned long long)x->old);
    else
        event_text(&e, "flush of all%s", x->n == CPU_FLUSH_LOCAL ? " but global pages" : "");
    event_end(&e);
}

/* ---- back from interrupts ---- */

/* Where the IRET stood: the code segment that it left is known by its selector. */
static void left_place(const struct trace_cpu *c, const struct cpu_change *x, struct cpu_place *at)
{
    u64 base = cpu_segment(c->cpu, CS)->base, raw;
    cpu_place(c->cpu, at);
    bool other = at->cpl != x->n || at->cs != (u16)(x->old >> 32);
    at->cs = (u16)(x->old >> 32);
    at->eip = (u32)x->old;
    at->cpl = (u8)x->n;
    if (!cpu_protected(c->cpu) && (at->cpl == 3 || !(cpu_get(c->cpu, "cr0") & CR0_PE))) {
        base = (u64)at->cs << 4;
    } else if (other && cpu_descriptor(c->cpu, at->cs, &raw)) {
        base = raw_base(raw);
        at->bits = raw_access(raw) & SEG_DB ? 32 : 16;
    }
    at->linear = (u32)(base + at->eip);
}

static void iret_told(struct trace_cpu *c, const struct cpu_change *x)
{
    struct event e;
    struct cpu_place at;
    char name[96];
    u64 to = (u32)(cpu_segment(c->cpu, CS)->base + (u32)x->now);
    left_place(c, x, &at);
    if (c->t->format == TRACE_PERFETTO)
        slice_ends(c, &at);
    if (!event_begin_at(&e, c, TRACE_IRET, &at))
        return;
    event_name(&e, "iret");
    event_text(&e, "iret to %04x:%08x %s, CPL %d", (unsigned)(x->now >> 32), (u32)x->now, address_text(c, to, name, sizeof name),
               cpu_cpl(c->cpu));
    event_number(&e, "to", to);
    event_end(&e);
}

void change_told(void *to, struct cpu *cpu, const struct cpu_change *x)
{
    struct trace_cpu *c = to;
    (void)cpu;
    switch (x->kind) {
    case CHANGE_CR:         control_told(c, x); break;
    case CHANGE_MSR_READ:
    case CHANGE_MSR_WRITE:  msr_told(c, x); break;
    case CHANGE_MODE:       mode_told(c, x); break;
    case CHANGE_TASK:       task_told(c, x); break;
    case CHANGE_SMI:
    case CHANGE_RSM:        smm_told(c, x); break;
    case CHANGE_DESCRIPTOR: descriptor_told(c, x); break;
    case CHANGE_TLB_FILL:   fill_told(c, x); break;
    case CHANGE_WALK_FAULT: fault_told(c, x); break;
    case CHANGE_TLB_FLUSH:  flush_told(c, x); break;
    case CHANGE_IRET:       iret_told(c, x); break;
    default:                break;
    }
}
