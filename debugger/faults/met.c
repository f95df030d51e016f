/* met.c - what met: a descriptor as it is in its table, a segment and the offset that it refused, the page tables and the TLB. See
 * fault.h. Follows: Intel SDM Vol. 3A "Segment Descriptors", "Limit Checking", "Paging", "Caching Translation Information". */
#include "fault.h"
#include "../core/explain.h"
#include "../../cpu/descriptor.h"
#include "../../cpu/mmu/walk.h"

static const char *const segment_names[] = { "ES", "CS", "SS", "DS", "FS", "GS" };
static const char *const access_names[] = { [FAULT_READ] = "read", [FAULT_WRITE] = "write", [FAULT_FETCH] = "fetch" };

/* Behind the end of its table: is there one nevertheless? */
static void behind_table_print(const struct fault_view *v, u16 selector)
{
    u64 base = cpu_get(v->cpu, "gdtr.base"), raw;
    u8 bytes[8];
    if ((selector & SELECTOR_TI) || !cpu_peek(v->cpu, (u32)(base + (selector & ~7u)), bytes, 8))
        return;
    raw = get64(bytes);
    struct descriptor_fields f = descriptor_decode(raw);
    if (!raw_present(raw) || raw_base(raw) + f.limit < raw_base(raw) || f.kind == DESCRIPTOR_RESERVED)
        return;
    fprintf(v->out, "    odd: behind that limit stands %016llx, ", (unsigned long long)raw);
    descriptor_print(raw, v->out);
    fprintf(v->out, ": should the GDT's limit be %x?\n", (selector | 7u));
}

static void descriptor_met(const struct fault_view *v)
{
    const struct fault_about *a = &v->f->about;
    u64 raw = v->f->detail;
    fputs("    selector ", v->out);
    selector_print(a->selector, v->out);
    fputs(": ", v->out);
    if (selector_null(a->selector)) {
        fputs("null\n", v->out);
    } else if (!raw && !cpu_descriptor(v->cpu, a->selector, &raw)) {
        descriptor_missing_print(v->cpu, a->selector, v->out);
        behind_table_print(v, a->selector);
    } else {
        if (raw)
            descriptor_print(raw, v->out);
        else
            fputs("an empty entry", v->out);
        fprintf(v->out, "\n      in the table: %016llx\n", (unsigned long long)raw);
        if (raw)
            descriptor_odd_print(raw, "      ", v->out);
    }
    if (a->size)
        fprintf(v->out, "    %s of %u bytes at offset %08x\n", access_names[a->access], a->size, (u32)a->offset);
}

/* The segment register as it was loaded, and its descriptor as the table has it. */
static void segment_met(const struct fault_view *v)
{
    const struct fault_about *a = &v->f->about;
    u64 raw;
    bool protected = (cpu_get(v->cpu, "cr0") & CR0_PE) && !(v->f->eflags & FLAG_VM);
    if (a->access == FAULT_FETCH)
        fprintf(v->out, "    EIP %08x, but the limit of the code segment is %08x: ", (u32)a->offset, a->segment.limit);
    else
        fprintf(v->out, "    %s of %u byte%s at %s:%08x, whose limit is %08x; %s: ", access_names[a->access], a->size,
                a->size == 1 ? "" : "s", segment_names[a->n], (u32)a->offset, a->segment.limit, segment_names[a->n]);
    segment_print(&a->segment, v->out);
    if (!protected || selector_null(a->selector) || !cpu_descriptor(v->cpu, a->selector, &raw))
        return;
    if (raw_base(raw) != (u32)a->segment.base || raw_limit(raw) != a->segment.limit) {
        fputs("      the table now says otherwise: ", v->out);
        descriptor_print(raw, v->out);
        fputc('\n', v->out);
    }
    fprintf(v->out, "      in the table: %016llx\n", (unsigned long long)raw);
    descriptor_odd_print(raw, "      ", v->out);
}

/* The entries as they were, one after the other, in place of memory. */
struct replay { const struct fault_way *way; int next; };

static bool entry_again(void *to, u64 at, int bytes, u64 *entry)
{
    struct replay *r = to;
    (void)at, (void)bytes;
    if (r->next >= r->way->steps || (r->way->unread && r->next == r->way->steps - 1))
        return false;
    *entry = r->way->entry[r->next++];
    return true;
}

