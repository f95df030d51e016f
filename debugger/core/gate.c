/* gate.c - one descriptor, or one entry of the interrupt table, in words, with what is odd about it.
 * Follows: Intel SDM Vol. 3A "Segment Descriptors", "Exception- and Interrupt-Handler Procedures", "Protection of Exception- and
 * Interrupt-Handler Procedures". */
#include "explain.h"
#include "../../cpu/descriptor.h"

static bool table_of(const struct cpu *cpu, u16 selector, u64 *base, u32 *limit)
{
    const struct segment *ldt = cpu_segment(cpu, SEGMENT_LDTR);
    bool local = selector & SELECTOR_TI;
    *base = local ? ldt->base : cpu_get(cpu, "gdtr.base");
    *limit = local ? ldt->limit : (u32)cpu_get(cpu, "gdtr.limit");
    return !local || ldt->access;
}

void descriptor_missing_print(const struct cpu *cpu, u16 selector, FILE *out)
{
    u64 base;
    u32 limit;
    if (!table_of(cpu, selector, &base, &limit))
        fputs("LDTR is null: there is no local descriptor table\n", out);
    else if ((selector | 7u) > limit)
        fprintf(out, "beyond the limit of the %s: it ends at %04x, this entry at %04x\n", selector & SELECTOR_TI ? "LDT" : "GDT", limit,
                selector | 7);
    else
        fprintf(out, "not mapped: linear %08x\n", (u32)(base + (selector & ~7u)));
}

static void odd_segment(u64 raw, const struct descriptor_fields *f, const char *before, FILE *out)
{
    bool granular = raw >> 55 & 1, data = f->kind == DESCRIPTOR_DATA, down = data && (f->access & SEG_DC);
    u32 limit = (u32)(raw & 0xffff) | (u32)(raw >> 32 & 0xf0000);
    if (!granular && limit == 0xfffff)
        fprintf(out, "%sodd: G=0, limit fffff: did you mean G=1?\n", before);
    if (granular && limit == 0xffff && f->bits == 16)
        fprintf(out, "%sodd: G=1, limit ffff of a 16-bit segment: did you mean G=0?\n", before);
    if (down && limit == 0xfffff && granular)
        fprintf(out, "%sodd: expand-down with the whole limit: no offset is inside\n", before);
    if (!down && (u64)(u32)f->base + f->limit > 0xffffffff)
        fprintf(out, "%sodd: base and limit together wrap at 4 GB\n", before);
    if (raw >> 53 & 1 && f->kind == DESCRIPTOR_CODE)
        fprintf(out, "%sodd: L, bit 53, is set: 64-bit code on this processor is not\n", before);
}

static void odd_system(const struct descriptor_fields *f, const char *before, FILE *out)
{
    if (f->kind == DESCRIPTOR_TSS && f->limit < (f->bits == 32 ? 0x67u : 0x2bu))
        fprintf(out, "%sodd: a %d-bit TSS has %x bytes, its limit is at least %x\n", before, f->bits, f->bits == 32 ? 0x68 : 0x2c,
                f->bits == 32 ? 0x67 : 0x2b);
    if (f->kind == DESCRIPTOR_RESERVED)
        fprintf(out, "%sodd: a reserved type: any use faults\n", before);
    if (f->kind == DESCRIPTOR_INTERRUPT_GATE || f->kind == DESCRIPTOR_TRAP_GATE)
        fprintf(out, "%sodd: such a gate belongs into the IDT\n", before);
}

void descriptor_odd_print(u64 raw, const char *before, FILE *out)
{
    struct descriptor_fields f = descriptor_decode(raw);
    if (f.access & SEG_S)
        odd_segment(raw, &f, before, out);
    else
        odd_system(&f, before, out);
}

