/* trail.c - the accesses of an instruction, or of a delivery, in their order, as steps: gates, descriptors, stacks, TSS fields by name.
 * Follows: Intel SDM Vol. 3A "Segment Descriptors", "Gate Descriptors", "Task-State Segment (TSS)", "Stack Switching", "Error Code". */
#include "parts.h"
#include "../core/explain.h"
#include "../core/names.h"

enum { STACK_NEAR = 512 };

static bool inside(u64 linear, u64 base, u64 limit) { return (u32)(linear - base) <= limit; }

static const char *tss_field_at(const struct segment *tr, u32 at, char *other, size_t size)
{
    bool wide = tr->access & TYPE_32BIT;
    for (const struct tss_field *f = tss_fields; f->name; f++) {
        u32 from = wide ? f->at32 : f->at16, n = wide ? f->bytes32 : f->bytes16;
        if (n && at >= from && at < from + n)
            return wide || *f->name != 'E' || strlen(f->name) > 4 ? f->name : f->name + 1;
    }
    snprintf(other, size, "+%x", at);
    return other;
}

static bool near_stack(struct cpu *cpu, u64 linear)
{
    const struct segment *ss = cpu_segment(cpu, SS);
    u64 sp = cpu_get(cpu, ss->access & SEG_DB ? "esp" : "sp");
    return (u32)(linear - (ss->base + sp) + STACK_NEAR) < 2 * STACK_NEAR;
}

/* In real mode the table has any limit: what counts is what an event takes from it. */
static bool real_vector(const struct explain *e, u64 linear)
{
    for (int k = 0; k < e->result->events; k++)
        if (inside(linear, cpu_get(e->cpu, "idtr.base") + 4 * (u64)e->result->event[k].vector, 3))
            return true;
    return false;
}

enum place { PLACE_GDT, PLACE_LDT, PLACE_IDT, PLACE_TSS, PLACE_STACK, PLACE_OTHER };

/* In which of the processor's tables it lies; of a TSS, whose. */
static enum place place_of(const struct explain *e, u64 linear, const struct segment **tss)
{
    const struct segment *ldt = cpu_segment(e->cpu, SEGMENT_LDTR), *tr = cpu_segment(e->cpu, SEGMENT_TR);
    const struct segment *new_tr = cpu_segment(e->after, SEGMENT_TR), *new_ldt = cpu_segment(e->after, SEGMENT_LDTR);
    bool tables = cpu_get(e->cpu, "cr0") & CR0_PE;
    *tss = NULL;
    if (tables ? inside(linear, cpu_get(e->cpu, "idtr.base"), cpu_get(e->cpu, "idtr.limit")) : real_vector(e, linear))
        return PLACE_IDT;
    if (!tables)
        return near_stack(e->cpu, linear) || near_stack(e->after, linear) ? PLACE_STACK : PLACE_OTHER;
    if (inside(linear, cpu_get(e->cpu, "gdtr.base"), cpu_get(e->cpu, "gdtr.limit")))
        return PLACE_GDT;
    *tss = tr->selector >> 3 && inside(linear, tr->base, tr->limit) ? tr
         : new_tr->selector != tr->selector && inside(linear, new_tr->base, new_tr->limit) ? new_tr : NULL;
    if (*tss)
        return PLACE_TSS;
    if ((ldt->selector >> 3 && inside(linear, ldt->base, ldt->limit))
        || (new_ldt->selector >> 3 && inside(linear, new_ldt->base, new_ldt->limit)))
        return PLACE_LDT;
    return near_stack(e->cpu, linear) || near_stack(e->after, linear) ? PLACE_STACK : PLACE_OTHER;
}

