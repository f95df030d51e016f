/* triple.c - the triple-fault report: a fault, a second one while the first was delivered, and a third while the double
 * fault was, so that the processor shut down.
 * Follows: Intel SDM Vol. 3A "Interrupt 8 - Double Fault Exception (#DF)", "Error Code".
 * Here: the chain from cpu->faults, each link decoded; a machine that resets and fails again is counted. Not yet: source lines. */
#include "../../cpu/core.h"
#include "triple.h"
#include "disasm.h"
#include "explain.h"

void registers_print(struct cpu *cpu, FILE *out)
{
    static const char *const names[8] = { "EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI" };
    static const u8 order[8] = { EAX, EBX, ECX, EDX, ESI, EDI, EBP, ESP };
    for (int i = 0; i < 8; i++)
        fprintf(out, "%s %08x%s", names[order[i]], (u32)cpu->s.gpr[order[i]], i % 4 == 3 ? "\n" : "  ");
    fprintf(out, "EIP %08x  EFLAGS ", (u32)cpu->s.rip);
    eflags_print(cpu->s.eflags, out);
    fprintf(out, "\ninstructions %llu%s\n", (unsigned long long)cpu_insns(cpu),
            cpu->s.activity == ACTIVITY_HALTED ? ", halted" : cpu->s.activity == ACTIVITY_SHUTDOWN ? ", shut down" : "");
}

void segments_print(struct cpu *cpu, FILE *out)
{
    static const char *const names[SEGMENTS] = { "ES", "CS", "SS", "DS", "FS", "GS" };
    static const u8 order[SEGMENTS] = { CS, SS, DS, ES, FS, GS };
    for (int i = 0; i < SEGMENTS; i++)
        segment_print(names[order[i]], &cpu->s.seg[order[i]], out);
    segment_print("LDTR", &cpu->s.ldtr, out);
    segment_print("TR", &cpu->s.tr, out);
    fprintf(out, "GDTR       base %08x limit %08x\nIDTR       base %08x limit %08x\n", (u32)cpu->s.gdtr.base, cpu->s.gdtr.limit,
            (u32)cpu->s.idtr.base, cpu->s.idtr.limit);
}

/* The table entry that failed: #PF's is a page entry, the others' a descriptor. */
static void detail_print(struct cpu *cpu, const struct fault_record *f, FILE *out)
{
    if (!f->detail)
        return;
    if (f->vector == EXC_PF) {
        bool directory = f->why && strstr(f->why, "director");
        fprintf(out, "    page %s entry: ", directory ? "directory" : "table");
        page_entry_print(cpu, f->detail, directory ? 2 : 1, out);
    } else {
        fprintf(out, "    descriptor %016llx: ", (unsigned long long)f->detail);
        descriptor_print(f->detail, out);
    }
    fputc('\n', out);
}

/* Where it happened: said again only if it is not where the one before happened. */
static void place_print(const struct fault_record *f, const struct fault_record *before, FILE *out)
{
    char text[120];
    if (before && f->cs == before->cs && f->rip == before->rip && f->esp == before->esp && f->insns == before->insns)
        return;
    fprintf(out, "    CS:EIP %04x:%08x, SS:ESP %04x:%08x, after %llu instructions\n", f->cs, (u32)f->rip, f->ss, (u32)f->esp,
            (unsigned long long)f->insns);
    if (!f->length) {
        fputs("    the instruction could not be read\n", out);
        return;
    }
    int n = disasm_text(f->bytes, f->length, f->rip, f->bits, text, sizeof text);
    fputs("    instruction", out);
    for (int i = 0; i < (n ? n : f->length); i++)
        fprintf(out, " %02x", f->bytes[i]);
    fprintf(out, ": %s\n", text);
}

static void fault_print(struct cpu *cpu, const struct fault_record *f, const struct fault_record *before, FILE *out)
{
    if (f->vector < 32 && *exception_mnemonic(f->vector))
        fprintf(out, "vector %d, %s, %s", f->vector, exception_mnemonic(f->vector), vector_title(f->vector));
    else
        fprintf(out, "vector %d, %s", f->vector, vector_title(f->vector));
    if (f->has_error && cpu->s.cr0 & CR0_PE) {
        fputs(", error code ", out);
        error_code_print(f->vector, f->error, out);
    } else if (f->has_error && f->error & 2) {      /* real mode pushes none, but it tells which vector was asked for */
        fprintf(out, " on the way to vector %d", f->error >> 3 & 0xff);
    }
    fprintf(out, "\n    why: %s\n", f->why ? f->why : "not recorded");
    if (f->vector == EXC_PF)
        fprintf(out, "    CR2 %08x: the address that was accessed; CR3 %08x\n", (u32)f->cr2, (u32)f->cr3);
    detail_print(cpu, f, out);
    place_print(f, before, out);
}

static const char *link_title(u32 i, u32 n, const struct fault_record *f)
{
    if (f->vector == EXC_DF)
        return "The processor gave up on that and raised a double fault instead";
    if (i == 0)
        return "First";
    return i + 1 == n ? "Delivering that failed too, so the processor shut down" : "While that was delivered";
}

void triple_fault_report(struct cpu *cpu, FILE *out)
{
    u32 n = cpu->fault_count < FAULT_RECORDS ? cpu->fault_count : FAULT_RECORDS;
    if (cpu->shutdown_why) {
        fprintf(out, "shutdown: %s.\n", cpu->shutdown_why);
        n = 0;
    } else {
        fputs("triple fault: an exception could not be delivered, nor the double fault that followed.\n", out);
        if (!n)
            fputs("No exception was recorded.\n", out);
    }
    if (n && cpu->fault_count > FAULT_RECORDS)
        fprintf(out, "(the last %d of %u exceptions in a row)\n", FAULT_RECORDS, cpu->fault_count);
    for (u32 i = 0; i < n; i++) {
        const struct fault_record *f = &cpu->faults[(cpu->fault_count - n + i) % FAULT_RECORDS];
        fprintf(out, "%u. %s: ", i + 1, link_title(i, n, f));
        fault_print(cpu, f, i ? &cpu->faults[(cpu->fault_count - n + i - 1) % FAULT_RECORDS] : NULL, out);
    }
    fputs("Registers:\n", out);
    registers_print(cpu, out);
    segments_print(cpu, out);
    control_print(cpu, out);
}

/* Where the chain began; a shutdown without one by where the processor stands. */
static struct triple_place place_of(const struct cpu *cpu)
{
    u32 n = cpu->fault_count < FAULT_RECORDS ? cpu->fault_count : FAULT_RECORDS;
    const struct fault_record *f = &cpu->faults[(cpu->fault_count - n) % FAULT_RECORDS];
    if (cpu->shutdown_why || !n)
        return (struct triple_place) { cpu->s.rip, cpu->s.seg[CS].selector, 0xff };
    return (struct triple_place) { f->rip, f->cs, f->vector };
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
        triple_fault_report(cpu, out);
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
