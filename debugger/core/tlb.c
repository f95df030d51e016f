/* tlb.c - what the translation lookaside buffer holds, beside what the page tables say now.
 * Follows: Intel SDM Vol. 3A "Caching Translation Information": an entry stays until it is invalidated, whatever memory says. */
#include "explain.h"
#include "../../cpu/mmu/walk.h"

static void rights_print(const struct cpu_translation *t, FILE *out)
{
    fprintf(out, "%s, %s%s%s%s%s", t->writable ? "writable" : "read only", t->user ? "user" : "supervisor", t->no_execute ? ", NX" : "",
            t->global ? ", global" : "", t->dirty ? ", dirty" : "", t->large ? ", of a large page" : "");
}

bool tlb_agrees(const struct cpu_translation *t, const struct walk *w)
{
    return w->end == WALK_PAGE && w->physical == t->physical && w->w == t->writable && w->u == t->user && w->nx == t->no_execute;
}

/* Do the tables say the same now? */
static bool agrees(struct cpu *cpu, const struct cpu_translation *t, struct walk *w)
{
    return paging_look(cpu, t->linear, w) && tlb_agrees(t, w);
}

void tlb_stale_print(const struct cpu_translation *t, const struct walk *w, FILE *out)
{
    fprintf(out, "STALE: the TLB maps %08llx -> %llx (", (unsigned long long)t->linear, (unsigned long long)t->physical);
    rights_print(t, out);
    fputs("), the tables say ", out);
    if (w->end == WALK_NOT_PRESENT)
        fprintf(out, "not present (%s)", w->step[w->steps - 1].level->name);
    else if (w->end != WALK_PAGE)
        fputs(w->end == WALK_RESERVED ? "a reserved bit" : "nothing: no memory", out);
    else
        fprintf(out, "%llx (%s, %s%s)", (unsigned long long)w->physical, w->w ? "writable" : "read only", w->u ? "user" : "supervisor",
                w->nx ? ", NX" : "");
    fputs("; no INVLPG or CR3 load since\n", out);
}

u32 tlb_print_stale(struct cpu *cpu, FILE *out)
{
    struct cpu_translation t;
    struct walk w;
    u32 n = 0;
    for (u32 place = 0; cpu_get(cpu, "cr0") & CR0_PG && cpu_tlb_next(cpu, &place, &t); ) {
        if (agrees(cpu, &t, &w))
            continue;
        tlb_stale_print(&t, &w, out);
        n++;
    }
    return n;
}

static bool paging(const struct cpu *cpu, FILE *out)
{
    bool on = cpu_get(cpu, "cr0") & CR0_PG;
    if (!on)
        fputs("paging is off: linear addresses are physical\n", out);
    return on;
}

void tlb_tell(struct cpu *cpu, u64 linear, FILE *out)
{
    struct cpu_translation t;
    struct walk w;
    linear = (u32)linear & ~0xfffull;
    if (!paging(cpu, out))
        return;
    if (!cpu_tlb_find(cpu, linear, &t)) {
        fprintf(out, "the TLB holds nothing for %08llx: the next access walks the tables\n", (unsigned long long)linear);
    } else if (agrees(cpu, &t, &w)) {
        fprintf(out, "the TLB maps %08llx -> %llx (", (unsigned long long)linear, (unsigned long long)t.physical);
        rights_print(&t, out);
        fputs("), as the tables do\n", out);
    } else {
        tlb_stale_print(&t, &w, out);
    }
}

static int by_linear(const void *a, const void *b)
{
    const struct cpu_translation *x = a, *y = b;
    return x->linear < y->linear ? -1 : x->linear > y->linear;
}

static bool goes_on(const struct cpu_translation *a, const struct cpu_translation *b)
{
    return b->linear == a->linear + 0x1000 && b->physical == a->physical + 0x1000 && a->writable == b->writable && a->user == b->user
        && a->no_execute == b->no_execute && a->global == b->global && a->dirty == b->dirty && a->large == b->large;
}

/* Pages in a row that are mapped alike are a line; stale ones come behind. */
void tlb_print(struct cpu *cpu, FILE *out)
{
    struct cpu_translation *all = NULL, t;
    struct walk w;
    size_t n = 0, stale = 0;
    if (!paging(cpu, out))
        return;
    for (u32 place = 0; cpu_tlb_next(cpu, &place, &t); n++) {
        if (!(n & (n - 1)))
            all = xrealloc(all, (n ? 2 * n : 1) * sizeof *all);
        all[n] = t;
    }
    if (n)
        qsort(all, n, sizeof *all, by_linear);
    for (size_t k = 0, first = 0; k < n; k++) {
        if (k + 1 < n && goes_on(&all[k], &all[k + 1]))
            continue;
        fprintf(out, "%08llx-%08llx -> %llx  ", (unsigned long long)all[first].linear, (unsigned long long)all[k].linear + 0xfff,
                (unsigned long long)all[first].physical);
        rights_print(&all[first], out);
        fputc('\n', out);
        first = k + 1;
    }
    for (size_t k = 0; k < n; k++) {
        if (agrees(cpu, &all[k], &w))
            continue;
        stale++;
        tlb_stale_print(&all[k], &w, out);
    }
    fprintf(out, "%zu pages, %zu of them stale\n", n, stale);
    free(all);
}