void access_place(const struct explain *e, const struct trial_access *a, char *text, size_t size)
{
    const struct segment *tss;
    u32 at;
    char other[16], name[80];
    switch (place_of(e, a->linear, &tss)) {
    case PLACE_GDT:
        at = (u32)(a->linear - cpu_get(e->cpu, "gdtr.base"));
        snprintf(text, size, "GDT entry %u (selector %04x)", at >> 3, at & ~7u);
        break;
    case PLACE_LDT:
        at = (u32)(a->linear - cpu_segment(e->cpu, SEGMENT_LDTR)->base);
        snprintf(text, size, "LDT entry %u (selector %04x)", at >> 3, (at & ~7u) | 4);
        break;
    case PLACE_IDT:
        at = (u32)(a->linear - cpu_get(e->cpu, "idtr.base"));
        if (cpu_get(e->cpu, "cr0") & CR0_PE)
            snprintf(text, size, "IDT entry %02x", at >> 3);
        else
            snprintf(text, size, "interrupt table, vector %02x %s", at >> 2, at & 2 ? "segment" : "offset");
        break;
    case PLACE_TSS:
        at = (u32)(a->linear - tss->base);
        snprintf(text, size, "TSS %04x, %s", tss->selector, tss_field_at(tss, at, other, sizeof other));
        break;
    case PLACE_STACK: snprintf(text, size, "stack"); break;
    case PLACE_OTHER:
        name_at(e->symbols, e->cpu, a->linear, name, sizeof name);
        snprintf(text, size, "memory%s%s", *name ? " " : "", name);
        break;
    }
}

/* What an entry of GDT, LDT or IDT says. */
static void descriptor_text(u64 raw, char *text, size_t size)
{
    struct descriptor_fields f = descriptor_decode(raw);
    if (!raw) {
        snprintf(text, size, "null");
        return;
    }
    if (descriptor_is_gate(f.kind))
        snprintf(text, size, "%s to %04x:%llx, DPL %d, P=%d", f.title, f.selector, (unsigned long long)f.offset, raw_dpl(raw),
                 raw_present(raw));
    else
        snprintf(text, size, "%s%s, base %llx, limit %llx, DPL %d, P=%d",
                 f.title        ? f.title
                 : f.bits == 32 ? "32-bit "
                                : "16-bit ",
                 f.title                     ? ""
                 : f.kind == DESCRIPTOR_CODE ? f.access & SEG_DC ? "code, conforming" : "code"
                 : f.access & SEG_RW         ? "data, writable"
                                             : "data, read only",
                 (unsigned long long)f.base, (unsigned long long)f.limit, raw_dpl(raw), raw_present(raw));
}

/* What the processor compares then. */
static void privilege_text(const struct explain *e, const struct trial_access *a, enum place place, const struct trial_event *event,
                           char *text, size_t size)
{
    struct descriptor_fields f = descriptor_decode(a->value);
    int cpl = (int)cpu_get(e->cpu, "cpl"), dpl = raw_dpl(a->value);
    if (!a->value)
        return;
    if (place == PLACE_IDT && event && !strncmp(event->kind, "INT", 3))
        add_to(text, size, "\nby software: the gate's DPL %d >= CPL %d? %s", dpl, cpl, dpl >= cpl ? "yes" : "no: #GP");
    else if (place == PLACE_IDT && event)
        add_to(text, size, "\n%s: the gate's DPL does not matter", event->why ? "an exception" : "not by INT n");
    else if (f.kind == DESCRIPTOR_CODE && event && raw_present(a->value))
        add_to(text, size, "\nhandler's DPL %d, CPL %d: %s", dpl, cpl,
               dpl > cpl                                ? "an outer ring: #GP"
               : dpl == cpl || raw_conforming(a->value) ? "the same ring, the same stack"
                                                        : "an inner ring: SS:ESP come from the TSS");
    else if (f.kind == DESCRIPTOR_DATA && event)
        add_to(text, size, "\nthe new stack: its DPL %d must be that of the handler", dpl);
    else if (f.kind == DESCRIPTOR_CODE || f.kind == DESCRIPTOR_DATA || f.kind == DESCRIPTOR_CALL_GATE)
        add_to(text, size, "\nDPL %d, CPL %d", dpl, cpl);
}

