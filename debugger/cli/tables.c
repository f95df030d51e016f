/* tables.c - the debugger's commands for descriptor tables and task-state segments.
 * Follows: Intel SDM Vol. 3A "Protected-Mode Memory Management", "Interrupt Descriptor Table", "Task-State Segment". */
#include "parts.h"
#include "../core/explain.h"

static void table_print(struct debugger *d, const char *name, u64 base, u32 limit, bool ldt, int argc, char **argv)
{
    u64 only = 0;
    if (argc > 1 && !expression_value(d, argv[1], 16, &only))
        return;
    fprintf(d->out, "%s base %08x limit %04x\n", name, (u32)base, limit);
    for (u32 at = 0; (u64)at + 7 <= limit; at += 8) {
        u8 bytes[8];
        bool there = cpu_peek(d->cpu, (u32)(base + at), bytes, 8);
        if (argc > 1 ? at != (only & 0xfff8) : there && !get64(bytes))
            continue;
        fprintf(d->out, "%04x  ", at | (ldt ? 4 : 0));
        if (!there) {
            fputs("not mapped\n", d->out);
            if (argc < 2)
                return;
            continue;
        }
        fprintf(d->out, "%016llx  ", (unsigned long long)get64(bytes));
        descriptor_print(get64(bytes), d->out);
        fputc('\n', d->out);
    }
}

void do_gdt(struct debugger *d, int argc, char **argv)
{
    table_print(d, "GDT", d->cpu->s.gdtr.base, d->cpu->s.gdtr.limit, false, argc, argv);
}

void do_ldt(struct debugger *d, int argc, char **argv)
{
    const struct segment *s = &d->cpu->s.ldtr;
    if (!s->access)
        fputs("LDTR is null: there is no local descriptor table\n", d->out);
    else
        table_print(d, "LDT", s->base, s->limit, true, argc, argv);
}

void do_idt(struct debugger *d, int argc, char **argv)
{
    struct cpu *cpu = d->cpu;
    bool real = !(cpu->s.cr0 & CR0_PE);
    u32 size = real ? 4 : 8;
    u64 only = 0;
    if (argc > 1 && !expression_value(d, argv[1], 16, &only))
        return;
    fprintf(d->out, "IDT base %08x limit %04x\n", (u32)cpu->s.idtr.base, cpu->s.idtr.limit);
    for (u32 v = 0; v < 256 && v * size + size - 1 <= cpu->s.idtr.limit; v++) {
        u8 bytes[8] = { 0 };
        if (argc > 1 && v != only)
            continue;
        if (!cpu_peek(cpu, (u32)(cpu->s.idtr.base + v * size), bytes, size)) {
            fprintf(d->out, "%02x  not mapped\n", v);
            continue;
        }
        if (!get64(bytes) && argc < 2)
            continue;
        fprintf(d->out, "%02x  ", v);
        if (real)
            fprintf(d->out, "%04x:%04x", get16(bytes + 2), get16(bytes));
        else
            descriptor_print(get64(bytes), d->out);
        fprintf(d->out, "  %s\n", v < 20 ? vector_title((int)v) : "");
    }
}

struct tss_field { const char *name; u8 at, size; };

/* SDM Vol. 3A "32-Bit Task-State Segment (TSS)" and "16-Bit Task-State Segment (TSS)". */
static const struct tss_field tss32[] = {
    { "link", 0, 2 }, { "ESP0", 4, 4 }, { "SS0", 8, 2 }, { "ESP1", 12, 4 }, { "SS1", 16, 2 }, { "ESP2", 20, 4 }, { "SS2", 24, 2 },
    { "CR3", 28, 4 }, { "EIP", 32, 4 }, { "EFLAGS", 36, 4 }, { "EAX", 40, 4 }, { "ECX", 44, 4 }, { "EDX", 48, 4 }, { "EBX", 52, 4 },
    { "ESP", 56, 4 }, { "EBP", 60, 4 }, { "ESI", 64, 4 }, { "EDI", 68, 4 }, { "ES", 72, 2 }, { "CS", 76, 2 }, { "SS", 80, 2 },
    { "DS", 84, 2 }, { "FS", 88, 2 }, { "GS", 92, 2 }, { "LDT", 96, 2 }, { "T", 100, 2 }, { "I/O map", 102, 2 }, { NULL, 0, 0 }
};
static const struct tss_field tss16[] = {
    { "link", 0, 2 }, { "SP0", 2, 2 }, { "SS0", 4, 2 }, { "SP1", 6, 2 }, { "SS1", 8, 2 }, { "SP2", 10, 2 }, { "SS2", 12, 2 },
    { "IP", 14, 2 }, { "FLAGS", 16, 2 }, { "AX", 18, 2 }, { "CX", 20, 2 }, { "DX", 22, 2 }, { "BX", 24, 2 }, { "SP", 26, 2 },
    { "BP", 28, 2 }, { "SI", 30, 2 }, { "DI", 32, 2 }, { "ES", 34, 2 }, { "CS", 36, 2 }, { "SS", 38, 2 }, { "DS", 40, 2 },
    { "LDT", 42, 2 }, { NULL, 0, 0 }
};

void do_tss(struct debugger *d, int argc, char **argv)
{
    const struct segment *tr = &d->cpu->s.tr;
    bool wide = tr->access & 8;
    int column = 0;
    (void)argc;
    (void)argv;
    segment_print("TR", tr, d->out);
    if (!tr->access || !(d->cpu->s.cr0 & CR0_PE))
        return;
    for (const struct tss_field *f = wide ? tss32 : tss16; f->name; f++) {
        u8 bytes[4] = { 0 };
        bool there = f->at + f->size - 1u <= tr->limit && cpu_peek(d->cpu, (u32)(tr->base + f->at), bytes, f->size);
        fprintf(d->out, "%-8s", f->name);
        if (there)
            fprintf(d->out, "%0*x%*s", f->size * 2, get32(bytes), 12 - f->size * 2, "");
        else
            fprintf(d->out, "%-12s", "--");
        if (++column % 4 == 0)
            fputc('\n', d->out);
    }
    fputc('\n', d->out);
}
