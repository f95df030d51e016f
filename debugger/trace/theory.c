/* theory.c - privileged and sensitive instructions: what each reads or changes, whether it trapped, and why that matters to a monitor
 * that runs a kernel at CPL 3, has what it must control trap, and emulates that.
 * Follows: Popek and Goldberg (1974), "Formal Requirements for Virtualizable Third Generation Architectures": an instruction is
 * privileged if it traps in user mode and not in supervisor mode; sensitive if it changes or shows what a monitor must keep to itself;
 * a machine can be virtualised so if every sensitive one is privileged. Robin and Irvine (2000): which of IA-32 are not.
 * Not in real mode, where there is no privilege; in virtual-8086 mode segments are loaded without descriptors, and are not sensitive. */
#include "parts.h"
#include "../../cpu/descriptor.h"
#include "../core/disasm.h"
#include <stdarg.h>
#include <stdio.h>

/* What keeps it from running at CPL 3 unseen, if a monitor sees to it. */
enum bar { BAR_NONE, BAR_IOPL, BAR_UMIP, BAR_TSD, BAR_PCE, BAR_DPL /* what it names is of a lower level: #GP */ };

struct saying {
    const char *mnemonic;
    void (*what)(struct trace_cpu *c, const struct instruction *i, struct pending *p);
    enum bar bar;
    const char *why;            /* where it did not trap, behind "a monitor running this kernel at CPL 3 " */
};

static u32 get(const struct trace_cpu *c, const char *name) { return (u32)cpu_get(c->cpu, name); }

static void say(struct pending *p, const char *format, ...) printf_like(2, 3);
static void say(struct pending *p, const char *format, ...)
{
    size_t n = strlen(p->what);
    va_list args;
    va_start(args, format);
    vsnprintf(p->what + n, sizeof p->what - n, format, args);
    va_end(args);
}

static const char *const segment_names[] = { "ES", "CS", "SS", "DS", "FS", "GS" };

/* ---- what it reads ---- */

static void table(struct trace_cpu *c, struct pending *p, const char *name, const char *base, const char *limit)
{
    say(p, "read %s, base %08x limit %04x", name, get(c, base), get(c, limit));
}
static void what_sgdt(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    table(c, p, "GDTR", "gdtr.base", "gdtr.limit");
}
static void what_sidt(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    table(c, p, "IDTR", "idtr.base", "idtr.limit");
}
static void what_sldt(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    say(p, "read LDTR, %04x", get(c, "ldtr"));
}
static void what_str(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    say(p, "read TR, %04x", get(c, "tr"));
}
static void what_smsw(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    char bits[80];
    (void)i;
    register_bit_names(register_find("cr0"), get(c, "cr0") & 0xffff, bits, sizeof bits);
    say(p, "read CR0's low half, %s", bits);
}
static void what_pushf(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u32 flags = get(c, "eflags");
    (void)i;
    say(p, "read IF=%d IOPL=%d", !!(flags & FLAG_IF), (int)(flags >> 12 & 3));
}
static void what_from_sreg(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u16 selector = cpu_segment(c->cpu, i->sreg)->selector;
    say(p, "read %s, %04x with RPL %d", segment_names[i->sreg % 6], selector, selector & SELECTOR_RPL);
}
static void what_rdtsc(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    say(p, "read the time-stamp counter, %llu", (unsigned long long)cpu_tsc(c->cpu));
}
static void what_rdpmc(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    say(p, "read performance counter %x", get(c, "ecx"));
}
static void what_cpuid(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    say(p, "read leaf %x", get(c, "eax"));
}

/* ---- what it asks for ---- */

/* EFLAGS as it would have them: IF and IOPL are what a monitor cares for. */
static void asked(struct pending *p, u64 flags)
{
    p->asked = (u32)flags;
    p->asks = true;
}
static void what_popf(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u64 v;
    if (instruction_stack(c->cpu, 0, i->size, &v))
        asked(p, v);
}
static void what_cli(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    asked(p, get(c, "eflags") & ~(u32)FLAG_IF);
}
static void what_sti(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)i;
    asked(p, get(c, "eflags") | FLAG_IF);
}

