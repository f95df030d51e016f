/* backtrace.c - from frame to frame: by call frame information where the compiler left some, else by EBP. Where a handler in assembly
 * leads to neither, its stack is searched for what the processor pushed when it interrupted: EIP, a code selector, EFLAGS.
 * Follows: Intel SDM Vol. 3A "Exception- or Interrupt-Handler Procedures"; System V ABI, Intel386 supplement, "The Stack Frame". */
#include "backtrace.h"
#include "../../cpu/descriptor.h"
#include "names.h"
#include <stdio.h>

enum { SEARCH_WORDS = 64, FRAME_MOST = 64 << 10, VECTORS = 256 };
#define EFLAGS_FIXED 0xffc0802au                /* bits that are never set, and bit 1, which always is */

static bool read_linear(void *to, u64 address, void *bytes, size_t n) { return cpu_peek(to, (u32)address, bytes, n); }

void frame_top(struct backtrace *b, struct frame *f)
{
    static const char *const names[FRAME_REGISTERS] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip" };
    const struct segment *cs = cpu_segment(b->cpu, CS), *ss = cpu_segment(b->cpu, SS);
    b->memory = (struct debug_memory){ read_linear, b->cpu };
    *f = (struct frame){ .cs = cs->selector, .ss = ss->selector, .cs_base = (u32)cs->base, .ss_base = (u32)ss->base,
                         .bits = cs->access & SEG_DB ? 32 : 16, .how = FRAME_TOP, .exact = true };
    for (int k = 0; k < FRAME_REGISTERS; k++)
        f->state.r[k] = (u32)cpu_get(b->cpu, names[k]);
    f->state.known = (1 << FRAME_REGISTERS) - 1;
}

static u32 linear_ip(const struct frame *f) { return f->cs_base + f->state.r[FRAME_EIP]; }

u64 frame_code(const struct frame *f) { return linear_ip(f) - (f->exact ? 0 : 1); }

const struct symbol_file *frame_file(const struct backtrace *b, const struct frame *f, u64 *address)
{
    const struct symbol_file *file = NULL;
    *address = frame_code(f);
    symbols_at(b->symbols, address, names_physical(b->cpu), &file);
    return file;
}

static bool stack_word(struct backtrace *b, const struct frame *f, u32 at, u32 *v)
{
    u8 bytes[4] = { 0 };
    bool ok = cpu_peek(b->cpu, f->ss_base + at, bytes, f->bits / 8);
    *v = get32(bytes);
    return ok;
}

int frame_int(struct backtrace *b, const struct frame *f)
{
    u8 bytes[2];
    if (!cpu_peek(b->cpu, linear_ip(f) - 2, bytes, 2))
        return -1;
    return bytes[0] == 0xcd ? bytes[1] : bytes[1] == 0xcc ? EXC_BP : -1;
}

/* Does a selector name code that may have been interrupted by code of this one's level? */
static bool code_selector(struct backtrace *b, u32 selector, u32 now, u64 *raw)
{
    return selector <= 0xffff && !selector_null((u16)selector) && (selector & SELECTOR_RPL) >= (now & SELECTOR_RPL) &&
           cpu_descriptor(b->cpu, (u16)selector, raw) && raw_present(*raw) && raw_code(*raw);
}