void descriptor_tell(struct cpu *cpu, u16 selector, FILE *out)
{
    u64 raw;
    selector_print(selector, out);
    fputs(": ", out);
    if (selector_null(selector)) {
        fputs("null: any use but a load into DS, ES, FS or GS faults\n", out);
        return;
    }
    if (!cpu_descriptor(cpu, selector, &raw)) {
        descriptor_missing_print(cpu, selector, out);
        return;
    }
    struct descriptor_fields f = descriptor_decode(raw);
    descriptor_print(raw, out);
    if (!raw) {
        fputs(": all zero, a load raises #GP\n", out);
        return;
    }
    fprintf(out, "\n  %016llx:", (unsigned long long)raw);
    if (descriptor_is_gate(f.kind))
        fprintf(out, " offset %x, selector %04x", (u32)f.offset, f.selector);
    else
        fprintf(out, " base %08x, limit %05x, G=%d -> %llx bytes", (u32)f.base, (u32)(raw & 0xffff) | (u32)(raw >> 32 & 0xf0000),
                (int)(raw >> 55 & 1), (unsigned long long)f.limit + 1);
    if (f.access & SEG_S)
        fprintf(out, ", D/B=%d, AVL=%d", (int)(raw >> 54 & 1), (int)(raw >> 52 & 1));
    fprintf(out, ", P=%d, DPL=%d, S=%d, type %x\n", raw_present(raw), raw_dpl(raw), !raw_system(raw), raw_type(raw));
    descriptor_odd_print(raw, "  ", out);
    if (!raw_present(raw))
        fputs("  not present: a load raises #NP (SS: #SS)\n", out);
}

void code_segments_print(struct cpu *cpu, FILE *out)
{
    u64 raw;
    int n = 0;
    for (u32 selector = 8; selector < 0x10000 && cpu_descriptor(cpu, (u16)selector, &raw); selector += 8)
        if (raw_code(raw) && n++ < 8)
            fprintf(out, n > 1 ? ", %04x" : "code segments here: %04x", selector);
    fputs(n ? "\n" : "there is no code segment in the GDT\n", out);
}

/* "Protection of ...": what delivery looks at, in its order. False: it refuses. */
static bool let_through(struct cpu *cpu, const struct descriptor_fields *gate, u64 raw_gate, FILE *out)
{
    u64 raw;
    u32 cpl = (u32)cpu_get(cpu, "cpl");
    bool present = raw_present(raw_gate), task = gate->kind == DESCRIPTOR_TASK_GATE;
    if (!present)
        fputs("  refused: the gate is not present (#NP)\n", out);
    if (selector_null(gate->selector))
        return fputs("  refused: null selector\n", out), false;
    if (!cpu_descriptor(cpu, gate->selector, &raw)) {
        fprintf(out, "  refused: selector %04x is ", gate->selector);
        descriptor_missing_print(cpu, gate->selector, out);
        return false;
    }
    struct descriptor_fields f = descriptor_decode(raw);
    fprintf(out, "  through %04x: ", gate->selector);
    descriptor_print(raw, out);
    fputc('\n', out);
    if (task && f.kind != DESCRIPTOR_TSS)
        return fprintf(out, "  refused: selector %04x is no TSS\n", gate->selector), false;
    if (task && (raw_type(raw) & TYPE_BUSY))
        return fputs("  refused: the task is busy (#GP)\n", out), false;
    if (task)
        return present;
    if (!raw_code(raw)) {
        fprintf(out, "  refused: selector %04x is %s; ", gate->selector, raw_system(raw) ? "a system segment" : "data");
        code_segments_print(cpu, out);
        return false;
    }
    if (raw_dpl(raw) > (int)cpl)
        return fprintf(out, "  refused: the handler's ring %d is outside the current one, %u\n", raw_dpl(raw), cpl), false;
    if (!raw_present(raw))
        return fputs("  refused: the code segment is not present (#NP)\n", out), false;
    if (gate->offset > f.limit)
        return fprintf(out, "  refused: offset %x is beyond the code segment's limit %x\n", (u32)gate->offset, (u32)f.limit), false;
    if (gate->bits == 16 && f.bits == 32)
        fputs("  odd: a 16-bit gate pushes words, but its handler is 32-bit code\n", out);
    return present;
}