static void values_text(const struct trial_access *a, char *text, size_t size)
{
    char v[24], before[24];
    if (a->kind == TRIAL_WRITE)
        snprintf(text, size, "%s -> %s", hex_of(a->before, a->bytes, before), hex_of(a->value, a->bytes, v));
    else
        snprintf(text, size, "%s", hex_of(a->value, a->bytes, v));
}

/* Fields of one TSS in a row: one paragraph. Where the row ends. */
static int fields_tell_of_tss(struct explain *e, int k, int end)
{
    const struct trial_result *r = e->result;
    const struct segment *tss, *other;
    enum trial_kind kind = r->access[k].kind;
    char text[1500] = "", name[16], v[24];
    place_of(e, r->access[k].linear, &tss);
    for (; k < end; k++) {
        const struct trial_access *a = &r->access[k];
        if (a->kind == TRIAL_TABLE_READ || a->kind == TRIAL_TABLE_WRITE)
            continue;
        if (a->kind != kind || place_of(e, a->linear, &other) != PLACE_TSS || other != tss)
            break;
        add_to(text, sizeof text, "%s%s %s", *text ? ", " : "", tss_field_at(tss, (u32)(a->linear - tss->base), name, sizeof name),
               hex_of(a->value, a->bytes, v));
    }
    tell_of(e, kind == TRIAL_WRITE ? "write" : "read", "TSS %04x: %s", tss->selector, text);
    return k - 1;
}

/* "Exception- and Interrupt-Handler Procedures": what a delivery pushes, counted from its end. NULL: this is not such a push. */
static const char *pushed(const struct explain *e, const struct trial_access *a, const struct trial_event *event)
{
    static const char *const names[] = { "error code", "EIP", "CS", "EFLAGS", "ESP", "SS", "ES", "DS", "FS", "GS" };
    const struct trial_result *r = e->result;
    const struct segment *tss;
    size_t behind = 0;
    if (!event || event != &r->event[r->events - 1] || r->shutdown || a->kind != TRIAL_WRITE)
        return NULL;
    for (const struct trial_access *b = a + 1; b < r->access + r->accesses; b++)
        behind += b->kind == TRIAL_WRITE && place_of(e, b->linear, &tss) == PLACE_STACK;
    behind += !event->has_error || !(cpu_get(e->cpu, "cr0") & CR0_PE);
    return behind < ARRAY_LEN(names) ? names[behind] : NULL;
}

static void step_tell(struct explain *e, const struct trial_access *a, const struct trial_event *event)
{
    const struct segment *tss;
    enum place place = place_of(e, a->linear, &tss);
    char text[700], values[64], words[200] = "";
    access_place(e, a, text, sizeof text);
    values_text(a, values, sizeof values);
    add_to(text, sizeof text, "%s%s, linear %llx: %s", place == PLACE_STACK || place == PLACE_OTHER ? ", " : "", place == PLACE_STACK
           || place == PLACE_OTHER ? a->bytes == 1 ? "1 byte" : a->bytes == 2 ? "2 bytes" : a->bytes == 4 ? "4 bytes" : "8 bytes" : "",
           (unsigned long long)a->linear, a->what == TRIAL_DEVICE ? "a device" : values);
    bool entry = (place == PLACE_GDT || place == PLACE_LDT || place == PLACE_IDT) && a->bytes == 8;
    if (entry && a->kind == TRIAL_READ) {
        descriptor_text(a->value, words, sizeof words);
        add_to(text, sizeof text, "\n%s", words);
        privilege_text(e, a, place, event, text, sizeof text);
    }
    if (place == PLACE_STACK && pushed(e, a, event))
        add_to(text, sizeof text, ", %s", pushed(e, a, event));
    tell_of(e, a->kind == TRIAL_WRITE ? "write" : "read", "%s", text);
}

/* The event whose delivery made access k. */
static const struct trial_event *event_of(const struct explain *e, int k)
{
    const struct trial_event *event = NULL;
    for (int j = 0; j < e->result->events; j++)
        if (e->result->event[j].access <= k)
            event = &e->result->event[j];
    return event;
}