/* Do three words on the stack look like what an interrupt pushes? */
static bool interrupt_frame(struct backtrace *b, const struct frame *f, u32 at, struct frame *to)
{
    u32 eip, cs, flags, esp, ss;
    u64 raw, stack;
    char name[8];
    if (!stack_word(b, f, at, &eip) || !stack_word(b, f, at + 4, &cs) || !stack_word(b, f, at + 8, &flags) ||
        (flags & EFLAGS_FIXED) != FLAG_1 || flags & FLAG_VM || !code_selector(b, cs, f->cs, &raw))
        return false;
    *to = *f;
    to->how = FRAME_BY_INTERRUPT;
    to->found_at = f->ss_base + at;
    to->cs = (u16)cs;
    to->cs_base = raw_base(raw);
    to->bits = raw >> 54 & 1 ? 32 : 16;
    to->state.r[FRAME_EIP] = eip;
    to->state.r[FRAME_ESP] = at + 12;
    to->state.known = 1 << FRAME_EIP | 1 << FRAME_ESP | (f->state.known & 1 << FRAME_EBP);
    if ((cs & SELECTOR_RPL) != (f->cs & SELECTOR_RPL)) {
        if (!stack_word(b, f, at + 12, &esp) || !stack_word(b, f, at + 16, &ss) || (ss & SELECTOR_RPL) != (cs & SELECTOR_RPL) ||
            !cpu_descriptor(b->cpu, (u16)ss, &stack))
            return false;
        to->ss = (u16)ss;
        to->ss_base = raw_base(stack);
        to->state.r[FRAME_ESP] = esp;
    } else if (symbols_any(b->symbols) && !*name_at(b->symbols, b->cpu, linear_ip(to), name, sizeof name)) {
        return false;
    }
    return cpu_peek(b->cpu, linear_ip(to), name, 1);
}

/* Does a gate of the interrupt table lead to the beginning of the function that the frame is in? */
static bool is_handler(struct backtrace *b, const struct frame *f)
{
    u64 at = frame_code(f), raw;
    const struct symbol *function = symbols_at(b->symbols, &at, names_physical(b->cpu), NULL);
    u32 start = (u32)(frame_code(f) - f->cs_base) - (function ? (u32)(at - function->address) : 0);
    for (int k = 0; function && k < VECTORS; k++) {
        if (!cpu_gate(b->cpu, k, &raw))
            continue;
        struct descriptor_fields gate = descriptor_decode(raw);
        if ((gate.kind == DESCRIPTOR_INTERRUPT_GATE || gate.kind == DESCRIPTOR_TRAP_GATE) && gate.offset == start)
            return true;
    }
    return false;
}

/* A handler that a compiler made ("interrupt" functions): its call frame information speaks of a return address, but what lies there was
 * pushed by the processor, with more behind it. */
static bool by_handler(struct backtrace *b, const struct frame *f, const struct frame_state *state, struct frame *to)
{
    struct frame inner = *f;
    inner.state = *state;
    if (!cpu_protected(b->cpu) || !is_handler(b, f) || !interrupt_frame(b, &inner, state->r[FRAME_ESP] - 4, to))
        return false;
    u32 esp = to->state.r[FRAME_ESP];
    to->state = *state;
    to->state.r[FRAME_ESP] = esp;
    return true;
}

/* A handler: below the frame that EBP points to, if that is on this stack, lies what the processor pushed. */
static bool by_interrupt(struct backtrace *b, const struct frame *f, struct frame *to)
{
    u32 esp = f->state.r[FRAME_ESP], up = f->state.r[FRAME_EBP] - esp;
    bool bound = f->state.known >> FRAME_EBP & 1 && up < FRAME_MOST;
    for (u32 k = 0; k < SEARCH_WORDS && !(bound && 4 * k >= up); k++)
        if (interrupt_frame(b, f, esp + 4 * k, to))
            return true;
    return false;
}

static void returned(const struct frame *f, struct frame *to, u32 eip, u32 esp, enum frame_how how)
{
    *to = *f;
    to->how = how;
    to->state.r[FRAME_EIP] = f->bits == 16 ? (u16)eip : eip;
    to->state.r[FRAME_ESP] = esp;
    to->state.known = 1 << FRAME_EIP | 1 << FRAME_ESP | (f->state.known & 1 << FRAME_EBP);
}

/* At the beginning of a function that sets up EBP, or before its RET: the return address lies on top, or behind EBP. */
static bool by_entry(struct backtrace *b, const struct frame *f, struct frame *to)
{
    u8 bytes[2] = { 0 };
    u64 at = linear_ip(f);
    u32 eip, size = f->bits / 8, esp = f->state.r[FRAME_ESP];
    const struct symbol *symbol = symbols_at(b->symbols, &at, names_physical(b->cpu), NULL);
    if (!f->exact || !cpu_peek(b->cpu, linear_ip(f), bytes, 1))
        return false;
    bool ends = (bytes[0] & 0xfe) == 0xc2, begins = symbol && symbol->address == at && bytes[0] == 0x55;
    if (symbol && symbol->address + 1 == at && cpu_peek(b->cpu, linear_ip(f) - 1, bytes, 1) && bytes[0] == 0x55) {
        begins = true;
        esp += size;
    }
    if ((!begins && !ends) || !stack_word(b, f, esp, &eip))
        return false;
    returned(f, to, eip, esp + size, FRAME_BY_ENTRY);
    return true;
}