static void descriptor_words(struct trace_cpu *c, struct pending *p, u16 selector)
{
    u64 raw;
    if (selector_null(selector))
        say(p, " (null)");
    else if (!cpu_descriptor(c->cpu, selector, &raw))
        say(p, " (outside its table)");
    else {
        say(p, " (DPL %d)", raw_dpl(raw));
        p->inner = raw_dpl(raw) < 3 && !raw_conforming(raw);
    }
}
static void what_selector(struct trace_cpu *c, const struct instruction *i, struct pending *p, const char *verb)
{
    u16 selector;
    if (!instruction_selector(c->cpu, i, &selector))
        return;
    say(p, "%s %04x", verb, selector);
    descriptor_words(c, p, selector);
}
static void what_to_sreg(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    char verb[16];
    snprintf(verb, sizeof verb, "load %s with", segment_names[i->sreg % 6]);
    what_selector(c, i, p, verb);
}
static void what_ask(struct trace_cpu *c, const struct instruction *i, struct pending *p) { what_selector(c, i, p, "asked about"); }
static void what_far(struct trace_cpu *c, const struct instruction *i, struct pending *p) { what_selector(c, i, p, "to selector"); }
static void what_iret(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u64 v;
    what_selector(c, i, p, "to selector");
    if (instruction_stack(c->cpu, 2u * i->size, i->size, &v))
        asked(p, v);
}
static void what_int(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u64 gate = 0;
    u32 vector = !strcmp(i->mnemonic, "int3") ? EXC_BP : !strcmp(i->mnemonic, "into") ? EXC_OF
               : !strcmp(i->mnemonic, "icebp") ? EXC_DB : (u32)i->immediate & 0xff;
    say(p, "vector %02x", vector);
    if (cpu_gate(c->cpu, (int)vector, &gate))
        say(p, " through a gate of DPL %d", raw_dpl(gate));
    p->inner = *p->what && raw_dpl(gate) < 3;
}
static void what_io(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    bool by_immediate = (i->opcode & 0xfc) == 0xe4;             /* E4 to E7 */
    say(p, "port %x", by_immediate ? (u32)i->immediate & 0xff : get(c, "edx") & 0xffff);
}

/* ---- what is privileged ---- */

static void what_to_control(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    static const char *const names[] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };
    bool reads = !(i->opcode & 2);                              /* 0F 20 to 0F 24, 0F 26 */
    char name[8];
    snprintf(name, sizeof name, "%s%d", i->opcode & 4 ? "tr" : i->opcode & 1 ? "dr" : "cr", i->control);
    const struct cpu_register *r = register_find(name);
    if (r)
        say(p, "%s %s, %08x", reads ? "reads" : "writes", name, (u32)register_value(c->cpu, r));
    if (r && !reads)
        say(p, " -> %08x", get(c, names[i->rm & 7]));
}
static void what_msr(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    bool writes = !strcmp(i->mnemonic, "wrmsr");
    say(p, "%s MSR %x", writes ? "writes" : "reads", get(c, "ecx"));
    if (writes)
        say(p, ", %08x%08x", get(c, "edx"), get(c, "eax"));
}
static void what_load_table(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u8 bytes[6];
    if (cpu_peek(c->cpu, i->linear, bytes, sizeof bytes))
        say(p, "loads base %08x limit %04x", get32(bytes + 2), get16(bytes));
}
static void what_load_selector(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    u64 v;
    if (!instruction_operand(c->cpu, i, 2, &v))
        return;
    say(p, "loads %04x", (unsigned)v);
    if (strcmp(i->mnemonic, "lmsw"))
        descriptor_words(c, p, (u16)v);
}
static void what_address(struct trace_cpu *c, const struct instruction *i, struct pending *p)
{
    (void)c;
    say(p, "page of %08x", (u32)i->linear);
}

/* ---- by mnemonic ---- */