void trail_tell(struct explain *e, int first, int end)
{
    const struct segment *tss;
    for (int k = first; k < end; k++) {
        const struct trial_access *a = &e->result->access[k];
        if (a->kind != TRIAL_READ && a->kind != TRIAL_WRITE)
            continue;
        if (place_of(e, a->linear, &tss) == PLACE_TSS)
            k = fields_tell_of_tss(e, k, end);
        else
            step_tell(e, a, event_of(e, k));
    }
}

bool trail_is_long(const struct explain *e)
{
    const struct segment *tss;
    for (int k = 0; k < e->own; k++) {
        const struct trial_access *a = &e->result->access[k];
        if ((a->kind == TRIAL_READ || a->kind == TRIAL_WRITE) && place_of(e, a->linear, &tss) < PLACE_STACK)
            return true;
    }
    return false;
}

/* ---- exceptions ---- */

static void error_text(const struct trial_event *v, char *text, size_t size)
{
    if (v->vector == EXC_PF)
        snprintf(text, size, "%s, %s, %s%s", v->error & 1 ? "protection violation" : "page not present",
                 v->error & 2 ? "write" : v->error & 16 ? "instruction fetch" : "read", v->error & 4 ? "user mode" : "supervisor mode",
                 v->error & 8 ? ", reserved bit set" : "");
    else if (v->error & 2)
        snprintf(text, size, "IDT entry %02x", v->error >> 3 & 0xff);
    else if (v->error & ~1u)
        snprintf(text, size, "selector %04x: %s entry %u", v->error & 0xfffc, v->error & 4 ? "LDT" : "GDT", v->error >> 3 & 0x1fff);
    else
        snprintf(text, size, "no selector");
    if (v->vector != EXC_PF && v->error & 1)
        add_to(text, size, "; while an earlier event was delivered");
}

static void event_tell(struct explain *e, const struct trial_event *v, int number)
{
    char what[60], error[120] = "";
    bool known = v->vector < 32 && *exception_mnemonic(v->vector) && (v->why || !strcmp(v->kind, "trap"));
    if (known)
        snprintf(what, sizeof what, "%s", exception_mnemonic(v->vector));
    else
        snprintf(what, sizeof what, "vector %02x", (unsigned)v->vector);
    if (known && v->has_error)
        add_to(what, sizeof what, v->error ? "(%x)" : "(0)", v->error);
    if (!v->why) {
        tell_of(e, "delivers", "%s (%s)", what, v->kind);
        return;
    }
    tell_of(e, number ? "and then" : "would raise", "%s, %s: %s", what, vector_title(v->vector), v->why);
    if (v->has_error) {
        error_text(v, error, sizeof error);
        tell_at(e, HANG, HANG + 2, "error code %04x: %s", v->error, error);
    }
    if (v->vector == EXC_PF)
        tell_at(e, HANG, HANG + 2, "CR2 := %08llx, the address that was accessed", (unsigned long long)v->cr2);
    else if (v->detail && v->error & ~3u) {
        char words[200];
        descriptor_text(v->detail, words, sizeof words);
        tell_at(e, HANG, HANG + 2, "%016llx: %s", (unsigned long long)v->detail, words);
    }
}

void events_tell(struct explain *e)
{
    const struct trial_result *r = e->result;
    for (int k = 0; k < r->events; k++) {
        int end = k + 1 < r->events ? r->event[k + 1].access : r->accesses;
        event_tell(e, &r->event[k], k);
        trail_tell(e, r->event[k].access, end);
    }
    if (r->shutdown)
        tell_of(e, "and then", "it cannot be delivered either: the processor shuts down (triple fault)");
    else if (r->events)
        tell_of(e, "handler", "%04x:%08llx, CPL %d", cpu_segment(e->after, CS)->selector, (unsigned long long)cpu_eip(e->after),
                (int)cpu_get(e->after, "cpl"));
}