static bool by_pointer(struct backtrace *b, const struct frame *f, struct frame *to, char *why, size_t n)
{
    u32 ebp = f->state.r[FRAME_EBP], eip, before, size = f->bits / 8;
    if (f->bits == 16)
        ebp = (u16)ebp;
    if (!(f->state.known >> FRAME_EBP & 1)) {
        snprintf(why, n, "EBP is not known here");
        return false;
    }
    if (!ebp) {
        snprintf(why, n, "EBP is 0");
        return false;
    }
    if (ebp < (f->bits == 16 ? (u16)f->state.r[FRAME_ESP] : f->state.r[FRAME_ESP])) {
        snprintf(why, n, "EBP %08x points to no frame: it lies below ESP %08x", ebp, f->state.r[FRAME_ESP]);
        return false;
    }
    if (!stack_word(b, f, ebp, &before) || !stack_word(b, f, ebp + size, &eip)) {
        snprintf(why, n, "EBP %08x points to no frame: nothing is mapped there", ebp);
        return false;
    }
    returned(f, to, eip, ebp + 2 * size, FRAME_BY_POINTER);
    to->state.r[FRAME_EBP] = before;
    if (eip)
        return true;
    snprintf(why, n, "the return address is 0");
    return false;
}

bool frame_inlined(struct backtrace *b, const struct frame *f, int depth, const char **name, struct source_line *call)
{
    u64 address;
    const struct symbol_file *file = f->bits == 32 ? frame_file(b, f, &address) : NULL;
    return file && symbols_inlined_call(file, address, depth, name, call);
}

static bool by_any(struct backtrace *b, const struct frame *f, struct frame *caller, char *why, size_t n)
{
    u64 address;
    const struct symbol_file *file = f->bits == 32 ? frame_file(b, f, &address) : NULL;
    struct frame_state state;
    u64 cfa;
    enum unwind unwind = file ? symbols_unwind(file, address, &f->state, &b->memory, &state, &cfa) : UNWIND_UNKNOWN;
    if (unwind == UNWIND_OUTERMOST) {
        snprintf(why, n, "its call frame information says that it has no caller");
        return false;
    }
    if (unwind == UNWIND_DONE && by_handler(b, f, &state, caller)) {
        caller->cfa = cfa;
        return true;
    }
    if (unwind == UNWIND_DONE) {
        *caller = *f;
        caller->how = FRAME_BY_CFI;
        caller->state = state;
        caller->cfa = cfa;
        if (state.r[FRAME_EIP] && state.r[FRAME_ESP] > f->state.r[FRAME_ESP])
            return true;
        snprintf(why, n, state.r[FRAME_EIP] ? "the stack does not go up" : "the return address is 0");
        return false;
    }
    if (by_entry(b, f, caller) || (f->bits == 32 && cpu_protected(b->cpu) && by_interrupt(b, f, caller)))
        return true;
    return by_pointer(b, f, caller, why, n);
}

bool frame_return(struct backtrace *b, const struct frame *f, struct frame *caller, char *why, size_t n)
{
    *caller = *f;
    bool any = by_any(b, f, caller, why, n);
    caller->inlined = 0;
    caller->exact = caller->how == FRAME_BY_INTERRUPT;
    return any;
}

bool frame_caller(struct backtrace *b, const struct frame *f, struct frame *caller, char *why, size_t n)
{
    struct source_line call;
    const char *name;
    if (!frame_inlined(b, f, f->inlined, &name, &call))
        return frame_return(b, f, caller, why, n);
    *caller = *f;
    caller->inlined++;
    caller->how = FRAME_INLINED;
    return true;
}