static void gate_in_idt(struct cpu *cpu, int vector, u64 raw, FILE *out)
{
    struct descriptor_fields f = descriptor_decode(raw);
    fprintf(out, "%02x (%s) -> ", (unsigned)vector, vector < 32 && *exception_mnemonic(vector) ? exception_mnemonic(vector)
            : vector_title(vector));
    descriptor_print(raw, out);
    fprintf(out, "\n  %016llx\n", (unsigned long long)raw);
    if (f.kind != DESCRIPTOR_TASK_GATE && f.kind != DESCRIPTOR_INTERRUPT_GATE && f.kind != DESCRIPTOR_TRAP_GATE) {
        fputs("  refused: not an interrupt, trap or task gate (#GP)\n", out);
        return;
    }
    if (let_through(cpu, &f, raw, out) && f.kind != DESCRIPTOR_TASK_GATE)
        fprintf(out, "  IF %s in the handler; %s an error code\n", f.kind == DESCRIPTOR_INTERRUPT_GATE ? "is clear" : "stays",
                vector == EXC_DF || (vector >= EXC_TS && vector <= EXC_PF) || vector == EXC_AC ? "the exception pushes" : "without");
    if (raw_dpl(raw) < 3)
        fprintf(out, "  INT %02x at CPL %s raises #GP: the gate's DPL is %d\n", (unsigned)vector, raw_dpl(raw) == 2 ? "3" : raw_dpl(raw)
                ? "2 and 3"
                : "1 to 3", raw_dpl(raw));
}

void gate_tell(struct cpu *cpu, int vector, FILE *out)
{
    u64 base = cpu_get(cpu, "idtr.base");
    u32 limit = (u32)cpu_get(cpu, "idtr.limit"), size = cpu_get(cpu, "cr0") & CR0_PE ? 8 : 4, at = (u32)vector * size;
    u8 bytes[8] = { 0 };
    if (at + size - 1 > limit)
        fprintf(out, "%02x: beyond the limit of the %s: it ends at %04x, this entry at %04x\n", (unsigned)vector,
                size == 8 ? "IDT" : "interrupt table", limit, at + size - 1);
    else if (!cpu_peek(cpu, (u32)(base + at), bytes, size))
        fprintf(out, "%02x: not mapped: linear %08x\n", (unsigned)vector, (u32)(base + at));
    else if (size == 4)
        fprintf(out, "%02x -> %04x:%04x, linear %05x\n", (unsigned)vector, get16(bytes + 2), get16(bytes),
                get16(bytes + 2) * 16u + get16(bytes));
    else
        gate_in_idt(cpu, vector, get64(bytes), out);
}

static bool tss_word(struct cpu *cpu, u32 at, int size, u32 *v)
{
    const struct segment *tr = cpu_segment(cpu, SEGMENT_TR);
    u8 bytes[4] = { 0 };
    if (at + (u32)size - 1 > tr->limit || !cpu_peek(cpu, (u32)(tr->base + at), bytes, (size_t)size))
        return false;
    *v = get32(bytes);
    return true;
}

/* "I/O Permission Bit Map": it lies where the word at 66h says, up to the TSS's limit. */
static void io_map_tell(struct cpu *cpu, FILE *out)
{
    u32 map, limit = cpu_segment(cpu, SEGMENT_TR)->limit;
    if (!tss_word(cpu, 102, 2, &map))
        return;
    if (map >= limit)
        fprintf(out, "I/O map at %04x: behind the TSS, whose limit is %x: with CPL above IOPL every port raises #GP\n", map, limit);
    else
        fprintf(out, "I/O map at %04x: bits for ports 0 to %x; the others raise #GP with CPL above IOPL\n", map, (limit - map) * 8 - 1);
}

void tss_tell(struct cpu *cpu, FILE *out)
{
    u32 esp0, ss0;
    u64 raw;
    io_map_tell(cpu, out);
    if (!tss_word(cpu, 4, 4, &esp0) || !tss_word(cpu, 8, 2, &ss0))
        return;
    if (selector_null((u16)ss0) || !cpu_descriptor(cpu, (u16)ss0, &raw)) {
        fprintf(out, "odd: SS0 %04x names no descriptor: an interrupt outside ring 0 raises #TS\n", ss0);
        return;
    }
    if (!raw_writable(raw) || !raw_present(raw) || raw_dpl(raw) || (ss0 & 3))
        fprintf(out, "odd: SS0 %04x is no present writable data segment of ring 0: an interrupt outside ring 0 raises #TS\n", ss0);
    struct descriptor_fields f = descriptor_decode(raw);
    u8 byte;
    u32 top = (u32)(f.base + esp0 - 4);
    if (!cpu_peek(cpu, top, &byte, 1))
        fprintf(out, "odd: the stack for ring 0, %04x:%08x, is not mapped below that (linear %08x)\n", ss0, esp0, top);
}
