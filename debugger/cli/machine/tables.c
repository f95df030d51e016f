/* tables.c - the debugger's commands for descriptor tables and task-state segments.
 * Follows: Intel SDM Vol. 3A "Protected-Mode Memory Management", "Interrupt Descriptor Table", "Task-State Segment". */
#include "../parts.h"
#include "../../core/explain.h"
#include "../../../cpu/descriptor.h"

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
    table_print(d, "GDT", cpu_get(d->cpu, "gdtr.base"), (u32)cpu_get(d->cpu, "gdtr.limit"), false, argc, argv);
}

void do_ldt(struct debugger *d, int argc, char **argv)
{
    const struct segment *s = cpu_segment(d->cpu, SEGMENT_LDTR);
    if (!s->access)
        fputs("LDTR is null: there is no local descriptor table\n", d->out);
    else
        table_print(d, "LDT", s->base, s->limit, true, argc, argv);
}

/* The linear address that a gate, or a vector of real mode, leads to. */
static u64 gate_target(struct cpu *cpu, bool real, const u8 *bytes)
{
    u64 raw = get64(bytes), code;
    if (real)
        return (u32)get16(bytes + 2) * 16 + get16(bytes);
    return (u32)(gate_offset(raw) + (cpu_descriptor(cpu, gate_selector(raw), &code) ? raw_base(code) : 0));
}

void do_idt(struct debugger *d, int argc, char **argv)
{
    struct cpu *cpu = d->cpu;
    u32 base = (u32)cpu_get(cpu, "idtr.base"), limit = (u32)cpu_get(cpu, "idtr.limit");
    bool real = !(cpu_get(cpu, "cr0") & CR0_PE);
    u32 size = real ? 4 : 8;
    u64 only = 0;
    if (argc > 1 && !expression_value(d, argv[1], 16, &only))
        return;
    fprintf(d->out, "IDT base %08x limit %04x\n", base, limit);
    for (u32 v = 0; v < 256 && v * size + size - 1 <= limit; v++) {
        u8 bytes[8] = { 0 };
        if (argc > 1 && v != only)
            continue;
        if (!cpu_peek(cpu, base + v * size, bytes, size)) {
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
        name_print(d->symbols, cpu, gate_target(cpu, real, bytes), "  ", "", d->out);
        fprintf(d->out, "  %s\n", v < 20 ? vector_title((int)v) : "");
    }
}

void do_tss(struct debugger *d, int argc, char **argv)
{
    const struct segment *tr = cpu_segment(d->cpu, SEGMENT_TR);
    bool wide = descriptor_of_access(tr->access).bits == 32;
    int column = 0;
    (void)argc;
    (void)argv;
    fputs("TR   ", d->out);
    segment_print(tr, d->out);
    if (!tr->access || !(cpu_get(d->cpu, "cr0") & CR0_PE))
        return;
    for (const struct tss_field *f = tss_fields; f->name; f++) {
        u8 bytes[4] = { 0 }, size = wide ? f->bytes32 : f->bytes16;
        u32 at = wide ? f->at32 : f->at16;
        if (!size)
            continue;
        bool there = at + size - 1u <= tr->limit && cpu_peek(d->cpu, (u32)(tr->base + at), bytes, size);
        fprintf(d->out, "%-8s", f->name + (!wide && f->name[0] == 'E' && f->bytes32 == 4));
        if (there)
            fprintf(d->out, "%0*x%*s", size * 2, get32(bytes), 12 - size * 2, "");
        else
            fprintf(d->out, "%-12s", "--");
        if (++column % 4 == 0)
            fputc('\n', d->out);
    }
    fputc('\n', d->out);
    if (wide)
        tss_tell(d->cpu, d->out);
}

static bool one_value(struct debugger *d, int argc, char **argv, const char *what, u64 most, u64 *v)
{
    if (argc < 2)
        refuse(d, "which %s?", what);
    else if (!expression_value(d, argv[1], 16, v))
        return false;
    else if (*v > most)
        refuse(d, "%s %llx: at most %llx", what, (unsigned long long)*v, (unsigned long long)most);
    else
        return true;
    return false;
}

void do_desc(struct debugger *d, int argc, char **argv)
{
    u64 selector;
    if (one_value(d, argc, argv, "selector", 0xffff, &selector))
        descriptor_tell(d->cpu, (u16)selector, d->out);
}

void do_gate(struct debugger *d, int argc, char **argv)
{
    u64 vector;
    if (one_value(d, argc, argv, "vector", 0xff, &vector))
        gate_tell(d->cpu, (int)vector, d->out);
}

void do_tlb(struct debugger *d, int argc, char **argv)
{
    u64 linear;
    if (argc < 2)
        tlb_print(d->cpu, d->out);
    else if (expression_address(d, argv[1], &linear))
        tlb_tell(d->cpu, linear, d->out);
}

void do_page(struct debugger *d, int argc, char **argv)
{
    u64 linear;
    if (argc < 2) {
        refuse(d, "which address?");
    } else if (expression_address(d, argv[1], &linear)) {
        walk_print(d->cpu, linear, d->out);
        if (cpu_get(d->cpu, "cr0") & CR0_PG)
            tlb_tell(d->cpu, linear, d->out);
    }
}

void do_walk(struct debugger *d, int argc, char **argv)
{
    u64 linear;
    if (argc < 2)
        refuse(d, "which address?");
    else if (expression_address(d, argv[1], &linear))
        walk_print(d->cpu, linear, d->out);
}