#define SEES  "would never know: the guest sees the monitor's, not its own"
#define CHECK "would never know: the processor checks the CPL that there is, not the one that the guest believes in"
static const struct saying sayings[] = {
    { "sgdt", what_sgdt, BAR_UMIP, SEES }, { "sidt", what_sidt, BAR_UMIP, SEES }, { "sldt", what_sldt, BAR_UMIP, SEES },
    { "str", what_str, BAR_UMIP, SEES }, { "smsw", what_smsw, BAR_UMIP, SEES },
    { "pushf", what_pushf, BAR_NONE, SEES }, { "popf", what_popf, BAR_NONE, "would never know" },
    { "iret", what_iret, BAR_DPL, "would never know" },
    { "lar", what_ask, BAR_NONE, CHECK }, { "lsl", what_ask, BAR_NONE, CHECK }, { "verr", what_ask, BAR_NONE, CHECK },
    { "verw", what_ask, BAR_NONE, CHECK }, { "arpl", what_ask, BAR_NONE, CHECK },
    { "call far", what_far, BAR_DPL, CHECK }, { "jmp far", what_far, BAR_DPL, CHECK }, { "ret far", what_far, BAR_DPL, CHECK },
    { "int", what_int, BAR_DPL, CHECK }, { "int3", what_int, BAR_DPL, CHECK }, { "into", what_int, BAR_DPL, CHECK },
    { "icebp", what_int, BAR_DPL, CHECK },
    { "cli", what_cli, BAR_IOPL, "would never know: IOPL lets the guest do it" },
    { "sti", what_sti, BAR_IOPL, "would never know: IOPL lets the guest do it" },
    { "in", what_io, BAR_IOPL, "would never know: IOPL or the permission bitmap lets the guest at the device" },
    { "out", what_io, BAR_IOPL, "would never know: IOPL or the permission bitmap lets the guest at the device" },
    { "ins", what_io, BAR_IOPL, "would never know: IOPL or the permission bitmap lets the guest at the device" },
    { "outs", what_io, BAR_IOPL, "would never know: IOPL or the permission bitmap lets the guest at the device" },
    { "rdtsc", what_rdtsc, BAR_TSD, SEES }, { "rdpmc", what_rdpmc, BAR_PCE, SEES }, { "cpuid", what_cpuid, BAR_NONE, SEES },
    { "lgdt", what_load_table, BAR_NONE, "" }, { "lidt", what_load_table, BAR_NONE, "" }, { "lldt", what_load_selector, BAR_NONE, "" },
    { "ltr", what_load_selector, BAR_NONE, "" }, { "lmsw", what_load_selector, BAR_NONE, "" }, { "invlpg", what_address, BAR_NONE, "" },
    { "wrmsr", what_msr, BAR_NONE, "" }, { "rdmsr", what_msr, BAR_NONE, "" },
};
static const struct saying from_sreg = { "mov", what_from_sreg, BAR_NONE, SEES }, to_sreg = { "mov", what_to_sreg, BAR_DPL, CHECK },
                           control = { "mov", what_to_control, BAR_NONE, "" }, other = { "", NULL, BAR_NONE, "" };

static const struct saying *saying_of(const struct instruction *i)
{
    if (i->sreg >= 0)
        return i->sreg_loaded ? &to_sreg : &from_sreg;
    if (i->control >= 0)
        return &control;
    for (size_t k = 0; k < ARRAY_LEN(sayings); k++)
        if (!strcmp(i->mnemonic, sayings[k].mnemonic))
            return &sayings[k];
    return &other;
}

static const char *bar_words(enum bar bar)
{
    static const char *const words[] = { [BAR_IOPL] = "IOPL below CPL", [BAR_UMIP] = "CR4.UMIP", [BAR_TSD] = "CR4.TSD",
                                         [BAR_PCE] = "CR4.PCE clear", [BAR_DPL] = "the DPL below it" };
    return words[bar];
}

/* Would it trap at CPL 3, with the state that there is? */
static bool barred(const struct trace_cpu *c, enum bar bar)
{
    u32 cr4 = get(c, "cr4");
    switch (bar) {
    case BAR_IOPL: return (get(c, "eflags") & FLAG_IOPL) != FLAG_IOPL;
    case BAR_UMIP: return cr4 & CR4_UMIP;
    case BAR_TSD:  return cr4 & CR4_TSD;
    case BAR_PCE:  return !(cr4 & CR4_PCE);
    case BAR_DPL:  return c->last.inner;
    default:       return false;
    }
}

