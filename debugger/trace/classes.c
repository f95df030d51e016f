/* classes.c - the classes of events. */
#include "parts.h"

/* clang-format off */
const struct class_row trace_classes[TRACE_CLASSES] = {
    [TRACE_INSN]        = { "insn",        "each instruction", NEEDS_INSTRUCTIONS, 0, { "instructions" } },
    [TRACE_REGISTERS]   = { "registers",   "what each instruction changed of the general registers and EFLAGS", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { "reg", "regs" } },
    [TRACE_MEMORY]      = { "memory",      "what instructions and the processor itself read and write, and what was there", NEEDS_ACCESSES, 0, { "mem" } },
    [TRACE_BRANCHES]    = { "branches",    "jumps, taken or not", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { "branch", "jumps" } },
    [TRACE_CALLS]       = { "calls",       "calls, interrupts and returns as a tree", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { "call" } },
    [TRACE_EXCEPTIONS]  = { "exceptions",  "exceptions as they are delivered, and where to", NEEDS_INTERRUPTS, 1u << CHANGE_IRET, { "exception", "faults" } },
    [TRACE_INTERRUPTS]  = { "interrupts",  "interrupts from outside: INTR, NMI, SMI, and where to", NEEDS_INTERRUPTS, 1u << CHANGE_SMI | 1u << CHANGE_RSM | 1u << CHANGE_IRET, { "interrupt", "extint" } },
    [TRACE_SOFTINT]     = { "softint",     "INT n, INT3, INTO, INT1, and where to", NEEDS_INTERRUPTS, 1u << CHANGE_IRET, { "software" } },
    [TRACE_IRET]        = { "iret",        "returns from interrupts and exceptions", 0, 1u << CHANGE_IRET, { NULL } },
    [TRACE_PORTS]       = { "ports",       "IN and OUT, and who answers", NEEDS_DEVICES, 0, { "port", "io" } },
    [TRACE_MMIO]        = { "mmio",        "accesses to registers in memory, and who answers", NEEDS_DEVICES, 0, { NULL } },
    [TRACE_DEVICES]     = { "devices",     "what devices do: interrupt lines, timers, and what each says of itself", NEEDS_ACTIVITY, 0, { "device" } },
    [TRACE_DESCRIPTORS] = { "descriptors", "descriptors that are read from the GDT and LDT", 0, 1u << CHANGE_DESCRIPTOR, { "descriptor", "segments" } },
    [TRACE_WALKS]       = { "walks",       "page walks: each entry on the way, and where they fail", 0, 1u << CHANGE_TLB_FILL | 1u << CHANGE_WALK_FAULT, { "walk", "paging" } },
    [TRACE_TLB]         = { "tlb",         "what the TLB takes in and forgets", 0, 1u << CHANGE_TLB_FILL | 1u << CHANGE_TLB_FLUSH, { NULL } },
    [TRACE_MODES]       = { "modes",       "real, protected, virtual-8086 and system management mode", 0, 1u << CHANGE_MODE, { "mode" } },
    [TRACE_TASKS]       = { "tasks",       "task switches", 0, 1u << CHANGE_TASK, { "task" } },
    [TRACE_CR]          = { "cr",          "control registers that are written", 0, 1u << CHANGE_CR, { "control" } },
    [TRACE_MSR]         = { "msr",         "model-specific registers that are read and written", 0, 1u << CHANGE_MSR_READ | 1u << CHANGE_MSR_WRITE, { "msrs" } },
    [TRACE_PRIVILEGED]  = { "privileged",  "instructions that trap above CPL 0: privileged, after Popek and Goldberg", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { NULL } },
    [TRACE_SENSITIVE]   = { "sensitive",   "the others that a monitor must control, and whether it is told (not in real mode)", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { NULL } },
};
/* clang-format on */

bool trace_class(int k, const char **name, const char **title)
{
    if (k < 0 || k >= TRACE_CLASSES)
        return false;
    *name = trace_classes[k].name;
    *title = trace_classes[k].title;
    return true;
}
