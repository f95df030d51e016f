/* likely.c - the reason behind an exception, as far as what it left shows one: guesses, each with the evidence in its words. See
 * fault.h. Follows: Intel SDM Vol. 2 "CALL", "RET", "IRET"; Vol. 3A "Error Code", "Stack Switching". */
#include "fault.h"
#include "../core/disasm.h"
#include "../core/names.h"
#include "../../cpu/descriptor.h"

static u32 stack_linear(const struct fault_record *f)
{
    return (u32)(f->ss_base + (f->stack_bits == 32 ? (u32)f->esp : (u16)f->esp));
}

/* ---- what a return popped ---- */

static bool by_frame(const struct fault_view *v)
{
    int size, other;
    u32 word;
    if (fault_insn(v->f, &size) != INSN_IRET || v->f->event || fault_frame_at(v, 0, size))
        return false;
    other = size == 4 ? 2 : 4;
    for (int k = 1; k <= 12; k++) {
        if (!fault_frame_at(v, k * size, size))
            continue;
        fault_word_at(v, 0, size, &word);
        if (k == 1 && word <= 0xffff)
            fprintf(v->out, "    likely: the words above %04x are an EIP and CS: error code left on the stack?\n", word);
        else
            fprintf(v->out, "    likely: %d word%s higher stand an EIP, CS and EFLAGS: pushed by the handler and not popped?\n", k,
                    k == 1 ? "" : "s");
        return true;
    }
    if (fault_frame_at(v, 0, other)) {
        fprintf(v->out, "    likely: the frame is one of %d-bit words, and this IRET pops %d-bit ones\n", other * 8, size * 8);
        return true;
    }
    for (int k = 1; k <= 8; k++)
        if (fault_frame_at(v, -k * size, size)) {
            fprintf(v->out, "    likely: %d word%s lower stand an EIP, CS and EFLAGS: more popped than pushed?\n", k, k == 1 ? "" : "s");
            return true;
        }
    fputs("    likely: no EIP, CS and EFLAGS stand around here: is SS:ESP where the handler was entered?\n", v->out);
    return true;
}

/* ---- how it came here ---- */

/* The CALL that ends at a linear address: its length, 0 if there is none. SDM Vol. 2 "CALL": E8, FF /2. */
static int call_before(const struct fault_view *v, u32 linear, char *text, size_t n)
{
    static const u8 lengths[] = { 5, 2, 3, 6, 7, 4 };
    for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
        u8 b[8] = { 0 };
        int len = lengths[k], at = 0;
        if (!cpu_peek(v->cpu, (u32)(linear - (u32)len), b, (size_t)len))
            continue;
        while (at < len - 1 && (b[at] == 0x66 || b[at] == 0x2e))
            at++;
        if (b[at] != 0xe8 && !(b[at] == 0xff && (b[at + 1] >> 3 & 7) == 2))
            continue;
        if (disasm_text(b, (size_t)len, linear - (u32)len - v->f->cs_base, v->f->bits, text, n) == len)
            return len;
    }
    return 0;
}

/* It tried to run what is not there. */
static bool wild(const struct fault_record *f)
{
    bool zeros = f->vector == EXC_PF && f->length > 1 && !f->bytes[0] && !f->bytes[1];
    bool ud2 = f->length > 1 && f->bytes[0] == 0x0f && f->bytes[1] == 0x0b;
    if (f->about.access == FAULT_FETCH && (f->about.what == FAULT_PAGE || f->about.what == FAULT_SEGMENT))
        return true;
    return (f->vector == EXC_UD && !ud2) || zeros;
}

static bool paging_began(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    u8 b[3];
    u32 at = (u32)(f->cs_base + f->rip);
    if (f->about.what != FAULT_PAGE || f->about.access != FAULT_FETCH || !space_peek(cpu_memory(v->cpu), at - 3, b, 3)
        || b[0] != 0x0f || b[1] != 0x22 || (b[2] >> 3) != 0x18)
        return false;
    fprintf(v->out, "    likely: the MOV to CR0 before this turned paging on, and the tables do not map the code that runs (%08x)\n", at);
    return true;
}

static bool by_way(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    int size = f->bits == 32 ? 4 : 2, len;
    u32 word, eip = (u32)(f->about.what == FAULT_SEGMENT && f->about.access == FAULT_FETCH ? f->about.offset : f->rip);
    char text[120];
    if (f->event || !wild(f))
        return false;
    if (paging_began(v))
        return true;
    if (fault_word_at(v, -size, size, &word) && word == (size == 4 ? eip : (eip & 0xffff)) && eip) {
        fprintf(v->out, "    likely: a RET took this EIP from the stack, where %0*x stands at SS:ESP-%d: no return address\n", 2 * size,
                word, size);
        return true;
    }
    if (!fault_word_at(v, 0, size, &word) || !(len = call_before(v, (u32)(f->cs_base + word), text, sizeof text)))
        return false;
    fprintf(v->out, "    likely: %s at %04x:%08x", text, f->cs, word - (u32)len);
    name_print(v->symbols, v->cpu, (u32)(f->cs_base + word - (u32)len), " ", "", v->out);
    fprintf(v->out, " came here%s\n", eip ? ": is that a function?" : ": a null pointer was called");
    return true;
}

