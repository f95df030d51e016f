/* popped.c - what IRET and RET took from the stack, and what stands around it. See fault.h.
 * Follows: Intel SDM Vol. 2 "IRET/IRETD", "RET"; Vol. 1 "EFLAGS Register" (the bits that are always 0 or 1). */
#include "fault.h"
#include "../core/explain.h"
#include "../core/names.h"
#include "../../cpu/descriptor.h"

bool fault_word_at(const struct fault_view *v, int at, int size, u32 *word)
{
    const struct fault_record *f = v->f;
    const u8 *p = at < 0 ? f->below + FAULT_BELOW + at : f->above + at;
    if (at < 0 ? -at > f->below_length || at + size > 0 : at + size > f->above_length)
        return false;
    *word = size == 2 ? get16(p) : get32(p);
    return true;
}

bool fault_frame_at(const struct fault_view *v, int at, int size)
{
    enum { FIXED_0 = 1 << 3 | 1 << 5 | 1 << 15 };
    u32 eip, cs, flags;
    u64 raw;
    u8 byte;
    if (!fault_word_at(v, at, size, &eip) || !fault_word_at(v, at + size, size, &cs) || !fault_word_at(v, at + 2 * size, size, &flags))
        return false;
    if (!(flags & 2) || (flags & FIXED_0) || flags >> 22 || cs > 0xffff)
        return false;
    if (!(cpu_get(v->cpu, "cr0") & CR0_PE) || (v->f->eflags & FLAG_VM))
        return true;
    return cpu_descriptor(v->cpu, (u16)cs, &raw) && raw_code(raw) && raw_present(raw) && eip <= raw_limit(raw)
        && cpu_peek(v->cpu, (u32)(raw_base(raw) + eip), &byte, 1);
}

enum fault_insn fault_insn(const struct fault_record *f, int *size)
{
    int k = 0;
    bool other = false;
    for (; k < f->length && (f->bytes[k] == 0x66 || f->bytes[k] == 0x67 || f->bytes[k] == 0xf2 || f->bytes[k] == 0xf3); k++)
        other |= f->bytes[k] == 0x66;
    *size = (f->bits == 32) != other ? 4 : 2;
    if (k == f->length)
        return INSN_OTHER;
    switch (f->bytes[k]) {
    case 0xcf:
        return INSN_IRET;
    case 0xca: case 0xcb:
        return INSN_RET_FAR;
    case 0xc2: case 0xc3:
        return INSN_RET;
    default:
        return INSN_OTHER;
    }
}

static void word_print(const struct fault_view *v, const char *name, int at, int size, FILE *out)
{
    u32 word;
    if (!fault_word_at(v, at, size, &word))
        fprintf(out, " %s ?", name);
    else
        fprintf(out, " %s %0*x", name, 2 * size, word);
}

void fault_popped_print(const struct fault_view *v)
{
    int size;
    u32 cs, eip;
    enum fault_insn insn = fault_insn(v->f, &size);
    if (v->f->event || insn == INSN_OTHER || (v->f->about.what == FAULT_PAGE && v->f->about.access == FAULT_FETCH))
        return;
    fputs("    popped:", v->out);
    word_print(v, "EIP", 0, size, v->out);
    if (insn != INSN_RET)
        word_print(v, "CS", size, size, v->out);
    if (insn == INSN_IRET)
        word_print(v, "EFLAGS", 2 * size, size, v->out);
    if (insn != INSN_RET && fault_word_at(v, size, size, &cs) && (cs & 3) > v->f->cpl && (cpu_get(v->cpu, "cr0") & CR0_PE)) {
        word_print(v, "ESP", (insn == INSN_IRET ? 3 : 2) * size, size, v->out);
        word_print(v, "SS", (insn == INSN_IRET ? 4 : 3) * size, size, v->out);
    }
    if (fault_word_at(v, 0, size, &eip))
        name_print(v->symbols, v->cpu, (u32)(v->f->cs_base + eip), "; EIP would be ", "", v->out);
    fputs("\n    above them:", v->out);
    for (int k = insn == INSN_IRET ? 3 : insn == INSN_RET ? 1 : 2, n = 0; n < 5; k++, n++)
        word_print(v, "", k * size, size, v->out);
    fputc('\n', v->out);
}
