/* report.c - differences for people, counters at the end, and one line for programs that quote the result. */
#include "report.h"
#include "../../debugger/core/disasm.h"

enum { BYTES_SHOWN = 8 };

static void print_insn(const struct insn *i, u32 at, bool wide)
{
    char text[120];
    disasm_text(i->bytes, i->length, at, wide ? 32 : 16, text, sizeof text);
    printf("  %08x ", at);
    for (int n = 0; n < i->length; n++)
        printf(" %02x", i->bytes[n]);
    printf("  %s\n", text);
}

static void print_regs(const char *name, const struct regs *s)
{
    static const char *const names[8] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };
    printf("  %-7s", name);
    for (int i = 0; i < 8; i++)
        printf(" %s %08x", names[i], s->gpr[i]);
    printf("\n          eip %08x eflags %08x %s", s->eip, s->eflags, outcome_name(s->outcome));
    if (s->outcome == OUTCOME_PF)
        printf(" at %08x", s->address);
    printf("\n          es %04x cs %04x ss %04x ds %04x fs %04x gs %04x fcw %04x fsw %04x valid %02x",
           s->selector[ES], s->selector[CS], s->selector[SS], s->selector[DS], s->selector[FS], s->selector[GS],
           s->fpu.fcw, s->fpu.fsw, s->fpu.valid);
    for (int i = 0; i < 8; i++)
        printf("%s st%d %04x:%016llx", i % 4 ? "" : "\n         ", i, s->fpu.st[i].se,
               (unsigned long long)s->fpu.st[i].significand);
    putchar('\n');
}

static void print_memory(const u8 *before, const struct image *host, const struct image *ours)
{
    for (int i = 0, shown = 0; i < MEMORY_SIZE && shown < BYTES_SHOWN; i++) {
        u8 h = image_line(host, i / LINE)[i % LINE], o = image_line(ours, i / LINE)[i % LINE];
        if (h != o) {
            printf("  [%08x] before %02x host %02x ours %02x\n", line_address(i / LINE) + (u32)(i % LINE), before[i],
                   h, o);
            shown++;
        }
    }
}

void report(struct lockstep *l, const char *where, int first, int end, const struct regs *host,
            const struct image *host_memory, const struct regs *ours, const struct image *our_memory, u32 flags)
{
    u8 *before;
    if (l->shrinking)
        return;
    printf("DIFFERENCE %s, --seed %llu, sequence %llu\n", where, (unsigned long long)l->seed,
           (unsigned long long)l->sequences);
    for (int i = first; i < end; i++)
        print_insn(&l->steps[i].insn, l->steps[i].before.eip, is_wide(&l->steps[i].before));
    print_regs("before", &l->steps[first].before);
    print_regs("host", host);
    print_regs("ours", ours);
    if (memcmp(&host->fpu, &ours->fpu, sizeof host->fpu))
        printf("  x87 or MMX state differs\n");
    if ((host->eflags ^ ours->eflags) & flags)
        printf("  flags differ: %x\n", (host->eflags ^ ours->eflags) & flags);
    before = xcalloc(1, MEMORY_SIZE);
    memory_before(l, l->steps[first].mark, before);
    print_memory(before, host_memory, our_memory);
    free(before);
    fflush(stdout);
    l->failures++;
}

/* ---- the end ---- */

static void print_faults(const struct lockstep *l)
{
    static const char *const x87[6] = { "invalid", "denormal", "zero divide", "overflow", "underflow", "precision" };
    printf("lockstep: faults:");
    for (int i = 1; i <= OUTCOME_OTHER; i++)
        printf(" %s %llu", outcome_name((enum outcome)i), (unsigned long long)l->faults[i]);
    printf("\nlockstep: unmasked x87 exceptions raised:");
    for (int i = 0; i < 6; i++)
        printf(" %s %llu", x87[i], (unsigned long long)l->unmasked[i]);
    putchar('\n');
}

int report_end(struct lockstep *l, int replayed, bool verbose)
{
    print_faults(l);
    printf("lockstep: %llu sequences, %llu of them with loops, %llu not run whole (no end in sight)\n",
           (unsigned long long)l->sequences, (unsigned long long)l->looped, (unsigned long long)l->cut);
    printf("lockstep: %d regressions replayed\n", replayed);
    for (int i = 0; i < allowance_count(); i++)
        printf("lockstep: %8llu as processors may: %s\n", (unsigned long long)l->excused[i], allowance_why(i));
    if (l->judge.long_mode)
        printf("lockstep: no 32-bit code here: instructions that 64-bit code can stand for\n");
    if (!l->host.segments)
        printf("lockstep: no local descriptor table here: flat segments only\n");
    int missing = encodings_report(&l->g.encodings, l->g.segments, verbose);
    printf("lockstep: %llu instructions, seed %llu, %llu differences, host: %s\n", (unsigned long long)l->done,
           (unsigned long long)l->seed, (unsigned long long)l->failures,
           l->judge.brand[0] ? l->judge.brand : "unknown");
    return missing;
}

static int encodings_ran(const struct encodings *e)
{
    int ran = 0;
    for (int i = 0; i < e->count; i++)
        ran += e->list[i].made[0] || e->list[i].made[1];
    return ran;
}

void report_file(struct lockstep *l, const char *path, int cases)
{
    char processor[200];
    processor_print(&l->judge, processor, sizeof processor);
    print_faults(l);
    for (int i = 0; i < allowance_count(); i++) {
        if (l->excused[i])
            printf("lockstep: %8llu as processors may: %s\n", (unsigned long long)l->excused[i], allowance_why(i));
    }
    if (cases)
        printf("lockstep: %d cases of %s, each from cold and from warm caches\n", cases, path);
    else
        printf("lockstep: %s: %llu sequences, %llu not run whole, %d of %d encodings\n", path, (unsigned long long)l->sequences,
               (unsigned long long)l->cut, encodings_ran(&l->g.encodings), l->g.encodings.count);
    printf("lockstep: %llu instructions, %llu differences, as recorded on: %s\n", (unsigned long long)l->done,
           (unsigned long long)l->failures, processor);
}
