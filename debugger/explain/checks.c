/* checks.c - what the processor looks at before an instruction does anything: is there such an instruction here, may it run?
 * Follows: Intel SDM Vol. 3A "Privileged Instructions", "Sensitive Instructions" (Vol. 1 "I/O Privilege Level", "I/O Permission Bit Map"),
 * "Virtual-8086 Mode", Vol. 2 the instructions' pages. */
#include "parts.h"
#include "../../cpu/instruction.h"
#include <stdarg.h>

static void check(struct explain *e, bool fine, const char *refused, const char *format, ...) __attribute__((format(printf, 4, 5)));

static void check(struct explain *e, bool fine, const char *refused, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tell_of(e, "check", "%s %s", text, fine ? "yes" : refused);
}

static u64 get(const struct explain *e, const char *name) { return cpu_get(e->cpu, name); }
static bool named(const struct explain *e, const char *mnemonic) { return !strcmp(e->a.mnemonic, mnemonic); }

/* "I/O Permission Bit Map": a bit a port, found through the word at 66h of a 32-bit TSS. */
static void io_map_tell(struct explain *e, u64 port, int bytes)
{
    const struct segment *tr = cpu_segment(e->cpu, SEGMENT_TR);
    u8 raw[2] = { 0 };
    if (!(tr->access & TYPE_32BIT) || tr->limit < 103 || !cpu_peek(e->cpu, (u32)(tr->base + 102), raw, 2)) {
        check(e, false, "no: #GP(0)", "TR %04x is a 32-bit TSS with an I/O map?", tr->selector);
        return;
    }
    u32 map = get16(raw), at = map + (u32)(port >> 3);
    if (at + 1 > tr->limit || !cpu_peek(e->cpu, (u32)(tr->base + at), raw, 2)) {
        check(e, false, "no, and a port without one is refused: #GP(0)",
              "I/O map at TSS+%x, limit %x: the bits of port %llx, at +%x, are inside?", map, tr->limit, (unsigned long long)port, at);
        return;
    }
    u32 bits = get16(raw) >> (port & 7) & ((1u << bytes) - 1);
    check(e, !bits, "no: #GP(0)", "I/O map at TSS+%x: %d bit%s of port %llx on, in the word %04x at +%x, %s clear?", map, bytes,
          bytes == 1 ? "" : "s", (unsigned long long)port, get16(raw), at, bytes == 1 ? "is" : "are");
}

/* The port, and how many bytes. */
static void io_tell(struct explain *e)
{
    u64 port = 0;
    int bytes = e->a.operation_bytes;
    u64 cpl = get(e, "cpl"), iopl = get(e, "eflags") >> 12 & 3;
    bool v86 = get(e, "eflags") & FLAG_VM;
    for (int k = 0; k < 2; k++) {
        enum operand_kind kind = operand_kind(e->a.operand[k].code);
        if (kind == K_PORT)
            port = get(e, "dx");
        else if (kind == K_I)
            port = e->a.operand[k].immediate & 0xff;
    }
    if (!(get(e, "cr0") & CR0_PE))
        return;
    if (v86)
        tell_of(e, "check", "virtual-8086 mode: the I/O map decides, whatever IOPL is");
    else
        check(e, cpl <= iopl, "no: the TSS's I/O map decides", "CPL %d <= IOPL %d?", (int)cpl, (int)iopl);
    if (v86 || cpl > iopl)
        io_map_tell(e, port, bytes);
}

/* CLI, STI, PUSHF, POPF, INT n, IRET in virtual-8086 mode, and the first two in protected mode. */
static void iopl_tell(struct explain *e)
{
    u64 flags = get(e, "eflags"), cr4 = get(e, "cr4");
    int cpl = (int)get(e, "cpl"), iopl = (int)(flags >> 12 & 3);
    bool protected = get(e, "cr0") & CR0_PE, v86 = flags & FLAG_VM, of_if = named(e, "cli") || named(e, "sti");
    bool of_v86 = of_if || named(e, "pushf") || named(e, "popf") || named(e, "int") || named(e, "iret");
    if (!protected)
        return;
    if (v86 && of_v86)
        check(e, iopl == 3, cr4 & CR4_VME ? "no: CR4.VME decides" : "no: #GP(0)", "virtual-8086 mode: IOPL %d = 3?", iopl);
    else if (of_if)
        check(e, cpl <= iopl, cr4 & CR4_PVI && cpl == 3 ? "no: CR4.PVI gives it VIF instead" : "no: #GP(0)", "CPL %d <= IOPL %d?", cpl,
              iopl);
    else if (named(e, "popf"))
        tell_of(e, "check", "CPL %d, IOPL %d: IF %s, IOPL %s; what may not change silently stays", cpl, iopl,
                cpl <= iopl ? "may change" : "stays", cpl ? "stays" : "may change");
}

static void control_tell(struct explain *e)
{
    u64 cr0 = get(e, "cr0"), cr4 = get(e, "cr4");
    int cpl = (int)get(e, "cpl");
    if (e->a.attr & A_PM)
        check(e, cpu_protected(e->cpu), "no: #UD", "protected mode, and not virtual-8086 mode?");
    if (e->a.attr & A_CPL0)
        check(e, !cpl, "no: #GP(0)", "privileged: CPL %d = 0?", cpl);
    if (e->a.exceptions == EXCEPT_FPU)
        check(e, !(cr0 & (CR0_EM | CR0_TS)), "no: #NM", "x87: CR0.EM %d and CR0.TS %d are 0?", !!(cr0 & CR0_EM), !!(cr0 & CR0_TS));
    if (e->a.exceptions == EXCEPT_MMX)
        check(e, !(cr0 & (CR0_EM | CR0_TS)), cr0 & CR0_EM ? "no: #UD" : "no: #NM", "MMX: CR0.EM %d and CR0.TS %d are 0?", !!(cr0 & CR0_EM),
              !!(cr0 & CR0_TS));
    if (e->a.exceptions == EXCEPT_WAIT)
        check(e, !(cr0 & CR0_MP) || !(cr0 & CR0_TS), "no: #NM", "CR0.MP %d and CR0.TS %d are not both 1?", !!(cr0 & CR0_MP),
              !!(cr0 & CR0_TS));
    if (named(e, "rdtsc") && cpl)
        check(e, !(cr4 & CR4_TSD), "no: #GP(0)", "CPL %d: CR4.TSD is 0?", cpl);
    if (named(e, "rdpmc") && cpl)
        check(e, cr4 & CR4_PCE, "no: #GP(0)", "CPL %d: CR4.PCE is 1?", cpl);
}

void checks_tell(struct explain *e)
{
    const struct anatomy *a = &e->a;
    if (!a->mnemonic) {
        tell_of(e, "check", "is there such an instruction? no: #UD");
        return;
    }
    if (a->feature)
        check(e, a->has_feature, "no: #UD", "this processor has %s?", a->feature);
    if (a->lock)
        check(e, (a->attr & A_LOCK) && a->memory, "no: #UD",
              "LOCK before an instruction that may have it, with its destination in memory?");
    control_tell(e);
    iopl_tell(e);
    if (a->attr & A_IO)
        io_tell(e);
    if (cpu_sensitive(e->cpu, a->attr) && get(e, "cpl") == 3)
        tell_of(e, "note", "sensitive: it shows or asks for what only a kernel should, and need not trap at CPL 3");
}