/* Of a FAULT_PAGE: the walk as it was. */
static void walk_of(const struct fault_record *f, struct walk *w)
{
    const struct fault_way *way = &f->about.way;
    bool in_register = way->form->level[0].in_register;
    u64 e = way->entry[0], registers[4] = { e, e, e, e };
    struct replay r = { way, in_register };
    struct walk_tables t = { .form = way->form, .root = way->root, .registers = registers, .nx = way->nx, .read = entry_again,
                             .read_to = &r };
    walk(&t, (u32)f->cr2, w);
}

/* The first level that refuses, -1: none does. */
static int refusing(const struct fault_view *v, const struct walk *w)
{
    const struct fault_about *a = &v->f->about;
    if (w->end != WALK_PAGE)
        return w->steps - 1;
    for (int k = 0; k < w->steps; k++) {
        u64 e = w->step[k].entry;
        if (w->step[k].level->in_register)
            continue;
        bool no_write = !(e & PTE_W) && (a->user || cpu_get(v->cpu, "cr0") & CR0_WP);
        bool no_fetch = w->form->has_nx && (e & PTE_NX);
        if ((a->user && !(e & PTE_U)) || (a->access == FAULT_WRITE && no_write) || (a->access == FAULT_FETCH && no_fetch))
            return k;
    }
    return -1;
}

static void refusal_print(const struct fault_view *v, const struct walk *w, int k)
{
    const struct fault_about *a = &v->f->about;
    const struct walk_step *s = &w->step[k];
    u64 first = (u32)v->f->cr2 >> s->level->shift << s->level->shift;
    fprintf(v->out, "    the %s refuses: ", s->level->name);
    if (w->end == WALK_NOT_PRESENT)
        fprintf(v->out, "its entry is %s for all of %08llx-%08llx\n", s->entry ? "not present" : "zero", (unsigned long long)first,
                (unsigned long long)first + (1ull << s->level->shift) - 1);
    else if (w->end == WALK_RESERVED)
        fprintf(v->out, "bits %llx of its entry are reserved, but set\n", (unsigned long long)s->reserved);
    else if (w->end == WALK_NO_MEMORY)
        fputs("its entry lies where there is no memory\n", v->out);
    else if (a->user && !(s->entry & PTE_U))
        fputs("its entry is the supervisor's, and the access is user code's\n", v->out);
    else if (a->access == FAULT_WRITE && !(s->entry & PTE_W))
        fprintf(v->out, "its entry is read only%s\n", a->user ? "" : ", for the supervisor too: CR0.WP is set");
    else
        fputs("its entry has NX set\n", v->out);
}

static void page_met(const struct fault_view *v)
{
    const struct fault_about *a = &v->f->about;
    struct walk way, *w = &way;
    walk_of(v->f, w);
    int k = refusing(v, w);
    fprintf(v->out, "    %s of linear %08x with the rights of %s; CR3 %08x, %s\n", access_names[a->access], (u32)v->f->cr2,
            a->user ? "user code" : "the supervisor", (u32)v->f->cr3, w->form->name);
    for (int n = 0; n < w->steps; n++) {
        const struct walk_step *s = &w->step[n];
        fprintf(v->out, "      %s entry %u", s->level->name, s->index);
        if (!s->level->in_register)
            fprintf(v->out, " at %llx", (unsigned long long)s->at);
        fputs(": ", v->out);
        page_entry_print(w, n, v->out);
        fputc('\n', v->out);
    }
    if (k >= 0)
        refusal_print(v, w, k);
    if (a->cached && !tlb_agrees(&a->held, w)) {
        fputs("    ", v->out);
        tlb_stale_print(&a->held, w, v->out);
        if (k < 0)
            fputs("    the tables allow the access: what the TLB held refused it\n", v->out);
    } else if (k < 0) {
        fputs("    the tables allow the access now\n", v->out);
    }
}

void fault_met_print(const struct fault_view *v)
{
    switch (v->f->about.what) {
    case FAULT_DESCRIPTOR:
        descriptor_met(v);
        break;
    case FAULT_SEGMENT:
        segment_met(v);
        break;
    case FAULT_PAGE:
        page_met(v);
        break;
    default:
        break;
    }
}
