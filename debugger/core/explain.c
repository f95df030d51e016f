/* explain.c - control registers, flags, segments, descriptors and error codes in words.
 * Follows: Intel SDM Vol. 3A "System Architecture Overview", "Protected-Mode Memory Management", "Error Code".
 * Here: 16- and 32-bit forms. Not yet: 64-bit descriptors. */
#include "explain.h"
#include "../../cpu/descriptor.h"

static const char *const titles[] = {
    "divide error", "debug", "non-maskable interrupt", "breakpoint", "overflow", "BOUND range exceeded", "invalid opcode",
    "no math coprocessor", "double fault", "coprocessor segment overrun", "invalid TSS", "segment not present",
    "stack-segment fault", "general protection", "page fault", "reserved", "x87 floating-point error", "alignment check",
    "machine check",
};

const char *vector_title(int vector)
{
    return vector >= 0 && vector < (int)ARRAY_LEN(titles) ? titles[vector] : "interrupt";
}

void bits_print(u64 value, const struct register_bit *names, FILE *out)
{
    for (; names && names->name; names++) {
        if (value & names->bit)
            fprintf(out, " %s", names->name);
    }
}

static void name_print(const char *name, FILE *out)
{
    for (; *name; name++)
        fputc(is_letter(*name) ? *name & ~0x20 : *name, out);
}

/* "CR0  00000011 [ ET PE ]" */
static void register_print(const struct cpu *cpu, const struct cpu_register *r, FILE *out)
{
    u64 v = register_value(cpu, r);
    name_print(r->name, out);
    fprintf(out, "%*s %0*llx", (int)strlen(r->name) < 4 ? 4 - (int)strlen(r->name) : 0, "", r->bytes == 8 && v >> 32 ? 16 : 8,
            (unsigned long long)v);
    if (r->bits) {
        fputs(" [", out);
        bits_print(v, r->bits, out);
        fputs(" ]", out);
    }
}

static void eflags_print(u64 eflags, FILE *out)
{
    fprintf(out, "%08x [IOPL %d", (u32)eflags, (int)(eflags >> 12 & 3));
    bits_print(eflags, register_find("eflags")->bits, out);
    fputc(']', out);
}

static u32 get(const struct cpu *cpu, const char *name) { return (u32)cpu_get(cpu, name); }

static bool bit(const struct cpu *cpu, const char *name, u64 mask) { return cpu_get(cpu, name) & mask; }

static void tables_print(const struct cpu *cpu, const char *between, FILE *out)
{
    fprintf(out, "GDTR%s base %08x limit %04x%sIDTR%s base %08x limit %04x\n", *between == '\n' ? "      " : "", get(cpu, "gdtr.base"),
            get(cpu, "gdtr.limit"), between, *between == '\n' ? "      " : "", get(cpu, "idtr.base"), get(cpu, "idtr.limit"));
}

void control_print(const struct cpu *cpu, FILE *out)
{
    bool pae = bit(cpu, "cr4", CR4_PAE) && bit(cpu, "cr0", CR0_PG);
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        if (r->group != REGISTERS_CONTROL || (!pae && !strncmp(r->name, "pdpte", 5)))
            continue;
        register_print(cpu, r, out);
        fputc('\n', out);
    }
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        if (r->group != REGISTERS_DEBUG)
            continue;
        name_print(r->name, out);
        fprintf(out, " %08x%s", (u32)register_value(cpu, r), r[1].group == REGISTERS_DEBUG ? "  " : "\n");
    }
    tables_print(cpu, "   ", out);
    fprintf(out, "mode: %s, CPL %u, A20 %s%s\n",
            !bit(cpu, "cr0", CR0_PE) ? "real" : bit(cpu, "eflags", FLAG_VM) ? "virtual-8086" : bit(cpu, "cr0", CR0_PG) ?
            "protected, paging on" : "protected, paging off", get(cpu, "cpl"), get(cpu, "a20") ? "on" : "masked",
            get(cpu, "smm") ? ", in SMM" : "");
}