/* ---- stacks ---- */

static bool by_stack(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    u32 top = stack_linear(f);
    bool page = f->about.what == FAULT_PAGE && f->about.access == FAULT_WRITE;
    if (f->event && f->cpl && page && !f->about.user) {
        fputs("    likely: ESP0 of the TSS leads to no stack: set it to the end of one that is mapped before ring 0 is left\n", v->out);
        return true;
    }
    if ((page && (u32)f->cr2 < top && top - (u32)f->cr2 <= 0x100) || (f->about.what == FAULT_SEGMENT && f->about.n == SS
        && f->about.access == FAULT_WRITE)) {
        fputs("    likely: the stack has run out: ", v->out);
        fprintf(v->out, page ? "the page below SS:ESP is not there to be written%s\n" : "a push lies outside its segment%s\n",
                f->event ? ", so nothing can be delivered on it; a task gate for #DF would bring a stack of its own" : "");
        return true;
    }
    return false;
}

struct place { const char *name; u32 first, last; };

static bool tables_near(const struct fault_view *v)
{
    const struct segment *tr = cpu_segment(v->cpu, SEGMENT_TR);
    const struct place places[] = {
        { "IDT", (u32)cpu_get(v->cpu, "idtr.base"), (u32)(cpu_get(v->cpu, "idtr.base") + cpu_get(v->cpu, "idtr.limit")) },
        { "GDT", (u32)cpu_get(v->cpu, "gdtr.base"), (u32)(cpu_get(v->cpu, "gdtr.base") + cpu_get(v->cpu, "gdtr.limit")) },
        { "TSS", (u32)tr->base, (u32)tr->base + tr->limit },
    };
    u32 at = stack_linear(v->f);
    u64 physical;
    bool told = false;
    if (!(cpu_get(v->cpu, "cr0") & CR0_PE))
        return false;
    for (size_t k = 0; k < ARRAY_LEN(places); k++) {
        const struct place *p = &places[k];
        bool broken = v->f->about.what == FAULT_GATE ? k == 0 : v->f->about.what == FAULT_DESCRIPTOR && k == (v->f->event ? 0 : 1);
        if (k == 2 && (!(tr->access & SEG_P) || selector_null(tr->selector)))
            continue;
        if (at >= p->first && at <= p->last)
            fprintf(v->out, "    likely: SS:ESP, linear %08x, lies in the %s (%08x-%08x): the stack has run into it\n", at, p->name,
                    p->first, p->last);
        else if (broken && v->f->gate && p->first > at && p->first - at < 0x1000)
            fprintf(v->out, "    likely: the %s begins %x bytes above SS:ESP, linear %08x: has the stack run through it?\n", p->name,
                    p->first - at, at);
        else
            continue;
        told = true;
    }
    if ((cpu_get(v->cpu, "cr0") & CR0_PG) && cpu_translate_peek(v->cpu, at, &physical) && !((physical ^ v->f->cr3) >> 12)) {
        fprintf(v->out, "    likely: SS:ESP, linear %08x, lies in the page directory: the stack has run into it\n", at);
        told = true;
    }
    return told;
}

/* ---- pointers ---- */

static bool by_null(const struct fault_view *v)
{
    const struct fault_record *f = v->f;
    if (f->about.what == FAULT_SEGMENT && !f->about.segment.access)
        fputs("    likely: it was never loaded with a data selector, or a return to an outer ring has cleared it\n", v->out);
    else if (f->about.what == FAULT_PAGE && f->about.access != FAULT_FETCH && (u32)f->cr2 < 0x1000)
        fputs("    likely: a null pointer\n", v->out);
    else if (f->length > 3 && !f->bytes[0] && !f->bytes[1] && !f->bytes[2] && !f->bytes[3])
        fputs("    likely: these are no instructions: all zero\n", v->out);
    else if (f->vector == EXC_UD && f->length > 1 && f->bytes[0] == 0x0f && f->bytes[1] == 0x0b)
        fputs("    likely: the program stops itself: UD2 has no other use\n", v->out);
    else
        return false;
    return true;
}

void fault_likely_print(const struct fault_view *v)
{
    static bool (*const guesses[])(const struct fault_view *v) = { tables_near, by_frame, by_way, by_stack, by_null };
    for (size_t k = 0; k < ARRAY_LEN(guesses); k++)
        if (guesses[k](v))
            return;
}
