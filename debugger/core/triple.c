/* triple.c - the triple-fault report: a fault, a second one while the first was delivered, and a third while the double
 * fault was, so that the processor shut down.
 * Follows: Intel SDM Vol. 3A "Interrupt 8 - Double Fault Exception (#DF)", "Error Code".
 * Here: the chain of faults, each link decoded; a machine that resets and fails again is counted. */
#include "triple.h"
#include "disasm.h"
#include "explain.h"
#include "names.h"
#include "../../cpu/mmu/walk.h"

/* The page entry of a #PF: where the tables still say so, by its level. */
static void page_detail_print(struct cpu *cpu, const struct fault_record *f, FILE *out)
{
    struct walk w = { .steps = 0 };
    if (cpu_get(cpu, "cr3") == f->cr3)
        paging_look(cpu, f->address, &w);
    for (int k = 0; k < w.steps; k++) {
        if (w.step[k].entry == f->detail) {
            fprintf(out, "    %s entry %u: ", w.step[k].level->name, w.step[k].index);
            page_entry_print(&w, k, out);
            return;
        }
    }
    fprintf(out, "    page entry: %llx", (unsigned long long)f->detail);
}

/* The table entry that failed: #PF's is a page entry, the others' a descriptor. */
static void detail_print(struct cpu *cpu, const struct fault_record *f, FILE *out)
{
    if (!f->detail)
        return;
    if (f->vector == EXC_PF) {
        page_detail_print(cpu, f, out);
    } else {
        fprintf(out, "    descriptor %016llx: ", (unsigned long long)f->detail);
        descriptor_print(f->detail, out);
    }
    fputc('\n', out);
}

/* Where it happened: said again only if it is not where the one before happened. */
static void instruction_print(const struct fault_record *f, const struct fault_record *before, struct cpu *cpu,
                        const struct symbols *symbols, FILE *out)
{
    struct disasm_names names = { symbols, names_physical(cpu), f->cs_base };
    char text[200];
    if (before && f->cs == before->cs && f->rip == before->rip && f->esp == before->esp && f->insns == before->insns)
        return;
    fprintf(out, "    CS:EIP %04x:%08x", f->cs, (u32)f->rip);
    place_print(symbols, cpu, (u32)(f->cs_base + f->rip), " ", out);
    fprintf(out, ", SS:ESP %04x:%08x, after %llu instructions\n", f->ss, (u32)f->esp, (unsigned long long)f->insns);
    if (!f->length) {
        fputs("    the instruction could not be read\n", out);
        return;
    }
    int n = disasm_named(f->bytes, f->length, f->rip, f->bits, &names, text, sizeof text);
    fputs("    instruction", out);
    for (int i = 0; i < (n ? n : f->length); i++)
        fprintf(out, " %02x", f->bytes[i]);
    fprintf(out, ": %s\n", text);
}

static void cr2_print(const struct fault_record *f, struct cpu *cpu, const struct symbols *symbols, FILE *out)
{
    fprintf(out, "    CR2 %08x", (u32)f->cr2);
    name_print(symbols, cpu, (u32)f->cr2, " ", "", out);
    fprintf(out, ": the address that was accessed; CR3 %08x\n", (u32)f->cr3);
}

static void fault_print(struct cpu *cpu, const struct fault_record *f, const struct fault_record *before,
                        const struct symbols *symbols, FILE *out)
{
    if (f->vector < 32 && *exception_mnemonic(f->vector))
        fprintf(out, "vector %d, %s, %s", f->vector, exception_mnemonic(f->vector), vector_title(f->vector));
    else
        fprintf(out, "vector %d, %s", f->vector, vector_title(f->vector));
    if (f->has_error && cpu_get(cpu, "cr0") & CR0_PE) {
        fputs(", error code ", out);
        error_code_print(f->vector, f->error, out);
    } else if (f->has_error && f->error & 2) {      /* real mode pushes none, but it tells which vector was asked for */
        fprintf(out, " on the way to vector %d", f->error >> 3 & 0xff);
    }
    fprintf(out, "\n    why: %s\n", f->why ? f->why : "not recorded");
    if (f->vector == EXC_PF)
        cr2_print(f, cpu, symbols, out);
    detail_print(cpu, f, out);
    instruction_print(f, before, cpu, symbols, out);
}

static const char *link_title(u32 i, u32 n, const struct fault_record *f)
{
    if (f->vector == EXC_DF)
        return "The processor gave up on that and raised a double fault instead";
    if (i == 0)
        return "First";
    return i + 1 == n ? "Delivering that failed too, so the processor shut down" : "While that was delivered";
}

void triple_fault_report(struct cpu *cpu, const struct symbols *symbols, FILE *out)
{
    const struct fault_record *chain[FAULT_RECORDS];
    u32 all, n = cpu_faults(cpu, chain, &all);
    if (cpu_shutdown_why(cpu)) {
        fprintf(out, "shutdown: %s.\n", cpu_shutdown_why(cpu));
        n = 0;
    } else {
        fputs("triple fault: an exception could not be delivered, nor the double fault that followed.\n", out);
        if (!n)
            fputs("No exception was recorded.\n", out);
    }
    if (n && all > n)
        fprintf(out, "(the last %u of %u exceptions in a row)\n", n, all);
    for (u32 i = 0; i < n; i++) {
        fprintf(out, "%u. %s: ", i + 1, link_title(i, n, chain[i]));
        fault_print(cpu, chain[i], i ? chain[i - 1] : NULL, symbols, out);
    }
    fputs("Registers:\n", out);
    registers_print(cpu, out);
    segments_print(cpu, out);
    control_print(cpu, out);
}

/* Where the chain began; a shutdown without one by where the processor stands. */
static struct triple_place place_of(const struct cpu *cpu)
{
    const struct fault_record *chain[FAULT_RECORDS];
    u32 all, n = cpu_faults(cpu, chain, &all);
    if (cpu_shutdown_why(cpu) || !n)
        return (struct triple_place) { cpu_eip(cpu), cpu_segment(cpu, CS)->selector, 0xff };
    return (struct triple_place) { chain[0]->rip, chain[0]->cs, chain[0]->vector };
}

static bool seen_before(struct triple_faults *t, struct triple_place p)
{
    for (int k = 0; k < t->places; k++)
        if (t->place[k].rip == p.rip && t->place[k].cs == p.cs && t->place[k].vector == p.vector)
            return true;
    if (t->places == TRIPLE_PLACES)
        return true;
    t->place[t->places++] = p;
    return false;
}

void triple_fault_tell(struct triple_faults *t, struct cpu *cpu, FILE *out)
{
    enum fold_how how = fold_more(&t->fold, 1, 3);
    if (!seen_before(t, place_of(cpu))) {
        if (t->fold.count > 1)
            fprintf(out, "triple fault number %llu, another one:\n", (unsigned long long)t->fold.count);
        triple_fault_report(cpu, t->symbols, out);
        fold_rest(&t->fold);
    } else if (how == FOLD_FULL || (how == FOLD_COUNT && fold_rest(&t->fold))) {
        fprintf(out, "triple fault again: %llu so far, this one as above\n", (unsigned long long)t->fold.count);
    }
}

void triple_fault_total(struct triple_faults *t, FILE *out)
{
    if (fold_rest(&t->fold))
        fprintf(out, "triple faults in all: %llu, of %d kind%s\n", (unsigned long long)t->fold.count, t->places, t->places == 1 ? "" : "s");
}