void registers_print(const struct cpu *cpu, FILE *out)
{
    int column = 0;
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        if (r->group != REGISTERS_GENERAL || r->flags & REGISTER_PART)
            continue;
        name_print(r->name, out);
        fputc(' ', out);
        if (!strcmp(r->name, "eflags"))
            eflags_print(register_value(cpu, r), out);
        else
            fprintf(out, "%08x%s", (u32)register_value(cpu, r), ++column % 4 ? "  " : "\n");
    }
    fprintf(out, "\ninstructions %llu%s\n", (unsigned long long)cpu_insns(cpu),
            get(cpu, "activity") == ACTIVITY_HALTED ? ", halted" : get(cpu, "activity") == ACTIVITY_SHUTDOWN ? ", shut down" : "");
}

void segments_print(const struct cpu *cpu, FILE *out)
{
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        if (r->group != REGISTERS_SEGMENT)
            continue;
        name_print(r->name, out);
        fprintf(out, "%*s ", 4 - (int)strlen(r->name), "");
        segment_print(cpu_segment(cpu, r->n), out);
    }
    tables_print(cpu, "\n", out);
}

static void access_print(const struct descriptor_fields *f, FILE *out)
{
    u16 access = f->access;
    if (f->title)
        fputs(f->title, out);
    else if (f->kind == DESCRIPTOR_CODE)
        fprintf(out, "%d-bit code, %s%s", f->bits, access & SEG_RW ? "readable" : "execute only", access & SEG_DC ? ", conforming" : "");
    else
        fprintf(out, "%d-bit data, %s%s", f->bits, access & SEG_RW ? "writable" : "read only", access & SEG_DC ? ", expand-down" : "");
    if (access & SEG_S && !(access & SEG_ACCESSED))
        fputs(", not accessed", out);
    fprintf(out, ", DPL %d%s", seg_dpl(access), access & SEG_P ? "" : ", not present");
}

void descriptor_print(u64 raw, FILE *out)
{
    struct descriptor_fields f = descriptor_decode(raw);
    if (!raw) {
        fputs("null", out);
        return;
    }
    if (descriptor_is_gate(f.kind))
        fprintf(out, "%04x:%08x ", f.selector, (u32)f.offset);
    else
        fprintf(out, "base %08x limit %08x ", (u32)f.base, (u32)f.limit);
    access_print(&f, out);
    if (f.kind == DESCRIPTOR_CALL_GATE)
        fprintf(out, ", %d parameters", f.parameters);
}

void selector_print(u16 selector, FILE *out)
{
    fprintf(out, "%04x (%s entry %d, RPL %d)", selector, selector & 4 ? "LDT" : "GDT", selector >> 3, selector & 3);
}

void segment_print(const struct segment *s, FILE *out)
{
    struct descriptor_fields f = descriptor_of_access(s->access);
    fprintf(out, "%04x  base %08x limit %08x  ", s->selector, (u32)s->base, s->limit);
    if (!s->access)
        fputs("unusable (null selector)", out);
    else
        access_print(&f, out);
    fputc('\n', out);
}

void error_code_print(int vector, u32 error, FILE *out)
{
    fprintf(out, "%04x", error);
    if (vector == EXC_PF) {
        fprintf(out, " (%s, %s, %s%s%s)", error & 1 ? "protection violation" : "page not present",
                error & 2 ? "write" : error & 16 ? "instruction fetch" : "read", error & 4 ? "user mode" : "supervisor mode",
                error & 8 ? ", reserved bit set" : "", error & 16 && error & 2 ? ", fetch" : "");
        return;
    }
    if (vector == EXC_DF || vector == EXC_AC) {
        fputs(" (always zero)", out);
        return;
    }
    if (!(error & ~1u)) {
        fprintf(out, " (no selector%s)", error & 1 ? "; while an earlier event was delivered" : "");
        return;
    }
    if (error & 2)
        fprintf(out, " (IDT entry %02x", error >> 3 & 0xff);
    else
        fprintf(out, " (selector %04x: %s entry %d", error & 0xfffc, error & 4 ? "LDT" : "GDT", (int)(error >> 3 & 0x1fff));
    fprintf(out, "%s)", error & 1 ? "; while an earlier event was delivered" : "");
}
