/* walk.c - the way of a linear address through the page tables, in words.
 * Here: what is in memory now, by the processor's own walker (cpu/mmu/walk.h). The TLB may still hold something older. */
#include "explain.h"
#include "../../cpu/mmu/walk.h"

static const struct register_bit low_bits[] = {
    { PTE_A, "accessed" }, { PTE_D, "dirty" }, { PTE_G, "global" }, { PTE_PWT, "PWT" }, { PTE_PCD, "PCD" }, { PTE_NX, "NX" }, { 0, NULL }
};

static void leads_to_print(const struct walk_step *s, FILE *out)
{
    if (!s->page)
        fputs("page table", out);
    else if (s->page >= 1 << 20)
        fprintf(out, "%llu MB page", (unsigned long long)(s->page >> 20));
    else
        fputs("page", out);
}

void page_entry_print(const struct walk *w, int k, FILE *out)
{
    const struct walk_step *s = &w->step[k];
    u64 named = s->entry & (PTE_A | PTE_PWT | PTE_PCD | PTE_NX | (s->page ? PTE_D | PTE_G : 0));
    fprintf(out, "%0*llx", 2 * w->form->entry_bytes, (unsigned long long)s->entry);
    if (!(s->entry & PTE_P)) {
        fputs("  not present", out);
        return;
    }
    fprintf(out, "  -> %llx ", (unsigned long long)(s->entry & w->form->address));
    leads_to_print(s, out);
    fprintf(out, ", %s, %s", s->entry & PTE_W ? "writable" : "read only", s->entry & PTE_U ? "user" : "supervisor");
    fputs(named ? " [" : "", out);
    bits_print(named, low_bits, out);
    fputs(named ? " ]" : "", out);
}

static void step_print(const struct walk *w, int k, FILE *out)
{
    const struct walk_step *s = &w->step[k];
    bool last = k == w->steps - 1;
    if (s->level->in_register) {
        fprintf(out, "  %s %u: %016llx%s\n", s->level->name, s->index, (unsigned long long)s->entry,
                s->entry & PTE_P ? "" : "  not present");
    } else {
        fprintf(out, "  %-9s entry %3u at %llx: ", s->level->name, s->index, (unsigned long long)s->at);
        if (last && w->end == WALK_NO_MEMORY) {
            fputs("no memory there\n", out);
            return;
        }
        page_entry_print(w, k, out);
        fputc('\n', out);
    }
    if (last && w->end == WALK_NOT_PRESENT)
        fputs("    the walk ends here: every access raises #PF with P = 0\n", out);
    if (s->reserved == PTE_NX)
        fputs("    bit 63 is reserved while EFER.NXE is clear: any use faults\n", out);
    else if (s->reserved)
        fprintf(out, "    reserved bits %llx are set: any use faults\n", (unsigned long long)s->reserved);
}

void walk_print(struct cpu *cpu, u64 linear, FILE *out)
{
    struct walk w;
    u64 physical = 0;
    linear = (u32)linear;
    if (!paging_look(cpu, linear, &w)) {
        cpu_translate_peek(cpu, linear, &physical);
        fprintf(out, "linear %08llx: paging is off, physical %llx\n", (unsigned long long)linear, (unsigned long long)physical);
        return;
    }
    fprintf(out, "linear %08llx, CR3 %08x, %s\n", (unsigned long long)linear, (u32)cpu_get(cpu, "cr3"), w.form->name);
    for (int k = 0; k < w.steps; k++)
        step_print(&w, k, out);
    if (w.end != WALK_PAGE)
        return;
    fprintf(out, "  physical %llx, together: %s, %s%s\n", (unsigned long long)(w.physical | (linear & 0xfff)),
            w.w ? "writable" : cpu_get(cpu, "cr0") & CR0_WP ? "read only (for the supervisor too: CR0.WP)"
            : "read only for user mode (CR0.WP is clear)", w.u ? "user and supervisor" : "supervisor only", w.nx ? ", not executable" : "");
}