void theory_ask(struct trace_cpu *c)
{
    struct pending *p = &c->last;
    if (!(get(c, "cr0") & CR0_PE) || !cpu_instruction(c->cpu, &p->insn))
        return;
    if (!p->insn.privileged && !p->insn.sensitive_here)
        return;
    const struct saying *saying = saying_of(&p->insn);
    p->told = true;
    p->asks = p->inner = false;
    p->eflags_before = get(c, "eflags");
    p->what[0] = 0;
    if (saying->what)
        saying->what(c, &p->insn, p);
    p->barred = barred(c, saying->bar);
}

/* "IF 1->0, silently ignored". */
static void flag_asked(struct pending *p, const char *name, u32 mask, int shift, u32 after, bool said)
{
    u32 before = p->eflags_before & mask, wanted = p->asked & mask;
    if (before == wanted)
        return;
    say(p, "%s%s %u->%u%s", said ? " and " : *p->what ? ", asked for " : "asked for ", name, before >> shift, wanted >> shift,
        (after & mask) == wanted ? "" : (after & mask) == before ? ", silently ignored" : ", another came");
}

static void flags_asked(struct pending *p, u32 after)
{
    size_t n = strlen(p->what);
    flag_asked(p, "IF", FLAG_IF, 9, after, false);
    flag_asked(p, "IOPL", FLAG_IOPL, 12, after, p->what[n]);
    if (!p->what[n])
        say(p, "%sasked for IF and IOPL as they are", n ? ", " : "");
}

static void tell(struct trace_cpu *c, enum trace_class class, const char *word, const char *why)
{
    struct pending *p = &c->last;
    struct event e;
    char text[120];
    if (!event_begin_at(&e, c, class, &p->at))
        return;
    disasm_text(p->insn.bytes, p->insn.length, p->at.eip, p->at.bits, text, sizeof text);
    event_name(&e, "%s", text);
    event_text(&e, "%s IOPL%u %s: %s%s%s", text, p->eflags_before >> 12 & 3, word, p->what, *p->what && *why ? "; " : "", why);
    event_string(&e, "what", p->what);
    event_string(&e, "verdict", word);
    event_end(&e);
}

void theory_tell(struct trace_cpu *c, bool faulted, int vector)
{
    struct pending *p = &c->last;
    const struct saying *saying = saying_of(&p->insn);
    bool user = p->at.cpl == 3, trapped = faulted && ((vector >= EXC_TS && vector <= EXC_GP) || vector == EXC_UD);
    enum trace_class class = p->insn.privileged ? TRACE_PRIVILEGED : TRACE_SENSITIVE;
    char why[200];
    p->told = false;
    if (p->asks)
        flags_asked(p, faulted ? p->asked : get(c, "eflags"));
    if (c->t->counting && !faulted && !p->insn.privileged)
        count_missed(c, &p->seen, user, p->barred);
    if (faulted && !trapped) {
        snprintf(why, sizeof why, "it raises %s here for another reason", exception_mnemonic(vector));
        tell(c, class, class == TRACE_PRIVILEGED ? "PRIVILEGED" : "SENSITIVE", why);
    } else if (trapped) {
        snprintf(why, sizeof why, "a monitor is told by %s, and emulates it", exception_mnemonic(vector));
        tell(c, class, p->at.cpl ? "TRAPS" : "FAULTS", p->at.cpl ? why : "the instruction itself is wrong, whatever the CPL");
    } else if (p->insn.privileged) {
        tell(c, class, "PRIVILEGED", "at CPL 3 it traps, and a monitor emulates it");
    } else if (!user && p->barred) {
        snprintf(why, sizeof why, "at CPL 3 it traps (%s), and a monitor emulates it", bar_words(saying->bar));
        tell(c, class, "SENSITIVE", why);
    } else {
        snprintf(why, sizeof why, "a monitor running this kernel at CPL 3 %s", *saying->why ? saying->why : "would never know");
        tell(c, class, "SENSITIVE", why);
    }
}
